package quadstore_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/cayley/graph/path"
	"github.com/cayleygraph/quad"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/graph/quadstore"
)

// TestRecursion follows random paths again and again, on a random view, and compares
// which nodes are reached and after how many steps with a search through all quads.
func TestRecursion(t *testing.T) {
	deepest, saved := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		view, candidates := web(t)
		kept := &batches{}
		if _, err := quadstore.Copy(ctx, kept, view, nil); err != nil {
			t.Fatal(err)
		}
		quads := kept.quads()
		all := nodesOf(quads)
		// Members of a cluster are found by this store alone.
		candidates = slices.DeleteFunc(candidates, func(v quad.Value) bool { return !slices.Contains(all, v) })
		got := quadstore.New(view)
		if rapid.Bool().Draw(t, "eager") {
			got = quadstore.Eager(got)
		}
		for range 10 {
			starts := rapid.SliceOfN(rapid.SampledFrom(candidates), 0, 3).Draw(t, "starts")
			step := drawStep(t, candidates)
			// 0 is 50 steps, and -1 has no end.
			depth := rapid.SampledFrom([]int{0, -1, 1, 2, 5}).Draw(t, "depth")
			tags := []string{"depth", "depth again"}
			follow := func(p *path.Path) *path.Path {
				return quadstore.FollowRecursive(p, step.path, depth, tags...)
			}
			if !step.twice && rapid.IntRange(0, 3).Draw(t, "Cayley's own") == 0 {
				follow = func(p *path.Path) *path.Path { return p.FollowRecursive(step.path, depth, tags) }
			}
			next := step.next(quads)
			p := follow(path.StartPath(got, starts...))
			if rapid.IntRange(0, 4).Draw(t, "reversed") == 0 {
				p = path.StartPath(got, starts...).FollowReverse(follow(path.StartMorphism()))
				step.saved = ""
				next = reverse(next)
			}
			said := fmt.Sprint("from ", starts, " ", step.said, " to depth ", depth)
			if len(starts) == 0 {
				starts = all
			}

			found, want := reached(t, p.Tag("end"), got), search(starts, next, depth)
			if !maps.Equal(found, want) {
				t.Fatalf("%s: reached %v, want %v", said, found, want)
			}
			for _, d := range found {
				deepest = max(deepest, d)
			}
			saved += trulySaved(t, p.Tag("end"), got, step.saved, quads)

			n := rapid.SampledFrom(candidates).Draw(t, "node")
			out, here := map[quad.Value]int{}, map[quad.Value]int{}
			for _, q := range quads {
				if want[q.Subject] > 0 {
					out[q.Object] = 1
				}
			}
			if want[n] > 0 {
				here[n] = 1
			}
			for _, then := range []struct {
				name string
				path *path.Path
				want map[quad.Value]int
			}{
				{"out", p.Out(), out},
				{"contains", path.StartPath(got, n).And(p), here},
				{"from that", quadstore.FollowRecursive(p, step.path, 2), search(slices.Collect(maps.Keys(want)), step.next(quads), 2)},
			} {
				var want []string
				for v := range then.want {
					want = append(want, v.String())
				}
				slices.Sort(want)
				if found := answers(t, then.path, got); !slices.Equal(found, want) {
					t.Fatalf("%s, %s %v: %q, want %q", said, then.name, n, found, want)
				}
			}
		}
	})
	if deepest < 3 || saved == 0 {
		t.Errorf("the deepest node was reached after %d steps, and %d are saved", deepest, saved)
	}
}

// nodesOf returns the nodes of quads, each once.
func nodesOf(quads []quad.Quad) (all []quad.Value) {
	seen := map[quad.Value]bool{nil: true}
	for _, q := range quads {
		for d := quad.Subject; d <= quad.Label; d++ {
			if v := q.Get(d); !seen[v] {
				seen[v] = true
				all = append(all, v)
			}
		}
	}
	return all
}

// search returns after how many steps nodes are reached.
func search(from []quad.Value, next map[quad.Value][]quad.Value, depth int) map[quad.Value]int {
	if depth == 0 {
		depth = 50
	}
	found := map[quad.Value]int{}
	for d := 1; len(from) > 0 && (depth < 0 || d <= depth); d++ {
		var then []quad.Value
		for _, v := range from {
			for _, w := range next[v] {
				if found[w] == 0 {
					found[w] = d
					then = append(then, w)
				}
			}
		}
		from = then
	}
	return found
}

func reverse(next map[quad.Value][]quad.Value) map[quad.Value][]quad.Value {
	back := map[quad.Value][]quad.Value{}
	for v, list := range next {
		for _, w := range list {
			back[w] = append(back[w], v)
		}
	}
	return back
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
	twice bool     // it goes on from a node in two ways
	saved quad.IRI // by which predicate something is saved of each node, if any
	// goes says where it goes along a quad; then, if it is not nil, where it goes on
	// from there; and has, if it is not nil, which quad a node it ends at needs.
	goes, then func(q quad.Quad, to func(from, to quad.Value))
	has        func(q quad.Quad) bool
}

// next returns where the step leads from each node.
func (s step) next(quads []quad.Quad) map[quad.Value][]quad.Value {
	along := func(f func(q quad.Quad, to func(from, to quad.Value))) map[quad.Value][]quad.Value {
		next := map[quad.Value][]quad.Value{}
		for _, q := range quads {
			f(q, func(from, to quad.Value) { next[from] = append(next[from], to) })
		}
		return next
	}
	next := along(s.goes)
	if s.then != nil {
		on := along(s.then)
		for v, list := range next {
			next[v] = nil
			for _, w := range list {
				next[v] = append(next[v], on[w]...)
			}
		}
	}
	if s.has != nil {
		fit := map[quad.Value]bool{}
		for _, q := range quads {
			fit[q.Subject] = fit[q.Subject] || s.has(q)
		}
		for v, list := range next {
			next[v] = slices.DeleteFunc(list, func(w quad.Value) bool { return !fit[w] })
		}
	}
	return next
}

func drawStep(t *rapid.T, candidates []quad.Value) (s step) {
	p, q := rapid.SampledFrom(vias).Draw(t, "via"), rapid.SampledFrom(vias).Draw(t, "via")
	if rapid.Bool().Draw(t, "by an edge") {
		p = rapid.SampledFrom(vias[:3]).Draw(t, "edge")
	}
	n := rapid.SampledFrom(candidates).Draw(t, "node")
	m := path.StartMorphism()
	type to = func(from, to quad.Value)
	names := []string{"out", "in", "both", "both by any", "both and out", "in and out", "out by two", "out by any", "out, in the label"}
	s.said = rapid.SampledFrom(names).Draw(t, "step")
	out := func(by ...quad.Value) func(quad.Quad, to) {
		return func(x quad.Quad, to to) {
			if by == nil || slices.Contains(by, x.Predicate) {
				to(x.Subject, x.Object)
			}
		}
	}
	in := func(by ...quad.Value) func(quad.Quad, to) {
		return func(x quad.Quad, to to) { out(by...)(x, func(from, there quad.Value) { to(there, from) }) }
	}
	both := func(by ...quad.Value) func(quad.Quad, to) {
		return func(x quad.Quad, to to) { out(by...)(x, to); in(by...)(x, to) }
	}
	switch s.said {
	case "out":
		m, s.goes = m.Out(p), out(p)
	case "in":
		m, s.goes = m.In(p), in(p)
	case "both":
		m, s.goes, s.twice = m.Both(p), both(p), true
	case "both by any":
		m, s.goes, s.twice = m.Both(), both(), true
	case "both and out":
		m, s.goes, s.then, s.twice = m.Both(p).Out(q), both(p), out(q), true
	case "in and out":
		m, s.goes, s.then = m.In(p).Out(q), in(p), out(q)
	case "out by two":
		m, s.goes = m.Out(p, q), out(p, q)
	case "out by any":
		m, s.goes = m.Out(), out()
	case "out, in the label":
		m = m.LabelContext(n).Out(p)
		s.goes = func(x quad.Quad, to to) {
			if x.Label == n {
				out(p)(x, to)
			}
		}
	}
	label := s.said == "out, in the label"
	s.said = fmt.Sprint(s.said, " ", p, " ", q, " ", n)
	r := rapid.SampledFrom(append(vias[:0:0], quadstore.EntityName, quadstore.EntityKind, p)).Draw(t, "of the node")
	fits := func(x quad.Quad) bool { return x.Predicate == r && (!label || x.Label == n) }
	switch rapid.IntRange(0, 5).Draw(t, "narrowed") {
	case 0:
		m, s.said = m.Has(r), fmt.Sprint(s.said, " that has ", r)
		s.has = fits
	case 1:
		m, s.said = m.Has(r, n), fmt.Sprint(s.said, " that has ", r, " ", n)
		s.has = func(x quad.Quad) bool { return fits(x) && x.Object == n }
	case 2:
		m, s.said = m.Save(r, "saved"), fmt.Sprint(s.said, " and save ", r)
		s.saved, s.has = r, fits
	}
	s.path = m
	return s
}

// reached returns after how many steps each node is reached.
func reached(t *rapid.T, p *path.Path, qs cayley.QuadStore) map[quad.Value]int {
	found := map[quad.Value]int{}
	err := p.Iterate(ctx).TagValues(qs, func(tags map[string]quad.Value) {
		end, depth := tags["end"], int(tags["depth"].(quad.Int))
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
			{"a", path.StartMorphism().Both(meet), 2, "b1a a2a c2a"},
			{"a", out.Out(meet), -1, "c1a e2a g3a"},
			{"a", out.Has(know), -1, "b1a c2a"},
			{"a", out.Has(know, quadstore.Entity(b.Person("a").ID)), 1, "b1a"},
			{"a", out.Save(know, "saved"), 5, "b1a>a c2a>a"},
		} {
			var found []string
			start := path.StartPath(qs, nodes(strings.Split(test.from, "")...)...).In(quadstore.EntityName).Tag("start")
			p := quadstore.FollowRecursive(start, test.step, test.depth, "depth").Tag("end")
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
