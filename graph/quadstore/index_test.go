package quadstore_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/cayley/graph/path"
	"github.com/cayleygraph/quad"
	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/graph/quadstore"
)

// dated records 300 statements, ten of them of one day, and returns one of these.
func dated(t *testing.T) (*graph.Graph, uuid.UUID) {
	g := open(t)
	b := events.NewBatch("desk")
	src := b.Source("https://example.org").Published("2025-02-01")
	var last uuid.UUID
	for i := range 300 {
		st := src.Says("meet", b.Person(fmt.Sprint("a", i)), b.Person(fmt.Sprint("b", i))).On("2025-01-01")
		switch {
		case i%30 == 7:
			last = st.On("2025-02-01").Arg("due", at("2025-02-01")).ID()
		case i%3 == 0:
			st.Arg("hours", events.Number(fmt.Sprint(i), "h"))
		}
	}
	record(t, g, b)
	return g, last
}

func at(day string) events.Value { return events.At(edtf.MustParse(day)) }

// counted counts what a path leads to within some steps, and reports false if there
// were not enough.
func counted(t *testing.T, qs *quadstore.Store, p *path.Path, steps int64) (int64, bool) {
	t.Helper()
	bounded, ctx, release := qs.Bound(ctx, &quadstore.Limits{Steps: steps})
	defer release()
	n, err := path.StartPath(bounded).Follow(p).Iterate(ctx).Count()
	if ctx.Err() == nil && err != nil {
		t.Fatal(err)
	}
	return n, ctx.Err() == nil
}

// Who has too few steps to sort all that he asks for, and enough for what he takes of it,
// gets it, however often he asks.
func TestIndexTooDear(t *testing.T) {
	g, _ := dated(t)
	for name, test := range map[string]struct {
		p     *path.Path
		steps int64
		want  int64
	}{
		"the first of a form": {path.StartMorphism(quadstore.Form(events.Paraphrase)).In(quadstore.StatementForm).Limit(70), 250, 70},
		"publications":        {path.StartMorphism().Out(quadstore.SourcePublished), 50, 1}, // where there is one source
	} {
		qs := quadstore.New(g.View(nil))
		for i := range 5 {
			if n, ok := counted(t, qs, test.p, test.steps); n != test.want || !ok {
				t.Errorf("%s, time %d: %d, %v, want %d", name, i, n, ok, test.want)
			}
		}
	}
}

// What no list leads to is walked for once, sorted when it is asked for again, and then
// found without a walk: within as many steps as there are answers, and a few.
func TestIndex(t *testing.T) {
	g, last := dated(t)
	view := g.View(nil)
	day := quad.TypedString{Value: "2025-02-01", Type: quadstore.EDTF}
	from := func(v quad.Value) *path.Path { return path.StartMorphism(v) }
	for name, test := range map[string]struct {
		p    *path.Path
		want int64
	}{
		"a time":              {from(day).In(quadstore.StatementWhen), 10},
		"a time in a role":    {from(day).In(quadstore.Role("due")), 10},
		"a time by any":       {from(day).In(), 21},
		"a time of a source":  {from(day).In(quadstore.SourcePublished), 1},
		"a stance":            {from(quadstore.Stance(events.CertainAffirmed())).In(quadstore.StatementStance).Limit(10), 10},
		"a form":              {from(quadstore.Form(events.Paraphrase)).In().Limit(10), 10},
		"a kind":              {from(quadstore.Kind(events.Person)).In().Limit(10), 10},
		"has a time":          {path.StartMorphism().Has(quadstore.StatementWhen, day), 10},
		"has a role":          {path.StartMorphism().Has(quadstore.Role("due")), 10},
		"all of a role":       {path.StartMorphism().Out(quadstore.Role("due")), 10},
		"all with a unit":     {path.StartMorphism().Has(quadstore.Unit("hours")).Limit(10), 10},
		"all by a predicate":  {path.StartMorphism().Out(quadstore.Predicate("meet")).Limit(10), 10},
		"a time, has a role":  {from(day).In(quadstore.StatementWhen).Has(quadstore.Role("due")), 10},
		"a time that another": {from(day).In(quadstore.StatementWhen).Out(quadstore.Role("due")).Unique(), 1},
	} {
		qs := quadstore.New(view)
		for range 3 {
			if n, ok := counted(t, qs, test.p, -1); n != test.want || !ok {
				t.Errorf("%s: %d found, want %d", name, n, test.want)
			}
		}
		if n, ok := counted(t, qs, test.p, 150); n != test.want || !ok {
			t.Errorf("%s: with few steps %d found, want %d", name, n, test.want)
		}
	}

	qs := quadstore.New(view)
	p := from(day).In(quadstore.StatementWhen)
	if _, ok := counted(t, qs, p, 150); ok {
		t.Error("found without a walk before there was one")
	}
	counted(t, qs, p, -1)
	for range 2 {
		if _, ok := counted(t, qs, p, 150); ok {
			t.Error("sorted in steps that are too few for it")
		}
	}
	if n, ok := counted(t, qs, p, -1); n != 10 || !ok {
		t.Errorf("%d found after nobody had the steps to sort, want 10", n)
	}
	if n, ok := counted(t, qs, p, 150); n != 10 || !ok {
		t.Errorf("%d found once it is sorted, want 10", n)
	}
	if n, err := qs.QuadIteratorSize(ctx, quad.Object, qs.ValueOf(day)); n != (cayley.Size{Size: 21}) || err != nil {
		t.Errorf("of what is sorted the size is %+v, %v, want 21", n, err)
	}

	b := events.NewBatch("desk")
	b.Redact(last, "test")
	record(t, g, b)
	for range 3 {
		if n, ok := counted(t, qs, p, -1); n != 9 || !ok {
			t.Errorf("%d found after a redaction, want 9", n)
		}
	}
	b = events.NewBatch("desk")
	b.Source("https://example.org").Says("meet", b.Person("later"), b.Person("more")).On("2025-02-01")
	record(t, g, b)
	if n, ok := counted(t, qs, p, -1); n != 9 || !ok {
		t.Errorf("%d found after what the view does not show, want 9", n)
	}
}

// A store may be asked by several at once while it begins to remember.
func TestIndexShared(t *testing.T) {
	g, _ := dated(t)
	qs := quadstore.New(g.View(nil))
	day := quad.TypedString{Value: "2025-02-01", Type: quadstore.EDTF}
	paths := map[*path.Path]int64{
		path.StartPath(qs, day).In(quadstore.StatementWhen):                      10,
		path.StartPath(qs, day).In():                                             21,
		path.StartPath(qs).Has(quadstore.Role("due")):                            10,
		path.StartPath(qs).Has(quadstore.Unit("hours")):                          100,
		path.StartPath(qs).Out(quadstore.Predicate("meet")):                      300,
		path.StartPath(qs, quad.Int(30)).In(quadstore.Role("hours")):             1,
		path.StartPath(qs, quadstore.Kind(events.Person)).In():                   600,
		path.StartPath(qs).Has(quadstore.StatementPredicate).Count():             1,
		path.StartPath(qs, quadstore.Form(events.Paraphrase)).In().Limit(10):     10,
		path.StartPath(qs, quadstore.Stance(events.CertainAffirmed())).In().In(): 0,
	}
	var all sync.WaitGroup
	for range 4 {
		for p, want := range paths {
			all.Go(func() {
				for range 3 {
					if n, err := p.Iterate(context.Background()).Count(); n != want || err != nil {
						t.Errorf("%d found, %v, want %d", n, err, want)
					}
				}
			})
		}
		all.Go(func() {
			for range 3 {
				if s, err := qs.Stats(context.Background(), true); s.Quads.Size == 0 || err != nil {
					t.Errorf("%+v, %v", s, err)
				}
				if qs.ValueOf(day) == nil || qs.ValueOf(quadstore.Role("unheard of")) != nil {
					t.Error("found other nodes")
				}
			}
		})
	}
	all.Wait()
}

// All nodes are listed by a walk once, and then without, until a redaction.
func TestListing(t *testing.T) {
	g, last := dated(t)
	qs := quadstore.New(g.View(nil))
	list := func() map[quad.Value]bool {
		found := map[quad.Value]bool{}
		err := path.StartPath(qs).Iterate(ctx).EachValue(qs, func(v quad.Value) { found[v] = true })
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	first := list()
	for range 2 {
		again := list()
		for v := range first {
			if !again[v] || qs.ValueOf(v) == nil {
				t.Errorf("%v is listed, and then no more", v)
			}
		}
		if v, err := path.StartPath(qs).Count().Iterate(ctx).FirstValue(qs); v != quad.Int(len(first)) || len(again) != len(first) || err != nil {
			t.Errorf("%v counted, %v, and %d listed after %d", v, err, len(again), len(first))
		}
	}
	if s, err := qs.Stats(ctx, false); s.Nodes != (cayley.Size{Size: int64(len(first))}) || err != nil {
		t.Errorf("%+v, %v, of %d nodes", s, err, len(first))
	}
	b := events.NewBatch("desk")
	b.Redact(last, "test")
	record(t, g, b)
	if qs.ValueOf(quadstore.Statement(last)) != nil || list()[quadstore.Statement(last)] {
		t.Error("a statement is listed after its redaction")
	}
}
