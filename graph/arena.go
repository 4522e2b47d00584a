package graph

import (
	"math/bits"
	"sync/atomic"
)

const (
	arenaBits  = 12
	arenaChunk = 1 << arenaBits
)

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
