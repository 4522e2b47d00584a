package query_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/model"
	"github.com/onrecord/onrecord/internal/modeltest"
	"github.com/onrecord/onrecord/internal/seed"
	"github.com/onrecord/onrecord/query"
)

// A verdict that two entities are one, once withdrawn, leaves every answer as it
// was before; so does one that is refused. Answers as of before never change.
func TestWithdrawnMerge(t *testing.T) {
	seed.Least(t, 25)
	merged, refused, cases := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		if enough := seed.Enough(&cases); enough && merged > 0 && refused > 0 {
			return
		}
		var clock time.Time
		g, err := graph.Open(ctx, events.NewMem(), &graph.Options{Now: func() time.Time { return clock }})
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		m, gen := model.New(), model.NewGen()
		gen.Calm = true
		for range rapid.IntRange(10, 20).Draw(t, "batches") {
			b, at := gen.Batch(t, m)
			clock = at
			m.Record(b, at)
			if _, err := g.Record(ctx, &b); err != nil && modeltest.Class(err) < 0 {
				t.Fatal(err)
			}
		}
		l := gen.Lens(t, m)
		l.AsOf, l.RecordedBy = 0, time.Time{} // now
		look := func() []string {
			return append(everyAnswer(t, g.View(nil), gen), everyAnswer(t, g.View(modeltest.Lens(l)), gen)...)
		}
		at, before := g.View(nil).Position(), look()

		there := slices.Collect(g.View(nil).Entities())
		if len(there) < 2 {
			return
		}
		i := rapid.IntRange(1, len(there)-1).Draw(t, "one")
		k := rapid.IntRange(0, i-1).Draw(t, "the other")
		verdict := events.Event{ID: events.Key("event", "the merge"), Body: &events.IdentityJudged{A: there[i], B: there[k], Verdict: events.Same}}
		_, err = g.Record(ctx, &events.Batch{Recorder: "desk", Events: []events.Event{verdict}})
		switch {
		case errors.Is(err, events.ErrIdentity):
			refused++
		case err != nil:
			t.Fatal(err)
		default:
			merged++
			if slices.Equal(look(), before) {
				t.Fatal("two are one, and no answer is another")
			}
			withdrawal := events.Event{Body: &events.Retracted{Event: verdict.ID}}
			if _, err := g.Record(ctx, &events.Batch{Recorder: "desk", Events: []events.Event{withdrawal}}); err != nil {
				t.Fatal(err)
			}
		}
		differs(t, "after it was withdrawn", look(), before)
		then := everyAnswer(t, g.View(&graph.Lens{AsOf: at}), gen)
		differs(t, "as of before", then, before[:len(then)])
	})
	if t.Log(merged, "merged,", refused, "refused"); merged == 0 || refused == 0 {
		t.Error("the random records had nothing to say")
	}
}

func differs(t *rapid.T, when string, got, want []string) {
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Fatalf("%s:\n%s, was\n%s", when, got[i], want[i])
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%s there are %d answers, were %d", when, len(got), len(want))
	}
}

// everyAnswer puts every question about every entity and every source, and one
// about everything. It prints what it gets.
func everyAnswer(t *rapid.T, v graph.View, gen *model.Gen) (all []string) {
	note := func(what string, answer any, err error) {
		text, failed := json.Marshal(answer)
		if err = errors.Join(err, failed); err != nil {
			t.Fatal(what, err)
		}
		all = append(all, what+" "+string(text))
	}
	patterns := []graph.Pattern{{}}
	for _, e := range gen.Entities {
		patterns = append(patterns, graph.Pattern{Entity: e}, graph.Pattern{Voice: e})
		noteAll(note, fmt.Sprint("according to ", e), query.AccordingTo(ctx, v, e, graph.Pattern{}))
		noteAll(note, fmt.Sprint("timeline of ", e), query.Timeline(ctx, v, e, nil))
		noteAll(note, fmt.Sprint("spellings of ", e), query.Spellings(ctx, v, e))
		ladder, err := query.Ladder(ctx, v, e)
		note(fmt.Sprint("ladder of ", e), ladder, err)
		for edge := range query.Edges(v, e) {
			note(fmt.Sprint("edge of ", e), []any{edge.FromRole, edge.To, edge.ToRole, edge.Statement.ID()}, nil)
		}
		noteAll(note, fmt.Sprint("holders of ", e), query.Holders(ctx, v, e, graph.Bound{}))
		noteAll(note, fmt.Sprint("offices of ", e), query.Offices(ctx, v, e, graph.Bound{}))
		noteAll(note, fmt.Sprint("said for ", e), query.SaidFor(ctx, v, e, graph.Pattern{}))
		for n, err := range query.Neighbours(ctx, v, e, &query.NeighbourOptions{Hops: 2}) {
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range n.Relations {
				note(fmt.Sprint("around ", e), []any{n.Entity, n.Distance, r.To, r.Predicate, idsOf(r.Affirmed), idsOf(r.Denied)}, nil)
			}
		}
		fallout, err := query.Fallout(ctx, v, e)
		note(fmt.Sprint("fallout of ", e), fallout, err)
		for _, other := range gen.Entities {
			for p, err := range query.Paths(ctx, v, e, other, &query.PathOptions{Most: 2, Longest: 3}) {
				if err != nil {
					t.Fatal(err)
				}
				for i, h := range p.Hops {
					note(fmt.Sprint("hop to ", p.Entities[i+1]), []any{idsOf(h.Affirmed), idsOf(h.Denied), h.Speakers}, nil)
				}
			}
			noteAll(note, fmt.Sprint("said by ", e, " of ", other), query.Said(ctx, v, e, other, nil))
			same, err := query.WhySame(ctx, v, e, other)
			note(fmt.Sprint("why ", e, " is ", other), same, err)
		}
	}
	for _, src := range gen.Sources {
		patterns = append(patterns, graph.Pattern{Source: src})
		fallout, err := query.Fallout(ctx, v, src)
		note(fmt.Sprint("fallout of ", src), fallout, err)
	}
	for i, p := range patterns {
		note(fmt.Sprint(i, " count"), query.Count(v, p), nil)
		noteAll(note, fmt.Sprint(i, " statements"), query.Statements(ctx, v, p))
		noteAll(note, fmt.Sprint(i, " links"), query.Links(ctx, v, p))
		noteAll(note, fmt.Sprint(i, " disputes"), query.Disputes(ctx, v, p))
		noteAll(note, fmt.Sprint(i, " replies"), query.Replies(ctx, v, p))
		noteAll(note, fmt.Sprint(i, " oppositions"), query.Oppositions(ctx, v, p))
		noteAll(note, fmt.Sprint(i, " conflicts"), query.Conflicts(ctx, v, p))
		noteAll(note, fmt.Sprint(i, " worklist"), query.Worklist(ctx, v, p, nil))
		noteAll(note, fmt.Sprint(i, " single-sourced"), query.SingleSourced(ctx, v, p))
		noteAll(note, fmt.Sprint(i, " second-hand"), query.SecondHand(ctx, v, p))
		noteAll(note, fmt.Sprint(i, " ratings"), query.RatingDifferences(ctx, v, p))
		noteAll(note, fmt.Sprint(i, " shifts"), query.Shifts(ctx, v, p))
		noteAll(note, fmt.Sprint(i, " stances"), query.Stances(ctx, v, p))
		noteAll(note, fmt.Sprint(i, " predictions"), query.Predictions(ctx, v, p, day("2025-08-08")))
		noteAll(note, fmt.Sprint(i, " deadlines"), query.Deadlines(ctx, v, p, day("2025-08-08")))
	}
	noteAll(note, "placeholders", query.Placeholders(ctx, v))
	for s := range v.Statements(graph.Pattern{}) {
		words, err := query.Words(ctx, v, s.ID(), "")
		note(fmt.Sprint("words of ", s.ID()), words, err)
		r, err := s.Load(ctx)
		if err != nil {
			t.Fatal(err)
		}
		line, err := query.Line(ctx, v, &r.Statement)
		note(fmt.Sprint("line of ", s.ID()), line, err)
		support, err := query.Support(ctx, v, s.ID())
		note(fmt.Sprint("support of ", s.ID()), support, err)
	}
	return all
}

func idsOf(list []graph.Statement) (ids []uuid.UUID) {
	for _, s := range list {
		ids = append(ids, s.ID())
	}
	return ids
}

// TestEveryAnswer sees to it that everyAnswer leaves no question out, those aside
// that compare views or look at the whole record, whatever stands.
func TestEveryAnswer(t *testing.T) {
	source, err := os.ReadFile("withdraw_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range questionsIn(t, ".") {
		if !slices.Contains([]string{"Changes", "Watch", "WatchStatements", "Traces"}, q) && !strings.Contains(string(source), "query."+q+"(") {
			t.Errorf("query.%s is not among every answer", q)
		}
	}
}

func noteAll[T any](note func(string, any, error), what string, seq iter.Seq2[T, error]) {
	n := 0
	for answer, err := range seq {
		note(what, answer, err)
		n++
	}
	note(what, n, nil)
}
