package graph_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/model"
	"github.com/onrecord/onrecord/internal/modeltest"
)

// TestOutdatedModel registers one source and one entity again and again, each time as of some
// position, and retracts, restores and redacts what registers them: each batch is refused
// when the model refuses it.
func TestOutdatedModel(t *testing.T) {
	classes := map[model.Class]int{}
	rapid.Check(t, func(t *rapid.T) {
		clock := time.Date(2025, 8, 5, 9, 30, 0, 0, time.UTC)
		g, err := graph.Open(ctx, events.NewMem(), &graph.Options{Now: func() time.Time { return clock }})
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		m := model.New()
		var recorded []events.Event
		position := func() events.Position {
			return events.Position(rapid.IntRange(0, int(m.Last())).Draw(t, "as of"))
		}
		one := func() uuid.UUID { return rapid.SampledFrom(recorded).Draw(t, "of which event").ID }
		for range rapid.IntRange(2, 30).Draw(t, "batches") {
			b := events.Batch{Recorder: "desk"}
			if rapid.IntRange(0, 3).Draw(t, "knows the record") > 0 {
				b.AsOf = new(position())
			}
			if len(recorded) > 0 && rapid.IntRange(0, 3).Draw(t, "says again") == 0 { // what is its own, then
				b.Events = append(b.Events, rapid.SampledFrom(recorded).Draw(t, "what"))
			}
			for range rapid.IntRange(1, 2).Draw(t, "events") {
				e := events.Event{ID: events.Key("event", fmt.Sprint(m.Last(), len(b.Events), clock.UnixNano()))}
				name := e.ID.String()
				switch n := rapid.IntRange(0, 9).Draw(t, "kind"); {
				case n < 3 || len(recorded) == 0:
					e.Body = &events.SourceAdded{Source: events.Source{ID: events.Key("source", "u"), URL: "u", Title: name}}
				case n < 5:
					e.Body = &events.EntityRegistered{Entity: events.Entity{ID: events.Key(events.EntityKey(events.Person, "Ben")...), Kind: events.Person, Name: events.Name{Text: name}}}
				case n < 9:
					e.Body = &events.Retracted{Event: one(), Reason: "wrong"}
				default:
					e.Body = &events.Redacted{Event: one(), Reason: "private"}
				}
				if rapid.IntRange(0, 3).Draw(t, "known later") == 0 {
					e.AsOf = position()
				}
				b.Events = append(b.Events, e)
			}
			_, err := g.Record(ctx, &b)
			want := m.RecordIf(b, clock)
			if got := modeltest.Class(err); got != want.Class {
				t.Fatalf("the batch is %v by the graph (%v), %v by the model (%s)", got, err, want.Class, want.Why)
			}
			classes[want.Class]++
			if err == nil {
				recorded = append(recorded, b.Events...)
			}
			clock = clock.Add(time.Second)
		}
	})
	t.Log(classes)
	for _, c := range []model.Class{model.Recorded, model.Outdated, model.Refused} {
		if classes[c] == 0 {
			t.Errorf("nothing was %v", c)
		}
	}
}
