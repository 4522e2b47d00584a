package postgres

import (
	"context"
	"fmt"
	"iter"
	"math"

	"github.com/jackc/pgx/v5"

	"github.com/onrecord/onrecord/events"
)

// A page of a scan ends at pageRecords records or when it has pageBytes bytes.
const (
	pageRecords = 256
	pageBytes   = 1 << 20
)

// Scan implements [events.Store]. It fetches up to 256 records, or 1 MB and one record,
// at a time, each time in one round trip, and holds no connection in between. It sees
// every record that is there when it reaches the end.
func (s *Store) Scan(ctx context.Context, after events.Seq) iter.Seq2[events.Record, error] {
	return func(yield func(events.Record, error) bool) {
		seq := after
		page := make([]events.Record, 0, 16)
		for {
			var err error
			page, err = s.page(ctx, seq, page[:0])
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

// page appends the records that follow the one numbered after to page, which has none.
// With an error it returns those that come before it.
func (s *Store) page(ctx context.Context, after events.Seq, page []events.Record) ([]events.Record, error) {
	err := s.reading(ctx, func(ctx context.Context, c *pgx.Conn) error {
		page = page[:0]
		if after >= maxSeq {
			return nil
		}
		from := int64(after)
		if after == 0 {
			from = math.MinInt64 // so that a row numbered 0 or less is found, and reported
		}
		rows, err := c.Query(ctx, s.sql.page, from)
		if err != nil {
			return err
		}
		defer rows.Close()
		for want := int64(after) + 1; rows.Next(); want++ {
			var got int64
			var data []byte
			if err := rows.Scan(&got, &data); err != nil {
				return err
			}
			if got != want {
				return damaged("record %d is missing, the next one has number %d", want, got)
			}
			if err := check(data); err != nil {
				return err
			}
			page = append(page, events.Record{Seq: events.Seq(got), Data: data})
		}
		return rows.Err()
	})
	if len(page) > 0 {
		last := page[len(page)-1]
		s.noteRead(last.Seq, last.Data)
	}
	return page, err
}

func (s *Store) scanError(after events.Seq, err error) error {
	return fmt.Errorf("postgres: scan %s after %d: %w", s.name, after, err)
}
