package events

import (
	"math"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events/edtf"
)

// reader reads maps item by item, as writer writes them, and nothing else: what it reads
// is written in the one way that it can be. On anything else it gives up, and the library
// reads it all from the start: what is refused, and why, is for the library to say. After
// it has given up it reads nothing, and what it returns is zero.
type reader struct {
	data   []byte // what has not been read
	owed   int    // bytes of data that the items to come of the lists begun take at least
	gaveUp bool
}

// read returns the body of the kind that data encodes, nil if the library is to
// read it.
func read(k Kind, data []byte) Body {
	if k != KindStatementRecorded && k != KindEntityRegistered {
		return nil
	}
	r := reader{data: data}
	var b Body
	m := r.begin()
	r.key(&m, 1)
	if k == KindStatementRecorded {
		s := new(StatementRecorded)
		r.statement(&s.Statement)
		b = s
	} else {
		e := new(EntityRegistered)
		r.entity(&e.Entity)
		b = e
	}
	r.end(m)
	if r.gaveUp || len(r.data) > 0 {
		return nil
	}
	return b
}

func (r *reader) giveUp() { r.data, r.gaveUp = nil, true }

// head reads the head of an item of this major type.
func (r *reader) head(major byte) (argument uint64) {
	if len(r.data) == 0 {
		r.giveUp()
		return 0
	}
	first := r.data[0]
	short := first & 31
	switch {
	case first>>5 != major, short > 27, short >= 24 && len(r.data) <= 1<<(short-24):
		r.giveUp()
	case short < 24:
		r.data = r.data[1:]
		return uint64(short)
	default:
		_, argument, r.data = cutHead(r.data)
		if short == 24 && argument < 24 || short > 24 && argument>>(8<<(short-25)) == 0 {
			r.giveUp() // it could be shorter
			return 0
		}
	}
	return argument
}

// begin reads the head of a map and returns how many keys are left in it.
func (r *reader) begin() (m uint64) { return r.head(cborMap) }

// beginSome is begin for what is left out if it has no key.
func (r *reader) beginSome() (m uint64) {
	if m = r.begin(); m == 0 {
		r.giveUp()
	}
	return m
}

// end is where no key may be left of a map.
func (r *reader) end(m uint64) {
	if m != 0 {
		r.giveUp()
	}
}

// has reports whether a key comes next in a map, and reads it.
func (r *reader) has(m *uint64, key byte) bool {
	if *m == 0 || len(r.data) == 0 || r.data[0] != key {
		return false
	}
	r.data = r.data[1:]
	*m--
	return true
}

// key reads a key that has to come next.
func (r *reader) key(m *uint64, key byte) {
	if !r.has(m, key) {
		r.giveUp()
	}
}

// list reads the head of a list whose items take so many bytes each at least, and
// returns how many there are: no more than there is room for, so that they take memory
// for what is there and not for what is promised. Each is begun with next.
func (r *reader) list(least int) (n int) {
	argument := r.head(cborArray)
	if argument > MaxEvents || int(argument)*least > len(r.data)-r.owed {
		r.giveUp()
		return 0
	}
	r.owed += int(argument) * least
	return int(argument)
}

// next begins an item of a list. It reports whether it is to be read.
func (r *reader) next(least int) bool {
	r.owed -= least
	return !r.gaveUp
}

func (r *reader) id(id *uuid.UUID) {
	if n := r.head(cborBytes); n != uint64(len(id)) || len(r.data) < len(id) {
		r.giveUp()
		return
	}
	*id, r.data = uuid.UUID(r.data), r.data[len(id):]
}

// bytes returns bytes that are shared with what is read.
func (r *reader) bytes() []byte {
	n := r.head(cborBytes)
	if n > uint64(len(r.data)) {
		r.giveUp()
		return nil
	}
	b := r.data[:n:n]
	r.data = r.data[n:]
	return b
}

func (r *reader) string() string { return r.stringAs("") }

// stringAs reads a text that is perhaps the same as one before, and is then shared with it.
func (r *reader) stringAs(before string) string {
	n := r.head(cborText)
	if n > uint64(len(r.data)) {
		r.giveUp()
		return ""
	}
	text := r.data[:n]
	if string(text) == before {
		r.data = r.data[n:]
		return before
	}
	if !utf8.Valid(text) {
		r.giveUp()
		return ""
	}
	r.data = r.data[n:]
	return string(text)
}

func (r *reader) number() int {
	n := r.int64()
	if int64(int(n)) != n {
		r.giveUp()
		return 0
	}
	return int(n)
}

func (r *reader) int64() int64 {
	major, sign := byte(cborUnsigned), int64(0)
	if len(r.data) > 0 && r.data[0]>>5 == cborNegative {
		major, sign = cborNegative, -1
	}
	n := r.head(major)
	if n > math.MaxInt64 {
		r.giveUp()
		return 0
	}
	return int64(n) ^ sign
}

func (r *reader) count(major byte) int {
	n := r.head(major)
	if n > math.MaxInt {
		r.giveUp()
		return 0
	}
	return int(n)
}

// enum reads the number of an enumeration.
func (r *reader) enum() uint8 {
	n := r.head(cborUnsigned)
	if n > math.MaxUint8 {
		r.giveUp()
		return 0
	}
	return uint8(n)
}

// These read what is left out if it is zero or empty.

func (r *reader) optionalID(m *uint64, key byte, id *uuid.UUID) {
	if r.has(m, key) {
		if r.id(id); *id == uuid.Nil {
			r.giveUp()
		}
	}
}

func (r *reader) optional(m *uint64, key byte) (text string) {
	if r.has(m, key) {
		if text = r.string(); text == "" {
			r.giveUp()
		}
	}
	return text
}

func (r *reader) optionalNumber(m *uint64, key byte) (n int) {
	if r.has(m, key) {
		if n = r.number(); n == 0 {
			r.giveUp()
		}
	}
	return n
}

func (r *reader) optionalTime(m *uint64, key byte, t *edtf.Time) {
	text := r.optional(m, key)
	if text == "" {
		return
	}
	parsed, err := edtf.Parse(text)
	if err != nil {
		r.giveUp()
		return
	}
	*t = parsed
}

func (r *reader) optionalWhen(m *uint64, key byte, at *When) {
	if !r.has(m, key) {
		return
	}
	in := r.beginSome()
	r.optionalTime(&in, 1, &at.Time)
	at.As = r.optional(&in, 2)
	r.optionalTime(&in, 3, &at.Anchor)
	r.end(in)
}

func (r *reader) entity(e *Entity) {
	m := r.begin()
	r.key(&m, 1)
	r.id(&e.ID)
	r.key(&m, 2)
	e.Kind = EntityKind(r.enum())
	r.key(&m, 3)
	name := r.begin()
	r.key(&name, 1)
	e.Name.Text = r.string()
	e.Name.Language = r.optional(&name, 2)
	r.end(name)
	e.Note = r.optional(&m, 4)
	r.end(m)
}

// What an item of a list takes at least, in bytes: its head, the keys that it has to
// have and what is behind them.
const (
	leastVoice     = 11 // {1: [], 4: 0, 6: {1: 0, 2: 0}}
	leastParty     = 2 + idSize
	leastArg       = 7 // {1: "", 2: {1: 0}}
	leastCondition = 5 // {1: {1: ""}}
)

func (r *reader) statement(s *Statement) {
	m := r.begin()
	r.key(&m, 1)
	r.claim(&s.Claim, MaxDepth)
	r.key(&m, 2)
	s.Voices = make([]Voice, r.list(leastVoice))
	for i := range s.Voices {
		if !r.next(leastVoice) {
			return
		}
		r.voice(&s.Voices[i])
	}
	r.optionalID(&m, 3, &s.Source)
	if r.has(&m, 4) {
		in := r.beginSome()
		s.Selector.Start = r.optionalNumber(&in, 1)
		s.Selector.End = r.optionalNumber(&in, 2)
		s.Selector.Exact = r.optional(&in, 3)
		s.Selector.Locator = r.optional(&in, 4)
		r.end(in)
	}
	r.key(&m, 5)
	s.Form = Form(r.enum())
	s.Language = r.optional(&m, 6)
	s.Gloss = r.optional(&m, 7)
	r.optionalID(&m, 8, &s.Replaces)
	r.end(m)
}

// claim reads a claim that is nested no deeper than depth, itself being 1.
func (r *reader) claim(c *Claim, depth int) {
	if depth == 0 {
		r.giveUp()
		return
	}
	m := r.begin()
	r.key(&m, 1)
	c.Predicate = r.string()
	r.optionalID(&m, 2, &c.Occurrence)
	if r.has(&m, 3) {
		c.Args = make([]Arg, r.some(leastArg))
		for i := range c.Args {
			if !r.next(leastArg) {
				return
			}
			r.arg(&c.Args[i], depth)
		}
	}
	r.optionalWhen(&m, 4, &c.When)
	if r.has(&m, 5) {
		c.If = make([]Condition, r.some(leastCondition))
		for i := range c.If {
			if !r.next(leastCondition) {
				return
			}
			r.condition(&c.If[i], depth)
		}
	}
	r.end(m)
}

// some is list for what is left out if it is empty.
func (r *reader) some(least int) (n int) {
	if n = r.list(least); n == 0 {
		r.giveUp()
	}
	return n
}

func (r *reader) arg(a *Arg, depth int) {
	m := r.begin()
	r.key(&m, 1)
	a.Role = r.string()
	r.key(&m, 2)
	r.value(&a.Value, depth)
	a.As = r.optional(&m, 3)
	r.end(m)
}

func (r *reader) value(v *Value, depth int) {
	m := r.begin()
	r.key(&m, 1)
	v.Kind = ValueKind(r.enum())
	r.optionalID(&m, 2, &v.ID)
	v.Text = r.optional(&m, 3)
	v.Language = r.optional(&m, 4)
	v.Unit = r.optional(&m, 5)
	r.optionalTime(&m, 6, &v.Time)
	if r.has(&m, 7) {
		v.Claim = new(Claim)
		r.claim(v.Claim, depth-1)
	}
	r.end(m)
}

func (r *reader) condition(c *Condition, depth int) {
	m := r.begin()
	r.key(&m, 1)
	r.claim(&c.Claim, depth-1)
	if r.has(&m, 2) {
		if len(r.data) == 0 || r.data[0] != cborTrue {
			r.giveUp()
			return
		}
		c.Denied, r.data = true, r.data[1:]
	}
	c.As = r.optional(&m, 3)
	r.end(m)
}

func (r *reader) voice(v *Voice) {
	m := r.begin()
	r.key(&m, 1)
	v.Speakers = r.parties(r.list(leastParty))
	if r.has(&m, 2) {
		v.For = r.parties(r.some(leastParty))
	}
	if r.has(&m, 3) {
		v.To = r.parties(r.some(leastParty))
	}
	r.key(&m, 4)
	v.Act = Act(r.enum())
	v.Cue = r.optional(&m, 5)
	r.key(&m, 6)
	stance := r.begin()
	r.key(&stance, 1)
	v.Stance.Certainty = Certainty(r.enum())
	r.key(&stance, 2)
	v.Stance.Polarity = Polarity(r.enum())
	r.end(stance)
	r.optionalWhen(&m, 7, &v.Said)
	r.end(m)
}

func (r *reader) parties(n int) []Party {
	ps := make([]Party, n)
	for i := range ps {
		if !r.next(leastParty) {
			break
		}
		m := r.begin()
		r.key(&m, 1)
		r.id(&ps[i].Entity)
		ps[i].As = r.optional(&m, 2)
		r.end(m)
	}
	return ps
}
