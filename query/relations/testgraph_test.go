package relations_test

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"

	"github.com/google/uuid"
	gonum "gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/testgraph"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query/relations"
)

// numbered is an id that sorts by a number.
func numbered(n int) (id uuid.UUID) {
	binary.BigEndian.PutUint32(id[12:], uint32(n)+1)
	return id
}

// told records that each of so many entities exists and that each edge's ends
// know one another, and returns how they are related.
func told(t *testing.T, nodes int, edges [][2]int) *relations.Graph {
	t.Helper()
	b := events.NewBatch("desk")
	desk := b.Organisation("Desk")
	for n := range nodes {
		b.Add(&events.EntityRegistered{Entity: events.Entity{ID: numbered(n), Kind: events.Topic, Name: events.Name{Text: "x"}}})
		b.Infers(desk, "exist", events.EntityRef{ID: numbered(n)})
	}
	for _, e := range edges {
		b.Infers(desk, "know", events.EntityRef{ID: numbered(e[0])}, events.EntityRef{ID: numbered(e[1])})
	}
	g := open(t)
	record(t, g, b)
	r, err := relations.New(ctx, g.View(nil), graph.Pattern{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// built makes a graph of gonum's test cases. Theirs number the nodes as they
// like; dense keeps to the cases that number them as we do.
func built(t *testing.T, ran *int, dense bool, as func(*relations.Graph) gonum.Weighted) testgraph.Builder {
	return func(nodes []gonum.Node, lines []testgraph.WeightedLine, _, _ float64) (gonum.Graph, []gonum.Node, []testgraph.Edge, float64, float64, bool) {
		var ids []int64
		for _, n := range nodes {
			ids = append(ids, n.ID())
		}
		for _, l := range lines {
			if l.From().ID() == l.To().ID() {
				return nil, nil, nil, 0, 0, false // no entity has an edge to itself
			}
			ids = append(ids, l.From().ID(), l.To().ID())
		}
		slices.Sort(ids)
		ids = slices.Compact(ids)
		if dense && len(ids) > 0 && (ids[0] != 0 || ids[len(ids)-1] != int64(len(ids)-1)) {
			return nil, nil, nil, 0, 0, false
		}
		var pairs [][2]int
		for _, l := range lines {
			from, _ := slices.BinarySearch(ids, l.From().ID())
			to, _ := slices.BinarySearch(ids, l.To().ID())
			pairs = append(pairs, [2]int{from, to})
		}
		*ran++
		g := as(told(t, len(ids), pairs))
		var made []testgraph.Edge
		_, directed := g.(gonum.Directed)
		seen := map[[2]int]bool{}
		for _, p := range pairs {
			if !directed && p[0] > p[1] {
				p[0], p[1] = p[1], p[0]
			}
			if !seen[p] {
				seen[p] = true
				made = append(made, g.WeightedEdge(int64(p[0]), int64(p[1])))
			}
		}
		return g, gonum.NodesOf(g.Nodes()), made, 0, math.Inf(1), true
	}
}

// The graphs are what gonum's own conformance tests ask for.
func TestConformance(t *testing.T) {
	for name, as := range map[string]func(*relations.Graph) gonum.Weighted{
		"undirected": func(g *relations.Graph) gonum.Weighted { return g.Undirected(relations.Statements) },
		"directed":   func(g *relations.Graph) gonum.Weighted { return g.Directed(relations.Statements) },
	} {
		for part, test := range map[string]func(*testing.T, testgraph.Builder){
			"AdjacentNodes":    func(t *testing.T, b testgraph.Builder) { testgraph.ReturnAdjacentNodes(t, b, true, true) },
			"AllNodes":         func(t *testing.T, b testgraph.Builder) { testgraph.ReturnAllNodes(t, b, true) },
			"NodeExistence":    testgraph.NodeExistence,
			"AllEdges":         func(t *testing.T, b testgraph.Builder) { testgraph.ReturnAllEdges(t, b, true) },
			"AllWeightedEdges": func(t *testing.T, b testgraph.Builder) { testgraph.ReturnAllWeightedEdges(t, b, true) },
			"EdgeExistence":    func(t *testing.T, b testgraph.Builder) { testgraph.EdgeExistence(t, b, true) },
			"Weight":           testgraph.Weight,
		} {
			t.Run(name+"/"+part, func(t *testing.T) {
				ran := 0
				test(t, built(t, &ran, part == "NodeExistence", as))
				if ran < 3 {
					t.Errorf("only %d of gonum's cases ran", ran)
				}
			})
		}
	}
}
