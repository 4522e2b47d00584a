package graph_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// registrationsOf returns the events that register a thing, in order.
func registrationsOf(t *testing.T, g *graph.Graph, thing uuid.UUID) (ids []uuid.UUID) {
	t.Helper()
	for e, err := range g.View(nil).Events(ctx, 0) {
		if err != nil {
			t.Fatal(err)
		}
		switch b := e.Body.(type) {
		case *events.SourceAdded:
			if b.Source.ID == thing {
				ids = append(ids, e.ID)
			}
		case *events.EntityRegistered:
			if b.Entity.ID == thing {
				ids = append(ids, e.ID)
			}
		}
	}
	return ids
}

func nameOf(t *testing.T, g *graph.Graph, id uuid.UUID) string {
	t.Helper()
	e, err := g.View(nil).Registered(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	return e.Name.Text
}

// What was retracted does not come back because the program that said it is run again.
func TestRunAgainAfterRetraction(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		for _, c := range []struct {
			thing  uuid.UUID
			first  func(b *events.Builder)
			second func(b *events.Builder)
			is     func() string
			want   string
		}{
			{g.Key("source", "u"),
				func(b *events.Builder) { b.Source("u").Title("One") },
				func(b *events.Builder) { b.Source("u").Title("Two") },
				func() string { return sourceOf(t, g, "u").Title }, "One"},
			{g.Key("entity", "person", "crm", "7"),
				func(b *events.Builder) { b.Entity(events.Person, "Ben", "crm", "7") },
				func(b *events.Builder) { b.Entity(events.Person, "Benjamin", "crm", "7") },
				func() string { return nameOf(t, g, g.Key("entity", "person", "crm", "7")) }, "Ben"},
		} {
			build(t, g, c.first)
			build(t, g, c.second)
			build(t, g, func(b *events.Builder) { b.Retract(registrationsOf(t, g, c.thing)[1], "misread") })
			for range 2 {
				if n := build(t, g, c.second); n != 0 || c.is() != c.want {
					t.Errorf("%d new events, and it is %q, want %q", n, c.is(), c.want)
				}
			}
		}
		title := func(title string) func(b *events.Builder) {
			return func(b *events.Builder) { b.Source("u").Title(title) }
		}
		for _, said := range []string{"Three", "One", "Three"} {
			build(t, g, title(said))
		}
		all := registrationsOf(t, g, g.Key("source", "u"))
		build(t, g, func(b *events.Builder) { b.Retract(all[len(all)-1], "misread") })
		if n := build(t, g, title("Three")); n != 0 || sourceOf(t, g, "u").Title != "One" {
			t.Errorf("said for the second time and retracted: %d new events, and it is %q", n, sourceOf(t, g, "u").Title)
		}
		keyed := func(b *events.Builder) {
			b.Occasion("review")
			id := g.Key("source", "v")
			b.Add(&events.SourceAdded{Source: events.Source{ID: id, Title: "A"}})
			b.Retract(b.Add(&events.SourceAdded{Source: events.Source{ID: id, Title: "B"}}), "no")
		}
		for i, want := range []int{3, 0, 0} {
			if n := build(t, g, keyed); n != want {
				t.Errorf("run %d with a key: %d new events, want %d", i, n, want)
			}
		}
		back := func(b *events.Builder) {
			b.Occasion("set back")
			a := &events.SourceAdded{Source: events.Source{ID: g.Key("source", "w"), Title: "A"}}
			b.Add(a)
			b.Retract(b.Add(&events.SourceAdded{Source: events.Source{ID: a.Source.ID, Title: "B"}}), "no")
			b.Add(a)
		}
		for i, want := range []int{4, 0, 0} {
			if n := build(t, g, back); n != want {
				t.Errorf("run %d that sets back what it retracts: %d new events, want %d", i, n, want)
			}
		}
	})
}

// redactAll redacts all registrations of a thing.
func redactAll(t *testing.T, g *graph.Graph, thing uuid.UUID) {
	t.Helper()
	build(t, g, func(b *events.Builder) {
		for _, id := range registrationsOf(t, g, thing) {
			b.Redact(id, "by request")
		}
	})
}

// A source and an entity that have been redacted stay so, whatever a program says of them
// that is run every night.
func TestRunAgainAfterRedaction(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		source, ben := g.Key("source", "u"), g.Key("entity", "person", "crm", "7")
		build(t, g, func(b *events.Builder) { b.Source("u").By(b.Person("Ada")).Title("One") })
		build(t, g, func(b *events.Builder) { b.Source("u").Language("en") })
		build(t, g, func(b *events.Builder) {
			b.Add(&events.EntityRegistered{Entity: events.Entity{ID: ben, Kind: events.Person, Name: events.Name{Text: "Ben"}, Note: "a clerk"}})
		})
		redactAll(t, g, source)
		redactAll(t, g, ben)
		erased := func() {
			t.Helper()
			if s, err := g.View(nil).Source(ctx, source); !errors.Is(err, graph.ErrRedacted) {
				t.Errorf("the source is %+v, %v", s, err)
			}
			if e, err := g.View(nil).Registered(ctx, ben); !errors.Is(err, graph.ErrRedacted) {
				t.Errorf("the entity is %+v, %v", e, err)
			}
			if _, err := g.View(nil).Registered(ctx, g.Key(events.EntityKey(events.Placeholder, "author of u")...)); !errors.Is(err, graph.ErrNotInView) {
				t.Errorf("the placeholder for the author: %v", err)
			}
		}
		for _, program := range []func(b *events.Builder){
			func(b *events.Builder) { b.Source("u") },
			func(b *events.Builder) { b.Source("u").By(b.Person("Ada")).Title("Another") },
			func(b *events.Builder) { b.Entity(events.Person, "Ben", "crm", "7") },
			func(b *events.Builder) { b.Entity(events.Person, "Benjamin", "crm", "7"); b.Source("u") },
			func(b *events.Builder) { b.Source("u").Text("They met.") },
		} {
			if n := build(t, g, program); n != 0 {
				t.Errorf("%d new events", n)
			}
			erased()
		}
		if n := build(t, g, func(b *events.Builder) {
			b.Source("u").By(b.Person("Ada")).Text("They met.").Says("resign", b.Entity(events.Person, "Ben", "crm", "7"))
		}); n != 1 {
			t.Errorf("a statement more: %d new events", n)
		}
		erased()
		for _, program := range []func(b *events.Builder){
			func(b *events.Builder) { b.Source("u").Says("stay") },
			func(b *events.Builder) { b.Known(source).Says("stay") },
		} {
			b := g.NewBatch(ctx, "desk")
			program(b)
			if _, err := b.Batch(); !errors.Is(err, events.ErrInvalid) || !strings.Contains(err.Error(), "its registration is redacted; name an author") {
				t.Errorf("nobody is named whose voice it could be: %v", err)
			}
		}
		build(t, g, func(b *events.Builder) {
			b.Add(&events.SourceAdded{Source: events.Source{ID: source, URL: "u", Title: "Public"}})
		})
		if got := sourceOf(t, g, "u").Title; got != "Public" {
			t.Errorf("added anew its title is %q", got)
		}
	})
}

// Of another of a name that has been redacted nothing new is said by that name, which would
// have none, wherever it is said: he has a key of his own. Who is meant by id is the same,
// whatever else the batch calls by the name. A program that is run again says what it said.
func TestAnotherOfRedactedName(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		first := func(b *events.Builder) {
			ada, john := b.Person("Ada"), b.Person("John Smith")
			b.Occasion("first")
			b.Source("u").By(ada).Says("sail", john)
			b.Source("his").By(john).Says("steer").If(b.Claim("blow", john), "")
			b.Name(john, "Jack", "en")
			b.Judge(john, events.Unsure, ada, "")
		}
		build(t, g, first)
		smith := g.Key(events.EntityKey(events.Person, "John Smith")...)
		redactAll(t, g, smith)
		if n := build(t, g, first); n != 0 {
			t.Errorf("the program is run again: %d new events", n)
		}
		for what, program := range map[string]func(b *events.Builder){
			"argument": func(b *events.Builder) { b.Source("u").Says("win", b.Person("John Smith")) },
			"argument before another": func(b *events.Builder) {
				b.Source("u").Says("win", b.Person("John Smith")).Role("with", b.Person("Ada"))
			},
			"role":      func(b *events.Builder) { b.Source("u").Says("win").Role("by", b.Person("John Smith").As("Smith")) },
			"value":     func(b *events.Builder) { b.Source("u").Says("win").Arg("by", events.Ref(b.Person("John Smith").ID)) },
			"condition": func(b *events.Builder) { b.Source("u").Says("win").If(b.Claim("sail", b.Person("John Smith")), "") },
			"nested": func(b *events.Builder) {
				b.Source("u").Says("win").Arg("what", events.Nested(b.Claim("sail", b.Person("John Smith"))))
			},
			"occurrence":    func(b *events.Builder) { b.Source("u").Says("win").Occurrence(b.Person("John Smith")) },
			"voice":         func(b *events.Builder) { b.Source("u").Reports(b.Person("John  Smith"), "win") },
			"with":          func(b *events.Builder) { b.Source("u").Reports(b.Person("Ada"), "win").With(b.Person("John Smith")) },
			"for":           func(b *events.Builder) { b.Source("u").Says("win").For(b.Person("John Smith")) },
			"to":            func(b *events.Builder) { b.Source("u").Says("win").To(b.Person("John Smith")) },
			"desk":          func(b *events.Builder) { b.Infers(b.Person("John Smith"), "win") },
			"known":         func(b *events.Builder) { b.Known(g.Key("source", "u"), b.Person("John Smith")).Says("win") },
			"author":        func(b *events.Builder) { b.Source("v").By(b.Person("John Smith")) },
			"publisher":     func(b *events.Builder) { b.Source("u").Publisher(b.Person("John Smith")) },
			"name":          func(b *events.Builder) { b.Name(b.Person("John Smith"), "Jim", "en") },
			"source's name": func(b *events.Builder) { b.Source("u").Names(b.Person("John Smith"), "Jack", "en") },
			"verdict":       func(b *events.Builder) { b.Judge(b.Person("Ada"), events.Different, b.Person("John Smith"), "") },
			"split":         func(b *events.Builder) { b.Split(b.Person("Ada"), b.Person("John Smith"), "") },
			"and by id": func(b *events.Builder) {
				b.Source("u").Says("win", events.EntityRef{ID: smith}, b.Person("John Smith"))
			},
		} {
			b := g.NewBatch(ctx, "desk")
			program(b)
			_, err := b.Batch()
			want := `: Entity: on record, what was person("John`
			if !errors.Is(err, events.ErrInvalid) || !errors.Is(err, events.ErrRemoved) || !strings.Contains(err.Error(), want) {
				t.Errorf("another of this name, as %s: %v, want %s", what, err, want)
			}
		}
		if n := build(t, g, func(b *events.Builder) {
			b.Source("u").Says("win", b.Entity(events.Person, "John Smith", "John Smith of Hull"))
			b.Person("John Smith")
			b.Source("u").Says("lose", events.EntityRef{ID: smith})
			b.Source("v").By(events.EntityRef{ID: smith}).Says("lose").If(b.Claim("sail", events.EntityRef{ID: smith}), "")
			b.Name(events.EntityRef{ID: smith}, "Jim", "en")
			b.Source("his").By(b.Person("John Smith")).Says("tack") // as it has on record
		}); n != 7 {
			t.Errorf("by key and by id: %d new events, want 7", n)
		}
	})
}

// A program of which nothing is left is run again with success.
func TestRunAgainOfNothing(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		program := func(b *events.Builder) { b.Source("t"); b.Source("u") }
		build(t, g, program)
		for _, url := range []string{"u", "t"} {
			redactAll(t, g, g.Key("source", url))
			for _, all := range []bool{false, true} {
				b := g.NewBatch(ctx, "desk")
				program(b)
				if all {
					if n, err := g.RecordAll(ctx, b.Batches()); n != 0 || err != nil {
						t.Errorf("%d batches: %v", n, err)
					}
					continue
				}
				batch, err := b.Batch()
				if err != nil {
					t.Fatal(err)
				}
				r, err := g.Record(ctx, batch)
				if err != nil || r.New != 0 || r.Position == 0 {
					t.Errorf("%v, %v", r, err)
				}
			}
		}
		b := g.NewBatch(ctx, "desk")
		if _, err := b.Batch(); err == nil {
			t.Error("a builder that has been told nothing")
		}
	})
}

// Of two registrations of one thing in a program the last counts, each time it is run.
func TestRegisteredTwice(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		ada := g.Key(events.EntityKey(events.Person, "Ada")...)
		as := func(name string) *events.EntityRegistered {
			return &events.EntityRegistered{Entity: events.Entity{ID: ada, Kind: events.Person, Name: events.Name{Text: name}}}
		}
		for i := range 4 {
			build(t, g, func(b *events.Builder) { b.Add(as("First")); b.Add(as("Then")) })
			if got := nameOf(t, g, ada); got != "Then" {
				t.Errorf("run %d: the name is %q", i, got)
			}
		}
		for i := range 3 {
			build(t, g, func(b *events.Builder) { b.Add(as("Last")); b.Add(as("Then")); b.Add(as("Last")) })
			if got := nameOf(t, g, ada); got != "Last" {
				t.Errorf("run %d: set back in the same batch the name is %q", i, got)
			}
		}
		for i := range 2 {
			build(t, g, func(b *events.Builder) { b.Add(as("Ada Brandt")); b.Person("Ada") })
			if got := nameOf(t, g, ada); got != "Ada Brandt" {
				t.Errorf("run %d: mentioned after it was registered the name is %q", i, got)
			}
		}
	})
}

// A source that is said to be one thing by its handle and another by Add is a mistake.
func TestSourceSaidTwice(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		body := func(title string) *events.SourceAdded {
			return &events.SourceAdded{Source: events.Source{ID: g.Key("source", "u"), URL: "u", Title: title}}
		}
		for name, program := range map[string]func(b *events.Builder){
			"Add last":  func(b *events.Builder) { b.Source("u").Title("First"); b.Add(body("Then")) },
			"Add first": func(b *events.Builder) { b.Add(body("Then")); b.Source("u").Title("First") },
		} {
			b := g.NewBatch(ctx, "desk")
			program(b)
			for range 2 {
				if _, err := b.Batch(); !errors.Is(err, events.ErrInvalid) || strings.Count(err.Error(), "Add registers it otherwise") != 1 {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
		same := func(b *events.Builder) { b.Source("u").Title("First"); b.Add(body("First")) }
		mentioned := func(b *events.Builder) { b.Add(body("Then")); b.Source("u").By(); b.Source("u") }
		for i, c := range []struct {
			program func(b *events.Builder)
			want    int
		}{{same, 1}, {same, 0}, {mentioned, 1}, {mentioned, 0}} {
			if n := build(t, g, c.program); n != c.want {
				t.Errorf("program %d: %d new events, want %d", i, n, c.want)
			}
		}
		if got, want := sourceOf(t, g, "u"), body("Then").Source; !reflect.DeepEqual(got, want) {
			t.Errorf("the source is %+v", got)
		}
		if n := build(t, g, func(b *events.Builder) { b.Source("u"); b.Add(body("Emptied")) }); n != 1 || sourceOf(t, g, "u").Title != "Emptied" {
			t.Error("a source that is mentioned cannot be revised by Add")
		}
	})
}

// A declaration that has been revised on record does not come back; rows that are there
// stay, and what it cannot say any more is named.
func TestDeclaredOtherwiseSince(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		roles := func(names ...string) events.Predicate {
			p := events.Predicate{Name: "pay"}
			for _, n := range names {
				p.Roles = append(p.Roles, events.Role{Name: n})
			}
			return p
		}
		program := func(rows ...string) func(b *events.Builder) {
			return func(b *events.Builder) {
				b.Declare(roles("a", "b"))
				for _, row := range rows {
					b.Source("u").By(b.Person("Ada")).Says("pay", b.Person("Ada"), b.Person(row))
				}
			}
		}
		build(t, g, program("Ben"))
		build(t, g, func(b *events.Builder) { b.Declare(roles("boss", "worker")) })
		if n := build(t, g, program("Ben")); n != 0 {
			t.Errorf("rows that are on record: %d new events", n)
		}
		b := g.NewBatch(ctx, "desk")
		program("Ben", "Eve")(b)
		_, err := b.Batch()
		if want := `events: statement 1 ("pay"): Statement.Claim.Args[0].Role "a": is not a role of "pay", which the record declares otherwise since, want "boss" (one of boss, worker)`; err == nil || err.Error() != want {
			t.Errorf("\n got %v\nwant %s", err, want)
		}
		b = g.NewBatch(ctx, "desk")
		for _, p := range []events.Predicate{roles("c", "d"), roles("e", "f"), roles("c", "d")} {
			b.Declare(p)
		}
		b.Source("u").Says("pay", b.Person("Ada"), b.Person("Eve"))
		_, err = b.Batch()
		if want := `events: statement 0 ("pay"): Statement.Claim.Args[0].Role "c": is not a role of "pay", which this batch declares otherwise since, want "e" (one of e, f)`; err == nil || err.Error() != want {
			t.Errorf("\n got %v\nwant %s", err, want)
		}
		build(t, g, func(b *events.Builder) { b.Declare(roles("b", "a", "c")) })
		if n := build(t, g, program("Ben", "Eve")); n != 2 {
			t.Errorf("with roles that are there: %d new events", n)
		}
	})
}

// An entity with a name beside a key is renamed by a program that is run again, one that is
// left to the record where it is there is not.
func TestNameBesideKey(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		id := g.Key("entity", events.Group.String(), "icews", "7")
		named := func(b *events.Builder) { b.Entity(events.Group, "Jon Kerry", "icews", "7") }
		unlessKnown := func(b *events.Builder) {
			who := events.EntityRef{ID: id}
			if g.View(nil).Kind(id) == 0 {
				who = b.Entity(events.Group, "Jon Kerry", "icews", "7")
			}
			b.Source("u").By(b.Person("Ada")).Says("meet", who)
		}
		for _, step := range []struct {
			program func(b *events.Builder)
			want    string
		}{
			{unlessKnown, "Jon Kerry"},
			{func(b *events.Builder) { b.Rename(events.EntityRef{ID: id}, "John Kerry") }, "John Kerry"},
			{unlessKnown, "John Kerry"},
			{named, "Jon Kerry"},
		} {
			build(t, g, step.program)
			if e, err := g.View(nil).Entity(ctx, id); err != nil || e.Name.Text != step.want {
				t.Fatalf("it is %v, %v, want %s", e, err, step.want)
			}
		}
	})
}
