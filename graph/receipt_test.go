package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// paying declares a predicate with a role for who pays.
func paying(role string) *events.VocabularyDeclared {
	return &events.VocabularyDeclared{Predicates: []events.Predicate{{Name: "pay", Roles: []events.Role{{Name: role}}}}}
}

func grades(values ...string) *events.VocabularyDeclared {
	return &events.VocabularyDeclared{Schemes: []events.Scheme{{Name: "grade", Values: values}}}
}

// The receipt that comes with an error says that nothing is recorded.
func TestReceiptOfNothing(t *testing.T) {
	if s := (graph.Receipt{}).String(); s != "nothing recorded" {
		t.Error(s)
	}
}

// A receipt has what a batch makes stand again, in the order of the record: what was
// replaced, or had been retracted; not what it only has read otherwise, nor what it takes back
// itself or records for the first time.
func TestRestored(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		says := func(what string, want []uuid.UUID, program func(b *events.Builder)) {
			t.Helper()
			b := g.NewBatch(ctx, "desk")
			program(b)
			r := record(t, g, b)
			if !slices.Equal(r.Restored, want) {
				t.Errorf("%s: restored %v, want %v", what, r.Restored, want)
			}
			if told := strings.Contains(r.String(), fmt.Sprintf("; standing again because of it: %d", len(want))); told != (len(want) > 0) {
				t.Errorf("%s: the receipt is %v", what, r)
			}
		}
		var said [4]uuid.UUID
		var cut, gone uuid.UUID
		says("first", nil, func(b *events.Builder) {
			page := b.Source("u")
			said[0] = page.Says("sit", b.Person("Ada")).ID()
			said[1] = page.Says("sit", b.Person("Ben")).ID()
		})
		says("replaced", nil, func(b *events.Builder) {
			said[2] = b.Source("u").Says("stand", b.Person("Ada")).Replaces(said[0]).ID()
			said[3] = b.Source("u").Says("stand", b.Person("Ben")).Replaces(said[1]).ID()
		})
		says("one retracted", said[:1], func(b *events.Builder) { b.Retract(said[2], "") })
		says("the other, with what it replaced", nil, func(b *events.Builder) {
			b.Retract(said[3], "")
			b.Retract(said[1], "")
		})
		says("with its source", nil, func(b *events.Builder) {
			gone = b.Cascade(g.View(nil).Registrations(g.Key("source", "u"))[0], "")
		})
		says("and back", []uuid.UUID{g.View(&graph.Lens{AsOf: 1}).Registrations(g.Key("source", "u"))[0], said[0]}, func(b *events.Builder) {
			b.Retract(gone, "")
		})
		says("split", nil, func(b *events.Builder) {
			cut = b.Add(&events.EntitySplit{Entity: b.Person("Ada").ID, Parts: []events.SplitPart{
				{Entity: b.Person("Eve").ID, Mentions: []events.Mention{{Statement: said[0]}}},
			}})
		})
		says("joined again", nil, func(b *events.Builder) { b.Retract(cut, "") })
		says("said anew", nil, func(b *events.Builder) { b.Source("u").Says("go", b.Person("Eve")) })
	})
}

// What a program declares whenever it is run does not undo what somebody has declared
// since, and the receipt says so as long as that is otherwise.
func TestDeclaredAgain(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		var declared, scheme, other uuid.UUID
		program := func(b *events.Builder) {
			declared = b.Declare(paying("boss").Predicates...)[0]
			scheme = b.DeclareScheme(grades("a", "b").Schemes[0])
			other = b.Declare(events.Predicate{Name: "see"})[0]
		}
		says := func(what, role string, want ...uuid.UUID) {
			t.Helper()
			b := g.NewBatch(ctx, "program")
			program(b)
			r := record(t, g, b)
			if r.New != 0 || !slices.Equal(r.Revised, want) || r.Gone != nil {
				t.Errorf("%s: %v, revised %v, want %v", what, r, r.Revised, want)
			}
			if told := strings.Contains(r.String(), "; on record already, but revised since: "); told != (len(want) > 0) {
				t.Errorf("%s: the receipt is %v", what, r)
			}
			if p, ok, err := g.View(nil).Predicate(ctx, "pay"); err != nil || !ok || p.Roles[0].Name != role {
				t.Errorf("%s: the predicate is %+v, %v, %v", what, p, ok, err)
			}
		}
		build(t, g, program)
		says("again", "boss")
		build(t, g, func(b *events.Builder) {
			b.Add(grades("a", "b"))
			b.Declare(events.Predicate{Name: "see"}, events.Predicate{Name: "hear"})
		})
		says("when somebody has declared the same", "boss")
		build(t, g, func(b *events.Builder) { b.Declare(paying("payer").Predicates...) })
		says("when the predicate is revised", "payer", declared)
		build(t, g, func(b *events.Builder) { b.DeclareScheme(grades("a").Schemes[0]) })
		says("and the scheme", "payer", declared, scheme)
		build(t, g, func(b *events.Builder) {
			b.Add(&events.VocabularyDeclared{Predicates: []events.Predicate{{Name: "see", Symmetric: true}}})
		})
		says("and another predicate", "payer", declared, scheme, other)
		b := g.NewBatch(ctx, "program")
		program(b)
		b.Add(paying("boss"))
		b.Add(&events.VocabularyDeclared{Predicates: []events.Predicate{{Name: "see"}}})
		if r := record(t, g, b); r.New != 2 || !slices.Equal(r.Revised, []uuid.UUID{scheme}) {
			t.Errorf("set back in the same batch: %v, revised %v, want %v", r, r.Revised, scheme)
		}
		says("when they are set back", "boss", scheme)
	})
}

// A program that declares more than it did before leaves what somebody has declared since,
// wherever the new predicate stands in its list.
func TestDeclaredMore(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		see, pay, hear := events.Predicate{Name: "see"}, paying("boss").Predicates[0], events.Predicate{Name: "hear"}
		build(t, g, func(b *events.Builder) { b.Declare(pay) })
		build(t, g, func(b *events.Builder) { b.Declare(paying("payer").Predicates...) })
		b := g.NewBatch(ctx, "program")
		ids := b.Declare(see, pay, hear)
		if r := record(t, g, b); len(ids) != 3 || r.New != 2 || !slices.Equal(r.Revised, ids[1:2]) {
			t.Errorf("%v, revised %v, want the second of %v", r, r.Revised, ids)
		}
		for i, name := range []string{"see", "pay", "hear"} {
			p, ok, err := g.View(nil).Predicate(ctx, name)
			if err != nil || !ok || (name == "pay" && p.Roles[0].Name != "payer") {
				t.Errorf("the predicate is %+v, %v, %v", p, ok, err)
			}
			if e, err := g.View(nil).Event(ctx, ids[i]); err != nil || e.Body.(*events.VocabularyDeclared).Predicates[0].Name != name {
				t.Errorf("%s: event %+v, %v", name, e, err)
			}
		}
	})
}

// What is declared by Add takes effect, as often as it is set back; said again, it is not
// recorded again, and its roles are those of the statements behind it.
func TestDeclaredToAndFro(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		for i, role := range []string{"boss", "payer", "boss", "payer", "boss"} {
			for n, want := range []int{1, 0} {
				b := g.NewBatch(ctx, "admin")
				b.Add(paying(role))
				r := record(t, g, b)
				if r.New != want || r.Revised != nil {
					t.Errorf("round %d, time %d: %v, want %d new", i, n, r, want)
				}
				if p, _, err := g.View(nil).Predicate(ctx, "pay"); err != nil || p.Roles[0].Name != role {
					t.Errorf("round %d: the predicate is %+v, %v", i, p, err)
				}
			}
			if n := build(t, g, func(b *events.Builder) { b.Add(grades(role)); b.Add(grades(role)) }); n != 1 {
				t.Errorf("round %d: %d new declarations of the scheme", i, n)
			}
			build(t, g, func(b *events.Builder) { // or the statement is refused
				b.Declare(paying("boss").Predicates...)
				b.Add(paying("owner"))
				b.Source("u").Says("pay", b.Person(role))
			})
		}
		b := g.NewBatch(ctx, "admin")
		gone := b.Add(paying("nobody"))
		record(t, g, b)
		build(t, g, func(b *events.Builder) { b.Retract(gone, "by mistake") })
		b = g.NewBatch(ctx, "admin")
		b.Add(paying("nobody"))
		if r := record(t, g, b); r.New != 0 || !slices.Equal(r.Gone, []uuid.UUID{gone}) {
			t.Errorf("what was retracted: %v", r)
		}
	})
}

// Who does not know the record and says again of a source or an entity what has been
// revised since is told that it has no effect, also if it has been set back meanwhile. Who
// knows the record is not: what he says holds.
func TestRegisteredAgain(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		said := func(b *events.Builder, title, name string) *events.Builder {
			b.Source("u").Title(title).Language("en")
			b.Entity(events.Person, name, "crm", "7")
			return b
		}
		batch, err := said(g.NewBatch(ctx, "program"), "One", "Ben").Batch()
		if err != nil {
			t.Fatal(err)
		}
		ids := []uuid.UUID{batch.Events[0].ID, batch.Events[1].ID}
		again := func(what string, revised ...uuid.UUID) {
			t.Helper()
			if r, err := g.Record(ctx, &events.Batch{Recorder: "program", Events: batch.Events}); err != nil || r.New != 0 || !slices.Equal(r.Revised, revised) {
				t.Errorf("%s: %v, revised %v, %v, want %v", what, r, r.Revised, err, revised)
			}
		}
		first, err := g.Record(ctx, batch)
		if err != nil {
			t.Fatal(err)
		}
		again("again")
		record(t, g, said(g.NewBatch(ctx, "colleague"), "Two", "Benny"))
		again("revised", ids...)
		for n := range 3 { // sets it back, and repeats that
			r := record(t, g, said(g.NewBatch(ctx, "program"), "One", "Ben"))
			if (r.New == 2) != (n == 0) || r.Revised != nil || r.Position < first.Position {
				t.Errorf("set back, time %d: %v, revised %v", n, r, r.Revised)
			}
		}
		again("set back by other events", ids...)
		now := slices.Clone(batch.Events)
		now[0].ID, now[1].ID = uuid.Nil, uuid.Nil
		b := events.NewBatch("admin")
		r, err := g.Record(ctx, &events.Batch{Recorder: "program", Events: append(slices.Clone(batch.Events), now...)})
		if err != nil || r.New != 2 || r.Revised != nil {
			t.Errorf("beside the batch's own: %v, revised %v, %v", r, r.Revised, err)
		}
		for c := range g.View(nil).Changes(0) {
			if c.Stands && c.Event != ids[0] && c.Event != ids[1] {
				b.Retract(c.Event, "by mistake")
			}
		}
		record(t, g, b)
		again("what had revised it is retracted")
	})
}
