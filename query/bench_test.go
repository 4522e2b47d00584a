package query_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

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
