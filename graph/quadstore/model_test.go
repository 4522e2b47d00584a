package quadstore_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/cayley/graph/memstore"
	"github.com/cayleygraph/cayley/graph/path"
	"github.com/cayleygraph/quad"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/graph/quadstore"
	"github.com/onrecord/onrecord/internal/model"
	"github.com/onrecord/onrecord/internal/modeltest"
	"github.com/onrecord/onrecord/internal/seed"
)

var _ = seed.Fix()

var ctx = context.Background()

// TestModel records random batches, looks through random lenses, and compares
// the store with Cayley's memstore, loaded with the quads that the slow model's
// statements should have.
func TestModel(t *testing.T) {
	answered := 0
	rapid.Check(t, func(t *rapid.T) {
		var clock time.Time
		g, err := graph.Open(ctx, events.NewMem(), &graph.Options{Now: func() time.Time { return clock }})
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		m, gen := model.New(), model.NewGen()
		for range rapid.IntRange(3, 15).Draw(t, "batches") {
			b, at := gen.Batch(t, m)
			clock = at
			out := m.Record(b, at)
			if _, err := g.Record(ctx, &b); (err == nil) != (out.Class == model.Recorded) {
				t.Skip("package graph's own test compares what is refused")
			}
		}
		lenses := []model.Lens{{}, {AsOf: max(1, m.Last()/2)}, gen.Lens(t, m)}
		for _, l := range lenses {
			view := g.View(modeltest.Lens(l))
			want := memstore.New(quadsOf(m, l)...)
			got := quadstore.New(view)
			sameContent(t, got, want, gen, m)
			for range 20 {
				answered += samePath(t, got, want, gen, m)
			}
		}
	})
	if answered == 0 {
		t.Error("no path led anywhere")
	}
}

// quadsOf is what the package comment says, on the model.
func quadsOf(m *model.Model, l model.Lens) (quads []quad.Quad) {
	thing := func(id uuid.UUID) quad.IRI {
		return quad.IRI("urn:uuid:" + m.Canonical(m.At(l), id).String())
	}
	for _, r := range m.Statements(l, model.Pattern{}) {
		id := quad.IRI("urn:uuid:" + r.ID.String())
		c, stance := r.Statement.Claim, r.Statement.Voices[0].Stance
		predicate := quad.IRI("onrecord:" + c.Predicate)
		add := func(s, p, o quad.IRI) {
			quads = append(quads, quad.Quad{Subject: s, Predicate: p, Object: o, Label: id})
		}
		add(id, "onrecord:statement/predicate", predicate)
		add(id, "onrecord:statement/stance", quad.IRI("onrecord:stance/"+stance.String()))
		if c.Occurrence != uuid.Nil {
			add(id, "onrecord:statement/occurrence", thing(c.Occurrence))
		}
		var ends []quad.IRI
		for _, a := range c.Args {
			if a.Value.Kind == events.EntityValue {
				add(id, quad.IRI("onrecord:role/"+a.Role), thing(a.Value.ID))
				ends = append(ends, thing(a.Value.ID))
			}
		}
		if len(ends) == 2 && stance.Polarity == events.Affirmed {
			add(ends[0], predicate, ends[1])
		}
	}
	return quads
}

// sameContent compares all quads and nodes.
func sameContent(t *rapid.T, got, want cayley.QuadStore, gen *model.Gen, m *model.Model) {
	if a, b := all(t, got, got.QuadsAllIterator()), all(t, want, want.QuadsAllIterator()); !slices.Equal(a, b) {
		t.Fatalf("quads:\n%q\nwant:\n%q", a, b)
	}
	nodes := all(t, want, want.NodesAllIterator())
	if a := all(t, got, got.NodesAllIterator()); !slices.Equal(a, nodes) {
		t.Fatalf("nodes:\n%q\nwant:\n%q", a, nodes)
	}
	a, errA := got.Stats(ctx, true)
	b, errB := want.Stats(ctx, true)
	if a != b || errA != nil || errB != nil {
		t.Fatalf("stats %+v (%v), want %+v (%v)", a, errA, b, errB)
	}
	for _, v := range values(gen, m) {
		ref, wantRef := got.ValueOf(v), want.ValueOf(v)
		if wantRef == nil {
			// Members of a cluster are found, too, where their canonical one is.
			if id, ok := quadstore.ID(v); ref != nil && (!ok || got.NameOf(ref) == v || !slices.Contains(gen.Entities, id)) {
				t.Fatalf("ValueOf(%v) is %v, want nil", v, ref)
			}
			continue
		}
		if got.NameOf(ref) != v {
			t.Fatalf("ValueOf(%v) is that of %v", v, got.NameOf(ref))
		}
		for d := quad.Subject; d <= quad.Label; d++ {
			if a, b := all(t, got, got.QuadIterator(d, ref)), all(t, want, want.QuadIterator(d, wantRef)); !slices.Equal(a, b) {
				t.Fatalf("%v %v:\n%q\nwant:\n%q", d, v, a, b)
			}
		}
	}
}

// all lists what an iterator has, sorted, after checking that it contains it.
func all(t *rapid.T, qs cayley.QuadStore, it cayley.Iterator) (list []string) {
	shape := cayley.AsShape(it)
	index := shape.Lookup()
	scan := shape.Iterate()
	for scan.Next(ctx) {
		if !index.Contains(ctx, scan.Result()) {
			t.Fatalf("%v does not contain %v", shape, scan.Result())
		}
		if v := qs.NameOf(scan.Result()); v != nil && qs.Quad(scan.Result()) == (quad.Quad{}) {
			list = append(list, v.String())
			continue
		}
		q := qs.Quad(scan.Result())
		for d := quad.Subject; d <= quad.Label; d++ {
			if qs.NameOf(qs.QuadDirection(scan.Result(), d)) != q.Get(d) {
				t.Fatalf("%v has another %v by QuadDirection", q, d)
			}
		}
		list = append(list, q.String())
	}
	if err := scan.Err(); err != nil {
		t.Fatal(err)
	}
	if scan.Close() != nil || index.Close() != nil {
		t.Fatal("cannot close")
	}
	slices.Sort(list)
	return list
}

// values are nodes that there may be.
func values(gen *model.Gen, m *model.Model) (list []quad.Value) {
	for _, id := range slices.Concat(gen.Entities, m.IDs()) {
		list = append(list, quadstore.Node(id))
	}
	for _, v := range vias {
		list = append(list, v)
	}
	return append(list, quadstore.Stance(events.Sure), quad.String("meet"), quad.IRI("https://example.org"), quadstore.Node(uuid.Nil))
}

var vias = []quad.IRI{
	quadstore.Predicate("meet"), quadstore.Predicate("ask"), quadstore.Predicate("hold_office"), quadstore.Predicate("unheard of"),
	quadstore.Role("who"), quadstore.Role("whom"), quadstore.Role("where"), quadstore.Role("unheard of"),
	quadstore.StatementPredicate, quadstore.StatementStance, quadstore.StatementOccurrence,
}

// samePath walks a random path on both and compares the answers, each taken once:
// how often one is given depends on Cayley's plan and on the order of quads. It
// returns how many there were.
func samePath(t *rapid.T, got, want cayley.QuadStore, gen *model.Gen, m *model.Model) int {
	candidates := shown(want, gen, m)
	node := func() quad.Value { return rapid.SampledFrom(candidates).Draw(t, "node") }
	via := func() quad.IRI { return rapid.SampledFrom(vias).Draw(t, "via") }
	starts := rapid.SliceOfN(rapid.SampledFrom(candidates), 0, 3).Draw(t, "starts")
	a, b := path.StartPath(got, starts...), path.StartPath(want, starts...)
	said := fmt.Sprint("from ", starts)
	step := func(name string, f func(p *path.Path) *path.Path, args ...any) {
		said += fmt.Sprint(" ", name, args)
		a, b = f(a), f(b)
	}
	for range rapid.IntRange(1, 3).Draw(t, "steps") {
		p, q, n := via(), via(), node()
		switch rapid.IntRange(0, 14).Draw(t, "step") {
		case 0, 1:
			step("out", func(x *path.Path) *path.Path { return x.Out(p) }, p)
		case 2, 3:
			step("in", func(x *path.Path) *path.Path { return x.In(p) }, p)
		case 4:
			step("both", func(x *path.Path) *path.Path { return x.Both(p) }, p)
		case 5:
			step("has", func(x *path.Path) *path.Path { return x.Has(p, n) }, p, n)
		case 6:
			step("has any", func(x *path.Path) *path.Path { return x.Has(p) }, p)
		case 7:
			step("has reverse", func(x *path.Path) *path.Path { return x.HasReverse(p, n) }, p, n)
		case 8:
			step("out by two", func(x *path.Path) *path.Path { return x.Out(p, q) }, p, q)
		case 9:
			step("out by any", func(x *path.Path) *path.Path { return x.Out() })
		case 10:
			step("in by any", func(x *path.Path) *path.Path { return x.In() })
		case 11:
			step("unique", func(x *path.Path) *path.Path { return x.Unique() })
		case 12:
			step("labels", func(x *path.Path) *path.Path { return x.Labels() })
		case 13:
			step("or", func(x *path.Path) *path.Path { return x.Or(path.StartMorphism(n).Out(p)) }, n, "out", p)
		case 14:
			if want.ValueOf(n) == nil {
				continue // Cayley panics, on every store
			}
			step("except", func(x *path.Path) *path.Path { return x.Except(path.StartMorphism(n)) }, n)
		}
	}
	names := answers(t, a, got)
	if wantNames := answers(t, b, want); !slices.Equal(names, wantNames) {
		t.Fatalf("%s:\n%q\nwant:\n%q", said, names, wantNames)
	}
	if n, err := a.Iterate(ctx).Count(); (n == 0) != (len(names) == 0) || int(n) < len(names) || err != nil {
		t.Fatalf("%s: counted %d (%v) of %d", said, n, err, len(names))
	}
	if n, err := a.Unique().Iterate(ctx).Count(); int(n) != len(names) || err != nil {
		t.Fatalf("%s: counted %d different ones (%v) of %d", said, n, err, len(names))
	}
	if v, err := a.Unique().Count().Iterate(ctx).FirstValue(got); v != quad.Int(len(names)) || err != nil {
		t.Fatalf("%s: Count is %v (%v) of %d", said, v, err, len(names))
	}
	return len(names)
}

// shown are values of which most are there.
func shown(qs cayley.QuadStore, gen *model.Gen, m *model.Model) (list []quad.Value) {
	for i, v := range values(gen, m) {
		if qs.ValueOf(v) != nil || i%8 == 0 && !slices.Contains(entityNodes(gen), v) {
			list = append(list, v)
		}
	}
	return append(list, quadstore.Node(uuid.Nil))
}

func entityNodes(gen *model.Gen) (list []quad.Value) {
	for _, id := range gen.Entities {
		list = append(list, quadstore.Node(id))
	}
	return list
}

// answers returns what a path leads to, sorted, each once.
func answers(t *rapid.T, p *path.Path, qs cayley.QuadStore) (names []string) {
	found, err := p.Iterate(ctx).AllValues(qs)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range found {
		names = append(names, v.String())
	}
	slices.Sort(names)
	return slices.Compact(names)
}
