package graph_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
)

// benchID is an id that an erasable record takes, too.
func benchID(parts ...string) uuid.UUID {
	id := events.Key(parts...)
	id[6] = id[6]&0x0f | 0x80
	return id
}

// coded returns batches of statements as a news coder makes them: 50 predicates,
// n/20 actors whose frequencies follow Zipf's law, one voice, a day in a year.
func coded(n, perBatch int) []*events.Batch {
	rnd := rand.New(rand.NewPCG(1, 2))
	actors := make([]uuid.UUID, max(n/20, 2))
	zipf := rand.NewZipf(rnd, 1.1, 10, uint64(len(actors)-1))
	src := benchID("source", "bench")
	first := &events.Batch{Recorder: "bench", Events: []events.Event{
		{ID: benchID("bench", "src"), Body: &events.SourceAdded{Source: events.Source{ID: src, Title: "bench", Published: edtf.MustParse("2025-08-04")}}},
	}}
	var batches []*events.Batch
	for i := range actors {
		actors[i] = benchID("bench actor", fmt.Sprint(i))
		first.Events = append(first.Events, events.Event{ID: benchID("bench actor event", fmt.Sprint(i)), Body: &events.EntityRegistered{
			Entity: events.Entity{ID: actors[i], Kind: events.Person, Name: events.Name{Text: fmt.Sprint("Actor ", i)}},
		}})
		if len(first.Events) == perBatch || i == len(actors)-1 {
			batches = append(batches, first)
			first = &events.Batch{Recorder: "bench"}
		}
	}
	days := make([]edtf.Time, 365)
	for i := range days {
		days[i] = edtf.Date(2014, 1, 1+i%28)
	}
	b := &events.Batch{Recorder: "bench"}
	for i := range n {
		who, whom := actors[zipf.Uint64()], actors[zipf.Uint64()]
		b.Events = append(b.Events, events.Event{ID: benchID("bench statement", fmt.Sprint(i)), Body: &events.StatementRecorded{
			Statement: events.Statement{
				Claim: events.Claim{
					Predicate: fmt.Sprint("predicate ", rnd.IntN(50)),
					Args:      []events.Arg{{Role: "source", Value: events.Ref(who)}, {Role: "target", Value: events.Ref(whom)}},
					When:      events.When{Time: days[rnd.IntN(len(days))]},
				},
				Voices: []events.Voice{{Speakers: []events.Party{{Entity: who}}, Act: events.Assert, Stance: events.CertainAffirmed()}},
				Source: src, Form: events.Paraphrase, Selector: events.Selector{Locator: fmt.Sprint(i)},
			},
		}})
		if len(b.Events) == perBatch || i == n-1 {
			batches = append(batches, b)
			b = &events.Batch{Recorder: "bench"}
		}
	}
	return batches
}

func load(b testing.TB, s events.Store, batches []*events.Batch) *graph.Graph {
	g, err := graph.Open(ctx, s, nil)
	if err != nil {
		b.Fatal(err)
	}
	for _, batch := range batches {
		if _, err := g.Record(ctx, batch); err != nil {
			b.Fatal(err)
		}
	}
	return g
}

func BenchmarkRecordMem(b *testing.B) {
	const n = 100_000
	batches := coded(n, 1000)
	for b.Loop() {
		load(b, events.NewMem(), batches).Close()
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "statements/s")
}

// BenchmarkRecordAll records in order, without a look at the receipts and with one.
func BenchmarkRecordAll(b *testing.B) {
	const n = 100_000
	batches := coded(n, 1000)
	for name, record := range map[string]func(g *graph.Graph) (int, error){
		"RecordAll": func(g *graph.Graph) (int, error) { return g.RecordAll(ctx, sequence(batches...)) },
		"RecordEach": func(g *graph.Graph) (done int, err error) {
			for r, err := range g.RecordEach(ctx, sequence(batches...)) {
				if err != nil {
					return done, err
				}
				done = int(r.Position)
			}
			return done, nil
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				g, err := graph.Open(ctx, events.NewMem(), nil)
				if err != nil {
					b.Fatal(err)
				}
				if done, err := record(g); err != nil || done != len(batches) {
					b.Fatal(done, err)
				}
				g.Close()
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "statements/s")
		})
	}
}

// BenchmarkFold folds statements that are decoded.
func BenchmarkFold(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := events.NewMem()
			load(b, s, coded(n, 1000)).Close()
			var took time.Duration
			for b.Loop() {
				g, t, err := graph.Folding(ctx, s)
				if err != nil {
					b.Fatal(err)
				}
				took += t
				if rows := g.View(nil).Numbers().AllRows().Len(); rows < n {
					b.Fatal(rows)
				}
				g.Close()
			}
			b.ReportMetric(float64(n)*float64(b.N)/took.Seconds(), "statements/s")
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	const n = 200_000
	s := events.NewMem()
	load(b, s, coded(n, 1000)).Close()
	var g *graph.Graph
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for b.Loop() {
		var err error
		if g, err = graph.Open(ctx, s, nil); err != nil {
			b.Fatal(err)
		}
		g.Close()
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "statements/s")
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/n, "B/statement")
	start := time.Now()
	runtime.GC()
	b.ReportMetric(float64(time.Since(start).Microseconds()), "GC-µs")
	runtime.KeepAlive(g)
}

// BenchmarkCondition records on condition that there is nothing yet of a narrow pattern
// that is not there, and of a whole record.
func BenchmarkCondition(b *testing.B) {
	for _, n := range []int{20_000, 200_000} {
		g := load(b, events.NewMem(), coded(n, 1000))
		actor := benchID("bench actor", fmt.Sprint(n/20-1))
		b.Run(fmt.Sprint("statements=", n), func(b *testing.B) {
			for b.Loop() {
				e := events.Event{Body: &events.EntityRegistered{Entity: events.Entity{ID: uuid.Must(uuid.NewV7()), Kind: events.Person, Name: events.Name{Text: "A"}}}}
				_, err := g.RecordIf(ctx, &events.Batch{Recorder: "bench", Events: []events.Event{e}}, graph.Condition{
					Nothing: graph.Pattern{Predicate: "predicate 1", Entity: actor, Polarity: events.Denied},
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
		g.Close()
	}
}
