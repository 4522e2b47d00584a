package graph_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// An awaiting store ends a context at one of the moments at which a graph waits for it:
// at the beginning or the end of a call, or between two records.
type awaiting struct {
	*events.Mem
	mu     sync.Mutex
	n, at  int
	cancel context.CancelFunc
}

func (s *awaiting) wait() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.n++; s.n == s.at {
		s.cancel()
	}
}

func (s *awaiting) Append(ctx context.Context, after events.Seq, record []byte) (events.Seq, error) {
	s.wait()
	defer s.wait()
	return s.Mem.Append(ctx, after, record)
}

func (s *awaiting) Scan(ctx context.Context, after events.Seq) iter.Seq2[events.Record, error] {
	return func(yield func(events.Record, error) bool) {
		s.wait()
		defer s.wait()
		for r, err := range s.Mem.Scan(ctx, after) {
			s.wait()
			if !yield(r, err) {
				return
			}
		}
	}
}

func (s *awaiting) Last(ctx context.Context) (events.Seq, error) {
	s.wait()
	defer s.wait()
	return s.Mem.Last(ctx)
}

func (s *awaiting) Read(ctx context.Context, seq events.Seq) ([]byte, error) {
	s.wait()
	defer s.wait()
	return s.Mem.Read(ctx, seq)
}

func (s *awaiting) Wait(ctx context.Context, after events.Seq) error {
	s.wait()
	defer s.wait()
	return s.Mem.Wait(ctx, after)
}

// A context that ends while a graph waits for its store, at whichever of those moments,
// makes a call succeed or return the context's error, and nothing else; the same call with
// another context then does what is left of it.
func TestCancelledAtEveryAwait(t *testing.T) {
	base := events.NewMem()
	g := open(t, base)
	c := newCast(1)
	for _, b := range []*events.Batch{c.registration, batchOf(c.statements("one", c.who[0])...), batchOf(c.statements("two", c.who[0])...)} {
		if _, err := g.Record(ctx, b); err != nil {
			t.Fatal(err)
		}
	}
	var before [][]byte
	for _, r := range records(t, base) {
		before = append(before, r.Data)
	}

	ended := 0
	// call makes a call with the context and, if that has ended, with another.
	call := func(ctx context.Context, what string, f func(context.Context) error) {
		t.Helper()
		err := f(ctx)
		if err == nil {
			return
		}
		ended++
		if !errors.Is(err, context.Canceled) || ctx.Err() == nil {
			t.Errorf("%s: %v", what, err)
		}
		if err := f(t.Context()); err != nil {
			t.Errorf("%s, again: %v", what, err)
		}
	}
	run := func(at int) (awaits int) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		s := &awaiting{Mem: memOf(t, before...), at: at, cancel: cancel}
		other := open(t, s.Mem)
		var g *graph.Graph
		call(ctx, "Open", func(ctx context.Context) (err error) {
			g, err = graph.Open(ctx, s, &graph.Options{CacheSize: 1}) // every statement is read from the store
			return err
		})
		if t.Failed() {
			return 0
		}
		defer g.Close()
		call(ctx, "Record", func(ctx context.Context) error {
			_, err := g.Record(ctx, batchOf(c.statements("three", c.who[0])...))
			return err
		})
		if _, err := other.Record(t.Context(), batchOf(c.statements("four", c.who[0])...)); err != nil {
			t.Error(err)
		}
		call(ctx, "Record after a conflict", func(ctx context.Context) error {
			_, err := g.Record(ctx, batchOf(c.statements("five", c.who[0])...))
			return err
		})
		call(ctx, "RecordIf", func(ctx context.Context) error {
			_, err := g.RecordIf(ctx, batchOf(c.statements("six", c.who[0])...),
				graph.Condition{Nothing: graph.Pattern{Predicate: "six"}, After: 3})
			return err
		})
		call(ctx, "a refused Record", func(ctx context.Context) error {
			_, err := g.Record(ctx, batchOf(keyEvent(&events.EntityNamed{Entity: uuid.Max, Name: events.Name{Text: "Nobody"}}, "x")))
			if errors.Is(err, events.ErrInvalid) {
				return nil
			}
			return err
		})
		if _, err := other.Record(t.Context(), batchOf(c.statements("seven", c.who[0])...)); err != nil {
			t.Error(err)
		}
		call(ctx, "Refresh", g.Refresh)
		call(ctx, "Wait", func(ctx context.Context) error { return g.Wait(ctx, 5) })
		call(ctx, "Load", func(ctx context.Context) error {
			for s := range g.View(nil).Statements(graph.Pattern{Predicate: "one"}) {
				if _, err := s.Load(ctx); err != nil {
					return err
				}
			}
			return nil
		})
		call(ctx, "Entity", func(ctx context.Context) error {
			_, err := g.View(nil).Entity(ctx, c.who[0])
			return err
		})
		following, stop := context.WithCancel(ctx)
		followed := make(chan error, 1)
		go func() { followed <- g.Follow(following) }()
		if _, err := other.Record(t.Context(), batchOf(c.statements("eight", c.who[0])...)); err != nil {
			t.Error(err)
		}
		call(ctx, "Wait for another", func(ctx context.Context) error {
			// Follow may have ended with the context.
			if err := g.Wait(ctx, 9); err != nil {
				return errors.Join(err, g.Refresh(t.Context()))
			}
			return nil
		})
		stop()
		if err := <-followed; !errors.Is(err, context.Canceled) {
			t.Errorf("Follow: %v", err)
		}
		all := []string{"one", "two", "three", "four", "five", "six", "seven", "eight"}
		wantKeys(t, g, all...)
		wantKeys(t, open(t, s.Mem), all...)
		return s.n
	}
	awaits, cases := run(0), 0
	for at := 1; at <= awaits; at++ {
		run(at)
		cases++
		if t.Failed() {
			t.Fatalf("the context ended at await %d of %d", at, awaits)
		}
	}
	t.Logf("%d awaits; %d calls returned the context's error", cases, ended)
	if ended == 0 {
		t.Error("no call has noticed")
	}
}

// A clock that goes backwards, also between two processes, reorders nothing: batches keep
// their order, each has the reading it was recorded with, and a view of what was recorded
// by a time goes by the latest reading until then.
func TestClockBackwards(t *testing.T) {
	base := time.Date(2025, 8, 4, 12, 0, 0, 0, time.UTC)
	offsets := []time.Duration{0, 10, 3, -5, 7, 10, 12, -100, 20} // in seconds
	store := &shelf{Mem: events.NewMem()}
	n := 0
	opts := graph.Options{Now: func() time.Time { n++; return base.Add(offsets[n-1] * time.Second) }}
	graph.Often(&opts)
	c := newCast(1)
	var g *graph.Graph
	for i := range offsets {
		if i%3 == 0 { // another process goes on
			if g != nil {
				g.Close()
			}
			var err error
			if g, err = graph.Open(ctx, store, &opts); err != nil {
				t.Fatal(err)
			}
		}
		b := c.registration
		if i > 0 {
			b = batchOf(c.statements(fmt.Sprint(i), c.who[0])...)
		}
		if r, err := g.Record(ctx, b); err != nil || r.Position != events.Position(i+1) {
			t.Fatalf("batch %d: %+v, %v", i+1, r, err)
		}
	}
	cases := 0
	check := func(g *graph.Graph) {
		t.Helper()
		for seconds := -101; seconds <= 21; seconds++ {
			by := base.Add(time.Duration(seconds) * time.Second)
			// The last batch before the first one whose running maximum is later.
			want, latest := events.Position(0), time.Duration(-1<<62)
			for i, o := range offsets {
				if latest = max(latest, o); latest > time.Duration(seconds) {
					break
				}
				want = events.Position(i + 1)
			}
			if got := g.View(&graph.Lens{RecordedBy: by}).Position(); got != want {
				t.Errorf("recorded by %d s: position %d, want %d", seconds, got, want)
			}
			cases++
		}
		for i, o := range offsets[1:] {
			for s := range g.View(nil).Statements(graph.Pattern{Predicate: fmt.Sprint(i + 1)}) {
				if r, err := s.Load(ctx); err != nil || !r.At.Equal(base.Add(o*time.Second)) {
					t.Errorf("batch %d was recorded at %v, want %v: %v", i+2, r.At, base.Add(o*time.Second), err)
				}
			}
		}
	}
	check(g)
	g.Close()
	again, err := graph.Open(ctx, store, nil) // at its snapshot
	if err != nil {
		t.Fatal(err)
	}
	check(again)
	again.Close()
	check(open(t, store.Mem))
	t.Logf("%d readings of the clock, %d times asked for", len(offsets), cases)
}

// A stuck store answers no read, once it is stuck, until the context of whoever asks ends.
type stuck struct {
	*events.Mem
	asked chan struct{} // gets a token with each read; nil: it answers
}

func (s *stuck) wait(ctx context.Context) error {
	if s.asked == nil {
		return nil
	}
	if ctx.Done() == nil {
		return errors.New("the read is with a context that never ends")
	}
	s.asked <- struct{}{}
	<-ctx.Done()
	return ctx.Err()
}

func (s *stuck) Read(ctx context.Context, seq events.Seq) ([]byte, error) {
	if err := s.wait(ctx); err != nil {
		return nil, err
	}
	return s.Mem.Read(ctx, seq)
}

func (s *stuck) ReadPart(ctx context.Context, seq events.Seq, from, to int) ([]byte, error) {
	if err := s.wait(ctx); err != nil {
		return nil, err
	}
	return s.Mem.ReadPart(ctx, seq, from, to)
}

// What a batch is compared with, or checked against, is read with its caller's context:
// when that ends, so does the call, and others go on.
func TestCheckIsCancelled(t *testing.T) {
	base := events.NewMem()
	c := newCast(1)
	statements := c.statements("one", c.who[0])
	retracted := keyEvent(&events.Retracted{Event: statements[0].ID}, "retracted")
	g := open(t, base)
	for _, b := range []*events.Batch{c.registration, batchOf(statements...), batchOf(retracted)} {
		if _, err := g.Record(ctx, b); err != nil {
			t.Fatal(err)
		}
	}
	for name, b := range map[string]*events.Batch{
		"what is known": batchOf(statements...),
		"a split": batchOf(keyEvent(&events.EntitySplit{Entity: c.who[0], Parts: []events.SplitPart{
			{Entity: c.alt[0], Mentions: []events.Mention{{Statement: statements[1].ID, Place: events.Anywhere}}},
		}}, "split")),
		"an undo": batchOf(keyEvent(&events.Retracted{Event: retracted.ID}, "undo")),
	} {
		t.Run(name, func(t *testing.T) {
			s := &stuck{Mem: events.NewMem()}
			if _, err := events.Copy(ctx, s.Mem, base, nil); err != nil {
				t.Fatal(err)
			}
			g := open(t, s) // whose cache is empty
			before := g.View(nil).Position()
			s.asked = make(chan struct{}, 1)
			ending, cancel := context.WithCancel(ctx)
			defer cancel()
			outcome := make(chan error, 1)
			go func() {
				_, err := g.Record(ending, b)
				outcome <- err
			}()
			select {
			case <-s.asked:
			case err := <-outcome:
				t.Fatalf("it did not wait for the store: %v", err)
			}
			cancel()
			if err := <-outcome; !errors.Is(err, context.Canceled) {
				t.Errorf("the context's end: %v", err)
			}
			if p := g.View(nil).Position(); p != before {
				t.Errorf("position %d, was %d", p, before)
			}
			if _, err := g.Record(ctx, batchOf(keyEvent(&events.EntityRegistered{Entity: events.Entity{ID: events.Key("other"), Kind: events.Person, Name: events.Name{Text: "Other"}}}, "other"))); err != nil {
				t.Errorf("somebody else: %v", err)
			}
			s.asked = nil
			if _, err := g.Record(ctx, b); err != nil {
				t.Errorf("again: %v", err)
			}
		})
	}
}
