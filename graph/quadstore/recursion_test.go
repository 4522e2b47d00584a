package quadstore_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/cayley/graph/memstore"
	"github.com/cayleygraph/cayley/graph/path"
	"github.com/cayleygraph/quad"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/graph/quadstore"
)

// TestRecursion follows random paths again and again, on a random view and on
// Cayley's memstore, loaded with the same quads, and compares which nodes are
// reached and after how many steps.
func TestRecursion(t *testing.T) {
	deepest, saved := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		view, candidates := web(t)
		kept := &batches{}
		if _, err := quadstore.Copy(ctx, kept, view, nil); err != nil {
			t.Fatal(err)
		}
		got, want := quadstore.New(view), memstore.New(kept.quads()...)
		// Members of a cluster are found by this store alone.
		candidates = slices.DeleteFunc(candidates, func(v quad.Value) bool { return want.ValueOf(v) == nil })
		if rapid.Bool().Draw(t, "eager") {
			got = quadstore.Eager(got)
		}
		for range 10 {
			starts := rapid.SliceOfN(rapid.SampledFrom(candidates), 0, 3).Draw(t, "starts")
			step := drawStep(t, candidates)
			// 0 is 50 steps, and -1 has no end.
			depth := rapid.SampledFrom([]int{0, -1, 1, 2, 5}).Draw(t, "depth")
			tags := []string{"depth", "depth again"}
			follow := func(qs cayley.QuadStore) *path.Path {
				return path.StartPath(qs, starts...).FollowRecursive(step.path, depth, tags).Tag("end")
			}
			if rapid.IntRange(0, 4).Draw(t, "reversed") == 0 {
				follow = func(qs cayley.QuadStore) *path.Path {
					again := path.StartMorphism().FollowRecursive(step.path, depth, tags)
					return path.StartPath(qs, starts...).FollowReverse(again).Tag("end")
				}
				step.saved = ""
			}
			said := fmt.Sprint("from ", starts, " ", step.said, " to depth ", depth)

			a, b := reached(t, follow(got), got), reached(t, follow(want), want)
			if !maps.Equal(a, b) {
				t.Fatalf("%s: reached %v, want %v", said, a, b)
			}
			for _, d := range a {
				deepest = max(deepest, d)
			}
			saved += trulySaved(t, follow(got), got, step.saved, kept.quads())

			n := rapid.SampledFrom(candidates).Draw(t, "node")
			for name, then := range map[string]func(cayley.QuadStore) *path.Path{
				"out":       func(qs cayley.QuadStore) *path.Path { return follow(qs).Out() },
				"contains":  func(qs cayley.QuadStore) *path.Path { return path.StartPath(qs, n).And(follow(qs)) },
				"from that": func(qs cayley.QuadStore) *path.Path { return follow(qs).FollowRecursive(step.path, 2, nil) },
			} {
				if x, y := answers(t, then(got), got), answers(t, then(want), want); !slices.Equal(x, y) {
					t.Fatalf("%s, %s %v: %q, want %q", said, name, n, x, y)
				}
			}
		}
	})
	if deepest < 3 || saved == 0 {
		t.Errorf("the deepest node was reached after %d steps, and %d are saved", deepest, saved)
	}
}

// web draws a view of people who are tied to one another in many ways, and returns
// nodes of it.
func web(t *rapid.T) (v graph.View, candidates []quad.Value) {
	g, err := graph.Open(ctx, events.NewMem(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	number := func(low, high int, label string) int { return rapid.IntRange(low, high).Draw(t, label) }
	people := number(4, 12, "people")
	for batch := range number(1, 3, "batches") {
		b := events.NewBatch("desk")
		var who []events.EntityRef
		for i := range people {
			who = append(who, b.Person(fmt.Sprint("person ", i)))
		}
		one := func() events.EntityRef { return rapid.SampledFrom(who).Draw(t, "one") }
		var said []uuid.UUID
		for i := range number(1, 12, "statements") {
			predicate := rapid.SampledFrom([]string{"meet", "meet", "ask", "hold_office"}).Draw(t, "predicate")
			src := b.Source(fmt.Sprint("https://example.org/", batch, "/", i))
			x, y := who[i%people], who[(i+1)%people] // a long way round
			if rapid.Bool().Draw(t, "anyone") {
				x, y = one(), one()
			}
			st := src.Says(predicate, x, y)
			if number(0, 9, "denied") == 0 {
				st.Stance("CT-")
			}
			said = append(said, st.ID())
		}
		if number(0, 3, "merged") == 0 {
			b.Judge(who[0], events.Same, who[1], "test")
		}
		if number(0, 3, "redacted") == 0 {
			b.Redact(said[0], "test")
		}
		for _, p := range who {
			candidates = append(candidates, quadstore.Entity(p.ID))
		}
		candidates = append(candidates, quadstore.Statement(said[len(said)-1]))
		recordIn(t, g, b)
	}
	return g.View(&graph.Lens{AsOf: g.View(nil).Position()}), append(candidates, quadstore.Kind(events.Person), quad.String("person 3"))
}

func recordIn(t *rapid.T, g *graph.Graph, b *events.Builder) {
	batch, err := b.Batch()
	if err == nil {
		_, err = g.Record(ctx, batch)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// step is what is followed again and again.
type step struct {
	path  *path.Path
	said  string
	saved quad.IRI // by which predicate something is saved of each node, if any
}

func drawStep(t *rapid.T, candidates []quad.Value) (s step) {
	p, q := rapid.SampledFrom(vias).Draw(t, "via"), rapid.SampledFrom(vias).Draw(t, "via")
	if rapid.Bool().Draw(t, "by an edge") {
		p = rapid.SampledFrom(vias[:3]).Draw(t, "edge")
	}
	n := rapid.SampledFrom(candidates).Draw(t, "node")
	m := path.StartMorphism()
	names := []string{"out", "in", "both", "in and out", "out by two", "out by any", "out, in the label"}
	s.said = rapid.SampledFrom(names).Draw(t, "step")
	switch s.said {
	case "out":
		m = m.Out(p)
	case "in":
		m = m.In(p)
	case "both":
		m = m.Both(p)
	case "in and out":
		m = m.In(p).Out(q)
	case "out by two":
		m = m.Out(p, q)
	case "out by any":
		m = m.Out()
	case "out, in the label":
		m = m.LabelContext(n).Out(p)
	}
	s.said = fmt.Sprint(s.said, " ", p, " ", q, " ", n)
	r := rapid.SampledFrom(append(vias[:0:0], quadstore.EntityName, quadstore.EntityKind, p)).Draw(t, "of the node")
	switch rapid.IntRange(0, 5).Draw(t, "narrowed") {
	case 0:
		m, s.said = m.Has(r), fmt.Sprint(s.said, " that has ", r)
	case 1:
		m, s.said = m.Has(r, n), fmt.Sprint(s.said, " that has ", r, " ", n)
	case 2:
		m, s.said = m.Save(r, "saved"), fmt.Sprint(s.said, " and save ", r)
		s.saved = r
	}
	s.path = m
	return s
}

// reached returns after how many steps each node is reached.
func reached(t *rapid.T, p *path.Path, qs cayley.QuadStore) map[string]int {
	found := map[string]int{}
	err := p.Iterate(ctx).TagValues(qs, func(tags map[string]quad.Value) {
		end, depth := tags["end"].String(), int(tags["depth"].(quad.Int))
		if before, ok := found[end]; ok && before != depth || tags["depth again"] != quad.Int(depth) {
			t.Fatalf("%v is reached after %d steps, %v, and %d", end, depth, tags["depth again"], before)
		}
		found[end] = depth
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// trulySaved checks that what is saved of each node is what it has, and returns how
// often. Which of several is saved depends on the order of quads.
func trulySaved(t *rapid.T, p *path.Path, qs cayley.QuadStore, by quad.IRI, quads []quad.Quad) (n int) {
	if by == "" {
		return 0
	}
	err := p.Iterate(ctx).TagValues(qs, func(tags map[string]quad.Value) {
		n++
		if !slices.ContainsFunc(quads, func(q quad.Quad) bool {
			return q.Subject == tags["end"] && q.Predicate == by && q.Object == tags["saved"]
		}) {
			t.Fatalf("%v is saved as %v of %v", tags["saved"], by, tags["end"])
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Facts where each node is reached in one way, so that all that is saved is known:
// a chain, a circle with a way in and one out, and a chain that another start leads
// to.
func TestRecursionFacts(t *testing.T) {
	g := open(t)
	b := events.NewBatch("desk")
	src := b.Source("https://example.org")
	for _, edge := range strings.Fields("a>b b>c c>d d>e e>f f>g g>h  1>2 2>3 3>4 4>2 4>5  x>y y>z") {
		src.Says("meet", b.Person(edge[:1]), b.Person(edge[2:]))
	}
	src.Says("know", b.Person("b"), b.Person("a"))
	src.Says("know", b.Person("c"), b.Person("a"))
	record(t, g, b)
	meet, know := quadstore.Predicate("meet"), quadstore.Predicate("know")
	for name, qs := range map[string]*quadstore.Store{"walked": quadstore.New(g.View(nil)), "remembered": quadstore.Eager(quadstore.New(g.View(nil)))} {
		nodes := func(names ...string) (list []quad.Value) {
			for _, n := range names {
				list = append(list, quad.String(n))
			}
			return list
		}
		out := path.StartMorphism().Out(meet)
		for _, test := range []struct {
			from  string
			step  *path.Path
			depth int
			want  string // end, depth and start, and what is saved
		}{
			{"a", out, 0, "b1a c2a d3a e4a f5a g6a h7a"},
			{"a", out, -1, "b1a c2a d3a e4a f5a g6a h7a"},
			{"a", out, 1, "b1a"},
			{"a", out, 2, "b1a c2a"},
			{"a", out, 5, "b1a c2a d3a e4a f5a"},
			{"h", out, -1, ""},
			{"1", out, -1, "211 321 431 541"},
			{"2", out, -1, "312 422 232 532"},
			{"ax", out, 2, "b1a y1x c2a z2x"},
			{"ag", out, 3, "b1a h1g c2a d3a"},
			{"h", path.StartMorphism().In(meet), 2, "g1h f2h"},
			{"a", out.Out(meet), -1, "c1a e2a g3a"},
			{"a", out.Has(know), -1, "b1a c2a"},
			{"a", out.Has(know, quadstore.Entity(b.Person("a").ID)), 1, "b1a"},
			{"a", out.Save(know, "saved"), 5, "b1a>a c2a>a"},
		} {
			var found []string
			p := path.StartPath(qs, nodes(strings.Split(test.from, "")...)...).In(quadstore.EntityName).Tag("start").
				FollowRecursive(test.step, test.depth, []string{"depth"}).Tag("end")
			err := p.Iterate(ctx).TagValues(qs, func(tags map[string]quad.Value) {
				of := func(tag string) string {
					name, err := path.StartPath(qs, tags[tag]).Out(quadstore.EntityName).Iterate(ctx).FirstValue(qs)
					if err != nil {
						t.Fatal(err)
					}
					return string(name.(quad.String))
				}
				line := fmt.Sprint(of("end"), int(tags["depth"].(quad.Int)), of("start"))
				if tags["saved"] != nil {
					line += ">" + of("saved")
				}
				found = append(found, line)
			})
			if got := strings.Join(found, " "); err != nil || got != test.want {
				t.Errorf("%s, from %s to depth %d: %q (%v), want %q", name, test.from, test.depth, got, err, test.want)
			}
		}
	}
}
