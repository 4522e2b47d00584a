package graph

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
)

// Lens says how to look at a graph. Nil and the zero Lens mean: now, everybody,
// everything that stands. All that is given must hold for one statement at once;
// the package comment defines each filter.
type Lens struct {
	// AsOf is the position to look from. 0 is the newest here, and not before the first
	// batch as it is elsewhere: to look from a position that was kept, which is 0 if
	// the record was empty, take [View.AsOf]. A position that is not reached yet counts
	// as the newest.
	AsOf events.Position
	// RecordedBy narrows AsOf to what had been recorded by this time, to the
	// nanosecond; the zero time does not.
	RecordedBy time.Time

	SaidBy      Bound
	PublishedBy Bound
	Valid       Bound

	// According keeps what one of these entities said, or somebody for them: as the
	// origin, not as one who passes on what others said. What the mayor said,
	// according to the Gazette, is Pattern{Origin: mayor, Voice: gazette}.
	// Empty: anyone.
	According []uuid.UUID
	// Least is the least certainty of the origin; 0: any. A number that is not in use
	// counts as higher than all others: nothing is shown.
	Least events.Certainty
	// Rated are policies about how statements and their sources are rated, each
	// in a scheme. Empty: any rating.
	Rated []Rating
}

// Rating is a policy about ratings in one scheme, such as "nothing rated below
// C3":
//
//	scheme, err := events.Admiralty().AtLeast("C3")
//	lens := &graph.Lens{Rated: []graph.Rating{{Scheme: scheme}}}
type Rating struct {
	// Scheme has the name of the scheme and the values that are good enough.
	Scheme events.Scheme
	// By are the recorders whose ratings count, by the names that [Assessment.Recorder]
	// has, to the letter. The newest of their ratings counts. Empty: everybody's.
	By []string
	// Required drops a statement if neither it nor its source is rated in the
	// scheme, by these; false: it passes.
	Required bool
}

// clone shares no memory with the lens.
func (l *Lens) clone() Lens {
	c := *l
	c.own(nil)
	return c
}

// own takes memory of its own for what a copy of a lens refers to; there is room for
// whom it is according to.
func (l *Lens) own(room []uuid.UUID) {
	l.According = append(room, l.According...)
	l.Rated = slices.Clone(l.Rated)
	for i := range l.Rated {
		l.Rated[i].Scheme.Values = slices.Clone(l.Rated[i].Scheme.Values)
		l.Rated[i].By = slices.Clone(l.Rated[i].By)
	}
}

// Bound is a time and how surely it must apply. The zero Bound bounds nothing.
type Bound struct {
	Time     edtf.Time
	Possibly bool // false: certainly
}

// Certainly is a bound that must certainly hold.
func Certainly(t edtf.Time) Bound { return Bound{Time: t} }

// Possibly is a bound that may hold, for all that is known.
func Possibly(t edtf.Time) Bound { return Bound{Time: t, Possibly: true} }

// EndOf returns the last instant of a time, to the nanosecond, in UTC: what had
// been recorded by the end of a day is Lens{RecordedBy: EndOf(day)}. It returns
// the zero time, which narrows nothing, for no time and for an open end.
func EndOf(t edtf.Time) time.Time {
	latest := t.Latest()
	if latest == edtf.MaxInstant {
		return time.Time{}
	}
	// Package time counts from the year 1, and not much further than int64 holds.
	const far = 1 << 62
	return time.Unix(min(max(latest, time.Time{}.Unix()), far), int64(time.Second)-1).UTC()
}
