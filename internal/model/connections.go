package model

import (
	"cmp"
	"math"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
)

// Path is a way between two entities. Entities are canonical, statements in order
// of recording.
type Path struct {
	Entities []uuid.UUID
	Hops     []Hop
	Windows  [][2]int64 // if all must hold at one time: in seconds, both included
}

// Hop is what connects two entities that follow one another on a path.
type Hop struct {
	Affirmed, Denied []Reading
	Speakers         []uuid.UUID // in the origins of what affirms
}

// Paths returns the shortest ways between two entities: it makes every one of
// them that passes nobody twice nor anybody of some kinds, and sorts them.
func (m *Model) Paths(l Lens, from, to uuid.UUID, most, longest int, atOneTime bool, without []events.EntityKind) (paths []Path) {
	v := m.look(l)
	if !known(from, to) || v.one(from, to) {
		return nil
	}
	var ways [][]uuid.UUID
	v.walk([]uuid.UUID{v.canonical(from)}, v.canonical(to), longest, func(way []uuid.UUID) {
		if !slices.ContainsFunc(way[1:len(way)-1], func(e uuid.UUID) bool { return slices.Contains(without, v.kind(e)) }) {
			ways = append(ways, slices.Clone(way))
		}
	})
	slices.SortFunc(ways, func(a, b []uuid.UUID) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), slices.CompareFunc(a, b, compareIDs))
	})
	for _, way := range ways {
		p := Path{Entities: way}
		for i := range way[1:] {
			p.Hops = append(p.Hops, v.hop(way[i], way[i+1]))
		}
		if atOneTime && !v.atOneTime(&p) {
			continue
		}
		if paths = append(paths, p); len(paths) == most {
			break
		}
	}
	return paths
}

// kind returns what the first registered member of a cluster is registered as; one that is
// not a placeholder, if there is one.
func (v look) kind(entity uuid.UUID) (kind events.EntityKind) {
	members := v.cluster(entity)
	slices.SortFunc(members, func(a, b uuid.UUID) int { return v.ever(a) - v.ever(b) })
	for _, member := range members {
		shown := v.shownEntity(member)
		if shown != nil && (kind == 0 || kind == events.Placeholder && shown.Kind != events.Placeholder) {
			kind = shown.Kind
		}
	}
	return kind
}

// walk calls f with every way that goes on from its last entity to another.
func (v look) walk(way []uuid.UUID, to uuid.UUID, hops int, f func([]uuid.UUID)) {
	last := way[len(way)-1]
	if last == to {
		f(way)
		return
	}
	if hops == 0 {
		return
	}
	for _, next := range v.connected(last) {
		if !contains(way, next) {
			v.walk(append(way[:len(way):len(way)], next), to, hops-1, f)
		}
	}
}

// connected returns the entities that an affirmation connects to one.
func (v look) connected(to uuid.UUID) (found []uuid.UUID) {
	for _, r := range v.shown {
		if r.polarity() != events.Affirmed || !v.connects(r, to) {
			continue
		}
		for _, e := range endsOf(r.Statement.Claim) {
			if !v.one(to, e.entity) {
				found = append(found, v.canonical(e.entity))
			}
		}
	}
	return sorted(found)
}

// connects reports whether all of some entities are ends of a claim.
func (v look) connects(r Reading, entities ...uuid.UUID) bool {
	for _, id := range entities {
		if !slices.ContainsFunc(endsOf(r.Statement.Claim), func(e end) bool { return v.one(id, e.entity) }) {
			return false
		}
	}
	return true
}

func (v look) hop(a, b uuid.UUID) (h Hop) {
	for _, r := range v.shown {
		if !v.connects(r, a, b) {
			continue
		}
		switch r.polarity() {
		case events.Affirmed:
			h.Affirmed = append(h.Affirmed, r)
		case events.Denied:
			h.Denied = append(h.Denied, r)
		}
	}
	h.Speakers = v.originsOf(h.Affirmed)
	return h
}

// origins returns who speaks in the origins of statements, each once.
func (v look) originsOf(rs []Reading) (who []uuid.UUID) {
	for _, r := range rs {
		for _, p := range r.Statement.Voices[0].Speakers {
			if id := v.canonical(p.Entity); !contains(who, id) {
				who = append(who, id)
			}
		}
	}
	return who
}

// atOneTime keeps what may hold on a day on which every hop may, and reports
// whether there is such a day. It tries every day.
func (v look) atOneTime(p *Path) bool {
	var days []day
	for d := firstDay; d <= lastDay; d++ {
		all := true
		for _, h := range p.Hops {
			all = all && slices.ContainsFunc(h.Affirmed, func(r Reading) bool { return mayHold(r, []day{d}) })
		}
		if all {
			days = append(days, d)
		}
	}
	for i := range p.Hops {
		h := &p.Hops[i]
		never := func(r Reading) bool { return !mayHold(r, days) }
		h.Affirmed = slices.DeleteFunc(h.Affirmed, never)
		h.Denied = slices.DeleteFunc(h.Denied, never)
		h.Speakers = v.originsOf(h.Affirmed)
	}
	for i, d := range days {
		if i > 0 && days[i-1] == d-1 {
			p.Windows[len(p.Windows)-1][1] = d.end()
		} else {
			p.Windows = append(p.Windows, [2]int64{d.start(), d.end()})
		}
	}
	return len(days) > 0
}

// start and end are the first and the last second of a day.
func (d day) start() int64 {
	if d == firstDay {
		return math.MinInt64
	}
	return int64(d) * 24 * 60 * 60
}

func (d day) end() int64 {
	if d == lastDay {
		return math.MaxInt64
	}
	return int64(d+1)*24*60*60 - 1
}

// mayHold reports whether a claim may hold on one of some days.
func mayHold(r Reading, days []day) bool {
	when := mayBe(r.Statement.Claim.When.Time)
	return slices.ContainsFunc(days, func(d day) bool { return when[d-firstDay] })
}

// mayBe returns on which days of the year it may be that something is.
func mayBe(t edtf.Time) []bool {
	days := make([]bool, lastDay-firstDay+1)
	if t.IsZero() {
		for i := range days {
			days[i] = true
		}
		return days
	}
	for resolution := range parse(t.String()).resolutions {
		for _, s := range resolution {
			for d := s.from; d <= s.to; d++ {
				days[d-firstDay] = true
			}
		}
	}
	return days
}

// Neighbour is an entity some hops away from another.
type Neighbour struct {
	Entity     uuid.UUID // canonical
	Distance   int
	Relations  []Relation
	Statements int
}

// Relation is what connects an entity to one that is nearer, with one predicate.
type Relation struct {
	To               uuid.UUID
	Predicate        string
	Affirmed, Denied []Reading
}

// Neighbours returns the entities that are at most so many hops away, those of some kinds
// left out.
func (m *Model) Neighbours(l Lens, entity uuid.UUID, hops int, without []events.EntityKind) (all []Neighbour) {
	if !known(entity) {
		return nil
	}
	v := m.look(l)
	seen := []uuid.UUID{v.canonical(entity)}
	ring := seen
	for distance := 1; distance <= hops; distance++ {
		var next []uuid.UUID
		for _, e := range ring {
			next = append(next, v.connected(e)...)
		}
		next = slices.DeleteFunc(sorted(next), func(e uuid.UUID) bool { return contains(seen, e) || slices.Contains(without, v.kind(e)) })
		var found []Neighbour
		for _, e := range next {
			found = append(found, v.neighbour(e, distance, sorted(ring)))
		}
		slices.SortStableFunc(found, func(a, b Neighbour) int { return cmp.Compare(b.Statements, a.Statements) })
		all = append(all, found...)
		seen, ring = slices.Concat(seen, next), next
	}
	return all
}

func (v look) neighbour(e uuid.UUID, distance int, ring []uuid.UUID) Neighbour {
	n := Neighbour{Entity: e, Distance: distance}
	counted := map[uuid.UUID]bool{}
	for _, to := range ring {
		h := v.hop(e, to)
		var predicates []string
		for _, r := range slices.Concat(h.Affirmed, h.Denied) {
			counted[r.ID] = true
			predicates = append(predicates, r.Statement.Claim.Predicate)
		}
		slices.Sort(predicates)
		for _, p := range slices.Compact(predicates) {
			other := func(r Reading) bool { return r.Statement.Claim.Predicate != p }
			n.Relations = append(n.Relations, Relation{to, p,
				slices.DeleteFunc(slices.Clone(h.Affirmed), other), slices.DeleteFunc(slices.Clone(h.Denied), other)})
		}
	}
	n.Statements = len(counted)
	return n
}
