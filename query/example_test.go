package query_test

import (
	"context"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

// Who and what the examples are about: an envoy's visit, as an article and a
// later one have it.
var (
	trump   = entity(events.Person, "Trump")
	peskov  = entity(events.Person, "Peskov")
	witkoff = entity(events.Person, "Witkoff")
	putin   = entity(events.Person, "Putin")
	visit   = entity(events.Occurrence, "the visit")
	meeting = entity(events.Occurrence, "the meeting")
)

const story = `"They want to see him," Trump said. "We are always glad to see Mr. Witkoff," Peskov noted.`

func entity(k events.EntityKind, name string) uuid.UUID {
	return events.Key("entity", k.String(), name)
}

// envoy returns the graph of the examples.
func envoy() *graph.Graph {
	b := events.NewBatch("desk")
	b.Declare(events.Predicate{Name: "meet", Symmetric: true})
	trump, peskov, witkoff, putin := b.Person("Trump"), b.Person("Peskov"), b.Person("Witkoff"), b.Person("Putin")
	visit, meeting := b.Occurrence("the visit"), b.Occurrence("the meeting")

	first := b.Source("https://example.org/1").By(b.Person("A. Reporter")).Published("2025-08-04").Text(story)
	asked := first.Quotes(trump, "They want to see him", "want_to_see", putin.As("They"), witkoff.As("him"))
	glad := first.Quotes(peskov, "We are always glad to see Mr. Witkoff", "be_glad_to_see", putin.As("We"), witkoff)
	first.Says("replies_to").Arg("from", events.Said(glad.ID())).Arg("to", events.Said(asked.ID()))
	first.Reports(trump, "travel", witkoff).Occurrence(visit).Stance("PS+").On("[2025-08-04..2025-08-10]")
	first.Reports(peskov, "talk", putin, witkoff).Occurrence(meeting).Stance("PS+")

	second := b.Source("https://example.org/2").By(b.Person("B. Reporter")).Published("2025-08-07")
	met := second.Says("meet", witkoff, putin).Occurrence(meeting).On("2025-08-06")
	other := second.Reports(peskov, "meet", putin, witkoff).Occurrence(meeting).On("2025-08-07")
	denied := second.Reports(trump, "meet", putin, witkoff).Stance("CT-")
	second.Says("travel", witkoff).Occurrence(visit).On("2025-08-06")
	b.Infers(b.Organisation("Desk"), events.PartOf).Role(events.RolePart, meeting).Role(events.RoleWhole, visit)
	b.Link(denied.ID(), events.Disputes, met.ID(), "he says so")
	other.ID()

	batch, err := b.Batch()
	if err != nil {
		log.Fatal(err)
	}
	g, err := graph.Open(context.Background(), events.NewMem(), &graph.Options{
		Now: func() time.Time { return time.Date(2025, 8, 8, 9, 0, 0, 0, time.UTC) }})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := g.Record(context.Background(), batch); err != nil {
		log.Fatal(err)
	}
	return g
}

// said is a statement in a line, with the names that are in use now.
func said(g *graph.Graph, r *graph.Reading) string {
	if r == nil {
		return "(what does not stand any more)"
	}
	line, err := query.Line(context.Background(), g.View(nil), &r.Statement)
	if err != nil {
		log.Fatal(err)
	}
	return line
}

// named is what entities are called now.
func named(g *graph.Graph, ids ...uuid.UUID) string {
	var names []string
	for _, id := range ids {
		e, err := g.View(nil).Entity(context.Background(), id)
		if err != nil {
			log.Fatal(err)
		}
		names = append(names, e.Name.Text)
	}
	return strings.Join(names, ", ")
}

func ExampleStatements() {
	g := envoy()
	defer g.Close()
	p := graph.Pattern{Predicate: "travel", Entity: witkoff}
	for r, err := range query.Statements(context.Background(), g.View(&graph.Lens{Least: events.Certain}), p) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(said(g, r))
	}
	// Output:
	// B. Reporter (CT+): travel Witkoff (the visit) on 2025-08-06 <https://example.org/2>
}

func ExampleCount() {
	g := envoy()
	defer g.Close()
	fmt.Println(query.Count(g.View(nil), graph.Pattern{Predicate: "meet"}))
	// Output:
	// 3
}

func ExampleTimeline() {
	g := envoy()
	defer g.Close()
	for item, err := range query.Timeline(context.Background(), g.View(nil), visit, nil) {
		if err != nil {
			log.Fatal(err)
		}
		switch {
		case !item.Dated:
			fmt.Println("undated:", item.Claim.Predicate)
		case item.Uncertain:
			fmt.Println("some day of", item.Claim.When.Time, item.Claim.Predicate)
		default:
			fmt.Println(item.Claim.When.Time, item.Claim.Predicate)
		}
	}
	// Output:
	// some day of [2025-08-04..2025-08-10] travel
	// 2025-08-06 travel
	// undated: part_of
}

func ExampleSaid() {
	g := envoy()
	defer g.Close()
	quotes := &query.SaidOptions{QuotesOnly: true}
	for r, err := range query.Said(context.Background(), g.View(nil), peskov, witkoff, quotes) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(r.Selector.Exact)
	}
	// Output:
	// We are always glad to see Mr. Witkoff
}

func ExampleLine() {
	g := envoy()
	defer g.Close()
	v := g.View(nil)
	for r, err := range query.Statements(context.Background(), v, graph.Pattern{Origin: peskov}) {
		if err != nil {
			log.Fatal(err)
		}
		line, err := query.Line(context.Background(), v, &r.Statement)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(line)
	}
	// Output:
	// Peskov (CT+): be_glad_to_see Putin, Witkoff "We are always glad to see Mr. Witkoff" <https://example.org/1>
	// Peskov (CT+): meet Putin, Witkoff (the meeting) on 2025-08-07 <https://example.org/2>
	// Peskov (PS+): talk Putin, Witkoff (the meeting) <https://example.org/1>
}

func ExampleStatements_reported() {
	g := empty()
	defer g.Close()
	b := g.NewBatch(ctx, "desk")
	mayor, vale := b.Person("Ada Brandt"), b.Person("Tom Vale")
	gazette, herald := b.Organisation("The Gazette"), b.Organisation("The Herald")
	b.Source("https://gazette.example/12").By(gazette).Quotes(mayor, "I have never met the man", "meet", mayor, vale).Stance("CT-")
	b.Source("https://herald.example/7").By(herald).Reports(mayor, "trust", vale)
	must(g, b)

	p := graph.Pattern{Origin: mayor.ID, Entity: vale.ID, Voice: gazette.ID}
	for r, err := range query.Statements(context.Background(), g.View(nil), p) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(said(g, r))
	}
	fmt.Println("of the Gazette's own:", query.Count(g.View(&graph.Lens{According: []uuid.UUID{gazette.ID}}), graph.Pattern{}))
	// Output:
	// Ada Brandt (CT-): meet Ada Brandt, Tom Vale "I have never met the man" <https://gazette.example/12>
	// of the Gazette's own: 0
}

func ExampleStatements_aboutNobody() {
	g := empty()
	defer g.Close()
	b := g.NewBatch(ctx, "desk")
	vale := b.Person("Tom Vale")
	page := b.Source("https://gazette.example/12").By(b.Person("Ada Brandt"))
	page.Says("be_open").Arg("what", events.Text("the bridge", "en")).Stance("CT-")
	page.Says("be_open").Arg("what", events.Text("the tunnel", "en")).Role("for", vale).Stance("CT-")
	must(g, b)

	p := graph.Pattern{Predicate: "be_open", Polarity: events.Denied, AboutNobody: true}
	for r, err := range query.Statements(context.Background(), g.View(nil), p) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(said(g, r))
	}
	// Output:
	// Ada Brandt (CT-): be_open what "the bridge" <https://gazette.example/12>
}

func ExampleAccordingTo() {
	g := envoy()
	defer g.Close()
	p := graph.Pattern{Predicate: "meet"}
	for r, err := range query.AccordingTo(context.Background(), g.View(nil), trump, p) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(said(g, r))
	}
	// Output:
	// Trump (CT-): meet Putin, Witkoff <https://example.org/2>
}

func ExampleLadder() {
	g := envoy()
	defer g.Close()
	ladder, err := query.Ladder(context.Background(), g.View(nil), visit)
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range ladder.Rungs {
		fmt.Println(said(g, r.Reading))
	}
	for _, related := range ladder.Related {
		fmt.Println("related:", len(related.Rungs), "rungs, least sure:", said(g, related.Rungs[0].Reading))
	}
	// Output:
	// Trump (PS+): travel Witkoff (the visit) on [2025-08-04..2025-08-10] <https://example.org/1>
	// B. Reporter (CT+): travel Witkoff (the visit) on 2025-08-06 <https://example.org/2>
	// related: 3 rungs, least sure: Peskov (PS+): talk Putin, Witkoff (the meeting) <https://example.org/1>
}

func ExampleDisputes() {
	g := envoy()
	defer g.Close()
	for l, err := range query.Disputes(context.Background(), g.View(nil), graph.Pattern{Entity: putin}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(said(g, l.From.Reading))
		fmt.Println("  disputes", said(g, l.To.Reading))
	}
	// Output:
	// Trump (CT-): meet Putin, Witkoff <https://example.org/2>
	//   disputes B. Reporter (CT+): meet Witkoff, Putin (the meeting) on 2025-08-06 <https://example.org/2>
}

func ExampleOppositions() {
	g := envoy()
	defer g.Close()
	about := graph.Pattern{Occurrence: meeting, During: graph.Certainly(day("2025-08-06"))}
	for o, err := range query.Oppositions(context.Background(), g.View(nil), about) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(said(g, o.Denial))
		fmt.Println("  opposes", said(g, o.Affirmation))
	}
	// Output:
	// Trump (CT-): meet Putin, Witkoff <https://example.org/2>
	//   opposes B. Reporter (CT+): meet Witkoff, Putin (the meeting) on 2025-08-06 <https://example.org/2>
}

func ExampleConflicts() {
	g := envoy()
	defer g.Close()
	p := graph.Pattern{Occurrence: meeting, Origin: peskov}
	for c, err := range query.Conflicts(context.Background(), g.View(nil), p) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(said(g, c.First))
		fmt.Println("  conflicts with", said(g, c.Second))
	}
	// Output:
	// Peskov (CT+): meet Putin, Witkoff (the meeting) on 2025-08-07 <https://example.org/2>
	//   conflicts with B. Reporter (CT+): meet Witkoff, Putin (the meeting) on 2025-08-06 <https://example.org/2>
}

// A reply that neither confirms nor denies is no contradiction.
func ExampleReplies() {
	g := envoy()
	defer g.Close()
	for r, err := range query.Replies(context.Background(), g.View(nil), graph.Pattern{Origin: peskov}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(said(g, r.From.Reading))
		fmt.Println("  replies to", said(g, r.To.Reading))
		fmt.Println("and commits to", r.Commits)
	}
	// Output:
	// Peskov (CT+): be_glad_to_see Putin, Witkoff "We are always glad to see Mr. Witkoff" <https://example.org/1>
	//   replies to Trump (CT+): want_to_see Putin, Witkoff "They want to see him" <https://example.org/1>
	// and commits to nothing
}

func ExampleWords() {
	g := envoy()
	defer g.Close()
	v := g.View(nil)
	for s := range v.Statements(graph.Pattern{Predicate: "want_to_see"}) {
		q, err := query.Words(context.Background(), v, s.ID(), story)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(q.Words, q.Verified)
	}
	// Output:
	// They want to see him true
}

func ExampleEdges() {
	g := envoy()
	defer g.Close()
	v := g.View(&graph.Lens{According: []uuid.UUID{peskov}})
	for e := range query.Edges(v, putin) {
		fmt.Println(named(g, e.From), e.Predicate, named(g, e.To), e.Statement.Stance())
	}
	// Unordered output:
	// Putin be_glad_to_see Witkoff CT+
	// Putin talk the meeting PS+
	// Putin talk Witkoff PS+
	// Putin meet the meeting CT+
	// Putin meet Witkoff CT+
}

func day(date string) edtf.Time { return edtf.MustParse(date) }
