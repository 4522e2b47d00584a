package query_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

// An invented town: its port, who ran it, and whom they dealt with.
var (
	berg      = entity(events.Person, "Berg")
	deepwater = entity(events.Organisation, "Deepwater")
	port      = entity(events.Organisation, "the port")
	director  = entity(events.Office, "the director")
)

func town() *graph.Graph {
	b := events.NewBatch("desk")
	b.Declare(events.Predicate{Name: events.HoldPosition, Roles: []events.Role{{Name: events.RoleHolder}, {Name: events.RolePosition}}})
	berg, lund, mayor := b.Person("Berg"), b.Person("Lund"), b.Person("Mayor")
	deepwater, port := b.Organisation("Deepwater"), b.Organisation("the port")
	director, dinner := b.Office("the director"), b.Occurrence("the dinner")

	paper := b.Source("https://gazette.example").By(b.Organisation("Gazette")).Published("2024-05-01")
	paper.Says(events.PartOf).Role(events.RolePart, director).Role(events.RoleWhole, port)
	paper.Says(events.HoldPosition, berg, director).On("2015-03-01/2021-06-30")
	paper.Says(events.HoldPosition, lund, director).On("2021-07/..")
	paper.Reports(mayor, events.HoldPosition, lund, director).On("2021-07/..").Stance("CT-")
	paper.Says("own", lund, deepwater).On("2019/2020")
	paper.Says("dine").Occurrence(dinner).Role("guest", berg, lund).On("2020-02-14")
	paper.Reports(berg, "dine").Occurrence(dinner).Role("guest", berg).Stance("CT-").On("2020-02-14").Said("2024-04-30")
	paper.Says("contract", port, deepwater).On("2022-01-10")
	paper.Reports(berg, "deepen", port).Said("2018-04-02")
	paper.Reports(lund, "widen", port).Said("2021-07")
	paper.Reports(berg, "regret", port).Said("2023-11-20")

	batch, err := b.Batch()
	if err != nil {
		log.Fatal(err)
	}
	g, err := graph.Open(context.Background(), events.NewMem(), &graph.Options{
		Now: func() time.Time { return time.Date(2024, 5, 2, 9, 0, 0, 0, time.UTC) }})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := g.Record(context.Background(), batch); err != nil {
		log.Fatal(err)
	}
	return g
}

// How is the former director connected with the company that got a contract
// later? Could all of it have been at one time? And if it is people and bodies, not what
// happened, that is asked for?
func ExamplePaths() {
	g := town()
	defer g.Close()
	for _, o := range []query.PathOptions{{Longest: 3}, {AtOneTime: true}, {Without: []events.EntityKind{events.Occurrence, events.Office}}} {
		fmt.Println("At one time:", o.AtOneTime, "without:", o.Without)
		for p, err := range query.Paths(context.Background(), g.View(nil), berg, deepwater, &o) {
			if err != nil {
				log.Fatal(err)
			}
			fmt.Print(named(g, p.Entities[0]))
			for i, h := range p.Hops {
				fmt.Print(" -", h.Affirmed[0].Predicate(), "- ", named(g, p.Entities[i+1]))
				if len(h.Denied) > 0 {
					speakers, _ := h.Denied[0].Speakers(0)
					fmt.Print(" (denied by ", named(g, speakers...), ")")
				}
			}
			fmt.Println()
		}
	}
	// Output:
	// At one time: false without: []
	// Berg -dine- Lund -own- Deepwater
	// Berg -dine- the dinner (denied by Berg) -dine- Lund -own- Deepwater
	// Berg -hold_position- the director -part_of- the port -contract- Deepwater
	// Berg -hold_position- the director -hold_position- Lund (denied by Mayor) -own- Deepwater
	// At one time: true without: []
	// Berg -dine- Lund -own- Deepwater
	// Berg -dine- the dinner (denied by Berg) -dine- Lund -own- Deepwater
	// At one time: false without: [occurrence office]
	// Berg -dine- Lund -own- Deepwater
}

func ExampleNeighbours() {
	g := town()
	defer g.Close()
	for n, err := range query.Neighbours(context.Background(), g.View(nil), deepwater, &query.NeighbourOptions{Hops: 2}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Print(n.Distance, " ", named(g, n.Entity))
		for _, r := range n.Relations {
			fmt.Printf(", %s with %s (%d for, %d against)", r.Predicate, named(g, r.To), len(r.Affirmed), len(r.Denied))
		}
		fmt.Println()
	}
	// Output:
	// 1 the port, contract with Deepwater (1 for, 0 against)
	// 1 Lund, own with Deepwater (1 for, 0 against)
	// 2 the director, part_of with the port (1 for, 0 against), hold_position with Lund (1 for, 1 against)
	// 2 Berg, dine with Lund (1 for, 0 against)
	// 2 the dinner, dine with Lund (1 for, 0 against)
}

func ExampleHolders() {
	g := town()
	defer g.Close()
	for _, date := range []string{"2020-02-14", "2022-01-10"} {
		for t, err := range query.Holders(context.Background(), g.View(nil), director, graph.Possibly(day(date))) {
			if err != nil {
				log.Fatal(err)
			}
			fmt.Printf("%s: %s, says %s; denied by [%s]\n", date, named(g, t.Holder), named(g, t.AffirmedBy...), named(g, t.DeniedBy...))
		}
	}
	// Output:
	// 2020-02-14: Berg, says Gazette; denied by []
	// 2022-01-10: Lund, says Gazette; denied by [Mayor]
}

func ExampleOffices() {
	g := town()
	defer g.Close()
	for t, err := range query.Offices(context.Background(), g.View(nil), berg, graph.Bound{}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(named(g, t.Office), t.Affirmed[0].Claim.When.Time)
	}
	// Output:
	// the director 2015-03-01/2021-06-30
}

// What the former director says after his term is not said for the port.
func ExampleSaidFor() {
	g := town()
	defer g.Close()
	for m, err := range query.SaidFor(context.Background(), g.View(nil), port, graph.Pattern{}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(m.Claim.Predicate, m.Voices[0].Said.Time)
		for _, h := range m.Held {
			fmt.Println("  in office", h.Claim.When.Time, "certainly:", h.Certainly)
		}
	}
	// Output:
	// deepen 2018-04-02
	//   in office 2015-03-01/2021-06-30 certainly: true
	// widen 2021-07
	//   in office 2021-07/.. certainly: false
}
