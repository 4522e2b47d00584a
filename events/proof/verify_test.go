package proof_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/proof"
)

// opened returns what Open does for these heads.
func opened(t testing.TB, heads ...proof.Head) (c []*proof.Checkpoint) {
	for _, h := range heads {
		one, err := proof.Open(signed(t, h), key)
		if err != nil {
			t.Fatal(err)
		}
		c = append(c, one)
	}
	return c
}

func verify(t testing.TB, store events.Store, opts *proof.VerifyOptions) *proof.Report {
	t.Helper()
	r, err := proof.Verify(ctx, store, opts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestVerifyFindsNothing(t *testing.T) {
	d, heads := shaped(t)
	var seen []events.Seq
	end := heads[len(heads)-1]
	r := verify(t, d.store, &proof.VerifyOptions{
		Checkpoints: opened(t, slices.Concat(heads, heads)...), Tree: grown(t, d.store),
		Progress: func(last events.Seq) { seen = append(seen, last) },
	})
	if len(r.Faults) > 0 || r.Head != end || r.Last != end.Record || len(seen) == 0 || seen[len(seen)-1] != end.Record {
		t.Errorf("%+v, progress %v", r, seen)
	}
	if r := verify(t, d.store, nil); len(r.Faults) > 0 || r.Head != end {
		t.Errorf("%+v", r)
	}
	empty := events.NewMem()
	if r := verify(t, empty, &proof.VerifyOptions{Checkpoints: opened(t, heads[0]), Tree: proof.NewTree()}); len(r.Faults) > 0 || r.Head != heads[0] || r.Last != 0 {
		t.Errorf("%+v", r)
	}
}

// sealAgain gives a changed record the checksum of what it is.
func sealAgain(data []byte) []byte {
	body := len(data) - 4
	binary.BigEndian.PutUint32(data[body:], crc32.Checksum(data[:body], crc32.MakeTable(crc32.Castagnoli)))
	return data
}

// TestEveryByte changes each byte of a record, with and without a new checksum.
// It must be found, at that record and no other: by what is in it, or by the one
// behind it; in the last record by a checkpoint, and by the tree at the event if
// that is what was changed.
func TestEveryByte(t *testing.T) {
	d, heads := shaped(t)
	d.data = d.data[:6]
	tree := grown(t, storeOf(t, d.data...))
	for _, n := range []int{2, len(d.data) - 1} {
		good := d.data[n]
		h := must((events.Record{Seq: events.Seq(n + 1), Data: good}).Header())
		for at := 0; at < len(good); at += stride {
			bad := bytes.Clone(good)
			bad[at] ^= 0x04
			for _, data := range [][]byte{bad, sealAgain(bytes.Clone(bad))} {
				if bytes.Equal(data, good) {
					continue // the checksum itself was changed
				}
				records := slices.Clone(d.data)
				records[n] = data
				store := storeOf(t, records...)
				plain := verify(t, store, &proof.VerifyOptions{Checkpoints: opened(t, heads[n+1])})
				if len(plain.Faults) == 0 {
					t.Fatalf("record %d, byte %d: not found", n+1, at)
				}
				// What its header says of the record before and of its number is a
				// fault between two records.
				withTree := verify(t, store, &proof.VerifyOptions{Tree: tree})
				for _, f := range slices.Concat(plain.Faults, withTree.Faults) {
					if f.Record != events.Seq(n+1) && f.Record != events.Seq(n) && f.Record != events.Seq(n+2) {
						t.Fatalf("record %d, byte %d: %v", n+1, at, f)
					}
				}
				if !slices.ContainsFunc(plain.Faults, func(f proof.Fault) bool { return f.Record == events.Seq(n+1) }) {
					t.Fatalf("record %d, byte %d: %v", n+1, at, plain.Faults)
				}
				if e := eventAt(h, at); e != uuid.Nil && at < len(good)-4 && !bytes.Equal(data, bad) &&
					!slices.ContainsFunc(withTree.Faults, func(f proof.Fault) bool { return f.Event == e }) {
					t.Fatalf("record %d, byte %d, event %v: %v", n+1, at, e, withTree.Faults)
				}
			}
		}
	}
}

// eventAt returns whose payload a byte of a record is in.
func eventAt(h *events.Header, at int) uuid.UUID {
	for _, b := range h.Batches {
		for _, e := range b.Events {
			if e.Offset <= at && at < e.Offset+e.Length {
				return e.ID
			}
		}
	}
	return uuid.Nil
}

// rewritten builds the records from number n on again, so that all of them fit,
// with event e of record n changed.
func rewritten(t *testing.T, d *desk, n, e int) [][]byte {
	records := slices.Clone(d.data[:n])
	sum := sha256.Sum256(records[n-1])
	for seq := n + 1; seq <= len(d.data); seq++ {
		h := must((events.Record{Seq: events.Seq(seq), Data: d.data[seq-1]}).Header())
		b := events.NewRecord(h.Seq, h.First, sum)
		i := 0
		for _, old := range h.Batches {
			var batch []events.Encoded
			for _, head := range old.Events {
				enc := events.Encoded{ID: head.ID, Kind: head.Kind, Payload: h.Payload(head)}
				if seq == n+1 && i == e {
					enc.Kind = events.KindRetracted
					enc.Payload = must(events.EncodeBody(&events.Retracted{Event: uuid.UUID{1}, Reason: "forged"}))
				}
				i++
				batch = append(batch, enc)
			}
			if err := b.Add(old.At, old.Recorder, batch); err != nil {
				t.Fatal(err)
			}
		}
		records = append(records, b.Bytes())
		sum = sha256.Sum256(b.Bytes())
	}
	return records
}

// TestRewritten forges one event and everything after it, so that the record is
// whole. A checkpoint tells that, and the tree which.
func TestRewritten(t *testing.T) {
	d, heads := shaped(t)
	tree := grown(t, d.store)
	event := 0
	for n, shape := range shapes {
		for e := range sumOf(shape) {
			id := d.ids[event].ID
			if event++; n == 0 {
				continue
			}
			store := storeOf(t, rewritten(t, d, n, e)...)
			if r := verify(t, store, nil); len(r.Faults) > 0 {
				t.Fatalf("record %d, event %d, alone: %v", n+1, e, r.Faults)
			}
			r := verify(t, store, &proof.VerifyOptions{Checkpoints: opened(t, heads[n], heads[n+1], heads[len(heads)-1])})
			for _, f := range r.Faults {
				if f.Record <= events.Seq(n) || !errors.Is(f.Err, proof.ErrForked) {
					t.Fatalf("record %d, event %d: %v", n+1, e, r.Faults)
				}
			}
			if len(r.Faults) == 0 || r.Faults[0].Record != events.Seq(n+1) {
				t.Fatalf("record %d, event %d: %v", n+1, e, r.Faults)
			}
			r = verify(t, store, &proof.VerifyOptions{Tree: tree})
			if len(r.Faults) != 1 || r.Faults[0].Record != events.Seq(n+1) || r.Faults[0].Event != id || !errors.Is(r.Faults[0].Err, proof.ErrForked) {
				t.Fatalf("record %d, event %d, with the tree: %v", n+1, e, r.Faults)
			}
		}
	}
}

// TestOtherCounts holds a record against a tree that has more or fewer events in it.
func TestOtherCounts(t *testing.T) {
	d, _ := shaped(t)
	for _, n := range []int{3, 5} {
		other := newDesk()
		other.record(t, shapes[0]...)
		other.record(t, n)
		known := newDesk()
		known.record(t, shapes[0]...)
		known.record(t, 4)
		r := verify(t, other.store, &proof.VerifyOptions{Tree: grown(t, known.store)})
		if len(r.Faults) != 1 || r.Faults[0].Record != 2 || r.Faults[0].Event != uuid.Nil || !errors.Is(r.Faults[0].Err, proof.ErrForked) {
			t.Errorf("%d events instead of 4: %v", n, r.Faults)
		}
	}
	if r := verify(t, d.store, &proof.VerifyOptions{Tree: grown(t, storeOf(t, d.data[:4]...))}); len(r.Faults) > 0 {
		t.Errorf("a tree that is behind: %v", r.Faults)
	}
}

// TestOtherKeys makes records anew with the same events and another id of the keys, which is
// in no leaf: a tree or a checkpoint tells, at the last record that it has.
func TestOtherKeys(t *testing.T) {
	d, forged, tree := newDesk(), events.NewMem(), proof.NewTree()
	d.keys = uuid.UUID{9}
	for range 3 {
		d.record(t, 2, 1)
	}
	head := must(tree.Grow(ctx, d.store))
	var sum [32]byte
	for i, data := range d.data {
		h := must((events.Record{Seq: events.Seq(i + 1), Data: data}).Header())
		b := events.NewSealedRecord(h.Seq, h.First, sum, uuid.UUID{8})
		for _, old := range h.Batches {
			var batch []events.Encoded
			for _, e := range old.Events {
				batch = append(batch, events.Encoded{ID: e.ID, Kind: e.Kind, Key: e.Key, Payload: h.Payload(e)})
			}
			if err := b.Add(old.At, old.Recorder, batch); err != nil {
				t.Fatal(err)
			}
		}
		sum = sha256.Sum256(b.Bytes())
		must(forged.Append(ctx, h.Seq-1, b.Bytes()))
	}
	for _, opts := range []*proof.VerifyOptions{{Tree: tree}, {Checkpoints: opened(t, head)}} {
		r := verify(t, forged, opts)
		if r.Head.Root != head.Root {
			t.Error("the root is another")
		}
		if len(r.Faults) != 1 || r.Faults[0].Record != 3 || r.Faults[0].Event != uuid.Nil || !errors.Is(r.Faults[0].Err, proof.ErrForked) {
			t.Errorf("%v", r.Faults)
		}
	}
}

// TestConsistencyAscends signs heads of one tree that tell other numbers of records and
// batches: with more events, both must be greater.
func TestConsistencyAscends(t *testing.T) {
	d, tree := newDesk(), proof.NewTree()
	d.record(t, 1, 1)
	older := must(tree.Grow(ctx, d.store))
	d.record(t, 1)
	newer := must(tree.Grow(ctx, d.store))
	hashes := must(tree.Consistency(signed(t, older), signed(t, newer))).Hashes
	for _, test := range []struct {
		record   events.Seq
		position events.Position
		ok       bool
	}{{2, 3, true}, {2, 2, false}, {1, 3, false}, {3, 3, true}} {
		head := newer
		head.Record, head.Position = test.record, test.position
		p := &proof.Consistency{Older: signed(t, older), Newer: signed(t, head), Hashes: hashes}
		if _, _, err := p.Check(key); (err == nil) != test.ok {
			t.Errorf("record %d and batch %d after 1 and 2: %v", test.record, test.position, err)
		}
	}
}

func sumOf(ns []int) (sum int) {
	for _, n := range ns {
		sum += n
	}
	return sum
}

func TestCut(t *testing.T) {
	d, heads := shaped(t)
	tree := grown(t, d.store)
	for n := range len(d.data) {
		store := storeOf(t, d.data[:n]...)
		for _, opts := range []*proof.VerifyOptions{{Checkpoints: opened(t, heads[len(heads)-1])}, {Tree: tree}} {
			r := verify(t, store, opts)
			if len(r.Faults) != 1 || !errors.Is(r.Faults[0].Err, proof.ErrForked) || r.Head != heads[n] {
				t.Errorf("%d records: %+v", n, r)
			}
		}
	}
}

// fake is a store that gives what it is told to.
type fake struct {
	events.Store
	records []events.Record
	err     error
}

func (f *fake) Scan(context.Context, events.Seq) iter.Seq2[events.Record, error] {
	return func(yield func(events.Record, error) bool) {
		for _, r := range f.records {
			if !yield(r, nil) {
				return
			}
		}
		if f.err != nil {
			yield(events.Record{}, f.err)
		}
	}
}

// TestSeveralFaults wants each reported once, at its place, and the rest of the
// record looked at.
func TestSeveralFaults(t *testing.T) {
	d, heads := shaped(t)
	one := func(seq events.Seq, change func(b []byte)) events.Record {
		data := bytes.Clone(d.data[seq-1])
		if change != nil {
			change(data)
		}
		return events.Record{Seq: seq, Data: data}
	}
	last := must((events.Record{Seq: 11, Data: d.data[10]}).Header())
	payload := last.Batches[0].Events
	store := &fake{records: []events.Record{
		one(1, nil), one(2, nil),
		one(3, func(b []byte) { b[50] ^= 1 }), // damaged
		one(4, nil),                           // fits, as far as can be told
		one(6, nil),                           // 5 is missing
		one(7, nil),                           // whole
		one(8, nil),                           // whole
		one(9, nil),                           // whole
		one(10, nil),                          // whole
		one(11, func(b []byte) { b[payload[1].Offset] ^= 1; b[payload[8].Offset] ^= 1; sealAgain(b) }), // two events
	}}
	r := verify(t, store, &proof.VerifyOptions{Checkpoints: opened(t, heads[2], heads[9])})
	var got []string
	for _, f := range r.Faults {
		if errors.Is(f.Err, proof.ErrForked) {
			t.Errorf("nothing says that it is forked: %v", f)
		}
		got = append(got, fmt.Sprint(f.Record, " ", f.Event))
	}
	none := uuid.Nil.String()
	want := []string{"3 " + none, "5 " + none, "9 " + none, "11 " + payload[1].ID.String(), "11 " + payload[8].ID.String()}
	if !slices.Equal(got, want) || r.Head != heads[2] || r.Last != 11 {
		t.Errorf("%+v\ngot  %v\nwant %v", r, got, want)
	}
}

// TestPositions wants each first position that does not follow, and no more.
func TestPositions(t *testing.T) {
	var sum [32]byte
	var records [][]byte
	for i, first := range []events.Position{1, 2, 7, 8} {
		b := events.NewRecord(events.Seq(i+1), first, sum)
		e := newDesk().event(i)
		if err := b.Add(time.Unix(0, 0), "", []events.Encoded{e}); err != nil {
			t.Fatal(err)
		}
		records, sum = append(records, b.Bytes()), sha256.Sum256(b.Bytes())
	}
	store := storeOf(t, records...)
	if r := verify(t, store, nil); len(r.Faults) != 1 || r.Faults[0].Record != 3 {
		t.Errorf("%v", r.Faults)
	}
	if h, err := proof.NewTree().Grow(ctx, store); !errors.Is(err, events.ErrDamaged) || h.Record != 2 {
		t.Errorf("%+v, %v", h, err)
	}

	b := events.NewRecord(1, 1, [32]byte{1})
	if err := b.Add(time.Unix(0, 0), "", []events.Encoded{newDesk().event(0)}); err != nil {
		t.Fatal(err)
	}
	if r := verify(t, storeOf(t, b.Bytes()), nil); len(r.Faults) != 1 || r.Faults[0].Record != 1 {
		t.Errorf("%v", r.Faults)
	}
}

// TestMixed puts records that are sealed otherwise than the first one, or not, where
// graph.Open would never take them. They are found, and no tree grows over them, whether
// it has just read the record before or not.
func TestMixed(t *testing.T) {
	none, one, other := uuid.UUID{}, uuid.UUID{9}, uuid.UUID{8}
	for _, test := range []struct {
		keys []uuid.UUID
		bad  []events.Seq
	}{
		{[]uuid.UUID{one, none, one, none}, []events.Seq{2, 4}},
		{[]uuid.UUID{none, none, one}, []events.Seq{3}},
		{[]uuid.UUID{one, one, other, one}, []events.Seq{3}},
	} {
		d := newDesk()
		tree := proof.NewTree()
		for i, keys := range test.keys {
			d.keys = keys
			d.record(t, 2)
			if _, err := tree.Grow(ctx, d.store); i+1 < int(test.bad[0]) != (err == nil) || err != nil && !errors.Is(err, events.ErrDamaged) {
				t.Errorf("%v: a tree that grows over record %d: %v", test.keys, i+1, err)
			}
		}
		good := test.bad[0] - 1
		if h := tree.Head(); h.Record != good {
			t.Errorf("%v: the tree is at record %d, want %d", test.keys, h.Record, good)
		}
		if h, err := proof.NewTree().Grow(ctx, d.store); h.Record != good || !errors.Is(err, events.ErrDamaged) {
			t.Errorf("%v: a new tree comes to record %d, want %d: %v", test.keys, h.Record, good, err)
		}
		var found []events.Seq
		for _, f := range verify(t, d.store, nil).Faults {
			if !errors.Is(f.Err, events.ErrDamaged) {
				t.Errorf("%v: %v", test.keys, f)
			}
			found = append(found, f.Record)
		}
		if !slices.Equal(found, test.bad) {
			t.Errorf("%v: faults in %v, want %v", test.keys, found, test.bad)
		}
	}
}

// TestNotTheOneWay wants a payload that can be read, but not as it is written.
func TestNotTheOneWay(t *testing.T) {
	b := events.NewRecord(1, 1, [32]byte{})
	good := newDesk().event(1)
	long := newDesk().event(2)
	long.Payload = append([]byte{long.Payload[0], 0x18, 0x01}, long.Payload[2:]...) // key 1 in two bytes
	if err := b.Add(time.Unix(0, 0), "", []events.Encoded{good, long}); err != nil {
		t.Fatal(err)
	}
	r := verify(t, storeOf(t, b.Bytes()), nil)
	if len(r.Faults) != 1 || r.Faults[0].Event != long.ID || !errors.Is(r.Faults[0].Err, events.ErrDamaged) {
		t.Errorf("%v", r.Faults)
	}
}

func TestVerifyErrors(t *testing.T) {
	d, heads := shaped(t)
	broken := errors.New("broken")
	store := &fake{err: broken, records: []events.Record{{Seq: 1, Data: d.data[0]}, {Seq: 2, Data: d.data[1]}}}
	if r, err := proof.Verify(ctx, store, nil); !errors.Is(err, broken) || r.Head != heads[2] || len(r.Faults) > 0 {
		t.Errorf("%+v, %v", r, err)
	}
	ended, end := context.WithCancel(ctx)
	end()
	if _, err := proof.Verify(ended, d.store, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := proof.NewTree().Grow(ended, d.store); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
