package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/onrecord/onrecord/events"
)

const (
	// lookLimit is how long the server may take to answer.
	lookLimit = 10 * time.Second
	// Between two attempts to reach it, at least shortestPause and at most longestPause.
	shortestPause = 10 * time.Millisecond
	longestPause  = time.Second
)

// A watch looks for what is appended, for all who wait.
type watch struct {
	ended chan struct{}
	err   error // why it has ended, set before that
}

// Wait implements [events.Waiter]. What is appended through this Store wakes it at once.
// What others append it is told by the server, which takes two round trips after the
// commit; where the server does not tell, it looks every Options.WaitInterval. All who
// wait share one connection, which is opened by the first and held until Close. While
// there cannot be one more, because of a limit on connections, it looks through the pool,
// every Options.WaitInterval, and asks for one every second. While the server cannot be
// reached, it goes on trying; when it is reached again, it looks before it listens on, so
// nothing is missed.
func (s *Store) Wait(ctx context.Context, after events.Seq) error {
	if err := s.wait(ctx, after); err != nil {
		return fmt.Errorf("postgres: wait for %s after %d: %w", s.name, after, s.explain(ctx, err))
	}
	return nil
}

func (s *Store) wait(ctx context.Context, after events.Seq) error {
	for {
		w, last, grown, err := s.watched(ctx)
		if err != nil {
			return err
		}
		if last > after {
			return nil
		}
		select {
		case <-grown:
		case <-w.ended:
			if w.err != nil {
				return w.err
			}
		case <-ctx.Done():
		case <-s.closed.Done():
		}
	}
}

// watched returns the watch, which it starts if there is none, the greatest number that
// is known to be stored, and a channel that is closed when a greater one is.
func (s *Store) watched(ctx context.Context) (*watch, events.Seq, <-chan struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(ctx); err != nil {
		return nil, 0, nil, err
	}
	if s.watch == nil {
		s.watch = &watch{ended: make(chan struct{})}
		w := s.watch
		s.watchers.Go(func() { s.run(w) })
	}
	return s.watch, s.last, s.grown, nil
}

// appended notes that this Store has appended a record.
func (s *Store) appended(seq events.Seq) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if seq > s.last {
		s.saw(seq)
	}
}

// saw notes what the last record is. It may be an earlier one than before: a server may
// have taken another's place without having all that it had. The caller holds mu.
func (s *Store) saw(last events.Seq) {
	if last > s.last {
		close(s.grown)
		s.grown = make(chan struct{})
	}
	s.last = last
}

// run watches until the Store is closed or the server refuses for good.
func (s *Store) run(w *watch) {
	pause := shortestPause
	for w.err == nil && s.closed.Err() == nil {
		attempt, end := context.WithCancelCause(s.closed)
		listening := make(chan struct{})
		s.watchers.Go(func() { s.look(attempt, listening, end) })
		err := s.listen(attempt, listening)
		if final(err) {
			end(err)
		}
		select {
		case <-listening:
			pause = shortestPause
		default:
		}
		timer := time.NewTimer(pause/2 + rand.N(pause))
		select {
		case <-timer.C:
		case <-attempt.Done():
			timer.Stop()
		}
		end(nil)
		if err := context.Cause(attempt); final(err) {
			w.err = err
		}
		pause = min(2*pause, longestPause)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watch = nil
	close(w.ended)
}

// look notes what the last record is, every waitInterval as long as an attempt to listen
// has not succeeded. It uses the pool, which may have connections though there can be no
// other one. If the server refuses for good, it ends the attempt.
func (s *Store) look(attempt context.Context, listening <-chan struct{}, end context.CancelCauseFunc) {
	pause := s.waitInterval
	for {
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-listening:
			timer.Stop()
			return
		case <-attempt.Done():
			timer.Stop()
			return
		}
		limited, cancel := context.WithTimeout(s.closed, lookLimit)
		err := s.reading(limited, func(ctx context.Context, c *pgx.Conn) error { return s.note(ctx, c) })
		cancel()
		if final(err) {
			end(err)
			return
		}
		pause = s.waitInterval
		if err != nil {
			pause = max(pause, longestPause)
		}
	}
}

// note asks what the last record is, and notes it.
func (s *Store) note(ctx context.Context, c *pgx.Conn) error {
	last, err := s.lastOn(ctx, c)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.saw(last)
	return nil
}

// final reports whether trying again is of no use: the server lets the role not in, or
// not read, or has no such database or table.
func final(err error) bool {
	c := code(err)
	for _, class := range []string{"28", "3D", "3F", "42"} {
		if strings.HasPrefix(c, class) {
			return true
		}
	}
	return errors.Is(err, events.ErrDamaged)
}

// listen opens a connection, and notes what the last record is whenever the server tells
// that one was appended, until the connection is lost. It closes listening when it has
// noted that once.
func (s *Store) listen(ctx context.Context, listening chan<- struct{}) error {
	config := s.pool.Config().ConnConfig
	told := false
	config.OnNotification = func(*pgconn.PgConn, *pgconn.Notification) { told = true }
	limited, cancel := context.WithTimeout(ctx, lookLimit)
	conn, err := pgx.ConnectConfig(limited, config)
	cancel()
	if err != nil {
		return err
	}
	defer func() {
		limited, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		conn.Close(limited)
	}()

	var tried time.Time
	listens := false
	for first := true; ; first = false {
		// A standby refuses, until it takes its server's place.
		if s.listens && !listens && time.Since(tried) >= s.listenInterval {
			tried = time.Now()
			limited, cancel := context.WithTimeout(ctx, lookLimit)
			_, err = conn.Exec(limited, fmt.Sprintf("LISTEN %q", channel(s.schema)))
			cancel()
			if err != nil && conn.IsClosed() {
				return err
			}
			listens = err == nil
		}
		told = false
		limited, cancel := context.WithTimeout(ctx, lookLimit)
		err := s.note(limited, conn)
		cancel()
		if err != nil {
			return err
		}
		if first {
			close(listening)
		}
		if told {
			continue
		}
		interval := s.lookInterval // finds out a connection that has died in silence
		if !listens {
			interval = s.waitInterval
		}
		// Where it does not listen, this is no more than a pause that notices when the
		// connection is lost.
		limited, cancel = context.WithTimeout(ctx, interval)
		err = conn.PgConn().WaitForNotification(limited)
		cancel()
		if ctx.Err() != nil || conn.IsClosed() {
			return err
		}
	}
}
