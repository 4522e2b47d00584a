package model

import (
	"cmp"
	"math"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
)

// interval is the seconds from one to another, both included. What is open reaches
// to the first or the last second of the year that the model knows.
type interval struct{ from, to int64 }

const daySeconds = 24 * 60 * 60

func seconds(earliest, latest day) interval {
	return interval{int64(earliest) * daySeconds, (int64(latest)+1)*daySeconds - 1}
}

// extent returns the seconds from the earliest to the latest instant of a time.
func extent(t edtf.Time) interval {
	if t.IsZero() {
		return seconds(firstDay, lastDay)
	}
	return seconds(parse(t.String()).bounds())
}

// uttered returns when the origin said it, and whether that is recorded.
func (v look) uttered(r Reading) (when interval, recorded bool) {
	if t := r.Statement.Voices[0].Said.Time; !t.IsZero() {
		return extent(t), true
	}
	when = extent(edtf.Time{})
	when.to = r.latest.Unix()
	if src := v.shownSource(r.Statement.Source); src != nil && !src.Published.IsZero() {
		when.to = extent(src.Published).to
	}
	return when, false
}

// Shift is somebody's change of position.
type Shift struct {
	Speaker        uuid.UUID
	Earlier, Later uuid.UUID
	Certain        bool      // the order
	Withdrawal     uuid.UUID // what makes the link, if it is one
}

// Shifts returns who changed his stance, and then who took something back.
func (m *Model) Shifts(l Lens, p Pattern) (found []Shift) {
	v := m.look(l)
	for _, pair := range v.pairs(p, func(a, b Reading) []Pair { return []Pair{{}} }) {
		a, b := v.shown[indexOf(v.shown, pair.First)], v.shown[indexOf(v.shown, pair.Second)]
		if v.saidLater(a, b) {
			a, b = b, a
		}
		if !v.onOne(a, b) || a.Statement.Voices[0].Stance == b.Statement.Voices[0].Stance {
			continue
		}
		for _, speaker := range v.speakers(a) {
			between := slices.ContainsFunc(v.shown, func(c Reading) bool {
				return v.saidLater(c, a) && v.saidLater(b, c) && v.onOne(a, c) && v.onOne(b, c) && contains(v.speakers(c), speaker)
			})
			if contains(v.speakers(b), speaker) && !between {
				first, _ := v.uttered(a)
				second, _ := v.uttered(b)
				found = append(found, Shift{speaker, a.ID, b.ID, first.to < second.from, uuid.Nil})
			}
		}
	}
	for _, link := range v.concerning(v.asserted(events.Withdraws), p) {
		later, okLater := v.readable(link.From)
		earlier, okEarlier := v.readable(link.To)
		speakers := v.speakers(earlier)
		if !okEarlier {
			speakers = v.speakers(later)
		}
		certain := false
		if okEarlier && okLater {
			first, _ := v.uttered(earlier)
			second, _ := v.uttered(later)
			certain = first.to < second.from
		}
		for _, speaker := range speakers {
			found = append(found, Shift{speaker, earlier.ID, later.ID, certain, link.By})
		}
	}
	return found
}

// speakers returns those who speak in the origin, ascending, none of no reading.
func (v look) speakers(r Reading) (ids []uuid.UUID) {
	if len(r.Statement.Voices) == 0 {
		return nil
	}
	for _, party := range r.Statement.Voices[0].Speakers {
		ids = append(ids, v.canonical(party.Entity))
	}
	return sorted(ids)
}

// saidLater reports whether one statement is taken to have been said after another.
func (v look) saidLater(a, b Reading) bool {
	x, _ := v.uttered(a)
	y, _ := v.uttered(b)
	return cmp.Or(cmp.Compare(x.to, y.to), cmp.Compare(x.from, y.from), byRecording(a, b)) > 0
}

// onOne reports whether two statements are about the same.
func (v look) onOne(x, y Reading) bool {
	a, b := x.Statement.Claim, y.Statement.Claim
	if v.opposes(x, y) || v.opposes(y, x) {
		return true
	}
	if a.Predicate != b.Predicate || !v.sameOccurrence(a, b) || !v.sameConditions(a, b) || !mayMeet(a.When.Time, b.When.Time) {
		return false
	}
	if v.holds(a, b.Args) && v.holds(b, a.Args) {
		return true
	}
	both := x.polarity() == events.Affirmed && y.polarity() == events.Affirmed
	surer := int(x.Statement.Voices[0].Stance.Certainty) - int(y.Statement.Voices[0].Stance.Certainty)
	return both && known(a.Occurrence) && (surer >= 0 && v.holds(a, b.Args) || surer <= 0 && v.holds(b, a.Args))
}

// Prediction is what was to come, and the reports on it.
type Prediction struct {
	ID           uuid.UUID
	Outcome      string
	For, Against []uuid.UUID
}

// Predictions returns what had become of predictions on a date.
func (m *Model) Predictions(l Lens, p Pattern, on edtf.Time) (found []Prediction) {
	v := m.look(l)
	named := v.named(p)
	slices.SortStableFunc(named, func(a, b Reading) int {
		return cmp.Compare(extent(a.Statement.Claim.When.Time).to, extent(b.Statement.Claim.When.Time).to)
	})
	for _, r := range named {
		if r.polarity() != events.Affirmed || !v.foresees(r) {
			continue
		}
		prediction := Prediction{ID: r.ID, Outcome: "open"}
		for _, report := range v.shown {
			if !v.reportsSince(report, r) {
				continue
			}
			if said, _ := v.uttered(report); !on.IsZero() && said.to > extent(on).to {
				continue
			}
			switch {
			case report.polarity() == events.Affirmed && v.fulfils(withoutDue(report), unconditional(withoutDue(r))):
				prediction.For = append(prediction.For, report.ID)
			case v.opposes(report, unconditional(r)) && v.speaksUntil(report) >= endOf(r):
				prediction.Against = append(prediction.Against, report.ID)
			}
		}
		switch {
		case len(prediction.For) > 0 && len(prediction.Against) > 0:
			prediction.Outcome = "disputed"
		case len(prediction.For) > 0:
			prediction.Outcome = "came true"
		case len(prediction.Against) > 0:
			prediction.Outcome = "failed"
		case !on.IsZero() && endOf(r) != noEnd && endOf(r) < extent(on).from:
			prediction.Outcome = "lapsed"
		}
		found = append(found, prediction)
	}
	return found
}

// foresees reports whether a statement speaks of what was to come.
func (v look) foresees(r Reading) bool {
	c := r.Statement.Claim
	if r.Statement.Voices[0].Act == events.Commit || len(c.If) > 0 {
		return true
	}
	when, days := extent(c.When.Time), v.daysSaid(r)
	said, _ := v.uttered(r)
	return !c.When.Time.IsZero() && (when.from > said.to || when.to > days.to && when.from >= days.from)
}

// daysSaid returns the whole days on which a statement was said, the last possible
// one if that is not recorded.
func (v look) daysSaid(r Reading) interval {
	when, recorded := v.uttered(r)
	if !recorded {
		when.from = when.to
	}
	return interval{when.from - when.from%daySeconds, when.to - when.to%daySeconds + daySeconds - 1}
}

// reportsSince reports whether a statement may tell what became of a prediction.
func (v look) reportsSince(report, prediction Reading) bool {
	if report.Statement.Voices[0].Stance.Certainty != events.Certain || v.foresees(report) {
		return false
	}
	if t := report.Statement.Claim.When.Time; !t.IsZero() && extent(t).to > v.daysSaid(report).to {
		d := parse(t.String())
		if d.kind != '/' || seconds(d.members[0].from, d.members[0].to).to > v.daysSaid(report).to {
			return false // not over, and not going on
		}
	}
	told, _ := v.uttered(report)
	return told.to >= v.daysSaid(prediction).from && told.to >= extent(prediction.Statement.Claim.When.Time).from
}

// fulfils reports whether a report is of what was predicted.
func (v look) fulfils(report, prediction Reading) bool {
	a, b := report.Statement.Claim, prediction.Statement.Claim
	switch {
	case a.Predicate != b.Predicate || !mayMeet(a.When.Time, b.When.Time):
		return false
	case a.Occurrence != uuid.Nil && b.Occurrence != uuid.Nil:
		return v.sameOccurrence(a, b) && len(v.rolesConflict(report, prediction)) == 0 && v.shareNumbers(a, b)
	case len(b.Args) == 0:
		return len(a.Args) == 0 && v.sameOccurrence(a, b)
	}
	return v.holds(a, b.Args)
}

// shareNumbers reports whether two claims have a number in common of each unit of which
// both have numbers in a role.
func (v look) shareNumbers(a, b events.Claim) bool {
	type measure struct{ role, unit string }
	shared := map[measure]bool{}
	for _, p := range a.Args {
		for _, q := range b.Args {
			if p.Value.Kind == events.NumberValue && q.Value.Kind == events.NumberValue && p.Role == q.Role && p.Value.Unit == q.Value.Unit {
				m := measure{p.Role, p.Value.Unit}
				shared[m] = shared[m] || v.equal(p.Value, q.Value)
			}
		}
	}
	for _, one := range shared {
		if !one {
			return false
		}
	}
	return true
}

// noEnd is before every end that there is: no denial ends too early for it.
const noEnd = math.MinInt64

// endOf returns when the time of a prediction ends: its claim's, or else the first
// time by which it is due.
func endOf(r Reading) int64 {
	to := int64(noEnd)
	take := func(t edtf.Time) {
		if e := int64(extent(t).to); !t.IsZero() && e < int64(extent(edtf.Time{}).to) && (to == noEnd || e < to) {
			to = e
		}
	}
	if take(r.Statement.Claim.When.Time); !r.Statement.Claim.When.Time.IsZero() {
		return to
	}
	for _, a := range r.Statement.Claim.Args {
		if a.Role == events.RoleDue {
			take(a.Value.Time)
		}
	}
	return to
}

// speaksUntil returns up to when a report speaks.
func (v look) speaksUntil(report Reading) int64 {
	if t := report.Statement.Claim.When.Time; !t.IsZero() {
		return int64(extent(t).to)
	}
	said, _ := v.uttered(report)
	return int64(said.to)
}

func withoutDue(r Reading) Reading {
	r.Statement.Claim.Args = slices.DeleteFunc(slices.Clone(r.Statement.Claim.Args), func(a events.Arg) bool {
		return a.Role == events.RoleDue
	})
	return r
}

func unconditional(r Reading) Reading {
	r.Statement.Claim.If = nil
	return r
}

// Deadline is a time by which something is due, or a condition.
type Deadline struct {
	ID        uuid.UUID
	Due       edtf.Time
	Condition int // counted from 1; 0: it is an argument
	Passed    bool
	Others    []uuid.UUID
}

// Deadlines returns what is due, and whether that is past on a date.
func (m *Model) Deadlines(l Lens, p Pattern, on edtf.Time) (found []Deadline) {
	v := m.look(l)
	for _, r := range v.named(p) {
		c := r.Statement.Claim
		var others []uuid.UUID
		for _, other := range v.shown {
			if c.Occurrence != uuid.Nil && other.ID != r.ID && v.sameOccurrence(c, other.Statement.Claim) {
				others = append(others, other.ID)
			}
		}
		add := func(due edtf.Time, condition int) {
			passed := !due.IsZero() && !on.IsZero() && extent(due).to < extent(on).from
			found = append(found, Deadline{r.ID, due, condition, passed, others})
		}
		for _, arg := range c.Args {
			if arg.Role == events.RoleDue && arg.Value.Kind == events.TimeValue {
				add(arg.Value.Time, 0)
			}
		}
		for i, condition := range c.If {
			add(condition.Claim.When.Time, i+1)
		}
	}
	slices.SortStableFunc(found, func(a, b Deadline) int {
		switch {
		case a.Due.IsZero() && b.Due.IsZero():
			return 0
		case a.Due.IsZero():
			return 1
		case b.Due.IsZero():
			return -1
		}
		return cmp.Compare(extent(a.Due).to, extent(b.Due).to)
	})
	return found
}
