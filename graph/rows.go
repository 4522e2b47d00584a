package graph

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/onrecord/onrecord/events"
)

// Row is what the graph keeps in memory of a statement as a view reads it, for adapters
// such as graph/quadstore; like [Numbers] it is outside the promise of stability.
// Entities are as they are recorded, perhaps not canonical. It never changes, so it
// may be shared.
type Row struct {
	Statement uint32
	rd        reading
}

// Predicate returns the claim's predicate, a symbol.
func (r Row) Predicate() uint32 { return r.rd.predicate }

// Occurrence returns the entity that the claim describes, 0 if it names none.
func (r Row) Occurrence() uint32 { return r.rd.occurrence() }

// Source returns the source that the statement is taken from, 0 if it has none.
func (r Row) Source() uint32 { return r.rd.source() }

// When returns the claim's time, 0 if it has none.
func (r Row) When() uint32 { return r.rd.when() }

// Form returns how the source words the statement.
func (r Row) Form() events.Form { return r.rd.manner.form() }

// Conditional reports whether the claim has conditions.
func (r Row) Conditional() bool { return r.rd.manner.conditional() }

// Stance returns the origin's stance.
func (r Row) Stance() events.Stance { return r.rd.stance }

// Args returns how many arguments Arg has.
func (r Row) Args() int { return int(r.rd.nargs) }

// RowArg is an argument of a claim: its role, a symbol, the kind of its value and
// what it refers to, an entity, a statement, a literal or a time. Two kinds of
// argument are not the claim's own: of kind 0, the literal is the unit of the number
// before it; with role 0, the statement is one that a nested claim refers to.
type RowArg struct {
	Role uint32
	Kind events.ValueKind
	Ref  uint32
}

// Arg returns an argument, in order, from 0.
func (r Row) Arg(i int) RowArg {
	s := r.rd.slot(uint32(i))
	return RowArg{s.role, s.kind, r.rd.ref(uint32(i))}
}

// Nested returns how many entities NestedEntity has.
func (r Row) Nested() int { return int(r.rd.nnested) }

// NestedEntity returns an entity in a nested claim or a condition, from 0.
func (r Row) NestedEntity(i int) uint32 { return r.rd.nested(uint32(i)) }

// Voices returns how many voices Voice has.
func (r Row) Voices() int { return int(r.rd.nvoices) }

// RowVoice is a voice: its act and stance, when it said it, a time or 0, and how
// many there are of its parties, which [Row.Party] has.
type RowVoice struct {
	Act               events.Act
	Stance            events.Stance
	Said              uint32
	Speakers, For, To int

	v *voice
}

// Voice returns a voice, from 0, the origin.
func (r Row) Voice(i int) RowVoice {
	v := r.rd.voice(uint32(i))
	return RowVoice{v.held.act(), v.held.stance(), r.rd.said(v), int(v.speakers), int(v.fors), int(v.to), v}
}

// Party returns an entity that a voice names, from 0: its speakers, those it
// speaks for, those it speaks to.
func (r Row) Party(v RowVoice, i int) uint32 { return r.rd.party(v.v, uint32(i)) }

// Place is where a statement may mention an entity.
type Place uint32

// The places of a mention.
const (
	PlaceOccurrence Place = keyOccurrence
	PlaceOrigin     Place = keyOrigin     // speaks in the first voice
	PlaceOriginFor  Place = keyOriginFor  // is spoken for in the first voice
	PlaceReports    Place = keyReports    // speaks in a later voice
	PlaceReportsFor Place = keyReportsFor // is spoken for in a later voice
	PlaceAddressed  Place = keyAddressed  // is spoken to in any of the voices
	PlaceNested     Place = keyNested     // stands in a nested claim or a condition
)

// PlaceRole is the place of an argument with a role, a symbol.
func PlaceRole(role uint32) Place { return Place(keyRole + role) }

// Rows walks rows of statements that the view shows, in the order in which they came
// to stand, for adapters such as graph/quadstore; like [Numbers] it is outside the
// promise of stability. It must not be used from several goroutines at once.
type Rows struct {
	v     View
	walk  walk
	mixed bool // there are rows of other things, too

	found   [several]uint32 // rows that have been looked up together
	at, end uint32          // those from at to end are still to come

	// What rows that lie together, or have one frame, have in common.
	near   uint32 // the chunk, from 1
	rows   *[chunk]row
	first  uint32               // what to add to a row to have its event
	odd    *[sparseChunk]uint32 // or its event
	number uint32               // of the frame
	frame  *frame
}

// Step comes to the next row, whether or not the view shows it: the row is the zero
// Row if it does not. It reports ok unless it is at the end.
func (w *Rows) Step() (row Row, shown, ok bool) {
	if w.at == w.end && !w.more() {
		return Row{}, false, false
	}
	r := w.found[w.at%several]
	w.at++
	if !w.v.shows(r) {
		return Row{}, false, true
	}
	return w.row(r), true, true
}

func (w *Rows) row(r uint32) Row {
	if r>>sparseBits+1 != w.near {
		w.approach(r)
	}
	event, a := r+w.first, &w.rows[r%chunk].about
	if w.odd != nil && w.odd[r%sparseChunk] != 0 {
		event = w.odd[r%sparseChunk]
	}
	if a.frame != w.number {
		w.number, w.frame = a.frame, w.v.m.c.frames.frame.at(a.frame)
	}
	return Row{event, reading{w.frame, w.v.m.c, a.what}}
}

// approach looks up what the rows that lie with one have in common.
func (w *Rows) approach(r uint32) {
	t := &w.v.m.c.rows
	w.near = r>>sparseBits + 1
	w.rows = t.row.now()[r>>chunkBits]
	w.first, w.odd = *t.event.first.at(r >> chunkBits), t.event.odd.now().chunk(r>>sparseBits)
}

// Len returns how many rows are still to be met at most; fewer may be shown, and
// by far fewer of a walk through all.
func (w *Rows) Len() (most int) { return int(w.end-w.at) + w.walk.left(&w.v.m) }

// more looks up rows. It reports false at the end.
func (w *Rows) more() bool {
	m := &w.v.m
	for w.at, w.end = 0, 0; w.end == 0; {
		found := w.walk.fill(m, w.found[:])
		if found == 0 {
			return false
		}
		if !w.mixed {
			w.end = uint32(found)
			break
		}
		for _, r := range w.found[:found] {
			if m.c.kindOf(r) == events.KindStatementRecorded {
				w.found[w.end] = r
				w.end++
			}
		}
	}
	return true
}

// The methods that return Rows leave the work to others, so that they are inlined and
// who walks rows at once allocates nothing.

// AllRows walks all statements.
func (n *Numbers) AllRows() *Rows {
	w := &Rows{v: n.v}
	w.walk.all = true
	return w
}

// RowsOfPredicate walks the statements of a predicate, a symbol.
func (n *Numbers) RowsOfPredicate(symbol uint32) *Rows {
	w := &Rows{v: n.v}
	w.of(&n.v.m.c.symbols.head, symbol, keyStatements)
	return w
}

// RowsOfSource walks the statements taken from a source.
func (n *Numbers) RowsOfSource(source uint32) *Rows {
	w := &Rows{v: n.v}
	w.of(&n.v.m.c.sources.head, source, keyStatements)
	return w
}

// RowsOfLiteral walks the statements with a literal as the value, or the unit,
// of an argument.
func (n *Numbers) RowsOfLiteral(literal uint32) *Rows {
	w := &Rows{v: n.v}
	w.of(&n.v.m.c.literals.head, literal, keyLiteral)
	return w
}

// RowsReferring walks the statements whose claims refer to a statement.
func (n *Numbers) RowsReferring(statement uint32) *Rows {
	w := &Rows{v: n.v}
	w.referring(statement)
	return w
}

// of takes in the list with a key of a thing.
func (w *Rows) of(heads *column[uint32], thing, key uint32) { w.open(heads.at(thing), key) }

func (w *Rows) referring(statement uint32) { w.open(w.v.m.c.events.head.at(statement), keyRefers) }

func (w *Rows) open(head *uint32, key uint32) {
	w.mixed = key == keyLiteral
	m := &w.v.m
	if list := m.c.post.find(atomic.LoadUint32(head), key, m.lists); list != 0 {
		w.walk.add(list, 0, m)
	}
}

// RowsOfEntity walks the statements that mention an entity of a cluster in one of
// the places, or anywhere if none is given. The entity must be canonical.
func (n *Numbers) RowsOfEntity(entity uint32, places ...Place) *Rows {
	w := &Rows{v: n.v}
	w.ofEntity(entity, 0, places, 0)
	return w
}

// mentions reports whether a list of an entity is of statements.
func mentions(key uint32) bool { return inClaim(key) || inVoice(key) || key == keyNested }

// RowsOfArgument walks the statements that have an entity of a cluster as an
// argument. The entity must be canonical.
func (n *Numbers) RowsOfArgument(entity uint32) *Rows {
	w := &Rows{v: n.v}
	w.ofEntity(entity, 0, nil, keyRole)
	return w
}

// RowsOfArgumentIn walks the statements of a predicate, a symbol, that have an entity of
// a cluster as an argument. It may also return rows of other predicates, most of which it
// passes over many times as fast; check Row.Predicate. The entity must be canonical.
func (n *Numbers) RowsOfArgumentIn(entity, predicate uint32) *Rows {
	w := &Rows{v: n.v}
	w.ofEntity(entity, predicate, nil, keyRole)
	return w
}

// ofEntity takes in the lists of each member of a cluster for the places, or for all
// whose keys are not below the least if none is given, to be walked for a predicate, 0
// for all.
func (w *Rows) ofEntity(entity, predicate uint32, places []Place, least uint32) {
	m := &w.v.m
	var room [8]uint32
	for _, e := range m.cluster(room[:0], entity) {
		for list, l := range m.listsOf(m.c.entities.head.at(e)) {
			if places == nil && l.key >= least && mentions(l.key) || slices.Contains(places, Place(l.key)) {
				w.walk.add(list, predicate, m)
			}
		}
	}
}

// Holders returns the entities that have a literal as a name, canonical, and the
// sources that have it as title or URL, each perhaps more than once. Among them may
// be some that had it until a newer registration, or a redaction, took it away:
// [Numbers.Names] and [Numbers.Published] tell. It walks all rows with the literal.
func (n *Numbers) Holders(ctx context.Context, literal uint32) (entities, sources []uint32, err error) {
	m := &n.v.m
	cur := m.open(m.c.literals.head.at(literal), keyLiteral)
	for met := 0; ; met++ {
		r := cur.next()
		if r == 0 {
			return entities, sources, nil
		}
		if met%256 == 255 && ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		switch what := m.c.rows.what(r); m.c.kindOf(r) {
		case events.KindEntityRegistered, events.KindEntityNamed:
			entities = append(entities, n.Canonical(m.c.namings.at(what).entity))
		case events.KindSourceAdded:
			sources = append(sources, m.c.registered.at(what).source)
		}
	}
}
