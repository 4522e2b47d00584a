package graph_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/model"
	"github.com/onrecord/onrecord/internal/modeltest"
	"github.com/onrecord/onrecord/internal/seed"
)

var _ = seed.Fix()

// TestModel hands random batches to a graph and to the slow model, and compares
// what becomes of them and every answer: in the live graph, which now and then is
// opened again from a snapshot, in one that has replayed the record, and in one that
// has replayed a part of it.
func TestModel(t *testing.T) {
	cases := 0
	rapid.Check(t, func(t *rapid.T) {
		if seed.Enough(&cases) {
			return
		}
		store := &shelf{Mem: events.NewMem()}
		var clock time.Time
		opts := &graph.Options{Now: func() time.Time { return clock }, CacheSize: 1}
		if rapid.Bool().Draw(t, "eager") {
			graph.Eager(opts)
		}
		if rapid.Bool().Draw(t, "unhurried") {
			graph.Unhurried(opts)
		}
		graph.Often(opts)
		g, err := graph.Open(ctx, store, opts)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { g.Close() }()
		m, gen := model.New(), model.NewGen()
		var prefixes []func(*model.Model) // what each position recorded
		for range rapid.IntRange(1, 30).Draw(t, "batches") {
			b, at := gen.Batch(t, m)
			clock = at
			if rapid.IntRange(0, 4).Draw(t, "knowing") == 0 {
				asOf := m.Last() - events.Position(rapid.IntRange(0, min(4, int(m.Last()))).Draw(t, "positions back"))
				b.AsOf = &asOf
			}
			if rapid.IntRange(0, 4).Draw(t, "known later") == 0 {
				for i := range b.Events {
					b.Events[i].AsOf = m.Last() - events.Position(rapid.IntRange(0, min(4, int(m.Last()))).Draw(t, "positions back"))
				}
			}
			var conditions []model.Condition
			if rapid.IntRange(0, 9).Draw(t, "conditional") == 0 {
				conditions = append(conditions, gen.Condition(t, m))
			}
			var r graph.Receipt
			if len(conditions) > 0 {
				c := conditions[0]
				r, err = g.RecordIf(ctx, &b, graph.Condition{Nothing: modeltest.Pattern(c.Nothing), After: c.After})
				if must, may := m.Changed(c); errors.Is(err, graph.ErrChanged) && must == "" && may != "" {
					continue // changed and changed back
				}
			} else {
				r, err = g.Record(ctx, &b)
			}
			want := m.RecordIf(b, at, conditions...)
			if got := modeltest.Class(err); got != want.Class {
				t.Fatalf("the batch is %v by the graph (%v), %v by the model (%s)", got, err, want.Class, want.Why)
			}
			if err == nil && (r.New != want.New || r.Position != want.Position) {
				t.Fatalf("receipt %+v, want %d new at %d", r, want.New, want.Position)
			}
			if err == nil && r.New > 0 && !slices.Equal(r.Restored, m.Restored(r.Position)) {
				t.Fatalf("receipt %+v, want %v restored", r, m.Restored(r.Position))
			}
			if err == nil && r.New > 0 {
				prefixes = append(prefixes, func(m *model.Model) { m.Record(b, at) })
			}
			if rapid.IntRange(0, 9).Draw(t, "reopen") == 0 {
				g.Close()
				if g, err = graph.Open(ctx, store, opts); err != nil {
					t.Fatal(err)
				}
			}
			compare(t, g, m, gen, 1)
		}
		compare(t, g, m, gen, 5)
		everything(t, g, m, gen)

		replayed, err := graph.Open(ctx, store.Mem, opts)
		if err != nil {
			t.Fatal(err)
		}
		defer replayed.Close()
		compare(t, replayed, m, gen, 3)
		everything(t, replayed, m, gen)

		if len(prefixes) == 0 {
			return
		}
		n := rapid.IntRange(1, len(prefixes)).Draw(t, "prefix")
		early := model.New()
		for _, again := range prefixes[:n] {
			again(early)
		}
		part, err := graph.Open(ctx, firstOf(t, store, n), opts)
		if err != nil {
			t.Fatal(err)
		}
		defer part.Close()
		everything(t, part, early, gen)
	})
}

// firstOf returns a store of the first n records of another.
func firstOf(t *rapid.T, store events.Store, n int) events.Store {
	s := events.NewMem()
	for rec, err := range store.Scan(ctx, 0) {
		if err == nil && int(rec.Seq) <= n {
			_, err = s.Append(ctx, rec.Seq-1, rec.Data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// compare asks both for random patterns through random lenses.
func compare(t *rapid.T, g *graph.Graph, m *model.Model, gen *model.Gen, times int) {
	for range times {
		l, p := gen.Lens(t, m), gen.Pattern(t, m)
		v := g.View(modeltest.Lens(l))
		same(t, v, m, l, p)
		sameLens(t, v, modeltest.Pattern(p))
		sameChanges(t, g, m)
		sameTouched(t, g, m, gen)
	}
}

// sameLens looks at a graph again, through the lens that a view gives back.
func sameLens(t *rapid.T, v graph.View, p graph.Pattern) {
	l := v.Lens()
	again := v.Graph().View(&l)
	for s := range again.Statements(p) {
		if !s.Shows(v) {
			t.Fatalf("through its own lens %+v the view as of %d shows statement %v", l, v.Position(), s.ID())
		}
	}
	if again.Position() != v.Position() || count(again, p) != count(v, p) {
		t.Fatalf("through its own lens %+v the view as of %d is as of %d and shows %d statements, want %d", l, v.Position(), again.Position(), count(again, p), count(v, p))
	}
}

// everything compares all statements and all things as of every position.
func everything(t *rapid.T, g *graph.Graph, m *model.Model, gen *model.Gen) {
	for p := events.Position(1); p <= m.Last(); p++ {
		v := g.View(&graph.Lens{AsOf: p})
		same(t, v, m, model.Lens{AsOf: p}, model.Pattern{})
		sameIdentities(t, v, m, p, gen.Entities[int(p)%len(gen.Entities)])
		for _, id := range gen.Entities {
			sameEntity(t, v, m, p, id)
		}
		for _, id := range gen.Sources {
			sameSource(t, v, m, p, id)
		}
		for _, id := range m.IDs() {
			sameLinks(t, v, m, p, id)
		}
		sameFalls(t, v, m, p, gen)
		sameVocabulary(t, v, m)
	}
	sameEvents(t, g, m)
	sameMoved(t, g, m, gen)
}

// sameEvents compares what was recorded after a position.
func sameEvents(t *rapid.T, g *graph.Graph, m *model.Model) {
	after := events.Position(rapid.IntRange(0, int(m.Last())).Draw(t, "after"))
	v := g.View(nil)
	var got []uuid.UUID
	for e, err := range v.Events(ctx, after) {
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v.Event(ctx, e.ID); (e.Body == nil) != errors.Is(err, graph.ErrRedacted) {
			t.Fatalf("event %v has the body %v, but asked for alone it is %v", e.ID, e.Body, err)
		}
		if e.Body != nil && e.Redacted != 0 || e.Kind() != m.Kind(e.ID) {
			t.Fatalf("event %v is a %v, want a %v", e.ID, e.Kind(), m.Kind(e.ID))
		}
		got = append(got, e.ID)
	}
	if want := m.After(after); !slices.Equal(got, want) {
		t.Fatalf("after %d: events %v, want %v", after, got, want)
	}
}

func same(t *rapid.T, v graph.View, m *model.Model, l model.Lens, p model.Pattern) {
	want := map[uuid.UUID]model.Reading{}
	for _, r := range m.Statements(l, p) {
		want[r.ID] = r
	}
	splits := false
	for _, id := range m.IDs() {
		if e, err := v.Event(ctx, id); err == nil && e.Kind() == events.KindEntitySplit {
			splits = true
		}
	}
	last := events.Position(0)
	for s := range v.Statements(modeltest.Pattern(p)) {
		w, ok := want[s.ID()]
		if !ok {
			t.Fatalf("as of %d the graph shows statement %v, the model does not (or it is shown twice)", v.Position(), s.ID())
		}
		delete(want, s.ID())
		if w.Since < last && !splits { // a split reads statements anew, later
			t.Fatalf("statement %v has stood since %d but comes after one since %d", s.ID(), w.Since, last)
		}
		last = w.Since
		r, err := s.Load(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if s.Act() != w.Statement.Voices[0].Act || s.Form() != w.Statement.Form || s.Conditional() != (len(w.Statement.Claim.If) > 0) {
			t.Fatalf("statement %v: %v %v %v, want %+v", s.ID(), s.Act(), s.Form(), s.Conditional(), w.Statement)
		}
		sameClaim(t, s, w.Statement.Claim)
		sameArguments(t, s, w.Statement)
		if r.Position != w.Recorded || r.Recorder != w.Recorder || s.Recorder() != w.Recorder || s.Position() != w.Recorded {
			t.Fatalf("statement %v: %+v, want %+v", s.ID(), r, w)
		}
		got, wanted := &events.StatementRecorded{Statement: r.Statement}, &events.StatementRecorded{Statement: w.Statement}
		if !model.SameContent(got, wanted) {
			t.Fatalf("as of %d statement %v reads\n%+v, want\n%+v", v.Position(), s.ID(), r.Statement, w.Statement)
		}
	}
	for id := range want {
		t.Fatalf("as of %d the model shows statement %v, the graph does not", v.Position(), id)
	}
}

// sameClaim compares what the graph keeps of a claim in memory.
func sameClaim(t *rapid.T, s graph.Statement, c events.Claim) {
	var got, want []string
	for role, e := range s.Ends() {
		got = append(got, fmt.Sprint(role, e))
	}
	if c.Occurrence != uuid.Nil {
		want = append(want, c.Occurrence.String())
	}
	for _, a := range c.Args {
		if a.Value.Kind == events.EntityValue {
			want = append(want, fmt.Sprint(a.Role, a.Value.ID))
		}
	}
	if !slices.Equal(got, want) {
		t.Fatalf("statement %v connects %v, want %v", s.ID(), got, want)
	}
	when, wanted := s.Constraint(), c.When.Time.Constraint()
	if when.Combine != wanted.Combine || !slices.Equal(when.Stretches, wanted.Stretches) {
		t.Fatalf("statement %v holds %v, want %v", s.ID(), when, wanted)
	}
}

// sameArguments compares what is known of a statement without reading it.
func sameArguments(t *rapid.T, s graph.Statement, w events.Statement) {
	var got, want []string
	for role, kind := range s.Roles() {
		got = append(got, role+" "+kind.String())
	}
	for _, a := range w.Claim.Args {
		want = append(want, a.Role+" "+a.Value.Kind.String())
	}
	if !slices.Equal(got, want) || s.SaidKnown() == w.Voices[0].Said.Time.IsZero() {
		t.Fatalf("statement %v: arguments %v, said known %v; want %+v", s.ID(), got, s.SaidKnown(), w)
	}
}

func sameEntity(t *rapid.T, v graph.View, m *model.Model, p events.Position, id uuid.UUID) {
	want := m.Entity(p, id)
	got, err := v.Entity(ctx, id)
	if errors.Is(err, graph.ErrNotInView) {
		if len(want.Registrations)+len(want.Names) > 0 {
			t.Fatalf("as of %d the graph does not know entity %v", p, id)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if v.Canonical(id) != m.Canonical(p, id) || got.ID != m.Canonical(p, id) || !slices.Equal(got.Members, want.Members) ||
		!slices.Equal(v.Cluster(id), m.Cluster(p, id)) {
		t.Fatalf("as of %d entity %v is %v %v, want %v %v", p, id, got.ID, got.Members, m.Canonical(p, id), want.Members)
	}
	if !slices.Equal(got.Unsure, want.Unsure) {
		t.Fatalf("as of %d entity %v is perhaps %v, want %v", p, id, got.Unsure, want.Unsure)
	}
	var names, wanted []string
	for _, n := range got.Names {
		names = append(names, fmt.Sprint(n.Member, n.Name, n.Source))
	}
	for _, r := range want.Registrations {
		wanted = append(wanted, fmt.Sprint(r.ID, r.Name, uuid.Nil))
	}
	for _, n := range want.Names {
		wanted = append(wanted, fmt.Sprint(n.Entity, n.Name, n.Source))
	}
	slices.Sort(names)
	slices.Sort(wanted)
	if !slices.Equal(names, wanted) {
		t.Fatalf("as of %d entity %v is called %v, want %v", p, id, names, wanted)
	}
	if len(want.Registrations) > 0 {
		shown := want.Registrations[0]
		for _, r := range slices.Backward(want.Registrations) {
			if r.Kind != events.Placeholder || shown.Kind == events.Placeholder {
				shown = r
			}
		}
		if got.Kind != shown.Kind || v.Kind(id) != shown.Kind || got.Name != shown.Name {
			t.Fatalf("as of %d entity %v is %v %v, want %v", p, id, got.Kind, got.Name, shown)
		}
	}
}

func sameSource(t *rapid.T, v graph.View, m *model.Model, p events.Position, id uuid.UUID) {
	want := m.Source(p, id)
	got, err := v.Source(ctx, id)
	if want == nil {
		if err == nil {
			t.Fatalf("as of %d the graph shows source %v", p, id)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if !model.SameContent(&events.SourceAdded{Source: *got}, &events.SourceAdded{Source: *want}) {
		t.Fatalf("as of %d source %v is %+v, want %+v", p, id, got, want)
	}
}

func sameLinks(t *rapid.T, v graph.View, m *model.Model, p events.Position, id uuid.UUID) {
	var got, want []string
	for _, l := range v.Links(id) {
		got = append(got, fmt.Sprint(l.ID, l.From, l.Type, l.To))
	}
	for _, l := range m.Links(p, id) {
		want = append(want, fmt.Sprint(l.ID, l.From, l.Link, l.To))
	}
	if !slices.Equal(got, want) {
		t.Fatalf("as of %d statement %v has links %v, want %v", p, id, got, want)
	}
	if got, want := v.Splits(id), m.Splits(p, id); !slices.Equal(got, want) {
		t.Fatalf("as of %d statement %v has splits %v, want %v", p, id, got, want)
	}
	got, want = nil, nil
	ratings, err := v.Assessments(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range ratings {
		got = append(got, fmt.Sprint(a.ID, a.Scheme, a.Value))
	}
	for _, a := range m.Assessments(p, id) {
		want = append(want, fmt.Sprint(a.ID, a.Scheme, a.Value))
	}
	if !slices.Equal(got, want) {
		t.Fatalf("as of %d %v is rated %v, want %v", p, id, got, want)
	}
}

// sameFalls compares what would fall with a source, with statements, or with all
// of them.
func sameFalls(t *rapid.T, v graph.View, m *model.Model, p events.Position, gen *model.Gen) {
	var with []uuid.UUID
	if rapid.Bool().Draw(t, "a source falls") {
		with = append(with, rapid.SampledFrom(gen.Sources).Draw(t, "source"))
	}
	for len(with) == 0 || rapid.IntRange(0, 2).Draw(t, "more falls") == 0 {
		with = append(with, rapid.SampledFrom(m.IDs()).Draw(t, "event"))
	}
	var got, want []string
	falls, circular := v.Falls(with...)
	for _, f := range falls {
		if !f.Shows(v) {
			if _, err := v.Statement(f.ID()); !errors.Is(err, graph.ErrRedacted) {
				t.Fatalf("as of %d statement %v falls, but is not there: %v", p, f.ID(), err)
			}
		}
		slices.SortFunc(f.On, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
		got = append(got, fmt.Sprint(f.ID(), f.On))
	}
	wanted, circle := m.Falls(p, with...)
	for _, f := range wanted {
		want = append(want, fmt.Sprint(f.ID, f.On))
	}
	slices.SortFunc(circular, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	got, want = append(got, fmt.Sprint("circular: ", circular)), append(want, fmt.Sprint("circular: ", circle))
	if !slices.Equal(got, want) {
		t.Fatalf("as of %d with %v fall\n%v, want\n%v", p, with, got, want)
	}
}
