package edtf

import (
	"fmt"
	"strings"
)

// MaxText is the length of the longest text that is parsed, in bytes.
const MaxText = 1000

// MaxMembers is how many members a set may list, and how many stretches a
// [Constraint] of a [Time] may have.
const MaxMembers = 64

// SyntaxError says where a text is no date and what would be right there.
type SyntaxError struct {
	Text   string
	Offset int    // in bytes: 0 ≤ Offset ≤ len(Text)
	Msg    string // such as "want two digits for the day, found the end"
}

func (e *SyntaxError) Error() string {
	text, dots := e.Text, ""
	if len(text) > 100 {
		text, dots = text[:100], "…"
	}
	return fmt.Sprintf("edtf: %q%s at byte %d: %s", text, dots, e.Offset, e.Msg)
}

// Parse returns what s says. The error is a [*SyntaxError]. The empty string is
// none: the zero Time has no text to parse.
//
// The Time keeps s, and with it the string that s may be a part of.
func Parse(s string) (Time, error) {
	if t, ok := parseDay(s); ok {
		return t, nil
	}
	p := parser{text: s}
	t, ok := p.time()
	if !ok {
		return Time{}, &SyntaxError{Text: s, Offset: p.errOffset, Msg: p.errMsg}
	}
	t.text = s
	t.flags |= p.flags
	return t, nil
}

// MustParse is as [Parse], but panics if s is no date. It is for constants and
// tests.
func MustParse(s string) Time {
	t, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return t
}

// parseDay parses a plain YYYY-MM-DD. All else, errors included, is left to the
// parser.
func parseDay(s string) (Time, bool) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return Time{}, false
	}
	var n [8]int
	for i, at := range [8]int{0, 1, 2, 3, 5, 6, 8, 9} {
		d := s[at] - '0'
		if d > 9 {
			return Time{}, false
		}
		n[i] = int(d)
	}
	year := int64(n[0]*1000 + n[1]*100 + n[2]*10 + n[3])
	month, day := n[4]*10+n[5], n[6]*10+n[7]
	if month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return Time{}, false
	}
	first := dayNumber(year, month, day) * secondsPerDay
	return Time{text: s, one: [1]Stretch{somewhere(first, first+secondsPerDay-1)}}, true
}

// parser reads text from left to right. Its methods return false once there is
// an error, and the first error stands.
type parser struct {
	text  string
	at    int
	flags flags // qualifiers seen

	errOffset int
	errMsg    string
}

// fail records an error at the offset. It returns false.
func (p *parser) fail(offset int, format string, args ...any) bool {
	p.errOffset, p.errMsg = offset, fmt.Sprintf(format, args...)
	return false
}

// want records that something else is needed here. It returns false.
func (p *parser) want(what string) bool {
	rest := p.text[p.at:]
	if rest == "" {
		return p.fail(p.at, "want %s, found the end", what)
	}
	for _, r := range rest {
		return p.fail(p.at, "want %s, found %q", what, r)
	}
	return false
}

// peek returns the next byte, 0 at the end.
func (p *parser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

// next skips c if it comes next, and reports whether it did.
func (p *parser) next(c byte) bool {
	if p.peek() != c || p.ended() {
		return false
	}
	p.at++
	return true
}

// dots skips ".." if it comes next, and reports whether it did.
func (p *parser) dots() bool {
	if !strings.HasPrefix(p.text[p.at:], "..") {
		return false
	}
	p.at += 2
	return true
}

func (p *parser) ended() bool { return p.at == len(p.text) }

func (p *parser) time() (Time, bool) {
	if len(p.text) > MaxText {
		return Time{}, p.fail(MaxText, "want at most %d bytes, found %d", MaxText, len(p.text))
	}
	switch {
	case p.next('['):
		return p.set(OneOf, ']')
	case p.next('{'):
		return p.set(AllOf, '}')
	case p.dots():
		if !p.next('/') {
			return Time{}, p.want(`"/" after "..", or the whole in brackets as in [..1984]`)
		}
		return p.interval(date{}, startOpen)
	case p.next('/'):
		return p.interval(date{}, startUnknown)
	}

	d, ok := p.date()
	if !ok {
		return Time{}, false
	}
	if p.ended() {
		return d.time(), true
	}
	if d.alone == "" && p.next('/') {
		return p.interval(d, 0)
	}
	switch p.peek() {
	case '/':
		return Time{}, p.want("the end (" + d.alone + " stands alone, not in an interval)")
	case '.', ',':
		return Time{}, p.want("the end, or the whole in brackets as in [1984,1986..]")
	}
	what := d.follows
	if d.alone == "" && !strings.Contains("?~%", p.text[p.at-1:p.at]) {
		what += ", a qualifier (?, ~ or %)"
	}
	if what == "" {
		return Time{}, p.want("the end")
	}
	return Time{}, p.want(what + " or the end")
}

// time returns the date as a Time without its text.
func (d *date) time() Time {
	t := Time{one: [1]Stretch{somewhere(d.lo, d.hi)}}
	switch {
	case d.runs != nil:
		t.more = &more{d.runs, dateBounds(d.lo, d.hi)}
	case d.bounds != nil:
		t.more = &more{[]Stretch{t.one[0]}, *d.bounds}
	}
	return t
}

// interval parses what follows the slash. The start is d, unless open or
// unknown.
func (p *parser) interval(d date, ends flags) (Time, bool) {
	s := Stretch{StartMin: d.lo, StartMax: d.hi}
	var e date
	at := p.at
	switch {
	case p.ended():
		ends |= endUnknown
	case p.dots():
		ends |= endOpen
	default:
		var ok bool
		if e, ok = p.date(); !ok {
			return Time{}, false
		}
		if e.alone != "" {
			return Time{}, p.fail(at, "want a date: %s stands alone, not in an interval", e.alone)
		}
	}
	if !p.ended() {
		return Time{}, p.want("the end of the interval")
	}
	if ends == startUnknown|endUnknown {
		return Time{}, p.fail(at, `want a date or ".." on one side of the "/"`)
	}

	dated := ends == 0
	s.EndMin, s.EndMax = e.lo, e.hi
	if ends&(endOpen|endUnknown) != 0 {
		s.EndMin, s.EndMax = MaxInstant, MaxInstant
	}
	switch {
	case ends&startOpen != 0:
		s.StartMin, s.StartMax = MinInstant, MinInstant
	case ends&startUnknown != 0:
		s.StartMin, s.StartMax = MinInstant, s.EndMax
	}
	if ends&endUnknown != 0 {
		s.EndMin = s.StartMin
	}
	if dated && e.hi < d.lo {
		return Time{}, p.fail(at, "want an end that is not before the start")
	}
	if dated && e.lo < d.lo && !e.loose && e.precision != toPart {
		return Time{}, p.fail(at, "want an end that does not begin before the start does "+
			"(XX for a month or day that is not known)")
	}
	return Time{one: [1]Stretch{s}, combine: Throughout, flags: ends}, true
}
