package edtf

import (
	"cmp"
	"fmt"
	"slices"
)

// member is one member of a set: a date, or a range, one end of which may be
// open. A date is from itself to itself.
type member struct {
	from, to           date
	ranged             bool
	openStart, openEnd bool
}

// set parses what follows the opening bracket.
func (p *parser) set(combine Combine, closing byte) (Time, bool) {
	var list []member
	for {
		if len(list) == MaxMembers {
			return Time{}, p.fail(p.at, "want at most %d members", MaxMembers)
		}
		m, ok := p.member(len(list) == 0, closing)
		if !ok {
			return Time{}, false
		}
		list = append(list, m)
		if p.next(closing) {
			break
		}
		if m.openEnd {
			return Time{}, p.want(fmt.Sprintf(`a date, or "%c" since only the last member may be open`, closing))
		}
		if !p.next(',') {
			what := fmt.Sprintf(`",", ".." or "%c"`, closing)
			if p.peek() == ' ' {
				what += " without spaces"
			}
			return Time{}, p.want(what)
		}
	}
	if !p.ended() {
		return Time{}, p.want(fmt.Sprintf(`the end after "%c"`, closing))
	}

	stretches := stretchesOf(list, combine, combine == OneOf)
	if len(stretches) > MaxMembers {
		stretches = stretchesOf(list, combine, false)
	}
	bounds := setBounds(list)
	whole := somewhere(bounds.StartMin, bounds.EndMax)
	return Time{one: [1]Stretch{whole}, more: &more{stretches, bounds}, combine: combine}, true
}

func (p *parser) member(first bool, closing byte) (m member, ok bool) {
	at := p.at
	if p.dots() {
		if !first {
			return m, p.fail(at, `want a date: only the first member may begin with ".."`)
		}
		m.ranged, m.openStart = true, true
		m.from.lo, m.from.hi = MinInstant, MinInstant
		m.to, ok = p.element()
		return m, ok
	}
	if m.from, ok = p.element(); !ok {
		return m, false
	}
	m.to = m.from
	if !p.dots() {
		return m, true
	}
	m.ranged = true
	if c := p.peek(); c == closing || c == ',' || p.ended() {
		m.openEnd = true
		m.to = date{lo: MaxInstant, hi: MaxInstant}
		return m, true
	}
	at = p.at
	if m.to, ok = p.element(); !ok {
		return m, false
	}
	if m.to.precision != m.from.precision {
		return m, p.fail(at, "want both ends of a range in the same precision: %s", m.from.precision)
	}
	if m.to.hi < m.from.lo {
		return m, p.fail(at, "want an end of the range that is not before its start")
	}
	return m, true
}

// element parses a date in a set.
func (p *parser) element() (date, bool) {
	at := p.at
	d, ok := p.date()
	if ok && d.alone != "" {
		return d, p.fail(at, "want a date: %s stands alone, not in a set", d.alone)
	}
	return d, ok
}

// stretchesOf returns the members' stretches, sorted, and merged where one of
// them is meant. If exact, a date with unspecified digits gives one for each of
// its runs.
func stretchesOf(list []member, combine Combine, exact bool) []Stretch {
	all := make([]Stretch, 0, len(list))
	for _, m := range list {
		if exact && !m.ranged && m.from.runs != nil {
			all = append(all, m.from.runs...)
			continue
		}
		all = append(all, somewhere(m.from.lo, m.to.hi))
	}
	slices.SortFunc(all, func(a, b Stretch) int { return cmp.Compare(a.StartMin, b.StartMin) })
	if combine == AllOf {
		return all
	}
	merged := all[:0]
	for lo, hi := range (Constraint{OneOf, all}).spans {
		merged = append(merged, somewhere(lo, hi))
	}
	return slices.Clip(merged)
}

func setBounds(list []member) Bounds {
	b := Bounds{
		StartMin: MaxInstant, StartMax: MaxInstant,
		EndMin: MinInstant, EndMax: MinInstant,
	}
	for _, m := range list {
		b.StartMin = min(b.StartMin, m.from.lo)
		b.StartMax = min(b.StartMax, m.from.hi)
		b.EndMin = max(b.EndMin, m.to.lo)
		b.EndMax = max(b.EndMax, m.to.hi)
		b.StartOpen = b.StartOpen || m.openStart
		b.EndOpen = b.EndOpen || m.openEnd
	}
	return b
}
