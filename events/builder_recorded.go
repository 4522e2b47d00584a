package events

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// Recorded is what a [Builder] asks of the record that its batch is for, as the record
// is when it asks. Package graph implements it, and nobody else need: it may be given more
// methods.
type Recorded interface {
	// Position returns the last position of which all that follows is known.
	Position() Position

	// Event reports whether an event is on record, and whether it stands and is not
	// redacted.
	Event(id uuid.UUID) (stands, ok bool)

	// Registered reports whether a source or an entity stands, and if so, whether all of its
	// registrations that stand are redacted.
	Registered(thing uuid.UUID) (stands, redacted bool)

	// Retracted returns what retracted the newest registration of a source or an entity that
	// has been registered and does not stand. It reports false if it stands, or never was.
	Retracted(thing uuid.UUID) (by uuid.UUID, ok bool)

	// Registration returns the newest event that registers a source or an entity,
	// stands and is not redacted; nil if there is none.
	Registration(ctx context.Context, thing uuid.UUID) (*Event, error)

	// Predicate and Scheme return the newest standing declaration of a name. They report
	// false if there is none.
	Predicate(ctx context.Context, name string) (Predicate, bool, error)
	Scheme(ctx context.Context, name string) (Scheme, bool, error)

	// Replaces returns the statement that one was recorded to replace, whether it stands or
	// not; empty if there is none.
	Replaces(statement uuid.UUID) uuid.UUID

	// RemovedBy returns the event that keeps another from standing, and its kind, which is
	// Retracted or, of what is replaced, StatementRecorded. It reports false if that event
	// stands, or is not on record.
	RemovedBy(event uuid.UUID) (by uuid.UUID, kind Kind, ok bool)

	// Redacted reports whether an event is on record and redacted.
	Redacted(event uuid.UUID) bool
}

// Knowing lets the batch add to a record instead of starting from nothing;
// graph.Graph.NewBatch calls it. It comes before all else.
//
//   - What is not said of a source that is on record stays as its newest registration
//     has it, and a mention that adds nothing is not recorded. The same goes for an entity;
//     only a key beside a name says that this is the name now. Statements take their voice
//     and language from the source as it is then. If these have been revised, and are not
//     said again, the statements are other statements.
//   - What is said takes effect, even if it has been recorded before and revised since:
//     its event has an id of its own. A program that says of a source first one thing and
//     then another says both anew each time it is run. What has been retracted or
//     redacted does not come back by being said again as it was. But if what stands now has
//     other values beside it, the whole is new, and takes effect.
//   - A source or an entity of which every registration has been retracted does not come back
//     by being mentioned. To say of it what has not been recorded before, or to leave out what
//     was, is a mistake, which is [ErrRemoved]. Said as it was recorded, it is left out, and the
//     receipt names it (graph.Receipt.Gone). Retracting the retraction restores it, and Add with
//     a [SourceAdded] or [EntityRegistered] registers it anew, if that comes before the mention.
//   - A source or an entity that stands, but of which every registration is redacted,
//     stays so, whatever is said of it: only Add registers it again. Statements from such a
//     source take the voice of the authors who are named. An entity whose key is its name may
//     be another of that name. So it is a mistake, [ErrRemoved], to use what Person and the like
//     return for it in a new statement, name, verdict or split, or as a new author or publisher.
//     Give one a key of its own, or say with EntityRef{ID: id} that you mean the same.
//   - Predicates and schemes that are declared on record are known, and what is new must keep to
//     them ([Builder.Batch]). A program declares what it uses whenever it is run, so Declare
//     and DeclareScheme do not set back what somebody has revised since they were first
//     recorded. They have no effect then, and the receipt names them (graph.Receipt.Revised).
//     To set it back, Add a [VocabularyDeclared].
//
// An empty value says nothing. To empty a field, Add a [SourceAdded] or
// [EntityRegistered] with all that shall remain, or retract the registration that has it, if
// another stands. A registration holds all that is known then: to redact a title, redact
// each registration that has it.
//
// The builder reads each source that is on record once, when it is first mentioned, and so
// each entity with a key of its own and each declared predicate. Each call of Batch reads again
// the predicates and schemes that are used. All else is looked up in memory. The builder does
// not know what is recorded after that, even by the same program.
//
// So that this is not undone, the batch has the position at which Knowing was called
// ([Batch].AsOf), which counts for what Add, Declare and DeclareScheme are given. A source or an
// entity has the position at which it was first mentioned ([Event].AsOf). If two builders are
// open at once and say different things of one source, the batch that comes second is refused:
// build it anew. So is a batch that mentions what another has registered and retracted
// meanwhile. However long a builder is used, only what others revise after it has looked counts.
// So begin a batch when the one before it is on record, and mention a source or an entity before
// you look up yourself what you say of it. If others revise a thing more often than a batch
// takes from there until it is recorded, the batch would be refused each time: say what you
// have to say of that in a small batch of its own.
//
// Only what is registered and declared is guarded so. A statement that took its voice or
// language from a source, or its roles from a predicate, is recorded as it was built, even if
// that has been corrected meanwhile. If it must not be, record it on condition
// (graph.Graph.RecordIf), or build it when nobody else records.
//
// The context is for what is read, and must not end before [Builder.Batch] has returned. If
// the record cannot be read, or the context ends meanwhile, that is an error of Batch. The
// builder then reads nothing more, and collects nothing else that is wrong, since that may
// come of it. Begin another builder.
func (b *Builder) Knowing(ctx context.Context, r Recorded) *Builder {
	b.ctx, b.record = ctx, r
	asOf := b.position()
	b.asOf = &asOf
	return b
}

// position is that as of which all is known that is read next, 0 if there is no record. It
// is taken before, so that what is recorded meanwhile counts as not known.
func (b *Builder) position() Position {
	if b.record == nil {
		return 0
	}
	return b.record.Position()
}

// registration returns how Add has registered a thing last or, if it has not, how it is
// registered on record; nil if it is not.
func (b *Builder) registration(thing uuid.UUID) *Event {
	if a, ok := b.latest[thing]; ok {
		return &Event{ID: a.id, Body: a.body}
	}
	if b.record == nil || b.unread {
		return nil
	}
	e, err := b.record.Registration(b.ctx, thing)
	b.cannotRead(thing.String(), err)
	return e
}

// cannotRead collects an error of reading from the record, if there is one, as the first.
func (b *Builder) cannotRead(what string, err error) {
	if err != nil {
		b.unread = true
		b.errs = slices.Insert(b.errs, 0, fmt.Errorf("events: read %s from the record: %w", what, err))
	}
}

// registrationID returns the id of the event by which a body takes effect, given the
// newest registration of its thing; that one's id if it says the same.
func (b *Builder) registrationID(body Body, newest *Event) (uuid.UUID, error) {
	content, err := encodeBody(body)
	if err != nil {
		return uuid.Nil, err
	}
	id := b.id("event", body.Kind().String(), string(content))
	if newest == nil {
		return id, nil
	}
	if same, err := encodeBody(newest.Body); err != nil || bytes.Equal(same, content) {
		return newest.ID, err
	}
	return b.free(id, body.Kind(), content), nil
}

// free returns the first of the ids of a body, from this one, that is not that of an event
// which has been superseded.
func (b *Builder) free(id uuid.UUID, kind Kind, content []byte) uuid.UUID {
	for n := 1; b.record != nil; n++ {
		if stands, ok := b.record.Event(id); ok && !stands || !ok && !b.recorded[id] {
			break
		}
		id = b.id("event", kind.String(), string(content), strconv.Itoa(n))
	}
	return id
}

// declarationID returns the id of the event by which a declaration takes effect; that of
// one that is on record if what it says holds there.
func (b *Builder) declarationID(d *VocabularyDeclared) (uuid.UUID, error) {
	content, err := encodeBody(d)
	if err != nil {
		return uuid.Nil, err
	}
	id := b.id("event", d.Kind().String(), string(content))
	if b.record == nil {
		return id, nil
	}
	now := &VocabularyDeclared{}
	for _, p := range d.Predicates {
		now.Predicates = append(now.Predicates, b.predicate(p.Name))
	}
	for _, s := range d.Schemes {
		now.Schemes = append(now.Schemes, b.scheme(s.Name))
	}
	if same, err := isSame(d, now); err != nil || same {
		return id, err
	}
	return b.free(id, d.Kind(), content), nil
}

// predicate returns how Add has declared a name last or, if it has not, how it is declared on
// record; an empty one if it is not.
func (b *Builder) predicate(name string) Predicate {
	for _, d := range slices.Backward(b.vocabulary) {
		for _, p := range d.Predicates {
			if p.Name == name {
				return p
			}
		}
	}
	p, _ := b.predicateOnRecord(name)
	return p
}

// scheme is predicate for an assessment scheme.
func (b *Builder) scheme(name string) Scheme {
	for _, d := range slices.Backward(b.vocabulary) {
		for _, s := range d.Schemes {
			if s.Name == name {
				return s
			}
		}
	}
	s, _ := b.schemeOnRecord(name)
	return s
}

func (b *Builder) schemeOnRecord(name string) (Scheme, bool) {
	if b.unread {
		return Scheme{}, false
	}
	s, ok, err := b.record.Scheme(b.ctx, name)
	b.cannotRead(fmt.Sprintf("the scheme %q", cut(name)), err)
	return s, ok
}

func (b *Builder) predicateOnRecord(name string) (Predicate, bool) {
	if b.unread {
		return Predicate{}, false
	}
	p, ok, err := b.record.Predicate(b.ctx, name)
	b.cannotRead(fmt.Sprintf("the predicate %q", cut(name)), err)
	return p, ok
}

// registers notes how Add has registered a thing, unless that is on record and does not
// stand: then it has no effect.
func (b *Builder) registers(thing, id uuid.UUID, body Body) {
	if b.record != nil {
		if stands, ok := b.record.Event(id); ok && !stands {
			return
		}
	}
	b.latest[thing] = added{id, body}
}

// isRedacted reports whether a thing stands of which nothing is left. One that stands because
// it has been registered since it was looked up is none.
func (b *Builder) isRedacted(thing uuid.UUID, newest *Event) bool {
	if newest != nil || b.record == nil {
		return false
	}
	_, redacted := b.record.Registered(thing)
	return redacted
}

// comesBack returns the mistake of a mention that would register a thing again which has been
// retracted, nil if it does not.
func (b *Builder) comesBack(thing uuid.UUID, want Body) *Error {
	if b.record == nil {
		return nil
	}
	by, ok := b.record.Retracted(thing)
	if !ok {
		return nil
	}
	if id, err := b.contentID(want); err != nil || !b.isNew(id) {
		return nil // which Add tells, or the receipt
	}
	e := refuse(nil, fmt.Sprintf("has been retracted by %s, and does not come back by being mentioned", by)).
		want("that retracted first, or Add with %s", strings.Replace(fmt.Sprintf("%T", want), "*", "an ", 1))
	e.Class, e.Events = ErrRemoved, []uuid.UUID{by}
	return e
}

// enter registers an entity; key says that it has another one than its name.
func (b *Builder) enter(e Entity, key bool) {
	_, here := b.latest[e.ID]
	stands, redacted, asOf := false, false, b.position()
	if b.record != nil {
		stands, redacted = b.record.Registered(e.ID)
	}
	if !here && !stands {
		b.register(&EntityRegistered{e}, asOf)
		return
	}
	b.met = append(b.met, e.ID)
	if !key {
		if redacted && !here {
			b.nameless[e.ID] = called(&e)
		}
		return
	}
	newest := b.registration(e.ID)
	if newest == nil {
		return // it is redacted
	}
	if was, ok := newest.Body.(*EntityRegistered); ok {
		if was.Entity.Name.Text == e.Name.Text {
			return
		}
		e.Kind, e.Note = was.Entity.Kind, was.Entity.Note
	}
	if here {
		asOf = 0 // what Add was given is no younger than the builder
	}
	b.register(&EntityRegistered{e}, asOf)
}

// register adds the registration of an entity, or the mistake that it is.
func (b *Builder) register(r *EntityRegistered, asOf Position) {
	c := shape{now: true}
	e := c.event(&Event{Body: r})
	if e == nil {
		e = b.comesBack(r.Entity.ID, r)
	}
	if e != nil {
		why := *e
		b.refused[r.Entity.ID] = &why
		b.failEntity(&r.Entity, e)
		return
	}
	b.addAs(r, b.eventID, asOf)
}

// Rename corrects the name of an entity that is in the batch or on the record that the builder
// knows ([Builder.Knowing]): it is registered anew under its id, with kind and note as they are.
// Rename returns the id of the event that gives it this name. If it has the name already,
// nothing is recorded. To rename an entity of which nothing is known is a mistake.
//
// The names that [Builder.Name] has added stay. The wrong name is gone, except from views of
// before. The id stays that of the first key: Person and the like return this entity for the
// wrong name, and another for the right one. So use what the call with the wrong one returns,
// or EntityRef{ID: id}. Entities that are judged to be the same go by the name of the one that was
// registered first: rename that.
//
// A program that is run again sets back what somebody has renamed since, as it does with what it
// says of a source. With [Builder.Occasion] the renaming is recorded once, unless the kind or the
// note has been changed as well, and the receipt names it if it has been revised
// (graph.Receipt.Revised).
func (b *Builder) Rename(entity EntityRef, name string) uuid.UUID {
	if b.refused[entity.ID] != nil {
		return uuid.Nil // which has been said
	}
	asOf := b.position()
	newest := b.registration(entity.ID)
	var was *EntityRegistered
	if newest != nil {
		was, _ = newest.Body.(*EntityRegistered)
	}
	if was == nil {
		return b.cannotRename(entity, name)
	}
	e := was.Entity
	if e.Name.Text == name {
		b.met = append(b.met, e.ID)
		return newest.ID
	}
	e.Name.Text = name
	if _, here := b.latest[e.ID]; here {
		asOf = 0 // what Add was given is no younger than the builder
	}
	body, idOf := &EntityRegistered{e}, b.eventID
	if b.occasion != "" {
		if id, err := b.occasionID(body); err != nil || !b.recorded[id] { // or it has been renamed since, in this batch
			idOf = b.occasionID
		}
	}
	return b.addAs(body, idOf, asOf)
}

// cannotRename collects the mistake of renaming an entity of which nothing is known.
func (b *Builder) cannotRename(entity EntityRef, name string) uuid.UUID {
	e := refuse(entity.ID, "nothing is known of it, and so not what it is beside its name").in("Entity")
	e.Class = ErrUnknown
	switch {
	case b.record == nil:
		e.want("an entity of this batch, or a builder that knows the record (graph.Graph.NewBatch)")
	case b.isRedacted(entity.ID, nil):
		e.Problem, e.Class = "is redacted", ErrRemoved
		e.want("Add with an EntityRegistered")
	default:
		if by, gone := b.record.Retracted(entity.ID); gone {
			e.Problem, e.Class, e.Events = fmt.Sprintf("has been retracted by %s", by), ErrRemoved, []uuid.UUID{by}
			e.want("that retracted first")
		} else {
			e.want("an entity that is on record, or of this batch")
		}
	}
	e.Kind, e.Statement = KindEntityRegistered, len(b.statements)
	b.fail(fmt.Sprintf("Rename(%q) before statement %d", cut(name), e.Statement), e)
	return uuid.Nil
}

// rolesOf returns the roles that entities fill in their order, none if the predicate
// is not declared.
func (b *Builder) rolesOf(predicate string) []string {
	roles, known := b.declared[predicate]
	if known || b.record == nil {
		return roles
	}
	if p, ok := b.predicateOnRecord(predicate); ok {
		b.declare(p)
	} else {
		b.declared[predicate] = nil
	}
	return b.declared[predicate]
}

// addOf adds a body that mentions entities.
func (b *Builder) addOf(body Body, entities ...EntityRef) uuid.UUID {
	id := b.Add(body)
	if name := nameless(entities...); name != "" && b.isNew(id) {
		b.fail(b.calledLast(body), noName(name).in("Entity"))
	}
	return id
}

// isNew reports whether an event is not on the record that the builder knows, as that of
// a program that is run again is.
func (b *Builder) isNew(event uuid.UUID) bool {
	if b.record == nil {
		return false
	}
	_, known := b.record.Event(event)
	return !known
}

// nameless returns one of the entities that is mentioned by a name that has been redacted,
// as the caller knows it, "" if there is none.
func nameless(entities ...EntityRef) string {
	for i := range entities {
		if entities[i].nameless != "" {
			return entities[i].nameless
		}
	}
	return ""
}

// noName is the mistake of mentioning an entity by a name that has been redacted.
func noName(name string) *Error {
	e := refuse(nil, "on record, what was "+name+" has been redacted").
		want("a key of its own for another of this name, or EntityRef{ID: id} for the same")
	e.Class = ErrRemoved
	return e
}

func rolesIn(p *Predicate) []string {
	roles := make([]string, len(p.Roles))
	for i, r := range p.Roles {
		roles[i] = r.Name
	}
	return roles
}

func (b *Builder) declare(p Predicate) {
	roles := rolesIn(&p)
	if p.Symmetric && len(roles) > 0 {
		roles = roles[:1]
	}
	b.declared[p.Name] = roles
}
