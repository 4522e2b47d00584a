package query_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/model"
	"github.com/onrecord/onrecord/internal/seed"
	"github.com/onrecord/onrecord/query"
)

func TestFallout(t *testing.T) {
	d := newDesk(t)
	a, b, x := d.Person("A"), d.Person("B"), d.Person("X")
	wire := d.page("wire")
	outlet := d.page("outlet", wire)
	other := d.page("other")
	first := d.name("first", wire.Reports(a, "win", x))
	d.name("copy", outlet.Reports(a, "win", x))
	d.name("alone", outlet.Says("lose", x))
	d.name("also alone", outlet.Says("lose", x).Gloss("again"))
	d.name("confirmed", other.Reports(b, "win", x))
	d.name("joint", other.Reports(a, "draw", x).With(b))
	d.name("no", wire.Reports(b, "draw", x).Stance("CT-"))
	d.name("about it", other.Says("know", x).Arg("what", events.Nested(
		events.Claim{Predicate: "say", Args: []events.Arg{{Role: "what", Value: events.Said(first)}}})))
	d.record()
	d.names[a.ID], d.names[wire.ID()], d.names[outlet.ID()] = "A", "wire", "outlet"

	fallout := func(v graph.View, what uuid.UUID) string {
		t.Helper()
		f, err := query.Fallout(ctx, v, what)
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, x := range f.Fallen {
			s := d.reading(x.Reading) + " on"
			for _, id := range x.On {
				s += " " + d.names[id]
			}
			all = append(all, s+": "+d.origins(x.Support.For)+" / "+d.origins(x.Support.Against)+
				" > "+d.origins(x.Remains.For)+" / "+d.origins(x.Remains.Against))
		}
		for _, r := range f.Lost {
			all = append(all, "lost "+d.reading(r))
		}
		return strings.Join(all, "\n")
	}
	v := d.g.View(nil)
	aboutIt := "about it on first: about it /  >  / "
	equal(t, "the wire", fallout(v, wire.ID()), strings.Join([]string{
		"first on wire: first copy; confirmed /  > confirmed / ",
		"copy on outlet: first copy; confirmed /  > confirmed / ",
		"alone on outlet: alone also alone /  >  / ",
		"also alone on outlet: alone also alone /  >  / ",
		"no on wire: joint / no > joint / ",
		aboutIt, "lost alone", "lost about it"}, "\n"))
	equal(t, "A", fallout(v, a.ID), strings.Join([]string{
		"first on A: first copy; confirmed /  > confirmed / ",
		"copy on A: first copy; confirmed /  > confirmed / ",
		aboutIt, "lost about it"}, "\n"))
	equal(t, "the wire, of what B says", fallout(d.g.View(&graph.Lens{According: []uuid.UUID{b.ID}}), wire.ID()),
		"no on wire: joint / no > joint / ")
	for _, id := range []uuid.UUID{{}, uuid.Max, first, x.ID} {
		equal(t, "nothing", fallout(v, id), "")
	}

	d.Redact(first, "private")
	d.record()
	equal(t, "the outlet, something being redacted", fallout(d.g.View(nil), outlet.ID()), strings.Join([]string{
		"copy on outlet: copy; confirmed /  > confirmed / ",
		"alone on outlet: alone also alone /  >  / ",
		"also alone on outlet: alone also alone /  >  / ",
		"lost alone"}, "\n"))
	if f, err := query.Fallout(ctx, d.g.View(nil), wire.ID()); err != nil || len(f.Fallen) != 5 {
		t.Errorf("the wire: %+v, %v", f, err)
	}
}

// What is said to fall with a source is what a retraction removes.
func TestFalloutIsWhatFalls(t *testing.T) {
	seed.Least(t, 25)
	fallen := 0
	rapid.Check(t, func(t *rapid.T) {
		var clock time.Time
		g, err := graph.Open(ctx, events.NewMem(), &graph.Options{Now: func() time.Time { return clock }})
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		m, gen := model.New(), model.NewGen()
		gen.Calm = true
		for range 25 {
			b, at := gen.Batch(t, m)
			clock = at
			m.Record(b, at)
			g.Record(ctx, &b) // refused where the model refuses it
		}
		source := rapid.SampledFrom(gen.Sources).Draw(t, "source")
		answer, err := query.Fallout(ctx, g.View(nil), source)
		if err != nil {
			t.Fatal(err)
		}
		before := g.View(nil)
		for e, err := range before.Events(ctx, 0) {
			if err != nil {
				t.Fatal(err)
			}
			if added, ok := e.Body.(*events.SourceAdded); !ok || added.Source.ID != source {
				continue
			}
			b := &events.Batch{Recorder: "desk", Events: []events.Event{{
				ID: events.Key("retract", e.ID.String()), Body: &events.Retracted{Event: e.ID, Cascade: true}}}}
			if _, err := g.Record(ctx, b); err != nil && !errors.Is(err, events.ErrInvalid) { // it does not stand
				t.Fatal(err)
			}
		}
		after := g.View(nil)
		if _, err := after.Source(ctx, source); !errors.Is(err, graph.ErrNotInView) {
			return // a redacted registration is left
		}
		var got, want []uuid.UUID
		for _, f := range answer.Fallen {
			got = append(got, f.ID)
		}
		for s := range before.Statements(all) {
			if _, err := after.Statement(s.ID()); errors.Is(err, graph.ErrNotInView) {
				want = append(want, s.ID())
			}
		}
		order := func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) }
		slices.SortFunc(got, order)
		slices.SortFunc(want, order)
		if !slices.Equal(got, want) {
			t.Errorf("%v fall, %v fell", got, want)
		}
		fallen += len(want)
	})
	if fallen < 100 {
		t.Errorf("only %d statements fell", fallen)
	}
}
