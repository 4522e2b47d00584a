package proof

import (
	"crypto/sha256"

	"golang.org/x/mod/sumdb/tlog"
)

// peaks are the roots of the full subtrees that a tree of size leaves consists
// of, the one of 2^i leaves at level i if bit i of size is set. With them a tree
// grows and knows its root without the hashes below.
type peaks struct {
	size int64
	at   [maxLevel + 1]tlog.Hash
}

// maxLevel bounds the size of a tree, far beyond what anybody can store.
const maxLevel = 48

// add appends a leaf, given its hash. That and the hashes of the subtrees which it
// completes are appended to stored, in the order of tlog.StoredHashIndex.
func (p *peaks) add(h tlog.Hash, stored []byte) []byte {
	level := 0
	stored = append(stored, h[:]...)
	for ; p.size>>level&1 == 1; level++ {
		h = tlog.NodeHash(p.at[level], h)
		stored = append(stored, h[:]...)
	}
	p.at[level] = h
	p.size++
	return stored
}

// root returns the root of the tree.
func (p *peaks) root() (h tlog.Hash) {
	if p.size == 0 {
		return emptyRoot
	}
	first := true
	for level := range p.at {
		switch {
		case p.size>>level&1 == 0:
		case first:
			h, first = p.at[level], false
		default:
			h = tlog.NodeHash(p.at[level], h)
		}
	}
	return h
}

// emptyRoot is the root of a tree without a leaf (RFC 6962, section 2.1).
var emptyRoot = tlog.Hash(sha256.Sum256(nil))
