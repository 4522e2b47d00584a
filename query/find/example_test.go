package find_test

import (
	"context"
	"fmt"
	"log"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query/find"
)

// press returns a record of what was reported about a visit, in two batches.
func press() (g *graph.Graph, first events.Position) {
	ctx := context.Background()
	g, err := graph.Open(ctx, events.NewMem(), nil)
	if err != nil {
		log.Fatal(err)
	}
	b := g.NewBatch(ctx, "desk")
	envoy, mayor := b.Person("Steve Witkoff"), b.Person("Ада Бойко")
	b.Source("https://gazette.example/1").By(b.Organisation("The Gazette")).Title("An envoy in town").
		Quotes(mayor, "We have prepared the old harbour for the envoy", "prepare", mayor, envoy.As("the envoy"))
	b.Source("https://visti.example/7").By(b.Organisation("Вісті")).Title("Посланець у місті").
		Quotes(mayor, "Ми приготували старий порт", "prepare", mayor).Gloss("She says that the port is ready.")
	first = add(g, b)

	b = g.NewBatch(ctx, "desk")
	b.Source("https://ribao.example/3").By(b.Organisation("日报")).Title("特使访问港口").
		Quotes(envoy, "港口很美", "praise", envoy).Gloss("The envoy praises the harbour.")
	add(g, b)
	return g, first
}

func add(g *graph.Graph, b *events.Builder) events.Position {
	batch, err := b.Batch()
	if err != nil {
		log.Fatal(err)
	}
	receipt, err := g.Record(context.Background(), batch)
	if err != nil {
		log.Fatal(err)
	}
	return receipt.Position
}

func ExampleIndex_Statements() {
	ctx := context.Background()
	g, first := press()
	defer g.Close()
	x, err := find.Open(ctx, g, "") // in memory
	if err != nil {
		log.Fatal(err)
	}
	defer x.Close()

	for _, text := range []string{"envoy harbour", `"старий порт"`, "港"} {
		for _, p := range []events.Position{first, g.View(nil).Position()} {
			fmt.Printf("%s, as of %d:\n", text, p)
			for hit, err := range x.Statements(ctx, g.View(nil).AsOf(p), text, nil) {
				if err != nil {
					log.Fatal(err)
				}
				fmt.Println(" ", hit.Field, hit.Snippet.Mark("[", "]"))
			}
		}
	}
	// Output:
	// envoy harbour, as of 1:
	//   exact We have prepared the old [harbour] for the [envoy]
	// envoy harbour, as of 2:
	//   exact We have prepared the old [harbour] for the [envoy]
	//   gloss The [envoy] praises the [harbour].
	// "старий порт", as of 1:
	//   exact Ми приготували [старий порт]
	// "старий порт", as of 2:
	//   exact Ми приготували [старий порт]
	// 港, as of 1:
	// 港, as of 2:
	//   exact [港]口很美
}

func ExampleIndex_Entities() {
	ctx := context.Background()
	g, _ := press()
	defer g.Close()
	x, err := find.Open(ctx, g, "")
	if err != nil {
		log.Fatal(err)
	}
	defer x.Close()

	for _, name := range []string{"Witkoff", "Whitkoff", "Виткофф", "ويتكوف", "维特科夫", "Ada Boyko"} {
		for hit, err := range x.Entities(ctx, g.View(nil), name, nil) {
			if err != nil {
				log.Fatal(err)
			}
			fmt.Printf("%s: %s (%.2f)\n", name, hit.Matched.Text, hit.Score)
		}
	}
	// Output:
	// Witkoff: Steve Witkoff (0.96)
	// Whitkoff: Steve Witkoff (0.77)
	// Виткофф: Steve Witkoff (0.87)
	// ويتكوف: Steve Witkoff (0.87)
	// 维特科夫: Steve Witkoff (0.64)
	// Ada Boyko: Ада Бойко (0.91)
}

func ExampleIndex_Sources() {
	ctx := context.Background()
	g, _ := press()
	defer g.Close()
	x, err := find.Open(ctx, g, "")
	if err != nil {
		log.Fatal(err)
	}
	defer x.Close()

	for hit, err := range x.Sources(ctx, g.View(nil), "посланець міст*", nil) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(hit.URL, hit.Snippet.Mark("«", "»"))
	}
	// Output:
	// https://visti.example/7 «Посланець» у «місті»
}
