package graph

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/internal/leak"
)

// damaged gives the records of a store, one of them with a bit flipped.
type damaged struct {
	events.Store
	at events.Seq
}

func (s damaged) Scan(ctx context.Context, after events.Seq) iter.Seq2[events.Record, error] {
	return func(yield func(events.Record, error) bool) {
		for r, err := range s.Store.Scan(ctx, after) {
			if err == nil && r.Seq == s.at {
				r.Data = append([]byte(nil), r.Data...)
				r.Data[len(r.Data)/2] ^= 1
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// Records come in their order with what they hold, and whether the reader comes to
// their end, meets damage, leaves or is cancelled, nothing goes on.
func TestAhead(t *testing.T) {
	ctx := t.Context()
	store := events.NewMem()
	g, err := Open(ctx, store, nil)
	if err != nil {
		t.Fatal(err)
	}
	const n = 40
	for i := range n {
		b := events.NewBatch("desk")
		b.Person(fmt.Sprint("person ", i))
		batch, err := b.Batch()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := g.Record(ctx, batch); err != nil {
			t.Fatal(err)
		}
	}
	g.Close()
	none := leak.Check(t)
	for range 5 {
		last := events.Seq(0)
		for d, err := range ahead(ctx, store, 0, nil) {
			if last++; err != nil || d.err != nil || d.record.Seq != last || len(d.batches) != 1 || len(d.batches[0].Events) == 0 {
				t.Fatal(last, d, err)
			}
		}
		if last != n {
			t.Errorf("%d records", last)
		}
		for _, err := range ahead(ctx, store, 30, nil) {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
		if _, err := Open(ctx, damaged{store, 20}, nil); !errors.Is(err, events.ErrDamaged) {
			t.Errorf("opened with damage: %v", err)
		}
		cancelled, cancel := context.WithCancel(ctx)
		read := 0
		for _, err := range ahead(cancelled, store, 0, nil) {
			if read++; read == 3 {
				cancel()
			}
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}
		cancel()
	}
	none()
}

// What could not have been recorded is damage also where it is sealed, as long as it can be
// opened: what remains of it is not looked at.
func TestSealedShape(t *testing.T) {
	ctx, keys := t.Context(), events.NewMemKeys()
	seal, err := events.NewSeal(ctx, keys)
	if err != nil {
		t.Fatal(err)
	}
	nameless := events.Event{ID: seal.Key("event"), Body: &events.EntityRegistered{Entity: events.Entity{ID: seal.Key("Ann"), Kind: events.Person}}}
	payload, err := events.EncodeBody(nameless.Body)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := seal.Seal(ctx, []events.Event{nameless}, []events.Encoded{{ID: nameless.ID, Kind: nameless.Kind(), Payload: payload}})
	if err != nil {
		t.Fatal(err)
	}
	b := events.NewSealedRecord(1, 1, [32]byte{}, seal.Record())
	if err := b.Add(time.Unix(0, 0), "desk", sealed); err != nil {
		t.Fatal(err)
	}
	store := events.NewMem()
	if _, err := store.Append(ctx, 0, b.Bytes()); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(ctx, store, &Options{Keys: keys}); !errors.Is(err, events.ErrDamaged) {
		t.Errorf("a person without a name: %v", err)
	}
	if err := keys.Destroy(ctx, [][]byte{sealed[0].Key}); err != nil {
		t.Fatal(err)
	}
	g, err := Open(ctx, store, &Options{Keys: keys})
	if err != nil {
		t.Fatalf("when it is erased: %v", err)
	}
	g.Close()
}
