package graph

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
)

// dying returns a graph in which n statements about one person were recorded in
// ten steps, and after each step as many retracted at random as leaves dead of
// all so far, in thousand; and the positions at the end of the steps.
func dying(b *testing.B, n, dead int) (*Graph, Pattern, []events.Position) {
	b.Helper()
	ctx := context.Background()
	g, err := Open(ctx, events.NewMem(), nil)
	if err != nil {
		b.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	who := events.Key("entity", "who")
	var es []events.Event
	var at events.Position
	record := func() {
		for len(es) > 0 {
			k := min(len(es), 2000)
			r, err := g.Record(ctx, &events.Batch{Recorder: "bench", Events: es[:k]})
			if err != nil {
				b.Fatal(err)
			}
			at, es = r.Position, es[k:]
		}
	}
	es = append(es, events.Event{ID: events.Key("who"), Body: &events.EntityRegistered{
		Entity: events.Entity{ID: who, Kind: events.Person, Name: events.Name{Text: "Who"}},
	}})
	var standing []uuid.UUID
	var steps []events.Position
	for step := range 10 {
		for i := range n / 10 {
			id := events.Key("statement", fmt.Sprint(step), fmt.Sprint(i))
			standing = append(standing, id)
			es = append(es, events.Event{ID: id, Body: &events.StatementRecorded{Statement: events.Statement{
				Claim:  events.Claim{Predicate: "meet", Args: []events.Arg{{Role: "who", Value: events.Ref(who)}}},
				Voices: []events.Voice{{Speakers: []events.Party{{Entity: who}}, Act: events.Assert, Stance: events.CertainAffirmed()}},
				Form:   events.Inferred,
			}}})
		}
		record()
		for left := (step + 1) * n / 10 * (1000 - dead) / 1000; len(standing) > left; {
			i := rnd.IntN(len(standing))
			es = append(es, events.Event{ID: events.Key("retraction", standing[i].String()), Body: &events.Retracted{Event: standing[i]}})
			standing[i] = standing[len(standing)-1]
			standing = standing[:len(standing)-1]
		}
		record()
		steps = append(steps, at)
	}
	return g, Pattern{Args: []Fill{{Role: "who", Entity: who}}}, steps
}

// per returns how long one call of f takes.
func per(f func()) float64 {
	const enough = 3 * time.Millisecond
	best := 0.0
	for range 3 {
		n := 0
		start := time.Now()
		for time.Since(start) < enough {
			f()
			n++
		}
		if t := float64(time.Since(start).Nanoseconds()) / float64(n); best == 0 || t < best {
			best = t
		}
	}
	return best
}

// BenchmarkAsOf reads all statements about one person as of ten positions, where
// up to 99.9 % of them have been removed, and compares each read with a read now
// of a graph where as many statements have been recorded and none removed. A
// list alone is compared with a slice of the rows that stand.
//
//	≥100-ratio, <100-ratio: the worst read against the read now, by how many rows it gives
//	list-ratio: the same for the list alone, without views and patterns
//	slice-ratio: the list now against adding up a slice of its rows
//	read-slice-ratio: the read now against a slice of its rows, each of which is
//	held against the lens and the pattern
//	10-rows-ns: a walk through the ten rows that stood at a position, the view included
func BenchmarkAsOf(b *testing.B) {
	const n = 100_000
	for _, dead := range []int{0, 500, 900, 990, 999} {
		b.Run(fmt.Sprintf("dead=%.1f%%", float64(dead)/10), func(b *testing.B) {
			g, pattern, steps := dying(b, n, dead)
			defer g.Close()
			read := func(g *Graph, p Pattern, at events.Position) func() {
				lens := &Lens{AsOf: at}
				return func() {
					for range g.View(lens).Statements(p) {
					}
				}
			}
			list := func(g *Graph, at events.Position) (rows []uint32, walk func()) {
				m := g.View(&Lens{AsOf: at}).m
				head := m.c.symbols.head.at(m.c.symbols.find("meet", never))
				for c := m.open(head, keyStatements); ; {
					r := c.next()
					if r == 0 {
						break
					}
					rows = append(rows, r)
				}
				return rows, func() {
					for c := m.open(head, keyStatements); c.next() != 0; {
					}
				}
			}
			var many, few, alone, slice, readSlice, ten float64
			for b.Loop() {
				many, few, alone = 0, 0, 0
				for _, at := range steps {
					rows, walk := list(g, at)
					fresh, p, end := dying(b, max(len(rows)/10*10, 10), 0)
					last := end[len(end)-1]
					_, freshWalk := list(fresh, last)
					ratio := per(read(g, pattern, at)) / per(read(fresh, p, last))
					if len(rows) >= 100 {
						many = max(many, ratio)
					} else {
						few = max(few, ratio)
					}
					alone = max(alone, per(walk)/per(freshWalk))
					if len(rows) == 10 {
						lens := &Lens{AsOf: at}
						ten = per(func() {
							numbers := g.View(lens).Numbers()
							w := numbers.RowsOfArgument(numbers.Entity(pattern.Args[0].Entity))
							for _, _, ok := w.Step(); ok; _, _, ok = w.Step() {
							}
						})
					}
					fresh.Close()
				}
				rows, walk := list(g, steps[len(steps)-1])
				var sum uint32
				slice = per(walk) / per(func() {
					for _, r := range rows {
						sum += r
					}
				})
				v := g.View(nil)
				shown := 0
				readSlice = per(read(g, pattern, 0)) / per(func() {
					var q query
					q.compile(&v, &pattern)
					for _, r := range rows {
						if v.shows(r) && q.matches(r) {
							shown++
						}
					}
				})
			}
			if many > 0 {
				b.ReportMetric(many, "≥100-ratio")
			}
			if few > 0 {
				b.ReportMetric(few, "<100-ratio")
			}
			b.ReportMetric(alone, "list-ratio")
			b.ReportMetric(slice, "slice-ratio")
			b.ReportMetric(readSlice, "read-slice-ratio")
			if ten > 0 {
				b.ReportMetric(ten, "10-rows-ns")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkLate reads as of when everything stood what has nearly all been
// removed since, and now.
func BenchmarkLate(b *testing.B) {
	g, pattern, _ := dying(b, 10_000, 0)
	defer g.Close()
	full := g.View(nil).Position()
	now := per(func() {
		for range g.View(nil).Statements(pattern) {
		}
	})
	var es []events.Event
	i := 0
	for s := range g.View(nil).Statements(pattern) {
		if i++; i%1000 != 0 {
			es = append(es, events.Event{ID: events.Key("retraction", s.ID().String()), Body: &events.Retracted{Event: s.ID()}})
		}
	}
	for len(es) > 0 {
		k := min(len(es), 2000)
		if _, err := g.Record(context.Background(), &events.Batch{Recorder: "bench", Events: es[:k]}); err != nil {
			b.Fatal(err)
		}
		es = es[k:]
	}
	lens := &Lens{AsOf: full}
	for b.Loop() {
		for range g.View(lens).Statements(pattern) {
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/now, "before/after")
	ten := 0
	for range g.View(nil).Statements(pattern) {
		ten++
	}
	b.ReportMetric(per(func() {
		for range g.View(nil).Statements(pattern) {
		}
	}), fmt.Sprintf("ns-for-%d-rows-now", ten))
}

// BenchmarkView makes views.
func BenchmarkView(b *testing.B) {
	g, _, steps := dying(b, 1000, 500)
	defer g.Close()
	var v View
	for name, lens := range map[string]*Lens{
		"all": nil, "as of": {AsOf: steps[4]}, "recorded by": {RecordedBy: time.Unix(1, 0)}, "least": {Least: events.Probable},
		"valid": {Valid: Possibly(edtf.MustParse("2025"))}, "according": {According: []uuid.UUID{events.Key("entity", "who")}},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				v = g.View(lens)
			}
		})
	}
	_ = v
}
