package relations_test

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/gonum/graph/community"
	"gonum.org/v1/gonum/graph/network"
	"gonum.org/v1/gonum/graph/topo"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
	"github.com/onrecord/onrecord/query/relations"
)

// icews returns the year 2014 as coders read it in the news, which is not part of
// the module: 90,730 statements about who did what to whom.
func icews(b *testing.B) *graph.Graph {
	b.Helper()
	f, err := os.Open(filepath.FromSlash("../../../shared/data/icews14/icews14.tsv.gz"))
	if err != nil {
		b.Skipf("the real file is not here: %v", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		b.Fatal(err)
	}
	g, rows := open(b), bufio.NewScanner(z)
	rows.Scan() // the names of the columns
	for more := true; more; {
		batch := events.NewBatch("coder")
		coder := batch.Organisation("ICEWS")
		for range 1000 {
			if more = rows.Scan(); !more {
				break
			}
			cells := strings.Split(rows.Text(), "\t")
			batch.Infers(coder, cells[2], batch.Organisation(cells[1]), batch.Organisation(cells[3])).On(cells[0])
		}
		record(b, g, batch)
	}
	if rows.Err() != nil {
		b.Fatal(rows.Err())
	}
	return g
}

// BenchmarkNew makes the graph of all that is recorded of a year.
//
//	edges-ratio: how long that takes against going through every entity's edges with query.Edges
func BenchmarkNew(b *testing.B) {
	v := icews(b).View(nil)
	var r *relations.Graph
	for b.Loop() {
		r = related(b, v, graph.Pattern{}, nil)
	}
	start, n := time.Now(), 0
	for u := range r.Order() {
		for range query.Edges(v, r.Entity(int64(u))) {
			n++
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/time.Since(start).Seconds(), "edges-ratio")
	b.ReportMetric(float64(r.Order()), "nodes")
	b.ReportMetric(float64(r.Size()), "edges")
	b.ReportMetric(float64(n)/2, "lines")
}

// BenchmarkAlgorithms runs gonum's algorithms on the graph of the year's visits.
//
//	new-ratio: how long one takes against making the graph
func BenchmarkAlgorithms(b *testing.B) {
	v, visits := icews(b).View(nil), graph.Pattern{Predicate: "Make a visit"}
	start := time.Now()
	r := related(b, v, visits, nil)
	making := time.Since(start).Seconds()
	for name, run := range map[string]func() any{
		"ConnectedComponents": func() any { return topo.ConnectedComponents(r.Undirected(relations.Hops)) },
		"PageRankSparse":      func() any { return network.PageRankSparse(r.Directed(relations.Statements), 0.85, 1e-6) },
		"Modularize": func() any {
			return community.Modularize(r.Undirected(relations.Statements), 1, rand.NewPCG(1, 2)).Communities()
		},
		"Betweenness": func() any { return network.Betweenness(r.Undirected(relations.Hops)) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if fmt.Sprint(run()) == "" {
					b.Fatal("nothing")
				}
			}
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/making, "new-ratio")
		})
	}
}

// BenchmarkCluster makes the graph of what is said of many who are one: the time for each
// statement is the same, however many they are.
func BenchmarkCluster(b *testing.B) {
	for _, n := range []int{100, events.MaxCluster} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			g, batch := open(b), events.NewBatch("desk")
			page, first := batch.Source("https://example.org/1"), batch.Person("0")
			page.By(batch.Person("A. Reporter"))
			for i := range n {
				one := batch.Person(fmt.Sprint(i))
				if i > 0 {
					batch.Judge(first, events.Same, one, "")
				}
				page.Says("meet", one, batch.Person("B")).ID()
			}
			record(b, g, batch)
			v := g.View(nil)
			for b.Loop() {
				related(b, v, graph.Pattern{}, nil)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/statement")
		})
	}
}
