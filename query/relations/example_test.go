package relations_test

import (
	"context"
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"gonum.org/v1/gonum/graph/community"
	"gonum.org/v1/gonum/graph/network"
	"gonum.org/v1/gonum/graph/path"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query/relations"
)

// harbour returns the graph of the examples: who met whom and who paid whom, at
// a harbour office (Ada, Ben, Cleo) and at a shipping firm (Dora, Emil, Finn).
func harbour() (*graph.Graph, func(uuid.UUID) string) {
	b := events.NewBatch("desk")
	people := map[string]events.EntityRef{}
	names := map[uuid.UUID]string{}
	for _, name := range []string{"Ada", "Ben", "Cleo", "Dora", "Emil", "Finn", "Gita"} {
		people[name] = b.Person(name)
		names[people[name].ID] = name
	}
	src := b.Source("https://example.org/harbour").By(b.Person("A. Reporter")).Published("2025-03-01")
	for _, pair := range []string{"Ada Ben", "Ben Cleo", "Ada Cleo", "Cleo Gita", "Gita Dora", "Gita Emil", "Dora Emil", "Emil Finn", "Dora Finn"} {
		x, y, _ := strings.Cut(pair, " ")
		src.Says("meet", people[x], people[y])
	}
	src.Says("meet", people["Ada"], people["Finn"]).Stance("CT-") // it is denied, so it makes no edge
	for _, pair := range []string{"Emil Gita", "Finn Gita", "Dora Gita", "Gita Cleo", "Ada Ben"} {
		x, y, _ := strings.Cut(pair, " ")
		src.Says("pay", people[x], people[y])
	}
	batch, err := b.Batch()
	if err != nil {
		log.Fatal(err)
	}
	g, err := graph.Open(context.Background(), events.NewMem(), &graph.Options{
		Now: func() time.Time { return time.Date(2025, 3, 2, 9, 0, 0, 0, time.UTC) }})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := g.Record(context.Background(), batch); err != nil {
		log.Fatal(err)
	}
	return g, func(id uuid.UUID) string { return names[id] }
}

func mustNew(g *graph.Graph, predicate string) *relations.Graph {
	r, err := relations.New(context.Background(), g.View(nil), graph.Pattern{Predicate: predicate}, nil)
	if err != nil {
		log.Fatal(err)
	}
	return r
}

// highest returns the node with the highest score, the smallest of several.
func highest(scores map[int64]float64) (best int64) {
	best = -1
	for node, score := range scores {
		if best < 0 || score > scores[best] || score == scores[best] && node < best {
			best = node
		}
	}
	return best
}

// The broker is who stands between the others: on the most shortest paths.
func Example_broker() {
	g, name := harbour()
	defer g.Close()
	met := mustNew(g, "meet")
	between := network.Betweenness(met.Undirected(relations.Hops))
	broker := highest(between)
	fmt.Println(name(met.Entity(broker)), between[broker])
	// Output:
	// Gita 18
}

// A drawing in the language of Graphviz (neato -Tsvg), which Gephi reads, too: each line is as
// thick as it has statements.
func Example_drawing() {
	g, name := harbour()
	defer g.Close()
	ties, err := relations.New(context.Background(), g.View(nil), graph.Pattern{}, &relations.Options{Predicates: []string{"meet", "pay"}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("graph ties {")
	for node := range ties.Order() {
		fmt.Printf("  %d [label=%q]\n", node, name(ties.Entity(int64(node))))
	}
	for edges := ties.Undirected(relations.Statements).WeightedEdges(); edges.Next(); {
		e := edges.WeightedEdge()
		fmt.Printf("  %d -- %d [penwidth=%.0f]\n", e.From().ID(), e.To().ID(), e.Weight())
	}
	fmt.Println("}")
	// Output:
	// graph ties {
	//   0 [label="Ada"]
	//   1 [label="Ben"]
	//   2 [label="Gita"]
	//   3 [label="Emil"]
	//   4 [label="Dora"]
	//   5 [label="Cleo"]
	//   6 [label="Finn"]
	//   0 -- 1 [penwidth=2]
	//   0 -- 5 [penwidth=1]
	//   1 -- 5 [penwidth=1]
	//   2 -- 3 [penwidth=2]
	//   2 -- 4 [penwidth=2]
	//   2 -- 5 [penwidth=2]
	//   2 -- 6 [penwidth=1]
	//   3 -- 4 [penwidth=1]
	//   3 -- 6 [penwidth=1]
	//   4 -- 6 [penwidth=1]
	// }
}

// PageRank says where the money ends up, by how many statements say so.
func ExampleGraph_Directed() {
	g, name := harbour()
	defer g.Close()
	paid := mustNew(g, "pay")
	rank := network.PageRankSparse(paid.Directed(relations.Statements), 0.85, 1e-6)
	first := highest(rank)
	fmt.Printf("%s %.2f\n", name(paid.Entity(first)), rank[first])
	// Output:
	// Cleo 0.30
}

// Communities are those who meet one another more than they meet others.
func ExampleGraph_Undirected() {
	g, name := harbour()
	defer g.Close()
	met := mustNew(g, "meet")
	found := community.Modularize(met.Undirected(relations.Statements), 1, rand.NewPCG(1, 2))
	var circles []string
	for _, members := range found.Communities() {
		var circle []string
		for _, n := range members {
			circle = append(circle, name(met.Entity(n.ID())))
		}
		slices.Sort(circle)
		circles = append(circles, strings.Join(circle, " "))
	}
	slices.Sort(circles)
	for _, c := range circles {
		fmt.Println(c)
	}
	// Output:
	// Ada Ben Cleo
	// Dora Emil Finn Gita
}

// A shortest path, with the evidence for each step of it.
func ExampleUndirected_Statements() {
	g, name := harbour()
	defer g.Close()
	met := mustNew(g, "meet")
	u := met.Undirected(relations.Hops)
	ada, _ := met.NodeOf(g.Key(events.EntityKey(events.Person, "Ada")...))
	emil, _ := met.NodeOf(g.Key(events.EntityKey(events.Person, "Emil")...))
	steps, _ := path.DijkstraFrom(u.Node(ada), u).To(emil)
	for i := range steps[1:] {
		from, to := steps[i].ID(), steps[i+1].ID()
		for s := range u.Statements(from, to) {
			fmt.Printf("%s and %s: %s (%v)\n", name(met.Entity(from)), name(met.Entity(to)), s.Predicate(), s.Stance())
		}
	}
	// Output:
	// Ada and Cleo: meet (CT+)
	// Cleo and Gita: meet (CT+)
	// Gita and Emil: meet (CT+)
}

// Who paid whom, through how many: a shortest path along the payments, with the evidence for
// each, and none against them.
func ExampleDirected_Statements() {
	g, name := harbour()
	defer g.Close()
	paid := mustNew(g, "pay")
	d := paid.Directed(relations.Hops)
	finn, _ := paid.NodeOf(g.Key(events.EntityKey(events.Person, "Finn")...))
	cleo, _ := paid.NodeOf(g.Key(events.EntityKey(events.Person, "Cleo")...))
	steps, hops := path.DijkstraFrom(d.Node(finn), d).To(cleo)
	fmt.Println(hops, "hops")
	for i := range steps[1:] {
		from, to := steps[i].ID(), steps[i+1].ID()
		for s := range d.Statements(from, to) {
			fmt.Println(name(paid.Entity(from)), "to", name(paid.Entity(to))+":", s.Predicate(), s.Stance())
		}
	}
	_, back := path.DijkstraFrom(d.Node(cleo), d).To(finn)
	fmt.Println("and back:", back)
	// Output:
	// 2 hops
	// Finn to Gita: pay CT+
	// Gita to Cleo: pay CT+
	// and back: +Inf
}

// A limit keeps what is asked for without knowing how large it is from becoming
// too large.
func ExampleNew() {
	g, _ := harbour()
	defer g.Close()
	_, err := relations.New(context.Background(), g.View(nil), graph.Pattern{}, &relations.Options{MaxNodes: 5})
	fmt.Println(err)
	// Output:
	// relations: there are more than 5 entities: narrow the pattern or the view, or raise Options.MaxNodes: the graph is too large
}

// Who met or paid whom is one graph: an edge for either, with the statements of both.
func ExampleOptions_predicates() {
	g, name := harbour()
	defer g.Close()
	r, err := relations.New(context.Background(), g.View(nil), graph.Pattern{}, &relations.Options{Predicates: []string{"meet", "pay"}})
	if err != nil {
		log.Fatal(err)
	}
	ties := r.Undirected(relations.Statements)
	for u := range r.Order() {
		for v := range u {
			if n, ok := ties.Weight(int64(u), int64(v)); ok && n > 1 {
				fmt.Println(name(r.Entity(int64(u))), name(r.Entity(int64(v))), n)
			}
		}
	}
	// Unordered output:
	// Ben Ada 2
	// Cleo Gita 2
	// Dora Gita 2
	// Emil Gita 2
}

// Which pairs met, how often, from when to when, and per which source? What an edge is made of
// tells the rest.
func ExampleUndirected_WeightedEdges() {
	g, err := graph.Open(context.Background(), events.NewMem(), nil)
	if err != nil {
		log.Fatal(err)
	}
	defer g.Close()
	b := g.NewBatch(context.Background(), "desk")
	b.Declare(events.Predicate{Name: "meet", Symmetric: true})
	ada, ben, cleo := b.Person("Ada"), b.Person("Ben"), b.Person("Cleo")
	gazette, herald := b.Source("https://gazette.example"), b.Source("https://herald.example")
	gazette.Says("meet", ada, ben).On("2025-02-03")
	gazette.Says("meet", ben, ada).On("2025-03-01")
	herald.Says("meet", ada, ben).On("2025-01-20")
	herald.Says("meet", ben, cleo).On("2025-02-14")
	batch, err := b.Batch()
	if err != nil {
		log.Fatal(err)
	}
	if _, err := g.Record(context.Background(), batch); err != nil {
		log.Fatal(err)
	}

	name := map[uuid.UUID]string{ada.ID: "Ada", ben.ID: "Ben", cleo.ID: "Cleo",
		gazette.ID(): "Gazette", herald.ID(): "Herald"}
	met := mustNew(g, "meet")
	pairs := met.Undirected(relations.Statements)
	var lines []string
	for edges := pairs.WeightedEdges(); edges.Next(); {
		e := edges.WeightedEdge()
		x, y := e.From().ID(), e.To().ID()
		first, last := int64(math.MaxInt64), int64(math.MinInt64)
		per := map[string]int{}
		for s := range pairs.Statements(x, y) {
			per[name[s.Source()]]++
			if earliest, latest, dated := s.When(); dated {
				first, last = min(first, earliest), max(last, latest)
			}
		}
		who := []string{name[met.Entity(x)], name[met.Entity(y)]}
		slices.Sort(who)
		day := func(instant int64) string { return time.Unix(instant, 0).UTC().Format(time.DateOnly) }
		lines = append(lines, fmt.Sprintf("%.0f %s from %s to %s %v", e.Weight(), strings.Join(who, " and "), day(first), day(last), per))
	}
	slices.Sort(lines)
	slices.Reverse(lines)
	fmt.Println(strings.Join(lines, "\n"))
	// Output:
	// 3 Ada and Ben from 2025-01-20 to 2025-03-01 map[Gazette:2 Herald:1]
	// 1 Ben and Cleo from 2025-02-14 to 2025-02-14 map[Herald:1]
}
