package model

import (
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// Step is what one position changed in what a lens shows of a pattern.
type Step struct {
	Position   events.Position
	Came, Went []uuid.UUID // in ascending order
}

// Watch returns what each position after one changed.
func (m *Model) Watch(l Lens, p Pattern, from events.Position) (steps []Step) {
	shown := func(at events.Position) (ids []uuid.UUID) {
		if at == 0 {
			return nil
		}
		l.AsOf, l.RecordedBy = at, time.Time{}
		for _, r := range m.Statements(l, p) {
			ids = append(ids, r.ID)
		}
		return sorted(ids)
	}
	was := shown(from)
	for at := from + 1; at <= m.Last(); at++ {
		s := Step{Position: at}
		is := shown(at)
		for _, id := range is {
			if !contains(was, id) {
				s.Came = append(s.Came, id)
			}
		}
		for _, id := range was {
			if !contains(is, id) {
				s.Went = append(s.Went, id)
			}
		}
		if len(s.Came)+len(s.Went) > 0 {
			steps = append(steps, s)
		}
		was = is
	}
	return steps
}
