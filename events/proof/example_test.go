package proof_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/note"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/proof"
)

// The desk's keys: note.GenerateKey makes a pair. The first is secret, the second
// is printed in the paper.
const (
	secretKey = "PRIVATE+KEY+gazette.example/desk+cd0462be+AcRFJoQtUbVwQCQo1jc5fweG347fnVjCx3OGk1c0qii8"
	publicKey = "gazette.example/desk+cd0462be+AcIHOezG3Oe6bo9agWtUBO1GqfyeZTMGJlrBSX9Nm9NT"
)

// says records statements of these predicates, one in each record, at half past
// twelve. A program has package graph do that.
func says(ctx context.Context, store events.Store, predicates ...string) error {
	seq, previous := events.Seq(0), [sha256.Size]byte{}
	for r, err := range store.Scan(ctx, 0) {
		if err != nil {
			return err
		}
		seq, previous = r.Seq, sha256.Sum256(r.Data)
	}
	at := time.Date(2025, 8, 4, 12, 30, 0, 0, time.UTC)
	for _, predicate := range predicates {
		payload, err := events.EncodeBody(&events.StatementRecorded{Statement: events.Statement{
			Claim:  events.Claim{Predicate: predicate, Args: []events.Arg{{Role: "who", Value: events.Ref(events.Key("mayor"))}}},
			Voices: []events.Voice{{Speakers: []events.Party{{Entity: events.Key("driver")}}, Act: events.Assert, Stance: events.CertainAffirmed()}},
			Source: events.Key("the interview"),
			Form:   events.Paraphrase,
		}})
		if err != nil {
			return err
		}
		e := events.Encoded{ID: statement(seq + 1), Kind: events.KindStatementRecorded, Payload: payload}
		b := events.NewRecord(seq+1, events.Position(seq+1), previous)
		if err := b.Add(at, "desk", []events.Encoded{e}); err != nil {
			return err
		}
		previous = sha256.Sum256(b.Bytes())
		if seq, err = store.Append(ctx, seq, b.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

func statement(seq events.Seq) uuid.UUID { return events.Key("statement", fmt.Sprint(seq)) }

// A desk signs a checkpoint and proves one statement; a reader who has its public
// key, and not its record, checks the proof.
func ExampleTree_Inclusion() {
	ctx := context.Background()
	store := events.NewMem() // for a graph: the store that it was opened with
	if err := says(ctx, store, "visit_harbour", "sign_contract", "deny"); err != nil {
		log.Fatal(err)
	}

	signer, err := note.NewSigner(secretKey)
	if err != nil {
		log.Fatal(err)
	}
	tree := proof.NewTree()
	head, err := tree.Grow(ctx, store)
	if err != nil {
		log.Fatal(err)
	}
	checkpoint, err := proof.Sign(head, signer)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", checkpoint)
	p, err := tree.Inclusion(ctx, store, checkpoint, 2, statement(2))
	if err != nil {
		log.Fatal(err)
	}
	file := p.Bytes()

	// Somewhere else:
	key, err := note.NewVerifier(publicKey)
	if err != nil {
		log.Fatal(err)
	}
	p, err = proof.ParseInclusion(file)
	if err != nil {
		log.Fatal(err)
	}
	c, err := p.Check(key)
	if err != nil {
		log.Fatal(err)
	}
	e, err := p.Event()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("event %d of %d of %s\n", p.Index+1, c.Size, c.Origin)
	fmt.Println(e.At, e.Recorder, e.Body.(*events.StatementRecorded).Statement.Claim.Predicate)

	p.Leaf.At = p.Leaf.At.Add(-time.Hour)
	_, err = p.Check(key)
	fmt.Println(err)
	// Output:
	// gazette.example/desk
	// 3
	// 3+sLwh6MSY+Mn5Ysf9jS8LbPDAkLMAEjd1yZ51Y/7uk=
	// record 3 3 Aai1bCdxuTi3ewTBZKE4QiNcdexzA8PcyS9MgcsUyiM=
	//
	// — gazette.example/desk zQRivvX4ObWn4pIDsqNMy7v4rjMfsxrX2+6q+w4UaCyNqeKoAHqerVuML0KM4qmKoQwhmhn1ySEk0bD/tFXoMhk9yAY=
	//
	// event 2 of 3 of gazette.example/desk
	// 2025-08-04 12:30:00 +0000 UTC desk sign_contract
	// proof: event a33b5eec-5df2-5234-bf2d-7c94edab2d4c is not proved: event 1 of 3: invalid transparency proof
}

// A reader has kept an old checkpoint. The desk proves that its record of today
// extends it.
func ExampleTree_Consistency() {
	ctx := context.Background()
	store := events.NewMem()
	signer, err := note.NewSigner(secretKey)
	if err != nil {
		log.Fatal(err)
	}
	tree := proof.NewTree()
	var checkpoints [][]byte
	for _, predicate := range []string{"visit_harbour", "sign_contract", "deny"} {
		if err := says(ctx, store, predicate); err != nil {
			log.Fatal(err)
		}
		head, err := tree.Grow(ctx, store)
		if err != nil {
			log.Fatal(err)
		}
		checkpoint, err := proof.Sign(head, signer)
		if err != nil {
			log.Fatal(err)
		}
		checkpoints = append(checkpoints, checkpoint)
	}
	p, err := tree.Consistency(checkpoints[0], checkpoints[2])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", p.Bytes())

	key, err := note.NewVerifier(publicKey)
	if err != nil {
		log.Fatal(err)
	}
	older, newer, err := p.Check(key)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d events extend %d\n", newer.Size, older.Size)
	// Output:
	// onrecord/consistency@v1
	// AGL0Z4vXI0II9jTPtYVNrfa+XkZVCAOzGMUR8ocUEjY=
	// yUZgxTj2hz2cI3zHv2N0zOIxztZOwlTIiXfas1VBinI=
	//
	// gazette.example/desk
	// 1
	// P5/2SNMHMwCuEfLfig8BqF+vJpRvi4PtZUdAQBGQQk0=
	// record 1 1 zCTPy4vXWPhOze1UMSifhVIXqQiCwwoZ5NNOofqLmCY=
	//
	// — gazette.example/desk zQRivo72dG0oLk9uK2b05HCDQd2KX7RDmkIrxPifMZ92BH76SFtU8HI3EME7XRcLu0E2Mcvbo7jRRTcFL3jpsdfRTQc=
	//
	// gazette.example/desk
	// 3
	// 3+sLwh6MSY+Mn5Ysf9jS8LbPDAkLMAEjd1yZ51Y/7uk=
	// record 3 3 Aai1bCdxuTi3ewTBZKE4QiNcdexzA8PcyS9MgcsUyiM=
	//
	// — gazette.example/desk zQRivvX4ObWn4pIDsqNMy7v4rjMfsxrX2+6q+w4UaCyNqeKoAHqerVuML0KM4qmKoQwhmhn1ySEk0bD/tFXoMhk9yAY=
	//
	// 3 events extend 1
}

// Somebody has written the whole record again, with another word in it. It is whole,
// but it is not the one that the tree was built over.
func ExampleVerify() {
	ctx := context.Background()
	store := events.NewMem()
	if err := says(ctx, store, "visit_harbour", "sign_contract", "deny"); err != nil {
		log.Fatal(err)
	}
	tree := proof.NewTree()
	if _, err := tree.Grow(ctx, store); err != nil {
		log.Fatal(err)
	}

	forged := events.NewMem()
	if err := says(ctx, forged, "visit_harbour", "burn_contract", "deny"); err != nil {
		log.Fatal(err)
	}
	for _, opts := range []*proof.VerifyOptions{nil, {Tree: tree}} {
		report, err := proof.Verify(ctx, forged, opts)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%d events in %d records, %d faults\n", report.Head.Size, report.Last, len(report.Faults))
		for _, f := range report.Faults {
			fmt.Println(f)
		}
	}
	// Output:
	// 3 events in 3 records, 0 faults
	// 3 events in 3 records, 1 faults
	// record 2: event a33b5eec-5df2-5234-bf2d-7c94edab2d4c: event 1 is not the one that the tree has: not the record that the tree was built over
}
