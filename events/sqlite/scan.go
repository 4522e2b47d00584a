package sqlite

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/onrecord/onrecord/events"
)

// A page of a scan ends at pageRecords records or when it has pageBytes bytes.
const (
	pageRecords = 256
	pageBytes   = 1 << 20
)

// Scan implements [events.Store]. It holds up to 256 records, or 1 MB and one
// record, in memory. It sees every record that is there when it reaches the end.
func (s *Store) Scan(ctx context.Context, after events.Seq) iter.Seq2[events.Record, error] {
	return func(yield func(events.Record, error) bool) {
		seq := after
		page := make([]events.Record, 0, 16)
		for {
			var err error
			page, err = s.page(ctx, seq, page)
			for i, r := range page {
				if err := s.usable(ctx); err != nil {
					yield(events.Record{}, s.scanError(seq, err))
					return
				}
				page[i] = events.Record{} // it is the caller's now
				seq = r.Seq
				if !yield(r, nil) {
					return
				}
			}
			if err != nil {
				yield(events.Record{}, s.scanError(seq, err))
				return
			}
			if len(page) == 0 {
				return
			}
		}
	}
}

// page puts the records that follow the one numbered after into page. With an
// error it returns those that come before it.
func (s *Store) page(ctx context.Context, after events.Seq, page []events.Record) ([]events.Record, error) {
	err := s.reading(ctx, func(c *conn) error {
		size := 0
		page = page[:0] // it may be called again
		for r, err := range c.scan(ctx, after) {
			if err != nil {
				return err
			}
			page = append(page, r)
			if size += len(r.Data); size >= pageBytes {
				break
			}
		}
		return nil
	})
	if errors.Is(err, errWritten) {
		page = page[:0]
	}
	return page, err
}

func (s *Store) scanError(after events.Seq, err error) error {
	return fmt.Errorf("sqlite: scan %s after %d: %w", s.name, after, err)
}
