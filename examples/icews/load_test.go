package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/sqlite"
	"github.com/onrecord/onrecord/graph"
)

func openGraph(t testing.TB, store events.Store) *graph.Graph {
	t.Helper()
	g, err := graph.Open(t.Context(), store, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	return g
}

func mustTable(t testing.TB, path string) *table {
	t.Helper()
	tab, err := openTable(path)
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

func quiet(int) {}

// idsOf returns the ids of all statements, in the view's order.
func idsOf(g *graph.Graph) (ids []uuid.UUID) {
	for s := range g.View(nil).Statements(graph.Pattern{}) {
		ids = append(ids, s.ID())
	}
	return ids
}

func TestGzip(t *testing.T) {
	plain, err := os.ReadFile(small)
	if err != nil {
		t.Fatal(err)
	}
	packed := filepath.Join(t.TempDir(), "northport.tsv.gz")
	write := func(data []byte) {
		if err := os.WriteFile(packed, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(plain)
	z.Close()
	write(b.Bytes())

	g := openGraph(t, events.NewMem())
	if done, err := load(t.Context(), g, mustTable(t, small), 5, quiet); err != nil || done != (loaded{14, 3, 14}) {
		t.Fatalf("plain: %+v, %v", done, err)
	}
	position := g.View(nil).Position()
	done, err := load(t.Context(), g, mustTable(t, packed), 5, quiet)
	if err != nil || done != (loaded{14, 0, 0}) {
		t.Errorf("packed: %+v, %v", done, err)
	}
	if got := g.View(nil).Position(); got != position {
		t.Errorf("the packed table was recorded in batches %d to %d", position+1, got)
	}

	write(b.Bytes()[:b.Len()-6])
	if _, err := openTable(packed); !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), packed) {
		t.Errorf("cut short: %v", err)
	}
}

// An interrupted load leaves whole batches; going on, with batches of any size,
// comes to the same as a load in one go.
func TestInterrupted(t *testing.T) {
	tab := mustTable(t, small)
	whole := openGraph(t, events.NewMem())
	if _, err := load(t.Context(), whole, tab, 1000, quiet); err != nil {
		t.Fatal(err)
	}
	want := idsOf(whole)

	path := filepath.Join(t.TempDir(), "a.db")
	store, err := sqlite.Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	g := openGraph(t, store)
	ctx, cancel := context.WithCancel(t.Context())
	done, err := load(ctx, g, tab, 5, func(rows int) {
		if rows == 10 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || done.rows != 10 || len(idsOf(g)) != 10 {
		t.Fatalf("%+v, %v, with %d statements", done, err, len(idsOf(g)))
	}
	g.Close()
	store.Close()

	if store, err = sqlite.Open(path, nil); err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	g = openGraph(t, store)
	done, err = load(t.Context(), g, tab, 4, quiet)
	if err != nil || done != (loaded{14, 2, 4}) {
		t.Errorf("going on: %+v, %v", done, err)
	}
	if got := idsOf(g); !equal(got, want) {
		t.Errorf("the statements differ from those of a load in one go:\n%v\n%v", got, want)
	}
}

// Any number of rows may be recorded at once: what is too much for one batch comes in
// several, and an interruption leaves those that are whole.
func TestManyRowsAtOnce(t *testing.T) {
	const rows = 6000
	var text strings.Builder
	for i := range rows {
		fmt.Fprintf(&text, "2031-03-05\tActor %d\tMake statement\tActor %d\ttrain\n", i, i+1)
	}
	path := filepath.Join(t.TempDir(), "many.tsv")
	if err := os.WriteFile(path, []byte(text.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	tab := mustTable(t, path)
	few := openGraph(t, events.NewMem())
	if done, err := load(t.Context(), few, tab, 500, quiet); err != nil || done != (loaded{rows, rows / 500, rows}) {
		t.Fatalf("500 at once: %+v, %v", done, err)
	}

	g := openGraph(t, events.NewMem())
	ctx, cancel := context.WithCancel(t.Context())
	first, err := load(ctx, g, tab, math.MaxInt, func(int) { cancel() })
	if n := len(idsOf(g)); !errors.Is(err, context.Canceled) || first.batches != 1 || first.rows != n || n == 0 || n == rows {
		t.Fatalf("interrupted: %+v, %v, with %d statements", first, err, n)
	}
	done, err := load(t.Context(), g, tab, math.MaxInt, quiet)
	if err != nil || done.rows != rows || done.batches < 1 || done.new != rows-first.rows {
		t.Errorf("all at once: %+v, %v", done, err)
	}
	if !equal(idsOf(g), idsOf(few)) {
		t.Error("the statements differ from those of a load of 500 rows at once")
	}
}

func equal(a, b []uuid.UUID) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestBadRow(t *testing.T) {
	text, err := os.ReadFile(small)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	const at = 9 // of 15, in the second batch of five rows
	good := lines[at-1]
	path := filepath.Join(t.TempDir(), "northport.tsv")
	for _, c := range []struct{ row, want string }{
		{"2031-13-05\tA\tMake statement\tB\ttrain", `date "2031-13-05": want a month from 01 to 12, or a part of the year from 21 to 41, found 13`},
		{"2031-02-29\tA\tMake statement\tB\ttrain", `date "2031-02-29": want a day from 01 to 28, found 29`},
		{"2031-03\tA\tMake statement\tB\ttrain", `date "2031-03": want one day, such as 2014-01-31`},
		{"\tA\tMake statement\tB\ttrain", "date is empty"},
		{"2031-03-05\t\tMake statement\tB\ttrain", "subject is empty"},
		{"2031-03-05\tA\tMake statement\t \ttrain", "object is empty"},
		{"2031-03-05\tA\t\tB\ttrain", "relation is empty"},
		{"2031-03-05\tA\tMake statement\tB \ttrain", `object "B ": has spaces around it`},
		{"2031-03-05\tA\tMake statement\tB\tlearn", `split "learn": want train, valid or test`},
		{"2031-03-05\tA\tMake statement\tB", "4 columns: want 5, date, subject, relation, object, split"},
		{"", "1 columns: want 5, date, subject, relation, object, split"},
		{"2031-03-05\t" + strings.Repeat("A", 1001) + "\tMake statement\tB\ttrain", "subject: 1001 bytes, want at most 1000"},
	} {
		lines[at-1] = c.row + "\n"
		if err := os.WriteFile(path, []byte(strings.Join(lines, "")), 0o666); err != nil {
			t.Fatal(err)
		}
		g := openGraph(t, events.NewMem())
		done, err := load(t.Context(), g, mustTable(t, path), 5, quiet)
		if want := path + ":9: " + c.want; err == nil || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", c.row, err, want)
		}
		if n := len(idsOf(g)); done.rows != 5 || n != 5 {
			t.Errorf("%q: %d rows and %d statements recorded, want the batch before it", c.row, done.rows, n)
		}

		// Put right, it goes on from there.
		lines[at-1] = good
		if err := os.WriteFile(path, []byte(strings.Join(lines, "")), 0o666); err != nil {
			t.Fatal(err)
		}
		done, err = load(t.Context(), g, mustTable(t, path), 5, quiet)
		if err != nil || done != (loaded{14, 2, 9}) || len(idsOf(g)) != 14 {
			t.Errorf("%q put right: %+v, %v, %d statements", c.row, done, err, len(idsOf(g)))
		}
	}
}
