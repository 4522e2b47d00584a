package quadstore

import (
	"context"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/cayley/graph/iterator"
	"github.com/cayleygraph/cayley/graph/shape"
)

// union is the nodes that any part leads to, with the ways of each: Cayley's Union,
// which, where a node is looked up in it, knows the ways of the first such part alone.
type union []shape.Shape

func (u union) Optimize(shape.Optimizer) (shape.Shape, bool) { return u, false }

func (u union) BuildIterator(qs cayley.QuadStore) cayley.Iterator {
	var or []cayley.Iterator
	for _, part := range u {
		or = append(or, part.BuildIterator(qs))
	}
	return cayley.AsLegacy(unionNodes{cayley.AsShape(iterator.NewOr(or...))})
}

// unionNodes are the nodes of a union: those of Cayley's Or.
type unionNodes struct{ cayley.IteratorShape }

func (it unionNodes) Optimize(ctx context.Context) (cayley.IteratorShape, bool) {
	better, changed := it.IteratorShape.Optimize(ctx)
	return unionNodes{better}, changed
}

func (it unionNodes) Lookup() cayley.Index {
	index := &unionIndex{}
	for _, part := range it.SubIterators() {
		index.parts = append(index.parts, part.Lookup())
	}
	return index
}

// unionIndex tells whether a node is in a union, and in which ways of all parts.
type unionIndex struct {
	parts []cayley.Index
	at    int // the part whose way is at hand
	node  cayley.Ref
	err   error
}

func (it *unionIndex) String() string { return "Union" }

func (it *unionIndex) Contains(ctx context.Context, r cayley.Ref) bool {
	it.node, it.at = r, len(it.parts)
	return it.from(ctx, 0)
}

// from comes to the first way of the next part that has the node, from one on, and stays
// where it is if there is none.
func (it *unionIndex) from(ctx context.Context, first int) bool {
	for i, part := range it.parts[first:] {
		if part.Contains(ctx, it.node) {
			it.at = first + i
			return true
		}
		if it.err = part.Err(); it.err != nil {
			return false
		}
	}
	return false
}

func (it *unionIndex) NextPath(ctx context.Context) bool {
	if it.at == len(it.parts) {
		return false
	}
	part := it.parts[it.at]
	if part.NextPath(ctx) {
		return true
	}
	if it.err = part.Err(); it.err != nil {
		return false
	}
	return it.from(ctx, it.at+1)
}

func (it *unionIndex) Result() cayley.Ref { return it.node }
func (it *unionIndex) Err() error         { return it.err }

func (it *unionIndex) TagResults(to map[string]cayley.Ref) {
	if it.at < len(it.parts) {
		it.parts[it.at].TagResults(to)
	}
}

func (it *unionIndex) Close() (err error) {
	for _, part := range it.parts {
		if failed := part.Close(); err == nil {
			err = failed
		}
	}
	return err
}
