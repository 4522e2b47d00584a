package graph

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/onrecord/onrecord/events"
)

// Digest returns the SHA-256 of the store's record that holds the batch at the
// view's position, zeros at position 0. Each record holds the SHA-256 of the one
// before it, so two graphs with the same digest have the same record up to there,
// and to the end of that record of the store. It reads one record.
func (v View) Digest(ctx context.Context) (sum [sha256.Size]byte, err error) {
	if v.m.position == 0 {
		return sum, nil
	}
	seq := v.g.seqOf(v.m.c.batches.at(v.m.position).last - 1)
	rec, err := readRecord(ctx, v.g.store, events.Seq(seq))
	if err != nil {
		return sum, fmt.Errorf("graph: digest: %w", err)
	}
	return sha256.Sum256(rec.Data), nil
}
