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
// the pattern names. Clusters are taken both as of that position and as of now. An
// erased statement counts as named, since nobody knows what it was. A position that the
// record has not reached is refused with events.ErrInvalid, and so is a pattern that
// [Pattern.Check] refuses.
//
// All who record wait while it is looked at. It costs in proportion to
//   - what was recorded after the position in the pattern's shortest list (of an entity: all
//     its lists together), with a step for every 128 entries before; or all that was recorded
//     after it, if that is less or the pattern names nothing that has a list;
//   - all that was removed and redacted after the position.
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
	return now.touched(c.Nothing, c.After, f)
}

// touched is Touched, also with what a fold has redacted and does not show yet, if there is one.
// It returns an event that is to blame, 0 for none.
func (v View) touched(p Pattern, after events.Position, f *fold) (by uint32) {
	if after >= v.Position() {
		return 0
	}
	now := v.Unfiltered() // by itself, or all of t would be moved to the heap
	t := touch{v: v, now: &now, then: now, pattern: p, f: f}
	t.then.m.asOf(uint32(after))
	t.begin, t.end = v.m.c.batches.at(uint32(after)), v.m.c.batches.at(v.m.position)
	t.nameEntities()
	if by = t.verdicts(); by != 0 {
		return by
	}
	// A verdict that has been withdrawn is met with what was removed. If there is none, no
	// cluster has changed, and the pattern names what it named, and what is new.
	t.known = t.query.compile(t.now, &t.pattern)
	if by = t.removals(); by != 0 {
		return by
	}
	if by = t.redactions(); by != 0 {
		return by
	}
	return t.additions()
}

// touch looks for what has been recorded after a position, up to a view's, and changes which
// statements the view may show of a pattern. Its questions about a row take one that is new, or
// that was removed meanwhile.
type touch struct {
	v          View  // with its filters
	now        *View // without them
	then       View  // without them, as of the position
	pattern    Pattern
	f          *fold // which knows what is redacted; nil: as it shows
	begin, end *batch

	entities []uint32        // that matter, as of either time, ascending
	query    query           // of the pattern, as of now
	known    bool            // whether the query can find anything
	sources  map[uint32]bool // whether any statement that the pattern names is from them
}

// nameEntities finds the entities that the pattern names and the filters ask for.
func (t *touch) nameEntities() {
	ids := t.pattern.Entities()
	if t.v.lens != nil {
		ids = append(ids, t.v.lens.lens.According...)
	}
	for _, id := range ids {
		t.entities = append(append(t.entities, t.now.members(id)...), t.then.members(id)...)
	}
	slices.Sort(t.entities)
	t.entities = slices.Compact(t.entities)
}

// since returns the event of a row that is new in a list, and of which something is so; 0 if
// there is none.
func (t *touch) since(list uint32, is func(row uint32) bool) (by uint32) {
	c := t.v.m.c
	c.post.since(list, t.begin.rows, t.v.m.rows, func(r uint32) bool {
		if is(r) {
			by = c.rows.event.at(r)
		}
		return by == 0
	})
	return by
}

// verdicts looks at what has been judged about the entities that matter.
func (t *touch) verdicts() (by uint32) {
	c := t.v.m.c
	for _, e := range t.entities {
		if by = t.since(c.post.find(atomic.LoadUint32(c.entities.head.at(e)), keySame, t.v.m.lists), t.joins); by != 0 {
			return by
		}
	}
	return 0
}

// removals looks at what stood as of the position and has been removed.
func (t *touch) removals() (by uint32) {
	c := t.v.m.c
	for i := t.begin.removals; i < t.end.removals; i++ {
		r := c.removals.at(i).row
		if r < t.begin.rows && c.rows.stands(r, t.then.m.position) && (t.named(r) || t.joins(r) || t.filters(r)) {
			return c.rows.event.at(r)
		}
	}
	return 0
}

// redactions looks at what has been redacted.
func (t *touch) redactions() (by uint32) {
	c := t.v.m.c
	return t.since(c.post.find(atomic.LoadUint32(c.events.head.at(0)), keyRedactions, t.v.m.lists), t.hides)
}

// additions looks at what is new, in the pattern's shortest lists if these are the shorter way,
// and otherwise, or if the filters ask for more than statements, at all of it.
func (t *touch) additions() (by uint32) {
	all := t.v.dated() || t.v.lens != nil && len(t.v.lens.rated) > 0
	if t.known {
		best, _ := t.query.ways(1)
		all = all || best.by == byNothing || t.v.m.rows-t.begin.rows < best.rows/maxBlock
		for i := 0; !all && i < len(best.lists); i++ {
			if by = t.since(best.lists[i], t.named); by != 0 {
				return by
			}
		}
	}
	for r := t.begin.rows; all && r < t.v.m.rows; r++ {
		if t.named(r) || t.filters(r) {
			return t.v.m.c.rows.event.at(r)
		}
	}
	return 0
}

// joins reports whether a row is a verdict "same" on an entity that matters.
func (t *touch) joins(r uint32) bool {
	c := t.v.m.c
	if c.kindOf(r) != events.KindIdentityJudged {
		return false
	}
	v := c.verdicts.at(c.rows.what(r))
	return v.verdict == events.Same && (t.matters(v.a) || t.matters(v.b))
}

func (t *touch) matters(entity uint32) bool {
	_, found := slices.BinarySearch(t.entities, entity)
	return found
}

// names reports whether a row is of a statement that the pattern names.
func (t *touch) names(r uint32) bool {
	c := t.v.m.c
	return c.kindOf(r) == events.KindStatementRecorded && t.known && t.query.matches(r)
}

// named is names of what is not redacted: what becomes of a redacted statement changes
// nothing; its redaction did, and what became of it before that is found with the redaction.
func (t *touch) named(r uint32) bool {
	n := t.v.m.c.rows.event.at(r)
	if t.f != nil && t.f.redacted[n] || t.f == nil && t.v.m.c.events.hidden(n) {
		return false
	}
	return t.names(r)
}

// filters reports whether the view's filters ask for what a row says: when a source was
// published, or how it or a statement is rated.
func (t *touch) filters(r uint32) bool {
	c := t.v.m.c
	switch what := c.rows.what(r); c.kindOf(r) {
	case events.KindSourceAdded:
		return t.v.dated() && t.inSource(c.registered.at(what).source)
	case events.KindAssessed:
		a := c.assessed.at(what)
		if !t.counts(c.rows.event.at(r), a.scheme) {
			return false
		}
		if a.source != 0 {
			return t.inSource(a.source)
		}
		for _, r := range [...]uint32{t.now.m.rowOf(a.statement), t.then.m.rowOf(a.statement)} {
			if r != 0 && t.names(r) {
				return true
			}
		}
	}
	return false
}

// counts reports whether the view's filters mind a rating in a scheme, by who recorded it.
func (t *touch) counts(event, scheme uint32) bool {
	return t.v.lens != nil && slices.ContainsFunc(t.v.lens.rated, func(p rated) bool {
		return p.scheme == scheme && (p.by == nil || p.by[t.v.m.recorderOf(event)])
	})
}

// inSource reports whether the pattern names a statement from a source, as of either time.
func (t *touch) inSource(source uint32) bool {
	shown, known := t.sources[source]
	if !known {
		p, id := t.pattern, *t.v.m.c.sources.id.at(source)
		if p.Source == uuid.Nil || p.Source == id {
			p.Source = id
			shown = t.now.showsAny(p) || t.then.showsAny(p)
		}
		if t.sources == nil {
			t.sources = map[uint32]bool{}
		}
		t.sources[source] = shown
	}
	return shown
}

// hides reports whether a row redacts what the pattern named, or the filters ask for.
func (t *touch) hides(r uint32) (found bool) {
	c, after := t.v.m.c, t.then.m.position
	target := c.rows.what(r)
	if c.kindOf(r) != events.KindRedacted || target == 0 {
		return false
	}
	first := c.events.first.at(target)
	if c.events.kind(target) != events.KindStatementRecorded {
		return t.filters(first)
	}
	at := t.v.m.beginOf(r)
	stood := func(r uint32) bool {
		// It stood between the position and the redaction, if only within a batch.
		// What has been erased may have been named.
		begin := t.v.m.beginOf(r)
		found = begin <= at && (begin > after || c.rows.stands(r, after)) && (c.readingOf(r).nvoices == 0 || t.names(r))
		return !found
	}
	if stood(first) {
		rows := c.post.find(atomic.LoadUint32(c.events.head.at(target)), keyRows, t.v.m.lists)
		c.post.raw(rows, t.v.m.rows, stood)
	}
	return found
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
