package graph_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/note"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/events/proof"
	"github.com/onrecord/onrecord/graph"
)

// failing are keys that fail when they are told to.
type failing struct {
	*events.MemKeys
	destroy error
	idle    bool // they say that they destroy, and do not
}

func (k *failing) Destroy(ctx context.Context, ids [][]byte) error {
	if k.destroy != nil || k.idle {
		return k.destroy
	}
	return k.MemKeys.Destroy(ctx, ids)
}

func openErasable(t testing.TB, store events.Store, keys events.Keys) *graph.Graph {
	t.Helper()
	g, err := graph.Open(ctx, store, &graph.Options{Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	return g
}

// story records a little, and returns a statement of it and its batch.
func story(t testing.TB, g *graph.Graph) (uuid.UUID, *events.Batch) {
	t.Helper()
	b := g.NewBatch(ctx, "desk")
	src := b.Source("https://example.org/1").By(b.Person("A. Reporter"))
	said := src.Says("meet", b.Person("Ann"), b.Person("Ben")).Gloss("They met at the mill.").ID()
	src.Says("know", b.Person("Ann"), b.Person("Ben"))
	batch, err := b.Batch()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Record(ctx, batch); err != nil {
		t.Fatal(err)
	}
	return said, batch
}

func redaction(event uuid.UUID) *events.Batch {
	return &events.Batch{Recorder: "desk", Events: []events.Event{{ID: uuid.Must(uuid.NewV7()), Body: &events.Redacted{Event: event}}}}
}

// readable reports whether anybody with these keys can read an event of the store.
func readable(t testing.TB, store events.Store, keys events.Keys, event uuid.UUID) bool {
	t.Helper()
	seal, err := events.NewSeal(ctx, keys)
	if err != nil {
		t.Fatal(err)
	}
	for r, err := range store.Scan(ctx, 0) {
		if err != nil {
			t.Fatal(err)
		}
		h, err := r.Header()
		if err != nil {
			t.Fatal(err)
		}
		opened, err := seal.Open(ctx, h)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range opened {
			if o.ID == event {
				return !o.Erased
			}
		}
	}
	t.Fatalf("no event %v", event)
	return false
}

// Only an empty record becomes erasable, and it is opened with its own keys only.
func TestEraseKeys(t *testing.T) {
	sealed, plain, keys := events.NewMem(), events.NewMem(), events.NewMemKeys()
	story(t, openErasable(t, sealed, keys))
	story(t, openErasable(t, plain, nil))
	for what, c := range map[string]struct {
		store events.Store
		keys  events.Keys
		want  string
	}{
		"erasable without keys":    {sealed, nil, "open an erasable record with its keys (Options.Keys)"},
		"plain with keys":          {plain, keys, "only an empty record becomes erasable"},
		"erasable with other keys": {sealed, events.NewMemKeys(), "these are keys"},
	} {
		if _, err := graph.Open(ctx, c.store, &graph.Options{Keys: c.keys}); !errors.Is(err, events.ErrKeys) || !strings.Contains(fmt.Sprint(err), c.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	g := openErasable(t, sealed, keys)
	b := events.NewBatch("desk")
	b.Person("Ann")
	batch, err := b.Batch()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Record(ctx, batch); !errors.Is(err, events.ErrInvalid) || !strings.Contains(fmt.Sprint(err), "Graph.NewBatch") {
		t.Errorf("an id that can be guessed is recorded: %v", err)
	}
}

// What has been erased can be recorded again, as it was or otherwise, and nothing is
// written; no view shows it, and a condition minds.
func TestEraseAgain(t *testing.T) {
	store, keys := events.NewMem(), events.NewMemKeys()
	g := openErasable(t, store, keys)
	said, batch := story(t, g)
	before := g.View(nil)
	if _, err := g.Record(ctx, redaction(said)); err != nil {
		t.Fatal(err)
	}
	if readable(t, store, keys, said) {
		t.Error("the key is there")
	}
	for _, g := range []*graph.Graph{g, openErasable(t, store, keys)} {
		r, err := g.Record(ctx, batch)
		if err != nil || r.New != 0 {
			t.Errorf("again: %+v, %v", r, err)
		}
		other := &events.Batch{Recorder: "desk", Events: []events.Event{{ID: said, Body: &events.Redacted{Event: batch.Events[0].ID}}}}
		if r, err := g.Record(ctx, other); err != nil || r.New != 0 {
			t.Errorf("with other content: %+v, %v", r, err)
		}
		if _, err := g.Record(ctx, redaction(said)); !errors.Is(err, events.ErrInvalid) {
			t.Errorf("redacted again: %v", err)
		}
		_, err = g.RecordIf(ctx, redaction(batch.Events[0].ID), graph.Condition{Nothing: graph.Pattern{Predicate: "meet"}, After: 1})
		if !errors.Is(err, graph.ErrChanged) {
			t.Errorf("the condition does not mind: %v", err)
		}
		for _, v := range []graph.View{before, g.View(nil), g.View(&graph.Lens{AsOf: 1})} {
			if _, err := v.Statement(said); !errors.Is(err, graph.ErrRedacted) {
				t.Errorf("as of %d: %v", v.Position(), err)
			}
			if n := count(v, graph.Pattern{Predicate: "meet"}); n != 0 {
				t.Errorf("as of %d: %d statements", v.Position(), n)
			}
			if n := count(v, graph.Pattern{Predicate: "know"}); n != 1 {
				t.Errorf("as of %d: %d other statements", v.Position(), n)
			}
		}
	}
}

// A view from before an erasure has forgotten the names and times that only what is erased
// had, and no others.
func TestEraseOldNumbers(t *testing.T) {
	g := openErasable(t, events.NewMem(), events.NewMemKeys())
	b := g.NewBatch(ctx, "desk")
	src := b.Source("https://example.org/1").Published("1999-12-24")
	said := src.Says("conceal", b.Person("Ann")).Arg("born", events.At(edtf.MustParse("1971-02-03"))).On("1988-08-08").ID()
	src.Says("meet", b.Person("Ann")).Arg("at", events.At(edtf.MustParse("1971-02-04"))).On("1988-08-09")
	batch, err := b.Batch()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Record(ctx, batch); err != nil {
		t.Fatal(err)
	}
	names, times := []string{"conceal", "born", "meet", "at"}, []string{"1971-02-03", "1988-08-08", "1971-02-04", "1988-08-09", "1999-12-24"}
	n := g.View(nil).Numbers()
	symbol, at := map[string]uint32{}, map[string]uint32{}
	for _, name := range names {
		symbol[name] = n.Symbol(name)
	}
	for _, text := range times {
		at[text] = n.Time(text)
	}
	for _, erased := range []bool{false, true} {
		if erased {
			if _, err := g.Record(ctx, redaction(said)); err != nil {
				t.Fatal(err)
			}
		}
		for i, name := range names {
			number, text := symbol[name], name
			if erased && i < 2 {
				number, text = 0, ""
			}
			if n.Symbol(name) != number || n.SymbolName(symbol[name]) != text || symbol[name] == 0 {
				t.Errorf("erased: %v: %q is %d, and %d is %q", erased, name, n.Symbol(name), symbol[name], n.SymbolName(symbol[name]))
			}
		}
		for i, want := range times {
			number, text := at[want], want
			if erased && i < 2 {
				number, text = 0, ""
			}
			if n.Time(want) != number || n.TimeText(at[want]) != text || at[want] == 0 {
				t.Errorf("erased: %v: %q is %d, and %d is %q", erased, want, n.Time(want), at[want], n.TimeText(at[want]))
			}
		}
	}
}

// A statement of a view from before an erasure is shown by one from after it.
func TestEraseShows(t *testing.T) {
	g := openErasable(t, events.NewMem(), events.NewMemKeys())
	said, _ := story(t, g)
	before := g.View(nil)
	if _, err := g.Record(ctx, redaction(said)); err != nil {
		t.Fatal(err)
	}
	after := g.View(nil)
	for s := range before.Statements(graph.Pattern{}) {
		if !s.Shows(after) || !s.Shows(before) {
			t.Errorf("%v is not shown", s.ID())
		}
	}
	for s := range after.Statements(graph.Pattern{}) {
		if !s.Shows(before) {
			t.Errorf("%v was not shown", s.ID())
		}
		if _, err := g.Record(ctx, redaction(s.ID())); err != nil { // the view has other columns by now
			t.Fatal(err)
		}
	}
	if n := count(before, graph.Pattern{}) + count(after, graph.Pattern{}); n != 0 {
		t.Errorf("%d statements are shown that have been erased", n)
	}
}

// What another process has erased is left out before the redaction is folded here: names,
// registrations that others stand for, ratings and where a literal is written.
func TestEraseElsewhere(t *testing.T) {
	store, keys := events.NewMem(), events.NewMemKeys()
	g := openErasable(t, store, keys)
	other := openErasable(t, store, keys)
	b := g.NewBatch(ctx, "desk")
	ann := b.Person("Ann")
	nick := b.Name(ann, "Annie", "en")
	b.Name(ann, "Nan", "en")
	scheme := events.Admiralty()
	b.DeclareScheme(scheme)
	src := b.Source("https://example.org/1").Title("Ann").By(ann)
	rating := src.Assess(scheme.Name, "A1", "we know her")
	src.Assess(scheme.Name, "B2", "we do not")
	record(t, g, b)
	registered := func(name, title string) (entity, source uuid.UUID) {
		again := g.NewBatch(ctx, "desk")
		entity = again.Add(&events.EntityRegistered{Entity: events.Entity{ID: ann.ID, Kind: events.Person, Name: events.Name{Text: name}}})
		source = again.Add(&events.SourceAdded{Source: events.Source{ID: src.ID(), URL: "https://example.org/1", Title: title, Authors: []uuid.UUID{ann.ID}}})
		record(t, g, again)
		return entity, source
	}
	entity, source := registered("Anne", "Anne")
	v := g.View(nil)
	literal := v.Numbers().Literal(events.Text("Anne", ""))
	check := func(name, title string, names []string, ratings []string) {
		t.Helper()
		if err := other.Refresh(ctx); err != nil {
			t.Fatal(err)
		}
		for what, v := range map[string]graph.View{"here": v, "there": other.View(nil)} {
			e, err := v.Entity(ctx, ann.ID)
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			var called []string
			for _, n := range e.Names {
				called = append(called, n.Text)
			}
			if e.Name.Text != name || !slices.Equal(called, names) || e.Redacted != (name == "") {
				t.Errorf("%s: she is %q, called %q, redacted: %v; want %q, %q", what, e.Name.Text, called, e.Redacted, name, names)
			}
			if r, err := v.Registered(ctx, ann.ID); name == "" && !errors.Is(err, graph.ErrRedacted) || name != "" && (err != nil || r.Name.Text != name) {
				t.Errorf("%s: she is registered as %v, %v, want %q", what, r, err, name)
			}
			if s, err := v.Source(ctx, src.ID()); title == "" && !errors.Is(err, graph.ErrRedacted) || title != "" && (err != nil || s.Title != title) {
				t.Errorf("%s: the source is %v, %v, want %q", what, s, err, title)
			}
			found, err := v.Assessments(ctx, src.ID())
			var values []string
			for _, a := range found {
				values = append(values, a.Value)
			}
			if err != nil || !slices.Equal(values, ratings) {
				t.Errorf("%s: the ratings are %q, %v, want %q", what, values, err, ratings)
			}
		}
	}
	erase := func(ids ...uuid.UUID) {
		t.Helper()
		for _, id := range ids {
			if _, err := other.Record(ctx, redaction(id)); err != nil {
				t.Fatal(err)
			}
		}
	}
	check("Anne", "Anne", []string{"Anne", "Annie", "Nan"}, []string{"A1", "B2"})
	erase(nick, rating)
	check("Anne", "Anne", []string{"Anne", "Nan"}, []string{"B2"})
	erase(entity)
	check("Ann", "Anne", []string{"Ann", "Nan"}, []string{"B2"})
	if is, err := v.Numbers().LiteralValue(ctx, literal); err != nil || is.Text != "Anne" {
		t.Errorf("the literal is %v, %v", is, err)
	}
	erase(source)
	check("Ann", "Ann", []string{"Ann", "Nan"}, []string{"B2"})
	if _, err := v.Numbers().LiteralValue(ctx, literal); !errors.Is(err, graph.ErrRedacted) {
		t.Errorf("the literal: %v", err)
	}
	for e, err := range other.View(nil).Events(ctx, 0) {
		if err != nil {
			t.Fatal(err)
		}
		switch e.Body.(type) {
		case *events.EntityRegistered, *events.SourceAdded:
			erase(e.ID)
		}
	}
	check("", "", []string{"Nan"}, []string{"B2"})
}

// A snapshot is used as long as nothing of what it holds has been erased, and none
// that was made before, by whomever it was kept.
func TestEraseSnapshot(t *testing.T) {
	store, keys := &shelf{Mem: events.NewMem()}, &failing{MemKeys: events.NewMemKeys()}
	opts := &graph.Options{Keys: keys}
	graph.Often(opts)
	open := func() (g *graph.Graph, used bool) {
		t.Helper()
		store.from = nil
		g, err := graph.Open(ctx, store, opts)
		if err != nil {
			t.Fatal(err)
		}
		return g, !slices.Contains(store.from, 0)
	}
	g, _ := open()
	said, batch := story(t, g)
	g.Close()
	early := store.snapshot
	g, used := open()
	if !used {
		t.Error("the snapshot is not used")
	}
	if _, err := g.Record(ctx, redaction(said)); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Record(ctx, &events.Batch{Recorder: "desk", Events: []events.Event{{Body: &events.IdentityJudged{
		A: entityIn(batch, 0), B: entityIn(batch, 1), Verdict: events.Unsure}}}}); err != nil {
		t.Fatal(err)
	}
	g.Close()
	if g, used = open(); !used {
		t.Error("the snapshot after an erasure is not used")
	}
	if _, err := g.View(nil).Statement(said); !errors.Is(err, graph.ErrRedacted) {
		t.Error(err)
	}
	g.Close() // and nobody writes one any more
	late := store.snapshot
	store.snapshot = early
	if g, used = open(); used {
		t.Error("a snapshot from before an erasure is used")
	}
	// One that is made while something is due does not hide that it is.
	store.put(late)
	keys.destroy = errors.New("no space left")
	if _, err := g.Record(ctx, redaction(batch.Events[0].ID)); !errors.Is(err, keys.destroy) {
		t.Fatal(err)
	}
	g.Close()
	keys.destroy = nil
	g, _ = open()
	defer g.Close()
	if readable(t, store, keys, batch.Events[0].ID) {
		t.Error("the key is still there")
	}
}

// A copy of the record from before a redaction, with the keys from after it, has lost an
// event that it does not say is redacted: no snapshot hides that.
func TestEraseSnapshotOfOlder(t *testing.T) {
	store, older, keys := events.NewMem(), &shelf{Mem: events.NewMem()}, events.NewMemKeys()
	g := openErasable(t, store, keys)
	said, batch := story(t, g)
	if _, err := events.Copy(ctx, older, store, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Record(ctx, redaction(said)); err != nil {
		t.Fatal(err)
	}
	opts := &graph.Options{Keys: keys}
	graph.Often(opts)
	for range 2 {
		g, err := graph.Open(ctx, older, opts)
		if err != nil {
			t.Fatal(err)
		}
		if r, err := g.Record(ctx, batch); err != nil || r.New != 0 {
			t.Errorf("recorded again: %+v, %v", r, err)
		}
		g.Close()
	}
}

func entityIn(b *events.Batch, n int) uuid.UUID {
	return b.Events[n].Body.(*events.EntityRegistered).Entity.ID
}

// If a key cannot be destroyed the caller learns it, and whatever is done next makes
// up for it: recording it again, another batch, or opening the record.
func TestEraseLater(t *testing.T) {
	broken := errors.New("no space left")
	for what, next := range map[string]func(g *graph.Graph, b *events.Batch, open func() *graph.Graph) error{
		"recorded again": func(g *graph.Graph, b *events.Batch, _ func() *graph.Graph) error {
			r, err := g.Record(ctx, b)
			if r.New != 0 {
				t.Errorf("recorded twice: %+v", r)
			}
			return err
		},
		"refreshed": func(g *graph.Graph, _ *events.Batch, _ func() *graph.Graph) error { return g.Refresh(ctx) },
		"opened":    func(_ *graph.Graph, _ *events.Batch, open func() *graph.Graph) error { open(); return nil },
	} {
		t.Run(what, func(t *testing.T) {
			store, keys := events.NewMem(), &failing{MemKeys: events.NewMemKeys()}
			g := openErasable(t, store, keys)
			said, _ := story(t, g)
			keys.destroy = broken
			b := redaction(said)
			if _, err := g.Record(ctx, b); !errors.Is(err, broken) {
				t.Fatalf("recorded: %v", err)
			}
			if _, err := g.View(nil).Statement(said); !errors.Is(err, graph.ErrRedacted) {
				t.Errorf("shown meanwhile: %v", err)
			}
			if _, err := g.Record(ctx, b); !errors.Is(err, broken) {
				t.Errorf("recorded again: %v", err)
			}
			if !readable(t, store, keys, said) {
				t.Fatal("the key is not there")
			}
			keys.destroy = nil
			if err := next(g, b, func() *graph.Graph { return openErasable(t, store, keys) }); err != nil {
				t.Error(err)
			}
			if readable(t, store, keys, said) {
				t.Error("the key is still there")
			}
		})
	}
}

// If a key cannot be destroyed while a sequence is recorded, the redaction is recorded and
// counted, and so is what was recorded behind it.
func TestEraseInSequence(t *testing.T) {
	broken := errors.New("no space left")
	for _, each := range []bool{false, true} {
		store, keys := events.NewMem(), &failing{MemKeys: events.NewMemKeys()}
		g := openErasable(t, store, keys)
		said, _ := story(t, g)
		batches := []*events.Batch{redaction(said)}
		for i := range 3 {
			b := g.NewBatch(ctx, "desk")
			b.Person(fmt.Sprint("new ", i))
			batch, err := b.Batch()
			if err != nil {
				t.Fatal(err)
			}
			batches = append(batches, batch)
		}
		load := func() (n int, err error) {
			if !each {
				return g.RecordAll(ctx, sequence(batches...))
			}
			for r, failed := range g.RecordEach(ctx, sequence(batches...)) {
				if err = failed; err == nil {
					n++
					if r.Position == 0 {
						t.Error("a receipt without a position")
					}
				}
			}
			return n, err
		}
		keys.destroy = broken
		before := g.View(nil).Position()
		n, err := load()
		if gained := int(g.View(nil).Position() - before); n != gained || n == 0 || !errors.Is(err, broken) ||
			!strings.Contains(err.Error(), "batch 0 of the sequence, counted from 0: graph: recorded, but not erased yet") {
			t.Errorf("RecordEach %v: %d batches are said to be recorded, and %d are: %v", each, n, gained, err)
		}
		keys.destroy = nil
		if n, err := load(); n != len(batches) || err != nil {
			t.Errorf("recorded again: %d, %v", n, err)
		}
		if readable(t, store, keys, said) {
			t.Error("the key is still there")
		}
	}
}

// A redaction in a batch that is too large for its caller to record it alone has erased
// when Record returns, too.
func TestEraseLarge(t *testing.T) {
	store, keys := events.NewMem(), events.NewMemKeys()
	g := openErasable(t, store, keys)
	said, _ := story(t, g)
	if build(t, g, func(b *events.Builder) {
		for i := range 20 {
			b.Person(fmt.Sprint("Eve ", i))
		}
		b.Redact(said, "she asked us to")
	}) != 21 {
		t.Error("there are fewer events than that takes")
	}
	if readable(t, store, keys, said) {
		t.Error("the key is still there")
	}
}

// Record says that it has not erased if the keys destroy nothing, or if the store has
// fewer records than have been folded; what views show stays then, but for what is
// redacted.
func TestEraseNothing(t *testing.T) {
	for what, spoil := range map[string]func(s *faulty, k *failing){
		"the key stays": func(_ *faulty, k *failing) { k.idle = true },
		"records are gone": func(s *faulty, _ *failing) {
			s.fail(nil, func(ctx context.Context, after events.Seq) iter.Seq2[events.Record, error] {
				return func(yield func(events.Record, error) bool) {
					for r, err := range s.Mem.Scan(ctx, after) {
						if r.Seq > 1 || !yield(r, err) {
							return
						}
					}
				}
			})
		},
	} {
		t.Run(what, func(t *testing.T) {
			store, keys := &faulty{Mem: events.NewMem()}, &failing{MemKeys: events.NewMemKeys()}
			g := openErasable(t, store, keys)
			said, _ := story(t, g)
			build(t, g, func(b *events.Builder) { b.Source("https://example.org/2").Says("rain") })
			spoil(store, keys)
			b := redaction(said)
			if _, err := g.Record(ctx, b); !errors.Is(err, events.ErrDamaged) {
				t.Errorf("Record: %v", err)
			}
			if n := count(g.View(nil), graph.Pattern{}); n != 2 {
				t.Errorf("%d statements are shown, want 2", n)
			}
			keys.idle = false
			store.fail(nil, nil)
			if _, err := g.Record(ctx, b); err != nil {
				t.Errorf("again: %v", err)
			}
			if readable(t, store, keys, said) {
				t.Error("the key is still there")
			}
		})
	}
}

// Whoever keeps copies is told before the call returns that has taken the erasure
// in, here and where others have recorded it.
func TestOnErase(t *testing.T) {
	store, keys := events.NewMem(), events.NewMemKeys()
	g, other := openErasable(t, store, keys), openErasable(t, store, keys)
	said, batch := story(t, g)
	if err := other.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	var told []string
	failed := errors.New("the copy is busy")
	fail := error(nil)
	stop := g.OnErase(func(context.Context) error { told = append(told, "here"); return fail })
	other.OnErase(func(context.Context) error {
		told = append(told, "there")
		if _, err := other.View(nil).Statement(said); !errors.Is(err, graph.ErrRedacted) {
			t.Errorf("told too early: %v", err)
		}
		return nil
	})
	fail = failed
	b := redaction(said)
	if _, err := g.Record(ctx, b); !errors.Is(err, failed) {
		t.Errorf("the copy has failed: %v", err)
	}
	fail = nil
	if r, err := g.Record(ctx, b); err != nil || r.New != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if err := other.Refresh(ctx); err != nil {
		t.Error(err)
	}
	if want := []string{"here", "here", "there"}; !slices.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
	stop()
	if _, err := g.Record(ctx, redaction(batch.Events[0].ID)); err != nil || len(told) != 3 {
		t.Errorf("told %v: %v", told, err)
	}
}

// What rests on a thing whose registration is erased, and what it rests on, is checked
// as before.
func TestEraseStructure(t *testing.T) {
	store, keys := events.NewMem(), events.NewMemKeys()
	g := openErasable(t, store, keys)
	b := g.NewBatch(ctx, "desk")
	b.Declare(events.Predicate{Name: "breathe", Roles: []events.Role{{Name: "who", Entities: []events.EntityKind{events.Person}}}})
	ann, mill := b.Person("Ann"), b.Place("the mill")
	first, second := b.Source("https://example.org/1").By(ann), b.Source("https://example.org/2").By(ann)
	second.DerivedFrom(first.ID())
	batch, err := b.Batch()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Record(ctx, batch); err != nil {
		t.Fatal(err)
	}
	registers := map[uuid.UUID]uuid.UUID{}
	for _, e := range batch.Events {
		switch body := e.Body.(type) {
		case *events.EntityRegistered:
			registers[body.Entity.ID] = e.ID
		case *events.SourceAdded:
			registers[body.Source.ID] = e.ID
		}
	}
	for _, id := range []uuid.UUID{ann.ID, mill.ID, second.ID()} {
		if _, err := g.Record(ctx, redaction(registers[id])); err != nil {
			t.Fatal(err)
		}
	}
	replayed := openErasable(t, store, keys)
	for name, g := range map[string]*graph.Graph{"live": g, "replayed": replayed} {
		refused := func(what, why string, write func(b *events.Builder)) {
			t.Helper()
			b := g.NewBatch(ctx, "desk")
			write(b)
			batch, err := b.Batch()
			if err == nil {
				_, err = g.Record(ctx, batch)
			}
			if why == "" && err != nil || why != "" && (!errors.Is(err, events.ErrInvalid) || !strings.Contains(fmt.Sprint(err), why)) {
				t.Errorf("%s: %s: %v, want %q", name, what, err, why)
			}
		}
		said := func(b *events.Builder, who uuid.UUID) {
			b.Known(first.ID(), events.EntityRef{ID: ann.ID}).Says("breathe").Arg("who", events.Ref(who))
		}
		refused("a person", "", func(b *events.Builder) { said(b, ann.ID) })
		refused("a place", "place", func(b *events.Builder) { said(b, mill.ID) })
		refused("a circle", "is itself derived from", func(b *events.Builder) {
			b.Source("https://example.org/1").By(events.EntityRef{ID: ann.ID}).DerivedFrom(second.ID())
		})
		refused("what a source rests on", "rests upon it", func(b *events.Builder) { b.Retract(registers[first.ID()], "we erred") })
		if _, err := g.View(nil).Source(ctx, second.ID()); !errors.Is(err, graph.ErrRedacted) {
			t.Errorf("%s: the source: %v", name, err)
		}
		if a, err := g.View(nil).Entity(ctx, ann.ID); err != nil || !a.Redacted || a.Name.Text != "" {
			t.Errorf("%s: the person: %+v, %v", name, a, err)
		}
	}
}

// A proof of what is erased later holds, and so does a report on the whole record.
func TestEraseProof(t *testing.T) {
	store := events.NewMem()
	g := openErasable(t, store, events.NewMemKeys())
	said, _ := story(t, g)
	secret, public, err := note.GenerateKey(nil, "desk.example/record")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	tree := proof.NewTree()
	prove := func() (checkpoint []byte, p *proof.Inclusion) {
		t.Helper()
		head, err := tree.Grow(ctx, store)
		if err != nil {
			t.Fatal(err)
		}
		if checkpoint, err = proof.Sign(head, signer); err != nil {
			t.Fatal(err)
		}
		if p, err = tree.Inclusion(ctx, store, checkpoint, 1, said); err != nil {
			t.Fatal(err)
		}
		return checkpoint, p
	}
	early, before := prove()
	if _, err := g.Record(ctx, redaction(said)); err != nil {
		t.Fatal(err)
	}
	late, after := prove()
	for _, p := range []*proof.Inclusion{before, after} {
		if _, err := p.Check(verifier); err != nil || len(p.Payload) == 0 {
			t.Errorf("%d bytes of payload: %v", len(p.Payload), err)
		}
	}
	var checkpoints []*proof.Checkpoint
	for _, signed := range [][]byte{early, late} {
		c, err := proof.Open(signed, verifier)
		if err != nil {
			t.Fatal(err)
		}
		checkpoints = append(checkpoints, c)
	}
	report, err := proof.Verify(ctx, store, &proof.VerifyOptions{Tree: tree, Checkpoints: checkpoints})
	if err != nil || len(report.Faults) > 0 {
		t.Errorf("%+v, %v", report, err)
	}
}

// ExampleOptions_keys erases what was said, and nothing else.
func ExampleOptions_keys() {
	ctx := context.Background()
	store := events.NewMem()                                                    // or sqlite.Open("story.db", nil)
	g, err := graph.Open(ctx, store, &graph.Options{Keys: events.NewMemKeys()}) // or keys.Open, on another disk
	if err != nil {
		fmt.Println(err)
		return
	}
	defer g.Close()

	b := g.NewBatch(ctx, "desk") // and not events.NewBatch: these ids nobody can guess
	page := b.Source("https://example.org/1").By(b.Organisation("Example News"))
	said := page.Says("live", b.Person("Ann")).Gloss("Ann lives in Mill Lane.").ID()
	page.Says("meet", b.Person("Ann"), b.Person("Ben"))
	must(g, b)

	b = g.NewBatch(ctx, "desk")
	b.Redact(said, "she asked us to")
	must(g, b)

	for s := range g.View(&graph.Lens{AsOf: 1}).Statements(graph.Pattern{}) {
		fmt.Println(s.Predicate())
	}
	_, err = g.View(&graph.Lens{AsOf: 1}).Statement(said)
	fmt.Println(errors.Is(err, graph.ErrRedacted))

	for r, err := range store.Scan(ctx, 0) {
		if err == nil {
			fmt.Printf("record %d has her address: %v\n", r.Seq, strings.Contains(string(r.Data), "Mill Lane"))
		}
	}
	// Output:
	// meet
	// true
	// record 1 has her address: false
	// record 2 has her address: false
}

// Many record, redact and read at once, and a follower follows: whoever has redacted
// finds the key gone, and at the end all show the same.
func TestEraseTogether(t *testing.T) {
	store, keys := events.NewMem(), events.NewMemKeys()
	g, other := openErasable(t, store, keys), openErasable(t, store, keys)
	var writers, readers sync.WaitGroup
	done := make(chan struct{})
	for k := range 3 {
		writers.Go(func() {
			for i := range 12 {
				b := g.NewBatch(ctx, "desk")
				src := b.Source(fmt.Sprintf("https://example.org/%d/%d", k, i)).By(b.Person("A. Reporter"))
				said := src.Says("meet", b.Person("Ann"), b.Person(fmt.Sprint("Ben ", i))).ID()
				batch, err := b.Batch()
				if err == nil {
					_, err = g.Record(ctx, batch)
				}
				if err == nil && i%3 == 0 {
					if _, err = g.Record(ctx, redaction(said)); readable(t, store, keys, said) {
						t.Errorf("%v can be read", said)
					}
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	for _, g := range []*graph.Graph{g, other} {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if err := g.Refresh(ctx); err != nil {
					t.Error(err)
				}
				for s := range g.View(nil).Statements(graph.Pattern{Predicate: "meet"}) {
					if _, err := s.Load(ctx); err != nil && !errors.Is(err, graph.ErrRedacted) {
						t.Error(err)
					}
				}
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
	if err := other.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	want := tell(t, openErasable(t, store, keys))
	if tell(t, g) != want || tell(t, other) != want {
		t.Error("they do not show the same")
	}
}

// RecordAll seals, and erases what its batches redact.
func TestEraseRecordAll(t *testing.T) {
	store, keys := events.NewMem(), events.NewMemKeys()
	g := openErasable(t, store, keys)
	var gone []uuid.UUID
	n, err := g.RecordAll(ctx, func(yield func(*events.Batch, error) bool) {
		for i := range 40 {
			b := g.NewBatch(ctx, "desk")
			said := b.Source("https://example.org/1").By(b.Person("A. Reporter")).Says("meet", b.Person(fmt.Sprint("Ann ", i))).ID()
			if !yield(b.Batch()) {
				return
			}
			if i%10 == 5 {
				gone = append(gone, said)
				if !yield(redaction(said), nil) {
					return
				}
			}
		}
	})
	if err != nil || n != 44 {
		t.Fatal(n, err)
	}
	if shown := count(g.View(nil), graph.Pattern{Predicate: "meet"}); shown != 36 {
		t.Errorf("%d are shown", shown)
	}
	for _, id := range gone {
		if readable(t, store, keys, id) {
			t.Errorf("%v can be read", id)
		}
	}
}
