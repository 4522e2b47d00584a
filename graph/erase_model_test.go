package graph_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/model"
	"github.com/onrecord/onrecord/internal/modeltest"
)

// TestEraseModel hands random batches to an erasable graph and to the slow model,
// which knows redactions only, and compares every answer: in the live graph, which
// has folded the record anew for each redaction, now and then opened again from a
// snapshot; in a follower; and in one that replays the record with the keys that are
// left.
func TestEraseModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		store, keys := &shelf{Mem: events.NewMem()}, events.NewMemKeys()
		var clock time.Time
		opts := &graph.Options{Now: func() time.Time { return clock }, CacheSize: 1, Keys: keys}
		if rapid.Bool().Draw(t, "eager") {
			graph.Eager(opts)
		}
		graph.Often(opts)
		g, err := graph.Open(ctx, store, opts)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { g.Close() }()
		follower, err := graph.Open(ctx, store.Mem, opts)
		if err != nil {
			t.Fatal(err)
		}
		defer follower.Close()
		m, gen := model.New(), model.NewGen()
		extra := byte(0)
		for range rapid.IntRange(1, 25).Draw(t, "batches") {
			b, at := gen.Batch(t, m)
			if ids := m.IDs(); len(ids) > 0 && rapid.IntRange(0, 2).Draw(t, "redact") == 0 { // much more than usual
				extra++
				b.Events = []events.Event{{ID: uuid.UUID{6: 0x70, 8: 0x80, 15: extra},
					Body: &events.Redacted{Event: rapid.SampledFrom(ids).Draw(t, "target"), Reason: "by request"}}}
			}
			if asksForErased(m, &b) {
				continue
			}
			clock = at
			before := g.View(nil)
			r, err := g.Record(ctx, &b)
			want := m.Record(b, at)
			if got := modeltest.Class(err); got != want.Class {
				t.Fatalf("the batch is %v by the graph (%v), %v by the model (%s)", got, err, want.Class, want.Why)
			}
			if err == nil && (r.New != want.New || r.Position != want.Position) {
				t.Fatalf("receipt %+v, want %d new at %d", r, want.New, want.Position)
			}
			if rapid.IntRange(0, 9).Draw(t, "reopen") == 0 {
				g.Close()
				if g, err = graph.Open(ctx, store, opts); err != nil {
					t.Fatal(err)
				}
			} else if before.Position() > 0 {
				same(t, before, m, model.Lens{AsOf: before.Position()}, model.Pattern{})
			}
			if rapid.Bool().Draw(t, "follow") {
				if err := follower.Refresh(ctx); err != nil {
					t.Fatal(err)
				}
			}
			compare(t, g, m, gen, 1)
		}
		if err := follower.Refresh(ctx); err != nil {
			t.Fatal(err)
		}
		replayed, err := graph.Open(ctx, store.Mem, opts)
		if err != nil {
			t.Fatal(err)
		}
		defer replayed.Close()
		which := rapid.SampledFrom([]*graph.Graph{g, follower, replayed}).Draw(t, "which")
		compare(t, which, m, gen, 3)
		everything(t, which, m, gen)
	})
}

// asksForErased reports whether what becomes of a batch depends on what has been
// erased: it splits a statement of which nobody can say any more what it mentions
// where, or has an id again, whatever it stood for.
func asksForErased(m *model.Model, b *events.Batch) bool {
	return slices.ContainsFunc(b.Events, func(e events.Event) bool {
		split, _ := e.Body.(*events.EntitySplit)
		return m.Redacted(e.ID) || split != nil && slices.ContainsFunc(split.Parts, func(p events.SplitPart) bool {
			return slices.ContainsFunc(p.Mentions, func(x events.Mention) bool { return m.Redacted(x.Statement) })
		})
	})
}
