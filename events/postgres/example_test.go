package postgres_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/postgres"
)

// A graph does this on top of a store: it writes records of its own format, and reads no
// others. This is what a store itself does. It needs a server, so it is compiled and not
// run.
func ExampleOpen() {
	ctx := context.Background()
	store, err := postgres.Open(ctx, "postgres://desk@db.example.org/news?sslmode=verify-full", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	last, err := store.Last(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, said := range []string{"Trump said he would soon meet Putin", "Peskov said the meeting was agreed"} {
		if last, err = store.Append(ctx, last, []byte(said)); err != nil {
			log.Fatal(err)
		}
	}
}

// What other processes append is followed as it comes. What is read fails while the
// server cannot be reached, and is read again when Wait has found it.
func ExampleStore_Wait() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	store, err := postgres.Open(ctx, os.Getenv("RECORD_URL"), &postgres.Options{Schema: "story"})
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	var seen events.Seq
	for store.Wait(ctx, seen) == nil {
		for record, err := range store.Scan(ctx, seen) {
			if err != nil {
				log.Print(err)
				break
			}
			fmt.Printf("%d %s\n", record.Seq, record.Data)
			seen = record.Seq
		}
	}
}
