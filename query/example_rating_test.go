package query_test

import (
	"context"
	"fmt"
	"log"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

// Two members of a desk do not agree on how far a paper can be trusted.
func ExampleRatingDifferences() {
	ctx := context.Background()
	g, err := graph.Open(ctx, events.NewMem(), nil)
	if err != nil {
		log.Fatal(err)
	}
	defer g.Close()
	for _, by := range []struct{ recorder, value, reason string }{
		{"Ada", "B", "right about the harbour"},
		{"Tom", "D", "owned by the shipping firm"},
	} {
		b := g.NewBatch(ctx, by.recorder)
		gazette := b.Source("https://gazette.example/12")
		gazette.By(b.Person("A. Reporter")).Says("resign", b.Person("Ada Brandt"))
		gazette.Assess("admiralty", by.value, by.reason)
		batch, err := b.Batch()
		if err != nil {
			log.Fatal(err)
		}
		if _, err := g.Record(ctx, batch); err != nil {
			log.Fatal(err)
		}
	}
	for d, err := range query.RatingDifferences(ctx, g.View(nil), graph.Pattern{Predicate: "resign"}) {
		if err != nil {
			log.Fatal(err)
		}
		for _, a := range d.Ratings {
			fmt.Printf("%s rates it %s: %s\n", a.Recorder, a.Value, a.Reason)
		}
	}
	// Output:
	// Ada rates it B: right about the harbour
	// Tom rates it D: owned by the shipping firm
}
