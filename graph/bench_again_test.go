package graph_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// distant is a Mem that takes a millisecond to read a record, as a server may.
type distant struct{ *events.Mem }

func (d distant) Read(ctx context.Context, seq events.Seq) ([]byte, error) {
	time.Sleep(time.Millisecond)
	return d.Mem.Read(ctx, seq)
}

func (d distant) ReadPart(ctx context.Context, seq events.Seq, from, to int) ([]byte, error) {
	time.Sleep(time.Millisecond)
	return d.Mem.ReadPart(ctx, seq, from, to)
}

// BenchmarkAgain records statements again, in batches of 1,000, from a store that takes a
// millisecond to read a record, and tells how long somebody else, who records a statement
// every millisecond meanwhile, waits for each: of 20,000 that had been recorded in batches
// of 1,000, and of 2,000 that had been recorded one by one.
func BenchmarkAgain(b *testing.B) {
	for _, q := range []struct{ size, n int }{{1000, 20_000}, {1, 2000}} {
		b.Run(fmt.Sprintf("batches=%d", q.size), func(b *testing.B) {
			g, err := graph.Open(ctx, distant{events.NewMem()}, &graph.Options{CacheSize: -1})
			if err != nil {
				b.Fatal(err)
			}
			defer g.Close()
			c := newCast(1)
			record := func(es ...events.Event) {
				if _, err := g.Record(ctx, batchOf(es...)); err != nil {
					b.Error(err)
				}
			}
			record(c.registration.Events...)
			var all []events.Event
			for k := 0; len(all) < q.n; k++ {
				all = append(all, c.statements(fmt.Sprint("again ", k), c.who[0])...)
			}
			for part := range slices.Chunk(all, q.size) {
				record(part...)
			}
			var waits []time.Duration
			for b.Loop() {
				stop, stopped := make(chan struct{}), make(chan struct{})
				go func() {
					defer close(stopped)
					for {
						select {
						case <-stop:
							return
						case <-time.After(time.Millisecond):
						}
						one := c.statements(fmt.Sprint("other ", len(waits)), c.who[0])[0]
						start := time.Now()
						record(one)
						waits = append(waits, time.Since(start))
					}
				}()
				_, err := g.RecordAll(ctx, func(yield func(*events.Batch, error) bool) {
					for part := range slices.Chunk(all, 1000) {
						if !yield(batchOf(part...), nil) {
							return
						}
					}
				})
				close(stop)
				<-stopped
				if err != nil {
					b.Fatal(err)
				}
			}
			slices.Sort(waits)
			b.ReportMetric(float64(waits[len(waits)/2].Microseconds()), "µs-median")
			b.ReportMetric(float64(waits[len(waits)*9/10].Microseconds()), "µs-p90")
			b.ReportMetric(float64(waits[len(waits)-1].Microseconds()), "µs-most")
		})
	}
}
