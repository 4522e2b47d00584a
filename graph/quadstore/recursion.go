package quadstore

import (
	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/cayley/graph/iterator"
	"github.com/cayleygraph/cayley/graph/path"
	"github.com/cayleygraph/cayley/graph/shape"
)

// FollowRecursive returns a path that follows another one again and again, as
// Path.FollowRecursive does, which says what the depth and its tags are: 0 is 50
// steps, and -1 has no end. Cayley's own gives where a step begins to the first
// branch of the step alone, so that Both, Labels and Back lose nodes; and what comes
// before it keeps the faults of Cayley's that a [Store] has not.
func FollowRecursive(p, step *path.Path, depth int, depthTags ...string) *path.Path {
	r := &recursion{step, depth, depthTags}
	return p.Filters(turn{}).Filters(r)
}

// recursion follows a step from what it filters. There is no other way into a path
// than a filter, which is the same in a path's reverse, where the step is not. So
// another one stands before it, and is behind it in the reverse.
type recursion struct {
	step  *path.Path
	depth int
	tags  []string
}

// turn is the filter before a recursion.
type turn struct{}

// passed is an iterator that the first of both filters has passed on to the second.
type passed struct{ cayley.Iterator }

func (turn) BuildIterator(_ cayley.QuadStore, it cayley.Iterator) cayley.Iterator {
	if p, ok := it.(passed); ok {
		return p.Iterator
	}
	return passed{it}
}

func (r *recursion) BuildIterator(qs cayley.QuadStore, it cayley.Iterator) cayley.Iterator {
	if p, ok := it.(passed); ok {
		return r.follow(qs, p.Iterator, r.step)
	}
	return passed{r.follow(qs, it, r.step.Reverse())}
}

func (r *recursion) follow(qs cayley.QuadStore, it cayley.Iterator, step *path.Path) cayley.Iterator {
	all := iterator.NewRecursive(it, func(from cayley.Iterator) cayley.Iterator {
		return shape.BuildIterator(qs, step.ShapeFrom(base{cayley.AsShape(from)}))
	}, r.depth)
	for _, tag := range r.tags {
		all.AddDepthTag(tag)
	}
	return all
}

// base is what a step of a recursion begins at, as often as the step needs it.
type base struct{ cayley.IteratorShape }

func (b base) BuildIterator(cayley.QuadStore) cayley.Iterator {
	return cayley.AsLegacy(b.IteratorShape)
}

func (b base) Optimize(shape.Optimizer) (shape.Shape, bool) { return b, false }
