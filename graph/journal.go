package graph

import (
	"sync/atomic"

	"github.com/onrecord/onrecord/events"
)

// undo is how one change is taken back: a word gets its old value, or a list loses
// its last entry, or a map gets its old entry.
type undo struct {
	word *uint32
	list *list
	old  uint32 // of a list, its last block
	back func()
}

func (f *fold) set(word *uint32, v uint32) {
	f.journal.add(undo{word: word, old: atomic.LoadUint32(word)})
	atomic.StoreUint32(word, v)
}

// journal is how to take back what has been folded and is not in the record yet. A
// change keeps its number when those before it are final and forgotten.
type journal struct {
	undo  []undo
	first int // the number of undo[0]
}

func (j *journal) add(u undo) { j.undo = append(j.undo, u) }
func (j *journal) end() int   { return j.first + len(j.undo) }

// maxUndo is for how many changes room is kept, that few batches need.
const maxUndo = 1 << 16

// forget makes the changes before a number final.
func (j *journal) forget(before int) {
	n := copy(j.undo, j.undo[before-j.first:])
	clear(j.undo[n:])
	if j.undo, j.first = j.undo[:n], before; n == 0 && cap(j.undo) > maxUndo {
		j.undo = nil
	}
}

// newcomers are the events that have been folded and that the record cannot give yet,
// in order.
type newcomers struct {
	events []*events.Event
	first  uint32 // the number of events[0]
}

// at returns an event, nil if it is not among them.
func (w *newcomers) at(n uint32) *events.Event {
	if i := int(n) - int(w.first); i >= 0 && i < len(w.events) {
		return w.events[i]
	}
	return nil
}

func (w *newcomers) add(n uint32, e *events.Event) {
	if len(w.events) == 0 {
		w.first = n
	}
	w.events = append(w.events, e)
}

// truncate forgets the events from n on.
func (w *newcomers) truncate(n uint32) {
	if i := int(n) - int(w.first); i < len(w.events) {
		clear(w.events[max(i, 0):])
		w.events = w.events[:max(i, 0)]
	}
}

// forget forgets the events before n.
func (w *newcomers) forget(before uint32) {
	if before <= w.first {
		return
	}
	n := copy(w.events, w.events[min(int(before-w.first), len(w.events)):])
	clear(w.events[n:])
	w.events, w.first = w.events[:n], before
}

// mark is a state to go back to.
type mark struct {
	undo, hide                                 int
	symbols, entities, sources, events, rows   uint32
	frames, words, registered                  uint32
	verdicts, links, assessed, times, removals uint32
	batches, records                           uint32
	lists, literals, namings, position         uint32
	lastKey                                    uint64
	judgements                                 int
}

func (f *fold) mark() mark {
	c := f.c
	return mark{
		f.journal.end(), f.hidden + len(f.hide), c.symbols.name.n, c.entities.id.n, c.sources.id.n, c.events.id.n, c.rows.row.n,
		c.frames.frame.n, c.words.n, c.registered.n,
		c.verdicts.n, c.links.n, c.assessed.n, c.times.time.n, c.removals.n, c.batches.n, c.records.n,
		c.post.lists.n, c.literals.hash.n, c.namings.n, f.position, c.lastKey, f.judgements,
	}
}

// rollback goes back to a mark.
func (f *fold) rollback(m mark) {
	j := &f.journal
	for j.end() > m.undo {
		u := &j.undo[len(j.undo)-1]
		switch {
		case u.word != nil:
			atomic.StoreUint32(u.word, u.old)
		case u.list != nil:
			f.c.post.pop(u.list, u.old)
		default:
			u.back()
		}
		j.undo = j.undo[:len(j.undo)-1]
	}
	c := f.c
	f.fresh.truncate(m.events)
	for n := m.events; n <= c.events.id.n; n++ { // and of one that has been refused
		delete(f.replaces, n)
		delete(f.split, n)
		delete(f.declarations, n)
	}
	f.hide = f.hide[:m.hide-f.hidden]
	c.symbols.truncate(m.symbols)
	c.entities.truncate(m.entities)
	c.sources.truncate(m.sources)
	c.events.truncate(m.events)
	c.rows.truncate(m.rows)
	for n := len(f.unlisted); n > 0 && f.unlisted[n-1] >= m.rows; n-- {
		f.unlisted = f.unlisted[:n-1]
	}
	c.frames.truncate(m.frames)
	c.words.n, c.registered.n = m.words, m.registered
	c.verdicts.n, c.links.n, c.assessed.n = m.verdicts, m.links, m.assessed
	c.removals.n, c.records.n = m.removals, m.records
	c.batches.n, c.recorders.n = m.batches, m.batches
	c.times.truncate(m.times)
	c.literals.truncate(m.literals)
	c.namings.n = m.namings
	c.post.lists.n = m.lists
	f.position, c.lastKey = m.position, m.lastKey
	clear(f.predicates)
	if f.judgements != m.judgements {
		clear(f.clusters)
	}
}
