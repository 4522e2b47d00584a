package relations_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	gonum "gonum.org/v1/gonum/graph"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query/relations"
)

var ctx = context.Background()

func open(t testing.TB) *graph.Graph {
	t.Helper()
	at := time.Date(2025, 8, 4, 9, 0, 0, 0, time.UTC)
	g, err := graph.Open(ctx, events.NewMem(), &graph.Options{Now: func() time.Time { return at }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	return g
}

func record(t testing.TB, g *graph.Graph, b *events.Builder) {
	t.Helper()
	batch, err := b.Batch()
	if err == nil {
		_, err = g.Record(ctx, batch)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func related(t testing.TB, v graph.View, p graph.Pattern, opts *relations.Options) *relations.Graph {
	t.Helper()
	r, err := relations.New(ctx, v, p, opts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// cast names entities for a test.
type cast map[uuid.UUID]string

// edges prints the edges of a graph: "a>b 2".
func (c cast) edges(g *relations.Graph, e gonum.WeightedEdges) string {
	var all []string
	for e.Next() {
		w := e.WeightedEdge()
		all = append(all, fmt.Sprintf("%s>%s %v", c[g.Entity(w.From().ID())], c[g.Entity(w.To().ID())], w.Weight()))
	}
	return strings.Join(all, ", ")
}

func (c cast) ref(n int, name string) events.EntityRef {
	c[numbered(n)] = name
	return events.EntityRef{ID: numbered(n)}
}

func register(b *events.Builder, c cast) {
	for id, name := range c {
		b.Add(&events.EntityRegistered{Entity: events.Entity{ID: id, Kind: events.Person, Name: events.Name{Text: name}}})
	}
}

func TestDirections(t *testing.T) {
	c := cast{}
	ann, bob, cid := c.ref(0, "ann"), c.ref(1, "bob"), c.ref(2, "cid")
	g, b := open(t), events.NewBatch("desk")
	register(b, c)
	b.Declare(events.Predicate{Name: "marry", Symmetric: true})
	src := b.Source("https://example.org/1").By(b.Person("Reporter"))
	src.Says("lend").Role("borrower", cid).Role("lender", bob)
	src.Says("lend").Role("lender", bob).Role("borrower", cid).On("2025-08")
	src.Says("meet", ann, bob, cid)
	src.Says("marry").Role("bride", cid).Role("groom", ann)
	src.Says("sue", ann, bob).Stance("CT-")
	src.Says("exist", ann)
	record(t, g, b)
	v := g.View(nil)
	for _, x := range []struct {
		predicate string
		opts      relations.Options
		forth     string
		either    string
	}{
		{"lend", relations.Options{}, "bob>cid 1, cid>bob 1", "bob>cid 2"},
		{"lend", relations.Options{From: "lender", To: "borrower"}, "bob>cid 2", "bob>cid 2"},
		{"lend", relations.Options{From: "borrower"}, "cid>bob 2", "bob>cid 2"},
		{"lend", relations.Options{To: "lender"}, "cid>bob 2", "bob>cid 2"},
		{"lend", relations.Options{From: "lender", To: "lender"}, "", ""},
		{"lend", relations.Options{From: "nobody"}, "", ""},
		{"meet", relations.Options{}, "ann>bob 1, ann>cid 1, bob>cid 1, cid>bob 1", "ann>bob 1, ann>cid 1, bob>cid 1"},
		{"meet", relations.Options{From: "object"}, "bob>ann 1, bob>cid 1, cid>ann 1, cid>bob 1", "ann>bob 1, ann>cid 1, bob>cid 1"},
		{"marry", relations.Options{}, "ann>cid 1, cid>ann 1", "ann>cid 1"},
		{"sue", relations.Options{}, "", ""},
		{"sue", relations.Options{AnyStance: true}, "ann>bob 1", "ann>bob 1"},
		{"exist", relations.Options{}, "", ""},
		{"", relations.Options{Predicates: []string{"marry", "lend", "unheard of"}}, "ann>cid 1, bob>cid 1, cid>ann 1, cid>bob 1", "ann>cid 1, bob>cid 2"},
		{"meet", relations.Options{Predicates: []string{"lend"}}, "", ""},
		{"unheard of", relations.Options{}, "", ""},
		{"", relations.Options{}, "ann>bob 1, ann>cid 2, bob>cid 2, cid>ann 1, cid>bob 2", "ann>bob 1, ann>cid 2, bob>cid 3"},
	} {
		r := related(t, v, graph.Pattern{Predicate: x.predicate}, &x.opts)
		if got := c.edges(r, r.Directed(relations.Statements).WeightedEdges()); got != x.forth {
			t.Errorf("%s %+v, directed: %s, want %s", x.predicate, x.opts, got, x.forth)
		}
		if got := c.edges(r, r.Undirected(relations.Statements).WeightedEdges()); got != x.either {
			t.Errorf("%s %+v, undirected: %s, want %s", x.predicate, x.opts, got, x.either)
		}
	}
}

// What three papers have from one agency weighs 1, and a joint statement as much
// as those who make it.
func TestSpeakers(t *testing.T) {
	c := cast{}
	ann, bob := c.ref(0, "ann"), c.ref(1, "bob")
	g, b := open(t), events.NewBatch("desk")
	register(b, c)
	agency, cook, maid := b.Organisation("Agency"), b.Person("Cook"), b.Person("Maid")
	for i := range 3 {
		b.Source(fmt.Sprint("https://example.org/", i)).By(b.Person(fmt.Sprint("Reporter ", i))).Reports(agency, "meet", ann, bob)
	}
	record(t, g, b)
	weighs := func(want float64) {
		t.Helper()
		r := related(t, g.View(nil), graph.Pattern{}, nil)
		if w, ok := r.Undirected(relations.Speakers).Weight(0, 1); w != want || !ok {
			t.Errorf("the edge weighs %v (%v) by origins, want %v", w, ok, want)
		}
		if w, _ := r.Undirected(relations.Hops).Weight(0, 1); w != 1 {
			t.Errorf("the edge weighs %v by hops", w)
		}
	}
	weighs(1)
	b = events.NewBatch("desk")
	b.Source("https://example.org/9").By(b.Person("Reporter")).Reports(cook, "meet", bob, ann).With(maid)
	record(t, g, b)
	weighs(3)
	b = events.NewBatch("desk")
	b.Judge(cook, events.Same, maid, "")
	record(t, g, b)
	weighs(2)
}

// Entities that are one are one node, and have no edge to themselves.
func TestIdentity(t *testing.T) {
	c := cast{}
	ann, anne, bob := c.ref(0, "ann"), c.ref(1, "anne"), c.ref(2, "bob")
	g, b := open(t), events.NewBatch("desk")
	register(b, c)
	desk := b.Organisation("Desk")
	b.Infers(desk, "meet", anne, bob)
	b.Infers(desk, "meet", ann, bob)
	b.Infers(desk, "know", ann, anne)
	record(t, g, b)
	before := g.View(nil)
	b = events.NewBatch("desk")
	b.Judge(ann, events.Same, anne, "")
	record(t, g, b)
	r := related(t, g.View(nil), graph.Pattern{}, nil)
	if got := c.edges(r, r.Undirected(relations.Statements).WeightedEdges()); got != "ann>bob 2" || r.Order() != 2 || r.Size() != 1 {
		t.Errorf("%d nodes, %d edges: %s", r.Order(), r.Size(), got)
	}
	if n, ok := r.NodeOf(anne.ID); !ok || n != 0 || r.Entity(n) != ann.ID {
		t.Errorf("anne, who is ann, is node %d (%v)", n, ok)
	}
	if n, ok := r.NodeOf(bob.ID); !ok || n != 1 || r.Entity(n) != bob.ID {
		t.Errorf("bob is node %d (%v)", n, ok)
	}
	var made []string
	for s := range r.Undirected(relations.Hops).Statements(1, 0) {
		made = append(made, fmt.Sprint(s.Predicate(), s.Position()))
	}
	if got := strings.Join(made, " "); got != "meet1 meet1" {
		t.Errorf("the edge is made by %s", got)
	}
	r = related(t, before, graph.Pattern{}, nil)
	if got := c.edges(r, r.Undirected(relations.Statements).WeightedEdges()); got != "ann>anne 1, ann>bob 1, anne>bob 1" {
		t.Errorf("before the verdict: %s", got)
	}
}

// What is not there is not there, whatever number is asked for.
func TestOutside(t *testing.T) {
	empty := related(t, open(t).View(nil), graph.Pattern{}, nil)
	two := told(t, 2, [][2]int{{0, 1}})
	for _, g := range []*relations.Graph{empty, two} {
		for _, n := range []int64{-1, 2, 1 << 40, -1 << 63, 1<<63 - 1} {
			u, d := g.Undirected(relations.Statements), g.Directed(relations.Speakers)
			if u.Node(n) != nil || d.Node(n) != nil || g.Entity(n) != uuid.Nil || u.From(n).Len() != 0 || d.To(n).Len() != 0 ||
				u.HasEdgeBetween(n, 0) || d.HasEdgeFromTo(0, n) || u.Edge(n, 0) != nil || d.WeightedEdge(0, n) != nil ||
				u.EdgeBetween(n, n) != nil || u.WeightedEdgeBetween(0, n) != nil {
				t.Errorf("there is something at node %d", n)
			}
			if _, ok := u.Weight(n, n); ok {
				t.Errorf("node %d has a weight", n)
			}
			for range u.Statements(0, n) {
				t.Errorf("node %d has a statement", n)
			}
		}
		for _, id := range []uuid.UUID{{}, events.Key("nobody")} {
			if n, ok := g.NodeOf(id); ok || n != -1 {
				t.Errorf("nobody is node %d", n)
			}
		}
	}
	if empty.Order() != 0 || empty.Size() != 0 {
		t.Errorf("of nothing: %d nodes, %d edges", empty.Order(), empty.Size())
	}
	for s := range two.Undirected(relations.Hops).Statements(0, 1) {
		if s.Predicate() == "know" {
			break
		}
	}
}

func TestIterators(t *testing.T) {
	u := told(t, 3, [][2]int{{0, 1}, {0, 2}}).Undirected(relations.Hops)
	nodes, edges := u.From(0), u.Edges()
	for _, it := range []gonum.Iterator{u.Nodes(), nodes, edges, u.WeightedEdges()} {
		n := it.Len()
		for range 2 {
			for left := n; left > 0; left-- {
				if it.Len() != left || !it.Next() {
					t.Fatalf("%T: %d are left, want %d", it, it.Len(), left)
				}
			}
			for range 2 {
				if it.Next() || it.Len() != 0 {
					t.Fatalf("%T goes on after the end", it)
				}
			}
			it.Reset()
		}
	}
	if nodes.Node() != nil || edges.Edge() != nil {
		t.Error("there is something before the first")
	}
}

func TestLimits(t *testing.T) {
	g, b := open(t), events.NewBatch("desk")
	desk, ann, bob, cid := b.Organisation("Desk"), b.Person("Ann"), b.Person("Bob"), b.Person("Cid")
	b.Infers(desk, "meet", ann, bob)
	b.Infers(desk, "know", ann, bob)
	b.Infers(desk, "meet", bob, cid)
	record(t, g, b)
	for _, c := range []struct {
		opts relations.Options
		want string
	}{
		{relations.Options{MaxNodes: 3, MaxEdges: 2, MaxLines: 3}, ""},
		{relations.Options{MaxNodes: 2}, "there are more than 2 entities: narrow the pattern or the view, or raise Options.MaxNodes"},
		{relations.Options{MaxEdges: 1}, "there are more than 1 pairs of entities: narrow the pattern or the view, or raise Options.MaxEdges"},
		{relations.Options{MaxLines: 2}, "there are more than 2 lines: narrow the pattern or the view, or raise Options.MaxLines"},
	} {
		r, err := relations.New(ctx, g.View(nil), graph.Pattern{}, &c.opts)
		if c.want == "" {
			if err != nil || r.Order() != 3 || r.Size() != 2 {
				t.Errorf("%+v: %v", c.opts, err)
			}
			continue
		}
		if want := "relations: " + c.want + ": the graph is too large"; r != nil || !errors.Is(err, relations.ErrTooLarge) || err.Error() != want {
			t.Errorf("%+v: %v, want %s", c.opts, err, want)
		}
	}
}

func TestNegativeLimit(t *testing.T) {
	_, err := relations.New(ctx, open(t).View(nil), graph.Pattern{}, &relations.Options{MaxEdges: -1})
	if err == nil || err.Error() != "relations: option MaxEdges is -1, less than 0" {
		t.Errorf("error %v", err)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := relations.New(ctx, open(t).View(nil), graph.Pattern{}, nil); !errors.Is(err, context.Canceled) || !strings.HasPrefix(err.Error(), "relations: ") {
		t.Errorf("cancelled: %v", err)
	}
}

// A statement that is redacted afterwards stays in the graph as a number; it
// cannot be read.
func TestRedacted(t *testing.T) {
	g, b := open(t), events.NewBatch("desk")
	id := b.Infers(b.Organisation("Desk"), "meet", b.Person("Ann"), b.Person("Bob")).ID()
	record(t, g, b)
	r := related(t, g.View(nil), graph.Pattern{}, nil)
	b = events.NewBatch("desk")
	b.Redact(id, "court order")
	record(t, g, b)
	for s := range r.Undirected(relations.Hops).Statements(0, 1) {
		if _, err := s.Load(ctx); !errors.Is(err, graph.ErrRedacted) {
			t.Errorf("it can be read: %v", err)
		}
	}
	if r := related(t, g.View(nil), graph.Pattern{}, nil); r.Order() != 0 || r.Size() != 0 {
		t.Errorf("it is still counted: %d nodes", r.Order())
	}
}

// Reversed, an edge leads back, with its weight.
func TestReversedEdge(t *testing.T) {
	g, b := open(t), events.NewBatch("desk")
	desk, ann, bob := b.Organisation("Desk"), b.Person("Ann"), b.Person("Bob")
	b.Infers(desk, "pay", ann, bob)
	b.Infers(desk, "sue", ann, bob)
	record(t, g, b)
	e := related(t, g.View(nil), graph.Pattern{}, nil).Directed(relations.Statements).WeightedEdge(0, 1)
	r, ok := e.ReversedEdge().(gonum.WeightedEdge)
	if !ok || r.From().ID() != 1 || r.To().ID() != 0 || r.Weight() != 2 || e.From().ID() != 0 || e.To().ID() != 1 {
		t.Errorf("%v reversed is %v", e, e.ReversedEdge())
	}
}
