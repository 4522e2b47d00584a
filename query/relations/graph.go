package relations

import (
	"cmp"
	"slices"

	"github.com/google/uuid"
	gonum "gonum.org/v1/gonum/graph"

	"github.com/onrecord/onrecord/graph"
)

// Graph is who is related to whom in a view, by what a pattern names; [New] makes
// one. It never changes, so it may be shared.
type Graph struct {
	v          graph.View
	nodes      []Node
	edges      []edge // by u, then v
	lines      []line // by edge, then statement
	statements []graph.Statement
	// The neighbours of each node: by any edge, by edges from it and by edges to it.
	around, out, in adjacency
}

// Node is an entity as a node of a graph. It never changes, so it may be shared.
type Node struct {
	id     int64
	entity uuid.UUID
}

// ID returns the node's number.
func (n *Node) ID() int64 { return n.id }

// Entity returns the entity, in canonical form.
func (n *Node) Entity() uuid.UUID { return n.entity }

// edge is what there is between two nodes, u < v.
type edge struct {
	u, v  uint32
	first uint32 // its first line; the last is before the next edge's first
	// How many statements and origins there are, either way, from u to v, and
	// from v to u.
	statements, origins [3]uint32
}

// The ways of an edge: numbers of its counts and, from forth on, bits of lines.
const (
	either = 0
	forth  = 1 // from u to v
	back   = 2 // from v to u
)

// line is one statement's part in an edge.
type line struct {
	u, v      uint32
	statement uint32
	ways      uint8 // forth, back or both
}

// adjacency are the neighbours of every node, ascending.
type adjacency struct {
	first []uint32 // of each node, and one more
	ends  []end
}

type end struct{ node, edge uint32 }

func (a *adjacency) of(node int64) []end {
	if node < 0 || node >= int64(len(a.first)-1) {
		return nil
	}
	return a.ends[a.first[node]:a.first[node+1]]
}

// find returns the number of the edge by which a node has a neighbour.
func (a *adjacency) find(node, neighbour int64) (edge uint32, ok bool) {
	ends := a.of(node)
	i, ok := slices.BinarySearchFunc(ends, neighbour, func(e end, n int64) int { return cmp.Compare(int64(e.node), n) })
	if !ok {
		return 0, false
	}
	return ends[i].edge, true
}

// Order returns how many nodes there are.
func (g *Graph) Order() int { return len(g.nodes) }

// Size returns how many pairs of nodes have an edge, in whichever direction.
func (g *Graph) Size() int { return len(g.edges) }

// Entity returns the entity that a node stands for, in canonical form; the empty
// id if there is no such node.
func (g *Graph) Entity(node int64) uuid.UUID {
	if node < 0 || node >= int64(len(g.nodes)) {
		return uuid.Nil
	}
	return g.nodes[node].entity
}

// NodeOf returns the node that stands for an entity, whichever of its cluster is
// given, and whether there is one.
func (g *Graph) NodeOf(entity uuid.UUID) (node int64, ok bool) {
	i, ok := slices.BinarySearchFunc(g.nodes, g.v.Canonical(entity), func(n Node, id uuid.UUID) int { return compareIDs(n.entity, id) })
	if !ok {
		return -1, false
	}
	return int64(i), true
}

func (g *Graph) node(id int64) gonum.Node {
	if id < 0 || id >= int64(len(g.nodes)) {
		return nil
	}
	return &g.nodes[id]
}
