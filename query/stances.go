package query

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/enum"
)

// ClaimStances is how a claim stands: what each who has spoken of it holds of it now.
type ClaimStances struct {
	Of       *graph.Reading // the first statement with this claim that the pattern names
	Holding  Holding
	Speakers []*SpeakerStance // in order of recording of what each first said of it, then by id
}

// SpeakerStance is what somebody holds of a claim now, and held before. All that he has said
// of it is in one of the lists, each in order of recording.
type SpeakerStance struct {
	Speaker         uuid.UUID // in canonical form
	Affirms, Denies bool      // one of Newest does; neither: he leaves it open, or is less sure of less
	// Newest are those than which he has said nothing later for certain: one is the newest
	// for certain, each of several possibly. It is empty if he took back all that he said.
	Newest    []*graph.Reading
	Open      bool             // Newest differ in stance: which of them counts is open
	Earlier   []*graph.Reading // what he has said something else since, or the same again
	TakenBack []*Link          // of his that withdraw or correct what he said, which is their To
}

// Holding is, in a word, what holds of a claim now.
type Holding uint8

// The holdings. Whether anybody is right, none of them says.
const (
	Unheld    Holding = iota // nobody holds or denies it, and nobody has held it
	OnceHeld                 // nobody holds or denies it, but somebody did hold it
	IsHeld                   // by somebody, and nobody denies it
	IsDenied                 // by somebody, and nobody holds it
	InDispute                // somebody holds it, and somebody denies it
)

var holdingWords = enum.Of("query", "Holding", "unheld", "once held", "held", "denied", "disputed")

func (h Holding) String() string { return holdingWords.Of(uint8(h)) }

// MarshalText returns the word that String prints. A number that is not in use is an error.
func (h Holding) MarshalText() ([]byte, error) { return holdingWords.Marshal(uint8(h)) }

// UnmarshalText sets it to what a word stands for, to 0 if text is empty. Another word is an error,
// which names the nearest, and changes nothing.
func (h *Holding) UnmarshalText(text []byte) error { return enum.Unmarshal(holdingWords, text, h) }

// Stances returns what each speaker holds now of the claims that the statements make which
// the pattern names, whichever way they hold them, in order of recording of the first such
// statement. What else is said of a claim counts if the view shows it, named or not: "now" is
// the last that the lens lets through, and one with a least certainty hides that somebody has
// become less sure. Of two times that may overlap neither is the later: both are shown.
//
// For each claim it walks the posting list of its occurrence or, without one, the shortest of
// its entities and its predicate, once for all about the same; and the denials as
// [Oppositions] does. It keeps 64 bytes for each statement that it finds there and 32 for
// each claim, reads those that are about the same entities and whose times may meet, and
// keeps up to 4,096 of those that it has read. What a speaker says is compared with what he
// said later, up to the first that takes its place.
func Stances(ctx context.Context, v graph.View, p graph.Pattern) iter.Seq2[*ClaimStances, error] {
	return func(yield func(*ClaimStances, error) bool) {
		w := newWeigher(v)
		by := v.Lens()
		by.Valid, by.According, by.Least, by.Rated = graph.Bound{}, nil, 0, nil
		x := &stancer{w, &shifter{w.comparer, nil, make(map[uuid.UUID]*saying)}, make(map[string]*matter), v.Graph().View(&by)}
		named, err := namedInOrder(ctx, v, p)
		if err != nil {
			yield(nil, err)
			return
		}
		done, given := make(map[uuid.UUID]bool), make(map[[sha256.Size]byte]bool)
		for _, s := range named {
			if done[s.id] {
				delete(done, s.id)
				continue
			}
			own, err := x.reads.saying(ctx, s)
			if errors.Is(err, graph.ErrRedacted) {
				continue
			}
			var about []bearing
			if err == nil {
				about, err = x.bearingOn(ctx, own)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			key := sha256.New()
			for _, b := range about {
				key.Write(append(b.id[:], byte(b.side)))
				if s.compare(b.ranked) < 0 && x.literal.equal(&b.Claim, &own.Claim) {
					done[b.id] = true
				}
			}
			sum := [sha256.Size]byte(key.Sum(nil))
			if given[sum] {
				continue
			}
			given[sum] = true
			a, err := x.stances(ctx, own.Reading, about)
			if !yield(a, err) || err != nil {
				return
			}
		}
	}
}

// stancer finds what speakers hold. It serves one question.
type stancer struct {
	*weigher
	reads   *shifter           // statements, each once
	matters map[string]*matter // by occurrence, or by subject
	then    graph.View         // all that had been said and published by then
}

// side is what a statement means for a claim.
type side uint8

const (
	elsewhere side = iota // it is about something else
	beside                // it says more or less, and neither affirms nor denies the claim
	undecided
	affirming
	denying
)

// bearing is a statement that bears on a claim.
type bearing struct {
	*saying
	side
}

func (c *comparer) sideOf(r *graph.Reading, cl *events.Claim) side {
	polarity := stance(r).Polarity
	more := c.opposes(cl, &r.Claim) // or the same
	switch {
	case polarity == events.Affirmed && (more || c.agree(cl, &r.Claim)):
		return affirming
	case polarity == events.Denied && c.opposes(&r.Claim, cl):
		return denying
	case c.agree(cl, &r.Claim):
		return undecided
	case more || polarity == events.Affirmed && r.Claim.Occurrence != uuid.Nil && c.opposes(&r.Claim, cl):
		return beside
	}
	return elsewhere
}

// bearingOn returns the shown statements that bear on the claim of one, in order of recording.
func (x *stancer) bearingOn(ctx context.Context, s *saying) (found []bearing, err error) {
	own := func() (*graph.Reading, error) { return s.Reading, nil }
	list, err := x.denying(ctx, s.ranked.Statement, own)
	if err != nil {
		return nil, err
	}
	m, err := x.matter(ctx, s.ranked.Statement)
	if err != nil {
		return nil, err
	}
	others, err := x.akin(ctx, []*matter{m}, boundsOf(s.ranked.Statement), own)
	if err != nil {
		return nil, err
	}
	for _, o := range append(list, others...).sorted() {
		said, err := x.reads.saying(ctx, o)
		if errors.Is(err, graph.ErrRedacted) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if side := x.sideOf(said.Reading, &s.Claim); side != elsewhere {
			found = append(found, bearing{said, side})
		}
	}
	return found, nil
}

// matter returns the shown statements about a statement's occurrence or, if it has none,
// that hold all of its entities.
func (x *stancer) matter(ctx context.Context, s graph.Statement) (*matter, error) {
	p, m := holding(s, x.declared[s.Predicate()].Symmetric), &matter{about: x.topics(s)}
	key := x.subjectOf(s)
	if o := s.Occurrence(); o != uuid.Nil {
		p, m = graph.Pattern{Predicate: s.Predicate(), Occurrence: o}, &matter{about: []uuid.UUID{x.canonical(o)}}
		key = setKey(m.about) + p.Predicate
	}
	if known := x.matters[key]; known != nil {
		return known, nil
	}
	for o, err := range walk(ctx, x.reads.v.Statements(p)) {
		if err != nil {
			return nil, err
		}
		m.add(o)
	}
	x.matters[key] = m
	return m, nil
}

// stances returns who holds what of a claim, of what bears on it.
func (x *stancer) stances(ctx context.Context, of *graph.Reading, about []bearing) (*ClaimStances, error) {
	a := &ClaimStances{Of: of}
	var all []*graph.Reading
	said, at := make(map[uuid.UUID][]bearing), make(map[uuid.UUID]bool)
	for _, b := range about {
		all = append(all, b.Reading)
		for _, speaker := range b.speakers {
			said[speaker] = append(said[speaker], b)
			if b.side != beside && !at[speaker] {
				at[speaker] = true
				a.Speakers = append(a.Speakers, &SpeakerStance{Speaker: speaker})
			}
		}
	}
	links, err := takingBack(ctx, x.reads.v, all)
	if err != nil {
		return nil, err
	}
	takenBack := make(map[uuid.UUID][]withdrawal)
	for _, l := range links {
		if from, err := x.then.Statement(l.From.ID); err != nil || from.Shows(x.then) {
			takenBack[l.To.ID] = append(takenBack[l.To.ID], withdrawal{l, x.whose(l)})
		}
	}
	held, denied := false, false
	for _, s := range a.Speakers {
		if err := ended(ctx); err != nil {
			return nil, err
		}
		x.stance(s, said[s.Speaker], takenBack)
		held, denied = held || s.Affirms, denied || s.Denies
	}
	switch {
	case held && denied:
		a.Holding = InDispute
	case held:
		a.Holding = IsHeld
	case denied:
		a.Holding = IsDenied
	case slices.ContainsFunc(about, func(b bearing) bool { return b.side == affirming }):
		a.Holding = OnceHeld
	}
	return a, nil
}

// withdrawal is a link by which these speakers take back what it leads to, if they said it.
type withdrawal struct {
	*Link
	speakers []uuid.UUID
}

// whose returns who says that a link holds: who speaks in the statement that makes it or, if a
// recorder does, in the one that it leads from.
func (x *stancer) whose(l *Link) []uuid.UUID {
	id := l.From.ID
	if l.Statement != nil {
		id = l.By
	}
	s, err := x.reads.v.Statement(id)
	if err != nil {
		return nil
	}
	speakers, _ := s.Speakers(0)
	return speakers
}

// stance fills in what somebody holds who said all this, given in order of recording.
func (x *stancer) stance(s *SpeakerStance, said []bearing, takenBack map[uuid.UUID][]withdrawal) {
	said = slices.DeleteFunc(said, func(b bearing) (gone bool) {
		for _, w := range takenBack[b.id] {
			if slices.Contains(w.speakers, s.Speaker) {
				if gone = true; b.side != beside {
					s.TakenBack = append(s.TakenBack, w.Link)
				}
			}
		}
		return gone
	})
	inTime := slices.Clone(said) // the last that began first
	slices.SortStableFunc(inTime, func(a, b bearing) int { return cmp.Compare(b.earliest, a.earliest) })
	for _, b := range said {
		left := false
		for _, later := range inTime {
			if left = b.latest < later.earliest && x.replaces(later, b); left || later.earliest <= b.latest {
				break
			}
		}
		switch {
		case b.side != beside && left:
			s.Earlier = append(s.Earlier, b.Reading)
			continue
		case left, b.side == beside && !slices.ContainsFunc(said, func(o bearing) bool { return o.side != beside && o.earliest <= b.latest && x.replaces(b, o) }):
			continue
		}
		s.Open = s.Open || len(s.Newest) > 0 && stance(b.Reading) != stance(s.Newest[0])
		s.Newest = append(s.Newest, b.Reading)
		s.Affirms, s.Denies = s.Affirms || b.side == affirming, s.Denies || b.side == denying
	}
}

// replaces reports whether somebody who says one thing later does not stand by another any
// more: it is about the same, and either his stance is another or it is no less.
func (x *stancer) replaces(later, b bearing) bool {
	return x.onOne(later.Reading, b.Reading) &&
		(stance(later.Reading) != stance(b.Reading) || x.holdsAll(&later.Claim, &b.Claim))
}
