package quadstore_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"runtime"
	"slices"
	"testing"
	"time"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/cayley/graph/memstore"
	"github.com/cayleygraph/cayley/graph/path"
	"github.com/cayleygraph/cayley/graph/shape"
	"github.com/cayleygraph/quad"
	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/graph/quadstore"
)

var (
	statements = flag.Int("statements", 10_000, "how many statements BenchmarkPaths queries")
	queries    = flag.Int("queries", 40, "how many queries of each class it runs")
	budget     = flag.Duration("budget", 20*time.Second, "how long one class may take, or one query more")
)

const predicates = 50

func actor(i uint64) uuid.UUID { return events.Key("actor", fmt.Sprint(i)) }

// coded records statements as a news coder makes them: the frequencies of n/20
// actors follow Zipf's law.
func coded(b *testing.B, n int) *events.Mem {
	rnd := rand.New(rand.NewPCG(1, 2))
	zipf := newZipf(rnd, n)
	store := events.NewMem()
	g, err := graph.Open(ctx, store, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer g.Close()
	batch := &events.Batch{Recorder: "bench"}
	flush := func() {
		if _, err := g.Record(ctx, batch); err != nil {
			b.Fatal(err)
		}
		batch.Events = batch.Events[:0]
	}
	add := func(key string, i int, body events.Body) {
		batch.Events = append(batch.Events, events.Event{ID: events.Key(key, fmt.Sprint(i)), Body: body})
		if len(batch.Events) == 1000 {
			flush()
		}
	}
	source := events.Source{ID: events.Key("source", "bench"), Title: "bench", Published: edtf.MustParse("2025-08-04")}
	add("source", 0, &events.SourceAdded{Source: source})
	for i := range max(n/20, 2) {
		add("register", i, &events.EntityRegistered{Entity: events.Entity{
			ID: actor(uint64(i)), Kind: events.Person, Name: events.Name{Text: fmt.Sprint("Actor ", i)},
		}})
	}
	for i := range n {
		who, whom := actor(zipf.Uint64()), actor(zipf.Uint64())
		add("statement", i, &events.StatementRecorded{Statement: events.Statement{
			Claim: events.Claim{
				Predicate: fmt.Sprint(rnd.IntN(predicates)),
				Args:      []events.Arg{{Role: "source", Value: events.Ref(who)}, {Role: "target", Value: events.Ref(whom)}},
				When:      events.When{Time: edtf.Date(2014, time.Month(1+rnd.IntN(12)), 1+rnd.IntN(28))},
			},
			Voices: []events.Voice{{Speakers: []events.Party{{Entity: who}}, Act: events.Assert, Stance: events.CertainAffirmed()}},
			Source: source.ID, Form: events.Paraphrase, Selector: events.Selector{Locator: fmt.Sprint(i)},
		}})
	}
	flush()
	return store
}

func newZipf(rnd *rand.Rand, n int) *rand.Zipf {
	return rand.NewZipf(rnd, 1.1, 10, uint64(max(n/20, 2)-1))
}

// BenchmarkPaths asks a view and Cayley's memstore, loaded with the same quads,
// the same. It reports how many times as fast the view is, by the mean and by the
// 95th percentile, and how many times smaller.
//
//	go test -run='^$' -bench=Paths -benchtime=1x ./graph/quadstore -args -statements=100000
func BenchmarkPaths(b *testing.B) {
	n := *statements
	store := coded(b, n)
	before := heap()
	began := time.Now()
	g, err := graph.Open(ctx, store, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer g.Close()
	viewLoad := time.Since(began)
	viewHeap := heap() - before
	view := quadstore.New(g.View(nil))

	before = heap()
	began = time.Now()
	mem := memstore.New()
	quads := 0
	scan := cayley.AsShape(view.QuadsAllIterator()).Iterate()
	for scan.Next(ctx) {
		mem.AddQuad(view.Quad(scan.Result()))
		quads++
	}
	memLoad := time.Since(began)
	memHeap := heap() - before
	if stats, err := view.Stats(ctx, true); err != nil || stats.Quads.Size != int64(quads) {
		b.Fatal(stats, err)
	}

	b.Run("load", func(b *testing.B) {
		for b.Loop() {
		}
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(float64(quads)/float64(n), "quads/statement")
		b.ReportMetric(float64(n)/viewLoad.Seconds(), "view-statements/s")
		b.ReportMetric(float64(n)/memLoad.Seconds(), "mem-statements/s")
		b.ReportMetric(memLoad.Seconds()/viewLoad.Seconds(), "times-faster")
	})
	b.Run("heap", func(b *testing.B) {
		for b.Loop() {
		}
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(float64(viewHeap)/float64(n), "view-B/statement")
		b.ReportMetric(float64(memHeap)/float64(n), "mem-B/statement")
		b.ReportMetric(float64(memHeap)/float64(viewHeap), "times-smaller")
	})

	type args struct {
		a, b    quad.IRI
		p, q, r quad.IRI
	}
	for _, class := range []struct {
		name string
		ask  func(qs cayley.QuadStore, x args) *path.Path
	}{
		{"1-hop", func(qs cayley.QuadStore, x args) *path.Path { return path.StartPath(qs, x.a).Out(x.p) }},
		{"2-hop", func(qs cayley.QuadStore, x args) *path.Path { return path.StartPath(qs, x.a).Out(x.p).Out(x.q) }},
		{"3-hop", func(qs cayley.QuadStore, x args) *path.Path {
			return path.StartPath(qs, x.a).Out(x.p).Out(x.q).Out(x.r)
		}},
		{"reverse", func(qs cayley.QuadStore, x args) *path.Path { return path.StartPath(qs, x.a).In(x.p) }},
		{"has-save", func(qs cayley.QuadStore, x args) *path.Path {
			return path.StartPath(qs, x.a).Out(x.p).Has(x.q, x.b).Save(x.r, "saved")
		}},
		{"count", func(qs cayley.QuadStore, x args) *path.Path { return path.StartPath(qs, x.a).Out(x.p).Out(x.q).Count() }},
		{"intersection", func(qs cayley.QuadStore, x args) *path.Path {
			return path.StartPath(qs, x.a).Out(x.p).And(path.StartPath(qs, x.b).Out(x.q))
		}},
		{"label", func(qs cayley.QuadStore, x args) *path.Path { return path.StartPath(qs, x.a).Labels() }},
		{"first-ten", func(qs cayley.QuadStore, x args) *path.Path {
			return path.StartPath(qs, x.a).Out(x.p).Out(x.q).Limit(10)
		}},
		{"according-to", func(qs cayley.QuadStore, x args) *path.Path {
			return path.StartPath(qs, x.a).In(quadstore.StatementSpeaker).Has(quadstore.StatementPredicate, x.p)
		}},
		{"by-name", func(qs cayley.QuadStore, x args) *path.Path {
			return path.StartPath(qs).HasFilter(quadstore.EntityName, false, shape.Regexp{Re: regexp.MustCompile(`^Actor 12?$`)}).Out(x.p)
		}},
		{"recursive", func(qs cayley.QuadStore, x args) *path.Path {
			return path.StartPath(qs, x.a).FollowRecursive(x.p, 2, nil)
		}},
	} {
		b.Run(class.name, func(b *testing.B) {
			rnd := rand.New(rand.NewPCG(3, 4))
			zipf := newZipf(rnd, n)
			var list []args
			for range *queries {
				p := func() quad.IRI { return quadstore.Predicate(fmt.Sprint(rnd.IntN(predicates))) }
				list = append(list, args{quadstore.Entity(actor(zipf.Uint64())), quadstore.Entity(actor(zipf.Uint64())), p(), p(), p()})
			}
			ask := func(qs cayley.QuadStore, x args) (time.Duration, int) {
				query := class.ask(qs, x)
				began := time.Now()
				found := 0
				err := query.Iterate(context.Background()).Each(func(r cayley.Ref) {
					if r != nil { // memstore gives the label of quads that have none
						found++
					}
				})
				if err != nil {
					b.Fatal(err)
				}
				return time.Since(began), found
			}
			var ofView, ofMem []time.Duration
			for b.Loop() {
				ofView, ofMem = nil, nil
				began := time.Now()
				for _, x := range list {
					// The best of three, lest the machine's other work be measured;
					// what takes long is not disturbed by it.
					slow, slowFound := ask(mem, x)
					fast, fastFound := ask(view, x)
					for k := 0; k < 2 && slow < 100*time.Millisecond; k++ {
						again, _ := ask(mem, x)
						slow = min(slow, again)
						again, _ = ask(view, x)
						fast = min(fast, again)
					}
					// Where one answer is reached in several ways, memstore's plans
					// lose some of them.
					if slowFound != fastFound && fastFound < 100_000 {
						want, found := names(b, mem, class.ask(mem, x)), names(b, view, class.ask(view, x))
						if !maps.Equal(want, found) {
							b.Errorf("%v: found %d different, want %d", x, len(found), len(want))
						}
					}
					ofMem, ofView = append(ofMem, slow), append(ofView, fast)
					if time.Since(began) > *budget {
						break
					}
				}
			}
			vp, mp, vm, mm := p95(ofView), p95(ofMem), mean(ofView), mean(ofMem)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(len(ofView)), "queries")
			b.ReportMetric(float64(vm.Nanoseconds())/1000, "view-mean-µs")
			b.ReportMetric(float64(mm.Nanoseconds())/1000, "mem-mean-µs")
			b.ReportMetric(float64(vp.Nanoseconds())/1000, "view-p95-µs")
			b.ReportMetric(float64(mp.Nanoseconds())/1000, "mem-p95-µs")
			b.ReportMetric(mm.Seconds()/vm.Seconds(), "times-faster")
			b.ReportMetric(mp.Seconds()/vp.Seconds(), "p95-times-faster")
		})
	}
	runtime.KeepAlive(mem)
	runtime.KeepAlive(store)
}

// names returns the different answers to a query.
func names(b *testing.B, qs cayley.QuadStore, p *path.Path) map[string]bool {
	found := map[string]bool{}
	err := p.Iterate(ctx).EachValue(qs, func(v quad.Value) { found[v.String()] = true })
	if err != nil {
		b.Fatal(err)
	}
	return found
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func p95(list []time.Duration) time.Duration {
	list = slices.Sorted(slices.Values(list))
	return list[len(list)*95/100]
}

func mean(list []time.Duration) (sum time.Duration) {
	for _, d := range list {
		sum += d
	}
	return sum / time.Duration(len(list))
}
