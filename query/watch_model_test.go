package query_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/modeltest"
	"github.com/onrecord/onrecord/query"
)

// watch watches what the pattern names through the lens, from some position to
// the end.
func (x *exam) watch() {
	g := x.v.Graph()
	g.Close() // so that watching ends
	from := events.Position(rapid.IntRange(0, int(x.m.Last())).Draw(x.t, "watch from"))
	q := modeltest.Pattern(x.p)
	opts := &query.WatchOptions{Lens: modeltest.Lens(x.l)}
	var want []string
	for _, s := range x.m.Watch(x.l, x.p, from) {
		want = append(want, fmt.Sprint(s.Position, each(s.Came, x.name), each(s.Went, x.name)))
	}
	ask := func(_ context.Context, v graph.View) iter.Seq2[uuid.UUID, error] {
		return func(yield func(uuid.UUID, error) bool) {
			for s := range v.Statements(q) {
				if !yield(s.ID(), nil) {
					return
				}
			}
		}
	}
	x.same("Watch", x.updates(g, from, ask, opts), want)
	opts.Touching = []graph.Pattern{q}
	x.same("Watch, where touched", x.updates(g, from, ask, opts), want)

	x.watchStatements(from, q, opts.Lens)

	// A question that rests on more than what it names.
	oppositions := func(ctx context.Context, v graph.View) iter.Seq2[uuid.UUID, error] {
		return func(yield func(uuid.UUID, error) bool) {
			for o, err := range query.Oppositions(ctx, v, q) {
				if err != nil {
					yield(uuid.Nil, err)
					return
				}
				if !yield(uuid.NewSHA1(o.Denial.ID, o.Affirmation.ID[:]), nil) {
					return
				}
			}
		}
	}
	all := x.updates(g, from, oppositions, &query.WatchOptions{Lens: opts.Lens})
	x.same("Watch, oppositions", x.updates(g, from, oppositions, &query.WatchOptions{
		Lens: opts.Lens, Touching: []graph.Pattern{{}},
	}), all)
}

// watchStatements watches statements, which is told as Watch tells it, and of which ids are
// redacted where they are.
func (x *exam) watchStatements(from events.Position, p graph.Pattern, l *graph.Lens) {
	g := x.v.Graph()
	went := make(map[events.Position][]uuid.UUID)
	for e, err := range g.View(nil).Events(ctx, from) {
		if err != nil {
			x.t.Fatal(err)
		}
		if r, ok := e.Body.(*events.Redacted); ok {
			if _, err := g.View(nil).Statement(r.Event); errors.Is(err, graph.ErrRedacted) {
				went[e.Position] = append(went[e.Position], r.Event)
			}
		}
	}
	came := make(map[events.Position][]uuid.UUID)
	for _, s := range x.m.Watch(x.l, x.p, from) {
		came[s.Position] = s.Came
		went[s.Position] = append(slices.Clone(s.Went), went[s.Position]...)
	}
	byID := func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) }
	var want, got []string
	add := func(list *[]string, at events.Position, came, went []uuid.UUID) {
		slices.SortFunc(came, byID)
		slices.SortFunc(went, byID)
		*list = append(*list, fmt.Sprint(at, each(came, x.name), each(went, x.name)))
	}
	for at := from + 1; at <= x.m.Last(); at++ {
		if len(came[at])+len(went[at]) > 0 {
			add(&want, at, slices.Clone(came[at]), went[at])
		}
	}
	for u, err := range query.WatchStatements(ctx, g, from, l, p) {
		if errors.Is(err, graph.ErrClosed) {
			break
		}
		if err != nil {
			x.t.Fatal(err)
		}
		var ids []uuid.UUID
		for _, r := range u.Came {
			ids = append(ids, r.ID)
		}
		add(&got, u.Position, ids, u.Went)
	}
	x.same("WatchStatements", got, want)
}

// updates prints what a watch tells until the graph, being closed, has no more.
func (x *exam) updates(
	g *graph.Graph, from events.Position,
	ask func(context.Context, graph.View) iter.Seq2[uuid.UUID, error], opts *query.WatchOptions,
) (all []string) {
	name := func(id uuid.UUID) string { return cmp.Or(x.names[id], id.String()) }
	byID := func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) }
	for u, err := range query.Watch(ctx, g, from, ask, func(id uuid.UUID) uuid.UUID { return id }, opts) {
		if errors.Is(err, graph.ErrClosed) {
			return all
		}
		if err != nil {
			x.t.Fatal(err)
		}
		slices.SortFunc(u.Came, byID)
		slices.SortFunc(u.Went, byID)
		all = append(all, fmt.Sprint(u.Position, each(u.Came, name), each(u.Went, name)))
	}
	x.t.Fatal("watching ends without an error")
	return nil
}
