package graph_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/sqlite"
	"github.com/onrecord/onrecord/graph"
)

// begin returns a function that records what a program builds for a graph that it has
// looked at now.
func begin(t *testing.T, g *graph.Graph, program func(b *events.Builder)) func() error {
	t.Helper()
	b := g.NewBatch(ctx, "desk")
	program(b)
	batch, err := b.Batch()
	if err != nil {
		t.Fatal(err)
	}
	return func() error {
		_, err := g.Record(ctx, batch)
		return err
	}
}

// Of two batches that were begun from the same record and say something else of one
// thing, the second is refused, whatever changed the first: none undoes the other unseen.
// Who says the same, or of something else, is not refused.
func TestOutdated(t *testing.T) {
	title := func(url, title string) func(b *events.Builder) {
		return func(b *events.Builder) { b.Source(url).Title(title) }
	}
	language := func(b *events.Builder) { b.Source("u").Language("en") }
	named := func(name string) func(b *events.Builder) {
		return func(b *events.Builder) { b.Entity(events.Person, name, "crm", "7") }
	}
	declare := func(roles ...string) func(b *events.Builder) {
		p := events.Predicate{Name: "pay"}
		for _, r := range roles {
			p.Roles = append(p.Roles, events.Role{Name: r})
		}
		return func(b *events.Builder) { b.Declare(p) }
	}
	scheme := func(values ...string) func(b *events.Builder) {
		return func(b *events.Builder) { b.DeclareScheme(events.Scheme{Name: "grade", Values: values}) }
	}
	two := func(b *events.Builder) {
		b.Declare(events.Predicate{Name: "see"}, events.Predicate{Name: "pay", Roles: []events.Role{{Name: "boss"}}})
	}
	// removing takes back the newest registration of the source.
	removing := func(how func(b *events.Builder, event uuid.UUID)) func(t *testing.T, g *graph.Graph) func(b *events.Builder) {
		return func(t *testing.T, g *graph.Graph) func(b *events.Builder) {
			var newest uuid.UUID
			for c := range g.View(nil).Changes(0) {
				if c.Kind == events.KindSourceAdded && c.Stands {
					newest = c.Event
				}
			}
			return func(b *events.Builder) { how(b, newest) }
		}
	}
	always := func(program func(b *events.Builder)) func(t *testing.T, g *graph.Graph) func(b *events.Builder) {
		return func(*testing.T, *graph.Graph) func(b *events.Builder) { return program }
	}
	for name, c := range map[string]struct {
		before []func(b *events.Builder)
		others func(t *testing.T, g *graph.Graph) func(b *events.Builder)
		own    func(b *events.Builder)
		want   string // in the error; "": there is none
	}{
		"another field of a source":       {[]func(*events.Builder){title("u", "One")}, always(title("u", "Two")), language, `source "u"`},
		"a source that is new":            {nil, always(title("u", "One")), language, `source "u"`},
		"the same of a source":            {nil, always(title("u", "One")), title("u", "One"), ""},
		"another source":                  {nil, always(title("u", "One")), title("v", "Two"), ""},
		"no more than a mention":          {[]func(*events.Builder){title("u", "One")}, always(title("u", "Two")), func(b *events.Builder) { b.Source("u").Says("wait") }, ""},
		"a name of an entity":             {[]func(*events.Builder){named("Ben")}, always(named("Benjamin")), named("Benny"), `entity "Benny"`},
		"the same name":                   {nil, always(named("Ben")), named("Ben"), ""},
		"a registration that fell":        {[]func(*events.Builder){title("u", "One"), title("u", "Two")}, removing(func(b *events.Builder, e uuid.UUID) { b.Retract(e, "wrong") }), language, `source "u"`},
		"a registration that is redacted": {[]func(*events.Builder){title("u", "One"), title("u", "Private")}, removing(func(b *events.Builder, e uuid.UUID) { b.Redact(e, "private") }), language, `source "u"`},
		"the only one is redacted":        {[]func(*events.Builder){title("u", "Private")}, removing(func(b *events.Builder, e uuid.UUID) { b.Redact(e, "private") }), language, `source "u"`},
		"another declaration":             {[]func(*events.Builder){declare("boss")}, always(declare("payer")), declare("payee"), `predicate "pay"`},
		"a predicate that is new":         {nil, always(declare("payer")), declare("payee"), `predicate "pay"`},
		"the same beside another":         {nil, always(declare("boss")), two, ""},
		"another beside another":          {nil, always(declare("payer")), two, `predicate "pay"`},
		"other values of a scheme":        {nil, always(scheme("a", "b")), scheme("a", "c"), `scheme "grade"`},
		"a scheme of a predicate's name":  {nil, always(func(b *events.Builder) { b.DeclareScheme(events.Scheme{Name: "pay", Values: []string{"a"}}) }), declare("boss"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			eachRecord(t, func(t *testing.T, g *graph.Graph) {
				for _, program := range c.before {
					build(t, g, program)
				}
				record := begin(t, g, c.own)
				build(t, g, c.others(t, g))
				position := g.View(nil).Position()
				err := record()
				if errors.Is(err, graph.ErrOutdated) != (c.want != "") || err != nil && !strings.Contains(err.Error(), c.want) {
					t.Fatalf("the second: %v, want ErrOutdated for %q", err, c.want)
				}
				if err == nil {
					if err := record(); err != nil {
						t.Errorf("recorded again: %v", err)
					}
					return
				}
				if now := g.View(nil).Position(); now != position {
					t.Errorf("refused, and the record is at position %d, was at %d", now, position)
				}
				if err := begin(t, g, c.own)(); err != nil {
					t.Errorf("built anew: %v", err)
				}
			})
		})
	}
}

// What one builder says by and by is no revision by others, in one batch or in the many
// that it is split into; what others say in between is.
func TestOutdatedByOwn(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		say := func(b *events.Builder, i int) {
			b.Add(&events.SourceAdded{Source: events.Source{ID: g.Key("source", "u"), URL: "u", Title: fmt.Sprint("Title ", i)}})
		}
		b := g.NewBatch(ctx, "desk")
		declare := func(role string) {
			b.Declare(events.Predicate{Name: "pay", Roles: []events.Role{{Name: role}}}, events.Predicate{Name: "see", Roles: []events.Role{{Name: role}}})
			b.DeclareScheme(events.Scheme{Name: "grade", Values: []string{role}})
		}
		declare("boss")
		for i := range 5000 { // more than one batch takes
			long := strings.Repeat("x", 150)
			b.Declare(events.Predicate{Name: fmt.Sprint("p", i), Roles: []events.Role{{Name: long}, {Name: long + "y"}}})
		}
		declare("payer")
		for i := range 3 {
			say(b, i)
			b.Add(&events.EntityRegistered{Entity: events.Entity{
				ID: g.Key(events.EntityKey(events.Person, "Ada")...), Kind: events.Person, Name: events.Name{Text: "Ada"}, Note: strings.Repeat(fmt.Sprint(i), events.MaxText)}})
		}
		for i := range 30 { // more than one batch takes
			b.Add(&events.SourceAdded{Source: events.Source{ID: g.Key("source", fmt.Sprint(i)), URL: fmt.Sprint(i), Title: strings.Repeat("x", events.MaxText)}})
		}
		say(b, 3)
		n := 0
		for batch, err := range b.Batches() {
			if err == nil {
				_, err = g.Record(ctx, batch)
			}
			if err != nil {
				t.Fatalf("batch %d: %v", n, err)
			}
			n++
		}
		if n < 3 {
			t.Fatalf("%d batches", n)
		}
		if p, ok, err := g.View(nil).Predicate(ctx, "pay"); !ok || err != nil || p.Roles[0].Name != "payer" {
			t.Errorf("the predicate is %v, %v", p, err)
		}
		if got := sourceOf(t, g, "u").Title; got != "Title 3" {
			t.Errorf("the title is %q", got)
		}
		c := g.NewBatch(ctx, "desk")
		record := func() error {
			batch, err := c.Batch()
			if err == nil {
				_, err = g.Record(ctx, batch)
			}
			return err
		}
		for i := range 4 {
			if c.Source("v").Title(fmt.Sprint(i)); record() != nil {
				t.Errorf("title %d of its own: %v", i, record())
			}
		}
		build(t, g, func(b *events.Builder) { b.Source("v").Language("en") })
		if c.Source("v").Title("late"); !errors.Is(record(), graph.ErrOutdated) {
			t.Errorf("after another: %v", record())
		}
	})
}

// A batch that knows a record as of where it has not come to is refused; one without a
// position says what it says, whatever has been said.
func TestAsOf(t *testing.T) {
	store := events.NewMem()
	here, there := open(t, store), open(t, store)
	added := func(title string, asOf *events.Position) *events.Batch {
		b := batchOf(events.Event{Body: &events.SourceAdded{Source: events.Source{ID: events.Key("source", "u"), URL: "u", Title: title}}})
		b.AsOf = asOf
		return b
	}
	for i := range 3 {
		if _, err := there.Record(ctx, added(fmt.Sprint(i), nil)); err != nil {
			t.Fatal(err)
		}
	}
	seen := there.View(nil).Position()
	if _, err := here.Record(ctx, added("here", &seen)); err != nil {
		t.Errorf("as of what another has recorded: %v", err)
	}
	want := "Batch.AsOf 9: the record is at position 4, want one that it has reached"
	if _, err := here.Record(ctx, added("late", new(events.Position(9)))); !errors.Is(err, events.ErrInvalid) || !strings.Contains(err.Error(), want) {
		t.Errorf("beyond the record: %v, want %s", err, want)
	}
	if _, err := there.Record(ctx, added("there", &seen)); !errors.Is(err, graph.ErrOutdated) {
		t.Errorf("after another graph: %v", err)
	}
	// Of one event the later position counts.
	for _, c := range []struct {
		batch *events.Position
		event events.Position
		want  error
	}{
		{nil, 3, graph.ErrOutdated}, {nil, 4, nil}, {&seen, 5, nil}, {&seen, 4, graph.ErrOutdated}, {new(events.Position(6)), 1, nil},
		{&seen, 9, events.ErrInvalid}, {nil, 9, events.ErrInvalid},
	} {
		b := added(fmt.Sprint("known as of ", there.View(nil).Position()), c.batch)
		b.Events[0].AsOf = c.event
		if _, err := there.Record(ctx, b); !errors.Is(err, c.want) {
			t.Errorf("batch as of %v, event as of %d, the record at %d: %v, want %v", c.batch, c.event, there.View(nil).Position(), err, c.want)
		}
	}
}

// A builder that is used for long is refused for what others revise after it has looked, not
// for what it has read: a long import beside one who does not stop comes to an end. What Add
// is given is known as of when the builder began.
func TestOutdatedSinceMentioned(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		revised := 0
		revise := func() {
			revised++
			build(t, g, func(b *events.Builder) {
				b.Source("hub").Title(fmt.Sprint("Title ", revised))
				b.Entity(events.Person, fmt.Sprint("Ben ", revised), "crm", "7")
			})
		}
		long := func(program func(b *events.Builder)) error {
			b := g.NewBatch(ctx, "import")
			b.Source("first").Says("wait").Gloss("x")
			revise()
			for i := range 30 { // more than one batch takes
				b.Source(fmt.Sprint(i)).Title(strings.Repeat("x", events.MaxText))
			}
			program(b)
			n, err := g.RecordAll(ctx, b.Batches())
			if err == nil && n < 2 {
				t.Fatalf("%d batches", n)
			}
			return err
		}
		revise()
		err := long(func(b *events.Builder) {
			b.Source("hub").Language("en")
			b.Entity(events.Person, "Benjamin", "crm", "7")
		})
		if err != nil {
			t.Errorf("revised before it was mentioned: %v", err)
		}
		if s := sourceOf(t, g, "hub"); s.Language != "en" || s.Title != fmt.Sprint("Title ", revised) {
			t.Errorf("it is %q in %q", s.Title, s.Language)
		}
		for what, program := range map[string]func(b *events.Builder){
			`source "hub"`: func(b *events.Builder) { s := b.Source("hub"); revise(); s.Language("fr") },
			`entity "Bo"`:  func(b *events.Builder) { b.Entity(events.Person, "Bo", "crm", "7"); revise() },
			`source "add"`: func(b *events.Builder) {
				build(t, g, func(b *events.Builder) { b.Source("add").Title("One") })
				b.Add(&events.SourceAdded{Source: events.Source{ID: g.Key("source", "add"), URL: "add"}})
			},
		} {
			if err := long(program); !errors.Is(err, graph.ErrOutdated) || !strings.Contains(err.Error(), what) {
				t.Errorf("%s, revised after it was looked at: %v", what, err)
			}
		}
	})
}

// What a sequence has recorded is no revision by others for a batch of it that was begun
// before, also where others record in between; what others say of the thing is, also where
// it has come to be at the position that a batch of the sequence had in a try before.
func TestOutdatedInSequence(t *testing.T) {
	said := func(g *graph.Graph, n int) (batches []*events.Batch) {
		for i := range n {
			b := g.NewBatch(ctx, "desk")
			b.Source("u").Title(fmt.Sprint("Title ", i))
			b.Entity(events.Person, fmt.Sprint("Ben ", i), "crm", "7")
			batch, err := b.Batch()
			if err != nil {
				t.Fatal(err)
			}
			batches = append(batches, batch)
		}
		return batches
	}
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		const many = 100
		n := 0
		for _, err := range g.RecordEach(ctx, sequence(said(g, many)...)) {
			if err != nil {
				t.Fatalf("batch %d: %v", n, err)
			}
			if n++; n%3 == 0 {
				build(t, g, func(b *events.Builder) { b.Source("other").Title(fmt.Sprint(n)) })
			}
		}
		if title := sourceOf(t, g, "u").Title; n != many || title != fmt.Sprint("Title ", many-1) {
			t.Errorf("%d batches, the title is %q", n, title)
		}
		batches := said(g, 3)
		build(t, g, func(b *events.Builder) { b.Source("u").Title("by others") })
		if n, err := g.RecordAll(ctx, sequence(batches...)); n != 0 || !errors.Is(err, graph.ErrOutdated) {
			t.Errorf("revised by others: %d batches, %v", n, err)
		}
	})
	s := &faulty{Mem: events.NewMem()}
	g := open(t, s)
	build(t, g, func(b *events.Builder) { b.Source("u").Title("One") })
	batches := said(g, 3)
	s.fail(func(ctx context.Context, after events.Seq, record []byte) (events.Seq, error) {
		s.fail(nil, nil)
		build(t, open(t, s.Mem), func(b *events.Builder) { b.Source("u").Title("by others") })
		return s.Mem.Append(ctx, after, record)
	}, nil)
	if n, err := g.RecordAll(ctx, sequence(batches...)); n != 0 || !errors.Is(err, graph.ErrOutdated) {
		t.Errorf("others were first: %d batches, %v", n, err)
	}
	if title := sourceOf(t, g, "u").Title; title != "by others" {
		t.Errorf("others were first, and the title is %q", title)
	}
}

// A batch that is outdated has not failed its condition, also where others have revised what
// it registers: who claims work so is not told that another took it. One whose condition does
// not hold is told that.
func TestOutdatedOnCondition(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		build(t, g, func(b *events.Builder) { b.Source("u").Title("0") })
		saw := g.View(nil).Position()
		claim := func(who string) error {
			b := g.NewBatch(ctx, who)
			b.Source("u").Language("en")
			b.Source("u").Says("take", b.Person(who)).Gloss(who)
			batch, err := b.Batch()
			if err != nil {
				t.Fatal(err)
			}
			if who == "first" {
				build(t, g, func(b *events.Builder) { b.Source("u").Title("1") })
			}
			_, err = g.RecordIf(ctx, batch, graph.Condition{Nothing: graph.Pattern{Predicate: "take"}, After: saw})
			return err
		}
		if err := claim("first"); !errors.Is(err, graph.ErrOutdated) || errors.Is(err, graph.ErrChanged) {
			t.Errorf("the condition holds, and the source is revised: %v", err)
		}
		if err := claim("second"); err != nil {
			t.Errorf("built anew: %v", err)
		}
		if err := claim("first"); !errors.Is(err, graph.ErrChanged) || errors.Is(err, graph.ErrOutdated) {
			t.Errorf("another took it: %v", err)
		}
	})
}

// What somebody has registered and retracted while a batch was being built does not come
// back by being mentioned in it, as if nobody had: the batch is refused, and told who has
// retracted it and why, and to build it anew is refused as it would be later. Who has
// retracted it himself, or finds it registered again, is told what he would be otherwise.
func TestOutdatedByWhatWasRetracted(t *testing.T) {
	source := func(b *events.Builder) uuid.UUID { return b.Source("u").Title("One").ID() }
	person := func(b *events.Builder) uuid.UUID { return b.Entity(events.Person, "Ben", "crm", "7").ID }
	quoted := func(b *events.Builder) { b.Source("u").Says("wait", b.Person("Ada")) }
	mention := func(b *events.Builder) { b.Entity(events.Person, "Benny", "crm", "7") }
	title := func(b *events.Builder) { b.Source("u").Title("Two") }
	// retract takes back all that registers a thing.
	retract := func(t *testing.T, g *graph.Graph, thing uuid.UUID) (by uuid.UUID) {
		b := g.NewBatch(ctx, "Eve")
		for _, r := range g.View(nil).Registrations(thing) {
			by = b.Cascade(r, "a hoax")
		}
		must(g, b)
		return by
	}
	add := func(t *testing.T, g *graph.Graph, thing func(b *events.Builder) uuid.UUID) (id uuid.UUID) {
		build(t, g, func(b *events.Builder) { id = thing(b) })
		return id
	}
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		for what, c := range map[string]struct {
			thing func(b *events.Builder) uuid.UUID
			own   func(b *events.Builder)
		}{
			`source "u"`:     {source, quoted},
			`entity "Benny"`: {person, mention},
		} {
			record := begin(t, g, c.own)
			id := add(t, g, c.thing)
			by := retract(t, g, id)
			position := g.View(nil).Position()
			err := record()
			want := fmt.Sprintf(`see event %v, by which "Eve" retracted it at position %d (`, by, position)
			for _, want := range []string{what, want, `), because "a hoax": build the batch anew`} {
				if !errors.Is(err, graph.ErrOutdated) || !strings.Contains(err.Error(), want) {
					t.Fatalf("%v, want ErrOutdated with %s", err, want)
				}
			}
			if now := g.View(nil).Position(); now != position {
				t.Errorf("refused, and the record is at position %d, was at %d", now, position)
			}
			b := g.NewBatch(ctx, "desk")
			c.own(b)
			if _, err := b.Batch(); !errors.Is(err, events.ErrRemoved) {
				t.Errorf("built anew: %v, want ErrRemoved", err)
			}
		}
	})
	for name, c := range map[string]struct {
		others  func(t *testing.T, g *graph.Graph)
		own     func(b *events.Builder)
		refused bool
	}{
		"retracted twice": {func(t *testing.T, g *graph.Graph) {
			retract(t, g, add(t, g, source))
			build(t, g, func(b *events.Builder) {
				b.Add(&events.SourceAdded{Source: events.Source{ID: g.Key("source", "u"), URL: "u"}})
			})
			retract(t, g, g.Key("source", "u"))
		}, title, true},
		"restored, and retracted again": {func(t *testing.T, g *graph.Graph) {
			by := retract(t, g, add(t, g, source))
			build(t, g, func(b *events.Builder) { b.Retract(by, "no hoax") })
			retract(t, g, g.Key("source", "u"))
		}, title, true},
		"redacted, and retracted": {func(t *testing.T, g *graph.Graph) {
			id := add(t, g, source)
			build(t, g, func(b *events.Builder) { b.Redact(g.View(nil).Registrations(id)[0], "private") })
			retract(t, g, id)
		}, title, true},
		"registered again by others": {func(t *testing.T, g *graph.Graph) {
			retract(t, g, add(t, g, source))
			build(t, g, func(b *events.Builder) {
				b.Add(&events.SourceAdded{Source: events.Source{ID: g.Key("source", "u"), URL: "u"}})
			})
		}, title, true},
		"another thing": {func(t *testing.T, g *graph.Graph) { retract(t, g, add(t, g, source)) }, mention, false},
	} {
		t.Run(name, func(t *testing.T) {
			eachRecord(t, func(t *testing.T, g *graph.Graph) {
				record := begin(t, g, c.own)
				c.others(t, g)
				if err := record(); errors.Is(err, graph.ErrOutdated) != c.refused || err != nil && !c.refused {
					t.Errorf("%v, want ErrOutdated: %v", err, c.refused)
				}
			})
		})
	}
	// What stood when the batch was begun, and still does, has not come to be another thing
	// by what was said of it in between and taken back.
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		add(t, g, source)
		record := begin(t, g, title)
		build(t, g, func(b *events.Builder) { b.Source("u").Language("fr") })
		registrations := g.View(nil).Registrations(g.Key("source", "u"))
		build(t, g, func(b *events.Builder) { b.Retract(registrations[len(registrations)-1], "not French") })
		if err := record(); err != nil {
			t.Errorf("another registration was taken back: %v", err)
		}
	})
}

// What others have redacted of a source is not said again unseen by one who has revised it
// himself since then.
func TestOutdatedByRedactionBehindOwn(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		build(t, g, func(b *events.Builder) { b.Source("u").Title("Private") })
		private := g.View(nil).Registrations(g.Key("source", "u"))[0]
		b := g.NewBatch(ctx, "desk")
		b.Source("u").Language("en")
		record := func() error {
			batch, err := b.Batch()
			if err == nil {
				_, err = g.Record(ctx, batch)
			}
			return err
		}
		if err := record(); err != nil {
			t.Fatal(err)
		}
		build(t, g, func(b *events.Builder) { b.Redact(private, "private") })
		if b.Source("u").Language("fr"); !errors.Is(record(), graph.ErrOutdated) {
			t.Errorf("what is redacted is said again: %q", sourceOf(t, g, "u").Title)
		}
	})
}

// A batch of a sequence may register again what one before it has registered and retracted,
// but not what others have retracted in between.
func TestOutdatedByWhatItsSequenceRetracted(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		begun := g.View(nil).Position()
		event := func(kind string, n int) uuid.UUID { return g.Key(kind, fmt.Sprint(n)) }
		added := func(n int) *events.Batch {
			s := events.Source{ID: g.Key("source", "u"), URL: "u", Title: fmt.Sprint(n)}
			b := batchOf(events.Event{ID: event("added", n), Body: &events.SourceAdded{Source: s}})
			b.AsOf = &begun
			return b
		}
		retracted := func(n int) *events.Batch {
			return batchOf(events.Event{ID: event("retracted", n), Body: &events.Retracted{Event: event("added", n)}})
		}
		if n, err := g.RecordAll(ctx, sequence(added(0), retracted(0), added(1), retracted(1), added(2), retracted(2))); err != nil {
			t.Errorf("its own: %d batches, %v", n, err)
		}
		begun = g.View(nil).Position()
		n, err := g.RecordAll(ctx, func(yield func(*events.Batch, error) bool) {
			if !yield(added(3), nil) {
				return
			}
			if err := g.Wait(ctx, begun+1); err != nil {
				t.Error(err)
			}
			if _, err := g.Record(ctx, retracted(3)); err != nil {
				t.Error(err)
			}
			yield(added(4), nil)
		})
		if n != 1 || !errors.Is(err, graph.ErrOutdated) {
			t.Errorf("retracted by others: %d batches, %v, want 1 and ErrOutdated", n, err)
		}
	})
}

// Writers on several graphs revise one source at once, each another field of it, and build
// anew what is refused: nothing of what any of them said is lost.
func TestRevisedByRacers(t *testing.T) {
	for name, stores := range map[string]func(t *testing.T) func() events.Store{
		"memory": func(*testing.T) func() events.Store {
			s := events.NewMem()
			return func() events.Store { return s }
		},
		"sqlite": func(t *testing.T) func() events.Store {
			path := filepath.Join(t.TempDir(), "record.db")
			return func() events.Store {
				s, err := sqlite.Open(path, nil)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { s.Close() })
				return s
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			const rounds = 5
			next := stores(t)
			graphs := []*graph.Graph{open(t, next()), open(t, next())}
			says := []func(s *events.SourceRef, round string){
				func(s *events.SourceRef, round string) { s.Title(round) },
				func(s *events.SourceRef, round string) {
					s.Publisher(events.EntityRef{ID: events.Key(events.EntityKey(events.Organisation, round)...)})
				},
				func(s *events.SourceRef, round string) { s.Published(fmt.Sprintf("2025-08-%02s", round)) },
				func(s *events.SourceRef, round string) { s.Retrieved(fmt.Sprintf("2025-09-%02s", round)) },
			}
			for n := range rounds {
				round := fmt.Sprint(n + 1)
				if err := begin(t, graphs[0], func(b *events.Builder) { b.Organisation(round) })(); err != nil {
					t.Fatal(err)
				}
				for _, g := range graphs {
					if err := g.Refresh(ctx); err != nil {
						t.Fatal(err)
					}
				}
				var wg sync.WaitGroup
				for w, say := range says {
					wg.Go(func() {
						g := graphs[w%len(graphs)]
						for {
							b := g.NewBatch(ctx, "desk")
							say(b.Source("u"), round)
							batch, err := b.Batch()
							if err == nil {
								_, err = g.Record(ctx, batch)
							}
							if err == nil {
								return
							}
							if !errors.Is(err, graph.ErrOutdated) {
								t.Error(err)
								return
							}
						}
					})
				}
				wg.Wait()
				for _, g := range graphs {
					if err := g.Refresh(ctx); err != nil {
						t.Fatal(err)
					}
					s := sourceOf(t, g, "u")
					got := fmt.Sprintf("%s %v %v %v", s.Title, s.Publisher == events.Key(events.EntityKey(events.Organisation, round)...), s.Published, s.Retrieved)
					if want := fmt.Sprintf("%s true 2025-08-%02s 2025-09-%02s", round, round, round); got != want {
						t.Errorf("round %s: %s, want %s", round, got, want)
					}
				}
			}
		})
	}
}

// Update builds a batch anew until nobody has revised meanwhile what it revises, however many
// do so at once; it ends with build's error and with the context, and has recorded nothing then.
func TestUpdate(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		const desks = 8
		var all sync.WaitGroup
		for i := range desks {
			all.Go(func() {
				_, err := g.Update(ctx, "desk", func(b *events.Builder) error {
					b.Source("u").Title(fmt.Sprint("title ", i))
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		v := g.View(nil)
		source, err := v.Source(ctx, g.Key("source", "u"))
		if err != nil || !strings.HasPrefix(source.Title, "title ") || len(v.Registrations(source.ID)) != desks {
			t.Errorf("after %d desks the source is %q and has %d registrations, %v", desks, source.Title, len(v.Registrations(source.ID)), err)
		}

		want := errors.New("not this one")
		if _, err := g.Update(ctx, "desk", func(b *events.Builder) error { b.Person("Ada"); return want }); err != want {
			t.Errorf("build's error: %v", err)
		}
		if _, err := g.Update(ctx, "desk", func(b *events.Builder) error { b.Person(""); return nil }); !errors.Is(err, events.ErrInvalid) {
			t.Errorf("a mistake: %v", err)
		}
		if r, err := g.Update(ctx, "desk", func(*events.Builder) error { return nil }); !errors.Is(err, events.ErrInvalid) || r.Position != 0 {
			t.Errorf("nothing said: %v, %v", r, err)
		}
		if r, err := g.Update(ctx, "desk", func(b *events.Builder) error { b.Source("u"); return nil }); err != nil || r.New != 0 || r.Position != v.Position() {
			t.Errorf("nothing new: %v, %v", r, err)
		}
		ended, end := context.WithCancel(ctx)
		calls := 0
		_, err = g.Update(ended, "desk", func(b *events.Builder) error {
			b.Source("u").Title("mine")
			calls++
			build(t, g, func(b *events.Builder) { b.Source("u").Title(fmt.Sprint("theirs ", calls)) })
			if calls == 3 {
				end()
			}
			return nil
		})
		if calls != 3 || !errors.Is(err, context.Canceled) {
			t.Errorf("after %d calls: %v", calls, err)
		}
		if now := g.View(nil); now.Position() != v.Position()+3 {
			t.Errorf("the record is at %d, want %d", now.Position(), v.Position()+3)
		}
	})
}
