package graph_test

import (
	"context"
	"errors"
	"fmt"
	"github.com/google/uuid"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/model"
	"github.com/onrecord/onrecord/internal/modeltest"
	"github.com/onrecord/onrecord/internal/seed"
)

// desk is a graph with its model.
type desk struct {
	name  string
	store *events.Mem
	g     *graph.Graph
	m     *model.Model
	gen   *model.Gen
	clock *time.Time
	seen  events.Position // of the other desk's
}

func newDesk(t *rapid.T, name string, things int) *desk {
	d := &desk{name: name, store: events.NewMem(), m: model.New(), gen: model.NewGen(), clock: new(time.Time)}
	d.gen.Things, *d.clock = things, time.Date(2025, 8, 5, 9, 30, 0, 0, time.UTC)
	var err error
	if d.g, err = graph.Open(ctx, d.store, &graph.Options{Now: func() time.Time { return *d.clock }}); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *desk) record(t *rapid.T, b events.Batch, at time.Time) {
	*d.clock = at
	want := d.m.Record(b, at)
	if _, err := d.g.Record(ctx, &b); modeltest.Class(err) != want.Class {
		t.Fatalf("%s: %v, want %v: %s", d.name, err, want.Class, want.Why)
	}
}

// twoDesks records random batches of two desks, some in both, and calls take now and then.
func twoDesks(t *rapid.T, take func(ours, theirs *desk)) {
	a, b := newDesk(t, "A", 0), newDesk(t, "B", 10_000)
	defer a.g.Close()
	defer b.g.Close()
	for range rapid.IntRange(1, 5).Draw(t, "turns") {
		for _, d := range []*desk{a, b} {
			for range rapid.IntRange(0, 5).Draw(t, "batches of "+d.name) {
				batch, at := d.gen.Batch(t, d.m)
				d.record(t, batch, at)
				if other := []*desk{a, b}[btoi(d == a)]; rapid.IntRange(0, 4).Draw(t, "both say so") == 0 {
					again := events.Batch{Recorder: batch.Recorder, Events: slices.Clone(batch.Events)}
					other.record(t, again, at)
				}
			}
		}
		switch rapid.IntRange(0, 3).Draw(t, "who takes in") {
		case 0:
			take(a, b)
		case 1:
			take(b, a)
		case 2:
			take(a, b)
			take(b, a)
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// takeIn takes in and returns what came of it.
func takeIn(g *graph.Graph, name string, from graph.View, after events.Position) (got model.TakenIn, at events.Position, reasons []error, err error) {
	at = after
	for t, err := range g.TakeIn(ctx, name, from, after) {
		if err != nil {
			return got, at, reasons, err
		}
		if t.From <= at {
			return got, at, reasons, fmt.Errorf("batch %d behind %d", t.From, at)
		}
		at = t.From
		got.New, got.Known = got.New+t.Receipt.New, got.Known+t.Known
		for _, l := range t.LeftOut {
			got.LeftOut, reasons = append(got.LeftOut, l.Event.ID), append(reasons, l.Err)
		}
	}
	return got, at, reasons, nil
}

// What is taken in, what was there and what is left out, and all that the graph shows after
// that, is what the model has: which tries of each event what it would do to all that is own.
func TestTakeInModel(t *testing.T) {
	cases, reasons, kinds := 0, map[error]int{}, map[events.Kind]int{}
	rapid.Check(t, func(t *rapid.T) {
		if seed.Enough(&cases) {
			return
		}
		var last []*desk
		twoDesks(t, func(ours, theirs *desk) {
			after, upTo := ours.seen, theirs.m.Last()
			if rapid.IntRange(0, 2).Draw(t, "again") == 0 {
				after = events.Position(rapid.IntRange(0, int(after)).Draw(t, "after"))
			}
			if rapid.IntRange(0, 3).Draw(t, "as of") == 0 {
				upTo = events.Position(rapid.IntRange(int(after), int(upTo)).Draw(t, "up to"))
			}
			got, at, errs, err := takeIn(ours.g, theirs.name, theirs.g.View(nil).AsOf(upTo), after)
			if err != nil || at != max(after, upTo) {
				t.Fatalf("up to %d: %v, want up to %d", at, err, upTo)
			}
			want := ours.m.TakeIn(theirs.name, theirs.m, after, upTo, *ours.clock)
			if got.New != want.New || got.Known != want.Known || !slices.Equal(got.LeftOut, want.LeftOut) {
				t.Fatalf("%s from %s: %+v, want %+v: %v", ours.name, theirs.name, got, want, errs)
			}
			for i, err := range errs {
				kinds[theirs.m.Kind(got.LeftOut[i])]++
				for _, is := range []error{graph.ErrOwn, graph.ErrRedacted, graph.ErrIDTaken, graph.ErrOutdated, events.ErrInvalid} {
					if errors.Is(err, is) {
						reasons[is]++
					}
				}
			}
			ours.seen = max(ours.seen, at)
			compare(t, ours.g, ours.m, ours.gen, 1)
			last = []*desk{ours, theirs}
		})
		for _, d := range last {
			// another graph folds what this one has
			replayed, err := graph.Open(ctx, d.store, nil)
			if err != nil {
				t.Fatal(err)
			}
			everything(t, replayed, d.m, d.gen)
			replayed.Close()
		}
	})
	t.Log(reasons, kinds)
	if len(reasons) < 4 && !seed.Race { // ErrOutdated takes more than chance
		t.Errorf("met only the reasons %v", reasons)
	}
}

// recorded returns what a graph has, and which of it stands, in words.
func recordedIn(g *graph.Graph) (all []string, err error) {
	v := g.View(nil)
	for e, err := range v.Events(ctx, 0) {
		if err != nil {
			return nil, err
		}
		by, removed := v.RemovedBy(e.ID)
		all = append(all, fmt.Sprint(e.Position, e.Recorder, e.ID, removed, by, e.Redacted))
	}
	return all, nil
}

// Interrupted at any moment, by the end of the context or by a store that fails, before it has
// the record or behind, and called again from where the last call has come to, it comes to what
// it comes to at once.
func TestTakeInInterrupted(t *testing.T) {
	cases, interrupted := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		if cases++; cases > 12 || seed.Race && cases > 3 {
			return
		}
		var from graph.View
		var bases [][]byte
		twoDesks(t, func(ours, theirs *desk) {
			from, bases = theirs.g.View(nil), nil
			for r, err := range ours.store.Scan(ctx, 0) {
				if err != nil {
					t.Fatal(err)
				}
				bases = append(bases, r.Data)
			}
			at := *ours.clock
			// run takes in through a store of ours, twice if need be, and returns what is there then.
			run := func(wrap func(*events.Mem, context.CancelFunc) events.Store) (all []string, moments bool) {
				mem := events.NewMem()
				for i, data := range bases {
					if _, err := mem.Append(ctx, events.Seq(i), data); err != nil {
						t.Fatal(err)
					}
				}
				ctx, cancel := context.WithCancel(ctx)
				defer cancel()
				g, err := graph.Open(context.Background(), wrap(mem, cancel), &graph.Options{Now: func() time.Time { return at }, CacheSize: 1})
				if err != nil {
					t.Fatal(err)
				}
				defer g.Close()
				seen := events.Position(0)
				for range 2 {
					for taken, failed := range g.TakeIn(ctx, theirs.name, from, seen) {
						if err = failed; err == nil {
							seen = taken.From
						}
					}
					if err == nil {
						break
					}
					moments, err, ctx = true, nil, context.Background()
				}
				if err != nil || seen != from.Position() {
					t.Fatalf("up to %d of %d: %v", seen, from.Position(), err)
				}
				if all, err = recordedIn(g); err != nil {
					t.Fatal(err)
				}
				return all, moments
			}
			want, _ := run(func(m *events.Mem, _ context.CancelFunc) events.Store { return m })
			for n := 1; ; n++ {
				var s *awaiting
				got, stopped := run(func(m *events.Mem, cancel context.CancelFunc) events.Store {
					s = &awaiting{Mem: m, at: n + 3, cancel: cancel}
					return s
				})
				if !slices.Equal(got, want) {
					t.Fatalf("ended at moment %d: %q, want %q", n, got, want)
				}
				interrupted += btoi(stopped)
				if s.n < s.at {
					break
				}
			}
			for _, behind := range []bool{false, true} {
				for n, tried := 1, 0; ; n++ {
					tried = 0
					got, stopped := run(func(m *events.Mem, _ context.CancelFunc) events.Store {
						f := &faulty{Mem: m}
						f.fail(func(ctx context.Context, after events.Seq, record []byte) (events.Seq, error) {
							if tried++; tried != n {
								return m.Append(ctx, after, record)
							} else if behind {
								return f.lost(ctx, after, record)
							}
							return 0, errDisk
						}, nil)
						return f
					})
					if !slices.Equal(got, want) {
						t.Fatalf("failed at record %d (%v): %q, want %q", n, behind, got, want)
					}
					interrupted += btoi(stopped)
					if tried < n {
						break
					}
				}
			}
			// and from their side
			ours.m.TakeIn(theirs.name, theirs.m, 0, theirs.m.Last(), at)
			if _, _, _, err := takeIn(ours.g, theirs.name, from, 0); err != nil {
				t.Fatal(err)
			}
		})
	})
	if interrupted == 0 {
		t.Error("nothing was interrupted")
	}
}

// By turns, from the beginning again and again, two desks come to where nothing is new to
// either. Then each has what the other has, but for what is left out; where nothing was and
// neither has removed what is the other's, what stands with one stands with the other.
func TestTakeInByTurns(t *testing.T) {
	cases, alike := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		if seed.Enough(&cases) {
			return
		}
		twoDesks(t, func(a, b *desk) {
			left, turns := 0, 0
			for changed := true; changed; turns++ {
				changed, left = false, 0
				for _, d := range [][2]*desk{{a, b}, {b, a}} {
					before := d[0].g.View(nil).Position()
					got, _, _, err := takeIn(d[0].g, d[1].name, d[1].g.View(nil), 0)
					if err != nil {
						t.Fatal(err)
					}
					if now := d[0].g.View(nil).Position(); (now > before) != (got.New > 0) {
						t.Fatalf("%+v, and from position %d to %d", got, before, now)
					}
					d[0].m.TakeIn(d[1].name, d[1].m, 0, d[1].m.Last(), *d[0].clock)
					changed, left = changed || got.New > 0, left+len(got.LeftOut)
					for e, err := range d[1].g.View(nil).Events(ctx, 0) {
						if err != nil {
							t.Fatal(err)
						}
						here, err := d[0].g.View(nil).Event(ctx, e.ID)
						if there := !errors.Is(err, graph.ErrNotInView); there == slices.Contains(got.LeftOut, e.ID) && !(there && here != nil) {
							t.Fatalf("%v is on record (%v) and left out, or neither", e.ID, there)
						}
					}
				}
				if turns > 20 {
					t.Fatal("no end of it")
				}
			}
			if left > 0 {
				return
			}
			alike++
			for _, id := range a.m.IDs() {
				x, removedA := a.g.View(nil).RemovedBy(id)
				y, removedB := b.g.View(nil).RemovedBy(id)
				if removedA != removedB || x != y {
					t.Fatalf("%v: removed by %v here, %v there, and nothing is left out", id, x, y)
				}
			}
		})
	})
	if alike == 0 && !seed.Race {
		t.Error("something was always left out")
	}
	t.Log(alike)
}

// taken takes all in and fails if that fails.
func taken(t *testing.T, ours, theirs *graph.Graph) (model.TakenIn, []error) {
	t.Helper()
	got, _, reasons, err := takeIn(ours, "B", theirs.View(nil), 0)
	if err != nil {
		t.Fatal(err)
	}
	return got, reasons
}

// An earlier registration of theirs does not come in behind a later one, and a cascade of
// theirs takes nothing that is own.
func TestTakeInLeavesOut(t *testing.T) {
	ours, theirs := open(t, events.NewMem()), open(t, events.NewMem())
	rec := func(g *graph.Graph, es ...events.Event) {
		t.Helper()
		if _, err := g.Record(ctx, batchOf(es...)); err != nil {
			t.Fatal(err)
		}
	}
	person := keyEvent(&events.EntityRegistered{Entity: events.Entity{ID: uuid.Max, Kind: events.Person, Name: events.Name{Text: "Ada"}}}, "ada")
	source := func(title string, authors ...uuid.UUID) events.Event {
		return keyEvent(&events.SourceAdded{Source: events.Source{ID: events.Key("source"), Title: title, Authors: authors}}, title)
	}
	gone := keyEvent(&events.Retracted{Event: person.ID}, "gone")
	rec(ours, person)
	rec(ours, gone)
	rec(theirs, person)
	rec(theirs, source("first", uuid.Max))
	rec(theirs, source("second"))
	if got, reasons := taken(t, ours, theirs); got.New != 1 || got.Known != 1 || len(reasons) != 1 || !errors.Is(reasons[0], events.ErrUnknown) && !errors.Is(reasons[0], events.ErrRemoved) {
		t.Fatalf("%+v, %v", got, reasons)
	}
	rec(ours, keyEvent(&events.Retracted{Event: gone.ID}, "back"))
	if got, reasons := taken(t, ours, theirs); got.New != 0 || len(reasons) != 1 || !errors.Is(reasons[0], graph.ErrOutdated) {
		t.Fatalf("%+v, %v", got, reasons)
	}
	if s, err := ours.View(nil).Source(ctx, events.Key("source")); err != nil || s.Title != "second" {
		t.Errorf("%v, %v", s, err)
	}
	name := keyEvent(&events.EntityNamed{Entity: uuid.Max, Name: events.Name{Text: "A."}, Source: events.Key("source")}, "name")
	rec(ours, name)
	rec(theirs, keyEvent(&events.Retracted{Event: source("second").ID, Cascade: true}, "second again"))
	rec(theirs, keyEvent(&events.Retracted{Event: source("first").ID, Cascade: true}, "first again"))
	_, reasons := taken(t, ours, theirs)
	if len(reasons) < 2 || !errors.Is(reasons[1], graph.ErrOwn) {
		t.Errorf("%v", reasons)
	}
	if by, removed := ours.View(nil).RemovedBy(name.ID); removed {
		t.Error("removed by", by)
	}
}

// Their registration that they restore does not come before one that has become own meanwhile.
func TestTakeInRestores(t *testing.T) {
	for _, thing := range []func(name string) events.Body{
		func(name string) events.Body {
			return &events.EntityRegistered{Entity: events.Entity{ID: uuid.Max, Kind: events.Person, Name: events.Name{Text: name}}}
		},
		func(name string) events.Body {
			return &events.SourceAdded{Source: events.Source{ID: uuid.Max, Title: name}}
		},
	} {
		ours, theirs := open(t, events.NewMem()), open(t, events.NewMem())
		own, other := keyEvent(thing("own"), "own"), keyEvent(thing("other"), "other")
		ownGone := keyEvent(&events.Retracted{Event: own.ID}, "own gone")
		otherGone := keyEvent(&events.Retracted{Event: other.ID}, "other gone")
		rec := func(g *graph.Graph, es ...events.Event) {
			t.Helper()
			for _, e := range es {
				if _, err := g.Record(ctx, batchOf(e)); err != nil {
					t.Fatal(err)
				}
			}
		}
		rec(ours, own, ownGone)
		rec(theirs, other, otherGone)
		if got, reasons := taken(t, ours, theirs); got.New != 2 {
			t.Fatalf("%+v, %v", got, reasons)
		}
		rec(ours, keyEvent(&events.Retracted{Event: ownGone.ID}, "own back"))
		rec(theirs, keyEvent(&events.Retracted{Event: otherGone.ID}, "other back"))
		if got, reasons := taken(t, ours, theirs); got.New != 0 || len(reasons) != 1 || !errors.Is(reasons[0], graph.ErrOwn) {
			t.Fatalf("%+v, %v", got, reasons)
		}
	}
}

// A batch that has no room for all under the longer name comes in by two calls.
func TestTakeInFullRecord(t *testing.T) {
	ours, theirs := open(t, events.NewMem()), open(t, events.NewMem())
	b := batchOf()
	for i := range 15 {
		n := events.MaxText - 200
		if i == 14 {
			n = 10_000
		}
		b.Events = append(b.Events, keyEvent(&events.EntityRegistered{Entity: events.Entity{ID: events.Key(fmt.Sprint(i)), Kind: events.Person,
			Name: events.Name{Text: "Ada"}, Note: strings.Repeat("x", n)}}, "event", fmt.Sprint(i)))
	}
	for { // as full as can be
		if _, err := theirs.Record(ctx, b); err == nil {
			break
		}
		last := b.Events[14].Body.(*events.EntityRegistered)
		last.Entity.Note = last.Entity.Note[:len(last.Entity.Note)-50]
	}
	if got, reasons := taken(t, ours, theirs); got.New != 14 || len(reasons) != 1 || !errors.Is(reasons[0], events.ErrRecordSize) {
		t.Fatalf("%d new, %v", got.New, reasons)
	}
	if got, reasons := taken(t, ours, theirs); got.New != 1 || got.Known != 14 || len(reasons) != 0 {
		t.Fatalf("again: %d new, %v", got.New, reasons)
	}
}

// What it does not do at all it says at once, and a loop that ends early ends it.
func TestTakeInRefused(t *testing.T) {
	theirs := open(t, events.NewMem())
	for i := range 5 {
		r := keyEvent(&events.EntityRegistered{Entity: events.Entity{ID: events.Key(fmt.Sprint(i)), Kind: events.Person, Name: events.Name{Text: "Ada"}}}, "event", fmt.Sprint(i))
		if _, err := theirs.Record(ctx, batchOf(r)); err != nil {
			t.Fatal(err)
		}
	}
	ours := open(t, events.NewMem())
	for _, name := range []string{"", "B: C", strings.Repeat("B", 501)} {
		if _, _, _, err := takeIn(ours, name, theirs.View(nil), 0); !errors.Is(err, events.ErrInvalid) {
			t.Errorf("desk %q: %v", name, err)
		}
	}
	if _, _, _, err := takeIn(openErasable(t, events.NewMem(), events.NewMemKeys()), "B", theirs.View(nil), 0); !errors.Is(err, events.ErrInvalid) {
		t.Errorf("an erasable record: %v", err)
	}
	for taken, err := range ours.TakeIn(ctx, "B", theirs.View(nil), 1) {
		if err != nil || taken.From != 2 || taken.Receipt.New != 1 {
			t.Fatalf("%+v, %v", taken, err)
		}
		break
	}
	if got, at, _, err := takeIn(ours, "B", theirs.View(nil), 2); err != nil || at != 5 || got.New+got.Known != 3 {
		t.Errorf("%+v, up to %d: %v", got, at, err)
	}
	if got, _, _, err := takeIn(ours, "B", theirs.View(nil), 9); err != nil || got.New+got.Known > 0 {
		t.Errorf("behind the end: %+v, %v", got, err)
	}
}

// What is left out for what another process has just recorded is looked at again.
func TestTakeInReadsOn(t *testing.T) {
	store := events.NewMem()
	ours, beside, theirs := open(t, store), open(t, store), open(t, events.NewMem())
	person := keyEvent(&events.EntityRegistered{Entity: events.Entity{ID: uuid.Max, Kind: events.Person, Name: events.Name{Text: "Ada"}}}, "ada")
	for _, e := range []events.Event{person, keyEvent(&events.EntityNamed{Entity: uuid.Max, Name: events.Name{Text: "A."}}, "name")} {
		if _, err := theirs.Record(ctx, batchOf(e)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := beside.Record(ctx, batchOf(person)); err != nil {
		t.Fatal(err)
	}
	got, _, reasons, err := takeIn(ours, "B", theirs.View(nil), 1)
	if err != nil || got.New != 1 || len(reasons) > 0 {
		t.Errorf("%+v, %v, %v", got, reasons, err)
	}
}

// titled records a source with a title under somebody's name.
func titled(t *testing.T, g *graph.Graph, recorder, title string) {
	t.Helper()
	b := batchOf(keyEvent(&events.SourceAdded{Source: events.Source{ID: events.Key("source"), Title: title}}, title))
	b.Recorder = recorder
	if _, err := g.Record(ctx, b); err != nil {
		t.Fatal(err)
	}
}

// A desk has a name that a recorder can have, and a recorder's name that is too long with that
// is cut to one that he can have.
func TestTakeInNames(t *testing.T) {
	long := map[string]string{
		"spaces":    strings.Repeat("x ", events.MaxName/2-1) + "x",
		"two bytes": strings.Repeat("ä", events.MaxName/2),
		"joined":    strings.Repeat("👩\u200d", events.MaxName/7) + "👩",
	}
	for what, recorder := range long {
		ours, theirs := open(t, events.NewMem()), open(t, events.NewMem())
		titled(t, theirs, recorder, "first")
		for n := 1; n <= 9; n++ {
			desk := strings.Repeat("B", n)
			if got, _, reasons, err := takeIn(open(t, events.NewMem()), desk, theirs.View(nil), 0); err != nil || got.New != 1 {
				t.Errorf("%s, %s: %+v, %v, %v", what, desk, got, reasons, err)
			}
		}
		if _, _, _, err := takeIn(ours, "B", theirs.View(nil), 0); err != nil {
			t.Fatal(err)
		}
		for e, err := range ours.View(nil).Events(ctx, 0) {
			if err != nil || !strings.HasPrefix(e.Recorder, "B: "+recorder[:events.MaxName-20]) {
				t.Errorf("%s: it is recorded by %q, %v", what, e.Recorder, err)
			}
		}
	}
	empty := open(t, events.NewMem()).View(nil)
	for _, desk := range []string{"", " ", "B ", "B\xff", "B\n", "B: C", strings.Repeat("B", events.MaxName/2+1)} {
		if _, _, _, err := takeIn(open(t, events.NewMem()), desk, empty, 0); !errors.Is(err, events.ErrInvalid) {
			t.Errorf("desk %q: %v", desk, err)
		}
	}
}

// An older copy of their record brings back no registration that a later one has revised.
func TestTakeInOldCopy(t *testing.T) {
	mem := events.NewMem()
	ours, theirs := open(t, events.NewMem()), open(t, mem)
	titled(t, theirs, "bob", "first")
	old := open(t, mem)
	titled(t, theirs, "bob", "second")
	if got, _, _, err := takeIn(ours, "B", theirs.View(nil), 1); err != nil || got.New != 1 {
		t.Fatal(got, err)
	}
	_, _, reasons, err := takeIn(ours, "B", old.View(nil), 0)
	if err != nil || len(reasons) != 1 || !errors.Is(reasons[0], graph.ErrOutdated) {
		t.Errorf("left out: %v, %v", reasons, err)
	}
	if s, err := ours.View(nil).Source(ctx, events.Key("source")); err != nil || s.Title != "second" {
		t.Errorf("it is %+v, %v", s, err)
	}
}

// Of a record that is full, no more is left out than the desk's name takes, and a little.
func TestTakeInFull(t *testing.T) {
	ours, theirs := open(t, events.NewMem()), open(t, events.NewMem())
	b := &events.Batch{Recorder: "b"}
	for i := range 17_900 {
		b.Events = append(b.Events, keyEvent(&events.EntityRegistered{Entity: events.Entity{ID: events.Key("e", fmt.Sprint(i)), Kind: events.Person, Name: events.Name{Text: "N"}}}, fmt.Sprint(i)))
	}
	for {
		_, err := theirs.Record(ctx, b)
		if err == nil {
			break
		}
		if !errors.Is(err, events.ErrRecordSize) {
			t.Fatal(err)
		}
		b.Events = b.Events[:len(b.Events)-20]
	}
	got, _, _, err := takeIn(ours, "B", theirs.View(nil), 0)
	if err != nil || len(got.LeftOut) > len(b.Events)/100 {
		t.Errorf("of %d events %d are left out, %v", len(b.Events), len(got.LeftOut), err)
	}
}
