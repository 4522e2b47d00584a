package model

import (
	"reflect"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// Difference is what two views show differently. The lists of ids are evidence.
type Difference struct {
	Came, Went     []OneSided
	ReadAnew       []Anew
	Joined, Parted []Joint
	Names          []NameShift
	Sources        []SourceShift
	Links          []OneSided
	Assessments    []OneSided
	Redacted       []uuid.UUID
}

// OneSided is an event of one view, and why the other has it not.
type OneSided struct {
	ID   uuid.UUID
	Came bool
	Why  string
	By   uuid.UUID
}

// Anew is a statement with the splits that stand in one view only.
type Anew struct {
	ID     uuid.UUID
	Splits []OneSided
}

// Joint is an entity of one view that is several in the other.
type Joint struct {
	Entity   uuid.UUID
	Parts    []uuid.UUID
	Verdicts []OneSided
}

// NameShift is a name that one view has.
type NameShift struct {
	Named
	OneSided
}

// SourceShift is a source that is not the same in both views.
type SourceShift struct {
	ID            uuid.UUID
	Before, After *events.Source
	Registrations []OneSided
}

// contrast is two views and a pattern.
type contrast struct {
	before, after *state
	all           []*entry  // of both, in the order of the record
	old, now      []Reading // what the pattern names in each
	p             Pattern
}

// Changes compares everything in two views.
func (m *Model) Changes(before, after Lens, p Pattern) (c Difference) {
	x := contrast{
		before: m.asOf(m.At(before)), after: m.asOf(m.At(after)),
		old: m.look(before).named(p), now: m.look(after).named(p), p: p,
	}
	x.all = x.before.entries
	if m.At(after) > m.At(before) {
		x.all = x.after.entries
	}
	x.statements(&c)
	c.Joined, c.Parted = x.joints(true), x.joints(false)
	x.names(&c)
	x.sources(&c)
	for _, s := range x.shifts(events.KindStatementsLinked) {
		b := x.body(s.ID).(*events.StatementsLinked)
		if x.concernsStatement(b.From) || x.concernsStatement(b.To) {
			c.Links = append(c.Links, s)
		}
	}
	for _, s := range x.shifts(events.KindAssessed) {
		b := x.body(s.ID).(*events.Assessed)
		if x.concernsSource(b.Source) || x.concernsStatement(b.Statement) {
			c.Assessments = append(c.Assessments, s)
		}
	}
	var hidden []uuid.UUID
	for _, e := range x.all {
		if e.redacted && stands(x.before, e.ID) != stands(x.after, e.ID) {
			c.Redacted = append(c.Redacted, e.ID)
		}
		if b, ok := e.Body.(*events.Redacted); ok && (x.before.find(e.ID) == nil) != (x.after.find(e.ID) == nil) {
			hidden = append(hidden, b.Event)
		}
	}
	for _, id := range hidden {
		if !contains(c.Redacted, id) {
			c.Redacted = append(c.Redacted, id)
		}
	}
	return c
}

func stands(s *state, id uuid.UUID) bool {
	e := s.find(id)
	return e != nil && e.standing
}

func (x contrast) body(id uuid.UUID) events.Body {
	for _, e := range x.all {
		if e.ID == id {
			return e.Body
		}
	}
	return nil
}

// why says why an event is not in a view.
func why(s *state, id uuid.UUID) OneSided {
	e := s.find(id)
	switch {
	case e == nil:
		return OneSided{ID: id, Why: "not recorded"}
	case e.standing:
		return OneSided{ID: id, Why: "out of view"}
	case e.replaced:
		return OneSided{ID: id, Why: "replaced", By: e.remover}
	}
	return OneSided{ID: id, Why: "retracted", By: e.remover}
}

// shifts returns the events of a kind that stand in one view only and are not
// redacted.
func (x contrast) shifts(kind events.Kind) (found []OneSided) {
	for _, e := range x.all {
		stood, stand := stands(x.before, e.ID), stands(x.after, e.ID)
		if e.Kind() != kind || e.redacted || stood == stand {
			continue
		}
		s := why(x.before, e.ID)
		if stood {
			s = why(x.after, e.ID)
		}
		s.Came = stand
		found = append(found, s)
	}
	return found
}

func (x contrast) statements(c *Difference) {
	only := func(list, others []Reading, other *state) (found []OneSided) {
		for _, r := range list {
			if indexOf(others, r.ID) >= 0 {
				continue
			}
			s := why(other, r.ID)
			if e := other.find(r.ID); e != nil && e.standing && !sameStatement(other.reading(e), r.Statement) {
				s.Why = "reads otherwise"
			}
			found = append(found, s)
		}
		return found
	}
	c.Came, c.Went = only(x.now, x.old, x.before), only(x.old, x.now, x.after)
	for _, r := range x.now {
		i := indexOf(x.old, r.ID)
		if i < 0 || sameStatement(x.old[i].Statement, r.Statement) {
			continue
		}
		a := Anew{ID: r.ID}
		for _, s := range x.shifts(events.KindEntitySplit) {
			if mentioned(x.body(s.ID).(*events.EntitySplit), r.ID) {
				a.Splits = append(a.Splits, s)
			}
		}
		c.ReadAnew = append(c.ReadAnew, a)
	}
}

func sameStatement(a, b events.Statement) bool {
	return SameContent(&events.StatementRecorded{Statement: a}, &events.StatementRecorded{Statement: b})
}

// joints returns the entities that are one in the later view and several in the
// earlier, or the other way round.
func (x contrast) joints(came bool) (found []Joint) {
	one, several := x.before, x.after
	if came {
		one, several = x.after, x.before
	}
	var verdicts []OneSided
	for _, s := range x.shifts(events.KindIdentityJudged) {
		if s.Came == came && x.body(s.ID).(*events.IdentityJudged).Verdict == events.Same {
			verdicts = append(verdicts, s)
		}
	}
	for _, v := range verdicts {
		cluster := one.cluster(x.body(v.ID).(*events.IdentityJudged).A)
		if slices.ContainsFunc(found, func(j Joint) bool { return j.Entity == cluster[0] }) {
			continue
		}
		j := Joint{Entity: cluster[0]}
		concerned := false
		for _, id := range cluster {
			j.Parts = append(j.Parts, several.canonical(id))
			concerned = concerned || x.concernsEntity(id)
		}
		j.Parts = sorted(j.Parts)
		for _, w := range verdicts {
			if contains(cluster, x.body(w.ID).(*events.IdentityJudged).A) {
				j.Verdicts = append(j.Verdicts, w)
			}
		}
		if len(j.Parts) > 1 && concerned {
			found = append(found, j)
		}
	}
	return found
}

func (x contrast) names(c *Difference) {
	var entities []uuid.UUID
	for _, e := range x.all {
		if e.redacted || stands(x.before, e.ID) == stands(x.after, e.ID) {
			continue
		}
		var id uuid.UUID
		switch b := e.Body.(type) {
		case *events.EntityRegistered:
			id = b.Entity.ID
		case *events.EntityNamed:
			id = b.Entity
		default:
			continue
		}
		if !contains(entities, id) && x.concernsEntity(id) {
			entities = append(entities, id)
		}
	}
	for _, id := range entities {
		was, is := namesOf(x.before, id), namesOf(x.after, id)
		for _, n := range missingIn(was, is) {
			c.Names = append(c.Names, NameShift{n, why(x.after, n.ID)})
		}
		for _, n := range missingIn(is, was) {
			s := why(x.before, n.ID)
			s.Came = true
			c.Names = append(c.Names, NameShift{n, s})
		}
	}
}

// missingIn returns the names of one list that another has not, each once.
func missingIn(list, other []Named) (found []Named) {
	for _, n := range list {
		same := func(o Named) bool { return o.Name == n.Name && o.Source == n.Source }
		if !slices.ContainsFunc(other, same) && !slices.ContainsFunc(found, same) {
			found = append(found, n)
		}
	}
	return found
}

// namesOf returns the names of an entity alone.
func namesOf(s *state, id uuid.UUID) (names []Named) {
	for _, e := range s.standing() {
		if b, ok := e.Body.(*events.EntityRegistered); ok && b.Entity.ID == id && !e.redacted {
			names = []Named{{e.ID, id, b.Entity.Name, uuid.Nil}}
		}
	}
	for _, e := range s.standing() {
		if b, ok := e.Body.(*events.EntityNamed); ok && b.Entity == id && !e.redacted {
			names = append(names, Named{e.ID, id, b.Name, b.Source})
		}
	}
	return names
}

func (x contrast) sources(c *Difference) {
	registrations := x.shifts(events.KindSourceAdded)
	for _, s := range registrations {
		id := x.body(s.ID).(*events.SourceAdded).Source.ID
		was, is := x.before.shownSource(id), x.after.shownSource(id)
		if slices.ContainsFunc(c.Sources, func(o SourceShift) bool { return o.ID == id }) || !x.concernsSource(id) ||
			was == nil && is == nil ||
			was != nil && is != nil && SameContent(&events.SourceAdded{Source: *was}, &events.SourceAdded{Source: *is}) {
			continue
		}
		shift := SourceShift{ID: id, Before: was, After: is}
		for _, r := range registrations {
			if x.body(r.ID).(*events.SourceAdded).Source.ID == id {
				shift.Registrations = append(shift.Registrations, r)
			}
		}
		c.Sources = append(c.Sources, shift)
	}
}

// everything reports whether the pattern names all statements.
func (x contrast) everything() bool {
	q := x.p
	q.During = Bound{}
	return reflect.DeepEqual(q, Pattern{}) && x.p.During.Time.IsZero()
}

func (x contrast) concernsStatement(id uuid.UUID) bool {
	if x.everything() {
		return id != uuid.Nil
	}
	return indexOf(x.old, id) >= 0 || indexOf(x.now, id) >= 0
}

func (x contrast) concernsSource(id uuid.UUID) bool {
	if id == uuid.Nil || x.everything() {
		return id != uuid.Nil
	}
	if x.p.Source != uuid.Nil {
		return x.p.Source == id
	}
	from := func(r Reading) bool { return r.Statement.Source == id }
	return slices.ContainsFunc(x.old, from) || slices.ContainsFunc(x.now, from)
}

func (x contrast) concernsEntity(id uuid.UUID) bool {
	if x.everything() {
		return true
	}
	named := x.p.entities()
	if len(named) == 0 {
		about := func(s *state) func(Reading) bool {
			return func(r Reading) bool { return s.matches(Pattern{Entity: id}, r.Recorder, r.Statement) }
		}
		return slices.ContainsFunc(x.old, about(x.before)) || slices.ContainsFunc(x.now, about(x.after))
	}
	return slices.ContainsFunc(named, func(n uuid.UUID) bool { return x.before.one(n, id) || x.after.one(n, id) })
}
