package events

import (
	"bytes"
	"sync"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events/edtf"
)

// writer writes maps item by item, each as the library would write it by the struct
// tags. It does not look at what it writes: the body has been checked, or is read
// back.
type writer struct{ data []byte }

// writers holds writers that are not in use.
var writers = sync.Pool{New: func() any { return new(writer) }}

// most is how many bytes a writer keeps that is not in use.
const most = 64 << 10

// written returns the encoding of a body, in new memory, nil if the library is to write
// it. Claims are not nested deeper than MaxDepth.
func written(b Body) (data []byte) {
	switch b.(type) {
	case *StatementRecorded, *EntityRegistered:
	default:
		return nil
	}
	w := writers.Get().(*writer)
	w.data = w.data[:0]
	m := w.begin()
	w.key(m, 1)
	switch b := b.(type) {
	case *StatementRecorded:
		w.statement(&b.Statement)
	case *EntityRegistered:
		w.entity(&b.Entity)
	}
	data = bytes.Clone(w.data)
	if cap(w.data) <= most {
		clear(w.data) // it may be sealed, and erased
		writers.Put(w)
	}
	return data
}

// begin writes the head of a map without a key and returns its place.
func (w *writer) begin() (m int) {
	w.data = append(w.data, cborMap<<5)
	return len(w.data) - 1
}

// key writes a key of the map whose head is at m; no map has more than ten.
func (w *writer) key(m int, key byte) {
	w.data[m]++
	w.data = append(w.data, key)
}

func (w *writer) id(m int, key byte, id uuid.UUID) {
	w.key(m, key)
	w.data = append(append(w.data, cborBytes<<5|byte(len(id))), id[:]...)
}

func (w *writer) text(m int, key byte, s string) {
	w.key(m, key)
	w.data = appendText(w.data, s)
}

func (w *writer) number(m int, key byte, n int) {
	w.key(m, key)
	w.data = appendInt(w.data, int64(n))
}

// list writes the head of a list of n items.
func (w *writer) list(m int, key byte, n int) {
	w.key(m, key)
	w.data = appendHead(w.data, cborArray, uint64(n))
}

// These leave out what is zero or empty.

func (w *writer) optionalID(m int, key byte, id uuid.UUID) {
	if id != uuid.Nil {
		w.id(m, key, id)
	}
}

func (w *writer) optional(m int, key byte, s string) {
	if s != "" {
		w.text(m, key, s)
	}
}

func (w *writer) optionalNumber(m int, key byte, n int) {
	if n != 0 {
		w.number(m, key, n)
	}
}

func (w *writer) optionalTime(m int, key byte, t edtf.Time) { w.optional(m, key, t.String()) }

func (w *writer) optionalWhen(m int, key byte, at *When) {
	if at.Time.IsZero() && at.As == "" && at.Anchor.IsZero() {
		return
	}
	w.key(m, key)
	in := w.begin()
	w.optionalTime(in, 1, at.Time)
	w.optional(in, 2, at.As)
	w.optionalTime(in, 3, at.Anchor)
}

func (w *writer) entity(e *Entity) {
	m := w.begin()
	w.id(m, 1, e.ID)
	w.number(m, 2, int(e.Kind))
	w.key(m, 3)
	name := w.begin()
	w.text(name, 1, e.Name.Text)
	w.optional(name, 2, e.Name.Language)
	w.optional(m, 4, e.Note)
}

func (w *writer) statement(s *Statement) {
	m := w.begin()
	w.key(m, 1)
	w.claim(&s.Claim)
	w.list(m, 2, len(s.Voices))
	for i := range s.Voices {
		w.voice(&s.Voices[i])
	}
	w.optionalID(m, 3, s.Source)
	if s.Selector != (Selector{}) {
		w.key(m, 4)
		in := w.begin()
		w.optionalNumber(in, 1, s.Selector.Start)
		w.optionalNumber(in, 2, s.Selector.End)
		w.optional(in, 3, s.Selector.Exact)
		w.optional(in, 4, s.Selector.Locator)
	}
	w.number(m, 5, int(s.Form))
	w.optional(m, 6, s.Language)
	w.optional(m, 7, s.Gloss)
	w.optionalID(m, 8, s.Replaces)
}

func (w *writer) claim(c *Claim) {
	m := w.begin()
	w.text(m, 1, c.Predicate)
	w.optionalID(m, 2, c.Occurrence)
	if len(c.Args) > 0 {
		w.list(m, 3, len(c.Args))
		for i := range c.Args {
			w.arg(&c.Args[i])
		}
	}
	w.optionalWhen(m, 4, &c.When)
	if len(c.If) > 0 {
		w.list(m, 5, len(c.If))
		for i := range c.If {
			w.condition(&c.If[i])
		}
	}
}

func (w *writer) arg(a *Arg) {
	m := w.begin()
	w.text(m, 1, a.Role)
	w.key(m, 2)
	w.value(&a.Value)
	w.optional(m, 3, a.As)
}

func (w *writer) value(v *Value) {
	m := w.begin()
	w.number(m, 1, int(v.Kind))
	w.optionalID(m, 2, v.ID)
	w.optional(m, 3, v.Text)
	w.optional(m, 4, v.Language)
	w.optional(m, 5, v.Unit)
	w.optionalTime(m, 6, v.Time)
	if v.Claim != nil {
		w.key(m, 7)
		w.claim(v.Claim)
	}
}

func (w *writer) condition(c *Condition) {
	m := w.begin()
	w.key(m, 1)
	w.claim(&c.Claim)
	if c.Denied {
		w.key(m, 2)
		w.data = append(w.data, cborTrue)
	}
	w.optional(m, 3, c.As)
}

func (w *writer) voice(v *Voice) {
	m := w.begin()
	w.parties(m, 1, v.Speakers)
	if len(v.For) > 0 {
		w.parties(m, 2, v.For)
	}
	if len(v.To) > 0 {
		w.parties(m, 3, v.To)
	}
	w.number(m, 4, int(v.Act))
	w.optional(m, 5, v.Cue)
	w.key(m, 6)
	stance := w.begin()
	w.number(stance, 1, int(v.Stance.Certainty))
	w.number(stance, 2, int(v.Stance.Polarity))
	w.optionalWhen(m, 7, &v.Said)
}

func (w *writer) parties(m int, key byte, ps []Party) {
	w.list(m, key, len(ps))
	for i := range ps {
		in := w.begin()
		w.id(in, 1, ps[i].Entity)
		w.optional(in, 2, ps[i].As)
	}
}
