package graph

import (
	"iter"
	"slices"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// Change is an event that came to stand or ceased to between two positions, or a
// statement whose reading changed, even if it changed back.
type Change struct {
	Event    uuid.UUID
	Kind     events.Kind
	Stood    bool // it stood as of the earlier position
	Stands   bool // it stands as of the later one
	Redacted bool
	// Revises says that it registers a source or an entity that was registered as of
	// the earlier position.
	Revises bool
}

// Changes returns what has changed after a position, up to the view's, in the
// order in which the events were first recorded, each once. The view's filters
// do not apply. Nothing is read from the record: it costs in proportion to what
// was recorded and removed in between. The sequence may be ranged over again.
//
// After the view's own position or a later one, be it one that the record has not reached,
// there is nothing, as for [View.OtherChanges], [View.Touched] and [View.Events]. Whoever keeps
// a position while the graph is closed has one that is ahead where an older copy of the record
// has been put back: compare it with [View.Position], and the [View.Digest] as of it with one
// that was kept, too, since the record may have gone on from there in another way.
func (v View) Changes(after events.Position) iter.Seq[Change] {
	return v.changes(after, func(uint32) bool { return true })
}

// OtherChanges returns what Changes does, less the statements that are not redacted. Of
// these it looks at the kind only, which costs a tenth or less.
func (v View) OtherChanges(after events.Position) iter.Seq[Change] {
	e := &v.m.c.events
	return v.changes(after, func(n uint32) bool { return e.kind(n) != events.KindStatementRecorded || e.hidden(n) })
}

func (v View) changes(after events.Position, wanted func(event uint32) bool) iter.Seq[Change] {
	return func(yield func(Change) bool) {
		if after >= v.Position() {
			return
		}
		c := v.m.c
		then := v.m
		then.asOf(uint32(after))
		var ns []uint32
		v.m.turned(uint32(after), func(r uint32) bool {
			if n := c.rows.event.at(r); wanted(n) {
				ns = append(ns, n)
			}
			return true
		})
		slices.Sort(ns)
		for _, n := range slices.Compact(ns) {
			change := Change{
				Event: *c.events.id.at(n), Kind: c.events.kind(n), Redacted: c.events.hidden(n),
				Stood: then.rowOf(n) != 0, Stands: v.m.rowOf(n) != 0,
			}
			switch change.Kind {
			case events.KindSourceAdded:
				change.Revises = then.newest(c.sources.head.at(c.registered.at(c.whatOf(n)).source), true) != 0
			case events.KindEntityRegistered:
				change.Revises = then.newest(c.entities.head.at(c.namings.at(c.whatOf(n)).entity), true) != 0
			}
			if !yield(change) {
				return
			}
		}
	}
}

// turned calls yield with the rows that were opened after a position, up to the
// moment's, and then with those that were closed, each time until it returns
// false.
func (m *moment) turned(after uint32, yield func(row uint32) bool) {
	begin, end := m.c.batches.at(after), m.c.batches.at(m.position)
	for r := begin.rows; r < end.rows; r++ {
		if !yield(r) {
			return
		}
	}
	for i := begin.removals; i < end.removals; i++ {
		r := m.c.removals.at(i).row
		if m.c.rows.stands(r, after) && !yield(r) {
			return
		}
	}
}

// RemovedBy returns what keeps an event from standing as of the view's position:
// a retraction, or the statement in its place. It is the one to retract to have
// the event stand again. It reports false if the event stands or has not been
// recorded.
func (v View) RemovedBy(event uuid.UUID) (by uuid.UUID, ok bool) {
	c := v.m.c
	n := c.events.find(event, v.m.events)
	if n == 0 || v.m.positionOf(n) > v.m.position || v.m.rowOf(n) != 0 {
		return uuid.Nil, false
	}
	removals := c.post.find(atomic.LoadUint32(c.events.head.at(n)), keyRemovals, v.m.lists)
	c.post.raw(removals, c.batches.at(v.m.position).removals, func(i uint32) bool {
		by, ok = *c.events.id.at(c.removals.at(i).by), true
		return true
	})
	return by, ok
}

// Touched reports whether anything that was recorded after a position, up to the
// view's, may have changed which statements the view shows of a pattern. That is
// what a [Condition] minds. With filters, these count too: a verdict on an entity in
// According, a source that may have another date of publication now, and a rating in a scheme of
// Rated, by one of those whose ratings count there. They count even if all that changes is shown
// as before: what does not pass the filters counts as well. After the view's position or a later one there
// is nothing.
// Nothing is read from the record: it costs what a Condition does and, where the filters
// ask for dates or ratings, in proportion to all that was recorded in between, and to the
// shortest list of the pattern and of each source that was registered or rated.
func (v View) Touched(p Pattern, after events.Position) bool {
	return v.touched(p, after, nil) != 0
}
