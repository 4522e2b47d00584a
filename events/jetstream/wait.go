package jetstream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/onrecord/onrecord/events"
)

// Wait implements [events.Waiter]. What is appended through this Store wakes it at once,
// what others append as soon as a server has told of it, or within a second if that is
// lost. It waits on while no server can be reached. Of those who wait at once, one asks
// for all.
func (s *Store) Wait(ctx context.Context, after events.Seq) error {
	if err := s.wait(ctx, after); err != nil {
		return fmt.Errorf("jetstream: wait for %s after %d: %w", s.name, after, err)
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
		case <-s.open.Done():
		case <-s.watcher:
			err := s.watch(ctx, grown)
			s.watcher <- struct{}{}
			if err != nil {
				return err
			}
		}
	}
}

// hintPause is the shortest time between two questions that hints lead to.
const hintPause = 5 * time.Millisecond

// watch asks for the last number whenever a record may have been appended, until there is
// a greater one or a reason to stop.
func (s *Store) watch(ctx context.Context, grown <-chan struct{}) error {
	ticker := time.NewTicker(s.poll)
	defer ticker.Stop()
	hints := s.hints
	var again <-chan time.Time // when hints are followed again
	for {
		if _, err := s.lastNumber(ctx); err != nil && !errors.Is(err, errNoAnswer) {
			return err
		}
		for ask := false; !ask; {
			select {
			case <-grown:
				return nil
			case <-ctx.Done():
				return nil
			case <-s.open.Done():
				return nil
			case <-hints:
				// The next one has to wait if this is in vain: it may be anybody's.
				hints, again, ask = nil, time.After(hintPause), true
			case <-again:
				hints = s.hints
			case <-ticker.C:
				ask = true
			}
		}
	}
}

// hint says that a record may have been appended.
func (s *Store) hint() {
	select {
	case s.hints <- struct{}{}:
	default:
	}
}
