package events

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"sync"
)

// Mem is a [Store] that keeps its records in memory and loses them with the
// process. It is for tests, and for a record that is built, asked and thrown
// away. It is also a [Reader], a [PartReader] and a [Waiter], and the plainest reading of
// their contract: other stores are compared with it.
//
// A record costs its own bytes and a slice header. Append and every record, or part of
// one, that is read copy once.
//
// Its methods may be called from several goroutines at once.
type Mem struct {
	mu      sync.RWMutex
	records [][]byte      // record n at n-1; what is in here never changes
	changed chan struct{} // closed when a record is added or the store closed
	closed  bool
}

// NewMem returns an empty store.
func NewMem() *Mem {
	return &Mem{changed: make(chan struct{})}
}

// Append implements [Store].
func (m *Mem) Append(ctx context.Context, after Seq, record []byte) (Seq, error) {
	if err := ctx.Err(); err != nil {
		return 0, fmt.Errorf("events: append: %w", err)
	}
	if len(record) == 0 || len(record) > MaxRecord {
		return 0, fmt.Errorf("events: append: %w: %d bytes", ErrRecordSize, len(record))
	}

	m.mu.Lock()
	defer m.mu.Unlock()

	if m.closed {
		return 0, fmt.Errorf("events: append: %w", ErrClosed)
	}
	if last := Seq(len(m.records)); after != last {
		return 0, fmt.Errorf("events: append after %d: %w: %d", after, ErrConflict, last)
	}
	m.records = append(m.records, bytes.Clone(record))
	close(m.changed)
	m.changed = make(chan struct{})
	return after + 1, nil
}

// Scan implements [Store]. It sees every record that is there when it reaches
// the end.
func (m *Mem) Scan(ctx context.Context, after Seq) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for seq := after; ; {
			data, last, err := m.at(ctx, seq+1)
			if err != nil {
				yield(Record{}, fmt.Errorf("events: scan: %w", err))
				return
			}
			if seq >= last {
				return
			}
			seq++
			if !yield(Record{Seq: seq, Data: bytes.Clone(data)}, nil) {
				return
			}
		}
	}
}

// Last implements [Store].
func (m *Mem) Last(ctx context.Context) (Seq, error) {
	_, last, err := m.at(ctx, 0)
	if err != nil {
		return 0, fmt.Errorf("events: last: %w", err)
	}
	return last, nil
}

// Read implements [Reader].
func (m *Mem) Read(ctx context.Context, seq Seq) ([]byte, error) {
	data, last, err := m.at(ctx, seq)
	if err != nil {
		return nil, fmt.Errorf("events: read: %w", err)
	}
	if data == nil {
		return nil, fmt.Errorf("events: read: %w: %d of %d", ErrNoRecord, seq, last)
	}
	return bytes.Clone(data), nil
}

// ReadPart implements [PartReader].
func (m *Mem) ReadPart(ctx context.Context, seq Seq, from, to int) ([]byte, error) {
	data, last, err := m.at(ctx, seq)
	switch {
	case err != nil:
		return nil, fmt.Errorf("events: read: %w", err)
	case data == nil:
		return nil, fmt.Errorf("events: read: %w: %d of %d", ErrNoRecord, seq, last)
	case from < 0 || from >= to || to > len(data):
		return nil, fmt.Errorf("events: read: bytes %d to %d of record %d, which has %d", from, to, seq, len(data))
	}
	return bytes.Clone(data[from:to]), nil
}

// Wait implements [Waiter].
func (m *Mem) Wait(ctx context.Context, after Seq) error {
	for {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("events: wait: %w", err)
		}

		m.mu.RLock()
		last, changed, closed := Seq(len(m.records)), m.changed, m.closed
		m.mu.RUnlock()

		if closed {
			return fmt.Errorf("events: wait: %w", ErrClosed)
		}
		if last > after {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

// Close implements [Store]. It wakes those who wait and gives the memory back.
func (m *Mem) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()

	if m.closed {
		return fmt.Errorf("events: close: %w", ErrClosed)
	}
	m.closed = true
	m.records = nil
	close(m.changed)
	return nil
}

// at returns the record numbered seq, nil if there is none, and the number of
// the last one. The bytes are the store's own.
func (m *Mem) at(ctx context.Context, seq Seq) (data []byte, last Seq, err error) {
	if err := ctx.Err(); err != nil {
		return nil, 0, err
	}

	m.mu.RLock()
	defer m.mu.RUnlock()

	if m.closed {
		return nil, 0, ErrClosed
	}
	last = Seq(len(m.records))
	if 1 <= seq && seq <= last {
		data = m.records[seq-1]
	}
	return data, last, nil
}
