package graph_test

import (
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/model"
	"github.com/onrecord/onrecord/internal/modeltest"
)

// sameIdentities compares which entities there are, what one is by itself and
// what is held about whether it is another.
func sameIdentities(t *rapid.T, v graph.View, m *model.Model, p events.Position, id uuid.UUID) {
	if got, want := slices.Collect(v.Entities()), m.Entities(p); !slices.Equal(got, want) {
		t.Fatalf("as of %d there are the entities %v, want %v", p, got, want)
	}
	var want []graph.Verdict
	for _, j := range m.Verdicts(p, id) {
		want = append(want, graph.Verdict{ID: j.ID, A: j.A, B: j.B, Verdict: j.Verdict})
	}
	if got := v.Verdicts(id); !slices.Equal(got, want) {
		t.Fatalf("as of %d the verdicts on entity %v are %v, want %v", p, id, got, want)
	}
	got, err := v.Registered(ctx, id)
	switch shown := m.Registered(p, id); {
	case shown == nil && !errors.Is(err, graph.ErrNotInView) && !errors.Is(err, graph.ErrRedacted):
		t.Fatalf("as of %d entity %v is registered as %v (%v)", p, id, got, err)
	case shown != nil && (err != nil || *got != *shown):
		t.Fatalf("as of %d entity %v is registered as %v (%v), want %v", p, id, got, err, shown)
	}
}

// sameMoved compares, through a random lens, who is mentioned where and what is
// known of sources, and then what the view shows when it is moved back.
func sameMoved(t *rapid.T, g *graph.Graph, m *model.Model, gen *model.Gen) {
	l := gen.Lens(t, m)
	v := g.View(modeltest.Lens(l))
	id := rapid.SampledFrom(gen.Entities).Draw(t, "mentioned")
	want := m.Mentions(l, id)
	for s := range v.Mentions(id) {
		i := slices.IndexFunc(want, func(r model.Reading) bool { return r.ID == s.ID() })
		if i < 0 {
			t.Fatalf("as of %d through %+v statement %v mentions %v, or comes twice", v.Position(), l, s.ID(), id)
		}
		samePublication(t, v, s, m, want[i])
		want = slices.Delete(want, i, i+1)
	}
	for _, r := range want {
		t.Fatalf("as of %d through %+v statement %v does not mention %v", v.Position(), l, r.ID, id)
	}

	p := events.Position(rapid.IntRange(0, int(m.Last())+1).Draw(t, "moved back to"))
	back := v.AsOf(p)
	if p = min(p, v.Position()); back.Position() != p {
		t.Fatalf("moved back to %d the view is as of %d", p, back.Position())
	}
	was := l
	if l.AsOf, l.RecordedBy = p, (time.Time{}); p > 0 {
		same(t, back, m, l, model.Pattern{})
		sameShown(t, v, back, m, was, l)
		sameShown(t, back, v, m, l, was)
	}
}

// samePublication compares what is known of a statement's source, and of what is
// unknown in it, without reading it.
func samePublication(t *rapid.T, v graph.View, s graph.Statement, m *model.Model, w model.Reading) {
	earliest, latest, ok := s.Published()
	src, err := v.Source(ctx, s.Source())
	if known := err == nil && !src.Published.IsZero(); ok != known {
		t.Fatalf("as of %d statement %v has a time of publication: %v, want %v", v.Position(), s.ID(), ok, known)
	}
	if ok && (earliest != src.Published.Earliest() || latest != src.Published.Latest()) {
		t.Fatalf("as of %d statement %v was published from %d to %d, want %v", v.Position(), s.ID(), earliest, latest, src.Published)
	}
	revised := s.Source() != uuid.Nil && m.SourceEvent(v.Position(), s.Source()) != m.SourceEvent(w.Recorded, s.Source())
	if s.SourceRevised() != revised {
		t.Fatalf("as of %d the source of statement %v is revised: %v, want %v", v.Position(), s.ID(), s.SourceRevised(), revised)
	}
}

// sameShown compares which statements of a view another shows, as they are read in the
// first.
func sameShown(t *rapid.T, v, other graph.View, m *model.Model, l, k model.Lens) {
	read := func(l model.Lens) map[uuid.UUID]events.Statement {
		readings := map[uuid.UUID]events.Statement{}
		for _, r := range m.Statements(l, model.Pattern{}) {
			readings[r.ID] = r.Statement
		}
		return readings
	}
	here, there := read(l), read(k)
	for s := range v.Statements(graph.Pattern{}) {
		is, want := there[s.ID()]
		want = want && model.SameContent(&events.StatementRecorded{Statement: here[s.ID()]}, &events.StatementRecorded{Statement: is})
		if s.Shows(other) != want {
			t.Fatalf("as of %d statement %v is shown as in the view as of %d: %v, want %v", other.Position(), s.ID(), v.Position(), !want, want)
		}
	}
}
