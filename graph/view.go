package graph

import (
	"iter"
	"math"
	"slices"
	"sort"
	"sync"
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
	according []uint32 // ascending; nil: anyone
	rated     []rated
	newest    sync.Map // of what has many ratings: newestOf by ratedFor

	room struct { // so that few need no memory of their own
		ids     [2]uuid.UUID
		members [8]uint32
	}
}

// ratedFor is the posting lists of something that is rated, and who asks.
type ratedFor struct {
	head *uint32
	by   *rated
}

// newestOf is the newest rating, as it was when so much had been redacted.
type newestOf struct{ value, redactions uint32 }

// rated is a Rating in numbers.
type rated struct {
	scheme   uint32
	values   map[uint32]bool
	by       map[uint32]bool // nil: everybody
	required bool
}

// View returns the graph as seen through a lens; nil shows all of it, as of now.
// It costs only the resolution of the lens's filters. It allocates once for
// filters, and again for Rated, or for more than two entities, or eight members of their
// clusters, in According.
func (g *Graph) View(lens *Lens) View {
	v := View{g: g, m: *g.seen.Load()}
	if lens == nil {
		return v
	}
	if lens.AsOf != 0 && lens.AsOf < events.Position(v.m.position) {
		v.m.asOf(uint32(lens.AsOf))
	}
	if !lens.RecordedBy.IsZero() {
		after := sort.Search(int(v.m.position), func(p int) bool {
			return time.Unix(0, v.m.c.batches.at(uint32(p)+1).at).After(lens.RecordedBy)
		})
		v.m.asOf(uint32(after))
	}
	v.resolve(lens)
	return v
}

// resolve has the view look through the filters of a lens.
func (v *View) resolve(lens *Lens) {
	v.lens = nil
	if lens.SaidBy.Time.IsZero() && lens.PublishedBy.Time.IsZero() && lens.Valid.Time.IsZero() &&
		len(lens.According) == 0 && lens.Least == 0 && len(lens.Rated) == 0 {
		return
	}
	f := &filter{lens: *lens}
	f.lens.own(f.room.ids[:0])
	if !lens.SaidBy.Time.IsZero() {
		f.said = lens.SaidBy.Time.Latest()
	}
	if !lens.PublishedBy.Time.IsZero() {
		f.published = lens.PublishedBy.Time.Latest()
	}
	if len(lens.According) > 0 {
		f.according = f.room.members[:0]
		for _, id := range lens.According {
			if n := v.m.c.entities.find(id, v.m.entities); n != 0 {
				f.according = v.m.cluster(f.according, n)
			}
		}
		slices.Sort(f.according)
		f.according = slices.Compact(f.according)
	}
	for i := range lens.Rated {
		p := &lens.Rated[i]
		r := rated{scheme: v.m.c.symbols.find(p.Scheme.Name, v.m.symbols), values: v.m.symbolsOf(p.Scheme.Values), required: p.Required}
		if len(p.By) > 0 {
			r.by = v.m.symbolsOf(p.By)
		}
		f.rated = append(f.rated, r)
	}
	v.lens = f
}

// Graph returns the graph that the view shows.
func (v View) Graph() *Graph { return v.g }

// Position returns the position that the view looks from.
func (v View) Position() events.Position { return events.Position(v.m.position) }

// Lens returns a lens through which the graph gives this view again, whatever has been
// recorded since: its filters, and its position in AsOf. RecordedBy is empty, unless the
// position is 0. AsOf cannot say that, so RecordedBy is a time before all records.
func (v View) Lens() Lens {
	var l Lens
	if v.lens != nil {
		l = v.lens.lens.clone()
	}
	if l.AsOf, l.RecordedBy = v.Position(), (time.Time{}); l.AsOf == 0 {
		l.RecordedBy = time.Time{}.Add(1)
	}
	return l
}

// Unfiltered returns the view without its filters, as of the same position.
func (v View) Unfiltered() View {
	v.lens = nil
	return v
}

// AsOf returns the view as of a position, with its filters, or as of its own position if
// that is not later. As of 0 nothing is there, unlike through a Lens.
func (v View) AsOf(p events.Position) View {
	if p < v.Position() {
		v.m.asOf(uint32(p))
		if v.lens != nil { // who is the same, then?
			v.resolve(&v.lens.lens)
		}
	}
	return v
}

// members returns the numbers of an entity's cluster, none if it is unknown.
func (v *View) members(id uuid.UUID) []uint32 {
	n := v.m.c.entities.find(id, v.m.entities)
	if n == 0 {
		return nil
	}
	return v.m.cluster(nil, n)
}

// shows reports whether a row of a statement passes the filters. That it stands
// is known.
func (v *View) shows(r uint32) bool {
	return v.lens == nil && v.m.c.redactions.Load() == 0 || v.passes(r)
}

func (v *View) passes(r uint32) bool {
	c := v.m.c
	if c.redactions.Load() > 0 && c.events.hidden(c.rows.event.at(r)) {
		return false
	}
	if v.lens == nil {
		return true
	}
	f := v.lens
	event, rd := c.rows.event.at(r), c.readingOf(r)
	if rd.stance.Certainty < f.lens.Least {
		return false
	}
	if f.according != nil && !v.according(rd) {
		return false
	}
	if !f.lens.Valid.Time.IsZero() && !v.overlaps(rd.when(), &f.lens.Valid) {
		return false
	}
	for i := range f.rated {
		if !v.goodEnough(&f.rated[i], event, rd) {
			return false
		}
	}
	if f.lens.SaidBy.Time.IsZero() && f.lens.PublishedBy.Time.IsZero() {
		return true
	}
	if !f.lens.PublishedBy.Time.IsZero() {
		earliest, latest, _ := v.published(event, rd)
		if !by(earliest, latest, f.published, f.lens.PublishedBy.Possibly) {
			return false
		}
	}
	if !f.lens.SaidBy.Time.IsZero() {
		earliest, latest := v.said(event, rd)
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
func (v *View) overlaps(when uint32, window *Bound) bool {
	if when == 0 {
		return true
	}
	var buf [edtf.MaxMembers]edtf.Stretch
	c := v.m.c.times.constraint(when, &buf)
	if window.Possibly {
		return c.Possibly(edtf.Overlaps, window.Time.Constraint())
	}
	return c.Certainly(edtf.Overlaps, window.Time.Constraint())
}

func (v *View) according(rd reading) bool {
	if rd.nvoices == 0 {
		return false
	}
	o := rd.voice(0)
	for k := range uint32(o.speakers) + uint32(o.fors) {
		if _, found := slices.BinarySearch(v.lens.according, rd.party(o, k)); found {
			return true
		}
	}
	return false
}

// goodEnough reports whether a statement and its source are rated as a policy
// has it.
func (v *View) goodEnough(p *rated, event uint32, rd reading) bool {
	c := v.m.c
	own, source := v.rating(c.events.head.at(event), p), uint32(0)
	if n := rd.source(); n != 0 {
		source = v.rating(c.sources.head.at(n), p)
	}
	if own == 0 && source == 0 {
		return !p.required
	}
	return (own == 0 || p.values[own]) && (source == 0 || p.values[source])
}

// rating returns the value of the newest standing rating of a thing that counts for a
// policy and is not redacted, 0 if there is none. Newest is the one that was recorded
// last. The lens remembers it where there are more than a few ratings.
func (v *View) rating(head *uint32, p *rated) (value uint32) {
	m, c := &v.m, v.m.c
	list := c.post.find(atomic.LoadUint32(head), keyAssessed, m.lists)
	if list == 0 {
		return 0
	}
	// For tests there are no few: see slack.
	many, of, redactions := atomic.LoadUint32(&c.post.lists.at(list).live) >= c.post.slack/4, ratedFor{head, p}, c.redactions.Load()
	if many {
		if known, ok := v.lens.newest.Load(of); ok && known.(newestOf).redactions == redactions {
			return known.(newestOf).value
		}
	}
	newest := uint32(0)
	cur := c.post.open(list, 0, m)
	for r := cur.next(); r != 0; r = cur.next() {
		n := c.rows.event.at(r)
		if a := c.assessed.at(c.rows.what(r)); a.scheme == p.scheme && n > newest && !c.events.hidden(n) && (p.by == nil || p.by[m.recorderOf(n)]) {
			newest, value = n, a.value
		}
	}
	if many {
		v.lens.newest.Store(of, newestOf{value, redactions})
	}
	return value
}

// said returns when the origin said it, in seconds: as it is recorded, or at
// some time up to its publication.
func (v *View) said(event uint32, rd reading) (earliest, latest int64) {
	if rd.nvoices > 0 {
		if said := rd.said(rd.voice(0)); said != 0 {
			return v.m.c.times.bounds(said)
		}
	}
	_, latest, _ = v.published(event, rd)
	return math.MinInt64, latest
}

// published returns when a statement was published, in seconds: as its source
// says in this view, or, with false, at some time up to when it was recorded.
func (v *View) published(event uint32, rd reading) (earliest, latest int64, ok bool) {
	c := v.m.c
	if n := rd.source(); n != 0 {
		if r := v.m.newest(c.sources.head.at(n), false); r != 0 {
			if t := c.registered.at(c.rows.what(r)).published; t != 0 {
				earliest, latest = c.times.bounds(t)
				return earliest, latest, true
			}
		}
	}
	at := c.batches.at(v.m.positionOf(event)).at
	return math.MinInt64, time.Unix(0, at).Unix(), false
}

// Statements returns the statements that the view shows and the pattern names,
// in the order in which they came to stand, or, after a split, to be read as they are.
// The sequence may be ranged over again, and by several goroutines at once. It costs in
// proportion to the shortest posting list that the pattern or the lens's According names
// (of an entity: of all its roles together), or to the whole record if they name none. It
// skips rows that are not in the second shortest list, and an entity's rows with another
// predicate, of which it reads a byte each.
func (v View) Statements(p Pattern) iter.Seq[Statement] {
	return func(yield func(Statement) bool) { v.statements(&p, yield) }
}

func (v *View) statements(p *Pattern, yield func(Statement) bool) {
	var room struct { // so that few questions need memory of their own
		members, lists [8]uint32
		args           [2]fill
	}
	q := query{members: room.members[:0], lists: room.lists[:0], args: room.args[:0]}
	if !q.compile(v, p) {
		return
	}
	q.plan()
	var rows [several]uint32
	for n := q.walk.fill(&v.m, rows[:]); n > 0; n = q.walk.fill(&v.m, rows[:]) {
		for _, r := range rows[:n] {
			if (q.also.cursors == nil || q.also.has(r)) && (!q.asks || q.matches(r)) && v.shows(r) && !yield(Statement{v, r}) {
				return
			}
		}
	}
}

// Mentions returns the statements that the view shows and that mention an entity
// anywhere: in the claim, in those nested in it and in conditions, or in a voice,
// as speaker or otherwise. Order and repetition are as for [View.Statements]. It
// costs in proportion to the entity's posting lists.
func (v View) Mentions(entity uuid.UUID) iter.Seq[Statement] {
	return func(yield func(Statement) bool) {
		var w walk
		for _, e := range v.members(entity) {
			for n, l := range v.m.listsOf(v.m.c.entities.head.at(e)) {
				if mentions(l.key) {
					w.add(n, 0, &v.m)
				}
			}
		}
		for r := w.next(&v.m); r != 0; r = w.next(&v.m) {
			if v.shows(r) && !yield(Statement{&v, r}) {
				return
			}
		}
	}
}
