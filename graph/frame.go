package graph

import (
	"hash/maphash"

	"github.com/onrecord/onrecord/events"
)

// reading is a statement as it is read, as recorded or with splits. It is kept as a
// frame and words: the source, the time and the occurrence, those that there are; what
// the arguments refer to; the entities in nested claims; and of each voice when it said
// so, if that is known, and its parties.
type reading struct {
	*frame
	c      *columns
	before uint32 // the word before its own
}

// reading returns the reading that a statement's row is about.
func (c *columns) reading(a about) reading {
	return reading{c.frames.frame.at(a.frame), c, a.what}
}

func (r reading) word(i uint32) uint32 { return *r.c.words.at(r.before + i) }

func (r reading) optional(at uint8) uint32 {
	if at == 0 {
		return 0
	}
	return r.word(uint32(at))
}

func (r reading) source() uint32     { return r.optional(r.sourceAt) }
func (r reading) when() uint32       { return r.optional(r.whenAt) }
func (r reading) occurrence() uint32 { return r.optional(r.occurrenceAt) }

// slot returns an argument, and ref what it refers to: an entity, a statement, a
// literal or a time.
func (r reading) slot(i uint32) *slot { return r.c.frames.slots.at(r.slots + i) }
func (r reading) ref(i uint32) uint32 { return r.word(uint32(r.refsAt) + i) }

func (r reading) nested(i uint32) uint32 { return r.word(uint32(r.refsAt) + uint32(r.nargs) + i) }

func (r reading) voice(i uint32) *voice { return r.c.frames.voices.at(r.voices + i) }

// party returns a party of a voice: its speakers, those it speaks for, those it
// speaks to.
func (r reading) party(v *voice, i uint32) uint32 { return r.word(v.partiesAt + i) }

func (r reading) said(v *voice) uint32 {
	if !v.said {
		return 0
	}
	return r.word(v.partiesAt - 1)
}

// restsOn reports whether all that a statement rests on, if it is read so, is there for
// those who are asked, in order.
func (r reading) restsOn(entity, source, other func(uint32) bool) bool {
	if n := r.source(); n != 0 && !source(n) {
		return false
	}
	if n := r.occurrence(); n != 0 && !entity(n) {
		return false
	}
	for i := range uint32(r.nargs) {
		switch r.slot(i).kind {
		case events.EntityValue:
			if !entity(r.ref(i)) {
				return false
			}
		case events.StatementValue:
			if !other(r.ref(i)) {
				return false
			}
		}
	}
	for i := range uint32(r.nnested) {
		if !entity(r.nested(i)) {
			return false
		}
	}
	for i := range uint32(r.nvoices) {
		v := r.voice(i)
		for k := range uint32(v.speakers) + uint32(v.fors) + uint32(v.to) {
			if !entity(r.party(v, k)) {
				return false
			}
		}
	}
	return true
}

// frame is what readings have in common that differ only in what they refer to.
// What is called At is the place of a word, from 1, 0 if there is none.
type frame struct {
	predicate            uint32
	slots                uint32 // its first
	voices               uint32 // its first
	nargs                uint16
	nnested              uint16
	nvoices              uint8
	manner               manner
	stance               events.Stance // the origin's
	sourceAt, whenAt     uint8
	occurrenceAt, refsAt uint8
}

// slot is an argument without what it refers to. Its kind is unitOf in one that is
// the unit of the number before it, a literal; its role is 0 in one that is a
// statement which a nested claim refers to.
type slot struct {
	role uint32
	kind events.ValueKind
}

const unitOf events.ValueKind = 0

// voice is a voice without its parties.
type voice struct {
	partiesAt          uint32
	speakers, fors, to uint8
	held               held
	said               bool // when is the word before the parties
}

// frames number frames, from 1, each once.
type frames struct {
	frame  column[frame]
	slots  column[slot]
	voices column[voice]
	index  index
}

// bare returns a frame without the places of its slots and voices.
func (t *frames) bare(n uint32) (f frame, slots, voices uint32) {
	f = *t.frame.at(n)
	slots, voices = f.slots, f.voices
	f.slots, f.voices = 0, 0
	return f, slots, voices
}

func (t *frames) hash(n uint32) uint64 {
	f, slots, voices := t.bare(n)
	sum := maphash.Comparable(seed, f)
	for i := range uint32(f.nargs) {
		sum = maphash.Comparable(seed, chained[slot]{sum, *t.slots.at(slots + i)})
	}
	for i := range uint32(f.nvoices) {
		sum = maphash.Comparable(seed, chained[voice]{sum, *t.voices.at(voices + i)})
	}
	return sum
}

type chained[T comparable] struct {
	before uint64
	next   T
}

func (t *frames) same(a, b uint32) bool {
	f, slots, voices := t.bare(a)
	g, otherSlots, otherVoices := t.bare(b)
	if f != g {
		return false
	}
	for i := range uint32(f.nargs) {
		if *t.slots.at(slots + i) != *t.slots.at(otherSlots + i) {
			return false
		}
	}
	for i := range uint32(f.nvoices) {
		if *t.voices.at(voices + i) != *t.voices.at(otherVoices + i) {
			return false
		}
	}
	return true
}

// number returns the number of a frame whose slots and voices have just been
// added. If there is such a frame already they are taken back.
func (t *frames) number(f frame) uint32 {
	n := t.frame.add(f)
	known, ok := t.index.find(t.hash(n), n, func(k uint32) bool { return t.same(k, n) })
	if ok {
		t.cut(n)
		return known
	}
	t.index.add(n, t.hash)
	return n
}

// cut takes back the last frame, which is in no index.
func (t *frames) cut(n uint32) {
	t.frame.n, t.slots.n, t.voices.n = n, t.frame.at(n).slots, t.frame.at(n).voices
}

func (t *frames) truncate(n uint32) {
	for t.frame.n > n {
		last := t.frame.n - 1
		t.index.remove(last, t.hash(last))
		t.cut(last)
	}
}
