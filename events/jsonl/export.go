package jsonl

import (
	"context"
	"fmt"
	"io"

	"github.com/onrecord/onrecord/events"
)

// Export writes a store to w, a record a line and the end behind them, and returns
// the last record's number and hash. It verifies each record (events.Record.Verify)
// and that it is the next one (events.Chain). At a record that is damaged it stops with
// an error that says which; the lines before it have been written, and no end, so
// that nobody takes them for all.
//
// It holds one line in memory, and what one event is decoded to.
func Export(ctx context.Context, store events.Store, w io.Writer) (events.Head, error) {
	var c events.Chain
	p := newPrinter()
	for r, err := range store.Scan(ctx, 0) {
		if err != nil {
			return c.Head, fmt.Errorf("jsonl: export: %w", err)
		}
		h, err := c.Verify(r)
		if err == nil {
			err = p.record(r.Data, h)
		}
		if err == nil {
			_, err = w.Write(p.Bytes())
		}
		if err != nil {
			return c.Head, fmt.Errorf("jsonl: export record %d: %w", c.Head.Seq+1, err)
		}
		c.Take(r, h)
	}
	p.end(c.Head)
	if _, err := w.Write(p.Bytes()); err != nil {
		return c.Head, fmt.Errorf("jsonl: export: %w", err)
	}
	return c.Head, nil
}
