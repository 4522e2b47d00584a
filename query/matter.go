package query

import (
	"context"
	"errors"
	"hash/maphash"
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// matter is statements about the same entities, or about none, by what else their claims
// hold: once read, each is under the [comparer.marks] of its claim. So of many that say
// different things about somebody only those are looked at that may say the same.
type matter struct {
	about  []uuid.UUID // in canonical form
	unread []timed
	marked map[uint64][]timed
	stance events.Stance // of the first
	mixed  bool          // the stance of another is another
}

// timed is a statement with the bounds of its claim's time.
type timed struct {
	ranked
	when bounds
}

func (m *matter) add(s graph.Statement) {
	if stance := s.Stance(); m.unread == nil {
		m.stance = stance
	} else if stance != m.stance {
		m.mixed = true
	}
	m.unread = append(m.unread, timed{rank(s), boundsOf(s)})
}

// any reports whether a statement whose time may meet others passes.
func (m *matter) any(when bounds, passes func(timed) bool) bool {
	meets := func(s timed) bool { return when.meet(s.when) && passes(s) }
	if slices.ContainsFunc(m.unread, meets) {
		return true
	}
	for _, list := range m.marked {
		if slices.ContainsFunc(list, meets) {
			return true
		}
	}
	return false
}

// topical are matters by the entity that they are about, and by the empty id what is
// about none.
type topical map[uuid.UUID]*matter

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
			if found[e] == nil {
				found[e] = &matter{about: []uuid.UUID{e}}
			}
			found[e].add(s)
		}
	}
	return found, nil
}

// about returns the matters of what a statement is about, and of what is about nobody.
func (l topical) about(topics []uuid.UUID) (found []*matter) {
	for _, e := range append(topics, uuid.Nil) {
		if m := l[e]; m != nil {
			found = append(found, m)
		}
	}
	return found
}

// unmarked is the mark of claims that hold nothing else.
const unmarked = 0

// marks returns hashes of what a claim holds besides some entities: what one argument
// holds for another has one mark. It returns at least one.
func (c *comparer) marks(cl *events.Claim, besides []uuid.UUID) (marks []uint64) {
	for i := range cl.Args {
		v := &cl.Args[i].Value
		if v.Kind == events.EntityValue && slices.Contains(besides, c.canonical(v.ID)) {
			continue
		}
		marks = append(marks, maphash.String(c.seed, c.part(&cl.Args[i])))
	}
	if marks == nil {
		return []uint64{unmarked}
	}
	return marks
}

// akin returns those statements of some matters that may hold all that a claim holds, or
// the other way round, and whose times may meet, and perhaps more, in any order and
// perhaps several times. It reads those whose times may meet, each once for each matter
// that it is in, and the claim, through own, if there are any.
func (c *comparer) akin(ctx context.Context, among []*matter, when bounds, own func() (*graph.Reading, error)) (found recorded, err error) {
	among = slices.DeleteFunc(among, func(m *matter) bool { return !m.any(when, func(timed) bool { return true }) })
	if len(among) == 0 {
		return nil, nil
	}
	r, err := own()
	if err != nil {
		return nil, err
	}
	for _, m := range among {
		marks := c.marks(&r.Claim, m.about)
		if err := c.mark(ctx, m, when); err != nil {
			return nil, err
		}
		collect := func(list []timed) {
			for _, s := range list {
				if when.meet(s.when) {
					found = append(found, s.ranked)
				}
			}
		}
		if marks[0] == unmarked {
			for _, list := range m.marked {
				collect(list)
			}
			continue
		}
		collect(m.marked[unmarked])
		for _, mark := range marks {
			collect(m.marked[mark])
		}
	}
	return found, nil
}

// mark reads what is unread of a matter and whose times may meet others.
func (c *comparer) mark(ctx context.Context, m *matter, when bounds) error {
	for i, s := range slices.Backward(m.unread) {
		if !when.meet(s.when) {
			continue
		}
		last := len(m.unread) - 1
		m.unread[i] = m.unread[last] // which has been looked at
		m.unread = m.unread[:last]
		r, err := c.load(ctx, s.Statement)
		if errors.Is(err, graph.ErrRedacted) {
			continue
		}
		if err != nil {
			return err
		}
		if m.marked == nil {
			m.marked = make(map[uint64][]timed)
		}
		for _, mark := range c.marks(&r.Claim, m.about) {
			m.marked[mark] = append(m.marked[mark], s)
		}
	}
	return nil
}
