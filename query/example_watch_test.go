package query_test

import (
	"context"
	"fmt"
	"iter"
	"log"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

// Who contradicts whom about Witkoff, from now on.
func ExampleWatch() {
	ctx := context.Background()
	g := envoy()
	defer g.Close()
	seen := g.View(nil).Position()

	record := func(b *events.Builder) {
		batch, err := b.Batch()
		if err != nil {
			log.Fatal(err)
		}
		if _, err := g.Record(ctx, batch); err != nil {
			log.Fatal(err)
		}
	}
	b := g.NewBatch(ctx, "desk")
	third := b.Source("https://example.org/3").By(b.Person("C. Reporter")).Published("2025-08-09")
	stayed := third.Reports(b.Person("Putin"), "travel", b.Person("Witkoff")).
		Occurrence(b.Occurrence("the visit")).On("2025-08-06").Stance("CT-").ID()
	record(b)
	b = g.NewBatch(ctx, "desk")
	b.Retract(stayed, "misheard")
	record(b)

	ask := func(ctx context.Context, v graph.View) iter.Seq2[*query.Opposition, error] {
		return query.Oppositions(ctx, v, graph.Pattern{Entity: witkoff})
	}
	type pair struct{ denial, affirmation uuid.UUID }
	key := func(o *query.Opposition) pair { return pair{o.Denial.ID, o.Affirmation.ID} }

	for u, err := range query.Watch(ctx, g, seen, ask, key, nil) {
		if err != nil {
			log.Fatal(err)
		}
		for _, o := range u.Came {
			fmt.Println(u.Position, said(g, o.Denial))
			fmt.Println("  opposes", said(g, o.Affirmation))
		}
		for _, p := range u.Went {
			fmt.Println(u.Position, "no more, the denial being gone:", p.denial == stayed)
		}
		if seen = u.Position; seen == 3 { // or go on for ever, and remember seen
			break
		}
	}
	// Output:
	// 2 Putin (CT-): travel Witkoff (the visit) on 2025-08-06 <https://example.org/3>
	//   opposes Trump (PS+): travel Witkoff (the visit) on [2025-08-04..2025-08-10] <https://example.org/1>
	// 2 Putin (CT-): travel Witkoff (the visit) on 2025-08-06 <https://example.org/3>
	//   opposes B. Reporter (CT+): travel Witkoff (the visit) on 2025-08-06 <https://example.org/2>
	// 3 no more, the denial being gone: true
	// 3 no more, the denial being gone: true
}

// What is new about Witkoff, and what is no more: a feed that a page may show, of which each
// message has the position to come back with.
func ExampleWatchStatements() {
	ctx := context.Background()
	g := envoy()
	defer g.Close()
	seen := g.View(nil).Position() // or the position that a client comes back with

	var left uuid.UUID
	for _, say := range []func(b *events.Builder){
		func(b *events.Builder) {
			left = b.Source("https://example.org/3").By(b.Person("C. Reporter")).
				Says("leave", b.Person("Witkoff")).On("2025-08-08").ID()
		},
		func(b *events.Builder) { b.Source("https://example.org/3").Says("rain", b.Place("Moscow")) },
		func(b *events.Builder) { b.Retract(left, "misread") },
	} {
		if _, err := g.Update(ctx, "desk", func(b *events.Builder) error { say(b); return nil }); err != nil {
			log.Fatal(err)
		}
	}

	for u, err := range query.WatchStatements(ctx, g, seen, nil, graph.Pattern{Entity: witkoff}) {
		if err != nil {
			log.Fatal(err)
		}
		for _, r := range u.Came {
			fmt.Println(u.Position, "new:", said(g, r))
		}
		for _, id := range u.Went {
			fmt.Println(u.Position, "no more:", id == left)
		}
		if seen = u.Position; seen == 4 { // or go on for ever, and remember seen
			break
		}
	}
	// Output:
	// 2 new: C. Reporter (CT+): leave Witkoff on 2025-08-08 <https://example.org/3>
	// 4 no more: true
}
