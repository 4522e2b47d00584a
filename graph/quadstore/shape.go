package quadstore

import (
	"slices"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/cayley/graph/shape"
	"github.com/cayleygraph/quad"
)

// OptimizeShape replaces what Cayley would walk quad by quad by hops of this
// store, and keeps Cayley from taking the number of nodes that a path starts at
// for the number of its answers. It is Cayley's last step before it builds
// iterators.
func (s *Store) OptimizeShape(sh shape.Shape) (shape.Shape, bool) {
	switch sh := sh.(type) {
	case shape.Fixed:
		return start(sh), true
	case shape.Quads:
		// Cayley asks QuadIterator for the quads of one fixed node, and only
		// a Fixed is one to it.
		out := slices.Clone(sh)
		for i, f := range out {
			if nodes, ok := f.Values.(start); ok && len(nodes) == 1 {
				out[i].Values = shape.Fixed(nodes)
			}
		}
		return out, true
	case shape.QuadsAction:
		if h, ok := s.actionHop(sh); ok {
			return h, true
		}
	case shape.NodesFrom:
		return s.optimizeNodes(sh)
	case shape.Unique:
		if d, ok := distinctOf(sh.From); ok {
			return d, true
		}
	case shape.Count:
		if _, all := sh.Values.(shape.AllNodes); all {
			if l := s.listing(); l != nil {
				return shape.Fixed{cayley.PreFetched(quad.Int(l.nodes))}, true
			}
		}
	case shape.Intersect:
		return s.intersect(sh, nil), true
	case shape.IntersectOpt:
		return s.intersect(sh.Sub, sh.Opt), true
	case shape.Except:
		return except(sh), true
	case shape.Sort:
		return sequence{store: s, from: sh.From, sorted: true}, true
	case shape.Page:
		if shape.IsNull(sh.From) {
			return nil, true
		}
		return sequence{store: s, from: sh.From, skip: max(0, sh.Skip), limit: max(0, sh.Limit)}, true
	case shape.Union:
		// Cayley leaves removing what has come out empty to the optimizer, and
		// cannot build a Union with it.
		out := slices.DeleteFunc(slices.Clone(sh), shape.IsNull)
		switch {
		case len(out) == 0:
			return nil, true
		case len(out) == 1:
			return out[0], true
		case slices.ContainsFunc(out, func(s shape.Shape) bool { _, quads := s.(shape.Quads); return quads }):
			return out, true // for what makes nodes of them
		}
		return union(out), true
	}
	return sh, false
}

// optimizeNodes makes hops of the nodes that quads have in a direction.
func (s *Store) optimizeNodes(sh shape.NodesFrom) (shape.Shape, bool) {
	switch quads := sh.Quads.(type) {
	case shape.Quads:
		if h, ok := s.hop(sh.Dir, quads); ok {
			return h, true
		}
	case shape.Union:
		out := make(shape.Union, len(quads))
		for i, q := range quads {
			out[i], _ = s.optimizeNodes(shape.NodesFrom{Dir: sh.Dir, Quads: q})
		}
		return out, true
	}
	return sh, false
}

// hop is the nodes that quads have in a direction: those which match a pattern and
// whose node in another direction is one of some.
type hop struct {
	store  *Store
	result quad.Direction
	want   link
	// among narrows directions to one of several nodes each.
	among []among
	// from narrows directions to what shapes lead to. One of these is walked, unless asks
	// is set, and the others are asked about each quad's nodes.
	from []narrowed
	asks bool
	tags []tag
}

// narrowed is a direction that a shape narrows.
type narrowed struct {
	dir quad.Direction
	to  shape.Shape
}

// among is one of several nodes in a direction.
type among struct {
	dir   quad.Direction
	nodes []node
}

// tag has the node in a direction saved under a name.
type tag struct {
	dir  quad.Direction
	name string
}

// hop recognises quads that a hop can walk.
func (s *Store) hop(result quad.Direction, quads shape.Quads) (h *hop, ok bool) {
	if len(quads) == 0 || result == quad.Any {
		return h, false
	}
	h = &hop{store: s, result: result}
	for _, f := range quads {
		switch v := f.Values.(type) {
		case shape.Fixed:
			ok = h.fix(f.Dir, v)
		case start:
			ok = h.fix(f.Dir, shape.Fixed(v))
		case shape.Save:
			switch from := v.From.(type) {
			case shape.AllNodes:
				ok = true
			case shape.Fixed:
				ok = h.fix(f.Dir, from)
			case start:
				ok = h.fix(f.Dir, shape.Fixed(from))
			default:
				if !h.narrow(f) {
					return h, false
				}
				continue
			}
			for _, name := range v.Tags {
				h.tags = append(h.tags, tag{f.Dir, name})
			}
		default:
			ok = h.narrow(f)
		}
		if !ok {
			return h, false
		}
	}
	if h.from != nil {
		byPredicate := h.want.predicate != 0 || slices.ContainsFunc(h.among, func(a among) bool { return a.dir == quad.Predicate })
		h.asks = byPredicate && !slices.ContainsFunc(h.from, func(n narrowed) bool { return !filtersAll(n.to) })
		return h, true
	}
	// Begin at one of several subjects or objects.
	for i, a := range h.among {
		if a.dir == quad.Subject || a.dir == quad.Object {
			nodes := make(start, len(a.nodes))
			for k, n := range a.nodes {
				nodes[k] = n
			}
			h.from, h.among = []narrowed{{a.dir, nodes}}, slices.Delete(h.among, i, i+1)
			break
		}
	}
	return h, true
}

// filtersAll reports whether a shape filters all nodes by their values, and so would
// walk all of them and read these.
func filtersAll(from shape.Shape) bool {
	filter, ok := from.(shape.Filter)
	if ok {
		_, ok = filter.From.(shape.AllNodes)
	}
	return ok && !slices.ContainsFunc(filter.Filters, func(f shape.ValueFilter) bool {
		_, follows := f.(*recursion)
		return follows
	})
}

// actionHop recognises what a hop can walk.
func (s *Store) actionHop(sh shape.QuadsAction) (h *hop, ok bool) {
	h = &hop{store: s, result: sh.Result}
	for d, r := range sh.Filter {
		if !h.fix(d, shape.Fixed{r}) {
			return h, false
		}
	}
	for d := quad.Subject; d <= quad.Label; d++ {
		for _, name := range sh.Save[d] {
			h.tags = append(h.tags, tag{d, name})
		}
	}
	return h, sh.Result != quad.Any
}

// narrow narrows a direction to what a shape leads to.
func (h *hop) narrow(f shape.QuadFilter) bool {
	if f.Values == nil || f.Dir == quad.Any {
		return false
	}
	h.from = append(h.from, narrowed{f.Dir, f.Values})
	return true
}

// fix narrows a direction to fixed nodes.
func (h *hop) fix(d quad.Direction, refs shape.Fixed) bool {
	if len(refs) == 1 {
		n, ok := nodeIn(refs[0])
		if !ok || d == quad.Any || h.want.at(d) != 0 {
			return false
		}
		h.want = h.want.with(d, n)
		return true
	}
	var nodes []node
	for _, r := range refs {
		n, ok := nodeIn(r)
		if !ok || d == quad.Any {
			return false
		}
		nodes = append(nodes, n)
	}
	h.among = append(h.among, among{d, nodes})
	return true
}

func (h *hop) Optimize(shape.Optimizer) (shape.Shape, bool) { return h, false }

func (h *hop) BuildIterator(qs cayley.QuadStore) cayley.Iterator {
	it := &hops{hop: h}
	for _, n := range h.from {
		it.sources = append(it.sources, source{n.dir, cayley.AsShape(n.to.BuildIterator(qs))})
	}
	return cayley.AsLegacy(it)
}
