package graph_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// payment is a predicate that is declared as narrowly as one can.
func payment() events.Predicate {
	return events.Predicate{Name: "pay", Roles: []events.Role{
		{Name: "payer", Entities: []events.EntityKind{events.Person, events.Organisation}},
		{Name: "payee"},
		{Name: "amount", Values: []events.ValueKind{events.NumberValue}},
	}}
}

// says is a row of a table about payments.
func says(b *events.Builder, n int, payer events.EntityRef) *events.StatementRef {
	return b.Source("t").By(b.Person("Eve")).Says("pay", payer, b.Person("Ben")).Locator(fmt.Sprint(n))
}

// The rows of a table that break what is declared, each in its own way, and what the builder says
// of them; "" of those that break nothing.
var declaredRows = []struct {
	row  func(b *events.Builder, n int)
	want string
}{
	{func(b *events.Builder, n int) { says(b, n, b.Person("Ada")).Arg("amount", events.Number("1", "EUR")) }, ""},
	{func(b *events.Builder, n int) { says(b, n, b.Place("Berlin")) }, // registered by the row
		`statement 1 ("pay"): Statement.Claim.Args[0].Value.ID PLACE: place("Berlin") is of kind place, which does not fill the role "payer" of "pay", want person or organisation`},
	{func(b *events.Builder, n int) { says(b, n, b.Person("Ada")).Arg("amount", events.Text("much", "en")) },
		`statement 2 ("pay"): Statement.Claim.Args[2].Value.Kind text: does not fill the role "amount" of "pay", want number`},
	{func(b *events.Builder, n int) { says(b, n, events.EntityRef{ID: b.Placeholder("somebody").ID}) }, ""},
	{func(b *events.Builder, n int) { says(b, n, b.Person("Ada")).Arg("sum", events.Number("1", "EUR")) },
		`statement 4 ("pay"): Statement.Claim.Args[2].Role "sum": is not a role of "pay", want "payer" (one of payer, payee, amount)`},
	{func(b *events.Builder, n int) { says(b, n, b.Place("Rome")) }, // on record
		`statement 5 ("pay"): Statement.Claim.Args[0].Value.ID ROME: place("Rome") is of kind place, which does not fill the role "payer" of "pay", want person or organisation`},
	{func(b *events.Builder, n int) { says(b, n, b.Person("Ada")).Arg("amount", events.Unknown()) }, ""},
	{func(b *events.Builder, n int) {
		b.Source("t").By(b.Person("Eve")).Says("hear", b.Person("Ada")).Locator(fmt.Sprint(n)).
			If(b.Claim("pay", b.Place("Rome")), "if so")
	}, `statement 7 ("hear"): Statement.Claim.If[0].Claim.Args[0].Value.ID ROME: place("Rome") is of kind place, which does not fill the role "payer" of "pay", want person or organisation`},
	{func(b *events.Builder, n int) { says(b, n, b.Person("Ada")).On("soon") }, `statement 8 ("pay"): On "soon": is no date`},
	{func(b *events.Builder, n int) { says(b, n, b.Person("Ada")).Assess("admiralty", "B7", "") },
		`: Value "B7": is not a value of the scheme "admiralty", want "B"`},
}

// declaredTable begins a record in which payments are declared, and a place is.
func declaredTable(t *testing.T, g *graph.Graph) (named func(string) string) {
	build(t, g, func(b *events.Builder) {
		b.Declare(payment())
		b.DeclareScheme(events.Admiralty())
		b.Place("Rome")
	})
	return strings.NewReplacer("PLACE", g.Key(events.EntityKey(events.Place, "Berlin")...).String(), "ROME", g.Key(events.EntityKey(events.Place, "Rome")...).String()).Replace
}

// What is declared on record is looked at when a batch is built, for all rows at once.
func TestDeclaredInBatch(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		named := declaredTable(t, g)
		b, wrong := g.NewBatch(ctx, "import"), 0
		for n, r := range declaredRows {
			if r.row(b, n); r.want != "" {
				wrong++
			}
		}
		_, err := b.Batch()
		if many, ok := err.(interface{ Unwrap() []error }); !ok || len(many.Unwrap()) != wrong || !errors.Is(err, events.ErrInvalid) {
			t.Fatalf("want %d mistakes, got %v", wrong, err)
		}
		for n, r := range declaredRows {
			if !strings.Contains(err.Error(), named(r.want)) {
				t.Errorf("row %d: want %s in\n%v", n, named(r.want), err)
			}
		}
		for _, other := range b.Batches() {
			if other == nil || other.Error() != err.Error() {
				t.Errorf("Batches tells\n%v\nwant\n%v", other, err)
			}
		}
	})
}

// A table some of whose rows break what is declared is recorded but for these.
func TestDeclaredRowByRow(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		declaredTable(t, g)
		var wrong, want []int
		rows := func(yield func(*events.Batch, error) bool) {
			for n, r := range declaredRows {
				b := g.NewBatch(ctx, "import")
				r.row(b, n)
				if r.want != "" {
					want = append(want, n)
				}
				batch, err := b.Batch()
				if errors.Is(err, events.ErrInvalid) {
					wrong = append(wrong, n)
				} else if !yield(batch, err) {
					return
				}
			}
		}
		n, err := g.RecordAll(ctx, rows)
		if err != nil || n != len(declaredRows)-len(want) || fmt.Sprint(wrong) != fmt.Sprint(want) {
			t.Errorf("%d batches, the rows %v are wrong, %v; want the rows %v", n, wrong, err, want)
		}
	})
}

// The builder holds no more against what is new than recording does, whatever the batch declares,
// registers and retracts itself, and nothing against what is on record.
func TestDeclaredAsRecorded(t *testing.T) {
	loose := payment()
	loose.Roles[0].Entities = nil
	for name, program := range map[string]func(g *graph.Graph, b *events.Builder){
		"the batch declares it otherwise": func(g *graph.Graph, b *events.Builder) {
			b.Declare(loose)
			says(b, 0, b.Place("Rome"))
		},
		"and again": func(g *graph.Graph, b *events.Builder) {
			b.Add(&events.VocabularyDeclared{Predicates: []events.Predicate{payment(), {Name: "other"}}})
			b.Add(&events.VocabularyDeclared{Predicates: []events.Predicate{loose}})
			says(b, 0, b.Place("Rome"))
		},
		"the batch registers it as another kind": func(g *graph.Graph, b *events.Builder) {
			rome := b.Place("Rome")
			b.Add(&events.EntityRegistered{Entity: events.Entity{ID: rome.ID, Kind: events.Organisation, Name: events.Name{Text: "Rome"}}})
			says(b, 0, rome)
		},
		"the scheme is retracted before": func(g *graph.Graph, b *events.Builder) {
			for e, err := range g.View(nil).Events(ctx, 0) {
				if d, ok := e.Body.(*events.VocabularyDeclared); err == nil && ok && len(d.Schemes) > 0 {
					b.Retract(e.ID, "")
				}
			}
			says(b, 0, b.Person("Ada")).Assess("admiralty", "very", "")
		},
		"on record since before it was declared": func(g *graph.Graph, b *events.Builder) { says(b, 1, b.Place("Rome")) },
		"the value is of the batch's scheme": func(g *graph.Graph, b *events.Builder) {
			b.DeclareScheme(events.Scheme{Name: "own", Values: []string{"x"}})
			b.Source("t").Assess("own", "x", "")
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachRecord(t, func(t *testing.T, g *graph.Graph) {
				build(t, g, func(b *events.Builder) {
					b.Declare(events.Predicate{Name: "pay"})
					b.Add(&events.VocabularyDeclared{Predicates: []events.Predicate{{Name: "pay", Roles: []events.Role{{Name: "payer"}, {Name: "payee"}}}}})
					says(b, 1, b.Place("Rome"))
				})
				declaredTable(t, g)
				b := g.NewBatch(ctx, "desk")
				program(g, b)
				batch, err := b.Batch()
				if err == nil {
					_, err = g.Record(ctx, batch)
				}
				if err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// What somebody declares between building and recording is found by recording.
func TestDeclaredMeanwhile(t *testing.T) {
	g := open(t, events.NewMem())
	b := g.NewBatch(ctx, "desk")
	b.Source("t").Says("pay").Arg("payer", events.Ref(b.Place("Rome").ID)).Arg("payee", events.Ref(b.Place("Bonn").ID))
	batch, err := b.Batch()
	if err != nil {
		t.Fatal(err)
	}
	build(t, g, func(b *events.Builder) { b.Declare(payment()) })
	if _, err := g.Record(ctx, batch); !errors.Is(err, events.ErrInvalid) || !strings.Contains(err.Error(), "does not fill the role") {
		t.Errorf("recorded with %v", err)
	}
}

// All entities of a symmetric predicate fill its first role; a role that says of which kinds they
// are refuses one that belongs in another, and takes it there.
func TestSymmetricRoles(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		build(t, g, func(b *events.Builder) {
			b.Declare(events.Predicate{Name: "meet", Symmetric: true, Roles: []events.Role{
				{Name: "participant", Entities: []events.EntityKind{events.Person}}, {Name: "place"}}})
		})
		b := g.NewBatch(ctx, "desk")
		ada, cy, rome := b.Person("Ada"), b.Person("Cy"), b.Place("Rome")
		b.Source("t").By(ada).Says("meet", ada, cy, rome)
		_, err := b.Batch()
		if want := `place("Rome") is of kind place, which does not fill the role "participant" of "meet", want person`; err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
		build(t, g, func(b *events.Builder) {
			ada := b.Person("Ada")
			b.Source("t").By(ada).Says("meet", ada, b.Person("Cy")).Role("place", b.Place("Rome"))
		})
	})
}
