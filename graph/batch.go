package graph

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// NewBatch starts a batch for a recorder, a person's or a program's name. Its builder knows
// the record ([events.Builder.Knowing]): what it mentions again stays as it is there except
// for what it says anew, the record's predicates are declared, and the authors of its
// sources are known. The ids that it makes are those of [Graph.Key].
//
// [Graph.Record] refuses the batch with ErrOutdated if others revise what it declares between
// this call and its being recorded, or if they revise a source or an entity that it registers,
// after the builder first mentioned it: build it anew, as [Graph.Update] does. Record does so,
// too, if they have registered that source or entity meanwhile and retracted it again, which
// the batch would bring back; the error says who has, when and why.
//
// The builder sees the graph as it is whenever it looks something up, and only what is on
// record then: not what another batch says that is still on its way, as in a sequence for
// [Graph.RecordAll]. Make batches that build on one another with one builder
// ([events.Builder.Batches]), or begin each when the one before it is on record.
//
// The builder reads once for each source that it mentions, as [View.Source] does. It uses this
// context, which must live as long as the builder is used. If the context ends while the
// store is being read, or the store fails, [events.Builder.Batch] returns that as its error.
func (g *Graph) NewBatch(ctx context.Context, recorder string) *events.Builder {
	if s := g.sealOf(); s != nil {
		return s.NewBatch(recorder).Knowing(ctx, onRecord{g})
	}
	return events.NewBatch(recorder).Knowing(ctx, onRecord{g})
}

// Update records what build says to a builder of [Graph.NewBatch], as one batch. If others
// revise what the batch registers or declares while it is built (ErrOutdated), Update builds it
// anew, upon what they have said, until it is recorded or the context ends. Use it to change
// what others change, too. Of those who do so at once at least one is recorded each time, so
// the calls of many who revise one thing may build as often as the square of their number.
//
// build may be called several times, and must have no effect but on the builder. If it returns
// an error, Update returns that as it is, and nothing is recorded. If it says nothing at all,
// it is refused, as an empty batch is. What build reads in a view may have changed when the
// batch is recorded; [Graph.RecordIf] guards against that.
func (g *Graph) Update(ctx context.Context, recorder string, build func(*events.Builder) error) (Receipt, error) {
	for {
		b := g.NewBatch(ctx, recorder)
		if err := build(b); err != nil {
			return Receipt{}, err
		}
		batch, err := b.Batch()
		if err != nil {
			return Receipt{}, err
		}
		r, err := g.Record(ctx, batch)
		if !errors.Is(err, ErrOutdated) {
			return r, err
		}
		if ctx.Err() != nil {
			return Receipt{}, ctx.Err()
		}
	}
}

// Key returns the id of a thing that has a natural key: that of [events.Key], or in
// an erasable record that of [events.Seal.Key], which nobody can guess without the
// keys. With [events.EntityKey] it is the id that a batch makes of an entity's name;
// with ("source", url) it is that of a source. Nothing is looked up or recorded.
func (g *Graph) Key(parts ...string) uuid.UUID {
	if s := g.sealOf(); s != nil {
		return s.Key(parts...)
	}
	return events.Key(parts...)
}

// onRecord is what a builder is told of the record.
type onRecord struct{ g *Graph }

var _ events.Recorded = onRecord{}

func (r onRecord) Position() events.Position { return events.Position(r.g.seen.Load().position) }

func (r onRecord) Event(id uuid.UUID) (stands, ok bool) {
	m := r.g.seen.Load()
	n := m.c.events.find(id, m.events)
	return n != 0 && m.rowOf(n) != 0 && !m.c.events.hidden(n), n != 0
}

func (r onRecord) Registered(thing uuid.UUID) (stands, redacted bool) {
	m := r.g.seen.Load()
	n, head := m.thing(thing)
	if n == 0 || m.newest(head, false) != 0 {
		return n != 0, false
	}
	stands = m.registered(head)
	return stands, stands
}

func (r onRecord) Retracted(thing uuid.UUID) (by uuid.UUID, ok bool) {
	m := r.g.seen.Load()
	entity, source := m.c.entities.find(thing, m.entities), m.c.sources.find(thing, m.sources)
	if entity == 0 && source == 0 || m.entityStands(entity) || m.sourceStands(source) {
		return uuid.Nil, false
	}
	newest := uint32(0)
	look := func(head *uint32) {
		m.c.post.raw(m.c.post.find(atomic.LoadUint32(head), keyRegistered, m.lists), m.rows, func(row uint32) bool {
			newest = max(newest, m.c.rows.event.at(row))
			return true
		})
	}
	if entity != 0 {
		look(m.c.entities.head.at(entity))
	}
	if source != 0 {
		look(m.c.sources.head.at(source))
	}
	return View{g: r.g, m: *m}.RemovedBy(*m.c.events.id.at(newest))
}

// Kind tells what checking against the declared roles needs to know ([events.Builder.Batch]).
func (r onRecord) Kind(entity uuid.UUID) (events.EntityKind, bool) {
	m := r.g.seen.Load()
	n := m.c.entities.find(entity, m.entities)
	if n == 0 {
		return 0, false
	}
	row := m.newest(m.c.entities.head.at(n), true)
	return m.c.namings.at(m.c.rows.what(row)).kind, row != 0
}

// Replaces, RemovedBy and Redacted tell what has removed what ([events.Builder.RetractVersions],
// [events.Builder.Restore]).
func (r onRecord) Replaces(statement uuid.UUID) uuid.UUID {
	m := r.g.seen.Load()
	n := m.c.events.find(statement, m.events)
	if n == 0 || m.c.events.kind(n) != events.KindStatementRecorded {
		return uuid.Nil
	}
	return *m.c.events.id.at(m.replacedBy(n))
}

func (r onRecord) RemovedBy(event uuid.UUID) (by uuid.UUID, kind events.Kind, ok bool) {
	v := View{g: r.g, m: *r.g.seen.Load()}
	if by, ok = v.RemovedBy(event); ok {
		kind = v.m.c.events.kind(v.m.c.events.find(by, v.m.events))
	}
	return by, kind, ok
}

func (r onRecord) Redacted(event uuid.UUID) bool {
	m := r.g.seen.Load()
	n := m.c.events.find(event, m.events)
	return n != 0 && m.c.events.hidden(n)
}

func (r onRecord) Registration(ctx context.Context, thing uuid.UUID) (*events.Event, error) {
	v := r.g.View(nil)
	n, head := v.m.thing(thing)
	e, err := v.registration(ctx, n, head)
	if errors.Is(err, ErrNotInView) || errors.Is(err, ErrRedacted) {
		return nil, nil
	}
	return e, err
}

// thing returns the number of the entity or the source with an id, that of the one that
// stands if the id has been that of both, and the head of its posting lists.
func (m *moment) thing(id uuid.UUID) (n uint32, head *uint32) {
	n = m.c.entities.find(id, m.entities)
	if source := m.c.sources.find(id, m.sources); source != 0 && !m.entityStands(n) {
		return source, m.c.sources.head.at(source)
	}
	return n, m.c.entities.head.at(n)
}

func (r onRecord) Predicate(ctx context.Context, name string) (events.Predicate, bool, error) {
	return r.g.View(nil).Predicate(ctx, name)
}

func (r onRecord) Scheme(ctx context.Context, name string) (events.Scheme, bool, error) {
	return r.g.View(nil).Scheme(ctx, name)
}
