package graph

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
)

// Statement is a statement that a view shows: a light handle that reads what the
// graph keeps in memory. [Statement.Load] reads the whole of it from the record.
// Two walks give handles of one statement that are not equal: compare their ids, and use
// the ids as the keys of maps. It never changes, so it may be shared.
type Statement struct {
	v   *View
	row uint32
}

// Reading is a statement in full, as it is read in a view.
type Reading struct {
	ID       uuid.UUID
	Position events.Position // of the batch that recorded it
	Index    int             // its place among the events of the batch, from 0
	At       time.Time       // recorded at
	Recorder string

	// Statement is as it was recorded, read with the splits that stand in the
	// view. It belongs to the caller.
	events.Statement
}

func (s Statement) event() uint32    { return s.v.m.c.rows.event.at(s.row) }
func (s Statement) reading() reading { return s.v.m.c.readingOf(s.row) }

// ID returns the statement's id.
func (s Statement) ID() uuid.UUID {
	return *s.v.m.c.events.id.at(s.event())
}

// Predicate returns the claim's predicate.
func (s Statement) Predicate() string {
	return *s.v.m.c.symbols.name.at(s.reading().predicate)
}

// Source returns the source's id, empty for a desk's own inference.
func (s Statement) Source() uuid.UUID {
	return s.v.m.c.idOf(&s.v.m.c.sources, s.reading().source())
}

// Occurrence returns the claim's occurrence in canonical form, empty if it has
// none.
func (s Statement) Occurrence() uuid.UUID {
	return s.v.canonicalID(s.reading().occurrence())
}

// Form returns how the source words it.
func (s Statement) Form() events.Form {
	return s.reading().manner.form()
}

// Act returns what the origin does by saying it.
func (s Statement) Act() events.Act {
	return s.reading().manner.act()
}

// Conditional reports whether the claim itself depends on conditions.
func (s Statement) Conditional() bool {
	return s.reading().manner.conditional()
}

// Stance returns the origin's stance.
func (s Statement) Stance() events.Stance {
	return s.reading().stance
}

// Position returns the position of the batch that recorded it.
func (s Statement) Position() events.Position {
	return events.Position(s.v.m.positionOf(s.event()))
}

// Recorder returns who recorded it: a person's or a program's name, as its batch has it. If
// several have recorded the same statement, by id, it is the first. It reads nothing
// from the record, and costs a search for the batch, as Position does.
func (s Statement) Recorder() string {
	return *s.v.m.c.symbols.name.at(s.v.m.recorderOf(s.event()))
}

// Index returns its place among the events of the batch that recorded it, from
// 0.
func (s Statement) Index() int {
	return int(s.event() - s.v.m.c.batches.at(uint32(s.Position())-1).last)
}

// When returns the earliest and the latest instant of the claim's time, in
// seconds since 1970, and false if it has none.
func (s Statement) When() (earliest, latest int64, ok bool) {
	at := s.reading().when()
	if at == 0 {
		return edtf.MinInstant, edtf.MaxInstant, false
	}
	earliest, latest = s.v.m.c.times.bounds(at)
	return earliest, latest, true
}

// Constraint returns what the claim's time says, without its text. It has no
// stretches if the claim has no time.
func (s Statement) Constraint() edtf.Constraint {
	at := s.reading().when()
	if at == 0 {
		return edtf.Constraint{}
	}
	var buf [edtf.MaxMembers]edtf.Stretch
	c := s.v.m.c.times.constraint(at, &buf)
	c.Stretches = slices.Clone(c.Stretches)
	return c
}

// Said returns the earliest and the latest instant at which the origin said it,
// in seconds since 1970. If no time is recorded for that, it was said at some
// time up to the latest instant of its publication, or of its recording.
func (s Statement) Said() (earliest, latest int64) {
	return s.v.said(s.event(), s.reading())
}

// Published returns the earliest and the latest instant at which its source was
// published, in seconds since 1970, and false if it has no source or the view
// knows no time for it: then it was published at some time up to its recording.
func (s Statement) Published() (earliest, latest int64, ok bool) {
	return s.v.published(s.event(), s.reading())
}

// SourceRevised reports whether the view has the source by another registration
// than a view as of the statement's position: since then the source has been revised,
// or a registration retracted. It reads nothing from the record.
func (s Statement) SourceRevised() bool {
	source := s.reading().source()
	if source == 0 {
		return false
	}
	then := s.v.m
	then.asOf(then.positionOf(s.event()))
	head := s.v.m.c.sources.head.at(source)
	a, b := then.newest(head, false), s.v.m.newest(head, false)
	return s.v.m.c.rows.event.at(a) != s.v.m.c.rows.event.at(b)
}

// SaidKnown reports whether a time is recorded at which the origin said it.
func (s Statement) SaidKnown() bool {
	r := s.reading()
	return r.nvoices > 0 && r.said(r.voice(0)) != 0
}

// Roles returns the roles of the claim's arguments and the kinds of the values
// that fill them, in their order.
func (s Statement) Roles() iter.Seq2[string, events.ValueKind] {
	return func(yield func(string, events.ValueKind) bool) {
		c := s.v.m.c
		r := s.reading()
		for i := range uint32(r.nargs) {
			a := r.slot(i)
			if a.role != 0 && a.kind != unitOf && !yield(*c.symbols.name.at(a.role), a.kind) {
				return
			}
		}
	}
}

// Entities returns the roles and entities of the claim's arguments that are
// entities, in their order, the entities in canonical form.
func (s Statement) Entities() iter.Seq2[string, uuid.UUID] {
	return func(yield func(string, uuid.UUID) bool) {
		c := s.v.m.c
		r := s.reading()
		for i := range uint32(r.nargs) {
			a := r.slot(i)
			if a.kind == events.EntityValue && !yield(*c.symbols.name.at(a.role), s.v.canonicalID(r.ref(i))) {
				return
			}
		}
	}
}

// Ends returns what the claim connects: its occurrence, with an empty role, if it
// has one, then the roles and entities of the arguments that are entities, in
// their order. These are the entities as they stand in the statement, not in canonical
// form like those of Occurrence and Entities. So a caller who looks at many statements
// can ask [View.Canonical] about each entity once.
func (s Statement) Ends() iter.Seq2[string, uuid.UUID] {
	return func(yield func(string, uuid.UUID) bool) {
		c := s.v.m.c
		r := s.reading()
		if r.occurrence() != 0 && !yield("", *c.entities.id.at(r.occurrence())) {
			return
		}
		for i := range uint32(r.nargs) {
			a := r.slot(i)
			if a.kind == events.EntityValue && !yield(*c.symbols.name.at(a.role), *c.entities.id.at(r.ref(i))) {
				return
			}
		}
	}
}

// Speakers returns the speakers of one voice, 0 being the origin, in canonical
// form, and for whom they speak.
func (s Statement) Speakers(voice int) (speakers, fors []uuid.UUID) {
	r := s.reading()
	if voice < 0 || voice >= int(r.nvoices) {
		return nil, nil
	}
	o := r.voice(uint32(voice))
	for k := range uint32(o.speakers) + uint32(o.fors) {
		id := s.v.canonicalID(r.party(o, k))
		if k < uint32(o.speakers) {
			speakers = append(speakers, id)
		} else {
			fors = append(fors, id)
		}
	}
	return speakers, fors
}

// Voices returns how many voices the statement has.
func (s Statement) Voices() int {
	return int(s.reading().nvoices)
}

// Load reads the statement in full from the record: one read of the store for it
// and one for each split that changes how it is read, less what is in the cache.
// The error is ErrRedacted if it has been redacted meanwhile.
func (s Statement) Load(ctx context.Context) (*Reading, error) {
	n := s.event()
	e, err := s.v.g.read(ctx, n)
	if err != nil {
		return nil, err
	}
	st := &e.Body.(*events.StatementRecorded).Statement
	if splits, err := s.v.splitsOf(ctx, n); err != nil {
		return nil, err
	} else if len(splits) > 0 {
		st = splitStatement(e, splits)
	}
	if s.v.m.c.events.hidden(n) {
		return nil, fmt.Errorf("graph: statement %v: %w", e.ID, ErrRedacted)
	}
	return &Reading{e.ID, e.Position, s.Index(), e.At, e.Recorder, *st}, nil
}

// splitsOf returns the standing splits that change how a statement is read, in
// the order in which they were recorded.
func (v *View) splitsOf(ctx context.Context, statement uint32) (splits []*events.EntitySplit, err error) {
	for _, n := range v.m.eventsIn(v.m.c.events.head.at(statement), keySplitMention) {
		e, err := v.g.read(ctx, n)
		if err != nil {
			return nil, err
		}
		splits = append(splits, e.Body.(*events.EntitySplit))
	}
	return splits, nil
}

// Statement returns the statement with this id, if it stands as of the view's
// position, whether or not it passes the view's filters. ErrRedacted says that
// it has been redacted, ErrNotInView that there is no such statement or that it
// does not stand there.
func (v View) Statement(id uuid.UUID) (Statement, error) {
	n := v.m.c.events.find(id, v.m.events)
	if n == 0 || v.m.c.events.kind(n) != events.KindStatementRecorded || v.m.positionOf(n) > v.m.position {
		return Statement{}, fmt.Errorf("graph: statement %v: %w", id, ErrNotInView)
	}
	if v.m.c.events.hidden(n) {
		return Statement{}, fmt.Errorf("graph: statement %v: %w", id, ErrRedacted)
	}
	r := v.m.rowOf(n)
	if r == 0 {
		return Statement{}, fmt.Errorf("graph: statement %v has been removed: %w", id, ErrNotInView)
	}
	return Statement{&v, r}, nil
}

// Shows reports whether a view of the same graph shows the statement as it is
// read here: it stands there, perhaps again, is not redacted and passes the filters.
func (s Statement) Shows(v View) bool {
	if v.m.c == s.v.m.c && s.row < v.m.rows && v.m.c.rows.stands(s.row, v.m.position) {
		return v.shows(s.row)
	}
	if v.g != s.v.g || s.event() >= v.m.events {
		return false
	}
	r := v.m.rowOf(s.event())
	return r != 0 && v.m.c.readingOf(r).same(s.reading()) && v.shows(r)
}

// same reports whether a statement is read as in another reading of it, perhaps in other
// columns: only splits change how it is read, and only its entities.
func (r reading) same(other reading) bool {
	entities := func(r reading) (list []uint32) {
		any := func(uint32) bool { return true }
		r.restsOn(func(n uint32) bool { list = append(list, n); return true }, any, any)
		return list
	}
	return slices.Equal(entities(r), entities(other))
}

// Matches reports whether a pattern names the statement, under the identities of
// the view that it is from. Whether it passes the view's filters does not matter.
func (s Statement) Matches(p Pattern) bool {
	var q query
	return q.compile(s.v, &p) && q.matches(s.row)
}
