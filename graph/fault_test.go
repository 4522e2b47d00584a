package graph_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"iter"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// faulty is a Mem whose Append and Scan may be replaced.
type faulty struct {
	*events.Mem
	mu     sync.Mutex
	append func(ctx context.Context, after events.Seq, record []byte) (events.Seq, error)
	scan   func(ctx context.Context, after events.Seq) iter.Seq2[events.Record, error]
}

// fail replaces the methods; nil gives Mem's back.
func (f *faulty) fail(
	append func(ctx context.Context, after events.Seq, record []byte) (events.Seq, error),
	scan func(ctx context.Context, after events.Seq) iter.Seq2[events.Record, error],
) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.append, f.scan = append, scan
}

func (f *faulty) Append(ctx context.Context, after events.Seq, record []byte) (events.Seq, error) {
	f.mu.Lock()
	do := f.append
	f.mu.Unlock()
	if do == nil {
		do = f.Mem.Append
	}
	return do(ctx, after, record)
}

func (f *faulty) Scan(ctx context.Context, after events.Seq) iter.Seq2[events.Record, error] {
	f.mu.Lock()
	do := f.scan
	f.mu.Unlock()
	if do == nil {
		do = f.Mem.Scan
	}
	return do(ctx, after)
}

var errDisk = errors.New("the disk is gone")

func noScan(context.Context, events.Seq) iter.Seq2[events.Record, error] {
	return func(yield func(events.Record, error) bool) { yield(events.Record{}, errDisk) }
}

// openCast opens a graph on a faulty store, with a cast.
func openCast(t *testing.T) (*faulty, *graph.Graph, *cast) {
	t.Helper()
	s := &faulty{Mem: events.NewMem()}
	g := open(t, s)
	c := newCast(1)
	if _, err := g.Record(ctx, c.registration); err != nil {
		t.Fatal(err)
	}
	return s, g, c
}

// wantKeys fails unless the view shows these keys whole, and no others.
func wantKeys(t *testing.T, g *graph.Graph, want ...string) {
	t.Helper()
	got := map[string]int{}
	for s := range g.View(nil).Statements(graph.Pattern{}) {
		got[s.Predicate()]++
	}
	for _, k := range want {
		if got[k] != keyed {
			t.Errorf("%d of %d statements of %q are shown", got[k], keyed, k)
		}
	}
	if len(got) != len(want) {
		t.Errorf("the view shows %v, want %v", got, want)
	}
}

func records(t *testing.T, s events.Store) (all []events.Record) {
	t.Helper()
	for r, err := range s.Scan(ctx, 0) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

// lost stores the record and loses the acknowledgement.
func (f *faulty) lost(ctx context.Context, after events.Seq, record []byte) (events.Seq, error) {
	if _, err := f.Mem.Append(ctx, after, record); err != nil {
		return 0, err
	}
	return 0, errDisk
}

// Where the store has the record but says it failed, Record finds it there.
func TestLostAcknowledgement(t *testing.T) {
	s, g, c := openCast(t)
	s.fail(s.lost, nil)
	b := batchOf(c.statements("lost", c.who[0])...)
	r, err := g.Record(ctx, b)
	if err != nil || !reflect.DeepEqual(r, graph.Receipt{Position: 2, New: keyed}) {
		t.Fatalf("Record: %+v, %v", r, err)
	}
	wantKeys(t, g, "lost")
	s.fail(nil, nil)
	if r, err := g.Record(ctx, b); err != nil || r.New != 0 || r.Position != 2 {
		t.Errorf("again: %+v, %v", r, err)
	}
	if n := len(records(t, s)); n != 2 {
		t.Errorf("%d records are stored, want 2", n)
	}
	wantKeys(t, open(t, s), "lost")
}

// With many writers and every third acknowledgement lost, every third other
// append failing for good, each batch is recorded once, and those that fail can
// be repeated.
func TestFailuresUnderLoad(t *testing.T) {
	const writers, rounds = 8, 10
	s, g, c := openCast(t)
	var mu sync.Mutex
	n := 0
	s.fail(func(ctx context.Context, after events.Seq, record []byte) (events.Seq, error) {
		mu.Lock()
		n++
		n := n
		mu.Unlock()
		switch n % 3 {
		case 0:
			return s.lost(ctx, after, record)
		case 1:
			return 0, errDisk
		}
		return s.Mem.Append(ctx, after, record)
	}, nil)
	var wg sync.WaitGroup
	var keys []string
	for w := range writers {
		for i := range rounds {
			keys = append(keys, fmt.Sprint(w, " ", i))
		}
		wg.Go(func() {
			for i := range rounds {
				b := batchOf(c.statements(fmt.Sprint(w, " ", i), c.who[0])...)
				for {
					r, err := g.Record(ctx, b)
					if err == nil {
						if v := g.View(nil); r.Position > v.Position() {
							t.Errorf("acknowledged at %d, views are at %d", r.Position, v.Position())
						}
						break
					}
					if !errors.Is(err, graph.ErrUnknownOutcome) {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	wg.Wait()
	s.fail(nil, nil)
	wantKeys(t, g, keys...)
	wantKeys(t, open(t, s), keys...)
}

// Where the store failed and holds nothing, nothing is seen, and repeating the
// batch records it.
func TestAppendFails(t *testing.T) {
	s, g, c := openCast(t)
	s.fail(func(context.Context, events.Seq, []byte) (events.Seq, error) { return 0, errDisk }, nil)
	b := batchOf(c.statements("failed", c.who[0])...)
	for range 3 {
		r, err := g.Record(ctx, b)
		if !errors.Is(err, graph.ErrUnknownOutcome) || !errors.Is(err, errDisk) || !reflect.DeepEqual(r, graph.Receipt{}) {
			t.Fatalf("Record: %+v, %v", r, err)
		}
		wantKeys(t, g)
	}
	s.fail(nil, nil)
	if r, err := g.Record(ctx, batchOf(c.statements("next", c.who[0])...)); err != nil || r.Position != 2 {
		t.Fatalf("the next batch: %+v, %v", r, err)
	}
	if r, err := g.Record(ctx, b); err != nil || r.New != keyed || r.Position != 3 {
		t.Fatalf("again: %+v, %v", r, err)
	}
	wantKeys(t, g, "failed", "next")
}

// Where the store says that it has stored nothing, the outcome is known, and nobody is told
// to record it again.
func TestAppendIsRefused(t *testing.T) {
	s, g, c := openCast(t)
	b := batchOf(c.statements("refused", c.who[0])...)
	for _, refused := range []error{fs.ErrPermission, events.ErrRecordSize} {
		s.fail(func(context.Context, events.Seq, []byte) (events.Seq, error) {
			return 0, fmt.Errorf("append: %w", refused)
		}, nil)
		if r, err := g.Record(ctx, b); !errors.Is(err, refused) || errors.Is(err, graph.ErrUnknownOutcome) || r.New != 0 {
			t.Errorf("Record: %+v, %v", r, err)
		}
		wantKeys(t, g)
	}
	s.fail(s.lost, nil)
	if r, err := g.Record(ctx, b); err != nil || r.New != keyed {
		t.Errorf("when it may be written again: %+v, %v", r, err)
	}
}

// Where it cannot be found out, the outcome is unknown until the store can be
// read again; then repeating the batch finds it recorded.
func TestOutcomeUnknown(t *testing.T) {
	s, g, c := openCast(t)
	s.fail(s.lost, noScan)
	b := batchOf(c.statements("lost", c.who[0])...)
	if _, err := g.Record(ctx, b); !errors.Is(err, graph.ErrUnknownOutcome) {
		t.Fatal(err)
	}
	wantKeys(t, g)
	s.fail(nil, noScan)
	if _, err := g.Record(ctx, b); !errors.Is(err, errDisk) {
		t.Fatalf("while the store cannot be read: %v", err)
	}
	s.fail(nil, nil)
	if r, err := g.Record(ctx, batchOf(c.statements("next", c.who[0])...)); err != nil || r.Position != 3 {
		t.Fatalf("the next batch: %+v, %v", r, err)
	}
	if r, err := g.Record(ctx, b); err != nil || r.New != 0 {
		t.Fatalf("again: %+v, %v", r, err)
	}
	wantKeys(t, g, "lost", "next")
	if n := len(records(t, s)); n != 3 {
		t.Errorf("%d records are stored, want 3", n)
	}
}

// Where the store failed and has another's record in the place, Record does not take it
// for its own.
func TestOutcomeOfAnother(t *testing.T) {
	s, g, c := openCast(t)
	other := open(t, s.Mem)
	s.fail(func(context.Context, events.Seq, []byte) (events.Seq, error) {
		if _, err := other.Record(ctx, batchOf(c.statements("other", c.who[0])...)); err != nil {
			t.Error(err)
		}
		return 0, errDisk
	}, nil)
	b := batchOf(c.statements("mine", c.who[0])...)
	if r, err := g.Record(ctx, b); !errors.Is(err, graph.ErrUnknownOutcome) || !reflect.DeepEqual(r, graph.Receipt{}) {
		t.Fatalf("Record: %+v, %v", r, err)
	}
	wantKeys(t, g, "other")
	s.fail(nil, nil)
	if r, err := g.Record(ctx, b); err != nil || !reflect.DeepEqual(r, graph.Receipt{Position: 3, New: keyed}) {
		t.Fatalf("again: %+v, %v", r, err)
	}
	wantKeys(t, g, "other", "mine")
}

// However often another process is first, the batch gets its turn, and what the
// others recorded is seen.
func TestConflicts(t *testing.T) {
	s, g, c := openCast(t)
	other := open(t, s.Mem)
	var want []string
	s.fail(func(ctx context.Context, after events.Seq, record []byte) (events.Seq, error) {
		if len(want) < 20 {
			key := fmt.Sprint("other ", len(want))
			want = append(want, key)
			if _, err := other.Record(ctx, batchOf(c.statements(key, c.who[0])...)); err != nil {
				t.Error(err)
			}
		}
		return s.Mem.Append(ctx, after, record)
	}, nil)
	r, err := g.Record(ctx, batchOf(c.statements("mine", c.who[0])...))
	if err != nil || r.Position != 22 {
		t.Fatalf("%+v, %v", r, err)
	}
	wantKeys(t, g, append(want, "mine")...)

	// What another process recorded meanwhile settles the batch.
	s.fail(func(ctx context.Context, after events.Seq, record []byte) (events.Seq, error) {
		if _, err := other.Record(ctx, batchOf(c.statements("both", c.who[0])...)); err != nil {
			t.Error(err)
		}
		return s.Mem.Append(ctx, after, record)
	}, nil)
	if r, err := g.Record(ctx, batchOf(c.statements("both", c.who[0])...)); err != nil || r.New != 0 || r.Position != 23 {
		t.Fatalf("%+v, %v", r, err)
	}
}

// A context that ends while others are always first ends the attempts.
func TestCancelledAmongConflicts(t *testing.T) {
	s, g, c := openCast(t)
	other := open(t, s.Mem)
	ctx, cancel := context.WithCancel(ctx)
	n := 0
	s.fail(func(c2 context.Context, after events.Seq, record []byte) (events.Seq, error) {
		if n++; n == 5 {
			cancel()
		}
		if _, err := other.Record(c2, batchOf(c.statements(fmt.Sprint(n), c.who[0])...)); err != nil {
			t.Error(err)
		}
		return s.Mem.Append(c2, after, record)
	}, nil)
	if _, err := g.Record(ctx, batchOf(c.statements("mine", c.who[0])...)); !errors.Is(err, context.Canceled) {
		t.Errorf("Record: %v", err)
	}
	wantKeys(t, g, "1", "2", "3", "4", "5")
}

// If the context ends before a batch's turn, it is not recorded. While the store
// appends, readers read.
func TestCancelledBeforeItsTurn(t *testing.T) {
	s, g, c := openCast(t)
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := g.Record(ended, batchOf(c.statements("late", c.who[0])...)); !errors.Is(err, context.Canceled) {
		t.Errorf("Record with a context that has ended: %v", err)
	}
	s.fail(func(ctx context.Context, after events.Seq, record []byte) (events.Seq, error) {
		wantKeys(t, g)
		waiting, cancel := context.WithCancel(ctx)
		done := make(chan error)
		go func() {
			_, err := g.Record(waiting, batchOf(c.statements("late", c.who[0])...))
			done <- err
		}()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Record behind another: %v", err)
		}
		return s.Mem.Append(ctx, after, record)
	}, nil)
	if _, err := g.Record(ctx, batchOf(c.statements("first", c.who[0])...)); err != nil {
		t.Fatal(err)
	}
	wantKeys(t, g, "first")
}

// Close lets the batch that is being recorded end and refuses those behind it, and
// nothing is taken in after it.
func TestClose(t *testing.T) {
	s, g, c := openCast(t)
	v := g.View(nil)
	closed := make(chan error)
	s.fail(func(ctx context.Context, after events.Seq, record []byte) (events.Seq, error) {
		go func() { closed <- g.Close() }()
		// Nobody takes this one; it waits until Close has begun.
		if _, err := g.Record(ctx, batchOf(c.statements("late", c.who[0])...)); !errors.Is(err, graph.ErrClosed) {
			t.Errorf("Record: %v", err)
		}
		return s.Mem.Append(ctx, after, record)
	}, nil)
	if _, err := g.Record(ctx, batchOf(c.statements("first", c.who[0])...)); err != nil {
		t.Errorf("the batch under way: %v", err)
	}
	if err := <-closed; err != nil {
		t.Errorf("Close: %v", err)
	}
	wantKeys(t, g, "first")
	if v.Position() != 1 {
		t.Errorf("the view has moved to %d", v.Position())
	}
	if err := g.Close(); !errors.Is(err, graph.ErrClosed) {
		t.Errorf("the second Close: %v", err)
	}
	if _, err := g.Record(ctx, batchOf(c.statements("late", c.who[0])...)); !errors.Is(err, graph.ErrClosed) {
		t.Errorf("Record: %v", err)
	}
	if _, err := open(t, s.Mem).Record(ctx, batchOf(c.statements("elsewhere", c.who[0])...)); err != nil {
		t.Fatal(err)
	}
	if err := g.Refresh(ctx); !errors.Is(err, graph.ErrClosed) {
		t.Errorf("Refresh: %v", err)
	}
	wantKeys(t, g, "first")
}

// A store that cannot be read on is told from one whose bytes are wrong, and
// what could be read is not lost.
func TestScanFails(t *testing.T) {
	s, g, c := openCast(t)
	other := open(t, s.Mem)
	if _, err := other.Record(ctx, batchOf(c.statements("one", c.who[0])...)); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Record(ctx, batchOf(c.statements("two", c.who[0])...)); err != nil {
		t.Fatal(err)
	}
	s.fail(nil, func(ctx context.Context, after events.Seq) iter.Seq2[events.Record, error] {
		return func(yield func(events.Record, error) bool) {
			for r, err := range s.Mem.Scan(ctx, after) {
				if r.Seq == 3 {
					r, err = events.Record{}, errDisk
				}
				if !yield(r, err) || err != nil {
					return
				}
			}
		}
	})
	if _, err := graph.Open(ctx, s, nil); !errors.Is(err, errDisk) || errors.Is(err, events.ErrDamaged) {
		t.Errorf("Open: %v", err)
	}
	if err := g.Refresh(ctx); !errors.Is(err, errDisk) || errors.Is(err, events.ErrDamaged) {
		t.Errorf("Refresh: %v", err)
	}
	wantKeys(t, g, "one")
	s.fail(nil, nil)
	if err := g.Refresh(ctx); err != nil {
		t.Error(err)
	}
	wantKeys(t, g, "one", "two")
	if err := func() error {
		ended, cancel := context.WithCancel(ctx)
		cancel()
		return g.Refresh(ended)
	}(); !errors.Is(err, context.Canceled) {
		t.Errorf("Refresh with a context that has ended: %v", err)
	}
}

// memOf returns a store with these records.
func memOf(t *testing.T, data ...[]byte) *events.Mem {
	t.Helper()
	m := events.NewMem()
	for i, d := range data {
		if _, err := m.Append(ctx, events.Seq(i), d); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// Every flipped bit, every cut, and every record out of its place is found.
func TestDamage(t *testing.T) {
	s, g, c := openCast(t)
	for _, key := range []string{"one", "two"} {
		if _, err := g.Record(ctx, batchOf(c.statements(key, c.who[0])...)); err != nil {
			t.Fatal(err)
		}
	}
	var good [][]byte
	for _, r := range records(t, s) {
		good = append(good, r.Data)
	}
	damaged := func(what string, data ...[]byte) {
		t.Helper()
		if g, err := graph.Open(ctx, memOf(t, data...), nil); !errors.Is(err, events.ErrDamaged) {
			t.Errorf("%s: Open: %v", what, err)
			if err == nil {
				g.Close()
			}
		}
	}
	for i := range good[1] {
		bad := bytes.Clone(good[1])
		bad[i] ^= 1 << (i % 8)
		damaged(fmt.Sprintf("bit %d of byte %d", i%8, i), good[0], bad, good[2])
		if i > 0 {
			damaged(fmt.Sprintf("cut at %d", i), good[0], good[1][:i])
		}
	}
	damaged("swapped", good[0], good[2], good[1])
	damaged("twice", good[0], good[1], good[1])
	damaged("left out", good[0], good[2])
	damaged("not the first", good[1], good[2])

	// Records that are right in themselves, but not the ones that follow.
	foreign := func(seq events.Seq, first events.Position, previous [32]byte) []byte {
		b := events.NewRecord(seq, first, previous)
		body := &events.EntityRegistered{Entity: events.Entity{ID: events.Key("x"), Kind: events.Person, Name: events.Name{Text: "X"}}}
		p, err := events.EncodeBody(body)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Add(time.Unix(0, 0), "desk", []events.Encoded{{ID: events.Key("y"), Kind: body.Kind(), Payload: p}}); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	h, err := events.Record{Seq: 3, Data: good[2]}.Header()
	if err != nil {
		t.Fatal(err)
	}
	damaged("another record before", good[0], good[1], foreign(3, 3, [32]byte{1}))
	damaged("another first batch", good[0], good[1], foreign(3, 4, h.Previous))
	if g, err := graph.Open(ctx, memOf(t, good[0], good[1], foreign(3, 3, h.Previous)), nil); err != nil {
		t.Errorf("a record that follows: %v", err)
	} else {
		g.Close()
	}

	// In a graph that is open, what was read before stays.
	if _, err := s.Mem.Append(ctx, 3, foreign(4, 4, [32]byte{1})); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := g.Refresh(ctx); !errors.Is(err, events.ErrDamaged) {
			t.Errorf("Refresh: %v", err)
		}
	}
	if _, err := g.Record(ctx, batchOf(c.statements("three", c.who[0])...)); !errors.Is(err, events.ErrDamaged) {
		t.Errorf("Record: %v", err)
	}
	wantKeys(t, g, "one", "two")
}

// A record of a later version is no damage: it is said to be a newer release's.
func TestLaterVersion(t *testing.T) {
	s, g, _ := openCast(t)
	later := []byte{0xa1, 1, 3} // a header whose version is 3
	later = binary.BigEndian.AppendUint32(later, crc32.Checksum(later, crc32.MakeTable(crc32.Castagnoli)))
	if _, err := s.Mem.Append(ctx, 1, later); err != nil {
		t.Fatal(err)
	}
	_, err := graph.Open(ctx, s, nil)
	for what, err := range map[string]error{"Open": err, "Refresh": g.Refresh(ctx)} {
		if err == nil || errors.Is(err, events.ErrDamaged) || !strings.Contains(err.Error(), "a newer release wrote it") {
			t.Errorf("%s: %v", what, err)
		}
	}
	wantKeys(t, g)
}

// Whoever records while the graph is closed is told that it is on record, and it is, or that
// the graph is closed, and it is not.
func TestCloseAmongMany(t *testing.T) {
	for round := range 30 {
		s, g, c := openCast(t)
		var callers sync.WaitGroup
		var mu sync.Mutex
		var recorded []string
		for k := range 40 {
			callers.Go(func() {
				for i := range 20 {
					key := fmt.Sprintf("%d of caller %d", i, k)
					_, err := g.Record(ctx, batchOf(c.statements(key, c.who[0])...))
					if errors.Is(err, graph.ErrClosed) {
						return
					}
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					if recorded = append(recorded, key); len(recorded) == 20*round+1 {
						go g.Close()
					}
					mu.Unlock()
				}
			})
		}
		callers.Wait()
		g.Close()
		wantKeys(t, open(t, s.Mem), recorded...)
	}
}

// A store that says nothing any more while Record reads on, after another process was first,
// does not hold up Close.
func TestCloseWhileReadingOn(t *testing.T) {
	s, g, c := openCast(t)
	other := open(t, s.Mem)
	if _, err := other.Record(ctx, batchOf(c.statements("other", c.who[0])...)); err != nil {
		t.Fatal(err)
	}
	reading, giveUp := make(chan struct{}), make(chan struct{})
	s.fail(nil, func(ctx context.Context, _ events.Seq) iter.Seq2[events.Record, error] {
		return func(yield func(events.Record, error) bool) {
			close(reading)
			select {
			case <-ctx.Done():
				yield(events.Record{}, ctx.Err())
			case <-giveUp:
				yield(events.Record{}, errDisk)
			}
		}
	})
	batch := batchOf(c.statements("mine", c.who[0])...)
	recorded, closed := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := g.Record(ctx, batch)
		recorded <- err
	}()
	<-reading
	go func() { closed <- g.Close() }()
	select {
	case err := <-closed:
		if err != nil {
			t.Errorf("Close: %v", err)
		}
	case <-time.After(time.Minute): // so that it fails, not hangs
		t.Error("Close waits for a store that says nothing")
	}
	close(giveUp)
	if err := <-recorded; !errors.Is(err, graph.ErrClosed) {
		t.Errorf("Record: %v, want ErrClosed", err)
	}
	if _, err := other.Record(ctx, batch); err != nil {
		t.Errorf("the batch, recorded elsewhere: %v", err)
	}
}

// asked is a context that tells when somebody begins to wait for its end.
type asked struct {
	context.Context
	once    sync.Once
	waiting chan bool
}

func (a *asked) Done() <-chan struct{} {
	a.once.Do(func() { close(a.waiting) })
	return a.Context.Done()
}

// Who is refused for what another has asked for at once is not told so when the store fails and
// that is not on record, also if his context ends meanwhile.
func TestRefusedAndGivenUp(t *testing.T) {
	s, g, c := openCast(t)
	results := make(chan error)
	var cancels []context.CancelFunc
	claim := func(key string) {
		ended, cancel := context.WithCancel(ctx)
		cancels = append(cancels, cancel)
		a := &asked{Context: ended, waiting: make(chan bool)}
		go func() {
			_, err := g.RecordIf(a, batchOf(keyEvent(c.statements("task", c.who[0])[0].Body, key)),
				graph.Condition{Nothing: graph.Pattern{Predicate: "task"}, After: 1})
			results <- err
		}()
		<-a.waiting // for its turn
	}
	s.fail(func(ctx context.Context, after events.Seq, record []byte) (events.Seq, error) {
		claim("one")
		claim("two")
		s.fail(func(context.Context, events.Seq, []byte) (events.Seq, error) {
			for _, cancel := range cancels {
				cancel()
			}
			return 0, errDisk
		}, nil)
		return s.Mem.Append(ctx, after, record)
	}, nil)
	if _, err := g.Record(ctx, batchOf(c.statements("before", c.who[0])...)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := <-results; !errors.Is(err, graph.ErrUnknownOutcome) {
			t.Errorf("RecordIf: %v", err)
		}
	}
	if n := len(records(t, s)); n != 2 {
		t.Errorf("%d records, want 2", n)
	}
}

// A panic of the store, also behind what another has recorded meanwhile or while the record is
// read on, leaves nothing half recorded or half read, and keeps nobody from folding.
func TestPanicBehindAnother(t *testing.T) {
	s, g, c := openCast(t)
	other := open(t, s.Mem)
	panics := func(what string, f func() error) {
		defer func() {
			if recover() == nil {
				t.Errorf("%s: no panic", what)
			}
		}()
		t.Errorf("%s: %v", what, f())
	}
	s.fail(func(ctx context.Context, after events.Seq, record []byte) (events.Seq, error) {
		s.fail(func(context.Context, events.Seq, []byte) (events.Seq, error) {
			s.fail(nil, nil)
			panic("the store is broken")
		}, nil)
		if _, err := other.Record(ctx, batchOf(c.statements("other", c.who[0])...)); err != nil {
			t.Error(err)
		}
		return s.Mem.Append(ctx, after, record)
	}, nil)
	panics("Record", func() error {
		_, err := g.Record(ctx, batchOf(c.statements("lost", c.who[0])...))
		return err
	})
	wantKeys(t, g, "other")
	if r, err := g.Record(ctx, batchOf(c.statements("next", c.who[0])...)); err != nil || r.Position != 3 {
		t.Errorf("Record: %+v, %v", r, err)
	}
	wantKeys(t, g, "other", "next")

	b := &brittle{Mem: s.Mem}
	reader := open(t, b)
	refresh := func() {
		t.Helper()
		b.broken = true
		panics("Refresh", func() error { return reader.Refresh(ctx) })
		b.broken = false
		if err := reader.Refresh(ctx); err != nil {
			t.Errorf("Refresh: %v", err)
		}
	}
	refresh() // there is nothing to read, and it asks for the last number
	part := events.SplitPart{Entity: c.alt[0], Mentions: []events.Mention{{Statement: c.statements("next", c.who[0])[0].ID}}}
	for _, e := range []events.Event{
		keyEvent(&events.EntityNamed{Entity: c.who[0], Name: events.Name{Text: "Somebody"}}, "named"),
		keyEvent(&events.EntitySplit{Entity: c.who[0], Parts: []events.SplitPart{part}}, "split"), // reads what it splits
	} {
		if _, err := other.Record(ctx, batchOf(e)); err != nil {
			t.Fatal(err)
		}
	}
	refresh()
	for p := range other.View(nil).Position() {
		want, err := c.see(other.View(&graph.Lens{AsOf: p + 1}), graph.Pattern{Predicate: "other"})
		if err != nil {
			t.Error(err)
		}
		if got, err := c.see(reader.View(&graph.Lens{AsOf: p + 1}), graph.Pattern{Predicate: "other"}); err != nil || got != want {
			t.Errorf("as of %d: %s, %v, want %s", p+1, got, err, want)
		}
	}
}

// brittle is a store that panics when it is asked for a record, or for the last number.
type brittle struct {
	*events.Mem
	broken bool
}

func (b *brittle) check() {
	if b.broken {
		panic("the store is broken")
	}
}

func (b *brittle) Read(ctx context.Context, seq events.Seq) ([]byte, error) {
	b.check()
	return b.Mem.Read(ctx, seq)
}

func (b *brittle) ReadPart(ctx context.Context, seq events.Seq, from, to int) ([]byte, error) {
	b.check()
	return b.Mem.ReadPart(ctx, seq, from, to)
}

func (b *brittle) Last(ctx context.Context) (events.Seq, error) {
	b.check()
	return b.Mem.Last(ctx)
}
