package graph

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/internal/option"
)

// Pattern names statements: those for which everything given holds. The zero
// Pattern names all. An entity stands for its whole cluster in the view.
//
// An empty id means anything. Check that a lookup found an id: uuid.Nil matches everybody.
// Only in a [Fill], and for the functions of package query that are given one for somebody
// or something, an empty id means nothing. Ids are found by names with Index.Entities of package
// query/find and, to the letter, with [Numbers.Holders].
type Pattern struct {
	Predicate  string
	Entity     uuid.UUID // is the occurrence or fills an argument; nested claims are not looked into
	Args       []Fill    // each is an argument
	Occurrence uuid.UUID
	// AboutNobody: it has no occurrence, and no argument is an entity. Nested claims and
	// conditions are not looked into. Those of one Predicate with the Polarity events.Denied
	// have a list of their own; all others are picked from the lists of what else is given, or
	// from all statements.
	AboutNobody bool
	Origin      uuid.UUID // speaks in Voices[0], or is spoken for there
	Voice       uuid.UUID // speaks in any of the voices
	Addressee   uuid.UUID // is spoken to in any of the voices
	Source      uuid.UUID
	// Recorder put it on record: it is what [Statement.Recorder] returns, to the letter. Who says
	// it is another question, for Origin and Voice. There is no list of it: statements are picked
	// from the lists of what else is given, or from all.
	Recorder string
	Refers   uuid.UUID // a statement that an argument refers to
	Form     events.Form
	Polarity events.Polarity // the origin's
	During   Bound           // the claim's time overlaps it; a claim without a time always does
}

// Check returns an error if Form or Polarity is none that there is, and says what would be
// right. [Graph.RecordIf] and the questions of package query refuse such a pattern; for
// [View.Statements], which has no error to return, and whatever else has none, it names nothing.
func (p Pattern) Check() error {
	return cmp.Or(option.One("Form", p.Form, events.Quote, events.Inferred),
		option.One("Polarity", p.Polarity, events.Affirmed, events.Undetermined))
}

// Fill is an argument that a pattern asks for.
type Fill struct {
	Role   string // empty: any role
	Entity uuid.UUID
}

// Entities returns the entities that the pattern names, perhaps one more than
// once.
func (p Pattern) Entities() []uuid.UUID {
	ids := []uuid.UUID{p.Entity, p.Occurrence, p.Origin, p.Voice, p.Addressee}
	for _, a := range p.Args {
		ids = append(ids, a.Entity)
	}
	return slices.DeleteFunc(ids, func(id uuid.UUID) bool { return id == uuid.Nil })
}

// query is a pattern in numbers.
type query struct {
	v          *View
	predicate  uint32
	source     uint32
	refers     uint32
	recorder   uint32
	form       events.Form
	polarity   events.Polarity
	nobody     bool
	entity     []uint32
	occurrence []uint32
	origin     []uint32
	voice      []uint32
	addressee  []uint32
	args       []fill
	during     Bound

	members []uint32  // room for entities
	last    sameBatch // as the row that was looked at last

	// What plan makes of it.
	lists []uint32 // of all ways that there are
	walk  walk     // of the shortest
	also  sieve    // of another one; without cursors: none
	asks  bool     // there is more to be asked of a row than the way guarantees
}

// sameBatch are the events of one batch, from first to before end, and who recorded them.
type sameBatch struct{ first, end, recorder uint32 }

type fill struct {
	role     uint32
	entities []uint32
}

// compile resolves a pattern; it reports false if nothing can match.
func (q *query) compile(v *View, p *Pattern) bool {
	c := v.m.c
	q.v, q.form, q.polarity, q.nobody, q.during = v, p.Form, p.Polarity, p.AboutNobody, p.During
	if p.Predicate != "" {
		if q.predicate = c.symbols.find(p.Predicate, v.m.symbols); q.predicate == 0 {
			return false
		}
	}
	if p.Recorder != "" {
		if q.recorder = c.symbols.find(p.Recorder, v.m.symbols); q.recorder == 0 {
			return false
		}
	}
	if p.Source != uuid.Nil {
		if q.source = c.sources.find(p.Source, v.m.sources); q.source == 0 {
			return false
		}
	}
	if p.Refers != uuid.Nil {
		if q.refers = c.events.find(p.Refers, v.m.events); q.refers == 0 {
			return false
		}
	}
	if !q.cluster(p.Occurrence, &q.occurrence) || !q.cluster(p.Origin, &q.origin) ||
		!q.cluster(p.Voice, &q.voice) || !q.cluster(p.Addressee, &q.addressee) || !q.cluster(p.Entity, &q.entity) {
		return false
	}
	for i := range p.Args {
		a := &p.Args[i]
		var f fill
		if !q.cluster(a.Entity, &f.entities) || f.entities == nil {
			return false
		}
		if a.Role != "" {
			if f.role = c.symbols.find(a.Role, v.m.symbols); f.role == 0 {
				return false
			}
		}
		q.args = append(q.args, f)
	}
	return true
}

// cluster resolves an entity to its cluster. It reports false if there is no such
// entity, and leaves nothing for nobody.
func (q *query) cluster(id uuid.UUID, to *[]uint32) bool {
	if id == uuid.Nil {
		return true
	}
	m := &q.v.m
	n := m.c.entities.find(id, m.entities)
	if n == 0 {
		return false
	}
	first := len(q.members)
	q.members = m.cluster(q.members, n)
	*to = q.members[first:]
	return true
}

// inClaim reports whether a list of an entity is of statements that mention it
// in their claim.
func inClaim(key uint32) bool { return key == keyOccurrence || key >= keyRole }

// inVoice reports whether it is of statements that mention it in a voice.
func inVoice(key uint32) bool { return key >= keyOrigin && key <= keyAddressed }

// asksMore reports whether there is anything that matches would ask.
func (q *query) asksMore() bool {
	return q.predicate != 0 || q.source != 0 || q.refers != 0 || q.recorder != 0 || q.form != 0 || q.polarity != 0 || q.nobody ||
		q.entity != nil || q.occurrence != nil || q.origin != nil || q.voice != nil || q.addressee != nil || len(q.args) > 0 || !q.during.Time.IsZero()
}

// matches reports whether the pattern names a statement as a row has it read.
func (q *query) matches(r uint32) bool {
	c := q.v.m.c
	rd := c.readingOf(r)
	if q.predicate != 0 && rd.predicate != q.predicate || q.source != 0 && rd.source() != q.source ||
		q.form != 0 && rd.manner.form() != q.form || q.polarity != 0 && rd.stance.Polarity != q.polarity || q.occurrence != nil && !slices.Contains(q.occurrence, rd.occurrence()) {
		return false
	}
	if q.nobody && rd.aboutSomebody() {
		return false
	}
	if q.entity != nil && !slices.Contains(q.entity, rd.occurrence()) && !rd.fills(0, q.entity) {
		return false
	}
	for i := range q.args {
		if f := &q.args[i]; !rd.fills(f.role, f.entities) {
			return false
		}
	}
	if q.refers != 0 && !rd.refers(q.refers) {
		return false
	}
	if q.origin != nil && !rd.speaks(q.origin, 1, true) || q.voice != nil && !rd.speaks(q.voice, rd.nvoices, false) ||
		q.addressee != nil && !rd.addresses(q.addressee) {
		return false
	}
	if q.recorder != 0 && q.recorderOf(c.rows.event.at(r)) != q.recorder {
		return false
	}
	return q.during.Time.IsZero() || q.v.overlaps(rd.when(), &q.during)
}

// recorderOf returns who recorded an event. Rows of one batch often follow one another: it
// searches for the batch of the first.
func (q *query) recorderOf(event uint32) uint32 {
	if m := &q.v.m; event < q.last.first || event >= q.last.end {
		p := m.positionOf(event)
		q.last = sameBatch{m.c.batches.at(p - 1).last, m.c.batches.at(p).last, *m.c.recorders.at(p)}
	}
	return q.last.recorder
}

// fills reports whether one of the entities is an argument, in a role or, with
// role 0, in any.
func (rd reading) fills(role uint32, entities []uint32) bool {
	for i := range uint32(rd.nargs) {
		s := rd.slot(i)
		if s.kind == events.EntityValue && (role == 0 || s.role == role) && slices.Contains(entities, rd.ref(i)) {
			return true
		}
	}
	return false
}

// aboutSomebody reports whether the claim has an occurrence or an argument that is an
// entity.
func (rd reading) aboutSomebody() bool {
	if rd.occurrence() != 0 {
		return true
	}
	for i := range uint32(rd.nargs) {
		if rd.slot(i).kind == events.EntityValue {
			return true
		}
	}
	return false
}

func (rd reading) refers(statement uint32) bool {
	for i := range uint32(rd.nargs) {
		if s := rd.slot(i); s.kind == events.StatementValue && s.role != 0 && rd.ref(i) == statement {
			return true
		}
	}
	return false
}

// speaks reports whether one of the entities speaks in one of the first voices,
// or, with fors, is spoken for there.
func (rd reading) speaks(entities []uint32, voices uint8, fors bool) bool {
	for i := range uint32(min(voices, rd.nvoices)) {
		v := rd.voice(i)
		n := uint32(v.speakers)
		if fors {
			n += uint32(v.fors)
		}
		for k := range n {
			if slices.Contains(entities, rd.party(v, k)) {
				return true
			}
		}
	}
	return false
}

// addresses reports whether one of the entities is spoken to in one of the voices.
func (rd reading) addresses(entities []uint32) bool {
	for i := range uint32(rd.nvoices) {
		v := rd.voice(i)
		others := uint32(v.speakers) + uint32(v.fors)
		for k := range uint32(v.to) {
			if slices.Contains(entities, rd.party(v, others+k)) {
				return true
			}
		}
	}
	return false
}
