package jsonl_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"time"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/jsonl"
)

// A record is exported, read by anybody, and imported into another store, which then
// has the same records to the bit. Somebody who puts other words beside the bytes is
// found out.
func Example() {
	ctx := context.Background()
	store := events.NewMem() // for a graph: the store that it was opened with
	payload, err := events.EncodeBody(&events.EntityRegistered{Entity: events.Entity{
		ID: events.Key("Ada"), Kind: events.Person, Name: events.Name{Text: "Ada Brandt"},
	}})
	if err != nil {
		log.Fatal(err)
	}
	record := events.NewRecord(1, 1, [32]byte{})
	e := events.Encoded{ID: events.Key("registered"), Kind: events.KindEntityRegistered, Payload: payload}
	if err := record.Add(time.Date(2025, 8, 4, 12, 30, 0, 0, time.UTC), "desk", []events.Encoded{e}); err != nil {
		log.Fatal(err)
	}
	if _, err := store.Append(ctx, 0, record.Bytes()); err != nil {
		log.Fatal(err)
	}

	var file bytes.Buffer
	head, err := jsonl.Export(ctx, store, &file)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("exported to record %d, %x\n", head.Seq, head.SHA256[:4])
	_, words, _ := bytes.Cut(file.Bytes(), []byte(`"batches":`))
	fmt.Printf("%s", words)

	other := events.NewMem()
	head, err = jsonl.Import(ctx, other, bytes.NewReader(file.Bytes()))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("imported to record %d, %x\n", head.Seq, head.SHA256[:4])

	forged := bytes.Replace(file.Bytes(), []byte("Brandt"), []byte("Brand"), 1)
	_, err = jsonl.Import(ctx, events.NewMem(), bytes.NewReader(forged))
	fmt.Println(err)
	// Output:
	// exported to record 1, 6da903f6
	// [{"position":1,"at":"2025-08-04T12:30:00Z","recorder":"desk","events":[{"id":"8076a023-3a78-531b-a8fd-be77997d453f","kind":"EntityRegistered","body":{"entity":{"id":"763c4d0b-edbc-56e2-a14a-c352e291ebb3","kind":"person","name":{"text":"Ada Brandt"}}}}]}]}
	// {"end":1,"sha256":"6da903f67fd660aa5fe41dde41f3527964905184097cb86bfa474c7c5a3cf2ce"}
	// imported to record 1, 6da903f6
	// jsonl: import: line 1: batches[0].events[0].body.entity.name.text is "Ada Brand", the bytes say "Ada Brandt": the bytes have been damaged
}
