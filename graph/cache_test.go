package graph

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// counting is a Mem that counts what is read, and flips a bit of it.
type counting struct {
	*events.Mem
	reads, parts, bytes atomic.Int64
	seq                 events.Seq
	flip                int // the byte of record seq that is damaged; -1: none
}

func (s *counting) ReadPart(ctx context.Context, seq events.Seq, from, to int) ([]byte, error) {
	s.parts.Add(1)
	return s.read(ctx, seq, from, to)
}

func (s *counting) Read(ctx context.Context, seq events.Seq) ([]byte, error) {
	s.reads.Add(1)
	data, err := s.Mem.Read(ctx, seq)
	if err != nil {
		return nil, err
	}
	return s.read(ctx, seq, 0, len(data))
}

func (s *counting) read(ctx context.Context, seq events.Seq, from, to int) ([]byte, error) {
	data, err := s.Mem.ReadPart(ctx, seq, from, to)
	s.bytes.Add(int64(len(data)))
	if at := s.flip - from; seq == s.seq && s.flip >= 0 && 0 <= at && at < len(data) {
		data[at] ^= 4
	}
	return data, err
}

func cacheKey(parts ...any) uuid.UUID { return events.Key(strings.Fields(fmt.Sprint(parts...))...) }

// cacheGraph opens a graph of records of so many entities each.
func cacheGraph(tb testing.TB, limit, records, size int) (*counting, *Graph) {
	tb.Helper()
	s := &counting{Mem: events.NewMem(), flip: -1}
	g, err := Open(tb.Context(), s, &Options{CacheSize: limit})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { g.Close() })
	for r := range records {
		if _, err := g.Record(tb.Context(), cacheBatch(r, size)); err != nil {
			tb.Fatal(err)
		}
	}
	return s, g
}

func cacheBatch(r, size int) *events.Batch {
	b := &events.Batch{Recorder: "archive"}
	for i := range size {
		b.Events = append(b.Events, events.Event{ID: cacheKey("event", r, i), Body: cacheBody(r, i)})
	}
	return b
}

func cacheBody(r, i int) events.Body {
	return &events.EntityRegistered{Entity: events.Entity{
		ID: cacheKey("entity", r, i), Kind: events.Person, Name: events.Name{Text: fmt.Sprint(r, ".", i)},
	}}
}

// What has been read once is read again without the rest of its record, unless more of
// it is asked for, and a cache keeps no more than it may.
func TestCacheParts(t *testing.T) {
	const records, size = 40, 200
	s, g := cacheGraph(t, 100_000, records, size)
	random := rand.New(rand.NewPCG(1, 2))
	read := func(r, i int) {
		t.Helper()
		e, err := g.View(nil).Event(t.Context(), cacheKey("event", r, i))
		if err != nil {
			t.Fatal(err)
		}
		if want := cacheBody(r, i); !reflect.DeepEqual(e.Body, want) || e.Position != events.Position(r+1) || e.Recorder != "archive" || e.At.IsZero() {
			t.Fatalf("read %+v with %+v, want %+v", e, e.Body, want)
		}
		sum := 0
		for _, at := range g.cache.entries {
			sum += at.Value.(*cached).size
		}
		if c := &g.cache; c.size != sum || c.size > c.limit || c.outlined > c.limit/4 || len(c.entries) != c.whole.Len()+c.outlines.Len() {
			t.Fatalf("%d of %d bytes are kept, %d of outlines, %d are counted", sum, c.limit, c.outlined, c.size)
		}
	}
	for r := range records {
		read(r, 0)
	}
	if n := s.reads.Load(); n != records {
		t.Errorf("%d records were read, want %d", n, records)
	}
	for range 5000 {
		read(random.IntN(records), random.IntN(size))
	}
	known := len(g.cache.entries)
	if known < 10 || known == records {
		t.Fatalf("%d of %d records are known, want some", known, records)
	}

	_, g = cacheGraph(t, 10_000, 4, size)
	s = g.store.(*counting)
	g.cache.limit = 24_000 // a record, and the outlines of the others
	for r := range 4 {
		read(r, 0)
	}
	s.bytes.Store(0)
	for i := range 2 {
		read(0, i)
		read(1, i)
	}
	if n := s.bytes.Load(); n == 0 || n > 400 {
		t.Errorf("%d bytes were read of four events", n)
	}
	s.reads.Store(0)
	for i := range size {
		read(2, i)
	}
	if n := s.reads.Load(); n != 1 {
		t.Errorf("the record was read %d times for all of its events, want once", n)
	}
}

// A bit that is flipped after a record has been read is noticed when what it is in is
// read again, be it a part or all of it.
func TestCacheDamage(t *testing.T) {
	const size = 20
	s, g := cacheGraph(t, 1, 2, size)
	data, err := s.Mem.Read(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	h, err := events.Record{Seq: 1, Data: data}.Header()
	if err != nil {
		t.Fatal(err)
	}
	s.seq = 1
	for flip := -1; flip < len(data); flip++ {
		for _, i := range []int{0, size / 2, size - 1} {
			head := h.Batches[0].Events[i]
			s.flip, g.cache = -1, cache{limit: len(data) + 900} // one record, and the outline of the other
			for _, r := range []int{0, 1} {                     // the first is known by its outline then
				if _, err := g.View(nil).Event(t.Context(), cacheKey("event", r, i)); err != nil {
					t.Fatal(err)
				}
			}
			if e := g.cache.entries[1].Value.(*cached); e.whole() {
				t.Fatal("the record is in the cache")
			}
			s.flip, g.cache.part = flip, 0
			e, err := g.View(nil).Event(t.Context(), cacheKey("event", 0, i))
			switch hit := head.Offset <= flip && flip < head.Offset+head.Length; {
			case hit && (!errors.Is(err, events.ErrDamaged) || !strings.Contains(err.Error(), "record 1")):
				t.Fatalf("byte %d of the event is damaged: %v, %v", flip, e, err)
			case !hit && err != nil:
				t.Fatalf("byte %d, not of the event, is damaged: %v", flip, err)
			}
			s.flip, g.cache.part, g.cache.parts = flip, 1, inARow
			if _, err := g.View(nil).Event(t.Context(), cacheKey("event", 0, i)); flip >= 0 && !errors.Is(err, events.ErrDamaged) {
				t.Fatalf("byte %d of the record is damaged: %v", flip, err)
			}
		}
	}
}

// What is in the place of a record that has been folded is not taken for it, whether
// nothing is known of that one or its outline.
func TestCacheOtherRecord(t *testing.T) {
	const size = 20
	ours, theirs := cacheBatch(0, size).Events, cacheBatch(1, size).Events
	for _, c := range []struct {
		name    string
		first   events.Position // of the other record, as are the batches
		batches [][]events.Event
	}{
		{"other events", 1, [][]events.Event{theirs}},
		{"a later position", 2, [][]events.Event{ours}},
		{"the next record too", 1, [][]events.Event{ours, theirs}},
		{"the same and others", 1, [][]events.Event{append(ours[:size/2:size/2], theirs[size/2:]...)}},
		{"another order", 1, [][]events.Event{append(ours[1:size:size], ours[0])}},
		{"fewer events", 1, [][]events.Event{ours[:size-1]}},
		{"more events", 1, [][]events.Event{append(ours[:size:size], theirs...)}},
		{"two batches", 1, [][]events.Event{ours[:1], ours[1:]}},
		{"another kind", 1, [][]events.Event{append(ours[:size-1:size-1], events.Event{
			ID: ours[size-1].ID, Body: &events.SourceAdded{Source: events.Source{ID: cacheKey("entity", 0, size-1)}},
		})}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := events.NewRecord(1, c.first, [32]byte{})
			for _, es := range c.batches {
				var batch []events.Encoded
				for _, e := range es {
					payload, err := events.EncodeBody(e.Body)
					if err != nil {
						t.Fatal(err)
					}
					batch = append(batch, events.Encoded{ID: e.ID, Kind: e.Kind(), Payload: payload})
				}
				if err := b.Add(time.Unix(1, 0), "archive", batch); err != nil {
					t.Fatal(err)
				}
			}
			other := events.NewMem()
			if _, err := other.Append(t.Context(), 0, b.Bytes()); err != nil {
				t.Fatal(err)
			}
			s, g := cacheGraph(t, 1, 2, size)
			own := s.Mem
			for i := range size {
				for _, known := range []bool{false, true} {
					s.Mem, g.cache = own, cache{limit: 2500} // one record, and the outline of the other
					for r := 0; known && r < 2; r++ {
						if _, err := g.View(nil).Event(t.Context(), cacheKey("event", r, i)); err != nil {
							t.Fatal(err)
						}
					}
					if known != (g.cache.outlines.Len() == 1) {
						t.Fatalf("%d outlines are known", g.cache.outlines.Len())
					}
					s.Mem = other
					for range inARow + 1 {
						e, err := g.View(nil).Event(t.Context(), cacheKey("event", 0, i))
						part := known && g.cache.parts <= inARow && err == nil
						if part && reflect.DeepEqual(e.Body, cacheBody(0, i)) {
							continue // the bytes are what they were
						}
						if !errors.Is(err, events.ErrDamaged) || !strings.Contains(err.Error(), "record 1") {
							t.Fatalf("event %d, its outline known: %v: %+v, %v", i, known, e, err)
						}
					}
				}
			}
		})
	}
}

// Nor is it in an erasable record, though what is there opens with the same keys; and no key
// of it is destroyed for an event that is to be erased.
func TestCacheOtherSealedRecord(t *testing.T) {
	const size = 20
	ctx := t.Context()
	keys := events.NewMemKeys()
	record := func(batches ...*events.Batch) (*counting, *Graph) {
		s := &counting{Mem: events.NewMem(), flip: -1}
		g, err := Open(ctx, s, &Options{CacheSize: 1, Keys: keys})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { g.Close() })
		for _, b := range batches {
			named := g.NewBatch(ctx, b.Recorder)
			for i := range b.Events {
				registered := *b.Events[i].Body.(*events.EntityRegistered)
				registered.Entity.ID = g.Key(registered.Entity.ID.String())
				named.Add(&registered)
			}
			b, err := named.Batch()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := g.Record(ctx, b); err != nil {
				t.Fatal(err)
			}
		}
		return s, g
	}
	s, g := record(cacheBatch(0, size), cacheBatch(1, size))
	other, _ := record(cacheBatch(2, size))
	m := g.seen.Load()
	for n := uint32(1); n <= size; n++ {
		id := *m.c.events.id.at(n)
		for range 2 {
			if e, err := g.View(nil).Event(ctx, id); err != nil || e.ID != id {
				t.Fatalf("event %v: %+v, %v", id, e, err)
			}
			if _, err := g.View(nil).Event(ctx, *m.c.events.id.at(size + n)); err != nil { // and the cache has no other record
				t.Fatal(err)
			}
		}
		own := s.Mem
		s.Mem = other.Mem
		if e, err := g.View(nil).Event(ctx, id); !errors.Is(err, events.ErrDamaged) || !strings.Contains(err.Error(), "another is in the place") {
			t.Fatalf("event %v of another record: %+v, %v", id, e, err)
		}
		if _, _, err := g.find(ctx, n); !errors.Is(err, events.ErrDamaged) {
			t.Fatalf("the key of event %v is that of another record: %v", id, err)
		}
		s.Mem = own
	}
}

// A cache takes about what its size says, also of records of small events and of one.
func TestCacheMemory(t *testing.T) {
	for _, c := range []struct{ limit, records, size int }{{4 << 20, 100, 1000}, {1 << 20, 6000, 1}} {
		_, g := cacheGraph(t, c.limit, c.records, c.size)
		heap := func() int64 {
			runtime.GC()
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			return int64(m.HeapAlloc)
		}
		before := heap()
		for r := range c.records {
			if _, err := g.View(nil).Event(t.Context(), cacheKey("event", r, 0)); err != nil {
				t.Fatal(err)
			}
		}
		if took := heap() - before; took > int64(c.limit)*5/4 || took < int64(c.limit)/2 {
			t.Errorf("of records of %d events the cache takes %d bytes, want about %d", c.size, took, c.limit)
		}
		runtime.KeepAlive(g)
	}
}

// Of a store that reads no parts no outline is kept.
func TestCacheWhole(t *testing.T) {
	_, g := cacheGraph(t, 10_000, 20, 20)
	g.store = struct {
		events.Store
		events.Reader
	}{g.store, g.store.(events.Reader)}
	for i := range 200 {
		e, err := g.View(nil).Event(t.Context(), cacheKey("event", i%20, i/10))
		if err != nil {
			t.Fatal(err)
		}
		if want := cacheBody(i%20, i/10); !reflect.DeepEqual(e.Body, want) {
			t.Fatalf("read %+v, want %+v", e.Body, want)
		}
	}
	if c := &g.cache; c.outlines.Len() != 0 || c.outlined != 0 || len(c.entries) != c.whole.Len() || c.whole.Len() < 2 {
		t.Errorf("%d records are kept and %d outlines", c.whole.Len(), c.outlines.Len())
	}
}

// A cache of a negative size keeps one record.
func TestCacheNegative(t *testing.T) {
	_, g := cacheGraph(t, -100, 3, 2)
	for r := range 3 {
		if _, err := g.View(nil).Event(t.Context(), cacheKey("event", r, 0)); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(g.cache.entries); n != 1 {
		t.Errorf("%d records are known, want 1", n)
	}
}

// BenchmarkCacheMiss reads events of records of 1,000 that are in the cache, and of ones
// that are not: of which the outline is known, and nothing.
func BenchmarkCacheMiss(b *testing.B) {
	for _, c := range []struct {
		name  string
		limit int
	}{{"hit", 1 << 30}, {"outline", 2 << 20}, {"miss", 1}} {
		b.Run(c.name, func(b *testing.B) {
			_, g := cacheGraph(b, c.limit, 50, 1000)
			random := rand.New(rand.NewPCG(1, 2))
			for r := range 50 {
				if _, err := g.plain(b.Context(), uint32(1+1000*r)); err != nil {
					b.Fatal(err)
				}
			}
			for b.Loop() {
				if _, err := g.plain(b.Context(), uint32(1+random.IntN(50_000))); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Whether an event has been revised is not read from the store: who records next would
// wait for that.
func TestReceiptReadsNothing(t *testing.T) {
	s, g := cacheGraph(t, 1, 0, 0)
	title := func(title string) (b *events.Batch) {
		b = &events.Batch{Recorder: "archive"}
		for i := range 100 {
			source := events.Source{ID: cacheKey("source", i), URL: fmt.Sprint("u", i), Title: title}
			b.Events = append(b.Events, events.Event{ID: cacheKey(title, i), Body: &events.SourceAdded{Source: source}})
		}
		return b
	}
	records := func(b *events.Batch, revised int) (reads int64) {
		t.Helper()
		before := s.reads.Load() + s.parts.Load()
		if r, err := g.Record(t.Context(), b); err != nil || len(r.Revised) != revised {
			t.Errorf("%v, %v, want %d revised", r, err, revised)
		}
		return s.reads.Load() + s.parts.Load() - before
	}
	one, two := title("One"), title("Two")
	records(one, 0)
	want := records(one, 0)
	records(two, 0)
	if n := records(one, 100); n > want {
		t.Errorf("%d reads of the store with events that are revised, %d with the same before", n, want)
	}
}
