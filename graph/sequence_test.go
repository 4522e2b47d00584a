package graph_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

func sequence(batches ...*events.Batch) iter.Seq2[*events.Batch, error] {
	return func(yield func(*events.Batch, error) bool) {
		for _, b := range batches {
			if !yield(b, nil) {
				return
			}
		}
	}
}

// newcomer returns a batch that registers somebody, and one that speaks of him and so
// rests on it.
func newcomer(c *cast, name string) (registration, statements *events.Batch) {
	id := events.Key("person", name)
	e := keyEvent(&events.EntityRegistered{Entity: events.Entity{ID: id, Kind: events.Person, Name: events.Name{Text: name}}}, name)
	return batchOf(e), batchOf(c.statements(name, id)...)
}

// What is folded while the record before it is being stored is seen by nobody before
// both are stored, and ends with what it rests on.
func TestFoldedAhead(t *testing.T) {
	for _, test := range []struct {
		name   string
		append func(s *faulty, after events.Seq, record []byte) (events.Seq, error)
		stored bool
	}{
		{"stored", func(s *faulty, after events.Seq, record []byte) (events.Seq, error) {
			return s.Mem.Append(ctx, after, record)
		}, true},
		{"stored, but not acknowledged", func(s *faulty, after events.Seq, record []byte) (events.Seq, error) {
			return s.lost(ctx, after, record)
		}, true},
		{"another was first", func(s *faulty, after events.Seq, record []byte) (events.Seq, error) {
			other := open(t, s.Mem)
			if _, err := other.Record(ctx, batchOf(newCast(1).statements("other", newCast(1).who[0])...)); err != nil {
				t.Error(err)
			}
			return s.Mem.Append(ctx, after, record)
		}, true},
		{"not stored", func(*faulty, events.Seq, []byte) (events.Seq, error) { return 0, errDisk }, false},
	} {
		for _, ordered := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, sequence %v", test.name, ordered), func(t *testing.T) {
				s := &faulty{Mem: events.NewMem()}
				folded := make(chan bool, 100)
				g, err := graph.Open(ctx, s, &graph.Options{Now: func() time.Time {
					folded <- true
					return time.Unix(0, 0)
				}})
				if err != nil {
					t.Fatal(err)
				}
				defer g.Close()
				c := newCast(1)
				if _, err := g.Record(ctx, c.registration); err != nil {
					t.Fatal(err)
				}
				<-folded
				first, second := newcomer(c, "Ann")
				begun, ended := make(chan bool), make(chan error, 1)
				s.fail(func(_ context.Context, after events.Seq, record []byte) (events.Seq, error) {
					s.fail(nil, nil)
					close(begun)
					<-folded // the first
					<-folded // the second
					if p := g.View(nil).Position(); p != 1 {
						t.Errorf("a view has moved to %d", p)
					}
					wantKeys(t, g)
					return test.append(s, after, record)
				}, nil)
				load := func() error {
					n, err := g.RecordAll(ctx, func(yield func(*events.Batch, error) bool) {
						if yield(first, nil) {
							<-begun // or both would be in one record
							yield(second, nil)
						}
					})
					if n == 2 != (err == nil) {
						t.Errorf("%d batches recorded, and %v", n, err)
					}
					return err
				}
				if ordered {
					err = load()
				} else {
					go func() {
						_, err := g.RecordAll(ctx, sequence(first))
						ended <- err
					}()
					<-begun
					_, err = g.Record(ctx, second)
					if !test.stored && !errors.Is(err, events.ErrUnknown) {
						t.Errorf("what rests on a batch that was not stored: %v", err)
					}
					err = <-ended
				}
				if test.stored == errors.Is(err, graph.ErrUnknownOutcome) || test.stored != (err == nil) {
					t.Errorf("ended with %v", err)
				}
				want := []string{}
				if test.name == "another was first" {
					want = append(want, "other")
				}
				if test.stored {
					want = append(want, "Ann")
				}
				wantKeys(t, g, want...)
				if err := load(); err != nil {
					t.Errorf("repeated: %v", err)
				}
				if !test.stored {
					want = append(want, "Ann")
				}
				wantKeys(t, g, want...)
				wantKeys(t, open(t, s.Mem), want...)
				got, err := g.View(nil).Digest(ctx)
				if err != nil {
					t.Fatal(err)
				}
				if again, err := open(t, s.Mem).View(nil).Digest(ctx); err != nil || again != got {
					t.Errorf("the graph has digest %x, its record folds into %x: %v", got, again, err)
				}
			})
		}
	}
}

// RecordAll records what comes before the first batch that is refused, in order, and
// nothing behind it, however far it had come.
func TestRecordAllEnds(t *testing.T) {
	const n = 100
	s, g, c := openCast(t)
	for _, end := range []struct {
		name  string
		batch *events.Batch
		err   error
		want  error
	}{
		{"an unknown person", batchOf(c.statements("bad", events.Key("nobody"))...), nil, events.ErrUnknown},
		{"an event without a body", batchOf(events.Event{}), nil, events.ErrInvalid},
		{"no batch", nil, nil, events.ErrInvalid},
		{"an error of the sequence", nil, errDisk, errDisk},
	} {
		batches := func(yield func(*events.Batch, error) bool) {
			for i := range 2*n + 1 {
				if i == n {
					if !yield(end.batch, end.err) {
						return
					}
					continue
				}
				if !yield(batchOf(c.statements(fmt.Sprintf("%s %03d", end.name, i), c.who[0])...), nil) {
					return
				}
			}
		}
		for range 2 { // the second time all have been recorded before
			if got, err := g.RecordAll(ctx, batches); got != n || !errors.Is(err, end.want) {
				t.Errorf("%s: %d batches recorded, want %d: %v, want %v", end.name, got, n, err, end.want)
			}
		}
		seen := map[string]int{}
		var order []string
		for s := range g.View(nil).Statements(graph.Pattern{}) {
			if key := s.Predicate(); strings.HasPrefix(key, end.name) {
				if seen[key]++; seen[key] == 1 {
					order = append(order, key)
				}
			}
		}
		if len(order) != n || !slices.IsSorted(order) || order[n-1] != fmt.Sprintf("%s %03d", end.name, n-1) {
			t.Errorf("%s: recorded are %q", end.name, order)
		}
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	late := batchOf(c.statements("late", c.who[0])...)
	if got, err := g.RecordAll(ctx, sequence(late)); got != 0 || !errors.Is(err, graph.ErrClosed) {
		t.Errorf("after Close: %d, %v", got, err)
	}
	if got, want := len(records(t, s)), 4*n+1; got > want {
		t.Errorf("%d records, want %d at most", got, want)
	}
}

// A context that ends while a sequence is recorded ends it behind one of its batches.
func TestRecordAllCancelled(t *testing.T) {
	_, g, c := openCast(t)
	for i := range 50 {
		ended, cancel := context.WithCancel(ctx)
		var keys []string
		n, err := g.RecordAll(ended, func(yield func(*events.Batch, error) bool) {
			for k := 0; ; k++ {
				if k == i {
					cancel()
				}
				key := fmt.Sprint(i, " ", k)
				keys = append(keys, key)
				if !yield(batchOf(c.statements(key, c.who[0])...), nil) {
					return
				}
			}
		})
		if !errors.Is(err, context.Canceled) || n > len(keys) {
			t.Fatalf("%d of %d batches, %v", n, len(keys), err)
		}
		seen := map[string]bool{}
		for s := range g.View(nil).Statements(graph.Pattern{}) {
			seen[s.Predicate()] = true
		}
		for k, key := range keys {
			if seen[key] != (k < n) {
				t.Errorf("%d of %d batches are said to be recorded; batch %d is: %v", n, len(keys), k, seen[key])
			}
		}
	}
}

// keysIn returns the keys that a graph shows.
func keysIn(g *graph.Graph) (keys []string) {
	for s := range g.View(nil).Statements(graph.Pattern{}) {
		if !slices.Contains(keys, s.Predicate()) {
			keys = append(keys, s.Predicate())
		}
	}
	return keys
}

// behind returns a sequence of which the first batch is being stored while the others
// are folded; end then lets it be stored, or not.
func behind(begun <-chan bool, end func(), batches ...*events.Batch) iter.Seq2[*events.Batch, error] {
	return func(yield func(*events.Batch, error) bool) {
		defer end()
		for i, b := range batches {
			if !yield(b, nil) {
				return
			}
			if i == 0 {
				<-begun
			}
		}
	}
}

// However often what lies behind a batch is folded anew, it is recorded only if that
// batch is, and what is right by then is not refused.
func TestSequenceFoldedAnew(t *testing.T) {
	for _, test := range []struct {
		name   string
		then   func(c *cast, zero *events.Batch) []*events.Batch // after zero, a batch of statements
		append func(s *faulty, after events.Seq, record []byte) (events.Seq, error)
		n      int
		err    error
		want   []string
	}{
		{
			name: "refused, and right by then",
			then: func(c *cast, _ *events.Batch) []*events.Batch {
				_, rests := newcomer(c, "Ann")
				return []*events.Batch{batchOf(c.statements("one", c.who[0])...), rests}
			},
			append: func(s *faulty, after events.Seq, record []byte) (events.Seq, error) {
				seq, err := s.Mem.Append(ctx, after, record)
				registration, _ := newcomer(newCast(1), "Ann")
				if _, err := s.Mem.Append(ctx, seq, recordBehind(s.Mem, registration)); err != nil {
					panic(err)
				}
				return seq, err
			},
			n: 3, want: []string{"zero", "one", "Ann"},
		},
		{
			name: "refused for what was not stored",
			then: func(c *cast, zero *events.Batch) []*events.Batch {
				two := batchOf(c.statements("two", c.who[0])...)
				two.Events[0].ID = zero.Events[0].ID // other content
				return []*events.Batch{batchOf(c.statements("one", c.who[0])...), two, batchOf(c.statements("three", c.who[0])...)}
			},
			append: func(*faulty, events.Seq, []byte) (events.Seq, error) { return 0, errDisk },
			err:    graph.ErrUnknownOutcome,
		},
		{
			name: "refused behind a conflict",
			then: func(c *cast, _ *events.Batch) []*events.Batch {
				return []*events.Batch{batchOf(c.statements("one", c.who[0])...), batchOf(c.statements("bad", events.Key("nobody"))...)}
			},
			append: func(s *faulty, after events.Seq, record []byte) (events.Seq, error) {
				c := newCast(1)
				other := recordBehind(s.Mem, batchOf(c.statements("other", c.who[0])...))
				if _, err := s.Mem.Append(ctx, after, other); err != nil {
					panic(err)
				}
				return s.Mem.Append(ctx, after, record)
			},
			n: 2, err: events.ErrUnknown, want: []string{"other", "zero", "one"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, g, c := openCast(t)
			begun, ready := make(chan bool), make(chan bool)
			s.fail(func(_ context.Context, after events.Seq, record []byte) (events.Seq, error) {
				s.fail(nil, nil)
				close(begun)
				<-ready
				return test.append(s, after, record)
			}, nil)
			zero := batchOf(c.statements("zero", c.who[0])...)
			all := append([]*events.Batch{zero}, test.then(c, zero)...)
			n, err := g.RecordAll(ctx, behind(begun, func() { close(ready) }, all...))
			if n != test.n || !errors.Is(err, test.err) || test.err == nil && err != nil {
				t.Errorf("%d batches recorded, want %d: %v, want %v", n, test.n, err, test.err)
			}
			if got := keysIn(g); !slices.Equal(got, test.want) {
				t.Errorf("the graph shows %q, want %q", got, test.want)
			}
		})
	}
}

// recordBehind returns a record with a batch that follows all that a store holds.
func recordBehind(s *events.Mem, b *events.Batch) []byte {
	copied := events.NewMem()
	for r, err := range s.Scan(ctx, 0) {
		if err != nil {
			panic(err)
		}
		if _, err := copied.Append(ctx, r.Seq-1, r.Data); err != nil {
			panic(err)
		}
	}
	g, err := graph.Open(ctx, copied, nil)
	if err != nil {
		panic(err)
	}
	defer g.Close()
	if _, err := g.Record(ctx, b); err != nil {
		panic(err)
	}
	last, err := copied.Last(ctx)
	if err != nil {
		panic(err)
	}
	data, err := copied.Read(ctx, last)
	if err != nil {
		panic(err)
	}
	return data
}

// Nobody is refused for what is not stored in the end.
func TestRefusedForWhatIsNotStored(t *testing.T) {
	s, g, c := openCast(t)
	zero, one := batchOf(c.statements("zero", c.who[0])...), batchOf(c.statements("one", c.who[0])...)
	one.Events[0].ID = zero.Events[0].ID // other content
	begun, sent, ended := make(chan bool), make(chan bool), make(chan error)
	s.fail(func(context.Context, events.Seq, []byte) (events.Seq, error) {
		close(begun)
		<-sent
		s.fail(nil, noScan) // nothing can be read either, for a while
		return 0, errDisk
	}, nil)
	go func() {
		_, err := g.RecordAll(ctx, sequence(zero))
		ended <- err
	}()
	<-begun
	_, err := g.RecordAll(ctx, func(yield func(*events.Batch, error) bool) {
		yield(one, nil)
		close(sent)
	})
	if first := <-ended; !errors.Is(first, graph.ErrUnknownOutcome) || err == nil || errors.Is(err, graph.ErrIDTaken) {
		t.Errorf("the first ended with %v, the one behind it with %v", first, err)
	}
	s.fail(nil, nil)
	if _, err := g.Record(ctx, one); err != nil {
		t.Error(err)
	}
	wantKeys(t, g, "one")
}

// A panic of the clock, or of the store, leaves nothing half recorded.
func TestPanicWhileRecording(t *testing.T) {
	s, broken := &faulty{Mem: events.NewMem()}, false
	g, err := graph.Open(ctx, s, &graph.Options{Now: func() time.Time {
		if broken {
			panic("the clock is broken")
		}
		return time.Unix(0, 0)
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	c := newCast(1)
	if _, err := g.Record(ctx, c.registration); err != nil {
		t.Fatal(err)
	}
	panics := func(key string) {
		defer func() {
			if recover() == nil {
				t.Errorf("%q: no panic", key)
			}
		}()
		g.Record(ctx, batchOf(c.statements(key, c.who[0])...))
	}
	broken = true
	panics("clock")
	broken = false
	wantKeys(t, g)
	if _, err := g.Record(ctx, batchOf(c.statements("between", c.who[0])...)); err != nil {
		t.Error(err)
	}
	s.fail(func(_ context.Context, after events.Seq, record []byte) (events.Seq, error) {
		s.fail(nil, nil)
		if _, err := s.Mem.Append(ctx, after, record); err != nil {
			t.Error(err)
		}
		panic("the store is broken")
	}, nil)
	if err := g.Refresh(ctx); err != nil { // the goroutine that recorded last is at rest
		t.Error(err)
	}
	panics("store")
	if _, err := g.Record(ctx, batchOf(c.statements("next", c.who[0])...)); err != nil {
		t.Error(err)
	}
	wantKeys(t, g, "between", "store", "next")
	wantKeys(t, open(t, s.Mem), "between", "store", "next")
}

// Who waits for his turn need not wait any longer than his context.
func TestRecordAllLetsGo(t *testing.T) {
	s, g, c := openCast(t)
	hangs, ready, refreshed := make(chan bool), make(chan bool), make(chan error)
	s.fail(nil, func(ctx context.Context, after events.Seq) iter.Seq2[events.Record, error] {
		s.fail(nil, nil)
		close(hangs)
		<-ready
		return s.Mem.Scan(ctx, after)
	})
	go func() { refreshed <- g.Refresh(ctx) }()
	<-hangs
	ended, cancel := context.WithCancel(ctx)
	n, err := g.RecordAll(ended, func(yield func(*events.Batch, error) bool) {
		yield(batchOf(c.statements("late", c.who[0])...), nil)
		cancel()
	})
	if n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("%d batches, %v", n, err)
	}
	close(ready)
	if err := <-refreshed; err != nil {
		t.Error(err)
	}
	if _, err := g.Record(ctx, batchOf(c.statements("next", c.who[0])...)); err != nil {
		t.Error(err)
	}
	wantKeys(t, g, "next")
}

// RecordEach gives the receipts that Record would have given, in order, and behind the last
// the error, if there is one: there are as many receipts as batches recorded.
func TestRecordEach(t *testing.T) {
	const n = 50
	_, g, c := openCast(t)
	first := g.View(nil).Position()
	for _, end := range []struct {
		name  string
		batch *events.Batch
		err   error
		want  error
	}{
		{"all", nil, nil, nil},
		{"an unknown person", batchOf(c.statements("bad", events.Key("nobody"))...), nil, events.ErrUnknown},
		{"no batch", nil, nil, events.ErrInvalid},
		{"an error of the sequence", nil, errDisk, errDisk},
	} {
		batches := func(yield func(*events.Batch, error) bool) {
			for i := range 2 * n {
				if i == n && end.want != nil && !yield(end.batch, end.err) || i >= n && end.want == nil {
					return
				}
				if !yield(batchOf(c.statements(fmt.Sprint(end.name, i), c.who[0])...), nil) {
					return
				}
			}
		}
		each := g.RecordEach(ctx, batches)
		for _, fresh := range []int{keyed, 0} {
			got, failed := 0, error(nil)
			for r, err := range each {
				if failed != nil {
					t.Errorf("%s: goes on after %v", end.name, failed)
				}
				if failed = err; err != nil {
					continue
				}
				if want := first + 1 + events.Position(got); r.Position != want || r.New != fresh || r.Gone != nil {
					t.Errorf("%s: receipt %d is %v, want position %d, %d new", end.name, got, r, want, fresh)
				}
				if now := g.View(nil).Position(); now < r.Position {
					t.Errorf("%s: a receipt of %d, and a view of %d", end.name, r.Position, now)
				}
				got++
			}
			if got != n || !errors.Is(failed, end.want) || failed != nil && end.want == nil {
				t.Errorf("%s: %d receipts, %v, want %d, %v", end.name, got, failed, n, end.want)
			}
		}
		first += n
	}
}

// A loop over RecordEach that ends early, returns from the middle or panics ends the
// sequence; what has been read by then is on record when the loop has ended. A loop may
// record itself.
func TestRecordEachEndsEarly(t *testing.T) {
	for name, leave := range map[string]func(){"break": nil, "panic": func() { panic("enough") }} {
		t.Run(name, func(t *testing.T) {
			_, g, c := openCast(t)
			given := 0
			loop := func() {
				defer func() { _ = recover() }()
				seen := 0
				for _, err := range g.RecordEach(ctx, func(yield func(*events.Batch, error) bool) {
					for i := range 1000 {
						given++
						if !yield(batchOf(c.statements(fmt.Sprint("in it ", i), c.who[0])...), nil) {
							return
						}
					}
				}) {
					if err != nil {
						t.Error(err)
					}
					if _, err := g.Record(ctx, batchOf(c.statements(fmt.Sprint("beside ", seen), c.who[0])...)); err != nil {
						t.Error(err)
					}
					if seen++; seen == 5 {
						if leave != nil {
							leave()
						}
						break
					}
				}
			}
			loop()
			keys := keysIn(g)
			if n := len(keys); n != given+5 || given == 1000 {
				t.Errorf("%d batches were given, and %d and 5 are on record", given, n-5)
			}
		})
	}
}
