package gizmo_test

import (
	"context"
	"fmt"
	"log"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query/gizmo"
)

// Who says what of Witkoff, and how surely? Before his visit to Moscow, and after.
func Example() {
	ctx := context.Background()
	g, err := graph.Open(ctx, events.NewMem(), nil)
	if err != nil {
		log.Fatal(err)
	}
	defer g.Close()
	record := func(b *events.Builder) {
		batch, err := b.Batch()
		if err != nil {
			log.Fatal(err)
		}
		if _, err := g.Record(ctx, batch); err != nil {
			log.Fatal(err)
		}
	}

	b := events.NewBatch("desk")
	trump, peskov, witkoff := b.Person("Donald Trump"), b.Person("Dmitry Peskov"), b.Person("Steve Witkoff")
	before := b.Source("https://example.org/4-august").By(b.Person("A. Reporter")).Published("2025-08-04")
	before.Reports(trump, "travel", witkoff, b.Place("Moscow")).Stance("PS+").On("[2025-08-06,2025-08-07]")
	before.Reports(peskov, "meet", witkoff, b.Person("Vladimir Putin")).Stance("PS+")
	record(b)

	b = events.NewBatch("desk")
	after := b.Source("https://example.org/7-august").By(b.Person("B. Reporter")).Published("2025-08-07")
	after.Reports(b.Person("Yuri Ushakov"), "meet", witkoff, b.Person("Vladimir Putin")).On("2025-08-06")
	record(b)

	const query = `
		g.V("Steve Witkoff").in("<onrecord:entity/name>").in("<onrecord:role/subject>").
			save("<onrecord:statement/predicate>", "what").
			save("<onrecord:statement/stance>", "stance").
			out("<onrecord:statement/speaker>").out("<onrecord:entity/name>").all()`
	for _, view := range []graph.View{g.View(nil).AsOf(1), g.View(nil)} {
		fmt.Println("as of batch", view.Position())
		for r, err := range gizmo.Run(ctx, view, query, nil) {
			if err != nil {
				log.Fatal(err)
			}
			fmt.Println("-", r.Tags["id"].Native(), r.Tags["what"], r.Tags["stance"])
		}
	}
	// Output:
	// as of batch 1
	// - Donald Trump <onrecord:travel> <onrecord:stance/PS+>
	// - Dmitry Peskov <onrecord:meet> <onrecord:stance/PS+>
	// as of batch 2
	// - Donald Trump <onrecord:travel> <onrecord:stance/PS+>
	// - Dmitry Peskov <onrecord:meet> <onrecord:stance/PS+>
	// - Yuri Ushakov <onrecord:meet> <onrecord:stance/CT+>
}
