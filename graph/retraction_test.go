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

// A statement that was recorded wrongly, and corrected wrongly, is taken back for good.
func ExampleGraph_NewBatch_retractVersions() {
	g := newGraph()
	defer g.Close()
	b := g.NewBatch(ctx, "desk")
	page := b.Source("https://example.org/town").By(b.Person("A. Reporter"))
	first := page.Says("resign", b.Person("the mayor")).On("2025-03-03").ID()
	second := page.Says("resign", b.Person("the mayor")).On("2025-03-04").Replaces(first).ID()
	must(g, b)

	b = g.NewBatch(ctx, "desk")
	retractions := b.RetractVersions(second, "the page says it of the town's clerk")
	must(g, b)

	shown := 0
	for range g.View(nil).Statements(graph.Pattern{Predicate: "resign"}) {
		shown++
	}
	fmt.Println(len(retractions), "retracted,", shown, "shown")
	// Output:
	// 2 retracted, 0 shown
}

// versions records statements, each of which replaces the one before, one a batch, and returns
// their ids.
func versions(t *testing.T, g *graph.Graph, of string, n int) (ids []uuid.UUID) {
	t.Helper()
	last := uuid.Nil
	for i := range n {
		build(t, g, func(b *events.Builder) {
			last = b.Source("u").By(b.Person("Ada")).Says("pay", b.Person("Eve")).Gloss(fmt.Sprint(of, i)).Replaces(last).ID()
		})
		ids = append(ids, last)
	}
	return ids
}

// standing returns which of these events stand.
func standing(g *graph.Graph, ids []uuid.UUID) (places []int) {
	shown := make(map[uuid.UUID]bool)
	for s := range g.View(nil).Statements(graph.Pattern{Predicate: "pay"}) {
		shown[s.ID()] = true
	}
	for i, id := range ids {
		if shown[id] {
			places = append(places, i)
		}
	}
	return places
}

// A statement and what it has replaced are taken back together, and undone one by one, the last
// first; what has been retracted before is left out.
func TestRetractVersions(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		ids := versions(t, g, "one", 3)
		var undo []uuid.UUID
		if n := build(t, g, func(b *events.Builder) { undo = b.RetractVersions(ids[2], "wrong") }); n != 3 || len(undo) != 3 || standing(g, ids) != nil {
			t.Errorf("%d new retractions, ids %v, and %v stand", n, undo, standing(g, ids))
		}
		for i, r := range slices.Backward(undo) {
			build(t, g, func(b *events.Builder) { b.Retract(r, "right after all") })
			if got := standing(g, ids); !slices.Equal(got, []int{2 - i}) {
				t.Errorf("after the undoing of %d, %v stand", i, got)
			}
		}
		for first := range 3 {
			build(t, g, func(b *events.Builder) { b.Retract(ids[2-first], "wrong") })
			b := g.NewBatch(ctx, "desk")
			undo = b.RetractVersions(ids[2], "wrong")
			if len(undo) != 2-first {
				t.Errorf("with %d retracted already, %d more are", first+1, len(undo))
			}
			if len(undo) > 0 {
				record(t, g, b)
			} else if _, err := b.Batch(); !errors.Is(err, events.ErrRemoved) || !strings.Contains(err.Error(), "has been retracted already, by ") {
				t.Errorf("with all retracted already: %v", err)
			}
			if got := standing(g, ids); got != nil {
				t.Errorf("with %d retracted already, %v stand", first+1, got)
			}
			for _, r := range slices.Backward(undo) {
				build(t, g, func(b *events.Builder) { b.Retract(r, "back") })
			}
		}
	})
}

// What is said and replaced, retracted or taken back in the same batch counts.
func TestRetractVersionsInOneBatch(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		ids := versions(t, g, "one", 2)
		if n := build(t, g, func(b *events.Builder) {
			s := b.Known(g.Key("source", "u"))
			third := s.Says("pay", b.Person("Eve")).Gloss("third").Replaces(ids[1]).ID()
			ids = append(ids, third, s.Says("pay", b.Person("Eve")).Gloss("fourth").Replaces(third).ID())
			if got := b.RetractVersions(ids[3], "wrong"); len(got) != 4 {
				t.Errorf("%d are retracted, want 4", len(got))
			}
			if got := b.RetractVersions(ids[3], "again"); got != nil {
				t.Errorf("retracted again in the same batch: %v", got)
			}
		}); n != 6 || standing(g, ids) != nil {
			t.Errorf("%d new events, and %v stand", n, standing(g, ids))
		}
		ids = versions(t, g, "other", 4)
		if n := build(t, g, func(b *events.Builder) {
			b.Retract(ids[3], "wrong")
			b.RetractVersions(ids[3], "and wrong before")
		}); n != 4 || standing(g, ids) != nil {
			t.Errorf("behind a retraction in the same batch: %d new events, and %v stand", n, standing(g, ids))
		}
	})
}

// Where something rests on what was replaced, Cascade takes that along.
func TestRetractVersionsInUse(t *testing.T) {
	g := newGraph()
	defer g.Close()
	ids := versions(t, g, "one", 3)
	build(t, g, func(b *events.Builder) {
		b.Source("u").Says("deny").Arg("object", events.Said(ids[0]))
		b.Link(ids[1], events.Explains, ids[2], "")
	})
	b := g.NewBatch(ctx, "desk")
	b.RetractVersions(ids[2], "wrong")
	batch, err := b.Batch()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Record(ctx, batch); !errors.Is(err, events.ErrInUse) {
		t.Errorf("in use: %v", err)
	}
	build(t, g, func(b *events.Builder) {
		b.Cascade(ids[2], "wrong")
		for id := range g.View(nil).Replaced(ids[2]) {
			b.Cascade(id, "wrong")
		}
	})
	if got := standing(g, ids); got != nil {
		t.Errorf("%v stand", got)
	}
}

// What is taken back together is recorded together, also where there is more than a batch takes:
// no position shows what had been replaced.
func TestRetractVersionsOfMany(t *testing.T) {
	g := newGraph()
	defer g.Close()
	const n = 450
	var first, second [n]uuid.UUID
	build(t, g, func(b *events.Builder) {
		for i := range n {
			first[i] = b.Source("u").By(b.Person("Ada")).Says("pay", b.Person("Eve")).Gloss(fmt.Sprint(i)).ID()
		}
	})
	build(t, g, func(b *events.Builder) {
		for i := range n {
			second[i] = b.Source("u").Says("pay", b.Person("Eve")).Gloss(fmt.Sprint("corrected ", i)).Replaces(first[i]).ID()
		}
	})
	before := g.View(nil).Position()
	b := g.NewBatch(ctx, "desk")
	for i := range n {
		b.RetractVersions(second[i], strings.Repeat("wrong ", 166+i%9))
	}
	parts, err := g.RecordAll(ctx, b.Batches())
	if err != nil || parts < 2 {
		t.Fatalf("%d batches, %v", parts, err)
	}
	for p := before; p <= g.View(nil).Position(); p++ {
		v := g.View(&graph.Lens{AsOf: p})
		for i, id := range first {
			if _, err := v.Statement(id); err == nil {
				t.Fatalf("as of %d, statement %d is shown as it was before", p, i)
			}
		}
	}
	if got := standing(g, second[:]); got != nil {
		t.Errorf("%d stand", len(got))
	}
}

// A program with an occasion may be run again.
func TestRetractVersionsAgain(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		ids := versions(t, g, "one", 3)
		for i, want := range []int{3, 0} {
			if n := build(t, g, func(b *events.Builder) { b.Occasion("4 August").RetractVersions(ids[2], "wrong") }); n != want || standing(g, ids) != nil {
				t.Errorf("time %d: %d new events, and %v stand", i, n, standing(g, ids))
			}
		}
	})
}

// What cannot be taken back is told with what would be right.
func TestRetractVersionsMistakes(t *testing.T) {
	g := newGraph()
	defer g.Close()
	ids := versions(t, g, "one", 3)
	mistake := func(statement uuid.UUID, want string) {
		t.Helper()
		b := g.NewBatch(ctx, "desk")
		b.RetractVersions(statement, "wrong")
		if _, err := b.Batch(); !errors.Is(err, events.ErrRemoved) || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
	mistake(ids[1], fmt.Sprintf("events: RetractVersions(%s): Statement %s: has been replaced by the statement %s, want that one, which takes back this, too", ids[1], ids[1], ids[2]))
	build(t, g, func(b *events.Builder) { b.Retract(ids[2], "wrong") })
	other := uuid.Nil
	build(t, g, func(b *events.Builder) {
		other = b.Source("u").Says("pay", b.Person("Ann")).Replaces(ids[1]).ID()
	})
	mistake(ids[2], fmt.Sprintf("events: RetractVersions(%s): Statement %s: has been replaced by the statement %s, want that one, which takes back this, too", ids[2], ids[1], other))
	build(t, g, func(b *events.Builder) { b.RetractVersions(other, "wrong, too") })
	if got := standing(g, append(ids, other)); got != nil {
		t.Errorf("%v stand", got)
	}

	b := events.NewBatch("desk")
	b.RetractVersions(ids[2], "wrong")
	want := fmt.Sprintf("events: RetractVersions(%s): the builder does not know the record, and so not what the statement has replaced, want one that does (graph.Graph.NewBatch), or Retract for each", ids[2])
	if _, err := b.Batch(); err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}

	b = g.NewBatch(ctx, "desk")
	b.RetractVersions(uuid.NewSHA1(uuid.Nil, []byte("unknown")), "wrong")
	batch, err := b.Batch()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Record(ctx, batch); !errors.Is(err, events.ErrUnknown) {
		t.Errorf("of what is not known: %v", err)
	}
}

// Whatever has been replaced, retracted and restored, RetractVersions is recorded and leaves
// nothing of what the statement had replaced, or says what else has been put in its place.
func TestRetractVersionsOfAnything(t *testing.T) {
	done := 0
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 0))
		g := newGraph()
		defer g.Close()
		ids := versions(t, g, "one", 1)
		replaced := make(map[uuid.UUID]uuid.UUID)
		var retractions []uuid.UUID
		try := func(program func(b *events.Builder) uuid.UUID) (uuid.UUID, bool) {
			b := g.NewBatch(ctx, "desk")
			id := program(b)
			batch, err := b.Batch()
			if err != nil {
				t.Fatal(err)
			}
			_, err = g.Record(ctx, batch)
			return id, err == nil
		}
		for i := range 12 {
			one := ids[rng.IntN(len(ids))]
			switch rng.IntN(3) {
			case 0:
				if id, ok := try(func(b *events.Builder) uuid.UUID {
					return b.Source("u").Says("pay", b.Person("Eve")).Gloss(fmt.Sprint("version ", i)).Replaces(one).ID()
				}); ok {
					replaced[id] = one
					ids = append(ids, id)
				}
			case 1:
				if id, ok := try(func(b *events.Builder) uuid.UUID { return b.Retract(one, "wrong") }); ok {
					retractions = append(retractions, id)
				}
			case 2:
				if len(retractions) > 0 {
					try(func(b *events.Builder) uuid.UUID { return b.Retract(retractions[rng.IntN(len(retractions))], "right") })
				}
			}
		}
		one := ids[rng.IntN(len(ids))]
		b := g.NewBatch(ctx, "desk")
		b.RetractVersions(one, "wrong")
		batch, err := b.Batch()
		if err != nil {
			if !errors.Is(err, events.ErrRemoved) {
				t.Errorf("seed %d: %v", seed, err)
			}
			continue
		}
		done++
		if _, err := g.Record(ctx, batch); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
		var chain []uuid.UUID
		for id := one; id != uuid.Nil; id = replaced[id] {
			chain = append(chain, id)
		}
		if got := standing(g, chain); got != nil {
			t.Errorf("seed %d: of %d, %v stand", seed, len(chain), got)
		}
	}
	if done < 100 {
		t.Errorf("only %d of 300 were recorded", done)
	}
}

// What has been retracted does not come back by being said again.
func ExampleGraph_NewBatch_restore() {
	g := newGraph()
	defer g.Close()
	say := func(b *events.Builder) uuid.UUID {
		return b.Source("https://example.org/town").By(b.Person("A. Reporter")).Says("resign", b.Person("the mayor")).ID()
	}
	b := g.NewBatch(ctx, "desk")
	id := say(b)
	must(g, b)
	b = g.NewBatch(ctx, "desk")
	b.Retract(id, "of another town")
	must(g, b)

	b = g.NewBatch(ctx, "desk")
	say(b)
	b.Restore(id, "it was this town")
	must(g, b)
	_, removed := g.View(nil).RemovedBy(id)
	fmt.Println(removed)
	// Output: false
}

// Events, sources and entities are restored with all that fell with them, once.
func TestRestore(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		ids := versions(t, g, "one", 3)
		source, person := g.Key("source", "u"), g.Key(events.EntityKey(events.Person, "Eve")...)
		for _, id := range []uuid.UUID{source, person} {
			build(t, g, func(b *events.Builder) { b.Cascade(g.View(nil).Registrations(id)[0], "forged") })
			if got := standing(g, ids); got != nil {
				t.Errorf("%v stand", got)
			}
			if n := build(t, g, func(b *events.Builder) {
				if one, other := b.Restore(id, "not forged"), b.Restore(ids[2], "neither"); one != other || one == uuid.Nil {
					t.Errorf("restored by %v and %v", one, other)
				}
			}); n != 1 {
				t.Errorf("%d new events", n)
			}
			if got := standing(g, ids); !slices.Equal(got, []int{2}) {
				t.Errorf("%v stand", got)
			}
		}

		build(t, g, func(b *events.Builder) { b.RetractVersions(ids[2], "wrong") })
		b := g.NewBatch(ctx, "desk")
		b.Restore(ids[2], "right")
		batch, err := b.Batch()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := g.Record(ctx, batch); !errors.Is(err, events.ErrRemoved) {
			t.Errorf("what replaces one that does not stand: %v", err)
		}
		build(t, g, func(b *events.Builder) {
			for _, id := range ids {
				b.Restore(id, "right")
			}
		})
		if got := standing(g, ids); !slices.Equal(got, []int{2}) {
			t.Errorf("%v stand", got)
		}
	})
}

// What cannot be restored is told with what would be right.
func TestRestoreMistakes(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		ids := versions(t, g, "one", 3)
		build(t, g, func(b *events.Builder) { b.Retract(ids[2], "wrong"); b.Redact(ids[2], "private") })
		hidden := uuid.Nil
		build(t, g, func(b *events.Builder) {
			b.Redact(ids[0], "private")
			hidden = b.Add(&events.SourceAdded{Source: events.Source{ID: g.Key("hidden"), Title: "Hidden"}})
		})
		build(t, g, func(b *events.Builder) { b.Redact(hidden, "private") })
		for _, c := range []struct {
			id   uuid.UUID
			want string
		}{
			{g.Key("nobody"), "is not known: the record has no event, source or entity with this id"},
			{ids[1], "stands, want what has been retracted"},
			{g.Key("source", "u"), "stands, want what has been retracted"},
			{ids[2], "is redacted, which is for good"},
			{ids[0], "is redacted, which is for good"},
			{g.Key("hidden"), "is redacted, which is for good"},
		} {
			b := g.NewBatch(ctx, "desk")
			b.Restore(c.id, "right")
			if _, err := b.Batch(); !errors.Is(err, events.ErrInvalid) || err.Error() != fmt.Sprintf("events: Restore(%s): %s", c.id, c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		}
		other := versions(t, g, "other", 2)
		b := g.NewBatch(ctx, "desk")
		b.Restore(other[0], "right")
		want := fmt.Sprintf("events: Restore(%s): has been replaced by the statement %s, want Retract of that one", other[0], other[1])
		if _, err := b.Batch(); !errors.Is(err, events.ErrRemoved) || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
		b = events.NewBatch("desk")
		b.Restore(other[0], "right")
		want = fmt.Sprintf("events: Restore(%s): the builder does not know the record, and so not what has retracted it, want one that does (graph.Graph.NewBatch), or Retract of the retraction", other[0])
		if _, err := b.Batch(); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	})
}

// circular has the source A, which a revision by Eve says is derived from nothing, and B, which
// has been derived from A since. It returns the event of that revision: without it, both would
// be derived from each other.
func circular(t *testing.T, g *graph.Graph) (revision uuid.UUID) {
	t.Helper()
	a := g.Key("source", "A")
	build(t, g, func(b *events.Builder) { b.Source("A").By(b.Person("Ada")).DerivedFrom(b.Source("B").ID()) })
	build(t, g, func(b *events.Builder) {
		revision = b.Add(&events.SourceAdded{Source: events.Source{ID: a, URL: "A", Authors: []uuid.UUID{b.Person("Eve").ID}}})
	})
	build(t, g, func(b *events.Builder) { b.Source("B").DerivedFrom(a) })
	return revision
}

// isCircular reports whether A and B are shown as derived from each other.
func isCircular(t *testing.T, g *graph.Graph) bool {
	t.Helper()
	return len(sourceOf(t, g, "A").DerivedFrom) > 0 && len(sourceOf(t, g, "B").DerivedFrom) > 0
}

// A retraction does not uncover an older registration of a source by which sources would derive
// from each other in a circle, whichever way it removes the newer one. The error names the source
// and the registration, and what it says would be right is.
func TestRetractionCircle(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		revision := circular(t, g)
		a := g.Key("source", "A")
		older := g.View(nil).Registrations(a)[0]
		refused := func(what string, target uuid.UUID, program func(b *events.Builder)) {
			t.Helper()
			b := g.NewBatch(ctx, "desk")
			program(b)
			batch, err := b.Batch()
			if err != nil {
				t.Fatal(err)
			}
			_, err = g.Record(ctx, batch)
			want := fmt.Sprintf("Event %v: leaves the source %v as the event %v registers it, by which it is derived from itself, through others, "+
				"want that source registered anew first, derived from others or, by Builder.Add, from none", target, a, older)
			if !errors.Is(err, events.ErrInvalid) || !strings.HasSuffix(fmt.Sprint(err), want) {
				t.Errorf("%s: %v, want %s", what, err, want)
			}
			if isCircular(t, g) {
				t.Errorf("%s: there is a circle", what)
			}
		}
		eve := g.View(nil).Registrations(g.Key(events.EntityKey(events.Person, "Eve")...))[0]
		refused("a retraction", revision, func(b *events.Builder) { b.Retract(revision, "wrong") })
		refused("a cascade", eve, func(b *events.Builder) { b.Cascade(eve, "nobody") })

		var first, second uuid.UUID
		build(t, g, func(b *events.Builder) {
			b.Add(&events.SourceAdded{Source: events.Source{ID: a, URL: "A", Title: "anew"}})
			first = b.Retract(revision, "wrong")
		})
		build(t, g, func(b *events.Builder) { second = b.Retract(first, "right after all") })
		anew := g.View(nil).Registrations(a)[2]
		build(t, g, func(b *events.Builder) { b.Retract(anew, "not needed") })
		refused("an undo that retracts again", revision, func(b *events.Builder) { b.Retract(second, "wrong all the same") })
		if sourceOf(t, g, "A").Authors == nil {
			t.Error("the revision does not stand")
		}
	})
}

// A record in which sources derive from each other in a circle opens, and there is a way out: a
// registration by Add with just what it says.
func TestCircleOnRecord(t *testing.T) {
	a, b := events.Key("source", "A"), events.Key("source", "B")
	registers := func(id uuid.UUID, url string, from ...uuid.UUID) events.Body {
		return &events.SourceAdded{Source: events.Source{ID: id, URL: url, DerivedFrom: from}}
	}
	g := open(t, appended(t, registers(b, "B"), registers(a, "A", b), registers(a, "A"), registers(b, "B", a),
		&events.Retracted{Event: events.Key("hostile", "c"), Reason: "wrong"}))
	if !isCircular(t, g) {
		t.Fatal("there is no circle")
	}
	leaveCircle(t, g)
}

// leaveCircle gets A out of the circle with B.
func leaveCircle(t *testing.T, g *graph.Graph) {
	t.Helper()
	build(t, g, func(b *events.Builder) { b.Source("A").Says("pay", b.Person("Eve")) })
	b := g.NewBatch(ctx, "desk")
	b.Source("A").Title("first")
	batch, err := b.Batch()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Record(ctx, batch); !errors.Is(err, events.ErrInvalid) || !strings.HasSuffix(err.Error(), "want others, or none (Builder.Add registers a source with just what it is given)") {
		t.Errorf("a title: %v", err)
	}
	build(t, g, func(b *events.Builder) {
		s := sourceOf(t, g, "A")
		s.Title, s.DerivedFrom = "first", nil
		b.Add(&events.SourceAdded{Source: s})
		b.Source("A").Says("pay", b.Person("Ada"))
	})
	if s := sourceOf(t, g, "A"); s.Title != "first" || isCircular(t, g) {
		t.Errorf("%+v", s)
	}
}

// A redaction is never refused, so it may show a circle: what is checked is what stands, redacted
// or not. The same way leads out.
func TestRedactionCircle(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		revision := circular(t, g)
		build(t, g, func(b *events.Builder) { b.Redact(revision, "a name") })
		if !isCircular(t, g) {
			t.Fatal("no circle is shown")
		}
		leaveCircle(t, g)
	})
}

// What a statement replaced comes back when a cascade takes that statement and the one in its
// place, which go with their source.
func TestCascadeOfReplacement(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		ids := versions(t, g, "one", 1)
		for _, of := range []string{"second", "third"} {
			build(t, g, func(b *events.Builder) {
				ids = append(ids, b.Source("v").By(b.Person("Bo")).Says("pay", b.Person("Eve")).Gloss(of).Replaces(ids[len(ids)-1]).ID())
			})
		}
		if got := standing(g, ids); !slices.Equal(got, []int{2}) {
			t.Fatalf("%v stand", got)
		}
		build(t, g, func(b *events.Builder) { b.Cascade(g.View(nil).Registrations(g.Key("source", "v"))[0], "made up") })
		if got := standing(g, ids); !slices.Equal(got, []int{0}) {
			t.Errorf("%v stand, want that of the other source", got)
		}
	})
}

// A statement rests on whom it mentions as it was recorded, and not on whom a split has it mean.
func TestCascadeOfPart(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		ids := versions(t, g, "one", 1)
		build(t, g, func(b *events.Builder) { b.Split(b.Person("Eve"), b.Person("Eva"), "another", ids[0]) })
		build(t, g, func(b *events.Builder) {
			b.Cascade(g.View(nil).Registrations(g.Key(events.EntityKey(events.Person, "Eva")...))[0], "made up")
		})
		eve := graph.Pattern{Predicate: "pay", Entity: g.Key(events.EntityKey(events.Person, "Eve")...)}
		if got := standing(g, ids); len(got) != 1 || count(g.View(nil), eve) != 1 {
			t.Errorf("%v stand, and %d are about Eve", got, count(g.View(nil), eve))
		}
	})
}

// A statement that is retracted has replaced nothing: what it had replaced is back.
func TestReplacedByRetracted(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		ids := versions(t, g, "one", 3)
		build(t, g, func(b *events.Builder) { b.Retract(ids[2], "wrong") })
		for i, want := range [][]uuid.UUID{nil, ids[:1], nil} {
			if got := slices.Collect(g.View(nil).Replaced(ids[i])); !slices.Equal(got, want) {
				t.Errorf("version %d has replaced %v, want %v", i, got, want)
			}
		}
	})
}
