package query

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
)

// Deadline is a time by which, as a statement has it, something is due, or a
// condition on which something depends.
type Deadline struct {
	*graph.Reading
	Due edtf.Time // zero: a condition without a time
	// Condition is where the time comes from, one of Claim.If; nil: from an
	// argument with role [events.RoleDue].
	Condition *events.Condition
	// Passed says that the time is over before the date asked for begins. What has
	// no time is not.
	Passed bool

	v graph.View
}

// Others returns the other statements that the view shows about the occurrence of the
// claim, in order of recording: they may word it otherwise. It walks the occurrence's
// posting list each time that it is ranged over, keeps 48 bytes for each statement, and
// reads each when its turn comes.
func (d *Deadline) Others(ctx context.Context) iter.Seq2[*graph.Reading, error] {
	return func(yield func(*graph.Reading, error) bool) {
		if err := ended(ctx); err != nil {
			yield(nil, err)
			return
		}
		if d.Claim.Occurrence == uuid.Nil {
			return
		}
		about, err := inOrder(ctx, d.v.Statements(graph.Pattern{Occurrence: d.Claim.Occurrence}))
		if err != nil {
			yield(nil, err)
			return
		}
		readAll(ctx, func(yield func(graph.Statement) bool) {
			for _, s := range about {
				if s.id != d.ID && !yield(s.Statement) {
					return
				}
			}
		})(yield)
	}
}

// Deadlines returns the deadlines and conditions of what the pattern names, and
// which of them have passed on a date: by the latest instant of the time that is
// due, those without a time last, then in order of recording, then as the claim
// has them, its arguments before its conditions. With the zero date nothing has
// passed.
//
// It looks at what the pattern names in memory. It reads what has such an
// argument or a condition, to put it in order, and again, ahead as [Timeline] does, when
// its turn comes; it keeps 72 bytes for each deadline.
func Deadlines(ctx context.Context, v graph.View, p graph.Pattern, on edtf.Time) iter.Seq2[*Deadline, error] {
	return func(yield func(*Deadline, error) bool) {
		list, err := dues(ctx, v, p)
		if err != nil {
			yield(nil, err)
			return
		}
		at := func(i int) ranked { return list[i].ranked }
		for i, r := range readAhead(ctx, v, len(list), at) {
			if r.err != nil {
				yield(nil, r.err)
				return
			}
			if !yield(list[i].deadline(r.Reading, v, on), nil) {
				return
			}
		}
	}
}

// due is a deadline before its turn has come.
type due struct {
	ranked
	none   bool // no time
	latest int64
	place  int // among the arguments, then the conditions, of the claim
}

// dues returns the deadlines of what a pattern names, in their order.
func dues(ctx context.Context, v graph.View, p graph.Pattern) (list []due, err error) {
	for s, err := range named(ctx, v, p) {
		if err != nil {
			return nil, err
		}
		if !s.Conditional() && !hasDue(s) {
			continue
		}
		r, err := read(ctx, s)
		if errors.Is(err, graph.ErrRedacted) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for place, t := range duesOf(&r.Claim) {
			list = append(list, due{rank(s), t.IsZero(), t.Latest(), place})
		}
	}
	slices.SortFunc(list, func(a, b due) int {
		if a.none != b.none {
			if a.none {
				return 1
			}
			return -1
		}
		return cmp.Or(cmp.Compare(a.latest, b.latest), a.compare(b.ranked), cmp.Compare(a.place, b.place))
	})
	return list, nil
}

func hasDue(s graph.Statement) bool {
	for role, kind := range s.Roles() {
		if role == events.RoleDue && kind == events.TimeValue {
			return true
		}
	}
	return false
}

// duesOf returns the times that a claim has as deadlines, zero for a condition
// without one, and their places among its arguments and then its conditions.
func duesOf(cl *events.Claim) iter.Seq2[int, edtf.Time] {
	return func(yield func(int, edtf.Time) bool) {
		for i, a := range cl.Args {
			if a.Role == events.RoleDue && a.Value.Kind == events.TimeValue && !yield(i, a.Value.Time) {
				return
			}
		}
		for i := range cl.If {
			if !yield(len(cl.Args)+i, cl.If[i].Claim.When.Time) {
				return
			}
		}
	}
}

// deadline returns a deadline whose turn has come.
func (d due) deadline(r *graph.Reading, v graph.View, on edtf.Time) *Deadline {
	deadline := &Deadline{Reading: r, Passed: d.latest < on.Earliest(), v: v}
	if i := d.place - len(r.Claim.Args); i < 0 {
		deadline.Due = r.Claim.Args[d.place].Value.Time
	} else {
		deadline.Condition = &r.Claim.If[i]
		deadline.Due = deadline.Condition.Claim.When.Time
	}
	return deadline
}
