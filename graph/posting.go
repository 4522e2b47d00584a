package graph

import (
	"math/bits"
	"sync/atomic"
)

// A posting list holds the numbers of the rows that belong to one key of one
// thing, such as "fills the role source" of an entity, ascending. Row numbers
// ascend with the position that added them, so that a list read as of a
// position is a prefix of it, less the rows removed by then.
//
// Entries lie in blocks of an arena, each twice as large as the one before up
// to maxBlock; a block's first word is the address of the next block. Where
// many entries are dead, a checkpoint stores the living ones: it is made, at
// the end of a record, when the entries since the last checkpoint and the rows
// stored in it together exceed one and a half times the living rows plus 32. So a
// read from the checkpoint at or before its position never meets more than that.
//
// A list of an entity's statements is mostly read for one predicate. So each entry
// of its blocks has a tag, a byte of the predicate's number: those of a block lie
// behind its entries, four to a word, and who looks for a predicate looks at a word
// of tags and passes over four rows at once. A byte is little beside the lists that
// would take it there by themselves: one for each entity and predicate takes 50 to
// 100 bytes before it holds ten rows, must be found through a table, filled when an
// entity becomes busy, and given checkpoints of its own. Blocks for fewer than
// tagsFrom entries, where most entities' lists end, have none.
type list struct {
	key   uint32 // what of the thing; see key
	next  uint32 // the thing's next list, atomic
	head  uint32 // address of the first block
	last  uint32 // address of the last block, for who folds
	count uint32 // entries, atomic
	live  uint32 // living rows, atomic
}

// checkpoint is the living rows of a list as of a position.
type checkpoint struct {
	at   uint32 // the position
	prev uint32 // the list's checkpoint before, 0 for none
	// jump leads to an earlier one, so that the one for a position is found in
	// logarithmic time (Myers, An applicative random-access stack, 1983).
	jump  uint32
	depth uint32

	head uint32 // the blocks of the living rows
	live uint32 // how many

	seen  uint32 // entries of the list before it
	block uint32 // the one that the last of them lies in
}

const (
	firstBlock = 2
	maxBlock   = 128
	tagsFrom   = 8
	arenaBits  = 12
	arenaChunk = 1 << arenaBits
)

// place returns where an entry of a list lies: the size of its block and the
// entry's index there.
func place(entry uint32) (size, index uint32) {
	i := entry + firstBlock
	if i >= maxBlock {
		return maxBlock, i % maxBlock
	}
	size = 1 << (bits.Len32(i) - 1)
	return size, i - size
}

// tagged reports whether the entries of a list have tags.
func (l *list) tagged() bool { return mentions(l.key) }

// tagOf is the tag of a predicate's statements.
func tagOf(predicate uint32) uint32 { return predicate & 0xff }

// tagsIn returns how many words of tags there are behind a block's entries.
func tagsIn(size uint32, tagged bool) uint32 {
	if tagged && size >= tagsFrom {
		return size / 4
	}
	return 0
}

// slack is how many dead entries a list may always have.
const slack = 32

// arena is memory for blocks, by address. Blocks are never moved, and one that
// is given back is used only for a block of its size again, so that a reader
// who still walks it misreads nothing.
type arena struct {
	chunks atomic.Pointer[[]*[arenaChunk]uint32]
	n      uint32
	free   [2][8][]uint32 // without tags and with; by the logarithm of the size
}

// freeOf returns the blocks for size entries that have been given back.
func (a *arena) freeOf(size uint32, tagged bool) *[]uint32 {
	return &a.free[min(tagsIn(size, tagged), 1)][bits.Len32(size)-1]
}

func (a *arena) word(i uint32) *uint32 {
	return &(*a.chunks.Load())[i>>arenaBits][i%arenaChunk]
}

// at returns so many words of a block, from the first.
func (a *arena) at(block, words uint32) []uint32 {
	i := block % arenaChunk
	return (*a.chunks.Load())[block>>arenaBits][i : i+words]
}

// block returns the address of a block for size entries: the word for the next
// block and then the entries, and their tags. One that was given back may be used for
// new rows only: a reader who still walks it stops at them.
func (a *arena) block(size uint32, tagged, reuse bool) uint32 {
	if f := a.freeOf(size, tagged); reuse && len(*f) > 0 {
		b := (*f)[len(*f)-1]
		*f = (*f)[:len(*f)-1]
		atomic.StoreUint32(a.word(b), 0)
		return b
	}
	if a.n == 0 {
		a.n = 1 // address 0 is no block
	}
	words := 1 + size + tagsIn(size, tagged)
	if left := arenaChunk - a.n%arenaChunk; left < words {
		a.n += left
	}
	if p := a.chunks.Load(); p == nil || int(a.n>>arenaBits) == len(*p) {
		a.grow()
	}
	b := a.n
	a.n += words
	return b
}

func (a *arena) grow() {
	var chunks []*[arenaChunk]uint32
	if p := a.chunks.Load(); p != nil {
		chunks = *p
	}
	more := make([][arenaChunk]uint32, 1+len(chunks)/32) // as a column does
	for i := range more {
		chunks = append(chunks, &more[i])
	}
	a.chunks.Store(&chunks)
}

// postings are all posting lists.
type postings struct {
	lists       column[list]
	arena       arena
	checkpoints column[checkpoint]
	mark        sparse // the newest checkpoint of a list, atomic
	slack       uint32
}

// find returns the number of the list with the key among those that begin at
// head, 0 if there is none below limit.
func (p *postings) find(head, key, limit uint32) uint32 {
	for n := head; n != 0 && n < limit; {
		l := p.lists.at(n)
		if l.key == key {
			return n
		}
		n = atomic.LoadUint32(&l.next)
	}
	return 0
}

// push appends a new row to a list, unless it is its last entry already, and
// reports whether it did.
func (p *postings) push(l *list, row, tag uint32) bool {
	if l.count > 0 && p.last(l) == row {
		return false
	}
	p.append(l, row, tag, l.ascends())
	return true
}

// last returns the last entry of a list that has one, for who folds.
func (p *postings) last(l *list) uint32 {
	_, index := place(l.count - 1)
	return *p.arena.word(l.last + 1 + index)
}

// ascends reports whether each new entry is a new row. The blocks of other lists
// are not shared with such: a reader would not know where to stop.
func (l *list) ascends() bool { return l.key != keyRemoved && l.key != keyRemovals }

func (p *postings) append(l *list, row, tag uint32, reuse bool) {
	size, index := place(l.count)
	tagged, b := l.tagged(), l.last
	if index == 0 {
		b = p.arena.block(size, tagged, reuse)
	}
	atomic.StoreUint32(p.arena.word(b+1+index), row)
	if tagsIn(size, tagged) > 0 {
		tags, at := p.arena.word(b+1+size+index/4), 8*(index%4)
		atomic.StoreUint32(tags, *tags&^(0xff<<at)|tag<<at)
	}
	if index == 0 { // only now: whoever comes to the block stops at its first entry, or goes on
		if l.head == 0 {
			l.head = b
		} else {
			atomic.StoreUint32(p.arena.word(l.last), b)
		}
		l.last = b
	}
	atomic.StoreUint32(&l.live, l.live+1)
	atomic.StoreUint32(&l.count, l.count+1)
}

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

// open starts at the newest checkpoint that the moment may use. It looks for the
// statements of a predicate if there is one and the list has tags.
func (p *postings) open(n, predicate uint32, m *moment) (c cursor) {
	if n != 0 {
		c.begin(p, n, predicate, m)
	}
	return c
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

// checkpointAt returns the newest checkpoint from k back whose position is not
// after at.
func (p *postings) checkpointAt(k, at uint32) uint32 {
	for k != 0 {
		cp := p.checkpoints.at(k)
		if cp.at <= at {
			return k
		}
		if j := cp.jump; j != 0 && p.checkpoints.at(j).at > at {
			k = j
		} else {
			k = cp.prev
		}
	}
	return 0
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

// raw walks all entries of a list below limit, the dead ones too.
func (p *postings) raw(n, limit uint32, yield func(row uint32) bool) { p.since(n, 0, limit, yield) }

// since is raw from a row on, in a list that ascends. It passes over blocks before it.
func (p *postings) since(n, from, limit uint32, yield func(row uint32) bool) {
	if n == 0 {
		return
	}
	l := p.lists.at(n)
	block, index, size := l.head, uint32(0), uint32(firstBlock)
	for left := atomic.LoadUint32(&l.count); left > 0; {
		if index == size {
			block = atomic.LoadUint32(p.arena.word(block))
			index, size = 0, min(2*size, maxBlock)
		}
		if index == 0 && left >= size && atomic.LoadUint32(p.arena.word(block+size)) < from {
			index = size
			left -= size
			continue
		}
		r := atomic.LoadUint32(p.arena.word(block + 1 + index))
		index++
		left--
		if r >= limit || r >= from && !yield(r) {
			return
		}
	}
}

// settle makes a checkpoint of a list if it is due, as of the moment m, which
// is the end of what has been folded, and returns its number, 0 if it is not. The
// caller makes it the list's newest; one that never becomes that is lost.
func (p *postings) settle(n uint32, m *moment) uint32 {
	l := p.lists.at(n)
	since := l.count
	mark := *p.mark.at(n)
	if mark != 0 {
		cp := p.checkpoints.at(mark)
		since = l.count - cp.seen + cp.live
	}
	if since <= l.live+l.live/2+p.slack {
		return 0
	}
	if p.checkpoints.n == 0 {
		p.checkpoints.add(checkpoint{})
	}
	living := list{key: l.key}
	for c := p.open(n, 0, m); ; {
		r := c.next()
		if r == 0 {
			break
		}
		p.append(&living, r, m.c.tag(r), false)
	}
	cp := checkpoint{
		at: m.position, prev: mark, head: living.head, live: living.count, seen: l.count, block: l.last,
	}
	if mark != 0 {
		prev := p.checkpoints.at(mark)
		cp.depth, cp.jump = prev.depth+1, mark
		if prev.jump != 0 {
			j := p.checkpoints.at(prev.jump)
			if prev.depth-j.depth == j.depth-p.depth(j.jump) {
				cp.jump = j.jump
			}
		}
	}
	return p.checkpoints.add(cp)
}

func (p *postings) depth(k uint32) uint32 {
	if k == 0 {
		return 0
	}
	return p.checkpoints.at(k).depth
}

// pop takes the last entry of a list back, whose last block was another before,
// perhaps, and frees the block that it has got.
func (p *postings) pop(l *list, last uint32) {
	if l.last != last && l.ascends() {
		size, _ := place(l.count - 1)
		f := p.arena.freeOf(size, l.tagged())
		*f = append(*f, l.last)
	}
	if last == 0 { // or a reader may be reading it
		l.head = 0
	}
	l.last = last
	atomic.StoreUint32(&l.count, l.count-1)
	atomic.StoreUint32(&l.live, l.live-1)
}
