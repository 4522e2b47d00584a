package query

import (
	"context"
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// Opposition is a denial and an affirmation that cannot both be right. How sure
// each origin is stands in the readings.
type Opposition struct {
	Affirmation *graph.Reading
	Denial      *graph.Reading
	// SameOrigin says that one speaker is among the speakers of both origins: he
	// contradicts himself.
	SameOrigin bool
}

// Oppositions returns the denials and affirmations that oppose one another, one
// of which the pattern names. Roles matter: that she did not meet him denies that he
// met her only where the predicate is declared symmetric ([events.Predicate]).
//
// For a denial that the pattern names it compares the statements on the shortest
// posting list of the claim's occurrence, its arguments and its predicate. For
// affirmations it walks the denials with each predicate once, in memory, and
// compares those that are about the same entities, or about none. It keeps
// these denials, and 48 bytes for each statement that the pattern names.
func Oppositions(ctx context.Context, v graph.View, p graph.Pattern) iter.Seq2[*Opposition, error] {
	return func(yield func(*Opposition, error) bool) {
		pairs(ctx, v, p, newOpposer(newComparer(v)))(yield)
	}
}

type opposer struct {
	*comparer
	denials map[string]topical // by predicate
}

func newOpposer(c *comparer) *opposer { return &opposer{c, make(map[string]topical)} }

func (x *opposer) others(ctx context.Context, s graph.Statement) (found recorded, err error) {
	switch {
	case denies(s):
		when := boundsOf(s)
		d, err := x.declaration(ctx, s.Predicate())
		if err != nil {
			return nil, err
		}
		for o, err := range walk(ctx, x.v.Statements(holding(s, d.Symmetric))) {
			if err != nil {
				return nil, err
			}
			if affirms(o) && when.meet(boundsOf(o)) {
				found = append(found, rank(o))
			}
		}
	case affirms(s):
		return x.denying(ctx, s)
	}
	return found, nil
}

// denying returns the shown denials that may oppose a statement's claim, as
// others does.
func (x *opposer) denying(ctx context.Context, s graph.Statement) (found recorded, err error) {
	ds, err := x.denialsWith(ctx, s.Predicate())
	if len(ds) == 0 || err != nil {
		return nil, err
	}
	when := boundsOf(s)
	for _, e := range append(x.topics(s), uuid.Nil) {
		found = ds.meeting(found, e, when)
	}
	return found, nil
}

// denialsWith returns the shown denials with a predicate.
func (x *opposer) denialsWith(ctx context.Context, predicate string) (topical, error) {
	if ds, known := x.denials[predicate]; known {
		return ds, nil
	}
	ds, err := x.byTopic(ctx, x.v.Statements(graph.Pattern{Predicate: predicate, Polarity: events.Denied}), denies)
	if err != nil {
		return nil, err
	}
	x.denials[predicate] = ds
	return ds, nil
}

// topical are statements by each entity that they are about, and by the empty id
// those that are about none.
type topical map[uuid.UUID][]timed

// timed is a statement with the bounds of its claim's time.
type timed struct {
	ranked
	when bounds
}

func (n namer) byTopic(ctx context.Context, list iter.Seq[graph.Statement], keep func(graph.Statement) bool) (topical, error) {
	found := make(topical)
	for s, err := range walk(ctx, list) {
		if err != nil {
			return nil, err
		}
		if !keep(s) {
			continue
		}
		about := n.topics(s)
		if len(about) == 0 {
			about = []uuid.UUID{uuid.Nil}
		}
		for _, e := range about {
			found[e] = append(found[e], timed{rank(s), boundsOf(s)})
		}
	}
	return found, nil
}

// meeting appends to a list the statements about an entity whose times may meet
// others.
func (l topical) meeting(list recorded, about uuid.UUID, when bounds) recorded {
	for _, s := range l[about] {
		if when.meet(s.when) {
			list = append(list, s.ranked)
		}
	}
	return list
}

// topics returns the entities that a claim is about, each once: its occurrence
// and those among its arguments.
func (n namer) topics(s graph.Statement) (ids []uuid.UUID) {
	for _, e := range n.ends(s) {
		ids = append(ids, e)
	}
	return eachOnce(ids)
}

// bounds are those of a claim's time, of all times if it has none.
type bounds struct{ earliest, latest int64 }

func boundsOf(s graph.Statement) bounds {
	earliest, latest, _ := s.When()
	return bounds{earliest, latest}
}

// meet reports whether two claims' times may meet for all that their bounds say.
func (a bounds) meet(b bounds) bool { return a.earliest <= b.latest && b.earliest <= a.latest }

func (x *opposer) judge(_ context.Context, first, second *graph.Reading) ([]*Opposition, error) {
	o := &Opposition{Affirmation: first, Denial: second}
	if stance(first).Polarity == events.Denied {
		o.Affirmation, o.Denial = second, first
	}
	if !x.opposes(&o.Denial.Claim, &o.Affirmation.Claim) {
		return nil, nil
	}
	o.SameOrigin = x.shareSpeaker(first, second)
	return []*Opposition{o}, nil
}

// shareSpeaker reports whether one speaks in both origins.
func (c *comparer) shareSpeaker(a, b *graph.Reading) bool {
	if len(a.Voices) == 0 || len(b.Voices) == 0 {
		return false
	}
	return slices.ContainsFunc(a.Voices[0].Speakers, func(x events.Party) bool {
		return slices.ContainsFunc(b.Voices[0].Speakers, func(y events.Party) bool { return c.one(x.Entity, y.Entity) })
	})
}
