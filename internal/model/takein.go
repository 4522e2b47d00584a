package model

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// TakenIn is what has become of what another record has.
type TakenIn struct {
	New, Known int
	LeftOut    []uuid.UUID
}

// TakeIn records what another record has after a position, up to another, at a reading of the
// clock, under a desk's name. Of each event it tries what would become of all that is the
// record's own.
func (m *Model) TakeIn(desk string, from *Model, after, upTo events.Position, at time.Time) (t TakenIn) {
	theirs := from.asOf(upTo)
	for p := after + 1; p <= upTo; p++ {
		s, fresh := m.state(), []events.Event(nil)
		if s.pos, s.at = m.Last()+1, at; s.pos > 1 && at.Before(m.batches[s.pos-2].at) {
			s.at = m.batches[s.pos-2].at
		}
		for i, ev := range from.batches[p-1].events {
			here := s.find(ev.ID)
			gone := theirs.find(ev.ID).redacted
			if here != nil && (gone || SameContent(here.Body, ev.Body)) {
				t.Known++
				continue
			}
			ev := events.Event{ID: ev.ID, Body: ev.Body, Recorder: desk + ": " + from.batches[p-1].events[i].Recorder, At: at}
			next := s.clone()
			if here != nil || gone || ev.Kind() == events.KindVocabularyDeclared || s.late(theirs, ev) || next.add(ev) != nil || s.changesOwn(next, desk) {
				t.LeftOut = append(t.LeftOut, ev.ID)
				continue
			}
			s, fresh = next, append(fresh, ev)
			t.New++
		}
		if len(fresh) > 0 {
			m.batches = append(m.batches, batch{s.at, fresh})
		}
	}
	return t
}

// changesOwn reports whether in another state something is otherwise that a desk has not
// recorded.
func (s *state) changesOwn(next *state, desk string) bool {
	for _, e := range s.entries {
		if strings.HasPrefix(e.Recorder, desk+": ") {
			continue
		}
		now := next.find(e.ID)
		if now.standing != e.standing || now.remover != e.remover || now.redacted != e.redacted {
			return true
		}
		if e.statement() != nil && !SameContent(&events.StatementRecorded{Statement: s.reading(e)}, &events.StatementRecorded{Statement: next.reading(now)}) {
			return true
		}
		if s.registering(e.Body) == e && next.registering(e.Body) != now {
			return true
		}
	}
	return false
}

// late reports whether what registers a thing now is later in their record. What is not there
// is own, or later than all that is.
func (s *state) late(theirs *state, ev events.Event) bool {
	newest := s.registering(ev.Body)
	if newest == nil {
		return false
	}
	place := func(id uuid.UUID) int {
		return slices.IndexFunc(theirs.entries, func(e *entry) bool { return e.ID == id })
	}
	return place(newest.ID) > place(ev.ID)
}

// registering returns what registers last, of what stands, the thing that a body registers.
func (s *state) registering(body events.Body) (newest *entry) {
	thing := func(b events.Body) (id uuid.UUID) {
		switch b := b.(type) {
		case *events.SourceAdded:
			id = b.Source.ID
		case *events.EntityRegistered:
			id = b.Entity.ID
		}
		return id
	}
	for _, e := range s.standing() {
		if id := thing(e.Body); id != uuid.Nil && id == thing(body) {
			newest = e
		}
	}
	return newest
}
