package graph_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// walked returns the ids of the statements of a walk.
func walked(n *graph.Numbers, w *graph.Rows) (ids []uuid.UUID) {
	for {
		row, shown, ok := w.Step()
		if !ok {
			return ids
		}
		if shown {
			ids = append(ids, n.StatementID(row.Statement))
		}
	}
}

// What is said again is read from where it still stands, and a text that only
// redacted events have is none, in numbers made before, too.
func TestNumbersRedaction(t *testing.T) {
	g := open(t, events.NewMem())
	b := events.NewBatch("desk")
	x := b.Person("X")
	src := b.Source("https://example.org/1").Title("Envoy").Published("2025-08-04")
	first := src.Says("say", x).Arg("words", events.Text("hush", "")).Arg("hours", events.Number("4.0", "h")).ID()
	again := src.Says("repeat", x).Arg("words", events.Text("hush", "")).Arg("hours", events.Number("4", "")).ID()
	named := b.Name(x, "Ex", "en")
	record(t, g, b)
	n := g.View(nil).Numbers()
	hush, four, h, ex := n.Literal(events.Text("hush", "")), n.Literal(events.Number("4.00", "min")), n.Literal(events.Text("h", "")), n.Literal(events.Text("Ex", ""))
	title, url, at := n.Published(n.Source(src.ID()))
	if n.Literal(events.Text("Envoy", "")) != title || n.Literal(events.Text("https://example.org/1", "")) != url || n.TimeText(at) != "2025-08-04" || n.Time("2025-08-04") != at {
		t.Errorf("the source has the title %d, the URL %d and the time %d", title, url, at)
	}
	if _, sources, err := n.Holders(ctx, url); err != nil || !slices.Equal(sources, []uint32{n.Source(src.ID())}) {
		t.Errorf("%v have the URL, %v", sources, err)
	}
	want := func(when string, literal uint32, want events.Value) {
		t.Helper()
		v, err := n.LiteralValue(ctx, literal)
		if want.Kind == 0 && errors.Is(err, graph.ErrRedacted) {
			return
		}
		if err != nil || v.Kind != want.Kind || v.Text != want.Text || v.Unit != "" {
			t.Errorf("%s, literal %d is %+v, %v; want %+v", when, literal, v, err, want)
		}
	}
	redact := func(id uuid.UUID) {
		t.Helper()
		before := n.Redactions()
		b := events.NewBatch("desk")
		b.Redact(id, "test")
		record(t, g, b)
		if n.Redactions() == before {
			t.Error("Redactions is what it was")
		}
	}
	rows := func(want ...uuid.UUID) {
		t.Helper()
		for name, w := range map[string]*graph.Rows{"all": n.AllRows(), "of the text": n.RowsOfLiteral(hush), "of the number": n.RowsOfLiteral(four),
			"of X": n.RowsOfArgument(n.Entity(x.ID)), "of the source": n.RowsOfSource(n.Source(src.ID()))} {
			if got := walked(n, w); !slices.Equal(got, want) {
				t.Errorf("rows %s are %v, want %v", name, got, want)
			}
		}
	}

	want("at first", hush, events.Text("hush", ""))
	want("at first", four, events.Number("4.0", ""))
	want("at first", h, events.Text("h", ""))
	want("at first", title, events.Text("Envoy", ""))
	want("at first", url, events.Text("https://example.org/1", ""))
	rows(first, again)
	redact(first)
	want("with one redacted", hush, events.Text("hush", ""))
	want("with one redacted", four, events.Number("4", ""))
	want("with one redacted", h, events.Value{})
	if _, ok := n.Row(n.Statement(first)); ok {
		t.Error("the redacted statement has a row")
	}
	rows(again)
	redact(again)
	want("with both redacted", hush, events.Value{})
	want("with both redacted", four, events.Value{})
	rows()

	if names, kind := n.Names(n.Entity(x.ID), nil); len(names) != 2 || !slices.Contains(names, ex) || kind != events.Person {
		t.Errorf("names %v of a %v", names, kind)
	}
	redact(named)
	if names, kind := n.Names(n.Entity(x.ID), nil); !slices.Equal(names, []uint32{n.Literal(events.Text("X", ""))}) || kind != events.Person {
		t.Errorf("names %v of a %v", names, kind)
	}
	want("with the name redacted", ex, events.Value{})
}

// Withdrawing a verdict restores every number, and those made in between keep what
// they say.
func TestNumbersMerge(t *testing.T) {
	g := open(t, events.NewMem())
	b := events.NewBatch("desk")
	x, y, z := b.Person("X"), b.Person("Y"), b.Person("Z")
	src := b.Source("https://example.org/1")
	ofX, ofY := src.Says("meet", x, z).ID(), src.Says("phone", y, z).ID()
	b.Judge(y, events.Same, b.Person("W"), "so that there are verdicts before")
	record(t, g, b)
	apart := g.View(nil).Numbers()
	b = events.NewBatch("desk")
	verdict := b.Judge(x, events.Same, y, "test")
	record(t, g, b)
	merged := g.View(nil).Numbers()
	b = events.NewBatch("desk")
	b.Retract(verdict, "test")
	record(t, g, b)
	again := g.View(nil).Numbers()

	for range 2 { // what has been asked for is remembered
		for name, n := range map[string]*graph.Numbers{"before": apart, "after": again} {
			for id, want := range map[uuid.UUID]uuid.UUID{x.ID: ofX, y.ID: ofY} {
				if got := walked(n, n.RowsOfArgument(n.Entity(id))); !slices.Equal(got, []uuid.UUID{want}) {
					t.Errorf("%s, the statements are %v, want %v", name, got, want)
				}
			}
			if n.Entity(x.ID) == n.Entity(y.ID) {
				t.Errorf("%s, they are one", name)
			}
		}
		one := merged.Entity(x.ID)
		if one != merged.Entity(y.ID) || merged.EntityID(one) != g.View(&graph.Lens{AsOf: 2}).Canonical(x.ID) {
			t.Error("merged, they are two")
		}
		if got := walked(merged, merged.RowsOfArgument(one)); !slices.Equal(got, []uuid.UUID{ofX, ofY}) {
			t.Errorf("merged, the statements are %v", got)
		}
		if names, _ := merged.Names(one, nil); len(names) != 3 {
			t.Errorf("merged, the names are %v", names)
		}
	}
}

// What takes a context sees that it has ended.
func TestNumbersCancel(t *testing.T) {
	g := open(t, events.NewMem())
	b := events.NewBatch("desk")
	x := b.Person("X")
	src := b.Source("https://example.org/1")
	for i := range 300 {
		src.Says("meet", x, b.Entity(events.Person, "Y", fmt.Sprint(i)))
	}
	record(t, g, b)
	n := g.View(nil).Numbers()
	ended, cancel := context.WithCancel(ctx)
	cancel()
	y := n.Literal(events.Text("Y", ""))
	if _, _, err := n.Holders(ended, y); !errors.Is(err, context.Canceled) {
		t.Errorf("Holders: %v", err)
	}
	if _, err := n.LiteralValue(ended, y); !errors.Is(err, context.Canceled) {
		t.Errorf("LiteralValue: %v", err)
	}
}
