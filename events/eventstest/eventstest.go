// Package eventstest is the contract of [events.Store] and of [events.Keys], written as tests.
// Run it against a store of your own:
//
//	func TestStore(t *testing.T) {
//		eventstest.TestStore(t, func(t *testing.T) events.Store {
//			store, err := mystore.Open(t.TempDir())
//			if err != nil {
//				t.Fatal(err)
//			}
//			return store
//		}, nil)
//	}
//
// Every clause of the contract is a subtest of its own, gets a fresh store, and
// prints the clause when it fails. [events.Reader], [events.PartReader], [events.Waiter],
// [events.Clock], [events.Syncer], [events.Snapshots] and [events.Backups] are tested if the
// store has those methods. A store that keeps its records gives [Options.Reopen] as well, one
// that can be backed up [Options.Restore], and one that shares them [Options.Beside].
// [TestKeys] does the same for keys. Run it with the race detector.
//
// Passing shows that the methods mean what the contract says. It does not show that a record
// or a key survives the loss of power, or that one that has been destroyed is gone from the
// disk, nor that two processes may share a store: those need a test of its own.
package eventstest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/onrecord/onrecord/events"
)

// Options say what else a store can do. Nil means nothing else.
type Options struct {
	// Reopen closes s and opens the same records again. If it is nil, nothing
	// is said about what survives Close.
	Reopen func(t *testing.T, s events.Store) events.Store

	// Restore opens a new store with what Backup has written. An events.Backups
	// needs it.
	Restore func(t *testing.T, backup []byte) events.Store
	// Beside opens the records of s once more while s is open, as another process
	// would. If it is nil, nothing is said about several stores of the same records.
	Beside func(t *testing.T, s events.Store) events.Store
}

// TestStore tests the stores that open returns, which must be empty and
// independent of each other. It closes them.
func TestStore(t *testing.T, open func(t *testing.T) events.Store, opts *Options) {
	if opts == nil {
		opts = new(Options)
	}
	run := func(clauses []clause, skip func(*testing.T, events.Store) string) {
		runClauses(t, clauses, func(t *testing.T) events.Store {
			s := open(t)
			t.Cleanup(func() { s.Close() })
			return s
		}, skip)
	}

	run(appendClauses, always)
	run(scanClauses, always)
	run(lastClauses, always)
	run(closeClauses, always)
	run(append(togetherClauses[:len(togetherClauses):len(togetherClauses)], historyClause(opts.Beside)), always)
	run(readerClauses, func(_ *testing.T, s events.Store) string {
		if _, ok := s.(events.Reader); !ok {
			return "the store is not an events.Reader"
		}
		return ""
	})
	run(partReaderClauses, func(_ *testing.T, s events.Store) string {
		if _, ok := s.(events.PartReader); !ok {
			return "the store is not an events.PartReader"
		}
		return ""
	})
	run(waiterClauses, func(_ *testing.T, s events.Store) string {
		if _, ok := s.(events.Waiter); !ok {
			return "the store is not an events.Waiter"
		}
		return ""
	})
	run(clockClauses, func(_ *testing.T, s events.Store) string {
		if _, ok := s.(events.Clock); !ok {
			return "the store is not an events.Clock"
		}
		return ""
	})
	run(syncerClauses, func(_ *testing.T, s events.Store) string {
		if _, ok := s.(events.Syncer); !ok {
			return "the store is not an events.Syncer"
		}
		return ""
	})
	run(snapshotClauses, func(_ *testing.T, s events.Store) string {
		if _, ok := s.(events.Snapshots); !ok {
			return "the store is not an events.Snapshots"
		}
		return ""
	})
	run(backupClauses(opts.Restore), func(t *testing.T, s events.Store) string {
		if _, ok := s.(events.Backups); !ok {
			return "the store is not an events.Backups"
		}
		if opts.Restore == nil {
			t.Fatal("the store is an events.Backups: there is no Options.Restore to test that with")
		}
		return ""
	})
	run(reopenClauses(opts.Reopen), func(*testing.T, events.Store) string {
		if opts.Reopen == nil {
			return "no Options.Reopen"
		}
		return ""
	})
}

// A clause is one sentence of the contract and what shows that a store keeps it.
type clause = clauseOf[events.Store]

type clauseOf[T any] struct {
	name string
	says string
	test func(t *testing.T, of T)
}

// runClauses runs each as a subtest with something fresh, unless there is a reason to skip it.
func runClauses[T any](t *testing.T, clauses []clauseOf[T], open func(*testing.T) T, skip func(*testing.T, T) string) {
	for _, c := range clauses {
		t.Run(c.name, func(t *testing.T) {
			t.Cleanup(func() {
				if t.Failed() {
					t.Logf("the contract says: %s", c.says)
				}
			})
			of := open(t)
			if why := skip(t, of); why != "" {
				t.Skip(why)
			}
			c.test(t, of)
		})
	}
}

func always[T any](*testing.T, T) string { return "" }

// patience is how long a call may take that must end by itself: a minute, or
// less if the tests have to end soon. It ends a test that would hang; no store
// is judged by its speed.
func patience(t *testing.T) time.Duration {
	if deadline, ok := t.Deadline(); ok {
		return min(time.Minute, time.Until(deadline)/4)
	}
	return time.Minute
}

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience(t))
	t.Cleanup(cancel)
	return ctx
}

func cancelled(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

// ends waits for what a goroutine of the test reports.
func ends[T any](t *testing.T, what string, c <-chan T) T {
	t.Helper()
	limit := patience(t)
	select {
	case v := <-c:
		return v
	case <-time.After(limit):
		t.Fatalf("%s: still running after %v", what, limit)
		panic("unreachable")
	}
}

// body returns the record that the tests store as number n: every number's
// bytes and length differ, and all byte values occur.
func body(n events.Seq) []byte {
	b := fmt.Appendf(nil, "record %d:", n)
	for i := range int(n*37) % 300 {
		b = append(b, byte(i*7+int(n)))
	}
	return b
}

// fill appends records up to number n, which the tests know from body.
func fill(t *testing.T, s events.Store, n events.Seq) {
	t.Helper()
	last := mustLast(t, s)
	for last < n {
		last = mustAppend(t, s, last, body(last+1))
	}
}

func mustAppend(t *testing.T, s events.Store, after events.Seq, record []byte) events.Seq {
	t.Helper()
	seq, err := s.Append(within(t), after, record)
	if err != nil {
		t.Fatalf("Append after %d of %d bytes: %v", after, len(record), err)
	}
	if seq != after+1 {
		t.Fatalf("Append after %d returned %d, want %d", after, seq, after+1)
	}
	return seq
}

func mustLast(t *testing.T, s events.Store) events.Seq {
	t.Helper()
	last, err := s.Last(within(t))
	if err != nil {
		t.Fatalf("Last: %v", err)
	}
	return last
}

// mustScan returns what a scan yields, and fails unless it is numbered after+1,
// after+2 and so on.
func mustScan(t *testing.T, s events.Store, after events.Seq) []events.Record {
	t.Helper()
	var records []events.Record
	for r, err := range s.Scan(within(t), after) {
		if err != nil {
			t.Fatalf("Scan after %d: after %d records: %v", after, len(records), err)
		}
		if want := after + events.Seq(len(records)) + 1; r.Seq != want {
			t.Fatalf("Scan after %d: number %d, want %d", after, r.Seq, want)
		}
		records = append(records, r)
	}
	return records
}

// mustHold fails unless s holds the records 1 to n of body, and those only.
func mustHold(t *testing.T, s events.Store, n events.Seq) {
	t.Helper()
	if last := mustLast(t, s); last != n {
		t.Errorf("Last is %d, want %d", last, n)
	}
	records := mustScan(t, s, 0)
	if len(records) != int(n) {
		t.Fatalf("Scan yields %d records, want %d", len(records), n)
	}
	for _, r := range records {
		mustBe(t, r.Seq, r.Data)
	}
}

func mustBe(t *testing.T, seq events.Seq, data []byte) {
	t.Helper()
	if want := body(seq); !bytes.Equal(data, want) {
		t.Fatalf("record %d is %s, want %s", seq, short(data), short(want))
	}
}

func mustFail(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: error %v, want %v", what, err, want)
	}
}

// short shows the start of b and its length.
func short(b []byte) string {
	if len(b) <= 24 {
		return fmt.Sprintf("%q", b)
	}
	return fmt.Sprintf("%q... (%d bytes)", b[:24], len(b))
}
