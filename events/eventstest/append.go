package eventstest

import (
	"bytes"
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/onrecord/onrecord/events"
)

var appendClauses = []clause{{
	name: "append/numbers",
	says: "Append stores record after the record numbered after, 0 for an empty store, and returns its number, after+1.",
	test: func(t *testing.T, s events.Store) {
		fill(t, s, 20)
		mustHold(t, s, 20)
	},
}, {
	name: "append/conflict",
	says: "If another record is last, Append stores nothing and returns ErrConflict.",
	test: func(t *testing.T, s events.Store) {
		for n := range events.Seq(4) {
			fill(t, s, n)
			for _, after := range []events.Seq{0, 1, 2, 3, 4, 5, 1000, math.MaxInt32, math.MaxInt64 - 1, math.MaxInt64, math.MaxInt64 + 1, math.MaxUint64 - 1, math.MaxUint64} {
				if after == n {
					continue
				}
				if _, err := s.Append(within(t), after, []byte("conflict")); err == nil {
					t.Errorf("%d records, Append after %d: no error", n, after)
				} else {
					mustFail(t, "Append after a record that is not last", err, events.ErrConflict)
				}
				mustHold(t, s, n)
			}
		}
	},
}, {
	name: "append/size refused",
	says: "A record that is empty or larger than MaxRecord is refused with ErrRecordSize.",
	test: func(t *testing.T, s events.Store) {
		fill(t, s, 2)
		for what, record := range map[string][]byte{
			"Append of nil":             nil,
			"Append of no bytes":        {},
			"Append of MaxRecord+1":     make([]byte, events.MaxRecord+1),
			"Append of twice MaxRecord": make([]byte, 2*events.MaxRecord),
		} {
			_, err := s.Append(within(t), 2, record)
			mustFail(t, what, err, events.ErrRecordSize)
		}
		mustHold(t, s, 2)
	},
}, {
	name: "append/size taken",
	says: "A record of 1 byte to MaxRecord bytes is stored whole, whatever its bytes.",
	test: func(t *testing.T, s events.Store) {
		rng := rand.NewChaCha8([32]byte{1})
		var want [][]byte
		for _, size := range []int{1, 2, 511, 512, 4000, 4095, 4096, 4097, 8192, 65_535, 65_536, 65_537, 300_000, events.MaxRecord - 1, events.MaxRecord} {
			b := make([]byte, size)
			rng.Read(b)
			want = append(want, b)
		}
		want = append(want, []byte{0}, []byte{0xff}, make([]byte, 1000), make([]byte, events.MaxRecord), []byte("a\x00b\r\n\xff'\"\\"))

		for i, b := range want {
			mustAppend(t, s, events.Seq(i), b)
		}
		for i, r := range mustScan(t, s, 0) {
			if !bytes.Equal(r.Data, want[i]) {
				t.Errorf("record %d is %s, want %s", r.Seq, short(r.Data), short(want[i]))
			}
		}
	},
}, {
	name: "append/record not kept",
	says: "Append does not keep record and does not change it.",
	test: func(t *testing.T, s events.Store) {
		buf := make([]byte, 0, 4096)
		for n := events.Seq(1); n <= 10; n++ {
			buf = append(buf[:0], body(n)...)
			mustAppend(t, s, n-1, buf)
			mustBe(t, n, buf)
			clear(buf[:cap(buf)])
		}
		mustHold(t, s, 10)
	},
}, {
	name: "append/cancelled before",
	says: "If ctx has ended before the call, Append stores nothing and returns the context's error.",
	test: func(t *testing.T, s events.Store) {
		fill(t, s, 2)
		_, err := s.Append(cancelled(t), 2, body(3))
		mustFail(t, "Append", err, context.Canceled)
		mustHold(t, s, 2)
		fill(t, s, 3)
		mustHold(t, s, 3)
	},
}, {
	name: "append/no number with an error",
	says: "With an error, Append returns the number 0.",
	test: func(t *testing.T, s events.Store) {
		fill(t, s, 1)
		for what, call := range map[string]func() (events.Seq, error){
			"conflict":  func() (events.Seq, error) { return s.Append(within(t), 0, body(1)) },
			"size":      func() (events.Seq, error) { return s.Append(within(t), 1, nil) },
			"cancelled": func() (events.Seq, error) { return s.Append(cancelled(t), 1, body(2)) },
		} {
			if seq, err := call(); seq != 0 || err == nil {
				t.Errorf("%s: Append returned %d, %v", what, seq, err)
			}
		}
	},
}}

var lastClauses = []clause{{
	name: "last/empty",
	says: "Last returns 0 if there is no record.",
	test: func(t *testing.T, s events.Store) {
		if last := mustLast(t, s); last != 0 {
			t.Errorf("Last of an empty store is %d", last)
		}
	},
}, {
	name: "last/number",
	says: "Last returns the number of the last record.",
	test: func(t *testing.T, s events.Store) {
		for n := events.Seq(1); n <= 10; n++ {
			fill(t, s, n)
			if last := mustLast(t, s); last != n {
				t.Fatalf("after %d records Last is %d", n, last)
			}
		}
	},
}, {
	name: "last/cancelled before",
	says: "If ctx has ended before the call, Last returns the context's error.",
	test: func(t *testing.T, s events.Store) {
		_, err := s.Last(cancelled(t))
		mustFail(t, "Last", err, context.Canceled)
	},
}}
