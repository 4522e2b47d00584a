package graph_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/model"
	"github.com/onrecord/onrecord/internal/modeltest"
)

// sameChanges compares what has changed between two positions, and what keeps
// from standing what does not.
func sameChanges(t *rapid.T, g *graph.Graph, m *model.Model) {
	from := events.Position(rapid.IntRange(0, int(m.Last())).Draw(t, "from"))
	to := events.Position(rapid.IntRange(1, max(1, int(m.Last()))).Draw(t, "to"))
	v := g.View(&graph.Lens{AsOf: to})
	was := map[uuid.UUID]model.Stood{}
	for _, e := range m.Recorded(from) {
		was[e.ID] = e
	}
	got := map[uuid.UUID]graph.Change{}
	order := m.IDs()
	last := -1
	for c := range v.Changes(from) {
		if i := slices.Index(order, c.Event); i <= last {
			t.Fatalf("from %d to %d: %v comes after event %d", from, to, c, last)
		} else {
			last = i
		}
		if _, err := v.Event(ctx, c.Event); c.Redacted != (err != nil) {
			t.Fatalf("from %d to %d: %+v, read: %v", from, to, c, err)
		}
		if want := revises(t, g, from, c); c.Revises != want {
			t.Fatalf("from %d to %d: %+v revises: want %v", from, to, c, want)
		}
		got[c.Event] = c
	}
	for _, now := range m.Recorded(to) {
		old, c := was[now.ID], got[now.ID]
		by, removed := v.RemovedBy(now.ID)
		if removed == now.Stands || removed && by != now.RemovedBy {
			t.Fatalf("as of %d event %v is removed by %v (%v), want %+v", to, now.ID, by, removed, now)
		}
		switch {
		case c.Event != uuid.Nil && (c.Stood != old.Stands || c.Stands != now.Stands):
			t.Fatalf("from %d to %d: %+v, want from %+v to %+v", from, to, c, old, now)
		case from < to && c.Event == uuid.Nil && (old.Stands != now.Stands || old.Stands && old.Statement != nil && !model.SameContent(
			&events.StatementRecorded{Statement: *old.Statement}, &events.StatementRecorded{Statement: *now.Statement})):
			// What has been erased is not read anew where a split touched it.
			if _, err := v.Event(ctx, now.ID); old.Stands == now.Stands && isErasable(g) && errors.Is(err, graph.ErrRedacted) {
				break
			}
			t.Fatalf("from %d to %d: %v is missing, from %+v to %+v", from, to, now.ID, old, now)
		}
		delete(got, now.ID)
	}
	for id := range got {
		t.Fatalf("from %d to %d: %v has changed, which is not there", from, to, id)
	}
	if from >= to && last >= 0 {
		t.Fatalf("from %d to %d something has changed", from, to)
	}
}

// revises reports whether a registration is of what had been registered by then.
func revises(t *rapid.T, g *graph.Graph, then events.Position, c graph.Change) bool {
	if then == 0 || c.Redacted {
		return c.Revises && then > 0
	}
	e, err := g.View(nil).Event(ctx, c.Event)
	if err != nil {
		t.Fatal(err)
	}
	v := g.View(&graph.Lens{AsOf: then})
	switch b := e.Body.(type) {
	case *events.SourceAdded:
		_, err = v.Source(ctx, b.Source.ID)
	case *events.EntityRegistered:
		_, err = v.Registered(ctx, b.Entity.ID)
	default:
		return false
	}
	return !errors.Is(err, graph.ErrNotInView)
}

func isErasable(g *graph.Graph) bool { return g.Key("x") != events.Key("x") }

// sameTouched asks whether what a pattern names may have changed.
func sameTouched(t *rapid.T, g *graph.Graph, m *model.Model, gen *model.Gen) {
	c := gen.Condition(t, m)
	p := modeltest.Pattern(c.Nothing)
	must, may := m.Changed(c)
	for e, err := range g.View(nil).Events(ctx, c.After) {
		if err != nil {
			t.Fatal(err)
		}
		if r, ok := e.Body.(*events.Redacted); ok && isErasable(g) {
			must, may = "", fmt.Sprintf("%v has been erased, which may have been named", r.Event)
		}
	}
	if touched := g.View(nil).Touched(p, c.After); touched && may == "" || !touched && must != "" {
		t.Fatalf("after %d %+v is touched: %v, want %q or %q", c.After, p, touched, must, may)
	}
	// Where nothing is, every lens shows the same. Those that shut out nearly
	// everything say little.
	l := gen.Lens(t, m)
	v := g.View(modeltest.Lens(l))
	if v.Position() == 0 {
		return
	}
	before := events.Position(rapid.IntRange(0, int(v.Position())).Draw(t, "before"))
	if before == 0 || v.Touched(p, before) {
		return
	}
	l.AsOf = before
	then := g.View(modeltest.Lens(l))
	print := func(v graph.View) (all []string) {
		for s := range v.Statements(p) {
			r, err := s.Load(ctx)
			if err != nil {
				t.Fatal(err)
			}
			body, err := events.EncodeBody(&events.StatementRecorded{Statement: r.Statement})
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, s.ID().String()+string(body))
		}
		slices.Sort(all)
		return all
	}
	if x, y := print(then), print(v); !slices.Equal(x, y) {
		t.Fatalf("from %d to %d nothing touches %+v through %+v, but it shows %q after %q", before, v.Position(), p, l, y, x)
	}
}

// The other changes are all but those of statements that can be read.
func TestOtherChanges(t *testing.T) {
	eachRecord(t, func(t *testing.T, g *graph.Graph) {
		var kept, secret uuid.UUID
		build(t, g, func(b *events.Builder) {
			src := b.Source("u").By(b.Person("Ann"))
			kept, secret = src.Says("meet", b.Person("Ben")).ID(), src.Says("meet", b.Person("Cid")).ID()
		})
		build(t, g, func(b *events.Builder) { b.Person("Dan"); b.Retract(kept, ""); b.Redact(secret, "") })
		for after := events.Position(0); after < 2; after++ {
			var want []graph.Change
			redacted := false
			for c := range g.View(nil).Changes(after) {
				if c.Kind != events.KindStatementRecorded || c.Redacted {
					want = append(want, c)
				}
				redacted = redacted || c.Event == secret && c.Redacted
			}
			if got := slices.Collect(g.View(nil).OtherChanges(after)); !slices.Equal(got, want) || redacted != (after == 0) {
				t.Errorf("after %d: %+v, want %+v", after, got, want)
			}
		}
	})
}

func TestEndOf(t *testing.T) {
	for date, want := range map[string]string{
		"2025-08-05":                "2025-08-05T23:59:59.999999999Z",
		"2025-08-05T10:00:00+02:00": "2025-08-05T08:00:00.999999999Z",
		"[2025-08-04,2025-08-06]":   "2025-08-06T23:59:59.999999999Z",
		"2025-08":                   "2025-08-31T23:59:59.999999999Z",
		"-0044":                     "0001-01-01T00:00:00.999999999Z",
	} {
		if got := graph.EndOf(edtf.MustParse(date)).Format(time.RFC3339Nano); got != want {
			t.Errorf("the end of %s is %s, want %s", date, got, want)
		}
	}
	for _, open := range []edtf.Time{{}, edtf.MustParse("2025/.."), edtf.MustParse("2025/")} {
		if got := graph.EndOf(open); !got.IsZero() {
			t.Errorf("the end of %q is %v, want none", open, got)
		}
	}
	if far := graph.EndOf(edtf.MustParse("Y170000000002")); !far.After(time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("the end of a far year is %v", far)
	}
}

// What touches a pattern depends on what the view asks beside it.
func TestTouchedThroughLens(t *testing.T) {
	g := newGraph()
	defer g.Close()
	b := events.NewBatch("desk")
	story := b.Source("https://example.org/story").By(b.Person("Ann Reporter")).Published("2025-08-01")
	trump, other := b.Person("Donald Trump"), b.Person("Somebody Else")
	story.Reports(trump, "meet", b.Person("Vladimir Putin"))
	first := must(g, b).Position
	b = events.NewBatch("desk")
	b.Source("https://example.org/story").By(b.Person("Ann Reporter")).Published("2025-08-05")
	second := must(g, b).Position
	b = events.NewBatch("desk")
	b.Judge(b.Person("Mr. Trump"), events.Same, trump, "")
	third := must(g, b).Position

	meet := graph.Pattern{Predicate: "meet"}
	dated := graph.Lens{PublishedBy: graph.Certainly(edtf.MustParse("2025-08-02"))}
	said := graph.Lens{SaidBy: graph.Certainly(edtf.MustParse("2025-08-02"))}
	his := graph.Lens{According: []uuid.UUID{events.Key(events.EntityKey(events.Person, "Mr. Trump")...)}}
	for _, c := range []struct {
		what  string
		lens  graph.Lens
		p     graph.Pattern
		after events.Position
		want  bool
	}{
		{"another date, asked for", dated, meet, first, true},
		{"another date, said by", said, meet, first, true},
		{"another date, the source named", dated, graph.Pattern{Source: story.ID()}, first, true},
		{"another date, another source named", dated, graph.Pattern{Source: uuid.Max}, first, false},
		{"another date, of nothing named", dated, graph.Pattern{Entity: other.ID}, first, false},
		{"another date, not asked for", graph.Lens{}, meet, first, false},
		{"a verdict on who says so", his, meet, second, true},
		{"a verdict on somebody named", graph.Lens{}, graph.Pattern{Origin: trump.ID}, second, true},
		{"a verdict on somebody else", graph.Lens{}, meet, second, false},
		{"nothing", his, meet, third, false},
		{"what is to come", his, meet, third + 7, false},
		{"a new statement", graph.Lens{}, meet, 0, true},
	} {
		l := c.lens
		l.AsOf = c.after + 1
		if got := g.View(&l).Touched(c.p, c.after); got != c.want {
			t.Errorf("%s: touched %v, want %v", c.what, got, c.want)
		}
	}
}

// Of ratings, those in a scheme that the filters name touch what they are of, if they are by
// somebody whose ratings count there: recorded, retracted or redacted.
func TestTouchedByRating(t *testing.T) {
	d := newRatedDesk(t)
	d.record(func(b *events.Builder) { b.DeclareScheme(events.Scheme{Name: "stars", Values: []string{"1", "2"}}) })
	any, ours := atLeast(t, "B2"), atLeast(t, "B2")
	ours.By = []string{"us"}
	other := graph.Rating{Scheme: events.Scheme{Name: "likes", Values: []string{"1"}}}
	walk, rest := graph.Pattern{Predicate: "walk"}, graph.Pattern{Predicate: "rest"}
	var rating, theirs uuid.UUID
	rate := func(by, scheme, value string) (id uuid.UUID) {
		d.recordAs(by, func(b *events.Builder) {
			id = b.Add(&events.Assessed{Statement: d.walk, Scheme: scheme, Value: value})
		})
		return id
	}
	check := func(what string, p graph.Pattern, want bool, rated ...graph.Rating) {
		t.Helper()
		v := d.g.View(&graph.Lens{Rated: rated})
		if got := v.Touched(p, v.Position()-1); got != want {
			t.Errorf("%s: touched %v, want %v", what, got, want)
		}
	}
	each := func(what string, byUs bool) {
		t.Helper()
		check(what+", by anybody", walk, true, any)
		check(what+", by us", walk, byUs, ours)
		check(what+", in another scheme or this", walk, true, other, any)
		check(what+", in another scheme", walk, false, other)
		check(what+", of another", rest, false, any)
		check(what+", no filter", walk, false)
	}
	rating = rate("us", events.Admiralty().Name, "A1")
	each("ours", true)
	theirs = rate("them", events.Admiralty().Name, "F6")
	each("theirs", false)
	d.record(func(b *events.Builder) { b.Retract(theirs, "wrong") })
	each("theirs retracted by the desk", false)
	d.record(func(b *events.Builder) { b.Redact(rating, "wrong") })
	each("ours redacted by the desk", true)
	rate("us", "stars", "2")
	check("stars", walk, false, any, ours)
}

// After a position that is not before the view's, nothing has changed, whether or not the record
// has reached it.
func TestNoChanges(t *testing.T) {
	g := newGraph()
	defer g.Close()
	for _, name := range []string{"Ada Brandt", "Tom Vale"} {
		b := g.NewBatch(ctx, "desk")
		b.Source("https://gazette.example/12").By(b.Organisation("Gazette")).Says("rest", b.Person(name))
		must(g, b)
	}
	v := g.View(&graph.Lens{AsOf: 1})
	for _, after := range []events.Position{1, 2, 3, 1 << 32, 1<<32 + 1, 1<<64 - 1} {
		for c := range v.Changes(after) {
			t.Errorf("after %d: %+v", after, c)
		}
		for c := range v.OtherChanges(after) {
			t.Errorf("after %d, others: %+v", after, c)
		}
		for e, err := range v.Events(ctx, after) {
			t.Errorf("after %d: %v, %v", after, e, err)
		}
		if v.Touched(graph.Pattern{}, after) {
			t.Errorf("after %d something is touched", after)
		}
		if v := g.View(nil).AsOf(after); v.Position() != min(after, 2) {
			t.Errorf("as of %d the position is %d", after, v.Position())
		}
	}
}
