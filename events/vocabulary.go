package events

// Predicate declares how a predicate is used. Any predicate may be used without
// being declared; one that is declared is checked.
type Predicate struct {
	Name      string `cbor:"1,keyasint"`
	Roles     []Role `cbor:"2,keyasint,omitempty" json:",omitempty"` // empty: any role
	Inverse   string `cbor:"3,keyasint,omitempty" json:",omitempty"` // the predicate read the other way round
	Symmetric bool   `cbor:"4,keyasint,omitempty" json:",omitempty"` // its entity roles may be swapped
	// Once says that the claim can be true at one time only: two claims alike in
	// everything but their times are in conflict, and so are two, at whatever times, that are
	// alike in everything but what fills a functional role.
	Once bool `cbor:"5,keyasint,omitempty" json:",omitempty"`
}

// Role declares one role of a predicate.
type Role struct {
	Name     string       `cbor:"1,keyasint"`
	Values   []ValueKind  `cbor:"2,keyasint,omitempty" json:",omitempty"` // what may fill it; empty: anything
	Entities []EntityKind `cbor:"3,keyasint,omitempty" json:",omitempty"` // which entities; empty: any. Placeholders always may
	// Functional says that only one value can be true: another for the same
	// occurrence is in conflict. Without an occurrence it is only if the predicate is
	// declared Once (two meetings may be at two places, but nobody is born at two), or if it
	// is another number, all else is alike and the times may meet.
	Functional bool `cbor:"4,keyasint,omitempty" json:",omitempty"`
}

// Scheme declares the values of an assessment scheme, the best or most first
// where they have an order. [Admiralty], [Likelihood] and [Opinion] are well known.
type Scheme struct {
	Name   string   `cbor:"1,keyasint"`
	Values []string `cbor:"2,keyasint"`
}

// PartOf is the predicate by which one entity is part of another: a city of a
// country, a meeting of a visit. Answers about conflicts follow it.
const (
	PartOf    = "part_of"
	RolePart  = "part"
	RoleWhole = "whole"
)

// HoldPosition is the predicate by which somebody holds an office or a position,
// for as long as the claim's time says. Any other argument says more about it,
// such as in which organisation. Answers about who held an office, and for whom
// somebody spoke, follow it.
const (
	HoldPosition = "hold_position"
	RoleHolder   = "holder"
	RolePosition = "position"
)

// RoleDue is the role of the time by which something is due, with any predicate.
// Answers about deadlines look for it, and not for the claim's own time. A Builder's
// statement says it with Arg(RoleDue, At(edtf.MustParse("2025-04-01"))).
const RoleDue = "due"
