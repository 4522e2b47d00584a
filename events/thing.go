package events

import (
	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/internal/enum"
)

// Entity is anything with an identity: a person, an organisation, a place, a
// position, an occurrence such as a meeting, or a placeholder for someone whom
// nobody has identified yet.
type Entity struct {
	ID   uuid.UUID  `cbor:"1,keyasint"`
	Kind EntityKind `cbor:"2,keyasint"`
	Name Name       `cbor:"3,keyasint"` // what to call it in an answer; for a placeholder, a description
	Note string     `cbor:"4,keyasint,omitempty" json:",omitempty"`
}

// EntityKind is the kind of an entity.
type EntityKind uint8

// The kinds of entity. The numbers are part of the stored format.
const (
	Person       EntityKind = 1
	Organisation EntityKind = 2
	Place        EntityKind = 3
	Office       EntityKind = 4 // a position somebody may hold
	Group        EntityKind = 5 // people or bodies without an organisation
	Work         EntityKind = 6 // a document, law, agreement
	Topic        EntityKind = 7
	Occurrence   EntityKind = 8 // something that happens: a meeting, a visit, a deadline
	Placeholder  EntityKind = 9 // somebody or something not identified
)

var entityKindNames = enum.Of("events", "EntityKind", "", "person", "organisation", "place", "office", "group", "work", "topic", "occurrence", "placeholder")

func (k EntityKind) String() string { return entityKindNames.Of(uint8(k)) }

// MarshalText returns the word that String prints, an empty text for 0, which is not in use. Any
// other number that is not in use is an error.
func (k EntityKind) MarshalText() ([]byte, error) {
	return entityKindNames.Marshal(uint8(k))
}

// UnmarshalText sets it to what a word stands for, to 0 if text is empty. Another word is an error,
// which names the nearest, and changes nothing.
func (k *EntityKind) UnmarshalText(text []byte) error {
	return enum.Unmarshal(entityKindNames, text, k)
}

// Name is a name with the language and script it is written in.
type Name struct {
	Text     string `cbor:"1,keyasint"`
	Language string `cbor:"2,keyasint,omitempty" json:",omitempty"` // BCP 47, such as "en" or "uk-Cyrl"; empty: not given
}

// Source is a document that statements are taken from.
type Source struct {
	ID          uuid.UUID   `cbor:"1,keyasint"`
	Title       string      `cbor:"2,keyasint,omitempty" json:",omitempty"`
	URL         string      `cbor:"3,keyasint,omitempty" json:",omitempty"`
	Authors     []uuid.UUID `cbor:"4,keyasint,omitempty" json:",omitempty"` // entities
	Publisher   uuid.UUID   `cbor:"5,keyasint,omitzero" json:",omitzero"`   // an entity
	Published   edtf.Time   `cbor:"6,keyasint,omitzero" json:",omitzero"`
	Retrieved   edtf.Time   `cbor:"7,keyasint,omitzero" json:",omitzero"`
	SHA256      []byte      `cbor:"8,keyasint,omitempty" json:",omitempty"` // of its text in UTF-8; 32 bytes or none
	Language    string      `cbor:"9,keyasint,omitempty" json:",omitempty"` // BCP 47
	DerivedFrom []uuid.UUID `cbor:"10,keyasint,omitempty" json:",omitempty"`
}
