package graph_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/model"
)

// A statement that has been recorded after a position, or that was there, breaks a
// condition although it has been removed and its words redacted since: in one batch or
// in several. One that fell or was redacted before does not. The model says the same.
func TestConditionOfRedacted(t *testing.T) {
	source, who, s := events.Key("source"), events.Key("who"), events.Key("statement")
	cast := []events.Event{
		{ID: events.Key("e1"), Body: &events.SourceAdded{Source: events.Source{ID: source, URL: "https://example.org/"}}},
		{ID: events.Key("e2"), Body: &events.EntityRegistered{Entity: events.Entity{ID: who, Kind: events.Person, Name: events.Name{Text: "Vale"}}}},
	}
	recorded := events.Event{ID: s, Body: &events.StatementRecorded{Statement: events.Statement{
		Claim:  events.Claim{Predicate: "sail", Args: []events.Arg{{Role: "who", Value: events.Ref(who)}}},
		Voices: []events.Voice{{Speakers: []events.Party{{Entity: who}}, Act: events.Assert, Stance: events.CertainAffirmed()}},
		Source: source, Form: events.Paraphrase,
	}}}
	retracted := events.Event{ID: events.Key("retraction"), Body: &events.Retracted{Event: s}}
	redacted := events.Event{ID: events.Key("redaction"), Body: &events.Redacted{Event: s}}
	other := events.Event{ID: events.Key("other"), Body: &events.EntityRegistered{Entity: events.Entity{ID: events.Key("other"), Kind: events.Person, Name: events.Name{Text: "Roe"}}}}
	for what, c := range map[string]struct {
		before, since [][]events.Event
		changed       bool
	}{
		"recorded and retracted in one batch":             {nil, [][]events.Event{{recorded, retracted}, {redacted}}, true},
		"recorded and retracted":                          {nil, [][]events.Event{{recorded}, {retracted}, {redacted}}, true},
		"recorded, the rest in one batch":                 {nil, [][]events.Event{{recorded}, {retracted, redacted}}, true},
		"recorded and not retracted":                      {nil, [][]events.Event{{recorded}, {redacted}}, true},
		"all in one batch":                                {nil, [][]events.Event{{recorded, retracted, redacted}}, true},
		"it was there and is retracted":                   {[][]events.Event{{recorded}}, [][]events.Event{{retracted}, {redacted}}, true},
		"it was there and is redacted":                    {[][]events.Event{{recorded}}, [][]events.Event{{redacted}}, true},
		"it was there and is retracted, and not redacted": {[][]events.Event{{recorded}}, [][]events.Event{{retracted}}, true},
		"it had fallen and is redacted":                   {[][]events.Event{{recorded, retracted}}, [][]events.Event{{redacted}}, false},
		"it had been redacted and is retracted":           {[][]events.Event{{recorded}, {redacted}}, [][]events.Event{{retracted}}, false},
		"nothing of it":                                   {[][]events.Event{{recorded}, {retracted}, {redacted}}, [][]events.Event{{other}}, false},
	} {
		t.Run(what, func(t *testing.T) {
			g, m := open(t, events.NewMem()), model.New()
			at := time.Date(2025, 8, 4, 12, 0, 0, 0, time.UTC)
			add := func(batches ...[]events.Event) {
				for _, es := range batches {
					b := events.Batch{Recorder: "desk", Events: slices.Clone(es)}
					if _, err := g.Record(ctx, &b); err != nil {
						t.Fatal(err)
					}
					if o := m.Record(b, at); o.Class != model.Recorded {
						t.Fatal(o.Why)
					}
				}
			}
			add(cast)
			add(c.before...)
			after := g.View(nil).Position()
			add(c.since...)
			if must, _ := m.Changed(model.Condition{Nothing: model.Pattern{Predicate: "sail"}, After: after}); (must != "") != c.changed {
				t.Errorf("the model: changed %q, want %v", must, c.changed)
			}
			if got := g.View(nil).Touched(graph.Pattern{Predicate: "sail"}, after); got != c.changed {
				t.Errorf("touched %v, want %v", got, c.changed)
			}
			one := events.Event{ID: uuid.Must(uuid.NewV7()), Body: &events.EntityRegistered{Entity: events.Entity{ID: events.Key("one"), Kind: events.Person, Name: events.Name{Text: "Lane"}}}}
			_, err := g.RecordIf(ctx, &events.Batch{Recorder: "desk", Events: []events.Event{one}},
				graph.Condition{Nothing: graph.Pattern{Predicate: "sail"}, After: after})
			if errors.Is(err, graph.ErrChanged) != c.changed || err != nil && !c.changed {
				t.Errorf("%v, changed: %v", err, c.changed)
			}
		})
	}
}

// In a backup from before a redaction nobody knows what has been erased: it breaks every
// condition from before it was recorded, and no later one.
func TestConditionOfBackup(t *testing.T) {
	store, backup, keys := events.NewMem(), events.NewMem(), events.NewMemKeys()
	g := openErasable(t, store, keys)
	said, _ := story(t, g)
	if _, err := events.Copy(ctx, backup, store, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Record(ctx, redaction(said)); err != nil {
		t.Fatal(err)
	}
	g = openErasable(t, backup, keys)
	for after := range events.Position(2) {
		b := g.NewBatch(ctx, "desk")
		b.Person("Cy")
		batch, err := b.Batch()
		if err != nil {
			t.Fatal(err)
		}
		_, err = g.RecordIf(ctx, batch, graph.Condition{Nothing: graph.Pattern{Predicate: "sail"}, After: after})
		if errors.Is(err, graph.ErrChanged) != (after == 0) || err != nil && after > 0 {
			t.Errorf("after %d: %v", after, err)
		}
	}
}

// A position that the record has not reached guards nothing, and is refused; one that
// another process has reached is not.
func TestConditionBeyondTheRecord(t *testing.T) {
	store := events.NewMem()
	here, there := open(t, store), open(t, store)
	batch := func(name string) *events.Batch {
		b := events.NewBatch("desk")
		b.Person(name)
		batch, err := b.Batch()
		if err != nil {
			t.Fatal(err)
		}
		return batch
	}
	r, err := there.Record(ctx, batch("Ada"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := here.RecordIf(ctx, batch("Bo"), graph.Condition{After: r.Position}); err != nil {
		t.Errorf("after what another has recorded: %v", err)
	}
	want := "Condition.After 3: the record is at position 2, want one that it has reached"
	if _, err := here.RecordIf(ctx, batch("Cy"), graph.Condition{After: 3}); !errors.Is(err, events.ErrInvalid) || !strings.Contains(err.Error(), want) {
		t.Errorf("beyond the record: %v, want %s", err, want)
	}
	want = "Condition.Nothing: Polarity is Polarity(9): want one of affirmed, denied, undetermined"
	never := graph.Condition{Nothing: graph.Pattern{Predicate: "sail", Polarity: 9}, After: 2}
	if _, err := here.RecordIf(ctx, batch("Cy"), never); !errors.Is(err, events.ErrInvalid) || !strings.Contains(err.Error(), want) {
		t.Errorf("a pattern that names nothing: %v, want %s", err, want)
	}
	if r, err := here.RecordIf(ctx, batch("Bo"), never); err != nil || r.New != 0 {
		t.Errorf("what has been recorded already, if nothing changes that there is not: %v, %v", r, err)
	}
	if r, err := here.RecordIf(ctx, batch("Bo"), graph.Condition{After: 3}); err != nil || r.New != 0 {
		t.Errorf("what has been recorded already: %v, %v", r, err)
	}
}
