package eventstest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/onrecord/onrecord/events"
)

var closeClauses = []clause{{
	name: "close/calls after it",
	says: "Calls after Close return ErrClosed.",
	test: func(t *testing.T, s events.Store) {
		fill(t, s, 2)
		before := s.Scan(within(t), 0)
		mustClose(t, s)

		_, err := s.Append(within(t), 2, body(3))
		mustFail(t, "Append", err, events.ErrClosed)
		_, err = s.Last(within(t))
		mustFail(t, "Last", err, events.ErrClosed)
		mustEndWithError(t, s.Scan(within(t), 0), 0, events.ErrClosed, nil)
		mustEndWithError(t, before, 0, events.ErrClosed, nil)
	},
}, {
	name: "close/twice",
	says: "A second Close returns ErrClosed.",
	test: func(t *testing.T, s events.Store) {
		mustClose(t, s)
		for range 2 {
			mustFail(t, "Close", s.Close(), events.ErrClosed)
		}
	},
}, {
	name: "close/inside a loop",
	says: "Scanning holds nothing between records, so Close need not wait for a loop; the loop ends with ErrClosed.",
	test: func(t *testing.T, s events.Store) {
		fill(t, s, many)
		next, stop := iter.Pull2(s.Scan(within(t), 0))
		defer stop()
		if r, err, ok := next(); !ok || err != nil || r.Seq != 1 {
			t.Fatalf("first record: %d, %v, %v", r.Seq, err, ok)
		}
		closed := make(chan error)
		go func() { closed <- s.Close() }()
		if err := ends(t, "Close", closed); err != nil {
			t.Errorf("Close: %v", err)
		}
		_, err, ok := next()
		if !ok {
			t.Error("the loop ended without an error")
		}
		mustFail(t, "Scan", err, events.ErrClosed)
		if _, _, ok := next(); ok {
			t.Error("after its error the sequence went on")
		}
	},
}}

var togetherClauses = []clause{{
	name: "together/one wins",
	says: "Of several appends after the same record one stores its record; the others return ErrConflict.",
	test: func(t *testing.T, s events.Store) {
		const writers, rounds = 6, 10
		for last := range events.Seq(rounds) {
			won := make(chan int, writers)
			var group sync.WaitGroup
			for w := range writers {
				group.Go(func() {
					_, err := s.Append(within(t), last, fmt.Appendf(nil, "writer %d", w))
					if err == nil {
						won <- w
					} else if !errors.Is(err, events.ErrConflict) {
						t.Errorf("Append: %v", err)
					}
				})
			}
			group.Wait()
			close(won)
			if len(won) != 1 {
				t.Fatalf("round %d: %d appends succeeded", last, len(won))
			}
			r := mustScan(t, s, last)
			if len(r) != 1 {
				t.Fatalf("round %d: %d records", last, len(r))
			}
			if want := fmt.Sprintf("writer %d", <-won); string(r[0].Data) != want {
				t.Fatalf("round %d: the record is %q, acknowledged was %q", last, r[0].Data, want)
			}
		}
	},
}, {
	name: "together/every acknowledged record once",
	says: "Several goroutines may call a store at once: records are numbered without a gap and each that was acknowledged is there once, at its number.",
	test: func(t *testing.T, s events.Store) {
		const writers, each = 8, 25

		var mu sync.Mutex
		acked := map[events.Seq]string{}
		var writing, reading sync.WaitGroup
		for w := range writers {
			writing.Go(func() {
				for i := range each {
					text := fmt.Sprintf("writer %d record %d", w, i)
					ctx, cancel := context.WithTimeout(t.Context(), patience(t))
					seq, err := appendAnyhow(ctx, s, text)
					cancel()
					if err != nil {
						t.Errorf("Append: %v", err)
						return
					}
					mu.Lock()
					if other, twice := acked[seq]; twice {
						t.Errorf("number %d acknowledged for %q and %q", seq, other, text)
					}
					acked[seq] = text
					mu.Unlock()
				}
			})
		}
		var written atomic.Bool
		for range 2 {
			reading.Go(func() {
				var seen events.Seq
				scan := func() bool {
					ctx, cancel := context.WithTimeout(t.Context(), patience(t))
					defer cancel()
					for r, err := range s.Scan(ctx, seen) {
						if err != nil || r.Seq != seen+1 {
							t.Errorf("while others append: Scan after %d: %d, %v", seen, r.Seq, err)
							return false
						}
						seen = r.Seq
					}
					return true
				}
				for end := false; !end; {
					if end = written.Load(); !scan() {
						return
					}
				}
				if seen != writers*each {
					t.Errorf("a reader that went on until all was written saw %d records, want %d", seen, writers*each)
				}
			})
		}
		writing.Wait()
		written.Store(true)
		reading.Wait()
		if t.Failed() {
			return
		}

		records := mustScan(t, s, 0)
		if len(records) != writers*each || len(acked) != writers*each {
			t.Fatalf("%d records, %d acknowledged, want %d", len(records), len(acked), writers*each)
		}
		for _, r := range records {
			if string(r.Data) != acked[r.Seq] {
				t.Errorf("record %d is %q, acknowledged was %q", r.Seq, r.Data, acked[r.Seq])
			}
		}
	},
}, {
	name: "together/close",
	says: "Close may be called while others append and scan: each call ends.",
	test: func(t *testing.T, s events.Store) {
		ctx := within(t)
		var after atomic.Bool // Close has returned
		started := make(chan bool, 4)
		ended := make(chan error)
		work := func(call func() error) {
			err := call()
			for started <- true; err == nil; {
				late := after.Load()
				if err = call(); err == nil && late {
					err = errors.New("no error, though the store is closed")
				}
			}
			ended <- err
		}
		for range 2 {
			go work(func() error {
				_, err := appendAnyhow(ctx, s, "text")
				return err
			})
			go work(func() error {
				for _, err := range s.Scan(ctx, 0) {
					if err != nil {
						return err
					}
				}
				return nil
			})
		}
		for range 4 {
			ends(t, "first calls", started)
		}
		closed := make(chan error)
		go func() { closed <- s.Close() }()
		if err := ends(t, "Close", closed); err != nil {
			t.Errorf("Close: %v", err)
		}
		after.Store(true)
		for range 4 {
			mustFail(t, "a call during or after Close", ends(t, "calls", ended), events.ErrClosed)
		}
	},
}}

// appendAnyhow appends after whatever is last.
func appendAnyhow(ctx context.Context, s events.Store, text string) (events.Seq, error) {
	for {
		last, err := s.Last(ctx)
		if err != nil {
			return 0, err
		}
		seq, err := s.Append(ctx, last, []byte(text))
		if !errors.Is(err, events.ErrConflict) {
			return seq, err
		}
	}
}

func mustClose(t *testing.T, s events.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
}
