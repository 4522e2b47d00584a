package relations

import (
	"sort"

	gonum "gonum.org/v1/gonum/graph"
)

// place is where an iterator is among n things, -1 before the first.
type place struct{ n, at int }

// Next moves on and reports whether there is something.
func (p *place) Next() bool {
	if p.at < p.n {
		p.at++
	}
	return p.at < p.n
}

// Len returns how many are left.
func (p *place) Len() int { return max(p.n-p.at-1, 0) }

// Reset goes back to before the first.
func (p *place) Reset() { p.at = -1 }

func (p *place) inside() bool { return p.at >= 0 && p.at < p.n }

// nodes goes through all nodes, or through the ends of a node's edges.
type nodes struct {
	place
	g    *Graph
	ends []end // nil: all
}

func (g *Graph) ends(ends []end) gonum.Nodes {
	if len(ends) == 0 {
		return gonum.Empty
	}
	return &nodes{place{len(ends), -1}, g, ends}
}

// Node returns the node that the iterator is at.
func (it *nodes) Node() gonum.Node {
	switch {
	case !it.inside():
		return nil
	case it.ends == nil:
		return &it.g.nodes[it.at]
	default:
		return &it.g.nodes[it.ends[it.at].node]
	}
}

// edges goes through all edges of an undirected or a directed graph.
type edges struct {
	place
	view
}

// Edge returns the edge that the iterator is at.
func (it *edges) Edge() gonum.Edge {
	if e := it.WeightedEdge(); e != nil {
		return e
	}
	return nil
}

// WeightedEdge is Edge.
func (it *edges) WeightedEdge() gonum.WeightedEdge {
	if !it.inside() {
		return nil
	}
	if it.neighbours == &it.g.around {
		e := &it.g.edges[it.at]
		return it.edge(uint32(it.at), int64(e.u), int64(e.v))
	}
	first := it.neighbours.first
	from := sort.Search(len(first), func(n int) bool { return int(first[n]) > it.at }) - 1
	to := it.neighbours.ends[it.at]
	return it.edge(to.edge, int64(from), int64(to.node))
}
