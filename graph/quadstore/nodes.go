package quadstore

import (
	"context"
	"math/bits"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/quad"
)

// nodeSet is a set of nodes: a bit for each number up to the largest of its kind.
type nodeSet [trueKind + 1][]uint64

// add reports whether a node has not been in the set; none is not added.
func (s *nodeSet) add(n node) bool {
	if n == 0 {
		return false
	}
	bits := &s[n.kind()]
	i, bit := int(n.number()/64), uint64(1)<<(n.number()%64)
	if i >= len(*bits) {
		*bits = append(*bits, make([]uint64, i+1-len(*bits))...)
	}
	if (*bits)[i]&bit != 0 {
		return false
	}
	(*bits)[i] |= bit
	return true
}

// has reports whether a node is in the set.
func (s *nodeSet) has(n node) bool {
	words, i := s[n.kind()], int(n.number()/64)
	return i < len(words) && words[i]&(1<<(n.number()%64)) != 0
}

// listing is all nodes, and how many there are of them and of quads. A store remembers
// one that has been made. It never changes then, so it may be shared.
type listing struct {
	redactions   uint32 // when it was made
	set          nodeSet
	nodes, quads int64
}

// listing returns what is remembered, nil if nothing is.
func (s *Store) listing() *listing {
	if s.walked == nil {
		return nil
	}
	l := s.walked.listing.Load()
	if l == nil || l.redactions != s.walked.numbers.Redactions() {
		return nil
	}
	return l
}

// newListing returns one for which nothing has been walked.
func (s *Store) newListing() *listing {
	l := &listing{}
	if s.walked != nil {
		l.redactions = s.walked.numbers.Redactions()
	}
	return l
}

// complete remembers a listing that all quads have been walked for.
func (s *Store) complete(l *listing) {
	if s.walked != nil && l.redactions == s.walked.numbers.Redactions() {
		s.walked.listing.Store(l)
	}
}

// add reports whether a quad's node is a new one.
func (l *listing) add(n node) bool {
	if !l.set.add(n) {
		return false
	}
	l.nodes++
	return true
}

// nodes are all nodes.
type nodes struct{ all links }

func (it *nodes) String() string          { return "Nodes" }
func (it *nodes) Iterate() cayley.Scanner { return &nodeScan{nodes: it} }
func (it *nodes) Lookup() cayley.Index    { return &nodeIndex{nodes: it} }

func (it *nodes) Stats(ctx context.Context) (cayley.IteratorCosts, error) {
	if known := it.all.store.listing(); known != nil {
		return cayley.IteratorCosts{ContainsCost: 1, NextCost: 2, Size: cayley.Size{Size: known.nodes}}, nil
	}
	return it.all.Stats(ctx)
}
func (it *nodes) Optimize(context.Context) (cayley.IteratorShape, bool) { return it, false }
func (it *nodes) SubIterators() []cayley.IteratorShape                  { return nil }

// nodeScan lists nodes: those of the listing, or else those of all quads.
type nodeScan struct {
	*nodes
	plain
	refs refs
	node node // that it has come to
	err  error

	known *listing
	kind  kind
	words []uint64 // of the known ones of the kind
	word  int      // the one after the word at hand
	bits  uint64   // of the word at hand, those still to come

	cursor cursor
	made   *listing
	next   quad.Direction // of the link at hand
}

func (it *nodeScan) Next(ctx context.Context) bool {
	it.node = 0
	if it.known == nil && it.made == nil {
		if it.known = it.all.store.listing(); it.known == nil {
			it.made = it.all.store.newListing()
			it.cursor.start(ctx, it.all.store, it.all.want)
		}
	}
	if it.known != nil {
		return it.further(ctx)
	}
	for {
		for it.next >= quad.Subject && it.next <= quad.Label {
			n := it.cursor.link.at(it.next)
			it.next++
			if it.made.add(n) {
				it.node = n
				return true
			}
		}
		if !it.cursor.next(ctx) {
			if it.err = it.cursor.err; it.err == nil {
				it.all.store.complete(it.made)
			}
			return false
		}
		it.made.quads++
		it.next = quad.Subject
	}
}

// further comes to the next node that is known.
func (it *nodeScan) further(ctx context.Context) bool {
	if it.err = ctx.Err(); it.err == nil {
		it.err = it.all.store.bound.step()
	}
	if it.err != nil {
		return false
	}
	for it.bits == 0 {
		for it.word == len(it.words) {
			if int(it.kind)+1 == len(it.known.set) {
				return false
			}
			it.kind++
			it.words, it.word = it.known.set[it.kind], 0
		}
		it.bits = it.words[it.word]
		it.word++
	}
	it.node = nodeOf(it.kind, uint32(64*(it.word-1)+bits.TrailingZeros64(it.bits)))
	it.bits &= it.bits - 1
	return true
}

func (it *nodeScan) Result() cayley.Ref { return it.refs.of(it.node) }
func (it *nodeScan) Err() error         { return it.err }
func (it *nodeScan) Close() error       { return nil }

// nodeIndex tells whether there is a node. Those that are asked for come from
// this store's quads, or from ValueOf.
type nodeIndex struct {
	*nodes
	plain
	ref cayley.Ref
	err error
}

func (it *nodeIndex) Contains(ctx context.Context, r cayley.Ref) bool {
	it.ref = nil
	if it.err = it.all.store.over(ctx); it.err != nil {
		return false
	}
	if n, ok := nodeIn(r); ok && n != 0 {
		it.ref = r
	}
	return it.ref != nil
}

func (it *nodeIndex) Result() cayley.Ref { return it.ref }
func (it *nodeIndex) Err() error         { return it.err }
func (it *nodeIndex) Close() error       { return nil }
