package quadstore_test

import (
	"cmp"
	"context"
	"fmt"
	"math/big"
	"slices"
	"testing"
	"time"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/cayley/graph/iterator"
	"github.com/cayleygraph/cayley/graph/memstore"
	"github.com/cayleygraph/cayley/graph/path"
	"github.com/cayleygraph/cayley/graph/shape"
	"github.com/cayleygraph/quad"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
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
		g, m, gen := recorded(t)
		lenses := []model.Lens{{}, {AsOf: max(1, m.Last()/2)}, gen.Lens(t, m)}
		for _, l := range lenses {
			view := g.View(modeltest.Lens(l))
			want := memstore.New(quadsOf(m, l, gen)...)
			got := quadstore.New(view)
			if rapid.Bool().Draw(t, "eager") {
				got = quadstore.Eager(got)
			}
			sameContent(t, got, want, gen, m)
			if rapid.Bool().Draw(t, "anew") {
				got = quadstore.New(view) // which remembers nothing
			}
			for range 20 {
				answered += samePath(t, got, want, gen, m)
			}
		}
	})
	if answered == 0 {
		t.Error("no path led anywhere")
	}
}

// recorded records random batches in a graph and in the slow model.
func recorded(t *rapid.T) (*graph.Graph, *model.Model, *model.Gen) {
	var clock time.Time
	g, err := graph.Open(ctx, events.NewMem(), &graph.Options{Now: func() time.Time { return clock }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	m, gen := model.New(), model.NewGen()
	for range rapid.IntRange(3, 15).Draw(t, "batches") {
		b, at := gen.Batch(t, m)
		clock = at
		out := m.Record(b, at)
		if _, err := g.Record(ctx, &b); (err == nil) != (out.Class == model.Recorded) {
			t.Skip("package graph's own test compares what is refused")
		}
	}
	return g, m, gen
}

// quadsOf is what the package comment says, on the model.
func quadsOf(m *model.Model, l model.Lens, gen *model.Gen) (quads []quad.Quad) {
	entity := func(id uuid.UUID) quad.Value {
		return quad.IRI("onrecord:entity/" + m.Canonical(m.At(l), id).String())
	}
	statement := func(id uuid.UUID) quad.Value { return quad.IRI("onrecord:statement/" + id.String()) }
	source := func(id uuid.UUID) quad.Value { return quad.IRI("onrecord:source/" + id.String()) }
	at := func(t edtf.Time) quad.Value {
		return quad.TypedString{Value: quad.String(t.String()), Type: "http://id.loc.gov/datatypes/edtf/EDTF"}
	}
	for _, r := range m.Statements(l, model.Pattern{}) {
		id, c := statement(r.ID), r.Statement.Claim
		add := func(p string, o quad.Value) {
			quads = append(quads, quad.Quad{Subject: id, Predicate: quad.IRI("onrecord:" + p), Object: o, Label: id})
		}
		predicate := quad.IRI("onrecord:" + c.Predicate)
		add("statement/predicate", predicate)
		add("statement/form", quad.IRI("onrecord:form/"+r.Statement.Form.String()))
		if c.Occurrence != uuid.Nil {
			add("statement/occurrence", entity(c.Occurrence))
		}
		if !c.When.Time.IsZero() {
			add("statement/when", at(c.When.Time))
		}
		if r.Statement.Source != uuid.Nil {
			add("statement/source", source(r.Statement.Source))
		}
		if len(c.If) > 0 {
			add("statement/conditional", quad.Bool(true))
		}
		for i, v := range r.Statement.Voices {
			space := "statement/"
			if i > 0 {
				space = fmt.Sprintf("voice/%d/", i)
			}
			for part, parties := range map[string][]events.Party{"speaker": v.Speakers, "for": v.For, "to": v.To} {
				for _, p := range parties {
					add(space+part, entity(p.Entity))
				}
			}
			add(space+"act", quad.IRI("onrecord:act/"+v.Act.String()))
			add(space+"stance", quad.IRI("onrecord:stance/"+v.Stance.String()))
			if !v.Said.Time.IsZero() {
				add(space+"said", at(v.Said.Time))
			}
		}
		// What is in a claim inside the claim.
		var nested func(c events.Claim)
		nested = func(c events.Claim) {
			if c.Occurrence != uuid.Nil {
				add("statement/nested", entity(c.Occurrence))
			}
			for _, a := range c.Args {
				switch a.Value.Kind {
				case events.EntityValue:
					add("statement/nested", entity(a.Value.ID))
				case events.StatementValue:
					add("statement/nested", statement(a.Value.ID))
				case events.ClaimValue:
					nested(*a.Value.Claim)
				}
			}
			for _, x := range c.If {
				nested(x.Claim)
			}
		}
		for _, x := range c.If {
			nested(x.Claim)
		}
		var ends []quad.Value
		for _, a := range c.Args {
			role := "role/" + a.Role
			switch v := a.Value; v.Kind {
			case events.EntityValue:
				add(role, entity(v.ID))
				ends = append(ends, entity(v.ID))
			case events.TextValue:
				if v.Language != "" {
					add(role, quad.LangString{Value: quad.String(v.Text), Lang: v.Language})
				} else {
					add(role, quad.String(v.Text))
				}
			case events.NumberValue:
				n, _ := new(big.Rat).SetString(v.Text)
				add(role, quad.Int(n.Num().Int64()))
				if v.Unit != "" {
					add("unit/"+a.Role, quad.String(v.Unit))
				}
			case events.TimeValue:
				add(role, at(v.Time))
			case events.StatementValue:
				add(role, statement(v.ID))
			case events.ClaimValue:
				add(role, quad.IRI("onrecord:value/claim"))
				nested(*v.Claim)
			case events.NoneValue:
				add(role, quad.IRI("onrecord:value/none"))
			case events.UnknownValue:
				add(role, quad.IRI("onrecord:value/unknown"))
			}
		}
		if len(ends) == 2 && r.Statement.Voices[0].Stance.Polarity == events.Affirmed {
			quads = append(quads, quad.Quad{Subject: ends[0], Predicate: predicate, Object: ends[1], Label: id})
		}
	}
	for _, id := range gen.Entities {
		e := m.Entity(m.At(l), id)
		if e.Members[0] != id {
			continue
		}
		add := func(p quad.IRI, o quad.Value) {
			quads = append(quads, quad.Quad{Subject: entity(id), Predicate: p, Object: o})
		}
		var kind events.EntityKind
		for _, r := range e.Registrations {
			add("onrecord:entity/name", quad.String(r.Name.Text))
			if kind == 0 || kind == events.Placeholder {
				if kind == 0 || r.Kind != 0 {
					kind = r.Kind
				}
			}
		}
		for _, n := range e.Names {
			add("onrecord:entity/name", quad.String(n.Name.Text))
		}
		if kind != 0 {
			add("onrecord:entity/kind", quad.IRI("onrecord:kind/"+kind.String()))
		}
	}
	for _, id := range gen.Sources {
		src := m.Source(m.At(l), id)
		if src == nil {
			continue
		}
		add := func(p quad.IRI, o quad.Value) {
			quads = append(quads, quad.Quad{Subject: source(id), Predicate: p, Object: o})
		}
		if src.Title != "" {
			add("onrecord:source/title", quad.String(src.Title))
		}
		if src.URL != "" {
			add("onrecord:source/url", quad.String(src.URL))
		}
		if !src.Published.IsZero() {
			add("onrecord:source/published", at(src.Published))
		}
	}
	return quads
}

// sameContent compares all quads and nodes.
func sameContent(t *rapid.T, got, want cayley.QuadStore, gen *model.Gen, m *model.Model) {
	// Each walk three times: the first, one that begins to remember, and what is remembered.
	for range 3 {
		sameValues(t, got, want, gen, m)
	}
	if a, b := all(t, got, got.QuadsAllIterator()), all(t, want, want.QuadsAllIterator()); !slices.Equal(a, b) {
		t.Fatalf("quads:\n%q\nwant:\n%q", a, b)
	}
	nodes := all(t, want, want.NodesAllIterator())
	for range 3 {
		if a := all(t, got, got.NodesAllIterator()); !slices.Equal(a, nodes) {
			t.Fatalf("nodes:\n%q\nwant:\n%q", a, nodes)
		}
	}
	if v, err := path.StartPath(got).Count().Iterate(ctx).FirstValue(got); v != quad.Int(len(nodes)) || err != nil {
		t.Fatalf("%v nodes counted (%v), want %d", v, err, len(nodes))
	}
	a, errA := got.Stats(ctx, true)
	b, errB := want.Stats(ctx, true)
	if a != b || errA != nil || errB != nil {
		t.Fatalf("stats %+v (%v), want %+v (%v)", a, errA, b, errB)
	}
	sameValues(t, got, want, gen, m)
}

// sameValues compares the quads of each node that there may be, and those with one
// predicate that lead to it.
func sameValues(t *rapid.T, got, want cayley.QuadStore, gen *model.Gen, m *model.Model) {
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
			a, b := all(t, got, got.QuadIterator(d, ref)), all(t, want, want.QuadIterator(d, wantRef))
			if !slices.Equal(a, b) {
				t.Fatalf("%v %v:\n%q\nwant:\n%q", d, v, a, b)
			}
			if size, err := got.QuadIteratorSize(ctx, d, ref); size.Size == 0 && len(a) > 0 || size.Exact || err != nil {
				t.Fatalf("%v %v: size %+v (%v) of %d", d, v, size, err, len(a))
			}
		}
		via := rapid.SampledFrom(vias).Draw(t, "via")
		a, b := path.StartPath(got, v).In(via), path.StartPath(want, v).In(via)
		if a, b := answers(t, a, got), answers(t, b, want); !slices.Equal(a, b) {
			t.Fatalf("from %v in %v:\n%q\nwant:\n%q", v, via, a, b)
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
	for _, id := range gen.Entities {
		list = append(list, quadstore.Entity(id))
	}
	for _, id := range m.IDs() {
		list = append(list, quadstore.Statement(id))
	}
	for _, id := range gen.Sources {
		list = append(list, quadstore.Source(id))
	}
	for _, v := range vias {
		list = append(list, v)
	}
	for _, day := range []string{"2025-08-03", "2025-08-04", "2025-08-06", "2025-08", "2025-07", "2025-07/2025-08", "1999"} {
		list = append(list, quad.TypedString{Value: quad.String(day), Type: quadstore.EDTF})
	}
	return append(list, quadstore.Stance(events.CertainAffirmed()), quadstore.Act(events.Assert), quadstore.Form(events.Quote), quadstore.Kind(events.Person),
		quadstore.Kind(events.Placeholder), quadstore.None, quadstore.Unknown, quadstore.Nested, quad.Bool(true), quad.Bool(false),
		quad.String("Witkoff"), quad.String("Кремль"), quad.String("Wire"), quad.String("four hours"), quad.String("h"),
		quad.LangString{Value: "four hours", Lang: "en"}, quad.LangString{Value: "four hours", Lang: "fr"}, quad.Int(4), quad.Int(5), quad.Int(6), quad.Float(4),
		quad.String("meet"), quad.IRI("https://example.org"), quadstore.Entity(uuid.Nil))
}

var vias = []quad.IRI{
	quadstore.Predicate("meet"), quadstore.Predicate("ask"), quadstore.Predicate("hold_office"), quadstore.Predicate("unheard of"),
	quadstore.Role("who"), quadstore.Role("whom"), quadstore.Role("where"), quadstore.Role("from"), quadstore.Role("unheard of"), quadstore.Unit("whom"),
	quadstore.StatementPredicate, quadstore.StatementStance, quadstore.StatementOccurrence, quadstore.StatementWhen, quadstore.StatementConditional,
	quadstore.StatementNested, quadstore.StatementSource, quadstore.StatementForm, quadstore.StatementSpeaker, quadstore.StatementFor,
	quadstore.StatementTo, quadstore.StatementAct, quadstore.StatementSaid, quadstore.Voice(1, quadstore.StatementSpeaker),
	quadstore.Voice(1, quadstore.StatementStance), quadstore.Voice(2, quadstore.StatementFor), quadstore.Voice(1, quadstore.StatementSaid),
	quadstore.EntityName, quadstore.EntityKind, quadstore.SourceTitle, quadstore.SourcePublished,
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
	var tags []string
	unique := false // which of several ways to an answer is kept depends on the plan
	step := func(name string, f func(p *path.Path) *path.Path, args ...any) {
		said += fmt.Sprint(" ", name, args)
		a, b = f(a), f(b)
	}
	for range rapid.IntRange(1, 3).Draw(t, "steps") {
		p, q, n := via(), via(), node()
		switch rapid.IntRange(0, 23).Draw(t, "step") {
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
			unique = true
			step("unique", func(x *path.Path) *path.Path { return x.Unique() })
		case 12:
			unique = true
			step("labels", func(x *path.Path) *path.Path { return x.Labels() })
		case 13:
			step("or", func(x *path.Path) *path.Path { return x.Or(path.StartMorphism(n).Out(p)) }, n, "out", p)
		case 14:
			if want.ValueOf(n) == nil {
				continue // Cayley panics, on every store
			}
			step("except", func(x *path.Path) *path.Path { return x.Except(path.StartMorphism(n)) }, n)
		case 15:
			step("and", func(x *path.Path) *path.Path { return x.And(path.StartMorphism(n).Out(p)) }, n, "out", p)
		case 16:
			step("recursive", func(x *path.Path) *path.Path { return x.FollowRecursive(p, 3, nil) }, p)
		case 17:
			step("in label", func(x *path.Path) *path.Path { return x.LabelContext(n) }, n)
		case 18:
			unique = true
			step("predicates", func(x *path.Path) *path.Path { return x.OutPredicates() })
		case 19:
			unique = true
			step("in predicates", func(x *path.Path) *path.Path { return x.InPredicates() })
		case 20:
			step("has more than", func(x *path.Path) *path.Path {
				return x.HasFilter(p, false, shape.Comparison{Op: iterator.CompareGT, Val: n})
			}, p, n)
		case 21:
			tag := fmt.Sprint("tag", len(tags))
			tags = append(tags, tag)
			step("save", func(x *path.Path) *path.Path { return x.Save(p, tag) }, p)
		case 22:
			step("follow", func(x *path.Path) *path.Path { return x.Follow(path.StartMorphism().Out(p).In(q)) }, p, q)
		case 23:
			// Cayley's own panics where there is no label, and mixes up the ways.
			a = a.Clone().Order()
			said += " order"
		}
	}
	names := answers(t, a, got)
	if wantNames := answers(t, b, want); !slices.Equal(names, wantNames) {
		t.Fatalf("%s:\n%q\nwant:\n%q", said, names, wantNames)
	}
	if len(tags) > 0 && !unique {
		saved, wantSaved := tagged(t, a, got, tags), tagged(t, b, want, tags)
		if !slices.Equal(saved, wantSaved) {
			t.Fatalf("%s saves:\n%q\nwant:\n%q", said, saved, wantSaved)
		}
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
	sameSequence(t, said, a, got)
	return len(names)
}

// sameSequence sorts what a path leads to and takes some of it, which has to be
// some of the same.
func sameSequence(t *rapid.T, said string, p *path.Path, qs cayley.QuadStore) {
	list := func(p *path.Path) (list []quad.Value) {
		err := p.Iterate(ctx).Each(func(r cayley.Ref) { list = append(list, qs.NameOf(r)) })
		if n, failed := p.Iterate(ctx).Count(); err != nil || failed != nil || int(n) != len(list) {
			t.Fatalf("%s: counted %d (%v) of %d (%v)", said, n, failed, len(list), err)
		}
		return list
	}
	// How often an answer comes depends on the plan, and so on what is remembered.
	for range 3 {
		answers(t, p, qs)
		answers(t, p.Clone().Order(), qs)
	}
	found := list(p)
	sorted := list(p.Clone().Order())
	slices.SortStableFunc(found, compareValues)
	if !slices.EqualFunc(found, sorted, func(v, w quad.Value) bool { return compareValues(v, w) == 0 }) {
		t.Fatalf("%s, ordered: %v, want %v", said, sorted, found)
	}
	skip, limit := rapid.IntRange(0, 4).Draw(t, "skip"), rapid.IntRange(1, 4).Draw(t, "limit")
	end := min(len(sorted), skip+limit)
	some := sorted[min(skip, end):end]
	page := func(p *path.Path) *path.Path { return p.Clone().Skip(int64(skip)).Limit(int64(limit)) }
	if n := len(list(page(p))); n != len(some) {
		t.Fatalf("%s, %d after %d: %d of %d", said, limit, skip, n, len(sorted))
	}
	ordered := page(p.Clone().Order())
	if got := list(ordered); !slices.Equal(got, some) {
		t.Fatalf("%s, ordered, %d after %d: %v, want %v", said, limit, skip, got, some)
	}
	if got := answers(t, p.And(ordered), qs); !slices.Equal(got, answers(t, ordered, qs)) {
		t.Fatalf("%s, and %d after %d of it, ordered: %v, want %v", said, limit, skip, got, some)
	}
}

// compareValues sorts numbers before texts and times, and these before all else.
func compareValues(v, w quad.Value) int {
	rank := func(v quad.Value) (rank int, number *big.Rat, text string) {
		switch v := v.(type) {
		case quad.Int:
			return 0, new(big.Rat).SetInt64(int64(v)), ""
		case quad.String:
			return 1, nil, string(v)
		case quad.LangString:
			return 1, nil, string(v.Value)
		case quad.TypedString:
			return 1, nil, string(v.Value)
		}
		return 2, nil, v.String()
	}
	a, x, s := rank(v)
	b, y, u := rank(w)
	if a == 0 && b == 0 {
		return x.Cmp(y)
	}
	return cmp.Or(cmp.Compare(a, b), cmp.Compare(s, u))
}

// shown are values of which most are there.
func shown(qs cayley.QuadStore, gen *model.Gen, m *model.Model) (list []quad.Value) {
	for i, v := range values(gen, m) {
		if qs.ValueOf(v) != nil || i%8 == 0 && !slices.ContainsFunc(gen.Entities, func(id uuid.UUID) bool { return quadstore.Entity(id) == v }) {
			list = append(list, v)
		}
	}
	return append(list, quadstore.Entity(uuid.Nil))
}

// tagged returns what is saved under tags, each alone, sorted, each once.
func tagged(t *rapid.T, p *path.Path, qs cayley.QuadStore, tags []string) (list []string) {
	err := p.Iterate(ctx).TagValues(qs, func(m map[string]quad.Value) {
		for _, tag := range tags {
			list = append(list, fmt.Sprint(tag, " ", m[tag]))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(list)
	return slices.Compact(list)
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
