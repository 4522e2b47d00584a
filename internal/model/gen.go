package model

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
)

// Gen draws batches that a record may be handed next. Its pools are small, so
// that what it draws collides with what is there. Ids depend only on how many
// were drawn before, so that a failure can be shrunk and repeated. Make a new
// one for each record.
type Gen struct {
	Entities []uuid.UUID
	Sources  []uuid.UUID
	Things   int  // events drawn so far
	Calm     bool // seldom remove anything, and often say the same again: for questions
	clock    time.Time
	anchor   edtf.Time // when the source of the statement being drawn was published
}

// NewGen returns a generator of 8 entities and 4 sources.
func NewGen() *Gen {
	g := &Gen{clock: time.Date(2025, 8, 5, 9, 30, 0, 0, time.UTC)}
	for i := range 8 {
		g.Entities = append(g.Entities, key("entity", i))
	}
	for i := range 4 {
		g.Sources = append(g.Sources, key("source", i))
	}
	return g
}

// key is an id that an erasable record takes, too.
func key(of string, n int) uuid.UUID {
	id := events.Key(of, fmt.Sprint(n))
	id[6] = id[6]&0x0f | 0x80
	return id
}

var (
	predicates = []string{"meet", "ask", "hold_office"}
	roles      = []string{"who", "whom", "where"}
	schemes    = []string{"admiralty", "likelihood"}
	ratings    = []string{"A1", "B2", "F6"}
	recorders  = []string{"ada", "desk"}
)

// kinds are drawn with these weights.
var kinds = []struct {
	kind   events.Kind
	weight int
}{
	{events.KindSourceAdded, 8},
	{events.KindEntityRegistered, 10},
	{events.KindEntityNamed, 3},
	{events.KindIdentityJudged, 10},
	{events.KindEntitySplit, 8},
	{events.KindStatementRecorded, 30},
	{events.KindStatementsLinked, 4},
	{events.KindAssessed, 8},
	{events.KindRetracted, 18},
	{events.KindRedacted, 3},
	{events.KindVocabularyDeclared, 4},
}

// Batch draws a batch and the reading of the clock at which it is recorded.
// About three quarters can be recorded, more of a calm one; what is wrong with the others needs
// knowledge of the record to see.
func (g *Gen) Batch(t *rapid.T, m *Model) (events.Batch, time.Time) {
	s := m.state()
	s.pos = m.Last() + 1
	b := events.Batch{Recorder: pick(t, recorders, "recorder")}
	wrong := 30
	if g.Calm {
		wrong = 8
	}
	for range number(t, 1, 4, "events") {
		ev := g.event(t, s)
		trial := s.clone()
		err := trial.attempt(ev)
		for try := 0; err != nil && try < 4 && !chance(t, wrong, "keep it wrong"); try++ {
			ev = g.event(t, s)
			trial = s.clone()
			err = trial.attempt(ev)
		}
		if slices.ContainsFunc(b.Events, func(other events.Event) bool { return other.ID == ev.ID }) {
			continue // no batch has an id twice
		}
		if err == nil {
			s = trial
		}
		b.Events = append(b.Events, ev)
	}

	step := pick(t, []time.Duration{
		time.Second + time.Nanosecond, time.Minute, 5 * time.Hour, 0, -2 * time.Hour,
	}, "clock")
	g.clock = g.clock.Add(step)
	return b, g.clock
}

// attempt is add for an event that may be a repetition.
func (s *state) attempt(ev events.Event) error {
	if e := s.find(ev.ID); e != nil {
		if SameContent(e.Body, ev.Body) {
			return nil
		}
		return fmt.Errorf("other content")
	}
	return s.add(ev)
}

func (s *state) without(id uuid.UUID) *state {
	c := s.clone()
	c.entries = slices.DeleteFunc(c.entries, func(e *entry) bool { return e.ID == id })
	return c
}

// before returns the entries of the batches before this one.
func (s *state) before() []*entry {
	return slices.DeleteFunc(slices.Clone(s.entries), func(e *entry) bool { return e.Position == s.pos })
}

// event draws an event with a new id, or sometimes with one that is recorded.
func (g *Gen) event(t *rapid.T, s *state) events.Event {
	if earlier := s.before(); len(earlier) > 0 && chance(t, 7, "repeat") {
		e := pick(t, earlier, "earlier event")
		body := e.Body
		if chance(t, 30, "with other content") {
			body = g.body(t, s.without(e.ID))
			if contains(needsOf(body).statements, e.ID) { // nothing refers to itself
				body = &events.EntityRegistered{Entity: g.registration(t)}
			}
		}
		return events.Event{ID: e.ID, Body: body}
	}
	body := g.body(t, s)
	g.Things++
	id := key("event", g.Things)
	if g.Things%3 == 0 { // shaped as version 7, in the order of time
		id = uuid.UUID{0: 0x01, 1: 0x98, 4: byte(g.Things >> 8), 5: byte(g.Things), 6: 0x70, 8: 0x80, 15: 1}
	}
	return events.Event{ID: id, Body: body}
}

func (g *Gen) body(t *rapid.T, s *state) events.Body {
	switch g.kind(t, s) {
	case events.KindSourceAdded:
		return &events.SourceAdded{Source: g.source(t, s)}
	case events.KindEntityRegistered:
		return &events.EntityRegistered{Entity: g.registration(t)}
	case events.KindEntityNamed:
		b := &events.EntityNamed{Entity: g.entity(t, s), Name: name(t)}
		if chance(t, 50, "name has a source") {
			b.Source = g.sourceID(t, s)
		}
		return b
	case events.KindIdentityJudged:
		verdict := pick(t, []events.Verdict{events.Same, events.Same, events.Same,
			events.Different, events.Unsure, events.Unsure}, "verdict")
		a, b := g.twoEntities(t, s)
		return &events.IdentityJudged{A: a, B: b, Verdict: verdict, Reason: reason(t)}
	case events.KindEntitySplit:
		return g.split(t, s)
	case events.KindStatementRecorded:
		return &events.StatementRecorded{Statement: g.statement(t, s)}
	case events.KindStatementsLinked:
		link := pick(t, []events.LinkType{events.RepliesTo, events.Confirms, events.Disputes,
			events.Corrects, events.Withdraws, events.Repeats, events.Repeats}, "link")
		from, to := g.twoStatements(t, s)
		if g.Calm && chance(t, 60, "between like statements") {
			to = g.like(t, s, from, to)
		}
		return &events.StatementsLinked{From: from, Link: link, To: to, Reason: reason(t)}
	case events.KindAssessed:
		b := &events.Assessed{Scheme: pick(t, schemes, "scheme"), Value: pick(t, ratings, "rating")}
		if chance(t, 50, "rates a source") {
			b.Source = g.sourceID(t, s)
		} else {
			b.Statement = g.statementID(t, s)
		}
		if earlier := s.kept(events.KindAssessed); len(earlier) > 0 && chance(t, 70, "rated again") {
			a := pick(t, earlier, "earlier rating").Body.(*events.Assessed)
			b.Source, b.Statement, b.Scheme = a.Source, a.Statement, a.Scheme
		}
		return b
	case events.KindRetracted:
		return &events.Retracted{Event: g.target(t, s), Reason: reason(t), Cascade: chance(t, 50, "cascade")}
	case events.KindRedacted:
		return &events.Redacted{Event: pick(t, s.entries, "redact").ID, Reason: "court order"}
	}
	return g.vocabulary(t)
}

// kind draws a kind of which something can be made in the present state.
func (g *Gen) kind(t *rapid.T, s *state) events.Kind {
	entities, statements := s.kept(events.KindEntityRegistered), s.kept(events.KindStatementRecorded)
	if len(entities) < 2 {
		return events.KindEntityRegistered
	}
	var weighted []events.Kind
	for _, k := range kinds {
		switch k.kind {
		case events.KindEntitySplit, events.KindStatementsLinked, events.KindAssessed:
			if len(statements) < 2 {
				continue
			}
		}
		weight := k.weight
		if g.Calm {
			switch k.kind {
			case events.KindRetracted, events.KindRedacted, events.KindEntitySplit:
				weight = (weight + 3) / 4
			case events.KindStatementRecorded:
				weight *= 3
			case events.KindVocabularyDeclared, events.KindAssessed:
				weight *= 2
			}
		}
		for range weight {
			weighted = append(weighted, k.kind)
		}
	}
	return pick(t, weighted, "kind")
}

// kept returns the entries of a kind that stand or are replaced.
func (s *state) kept(kind events.Kind) (found []*entry) {
	for _, e := range s.entries {
		if e.Kind() == kind && (e.standing || e.replaced) {
			found = append(found, e)
		}
	}
	return found
}

// target draws what to retract: often something with consequences.
func (g *Gen) target(t *rapid.T, s *state) uuid.UUID {
	var likely []*entry
	for _, e := range s.standing() {
		if st := e.statement(); e.Kind() == events.KindRetracted || st != nil && st.Replaces != uuid.Nil {
			likely = append(likely, e)
		}
	}
	switch {
	case len(likely) > 0 && chance(t, 45, "undo something"):
		return pick(t, likely, "undo").ID
	case chance(t, 90, "retract what stands"):
		return pick(t, s.standing(), "retract").ID
	}
	return pick(t, s.entries, "retract any").ID
}

func (g *Gen) split(t *rapid.T, s *state) *events.EntitySplit {
	b := &events.EntitySplit{Entity: g.entity(t, s), Reason: reason(t)}
	for range number(t, 1, 2, "parts") {
		part := events.SplitPart{Entity: g.entityBut(t, s, b.Entity)}
		for _, e := range s.kept(events.KindStatementRecorded) {
			if mentioned(b, e.ID) {
				continue
			}
			var places []events.Mention
			rewrite(s.reading(e), func(p place, id uuid.UUID) uuid.UUID {
				if id == b.Entity {
					places = append(places, events.Mention{Statement: e.ID, Place: p.in, Index: p.index},
						events.Mention{Statement: e.ID})
				}
				return id
			})
			if len(places) > 0 && chance(t, 60, "mention") {
				part.Mentions = append(part.Mentions, pick(t, places, "place"))
			}
		}
		if len(part.Mentions) > 0 {
			b.Parts = append(b.Parts, part)
		}
	}
	if len(b.Parts) == 0 { // most likely wrong
		b.Parts = []events.SplitPart{{
			Entity: g.entityBut(t, s, b.Entity),
			Mentions: []events.Mention{{
				Statement: g.statementID(t, s),
				Place:     events.InArgument,
				Index:     number(t, 0, 2, "index"),
			}},
		}}
	}
	return b
}

func mentioned(b *events.EntitySplit, statement uuid.UUID) bool {
	for _, part := range b.Parts {
		for _, m := range part.Mentions {
			if m.Statement == statement {
				return true
			}
		}
	}
	return false
}
