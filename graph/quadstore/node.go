package quadstore

import (
	"slices"
	"strconv"

	"github.com/cayleygraph/quad"

	"github.com/onrecord/onrecord/events"
)

// node is a node: what it is in the upper half and its
// number there in the lower. 0 is none.
type node uint64

// kind is what a node is.
type kind uint32

const (
	entityKind     kind = iota + 1 // by the graph's numbers
	statementKind                  //
	sourceKind                     //
	predicateKind                  // a symbol
	roleKind                       // a symbol, of a role
	unitKind                       // a symbol, of the role that the number with the unit fills
	literalKind                    //
	timeKind                       //
	partKind                       // see parts
	voiceKind                      // a voice's number times 32 and a part's
	stanceKind                     // by the numbers of the stored format
	actKind                        //
	formKind                       //
	entityKindKind                 //
	valueKind                      // see values
	trueKind                       // true
)

// in reports whether a kind is 0, which is any, or one of some.
func (k kind) in(kinds ...kind) bool { return k == 0 || slices.Contains(kinds, k) }

func nodeOf(k kind, number uint32) node {
	if number == 0 {
		return 0
	}
	return node(k)<<32 | node(number)
}

func (n node) kind() kind     { return kind(n >> 32) }
func (n node) number() uint32 { return uint32(n) }

// The numbers of parts.
const (
	partPredicate = iota + 1
	partOccurrence
	partWhen
	partConditional
	partNested
	partSource
	partForm
	firstEntityPart
	firstSourcePart = firstEntityPart + 2
	firstVoicePart  = firstSourcePart + 3

	partEntityName = firstEntityPart
	partEntityKind = firstEntityPart + 1
	partTitle      = firstSourcePart
	partURL        = firstSourcePart + 1
	partPublished  = firstSourcePart + 2
	partSpeaker    = firstVoicePart
	partFor        = firstVoicePart + 1
	partTo         = firstVoicePart + 2
	partAct        = firstVoicePart + 3
	partStance     = firstVoicePart + 4
	partSaid       = firstVoicePart + 5
	lastPart       = partSaid
)

func part(number uint32) node { return nodeOf(partKind, number) }

var parts = [...]quad.IRI{
	partPredicate: StatementPredicate, partOccurrence: StatementOccurrence, partWhen: StatementWhen,
	partConditional: StatementConditional, partNested: StatementNested, partSource: StatementSource, partForm: StatementForm,
	partEntityName: EntityName, partEntityKind: EntityKind,
	partTitle: SourceTitle, partURL: SourceURL, partPublished: SourcePublished,
	partSpeaker: StatementSpeaker, partFor: StatementFor, partTo: StatementTo,
	partAct: StatementAct, partStance: StatementStance, partSaid: StatementSaid,
}

// partIRI returns the IRI of a part, empty if there is none.
func partIRI(number uint32) quad.IRI {
	if int(number) >= len(parts) {
		return ""
	}
	return parts[number]
}

// partNode returns the part with an IRI, or none.
func partNode(iri quad.IRI) node {
	if n := slices.Index(parts[:], iri); n > 0 {
		return part(uint32(n))
	}
	return 0
}

// voiceNode returns the predicate of a part of a voice.
func voiceNode(voice int, number uint32) node {
	if voice == 0 {
		return part(number)
	}
	return nodeOf(voiceKind, uint32(voice)*32+number)
}

// The numbers of values.
const (
	valueNone = iota + 1
	valueUnknown
	valueClaim
	lastValue = valueClaim
)

func stanceNode(s events.Stance) node {
	return nodeOf(stanceKind, uint32(s.Certainty)*4+uint32(s.Polarity))
}

func (n node) stance() events.Stance {
	return events.Stance{Certainty: events.Certainty(n.number() / 4), Polarity: events.Polarity(n.number() % 4)}
}

const isTrue = node(trueKind)<<32 | 1

// fixed reports whether the graph is not needed to name a node.
func (n node) fixed() bool { return n.kind() >= partKind && n.kind() < trueKind }

// everywhere reports whether quads of any statement, entity or source may have a
// node, so that only a walk through all of them tells whether one has.
func (n node) everywhere() bool {
	k := n.kind()
	return k >= timeKind || k == roleKind || k == unitKind
}

// iri returns the IRI of a fixed node.
func (n node) iri() quad.IRI {
	switch n.kind() {
	case partKind:
		return partIRI(n.number())
	case voiceKind:
		name := partIRI(n.number() % 32)[len(statementSpace):]
		return voiceSpace + quad.IRI(strconv.Itoa(int(n.number()/32))) + "/" + name
	case stanceKind:
		return Stance(n.stance())
	case actKind:
		return Act(events.Act(n.number()))
	case formKind:
		return Form(events.Form(n.number()))
	case entityKindKind:
		return Kind(events.EntityKind(n.number()))
	case valueKind:
		return [...]quad.IRI{valueNone: None, valueUnknown: Unknown, valueClaim: Nested}[n.number()]
	}
	return ""
}
