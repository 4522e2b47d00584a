package query_test

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

// The time that a worklist takes for each statement that one has replaced is the same,
// however many there are.
func BenchmarkReplaced(b *testing.B) {
	for _, n := range []int{500, 2000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			d := newDesk(b)
			var last uuid.UUID
			for i := range n {
				s := d.page("1").Says("resign", d.Person("A")).Locator(fmt.Sprint(i))
				if i > 0 {
					s.Replaces(last)
				}
				last = s.ID()
				d.record()
			}
			v := d.g.View(nil)
			for b.Loop() {
				if n, errs := outcome(query.Worklist(ctx, v, all, nil)); n > 0 || len(errs) > 0 {
					b.Fatal(n, errs)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/replaced")
		})
	}
}

// The time that SaidFor takes for each statement of somebody is the same, however many
// there are, if each of them comes with a holding of his office. So it is once he has left
// it; what he says in office is answered with every holding.
//
//	ns/remark: for each statement
//	ns/held: for each holding that an answer names
func BenchmarkSaidFor(b *testing.B) {
	for when, said := range map[string]string{"after": "2025-01-05", "in office": "2018"} {
		for _, n := range []int{250, 500, 1000, 2000} {
			b.Run(fmt.Sprint(when, "/", n), func(b *testing.B) {
				d := newDesk(b)
				port, director := d.Organisation("port"), d.Person("director")
				for i := range n {
					page := d.page(fmt.Sprint(i))
					page.Says(events.HoldPosition).Role(events.RoleHolder, director).
						Role(events.RolePosition, d.Entity(events.Office, "director")).Role("of", port).On("2015/2020").ID()
					page.Reports(director, "rest").Said(said).ID()
					if i%250 == 249 {
						d.record()
					}
				}
				v := d.g.View(nil)
				held := 0
				for b.Loop() {
					held = 0
					for m, err := range query.SaidFor(ctx, v, port.ID, all) {
						if err != nil {
							b.Fatal(err)
						}
						held += len(m.Held)
					}
				}
				each := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
				if b.ReportMetric(each/float64(n), "ns/remark"); held > 0 {
					b.ReportMetric(each/float64(held), "ns/held")
				}
			})
		}
	}
}

// BenchmarkFeed tells of one statement more about somebody of whom many are on record.
//
//	watch-ratio: how long Watch takes for it, against WatchStatements
func BenchmarkFeed(b *testing.B) {
	for _, n := range []int{1000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			d := newDesk(b)
			about := graph.Pattern{Entity: d.Person("A").ID}
			for i := 0; i < n; {
				for range 1000 {
					d.page("1").Says("meet", d.Person("A")).Locator(fmt.Sprint(i))
					i++
				}
				d.record()
			}
			ask := func(ctx context.Context, v graph.View) iter.Seq2[graph.Statement, error] {
				return func(yield func(graph.Statement, error) bool) {
					for s := range v.Statements(about) {
						if !yield(s, nil) {
							return
						}
					}
				}
			}
			seen := d.g.View(nil).Position()
			watching, stopWatching := iter.Pull2(query.Watch(ctx, d.g, seen, ask, graph.Statement.ID, nil))
			defer stopWatching()
			feeding, stopFeeding := iter.Pull2(query.WatchStatements(ctx, d.g, seen, nil, about))
			defer stopFeeding()
			more := func() {
				d.page("1").Says("meet", d.Person("A")).Locator(fmt.Sprint("more ", seen))
				d.record()
				seen++
			}
			more()
			watching() // it asks for the first time
			feeding()
			var feed, watch time.Duration
			for b.Loop() {
				more()
				begin := time.Now()
				if u, err, _ := feeding(); err != nil || len(u.Came) != 1 {
					b.Fatal(u, err)
				}
				feed += time.Since(begin)
				begin = time.Now()
				if u, err, _ := watching(); err != nil || len(u.Came) != 1 {
					b.Fatal(u, err)
				}
				watch += time.Since(begin)
			}
			b.ReportMetric(float64(feed.Microseconds())/float64(b.N), "feed-µs")
			b.ReportMetric(watch.Seconds()/feed.Seconds(), "watch-ratio")
		})
	}
}
