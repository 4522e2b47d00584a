package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/sqlite"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/seed"
	"github.com/onrecord/onrecord/query"
)

// icews14 returns the year 2014 as it was coded, which is not part of the module.
func icews14(t testing.TB) *table {
	t.Helper()
	path := filepath.FromSlash("../../../shared/data/icews14/icews14.tsv.gz")
	if testing.Short() {
		t.Skip("it takes some seconds; -short")
	}
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the real file is not here: %v", err)
	}
	return mustTable(t, path)
}

// Every row goes in and comes out as it was.
func TestICEWS14(t *testing.T) {
	if seed.Race {
		t.Skip("90,730 rows take the race detector a minute, which shows no more than few")
	}
	tab := icews14(t)
	rows, err := tab.read(0, tab.rows())
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 90_730 {
		t.Fatalf("%d rows, want 90,730", len(rows))
	}
	g := openGraph(t, events.NewMem())
	if done, err := load(t.Context(), g, tab, 1000, quiet); err != nil || done != (loaded{90_730, 91, 90_730}) {
		t.Fatalf("%+v, %v", done, err)
	}
	v := g.View(nil)
	names := make(map[uuid.UUID]string)
	name := func(value events.Value) string {
		if names[value.ID] == "" {
			e, err := v.Entity(t.Context(), value.ID)
			if err != nil {
				t.Fatal(err)
			}
			names[value.ID] = e.Name.Text
		}
		return names[value.ID]
	}
	seen := make(map[int]bool)
	for r, err := range query.Statements(t.Context(), v, graph.Pattern{}) {
		if err != nil {
			t.Fatal(err)
		}
		c := r.Claim
		if len(c.Args) != 2 || c.Args[0].Role != roleSource || c.Args[1].Role != roleTarget {
			t.Fatalf("arguments %+v", c.Args)
		}
		got := row{date: c.When.Time.String(), subject: name(c.Args[0].Value), relation: c.Predicate, object: name(c.Args[1].Value)}
		if _, err := fmt.Sscanf(r.Selector.Locator, "line %d", &got.line); err != nil {
			t.Fatalf("locator %q: %v", r.Selector.Locator, err)
		}
		if want := rows[got.line-tab.first]; got != want || seen[got.line] {
			t.Fatalf("line %d comes out as %+v, went in as %+v; twice: %v", got.line, got, want, seen[got.line])
		}
		seen[got.line] = true
	}
	if len(seen) != len(rows) {
		t.Errorf("%d rows come out of %d", len(seen), len(rows))
	}
	var relations tally[string]
	for _, r := range rows {
		relations.add(r.relation)
	}
	if relations.len() != 230 {
		t.Errorf("%d relations, want 230", relations.len())
	}
	for _, s := range speech {
		found := false
		for _, r := range relations.order {
			_, ok := spoken(r)
			found = found || ok && len(r) >= len(s.prefix) && r[:len(s.prefix)] == s.prefix
		}
		if !found {
			t.Errorf("no relation begins with %q", s.prefix)
		}
	}
}

// batchesOf returns a table as batches of 1,000 rows.
func batchesOf(b *testing.B, tab *table) (batches []*events.Batch) {
	b.Helper()
	c := newCoder(tab, func() *events.Builder { return events.NewBatch(recorder) }, func(uuid.UUID) bool { return false })
	add := func(batch *events.Batch, err error) {
		if err != nil {
			b.Fatal(err)
		}
		batches = append(batches, batch)
	}
	add(c.opening())
	for start := 0; start < tab.rows(); start += 1000 {
		rows, err := tab.read(start, min(start+1000, tab.rows()))
		if err != nil {
			b.Fatal(err)
		}
		for batch, err := range c.batches(rows) {
			add(batch, err)
		}
	}
	return batches
}

func recordAll(b *testing.B, store events.Store, batches []*events.Batch) {
	b.Helper()
	g, err := graph.Open(b.Context(), store, nil)
	if err != nil {
		b.Fatal(err)
	}
	for _, batch := range batches {
		if _, err := g.Record(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	if err := g.Close(); err != nil {
		b.Fatal(err)
	}
}

func perSecond(b *testing.B, n int) {
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "statements/s")
}

// BenchmarkBuild makes batches of rows.
func BenchmarkBuild(b *testing.B) {
	tab := icews14(b)
	for b.Loop() {
		batchesOf(b, tab)
	}
	perSecond(b, tab.rows())
}

// BenchmarkRecordMem records batches of 1,000 in memory: check, encode, fold.
func BenchmarkRecordMem(b *testing.B) {
	tab := icews14(b)
	batches := batchesOf(b, tab)
	for b.Loop() {
		recordAll(b, events.NewMem(), batches)
	}
	perSecond(b, tab.rows())
}

// BenchmarkFold opens a record that is in memory: decode and fold alone.
func BenchmarkFold(b *testing.B) {
	tab := icews14(b)
	store := events.NewMem()
	recordAll(b, store, batchesOf(b, tab))
	for b.Loop() {
		recordAll(b, store, nil)
	}
	perSecond(b, tab.rows())
}

// BenchmarkRecordSQLite records batches of 1,000, each durable before the next.
func BenchmarkRecordSQLite(b *testing.B) {
	tab := icews14(b)
	batches := batchesOf(b, tab)
	dir := b.TempDir()
	var path string
	for n := 0; b.Loop(); n++ {
		path = filepath.Join(dir, fmt.Sprint(n, ".db"))
		recordTo(b, path, batches)
	}
	perSecond(b, tab.rows())
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(info.Size())/float64(tab.rows()), "B/statement")
}

func recordTo(b *testing.B, path string, batches []*events.Batch) {
	b.Helper()
	store, err := sqlite.Open(path, nil)
	if err != nil {
		b.Fatal(err)
	}
	recordAll(b, store, batches)
	if err := store.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkOpen opens the finished file, and weighs what is kept in memory: the
// graph alone, without what it reads from the record later.
func BenchmarkOpen(b *testing.B) {
	tab := icews14(b)
	path := filepath.Join(b.TempDir(), "icews.db")
	recordTo(b, path, batchesOf(b, tab))
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	store, err := sqlite.Open(path, nil)
	if err != nil {
		b.Fatal(err)
	}
	before := heap()
	g, err := graph.Open(b.Context(), store, nil)
	if err != nil {
		b.Fatal(err)
	}
	after := heap()
	g.Close()
	store.Close()

	for b.Loop() {
		store, err := sqlite.Open(path, nil)
		if err != nil {
			b.Fatal(err)
		}
		recordAll(b, store, nil)
		store.Close()
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/open")
	b.ReportMetric(float64(after-before)/float64(tab.rows()), "heap-B/statement")
}

// BenchmarkAnswers asks all questions of the program.
func BenchmarkAnswers(b *testing.B) {
	tab := icews14(b)
	store := events.NewMem()
	recordAll(b, store, batchesOf(b, tab))
	g := openGraph(b, store)
	for b.Loop() {
		if err := answer(b.Context(), io.Discard, g, settings{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(time.Millisecond), "ms/answers")
}
