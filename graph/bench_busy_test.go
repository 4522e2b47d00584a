package graph_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// BenchmarkBusy asks for what an actor does by one predicate, and reads where that
// leads to, for the busiest actor of coded statements, a busy one and one of many:
// as an argument, as the origin, as of half of the record, and according to it.
func BenchmarkBusy(b *testing.B) {
	const n = 200_000
	g := load(b, events.NewMem(), coded(n, 1000))
	defer g.Close()
	half := &graph.Lens{AsOf: g.View(nil).Position() / 2}
	for _, rank := range []int{0, 30, 1000} {
		id := events.Key("bench actor", fmt.Sprint(rank))
		fill := []graph.Fill{{Role: "source", Entity: id}}
		for _, q := range []struct {
			name    string
			lens    *graph.Lens
			pattern graph.Pattern
		}{
			{"argument", nil, graph.Pattern{Args: fill}},
			{"origin", nil, graph.Pattern{Origin: id}},
			{"as of", half, graph.Pattern{Args: fill}},
			{"according", &graph.Lens{According: []uuid.UUID{id}}, graph.Pattern{}},
		} {
			b.Run(fmt.Sprintf("rank=%d/%s", rank, q.name), func(b *testing.B) {
				b.ReportAllocs()
				rows := 0
				for i := 0; b.Loop(); i++ {
					q.pattern.Predicate = predicates[i%len(predicates)]
					for s := range g.View(q.lens).Statements(q.pattern) {
						rows++
						for role, to := range s.Entities() {
							if role == "target" && to == uuid.Nil {
								b.Fatal("a statement leads nowhere")
							}
						}
					}
				}
				b.ReportMetric(float64(rows)/float64(b.N), "rows")
			})
		}
	}
}

var predicates = func() (names [50]string) {
	for i := range names {
		names[i] = fmt.Sprint("predicate ", i)
	}
	return names
}()
