package graph_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/jsonl"
	"github.com/onrecord/onrecord/graph"
)

// Two desks keep a file each. One takes in what the other has recorded, again and again: under the
// other's names, and without a change to what it has said itself.
func Example_twoDesks() {
	ctx := context.Background()
	open := func(store events.Store) *graph.Graph {
		g, err := graph.Open(ctx, store, nil)
		if err != nil {
			log.Fatal(err)
		}
		return g
	}
	theirStore := events.NewMem() // each desk's is a file
	ours, theirs := open(events.NewMem()), open(theirStore)
	defer ours.Close()
	defer theirs.Close()
	record := func(g *graph.Graph, who string, say func(b *events.Builder)) {
		b := g.NewBatch(ctx, who)
		say(b)
		must(g, b)
	}
	record(ours, "Cem", func(b *events.Builder) {
		b.Source("https://gazette.example/12").Title("A meeting").
			Quotes(b.Person("Ada Brandt"), "I have never met the man", "meet", b.Person("Ada Brandt"), b.Person("the man")).Stance("CT-")
		b.Judge(b.Person("Tom Vale"), events.Different, b.Person("the man"), "he was abroad")
	})
	record(theirs, "Ann", func(b *events.Builder) {
		b.Source("https://gazette.example/12").Title("Brandt meets owner").
			Reports(b.Person("Rolf Sand"), "drive", b.Person("Tom Vale"))
		b.Occasion("who is who").Judge(b.Person("Tom Vale"), events.Same, b.Person("the man"), "who else")
	})

	copied, seen := events.NewMem(), events.Position(0)
	take := func() {
		var sent bytes.Buffer // what they send: an export, of which we keep a record by itself
		if _, err := jsonl.Export(ctx, theirStore, &sent); err != nil {
			log.Fatal(err)
		}
		if _, err := jsonl.Import(ctx, copied, &sent); err != nil {
			log.Fatal(err)
		}
		g := open(copied)
		defer g.Close()
		for t, err := range ours.TakeIn(ctx, "harbour desk", g.View(nil), seen) {
			if err != nil {
				log.Fatal(err)
			}
			for _, l := range t.LeftOut {
				fmt.Println(l.Event.Recorder+":", l.Err)
			}
			seen = t.From
		}
		fmt.Println("up to their batch", seen)
		for s := range ours.View(nil).Statements(graph.Pattern{}) {
			r, err := s.Load(ctx)
			if err != nil {
				log.Fatal(err)
			}
			fmt.Printf("  %s: %s\n", r.Recorder, s.Predicate())
		}
	}
	take()
	s, err := ours.View(nil).Source(ctx, ours.Key("source", "https://gazette.example/12"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("title:", s.Title)
	record(theirs, "Ben", func(b *events.Builder) {
		for s := range theirs.View(nil).Statements(graph.Pattern{Predicate: "drive"}) {
			b.Known(theirs.Key("source", "https://gazette.example/12")).
				Reports(b.Person("Rolf Sand"), "fetch", b.Person("Tom Vale")).Replaces(s.ID())
		}
	})
	take()
	// Output:
	// Ann: graph: take in: SourceAdded c12ea5bc-82dc-5af9-9c2b-c26e489bf31e: revises what 5cfe117f-c1e3-582e-bbd0-86c86a968e29 registers: changes what is this record's own
	// Ann: graph: take in: events: IdentityJudged f6221d29-afb2-5a6f-9ff6-8700a5457bde: Verdict same: person("Tom Vale") 8ec441e7-f912-53bc-834f-b69fb85ce232 and person("the man") 8fc2c029-c1ac-54b4-b670-3fe35e100059 cannot be same while these verdicts stand: 8ec441e7-f912-53bc-834f-b69fb85ce232 different 8fc2c029-c1ac-54b4-b670-3fe35e100059, want unsure, or one of them retracted first
	// up to their batch 1
	//   Cem: meet
	//   harbour desk: Ann: drive
	// title: A meeting
	// up to their batch 2
	//   Cem: meet
	//   harbour desk: Ben: fetch
}

// What they take back of what both have said, or read otherwise, stays with us as it is, what is
// theirs alone goes, and taking all in again changes nothing.
func TestTwoDesks(t *testing.T) {
	ctx := t.Context()
	ours, theirs := newGraph(), newGraph()
	defer ours.Close()
	defer theirs.Close()
	record := func(g *graph.Graph, who string, say func(b *events.Builder)) {
		b := g.NewBatch(ctx, who)
		say(b)
		must(g, b)
	}
	var both, split, alone uuid.UUID
	say := func(b *events.Builder) {
		split = b.Source("https://gazette.example/12").By(b.Person("A. Reporter")).Says("hail", b.Place("the harbour")).ID()
		both = b.Source("https://gazette.example/12").By(b.Person("A. Reporter")).Says("rain", b.Place("the harbour")).ID()
	}
	record(ours, "Cem", say)
	record(theirs, "Ann", say)
	record(theirs, "Ann", func(b *events.Builder) {
		alone = b.Source("https://herald.example/7").Title("Wet").By(b.Person("B. Reporter")).Says("snow", b.Place("the harbour")).ID()
	})
	record(theirs, "Ann", func(b *events.Builder) {
		b.Source("https://herald.example/7").Title("White")
		b.Split(b.Place("the harbour"), b.Place("the old harbour"), "it hailed there", split)
	})
	record(theirs, "Ben", func(b *events.Builder) {
		b.Retract(both, "it was dry")
		b.Retract(alone, "it was July")
	})
	take := func(after events.Position) {
		t.Helper()
		if _, at, _, err := takeIn(ours, "harbour desk", theirs.View(nil), after); err != nil || at != 4 {
			t.Fatal(at, err)
		}
	}
	take(0)
	v := ours.View(nil)
	if _, err := v.Statement(both); err != nil {
		t.Error("what we have said, too:", err)
	}
	harbour := graph.Pattern{Entity: ours.Key(events.EntityKey(events.Place, "the harbour")...), Predicate: "hail"}
	if n := count(v, harbour); n != 1 {
		t.Errorf("%d statements of ours read as we said them, want 1", n)
	}
	if e, err := v.Event(ctx, alone); err != nil || e.Recorder != "harbour desk: Ann" {
		t.Error("what they have said:", e, err)
	}
	if _, err := v.Statement(alone); !errors.Is(err, graph.ErrNotInView) {
		t.Error("what they have taken back:", err)
	}
	if s, err := v.Source(ctx, ours.Key("source", "https://herald.example/7")); err != nil || s.Title != "White" {
		t.Error("what they have revised:", s, err)
	}
	for after := range events.Position(5) {
		if take(after); ours.View(nil).Position() != v.Position() {
			t.Errorf("taken in again from %d, it changes something", after)
		}
	}
}

// The page about stores shows how two desks do it.
func TestREADMEDesks(t *testing.T) {
	page, err := os.ReadFile("../events/README.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("example_desks_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, shown, _ := strings.Cut(string(page), "\n## Two desks, two files\n")
	_, shown, _ = strings.Cut(shown, "\n```go\n")
	shown, _, _ = strings.Cut(shown, "```\n")
	if shown == "" || !strings.Contains(string(source), "\n"+shown) {
		t.Errorf("no example has what the page shows:\n%s", shown)
	}
}
