package model

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// This file and the next answer the questions of package query, whose comment
// defines them.

// look is a view: what stands as of its position, and what it shows.
type look struct {
	*state
	shown []Reading // in order of recording
}

func (m *Model) look(l Lens) look {
	shown := m.Statements(l, Pattern{})
	slices.SortFunc(shown, byRecording)
	return look{m.asOf(m.At(l)), shown}
}

func byRecording(a, b Reading) int { return cmp.Compare(a.Place, b.Place) }

// known reports whether an id can be asked for. One that nobody registered or
// mentioned gives no answer anyway.
func known(ids ...uuid.UUID) bool { return !slices.Contains(ids, uuid.Nil) }

// AccordingTo returns what a pattern names and an entity said, or somebody for
// it.
func (m *Model) AccordingTo(l Lens, who uuid.UUID, p Pattern) []Reading {
	if !known(who) {
		return nil
	}
	s := m.asOf(m.At(l))
	return slices.DeleteFunc(m.Statements(l, p), func(r Reading) bool {
		origin := r.Statement.Voices[0]
		return !s.anyOf(who, origin.Speakers, origin.For)
	})
}

// Said returns what an entity said about another, in quotes only if so asked.
func (m *Model) Said(l Lens, who, about uuid.UUID, quotes bool) []Reading {
	if !known(who, about) {
		return nil
	}
	p := Pattern{Origin: who, Entity: about}
	if quotes {
		p.Form = events.Quote
	}
	return m.Statements(l, p)
}

// Item is an entry of a timeline.
type Item struct {
	Reading
	Dated, Uncertain bool
}

// Timeline returns what is about an entity, by time.
func (m *Model) Timeline(l Lens, entity uuid.UUID) (items []Item) {
	if !known(entity) {
		return nil
	}
	for _, r := range m.Statements(l, Pattern{Entity: entity}) {
		item := Item{Reading: r, Dated: !r.Statement.Claim.When.Time.IsZero()}
		if item.Dated {
			item.Uncertain = parse(r.Statement.Claim.When.Time.String()).uncertain()
		}
		items = append(items, item)
	}
	slices.SortFunc(items, func(a, b Item) int {
		switch {
		case a.Dated && b.Dated:
			aFirst, aLast := parse(a.Statement.Claim.When.Time.String()).bounds()
			bFirst, bLast := parse(b.Statement.Claim.When.Time.String()).bounds()
			return cmp.Or(cmp.Compare(aFirst, bFirst), cmp.Compare(aLast, bLast), byRecording(a.Reading, b.Reading))
		case a.Dated:
			return -1
		case b.Dated:
			return 1
		}
		return byRecording(a.Reading, b.Reading)
	})
	return items
}

// uncertain reports whether a date leaves more than one day open.
func (d date) uncertain() bool {
	if d.kind == '[' {
		earliest, latest := d.bounds()
		return earliest != latest
	}
	return slices.ContainsFunc(d.members, func(m span) bool { return m.from != m.to })
}

// Tied is an entity that is part of another or has it as a part.
type Tied struct {
	Entity uuid.UUID // canonical
	Ties   []Reading
	Rungs  []Reading
}

// Ladder returns the rungs of an occurrence, and those of the entities that are
// tied to it, also if they have none.
func (m *Model) Ladder(l Lens, occurrence uuid.UUID) (rungs []Reading, related []Tied) {
	if !known(occurrence) {
		return nil, nil
	}
	v := m.look(l)
	own := v.cluster(occurrence)
	for _, tie := range v.shown {
		var ends []uuid.UUID
		for _, pair := range v.parts(tie) {
			if contains(own, pair[0]) {
				ends = append(ends, v.canonical(pair[1]))
			}
			if contains(own, pair[1]) {
				ends = append(ends, v.canonical(pair[0]))
			}
		}
		for _, end := range sorted(ends) {
			if contains(own, end) {
				continue
			}
			i := slices.IndexFunc(related, func(t Tied) bool { return t.Entity == end })
			if i < 0 {
				i = len(related)
				related = append(related, Tied{Entity: end, Rungs: v.rungs(end)})
			}
			related[i].Ties = append(related[i].Ties, tie)
		}
	}
	return v.rungs(occurrence), related
}

func (v look) rungs(occurrence uuid.UUID) (rungs []Reading) {
	for _, r := range v.shown {
		if v.one(occurrence, r.Statement.Claim.Occurrence) {
			rungs = append(rungs, r)
		}
	}
	slices.SortStableFunc(rungs, func(a, b Reading) int {
		return cmp.Compare(a.Statement.Voices[0].Stance.Certainty, b.Statement.Voices[0].Stance.Certainty)
	})
	return rungs
}

// Edge is a relation between two entities, given by their canonical ids.
type Edge struct {
	From      uuid.UUID
	FromRole  string
	Predicate string
	To        uuid.UUID
	ToRole    string
	Statement uuid.UUID
}

// Edges returns the relations of an entity to others.
func (m *Model) Edges(l Lens, entity uuid.UUID) (edges []Edge) {
	if !known(entity) {
		return nil
	}
	s := m.asOf(m.At(l))
	for _, r := range m.Statements(l, Pattern{Entity: entity}) {
		ends := endsOf(r.Statement.Claim)
		for _, from := range ends {
			for _, to := range ends {
				if !s.one(entity, from.entity) || s.one(entity, to.entity) {
					continue
				}
				e := Edge{s.canonical(from.entity), from.role, r.Statement.Claim.Predicate, s.canonical(to.entity), to.role, r.ID}
				if !contains(edges, e) {
					edges = append(edges, e)
				}
			}
		}
	}
	return edges
}

// end is an entity that a claim connects with others.
type end struct {
	role   string // empty: it is the occurrence
	entity uuid.UUID
}

func endsOf(c events.Claim) (ends []end) {
	if c.Occurrence != uuid.Nil {
		ends = append(ends, end{"", c.Occurrence})
	}
	for _, arg := range c.Args {
		if arg.Value.Kind == events.EntityValue {
			ends = append(ends, end{arg.Role, arg.Value.ID})
		}
	}
	return ends
}

// parts returns the pairs of a part and a whole that a statement affirms.
func (v look) parts(r Reading) (pairs [][2]uuid.UUID) {
	c := r.Statement.Claim
	if c.Predicate != events.PartOf || r.polarity() != events.Affirmed {
		return nil
	}
	for _, part := range c.Args {
		for _, whole := range c.Args {
			if part.Role == events.RolePart && part.Value.Kind == events.EntityValue &&
				whole.Role == events.RoleWhole && whole.Value.Kind == events.EntityValue {
				pairs = append(pairs, [2]uuid.UUID{part.Value.ID, whole.Value.ID})
			}
		}
	}
	return pairs
}

// within reports whether an entity is part of another, in at most 32 steps.
func (v look) within(part, whole uuid.UUID) bool {
	reached := []uuid.UUID{part}
	for range 32 {
		before := len(reached)
		for _, r := range v.shown {
			for _, pair := range v.parts(r) {
				if slices.ContainsFunc(reached, func(x uuid.UUID) bool { return v.one(x, pair[0]) }) {
					if v.one(pair[1], whole) {
						return true
					}
					reached = append(reached, pair[1])
				}
			}
		}
		if reached = sorted(reached); len(reached) == before {
			break // nothing is further up
		}
	}
	return false
}

func (r Reading) polarity() events.Polarity { return r.Statement.Voices[0].Stance.Polarity }
