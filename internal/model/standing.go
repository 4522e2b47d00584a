package model

import (
	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// Stood is an event as of a position.
type Stood struct {
	ID        uuid.UUID
	Stands    bool
	RemovedBy uuid.UUID         // if it does not stand
	Statement *events.Statement // as it is read, if it is a statement
}

// Recorded returns all events recorded as of a position, in order.
func (m *Model) Recorded(p events.Position) (all []Stood) {
	s := m.replay(p)
	for _, e := range s.entries {
		x := Stood{ID: e.ID, Stands: e.standing, RemovedBy: e.remover}
		if e.statement() != nil {
			st := s.reading(e)
			x.Statement = &st
		}
		all = append(all, x)
	}
	return all
}
