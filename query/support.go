package query

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"iter"
	"slices"
	"strings"

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
	if err := ended(ctx); err != nil {
		return nil, err
	}
	s, err := v.Statement(statement)
	if err != nil {
		return nil, fmt.Errorf("query: support: %w", err)
	}
	r, err := read(ctx, s)
	if err != nil {
		return nil, err
	}
	w := newWeigher(v)
	agreeing, err := w.agreeing(ctx, s, r)
	if err != nil {
		return nil, err
	}
	return w.support(ctx, s, r, agreeing)
}

// SingleSourced returns the claims that rest on one independent origin, among
// those that affirmations make which the pattern names, in order of recording.
// Denials do not count, but stand beside it in Against, and what was taken back
// counts, as in [Support].
//
// For all claims about the same (one predicate, one occurrence, the same entities) it walks
// the shortest of their posting lists once, and the denials as [Oppositions] does; it
// keeps 64 bytes for each affirmation that it finds there, as [Oppositions] does for denials,
// and 48 for each statement that the pattern names, but no reading. It reads each of these
// once to tell their claims apart, and for each claim, as [Support] does, those that agree
// with it or may oppose it.
func SingleSourced(ctx context.Context, v graph.View, p graph.Pattern) iter.Seq2[*SupportAnswer, error] {
	return func(yield func(*SupportAnswer, error) bool) {
		w := newWeigher(v)
		eachClaim(ctx, w, p, func(s graph.Statement, r *graph.Reading) (*SupportAnswer, []*graph.Reading, error) {
			agreeing, err := w.agreeing(ctx, s, r)
			if err != nil {
				return nil, nil, err
			}
			a, err := w.support(ctx, s, r, agreeing)
			if err != nil || len(a.For) != 1 {
				return nil, agreeing, err
			}
			return a, agreeing, nil
		}, yield)
	}
}

// weigher finds what there is for and against claims. It serves one question.
type weigher struct {
	*opposer
	lineage
	literal  *comparer            // to the letter: to claims that are equal by it the same answers
	affirmed map[string]*affirmed // by subject
}

// affirmed are the shown affirmations about a subject: those that have not been read, in
// order of recording, and the others by a hash of what they say.
type affirmed struct {
	unread []timed
	read   map[uint64][]timed

	asked, rumoured bool // whether one has come through others; it is asked before any is read
}

func newWeigher(v graph.View) *weigher {
	c := newComparer(v)
	literal := *c // learns what c learns
	literal.literal = true
	return &weigher{newOpposer(c), newLineage(c.namer), &literal, make(map[string]*affirmed)}
}

// support weighs a claim with which these agree.
func (w *weigher) support(ctx context.Context, s graph.Statement, r *graph.Reading, agreeing []*graph.Reading) (*SupportAnswer, error) {
	opposing, err := w.opposing(ctx, s, r)
	if err != nil {
		return nil, err
	}
	return w.weigh(ctx, r, agreeing, opposing, nil)
}

// weigh groups what is for and against a claim by origins, without what falls.
func (w *weigher) weigh(ctx context.Context, r *graph.Reading, agreeing, opposing []*graph.Reading, fallen map[uuid.UUID]bool) (a *SupportAnswer, err error) {
	a = &SupportAnswer{Of: r}
	if a.For, err = w.origins(ctx, agreeing, fallen); err != nil {
		return nil, err
	}
	if a.Against, err = w.origins(ctx, opposing, fallen); err != nil {
		return nil, err
	}
	return a, nil
}

// agreeing returns the shown affirmations that agree with a claim.
func (w *weigher) agreeing(ctx context.Context, s graph.Statement, r *graph.Reading) (kept []*graph.Reading, err error) {
	if err := w.learn(ctx, &r.Claim); err != nil {
		return nil, err
	}
	list, err := w.about(ctx, s)
	if err != nil {
		return nil, err
	}
	content, when := w.hash(&r.Claim), boundsOf(s)
	// look reads one and keeps it if it agrees.
	look := func(o timed) (*graph.Reading, error) {
		other, err := w.load(ctx, o.Statement)
		if errors.Is(err, graph.ErrRedacted) {
			return nil, nil
		}
		if err == nil && w.agree(&other.Claim, &r.Claim) {
			kept = append(kept, other)
		}
		return other, err
	}
	for _, o := range list.read[content] {
		if when.meet(o.when) {
			if _, err := look(o); err != nil {
				return nil, err
			}
		}
	}
	later := list.unread[:0]
	for _, o := range list.unread {
		if !when.meet(o.when) {
			later = append(later, o)
			continue
		}
		other, err := look(o)
		if err != nil {
			return nil, err
		}
		if other != nil {
			hash := w.hash(&other.Claim)
			list.read[hash] = append(list.read[hash], o)
		}
	}
	list.unread = later
	slices.SortFunc(kept, func(a, b *graph.Reading) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.Index, b.Index))
	})
	return kept, nil
}

// about returns the shown affirmations about what a statement is about.
func (w *weigher) about(ctx context.Context, s graph.Statement) (*affirmed, error) {
	d, err := w.declaration(ctx, s.Predicate())
	if err != nil {
		return nil, err
	}
	subject := w.subjectOf(s)
	if list := w.affirmed[subject]; list != nil {
		return list, nil
	}
	all, err := inOrder(ctx, w.opposer.v.Statements(holding(s, d.Symmetric)))
	if err != nil {
		return nil, err
	}
	list := &affirmed{read: make(map[uint64][]timed)}
	for _, o := range all {
		if affirms(o.Statement) && w.subjectOf(o.Statement) == subject {
			list.unread = append(list.unread, timed{o, boundsOf(o.Statement)})
		}
	}
	w.affirmed[subject] = list
	return list, nil
}

func (w *weigher) hash(cl *events.Claim) uint64 { return maphash.String(w.opposer.seed, w.content(cl)) }

// opposing returns the shown denials that oppose a claim, which is learnt.
func (w *weigher) opposing(ctx context.Context, s graph.Statement, r *graph.Reading) (kept []*graph.Reading, err error) {
	list, err := w.denying(ctx, s, func() (*graph.Reading, error) { return r, nil })
	if err != nil {
		return nil, err
	}
	for _, o := range list.sorted() {
		other, err := w.load(ctx, o.Statement)
		if errors.Is(err, graph.ErrRedacted) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if w.opposes(&other.Claim, &r.Claim) {
			kept = append(kept, other)
		}
	}
	return kept, nil
}

// subjectOf returns what is the same for statements whose claims agree: the
// predicate, which is learnt, the occurrence and the entities of the arguments in their
// roles, but those in some.
func (c *comparer) subjectOf(s graph.Statement, but ...string) string {
	symmetric := c.declared[s.Predicate()].Symmetric
	var fills []string
	for role, e := range c.ends(s) {
		if role != "" && slices.Contains(but, role) {
			continue
		}
		if symmetric && role != "" {
			role = "any"
		}
		fills = append(fills, string(e[:])+role)
	}
	slices.Sort(fills)
	return s.Predicate() + "\n" + strings.Join(slices.Compact(fills), "\n")
}

// eachClaim yields what answer returns for the affirmations that a pattern names,
// in order of recording, nil being no answer, and beside it the affirmations that agree.
// It passes over one that agrees with a claim to which there was an answer, or says the same
// to the letter as one to which there was none: equal to that it may be and agree with others,
// since a text without a language is the same as one in any.
func eachClaim[T any](ctx context.Context, w *weigher, p graph.Pattern,
	answer func(graph.Statement, *graph.Reading) (*T, []*graph.Reading, error), yield func(*T, error) bool) {
	named, err := namedInOrder(ctx, w.opposer.v, p)
	if err != nil {
		yield(nil, err)
		return
	}
	done := make(map[uuid.UUID]bool)
	for _, s := range named {
		if !affirms(s.Statement) {
			continue
		}
		if done[s.id] {
			delete(done, s.id)
			continue
		}
		r, err := w.load(ctx, s.Statement)
		if errors.Is(err, graph.ErrRedacted) {
			continue
		}
		var a *T
		var agreeing []*graph.Reading
		if err == nil {
			a, agreeing, err = answer(s.Statement, r)
		}
		if err != nil {
			yield(nil, err)
			return
		}
		for _, o := range agreeing {
			if later := s.compare(ranked{position: o.Position, index: o.Index}) < 0; later && (a != nil || w.literal.equal(&o.Claim, &r.Claim)) {
				done[o.ID] = true
			}
		}
		if a != nil && !yield(a, nil) {
			return
		}
	}
}
