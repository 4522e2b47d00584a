package query_test

import (
	"context"
	"fmt"
	"log"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

// The wire says that the bridge is closed, two papers copy it, and the mayor says
// so herself; that the mayor resigns is a rumour.
var wireCopy = events.Key("source", "https://example.org/wire")

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
			fmt.Println(named(g, o.Speakers...), "says so; statements:", len(o.Utterances[0].Statements))
		}
		for _, o := range support.Against {
			fmt.Println(named(g, o.Speakers...), "denies it")
		}
		break
	}
	// Output:
	// the wire says so; statements: 3
	// the mayor says so; statements: 1
	// the union denies it
}

// A source takes back what it said, and a paper puts right what it printed. Both stand,
// and count, as before.
func ExampleLinks() {
	g := empty()
	defer g.Close()
	b := g.NewBatch(ctx, "desk")
	aide, mayor, bridge := b.Person("an aide"), b.Person("the mayor"), b.Place("the bridge")
	gazette := b.Organisation("The Gazette")
	first := b.Source("https://gazette.example/12").By(gazette).Published("2025-03-12")
	resigned := first.Reports(aide, "resign", mayor)
	cost := first.Says("cost", bridge).Arg("amount", events.Number("4000000", "EUR"))
	second := b.Source("https://gazette.example/13").By(gazette).Published("2025-03-13")
	misheard := second.Quotes(aide, "I misheard", "mishear", aide)
	b.Link(misheard.ID(), events.Withdraws, resigned.ID(), "he says so")
	b.Link(second.Says("cost", bridge).Arg("amount", events.Number("400000", "EUR")).ID(), events.Corrects, cost.ID(), "a misprint")
	must(g, b)

	v := g.View(nil)
	for l, err := range query.Links(context.Background(), v, graph.Pattern{}, events.Withdraws, events.Corrects) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(said(g, l.From.Reading))
		fmt.Println(" ", l.Type, said(g, l.To.Reading))
	}
	support, err := query.Support(context.Background(), v, resigned.ID())
	if err != nil {
		log.Fatal(err)
	}
	for _, o := range support.For {
		fmt.Println(named(g, o.Speakers...), "said that the mayor resigns; taken back:", len(o.Utterances[0].TakenBack) > 0)
	}
	// Output:
	// an aide (CT+): mishear an aide "I misheard" <https://gazette.example/13>
	//   withdraws an aide (CT+): resign the mayor <https://gazette.example/12>
	// The Gazette (CT+): cost the bridge, amount 400000 EUR <https://gazette.example/13>
	//   corrects The Gazette (CT+): cost the bridge, amount 4000000 EUR <https://gazette.example/12>
	// an aide said that the mayor resigns; taken back: true
}

func ExampleSingleSourced() {
	g := bridge()
	defer g.Close()
	for s, err := range query.SingleSourced(context.Background(), g.View(nil), graph.Pattern{}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(s.Of.Claim.Predicate, "rests on", named(g, s.For[0].Speakers...))
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
		fmt.Println(h.Of.Claim.Predicate, "is known through", named(g, h.Heard[0].Through...))
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

// A source turns out to be forged: it is taken back with all that rests on it, by each
// event that registered it, since any one of them would keep it.
func Example_forgedSource() {
	g := bridge()
	defer g.Close()
	b := g.NewBatch(ctx, "another desk")
	b.Source("https://example.org/wire").Title("The bridge is closed") // registers it again
	must(g, b)
	ctx := context.Background()

	b = g.NewBatch(ctx, "desk")
	for _, event := range g.View(nil).Registrations(wireCopy) {
		b.Cascade(event, "the wire never wrote it")
	}
	batch, err := b.Batch()
	if err != nil {
		log.Fatal(err)
	}
	if _, err := g.Record(ctx, batch); err != nil {
		log.Fatal(err)
	}
	for r, err := range query.Statements(ctx, g.View(nil), graph.Pattern{}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("there remains:", said(g, r))
	}
	// Output:
	// there remains: the mayor (CT+): close the bridge <https://example.org/radio>
	// there remains: the union (CT-): close the bridge <https://example.org/radio>
	// there remains: an aide (CT+): resign the mayor <https://example.org/radio>
}
