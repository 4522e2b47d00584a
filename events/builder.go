package events

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events/edtf"
)

// Builder makes a [Batch] with little writing; everything it makes can also be
// written as plain structs. It fills in what it is not told: a voice asserts and
// is certain (CT+), a statement paraphrases, its last voice is the source's
// author, and ids come from natural keys, so that building the same twice
// records it once.
//
// Its methods, and those of the handles that they return, never fail: [Builder.Batch]
// returns all that is wrong. Except for the body that [Builder.Add] is given, they keep
// nothing that is the caller's: slices and claims may be used again.
//
// Ids: an entity's is Key of its [EntityKey]; a source's is Key("source", url). The events of
// sources, entities, names, statements and vocabulary have ids made of their content. What a
// recorder decides (links, verdicts, assessments, splits, retractions, redactions) gets a fresh
// id of version 7, unless [Builder.Occasion] says otherwise. So if a vocabulary, a source or an
// entity has been revised, and is said again as it was first, that is recorded already, and
// nothing changes: the receipt names it (graph.Receipt.Revised). A builder that knows the record
// ([Builder.Knowing]) sets back what it says of a source or an entity, and what Add declares.
// With another builder, hand in an event with an id of its own.
//
// The batch is in this order: vocabulary, entities, sources, names, statements,
// decisions. What refers to an added source or statement comes after it; sources that
// derive from one another in a circle are a mistake.
//
// A Builder must not be used from several goroutines at once.
type Builder struct {
	recorder string
	occasion string                          // of decisions
	id       func(parts ...string) uuid.UUID // Key, or the seal's
	sealed   bool                            // for an erasable record
	record   Recorded                        // nil: it knows none
	ctx      context.Context                 // for what is read of it
	unread   bool                            // it could not be read, which is the first of errs
	asOf     *Position                       // where the record was when Knowing was called; nil: it knows none
	errs     []error                         // the first mistakes
	more     int                             // mistakes behind those
	met      []uuid.UUID                     // things of which nothing is recorded, since they are on record

	declared   map[string][]string  // roles by predicate
	given      map[string]Predicate // as Declare was given them last
	entities   map[uuid.UUID]Entity
	refused    map[uuid.UUID]*Error // entities that are not registered, and why
	nameless   map[uuid.UUID]string // met by a name that is redacted on record
	claims     map[*Arg]string      // made of such, by their first argument
	sources    map[uuid.UUID]*SourceRef
	sourceList []*SourceRef
	statements []*StatementRef
	decisions  int // how many were given

	recorded map[uuid.UUID]bool
	latest   map[uuid.UUID]added // how Add has registered things
	groups   [groupCount][]Event

	replaces  map[uuid.UUID]uuid.UUID // the statement that one in the batch replaces
	retracted map[uuid.UUID]uuid.UUID // by what the batch retracts an event
	together  map[uuid.UUID]int       // by the first of decisions that must not be parted, how many follow it

	vocabulary []*VocabularyDeclared // added, and not on record
}

// added is an event that registers a thing.
type added struct {
	id   uuid.UUID
	body Body
}

// The groups of a batch's events, in their order.
const (
	vocabularyGroup = iota
	entityGroup
	sourceGroup
	nameGroup
	statementGroup
	decisionGroup
	groupCount
)

var groupOf = [...]int{
	KindVocabularyDeclared: vocabularyGroup,
	KindEntityRegistered:   entityGroup,
	KindSourceAdded:        sourceGroup,
	KindEntityNamed:        nameGroup,
	KindStatementRecorded:  statementGroup,
	KindIdentityJudged:     decisionGroup,
	KindEntitySplit:        decisionGroup,
	KindStatementsLinked:   decisionGroup,
	KindAssessed:           decisionGroup,
	KindRetracted:          decisionGroup,
	KindRedacted:           decisionGroup,
}

// EntityRef is an entity to be used in a statement. One that is on record
// already is EntityRef{ID: id}. It never changes, so it may be shared.
type EntityRef struct {
	ID       uuid.UUID
	words    string
	nameless string // what it was given as, if that name is redacted on record
}

// As returns a copy that carries the source's words for the entity:
// witkoff.As("Whitkoff").
func (e EntityRef) As(words string) EntityRef {
	e.words = words
	return e
}

// NewBatch starts a batch for a recorder: a person's or a program's name. The batch
// does not know what is on record: it registers a source that it mentions anew by what
// it says, even if that had been retracted, and what it leaves out is gone from then on. If
// there is a graph, prefer graph.Graph.NewBatch.
func NewBatch(recorder string) *Builder {
	return &Builder{
		recorder: recorder,
		id:       Key,
		declared: make(map[string][]string),
		given:    make(map[string]Predicate),
		entities: make(map[uuid.UUID]Entity),
		refused:  make(map[uuid.UUID]*Error),
		nameless: make(map[uuid.UUID]string),
		claims:   make(map[*Arg]string),
		sources:  make(map[uuid.UUID]*SourceRef),
		recorded: make(map[uuid.UUID]bool),
		latest:   make(map[uuid.UUID]added),

		replaces:  make(map[uuid.UUID]uuid.UUID),
		retracted: make(map[uuid.UUID]uuid.UUID),
		together:  make(map[uuid.UUID]int),
	}
}

// Occasion makes the ids of the decisions that follow from their content and this name of
// their occasion, such as "import of 4 August". So a program may repeat them, and they are
// recorded once.
func (b *Builder) Occasion(name string) *Builder {
	b.occasion = name
	return b
}

// Entity registers an entity. Its id is Key("entity", kind, key...), of the key as it is
// given, or that of its [EntityKey] if there is no key. Registering it again returns the same entity.
// The same key with another name is a mistake ([Builder.Rename] corrects the name, [Builder.Name]
// adds others), and so is a name that is the key of another.
//
// A name beside a key says that this is the name now. If the builder knows the record
// ([Builder.Knowing]), and the entity has another name there, it is renamed: a program that
// is run again sets back what a colleague has corrected. Without a key, nothing on record changes.
// To leave the name of an entity on record as it is, use EntityRef{ID: id}. Its id is
// graph.Graph.Key("entity", kind.String(), key...), and it is on record if graph.View.Kind of
// that is not 0.
func (b *Builder) Entity(kind EntityKind, name string, key ...string) EntityRef {
	own := len(key) > 0
	parts := EntityKey(kind, name)
	if own {
		parts = append(parts[:2], key...)
	}
	id := b.id(parts...)
	e := Entity{ID: id, Kind: kind, Name: Name{Text: name}}
	if old, ok := b.entities[id]; ok {
		if own && old != e || natural(old.Name.Text) != natural(name) {
			b.failEntity(&e, refuse(name, fmt.Sprintf("the key is that of %q", old.Name.Text)).
				want("what %s returned, if it is the same (Rename corrects its name), or a key of its own", called(&old)))
		} else if why := b.refused[id]; why != nil {
			again := *why
			b.failEntity(&e, &again)
		}
	} else {
		b.entities[id] = e
		b.enter(e, own)
	}
	if own {
		return EntityRef{ID: id}
	}
	return EntityRef{ID: id, nameless: b.nameless[id]}
}

// Person registers a person whose key is its name.
func (b *Builder) Person(name string) EntityRef { return b.Entity(Person, name) }

// Organisation registers an organisation whose key is its name.
func (b *Builder) Organisation(name string) EntityRef { return b.Entity(Organisation, name) }

// Place registers a place whose key is its name.
func (b *Builder) Place(name string) EntityRef { return b.Entity(Place, name) }

// Office registers an office whose key is its name.
func (b *Builder) Office(name string) EntityRef { return b.Entity(Office, name) }

// Group registers a group whose key is its name.
func (b *Builder) Group(name string) EntityRef { return b.Entity(Group, name) }

// Work registers a work whose key is its name.
func (b *Builder) Work(name string) EntityRef { return b.Entity(Work, name) }

// Topic registers a topic whose key is its name.
func (b *Builder) Topic(name string) EntityRef { return b.Entity(Topic, name) }

// Occurrence registers an occurrence, such as a meeting, whose key is its name.
func (b *Builder) Occurrence(name string) EntityRef { return b.Entity(Occurrence, name) }

// Placeholder registers somebody or something not identified, by a description
// that should be its own: "the US official of nytimes.com/2025/08/04/x".
func (b *Builder) Placeholder(description string) EntityRef {
	return b.Entity(Placeholder, description)
}

// Name adds a name that is in use for an entity; language is a BCP 47 tag or
// empty.
func (b *Builder) Name(entity EntityRef, name, language string) uuid.UUID {
	return b.addOf(&EntityNamed{Entity: entity.ID, Name: Name{name, language}}, entity)
}

// Declare declares predicates. The entities that [SourceRef.Says] and the like
// are given after it fill the declared roles in order. Declare a predicate before you
// use it: what has been said with it keeps the roles that it was said with, and neither
// opposes nor confirms what is said later in other roles.
//
// Each predicate is an event of its own; Declare returns the ids in the predicates' order. A
// program may declare the same whenever it is run, and later declare others as well. A
// declaration that has been recorded, and revised since, has no effect again. The receipt names
// it (graph.Receipt.Revised), and if the builder knows the record, a new statement that does not
// keep to what is declared there is a mistake. Such a builder's Add, with a [VocabularyDeclared],
// sets it back.
func (b *Builder) Declare(predicates ...Predicate) []uuid.UUID {
	ids, names := make([]uuid.UUID, len(predicates)), make(map[string]bool)
	for i, p := range predicates {
		if e := once(names, p.Name); e != nil {
			b.fail("Declare", e.in("Name").at("Predicates", i))
		}
		p.Roles = slices.Clone(p.Roles)
		for k := range p.Roles {
			r := &p.Roles[k]
			r.Values, r.Entities = slices.Clone(r.Values), slices.Clone(r.Entities)
		}
		ids[i] = b.addAs(&VocabularyDeclared{Predicates: []Predicate{p}}, b.contentID, 0)
		b.given[p.Name] = p
	}
	return ids
}

// DeclareScheme declares an assessment scheme, such as [Admiralty]: what is rated
// in it from then on must have one of its values. What has been revised since stays so, as
// with [Builder.Declare].
func (b *Builder) DeclareScheme(s Scheme) uuid.UUID {
	s.Values = slices.Clone(s.Values)
	return b.addAs(&VocabularyDeclared{Schemes: []Scheme{s}}, b.contentID, 0)
}

// Link judges how one statement bears on another. Without [Builder.Occasion], a program that is
// run again records it again.
func (b *Builder) Link(from uuid.UUID, link LinkType, to uuid.UUID, reason string) uuid.UUID {
	return b.Add(&StatementsLinked{From: from, Link: link, To: to, Reason: reason})
}

// Judge gives a verdict on whether two entities are one. Those that are the same go by
// the name of the one that was registered first, whatever the order of x and y, and of the verdicts.
// Without [Builder.Occasion], a program that is run again records it again.
func (b *Builder) Judge(x EntityRef, verdict Verdict, y EntityRef, reason string) uuid.UUID {
	return b.addOf(&IdentityJudged{A: x.ID, B: y.ID, Verdict: verdict, Reason: reason}, x, y)
}

// Split says that the entity, wherever these statements mention it, is another. To split
// the mentions in only some places of a statement, Add an [EntitySplit]. Without
// [Builder.Occasion], a program that is run again is refused, since the statements mention the
// other by then.
func (b *Builder) Split(entity, other EntityRef, reason string, statements ...uuid.UUID) uuid.UUID {
	part := SplitPart{Entity: other.ID}
	for _, id := range statements {
		part.Mentions = append(part.Mentions, Mention{Statement: id})
	}
	return b.addOf(&EntitySplit{Entity: entity.ID, Parts: []SplitPart{part}, Reason: reason}, entity, other)
}

// Retract takes back an earlier event on which nothing that stands rests. If that is a statement
// which replaced another, the other is seen again: [Builder.RetractVersions] takes back both. Without
// [Builder.Occasion], a program that is run again is refused, since the event no longer stands.
func (b *Builder) Retract(event uuid.UUID, reason string) uuid.UUID {
	return b.Add(&Retracted{Event: event, Reason: reason})
}

// Cascade takes back an earlier event and all that rests on it; graph.View.Falls tells
// beforehand what that is. As with Retract, what a statement had replaced is seen again, and
// [Builder.Occasion] lets a program be run again.
func (b *Builder) Cascade(event uuid.UUID, reason string) uuid.UUID {
	return b.Add(&Retracted{Event: event, Reason: reason, Cascade: true})
}

// Redact hides the content of an event for good. Without [Builder.Occasion], a program that is
// run again is refused.
func (b *Builder) Redact(event uuid.UUID, reason string) uuid.UUID {
	return b.Add(&Redacted{Event: event, Reason: reason})
}

// Add adds an event with any body and returns its id. It is for what the other methods
// cannot say. The body must not be changed afterwards. An event that the batch has already
// is not added again.
func (b *Builder) Add(body Body) uuid.UUID { return b.addAs(body, b.eventID, 0) }

// addAs is Add with another way to an id, of what is known as of a position.
func (b *Builder) addAs(body Body, idOf func(Body) (uuid.UUID, error), asOf Position) uuid.UUID {
	event := Event{Body: body, AsOf: asOf, built: -1 - len(b.statements)}
	if isDecision(body) {
		b.decisions++
		event.built = b.decisions
	}
	id, err := b.add(event, idOf)
	if err != nil {
		b.fail(b.calledLast(body), asError(err))
	}
	return id
}

// calledLast is what the caller knows a body by that he has just given to Add.
func (b *Builder) calledLast(body Body) string {
	if isDecision(body) {
		return calledDecision(b.decisions-1, body)
	}
	return fmt.Sprintf("Add(%T)", body)
}

// isDecision reports whether a body is something that a recorder decides.
func isDecision(body Body) bool { return isBody(body) && groupOf[body.Kind()] == decisionGroup }

// add adds an event, to which it gives its id.
func (b *Builder) add(event Event, idOf func(Body) (uuid.UUID, error)) (uuid.UUID, error) {
	body := event.Body
	if !isBody(body) {
		return uuid.Nil, errors.New("is nil, or not one of the kinds of event")
	}
	group := groupOf[body.Kind()]
	id, err := idOf(body)
	if err != nil {
		return uuid.Nil, err
	}
	if !b.recorded[id] {
		b.recorded[id] = true
		event.ID = id
		b.groups[group] = append(b.groups[group], event)
	}
	switch e := body.(type) {
	case *SourceAdded:
		b.registers(e.Source.ID, id, body)
	case *EntityRegistered:
		b.registers(e.Entity.ID, id, body)
	case *VocabularyDeclared:
		for _, p := range e.Predicates {
			b.declare(p)
			delete(b.given, p.Name)
		}
		if b.isNew(id) {
			b.vocabulary = append(b.vocabulary, e)
		}
	case *StatementRecorded:
		if e.Statement.Replaces != uuid.Nil {
			b.replaces[id] = e.Statement.Replaces
		}
	case *Retracted:
		b.retracted[e.Event] = id
	}
	return id, nil
}

func (b *Builder) eventID(body Body) (uuid.UUID, error) {
	switch e := body.(type) {
	case *SourceAdded:
		return b.registrationID(body, b.registration(e.Source.ID))
	case *EntityRegistered:
		return b.registrationID(body, b.registration(e.Entity.ID))
	case *VocabularyDeclared:
		return b.declarationID(e)
	}
	if !isDecision(body) {
		return b.contentID(body)
	}
	if b.occasion == "" {
		return uuid.NewV7()
	}
	return b.occasionID(body)
}

// occasionID is the id of a decision that is taken on the occasion.
func (b *Builder) occasionID(body Body) (uuid.UUID, error) {
	content, err := encodeBody(body)
	if err != nil {
		return uuid.Nil, err
	}
	return b.id("event", b.occasion, body.Kind().String(), string(content)), nil
}

// contentID is the id of an event that says this, if it is said for the first time.
func (b *Builder) contentID(body Body) (uuid.UUID, error) {
	content, err := encodeBody(body)
	if err != nil {
		return uuid.Nil, err
	}
	return b.id("event", body.Kind().String(), string(content)), nil
}

// Claim returns a claim in which the entities fill the predicate's roles in order. These are
// the declared ones, if [Builder.Declare] has come before or the builder knows a record that
// declares the predicate, and otherwise "subject" for the first entity and "object" for all
// others. If there are more entities than roles, the last role takes the rest.
// All entities of a symmetric predicate have its first role. Give those that belong in another,
// such as a place, with [StatementRef.Role]. A declared role with Entities refuses an entity of
// the wrong kind.
func (b *Builder) Claim(predicate string, entities ...EntityRef) Claim {
	roles := b.rolesOf(predicate)
	if len(roles) == 0 {
		roles = []string{"subject", "object"}
	}
	c := Claim{Predicate: predicate}
	for i, e := range entities {
		c.Args = append(c.Args, Arg{Role: roles[min(i, len(roles)-1)], Value: Ref(e.ID), As: e.words})
	}
	if name := nameless(entities...); name != "" {
		b.claims[&c.Args[0]] = name // a copy of the claim has the same
	}
	return c
}

// Infers adds a desk's own conclusion: its voice is the desk, it has no source
// and its form is [Inferred].
func (b *Builder) Infers(desk EntityRef, predicate string, entities ...EntityRef) *StatementRef {
	st := b.statement(nil, predicate, entities)
	st.voice(desk)
	return st.Form(Inferred)
}

// Batch returns the batch, which [EncodeBatch] takes, or all mistakes so far, joined into one
// error (see [errors.Join]), which is [ErrInvalid]. If there are more than 20 it has the first
// 20, and then how many more there are. First come the mistakes in calls, in the order of the
// calls. Then come those found in the batch: one for each event that has one, unless a call
// about it was a mistake. Each is an [*Error] that names what it is about as the caller
// knows it: a statement by its number, in the order in which the builder was given them, from
// 0, and its predicate; a decision by its number among the decisions; an entity by its name
// and the number of the statement that came next, once for each time that it was given. If the
// record could not be read ([Builder.Knowing]), that comes before all, and by itself is not
// ErrInvalid.
//
// A builder that knows the record also checks what is new against the declared predicates and
// schemes, by the rules of [Check]: against those of the batch, and for the rest those of the
// record as it is then. So it finds an argument in no role of its predicate, or one whose value, or
// whose entity's kind, does not fill the role, and a rating that is not of its scheme, unless a
// retraction comes before it. Only recording checks what an id refers to, and it checks all of
// the above again.
//
// Batch may be called again after more has been added, and then returns all of it again: what
// has been recorded meanwhile is encoded and compared once more. Begin the next batch with
// a builder of its own, or a loop that records takes time as the square of its rounds.
//
// What is too large for one batch is refused; [Builder.Batches] splits it.
func (b *Builder) Batch() (*Batch, error) {
	batch := b.whole()
	if len(batch.Events) == 0 && len(b.met) > 0 {
		batch.met = true
		for _, thing := range b.met {
			if e := b.registration(thing); e != nil {
				batch.Events = []Event{{ID: e.ID, Body: e.Body, built: -1}}
				break
			}
		}
	}
	t := b.mistakes()
	t.circles(batch)
	t.check(batch, true)
	if err := b.errOf(t); err != nil {
		return nil, err
	}
	return batch, nil
}

// errOf returns the mistakes of a batch that has been checked, as one error.
func (b *Builder) errOf(t *tally) error {
	if b.unread { // perhaps only then
		t = b.mistakes()
	}
	return t.err()
}

// whole returns all that is to be recorded, in order, without a look at it.
func (b *Builder) whole() *Batch {
	for _, st := range b.statements {
		st.ID()
	}
	batch := &Batch{Recorder: b.recorder, AsOf: b.asOf}
	var sources []Event
	for _, s := range b.sourceList {
		sources = s.register(sources)
		if s.text != nil {
			if batch.Texts == nil {
				batch.Texts = make(map[uuid.UUID]string)
			}
			batch.Texts[s.source.ID] = *s.text
		}
	}
	for i, g := range b.groups {
		if i == sourceGroup {
			g = byDerivation(append(sources, g...))
		}
		batch.Events = append(batch.Events, g...)
	}
	return batch
}

// mistakes returns the builder's mistakes, to which faults of its events are to be added. If
// there are mistakes the batch is not complete: what comes of a statement's mistake is left
// out, and that it is empty.
func (b *Builder) mistakes() *tally {
	if b.unread { // what else is wrong is not the caller's to mend now
		return &tally{found: b.errs[:1:1], leaves: func(*Error) bool { return true }}
	}
	t := &tally{found: slices.Clone(b.errs), more: b.more, inForce: b.inForce()}
	if len(b.errs) == 0 {
		return t
	}
	mistaken := make(map[uuid.UUID]bool)
	for _, st := range b.statements {
		if st.mistaken {
			mistaken[st.id] = true
		}
	}
	t.leaves = func(e *Error) bool { return mistaken[e.ID] }
	return t
}

// fail collects a mistake in a call about what the caller knows by such a name, unless it
// may come of the record not having been read.
func (b *Builder) fail(what string, e *Error) {
	switch e.What = what; {
	case b.unread:
	case len(b.errs) < maxFaults:
		b.errs = append(b.errs, e)
	default:
		b.more++
	}
}

// failEntity collects a mistake about an entity that has just been given.
func (b *Builder) failEntity(entity *Entity, e *Error) {
	e.Kind, e.Statement = KindEntityRegistered, len(b.statements)
	b.fail(calledBefore(entity, e.Statement), e)
}

// asError is an error of a call as one to collect.
func asError(err error) *Error {
	if e := (*Error)(nil); errors.As(err, &e) {
		return e
	}
	e := refuse(nil, strings.TrimPrefix(err.Error(), "events: "))
	if errors.Is(err, ErrRecordSize) {
		e.Class = ErrRecordSize
	}
	return e
}

// noDate is the mistake of a text that is none.
func noDate(text string, err error) *Error {
	e := refuse(text, err.Error())
	if syntax := (*edtf.SyntaxError)(nil); errors.As(err, &syntax) {
		e.Problem = fmt.Sprintf("is no date, at byte %d", syntax.Offset)
		e.Want = strings.TrimPrefix(syntax.Msg, "want ")
	}
	return e
}

func partiesOf(es []EntityRef) []Party {
	ps := make([]Party, len(es))
	for i, e := range es {
		ps[i] = Party{Entity: e.ID, As: e.words}
	}
	return ps
}

func cut(s string) string {
	if len(s) <= 40 {
		return s
	}
	return strings.ToValidUTF8(s[:40], "") + "…"
}
