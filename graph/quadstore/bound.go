package quadstore

import (
	"context"
	"errors"
	"sync/atomic"
)

// ErrSteps says that a query has taken all the steps that it may.
var ErrSteps = errors.New("quadstore: the query takes more steps than it may")

// bound ends what one query does. A nil one never does.
type bound struct {
	ctx  context.Context
	end  context.CancelCauseFunc
	left atomic.Int64
}

// Bound returns the store as one query may use it, and the context to hand to
// Cayley with it. The context ends when ctx does; when the query has taken so many
// steps, with [ErrSteps] as its [context.Cause]; and when it is released, which
// must be done. When it has ended the store's iterators are at their ends
// and its nodes have no values, even where Cayley asks without the context, and
// so whatever was found before must not be taken for the answer.
//
// A step is a quad walked, a statement, an entity or a source looked at, or a
// value read. So a limit of steps is one of time, the same on every machine, and of
// what Cayley can gather in memory. At 0 there is none.
//
// A bound store shares what the store remembers. It may be shared, too, and what
// its users do adds up.
func (s *Store) Bound(ctx context.Context, steps int64) (_ *Store, bounded context.Context, release context.CancelFunc) {
	b := &bound{}
	b.ctx, b.end = context.WithCancelCause(ctx)
	b.left.Store(steps)
	if steps <= 0 {
		b.left.Store(1 << 62)
	}
	return &Store{space: s.space, bound: b}, b.ctx, func() { b.end(nil) }
}

// step takes a step, and returns the context's error if it may not be taken.
func (b *bound) step() error {
	if b == nil {
		return nil
	}
	if b.left.Add(-1) < 0 {
		b.end(ErrSteps)
	}
	return b.ctx.Err()
}

// context returns the context that ends with the query, where Cayley gives one that
// may not.
func (b *bound) context(given context.Context) context.Context {
	if b == nil {
		return given
	}
	return b.ctx
}
