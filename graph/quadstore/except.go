package quadstore

import (
	"context"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/cayley/graph/iterator"
	"github.com/cayleygraph/cayley/graph/shape"
)

// except is a shape.Except that gives its nodes no tags of what it excludes, and
// whose size is never below 0: Cayley's is one guess less another, and it divides by
// it and one more.
type except shape.Except

func (e except) Optimize(shape.Optimizer) (shape.Shape, bool) { return e, false }

func (e except) BuildIterator(qs cayley.QuadStore) cayley.Iterator {
	return cayley.AsLegacy(untagged{IteratorShape: cayley.AsShape(shape.Except(e).BuildIterator(qs))})
}

// untagged is Cayley's Not without tags. It is planned once: Cayley's Not comes to cost
// more each time, and Cayley plans twice what it counts, so that it would count what
// another plan leads to.
type untagged struct {
	cayley.IteratorShape
	planned bool
}

func (it untagged) Optimize(ctx context.Context) (cayley.IteratorShape, bool) {
	if it.planned {
		return it, false
	}
	inner, _ := it.IteratorShape.Optimize(ctx)
	if iterator.IsNull2(inner) {
		return inner, true
	}
	return untagged{inner, true}, true // or who has it keeps one that is not planned
}

func (it untagged) Stats(ctx context.Context) (cayley.IteratorCosts, error) {
	costs, err := it.IteratorShape.Stats(ctx)
	costs.Size.Size = max(0, costs.Size.Size)
	return costs, err
}

func (it untagged) Iterate() cayley.Scanner { return untaggedScan{it.IteratorShape.Iterate()} }
func (it untagged) Lookup() cayley.Index    { return untaggedIndex{it.IteratorShape.Lookup()} }

type untaggedScan struct{ cayley.Scanner }

func (untaggedScan) TagResults(map[string]cayley.Ref) {}

type untaggedIndex struct{ cayley.Index }

func (untaggedIndex) TagResults(map[string]cayley.Ref) {}
