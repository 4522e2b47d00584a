package quadstore

import (
	"context"
	"slices"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/cayley/graph/shape"
	"github.com/cayleygraph/quad"
)

// distinct is the nodes of some hops, each once: Cayley's Unique over their Union,
// without a reference for each time that a node comes.
type distinct []*hop

// distinctOf recognises what leads to distinct nodes of hops.
func distinctOf(from shape.Shape) (d distinct, ok bool) {
	switch from := from.(type) {
	case *hop:
		return distinct{from}, true
	case shape.Union:
		return distinctOf(union(from))
	case union:
		for _, s := range from {
			h, ok := s.(*hop)
			if !ok {
				return nil, false
			}
			d = append(d, h)
		}
		return d, len(d) > 0
	}
	return nil, false
}

func (d distinct) Optimize(shape.Optimizer) (shape.Shape, bool) { return d, false }

func (d distinct) BuildIterator(qs cayley.QuadStore) cayley.Iterator {
	it := &distinctNodes{}
	for _, h := range d {
		it.hops = append(it.hops, cayley.AsShape(h.BuildIterator(qs)))
	}
	return cayley.AsLegacy(it)
}

// distinctNodes are the nodes that a distinct leads to.
type distinctNodes struct{ hops []cayley.IteratorShape }

func (it *distinctNodes) String() string                       { return "Distinct" }
func (it *distinctNodes) SubIterators() []cayley.IteratorShape { return it.hops }

func (it *distinctNodes) Optimize(ctx context.Context) (cayley.IteratorShape, bool) {
	hops := make([]cayley.IteratorShape, len(it.hops))
	changed := false
	for i, h := range it.hops {
		better, ok := h.Optimize(ctx)
		hops[i], changed = better, changed || ok
	}
	return &distinctNodes{hops}, changed
}

func (it *distinctNodes) Stats(ctx context.Context) (sum cayley.IteratorCosts, err error) {
	for _, h := range it.hops {
		costs, failed := h.Stats(ctx)
		if err == nil {
			err = failed
		}
		sum.NextCost = max(sum.NextCost, costs.NextCost)
		sum.ContainsCost += costs.ContainsCost
		sum.Size.Size += costs.Size.Size
	}
	return sum, err
}

func (it *distinctNodes) Iterate() cayley.Scanner { return &distinctScan{distinctNodes: it} }

func (it *distinctNodes) Lookup() cayley.Index {
	index := &distinctIndex{distinctNodes: it}
	for _, h := range it.hops {
		index.hops = append(index.hops, h.Lookup())
	}
	return index
}

// distinctScan lists distinct nodes, with the tags of the first way to each.
type distinctScan struct {
	*distinctNodes
	at   int // the hop that is walked
	scan cayley.Scanner
	seen seenNodes
	refs refs
	node node // that it has come to
	err  error
}

func (it *distinctScan) Next(ctx context.Context) bool {
	for it.err == nil && it.at < len(it.hops) {
		if it.scan == nil {
			it.scan = it.hops[it.at].Iterate()
			if h, ok := it.scan.(*hopScan); ok {
				h.walk.labels = h.onlyLabels()
			}
		}
		for it.scan.Next(ctx) {
			if n := nodeAt(it.scan); it.seen.add(n) {
				it.node = n
				return true
			}
		}
		it.err = it.scan.Err()
		if err := it.scan.Close(); it.err == nil {
			it.err = err
		}
		it.scan = nil
		it.at++
	}
	return false
}

// seenNodes is a set of nodes, small while there are few.
type seenNodes struct {
	last node // added or found, as what comes again mostly comes at once
	few  []node
	many *nodeSet
}

// fewNodes are looked at one by one; for more, the memory of a nodeSet is worth it.
const fewNodes = 128

// add reports whether a node has not been in the set.
func (s *seenNodes) add(n node) bool {
	if n == s.last {
		return false
	}
	s.last = n
	if s.many != nil {
		return s.many.add(n)
	}
	if n == 0 || slices.Contains(s.few, n) {
		return false
	}
	if s.few = append(s.few, n); len(s.few) == fewNodes {
		s.many = &nodeSet{}
		for _, n := range s.few {
			s.many.add(n)
		}
		s.few = nil
	}
	return true
}

// nodeAt returns the node that a scanner has come to.
func nodeAt(scan cayley.Scanner) node {
	if h, ok := scan.(*hopScan); ok {
		return h.walk.cursor.link.at(h.result)
	}
	n, _ := nodeIn(scan.Result())
	return n
}

func (it *distinctScan) Result() cayley.Ref            { return it.refs.of(it.node) }
func (it *distinctScan) Err() error                    { return it.err }
func (it *distinctScan) NextPath(context.Context) bool { return false }

func (it *distinctScan) TagResults(to map[string]cayley.Ref) {
	if it.scan != nil {
		it.scan.TagResults(to)
	}
}

func (it *distinctScan) Close() error {
	if it.scan == nil {
		return nil
	}
	scan := it.scan
	it.scan = nil
	return scan.Close()
}

// distinctIndex tells whether a node is one of some hops.
type distinctIndex struct {
	*distinctNodes
	hops []cayley.Index
	at   int
	err  error
}

func (it *distinctIndex) Contains(ctx context.Context, r cayley.Ref) bool {
	for i, h := range it.hops {
		it.at = i
		if h.Contains(ctx, r) {
			return true
		}
		if it.err = h.Err(); it.err != nil {
			return false
		}
	}
	return false
}

func (it *distinctIndex) Result() cayley.Ref                  { return it.hops[it.at].Result() }
func (it *distinctIndex) Err() error                          { return it.err }
func (it *distinctIndex) NextPath(context.Context) bool       { return false }
func (it *distinctIndex) TagResults(to map[string]cayley.Ref) { it.hops[it.at].TagResults(to) }

func (it *distinctIndex) Close() (err error) {
	for _, h := range it.hops {
		if failed := h.Close(); err == nil {
			err = failed
		}
	}
	return err
}

// onlyLabels reports whether the hop leads to all statements that mention an entity:
// each of them has a quad with the entity as its object.
func (it *hops) onlyLabels() bool {
	o := it.want.object
	return it.result == quad.Label && it.from == nil && it.among == nil && it.tags == nil &&
		o.kind() == entityKind && it.want == link{object: o}
}
