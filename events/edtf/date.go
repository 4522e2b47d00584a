package edtf

import (
	"fmt"
	"strings"
)

// date is one date as parsed: a year, month, part of a year, day or instant.
type date struct {
	lo, hi    int64     // first and last instant
	runs      []Stretch // where unspecified digits match in several stretches
	precision precision

	loose   bool    // has unspecified or insignificant digits
	bounds  *Bounds // its bounds, where they are not those of its first and last day
	alone   string  // what it is, if it may stand neither in an interval nor in a set
	follows string  // what may follow, besides a qualifier and the end
}

// precision is how much of a date is written.
type precision uint8

const (
	toYear precision = iota
	toMonth
	toPart
	toDay
)

func (p precision) String() string {
	return [...]string{"a year", "a month", "a season or part of a year", "a day"}[p]
}

// date parses a date with its qualifiers, up to the first byte that cannot
// belong to it.
func (p *parser) date() (d date, ok bool) {
	begin := p.at
	p.qualifier()
	if p.next('Y') {
		return p.longYear()
	}
	m := pattern{months: allMonths, days: allDays}
	if !p.year(&m) {
		return d, false
	}
	year, plain := m.number()
	if p.peek() == 'S' {
		if !plain {
			return d, p.want("no S after a year with unspecified digits")
		}
		return p.significant(year, digitsOf(year))
	}
	p.qualifier()
	d.follows = `"-" and a month, "/"`

	month, day := 1, 1
	if p.next('-') {
		if month, ok = p.month(&m); !ok {
			return d, false
		}
		d.precision, d.follows = toMonth, `"-" and a day, "/"`
		if m.code != 0 {
			d.precision, d.follows = toPart, `"/"`
		}
	}
	if d.precision == toMonth && p.next('-') {
		if day, ok = p.day(&m, year, month, plain); !ok {
			return d, false
		}
		d.precision, d.follows = toDay, `"T" and a time, "/"`
	}

	if !plain || month == 0 || day == 0 {
		d.loose = true
		if d.lo, d.hi, d.runs, ok = m.match(); !ok {
			return d, p.fail(begin, "want a date that exists: no day matches")
		}
		return d, true
	}
	first, next := int64(0), int64(0)
	switch d.precision {
	case toYear:
		first, next = dayNumber(year, 1, 1), dayNumber(year+1, 1, 1)
	case toMonth:
		first = dayNumber(year, month, 1)
		next = first + int64(daysIn(year, month))
	case toPart:
		first, next = partDays(year, m.code)
		next++
	case toDay:
		first = dayNumber(year, month, day)
		next = first + 1
	}
	d.lo, d.hi = first*secondsPerDay, next*secondsPerDay-1
	if d.precision == toDay && p.peek() == 'T' {
		if p.flags != 0 {
			return d, p.want("the end (no time of day beside ?, ~ or %)")
		}
		p.at++
		return p.clock(d.lo)
	}
	return d, true
}

// year parses a year of four digits into m.
func (p *parser) year(m *pattern) bool {
	sign := p.at
	m.negative = p.next('-')
	for i := range m.year {
		if !isDigit(p.peek()) && p.peek() != 'X' {
			return p.want("four digits, or X, for the year")
		}
		m.year[i] = p.peek()
		p.at++
	}
	if isDigit(p.peek()) || p.peek() == 'X' {
		return p.want(`"-" or the end after four digits, or Y before a longer year`)
	}
	if m.negative && string(m.year[:]) == "0000" {
		return p.fail(sign, "want 0000: the year 0 has no sign")
	}
	return true
}

// month parses a month, or a part of the year, into m. It returns 0 for a month
// with unspecified digits.
func (p *parser) month(m *pattern) (month int, ok bool) {
	p.qualifier()
	at := p.at
	c, ok := p.pair("month")
	if !ok {
		return 0, false
	}
	month, ok = c.number()
	if ok && 21 <= month && month <= 41 {
		m.code = month
	} else if m.months = c.matches(allMonths); m.months == 0 {
		return 0, p.fail(at, "want a month from 01 to 12, or a part of the year from 21 to 41, found %s", c)
	}
	p.qualifier()
	return month, true
}

// day parses a day into m. It returns 0 for one with unspecified digits.
func (p *parser) day(m *pattern, year int64, month int, plain bool) (day int, ok bool) {
	p.qualifier()
	at := p.at
	c, ok := p.pair("day")
	if !ok {
		return 0, false
	}
	longest := 31
	if plain && month != 0 {
		longest = daysIn(year, month)
	}
	m.days = c.matches(allDays & (1<<(longest+1) - 1))
	if m.days == 0 {
		return 0, p.fail(at, "want a day from 01 to %d, found %s", longest, c)
	}
	day, _ = c.number()
	p.qualifier()
	return day, true
}

// qualifier skips ?, ~ or % if it is there, and notes it.
func (p *parser) qualifier() {
	switch p.peek() {
	case '?':
		p.flags |= uncertain
	case '~':
		p.flags |= approximate
	case '%':
		p.flags |= uncertain | approximate
	default:
		return
	}
	p.at++
}

// pair parses two digits, each of which may be X.
func (p *parser) pair(what string) (c pair, ok bool) {
	for i := range c {
		if !isDigit(p.peek()) && p.peek() != 'X' {
			return c, p.want(fmt.Sprintf("two digits, or X, for the %s", what))
		}
		c[i] = p.peek()
		p.at++
	}
	return c, true
}

// longYear parses what follows Y (ISO 8601-2:2019, 4.7.2 and 4.7.3).
func (p *parser) longYear() (d date, ok bool) {
	negative := p.next('-')
	at := p.at
	if p.peek() < '1' || p.peek() > '9' {
		return d, p.want("a digit from 1 to 9 after Y")
	}
	year, digits := p.count()
	if p.next('E') {
		if p.peek() < '1' || p.peek() > '9' {
			return d, p.want("a digit from 1 to 9 after E")
		}
		exponent, _ := p.count()
		for range min(exponent, 20) {
			year = timesTen(year)
		}
		digits += int(min(exponent, 1<<20))
	} else if digits < 5 {
		return d, p.fail(at, "want five digits or more after Y; write a shorter year without Y, with four digits")
	}
	if negative {
		year = -year
	}
	if p.peek() == 'S' {
		d, ok = p.significant(year, digits)
	} else {
		d, ok = date{lo: yearStart(year), hi: yearEnd(year)}, true
		p.qualifier()
	}
	d.alone, d.follows = "a year with Y", ""
	return d, ok
}

// significant parses S and its number after a year of so many digits, leading
// zeros not counted (ISO 8601-2:2019, 4.4.3 and 4.7.4). More significant digits
// than there are make no difference.
func (p *parser) significant(year int64, digits int) (d date, ok bool) {
	p.at++
	if p.peek() < '1' || p.peek() > '9' {
		return d, p.want("a number from 1 after S")
	}
	s, _ := p.count()
	p.qualifier()

	size := int64(1) // how many years are meant
	for n := int64(digits) - s; n > 0 && size < yearLimit; n-- {
		size = timesTen(size)
	}
	lo := max(year, -year)
	lo -= lo % size
	hi := lo + size - 1
	if year < 0 {
		lo, hi = -hi, -lo
	}
	return date{
		lo: yearStart(lo), hi: yearEnd(hi),
		bounds: &Bounds{
			StartMin: yearStart(lo), StartMax: yearEnd(lo),
			EndMin: yearStart(hi), EndMax: yearEnd(hi),
		},
		loose:   true,
		follows: `"/"`,
	}, true
}

func digitsOf(n int64) int {
	digits := 1
	for n = max(n, -n); n >= 10; n /= 10 {
		digits++
	}
	return digits
}

// yearLimit is beyond maxYear and far from the end of int64.
const yearLimit = 1_000_000_000_000

func timesTen(n int64) int64 { return min(n*10, yearLimit) }

// count parses decimal digits, of which there is at least one. What is more than
// yearLimit is taken as that.
func (p *parser) count() (n int64, digits int) {
	for isDigit(p.peek()) {
		n = min(timesTen(n)+int64(p.peek()-'0'), yearLimit)
		digits++
		p.at++
	}
	return n, digits
}

// clock parses what follows the T of the day that begins at the instant.
func (p *parser) clock(day int64) (d date, ok bool) {
	sec := day
	for i, c := range [...]struct {
		what string
		n    int
		unit int64
	}{{"hour", 24, 3600}, {"minute", 60, 60}, {"second", 60, 1}} {
		if i > 0 && !p.next(':') {
			return d, p.want(`":" and a ` + c.what)
		}
		n, ok := p.two(c.what, c.n)
		if !ok {
			return d, false
		}
		sec += int64(n) * c.unit
	}
	if p.peek() == '.' {
		if rest := strings.TrimLeft(p.text[p.at+1:], "0123456789"); len(rest) < len(p.text[p.at+1:]) {
			return d, p.fail(p.at, "want %.40q: fractions of a second are not kept", p.text[:p.at]+rest)
		}
	}

	at := p.at
	d.alone, d.follows = "a time of day", "Z, an offset such as +01:00"
	switch {
	case p.next('Z'):
		d.follows = ""
	case p.next('+'), p.next('-'):
		d.follows = ""
		h, ok := p.two("hour of the offset", 24)
		if !ok {
			return d, false
		}
		m := 0
		if p.next(':') {
			if m, ok = p.two("minute of the offset", 60); !ok {
				return d, false
			}
		}
		offset := int64(h*3600 + m*60)
		if p.text[at] == '-' {
			if offset == 0 {
				return d, p.fail(at, "want Z or +00:00: no offset is less than zero by nothing")
			}
			offset = -offset
		}
		sec -= offset
	}
	d.lo, d.hi = sec, sec
	d.precision = toDay
	return d, true
}

// two parses two digits of a number less than limit.
func (p *parser) two(what string, limit int) (n int, ok bool) {
	at := p.at
	for range 2 {
		if !isDigit(p.peek()) {
			return 0, p.want("two digits for the " + what)
		}
		n = n*10 + int(p.peek()-'0')
		p.at++
	}
	if n >= limit {
		return 0, p.fail(at, "want two digits from 00 to %d for the %s, found %02d", limit-1, what, n)
	}
	return n, true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
