package model

import (
	"strings"
	"time"

	"github.com/onrecord/onrecord/events/edtf"
)

// day counts days since 1970-01-01. The model knows the days of one year; the
// first and the last of them are never written out and stand for everything
// before and after: an open end reaches to them.
type day int

var (
	firstDay = parseDay("2025-01-01")
	lastDay  = parseDay("2025-12-31")
)

// span is the days from one to another, both included.
type span struct{ from, to day }

func (a span) meets(b span) bool { return a.from <= b.to && b.from <= a.to }

// date is what the model reads in a text.
//
//	2025-08-06  2025-08              one member, some instant within it
//	[a,b..c]                         some instant within one of the members
//	{a,b}                            some instant within each of the members
//	a/b  ../b  a/..                  interval: all from some instant within
//	                                 the first to some instant within the second
type date struct {
	kind    byte // '[', '{' or '/'
	members []span
}

func parse(text string) date {
	if first, last, ok := strings.Cut(text, "/"); ok {
		return date{'/', []span{parseEnd(first, firstDay), parseEnd(last, lastDay)}}
	}
	if !strings.ContainsAny(text[:1], "[{") {
		return date{'[', []span{parseSpan(text)}}
	}
	d := date{kind: text[0]}
	for _, member := range strings.Split(text[1:len(text)-1], ",") {
		first, last, ok := strings.Cut(member, "..")
		if !ok {
			d.members = append(d.members, parseSpan(member))
			continue
		}
		d.members = append(d.members, span{parseEnd(first, firstDay).from, parseEnd(last, lastDay).to})
	}
	return d
}

// parseEnd reads one end of an interval or of a range, open if it says so.
func parseEnd(text string, open day) span {
	if text == ".." || text == "" {
		return span{open, open}
	}
	return parseSpan(text)
}

// parseSpan reads a day or a month.
func parseSpan(text string) span {
	if len(text) == len("2025-08-06") {
		return span{parseDay(text), parseDay(text)}
	}
	first, err := time.Parse("2006-01", text)
	if err != nil {
		panic("model: cannot read the date " + text)
	}
	return span{dayOf(first), dayOf(first.AddDate(0, 1, -1))}
}

func parseDay(text string) day {
	t, err := time.Parse("2006-01-02", text)
	if err != nil {
		panic("model: cannot read the date " + text)
	}
	return dayOf(t)
}

func dayOf(t time.Time) day { return day(t.UTC().Truncate(24*time.Hour).Unix() / (24 * 60 * 60)) }

// resolutions goes through every way in which it may have been: each is the
// spans of days that it happened on. Days are fine enough, because windows are
// made of whole days.
func (d date) resolutions(yield func([]span) bool) {
	switch d.kind {
	case '[':
		for _, m := range d.members {
			for x := m.from; x <= m.to; x++ {
				if !yield([]span{{x, x}}) {
					return
				}
			}
		}
	case '{':
		chooseEach(d.members, nil, yield)
	case '/':
		for from := d.members[0].from; from <= d.members[0].to; from++ {
			for to := d.members[1].from; to <= d.members[1].to; to++ {
				if from <= to && !yield([]span{{from, to}}) {
					return
				}
			}
		}
	}
}

// chooseEach chooses one day of every member, in every way.
func chooseEach(members, chosen []span, yield func([]span) bool) bool {
	if len(members) == 0 {
		return yield(chosen)
	}
	for x := members[0].from; x <= members[0].to; x++ {
		if !chooseEach(members[1:], append(chosen[:len(chosen):len(chosen)], span{x, x}), yield) {
			return false
		}
	}
	return true
}

// window returns the days that a time covers when it is asked about.
func (d date) window() []span {
	if d.kind == '/' {
		return []span{{d.members[0].from, d.members[1].to}}
	}
	return d.members
}

// bounds returns the earliest and the latest day on which it may have been.
func (d date) bounds() (earliest, latest day) {
	w := d.window()
	earliest, latest = w[0].from, w[0].to
	for _, m := range w {
		earliest, latest = min(earliest, m.from), max(latest, m.to)
	}
	return earliest, latest
}

// overlaps reports whether a time has an instant in the bound's window. A time
// that is not given always does, and a bound that is not given bounds nothing.
func overlaps(t edtf.Time, b Bound) bool {
	if t.IsZero() || b.Time.IsZero() {
		return true
	}
	window := parse(b.Time.String()).window()
	possibly, certainly := false, true
	for r := range parse(t.String()).resolutions {
		if meetAny(r, window) {
			possibly = true
		} else {
			certainly = false
		}
	}
	if b.Possibly {
		return possibly
	}
	return certainly
}

func meetAny(a, b []span) bool {
	for _, x := range a {
		for _, y := range b {
			if x.meets(y) {
				return true
			}
		}
	}
	return false
}
