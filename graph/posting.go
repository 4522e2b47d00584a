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

// open starts at the newest checkpoint that the moment may use. It looks for the
// statements of a predicate if there is one and the list has tags.
func (p *postings) open(n, predicate uint32, m *moment) (c cursor) {
	if n != 0 {
		c.begin(p, n, predicate, m)
	}
	return c
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
