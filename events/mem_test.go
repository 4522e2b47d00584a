package events_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/eventstest"
)

func TestMem(t *testing.T) {
	eventstest.TestStore(t, func(*testing.T) events.Store { return events.NewMem() }, nil)
}

func TestMemKeys(t *testing.T) {
	eventstest.TestKeys(t, func(*testing.T) events.Keys { return events.NewMemKeys() },
		func(_ *testing.T, k events.Keys) events.Keys { return k })
}

func ExampleMem() {
	ctx := context.Background()
	store := events.NewMem()
	defer store.Close()

	last, _ := store.Append(ctx, 0, []byte("Trump said he would soon meet Putin"))
	last, _ = store.Append(ctx, last, []byte("Peskov said the meeting was agreed"))

	_, err := store.Append(ctx, 1, []byte("written by someone who had not read on"))
	fmt.Println("last", last, "conflict", errors.Is(err, events.ErrConflict))

	for record, err := range store.Scan(ctx, 0) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%d %s\n", record.Seq, record.Data)
	}
	// Output:
	// last 2 conflict true
	// 1 Trump said he would soon meet Putin
	// 2 Peskov said the meeting was agreed
}
