package events

import (
	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/internal/enum"
)

// Statement is a claim as somebody made it, in a place where it can be read.
type Statement struct {
	Claim Claim `cbor:"1,keyasint"`

	// Voices is the chain from who said it to who tells us: Voices[0] is the
	// origin, each next voice reports the one before, and the last is usually the
	// source's author. A desk's own inference has the desk as its only voice.
	Voices []Voice `cbor:"2,keyasint"`

	Source   uuid.UUID `cbor:"3,keyasint,omitzero" json:",omitzero"` // empty: a desk's own inference
	Selector Selector  `cbor:"4,keyasint,omitzero" json:",omitzero"` // where in the source
	Form     Form      `cbor:"5,keyasint"`
	Language string    `cbor:"6,keyasint,omitempty" json:",omitempty"` // of the words, BCP 47
	Gloss    string    `cbor:"7,keyasint,omitempty" json:",omitempty"` // the recorder's own sentence for it

	// Replaces is the statement that this one stands in for, because it was
	// recorded wrongly. That one is no longer seen, except as of before, or once this one
	// has been retracted.
	Replaces uuid.UUID `cbor:"8,keyasint,omitzero" json:",omitzero"`
}

// Form is how the source words a statement.
type Form uint8

// The forms. The numbers are part of the stored format.
const (
	Quote       Form = 1 // in the speaker's words
	Paraphrase  Form = 2 // in the reporter's words
	Heading     Form = 3
	Presupposed Form = 4 // taken for granted in passing
	Inferred    Form = 5 // a recorder's conclusion
)

var formNames = enum.Of("events", "Form", "", "quote", "paraphrase", "heading", "presupposed", "inferred")

func (f Form) String() string { return formNames.Of(uint8(f)) }

// MarshalText returns the word that String prints, an empty text for 0, which is not in use. Any
// other number that is not in use is an error.
func (f Form) MarshalText() ([]byte, error) { return formNames.Marshal(uint8(f)) }

// UnmarshalText sets it to what a word stands for, to 0 if text is empty. Another word is an error,
// which names the nearest, and changes nothing.
func (f *Form) UnmarshalText(text []byte) error { return enum.Unmarshal(formNames, text, f) }

// FormNamed returns the form whose name is s.
func FormNamed(s string) (Form, bool) {
	n, ok := formNames.Number(s)
	return Form(n), ok
}

// Selector points into a source's text (after the W3C Web Annotation model's
// TextPositionSelector and TextQuoteSelector).
type Selector struct {
	// Start and End count Unicode code points from the beginning of the text,
	// 0 <= Start < End <= MaxOffset. Both 0: no offsets are given.
	Start int `cbor:"1,keyasint,omitzero" json:",omitzero"`
	End   int `cbor:"2,keyasint,omitzero" json:",omitzero"`
	// Exact holds the words themselves. A quote must have them; anything else may.
	Exact string `cbor:"3,keyasint,omitempty" json:",omitempty"`
	// Locator is a page, line, timestamp or row for what has no offsets.
	Locator string `cbor:"4,keyasint,omitempty" json:",omitempty"`
}

// Claim is what is said, free of who says it. An attribute, a relation and an
// event are all claims: a predicate, roles with values, a time.
type Claim struct {
	Predicate  string      `cbor:"1,keyasint"`
	Occurrence uuid.UUID   `cbor:"2,keyasint,omitzero" json:",omitzero"` // the happening it describes, an entity; may be empty
	Args       []Arg       `cbor:"3,keyasint,omitempty" json:",omitempty"`
	When       When        `cbor:"4,keyasint,omitzero" json:",omitzero"` // valid time: when it holds
	If         []Condition `cbor:"5,keyasint,omitempty" json:",omitempty"`
}

// Arg fills one role of a claim. Several arguments may have the same role.
type Arg struct {
	Role  string `cbor:"1,keyasint"`
	Value Value  `cbor:"2,keyasint"`
	As    string `cbor:"3,keyasint,omitempty" json:",omitempty"` // as written: "Whitkoff"
}

// When is a time with the words it was given in.
type When struct {
	Time edtf.Time `cbor:"1,keyasint,omitzero" json:",omitzero"`
	As   string    `cbor:"2,keyasint,omitempty" json:",omitempty"` // as written: "later this week"
	// Anchor is what the words were resolved against, such as the day of
	// publication; empty where they need none.
	Anchor edtf.Time `cbor:"3,keyasint,omitzero" json:",omitzero"`
}

// Condition is what a claim depends on.
type Condition struct {
	Claim  Claim  `cbor:"1,keyasint"`
	Denied bool   `cbor:"2,keyasint,omitempty" json:",omitempty"` // if it does not hold
	As     string `cbor:"3,keyasint,omitempty" json:",omitempty"` // as written
}

// Value is exactly one of the things that ValueKind lists. Make one with [Ref],
// [Text], [Number], [At], [Nested], [Said], [None] or [Unknown].
type Value struct {
	Kind     ValueKind `cbor:"1,keyasint"`
	ID       uuid.UUID `cbor:"2,keyasint,omitzero" json:",omitzero"`   // EntityValue, StatementValue
	Text     string    `cbor:"3,keyasint,omitempty" json:",omitempty"` // TextValue; NumberValue in decimal digits
	Language string    `cbor:"4,keyasint,omitempty" json:",omitempty"` // TextValue, BCP 47
	Unit     string    `cbor:"5,keyasint,omitempty" json:",omitempty"` // NumberValue
	Time     edtf.Time `cbor:"6,keyasint,omitzero" json:",omitzero"`   // TimeValue
	Claim    *Claim    `cbor:"7,keyasint,omitempty" json:",omitempty"` // ClaimValue
}

// ValueKind is the kind of a value.
type ValueKind uint8

// The kinds of value. The numbers are part of the stored format.
const (
	EntityValue    ValueKind = 1
	TextValue      ValueKind = 2
	NumberValue    ValueKind = 3
	TimeValue      ValueKind = 4
	ClaimValue     ValueKind = 5
	StatementValue ValueKind = 6
	NoneValue      ValueKind = 7 // it is said that there is none
	UnknownValue   ValueKind = 8 // it is said that there is one, not which
)

var valueKindNames = enum.Of("events", "ValueKind", "", "entity", "text", "number", "time", "claim", "statement", "none", "unknown")

func (k ValueKind) String() string { return valueKindNames.Of(uint8(k)) }

// MarshalText returns the word that String prints, an empty text for 0, which is not in use. Any
// other number that is not in use is an error.
func (k ValueKind) MarshalText() ([]byte, error) {
	return valueKindNames.Marshal(uint8(k))
}

// UnmarshalText sets it to what a word stands for, to 0 if text is empty. Another word is an error,
// which names the nearest, and changes nothing.
func (k *ValueKind) UnmarshalText(text []byte) error {
	return enum.Unmarshal(valueKindNames, text, k)
}

// Ref is an entity as a value.
func Ref(entity uuid.UUID) Value { return Value{Kind: EntityValue, ID: entity} }

// Text is a text as a value; language is a BCP 47 tag or empty.
func Text(text, language string) Value {
	return Value{Kind: TextValue, Text: text, Language: language}
}

// Number is a number as a value, in decimal digits as the source has them
// ("4", "-2.50", "1e6"); unit may be empty.
func Number(digits, unit string) Value { return Value{Kind: NumberValue, Text: digits, Unit: unit} }

// At is a time as a value.
func At(t edtf.Time) Value { return Value{Kind: TimeValue, Time: t} }

// Nested is a claim as a value.
func Nested(c Claim) Value { return Value{Kind: ClaimValue, Claim: &c} }

// Said is a statement as a value.
func Said(statement uuid.UUID) Value { return Value{Kind: StatementValue, ID: statement} }

// None says that there is no value (Wikibase's novalue).
func None() Value { return Value{Kind: NoneValue} }

// Unknown says that there is a value that is not known (Wikibase's somevalue).
func Unknown() Value { return Value{Kind: UnknownValue} }

// Voice is one link in the chain from who said a thing to who tells it. Stance
// belongs to the voice, never to the claim: a reporter's stance is toward "the
// voice before me said so".
type Voice struct {
	Speakers []Party `cbor:"1,keyasint"` // one, or several for a joint statement
	For      []Party `cbor:"2,keyasint,omitempty" json:",omitempty"`
	To       []Party `cbor:"3,keyasint,omitempty" json:",omitempty"`
	Act      Act     `cbor:"4,keyasint"`
	Cue      string  `cbor:"5,keyasint,omitempty" json:",omitempty"` // the words that show the act: "claimed"
	Stance   Stance  `cbor:"6,keyasint"`
	Said     When    `cbor:"7,keyasint,omitzero" json:",omitzero"`
}

// Party is an entity as a voice names it.
type Party struct {
	Entity uuid.UUID `cbor:"1,keyasint"`
	As     string    `cbor:"2,keyasint,omitempty" json:",omitempty"` // as written: "the Kremlin spokesperson"
}

// Act is what a speaker does by speaking (after Searle's classes, with
// withholding beside them).
type Act uint8

// The acts. The numbers are part of the stored format.
const (
	Assert   Act = 1
	Direct   Act = 2 // ask, order, demand
	Commit   Act = 3 // promise, threaten
	Express  Act = 4 // thank, welcome, regret
	Declare  Act = 5 // appoint, decree: saying makes it so
	Withhold Act = 6 // refuse to tell
)

var actNames = enum.Of("events", "Act", "", "assert", "direct", "commit", "express", "declare", "withhold")

func (a Act) String() string { return actNames.Of(uint8(a)) }

// MarshalText returns the word that String prints, an empty text for 0, which is not in use. Any
// other number that is not in use is an error.
func (a Act) MarshalText() ([]byte, error) { return actNames.Marshal(uint8(a)) }

// UnmarshalText sets it to what a word stands for, to 0 if text is empty. Another word is an error,
// which names the nearest, and changes nothing.
func (a *Act) UnmarshalText(text []byte) error { return enum.Unmarshal(actNames, text, a) }

// ActNamed returns the act whose name is s.
func ActNamed(s string) (Act, bool) {
	n, ok := actNames.Number(s)
	return Act(n), ok
}
