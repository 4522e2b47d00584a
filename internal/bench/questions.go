package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

// subject is what one round of questions is about: a statement that was drawn
// from all, evenly, so that busy actors come up as often as they act.
type subject struct {
	statement      uuid.UUID
	source, target uuid.UUID
	far            uuid.UUID     // an actor of another statement
	pair           graph.Pattern // statements of the same relation between the same actors
}

// asked are the most used questions of package query.
var asked = []struct {
	name string
	ask  func(context.Context, graph.View, subject) error
}{
	{"Statements", func(ctx context.Context, v graph.View, s subject) error {
		return drain(query.Statements(ctx, v, s.pair))
	}},
	{"Count", func(_ context.Context, v graph.View, s subject) error {
		query.Count(v, graph.Pattern{Entity: s.source})
		return nil
	}},
	{"AccordingTo", func(ctx context.Context, v graph.View, s subject) error {
		return drain(query.AccordingTo(ctx, v, s.source, s.pair))
	}},
	{"Said", func(ctx context.Context, v graph.View, s subject) error {
		return drain(query.Said(ctx, v, s.source, s.target, nil))
	}},
	{"Timeline", func(ctx context.Context, v graph.View, s subject) error {
		return drain(query.Timeline(ctx, v, s.source, nil))
	}},
	{"Edges", func(_ context.Context, v graph.View, s subject) error {
		for range query.Edges(v, s.source) {
		}
		return nil
	}},
	{"Neighbours", func(ctx context.Context, v graph.View, s subject) error {
		return drain(query.Neighbours(ctx, v, s.source, nil))
	}},
	{"Paths", func(ctx context.Context, v graph.View, s subject) error {
		return drain(query.Paths(ctx, v, s.source, s.far, nil))
	}},
	{"Support", func(ctx context.Context, v graph.View, s subject) error {
		_, err := query.Support(ctx, v, s.statement)
		return err
	}},
	{"Disputes", func(ctx context.Context, v graph.View, s subject) error {
		return drain(query.Disputes(ctx, v, s.pair))
	}},
}

func drain[T any](answers func(func(T, error) bool)) error {
	for _, err := range answers {
		if err != nil {
			return err
		}
	}
	return nil
}

// subjects draws what is asked about, the same in every run.
func subjects(d *data, n int) []subject {
	random := rand.New(rand.NewPCG(2014, 90_730))
	list := make([]subject, n)
	for i := range list {
		k := random.IntN(d.n)
		f := d.facts[k]
		s := subject{
			statement: statementID(uint32(k)), source: entityID(f.source), target: entityID(f.target),
			far: entityID(d.facts[random.IntN(d.n)].target),
		}
		s.pair = graph.Pattern{Predicate: predicateName(f.predicate), Args: []graph.Fill{
			{Role: roleSource, Entity: s.source}, {Role: roleTarget, Entity: s.target}}}
		list[i] = s
	}
	return list
}

const questionsText = "The ten most used questions of package `query`, all answers read, each about another subject. A subject is " +
	"a statement drawn from all, so busy actors come up as often as they act. *Asked* says how many were put where the time was " +
	"up before all were, *beyond the limit* how many ended with `ErrLimit`."

// questions measures the questions of package query on a graph of the data.
func (r *run) questions(ctx context.Context, n int, d *data, g *graph.Graph) error {
	s := r.section("Questions", questionsText, Plot{File: "questions", Title: "Questions: half of them take at most", Unit: "ns", Col: "p50"})
	view := g.View(nil)
	about := subjects(d, r.queries)
	for _, q := range asked {
		var took, yards samples
		limited := 0
		began := time.Now()
		for _, x := range about {
			beyond := false
			t, err := best(func() error {
				err := q.ask(ctx, view, x)
				if beyond = errors.Is(err, query.ErrLimit); beyond {
					return nil
				}
				return err
			})
			if err != nil {
				return err
			}
			if beyond {
				limited++
			}
			yard, err := best(r.yardstick.measure)
			if err != nil {
				return err
			}
			took, yards = append(took, t), append(yards, yard)
			if time.Since(began) > r.budget {
				break
			}
		}
		s.add(q.name, "p50", n, took.at(0.50), "ns")
		s.add(q.name, "p95", n, took.at(0.95), "ns")
		if len(took) < len(about) {
			s.add(q.name, "asked", n, float64(len(took)), "")
		}
		if limited > 0 {
			s.add(q.name, "beyond the limit", n, float64(limited), "")
		}
		r.ratioOf(q.name+", p50 / yardstick", n, took.at(0.50)/yards.median(), 0)
	}
	return nil
}
