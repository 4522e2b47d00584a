package graph

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// Entity is what a view knows of an entity and of those that are the same.
type Entity struct {
	ID uuid.UUID // canonical: the smallest id of the cluster
	// Kind, Name and Note are those of the member that was registered first; the
	// package comment says which members count.
	Kind    events.EntityKind
	Name    events.Name
	Note    string
	Members []uuid.UUID // the cluster, ascending
	// Names are all names in use: first each member's as it is registered, in the
	// order in which they were registered first, then the others in order of recording.
	Names []NameUse
	// Unsure are the entities that a standing verdict holds to be perhaps the
	// same, in canonical form, ascending.
	Unsure []uuid.UUID
	// Redacted says that nothing is left of how it was registered.
	Redacted bool
}

// NameUse is a name and where it is in use.
type NameUse struct {
	events.Name
	Member uuid.UUID // the entity that was registered or named so
	Source uuid.UUID // where it is used so; may be empty
	Event  uuid.UUID
}

func (c *columns) idOf(t *things, n uint32) uuid.UUID {
	if n == 0 {
		return uuid.Nil
	}
	return *t.id.at(n)
}

func (v *View) canonicalID(n uint32) uuid.UUID {
	if n == 0 {
		return uuid.Nil
	}
	return *v.m.c.entities.id.at(v.m.canonical(n))
}

// Canonical returns the canonical id of the entity's cluster: the smallest. The id of an
// entity that the view does not know is canonical. Each call walks the verdicts that hold the
// cluster together, which has at most events.MaxCluster members. So does whatever else gives
// entities in canonical form, such as [Statement.Entities]. [Numbers.Canonical] remembers.
func (v View) Canonical(id uuid.UUID) uuid.UUID {
	n := v.m.c.entities.find(id, v.m.entities)
	if n == 0 {
		return id
	}
	return v.canonicalID(n)
}

// Cluster returns the ids of the entities that are the same as this one, itself
// included, ascending; none if the view does not know it.
func (v View) Cluster(id uuid.UUID) []uuid.UUID {
	return v.sortedIDs(v.members(id))
}

func (v *View) sortedIDs(ns []uint32) (ids []uuid.UUID) {
	for _, n := range ns {
		ids = append(ids, *v.m.c.entities.id.at(n))
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(ids)
}

// Entity returns what the view knows of an entity, reading its names from the
// record. It leaves out what any process redacts meanwhile. If the entity is not
// registered as of the view's position the error is ErrNotInView.
func (v View) Entity(ctx context.Context, id uuid.UUID) (*Entity, error) {
	ns := v.members(id)
	x := &Entity{ID: id, Members: v.sortedIDs(ns)}
	registered := false
	var named, unsure []uint32
	slices.Sort(ns) // in the order in which they were registered first
	for _, n := range ns {
		head := v.m.c.entities.head.at(n)
		v.m.verdictsOn(n, func(other uint32, verdict events.Verdict, _ uint32) bool {
			if verdict == events.Unsure && !slices.Contains(ns, other) {
				unsure = append(unsure, v.m.canonical(other))
			}
			return true
		})
		e, err := v.registration(ctx, n, head)
		registered = registered || !errors.Is(err, ErrNotInView)
		switch {
		case err == nil:
			b := e.Body.(*events.EntityRegistered).Entity
			if x.Kind == 0 || x.Kind == events.Placeholder && b.Kind != events.Placeholder {
				x.Kind, x.Name, x.Note = b.Kind, b.Name, b.Note
			}
			x.Names = append(x.Names, NameUse{Name: b.Name, Member: b.ID, Event: e.ID})
		case !errors.Is(err, ErrNotInView) && !errors.Is(err, ErrRedacted):
			return nil, err
		}
		named = append(named, v.m.eventsIn(head, keyNamed)...)
	}
	if !registered {
		return nil, fmt.Errorf("graph: entity %v: %w", id, ErrNotInView)
	}
	x.ID = x.Members[0]
	slices.Sort(named)
	for _, n := range named {
		e, err := v.g.read(ctx, n)
		if errors.Is(err, ErrRedacted) || v.m.c.events.hidden(n) {
			continue
		}
		if err != nil {
			return nil, err
		}
		b := e.Body.(*events.EntityNamed)
		x.Names = append(x.Names, NameUse{b.Name, b.Entity, b.Source, e.ID})
	}
	x.Unsure = v.sortedIDs(unsure)
	x.Redacted = x.Kind == 0
	return x, nil
}

// Kind returns the kind of an entity as [View.Entity] has it, 0 if it is not
// registered in the view. It reads nothing from the record.
func (v View) Kind(id uuid.UUID) (kind events.EntityKind) {
	ns := v.members(id)
	slices.Sort(ns)
	for _, n := range ns {
		r := v.m.newest(v.m.c.entities.head.at(n), false)
		if r == 0 {
			continue
		}
		k := v.m.c.namings.at(v.m.c.rows.what(r)).kind
		if kind == 0 || kind == events.Placeholder && k != events.Placeholder {
			kind = k
		}
	}
	return kind
}

// Registered returns an entity by itself, without what is the same: as its newest
// standing registration has it, read from the record. If there is none as of the
// view's position the error is ErrNotInView, and ErrRedacted if all are redacted.
func (v View) Registered(ctx context.Context, id uuid.UUID) (*events.Entity, error) {
	n := v.m.c.entities.find(id, v.m.entities)
	e, err := v.registration(ctx, n, v.m.c.entities.head.at(n))
	if err != nil {
		return nil, fmt.Errorf("graph: entity %v: %w", id, err)
	}
	return &e.Body.(*events.EntityRegistered).Entity, nil
}

// Registrations returns the standing events that register a source, or that register or
// name an entity, in the order in which they were recorded, with redacted ones. Like
// [View.Registered], it looks at the entity by itself. To retract the thing, retract all of
// them with Cascade: those of an entity in reverse order, since names fall with what they
// name, and those of a source in this order, so that none of its older registrations comes
// back. It reads nothing from the record.
func (v View) Registrations(id uuid.UUID) (ids []uuid.UUID) {
	var ns []uint32
	if n := v.m.c.sources.find(id, v.m.sources); n != 0 {
		ns = v.m.eventsIn(v.m.c.sources.head.at(n), keyRegistered)
	}
	if n := v.m.c.entities.find(id, v.m.entities); n != 0 {
		head := v.m.c.entities.head.at(n)
		ns = append(append(ns, v.m.eventsIn(head, keyRegistered)...), v.m.eventsIn(head, keyNamed)...)
		slices.Sort(ns)
	}
	for _, n := range ns {
		ids = append(ids, *v.m.c.events.id.at(n))
	}
	return ids
}

// registration reads the event by which the view has a thing, given its number: its
// newest registration that stands and is not redacted. If there is none the error is
// ErrNotInView or ErrRedacted.
func (v *View) registration(ctx context.Context, n uint32, head *uint32) (*events.Event, error) {
	if n == 0 || v.m.newest(head, true) == 0 {
		return nil, ErrNotInView
	}
	r := v.m.newest(head, false)
	if r == 0 {
		return nil, ErrRedacted
	}
	e, err := v.g.read(ctx, v.m.c.rows.event.at(r))
	if !errors.Is(err, ErrRedacted) {
		return e, err
	}
	// Another process has erased it, and perhaps others.
	for _, n := range slices.Backward(v.m.eventsIn(head, keyRegistered)) {
		if v.m.c.events.hidden(n) {
			continue
		}
		if e, err = v.g.read(ctx, n); !errors.Is(err, ErrRedacted) {
			return e, err
		}
	}
	return nil, ErrRedacted
}

// SameLink is an entity held to be the same as the one before it in a chain.
type SameLink struct {
	Entity  uuid.UUID
	Verdict uuid.UUID // the event that joined it to the one before; empty for the first
}

// WhySame returns a shortest chain of verdicts by which the view holds two
// entities to be one, from a to b; none if it does not.
func (v View) WhySame(a, b uuid.UUID) []SameLink {
	na, nb := v.m.c.entities.find(a, v.m.entities), v.m.c.entities.find(b, v.m.entities)
	if na == 0 || nb == 0 {
		return nil
	}
	var chain []SameLink
	for _, s := range v.m.chain(na, nb) {
		l := SameLink{Entity: *v.m.c.entities.id.at(s.entity)}
		if s.event != 0 {
			l.Verdict = *v.m.c.events.id.at(s.event)
		}
		chain = append(chain, l)
	}
	return chain
}

// Source returns a source as its newest standing registration has it, read from
// the record. If there is none as of the view's position the error is
// ErrNotInView, and ErrRedacted if all are redacted.
func (v View) Source(ctx context.Context, id uuid.UUID) (*events.Source, error) {
	n := v.m.c.sources.find(id, v.m.sources)
	e, err := v.registration(ctx, n, v.m.c.sources.head.at(n))
	if err != nil {
		return nil, fmt.Errorf("graph: source %v: %w", id, err)
	}
	return &e.Body.(*events.SourceAdded).Source, nil
}

// Link is a recorder's judgement on how one statement bears on another.
type Link struct {
	ID   uuid.UUID // of the event
	From uuid.UUID
	Type events.LinkType
	To   uuid.UUID
}

// Links returns the links that recorders made from or to a statement and that
// stand, in the order in which they were recorded. Links that a text makes are
// statements: [Pattern.Refers] finds them. The view's filters do not apply.
func (v View) Links(statement uuid.UUID) (links []Link) {
	n := v.m.c.events.find(statement, v.m.events)
	if n == 0 {
		return nil
	}
	head := v.m.c.events.head.at(n)
	found := append(v.m.eventsIn(head, keyLinkFrom), v.m.eventsIn(head, keyLinkTo)...)
	slices.Sort(found)
	for _, n := range slices.Compact(found) {
		if v.m.c.events.hidden(n) {
			continue
		}
		l := v.m.c.links.at(v.m.c.whatOf(n))
		links = append(links, Link{*v.m.c.events.id.at(n), *v.m.c.events.id.at(l.from), l.typ, *v.m.c.events.id.at(l.to)})
	}
	return links
}

// Splits returns the splits that stand and name a statement, in the order in which they were
// recorded, whether or not the statement stands. [View.Event] has them. The view's filters do
// not apply.
func (v View) Splits(statement uuid.UUID) (ids []uuid.UUID) {
	n := v.m.c.events.find(statement, v.m.events)
	if n == 0 {
		return nil
	}
	for _, split := range v.m.eventsIn(v.m.c.events.head.at(n), keySplitMention) {
		ids = append(ids, *v.m.c.events.id.at(split))
	}
	return ids
}

// Replaced yields the statement that this one has replaced, then the one that that one had
// replaced, and so on; nothing unless this one stands in the view or has been replaced itself.
func (v View) Replaced(statement uuid.UUID) iter.Seq[uuid.UUID] {
	return func(yield func(uuid.UUID) bool) {
		n := v.m.c.events.find(statement, v.m.events)
		if n == 0 || v.m.positionOf(n) > v.m.position || v.m.c.events.kind(n) != events.KindStatementRecorded || !v.m.isThere(n) {
			return
		}
		for n = v.m.replacedBy(n); n != 0; n = v.m.replacedBy(n) {
			if !yield(*v.m.c.events.id.at(n)) {
				return
			}
		}
	}
}

// Assessment is a rating, as it was recorded.
type Assessment struct {
	ID       uuid.UUID // of the event
	Recorder string
	events.Assessed
}

// Assessments returns the standing ratings of a source or a statement, in the
// order in which they were recorded. It leaves out what any process redacts meanwhile.
func (v View) Assessments(ctx context.Context, of uuid.UUID) (found []Assessment, err error) {
	var ns []uint32
	if n := v.m.c.sources.find(of, v.m.sources); n != 0 {
		ns = v.m.eventsIn(v.m.c.sources.head.at(n), keyAssessed)
	}
	if n := v.m.c.events.find(of, v.m.events); n != 0 {
		ns = append(ns, v.m.eventsIn(v.m.c.events.head.at(n), keyAssessed)...)
	}
	for _, n := range ns {
		e, err := v.g.read(ctx, n)
		if errors.Is(err, ErrRedacted) || v.m.c.events.hidden(n) {
			continue
		}
		if err != nil {
			return nil, err
		}
		found = append(found, Assessment{e.ID, e.Recorder, *e.Body.(*events.Assessed)})
	}
	return found, nil
}

// Events returns the events that were recorded after a position, up to the view's, in the
// order of the record, whether or not they stand. If the position is not before the view's,
// there are none. The view's filters do not apply. A redacted event has its kind but no body.
// Each event is read from the record when its turn comes. An error ends the sequence, as does
// the end of ctx. The sequence may be ranged over again.
func (v View) Events(ctx context.Context, after events.Position) iter.Seq2[*events.Event, error] {
	return func(yield func(*events.Event, error) bool) {
		if after >= v.Position() {
			return
		}
		c := v.m.c
		for n := c.batches.at(uint32(after)).last; n < c.batches.at(v.m.position).last; n++ {
			if err := ctx.Err(); err != nil {
				yield(nil, fmt.Errorf("graph: events: %w", err))
				return
			}
			e, erased, err := v.g.event(ctx, n)
			if err != nil {
				yield(nil, err)
				return
			}
			if erased || c.events.hidden(n) {
				e.Body, e.Redacted = nil, c.events.kind(n)
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

// Event returns any event as it was recorded, whether or not it stands. If it
// has not been recorded as of the view's position the error is ErrNotInView, and
// ErrRedacted if it is redacted.
func (v View) Event(ctx context.Context, id uuid.UUID) (*events.Event, error) {
	n := v.m.c.events.find(id, v.m.events)
	if n == 0 || v.m.positionOf(n) > v.m.position {
		return nil, fmt.Errorf("graph: event %v: %w", id, ErrNotInView)
	}
	if v.m.c.events.hidden(n) {
		return nil, fmt.Errorf("graph: event %v: %w", id, ErrRedacted)
	}
	return v.g.read(ctx, n)
}
