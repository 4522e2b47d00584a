package graph_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// appended is a store with one record of these bodies, which nobody checked.
func appended(t *testing.T, bodies ...events.Body) events.Store {
	t.Helper()
	s := events.NewMem()
	r := events.NewRecord(1, 1, [32]byte{})
	var batch []events.Encoded
	for i, b := range bodies {
		p, err := events.EncodeBody(b)
		if err != nil {
			t.Fatal(err)
		}
		batch = append(batch, events.Encoded{ID: events.Key("hostile", string(rune('a'+i))), Kind: b.Kind(), Payload: p})
	}
	if err := r.Add(time.Unix(0, 0), "nobody", batch); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Append(ctx, 0, r.Bytes()); err != nil {
		t.Fatal(err)
	}
	return s
}

// What no release can have recorded is damage, though its checksum is right, and all that
// it refers to is there. The error names the record, the event and the field.
func TestUncheckedShape(t *testing.T) {
	who := events.Key("who")
	registered := &events.EntityRegistered{Entity: events.Entity{ID: who, Kind: events.Person, Name: events.Name{Text: "Ada"}}}
	crowd := make([]events.Party, 256)
	for i := range crowd {
		crowd[i].Entity = who
	}
	for field, st := range map[string]events.Statement{
		`Claim.Args[0].Value.Claim (role "what"): is missing`: {
			Claim:  events.Claim{Predicate: "say", Args: []events.Arg{{Role: "what", Value: events.Value{Kind: events.ClaimValue}}}},
			Voices: []events.Voice{{Speakers: crowd[:1], Act: events.Assert, Stance: events.CertainAffirmed()}}, Form: events.Paraphrase,
		},
		"Voices[0].Speakers: has 256 items": {
			Claim:  events.Claim{Predicate: "say"},
			Voices: []events.Voice{{Speakers: crowd, Act: events.Assert, Stance: events.CertainAffirmed()}}, Form: events.Paraphrase,
		},
	} {
		_, err := graph.Open(ctx, appended(t, registered, &events.StatementRecorded{Statement: st}), nil)
		want := fmt.Sprintf("event 1 (StatementRecorded %v): Statement.%s", events.Key("hostile", "b"), field)
		if !errors.Is(err, events.ErrDamaged) || !strings.Contains(err.Error(), "record 1: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// What refers to what is not there, or is of another kind, is damage, too, and the error
// names the record, the event and the field.
func TestUncheckedReferences(t *testing.T) {
	ada, ben, page, none := events.Key("ada"), events.Key("ben"), events.Key("page"), events.Key("none")
	registers, adds := events.Key("hostile", "a"), events.Key("hostile", "c")
	known := []events.Body{
		&events.EntityRegistered{Entity: events.Entity{ID: ada, Kind: events.Person, Name: events.Name{Text: "Ada"}}},
		&events.EntityRegistered{Entity: events.Entity{ID: ben, Kind: events.Person, Name: events.Name{Text: "Ben"}}},
		&events.SourceAdded{Source: events.Source{ID: page}},
	}
	says := func(speaker uuid.UUID, value events.Value, in uuid.UUID) events.Body {
		return &events.StatementRecorded{Statement: events.Statement{
			Claim:  events.Claim{Predicate: "say", Args: []events.Arg{{Role: "what", Value: value}}},
			Voices: []events.Voice{{Speakers: []events.Party{{Entity: speaker}}, Act: events.Assert, Stance: events.CertainAffirmed()}}, Form: events.Paraphrase, Source: in,
		}}
	}
	for field, body := range map[string]events.Body{
		"Entity " + none.String():                &events.EntityNamed{Entity: none, Name: events.Name{Text: "Ada"}},
		"Source " + ada.String():                 &events.EntityNamed{Entity: ada, Name: events.Name{Text: "Ada"}, Source: ada},
		"B " + none.String():                     &events.IdentityJudged{A: ada, B: none, Verdict: events.Same},
		"From " + registers.String():             &events.StatementsLinked{From: registers, Link: events.Disputes, To: adds},
		"Statement " + none.String():             &events.Assessed{Statement: none, Scheme: "s", Value: "A"},
		"Source " + none.String():                &events.Assessed{Source: none, Scheme: "s", Value: "A"},
		"Event " + none.String():                 &events.Retracted{Event: none},
		"Event " + ada.String():                  &events.Redacted{Event: ada},
		"Source.Authors[0] " + none.String():     &events.SourceAdded{Source: events.Source{ID: events.Key("other"), Authors: []uuid.UUID{none}}},
		"Source.DerivedFrom[0] " + none.String(): &events.SourceAdded{Source: events.Source{ID: events.Key("other"), DerivedFrom: []uuid.UUID{none}}},
		"Statement.Source " + none.String():      says(ada, events.Ref(ada), none),
		"Statement.Claim.Args[0].Value.ID " + none.String() + ` (role "what")`: says(ada, events.Ref(none), uuid.Nil),
		"Statement.Claim.Args[0].Value.ID " + adds.String() + ` (role "what")`: says(ada, events.Value{Kind: events.StatementValue, ID: adds}, uuid.Nil),
		"Statement.Voices[0].Speakers[0].Entity " + page.String():              says(page, events.Ref(ada), uuid.Nil),
		"Parts[0].Entity " + none.String():                                     &events.EntitySplit{Entity: ada, Parts: []events.SplitPart{{Entity: none, Mentions: []events.Mention{{Statement: registers}}}}},
		"Parts[0].Mentions[0].Statement " + registers.String():                 &events.EntitySplit{Entity: ada, Parts: []events.SplitPart{{Entity: ben, Mentions: []events.Mention{{Statement: registers}}}}},
	} {
		_, err := graph.Open(ctx, appended(t, append(known, body)...), nil)
		event := fmt.Sprintf("event 3 (%v %v): %s: ", body.Kind(), events.Key("hostile", "d"), field)
		if !errors.Is(err, events.ErrDamaged) || !strings.Contains(err.Error(), "record 1: ") || !strings.Contains(err.Error(), event) {
			t.Errorf("%s: %v", event, err)
		}
	}
}

// So is an event whose id is that of another one. What has been folded before stays as it
// is.
func TestUncheckedID(t *testing.T) {
	store := events.NewMem()
	g := open(t, store)
	b := events.NewBatch("desk")
	b.Person("Ada")
	id := idOf(t, b)
	record(t, g, b)
	other := &events.Batch{Recorder: "nobody", Events: []events.Event{
		{ID: events.Key("more"), Body: &events.EntityRegistered{Entity: events.Entity{ID: events.Key("ben"), Kind: events.Person, Name: events.Name{Text: "Ben"}}}},
		{ID: id, Body: &events.IdentityJudged{A: events.Key("ben"), B: events.Key("ben too"), Verdict: events.Same}},
	}}
	appendUnchecked(t, store, g, other)
	want := fmt.Sprintf("record 2: the bytes have been damaged: events: event 1 (IdentityJudged %v): ID %v: ", id, id)
	if _, err := graph.Open(ctx, store, nil); !errors.Is(err, events.ErrDamaged) || !strings.Contains(err.Error(), want) {
		t.Errorf("opened: %v", err)
	}
	if err := g.Refresh(ctx); !errors.Is(err, events.ErrDamaged) || !strings.Contains(err.Error(), want) {
		t.Errorf("taken in: %v", err)
	}
	v := g.View(nil)
	if e, err := v.Event(ctx, id); err != nil || e.Kind() != events.KindEntityRegistered || v.Position() != 1 {
		t.Errorf("at %d it is %v, %v", v.Position(), e, err)
	}
	if _, err := v.Event(ctx, events.Key("more")); !errors.Is(err, graph.ErrNotInView) {
		t.Errorf("half of the record is there: %v", err)
	}
}

// Retracting a retraction of a retraction and so on costs more with each, so
// there is an end to it.
func TestMaxUndo(t *testing.T) {
	g := open(t, events.NewMem())
	b := events.NewBatch("desk")
	b.Person("Ada")
	last := b.Retract(idOf(t, b), "1")
	record(t, g, b)
	for n := 2; ; n++ {
		c := events.NewBatch("desk")
		last = c.Retract(last, "again")
		batch, err := c.Batch()
		if err != nil {
			t.Fatal(err)
		}
		_, err = g.Record(ctx, batch)
		if n <= events.MaxUndo && err != nil {
			t.Fatalf("%d retractions: %v", n, err)
		}
		if n > events.MaxUndo {
			if !errors.Is(err, events.ErrInvalid) || !strings.Contains(err.Error(), "at most 16") {
				t.Fatalf("%d retractions: %v", n, err)
			}
			return
		}
	}
}

// A record in which an event is retracted twice could not have been recorded, but what
// stands is not asked when it is opened: it opens, and what has been retracted is gone.
func TestRetractedTwice(t *testing.T) {
	who, said := events.Key("who"), events.Key("hostile", "b")
	g, err := graph.Open(ctx, appended(t,
		&events.EntityRegistered{Entity: events.Entity{ID: who, Kind: events.Person, Name: events.Name{Text: "Ada"}}},
		&events.StatementRecorded{Statement: events.Statement{
			Claim:  events.Claim{Predicate: "say", Args: []events.Arg{{Role: "who", Value: events.Ref(who)}}},
			Voices: []events.Voice{{Speakers: []events.Party{{Entity: who}}, Act: events.Assert, Stance: events.CertainAffirmed()}}, Form: events.Paraphrase,
		}},
		&events.Retracted{Event: said}, &events.Retracted{Event: said},
	), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	v := g.View(nil)
	for s := range v.Statements(graph.Pattern{}) {
		t.Errorf("shown: %v", s.ID())
	}
	if _, err := v.Statement(said); !errors.Is(err, graph.ErrNotInView) {
		t.Errorf("what was retracted: %v", err)
	}
	if e, err := v.Entity(ctx, who); err != nil || e.Name.Text != "Ada" {
		t.Errorf("who said it: %v, %v", e, err)
	}
}

// idOf returns the id of a builder's first event.
func idOf(t *testing.T, b *events.Builder) uuid.UUID {
	t.Helper()
	batch, err := b.Batch()
	if err != nil {
		t.Fatal(err)
	}
	return batch.Events[0].ID
}

// What a caller does to a batch after it has been recorded changes nothing.
func TestBatchIsTheCallers(t *testing.T) {
	g := open(t, events.NewMem())
	declared := &events.VocabularyDeclared{Predicates: []events.Predicate{{Name: "meet", Roles: []events.Role{{Name: "who"}}}}}
	ada := events.Key("ada")
	if _, err := g.Record(ctx, &events.Batch{Recorder: "desk", Events: []events.Event{
		{Body: declared},
		{Body: &events.EntityRegistered{Entity: events.Entity{ID: ada, Kind: events.Person, Name: events.Name{Text: "Ada"}}}},
	}}); err != nil {
		t.Fatal(err)
	}
	declared.Predicates[0].Roles[0].Name = "whom"
	_, err := g.Record(ctx, &events.Batch{Recorder: "desk", Events: []events.Event{{Body: &events.StatementRecorded{Statement: events.Statement{
		Claim:  events.Claim{Predicate: "meet", Args: []events.Arg{{Role: "who", Value: events.Ref(ada)}}},
		Voices: []events.Voice{{Speakers: []events.Party{{Entity: ada}}, Act: events.Assert, Stance: events.CertainAffirmed()}}, Form: events.Paraphrase,
	}}}}})
	if err != nil {
		t.Error(err)
	}
	if _, err := g.Record(ctx, nil); !errors.Is(err, events.ErrInvalid) {
		t.Errorf("no batch: %v", err)
	}
}

// A handle from before a redaction gives nothing away, and a view shows a
// statement only while it stands.
func TestHandles(t *testing.T) {
	g := open(t, events.NewMem())
	b := events.NewBatch("desk")
	said := b.Source("u").Published("2025-08-04").Says("say", b.Person("Ada")).ID()
	before := g.View(nil)
	record(t, g, b)
	v := g.View(nil)
	s, err := v.Statement(said)
	if err != nil {
		t.Fatal(err)
	}
	if s.Shows(before) || !s.Shows(v) || s.Shows(open(t, events.NewMem()).View(nil)) {
		t.Error("shown where it does not stand, or not where it does")
	}
	c := events.NewBatch("desk")
	c.Redact(said, "a private person")
	record(t, g, c)
	if r, err := s.Load(ctx); !errors.Is(err, graph.ErrRedacted) {
		t.Errorf("loaded %+v, %v", r, err)
	}
	for year, want := range map[int]events.Position{1600: 0, 2300: 2, 9999: 2} {
		if got := g.View(&graph.Lens{RecordedBy: time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)}).Position(); got != want {
			t.Errorf("recorded by %d: position %d, want %d", year, got, want)
		}
	}
}

// A caller whose context ends before its turn does not wait for the turn.
func TestAbandoned(t *testing.T) {
	begun, release := make(chan struct{}), make(chan struct{})
	s := &faulty{Mem: events.NewMem()}
	s.append = func(ctx context.Context, after events.Seq, data []byte) (events.Seq, error) {
		close(begun)
		<-release
		s.append = nil
		return s.Mem.Append(ctx, after, data)
	}
	g := open(t, s)
	first := make(chan error)
	batch := func(name string) *events.Batch {
		b := events.NewBatch("desk")
		b.Person(name)
		made, err := b.Batch()
		if err != nil {
			t.Error(err)
		}
		return made
	}
	go func() {
		_, err := g.Record(ctx, batch("Ada"))
		first <- err
	}()
	<-begun
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := g.Record(ended, batch("Ben")); !errors.Is(err, context.Canceled) {
		t.Errorf("abandoned: %v", err)
	}
	close(release)
	if err := <-first; err != nil {
		t.Error(err)
	}
}
