package mql_test

import (
	"context"
	"fmt"
	"log"

	"github.com/cayleygraph/quad"
	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query/mql"
)

// Whom did Witkoff meet, and by whose statements? One query, asked of all that is
// on record, and of what Ushakov says.
func Example() {
	ctx := context.Background()
	g, err := graph.Open(ctx, events.NewMem(), nil)
	if err != nil {
		log.Fatal(err)
	}
	defer g.Close()

	b := events.NewBatch("desk")
	witkoff, putin, dmitriev := b.Person("Steve Witkoff"), b.Person("Vladimir Putin"), b.Person("Kirill Dmitriev")
	peskov, ushakov := b.Person("Dmitry Peskov"), b.Person("Yuri Ushakov")
	src := b.Source("https://example.org/7-august").By(b.Person("A. Reporter")).Published("2025-08-07")
	src.Reports(peskov, "meet", witkoff, putin).On("2025-08-06")
	src.Reports(ushakov, "meet", witkoff, putin).On("2025-08-06")
	src.Says("meet", witkoff, dmitriev).On("2025-08-06")
	src.Reports(peskov, "meet", witkoff, b.Person("Volodymyr Zelenskyy")).Stance("CT-")
	batch, err := b.Batch()
	if err != nil {
		log.Fatal(err)
	}
	if _, err := g.Record(ctx, batch); err != nil {
		log.Fatal(err)
	}

	const text = `[{
		"<onrecord:entity/name>": "Steve Witkoff",
		"<onrecord:meet>": [{
			"<onrecord:entity/name>": null,
			"!<onrecord:role/object>": [{"<onrecord:statement/speaker>": {"<onrecord:entity/name>": null}}]
		}]
	}]`
	for _, view := range []struct {
		name string
		lens *graph.Lens
	}{{"according to all", nil}, {"according to Ushakov", &graph.Lens{According: []uuid.UUID{ushakov.ID}}}} {
		answer, err := mql.Run(ctx, g.View(view.lens), text, nil)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(view.name)
		envoy := answer[0].(map[string]any)
		for _, met := range envoy["<onrecord:meet>"].([]any) {
			person := met.(map[string]any)
			fmt.Println(" ", string(person["<onrecord:entity/name>"].(quad.String)))
			for _, s := range person["!<onrecord:role/object>"].([]any) {
				speaker := s.(map[string]any)["<onrecord:statement/speaker>"].(map[string]any)
				fmt.Println("    says", string(speaker["<onrecord:entity/name>"].(quad.String)))
			}
		}
	}
	// Output:
	// according to all
	//   Vladimir Putin
	//     says Dmitry Peskov
	//     says Yuri Ushakov
	//   Kirill Dmitriev
	//     says A. Reporter
	// according to Ushakov
	//   Vladimir Putin
	//     says Yuri Ushakov
}
