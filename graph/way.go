package graph

import (
	"math"
	"sync/atomic"

	"github.com/onrecord/onrecord/events"
)

// anchor is a part of a pattern, or of the lens, that leads to statements.
type anchor int

const (
	byNothing anchor = iota // all rows
	byPredicate
	bySource
	byReferred
	byOccurrence
	byOrigin
	byVoice
	byAddressee
	byEntity
	byAccording
	byArgument // the first; the others follow
)

// way is posting lists that together lead to all that an anchor names.
type way struct {
	by    anchor
	lists []uint32
	rows  uint32 // how many they have, roughly
	cost  uint32 // of going through them, in rows that are looked at
}

// plan chooses the shortest way in, and perhaps another to hold it against. What the
// way guarantees is not asked of each row again: from here on, matches asks only the
// rest.
func (q *query) plan() {
	m := &q.v.m
	best, second := q.ways(seekGain)
	// Few rows are sooner looked at than looked for in another list, and so are those
	// to which another one is much longer. For tests there are no few: see slack.
	if best.cost < m.c.post.slack/2 || second.rows/maxBlock > best.cost {
		second = way{}
	}
	q.walk.all = best.by == byNothing
	for _, n := range best.lists {
		q.walk.add(n, q.predicate, m)
	}
	for _, n := range second.lists {
		q.also.cursors = append(q.also.cursors, m.c.post.open(n, q.predicate, m))
	}
	q.drop(best.by)
	q.asks = q.asksMore()
}

// ways returns the two shortest ways in, where those of an entity's statements that have
// another predicate are passed over so many times as fast as rows are looked at.
func (q *query) ways(gain uint32) (best, second way) {
	m := &q.v.m
	best, second = way{cost: math.MaxUint32}, way{cost: math.MaxUint32}
	consider := func(w way) {
		switch {
		case w.cost < best.cost:
			best, second = w, best
		case w.cost < second.cost:
			second = w
		}
	}
	// Of the statements of an entity, those of a predicate are found by their tags.
	of := func(by anchor, members []uint32, keys ...uint32) {
		from, rows := len(q.lists), uint32(0)
		for _, e := range members {
			for _, key := range keys {
				rows += q.add(m.c.entities.head.at(e), key)
			}
		}
		cost := rows
		if q.predicate != 0 {
			cost /= gain
		}
		consider(way{by, q.lists[from:], rows, cost})
	}
	to := func(by anchor, head *uint32, key uint32) {
		from := len(q.lists)
		rows := q.add(head, key)
		consider(way{by, q.lists[from:], rows, rows})
	}
	if q.source != 0 {
		to(bySource, m.c.sources.head.at(q.source), keyStatements)
	}
	if q.refers != 0 {
		to(byReferred, m.c.events.head.at(q.refers), keyRefers)
	}
	if q.occurrence != nil {
		of(byOccurrence, q.occurrence, keyOccurrence)
	}
	if q.origin != nil {
		of(byOrigin, q.origin, keyOrigin, keyOriginFor)
	}
	if q.voice != nil {
		of(byVoice, q.voice, keyOrigin, keyReports)
	}
	if q.addressee != nil {
		of(byAddressee, q.addressee, keyAddressed)
	}
	if q.entity != nil {
		of(byEntity, q.entity, anyInClaim)
	}
	if l := q.v.lens; l != nil && l.according != nil {
		of(byAccording, l.according, keyOrigin, keyOriginFor)
	}
	for i, f := range q.args {
		of(byArgument+anchor(i), f.entities, keyRole+f.role)
	}
	if q.predicate != 0 {
		// Its list is of no use beside one whose tags tell the same.
		key := uint32(keyStatements)
		switch {
		case q.polarity == events.Denied && q.nobody:
			key = keyOfNobody
		case q.polarity == events.Denied:
			key = keyDenials
		}
		from := len(q.lists)
		rows := q.add(m.c.symbols.head.at(q.predicate), key)
		if rows < best.cost || best.by <= byReferred {
			consider(way{byPredicate, q.lists[from:], rows, rows})
		}
	}
	return best, second
}

// seekGain is how many times as fast rows are passed over by their tags as they are
// looked at.
const seekGain = 16

// What is in place of a key for all lists of statements that have an entity as an
// argument, and for those and the list of those about it as the occurrence.
const (
	anyArgument = keyRole // of role 0
	anyInClaim  = 0
)

// add adds the lists of a thing with a key to those of the query and returns how many
// rows they have.
func (q *query) add(head *uint32, key uint32) (rows uint32) {
	m := &q.v.m
	if key != anyArgument && key != anyInClaim {
		if n := m.c.post.find(atomic.LoadUint32(head), key, m.lists); n != 0 {
			q.lists = append(q.lists, n)
			rows = atomic.LoadUint32(&m.c.post.lists.at(n).live)
		}
		return rows
	}
	for n, l := range m.listsOf(head) {
		if l.key > anyArgument || key == anyInClaim && l.key == keyOccurrence {
			q.lists = append(q.lists, n)
			rows += atomic.LoadUint32(&l.live)
		}
	}
	return rows
}

// drop forgets what a way by this anchor guarantees.
func (q *query) drop(by anchor) {
	switch by {
	case byPredicate:
		if q.predicate = 0; q.polarity == events.Denied {
			q.polarity, q.nobody = 0, false
		}
	case bySource:
		q.source = 0
	case byOccurrence:
		q.occurrence = nil
	case byOrigin:
		q.origin = nil
	case byVoice:
		q.voice = nil
	case byAddressee:
		q.addressee = nil
	case byEntity:
		q.entity = nil
	default:
		if by >= byArgument {
			i := int(by - byArgument)
			q.args[i] = q.args[len(q.args)-1]
			q.args = q.args[:len(q.args)-1]
		}
	}
}

// walk goes through posting lists together, or through all rows of statements:
// through those that stand, ascending, each once.
type walk struct {
	one     cursor
	cursors []cursor // all, where there are several
	heads   []uint32 // the row that each has come to, 0 at its end
	all     bool     // it goes through all rows
	row     uint32   // the last of these
}

// add takes in a list, to be walked for a predicate, 0 for all. It must be called
// before next.
func (w *walk) add(list, predicate uint32, m *moment) {
	if w.cursors == nil && w.one.left+w.one.more == 0 {
		w.one.begin(&m.c.post, list, predicate, m)
		return
	}
	if w.cursors == nil {
		w.cursors = append(w.cursors, w.one)
	}
	w.cursors = append(w.cursors, m.c.post.open(list, predicate, m))
}

// next returns the next row, 0 at the end.
func (w *walk) next(m *moment) uint32 {
	switch {
	case w.all:
		return w.ofAll(m)
	case w.cursors != nil:
		return w.least()
	}
	return w.one.next()
}

// fill fills rows with the next, not always all of them, and returns how many, 0 only
// at the end.
func (w *walk) fill(m *moment, rows []uint32) (n int) {
	if w.cursors == nil && !w.all {
		return w.one.fill(rows)
	}
	for n < len(rows) {
		if rows[n] = w.next(m); rows[n] == 0 {
			return n
		}
		n++
	}
	return n
}

// several is how many rows are looked up together.
const several = 32

// ofAll returns the next of all rows.
func (w *walk) ofAll(m *moment) uint32 {
	for w.row+1 < m.rows {
		if w.row++; m.c.rows.stands(w.row, m.position) && m.c.kindOf(w.row) == events.KindStatementRecorded {
			return w.row
		}
	}
	return 0
}

// least returns the least row that cursors have come to, and moves those on.
func (w *walk) least() (least uint32) {
	if w.heads == nil {
		w.heads = make([]uint32, len(w.cursors))
		for i := range w.cursors {
			w.heads[i] = w.cursors[i].next()
		}
	}
	for _, r := range w.heads {
		if r-1 < least-1 {
			least = r
		}
	}
	if least == 0 {
		return 0
	}
	for i := 0; i < len(w.heads); i++ {
		if w.heads[i] == least {
			w.heads[i] = w.cursors[i].next()
		}
	}
	return least
}

// left returns how many entries are still to be met.
func (w *walk) left(m *moment) (n int) {
	if w.all {
		return int(m.rows - w.row - 1)
	}
	if w.cursors == nil {
		return int(w.one.left + w.one.more)
	}
	for i := range w.cursors {
		n += int(w.cursors[i].left + w.cursors[i].more)
	}
	for _, r := range w.heads {
		if r != 0 {
			n++
		}
	}
	return n
}

// Extent returns roughly how many rows [View.Statements] goes through for a pattern: those
// of the shortest list that leads to what it names or, if none does, all that the record
// had as of the view's position. It costs in proportion to the pattern.
func (v View) Extent(p Pattern) int {
	var q query
	if !q.compile(&v, &p) {
		return 0
	}
	shortest, _ := q.ways(1)
	return int(min(shortest.cost, v.m.rows))
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
