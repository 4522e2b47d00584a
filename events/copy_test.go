package events

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"
)

// chainedStore returns a store of n records that follow one another.
func chainedStore(t testing.TB, n int) *Mem {
	t.Helper()
	s := NewMem()
	var chain Chain
	for i := range n {
		b := NewRecord(chain.Head.Seq+1, chain.Position+1, chain.Head.SHA256)
		for k := range 1 + i%3 {
			e := coded(10*i + k)
			payload, err := EncodeBody(e.Body)
			if err != nil {
				t.Fatal(err)
			}
			if err := b.Add(e.At, e.Recorder, []Encoded{{ID: e.ID, Kind: e.Kind(), Payload: payload}}); err != nil {
				t.Fatal(err)
			}
		}
		r := Record{Seq: chain.Head.Seq + 1, Data: b.Bytes()}
		h, err := chain.Verify(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Append(t.Context(), chain.Head.Seq, r.Data); err != nil {
			t.Fatal(err)
		}
		chain.Take(r, h)
	}
	return s
}

// contents are the bytes of a store's records.
func contents(t testing.TB, s Store) (all [][]byte) {
	t.Helper()
	for r, err := range s.Scan(context.Background(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r.Data)
	}
	return all
}

func equalRecords(a, b [][]byte) bool { return slices.EqualFunc(a, b, bytes.Equal) }

// faulty is a store some of whose appends fail, and whose records may be read as others.
type faulty struct {
	*Mem
	fails func(after Seq) (stored bool, err error)
	reads func(*Record)
}

func (s *faulty) Append(ctx context.Context, after Seq, data []byte) (Seq, error) {
	if s.fails != nil {
		if stored, err := s.fails(after); err != nil {
			if stored {
				if _, err := s.Mem.Append(ctx, after, data); err != nil {
					return 0, err
				}
			}
			return 0, err
		}
	}
	return s.Mem.Append(ctx, after, data)
}

func (s *faulty) Scan(ctx context.Context, after Seq) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for r, err := range s.Mem.Scan(ctx, after) {
			if err == nil && s.reads != nil {
				s.reads(&r)
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// ending is a store that gives records up to one only.
type ending struct {
	*Mem
	at Seq
}

func (s *ending) Scan(ctx context.Context, after Seq) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for r, err := range s.Mem.Scan(ctx, after) {
			if r.Seq > s.at || !yield(r, err) {
				return
			}
		}
	}
}

// A copy that is interrupted at any append, whether the record was stored or not, goes on
// when it is called again, and ends with the same records.
func TestCopyInterrupted(t *testing.T) {
	from := chainedStore(t, 12)
	want := contents(t, from)
	lost := errors.New("lost")
	for at := range Seq(12) {
		for _, stored := range []bool{false, true} {
			failed := false
			to := &faulty{Mem: NewMem(), fails: func(after Seq) (bool, error) {
				if after == at && !failed {
					failed = true
					return stored, lost
				}
				return false, nil
			}}
			if _, err := Copy(t.Context(), to, from, nil); !errors.Is(err, lost) {
				t.Fatalf("the copy ended with %v, want what the store said", err)
			}
			var begun Seq
			head, err := Copy(t.Context(), to, from, func(done, last Seq) {
				if begun == 0 {
					begun = done + 1
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			if wanted := at + 1; stored && begun != wanted+1 || !stored && begun != wanted {
				t.Errorf("at %d, stored %v: it went on with record %d", at, stored, begun)
			}
			if !equalRecords(contents(t, to), want) || head.Seq != 12 {
				t.Errorf("at %d, stored %v: the copy differs", at, stored)
			}
		}
	}
}

// What a copy says of its progress, and its result when there is nothing more to copy.
func TestCopyProgress(t *testing.T) {
	from, to := chainedStore(t, 3), NewMem()
	var said []string
	note := func(done, last Seq) { said = append(said, fmt.Sprint(done, "/", last)) }
	head, err := Copy(t.Context(), to, from, note)
	again, err2 := Copy(t.Context(), to, from, note)
	if err != nil || err2 != nil || head != again || head.Seq != 3 {
		t.Fatal(head, again, err, err2)
	}
	if got := strings.Join(said, " "); got != "0/3 1/3 2/3 3/3 3/3" {
		t.Error(got)
	}
	if head, err := Copy(t.Context(), NewMem(), NewMem(), nil); err != nil || head != (Head{}) {
		t.Error(head, err)
	}
}

// counting is a store that counts its scans.
type counting struct {
	*Mem
	scans int
}

func (s *counting) Scan(ctx context.Context, after Seq) iter.Seq2[Record, error] {
	s.scans++
	return s.Mem.Scan(ctx, after)
}

// What is appended is read back many records at once, also beyond the first that are.
func TestCopyReadsBack(t *testing.T) {
	from, to := NewMem(), &counting{Mem: NewMem()}
	var chain Chain
	for range 40 {
		b := NewSealedRecord(chain.Head.Seq+1, chain.Position+1, chain.Head.SHA256, numbered(42))
		e := Encoded{ID: exampleID, Kind: KindRedacted, Key: []byte{7}, Payload: make([]byte, MaxRecord-1000)}
		if err := b.Add(exampleTime, "desk", []Encoded{e}); err != nil {
			t.Fatal(err)
		}
		r := Record{Seq: chain.Head.Seq + 1, Data: b.Bytes()}
		h, err := chain.Verify(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := from.Append(t.Context(), chain.Head.Seq, r.Data); err != nil {
			t.Fatal(err)
		}
		chain.Take(r, h)
	}
	if _, err := Copy(t.Context(), to, from, nil); err != nil {
		t.Fatal(err)
	}
	if want := 40*MaxRecord/unreadBytes + 1; to.scans != want {
		t.Errorf("it is read back %d times, want %d", to.scans, want)
	}
}

// A store that has other records, or more, is left as it is.
func TestCopyOther(t *testing.T) {
	from := chainedStore(t, 4)
	other := NewMem()
	e := coded(1)
	if _, err := other.Append(t.Context(), 0, pack(t, 1, []Event{e})); err != nil {
		t.Fatal(err)
	}
	for name, to := range map[string]*Mem{"other": other, "more": chainedStore(t, 5)} {
		before := contents(t, to)
		if _, err := Copy(t.Context(), to, from, nil); !errors.Is(err, ErrOther) {
			t.Errorf("%s: %v, want ErrOther", name, err)
		}
		if !equalRecords(contents(t, to), before) {
			t.Errorf("%s: the store was changed", name)
		}
	}
}

// Damage of the store that is read ends the copy before the damaged record; damage that
// the other store does is found when what was appended is read back.
func TestCopyDamage(t *testing.T) {
	flip := func(seq Seq) func(*Record) {
		return func(r *Record) {
			if r.Seq == seq {
				r.Data = bytes.Clone(r.Data)
				r.Data[len(r.Data)/2] ^= 1
			}
		}
	}
	for seq := Seq(1); seq <= 6; seq++ {
		whole := chainedStore(t, 6)
		to := NewMem()
		_, err := Copy(t.Context(), to, &faulty{Mem: whole, reads: flip(seq)}, nil)
		if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), fmt.Sprint("record ", seq)) {
			t.Errorf("record %d is damaged: %v", seq, err)
		}
		if got := contents(t, to); !equalRecords(got, contents(t, whole)[:seq-1]) {
			t.Errorf("record %d is damaged: %d were copied", seq, len(got))
		}
		_, err = Copy(t.Context(), &faulty{Mem: NewMem(), reads: flip(seq)}, whole, nil)
		if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), fmt.Sprint("record ", seq)) {
			t.Errorf("record %d is damaged by whom it is copied to: %v", seq, err)
		}
	}
	// The last record of the copy that is there has been damaged.
	for seq := Seq(1); seq <= 3; seq++ {
		to := &faulty{Mem: chainedStore(t, int(seq)), reads: flip(seq)}
		if _, err := Copy(t.Context(), to, chainedStore(t, 6), nil); !errors.Is(err, ErrDamaged) || errors.Is(err, ErrOther) {
			t.Errorf("record %d of the copy is damaged: %v", seq, err)
		}
	}
	short := &ending{Mem: chainedStore(t, 5), at: 3}
	to := NewMem()
	if head, err := Copy(t.Context(), to, short, nil); !errors.Is(err, ErrDamaged) || len(contents(t, to)) != 3 {
		t.Errorf("a store that gives fewer records than it has: %d, %v", head.Seq, err)
	}
	missing := &faulty{Mem: NewMem(), reads: func(r *Record) { r.Seq++ }}
	if _, err := Copy(t.Context(), missing, chainedStore(t, 2), nil); !errors.Is(err, ErrDamaged) {
		t.Errorf("records that are not there when they are read back: %v", err)
	}
}

// A record that does not follow from the one before, or is not sealed as that, is not
// copied, even if it is whole.
func TestCopyChain(t *testing.T) {
	records := contents(t, chainedStore(t, 3))
	e := coded(1)
	payload, err := EncodeBody(e.Body)
	if err != nil {
		t.Fatal(err)
	}
	plain := Encoded{ID: e.ID, Kind: e.Kind(), Payload: payload}
	sealed := plain
	sealed.Key = []byte("key 1")
	follows := sha256.Sum256(records[0])
	record := func(b *RecordBuilder, e Encoded) []byte {
		if err := b.Add(time.Unix(1, 0), "desk", []Encoded{e}); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	one := record(NewSealedRecord(1, 1, [32]byte{}, Key("keys")), sealed)
	for what, both := range map[string][2][]byte{
		"forked":            {records[0], record(NewRecord(2, 2, [32]byte{1}), plain)},
		"sealed":            {records[0], record(NewSealedRecord(2, 2, follows, Key("keys")), sealed)},
		"not sealed":        {one, record(NewRecord(2, 2, sha256.Sum256(one)), plain)},
		"sealed with other": {one, record(NewSealedRecord(2, 2, sha256.Sum256(one), Key("other")), sealed)},
	} {
		from, to := NewMem(), NewMem()
		for i, data := range both {
			if _, err := from.Append(t.Context(), Seq(i), data); err != nil {
				t.Fatal(err)
			}
		}
		for there := range Seq(2) { // the second copy goes on after the first
			if head, err := Copy(t.Context(), to, from, nil); !errors.Is(err, ErrDamaged) || head.Seq != there {
				t.Error(what, head.Seq, err)
			}
			if n := len(contents(t, to)); n != 1 {
				t.Errorf("%s: %d records were copied, want 1", what, n)
			}
		}
	}
}

// A copy ends with its context, and with somebody else's append.
func TestCopyEnds(t *testing.T) {
	from := chainedStore(t, 5)
	ctx, cancel := context.WithCancel(t.Context())
	to := NewMem()
	_, err := Copy(ctx, to, from, func(done, _ Seq) {
		if done == 2 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || len(contents(t, to)) != 2 {
		t.Error(err, len(contents(t, to)))
	}
	to = NewMem()
	_, err = Copy(t.Context(), to, from, func(done, _ Seq) {
		if done == 3 {
			if _, err := to.Append(context.Background(), 3, []byte("another")); err != nil {
				t.Error(err)
			}
		}
	})
	if !errors.Is(err, ErrConflict) {
		t.Error(err)
	}
}
