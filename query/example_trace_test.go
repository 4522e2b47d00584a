package query_test

import (
	"context"
	"fmt"
	"log"

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
	must(g, b)
	ctx := context.Background()

	b = g.NewBatch(ctx, "desk")
	for t, err := range query.Traces(ctx, g.View(nil), brandt.ID, "Brandt") {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%v: %v %q\n", t.Kind(), t.Why, t.Text)
		if !t.Stays {
			b.Redact(t.ID, "by request")
		}
	}
	batch, err := b.Batch()
	if err != nil {
		log.Fatal(err)
	}
	if _, err := g.Record(ctx, batch); err != nil {
		log.Fatal(err)
	}
	for t, err := range query.Traces(ctx, g.View(nil), brandt.ID, "Brandt") {
		fmt.Println("there is more:", t, err)
	}
	// Output:
	// EntityRegistered: name ""
	// SourceAdded: words "Mayor Brandt and the harbour"
	// EntityNamed: name ""
	// StatementRecorded: mention ""
	// StatementsLinked: bearing ""
}
