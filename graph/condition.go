package graph

import (
	"slices"

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
	here := f.here()
	now := View{m: here}
	then := now
	after := uint32(min(c.After, events.Position(f.c.batches.n-1)))
	then.m.asOf(after)
	namesAsOf := func(v *View) func(r uint32) bool {
		q, ok := v.compile(c.Nothing)
		return func(r uint32) bool { return ok && q.matches(f.c.readings.at(f.c.row.at(r).reading)) }
	}
	nowNames, thenNames := namesAsOf(&now), namesAsOf(&then)
	names := func(r uint32) bool {
		return f.c.event.at(f.c.row.at(r).event).kind() == events.KindStatementRecorded && (nowNames(r) || thenNames(r))
	}
	// What becomes of a redacted statement changes nothing; its redaction did.
	named := func(r uint32) bool { return !f.redacted[f.c.row.at(r).event] && names(r) }
	hides := func(r uint32) (found bool) {
		w := f.c.row.at(r)
		e := f.c.event.at(w.event)
		if e.kind() != events.KindRedacted || e.detail == 0 {
			return false
		}
		stood := func(r uint32) bool {
			x := f.c.row.at(r)
			found = x.added <= w.added && w.added <= x.removed && names(r)
			return !found
		}
		target := f.c.event.at(e.detail)
		if stood(target.first) {
			f.c.post.raw(f.c.post.find(target.head, keyRows, never), never, stood)
		}
		return found
	}
	// The entities that the pattern names, as of either time.
	entities := map[uint32]bool{}
	for _, id := range c.Nothing.entities() {
		for _, v := range []*View{&now, &then} {
			for _, e := range v.members(id) {
				entities[e] = true
			}
		}
	}
	joins := func(r uint32) bool {
		e := f.c.event.at(f.c.row.at(r).event)
		if e.kind() != events.KindIdentityJudged {
			return false
		}
		v := f.c.verdicts.at(e.detail)
		return v.verdict == events.Same && (entities[v.a] || entities[v.b])
	}
	for r := f.c.batches.at(after).rows; r < f.c.row.n; r++ {
		if named(r) || joins(r) || hides(r) {
			return true
		}
	}
	// Rows are closed in order of position.
	for i := f.c.closed.n; i > 0; i-- {
		r := *f.c.closed.at(i - 1)
		if f.c.row.at(r).removed <= after {
			break
		}
		if named(r) || joins(r) {
			return true
		}
	}
	return false
}

// entities are those that a pattern names.
func (p *Pattern) entities() []uuid.UUID {
	ids := []uuid.UUID{p.Entity, p.Occurrence, p.Origin, p.Voice}
	for _, a := range p.Args {
		ids = append(ids, a.Entity)
	}
	return slices.DeleteFunc(ids, func(id uuid.UUID) bool { return id == uuid.Nil })
}
