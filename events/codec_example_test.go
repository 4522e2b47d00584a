package events_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/onrecord/onrecord/events"
)

func ExampleEncodeBody() {
	data, err := events.EncodeBody(&events.EntityNamed{
		Entity: events.Key("person", "Steve Witkoff"),
		Name:   events.Name{Text: "Whitkoff", Language: "en"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("% x\n", data)

	body, err := events.DecodeBody(events.KindEntityNamed, data)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(body.(*events.EntityNamed).Name.Text)

	_, err = events.DecodeBody(events.KindEntityNamed, data[:len(data)-1])
	fmt.Println(errors.Is(err, events.ErrDamaged), err)
	// Output:
	// a2 01 50 9a a1 c4 66 4d 63 54 4b 81 a3 03 3e 47 bc d7 db 02 a2 01 68 57 68 69 74 6b 6f 66 66 02 62 65 6e
	// Whitkoff
	// true events: decode: EntityNamed: unexpected EOF: the bytes have been damaged
}

func ExampleRecordBuilder() {
	id := events.Key("retraction of", "statement 7")
	payload, err := events.EncodeBody(&events.Retracted{Event: events.Key("statement 7"), Reason: "misread"})
	if err != nil {
		log.Fatal(err)
	}

	before := []byte("the record before")
	b := events.NewRecord(12, 40, sha256.Sum256(before))
	at := time.Date(2025, 8, 4, 12, 30, 0, 0, time.UTC)
	err = b.Add(at, "desk", []events.Encoded{{ID: id, Kind: events.KindRetracted, Payload: payload}})
	if err != nil {
		log.Fatal(err) // if it is ErrRecordSize, start the next record
	}

	h, err := events.Record{Seq: 12, Data: b.Bytes()}.Header()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(h.Previous == sha256.Sum256(before))
	for e, err := range h.Events() {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(e.Position, e.At, e.Recorder, e.Kind(), e.Body.(*events.Retracted).Reason)
	}
	// Output:
	// true
	// 40 2025-08-04 12:30:00 +0000 UTC desk Retracted misread
}

// A record moves from one store to another, here from memory to memory; any two stores
// will do. What is interrupted goes on when it is called again.
func ExampleCopy() {
	ctx := context.Background()
	from, to := events.NewMem(), events.NewMem()
	var chain events.Chain
	for _, name := range []string{"Ada Brandt", "Bela Kun", "Cem Oz"} {
		payload, err := events.EncodeBody(&events.EntityRegistered{Entity: events.Entity{
			ID: events.Key(name), Kind: events.Person, Name: events.Name{Text: name},
		}})
		if err != nil {
			log.Fatal(err)
		}
		b := events.NewRecord(chain.Head.Seq+1, chain.Position+1, chain.Head.SHA256)
		e := events.Encoded{ID: events.Key("registered", name), Kind: events.KindEntityRegistered, Payload: payload}
		if err := b.Add(time.Date(2025, 8, 4, 12, 30, 0, 0, time.UTC), "desk", []events.Encoded{e}); err != nil {
			log.Fatal(err)
		}
		r := events.Record{Seq: chain.Head.Seq + 1, Data: b.Bytes()}
		h, err := chain.Verify(r)
		if err != nil {
			log.Fatal(err)
		}
		if _, err := from.Append(ctx, chain.Head.Seq, r.Data); err != nil {
			log.Fatal(err)
		}
		chain.Take(r, h)
	}

	head, err := events.Copy(ctx, to, from, func(done, last events.Seq) {
		fmt.Printf("%d of %d\n", done, last)
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("the same to the bit:", head == chain.Head)
	// Output:
	// 0 of 3
	// 1 of 3
	// 2 of 3
	// 3 of 3
	// the same to the bit: true
}
