package graph

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// NewBatch starts a batch for a recorder, a person's or a program's name, that knows
// the record ([events.Builder.Knowing]): what it mentions again stays as it is there but
// for what it says anew, the record's predicates are declared, and the authors of its
// sources are known. The ids that it makes are those of [Graph.Key].
//
// The builder sees the graph as it is whenever it looks something up. What it has to
// read, once for each source that it mentions, it reads as [View.Source] does, and waits
// for the store as long as that takes.
func (g *Graph) NewBatch(recorder string) *events.Builder {
	if s := g.sealOf(); s != nil {
		return s.NewBatch(recorder).Knowing(onRecord{g})
	}
	return events.NewBatch(recorder).Knowing(onRecord{g})
}

// Key returns the id of a thing that has a natural key: that of [events.Key], or in
// an erasable record that of [events.Seal.Key], which nobody can guess without the
// keys.
func (g *Graph) Key(parts ...string) uuid.UUID {
	if s := g.sealOf(); s != nil {
		return s.Key(parts...)
	}
	return events.Key(parts...)
}

// onRecord is what a builder is told of the record.
type onRecord struct{ g *Graph }

var _ events.Recorded = onRecord{}

func (r onRecord) Event(id uuid.UUID) (stands, ok bool) {
	m := r.g.seen.Load()
	n := m.c.events.find(id, m.events)
	return n != 0 && m.rowOf(n) != 0 && !m.c.events.hidden(n), n != 0
}

func (r onRecord) Registered(thing uuid.UUID) (stands, redacted bool) {
	m := r.g.seen.Load()
	var head *uint32
	if n := m.c.entities.find(thing, m.entities); n != 0 {
		head = m.c.entities.head.at(n)
	} else if n := m.c.sources.find(thing, m.sources); n != 0 {
		head = m.c.sources.head.at(n)
	}
	switch {
	case head == nil:
		return false, false
	case m.newest(head, false) != 0:
		return true, false
	}
	stands = m.registered(head)
	return stands, stands
}

func (r onRecord) Registration(thing uuid.UUID) (*events.Event, error) {
	v := r.g.View(nil)
	head := v.m.c.sources.head.at
	n := v.m.c.sources.find(thing, v.m.sources)
	if n == 0 {
		head = v.m.c.entities.head.at
		n = v.m.c.entities.find(thing, v.m.entities)
	}
	e, err := v.registration(context.Background(), n, head(n))
	if errors.Is(err, ErrNotInView) || errors.Is(err, ErrRedacted) {
		return nil, nil
	}
	return e, err
}

func (r onRecord) Predicate(name string) (events.Predicate, bool, error) {
	return r.g.View(nil).Predicate(context.Background(), name)
}
