package quadstore

import (
	"cmp"
	"context"
	"maps"
	"slices"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/cayley/graph/iterator"
	"github.com/cayleygraph/cayley/graph/shape"
	"github.com/cayleygraph/quad"

	"github.com/onrecord/onrecord/internal/decimal"
)

// sequence is what a shape leads to, sorted or some of it, with each way to a node
// by itself: Cayley's Sort and Page. Those take a guess for how many there are,
// mix up the ways, and are something else where nodes are looked up in them.
type sequence struct {
	store  *Store
	from   shape.Shape
	sorted bool
	skip   int64
	limit  int64 // 0: none
}

func (s sequence) Optimize(shape.Optimizer) (shape.Shape, bool) { return s, false }

func (s sequence) BuildIterator(qs cayley.QuadStore) cayley.Iterator {
	return cayley.AsLegacy(&sequenceNodes{s, cayley.AsShape(s.from.BuildIterator(qs))})
}

// sequenceNodes are the nodes of a sequence.
type sequenceNodes struct {
	sequence
	source cayley.IteratorShape
}

func (it *sequenceNodes) String() string { return "Sequence" }
func (it *sequenceNodes) SubIterators() []cayley.IteratorShape {
	return []cayley.IteratorShape{it.source}
}

func (it *sequenceNodes) Optimize(ctx context.Context) (cayley.IteratorShape, bool) {
	source, changed := it.source.Optimize(ctx)
	if iterator.IsNull2(source) {
		return source, true
	}
	return &sequenceNodes{it.sequence, source}, changed
}

func (it *sequenceNodes) Stats(ctx context.Context) (cayley.IteratorCosts, error) {
	costs, err := it.source.Stats(ctx)
	costs.NextCost *= 2
	costs.ContainsCost = costs.NextCost
	costs.Size.Exact = false
	if it.limit > 0 {
		costs.Size.Size = min(costs.Size.Size, it.limit)
	}
	return costs, err
}

func (it *sequenceNodes) Iterate() cayley.Scanner {
	return &sequenceScan{sequenceNodes: it, source: it.source.Iterate()}
}

func (it *sequenceNodes) Lookup() cayley.Index { return &sequenceIndex{sequenceNodes: it} }

// way is one way to a node.
type way struct {
	ref  cayley.Ref
	tags map[string]cayley.Ref // nil: none
}

// sequenceScan lists a sequence.
type sequenceScan struct {
	*sequenceNodes
	source cayley.Scanner
	begun  bool  // the source is at a node, or its ways are sorted
	count  int64 // of the ways come to, with those skipped
	ways   []way // all, in their order, if they are sorted
	err    error
}

func (it *sequenceScan) Next(ctx context.Context) bool {
	if it.sorted && !it.begun {
		it.sort(ctx)
	}
	for it.err == nil && (it.limit == 0 || it.count-it.skip < it.limit) && it.further(ctx) {
		if it.count++; it.count > it.skip {
			return true
		}
	}
	return false
}

// further comes to the next way, skipped or not.
func (it *sequenceScan) further(ctx context.Context) bool {
	if it.sorted {
		return it.count < int64(len(it.ways))
	}
	return it.walk(ctx)
}

// walk comes to the source's next way.
func (it *sequenceScan) walk(ctx context.Context) bool {
	if it.begun && it.source.NextPath(ctx) {
		return true
	}
	it.begun = it.source.Err() == nil && it.source.Next(ctx)
	it.err = it.source.Err()
	return it.begun
}

// sort gathers the source's ways and sorts them.
func (it *sequenceScan) sort(ctx context.Context) {
	it.begun = false
	type keyed struct {
		way
		key key
	}
	var list []keyed
	for it.walk(ctx) {
		w := keyed{way: it.store.bound.wayOf(it.source)}
		if n := len(list); n > 0 && cayley.ToKey(list[n-1].ref) == cayley.ToKey(w.ref) {
			w.key = list[n-1].key
		} else {
			v, err := it.store.valueOf(ctx, w.ref)
			if it.err = err; err != nil {
				return
			}
			w.key = keyOf(v)
		}
		list = append(list, w)
	}
	it.begun = true
	slices.SortStableFunc(list, func(a, b keyed) int { return a.key.compare(b.key) })
	for _, w := range list {
		it.ways = append(it.ways, w.way)
	}
}

// wayOf returns the way that a scanner has come to. Each of its tags takes a step; if
// one may not be taken, the scanner is at its end.
func (b *bound) wayOf(scan cayley.Scanner) way {
	tags := map[string]cayley.Ref{}
	scan.TagResults(tags)
	if len(tags) == 0 {
		return way{ref: scan.Result()}
	}
	for range tags {
		if b.step() != nil {
			break
		}
	}
	return way{scan.Result(), tags}
}

// waysLeft are the ways to the node that an index is asked for, from the one at hand on.
type waysLeft []way

func (l *waysLeft) NextPath(context.Context) bool {
	if len(*l) < 2 {
		return false
	}
	*l = (*l)[1:]
	return true
}

func (l waysLeft) Result() cayley.Ref {
	if len(l) == 0 {
		return nil
	}
	return l[0].ref
}

func (l waysLeft) TagResults(to map[string]cayley.Ref) {
	if len(l) > 0 {
		maps.Copy(to, l[0].tags)
	}
}

func (it *sequenceScan) Result() cayley.Ref {
	switch {
	case !it.sorted:
		return it.source.Result()
	case it.count == 0:
		return nil
	}
	return it.ways[it.count-1].ref
}

func (it *sequenceScan) TagResults(to map[string]cayley.Ref) {
	switch {
	case !it.sorted:
		it.source.TagResults(to)
	case it.count > 0:
		maps.Copy(to, it.ways[it.count-1].tags)
	}
}

func (it *sequenceScan) NextPath(context.Context) bool { return false }
func (it *sequenceScan) Err() error                    { return it.err }
func (it *sequenceScan) Close() error                  { return it.source.Close() }

// sequenceIndex tells whether a node is in a sequence, and in which ways.
type sequenceIndex struct {
	*sequenceNodes
	waysLeft
	ways map[any][]way // of each node, by its key; nil: not gathered yet
	err  error
}

func (it *sequenceIndex) Contains(ctx context.Context, r cayley.Ref) bool {
	if it.ways == nil {
		it.gather(ctx)
	}
	if it.err == nil {
		it.err = it.store.over(ctx)
	}
	if it.err != nil {
		return false
	}
	it.waysLeft = it.ways[cayley.ToKey(r)]
	return len(it.waysLeft) > 0
}

func (it *sequenceIndex) gather(ctx context.Context) {
	it.ways = map[any][]way{}
	scan := it.Iterate()
	for scan.Next(ctx) {
		w := it.store.bound.wayOf(scan)
		k := cayley.ToKey(w.ref)
		it.ways[k] = append(it.ways[k], w)
	}
	it.err = scan.Err()
	if err := scan.Close(); it.err == nil {
		it.err = err
	}
}

func (it *sequenceIndex) Err() error   { return it.err }
func (it *sequenceIndex) Close() error { return nil }

// key is what a value is sorted by: numbers as numbers, then texts and times as
// they read, then all else, and last what cannot be told.
type key struct {
	rank   int
	number decimal.Number
	text   string
	whole  string
}

func keyOf(v quad.Value) key {
	if v == nil {
		return key{rank: 4}
	}
	if digits, ok := Digits(v); ok {
		d, _ := decimal.Parse(digits)
		return key{rank: 1, number: d}
	}
	k := key{rank: 2, whole: v.String()}
	switch v := v.(type) {
	case quad.String:
		k.text = string(v)
	case quad.LangString:
		k.text = string(v.Value)
	case quad.TypedString:
		k.text = string(v.Value)
	default:
		k.rank = 3
	}
	return k
}

func (k key) compare(l key) int {
	if k.rank == 1 && l.rank == 1 {
		return k.number.Compare(l.number)
	}
	return cmp.Or(cmp.Compare(k.rank, l.rank), cmp.Compare(k.text, l.text), cmp.Compare(k.whole, l.whole))
}
