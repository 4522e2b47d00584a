package proof_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/proof"
	"github.com/onrecord/onrecord/internal/seed"
)

var (
	ctx = context.Background()
	// A key of tests, known to everybody.
	signer = must(note.NewSigner("PRIVATE+KEY+desk.example/record+6ba37eb2+AdfKUD5FGzLTD6VC43PiiC+zBeZq/vODLlFuYkiUR5S0"))
	key    = must(note.NewVerifier("desk.example/record+6ba37eb2+AZ62zqTj7toBAWfqyBXRhHC2L20WnwHd6vBuSrYT2sYd"))
)

// stride is from one byte that a test changes to the next. The race detector is as
// slow as it is, and looks for something else.
var stride = map[bool]int{false: 1, true: 13}[seed.Race]

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// desk writes a record of events that differ.
type desk struct {
	store *events.Mem
	first events.Position
	sum   [sha256.Size]byte
	data  [][]byte // the records
	ids   []place  // of the events, in order
	turn  string   // makes the events those of another history
	// keys is the id of the keys that the events are sealed with; zero: they are not.
	keys uuid.UUID
}

// place is where an event is.
type place struct {
	events.EventHead
	record   events.Seq
	position events.Position
}

func newDesk() *desk { return &desk{store: events.NewMem(), first: 1} }

// forked returns a desk with the shapes' history up to a record, and another from there on.
func forked(t *testing.T, after int) *desk {
	d := newDesk()
	for i, s := range shapes {
		if i == after {
			d.turn = "other"
		}
		d.record(t, s...)
	}
	return d
}

// record appends a record of batches with so many events each.
func (d *desk) record(t testing.TB, batches ...int) {
	t.Helper()
	seq := events.Seq(len(d.data) + 1)
	b := events.NewRecord(seq, d.first, d.sum)
	if d.keys != uuid.Nil {
		b = events.NewSealedRecord(seq, d.first, d.sum, d.keys)
	}
	for _, n := range batches {
		var batch []events.Encoded
		for range n {
			e := d.event(len(d.ids))
			batch = append(batch, e)
			d.ids = append(d.ids, place{events.EventHead{ID: e.ID, Kind: e.Kind, Key: e.Key}, seq, d.first})
		}
		at := time.Date(2025, 8, 4, 12, 30, int(d.first), 0, time.UTC)
		if err := b.Add(at, "desk", batch); err != nil {
			t.Fatal(err)
		}
		d.first++
	}
	d.data = append(d.data, b.Bytes())
	d.sum = sha256.Sum256(b.Bytes())
	if _, err := d.store.Append(ctx, seq-1, b.Bytes()); err != nil {
		t.Fatal(err)
	}
}

func (d *desk) event(n int) events.Encoded {
	id := events.Key(d.turn, fmt.Sprint(n))
	if d.keys != uuid.Nil {
		return events.Encoded{ID: id, Kind: events.KindEntityNamed, Payload: bytes.Repeat([]byte{byte(n), 0xfe}, 1+n%40), Key: []byte{byte(n), 1}}
	}
	body := &events.Retracted{Event: events.Key("target", fmt.Sprint(n)), Reason: fmt.Sprint("misread ", n)}
	return events.Encoded{ID: id, Kind: body.Kind(), Payload: must(events.EncodeBody(body))}
}

// storeOf returns a store with these records.
func storeOf(t testing.TB, data ...[]byte) *events.Mem {
	t.Helper()
	store := events.NewMem()
	for i, r := range data {
		if _, err := store.Append(ctx, events.Seq(i), r); err != nil {
			t.Fatal(err)
		}
	}
	return store
}

// grown returns a tree over a store, in memory.
func grown(t testing.TB, store events.Store) *proof.Tree {
	t.Helper()
	tree := proof.NewTree()
	if _, err := tree.Grow(ctx, store); err != nil {
		t.Fatal(err)
	}
	return tree
}

func signed(t testing.TB, h proof.Head) []byte {
	t.Helper()
	msg, err := proof.Sign(h, signer)
	if err != nil {
		t.Fatal(err)
	}
	return msg
}

// leafBytes returns the leaves' bytes as the package comment specifies them.
func leafBytes(t testing.TB, store events.Store) (leaves [][]byte) {
	t.Helper()
	for r, err := range store.Scan(ctx, 0) {
		if err != nil {
			t.Fatal(err)
		}
		h, err := r.Header()
		if err != nil {
			t.Fatal(err)
		}
		for i, b := range h.Batches {
			for _, e := range b.Events {
				sum := sha256.Sum256(h.Payload(e))
				leaves = append(leaves, fmt.Appendf(nil, "\x01%s%s%s%s%c%s%s%s%s%s",
					big(uint64(r.Seq), 8), big(uint64(h.First)+uint64(i), 8), big(uint64(b.At.UnixNano()), 8), e.ID[:], e.Kind, sum[:],
					big(uint64(len(b.Recorder)), 4), b.Recorder, big(uint64(len(e.Key)), 4), e.Key))
			}
		}
	}
	return leaves
}

func big(n uint64, size int) (s []byte) {
	for i := size - 1; i >= 0; i-- {
		s = append(s, byte(n>>(8*i)))
	}
	return s
}

// What follows is RFC 6962, section 2.1, as it stands there.

func hash(parts ...[]byte) tlog.Hash { return sha256.Sum256(bytes.Join(parts, nil)) }

// split returns the largest power of two smaller than n.
func split(n int) (k int) {
	for k = 1; 2*k < n; k *= 2 {
	}
	return k
}

func mth(d [][]byte) tlog.Hash {
	switch len(d) {
	case 0:
		return hash()
	case 1:
		return hash([]byte{0}, d[0])
	}
	k := split(len(d))
	left, right := mth(d[:k]), mth(d[k:])
	return hash([]byte{1}, left[:], right[:])
}

func path(m int, d [][]byte) []tlog.Hash {
	if len(d) == 1 {
		return nil
	}
	k := split(len(d))
	if m < k {
		return append(path(m, d[:k]), mth(d[k:]))
	}
	return append(path(m-k, d[k:]), mth(d[:k]))
}

func consistency(m int, d [][]byte) []tlog.Hash { return subproof(m, d, true) }

func subproof(m int, d [][]byte, whole bool) []tlog.Hash {
	n := len(d)
	if m == n {
		if whole {
			return nil
		}
		return []tlog.Hash{mth(d)}
	}
	k := split(n)
	if m <= k {
		return append(subproof(m, d[:k], whole), mth(d[k:]))
	}
	return append(subproof(m-k, d[k:], false), mth(d[:k]))
}
