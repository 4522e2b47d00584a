package query

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/graph"
)

// FalloutAnswer is what falls with a source or a voice, and what that leaves.
type FalloutAnswer struct {
	Fallen []*Fallen // in order of recording
	// Lost are the affirmations that fall and leave no origin of their claim, at most what
	// comes from them alone: of each claim the first.
	Lost []*graph.Reading
	// Circular are sources that would be left as an older registration has them, by which
	// each is derived from itself: whoever takes the source back has to register them anew
	// first ([graph.View.Falls]). It is empty for a voice.
	Circular []uuid.UUID
}

// Fallen is a statement that falls.
type Fallen struct {
	*graph.Reading
	// On is what it rests on that falls, each once: the voice, in canonical form,
	// then its source, then the statements that its claim refers to.
	On      []uuid.UUID
	Support *SupportAnswer // of its claim, as the view has it
	// Remains is the same without what falls: the origins of Support, those left out of which
	// nothing remains but what has it from what falls. It never has more than Support.
	Remains *SupportAnswer
}

// Fallout tells what would happen if a source had to be given up, or nothing that
// somebody says were to be believed, be it that he says it or that he passes it
// on. Nothing is recorded. What is neither a source nor an entity of the view gets
// an answer without statements.
//
// Nobody becomes an origin because another falls. What a copy has from the fallen alone it loses:
// it does not fall, for nobody who is not believed says it, but it supports the claim no more.
//
// It walks the lists of what rests on what falls, reads what falls and is shown, and
// costs a [Support] for each claim among these and, for each who is reported in sources that
// derive from one another, a walk along these sources.
func Fallout(ctx context.Context, v graph.View, what uuid.UUID) (*FalloutAnswer, error) {
	if err := ended(ctx); err != nil {
		return nil, err
	}
	answer := new(FalloutAnswer)
	if what == uuid.Nil {
		return answer, nil
	}
	given, voice := []uuid.UUID{what}, uuid.Nil
	switch _, err := v.Source(ctx, what); {
	case errors.Is(err, graph.ErrNotInView):
		given, voice = nil, v.Canonical(what)
		for s, err := range walk(ctx, v.Unfiltered().Statements(graph.Pattern{Voice: voice})) {
			if err != nil {
				return nil, err
			}
			if restsOnVoice(s, voice) {
				given = append(given, s.ID())
			}
		}
	case err != nil && !errors.Is(err, graph.ErrRedacted):
		return nil, fmt.Errorf("query: fallout: %w", err)
	}
	falls, circular := v.Falls(given...)
	answer.Circular = circular
	fallen := make(map[uuid.UUID]bool)
	for _, f := range falls {
		fallen[f.ID()] = true
	}
	w := newWeigher(v)
	lost := make(map[claimKey][]*graph.Reading)
	weighed := make(map[claimKey][]*Fallen) // one of each claim
	for _, f := range falls {
		if !f.Shows(v) {
			continue
		}
		r, err := read(ctx, f.Statement)
		if errors.Is(err, graph.ErrRedacted) {
			continue
		}
		if err != nil {
			return nil, err
		}
		x := &Fallen{Reading: r, On: f.On}
		if voice != uuid.Nil && restsOnVoice(f.Statement, voice) {
			x.On = slices.Insert(x.On, 0, voice)
		}
		if err := w.learn(ctx, &r.Claim); err != nil {
			return nil, err
		}
		key := claimKey{w.subjectOf(f.Statement), w.hash(&r.Claim)}
		i := slices.IndexFunc(weighed[key], func(y *Fallen) bool { return w.literal.equal(&y.Claim, &r.Claim) })
		if i >= 0 {
			y := weighed[key][i]
			x.Support = &SupportAnswer{r, y.Support.For, y.Support.Against}
			x.Remains = &SupportAnswer{r, y.Remains.For, y.Remains.Against}
		} else {
			if err := w.weighFallen(ctx, f.Statement, x, fallen); err != nil {
				return nil, err
			}
			weighed[key] = append(weighed[key], x)
		}
		answer.Fallen = append(answer.Fallen, x)
		agrees := func(y *graph.Reading) bool { return w.agree(&y.Claim, &r.Claim) }
		if affirms(f.Statement) && len(x.Remains.For) == 0 && !slices.ContainsFunc(lost[key], agrees) {
			lost[key] = append(lost[key], r)
			answer.Lost = append(answer.Lost, r)
		}
	}
	return answer, nil
}

// claimKey is the same for claims that agree, and for few others.
type claimKey struct {
	subject string
	content uint64
}

// weighFallen weighs the claim of a statement that falls, with and without what
// falls.
func (w *weigher) weighFallen(ctx context.Context, s graph.Statement, x *Fallen, fallen map[uuid.UUID]bool) error {
	agreeing, err := w.agreeing(ctx, s, x.Reading)
	if err != nil {
		return err
	}
	opposing, err := w.opposing(ctx, s, x.Reading)
	if err != nil {
		return err
	}
	if x.Support, err = w.weigh(ctx, x.Reading, agreeing, opposing, nil); err != nil {
		return err
	}
	x.Remains, err = w.weigh(ctx, x.Reading, agreeing, opposing, fallen)
	return err
}

// restsOnVoice reports whether an entity, in canonical form, speaks alone in one
// of a statement's voices.
func restsOnVoice(s graph.Statement, who uuid.UUID) bool {
	for i := range s.Voices() {
		speakers, _ := s.Speakers(i)
		if len(speakers) > 0 && !slices.ContainsFunc(speakers, func(id uuid.UUID) bool { return id != who }) {
			return true
		}
	}
	return false
}
