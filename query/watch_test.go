package query_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

// named asks for the statements of a pattern, by id.
func watched(p graph.Pattern) func(context.Context, graph.View) iter.Seq2[*graph.Reading, error] {
	return func(ctx context.Context, v graph.View) iter.Seq2[*graph.Reading, error] {
		return query.Statements(ctx, v, p)
	}
}

func byID(r *graph.Reading) uuid.UUID { return r.ID }

// told collects what a watch tells up to a position that changes something.
func told(t testing.TB, g *graph.Graph, from, to events.Position, p graph.Pattern, opts *query.WatchOptions) (all []string) {
	return tells(t, query.Watch(ctx, g, from, watched(p), byID, opts), from, to)
}

// fed collects what is told of statements without asking for all.
func fed(t testing.TB, g *graph.Graph, from, to events.Position, p graph.Pattern, l *graph.Lens) []string {
	return tells(t, query.WatchStatements(ctx, g, from, l, p), from, to)
}

func tells(t testing.TB, updates iter.Seq2[*query.Update[*graph.Reading, uuid.UUID], error], from, to events.Position) (all []string) {
	last := from
	for u, err := range updates {
		if err != nil {
			t.Error(err)
			return all
		}
		if u.Position <= last {
			t.Errorf("position %d is told after %d", u.Position, last)
		}
		last = u.Position
		all = append(all, printed(u))
		if u.Position >= to {
			break
		}
	}
	return all
}

func printed(u *query.Update[*graph.Reading, uuid.UUID]) string {
	var came []uuid.UUID
	for _, r := range u.Came {
		came = append(came, r.ID)
	}
	return fmt.Sprint(u.Position, came, u.Went)
}

// writes records statements about somebody and retracts every third, and returns
// the last position.
func writes(g *graph.Graph, writer string, rounds int) error {
	record := func(b *events.Builder) error {
		batch, err := b.Batch()
		if err == nil {
			_, err = g.Record(ctx, batch)
		}
		return err
	}
	for i := range rounds {
		b := events.NewBatch(writer)
		src := b.Source("https://example.org/" + writer).By(b.Person("Reporter"))
		id := src.Says("meet", b.Person("A"), b.Person(fmt.Sprint(writer, i))).ID()
		src.Says("leave", b.Person("B"), b.Person(fmt.Sprint(writer, i)))
		if err := record(b); err != nil {
			return err
		}
		if i%3 == 0 {
			b := events.NewBatch(writer)
			b.Retract(id, "a mistake")
			if err := record(b); err != nil {
				return err
			}
		}
	}
	return nil
}

// What is told while others record is what is told afterwards, and whoever stops
// at any position is told the rest from there.
func TestWatchWhileRecording(t *testing.T) {
	const writers, rounds = 3, 12
	const last = writers * (rounds + rounds/3)
	g := newDesk(t).g
	about := graph.Pattern{Entity: events.Key(events.EntityKey(events.Person, "A")...)}
	variants := []*query.WatchOptions{nil, {Touching: []graph.Pattern{about}}, {Lens: &graph.Lens{Least: events.Possible, AsOf: 3}}}
	live := make([][]string, len(variants)+1)
	var wg sync.WaitGroup
	for i, opts := range variants {
		wg.Go(func() { live[i] = told(t, g, 0, last, about, opts) })
	}
	possible := &graph.Lens{Least: events.Possible, AsOf: 3}
	wg.Go(func() { live[len(variants)] = fed(t, g, 0, last, about, possible) })
	for w := range writers {
		wg.Go(func() {
			if err := writes(g, fmt.Sprint("writer ", w), rounds); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	// Every batch says or retracts something about A.
	want := told(t, g, 0, last, about, nil)
	if len(want) != last {
		t.Fatalf("%d updates, want %d", len(want), last)
	}
	for i := range live {
		if !slices.Equal(live[i], want) {
			t.Errorf("watcher %d was told\n%q\nthen\n%q", i, live[i], want)
		}
	}
	for from := range events.Position(last) {
		for _, opts := range variants {
			if got := told(t, g, from, last, about, opts); !slices.Equal(got, want[from:]) {
				t.Fatalf("from %d: told\n%q, want\n%q", from, got, want[from:])
			}
		}
		if got := fed(t, g, from, last, about, nil); !slices.Equal(got, want[from:]) {
			t.Fatalf("from %d: fed\n%q, want\n%q", from, got, want[from:])
		}
	}
}

// A graph tells what another one records on the same store, when it takes that
// in.
func TestWatchAnother(t *testing.T) {
	const rounds = 9
	const last = rounds + rounds/3
	store := events.NewMem()
	open := func(s events.Store) *graph.Graph {
		g, err := graph.Open(ctx, s, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { g.Close() })
		return g
	}
	here, there := open(store), open(store)
	about := graph.Pattern{Entity: events.Key(events.EntityKey(events.Person, "A")...)}
	following, stop := context.WithCancel(ctx)
	defer stop()
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := here.Follow(following); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	var followed []string
	wg.Go(func() {
		followed = told(t, here, 0, last, about, nil)
		stop()
	})
	if err := writes(there, "there", rounds); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	want := told(t, there, 0, last, about, nil)
	if len(want) != last || !slices.Equal(followed, want) {
		t.Errorf("told\n%q, want\n%q", followed, want)
	}

	// On a store that cannot wait, Refresh does.
	plain := open(struct{ events.Store }{store})
	var refreshed []string
	wg.Go(func() { refreshed = told(t, plain, last, 2*last, about, nil) })
	for i := range 3 {
		if err := writes(there, fmt.Sprint("again ", i), rounds/3); err != nil {
			t.Fatal(err)
		}
		if err := plain.Refresh(ctx); err != nil {
			t.Fatal(err)
		}
	}
	wg.Wait()
	if err := there.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	if want := told(t, there, last, 2*last, about, nil); len(want) != last || !slices.Equal(refreshed, want) {
		t.Errorf("told\n%q, want\n%q", refreshed, want)
	}
}

// Thousands of positions that say nothing about it do not have it asked.
func TestWatchBacklog(t *testing.T) {
	const batches, every = 2000, 250
	d := newDesk(t)
	for i := range batches {
		src := d.Source(fmt.Sprint("https://example.org/", i)).By(d.Person("Reporter"))
		src.Says("leave", d.Person("B"), d.Person(fmt.Sprint("C", i)))
		if i%every == 0 {
			src.Says("meet", d.Person("A"), d.Person(fmt.Sprint("C", i)))
		}
		d.record()
	}
	about := graph.Pattern{Entity: d.Person("A").ID}
	asked, updates := 0, 0
	ask := func(ctx context.Context, v graph.View) iter.Seq2[*graph.Reading, error] {
		asked++
		return query.Statements(ctx, v, about)
	}
	d.g.Close()
	watch := func(opts *query.WatchOptions) {
		asked, updates = 0, 0
		for _, err := range query.Watch(ctx, d.g, 0, ask, byID, opts) {
			if err == nil {
				updates++
			} else if !errors.Is(err, graph.ErrClosed) {
				t.Fatal(err)
			}
		}
	}
	watch(&query.WatchOptions{Touching: []graph.Pattern{about}})
	if asked != batches/every || updates != batches/every {
		t.Errorf("asked %d times, told %d, want %d", asked, updates, batches/every)
	}
	watch(&query.WatchOptions{Touching: []graph.Pattern{{Refers: uuid.Max}, {Predicate: "nothing"}}})
	if asked != 0 {
		t.Errorf("asked %d times about nothing", asked)
	}
	watch(&query.WatchOptions{Newest: true})
	if asked != 1 || updates != 1 {
		t.Errorf("asked %d times, told %d, as of the newest", asked, updates)
	}
	watch(nil)
	if asked != batches || updates != batches/every {
		t.Errorf("asked %d times, told %d, as of each", asked, updates)
	}
}

// A watch ends with its context, waiting or not, with its graph, and with its
// question.
func TestWatchEnds(t *testing.T) {
	d := newDesk(t)
	a, b := d.Person("A"), d.Person("B")
	d.name("one", d.story().Says("meet", a, b))
	d.record()
	all := watched(graph.Pattern{})
	one := func(ctx context.Context, from events.Position, ask func(context.Context, graph.View) iter.Seq2[*graph.Reading, error], last func()) (told int, failed error) {
		for _, err := range query.Watch(ctx, d.g, from, ask, byID, nil) {
			if failed != nil {
				t.Error("it goes on after an error")
			}
			if err != nil {
				failed = err
				continue
			}
			told++
			last()
		}
		return told, failed
	}
	waiting, cancel := context.WithCancel(ctx)
	if n, err := one(waiting, 0, all, cancel); n != 1 || !errors.Is(err, context.Canceled) {
		t.Errorf("told %d, then %v", n, err)
	}
	if n, err := one(waiting, 0, all, cancel); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: told %d, then %v", n, err)
	}
	if n, err := one(waiting, 7, all, cancel); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("from what is not there: told %d, then %v", n, err)
	}
	broken := errors.New("broken")
	fails := func(context.Context, graph.View) iter.Seq2[*graph.Reading, error] {
		return func(yield func(*graph.Reading, error) bool) { yield(nil, broken) }
	}
	if n, err := one(ctx, 0, fails, cancel); n != 0 || !errors.Is(err, broken) || !strings.Contains(err.Error(), "as of position 1") {
		t.Errorf("a question that fails: told %d, then %v", n, err)
	}
	if n, err := one(ctx, 1, fails, cancel); n != 0 || !errors.Is(err, broken) {
		t.Errorf("a question that fails at once: told %d, then %v", n, err)
	}
	if n, err := one(ctx, 0, all, func() { d.g.Close() }); n != 1 || !errors.Is(err, graph.ErrClosed) {
		t.Errorf("told %d, then %v", n, err)
	}
	if n, err := one(ctx, 0, all, func() {}); n != 1 || !errors.Is(err, graph.ErrClosed) {
		t.Errorf("of a closed graph: told %d, then %v", n, err)
	}
}

// What is redacted goes from a watch under way, and is never told by a later one.
func TestWatchRedaction(t *testing.T) {
	about := func(d *desk) graph.Pattern { return graph.Pattern{Entity: d.Person("A").ID} }
	d := newDesk(t)
	for _, opts := range []*query.WatchOptions{nil, {Touching: []graph.Pattern{about(d)}}} {
		d = newDesk(t)
		a, b := d.Person("A"), d.Person("B")
		kept := d.name("kept", d.story().Says("meet", a, b))
		secret := d.name("secret", d.story().Says("hide", a, b))
		d.record()
		var all []string
		for u, err := range query.Watch(ctx, d.g, 0, watched(about(d)), byID, opts) {
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, printed(u))
			if u.Position == 2 {
				break
			}
			d.Redact(secret, "a court says so")
			d.record()
			d.Retract(kept, "and so do we")
			d.record()
		}
		equal(t, "under way", fmt.Sprint(all), fmt.Sprintf("[1 [%v %v] [] 2 [] [%v]]", kept, secret, secret))
		equal(t, "later", fmt.Sprint(told(t, d.g, 0, 3, about(d), opts)), fmt.Sprintf("[1 [%v] [] 3 [] [%v]]", kept, kept))
		equal(t, "resumed", fmt.Sprint(told(t, d.g, 1, 3, about(d), opts)), fmt.Sprintf("[3 [] [%v]]", kept))
	}
}

// What has been told of statements goes with its redaction, also for who watches again, be it
// that it had gone before; in an erasable record as in another.
func TestWatchStatementsRedaction(t *testing.T) {
	for name, keys := range map[string]events.Keys{"plain": nil, "erasable": events.NewMemKeys()} {
		t.Run(name, func(t *testing.T) {
			g, err := graph.Open(ctx, events.NewMem(), &graph.Options{Keys: keys})
			if err != nil {
				t.Fatal(err)
			}
			defer g.Close()
			record := func(say func(b *events.Builder)) {
				if _, err := g.Update(ctx, "desk", func(b *events.Builder) error { say(b); return nil }); err != nil {
					t.Fatal(err)
				}
			}
			says := func(b *events.Builder, what string) uuid.UUID {
				return b.Source("https://example.org/1").By(b.Person("Reporter")).Says(what, b.Person("A"), b.Person("B")).ID()
			}
			var kept, secret, false1 uuid.UUID
			record(func(b *events.Builder) {
				kept, secret, false1 = says(b, "meet"), says(b, "hide"), says(b, "lie")
			})
			about := graph.Pattern{Entity: g.Key(events.EntityKey(events.Person, "A")...)}
			var all []string
			for u, err := range query.WatchStatements(ctx, g, 0, nil, about) {
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, printed(u))
				if u.Position == 4 {
					break
				}
				if u.Position > 1 {
					continue
				}
				record(func(b *events.Builder) { b.Retract(false1, "no") })
				record(func(b *events.Builder) {
					b.Redact(secret, "a court says so")
					b.Redact(false1, "and of this")
					b.Redact(g.View(nil).Registrations(g.Key("source", "https://example.org/1"))[0], "and of where")
				})
				record(func(b *events.Builder) { b.Retract(kept, "and so do we") })
			}
			rest := fmt.Sprintf("3 [] [%v %v] 4 [] [%v]", secret, false1, kept)
			equal(t, "under way", fmt.Sprint(all), fmt.Sprintf("[1 [%v %v %v] [] %s]", kept, secret, false1, rest))
			equal(t, "later", fmt.Sprint(fed(t, g, 0, 4, about, nil)), fmt.Sprintf("[1 [%v] [] %s]", kept, rest))
			equal(t, "resumed", fmt.Sprint(fed(t, g, 1, 4, about, nil)), "["+rest+"]")
			equal(t, "of nobody", fmt.Sprint(fed(t, g, 1, 3, graph.Pattern{Entity: uuid.Max}, nil)), fmt.Sprintf("[3 [] [%v %v]]", secret, false1))
		})
	}
}

// It ends with an error only, and waits for a position that is not there yet.
func TestWatchStatementsEnds(t *testing.T) {
	d := newDesk(t)
	d.story().Says("meet", d.Person("A"), d.Person("B"))
	d.record()
	waiting, cancel := context.WithCancel(ctx)
	from := func(ctx context.Context, from events.Position, last func()) (told int, failed error) {
		for _, err := range query.WatchStatements(ctx, d.g, from, nil, graph.Pattern{}) {
			if failed != nil {
				t.Error("it goes on after an error")
			}
			if failed = err; err == nil {
				told++
				last()
			}
		}
		return told, failed
	}
	if n, err := from(waiting, 0, cancel); n != 1 || !errors.Is(err, context.Canceled) {
		t.Errorf("told %d, then %v", n, err)
	}
	if n, err := from(waiting, 0, cancel); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: told %d, then %v", n, err)
	}
	ahead, cancel := context.WithCancel(ctx)
	cancel()
	if n, err := from(ahead, 7, cancel); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("from what is not there: told %d, then %v", n, err)
	}
	if n, err := from(ctx, 0, func() { d.g.Close() }); n != 1 || !errors.Is(err, graph.ErrClosed) {
		t.Errorf("told %d, then %v", n, err)
	}
	if n, err := from(ctx, math.MaxUint64, func() {}); n != 0 || !errors.Is(err, graph.ErrClosed) {
		t.Errorf("from what can never be there: told %d, then %v", n, err)
	}
}

// Answers with one key are one answer, and the loop may be repeated.
func TestWatchKeys(t *testing.T) {
	d := newDesk(t)
	a, b := d.Person("A"), d.Person("B")
	src := d.story()
	src.Says("meet", a, b)
	src.Says("meet", a)
	d.record()
	d.g.Close()
	seq := query.Watch(ctx, d.g, 0, watched(graph.Pattern{}), func(r *graph.Reading) string { return r.Claim.Predicate }, nil)
	for range 2 {
		n := 0
		for u, err := range seq {
			if err == nil {
				n += len(u.Came) + len(u.Went)
			}
		}
		if n != 1 {
			t.Errorf("%d answers, want 1", n)
		}
	}
}

// What an answer rests on may be revised without a statement being touched.
func TestWatchRevisedSource(t *testing.T) {
	d := newDesk(t)
	a, b := d.Person("A"), d.Person("B")
	wire := d.Source("wire").By(d.Organisation("Wire"))
	d.name("wire says", wire.Says("meet", a, b))
	daily := d.Source("daily").By(d.Organisation("Daily"))
	d.name("daily says", daily.Says("meet", a, b))
	d.record()
	d.Source("daily").By(d.Organisation("Daily")).DerivedFrom(wire.ID())
	d.record()
	ask := func(ctx context.Context, v graph.View) iter.Seq2[*query.SupportAnswer, error] {
		return query.SingleSourced(ctx, v, graph.Pattern{Predicate: "meet"})
	}
	key := func(s *query.SupportAnswer) uuid.UUID { return s.Of.ID }
	opts := &query.WatchOptions{Touching: []graph.Pattern{{Predicate: "meet"}}}
	for u, err := range query.Watch(t.Context(), d.g, 1, ask, key, opts) {
		if err != nil {
			t.Fatal(err)
		}
		if u.Position != 2 || len(u.Came) != 1 || len(u.Went) != 0 {
			t.Errorf("update %+v, want one that came at position 2", u)
		}
		break
	}
}
