package model

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
)

// Model is a record, kept as the list of its batches. It must not be used from
// several goroutines at once.
type Model struct {
	batches []batch
}

// batch is what one position recorded.
type batch struct {
	at     time.Time // the running maximum of the recorder's clock; its events keep their own
	events []events.Event
}

// New returns an empty record.
func New() *Model { return &Model{} }

// Class is what became of a batch.
type Class int

// The classes, in the order in which they are decided.
const (
	Recorded Class = iota // all of it stands in the record now
	Conflict              // an id is recorded already, with other content
	Changed               // a condition does not hold any more
	Outdated              // others have revised what it registers or declares
	Refused               // a rule is broken
)

func (c Class) String() string {
	return [...]string{"recorded", "conflict", "changed", "outdated", "refused"}[c]
}

// Outcome is the answer to a batch.
type Outcome struct {
	Class    Class
	Position events.Position // of the new events, or if there are none of the last of the batch's
	New      int             // events that had not been recorded before
	Why      string          // for a reader; not to be compared
}

// Record records a batch, all of it or nothing, at a reading of the clock. The
// batch must have passed every check that needs no knowledge of the record.
func (m *Model) Record(b events.Batch, at time.Time) Outcome {
	return m.RecordIf(b, at)
}

// RecordIf is Record on conditions, all of which must hold.
func (m *Model) RecordIf(b events.Batch, at time.Time, conds ...Condition) Outcome {
	now := m.state()
	var fresh []events.Event
	var last events.Position
	for _, ev := range b.Events {
		old := now.find(ev.ID)
		known := old != nil
		var body events.Body
		if known {
			body, last = old.Body, max(last, old.Position)
		}
		for _, earlier := range fresh {
			if earlier.ID == ev.ID {
				known, body = true, earlier.Body
			}
		}
		switch {
		case !known:
			fresh = append(fresh, ev)
		case !SameContent(body, ev.Body):
			return Outcome{Class: Conflict, Why: fmt.Sprintf("id %v has other content", ev.ID)}
		}
	}
	if len(fresh) == 0 {
		return Outcome{Class: Recorded, Position: last}
	}

	for _, c := range conds {
		if must, _ := m.Changed(c); must != "" {
			return Outcome{Class: Changed, Why: must}
		}
	}

	for _, ev := range fresh {
		if b.AsOf == nil && ev.AsOf == 0 {
			continue
		}
		if why := m.outdated(b, ev); why != "" {
			return Outcome{Class: Outdated, Why: why}
		}
	}

	latest := at
	if n := len(m.batches); n > 0 && at.Before(m.batches[n-1].at) {
		latest = m.batches[n-1].at
	}
	now.pos, now.at = m.Last()+1, latest
	for i := range fresh {
		fresh[i].Recorder, fresh[i].At = b.Recorder, at
		if err := now.add(fresh[i]); err != nil {
			return Outcome{Class: Refused, Why: fmt.Sprintf("%v %v: %v", fresh[i].Kind(), fresh[i].ID, err)}
		}
	}
	m.batches = append(m.batches, batch{latest, fresh})
	return Outcome{Class: Recorded, Position: m.Last(), New: len(fresh)}
}

// Last returns the last position, 0 if nothing is recorded.
func (m *Model) Last() events.Position { return events.Position(len(m.batches)) }

// IDs returns the ids of all events, in the order of the record.
func (m *Model) IDs() []uuid.UUID {
	return m.After(0)
}

// After returns the ids of the events recorded after a position, in order.
func (m *Model) After(p events.Position) []uuid.UUID {
	var ids []uuid.UUID
	for _, b := range m.batches[p:] {
		for _, ev := range b.events {
			ids = append(ids, ev.ID)
		}
	}
	return ids
}

// state replays the whole record.
func (m *Model) state() *state { return m.replay(m.Last()) }

// replay returns what stands as of a position, with what is redacted by then.
func (m *Model) replay(p events.Position) *state {
	s := &state{}
	m.steps(p, func(next *state) { s = next })
	return s
}

// steps replays the record up to a position and calls yield after each event.
func (m *Model) steps(p events.Position, yield func(*state)) {
	s := &state{}
	for i, b := range m.batches[:min(int(p), len(m.batches))] {
		s.pos, s.at = events.Position(i+1), b.at
		for _, ev := range b.events {
			if err := s.add(ev); err != nil {
				panic(fmt.Sprintf("model: replaying what was recorded: %v", err))
			}
			yield(s)
		}
	}
}

// asOf is replay with everything hidden that is redacted by now: a redaction
// reaches into every view.
func (m *Model) asOf(p events.Position) *state {
	s := m.replay(p)
	for _, b := range m.batches {
		for _, ev := range b.events {
			if r, ok := ev.Body.(*events.Redacted); ok {
				if e := s.find(r.Event); e != nil {
					e.redacted = true
				}
			}
		}
	}
	return s
}

// Kind returns the kind of an event, redacted or not.
func (m *Model) Kind(id uuid.UUID) events.Kind {
	for _, b := range m.batches {
		for i := range b.events {
			if b.events[i].ID == id {
				return b.events[i].Kind()
			}
		}
	}
	return 0
}

// Redacted reports whether an event has been redacted.
func (m *Model) Redacted(id uuid.UUID) bool {
	e := m.state().find(id)
	return e != nil && e.redacted
}

// SameContent reports whether two bodies say the same. No list and an empty
// list are the same, and so are times of the same text.
func SameContent(a, b events.Body) bool {
	return a.Kind() == b.Kind() && same(reflect.ValueOf(a), reflect.ValueOf(b))
}

var timeType = reflect.TypeFor[edtf.Time]()

func same(a, b reflect.Value) bool {
	if a.Type() == timeType {
		return a.Interface().(edtf.Time).String() == b.Interface().(edtf.Time).String()
	}
	switch a.Kind() {
	case reflect.Pointer:
		if a.IsNil() || b.IsNil() {
			return a.IsNil() == b.IsNil()
		}
		return same(a.Elem(), b.Elem())
	case reflect.Struct:
		for i := range a.NumField() {
			if !same(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	case reflect.Slice, reflect.Array:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !same(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	}
	return a.Equal(b)
}

// sorted returns ids in ascending order, each once.
func sorted(ids []uuid.UUID) []uuid.UUID {
	ids = slices.Clone(ids)
	slices.SortFunc(ids, compareIDs)
	return slices.Compact(ids)
}

func compareIDs(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }
