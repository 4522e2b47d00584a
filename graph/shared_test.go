package graph_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
)

// Two graphs on one store record at once; each batch is recorded once, and both
// come to show the same.
func TestTwoGraphs(t *testing.T) {
	const writers, rounds = 3, 12
	store := events.NewMem()
	a, b := open(t, store), open(t, store)
	c := newCast(2 * writers)
	if _, err := a.Record(ctx, c.registration); err != nil {
		t.Fatal(err)
	}
	if err := b.Refresh(ctx); err != nil { // or it would refuse what rests on that
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var want []string
	for w := range 2 * writers {
		wg.Go(func() {
			keys, err := c.write([]*graph.Graph{a, b}[w%2], w, rounds)
			if err != nil {
				t.Errorf("writer %d: %v", w, err)
			}
			mu.Lock()
			defer mu.Unlock()
			want = append(want, keys...)
		})
	}
	wg.Wait()
	for _, g := range []*graph.Graph{a, b} {
		if err := g.Refresh(ctx); err != nil {
			t.Fatal(err)
		}
		wantKeys(t, g, want...)
	}
	last := a.View(nil).Position()
	if p := b.View(nil).Position(); p != last {
		t.Errorf("the graphs are at %d and %d", last, p)
	}
	for p := events.Position(1); p <= last; p += 7 {
		x, err := c.see(a.View(&graph.Lens{AsOf: p}), graph.Pattern{})
		if err != nil {
			t.Fatal(err)
		}
		if y, err := c.see(b.View(&graph.Lens{AsOf: p}), graph.Pattern{}); err != nil || x != y {
			t.Fatalf("as of %d one graph shows\n%s, the other\n%s%v", p, x, y, err)
		}
	}
}

// Of those who count on from the same number, on whichever graph, one wins.
func TestOptimisticCounter(t *testing.T) {
	const rounds, racers = 20, 6
	store := events.NewMem()
	graphs := []*graph.Graph{open(t, store), open(t, store)}
	c := newCast(1)
	if _, err := graphs[0].Record(ctx, c.registration); err != nil {
		t.Fatal(err)
	}
	counted := graph.Pattern{Args: []graph.Fill{{Role: "who", Entity: c.who[0]}}}
	for round := range rounds {
		for _, g := range graphs {
			if err := g.Refresh(ctx); err != nil {
				t.Fatal(err)
			}
		}
		at := graphs[0].View(nil).Position()
		var wg sync.WaitGroup
		errs := make([]error, racers)
		for r := range racers {
			wg.Go(func() {
				b := batchOf(c.statements(fmt.Sprint(round, " by ", r), c.who[0])...)
				_, errs[r] = graphs[r%2].RecordIf(ctx, b, graph.Condition{Nothing: counted, After: at})
			})
		}
		wg.Wait()
		won := 0
		for r, err := range errs {
			switch {
			case err == nil:
				won++
				// A batch that is recorded already succeeds whatever the condition.
				b := batchOf(c.statements(fmt.Sprint(round, " by ", r), c.who[0])...)
				if got, err := graphs[r%2].RecordIf(ctx, b, graph.Condition{}); err != nil || got.New != 0 {
					t.Errorf("round %d: again: %+v, %v", round, got, err)
				}
			case !errors.Is(err, graph.ErrChanged):
				t.Errorf("round %d: %v", round, err)
			}
		}
		if won != 1 {
			t.Fatalf("round %d: %d of %d won", round, won, racers)
		}
	}
	n := 0
	for range graphs[0].View(nil).Statements(counted) {
		n++
	}
	if n != rounds*keyed {
		t.Errorf("%d statements are counted, want %d", n, rounds*keyed)
	}
}

// A condition on what nobody touches holds, however busy the record is.
func TestConditionOnTheQuiet(t *testing.T) {
	store := events.NewMem()
	a, b := open(t, store), open(t, store)
	c := newCast(2)
	if _, err := a.Record(ctx, c.registration); err != nil {
		t.Fatal(err)
	}
	if err := b.Refresh(ctx); err != nil { // or it would refuse what rests on that
		t.Fatal(err)
	}
	for i := range 20 {
		if _, err := b.Record(ctx, batchOf(c.statements(fmt.Sprint("noise ", i), c.who[0])...)); err != nil {
			t.Fatal(err)
		}
	}
	quiet := graph.Condition{Nothing: graph.Pattern{Entity: c.who[1]}, After: 1}
	if _, err := a.RecordIf(ctx, batchOf(c.statements("mine", c.who[1])...), quiet); err != nil {
		t.Error(err)
	}
	if _, err := b.RecordIf(ctx, batchOf(c.statements("late", c.who[1])...), quiet); !errors.Is(err, graph.ErrChanged) {
		t.Errorf("after that: %v", err)
	}
}

// Follow takes in what another graph records, Wait returns when it is seen, and
// both end with their context.
func TestFollowAndWait(t *testing.T) {
	const batches = 30
	store := events.NewMem()
	here, there := open(t, store), open(t, store)
	c := newCast(1)
	following, stop := context.WithCancel(ctx)
	followed := make(chan error, 1)
	go func() { followed <- here.Follow(following) }()

	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for p := events.Position(1 + w); p <= 1+batches; p += 3 {
				if err := here.Wait(ctx, p); err != nil {
					t.Error(err)
				}
				if now := here.View(nil).Position(); now < p {
					t.Errorf("Wait(%d) returned at %d", p, now)
				}
			}
		})
	}
	if _, err := there.Record(ctx, c.registration); err != nil {
		t.Fatal(err)
	}
	var want []string
	for i := range batches {
		want = append(want, fmt.Sprint(i))
		if _, err := there.Record(ctx, batchOf(c.statements(want[i], c.who[0])...)); err != nil {
			t.Fatal(err)
		}
	}
	wg.Wait()
	wantKeys(t, here, want...)

	waited := make(chan error, 1)
	waiting, cancel := context.WithCancel(ctx)
	go func() { waited <- here.Wait(waiting, 1000) }()
	cancel()
	if err := <-waited; !errors.Is(err, context.Canceled) {
		t.Errorf("Wait: %v", err)
	}
	stop()
	if err := <-followed; !errors.Is(err, context.Canceled) {
		t.Errorf("Follow: %v", err)
	}

	onlyStore := open(t, struct{ events.Store }{store})
	if err := onlyStore.Follow(ctx); err == nil {
		t.Error("Follow on a store that cannot wait returned nil")
	}
	wantKeys(t, onlyStore, want...)
}

// Making a view costs no memory beyond itself: none, or one piece if it has filters.
func TestViewAllocates(t *testing.T) {
	g := open(t, events.NewMem())
	c := newCast(2)
	if _, err := g.Record(ctx, c.registration); err != nil {
		t.Fatal(err)
	}
	year := edtf.MustParse("2025")
	var v graph.View
	for _, x := range []struct {
		name string
		lens *graph.Lens
		most float64
	}{
		{"of all", nil, 0},
		{"as of a position", &graph.Lens{AsOf: 1}, 0},
		{"recorded by a time", &graph.Lens{RecordedBy: time.Unix(1, 0)}, 0},
		{"of what was said by a time", &graph.Lens{SaidBy: graph.Certainly(year)}, 1},
		{"of what was published by a time", &graph.Lens{PublishedBy: graph.Possibly(year)}, 1},
		{"of what is valid in a year", &graph.Lens{Valid: graph.Possibly(year)}, 1},
		{"of what is probable", &graph.Lens{Least: events.Probable}, 1},
		{"according to two", &graph.Lens{According: c.who}, 1},
	} {
		if n := testing.AllocsPerRun(100, func() { v = g.View(x.lens) }); n > x.most {
			t.Errorf("a view %s allocates %v times, want at most %v", x.name, n, x.most)
		}
	}
	want := slices.Clone(c.who)
	c.who[0] = uuid.Nil
	if l := v.Lens(); !slices.Equal(l.According, want) {
		t.Errorf("after its lens was changed the view is according to %v, want %v", l.According, want)
	}
}

// Walking rows where the walk is made costs no memory.
func TestRowsAllocateNothing(t *testing.T) {
	g := open(t, events.NewMem())
	c := newCast(1)
	for _, es := range [][]events.Event{c.registration.Events, c.statements("x", c.who[0])} {
		if _, err := g.Record(ctx, batchOf(es...)); err != nil {
			t.Fatal(err)
		}
	}
	found := 0
	count := func(rows *graph.Rows) {
		for _, shown, ok := rows.Step(); ok; _, shown, ok = rows.Step() {
			if shown {
				found++
			}
		}
	}
	for name, walk := range map[string]func(v graph.View){
		"all": func(v graph.View) {
			n := v.Numbers()
			count(n.AllRows())
		},
		"of a predicate": func(v graph.View) {
			n := v.Numbers()
			count(n.RowsOfPredicate(1))
		},
		"of a source": func(v graph.View) {
			n := v.Numbers()
			count(n.RowsOfSource(n.Source(c.source)))
		},
		"of a literal": func(v graph.View) {
			n := v.Numbers()
			count(n.RowsOfLiteral(1))
		},
		"referring": func(v graph.View) {
			n := v.Numbers()
			count(n.RowsReferring(1))
		},
		"of an entity": func(v graph.View) {
			n := v.Numbers()
			count(n.RowsOfEntity(n.Entity(c.who[0]), graph.PlaceOrigin))
		},
		"of an argument": func(v graph.View) {
			n := v.Numbers()
			count(n.RowsOfArgument(n.Entity(c.who[0])))
		},
	} {
		if n := testing.AllocsPerRun(100, func() { walk(g.View(nil)) }); n != 0 {
			t.Errorf("a walk through rows %s allocates %v times", name, n)
		}
	}
	if found == 0 {
		t.Error("no rows were found")
	}
}

// A batch may rest on what another process has just recorded: before it is
// refused, the graph reads on.
func TestRestOnAnothersRecord(t *testing.T) {
	store := events.NewMem()
	a, b := open(t, store), open(t, store)
	c := newCast(1)
	if _, err := a.Record(ctx, c.registration); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Record(ctx, batchOf(c.statements("x", c.who[0])...)); err != nil {
		t.Error(err)
	}
}

// As of 1 a view does not know what is registered at 2.
func TestClusterOfUnknown(t *testing.T) {
	g := open(t, events.NewMem())
	c := newCast(2)
	if _, err := g.Record(ctx, batchOf(c.registration.Events[:2]...)); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Record(ctx, c.registration); err != nil {
		t.Fatal(err)
	}
	v := g.View(&graph.Lens{AsOf: 1})
	later := c.alt[1]
	if got := v.Cluster(later); got != nil {
		t.Errorf("as of 1 the cluster of what was registered at 2 is %v, want none", got)
	}
	if got := v.WhySame(later, later); got != nil {
		t.Errorf("as of 1 WhySame says %v, want nothing", got)
	}
}
