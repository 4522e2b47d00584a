package quadstore

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/cayley/graph/iterator"
	"github.com/cayleygraph/quad"
)

// hops are the nodes of a hop. They are Cayley's HasA over the And of LinksTo,
// without the quads in between.
type hops struct {
	*hop
	sources []source // what from leads to; the first is walked, unless the hop asks
	size    int64    // as guessed, and one more; 0: not guessed yet
}

// source is what a direction is narrowed to.
type source struct {
	dir   quad.Direction
	nodes cayley.IteratorShape
}

func (it *hops) String() string {
	return fmt.Sprintf("Hop(%v)", it.result)
}

func (it *hops) SubIterators() (all []cayley.IteratorShape) {
	for _, s := range it.sources {
		all = append(all, s.nodes)
	}
	return all
}

func (it *hops) Optimize(ctx context.Context) (cayley.IteratorShape, bool) {
	if it.sources == nil {
		return it, false
	}
	better := &hops{hop: it.hop, sources: slices.Clone(it.sources)}
	changed := false
	for i, s := range it.sources {
		nodes, ok := s.nodes.Optimize(ctx)
		if iterator.IsNull2(nodes) {
			return nodes, true
		}
		better.sources[i].nodes = nodes
		changed = changed || ok
	}
	if better.walkLeast(ctx) {
		changed = true
	}
	if !changed {
		return it, false
	}
	return better, true
}

// walkLeast has the source walked of which there is least, but one of predicates only
// where there is no other, as a predicate has more quads than any other node. It reports
// whether that is another one than before.
func (it *hops) walkLeast(ctx context.Context) bool {
	if it.asks || len(it.sources) == 1 {
		return false
	}
	least, size := 0, int64(math.MaxInt64)
	for i, s := range it.sources {
		if costs, _ := s.nodes.Stats(ctx); s.dir != quad.Predicate && costs.Size.Size < size {
			least, size = i, costs.Size.Size
		}
	}
	it.sources[0], it.sources[least] = it.sources[least], it.sources[0]
	return least > 0
}

// Stats guesses. Cayley begins an intersection where NextCost and Size promise
// the least work.
func (it *hops) Stats(ctx context.Context) (cayley.IteratorCosts, error) {
	costs := cayley.IteratorCosts{ContainsCost: 4, NextCost: 1}
	var err error
	fan := int64(1)
	for i, s := range it.sources {
		nodes, failed := s.nodes.Stats(ctx)
		err = cmp.Or(err, failed)
		costs.ContainsCost += 2 * nodes.ContainsCost
		if it.walks() && i == 0 {
			fan = nodes.Size.Size
			costs.NextCost += nodes.NextCost
		} else {
			costs.NextCost += nodes.ContainsCost
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

// walks reports whether the first source is walked.
func (it *hops) walks() bool { return len(it.sources) > 0 && !it.asks }

// guess returns about how many quads match the pattern, or, with a source that is
// walked, how many match it for each node of that.
func (it *hops) guess(ctx context.Context) int64 {
	patterns := it.patterns(nil, it.want)
	if !it.walks() {
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
		return &hopAsking{hopIndex: hopIndex{hops: it, asked: it.asked(it.sources)}}
	}
	scan := &hopScan{hops: it}
	if it.walks() {
		scan.from, scan.asked = it.sources[0].nodes.Iterate(), it.asked(it.sources[1:])
	}
	return scan
}

func (it *hops) Lookup() cayley.Index { return &hopIndex{hops: it, asked: it.asked(it.sources)} }

// asked are sources that are asked about the nodes of a quad; nil: none.
type asked struct {
	combination
	dirs []quad.Direction
}

func (it *hops) asked(sources []source) *asked {
	if len(sources) == 0 {
		return nil
	}
	a := &asked{combination: combination{store: it.store, needed: len(sources)}}
	for _, s := range sources {
		a.indexes, a.dirs = append(a.indexes, s.nodes.Lookup()), append(a.dirs, s.dir)
	}
	a.has, a.nodes = make([]bool, len(sources)), make([]cayley.Ref, len(sources))
	return a
}

// have reports whether the sources have the nodes of a quad.
func (a *asked) have(ctx context.Context, l link) bool {
	if a == nil {
		return true
	}
	for i, d := range a.dirs {
		a.nodes[i] = refOf(l.at(d))
		if a.nodes[i] == nil {
			clear(a.has)
			return false
		}
	}
	return a.begin(ctx)
}

func (a *asked) nextPath(ctx context.Context) bool { return a != nil && a.NextPath(ctx) }

func (a *asked) failed() error {
	if a == nil {
		return nil
	}
	return a.err
}

func (a *asked) tagResults(to map[string]cayley.Ref) {
	if a != nil {
		a.TagResults(to)
	}
}

func (a *asked) close() error {
	if a == nil {
		return nil
	}
	return a.Close()
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
	asked   *asked
	walk    walk
	started bool // with a source: it is at a node whose quads are walked
	err     error
}

func (it *hopScan) Next(ctx context.Context) bool {
	for {
		for it.started && it.walk.next(ctx, it.hops) {
			if it.asked.have(ctx, it.walk.cursor.link) {
				return true
			}
			if it.err = it.asked.failed(); it.err != nil {
				return false
			}
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
			dir := it.sources[0].dir
			if !ok || want.at(dir) != 0 && want.at(dir) != n {
				continue
			}
			want = want.with(dir, n)
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

// NextPath comes to the next way of the sources that are asked. Next comes to each result
// again for each way to the node of the one that is walked. To go on to the next way
// there, as Cayley's LinksTo does, would leave only the last one for the node's other
// results.
func (it *hopScan) NextPath(ctx context.Context) bool {
	if it.asked.nextPath(ctx) {
		return true
	}
	it.err = it.asked.failed()
	return false
}

func (it *hopScan) TagResults(to map[string]cayley.Ref) {
	if it.from != nil {
		it.from.TagResults(to)
	}
	it.asked.tagResults(to)
	it.tagResults(it.walk.cursor.link, to)
}

func (it *hopScan) Close() error {
	if it.from == nil {
		return nil
	}
	return cmp.Or(it.from.Close(), it.asked.close())
}

// hopAsking lists the nodes of a hop whose sources are asked about each quad.
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
	asked *asked
	walk  walk
	link  link // that it has come to, also when there is no other way
	ended bool // there is none
	err   error
}

func (it *hopIndex) Contains(ctx context.Context, r cayley.Ref) bool {
	n, ok := nodeIn(r)
	fixed := it.want.at(it.result)
	it.link, it.ended = link{}, false
	if !ok || n == 0 || fixed != 0 && fixed != n {
		it.walk, it.ended = walk{}, true
		return false
	}
	it.walk.begin(it.hops, it.want.with(it.result, n))
	return it.more(ctx)
}

// more comes to the next quad whose nodes are some that the sources lead to.
func (it *hopIndex) more(ctx context.Context) bool {
	for it.walk.next(ctx, it.hops) {
		if it.asked.have(ctx, it.walk.cursor.link) {
			it.link = it.walk.cursor.link
			return true
		}
		if it.err = it.asked.failed(); it.err != nil {
			return false
		}
	}
	it.err = it.walk.cursor.err
	return false
}

func (it *hopIndex) Result() cayley.Ref { return refOf(it.link.at(it.result)) }

func (it *hopIndex) Err() error { return it.err }

func (it *hopIndex) NextPath(ctx context.Context) bool {
	if it.ended {
		return false
	}
	if it.asked.nextPath(ctx) {
		return true
	}
	if it.err = it.asked.failed(); it.err != nil {
		return false
	}
	if it.more(ctx) {
		return true
	}
	if it.ended = it.err == nil; it.ended && it.asked != nil && it.link != (link{}) {
		it.asked.have(ctx, it.link) // Cayley's And asks for the tags of the last way, too
		it.err = it.asked.failed()
	}
	return false
}

func (it *hopIndex) TagResults(to map[string]cayley.Ref) {
	it.asked.tagResults(to)
	it.tagResults(it.link, to)
}

func (it *hopIndex) Close() error { return it.asked.close() }
