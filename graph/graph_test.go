package graph_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
)

var ctx = context.Background()

func open(t testing.TB, s events.Store) *graph.Graph {
	t.Helper()
	at := time.Date(2025, 8, 4, 9, 0, 0, 0, time.UTC)
	g, err := graph.Open(ctx, s, &graph.Options{Now: func() time.Time { return at }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	return g
}

func record(t testing.TB, g *graph.Graph, b *events.Builder) graph.Receipt {
	t.Helper()
	batch, err := b.Batch()
	if err != nil {
		t.Fatal(err)
	}
	r, err := g.Record(ctx, batch)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRecordAndSee(t *testing.T) {
	store := events.NewMem()
	g := open(t, store)
	b := events.NewBatch("desk")
	src := b.Source("https://example.org/story").Published("2025-08-04")
	witkoff, putin := b.Person("Steve Witkoff"), b.Person("Vladimir Putin")
	met := src.Says("meet", witkoff, putin).On("2025-02-11").ID()
	again := src.Says("meet", witkoff, putin).On("[2025-08-06,2025-08-07]").ID()
	r := record(t, g, b)
	if r.New != 6 && r.New != 7 {
		t.Errorf("recorded %d events", r.New)
	}
	if again := record(t, g, b); !reflect.DeepEqual(again, graph.Receipt{Position: r.Position}) {
		t.Errorf("again: %v", again)
	}
	see := func(g *graph.Graph, l *graph.Lens) (n int) {
		for s := range g.View(l).Statements(graph.Pattern{Predicate: "meet", Entity: putin.ID}) {
			st, err := s.Load(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if st.ID != met && st.ID != again {
				t.Errorf("statement %v", st.ID)
			}
			n++
		}
		return n
	}
	if n := see(g, nil); n != 2 {
		t.Errorf("see %d statements", n)
	}
	// An empty id is anything, but for a fill.
	for p, want := range map[*graph.Pattern]int{{}: 2, {Args: []graph.Fill{{}}}: 0, {Args: []graph.Fill{{Role: "subject"}}}: 0} {
		n := 0
		for range g.View(nil).Statements(*p) {
			n++
		}
		if n != want {
			t.Errorf("%+v names %d statements, want %d", *p, n, want)
		}
	}
	day := edtf.MustParse("2025-08-06")
	if n := see(g, &graph.Lens{Valid: graph.Possibly(day)}); n != 1 {
		t.Errorf("possibly on the 6th: %d", n)
	}
	if n := see(g, &graph.Lens{Valid: graph.Certainly(day)}); n != 0 {
		t.Errorf("certainly on the 6th: %d", n)
	}
	c := events.NewBatch("desk")
	undo := c.Retract(met, "test")
	p := record(t, g, c).Position
	if again := record(t, g, b); !reflect.DeepEqual(again, graph.Receipt{Position: r.Position, Gone: []uuid.UUID{met}}) {
		t.Errorf("again, behind another batch: %v", again)
	}
	if n := see(g, nil); n != 1 {
		t.Errorf("after retraction: %d", n)
	}
	if n := see(g, &graph.Lens{AsOf: p - 1}); n != 2 {
		t.Errorf("as of before: %d", n)
	}
	d := events.NewBatch("desk")
	d.Retract(undo, "test")
	record(t, g, d)
	if n := see(g, nil); n != 2 {
		t.Errorf("after undo: %d", n)
	}
	g2 := open(t, store)
	if n := see(g2, nil); n != 2 {
		t.Errorf("replayed: %d", n)
	}
}

// A receipt names what was on record already and is not seen: not what the batch itself
// removes or restores.
func TestReceiptTellsWhatIsGone(t *testing.T) {
	g := open(t, events.NewMem())
	say := func(b *events.Builder, claims ...string) (ids []uuid.UUID) {
		for _, claim := range claims {
			ids = append(ids, b.Source("u").By(b.Person("Ada")).Says(claim).ID())
		}
		return ids
	}
	b := g.NewBatch(ctx, "desk")
	ids := say(b, "retracted", "replaced", "redacted", "stands")
	record(t, g, b)
	b = g.NewBatch(ctx, "desk").Occasion("undo")
	undo := b.Retract(ids[0], "by mistake")
	b.Source("u").Says("instead").Replaces(ids[1])
	b.Source("u").Says("at last").Replaces(b.Source("u").Says("at first").ID())
	say(b, "stands")
	b.Redact(ids[2], "asked for")
	if r := record(t, g, b); r.Gone != nil {
		t.Errorf("what removes others: %v", r)
	}
	for _, more := range []string{"", "new"} {
		b = g.NewBatch(ctx, "desk")
		say(b, "retracted", "replaced", "redacted", "stands")
		if more != "" {
			say(b, more)
		}
		r := record(t, g, b)
		want := "; on record already, but retracted or replaced (View.RemovedBy tells by what), or redacted for good: 3"
		if !slices.Equal(r.Gone, ids[:3]) || !strings.HasSuffix(r.String(), want) {
			t.Errorf("said again: %v, with %v, want %v", r, r.Gone, ids[:3])
		}
	}
	b = g.NewBatch(ctx, "desk")
	say(b, "retracted", "stands")
	b.Retract(undo, "it was right")
	if r := record(t, g, b); r.Gone != nil {
		t.Errorf("said again and restored: %v", r)
	}
}
