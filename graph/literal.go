package graph

import (
	"hash/maphash"
	"math"

	"github.com/dchest/siphash"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/internal/decimal"
)

// times number times, from 1, each text once.
type times struct {
	time      column[timeInfo]
	stretches column[edtf.Stretch]
	text      column[byte]
	index     index
}

type timeInfo struct {
	first   uint32
	text    uint32
	length  uint16 // of the text
	n       uint8  // stretches
	combine edtf.Combine
}

func (t *times) hash(n uint32) uint64 {
	var buf [edtf.MaxText]byte
	return maphash.Bytes(seed, t.textOf(n, &buf))
}

// textOf returns the text of a time; buf holds it.
func (t *times) textOf(n uint32, buf *[edtf.MaxText]byte) []byte {
	i := t.time.at(n)
	for k := range uint32(i.length) {
		buf[k] = *t.text.at(i.text + k)
	}
	return buf[:i.length]
}

func (t *times) find(text string, limit uint32) uint32 {
	n, _ := t.index.find(maphash.String(seed, text), limit, func(n uint32) bool {
		i := t.time.at(n)
		if int(i.length) != len(text) {
			return false
		}
		for k := range uint32(i.length) {
			if *t.text.at(i.text + k) != text[k] {
				return false
			}
		}
		return true
	})
	return n
}

func (t *times) number(at edtf.Time) uint32 {
	if at.IsZero() {
		return 0
	}
	text := at.String()
	if n := t.find(text, t.time.n); n != 0 {
		return n
	}
	c := at.Constraint()
	info := timeInfo{first: t.stretches.n, text: t.text.n, length: uint16(len(text)), n: uint8(len(c.Stretches)), combine: c.Combine}
	for _, s := range c.Stretches {
		t.stretches.add(s)
	}
	for i := range len(text) {
		t.text.add(text[i])
	}
	n := t.time.add(info)
	t.index.add(n, t.hash)
	return n
}

func (t *times) truncate(n uint32) {
	for t.time.n > n {
		t.time.n--
		t.index.remove(t.time.n, t.hash(t.time.n))
		t.stretches.n, t.text.n = t.time.at(t.time.n).first, t.time.at(t.time.n).text
	}
}

// constraint returns what a time means; buf holds its stretches.
func (t *times) constraint(n uint32, buf *[edtf.MaxMembers]edtf.Stretch) edtf.Constraint {
	if n == 0 {
		return edtf.Constraint{}
	}
	i := t.time.at(n)
	for k := range uint32(i.n) {
		buf[k] = *t.stretches.at(i.first + k)
	}
	return edtf.Constraint{Combine: i.combine, Stretches: buf[:i.n]}
}

// bounds returns the earliest and the latest instant of a time.
func (t *times) bounds(n uint32) (earliest, latest int64) {
	i := t.time.at(n)
	earliest, latest = math.MaxInt64, math.MinInt64
	for k := range uint32(i.n) {
		s := t.stretches.at(i.first + k)
		earliest, latest = min(earliest, s.StartMin), max(latest, s.EndMax)
	}
	return earliest, latest
}

// literals number the texts and numbers that are said, the names of entities
// and the titles and URLs of sources, from 1, each once: equal numbers are one, and
// a unit is a text of its own. What they say stays in the record: a literal is
// known by 128 bits of a hash (SipHash-2-4-128, Aumasson and Bernstein, 2012) under
// a key of its own.
type literals struct {
	key   [2]uint64
	hash  column[[2]uint64]
	head  column[uint32]
	index index
}

// hashOf returns the hash of a text or a number, and false if it is no number.
func (l *literals) hashOf(kind events.ValueKind, text, language string) (sum [2]uint64, ok bool) {
	if kind == events.NumberValue {
		n, ok := decimal.Parse(text)
		if !ok {
			return sum, false
		}
		text = n.String()
	}
	var buf [256]byte
	said := append(buf[:0], byte(kind))
	said = append(said, language...)
	said = append(said, 0)
	said = append(said, text...)
	sum[0], sum[1] = siphash.Hash128(l.key[0], l.key[1], said)
	return sum, true
}

func (l *literals) find(kind events.ValueKind, text, language string, limit uint32) uint32 {
	sum, ok := l.hashOf(kind, text, language)
	if !ok {
		return 0
	}
	return l.at(sum, limit)
}

func (l *literals) at(sum [2]uint64, limit uint32) uint32 {
	n, _ := l.index.find(sum[0], limit, func(n uint32) bool { return *l.hash.at(n) == sum })
	return n
}

// number returns the number of a text or number, 0 for an empty text.
func (l *literals) number(kind events.ValueKind, text, language string) uint32 {
	if text == "" {
		return 0
	}
	sum, ok := l.hashOf(kind, text, language)
	if !ok {
		return 0
	}
	if n := l.at(sum, l.hash.n); n != 0 {
		return n
	}
	n := l.hash.add(sum)
	l.head.add(0)
	l.index.add(n, l.sum)
	return n
}

func (l *literals) truncate(n uint32) {
	for l.hash.n > n {
		l.hash.n--
		l.head.n--
		l.index.remove(l.hash.n, l.sum(l.hash.n))
	}
}

func (l *literals) sum(n uint32) uint64 { return l.hash.at(n)[0] }
