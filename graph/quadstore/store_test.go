package quadstore_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/cayley/graph/path"
	"github.com/cayleygraph/quad"
	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/graph/quadstore"
	"github.com/onrecord/onrecord/internal/leak"
)

func open(t testing.TB) *graph.Graph {
	t.Helper()
	g, err := graph.Open(ctx, events.NewMem(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	return g
}

func record(t testing.TB, g *graph.Graph, b *events.Builder) events.Position {
	t.Helper()
	batch, err := b.Batch()
	if err != nil {
		t.Fatal(err)
	}
	r, err := g.Record(ctx, batch)
	if err != nil {
		t.Fatal(err)
	}
	return r.Position
}

// quadsIn returns the quads of an iterator, one a line.
func quadsIn(t testing.TB, qs cayley.QuadStore, it cayley.Iterator) string {
	t.Helper()
	var lines []string
	err := cayley.Iterate(ctx, it).Each(func(r cayley.Ref) {
		q := qs.Quad(r)
		lines = append(lines, fmt.Sprint(q.Subject, " ", q.Predicate, " ", q.Object, " ", q.Label))
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

func TestQuads(t *testing.T) {
	g := open(t)
	b := events.NewBatch("desk")
	src := b.Source("https://example.org")
	x, y, z, talks := b.Person("X"), b.Person("Y"), b.Person("Z"), b.Occurrence("talks")
	for _, test := range []struct {
		name string
		s    *events.StatementRef
		want string
	}{
		{"affirmed", src.Says("meet", x, y).Occurrence(talks).Stance("PS+"), `
			x onrecord:meet y s
			s onrecord:statement/predicate onrecord:meet s
			s onrecord:statement/occurrence talks s
			s onrecord:statement/stance onrecord:stance/PS+ s
			s onrecord:role/subject x s
			s onrecord:role/object y s`},
		{"denied", src.Says("meet", x, y).Stance("CT-"), `
			s onrecord:statement/predicate onrecord:meet s
			s onrecord:statement/stance onrecord:stance/CT- s
			s onrecord:role/subject x s
			s onrecord:role/object y s`},
		{"left open", src.Says("meet", x, y).Stance("Uu"), `
			s onrecord:statement/predicate onrecord:meet s
			s onrecord:statement/stance onrecord:stance/Uu s
			s onrecord:role/subject x s
			s onrecord:role/object y s`},
		{"one and a text", src.Says("nickname", x).Arg("name", events.Text("the envoy", "en")), `
			s onrecord:statement/predicate onrecord:nickname s
			s onrecord:statement/stance onrecord:stance/CT+ s
			s onrecord:role/subject x s
			s onrecord:role/name "the envoy"@en s`},
		{"two and a number", src.Says("meet", x, y).Arg("hours", events.Number("3", "h")), `
			x onrecord:meet y s
			s onrecord:statement/predicate onrecord:meet s
			s onrecord:statement/stance onrecord:stance/CT+ s
			s onrecord:role/subject x s
			s onrecord:role/object y s
			s onrecord:role/hours "3"^^xsd:integer s
			s onrecord:unit/hours "h" s`},
		{"three", src.Says("meet", x, y, z), `
			s onrecord:statement/predicate onrecord:meet s
			s onrecord:statement/stance onrecord:stance/CT+ s
			s onrecord:role/subject x s
			s onrecord:role/object y s
			s onrecord:role/object z s`},
		{"oneself, under names that need encoding", src.Says("role/subject 50%", x).Role("in/to", x), `
			x onrecord:role%2Fsubject%2050%25 x s
			s onrecord:statement/predicate onrecord:role%2Fsubject%2050%25 s
			s onrecord:statement/stance onrecord:stance/CT+ s
			s onrecord:role/subject x s
			s onrecord:role/in%2Fto x s`},
		{"one twice in a role", src.Says("name", x).Role("subject", x).Stance("CT-"), `
			s onrecord:statement/predicate onrecord:name s
			s onrecord:statement/stance onrecord:stance/CT- s
			s onrecord:role/subject x s`},
	} {
		id := quadstore.Statement(test.s.ID())
		record(t, g, b)
		qs := quadstore.New(g.View(nil))
		got := quadsIn(t, qs, qs.QuadIterator(quad.Label, qs.ValueOf(id)))
		for name, node := range map[string]quad.IRI{"s": id, "x": quadstore.Entity(x.ID), "y": quadstore.Entity(y.ID),
			"z": quadstore.Entity(z.ID), "talks": quadstore.Entity(talks.ID)} {
			got = strings.ReplaceAll(got, node.String(), name)
		}
		got = strings.NewReplacer("<", "", ">", "").Replace(got)
		var lines []string
		for line := range strings.Lines(got + "\n") {
			// These are the same in all; TestVocabulary has them.
			if !strings.Contains(line, ":statement/source") && !strings.Contains(line, ":statement/form") &&
				!strings.Contains(line, ":statement/speaker") && !strings.Contains(line, ":statement/act") {
				lines = append(lines, strings.TrimSpace(line))
			}
		}
		got = strings.Join(lines, "\n")
		if want := strings.TrimSpace(strings.ReplaceAll(test.want, "\t", "")); got != want {
			t.Errorf("%s:\n%s\nwant:\n%s", test.name, got, want)
		}
	}
	// An edge is found by a predicate that needs encoding, and no role by it.
	qs := quadstore.New(g.View(nil))
	self := path.StartPath(qs, quadstore.Entity(x.ID)).Out(quadstore.Predicate("role/subject 50%"))
	if v, err := self.Iterate(ctx).AllValues(qs); err != nil || !slices.Equal(v, []quad.Value{quadstore.Entity(x.ID)}) {
		t.Errorf("%v, %v", v, err)
	}
}

// What a view does not show has no reference, and the interface holds no typed
// nil.
func TestValueOf(t *testing.T) {
	g := open(t)
	b := events.NewBatch("desk")
	src := b.Source("https://example.org")
	x, y := b.Person("X"), b.Person("Y")
	hidden := src.Says("hide", x, y)
	met := src.Says("meet", x, y)
	before := g.View(nil)
	hiddenID, metID := hidden.ID(), met.ID()
	record(t, g, b)
	shown := g.View(nil)
	b = events.NewBatch("desk")
	b.Redact(hiddenID, "test")
	record(t, g, b)

	qs := quadstore.New(shown)
	for _, v := range []quad.Value{quadstore.Entity(x.ID), quadstore.Statement(metID), quadstore.Predicate("meet"),
		quadstore.Role("object"), quadstore.Stance(events.CertainAffirmed()), quadstore.StatementStance} {
		ref := qs.ValueOf(v)
		if ref == nil || qs.NameOf(ref) != v {
			t.Errorf("ValueOf(%v) is %v", v, ref)
		}
		if ref := quadstore.New(before).ValueOf(v); ref != nil {
			t.Errorf("before, ValueOf(%v) is %v", v, ref)
		}
	}
	for _, v := range []quad.Value{nil, quad.String("meet"), quad.IRI(""), quad.IRI("meet"), quad.IRI("onrecord:"), quad.IRI("onrecord:%"),
		quad.IRI("onrecord:%6Deet"), quad.IRI("urn:uuid:"), quadstore.Entity(uuid.Nil), quadstore.Source(x.ID), quadstore.Statement(x.ID), quadstore.Entity(metID),
		quadstore.Statement(hiddenID), quadstore.Predicate("hide"), quadstore.Role("verb"),
		quadstore.StatementOccurrence} {
		if ref := qs.ValueOf(v); ref != nil {
			t.Errorf("ValueOf(%v) is %v", v, ref)
		}
	}

	// References that are not its own.
	if v := qs.NameOf(cayley.PreFetched(quad.Int(3))); v != quad.Int(3) {
		t.Errorf("NameOf a value is %v", v)
	}
	if v := qs.NameOf(nil); v != nil {
		t.Errorf("NameOf nil is %v", v)
	}
	for _, r := range []cayley.Ref{nil, cayley.PreFetched(quad.Int(3)), qs.ValueOf(quadstore.Entity(x.ID))} {
		if d := qs.QuadDirection(r, quad.Subject); d != nil || qs.Quad(r) != (quad.Quad{}) {
			t.Errorf("%v is a quad", r)
		}
	}
	if s := quadsIn(t, qs, qs.QuadIterator(quad.Subject, cayley.PreFetched(quad.Int(3)))); s != "" {
		t.Errorf("quads of a value: %s", s)
	}
}

// An entity is found by any member of its cluster, and shown by the canonical
// one.
func TestCluster(t *testing.T) {
	g := open(t)
	b := events.NewBatch("desk")
	src := b.Source("https://example.org")
	a, z, y := b.Person("Witkoff"), b.Person("Whitkoff"), b.Person("Putin")
	src.Says("meet", a, y)
	src.Says("phone", z, y)
	src.Says("phone", a, z)
	apart := record(t, g, b)
	b = events.NewBatch("desk")
	b.Judge(a, events.Same, z, "a misspelling")
	record(t, g, b)

	reached := func(l *graph.Lens, from events.EntityRef, via string) (ids []uuid.UUID) {
		qs := quadstore.New(g.View(l))
		err := path.StartPath(qs, quadstore.Entity(from.ID)).Out(quadstore.Predicate(via)).Unique().Iterate(ctx).EachValue(qs, func(v quad.Value) {
			id, _ := quadstore.ID(v)
			ids = append(ids, id)
		})
		if err != nil {
			t.Fatal(err)
		}
		return ids
	}
	one := g.View(nil).Canonical(a.ID)
	for _, from := range []events.EntityRef{a, z} {
		if ids := reached(nil, from, "meet"); !slices.Equal(ids, []uuid.UUID{y.ID}) {
			t.Errorf("met %v", ids)
		}
		if ids := reached(nil, from, "phone"); !slices.Equal(ids, []uuid.UUID{y.ID, one}) {
			t.Errorf("phoned %v", ids)
		}
	}
	if ids := reached(&graph.Lens{AsOf: apart}, z, "meet"); ids != nil {
		t.Errorf("as of before, the other one met %v", ids)
	}
}

// Cayley's own stores count three here.
func TestCount(t *testing.T) {
	g := open(t)
	b := events.NewBatch("desk")
	src := b.Source("https://example.org")
	x, y, z := b.Person("X"), b.Person("Y"), b.Person("Z")
	src.Says("meet", x, y)
	src.Says("meet", y, z)
	src.Says("phone", z, x)
	w := b.Person("W")
	for i := range 10 {
		src.Says("meet", b.Person(fmt.Sprint(i)), w)
	}
	record(t, g, b)
	qs := quadstore.New(g.View(nil))
	meet, phone := quadstore.Predicate("meet"), quadstore.Predicate("phone")
	all := func() *path.Path {
		return path.StartPath(qs, quadstore.Entity(x.ID), quadstore.Entity(y.ID), quadstore.Entity(z.ID))
	}
	for name, test := range map[string]struct {
		p    *path.Path
		want int64
	}{
		"all":          {all(), 3},
		"some":         {all().Has(meet, quadstore.Entity(z.ID)), 1},
		"none":         {all().Has(phone, quadstore.Entity(y.ID)), 0},
		"none of many": {all().Has(meet, quadstore.Entity(w.ID)), 0},
		"none of one":  {path.StartPath(qs, quadstore.Entity(x.ID)).Has(meet, quadstore.Entity(y.ID)).Has(phone), 0},
		"none reached": {path.StartPath(qs, quadstore.Entity(x.ID)).Out(phone), 0},
	} {
		if n, err := test.p.Iterate(ctx).Count(); n != test.want || err != nil {
			t.Errorf("%s: counted %d, %v, want %d", name, n, err, test.want)
		}
		if v, err := test.p.Count().Iterate(ctx).FirstValue(qs); v != quad.Int(test.want) || err != nil {
			t.Errorf("%s: Count is %v, %v, want %d", name, v, err, test.want)
		}
	}
}

// Cayley plans twice what it counts, and once what it lists.
func TestCountExcept(t *testing.T) {
	g := open(t)
	b := events.NewBatch("desk")
	st := b.Source("https://example.org").Says("meet", b.Person("X"), b.Person("Y")).ID()
	record(t, g, b)
	qs := quadstore.New(g.View(nil))
	// The predicate is there in two ways.
	p := path.StartPath(qs).Or(path.StartMorphism(quadstore.Statement(st)).Out(quadstore.StatementPredicate)).
		Except(path.StartMorphism(quadstore.StatementSource))
	listed := int64(0)
	err := p.Iterate(ctx).Each(func(cayley.Ref) { listed++ })
	if n, failed := p.Iterate(ctx).Count(); n != listed || err != nil || failed != nil {
		t.Errorf("%d counted, %v, and %d listed, %v", n, failed, listed, err)
	}
}

func TestReadOnly(t *testing.T) {
	qs := quadstore.New(open(t).View(nil))
	if err := qs.ApplyDeltas(nil, cayley.IgnoreOpts{}); !errors.Is(err, quadstore.ErrReadOnly) {
		t.Errorf("ApplyDeltas: %v", err)
	}
	if w, err := qs.NewQuadWriter(); w != nil || !errors.Is(err, quadstore.ErrReadOnly) {
		t.Errorf("NewQuadWriter: %v, %v", w, err)
	}
	if err := qs.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

// many records 300 meetings of one person.
func many(t testing.TB, g *graph.Graph) events.EntityRef {
	b := events.NewBatch("desk")
	src := b.Source("https://example.org")
	x := b.Person("X")
	for i := range 300 {
		src.Says("meet", x, b.Person(fmt.Sprint(i)))
	}
	record(t, g, b)
	return x
}

// However many quads a node has, each is listed once, walked or remembered.
func TestEachOnce(t *testing.T) {
	g := open(t)
	x := many(t, g)
	b := events.NewBatch("desk")
	for i := range 70 {
		b.Source("https://example.org").Says(fmt.Sprint("verb ", i%3), x, b.Person(fmt.Sprint(i)))
	}
	record(t, g, b)
	kept := &batches{}
	if _, err := quadstore.Copy(ctx, kept, g.View(nil), nil); err != nil {
		t.Fatal(err)
	}
	for name, qs := range map[string]*quadstore.Store{"walked": quadstore.New(g.View(nil)), "remembered": quadstore.Eager(quadstore.New(g.View(nil)))} {
		for _, v := range []quad.Value{quadstore.Entity(x.ID), quadstore.Predicate("meet"), quadstore.Kind(events.Person)} {
			for d := quad.Subject; d <= quad.Label; d++ {
				want := slices.DeleteFunc(kept.quads(), func(q quad.Quad) bool { return q.Get(d) != v })
				got := strings.Split(quadsIn(t, qs, qs.QuadIterator(d, qs.ValueOf(v))), "\n")
				if slices.Sort(got); !slices.Equal(got, lines(want)) && len(want) > 0 {
					t.Errorf("%s, %v %v: %d quads, want %d", name, d, v, len(got), len(want))
				}
			}
		}
	}
}

// No size is exact, and what is many is not guessed to be few.
func TestSizes(t *testing.T) {
	g := open(t)
	x := many(t, g)
	qs := quadstore.New(g.View(nil))
	for _, it := range []cayley.Iterator{
		qs.QuadsAllIterator(), qs.NodesAllIterator(),
		qs.QuadIterator(quad.Subject, qs.ValueOf(quadstore.Entity(x.ID))),
		qs.QuadIterator(quad.Predicate, qs.ValueOf(quadstore.Predicate("meet"))),
		qs.QuadIterator(quad.Object, qs.ValueOf(quadstore.Stance(events.CertainAffirmed()))),
	} {
		if n, exact := it.Size(); n < 300 || exact {
			t.Errorf("%v: size %d, exact %v", it, n, exact)
		}
	}
	for d := quad.Subject; d <= quad.Label; d++ {
		if n, err := qs.QuadIteratorSize(ctx, d, qs.ValueOf(quadstore.Entity(x.ID))); n.Exact || err != nil {
			t.Errorf("%v: %+v, %v", d, n, err)
		}
	}
	if s, err := qs.Stats(ctx, false); s.Quads.Exact || s.Nodes.Exact || err != nil {
		t.Errorf("stats %+v, %v", s, err)
	}
	if s, err := qs.Stats(ctx, true); s.Quads != (cayley.Size{Size: 300*9 + 302*2 + 1, Exact: true}) || err != nil {
		t.Errorf("stats %+v, %v", s, err)
	}
}

// An iterator that is left early leaves nothing running, and one whose context
// has ended says so.
func TestLeaveEarly(t *testing.T) {
	g := open(t)
	x := many(t, g)
	qs := quadstore.New(g.View(nil))
	none := leak.Check(t)
	meet := quadstore.Predicate("meet")
	for range 5 {
		for _, p := range []*path.Path{
			path.StartPath(qs).Out(meet), path.StartPath(qs, quadstore.Entity(x.ID)).Both(meet).In(meet),
			path.StartPath(qs).Has(meet).Has(quadstore.Role("subject")), path.StartPath(qs, quadstore.Entity(x.ID)).FollowRecursive(meet, 3, nil),
		} {
			if _, err := p.Iterate(ctx).First(); err != nil {
				t.Fatal(err)
			}
		}
	}
	none()

	ended, cancel := context.WithCancel(ctx)
	cancel()
	scan := cayley.AsShape(qs.QuadsAllIterator()).Iterate()
	defer scan.Close()
	if scan.Next(ended) || !errors.Is(scan.Err(), context.Canceled) {
		t.Errorf("after the end: %v", scan.Err())
	}
	if _, err := qs.Stats(ended, true); !errors.Is(err, context.Canceled) {
		t.Errorf("Stats after the end: %v", err)
	}
}

// An iterator may be asked for more at its end, as Cayley's FollowRecursive does.
func TestAtTheEnd(t *testing.T) {
	g := open(t)
	b := events.NewBatch("desk")
	src := b.Source("https://example.org")
	src.Says("meet", b.Person("a"), b.Person("b"))
	src.Says("know", b.Person("b"), b.Person("c"))
	record(t, g, b)
	qs := quadstore.New(g.View(nil))
	meet, know := quadstore.Predicate("meet"), quadstore.Predicate("know")
	a := path.StartPath(qs, quadstore.Entity(b.Person("a").ID))
	for _, test := range []struct {
		name string
		path *path.Path
		want int
	}{
		{"a hop from two", a.Both(meet).Out(know), 1},
		{"some of two", a.Both(meet).Limit(3), 1},
		{"some of nothing", a.Both(know).Limit(3), 0},
		{"two in order", a.Both(meet).Order(), 1},
		{"different ones of two", a.Both(meet).Unique(), 1},
		{"two that have something", a.Both(meet).Has(know), 1},
	} {
		scan := cayley.AsShape(test.path.BuildIterator()).Iterate()
		n := 0
		for range 5 {
			for scan.Next(ctx) {
				n++
			}
		}
		if n != test.want || scan.Err() != nil {
			t.Errorf("%s: %d found, %v, want %d", test.name, n, scan.Err(), test.want)
		}
		scan.Close()
	}
}

// To look up one end of remembered edges takes as much for many edges as for one.
func TestLookUpRemembered(t *testing.T) {
	g := open(t)
	b := events.NewBatch("desk")
	host, once, often := b.Person("host"), b.Person("once"), b.Person("often")
	b.Source("https://example.org").Says("meet", host, once)
	for i := range 1000 {
		src := b.Source(fmt.Sprint("https://example.org/", i))
		src.Says("meet", host, often)
		src.Says("meet", b.Person("another"), often)
	}
	record(t, g, b)
	qs := quadstore.Eager(quadstore.New(g.View(nil)))
	p := path.StartPath(qs, quadstore.Entity(host.ID)).Out(quadstore.Predicate("meet"))
	if n, err := p.Iterate(ctx).Count(); n != 1001 || err != nil {
		t.Fatalf("counted %d, %v", n, err)
	}
	index := cayley.AsShape(p.BuildIterator()).Lookup()
	defer index.Close()
	allocations := func(guest events.EntityRef) float64 {
		node := qs.ValueOf(quadstore.Entity(guest.ID))
		return testing.AllocsPerRun(10, func() {
			if !index.Contains(ctx, node) {
				t.Error("not found")
			}
		})
	}
	if one, many := allocations(once), allocations(often); many > one {
		t.Errorf("%v allocations, and %v where there is one edge", many, one)
	}
}

// A view's answers stay while a writer records and retracts.
func TestWhileWriting(t *testing.T) {
	g := open(t)
	b := events.NewBatch("desk")
	src := b.Source("https://example.org")
	x, y := b.Person("X"), b.Person("Y")
	met := src.Says("meet", x, y).ID()
	record(t, g, b)
	qs := quadstore.New(g.View(nil))
	remembered := quadstore.Eager(quadstore.New(g.View(nil)))

	var readers sync.WaitGroup
	written := make(chan struct{})
	for range 3 {
		readers.Go(func() {
			for range 1000 {
				out := path.StartPath(qs, quadstore.Entity(x.ID)).Out(quadstore.Predicate("meet"))
				v, err := out.Iterate(ctx).AllValues(qs)
				if err != nil || !slices.Equal(v, []quad.Value{quadstore.Entity(y.ID)}) {
					t.Errorf("%v, %v", v, err)
					return
				}
				now := quadstore.New(g.View(nil))
				n, err := path.StartPath(now).In(quadstore.Predicate("meet")).Iterate(ctx).Count()
				if err != nil || n > 1000 {
					t.Errorf("now %d, %v", n, err)
					return
				}
				named := path.StartPath(now, quad.String("Y")).In(quadstore.EntityName).Out(quadstore.EntityName)
				if v, err := named.Iterate(ctx).AllValues(now); err != nil || !slices.Equal(v, []quad.Value{quad.String("Y")}) {
					t.Errorf("names %v, %v", v, err)
					return
				}
				shared := path.StartPath(remembered, quadstore.Entity(x.ID)).Out(quadstore.Predicate("meet")).In(quadstore.Predicate("meet"))
				if n, err := shared.Iterate(ctx).Count(); err != nil || n != 1 {
					t.Errorf("remembered %d, %v", n, err)
					return
				}
				select {
				case <-written:
					return
				default:
				}
			}
		})
	}
	for i := range 40 {
		b := events.NewBatch("desk")
		last := b.Source("https://example.org").Says("meet", x, b.Person(fmt.Sprint(i))).ID()
		switch i {
		case 10:
			b.Judge(x, events.Same, b.Person("another X"), "")
		case 20:
			b.Retract(met, "test")
		}
		record(t, g, b)
		if i%8 == 7 {
			b = events.NewBatch("desk")
			b.Redact(last, "test")
			record(t, g, b)
		}
	}
	close(written)
	readers.Wait()
}

// A redaction reaches into edges that are remembered, and only for the redacted
// statement.
func TestRedactRemembered(t *testing.T) {
	g := open(t)
	x := many(t, g)
	qs := quadstore.New(g.View(nil))
	meet := quadstore.Predicate("meet")
	count := func() int64 {
		n, err := path.StartPath(qs, quadstore.Entity(x.ID)).Out(meet).Iterate(ctx).Count()
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if a, b := count(), count(); a != 300 || b != 300 {
		t.Fatalf("%d, then %d", a, b)
	}
	var last uuid.UUID
	for st := range g.View(nil).Statements(graph.Pattern{}) {
		last = st.ID()
	}
	b := events.NewBatch("desk")
	b.Redact(last, "test")
	record(t, g, b)
	if n := count(); n != 299 {
		t.Errorf("%d after a redaction", n)
	}
	b = events.NewBatch("desk")
	b.Source("https://example.org").Says("meet", x, b.Person("later"))
	record(t, g, b)
	if n := count(); n != 299 {
		t.Errorf("%d after what the view does not show", n)
	}
}

// What is found only by a walk through all statements is walked for once, until a
// redaction.
func TestWalkedOnce(t *testing.T) {
	g := open(t)
	x := many(t, g)
	b := events.NewBatch("desk")
	inferred := b.Infers(x, "meet", x, b.Person("later")).ID()
	record(t, g, b)
	qs := quadstore.New(g.View(nil))
	few := func() bool {
		bounded, _, release := qs.Bound(ctx, &quadstore.Limits{Steps: 20})
		defer release()
		return bounded.ValueOf(quadstore.Form(events.Inferred)) != nil
	}
	if few() {
		t.Fatal("found in 20 steps before it has been walked for")
	}
	if qs.ValueOf(quadstore.Form(events.Inferred)) == nil {
		t.Fatal("not found")
	}
	if !few() {
		t.Error("walked for again")
	}
	b = events.NewBatch("desk")
	b.Redact(inferred, "test")
	record(t, g, b)
	if qs.ValueOf(quadstore.Form(events.Inferred)) != nil {
		t.Error("found after a redaction")
	}
}

// What only a redacted event says has no name any more.
func TestRedactedLiteral(t *testing.T) {
	g := open(t)
	b := events.NewBatch("desk")
	src := b.Source("https://example.org")
	st := src.Says("say", b.Person("X")).Arg("words", events.Text("hush", ""))
	id := st.ID()
	src.Says("repeat", b.Person("Y")).Arg("words", events.Text("again", ""))
	record(t, g, b)
	qs := quadstore.New(g.View(nil))
	ref := qs.ValueOf(quad.String("hush"))
	if v := qs.NameOf(ref); v != quad.String("hush") {
		t.Fatalf("the text is %v", v)
	}
	b = events.NewBatch("desk")
	b.Redact(id, "test")
	record(t, g, b)
	if v := qs.NameOf(ref); v != nil {
		t.Errorf("the redacted text is %v", v)
	}
	if v, err := qs.ValuesOf(ctx, []cayley.Ref{ref, qs.ValueOf(quad.String("again"))}); err != nil || v[0] != nil || v[1] != quad.String("again") {
		t.Errorf("the values are %v, %v", v, err)
	}
	if r := qs.ValueOf(quad.String("hush")); r != nil {
		t.Errorf("the redacted text has the reference %v", r)
	}
}

func TestBatch(t *testing.T) {
	g := open(t)
	x := many(t, g)
	qs := quadstore.New(g.View(nil))
	values := []quad.Value{quadstore.Entity(x.ID), quad.String("X"), quadstore.Predicate("meet"), quadstore.StatementForm}
	refs, err := qs.RefsOf(ctx, values)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := qs.ValuesOf(ctx, refs); err != nil || !slices.Equal(again, values) {
		t.Errorf("%v, %v", again, err)
	}
	if _, err := qs.RefsOf(ctx, append(values, quad.String("nobody"))); !errors.Is(err, graph.ErrNotInView) {
		t.Errorf("the error is %v", err)
	}
	if v, err := qs.ValuesOf(ctx, []cayley.Ref{nil, cayley.PreFetched(quad.Int(1))}); err != nil || v[0] != nil || v[1] != quad.Int(1) {
		t.Errorf("%v, %v", v, err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := qs.ValuesOf(ended, refs); !errors.Is(err, context.Canceled) {
		t.Errorf("values after the end: %v", err)
	}
	if _, err := qs.RefsOf(ended, values); !errors.Is(err, context.Canceled) {
		t.Errorf("references after the end: %v", err)
	}
}

// A context that ends stops every walk at the next step, and the walk says why.
func TestCancel(t *testing.T) {
	g := open(t)
	x := many(t, g)
	for name, qs := range map[string]*quadstore.Store{"walked": quadstore.New(g.View(nil)), "remembered": quadstore.Eager(quadstore.New(g.View(nil)))} {
		meet, subject := quadstore.Predicate("meet"), quadstore.Role("subject")
		start := func() *path.Path { return path.StartPath(qs, quadstore.Entity(x.ID)) }
		for step, p := range map[string]*path.Path{
			"all": path.StartPath(qs), "out": start().Out(meet), "out by any": start().Out(), "in": start().In(subject), "two": start().Out(meet).In(meet).Out(meet),
			"all out": path.StartPath(qs).Out(meet), "has": path.StartPath(qs).Has(meet), "and": start().Out(meet).And(path.StartPath(qs).In(subject)),
			"save": start().In(subject).Save(quadstore.StatementForm, "form"), "recursive": start().Out(meet).FollowRecursive(path.StartMorphism().In(meet).Out(meet), 5, nil),
			"labels": start().Labels(), "count": start().Out(meet).Out(quadstore.EntityName),
		} {
			for _, after := range []int{0, 3} {
				context, cancel := context.WithCancel(ctx)
				it, _ := p.BuildIteratorOn(qs).Optimize()
				scan := cayley.AsShape(it).Iterate()
				for range after {
					if !scan.Next(context) {
						break
					}
				}
				cancel()
				if scan.Next(context) || scan.Err() == nil && step != "recursive" {
					t.Errorf("%s, %s: it goes on after %d, with %v", name, step, after, scan.Err())
				}
				scan.Close()
			}
		}
	}
}

// Each of the nodes that a hop leads to comes with each way to the one that it
// starts at: whom a person with two names met, with both.
func TestHopWays(t *testing.T) {
	g := open(t)
	b := events.NewBatch("desk")
	envoy := b.Person("envoy")
	b.Name(envoy, "negotiator", "")
	src := b.Source("https://example.org")
	who := map[quad.Value]string{}
	for _, name := range []string{"X", "Y"} {
		person := b.Person(name)
		who[quadstore.Entity(person.ID)] = name
		src.Says("meet", envoy, person)
	}
	record(t, g, b)
	store := quadstore.New(g.View(nil))
	var ways []string
	met := path.StartPath(store, quadstore.Entity(envoy.ID)).SaveOptional(quadstore.EntityName, "name").Out(quadstore.Predicate("meet")).Tag("whom")
	err := met.Iterate(ctx).TagValues(store, func(m map[string]quad.Value) {
		ways = append(ways, fmt.Sprint(quad.ToString(m["name"]), " ", who[m["whom"]]))
	})
	slices.Sort(ways)
	if want := []string{"envoy X", "envoy Y", "negotiator X", "negotiator Y"}; err != nil || !slices.Equal(ways, want) {
		t.Errorf("%q, %v, want %q", ways, err, want)
	}
}

// What two parts of a step save is given in each combination, wherever its nodes are
// looked up.
func TestCombinations(t *testing.T) {
	g := open(t)
	b := events.NewBatch("desk")
	envoy := b.Person("envoy")
	b.Name(envoy, "negotiator", "")
	src := b.Source("https://example.org")
	names := map[quad.Value]string{quadstore.Entity(envoy.ID): "envoy", quadstore.Predicate("meet"): "met", quadstore.Predicate("call"): "called"}
	x, y := b.Person("X"), b.Person("Y")
	names[quadstore.Entity(x.ID)], names[quadstore.Entity(y.ID)] = "X", "Y"
	src.Says("meet", envoy, x)
	src.Says("meet", envoy, y)
	src.Says("call", envoy, x)
	record(t, g, b)
	store := quadstore.New(g.View(nil))
	from := path.StartPath(store, quadstore.Entity(envoy.ID))
	meet, call := quadstore.Predicate("meet"), quadstore.Predicate("call")
	known := path.StartMorphism(meet, call).Tag("how")
	for _, c := range []struct {
		name string
		path *path.Path
		want []string
	}{
		{"predicates", from.SaveOptional(quadstore.EntityName, "as").OutWithTags([]string{"how"}, meet, call),
			[]string{"X as envoy how called", "X as envoy how met", "X as negotiator how called", "X as negotiator how met", "Y as envoy how met", "Y as negotiator how met"}},
		{"a path's predicates", from.SaveOptional(quadstore.EntityName, "as").Out(known.Unique().Tag("how").Tag("again")),
			[]string{"X again called as envoy how called", "X again called as negotiator how called", "X again met as envoy how met", "X again met as negotiator how met",
				"Y again met as envoy how met", "Y again met as negotiator how met"}},
		{"either", path.StartPath(store, quadstore.Entity(x.ID), quadstore.Entity(y.ID)).And(from.Tag("met").Out(meet).Or(from.Tag("called").Out(call))),
			[]string{"X called envoy", "X met envoy", "Y met envoy"}},
		{"both", path.StartPath(store, quadstore.Entity(x.ID)).And(from.BothWithTags([]string{"how"}, meet).Or(from.BothWithTags([]string{"how"}, call))),
			[]string{"X how called", "X how met"}},
	} {
		var ways []string
		err := c.path.Tag("").Iterate(ctx).TagValues(store, func(m map[string]quad.Value) {
			way := names[m[""]]
			for _, tag := range slices.Sorted(maps.Keys(m)) {
				if v := m[tag]; tag != "" && v != nil {
					way += " " + tag + " " + cmp.Or(names[v], quad.ToString(v))
				}
			}
			ways = append(ways, way)
		})
		slices.Sort(ways)
		if ways = slices.Compact(ways); err != nil || !slices.Equal(ways, c.want) {
			t.Errorf("%s: %q, %v, want %q", c.name, ways, err, c.want)
		}
	}
}

// A node that is looked up in a recursion has its own tags, and after its end, too.
func TestRecursionLookedUp(t *testing.T) {
	g := open(t)
	b := events.NewBatch("desk")
	chain := []events.EntityRef{b.Person("A"), b.Person("B"), b.Person("C"), b.Person("D")}
	src := b.Source("https://example.org")
	var nodes []quad.Value
	for i, e := range chain {
		nodes = append(nodes, quadstore.Entity(e.ID))
		if i > 0 {
			src.Says("meet", chain[i-1], e)
		}
	}
	record(t, g, b)
	store := quadstore.New(g.View(nil))
	met := quadstore.Predicate("meet")
	out, both := path.StartMorphism().Out(met), path.StartMorphism().Both(met)
	for _, step := range []*path.Path{out, both, out.Save(quadstore.EntityName, "name"), both.Save(quadstore.EntityName, "name")} {
		for _, order := range [][]int{{1, 2, 3}, {3, 2, 1}, {2, 1, 3}, {3, 1, 2}} {
			var is []quad.Value
			for _, i := range order {
				is = append(is, nodes[i])
			}
			var found []string
			p := path.StartPath(store, is...).And(quadstore.FollowRecursive(path.StartPath(store, nodes[0]), step, 2, "depth")).Tag("id")
			err := p.Iterate(ctx).TagValues(store, func(m map[string]quad.Value) {
				found = append(found, fmt.Sprint(slices.Index(nodes, m["id"]), " ", m["depth"] == quad.Int(slices.Index(nodes, m["id"])), " ", m["name"]))
			})
			slices.Sort(found)
			want := []string{`1 true "B"`, `2 true "C"`}
			if step == out || step == both {
				want = []string{"1 true <nil>", "2 true <nil>"}
			}
			if err != nil || !slices.Equal(found, want) {
				t.Errorf("%v: %q, %v, want %q", order, found, err, want)
			}
		}
	}
}

// Skip and Limit after one another take what they would of a slice, however large.
func TestPages(t *testing.T) {
	g := open(t)
	b := events.NewBatch("desk")
	var all []quad.Value
	for i := range 5 {
		b.Person(fmt.Sprint(i))
		all = append(all, quad.String(fmt.Sprint(i)))
	}
	record(t, g, b)
	store := quadstore.New(g.View(nil))
	for _, skip := range []int64{0, 1, 4, 5, 9} {
		for _, limit := range []int64{1, 4, 5, 9, math.MaxInt64} {
			for _, again := range []int64{0, 1, 2, 9} {
				p := path.StartPath(store, quadstore.Kind(events.Person)).In(quadstore.EntityKind).Out(quadstore.EntityName).Order()
				found, err := p.Skip(skip).Limit(limit).Skip(again).Iterate(ctx).AllValues(store)
				want := all[min(skip, 5):]
				want = want[:min(limit, int64(len(want)))]
				want = want[min(again, int64(len(want))):]
				if err != nil || !slices.Equal(found, want) {
					t.Errorf("%d after %d, from %d on: %v, %v, want %v", limit, skip, again, found, err, want)
				}
			}
		}
	}
}

// Where a node is looked up and there is no other way to it, the last one's tags are
// still there: Cayley's And asks for them when another part goes on.
func TestLastWay(t *testing.T) {
	g := open(t)
	b := events.NewBatch("desk")
	x := b.Person("X")
	src := b.Source("https://example.org")
	var said []quad.Value
	for _, name := range []string{"A", "B", "C"} {
		said = append(said, quadstore.Statement(src.Says("meet", x, b.Person(name)).ID()))
	}
	record(t, g, b)
	store := quadstore.New(g.View(nil))
	met := quadstore.Predicate("meet")
	for _, of := range said {
		for name, p := range map[string]*path.Path{
			"labels":  path.StartPath(store).LabelContext(of, of).SaveReverse(quadstore.StatementPredicate, "way"),
			"a label": path.StartPath(store).SaveReverse(quadstore.StatementPredicate, "way").And(path.StartPath(store, of).Out(quadstore.StatementPredicate)),
			"a path":  path.StartPath(store, of).Tag("way").Out(path.StartMorphism(quadstore.StatementPredicate, quadstore.StatementForm).Tag("by")),
			"a union": path.StartPath(store, of).Tag("way").Out(quadstore.StatementPredicate).Or(path.StartPath(store, of).Tag("other").Out(quadstore.StatementForm)),
		} {
			index := cayley.AsShape(p.BuildIterator()).Lookup()
			if !index.Contains(ctx, store.ValueOf(met)) {
				t.Fatalf("%s: %v is not there", name, met)
			}
			last := map[string]cayley.Ref{}
			for more := true; more; more = index.NextPath(ctx) {
				clear(last)
				index.TagResults(last)
			}
			still := map[string]cayley.Ref{}
			index.TagResults(still)
			if len(last) == 0 || fmt.Sprint(store.NameOf(last["way"])) != fmt.Sprint(store.NameOf(still["way"])) || index.NextPath(ctx) {
				t.Errorf("%s: %v is tagged %v at last, and then %v", name, met, last, still)
			}
			index.Close()
		}
	}
}
