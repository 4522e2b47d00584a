package quadstore

import (
	"context"
	"errors"
	"fmt"
	"sync"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/cayley/graph/iterator"
	"github.com/cayleygraph/cayley/graph/shape"
	"github.com/cayleygraph/quad"

	"github.com/onrecord/onrecord/graph"
)

// ErrReadOnly says that nothing can be written through a view.
var ErrReadOnly = errors.New("quadstore: a view is read-only")

// Store is a view of a graph as a Cayley quad store. What it shows never changes,
// so it may be shared; as in its view, only a redaction reaches into it. An iterator that
// was begun before one may still come to the nodes that it hides, but not to what they say:
// begin another. The iterators that it makes must not be used from several goroutines at
// once, and their scanners must be closed.
type Store struct {
	space  space
	bound  *bound
	walked *walked
}

var (
	_ cayley.QuadStore      = (*Store)(nil)
	_ cayley.BatchQuadStore = (*Store)(nil)
	_ shape.Optimizer       = (*Store)(nil)
)

// New returns the view as a quad store. It costs nothing.
func New(v graph.View) *Store {
	numbers := v.Numbers()
	return &Store{space: &projection{numbers: numbers}, walked: &walked{numbers: numbers}}
}

// ValueOf returns the reference of a node; nil if the view does not show it. An
// entity's is that of its cluster's canonical member.
func (s *Store) ValueOf(v quad.Value) cayley.Ref {
	n, err := s.find(context.Background(), v)
	if n == 0 || err != nil {
		return nil
	}
	return n
}

// find returns the node of a value, 0 if no quad has it.
func (s *Store) find(ctx context.Context, v quad.Value) (node, error) {
	n := s.space.parse(v)
	if n == 0 {
		return 0, nil
	}
	walk := func() (bool, error) { return s.shows(ctx, n) }
	var shown bool
	var err error
	if s.walked != nil && n.everywhere() {
		shown, err = s.walked.shows(n, walk)
	} else {
		shown, err = walk()
	}
	if !shown || err != nil {
		return 0, err
	}
	return n, nil
}

// shows looks for the first of the quads that have a node.
func (s *Store) shows(ctx context.Context, n node) (bool, error) {
	if err := s.bound.step(); err != nil {
		return false, err
	}
	if l := s.listing(); l != nil {
		return l.set.has(n), nil
	}
	c := cursors.Get().(*cursor)
	defer cursors.Put(c)
	if c.buf = s.space.thing(c.buf[:0], n, link{}); len(c.buf) > 0 { // it has a name or the like, whatever its edges
		return true, nil
	}
	directions := [...]quad.Direction{quad.Subject, quad.Predicate, quad.Label, quad.Object}
	from := 0
	switch k := n.kind(); {
	case k == statementKind && s.space.stands(n):
		return true, nil
	case k == roleKind || k == unitKind || k == partKind || k == voiceKind:
		from = 1
	case k > sourceKind:
		from = 3 // all statements of a predicate have it there, too
	}
	for _, d := range directions[from:] {
		if c.start(ctx, s, link{}.with(d, n)); c.next(ctx) || c.err != nil {
			return c.err == nil, c.err
		}
	}
	return false, nil
}

// cursors are used to look for a node, which is mostly done after a step or two.
var cursors = sync.Pool{New: func() any { return new(cursor) }}

// NameOf returns the node of a reference, nil if it refers to none. A literal is
// read from the record; it is nil, too, if that cannot be read: [Store.ValuesOf]
// says why.
func (s *Store) NameOf(r cayley.Ref) quad.Value {
	v, _ := s.valueOf(context.Background(), r)
	return v
}

func (s *Store) valueOf(ctx context.Context, r cayley.Ref) (quad.Value, error) {
	if n, ok := nodeIn(r); ok {
		return s.value(ctx, n)
	}
	if r, ok := r.(cayley.PreFetchedValue); ok {
		return r.NameOf(), nil
	}
	return nil, nil
}

// value returns the value of a node, nil if it has been redacted.
func (s *Store) value(ctx context.Context, n node) (quad.Value, error) {
	if err := s.bound.step(); err != nil {
		return nil, err
	}
	v, err := s.space.value(s.bound.context(ctx), n)
	if errors.Is(err, graph.ErrRedacted) {
		return nil, nil
	}
	s.bound.fail(err)
	return v, err
}

// ValuesOf returns the nodes of references, nil for one that refers to none. The
// error is that of reading the record, or the context's.
func (s *Store) ValuesOf(ctx context.Context, refs []cayley.Ref) ([]quad.Value, error) {
	values := make([]quad.Value, len(refs))
	for i, r := range refs {
		var err error
		if values[i], err = s.valueOf(ctx, r); err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, fmt.Errorf("quadstore: values: %w", err)
		}
	}
	return values, nil
}

// RefsOf returns the references of nodes. It is an error if the view does not
// show one of them.
func (s *Store) RefsOf(ctx context.Context, values []quad.Value) ([]cayley.Ref, error) {
	refs := make([]cayley.Ref, len(values))
	for i, v := range values {
		n, err := s.find(ctx, v)
		if err != nil {
			return nil, fmt.Errorf("quadstore: references: %w", err)
		}
		if n == 0 {
			return nil, fmt.Errorf("quadstore: references: %v: %w", v, graph.ErrNotInView)
		}
		refs[i] = n
	}
	return refs, nil
}

// Quad returns the quad of a reference, the zero Quad if it refers to none. A node
// of it is nil where [Store.NameOf] is.
func (s *Store) Quad(r cayley.Ref) (q quad.Quad) {
	if l, ok := r.(*link); ok {
		q, _ = s.quad(context.Background(), *l)
	}
	return q
}

// quad returns the values of a quad, and the error of the last that could not be
// read.
func (s *Store) quad(ctx context.Context, l link) (q quad.Quad, err error) {
	for d := quad.Subject; d <= quad.Label; d++ {
		n := l.at(d)
		if n == 0 {
			continue
		}
		v, failed := s.value(ctx, n)
		if failed != nil {
			err = failed
			continue
		}
		q.Set(d, v)
	}
	return q, err
}

// QuadDirection returns the node that a quad has in a direction, nil if it has
// none or the reference is not that of a quad.
func (s *Store) QuadDirection(r cayley.Ref, d quad.Direction) cayley.Ref {
	l, ok := r.(*link)
	if !ok {
		return nil
	}
	if d == quad.Predicate {
		return s.space.predicate(l.predicate)
	}
	return refOf(l.at(d))
}

// QuadIterator returns the quads that have a node in a direction. There are none
// for the reference of a quad or of a value that is not stored.
func (s *Store) QuadIterator(d quad.Direction, r cayley.Ref) cayley.Iterator {
	n, ok := nodeIn(r)
	if !ok || d == quad.Any {
		return iterator.NewNull()
	}
	return cayley.AsLegacy(&links{store: s, want: link{}.with(d, n)})
}

// QuadIteratorSize returns a guess, never exact, of how many quads have a node
// in a direction.
func (s *Store) QuadIteratorSize(ctx context.Context, d quad.Direction, r cayley.Ref) (cayley.Size, error) {
	n, ok := nodeIn(r)
	if !ok || d == quad.Any {
		return cayley.Size{}, nil
	}
	return cayley.Size{Size: s.guess(ctx, link{}.with(d, n))}, nil
}

// guess returns about how many quads match a pattern.
func (s *Store) guess(ctx context.Context, want link) int64 {
	return s.space.guess(s.bound.context(ctx), want)
}

// QuadsAllIterator returns all quads.
func (s *Store) QuadsAllIterator() cayley.Iterator { return cayley.AsLegacy(&links{store: s}) }

// NodesAllIterator returns all nodes, each once.
func (s *Store) NodesAllIterator() cayley.Iterator {
	return cayley.AsLegacy(&nodes{links{store: s}})
}

// Stats returns how many nodes and quads there are: by counting them all, with
// exact, and otherwise by a guess.
func (s *Store) Stats(ctx context.Context, exact bool) (cayley.Stats, error) {
	if l := s.listing(); !exact && l != nil {
		return cayley.Stats{Nodes: cayley.Size{Size: l.nodes}, Quads: cayley.Size{Size: l.quads}}, nil
	}
	if !exact {
		size := cayley.Size{Size: s.guess(ctx, link{})}
		return cayley.Stats{Nodes: size, Quads: size}, nil
	}
	l := s.listing()
	if l == nil {
		l = s.newListing()
		var c cursor
		for c.start(ctx, s, link{}); c.next(ctx); {
			l.quads++
			for d := quad.Subject; d <= quad.Label; d++ {
				l.add(c.link.at(d))
			}
		}
		if c.err != nil {
			return cayley.Stats{}, fmt.Errorf("quadstore: stats: %w", c.err)
		}
		s.complete(l)
	}
	return cayley.Stats{Nodes: cayley.Size{Size: l.nodes, Exact: true}, Quads: cayley.Size{Size: l.quads, Exact: true}}, nil
}

// ApplyDeltas refuses all changes with ErrReadOnly.
func (s *Store) ApplyDeltas([]cayley.Delta, cayley.IgnoreOpts) error { return ErrReadOnly }

// NewQuadWriter returns ErrReadOnly.
func (s *Store) NewQuadWriter() (quad.WriteCloser, error) { return nil, ErrReadOnly }

// Close does nothing: the graph stays its owner's.
func (s *Store) Close() error { return nil }
