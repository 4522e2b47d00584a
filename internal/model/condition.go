package model

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// Condition is as in package graph.
type Condition struct {
	Nothing Pattern
	After   events.Position
}

// Changed asks whether a condition is broken: after its position something has
// changed which statements its pattern names. It says what must break it, and
// what may: a graph may also mind what touched such a statement and left what
// is shown as it was. That is one that is redacted and was removed, restored or
// redacted while it did not stand, one that was removed and restored by one
// event, and one that was read anew and says the same.
func (m *Model) Changed(c Condition) (must, may string) {
	then, now := m.replay(c.After), m.state()
	names := func(recorder string, b *events.StatementRecorded) bool {
		return b != nil && (then.matches(c.Nothing, recorder, b.Statement) || now.matches(c.Nothing, recorder, b.Statement))
	}
	var clusters []uuid.UUID
	for _, id := range c.Nothing.entities() {
		clusters = append(append(clusters, then.cluster(id)...), now.cluster(id)...)
	}

	before := then.clone()
	m.steps(m.Last(), func(after *state) {
		if after.pos <= c.After {
			return
		}
		resplit := splitsChanged(before, after)
		for _, e := range after.entries {
			old := before.find(e.ID)
			switch {
			case e.statement() != nil:
				was, is := before.shownReading(old), after.shownReading(e)
				if (names(e.Recorder, was) || names(e.Recorder, is)) && (was == nil || is == nil || !SameContent(was, is)) {
					must = fmt.Sprintf("statement %v at position %d", e.ID, after.pos)
				}
				if touched(old, e) || contains(resplit, e.ID) {
					if names(e.Recorder, before.anyReading(old)) || names(e.Recorder, after.anyReading(e)) {
						may = fmt.Sprintf("statement %v at position %d", e.ID, after.pos)
					}
				}
			case touched(old, e):
				v, ok := e.Body.(*events.IdentityJudged)
				if ok && v.Verdict == events.Same && (slices.Contains(clusters, v.A) || slices.Contains(clusters, v.B)) {
					must = fmt.Sprintf("verdict %v at position %d", e.ID, after.pos)
				}
			}
		}
		before = after.clone()
	})
	if may == "" {
		may = must
	}
	return must, may
}

// touched reports whether one event did something to an entry.
func touched(before, after *entry) bool {
	return before == nil || before.standing != after.standing || before.remover != after.remover ||
		before.since != after.since || before.redacted != after.redacted
}

// splitsChanged returns the statements with mentions in a split that one event
// recorded, removed or restored.
func splitsChanged(before, after *state) (statements []uuid.UUID) {
	for _, e := range after.entries {
		if b, ok := e.Body.(*events.EntitySplit); ok && touched(before.find(e.ID), e) {
			for _, part := range b.Parts {
				for _, m := range part.Mentions {
					statements = append(statements, m.Statement)
				}
			}
		}
	}
	return statements
}

// shownReading is how a statement is read if it stands and is not redacted.
func (s *state) shownReading(e *entry) *events.StatementRecorded {
	if e == nil || !e.standing || e.redacted {
		return nil
	}
	return s.anyReading(e)
}

// anyReading is how a statement is read, whether or not it stands.
func (s *state) anyReading(e *entry) *events.StatementRecorded {
	if e == nil {
		return nil
	}
	return &events.StatementRecorded{Statement: s.reading(e)}
}

// entities returns the entities that a pattern names.
func (p Pattern) entities() []uuid.UUID {
	ids := []uuid.UUID{p.Entity, p.Occurrence, p.Origin, p.Voice, p.Addressee}
	for _, f := range p.Args {
		ids = append(ids, f.Entity)
	}
	return slices.DeleteFunc(ids, func(id uuid.UUID) bool { return id == uuid.Nil })
}
