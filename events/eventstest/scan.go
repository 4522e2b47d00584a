package eventstest

import (
	"context"
	"iter"
	"math"
	"testing"

	"github.com/onrecord/onrecord/events"
)

// many is more records than a store is likely to fetch at a time.
const many = 700

var scanClauses = []clause{{
	name: "scan/order",
	says: "Scan returns the records after the given number in order of their numbers.",
	test: func(t *testing.T, s events.Store) {
		fill(t, s, 12)
		for after := range events.Seq(12) {
			records := mustScan(t, s, after)
			if len(records) != int(12-after) {
				t.Errorf("Scan after %d of 12 yields %d records", after, len(records))
			}
			for _, r := range records {
				mustBe(t, r.Seq, r.Data)
			}
		}
	},
}, {
	name: "scan/many",
	says: "Scan returns every record up to the last, however many there are.",
	test: func(t *testing.T, s events.Store) {
		fill(t, s, many)
		mustHold(t, s, many)
	},
}, {
	name: "scan/nothing after the last",
	says: "A Scan after the last record, or of an empty store, is empty.",
	test: func(t *testing.T, s events.Store) {
		for n := range events.Seq(3) {
			fill(t, s, n)
			for _, after := range []events.Seq{n, n + 1, n + 2, math.MaxInt64 - 1, math.MaxInt64, math.MaxInt64 + 1, math.MaxUint64} {
				if records := mustScan(t, s, after); len(records) > 0 {
					t.Errorf("%d records: Scan after %d yields %d", n, after, len(records))
				}
			}
		}
	},
}, {
	name: "scan/twice",
	says: "The sequence can be ranged over more than once; each range starts after the given number and goes up to the last record there is.",
	test: func(t *testing.T, s events.Store) {
		seq := s.Scan(within(t), 1)
		for n := range events.Seq(6) {
			fill(t, s, n)
			want := events.Seq(1)
			for r, err := range seq {
				if err != nil {
					t.Fatal(err)
				}
				want++
				if r.Seq != want {
					t.Fatalf("range over %d records: number %d, want %d", n, r.Seq, want)
				}
				mustBe(t, r.Seq, r.Data)
			}
			if want != max(n, 1) {
				t.Fatalf("range over %d records ended at %d", n, want)
			}
		}
	},
}, {
	name: "scan/break",
	says: "A loop may be left at any record.",
	test: func(t *testing.T, s events.Store) {
		fill(t, s, 20)
		for stop := events.Seq(1); stop <= 20; stop++ {
			for r, err := range s.Scan(within(t), 0) {
				if err != nil {
					t.Fatal(err)
				}
				if r.Seq == stop {
					break
				}
			}
		}
		fill(t, s, 21)
		mustHold(t, s, 21)
	},
}, {
	name: "scan/append inside",
	says: "The loop's body may append.",
	test: func(t *testing.T, s events.Store) {
		const before = 10
		fill(t, s, before)
		last := events.Seq(before)
		seen := events.Seq(0)
		for r, err := range s.Scan(within(t), 0) {
			if err != nil {
				t.Fatal(err)
			}
			seen++
			if r.Seq != seen {
				t.Fatalf("number %d, want %d", r.Seq, seen)
			}
			mustBe(t, r.Seq, r.Data)
			if r.Seq <= before {
				last = mustAppend(t, s, last, body(last+1))
			}
		}
		if seen < before {
			t.Errorf("saw %d records of the %d that were there before", seen, before)
		}
		mustHold(t, s, last)
	},
}, {
	name: "scan/nested",
	says: "The loop's body may scan.",
	test: func(t *testing.T, s events.Store) {
		fill(t, s, 8)
		var deep func(after events.Seq) int
		deep = func(after events.Seq) int {
			for r, err := range s.Scan(within(t), after) {
				if err != nil || r.Seq != after+1 {
					t.Fatalf("Scan after %d: %d, %v", after, r.Seq, err)
				}
				return 1 + deep(r.Seq)
			}
			return 0
		}
		if n := deep(0); n != 8 {
			t.Errorf("8 scans, one in another, saw %d records", n)
		}
	},
}, {
	name: "scan/slow reader",
	says: "Scanning holds nothing between records: a slow reader hinders nobody.",
	test: func(t *testing.T, s events.Store) {
		fill(t, s, 50)
		var slow []func() (events.Record, error, bool)
		for range 10 {
			next, stop := iter.Pull2(s.Scan(within(t), 0))
			defer stop()
			if r, err, ok := next(); !ok || err != nil || r.Seq != 1 {
				t.Fatalf("first record: %d, %v, %v", r.Seq, err, ok)
			}
			slow = append(slow, next)
		}

		fill(t, s, 100)
		mustHold(t, s, 100)

		for _, next := range slow {
			seen := events.Seq(1)
			for r, err, ok := next(); ok; r, err, ok = next() {
				if err != nil {
					t.Fatal(err)
				}
				if seen++; r.Seq != seen {
					t.Fatalf("number %d, want %d", r.Seq, seen)
				}
				mustBe(t, r.Seq, r.Data)
			}
			if seen < 50 {
				t.Errorf("the slow reader saw %d records of 50", seen)
			}
		}
	},
}, {
	name: "scan/data is the caller's",
	says: "Data belongs to the caller.",
	test: func(t *testing.T, s events.Store) {
		fill(t, s, 20)
		var kept []events.Record
		for r, err := range s.Scan(within(t), 0) {
			if err != nil {
				t.Fatal(err)
			}
			kept = append(kept, r)
		}
		for i, r := range kept {
			mustBe(t, r.Seq, r.Data)
			clear(r.Data)
			_ = append(r.Data, make([]byte, 1000)...)
			for _, later := range kept[i+1:] {
				mustBe(t, later.Seq, later.Data)
			}
		}
		mustHold(t, s, 20)
	},
}, {
	name: "scan/cancelled before",
	says: "If ctx has ended before the loop begins, Scan yields the context's error and nothing else.",
	test: func(t *testing.T, s events.Store) {
		fill(t, s, 3)
		mustEndWithError(t, s.Scan(cancelled(t), 0), 0, context.Canceled, nil)
	},
}, {
	name: "scan/cancelled inside",
	says: "An error ends the sequence; when ctx ends while the loop runs, its error is what comes next.",
	test: func(t *testing.T, s events.Store) {
		fill(t, s, many)
		for _, stop := range []events.Seq{1, 2, many - 1} {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			mustEndWithError(t, s.Scan(ctx, 0), stop, context.Canceled, func(seq events.Seq) {
				if seq == stop {
					cancel()
				}
			})
		}
	},
}}

// mustEndWithError ranges over seq to its end and fails unless it yields the
// records 1 to n, then the error, once, and then nothing.
func mustEndWithError(t *testing.T, seq iter.Seq2[events.Record, error], n events.Seq, want error, at func(events.Seq)) {
	t.Helper()
	var seen events.Seq
	var errs int
	for r, err := range seq {
		switch {
		case errs > 0:
			t.Fatalf("after its error the sequence went on: %d, %v", r.Seq, err)
		case err != nil:
			errs++
			mustFail(t, "Scan", err, want)
		default:
			if seen++; r.Seq != seen || seen > n {
				t.Fatalf("number %d: want the records up to %d and then %v", r.Seq, n, want)
			}
			at(r.Seq)
		}
	}
	if seen != n || errs != 1 {
		t.Errorf("%d records and %d errors, want %d and 1", seen, errs, n)
	}
}
