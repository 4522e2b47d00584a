package query

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// examiner finds pairs of statements and judges them. It serves one loop.
type examiner[T any] interface {
	// others returns the statements that a pair with s may have, and perhaps
	// more, in any order and perhaps several times. own reads s.
	others(ctx context.Context, s graph.Statement, own func() (*graph.Reading, error)) (recorded, error)
	// judge returns what there is between two statements whose claims are learnt.
	judge(ctx context.Context, first, second *graph.Reading) ([]T, error)
	// learn is called with each claim before it is judged.
	learn(ctx context.Context, cl *events.Claim) error
}

// pairs yields what an examiner finds: with the first statement that the pattern
// names, in order of recording, and there in order of recording of the other.
func pairs[T any](ctx context.Context, v graph.View, p graph.Pattern, x examiner[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		named, err := namedInOrder(ctx, v, p)
		if err != nil {
			yield(none, err)
			return
		}
		learnt := func(s graph.Statement) (*graph.Reading, error) {
			r, err := read(ctx, s)
			if err != nil {
				return nil, err
			}
			return r, x.learn(ctx, &r.Claim)
		}
		for i, s := range named {
			var first *graph.Reading
			own := func() (_ *graph.Reading, err error) {
				if first == nil {
					first, err = learnt(s.Statement)
				}
				return first, err
			}
			others, err := x.others(ctx, s.Statement, own)
			if errors.Is(err, graph.ErrRedacted) {
				continue
			}
			if err == nil {
				err = ended(ctx)
			}
			if err != nil {
				yield(none, err)
				return
			}
			for _, o := range others.sorted() {
				if o.id == s.id || named[:i].has(o) {
					continue
				}
				if err := ended(ctx); err != nil {
					yield(none, err)
					return
				}
				if _, err := own(); errors.Is(err, graph.ErrRedacted) {
					break
				} else if err != nil {
					yield(none, err)
					return
				}
				second, err := learnt(o.Statement)
				if errors.Is(err, graph.ErrRedacted) {
					continue
				}
				var found []T
				if err == nil {
					found, err = x.judge(ctx, first, second)
				}
				if err != nil {
					yield(none, err)
					return
				}
				for _, t := range found {
					if !yield(t, nil) {
						return
					}
				}
			}
		}
	}
}

// holding returns the pattern of statements that hold all entities of a
// statement's claim, but those in some roles, and have its occurrence, if it has one.
func holding(s graph.Statement, symmetric bool, but ...string) graph.Pattern {
	p := graph.Pattern{Predicate: s.Predicate(), Occurrence: s.Occurrence()}
	for role, e := range s.Entities() {
		if slices.Contains(but, role) {
			continue
		}
		if symmetric {
			role = ""
		}
		p.Args = append(p.Args, graph.Fill{Role: role, Entity: e})
	}
	return p
}

func affirms(s graph.Statement) bool { return s.Stance().Polarity == events.Affirmed }
func denies(s graph.Statement) bool  { return s.Stance().Polarity == events.Denied }

// originOf returns the first voice, an empty one if there is none.
func originOf(r *graph.Reading) events.Voice {
	if len(r.Voices) == 0 {
		return events.Voice{}
	}
	return r.Voices[0]
}

// stance returns the origin's stance.
func stance(r *graph.Reading) events.Stance { return originOf(r).Stance }
