package graphql_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/cayleygraph/quad"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query/graphql"
)

// Who says what about Witkoff, and how surely? One query, asked as of two days: on
// the first he is asked for, welcome and perhaps to be received, on the second he has
// been.
func Example() {
	ctx := context.Background()
	g, err := graph.Open(ctx, events.NewMem(), nil)
	if err != nil {
		log.Fatal(err)
	}
	defer g.Close()
	record := func(b *events.Builder) events.Position {
		batch, err := b.Batch()
		if err != nil {
			log.Fatal(err)
		}
		receipt, err := g.Record(ctx, batch)
		if err != nil {
			log.Fatal(err)
		}
		return receipt.Position
	}

	b := events.NewBatch("desk")
	witkoff, putin, moscow := b.Person("Steve Witkoff"), b.Person("Vladimir Putin"), b.Place("Moscow")
	trump, peskov, ushakov := b.Person("Donald Trump"), b.Person("Dmitry Peskov"), b.Person("Yuri Ushakov")
	august := b.Source("https://example.org/4-august").By(b.Person("A. Reporter")).Published("2025-08-04")
	august.Reports(trump, "ask_for", moscow, witkoff)
	august.Reports(peskov, "welcome", moscow, witkoff)
	august.Reports(peskov, "receive", putin, witkoff).Stance("PS+")
	first := record(b)

	b = events.NewBatch("desk")
	later := b.Source("https://example.org/7-august").By(b.Person("B. Reporter")).Published("2025-08-07")
	later.Reports(ushakov, "receive", putin, witkoff).On("2025-08-06")
	record(b)

	const text = `{
		nodes(<onrecord:entity/name>: "Steve Witkoff") {
			said: <onrecord:role/object> @rev {
				what: <onrecord:statement/predicate>
				stance: <onrecord:statement/stance>
				when: <onrecord:statement/when> @opt
				<onrecord:statement/speaker> @unnest { speaker: <onrecord:entity/name> }
				<onrecord:role/subject> @unnest { subject: <onrecord:entity/name> }
			}
		}
	}`
	for _, day := range []struct {
		name string
		view graph.View
	}{{"on 4 August", g.View(nil).AsOf(first)}, {"on 7 August", g.View(nil)}} {
		answer, err := graphql.Run(ctx, day.view, text, nil)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(day.name)
		envoy := answer["nodes"].(map[string]any)
		for _, s := range envoy["said"].([]map[string]any) {
			what := strings.TrimPrefix(string(s["what"].(quad.IRI)), "onrecord:")
			stance := strings.TrimPrefix(string(s["stance"].(quad.IRI)), "onrecord:stance/")
			fmt.Printf("  %s: %s %s (%s)", string(s["speaker"].(quad.String)), string(s["subject"].(quad.String)), what, stance)
			if when, ok := s["when"].(quad.TypedString); ok {
				fmt.Print(" on ", string(when.Value))
			}
			fmt.Println()
		}
	}
	// Output:
	// on 4 August
	//   Donald Trump: Moscow ask_for (CT+)
	//   Dmitry Peskov: Moscow welcome (CT+)
	//   Dmitry Peskov: Vladimir Putin receive (PS+)
	// on 7 August
	//   Donald Trump: Moscow ask_for (CT+)
	//   Dmitry Peskov: Moscow welcome (CT+)
	//   Dmitry Peskov: Vladimir Putin receive (PS+)
	//   Yuri Ushakov: Vladimir Putin receive (CT+) on 2025-08-06
}
