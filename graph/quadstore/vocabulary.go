package quadstore

import (
	"net/url"
	"strings"

	"github.com/cayleygraph/quad"
	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// How the IRIs begin.
const (
	predicateSpace = "onrecord:"
	entitySpace    = "onrecord:entity/"
	statementSpace = "onrecord:statement/"
	sourceSpace    = "onrecord:source/"
	voiceSpace     = "onrecord:voice/"
	roleSpace      = "onrecord:role/"
	unitSpace      = "onrecord:unit/"
	stanceSpace    = "onrecord:stance/"
	actSpace       = "onrecord:act/"
	formSpace      = "onrecord:form/"
	kindSpace      = "onrecord:kind/"
)

// The predicates of a statement's star, beside its roles and later voices.
const (
	StatementPredicate   quad.IRI = statementSpace + "predicate"
	StatementOccurrence  quad.IRI = statementSpace + "occurrence"
	StatementWhen        quad.IRI = statementSpace + "when"        // valid time
	StatementConditional quad.IRI = statementSpace + "conditional" // true, where its claim has conditions
	StatementNested      quad.IRI = statementSpace + "nested"      // mentioned in a nested claim or a condition
	StatementSource      quad.IRI = statementSpace + "source"
	StatementForm        quad.IRI = statementSpace + "form"

	// The origin's, and with Voice also those of later voices.
	StatementSpeaker quad.IRI = statementSpace + "speaker"
	StatementFor     quad.IRI = statementSpace + "for"
	StatementTo      quad.IRI = statementSpace + "to"
	StatementAct     quad.IRI = statementSpace + "act"
	StatementStance  quad.IRI = statementSpace + "stance"
	StatementSaid    quad.IRI = statementSpace + "said"
)

// The predicates of entities and sources.
const (
	EntityName      quad.IRI = entitySpace + "name"
	EntityKind      quad.IRI = entitySpace + "kind"
	SourceTitle     quad.IRI = sourceSpace + "title"
	SourceURL       quad.IRI = sourceSpace + "url"
	SourcePublished quad.IRI = sourceSpace + "published"
)

// What fills a role that no entity, statement or literal does.
const (
	None    quad.IRI = "onrecord:value/none"    // it is said that there is none
	Unknown quad.IRI = "onrecord:value/unknown" // it is said that there is one, not which
	Nested  quad.IRI = "onrecord:value/claim"   // a claim of its own
)

// The types of literals that RDF itself has no type for, or Cayley none.
const (
	EDTF    quad.IRI = "http://id.loc.gov/datatypes/edtf/EDTF"
	Decimal quad.IRI = "http://www.w3.org/2001/XMLSchema#decimal"
)

// Entity returns the node of an entity.
func Entity(id uuid.UUID) quad.IRI { return quad.IRI(entitySpace + id.String()) }

// Statement returns the node of a statement, which is the label of its quads.
func Statement(id uuid.UUID) quad.IRI { return quad.IRI(statementSpace + id.String()) }

// Source returns the node of a source.
func Source(id uuid.UUID) quad.IRI { return quad.IRI(sourceSpace + id.String()) }

// ID returns the id of the entity, statement or source that a node is, and false
// if it is none of them.
func ID(v quad.Value) (uuid.UUID, bool) {
	iri, _ := v.(quad.IRI)
	for _, space := range [...]string{entitySpace, statementSpace, sourceSpace} {
		if text, ok := strings.CutPrefix(string(iri), space); ok && len(text) == len("00000000-0000-0000-0000-000000000000") {
			id, err := uuid.Parse(text)
			return id, err == nil && !strings.ContainsAny(text, "ABCDEF")
		}
	}
	return uuid.Nil, false
}

// Predicate returns the node of a predicate, which is that of its edges.
func Predicate(name string) quad.IRI { return quad.IRI(predicateSpace + url.PathEscape(name)) }

// Role returns the node of a role, a predicate of the star.
func Role(name string) quad.IRI { return quad.IRI(roleSpace + url.PathEscape(name)) }

// Unit returns the predicate of the star that leads to the unit of a number in
// a role.
func Unit(role string) quad.IRI { return quad.IRI(unitSpace + url.PathEscape(role)) }

// Voice returns the predicate of the star that leads to a part of one of the
// voices: Voice(1, StatementSpeaker) to who reports what the origin said. Voice 0 is
// the origin, and Voice(0, part) is part itself. There is none, the empty IRI, for
// what no voice has.
func Voice(voice int, part quad.IRI) quad.IRI {
	n := partNode(part)
	if n.kind() != partKind || n.number() < firstVoicePart || voice < 0 || voice >= events.MaxVoices {
		return ""
	}
	return voiceNode(voice, n.number()).iri()
}

// Stance returns the node of a stance.
func Stance(s events.Stance) quad.IRI { return quad.IRI(stanceSpace + s.String()) }

// Act returns the node of a speech act.
func Act(a events.Act) quad.IRI { return quad.IRI(actSpace + a.String()) }

// Form returns the node of a form.
func Form(f events.Form) quad.IRI { return quad.IRI(formSpace + f.String()) }

// Kind returns the node of a kind of entity.
func Kind(k events.EntityKind) quad.IRI { return quad.IRI(kindSpace + k.String()) }
