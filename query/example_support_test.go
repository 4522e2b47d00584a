package query_test

import (
	"context"
	"fmt"
	"log"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

// The wire says that the bridge is closed, two papers copy it, and the mayor says
// so herself; that the mayor resigns is a rumour.
var (
	wireCopy = events.Key("source", "https://example.org/wire")
	people   = map[uuid.UUID]string{}
)

func bridge() *graph.Graph {
	b := events.NewBatch("desk")
	bridge, mayor := b.Place("the bridge"), b.Person("the mayor")
	wire := b.Source("https://example.org/wire").By(b.Organisation("the wire"))
	wire.Says("close", bridge)
	for _, paper := range []string{"the Herald", "the Post"} {
		b.Source("https://example.org/"+paper).By(b.Organisation(paper)).DerivedFrom(wire.ID()).Says("close", bridge)
	}
	radio := b.Source("https://example.org/radio").By(b.Organisation("the radio"))
	radio.Reports(mayor, "close", bridge)
	radio.Reports(b.Organisation("the union"), "close", bridge).Stance("CT-")
	radio.Reports(b.Person("an aide"), "resign", mayor).Via(b.Person("a blogger"))
	wire.Says("collapse", bridge)
	for _, e := range []events.EntityRef{b.Organisation("the wire"), b.Person("the mayor"), b.Organisation("the union"), b.Person("an aide"), b.Person("a blogger")} {
		people[e.ID] = ""
	}
	batch, err := b.Batch()
	if err != nil {
		log.Fatal(err)
	}
	g, err := graph.Open(context.Background(), events.NewMem(), nil)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := g.Record(context.Background(), batch); err != nil {
		log.Fatal(err)
	}
	for id := range people {
		e, err := g.View(nil).Entity(context.Background(), id)
		if err != nil {
			log.Fatal(err)
		}
		people[id] = e.Name.Text
	}
	return g
}

func ExampleSupport() {
	g := bridge()
	defer g.Close()
	v := g.View(nil)
	for s := range v.Statements(graph.Pattern{Predicate: "close"}) {
		support, err := query.Support(context.Background(), v, s.ID())
		if err != nil {
			log.Fatal(err)
		}
		for _, o := range support.For {
			fmt.Println(people[o.Speakers[0]], "says so; statements:", len(o.Utterances[0].Statements))
		}
		for _, o := range support.Against {
			fmt.Println(people[o.Speakers[0]], "denies it")
		}
		break
	}
	// Output:
	// the wire says so; statements: 3
	// the mayor says so; statements: 1
	// the union denies it
}

func ExampleSingleSourced() {
	g := bridge()
	defer g.Close()
	for s, err := range query.SingleSourced(context.Background(), g.View(nil), graph.Pattern{}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(s.Of.Claim.Predicate, "rests on", people[s.For[0].Speakers[0]])
	}
	// Output:
	// resign rests on an aide
	// collapse rests on the wire
}

func ExampleSecondHand() {
	g := bridge()
	defer g.Close()
	for h, err := range query.SecondHand(context.Background(), g.View(nil), graph.Pattern{}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(h.Of.Claim.Predicate, "is known through", people[h.Heard[0].Through[0]])
	}
	// Output:
	// resign is known through a blogger
}

func ExampleFallout() {
	g := bridge()
	defer g.Close()
	fallout, err := query.Fallout(context.Background(), g.View(nil), wireCopy)
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range fallout.Fallen {
		fmt.Println(f.Claim.Predicate, "falls; origins:", len(f.Support.For), "before,", len(f.Remains.For), "after")
	}
	for _, r := range fallout.Lost {
		fmt.Println("nobody says any more:", r.Claim.Predicate)
	}
	// Output:
	// close falls; origins: 2 before, 1 after
	// close falls; origins: 2 before, 1 after
	// close falls; origins: 2 before, 1 after
	// collapse falls; origins: 1 before, 0 after
	// nobody says any more: collapse
}
