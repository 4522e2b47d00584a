package quadstore

import (
	"context"
	"fmt"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/cayley/graph/iterator"
	"github.com/cayleygraph/cayley/graph/shape"
	"github.com/cayleygraph/quad"
)

// links are the quads that match a pattern.
type links struct {
	store *Store
	want  link
	size  int64 // as guessed, and one more; 0: not guessed yet
}

func (it *links) String() string {
	for d := quad.Subject; d <= quad.Label; d++ {
		if n := it.want.at(d); n != 0 {
			return fmt.Sprintf("Quads(%v: %v)", d, it.store.NameOf(n))
		}
	}
	return "Quads"
}

func (it *links) Iterate() cayley.Scanner { return &linkScan{links: it} }
func (it *links) Lookup() cayley.Index    { return &linkIndex{links: it} }

func (it *links) Stats(ctx context.Context) (cayley.IteratorCosts, error) {
	if it.size == 0 {
		it.size = it.store.guess(ctx, it.want) + 1
	}
	return cayley.IteratorCosts{ContainsCost: 1, NextCost: 2, Size: cayley.Size{Size: it.size - 1}}, nil
}

func (it *links) Optimize(context.Context) (cayley.IteratorShape, bool) { return it, false }
func (it *links) SubIterators() []cayley.IteratorShape                  { return nil }

// plain is what scanners and indexes have in common that tag nothing and reach
// each result in one way.
type plain struct{}

func (plain) NextPath(context.Context) bool    { return false }
func (plain) TagResults(map[string]cayley.Ref) {}

// linkScan lists links.
type linkScan struct {
	*links
	plain
	cursor cursor
	refs   []link // what references point to, some at a time
	at     int    // of refs, the one after the result; 0: there is none
}

func (it *linkScan) Next(ctx context.Context) bool {
	err := ctx.Err()
	if err == nil {
		err = it.store.bound.step()
	}
	if err != nil {
		it.cursor.err = err
		return false
	}
	if it.at == len(it.refs) && !it.more(ctx) {
		return false
	}
	it.at++
	return true
}

// more comes to some more quads.
func (it *linkScan) more(ctx context.Context) bool {
	it.refs, it.at = nil, 0
	if it.cursor.space == nil {
		it.cursor.start(ctx, it.store, it.want)
	}
	if !it.cursor.next(ctx) {
		return false
	}
	it.refs = it.cursor.ahead(64)
	return true
}

func (it *linkScan) Result() cayley.Ref {
	if it.at == 0 {
		return nil
	}
	return &it.refs[it.at-1]
}

func (it *linkScan) Err() error   { return it.cursor.err }
func (it *linkScan) Close() error { return nil }

// linkIndex tells whether a quad is one of links.
type linkIndex struct {
	*links
	plain
	ref cayley.Ref
	err error
}

func (it *linkIndex) Contains(ctx context.Context, r cayley.Ref) bool {
	it.ref = nil
	if it.err = it.store.over(ctx); it.err != nil {
		return false
	}
	if l, ok := r.(*link); ok && l.matches(it.want) {
		it.ref = r
	}
	return it.ref != nil
}

func (it *linkIndex) Result() cayley.Ref { return it.ref }
func (it *linkIndex) Err() error         { return it.err }
func (it *linkIndex) Close() error       { return nil }

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
