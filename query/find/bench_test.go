package find_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	sqlite3 "github.com/ncruces/go-sqlite3"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query/find"
)

const (
	benchStatements = 20_000
	benchNames      = 10_000
)

// library is a record for benchmarks: statements with a gloss of 15 words out of
// 5,000, as unevenly frequent as those of a language, and people.
var library = sync.OnceValues(func() (*graph.Graph, []string) {
	r := rand.New(rand.NewPCG(1, 2))
	syllables := strings.Fields("ka lo mi ne ru ta shi vor dan pe sol gri bu tem hal zu cro ni fe lan")
	word := func() string {
		var b strings.Builder
		for range 2 + r.IntN(3) {
			b.WriteString(syllables[r.IntN(len(syllables))])
		}
		return b.String()
	}
	vocabulary := make([]string, 5000)
	for i := range vocabulary {
		vocabulary[i] = word()
	}
	vocabulary[30], vocabulary[900] = "witkoff", "kushner"
	zipf := rand.NewZipf(r, 1.1, 2, uint64(len(vocabulary)-1))
	g, err := graph.Open(ctx, events.NewMem(), nil)
	if err != nil {
		panic(err)
	}
	var texts []string
	for from := 0; from < benchStatements; from += 1000 {
		b := events.NewBatch("desk")
		who := b.Person("Speaker")
		src := b.Source(fmt.Sprint("https://example.org/", from)).By(who)
		for range 1000 {
			words := make([]string, 15)
			for i := range words {
				words[i] = vocabulary[zipf.Uint64()]
			}
			texts = append(texts, strings.Join(words, " "))
			src.Says("mention", who).Gloss(texts[len(texts)-1])
		}
		for range benchNames * 1000 / benchStatements {
			first, last := word(), word()
			b.Person(strings.ToUpper(first[:1]) + first[1:] + " " + strings.ToUpper(last[:1]) + last[1:])
		}
		batch, err := b.Batch()
		if err != nil {
			panic(err)
		}
		if _, err := g.Record(ctx, batch); err != nil {
			panic(err)
		}
	}
	return g, texts
})

// BenchmarkOpen makes an index in a file, beside a plain table of the texts, opens
// it again, and says how many bytes it needs.
func BenchmarkOpen(b *testing.B) {
	g, texts := library()
	size := 0
	for _, t := range texts {
		size += len(t)
	}
	path := file(b)
	var perText float64
	b.Run("plain table", func(b *testing.B) {
		plain := file(b)
		for b.Loop() {
			os.Remove(plain)
			plainTable(b, plain, texts).Close()
		}
		perText = float64(b.Elapsed().Microseconds()) / float64(b.N) / benchStatements
		b.ReportMetric(perText, "µs/entry")
	})
	b.Run("new", func(b *testing.B) {
		for b.Loop() {
			os.Remove(path)
			x, err := find.Open(ctx, g, path)
			if err != nil {
				b.Fatal(err)
			}
			if err := x.Close(); err != nil {
				b.Fatal(err)
			}
		}
		info, err := os.Stat(path)
		if err != nil {
			b.Fatal(err)
		}
		entries := benchStatements + benchNames
		perEntry := float64(b.Elapsed().Microseconds()) / float64(b.N) / float64(entries)
		b.ReportMetric(perEntry, "µs/entry")
		b.ReportMetric(perEntry/perText, "×plain")
		b.ReportMetric(float64(info.Size())/float64(entries), "B/entry")
		b.ReportMetric(float64(size)/benchStatements, "text-B/statement")
	})
	b.Run("again", func(b *testing.B) {
		for b.Loop() {
			x, err := find.Open(ctx, g, path)
			if err != nil {
				b.Fatal(err)
			}
			x.Close()
		}
	})
}

// plainTable makes a table of the texts by the same driver.
func plainTable(b *testing.B, path string, texts []string) *sqlite3.Conn {
	db, err := sqlite3.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	if err := db.Exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT); BEGIN`); err != nil {
		b.Fatal(err)
	}
	s, _, err := db.Prepare(`INSERT INTO t (text) VALUES (?1)`)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	for _, t := range texts {
		if err := s.BindText(1, t); err != nil {
			b.Fatal(err)
		}
		if err := s.Exec(); err != nil {
			b.Fatal(err)
		}
	}
	if err := db.Exec(`COMMIT`); err != nil {
		b.Fatal(err)
	}
	return db
}

// BenchmarkStatements asks for the 10 best statements with a word that many have,
// with one that few have, and with two words, beside going through all texts.
func BenchmarkStatements(b *testing.B) {
	g, texts := library()
	x := open(b, g, "")
	v := g.View(nil)
	for _, asked := range []string{"witkoff", "kushner", "witkoff kushner"} {
		var perOp float64
		want := 0
		for _, t := range texts {
			if hasAll(t, strings.Fields(asked)) {
				want++
			}
		}
		b.Run(fmt.Sprintf("%q/find", asked), func(b *testing.B) {
			for b.Loop() {
				for _, err := range x.Statements(ctx, v, asked, &find.Options{Most: 10}) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
			perOp = float64(b.Elapsed().Nanoseconds()) / float64(b.N)
			b.ReportMetric(float64(want), "matches")
		})
		b.Run(fmt.Sprintf("%q/all of them", asked), func(b *testing.B) {
			for b.Loop() {
				n := 0
				for _, err := range x.Statements(ctx, v, asked, nil) {
					if err != nil {
						b.Fatal(err)
					}
					n++
				}
				if n != want {
					b.Fatalf("%d found, want %d", n, want)
				}
			}
		})
		b.Run(fmt.Sprintf("%q/LIKE", asked), func(b *testing.B) {
			db := plainTable(b, ":memory:", texts)
			defer db.Close()
			var where []string
			for _, w := range strings.Fields(asked) {
				where = append(where, `text LIKE '%`+w+`%'`)
			}
			q, _, err := db.Prepare(`SELECT id FROM t WHERE ` + strings.Join(where, " AND ") + ` LIMIT 10000`)
			if err != nil {
				b.Fatal(err)
			}
			defer q.Close()
			for b.Loop() {
				for q.Step() {
				}
				if err := q.Reset(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/perOp, "×find")
		})
		b.Run(fmt.Sprintf("%q/strings.Contains", asked), func(b *testing.B) {
			for b.Loop() {
				n := 0
				for _, t := range texts {
					if hasAll(t, strings.Fields(asked)) {
						n++
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/perOp, "×find")
		})
	}
}

func hasAll(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// BenchmarkEntities asks for a name that is spelled differently, among 10,000,
// beside comparing it with each of them.
func BenchmarkEntities(b *testing.B) {
	g, _ := library()
	x := open(b, g, "")
	v := g.View(nil)
	for _, asked := range []string{"Vordana", "Вордана Лошити", "Li"} {
		var perOp float64
		b.Run(asked+"/find", func(b *testing.B) {
			n := 0
			for b.Loop() {
				n = 0
				for _, err := range x.Entities(ctx, v, asked, nil) {
					if err != nil {
						b.Fatal(err)
					}
					n++
				}
			}
			perOp = float64(b.Elapsed().Nanoseconds()) / float64(b.N)
			b.ReportMetric(float64(n), "found")
		})
		b.Run(asked+"/each name", func(b *testing.B) {
			var all []string
			for e, err := range v.Events(ctx, 0) {
				if err != nil {
					b.Fatal(err)
				}
				if r, ok := e.Body.(*events.EntityRegistered); ok {
					all = append(all, r.Entity.Name.Text)
				}
			}
			for b.Loop() {
				for _, name := range all {
					find.Score(asked, name)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/perOp, "×find")
		})
	}
}

// BenchmarkSaidName asks for a name that stands in the texts of many statements and in the
// titles of as many sources.
//
//	said-ratio: how long that takes against a name that stands in none of them
func BenchmarkSaidName(b *testing.B) {
	const said = 16_000
	g, err := graph.Open(ctx, events.NewMem(), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer g.Close()
	for from := 0; from < said; from += 1000 {
		batch := events.NewBatch("desk")
		who, other := batch.Person("Vordana Loshiti"), batch.Person("Kalomi Griburu")
		for i := range 1000 {
			batch.Source(fmt.Sprint("https://example.org/", from+i)).Title("What Vordana Loshiti did").By(other).
				Says("mention", who).Gloss(fmt.Sprint("number ", from+i, " about Vordana Loshiti"))
		}
		record, err := batch.Batch()
		if err != nil {
			b.Fatal(err)
		}
		if _, err := g.Record(ctx, record); err != nil {
			b.Fatal(err)
		}
	}
	x, v := open(b, g, ""), g.View(nil)
	asks := func(name string) time.Duration {
		begin := time.Now()
		n := 0
		for _, err := range x.Entities(ctx, v, name, nil) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != 1 {
			b.Fatalf("%d are called %s", n, name)
		}
		return time.Since(begin)
	}
	var inTexts, inNone time.Duration
	for b.Loop() {
		inTexts += asks("Vordana Loshiti")
		inNone += asks("Kalomi Griburu")
	}
	b.ReportMetric(float64(inTexts.Microseconds())/float64(b.N), "said-µs")
	b.ReportMetric(inTexts.Seconds()/inNone.Seconds(), "said-ratio")
}
