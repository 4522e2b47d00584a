package quadstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"sync/atomic"
	"time"
)

// ErrLimit says that a query would go beyond one of its [Limits]. The error that
// wraps it says which.
var ErrLimit = errors.New("quadstore: the query is too much")

// Limits are how much one query may ask for. The zero value, and nil, has the
// defaults; a limit below 0 is none.
type Limits struct {
	// Results is how many results a query may have, 10,000 by default.
	Results int
	// Steps is how many steps it may take, 10 million by default. A step is a quad
	// walked, a statement, an entity or a source looked at, a value read, one more
	// way to a node that several parts of a path lead to, or a tag of a way that is
	// gathered to be sorted or looked up. So this is a limit of time, the same on every
	// machine, and of how many nodes and tags can be gathered in memory; but
	// FollowRecursive keeps each node with all tags of its path.
	Steps int64
	// Time is how long it may take, a minute by default.
	Time time.Duration
}

func (l *Limits) orDefaults() Limits {
	if l == nil {
		l = &Limits{}
	}
	return Limits{cmp.Or(l.Results, 10_000), cmp.Or(l.Steps, 10_000_000), cmp.Or(l.Time, time.Minute)}
}

// Check returns an error if so many results are too many.
func (l *Limits) Check(results int) error {
	if most := l.orDefaults().Results; most >= 0 && results > most {
		return fmt.Errorf("%w: it has more than %d results", ErrLimit, most)
	}
	return nil
}

// bound ends what one query does. A nil one never does.
type bound struct {
	outer *bound
	ctx   context.Context
	end   context.CancelCauseFunc
	steps int64
	left  atomic.Int64
}

// Bound returns the store as one query may use it, and the context to hand to
// Cayley with it. The context ends when ctx does; when the query goes beyond the
// limits of its steps or its time, with an error as its [context.Cause] that wraps
// [ErrLimit]; when a value cannot be read from the record, with that error as its
// cause; and when it is released, which must be done. When it has ended, the
// store's iterators are at their ends and its nodes have no values, even where
// Cayley asks without the context; so what was found before must not be taken for
// the answer. How many results there are is for the caller to count.
//
// A bound store shares what the store remembers. It may be shared, too, and what
// its users do adds up. One that is bound again keeps to both bounds.
func (s *Store) Bound(ctx context.Context, limits *Limits) (_ *Store, bounded context.Context, release context.CancelFunc) {
	l := limits.orDefaults()
	b := &bound{outer: s.bound, steps: l.Steps}
	b.left.Store(l.Steps)
	if l.Steps < 0 {
		b.left.Store(math.MaxInt64)
	}
	stop := func() {}
	if l.Time >= 0 {
		late := fmt.Errorf("%w: it takes longer than %v: %w", ErrLimit, l.Time, context.DeadlineExceeded)
		ctx, stop = context.WithTimeoutCause(ctx, l.Time, late)
	}
	b.ctx, b.end = context.WithCancelCause(ctx)
	return &Store{space: s.space, bound: b, walked: s.walked}, b.ctx, func() { b.end(nil); stop() }
}

// step takes a step, and returns the context's error if it may not be taken.
func (b *bound) step() error {
	if b == nil {
		return nil
	}
	if err := b.outer.step(); err != nil {
		return err
	}
	if b.left.Add(-1) < 0 {
		b.end(fmt.Errorf("%w: it takes more than %d steps", ErrLimit, b.steps))
	}
	return b.ctx.Err()
}

// affords reports whether so many steps may still be taken. Who looks at some statements to
// remember them asks for twice as many: he has to find what he came for, too.
func (b *bound) affords(steps int) bool {
	return b == nil || b.left.Load() >= int64(steps) && b.outer.affords(steps)
}

// fail ends the query if there is an error. Cayley does not ask NameOf for one.
func (b *bound) fail(err error) {
	if b != nil && err != nil {
		b.end(fmt.Errorf("quadstore: values: %w", err))
	}
}

// context returns the context that ends with the query, where Cayley gives one that
// may not.
func (b *bound) context(given context.Context) context.Context {
	if b == nil {
		return given
	}
	return b.ctx
}

// over returns the error of the context or the query if one has ended.
func (s *Store) over(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.bound.context(ctx).Err()
}
