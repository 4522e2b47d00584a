package gizmo

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/quad"
	"github.com/cayleygraph/quad/voc"
	"github.com/dop251/goja"

	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/graph/quadstore"
	"github.com/onrecord/onrecord/internal/textquery"
)

const (
	maxText  = 8 << 10 // bytes: some texts take time in the square of them before they run
	maxPath  = 500     // steps of a path
	maxTags  = 100     // tags of a path, which each of its results has
	maxCalls = 1000    // how deep calls may be
	maxDepth = 100     // how deep objects may be
)

// Result is one result of a query: what all and getLimit give has Tags, what emit
// gives, and what the program's last line is, has a Value. Inside the program, nodes
// are as in Cayley: texts, numbers and truths are such, and all else is a string in
// the notation of N-Quads, such as "<onrecord:meet>".
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
		s := session{limits: limits, yield: yield}
		err := textquery.Run(ctx, v, limits, func(ctx context.Context, store *quadstore.Store, end context.CancelCauseFunc) error {
			return s.run(ctx, store, end, text)
		})
		switch {
		case s.panicked != nil:
			panic(s.panicked)
		case err != nil && !s.left:
			yield(Result{}, fmt.Errorf("gizmo: %w", err))
		}
	}
}

// session is one run of a query. Everything that it does happens in one goroutine.
type session struct {
	ctx    context.Context // of this run, which Run does not outlive
	end    context.CancelCauseFunc
	qs     cayley.QuadStore
	limits *quadstore.Limits
	vm     *goja.Runtime
	paths  *goja.Object // the prototype of paths
	ns     voc.Namespaces

	yield    func(Result, error) bool
	yielding bool
	panicked any // what the caller panicked with, when it was given a result
	sent     int
	left     bool // the caller wants no more
}

// run runs the program until it or the context ends.
func (s *session) run(ctx context.Context, qs cayley.QuadStore, end context.CancelCauseFunc, text string) error {
	s.ctx, s.qs, s.end, s.vm = ctx, qs, end, goja.New()
	s.vm.SetMaxCallStackSize(maxCalls)
	s.vm.Set("g", s.globals())

	interrupted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(interrupted)
		s.vm.Interrupt(context.Cause(ctx))
	})
	defer func() {
		if !stop() {
			<-interrupted
		}
		if s.yielding {
			s.panicked = recover()
		}
	}()
	if len(text) > maxText {
		return fmt.Errorf("%w: it has %d bytes, %d are allowed", quadstore.ErrLimit, len(text), maxText)
	}
	program, err := goja.Compile("", text, false)
	if err != nil {
		return err
	}
	var rejected []*goja.Promise // of which nothing is made
	s.vm.SetPromiseRejectionTracker(func(p *goja.Promise, op goja.PromiseRejectionOperation) {
		if op == goja.PromiseRejectionReject {
			rejected = append(rejected, p)
			return
		}
		rejected = slices.DeleteFunc(rejected, func(r *goja.Promise) bool { return r == p })
	})
	last, err := s.vm.RunProgram(program)
	if err != nil {
		return placed(err)
	}
	if len(rejected) > 0 {
		return fmt.Errorf("a promise is rejected, and nothing is made of it: %v", rejected[0].Result())
	}
	return s.sendLast(last)
}

// sendLast yields what the program's last line is, unless it is nothing, a path that
// was asked, or a function.
func (s *session) sendLast(last goja.Value) error {
	if _, ok := goja.AssertFunction(last); ok {
		return nil
	}
	var value any
	var err error
	if thrown := s.vm.Try(func() { value, err = s.export(last) }); thrown != nil { // by a getter
		return placed(thrown)
	}
	if _, ok := value.(*path); ok || value == nil || err != nil {
		return err
	}
	s.send(Result{Value: value})
	return nil
}

// placed returns an exception as an error that says where it was thrown.
func placed(err error) error {
	var deep *goja.StackOverflowError
	if errors.As(err, &deep) {
		return fmt.Errorf("%w: calls are more than %d deep", quadstore.ErrLimit, maxCalls)
	}
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
	if s.over() {
		return
	}
	s.sent++
	if err := s.limits.Check(s.sent); err != nil {
		s.stop(err)
		return
	}
	s.yielding = true
	more := s.yield(r, nil)
	s.yielding = false
	if s.left = !more; s.left {
		s.stop(errLeft)
	}
}

var errLeft = errors.New("the caller has left")

// stop ends the run. The program cannot catch this.
func (s *session) stop(err error) {
	s.end(err)
	s.vm.Interrupt(err)
}

// over reports whether the run has ended.
func (s *session) over() bool {
	if s.ctx.Err() == nil {
		return false
	}
	s.vm.Interrupt(context.Cause(s.ctx))
	return true
}
