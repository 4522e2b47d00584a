package graph_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/keys"
	"github.com/onrecord/onrecord/events/sqlite"
	"github.com/onrecord/onrecord/graph"
)

// A file of keys that is older than the record is refused, also where a snapshot spares
// the reading of the events: new keys would have the ids of old ones.
func TestEraseOlderKeys(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "story.keys")
	life := func(do func(*graph.Graph)) error {
		k, err := keys.Open(path, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer k.Close()
		store, err := sqlite.Open(filepath.Join(dir, "story.db"), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		opts := &graph.Options{Keys: k}
		graph.Often(opts)
		g, err := graph.Open(ctx, store, opts)
		if err != nil {
			return err
		}
		do(g)
		return g.Close()
	}
	var old []byte
	if err := life(func(g *graph.Graph) {
		var err error
		if old, err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
		story(t, g)
	}); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		keys []byte
		want error
	}{{old, events.ErrKeys}, {whole, nil}} {
		if err := os.WriteFile(path, test.keys, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := life(func(*graph.Graph) {}); !errors.Is(err, test.want) || test.want == nil && err != nil {
			t.Errorf("with %d of %d bytes of keys: %v, want %v", len(test.keys), len(whole), err, test.want)
		}
	}
}

// A file of keys that has the key of the newest record, but not that of an earlier one, is
// refused, too: one process may use keys that it has made before another made its own.
func TestEraseOlderKeysThanAnother(t *testing.T) {
	dir := t.TempDir()
	open := func(path string) (*graph.Graph, error) {
		k, err := keys.Open(filepath.Join(dir, path), &keys.Options{MustExist: path == "old"})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { k.Close() })
		store, err := sqlite.Open(filepath.Join(dir, "story.db"), nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		opts := &graph.Options{Keys: k}
		graph.Often(opts)
		return graph.Open(ctx, store, opts)
	}
	record := func(g *graph.Graph, name string) {
		t.Helper()
		b := g.NewBatch(ctx, "desk")
		b.Person(name)
		batch, err := b.Batch()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := g.Record(ctx, batch); err != nil {
			t.Fatal(err)
		}
	}
	one, err := open("story.keys")
	if err != nil {
		t.Fatal(err)
	}
	record(one, "Ann")
	old, err := os.ReadFile(filepath.Join(dir, "story.keys"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "old"), old, 0o600); err != nil {
		t.Fatal(err)
	}
	two, err := open("story.keys")
	if err != nil {
		t.Fatal(err)
	}
	record(two, "Ben")
	if err := two.Close(); err != nil {
		t.Fatal(err)
	}
	record(one, "Cat") // with a key of the old file
	if err := one.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := open("old"); !errors.Is(err, events.ErrKeys) {
		t.Errorf("with the old keys: %v, want %v", err, events.ErrKeys)
	}
	again, err := open("story.keys")
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
}

// What has been erased by a redaction that this copy of the record does not have can be
// recorded again here all the same: nobody can say what it was.
func TestEraseBehindACopy(t *testing.T) {
	store, k := events.NewMem(), events.NewMemKeys()
	g := openErasable(t, store, k)
	said, batch := story(t, g)
	var copied [][]byte
	for _, r := range records(t, store) {
		copied = append(copied, r.Data)
	}
	old := openErasable(t, memOf(t, copied...), k)
	if _, err := g.Record(ctx, redaction(said)); err != nil {
		t.Fatal(err)
	}
	if r, err := old.Record(ctx, batch); err != nil || r.New != 0 || r.Position != 1 {
		t.Errorf("Record: %v, %v", r, err)
	}
}

// A refusal names nobody whose key has been destroyed, also where the redaction is not read.
func TestEraseNamesNobodyBehindACopy(t *testing.T) {
	store, k := events.NewMem(), events.NewMemKeys()
	g := openErasable(t, store, k)
	var ada, ida events.EntityRef
	build(t, g, func(b *events.Builder) {
		ada, ida = b.Person("Ada"), b.Person("Ida")
		b.Judge(ada, events.Same, ida, "")
	})
	var copied [][]byte
	for _, r := range records(t, store) {
		copied = append(copied, r.Data)
	}
	old := openErasable(t, memOf(t, copied...), k)
	for _, id := range g.View(nil).Registrations(ada.ID) {
		if _, err := g.Record(ctx, redaction(id)); err != nil {
			t.Fatal(err)
		}
	}
	differ := &events.IdentityJudged{A: ida.ID, B: ada.ID, Verdict: events.Different}
	_, err := old.Record(ctx, batchOf(events.Event{Body: differ}))
	if want := fmt.Sprintf("and %v cannot be different", ada.ID); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Record: %v, want one with %q", err, want)
	}
}

// Who could not be told of an erasure is told with the next call, whatever it records; and
// a call that takes nothing in returns only when all have been told.
func TestEraseTellsAgain(t *testing.T) {
	g := openErasable(t, events.NewMem(), events.NewMemKeys())
	said, _ := story(t, g)
	fails, told := true, 0
	defer g.OnErase(func(context.Context) error {
		if told++; fails {
			return errDisk
		}
		return nil
	})()
	if _, err := g.Record(ctx, redaction(said)); !errors.Is(err, errDisk) || told != 1 {
		t.Fatalf("told %d times, %v", told, err)
	}
	fails = false
	large := g.NewBatch(ctx, "desk")
	src := large.Source("https://example.org/2")
	for i := range 20 {
		src.Says("walk", large.Person(fmt.Sprint("Ann ", i)))
	}
	batch, err := large.Batch()
	if err != nil || len(batch.Events) <= 16 { // so few are recorded in another way
		t.Fatal(len(batch.Events), err)
	}
	if _, err := g.Record(ctx, batch); err != nil || told != 2 {
		t.Fatalf("told %d times, %v", told, err)
	}

	// While one call tells, another waits for it.
	begun, ready := make(chan bool), make(chan bool)
	defer g.OnErase(func(context.Context) error {
		close(begun)
		<-ready
		return nil
	})()
	again := batch.Events[len(batch.Events)-1].ID
	first := make(chan error, 1)
	go func() {
		_, err := g.Record(ctx, redaction(again))
		first <- err
	}()
	<-begun
	ended, cancel := context.WithCancel(ctx)
	second := make(chan error, 1)
	go func() { second <- g.Refresh(ended) }()
	cancel()
	if err := <-second; !errors.Is(err, context.Canceled) {
		t.Errorf("Refresh, while others are told: %v", err)
	}
	close(ready)
	if err := <-first; err != nil {
		t.Error(err)
	}
}

// Whoever has the keys can ask whether somebody of a name has been erased; one of the same
// name who comes later needs an id of his own.
func TestEraseNamesake(t *testing.T) {
	g := openErasable(t, events.NewMem(), events.NewMemKeys())
	record := func(write func(*events.Builder)) *events.Batch {
		t.Helper()
		b := g.NewBatch(ctx, "desk")
		write(b)
		batch, err := b.Batch()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := g.Record(ctx, batch); err != nil {
			t.Fatal(err)
		}
		return batch
	}
	first := record(func(b *events.Builder) { b.Person("Ada Brandt") })
	record(func(b *events.Builder) { b.Redact(first.Events[0].ID, "by request") })
	record(func(b *events.Builder) { b.Person("Ada Brandt") }) // by who does not know of it
	for name, want := range map[string]error{"Ada Brandt": graph.ErrRedacted, "Eve Other": graph.ErrNotInView} {
		if _, err := g.View(nil).Registered(ctx, g.Key(events.EntityKey(events.Person, name)...)); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
	}
	record(func(b *events.Builder) { b.Entity(events.Person, "Ada Brandt", "Ada Brandt, the younger") })
	e, err := g.View(nil).Registered(ctx, g.Key(events.EntityKey(events.Person, "Ada Brandt, the younger")...))
	if err != nil || e.Name.Text != "Ada Brandt" {
		t.Errorf("the namesake: %v, %v", e, err)
	}
}

// Two records that have been begun with the same keys are erased each for itself, and
// have the same ids: what package keys says of that.
func TestEraseTwoRecords(t *testing.T) {
	keys := events.NewMemKeys()
	one, two := events.NewMem(), events.NewMem()
	said, batch := story(t, openErasable(t, one, keys))
	again, _ := story(t, openErasable(t, two, keys))
	if again != said {
		t.Error("the same statement has two ids")
	}
	if _, err := openErasable(t, one, keys).Record(ctx, redaction(said)); err != nil {
		t.Fatal(err)
	}
	for _, store := range []events.Store{one, two} {
		if readable(t, store, keys, said) != (store == two) {
			t.Error("it is erased in the other record, or not in this one")
		}
		if !readable(t, store, keys, batch.Events[0].ID) {
			t.Error("more is erased")
		}
		if _, err := openErasable(t, store, keys).View(nil).Event(ctx, batch.Events[0].ID); err != nil {
			t.Error(err)
		}
	}
}
