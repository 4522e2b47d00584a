package graph

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"

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
