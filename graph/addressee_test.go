package graph_test

import (
	"fmt"
	"log"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// Whom a voice speaks to is found by a list of its own: not who speaks, whom it speaks for,
// or whom the claim is about, and under all identities of the view.
func TestAddressee(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		names := map[uuid.UUID]string{}
		var council, board, mayor, paper uuid.UUID
		build(t, g, func(b *events.Builder) {
			council, board, paper = b.Organisation("The council").ID, b.Organisation("The board").ID, b.Organisation("The paper").ID
			mayor = b.Person("Ada Brandt").ID
			page := b.Source("u").By(b.Organisation("The paper"))
			names[page.Reports(b.Person("Ada Brandt"), "promise", b.Place("the bridge")).To(b.Organisation("The council"), b.Person("Tom Vale")).ID()] = "origin"
			names[page.Reports(b.Person("Tom Vale"), "close", b.Place("the bridge")).Via(b.Person("Ada Brandt")).To(b.Organisation("The board")).ID()] = "reports"
			names[page.Reports(b.Person("Tom Vale"), "open", b.Organisation("The council")).For(b.Organisation("The council")).ID()] = "origin for"
			names[page.Reports(b.Person("Tom Vale"), "sell", b.Place("the bridge")).Via(b.Person("Ada Brandt")).For(b.Organisation("The council")).ID()] = "reports for"
		})
		shows := func(want string, p graph.Pattern) {
			t.Helper()
			got, v := "", g.View(nil)
			for s := range v.Statements(p) {
				got += names[s.ID()] + ", "
				if !s.Matches(p) {
					t.Errorf("%+v names %q, which does not match it", p, names[s.ID()])
				}
			}
			if got != want {
				t.Errorf("%+v: %q, want %q", p, got, want)
			}
		}
		shows("origin, ", graph.Pattern{Addressee: council})
		shows("reports, ", graph.Pattern{Addressee: board})
		shows("", graph.Pattern{Addressee: mayor})
		shows("", graph.Pattern{Addressee: paper})
		shows("", graph.Pattern{Addressee: uuid.Max})
		shows("origin, ", graph.Pattern{Origin: mayor, Addressee: council})
		shows("", graph.Pattern{Origin: mayor, Addressee: board})
		shows("reports, ", graph.Pattern{Voice: mayor, Addressee: board})
		if n := g.View(nil).Extent(graph.Pattern{Addressee: council}); n != 1 {
			t.Errorf("what was said to the council is looked for among %d statements, want 1", n)
		}
		before := g.View(nil).Position()
		build(t, g, func(b *events.Builder) {
			b.Judge(b.Organisation("The council"), events.Same, b.Organisation("The board"), "")
		})
		shows("origin, reports, ", graph.Pattern{Addressee: council})
		if !g.View(nil).Touched(graph.Pattern{Addressee: board}, before) {
			t.Error("a verdict on who is spoken to touches nothing")
		}
	})
}

// Who said what to whom: whom somebody speaks to belongs to the voice, as who speaks does.
func ExamplePattern_addressee() {
	g := newGraph()
	defer g.Close()
	b := g.NewBatch(ctx, "desk")
	mayor, driver, council := b.Person("Ada Brandt"), b.Person("Rolf Sand"), b.Organisation("The council")
	gazette := b.Source("https://gazette.example/12").By(b.Person("Ann Reporter"))
	gazette.Quotes(mayor, "I have never met the man", "meet", mayor, b.Person("Tom Vale")).Stance("CT-").To(council)
	gazette.Quotes(mayor, "Keep them talking", "delay", council).To(driver)
	must(g, b)

	v := g.View(nil)
	for _, to := range []events.EntityRef{council, driver} {
		for s := range v.Statements(graph.Pattern{Origin: mayor.ID, Addressee: to.ID}) {
			r, err := s.Load(ctx)
			if err != nil {
				log.Fatal(err)
			}
			name, err := v.Entity(ctx, to.ID)
			if err != nil {
				log.Fatal(err)
			}
			fmt.Printf("to %s: %q\n", name.Name.Text, r.Selector.Exact)
		}
	}
	// Output:
	// to The council: "I have never met the man"
	// to Rolf Sand: "Keep them talking"
}
