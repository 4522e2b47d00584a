package sqlite_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/proof"
	"github.com/onrecord/onrecord/events/sqlite"
)

// A graph does this on top of a store: it writes records of its own format, and
// reads no others. This is what a store itself does.
func ExampleOpen() {
	dir, err := os.MkdirTemp("", "record")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	store, err := sqlite.Open(filepath.Join(dir, "story.db"), nil)
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	ctx := context.Background()
	last, err := store.Last(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, said := range []string{"Trump said he would soon meet Putin", "Peskov said the meeting was agreed"} {
		if last, err = store.Append(ctx, last, []byte(said)); err != nil {
			log.Fatal(err)
		}
	}

	for record, err := range store.Scan(ctx, 0) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%d %s\n", record.Seq, record.Data)
	}
	// Output:
	// 1 Trump said he would soon meet Putin
	// 2 Peskov said the meeting was agreed
}

// A record is copied while it is in use. What is restored from the copy is verified:
// that each record follows from the one before, and that the last is the one which
// the backup was said to end with.
func ExampleStore_BackupFile() {
	dir, err := os.MkdirTemp("", "record")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	ctx := context.Background()
	store, err := sqlite.Open(filepath.Join(dir, "story.db"), nil)
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	record := events.NewRecord(1, 1, [32]byte{}) // for a graph: what it has recorded
	if err := record.Add(time.Unix(0, 0), "desk", registersAda); err != nil {
		log.Fatal(err)
	}
	if _, err := store.Append(ctx, 0, record.Bytes()); err != nil {
		log.Fatal(err)
	}

	head, err := store.BackupFile(ctx, filepath.Join(dir, "tuesday.db"), nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("backed up to record %d, %x\n", head.Seq, head.SHA256[:4])

	restored, err := sqlite.Open(filepath.Join(dir, "tuesday.db"), nil)
	if err != nil {
		log.Fatal(err)
	}
	defer restored.Close()
	report, err := proof.Verify(ctx, restored, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("restored to record %d, %x, with %d faults\n", report.Head.Record, report.Head.SHA256[:4], len(report.Faults))
	// Output:
	// backed up to record 1, 3de984c8
	// restored to record 1, 3de984c8, with 0 faults
}

// registersAda is a batch that registers an entity.
var registersAda = []events.Encoded{{
	ID: events.Key("somebody"), Kind: events.KindEntityRegistered,
	Payload: must(events.EncodeBody(&events.EntityRegistered{Entity: events.Entity{
		ID: events.Key("Ada"), Kind: events.Person, Name: events.Name{Text: "Ada Brandt"},
	}})),
}}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
