package sqlite_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

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
