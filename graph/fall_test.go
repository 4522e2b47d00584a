package graph_test

import (
	"slices"
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
		for _, f := range v.Falls(c.with...) {
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
