package events_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
)

// ruleState is a State written down by hand. Pairs are keys of two ids.
type ruleState struct {
	events     map[uuid.UUID]events.EventState
	entities   map[uuid.UUID]events.EntityKind
	sources    map[uuid.UUID][]byte // SHA-256
	things     map[uuid.UUID]uuid.UUID
	derives    map[[2]uuid.UUID]bool
	predicates map[string]events.Predicate
	schemes    map[string]events.Scheme
	same       map[uuid.UUID][]uuid.UUID // clusters as paths, under each member
	different  [][2]uuid.UUID
	big        map[uuid.UUID]int // sizes of clusters not written out
	mentions   map[events.Mention]uuid.UUID
	dependants map[uuid.UUID][]uuid.UUID
	broken     error
}

func (s *ruleState) Event(id uuid.UUID) (events.EventState, bool) {
	e, ok := s.events[id]
	return e, ok
}
func (s *ruleState) Entity(id uuid.UUID) (events.EntityKind, bool) {
	k, ok := s.entities[id]
	return k, ok
}
func (s *ruleState) Registration(id uuid.UUID) (uuid.UUID, bool) { e, ok := s.things[id]; return e, ok }
func (s *ruleState) Source(id uuid.UUID) bool                    { _, ok := s.sources[id]; return ok }
func (s *ruleState) SourceDerives(from, to uuid.UUID) bool       { return s.derives[[2]uuid.UUID{from, to}] }
func (s *ruleState) SourceSHA256(id uuid.UUID) ([]byte, error)   { return s.sources[id], s.broken }
func (s *ruleState) Predicate(name string) (events.Predicate, bool) {
	p, ok := s.predicates[name]
	return p, ok
}
func (s *ruleState) Scheme(name string) (events.Scheme, bool)         { c, ok := s.schemes[name]; return c, ok }
func (s *ruleState) Mentions(m events.Mention, entity uuid.UUID) bool { return s.mentions[m] == entity }

func (s *ruleState) cluster(a uuid.UUID) []uuid.UUID {
	if c := s.same[a]; c != nil {
		return c
	}
	return []uuid.UUID{a}
}

func (s *ruleState) SameChain(a, b uuid.UUID) (chain, verdicts []uuid.UUID) {
	path := slices.Clone(s.cluster(a))
	i, j := slices.Index(path, a), slices.Index(path, b)
	if j < 0 {
		return nil, nil
	}
	if i > j {
		slices.Reverse(path)
		i, j = len(path)-1-i, len(path)-1-j
	}
	for k := i; k < j; k++ {
		verdicts = append(verdicts, verdictOn(path[k], path[k+1]))
	}
	return path[i : j+1], verdicts
}

// verdictOn is the event that the state has for a verdict on two entities.
func verdictOn(a, b uuid.UUID) uuid.UUID {
	if bytes.Compare(a[:], b[:]) > 0 {
		a, b = b, a
	}
	return events.Key("verdict", a.String(), b.String())
}

func (s *ruleState) Different(a, b uuid.UUID) (x, y, verdict uuid.UUID, ok bool) {
	for _, d := range s.different {
		for range 2 {
			if slices.Contains(s.cluster(a), d[0]) && slices.Contains(s.cluster(b), d[1]) {
				return d[0], d[1], verdictOn(d[0], d[1]), true
			}
			d[0], d[1] = d[1], d[0]
		}
	}
	return x, y, verdict, false
}

func (s *ruleState) ClusterSize(a, b uuid.UUID) int {
	size := func(a uuid.UUID) int { return max(s.big[a], len(s.cluster(a))) }
	if slices.Contains(s.cluster(a), b) {
		return size(a)
	}
	return size(a) + size(b)
}

func (s *ruleState) Dependants(event uuid.UUID, most int) []uuid.UUID {
	d := s.dependants[event]
	return d[:min(len(d), most)]
}

var _ events.State = (*ruleState)(nil)

// world is a small record: putin, peskov, russia (a place), someone (a
// placeholder); the source story and the source wire, derived from story; the
// statements s1, old (replaced by s1) and gone (retracted by event undo); the
// entity lost, whose registration undo has retracted too.
func world() *ruleState {
	s := &ruleState{
		events:   make(map[uuid.UUID]events.EventState),
		entities: make(map[uuid.UUID]events.EntityKind),
		sources:  make(map[uuid.UUID][]byte),
		things:   make(map[uuid.UUID]uuid.UUID),
		derives:  map[[2]uuid.UUID]bool{{idOf("wire"), idOf("story")}: true},
		predicates: map[string]events.Predicate{"visit": {Name: "visit", Roles: []events.Role{
			{Name: "visitor", Values: []events.ValueKind{events.EntityValue}, Entities: []events.EntityKind{events.Person, events.Group}},
			{Name: "destination", Values: []events.ValueKind{events.EntityValue, events.TextValue}, Entities: []events.EntityKind{events.Place}},
		}}, "free": {Name: "free"}},
		schemes: map[string]events.Scheme{"admiralty": {Name: "admiralty", Values: []string{"A1", "B2", "C3"}}},
	}
	entity := func(name string, k events.EntityKind) {
		s.entities[idOf(name)] = k
		s.things[idOf(name)] = idOf("event", name)
		s.events[idOf("event", name)] = events.EventState{Kind: events.KindEntityRegistered, Standing: true, Thing: idOf(name)}
	}
	for _, name := range []string{"putin", "vladimir", "vova", "peskov", "dmitry"} {
		entity(name, events.Person)
	}
	entity("russia", events.Place)
	entity("someone", events.Placeholder)
	for _, name := range []string{"story", "wire"} {
		s.sources[idOf(name)] = nil
		s.things[idOf(name)] = idOf("event", name)
		s.events[idOf("event", name)] = events.EventState{Kind: events.KindSourceAdded, Standing: true, Thing: idOf(name)}
	}
	s.events[idOf("s1")] = events.EventState{Kind: events.KindStatementRecorded, Standing: true}
	s.events[idOf("old")] = events.EventState{Kind: events.KindStatementRecorded, RemovedBy: idOf("s1"), Replaced: true}
	s.events[idOf("older")] = events.EventState{Kind: events.KindStatementRecorded, RemovedBy: idOf("old"), Replaced: true}
	s.events[idOf("gone")] = events.EventState{Kind: events.KindStatementRecorded, RemovedBy: idOf("undo")}
	s.events[idOf("undo")] = events.EventState{Kind: events.KindRetracted, Standing: true}
	s.events[idOf("hidden")] = events.EventState{Kind: events.KindStatementRecorded, Standing: true, Redacted: true}
	s.events[idOf("redaction")] = events.EventState{Kind: events.KindRedacted, Standing: true}
	s.events[idOf("same")] = events.EventState{Kind: events.KindIdentityJudged, Standing: true}
	s.things[idOf("lost")] = idOf("event", "lost")
	s.events[idOf("event", "lost")] = events.EventState{Kind: events.KindEntityRegistered, RemovedBy: idOf("undo"), Thing: idOf("lost")}
	s.same = map[uuid.UUID][]uuid.UUID{}
	for _, c := range [][]uuid.UUID{{idOf("putin"), idOf("vladimir"), idOf("vova")}, {idOf("peskov"), idOf("dmitry")}} {
		for _, m := range c {
			s.same[m] = c
		}
	}
	s.different = [][2]uuid.UUID{{idOf("dmitry"), idOf("vova")}}
	s.big = map[uuid.UUID]int{idOf("someone"): 1000, idOf("putin"): 600, idOf("vova"): 600} // the last two are in one
	s.mentions = map[events.Mention]uuid.UUID{{Statement: idOf("s1"), Place: events.InVoice}: idOf("putin")}
	s.dependants = map[uuid.UUID][]uuid.UUID{idOf("event", "putin"): {idOf("s1"), idOf("same"), idOf("undo"), idOf("hidden"), idOf("old")}}
	s.dependants[idOf("event", "story")] = []uuid.UUID{idOf("s1")}
	return s
}

func TestCheck(t *testing.T) {
	on := func(f func(*events.Statement)) events.Body {
		st := plainStatement()
		f(&st)
		return &events.StatementRecorded{Statement: st}
	}
	visit := func(role string, v events.Value) events.Body {
		return on(func(s *events.Statement) {
			s.Claim = events.Claim{Predicate: "visit", Args: []events.Arg{{Role: role, Value: v}}}
		})
	}
	judge := func(a string, v events.Verdict, b string) events.Body {
		return &events.IdentityJudged{A: idOf(a), B: idOf(b), Verdict: v}
	}
	source := func(f func(*events.Source)) events.Body {
		s := events.Source{ID: idOf("story")}
		f(&s)
		return &events.SourceAdded{Source: s}
	}
	unknown := func(kind string) string {
		return idOf("nobody").String() + ": is not known: no earlier event records " + kind + " with this id"
	}
	inSubject := func(what string) string { return strings.Replace(what, ":", ` (role "subject"):`, 1) }
	type step = events.IdentityJudged
	for _, c := range []struct {
		name  string
		body  events.Body
		class error  // nil: only ErrInvalid
		want  string // of the message, after the event; "": accepted
		data  any    // of Chain or Events
	}{
		{"good", on(func(*events.Statement) {}), nil, "", nil},

		{"subject not known", on(func(s *events.Statement) { s.Claim.Args[0].Value.ID = idOf("nobody") }), events.ErrUnknown,
			"Statement.Claim.Args[0].Value.ID " + inSubject(unknown("an entity")), nil},
		{"occurrence not known", on(func(s *events.Statement) { s.Claim.Occurrence = idOf("nobody") }), events.ErrUnknown,
			"Statement.Claim.Occurrence " + unknown("an entity"), nil},
		{"speaker not known", on(func(s *events.Statement) { s.Voices[0].Speakers[0].Entity = idOf("nobody") }), events.ErrUnknown,
			"Statement.Voices[0].Speakers[0].Entity " + unknown("an entity"), nil},
		{"for not known", on(func(s *events.Statement) { s.Voices[0].For = []events.Party{{Entity: idOf("nobody")}} }), events.ErrUnknown,
			"Statement.Voices[0].For[0].Entity " + unknown("an entity"), nil},
		{"to not known", on(func(s *events.Statement) { s.Voices[0].To = []events.Party{{Entity: idOf("nobody")}} }), events.ErrUnknown,
			"Statement.Voices[0].To[0].Entity " + unknown("an entity"), nil},
		{"in a nested claim", on(func(s *events.Statement) {
			s.Claim.Args[0].Value = events.Nested(events.Claim{Predicate: "x", If: []events.Condition{{Claim: events.Claim{Predicate: "y", Occurrence: idOf("nobody")}}}})
		}), events.ErrUnknown, "Statement.Claim.Args[0].Value.Claim.If[0].Claim.Occurrence " + inSubject(unknown("an entity")), nil},
		{"in a condition", on(func(s *events.Statement) {
			s.Claim.If = []events.Condition{{Claim: events.Claim{Predicate: "y", Occurrence: idOf("nobody")}}}
		}), events.ErrUnknown, "Statement.Claim.If[0].Claim.Occurrence " + unknown("an entity"), nil},
		{"source not known", on(func(s *events.Statement) { s.Source = idOf("nobody") }), events.ErrUnknown, "Statement.Source " + unknown("a source"), nil},
		{"statement not known", on(func(s *events.Statement) { s.Claim.Args[0].Value = events.Said(idOf("nobody")) }), events.ErrUnknown,
			"Statement.Claim.Args[0].Value.ID " + inSubject(unknown("a statement")), nil},
		{"a source for an entity", on(func(s *events.Statement) { s.Claim.Args[0].Value.ID = idOf("story") }), events.ErrUnknown,
			fmt.Sprintf("Statement.Claim.Args[0].Value.ID %s (role \"subject\"): is the id of a source, not of an entity", idOf("story")), nil},
		{"an entity for a source", on(func(s *events.Statement) { s.Source = idOf("putin") }), events.ErrUnknown,
			fmt.Sprintf("Statement.Source %s: is the id of an entity, not of a source", idOf("putin")), nil},
		{"an entity for a statement", &events.StatementsLinked{From: idOf("s1"), To: idOf("putin")}, events.ErrUnknown,
			fmt.Sprintf("To %s: is the id of an entity, not of a statement", idOf("putin")), nil},
		{"a verdict for a statement", &events.Assessed{Statement: idOf("same"), Scheme: "x", Value: "y"}, events.ErrUnknown,
			fmt.Sprintf("Statement %s: is the id of an event of kind IdentityJudged, not of a statement", idOf("same")), nil},
		{"a registration for its entity", &events.EntityNamed{Entity: idOf("event", "putin")}, events.ErrUnknown,
			fmt.Sprintf("Entity %s: is the id of an event of kind EntityRegistered, not of an entity, want %s, which it registers", idOf("event", "putin"), idOf("putin")), nil},
		{"retracted entity", &events.EntityNamed{Entity: idOf("lost")}, events.ErrRemoved,
			fmt.Sprintf("Entity %s: has been retracted by %s, want one that stands, or that retraction retracted first", idOf("lost"), idOf("undo")), []uuid.UUID{idOf("undo")}},
		{"retracted statement", &events.StatementsLinked{From: idOf("gone"), To: idOf("s1")}, events.ErrRemoved,
			fmt.Sprintf("From %s: has been retracted by %s, want one that stands, or that retraction retracted first", idOf("gone"), idOf("undo")), []uuid.UUID{idOf("undo")}},
		{"replaced statement", &events.StatementsLinked{From: idOf("s1"), To: idOf("old")}, nil, "", nil},
		{"name's source", &events.EntityNamed{Entity: idOf("putin"), Source: idOf("nobody")}, events.ErrUnknown, "Source " + unknown("a source"), nil},
		{"author", source(func(s *events.Source) { s.Authors = []uuid.UUID{idOf("nobody")} }), events.ErrUnknown, "Source.Authors[0] " + unknown("an entity"), nil},
		{"publisher", source(func(s *events.Source) { s.Publisher = idOf("nobody") }), events.ErrUnknown, "Source.Publisher " + unknown("an entity"), nil},
		{"derived from nothing", source(func(s *events.Source) { s.DerivedFrom = []uuid.UUID{idOf("nobody")} }), events.ErrUnknown,
			"Source.DerivedFrom[0] " + unknown("a source"), nil},
		{"derived in a circle", source(func(s *events.Source) { s.DerivedFrom = []uuid.UUID{idOf("wire")} }), nil,
			fmt.Sprintf("Source.DerivedFrom[0] %s: is itself derived from the source %s, want others, or none (Builder.Add registers a source with just what it is given)", idOf("wire"), idOf("story")), nil},
		{"source with an entity's id", source(func(s *events.Source) { s.ID = idOf("putin") }), nil,
			fmt.Sprintf("Source.ID %s: is the id of an entity, want an id of its own", idOf("putin")), nil},
		{"entity with a source's id", &events.EntityRegistered{Entity: events.Entity{ID: idOf("story")}}, nil,
			fmt.Sprintf("Entity.ID %s: is the id of a source, want an id of its own", idOf("story")), nil},
		{"verdict on nobody", judge("putin", events.Unsure, "nobody"), events.ErrUnknown, "B " + unknown("an entity"), nil},
		{"assessment", &events.Assessed{Source: idOf("nobody"), Scheme: "x", Value: "y"}, events.ErrUnknown, "Source " + unknown("a source"), nil},

		{"replaces what is not known", on(func(s *events.Statement) { s.Replaces = idOf("nobody") }), events.ErrUnknown, "Statement.Replaces " + unknown("a statement"), nil},
		{"replaces a verdict", on(func(s *events.Statement) { s.Replaces = idOf("same") }), events.ErrUnknown,
			fmt.Sprintf("Statement.Replaces %s: is the id of an event of kind IdentityJudged, not of a statement", idOf("same")), nil},
		{"replaces what is replaced", on(func(s *events.Statement) { s.Replaces = idOf("older") }), events.ErrRemoved,
			fmt.Sprintf("Statement.Replaces %s: has been replaced by the statement %s, want %s, which stands in its place", idOf("older"), idOf("old"), idOf("s1")), []uuid.UUID{idOf("old")}},
		{"replaces what is retracted", on(func(s *events.Statement) { s.Replaces = idOf("gone") }), events.ErrRemoved,
			fmt.Sprintf("Statement.Replaces %s: has been retracted by %s, want one that stands, or that retraction retracted first", idOf("gone"), idOf("undo")), []uuid.UUID{idOf("undo")}},
		{"replaces", on(func(s *events.Statement) { s.Replaces = idOf("s1") }), nil, "", nil},

		{"same across different", judge("putin", events.Same, "peskov"), events.ErrIdentity,
			fmt.Sprintf("Verdict same: %[1]s and %[4]s cannot be same while these verdicts stand: %[1]s same %[2]s, %[2]s same %[3]s, %[3]s different %[5]s, %[5]s same %[4]s, want unsure, or one of them retracted first",
				idOf("putin"), idOf("vladimir"), idOf("vova"), idOf("peskov"), idOf("dmitry")),
			[]step{{A: idOf("putin"), B: idOf("vladimir"), Verdict: events.Same}, {A: idOf("vladimir"), B: idOf("vova"), Verdict: events.Same},
				{A: idOf("vova"), B: idOf("dmitry"), Verdict: events.Different}, {A: idOf("dmitry"), B: idOf("peskov"), Verdict: events.Same}}},
		{"different inside a cluster", judge("vova", events.Different, "putin"), events.ErrIdentity,
			fmt.Sprintf("Verdict different: %[3]s and %[1]s cannot be different while these verdicts stand: %[3]s same %[2]s, %[2]s same %[1]s, want unsure, or one of them retracted first",
				idOf("putin"), idOf("vladimir"), idOf("vova")),
			[]step{{A: idOf("vova"), B: idOf("vladimir"), Verdict: events.Same}, {A: idOf("vladimir"), B: idOf("putin"), Verdict: events.Same}}},
		{"same again", judge("vova", events.Same, "putin"), nil, "", nil},
		{"unsure though different", judge("putin", events.Unsure, "peskov"), nil, "", nil},
		{"different again", judge("putin", events.Different, "peskov"), nil, "", nil},
		{"cluster too large", judge("someone", events.Same, "russia"), nil, "Verdict same: makes a cluster of 1001 entities, want at most 1000", nil},

		{"split", &events.EntitySplit{Entity: idOf("putin"), Parts: []events.SplitPart{{Entity: idOf("dmitry"), Mentions: []events.Mention{{Statement: idOf("s1"), Place: events.InVoice}}}}}, nil, "", nil},
		{"split of what is not mentioned", &events.EntitySplit{Entity: idOf("putin"), Parts: []events.SplitPart{{Entity: idOf("dmitry"), Mentions: []events.Mention{{Statement: idOf("s1"), Place: events.InArgument, Index: 3}}}}},
			nil, fmt.Sprintf("Parts[0].Mentions[0].Statement %s: does not mention the entity %s in argument 3", idOf("s1"), idOf("putin")), nil},
		{"split of nobody", &events.EntitySplit{Entity: idOf("nobody")}, events.ErrUnknown, "Entity " + unknown("an entity"), nil},
		{"split to nobody", &events.EntitySplit{Entity: idOf("putin"), Parts: []events.SplitPart{{Entity: idOf("nobody")}}}, events.ErrUnknown, "Parts[0].Entity " + unknown("an entity"), nil},
		{"split in no statement", &events.EntitySplit{Entity: idOf("putin"), Parts: []events.SplitPart{{Entity: idOf("dmitry"), Mentions: []events.Mention{{Statement: idOf("nobody")}}}}},
			events.ErrUnknown, "Parts[0].Mentions[0].Statement " + unknown("a statement"), nil},

		{"retracts nothing known", &events.Retracted{Event: idOf("nobody")}, events.ErrUnknown, fmt.Sprintf("Event %s: is not known: no earlier event has this id", idOf("nobody")), nil},
		{"retracts an entity by its id", &events.Retracted{Event: idOf("putin")}, events.ErrUnknown,
			fmt.Sprintf("Event %s: is the id of an entity, not of an event, want %s, which registers it", idOf("putin"), idOf("event", "putin")), nil},
		{"retracts what is retracted", &events.Retracted{Event: idOf("gone")}, events.ErrRemoved,
			fmt.Sprintf("Event %s: has been retracted by %s, want an event that stands (Builder.Occasion lets a program that is run again retract once)", idOf("gone"), idOf("undo")), []uuid.UUID{idOf("undo")}},
		{"retracts what is replaced", &events.Retracted{Event: idOf("old")}, events.ErrRemoved,
			fmt.Sprintf("Event %s: has been replaced by the statement %s, want %[2]s, which stands in its place", idOf("old"), idOf("s1")), []uuid.UUID{idOf("s1")}},
		{"retracts a redaction", &events.Retracted{Event: idOf("redaction")}, nil, fmt.Sprintf("Event %s: is a redaction, which cannot be retracted", idOf("redaction")), nil},
		{"retracts a retraction", &events.Retracted{Event: idOf("undo")}, nil, "", nil},
		{"retracts what is needed", &events.Retracted{Event: idOf("event", "putin")}, events.ErrInUse,
			fmt.Sprintf("Event %s: what stands rests upon it: StatementRecorded %s, IdentityJudged %s, Retracted %s and more, want these retracted first, or Cascade", idOf("event", "putin"), idOf("s1"), idOf("same"), idOf("undo")),
			[]uuid.UUID{idOf("s1"), idOf("same"), idOf("undo")}},
		{"retracts what one needs", &events.Retracted{Event: idOf("event", "story")}, events.ErrInUse,
			fmt.Sprintf("Event %s: what stands rests upon it: StatementRecorded %s, want these retracted first, or Cascade", idOf("event", "story"), idOf("s1")), []uuid.UUID{idOf("s1")}},
		{"retracts with what rests on it", &events.Retracted{Event: idOf("event", "putin"), Cascade: true}, nil, "", nil},

		{"redacts nothing known", &events.Redacted{Event: idOf("nobody")}, events.ErrUnknown, fmt.Sprintf("Event %s: is not known: no earlier event has this id", idOf("nobody")), nil},
		{"redacts again", &events.Redacted{Event: idOf("hidden")}, events.ErrRemoved, fmt.Sprintf("Event %s: is redacted already", idOf("hidden")), nil},
		{"redacts structure", &events.Redacted{Event: idOf("same")}, nil,
			fmt.Sprintf("Event %s: is of kind IdentityJudged, which cannot be redacted, want a retraction of it, or an event of kind SourceAdded, EntityRegistered, EntityNamed, StatementRecorded, StatementsLinked or Assessed", idOf("same")), nil},
		{"redacts what is retracted", &events.Redacted{Event: idOf("gone")}, nil, "", nil},

		{"declared role", visit("visitor", events.Ref(idOf("putin"))), nil, "", nil},
		{"misspelt role", visit("destinaton", events.Ref(idOf("russia"))), nil,
			`Statement.Claim.Args[0].Role "destinaton": is not a role of "visit", want "destination" (one of visitor, destination)`, nil},
		{"declared value kind", visit("visitor", events.Text("x", "")), nil, `Statement.Claim.Args[0].Value.Kind text: does not fill the role "visitor" of "visit", want entity`, nil},
		{"declared value kinds", visit("destination", events.Number("1", "")), nil,
			`Statement.Claim.Args[0].Value.Kind number: does not fill the role "destination" of "visit", want entity or text`, nil},
		{"declared entity kind", visit("visitor", events.Ref(idOf("russia"))), nil,
			fmt.Sprintf(`Statement.Claim.Args[0].Value.ID %s: is of kind place, which does not fill the role "visitor" of "visit", want person or group`, idOf("russia")), nil},
		{"placeholder", visit("visitor", events.Ref(idOf("someone"))), nil, "", nil},
		{"unknown", visit("visitor", events.Unknown()), nil, "", nil},
		{"none", visit("visitor", events.None()), nil, "", nil},
		{"declared without roles", on(func(s *events.Statement) { s.Claim.Predicate = "free" }), nil, "", nil},
		{"in a nested claim, declared", on(func(s *events.Statement) {
			s.Claim.Args[0].Value = events.Nested(events.Claim{Predicate: "visit", Args: []events.Arg{{Role: "vistor", Value: events.Unknown()}}})
		}), nil, `Statement.Claim.Args[0].Value.Claim.Args[0].Role "vistor": is not a role of "visit", want "visitor" (one of visitor, destination)`, nil},
		{"in a condition, declared", on(func(s *events.Statement) {
			s.Claim.If = []events.Condition{{Claim: events.Claim{Predicate: "visit", Args: []events.Arg{{Role: "x", Value: events.Unknown()}}}}}
		}), nil, `Statement.Claim.If[0].Claim.Args[0].Role "x": is not a role of "visit", want "visitor" (one of visitor, destination)`, nil},
		{"declared scheme", &events.Assessed{Source: idOf("story"), Scheme: "admiralty", Value: "B2"}, nil, "", nil},
		{"not in the scheme", &events.Assessed{Source: idOf("story"), Scheme: "admiralty", Value: "B9"}, nil,
			`Value "B9": is not a value of the scheme "admiralty", want "B2" (one of A1, B2, C3)`, nil},
		{"undeclared scheme", &events.Assessed{Source: idOf("story"), Scheme: "own", Value: "so-so"}, nil, "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			ev := eventOf("x", c.body)
			err := events.Check(&ev, world())
			if c.want == "" {
				if err != nil {
					t.Fatalf("refused: %v", err)
				}
				return
			}
			var e *events.Error
			if !errors.As(err, &e) || !errors.Is(err, events.ErrInvalid) {
				t.Fatalf("got %v, want an *Error that is ErrInvalid", err)
			}
			if want := fmt.Sprintf("events: %s %s: %s", ev.Kind(), ev.ID, c.want); err.Error() != want {
				t.Errorf("message\n got %s\nwant %s", err, want)
			}
			if e.Index != -1 || e.ID != ev.ID || e.Kind != ev.Kind() {
				t.Errorf("got index %d, %s %s", e.Index, e.Kind, e.ID)
			}
			for _, class := range []error{events.ErrUnknown, events.ErrRemoved, events.ErrIdentity, events.ErrInUse} {
				if errors.Is(err, class) != (class == c.class) {
					t.Errorf("is %q: %v", class, errors.Is(err, class))
				}
			}
			switch want := c.data.(type) {
			case []step:
				if !slices.Equal(e.Chain, want) {
					t.Errorf("chain\n got %v\nwant %v", e.Chain, want)
				}
				var verdicts []uuid.UUID
				for _, s := range want {
					verdicts = append(verdicts, verdictOn(s.A, s.B))
				}
				if !slices.Equal(e.Events, verdicts) {
					t.Errorf("verdicts\n got %v\nwant %v", e.Events, verdicts)
				}
			case []uuid.UUID:
				if !slices.Equal(e.Events, want) {
					t.Errorf("events\n got %v\nwant %v", e.Events, want)
				}
			}
		})
	}
}

func TestCheckStandingIgnoresVocabulary(t *testing.T) {
	st := plainStatement()
	st.Claim = events.Claim{Predicate: "visit", Args: []events.Arg{{Role: "no such", Value: events.Ref(idOf("putin"))}}}
	ev := eventOf("x", &events.StatementRecorded{Statement: st})
	if err := events.CheckStanding(&ev, world()); err != nil {
		t.Errorf("the vocabulary was looked at: %v", err)
	}
	st.Source = idOf("nobody")
	ev.Body = &events.StatementRecorded{Statement: st}
	if err := events.CheckStanding(&ev, world()); !errors.Is(err, events.ErrUnknown) {
		t.Errorf("got %v, want ErrUnknown", err)
	}
	for _, body := range []events.Body{
		&events.IdentityJudged{A: idOf("putin"), B: idOf("peskov"), Verdict: events.Same},
		&events.Retracted{Event: idOf("gone")},
	} {
		ev.Body = body
		if events.CheckStanding(&ev, world()) == nil && events.CheckEffect(&ev, world()) == nil {
			t.Errorf("%T that no longer fits is let back", body)
		}
	}
}

// What sources say is recorded as they say it.
func TestNeverRefused(t *testing.T) {
	says := func(stance, date string, f func(*events.Statement)) events.Event {
		st := plainStatement()
		st.Voices[0].Stance, _ = events.ParseStance(stance)
		st.Claim.When.Time = edtf.MustParse(date)
		f(&st)
		return eventOf(fmt.Sprint(stance, date, st.Claim.Predicate), &events.StatementRecorded{Statement: st})
	}
	nothing := func(*events.Statement) {}
	b := &events.Batch{Recorder: "desk", Events: []events.Event{
		says("CT+", "2025-08-04", nothing),
		says("CT-", "2025-08-04", nothing), // the same speaker, the opposite
		says("PS+", "2025-08-05", nothing), // another time
		says("CT+", "2999", func(s *events.Statement) { // the future, said after it was published
			s.Voices[0].Said.Time = edtf.MustParse("2998")
		}),
		says("CT+", "2025", func(s *events.Statement) { // misspelt, undeclared
			s.Claim.Predicate, s.Claim.Args[0].Role, s.Claim.Args[0].As = "agre", "subjet", "Puttin"
		}),
		says("Uu", "2025", func(s *events.Statement) { // a speaker nobody has identified, about himself
			s.Claim.Predicate = "speak"
			s.Voices[0].Speakers = []events.Party{{Entity: idOf("someone"), As: "an official"}}
			s.Claim.Args[0].Value = events.Ref(idOf("someone"))
		}),
	}}
	if err := events.CheckShape(b); err != nil {
		t.Fatal(err)
	}
	for i := range b.Events {
		if err := events.Check(&b.Events[i], world()); err != nil {
			t.Errorf("event %d: %v", i, err)
		}
	}
}

func TestErrorCutsLongValues(t *testing.T) {
	e := &events.Error{Index: -1, Field: "Recorder", Value: strings.Repeat("є", 500), Problem: "is long"}
	if got := e.Error(); len(got) > 150 || bytes.ContainsRune([]byte(got), '\uFFFD') {
		t.Errorf("%d bytes: %s", len(got), got)
	}
}
