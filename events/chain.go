package events

import (
	"crypto/sha256"
	"fmt"

	"github.com/google/uuid"
)

// A Chain follows records from the first on and verifies that each follows from the one
// before. Its zero value is where a record begins.
type Chain struct {
	Head     Head      // the last record that was taken
	Position Position  // the last batch of it
	Keys     uuid.UUID // of it, as in its Header
}

// Verify verifies a record (Record.Verify) and that it is the next one: its number, the
// hash of the record before, the position of its first batch, and that it is sealed with
// the same keys as that, or not. An error is ErrDamaged, unless a newer release wrote the
// record.
func (c *Chain) Verify(r Record) (*Header, error) {
	if r.Seq != c.Head.Seq+1 {
		return nil, fmt.Errorf("it is record %d, want %d: %w", r.Seq, c.Head.Seq+1, ErrDamaged)
	}
	if err := r.Verify(); err != nil {
		return nil, err
	}
	h, err := r.Header()
	if err != nil {
		return nil, err
	}
	if h.Previous != c.Head.SHA256 {
		return nil, fmt.Errorf("record %d follows one with the SHA-256 %x, but the one before has %x: %w",
			r.Seq, h.Previous, c.Head.SHA256, ErrDamaged)
	}
	if h.First != c.Position+1 {
		return nil, fmt.Errorf("record %d begins with batch %d, want %d: %w", r.Seq, h.First, c.Position+1, ErrDamaged)
	}
	if h.Keys != c.Keys && c.Head.Seq > 0 {
		return nil, fmt.Errorf("record %d is sealed with keys %v, the one before with %v (zeros: not sealed); those of a store are all sealed alike: %w",
			r.Seq, h.Keys, c.Keys, ErrDamaged)
	}
	return h, nil
}

// Take makes a record, which has this header, the last one.
func (c *Chain) Take(r Record, h *Header) {
	c.Head = Head{Seq: r.Seq, SHA256: sha256.Sum256(r.Data)}
	c.Position = h.First + Position(len(h.Batches)) - 1
	c.Keys = h.Keys
}
