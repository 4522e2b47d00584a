package graph_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// eachRecord calls f with a plain and with an erasable record.
func eachRecord(t *testing.T, f func(t *testing.T, g *graph.Graph)) {
	t.Run("plain", func(t *testing.T) { f(t, openErasable(t, events.NewMem(), nil)) })
	t.Run("erasable", func(t *testing.T) { f(t, openErasable(t, events.NewMem(), events.NewMemKeys())) })
}

// build records what a program builds for a graph, and returns how many of its events
// are new.
func build(t *testing.T, g *graph.Graph, program func(b *events.Builder)) int {
	t.Helper()
	b := g.NewBatch(ctx, "desk")
	program(b)
	batch, err := b.Batch()
	if err != nil {
		t.Fatal(err)
	}
	r, err := g.Record(ctx, batch)
	if err != nil {
		t.Fatal(err)
	}
	return r.New
}

func sourceOf(t *testing.T, g *graph.Graph, url string) events.Source {
	t.Helper()
	s, err := g.View(nil).Source(ctx, g.Key("source", url))
	if err != nil {
		t.Fatal(err)
	}
	return *s
}

// What is not said of a source stays, what is said takes effect, and what is said again
// is not recorded again.
func TestSourceSaidAgain(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		first := func(b *events.Builder) {
			b.Source("u").By(b.Person("Ada")).Published("2025-08-04").Title("One").Text("They met.").
				Quotes(b.Person("Ada"), "They met.", "meet")
		}
		step := func(what string, want int, program func(b *events.Builder)) events.Source {
			t.Helper()
			if n := build(t, g, program); n != want {
				t.Errorf("%s: %d new events, want %d", what, n, want)
			}
			return sourceOf(t, g, "u")
		}
		said := step("the first time", 3, first)
		if got := step("a mention", 1, func(b *events.Builder) { b.Source("u").Says("wait") }); !reflect.DeepEqual(got, said) {
			t.Errorf("after a mention the source is\n%+v, was\n%+v", got, said)
		}
		if got := step("a mention with what is known", 1, func(b *events.Builder) { b.Source("u").By(b.Person("Ada")).Says("stay") }); !reflect.DeepEqual(got, said) {
			t.Errorf("after it was said again the source is\n%+v, was\n%+v", got, said)
		}
		if got := step("nothing said of a field", 1, func(b *events.Builder) {
			b.Source("u").Title("").By().Published("").Retrieved("").Language("").Publisher(events.EntityRef{}).Says("sit")
		}); !reflect.DeepEqual(got, said) {
			t.Errorf("after nothing was said the source is\n%+v, was\n%+v", got, said)
		}
		want := said
		want.Language = "en"
		if got := step("a language more", 1, func(b *events.Builder) { b.Source("u").Language("en") }); !reflect.DeepEqual(got, want) {
			t.Errorf("with a language the source is\n%+v, want\n%+v", got, want)
		}
		if want.Title = "Two"; step("another title", 1, func(b *events.Builder) { b.Source("u").Title("Two") }).Title != "Two" {
			t.Error("a title that was said did not take effect")
		}
		for i, title := range []string{"One", "Two", "One", "Two"} {
			back := func(b *events.Builder) { b.Source("u").Title(title) }
			want.Title = title
			if got := step("set back", 1, back); !reflect.DeepEqual(got, want) {
				t.Errorf("set back for time %d the source is\n%+v, want\n%+v", i, got, want)
			}
			if got := step("and again", 0, back); !reflect.DeepEqual(got, want) {
				t.Errorf("after that was repeated the source is\n%+v, want\n%+v", got, want)
			}
		}
		eve := g.Key(events.EntityKey(events.Person, "Eve")...)
		want.Authors = []uuid.UUID{eve}
		if got := step("another author", 2, func(b *events.Builder) { b.Source("u").By().By(b.Person("Eve")) }); !reflect.DeepEqual(got, want) {
			t.Errorf("by another author the source is\n%+v, want\n%+v", got, want)
		}
	})
}

// A builder whose batch has been recorded can go on, and its next batch adds only what
// is new.
func TestBatchGoesOn(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		b := g.NewBatch(ctx, "desk")
		record := func() int {
			t.Helper()
			batch, err := b.Batch()
			if err != nil {
				t.Fatal(err)
			}
			r, err := g.Record(ctx, batch)
			if err != nil {
				t.Fatal(err)
			}
			return r.New
		}
		ada := b.Person("Ada")
		s := b.Source("u").By(ada).Title("One")
		b.Entity(events.Place, "Mill", "places", "1")
		for i, c := range []struct {
			do   func()
			want int
		}{
			{func() {}, 3},
			{func() {}, 0},
			{func() { s.Says("wait") }, 1},
			{func() { s.Title("Two") }, 1},
			{func() {}, 0},
			{func() { s.Title("One") }, 1},
			{func() { b.Source("u").By(b.Person("Ada")) }, 0},
		} {
			c.do()
			if n := record(); n != c.want {
				t.Errorf("step %d: %d new events, want %d", i, n, c.want)
			}
		}
		if got := sourceOf(t, g, "u").Title; got != "One" {
			t.Errorf("the title is %q", got)
		}
	})
}

// Of what one batch says of a source by and by, the last holds.
func TestSaidTwiceInOneBatch(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		say := func(titles ...string) {
			t.Helper()
			build(t, g, func(b *events.Builder) {
				for _, title := range titles {
					b.Add(&events.SourceAdded{Source: events.Source{ID: g.Key("source", "u"), URL: "u", Title: title}})
				}
			})
			if got, want := sourceOf(t, g, "u").Title, titles[len(titles)-1]; got != want {
				t.Errorf("after %q the title is %q", titles, got)
			}
		}
		say("One", "Two", "One")
		say("Two", "One", "Two")
	})
}

// An entity that is mentioned again stays as it is; a name beside its key is its name.
func TestEntityMentionedAgain(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		is := func(id uuid.UUID, name, note string) {
			t.Helper()
			e, err := g.View(nil).Registered(ctx, id)
			if err != nil || e.Name.Text != name || e.Note != note {
				t.Errorf("the entity is %+v, %v, want %q, %q", e, err, name, note)
			}
		}
		ada, ben := g.Key(events.EntityKey(events.Person, "Ada")...), g.Key("entity", "person", "crm", "7")
		build(t, g, func(b *events.Builder) {
			b.Add(&events.EntityRegistered{Entity: events.Entity{ID: ada, Kind: events.Person, Name: events.Name{Text: "Ada Brandt"}, Note: "a judge"}})
			b.Add(&events.EntityRegistered{Entity: events.Entity{ID: ben, Kind: events.Person, Name: events.Name{Text: "Ben"}, Note: "a clerk"}})
		})
		for range 2 { // the second time there is nothing in the batch but what is known
			if n := build(t, g, func(b *events.Builder) { b.Person("Ada") }); n != 0 {
				t.Errorf("a person mentioned again: %d new events", n)
			}
			is(ada, "Ada Brandt", "a judge")
		}
		for _, name := range []string{"Ben", "Benjamin", "Ben"} {
			build(t, g, func(b *events.Builder) { b.Entity(events.Person, name, "crm", "7") })
			is(ben, name, "a clerk")
		}
		build(t, g, func(b *events.Builder) {
			b.Add(&events.SourceAdded{Source: events.Source{ID: g.Key("entity", "person", "crm", "9")}})
		})
		b := g.NewBatch(ctx, "desk")
		b.Entity(events.Person, "Eve", "crm", "9")
		batch, err := b.Batch()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := g.Record(ctx, batch); !errors.Is(err, events.ErrInvalid) {
			t.Errorf("an entity with the id of a source: %v", err)
		}
		if n := build(t, g, func(b *events.Builder) {
			b.Add(&events.EntityRegistered{Entity: events.Entity{ID: ada, Kind: events.Person, Name: events.Name{Text: "Ada"}}})
		}); n != 1 {
			t.Errorf("a note that is left out on purpose: %d new events", n)
		}
		is(ada, "Ada", "")
	})
}

// A name that was spelt wrongly.
func ExampleGraph_NewBatch_rename() {
	g := newGraph()
	defer g.Close()
	b := g.NewBatch(ctx, "desk")
	jonathan := b.Person("Jonathon Hale")
	b.Name(jonathan, "J. Hale", "")
	must(g, b)

	b = g.NewBatch(ctx, "desk")
	b.Rename(jonathan, "Jonathan Hale")
	must(g, b)

	e, err := g.View(nil).Entity(ctx, jonathan.ID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(e.Kind, e.Name.Text)
	// Output: person Jonathan Hale
}

// An entity has a new name, and all else that it had; what is not known has none.
func TestRename(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		id := g.Key(events.EntityKey(events.Person, "Jonathon")...)
		entity := func(name, note string) *events.EntityRegistered {
			return &events.EntityRegistered{Entity: events.Entity{ID: id, Kind: events.Person, Name: events.Name{Text: name, Language: "en"}, Note: note}}
		}
		build(t, g, func(b *events.Builder) { b.Add(entity("Jonathon", "a clerk")) })
		is := func(what, name, note string) {
			t.Helper()
			e, err := g.View(nil).Registered(ctx, id)
			if want := entity(name, note).Entity; err != nil || !reflect.DeepEqual(*e, want) {
				t.Errorf("%s it is %+v, %v, want %+v", what, e, err, want)
			}
		}
		rename := func(name, occasion string) (r graph.Receipt, event uuid.UUID) {
			t.Helper()
			b := g.NewBatch(ctx, "desk").Occasion(occasion)
			event = b.Rename(events.EntityRef{ID: id}, name)
			return record(t, g, b), event
		}
		for i, name := range []string{"Jonathan", "Jonathon", "Jonathan", "Jonathon"} {
			for n, want := range []int{1, 0} {
				r, event := rename(name, "")
				if e, err := g.View(nil).Event(ctx, event); r.New != want || r.Gone != nil || r.Revised != nil || err != nil || e.Body.(*events.EntityRegistered).Entity.Name.Text != name {
					t.Errorf("rename %d, time %d: %v, event %+v, %v", i, n, r, e, err)
				}
			}
			is("renamed", name, "a clerk")
		}

		for n, want := range []int{1, 0} {
			if r, _ := rename("Jonathan", "import"); r.New != want || r.Revised != nil {
				t.Errorf("on an occasion, time %d: %v", n, r)
			}
			is("on an occasion", "Jonathan", "a clerk")
		}
		rename("Johnathan", "")
		if r, event := rename("Jonathan", "import"); r.New != 0 || !slices.Equal(r.Revised, []uuid.UUID{event}) {
			t.Errorf("on the occasion again: %v", r)
		}
		is("on the occasion again, and renamed since,", "Johnathan", "a clerk")

		if r := record(t, g, func() *events.Builder {
			b := g.NewBatch(ctx, "desk")
			p := b.Person("Ann")
			b.Rename(p, "Anne")
			b.Rename(p, "Anna")
			return b
		}()); r.New != 3 {
			t.Errorf("of one in the batch: %v", r)
		}
		if e, err := g.View(nil).Registered(ctx, g.Key(events.EntityKey(events.Person, "Ann")...)); err != nil || e.Name.Text != "Anna" {
			t.Errorf("of one in the batch: %+v, %v", e, err)
		}

		if r := record(t, g, func() *events.Builder {
			b := g.NewBatch(ctx, "desk").Occasion("doubt")
			p := b.Person("Ann")
			b.Rename(p, "Annika")
			b.Rename(p, "Anja")
			b.Rename(p, "Annika")
			return b
		}()); r.New != 3 {
			t.Errorf("to and fro on an occasion: %v", r)
		}
		if e, err := g.View(nil).Registered(ctx, g.Key(events.EntityKey(events.Person, "Ann")...)); err != nil || e.Name.Text != "Annika" {
			t.Errorf("to and fro on an occasion: %+v, %v", e, err)
		}

		early := g.NewBatch(ctx, "desk")
		early.Rename(events.EntityRef{ID: id}, "Jon")
		rename("John", "")
		batch, err := early.Batch()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := g.Record(ctx, batch); !errors.Is(err, graph.ErrOutdated) {
			t.Errorf("renamed meanwhile: %v", err)
		}

		build(t, g, func(b *events.Builder) { b.Source("u").Title("One") })
		gone, hidden := uuid.Nil, uuid.Nil
		build(t, g, func(b *events.Builder) {
			gone = b.Add(&events.EntityRegistered{Entity: events.Entity{ID: g.Key("gone"), Kind: events.Person, Name: events.Name{Text: "Gone"}}})
			hidden = b.Add(&events.EntityRegistered{Entity: events.Entity{ID: g.Key("hidden"), Kind: events.Person, Name: events.Name{Text: "Hidden"}}})
		})
		build(t, g, func(b *events.Builder) { b.Retract(gone, "nobody"); b.Redact(hidden, "private") })
		by, _ := g.View(nil).RemovedBy(gone)
		for _, c := range []struct {
			id    uuid.UUID
			class error
			want  string
		}{
			{g.Key("nobody"), events.ErrUnknown, "nothing is known of it, and so not what it is beside its name, want an entity that is on record, or of this batch"},
			{g.Key("source", "u"), events.ErrUnknown, "nothing is known of it, and so not what it is beside its name, want an entity that is on record, or of this batch"},
			{g.Key("gone"), events.ErrRemoved, fmt.Sprintf("has been retracted by %s, want that retracted first", by)},
			{g.Key("hidden"), events.ErrRemoved, "is redacted, want Add with an EntityRegistered"},
		} {
			b := g.NewBatch(ctx, "desk")
			b.Rename(events.EntityRef{ID: c.id}, "New")
			if _, err := b.Batch(); !errors.Is(err, c.class) || err.Error() != fmt.Sprintf("events: Rename(\"New\") before statement 0: Entity %s: %s", c.id, c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		}
	})
}

// What was redacted or retracted does not come back because a program is repeated.
func TestRepeatRestoresNothing(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		program := func(b *events.Builder) { b.Source("u").Title("One"); b.Person("Ada") }
		var added, registered uuid.UUID
		b := g.NewBatch(ctx, "desk")
		program(b)
		batch, err := b.Batch()
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range batch.Events {
			switch e.Kind() {
			case events.KindSourceAdded:
				added = e.ID
			case events.KindEntityRegistered:
				registered = e.ID
			}
		}
		build(t, g, program)
		build(t, g, func(b *events.Builder) { b.Redact(added, "private"); b.Retract(registered, "nobody") })
		if n := build(t, g, program); n != 0 {
			t.Errorf("%d new events", n)
		}
		if _, err := g.View(nil).Source(ctx, g.Key("source", "u")); err == nil {
			t.Error("the redacted source is back")
		}
		if _, err := g.View(nil).Registered(ctx, g.Key(events.EntityKey(events.Person, "Ada")...)); err == nil {
			t.Error("the retracted entity is back")
		}
	})
}

// What has been retracted is not registered anew because it is mentioned in other words. To
// restore it takes a retraction or an Add.
func TestMentionRestoresNothing(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		read := func(b *events.Builder) {
			b.Source("u").Title("One").By(b.Organisation("The Crier")).Says("own", b.Person("Ada Brandt"))
			b.Entity(events.Person, "Tom", "crm", "7")
		}
		build(t, g, read)
		retracted := func() (by []uuid.UUID) {
			build(t, g, func(b *events.Builder) {
				for e, err := range g.View(nil).Events(ctx, 0) {
					if err != nil {
						t.Fatal(err)
					}
					if _, gone := g.View(nil).RemovedBy(e.ID); gone || e.Kind() == events.KindRetracted || e.Kind() == events.KindStatementRecorded {
						continue
					}
					if registered, ok := e.Body.(*events.EntityRegistered); !ok || registered.Entity.Kind == events.Person {
						by = append(by, b.Cascade(e.ID, "forged"))
					}
				}
			})
			return by
		}
		retracted()
		if n := build(t, g, read); n != 0 {
			t.Errorf("the same again: %d new events", n)
		}
		for what, program := range map[string]func(b *events.Builder){
			`source "u"`:                   func(b *events.Builder) { b.Source("u").Says("steal", b.Organisation("The Crier")) },
			`source "u": Source: has been`: func(b *events.Builder) { b.Source("u").Title("Two").By(b.Organisation("The Crier")) },
			`person("Ada  Brandt") before statement 0: has been`: func(b *events.Builder) { b.Person("Ada  Brandt") },
			`person("Thomas") before statement 0: has been`:      func(b *events.Builder) { b.Entity(events.Person, "Thomas", "crm", "7") },
		} {
			b := g.NewBatch(ctx, "desk")
			program(b)
			_, err := b.Batch()
			var refused *events.Error
			if !errors.As(err, &refused) || !errors.Is(err, events.ErrRemoved) || !strings.Contains(err.Error(), what) || len(refused.Events) != 1 {
				t.Errorf("%s: %v", what, err)
				continue
			}
			if e, err := g.View(nil).Event(ctx, refused.Events[0]); err != nil || e.Kind() != events.KindRetracted {
				t.Errorf("%s: retracted by %v, %v", what, e, err)
			}
		}

		build(t, g, func(b *events.Builder) {
			b.Add(&events.SourceAdded{Source: events.Source{ID: g.Key("source", "u"), URL: "u", Title: "Two"}})
			b.Add(&events.EntityRegistered{Entity: events.Entity{ID: g.Key("entity", "person", "crm", "7"), Kind: events.Person, Name: events.Name{Text: "Thomas"}}})
			b.Source("u").Says("wait", b.Entity(events.Person, "Thomas", "crm", "7"))
		})
		if s := sourceOf(t, g, "u"); s.Title != "Two" {
			t.Errorf("Add has made %+v", s)
		}

		by := retracted()
		build(t, g, func(b *events.Builder) {
			for _, retraction := range slices.Backward(by) {
				b.Retract(retraction, "not forged after all")
			}
		})
		build(t, g, func(b *events.Builder) { b.Source("u").Says("stay", b.Entity(events.Person, "Tom B.", "crm", "7")) })
	})
}

// The id of an entity that stands no more may be that of a source, and the other way
// round: a batch is told of what stands.
func TestIDOfAnother(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		add := func(body events.Body) (event uuid.UUID) {
			t.Helper()
			event = uuid.Must(uuid.NewV7())
			if _, err := g.Record(ctx, batchOf(events.Event{ID: event, Body: body})); err != nil {
				t.Fatal(err)
			}
			return event
		}
		entity := func(id uuid.UUID) *events.EntityRegistered {
			return &events.EntityRegistered{Entity: events.Entity{ID: id, Kind: events.Person, Name: events.Name{Text: "Ada"}}}
		}
		source := func(id uuid.UUID) *events.SourceAdded {
			return &events.SourceAdded{Source: events.Source{ID: id, Title: "One"}}
		}
		retract := func(event uuid.UUID) { add(&events.Retracted{Event: event, Reason: "nobody"}) }
		says := func(what string, want int, program func(b *events.Builder)) {
			t.Helper()
			if n := build(t, g, program); n != want {
				t.Errorf("%s: %d new events, want %d", what, n, want)
			}
		}

		u := g.Key("source", "u")
		retract(add(entity(u)))
		add(&events.Redacted{Event: add(source(u)), Reason: "private"})
		says("a title of a source that is redacted", 0, func(b *events.Builder) { b.Source("u").Title("Two") })

		ada := g.Key("entity", "person", "crm", "7")
		retract(add(source(ada)))
		add(entity(ada))
		says("a name of an entity", 1, func(b *events.Builder) { b.Entity(events.Person, "Ada Brandt", "crm", "7") })
		if e, err := g.View(nil).Registered(ctx, ada); err != nil || e.Name.Text != "Ada Brandt" {
			t.Errorf("the entity is %+v, %v", e, err)
		}
	})
}

// A source on record lends its statements its authors, its language and, if nobody is
// named, the same placeholder as in its own batch; authors who are named count.
func TestKnownHasAuthors(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		build(t, g, func(b *events.Builder) {
			b.Source("signed").By(b.Person("Ada")).Language("en")
			b.Source("unsigned").Says("wait")
		})
		speaker := func(program func(b *events.Builder) *events.StatementRef) (uuid.UUID, string) {
			t.Helper()
			var id uuid.UUID
			build(t, g, func(b *events.Builder) { id = program(b).ID() })
			s, err := g.View(nil).Statement(id)
			if err != nil {
				t.Fatal(err)
			}
			full, err := s.Load(ctx)
			if err != nil {
				t.Fatal(err)
			}
			return full.Statement.Voices[0].Speakers[0].Entity, full.Statement.Language
		}
		who, language := speaker(func(b *events.Builder) *events.StatementRef {
			return b.Known(g.Key("source", "signed")).Says("stay").Exact("We stay.")
		})
		if who != g.Key(events.EntityKey(events.Person, "Ada")...) || language != "en" {
			t.Errorf("the signed source speaks as %v in %q", who, language)
		}
		if who, _ = speaker(func(b *events.Builder) *events.StatementRef { return b.Known(g.Key("source", "unsigned")).Says("stay") }); who != g.Key(events.EntityKey(events.Placeholder, "author of unsigned")...) {
			t.Errorf("the unsigned source speaks as %v", who)
		}
		if who, _ = speaker(func(b *events.Builder) *events.StatementRef {
			return b.Known(g.Key("source", "signed"), b.Person("Eve")).Says("go")
		}); who != g.Key(events.EntityKey(events.Person, "Eve")...) {
			t.Errorf("with an author named the source speaks as %v", who)
		}
		b := g.NewBatch(ctx, "desk")
		b.Known(g.Key("source", "nowhere")).Says("stay")
		if _, err := b.Batch(); err == nil || !strings.Contains(err.Error(), `(its id is Graph.Key("source", url)), and no author was named`) {
			t.Errorf("of an unknown source nobody is the author: %v", err)
		}
		b = g.NewBatch(ctx, "desk")
		b.Known(events.Key("source", "nowhere"), b.Person("Ada")).Says("stay")
		batch, err := b.Batch()
		if err != nil {
			t.Fatal(err)
		}
		_, err = g.Record(ctx, batch)
		hint := err != nil && strings.Contains(err.Error(), "is not known: no earlier event records a source with this id, want an id of Graph.Key")
		if erasable := g.Key() != events.Key(); err == nil || hint != erasable {
			t.Errorf("of an unknown source, in an erasable record (%v): %v", erasable, err)
		}
	})
}

// Of a source whose registrations are all redacted nobody is taken to be the author, whether it is
// known or mentioned as before.
func TestRedactedHasNoAuthors(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		build(t, g, func(b *events.Builder) { b.Source("signed").By(b.Person("Ada")) })
		build(t, g, func(b *events.Builder) {
			b.Redact(g.View(nil).Registrations(g.Key("source", "signed"))[0], "by request")
		})
		for name, source := range map[string]func(b *events.Builder, authors ...events.EntityRef) *events.SourceRef{
			"known": func(b *events.Builder, authors ...events.EntityRef) *events.SourceRef {
				return b.Known(g.Key("source", "signed"), authors...)
			},
			"mentioned": func(b *events.Builder, authors ...events.EntityRef) *events.SourceRef {
				return b.Source("signed").By(authors...)
			},
		} {
			b := g.NewBatch(ctx, "desk")
			source(b).Says("stay", b.Person("Eve"))
			if _, err := b.Batch(); !errors.Is(err, events.ErrInvalid) || !strings.HasSuffix(err.Error(), "Source: its registration is redacted; name an author") {
				t.Errorf("%s: %v", name, err)
			}
			build(t, g, func(b *events.Builder) { source(b, b.Person("Eve")).Says("stay", b.Person("Eve")) })
		}
	})
}

// What is declared on record has its roles in every later batch.
func TestDeclaredOnRecord(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		build(t, g, func(b *events.Builder) {
			b.Declare(events.Predicate{Name: "pay", Roles: []events.Role{{Name: "boss"}, {Name: "worker"}}})
			b.Declare(events.Predicate{Name: "meet", Symmetric: true, Roles: []events.Role{{Name: "participant"}, {Name: "place"}}})
		})
		b := g.NewBatch(ctx, "desk")
		roles := func(predicate string) (names []string) {
			for _, a := range b.Claim(predicate, b.Person("Ada"), b.Person("Eve")).Args {
				names = append(names, a.Role)
			}
			return names
		}
		if got := fmt.Sprint(roles("pay"), roles("meet"), roles("see")); got != "[boss worker] [participant participant] [subject object]" {
			t.Errorf("roles %s", got)
		}
		build(t, g, func(b *events.Builder) { b.Source("u").Says("pay", b.Person("Ada"), b.Person("Eve")) })
	})
}

// What a graph refuses is named as the builder's caller knows it.
func TestRefusalIsNamed(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		nobody := events.EntityRef{ID: uuid.Must(uuid.NewV7())}
		for want, program := range map[string]func(b *events.Builder){
			`events: statement 1 ("pay"): Statement.Claim.Args[0].Value.ID ` + nobody.ID.String() + ` (role "subject"): is not known`: func(b *events.Builder) {
				s := b.Source("u").By(b.Person("Ada"))
				s.Says("wait")
				s.Says("pay", nobody)
				b.Source("t").Says("pay")
			},
			`events: source "u": Source.Publisher ` + nobody.ID.String() + ": is not known": func(b *events.Builder) { b.Source("u").Publisher(nobody) },
		} {
			b := g.NewBatch(ctx, "desk")
			program(b)
			batch, err := b.Batch()
			if err != nil {
				t.Fatal(err)
			}
			_, err = g.Record(ctx, batch)
			if !errors.Is(err, events.ErrInvalid) || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("\n got %v\nwant %s", err, want)
			}
			number := -1
			fmt.Sscanf(want, "events: statement %d", &number)
			if refused := (*events.Error)(nil); !errors.As(err, &refused) || refused.Statement != number {
				t.Errorf("%v: its statement is %d", err, refused.Statement)
			}
		}
	})
}

// A table too large for one batch is recorded in few, in order, and once.
func TestBatches(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		const rows = 3000
		gloss := strings.Repeat("x", 400)
		table := func() *events.Builder {
			b := g.NewBatch(ctx, "desk").Occasion("table")
			b.Declare(events.Predicate{Name: "pay", Roles: []events.Role{{Name: "boss"}, {Name: "worker"}}})
			page := b.Source("table.csv").By(b.Organisation("Ministry"))
			first := page.Says("open").ID()
			for i := range rows {
				s := page.Says("pay", b.Organisation(fmt.Sprint("Firm ", i%7)), b.Person(fmt.Sprint("Worker ", i))).Gloss(gloss).Locator(fmt.Sprint("line ", i))
				if i%1000 == 0 {
					b.Link(s.ID(), events.Repeats, first, "")
				}
			}
			return b
		}
		_, err := table().Batch()
		if !errors.Is(err, events.ErrRecordSize) || !strings.Contains(err.Error(), "Builder.Batches") {
			t.Errorf("in one batch: %v", err)
		}
		bad := table()
		bad.Source("table.csv").Says("")
		bad.Source("table.csv").Says("pay").On("soon")
		if n, err := g.RecordAll(ctx, bad.Batches()); n != 0 || !errors.Is(err, events.ErrInvalid) || strings.Count(err.Error(), "\n") != 1 {
			t.Errorf("with two mistakes %d batches are recorded: %v", n, err)
		}
		b := table()
		var again []*events.Batch
		for p, err := range b.Batches() {
			if err != nil {
				t.Fatal(err)
			}
			again = append(again, p)
		}
		n, err := g.RecordAll(ctx, b.Batches())
		if err != nil || n != len(again) || n < 3 || n > 4 {
			t.Fatalf("%d batches are recorded, %d were given: %v", n, len(again), err)
		}
		if got := count(g.View(nil), graph.Pattern{}); got != rows+1 {
			t.Errorf("%d statements, want %d", got, rows+1)
		}
		for _, program := range []*events.Builder{b, table()} {
			for p, err := range program.Batches() {
				if err != nil {
					t.Fatal(err)
				}
				if r, err := g.Record(ctx, p); err != nil || r.New != 0 {
					t.Errorf("again: %d new, %v", r.New, err)
				}
			}
		}
		if n, err := g.RecordAll(ctx, g.NewBatch(ctx, "desk").Batches()); n != 0 || err != nil {
			t.Errorf("of nothing %d batches are recorded: %v", n, err)
		}
	})
}

// Texts that are too much for one batch come with the batches that need them, and are
// checked there.
func TestBatchesOfTexts(t *testing.T) {
	g := openErasable(t, events.NewMem(), nil)
	b := g.NewBatch(ctx, "desk")
	for i := range 3 {
		words := fmt.Sprint("Text ", i)
		b.Source(words).Text(words+strings.Repeat(".", events.MaxSourceText/2)).Quotes(b.Person("Ada"), words, "say")
	}
	if _, err := b.Batch(); !errors.Is(err, events.ErrInvalid) || !strings.Contains(fmt.Sprint(err), "Builder.Batches") {
		t.Errorf("in one batch: %v", err)
	}
	n, most := 0, 0
	for p, err := range b.Batches() {
		if err != nil {
			t.Fatal(err)
		}
		size := 0
		for _, text := range p.Texts {
			size += len(text)
		}
		for _, e := range p.Events {
			if s, ok := e.Body.(*events.StatementRecorded); ok && p.Texts[s.Statement.Source] == "" {
				t.Errorf("batch %d has a statement without its text", n)
			}
		}
		n, most = n+1, max(most, size)
		if _, err := g.Record(ctx, p); err != nil {
			t.Error(err)
		}
	}
	if n < 3 || most > events.MaxSourceText {
		t.Errorf("%d batches with up to %d bytes of text", n, most)
	}
}

// However many statements of one source there are, each batch that has some comes with
// its text.
func TestBatchesOfOneText(t *testing.T) {
	gloss := strings.Repeat("x", 60_000)
	most := 0
	for said := range 20 {
		b := events.NewBatch("desk")
		source := b.Source("u").Text("They met.").By(b.Person("Ada"))
		for i := range said {
			source.Says("meet").Locator(fmt.Sprint("line ", i)).Gloss(gloss)
		}
		n := 0
		for p, err := range b.Batches() {
			if err != nil {
				t.Fatal(err)
			}
			n++
			if last := p.Events[len(p.Events)-1]; last.Kind() == events.KindStatementRecorded && len(p.Texts) != 1 {
				t.Errorf("batch %d of %d statements has %d texts", n, said, len(p.Texts))
			}
		}
		most = max(most, n)
	}
	if most != 2 {
		t.Errorf("up to %d batches, want 2", most)
	}
}

// Ids of keys may be as long as they are allowed to be: a batch fits one record all the same.
func TestBatchesWithLongKeys(t *testing.T) {
	g := openErasable(t, events.NewMem(), &longKeys{events.NewMemKeys()})
	b := g.NewBatch(ctx, "desk")
	for i := range 5000 {
		b.Person(fmt.Sprint("Ann ", i))
	}
	if n, err := g.RecordAll(ctx, b.Batches()); err != nil || n < 2 {
		t.Errorf("%d batches are recorded: %v", n, err)
	}
}

// longKeys are keys with ids of 64 bytes.
type longKeys struct{ *events.MemKeys }

func (k *longKeys) New(ctx context.Context, n int) ([]events.EventKey, error) {
	made, err := k.MemKeys.New(ctx, n)
	for i := range made {
		made[i].ID = append(made[i].ID, make([]byte, 64-len(made[i].ID))...)
	}
	return made, err
}

// While the words of a batch are searched for in its texts, others record; and the search
// ends with the context of who wants it.
func TestRecordWhileWordsAreSearched(t *testing.T) {
	g := open(t, events.NewMem())
	words := func(title string) *events.Batch {
		b := g.NewBatch(ctx, "desk")
		source := b.Source(title).By(b.Person("Ada")).Text("again and again")
		for i := range 10 {
			source.Says("say").Arg("n", events.Number(fmt.Sprint(i), "")).Exact("again")
		}
		batch, err := b.Batch()
		if err != nil {
			t.Fatal(err)
		}
		return batch
	}
	for call, record := range map[string]func(ctx context.Context, b *events.Batch) error{
		"Record": func(ctx context.Context, b *events.Batch) error { _, err := g.Record(ctx, b); return err },
		"RecordIf": func(ctx context.Context, b *events.Batch) error {
			_, err := g.RecordIf(ctx, b, graph.Condition{})
			return err
		},
		"RecordAll": func(ctx context.Context, b *events.Batch) error {
			_, err := g.RecordAll(ctx, func(yield func(*events.Batch, error) bool) { yield(b, nil) })
			return err
		},
	} {
		held := &held{Context: ctx, searching: make(chan struct{}), other: make(chan struct{})}
		batch, done := words(call), make(chan error)
		go func() { done <- record(held, batch) }()
		select {
		case <-held.searching:
		case err := <-done:
			t.Fatalf("%s ended without a look at its context: %v", call, err)
		}
		if _, err := g.Record(ctx, words("beside "+call)); err != nil {
			t.Errorf("beside %s: %v", call, err)
		}
		close(held.other)
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", call, err)
		}
	}
}

// held is a context that is ended by who looks at it for the fifth time, once another batch
// has been recorded: of ten statements, some are left then.
type held struct {
	context.Context
	looks            atomic.Int32
	searching, other chan struct{}
}

func (h *held) Err() error {
	switch n := h.looks.Add(1); {
	case n < 5:
		return nil
	case n == 5:
		close(h.searching)
		<-h.other
	}
	return context.Canceled
}

// What a program decides on an occasion is recorded once; without one a second retraction
// is refused, with a hint.
func TestDecideAgain(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		decide := func(b *events.Builder) {
			ada, eve := b.Person("Ada"), b.Person("Eve")
			page := b.Source("u").By(b.Person("Ben"))
			first, second := page.Says("wait", ada).ID(), page.Says("stay", ada).ID()
			b.Link(first, events.Explains, second, "")
			b.Judge(ada, events.Different, eve, "")
			b.Split(ada, eve, "another Ada", second)
			b.Cascade(page.Says("go", ada).ID(), "misread")
			b.Retract(page.Says("sit", ada).ID(), "misread")
		}
		once := func(b *events.Builder) { b.Occasion("review"); decide(b) }
		if n := build(t, g, once); n != 13 {
			t.Errorf("%d new events", n)
		}
		if n := build(t, g, once); n != 0 {
			t.Errorf("again: %d new events", n)
		}
		if got := count(g.View(nil), graph.Pattern{Entity: g.Key(events.EntityKey(events.Person, "Eve")...)}); got != 1 {
			t.Errorf("%d statements are of whom the split names", got)
		}
		b := g.NewBatch(ctx, "desk")
		b.Retract(b.Source("u").Says("sit", b.Person("Ada")).ID(), "misread")
		batch, err := b.Batch()
		if err != nil {
			t.Fatal(err)
		}
		if _, err = g.Record(ctx, batch); !errors.Is(err, events.ErrRemoved) || !strings.Contains(err.Error(), "Builder.Occasion") {
			t.Errorf("without a key: %v", err)
		}
	})
}

// Who refers to what has been retracted is told by whom, and why, also of what has fallen
// with something else.
func TestToldWhoRetracted(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		b := g.NewBatch(ctx, "Ada")
		page := b.Source("https://gazette.example/12")
		said := page.Says("wait", b.Person("Ben")).ID()
		other := b.Source("https://gazette.example/13")
		kept, more := other.Says("stay", b.Person("Ben")).ID(), other.Says("go", b.Person("Ben")).ID()
		must(g, b)
		b = g.NewBatch(ctx, "Eve")
		by := b.Cascade(g.View(nil).Registrations(page.ID())[0], "the page is forged")
		must(g, b)

		refused := func(b *events.Builder, want string) {
			t.Helper()
			batch, err := b.Batch()
			if err == nil {
				_, err = g.Record(ctx, batch)
			}
			if !errors.Is(err, events.ErrRemoved) || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %s", err, want)
			}
		}
		b = g.NewBatch(ctx, "Ada")
		b.Link(kept, events.Confirms, said, "")
		b.Link(kept, events.Explains, said, "")
		refused(b, "has been retracted by "+by.String()+`, which "Eve" recorded, because "the page is forged", want one that stands`)
		b = g.NewBatch(ctx, "Ada")
		again := b.Cascade(kept, "")
		b.Link(more, events.Confirms, kept, "") // in the batch in hand
		refused(b, "has been retracted by "+again.String())
	})
}

// A verdict that others stand against is refused with the names of whom they are about, each
// where its id comes first, as the record or the batch has it now; what is redacted has none.
func TestVerdictRefusedByName(t *testing.T) {
	g := open(t, events.NewMem())
	var ada, ida, oda events.EntityRef
	var named uuid.UUID
	build(t, g, func(b *events.Builder) {
		ada, ida = b.Person("Ada"), b.Person("Ida")
		b.Judge(ada, events.Same, ida, "")
	})
	refusal := func() string {
		b := g.NewBatch(ctx, "desk")
		oda = b.Person("Oda")
		b.Judge(ida, events.Different, oda, "")
		b.Judge(oda, events.Same, ada, "")
		batch, err := b.Batch()
		if err != nil {
			t.Fatal(err)
		}
		_, err = g.Record(ctx, batch)
		if !errors.Is(err, events.ErrIdentity) {
			t.Fatalf("refused with %v", err)
		}
		return strings.NewReplacer(ada.ID.String(), "ADA", ida.ID.String(), "IDA", oda.ID.String(), "ODA").Replace(err.Error())
	}
	const want = `events: decision 1 (IdentityJudged): Verdict same: person("Oda") ODA and person("Ada") ADA cannot be same while these verdicts stand: ` +
		`ODA different person("Ida") IDA, IDA same ADA, want unsure, or one of them retracted first`
	if got := refusal(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	build(t, g, func(b *events.Builder) { b.Rename(ida, "Ida Berg") })
	if got, want := refusal(), strings.Replace(want, `"Ida"`, `"Ida Berg"`, 1); got != want {
		t.Errorf("renamed: got  %s\nwant %s", got, want)
	}
	for _, id := range g.View(nil).Registrations(ada.ID) {
		named = id
	}
	build(t, g, func(b *events.Builder) { b.Redact(named, "by request") })
	if got, want := refusal(), strings.NewReplacer(`"Ida"`, `"Ida Berg"`, `person("Ada") `, "").Replace(want); got != want {
		t.Errorf("redacted: got  %s\nwant %s", got, want)
	}
}
