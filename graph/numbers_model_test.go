package graph_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/decimal"
	"github.com/onrecord/onrecord/internal/model"
	"github.com/onrecord/onrecord/internal/modeltest"
)

// TestNumbersModel compares all that a view says in numbers with the view itself
// and with the slow model, on random records and through random lenses.
func TestNumbersModel(t *testing.T) {
	shown, holders := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		var clock time.Time
		opts := &graph.Options{Now: func() time.Time { return clock }, CacheSize: 1}
		if rapid.Bool().Draw(t, "eager") {
			graph.Eager(opts)
		}
		g, err := graph.Open(ctx, events.NewMem(), opts)
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		m, gen := model.New(), model.NewGen()
		known, held := map[uuid.UUID]bool{}, map[string][]uuid.UUID{}
		gen.Calm = rapid.Bool().Draw(t, "calm")
		for range rapid.IntRange(3, 40).Draw(t, "batches") {
			b, at := gen.Batch(t, m)
			clock = at
			before := g.View(nil).Numbers().Redactions()
			out := m.Record(b, at)
			if _, err := g.Record(ctx, &b); (err == nil) != (out.Class == model.Recorded) {
				t.Skip("TestModel compares what is refused")
			}
			redacted := false
			for _, e := range b.Events {
				if out.Class != model.Recorded || known[e.ID] {
					continue
				}
				known[e.ID] = true
				switch b := e.Body.(type) {
				case *events.EntityRegistered:
					held[textOf(b.Entity.Name.Text)] = append(held[textOf(b.Entity.Name.Text)], b.Entity.ID)
				case *events.EntityNamed:
					held[textOf(b.Name.Text)] = append(held[textOf(b.Name.Text)], b.Entity)
				case *events.SourceAdded:
					held[textOf(b.Source.Title)] = append(held[textOf(b.Source.Title)], b.Source.ID)
				case *events.Redacted:
					redacted = true
				}
			}
			if now := g.View(nil).Numbers().Redactions(); (now != before) != redacted {
				t.Fatalf("Redactions was %d and is %d; something was redacted: %v", before, now, redacted)
			}
		}
		past := model.Lens{AsOf: events.Position(rapid.IntRange(1, int(max(1, m.Last()))).Draw(t, "as of"))}
		for _, l := range []model.Lens{{}, past, gen.Lens(t, m)} {
			v := g.View(modeltest.Lens(l))
			c := &comparison{t: t, v: v, n: v.Numbers(), now: g.View(nil).Numbers(), m: m, at: m.At(l), readings: m.Statements(l, model.Pattern{}), held: held,
				entities: map[uuid.UUID]model.Entity{}, sources: map[uuid.UUID]*events.Source{}}
			for _, id := range gen.Entities {
				c.entities[id] = m.Entity(c.at, id)
			}
			for _, id := range gen.Sources {
				c.sources[id] = m.Source(c.at, id)
			}
			shown += len(c.readings)
			c.things(gen)
			c.symbols()
			c.statements()
			holders += c.walks(gen)
		}
	})
	if shown == 0 || holders == 0 {
		t.Errorf("%d statements are shown, and %d names and titles are held", shown, holders)
	}
}

// comparison is a view in numbers beside the model's.
type comparison struct {
	t        *rapid.T
	v        graph.View
	n        *graph.Numbers
	now      *graph.Numbers // of everything
	m        *model.Model
	at       events.Position
	readings []model.Reading
	entities map[uuid.UUID]model.Entity
	sources  map[uuid.UUID]*events.Source
	held     map[string][]uuid.UUID // what was ever registered or named with a text
}

// canonical returns the canonical member of an entity's cluster, nobody's for nobody.
func (c *comparison) canonical(id uuid.UUID) uuid.UUID {
	if e, ok := c.entities[id]; ok && len(e.Members) > 0 {
		return e.Members[0]
	}
	return id
}

// text returns a literal as text.
func (c *comparison) text(literal uint32) string {
	if literal == 0 {
		return ""
	}
	v, err := c.n.LiteralValue(ctx, literal)
	if err != nil {
		c.t.Fatalf("literal %d: %v", literal, err)
	}
	if again := c.n.Literal(v); again != literal {
		c.t.Fatalf("literal %d is %v, which is literal %d", literal, v, again)
	}
	return literalText(v)
}

// literalText is the same for values that are one literal.
func literalText(v events.Value) string {
	if v.Kind != events.NumberValue {
		return fmt.Sprintf("%q@%s", v.Text, v.Language)
	}
	d, _ := decimal.Parse(v.Text)
	return d.String()
}

// textOf returns a text without a language as text does, empty if it is.
func textOf(s string) string {
	if s == "" {
		return ""
	}
	return literalText(events.Text(s, ""))
}

func timeText(n *graph.Numbers, at uint32) string {
	if at == 0 {
		return ""
	}
	return n.TimeText(at)
}

func timeOf(at edtf.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.String()
}

// things compares entities and sources.
func (c *comparison) things(gen *model.Gen) {
	for _, id := range gen.Entities {
		want := c.entities[id]
		e := c.n.Entity(id)
		if e == 0 {
			if len(want.Registrations)+len(want.Names) > 0 {
				c.t.Fatalf("entity %v has no number", id)
			}
			continue
		}
		if e >= c.n.Entities() || c.n.Canonical(e) != e || c.n.EntityID(e) != c.canonical(id) || c.n.EntityID(e) != c.v.Canonical(id) {
			c.t.Fatalf("entity %v is number %d of %d, which is %v; want %v", id, e, c.n.Entities(), c.n.EntityID(e), c.canonical(id))
		}
		var names []string
		for _, r := range want.Registrations {
			names = append(names, textOf(r.Name.Text))
		}
		for _, n := range want.Names {
			names = append(names, textOf(n.Name.Text))
		}
		found, kind := c.n.Names(e, []uint32{7})
		if found[0] != 7 || !ascend(found[1:]) || kind != c.v.Kind(id) {
			c.t.Fatalf("entity %v has the names %v and is a %v, want a %v", id, found, kind, c.v.Kind(id))
		}
		var got []string
		for _, n := range found[1:] {
			got = append(got, c.text(n))
		}
		c.same(fmt.Sprint("names of ", id), sorted(got), sorted(names))
	}
	ids := map[uuid.UUID]bool{}
	for e := uint32(1); e < c.n.Entities(); e++ {
		id := c.n.EntityID(e)
		if ids[id] || c.n.Entity(id) != c.n.Canonical(e) || c.n.EntityID(c.n.Canonical(e)) != c.canonical(id) {
			c.t.Fatalf("number %d is %v, whose canonical one is %v", e, id, c.canonical(id))
		}
		ids[id] = true
	}

	for _, id := range gen.Sources {
		want := c.sources[id]
		s := c.n.Source(id)
		if s == 0 {
			if want != nil {
				c.t.Fatalf("source %v has no number", id)
			}
			continue
		}
		if want == nil {
			want = &events.Source{}
		}
		title, url, at := c.n.Published(s)
		if s >= c.n.Sources() || c.n.SourceID(s) != id || c.text(title) != textOf(want.Title) || c.text(url) != textOf(want.URL) ||
			timeText(c.n, at) != timeOf(want.Published) {
			c.t.Fatalf("source %v is number %d of %d: %v, %s, %s, %s; want %+v", id, s, c.n.Sources(), c.n.SourceID(s),
				c.text(title), c.text(url), timeText(c.n, at), want)
		}
	}
}

// symbols compares names, times and what there is none of.
func (c *comparison) symbols() {
	for s := uint32(1); s < c.n.Symbols(); s++ {
		if name := c.n.SymbolName(s); c.n.Symbol(name) != s {
			c.t.Fatalf("symbol %d is %q, which is symbol %d", s, name, c.n.Symbol(name))
		}
	}
	for _, name := range []string{"", "unheard of"} {
		if s := c.n.Symbol(name); s != 0 {
			c.t.Fatalf("%q is symbol %d", name, s)
		}
	}
	for _, text := range []string{"", "0999-12-31"} {
		if at := c.n.Time(text); at != 0 {
			c.t.Fatalf("%q is time %d", text, at)
		}
	}
	for _, v := range []events.Value{events.Text("unheard of", ""), events.Text("", ""), events.Text("four hours", "la"),
		events.Number("99", ""), events.Number("x", ""), events.Ref(events.Key("entity", "0")), events.None()} {
		if n := c.n.Literal(v); n != 0 {
			c.t.Fatalf("%v is literal %d", v, n)
		}
	}
	nobody := events.Key("nobody", "")
	if c.n.Entity(nobody) != 0 || c.n.Source(nobody) != 0 || c.n.Statement(nobody) != 0 {
		c.t.Fatal("nobody has a number")
	}
}

// holders compares who holds a literal, and returns how many do.
func (c *comparison) holders(text string, literal uint32, gen *model.Gen) int {
	entities, sources, err := c.n.Holders(ctx, literal)
	if err != nil {
		c.t.Fatal(err)
	}
	var got, want []string
	for _, e := range entities {
		got = append(got, c.n.EntityID(e).String())
	}
	for _, s := range sources {
		got = append(got, c.n.SourceID(s).String())
	}
	for _, id := range gen.Entities {
		e := c.entities[id]
		if slices.ContainsFunc(e.Registrations, func(r events.Entity) bool { return textOf(r.Name.Text) == text }) ||
			slices.ContainsFunc(e.Names, func(n model.Named) bool { return textOf(n.Name.Text) == text }) {
			want = append(want, c.canonical(id).String())
		}
	}
	for _, id := range gen.Sources {
		if s := c.sources[id]; s != nil && (textOf(s.Title) == text || textOf(s.URL) == text) {
			want = append(want, id.String())
		}
	}
	got = sorted(got)
	for _, id := range want {
		if !slices.Contains(got, id) {
			c.t.Fatalf("as of %d, %s is held by %v, want %v, too", c.at, text, got, id)
		}
	}
	for _, id := range got {
		if !slices.ContainsFunc(c.held[text], func(once uuid.UUID) bool { return c.canonical(once).String() == id }) {
			c.t.Fatalf("as of %d, %s is held by %v, which never had it", c.at, text, id)
		}
	}
	return len(want)
}

func (c *comparison) same(what string, got, want any) {
	if fmt.Sprint(got) != fmt.Sprint(want) {
		c.t.Fatalf("as of %d, %s:\n%q\nwant:\n%q", c.at, what, got, want)
	}
}

// sorted returns a list in order, each once.
func sorted(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

func ascend(list []uint32) bool {
	return slices.IsSorted(list) && len(slices.Compact(slices.Clone(list))) == len(list)
}
