package events_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

func ExampleNewBatch() {
	b := events.NewBatch("desk")
	trump, witkoff, putin := b.Person("Donald Trump"), b.Person("Steve Witkoff"), b.Person("Vladimir Putin")
	peskov, kremlin := b.Person("Dmitry Peskov"), b.Organisation("Kremlin")

	story := b.Source("https://example.org/story").Title("Envoy to fly to Moscow").
		By(b.Person("A. Reporter")).Published("2025-08-04").
		Text("“I think he may go,” Trump said. Whitkoff met Putin in February, the Kremlin says.")

	met := story.Reports(peskov, "meet", witkoff.As("Whitkoff"), putin).For(kremlin).On("2025-02-11")
	may := story.Quotes(trump, "I think he may go", "visit", witkoff.As("he")).Stance("PS+").On("[2025-08-04..2025-08-10]")
	b.Link(may.ID(), events.Explains, met.ID(), "the earlier meeting is given as the reason")

	batch, err := b.Batch()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range batch.Events {
		switch body := e.Body.(type) {
		case *events.EntityRegistered:
			fmt.Println(body.Entity.Kind, body.Entity.Name.Text)
		case *events.SourceAdded:
			fmt.Println("source", body.Source.Title)
		case *events.StatementRecorded:
			st := body.Statement
			fmt.Println(st.Form, st.Claim.Predicate, st.Claim.When.Time, st.Voices[0].Stance, len(st.Voices), "voices", st.Selector.Start, st.Selector.End)
			for _, a := range st.Claim.Args {
				fmt.Printf("  %s %q\n", a.Role, a.As)
			}
		default:
			fmt.Println(e.Kind())
		}
	}
	// Output:
	// person Donald Trump
	// person Steve Witkoff
	// person Vladimir Putin
	// person Dmitry Peskov
	// organisation Kremlin
	// person A. Reporter
	// source Envoy to fly to Moscow
	// quote visit [2025-08-04..2025-08-10] PS+ 2 voices 1 18
	//   subject "he"
	// paraphrase meet 2025-02-11 CT+ 2 voices 0 0
	//   subject "Whitkoff"
	//   object ""
	// StatementsLinked
}

// everything uses every method of the builder once.
func everything(b *events.Builder) *events.Builder {
	b.Declare(events.Predicate{Name: "travel", Roles: []events.Role{{Name: "traveller"}, {Name: "destination"}}})
	b.DeclareScheme(events.Scheme{Name: "admiralty", Values: []string{"A1", "B2"}})
	a, c, d := b.Person("A"), b.Entity(events.Person, "C", "wikidata", "Q1"), b.Place("D")
	o, f, g := b.Occurrence("the meeting"), b.Office("F"), b.Group("G")
	w, p, h := b.Work("W"), b.Topic("P"), b.Organisation("H")
	x := b.Placeholder("an official of the story")
	b.Name(a, "Ä", "de")

	late := b.Source("https://example.org/b").By(a, c)
	early := b.Source("https://example.org/a").Publisher(h).Published("2025").Retrieved("2025-08-05").Language("en").Title("T").
		Text("One said two.")
	late.DerivedFrom(early.ID())
	early.Names(c, "Ç", "tr")
	early.Assess("admiralty", "B2", "well known")

	first := early.Says("travel", a, d.As("the capital")).When("this week", "2025-07-28/2025-08-03", "2025-08-01").Locator("page 1").Occurrence(o)
	second := late.Reports(a, "say").With(c).For(g).To(x).Act(events.Commit).Cue("promised").Said("2025-08-01").Stance("PR+").
		Via(f).Stance("CTu").Role("about", p, w).Arg("what", events.Said(first.ID())).ArgAs("how many", events.Number("2", ""), "two").
		Gloss("gloss").If(b.Claim("travel", a, d), "if he goes").Unless(b.Claim("rain"), "")
	early.Quotes(a, "two", "count", c).Language("en-GB").At(9, 12).Form(events.Heading)
	early.Reports(x, "two").Exact("One").Replaces(first.ID())
	b.Infers(h, "conclude", a)
	b.Known(idOf("story"), a).Says("repeat", c)

	second.Assess("admiralty", "A1", "")
	b.Link(first.ID(), events.Confirms, second.ID(), "reason")
	b.Judge(a, events.Unsure, c, "alike")
	b.Retract(b.Judge(a, events.Different, c, ""), "no")
	b.Redact(first.ID(), "private")
	b.Split(a, c, "another A", second.ID())
	b.Cascade(b.Judge(a, events.Different, d, ""), "")
	return b
}

func mustBatch(t *testing.T, b *events.Builder) *events.Batch {
	t.Helper()
	batch, err := b.Batch()
	if err != nil {
		t.Fatal(err)
	}
	return batch
}

// A refusal says where it stands, what stands there and what would be right.
func ExampleError() {
	b := events.NewBatch("desk")
	ada := b.Person("Ada Brandt")
	b.Source("https://gazette.example/12").Reports(ada, "resign").Form(events.Quote)
	_, err := b.Batch()

	var refused *events.Error
	if errors.As(err, &refused) {
		fmt.Println(refused.Field)
		fmt.Println(refused.Problem)
	}
	fmt.Println(errors.Is(err, events.ErrInvalid))
	// Output:
	// Statement.Selector.Exact
	// is empty in a quote
	// true
}

func TestBuildTwice(t *testing.T) {
	one := mustBatch(t, everything(events.NewBatch("desk").Occasion("import of 4 August")))
	two := mustBatch(t, everything(everything(events.NewBatch("desk").Occasion("import of 4 August"))))
	if !reflect.DeepEqual(one, two) {
		t.Errorf("with a key the second build differs:\n%v\n%v", one.Events, two.Events)
	}
	other := mustBatch(t, everything(events.NewBatch("desk")))
	for i, e := range one.Events {
		o := other.Events[i]
		switch e.Kind() {
		case events.KindStatementsLinked, events.KindIdentityJudged, events.KindAssessed, events.KindRetracted, events.KindRedacted, events.KindEntitySplit:
			if o.ID == e.ID || o.ID.Version() != 7 || e.ID.Version() != 5 {
				t.Errorf("%s: id %s without a key, %s with one", e.Kind(), o.ID, e.ID)
			}
		default:
			if o.ID != e.ID {
				t.Errorf("%s: the id is not of the content", e.Kind())
			}
		}
	}
}

func TestBatchAgain(t *testing.T) {
	b := everything(events.NewBatch("desk"))
	one, two := mustBatch(t, b), mustBatch(t, b)
	if !reflect.DeepEqual(one, two) {
		t.Error("the second Batch differs")
	}
	b.Person("one more")
	if n := len(mustBatch(t, b).Events); n != len(one.Events)+1 {
		t.Errorf("%d events after one more, want %d", n, len(one.Events)+1)
	}
}

// What a builder has been given may be used again: slices, and claims at any depth.
func TestBuilderKeepsNothing(t *testing.T) {
	predicates := []events.Predicate{{Name: "meet", Roles: []events.Role{{Name: "one", Values: []events.ValueKind{events.EntityValue}, Entities: []events.EntityKind{events.Person}}}}}
	scheme := events.Scheme{Name: "colours", Values: []string{"red"}}
	authors, from := []events.EntityRef{{ID: idOf("peskov")}}, []uuid.UUID{idOf("wire")}
	b := events.NewBatch("desk")
	inner, outer := b.Claim("rain"), events.Claim{Predicate: "go"}
	inner.Args = []events.Arg{{Role: "where", Value: events.Text("here", "")}}
	outer.Args = []events.Arg{{Role: "if", Value: events.Nested(inner)}}
	outer.If = []events.Condition{{Claim: inner}}
	value := events.Nested(outer)
	build := func() {
		b.Declare(predicates...)
		b.DeclareScheme(scheme)
		st := b.Source("u").By(authors...).DerivedFrom(from...).Reports(authors[0], "meet", authors...).
			Role("with", authors...).With(authors...).For(authors...).To(authors...).Arg("what", value).If(outer, "").Unless(outer, "")
		st.ID()
	}
	build()
	want := mustBatch(t, b)
	var payloads []string
	for i := range want.Events {
		payload, err := events.EncodeBody(want.Events[i].Body)
		if err != nil {
			t.Fatal(err)
		}
		payloads = append(payloads, string(payload))
	}

	predicates[0].Roles[0].Values[0], predicates[0].Roles[0].Entities[0], predicates[0].Roles[0].Name = events.TextValue, events.Place, "two"
	predicates[0].Name, scheme.Values[0] = "visit", "green"
	authors[0].ID, from[0] = idOf("trump"), idOf("story")
	inner.Args[0].Role, outer.Args[0].Role, outer.If[0].As, value.Claim.Predicate = "there", "unless", "else", "stay"
	got := mustBatch(t, b)
	for i := range got.Events {
		if payload, err := events.EncodeBody(got.Events[i].Body); err != nil || string(payload) != payloads[i] {
			t.Errorf("the %s has been changed: %v", got.Events[i].Kind(), err)
		}
	}
	b.Declare(predicates...)
	b.DeclareScheme(scheme)
	if n := len(mustBatch(t, b).Events); n != len(want.Events)+2 {
		t.Errorf("%d events with another predicate and another scheme, want %d", n, len(want.Events)+2)
	}
}

// What a batch refers to comes before: every event passes Check in its place.
func TestBuiltBatchIsInOrder(t *testing.T) {
	s := world()
	s.entities[events.Key("entity", "person", "B")] = events.Person
	batch := mustBatch(t, everything(events.NewBatch("desk")))
	if err := checkText(batch, s); err != nil {
		t.Error(err)
	}
	for i := range batch.Events {
		e := &batch.Events[i]
		switch body := e.Body.(type) { // what the hand-written state cannot know
		case *events.EntitySplit:
			s.mentions[body.Parts[0].Mentions[0]] = body.Entity
		}
		if err := events.Check(e, s); err != nil {
			t.Errorf("event %d: %v", i, err)
		}
		state := events.EventState{Kind: e.Kind(), Standing: true}
		switch body := e.Body.(type) {
		case *events.EntityRegistered:
			s.entities[body.Entity.ID], s.things[body.Entity.ID] = body.Entity.Kind, e.ID
		case *events.SourceAdded:
			s.sources[body.Source.ID], s.things[body.Source.ID] = body.Source.SHA256, e.ID
		case *events.StatementRecorded:
			if r := body.Statement.Replaces; r != uuid.Nil {
				s.events[r] = events.EventState{Kind: e.Kind(), RemovedBy: e.ID, Replaced: true}
			}
		}
		s.events[e.ID] = state
	}
}

func statementsOf(t *testing.T, b *events.Builder) (list []events.Statement) {
	t.Helper()
	for _, e := range mustBatch(t, b).Events {
		if sr, ok := e.Body.(*events.StatementRecorded); ok {
			list = append(list, sr.Statement)
		}
	}
	return list
}

func speakersOf(v events.Voice) (ids []uuid.UUID) {
	for _, p := range v.Speakers {
		ids = append(ids, p.Entity)
	}
	return ids
}

func TestVoices(t *testing.T) {
	b := events.NewBatch("desk")
	a, c, h, k := b.Person("A").ID, b.Person("C").ID, b.Organisation("H").ID, b.Person("K").ID
	ref := func(id uuid.UUID) events.EntityRef { return events.EntityRef{ID: id} }

	b.Source("u:authors").Publisher(ref(h)).By(ref(a), ref(c)).Says("one")
	b.Source("u:publisher").Publisher(ref(h)).Says("two")
	b.Source("u:nobody").Says("three")
	b.Source("u:authors").Reports(ref(k), "four").Via(ref(h))
	b.Source("u:own").By(ref(a)).Reports(ref(a), "five")
	b.Infers(ref(h), "six")
	b.Known(idOf("story"), ref(a)).Says("seven")

	nobody := events.Key("entity", "placeholder", "author of u:nobody")
	want := [][][]uuid.UUID{
		{{a, c}}, {{h}}, {{nobody}}, {{k}, {h}, {a, c}}, {{a}}, {{h}}, {{a}},
	}
	for i, st := range statementsOf(t, b) {
		var got [][]uuid.UUID
		for _, v := range st.Voices {
			got = append(got, speakersOf(v))
			if v.Act != events.Assert || v.Stance != events.CertainAffirmed() {
				t.Errorf("%s: act %s, stance %s", st.Claim.Predicate, v.Act, v.Stance)
			}
		}
		if !reflect.DeepEqual(got, want[i]) {
			t.Errorf("%s: voices\n got %v\nwant %v", st.Claim.Predicate, got, want[i])
		}
	}
}

func TestRoles(t *testing.T) {
	b := events.NewBatch("desk")
	a, c, d := b.Person("A"), b.Person("C"), b.Person("D")
	roles := func(cl events.Claim) (names []string) {
		for _, arg := range cl.Args {
			names = append(names, arg.Role)
		}
		return names
	}
	if got := fmt.Sprint(roles(b.Claim("meet", a, c, d))); got != "[subject object object]" {
		t.Errorf("undeclared: %s", got)
	}
	b.Declare(events.Predicate{Name: "meet", Roles: []events.Role{{Name: "participant"}}}, events.Predicate{Name: "give", Roles: []events.Role{{Name: "giver"}, {Name: "gift"}, {Name: "taker"}}})
	if got := fmt.Sprint(roles(b.Claim("meet", a, c, d))); got != "[participant participant participant]" {
		t.Errorf("declared with one role: %s", got)
	}
	if got := fmt.Sprint(roles(b.Claim("give", a, c))); got != "[giver gift]" {
		t.Errorf("declared with three roles: %s", got)
	}
}

// A source comes after those that it derives from, however they are added, and a circle
// of them is called one.
func TestBuilderDerivations(t *testing.T) {
	ref := func(b *events.Builder, name string, from ...uuid.UUID) { b.Source(name).DerivedFrom(from...) }
	add := func(b *events.Builder, name string, from ...uuid.UUID) {
		b.Add(&events.SourceAdded{Source: events.Source{ID: events.Key("source", name), URL: name, DerivedFrom: from}})
	}
	type call func(b *events.Builder, name string, from ...uuid.UUID)
	for _, how := range [][3]call{{ref, ref, ref}, {add, add, add}, {ref, add, ref}, {add, ref, add}, {ref, ref, add}, {add, add, ref}} {
		b := events.NewBatch("desk")
		id := func(name string) uuid.UUID { return events.Key("source", name) }
		how[0](b, "a", id("b"), idOf("wire"))
		how[1](b, "b", id("c"))
		how[2](b, "c")
		var order []string
		for _, e := range mustBatch(t, b).Events {
			order = append(order, e.Body.(*events.SourceAdded).Source.URL)
		}
		if got := strings.Join(order, " "); got != "c b a" {
			t.Errorf("the order is %s, want c b a", got)
		}

		circle := events.NewBatch("desk")
		how[0](circle, "a", id("b"))
		how[1](circle, "b", id("c"))
		how[2](circle, "c", id("a"))
		_, err := circle.Batch()
		var refused *events.Error
		if !errors.As(err, &refused) || refused.Field != "Source.DerivedFrom[0]" || !strings.Contains(err.Error(), ": is itself derived from the source ") {
			t.Errorf("a circle: %v", err)
		}
		for _, split := range circle.Batches() {
			if fmt.Sprint(split) != fmt.Sprint(err) {
				t.Errorf("a circle: %v by Batches, %v by Batch", split, err)
			}
		}
	}
	again := events.NewBatch("desk") // as it is now comes last
	add(again, "a")
	add(again, "a", events.Key("source", "b"))
	ref(again, "b")
	var said []string
	for _, e := range mustBatch(t, again).Events {
		s := e.Body.(*events.SourceAdded).Source
		said = append(said, fmt.Sprint(s.URL, len(s.DerivedFrom)))
	}
	if got := strings.Join(said, " "); got != "b0 a0 a1" {
		t.Errorf("the order is %s", got)
	}
}

// A text that may not be handed in is known by its hash, words for a time stay
// beside it, and a symmetric predicate has one role for all.
func TestBuilderDetails(t *testing.T) {
	b := events.NewBatch("desk")
	b.Declare(events.Predicate{Name: "meet", Symmetric: true, Roles: []events.Role{{Name: "participant"}, {Name: "place"}}})
	sum := strings.Repeat("0a", 32)
	st := b.Source("u").SHA256(sum).Reports(b.Person("A"), "meet", b.Person("B"), b.Person("C")).SaidAs("recently", "../2025-08-04", "2025-08-04")
	st.ID()
	batch, err := b.Batch()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range batch.Events {
		switch body := e.Body.(type) {
		case *events.SourceAdded:
			if got := fmt.Sprintf("%x", body.Source.SHA256); got != sum {
				t.Errorf("SHA-256 %s", got)
			}
		case *events.StatementRecorded:
			said := body.Statement.Voices[0].Said
			if said.As != "recently" || said.Time.String() != "../2025-08-04" || said.Anchor.String() != "2025-08-04" {
				t.Errorf("said %+v", said)
			}
			for _, a := range body.Statement.Claim.Args {
				if a.Role != "participant" {
					t.Errorf("role %q", a.Role)
				}
			}
		}
	}
}

// Names that look alike are of one entity, under the id that the plain one always had.
func TestNamesThatLookAlike(t *testing.T) {
	b := events.NewBatch("desk")
	plain := b.Person("Zo\u00eb Vale")
	if want := events.Key("entity", "person", "Zo\u00eb Vale"); plain.ID != want {
		t.Errorf("the id of a plain name is %v, want %v", plain.ID, want)
	}
	for _, name := range []string{"Zoe\u0308 Vale", "Zo\u00eb  Vale", "Zo\u00eb\u00a0Vale", "Zo\u00eb \u2003 Vale"} {
		if got := b.Person(name); got != plain {
			t.Errorf("%q is another", name)
		}
		if id := events.Key(events.EntityKey(events.Person, name)...); id != plain.ID {
			t.Errorf("by its key, %q is another", name)
		}
	}
	if n := len(mustBatch(t, b).Events); n != 1 {
		t.Errorf("%d events", n)
	}
	if b.Entity(events.Person, "Zo\u00eb", "a b") == b.Entity(events.Person, "Zo\u00eb", "a  b") {
		t.Error("a key that is given is not taken as it is")
	}
}

// What was recorded with offsets that are refused now is still read.
func TestRecordedOffsets(t *testing.T) {
	for _, sel := range []events.Selector{{Start: 1, End: math.MinInt}, {Start: events.MaxOffset, End: events.MaxOffset + 1}} {
		b := &events.Batch{Recorder: "desk", Events: []events.Event{eventOf("x", &events.StatementRecorded{Statement: events.Statement{
			Claim:  events.Claim{Predicate: "meet"},
			Voices: []events.Voice{{Speakers: []events.Party{{Entity: idOf("ada")}}, Act: events.Assert, Stance: events.CertainAffirmed()}},
			Source: idOf("page"), Selector: sel, Form: events.Paraphrase,
		}})}}
		if err := events.CheckShape(b); err != nil {
			t.Error(err)
		}
		if _, err := events.EncodeBatch(b); !errors.Is(err, events.ErrInvalid) {
			t.Errorf("%v is recorded now: %v", sel, err)
		}
		data, err := events.EncodeBody(b.Events[0].Body)
		if err != nil {
			t.Fatal(err)
		}
		if body, err := events.DecodeBody(events.KindStatementRecorded, data); err != nil || !reflect.DeepEqual(body, b.Events[0].Body) {
			t.Errorf("read back as %+v, %v", body, err)
		}
	}
}

// What was recorded with white space around a name, or with what shows nothing in it or as all
// of it, is still read; joiners, marks of direction, selectors of variants and the tags of flags,
// which belong to names, are recorded.
func TestSpaceInRecordedNames(t *testing.T) {
	for name, recorded := range map[string]bool{
		"Ada ": false, "A\u00adda": false, "A\u200bda": false, "A\u2060da": false, "A\ufeffda": false,
		"\u200f": false, "\u200d\u200c": false, "\u034f": false, "\ufe0f": false, "\U000e0101": false, "\u061c": false, "\u2800": false, "\u17b4": false,
		"\u3164": false, "A\u115fda": false, "A\u1160da": false, "A\u3164da": false, "\uffa0Ada": false,
		"\ufff9Ada": false, "Ada\ufffa": false, "A\ufffbda": false, "A\ufff8da": true, "A\ufffcda": true,
		"A\u2061da": false, "A\u2064da": false, "A\u206ada": false, "A\u206fda": false, "A\U0001d173da": false, "A\U0001d17ada": false,
		"\U000e0041": false, "Ada\U000e0020": false, "Ada\U000e007f": false, "A\U000e0001da": false, "\U0001f3f4\U000e0067\U000e0062\U000e007f": true, "\U0001f3f4 \U000e0067": false,
		"A\u2028da": false, "A\u2029da": false, "A\u00a0da": true,
		"نیما\u200cیوشیج": true, "क्\u200dष": true, "דן\u200f (TLV)": true, "\u200fأحمد": true, "أحمد\u061c (1)": true,
		"葛\U000e0100城": true, "👩\u200d👩\u200d👧": true, "ᠠᠨ\u180eᠠ": true, "\u0301": true, "\ue000": true, "\u06dd": true,
	} {
		b := &events.Batch{Recorder: "desk", Events: []events.Event{
			eventOf("x", &events.EntityRegistered{Entity: events.Entity{ID: idOf("ada"), Kind: events.Person, Name: events.Name{Text: name}}}),
		}}
		if err := events.CheckShape(b); err != nil {
			t.Errorf("%+q: %v", name, err)
		}
		if _, err := events.EncodeBatch(b); (err == nil) != recorded || err != nil && !errors.Is(err, events.ErrInvalid) {
			t.Errorf("%+q: now it is recorded: %v, want %v", name, err, recorded)
		}
	}
}

// A fault is named as the caller knows what is at fault, beside the mistakes of calls
// and once.
func TestFaultsAreNamed(t *testing.T) {
	b := events.NewBatch("desk")
	page := b.Source("https://example.org/a").By(b.Person("Ada")).Title("\xff")
	b.Judge(b.Person("Ada"), events.Same, b.Person("Eve"), "") // is in order, and counts
	b.Link(page.Says("pay").ID(), events.LinkType(99), page.Says("").ID(), "")
	page.Quotes(b.Person("Eve"), "", "say").Stance("XX")
	page.Quotes(b.Person("Eve"), "", "say")
	b.Organisation("a\x00")
	b.Name(b.Person("Ada"), "", "")
	b.Source("https://example.org/b").Published("soon")
	want := []string{
		`events: statement 2 ("say"): Stance "XX": is no stance, want one of CT+ CT- CTu PR+ PR- PRu PS+ PS- PSu Uu`,
		`events: organisation("a\x00") before statement 4: Entity.Name.Text "a\x00": has the control character U+0000 at byte 1, want "a"`,
		`events: source "https://example.org/b": Published "soon": is no date, at byte 0, want four digits`,
		`events: source "https://example.org/a": Source.Title "\xff": is not valid UTF-8`,
		`events: name "": Name.Text "": is empty`,
		`events: statement 1 (""): Statement.Claim.Predicate "": is empty`,
		`events: statement 3 ("say"): Statement.Selector.Exact "": is empty in a quote, want the words, or the form paraphrase`,
		`events: decision 1 (StatementsLinked): Link LinkType(99): is not in use, want one of `,
	}
	_, err := b.Batch()
	got := strings.Split(fmt.Sprint(err), "\n")
	if len(got) != len(want) || !errors.Is(err, events.ErrInvalid) {
		t.Fatalf("got %d lines, want %d:\n%v", len(got), len(want), err)
	}
	for i, line := range got {
		if !strings.HasPrefix(line, want[i]) {
			t.Errorf("line %d\n got %s\nwant %s", i, line, want[i])
		}
	}
}

// Decisions are counted as they were given, whatever is between them, and also what is given
// again; the error has the id that the call returned.
func TestDecisionsAreCounted(t *testing.T) {
	b := events.NewBatch("desk").Occasion("table")
	page := b.Source("u")
	ada, eve := b.Person("Ada"), b.Person("Eve")
	for range 2 {
		b.Judge(ada, events.Same, eve, "") // is one
	}
	st := page.Says("pay").ID()
	b.Add(&events.Assessed{Statement: st, Scheme: "s", Value: "A"})
	wrong := []uuid.UUID{b.Judge(ada, 0, eve, ""), b.Retract(uuid.Nil, "")}
	_, err := b.Batch()
	many, ok := err.(interface{ Unwrap() []error })
	if !ok || len(many.Unwrap()) != 2 {
		t.Fatalf("got %v, want two mistakes", err)
	}
	for i, want := range []string{"decision 3 (IdentityJudged)", "decision 4 (Retracted)"} {
		var e *events.Error
		if !errors.As(many.Unwrap()[i], &e) || e.What != want || e.ID != wrong[i] || e.Statement != -1 {
			t.Errorf("got %v (%v), want %s, %v", many.Unwrap()[i], e.ID, want, wrong[i])
		}
	}
}

// Of a table in which much is wrong the first mistakes are told with their rows, and how
// many more there are; Batches tells the same.
func TestMistakesAreCounted(t *testing.T) {
	for what, row := range map[string]func(s *events.SourceRef, b *events.Builder, i int){
		"dates and offsets by turns": func(s *events.SourceRef, b *events.Builder, i int) {
			if st := s.Says("pay", b.Person("Ada")).Locator(fmt.Sprint(i)); i%2 == 0 {
				st.On("2024-02-30")
			} else {
				st.At(5, 2)
			}
		},
		"offsets": func(s *events.SourceRef, b *events.Builder, i int) { s.Says("pay").Locator(fmt.Sprint(i)).At(5, 2) },
		"no name": func(s *events.SourceRef, b *events.Builder, i int) {
			s.Says("pay", b.Person("")).Locator(fmt.Sprint(i))
		},
		"a bad key": func(s *events.SourceRef, b *events.Builder, i int) {
			s.Says("pay", b.Entity(events.Person, "Eve", "k"))
		},
		"no quote": func(s *events.SourceRef, b *events.Builder, i int) {
			s.Text("He paid.").Says("pay").Exact(fmt.Sprint("He paid ", i))
		},
	} {
		b := events.NewBatch("desk")
		b.Entity(events.Person, "Adam", "k")
		s := b.Source("u").By(b.Organisation("City Treasury"))
		for i := range 100 {
			row(s, b, i)
		}
		_, err := b.Batch()
		joined, ok := err.(interface{ Unwrap() []error })
		if !ok {
			t.Errorf("%s: %v", what, err)
			continue
		}
		list := joined.Unwrap()
		if len(list) != 21 || list[20].Error() != "events: and 80 more" {
			t.Errorf("%s: %d errors, the last is %v", what, len(list), list[len(list)-1])
		}
		for i, e := range list[:20] {
			want := i
			if what == "dates and offsets by turns" {
				want = 2 * i
			}
			if refused := (*events.Error)(nil); !errors.As(e, &refused) || refused.Statement != want || !strings.Contains(refused.What, fmt.Sprintf("statement %d", want)) {
				t.Errorf("%s: %v is not about statement %d", what, e, want)
			}
		}
		for _, all := range b.Batches() {
			if fmt.Sprint(all) != err.Error() {
				t.Errorf("%s: Batches yields\n%v\nwant\n%v", what, all, err)
			}
		}
	}
}

// A mistake in what a later batch carries along, as it says more of the same, is told once.
func TestMistakeCarriedAlong(t *testing.T) {
	for mistakes, want := range map[int]string{1: "", 2: "", 20: "", 23: "events: and 3 more"} {
		b := events.NewBatch("desk")
		add := func(key, name, note string) {
			b.Add(&events.EntityRegistered{Entity: events.Entity{
				ID: events.Key("entity", key), Kind: events.Person, Name: events.Name{Text: name}, Note: note}})
		}
		for i := range mistakes {
			add(fmt.Sprint(i), "", "")
		}
		for i := range 30 { // more than one batch takes
			add(fmt.Sprint("long ", i), "Ada", strings.Repeat("x", events.MaxText))
		}
		for i := range mistakes {
			add(fmt.Sprint(i), "Ben", "")
		}
		var err error
		for _, err = range b.Batches() {
		}
		list, rest := []error{err}, ""
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			list = joined.Unwrap()
		}
		if len(list) > 20 {
			list, rest = list[:20], list[20].Error()
		}
		if err == nil || len(list) != min(mistakes, 20) || rest != want {
			t.Errorf("%d mistakes: %d are told, and %q, want %q: %v", mistakes, len(list), rest, want, err)
		}
	}
}

// An error that is about no statement says so.
func TestErrorOfNoStatement(t *testing.T) {
	b := events.NewBatch("desk")
	b.Source("u").Says("pay")
	b.Source("v").Published("soon")
	b.Declare(events.Predicate{})
	b.Name(b.Person("Ada"), "", "")
	_, err := b.Batch()
	for _, e := range err.(interface{ Unwrap() []error }).Unwrap() {
		if refused := (*events.Error)(nil); !errors.As(e, &refused) || refused.Statement != -1 {
			t.Errorf("%v: statement %d", e, refused.Statement)
		}
	}
}

// Where a source's text is at hand, a batch is not built with words that do not stand there.
func TestBuilderChecksWords(t *testing.T) {
	b := events.NewBatch("desk")
	s := b.Source("u").Text("He said: «один» two three. One more.")
	s.Says("a").Exact("one twoo")
	s.Says("b").Exact("two").At(15, 18)
	s.Says("c").At(30, 90)
	s.Says("d").Exact("two")
	s.Says("e").Exact("two").At(16, 19)
	s.Says("f").Exact("o")
	want := []string{
		`events: statement 0 ("a"): Statement.Selector.Exact "one twoo": does not stand in the source's text, want the words as they stand there`,
		`events: statement 1 ("b"): Statement.Selector.Exact "two": does not stand at 15 to 18 of the source's text, want 16 to 19, where it stands`,
		`events: statement 2 ("c"): Statement.Selector.End 90: lies behind the text, which has 36 code points, want at most 36`,
	}
	if _, err := b.Batch(); err == nil || err.Error() != strings.Join(want, "\n") {
		t.Errorf("got\n%v\nwant\n%s", err, strings.Join(want, "\n"))
	}
}

// Words get the same offsets, or none, however many others have been looked for.
func TestBuilderFindsMany(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	word := func(most int) string {
		var w strings.Builder
		for range 1 + rng.IntN(most) {
			w.WriteString([]string{"a", "b", "ж", "𝄞"}[min(rng.IntN(8), 3)]) // mostly the last, so that words overlap
		}
		return w.String()
	}
	built := func(text, words string, others int) (string, error) {
		b := events.NewBatch("desk")
		s := b.Source("u").Text(text)
		for range others {
			s.Says("other").Exact(text)
		}
		st := s.Says("say").Exact(words)
		batch, err := b.Batch()
		if err != nil {
			return "", err
		}
		id := st.ID()
		at := slices.IndexFunc(batch.Events, func(e events.Event) bool { return e.ID == id })
		sel := batch.Events[at].Body.(*events.StatementRecorded).Statement.Selector
		return fmt.Sprint(id, sel.Start, sel.End), nil
	}
	for range 1000 {
		text, words := word(24), word(4)
		few, wrong := built(text, words, 0)
		many, wrongToo := built(text, words, 70)
		if few != many || (wrong == nil) != (wrongToo == nil) {
			t.Fatalf("%q in %q: %s %v, after many others %s %v", words, text, few, wrong, many, wrongToo)
		}
		places := 0
		for i := range text {
			if strings.HasPrefix(text[i:], words) {
				places++
			}
		}
		if placed := wrong == nil && !strings.HasSuffix(few, " 0 0"); placed != (places == 1) || (wrong == nil) != (places > 0) {
			t.Fatalf("%q stands in %q %d times: %s %v", words, text, places, few, wrong)
		}
	}
}

// A text and a hash that are empty say nothing.
func TestNoText(t *testing.T) {
	b := events.NewBatch("desk")
	b.Source("u").Text("all of it").Text("").SHA256("").Title("")
	batch, err := b.Batch()
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("all of it"))
	if got := batch.Events[0].Body.(*events.SourceAdded).Source.SHA256; !bytes.Equal(got, sum[:]) || len(batch.Texts) != 1 {
		t.Errorf("the source has %x and the batch %d texts", got, len(batch.Texts))
	}
}

// BenchmarkExact builds statements with the rows of a table as their words. The time for each
// row is to be the same for a table of 10,000 and one of 40,000.
func BenchmarkExact(b *testing.B) {
	for _, rows := range []int{10_000, 40_000} {
		var lines []string
		for i := range rows {
			lines = append(lines, fmt.Sprintf("Company %d Ltd,Person %d,director,2019-03-01,,%d", i/3, i*7919%15000, i))
		}
		text := strings.Join(lines, "\n")
		b.Run(fmt.Sprint(rows), func(b *testing.B) {
			for b.Loop() {
				build := events.NewBatch("desk")
				s := build.Source("table.csv").Text(text)
				for _, l := range lines {
					s.Says("direct").Exact(l)
				}
				for _, err := range build.Batches() {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/row")
		})
	}
}

func TestBuilderMistakes(t *testing.T) {
	type builder = *events.Builder
	for _, c := range []struct {
		name string
		do   func(b builder)
		want string // a line of the error
	}{
		{"date", func(b builder) { b.Source("u").Says("meet").On("2025-02-30") }, `events: statement 0 ("meet"): On "2025-02-30": is no date, at byte 8, want a day from 01 to 28, found 30`},
		{"date said", func(b builder) { b.Source("u").Says("meet").Said("yesterday") }, `events: statement 0 ("meet"): Said "yesterday": is no date, at byte 0, want four digits`},
		{"words", func(b builder) { b.Source("u").Says("meet").When("soon", "soon", "") }, `events: statement 0 ("meet"): When "soon": is no date, at byte 0, want four digits`},
		{"date published", func(b builder) { b.Source("u").Published("4 August") }, `events: source "u": Published "4 August": is no date, at byte 1, want`},
		{"stance", func(b builder) { b.Source("u").Says("a"); b.Source("u").Says("b").Stance("XX") },
			`events: statement 1 ("b"): Stance "XX": is no stance, want one of CT+ CT- CTu PR+ PR- PRu PS+ PS- PSu Uu`},
		{"too late", func(b builder) { s := b.Source("u").Says("a"); s.ID(); s.Gloss("x") }, `events: statement 0 ("a"): Gloss: comes after the statement's id was taken`},
		{"too late for the voice", func(b builder) { s := b.Source("u").Says("a"); s.ID(); s.Cue("x").With(b.Person("A")) },
			`events: statement 0 ("a"): Cue: comes after the statement's id was taken`},
		{"too late for the source", func(b builder) { s := b.Source("u"); s.Says("a").ID(); s.By(b.Person("A")) },
			`events: source "u": By: comes after the id of one of its statements was taken`},
		{"key used twice", func(b builder) { b.Entity(events.Person, "A", "k"); b.Entity(events.Person, "B", "k") }, `events: person("B") before statement 0: the key is that of "A", want what person("A") returned, if it is the same (Rename corrects its name), or a key of its own`},
		{"name that is a key", func(b builder) { b.Entity(events.Person, "B", "A"); b.Person("A") }, `events: person("A") before statement 0: the key is that of "B", want what person("B") returned, if it is the same (Rename corrects its name), or a key of its own`},
		{"rename of what is refused", func(b builder) { b.Rename(b.Person(""), "A") }, `events: person("") before statement 0: Entity.Name.Text`},
		{"rename of nobody", func(b builder) { b.Rename(events.EntityRef{}, "A") },
			`events: Rename("A") before statement 0: Entity 00000000-0000-0000-0000-000000000000: nothing is known of it, and so not what it is beside its name, want an entity of this batch, or a builder that knows the record (graph.Graph.NewBatch)`},
		{"key that is a name", func(b builder) { b.Person("A"); b.Entity(events.Person, "B", "A") }, `events: person("B") before statement 0: the key is that of "A", want what person("A") returned, if it is the same (Rename corrects its name), or a key of its own`},
		{"name with a mark", func(b builder) { b.Person("\ufeffAda\u200b") }, `Entity.Name.Text "\ufeffAda\u200b": has white space around it, want "Ada"`},
		{"name with a soft hyphen", func(b builder) { b.Person("Ada Bre\u00admer") }, `Entity.Name.Text "Ada Bre\u00admer": has the invisible character U+00AD at byte 7, want "Ada Bremer"`},
		{"name in two lines", func(b builder) { b.Person("Ada\u2028Bremer") }, `Entity.Name.Text "Ada\u2028Bremer": has the separator of lines or paragraphs U+2028 at byte 3, want "Ada Bremer"`},
		{"name with a filler", func(b builder) { b.Person("Ada\u115f") }, "Entity.Name.Text \"Ada\u115f\": has the invisible character U+115F at byte 3, want \"Ada\""},
		{"name of a filler", func(b builder) { b.Person("\u3164\u200f") }, "Entity.Name.Text \"\u3164\\u200f\": has the invisible character U+3164 at byte 0"},
		{"name of a mark", func(b builder) { b.Person("\u200f") }, `Entity.Name.Text "\u200f": has nothing in it that is seen`},
		{"predicate with a word joiner", func(b builder) { b.Source("u").Says("pay\u2060back") }, `Statement.Claim.Predicate "pay\u2060back": has the invisible character U+2060 at byte 3, want "payback"`},
		{"known without author", func(b builder) { b.Known(idOf("story")).Says("a") }, `events: statement 0 ("a"): Known: no author was named whose voice it could be`},
		{"known described", func(b builder) { b.Known(idOf("story")).Title("x") },
			fmt.Sprintf("events: source %q: Title: nothing is recorded about a source that is Known", idOf("story").String())},
		{"via", func(b builder) { b.Source("u").Says("a").Via(b.Person("A")) }, `events: statement 0 ("a"): Via: the source speaks itself; use Reports`},
		{"with", func(b builder) { b.Source("u").Says("a").With(b.Person("A")) }, `events: statement 0 ("a"): With: the source speaks itself; use Reports, or name its authors with By`},
		{"known, with a date", func(b builder) { b.Known(idOf("story")).DerivedFrom(idOf("wire")) }, "DerivedFrom: nothing is recorded about a source that is Known"},
		{"nameless source", func(b builder) { b.Source("").Says("meet") }, `events: source "": URL: is empty, want one, or another name of its own`},
		{"source too large", func(b builder) { b.Source("u").Title(strings.Repeat("x", 1_000_000)) }, `events: source "u": SourceAdded: `},
		{"source added otherwise", func(b builder) {
			b.Source("u").Title("One")
			b.Add(&events.SourceAdded{Source: events.Source{ID: events.Key("source", "u"), URL: "u", Title: "Two"}})
		}, `events: source "u": SourceAdded: Add registers it otherwise, want one of the two`},
		{"hash", func(b builder) { b.Source("u").SHA256("abc") }, `events: source "u": SHA256 "abc": is no SHA-256, want 64 hexadecimal digits`},
		{"date said, with words", func(b builder) { b.Source("u").Says("meet").SaidAs("soon", "soon", "") }, `events: statement 0 ("meet"): SaidAs "soon": is no date, at byte 0, want four digits`},
		{"nil body", func(b builder) { b.Add(nil) }, "events: Add(<nil>): is nil, or not one of the kinds of event"},
		{"end far before start", func(b builder) { b.Source("u").Says("a").At(1, math.MinInt) }, fmt.Sprintf("Statement.Selector.End %d: is not after Start 1, want 0 <= Start < End, or both 0", math.MinInt)},
		{"far offsets", func(b builder) { b.Source("u").Says("a").At(1_000_000_000, 1_000_000_001) }, "Statement.Selector.End 1000000001: is too large, want at most 1000000000"},
		{"not UTF-8", func(b builder) { b.Source("u").Says("a").Gloss("\xff") }, `Statement.Gloss "\xff": is not valid UTF-8`},
		{"shape", func(b builder) { b.Person("") }, `Entity.Name.Text "": is empty`},
		{"name with a space", func(b builder) { b.Person("Ada\u00a0") }, `person("Ada\u00a0") before statement 0: Entity.Name.Text "Ada\u00a0": has white space around it, want "Ada"`},
		{"predicate with a space", func(b builder) { b.Source("u").Says("pay ") }, `statement 0 ("pay "): Statement.Claim.Predicate "pay ": has white space around it, want "pay"`},
		{"role with a space", func(b builder) { b.Source("u").Says("pay").Role("\u2003to", b.Person("A")) }, `Statement.Claim.Args[0].Role "\u2003to": has white space around it, want "to"`},
		{"declared with a space", func(b builder) { b.Declare(events.Predicate{Name: " pay"}) }, `events: predicate " pay": Predicates[0].Name " pay": has white space around it, want "pay"`},
		{"a role of one of many predicates", func(b builder) {
			b.Declare(events.Predicate{Name: "see"}, events.Predicate{Name: "pay", Roles: []events.Role{{Name: "who"}, {Name: "who"}}})
		}, `events: predicate "pay": Predicates[0].Roles[1].Name "who": is declared twice`},
		{"a predicate twice in one list", func(b builder) {
			b.Declare(events.Predicate{Name: "pay"}, events.Predicate{Name: "see"}, events.Predicate{Name: "pay", Once: true})
		},
			`events: Declare: Predicates[2].Name "pay": is declared twice`},
		{"source with a space", func(b builder) { b.Source("u ") }, `events: source "u ": URL "u ": has white space around it, want "u"`},
		{"empty", func(b builder) {}, "events: batch: Events: is empty, want at least one event"},
	} {
		b := events.NewBatch("desk")
		c.do(b)
		batch, err := b.Batch()
		if refused := (*events.Error)(nil); batch != nil || !errors.As(err, &refused) || !errors.Is(err, events.ErrInvalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s:\n got %v\nwant %s", c.name, err, c.want)
		}
		if _, again := b.Batch(); fmt.Sprint(again) != fmt.Sprint(err) {
			t.Errorf("%s: asked again,\n got %v\nwant %v", c.name, again, err)
		}
	}

	b := events.NewBatch("desk")
	for range 23 {
		b.Source("u").Says("a").On("y")
	}
	if _, err := b.Batch(); err == nil || !strings.HasSuffix(err.Error(), "\nevents: and 3 more") || strings.Count(err.Error(), "\n") != 20 {
		t.Errorf("23 mistakes give %v", err)
	}
	b = events.NewBatch("desk")
	b.Source("u").Published("x").Says("a").On("y")
	if _, err := b.Batch(); err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("two mistakes give %v", err)
	}
}

// registering is a record on which a source comes to stand as soon as it has been looked up.
type registering struct {
	events.Recorded
	stands bool
}

func (*registering) Position() events.Position         { return 1 }
func (*registering) Event(uuid.UUID) (stands, ok bool) { return false, false }

func (*registering) Retracted(uuid.UUID) (by uuid.UUID, ok bool) { return uuid.Nil, false }

func (r *registering) Registered(uuid.UUID) (stands, redacted bool) { return r.stands, false }

func (r *registering) Registration(context.Context, uuid.UUID) (*events.Event, error) {
	r.stands = true
	return nil, nil
}

// What is said of a source that another registers while the builder looks it up is in the
// batch, as of before that: recording it is refused, where leaving it out would lose it.
func TestRegisteredWhileLookedUp(t *testing.T) {
	b := events.NewBatch("desk").Knowing(t.Context(), &registering{})
	b.Source("u").Title("x")
	batch, err := b.Batch()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range batch.Events {
		if s, ok := e.Body.(*events.SourceAdded); ok && s.Source.Title == "x" && e.AsOf == 1 {
			return
		}
	}
	t.Errorf("the batch has %+v, want the source with its title, as of position 1", batch.Events)
}

// unreadable is a record of which nothing can be read but what is asked of memory.
type unreadable struct{ registering }

func (*unreadable) Registered(uuid.UUID) (stands, redacted bool) { return true, false }

func (*unreadable) Registration(context.Context, uuid.UUID) (*events.Event, error) {
	return nil, errors.New("the disk is on fire")
}

// That the record cannot be read is no mistake of the caller, whatever else is wrong.
func TestUnreadIsNoMistake(t *testing.T) {
	b := events.NewBatch("desk").Knowing(t.Context(), &unreadable{})
	nameless := b.Person("")
	b.Source("u").Says("meet", nameless).On("x")
	if batch, err := b.Batch(); batch != nil || err == nil || errors.Is(err, events.ErrInvalid) || !strings.Contains(err.Error(), "on fire") {
		t.Errorf("%v, %v, want only that the record cannot be read", batch, err)
	}
}

// Of what is too large for one batch that is told beside the mistakes found, since it is why
// no others were looked for.
func TestTooManyWithMistakes(t *testing.T) {
	b := events.NewBatch("desk")
	b.Source("u").Says("meet").On("x")
	for i := range events.MaxEvents {
		b.Source("u").Says("meet").Locator(fmt.Sprint(i))
	}
	if _, err := b.Batch(); !errors.Is(err, events.ErrInvalid) || !strings.Contains(err.Error(), "is no date") || !strings.Contains(err.Error(), "Builder.Batches") {
		t.Errorf("%.300v, want the mistake, and that it is too many", err)
	}
}

// The words of a selector that is refused for something else are not looked for.
func TestQuotesRefusedForElse(t *testing.T) {
	for want, at := range map[string]events.Selector{
		"is not valid UTF-8":   {Exact: "caf\xe9"},
		"is not after Start 4": {Exact: "quick", Start: 4},
	} {
		b := events.NewBatch("desk")
		b.Source("u").Text("the quick fox in the café").Quotes(b.Person("Ann"), at.Exact, "say").At(at.Start, at.End)
		if _, err := b.Batch(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// What is wrong with an argument is said with the role that the caller wrote, the innermost, but
// where the message has it already.
func TestErrorNamesTheRole(t *testing.T) {
	b := events.NewBatch("desk")
	s := b.Source("https://example.org/1").By(b.Person("A"))
	s.Says("own", b.Person("B")).Arg("share", events.Number("12,5", "%"))
	nested := b.Claim("own", b.Person("B"))
	nested.Args = append(nested.Args, events.Arg{Role: "share", Value: events.Number("x", "%")})
	s.Says("hope").Arg("what", events.Nested(nested))
	s.Says("own").Arg("sh are ", events.Unknown())
	_, err := b.Batch()
	many, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatal(err)
	}
	for i, want := range []struct{ text, role, field string }{
		{`events: statement 0 ("own"): Statement.Claim.Args[1].Value.Text "12,5" (role "share"): is not a number`, "share", "Statement.Claim.Args[1].Value.Text"},
		{`events: statement 1 ("hope"): Statement.Claim.Args[0].Value.Claim.Args[1].Value.Text "x" (role "share"): is not a number`, "share", "Statement.Claim.Args[0].Value.Claim.Args[1].Value.Text"},
		{`events: statement 2 ("own"): Statement.Claim.Args[0].Role "sh are ": has`, "sh are ", "Statement.Claim.Args[0].Role"},
	} {
		var e *events.Error
		if got := many.Unwrap()[i]; !errors.As(got, &e) || !strings.HasPrefix(got.Error(), want.text) || e.Role != want.role || e.Field != want.field {
			t.Errorf("got  %v, role %q, field %s\nwant %s", got, e.Role, e.Field, want.text)
		}
	}
}
