package model

import (
	"strings"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
)

// Task is something that a statement leaves open.
type Task struct {
	Statement  uuid.UUID
	Also       []uuid.UUID
	Kind       string
	Entity     uuid.UUID // canonical; empty if it is unknown
	Role       string
	Candidates []Candidate
	Times      []events.When
	Published  edtf.Time
	LinkedBy   []uuid.UUID
	SplitBy    []uuid.UUID
}

// Candidate is who an entity may be.
type Candidate struct {
	Entity   uuid.UUID // canonical
	Verdicts []Judged
}

// Worklist returns what the statements that a pattern names leave open.
func (m *Model) Worklist(l Lens, p Pattern) (tasks []Task) {
	v := m.look(l)
	named := v.named(p)
	// also returns which statements of somebody follow one, and whether it is his first.
	also := func(of Reading, e uuid.UUID) (ids []uuid.UUID, first bool) {
		for _, r := range named {
			if v.anyOf(e, r.Statement.Voices[0].Speakers) {
				ids = append(ids, r.ID)
			}
		}
		return ids[1:], ids[0] == of.ID
	}
	for _, r := range named {
		add := func(t Task) {
			t.Statement = r.ID
			tasks = append(tasks, t)
		}
		c, origin := r.Statement.Claim, r.Statement.Voices[0]

		for _, ambiguous := range []bool{false, true} {
			var met []uuid.UUID
			for _, party := range origin.Speakers {
				e := v.canonical(party.Entity)
				candidates := v.candidates(e)
				if contains(met, e) || !v.unidentified(e) || len(candidates) > 0 != ambiguous {
					continue
				}
				met = append(met, e)
				others, first := also(r, e)
				switch {
				case !first:
				case ambiguous:
					add(Task{Kind: "ambiguous voice", Entity: e, Candidates: candidates, Also: others})
				default:
					add(Task{Kind: "unknown speaker", Entity: e, Also: others})
				}
			}
		}

		var places []string
		participant := func(role string, e uuid.UUID) {
			if e != uuid.Nil {
				e = v.canonical(e)
			}
			if place := role + e.String(); !contains(places, place) {
				places = append(places, place)
				t := Task{Kind: "unknown participant", Entity: e, Role: role}
				if e != uuid.Nil {
					t.Candidates = v.candidates(e)
				}
				add(t)
			}
		}
		if c.Occurrence != uuid.Nil && v.unidentified(c.Occurrence) {
			participant("", c.Occurrence)
		}
		for _, arg := range c.Args {
			if arg.Value.Kind == events.EntityValue && v.unidentified(arg.Value.ID) {
				participant(arg.Role, arg.Value.ID)
			}
		}
		for _, arg := range c.Args {
			if arg.Value.Kind == events.UnknownValue {
				participant(arg.Role, uuid.Nil)
			}
		}

		if origin.Act == events.Withhold || origin.Stance.String() == "CTu" {
			add(Task{Kind: "withheld"})
		}

		var now edtf.Time
		if src := v.shownSource(r.Statement.Source); src != nil {
			now = src.Published
		}
		corrected := Task{Kind: "anchor corrected", Published: now}
		for _, when := range times(r.Statement) {
			if when.Anchor.IsZero() || isPublication(when.Anchor, now) {
				continue
			}
			if src := m.asOf(r.Recorded).shownSource(r.Statement.Source); src != nil && isPublication(when.Anchor, src.Published) {
				corrected.Times = append(corrected.Times, when)
			}
		}
		if len(corrected.Times) > 0 {
			add(corrected)
		}

		if said := origin.Said.Time; !said.IsZero() && !now.IsZero() {
			spoke, _ := parse(said.String()).bounds()
			if _, appeared := parse(now.String()).bounds(); spoke > appeared {
				add(Task{Kind: "said after publication", Times: []events.When{origin.Said}, Published: now})
			}
		}

		var linked []uuid.UUID
		for t := v.find(r.ID).statement().Replaces; t != uuid.Nil; t = v.find(t).statement().Replaces {
			for _, link := range m.Links(m.At(l), t) {
				linked = append(linked, link.ID)
			}
			for _, s := range v.named(Pattern{Refers: t}) {
				linked = append(linked, s.ID)
			}
		}
		if len(linked) > 0 {
			add(Task{Kind: "linked before it was replaced", LinkedBy: sorted(linked)})
		}

		if splits := v.splitBefore(r); len(splits) > 0 {
			add(Task{Kind: "split before it was replaced", SplitBy: sorted(splits)})
		}
	}
	return tasks
}

// splitBefore returns the splits that say nothing of a statement, as it is read, though they
// name what it has replaced.
func (s *state) splitBefore(r Reading) (found []uuid.UUID) {
	for t := s.find(r.ID).statement().Replaces; t != uuid.Nil; t = s.find(t).statement().Replaces {
		for _, e := range s.standing() {
			split, ok := e.Body.(*events.EntitySplit)
			if !ok || !mentioned(split, t) || s.splitToo(split.Entity, r.ID) {
				continue
			}
			for _, part := range split.Parts {
				for _, m := range part.Mentions {
					var there, anywhere, other bool
					rewrite(r.Statement, func(p place, id uuid.UUID) uuid.UUID {
						same := s.one(id, split.Entity)
						there, anywhere = there || same && p.named(m), anywhere || same
						other = other || s.one(id, part.Entity)
						return id
					})
					if m.Statement == t && !s.one(split.Entity, part.Entity) && (there || anywhere && !other) {
						found = append(found, e.ID)
					}
				}
			}
		}
	}
	return found
}

// splitToo reports whether a split of an entity that stands names a statement.
func (s *state) splitToo(entity, statement uuid.UUID) bool {
	for _, e := range s.standing() {
		split, ok := e.Body.(*events.EntitySplit)
		if ok && mentioned(split, statement) && s.one(split.Entity, entity) {
			return true
		}
	}
	return false
}

// Splits returns the splits that stand and name a statement, in the order of the record.
func (m *Model) Splits(p events.Position, statement uuid.UUID) (found []uuid.UUID) {
	for _, e := range m.asOf(p).standing() {
		if split, ok := e.Body.(*events.EntitySplit); ok && mentioned(split, statement) {
			found = append(found, e.ID)
		}
	}
	return found
}

// unidentified reports whether an entity is a placeholder and one with nobody
// else but placeholders.
func (s *state) unidentified(entity uuid.UUID) bool {
	placeholder := false
	for _, member := range s.cluster(entity) {
		shown := s.shownEntity(member)
		if shown != nil && shown.Kind != events.Placeholder {
			return false
		}
		placeholder = placeholder || shown != nil
	}
	return placeholder
}

// candidates returns who an entity that is not identified may be, by id.
func (s *state) candidates(entity uuid.UUID) (list []Candidate) {
	var ids []uuid.UUID
	for _, v := range s.verdicts(events.Unsure) {
		switch a, b := s.one(entity, v.A), s.one(entity, v.B); {
		case a && !b:
			ids = append(ids, s.canonical(v.B))
		case b && !a && !s.unidentified(v.A):
			ids = append(ids, s.canonical(v.A))
		}
	}
	for _, id := range sorted(ids) {
		list = append(list, Candidate{id, s.between(entity, id)})
	}
	return list
}

// times returns all times of a statement.
func times(st events.Statement) (all []events.When) {
	eachClaim(st.Claim, func(c events.Claim) { all = append(all, c.When) })
	for _, v := range st.Voices {
		all = append(all, v.Said)
	}
	return all
}

// isPublication reports whether an anchor is when a source was published.
func isPublication(anchor, published edtf.Time) bool {
	a, p := anchor.String(), published.String()
	return a == p || strings.HasPrefix(p, a+"T")
}

// Placeholder is somebody who is not identified.
type Placeholder struct {
	Entity     uuid.UUID // canonical
	Candidates []Candidate
	Mentions   int
}

// Placeholders returns who is not identified.
func (m *Model) Placeholders(l Lens) (found []Placeholder) {
	p := m.At(l)
	s := m.asOf(p)
	for _, id := range m.Entities(p) {
		if s.unidentified(id) {
			found = append(found, Placeholder{id, s.candidates(id), len(m.Mentions(l, id))})
		}
	}
	return found
}
