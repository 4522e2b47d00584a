package edtf

import (
	"math"
	"time"
)

// MinInstant and MaxInstant stand for what is open or unknown towards the past
// and the future, and for every instant before or after what int64 holds.
const (
	MinInstant int64 = math.MinInt64
	MaxInstant int64 = math.MaxInt64
)

// Time is a date, set or interval as a source gave it. The zero Time means that
// no time is given. Compare with [Time.Equal], not with ==.
//
// It is 64 bytes and keeps the text that it was parsed from. It never changes,
// so it may be shared.
type Time struct {
	text    string
	one     [1]Stretch // what it says, where more is nil; otherwise from first to last
	more    *more
	combine Combine
	flags   flags
}

// more is what few times need.
type more struct {
	stretches []Stretch
	bounds    Bounds
}

type flags uint8

const (
	uncertain flags = 1 << iota
	approximate
	startOpen
	startUnknown
	endOpen
	endUnknown
)

// Date returns the day as a Time, printed as 2006-01-02. It returns the zero
// Time if there is no such day or the year is not in -9999 to 9999.
func Date(year int, month time.Month, day int) Time {
	if year < -9999 || year > 9999 || month < 1 || month > 12 ||
		day < 1 || day > daysIn(int64(year), int(month)) {
		return Time{}
	}
	first := dayNumber(int64(year), int(month), day) * secondsPerDay
	text := time.Unix(first, 0).UTC().Format("2006-01-02")
	return Time{text: text, one: [1]Stretch{somewhere(first, first+secondsPerDay-1)}}
}

// At returns the instant, in seconds since 1970-01-01T00:00:00Z ([time.Time.Unix]), as a Time,
// printed as 2006-01-02T15:04:05Z. It returns the zero Time if the year is not
// in -9999 to 9999.
func At(sec int64) Time {
	if sec < dayNumber(-9999, 1, 1)*secondsPerDay || sec >= dayNumber(10000, 1, 1)*secondsPerDay {
		return Time{}
	}
	text := time.Unix(sec, 0).UTC().Format("2006-01-02T15:04:05Z")
	return Time{text: text, one: [1]Stretch{somewhere(sec, sec)}}
}

// String returns the text, byte for byte as it was parsed; "" for the zero Time.
func (t Time) String() string { return t.text }

// IsZero reports whether no time is given.
func (t Time) IsZero() bool { return t.text == "" }

// Equal reports whether t and o have the same text. Times of different text may
// say the same.
func (t Time) Equal(o Time) bool { return t.text == o.text }

// MarshalText returns the text, empty for the zero Time. It does not fail.
func (t Time) MarshalText() ([]byte, error) {
	return []byte(t.text), nil
}

// UnmarshalText sets t to what text says, to the zero Time if text is empty. It
// copies text. If it fails, as [Parse] does, t is unchanged.
func (t *Time) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*t = Time{}
		return nil
	}
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*t = parsed
	return nil
}

// Uncertain reports whether any part is marked as uncertain, by ? or %.
func (t Time) Uncertain() bool { return t.flags&uncertain != 0 }

// Approximate reports whether any part is marked as approximate, by ~ or %.
func (t Time) Approximate() bool { return t.flags&approximate != 0 }

// Constraint returns what t says, without its text. It has no stretches if t is
// the zero Time. It may share memory with t, so its stretches must not be
// changed.
func (t Time) Constraint() Constraint {
	if t.more != nil {
		return Constraint{t.combine, t.more.stretches}
	}
	if t.text == "" {
		return Constraint{}
	}
	return Constraint{t.combine, t.one[:]}
}

// Possibly reports whether the relation to the window w holds in some
// resolution of t. It does if t or w is the zero Time.
func (t Time) Possibly(r Relation, w Time) bool {
	return t.Constraint().Possibly(r, w.Constraint())
}

// Certainly reports whether the relation to the window w holds in every
// resolution of t. It does not if t or w is the zero Time.
func (t Time) Certainly(r Relation, w Time) bool {
	return t.Constraint().Certainly(r, w.Constraint())
}
