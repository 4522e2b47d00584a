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

// failing makes scans fail until mend is called, some of them after a few records have
// been read. The channel is told of the first two.
func (f *faulty) failing() (failed <-chan struct{}, mend func()) {
	told := make(chan struct{}, 2)
	var n atomic.Int32
	f.fail(nil, func(ctx context.Context, after events.Seq) iter.Seq2[events.Record, error] {
		return func(yield func(events.Record, error) bool) {
			some, most := int32(0), n.Add(1)%3
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
}

func (c *clocked) Now(context.Context) (time.Time, error) {
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
	if n := len(records(t, s)); n != 2 {
		t.Errorf("%d records, want 2", n)
	}
}
