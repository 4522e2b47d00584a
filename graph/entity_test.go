package graph_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// A cluster goes by the name of the member that was registered first, whichever has
// the smaller id and in whichever order they are judged.
func TestNameOfCluster(t *testing.T) {
	g := open(t, events.NewMem())
	called := func(id events.EntityRef, at events.Position, kind events.EntityKind, want ...string) {
		t.Helper()
		v := g.View(&graph.Lens{AsOf: at})
		e, err := v.Entity(ctx, id.ID)
		if err != nil {
			t.Fatal(err)
		}
		got := []string{e.Name.Text}
		for _, n := range e.Names {
			got = append(got, n.Text)
		}
		if e.Kind != kind || v.Kind(id.ID) != kind || !slices.Equal(got, want) || e.ID != e.Members[0] {
			t.Errorf("as of %d: a %v, %q, want a %v, %q", at, e.Kind, got, kind, want)
		}
		if _, k := v.Numbers().Names(v.Numbers().Entity(id.ID), nil); k != kind {
			t.Errorf("as of %d: in numbers a %v, want a %v", at, k, kind)
		}
	}
	b := events.NewBatch("desk")
	for _, name := range []string{"Lena Ohm", "Ann", "Bo", "Cy"} {
		person, misspelt := b.Person(name), b.Person(name+"e")
		b.Judge(person, events.Same, misspelt, "a misspelling")
		office, title := b.Office(name+"'s office"), b.Organisation(name+"'s bureau")
		b.Judge(title, events.Same, office, "the same")
	}
	unknown, found := b.Placeholder("a witness"), b.Person("Dee")
	b.Judge(unknown, events.Same, found, "she says so")
	record(t, g, b)
	for _, name := range []string{"Lena Ohm", "Ann", "Bo", "Cy"} {
		called(b.Person(name), 0, events.Person, name, name, name+"e")
		called(b.Organisation(name+"'s bureau"), 0, events.Office, name+"'s office", name+"'s office", name+"'s bureau")
	}
	called(found, 0, events.Person, "Dee", "a witness", "Dee")

	b = events.NewBatch("desk")
	b.Judge(b.Placeholder("the first caller"), events.Same, b.Placeholder("the second caller"), "one voice")
	b.Judge(b.Placeholder("a third caller"), events.Same, b.Placeholder("a fourth caller"), "one voice")
	record(t, g, b)
	called(b.Placeholder("the second caller"), 0, events.Placeholder, "the first caller", "the first caller", "the second caller")
	called(b.Placeholder("a third caller"), 0, events.Placeholder, "a third caller", "a third caller", "a fourth caller")

	ohm := b.Person("Lena Ohm")
	again := events.NewBatch("desk")
	anew := again.Add(&events.EntityRegistered{Entity: events.Entity{ID: ohm.ID, Kind: events.Person, Name: events.Name{Text: "Lena Öhm"}}})
	record(t, g, again)
	called(ohm, 0, events.Person, "Lena Öhm", "Lena Öhm", "Lena Ohme")
	called(ohm, 2, events.Person, "Lena Ohm", "Lena Ohm", "Lena Ohme")
	redact := events.NewBatch("desk")
	redact.Redact(anew, "she asks for it")
	record(t, g, redact)
	called(ohm, 0, events.Person, "Lena Ohm", "Lena Ohm", "Lena Ohme")
}

// Nobody is unsure of whom it is the same as, whatever was judged before.
func TestUnsureOfItself(t *testing.T) {
	g := newGraph()
	defer g.Close()
	b := g.NewBatch(ctx, "desk")
	ann, anne, other := b.Person("Ann"), b.Person("Anne"), b.Person("Anna")
	b.Judge(ann, events.Unsure, anne, "")
	b.Judge(anne, events.Unsure, other, "")
	b.Judge(ann, events.Same, anne, "")
	must(g, b)
	for _, id := range []uuid.UUID{ann.ID, anne.ID} {
		if e, err := g.View(nil).Entity(ctx, id); err != nil || !slices.Equal(e.Unsure, []uuid.UUID{other.ID}) {
			t.Errorf("unsure of %v, %v, want %v", e.Unsure, err, other.ID)
		}
	}
}

// Of what is redacted, erased or not, the kind of event is told, and nothing else.
func TestKindOfRedacted(t *testing.T) {
	for name, g := range map[string]*graph.Graph{
		"plain":    open(t, events.NewMem()),
		"erasable": openErasable(t, events.NewMem(), events.NewMemKeys()),
	} {
		b := g.NewBatch(ctx, "desk")
		ohm := b.Person("Lena Ohm")
		said := b.Source("https://example.org/1").By(b.Person("A. Reporter")).Says("resign", ohm).ID()
		record(t, g, b)
		redact := g.NewBatch(ctx, "desk")
		redact.Redact(said, "by request")
		for e, err := range g.View(nil).Events(ctx, 0) {
			if err != nil {
				t.Fatal(err)
			}
			if r, ok := e.Body.(*events.EntityRegistered); ok && r.Entity.ID == ohm.ID {
				redact.Redact(e.ID, "by request")
			}
		}
		record(t, g, redact)
		want := map[events.Kind]int{events.KindStatementRecorded: 1, events.KindEntityRegistered: 1}
		for e, err := range g.View(nil).Events(ctx, 0) {
			if err != nil {
				t.Fatal(err)
			}
			if e.Body == nil {
				want[e.Kind()]--
			}
		}
		if want[events.KindStatementRecorded] != 0 || want[events.KindEntityRegistered] != 0 || len(want) != 2 {
			t.Errorf("%s: not told, or too much: %v", name, want)
		}
		if e, err := g.View(nil).Entity(ctx, ohm.ID); err != nil || e.Kind != 0 || !e.Redacted {
			t.Errorf("%s: the entity is a %v, redacted: %v, %v", name, e.Kind, e.Redacted, err)
		}
	}
}

// Of many registrations of a source, the one counts that was recorded last of those that
// stand and are not redacted, also after some have been withdrawn and restored.
func TestNewestOfMany(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, turns := range []int{0, 1, 3} { // withdrawals or restorations for each registration
		g := open(t, events.NewMem())
		source := events.Key("source", "live")
		var ids, retractions []uuid.UUID
		var stands, redacted []bool
		var want [][]bool
		for i := range 500 {
			b := &events.Batch{Recorder: "desk"}
			add := func(body events.Body) uuid.UUID {
				id := events.Key(fmt.Sprint(i), fmt.Sprint(len(b.Events)))
				b.Events = append(b.Events, events.Event{ID: id, Body: body})
				return id
			}
			ids = append(ids, add(&events.SourceAdded{Source: events.Source{ID: source, URL: "https://example.org/live", Title: fmt.Sprint(i)}}))
			stands, redacted, retractions = append(stands, true), append(redacted, false), append(retractions, uuid.Nil)
			for range turns {
				if k := rnd.IntN(i + 1); stands[k] {
					retractions[k], stands[k] = add(&events.Retracted{Event: ids[k]}), false
				} else {
					add(&events.Retracted{Event: retractions[k]})
					stands[k] = true
				}
			}
			if turns > 0 && rnd.IntN(20) == 0 {
				add(&events.Redacted{Event: ids[i]})
				redacted[i] = true
			}
			if _, err := g.Record(ctx, b); err != nil {
				t.Fatal(err)
			}
			want = append(want, slices.Clone(stands))
		}
		for p, stood := range want {
			title, there := "", false
			for k := range stood {
				if there = there || stood[k]; stood[k] && !redacted[k] {
					title = fmt.Sprint(k)
				}
			}
			s, err := g.View(&graph.Lens{AsOf: events.Position(p + 1)}).Source(ctx, source)
			switch {
			case !there && errors.Is(err, graph.ErrNotInView), there && title == "" && errors.Is(err, graph.ErrRedacted):
			case err != nil || s.Title != title:
				t.Fatalf("as of %d: %v, %v, want %q", p+1, s, err, title)
			}
		}
	}
}

// Registrations has what registers and names a source or an entity, as of the view, and
// nothing when all that is retracted, the last first.
func TestRegistrations(t *testing.T) {
	g := newGraph()
	defer g.Close()
	b := g.NewBatch(ctx, "desk")
	brandt, vale := b.Person("Ada Brandt"), b.Person("Tom Vale")
	b.Source("https://gazette.example/12").Title("The mayor").Says("meet", brandt, vale)
	must(g, b)
	b = g.NewBatch(ctx, "desk")
	gazette := b.Source("https://gazette.example/12").Title("The mayor, again")
	gazette.Says("visit", brandt, vale)
	brandt = b.Person("Ada Brandt")
	b.Name(brandt, "A. Brandt", "en")
	b.Name(brandt, "Ада Брандт", "uk")
	must(g, b)
	first, both := g.View(&graph.Lens{AsOf: 1}), g.View(nil)

	kinds := func(v graph.View, id uuid.UUID) (all []string) {
		for _, event := range v.Registrations(id) {
			e, err := v.Event(ctx, event)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, e.Kind().String())
		}
		return all
	}
	for _, c := range []struct {
		what string
		v    graph.View
		id   uuid.UUID
		want string
	}{
		{"the source, first", first, gazette.ID(), "SourceAdded"},
		{"the source", both, gazette.ID(), "SourceAdded SourceAdded"},
		{"the entity, first", first, brandt.ID, "EntityRegistered"},
		{"the entity", both, brandt.ID, "EntityRegistered EntityNamed EntityNamed"},
		{"another entity", both, vale.ID, "EntityRegistered"},
		{"nothing", both, uuid.Nil, ""},
		{"an event", both, both.Registrations(vale.ID)[0], ""},
	} {
		if got := strings.Join(kinds(c.v, c.id), " "); got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}

	b = g.NewBatch(ctx, "desk")
	b.Redact(both.Registrations(gazette.ID())[0], "by request")
	must(g, b)
	b = g.NewBatch(ctx, "desk")
	for _, id := range []uuid.UUID{gazette.ID(), brandt.ID} {
		for _, event := range slices.Backward(g.View(nil).Registrations(id)) {
			b.Cascade(event, "made up")
		}
	}
	must(g, b)
	v := g.View(nil)
	if all := slices.Concat(v.Registrations(gazette.ID()), v.Registrations(brandt.ID)); len(all) != 0 || count(v, graph.Pattern{}) != 0 {
		t.Errorf("after all was retracted there are %v and %d statements", all, count(v, graph.Pattern{}))
	}
	if _, err := v.Source(ctx, gazette.ID()); !errors.Is(err, graph.ErrNotInView) {
		t.Errorf("the source: %v", err)
	}
}
