package quadstore_test

import (
	"context"
	"fmt"
	"log"

	"github.com/cayleygraph/cayley/graph/path"
	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/graph/quadstore"
)

// Whom did those meet whom Witkoff met? Asked of the record as of its first
// batch, of all of it, and of what one of its speakers says.
func Example() {
	ctx := context.Background()
	g, err := graph.Open(ctx, events.NewMem(), nil)
	if err != nil {
		log.Fatal(err)
	}
	defer g.Close()
	record := func(b *events.Builder) events.Position {
		batch, err := b.Batch()
		if err != nil {
			log.Fatal(err)
		}
		receipt, err := g.Record(ctx, batch)
		if err != nil {
			log.Fatal(err)
		}
		return receipt.Position
	}

	b := events.NewBatch("desk")
	witkoff, putin, trump := b.Person("Steve Witkoff"), b.Person("Vladimir Putin"), b.Person("Donald Trump")
	peskov, ushakov := b.Person("Dmitry Peskov"), b.Person("Yuri Ushakov")
	august := b.Source("https://example.org/august").By(b.Person("A. Reporter")).Published("2025-08-04")
	august.Reports(peskov, "meet", witkoff, putin).On("2025-02-11")
	august.Reports(ushakov, "meet", putin, b.Person("Xi Jinping")).On("2025-05-08")
	august.Reports(peskov, "meet", putin, b.Person("Volodymyr Zelenskyy")).Stance("CT-")
	first := record(b)

	b = events.NewBatch("desk")
	later := b.Source("https://example.org/later").By(b.Person("A. Reporter")).Published("2025-08-16")
	later.Reports(peskov, "meet", putin, trump).On("2025-08-15")
	record(b)

	met := quadstore.Predicate("meet")
	ask := func(title string, lens *graph.Lens) {
		view := g.View(lens)
		store := quadstore.New(view)
		people, err := path.StartPath(store, quadstore.Entity(witkoff.ID)).Out(met).Out(met).Iterate(ctx).AllValues(store)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(title)
		for _, node := range people {
			id, _ := quadstore.ID(node)
			person, err := view.Entity(ctx, id)
			if err != nil {
				log.Fatal(err)
			}
			fmt.Println("-", person.Name.Text)
		}
	}
	ask("on 4 August:", &graph.Lens{AsOf: first})
	ask("now:", nil)
	ask("according to Peskov:", &graph.Lens{According: []uuid.UUID{peskov.ID}})
	// Output:
	// on 4 August:
	// - Xi Jinping
	// now:
	// - Xi Jinping
	// - Donald Trump
	// according to Peskov:
	// - Donald Trump
}
