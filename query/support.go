package query

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// SupportAnswer is how well a claim is founded: who is behind it, and who denies
// it, each independent origin once.
type SupportAnswer struct {
	Of      *graph.Reading // the statement whose claim it is
	For     []*Origin
	Against []*Origin
}

// Origin is one independent origin of a claim, with all that goes back to it.
type Origin struct {
	// Speakers are those who said it, in canonical form, each once: not those who
	// only copied it.
	Speakers   []uuid.UUID
	Utterances []*Utterance
}

// Utterance is what was said once, in all wordings and copies.
type Utterance struct {
	Statements []*graph.Reading // in order of recording
	// TakenBack are the links by which somebody withdraws or corrects one of them, the
	// link's To. They are for the reader to weigh: what was taken back counts all the same,
	// and such a link may itself have been taken back, as [Links] of its By or From tell.
	TakenBack []*Link
}

// Support returns the independent origins of the claim that a statement makes,
// whichever way it holds it, and those of its denials. The statement stands in
// the view, whether or not it passes the view's filters; if no such statement is
// there the error is graph.ErrNotInView or graph.ErrRedacted. For and Against may
// be empty. What its speaker withdrew or its outlet corrected is there, too, with the
// links that say so in [Utterance].TakenBack.
//
// It compares the affirmations on the shortest posting list of the claim's
// occurrence, its entities and its predicate, and the denials as [Oppositions]
// does. It reads those that are about the same, their sources and the statements
// that say what they repeat.
func Support(ctx context.Context, v graph.View, statement uuid.UUID) (*SupportAnswer, error) {
	s, err := v.Statement(statement)
	if err != nil {
		return nil, fmt.Errorf("query: support: %w", err)
	}
	r, err := read(ctx, s)
	if err != nil {
		return nil, err
	}
	return newWeigher(v).support(ctx, s, r)
}

// SingleSourced returns the claims that rest on one independent origin, among
// those that affirmations make which the pattern names, in order of recording.
// Denials do not count, but stand beside it in Against, and what was taken back
// counts, as in [Support]. For each affirmation that does not agree with a claim given
// before it costs what [Support] does, but walks the denials with each predicate once.
func SingleSourced(ctx context.Context, v graph.View, p graph.Pattern) iter.Seq2[*SupportAnswer, error] {
	return func(yield func(*SupportAnswer, error) bool) {
		w := newWeigher(v)
		eachClaim(ctx, w, p, func(s graph.Statement, r *graph.Reading) (*SupportAnswer, error) {
			a, err := w.support(ctx, s, r)
			if err != nil || len(a.For) != 1 {
				return nil, err
			}
			return a, nil
		}, yield)
	}
}

// weigher finds what there is for and against claims. It serves one question.
type weigher struct {
	*opposer
	lineage
}

func newWeigher(v graph.View) *weigher { return &weigher{newOpposer(newComparer(v)), newLineage(v)} }

func (w *weigher) support(ctx context.Context, s graph.Statement, r *graph.Reading) (*SupportAnswer, error) {
	agreeing, err := w.agreeing(ctx, s, r)
	if err != nil {
		return nil, err
	}
	opposing, err := w.opposing(ctx, s, r)
	if err != nil {
		return nil, err
	}
	return w.weigh(ctx, r, agreeing, opposing)
}

func (w *weigher) weigh(ctx context.Context, r *graph.Reading, agreeing, opposing []*graph.Reading) (a *SupportAnswer, err error) {
	a = &SupportAnswer{Of: r}
	if a.For, err = w.origins(ctx, agreeing); err != nil {
		return nil, err
	}
	if a.Against, err = w.origins(ctx, opposing); err != nil {
		return nil, err
	}
	return a, nil
}

// agreeing returns the shown affirmations that agree with a claim.
func (w *weigher) agreeing(ctx context.Context, s graph.Statement, r *graph.Reading) ([]*graph.Reading, error) {
	d, err := w.declaration(ctx, s.Predicate())
	if err != nil {
		return nil, err
	}
	var found recorded
	when, subject := boundsOf(s), subjectOf(s)
	for o := range w.opposer.v.Statements(holding(s, d.Symmetric)) {
		if affirms(o) && when.meet(boundsOf(o)) && subjectOf(o) == subject {
			found = append(found, rank(o))
		}
	}
	return w.keep(ctx, r, found.sorted(), w.agree)
}

// opposing returns the shown denials that oppose a claim.
func (w *weigher) opposing(ctx context.Context, s graph.Statement, r *graph.Reading) ([]*graph.Reading, error) {
	return w.keep(ctx, r, w.denying(s).sorted(), w.opposes)
}

// keep reads those of the statements that bear on the claim of r.
func (w *weigher) keep(ctx context.Context, r *graph.Reading, list recorded, bears func(cl, on *events.Claim) bool) (kept []*graph.Reading, err error) {
	if err := w.learn(ctx, &r.Claim); err != nil {
		return nil, err
	}
	for _, o := range list {
		other, err := read(ctx, o.Statement)
		if errors.Is(err, graph.ErrRedacted) {
			continue
		}
		if err == nil {
			err = w.learn(ctx, &other.Claim)
		}
		if err != nil {
			return nil, err
		}
		if bears(&other.Claim, &r.Claim) {
			kept = append(kept, other)
		}
	}
	return kept, nil
}

// subjectOf returns what is the same for statements whose claims agree: the
// predicate, the occurrence and the entities of the arguments.
func subjectOf(s graph.Statement) string {
	var ids []uuid.UUID
	for _, e := range s.Entities() {
		ids = append(ids, e)
	}
	o := s.Occurrence()
	return string(o[:]) + setKey(ids) + s.Predicate()
}

// eachClaim yields what answer returns for the affirmations that a pattern names,
// in order of recording, nil being no answer. It passes over one that agrees with
// a claim that has been answered.
func eachClaim[T any](ctx context.Context, w *weigher, p graph.Pattern,
	answer func(graph.Statement, *graph.Reading) (*T, error), yield func(*T, error) bool) {
	if err := ended(ctx); err != nil {
		yield(nil, err)
		return
	}
	done := newAnswered(w.comparer)
	for _, s := range inOrder(w.opposer.v.Statements(p)) {
		if !affirms(s.Statement) {
			continue
		}
		r, err := read(ctx, s.Statement)
		if errors.Is(err, graph.ErrRedacted) {
			continue
		}
		if err == nil {
			err = w.learn(ctx, &r.Claim)
		}
		if err == nil && done.has(s.Statement, r) {
			continue
		}
		var a *T
		if err == nil {
			a, err = answer(s.Statement, r)
		}
		if err != nil {
			yield(nil, err)
			return
		}
		done.add(s.Statement, r, a != nil)
		if a == nil {
			continue
		}
		if !yield(a, nil) {
			return
		}
	}
}

// answered are claims that have been asked about, by what they are about.
type answered struct {
	*comparer
	claims map[string][]asked
}

type asked struct {
	*events.Claim
	given bool // there was an answer
}

func newAnswered(c *comparer) answered { return answered{c, make(map[string][]asked)} }

// has reports whether the claim of r, which is learnt, needs no answer: it agrees
// with one that has been given, or equals one to which there was none.
func (a answered) has(s graph.Statement, r *graph.Reading) bool {
	return slices.ContainsFunc(a.claims[subjectOf(s)], func(cl asked) bool {
		return cl.given && a.agree(cl.Claim, &r.Claim) || !cl.given && a.equal(cl.Claim, &r.Claim)
	})
}

func (a answered) add(s graph.Statement, r *graph.Reading, given bool) {
	subject := subjectOf(s)
	a.claims[subject] = append(a.claims[subject], asked{&r.Claim, given})
}
