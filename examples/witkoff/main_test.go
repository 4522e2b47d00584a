package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

var update = flag.Bool("update", false, "write testdata/dossier.txt")

// open opens a graph of the whole story.
func open(t *testing.T, store events.Store) *graph.Graph {
	t.Helper()
	var now clock
	g, err := graph.Open(t.Context(), store, &graph.Options{Now: now.time})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	if _, err := record(t.Context(), g, &now); err != nil {
		t.Fatal(err)
	}
	return g
}

// prefix returns a store with the first n records of another.
func prefix(t *testing.T, from events.Store, n events.Seq) events.Store {
	t.Helper()
	to := events.NewMem()
	for r, err := range from.Scan(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Seq > n {
			break
		}
		if _, err := to.Append(t.Context(), r.Seq-1, r.Data); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

func TestDossier(t *testing.T) {
	var out bytes.Buffer
	if err := printDossier(t.Context(), &out, open(t, events.NewMem())); err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "dossier.txt")
	if *update {
		if err := os.WriteFile(golden, out.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got := out.String(); got != string(want) {
		t.Errorf("the dossier differs from %s (-update writes it):\n%s", golden, got)
	}
	for line := range strings.Lines(out.String()) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

// TestAgain runs the program twice on one file: nothing is recorded twice, and
// the answers are the same.
func TestAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "story.db")
	var dossiers, tallies []string
	for range 2 {
		var out bytes.Buffer
		if err := run(t.Context(), []string{"-db", path}, &out); err != nil {
			t.Fatal(err)
		}
		dossier, tally, ok := strings.Cut(out.String(), "\nRecord: ")
		if !ok {
			t.Fatalf("no tally:\n%s", out.String())
		}
		dossiers, tallies = append(dossiers, dossier), append(tallies, tally)
	}
	if dossiers[0] != dossiers[1] {
		t.Errorf("the first run printed\n%s\nthe second\n%s", dossiers[0], dossiers[1])
	}
	if strings.Contains(tallies[0], " 0 of them new") || !strings.Contains(tallies[1], " 0 of them new") {
		t.Errorf("first %ssecond %s", tallies[0], tallies[1])
	}
}

// TestPrefixes replays the first n batches, for every n, and compares the graph
// with the whole one as of that position.
func TestPrefixes(t *testing.T) {
	ctx := t.Context()
	store := events.NewMem()
	whole := open(t, store)
	end := whole.View(nil)
	last, err := store.Last(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if int(last) != len(chapters()) || end.Position() != events.Position(last) {
		t.Fatalf("%d records, position %d, want one for each of %d chapters", last, end.Position(), len(chapters()))
	}
	things := mentioned(t, store)
	for n := range last + 1 {
		g, err := graph.Open(ctx, prefix(t, store, n), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		replayed, asOf := g.View(nil), whole.View(&graph.Lens{AsOf: events.Position(n)})
		if n == 0 { // as of position 0 means now: look from before the first batch
			asOf = whole.View(&graph.Lens{RecordedBy: chapters()[0].recorded.Add(-time.Nanosecond)})
		}
		if replayed.Position() != events.Position(n) || asOf.Position() != replayed.Position() {
			t.Errorf("%d batches: position %d replayed, %d as of", n, replayed.Position(), asOf.Position())
		}
		got, want := shown(t, replayed, things), shown(t, asOf, things)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%d batches: replayed %d things, as of then %d, and not the same", n, len(got), len(want))
			for id := range want {
				if !reflect.DeepEqual(got[id], want[id]) {
					t.Errorf("  %v:\n got %+v\nwant %+v", id, got[id], want[id])
				}
			}
		}
	}
}

// mentioned returns the ids of all events, entities and sources of a record.
func mentioned(t *testing.T, store events.Store) (ids []uuid.UUID) {
	t.Helper()
	for r, err := range store.Scan(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		h, err := r.Header()
		if err != nil {
			t.Fatal(err)
		}
		for e, err := range h.Events() {
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, e.ID)
			switch b := e.Body.(type) {
			case *events.EntityRegistered:
				ids = append(ids, b.Entity.ID)
			case *events.SourceAdded:
				ids = append(ids, b.Source.ID)
			}
		}
	}
	return ids
}

// about is everything that a view has to say of an id.
type about struct {
	Reading *graph.Reading
	Event   *events.Event
	Entity  *graph.Entity
	Source  *events.Source
	Links   []graph.Link
	Edges   int
}

// shown returns what a view shows of the ids, those aside that it does not know.
func shown(t *testing.T, v graph.View, ids []uuid.UUID) map[uuid.UUID]about {
	t.Helper()
	all := make(map[uuid.UUID]about)
	known := func(err error) bool {
		if err != nil && !errors.Is(err, graph.ErrNotInView) {
			t.Fatal(err)
		}
		return err == nil
	}
	for _, id := range ids {
		var a about
		if e, err := v.Event(t.Context(), id); known(err) {
			a.Event = e
		}
		if e, err := v.Entity(t.Context(), id); known(err) {
			a.Entity = e
		}
		if s, err := v.Source(t.Context(), id); known(err) {
			a.Source = s
		}
		a.Links = v.Links(id)
		for range query.Edges(v, id) {
			a.Edges++
		}
		if !reflect.DeepEqual(a, about{}) {
			all[id] = a
		}
	}
	for r, err := range query.Statements(t.Context(), v, graph.Pattern{}) {
		if err != nil {
			t.Fatal(err)
		}
		a := all[r.ID]
		a.Reading = r
		all[r.ID] = a
	}
	return all
}

func TestArticle(t *testing.T) {
	readList(t)
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-article", filepath.Join(articleFolder, "article.txt")}, &out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "Article: 43 statements verified") {
		t.Errorf("it printed\n%s", out.String())
	}
}

// A statement that is not where it is said to be is told.
func TestVerifyTells(t *testing.T) {
	const text = "They met. He said so."
	b := events.NewBatch("desk")
	author := b.Placeholder("the author")
	sum := sha256.Sum256([]byte(text))
	b.Add(&events.SourceAdded{Source: events.Source{ID: articleID, SHA256: sum[:]}})
	s := b.Known(articleID, author)
	s.Says("meet").At(0, 9)
	s.Says("say").At(10, 22).Locator("S2")
	s.Quotes(author, "He said", "say").At(11, 18)
	batch, err := b.Batch()
	if err != nil {
		t.Fatal(err)
	}
	g, err := graph.Open(t.Context(), events.NewMem(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	if _, err := g.Record(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err = verify(t.Context(), &out, g.View(nil), text)
	if !errors.Is(err, query.ErrText) || !strings.Contains(err.Error(), "1 statement") ||
		!strings.Contains(err.Error(), "10 to 22") || !strings.Contains(err.Error(), `"e said "`) || out.Len() > 0 {
		t.Errorf("error %v, printed %q", err, out.String())
	}
}

func TestRunTells(t *testing.T) {
	dir := t.TempDir()
	other := filepath.Join(dir, "other.txt")
	if err := os.WriteFile(other, []byte("Another text."), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-article", other}, "is not the article"},
		{[]string{"-article", filepath.Join(dir, "none")}, "no such file"},
		{[]string{"-db", other}, "not an SQLite file"},
		{[]string{"-db", dir}, "not a file"},
		{[]string{"story.db"}, `unexpected argument "story.db"`},
		{[]string{"-x"}, "usage: witkoff"},
	} {
		var out bytes.Buffer
		err := run(context.Background(), c.args, &out)
		if err == nil || !strings.Contains(err.Error(), c.want) || out.Len() > 0 {
			t.Errorf("%q: error %v, want one with %q; printed %q", c.args, err, c.want, out.String())
		}
	}
	var out bytes.Buffer
	if err := run(context.Background(), []string{"-h"}, &out); !errors.Is(err, flag.ErrHelp) || out.String() != usage {
		t.Errorf("-h: error %v, printed %q", err, out.String())
	}
}
