package graph

import (
	"slices"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// Condition makes recording depend on what has happened meanwhile: the batch is
// refused with ErrChanged if, after a position, anything has been recorded that
// changes which statements the pattern names. That is a statement that it
// names, recorded, removed, restored, read anew or redacted, or a verdict
// "same", recorded or withdrawn, on an entity in a cluster of an entity that
// the pattern names. A position that the record has not reached is refused with
// events.ErrInvalid. Clusters are taken both as of that position and as of now. Of a
// statement that has been erased nobody knows what it was: it counts as named.
//
// All who record wait while it is looked at. It costs in proportion to what was recorded
// after the position: in the pattern's shortest list (of an entity: all its lists together),
// with a step for every 128 entries before, or in all if that is less or the pattern names
// nothing that has a list; and to all that was removed and redacted after the position.
type Condition struct {
	Nothing Pattern
	After   events.Position
}

// changed returns an event by which a condition does not hold, 0 if it holds.
func (f *fold) changed(c *Condition) (by uint32) {
	now := View{m: f.here()}
	for n := range f.lost { // nobody knows what it was, and the record does not say since when
		if f.c.events.kind(n) == events.KindStatementRecorded && now.m.positionOf(n) > uint32(c.After) {
			by = max(by, n)
		}
	}
	if by != 0 {
		return by
	}
	return now.touched(c.Nothing, c.After, func(n uint32) bool { return f.redacted[n] })
}

// touched is Touched with what is redacted. It returns an event that is to blame, 0 for
// none.
func (v View) touched(p Pattern, after events.Position, redacted func(event uint32) bool) (by uint32) {
	if after >= v.Position() {
		return 0
	}
	c := v.m.c
	now, then := v.Unfiltered(), v.Unfiltered()
	then.m.asOf(uint32(after))
	begin, end := c.batches.at(uint32(after)), c.batches.at(v.m.position)
	// blame has a walk look for a row.
	blame := func(is func(r uint32) bool) func(r uint32) bool {
		return func(r uint32) bool {
			if is(r) {
				by = c.rows.event.at(r)
			}
			return by == 0
		}
	}
	since := func(list uint32, is func(r uint32) bool) bool {
		c.post.since(list, begin.rows, v.m.rows, blame(is))
		return by != 0
	}
	// The entities that matter, as of either time.
	var entities []uint32
	ids := p.Entities()
	if v.lens != nil {
		ids = append(ids, v.lens.lens.According...)
	}
	for _, id := range ids {
		entities = append(append(entities, now.members(id)...), then.members(id)...)
	}
	slices.Sort(entities)
	entities = slices.Compact(entities)
	matters := func(e uint32) bool {
		_, found := slices.BinarySearch(entities, e)
		return found
	}
	joins := func(r uint32) bool {
		if c.kindOf(r) != events.KindIdentityJudged {
			return false
		}
		v := c.verdicts.at(c.rows.what(r))
		return v.verdict == events.Same && (matters(v.a) || matters(v.b))
	}
	for _, e := range entities {
		if since(c.post.find(atomic.LoadUint32(c.entities.head.at(e)), keySame, v.m.lists), joins) {
			return by
		}
	}
	// A verdict that has been withdrawn is met with what was removed. If there is none, no
	// cluster has changed, and the pattern names what it named, and what is new.
	var q query
	known := q.compile(&now, &p)
	names := func(r uint32) bool {
		return c.kindOf(r) == events.KindStatementRecorded && known && q.matches(c.readingOf(r))
	}
	// What becomes of a redacted statement changes nothing; its redaction did, and what
	// became of it before that is found with the redaction.
	named := func(r uint32) bool { return !redacted(c.rows.event.at(r)) && names(r) }
	// The filters may ask when a source was published and how it or a statement is
	// rated.
	sources := map[uint32]bool{}
	inSource := func(source uint32) (shown bool) {
		if shown, known := sources[source]; known {
			return shown
		}
		defer func() { sources[source] = shown }()
		q := p
		q.Source = *c.sources.id.at(source)
		if p.Source != uuid.Nil && p.Source != q.Source {
			return false
		}
		return now.showsAny(q) || then.showsAny(q)
	}
	filters := func(r uint32) bool {
		switch what := c.rows.what(r); c.kindOf(r) {
		case events.KindSourceAdded:
			return v.dated() && inSource(c.registered.at(what).source)
		case events.KindAssessed:
			a := c.assessed.at(what)
			if v.lens == nil || len(v.lens.rated) == 0 {
				return false
			}
			if a.source != 0 {
				return inSource(a.source)
			}
			for _, r := range [...]uint32{now.m.rowOf(a.statement), then.m.rowOf(a.statement)} {
				if r != 0 && names(r) {
					return true
				}
			}
		}
		return false
	}
	hides := func(r uint32) (found bool) {
		target := c.rows.what(r)
		if c.kindOf(r) != events.KindRedacted || target == 0 {
			return false
		}
		first := c.events.first.at(target)
		if c.events.kind(target) != events.KindStatementRecorded {
			return filters(first)
		}
		at := v.m.beginOf(r)
		stood := func(r uint32) bool {
			// It stood between the position and the redaction, if only within a batch.
			// What has been erased may have been named.
			begin := v.m.beginOf(r)
			found = begin <= at && (begin > uint32(after) || c.rows.stands(r, uint32(after))) && (c.readingOf(r).nvoices == 0 || names(r))
			return !found
		}
		if stood(first) {
			rows := c.post.find(atomic.LoadUint32(c.events.head.at(target)), keyRows, v.m.lists)
			c.post.raw(rows, v.m.rows, stood)
		}
		return found
	}
	gone := blame(func(r uint32) bool { return named(r) || joins(r) || filters(r) })
	for i := begin.removals; i < end.removals && by == 0; i++ {
		if r := c.removals.at(i).row; r < begin.rows && c.rows.stands(r, uint32(after)) {
			gone(r)
		}
	}
	if by != 0 || since(c.post.find(atomic.LoadUint32(c.events.head.at(0)), keyRedactions, v.m.lists), hides) {
		return by
	}
	all := v.dated() || v.lens != nil && len(v.lens.rated) > 0
	if known {
		best, _ := q.ways(1)
		all = all || best.by == byNothing || v.m.rows-begin.rows < best.rows/maxBlock
		for i := 0; !all && i < len(best.lists); i++ {
			if since(best.lists[i], named) {
				return by
			}
		}
	}
	for r := begin.rows; all && r < v.m.rows && by == 0; r++ {
		blame(func(r uint32) bool { return named(r) || filters(r) })(r)
	}
	return by
}

// dated reports whether the view asks when sources were published.
func (v *View) dated() bool {
	return v.lens != nil && !(v.lens.lens.SaidBy.Time.IsZero() && v.lens.lens.PublishedBy.Time.IsZero())
}

// showsAny reports whether the view shows anything of a pattern.
func (v View) showsAny(p Pattern) bool {
	for range v.Statements(p) {
		return true
	}
	return false
}
