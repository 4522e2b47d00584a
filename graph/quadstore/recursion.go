package quadstore

import (
	"context"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/cayley/graph/iterator"
	"github.com/cayleygraph/cayley/graph/path"
	"github.com/cayleygraph/cayley/graph/shape"
)

// FollowRecursive returns a path that follows another one again and again, as
// Path.FollowRecursive does, which says what the depth and its tags are: 0 is 50
// steps, and -1 has no end. Cayley's own gives where a step begins to the first
// branch of the step alone, so that Both, Labels and Back lose nodes; gives a node that is
// looked up in it the tags of another one, or panics; and what comes before it keeps the
// faults of Cayley's that a [Store] has not.
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
	f := &followed{IteratorShape: cayley.AsShape(all)}
	if s, ok := qs.(*Store); ok {
		f.bound = s.bound
	}
	return cayley.AsLegacy(f)
}

// followed are the nodes of a recursion. Cayley's own index panics where its step is at
// its end, and gives a node the tags of another one.
type followed struct {
	cayley.IteratorShape
	bound *bound
}

func (it *followed) Optimize(ctx context.Context) (cayley.IteratorShape, bool) {
	inner, changed := it.IteratorShape.Optimize(ctx)
	return &followed{inner, it.bound}, changed
}

func (it *followed) Lookup() cayley.Index {
	return &followedIndex{followed: it, scan: it.Iterate(), ways: map[any][]way{}}
}

// followedIndex tells whether a node is one of a recursion, and in which ways: it goes on
// with the recursion until it has come to the node.
type followedIndex struct {
	*followed
	waysLeft
	scan  cayley.Scanner
	ended bool
	ways  map[any][]way // of each node that it has come to, by its key
}

func (it *followedIndex) Contains(ctx context.Context, r cayley.Ref) bool {
	k := cayley.ToKey(r)
	for it.waysLeft = it.ways[k]; len(it.waysLeft) == 0 && it.more(ctx); {
		it.waysLeft = it.ways[k]
	}
	return len(it.waysLeft) > 0
}

// more comes to the next node, and gathers the ways to it.
func (it *followedIndex) more(ctx context.Context) bool {
	if it.ended || !it.scan.Next(ctx) {
		it.ended = true // some of Cayley's panic when they are asked for more
		return false
	}
	k := cayley.ToKey(it.scan.Result())
	it.ways[k] = append(it.ways[k], it.bound.wayOf(it.scan))
	for it.scan.NextPath(ctx) {
		it.ways[k] = append(it.ways[k], it.bound.wayOf(it.scan))
	}
	return true
}

func (it *followedIndex) Err() error   { return it.scan.Err() }
func (it *followedIndex) Close() error { return it.scan.Close() }

// base is what a step of a recursion begins at, as often as the step needs it.
type base struct{ cayley.IteratorShape }

func (b base) BuildIterator(cayley.QuadStore) cayley.Iterator {
	return cayley.AsLegacy(b.IteratorShape)
}

func (b base) Optimize(shape.Optimizer) (shape.Shape, bool) { return b, false }
