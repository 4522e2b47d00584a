package model

import (
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// Cluster returns the entities held to be the same as one, in ascending order.
func (m *Model) Cluster(p events.Position, entity uuid.UUID) []uuid.UUID {
	return m.asOf(p).cluster(entity)
}

// Canonical returns the smallest id of an entity's cluster.
func (m *Model) Canonical(p events.Position, entity uuid.UUID) uuid.UUID {
	return m.asOf(p).canonical(entity)
}

// Entity is what a view shows of an entity's cluster.
type Entity struct {
	Members       []uuid.UUID     // in ascending order; the first is canonical
	Registrations []events.Entity // what is shown of each member that shows anything, in the order in which they were first registered
	Names         []Named         // in the order of the record
	Unsure        []uuid.UUID     // perhaps the same: canonical members of other clusters, ascending
}

// Named is a name of an entity.
type Named struct {
	ID     uuid.UUID // of the event
	Entity uuid.UUID // the member that it was recorded for
	Name   events.Name
	Source uuid.UUID
}

// Entity returns what is shown of an entity as of a position: of each member of
// its cluster the newest registration that stands and is not redacted, and all
// such names.
func (m *Model) Entity(p events.Position, id uuid.UUID) Entity {
	s := m.asOf(p)
	answer := Entity{Members: s.cluster(id)}
	members := slices.Clone(answer.Members)
	slices.SortFunc(members, func(a, b uuid.UUID) int { return s.ever(a) - s.ever(b) })
	for _, member := range members {
		if newest := s.shownEntity(member); newest != nil {
			answer.Registrations = append(answer.Registrations, *newest)
		}
	}
	for _, e := range s.standing() {
		b, ok := e.Body.(*events.EntityNamed)
		if ok && !e.redacted && contains(answer.Members, b.Entity) {
			answer.Names = append(answer.Names, Named{e.ID, b.Entity, b.Name, b.Source})
		}
	}
	for _, v := range s.verdicts(events.Unsure) {
		a, b := s.canonical(v.A), s.canonical(v.B)
		switch own := answer.Members[0]; {
		case a == own && b != own:
			answer.Unsure = append(answer.Unsure, b)
		case b == own && a != own:
			answer.Unsure = append(answer.Unsure, a)
		}
	}
	answer.Unsure = sorted(answer.Unsure)
	return answer
}

func (s *state) shownEntity(id uuid.UUID) (newest *events.Entity) {
	for _, e := range s.standing() {
		if b, ok := e.Body.(*events.EntityRegistered); ok && b.Entity.ID == id && !e.redacted {
			newest = &b.Entity
		}
	}
	return newest
}

// Source returns the newest registration of a source that stands and is not
// redacted, nil if there is none.
func (m *Model) Source(p events.Position, id uuid.UUID) *events.Source {
	return m.asOf(p).shownSource(id)
}

func (s *state) shownSource(id uuid.UUID) (newest *events.Source) {
	for _, e := range s.standing() {
		if b, ok := e.Body.(*events.SourceAdded); ok && b.Source.ID == id && !e.redacted {
			newest = &b.Source
		}
	}
	return newest
}

// Link is a recorder's link from or to a statement.
type Link struct {
	ID       uuid.UUID // of the event
	From, To uuid.UUID
	Link     events.LinkType
	Reason   string
}

// Links returns the links of recorders that stand, are not redacted, and have
// the statement at either end, in the order of the record. Whether a view shows
// the statement at the other end does not matter.
func (m *Model) Links(p events.Position, statement uuid.UUID) (found []Link) {
	for _, e := range m.asOf(p).standing() {
		b, ok := e.Body.(*events.StatementsLinked)
		if ok && !e.redacted && (b.From == statement || b.To == statement) {
			found = append(found, Link{e.ID, b.From, b.To, b.Link, b.Reason})
		}
	}
	return found
}

// Rating is an assessment with the event that made it.
type Rating struct {
	ID uuid.UUID
	events.Assessed
}

// Assessments returns the ratings of a source or statement that stand and are
// not redacted, in the order of the record.
func (m *Model) Assessments(p events.Position, target uuid.UUID) (found []Rating) {
	for _, e := range m.asOf(p).standing() {
		b, ok := e.Body.(*events.Assessed)
		if ok && !e.redacted && (b.Source == target || b.Statement == target) {
			found = append(found, Rating{e.ID, *b})
		}
	}
	return found
}

// Standing returns the ids of all events that stand as of a position, in the
// order of the record.
func (m *Model) Standing(p events.Position) (ids []uuid.UUID) {
	for _, e := range m.asOf(p).standing() {
		ids = append(ids, e.ID)
	}
	return ids
}

// Restored returns the ids of the events that stand as of a position, did not stand as of the
// one before, and had been recorded by then, without what is redacted, in the order of the
// record.
func (m *Model) Restored(p events.Position) (ids []uuid.UUID) {
	before := m.replay(p - 1)
	for _, e := range m.asOf(p).standing() {
		if was := before.find(e.ID); was != nil && !was.standing && !e.redacted {
			ids = append(ids, e.ID)
		}
	}
	return ids
}

// Fall is a statement that falls with what it rests on.
type Fall struct {
	ID uuid.UUID
	On []uuid.UUID // the source and the statements that it rests on and that fall, ascending
}

// Falls returns what stands as of a position and would not after statements, and
// every registration of sources, had been retracted with Cascade, and again when
// they came back, in the order of the record; and the sources, ascending, that would have lost a
// registration and be derived from themselves by the one that is left.
func (m *Model) Falls(p events.Position, with ...uuid.UUID) (found []Fall, circular []uuid.UUID) {
	before, after := m.asOf(p), m.asOf(p)
	for again := true; again; {
		again = false
		for _, e := range after.standing() {
			src, ok := e.Body.(*events.SourceAdded)
			if e.standing && (contains(with, e.ID) && e.statement() != nil || ok && contains(with, src.Source.ID)) {
				again = true
				after.retract(&events.Retracted{Event: e.ID, Cascade: true}, uuid.Max) // refused for a circle only
			}
		}
	}
	for i, e := range after.entries {
		if src, ok := e.Body.(*events.SourceAdded); ok && before.entries[i].standing && !e.standing {
			if left := after.source(src.Source.ID); left != nil && after.checkDerivation(*left) != nil && !contains(circular, left.ID) {
				circular = append(circular, left.ID)
			}
		}
		if e.statement() == nil || !before.entries[i].standing || e.standing {
			continue
		}
		n, f := needsOf(e.Body), Fall{ID: e.ID}
		for _, id := range n.sources {
			if id != uuid.Nil && after.source(id) == nil {
				f.On = append(f.On, id)
			}
		}
		for _, id := range n.statements {
			if !after.statementThere(id) {
				f.On = append(f.On, id)
			}
		}
		f.On = sorted(f.On)
		found = append(found, f)
	}
	return found, sorted(circular)
}
