package query

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/option"
)

// Neighbour is an entity not far from another.
type Neighbour struct {
	Entity   uuid.UUID // in canonical form
	Distance int       // hops, at least 1
	// Relations connect it to entities one hop nearer: by their ids, then by
	// predicate.
	Relations  []Relation
	Statements int // in Relations, each counted once
}

// Relation is what is said with one predicate to connect an entity to another, in
// order of recording. Each statement can be read with Load.
type Relation struct {
	To        uuid.UUID // in canonical form
	Predicate string
	Affirmed  []graph.Statement
	Denied    []graph.Statement
}

// NeighbourOptions say which neighbours [Neighbours] returns.
type NeighbourOptions struct {
	Hops int // how far away they are at most, up to 8; 0: 1
	// Without are kinds of entity that are left out, and that no way to others leads
	// through: events.Occurrence, where what happened is recorded as one and who took part is
	// asked for. Nil: none; two who are only said to have been at one occurrence, each by
	// himself, are connected by nothing else.
	Without []events.EntityKind
	Limit   int // how many statements are looked at, at most; 0: 1,000,000
}

// Neighbours returns the entities that are a few hops away from one, the nearest
// first, of those the ones with the most statements, of those by their ids. Nil
// options mean the defaults.
//
// It looks at the statements about the entity and about each neighbour but the
// farthest, and keeps them. Where those are more than the limit allows the error is
// [ErrLimit], after the neighbours that are nearer than those it was looking for.
// Nothing is read from the record.
func Neighbours(ctx context.Context, v graph.View, entity uuid.UUID, opts *NeighbourOptions) iter.Seq2[*Neighbour, error] {
	return func(yield func(*Neighbour, error) bool) {
		fail := func(err error) { yield(nil, fmt.Errorf("query: neighbours: %w", err)) }
		var o NeighbourOptions
		if opts != nil {
			o = *opts
		}
		if err := cmp.Or(ctx.Err(), option.Count("Hops", &o.Hops, 1, maxHops), kinds(o.Without), option.Count("Limit", &o.Limit, defaultLimit, math.MaxInt)); err != nil {
			fail(err)
			return
		}
		if entity == uuid.Nil {
			return
		}
		n := newNet(v, o.Limit)
		n.without = o.Without
		ring := []uuid.UUID{v.Canonical(entity)}
		distance := map[uuid.UUID]int{ring[0]: 0}
		for hops := 1; hops <= o.Hops && len(ring) > 0; hops++ {
			var next []uuid.UUID
			for _, e := range ring {
				near, err := n.around(ctx, e)
				if err != nil {
					fail(err)
					return
				}
				for other, t := range near {
					if _, known := distance[other]; !known && len(t.times) > 0 {
						distance[other] = hops
						next = append(next, other)
					}
				}
			}
			for _, x := range n.neighbours(ring, distance, hops) {
				if !yield(x, nil) {
					return
				}
			}
			ring = next
		}
	}
}

// neighbours returns those of a distance, in order, with their relations to the
// ring before.
func (n *net) neighbours(before []uuid.UUID, distance map[uuid.UUID]int, hops int) []*Neighbour {
	found := make(map[uuid.UUID]*Neighbour)
	said := make(map[uuid.UUID][]graph.Statement)
	slices.SortFunc(before, compareIDs)
	for _, b := range before {
		for e, t := range n.near[b] {
			if distance[e] != hops {
				continue
			}
			if found[e] == nil {
				found[e] = &Neighbour{Entity: e, Distance: hops}
			}
			found[e].Relations = append(found[e].Relations, relations(b, t.said)...)
			said[e] = append(said[e], t.said...)
		}
	}
	for e, x := range found {
		x.Statements = len(ranks(said[e]))
	}
	return slices.SortedFunc(maps.Values(found), func(a, b *Neighbour) int {
		return cmp.Or(cmp.Compare(b.Statements, a.Statements), compareIDs(a.Entity, b.Entity))
	})
}

// relations sorts what connects an entity to another by predicate.
func relations(to uuid.UUID, said []graph.Statement) (all []Relation) {
	at := make(map[string]int)
	for _, s := range ranks(said) {
		i, known := at[s.Predicate()]
		if !known {
			i = len(all)
			at[s.Predicate()] = i
			all = append(all, Relation{To: to, Predicate: s.Predicate()})
		}
		if denies(s.Statement) {
			all[i].Denied = append(all[i].Denied, s.Statement)
		} else {
			all[i].Affirmed = append(all[i].Affirmed, s.Statement)
		}
	}
	slices.SortFunc(all, func(a, b Relation) int { return strings.Compare(a.Predicate, b.Predicate) })
	return all
}
