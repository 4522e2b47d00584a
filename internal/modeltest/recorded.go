package modeltest

import (
	"context"
	"time"

	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/model"
)

// Recorded records random batches in a graph, which the caller closes, and in its
// model.
func Recorded(t *rapid.T) (*graph.Graph, *model.Model, *model.Gen) {
	var clock time.Time
	g, err := graph.Open(context.Background(), events.NewMem(), &graph.Options{Now: func() time.Time { return clock }})
	if err != nil {
		t.Fatal(err)
	}
	m, gen := model.New(), model.NewGen()
	for range rapid.IntRange(3, 15).Draw(t, "batches") {
		b, at := gen.Batch(t, m)
		clock = at
		out := m.Record(b, at)
		if _, err := g.Record(context.Background(), &b); (err == nil) != (out.Class == model.Recorded) {
			g.Close()
			t.Skip("package graph's own test compares what is refused")
		}
	}
	return g, m, gen
}
