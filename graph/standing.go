package graph

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// takeEffect does what an event that now stands does to others.
func (f *fold) takeEffect(n uint32, check bool) error {
	switch f.c.events.kind(n) {
	case events.KindStatementRecorded:
		if t := f.replaces[n]; t != 0 && f.stands(t) {
			f.remove(t, n)
		}
	case events.KindEntitySplit:
		return f.rereadAll(n)
	case events.KindRetracted:
		return f.retract(n, check)
	}
	return nil
}

func (f *fold) stands(n uint32) bool { return n != 0 && f.c.rows.row.at(f.row(n)).removed == 0 }

// closer returns the event that keeps an event from standing, 0 if it stands.
func (f *fold) closer(n uint32) uint32 {
	if f.stands(n) {
		return 0
	}
	return f.c.removals.at(f.last(n, keyRemovals)).by
}

// isThere reports whether a statement stands or is only replaced.
func (f *fold) isThere(n uint32) bool {
	if n == 0 {
		return false
	}
	by := f.closer(n)
	return by == 0 || f.c.events.kind(by) == events.KindStatementRecorded
}

// remove makes an event stand no more, because of another.
func (f *fold) remove(n, by uint32) {
	f.close(n)
	f.removedBy(n, by)
}

func (f *fold) removedBy(n, by uint32) {
	r := f.row(n)
	f.push(f.c.events.head.to(by), keyRemoved, r, 0)
	f.push(f.c.events.head.to(n), keyRemovals, f.c.removals.add(removal{r, by}), 0)
}

// removed returns what an event has removed and nothing has restored since, in
// the order in which it was recorded.
func (f *fold) removed(by uint32) []uint32 {
	var ns []uint32
	here := f.here()
	f.c.post.raw(f.c.post.find(*f.c.events.head.at(by), keyRemoved, never), here.rows, func(r uint32) bool {
		if n := f.c.rows.event.at(r); f.closer(n) == by && f.row(n) == r {
			ns = append(ns, n)
		}
		return true
	})
	slices.Sort(ns)
	return slices.Compact(ns)
}

// retract carries out the retraction n.
func (f *fold) retract(n uint32, check bool) error {
	t := f.c.whatOf(n)
	cascading := *f.c.events.kinds.at(n)&cascades != 0
	if !f.stands(t) || f.undoes(t) >= events.MaxUndo {
		return nil // only in a record that was not checked
	}
	if f.c.events.kind(t) == events.KindRetracted {
		f.remove(t, n)
		return f.restore(f.removed(t), check)
	}
	order := []uint32{t}
	if cascading {
		order = f.cascade(order, map[uint32]bool{t: true})
	}
	var freed []uint32   // what a fallen statement had replaced
	var revised []uint32 // sources that a registration of has fallen
	drop := func(ns []uint32) error {
		for _, x := range ns {
			if err := f.room(); err != nil {
				return err
			}
			f.remove(x, n)
		}
		for _, x := range ns {
			if f.split[x] != nil {
				if err := f.rereadAll(x); err != nil {
					return err
				}
			}
			if a := f.replaces[x]; a != 0 && f.closer(a) == x {
				freed = append(freed, a)
			}
			if check && f.c.events.kind(x) == events.KindSourceAdded {
				revised = append(revised, f.c.registered.at(f.c.whatOf(x)).source)
			}
		}
		return nil
	}
	slices.Sort(order)
	slices.Reverse(order)
	if err := drop(order); err != nil {
		return err
	}
	for len(freed) > 0 {
		slices.Sort(freed)
		a := freed[0]
		freed = freed[1:]
		here := f.here()
		if !cascading || f.c.reading(f.c.aboutOf(a)).restsOn(here.entityStands, here.sourceStands, f.isThere) {
			if err := f.restore([]uint32{a}, check); err != nil {
				return err
			}
			continue
		}
		f.removedBy(a, n)
		if b := f.replaces[a]; b != 0 && f.closer(b) == a {
			freed = append(freed, b)
		}
		more := f.cascade([]uint32{a}, map[uint32]bool{a: true})[1:]
		slices.Sort(more)
		slices.Reverse(more)
		if err := drop(more); err != nil {
			return err
		}
	}
	return f.uncovered(n, revised)
}

// uncovered refuses the retraction n if one of these sources, which have lost a registration
// by it, derives from itself as an older one has it.
func (f *fold) uncovered(n uint32, sources []uint32) error {
	slices.Sort(sources)
	here, looked := f.here(), 0
	for _, s := range slices.Compact(sources) {
		circle, passed := f.derives(s, s)
		if looked += passed; looked >= lookedThrough {
			f.moved += looked / lookedThrough
			looked %= lookedThrough
		}
		if err := f.room(); err != nil {
			return err
		}
		if !circle {
			continue
		}
		older := f.c.rows.event.at(here.newest(f.c.sources.head.at(s), true))
		return &events.Error{Index: -1, Statement: -1, ID: *f.c.events.id.at(n), Kind: events.KindRetracted,
			Field: "Event", Value: *f.c.events.id.at(f.c.whatOf(n)),
			Problem: fmt.Sprintf("leaves the source %v as the event %v registers it, by which it is derived from itself, through others",
				*f.c.sources.id.at(s), *f.c.events.id.at(older)),
			Want: "that source registered anew first, derived from others or, by Builder.Add, from none"}
	}
	return nil
}

// restore makes removed events stand again: first all of them, then each takes
// effect, and then those that still stand must be consistent.
func (f *fold) restore(ns []uint32, check bool) error {
	for _, n := range ns {
		if err := f.room(); err != nil {
			return err
		}
		a := f.c.rows.about(f.row(n))
		if f.c.events.kind(n) == events.KindStatementRecorded {
			var err error
			if a, err = f.readingNow(n); err != nil {
				return err
			}
		}
		f.open(n, a)
	}
	refused := func(n uint32, rule func(*events.Event, events.State) error) error {
		if !check {
			return nil
		}
		e, err := f.body(n)
		if err != nil {
			return err
		}
		if err := rule(e, f); err != nil {
			return fmt.Errorf("graph: undoing would restore event %v, which cannot stand: %w", e.ID, err)
		}
		return f.failed
	}
	for _, n := range ns {
		if t := f.replaces[n]; t != 0 && f.closer(t) == n {
			continue // it had itself been replaced, which undoes nothing
		}
		if f.replaces[n] != 0 || f.c.events.kind(n) == events.KindRetracted {
			if err := refused(n, events.CheckEffect); err != nil {
				return err
			}
		}
		if err := f.takeEffect(n, check); err != nil {
			return err
		}
	}
	for _, n := range ns {
		if f.stands(n) {
			if err := refused(n, events.CheckStanding); err != nil {
				return err
			}
		}
	}
	return nil
}

// body returns an event as it was recorded.
func (f *fold) body(n uint32) (*events.Event, error) {
	if e := f.fresh.at(n); e != nil {
		return e, nil
	}
	return f.load(f.ctx, n)
}

// cascade adds to order every standing event that rests on one in it, directly
// or through others.
func (f *fold) cascade(order []uint32, fall map[uint32]bool) []uint32 {
	left := make(map[*uint32]int)
	for i := 0; i < len(order); i++ {
		f.dependants(order[i], left, func(d uint32) bool {
			if !fall[d] {
				fall[d] = true
				order = append(order, d)
			}
			return true
		})
	}
	return order
}

// lookedThrough is how many entries that are only looked at count as one that is moved.
const lookedThrough = 16

// dependants calls yield with standing events, perhaps with one several times,
// that cannot stand without x, which stands, and those it has been called for before. What
// is left of the registrations of things, by their heads, it counts itself. It ends early
// where there is no room left.
func (f *fold) dependants(x uint32, left map[*uint32]int, yield func(uint32) bool) {
	c := f.c
	kind := c.events.kind(x)
	var head *uint32
	switch kind {
	case events.KindSourceAdded:
		head = c.sources.head.at(c.registered.at(c.whatOf(x)).source)
	case events.KindEntityRegistered:
		head = c.entities.head.at(c.namings.at(c.whatOf(x)).entity)
	case events.KindStatementRecorded:
		head = c.events.head.at(x)
	default:
		return
	}
	here := f.here()
	if kind != events.KindStatementRecorded {
		n, counted := left[head]
		for cur := here.open(head, keyRegistered); !counted && cur.next() != 0; {
			n++
		}
		if left[head] = n - 1; n > 1 {
			return // another registration carries the thing
		}
	}
	more, passed := true, 0
	for n, l := range here.listsOf(head) {
		switch l.key {
		case keyRegistered, keyReplacers, keyRemoved, keyRows, keyRemovals:
			continue
		}
		// Dead rows, too: a statement rests on what it mentioned as it was
		// recorded, even where splits have it read otherwise.
		c.post.raw(n, here.rows, func(r uint32) bool {
			if passed++; passed%lookedThrough == 0 {
				if f.moved++; f.room() != nil {
					more = false
					return false
				}
			}
			e := c.rows.event.at(r)
			if f.stands(e) && (c.events.kind(e) != events.KindStatementRecorded || c.rows.about(r) == c.aboutOf(e)) {
				more = yield(e)
			}
			return more
		})
		if !more {
			return
		}
	}
}

func (m *moment) entityStands(n uint32) bool { return n != 0 && m.registered(m.c.entities.head.at(n)) }
func (m *moment) sourceStands(n uint32) bool { return n != 0 && m.registered(m.c.sources.head.at(n)) }

func (m *moment) registered(head *uint32) bool {
	cur := m.open(head, keyRegistered)
	return cur.next() != 0
}

// addSplit notes which statements a split touches.
func (f *fold) addSplit(n uint32, b *events.EntitySplit) {
	for i := range b.Parts {
		f.entityIn(b.Parts[i].Entity)
		for _, m := range b.Parts[i].Mentions {
			s := f.statementIn(m.Statement)
			if s == 0 || slices.Contains(f.splits[s], n) {
				continue
			}
			f.splits[s] = append(f.splits[s], n)
			f.journal.add(undo{back: func() { f.splits[s] = f.splits[s][:len(f.splits[s])-1] }})
		}
	}
}

// rereadAll reads the statements anew that a split touches and that stand.
func (f *fold) rereadAll(split uint32) error {
	done := map[uuid.UUID]bool{}
	b := f.split[split]
	for i := range b.Parts {
		for _, m := range b.Parts[i].Mentions {
			s := f.c.events.find(m.Statement, f.c.events.id.n)
			if done[m.Statement] || !f.stands(s) {
				continue
			}
			done[m.Statement] = true
			was := f.c.rows.about(f.row(s))
			now, err := f.readingNow(s)
			if err != nil {
				return err
			}
			if now != was {
				if err := f.room(); err != nil {
					return err
				}
				f.c.removals.add(removal{row: f.row(s)})
				f.close(s)
				f.open(s, now)
			}
		}
	}
	return nil
}

// splitsOf returns the standing splits that name a statement, in the order in which they
// were recorded.
func (f *fold) splitsOf(n uint32) (standing []*events.EntitySplit) {
	for _, s := range f.splits[n] {
		if f.stands(s) {
			standing = append(standing, f.split[s])
		}
	}
	return standing
}

// readingNow returns how a statement is read with the splits that stand. One that has
// been erased is not read.
func (f *fold) readingNow(n uint32) (about, error) {
	if f.erased[n] {
		return f.c.aboutOf(n), nil
	}
	standing := f.splitsOf(n)
	if len(standing) == 0 {
		return f.c.aboutOf(n), nil
	}
	e, err := f.body(n)
	if err != nil {
		return about{}, err
	}
	return f.read(splitStatement(e, standing)), nil
}
