package graph_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
)

// Four times are kept apart, and a view asks by any of them: what was known here,
// what was public, what had been said, and what held, each on a date.
func Example_fourTimes() {
	today := time.Date(2025, 8, 5, 18, 30, 0, 0, time.UTC)
	g, err := graph.Open(context.Background(), events.NewMem(), &graph.Options{Now: func() time.Time { return today }})
	if err != nil {
		log.Fatal(err)
	}
	defer g.Close()
	b := g.NewBatch(ctx, "desk")
	first := b.Source("https://example.org/first").By(b.Person("Ann Reporter")).Published("2025-08-04")
	first.Reports(b.Person("Donald Trump"), "travel", b.Person("Steve Witkoff")).
		Said("2025-08-03").On("[2025-08-06,2025-08-07]")
	must(g, b)
	today = time.Date(2025, 8, 9, 7, 0, 0, 0, time.UTC)
	b = g.NewBatch(ctx, "desk")
	second := b.Source("https://example.org/second").By(b.Person("Ann Reporter")).Published("2025-08-07")
	second.Reports(b.Person("Yuri Ushakov"), "meet", b.Person("Steve Witkoff")).
		Said("2025-08-06").On("2025-08-06")
	must(g, b)

	show := func(what string, l graph.Lens) {
		fmt.Print("  ", what, ":")
		for s := range g.View(&l).Statements(graph.Pattern{}) {
			fmt.Print(" ", s.Predicate())
		}
		fmt.Println()
	}
	for _, date := range []string{"2025-08-03", "2025-08-05", "2025-08-06", "2025-08-07"} {
		on := edtf.MustParse(date)
		fmt.Println(on)
		show("we knew", graph.Lens{RecordedBy: graph.EndOf(on)})
		show("was public", graph.Lens{PublishedBy: graph.Certainly(on)})
		show("had been said", graph.Lens{SaidBy: graph.Certainly(on)})
		show("held, possibly", graph.Lens{Valid: graph.Possibly(on)})
		show("held, certainly", graph.Lens{Valid: graph.Certainly(on)})
	}
	// Output:
	// 2025-08-03
	//   we knew:
	//   was public:
	//   had been said: travel
	//   held, possibly:
	//   held, certainly:
	// 2025-08-05
	//   we knew: travel
	//   was public: travel
	//   had been said: travel
	//   held, possibly:
	//   held, certainly:
	// 2025-08-06
	//   we knew: travel
	//   was public: travel
	//   had been said: travel meet
	//   held, possibly: travel meet
	//   held, certainly: meet
	// 2025-08-07
	//   we knew: travel
	//   was public: travel meet
	//   had been said: travel meet
	//   held, possibly: travel
	//   held, certainly:
}
