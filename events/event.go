package events

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/internal/enum"
)

// Position numbers the batches of a whole record: 1, 2, 3 and so on. Zero means
// "before the first". Treat it as opaque: order and equality are all that it
// promises. What is seen as of a position is what the batches up to and
// including it recorded.
type Position uint64

// Event is one immutable entry of the record.
type Event struct {
	// ID identifies the event for ever: a UUID of version 7, or of version 5
	// where the caller has a natural key (see [Key]). It is also the id of the
	// statement, link, verdict or assessment that the event records; sources and
	// entities have ids of their own, because a later event may revise them.
	ID   uuid.UUID
	Body Body `json:",omitzero"`
	// Redacted is the kind of an event that is redacted, which has no body; else 0.
	Redacted Kind `json:",omitzero"`

	// What the record adds when the event is recorded. A batch that is handed in
	// leaves these, and Redacted, empty; they are ignored there.
	Position Position  `json:",omitzero"`
	At       time.Time `json:",omitzero"` // recorded at: the recorder's clock, UTC
	Recorder string    `json:",omitzero"` // who recorded it: a person's or a program's name

	// AsOf is, in a batch that is handed in, the position as of which the recorder knew the
	// source or the entity that the event registers, or what it declares; 0: Batch.AsOf. The
	// greater of both counts. It is not recorded, and no event that is read has it.
	AsOf Position `json:",omitzero"`

	// By a Builder: 1 + the number of its statement or its decision, or -1 - that of the next
	// statement; 0: not by one.
	built int
}

// called is what the caller of a builder knows its event by, "" if it is not one, and the
// number of the statement that this names, -1 if it names none.
func (e *Event) called() (what string, statement int) {
	if e.built == 0 {
		return "", -1
	}
	switch b := e.Body.(type) {
	case *StatementRecorded:
		if e.built > 0 {
			return calledStatement(e.built-1, &b.Statement), e.built - 1
		}
	case *SourceAdded:
		return fmt.Sprintf("source %q", cut(b.Source.URL)), -1
	case *EntityRegistered:
		if e.built < 0 {
			return calledBefore(&b.Entity, -1-e.built), -1 - e.built
		}
	case *EntityNamed:
		return fmt.Sprintf("name %q", cut(b.Name.Text)), -1
	case *VocabularyDeclared:
		switch {
		case len(b.Predicates) == 1 && len(b.Schemes) == 0:
			return fmt.Sprintf("predicate %q", cut(b.Predicates[0].Name)), -1
		case len(b.Predicates) == 0 && len(b.Schemes) == 1:
			return fmt.Sprintf("scheme %q", cut(b.Schemes[0].Name)), -1
		}
	}
	if e.built > 0 {
		return calledDecision(e.built-1, e.Body), -1
	}
	return fmt.Sprintf("%s %s", e.Kind(), e.ID), -1
}

// calledDecision is what the caller of a Builder knows a decision by.
func calledDecision(n int, body Body) string { return fmt.Sprintf("decision %d (%s)", n, body.Kind()) }

// calledStatement is what the caller of a Builder knows a statement by.
func calledStatement(n int, s *Statement) string {
	return fmt.Sprintf("statement %d (%q)", n, cut(s.Claim.Predicate))
}

// calledBefore is what the caller of a Builder knows an entity by that was given before a
// statement.
func calledBefore(e *Entity, statement int) string {
	return fmt.Sprintf("%s before statement %d", called(e), statement)
}

// called is what the caller of a Builder knows an entity by.
func called(e *Entity) string { return fmt.Sprintf("%s(%q)", e.Kind, cut(e.Name.Text)) }

// Kind returns the kind of the event's body, or that which it had before it was redacted.
func (e *Event) Kind() Kind {
	if e.Body == nil {
		return e.Redacted
	}
	return e.Body.Kind()
}

// Batch is what is recorded at once: all of it or nothing.
type Batch struct {
	Recorder string
	Events   []Event

	// Texts holds the full text of sources, by the source's id, where the caller
	// has it. It is not recorded: statements of the batch that point into such a
	// source are checked against it, and it against the source's SHA-256.
	Texts map[uuid.UUID]string `json:",omitempty"`

	// AsOf is the position as of which the recorder knows the record; nil: it is not
	// said. It is not recorded. If a source or an entity that the batch registers has
	// been registered by others since, or its newest registration removed or one redacted,
	// or a predicate or a scheme that it declares declared otherwise, the batch is refused:
	// it would undo that unseen. What they have registered since and retracted again counts
	// where nothing else registers the thing now. A Builder that knows a record says it, and
	// of a source or an entity that it has read later the later position ([Event].AsOf).
	//
	// Nothing else is guarded. A statement that took its voice or language from a source
	// which has been corrected since is recorded as it was built, and so is one with the roles
	// of a predicate that has been declared otherwise: where that must not be, record it on a
	// condition (graph.Graph.RecordIf).
	AsOf *Position `json:",omitzero"`

	met bool // by a Builder: all that it is about is on record, so it may be empty
}

// Body is what an event says: one of the eleven structs that Kind lists. The
// set is closed.
type Body interface {
	Kind() Kind
	body()
}

// Kind is the kind of an event.
type Kind uint8

// The kinds of event. The numbers are part of the stored format.
const (
	KindSourceAdded        Kind = 1  // SourceAdded
	KindEntityRegistered   Kind = 2  // EntityRegistered
	KindEntityNamed        Kind = 3  // EntityNamed
	KindIdentityJudged     Kind = 4  // IdentityJudged
	KindEntitySplit        Kind = 5  // EntitySplit
	KindStatementRecorded  Kind = 6  // StatementRecorded
	KindStatementsLinked   Kind = 7  // StatementsLinked
	KindAssessed           Kind = 8  // Assessed
	KindRetracted          Kind = 9  // Retracted
	KindRedacted           Kind = 10 // Redacted
	KindVocabularyDeclared Kind = 11 // VocabularyDeclared
)

var kindNames = enum.Of("events", "Kind", "", "SourceAdded", "EntityRegistered", "EntityNamed", "IdentityJudged", "EntitySplit",
	"StatementRecorded", "StatementsLinked", "Assessed", "Retracted", "Redacted", "VocabularyDeclared")

func (k Kind) String() string { return kindNames.Of(uint8(k)) }

// MarshalText returns the word that String prints, an empty text for 0, which is not in use. Any
// other number that is not in use is an error.
func (k Kind) MarshalText() ([]byte, error) { return kindNames.Marshal(uint8(k)) }

// UnmarshalText sets it to what a word stands for, to 0 if text is empty. Another word is an error,
// which names the nearest, and changes nothing.
func (k *Kind) UnmarshalText(text []byte) error { return enum.Unmarshal(kindNames, text, k) }

// SourceAdded adds a source, or revises the one with the same id.
type SourceAdded struct {
	Source Source `cbor:"1,keyasint"`
}

// EntityRegistered registers an entity, or revises the one with the same id.
type EntityRegistered struct {
	Entity Entity `cbor:"1,keyasint"`
}

// EntityNamed adds a name that is in use for an entity: another spelling,
// script, language or a former name.
type EntityNamed struct {
	Entity uuid.UUID `cbor:"1,keyasint"`
	Name   Name      `cbor:"2,keyasint"`
	Source uuid.UUID `cbor:"3,keyasint,omitzero" json:",omitzero"` // where it is used so; may be empty
}

// IdentityJudged is a recorder's verdict on whether two entities are one.
type IdentityJudged struct {
	A          uuid.UUID `cbor:"1,keyasint"`
	B          uuid.UUID `cbor:"2,keyasint"`
	Verdict    Verdict   `cbor:"3,keyasint"`
	Reason     string    `cbor:"4,keyasint,omitempty" json:",omitempty"`
	Confidence float64   `cbor:"5,keyasint,omitzero" json:",omitzero"` // 0 < c <= 1; 0: not given
}

// Verdict says whether two entities are one.
type Verdict uint8

// The verdicts. The numbers are part of the stored format.
const (
	Same      Verdict = 1 // one and the same: views treat them as one entity
	Different Verdict = 2 // not the same: blocks Same between their clusters
	Unsure    Verdict = 3 // perhaps the same: a candidate, nothing is merged
)

var verdictNames = enum.Of("events", "Verdict", "", "same", "different", "unsure")

func (v Verdict) String() string { return verdictNames.Of(uint8(v)) }

// MarshalText returns the word that String prints, an empty text for 0, which is not in use. Any
// other number that is not in use is an error.
func (v Verdict) MarshalText() ([]byte, error) { return verdictNames.Marshal(uint8(v)) }

// UnmarshalText sets it to what a word stands for, to 0 if text is empty. Another word is an error,
// which names the nearest, and changes nothing.
func (v *Verdict) UnmarshalText(text []byte) error {
	return enum.Unmarshal(verdictNames, text, v)
}

// EntitySplit undoes a conflation: some mentions of an entity turn out to mean
// another. The statements stay as they were recorded; from here on they are
// read with the other entity in the places named.
type EntitySplit struct {
	Entity uuid.UUID   `cbor:"1,keyasint"`
	Parts  []SplitPart `cbor:"2,keyasint"`
	Reason string      `cbor:"3,keyasint,omitempty" json:",omitempty"`
}

// SplitPart says which mentions mean another entity.
type SplitPart struct {
	Entity   uuid.UUID `cbor:"1,keyasint"` // whom they mean
	Mentions []Mention `cbor:"2,keyasint"`
}

// Mention is a place in a statement where an entity stands.
type Mention struct {
	Statement uuid.UUID    `cbor:"1,keyasint"`
	Place     MentionPlace `cbor:"2,keyasint,omitzero" json:",omitzero"`
	Index     int          `cbor:"3,keyasint,omitzero" json:",omitzero"` // of the argument or voice, from 0
}

// MentionPlace narrows a mention to a part of the statement.
type MentionPlace uint8

// The places of a mention. The numbers are part of the stored format.
const (
	Anywhere     MentionPlace = 0 // wherever the statement mentions the entity, nested claims included
	InArgument   MentionPlace = 1 // the claim's argument with the mention's index
	InVoice      MentionPlace = 2 // the voice with the mention's index: who speaks, for whom, to whom
	InOccurrence MentionPlace = 3 // the claim's occurrence
)

var mentionPlaceNames = enum.Of("events", "MentionPlace", "anywhere", "argument", "voice", "occurrence")

func (p MentionPlace) String() string { return mentionPlaceNames.Of(uint8(p)) }

// MarshalText returns the word that String prints. A number that is not in use is an error.
func (p MentionPlace) MarshalText() ([]byte, error) {
	return mentionPlaceNames.Marshal(uint8(p))
}

// UnmarshalText sets it to what a word stands for, to Anywhere if text is empty. Another word is an error,
// which names the nearest, and changes nothing.
func (p *MentionPlace) UnmarshalText(text []byte) error {
	return enum.Unmarshal(mentionPlaceNames, text, p)
}

// StatementRecorded records a statement. Its id is the event's.
type StatementRecorded struct {
	Statement Statement `cbor:"1,keyasint"`
}

// StatementsLinked is a recorder's judgement on how one statement bears on
// another. A link that a text itself makes is a statement instead, with the
// link's name as its predicate and roles "from" and "to".
type StatementsLinked struct {
	From   uuid.UUID `cbor:"1,keyasint"`
	Link   LinkType  `cbor:"2,keyasint"`
	To     uuid.UUID `cbor:"3,keyasint"`
	Reason string    `cbor:"4,keyasint,omitempty" json:",omitempty"`
}

// LinkType says how a statement bears on another (after CiTO, the Citation
// Typing Ontology).
type LinkType uint8

// The link types. The numbers are part of the stored format.
const (
	RepliesTo LinkType = 1 // answers it, without confirming or denying
	Confirms  LinkType = 2
	Disputes  LinkType = 3
	Corrects  LinkType = 4 // the outlet puts right what it published
	Withdraws LinkType = 5 // the speaker takes it back
	Repeats   LinkType = 6
	Explains  LinkType = 7
	Contrasts LinkType = 8
)

var linkNames = enum.Of("events", "LinkType", "", "replies_to", "confirms", "disputes", "corrects", "withdraws", "repeats", "explains", "contrasts")

func (l LinkType) String() string { return linkNames.Of(uint8(l)) }

// MarshalText returns the word that String prints, an empty text for 0, which is not in use. Any
// other number that is not in use is an error.
func (l LinkType) MarshalText() ([]byte, error) { return linkNames.Marshal(uint8(l)) }

// UnmarshalText sets it to what a word stands for, to 0 if text is empty. Another word is an error,
// which names the nearest, and changes nothing.
func (l *LinkType) UnmarshalText(text []byte) error { return enum.Unmarshal(linkNames, text, l) }

// LinkNamed returns the link type whose name, as used for predicates, is s.
func LinkNamed(s string) (LinkType, bool) {
	n, ok := linkNames.Number(s)
	return LinkType(n), ok
}

// The roles of a link that a text makes, as a claim.
const (
	RoleFrom = "from"
	RoleTo   = "to"
)

// Assessed rates a source or a statement in a named scheme, such as the
// Admiralty code ("B2") or the likelihoods of ICD 203.
type Assessed struct {
	Source    uuid.UUID `cbor:"1,keyasint,omitzero" json:",omitzero"` // what is rated: exactly one of the two
	Statement uuid.UUID `cbor:"2,keyasint,omitzero" json:",omitzero"`
	Scheme    string    `cbor:"3,keyasint"`
	Value     string    `cbor:"4,keyasint"`
	Reason    string    `cbor:"5,keyasint,omitempty" json:",omitempty"`
}

// Retracted takes back an earlier event: its recorder erred. Retracting a
// retraction restores exactly what that one removed, and retracting a statement that
// replaced another restores the other, until that is retracted as well. What a
// speaker takes back or an outlet corrects is not retracted but linked.
type Retracted struct {
	Event  uuid.UUID `cbor:"1,keyasint"`
	Reason string    `cbor:"2,keyasint,omitempty" json:",omitempty"`
	// Cascade retracts what rests on the event, too. Without it, retracting what
	// something standing rests on is refused.
	Cascade bool `cbor:"3,keyasint,omitempty" json:",omitempty"`
}

// Redacted hides the content of an event in every view, of any position, at
// once and for good. What it did to the graph's structure stays: a statement it
// replaced stays replaced.
type Redacted struct {
	Event  uuid.UUID `cbor:"1,keyasint"`
	Reason string    `cbor:"2,keyasint,omitempty" json:",omitempty"`
}

// VocabularyDeclared declares predicates and assessment schemes. Statements
// recorded after it are checked against it. A later declaration of the same
// name replaces the earlier one.
type VocabularyDeclared struct {
	Predicates []Predicate `cbor:"1,keyasint,omitempty" json:",omitempty"`
	Schemes    []Scheme    `cbor:"2,keyasint,omitempty" json:",omitempty"`
}

func (*SourceAdded) Kind() Kind        { return KindSourceAdded }
func (*EntityRegistered) Kind() Kind   { return KindEntityRegistered }
func (*EntityNamed) Kind() Kind        { return KindEntityNamed }
func (*IdentityJudged) Kind() Kind     { return KindIdentityJudged }
func (*EntitySplit) Kind() Kind        { return KindEntitySplit }
func (*StatementRecorded) Kind() Kind  { return KindStatementRecorded }
func (*StatementsLinked) Kind() Kind   { return KindStatementsLinked }
func (*Assessed) Kind() Kind           { return KindAssessed }
func (*Retracted) Kind() Kind          { return KindRetracted }
func (*Redacted) Kind() Kind           { return KindRedacted }
func (*VocabularyDeclared) Kind() Kind { return KindVocabularyDeclared }

func (*SourceAdded) body()        {}
func (*EntityRegistered) body()   {}
func (*EntityNamed) body()        {}
func (*IdentityJudged) body()     {}
func (*EntitySplit) body()        {}
func (*StatementRecorded) body()  {}
func (*StatementsLinked) body()   {}
func (*Assessed) body()           {}
func (*Retracted) body()          {}
func (*Redacted) body()           {}
func (*VocabularyDeclared) body() {}
