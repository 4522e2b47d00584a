package graph

import (
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
)

// Lens says how to look at a graph. Nil and the zero Lens mean: now, everybody,
// everything that stands. All that is given must hold for one statement at once;
// the package comment defines each filter.
type Lens struct {
	// AsOf is the position to look from; 0 is the newest. A position that is
	// not reached yet counts as the newest.
	AsOf events.Position
	// RecordedBy narrows AsOf to what had been recorded by this time, to the
	// nanosecond; the zero time does not.
	RecordedBy time.Time

	SaidBy      Bound
	PublishedBy Bound
	Valid       Bound

	// According keeps what one of these entities said, or somebody for them.
	// Empty: anyone.
	According []uuid.UUID
	// Least is the least certainty of the origin; 0: any.
	Least events.Certainty
}

// Bound is a time and how surely it must apply. The zero Bound bounds nothing.
type Bound struct {
	Time     edtf.Time
	Possibly bool // false: certainly
}

// Certainly is a bound that must certainly hold.
func Certainly(t edtf.Time) Bound { return Bound{Time: t} }

// Possibly is a bound that may hold, for all that is known.
func Possibly(t edtf.Time) Bound { return Bound{Time: t, Possibly: true} }

// Pattern names statements: those for which everything given holds. The zero
// Pattern names all. An entity stands for its whole cluster in the view.
type Pattern struct {
	Predicate  string
	Entity     uuid.UUID // is the occurrence or fills an argument; nested claims are not looked into
	Args       []Fill    // each is an argument
	Occurrence uuid.UUID
	Origin     uuid.UUID // speaks in Voices[0], or is spoken for there
	Voice      uuid.UUID // speaks in any of the voices
	Source     uuid.UUID
	Refers     uuid.UUID // a statement that an argument refers to
	Form       events.Form
	During     Bound // the claim's time overlaps it; a claim without a time always does
}

// Fill is an argument that a pattern asks for.
type Fill struct {
	Role   string // empty: any role
	Entity uuid.UUID
}

// Condition makes recording depend on what has happened meanwhile: the batch is
// refused with ErrChanged if, after a position, anything has been recorded that
// changes which statements the pattern names. That is a statement that it
// names, recorded, removed, restored, read anew or redacted, or a verdict
// "same", recorded or withdrawn, on an entity in a cluster of an entity that
// the pattern names. Clusters are taken both as of that position and as of now.
type Condition struct {
	Nothing Pattern
	After   events.Position
}
