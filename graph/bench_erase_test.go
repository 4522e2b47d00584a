package graph_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/keys"
	"github.com/onrecord/onrecord/events/sqlite"
	"github.com/onrecord/onrecord/graph"
)

// BenchmarkErasable records the same in a plain and in an erasable record, by turns,
// opens both again, and reports what sealing costs: how many times as long, and bytes
// for each event. Then it redacts one event.
func BenchmarkErasable(b *testing.B) {
	const n = 20_000
	for _, size := range []int{1, 1000} {
		batches := coded(n, 1000)
		if size == 1 {
			batches = append(batches[:1], coded(500, 1)[25:]...) // actors, and statements one by one
		}
		statements := 0
		for _, batch := range batches {
			statements += len(batch.Events)
		}
		b.Run(fmt.Sprint("sqlite ", size, " a batch"), func(b *testing.B) {
			var spent, opened [2]time.Duration
			var bytes [2]int
			var redacted time.Duration
			for b.Loop() {
				for sealed := range 2 {
					dir := b.TempDir()
					opts := &graph.Options{NoSnapshot: true}
					if sealed == 1 {
						k, err := keys.Open(filepath.Join(dir, "keys"), nil)
						if err != nil {
							b.Fatal(err)
						}
						defer k.Close()
						opts.Keys = k
					}
					store, err := sqlite.Open(filepath.Join(dir, "db"), nil)
					if err != nil {
						b.Fatal(err)
					}
					g, err := graph.Open(ctx, store, opts)
					if err != nil {
						b.Fatal(err)
					}
					start := time.Now()
					if size == 1 {
						for _, batch := range batches {
							if _, err := g.Record(ctx, batch); err != nil {
								b.Fatal(err)
							}
						}
					} else if _, err := g.RecordAll(ctx, func(yield func(*events.Batch, error) bool) {
						for _, batch := range batches {
							if !yield(batch, nil) {
								return
							}
						}
					}); err != nil {
						b.Fatal(err)
					}
					spent[sealed] += time.Since(start)
					g.Close()
					for r, err := range store.Scan(ctx, 0) {
						if err != nil {
							b.Fatal(err)
						}
						bytes[sealed] += len(r.Data)
					}
					start = time.Now()
					if g, err = graph.Open(ctx, store, opts); err != nil {
						b.Fatal(err)
					}
					opened[sealed] += time.Since(start)
					if sealed == 1 {
						last := slices.Collect(g.View(nil).Statements(graph.Pattern{}))[0]
						start = time.Now()
						if _, err := g.Record(ctx, &events.Batch{Recorder: "bench", Events: []events.Event{
							{ID: uuid.Must(uuid.NewV7()), Body: &events.Redacted{Event: last.ID()}}}}); err != nil {
							b.Fatal(err)
						}
						redacted += time.Since(start)
					}
					g.Close()
					store.Close()
				}
			}
			each := float64(b.N * statements)
			b.ReportMetric(float64(spent[0].Nanoseconds())/each, "plain-ns/event")
			b.ReportMetric(float64(spent[1].Nanoseconds())/each, "sealed-ns/event")
			b.ReportMetric(float64(spent[1])/float64(spent[0]), "record-ratio")
			b.ReportMetric(float64(opened[1])/float64(opened[0]), "open-ratio")
			b.ReportMetric(float64(bytes[1]-bytes[0])/each, "more-B/event")
			b.ReportMetric(float64(redacted.Milliseconds())/float64(b.N), "redact-ms")
		})
	}
}
