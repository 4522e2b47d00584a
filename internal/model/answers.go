package model

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
)

// Lens, Bound, Pattern and Fill are those of package graph, field by field.
type Lens struct {
	AsOf        events.Position
	RecordedBy  time.Time
	SaidBy      Bound
	PublishedBy Bound
	Valid       Bound
	According   []uuid.UUID
	Least       events.Certainty
	Rated       []Policy
}

// Policy is a Rating of package graph.
type Policy struct {
	Scheme   string
	Values   []string
	By       []string
	Required bool
}

// Bound is as in package graph.
type Bound struct {
	Time     edtf.Time
	Possibly bool
}

// Pattern is as in package graph.
type Pattern struct {
	Predicate   string
	Entity      uuid.UUID
	Args        []Fill
	Occurrence  uuid.UUID
	AboutNobody bool
	Origin      uuid.UUID
	Voice       uuid.UUID
	Addressee   uuid.UUID
	Source      uuid.UUID
	Recorder    string
	Refers      uuid.UUID
	Form        events.Form
	Polarity    events.Polarity
	During      Bound
}

// Fill is as in package graph.
type Fill struct {
	Role   string
	Entity uuid.UUID
}

// Reading is a statement that a view shows.
type Reading struct {
	ID        uuid.UUID
	Statement events.Statement // as it is read there
	Recorded  events.Position  // when it was first recorded
	Place     int              // in the whole record, from 0
	At        time.Time        // by the clock of the recorder
	Recorder  string
	Since     events.Position // where its present stretch of standing began
	latest    time.Time       // the running maximum of At
}

func (s *state) readingOf(e *entry) Reading {
	return Reading{e.ID, s.reading(e), e.Position, slices.Index(s.entries, e), e.At, e.Recorder, e.since, e.latest}
}

// At returns the position that a lens looks from.
func (m *Model) At(l Lens) events.Position {
	p := m.Last()
	if l.AsOf != 0 {
		p = min(p, l.AsOf)
	}
	for !l.RecordedBy.IsZero() && p > 0 && m.batches[p-1].at.After(l.RecordedBy) {
		p--
	}
	return p
}

// Statements returns what a view shows of a pattern, by Since, and within it in
// the order of the record.
func (m *Model) Statements(l Lens, p Pattern) []Reading {
	s := m.asOf(m.At(l))
	var found []Reading
	for _, e := range s.standing() {
		if e.statement() == nil || e.redacted {
			continue
		}
		r := s.readingOf(e)
		if s.shows(l, r) && s.matches(p, r.Recorder, r.Statement) {
			found = append(found, r)
		}
	}
	slices.SortStableFunc(found, func(a, b Reading) int { return cmp.Compare(a.Since, b.Since) })
	return found
}

// shows reports whether a reading passes the filters of a lens.
func (s *state) shows(l Lens, r Reading) bool {
	origin := r.Statement.Voices[0]
	pubEarliest, pubLatest := s.published(r)
	saidEarliest, saidLatest := s.said(r)
	if !by(l.SaidBy, saidEarliest, saidLatest) || !by(l.PublishedBy, pubEarliest, pubLatest) {
		return false
	}
	if !overlaps(r.Statement.Claim.When.Time, l.Valid) || origin.Stance.Certainty < l.Least {
		return false
	}
	for _, p := range l.Rated {
		own, isRated := s.ratedNow(r.ID, p)
		source, isSourceRated := "", false
		if r.Statement.Source != uuid.Nil {
			source, isSourceRated = s.ratedNow(r.Statement.Source, p)
		}
		if isRated && !contains(p.Values, own) || isSourceRated && !contains(p.Values, source) ||
			p.Required && !isRated && !isSourceRated {
			return false
		}
	}
	if len(l.According) == 0 {
		return true
	}
	for _, id := range l.According {
		if s.anyOf(id, origin.Speakers, origin.For) {
			return true
		}
	}
	return false
}

// published returns when a statement was published: some time up to when it was
// recorded, or as its source has it.
func (s *state) published(r Reading) (earliest, latest day) {
	if src := s.shownSource(r.Statement.Source); src != nil && !src.Published.IsZero() {
		return parse(src.Published.String()).bounds()
	}
	return firstDay, dayOf(r.latest)
}

// said returns when it was said: some time up to when it was published, or as the
// origin has it.
func (s *state) said(r Reading) (earliest, latest day) {
	if said := r.Statement.Voices[0].Said.Time; !said.IsZero() {
		return parse(said.String()).bounds()
	}
	_, latest = s.published(r)
	return firstDay, latest
}

// ratedNow returns the newest rating of a source or statement that counts for a policy.
func (s *state) ratedNow(target uuid.UUID, p Policy) (value string, ok bool) {
	for _, e := range s.standing() {
		b, is := e.Body.(*events.Assessed)
		if is && !e.redacted && b.Scheme == p.Scheme && (b.Source == target || b.Statement == target) &&
			(len(p.By) == 0 || slices.Contains(p.By, e.Recorder)) {
			value, ok = b.Value, true
		}
	}
	return value, ok
}

// by reports whether something that was at one time from earliest to latest was
// by the end of a bound.
func by(b Bound, earliest, latest day) bool {
	if b.Time.IsZero() {
		return true
	}
	_, end := parse(b.Time.String()).bounds()
	if b.Possibly {
		return earliest <= end
	}
	return latest <= end
}

// matches reports whether everything that a pattern gives holds for a statement that somebody
// recorded, as it is read.
func (s *state) matches(p Pattern, recorder string, st events.Statement) bool {
	c, origin := st.Claim, st.Voices[0]
	switch {
	case p.Predicate != "" && c.Predicate != p.Predicate,
		p.Source != uuid.Nil && st.Source != p.Source,
		p.Recorder != "" && recorder != p.Recorder,
		p.Form != 0 && st.Form != p.Form,
		p.Polarity != 0 && st.Voices[0].Stance.Polarity != p.Polarity,
		!overlaps(c.When.Time, p.During),
		p.AboutNobody && (c.Occurrence != uuid.Nil || slices.ContainsFunc(c.Args, func(a events.Arg) bool { return a.Value.Kind == events.EntityValue })),
		p.Occurrence != uuid.Nil && !s.one(p.Occurrence, c.Occurrence),
		p.Entity != uuid.Nil && !s.one(p.Entity, c.Occurrence) && !s.filled(Fill{Entity: p.Entity}, c),
		p.Origin != uuid.Nil && !s.anyOf(p.Origin, origin.Speakers, origin.For):
		return false
	}
	for _, fill := range p.Args {
		if !s.filled(fill, c) {
			return false
		}
	}
	if p.Voice != uuid.Nil && !slices.ContainsFunc(st.Voices, func(v events.Voice) bool {
		return s.anyOf(p.Voice, v.Speakers)
	}) {
		return false
	}
	if p.Addressee != uuid.Nil && !slices.ContainsFunc(st.Voices, func(v events.Voice) bool {
		return s.anyOf(p.Addressee, v.To)
	}) {
		return false
	}
	if p.Refers != uuid.Nil && !slices.ContainsFunc(c.Args, func(a events.Arg) bool {
		return a.Value.Kind == events.StatementValue && a.Value.ID == p.Refers
	}) {
		return false
	}
	return true
}

// filled reports whether an argument of a claim is the entity asked for.
func (s *state) filled(f Fill, c events.Claim) bool {
	return slices.ContainsFunc(c.Args, func(a events.Arg) bool {
		return (f.Role == "" || a.Role == f.Role) &&
			a.Value.Kind == events.EntityValue && s.one(f.Entity, a.Value.ID)
	})
}

// anyOf reports whether an entity is among parties.
func (s *state) anyOf(id uuid.UUID, lists ...[]events.Party) bool {
	for _, parties := range lists {
		for _, p := range parties {
			if s.one(id, p.Entity) {
				return true
			}
		}
	}
	return false
}
