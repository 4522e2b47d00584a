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

// empty returns a graph of nothing.
func empty() *graph.Graph {
	g, err := graph.Open(context.Background(), events.NewMem(), &graph.Options{
		Now: func() time.Time { return time.Date(2025, 8, 8, 9, 0, 0, 0, time.UTC) }})
	if err != nil {
		log.Fatal(err)
	}
	return g
}

// must records what has been built.
func must(g *graph.Graph, b *events.Builder) {
	batch, err := b.Batch()
	if err != nil {
		log.Fatal(err)
	}
	if _, err := g.Record(context.Background(), batch); err != nil {
		log.Fatal(err)
	}
}

func ExampleWhySame() {
	g := empty()
	defer g.Close()
	b := g.NewBatch(ctx, "Ada")
	twain, clemens, josh := b.Person("Mark Twain"), b.Person("Samuel L. Clemens"), b.Person("Josh")
	b.Judge(twain, events.Same, clemens, "the name he wrote under")
	b.Judge(clemens, events.Same, josh, "he says so in a letter")
	b.Judge(josh, events.Unsure, twain, "others may have signed so, too")
	must(g, b)

	answer, err := query.WhySame(context.Background(), g.View(nil), twain.ID, josh.ID)
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range answer.Chain {
		fmt.Printf("%s is %s: %s (%s)\n", s.From.Name.Text, s.To.Name.Text, s.By.Reason, s.By.Recorder)
	}
	for _, j := range answer.Others {
		fmt.Printf("but %s is %v: %s\n", j.Recorder, j.Verdict, j.Reason)
	}
	// Output:
	// Mark Twain is Samuel L. Clemens: the name he wrote under (Ada)
	// Samuel L. Clemens is Josh: he says so in a letter (Ada)
	// but Ada is unsure: others may have signed so, too
}

func ExampleSpellings() {
	g := empty()
	defer g.Close()
	b := g.NewBatch(ctx, "desk")
	kyiv := b.Place("Kyiv")
	b.Name(kyiv, "Київ", "uk")
	herald, courier := b.Organisation("The Herald"), b.Organisation("The Courier")

	first := b.Source("https://example.org/herald/1").Publisher(herald).By(b.Person("A. Reporter"))
	first.Says("arrive", b.Person("a minister")).Role("in", kyiv.As("Kiev"))
	first.Says("leave", b.Person("a minister")).Role("for", kyiv.As("the capital"))
	second := b.Source("https://example.org/courier/2").Publisher(courier).By(b.Person("B. Reporter"))
	second.Says("arrive", b.Person("a minister")).Role("in", kyiv.As("Kiev"))
	second.Says("dine", b.Person("a minister")).Role("in", kyiv.As("Kyiv"))
	must(g, b)

	for s, err := range query.Spellings(context.Background(), g.View(nil), kyiv.ID) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Print(s.Text)
		if !s.Recorded {
			fmt.Print(" (as written)")
		}
		for _, o := range s.Outlets {
			if len(o.Statements) > 0 {
				fmt.Printf("; %s: %d", named(g, o.Publisher), len(o.Statements))
			}
		}
		fmt.Println()
	}
	// Output:
	// Kiev (as written); The Courier: 1; The Herald: 1
	// Kyiv; The Courier: 1
	// the capital (as written); The Herald: 1
	// Київ
}

// Somebody is not identified at first. When he is, what was known before stays
// what it was.
func ExamplePlaceholders() {
	g := empty()
	defer g.Close()
	early := g.NewBatch(ctx, "desk")
	source, felt := early.Placeholder("Deep Throat"), early.Person("Mark Felt")
	early.Source("https://example.org/1974").By(early.Person("Bob Woodward")).Reports(source, "cover_up", early.Group("the White House"))
	early.Judge(source, events.Unsure, felt, "had access to the files")
	must(g, early)

	late := g.NewBatch(ctx, "desk")
	late.Judge(source, events.Same, felt, "he says so himself, 31 May 2005")
	must(g, late)

	for _, p := range []events.Position{1, 2} {
		for u, err := range query.Placeholders(context.Background(), g.View(nil).AsOf(p)) {
			if err != nil {
				log.Fatal(err)
			}
			fmt.Printf("as of %d: who is %s? In %d statement\n", p, u.Name.Text, u.Mentions)
			for _, c := range u.Candidates {
				fmt.Printf("perhaps %s: %s\n", named(g, c.Entity), c.Verdicts[0].Reason)
			}
		}
	}
	// Output:
	// as of 1: who is Deep Throat? In 1 statement
	// perhaps Mark Felt: had access to the files
}

func ExampleWorklist() {
	g := empty()
	defer g.Close()
	b := g.NewBatch(ctx, "desk")
	mayor, official := b.Person("the mayor"), b.Placeholder("an official of the town hall")
	page := b.Source("https://example.org/bridge").By(b.Person("A. Reporter")).Published("2025-08-04")
	page.Reports(official, "close", b.Place("the bridge")).When("tomorrow", "2025-08-05", "2025-08-04")
	page.Reports(mayor, "reopen", b.Place("the bridge")).Act(events.Withhold)
	page.Reports(mayor, "regret", mayor).Said("2025-08-06")
	must(g, b)

	correction := g.NewBatch(ctx, "desk")
	correction.Source("https://example.org/bridge").Published("2025-08-05")
	must(g, correction)

	for t, err := range query.Worklist(context.Background(), g.View(nil), graph.Pattern{}, nil) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: %v", t.Claim.Predicate, t.Kind)
		for _, when := range t.Times {
			fmt.Printf(" (%s %s, published %s)", when.As, when.Time, t.Published)
		}
		fmt.Println()
	}
	// Output:
	// close: unknown speaker
	// close: anchor corrected (tomorrow 2025-08-05, published 2025-08-05)
	// reopen: withheld
	// regret: said after publication ( 2025-08-06, published 2025-08-05)
}
