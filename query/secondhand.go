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
	// the origin to next to us, the source's own voice left out. It is empty where a
	// copy does not say from whom it has it.
	Through []uuid.UUID
}

// SecondHand returns the claims that no shown affirmation has first-hand, among
// those that affirmations make which the pattern names, in order of recording. Second-hand is a
// chain of three: a page has it from somebody that another has said it. Who is quoted by the
// author of the page himself is not second-hand. Who copies hearsay, and leaves out from whom he
// has it, is not first-hand, whether he names who is said to have said it or not. It costs what
// [SingleSourced] does, without denials, but of what is about something of which no
// affirmation has come through others it reads only the statements that the pattern names.
// Of a claim of which only some have, it reads all sources behind the others.
func SecondHand(ctx context.Context, v graph.View, p graph.Pattern) iter.Seq2[*Hearsay, error] {
	return func(yield func(*Hearsay, error) bool) {
		w := newWeigher(v)
		eachClaim(ctx, w, p, func(s graph.Statement, r *graph.Reading) (*Hearsay, []*graph.Reading, error) {
			if rumour, err := w.rumoured(ctx, s); !rumour || err != nil {
				return nil, nil, err
			}
			agreeing, err := w.agreeing(ctx, s, r)
			if err != nil {
				return nil, nil, err
			}
			answer := &Hearsay{Of: r}
			if answer.Heard, err = w.heard(ctx, agreeing); answer.Heard == nil || err != nil {
				return nil, agreeing, err
			}
			return answer, agreeing, nil
		}, yield)
	}
}

// heard returns through whom some statements of one claim have come, nil if one of them is
// first-hand.
func (l *lineage) heard(ctx context.Context, rs []*graph.Reading) ([]*Heard, error) {
	all := make([]*Heard, len(rs))
	named := 0 // how many say through whom they have come
	for i, r := range rs {
		through, err := l.through(ctx, r.Source, len(r.Voices), func(voice int) []uuid.UUID { return l.speakers(r, voice) })
		if err != nil {
			return nil, err
		}
		if all[i] = (&Heard{r, through}); through != nil {
			named++
		}
	}
	// Where none says so, one that is no copy does not: not all are copies of one another.
	switch named {
	case 0:
		return nil, nil
	case len(rs):
		return all, nil
	}
	original, err := l.originals(ctx, rs)
	if err != nil {
		return nil, err
	}
	for i, h := range all {
		if h.Through == nil && original[i] {
			return nil, nil
		}
	}
	return all, nil
}

// through returns who reports a statement beside its source, nil if nobody does. It is told
// the speakers of each voice, in canonical form.
func (l *lineage) through(ctx context.Context, source uuid.UUID, voices int, speakers func(voice int) []uuid.UUID) (ids []uuid.UUID, err error) {
	for i := 1; i < voices; i++ {
		who := speakers(i)
		own, err := l.isOwn(ctx, source, who, i == voices-1)
		if err != nil {
			return nil, err
		}
		if !own {
			ids = append(ids, who...)
		}
	}
	return eachOnce(ids), nil
}

// rumoured reports whether an affirmation about what a statement is about has come through
// others, for all that is in memory: if none has, no claim about it is known by hearsay only.
func (w *weigher) rumoured(ctx context.Context, s graph.Statement) (bool, error) {
	list, err := w.about(ctx, s)
	if err != nil || list.asked {
		return list != nil && list.rumoured, err
	}
	list.asked = true
	for _, o := range list.unread {
		through, err := w.through(ctx, o.Source(), o.Voices(), func(voice int) []uuid.UUID {
			speakers, _ := o.Speakers(voice)
			return speakers
		})
		if err != nil {
			return false, err
		}
		if through != nil {
			list.rumoured = true
			break
		}
	}
	return list.rumoured, nil
}
