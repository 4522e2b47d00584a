package relations

import (
	"iter"
	"math"

	gonum "gonum.org/v1/gonum/graph"

	"github.com/onrecord/onrecord/graph"
)

// Weight says what the weight of an edge is; the package comment has each. One that there is
// not is Hops.
type Weight uint8

// The weights.
const (
	Statements Weight = iota // how many statements make it
	Speakers                 // how many entities speak in their first voices
	Hops                     // 1
)

func (w Weight) of(e *edge, way uint8) float64 {
	switch w {
	case Statements:
		return float64(e.statements[way])
	case Speakers:
		return float64(e.origins[way])
	default:
		return 1
	}
}

// Edge is an edge as gonum's algorithms see it. It never changes, so it may be
// shared.
type Edge struct {
	from, to *Node
	weight   float64
}

// From returns the node that the edge leads from.
func (e Edge) From() gonum.Node { return e.from }

// To returns the node that the edge leads to.
func (e Edge) To() gonum.Node { return e.to }

// Weight returns the edge's weight.
func (e Edge) Weight() float64 { return e.weight }

// ReversedEdge returns the edge with its ends swapped.
func (e Edge) ReversedEdge() gonum.Edge { return Edge{e.to, e.from, e.weight} }

// view is a graph by a weight: what the undirected and the directed one have in
// common. Neighbours are what From leads to.
type view struct {
	g          *Graph
	weight     Weight
	neighbours *adjacency
}

// Node returns the node with a number, nil if there is none.
func (v view) Node(id int64) gonum.Node { return v.g.node(id) }

// Nodes returns all nodes, in the order of their numbers.
func (v view) Nodes() gonum.Nodes {
	if len(v.g.nodes) == 0 {
		return gonum.Empty
	}
	return &nodes{place: place{len(v.g.nodes), -1}, g: v.g}
}

// From returns the nodes that an edge leads to from a node, in the order of their
// numbers.
func (v view) From(id int64) gonum.Nodes { return v.g.ends(v.neighbours.of(id)) }

// HasEdgeBetween reports whether there is an edge between two nodes, in either
// direction.
func (v view) HasEdgeBetween(x, y int64) bool {
	_, ok := v.g.around.find(x, y)
	return ok
}

// Edge returns the edge that leads from one node to another, nil if there is
// none.
func (v view) Edge(from, to int64) gonum.Edge {
	if e := v.WeightedEdge(from, to); e != nil {
		return e
	}
	return nil
}

// WeightedEdge is Edge.
func (v view) WeightedEdge(from, to int64) gonum.WeightedEdge {
	n, ok := v.neighbours.find(from, to)
	if !ok {
		return nil
	}
	return v.edge(n, from, to)
}

// Weight returns the weight of the edge that leads from one node to another, and
// whether there is one. Where there is none it is infinite, and from a node to
// itself it is 0 and there.
func (v view) Weight(from, to int64) (weight float64, ok bool) {
	if from == to && v.g.node(from) != nil {
		return 0, true
	}
	if n, ok := v.neighbours.find(from, to); ok {
		return v.edge(n, from, to).weight, true
	}
	return math.Inf(1), false
}

// Statements returns the statements that make the edge which leads from one node to
// another, in the view's order, as many as its weight by [Statements] is: in an undirected
// graph those of both directions, in a directed one those that lead there. There are none if
// there is no edge.
func (v view) Statements(from, to int64) iter.Seq[graph.Statement] {
	return func(yield func(graph.Statement) bool) {
		n, ok := v.neighbours.find(from, to)
		if !ok {
			return
		}
		end := len(v.g.lines)
		if int(n)+1 < len(v.g.edges) {
			end = int(v.g.edges[n+1].first)
		}
		way := v.way(from, to)
		for _, l := range v.g.lines[v.g.edges[n].first:end] {
			if (way == either || l.ways&way != 0) && !yield(v.g.statements[l.statement]) {
				return
			}
		}
	}
}

// edge returns an edge that leads from one node to another.
func (v view) edge(n uint32, from, to int64) Edge {
	return Edge{&v.g.nodes[from], &v.g.nodes[to], v.weight.of(&v.g.edges[n], v.way(from, to))}
}

// way returns the way of an edge that leads from one node to another.
func (v view) way(from, to int64) uint8 {
	switch {
	case v.neighbours != &v.g.out:
		return either
	case from < to:
		return forth
	default:
		return back
	}
}

// Undirected is a graph without directions; [Graph.Undirected] makes one. It is a
// graph.WeightedUndirected of gonum. It never changes, so it may be shared.
type Undirected struct{ view }

var (
	_ gonum.Undirected         = Undirected{}
	_ gonum.WeightedUndirected = Undirected{}
)

// Undirected returns the graph without directions.
func (g *Graph) Undirected(w Weight) Undirected { return Undirected{view{g, w, &g.around}} }

// EdgeBetween returns the edge between two nodes, from the first to the second,
// nil if there is none.
func (u Undirected) EdgeBetween(x, y int64) gonum.Edge { return u.Edge(x, y) }

// WeightedEdgeBetween is EdgeBetween.
func (u Undirected) WeightedEdgeBetween(x, y int64) gonum.WeightedEdge { return u.WeightedEdge(x, y) }

// Edges returns all edges, each once and from the smaller number to the larger,
// in the order of these.
func (u Undirected) Edges() gonum.Edges {
	if len(u.g.edges) == 0 {
		return gonum.Empty
	}
	return &edges{place{len(u.g.edges), -1}, u.view}
}

// WeightedEdges is Edges.
func (u Undirected) WeightedEdges() gonum.WeightedEdges {
	if len(u.g.edges) == 0 {
		return gonum.Empty
	}
	return &edges{place{len(u.g.edges), -1}, u.view}
}

// Directed is a graph with directions; [Graph.Directed] makes one. It is a
// graph.WeightedDirected of gonum. It never changes, so it may be shared.
type Directed struct{ view }

var (
	_ gonum.Directed         = Directed{}
	_ gonum.WeightedDirected = Directed{}
)

// Directed returns the graph with directions.
func (g *Graph) Directed(w Weight) Directed { return Directed{view{g, w, &g.out}} }

// HasEdgeFromTo reports whether an edge leads from one node to another.
func (d Directed) HasEdgeFromTo(from, to int64) bool {
	_, ok := d.g.out.find(from, to)
	return ok
}

// To returns the nodes from which an edge leads to a node, in the order of their
// numbers.
func (d Directed) To(id int64) gonum.Nodes { return d.g.ends(d.g.in.of(id)) }

// Edges returns all edges, in the order of the numbers that they lead from and
// then of those that they lead to.
func (d Directed) Edges() gonum.Edges {
	if len(d.g.out.ends) == 0 {
		return gonum.Empty
	}
	return &edges{place{len(d.g.out.ends), -1}, d.view}
}

// WeightedEdges is Edges.
func (d Directed) WeightedEdges() gonum.WeightedEdges {
	if len(d.g.out.ends) == 0 {
		return gonum.Empty
	}
	return &edges{place{len(d.g.out.ends), -1}, d.view}
}
