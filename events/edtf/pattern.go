package edtf

// pattern is a date of which digits may be unspecified (ISO 8601-2:2019, clause
// 9), or a part of such a year.
type pattern struct {
	negative bool
	year     [4]byte // digits or X
	code     int     // a part of a year, 21 to 41, or 0
	months   uint32  // bit n: month n matches
	days     uint32  // bit n: day n matches
}

const (
	allMonths = 1<<13 - 1<<1
	allDays   = 1<<32 - 1<<1
)

// pair is two digits, each of which may be X.
type pair [2]byte

func (c pair) String() string { return string(c[:]) }

// number returns the number, if no digit is unspecified.
func (c pair) number() (int, bool) {
	if c[0] == 'X' || c[1] == 'X' {
		return 0, false
	}
	return int(c[0]-'0')*10 + int(c[1]-'0'), true
}

// matches returns those of the numbers that match; bit n stands for n.
func (c pair) matches(among uint32) uint32 {
	var found uint32
	for n := range 32 {
		if (c[0] == 'X' || int(c[0]-'0') == n/10) && (c[1] == 'X' || int(c[1]-'0') == n%10) {
			found |= 1 << n
		}
	}
	return found & among
}

// number returns the year, if no digit of it is unspecified.
func (m *pattern) number() (year int64, ok bool) {
	for _, c := range m.year {
		if c == 'X' {
			return 0, false
		}
		year = year*10 + int64(c-'0')
	}
	if m.negative {
		year = -year
	}
	return year, true
}

// match returns the first and last instant that match, and all the stretches
// that do if they are more than one and at most MaxMembers. It is false if
// nothing matches.
func (m *pattern) match() (lo, hi int64, several []Stretch, ok bool) {
	choices, block := m.choices()
	var found runs
	for k := 0; k < choices && !found.over(); k += block {
		m.add(k, choices, block, &found)
	}
	if found.n == 0 {
		return 0, 0, nil, false
	}
	lo, hi = found.list[0].lo*secondsPerDay, found.list[found.n-1].hi*secondsPerDay+secondsPerDay-1
	if found.n == 1 {
		return lo, hi, nil, true
	}
	if !found.over() {
		several = make([]Stretch, found.n)
		for i, r := range found.list[:found.n] {
			several[i] = somewhere(r.lo*secondsPerDay, r.hi*secondsPerDay+secondsPerDay-1)
		}
		return lo, hi, several, true
	}
	// Too many: the last match is looked for from the end.
	for k := choices - block; k >= 0; k -= block {
		var last runs
		m.add(k, choices, block, &last)
		if last.n > 0 {
			hi = last.list[last.n-1].hi*secondsPerDay + secondsPerDay - 1
			break
		}
	}
	return lo, hi, nil, true
}

// choices returns how many years the unspecified digits give, and how many of
// them in a row are taken at once: more than one only where whole years match.
func (m *pattern) choices() (choices, block int) {
	choices, block = 1, 1
	whole := m.code == 0 && m.months == allMonths && m.days == allDays
	for i := len(m.year) - 1; i >= 0; i-- {
		if m.year[i] != 'X' {
			whole = false
			continue
		}
		choices *= 10
		if whole {
			block *= 10
		}
	}
	return choices, block
}

// add adds the days that match in the k-th year, or in the block of years that
// begins there. Years count from the earliest.
func (m *pattern) add(k, choices, block int, found *runs) {
	if m.negative {
		k = choices - block - k
	}
	first, last := m.nth(k), m.nth(k+block-1)
	if m.negative {
		first, last = -last, min(-first, -1)
		if first == 0 {
			return // the year 0 has no sign
		}
	}
	switch {
	case m.code != 0:
		found.add(partDays(first, m.code))
		return
	case m.months == allMonths && m.days == allDays:
		found.add(dayNumber(first, 1, 1), dayNumber(last, 12, 31))
		return
	}
	for month := 1; month <= 12; month++ {
		if m.months&(1<<month) == 0 {
			continue
		}
		zero, days := dayNumber(first, month, 1)-1, daysIn(first, month)
		if m.days == allDays {
			found.add(zero+1, zero+int64(days))
			continue
		}
		for day := 1; day <= days; day++ {
			if m.days&(1<<day) != 0 {
				found.add(zero+int64(day), zero+int64(day))
			}
		}
	}
}

// nth returns the year, without its sign, whose unspecified digits are those
// of k.
func (m *pattern) nth(k int) (year int64) {
	unit := int64(1)
	for i := len(m.year) - 1; i >= 0; i-- {
		c := int64(m.year[i] - '0')
		if m.year[i] == 'X' {
			c = int64(k % 10)
			k /= 10
		}
		year += c * unit
		unit *= 10
	}
	return year
}

// runs collects days in order. It keeps one run more than is of use, and then no
// more.
type runs struct {
	n    int
	list [MaxMembers + 1]struct{ lo, hi int64 }
}

func (r *runs) over() bool { return r.n > MaxMembers }

// add adds the days lo to hi. They do not begin before the last that were added.
func (r *runs) add(lo, hi int64) {
	if r.n > 0 && lo <= r.list[r.n-1].hi+1 {
		last := &r.list[r.n-1]
		last.hi = max(last.hi, hi)
		return
	}
	if r.over() {
		return
	}
	r.list[r.n].lo, r.list[r.n].hi = lo, hi
	r.n++
}
