package query

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// Shift is somebody's change of position: how sure he is of something, or which
// way he holds it, or that he took it back.
type Shift struct {
	Speaker uuid.UUID // in canonical form
	// Earlier and Later are what he said before and after. Of what was taken back
	// either is nil where it is not known or cannot be read.
	Earlier, Later *graph.Reading
	// OrderCertain says that Earlier was said before Later for certain: its latest
	// instant of saying is before the other's earliest.
	OrderCertain bool
	// Withdrawal is the link by which Earlier is taken back, To being the
	// statement that is; nil: the two differ in stance.
	Withdrawal *Link
}

// Shifts returns who changed position on what, one of the two statements being
// named by the pattern: first the changes of stance, in order of recording of the
// first statement of the two that the pattern names, then of the other, then by
// the speaker's id; then what was taken back, in the order of [Disputes], and by
// the speaker's id.
//
// For changes of stance it walks, once for each speaker and predicate of what the
// pattern names, the shorter of their posting lists, and keeps 64 bytes for each
// entity and other argument of each statement that the speaker makes with that predicate.
// If the stance of one about the same entities is another, it reads those whose times may
// meet, compares each that the pattern names with those of them that may also hold the
// same besides, and keeps up to 4,096 of those that it has read. What was taken back costs
// as disputes do.
func Shifts(ctx context.Context, v graph.View, p graph.Pattern) iter.Seq2[*Shift, error] {
	return func(yield func(*Shift, error) bool) {
		x := &shifter{newComparer(v), make(map[voicing]topical), make(map[uuid.UUID]*saying)}
		named, err := namedInOrder(ctx, v, p)
		if err != nil {
			yield(nil, err)
			return
		}
		for i, s := range named {
			found, err := x.shifts(ctx, s, named[:i])
			if err != nil {
				yield(nil, err)
				return
			}
			for _, shift := range found {
				if !yield(shift, nil) {
					return
				}
			}
		}
		for l, err := range Links(ctx, v, p, events.Withdraws) {
			if err != nil {
				yield(nil, err)
				return
			}
			for _, shift := range takenBack(v, l) {
				if !yield(shift, nil) {
					return
				}
			}
		}
	}
}

type shifter struct {
	*comparer
	said    map[voicing]topical
	sayings map[uuid.UUID]*saying // that have been read, at most maxSayings
}

const maxSayings = 4096

// voicing is what somebody says with a predicate.
type voicing struct {
	speaker   uuid.UUID
	predicate string
}

// saying is a statement in full, and when it may have been said.
type saying struct {
	ranked
	*graph.Reading
	earliest, latest int64
	speakers         []uuid.UUID
}

// compareSaying orders by when it was said, then by when it was recorded.
func (a *saying) compareSaying(b *saying) int {
	return cmp.Or(cmp.Compare(a.latest, b.latest), cmp.Compare(a.earliest, b.earliest), a.ranked.compare(b.ranked))
}

// shifts returns the changes of stance from or to a statement, but for those from
// or to an earlier one that the pattern names, too.
func (x *shifter) shifts(ctx context.Context, s ranked, earlier recorded) (found []*Shift, err error) {
	if err := ended(ctx); err != nil {
		return nil, err
	}
	about, err := x.sameMatter(ctx, s)
	if len(about) == 0 || err != nil {
		return nil, err
	}
	own := about[0]
	inTime := slices.SortedFunc(slices.Values(about), (*saying).compareSaying)
	place := func(s *saying) int {
		i, _ := slices.BinarySearchFunc(inTime, s, (*saying).compareSaying)
		return i
	}
	at := place(own)
	for _, other := range about[1:] {
		if earlier.has(other.ranked) || other.Stance() == own.Stance() {
			continue
		}
		first, last := at, place(other)
		if last < first {
			first, last = last, first
		}
		from, to, between := inTime[first], inTime[last], inTime[first+1:last]
		for _, speaker := range own.speakers {
			if !slices.Contains(other.speakers, speaker) || slices.ContainsFunc(between, func(z *saying) bool {
				return slices.Contains(z.speakers, speaker) && x.onOne(z.Reading, other.Reading)
			}) {
				continue
			}
			found = append(found, &Shift{Speaker: speaker, Earlier: from.Reading, Later: to.Reading, OrderCertain: from.latest < to.earliest})
		}
	}
	return found, nil
}

// sameMatter returns a statement and after it, in order of recording, those of
// its speakers that are about the same; nothing if none can have another stance.
func (x *shifter) sameMatter(ctx context.Context, s ranked) (list []*saying, err error) {
	var among []*matter
	speakers, _ := s.Speakers(0)
	for _, speaker := range speakers {
		own, err := x.candidates(ctx, s.Statement, speaker)
		if err != nil {
			return nil, err
		}
		among = append(among, own...)
	}
	stance, when := s.Stance(), boundsOf(s.Statement)
	differs := func(o timed) bool { return o.Stance() != stance }
	if !slices.ContainsFunc(among, func(m *matter) bool { return (m.mixed || m.stance != stance) && m.any(when, differs) }) {
		return nil, nil
	}
	first, err := x.saying(ctx, s)
	if errors.Is(err, graph.ErrRedacted) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	others, err := x.akin(ctx, among, when, func() (*graph.Reading, error) { return first.Reading, nil })
	if err != nil {
		return nil, err
	}
	list = append(list, first)
	for _, o := range others.sorted() {
		if o.id == s.id {
			continue
		}
		said, err := x.saying(ctx, o)
		if errors.Is(err, graph.ErrRedacted) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if x.onOne(first.Reading, said.Reading) {
			list = append(list, said)
		}
	}
	return list, nil
}

// saying reads a statement, unless it has been read.
func (x *shifter) saying(ctx context.Context, s ranked) (*saying, error) {
	if said := x.sayings[s.id]; said != nil {
		if !s.Shows(x.v) { // since it was read
			return nil, graph.ErrRedacted
		}
		return said, nil
	}
	r, err := x.load(ctx, s.Statement)
	if err != nil {
		return nil, err
	}
	said := &saying{ranked: s, Reading: r}
	said.earliest, said.latest = s.Said()
	said.speakers, _ = s.Speakers(0)
	slices.SortFunc(said.speakers, compareIDs)
	said.speakers = slices.Compact(said.speakers)
	if len(x.sayings) == maxSayings {
		clear(x.sayings)
	}
	x.sayings[s.id] = said
	return said, nil
}

// candidates returns the matters of a speaker in which is what may be about the same as
// one of his statements.
func (x *shifter) candidates(ctx context.Context, s graph.Statement, speaker uuid.UUID) (found []*matter, err error) {
	key := voicing{speaker, s.Predicate()}
	said, known := x.said[key]
	if !known {
		own := x.v.Statements(graph.Pattern{Predicate: key.predicate, Origin: speaker})
		if said, err = x.byTopic(ctx, own, func(o graph.Statement) bool {
			speakers, _ := o.Speakers(0)
			return slices.Contains(speakers, speaker)
		}); err != nil {
			return nil, err
		}
		x.said[key] = said
	}
	about := x.topics(s)
	if len(about) == 0 && denies(s) {
		// It may deny what is about anybody.
		return slices.Collect(maps.Values(said)), nil
	}
	return said.about(about), nil
}

// onOne reports whether two statements are about the same: their claims agree, one opposes
// the other, or one affirms more of one occurrence and is no less sure.
func (c *comparer) onOne(a, b *graph.Reading) bool {
	return c.agree(&a.Claim, &b.Claim) || c.opposed(a, b) || c.includes(a, b) || c.includes(b, a)
}

// includes reports whether who affirms one claim affirms another with it: of the same
// occurrence, with all of its arguments, and no less surely.
func (c *comparer) includes(more, less *graph.Reading) bool {
	x, y := stance(more), stance(less)
	return x.Polarity == events.Affirmed && y.Polarity == events.Affirmed && x.Certainty >= y.Certainty &&
		more.Claim.Occurrence != uuid.Nil && c.one(more.Claim.Occurrence, less.Claim.Occurrence) &&
		more.Claim.Predicate == less.Claim.Predicate && c.holdsAll(&more.Claim, &less.Claim) &&
		c.sameConditions(more.Claim.If, less.Claim.If) && mayMeet(more.Claim.When.Time, less.Claim.When.Time)
}

// takenBack returns the shifts of those who take something back by a link.
func takenBack(v graph.View, l *Link) (found []*Shift) {
	shift := Shift{Earlier: l.To.Reading, Later: l.From.Reading, Withdrawal: l}
	of := cmp.Or(shift.Earlier, shift.Later)
	if of == nil {
		return nil
	}
	if shift.Earlier != nil && shift.Later != nil {
		shift.OrderCertain = saidBefore(v, shift.Earlier.ID, shift.Later.ID)
	}
	var speakers []uuid.UUID
	if len(of.Voices) > 0 {
		for _, p := range of.Voices[0].Speakers {
			speakers = append(speakers, v.Canonical(p.Entity))
		}
	}
	slices.SortFunc(speakers, compareIDs)
	for _, speaker := range slices.Compact(speakers) {
		own := shift
		own.Speaker = speaker
		found = append(found, &own)
	}
	return found
}

// saidBefore reports whether one statement was said before another for certain.
func saidBefore(v graph.View, first, second uuid.UUID) bool {
	a, err := v.Statement(first)
	if err != nil {
		return false
	}
	b, err := v.Statement(second)
	if err != nil {
		return false
	}
	_, latest := a.Said()
	earliest, _ := b.Said()
	return latest < earliest
}
