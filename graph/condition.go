package graph

import (
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// Condition makes recording depend on what has happened meanwhile: the batch is
// refused with ErrChanged if, after a position, anything has been recorded that
// changes which statements the pattern names. That is a statement that it
// names, recorded, removed, restored, read anew or redacted, or a verdict
// "same", recorded or withdrawn, on an entity in a cluster of an entity that
// the pattern names. Clusters are taken both as of that position and as of now. Of a
// statement that has been erased nobody knows what it was: it counts as named.
type Condition struct {
	Nothing Pattern
	After   events.Position
}

// changed reports whether a condition does not hold.
func (f *fold) changed(c *Condition) bool {
	now := View{m: f.here()}
	return now.touched(c.Nothing, c.After, func(n uint32) bool { return f.redacted[n] })
}

// touched is Touched with what is redacted.
func (v View) touched(p Pattern, after events.Position, redacted func(event uint32) bool) bool {
	if after >= v.Position() {
		return false
	}
	c := v.m.c
	now, then := v.Unfiltered(), v.Unfiltered()
	then.m.asOf(uint32(after))
	namesAsOf := func(v *View) func(r uint32) bool {
		var q query
		ok := q.compile(v, &p)
		return func(r uint32) bool { return ok && q.matches(c.readingOf(r)) }
	}
	nowNames, thenNames := namesAsOf(&now), namesAsOf(&then)
	names := func(r uint32) bool {
		return c.kindOf(r) == events.KindStatementRecorded && (nowNames(r) || thenNames(r))
	}
	// What becomes of a redacted statement changes nothing; its redaction did, and what
	// became of it before that is found with the redaction.
	named := func(r uint32) bool { return !redacted(c.rows.event.at(r)) && names(r) }
	// The entities that matter, as of either time.
	entities := map[uint32]bool{}
	ids := p.Entities()
	if v.lens != nil {
		ids = append(ids, v.lens.lens.According...)
	}
	for _, id := range ids {
		for _, v := range []*View{&now, &then} {
			for _, e := range v.members(id) {
				entities[e] = true
			}
		}
	}
	joins := func(r uint32) bool {
		if c.kindOf(r) != events.KindIdentityJudged {
			return false
		}
		v := c.verdicts.at(*c.rows.what.at(r))
		return v.verdict == events.Same && (entities[v.a] || entities[v.b])
	}
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
		switch what := *c.rows.what.at(r); c.kindOf(r) {
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
		target := *c.rows.what.at(r)
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
	found := false
	v.m.turned(uint32(after), func(r uint32) bool {
		found = named(r) || joins(r) || hides(r) || filters(r)
		return !found
	})
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
