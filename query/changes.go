package query

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/enum"
)

// Changed is what two views of a graph, before and after, show differently.
type Changed struct {
	Came     []*StatementChange // after shows it, before does not
	Went     []*StatementChange // before shows it, after does not
	ReadAnew []*Rereading       // both show it, and read it otherwise

	Joined []*IdentityChange // one entity after, several before
	Parted []*IdentityChange // one entity before, several after

	Names       []*NameChange
	Sources     []*SourceChange
	Links       []*EventChange // events.StatementsLinked
	Assessments []*EventChange // events.Assessed

	// Redacted are the events of which no more may be told.
	Redacted []uuid.UUID
}

// StatementChange is a statement as the one view shows it, and why the other
// does not.
type StatementChange struct {
	*graph.Reading
	Missing
}

// Rereading is a statement as each view reads it, and the splits
// (events.EntitySplit) by which that differs.
type Rereading struct {
	Before, After *graph.Reading
	Splits        []*EventChange
}

// IdentityChange is an entity of one view that is several in the other.
type IdentityChange struct {
	Entity   uuid.UUID      // canonical where it is one
	Parts    []uuid.UUID    // canonical where they are several, ascending
	Verdicts []*EventChange // events.IdentityJudged: what holds it together in the one view only
}

// NameChange is a name that one view has for an entity and the other has not.
type NameChange struct {
	graph.NameUse
	Came bool // it is after that has it
	Missing
}

// SourceChange is a source as each view has it, nil where it has none, and the
// registrations (events.SourceAdded) that stand in one of them only.
type SourceChange struct {
	ID            uuid.UUID
	Before, After *events.Source
	Registrations []*EventChange
}

// EventChange is an event that stands in one view and not in the other.
type EventChange struct {
	*events.Event
	Came bool // it is after that it stands in
	Missing
}

// Missing is why a view does not show what another shows.
type Missing struct {
	Why Why
	// By is the retraction, or the statement in its place, for which it does not
	// stand there. It has its id and kind only if it is redacted.
	By     *events.Event
	Reason string // of the retraction
}

// Why is the reason for which a view does not show something.
type Why uint8

// The reasons.
const (
	NotRecorded    Why = iota // it was recorded later
	WasRetracted              // by Missing.By
	WasReplaced               // by Missing.By
	ReadsOtherwise            // it stands there, but a split has it read otherwise
	OutOfView                 // it stands there and reads the same; see the package comment
)

var whyWords = enum.Of("query", "Why", "not recorded", "retracted", "replaced", "reads otherwise", "out of view")

func (w Why) String() string { return whyWords.Of(uint8(w)) }

// MarshalText returns the word that String prints. A number that is not in use is an error.
func (w Why) MarshalText() ([]byte, error) { return whyWords.Marshal(uint8(w)) }

// UnmarshalText sets it to what a word stands for, to 0 if text is empty. Another word is an error,
// which names the nearest, and changes nothing.
func (w *Why) UnmarshalText(text []byte) error { return enum.Unmarshal(whyWords, text, w) }

// Changes returns what two views of one graph show differently, of what a
// pattern concerns: usually the same lens at two positions, but any two views
// will do. For what came after a position that was kept, give g.View(nil).AsOf(kept) as before:
// in a lens, position 0 is the newest. The package comment defines each group. Without a difference all are
// empty. Views of different graphs are an error. A view as of a position that the record has
// not reached is one as of its newest ([graph.View.AsOf]), so that after a position of which an
// older copy of the record knows nothing, nothing has changed: [graph.View.Changes] says how to
// notice that.
//
// It costs in proportion to what was recorded between the two positions, which
// it reads, statements aside, and to the answer. Of statements it looks at those that
// were recorded or removed in between or, if they are fewer, at the pattern's lists in
// both views; then, of the others, a byte each is read. Where the filters of the
// views differ, where entities were judged the same or no more, or where sources
// or ratings changed and the filters ask for them, it walks these lists in any case. It
// keeps a few words for each statement. Where the pattern names
// something, it also looks whether it names anything in each source that was
// registered or rated, and of each entity that was registered or named.
func Changes(ctx context.Context, before, after graph.View, p graph.Pattern) (*Changed, error) {
	if before.Graph() != after.Graph() || before.Graph() == nil {
		return nil, errors.New("query: changes: the two views are not of one graph")
	}
	if err := check(p); err != nil {
		return nil, err
	}
	d := newDiffer(before, after, p)
	if err := d.compare(ctx); err != nil {
		return nil, fmt.Errorf("query: changes from position %d to %d: %w", before.Position(), after.Position(), err)
	}
	return d.Changed, nil
}
