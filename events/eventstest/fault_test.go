package eventstest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onrecord/onrecord/events"
)

type fault struct {
	name   string
	found  string // a subtest that must fail; "" if none may
	store  func(*events.Mem) events.Store
	reopen func(*testing.T, events.Store) events.Store
	backup bool // the store is a backed one
}

// faulty is a Mem in which methods may be replaced.
type faulty struct {
	*events.Mem
	append   func(ctx context.Context, after events.Seq, record []byte) (events.Seq, error)
	scan     func(ctx context.Context, after events.Seq) iter.Seq2[events.Record, error]
	last     func(ctx context.Context) (events.Seq, error)
	read     func(ctx context.Context, seq events.Seq) ([]byte, error)
	readPart func(ctx context.Context, seq events.Seq, from, to int) ([]byte, error)
	wait     func(ctx context.Context, after events.Seq) error
	close    func() error
}

func (f *faulty) Append(ctx context.Context, after events.Seq, record []byte) (events.Seq, error) {
	if f.append != nil {
		return f.append(ctx, after, record)
	}
	return f.Mem.Append(ctx, after, record)
}

func (f *faulty) Scan(ctx context.Context, after events.Seq) iter.Seq2[events.Record, error] {
	if f.scan != nil {
		return f.scan(ctx, after)
	}
	return f.Mem.Scan(ctx, after)
}

func (f *faulty) Last(ctx context.Context) (events.Seq, error) {
	if f.last != nil {
		return f.last(ctx)
	}
	return f.Mem.Last(ctx)
}

func (f *faulty) Read(ctx context.Context, seq events.Seq) ([]byte, error) {
	if f.read != nil {
		return f.read(ctx, seq)
	}
	return f.Mem.Read(ctx, seq)
}

func (f *faulty) ReadPart(ctx context.Context, seq events.Seq, from, to int) ([]byte, error) {
	if f.readPart != nil {
		return f.readPart(ctx, seq, from, to)
	}
	return f.Mem.ReadPart(ctx, seq, from, to)
}

func (f *faulty) Wait(ctx context.Context, after events.Seq) error {
	if f.wait != nil {
		return f.wait(ctx, after)
	}
	return f.Mem.Wait(ctx, after)
}

func (f *faulty) Close() error {
	if f.close != nil {
		return f.close()
	}
	return f.Mem.Close()
}

var appendFaults = []fault{{
	name:  "none",
	store: func(m *events.Mem) events.Store { return &faulty{Mem: m} },
}, {
	name:  "is no reader and no waiter",
	store: func(m *events.Mem) events.Store { return struct{ events.Store }{m} },
}, {
	name:  "skips a number",
	found: "append/numbers",
	store: func(m *events.Mem) events.Store {
		return &faulty{Mem: m, append: func(ctx context.Context, after events.Seq, record []byte) (events.Seq, error) {
			seq, err := m.Append(ctx, after, record)
			if seq == 7 {
				seq, err = m.Append(ctx, seq, []byte("skipped"))
			}
			return seq, err
		}}
	},
}, {
	name:  "returns the number before",
	found: "append/numbers",
	store: func(m *events.Mem) events.Store {
		return &faulty{Mem: m, append: func(ctx context.Context, after events.Seq, record []byte) (events.Seq, error) {
			_, err := m.Append(ctx, after, record)
			return after, err
		}}
	},
}, {
	name:  "accepts a conflicting append",
	found: "append/conflict",
	store: func(m *events.Mem) events.Store {
		return &faulty{Mem: m, append: func(ctx context.Context, after events.Seq, record []byte) (events.Seq, error) {
			for {
				last, err := m.Last(ctx)
				if err != nil {
					return 0, err
				}
				seq, err := m.Append(ctx, last, record)
				if !errors.Is(err, events.ErrConflict) {
					return seq, err
				}
			}
		}}
	},
}, {
	name:  "overwrites on conflict",
	found: "append/conflict",
	store: func(m *events.Mem) events.Store {
		var mu sync.Mutex
		over := map[events.Seq][]byte{}
		return &faulty{Mem: m, append: func(ctx context.Context, after events.Seq, record []byte) (events.Seq, error) {
			seq, err := m.Append(ctx, after, record)
			if last, _ := m.Last(ctx); errors.Is(err, events.ErrConflict) && after < last {
				mu.Lock()
				defer mu.Unlock()
				over[after+1] = bytes.Clone(record)
			}
			return seq, err
		}, scan: mapped(m, func(r events.Record) events.Record {
			mu.Lock()
			defer mu.Unlock()
			if b, ok := over[r.Seq]; ok {
				r.Data = b
			}
			return r
		})}
	},
}, {
	name:  "refuses a gap with another error",
	found: "append/conflict",
	store: func(m *events.Mem) events.Store {
		return &faulty{Mem: m, append: func(ctx context.Context, after events.Seq, record []byte) (events.Seq, error) {
			if last, err := m.Last(ctx); err == nil && after > last {
				return 0, errors.New("no such record to append to")
			}
			return m.Append(ctx, after, record)
		}}
	},
}, {
	name:  "keeps the bytes it was given",
	found: "append/record not kept",
	store: func(m *events.Mem) events.Store {
		var mu sync.Mutex
		kept := map[events.Seq][]byte{}
		return &faulty{Mem: m, append: func(ctx context.Context, after events.Seq, record []byte) (events.Seq, error) {
			seq, err := m.Append(ctx, after, record)
			if err == nil {
				mu.Lock()
				defer mu.Unlock()
				kept[seq] = record
			}
			return seq, err
		}, scan: mapped(m, func(r events.Record) events.Record {
			mu.Lock()
			defer mu.Unlock()
			r.Data = bytes.Clone(kept[r.Seq])
			return r
		})}
	},
}, {
	name:  "changes the bytes it was given",
	found: "append/record not kept",
	store: func(m *events.Mem) events.Store {
		return &faulty{Mem: m, append: func(ctx context.Context, after events.Seq, record []byte) (events.Seq, error) {
			defer clear(record)
			return m.Append(ctx, after, record)
		}}
	},
}, {
	name:  "takes an empty record",
	found: "append/size refused",
	store: func(m *events.Mem) events.Store {
		return &faulty{Mem: m, append: func(ctx context.Context, after events.Seq, record []byte) (events.Seq, error) {
			if len(record) == 0 {
				record = []byte{0}
			}
			return m.Append(ctx, after, record)
		}}
	},
}, {
	name:  "cuts a long record",
	found: "append/size taken",
	store: func(m *events.Mem) events.Store {
		return &faulty{Mem: m, append: func(ctx context.Context, after events.Seq, record []byte) (events.Seq, error) {
			if len(record) <= events.MaxRecord {
				record = record[:min(len(record), 1<<16)]
			}
			return m.Append(ctx, after, record)
		}}
	},
}, {
	name:  "refuses the largest record",
	found: "append/size taken",
	store: func(m *events.Mem) events.Store {
		return &faulty{Mem: m, append: func(ctx context.Context, after events.Seq, record []byte) (events.Seq, error) {
			if len(record) == events.MaxRecord {
				return 0, events.ErrRecordSize
			}
			return m.Append(ctx, after, record)
		}}
	},
}, {
	name:  "appends though cancelled",
	found: "append/cancelled before",
	store: func(m *events.Mem) events.Store {
		return &faulty{Mem: m, append: func(ctx context.Context, after events.Seq, record []byte) (events.Seq, error) {
			return m.Append(context.WithoutCancel(ctx), after, record)
		}}
	},
}, {
	name:  "checks and appends in two steps",
	found: "together/one wins",
	store: func(m *events.Mem) events.Store {
		var mu sync.Mutex
		waiting := make(chan bool)
		return &faulty{Mem: m, append: func(ctx context.Context, after events.Seq, record []byte) (events.Seq, error) {
			if !strings.HasPrefix(string(record), "writer ") {
				return m.Append(ctx, after, record)
			}
			if last, err := m.Last(ctx); err != nil || last != after {
				return 0, fmt.Errorf("%w %w", events.ErrConflict, err)
			}
			select { // two that have checked go on together
			case waiting <- true:
			case <-waiting:
			case <-time.After(time.Millisecond):
			}
			mu.Lock()
			defer mu.Unlock()
			last, err := m.Last(ctx)
			if err != nil {
				return 0, err
			}
			return m.Append(ctx, last, record)
		}}
	},
}}
