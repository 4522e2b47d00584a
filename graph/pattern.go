package graph

import (
	"math"
	"slices"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
)

// Pattern names statements: those for which everything given holds. The zero
// Pattern names all. An entity stands for its whole cluster in the view.
type Pattern struct {
	Predicate  string
	Entity     uuid.UUID // is the occurrence or fills an argument; nested claims are not looked into
	Args       []Fill    // each is an argument
	Occurrence uuid.UUID
	Origin     uuid.UUID // speaks in Voices[0], or is spoken for there
	Voice      uuid.UUID // speaks in any of the voices
	Source     uuid.UUID
	Refers     uuid.UUID // a statement that an argument refers to
	Form       events.Form
	Polarity   events.Polarity // the origin's
	During     Bound           // the claim's time overlaps it; a claim without a time always does
}

// Fill is an argument that a pattern asks for.
type Fill struct {
	Role   string // empty: any role
	Entity uuid.UUID
}

// Entities returns the entities that the pattern names, perhaps one more than
// once.
func (p Pattern) Entities() []uuid.UUID {
	ids := []uuid.UUID{p.Entity, p.Occurrence, p.Origin, p.Voice}
	for _, a := range p.Args {
		ids = append(ids, a.Entity)
	}
	return slices.DeleteFunc(ids, func(id uuid.UUID) bool { return id == uuid.Nil })
}

// query is a pattern in numbers.
type query struct {
	v          *View
	p          *Pattern
	predicate  uint32
	source     uint32
	refers     uint32
	entity     []uint32
	occurrence []uint32
	origin     []uint32
	voice      []uint32
	args       []fill
	during     edtf.Constraint
	walks      []walk // of the shortest way in; nil: all rows
	also       []walk // of the second shortest, which leads to all that is named, too; nil: none
}

type fill struct {
	role     uint32
	entities []uint32
}

// walk is a posting list to go through.
type walk struct {
	head *uint32
	key  uint32 // 0: every list of statements that mention it in its claim
}

// compile resolves a pattern; it reports false if nothing can match.
func (v *View) compile(p Pattern) (q query, ok bool) {
	q = query{v: v, p: &p, during: p.During.Time.Constraint()}
	c := v.m.c
	best, second := uint32(math.MaxUint32), uint32(math.MaxUint32)
	consider := func(ws []walk) {
		n := uint32(0)
		for _, w := range ws {
			n += v.length(w)
		}
		switch {
		case n < best:
			best, second, q.walks, q.also = n, best, ws, q.walks
		case n < second:
			second, q.also = n, ws
		}
	}
	of := func(members []uint32, keys ...uint32) (ws []walk) {
		for _, e := range members {
			for _, k := range keys {
				ws = append(ws, walk{c.entities.head.at(e), k})
			}
		}
		return ws
	}
	if p.Predicate != "" {
		if q.predicate = c.symbols.find(p.Predicate, v.m.symbols); q.predicate == 0 {
			return q, false
		}
		key := uint32(keyStatements)
		if p.Polarity == events.Denied {
			key = keyDenials
		}
		consider([]walk{{c.symbols.head.at(q.predicate), key}})
	}
	if p.Source != uuid.Nil {
		if q.source = c.sources.find(p.Source, v.m.sources); q.source == 0 {
			return q, false
		}
		consider([]walk{{c.sources.head.at(q.source), keyStatements}})
	}
	if p.Refers != uuid.Nil {
		if q.refers = c.events.find(p.Refers, v.m.events); q.refers == 0 {
			return q, false
		}
		consider([]walk{{c.events.head.at(q.refers), keyRefers}})
	}
	for _, x := range []struct {
		id   uuid.UUID
		to   *[]uint32
		keys []uint32
	}{
		{p.Occurrence, &q.occurrence, []uint32{keyOccurrence}},
		{p.Origin, &q.origin, []uint32{keyOrigin, keyOriginFor}},
		{p.Voice, &q.voice, []uint32{keyOrigin, keyReports}},
		{p.Entity, &q.entity, []uint32{0}},
	} {
		if x.id != uuid.Nil {
			if *x.to = v.members(x.id); *x.to == nil {
				return q, false
			}
			consider(of(*x.to, x.keys...))
		}
	}
	for _, a := range p.Args {
		f := fill{entities: v.members(a.Entity)}
		if f.entities == nil {
			return q, false
		}
		key := uint32(0)
		if a.Role != "" {
			if f.role = c.symbols.find(a.Role, v.m.symbols); f.role == 0 {
				return q, false
			}
			key = keyRole + f.role
		}
		q.args = append(q.args, f)
		consider(of(f.entities, key))
	}
	// Few rows are sooner looked at than looked for in another list, and so are those
	// to which another one is much longer. For tests there are no few: see slack.
	if best < c.post.slack/4 || second/maxBlock > best {
		q.also = nil
	}
	return q, true
}

// inClaim reports whether a list of an entity is of statements that mention it
// in their claim.
func inClaim(key uint32) bool { return key == keyOccurrence || key >= keyRole }

// inVoice reports whether it is of statements that mention it in a voice.
func inVoice(key uint32) bool { return key >= keyOrigin && key <= keyAddressed }

// length estimates how many rows a walk meets.
func (v *View) length(w walk) (n uint32) {
	if w.key != 0 {
		if k := v.m.c.post.find(atomic.LoadUint32(w.head), w.key, v.m.lists); k != 0 {
			n = atomic.LoadUint32(&v.m.c.post.lists.at(k).live)
		}
		return n
	}
	v.m.each(w.head, func(_ uint32, l *list) bool {
		if inClaim(l.key) {
			n += atomic.LoadUint32(&l.live)
		}
		return true
	})
	return n
}

// rows calls yield with the rows that the way in leads to and that stand,
// ascending, each once.
func (q *query) rows(yield func(uint32) bool) {
	if q.walks == nil {
		q.all(yield)
		return
	}
	cursors := q.v.m.cursors(q.walks)
	if q.also != nil {
		other, every := sieve{cursors: q.v.m.cursors(q.also)}, yield
		yield = func(r uint32) bool { return !other.has(r) || every(r) }
	}
	if len(cursors) == 1 {
		for r := cursors[0].next(); r != 0 && yield(r); r = cursors[0].next() {
		}
		return
	}
	merge(cursors, yield)
}

// cursors opens the lists of some walks.
func (m *moment) cursors(walks []walk) (cursors []cursor) {
	for _, w := range walks {
		if w.key != 0 {
			cursors = append(cursors, m.open(w.head, w.key))
			continue
		}
		m.each(w.head, func(n uint32, l *list) bool {
			if inClaim(l.key) {
				cursors = append(cursors, m.c.post.open(n, m))
			}
			return true
		})
	}
	return cursors
}

// sieve tells of ascending rows which are in one of some lists.
type sieve struct {
	cursors []cursor
	heads   []uint32 // the row that each cursor has come to
}

func (s *sieve) has(r uint32) (found bool) {
	if s.heads == nil {
		s.heads = make([]uint32, len(s.cursors))
	}
	for i := range s.cursors {
		if s.heads[i] < r {
			s.heads[i] = s.cursors[i].to(r)
		}
		found = found || s.heads[i] == r
	}
	return found
}

// merge yields the rows of several cursors, ascending, each once.
func merge(cursors []cursor, yield func(uint32) bool) {
	heads := make([]uint32, 0, len(cursors))
	live := cursors[:0]
	for i := range cursors {
		c := cursors[i]
		if r := c.next(); r != 0 {
			live, heads = append(live, c), append(heads, r)
		}
	}
	for len(live) > 0 {
		least := heads[0]
		for _, r := range heads[1:] {
			least = min(least, r)
		}
		if !yield(least) {
			return
		}
		for i := 0; i < len(live); i++ {
			if heads[i] != least {
				continue
			}
			if heads[i] = live[i].next(); heads[i] == 0 {
				last := len(live) - 1
				live[i], heads[i] = live[last], heads[last]
				live, heads = live[:last], heads[:last]
				i--
			}
		}
	}
}

// all yields every row of a statement that stands.
func (q *query) all(yield func(uint32) bool) {
	m := &q.v.m
	for r := uint32(1); r < m.rows; r++ {
		if m.c.rows.stands(r, m.position) && m.c.kindOf(r) == events.KindStatementRecorded && !yield(r) {
			return
		}
	}
}

// matches reports whether a reading is what the pattern names.
func (q *query) matches(rd reading) bool {
	p := q.p
	if q.predicate != 0 && rd.predicate != q.predicate || q.source != 0 && rd.source() != q.source ||
		p.Form != 0 && rd.manner.form() != p.Form || p.Polarity != 0 && rd.stance.Polarity != p.Polarity || q.occurrence != nil && !has(q.occurrence, rd.occurrence()) {
		return false
	}
	if q.entity != nil && !has(q.entity, rd.occurrence()) && !rd.fills(0, q.entity) {
		return false
	}
	for _, f := range q.args {
		if !rd.fills(f.role, f.entities) {
			return false
		}
	}
	if q.refers != 0 && !rd.refers(q.refers) {
		return false
	}
	if q.origin != nil && !rd.speaks(q.origin, 1, true) || q.voice != nil && !rd.speaks(q.voice, rd.nvoices, false) {
		return false
	}
	return p.During.Time.IsZero() || q.v.overlaps(rd.when(), q.during, p.During.Possibly)
}

func has(set []uint32, n uint32) bool {
	for _, x := range set {
		if x == n {
			return true
		}
	}
	return false
}

// fills reports whether one of the entities is an argument, in a role or, with
// role 0, in any.
func (rd reading) fills(role uint32, entities []uint32) bool {
	for i := range uint32(rd.nargs) {
		s := rd.slot(i)
		if s.kind == events.EntityValue && (role == 0 || s.role == role) && has(entities, rd.ref(i)) {
			return true
		}
	}
	return false
}

func (rd reading) refers(statement uint32) bool {
	for i := range uint32(rd.nargs) {
		if s := rd.slot(i); s.kind == events.StatementValue && s.role != 0 && rd.ref(i) == statement {
			return true
		}
	}
	return false
}

// speaks reports whether one of the entities speaks in one of the first voices,
// or, with fors, is spoken for there.
func (rd reading) speaks(entities []uint32, voices uint8, fors bool) bool {
	for i := range uint32(min(voices, rd.nvoices)) {
		v := rd.voice(i)
		n := uint32(v.speakers)
		if fors {
			n += uint32(v.fors)
		}
		for k := range n {
			if has(entities, rd.party(v, k)) {
				return true
			}
		}
	}
	return false
}
