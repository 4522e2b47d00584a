package query

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/option"
)

// ErrLimit says that a question would have to look at more statements than its
// limit allows: through an entity, most likely, about which very much is said.
// Raise the limit, or look through a narrower view.
var ErrLimit = errors.New("limit reached")

const (
	defaultLimit = 1_000_000
	maxHops      = 8
)

// net is what connects the entities of a view. It looks around each entity once.
// It must not be used from several goroutines at once.
type net struct {
	namer
	timed   bool                // ties hold at their times, rather than always
	without []events.EntityKind // those of these kinds are passed over,
	but     []uuid.UUID         // except these, in canonical form
	limit   int
	left    int // statements that may still be looked at
	near    map[uuid.UUID]map[uuid.UUID]*tie
}

// tie is what is said to connect two entities, and what is said against it.
type tie struct {
	said  []graph.Statement // affirmations and denials, some perhaps twice
	times instants          // at which an affirmation possibly holds
}

func newNet(v graph.View, limit int) *net {
	return &net{namer: newNamer(v), limit: limit, left: limit, near: make(map[uuid.UUID]map[uuid.UUID]*tie)}
}

// kinds refuses kinds of entity that there are not.
func kinds(without []events.EntityKind) error {
	return option.Among("option Without", without, option.Range(events.Person, events.Placeholder))
}

// passes reports whether an entity is passed over, being of a kind that is not wanted.
func (n *net) passes(entity uuid.UUID) bool {
	return len(n.without) > 0 && !slices.Contains(n.but, entity) && slices.Contains(n.without, n.kind(entity))
}

// around returns what connects an entity, in canonical form, to others.
func (n *net) around(ctx context.Context, entity uuid.UUID) (map[uuid.UUID]*tie, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	near, known := n.near[entity]
	if known {
		return near, nil
	}
	near = make(map[uuid.UUID]*tie)
	for s := range n.v.Statements(graph.Pattern{Entity: entity}) {
		if n.left == 0 {
			return nil, fmt.Errorf("more than %d statements: %w", n.limit, ErrLimit)
		}
		n.left--
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		affirmed := affirms(s)
		if !affirmed && !denies(s) {
			continue
		}
		for _, e := range n.ends(s) {
			if e == entity || n.passes(e) {
				continue
			}
			if t := n.near[e][entity]; t != nil {
				near[e] = t
				continue
			}
			t := near[e]
			if t == nil {
				t = new(tie)
				near[e] = t
			}
			t.said = append(t.said, s)
			if affirmed && !n.timed {
				t.times = always
			}
		}
	}
	if n.timed {
		for _, t := range near {
			if t.times == nil {
				t.times = affirmedTimes(t.said)
			}
		}
	}
	n.near[entity] = near
	return near, nil
}

// affirmedTimes returns the instants at which an affirmation possibly holds.
func affirmedTimes(said []graph.Statement) instants {
	var all []Window
	for _, s := range said {
		if affirms(s) {
			all = append(all, possibly(s)...)
		}
	}
	return joined(all)
}

// between returns what connects two entities, nil if nothing does that was found
// when one of them was looked around.
func (n *net) between(a, b uuid.UUID) *tie {
	if t := n.near[a][b]; t != nil {
		return t
	}
	return n.near[b][a]
}

// fewer reports whether less is left to look at around some entities than around
// others. It counts up to a few times the smaller number, not the larger one.
func (n *net) fewer(some, others ring) bool {
	for most := 1; ; most *= 2 {
		switch {
		case n.atMost(most, some):
			return true
		case n.atMost(most, others):
			return false
		case most > n.left: // neither can be looked around
			return true
		}
	}
}

func (n *net) atMost(most int, around ring) bool {
	for e := range around {
		if _, known := n.near[e]; known {
			continue
		}
		for range n.v.Statements(graph.Pattern{Entity: e}) {
			if most--; most < 0 {
				return false
			}
		}
	}
	return true
}
