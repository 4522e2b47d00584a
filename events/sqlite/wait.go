package sqlite

import (
	"context"
	"fmt"
	"time"

	"github.com/onrecord/onrecord/events"
)

// Wait implements [events.Waiter]. What is appended through this Store wakes it
// at once, what others append within Options.WaitInterval. Of those who wait at
// once, one looks at the file for all.
func (s *Store) Wait(ctx context.Context, after events.Seq) error {
	if err := s.wait(ctx, after); err != nil {
		return fmt.Errorf("sqlite: wait for %s after %d: %w", s.name, after, err)
	}
	return nil
}

func (s *Store) wait(ctx context.Context, after events.Seq) error {
	for {
		if err := s.usable(ctx); err != nil {
			return err
		}
		last, grown := s.known()
		if last > after {
			return nil
		}
		select {
		case <-grown:
		case <-ctx.Done():
		case <-s.closed:
		case c := <-s.watcher:
			c, err := s.watch(ctx, c, grown)
			s.give(s.watcher, c)
			if err != nil {
				return s.explain(ctx, err)
			}
		}
	}
}

// watch looks for a greater last number until there is one, or a reason to stop.
// It asks for the number itself: that costs as little as PRAGMA data_version,
// which would tell of a change without telling whether it was an append.
func (s *Store) watch(ctx context.Context, c *conn, grown <-chan struct{}) (*conn, error) {
	if c == nil {
		var err error
		if c, err = s.connect(); err != nil {
			return nil, err
		}
	}
	ticker := time.NewTicker(s.waitInterval)
	defer ticker.Stop()
	for {
		last, err := c.last(ctx)
		if s.stood(c.still) != nil {
			if c, err = s.renew(c); err == nil {
				continue
			}
		}
		if err != nil {
			return c, err
		}
		s.publish(last)

		select {
		case <-grown:
			return c, nil
		case <-ctx.Done():
			return c, nil
		case <-s.closed:
			return c, nil
		case <-ticker.C:
		}
	}
}

// known returns the greatest number known to be stored and a channel that is
// closed when a greater one is.
func (s *Store) known() (events.Seq, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last, s.grown
}

func (s *Store) publish(last events.Seq) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last > s.last {
		s.last = last
		close(s.grown)
		s.grown = make(chan struct{})
	}
}
