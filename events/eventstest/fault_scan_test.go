package eventstest

import (
	"context"
	"errors"
	"iter"
	"sync"
	"testing"

	"github.com/onrecord/onrecord/events"
)

var scanFaults = []fault{{
	name:  "last is behind",
	found: "last/number",
	store: func(m *events.Mem) events.Store {
		return &faulty{Mem: m, last: func(ctx context.Context) (events.Seq, error) {
			last, err := m.Last(ctx)
			if last >= 5 {
				last--
			}
			return last, err
		}}
	},
}, {
	name:  "scan misses the last",
	found: "scan/order",
	store: func(m *events.Mem) events.Store {
		return &faulty{Mem: m, scan: func(ctx context.Context, after events.Seq) iter.Seq2[events.Record, error] {
			return func(yield func(events.Record, error) bool) {
				last, _ := m.Last(ctx)
				for r, err := range m.Scan(ctx, after) {
					if err == nil && r.Seq == last || !yield(r, err) {
						return
					}
				}
			}
		}}
	},
}, {
	name:  "scan starts one too early",
	found: "scan/order",
	store: func(m *events.Mem) events.Store {
		return &faulty{Mem: m, scan: func(ctx context.Context, after events.Seq) iter.Seq2[events.Record, error] {
			return m.Scan(ctx, max(after, 1)-1)
		}}
	},
}, {
	name:  "scan stops after a page",
	found: "scan/many",
	store: func(m *events.Mem) events.Store {
		return &faulty{Mem: m, scan: func(ctx context.Context, after events.Seq) iter.Seq2[events.Record, error] {
			return func(yield func(events.Record, error) bool) {
				for r, err := range m.Scan(ctx, after) {
					if r.Seq > after+500 || !yield(r, err) {
						return
					}
				}
			}
		}}
	},
}, {
	name:  "scan works once",
	found: "scan/twice",
	store: func(m *events.Mem) events.Store {
		return &faulty{Mem: m, scan: func(ctx context.Context, after events.Seq) iter.Seq2[events.Record, error] {
			return func(yield func(events.Record, error) bool) {
				for r, err := range m.Scan(ctx, after) {
					after = max(after, r.Seq)
					if !yield(r, err) {
						return
					}
				}
			}
		}}
	},
}, {
	name:  "scan hands out its own bytes",
	found: "scan/data is the caller's",
	store: func(m *events.Mem) events.Store {
		var own sync.Map
		return &faulty{Mem: m, scan: mapped(m, func(r events.Record) events.Record {
			b, _ := own.LoadOrStore(r.Seq, r.Data)
			return events.Record{Seq: r.Seq, Data: b.([]byte)}
		})}
	},
}, {
	name:  "scan uses one buffer",
	found: "scan/data is the caller's",
	store: func(m *events.Mem) events.Store {
		return &faulty{Mem: m, scan: func(ctx context.Context, after events.Seq) iter.Seq2[events.Record, error] {
			var buf []byte
			return func(yield func(events.Record, error) bool) {
				for r, err := range m.Scan(ctx, after) {
					buf = append(buf[:0], r.Data...)
					if r.Data = buf; !yield(r, err) {
						return
					}
				}
			}
		}}
	},
}, {
	name:  "a scan locks appends out",
	found: "scan/append inside",
	store: func(m *events.Mem) events.Store {
		var mu sync.RWMutex
		return &faulty{Mem: m, append: func(ctx context.Context, after events.Seq, record []byte) (events.Seq, error) {
			if !mu.TryLock() {
				return 0, errors.New("database is locked")
			}
			defer mu.Unlock()
			return m.Append(ctx, after, record)
		}, scan: func(ctx context.Context, after events.Seq) iter.Seq2[events.Record, error] {
			return func(yield func(events.Record, error) bool) {
				mu.RLock()
				defer mu.RUnlock()
				m.Scan(ctx, after)(yield)
			}
		}}
	},
}, {
	name:  "scan ignores its context",
	found: "scan/cancelled inside",
	store: func(m *events.Mem) events.Store {
		return &faulty{Mem: m, scan: func(ctx context.Context, after events.Seq) iter.Seq2[events.Record, error] {
			return m.Scan(context.WithoutCancel(ctx), after)
		}}
	},
}, {
	name:  "scan ends without the error",
	found: "scan/cancelled inside",
	store: func(m *events.Mem) events.Store {
		return &faulty{Mem: m, scan: func(ctx context.Context, after events.Seq) iter.Seq2[events.Record, error] {
			return func(yield func(events.Record, error) bool) {
				for r, err := range m.Scan(ctx, after) {
					if err != nil || !yield(r, nil) {
						return
					}
				}
			}
		}}
	},
}, {
	name:  "scan goes on after an error",
	found: "scan/cancelled before",
	store: func(m *events.Mem) events.Store {
		return &faulty{Mem: m, scan: func(ctx context.Context, after events.Seq) iter.Seq2[events.Record, error] {
			return func(yield func(events.Record, error) bool) {
				for r, err := range m.Scan(ctx, after) {
					if !yield(r, err) || err != nil && !yield(r, err) {
						return
					}
				}
			}
		}}
	},
}, {
	name:  "works though closed",
	found: "close/calls after it",
	store: func(m *events.Mem) events.Store {
		return &faulty{Mem: m, close: func() error { return nil }}
	},
}, {
	name:  "closes twice",
	found: "close/twice",
	store: func(m *events.Mem) events.Store {
		return &faulty{Mem: m, close: func() error { m.Close(); return nil }}
	},
}, {
	name:  "read hands out its own bytes",
	found: "read/data is the caller's",
	store: func(m *events.Mem) events.Store {
		var own sync.Map
		return &faulty{Mem: m, read: func(ctx context.Context, seq events.Seq) ([]byte, error) {
			b, err := m.Read(ctx, seq)
			if err != nil {
				return nil, err
			}
			kept, _ := own.LoadOrStore(seq, b)
			return kept.([]byte), nil
		}}
	},
}, {
	name:  "read finds nothing and says nothing",
	found: "read/no record",
	store: func(m *events.Mem) events.Store {
		return &faulty{Mem: m, read: func(ctx context.Context, seq events.Seq) ([]byte, error) {
			b, err := m.Read(ctx, seq)
			if errors.Is(err, events.ErrNoRecord) {
				err = nil
			}
			return b, err
		}}
	},
}, {
	name:  "read part counts to the last byte",
	found: "read part/bytes",
	store: func(m *events.Mem) events.Store {
		return &faulty{Mem: m, readPart: func(ctx context.Context, seq events.Seq, from, to int) ([]byte, error) {
			return m.ReadPart(ctx, seq, from, to+1)
		}}
	},
}, {
	name:  "read part returns what there is",
	found: "read part/no part",
	store: func(m *events.Mem) events.Store {
		return &faulty{Mem: m, readPart: func(ctx context.Context, seq events.Seq, from, to int) ([]byte, error) {
			b, err := m.Read(ctx, seq)
			if err != nil {
				return nil, err
			}
			from = max(0, min(from, len(b)))
			return b[from:max(from, min(to, len(b)))], nil
		}}
	},
}, {
	name:  "wait does not wait",
	found: "wait/until appended",
	store: func(m *events.Mem) events.Store {
		return &faulty{Mem: m, wait: func(ctx context.Context, after events.Seq) error {
			if _, err := m.Last(ctx); err != nil {
				return err
			}
			return nil
		}}
	},
}, {
	name:  "wait forgets those who wait at close",
	found: "wait/close",
	store: func(m *events.Mem) events.Store {
		return &faulty{Mem: m, wait: func(ctx context.Context, after events.Seq) error {
			if err := m.Wait(ctx, after); !errors.Is(err, events.ErrClosed) {
				return err
			}
			return context.Canceled
		}}
	},
}, {
	name:  "forgets when closed",
	found: "reopen/records",
	store: func(m *events.Mem) events.Store { return &faulty{Mem: m} },
	reopen: func(t *testing.T, s events.Store) events.Store {
		mustClose(t, s)
		return events.NewMem()
	},
}}

// mapped is a scan of m with f applied to every record.
func mapped(m *events.Mem, f func(events.Record) events.Record) func(context.Context, events.Seq) iter.Seq2[events.Record, error] {
	return func(ctx context.Context, after events.Seq) iter.Seq2[events.Record, error] {
		return func(yield func(events.Record, error) bool) {
			for r, err := range m.Scan(ctx, after) {
				if err == nil {
					r = f(r)
				}
				if !yield(r, err) {
					return
				}
			}
		}
	}
}
