package graph

import (
	"context"
	"fmt"
	"time"

	"github.com/onrecord/onrecord/events"
)

// MaxAhead is how far a machine's clock may be ahead of the store's, if the store is an
// events.Clock.
const MaxAhead = time.Minute

// clock is what recorded times are taken from. Who folds reads it.
type clock struct {
	now      func() time.Time
	store    events.Clock // nil: nobody knows better
	compared time.Time    // when it was last found not to be ahead
}

func newClock(now func() time.Time, store events.Store) clock {
	c := clock{now: now}
	if c.now == nil {
		c.now = time.Now
	}
	c.store, _ = store.(events.Clock)
	return c
}

// read returns the time. Since the clock is compared as soon as it says that a minute has
// passed, whether one has or the clock was set, no time is more than two minutes ahead.
func (c *clock) read(ctx context.Context) (time.Time, error) {
	at := c.now()
	if c.store == nil || at.Sub(c.compared) < time.Minute {
		return at, nil
	}
	return at, c.compare(ctx, at)
}

// compare compares a time that the clock has just said with the store's.
func (c *clock) compare(ctx context.Context, at time.Time) error {
	there, err := c.store.Now(ctx)
	if err != nil {
		return fmt.Errorf("the time of the store: %w", err)
	}
	if at.Sub(there) > MaxAhead {
		return fmt.Errorf("%w: it says %v, the store says %v; set it right, it may be at most %v ahead",
			ErrClock, at.UTC().Format(time.RFC3339), there.UTC().Format(time.RFC3339), MaxAhead)
	}
	c.compared = at
	return nil
}
