package quadstore

import (
	"cmp"
	"context"
	"slices"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/cayley/graph/iterator"
	"github.com/cayleygraph/cayley/graph/shape"
)

// intersection is the nodes that all parts lead to, each with every combination of
// the ways that the parts have to it: Cayley's Intersect, which goes through the ways
// of one part with the last of those before, so that some that are saved together are
// never seen together.
type intersection struct {
	store    *Store
	parts    []shape.Shape
	optional []shape.Shape // which add ways where they have some
}

// intersect returns what parts lead to, and with them what some may.
func (s *Store) intersect(parts, optional []shape.Shape) shape.Shape {
	if len(parts) == 1 {
		if one, ok := parts[0].(intersection); ok {
			return intersection{s, one.parts, slices.Concat(one.optional, optional)}
		}
		if len(optional) == 0 {
			return parts[0]
		}
	}
	return intersection{s, parts, optional}
}

func (s intersection) Optimize(shape.Optimizer) (shape.Shape, bool) { return s, false }

func (s intersection) BuildIterator(qs cayley.QuadStore) cayley.Iterator {
	and := iterator.NewAnd()
	for _, p := range s.parts {
		and.AddSubIterator(p.BuildIterator(qs))
	}
	for _, o := range s.optional {
		and.AddOptionalIterator(o.BuildIterator(qs))
	}
	return cayley.AsLegacy(&common{store: s.store, IteratorShape: cayley.AsShape(and), optional: len(s.optional)})
}

// common are the nodes of an intersection. Cayley's And, which it has, plans in which
// order they are looked for.
type common struct {
	cayley.IteratorShape
	store    *Store
	optional int                    // how many parts are, which are the last
	checks   []cayley.IteratorShape // the others, in the order for looking up
}

// parts returns those that a node must have, from where to begin on, and the optional
// ones.
func (it *common) parts() (parts, optional []cayley.IteratorShape) {
	all := it.SubIterators()
	n := len(all) - it.optional
	return all[:n], all[n:]
}

func (it *common) Optimize(ctx context.Context) (cayley.IteratorShape, bool) {
	better, _ := it.IteratorShape.Optimize(ctx)
	if _, ok := cayley.AsLegacy(better).(*iterator.And); !ok {
		return better, true
	}
	c := &common{store: it.store, IteratorShape: better, optional: it.optional}
	parts, _ := c.parts()
	costs := map[cayley.IteratorShape]int64{}
	for _, p := range parts {
		s, _ := p.Stats(ctx)
		costs[p] = s.ContainsCost
	}
	c.checks = slices.Clone(parts)
	slices.SortStableFunc(c.checks, func(p, q cayley.IteratorShape) int { return cmp.Compare(costs[p], costs[q]) })
	return c, true
}

// Stats are Cayley's, but that the size of the smallest part is never exact.
func (it *common) Stats(ctx context.Context) (cayley.IteratorCosts, error) {
	costs, err := it.IteratorShape.Stats(ctx)
	costs.Size.Exact = false
	return costs, err
}

func (it *common) Iterate() cayley.Scanner {
	parts, optional := it.parts()
	return &commonScan{combination: it.combination(parts[1:], optional), first: parts[0].Iterate()}
}

func (it *common) Lookup() cayley.Index {
	parts, optional := it.parts()
	if it.checks != nil {
		parts = it.checks
	}
	return &commonIndex{it.combination(parts, optional)}
}

// combination is one way of each of some indexes to a node, which may be another one for
// each.
type combination struct {
	store   *Store
	indexes []cayley.Index
	needed  int    // how many a node must be in, the first ones
	has     []bool // whether the node is in each
	nodes   []cayley.Ref
	err     error
}

func (it *common) combination(parts, optional []cayley.IteratorShape) *combination {
	c := &combination{store: it.store, needed: len(parts)}
	for _, p := range slices.Concat(parts, optional) {
		c.indexes = append(c.indexes, p.Lookup())
	}
	c.has, c.nodes = make([]bool, len(c.indexes)), make([]cayley.Ref, len(c.indexes))
	return c
}

// Contains comes to the first combination, if the node is in all that it must be in.
func (c *combination) Contains(ctx context.Context, r cayley.Ref) bool {
	for i := range c.nodes {
		c.nodes[i] = r
	}
	return c.begin(ctx)
}

// begin comes to the first combination, if the nodes are in all that they must be in.
func (c *combination) begin(ctx context.Context) bool {
	for i, x := range c.indexes {
		c.has[i] = x.Contains(ctx, c.nodes[i])
		if c.has[i] {
			continue
		}
		if c.err = x.Err(); c.err != nil || i < c.needed {
			clear(c.has)
			return false
		}
	}
	return true
}

// NextPath comes to the next combination: the last index that has another way takes
// it, and those behind it begin again.
func (c *combination) NextPath(ctx context.Context) bool {
	for i, x := range slices.Backward(c.indexes) {
		if !c.has[i] {
			continue
		}
		if x.NextPath(ctx) {
			// There may be many of what takes no steps.
			c.err = c.store.bound.step()
			return c.err == nil && c.again(ctx, i+1)
		}
		if c.err = x.Err(); c.err != nil {
			return false
		}
	}
	return false
}

// again comes to the first ways again of the indexes from one on.
func (c *combination) again(ctx context.Context, from int) bool {
	for i := from; i < len(c.indexes); i++ {
		if c.has[i] && !c.indexes[i].Contains(ctx, c.nodes[i]) {
			c.err = c.indexes[i].Err()
			return false
		}
	}
	return true
}

func (c *combination) TagResults(to map[string]cayley.Ref) {
	for i, x := range c.indexes {
		if c.has[i] {
			x.TagResults(to)
		}
	}
}

func (c *combination) Err() error { return c.err }

func (c *combination) Close() (err error) {
	for _, x := range c.indexes {
		if failed := x.Close(); err == nil {
			err = failed
		}
	}
	return err
}

// commonScan lists an intersection, by listing one part.
type commonScan struct {
	*combination
	first cayley.Scanner
	node  cayley.Ref
}

func (it *commonScan) String() string     { return "Intersection" }
func (it *commonScan) Result() cayley.Ref { return it.node }

func (it *commonScan) Next(ctx context.Context) bool {
	for it.err == nil && it.first.Next(ctx) {
		if it.node = it.first.Result(); it.Contains(ctx, it.node) {
			return true
		}
	}
	return false
}

func (it *commonScan) NextPath(ctx context.Context) bool {
	return it.combination.NextPath(ctx) || it.err == nil && it.first.NextPath(ctx) && it.again(ctx, 0)
}

func (it *commonScan) TagResults(to map[string]cayley.Ref) {
	it.first.TagResults(to)
	it.combination.TagResults(to)
}

func (it *commonScan) Err() error { return cmp.Or(it.err, it.first.Err()) }

func (it *commonScan) Close() error { return cmp.Or(it.first.Close(), it.combination.Close()) }

// commonIndex tells whether a node is in an intersection.
type commonIndex struct{ *combination }

func (it *commonIndex) String() string     { return "Intersection" }
func (it *commonIndex) Result() cayley.Ref { return it.nodes[0] }
