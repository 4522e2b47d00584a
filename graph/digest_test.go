package graph_test

import (
	"crypto/sha256"
	"testing"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// A digest is that of the record at the view's position, for whatever came
// before it too, and the same in every graph on it.
func TestDigest(t *testing.T) {
	store, other := events.NewMem(), events.NewMem()
	a, b := open(t, store), open(t, other)
	if d, err := a.View(nil).Digest(ctx); err != nil || d != [sha256.Size]byte{} {
		t.Errorf("before the first batch: %x, %v", d, err)
	}
	for _, name := range []string{"Ada", "Ben", "Cleo"} {
		for g, note := range map[*graph.Graph]string{a: "", b: "Ada"} {
			e := events.Entity{ID: events.Key(name), Kind: events.Person, Name: events.Name{Text: name}}
			if name == note { // only the first batch differs, and not by an id
				e.Note = "differs"
			}
			if _, err := g.Record(ctx, batchOf(keyEvent(&events.EntityRegistered{Entity: e}, name))); err != nil {
				t.Fatal(err)
			}
		}
	}
	again := open(t, store)
	for p := events.Position(1); p <= 3; p++ {
		lens := &graph.Lens{AsOf: p}
		x, err := a.View(lens).Digest(ctx)
		if err != nil {
			t.Fatal(err)
		}
		data, err := store.Read(ctx, events.Seq(p)) // one batch, one record
		if err != nil {
			t.Fatal(err)
		}
		if want := sha256.Sum256(data); x != want {
			t.Errorf("as of %d: %x, want %x", p, x, want)
		}
		if y, err := again.View(lens).Digest(ctx); err != nil || y != x {
			t.Errorf("as of %d another graph on the store has %x, want %x (%v)", p, y, x, err)
		}
		if y, err := b.View(lens).Digest(ctx); err != nil || y == x {
			t.Errorf("as of %d another record has the same digest %x (%v)", p, y, err)
		}
	}
}
