package graph_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/events/sqlite"
	"github.com/onrecord/onrecord/graph"
)

// must records what a builder has made.
func must(g *graph.Graph, b *events.Builder) graph.Receipt {
	batch, err := b.Batch()
	if err != nil {
		log.Fatal(err)
	}
	r, err := g.Record(context.Background(), batch)
	if err != nil {
		log.Fatal(err)
	}
	return r
}

// newGraph opens an empty record whose clock stands on 4 August 2025.
func newGraph() *graph.Graph {
	now := func() time.Time { return time.Date(2025, 8, 4, 12, 0, 0, 0, time.UTC) }
	g, err := graph.Open(context.Background(), events.NewMem(), &graph.Options{Now: now})
	if err != nil {
		log.Fatal(err)
	}
	return g
}

// count returns how many statements a view shows of a pattern.
func count(v graph.View, p graph.Pattern) (n int) {
	for range v.Statements(p) {
		n++
	}
	return n
}

// Many batches are loaded in order, each durable by the end, without a wait for each.
func ExampleGraph_RecordAll() {
	g := newGraph()
	defer g.Close()

	days := func(yield func(*events.Batch, error) bool) {
		for day := 4; day <= 8; day++ {
			b := g.NewBatch(ctx, "desk")
			page := b.Source(fmt.Sprintf("https://tass.com/politics/%d", day)).By(b.Organisation("TASS"))
			page.Says("visit", b.Person("Steve Witkoff"), b.Place("Moscow")).On(fmt.Sprintf("2025-08-%02d", day))
			if !yield(b.Batch()) {
				return
			}
		}
	}
	n, err := g.RecordAll(context.Background(), days)
	fmt.Println(n, "batches recorded, then:", err)
	fmt.Println(count(g.View(nil), graph.Pattern{Predicate: "visit"}), "visits")
	// Output:
	// 5 batches recorded, then: <nil>
	// 5 visits
}

// A loader is told where each batch is on record and what of it was there already, and by
// the number of receipts which batch could not be recorded.
func ExampleGraph_RecordEach() {
	g := newGraph()
	defer g.Close()

	page := func(b *events.Builder, day int) *events.SourceRef {
		return b.Source(fmt.Sprintf("https://tass.com/politics/%d", day)).By(b.Organisation("TASS"))
	}
	days := func(yield func(*events.Batch, error) bool) {
		for _, day := range []int{4, 5, 4, 6} {
			b := g.NewBatch(ctx, "desk")
			page(b, day).Says("visit", b.Person("Steve Witkoff"), b.Place("Moscow")).On(fmt.Sprintf("2025-08-%02d", day))
			if day == 6 {
				b.Link(events.Key("nothing"), events.Disputes, events.Key("nothing else"), "")
			}
			if !yield(b.Batch()) {
				return
			}
		}
	}
	done := 0
	for receipt, err := range g.RecordEach(context.Background(), days) {
		if err != nil {
			fmt.Printf("day %d cannot be recorded: %v\n", done, errors.Is(err, events.ErrUnknown))
			break
		}
		fmt.Printf("day %d: %v\n", done, receipt)
		done++
	}
	// Output:
	// day 0: position 1, 5 new events
	// day 1: position 2, 2 new events
	// day 2: position 1, nothing new
	// day 3 cannot be recorded: true
}

// A record is opened, a batch is recorded, and the graph shows it.
func Example() {
	ctx := context.Background()
	g, err := graph.Open(ctx, events.NewMem(), nil) // or sqlite.Open("story.db", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer g.Close()

	b := g.NewBatch(ctx, "desk")
	story := b.Source("https://example.org/story").By(b.Person("Ann Reporter")).Published("2025-08-04")
	witkoff, putin := b.Person("Steve Witkoff"), b.Person("Vladimir Putin")
	story.Says("meet", witkoff, putin).On("2025-02-11")
	batch, err := b.Batch()
	if err != nil {
		log.Fatal(err)
	}
	receipt, err := g.Record(ctx, batch)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(receipt)

	v := g.View(nil)
	for s := range v.Statements(graph.Pattern{Entity: putin.ID}) {
		for role, id := range s.Entities() {
			e, err := v.Entity(ctx, id)
			if err != nil {
				log.Fatal(err)
			}
			fmt.Println(s.Predicate(), role, e.Name.Text)
		}
	}
	// Output:
	// position 1, 5 new events
	// meet subject Steve Witkoff
	// meet object Vladimir Putin
}

// A lens shows the graph as it was recorded, said or published by some time, or
// what holds at some time.
func ExampleGraph_View() {
	g := newGraph()
	defer g.Close()
	b := g.NewBatch(ctx, "desk")
	witkoff, putin := b.Person("Steve Witkoff"), b.Person("Vladimir Putin")
	story := b.Source("https://example.org/story").By(b.Person("Ann Reporter")).Published("2025-08-04")
	story.Says("meet", witkoff, putin).On("2025-02-11")
	first := must(g, b).Position
	b = g.NewBatch(ctx, "desk")
	ushakov := b.Person("Yuri Ushakov")
	later := b.Source("https://example.org/later").By(b.Person("Ann Reporter")).Published("2025-08-07")
	later.Reports(ushakov, "meet", witkoff, putin).On("[2025-08-06,2025-08-07]").Said("2025-08-06")
	must(g, b)

	show := func(what string, l graph.Lens) {
		fmt.Println(what, count(g.View(&l), graph.Pattern{Predicate: "meet"}))
	}
	show("now:", graph.Lens{})
	show("as of the first batch:", graph.Lens{AsOf: first})
	show("published by the 5th:", graph.Lens{PublishedBy: graph.Certainly(edtf.MustParse("2025-08-05"))})
	show("said by the 6th:", graph.Lens{SaidBy: graph.Certainly(edtf.MustParse("2025-08-06"))})
	show("possibly on the 6th:", graph.Lens{Valid: graph.Possibly(edtf.MustParse("2025-08-06"))})
	show("certainly on the 6th:", graph.Lens{Valid: graph.Certainly(edtf.MustParse("2025-08-06"))})
	// Output:
	// now: 2
	// as of the first batch: 1
	// published by the 5th: 1
	// said by the 6th: 2
	// possibly on the 6th: 1
	// certainly on the 6th: 0
}

// A lens may ask who says so, and how surely.
func ExampleLens() {
	g := newGraph()
	defer g.Close()
	b := g.NewBatch(ctx, "desk")
	story := b.Source("https://example.org/story").By(b.Person("Ann Reporter"))
	trump, peskov, kremlin := b.Person("Donald Trump"), b.Person("Dmitry Peskov"), b.Organisation("The Kremlin")
	visit := b.Occurrence("the visit to Moscow")
	story.Reports(trump, "take_place", visit)
	story.Reports(peskov, "take_place", visit).For(kremlin).Stance("PS+")
	must(g, b)

	about := graph.Pattern{Entity: visit.ID}
	fmt.Println("anyone:", count(g.View(nil), about))
	// Peskov speaks for the Kremlin, so it is according to the Kremlin, too.
	fmt.Println("the Kremlin:", count(g.View(&graph.Lens{According: []uuid.UUID{kremlin.ID}}), about))
	fmt.Println("at least probable:", count(g.View(&graph.Lens{Least: events.Probable}), about))
	for s := range g.View(nil).Statements(graph.Pattern{Origin: peskov.ID}) {
		fmt.Println("Peskov:", s.Stance(), s.Stance().Certainty)
	}
	// Output:
	// anyone: 2
	// the Kremlin: 1
	// at least probable: 1
	// Peskov: PS+ possible
}

// A decision that was made from a view is recorded only if nothing has changed
// what it rests on.
func ExampleGraph_RecordIf() {
	g := newGraph()
	defer g.Close()
	b := g.NewBatch(ctx, "desk")
	story := b.Source("https://example.org/story").By(b.Person("Ann Reporter"))
	seat, ann, bob := b.Office("the seat"), b.Person("Ann"), b.Person("Bob")
	story.Says("vacant", seat)
	must(g, b)

	saw := g.View(nil).Position()
	for _, who := range []events.EntityRef{ann, bob} {
		b := g.NewBatch(ctx, "desk")
		b.Known(story.ID(), b.Person("Ann Reporter")).Says("hold", who, seat)
		batch, err := b.Batch()
		if err != nil {
			log.Fatal(err)
		}
		_, err = g.RecordIf(context.Background(), batch, graph.Condition{
			Nothing: graph.Pattern{Predicate: "hold", Entity: seat.ID}, After: saw,
		})
		fmt.Println(err, errors.Is(err, graph.ErrChanged))
	}
	// Output:
	// <nil> false
	// graph: record: since position 1: what the condition names has changed, see event a365124b-ffb4-5447-b51b-9aea45faa58c true
}

// A story is taken by one desk at a time, and may be given back and taken again. What a desk says of
// it the second time is on record: it is restored.
func ExampleGraph_RecordIf_claim() {
	g := newGraph()
	defer g.Close()
	b := g.NewBatch(ctx, "planning")
	story := b.Topic("the harbour story")
	b.Infers(b.Organisation("planning"), "plan", story)
	must(g, b)

	taken := graph.Pattern{Predicate: "take", Entity: story.ID}
	take := func(desk string) (uuid.UUID, error) {
		for {
			v := g.View(nil)
			if count(v, taken) > 0 {
				return uuid.Nil, errors.New("it is taken")
			}
			b := g.NewBatch(ctx, desk)
			who := b.Organisation(desk)
			id := b.Infers(who, "take", who, story).ID()
			if _, gone := v.RemovedBy(id); gone {
				b.Restore(id, "taken again")
			}
			batch, err := b.Batch()
			if err != nil {
				return uuid.Nil, err
			}
			r, err := g.RecordIf(ctx, batch, graph.Condition{Nothing: taken, After: v.Position()})
			switch {
			case errors.Is(err, graph.ErrChanged), errors.Is(err, graph.ErrOutdated):
				continue // somebody was faster, or has said something of what the batch mentions: look again
			case err != nil:
				return uuid.Nil, err
			case len(r.Gone) > 0:
				continue // it was on record, and has been given back meanwhile
			}
			return id, nil
		}
	}
	id, err := take("day desk")
	fmt.Println("day desk:", err)
	_, err = take("night desk")
	fmt.Println("night desk:", err)
	b = g.NewBatch(ctx, "day desk")
	b.Retract(id, "no time")
	must(g, b)
	_, err = take("day desk")
	fmt.Println("day desk again:", err, count(g.View(nil), taken))
	// Output:
	// day desk: <nil>
	// night desk: it is taken
	// day desk again: <nil> 1
}

// Two desks revise one source at once. What the second says of it is built anew, upon what the
// first has said.
func ExampleGraph_Update() {
	ctx := context.Background()
	g := newGraph()
	defer g.Close()
	b := g.NewBatch(ctx, "import")
	story := b.Source("https://example.org/story").ID()
	must(g, b)

	calls := 0
	_, err := g.Update(ctx, "desk two", func(b *events.Builder) error {
		b.Source("https://example.org/story").Published("2025-08-04")
		if calls++; calls == 1 { // meanwhile
			one := g.NewBatch(ctx, "desk one")
			one.Source("https://example.org/story").Title("A title")
			must(g, one)
		}
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	s, err := g.View(nil).Source(ctx, story)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(calls, s.Title, s.Published)
	// Output:
	// 2 A title 2025-08-04
}

// Two records of one person become one, for reasons that can be asked for, until
// the verdict is withdrawn.
func ExampleView_WhySame() {
	ctx := context.Background()
	g := newGraph()
	defer g.Close()
	b := g.NewBatch(ctx, "desk")
	story := b.Source("https://example.org/story").By(b.Person("Ann Reporter"))
	whitkoff, witkoff := b.Person("Steve Whitkoff"), b.Person("Steve Witkoff")
	story.Says("arrive", whitkoff)
	story.Says("leave", witkoff)
	verdict := b.Judge(whitkoff, events.Same, witkoff, "a misspelling")
	must(g, b)

	v := g.View(nil)
	fmt.Println(count(v, graph.Pattern{Entity: witkoff.ID}), "statements of", len(v.Cluster(witkoff.ID)), "records")
	for _, link := range v.WhySame(whitkoff.ID, witkoff.ID)[1:] {
		e, err := v.Event(ctx, link.Verdict)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("because:", e.Body.(*events.IdentityJudged).Reason)
	}

	b = g.NewBatch(ctx, "desk")
	b.Retract(verdict, "two people after all")
	must(g, b)
	fmt.Println(count(g.View(nil), graph.Pattern{Entity: witkoff.ID}), "statement after that")
	// Output:
	// 2 statements of 2 records
	// because: a misspelling
	// 1 statement after that
}

// Some mentions of an entity turn out to mean another one. The statements stay
// as they were recorded and are read with the other entity from then on.
func ExampleView_Statements_split() {
	g := newGraph()
	defer g.Close()
	b := g.NewBatch(ctx, "desk")
	story := b.Source("https://example.org/story").By(b.Person("Ann Reporter"))
	father, son := b.Person("George Bush"), b.Person("George W. Bush")
	story.Says("invade", father).On("1991")
	iraq := story.Says("invade", father).On("2003").ID()
	before := must(g, b).Position

	b = g.NewBatch(ctx, "desk")
	b.Add(&events.EntitySplit{Entity: father.ID, Reason: "the year", Parts: []events.SplitPart{
		{Entity: son.ID, Mentions: []events.Mention{{Statement: iraq}}},
	}})
	must(g, b)
	for _, v := range []graph.View{g.View(nil), g.View(nil).AsOf(before)} {
		fmt.Println("father", count(v, graph.Pattern{Entity: father.ID}), "son", count(v, graph.Pattern{Entity: son.ID}))
	}
	// Output:
	// father 1 son 1
	// father 2 son 0
}

// What was recorded by mistake is retracted, with what rests on it if need be.
// Retracting the retraction restores exactly what it removed.
func ExampleGraph_Record_retract() {
	ctx := context.Background()
	g := newGraph()
	defer g.Close()
	b := g.NewBatch(ctx, "desk")
	story := b.Source("https://example.org/hoax").By(b.Person("Ann Reporter"))
	story.Says("resign", b.Person("Bob"))
	batch, err := b.Batch()
	if err != nil {
		log.Fatal(err)
	}
	if _, err := g.Record(ctx, batch); err != nil {
		log.Fatal(err)
	}
	var added uuid.UUID // the event that added the source
	for _, e := range batch.Events {
		if e.Kind() == events.KindSourceAdded {
			added = e.ID
		}
	}

	b = g.NewBatch(ctx, "desk")
	b.Retract(added, "a hoax")
	batch, err = b.Batch()
	if err != nil {
		log.Fatal(err)
	}
	_, err = g.Record(ctx, batch)
	fmt.Println("without cascade it is in use:", errors.Is(err, events.ErrInUse))

	b = g.NewBatch(ctx, "desk")
	hoax := b.Add(&events.Retracted{Event: added, Reason: "a hoax", Cascade: true})
	must(g, b)
	fmt.Println("retracted:", count(g.View(nil), graph.Pattern{}))

	b = g.NewBatch(ctx, "desk")
	b.Retract(hoax, "it was true")
	must(g, b)
	fmt.Println("undone:", count(g.View(nil), graph.Pattern{}))
	// Output:
	// without cascade it is in use: true
	// retracted: 0
	// undone: 1
}

// A redaction hides an event in every view, whatever its position, also in views
// that were made before.
func ExampleView_Statement_redacted() {
	g := newGraph()
	defer g.Close()
	b := g.NewBatch(ctx, "desk")
	story := b.Source("https://example.org/story").By(b.Person("Ann Reporter"))
	address := story.Says("live_at", b.Person("Bob"), b.Place("Elm Street 1")).ID()
	must(g, b)
	before := g.View(nil)

	b = g.NewBatch(ctx, "desk")
	b.Redact(address, "a private address")
	must(g, b)
	_, err := before.Statement(address)
	fmt.Println(count(before, graph.Pattern{}), errors.Is(err, graph.ErrRedacted))
	// Output: 0 true
}

// Recorders judge how statements bear on one another.
func ExampleView_Links() {
	g := newGraph()
	defer g.Close()
	b := g.NewBatch(ctx, "desk")
	story := b.Source("https://example.org/story").By(b.Person("Ann Reporter"))
	trump, peskov, moscow := b.Person("Donald Trump"), b.Person("Dmitry Peskov"), b.Place("Moscow")
	asked := story.Reports(trump, "ask_for_meeting", moscow).ID()
	reply := story.Reports(peskov, "be_useful", b.Topic("such meetings")).ID()
	b.Link(reply, events.RepliesTo, asked, "it neither confirms nor denies")
	must(g, b)

	for _, l := range g.View(nil).Links(asked) {
		fmt.Println(l.Type, l.From == reply, l.To == asked)
	}
	// Output: replies_to true true
}

// What a statement has replaced.
func ExampleView_Replaced() {
	g := newGraph()
	defer g.Close()
	b := g.NewBatch(ctx, "desk")
	page := b.Source("https://example.org/town").By(b.Person("A. Reporter"))
	first := page.Says("resign", b.Person("the mayor")).On("2025-03-03").ID()
	second := page.Says("resign", b.Person("the mayor")).On("2025-03-04").Replaces(first).ID()
	must(g, b)

	v := g.View(nil)
	for replaced := range v.Replaced(second) {
		fmt.Println(replaced == first)
	}
	// Output:
	// true
}

// Who retracts a statement that replaced another is told that the other stands again.
func ExampleReceipt() {
	g := newGraph()
	defer g.Close()
	b := g.NewBatch(ctx, "desk")
	page := b.Source("https://example.org/town").By(b.Person("A. Reporter"))
	first := page.Says("resign", b.Person("the mayor")).On("2025-03-03").ID()
	second := page.Says("resign", b.Person("the mayor")).On("2025-03-04").Replaces(first).ID()
	must(g, b)

	r, err := g.Update(ctx, "desk", func(b *events.Builder) error {
		b.Retract(second, "it was the deputy") // RetractVersions takes back both
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r)
	fmt.Println(r.Restored[0] == first)
	// Output:
	// position 2, 1 new event; standing again because of it: 1
	// true
}

// A source is revised by adding it again; each view has the newest as of its
// position.
func ExampleView_Source() {
	ctx := context.Background()
	g := newGraph()
	defer g.Close()
	for _, title := range []string{"Envoy to visit", "Envoy to visit Moscow this week"} {
		b := g.NewBatch(ctx, "desk")
		b.Source("https://example.org/live").Title(title)
		must(g, b)
	}
	id := events.Key("source", "https://example.org/live")
	for p := events.Position(1); p <= 2; p++ {
		src, err := g.View(nil).AsOf(p).Source(ctx, id)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(p, src.Title)
	}
	// Output:
	// 1 Envoy to visit
	// 2 Envoy to visit Moscow this week
}

// What another process records is taken in as it comes.
func ExampleGraph_Follow() {
	ctx, stop := context.WithCancel(context.Background())
	store := events.NewMem() // two graphs on one store, as two processes have
	here, err := graph.Open(ctx, store, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer here.Close()
	there, err := graph.Open(ctx, store, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer there.Close()
	followed := make(chan error)
	go func() { followed <- here.Follow(ctx) }()

	b := there.NewBatch(ctx, "desk")
	b.Source("https://example.org/story").By(b.Person("Ann Reporter")).Says("resign", b.Person("Bob"))
	r := must(there, b)
	if err := here.Wait(ctx, r.Position); err != nil {
		log.Fatal(err)
	}
	fmt.Println(count(here.View(nil), graph.Pattern{Predicate: "resign"}))
	stop()
	fmt.Println(errors.Is(<-followed, context.Canceled))
	// Output:
	// 1
	// true
}

// A graph that others add to beside it knows how far it is behind.
func ExampleGraph_Lag() {
	ctx := context.Background()
	store := events.NewMem() // two graphs on one store, as two processes have
	clock := func() time.Time { return time.Date(2025, 8, 4, 9, 0, 0, 0, time.UTC) }
	here, err := graph.Open(ctx, store, &graph.Options{Now: clock})
	if err != nil {
		log.Fatal(err)
	}
	defer here.Close()
	there, err := graph.Open(ctx, store, &graph.Options{Now: clock})
	if err != nil {
		log.Fatal(err)
	}
	defer there.Close()

	for _, who := range []string{"Bob", "Cem"} {
		b := there.NewBatch(ctx, "desk")
		b.Source("https://example.org/story").By(b.Person("Ann Reporter")).Says("resign", b.Person(who))
		must(there, b)
	}
	lag, err := here.Lag(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d records behind, since %s\n", lag.Records, lag.Since.Format(time.DateTime))
	if err := here.Refresh(ctx); err != nil { // Follow does it by itself
		log.Fatal(err)
	}
	lag, err = here.Lag(ctx)
	fmt.Println(lag.Records, err)
	// Output:
	// 2 records behind, since 2025-08-04 09:00:00
	// 0 <nil>
}

// The id of what a batch has named is made of the name again, however it is written, also in
// an erasable record.
func ExampleGraph_Key() {
	g, err := graph.Open(ctx, events.NewMem(), &graph.Options{Keys: events.NewMemKeys()})
	if err != nil {
		log.Fatal(err)
	}
	defer g.Close()
	b := g.NewBatch(ctx, "desk")
	b.Source("https://gazette.example/12").Says("resign", b.Person("Zo\u00eb Vale"))
	must(g, b)

	v := g.View(nil)
	for _, name := range []string{"Zo\u00eb Vale", " Zoe\u0308  Vale ", "Zoe Vale"} { // e and a diaeresis, e
		id := g.Key(events.EntityKey(events.Person, name)...)
		fmt.Printf("%+q: %d\n", name, count(v, graph.Pattern{Entity: id}))
	}
	fmt.Println(count(v, graph.Pattern{Source: g.Key("source", "https://gazette.example/12")}))
	// Output:
	// "Zo\u00eb Vale": 1
	// " Zoe\u0308  Vale ": 1
	// "Zoe Vale": 0
	// 1
}

// A record in a file is there for the next program that opens it.
func ExampleOpen() {
	dir, err := os.MkdirTemp("", "story")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "story.db")

	for range 2 {
		store, err := sqlite.Open(file, nil)
		if err != nil {
			log.Fatal(err)
		}
		g, err := graph.Open(context.Background(), store, nil)
		if err != nil {
			log.Fatal(err)
		}
		b := g.NewBatch(ctx, "desk")
		b.Source("https://gazette.example/12").Reports(b.Person("Ada Brandt"), "resign").On("2025-03-12")
		batch, err := b.Batch()
		if err != nil {
			log.Fatal(err)
		}
		receipt, err := g.Record(context.Background(), batch)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(receipt)
		g.Close()
		store.Close()
	}
	// Output:
	// position 1, 4 new events
	// position 1, nothing new
}
