package graph_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// failing makes scans fail until mend is called, the first two after one record and two
// have been read. The channel is told of these.
func (f *faulty) failing() (failed <-chan struct{}, mend func()) {
	told := make(chan struct{}, 2)
	var n atomic.Int32
	f.fail(nil, func(ctx context.Context, after events.Seq) iter.Seq2[events.Record, error] {
		return func(yield func(events.Record, error) bool) {
			some, most := int32(0), n.Add(1)
			if most > 2 { // so that what is behind stays behind, however long that is looked at
				most = 0
			}
			for r, err := range f.Mem.Scan(ctx, after) {
				if some++; some > most || !yield(r, err) {
					break
				}
			}
			yield(events.Record{}, errDisk)
			select {
			case told <- struct{}{}:
			default:
			}
		}
	})
	return told, func() { f.fail(nil, nil) }
}

// Follow goes on after a store has failed, misses nothing and takes nothing twice, and
// Lag tells what keeps it.
func TestFollowResumes(t *testing.T) {
	s, there, c := openCast(t)
	here := open(t, s)
	failed, mend := s.failing()
	following, stop := context.WithCancel(ctx)
	followed := make(chan error, 1)
	go func() { followed <- here.Follow(following) }()
	var want []string
	var last graph.Receipt
	for i := range 7 {
		want = append(want, fmt.Sprint(i))
		var err error
		if last, err = there.Record(ctx, batchOf(c.statements(want[i], c.who[0])...)); err != nil {
			t.Fatal(err)
		}
	}
	<-failed
	<-failed // what came of the first has been noted
	if lag, _ := here.Lag(ctx); !errors.Is(lag.Err, errDisk) || lag.Records == 0 {
		t.Errorf("while the store fails: %+v", lag)
	}
	mend()
	if err := here.Wait(ctx, last.Position); err != nil {
		t.Fatal(err)
	}
	wantKeys(t, here, want...)
	stop()
	if err := <-followed; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if lag, err := here.Lag(ctx); err != nil || lag != (graph.Lag{}) {
		t.Errorf("after it has read all: %+v, %v", lag, err)
	}
}

// Follow ends when a record cannot be read, and when the store is closed.
func TestFollowEnds(t *testing.T) {
	store := events.NewMem()
	here := open(t, store)
	if _, err := store.Append(ctx, 0, []byte("no record")); err != nil {
		t.Fatal(err)
	}
	if err := here.Follow(ctx); !errors.Is(err, events.ErrDamaged) {
		t.Errorf("a record that is none: %v", err)
	}
	store = events.NewMem()
	here = open(t, store)
	store.Close()
	if err := here.Follow(ctx); !errors.Is(err, events.ErrClosed) {
		t.Errorf("a store that is closed: %v", err)
	}
}

// A failure of what follows from a record, and not only of reading it, does not end
// Follow: an erasure is made up for.
func TestFollowErases(t *testing.T) {
	for _, what := range []string{"the store fails while it folds anew", "OnErase fails", "the keys fail"} {
		t.Run(what, func(t *testing.T) {
			s := &faulty{Mem: events.NewMem()}
			keys := events.NewMemKeys()
			there := openErasable(t, s.Mem, keys)
			said, _ := story(t, there)
			here := openErasable(t, s, &onceFailing{Keys: keys, failed: what != "the keys fail"})
			failed, told := what != "OnErase fails", make(chan struct{})
			here.OnErase(func(context.Context) error {
				if !failed {
					failed = true
					return errDisk
				}
				close(told)
				return nil
			})
			if what == "the store fails while it folds anew" {
				var once atomic.Bool
				s.fail(nil, func(ctx context.Context, after events.Seq) iter.Seq2[events.Record, error] {
					if after == 0 && once.CompareAndSwap(false, true) {
						return noScan(ctx, after)
					}
					return s.Mem.Scan(ctx, after)
				})
			}
			following, stop := context.WithCancel(ctx)
			followed := make(chan error, 1)
			go func() { followed <- here.Follow(following) }()
			if _, err := there.Record(ctx, redaction(said)); err != nil {
				t.Fatal(err)
			}
			<-told
			if _, err := here.View(nil).Statement(said); !errors.Is(err, graph.ErrRedacted) {
				t.Error(err)
			}
			stop()
			if err := <-followed; !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
}

// onceFailing are keys that fail to destroy some once.
type onceFailing struct {
	events.Keys
	failed bool
}

func (k *onceFailing) Destroy(ctx context.Context, ids [][]byte) error {
	if !k.failed {
		k.failed = true
		return errDisk
	}
	return k.Keys.Destroy(ctx, ids)
}

// A Wait that returns though there is nothing to read does not keep Follow from reading
// what comes.
func TestFollowWokenInVain(t *testing.T) {
	s := &hasty{Mem: events.NewMem()}
	here, there := open(t, s), open(t, s.Mem)
	following, stop := context.WithCancel(ctx)
	followed := make(chan error, 1)
	go func() { followed <- here.Follow(following) }()
	c := newCast(1)
	r, err := there.Record(ctx, c.registration)
	for i := range 3 {
		if err == nil {
			r, err = there.Record(ctx, batchOf(c.statements(fmt.Sprint(i), c.who[0])...))
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := here.Wait(ctx, r.Position); err != nil {
		t.Fatal(err)
	}
	wantKeys(t, here, "0", "1", "2")
	stop()
	if err := <-followed; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// hasty is a store whose Wait waits for nothing.
type hasty struct{ *events.Mem }

func (*hasty) Wait(ctx context.Context, _ events.Seq) error { return ctx.Err() }

// A graph that has seen more than the store has says so, and records nothing.
func TestStoreLost(t *testing.T) {
	s, g, c := openCast(t)
	for i := range 3 {
		if _, err := g.Record(ctx, batchOf(c.statements(fmt.Sprint(i), c.who[0])...)); err != nil {
			t.Fatal(err)
		}
	}
	// A server takes over that has only the first two records.
	less := events.NewMem()
	for _, r := range records(t, s)[:2] {
		if _, err := less.Append(ctx, r.Seq-1, r.Data); err != nil {
			t.Fatal(err)
		}
	}
	s.Mem = less
	if err := g.Refresh(ctx); !errors.Is(err, graph.ErrLost) {
		t.Errorf("Refresh: %v", err)
	}
	if lag, err := g.Lag(ctx); !errors.Is(err, graph.ErrLost) || !errors.Is(lag.Err, graph.ErrLost) {
		t.Errorf("Lag: %+v, %v", lag, err)
	}
	if _, err := g.Record(ctx, batchOf(c.statements("more", c.who[0])...)); !errors.Is(err, graph.ErrLost) {
		t.Errorf("Record: %v", err)
	}
	if n := len(records(t, s)); n != 2 {
		t.Errorf("%d records, want 2", n)
	}
	again := open(t, s)
	wantKeys(t, again, "0")
	if _, err := again.Record(ctx, batchOf(c.statements("other", c.who[0])...)); err != nil {
		t.Fatal(err)
	}
	if _, err := again.Record(ctx, batchOf(c.statements("another", c.who[0])...)); err != nil {
		t.Fatal(err)
	}
	if err := g.Refresh(ctx); err != nil {
		t.Errorf("the store has as many records as before, and nobody has compared them: %v", err)
	}
	if _, err := again.Record(ctx, batchOf(c.statements("a third", c.who[0])...)); err != nil {
		t.Fatal(err)
	}
	if err := g.Refresh(ctx); !errors.Is(err, events.ErrDamaged) {
		t.Errorf("Refresh, with another past: %v", err)
	}
}

// syncing is a store that has records which are not safe until Sync returns nil.
type syncing struct {
	*faulty
	err   error
	syncs int
}

func (s *syncing) Sync(context.Context) error {
	s.syncs++
	return s.err
}

// What has been read, and not appended by this graph, is told of only after Sync.
func TestSync(t *testing.T) {
	s := &syncing{faulty: &faulty{Mem: events.NewMem()}}
	g := open(t, s)
	c := newCast(1)
	if _, err := g.Record(ctx, c.registration); err != nil || s.syncs != 0 {
		t.Fatalf("%v, %d syncs", err, s.syncs)
	}
	// The acknowledgement is lost.
	s.fail(s.lost, nil)
	said := batchOf(c.statements("said", c.who[0])...)
	s.err = errDisk
	if _, err := g.Record(ctx, said); !errors.Is(err, graph.ErrUnknownOutcome) || s.syncs != 1 {
		t.Errorf("%v, %d syncs", err, s.syncs)
	}
	// It is there, and is still not safe.
	if _, err := g.Record(ctx, said); !errors.Is(err, graph.ErrUnknownOutcome) || !errors.Is(err, errDisk) || s.syncs != 2 {
		t.Errorf("%v, %d syncs", err, s.syncs)
	}
	s.err = nil
	for range 2 {
		if r, err := g.Record(ctx, said); err != nil || r.New != 0 || s.syncs != 3 {
			t.Errorf("%+v, %v, %d syncs", r, err, s.syncs)
		}
	}
	other := batchOf(c.statements("other", c.who[0])...)
	if r, err := g.Record(ctx, other); err != nil || r.New != keyed || s.syncs != 4 {
		t.Errorf("%+v, %v, %d syncs", r, err, s.syncs)
	}
	// Another graph has not appended any of it.
	s.fail(nil, nil)
	there := open(t, s)
	if r, err := there.Record(ctx, other); err != nil || r.New != 0 || s.syncs != 5 {
		t.Errorf("%+v, %v, %d syncs", r, err, s.syncs)
	}
	if _, err := there.Record(ctx, batchOf(c.statements("third", c.who[0])...)); err != nil || s.syncs != 5 {
		t.Errorf("%v, %d syncs", err, s.syncs)
	}
}

// Nobody destroys a key, who has recorded the redaction or who follows, before the
// redaction is safe; a key that is gone keeps nobody.
func TestSyncBeforeErasing(t *testing.T) {
	s, keys := &syncing{faulty: &faulty{Mem: events.NewMem()}}, events.NewMemKeys()
	g, there := openErasable(t, s, keys), openErasable(t, s, keys)
	said, batch := story(t, g)
	if err := there.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	s.err = errDisk
	s.fail(s.lost, nil)
	if _, err := g.Record(ctx, redaction(said)); !errors.Is(err, graph.ErrUnknownOutcome) {
		t.Errorf("the acknowledgement is lost: %v", err)
	}
	s.fail(nil, nil)
	for range 2 {
		if err := there.Refresh(ctx); !errors.Is(err, errDisk) || errors.Is(err, graph.ErrUnknownOutcome) {
			t.Errorf("Refresh: %v", err)
		}
	}
	if !readable(t, s, keys, said) {
		t.Error("its key was destroyed before the redaction was safe")
	}
	s.err = nil
	if err := there.Refresh(ctx); err != nil || readable(t, s, keys, said) {
		t.Errorf("when it is safe: %v, and it can be read: %v", err, readable(t, s, keys, said))
	}
	s.err = errDisk
	if err := g.Refresh(ctx); err != nil {
		t.Errorf("where the key is gone: %v", err)
	}
	s.err = nil
	syncs := s.syncs
	if _, err := g.Record(ctx, redaction(batch.Events[0].ID)); err != nil || s.syncs != syncs {
		t.Errorf("who has appended it: %v, %d syncs", err, s.syncs-syncs)
	}
}

// Lag counts what another graph has recorded, and says since when.
func TestLag(t *testing.T) {
	store := events.NewMem()
	c := newCast(1)
	at := time.Date(2025, 8, 4, 9, 0, 0, 0, time.UTC)
	there, err := graph.Open(ctx, store, &graph.Options{Now: func() time.Time { at = at.Add(time.Second); return at }})
	if err != nil {
		t.Fatal(err)
	}
	defer there.Close()
	here := open(t, store)
	at = time.Date(2025, 8, 4, 9, 0, 0, 0, time.UTC)
	for n := range uint64(4) {
		if _, err := there.Record(ctx, c.registration); err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			if _, err := there.Record(ctx, batchOf(c.statements(fmt.Sprint(n), c.who[0])...)); err != nil {
				t.Fatal(err)
			}
		}
		lag, err := here.Lag(ctx)
		since := time.Date(2025, 8, 4, 9, 0, 1, 0, time.UTC)
		if err != nil || lag.Records != n+1 || !lag.Since.Equal(since) || lag.Err != nil {
			t.Errorf("%+v, %v; want %d records since %v", lag, err, n+1, since)
		}
	}
	if err := here.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	if lag, err := here.Lag(ctx); err != nil || lag != (graph.Lag{}) {
		t.Errorf("%+v, %v; want none", lag, err)
	}
}

// clocked is a store that knows the time.
type clocked struct {
	*events.Mem
	now   time.Time
	err   error
	asked int
	hang  chan struct{} // told of each call, which then waits for its context
}

func (c *clocked) Now(ctx context.Context) (time.Time, error) {
	if c.hang != nil {
		c.hang <- struct{}{}
		<-ctx.Done()
		return time.Time{}, ctx.Err()
	}
	c.asked++
	return c.now, c.err
}

// A machine whose clock is ahead of the store's opens nothing and records nothing.
func TestClockAhead(t *testing.T) {
	start := time.Date(2025, 8, 4, 9, 0, 0, 0, time.UTC)
	for ahead, refused := range map[time.Duration]bool{
		-time.Hour: false, 0: false, graph.MaxAhead: false, graph.MaxAhead + 1: true, 3 * time.Minute: true,
	} {
		s := &clocked{Mem: events.NewMem(), now: start}
		g, err := graph.Open(ctx, s, &graph.Options{Now: func() time.Time { return start.Add(ahead) }})
		if errors.Is(err, graph.ErrClock) != refused || !refused && err != nil {
			t.Errorf("%v ahead: %v", ahead, err)
		}
		if err == nil {
			g.Close()
		} else if !strings.Contains(err.Error(), start.Format(time.RFC3339)) {
			t.Errorf("the error does not say what the store's clock says: %v", err)
		}
	}

	s := &clocked{Mem: events.NewMem(), now: start}
	now := start
	g, err := graph.Open(ctx, s, &graph.Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	c := newCast(1)
	if _, err := g.Record(ctx, c.registration); err != nil {
		t.Fatal(err)
	}
	if s.asked != 1 {
		t.Errorf("the store was asked %d times in a minute, want once", s.asked)
	}
	now = start.Add(2 * time.Minute) // it has been set
	for range 2 {
		if _, err := g.Record(ctx, batchOf(c.statements("set", c.who[0])...)); !errors.Is(err, graph.ErrClock) {
			t.Errorf("a clock that was set: %v", err)
		}
	}
	wantKeys(t, g)
	s.err = errDisk
	if _, err := g.Record(ctx, batchOf(c.statements("unknown", c.who[0])...)); !errors.Is(err, errDisk) {
		t.Errorf("a store that does not tell the time: %v", err)
	}
	s.err, s.now = nil, start.Add(2*time.Minute) // the time has come
	if _, err := g.Record(ctx, batchOf(c.statements("later", c.who[0])...)); err != nil {
		t.Error(err)
	}
	wantKeys(t, g, "later")

	// A store that does not answer keeps nobody but who asks.
	s.err, now = nil, now.Add(2*time.Minute)
	s.hang = make(chan struct{})
	asking, stop := context.WithCancel(ctx)
	asked := make(chan error, 1)
	go func() {
		_, err := g.Record(asking, batchOf(c.statements("hung", c.who[0])...))
		asked <- err
	}()
	<-s.hang
	if err := g.Refresh(ctx); err != nil {
		t.Error(err)
	}
	stop()
	if err := <-asked; !errors.Is(err, context.Canceled) {
		t.Errorf("a store that does not answer: %v", err)
	}
	s.hang = nil
	if n := len(records(t, s)); n != 2 {
		t.Errorf("%d records, want 2", n)
	}
}
