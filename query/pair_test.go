package query

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// The ways by which pairs are found lead to every pair there is: answers over
// random records are those of judging all pairs.
func TestEveryPairIsFound(t *testing.T) {
	ctx := context.Background()
	found := 0
	for seed := range uint64(8) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		g, v := randomRecord(t, rnd)
		somebody := events.Key(events.EntityKey(events.Person, fmt.Sprint(rnd.IntN(5)))...)
		for _, p := range []graph.Pattern{{}, {Entity: somebody}, {Origin: somebody}, {Predicate: "b"}} {
			everything := ranks(slices.Collect(v.Statements(graph.Pattern{})))
			oppose := newOpposer(newComparer(v))
			conflict := newConflicter(newComparer(v))
			n := checkPairs(t, ctx, v, p, oppose, everything, func(o *Opposition) string {
				return fmt.Sprint(o.Denial.ID, o.Affirmation.ID)
			}, func(a, b ranked) bool { return denies(a.Statement) != denies(b.Statement) })
			n += checkPairs(t, ctx, v, p, conflict, everything, func(c *Conflict) string {
				return fmt.Sprint(c.First.ID, c.Second.ID, c.Kind, c.Role)
			}, func(a, b ranked) bool {
				return a.Predicate() == b.Predicate() && a.Occurrence() == b.Occurrence() && affirms(a.Statement) && affirms(b.Statement)
			})
			found += n
		}
		g.Close()
	}
	if found < 200 {
		t.Errorf("only %d pairs: the records are too dull", found)
	}
}

// checkPairs compares what an examiner finds with judging all pairs that may be.
func checkPairs[T any](t *testing.T, ctx context.Context, v graph.View, p graph.Pattern, x examiner[T], all recorded, key func(T) string, may func(a, b ranked) bool) int {
	t.Helper()
	var got, want []string
	for r, err := range pairs(ctx, v, p, x) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, key(r))
	}
	named := ranks(slices.Collect(v.Statements(p)))
	for i, s := range named {
		for _, o := range all {
			if o.id == s.id || named[:i].has(o) || !may(s, o) {
				continue
			}
			first, err := read(ctx, s.Statement)
			if err != nil {
				t.Fatal(err)
			}
			second, err := read(ctx, o.Statement)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range []*events.Claim{&first.Claim, &second.Claim} {
				if err := x.learn(ctx, c); err != nil {
					t.Fatal(err)
				}
			}
			list, err := x.judge(ctx, first, second)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range list {
				want = append(want, key(r))
			}
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v:\n got %s\nwant %s", p, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
	return len(got)
}

func randomRecord(t *testing.T, rnd *rand.Rand) (*graph.Graph, graph.View) {
	t.Helper()
	ctx := context.Background()
	g, err := graph.Open(ctx, events.NewMem(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 4 {
		b := events.NewBatch("desk").Occasion(fmt.Sprint(n))
		var people, happenings []events.EntityRef
		for i := range 5 {
			people = append(people, b.Person(fmt.Sprint(i)))
		}
		for i := range 3 {
			happenings = append(happenings, b.Occurrence(fmt.Sprint("O", i)))
		}
		if n == 0 {
			b.Declare(events.Predicate{Name: "a", Symmetric: true, Once: true},
				events.Predicate{Name: "b", Roles: []events.Role{{Name: "subject", Functional: true}, {Name: "object"}, {Name: "text"}, {Name: "count", Functional: true}}},
				events.Predicate{Name: "c", Once: true, Symmetric: rnd.IntN(2) == 0, Roles: []events.Role{
					{Name: "subject"}, {Name: "object", Functional: true}, {Name: "text", Functional: true}, {Name: "count", Functional: true}}})
		}
		if n == 2 {
			b.Judge(people[0], events.Same, people[1], "")
			b.Judge(happenings[0], events.Same, happenings[1], "")
		}
		src := b.Source("u")
		for i := range 12 {
			st := src.Reports(people[rnd.IntN(5)], []string{"a", "b", "c"}[rnd.IntN(3)]).Gloss(fmt.Sprint(n, i))
			for range rnd.IntN(3) {
				st.Role([]string{"subject", "object"}[rnd.IntN(2)], people[rnd.IntN(3)])
			}
			if rnd.IntN(3) == 0 {
				st.Arg("text", events.Text([]string{"x", "y"}[rnd.IntN(2)], ""))
			}
			if rnd.IntN(3) == 0 {
				st.Arg("count", events.Number([]string{"4", "5", "5.0"}[rnd.IntN(3)], []string{"", "h"}[rnd.IntN(2)]))
			}
			if rnd.IntN(6) == 0 {
				st.Arg([]string{"subject", "object"}[rnd.IntN(2)], events.Unknown())
			}
			if rnd.IntN(3) == 0 {
				st.Occurrence(happenings[rnd.IntN(3)])
			}
			if rnd.IntN(3) == 0 {
				st.Stance("PR-")
			}
			st.On([]string{"", "2025", "2025-08-05", "[2025-08-04,2025-08-06]"}[rnd.IntN(4)])
		}
		batch, err := b.Batch()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := g.Record(ctx, batch); err != nil {
			t.Fatal(err)
		}
	}
	return g, g.View(nil)
}

func TestEachOnce(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	for n := range 64 {
		var ids, want []uuid.UUID
		for range n {
			ids = append(ids, uuid.UUID{byte(rnd.IntN(n))})
		}
		for i, id := range ids {
			if slices.Index(ids, id) == i {
				want = append(want, id)
			}
		}
		if got := eachOnce(ids); !slices.Equal(got, want) {
			t.Errorf("of %v: %v, want %v", ids, got, want)
		}
	}
}
