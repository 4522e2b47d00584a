// Package textquery runs a query that is a text in one of Cayley's languages:
// written by anyone, and run by code that is not ours.
//
// [Run] holds a query to its limits and its context and turns a panic into an error.
// A [Meter] refuses a text before Cayley sees it: Cayley reads and plans a query
// with neither a limit nor a context. [CheckPredicate] refuses what no view has, for which
// Cayley would answer with nothing.
package textquery

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/cayleygraph/cayley/graph/shape"

	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/graph/quadstore"
)

// What a text may have at most.
const (
	MaxBytes = 64 << 10
	MaxParts = 500 // names and values: Cayley plans in the square of them
)

// Run runs one query on a view. ask gets the store, the context that ends with
// the query's limits, and a function that ends it with an error. When the context
// has ended, whatever ask returns, the error is its cause: what Cayley has found by
// then is no answer. It starts no goroutine that outlives it.
func Run(ctx context.Context, v graph.View, limits *quadstore.Limits,
	ask func(ctx context.Context, store *quadstore.Store, end context.CancelCauseFunc) error) error {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	store, bounded, release := quadstore.New(v).Bound(ctx, limits)
	defer release()
	var err error
	if bounded.Err() == nil {
		err = shielded(func() error { return ask(bounded, store, end) })
	}
	if bounded.Err() != nil {
		return context.Cause(bounded)
	}
	return err
}

// Gathering is a store for a language that gathers what an object has, one value
// after another, so that each way to it will do and not all combinations of them, of
// which there may be too many.
type Gathering struct{ *quadstore.Store }

// OptimizeShape leaves intersections as Cayley has them.
func (g Gathering) OptimizeShape(sh shape.Shape) (shape.Shape, bool) {
	switch sh.(type) {
	case shape.Intersect, shape.IntersectOpt:
		return sh, false
	}
	return g.Store.OptimizeShape(sh)
}

// shielded returns a panic as an error: Cayley has some for texts that make no
// sense to it, and its parsers for some that do.
func shielded(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic in Cayley, which does not understand the query: %v", r)
		}
	}()
	return f()
}

// A Meter measures a text while it is read. It must not be used from several
// goroutines at once.
type Meter struct {
	text    string
	deepest int
	depth   int
	parts   int
}

// NewMeter returns a meter of a text whose brackets may be so deep, and an error if
// it is too long or not UTF-8.
func NewMeter(text string, deepest int) (*Meter, error) {
	if len(text) > MaxBytes {
		return nil, fmt.Errorf("%w: it has %d bytes, %d are allowed", quadstore.ErrLimit, len(text), MaxBytes)
	}
	if !utf8.ValidString(text) {
		return nil, errors.New("the query is not UTF-8")
	}
	return &Meter{text: text, deepest: deepest}, nil
}

// Open counts an opening bracket at an offset in bytes.
func (m *Meter) Open(at int) error {
	if m.depth++; m.depth > m.deepest {
		return m.Error(at, fmt.Errorf("%w: brackets more than %d deep", quadstore.ErrLimit, m.deepest))
	}
	return nil
}

// Close counts a closing bracket.
func (m *Meter) Close() { m.depth-- }

// Part counts a name or a value at an offset.
func (m *Meter) Part(at int) error {
	if m.parts++; m.parts > MaxParts {
		return m.Error(at, fmt.Errorf("%w: more than %d names and values", quadstore.ErrLimit, MaxParts))
	}
	return nil
}

// Error adds to an error the place in the text where it stands: line and column,
// counted from 1, in characters.
func (m *Meter) Error(at int, err error) error {
	before := m.text[:min(at, len(m.text))]
	line := before[strings.LastIndexByte(before, '\n')+1:]
	return fmt.Errorf("line %d, column %d: %w", strings.Count(before, "\n")+1, utf8.RuneCountInString(line)+1, err)
}
