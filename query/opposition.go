package query

import (
	"context"
	"iter"
	"maps"
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
	// TakenBack are the links by which somebody withdraws or corrects one of the two, the
	// link's To. They are for the reader to weigh: what was taken back is answered all the same.
	// Links are there, too, whose From the view does not show.
	TakenBack []*Link
}

// Oppositions returns the denials and affirmations that oppose one another, one
// of which the pattern names. What was taken back is there, too, with the links that say so
// in [Opposition].TakenBack. Roles matter: that she did not meet him denies that he
// met her only where the predicate is declared symmetric ([events.Predicate]).
//
// For denials that the pattern names it walks the shortest posting list of the claim's
// occurrence, its arguments and its predicate, once for all denials about the same; for
// affirmations the shorter one of each entity that they are about and of the denials with
// the predicate, or those once for all, if the others come to more. It keeps 64 bytes for
// each statement that it finds there, an affirmation once for each walk that finds it, and
// what it has read once for each other argument; and 48 for each that the pattern names. It
// reads those that are about the same entities, or about none, and whose times may meet,
// and compares those that may also hold the same besides. Of each
// statement of a pair it looks through the links in memory for one that takes it back. If
// there is one, it reads those, as [Links] does, anew for each pair.
func Oppositions(ctx context.Context, v graph.View, p graph.Pattern) iter.Seq2[*Opposition, error] {
	return func(yield func(*Opposition, error) bool) {
		pairs(ctx, v, p, newOpposer(newComparer(v)))(yield)
	}
}

type opposer struct {
	*comparer
	denials      map[string]*denials // by predicate
	affirmations map[string]*matter  // by subject
	taken        takers
}

// denials are those with a predicate that have been looked for. Each is in one matter: of
// the smallest of the entities that it is about, all of which an affirmation that it
// opposes is about, too; or of the empty id, if it is about none.
type denials struct {
	of    topical // nil for what has been looked for in vain
	whole bool    // all of them are there
	left  int     // rows that are walked by entity before all denials are
}

func newOpposer(c *comparer) *opposer {
	return &opposer{c, make(map[string]*denials), make(map[string]*matter), takers{c.v, make(map[uuid.UUID]bool)}}
}

func (x *opposer) others(ctx context.Context, s graph.Statement, own func() (*graph.Reading, error)) (recorded, error) {
	switch {
	case denies(s):
		m, err := x.affirming(ctx, s)
		if m == nil || err != nil {
			return nil, err
		}
		return x.akin(ctx, []*matter{m}, boundsOf(s), own)
	case affirms(s):
		return x.denying(ctx, s, own)
	}
	return nil, nil
}

// affirming returns the shown affirmations that hold all entities of a denial, nil if
// there are none.
func (x *opposer) affirming(ctx context.Context, s graph.Statement) (*matter, error) {
	d, err := x.declaration(ctx, s.Predicate())
	if err != nil {
		return nil, err
	}
	subject := x.subjectOf(s)
	m, known := x.affirmations[subject]
	if known {
		return m, nil
	}
	for o, err := range walk(ctx, x.v.Statements(holding(s, d.Symmetric))) {
		if err != nil {
			return nil, err
		}
		if affirms(o) {
			if m == nil {
				m = &matter{about: x.topics(s)}
			}
			m.add(o)
		}
	}
	x.affirmations[subject] = m
	return m, nil
}

// denying returns the shown denials that may oppose a statement's claim, as
// others does.
func (x *opposer) denying(ctx context.Context, s graph.Statement, own func() (*graph.Reading, error)) (recorded, error) {
	p := graph.Pattern{Predicate: s.Predicate(), Polarity: events.Denied}
	ds := x.denials[p.Predicate]
	if ds == nil {
		ds = &denials{of: make(topical), left: x.v.Extent(p)}
		x.denials[p.Predicate] = ds
	}
	topics := x.topics(s)
	for _, e := range append(topics, uuid.Nil) {
		if err := x.deny(ctx, ds, p, e); err != nil {
			return nil, err
		}
	}
	return x.akin(ctx, ds.of.about(topics), boundsOf(s), own)
}

// deny looks for the shown denials that a pattern names and that are about an entity, or
// about none, unless that has been done.
func (x *opposer) deny(ctx context.Context, ds *denials, p graph.Pattern, about uuid.UUID) error {
	if _, known := ds.of[about]; known || ds.whole {
		return nil
	}
	own := p
	own.Entity, own.AboutNobody = about, about == uuid.Nil
	if ds.left -= x.v.Extent(own); ds.left < 0 {
		own, ds.whole = p, true
	}
	found := make(topical)
	for d, err := range walk(ctx, x.v.Statements(own)) {
		if err != nil {
			ds.whole = false
			return err
		}
		home := uuid.Nil
		if topics := x.topics(d); len(topics) > 0 {
			home = slices.MinFunc(topics, compareIDs)
		}
		if _, known := ds.of[home]; known || !ds.whole && home != about {
			continue
		}
		if found[home] == nil {
			found[home] = &matter{about: []uuid.UUID{home}}
		}
		found[home].add(d)
	}
	if !ds.whole {
		ds.of[about] = found[about]
	}
	maps.Copy(ds.of, found)
	return nil
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

func (x *opposer) judge(ctx context.Context, first, second *graph.Reading) ([]*Opposition, error) {
	o := &Opposition{Affirmation: first, Denial: second}
	if stance(first).Polarity == events.Denied {
		o.Affirmation, o.Denial = second, first
	}
	if !x.opposes(&o.Denial.Claim, &o.Affirmation.Claim) {
		return nil, nil
	}
	o.SameOrigin = x.shareSpeaker(first, second)
	var err error
	if o.TakenBack, err = x.taken.either(ctx, first, second); err != nil {
		return nil, err
	}
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
