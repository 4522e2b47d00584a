package quadstore

import (
	"context"
	"fmt"
	"iter"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/cayley/graph/iterator"
	"github.com/cayleygraph/cayley/graph/shape"
	"github.com/cayleygraph/quad"

	"github.com/onrecord/onrecord/graph"
)

// links are the quads that have a node in a direction; in quad.Any, all quads.
type links struct {
	store *Store
	dir   quad.Direction
	node  node
	size  int64 // as guessed, and one more; 0: not guessed yet
}

func (it *links) String() string {
	if it.dir == quad.Any {
		return "Quads"
	}
	return fmt.Sprintf("Quads(%v: %v)", it.dir, it.node.iri())
}

func (it *links) Iterate() cayley.Scanner { return &linkScan{links: it} }
func (it *links) Lookup() cayley.Index    { return &linkIndex{links: it} }

func (it *links) Stats(context.Context) (cayley.IteratorCosts, error) {
	if it.size == 0 {
		it.size = it.store.guess(it.dir, it.node) + 1
	}
	return cayley.IteratorCosts{ContainsCost: 1, NextCost: 2, Size: cayley.Size{Size: it.size - 1}}, nil
}

func (it *links) Optimize(context.Context) (cayley.IteratorShape, bool) { return it, false }
func (it *links) SubIterators() []cayley.IteratorShape                  { return nil }

// result is what scanners and indexes here have in common. None tags its
// results or reaches one in several ways.
type result struct {
	ref cayley.Ref
	err error
}

func (r *result) Result() cayley.Ref               { return r.ref }
func (r *result) Err() error                       { return r.err }
func (r *result) NextPath(context.Context) bool    { return false }
func (r *result) TagResults(map[string]cayley.Ref) {}
func (r *result) Close() error                     { return nil }

// linkScan lists links.
type linkScan struct {
	*links
	result
	next    func() (graph.Statement, bool)
	stop    func()
	quads   []link // of the statement that next returned last
	pending []link // those of quads that are still to be looked at
}

func (it *linkScan) Next(ctx context.Context) bool {
	it.ref = nil
	if it.err != nil {
		return false
	}
	if it.next == nil {
		statements, _ := it.store.mentioning(it.node)
		it.next, it.stop = iter.Pull(statements)
	}
	for {
		for len(it.pending) > 0 {
			l := it.pending[0]
			it.pending = it.pending[1:]
			if it.dir == quad.Any || l.at(it.dir) == it.node {
				it.ref = l
				return true
			}
		}
		if it.err = ctx.Err(); it.err != nil {
			return false
		}
		st, ok := it.next()
		if !ok {
			return false
		}
		it.quads = appendLinks(it.quads[:0], st)
		it.pending = it.quads
	}
}

func (it *linkScan) Close() error {
	it.pending = nil
	if it.stop != nil {
		it.stop()
	}
	return nil
}

// linkIndex tells whether a quad is one of links.
type linkIndex struct {
	*links
	result
}

func (it *linkIndex) Contains(_ context.Context, r cayley.Ref) bool {
	it.ref = nil
	if l, ok := r.(link); ok && (it.dir == quad.Any || l.at(it.dir) == it.node) {
		it.ref = l
	}
	return it.ref != nil
}

// nodes are all nodes.
type nodes struct{ all links }

func (it *nodes) String() string          { return "Nodes" }
func (it *nodes) Iterate() cayley.Scanner { return &nodeScan{links: linkScan{links: &it.all}} }
func (it *nodes) Lookup() cayley.Index    { return &nodeIndex{nodes: it} }

func (it *nodes) Stats(ctx context.Context) (cayley.IteratorCosts, error) { return it.all.Stats(ctx) }
func (it *nodes) Optimize(context.Context) (cayley.IteratorShape, bool)   { return it, false }
func (it *nodes) SubIterators() []cayley.IteratorShape                    { return nil }

// nodeScan lists nodes.
type nodeScan struct {
	result
	links   linkScan
	seen    map[node]bool
	pending []node
}

func (it *nodeScan) String() string { return "Nodes" }

func (it *nodeScan) Next(ctx context.Context) bool {
	it.ref = nil
	if it.seen == nil {
		it.seen = map[node]bool{}
	}
	for len(it.pending) == 0 {
		if !it.links.Next(ctx) {
			it.err = it.links.Err()
			return false
		}
		l := it.links.ref.(link)
		for d := quad.Subject; d <= quad.Label; d++ {
			if n := l.at(d); !it.seen[n] {
				it.seen[n] = true
				it.pending = append(it.pending, n)
			}
		}
	}
	it.ref = it.pending[0]
	it.pending = it.pending[1:]
	return true
}

func (it *nodeScan) Close() error {
	it.pending = nil
	return it.links.Close()
}

// nodeIndex tells whether there is a node.
type nodeIndex struct {
	*nodes
	result
}

func (it *nodeIndex) Contains(_ context.Context, r cayley.Ref) bool {
	it.ref = nil
	if n, ok := r.(node); ok && it.all.store.has(n) {
		it.ref = n
	}
	return it.ref != nil
}

// start is a shape.Fixed whose size is no exact one. Cayley gives what it
// intersects the size of the smallest part, and believes it if it is exact.
type start shape.Fixed

func (s start) BuildIterator(qs cayley.QuadStore) cayley.Iterator {
	return cayley.AsLegacy(inexact{cayley.AsShape(shape.Fixed(s).BuildIterator(qs))})
}

func (s start) Optimize(shape.Optimizer) (shape.Shape, bool) { return s, false }

// inexact is an iterator whose size is no exact one.
type inexact struct{ cayley.IteratorShape }

func (it inexact) Stats(ctx context.Context) (cayley.IteratorCosts, error) {
	costs, err := it.IteratorShape.Stats(ctx)
	costs.Size.Exact = false
	return costs, err
}

func (it inexact) Optimize(ctx context.Context) (cayley.IteratorShape, bool) {
	inner, changed := it.IteratorShape.Optimize(ctx)
	if iterator.IsNull2(inner) {
		return inner, true
	}
	return inexact{inner}, changed
}
