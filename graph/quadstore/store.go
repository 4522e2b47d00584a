package quadstore

import (
	"context"
	"errors"
	"iter"
	"slices"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/cayley/graph/iterator"
	"github.com/cayleygraph/cayley/graph/shape"
	"github.com/cayleygraph/quad"
	"github.com/google/uuid"

	"github.com/onrecord/onrecord/graph"
)

// ErrReadOnly says that nothing can be written through a view.
var ErrReadOnly = errors.New("quadstore: a view is read-only")

// Store is a view of a graph as a Cayley quad store. It never changes, so it may
// be shared; as in its view, only a redaction reaches into it. The iterators
// that it makes must not be used from several goroutines at once, and their
// scanners must be closed.
type Store struct {
	view graph.View
}

var (
	_ cayley.QuadStore = (*Store)(nil)
	_ shape.Optimizer  = (*Store)(nil)
)

// New returns the view as a quad store. It costs nothing.
func New(v graph.View) *Store { return &Store{v} }

// ValueOf returns the reference of a node; nil if the view does not show it. An
// entity's is that of its cluster's canonical member.
func (s *Store) ValueOf(v quad.Value) cayley.Ref {
	iri, _ := v.(quad.IRI)
	n, ok := parse(iri)
	if !ok {
		return nil
	}
	if n.kind == thing {
		if _, ok := s.statement(n.id); !ok {
			n.id = s.view.Canonical(n.id)
		}
	}
	if !s.has(n) {
		return nil
	}
	return n
}

// NameOf returns the node of a reference, nil if it refers to none.
func (s *Store) NameOf(r cayley.Ref) quad.Value {
	switch r := r.(type) {
	case node:
		return r.iri()
	case cayley.PreFetchedValue:
		return r.NameOf()
	}
	return nil
}

// Quad returns the quad of a reference, the zero Quad if it refers to none.
func (s *Store) Quad(r cayley.Ref) quad.Quad {
	l, ok := r.(link)
	if !ok {
		return quad.Quad{}
	}
	return quad.Quad{Subject: l.subject.iri(), Predicate: l.predicate.iri(), Object: l.object.iri(), Label: Node(l.statement)}
}

// QuadDirection returns the node that a quad has in a direction, nil if the
// reference is not that of a quad.
func (s *Store) QuadDirection(r cayley.Ref, d quad.Direction) cayley.Ref {
	if l, ok := r.(link); ok && d != quad.Any {
		return l.at(d)
	}
	return nil
}

// QuadIterator returns the quads that have a node in a direction, in the order
// in which their statements came to stand. There are none for the reference of a
// quad or of a value that is not stored.
func (s *Store) QuadIterator(d quad.Direction, r cayley.Ref) cayley.Iterator {
	n, ok := r.(node)
	if !ok || d == quad.Any {
		return iterator.NewNull()
	}
	return cayley.AsLegacy(&links{store: s, dir: d, node: n})
}

// QuadIteratorSize returns a guess, never exact, of how many quads have a node
// in a direction.
func (s *Store) QuadIteratorSize(_ context.Context, d quad.Direction, r cayley.Ref) (cayley.Size, error) {
	n, ok := r.(node)
	if !ok || d == quad.Any {
		return cayley.Size{}, nil
	}
	return cayley.Size{Size: s.guess(d, n)}, nil
}

// QuadsAllIterator returns all quads, in the order in which their statements
// came to stand.
func (s *Store) QuadsAllIterator() cayley.Iterator { return cayley.AsLegacy(&links{store: s}) }

// NodesAllIterator returns all nodes, each once.
func (s *Store) NodesAllIterator() cayley.Iterator { return cayley.AsLegacy(&nodes{links{store: s}}) }

// Stats returns how many nodes and quads there are: by counting them all, with
// exact, and otherwise by a guess.
func (s *Store) Stats(ctx context.Context, exact bool) (cayley.Stats, error) {
	if !exact {
		size := cayley.Size{Size: s.guess(quad.Any, node{})}
		return cayley.Stats{Nodes: size, Quads: size}, nil
	}
	seen := map[node]bool{}
	var quads int64
	var buf []link
	for st := range s.view.Statements(graph.Pattern{}) {
		if err := ctx.Err(); err != nil {
			return cayley.Stats{}, err
		}
		buf = appendLinks(buf[:0], st)
		quads += int64(len(buf))
		for _, l := range buf {
			for d := quad.Subject; d <= quad.Label; d++ {
				seen[l.at(d)] = true
			}
		}
	}
	return cayley.Stats{
		Nodes: cayley.Size{Size: int64(len(seen)), Exact: true},
		Quads: cayley.Size{Size: quads, Exact: true},
	}, nil
}

// ApplyDeltas refuses all changes with ErrReadOnly.
func (s *Store) ApplyDeltas([]cayley.Delta, cayley.IgnoreOpts) error { return ErrReadOnly }

// NewQuadWriter returns ErrReadOnly.
func (s *Store) NewQuadWriter() (quad.WriteCloser, error) { return nil, ErrReadOnly }

// Close does nothing: the graph stays its owner's.
func (s *Store) Close() error { return nil }

// OptimizeShape keeps Cayley from taking the number of nodes that a path starts
// at for the number of its answers. It is Cayley's last step before it builds
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
	case shape.Union:
		// Cayley leaves removing what has come out empty to the optimizer, and
		// cannot build a Union with it.
		out := slices.DeleteFunc(slices.Clone(sh), shape.IsNull)
		if len(out) == 0 {
			return nil, true
		}
		return out, true
	}
	return sh, false
}

// statement returns a statement that the view shows.
func (s *Store) statement(id uuid.UUID) (graph.Statement, bool) {
	st, err := s.view.Statement(id)
	return st, err == nil && st.Shows(s.view)
}

// mentioning returns the shown statements that may have a node in their quads,
// each once, and how many to expect where there are many. Those of the zero node
// are all.
func (s *Store) mentioning(n node) (statements iter.Seq[graph.Statement], many int64) {
	switch n.kind {
	case thing:
		return func(yield func(graph.Statement) bool) {
			if st, ok := s.statement(n.id); ok && !yield(st) {
				return
			}
			for st := range s.view.Statements(graph.Pattern{Entity: n.id}) {
				if st.ID() != n.id && !yield(st) {
					return
				}
			}
		}, 1 << 10
	case predicate:
		return s.view.Statements(graph.Pattern{Predicate: n.name}), 1 << 14
	}
	return s.view.Statements(graph.Pattern{}), 1 << 18
}

// has reports whether a quad has the node.
func (s *Store) has(n node) bool {
	statements, _ := s.mentioning(n)
	var buf []link
	for st := range statements {
		buf = appendLinks(buf[:0], st)
		for _, l := range buf {
			if l.has(n) {
				return true
			}
		}
	}
	return false
}

// sample is how many statements guess looks at.
const sample = 64

// guess returns about how many quads have a node in a direction; with quad.Any,
// how many there are. It helps Cayley to begin where there are few, so it is
// large for what takes long to walk.
func (s *Store) guess(d quad.Direction, n node) (size int64) {
	statements, many := s.mentioning(n)
	var buf []link
	met := 0
	for st := range statements {
		if met++; met > sample {
			return many
		}
		buf = appendLinks(buf[:0], st)
		for _, l := range buf {
			if d == quad.Any || l.at(d) == n {
				size++
			}
		}
	}
	return size
}
