package graph_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/keys"
	"github.com/onrecord/onrecord/graph"
)

// openOften opens a graph that writes snapshots often, and reports whether it has used one.
func openOften(t *testing.T, store *shelf, k events.Keys) (g *graph.Graph, used bool) {
	t.Helper()
	opts := &graph.Options{Keys: k}
	graph.Often(opts)
	store.from = nil
	g, err := graph.Open(ctx, store, opts)
	if err != nil {
		t.Fatal(err)
	}
	return g, !slices.Contains(store.from, 0)
}

func openKeys(t *testing.T, path string) *keys.File {
	t.Helper()
	k, err := keys.Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	return k
}

// Whoever follows destroys again what has been destroyed: the snapshots of who has recorded
// the redaction, and goes on, can be opened all the same.
func TestEraseSnapshotFollowed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "story.keys")
	mem := events.NewMemKeys()
	for name, open := range map[string]func() events.Keys{
		"MemKeys": func() events.Keys { return mem },
		"File":    func() events.Keys { return openKeys(t, path) },
	} {
		t.Run(name, func(t *testing.T) {
			store := &shelf{Mem: events.NewMem()}
			recorder, _ := openOften(t, store, open())
			said, batch := story(t, recorder)
			follower := openErasable(t, store.Mem, open())
			for _, event := range []events.Event{{ID: said}, batch.Events[0]} {
				if _, err := recorder.Record(ctx, redaction(event.ID)); err != nil {
					t.Fatal(err)
				}
				if err := follower.Refresh(ctx); err != nil {
					t.Fatal(err)
				}
				if _, err := follower.View(nil).Event(ctx, event.ID); !errors.Is(err, graph.ErrRedacted) {
					t.Errorf("the follower shows it: %v", err)
				}
			}
			if err := recorder.Close(); err != nil {
				t.Fatal(err)
			}
			again, used := openOften(t, store, open())
			defer again.Close()
			if !used {
				t.Error("the snapshot cannot be opened")
			}
			if _, err := again.View(nil).Statement(said); !errors.Is(err, graph.ErrRedacted) {
				t.Error(err)
			}
		})
	}
}

// A snapshot that could not be opened is not put in the place of one that can be.
func TestEraseSnapshotDead(t *testing.T) {
	store, k := &shelf{Mem: events.NewMem()}, events.NewMemKeys()
	one, _ := openOften(t, store, k)
	story(t, one)
	spare, err := k.New(ctx, 1)
	if err == nil {
		err = k.Destroy(ctx, [][]byte{spare[0].ID}) // by nobody who records
	}
	if err != nil {
		t.Fatal(err)
	}
	two, _ := openOften(t, store, k)
	recordMore(t, two)
	if err := two.Close(); err != nil {
		t.Fatal(err)
	}
	if err := one.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	if err := one.Close(); err != nil {
		t.Fatal(err)
	}
	again, used := openOften(t, store, k)
	defer again.Close()
	if !used {
		t.Error("the snapshot cannot be opened")
	}
}

// recordMore records one thing more.
func recordMore(t *testing.T, g *graph.Graph) {
	t.Helper()
	b := g.NewBatch(ctx, "desk")
	b.Person("Cat")
	batch, err := b.Batch()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Record(ctx, batch); err != nil {
		t.Fatal(err)
	}
}

// A copy of the file of keys that was made while a key was destroyed may have the mark in
// its place and the secret of before. A snapshot of before that is put back is folded on
// from, and cannot be opened then any more.
func TestEraseSnapshotTorn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "story.keys")
	store := &shelf{Mem: events.NewMem()}
	g, _ := openOften(t, store, openKeys(t, path))
	said, _ := story(t, g)
	g.Close()
	early := store.snapshot
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openErasable(t, store.Mem, openKeys(t, path)).Record(ctx, redaction(said)); err != nil {
		t.Fatal(err)
	}
	copied, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	copy(copied[4096:4096+64], before[4096:])
	path = filepath.Join(t.TempDir(), "copy.keys")
	if err := os.WriteFile(path, copied, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, want := range []bool{true, false} {
		store.put(early)
		g, _ := openOften(t, store, openKeys(t, path))
		if used := store.from[0] > 0; used != want { // what is due is then folded anew
			t.Errorf("the snapshot of before is used: %v, want %v", used, want)
		}
		if _, err := g.View(nil).Statement(said); !errors.Is(err, graph.ErrRedacted) {
			t.Error(err)
		}
		if readable(t, store, openKeys(t, path), said) {
			t.Error("it can be read")
		}
		g.Close()
	}
}

// What many events are recorded with is erased, too, when Record returns: nothing is folded
// behind a redaction before that is stored.
func TestEraseAmongMany(t *testing.T) {
	store, k := events.NewMem(), events.NewMemKeys()
	g := openErasable(t, store, k)
	said, _ := story(t, g)
	b := g.NewBatch(ctx, "desk")
	b.Redact(said, "by request")
	for i := range 20 { // so few as one are recorded in another way
		b.Person(fmt.Sprint("Cat ", i))
	}
	batch, err := b.Batch()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Record(ctx, batch); err != nil || readable(t, store, k, said) {
		t.Errorf("%v, and it can be read: %v", err, readable(t, store, k, said))
	}
}

// A snapshot of another record, of as many events, is not used.
func TestSnapshotOfAnother(t *testing.T) {
	record := func(name string) *shelf {
		store := &shelf{Mem: events.NewMem()}
		g, _ := openOften(t, store, nil)
		b := events.NewBatch("desk")
		b.Person(name)
		batch, err := b.Batch()
		if err == nil {
			_, err = g.Record(ctx, batch)
		}
		if err = errors.Join(err, g.Close()); err != nil {
			t.Fatal(err)
		}
		return store
	}
	ann, ben := record("Ann"), record("Ben")
	ben.put(ann.snapshot)
	g, used := openOften(t, ben, nil)
	defer g.Close()
	if used {
		t.Error("it is used")
	}
	if _, err := g.View(nil).Registered(ctx, events.Key(events.EntityKey(events.Person, "Ben")...)); err != nil {
		t.Error(err)
	}
}
