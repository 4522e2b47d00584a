package quadstore_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/cayley/graph/memstore"
	"github.com/cayleygraph/cayley/graph/path"
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
// actors follow Zipf's law, there are n/50 sources, and a part of the statements have
// a text, a number, a time or somebody who reports them. What the other parts of a
// statement are is told by its number.
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
		if len(batch.Events) == 0 {
			return
		}
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
	sources := max(n/50, 2)
	for i := range sources {
		add("source", i, &events.SourceAdded{Source: events.Source{
			ID: events.Key("source", fmt.Sprint(i)), Title: fmt.Sprint("Paper ", i), Published: edtf.Date(2014, time.Month(1+i%12), 1+i/12%28),
		}})
	}
	for i := range max(n/20, 2) {
		add("register", i, &events.EntityRegistered{Entity: events.Entity{
			ID: actor(uint64(i)), Kind: events.Person, Name: events.Name{Text: fmt.Sprint("Actor ", i)},
		}})
	}
	for i := range n {
		who, whom := actor(zipf.Uint64()), actor(zipf.Uint64())
		args := []events.Arg{{Role: "source", Value: events.Ref(who)}, {Role: "target", Value: events.Ref(whom)}}
		switch i % 10 {
		case 1, 2:
			args = append(args, events.Arg{Role: "topic", Value: events.Text(fmt.Sprint("Topic ", i%997), "en")})
		case 3, 4:
			args = append(args, events.Arg{Role: "amount", Value: events.Number(fmt.Sprint(i%499), "EUR")})
		case 5:
			args = append(args, events.Arg{Role: "due", Value: events.At(edtf.Date(2015, time.Month(1+i/10%12), 1+i/120%28))})
		}
		voices := []events.Voice{{
			Speakers: []events.Party{{Entity: who}}, Act: acts[i%len(acts)], Stance: must(events.ParseStance(stances[i%len(stances)])),
			Said: events.When{Time: edtf.Date(2014, time.Month(1+i%12), 1+i/12%28)},
		}}
		if i%4 == 0 {
			voices = append(voices, events.Voice{
				Speakers: []events.Party{{Entity: actor(zipf.Uint64())}}, Act: events.Assert, Stance: events.CertainAffirmed(),
			})
		}
		add("statement", i, &events.StatementRecorded{Statement: events.Statement{
			Claim: events.Claim{
				Predicate: fmt.Sprint(rnd.IntN(predicates)),
				Args:      args,
				When:      events.When{Time: edtf.Date(2014, time.Month(1+rnd.IntN(12)), 1+rnd.IntN(28))},
			},
			Voices: voices,
			Source: events.Key("source", fmt.Sprint(rnd.IntN(sources))), Form: forms[i%len(forms)], Selector: events.Selector{Locator: fmt.Sprint(i)},
		}})
	}
	flush()
	return store
}

var (
	stances = []string{"CT+", "CT+", "CT+", "CT+", "CT+", "PR+", "PR+", "PS+", "CT-"}
	acts    = []events.Act{events.Assert, events.Assert, events.Direct, events.Commit}
	forms   = []events.Form{events.Paraphrase, events.Inferred, events.Heading}
)

func newZipf(rnd *rand.Rand, n int) *rand.Zipf {
	return rand.NewZipf(rnd, 1.1, 10, uint64(max(n/20, 2)-1))
}

// BenchmarkPaths asks a view and Cayley's memstore, loaded with the same quads,
// the same. It reports how many times as fast the view is, by the mean, the
// median and the 95th percentile, and how many times smaller.
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
	objects := objects{}
	scan := cayley.AsShape(view.QuadsAllIterator()).Iterate()
	for scan.Next(ctx) {
		q := view.Quad(scan.Result())
		mem.AddQuad(q)
		objects.add(q)
		quads++
	}
	memLoad := time.Since(began)
	memHeap := heap() - before
	// Another store, lest this one remember all nodes from the start.
	if stats, err := quadstore.New(g.View(nil)).Stats(ctx, true); err != nil || stats.Quads.Size != int64(quads) {
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

	for _, class := range classes {
		b.Run(class.name, func(b *testing.B) {
			rnd := rand.New(rand.NewPCG(3, 4))
			zipf := newZipf(rnd, n)
			var list []args
			for range *queries {
				p := func() quad.IRI { return quadstore.Predicate(fmt.Sprint(rnd.IntN(predicates))) }
				list = append(list, args{
					quadstore.Entity(actor(zipf.Uint64())), quadstore.Entity(actor(zipf.Uint64())), p(), p(), p(),
					quadstore.Statement(events.Key("statement", fmt.Sprint(rnd.IntN(n)))), objects.some(rnd),
				})
			}
			ask := func(qs cayley.QuadStore, x args) (time.Duration, int) {
				query := class.ask(qs, x)
				began := time.Now()
				found := 0
				answers := query.Iterate(context.Background())
				var err error
				if class.tags {
					err = answers.TagEach(func(map[string]cayley.Ref) { found++ })
				} else {
					err = answers.Each(func(r cayley.Ref) {
						if r != nil { // memstore gives the label of quads that have none
							found++
						}
					})
				}
				if err != nil {
					b.Fatal(err)
				}
				return time.Since(began), found
			}
			var ofView, ofMem []time.Duration
			var most time.Duration // that the view took for one, as for what it remembers then
			for b.Loop() {
				ofView, ofMem = nil, nil
				began := time.Now()
				for _, x := range list {
					// The best of three, lest the machine's other work be measured;
					// what takes long is not disturbed by it.
					slow, slowFound := ask(mem, x)
					fast, fastFound := ask(view, x)
					most = max(most, fast)
					for k := 0; k < 2 && slow < 100*time.Millisecond; k++ {
						again, _ := ask(mem, x)
						slow = min(slow, again)
						again, _ = ask(view, x)
						most = max(most, again)
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
			vh, mh := p50(ofView), p50(ofMem)
			vp, mp, vm, mm := p95(ofView), p95(ofMem), mean(ofView), mean(ofMem)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(len(ofView)), "queries")
			b.ReportMetric(float64(vm.Nanoseconds())/1000, "view-mean-µs")
			b.ReportMetric(float64(mm.Nanoseconds())/1000, "mem-mean-µs")
			b.ReportMetric(float64(most.Nanoseconds())/1000, "view-most-µs")
			b.ReportMetric(float64(vh.Nanoseconds())/1000, "view-p50-µs")
			b.ReportMetric(float64(mh.Nanoseconds())/1000, "mem-p50-µs")
			b.ReportMetric(float64(vp.Nanoseconds())/1000, "view-p95-µs")
			b.ReportMetric(float64(mp.Nanoseconds())/1000, "mem-p95-µs")
			b.ReportMetric(mm.Seconds()/vm.Seconds(), "times-faster")
			b.ReportMetric(mh.Seconds()/vh.Seconds(), "p50-times-faster")
			b.ReportMetric(mp.Seconds()/vp.Seconds(), "p95-times-faster")
		})
	}
	remembered := heap()
	view = nil
	remembered -= heap()
	b.Run("remembered", func(b *testing.B) {
		for b.Loop() {
		}
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(float64(remembered)/float64(n), "view-B/statement")
	})
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

func p50(list []time.Duration) time.Duration {
	return slices.Sorted(slices.Values(list))[len(list)/2]
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
