package relations_test

import (
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	gonum "gonum.org/v1/gonum/graph"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/model"
	"github.com/onrecord/onrecord/internal/modeltest"
	"github.com/onrecord/onrecord/internal/seed"
	"github.com/onrecord/onrecord/query/relations"
)

var _ = seed.Fix()

// TestModel hands random batches to a graph and to the slow model of it, and
// compares who is related to whom: every node, edge, weight and statement.
func TestModel(t *testing.T) {
	nodes, arcs := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		var clock time.Time
		g, err := graph.Open(ctx, events.NewMem(), &graph.Options{Now: func() time.Time { return clock }})
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		m, gen := model.New(), model.NewGen()
		gen.Calm = true
		for range rapid.IntRange(20, 30).Draw(t, "batches") {
			b, at := gen.Batch(t, m)
			clock = at
			m.Record(b, at)
			if _, err := g.Record(ctx, &b); modeltest.Class(err) < 0 {
				t.Fatal(err)
			}
		}
		for range 6 {
			var l model.Lens
			var p model.Pattern
			if rapid.Bool().Draw(t, "through a lens") {
				l = gen.Lens(t, m)
			}
			if rapid.Bool().Draw(t, "of a pattern") {
				p = gen.Pattern(t, m)
			}
			opts := &relations.Options{AnyStance: rapid.Bool().Draw(t, "any stance")}
			if rapid.IntRange(0, 2).Draw(t, "by roles") == 2 {
				role := rapid.SampledFrom([]string{"", "who", "whom"})
				opts.From, opts.To = role.Draw(t, "from"), role.Draw(t, "to")
			}
			r, err := relations.New(ctx, g.View(modeltest.Lens(l)), modeltest.Pattern(p), opts)
			if err != nil {
				t.Fatal(err)
			}
			entities, want := m.Relations(l, p, opts.From, opts.To, opts.AnyStance)
			x := &exam{t: t, g: r, v: g.View(modeltest.Lens(l)), entities: entities, arcs: want}
			x.nodes()
			x.edges()
			nodes, arcs = nodes+len(entities), arcs+len(want)
		}
	})
	t.Log(nodes, "nodes,", arcs, "statements on directed edges")
}

// exam compares a graph with the model's answer.
type exam struct {
	t        *rapid.T
	g        *relations.Graph
	v        graph.View
	entities []uuid.UUID
	arcs     []model.Arc
}

func (x *exam) nodes() {
	if x.g.Order() != len(x.entities) {
		x.t.Fatalf("%d nodes, want %d", x.g.Order(), len(x.entities))
	}
	for i, id := range x.entities {
		if n, ok := x.g.NodeOf(id); !ok || n != int64(i) || x.g.Entity(n) != id {
			x.t.Fatalf("%v is node %d (%v), want %d", id, n, ok, i)
		}
	}
}

// between returns the model's statements and origins from one entity to another,
// or either way.
func (x *exam) between(from, to uuid.UUID, either bool) (statements, origins []uuid.UUID) {
	for _, a := range x.arcs {
		if a.From == from && a.To == to || either && a.From == to && a.To == from {
			if !slices.Contains(statements, a.Statement) {
				statements = append(statements, a.Statement)
			}
			for _, o := range a.Origins {
				if !slices.Contains(origins, o) {
					origins = append(origins, o)
				}
			}
		}
	}
	return statements, origins
}

// evidence compares the statements that make an edge, in the view's order.
func (x *exam) evidence(made iter.Seq[graph.Statement], want []uuid.UUID) {
	var order, got []uuid.UUID
	for s := range made {
		got = append(got, s.ID())
	}
	if len(want) > 0 {
		for s := range x.v.Statements(graph.Pattern{}) {
			order = append(order, s.ID())
		}
	}
	slices.SortFunc(want, func(s, t uuid.UUID) int { return slices.Index(order, s) - slices.Index(order, t) })
	if !slices.Equal(got, want) {
		x.t.Fatalf("an edge is made by %v, want %v", got, want)
	}
}

func (x *exam) edges() {
	size := 0
	var directed, undirected []string
	neighbours := map[string][]int64{}
	for i, a := range x.entities {
		for j, b := range x.entities {
			u, v := int64(i), int64(j)
			statements, origins := x.between(a, b, true)
			x.weights(x.g.Undirected(relations.Statements), u, v, len(statements))
			x.weights(x.g.Undirected(relations.Speakers), u, v, len(origins))
			x.weights(x.g.Undirected(relations.Hops), u, v, min(1, len(statements)))
			if len(statements) > 0 {
				neighbours[fmt.Sprint("around", u)] = append(neighbours[fmt.Sprint("around", u)], v)
				if u < v {
					size++
					undirected = append(undirected, fmt.Sprint(u, v, len(statements)))
				}
			}
			x.evidence(x.g.Undirected(relations.Hops).Statements(u, v), statements)
			if has := x.g.Directed(relations.Hops).HasEdgeBetween(u, v); has != (len(statements) > 0) {
				x.t.Fatalf("between %d and %d is an edge: %v", u, v, has)
			}

			statements, origins = x.between(a, b, false)
			x.weights(x.g.Directed(relations.Statements), u, v, len(statements))
			x.weights(x.g.Directed(relations.Speakers), u, v, len(origins))
			x.weights(x.g.Directed(relations.Hops), u, v, min(1, len(statements)))
			x.evidence(x.g.Directed(relations.Hops).Statements(u, v), statements)
			if has := x.g.Directed(relations.Hops).HasEdgeFromTo(u, v); has != (len(statements) > 0) {
				x.t.Fatalf("from %d to %d is an edge: %v", u, v, has)
			}
			if len(statements) > 0 {
				neighbours[fmt.Sprint("out", u)] = append(neighbours[fmt.Sprint("out", u)], v)
				neighbours[fmt.Sprint("in", v)] = append(neighbours[fmt.Sprint("in", v)], u)
				directed = append(directed, fmt.Sprint(u, v, len(statements)))
			}
		}
	}
	if x.g.Size() != size {
		x.t.Fatalf("%d edges, want %d", x.g.Size(), size)
	}
	x.same("edges", printed(x.g.Undirected(relations.Statements).WeightedEdges()), undirected)
	x.same("directed edges", printed(x.g.Directed(relations.Statements).WeightedEdges()), directed)
	for i := range x.entities {
		u := int64(i)
		x.same("around", ids(x.g.Undirected(relations.Hops).From(u)), neighbours[fmt.Sprint("around", u)])
		x.same("from", ids(x.g.Directed(relations.Hops).From(u)), neighbours[fmt.Sprint("out", u)])
		x.same("to", ids(x.g.Directed(relations.Hops).To(u)), neighbours[fmt.Sprint("in", u)])
	}
}

func (x *exam) same(what string, got, want any) {
	if fmt.Sprint(got) != fmt.Sprint(want) {
		x.t.Fatalf("%s: %v, want %v", what, got, want)
	}
}

func (x *exam) weights(g gonum.Weighted, u, v int64, want int) {
	w, ok := g.Weight(u, v)
	switch {
	case u == v:
		if w != 0 || !ok || g.WeightedEdge(u, v) != nil {
			x.t.Fatalf("%T: node %d has an edge to itself, of weight %v", g, u, w)
		}
	case want == 0:
		if ok || g.WeightedEdge(u, v) != nil || g.Edge(u, v) != nil {
			x.t.Fatalf("%T: there is an edge from %d to %d", g, u, v)
		}
	case !ok || w != float64(want) || g.WeightedEdge(u, v).Weight() != w || g.Edge(u, v).From().ID() != u || g.Edge(u, v).To().ID() != v:
		x.t.Fatalf("%T: from %d to %d weighs %v (%v), want %d", g, u, v, w, ok, want)
	}
}

func printed(it gonum.WeightedEdges) (all []string) {
	for it.Next() {
		e := it.WeightedEdge()
		all = append(all, fmt.Sprint(e.From().ID(), e.To().ID(), e.Weight()))
	}
	return all
}

func ids(it gonum.Nodes) (all []int64) {
	for it.Next() {
		all = append(all, it.Node().ID())
	}
	return all
}
