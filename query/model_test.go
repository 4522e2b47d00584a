package query_test

import (
	"fmt"
	"iter"
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
	"github.com/onrecord/onrecord/query"
)

var _ = seed.Fix()

// TestModel hands random batches to a graph and to the slow model of it, and
// asks both every question.
func TestModel(t *testing.T) {
	found, cases := make(map[string]int), 0
	rapid.Check(t, func(t *rapid.T) {
		if seed.Enough(&cases) {
			return
		}
		var clock time.Time
		g, err := graph.Open(ctx, events.NewMem(), &graph.Options{Now: func() time.Time { return clock }})
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		m, gen := model.New(), model.NewGen()
		gen.Calm = true
		for range rapid.IntRange(20, 30).Draw(t, "batches") {
			b, at := gen.Batch(t, m)
			clock = at
			want := m.Record(b, at)
			if _, err := g.Record(ctx, &b); modeltest.Class(err) != want.Class {
				t.Fatalf("the batch is %v by the graph (%v), %v by the model (%s)", modeltest.Class(err), err, want.Class, want.Why)
			}
		}
		for range 4 {
			var l model.Lens
			var p model.Pattern
			if rapid.Bool().Draw(t, "through a lens") {
				l = gen.Lens(t, m)
			}
			if rapid.Bool().Draw(t, "of a pattern") {
				p = gen.Pattern(t, m)
			}
			x := newExam(t, g, m, gen, l, p)
			x.found = found
			x.everything()
		}
	})
	t.Log(found)
}

// both records what is built in a graph and in the model of it.
func both(t *rapid.T, build func(b *events.Builder)) (*graph.Graph, *model.Model) {
	m, at := model.New(), time.Date(2025, 8, 5, 9, 30, 0, 0, time.UTC)
	g, err := graph.Open(ctx, events.NewMem(), &graph.Options{Now: func() time.Time { return at }})
	if err != nil {
		t.Fatal(err)
	}
	b := events.NewBatch("desk")
	build(b)
	batch, err := b.Batch()
	if err != nil {
		t.Fatal(err)
	}
	if out := m.Record(*batch, at); out.Class != model.Recorded {
		t.Fatalf("%+v", out)
	}
	if _, err := g.Record(ctx, batch); err != nil {
		t.Fatal(err)
	}
	return g, m
}

// everything asks every question.
func (x *exam) everything() {
	x.lists()
	x.occurrences()
	x.dissent()
	x.identities()
	x.connections()
	x.foundations()
	x.ratings()
	x.changes()
	x.watch()
	x.evolution()
	x.stances()
	x.traces()
}

// exam puts questions about one view and one pattern to both.
type exam struct {
	t     *rapid.T
	v     graph.View
	m     *model.Model
	l     model.Lens
	p     model.Pattern
	gen   *model.Gen
	names map[uuid.UUID]string        // for messages
	order map[uuid.UUID]int           // the view's
	stand map[uuid.UUID]model.Reading // what stands and can be read, shown or not
	found map[string]int              // answers, by question
}

func newExam(t *rapid.T, g *graph.Graph, m *model.Model, gen *model.Gen, l model.Lens, p model.Pattern) *exam {
	x := &exam{t: t, v: g.View(modeltest.Lens(l)), m: m, l: l, p: p, gen: gen,
		names: map[uuid.UUID]string{uuid.Nil: "?"}, order: make(map[uuid.UUID]int), stand: make(map[uuid.UUID]model.Reading)}
	for i, id := range m.IDs() {
		x.names[id] = fmt.Sprint("#", i)
	}
	for i, id := range gen.Entities {
		x.names[id] = fmt.Sprint("e", i)
	}
	for s := range x.v.Statements(graph.Pattern{}) {
		x.order[s.ID()] = len(x.order)
	}
	if x.v.Position() > 0 {
		for _, r := range m.Statements(model.Lens{AsOf: x.v.Position()}, model.Pattern{}) {
			x.stand[r.ID] = r
		}
	}
	return x
}

func (x *exam) same(what string, got, want []string) {
	x.found[what] += len(want)
	if !slices.Equal(got, want) {
		x.t.Fatalf("%s, as of %d through %+v of %+v:\n%q, want\n%q", what, x.v.Position(), x.l, x.p, got, want)
	}
}

// entity draws an entity, or nobody.
func (x *exam) entity(label string) uuid.UUID {
	return rapid.SampledFrom(append(slices.Clone(x.gen.Entities), uuid.Nil)).Draw(x.t, label)
}

func (x *exam) canonical(id uuid.UUID) uuid.UUID { return x.m.Canonical(x.v.Position(), id) }

func (x *exam) parties(ps []events.Party) (ids []uuid.UUID) {
	for _, p := range ps {
		if id := x.canonical(p.Entity); !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// reading names a reading, which must be the model's.
func (x *exam) reading(r *graph.Reading) string {
	w, ok := x.stand[r.ID]
	if !ok {
		x.t.Fatalf("as of %d statement %s cannot be read", x.v.Position(), x.names[r.ID])
	}
	got, want := &events.StatementRecorded{Statement: r.Statement}, &events.StatementRecorded{Statement: w.Statement}
	if !model.SameContent(got, want) || r.Position != w.Recorded || r.Recorder != w.Recorder || !r.At.Equal(w.At) {
		x.t.Fatalf("as of %d statement %s reads\n%+v, want\n%+v", x.v.Position(), x.names[r.ID], r, w)
	}
	return x.names[r.ID]
}

// answers prints a sequence that must not end in an error.
func answers[T any](x *exam, seq iter.Seq2[T, error], print func(T) string) (all []string) {
	for a, err := range seq {
		if err != nil {
			x.t.Fatal(err)
		}
		all = append(all, print(a))
	}
	return all
}

// inOrder names readings of the model in the view's order.
func (x *exam) inOrder(rs []model.Reading) (names []string) {
	slices.SortStableFunc(rs, func(a, b model.Reading) int { return x.order[a.ID] - x.order[b.ID] })
	for _, r := range rs {
		names = append(names, x.names[r.ID])
	}
	return names
}

// lists asks what is answered in the view's order.
func (x *exam) lists() {
	q := modeltest.Pattern(x.p)
	want := x.inOrder(x.m.Statements(x.l, x.p))
	x.same("Statements", answers(x, query.Statements(ctx, x.v, q), x.reading), want)
	if n := query.Count(x.v, q); n != len(want) {
		x.t.Fatalf("Count of %+v is %d, want %d", x.p, n, len(want))
	}

	who, about := x.entity("who"), x.entity("about")
	x.same("AccordingTo", answers(x, query.AccordingTo(ctx, x.v, who, q), x.reading),
		x.inOrder(x.m.AccordingTo(x.l, who, x.p)))
	x.same("Said", answers(x, query.Said(ctx, x.v, who, about, nil), x.reading),
		x.inOrder(x.m.Said(x.l, who, about, false)))
	x.same("Said in quotes", answers(x, query.Said(ctx, x.v, who, about, &query.SaidOptions{QuotesOnly: true}), x.reading),
		x.inOrder(x.m.Said(x.l, who, about, true)))

	var got, edges []string
	for e := range query.Edges(x.v, about) {
		got = append(got, fmt.Sprintf("%s: %s %s %s %s %s", x.names[e.Statement.ID()], e.FromRole, x.names[e.From],
			e.Predicate, e.ToRole, x.names[e.To]))
	}
	all := x.m.Edges(x.l, about)
	slices.SortStableFunc(all, func(a, b model.Edge) int { return x.order[a.Statement] - x.order[b.Statement] })
	for _, e := range all {
		edges = append(edges, fmt.Sprintf("%s: %s %s %s %s %s", x.names[e.Statement], e.FromRole, x.names[e.From],
			e.Predicate, e.ToRole, x.names[e.To]))
	}
	x.same("Edges", got, edges)
}

// occurrences asks for what has been and when, and how sure that is.
func (x *exam) occurrences() {
	who := x.entity("timeline of")
	var want []string
	for _, i := range x.m.Timeline(x.l, who) {
		want = append(want, fmt.Sprint(x.names[i.ID], i.Dated, i.Uncertain))
	}
	skip := rapid.IntRange(0, 4).Draw(x.t, "skip")
	x.same("Timeline", answers(x, query.Timeline(ctx, x.v, who, &query.TimelineOptions{Skip: skip}), func(i *query.Item) string {
		return fmt.Sprint(x.reading(i.Reading), i.Dated, i.Uncertain)
	}), want[min(skip, len(want)):])

	occurrence := x.entity("ladder of")
	a, err := query.Ladder(ctx, x.v, occurrence)
	if err != nil {
		x.t.Fatal(err)
	}
	rungs, related := x.m.Ladder(x.l, occurrence)
	x.same("Ladder", x.rungs(a.Rungs), x.wantedRungs(rungs))
	var got, tied []string
	for _, r := range a.Related {
		got = append(got, x.names[r.Occurrence])
		for _, tie := range r.Ties {
			got = append(got, "tie "+x.reading(tie))
		}
		got = append(got, x.rungs(r.Rungs)...)
	}
	for _, r := range related {
		tied = append(tied, x.names[r.Entity])
		for _, tie := range r.Ties {
			tied = append(tied, "tie "+x.names[tie.ID])
		}
		tied = append(tied, x.wantedRungs(r.Rungs)...)
	}
	x.same("Ladder, related", got, tied)
}

func (x *exam) rungs(list []query.Rung) (all []string) {
	for _, r := range list {
		all = append(all, fmt.Sprint(x.reading(r.Reading), r.Stance, r.Speakers, r.For))
	}
	return all
}

func (x *exam) wantedRungs(list []model.Reading) (all []string) {
	for _, r := range list {
		o := r.Statement.Voices[0]
		all = append(all, fmt.Sprint(x.names[r.ID], o.Stance, x.parties(o.Speakers), x.parties(o.For)))
	}
	return all
}

// dissent asks the four questions of it.
func (x *exam) dissent() {
	q := modeltest.Pattern(x.p)
	x.same("Disputes", answers(x, query.Disputes(ctx, x.v, q), x.link),
		x.wantedLinks(x.m.Asserted(x.l, x.p, events.Disputes)))
	var every []events.LinkType
	for t := events.RepliesTo; t <= events.Contrasts; t++ {
		every = append(every, t)
	}
	x.same("Links", answers(x, query.Links(ctx, x.v, q), x.link), x.wantedLinks(x.m.Asserted(x.l, x.p, every...)))
	few := rapid.SliceOfN(rapid.SampledFrom(every), 1, 3).Draw(x.t, "types")
	x.same("Links of some types", answers(x, query.Links(ctx, x.v, q, few...), x.link), x.wantedLinks(x.m.Asserted(x.l, x.p, few...)))
	x.same("Replies", answers(x, query.Replies(ctx, x.v, q), func(r *query.Reply) string {
		return x.link(&r.Link) + r.Commits.String()
	}), x.wantedLinks(x.m.Replies(x.l, x.p)))

	x.oppositions()
	x.conflicts()
}

func (x *exam) oppositions() {
	var want []string
	for _, pair := range x.m.Oppositions(x.l, x.p) {
		denial, affirmation := x.stand[pair.First].Statement.Voices[0], x.stand[pair.Second].Statement.Voices[0]
		if denial.Stance.Polarity != events.Denied {
			pair.First, pair.Second = pair.Second, pair.First
		}
		own := slices.ContainsFunc(x.parties(denial.Speakers), func(id uuid.UUID) bool {
			return slices.Contains(x.parties(affirmation.Speakers), id)
		})
		want = append(want, fmt.Sprint(x.names[pair.First], " denies ", x.names[pair.Second], own, x.wantedLinks(pair.TakenBack)))
		x.found["Oppositions, taken back"] += len(pair.TakenBack)
	}
	x.same("Oppositions", answers(x, query.Oppositions(ctx, x.v, modeltest.Pattern(x.p)), func(o *query.Opposition) string {
		return fmt.Sprint(x.reading(o.Denial), " denies ", x.reading(o.Affirmation), o.SameOrigin, x.links(o.TakenBack))
	}), want)
}

func (x *exam) conflicts() {
	var want []string
	for _, pair := range x.m.Conflicts(x.l, x.p) {
		want = append(want, x.names[pair.First]+" and "+x.names[pair.Second]+" "+pair.Kind+pair.Role+fmt.Sprint(x.wantedLinks(pair.TakenBack)))
		x.found["Conflicts, "+pair.Kind]++
		x.found["Conflicts, taken back"] += len(pair.TakenBack)
	}
	x.same("Conflicts", answers(x, query.Conflicts(ctx, x.v, modeltest.Pattern(x.p)), func(c *query.Conflict) string {
		return x.reading(c.First) + " and " + x.reading(c.Second) + " " + c.Kind.String() + c.Role + fmt.Sprint(x.links(c.TakenBack))
	}), want)
}

func (x *exam) link(l *query.Link) string {
	side := func(s query.Side) string {
		if s.Reading != nil && x.reading(s.Reading) != x.names[s.ID] {
			x.t.Fatalf("a link has the reading of another statement: %+v", s)
		}
		return fmt.Sprint(x.names[s.ID], s.Reading != nil, s.Shown)
	}
	if l.Statement != nil && x.reading(l.Statement) != x.names[l.By] {
		x.t.Fatalf("a link is made by another statement: %+v", l)
	}
	return fmt.Sprint(side(l.From), " ", l.Type, " ", side(l.To), " by ", x.names[l.By], l.Statement != nil)
}

func (x *exam) links(list []*query.Link) (all []string) {
	for _, l := range list {
		all = append(all, x.link(l))
	}
	return all
}

func (x *exam) wantedLinks(links []model.Asserted) (all []string) {
	for _, l := range links {
		_, from := x.stand[l.From]
		_, to := x.stand[l.To]
		all = append(all, fmt.Sprint(fmt.Sprint(x.names[l.From], from, l.FromShown), " ", l.Type, " ",
			fmt.Sprint(x.names[l.To], to, l.ToShown), " by ", x.names[l.By], l.Statement)+string(l.Commits))
	}
	return all
}
