package graph

import "sync/atomic"

// sparse is a column of numbers that are nearly all 0. It has memory for those
// chunks only in which one has been written; what it has none for is 0. One
// goroutine writes, atomically where it changes what readers may see; any may read.
type sparse struct {
	chunks atomic.Pointer[sparseChunks]
}

const (
	sparseBits  = 8
	sparseChunk = 1 << sparseBits
)

type sparseChunks []atomic.Pointer[[sparseChunk]uint32]

// zero is what is read where nothing has been written. It is never written itself.
var zero uint32

// now returns the chunks that there are.
func (s *sparse) now() sparseChunks {
	if p := s.chunks.Load(); p != nil {
		return *p
	}
	return nil
}

// at returns a number, to be read only.
func (s *sparse) at(i uint32) *uint32 { return s.now().at(i) }

func (s sparseChunks) at(i uint32) *uint32 {
	if p := s.chunk(i >> sparseBits); p != nil {
		return &p[i%sparseChunk]
	}
	return &zero
}

// chunk returns a chunk, nil if it has no memory.
func (s sparseChunks) chunk(k uint32) *[sparseChunk]uint32 {
	if k < uint32(len(s)) {
		return s[k].Load()
	}
	return nil
}

// to returns a number, to be written.
func (s *sparse) to(i uint32) *uint32 {
	k, chunks := int(i>>sparseBits), s.now()
	if k >= len(chunks) {
		grown := make(sparseChunks, max(k+1, 2*len(chunks)))
		for j := range chunks {
			grown[j].Store(chunks[j].Load())
		}
		s.chunks.Store(&grown)
		chunks = grown
	}
	p := chunks[k].Load()
	if p == nil {
		p = new([sparseChunk]uint32)
		chunks[k].Store(p)
	}
	return &p[i%sparseChunk]
}

// series is an append-only column of numbers nearly each of which is the one
// before plus one: it keeps the first of each chunk, and what is out of series.
type series struct {
	first column[uint32] // less its place
	odd   sparse
	n     uint32
}

func (s *series) add(v uint32) uint32 {
	i := s.n
	if i%chunk == 0 {
		s.first.add(v - i)
	}
	if v == *s.first.at(i >> chunkBits)+i {
		v = 0
	}
	if *s.odd.at(i) != v { // where something taken back has been, too
		*s.odd.to(i) = v
	}
	s.n++
	return i
}

func (s *series) at(i uint32) uint32 {
	if v := *s.odd.at(i); v != 0 {
		return v
	}
	return *s.first.at(i >> chunkBits) + i
}

// truncate forgets the numbers from n on.
func (s *series) truncate(n uint32) {
	s.n, s.first.n = n, (n+chunk-1)>>chunkBits
}
