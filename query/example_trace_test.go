package query_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/query"
)

func ExampleTraces() {
	g := empty()
	defer g.Close()
	b := g.NewBatch(ctx, "desk")
	brandt := b.Person("Ada Brandt")
	b.Name(brandt, "Ада Брандт", "uk")
	harbour := b.Source("https://gazette.example/12").Title("Mayor Brandt and the harbour").By(b.Person("A. Reporter"))
	said := harbour.Quotes(brandt, "I have never met the man", "meet", brandt, b.Person("Tom Vale")).Stance("CT-")
	asked := b.Source("https://herald.example/7").Title("Fire in the mill").By(b.Person("B. Reporter")).Says("burn", b.Place("the mill"))
	b.Link(asked.ID(), events.Disputes, said.ID(), "she was there that night")
	b.Source("https://herald.example/8").Title("Emil Brandt opens a bakery")
	must(g, b)
	ctx := context.Background()

	var suspected []*query.Trace
	b = g.NewBatch(ctx, "desk")
	for t, err := range query.Traces(ctx, g.View(nil), brandt.ID, "Brandt") {
		if err != nil {
			log.Fatal(err)
		}
		switch {
		case t.Stays: // a verdict, for example, which nothing erases
		case t.Why == query.TraceBearing, t.Why == query.TraceWords: // perhaps about somebody else
			suspected = append(suspected, t)
		default:
			fmt.Printf("%v: %v\n", t.Kind(), t.Why)
			b.Redact(t.ID, "by request")
		}
	}
	_, err := g.RecordAll(ctx, b.Batches())
	if err != nil {
		log.Fatal(err)
	}

	b = g.NewBatch(ctx, "desk")
	for _, t := range suspected {
		approved := !strings.HasPrefix(t.Text, "Emil") // somebody looks at each
		fmt.Printf("perhaps %v: %v %q, approved: %v\n", t.Kind(), t.Why, t.Text, approved)
		if approved {
			b.Redact(t.ID, "by request")
		}
	}
	_, err = g.RecordAll(ctx, b.Batches())
	if err != nil {
		log.Fatal(err)
	}
	for t, err := range query.Traces(ctx, g.View(nil), brandt.ID, "Brandt") {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("left: %v %q\n", t.Why, t.Text)
	}
	// Output:
	// EntityRegistered: name
	// EntityNamed: name
	// StatementRecorded: mention
	// perhaps SourceAdded: words "Mayor Brandt and the harbour", approved: true
	// perhaps SourceAdded: words "Emil Brandt opens a bakery", approved: false
	// perhaps StatementsLinked: bearing "", approved: true
	// left: words "Emil Brandt opens a bakery"
}
