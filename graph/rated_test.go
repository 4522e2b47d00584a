package graph_test

import (
	"context"
	"fmt"
	"log"
	"reflect"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// atLeast is the policy "nothing rated below".
func atLeast(t testing.TB, value string) graph.Rating {
	t.Helper()
	s, err := events.Admiralty().AtLeast(value)
	if err != nil {
		t.Fatal(err)
	}
	return graph.Rating{Scheme: s}
}

// ratedDesk is a record of two statements from one source and one inference.
type ratedDesk struct {
	t               testing.TB
	g               *graph.Graph
	source          uuid.UUID
	walk, rest, own uuid.UUID
	names           map[uuid.UUID]string
}

func newRatedDesk(t testing.TB) *ratedDesk {
	d := &ratedDesk{t: t, g: open(t, events.NewMem())}
	d.record(func(b *events.Builder) {
		b.DeclareScheme(events.Admiralty())
		ann := b.Person("Ann")
		src := b.Source("https://example.org/1").By(b.Person("Reporter"))
		d.source = src.ID()
		d.walk, d.rest = src.Says("walk", ann).ID(), src.Says("rest", ann).ID()
		d.own = b.Infers(b.Organisation("Desk"), "own", ann).ID()
	})
	d.names = map[uuid.UUID]string{d.walk: "walk", d.rest: "rest", d.own: "own"}
	return d
}

func (d *ratedDesk) record(add func(*events.Builder)) events.Position {
	d.t.Helper()
	return d.recordAs("desk", add)
}

func (d *ratedDesk) recordAs(recorder string, add func(*events.Builder)) events.Position {
	d.t.Helper()
	b := events.NewBatch(recorder)
	add(b)
	return record(d.t, d.g, b).Position
}

// rate rates a statement, or the source, and returns the event's id.
func (d *ratedDesk) rate(what uuid.UUID, scheme, value string) (id uuid.UUID) {
	d.t.Helper()
	return d.rateAs("desk", what, scheme, value)
}

func (d *ratedDesk) rateAs(recorder string, what uuid.UUID, scheme, value string) (id uuid.UUID) {
	d.t.Helper()
	d.recordAs(recorder, func(b *events.Builder) {
		a := &events.Assessed{Statement: what, Scheme: scheme, Value: value}
		if what == d.source {
			a.Source, a.Statement = what, uuid.Nil
		}
		id = b.Add(a)
	})
	return id
}

func (d *ratedDesk) retract(event uuid.UUID) (id uuid.UUID) {
	d.t.Helper()
	d.record(func(b *events.Builder) { id = b.Retract(event, "") })
	return id
}

func (d *ratedDesk) see(v graph.View) string {
	var seen []string
	for s := range v.Statements(graph.Pattern{}) {
		seen = append(seen, d.names[s.ID()])
	}
	return strings.Join(seen, " ")
}

func (d *ratedDesk) shows(why, want string, rs ...graph.Rating) {
	d.t.Helper()
	if got := d.see(d.g.View(&graph.Lens{Rated: rs})); got != want {
		d.t.Errorf("%s: the view shows %q, want %q", why, got, want)
	}
}

func TestRated(t *testing.T) {
	d := newRatedDesk(t)
	fair, good := atLeast(t, "C3"), atLeast(t, "B2")
	d.shows("nothing is rated", "walk rest own", fair)
	d.rate(d.source, "admiralty", "C")
	d.shows("a source that is good enough", "walk rest own", fair)
	d.shows("a source that is not", "own", good)
	d.shows("all policies hold", "own", fair, good)
	d.rate(d.walk, "admiralty", "4")
	d.shows("a statement that is not good enough, of a source that is", "rest own", fair)
	d.rate(d.own, "admiralty", "2")
	d.shows("a statement without a source", "rest own", fair)
	d.rate(d.own, "admiralty", "D6")
	d.shows("the newest counts, though it is worse", "rest", fair)
	d.rate(d.own, "admiralty", "F6")
	d.shows("what cannot be judged is not below anything", "rest own", fair)
	d.rate(d.walk, "own scheme", "fine")
	d.shows("another scheme does not count", "rest own", fair)
	d.shows("nor does one that nobody has used", "walk rest own", graph.Rating{Scheme: events.Likelihood()})
	d.shows("without a name or values", "walk rest own", graph.Rating{})
	d.shows("no value is good enough", "", graph.Rating{Scheme: events.Scheme{Name: "admiralty", Values: []string{"", "unheard of"}}})
}

func TestRatedRequired(t *testing.T) {
	d := newRatedDesk(t)
	fair := atLeast(t, "C3")
	fair.Required = true
	d.shows("nothing is rated", "", fair)
	d.rate(d.walk, "admiralty", "3")
	d.shows("the statement is", "walk", fair)
	d.rate(d.source, "admiralty", "A")
	d.shows("its source is", "walk rest", fair)
	d.shows("in a scheme that nobody has used", "", graph.Rating{Scheme: events.Likelihood(), Required: true})
	d.shows("in none", "", graph.Rating{Required: true})
}

// Only what stands as of the view counts, and what stands there is not changed
// by what is recorded later, but for a redaction.
func TestRatedAsOf(t *testing.T) {
	d := newRatedDesk(t)
	fair := atLeast(t, "C3")
	good := d.rate(d.source, "admiralty", "B")
	before := d.g.View(&graph.Lens{Rated: []graph.Rating{fair}})
	bad := d.rate(d.source, "admiralty", "E")
	d.shows("rated badly", "own", fair)
	later := d.g.View(&graph.Lens{Rated: []graph.Rating{fair}})
	for _, v := range []graph.View{before, d.g.View(&graph.Lens{AsOf: before.Position(), Rated: []graph.Rating{fair}})} {
		if got := d.see(v); got != "walk rest own" {
			t.Errorf("a later rating reaches the view as of %d, which shows %q", v.Position(), got)
		}
	}

	took := d.retract(bad)
	d.shows("the bad rating is retracted", "walk rest own", fair)
	if got := d.see(later); got != "own" {
		t.Errorf("the retraction reaches the view of before, which shows %q", got)
	}
	d.retract(took)
	d.shows("the retraction is undone", "own", fair)
	again := d.retract(good)
	d.retract(again)
	d.shows("the good rating stands anew, but it is not newer for that", "own", fair)

	d.record(func(b *events.Builder) { b.Redact(bad, "court order") })
	d.shows("the bad rating is redacted", "walk rest own", fair)
	if got := d.see(later); got != "walk rest own" {
		t.Errorf("the redaction does not reach the view of before, which shows %q", got)
	}
	d.record(func(b *events.Builder) { b.Redact(good, "court order") })
	fair.Required = true
	d.shows("both are", "", fair)
}

// A statement that replaces another is not rated as that was.
func TestRatedReplaced(t *testing.T) {
	d := newRatedDesk(t)
	d.rate(d.walk, "admiralty", "5")
	d.shows("rated badly", "rest own", atLeast(t, "C3"))
	d.record(func(b *events.Builder) {
		id := b.Source("https://example.org/1").By(b.Person("Reporter")).Says("stroll", b.Person("Ann")).Replaces(d.walk).ID()
		d.names[id] = "stroll"
	})
	d.shows("replaced", "rest own stroll", atLeast(t, "C3"))
}

// A view gives back its lens, and Shows and Unfiltered go by it.
func TestRatedLens(t *testing.T) {
	d := newRatedDesk(t)
	d.rate(d.walk, "admiralty", "5")
	lens := graph.Lens{AsOf: 2, Rated: []graph.Rating{atLeast(t, "C3")}}
	v := d.g.View(&lens)
	if got := v.Lens(); !reflect.DeepEqual(got, lens) {
		t.Errorf("the lens is %+v, want %+v", got, lens)
	}
	again := v.Lens()
	if got := d.see(d.g.View(&again)); got != "rest own" {
		t.Errorf("through its own lens the view shows %q", got)
	}
	s, err := v.Statement(d.walk)
	if err != nil {
		t.Fatal(err)
	}
	if s.Shows(v) || !s.Shows(v.Unfiltered()) {
		t.Error("a statement that is rated too low is shown, or not without the filter")
	}
}

// Ratings of a batch that failed do not count afterwards.
func TestRatedRollback(t *testing.T) {
	d := newRatedDesk(t)
	if _, err := d.g.Record(ctx, &events.Batch{Recorder: "desk", Events: []events.Event{
		{ID: events.Key("r1"), Body: &events.Assessed{Statement: d.walk, Scheme: "stars", Value: "one"}},
		{ID: events.Key("r2"), Body: &events.Assessed{Statement: d.walk, Scheme: "admiralty", Value: "Z9"}},
	}}); err == nil {
		t.Fatal("a value that the scheme has not is recorded")
	}
	d.shows("nothing is rated", "", graph.Rating{Scheme: events.Scheme{Name: "stars", Values: []string{"one"}}, Required: true})
	d.rate(d.rest, "stars", "two")
	d.shows("only what has been recorded", "walk own", graph.Rating{Scheme: events.Scheme{Name: "stars", Values: []string{"one"}}})
}

// A lens may say how well a source or a statement must be rated.
func ExampleRating() {
	g := newGraph()
	defer g.Close()
	b := g.NewBatch(ctx, "desk")
	b.DeclareScheme(events.Admiralty())
	mayor := b.Person("Ada Brandt")
	gazette, blog := b.Source("https://gazette.example/1"), b.Source("https://blog.example/2")
	gazette.By(b.Person("A. Reporter")).Says("resign", mayor).On("2025-08-01")
	blog.By(b.Person("somebody")).Says("resign", mayor).On("2025-07-30")
	blog.Assess("admiralty", "E", "made up twice this year")
	must(g, b)

	fair, err := events.Admiralty().AtLeast("C3")
	if err != nil {
		log.Fatal(err)
	}
	v := g.View(&graph.Lens{Rated: []graph.Rating{{Scheme: fair}}})
	for s := range v.Statements(graph.Pattern{Predicate: "resign"}) {
		r, err := s.Load(context.Background())
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(r.Claim.When.Time)
	}
	// Output:
	// 2025-08-01
}

// Of two desks that rate a source differently each is asked by itself, whoever rated last.
func ExampleRating_by() {
	g := newGraph()
	defer g.Close()
	fair, err := events.Admiralty().AtLeast("C3")
	if err != nil {
		log.Fatal(err)
	}
	for _, desk := range []struct{ name, gazette string }{{"day desk", "B"}, {"night desk", "E"}} {
		b := g.NewBatch(ctx, desk.name)
		gazette := b.Source("https://gazette.example/12").By(b.Person("A. Reporter"))
		gazette.Says("resign", b.Person("Ada Brandt"))
		gazette.Assess("admiralty", desk.gazette, "")
		must(g, b)
	}
	for _, by := range [][]string{nil, {"day desk"}, {"night desk"}} {
		v := g.View(&graph.Lens{Rated: []graph.Rating{{Scheme: fair, By: by}}})
		fmt.Printf("rated C3 or better by %q: %d\n", by, count(v, graph.Pattern{Predicate: "resign"}))
	}
	// Output:
	// rated C3 or better by []: 0
	// rated C3 or better by ["day desk"]: 1
	// rated C3 or better by ["night desk"]: 0
}

// A policy counts the ratings of those it names, of these the newest, and so does what a view
// remembers of many.
func TestRatedBy(t *testing.T) {
	d := newRatedDesk(t)
	by := func(recorders ...string) graph.Rating {
		r := atLeast(t, "C3")
		r.By = recorders
		return r
	}
	required := by("day", "night")
	required.Required = true
	d.shows("nobody has rated anything", "walk rest own", by("day"))
	d.shows("nobody has rated anything, and it is required", "", required)
	for range 20 {
		d.rateAs("day", d.source, "admiralty", "E")
		d.rateAs("night", d.source, "admiralty", "A")
	}
	last := d.rateAs("day", d.source, "admiralty", "B")
	d.rateAs("night", d.source, "admiralty", "F")
	d.rateAs("night", d.source, "admiralty", "D")
	d.rateAs("night", d.walk, "likelihood", "likely")
	d.shows("whoever rates", "own", by())
	d.shows("by one", "walk rest own", by("day"))
	d.shows("by the other", "own", by("night"))
	d.shows("by either, of whom the other was the last", "own", by("day", "night"))
	d.shows("by both", "own", by("day"), by("night"))
	d.shows("by somebody else", "walk rest own", by("evening"))
	d.shows("by one who has recorded, but no rating", "walk rest own", by("desk"))
	d.shows("by one who is written otherwise", "walk rest own", by("Night", "nigh"))
	d.shows("by one who is named as a predicate is", "walk rest own", by("walk"))
	d.shows("rated by one, as it must be", "", required)
	none := by("evening")
	none.Required = true
	d.shows("somebody else's rating is required", "", none)

	then := d.g.View(&graph.Lens{Rated: []graph.Rating{by("day")}})
	lens := then.Lens()
	d.retract(last)
	d.shows("the newest of one is retracted, and the one before counts", "own", by("day"))
	if got := d.see(then); got != "walk rest own" {
		t.Errorf("the retraction reaches the view of before, which shows %q", got)
	}
	lens.Rated[0].By[0] = "night" // the caller's
	if got := d.see(d.g.View(&lens)) + "; " + d.see(then); got != "own; walk rest own" {
		t.Errorf("through the changed lens and the view: %q", got)
	}
}

// What a view remembers of many ratings is what they are, also after a redaction.
func TestRatedOften(t *testing.T) {
	d := newRatedDesk(t)
	for range 20 {
		d.rate(d.source, "other scheme", "good")
		d.rate(d.source, "admiralty", "E")
	}
	first := d.rate(d.source, "admiralty", "B")
	second := d.rate(d.source, "admiralty", "E")
	last := d.rate(d.source, "admiralty", "A")
	then := d.g.View(&graph.Lens{Rated: []graph.Rating{atLeast(t, "C3")}})
	for _, c := range []struct {
		redact uuid.UUID
		want   string
	}{{uuid.Nil, "walk rest own"}, {last, "own"}, {second, "walk rest own"}, {first, "own"}} {
		if c.redact != uuid.Nil {
			d.record(func(b *events.Builder) { b.Redact(c.redact, "") })
		}
		for range 2 {
			if got := d.see(then); got != c.want {
				t.Errorf("after the redaction of %v the view shows %q, want %q", c.redact, got, c.want)
			}
		}
	}
	d.rate(d.source, "admiralty", "A")
	d.shows("a new view", "walk rest own", atLeast(t, "C3"))
	if got := d.see(then); got != "own" {
		t.Errorf("a view has changed: %q", got)
	}
}
