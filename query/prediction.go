package query

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/enum"
)

// Prediction is an affirmation of what was to come, and what became of it. Its
// conditions are in the reading: Claim.If.
type Prediction struct {
	*graph.Reading
	Outcome Outcome
	For     []*graph.Reading // reports that it came true, in order of recording
	Against []*graph.Reading // reports that it did not
}

// Outcome is what became of a prediction by a date.
type Outcome uint8

// The outcomes.
const (
	StillOpen Outcome = iota // no report, and its time is not over, or not known
	CameTrue                 // reports for it, none against
	Failed                   // reports against it for all of its time, none for
	Disputed                 // both
	Lapsed                   // no report, and its time is over
)

var outcomeWords = enum.Of("query", "Outcome", "open", "came true", "failed", "disputed", "lapsed")

func (o Outcome) String() string { return outcomeWords.Of(uint8(o)) }

// MarshalText returns the word that String prints. A number that is not in use is an error.
func (o Outcome) MarshalText() ([]byte, error) { return outcomeWords.Marshal(uint8(o)) }

// UnmarshalText sets it to what a word stands for, to 0 if text is empty. Another word is an error,
// which names the nearest, and changes nothing.
func (o *Outcome) UnmarshalText(text []byte) error { return enum.Unmarshal(outcomeWords, text, o) }

// Predictions returns the predictions, promises and threats that the pattern
// names, and what had become of them on a date: by the latest instant of the
// claim's time, those without an end or without a time last, then in order of
// recording. With the zero date every report counts, and nothing has lapsed.
//
// It keeps 64 bytes for each prediction, and reads them ahead as [Timeline] does. For each
// it walks the posting list of the claim's occurrence, the shortest one of its arguments and
// the predicate, and looks for denials as [Oppositions] does; it reads the reports that are
// about the same occurrence or entities and whose times may meet.
func Predictions(ctx context.Context, v graph.View, p graph.Pattern, on edtf.Time) iter.Seq2[*Prediction, error] {
	return func(yield func(*Prediction, error) bool) {
		x := newReviewer(v, on)
		list, err := predictions(ctx, v, p)
		if err != nil {
			yield(nil, err)
			return
		}
		at := func(i int) ranked { return list[i].ranked }
		for i, r := range readAhead(ctx, v, len(list), at) {
			var prediction *Prediction
			err := r.err
			if err == nil {
				prediction, err = x.review(ctx, list[i].Statement, r.Reading)
			}
			if errors.Is(err, graph.ErrRedacted) {
				continue
			}
			if !yield(prediction, err) || err != nil {
				return
			}
		}
	}
}

// predictions returns those that a pattern names, in their order.
func predictions(ctx context.Context, v graph.View, p graph.Pattern) (list []timed, err error) {
	for s, err := range named(ctx, v, p) {
		if err != nil {
			return nil, err
		}
		if affirms(s) && foresees(s) {
			list = append(list, timed{rank(s), boundsOf(s)})
		}
	}
	slices.SortFunc(list, func(a, b timed) int {
		return cmp.Or(cmp.Compare(a.when.latest, b.when.latest), a.compare(b.ranked))
	})
	return list, nil
}

// foresees reports whether a statement speaks of what was to come.
func foresees(s graph.Statement) bool {
	if s.Act() == events.Commit || s.Conditional() {
		return true
	}
	earliest, latest, dated := s.When()
	_, said := s.Said()
	days := daysSaid(s)
	return dated && (earliest > said || latest > days.latest && earliest >= days.earliest)
}

// daysSaid returns the days on which a statement may have been said, from the
// beginning of the first to the end of the last: only the last, if it is not
// recorded when it was said.
func daysSaid(s graph.Statement) bounds {
	earliest, latest := s.Said()
	if !s.SaidKnown() {
		earliest = latest
	}
	b := bounds{edtf.MinInstant, edtf.MaxInstant}
	if first := day(earliest); first > day(edtf.MinInstant) {
		b.earliest = first * secondsPerDay
	}
	if last := day(latest); last < day(edtf.MaxInstant) {
		b.latest = (last+1)*secondsPerDay - 1
	}
	return b
}

// over reports whether a time was over on a day that ends at an instant, or, if it
// is an interval, had begun for certain.
func over(t edtf.Time, end int64) bool {
	if t.IsZero() || t.Latest() <= end {
		return true
	}
	c := t.Constraint()
	return c.Combine == edtf.Throughout && c.Stretches[0].StartMax <= end
}

// reviewer looks for what became of predictions.
type reviewer struct {
	*comparer
	on        edtf.Time
	opposer   *opposer
	conflicts *conflicter
}

func newReviewer(v graph.View, on edtf.Time) *reviewer {
	c := newComparer(v)
	return &reviewer{c, on, newOpposer(c), newConflicter(c)}
}

// review finds what became of a prediction.
func (x *reviewer) review(ctx context.Context, s graph.Statement, r *graph.Reading) (*Prediction, error) {
	if err := x.learn(ctx, &r.Claim); err != nil {
		return nil, err
	}
	p := &Prediction{Reading: r}
	foreseen, _ := setApart(&r.Claim, filling(events.RoleDue))
	foreseen.If = nil
	end := endOf(&r.Claim)
	affirmations, err := x.affirmations(ctx, s)
	if err != nil {
		return nil, err
	}
	p.For, err = x.reports(ctx, s, affirmations, func(_ graph.Statement, report *events.Claim) bool {
		told, _ := setApart(report, filling(events.RoleDue))
		return x.fulfils(told, foreseen)
	})
	if err != nil {
		return nil, err
	}
	denials, err := x.opposer.others(ctx, s, func() (*graph.Reading, error) { return r, nil })
	if err != nil {
		return nil, err
	}
	p.Against, err = x.reports(ctx, s, denials, func(o graph.Statement, report *events.Claim) bool {
		until := report.When.Time.Latest()
		if report.When.Time.IsZero() {
			_, until = o.Said()
		}
		return (until >= end || end == edtf.MaxInstant) && x.excludes(report, &r.Claim)
	})
	if err != nil {
		return nil, err
	}
	switch {
	case p.For != nil && p.Against != nil:
		p.Outcome = Disputed
	case p.For != nil:
		p.Outcome = CameTrue
	case p.Against != nil:
		p.Outcome = Failed
	case end < x.on.Earliest():
		p.Outcome = Lapsed
	}
	return p, nil
}

// endOf returns the latest instant of a claim's time or, where it has none, of the
// times by which it is due.
func endOf(c *events.Claim) int64 {
	if !c.When.Time.IsZero() {
		return c.When.Time.Latest()
	}
	end := int64(edtf.MaxInstant)
	for _, a := range c.Args {
		if a.Role == events.RoleDue && a.Value.Kind == events.TimeValue {
			end = min(end, a.Value.Time.Latest())
		}
	}
	return end
}

// affirmations returns those that may be about the happening that a statement is
// about, and perhaps more.
func (x *reviewer) affirmations(ctx context.Context, s graph.Statement) (found recorded, err error) {
	when := boundsOf(s)
	own := s.Occurrence()
	p := holding(s, x.declared[s.Predicate()].Symmetric, events.RoleDue)
	p.Occurrence = uuid.Nil
	if own == uuid.Nil || arguments(s) {
		for o, err := range walk(ctx, x.v.Statements(p)) {
			if err != nil {
				return nil, err
			}
			if affirms(o) && (own == uuid.Nil || o.Occurrence() == uuid.Nil) && when.meet(boundsOf(o)) {
				found = append(found, rank(o))
			}
		}
	}
	if own == uuid.Nil {
		return found, nil
	}
	for o, err := range walk(ctx, x.v.Statements(graph.Pattern{Predicate: p.Predicate, Occurrence: own})) {
		if err != nil {
			return nil, err
		}
		if affirms(o) && when.meet(boundsOf(o)) {
			found = append(found, rank(o))
		}
	}
	return found, nil
}

// arguments reports whether a claim has an argument that a report may hold.
func arguments(s graph.Statement) bool {
	for role := range s.Roles() {
		if role != events.RoleDue {
			return true
		}
	}
	return false
}

// reports reads the reports on a prediction among candidates.
func (x *reviewer) reports(ctx context.Context, s graph.Statement, among recorded, bears func(graph.Statement, *events.Claim) bool) (found []*graph.Reading, err error) {
	since := max(daysSaid(s).earliest, boundsOf(s).earliest)
	by := x.on.Latest()
	for _, o := range among.sorted() {
		_, said := o.Said()
		if o.Stance().Certainty != events.Certain || foresees(o.Statement) || said < since || said > by {
			continue
		}
		r, err := x.load(ctx, o.Statement)
		if errors.Is(err, graph.ErrRedacted) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if !over(r.Claim.When.Time, daysSaid(o.Statement).latest) {
			continue
		}
		if bears(o.Statement, &r.Claim) {
			found = append(found, r)
		}
	}
	return found, nil
}

// fulfils reports whether a claim is of what another foresaw, by when it is due and on what
// conditions left out.
func (x *reviewer) fulfils(report, foreseen *events.Claim) bool {
	switch {
	case !mayMeet(report.When.Time, foreseen.When.Time):
		return false
	case report.Occurrence != uuid.Nil && foreseen.Occurrence != uuid.Nil:
		return len(x.conflicts.inRoles(report, foreseen)) == 0 && !x.conflicts.countsDiffer(report, foreseen)
	case len(foreseen.Args) == 0:
		return report.Occurrence == foreseen.Occurrence && len(report.Args) == 0
	default:
		return x.holdsAll(report, foreseen)
	}
}
