package edtf

// Bounds are the four instants of a time, in seconds since 1970-01-01T00:00:00Z,
// all of them included.
//
//   - An instant or a day starts at its first second and ends at its last.
//   - A longer date starts on its first day and ends on its last: 1985-04 starts
//     on the 1st and ends on the 30th. So does one with X: from its first match
//     to its last. One with S starts in its first year and ends in its last.
//   - An interval starts anywhere in its start and ends anywhere in its end. The
//     two are not adjusted to each other: the latest start may come after the
//     latest end, in 2004-06-XX/2004-06-03.
//   - A set starts in whichever member starts first and ends in whichever ends
//     last: the latest start is the earliest that any member's start is over,
//     and the earliest end the latest that any member's end begins. A member is
//     as an interval from itself to itself, a range a..b as one from a to b.
//
// Where an end is open or unknown, both its instants are [MinInstant] or
// [MaxInstant].
type Bounds struct {
	StartMin, StartMax int64 // earliest and latest start
	EndMin, EndMax     int64 // earliest and latest end

	StartOpen, StartUnknown bool // as in ../1985 and in /1985
	EndOpen, EndUnknown     bool // as in 1985/.. and in 1985/
}

// Bounds returns when t starts and ends. For the zero Time both are unknown.
func (t Time) Bounds() Bounds {
	switch {
	case t.text == "":
		return Bounds{
			StartMin: MinInstant, StartMax: MinInstant, StartUnknown: true,
			EndMin: MaxInstant, EndMax: MaxInstant, EndUnknown: true,
		}
	case t.more != nil:
		return t.more.bounds
	case t.combine == Throughout:
		return intervalBounds(t.one[0], t.flags)
	}
	return dateBounds(t.one[0].StartMin, t.one[0].EndMax)
}

// dateBounds are those of a date that reaches from lo to hi, which are less than
// 292 thousand million years apart.
func dateBounds(lo, hi int64) Bounds {
	b := Bounds{StartMin: lo, StartMax: lo, EndMin: hi, EndMax: hi}
	if hi-lo >= secondsPerDay {
		b.StartMax = lo + secondsPerDay - 1
		b.EndMin = hi - secondsPerDay + 1
	}
	return b
}

func intervalBounds(s Stretch, f flags) Bounds {
	b := Bounds{
		StartMin: s.StartMin, StartMax: s.StartMax,
		EndMin: s.EndMin, EndMax: s.EndMax,
		StartOpen: f&startOpen != 0, StartUnknown: f&startUnknown != 0,
		EndOpen: f&endOpen != 0, EndUnknown: f&endUnknown != 0,
	}
	if b.StartOpen || b.StartUnknown {
		b.StartMin, b.StartMax = MinInstant, MinInstant
	}
	if b.EndOpen || b.EndUnknown {
		b.EndMin, b.EndMax = MaxInstant, MaxInstant
	}
	return b
}

// Earliest returns the earliest instant at which t may start: Bounds().StartMin.
func (t Time) Earliest() int64 { return t.Bounds().StartMin }

// Latest returns the latest instant at which t may end: Bounds().EndMax.
func (t Time) Latest() int64 { return t.Bounds().EndMax }
