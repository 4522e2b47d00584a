package graph

import (
	"math/bits"
	"sync/atomic"
)

// cursor walks a list as of a moment, ascending. One that looks for a predicate
// passes over rows of others, but for some whose tags are the same or that have none.
type cursor struct {
	p     *postings
	rows  chunks[row]
	limit uint32 // rows from here on are not in the view
	at    uint32 // the position
	tag   uint32 // that it looks for, four times
	seeks bool   // it looks for one

	block []uint32 // the one it is in: the next one's address, then entries
	tags  []uint32 // of the block, if it looks for one and there are any
	index uint32   // of the next entry's word in the block
	left  uint32   // entries
	// Where the list goes on after a checkpoint's rows: after so many entries, in
	// this block, there are more.
	seen, then, more uint32
}

func (c *cursor) begin(p *postings, n, predicate uint32, m *moment) {
	l := p.lists.at(n)
	c.p, c.rows, c.limit, c.at = p, m.c.rows.row.now(), m.rows, m.position
	c.tag, c.seeks = tagOf(predicate)*0x01010101, predicate != 0 && l.tagged()
	count := atomic.LoadUint32(&l.count)
	k := p.checkpointAt(atomic.LoadUint32(p.mark.at(n)), m.position)
	if k == 0 {
		c.enter(l.head, 0, count)
		return
	}
	cp := p.checkpoints.at(k)
	if count > cp.seen {
		c.seen, c.then, c.more = cp.seen, cp.block, count-cp.seen
	}
	c.enter(cp.head, 0, cp.live)
}

// enter goes on after so many entries of a list, the last of which lies in this
// block, or which is its first; so many are left.
func (c *cursor) enter(block, after, left uint32) {
	if c.left = left; left > 0 {
		size, index := uint32(firstBlock), uint32(0)
		if after > 0 {
			size, index = place(after - 1)
			index++
		}
		c.read(block, size)
		c.index = index + 1
	}
}

// read comes to the first entry of a block.
func (c *cursor) read(block, size uint32) {
	words := 1 + size + tagsIn(size, c.seeks)
	b := c.p.arena.at(block, words)
	c.block, c.tags, c.index = b[:1+size], b[1+size:], 1
}

// arrive comes to the next entry, wherever it lies. It reports false at the end.
func (c *cursor) arrive() bool {
	for {
		if c.left == 0 {
			if c.more == 0 {
				return false
			}
			c.enter(c.then, c.seen, c.more)
			c.more = 0
		}
		if c.index == uint32(len(c.block)) {
			size := c.index - 1
			// What comes after a row beyond the limit may be another list's by now, and what
			// lies behind one in a block may be what was taken back.
			if c.seeks && atomic.LoadUint32(&c.block[size]) >= c.limit {
				return c.end()
			}
			c.read(atomic.LoadUint32(&c.block[0]), min(2*size, maxBlock))
			if c.seeks && atomic.LoadUint32(&c.block[1]) >= c.limit {
				return c.end()
			}
		}
		if len(c.tags) == 0 || c.seek() {
			return true
		}
	}
}

// end leaves nothing to come. It reports false.
func (c *cursor) end() bool {
	c.left, c.more = 0, 0
	return false
}

// next returns the next row that stands at the moment, 0 at the end.
func (c *cursor) next() uint32 {
	for c.arrive() {
		r := atomic.LoadUint32(&c.block[c.index])
		c.index++
		c.left--
		if r >= c.limit {
			c.end()
			return 0
		}
		if atomic.LoadUint32(&c.rows.at(r).removed)-1 >= c.at {
			return r
		}
	}
	return 0
}

// fill fills rows with the next that stand at the moment, not always all of them, and
// returns how many, 0 only at the end. It does what next does, by the block.
func (c *cursor) fill(rows []uint32) (n int) {
	limit, at := c.limit, c.at
	near, together := uint32(never), (*[chunk]row)(nil) // rows that lie together
	for n <= len(rows)/2 && c.arrive() {
		entries := c.block[c.index:]
		entries = entries[:min(len(entries), int(c.left), len(rows)-n)]
		if len(c.tags) > 0 {
			entries = entries[:1]
		}
		c.index += uint32(len(entries))
		c.left -= uint32(len(entries))
		for i := range entries {
			r := atomic.LoadUint32(&entries[i])
			if r >= limit {
				c.end()
				return n
			}
			if k := r >> chunkBits; k != near {
				near, together = k, c.rows[k]
			}
			end := atomic.LoadUint32(&together[r%chunk].removed)
			// Without a branch: nothing tells beforehand which rows stand.
			rows[n] = r
			stands := 0
			if end-1 >= at {
				stands = 1
			}
			n += stands
		}
	}
	return n
}

// seek passes over entries of the block whose tags are others. It reports false if
// no more of those that are left have the tag.
func (c *cursor) seek() bool {
	from := c.index - 1
	end := min(uint32(len(c.block))-1, from+c.left)
	for i := from; i < end; i = i&^3 + 4 {
		x := atomic.LoadUint32(&c.tags[i/4]) ^ c.tag | (1<<(8*(i%4)) - 1)
		// The lowest byte of x that is 0 is the lowest whose high bit is set here
		// (Warren, Hacker's Delight, 2nd edition, section 6-1).
		if zero := (x - 0x01010101) &^ x & 0x80808080; zero != 0 {
			if i = i&^3 + uint32(bits.TrailingZeros32(zero))/8; i >= end {
				break
			}
			c.index, c.left = i+1, c.left-(i-from)
			return true
		}
	}
	c.index, c.left = end+1, c.left-(end-from)
	return false
}

// to returns the next row that stands at the moment and is not below another, never
// at the end. It passes over blocks, and searches one.
func (c *cursor) to(row uint32) uint32 {
	for {
		low, high := c.index, c.index+min(uint32(len(c.block))-c.index, c.left)
		if low < high && atomic.LoadUint32(&c.block[high-1]) < row {
			low = high
		}
		for low < high {
			if middle := (low + high) / 2; atomic.LoadUint32(&c.block[middle]) < row {
				low = middle + 1
			} else {
				high = middle
			}
		}
		c.index, c.left = low, c.left-(low-c.index)
		if r := c.next(); r == 0 {
			return never
		} else if r >= row {
			return r
		}
	}
}

// toEnd passes over all blocks but the last that begins below the limit. It reports
// whether it has passed over any.
func (c *cursor) toEnd() (passed bool) {
	if c.more > 0 {
		c.enter(c.then, c.seen, c.more)
		c.more, passed = 0, true
	}
	for rest := uint32(len(c.block)) - c.index; c.left > rest; rest = uint32(len(c.block)) - 1 {
		next := atomic.LoadUint32(&c.block[0])
		if atomic.LoadUint32(c.p.arena.word(next+1)) >= c.limit {
			break
		}
		c.left -= rest
		c.read(next, min(2*uint32(len(c.block)-1), maxBlock))
		passed = true
	}
	return passed
}
