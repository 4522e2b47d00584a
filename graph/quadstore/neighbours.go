package quadstore

import (
	"cmp"
	"context"
	"slices"
	"sync"
)

// few is how many statements of an entity are walked each time rather than
// remembered.
const few = 8

// edge is a direct edge, seen from one of its ends.
type edge struct {
	other     uint32 // the entity at the other end
	statement uint32
}

// link returns the quad that an edge is, given the pattern that it matches.
func (e edge) link(want link) link {
	switch {
	case want.subject == 0:
		want.subject = nodeOf(entityKind, e.other)
	case want.object == 0:
		want.object = nodeOf(entityKind, e.other)
	}
	want.label = nodeOf(statementKind, e.statement)
	return want
}

// pairs are edges by predicate: of each one, those from the end of the one before
// on, in the order of their other ends, and then of their statements.
type pairs struct {
	predicates []node
	ends       []uint32
	edges      []edge
}

// at returns the edges with predicate i.
func (p *pairs) at(i int) []edge {
	start := uint32(0)
	if i > 0 {
		start = p.ends[i-1]
	}
	return p.edges[start:p.ends[i]:p.ends[i]]
}

// with returns the edges with a predicate.
func (p *pairs) with(predicate node) []edge {
	i, ok := slices.BinarySearch(p.predicates, predicate)
	if !ok {
		return nil
	}
	return p.at(i)
}

// neighbourhood is the direct edges of an entity, from it and to it.
type neighbourhood struct{ out, in pairs }

// neighbours remember the direct edges of entities that are asked for again and again,
// and the quads of the star that mention them. All of them together hold two edges, of 8
// bytes, for each statement at most, 4 bytes for each mention, and what the maps take for each
// entity. Its methods may be called from several goroutines at once.
type neighbours struct {
	eager bool // for tests: remember all, from the first time on

	mu         sync.RWMutex
	redactions uint32        // when they were collected
	asked      map[link]bool // what has been walked
	known      map[node]*neighbourhood
	mentions   map[node]*index
}

// remembered returns the edges of an entity if they are remembered.
func (b *neighbours) remembered(p *projection, n node) (*neighbourhood, bool) {
	now := p.numbers.Redactions()
	b.mu.RLock()
	defer b.mu.RUnlock()
	if b.redactions != now {
		return nil, false
	}
	known, ok := b.known[n]
	return known, ok
}

// of remembers the edges of an entity that is mentioned in about so many
// statements, of which some are wanted, and returns them, and false if they are better
// walked.
func (b *neighbours) of(ctx context.Context, limit *bound, p *projection, n node, statements int, want link) (*neighbourhood, bool) {
	now := p.numbers.Redactions()
	if !b.again(now, statements, want) {
		return nil, false
	}
	return b.collect(ctx, limit, p, n, now)
}

// mentioning remembers the quads of the star that lead to an entity or a literal, in about
// so many statements, and returns them, and false if they are better walked. With no
// statements it returns what it has.
func (b *neighbours) mentioning(ctx context.Context, limit *bound, p *projection, n node, statements int) (*index, bool) {
	now := p.numbers.Redactions()
	b.mu.RLock()
	stars, ok := b.mentions[n]
	ok = ok && b.redactions == now
	b.mu.RUnlock()
	if ok {
		return stars, true
	}
	if !b.again(now, statements, link{object: n}) {
		return nil, false
	}
	if stars, ok = p.gather(ctx, limit, class(n)); !ok {
		return nil, false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.redactions == now {
		b.mentions[n] = stars
	}
	return stars, true
}

// all remembers the edges of an entity that is mentioned in some statements, and returns
// them; with no statements, if it has them.
func (b *neighbours) all(ctx context.Context, limit *bound, p *projection, n node, statements int) (*neighbourhood, bool) {
	if known, ok := b.remembered(p, n); ok || statements == 0 {
		return known, ok
	}
	return b.collect(ctx, limit, p, n, p.numbers.Redactions())
}

// again notes that some of an entity's quads are walked, and reports whether they are to
// be remembered: they have been walked before, or they are all there is, and that is not
// much. Of an entity's, to walk those by one predicate takes a small part of what it takes to
// collect all; a text or a number is asked about without one.
func (b *neighbours) again(now uint32, statements int, want link) bool {
	switch {
	case statements == 0:
		return false
	case b.eager:
		statements, want.predicate = many, 0
	case statements <= few:
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.redactions != now || b.known == nil {
		b.redactions, b.asked = now, map[link]bool{}
		b.known, b.mentions = map[node]*neighbourhood{}, map[node]*index{}
	}
	if len(b.asked) == mostAsked {
		clear(b.asked)
	}
	before := b.asked[want]
	b.asked[want] = true
	return before || want.predicate == 0 && statements <= many
}

// collect remembers the edges of an entity.
func (b *neighbours) collect(ctx context.Context, limit *bound, p *projection, n node, now uint32) (*neighbourhood, bool) {
	known, ok := collect(ctx, limit, p, n)
	if !ok {
		return nil, false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.redactions == now {
		b.known[n] = known
	}
	return known, true
}

// many is how many statements of an entity are not remembered before they are
// asked for a second time, lest an answer's first lines wait for all of them.
const many = 1024

// mostAsked is of how many walks it is known that they have been made.
const mostAsked = 1 << 20

// collect walks the edges of an entity. It reports false if the context or the query
// has ended before.
func collect(ctx context.Context, limit *bound, p *projection, n node) (*neighbourhood, bool) {
	var out, in []sorted
	rows := p.numbers.RowsOfArgument(n.number())
	if !limit.affords(2 * rows.Len()) {
		return nil, false
	}
	for {
		if ctx.Err() != nil || limit.step() != nil {
			return nil, false
		}
		row, shown, ok := rows.Step()
		if !ok {
			break
		}
		if !shown {
			continue
		}
		a, b, ok := ends(row)
		if !ok {
			continue
		}
		predicate := nodeOf(predicateKind, row.Predicate())
		from, to := p.entity(a), p.entity(b)
		if from == n {
			out = append(out, sorted{predicate, edge{to.number(), row.Statement}})
		}
		if to == n {
			in = append(in, sorted{predicate, edge{from.number(), row.Statement}})
		}
	}
	return &neighbourhood{pairsOf(out), pairsOf(in)}, true
}

// sorted is an edge to be sorted by predicate.
type sorted struct {
	predicate node
	edge
}

func pairsOf(list []sorted) (p pairs) {
	slices.SortFunc(list, func(a, b sorted) int {
		return cmp.Or(cmp.Compare(a.predicate, b.predicate), cmp.Compare(a.other, b.other), cmp.Compare(a.statement, b.statement))
	})
	p.edges = make([]edge, len(list))
	for i, s := range list {
		p.edges[i] = s.edge
		if i+1 == len(list) || list[i+1].predicate != s.predicate {
			p.predicates, p.ends = append(p.predicates, s.predicate), append(p.ends, uint32(i+1))
		}
	}
	return p
}

// between returns those of some edges with one predicate that have a node at their
// other end.
func between(edges []edge, other node) []edge {
	compare := func(e edge, n uint32) int { return cmp.Compare(e.other, n) }
	first, _ := slices.BinarySearchFunc(edges, other.number(), compare)
	n, _ := slices.BinarySearchFunc(edges[first:], other.number()+1, compare)
	return edges[first : first+n : first+n]
}
