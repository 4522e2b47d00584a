package query_test

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/modeltest"
	"github.com/onrecord/onrecord/query"
)

// evolution asks what changed over time.
func (x *exam) evolution() {
	q := modeltest.Pattern(x.p)
	on := x.gen.Time(x.t)

	var want []string
	for _, s := range x.m.Shifts(x.l, x.p) {
		want = append(want, fmt.Sprint(x.names[s.Speaker], " from ", x.names[s.Earlier], " to ", x.names[s.Later], s.Certain, " by ", x.names[s.Withdrawal]))
		if s.Withdrawal != uuid.Nil {
			x.found["Shifts, taken back"]++
		}
	}
	x.same("Shifts", answers(x, query.Shifts(ctx, x.v, q), func(s *query.Shift) string {
		by := uuid.Nil
		if w := s.Withdrawal; w != nil {
			by = w.By
			if w.From.Reading != s.Later || w.To.Reading != s.Earlier {
				x.t.Fatalf("a withdrawal has other sides than its shift: %+v", s)
			}
		}
		return fmt.Sprint(x.names[s.Speaker], " from ", x.maybe(s.Earlier), " to ", x.maybe(s.Later), s.OrderCertain, " by ", x.names[by])
	}), want)

	want = nil
	for _, p := range x.m.Predictions(x.l, x.p, on) {
		want = append(want, fmt.Sprint(x.names[p.ID]+" "+p.Outcome, x.named(p.For), x.named(p.Against)))
		x.found["Predictions, "+p.Outcome]++
	}
	x.same("Predictions", answers(x, query.Predictions(ctx, x.v, q, on), func(p *query.Prediction) string {
		return fmt.Sprint(x.reading(p.Reading)+" "+p.Outcome.String(), x.list(p.For), x.list(p.Against))
	}), want)

	want = nil
	for _, d := range x.m.Deadlines(x.l, x.p, on) {
		want = append(want, fmt.Sprint(x.names[d.ID], d.Due, d.Condition, d.Passed, x.named(d.Others)))
		if d.Passed {
			x.found["Deadlines, passed"]++
		}
	}
	x.same("Deadlines", answers(x, query.Deadlines(ctx, x.v, q, on), func(d *query.Deadline) string {
		condition := 0
		for i := range d.Claim.If {
			if d.Condition == &d.Claim.If[i] {
				condition = i + 1
			}
		}
		return fmt.Sprint(x.reading(d.Reading), d.Due, condition, d.Passed, answers(x, d.Others(ctx), x.reading))
	}), want)
}

// maybe names a reading, or nothing known.
func (x *exam) maybe(r *graph.Reading) string {
	if r == nil {
		return x.names[uuid.Nil]
	}
	return x.reading(r)
}

func (x *exam) list(list []*graph.Reading) (names []string) {
	for _, r := range list {
		names = append(names, x.reading(r))
	}
	return names
}

func (x *exam) named(ids []uuid.UUID) (names []string) {
	for _, id := range ids {
		names = append(names, x.names[id])
	}
	return names
}
