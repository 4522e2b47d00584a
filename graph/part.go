package graph

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"unsafe"
)

// part is a piece of the columns, as a snapshot holds it.
type part struct {
	entry reflect.Type
	count func() uint32
	// freeze is called while nobody folds. What it returns writes the n entries
	// that there are then, while more are added.
	freeze func(n uint32) func(*snapshotWriter)
	// load reads n entries.
	load func(r *snapshotReader, n uint32)
}

// parts are all that a snapshot holds, in its order. What is not among them is
// made again: indexes, and what is kept for folding only.
func (c *columns) parts() []part {
	return []part{
		texts(&c.symbols.name), heads(&c.symbols.head),
		plain(&c.entities.id), heads(&c.entities.head),
		plain(&c.sources.id), heads(&c.sources.head),
		plain(&c.events.id), plain(&c.events.kinds),
		plain(&c.events.first.first), only(&c.events.first), mostly0(&c.events.first.odd, &c.events.first.n),
		mostly0(&c.events.head, &c.events.id.n), mostly0(c.events.redacted, &c.events.id.n),
		plain(&c.rows.event.first), only(&c.rows.event), mostly0(&c.rows.event.odd, &c.rows.event.n),
		stretches(&c.rows.row),
		plain(&c.frames.frame), plain(&c.frames.slots), plain(&c.frames.voices), plain(&c.words),
		plain(&c.registered), plain(&c.verdicts), plain(&c.links), plain(&c.assessed),
		plain(&c.times.time), plain(&c.times.stretches), plain(&c.times.text),
		value(&c.literals.key), plain(&c.literals.hash), heads(&c.literals.head),
		plain(&c.namings), plain(&c.removals), plain(&c.batches), plain(&c.recorders), plain(&c.records),
		lists(&c.post.lists), marks(&c.post), c.post.arena.part(), plain(&c.post.checkpoints),
		value(&c.lastKey),
	}
}

// layoutOf names what parts are in memory: a release with other columns, and a
// machine with another order of bytes, have another one.
func layoutOf(parts []part) [sha256.Size]byte {
	order := uint32(1)
	h := sha256.New()
	fmt.Fprintf(h, "%d %x %d %d %d %d %d %d\n", snapshotVersion, bytesOf(unsafe.Slice(&order, 1)), chunk, arenaChunk, sparseChunk, firstBlock, maxBlock, tagsFrom)
	for _, p := range parts {
		describeType(h, p.entry)
	}
	return [sha256.Size]byte(h.Sum(nil))
}

func describeType(w interface{ Write([]byte) (int, error) }, t reflect.Type) {
	fmt.Fprintln(w, t.Kind(), t.Size())
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			fmt.Fprintln(w, f.Name, f.Offset)
			describeType(w, f.Type)
		}
	case reflect.Array:
		describeType(w, t.Elem())
	}
}

// bytesOf returns the memory of a list, whose entries have no pointers. To load it so
// is some twelve times as fast as field by field (go test -run='^$' -bench=Part ./graph).
func bytesOf[T any](list []T) []byte {
	var entry T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(list))), len(list)*int(unsafe.Sizeof(entry)))
}

// each calls yield with the first n entries, a chunk at a time.
func (c *column[T]) each(n uint32, yield func([]T)) {
	if n == 0 {
		return
	}
	chunks := *c.chunks.Load()
	for i := uint32(0); i < n; i += chunk {
		yield(chunks[i>>chunkBits][:min(chunk, n-i)])
	}
}

// pieces reads n entries into chunks of size. It makes at most as many chunks at a time
// as it has read before, or a few: a number of entries that do not lie in the snapshot
// is given no memory.
func pieces[C any](r *snapshotReader, n, size uint32, bytes func(c *C, n uint32) []byte) []*C {
	var chunks []*C
	for n > 0 && r.err == nil {
		wanted := (uint64(n) + uint64(size) - 1) / uint64(size)
		piece := make([]C, min(wanted, uint64(max(len(chunks), 16))))
		for i := range piece {
			used := min(n, size)
			r.read(bytes(&piece[i], used))
			chunks = append(chunks, &piece[i])
			n -= used
		}
	}
	return chunks
}

// load reads n entries.
func (c *column[T]) load(r *snapshotReader, n uint32) {
	chunks := pieces(r, n, chunk, func(c *[chunk]T, n uint32) []byte { return bytesOf(c[:n]) })
	c.chunks.Store(&chunks)
	c.n = n
}

func (c *column[T]) count() uint32 { return c.n }

// plain is a column whose entries never change.
func plain[T any](c *column[T]) part {
	return part{
		reflect.TypeFor[T](), c.count,
		func(n uint32) func(*snapshotWriter) {
			return func(w *snapshotWriter) { c.each(n, func(list []T) { w.write(bytesOf(list)) }) }
		},
		c.load,
	}
}

// heads is a column of numbers that may be changed, atomically, to what is newer.
func heads(c *column[uint32]) part {
	p := plain(c)
	p.freeze = func(n uint32) func(*snapshotWriter) {
		return func(w *snapshotWriter) { c.each(n, w.atomics) }
	}
	return p
}

// atomics writes numbers that may be changed meanwhile.
func (w *snapshotWriter) atomics(list []uint32) {
	var buf [256]uint32
	for len(list) > 0 {
		n := min(len(list), len(buf))
		for i := range n {
			buf[i] = atomic.LoadUint32(&list[i])
		}
		w.write(bytesOf(buf[:n]))
		list = list[n:]
	}
}

// stretches is the column of rows, whose ends may be set, atomically.
func stretches(c *column[row]) part {
	p := plain(c)
	p.freeze = func(n uint32) func(*snapshotWriter) {
		return func(w *snapshotWriter) {
			c.each(n, func(list []row) {
				var buf [chunk]row
				for i := range list {
					buf[i] = row{list[i].about, atomic.LoadUint32(&list[i].removed)}
				}
				w.write(bytesOf(buf[:len(list)]))
			})
		}
	}
	return p
}

// lists is the column of posting lists, which are copied.
func lists(c *column[list]) part {
	p := plain(c)
	p.freeze = func(n uint32) func(*snapshotWriter) {
		copied := make([]list, 0, n)
		c.each(n, func(list []list) { copied = append(copied, list...) })
		return func(w *snapshotWriter) { w.write(bytesOf(copied)) }
	}
	return p
}

// marks are the newest checkpoints of posting lists, which are copied.
func marks(p *postings) part {
	m := mostly0(&p.mark, &p.lists.n)
	m.freeze = func(n uint32) func(*snapshotWriter) {
		var copied sparse
		p.mark.each(n, func(i uint32, v *uint32) { *copied.to(i) = *v })
		return func(w *snapshotWriter) { w.sparse(&copied, n) }
	}
	return m
}

// texts is a column of names.
func texts(c *column[string]) part {
	return part{
		reflect.TypeFor[uint32](), c.count,
		func(n uint32) func(*snapshotWriter) {
			return func(w *snapshotWriter) {
				c.each(n, func(list []string) {
					for _, s := range list {
						w.number(uint32(len(s)))
						w.write([]byte(s))
					}
				})
			}
		},
		func(r *snapshotReader, n uint32) {
			const longest = 1 << 20
			for range n {
				if r.err != nil {
					return
				}
				size := r.number()
				if size > longest {
					r.err = errSnapshot
					return
				}
				text := make([]byte, size)
				r.read(text)
				c.add(string(text))
			}
		},
	}
}

// only is how many numbers a series has, whose first numbers come before it.
func only(s *series) part {
	return part{
		reflect.TypeFor[bool](), func() uint32 { return s.n },
		func(uint32) func(*snapshotWriter) { return func(*snapshotWriter) {} },
		func(r *snapshotReader, n uint32) {
			if s.n = n; uint64(n) > uint64(s.first.n)<<chunkBits {
				r.err = cmp.Or(r.err, errSnapshot)
			}
		},
	}
}

// value is one value, which is copied.
func value[T any](v *T) part {
	return part{
		reflect.TypeFor[T](), func() uint32 { return 1 },
		func(uint32) func(*snapshotWriter) {
			copied := []T{*v}
			return func(w *snapshotWriter) { w.write(bytesOf(copied)) }
		},
		func(r *snapshotReader, n uint32) {
			if r.read(bytesOf(unsafe.Slice(v, 1))); n != 1 {
				r.err = cmp.Or(r.err, errSnapshot)
			}
		},
	}
}

// sparseEnd is the place behind the chunks of n numbers.
func sparseEnd(n uint32) uint32 { return uint32((uint64(n) + sparseChunk - 1) >> sparseBits) }

// sparse writes the first n numbers: those chunks that there are, with their places,
// and the place behind them.
func (w *snapshotWriter) sparse(s *sparse, n uint32) {
	chunks := s.now()
	for k := range min(uint32(len(chunks)), sparseEnd(n)) {
		p := chunks[k].Load()
		if p == nil {
			continue
		}
		w.number(k)
		used := min(sparseChunk, n-k<<sparseBits)
		w.atomics(p[:used])
		var none [sparseChunk]uint32
		w.write(bytesOf(none[used:]))
	}
	w.number(sparseEnd(n))
}

// mostly0 is the first n numbers of a sparse column, which may be changed,
// atomically, to what is newer. How many there are is known before them.
func mostly0(s *sparse, n *uint32) part {
	return part{
		reflect.TypeFor[[sparseChunk]uint32](), func() uint32 { return *n },
		func(n uint32) func(*snapshotWriter) { return func(w *snapshotWriter) { w.sparse(s, n) } },
		func(r *snapshotReader, count uint32) {
			if count != *n {
				r.err = cmp.Or(r.err, errSnapshot)
			}
			n := *n
			for k := r.number(); r.err == nil && k != sparseEnd(n); k = r.number() {
				if k > sparseEnd(n) {
					r.err = errSnapshot
					return
				}
				s.to(k << sparseBits)
				r.read(bytesOf(s.now()[k].Load()[:]))
			}
		},
	}
}

// each calls yield with each of the first n numbers that is not 0.
func (s *sparse) each(n uint32, yield func(i uint32, v *uint32)) {
	chunks := s.now()
	for k := range chunks {
		p := chunks[k].Load()
		if p == nil {
			continue
		}
		for j := range p {
			if i := uint32(k)<<sparseBits + uint32(j); i < n && p[j] != 0 {
				yield(i, &p[j])
			}
		}
	}
}

// part is the words of an arena. Blocks that have been given back are not
// remembered.
func (a *arena) part() part {
	each := func(n uint32, yield func([]uint32)) {
		if n == 0 {
			return
		}
		chunks := *a.chunks.Load()
		for i := uint32(0); i < n; i += arenaChunk {
			yield(chunks[i>>arenaBits][:min(arenaChunk, n-i)])
		}
	}
	return part{
		reflect.TypeFor[uint32](), func() uint32 { return a.n },
		func(n uint32) func(*snapshotWriter) { return func(w *snapshotWriter) { each(n, w.atomics) } },
		func(r *snapshotReader, n uint32) {
			chunks := pieces(r, n, arenaChunk, func(c *[arenaChunk]uint32, n uint32) []byte { return bytesOf(c[:n]) })
			a.chunks.Store(&chunks)
			a.n = n
		},
	}
}

// settleDown takes out of loaded columns what is newer than the rest, and makes
// the indexes.
func (c *columns) settleDown() {
	lists, position := c.post.lists.n, c.batches.n-1
	older := func(list []uint32) {
		for i, n := range list {
			if n >= lists {
				list[i] = 0
			}
		}
	}
	for _, h := range []*column[uint32]{&c.symbols.head, &c.entities.head, &c.sources.head, &c.literals.head} {
		h.each(h.n, older)
	}
	c.post.lists.each(lists, func(list []list) {
		for i := range list {
			if list[i].next >= lists {
				list[i].next = 0
			}
		}
	})
	c.events.head.each(c.events.id.n, func(_ uint32, head *uint32) {
		if *head >= lists {
			*head = 0
		}
	})
	c.rows.row.each(c.rows.row.n, func(list []row) {
		for i := range list {
			if list[i].removed > position {
				list[i].removed = 0
			}
		}
	})
	var indexes sync.WaitGroup
	defer indexes.Wait()
	indexes.Go(func() { c.literals.index.build(c.literals.hash.n, c.literals.sum) })
	for _, t := range []*ids{&c.events.ids, &c.entities.ids, &c.sources.ids} {
		indexes.Go(func() { t.index.build(t.id.n, t.hash) })
	}
	c.symbols.index.build(c.symbols.name.n, c.symbols.hash)
	c.frames.index.build(c.frames.frame.n, c.frames.hash)
	c.times.index.build(c.times.time.n, c.times.hash)
}

// build makes an index of the numbers from 1 below n.
func (x *index) build(n uint32, hashOf func(uint32) uint64) {
	if n <= 1 {
		return
	}
	slots := make([]uint32, max(64, uint64(n)*5/4+1))
	for i := uint32(1); i < n; i++ {
		insert(slots, i, hashOf(i))
	}
	x.slots.Store(&slots)
	x.n = int(n - 1)
}
