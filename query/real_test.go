package query_test

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/model"
	"github.com/onrecord/onrecord/internal/seed"
	"github.com/onrecord/onrecord/query"
)

// TestReal compares the answers about real statements with those of the slow
// model, as TestModel does for random ones. The model knows one year only and
// counts in days: dates are moved to that year and cut to the day.
func TestReal(t *testing.T) {
	if seed.Race {
		t.Skip("one goroutine and the slow model: TestModel has shown the race detector the same")
	}
	for _, c := range []struct {
		name    string
		batches func(*testing.T) ([]*events.Batch, []string)
	}{{"statements of Ukrainian officials", ukraine}, {"ICEWS", icews}} {
		t.Run(c.name, func(t *testing.T) {
			batches, predicates := c.batches(t)
			clock := time.Date(2025, 12, 20, 0, 0, 0, 0, time.UTC)
			g, err := graph.Open(ctx, events.NewMem(), &graph.Options{Now: func() time.Time { return clock }})
			if err != nil {
				t.Fatal(err)
			}
			defer g.Close()
			m, all, busy := model.New(), model.NewGen(), model.NewGen()
			for _, b := range batches {
				clock = clock.Add(time.Hour)
				if _, err := g.Record(ctx, b); err != nil {
					t.Fatal(err)
				}
				if o := m.Record(*b, clock); o.Class != model.Recorded {
					t.Fatalf("the model says %v: %s", o.Class, o.Why)
				}
			}
			all.Entities = busiest(g.View(nil))
			busy.Entities = all.Entities[5:20]
			found := make(map[string]int)
			exams, most := 0, 3 // the model takes its time
			rapid.Check(t, func(t *rapid.T) {
				if exams++; exams > most {
					return
				}
				var l model.Lens
				if exams%3 == 0 {
					l = model.Lens{AsOf: events.Position(rapid.IntRange(1, len(batches)).Draw(t, "as of"))}
				}
				p := model.Pattern{Entity: rapid.SampledFrom(busy.Entities).Draw(t, "entity")}
				if exams%2 == 0 && len(predicates) > 1 {
					p = model.Pattern{Predicate: rapid.SampledFrom(predicates).Draw(t, "predicate")}
				}
				x := newExam(t, g, m, all, l, p)
				x.found, x.gen = found, busy
				x.lists()
				x.occurrences()
				x.dissent()
				x.identities()
				x.foundations()
				x.changes()
				x.evolution()
				// The model makes every way there is before it looks for the shortest.
				from, to := x.entity("from"), x.entity("to")
				x.paths(from, to, 5, 2, &query.PathOptions{Longest: 2})
				x.neighbours(from, 1, nil)
			})
			t.Log(len(m.IDs()), "events:", found)
			if found["Statements"] == 0 {
				t.Error("nothing was found by any question")
			}
		})
	}
}

// busiest returns the entities that statements name, those first that most do.
func busiest(v graph.View) []uuid.UUID {
	count := make(map[uuid.UUID]int)
	for s := range v.Statements(graph.Pattern{}) {
		for _, e := range s.Entities() {
			count[e]++
		}
		speakers, _ := s.Speakers(0)
		for _, e := range speakers {
			count[e]++
		}
	}
	return slices.SortedFunc(maps.Keys(count), func(a, b uuid.UUID) int {
		return cmp.Or(count[b]-count[a], bytes.Compare(a[:], b[:]))
	})
}

// real opens a file of the real data, which is not part of the module.
func real(t *testing.T, name string) io.Reader {
	t.Helper()
	if testing.Short() {
		t.Skip("it takes some seconds; -short")
	}
	f, err := os.Open(filepath.Join("..", "..", "shared", "data", filepath.FromSlash(name)))
	if err != nil {
		t.Skipf("the real data is not here: %v", err)
	}
	t.Cleanup(func() { f.Close() })
	r, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// moved is the day of a date, in the model's year.
func moved(date string) string { return "2025" + date[len("2022"):len("2022-05-17")] }

// key is a natural key that names of any length may have.
func key(b *events.Builder, kind events.EntityKind, name string) events.EntityRef {
	return b.Entity(kind, name, name)
}

// ukraine returns what Ukrainian officials said in the spring of 2022, ten
// statements a batch. An id that occurs twice has two versions: both stay.
func ukraine(t *testing.T) (batches []*events.Batch, predicates []string) {
	lines := json.NewDecoder(real(t, "ukraine-2022/statements-en.jsonl.gz"))
	b, n, seen := events.NewBatch("desk"), 0, map[string]bool{}
	for lines.More() {
		var s struct {
			ID, Date, Text, URL, Name string
			Speaker, Topics, Cities   []string
		}
		if err := lines.Decode(&s); err != nil {
			t.Fatal(err)
		}
		source := events.Source{ID: events.Key("source", s.URL), URL: s.URL, Title: s.Name, Published: day(moved(s.Date))}
		if !seen[s.URL] {
			seen[s.URL] = true
			b.Add(&events.SourceAdded{Source: source})
		}
		var speakers []events.EntityRef
		for _, name := range s.Speaker {
			speakers = append(speakers, key(b, events.Person, name))
		}
		st := b.Known(source.ID, b.Organisation("the channel")).Reports(speakers[0], "say").With(speakers[1:]...).Said(moved(s.Date)).
			On(moved(s.Date)).Arg("what", events.Text(s.Text, "en"))
		for _, topic := range s.Topics {
			st.Role("about", key(b, events.Topic, topic))
		}
		for _, city := range s.Cities {
			st.Role("about", key(b, events.Place, city))
		}
		if n++; n%10 == 0 {
			batches, b = append(batches, built(t, b)), events.NewBatch("desk")
		}
	}
	if n != 364 {
		t.Fatalf("%d statements, want 364", n)
	}
	return append(batches, built(t, b)), []string{"say"}
}

// spoken are the relations that are acts of speech of the one who acts.
var spoken = regexp.MustCompile("^(Make|Consult|Express|Criticize|Accuse|Demand|Threaten|Praise|Reject|Discuss)")

// icews returns 400 coded events, spread over the year 2014, 50 a batch.
func icews(t *testing.T) (batches []*events.Batch, predicates []string) {
	b, n, seen := events.NewBatch("desk"), 0, map[string]bool{}
	table := events.Source{ID: events.Key("source", "icews"), Published: day("2025-12-20")}
	b.Add(&events.SourceAdded{Source: table})
	coder := b.Organisation("ICEWS")
	lines := bufio.NewScanner(real(t, "icews14/icews14.tsv.gz"))
	for row := 0; lines.Scan(); row++ {
		cells := strings.Split(lines.Text(), "\t")
		if row%225 != 1 || moved(cells[0]) == "2025-01-01" || moved(cells[0]) == "2025-12-31" { // the model's ends of time
			continue
		}
		subject, relation := key(b, events.Group, cells[1]), cells[2]
		source := b.Known(table.ID, coder)
		st := source.Says(relation)
		if spoken.MatchString(relation) {
			st = source.Reports(subject, relation).Said(moved(cells[0]))
		}
		st.Role("source", subject).Role("target", key(b, events.Group, cells[3])).
			On(moved(cells[0])).Locator(fmt.Sprint("line ", row+1))
		if !seen[relation] {
			seen[relation] = true
			predicates = append(predicates, relation)
		}
		if n++; n%50 == 0 {
			batches, b = append(batches, built(t, b)), events.NewBatch("desk")
		}
	}
	if n < 400 {
		t.Fatalf("%d rows, want over 400", n)
	}
	return append(batches, built(t, b)), predicates
}

func built(t *testing.T, b *events.Builder) *events.Batch {
	t.Helper()
	batch, err := b.Batch()
	if err != nil {
		t.Fatal(err)
	}
	return batch
}
