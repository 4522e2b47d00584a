package model

import (
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// Arc is one statement's part in the relation of two entities, given by their
// canonical ids: an edge leads from one to the other.
type Arc struct {
	From, To  uuid.UUID
	Statement uuid.UUID
	Origins   []uuid.UUID // canonical, each once
}

// Relations returns the entities that a pattern's statements have among their
// arguments, ascending, and the edges between them, in no order, as package
// query/relations defines them.
func (m *Model) Relations(l Lens, p Pattern, from, to string, anyStance bool) (entities []uuid.UUID, arcs []Arc) {
	s := m.asOf(m.At(l))
	for _, r := range m.Statements(l, p) {
		if !anyStance && r.polarity() != events.Affirmed {
			continue
		}
		var origins []uuid.UUID
		for _, speaker := range r.Statement.Voices[0].Speakers {
			origins = append(origins, s.canonical(speaker.Entity))
		}
		args := r.Statement.Claim.Args
		declared := s.predicate(r.Statement.Claim.Predicate)
		for i, x := range args {
			if x.Value.Kind != events.EntityValue {
				continue
			}
			entities = append(entities, s.canonical(x.Value.ID))
			for j, y := range args {
				if y.Value.Kind != events.EntityValue || s.one(x.Value.ID, y.Value.ID) {
					continue
				}
				leads := i < j || x.Role == y.Role || declared != nil && declared.Symmetric
				if from != "" || to != "" {
					leads = (from == "" || from == x.Role) && (to == "" || to == y.Role)
				}
				a := Arc{s.canonical(x.Value.ID), s.canonical(y.Value.ID), r.ID, sorted(origins)}
				known := slices.ContainsFunc(arcs, func(b Arc) bool {
					return b.From == a.From && b.To == a.To && b.Statement == a.Statement
				})
				if leads && !known {
					arcs = append(arcs, a)
				}
			}
		}
	}
	return sorted(entities), arcs
}
