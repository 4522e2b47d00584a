package query

import (
	"context"
	"iter"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/graph"
)

// Hearsay is a claim that is known only second-hand.
type Hearsay struct {
	Of    *graph.Reading // the first statement of it that the pattern names
	Heard []*Heard       // all of it, in order of recording
}

// Heard is a statement that has come through others.
type Heard struct {
	*graph.Reading
	// Through are those who report it, in canonical form, each once, from next to
	// the origin to next to us, the source's own voice left out.
	Through []uuid.UUID
}

// SecondHand returns the claims that no shown affirmation has first-hand, among
// those that affirmations make which the pattern names, in order of recording.
// It costs what [SingleSourced] does, without denials, for each affirmation that the
// pattern names and that is second-hand itself; it reads each of the others, too.
func SecondHand(ctx context.Context, v graph.View, p graph.Pattern) iter.Seq2[*Hearsay, error] {
	return func(yield func(*Hearsay, error) bool) {
		w := newWeigher(v)
		eachClaim(ctx, w, p, func(s graph.Statement, r *graph.Reading) (*Hearsay, []*graph.Reading, error) {
			if h, err := w.heard(ctx, r); h == nil || err != nil {
				return nil, nil, err
			}
			agreeing, err := w.agreeing(ctx, s, r)
			if err != nil {
				return nil, nil, err
			}
			answer := &Hearsay{Of: r}
			for _, o := range agreeing {
				h, err := w.heard(ctx, o)
				if h == nil || err != nil {
					return nil, agreeing, err
				}
				answer.Heard = append(answer.Heard, h)
			}
			return answer, agreeing, nil
		}, yield)
	}
}

// heard returns through whom a statement has come, nil if it is first-hand.
func (l *lineage) heard(ctx context.Context, r *graph.Reading) (*Heard, error) {
	h := &Heard{Reading: r}
	for i := 1; i < len(r.Voices); i++ {
		own, err := l.isOwn(ctx, r, i)
		if err != nil {
			return nil, err
		}
		if own {
			continue
		}
		for _, who := range r.Voices[i].Speakers {
			h.Through = append(h.Through, l.canonical(who.Entity))
		}
	}
	if h.Through == nil {
		return nil, nil
	}
	h.Through = eachOnce(h.Through)
	return h, nil
}
