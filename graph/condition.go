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
// the pattern names. Clusters are taken both as of that position and as of now.
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
		q, ok := v.compile(p)
		return func(r uint32) bool { return ok && q.matches(c.readings.at(c.row.at(r).reading)) }
	}
	nowNames, thenNames := namesAsOf(&now), namesAsOf(&then)
	names := func(r uint32) bool {
		return c.event.at(c.row.at(r).event).kind() == events.KindStatementRecorded && (nowNames(r) || thenNames(r))
	}
	// What becomes of a redacted statement changes nothing; its redaction did.
	named := func(r uint32) bool { return !redacted(c.row.at(r).event) && names(r) }
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
		e := c.event.at(c.row.at(r).event)
		if e.kind() != events.KindIdentityJudged {
			return false
		}
		v := c.verdicts.at(e.detail)
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
		e := c.event.at(c.row.at(r).event)
		switch e.kind() {
		case events.KindSourceAdded:
			return v.dated() && inSource(e.detail)
		case events.KindAssessed:
			a := c.assessed.at(e.detail)
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
		w := c.row.at(r)
		e := c.event.at(w.event)
		if e.kind() != events.KindRedacted || e.detail == 0 {
			return false
		}
		stood := func(r uint32) bool {
			x := c.row.at(r)
			found = x.added <= w.added && w.added <= atomic.LoadUint32(&x.removed) && names(r)
			return !found
		}
		target := c.event.at(e.detail)
		if target.kind() != events.KindStatementRecorded {
			return filters(target.first)
		}
		if stood(target.first) {
			rows := c.post.find(atomic.LoadUint32(&target.head), keyRows, v.m.lists)
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
