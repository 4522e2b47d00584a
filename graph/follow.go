package graph

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/onrecord/onrecord/events"
)

// Refresh takes in what other processes have recorded until now.
func (g *Graph) Refresh(ctx context.Context) error {
	select {
	case <-g.folding:
	case <-ctx.Done():
		return ctx.Err()
	}
	err := g.catchUp(ctx)
	g.folding <- struct{}{}
	if err != nil {
		return err
	}
	return g.told(ctx)
}

// Follow takes in what other processes record, as they record it, until the
// context ends, whose error it returns, until the graph is closed, or until the
// record cannot be read. The store must be an events.Waiter.
//
// While the store fails, for example because its server cannot be reached, Follow tries
// again, after [MinRetry] at first and [MaxRetry] at last, and goes on where it was: no
// record is missed and none is folded twice. Lag tells what keeps it. What is recorded
// faster than it can be folded waits in the store; Follow holds a few records.
func (g *Graph) Follow(ctx context.Context) error {
	w, ok := g.store.(events.Waiter)
	if !ok {
		return fmt.Errorf("graph: follow: the store %T cannot wait for records; call Refresh now and then", g.store)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-g.closing:
			cancel(ErrClosed)
		case <-ctx.Done():
		}
	}()
	defer g.keptApart(nil)
	retry := MinRetry
	for {
		err := g.followOnce(ctx, w)
		if ctx.Err() != nil {
			return fmt.Errorf("graph: follow: %w", context.Cause(ctx))
		}
		if err != nil && !passes(err) {
			return err
		}
		g.keptApart(err)
		if err == nil {
			retry = MinRetry
			continue
		}
		select {
		case <-time.After(retry):
		case <-ctx.Done():
		}
		retry = min(2*retry, MaxRetry)
	}
}

// Follow waits so long before it tries a store again that has failed.
const (
	MinRetry = 10 * time.Millisecond
	MaxRetry = time.Second
)

// followOnce takes in what comes next.
func (g *Graph) followOnce(ctx context.Context, w events.Waiter) error {
	if err := w.Wait(ctx, events.Seq(g.seen.Load().records-1)); err != nil {
		return &storeError{fmt.Errorf("graph: follow: %w", err)}
	}
	return g.Refresh(ctx)
}

// storeError is what a store failed with. It may not fail again.
type storeError struct{ error }

func (e *storeError) Unwrap() error { return e.error }

// passes reports whether it may help to try again.
func passes(err error) bool {
	var failed *storeError
	return errors.As(err, &failed) && !errors.Is(err, events.ErrDamaged) && !errors.Is(err, events.ErrClosed)
}

func (g *Graph) keptApart(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.apart = err
}

// Lag is how far a graph is behind the record that it was opened on, which other
// processes may add to.
type Lag struct {
	// Records is how many the store has that the graph has not taken in. A record holds
	// one batch or some that were recorded together.
	Records uint64
	// Since is when the first of them was recorded, by the clock of who recorded it. It is
	// zero if there are none.
	Since time.Time
	// Err is what keeps Follow from reading on: it is trying again. It is nil if it reads,
	// or if nobody has called it.
	Err error
}

// Lag asks the store how far the graph is behind. If the store cannot be asked, it returns
// what it knows with the error.
func (g *Graph) Lag(ctx context.Context) (Lag, error) {
	g.mu.Lock()
	lag := Lag{Err: g.apart}
	g.mu.Unlock()
	here := events.Seq(g.seen.Load().records - 1)
	last, err := g.store.Last(ctx)
	if err != nil {
		return lag, fmt.Errorf("graph: lag: %w", err)
	}
	if last <= here {
		return lag, nil
	}
	lag.Records = uint64(last - here)
	for r, err := range g.store.Scan(ctx, here) {
		var h *events.Header
		if err == nil {
			h, err = r.Header()
		}
		if err != nil {
			return lag, fmt.Errorf("graph: lag: %w", err)
		}
		lag.Since = h.Batches[0].At
		break
	}
	return lag, nil
}

// Wait returns as soon as new views show the batch at the position, which may
// come from another process if Follow runs. It returns the context's error if
// that ends first.
//
// Whoever is told the position of a Receipt, on any machine, reads what was recorded
// after waiting for it.
func (g *Graph) Wait(ctx context.Context, p events.Position) error {
	for {
		g.mu.Lock()
		moved := g.moved
		g.mu.Unlock()
		if events.Position(g.seen.Load().position) >= p {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		case <-g.closing:
			return ErrClosed
		}
	}
}
