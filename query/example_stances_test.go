package query_test

import (
	"context"
	"fmt"
	"log"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

// What holds of somebody today, per whom, and what of it is denied or was taken back.
func ExampleStances() {
	g := empty()
	defer g.Close()
	b := g.NewBatch(ctx, "desk")
	vale, port, quay, aide := b.Person("Tom Vale"), b.Organisation("the port"), b.Place("the quay"), b.Person("an aide")
	gazette := b.Source("https://gazette.example/12").By(b.Organisation("The Gazette")).Published("2025-03-12")
	herald := b.Source("https://herald.example/7").By(b.Organisation("The Herald")).Published("2025-03-12")
	gazette.Says("lead", vale, port).On("2024-03/..")
	gazette.Says("lead", vale, b.Organisation("the ferry")).On("2015/2020") // over
	herald.Reports(aide, "lead", vale, port)
	// He denied it, admits it, and takes the denial back.
	no := herald.Reports(vale, "own", vale, quay).Stance("CT-").Said("2025-03-10")
	yes := herald.Reports(vale, "own", vale, quay).Said("2025-03-11")
	b.Link(yes.ID(), events.Withdraws, no.ID(), "he admits it")
	gazette.Says("own", vale, quay)
	// Of two days that leave open which was the first, both remarks are shown.
	herald.Reports(aide, "resign", vale).Said("[2025-03-08..2025-03-10]")
	gazette.Reports(aide, "resign", vale).Stance("CT-").Said("2025-03-09")
	ill := herald.Reports(aide, "be_ill", vale)
	b.Link(herald.Reports(aide, "mishear", aide).ID(), events.Withdraws, ill.ID(), "he says so")
	must(g, b)

	v := g.View(&graph.Lens{Valid: graph.Possibly(edtf.MustParse("2025-03-12"))})
	for c, err := range query.Stances(context.Background(), v, graph.Pattern{Entity: vale.ID}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%v %v:\n", c.Of.Claim.Predicate, c.Holding)
		for _, s := range c.Speakers {
			for _, r := range s.Newest {
				fmt.Println("  now:", said(g, r))
			}
			for _, l := range s.TakenBack {
				fmt.Println("  taken back:", said(g, l.To.Reading))
			}
			if s.Open {
				fmt.Println("  which of it", named(g, s.Speaker), "said last is open")
			}
		}
	}
	// Output:
	// own held:
	//   now: Tom Vale (CT+): own Tom Vale, the quay <https://herald.example/7>
	//   taken back: Tom Vale (CT-): own Tom Vale, the quay <https://herald.example/7>
	//   now: The Gazette (CT+): own Tom Vale, the quay <https://gazette.example/12>
	// be_ill once held:
	//   taken back: an aide (CT+): be_ill Tom Vale <https://herald.example/7>
	// lead held:
	//   now: The Gazette (CT+): lead Tom Vale, the port on 2024-03/.. <https://gazette.example/12>
	//   now: an aide (CT+): lead Tom Vale, the port <https://herald.example/7>
	// resign disputed:
	//   now: an aide (CT+): resign Tom Vale <https://herald.example/7>
	//   now: an aide (CT-): resign Tom Vale <https://gazette.example/12>
	//   which of it an aide said last is open
}
