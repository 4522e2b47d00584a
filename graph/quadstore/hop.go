package quadstore

import (
	"context"
	"fmt"
	"slices"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/cayley/graph/iterator"
	"github.com/cayleygraph/quad"
)

// hops are the nodes of a hop. They are Cayley's HasA over the And of LinksTo,
// without the quads in between.
type hops struct {
	*hop
	source cayley.IteratorShape // what from leads to, nil without
	size   int64                // as guessed, and one more; 0: not guessed yet
}

func (it *hops) String() string {
	return fmt.Sprintf("Hop(%v)", it.result)
}

func (it *hops) SubIterators() []cayley.IteratorShape {
	if it.source == nil {
		return nil
	}
	return []cayley.IteratorShape{it.source}
}

func (it *hops) Optimize(ctx context.Context) (cayley.IteratorShape, bool) {
	if it.source == nil {
		return it, false
	}
	source, changed := it.source.Optimize(ctx)
	if iterator.IsNull2(source) {
		return source, true
	}
	if !changed {
		return it, false
	}
	return &hops{hop: it.hop, source: source}, true
}

// Stats guesses. Cayley begins an intersection where NextCost and Size promise
// the least work.
func (it *hops) Stats(ctx context.Context) (cayley.IteratorCosts, error) {
	costs := cayley.IteratorCosts{ContainsCost: 4, NextCost: 1}
	var err error
	fan := int64(1)
	if it.source != nil {
		var source cayley.IteratorCosts
		source, err = it.source.Stats(ctx)
		costs.ContainsCost += 2 * source.ContainsCost
		if it.asks {
			costs.NextCost += source.ContainsCost
		} else {
			fan = source.Size.Size
			costs.NextCost += source.NextCost
		}
	}
	if it.size == 0 {
		it.size = it.guess(ctx) + 1
	}
	if it.size-1 > 0 && fan > (1<<40)/it.size {
		costs.Size.Size = 1 << 40
	} else {
		costs.Size.Size = fan * (it.size - 1)
	}
	return costs, err
}

// guess returns about how many quads match the pattern, or, with a source that is
// walked, how many match it for each node of that.
func (it *hops) guess(ctx context.Context) int64 {
	patterns := it.patterns(nil, it.want)
	if it.source == nil || it.asks {
		n := int64(0)
		for _, want := range patterns {
			n += it.store.guess(ctx, want)
		}
		return n
	}
	const fanout = 16
	return fanout * int64(len(patterns))
}

// patterns appends the patterns to be walked one after another: where one of several
// predicates will do, one for each.
func (it *hops) patterns(list []link, want link) []link {
	for _, a := range it.among {
		if a.dir == quad.Predicate && want.predicate == 0 {
			for _, n := range a.nodes {
				if w := want.with(a.dir, n); !slices.Contains(list, w) {
					list = append(list, w)
				}
			}
			return list
		}
	}
	return append(list, want)
}

// accepts reports whether a quad that matches the pattern is one of the hop's,
// apart from its source.
func (it *hops) accepts(l link) bool {
	for _, a := range it.among {
		if !slices.Contains(a.nodes, l.at(a.dir)) {
			return false
		}
	}
	for _, t := range it.tags {
		if l.at(t.dir) == 0 {
			return false
		}
	}
	return l.at(it.result) != 0
}

func (it *hops) tagResults(l link, to map[string]cayley.Ref) {
	for _, t := range it.tags {
		to[t.name] = refOf(l.at(t.dir))
	}
}

func (it *hops) Iterate() cayley.Scanner {
	if it.asks {
		return &hopAsking{hopIndex: hopIndex{hops: it, from: it.source.Lookup()}}
	}
	scan := &hopScan{hops: it}
	if it.source != nil {
		scan.from = it.source.Iterate()
	}
	return scan
}

func (it *hops) Lookup() cayley.Index {
	index := &hopIndex{hops: it}
	if it.source != nil {
		index.from = it.source.Lookup()
	}
	return index
}

// walk walks the quads of several patterns.
type walk struct {
	cursor  cursor
	pending []link
	room    []link // for those
	first   [1]link
	labels  bool // see cursor
}

// begin begins to walk what matches a hop's patterns.
func (w *walk) begin(it *hops, want link) {
	w.cursor.space = nil
	if w.room == nil {
		w.room = w.first[:0]
	}
	w.room = it.patterns(w.room[:0], want)
	w.pending = w.room
}

// next comes to the next quad that is one of the hop's.
func (w *walk) next(ctx context.Context, it *hops) bool {
	for {
		for w.cursor.space != nil && w.cursor.next(ctx) {
			if it.accepts(w.cursor.link) {
				return true
			}
		}
		if w.cursor.err != nil || len(w.pending) == 0 {
			return false
		}
		w.cursor.start(ctx, it.store, w.pending[0])
		w.cursor.labels = w.labels
		w.pending = w.pending[1:]
	}
}

// hopScan lists the nodes of a hop, once for each quad.
type hopScan struct {
	*hops
	refs    refs
	from    cayley.Scanner
	walk    walk
	started bool // with a source: it is at a node whose quads are walked
	err     error
}

func (it *hopScan) Next(ctx context.Context) bool {
	for {
		if it.started && it.walk.next(ctx, it.hops) {
			return true
		}
		if it.err = it.walk.cursor.err; it.err != nil {
			return false
		}
		want := it.want
		if it.from == nil {
			if it.started {
				return false
			}
		} else {
			if !it.further(ctx) {
				it.err = it.from.Err()
				return false
			}
			n, ok := nodeIn(it.from.Result())
			if !ok || want.at(it.dir) != 0 && want.at(it.dir) != n {
				continue
			}
			want = want.with(it.dir, n)
		}
		it.started = true
		it.walk.begin(it.hops, want)
	}
}

func (it *hopScan) Result() cayley.Ref {
	return it.refs.of(it.walk.cursor.link.at(it.result))
}

func (it *hopScan) Err() error { return it.err }

// further comes to another way to the source's node, or to its next one. At the end
// the source is at none, and some of Cayley's panic when asked for another way to it.
func (it *hopScan) further(ctx context.Context) bool {
	if it.started && it.from.NextPath(ctx) {
		return true
	}
	it.started = false
	return it.from.Err() == nil && it.from.Next(ctx)
}

// NextPath reports false: Next comes to each result again for each way to the
// source's node. To go on to the next way here, as Cayley's LinksTo does, would
// leave only the last one for the node's other results.
func (it *hopScan) NextPath(context.Context) bool { return false }

func (it *hopScan) TagResults(to map[string]cayley.Ref) {
	if it.from != nil {
		it.from.TagResults(to)
	}
	it.tagResults(it.walk.cursor.link, to)
}

func (it *hopScan) Close() error {
	if it.from == nil {
		return nil
	}
	return it.from.Close()
}

// hopAsking lists the nodes of a hop whose source is asked about each quad.
type hopAsking struct {
	hopIndex
	started bool
}

func (it *hopAsking) Next(ctx context.Context) bool {
	if !it.started {
		it.started = true
		it.walk.begin(it.hops, it.want)
	}
	return it.more(ctx)
}

func (it *hopAsking) NextPath(context.Context) bool { return false }

// hopIndex tells whether a node is one of a hop.
type hopIndex struct {
	*hops
	from cayley.Index
	walk walk
	err  error
}

func (it *hopIndex) Contains(ctx context.Context, r cayley.Ref) bool {
	n, ok := nodeIn(r)
	fixed := it.want.at(it.result)
	if !ok || n == 0 || fixed != 0 && fixed != n {
		it.walk = walk{}
		return false
	}
	it.walk.begin(it.hops, it.want.with(it.result, n))
	return it.more(ctx)
}

// more comes to the next quad whose node is one that the source leads to.
func (it *hopIndex) more(ctx context.Context) bool {
	for it.walk.next(ctx, it.hops) {
		if it.from == nil {
			return true
		}
		if n := it.walk.cursor.link.at(it.dir); n != 0 && it.from.Contains(ctx, n) {
			return true
		}
		if it.err = it.from.Err(); it.err != nil {
			return false
		}
	}
	it.err = it.walk.cursor.err
	return false
}

func (it *hopIndex) Result() cayley.Ref {
	return refOf(it.walk.cursor.link.at(it.result))
}

func (it *hopIndex) Err() error { return it.err }

func (it *hopIndex) NextPath(ctx context.Context) bool {
	if it.from != nil {
		if it.from.NextPath(ctx) {
			return true
		}
		if it.err = it.from.Err(); it.err != nil {
			return false
		}
	}
	return it.more(ctx)
}

func (it *hopIndex) TagResults(to map[string]cayley.Ref) {
	if it.from != nil {
		it.from.TagResults(to)
	}
	it.tagResults(it.walk.cursor.link, to)
}

func (it *hopIndex) Close() error {
	if it.from == nil {
		return nil
	}
	return it.from.Close()
}
