package eventstest

import (
	"bytes"
	"context"
	"math"
	"testing"
	"time"

	"github.com/onrecord/onrecord/events"
)

var readerClauses = []clause{{
	name: "read/bytes",
	says: "Read returns the bytes of the record.",
	test: func(t *testing.T, s events.Store) {
		fill(t, s, 20)
		for seq := events.Seq(20); seq > 0; seq-- {
			mustRead(t, s, seq)
		}
		big := make([]byte, events.MaxRecord)
		big[len(big)-1] = 1
		mustAppend(t, s, 20, big)
		data, err := s.(events.Reader).Read(within(t), 21)
		if err != nil || len(data) != len(big) || data[len(big)-1] != 1 {
			t.Errorf("Read of the largest record: %s, %v", short(data), err)
		}
	},
}, {
	name: "read/no record",
	says: "Read returns ErrNoRecord if there is no such record.",
	test: func(t *testing.T, s events.Store) {
		for n := range events.Seq(3) {
			fill(t, s, n)
			for _, seq := range []events.Seq{0, n + 1, n + 2, math.MaxInt64, math.MaxInt64 + 1, math.MaxUint64} {
				data, err := s.(events.Reader).Read(within(t), seq)
				mustFail(t, "Read", err, events.ErrNoRecord)
				if data != nil {
					t.Errorf("%d records: Read of %d returned %s", n, seq, short(data))
				}
			}
		}
	},
}, {
	name: "read/data is the caller's",
	says: "The bytes that Read returns belong to the caller.",
	test: func(t *testing.T, s events.Store) {
		fill(t, s, 3)
		first := mustRead(t, s, 2)
		clear(first)
		second := mustRead(t, s, 2)
		mustRead(t, s, 3)
		mustBe(t, 2, second)
		mustHold(t, s, 3)
	},
}, {
	name: "read/cancelled before",
	says: "If ctx has ended before the call, Read returns the context's error.",
	test: func(t *testing.T, s events.Store) {
		fill(t, s, 1)
		_, err := s.(events.Reader).Read(cancelled(t), 1)
		mustFail(t, "Read", err, context.Canceled)
	},
}, {
	name: "read/closed",
	says: "Calls after Close return ErrClosed.",
	test: func(t *testing.T, s events.Store) {
		fill(t, s, 1)
		mustClose(t, s)
		_, err := s.(events.Reader).Read(within(t), 1)
		mustFail(t, "Read", err, events.ErrClosed)
	},
}}

var partReaderClauses = []clause{{
	name: "read part/bytes",
	says: "ReadPart returns the bytes from one offset up to another, which belong to the caller.",
	test: func(t *testing.T, s events.Store) {
		big := make([]byte, events.MaxRecord)
		for i := range big {
			big[i] = byte(i * i >> 8)
		}
		mustAppend(t, s, 0, []byte("small"))
		mustAppend(t, s, 1, big)
		for range 2 {
			for _, p := range []struct{ from, to int }{{0, 1}, {0, len(big)}, {12_345, 12_346}, {8_000, 100_000}, {450_000, 450_200}, {len(big) - 1, len(big)}} {
				data, err := s.(events.PartReader).ReadPart(within(t), 2, p.from, p.to)
				if err != nil || !bytes.Equal(data, big[p.from:p.to]) {
					t.Errorf("ReadPart from %d to %d: %s, %v, want %s", p.from, p.to, short(data), err, short(big[p.from:p.to]))
				}
				clear(data)
			}
		}
	},
}, {
	name: "read part/no part",
	says: "It is an error unless 0 <= from < to <= the length of the record.",
	test: func(t *testing.T, s events.Store) {
		mustAppend(t, s, 0, []byte("small"))
		for _, p := range []struct{ from, to int }{{-1, 2}, {0, 0}, {2, 1}, {0, 6}, {4, 6}, {5, 5}, {5, 6}, {6, 7}, {math.MinInt, 1}, {0, math.MaxInt}, {1, math.MaxInt}, {math.MaxInt - 1, math.MaxInt}} {
			data, err := s.(events.PartReader).ReadPart(within(t), 1, p.from, p.to)
			if err == nil || data != nil {
				t.Errorf("ReadPart from %d to %d of 5 bytes: %s, %v, want an error", p.from, p.to, short(data), err)
			}
		}
	},
}, {
	name: "read part/no record",
	says: "ReadPart returns ErrNoRecord if there is no such record.",
	test: func(t *testing.T, s events.Store) {
		fill(t, s, 2)
		for _, seq := range []events.Seq{0, 3, 4, math.MaxInt64, math.MaxInt64 + 1, math.MaxUint64} {
			_, err := s.(events.PartReader).ReadPart(within(t), seq, 0, 1)
			mustFail(t, "ReadPart", err, events.ErrNoRecord)
		}
	},
}, {
	name: "read part/ended",
	says: "If ctx has ended before the call, ReadPart returns the context's error, and after Close ErrClosed.",
	test: func(t *testing.T, s events.Store) {
		fill(t, s, 1)
		_, err := s.(events.PartReader).ReadPart(cancelled(t), 1, 0, 1)
		mustFail(t, "ReadPart", err, context.Canceled)
		mustClose(t, s)
		_, err = s.(events.PartReader).ReadPart(within(t), 1, 0, 1)
		mustFail(t, "ReadPart", err, events.ErrClosed)
	},
}}

var waiterClauses = []clause{{
	name: "wait/already there",
	says: "Wait returns nil as soon as the last record's number is greater than after.",
	test: func(t *testing.T, s events.Store) {
		fill(t, s, 3)
		for after := range events.Seq(3) {
			if err := s.(events.Waiter).Wait(within(t), after); err != nil {
				t.Errorf("Wait after %d of 3: %v", after, err)
			}
		}
	},
}, {
	name: "wait/until appended",
	says: "Wait returns nil as soon as the last record's number is greater than after, and not before.",
	test: func(t *testing.T, s events.Store) {
		for after := range events.Seq(3) {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			err := s.(events.Waiter).Wait(ctx, after)
			mustFail(t, "Wait though nothing is appended", err, context.DeadlineExceeded)
		}

		// A follower that waits for every record misses none, and none is
		// there before it was appended.
		const n = 100
		followed := make(chan error)
		for range 3 {
			go func() {
				var err error
				for seq := events.Seq(0); seq < n && err == nil; {
					if err = s.(events.Waiter).Wait(within(t), seq); err != nil {
						break
					}
					var last events.Seq
					if last, err = s.Last(within(t)); err == nil && last <= seq {
						t.Errorf("Wait after %d returned, Last is %d", seq, last)
					}
					seq++
				}
				followed <- err
			}()
		}
		fill(t, s, n)
		for range 3 {
			if err := ends(t, "followers", followed); err != nil {
				t.Errorf("Wait: %v", err)
			}
		}
	},
}, {
	name: "wait/context",
	says: "Wait returns the context's error when that ends first, also if it had ended before the call.",
	test: func(t *testing.T, s events.Store) {
		fill(t, s, 1)
		for after := range events.Seq(3) {
			err := s.(events.Waiter).Wait(cancelled(t), after)
			mustFail(t, "Wait with an ended context", err, context.Canceled)
		}

		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		waited := make(chan error)
		for _, after := range []events.Seq{1, 5, math.MaxInt64, math.MaxUint64} {
			go func() { waited <- s.(events.Waiter).Wait(ctx, after) }()
		}
		cancel()
		for range 4 {
			mustFail(t, "Wait", ends(t, "Wait", waited), context.Canceled)
		}
	},
}, {
	name: "wait/close",
	says: "Close wakes those who wait; they get ErrClosed, as do calls after it.",
	test: func(t *testing.T, s events.Store) {
		waited := make(chan error)
		for range 5 {
			go func() { waited <- s.(events.Waiter).Wait(within(t), 0) }()
		}
		mustClose(t, s)
		for range 5 {
			mustFail(t, "Wait", ends(t, "Wait", waited), events.ErrClosed)
		}
		err := s.(events.Waiter).Wait(within(t), 0)
		mustFail(t, "Wait after Close", err, events.ErrClosed)
	},
}}

var clockClauses = []clause{{
	name: "clock/goes",
	says: "Now returns the time of the server: between two calls it goes on as time does.",
	test: func(t *testing.T, s events.Store) {
		const set = 5 * time.Second // clocks are corrected now and then
		began := time.Now()
		first, err := s.(events.Clock).Now(within(t))
		if err != nil {
			t.Fatalf("Now: %v", err)
		}
		fill(t, s, 20)
		second, err := s.(events.Clock).Now(within(t))
		if err != nil {
			t.Fatalf("Now: %v", err)
		}
		if year := first.Year(); year < 2020 || year > 2261 {
			t.Errorf("Now: %v, want a time that a clock shows", first)
		}
		if passed, most := second.Sub(first), time.Since(began); passed < -set || passed > most+set {
			t.Errorf("within %v Now went from %v to %v", most, first, second)
		}
	},
}, {
	name: "clock/cancelled before",
	says: "If ctx has ended before the call, Now returns the context's error.",
	test: func(t *testing.T, s events.Store) {
		_, err := s.(events.Clock).Now(cancelled(t))
		mustFail(t, "Now with an ended context", err, context.Canceled)
	},
}, {
	name: "clock/closed",
	says: "After Close, Now returns ErrClosed.",
	test: func(t *testing.T, s events.Store) {
		mustClose(t, s)
		_, err := s.(events.Clock).Now(within(t))
		mustFail(t, "Now after Close", err, events.ErrClosed)
	},
}}

var syncerClauses = []clause{{
	name: "sync/records",
	says: "Sync returns nil when every record that could be read before the call is safe; it changes none.",
	test: func(t *testing.T, s events.Store) {
		for n := range events.Seq(4) {
			fill(t, s, n)
			mustHold(t, s, n)
			for range 2 {
				if err := s.(events.Syncer).Sync(within(t)); err != nil {
					t.Errorf("Sync of %d records: %v", n, err)
				}
			}
			mustHold(t, s, n)
		}
	},
}, {
	name: "sync/together",
	says: "Several goroutines may call Sync while others append.",
	test: func(t *testing.T, s events.Store) {
		ctx := within(t)
		synced := make(chan error)
		for range 3 {
			go func() {
				var err error
				for i := 0; i < 20 && err == nil; i++ {
					err = s.(events.Syncer).Sync(ctx)
				}
				synced <- err
			}()
		}
		fill(t, s, 20)
		for range 3 {
			if err := ends(t, "Sync", synced); err != nil {
				t.Errorf("Sync while others append: %v", err)
			}
		}
		mustHold(t, s, 20)
	},
}, {
	name: "sync/cancelled before",
	says: "If ctx has ended before the call, Sync returns the context's error.",
	test: func(t *testing.T, s events.Store) {
		fill(t, s, 1)
		mustFail(t, "Sync with an ended context", s.(events.Syncer).Sync(cancelled(t)), context.Canceled)
		mustHold(t, s, 1)
	},
}, {
	name: "sync/closed",
	says: "After Close, Sync returns ErrClosed.",
	test: func(t *testing.T, s events.Store) {
		fill(t, s, 1)
		mustClose(t, s)
		mustFail(t, "Sync after Close", s.(events.Syncer).Sync(within(t)), events.ErrClosed)
	},
}}

func reopenClauses(reopen func(*testing.T, events.Store) events.Store) []clause {
	again := func(t *testing.T, s events.Store) events.Store {
		t.Helper()
		s = reopen(t, s)
		t.Cleanup(func() { s.Close() })
		return s
	}
	return []clause{{
		name: "reopen/records",
		says: "If Append returns nil the record survives.",
		test: func(t *testing.T, s events.Store) {
			for n := range events.Seq(6) {
				fill(t, s, n)
				s = again(t, s)
				mustHold(t, s, n)
			}
			mustAppend(t, s, 5, make([]byte, events.MaxRecord))
			s = again(t, s)
			if records := mustScan(t, s, 5); len(records) != 1 || len(records[0].Data) != events.MaxRecord {
				t.Errorf("the largest record is not there")
			}
		},
	}, {
		name: "reopen/conflict",
		says: "If another record is last, Append stores nothing and returns ErrConflict, also after the store was opened again.",
		test: func(t *testing.T, s events.Store) {
			fill(t, s, 3)
			s = again(t, s)
			for _, after := range []events.Seq{0, 2, 4} {
				_, err := s.Append(within(t), after, body(after+1))
				mustFail(t, "Append", err, events.ErrConflict)
			}
			mustHold(t, s, 3)
		},
	}}
}

func mustRead(t *testing.T, s events.Store, seq events.Seq) []byte {
	t.Helper()
	data, err := s.(events.Reader).Read(within(t), seq)
	if err != nil {
		t.Fatalf("Read of %d: %v", seq, err)
	}
	mustBe(t, seq, data)
	return data
}
