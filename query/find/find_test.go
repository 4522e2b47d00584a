package find_test

import (
	"context"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/seed"
	"github.com/onrecord/onrecord/query/find"
)

var (
	_   = seed.Fix()
	ctx = context.Background()
)

// now is a clock that stands.
func now() time.Time { return time.Date(2025, 8, 4, 9, 0, 0, 0, time.UTC) }

// newGraph opens a graph on a store; its clock stands.
func newGraph(t testing.TB, store events.Store) *graph.Graph {
	t.Helper()
	g, err := graph.Open(ctx, store, &graph.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	return g
}

func record(t testing.TB, g *graph.Graph, b *events.Builder) events.Position {
	t.Helper()
	batch, err := b.Batch()
	if err != nil {
		t.Fatal(err)
	}
	r, err := g.Record(ctx, batch)
	if err != nil {
		t.Fatal(err)
	}
	return r.Position
}

// A score is not identity, not even 1. What a source calls somebody finds the statement only, and his
// name finds him only.
func TestScoreIsNotIdentity(t *testing.T) {
	g := newGraph(t, events.NewMem())
	b := g.NewBatch(ctx, "desk")
	for _, name := range []string{"Person 2", "Lee Ann", "Ann Lee"} {
		b.Person(name)
	}
	b.Source("https://gazette.example/1").By(b.Person("A. Reporter")).
		Says("meet", b.Person("Rolf Sand").As("the driver"), b.Person("Tom Vale"))
	record(t, g, b)
	x := open(t, g, "")
	for asked, want := range map[string]string{
		"Person 3": "Person 2 0.86", "Ann Lee": "Ann Lee 1.00, Lee Ann 1.00", "Tom Vale": "Tom Vale 1.00",
		"the driver": "written [the] [driver]",
	} {
		var got []string
		for h, err := range x.Entities(ctx, g.View(nil), asked, nil) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, fmt.Sprintf("%s %.2f", h.Matched.Text, h.Score))
		}
		for h, err := range x.Statements(ctx, g.View(nil), asked, nil) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, fmt.Sprintf("%v %s", h.Field, h.Snippet.Mark("[", "]")))
		}
		slices.Sort(got)
		if got := strings.Join(got, ", "); got != want {
			t.Errorf("%q finds %q, want %q", asked, got, want)
		}
	}
}

func open(t testing.TB, g *graph.Graph, path string) *find.Index {
	t.Helper()
	x, err := find.Open(ctx, g, path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	return x
}

func file(t testing.TB) string { return filepath.Join(t.TempDir(), "find.db") }

// said lists the glosses of the statements found.
func said(t testing.TB, x *find.Index, v graph.View, text string, opts *find.Options) (glosses []string) {
	t.Helper()
	for h, err := range x.Statements(ctx, v, text, opts) {
		if err != nil {
			t.Fatal(err)
		}
		glosses = append(glosses, h.Gloss)
	}
	return glosses
}

// The best comes first, of equals the one recorded first, and no more than asked
// for.
func TestOrder(t *testing.T) {
	g := newGraph(t, events.NewMem())
	x := open(t, g, "")
	for i, gloss := range []string{"a ship sank in the storm off the coast", "a ship", "ship, ship, ship", "a ship", "a boat"} {
		b := events.NewBatch("desk")
		who := b.Person("Ada Brandt")
		b.Source(fmt.Sprint("https://example.org/", i)).By(who).Says("mention", who).Gloss(gloss)
		record(t, g, b)
	}
	want := []string{"ship, ship, ship", "a ship", "a ship", "a ship sank in the storm off the coast"}
	for most := range 6 {
		w := want
		if most > 0 {
			w = want[:min(most, len(want))]
		}
		if got := said(t, x, g.View(nil), "ship", &find.Options{Most: most}); !slices.Equal(got, w) {
			t.Errorf("at most %d: %q, want %q", most, got, w)
		}
	}
	var positions []events.Position
	for h, err := range x.Statements(ctx, g.View(nil), `"a ship"`, nil) {
		if err != nil {
			t.Fatal(err)
		}
		if h.Gloss == "a ship" {
			positions = append(positions, h.Position)
		}
	}
	if !slices.IsSorted(positions) || len(positions) != 2 {
		t.Errorf("equals are at %v", positions)
	}
}

// failures are the errors that a question ends with.
func failures[T any](answer iter.Seq2[T, error]) (errs []string) {
	for _, err := range answer {
		errs = append(errs, fmt.Sprint(err))
	}
	return errs
}

// Less than nothing cannot be asked for, nor is it all.
func TestMost(t *testing.T) {
	g := newGraph(t, events.NewMem())
	harbour(t, g, 20)
	x, v := open(t, g, ""), g.View(nil)
	opts := &find.Options{Most: -1}
	for question, got := range map[string][]string{
		"statements": failures(x.Statements(ctx, v, "ship", opts)),
		"sources":    failures(x.Sources(ctx, v, "", opts)),
		"entities":   failures(x.Entities(ctx, v, "Person", opts)),
	} {
		if want := []string{"find: " + question + ": option Most is -1, less than 0"}; !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Where it was found is the text that has most of what was asked for.
func TestField(t *testing.T) {
	g := newGraph(t, events.NewMem())
	b := events.NewBatch("desk")
	who, pier := b.Person("Ada Brandt"), b.Place("Pier 4")
	src := b.Source("https://example.org/1").By(who)
	src.Quotes(who, "we sailed at dawn", "sail", who, pier.As("the old pier")).Gloss("She sailed from the pier at dawn.").
		Arg("ship", events.Text("Aurora of Dawn", "en")).Cue("insisted")
	record(t, g, b)
	x := open(t, g, "")
	for _, c := range []struct {
		asked, found string
		field        find.Field
	}{
		{"dawn", "we sailed at [dawn]", find.Exact},
		{"sailed pier", "She [sailed] from the [pier] at dawn.", find.Gloss},
		{"dawn aurora", "[Aurora] of [Dawn]", find.Value},
		{"old sailed", "we [sailed] at dawn", find.Exact},
		{"old", "the [old] pier", find.Written},
		{"insisted", "[insisted]", find.Written},
	} {
		n := 0
		for h, err := range x.Statements(ctx, g.View(nil), c.asked, nil) {
			if err != nil {
				t.Fatal(err)
			}
			if got := h.Snippet.Mark("[", "]"); got != c.found || h.Field != c.field {
				t.Errorf("%q is found in the %v %q, want the %v %q", c.asked, h.Field, got, c.field, c.found)
			}
			n++
		}
		if n != 1 {
			t.Errorf("%q is found %d times", c.asked, n)
		}
	}
	// No phrase goes from one text to the next.
	for _, asked := range []string{`"pier insisted"`, `"dawn she"`, `"dawn aurora"`} {
		if got := said(t, x, g.View(nil), asked, nil); got != nil {
			t.Errorf("%s is found in %q", asked, got)
		}
	}
}

// No text breaks the syntax behind it, or asks for more than it says.
func TestHostile(t *testing.T) {
	g := newGraph(t, events.NewMem())
	harbour(t, g, 60)
	x := open(t, g, "")
	ask := func(text string) (n int, err error) {
		for _, err := range x.Statements(ctx, g.View(nil), text, nil) {
			if err != nil {
				return n, err
			}
			n++
		}
		for _, err := range x.Sources(ctx, g.View(nil), text, nil) {
			if err != nil {
				return n, err
			}
		}
		for _, err := range x.Entities(ctx, g.View(nil), text, nil) {
			if err != nil {
				return n, err
			}
		}
		return n, nil
	}
	for _, text := range []string{
		"", "\x00", `"`, `""`, "*", `"*"`, "AND", "NOT ship", "ship OR nothing", "gloss : ship", "{gloss}:ship", "^ship -nothing", "NEAR(ship crane, 2)",
		"ship\x00crane", "'; DROP TABLE words; --", "\xff\xfe", "\ue000", "ship \ue000 crane", strings.Repeat("(", 2000), strings.Repeat("a ", 2000),
		strings.Repeat("ab", 2000), strings.Repeat("港", 1333), strings.Repeat("a\u0301", 1300), strings.Repeat("\u0301", 2000), strings.Repeat("ﷺ", 1300),
		strings.Repeat(`"a*`, 1300), "%", "_", "\\", strings.Repeat("x*", 2000),
	} {
		if _, err := ask(text); err != nil {
			t.Errorf("%.40q: %v", text, err)
		}
	}
	for _, text := range []string{"NOT ship", "ship OR nothing", "gloss : ship", "NEAR(ship crane, 2)"} {
		if n, _ := ask(text); n != 0 {
			t.Errorf("%q is more than its words: %d found", text, n)
		}
	}
	if _, err := ask(strings.Repeat("x", 4001)); err == nil || strings.Count(err.Error(), "find: ") != 1 || !strings.HasPrefix(err.Error(), "find: ") {
		t.Errorf("a text that is too long: %v", err)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune(`"*()^:{}+-'“»é ab港ก`))),
			rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "text")
		if _, err := ask(text); err != nil && len(text) <= find.MaxText {
			t.Fatal(err)
		}
	})
}

// Hostile names and texts in the record are taken in like any other.
func TestHostileRecord(t *testing.T) {
	g := newGraph(t, events.NewMem())
	b := events.NewBatch("desk")
	long := strings.Repeat("kalmir", 160)
	for _, name := range []string{long, strings.Repeat("a ", 480) + "z", strings.Repeat("港", 330), `"; DROP TABLE words; --`, strings.Repeat("ŀ", 400)} {
		b.Person(name)
	}
	who := b.Person("Ada Brandt")
	src := b.Source("https://example.org/1").By(who)
	for _, gloss := range []string{strings.Repeat("x", 64_000), strings.Repeat("港", 21_000), strings.Repeat("e\u0301", 20_000), `" OR gloss : *`} {
		src.Says("mention", who).Gloss(gloss)
	}
	record(t, g, b)
	x := open(t, g, "")
	for asked, want := range map[string]int{"港港港": 1, "or gloss": 1, "e*": 1, strings.Repeat("x", 4000) + "": 0, "xxx*": 1} {
		if got := said(t, x, g.View(nil), asked, nil); len(got) != want {
			t.Errorf("%.20q is found %d times, want %d", asked, len(got), want)
		}
	}
	for h, err := range x.Entities(ctx, g.View(nil), long, nil) {
		if err != nil || h.Score != 1 {
			t.Errorf("a long name is found with the score %v, %v", h.Score, err)
		}
	}
}

// A view shows what it shows, through the index too: as of its position, through
// its filters, with the identities it has.
func TestView(t *testing.T) {
	g := newGraph(t, events.NewMem())
	b := events.NewBatch("desk")
	ada, tom := b.Person("Ada Brandt"), b.Person("Thomas Vale")
	src := b.Source("https://example.org/1").By(ada)
	src.Title("Winter at the harbour")
	src.Reports(ada, "mention", tom).Gloss("the ship is late")
	src.Reports(tom, "mention", ada).Gloss("the ship is lost").Stance("PS+")
	first := record(t, g, b)
	b = events.NewBatch("desk")
	other := b.Person("Tom Wale")
	b.Judge(tom, events.Same, other, "")
	b.Source("https://example.org/1").Title("Summer at the harbour")
	second := record(t, g, b)
	x := open(t, g, "")
	for _, c := range []struct {
		lens *graph.Lens
		want []string
	}{
		{nil, []string{"the ship is late", "the ship is lost"}},
		{&graph.Lens{According: []uuid.UUID{tom.ID}}, []string{"the ship is lost"}},
		{&graph.Lens{Least: events.Certain}, []string{"the ship is late"}},
		{&graph.Lens{RecordedBy: time.Unix(0, 0)}, nil},
	} {
		if got := said(t, x, g.View(c.lens), "ship", nil); !slices.Equal(got, c.want) {
			t.Errorf("through %+v: %q, want %q", c.lens, got, c.want)
		}
	}
	who := func(p events.Position, name string) (n int, first *find.EntityHit) {
		for h, err := range x.Entities(ctx, g.View(&graph.Lens{AsOf: p}), name, nil) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; n == 1 {
				first = h
			}
		}
		return n, first
	}
	if n, h := who(first, "Thomas Vale"); n != 1 || h.ID != tom.ID || h.Score != 1 {
		t.Errorf("before they were one: %d, %+v", n, h)
	}
	if n, h := who(second, "Tom Wale"); n != 1 || h.ID != g.View(nil).Canonical(other.ID) || h.Matched.Text != "Tom Wale" || len(h.Members) != 2 {
		t.Errorf("after: %d, %+v", n, h)
	}
	if n, h := who(first, "Tom Wale"); n != 1 || h.Matched.Text != "Thomas Vale" {
		t.Errorf("a name that is not in use yet: %d, %+v", n, h)
	}
	titles := func(p events.Position, text string) (all []string) {
		for h, err := range x.Sources(ctx, g.View(&graph.Lens{AsOf: p}), text, nil) {
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, h.Snippet.Mark("[", "]"))
		}
		return all
	}
	if got := titles(first, "winter"); !slices.Equal(got, []string{"[Winter] at the harbour"}) {
		t.Errorf("the title as of before: %q", got)
	}
	if got := titles(second, "winter"); got != nil {
		t.Errorf("the title that was revised: %q", got)
	}
	if got := titles(second, "harbour"); !slices.Equal(got, []string{"Summer at the [harbour]"}) {
		t.Errorf("the title as of now: %q", got)
	}
}

// A view of another graph is refused, whether it has seen more than the index's, or
// less, or nothing.
func TestOtherGraph(t *testing.T) {
	g, less, more := newGraph(t, events.NewMem()), newGraph(t, events.NewMem()), newGraph(t, events.NewMem())
	harbour(t, g, 600) // two batches
	harbour(t, less, 100)
	harbour(t, more, 2000)
	x := open(t, g, "")
	for name, v := range map[string]graph.View{"less": less.View(nil), "more": more.View(nil), "none": {}} {
		for question, got := range map[string][]string{
			"statements": failures(x.Statements(ctx, v, "ship", nil)),
			"sources":    failures(x.Sources(ctx, v, "ship", nil)),
			"entities":   failures(x.Entities(ctx, v, "Person", nil)),
		} {
			if want := []string{"find: " + question + ": the view is not of the index's graph"}; !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
	}
}

// Several ask while one records.
func TestConcurrent(t *testing.T) {
	g := newGraph(t, events.NewMem())
	harbour(t, g, 50)
	x := open(t, g, file(t))
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() {
			for range 15 {
				v := g.View(nil)
				got := len(said(t, x, v, words[i], nil))
				want := 0
				for s := range v.Statements(graph.Pattern{}) {
					r, err := s.Load(ctx)
					if err != nil {
						t.Error(err)
						return
					}
					if slices.Contains(strings.Fields(r.Gloss), words[i]) {
						want++
					}
				}
				if got != want {
					t.Errorf("as of %d %d statements with %q, want %d", v.Position(), got, words[i], want)
				}
				for _, err := range x.Entities(ctx, v, "harbor person", nil) {
					if err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Go(func() {
		for range 10 {
			harbour(t, g, 10)
		}
	})
	wg.Wait()
	if err := x.Close(); err != nil {
		t.Error(err)
	}
}

// A question may be asked inside the loop over another one's answers.
func TestNested(t *testing.T) {
	g := newGraph(t, events.NewMem())
	harbour(t, g, 40)
	x := open(t, g, "")
	n := 0
	for _, err := range x.Statements(ctx, g.View(nil), "ship", nil) {
		if err != nil {
			t.Fatal(err)
		}
		n += len(said(t, x, g.View(nil), "crane", nil))
		if n > 0 {
			break
		}
	}
	if n == 0 {
		t.Error("nothing was found inside the loop")
	}
}
