package main

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
)

// plainMost is how many statements the plain maps are measured with at most:
// they take some gigabytes for ten million.
const plainMost = 2_000_000

// plain is how a program keeps statements that uses no library: structs, maps and
// pointers, with the same ways in as the graph has.
type plain struct {
	byID        map[uuid.UUID]*events.StatementRecorded
	bySource    map[uuid.UUID][]*events.StatementRecorded
	byTarget    map[uuid.UUID][]*events.StatementRecorded
	bySpeaker   map[uuid.UUID][]*events.StatementRecorded
	byPredicate map[string][]*events.StatementRecorded
}

func newPlain() *plain {
	list := func() map[uuid.UUID][]*events.StatementRecorded { return map[uuid.UUID][]*events.StatementRecorded{} }
	return &plain{
		byID: map[uuid.UUID]*events.StatementRecorded{}, bySource: list(), byTarget: list(), bySpeaker: list(),
		byPredicate: map[string][]*events.StatementRecorded{},
	}
}

func (p *plain) add(id uuid.UUID, s *events.StatementRecorded) {
	c := &s.Statement.Claim
	from, to, who := c.Args[0].Value.ID, c.Args[1].Value.ID, s.Statement.Voices[0].Speakers[0].Entity
	p.byID[id] = s
	p.bySource[from] = append(p.bySource[from], s)
	p.byTarget[to] = append(p.byTarget[to], s)
	p.bySpeaker[who] = append(p.bySpeaker[who], s)
	p.byPredicate[c.Predicate] = append(p.byPredicate[c.Predicate], s)
}

// load fills the maps from a store and returns how long that took, the decoding
// aside.
func (p *plain) load(ctx context.Context, store events.Store) (took time.Duration, err error) {
	err = decode(ctx, store, func(_ *events.Header, list []events.Event) error {
		began := time.Now()
		for i := range list {
			if s, ok := list[i].Body.(*events.StatementRecorded); ok {
				p.add(list[i].ID, s)
			}
		}
		took += time.Since(began)
		return nil
	})
	return took, err
}

// decode reads and decodes all events of a store, as they are read before they
// are folded, and hands them over by the record.
func decode(ctx context.Context, store events.Store, take func(*events.Header, []events.Event) error) error {
	for rec, err := range store.Scan(ctx, 0) {
		if err != nil {
			return err
		}
		h, err := rec.Header()
		if err != nil {
			return err
		}
		var list []events.Event
		for e, err := range h.Events() {
			if err != nil {
				return err
			}
			list = append(list, e)
		}
		if err := take(h, list); err != nil {
			return err
		}
	}
	return nil
}

// check checks what can be checked of decoded events without those before them, as it is
// done before they are folded.
func check(h *events.Header, list []events.Event) error {
	for _, b := range h.Batches {
		n := len(b.Events)
		if err := events.CheckShape(&events.Batch{Recorder: b.Recorder, Events: list[:n:n]}); err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

const foldText = "A record in memory is folded into a graph that can be asked. *From stored bytes* is `graph.Open`, " +
	"with all cores and with one; *decoded* is what is left on one core when the reading and decoding of the same bytes, " +
	"measured by turns, is taken away, *and checked* when the checks are too that need no other record; both still have " +
	"the SHA-256 of each record. " +
	"*Recorded* is `Graph.Record` of batches of 1,000, checked, encoded and folded, into memory. " +
	"*Plain maps* hold the same decoded statements in structs, maps and pointers, texts included. " +
	"Memory is the heap in use after a collection, the stored bytes aside; entities, one for twenty statements, are counted in."

// fold measures folding, the memory it takes, the collector's cycle and, since
// the graph is there, the questions.
func (r *run) fold(ctx context.Context, n int) error {
	s := r.section("Fold and memory", foldText, Plot{File: "memory", Title: "Memory per statement", Unit: "B"})
	d := synthetic(n)
	rate := func(ns float64) float64 { return float64(n) / ns * 1e9 }

	store := events.NewMem()
	g, err := graph.Open(ctx, store, nil)
	if err != nil {
		return err
	}
	if _, err := record(ctx, g, d.registrations()); err != nil {
		return err
	}
	recorded, err := record(ctx, g, d.statements())
	if err != nil {
		return err
	}
	if err := g.Close(); err != nil {
		return err
	}
	g = nil
	s.add("recorded", "", n, rate(float64(recorded)), "/s")

	open := func() (err error) {
		if g, err = graph.Open(ctx, store, nil); err != nil {
			return err
		}
		return g.Close()
	}
	nothing := func(*events.Header, []events.Event) error { return nil }
	read := func() error { return decode(ctx, store, nothing) }
	readChecked := func() error { return decode(ctx, store, check) }
	all, err := byTurns(r.rounds, open)
	if err != nil {
		return err
	}
	cores := runtime.GOMAXPROCS(1)
	alone, err := byTurns(r.rounds, read, readChecked, open)
	runtime.GOMAXPROCS(cores)
	if err != nil {
		return err
	}
	decoding, opening := alone[0], alone[2]
	folding := opening.minus(decoding)
	s.add("from stored bytes", "", n, rate(all[0].median()), "/s")
	s.add("from stored bytes, one core", "", n, rate(opening.median()), "/s")
	s.add("decoded, one core", "", n, rate(folding.median()), "/s")
	s.add("decoded and checked, one core", "", n, rate(opening.minus(alone[1]).median()), "/s")
	r.ratio("fold decoded statements / decode them", n, folding, decoding)
	r.ratio("fold stored bytes, all cores / one core", n, all[0], opening)

	g = nil
	before := heap()
	idle := collect(r.rounds)
	if err := open(); err != nil {
		return err
	}
	size := heap() - before
	live := collect(r.rounds)
	s.add("memory for a statement", "", n, float64(size)/float64(n), "B")
	s.add("collector's cycle", "", n, live.median(), "ns")
	s.add("collector's cycle, without it", "", n, idle.median(), "ns")

	if n <= plainMost {
		if err := r.plain(ctx, s, n, store, folding, size, live); err != nil {
			return err
		}
	}
	return r.questions(ctx, n, d, g)
}

// plain measures plain maps beside what was measured of the graph.
func (r *run) plain(ctx context.Context, s *Section, n int, store events.Store, folding samples, size int64, live samples) error {
	var loads samples
	var p *plain
	before := int64(0)
	for range r.rounds {
		p = nil
		before = heap()
		p = newPlain()
		took, err := p.load(ctx, store)
		if err != nil {
			return err
		}
		loads = append(loads, float64(took))
	}
	held := heap() - before
	cycle := collect(r.rounds)
	runtime.KeepAlive(p)
	s.add("plain maps, decoded", "", n, float64(n)/loads.median()*1e9, "/s")
	s.add("plain maps, memory for a statement", "", n, float64(held)/float64(n), "B")
	s.add("plain maps, collector's cycle", "", n, cycle.median(), "ns")
	r.ratio("fold decoded statements / plain maps", n, folding, loads)
	r.ratioOf("memory / plain maps", n, float64(size)/float64(held), 0)
	r.ratioOf("collector's cycle / plain maps", n, live.median()/cycle.median(), 0)
	return nil
}

// collect returns how long full cycles of the collector take.
func collect(rounds int) (s samples) {
	runtime.GC()
	for range rounds {
		began := time.Now()
		runtime.GC()
		s = append(s, float64(time.Since(began)))
	}
	return s
}

// views measures the making of views.
func (r *run) views(ctx context.Context) error {
	s := r.section("Making a view", "`Graph.View` with a lens, of a graph with 10,000 statements.")
	const n = 10_000
	d := synthetic(n)
	g, err := graph.Open(ctx, events.NewMem(), nil)
	if err != nil {
		return err
	}
	defer g.Close()
	if _, err := record(ctx, g, d.registrations(), d.statements()); err != nil {
		return err
	}
	var v graph.View
	for _, x := range []struct {
		name string
		lens *graph.Lens
	}{
		{"now", nil},
		{"as of a position", &graph.Lens{AsOf: d.added(n / 2)}},
		{"recorded by a time", &graph.Lens{RecordedBy: time.Unix(1, 0)}},
		{"least certainty", &graph.Lens{Least: events.Probable}},
		{"valid in a year", &graph.Lens{Valid: graph.Possibly(edtf.MustParse("2014"))}},
		{"according to somebody", &graph.Lens{According: []uuid.UUID{entityID(1)}}},
	} {
		view := func() error {
			v = g.View(x.lens)
			return nil
		}
		taken, err := byTurns(r.rounds, view, r.yardstick.measure)
		if err != nil {
			return err
		}
		s.add(x.name, "time", 0, taken[0].median(), "ns")
		s.add(x.name, "allocations", 0, testing.AllocsPerRun(100, func() { v = g.View(x.lens) }), "")
		r.ratio("view "+x.name+" / yardstick", 0, taken[0], taken[1])
	}
	runtime.KeepAlive(v)
	return nil
}
