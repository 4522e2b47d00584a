package jetstream

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"

	"github.com/nats-io/nats.go"

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
		seq, slow := after, after
		for end, _ := s.known(); ; {
			for seq < end {
				page, late, err := s.page(ctx, seq, end, seq < slow)
				if late {
					slow = seq + pageRecords
				}
				for i, r := range page {
					if err = s.usable(ctx); err != nil {
						break
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
			}
			last, err := s.lastNumber(ctx)
			if err != nil {
				yield(events.Record{}, s.scanError(seq, err))
				return
			}
			if last <= seq {
				return
			}
			end = last
		}
	}
}

// page returns at least one of the records that follow after, up to end, which is known
// to be stored. It asks the leader alone if others are slow, and says whether they were late.
func (s *Store) page(ctx context.Context, after, end events.Seq, slow bool) (page []events.Record, late bool, err error) {
	if err := s.usable(ctx); err != nil {
		return nil, false, err
	}
	ctx, stop := s.within(ctx)
	defer stop()
	if !slow {
		page, late, err = s.batch(ctx, after, min(end-after, pageRecords))
		if len(page) > 0 || err != nil {
			return page, late, err
		}
	}
	m, err := s.message(ctx, after+1)
	if err != nil {
		return nil, late, err
	}
	return []events.Record{{Seq: after + 1, Data: m.Data}}, late, nil
}

// batch returns records that follow after from any of the servers, which may not have all
// of them or none, may be lost, or may answer in part or late: what arrives in order is
// returned. The error is that this user may not ask.
func (s *Store) batch(ctx context.Context, after, n events.Seq) (page []events.Record, late bool, err error) {
	sub, err := s.conn.SubscribeSync(s.conn.NewInbox())
	if err != nil {
		return nil, false, nil
	}
	defer sub.Unsubscribe()
	subject := apiPrefix + "DIRECT.GET." + s.name
	request := fmt.Appendf(nil, `{"seq":%d,"batch":%d,"max_bytes":%d}`, after+1, n, pageBytes)
	if err := s.conn.PublishRequest(subject, sub.Subject, request); err != nil {
		return nil, false, nil
	}
	for events.Seq(len(page)) < n {
		wait, cancel := context.WithTimeout(ctx, firstWait)
		m, err := sub.NextMsgWithContext(wait)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) {
			return page, true, s.complaint(subject)
		}
		if err != nil || m.Header.Get("Status") != "" { // 204 ends a batch
			return page, false, nil
		}
		if m.Header.Get(nats.JSStream) != s.name { // a mirror answers too, which may have what this stream has not
			return page, false, nil
		}
		seq, err := strconv.ParseUint(m.Header.Get(nats.JSSequence), 10, 64)
		if err != nil || events.Seq(seq) != after+1 || checkMessage(m.Header.Get(nats.JSSubject), s.name, after+1, m.Data) != nil {
			return page, false, nil // who leads the stream says what is wrong, if that is not only here
		}
		if after++; len(page) == 0 {
			s.answered(subject)
		}
		page = append(page, events.Record{Seq: after, Data: m.Data})
	}
	return page, false, nil
}

func (s *Store) scanError(after events.Seq, err error) error {
	return fmt.Errorf("jetstream: scan %s after %d: %w", s.name, after, err)
}
