package query_test

import (
	"context"
	"fmt"
	"log"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

// What is different today from what was known yesterday.
func ExampleChanges() {
	g := envoy()
	defer g.Close()
	yesterday := g.View(nil)

	b := g.NewBatch(ctx, "night desk")
	b.Occasion("corrections of 9 August")
	third := b.Source("https://example.org/3").By(b.Person("C. Reporter")).Published("2025-08-09")
	third.Reports(b.Person("Peskov"), "leave", b.Person("Witkoff")).On("2025-08-08")
	for s := range yesterday.Statements(graph.Pattern{Predicate: "travel", Origin: trump}) {
		b.Retract(s.ID(), "he spoke of another envoy")
	}
	b.Judge(b.Person("Steve Whitkoff"), events.Same, b.Person("Witkoff"), "a misspelling")
	batch, err := b.Batch()
	if err != nil {
		log.Fatal(err)
	}
	if _, err := g.Record(context.Background(), batch); err != nil {
		log.Fatal(err)
	}

	changed, err := query.Changes(context.Background(), yesterday, g.View(nil), graph.Pattern{Entity: witkoff})
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range changed.Came {
		fmt.Println("new:", said(g, s.Reading))
	}
	for _, s := range changed.Went {
		fmt.Printf("gone: %s\n  %s by the %s: %s\n", said(g, s.Reading), s.Why, s.By.Recorder, s.Reason)
	}
	for _, i := range changed.Joined {
		fmt.Println("now one:", len(i.Parts), "records,", i.Verdicts[0].Body.(*events.IdentityJudged).Reason)
	}
	for _, n := range changed.Names {
		fmt.Println("name:", n.Text)
	}
	// Output:
	// new: Peskov (CT+): leave Witkoff on 2025-08-08 <https://example.org/3>
	// gone: Trump (PS+): travel Witkoff (the visit) on [2025-08-04..2025-08-10] <https://example.org/1>
	//   retracted by the night desk: he spoke of another envoy
	// now one: 2 records, a misspelling
	// name: Steve Whitkoff
}
