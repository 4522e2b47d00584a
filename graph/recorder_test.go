package graph_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// A statement tells who recorded it, and a pattern names what somebody recorded: also what
// another desk has recorded again, removed and restored, or read anew since, after a refused
// batch, of a desk that has something erased, and in a graph that is opened again.
func TestRecorder(t *testing.T) {
	for what, keys := range map[string]events.Keys{"plain": nil, "erasable": events.NewMemKeys()} {
		t.Run(what, func(t *testing.T) {
			store := &shelf{Mem: events.NewMem()}
			opts := &graph.Options{Keys: keys}
			graph.Often(opts)
			g, err := graph.Open(ctx, store, opts)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { g.Close() }()
			by := func(recorder string, program func(*events.Builder)) {
				t.Helper()
				b := g.NewBatch(ctx, recorder)
				program(b)
				must(g, b)
			}
			var kept, erased, other uuid.UUID
			story := func(b *events.Builder) {
				src := b.Source("u").By(b.Person("Ann"))
				kept, erased = src.Says("meet", b.Person("Ben")).ID(), src.Says("meet", b.Person("Cid")).ID()
			}
			by("day desk", story)
			if _, err := g.Record(ctx, &events.Batch{Recorder: "intruder", Events: []events.Event{
				{ID: uuid.Must(uuid.NewV7()), Body: &events.Retracted{Event: uuid.Max}},
			}}); err == nil {
				t.Fatal("what retracts nothing is recorded")
			}
			by("night desk", func(b *events.Builder) {
				story(b)
				other = b.Source("u").By(b.Person("Ann")).Says("meet", b.Person("Dan")).ID()
			})
			var took uuid.UUID
			by("night desk", func(b *events.Builder) { took = b.Retract(kept, "") })
			by("night desk", func(b *events.Builder) { b.Retract(took, "") })
			by("night desk", func(b *events.Builder) {
				ben := b.Person("Ben")
				b.Add(&events.EntitySplit{Entity: ben.ID, Parts: []events.SplitPart{
					{Entity: b.Person("Benno").ID, Mentions: []events.Mention{{Statement: kept, Place: events.Anywhere}}},
				}})
			})
			by("night desk", func(b *events.Builder) { b.Redact(erased, "by request") })

			check := func(when string) {
				t.Helper()
				v := g.View(nil)
				for recorder, want := range map[string][]uuid.UUID{
					"day desk": {kept}, "night desk": {other}, "": {other, kept}, "intruder": nil, "meet": nil, "Day desk": nil,
				} {
					var got []uuid.UUID
					for s := range v.Statements(graph.Pattern{Recorder: recorder}) {
						got = append(got, s.ID())
						if r, err := s.Load(ctx); err != nil || s.Recorder() != r.Recorder || recorder != "" && s.Recorder() != recorder {
							t.Errorf("%s: recorded by %q, loaded %+v, %v", when, s.Recorder(), r, err)
						}
						if !s.Matches(graph.Pattern{Recorder: s.Recorder()}) || s.Matches(graph.Pattern{Recorder: "intruder"}) {
							t.Errorf("%s: a statement of the %s does not match it, or the intruder", when, s.Recorder())
						}
					}
					if !slices.Equal(got, want) {
						t.Errorf("%s: by %q %v, want %v", when, recorder, got, want)
					}
				}
				if n := count(v, graph.Pattern{Predicate: "meet", Recorder: "night desk"}); n != 1 {
					t.Errorf("%s: the night desk has %d meetings, want 1", when, n)
				}
			}
			check("live")
			for i := range 2 { // with the snapshot, and with what is written again
				g.Close()
				if g, err = graph.Open(ctx, store, opts); err != nil {
					t.Fatal(err)
				}
				check(fmt.Sprint("opened ", i))
			}
		})
	}
}

// Who recorded a statement is not who says it, and what a desk has recorded is asked for by
// the desk's name.
func ExampleStatement_Recorder() {
	g := newGraph()
	defer g.Close()
	for _, desk := range []struct{ name, reads string }{{"day desk", "resign"}, {"night desk", "stay"}} {
		b := g.NewBatch(ctx, desk.name)
		b.Source("https://gazette.example/12").By(b.Person("A. Reporter")).Says(desk.reads, b.Person("Ada Brandt"))
		must(g, b)
	}
	v := g.View(nil)
	for s := range v.Statements(graph.Pattern{Predicate: "resign"}) {
		fmt.Println(s.Predicate(), "is recorded by the", s.Recorder())
	}
	for s := range v.Statements(graph.Pattern{Recorder: "night desk"}) {
		fmt.Println("the night desk has recorded:", s.Predicate())
	}
	// Output:
	// resign is recorded by the day desk
	// the night desk has recorded: stay
}
