package graph

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/onrecord/onrecord/events"
)

// MaxAhead is how far a machine's clock may be ahead of the store's, if the store is an
// events.Clock.
const MaxAhead = time.Minute

// clock is what recorded times are taken from. Who records compares it with the store's
// before his turn comes, in his own time; who folds only looks whether that has been done.
type clock struct {
	now       func() time.Time
	store     events.Clock              // nil: nobody knows better
	compared  atomic.Pointer[time.Time] // when it was last found not to be ahead; nil: never
	comparing chan struct{}             // holds a token while somebody compares
}

// A comparison is made anew after compareAfter and counts for compareFor.
const (
	compareAfter = time.Minute
	compareFor   = 2 * time.Minute
)

func newClock(now func() time.Time, store events.Store) *clock {
	c := &clock{now: now, comparing: make(chan struct{}, 1)}
	if c.now == nil {
		c.now = time.Now
	}
	c.store, _ = store.(events.Clock)
	return c
}

// wall returns what the clock says. What it counts since the machine was started is left
// out: that does not tell that the clock has been set, or the machine has slept.
func (c *clock) wall() time.Time { return c.now().Round(0) }

// since returns how long before a time the clock was compared, by what it says.
func (c *clock) since(at time.Time) (passed time.Duration, ok bool) {
	compared := c.compared.Load()
	if compared == nil {
		return 0, false
	}
	return at.Sub(*compared), true
}

// compare compares the clock with the store's, if that has not been done within a minute,
// as the clock says: whether one has passed or the clock was set.
func (c *clock) compare(ctx context.Context) error {
	if c.store == nil {
		return nil
	}
	if passed, ok := c.since(c.wall()); ok && passed < compareAfter {
		return nil
	}
	select {
	case c.comparing <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-c.comparing }()
	at := c.wall()
	if passed, ok := c.since(at); ok && passed < compareAfter {
		return nil // somebody else has
	}
	there, err := c.store.Now(ctx)
	if err != nil {
		return fmt.Errorf("the time of the store: %w", err)
	}
	if at.Sub(there) > MaxAhead {
		return fmt.Errorf("%w: it says %v, the store says %v; set it right, it may be at most %v ahead",
			ErrClock, at.UTC().Format(time.RFC3339), there.UTC().Format(time.RFC3339), MaxAhead)
	}
	c.compared.Store(&at)
	return nil
}

// read returns the time, which is at most MaxAhead and compareFor ahead of the store's. It
// waits for nobody.
func (c *clock) read() (time.Time, error) {
	if c.store == nil {
		return c.now(), nil
	}
	at := c.wall()
	if passed, ok := c.since(at); !ok || passed >= compareFor {
		return time.Time{}, fmt.Errorf("the clock says %v, and has not been compared with the store's since %v before: record it again",
			at.UTC().Format(time.RFC3339), passed)
	}
	return at, nil
}
