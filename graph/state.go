package graph

import (
	"iter"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// fold is what events are checked against: the record so far, with what has been
// folded of the batch in hand.
var _ events.State = (*fold)(nil)

func (f *fold) Event(id uuid.UUID) (events.EventState, bool) {
	n := f.c.events.find(id, f.c.events.id.n)
	if n == 0 {
		return events.EventState{}, false
	}
	by := f.closer(n)
	s := events.EventState{Kind: f.c.events.kind(n), Standing: by == 0, Redacted: f.redacted[n]}
	if by != 0 {
		s.RemovedBy = *f.c.events.id.at(by)
		s.Replaced = f.c.events.kind(by) == events.KindStatementRecorded
	}
	switch s.Kind {
	case events.KindRetracted:
		s.Undoes = f.undoes(n)
	case events.KindSourceAdded:
		s.Thing = *f.c.sources.id.at(f.c.registered.at(f.c.whatOf(n)).source)
	case events.KindEntityRegistered, events.KindEntityNamed:
		s.Thing = *f.c.entities.id.at(f.c.namings.at(f.c.whatOf(n)).entity)
	}
	return s, true
}

// undoes counts the retractions that a retraction is the last of, up to the
// limit.
func (f *fold) undoes(n uint32) (count int) {
	for ; count < events.MaxUndo && n != 0 && f.c.events.kind(n) == events.KindRetracted; count++ {
		n = f.c.whatOf(n)
	}
	return count
}

// newest returns the newest standing row that registers a thing, 0 if none
// does. Newest is the one that was recorded last. It looks at the last block of the
// list, and at all of it if nothing recorded there stands.
func (m *moment) newest(head *uint32, redacted bool) (found uint32) {
	c := m.c
	list := c.post.find(atomic.LoadUint32(head), keyRegistered, m.lists)
	sure := false
	look := func(cur *cursor) {
		for r := cur.next(); r != 0; r = cur.next() {
			e := c.rows.event.at(r)
			if redacted || !c.events.hidden(e) {
				// What lies before an event's first row was recorded before it.
				sure = sure || c.events.first.at(e) == r
				if found == 0 || e > c.rows.event.at(found) {
					found = r
				}
			}
		}
	}
	cur := c.post.open(list, 0, m)
	if all := cur; cur.toEnd() {
		if look(&cur); sure {
			return found
		}
		cur = all
	}
	look(&cur)
	return found
}

func (f *fold) Entity(id uuid.UUID) (events.EntityKind, bool) {
	n := f.c.entities.find(id, f.c.entities.id.n)
	if n == 0 {
		return 0, false
	}
	r, ok := f.only(*f.c.entities.head.at(n))
	if !ok {
		here := f.here()
		r = here.newest(f.c.entities.head.at(n), true)
	}
	return f.c.namings.at(f.c.rows.what(r)).kind, r != 0
}

// only returns the row that registers a thing, 0 if it stands no more. It reports false
// if there have been several, which is rare.
func (f *fold) only(head uint32) (row uint32, ok bool) {
	p := &f.c.post
	n := p.find(head, keyRegistered, never)
	if n == 0 {
		return 0, true
	}
	l := p.lists.at(n)
	if l.count != 1 {
		return 0, false
	}
	if row = p.last(l); f.c.rows.row.at(row).removed != 0 {
		row = 0
	}
	return row, true
}

func (f *fold) Source(id uuid.UUID) bool {
	n := f.c.sources.find(id, f.c.sources.id.n)
	if r, ok := f.only(*f.c.sources.head.at(n)); ok {
		return r != 0
	}
	here := f.here()
	return here.sourceStands(n)
}

func (f *fold) SourceDerives(from, to uuid.UUID) bool {
	a, b := f.c.sources.find(from, f.c.sources.id.n), f.c.sources.find(to, f.c.sources.id.n)
	if a == 0 || b == 0 {
		return false
	}
	found, _ := f.derives(a, b)
	return found
}

// derives reports whether the source a is derived from b, and how many sources it has passed
// to find out.
func (f *fold) derives(a, b uint32) (found bool, passed int) {
	here := f.here()
	return here.derives(a, b, func(n uint32) uint32 { return here.newest(f.c.sources.head.at(n), true) })
}

// derives reports whether the source a is derived from b, directly or through others, as the
// registrations have them that newest returns, 0 for none, and how many it has passed to find
// out.
func (m *moment) derives(a, b uint32, newest func(source uint32) (row uint32)) (found bool, passed int) {
	if cur := m.open(m.c.sources.head.at(b), keyDerived); cur.next() == 0 {
		return false, 1 // nothing is derived from it, and chains need not be followed
	}
	known := map[uint32]bool{a: true}
	for queue := []uint32{a}; len(queue) > 0; queue = queue[1:] {
		for d := range m.c.derivedFrom(newest(queue[0])) {
			if passed++; d == b {
				return true, passed
			}
			if !known[d] {
				known[d] = true
				queue = append(queue, d)
			}
		}
	}
	return false, passed
}

// derivedFrom yields the sources that a source is derived from, as a row registers it.
func (c *columns) derivedFrom(row uint32) iter.Seq[uint32] {
	return func(yield func(source uint32) bool) {
		reg := c.registered.at(c.rows.what(row))
		for i := range uint32(reg.derived) {
			if !yield(*c.words.at(reg.words + uint32(reg.authors) + i)) {
				return
			}
		}
	}
}

func (f *fold) SourceSHA256(id uuid.UUID) ([]byte, error) {
	n := f.c.sources.find(id, f.c.sources.id.n)
	if n == 0 {
		return nil, nil
	}
	here := f.here()
	r := here.newest(f.c.sources.head.at(n), true)
	if r == 0 {
		return nil, nil
	}
	e, err := f.body(f.c.rows.event.at(r))
	if err != nil {
		return nil, err
	}
	return e.Body.(*events.SourceAdded).Source.SHA256, nil
}

// Retraction returns who recorded a retraction and why, for the errors about what it has
// retracted. These are often many of one, so what was read last is kept.
func (f *fold) Retraction(event uuid.UUID) (recorder, reason string) {
	n := f.c.events.find(event, f.c.events.id.n)
	if n == 0 || f.c.events.kind(n) != events.KindRetracted {
		return "", ""
	}
	e := f.fresh.at(n) // which may be rolled back
	if e == nil {
		if f.retraction == nil || f.retraction.ID != event {
			read, err := f.load(f.ctx, n)
			if err != nil {
				return "", ""
			}
			f.retraction = read
		}
		e = f.retraction
	}
	b, ok := e.Body.(*events.Retracted)
	if !ok {
		return "", ""
	}
	return e.Recorder, b.Reason
}

// Registered returns the newest standing registration of an entity, for the errors about it. It
// reports false if there is none, or if that is redacted or cannot be read.
func (f *fold) Registered(entity uuid.UUID) (events.Entity, bool) {
	n := f.entity(entity)
	if n == 0 {
		return events.Entity{}, false
	}
	here := f.here()
	by := f.c.rows.event.at(here.newest(f.c.entities.head.at(n), true))
	if by == 0 || f.redacted[by] || f.erased[by] {
		return events.Entity{}, false
	}
	e, err := f.body(by)
	if err != nil {
		return events.Entity{}, false
	}
	b, ok := e.Body.(*events.EntityRegistered)
	if !ok || b.Entity.Name.Text == "" { // nothing is left of it if its key was destroyed
		return events.Entity{}, false
	}
	return b.Entity, true
}

// declared calls yield with the newest standing declaration of a name first.
func (f *fold) declared(name string, yield func(*events.VocabularyDeclared) bool) {
	s := f.c.symbols.find(name, f.c.symbols.name.n)
	if s == 0 {
		return
	}
	var ns []uint32
	here := f.hereUnlisted()
	for r := range here.rowsIn(f.c.symbols.head.at(s), keyDeclared) {
		ns = append(ns, f.c.rows.event.at(r))
	}
	for len(ns) > 0 {
		last := 0
		for i := range ns {
			if ns[i] > ns[last] {
				last = i
			}
		}
		if !yield(f.declarations[ns[last]]) {
			return
		}
		ns[last] = ns[len(ns)-1]
		ns = ns[:len(ns)-1]
	}
}

func (f *fold) Predicate(name string) (events.Predicate, bool) {
	if p, ok := f.predicates[name]; ok {
		if p == nil {
			return events.Predicate{}, false
		}
		return *p, true
	}
	var found *events.Predicate
	f.declared(name, func(d *events.VocabularyDeclared) bool {
		found = predicateIn(d, name)
		return found == nil
	})
	if found == nil {
		return events.Predicate{}, false
	}
	f.predicates[name] = found
	return *found, true
}

func predicateIn(d *events.VocabularyDeclared, name string) *events.Predicate {
	for i := range d.Predicates {
		if d.Predicates[i].Name == name {
			return &d.Predicates[i]
		}
	}
	return nil
}

func (f *fold) Scheme(name string) (found events.Scheme, ok bool) {
	f.declared(name, func(d *events.VocabularyDeclared) bool {
		if s := schemeIn(d, name); s != nil {
			found, ok = *s, true
		}
		return !ok
	})
	return found, ok
}

func schemeIn(d *events.VocabularyDeclared, name string) *events.Scheme {
	for i := range d.Schemes {
		if d.Schemes[i].Name == name {
			return &d.Schemes[i]
		}
	}
	return nil
}

func (f *fold) Registration(thing uuid.UUID) (event uuid.UUID, ok bool) {
	newest := uint32(0)
	look := func(head *uint32) {
		p := &f.c.post
		p.raw(p.find(*head, keyRegistered, never), never, func(r uint32) bool {
			newest = max(newest, f.c.rows.event.at(r))
			return true
		})
	}
	if n := f.entity(thing); n != 0 {
		look(f.c.entities.head.at(n))
	}
	if n := f.c.sources.find(thing, f.c.sources.id.n); n != 0 {
		look(f.c.sources.head.at(n))
	}
	return *f.c.events.id.at(newest), newest != 0
}

func (f *fold) entity(id uuid.UUID) uint32 { return f.c.entities.find(id, f.c.entities.id.n) }

func (f *fold) SameChain(a, b uuid.UUID) (chain, verdicts []uuid.UUID) {
	if a == b {
		return []uuid.UUID{a}, nil
	}
	na, nb := f.entity(a), f.entity(b)
	if na == 0 || nb == 0 {
		return nil, nil
	}
	if f.cluster(na) != f.cluster(nb) {
		return nil, nil
	}
	here := f.here()
	for _, s := range here.chain(na, nb) {
		chain = append(chain, *f.c.entities.id.at(s.entity))
		if s.event != 0 {
			verdicts = append(verdicts, *f.c.events.id.at(s.event))
		}
	}
	return chain, verdicts
}

func (f *fold) Different(a, b uuid.UUID) (x, y, verdict uuid.UUID, ok bool) {
	na, nb := f.entity(a), f.entity(b)
	if na == 0 || nb == 0 {
		return
	}
	d, ok := f.differ(na, nb)
	if !ok {
		return
	}
	return *f.c.entities.id.at(d.member), *f.c.entities.id.at(d.other), *f.c.events.id.at(d.event), true
}

func (f *fold) ClusterSize(a, b uuid.UUID) int {
	na, nb := f.entity(a), f.entity(b)
	if na == 0 || nb == 0 {
		return 2
	}
	x, y := f.cluster(na), f.cluster(nb)
	if x == y {
		return len(x.members)
	}
	return len(x.members) + len(y.members)
}

func (f *fold) Mentions(m events.Mention, entity uuid.UUID) bool {
	n := f.c.events.find(m.Statement, f.c.events.id.n)
	if n == 0 || f.c.events.kind(n) != events.KindStatementRecorded || f.erased[n] {
		return false
	}
	e, err := f.body(n)
	if err != nil {
		f.failed = err
		return false
	}
	found := false
	eachMention(splitStatement(e, f.splitsOf(n)), m, func(id *uuid.UUID) { found = found || *id == entity })
	return found
}

func (f *fold) Dependants(event uuid.UUID, limit int) []uuid.UUID {
	n := f.c.events.find(event, f.c.events.id.n)
	if n == 0 {
		return nil
	}
	var found []uuid.UUID
	seen := map[uint32]bool{}
	f.dependants(n, map[*uint32]int{}, func(d uint32) bool {
		if !seen[d] && d != n {
			seen[d] = true
			found = append(found, *f.c.events.id.at(d))
		}
		return len(found) < limit
	})
	return found
}
