package gizmo

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/quad"
	"github.com/cayleygraph/quad/voc"
	"github.com/dop251/goja"

	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/graph/quadstore"
)

const (
	// MaxText is how long a query may be, in bytes.
	MaxText = 64 << 10
	// MaxPath is how many steps a path may have, those of paths in it included.
	MaxPath = 500

	maxCalls = 1000 // how deep calls may be
	maxDepth = 100  // how deep objects may be
)

// Result is one result of a query: what all and getLimit give has Tags, what emit
// gives, and what the program's last line is, has a Value.
type Result struct {
	// Tags are the nodes that are tagged, and "id" is the one that the path leads
	// to. A node whose text has been redacted is left out.
	Tags map[string]quad.Value
	// Value is nil, or a bool, an int64, a float64, a string, a time.Time, a
	// quad.Value, or a []any or map[string]any of these.
	Value any
}

// Run runs a query on a view and yields its results, in their order, while it
// runs. After an error it stops. An error of the program tells the line and the
// column. The query is run again each time that the results are ranged over, from
// its beginning.
func Run(ctx context.Context, v graph.View, text string, limits *quadstore.Limits) iter.Seq2[Result, error] {
	return func(yield func(Result, error) bool) {
		store, bounded, release := quadstore.New(v).Bound(ctx, limits)
		defer release()
		run(bounded, store, text, limits, yield)
	}
}

// run runs a query until it or the context ends.
func run(ctx context.Context, qs cayley.QuadStore, text string, limits *quadstore.Limits, yield func(Result, error) bool) {
	s := &session{ctx: ctx, qs: qs, limits: limits, yield: yield, vm: goja.New()}
	s.vm.SetMaxCallStackSize(maxCalls)
	s.vm.Set("g", s.globals())

	interrupted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(interrupted)
		s.vm.Interrupt(context.Cause(ctx))
	})
	err := s.run(text)
	if !stop() {
		<-interrupted
	}
	switch {
	case s.left:
		return
	case s.failed != nil:
		err = s.failed
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	}
	if err != nil {
		yield(Result{}, fmt.Errorf("gizmo: %w", err))
	}
}

// session is one run of a query. Everything that it does happens in one goroutine.
type session struct {
	ctx    context.Context // of this run, which Run does not outlive
	qs     cayley.QuadStore
	limits *quadstore.Limits
	vm     *goja.Runtime
	paths  *goja.Object // the prototype of paths
	ns     voc.Namespaces

	yield  func(Result, error) bool
	sent   int
	left   bool  // the caller wants no more
	failed error // what ended the run, whatever the program makes of it
}

// run runs the program. What panics in Cayley, on paths that it cannot build, is
// an error, too.
func (s *session) run(text string) (err error) {
	defer func() {
		if r := recover(); r != nil {
			if fault, ok := r.(runtime.Error); ok {
				err = fmt.Errorf("the query fails in Cayley: %w", fault)
				return
			}
			err = fmt.Errorf("the query fails in Cayley: %v", r)
		}
	}()
	if len(text) > MaxText {
		return fmt.Errorf("%w: its text has %d bytes, and may have %d", quadstore.ErrLimit, len(text), MaxText)
	}
	program, err := goja.Compile("", text, false)
	if err != nil {
		return err
	}
	last, err := s.vm.RunProgram(program)
	if err != nil {
		return placed(err)
	}
	if goja.IsUndefined(last) || goja.IsNull(last) {
		return nil
	}
	value, err := s.export(last, 0)
	if _, ok := value.(*path); ok || errors.Is(err, errNoValue) {
		return nil // the path that was asked last, or a function
	}
	if err == nil {
		s.send(Result{Value: value})
	}
	return err
}

// placed returns an exception as an error that says where it was thrown.
func placed(err error) error {
	var thrown *goja.Exception
	if !errors.As(err, &thrown) {
		return err
	}
	cause := thrown.Unwrap()
	if cause == nil {
		cause = errors.New(thrown.Value().String())
	}
	for _, frame := range thrown.Stack() {
		if at := frame.Position(); at.Line > 0 {
			return fmt.Errorf("line %d, column %d: %w", at.Line, at.Column, cause)
		}
	}
	return cause
}

// send yields a result, and ends the run where there may be no more.
func (s *session) send(r Result) {
	if s.left || s.failed != nil {
		return
	}
	s.sent++
	if err := s.limits.Check(s.sent); err != nil {
		s.end(err)
		return
	}
	if s.left = !s.yield(r, nil); s.left {
		s.end(errLeft)
	}
}

var errLeft = errors.New("the caller has left")

// end ends the run. The program cannot catch this.
func (s *session) end(err error) {
	if s.failed == nil {
		s.failed = err
	}
	s.vm.Interrupt(s.failed)
}

// over reports whether the run has ended.
func (s *session) over() bool {
	if s.failed == nil && s.ctx.Err() != nil {
		s.end(context.Cause(s.ctx))
	}
	return s.failed != nil
}
