package quadstore_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/cayleygraph/cayley/graph/path"
	"github.com/cayleygraph/quad"
	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/graph/quadstore"
)

// met returns a view of a hundred people whom one met.
func met(t *testing.T) (graph.View, events.EntityRef) {
	g := open(t)
	b := events.NewBatch("desk")
	host := b.Person("host")
	src := b.Source("https://example.org/guests").By(b.Person("A. Reporter"))
	for i := range 100 {
		src.Says("meet", host, b.Person(fmt.Sprint("guest ", i)))
	}
	record(t, g, b)
	return g.View(nil), host
}

func TestBound(t *testing.T) {
	view, host := met(t)
	whole := quadstore.New(view)
	guests := func(store *quadstore.Store) *path.Path {
		return path.StartPath(store, quadstore.Entity(host.ID)).Out(quadstore.Predicate("meet"))
	}

	t.Run("enough", func(t *testing.T) {
		for _, steps := range []int64{-1, 0, 1000} {
			store, bounded, release := whole.Bound(ctx, &quadstore.Limits{Steps: steps})
			found, err := guests(store).Iterate(bounded).AllValues(store)
			if len(found) != 100 || err != nil || bounded.Err() != nil {
				t.Errorf("with %d steps %d found, %v, %v", steps, len(found), err, bounded.Err())
			}
			release()
			if cause := context.Cause(bounded); cause != context.Canceled {
				t.Errorf("released, the cause is %v", cause)
			}
		}
	})

	t.Run("steps", func(t *testing.T) {
		store, bounded, release := whole.Bound(ctx, &quadstore.Limits{Steps: 150})
		defer release()
		// Cayley is not told the context.
		found, _ := guests(store).Iterate(ctx).AllValues(store)
		if len(found) == 0 || len(found) >= 100 {
			t.Errorf("%d found with steps for fewer", len(found))
		}
		if cause := context.Cause(bounded); !errors.Is(cause, quadstore.ErrLimit) {
			t.Errorf("the cause is %v", cause)
		}
		if n, _ := guests(store).Iterate(ctx).Count(); n != 0 {
			t.Errorf("%d counted after the end", n)
		}
		if store.ValueOf(quadstore.Entity(host.ID)) != nil || store.NameOf(whole.ValueOf(quadstore.Entity(host.ID))) != nil {
			t.Error("values after the end")
		}
	})

	t.Run("time", func(t *testing.T) {
		store, bounded, release := whole.Bound(ctx, &quadstore.Limits{Time: time.Nanosecond})
		defer release()
		<-bounded.Done()
		found, _ := guests(store).Iterate(ctx).AllValues(store)
		cause := context.Cause(bounded)
		if len(found) > 0 || !errors.Is(cause, quadstore.ErrLimit) || !errors.Is(cause, context.DeadlineExceeded) {
			t.Errorf("%d found after the end, the cause is %v", len(found), cause)
		}
	})

	t.Run("context", func(t *testing.T) {
		parent, cancel := context.WithCancel(ctx)
		store, bounded, release := whole.Bound(parent, nil)
		defer release()
		scan := guests(store).BuildIterator()
		defer scan.Close()
		if !scan.Next(ctx) {
			t.Fatal("nobody found")
		}
		cancel()
		if scan.Next(ctx) || !errors.Is(scan.Err(), context.Canceled) {
			t.Errorf("walks on after the end, %v", scan.Err())
		}
		if cause := context.Cause(bounded); cause != context.Canceled {
			t.Errorf("the cause is %v", cause)
		}
	})

	if n, err := guests(whole).Iterate(ctx).Count(); n != 100 || err != nil {
		t.Errorf("%d counted in the store that is not bound, %v", n, err)
	}
}

// Looking for whether a node is there counts, too: of a stance that nobody holds,
// all statements are looked through.
func TestBoundLookUp(t *testing.T) {
	view, _ := met(t)
	store, bounded, release := quadstore.New(view).Bound(ctx, &quadstore.Limits{Steps: 50})
	defer release()
	if store.ValueOf(quadstore.Stance(events.Stance{Certainty: events.Possible, Polarity: events.Denied})) != nil {
		t.Error("found")
	}
	if !errors.Is(context.Cause(bounded), quadstore.ErrLimit) {
		t.Error("a look through all statements takes no steps")
	}
}

// unreadable is a store of records that can be read until it is broken.
type unreadable struct {
	*events.Mem
	broken bool
}

func (u *unreadable) Read(ctx context.Context, seq events.Seq) ([]byte, error) {
	if u.broken {
		return nil, errBroken
	}
	return u.Mem.Read(ctx, seq)
}

var errBroken = errors.New("the disk is gone")

// A value that cannot be read ends a query, as NameOf returns no error.
func TestBoundUnreadable(t *testing.T) {
	records := &unreadable{Mem: events.NewMem()}
	g, err := graph.Open(ctx, records, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	b := events.NewBatch("desk")
	b.Person("host")
	record(t, g, b)
	store, bounded, release := quadstore.New(g.View(nil)).Bound(ctx, nil)
	defer release()
	name := store.ValueOf(quad.String("host"))
	if name == nil || bounded.Err() != nil {
		t.Fatalf("the name is %v, %v", name, bounded.Err())
	}
	records.broken = true
	if v := store.NameOf(name); v != nil || !errors.Is(context.Cause(bounded), errBroken) {
		t.Errorf("%v was read, the cause is %v", v, context.Cause(bounded))
	}
}

func TestLimitsCheck(t *testing.T) {
	for _, c := range []struct {
		limits  *quadstore.Limits
		results int
		bad     bool
	}{
		{nil, 10_000, false}, {nil, 10_001, true},
		{&quadstore.Limits{Results: 3}, 3, false}, {&quadstore.Limits{Results: 3}, 4, true},
		{&quadstore.Limits{Results: -1}, 1 << 30, false},
	} {
		if err := c.limits.Check(c.results); errors.Is(err, quadstore.ErrLimit) != c.bad {
			t.Errorf("%+v with %d results: %v", c.limits, c.results, err)
		}
	}
}

// What a lens hides is looked at all the same, and so are the statements of an
// entity whose edges are remembered.
func TestBoundHidden(t *testing.T) {
	view, host := met(t)
	hidden := quadstore.New(view.Graph().View(&graph.Lens{According: []uuid.UUID{host.ID}}))
	eager := quadstore.Eager(quadstore.New(view))
	for name, p := range map[string]*path.Path{
		"hidden":     path.StartPath(hidden).Out(quadstore.Predicate("meet")),
		"remembered": path.StartPath(eager, quadstore.Entity(host.ID)).Out(quadstore.Predicate("meet")),
	} {
		store := hidden
		if name == "remembered" {
			store = eager
		}
		store, bounded, release := store.Bound(ctx, &quadstore.Limits{Steps: 20})
		for it := p.BuildIteratorOn(store); it.Next(ctx); {
		}
		if !errors.Is(context.Cause(bounded), quadstore.ErrLimit) {
			t.Errorf("%s: it takes no steps", name)
		}
		release()
	}
}

// A bound in a bound keeps to both.
func TestBoundTwice(t *testing.T) {
	view, _ := met(t)
	outer, outerCtx, release := quadstore.New(view).Bound(ctx, &quadstore.Limits{Steps: 20})
	defer release()
	inner, innerCtx, release := outer.Bound(outerCtx, &quadstore.Limits{Steps: -1})
	defer release()
	n, _ := path.StartPath(inner).Iterate(ctx).Count()
	if n > 20 || !errors.Is(context.Cause(outerCtx), quadstore.ErrLimit) || innerCtx.Err() == nil {
		t.Errorf("%d counted, %v, %v", n, context.Cause(outerCtx), innerCtx.Err())
	}
}

// Combinations of ways count, too, also where the ways are gathered before.
func TestBoundWays(t *testing.T) {
	view, host := met(t)
	store, bounded, release := quadstore.New(view).Bound(ctx, &quadstore.Limits{Steps: 5000})
	defer release()
	meet := quadstore.Predicate("meet")
	hosts := path.StartMorphism(quadstore.Entity(host.ID)).Out(meet).In(meet).Order()
	n, _ := path.StartPath(store, quadstore.Entity(host.ID)).And(hosts).And(hosts).And(hosts).Iterate(ctx).Count()
	if !errors.Is(context.Cause(bounded), quadstore.ErrLimit) {
		t.Errorf("%d counted, %v", n, context.Cause(bounded))
	}
}

// To guess how many there are remembers nothing, which would take no steps.
func TestBoundGuess(t *testing.T) {
	view, host := met(t)
	whole := quadstore.New(view)
	node := whole.ValueOf(quadstore.Entity(host.ID))
	for range 10 {
		if n, err := whole.QuadIteratorSize(ctx, quad.Subject, node); n.Size < 50 || n.Size > 200 || err != nil {
			t.Errorf("guessed %v, %v, of 100", n, err)
		}
	}
	store, bounded, release := whole.Bound(ctx, &quadstore.Limits{Steps: 150})
	defer release()
	n, _ := path.StartPath(store, quadstore.Entity(host.ID)).Out().Iterate(ctx).Count()
	if !errors.Is(context.Cause(bounded), quadstore.ErrLimit) {
		t.Errorf("%d counted, and nothing walked for it", n)
	}
}

// So do the tags of ways that are gathered, where the steps do not depend on them.
func TestBoundTags(t *testing.T) {
	view, host := met(t)
	guests := path.StartMorphism(quadstore.Entity(host.ID)).Out(quadstore.Predicate("meet"))
	for i := range 60 {
		guests = guests.Tag(fmt.Sprint("tag ", i))
	}
	for name, p := range map[string]*path.Path{"in order": guests.Order(), "looked up": path.StartMorphism().Except(guests.Limit(100))} {
		store, bounded, release := quadstore.New(view).Bound(ctx, &quadstore.Limits{Steps: 5000})
		n, _ := path.StartPath(store).Follow(p).Iterate(ctx).Count()
		if !errors.Is(context.Cause(bounded), quadstore.ErrLimit) {
			t.Errorf("%s: %d counted, %v", name, n, context.Cause(bounded))
		}
		release()
	}
}

// Who has a text that a filter asks for is looked for among those that have one, by
// one predicate or by one of two, rather than among all nodes.
func TestBoundFilter(t *testing.T) {
	view, _ := met(t)
	name, url := quadstore.EntityName, quadstore.SourceURL
	for _, by := range [][]any{{name}, {name, url}} {
		store, bounded, release := quadstore.New(view).Bound(ctx, &quadstore.Limits{Steps: 600})
		named := path.StartPath(store).Regex(regexp.MustCompile(`^guest 1.?$`)).In(by...)
		if n, err := named.Iterate(ctx).Count(); n != 11 || bounded.Err() != nil {
			t.Errorf("by %v: %d counted, %v, %v", by, n, err, context.Cause(bounded))
		}
		release()
	}
}
