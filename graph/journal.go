package graph

import "sync/atomic"

// undo is how one change is taken back: a word gets its old value, or a list loses
// its last entry, or a map gets its old entry.
type undo struct {
	word *uint32
	list *list
	old  uint32 // of a list, its last block
	back func()
}

func (f *fold) set(word *uint32, v uint32) {
	f.undo = append(f.undo, undo{word: word, old: atomic.LoadUint32(word)})
	atomic.StoreUint32(word, v)
}

// mark is a state to go back to.
type mark struct {
	undo, hide                                 int
	symbols, entities, sources, events, rows   uint32
	frames, words, registered                  uint32
	verdicts, links, assessed, times, removals uint32
	batches, records                           uint32
	lists, literals, namings, position         uint32
}

func (f *fold) mark() mark {
	c := f.c
	return mark{
		len(f.undo), len(f.hide), c.symbols.name.n, c.entities.id.n, c.sources.id.n, c.events.id.n, c.rows.what.n,
		c.frames.frame.n, c.words.n, c.registered.n,
		c.verdicts.n, c.links.n, c.assessed.n, c.times.time.n, c.removals.n, c.batches.n, c.records.n,
		c.post.lists.n, c.literals.hash.n, c.namings.n, f.position,
	}
}

// rollback goes back to a mark.
func (f *fold) rollback(m mark) {
	for len(f.undo) > m.undo {
		u := &f.undo[len(f.undo)-1]
		switch {
		case u.word != nil:
			atomic.StoreUint32(u.word, u.old)
		case u.list != nil:
			f.c.post.pop(u.list, u.old)
		default:
			u.back()
		}
		f.undo = f.undo[:len(f.undo)-1]
	}
	c := f.c
	for n := m.events; n < c.events.id.n; n++ {
		delete(f.fresh, n)
		delete(f.replaces, n)
		delete(f.split, n)
		delete(f.declarations, n)
	}
	f.hide = f.hide[:m.hide]
	c.symbols.truncate(m.symbols)
	c.entities.truncate(m.entities)
	c.sources.truncate(m.sources)
	c.events.truncate(m.events)
	c.rows.truncate(m.rows)
	c.frames.truncate(m.frames)
	c.words.n, c.registered.n = m.words, m.registered
	c.verdicts.n, c.links.n, c.assessed.n = m.verdicts, m.links, m.assessed
	c.removals.n, c.batches.n, c.records.n = m.removals, m.batches, m.records
	c.times.truncate(m.times)
	c.literals.truncate(m.literals)
	c.namings.n = m.namings
	c.post.lists.n = m.lists
	f.position = m.position
	clear(f.predicates)
}
