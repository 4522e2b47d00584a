package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

// subject is what one round of questions is about: a statement that was drawn
// from all, evenly, so that busy actors come up as often as they act.
type subject struct {
	graph.Statement
	source, target uuid.UUID
	pair           graph.Pattern // statements of the same relation between the same actors
	quiet          uuid.UUID     // the one of the two of whom less is said
	far            uuid.UUID     // an actor of another statement
	day            edtf.Time
}

// questions are the questions of package query, as the benchmark puts them.
var questions = []struct {
	name string
	ask  func(context.Context, graph.View, subject) (answers int, err error)
}{
	{"Statements", func(ctx context.Context, v graph.View, s subject) (int, error) {
		return drain(query.Statements(ctx, v, s.pair))
	}},
	{"Count", func(_ context.Context, v graph.View, s subject) (int, error) {
		return query.Count(v, graph.Pattern{Entity: s.source}), nil
	}},
	{"AccordingTo", func(ctx context.Context, v graph.View, s subject) (int, error) {
		return drain(query.AccordingTo(ctx, v, s.source, s.pair))
	}},
	{"Said", func(ctx context.Context, v graph.View, s subject) (int, error) {
		return drain(query.Said(ctx, v, s.source, s.target, nil))
	}},
	{"Timeline", func(ctx context.Context, v graph.View, s subject) (int, error) {
		return drain(query.Timeline(ctx, v, s.source, nil))
	}},
	{"Edges", func(_ context.Context, v graph.View, s subject) (n int, err error) {
		for range query.Edges(v, s.source) {
			n++
		}
		return n, nil
	}},
	{"Disputes", func(ctx context.Context, v graph.View, s subject) (int, error) {
		return drain(query.Disputes(ctx, v, s.pair))
	}},
	{"Replies", func(ctx context.Context, v graph.View, s subject) (int, error) {
		return drain(query.Replies(ctx, v, s.pair))
	}},
	{"Oppositions", func(ctx context.Context, v graph.View, s subject) (int, error) {
		return drain(query.Oppositions(ctx, v, s.pair))
	}},
	{"Conflicts", func(ctx context.Context, v graph.View, s subject) (int, error) {
		return drain(query.Conflicts(ctx, v, s.pair))
	}},
	{"Support", func(ctx context.Context, v graph.View, s subject) (int, error) {
		answer, err := query.Support(ctx, v, s.ID())
		if err != nil {
			return 0, err
		}
		return len(answer.For) + len(answer.Against), nil
	}},
	{"SingleSourced", func(ctx context.Context, v graph.View, s subject) (int, error) {
		return drain(query.SingleSourced(ctx, v, s.pair))
	}},
	{"SecondHand", func(ctx context.Context, v graph.View, s subject) (int, error) {
		return drain(query.SecondHand(ctx, v, s.pair))
	}},
	{"Fallout of a voice", func(ctx context.Context, v graph.View, s subject) (int, error) {
		answer, err := query.Fallout(ctx, v, s.quiet)
		if err != nil {
			return 0, err
		}
		return len(answer.Fallen), nil
	}},
	{"RatingDifferences", func(ctx context.Context, v graph.View, s subject) (int, error) {
		return drain(query.RatingDifferences(ctx, v, s.pair))
	}},
	{"Shifts", func(ctx context.Context, v graph.View, s subject) (int, error) {
		return drain(query.Shifts(ctx, v, s.pair))
	}},
	{"Stances", func(ctx context.Context, v graph.View, s subject) (int, error) {
		return drain(query.Stances(ctx, v, s.pair))
	}},
	{"Predictions", func(ctx context.Context, v graph.View, s subject) (int, error) {
		return drain(query.Predictions(ctx, v, s.pair, s.day))
	}},
	{"Deadlines", func(ctx context.Context, v graph.View, s subject) (int, error) {
		return drain(query.Deadlines(ctx, v, s.pair, s.day))
	}},
	{"Neighbours", func(ctx context.Context, v graph.View, s subject) (int, error) {
		return drain(query.Neighbours(ctx, v, s.source, nil))
	}},
	{"Paths", func(ctx context.Context, v graph.View, s subject) (int, error) {
		return drain(query.Paths(ctx, v, s.source, s.far, nil))
	}},
	{"Paths at one time", func(ctx context.Context, v graph.View, s subject) (int, error) {
		return drain(query.Paths(ctx, v, s.source, s.far, &query.PathOptions{AtOneTime: true}))
	}},
	{"Holders", func(ctx context.Context, v graph.View, s subject) (int, error) {
		return drain(query.Holders(ctx, v, s.source, graph.Certainly(s.day)))
	}},
	{"SaidFor", func(ctx context.Context, v graph.View, s subject) (int, error) {
		return drain(query.SaidFor(ctx, v, s.source, s.pair))
	}},
	{"WhySame", func(ctx context.Context, v graph.View, s subject) (int, error) {
		answer, err := query.WhySame(ctx, v, s.source, s.target)
		if err != nil {
			return 0, err
		}
		return len(answer.Chain), nil
	}},
	{"Spellings", func(ctx context.Context, v graph.View, s subject) (int, error) {
		return drain(query.Spellings(ctx, v, s.quiet))
	}},
	{"Worklist", func(ctx context.Context, v graph.View, s subject) (int, error) {
		return drain(query.Worklist(ctx, v, s.pair, nil))
	}},
	{"Changes", func(ctx context.Context, v graph.View, s subject) (int, error) {
		changed, err := query.Changes(ctx, v.AsOf(s.Position()-1), v.AsOf(s.Position()), s.pair)
		if err != nil {
			return 0, err
		}
		return len(changed.Came), nil
	}},
}

func drain[T any](answers func(func(T, error) bool)) (n int, err error) {
	for _, err := range answers {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// years returns the table's rows as batches, and again for each of the years
// before, as other tables: what is asked grows by as much, the actors do not.
func years(b *testing.B, tab *table, n int) (batches []*events.Batch) {
	b.Helper()
	met := make(map[uuid.UUID]bool)
	for i := range n {
		year := *tab
		year.name = fmt.Sprint(tab.name, "-", i)
		c := newCoder(&year, func() *events.Builder { return events.NewBatch(recorder) }, func(id uuid.UUID) bool { return met[id] })
		opening, err := c.opening()
		if err != nil {
			b.Fatal(err)
		}
		batches = append(batches, opening)
		for start := 0; start < tab.rows(); start += 1000 {
			rows, err := tab.read(start, min(start+1000, tab.rows()))
			if err != nil {
				b.Fatal(err)
			}
			for k := range rows {
				rows[k].date = strconv.Itoa(2014-i) + rows[k].date[len("2014"):]
			}
			for batch, err := range c.batches(rows) {
				if err != nil {
					b.Fatal(err)
				}
				batches = append(batches, batch)
			}
		}
		for id := range c.met {
			met[id] = true
		}
	}
	return batches
}

// BenchmarkQuestions asks every question about the year as it was coded and about
// ten such years, and reports how long half of the rounds and 95 of 100 take at
// most, all answers read. A round is about another subject each time.
func BenchmarkQuestions(b *testing.B) {
	tab := icews14(b)
	for _, n := range []int{1, 10} {
		store := events.NewMem()
		recordAll(b, store, years(b, tab, n))
		g := openGraph(b, store)
		v := g.View(nil)
		subjects := draw(b, v, 1000)
		for _, q := range questions {
			b.Run(fmt.Sprintf("%s/statements=%d", q.name, n*tab.rows()), func(b *testing.B) {
				var took []time.Duration
				answers := 0
				for i := 0; b.Loop(); i++ {
					start := time.Now()
					k, err := q.ask(b.Context(), v, subjects[i%len(subjects)])
					took = append(took, time.Since(start))
					if err != nil {
						b.Fatal(err)
					}
					answers += k
				}
				slices.Sort(took)
				at := func(share int) float64 { return float64(took[len(took)*share/100]) / float64(time.Microsecond) }
				b.ReportMetric(at(50), "p50-us")
				b.ReportMetric(at(95), "p95-us")
				b.ReportMetric(float64(answers)/float64(len(took)), "answers")
			})
		}
	}
}

// draw draws subjects, the same in every run.
func draw(b *testing.B, v graph.View, n int) []subject {
	b.Helper()
	all := slices.Collect(v.Statements(graph.Pattern{}))
	random := rand.New(rand.NewPCG(2014, 90_730))
	subjects := make([]subject, n)
	for i := range subjects {
		s := subject{Statement: all[random.IntN(len(all))]}
		for role, e := range s.Entities() {
			if role == roleSource {
				s.source = e
			} else {
				s.target = e
			}
		}
		earliest, _, _ := s.When()
		s.day = edtf.MustParse(time.Unix(earliest, 0).UTC().Format(time.DateOnly))
		s.quiet = s.source
		if query.Count(v, graph.Pattern{Entity: s.target}) < query.Count(v, graph.Pattern{Entity: s.source}) {
			s.quiet = s.target
		}
		for _, e := range all[random.IntN(len(all))].Entities() {
			s.far = e
		}
		s.pair = graph.Pattern{Predicate: s.Predicate(), Args: []graph.Fill{
			{Role: roleSource, Entity: s.source}, {Role: roleTarget, Entity: s.target}}}
		subjects[i] = s
	}
	return subjects
}
