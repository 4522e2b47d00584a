// Command first records what two people said about one meeting, and shows it as
// it was known before and after the second one spoke.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

func main() {
	ctx := context.Background()
	g := must(graph.Open(ctx, events.NewMem(), nil))
	defer g.Close()

	b := g.NewBatch(ctx, "desk")
	b.Declare(events.Predicate{Name: "meet", Symmetric: true}) // that he met her is that she met him
	mayor, owner, driver := b.Person("Ada Brandt"), b.Person("Tom Vale"), b.Person("Rolf Sand")
	b.Source("https://gazette.example/12").Published("2025-03-12").
		Quotes(mayor, "I have never met the man", "meet", mayor, owner.As("the man")).Stance("CT-")
	before := must(g.Record(ctx, must(b.Batch()))).Position

	b = g.NewBatch(ctx, "desk") // each batch has a builder of its own
	b.Source("https://herald.example/7").Published("2025-03-14").
		Quotes(driver, "I think I drove them both to the harbour", "meet", owner, mayor).
		Stance("PR+").On("[2025-02-11,2025-02-12]")
	after := must(g.Record(ctx, must(b.Batch()))).Position

	met := graph.Pattern{Predicate: "meet", Entity: owner.ID}
	for _, p := range []events.Position{before, after} {
		view := g.View(nil).AsOf(p)
		fmt.Printf("As of batch %d:\n", p)
		for s, err := range query.Statements(ctx, view, met) {
			fmt.Println(" ", must(query.Line(ctx, view, &must(s, err).Statement)))
		}
		for o, err := range query.Oppositions(ctx, view, met) {
			day := must(o, err).Affirmation.Claim.When.Time
			fmt.Printf("  One affirms what the other denies: that they met on one of %v.\n", day)
		}
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}
