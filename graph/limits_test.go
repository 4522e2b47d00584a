package graph_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/seed"
)

// crowded returns a batch of statements with as many arguments as there may be.
func crowded(n int) *events.Batch {
	who := events.Key("ada")
	b := &events.Batch{Recorder: "desk", Events: []events.Event{
		{ID: events.Key("registers"), Body: &events.EntityRegistered{Entity: events.Entity{ID: who, Kind: events.Person, Name: events.Name{Text: "Ada"}}}},
		{ID: events.Key("registers too"), Body: &events.EntityRegistered{Entity: events.Entity{ID: events.Key("ben"), Kind: events.Person, Name: events.Name{Text: "Ben"}}}},
		{ID: events.Key("adds"), Body: &events.SourceAdded{Source: events.Source{ID: events.Key("source")}}},
	}}
	args := make([]events.Arg, events.MaxArgs)
	for i := range args {
		args[i] = events.Arg{Role: "x", Value: events.Number("1", "m")} // in the lists of the number and of the unit
	}
	for i := range n {
		b.Events = append(b.Events, events.Event{ID: numberedID("says", i), Body: &events.StatementRecorded{Statement: events.Statement{
			Claim:  events.Claim{Predicate: "x", Args: args},
			Voices: []events.Voice{{Speakers: []events.Party{{Entity: who}}, Act: events.Assert, Stance: events.CertainAffirmed()}},
			Source: events.Key("source"), Form: events.Paraphrase,
		}}})
	}
	return b
}

// shown returns the statements that stand.
func shown(g *graph.Graph) (ids []uuid.UUID) {
	for s := range g.View(nil).Statements(graph.Pattern{Predicate: "x"}) {
		ids = append(ids, s.ID())
	}
	return ids
}

func numberedID(name string, n int) uuid.UUID {
	id := events.Key(name)
	binary.BigEndian.PutUint32(id[:], uint32(n))
	return id
}

// A batch of a few bytes that retracts a source with all that rests on it, restores
// it, and so on without an end, is refused before it fills the memory.
func TestMaxMoved(t *testing.T) {
	const n = 20
	opts := new(graph.Options)
	graph.Moves(opts, 100_000) // not millions, to be quick
	store := events.NewMem()
	g, err := graph.Open(ctx, store, opts)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	if _, err := g.Record(ctx, crowded(n)); err != nil {
		t.Fatal(err)
	}
	undoing := func(name string, steps int) *events.Batch {
		b := &events.Batch{Recorder: "desk"}
		last := events.Key("adds")
		for i := range steps {
			if i%events.MaxUndo == 0 {
				last = events.Key("adds")
			}
			id := numberedID("retracts "+name, i)
			b.Events = append(b.Events, events.Event{ID: id, Body: &events.Retracted{Event: last, Cascade: true}})
			last = id
		}
		return b
	}
	splitting := func(name string, steps int) *events.Batch {
		b := &events.Batch{Recorder: "desk"}
		who := []uuid.UUID{events.Key("ada"), events.Key("ben")}
		for i := range steps {
			split := &events.EntitySplit{Entity: who[i%2], Parts: []events.SplitPart{{Entity: who[1-i%2]}}}
			for j := range n {
				split.Parts[0].Mentions = append(split.Parts[0].Mentions, events.Mention{Statement: numberedID("says", j)})
			}
			b.Events = append(b.Events, events.Event{ID: numberedID("splits "+name, i), Body: split})
		}
		return b
	}
	// In this order: what has been split makes an undoing move more.
	for _, move := range []struct {
		what   string
		moving func(string, int) *events.Batch
	}{{"undoing", undoing}, {"splitting", splitting}} {
		what, moving := move.what, move.moving
		before := len(shown(g))
		if _, err := g.Record(ctx, moving("few", 4)); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		_, err = g.Record(ctx, moving("many", 400))
		var refused *events.Error
		if !errors.As(err, &refused) || refused.Index < 4 || refused.Index > 40 || refused.ID == uuid.Nil {
			t.Errorf("%s: got %v", what, err)
		}
		if after := len(shown(g)); after != n || before != n {
			t.Errorf("%s: after the refusal %d statements stand, want %d", what, after, n)
		}
		if _, err := g.Record(ctx, moving("few more", 2)); err != nil {
			t.Errorf("%s: after the refusal: %v", what, err)
		}
	}
	// What has been recorded is read. What moves more than twice as much was not.
	again, err := graph.Open(ctx, store, opts)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if got, want := again.View(nil).Position(), g.View(nil).Position(); got != want {
		t.Errorf("opened again it is at %d, want %d", got, want)
	}
	appendUnchecked(t, store, again, undoing("too many", 400))
	if err := again.Refresh(ctx); !errors.Is(err, events.ErrDamaged) || !strings.Contains(err.Error(), "at most 200000") {
		t.Errorf("what moves too much is folded: %v", err)
	}
	if after := len(shown(again)); after != n {
		t.Errorf("then %d statements stand, want %d", after, n)
	}
}

// appendUnchecked appends a record of a batch that nobody has checked, after what a graph
// has folded.
func appendUnchecked(t *testing.T, store events.Store, after *graph.Graph, b *events.Batch) {
	t.Helper()
	encoded, err := events.EncodeBatch(b)
	if err != nil {
		t.Fatal(err)
	}
	last, err := store.Last(ctx)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := after.View(nil).Digest(ctx)
	if err != nil {
		t.Fatal(err)
	}
	r := events.NewRecord(last+1, after.View(nil).Position()+1, sum)
	if err := r.Add(time.Unix(0, 0), b.Recorder, encoded); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Append(ctx, last, r.Bytes()); err != nil {
		t.Fatal(err)
	}
}

// What a graph keeps in memory of records that pass all limits and have it keep as
// much as any do, their bytes in the store included.
func TestWorstKept(t *testing.T) {
	if seed.Race {
		t.Skip("megabytes of events in one goroutine")
	}
	says := func(n int, arg func(i int) events.Arg) events.Body {
		st := events.Statement{Claim: events.Claim{Predicate: "x"}, Source: events.Key("source"), Form: events.Paraphrase,
			Voices: []events.Voice{{Speakers: []events.Party{{Entity: events.Key("ada")}}, Act: events.Assert, Stance: events.CertainAffirmed()}}}
		for i := range events.MaxArgs {
			st.Claim.Args = append(st.Claim.Args, arg(n*events.MaxArgs+i))
		}
		return &events.StatementRecorded{Statement: st}
	}
	for name, body := range map[string]func(n int) events.Body{
		"entities": func(n int) events.Body {
			return &events.EntityRegistered{Entity: events.Entity{ID: numberedID("e", n), Kind: events.Person, Name: events.Name{Text: fmt.Sprint(n)}}}
		},
		"texts": func(n int) events.Body {
			return says(n, func(i int) events.Arg { return events.Arg{Role: "x", Value: events.Text(fmt.Sprint(i), "")} })
		},
		"times": func(n int) events.Body {
			return says(n, func(i int) events.Arg {
				return events.Arg{Role: "x", Value: events.At(edtf.MustParse(fmt.Sprintf("%04d-XX-X%d", i/10%10_000, i%10)))}
			})
		},
		"predicates": func(n int) events.Body {
			b := new(events.VocabularyDeclared)
			for i := range 1000 {
				b.Predicates = append(b.Predicates, events.Predicate{Name: fmt.Sprint(n, i)})
			}
			return b
		},
		"retractions": func(n int) events.Body {
			if n%events.MaxUndo == 0 {
				return &events.Retracted{Event: events.Key("registers too")}
			}
			return &events.Retracted{Event: numberedID("event", n-1)}
		},
	} {
		t.Run(name, func(t *testing.T) { worstKept(t, body) })
	}
}

func worstKept(t *testing.T, body func(n int) events.Body) {
	g := open(t, events.NewMem())
	if _, err := g.Record(ctx, crowded(0)); err != nil {
		t.Fatal(err)
	}
	heap := func() int {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int(m.HeapAlloc)
	}
	before, bytes, n := heap(), 0, 0
	for range 2 {
		b := &events.Batch{Recorder: "desk"}
		for size := 0; ; n++ {
			e := events.Event{ID: numberedID("event", n), Body: body(n)}
			p, err := events.EncodeBody(e.Body)
			if err != nil {
				t.Fatal(err)
			}
			if size += len(p) + 40; size > events.MaxRecord {
				break
			}
			b.Events = append(b.Events, e)
			bytes += len(p) + 21
		}
		if _, err := g.Record(ctx, b); err != nil {
			t.Fatal(err)
		}
	}
	if err := g.Close(); err != nil { // who writes may hold the batch a moment longer
		t.Fatal(err)
	}
	per := float64(heap()-before) / float64(bytes)
	runtime.KeepAlive(g)
	t.Logf("%.1f bytes for each of %d", per, bytes)
	if per > 80 {
		t.Errorf("%.1f bytes are kept for each, want at most 80", per)
	}
}

// What a batch of a few bytes takes and keeps that moves as much as it may, for each
// entry that it moves.
func TestWorstMoved(t *testing.T) {
	if seed.Race {
		t.Skip("megabytes of lists in one goroutine")
	}
	const most = 500_000
	rated := crowded(0)
	for i := range 5000 {
		rated.Events = append(rated.Events, events.Event{ID: numberedID("rates", i), Body: &events.Assessed{
			Source: events.Key("source"), Scheme: "s", Value: "A"}})
	}
	for name, first := range map[string]*events.Batch{"statements": crowded(20), "ratings": rated} {
		t.Run(name, func(t *testing.T) {
			opts, store := new(graph.Options), events.NewMem()
			graph.Moves(opts, most)
			g, err := graph.Open(ctx, store, opts)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := g.Record(ctx, first); err != nil {
				t.Fatal(err)
			}
			b := &events.Batch{Recorder: "desk"}
			for i, last := 0, uuid.Nil; i < 2000; i++ {
				if i%events.MaxUndo == 0 {
					last = events.Key("adds")
				}
				e := events.Event{ID: numberedID("retracts", i), Body: &events.Retracted{Event: last, Cascade: true}}
				b.Events, last = append(b.Events, e), e.ID
			}
			_, err = g.Record(ctx, b)
			var refused *events.Error
			if !errors.As(err, &refused) {
				t.Fatal(err)
			}
			b.Events = b.Events[:refused.Index]
			g.Close() // which keeps the room that it had made
			if g, err = graph.Open(ctx, store, opts); err != nil {
				t.Fatal(err)
			}
			defer g.Close()
			var before, during, after runtime.MemStats
			runtime.GC()
			runtime.GC() // what pools held is gone after the second
			runtime.ReadMemStats(&before)
			if _, err := g.Record(ctx, b); err != nil {
				t.Fatal(err)
			}
			runtime.ReadMemStats(&during)
			runtime.GC()
			runtime.ReadMemStats(&after)
			runtime.KeepAlive(g)
			taken, kept := float64(during.TotalAlloc-before.TotalAlloc)/most, (float64(after.HeapAlloc)-float64(before.HeapAlloc))/most
			t.Logf("%d events: %.1f bytes are taken for each and %.1f kept", len(b.Events), taken, kept)
			if taken > 350 || kept > 12 {
				t.Errorf("for each %.1f bytes are taken and %.1f kept, want at most 350 and 12", taken, kept)
			}
		})
	}
}

// What a retraction looks through for a circle counts, sixteen sources as one that is moved, of
// each source that is left with an older registration.
func TestMovedByDerivations(t *testing.T) {
	opts := new(graph.Options)
	graph.Moves(opts, 50)
	g, err := graph.Open(ctx, events.NewMem(), opts)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	adds := func(name string, from ...uuid.UUID) (id uuid.UUID) {
		t.Helper()
		build(t, g, func(b *events.Builder) { id = b.Source(name).DerivedFrom(from...).ID() })
		return id
	}
	chain := adds("first")
	for i := range 400 { // 25 to be counted
		chain = adds(fmt.Sprint(i), chain)
	}
	for _, c := range []struct {
		copies  int
		refused bool
	}{{1, false}, {3, true}} {
		who := fmt.Sprint("reader of ", c.copies)
		for i := range c.copies {
			name := fmt.Sprint(who, " ", i)
			id := adds(name, chain)
			adds("copy of "+name, id) // what nothing is derived from is in no circle
			build(t, g, func(b *events.Builder) {
				b.Add(&events.SourceAdded{Source: events.Source{ID: id, Authors: []uuid.UUID{b.Person(who).ID}}})
			})
		}
		b := g.NewBatch(ctx, "desk")
		b.Cascade(g.View(nil).Registrations(g.Key(events.EntityKey(events.Person, who)...))[0], "nobody")
		batch, err := b.Batch()
		if err != nil {
			t.Fatal(err)
		}
		_, err = g.Record(ctx, batch)
		if refused := err != nil && strings.Contains(err.Error(), "too many entries"); refused != c.refused || !refused && err != nil {
			t.Errorf("with %d sources that are left with an older registration: %v, want it refused: %v", c.copies, err, c.refused)
		}
	}
}
