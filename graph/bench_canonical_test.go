package graph

import (
	"context"
	"fmt"
	"testing"

	"github.com/onrecord/onrecord/events"
)

// Who may be many others is found as fast as who is only himself.
func BenchmarkCanonical(b *testing.B) {
	ctx := context.Background()
	for _, others := range []int{0, 1000, 4000} {
		b.Run(fmt.Sprintf("perhaps=%d", others), func(b *testing.B) {
			g, err := Open(ctx, events.NewMem(), nil)
			if err != nil {
				b.Fatal(err)
			}
			defer g.Close()
			batch := events.NewBatch("desk")
			who, same := batch.Person("Ann"), batch.Person("Anna")
			batch.Judge(who, events.Same, same, "")
			for i := range others {
				batch.Judge(batch.Placeholder(fmt.Sprint(i)), events.Unsure, who, "")
			}
			built, err := batch.Batch()
			if err != nil {
				b.Fatal(err)
			}
			if _, err := g.Record(ctx, built); err != nil {
				b.Fatal(err)
			}
			v := g.View(nil)
			for b.Loop() {
				if v.Canonical(who.ID) != v.Canonical(same.ID) {
					b.Fatal("not the same")
				}
			}
		})
	}
}
