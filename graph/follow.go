package graph

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/onrecord/onrecord/events"
)

// Refresh takes in what other processes have recorded until now. If the store has fewer
// records than the graph has seen, that is ErrLost. After Close it takes nothing in and
// returns ErrClosed.
func (g *Graph) Refresh(ctx context.Context) error {
	select {
	case <-g.folding:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := g.refresh(ctx); err != nil {
		return err
	}
	return g.told(ctx)
}

func (g *Graph) refresh(ctx context.Context) (err error) {
	ended := false
	defer g.endFolding(&ended)
	select {
	case <-g.closing:
		err = ErrClosed
	default:
		last := g.last
		if err = g.catchUp(ctx); err == nil && g.last == last {
			err = g.isShort(ctx)
		}
	}
	ended = true
	return err
}

// isShort tells that the store has fewer records than have been folded. The caller folds.
func (g *Graph) isShort(ctx context.Context) error {
	last, err := g.store.Last(ctx)
	if err != nil {
		return fmt.Errorf("graph: %w", err)
	}
	return shorter(last, g.last)
}

func shorter(last, seen events.Seq) error {
	if last >= seen {
		return nil
	}
	return fmt.Errorf("graph: the store has %d records, this graph has seen %d: %w", last, seen, ErrLost)
}

// Follow takes in what other processes record, as they record it. It ends when the
// context does, with its error, when the graph is closed, or when it meets a record that
// cannot be read: one that is damaged, that a newer release wrote, or that is sealed with
// other keys. The store must be an events.Waiter.
//
// After any other failure, for example because a server cannot be reached, Follow tries
// again, after 10 milliseconds at first and a second at last, and goes on where it was. It
// misses no record and folds none twice. Lag tells what keeps it. What is recorded
// faster than it can be folded waits in the store; Follow holds a few records.
func (g *Graph) Follow(ctx context.Context) error {
	w, ok := g.store.(events.Waiter)
	if !ok {
		return fmt.Errorf("graph: follow: the store %T cannot wait for records; call Refresh now and then", g.store)
	}
	ctx, end := g.whileOpen(ctx)
	defer end()
	retry := minRetry
	var from events.Seq // waited for what comes after it
	for waited := false; ; {
		err := g.Refresh(ctx) // also after a failure: something may be left undone
		gained := !waited || g.records() > from
		if err == nil && gained {
			g.keptApart(nil)
			from = g.records()
			err = w.Wait(ctx, from)
			waited = err == nil
		}
		switch {
		case ctx.Err() != nil:
			g.keptApart(nil)
			return fmt.Errorf("graph: follow: %w", context.Cause(ctx))
		case err != nil && isFinal(err):
			g.keptApart(err)
			return err
		case err == nil && gained:
			retry = minRetry
			continue
		}
		g.keptApart(err)
		select {
		case <-time.After(retry):
		case <-ctx.Done():
		}
		retry = min(2*retry, maxRetry)
	}
}

// The shortest and longest time that Follow waits before it retries.
const (
	minRetry = 10 * time.Millisecond
	maxRetry = time.Second
)

// isFinal reports whether it cannot help to try again.
func isFinal(err error) bool {
	for _, final := range []error{events.ErrDamaged, events.ErrNewer, events.ErrKeys, events.ErrClosed, errFull} {
		if errors.Is(err, final) {
			return true
		}
	}
	return false
}

// records returns how many records new views are made of.
func (g *Graph) records() events.Seq { return events.Seq(g.seen.Load().records - 1) }

// keptApart notes what keeps Follow from reading on.
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
	// Since is when the first of them was recorded, by its recorder's clock. It is zero if
	// there are none.
	Since time.Time
	// Err is what keeps Follow from reading on, or has ended it, or the failure of Lag
	// itself. It is nil if the store answers and Follow reads, or has not been called.
	Err error
}

// Lag asks the store how far the graph is behind. If the store cannot be asked, or has
// fewer records than the graph has seen (ErrLost), it returns what it knows with the error.
func (g *Graph) Lag(ctx context.Context) (Lag, error) {
	g.mu.Lock()
	lag := Lag{Err: g.apart}
	g.mu.Unlock()
	err := g.lag(ctx, &lag)
	lag.Err = cmp.Or(lag.Err, err)
	return lag, err
}

func (g *Graph) lag(ctx context.Context, lag *Lag) error {
	here := g.records()
	last, err := g.store.Last(ctx)
	if err != nil {
		return fmt.Errorf("graph: lag: %w", err)
	}
	if last <= here {
		return shorter(last, here)
	}
	lag.Records = uint64(last - here)
	for r, err := range g.store.Scan(ctx, here) {
		var h *events.Header
		if err == nil {
			h, err = r.Header()
		}
		if err != nil {
			return fmt.Errorf("graph: lag: %w", err)
		}
		lag.Since = h.Batches[0].At
		break
	}
	return nil
}

// Wait returns as soon as new views show the batch at the position, which may
// come from another process if Follow runs. It returns the context's error if
// that ends first, and ErrClosed if the graph is closed and does not show it.
//
// A caller on any machine who is told the position of a Receipt, and waits for it, then
// reads what was recorded.
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
