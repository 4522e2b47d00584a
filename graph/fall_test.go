package graph_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// A statement comes back when the one in its place falls, unless it cannot stand.
func TestFalls(t *testing.T) {
	g := open(t, events.NewMem())
	b := events.NewBatch("desk")
	desk := b.Organisation("Desk")
	names := map[uuid.UUID]string{}
	// infers records a statement that refers to some others and may replace one.
	infers := func(name string, replaces uuid.UUID, refers ...uuid.UUID) uuid.UUID {
		s := b.Infers(desk, name)
		for _, id := range refers {
			s.Arg("what", events.Said(id))
		}
		if replaces != uuid.Nil {
			s.Replaces(replaces)
		}
		names[s.ID()] = name
		return s.ID()
	}
	ground := infers("ground", uuid.Nil)
	floor := infers("floor", uuid.Nil, ground)
	first := infers("first draft of floor", uuid.Nil)
	old := infers("old", uuid.Nil, floor, first)
	infers("about old", uuid.Nil, old)
	second := infers("second draft of floor", first)
	now := infers("new", old)
	infers("about new", uuid.Nil, now, ground)
	infers("twice about new", uuid.Nil, now, now)
	record(t, g, b)
	v := g.View(&graph.Lens{According: []uuid.UUID{uuid.Max}}) // filters do not apply
	for _, c := range []struct {
		name string
		with []uuid.UUID
		want []string
	}{
		{"it comes back, on a draft that is replaced", []uuid.UUID{now}, []string{"new", "about new new", "twice about new new"}},
		{"it comes back and falls with what it rests on", []uuid.UUID{now, ground},
			[]string{"ground", "floor ground", "about old old", "new", "about new new ground", "twice about new new"}},
		{"nothing brings it back", []uuid.UUID{ground, second},
			[]string{"ground", "floor ground", "second draft of floor", "about new ground"}},
		{"it falls when it would come back", []uuid.UUID{old, now}, []string{"about old old", "new", "about new new", "twice about new new"}},
		{"what is replaced and stays so", []uuid.UUID{old}, nil},
		{"what is not there", []uuid.UUID{{}, uuid.Max, desk.ID}, nil},
	} {
		var got []string
		falls, circular := v.Falls(c.with...)
		if circular != nil {
			t.Errorf("%s: circular are %v", c.name, circular)
		}
		for _, f := range falls {
			s := names[f.ID()]
			for _, id := range f.On {
				s += " " + names[id]
			}
			got = append(got, s)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

// What would be left as an older registration has it, and in a circle by that, is told: it is what
// a retraction is refused for. Registered anew, it is in the way no more.
func TestFallsCircular(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		var ids []uuid.UUID
		build(t, g, func(b *events.Builder) {
			for _, url := range []string{"a", "b", "c", "wire"} {
				ids = append(ids, b.Source(url).ID())
			}
		})
		a, other, copied, wire := ids[0], ids[1], ids[2], ids[3]
		registers := func(id uuid.UUID, title string, from ...uuid.UUID) {
			build(t, g, func(b *events.Builder) {
				b.Add(&events.SourceAdded{Source: events.Source{ID: id, URL: "u", Title: title, DerivedFrom: from}})
			})
		}
		retract := func(all []uuid.UUID) error {
			b := g.NewBatch(ctx, "desk")
			for _, id := range all {
				b.Cascade(id, "wrong")
			}
			batch, err := b.Batch()
			if err != nil {
				t.Fatal(err)
			}
			_, err = g.Record(ctx, batch)
			return err
		}
		registrations := func(id uuid.UUID) []uuid.UUID { return g.View(nil).Registrations(id) }
		check := func(what string, want []uuid.UUID, with ...uuid.UUID) {
			t.Helper()
			if _, got := g.View(nil).Falls(with...); !slices.Equal(got, want) {
				t.Errorf("%s: circular are %v, want %v", what, got, want)
			}
		}
		// Of a, only the registration by which it is derived from another lies beneath the newest.
		if err := retract(registrations(a)); err != nil {
			t.Fatal(err)
		}
		registers(a, "first", other)
		registers(a, "second", wire)
		registers(other, "later", copied)
		check("nothing is derived from it", nil, wire)
		registers(copied, "later", a)
		check("a circle of three", []uuid.UUID{a}, wire)
		check("it falls itself", nil, wire, a)
		check("what closes the circle falls", nil, wire, copied)
		if err := retract(registrations(wire)); !errors.Is(err, events.ErrInvalid) || !strings.Contains(err.Error(), "leaves the source "+a.String()) {
			t.Errorf("the retraction: %v", err)
		}

		// The newest registration of a is not what it would be given up with.
		check("a source is in its own way only if taken back by the newest first", nil, a)
		if err := retract(registrations(a)[1:]); !errors.Is(err, events.ErrInvalid) {
			t.Errorf("the newest first: %v", err)
		}

		registers(a, "third")
		check("registered anew", nil, wire)
		for _, id := range []uuid.UUID{wire, a} {
			if err := retract(registrations(id)); err != nil {
				t.Errorf("%v: %v", id, err)
			}
		}
		if _, err := g.View(nil).Source(ctx, a); !errors.Is(err, graph.ErrNotInView) {
			t.Errorf("a: %v", err)
		}
	})
}
