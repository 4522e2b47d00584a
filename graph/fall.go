package graph

import (
	"cmp"
	"maps"
	"slices"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// Fall is a statement that falls with what it rests on.
type Fall struct {
	Statement
	// On is what it rests on that falls, too, each once: its source, then
	// statements that its claim refers to. It is empty for a statement that was
	// named itself and rests on nothing else that falls.
	On []uuid.UUID
}

// Falls returns the statements that would fall with sources and statements: what
// stands as of the view's position and would not after these had been retracted
// with Cascade, of a source all its [View.Registrations]. They are in the order in which
// they were recorded. The view's filters do not apply, and statements that are
// redacted are among them. What is not there brings nothing down; a statement
// that has been replaced and is named falls as soon as it would come back.
//
// Circular are the sources that would be left with an older registration by which each
// is derived from itself, through others. While there are any, the retraction is refused:
// register them anew first.
//
// It costs in proportion to what falls and, for each source that would be left with an
// older registration, to what that is derived from. It reads nothing from the record.
func (v View) Falls(with ...uuid.UUID) (falls []Fall, circular []uuid.UUID) {
	c := v.m.c
	f := faller{m: v.m, named: make(map[uint32]bool), down: make(map[pillar]bool), left: make(map[uint32]bool), returned: make(map[pillar][]uint32)}
	for _, id := range with {
		if n := c.sources.find(id, v.m.sources); n != 0 && v.m.sourceStands(n) {
			f.fall(pillar{true, n})
		}
		if n := c.events.find(id, v.m.events); n != 0 && c.events.kind(n) == events.KindStatementRecorded {
			f.named[n] = true
			if v.m.rowOf(n) != 0 {
				f.fall(pillar{false, n})
			}
		}
	}
	for i := 0; i < len(f.order); i++ {
		f.spread(f.order[i])
	}
	slices.SortFunc(f.order, func(a, b pillar) int { return cmp.Compare(a.n, b.n) })
	for _, p := range f.order {
		if p.source {
			continue
		}
		if r := v.m.rowOf(p.n); r != 0 {
			falls = append(falls, Fall{Statement{&v, r}, f.on(p.n)})
		}
	}
	for _, n := range slices.Sorted(maps.Keys(f.left)) {
		if circle, _ := v.m.derives(n, n, f.newest); circle {
			circular = append(circular, *c.sources.id.at(n))
		}
	}
	return falls, circular
}

// pillar is what statements rest on and what may fall: a source or a statement.
type pillar struct {
	source bool
	n      uint32
}

// faller finds out what falls. It serves one question.
type faller struct {
	m     moment
	named map[uint32]bool // statements
	down  map[pillar]bool
	order []pillar        // what is down, in the order in which it fell
	left  map[uint32]bool // sources that have lost a registration, and perhaps fell later
	// returned are statements that come back because the one in their place has
	// fallen, by what they rest on.
	returned map[pillar][]uint32
}

func (f *faller) fall(p pillar) {
	if !f.down[p] {
		f.down[p] = true
		f.order = append(f.order, p)
	}
}

// spread brings down what cannot stand without p.
func (f *faller) spread(p pillar) {
	c := f.m.c
	for _, n := range f.returned[p] {
		f.fall(pillar{false, n})
	}
	head, key := c.events.head.at(p.n), uint32(keyRefers)
	if p.source {
		head, key = c.sources.head.at(p.n), keyStatements
	}
	for r := range f.m.rowsIn(head, key) {
		f.fall(pillar{false, c.rows.event.at(r)})
	}
	if !p.source {
		if n := f.m.replacedBy(p.n); n != 0 {
			f.comeBack(n)
		}
		return
	}
	met := make(map[uint32]bool) // with however many registrations
	for r := range f.m.rowsIn(head, keyDerived) {
		if d := c.registered.at(c.rows.what(r)).source; !met[d] {
			if met[d] = true; f.newest(d) == 0 {
				f.fall(pillar{true, d})
			}
			f.left[d] = true
		}
	}
}

// newest returns the newest registration of a source that stands without what has fallen,
// 0 if there is none.
func (f *faller) newest(source uint32) (found uint32) {
	c := f.m.c
	if f.down[pillar{true, source}] {
		return 0
	}
	for r := range f.m.rowsIn(c.sources.head.at(source), keyRegistered) {
		rests := false
		for from := range c.derivedFrom(r) {
			rests = rests || f.down[pillar{true, from}]
		}
		if !rests && (found == 0 || c.rows.event.at(r) > c.rows.event.at(found)) {
			found = r
		}
	}
	return found
}

// comeBack takes in that a statement stands again, unless it cannot.
func (f *faller) comeBack(statement uint32) {
	there := func(source bool, stands func(uint32) bool) func(uint32) bool {
		return func(n uint32) bool { return !f.down[pillar{source, n}] && stands(n) }
	}
	rd := f.m.c.reading(f.m.c.aboutOf(statement))
	if f.named[statement] || !rd.restsOn(f.m.entityStands, there(true, f.m.sourceStands), there(false, f.m.isThere)) {
		f.fall(pillar{false, statement})
		return
	}
	note := func(source bool) func(uint32) bool {
		return func(n uint32) bool {
			f.returned[pillar{source, n}] = append(f.returned[pillar{source, n}], statement)
			return true
		}
	}
	rd.restsOn(func(uint32) bool { return true }, note(true), note(false))
}

// on returns what a statement rests on that has fallen.
func (f *faller) on(statement uint32) (ids []uuid.UUID) {
	add := func(source bool, id func(uint32) uuid.UUID) func(uint32) bool {
		return func(n uint32) bool {
			if f.down[pillar{source, n}] && !slices.Contains(ids, id(n)) {
				ids = append(ids, id(n))
			}
			return true
		}
	}
	c := f.m.c
	c.reading(c.aboutOf(statement)).restsOn(func(uint32) bool { return true },
		add(true, func(n uint32) uuid.UUID { return *c.sources.id.at(n) }),
		add(false, func(n uint32) uuid.UUID { return *c.events.id.at(n) }))
	return ids
}

// replacedBy returns the statement that one has replaced, whether it stands or not, 0 for
// none.
func (m *moment) replacedBy(statement uint32) (found uint32) {
	c := m.c
	c.post.raw(c.post.find(atomic.LoadUint32(c.events.head.at(statement)), keyRemoved, m.lists), m.rows, func(r uint32) bool {
		found = c.rows.event.at(r)
		return false
	})
	return found
}

// isThere reports whether a statement stands or is only replaced.
func (m *moment) isThere(statement uint32) bool {
	if statement == 0 {
		return false
	}
	there := m.rowOf(statement) != 0
	c := m.c
	c.post.raw(c.post.find(atomic.LoadUint32(c.events.head.at(statement)), keyReplacers, m.lists), m.rows, func(r uint32) bool {
		there = there || m.isThere(c.rows.event.at(r))
		return !there
	})
	return there
}
