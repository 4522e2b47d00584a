package graph

import (
	"iter"
	"math"
	"sort"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
)

// View is a graph as somebody looks at it; [Graph.View] makes one. It never
// changes, so it may be shared, and it may be copied.
type View struct {
	g    *Graph
	m    moment
	lens *filter // nil: everything
}

// filter is a lens, resolved once.
type filter struct {
	lens      Lens
	said      int64 // the latest instant of SaidBy
	published int64
	valid     edtf.Constraint
	according map[uint32]bool
}

// View returns the graph as seen through a lens; nil shows all of it, as of now.
// It costs nothing but, with filters, their resolution.
func (g *Graph) View(lens *Lens) View {
	v := View{g: g, m: *g.seen.Load()}
	if lens == nil {
		return v
	}
	if lens.AsOf != 0 && lens.AsOf < events.Position(v.m.position) {
		v.m.asOf(uint32(lens.AsOf))
	}
	if !lens.RecordedBy.IsZero() {
		at := lens.RecordedBy.UnixNano()
		after := sort.Search(int(v.m.position), func(p int) bool { return v.m.c.batches.at(uint32(p)+1).at > at })
		v.m.asOf(uint32(after))
	}
	if lens.SaidBy.Time.IsZero() && lens.PublishedBy.Time.IsZero() && lens.Valid.Time.IsZero() &&
		len(lens.According) == 0 && lens.Least == 0 {
		return v
	}
	f := &filter{lens: *lens, valid: lens.Valid.Time.Constraint()}
	if !lens.SaidBy.Time.IsZero() {
		f.said = lens.SaidBy.Time.Latest()
	}
	if !lens.PublishedBy.Time.IsZero() {
		f.published = lens.PublishedBy.Time.Latest()
	}
	if len(lens.According) > 0 {
		f.according = map[uint32]bool{}
		for _, id := range lens.According {
			for _, e := range v.members(id) {
				f.according[e] = true
			}
		}
	}
	v.lens = f
	return v
}

// Position returns the position that the view looks from.
func (v View) Position() events.Position { return events.Position(v.m.position) }

// Lens returns the lens that the view was made with, its position filled in.
func (v View) Lens() Lens {
	var l Lens
	if v.lens != nil {
		l = v.lens.lens
	}
	l.AsOf = v.Position()
	return l
}

// Unfiltered returns the view without its filters, as of the same position.
func (v View) Unfiltered() View {
	v.lens = nil
	return v
}

// members returns the numbers of an entity's cluster, none if it is unknown.
func (v *View) members(id uuid.UUID) []uint32 {
	n := v.m.c.entities.find(id, v.m.entities)
	if n == 0 {
		return nil
	}
	return v.m.cluster(n)
}

// shows reports whether a row of a statement passes the filters. That it stands
// is known.
func (v *View) shows(r uint32) bool {
	w := v.m.c.row.at(r)
	if v.m.c.event.at(w.event).hidden() {
		return false
	}
	if v.lens == nil {
		return true
	}
	f := v.lens
	rd := v.m.c.readings.at(w.reading)
	if rd.stance.Certainty < f.lens.Least {
		return false
	}
	if f.according != nil && !v.according(rd) {
		return false
	}
	if !f.lens.Valid.Time.IsZero() && !v.overlaps(rd.when, f.valid, f.lens.Valid.Possibly) {
		return false
	}
	if f.lens.SaidBy.Time.IsZero() && f.lens.PublishedBy.Time.IsZero() {
		return true
	}
	earliest, latest := v.published(w, rd)
	if !f.lens.PublishedBy.Time.IsZero() && !by(earliest, latest, f.published, f.lens.PublishedBy.Possibly) {
		return false
	}
	if !f.lens.SaidBy.Time.IsZero() {
		earliest = math.MinInt64
		if rd.nvoices > 0 {
			if said := v.m.c.voices.at(rd.voices).said; said != 0 {
				earliest, latest = v.m.c.times.bounds(said)
			}
		}
		if !by(earliest, latest, f.said, f.lens.SaidBy.Possibly) {
			return false
		}
	}
	return true
}

func by(earliest, latest, limit int64, possibly bool) bool {
	if possibly {
		return earliest <= limit
	}
	return latest <= limit
}

// overlaps reports whether a claim's time overlaps a window. No time always does.
func (v *View) overlaps(when uint32, window edtf.Constraint, possibly bool) bool {
	if when == 0 {
		return true
	}
	var buf [edtf.MaxMembers]edtf.Stretch
	c := v.m.c.times.constraint(when, &buf)
	if possibly {
		return c.Possibly(edtf.Overlaps, window)
	}
	return c.Certainly(edtf.Overlaps, window)
}

func (v *View) according(rd *reading) bool {
	if rd.nvoices == 0 {
		return false
	}
	o := v.m.c.voices.at(rd.voices)
	for k := range uint32(o.speakers) + uint32(o.fors) {
		if v.lens.according[*v.m.c.parties.at(o.parties + k)] {
			return true
		}
	}
	return false
}

// published returns when a statement was published, in seconds: as its source
// says in this view, or at some time up to when it was recorded.
func (v *View) published(w *row, rd *reading) (earliest, latest int64) {
	c := v.m.c
	if rd.source != 0 {
		if r := v.m.newest(c.sources.head.at(rd.source), false); r != 0 {
			if t := c.registered.at(c.row.at(r).reading).published; t != 0 {
				return c.times.bounds(t)
			}
		}
	}
	at := c.batches.at(v.m.positionOf(w.event)).at
	return math.MinInt64, time.Unix(0, at).Unix()
}

// Statements returns the statements that the view shows and the pattern names,
// in the order in which they came to stand, or to be read as they are since a
// split. The sequence may be ranged over
// again. It costs in proportion to the shortest posting list that the pattern
// names (of an entity: of all its roles together), or to the whole record if it
// names none. It may be ranged over by several goroutines at once.
func (v View) Statements(p Pattern) iter.Seq[Statement] {
	return func(yield func(Statement) bool) {
		q, ok := v.compile(p)
		if !ok {
			return
		}
		for r := range q.rows {
			if v.shows(r) && q.matches(v.m.c.readings.at(v.m.c.row.at(r).reading)) && !yield(Statement{&v, r}) {
				return
			}
		}
	}
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
	best := uint32(math.MaxUint32)
	consider := func(ws []walk) {
		n := uint32(0)
		for _, w := range ws {
			n += v.length(w)
		}
		if n < best {
			best, q.walks = n, ws
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
		consider([]walk{{c.symbols.head.at(q.predicate), keyStatements}})
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
		consider([]walk{{&c.event.at(q.refers).head, keyRefers}})
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
	return q, true
}

// inClaim reports whether a list of an entity is of statements that mention it
// in their claim.
func inClaim(key uint32) bool { return key == keyOccurrence || key >= keyRole }

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
	m := &q.v.m
	if q.walks == nil {
		q.all(yield)
		return
	}
	var cursors []cursor
	for _, w := range q.walks {
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
	if len(cursors) == 1 {
		for r := cursors[0].next(); r != 0 && yield(r); r = cursors[0].next() {
		}
		return
	}
	merge(cursors, yield)
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
		w := m.c.row.at(r)
		if atomic.LoadUint32(&w.removed) > m.position && m.c.event.at(w.event).kind() == events.KindStatementRecorded && !yield(r) {
			return
		}
	}
}

// matches reports whether a reading is what the pattern names.
func (q *query) matches(rd *reading) bool {
	c := q.v.m.c
	p := q.p
	if q.predicate != 0 && rd.predicate != q.predicate || q.source != 0 && rd.source != q.source ||
		p.Form != 0 && rd.form != p.Form || q.occurrence != nil && !has(q.occurrence, rd.occurrence) {
		return false
	}
	if q.entity != nil && !has(q.entity, rd.occurrence) && !rd.fills(c, 0, q.entity) {
		return false
	}
	for _, f := range q.args {
		if !rd.fills(c, f.role, f.entities) {
			return false
		}
	}
	if q.refers != 0 && !rd.refers(c, q.refers) {
		return false
	}
	if q.origin != nil && !rd.speaks(c, q.origin, 1, true) || q.voice != nil && !rd.speaks(c, q.voice, rd.nvoices, false) {
		return false
	}
	return p.During.Time.IsZero() || q.v.overlaps(rd.when, q.during, p.During.Possibly)
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
func (rd *reading) fills(c *columns, role uint32, entities []uint32) bool {
	for i := range uint32(rd.nargs) {
		a := c.args.at(rd.args + i)
		if a.kind == events.EntityValue && (role == 0 || a.role == role) && has(entities, a.ref) {
			return true
		}
	}
	return false
}

func (rd *reading) refers(c *columns, statement uint32) bool {
	for i := range uint32(rd.nargs) {
		if a := c.args.at(rd.args + i); a.kind == events.StatementValue && a.role != 0 && a.ref == statement {
			return true
		}
	}
	return false
}

// speaks reports whether one of the entities speaks in one of the first voices,
// or, with fors, is spoken for there.
func (rd *reading) speaks(c *columns, entities []uint32, voices uint8, fors bool) bool {
	for i := range uint32(min(voices, rd.nvoices)) {
		v := c.voices.at(rd.voices + i)
		n := uint32(v.speakers)
		if fors {
			n += uint32(v.fors)
		}
		for k := range n {
			if has(entities, *c.parties.at(v.parties + k)) {
				return true
			}
		}
	}
	return false
}
