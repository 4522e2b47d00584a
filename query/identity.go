package query

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// Judgement is a recorder's verdict on whether two entities are one, as it was
// recorded: who judged, when, for what reason and how surely.
type Judgement struct {
	ID       uuid.UUID // of the event
	Position events.Position
	At       time.Time // recorded at
	Recorder string
	events.IdentityJudged
}

// SameAnswer is why two entities are one, and what else is held about that.
type SameAnswer struct {
	One   bool   // the view has them in one cluster
	Chain []Step // from one to the other; none if they are not one, or are the same id
	// Others are the other verdicts, "different" and "unsure", that stand between
	// the clusters of the two, in order of recording.
	Others []*Judgement
}

// Step is a verdict that two entities are the same, and these two: each as it was
// registered itself, or with its id only if that is redacted.
type Step struct {
	From, To events.Entity
	By       *Judgement
}

// WhySame returns why the view holds two entities to be one: a shortest chain of
// verdicts from a to b. Where it does not, the verdicts that hold them to be
// different, or perhaps the same, are what there is; they are given in any case.
// It walks the verdicts on a's cluster in memory and reads those that it answers
// with, and the entities of the chain.
func WhySame(ctx context.Context, v graph.View, a, b uuid.UUID) (*SameAnswer, error) {
	if err := ended(ctx); err != nil {
		return nil, err
	}
	chain := v.WhySame(a, b)
	answer := &SameAnswer{One: len(chain) > 0}
	for i := 1; i < len(chain); i++ {
		s, err := step(ctx, v, chain[i-1].Entity, chain[i])
		if err != nil {
			return nil, err
		}
		answer.Chain = append(answer.Chain, s)
	}
	var err error
	answer.Others, err = between(ctx, v, a, b)
	return answer, err
}

// step reads the verdict that joins an entity to the one before it.
func step(ctx context.Context, v graph.View, from uuid.UUID, l graph.SameLink) (s Step, err error) {
	if s.From, err = registered(ctx, v, from); err != nil {
		return s, err
	}
	if s.To, err = registered(ctx, v, l.Entity); err != nil {
		return s, err
	}
	s.By, err = judgement(ctx, v, l.Verdict)
	return s, err
}

// registered returns an entity as it was registered itself, with its id only if
// that is redacted.
func registered(ctx context.Context, v graph.View, id uuid.UUID) (events.Entity, error) {
	if err := ctx.Err(); err != nil {
		return events.Entity{}, fmt.Errorf("query: %w", err)
	}
	e, err := v.Registered(ctx, id)
	if errors.Is(err, graph.ErrRedacted) {
		return events.Entity{ID: id}, nil
	}
	if err != nil {
		return events.Entity{}, fmt.Errorf("query: read entity %v: %w", id, err)
	}
	return *e, nil
}

// judgement reads a verdict.
func judgement(ctx context.Context, v graph.View, id uuid.UUID) (*Judgement, error) {
	if err := ended(ctx); err != nil {
		return nil, err
	}
	e, err := v.Event(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("query: read verdict %v: %w", id, err)
	}
	return &Judgement{e.ID, e.Position, e.At, e.Recorder, *e.Body.(*events.IdentityJudged)}, nil
}

// between reads the verdicts "different" and "unsure" between the clusters of
// two entities, in order of recording.
func between(ctx context.Context, v graph.View, a, b uuid.UUID) (found []*Judgement, err error) {
	a, b = v.Canonical(a), v.Canonical(b)
	for _, x := range v.Verdicts(a) {
		if x.Verdict == events.Same {
			continue
		}
		if xa, xb := v.Canonical(x.A), v.Canonical(x.B); (xa != a || xb != b) && (xa != b || xb != a) {
			continue
		}
		j, err := judgement(ctx, v, x.ID)
		if err != nil {
			return nil, err
		}
		found = append(found, j)
	}
	return found, nil
}
