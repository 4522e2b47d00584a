package edtf

// Stretch is where a start and an end lie, in seconds since
// 1970-01-01T00:00:00Z: the start anywhere from StartMin to StartMax, the end
// anywhere from EndMin to EndMax, all four included.
//
// An instant that lies somewhere from a to b starts and ends at once, so it is
// written {StartMin: a, StartMax: b, EndMin: a, EndMax: b}. Only [Throughout]
// reads StartMax and EndMin.
type Stretch struct {
	StartMin, StartMax int64
	EndMin, EndMax     int64
}

// somewhere is the stretch of one instant in lo to hi.
func somewhere(lo, hi int64) Stretch { return Stretch{lo, hi, lo, hi} }

// Combine says what is known of the stretches of a [Constraint].
type Combine uint8

// The ways to combine. The numbers may be stored.
const (
	OneOf      Combine = iota // at one instant, in one of the stretches
	AllOf                     // at one instant in each of the stretches
	Throughout                // from a start to an end, for each of the stretches
)

// Constraint is what a [Time] says, without its text: plain data, for those who
// keep many. One without stretches says nothing.
//
// StartMin ≤ EndMax holds in each stretch, and StartMin ≤ StartMax and EndMin ≤
// EndMax. Stretches are sorted by StartMin, and for OneOf they are disjoint.
// Those of a Time are at most [MaxMembers], and exactly one for Throughout. If
// a caller's own stretches break these rules, the answers mean nothing, but
// there is no panic.
type Constraint struct {
	Combine   Combine
	Stretches []Stretch
}

// Relation is how a time relates to a window.
type Relation uint8

// The relations. The numbers may be stored. See the package comment.
const (
	Within   Relation = iota // all its instants are in the window
	Before                   // all its instants are before the window's first
	After                    // all its instants are after the window's last
	Overlaps                 // some of its instants are in the window
)

// String returns the relation's name in lower case, "unknown" if it is none of
// the four.
func (r Relation) String() string {
	switch r {
	case Within:
		return "within"
	case Before:
		return "before"
	case After:
		return "after"
	case Overlaps:
		return "overlaps"
	}
	return "unknown"
}

// Possibly reports whether the relation to the window w holds in some resolution
// of c. It does if c or w has no stretches, or if r is none of the four.
func (c Constraint) Possibly(r Relation, w Constraint) bool {
	if len(c.Stretches) == 0 || len(w.Stretches) == 0 || r > Overlaps {
		return true
	}
	// In a set whose every member has its own instant, one of them is enough to
	// overlap; the other relations need all.
	enough := c.Combine == OneOf || r == Overlaps
	for _, s := range c.Stretches {
		if s.possibly(r, w, c.Combine == Throughout) == enough {
			return enough
		}
	}
	return !enough
}

// Certainly reports whether the relation to the window w holds in every
// resolution of c. It does not if c or w has no stretches, or if r is none of
// the four.
func (c Constraint) Certainly(r Relation, w Constraint) bool {
	if len(c.Stretches) == 0 || len(w.Stretches) == 0 || r > Overlaps {
		return false
	}
	enough := c.Combine != OneOf && r == Overlaps
	for _, s := range c.Stretches {
		if s.certainly(r, w, c.Combine == Throughout) == enough {
			return enough
		}
	}
	return !enough
}

// possibly answers for one stretch. It is an instant somewhere in it, or, if
// held, all from a start to an end.
func (s Stretch) possibly(r Relation, w Constraint, held bool) bool {
	first, last := w.extent()
	switch r {
	case Before:
		if held {
			return max(s.EndMin, s.StartMin) < first
		}
		return s.StartMin < first
	case After:
		if held {
			return min(s.StartMax, s.EndMax) > last
		}
		return s.EndMax > last
	}
	for lo, hi := range w.spans {
		if r == Within && held {
			if s.fits(lo, hi) {
				return true
			}
		} else if s.StartMin <= hi && s.EndMax >= lo {
			return true
		}
	}
	return false
}

// certainly is as possibly, for every resolution.
func (s Stretch) certainly(r Relation, w Constraint, held bool) bool {
	first, last := w.extent()
	switch r {
	case Before:
		return s.EndMax < first
	case After:
		return s.StartMin > last
	}
	if r == Overlaps && held {
		return !s.avoids(w)
	}
	// The longest resolution, or every instant, has to be in one span: spans do
	// not touch.
	for lo, hi := range w.spans {
		if lo <= s.StartMin && s.EndMax <= hi {
			return true
		}
	}
	return false
}

// fits reports whether some start and some end, the start not after the end, are
// both in lo to hi.
func (s Stretch) fits(lo, hi int64) bool {
	start, end := max(lo, s.StartMin), min(hi, s.EndMax)
	return start <= s.StartMax && end >= s.EndMin && start <= end
}

// avoids reports whether some start and some end fit in a gap of the window:
// before it, after it, or between two of its spans.
func (s Stretch) avoids(w Constraint) bool {
	gap := MinInstant // where the gap before the next span begins
	for lo, hi := range w.spans {
		if gap < lo && s.fits(gap, lo-1) {
			return true
		}
		if hi == MaxInstant {
			return false
		}
		gap = hi + 1
	}
	return s.fits(gap, MaxInstant)
}

// extent returns the window's first and last instant.
func (c Constraint) extent() (first, last int64) {
	first, last = c.Stretches[0].StartMin, c.Stretches[0].EndMax
	for _, s := range c.Stretches[1:] {
		last = max(last, s.EndMax)
	}
	return first, last
}

// spans yields the window, in order, as spans that neither overlap nor touch.
func (c Constraint) spans(yield func(lo, hi int64) bool) {
	lo, hi := c.Stretches[0].StartMin, c.Stretches[0].EndMax
	for _, s := range c.Stretches[1:] {
		if hi == MaxInstant || s.StartMin <= hi+1 {
			hi = max(hi, s.EndMax)
			continue
		}
		if !yield(lo, hi) {
			return
		}
		lo, hi = s.StartMin, s.EndMax
	}
	yield(lo, hi)
}
