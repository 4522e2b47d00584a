package model

import (
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// Judged is a verdict with the event that gave it.
type Judged struct {
	ID       uuid.UUID
	Position events.Position
	Recorder string
	events.IdentityJudged
}

// judged returns all standing verdicts, in the order of the record.
func (s *state) judged() (found []Judged) {
	for _, e := range s.standing() {
		if b, ok := e.Body.(*events.IdentityJudged); ok {
			found = append(found, Judged{e.ID, e.Position, e.Recorder, *b})
		}
	}
	return found
}

// Verdicts returns the standing verdicts on an entity or one that is the same.
func (m *Model) Verdicts(p events.Position, entity uuid.UUID) []Judged {
	s := m.asOf(p)
	return slices.DeleteFunc(s.judged(), func(v Judged) bool { return !s.one(entity, v.A) && !s.one(entity, v.B) })
}

// between returns the verdicts between two entities that do not hold them to be
// the same.
func (s *state) between(a, b uuid.UUID) []Judged {
	return slices.DeleteFunc(s.judged(), func(v Judged) bool {
		meets := s.one(a, v.A) && s.one(b, v.B) || s.one(a, v.B) && s.one(b, v.A)
		return v.Verdict == events.Same || !meets
	})
}

// Between returns the verdicts "different" and "unsure" between two entities.
func (m *Model) Between(p events.Position, a, b uuid.UUID) []Judged { return m.asOf(p).between(a, b) }

// Distance returns how many verdicts make two entities one, -1 if none do or if
// nobody has ever registered one of them.
func (m *Model) Distance(p events.Position, a, b uuid.UUID) int {
	s := m.asOf(p)
	if s.ever(a) < 0 || s.ever(b) < 0 {
		return -1
	}
	reached := []uuid.UUID{a}
	for steps := 0; ; steps++ {
		if contains(reached, b) {
			return steps
		}
		next := slices.Clone(reached)
		for _, v := range s.verdicts(events.Same) {
			if contains(reached, v.A) {
				next = append(next, v.B)
			}
			if contains(reached, v.B) {
				next = append(next, v.A)
			}
		}
		if next = sorted(next); len(next) == len(sorted(reached)) {
			return -1
		}
		reached = next
	}
}

// ever returns the place in the record where an entity was registered first,
// whether or not that stands, -1 if nowhere.
func (s *state) ever(entity uuid.UUID) int {
	return slices.IndexFunc(s.entries, func(e *entry) bool {
		b, ok := e.Body.(*events.EntityRegistered)
		return ok && b.Entity.ID == entity
	})
}

// Entities returns the registered entities, each cluster once, in the order in
// which they were first registered.
func (m *Model) Entities(p events.Position) (found []uuid.UUID) {
	s := m.asOf(p)
	for _, e := range s.entries {
		b, ok := e.Body.(*events.EntityRegistered)
		if ok && s.entity(b.Entity.ID) != nil && !contains(found, s.canonical(b.Entity.ID)) {
			found = append(found, s.canonical(b.Entity.ID))
		}
	}
	return found
}

// Registered returns an entity as it is registered itself, nil if nothing of
// that is shown.
func (m *Model) Registered(p events.Position, entity uuid.UUID) *events.Entity {
	return m.asOf(p).shownEntity(entity)
}

// SourceEvent returns the event that registers a source as it is shown, empty if
// none does.
func (m *Model) SourceEvent(p events.Position, source uuid.UUID) (newest uuid.UUID) {
	for _, e := range m.asOf(p).standing() {
		if b, ok := e.Body.(*events.SourceAdded); ok && b.Source.ID == source && !e.redacted {
			newest = e.ID
		}
	}
	return newest
}

// Mentions returns what a view shows that mentions an entity, wherever.
func (m *Model) Mentions(l Lens, entity uuid.UUID) (found []Reading) {
	s := m.asOf(m.At(l))
	for _, r := range m.Statements(l, Pattern{}) {
		mentioned := false
		rewrite(r.Statement, func(_ place, id uuid.UUID) uuid.UUID {
			mentioned = mentioned || s.one(entity, id)
			return id
		})
		if mentioned {
			found = append(found, r)
		}
	}
	return found
}
