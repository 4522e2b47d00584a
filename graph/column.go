package graph

import (
	"hash/maphash"
	"math/bits"
	"sync/atomic"

	"github.com/google/uuid"
)

// chunk is how many entries of a column lie together. Chunks never move, so
// that an entry may be read while the column grows.
const (
	chunkBits = 10
	chunk     = 1 << chunkBits
)

// column is an append-only array of T. One goroutine appends; any goroutine may
// read entries that were published to it, through a mark, before.
type column[T any] struct {
	chunks atomic.Pointer[[]*[chunk]T]
	n      uint32 // the appending goroutine's
}

func (c *column[T]) add(v T) uint32 {
	if p := c.chunks.Load(); p == nil || int(c.n>>chunkBits) == len(*p) {
		c.extend()
	}
	*c.at(c.n) = v
	c.n++
	return c.n - 1
}

// extend adds a chunk, or some. It is apart from add so that add allocates nothing.
func (c *column[T]) extend() {
	var chunks []*[chunk]T
	if p := c.chunks.Load(); p != nil {
		chunks = *p
	}
	// Several at once, of many: the collector counts pieces, not bytes.
	more := make([][chunk]T, 1+len(chunks)/32)
	for i := range more {
		chunks = append(chunks, &more[i])
	}
	c.chunks.Store(&chunks)
}

func (c *column[T]) at(i uint32) *T { return c.now().at(i) }

// chunks are those of a column that there are, so that many entries are found without
// asking for them again.
type chunks[T any] []*[chunk]T

func (c *column[T]) now() chunks[T] { return *c.chunks.Load() }

func (c chunks[T]) at(i uint32) *T { return &c[i>>chunkBits][i%chunk] }

// seed makes the places of ids unpredictable, so that nobody can choose ids
// that collide.
var seed = maphash.MakeSeed()

// index finds numbers by a key that a column holds: an open-addressing table, at
// most four fifths full. What a number leaves of a slot's 32 bits holds bits of
// its key's hash, so that other keys are seldom looked at. One goroutine adds; any
// may find.
type index struct {
	slots atomic.Pointer[[]uint32]
	n     int
}

// numberMask masks the bits of a slot that are the number's: all numbers are smaller
// than the table. The other bits are the hash's.
func numberMask(slots []uint32) uint32 { return 1<<bits.Len(uint(len(slots))) - 1 }

// slotOf returns the slot at which the search for a hash begins.
func slotOf(slots []uint32, hash uint64) int {
	i, _ := bits.Mul64(hash, uint64(len(slots)))
	return int(i)
}

// slotAfter returns the slot at which the search goes on.
func slotAfter(slots []uint32, i int) int {
	if i++; i < len(slots) {
		return i
	}
	return 0
}

// find returns the number below limit whose key hashes to hash and is the one
// that same recognises.
func (x *index) find(hash uint64, limit uint32, same func(uint32) bool) (uint32, bool) {
	p := x.slots.Load()
	if p == nil {
		return 0, false
	}
	slots := *p
	mask := numberMask(slots)
	for i := slotOf(slots, hash); ; i = slotAfter(slots, i) {
		s := atomic.LoadUint32(&slots[i])
		if s == 0 {
			return 0, false
		}
		if (s^uint32(hash))&^mask == 0 {
			if n := s & mask; n < limit && same(n) {
				return n, true
			}
		}
	}
}

// add enters the next number: numbers are added from 1, in order. hashOf gives
// the hash of any of them.
func (x *index) add(number uint32, hashOf func(uint32) uint64) {
	var slots []uint32
	if p := x.slots.Load(); p != nil {
		slots = *p
	}
	if (x.n+1)*5 > len(slots)*4 {
		slots = x.grow(slots, number, hashOf)
	}
	insert(slots, number, hashOf(number))
	x.n++
}

// grow makes a larger table than this one, of the numbers below one.
func (x *index) grow(slots []uint32, number uint32, hashOf func(uint32) uint64) []uint32 {
	grown := make([]uint32, max(64, len(slots)/2*3))
	// In order, so that remove finds the last one at the end of its run.
	for n := uint32(1); n < number; n++ {
		insert(grown, n, hashOf(n))
	}
	x.slots.Store(&grown)
	return grown
}

// insert puts a number in the first free slot of its run.
func insert(slots []uint32, number uint32, hash uint64) {
	i := slotOf(slots, hash)
	for slots[i] != 0 {
		i = slotAfter(slots, i)
	}
	atomic.StoreUint32(&slots[i], uint32(hash)&^numberMask(slots)|number)
}

// remove takes out the number that was added last of all that are there.
func (x *index) remove(number uint32, hash uint64) {
	slots := *x.slots.Load()
	mask := numberMask(slots)
	i := slotOf(slots, hash)
	for slots[i]&mask != number {
		i = slotAfter(slots, i)
	}
	atomic.StoreUint32(&slots[i], 0)
	x.n--
}

// ids numbers things that have a UUID, from 1.
type ids struct {
	id    column[uuid.UUID]
	index index
}

func (t *ids) hash(n uint32) uint64 { return hashID(*t.id.at(n)) }

func hashID(id uuid.UUID) uint64 { return maphash.Bytes(seed, id[:]) }

// find returns the number of id if it is below limit, otherwise 0.
func (t *ids) find(id uuid.UUID, limit uint32) uint32 {
	n, _ := t.index.find(hashID(id), limit, func(n uint32) bool { return *t.id.at(n) == id })
	return n
}

// add numbers id, which has no number.
func (t *ids) add(id uuid.UUID) uint32 {
	n := t.id.add(id)
	t.index.add(n, t.hash)
	return n
}

// truncate forgets the numbers from n on.
func (t *ids) truncate(n uint32) {
	for t.id.n > n {
		t.id.n--
		t.index.remove(t.id.n, t.hash(t.id.n))
	}
}
