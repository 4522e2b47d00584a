package graph

import (
	ring "container/list"
	"context"
	"fmt"
	"sync"

	"github.com/onrecord/onrecord/events"
)

// cache keeps the records that were read last.
type cache struct {
	limit int // bytes

	mu      sync.Mutex
	size    int
	entries map[events.Seq]*ring.Element
	recent  ring.List // of *cached, the one read last in front
}

type cached struct {
	seq    events.Seq
	size   int
	header *events.Header
}

// header returns a record's header, with its bytes behind it.
func (c *cache) header(ctx context.Context, store events.Store, seq events.Seq) (*events.Header, error) {
	c.mu.Lock()
	if e := c.entries[seq]; e != nil {
		c.recent.MoveToFront(e)
		c.mu.Unlock()
		return e.Value.(*cached).header, nil
	}
	c.mu.Unlock()

	rec, err := readRecord(ctx, store, seq)
	if err != nil {
		return nil, err
	}
	h, err := rec.Header()
	if err != nil {
		return nil, err
	}

	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries == nil {
		c.entries = map[events.Seq]*ring.Element{}
	}
	if c.entries[seq] == nil {
		c.entries[seq] = c.recent.PushFront(&cached{seq, len(rec.Data), h})
		c.size += len(rec.Data)
	}
	for c.size > c.limit && c.recent.Len() > 1 {
		last := c.recent.Remove(c.recent.Back()).(*cached)
		delete(c.entries, last.seq)
		c.size -= last.size
	}
	return h, nil
}

func readRecord(ctx context.Context, store events.Store, seq events.Seq) (events.Record, error) {
	if r, ok := store.(events.Reader); ok {
		data, err := r.Read(ctx, seq)
		return events.Record{Seq: seq, Data: data}, err
	}
	for rec, err := range store.Scan(ctx, seq-1) {
		return rec, err
	}
	return events.Record{}, fmt.Errorf("record %d: %w", seq, events.ErrNoRecord)
}
