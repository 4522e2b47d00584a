package events

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/google/uuid"
)

// maxFaults is how many faults are told; others are counted.
const maxFaults = 20

// tally keeps the first faults that are found, in their order, and counts the others.
type tally struct {
	found  []error
	more   int
	leaves func(*Error) bool // which are left out; nil: none
	whole  bool              // a batch is at fault as a whole, and is not looked at further

	inForce *inForce // what events are checked against, too; nil: nothing
}

func (t *tally) add(e *Error) {
	switch {
	case t.leaves != nil && t.leaves(e):
	case len(t.found) < maxFaults:
		t.found = append(t.found, e)
	default:
		t.more++
	}
}

// err returns the faults joined into one error, nil if there are none; one alone is returned
// as it is.
func (t *tally) err() error {
	switch {
	case t.more > 0:
		return errors.Join(append(slices.Clone(t.found), fmt.Errorf("events: and %d more", t.more))...)
	case len(t.found) == 1:
		return t.found[0]
	}
	return errors.Join(t.found...)
}

// CheckShape checks what can be known from the batch alone, without the record:
// ids, enumerations, names, sizes, the form of values. It returns nil, an [*Error], or,
// if several events are at fault, the first fault of each, joined (see [errors.Join]): 20 of
// them, and behind these how many more there are. It changes nothing, needs no lock, and
// takes time in proportion to the batch, or to [MaxRecord] if that is less: a batch whose
// events cannot fit one record is refused, with ErrRecordSize, before it is encoded, and of
// as many at fault the last are not looked at, which the error says.
//
// It lets through whatever any release has recorded. What is recorded now is held to
// more: [EncodeBatch] also refuses a name with white space around it, with characters in
// it that separate lines or that show nothing and no name needs, or in which nothing is seen;
// and offsets beyond [MaxOffset].
func CheckShape(b *Batch) error { return check(b, false) }

// check is CheckShape; now says that the batch is to be recorded.
func check(b *Batch, now bool) error {
	var t tally
	t.check(b, now)
	return t.err()
}

// check adds what is wrong with a batch; now says that it is to be recorded.
func (t *tally) check(b *Batch, now bool) {
	c := shape{now: now}
	whole := func(e *Error) {
		if e = e.about(&Event{}, -1); t.leaves == nil || !t.leaves(e) {
			t.found = append(t.found, e) // beyond the others, since it says why there are no more
		}
		t.whole = true
	}
	if e := c.name(b.Recorder); e != nil {
		whole(e.in("Recorder"))
		return
	}
	if len(b.Events) == 0 && (b.met || len(t.found) > 0) {
		return // all is on record, or what was found is why
	}
	if len(b.Events) == 0 {
		whole(refuse(nil, "is empty").in("Events").want("at least one event"))
		return
	}
	if e := atMost(len(b.Events), MaxEvents); e != nil {
		whole(e.in("Events").want("at most %d; split the batch, as Builder.Batches does", MaxEvents))
		return
	}
	encoded, size := 0, 0
	for id, text := range b.Texts {
		if size += len(text); size > MaxSourceText {
			whole(refuse(id, fmt.Sprintf("makes more than %d bytes of text", MaxSourceText)).in("Texts").want("fewer texts in one batch; Builder.Batches splits it"))
			return
		}
	}
	seen := make(map[uuid.UUID]int, len(b.Events))
	passed := 0 // bytes of those at fault that are only counted
	for i := range b.Events {
		ev := &b.Events[i]
		e := checkEventID(ev.ID).in("ID")
		if j, ok := seen[ev.ID]; ok && e == nil {
			e = refuse(ev.ID, fmt.Sprintf("events %d and %d have the same id", j, i)).in("ID")
		}
		seen[ev.ID] = i
		if e == nil {
			if e = c.event(ev); e == nil {
				e = t.inForce.check(ev)
			}
		}
		if e != nil {
			t.add(e.about(ev, i))
			if t.more > 0 && isBody(ev.Body) {
				passed += leastHead + leastSize(ev.Body)
			}
			if rest := len(b.Events) - i - 1; passed > MaxRecord && rest > 0 {
				whole(refuse(nil, fmt.Sprintf("the last %d have not been checked", rest)).in("Events"))
				return
			}
			continue
		}
		if encoded += leastHead + leastSize(ev.Body); encoded > MaxRecord {
			e := refuse(nil, fmt.Sprintf("take at least %d bytes up to event %d", encoded, i))
			e.Class = ErrRecordSize
			whole(e.in("Events").want("at most %d; split the batch, as Builder.Batches does", MaxRecord))
			return
		}
	}
}

func checkEventID(id uuid.UUID) *Error {
	const want = "version 7 (uuid.NewV7), 5 (events.Key) or 8 (events.Seal.Key)"
	switch v := id.Version(); {
	case id == uuid.Nil:
		return refuse(nil, "is missing").want("a UUID of " + want)
	case id.Variant() != uuid.RFC4122:
		return refuse(id, "is not a UUID of the variant that RFC 9562 describes").want(want)
	case v != 5 && v != 7 && v != 8:
		return refuse(id, fmt.Sprintf("is a UUID of version %d", byte(v))).want(want)
	}
	return nil
}

// shape checks single events. It remembers the language tags that it has found
// well-formed, and counts the claims of the statement that it is at.
type shape struct {
	now    bool // what is checked has not been recorded yet
	tags   map[string]bool
	claims int
}

func (c *shape) event(ev *Event) *Error {
	if !isBody(ev.Body) {
		if ev.Body == nil {
			return refuse(nil, "is missing").in("Body")
		}
		return refuse(fmt.Sprintf("%T", ev.Body), "is nil, or not one of the kinds of event").in("Body")
	}
	switch b := ev.Body.(type) {
	case *SourceAdded:
		return c.source(&b.Source).in("Source")
	case *EntityRegistered:
		return firstOf(
			required(b.Entity.ID).in("ID"),
			oneOf(entityKindNames, b.Entity.Kind, uint8(b.Entity.Kind)).in("Kind"),
			c.named(&b.Entity.Name).in("Name"),
			prose(b.Entity.Note).in("Note"),
		).in("Entity")
	case *EntityNamed:
		return firstOf(required(b.Entity).in("Entity"), c.named(&b.Name).in("Name"))
	case *IdentityJudged:
		return c.verdict(b)
	case *EntitySplit:
		return c.split(b)
	case *StatementRecorded:
		return c.statement(&b.Statement, ev.ID).in("Statement")
	case *StatementsLinked:
		e := firstOf(
			required(b.From).in("From"),
			oneOf(linkNames, b.Link, uint8(b.Link)).in("Link"),
			required(b.To).in("To"),
			prose(b.Reason).in("Reason"))
		if e == nil && b.From == b.To {
			e = refuse(b.To, "links a statement with itself").in("To")
		}
		return e
	case *Assessed:
		e := firstOf(c.name(b.Scheme).in("Scheme"), c.name(b.Value).in("Value"), prose(b.Reason).in("Reason"))
		switch {
		case e != nil:
		case b.Source == uuid.Nil && b.Statement == uuid.Nil:
			e = refuse(nil, "is missing").in("Source").want("a source or a statement to assess")
		case b.Source != uuid.Nil && b.Statement != uuid.Nil:
			e = refuse(b.Statement, "is given beside a source").in("Statement").want("exactly one of the two")
		}
		return e
	case *Retracted:
		return removal(ev.ID, b.Event, b.Reason)
	case *Redacted:
		return removal(ev.ID, b.Event, b.Reason)
	case *VocabularyDeclared:
		return c.vocabulary(b)
	}
	return nil
}

func removal(self, target uuid.UUID, reason string) *Error {
	e := firstOf(required(target).in("Event"), prose(reason).in("Reason"))
	if e == nil && self == target {
		e = refuse(target, "is the event itself").in("Event").want("an earlier event")
	}
	return e
}

func (c *shape) source(s *Source) *Error {
	e := firstOf(
		required(s.ID).in("ID"),
		prose(s.Title).in("Title"),
		prose(s.URL).in("URL"),
		c.tag(s.Language).in("Language"),
		ids("Authors", s.Authors),
		ids("DerivedFrom", s.DerivedFrom))
	if e != nil {
		return e
	}
	if n := len(s.SHA256); n != 0 && n != 32 {
		return refuse(fmt.Sprintf("%x", s.SHA256), fmt.Sprintf("has %d bytes", n)).in("SHA256").want("32, or none")
	}
	for i, d := range s.DerivedFrom {
		if d == s.ID {
			return refuse(d, "is the source itself").at("DerivedFrom", i)
		}
	}
	return nil
}

func ids(field string, list []uuid.UUID) *Error {
	if e := atMost(len(list), MaxSources); e != nil {
		return e.in(field)
	}
	for i, id := range list {
		if e := required(id); e != nil {
			return e.at(field, i)
		}
	}
	return nil
}

func (c *shape) verdict(b *IdentityJudged) *Error {
	e := firstOf(
		required(b.A).in("A"),
		required(b.B).in("B"),
		oneOf(verdictNames, b.Verdict, uint8(b.Verdict)).in("Verdict"),
		prose(b.Reason).in("Reason"))
	if e != nil {
		return e
	}
	if b.A == b.B {
		return refuse(b.B, "is judged against itself").in("B").want("another entity")
	}
	if math.IsNaN(b.Confidence) || b.Confidence < 0 || b.Confidence > 1 {
		return refuse(b.Confidence, "is no confidence").in("Confidence").want("0 < c <= 1, or 0 if there is none")
	}
	return nil
}

func (c *shape) split(b *EntitySplit) *Error {
	if e := firstOf(required(b.Entity).in("Entity"), prose(b.Reason).in("Reason")); e != nil {
		return e
	}
	if len(b.Parts) == 0 {
		return refuse(nil, "is empty").in("Parts").want("at least one part")
	}
	total := 0
	seen := make(map[Mention]bool)
	places := make(map[uuid.UUID]bool) // statements with a mention: true if it is Anywhere
	for i := range b.Parts {
		p := &b.Parts[i]
		if e := required(p.Entity); e != nil {
			return e.in("Entity").at("Parts", i)
		}
		if p.Entity == b.Entity {
			return refuse(p.Entity, "is the entity that is split").in("Entity").at("Parts", i).want("another entity")
		}
		if len(p.Mentions) == 0 {
			return refuse(nil, "is empty").in("Mentions").at("Parts", i).want("at least one mention")
		}
		total += len(p.Mentions)
		if e := atMost(total, MaxMentions); e != nil {
			return e.in("Mentions").at("Parts", i)
		}
		for j, m := range p.Mentions {
			e := mention(m)
			if e == nil {
				anywhere, other := places[m.Statement]
				if seen[m] || other && (anywhere || m.Place == Anywhere) {
					e = refuse(m.Place, "is in a mention that the split has already").in("Place")
				}
				seen[m], places[m.Statement] = true, m.Place == Anywhere
			}
			if e != nil {
				return e.at("Mentions", j).at("Parts", i)
			}
		}
	}
	return nil
}

func mention(m Mention) *Error {
	e := firstOf(required(m.Statement).in("Statement"), oneOf(mentionPlaceNames, m.Place, uint8(m.Place)).in("Place"))
	switch {
	case e != nil:
		return e
	case m.Index < 0:
		return refuse(m.Index, "is negative").in("Index")
	case m.Index > 0 && m.Place != InArgument && m.Place != InVoice:
		return refuse(m.Index, fmt.Sprintf("means nothing with the place %q", m.Place)).in("Index").want("0")
	}
	return nil
}

func (c *shape) vocabulary(b *VocabularyDeclared) *Error {
	if len(b.Predicates)+len(b.Schemes) == 0 {
		return refuse(nil, "is empty").in("Predicates").want("at least one predicate or scheme")
	}
	if e := firstOf(atMost(len(b.Predicates), MaxDeclared).in("Predicates"), atMost(len(b.Schemes), MaxDeclared).in("Schemes")); e != nil {
		return e
	}
	names := make(map[string]bool)
	for i := range b.Predicates {
		p := &b.Predicates[i]
		if e := firstOf(c.predicate(p), once(names, p.Name).in("Name")); e != nil {
			return e.at("Predicates", i)
		}
	}
	clear(names)
	for i := range b.Schemes {
		s := &b.Schemes[i]
		e := firstOf(c.name(s.Name).in("Name"), once(names, s.Name).in("Name"), atMost(len(s.Values), MaxDeclared).in("Values"))
		if e == nil && len(s.Values) == 0 {
			e = refuse(nil, "is empty").in("Values").want("the scheme's values")
		}
		values := make(map[string]bool)
		for j, v := range s.Values {
			if e == nil {
				e = firstOf(c.name(v), once(values, v)).at("Values", j)
			}
		}
		if e != nil {
			return e.at("Schemes", i)
		}
	}
	return nil
}

func (c *shape) predicate(p *Predicate) *Error {
	if e := c.name(p.Name); e != nil {
		return e.in("Name")
	}
	if _, link := LinkNamed(p.Name); link {
		return refuse(p.Name, "is the name of a link, whose roles are from and to").in("Name").want("another name")
	}
	if p.Inverse != "" {
		if e := c.name(p.Inverse); e != nil {
			return e.in("Inverse")
		}
	}
	if e := atMost(len(p.Roles), MaxDeclared); e != nil {
		return e.in("Roles")
	}
	roles := make(map[string]bool)
	for i := range p.Roles {
		if e := c.role(&p.Roles[i], roles); e != nil {
			return e.at("Roles", i)
		}
	}
	return nil
}

func (c *shape) role(r *Role, seen map[string]bool) *Error {
	e := firstOf(c.name(r.Name).in("Name"), once(seen, r.Name).in("Name"),
		atMost(len(r.Values), MaxDeclared).in("Values"), atMost(len(r.Entities), MaxDeclared).in("Entities"))
	for j, k := range r.Values {
		if e == nil {
			e = oneOf(valueKindNames, k, uint8(k)).at("Values", j)
		}
	}
	for j, k := range r.Entities {
		if e == nil {
			e = oneOf(entityKindNames, k, uint8(k)).at("Entities", j)
		}
	}
	return e
}

func once(seen map[string]bool, name string) *Error {
	if seen[name] {
		return refuse(name, "is declared twice")
	}
	seen[name] = true
	return nil
}
