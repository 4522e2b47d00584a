package graph

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// The same record gives the same columns, until snapshotVersion is raised: a
// snapshot of an earlier release must not be taken for what this one would fold.
func TestSnapshotPinned(t *testing.T) {
	const version, want = 8, "541f97c902b0d33311f9940012c64e13ac17f98f938f6c7225e058674e27b175"
	ctx := context.Background()
	g, err := Open(ctx, events.NewMem(), &Options{Now: func() time.Time { return time.Unix(1754300000, 0) }})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	g.fold.c.literals.key = [2]uint64{1, 2}
	n := 0
	record := func(write func(*events.Builder)) {
		t.Helper()
		b := events.NewBatch("desk")
		write(b)
		batch, err := b.Batch()
		if err != nil {
			t.Fatal(err)
		}
		for i := range batch.Events {
			if e := &batch.Events[i]; e.ID == uuid.Nil || e.ID.Version() == 7 {
				n++
				e.ID = events.Key("decision", fmt.Sprint(n))
			}
		}
		if _, err := g.Record(ctx, batch); err != nil {
			t.Fatal(err)
		}
	}
	var said, other uuid.UUID
	record(func(b *events.Builder) {
		b.Declare(events.Predicate{Name: "meet", Symmetric: true})
		ann, ben := b.Person("Ann"), b.Person("Ben")
		b.Name(ann, "Аня", "uk")
		first := b.Source("https://example.org/1").By(b.Person("A. Reporter")).Published("2025-08-04").Title("Talks")
		said = first.Reports(ann, "meet", ben, b.Place("Moscow")).On("[2025-08-06,2025-08-07]").Occurrence(b.Occurrence("the visit")).
			Arg("hours", events.Number("4", "h")).Arg("words", events.Text("vier Stunden", "de")).ID()
		other = first.Says("know", ann, ben).Stance("CT-").If(b.Claim("agree", ben), "if he agrees").ID()
		b.Link(said, events.Disputes, other, "so it says")
		b.Judge(ann, events.Unsure, ben, "perhaps")
		b.DeclareScheme(events.Scheme{Name: "stars", Values: []string{"one", "two"}})
		b.Add(&events.Assessed{Statement: other, Scheme: "stars", Value: "two"})
	})
	record(func(b *events.Builder) {
		ann := b.Person("Ann")
		b.Add(&events.EntitySplit{Entity: ann.ID, Parts: []events.SplitPart{
			{Entity: b.Person("Anna").ID, Mentions: []events.Mention{{Statement: said, Place: events.Anywhere}}},
			{Entity: b.Person("Anne").ID, Mentions: []events.Mention{{Statement: other, Place: events.Anywhere}}},
		}})
	})
	record(func(b *events.Builder) { b.Add(&events.Retracted{Event: other, Cascade: true}) })
	record(func(b *events.Builder) { b.Redact(said, "by request") })

	var buf bytes.Buffer
	if err := g.freeze().save(&buf); err != nil {
		t.Fatal(err)
	}
	content := buf.Bytes()[len(snapshotMagic)+sha256.Size:] // without the layout, which says whose it is
	if found := fmt.Sprintf("%x", sha256.Sum256(content)); found != want || version != snapshotVersion {
		t.Errorf("version %d is %s, want version %d as %s:\nraise snapshotVersion, unless none has been released with it, and write the new values here", snapshotVersion, found, version, want)
	}
}
