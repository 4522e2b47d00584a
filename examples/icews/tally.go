package main

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/graph"
)

// tally counts things. The zero tally is empty. It must not be used from several
// goroutines at once.
type tally[K comparable] struct {
	counts map[K]int
	order  []K // as they came
}

func (t *tally[K]) add(key K) {
	if t.counts == nil {
		t.counts = make(map[K]int)
	}
	if t.counts[key] == 0 {
		t.order = append(t.order, key)
	}
	t.counts[key]++
}

// of returns how often a thing was counted.
func (t *tally[K]) of(key K) int { return t.counts[key] }

// len returns how many different things were counted.
func (t *tally[K]) len() int { return len(t.order) }

// top returns up to n things, the most frequent first, then those that came first.
func (t *tally[K]) top(n int) []K {
	keys := slices.Clone(t.order)
	slices.SortStableFunc(keys, func(a, b K) int { return cmp.Compare(t.counts[b], t.counts[a]) })
	return keys[:min(n, len(keys))]
}

// pair is who acts and upon whom.
type pair struct{ source, target uuid.UUID }

// back returns the pair the other way round.
func (p pair) back() pair { return pair{p.target, p.source} }

// tie returns the pair without a direction.
func (p pair) tie() pair {
	if slices.Compare(p.source[:], p.target[:]) > 0 {
		return p.back()
	}
	return p
}

// other returns the one of the two that is not this one, or both are.
func (p pair) other(one uuid.UUID) uuid.UUID {
	if p.source == one {
		return p.target
	}
	return p.source
}

// pairOf returns who acts and upon whom in a statement.
func pairOf(s graph.Statement) (p pair) {
	for role, actor := range s.Entities() {
		switch role {
		case roleSource:
			p.source = actor
		case roleTarget:
			p.target = actor
		}
	}
	return p
}

// voicesOf counts who speaks first in the statements that a pattern names.
func voicesOf(v graph.View, p graph.Pattern) (voices tally[uuid.UUID]) {
	for s := range v.Statements(p) {
		speakers, _ := s.Speakers(0)
		for _, who := range speakers {
			voices.add(who)
		}
	}
	return voices
}

// relationsOf counts the relations of the statements that a pattern names.
func relationsOf(v graph.View, p graph.Pattern) (relations tally[string]) {
	for s := range v.Statements(p) {
		relations.add(s.Predicate())
	}
	return relations
}

// pairsOf counts the pairs of the statements that a pattern names.
func pairsOf(v graph.View, p graph.Pattern) (pairs tally[pair]) {
	for s := range v.Statements(p) {
		pairs.add(pairOf(s))
	}
	return pairs
}
