package proof_test

import (
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/proof"
)

// statements returns a batch of n statements like those of a news desk.
func statements(n, from int) *events.Batch {
	b := &events.Batch{Recorder: "desk"}
	for i := range n {
		id := events.Key("statement", fmt.Sprint(from+i))
		b.Events = append(b.Events, events.Event{ID: id, Body: &events.StatementRecorded{Statement: events.Statement{
			Claim: events.Claim{Predicate: "meet", Args: []events.Arg{
				{Role: "who", Value: events.Ref(id), As: "the envoy"}, {Role: "whom", Value: events.Ref(id), As: "the president"}}},
			Voices:   []events.Voice{{Speakers: []events.Party{{Entity: id, As: "a spokesman"}}, Act: events.Assert, Cue: "said", Stance: events.CertainAffirmed()}},
			Source:   id,
			Selector: events.Selector{Start: 10, End: 64, Exact: fmt.Sprintf("They met on Wednesday, he said, and talked about %05d", i)},
			Form:     events.Quote,
			Language: "en",
		}}})
	}
	return b
}

// writer appends records of n statements to a store.
type writer struct {
	store events.Store
	seq   events.Seq
	sum   [sha256.Size]byte
	n     int
}

func (w *writer) write(b testing.TB) {
	batch, err := events.EncodeBatch(statements(w.n, int(w.seq)*w.n))
	if err != nil {
		b.Fatal(err)
	}
	r := events.NewRecord(w.seq+1, events.Position(w.seq+1), w.sum)
	if err := r.Add(time.Unix(int64(w.seq), 0), "desk", batch); err != nil {
		b.Fatal(err)
	}
	data := r.Bytes()
	w.sum = sha256.Sum256(data)
	if w.seq, err = w.store.Append(ctx, w.seq, data); err != nil {
		b.Fatal(err)
	}
}

// written returns a store of records with n statements each.
func written(b testing.TB, records, n int) *events.Mem {
	w := &writer{store: events.NewMem(), n: n}
	for range records {
		w.write(b)
	}
	return w.store.(*events.Mem)
}

// BenchmarkGrow grows a tree over a record in memory, and beside it reads the
// headers and hashes the bytes once, which is what verifying the chain takes, and
// hashes as many blocks as payloads, leaves and nodes have, which no tree of this form
// can do without.
func BenchmarkGrow(b *testing.B) {
	for _, n := range []int{1, 1000} {
		b.Run(fmt.Sprintf("%d", n), func(b *testing.B) {
			const total = 20_000
			store := written(b, total/n, n)
			blocks := 0
			for r, err := range store.Scan(ctx, 0) {
				if err != nil {
					b.Fatal(err)
				}
				h, err := r.Header()
				if err != nil {
					b.Fatal(err)
				}
				for _, e := range h.Batches[0].Events {
					leaf := proof.Leaf{Recorder: h.Batches[0].Recorder}
					for _, size := range []int{e.Length, 1 + len(leaf.Bytes()), 1 + 2*sha256.Size} {
						blocks += (size + 9 + sha256.BlockSize - 1) / sha256.BlockSize
					}
				}
			}
			all := make([]byte, blocks*sha256.BlockSize)
			var ours, theirs, least time.Duration
			for b.Loop() {
				t := time.Now()
				_ = sha256.Sum256(all)
				least += time.Since(t)
				t = time.Now()
				if _, err := proof.NewTree().Grow(ctx, store); err != nil {
					b.Fatal(err)
				}
				ours += time.Since(t)
				t = time.Now()
				for r, err := range store.Scan(ctx, 0) {
					if err != nil {
						b.Fatal(err)
					}
					if _, err := r.Header(); err != nil {
						b.Fatal(err)
					}
					_ = sha256.Sum256(r.Data)
				}
				theirs += time.Since(t)
			}
			b.ReportMetric(float64(ours.Nanoseconds())/float64(b.N*total), "ns/event")
			b.ReportMetric(float64(theirs.Nanoseconds())/float64(b.N*total), "chain-ns/event")
			b.ReportMetric(float64(least.Nanoseconds())/float64(b.N*total), "blocks-ns/event")
			b.ReportMetric(float64(ours)/float64(theirs), "ratio")
		})
	}
}

// BenchmarkVerify is beside the reading of all events.
func BenchmarkVerify(b *testing.B) {
	const total = 20_000
	store := written(b, total/1000, 1000)
	var ours, theirs time.Duration
	for b.Loop() {
		t := time.Now()
		if r, err := proof.Verify(ctx, store, nil); err != nil || len(r.Faults) > 0 {
			b.Fatal(r, err)
		}
		ours += time.Since(t)
		t = time.Now()
		for r, err := range store.Scan(ctx, 0) {
			if err != nil {
				b.Fatal(err)
			}
			h, err := r.Header()
			if err != nil {
				b.Fatal(err)
			}
			for _, err := range h.Events() {
				if err != nil {
					b.Fatal(err)
				}
			}
		}
		theirs += time.Since(t)
	}
	b.ReportMetric(float64(ours.Nanoseconds())/float64(b.N*total), "ns/event")
	b.ReportMetric(float64(ours)/float64(theirs), "ratio")
}

// BenchmarkProof makes and checks proofs over 100,000 events in records of 100.
func BenchmarkProof(b *testing.B) {
	store := written(b, 1000, 100)
	dir := b.TempDir()
	tree, err := proof.OpenTree(dir)
	if err != nil {
		b.Fatal(err)
	}
	defer tree.Close()
	if _, err := tree.Grow(ctx, store); err != nil {
		b.Fatal(err)
	}
	msg, err := proof.Sign(tree.Head(), signer)
	if err != nil {
		b.Fatal(err)
	}
	e := struct {
		position events.Position
		n        int
	}{500, 499*100 + 42}
	id := events.Key("statement", fmt.Sprint(e.n))
	p, err := tree.Inclusion(ctx, store, msg, e.position, id)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("make", func(b *testing.B) {
		for b.Loop() {
			if _, err := tree.Inclusion(ctx, store, msg, e.position, id); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(len(p.Bytes())), "bytes")
	})
	data := p.Bytes()
	b.Run("check", func(b *testing.B) {
		for b.Loop() {
			p, err := proof.ParseInclusion(data)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := p.Check(key); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("sign", func(b *testing.B) {
		for b.Loop() {
			if _, err := proof.Sign(tree.Head(), signer); err != nil {
				b.Fatal(err)
			}
		}
	})
}
