package graph

import (
	ring "container/list"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"sync"
	"unsafe"

	"github.com/onrecord/onrecord/events"
)

// cache keeps the records that were read last and, of more records, their outlines if the
// store is an events.PartReader: so what was read once and has been dropped is read again
// without what lies around it. All that it keeps counts, and outlines take at most a
// quarter of the room.
type cache struct {
	limit int // bytes

	mu       sync.Mutex
	size     int // bytes
	entries  map[events.Seq]*ring.Element
	whole    ring.List // of *cached that have the record, the one read last in front
	outlines ring.List // of *cached that have the outline only
	outlined int       // bytes of the outlines
	parts    int       // how many parts of record part have been read in a row
	part     events.Seq
}

// perEntry is what it takes to keep anything of a record, in bytes: a cached, an element of
// a list and a place in the map (TestCacheMemory).
const perEntry = 144

// cached is what is kept of a record: a header if it is sealed, else an outline.
type cached struct {
	seq     events.Seq
	size    int
	header  *events.Header
	outline *outline
	data    []byte // nil: only the outline is kept
}

// outline is what is kept of a record that has been verified, and compared with what has
// been folded, so that one payload can be read, and verified, by itself.
type outline struct {
	first   events.Position
	batches []events.BatchHeader // without their events
	starts  []uint32             // of each payload, and the end of the last
	sums    []uint32             // the CRC-32C of each
	sum     uint32               // of the whole record
}

func outlineOf(h *events.Header, data []byte) *outline {
	o := &outline{first: h.First, batches: make([]events.BatchHeader, len(h.Batches)), sum: checksumOf(data)}
	n := 0
	for i, b := range h.Batches {
		n += len(b.Events)
		o.batches[i] = events.BatchHeader{At: b.At, Recorder: b.Recorder}
	}
	o.starts, o.sums = make([]uint32, 0, n+1), make([]uint32, 0, n)
	for _, b := range h.Batches {
		for _, e := range b.Events {
			o.starts = append(o.starts, uint32(e.Offset))
			o.sums = append(o.sums, crc32.Checksum(h.Payload(e), castagnoli))
		}
	}
	o.starts = append(o.starts, uint32(len(data)-crc32.Size))
	return o
}

// folded returns an error unless a record has the events that were folded of the one with
// its number, in the same batches: a store in whose place another was put may have another
// record there.
func (m *moment) folded(h *events.Header) error {
	if !m.isFolded(h) {
		return fmt.Errorf("record %d: another is in the place of the one that was folded: %w", h.Seq, events.ErrDamaged)
	}
	return nil
}

func (m *moment) isFolded(h *events.Header) bool {
	seq := uint32(h.Seq)
	n, end := *m.c.records.at(seq), m.events
	if seq+1 < m.records {
		end = *m.c.records.at(seq + 1)
	}
	position := m.positionOf(n)
	if h.First != events.Position(position) {
		return false
	}
	for _, b := range h.Batches {
		if position > m.position || n+uint32(len(b.Events)) != m.c.batches.at(position).last {
			return false
		}
		for _, e := range b.Events {
			if e.ID != *m.c.events.id.at(n) || e.Kind != m.c.events.kind(n) {
				return false
			}
			n++
		}
		position++
	}
	return n == end
}

// checksumOf returns the checksum that a record carries.
func checksumOf(data []byte) uint32 { return binary.BigEndian.Uint32(data[len(data)-crc32.Size:]) }

// isOf reports whether these are the bytes that the outline was made of.
func (o *outline) isOf(data []byte) bool {
	end := int(o.starts[len(o.sums)])
	return len(data) == end+crc32.Size && checksumOf(data) == o.sum && crc32.Checksum(data[:end], castagnoli) == o.sum
}

func (o *outline) size() int {
	n := int(unsafe.Sizeof(*o)) + 4*len(o.starts) + 4*len(o.sums)
	for _, b := range o.batches {
		n += int(unsafe.Sizeof(b)) + len(b.Recorder)
	}
	return n
}

// sizeOf returns what a header takes beside the record.
func sizeOf(h *events.Header) int {
	n := int(unsafe.Sizeof(*h))
	for _, b := range h.Batches {
		n += int(unsafe.Sizeof(b)) + len(b.Recorder) + len(b.Events)*int(unsafe.Sizeof(events.EventHead{}))
	}
	return n
}

// header returns a record's header, with its bytes behind it. The record must have been
// folded by the moment.
func (c *cache) header(ctx context.Context, store events.Store, m *moment, seq events.Seq) (*events.Header, error) {
	if e, _ := c.find(seq); e.header != nil {
		return e.header, nil
	}
	rec, err := readRecord(ctx, store, seq)
	if err != nil {
		return nil, err
	}
	h, err := rec.Header()
	if err != nil {
		return nil, err
	}
	if err := m.folded(h); err != nil {
		return nil, err
	}
	c.keep(store, cached{seq: seq, size: len(rec.Data) + sizeOf(h), header: h})
	return h, nil
}

// inARow is how many parts of one record are read before all of it is: for a store in a
// file, a part costs a third to a tenth of the record (BenchmarkReadPart in events/sqlite).
const inARow = 4

// payload returns the payload of one of a record's events, which are numbered from 0, and
// the record's outline. The record must not be sealed, and must have been folded by the
// moment.
func (c *cache) payload(ctx context.Context, store events.Store, m *moment, seq events.Seq, event int) (*outline, []byte, error) {
	e, parts := c.find(seq)
	o, data := e.outline, e.data
	if o != nil && data == nil && parts <= inARow {
		if r, ok := store.(events.PartReader); ok {
			part, err := r.ReadPart(ctx, seq, int(o.starts[event]), int(o.starts[event+1]))
			if err == nil && crc32.Checksum(part, castagnoli) == o.sums[event] {
				return o, part, nil
			}
			// The whole of it says what is wrong.
		}
	}
	if data == nil {
		rec, err := readRecord(ctx, store, seq)
		if err != nil {
			return nil, nil, err
		}
		if data = rec.Data; o == nil || !o.isOf(data) {
			h, err := rec.Header()
			if err != nil {
				return nil, nil, err
			}
			if err := m.folded(h); err != nil {
				return nil, nil, err
			}
			o = outlineOf(h, data)
		}
		c.keep(store, cached{seq: seq, size: len(data) + o.size(), outline: o, data: data})
	}
	return o, data[o.starts[event]:o.starts[event+1]], nil
}

// find returns what is kept of a record. Where that is the outline, it counts a part that
// is to be read.
func (c *cache) find(seq events.Seq) (e cached, parts int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := c.entries[seq]
	if at == nil {
		return cached{}, 0
	}
	if e = *at.Value.(*cached); e.whole() {
		c.whole.MoveToFront(at)
		return e, 0
	}
	c.outlines.MoveToFront(at)
	if c.part != seq {
		c.part, c.parts = seq, 0
	}
	c.parts++
	return e, c.parts
}

func (e *cached) whole() bool { return e.data != nil || e.header != nil }

// keep keeps a record, and drops others for it.
func (c *cache) keep(store events.Store, e cached) {
	_, parts := store.(events.PartReader)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries == nil {
		c.entries = map[events.Seq]*ring.Element{}
	}
	if at := c.entries[e.seq]; at != nil {
		if at.Value.(*cached).whole() {
			return // somebody else has read it meanwhile
		}
		c.dropOutline(at)
	}
	e.size += perEntry
	c.entries[e.seq] = c.whole.PushFront(&e)
	c.size += e.size
	for c.size > c.limit && c.whole.Len() > 1 {
		last := c.whole.Remove(c.whole.Back()).(*cached)
		delete(c.entries, last.seq)
		c.size -= last.size
		if o := last.outline; o != nil && parts {
			kept := &cached{seq: last.seq, size: perEntry + o.size(), outline: o}
			c.entries[last.seq] = c.outlines.PushFront(kept)
			c.size += kept.size
			c.outlined += kept.size
		}
		for c.outlined > c.limit/4 {
			c.dropOutline(c.outlines.Back())
		}
	}
}

func (c *cache) dropOutline(at *ring.Element) {
	e := c.outlines.Remove(at).(*cached)
	delete(c.entries, e.seq)
	c.size -= e.size
	c.outlined -= e.size
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
