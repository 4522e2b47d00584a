package events

import (
	"bytes"

	"github.com/google/uuid"
)

// leastBatch is what a batch takes in a header at least, in bytes: {1: 0, 2: "", 3: []}.
const leastBatch = 7

// appendHeads writes the heads of a batch's events.
func appendHeads(data []byte, batch []Encoded) []byte {
	data = appendHead(data, cborArray, uint64(len(batch)))
	for i := range batch {
		e := &batch[i]
		data = appendBytes(appendHead(data, cborArray, 4), e.ID[:])
		data = appendHead(data, cborUnsigned, uint64(e.Kind))
		data = appendBytes(data, e.Key)
		data = appendHead(data, cborUnsigned, uint64(len(e.Payload)))
	}
	return data
}

// readHeader reads a record's header at the start of data, and returns what follows it.
// Like a body, it is read by hand as it is written, and all else is left to the library.
func readHeader(data []byte) (h storedHeader, rest []byte, err error) {
	r := reader{data: data}
	r.header(&h)
	if !r.gaveUp {
		return h, r.data, nil
	}
	h = storedHeader{}
	if rest, err = decoding.UnmarshalFirst(data, &h); err != nil {
		return h, nil, err
	}
	again, err := encoding.Marshal(h)
	if err != nil || !bytes.Equal(again, data[:len(data)-len(rest)]) {
		return h, nil, errOtherWay
	}
	return h, rest, nil
}

func (r *reader) header(h *storedHeader) {
	m := r.begin()
	r.key(&m, 1)
	h.Version = r.head(cborUnsigned)
	r.key(&m, 2)
	h.Seq = Seq(r.head(cborUnsigned))
	r.key(&m, 3)
	h.First = Position(r.head(cborUnsigned))
	r.key(&m, 4)
	h.Previous = r.bytes()
	r.key(&m, 5)
	h.Batches = make([]storedBatch, r.list(leastBatch))
	// Many who record one statement a call make batches of one event: their heads are read
	// into memory that they share, and the name of who recorded them, if it is the same.
	var recorder string
	heads := make([]EventHead, min(len(h.Batches), len(r.data)/(leastBatch+leastHead)))
	for i := range h.Batches {
		if !r.next(leastBatch) {
			return
		}
		b := &h.Batches[i]
		heads = r.batch(b, recorder, heads)
		recorder = b.Recorder
	}
	if r.has(&m, 6) {
		h.Keys = r.bytes()
	}
	r.end(m)
}

// batch reads a batch that was perhaps recorded by the same as the one before, and the heads
// of its events into the room, if they fit. It returns what is left of that.
func (r *reader) batch(b *storedBatch, before string, room []EventHead) []EventHead {
	m := r.begin()
	r.key(&m, 1)
	b.At = r.int64()
	r.key(&m, 2)
	b.Recorder = r.stringAs(before)
	r.key(&m, 3)
	if n := r.list(leastHead); n <= len(room) {
		b.Events, room = room[:n:n], room[n:]
	} else {
		b.Events = make([]EventHead, n)
	}
	for i := range b.Events {
		if !r.next(leastHead) {
			return nil
		}
		r.eventHead(&b.Events[i])
	}
	r.end(m)
	return room
}

func (r *reader) eventHead(e *EventHead) {
	const array4, bytes16, bytes0 = cborArray<<5 | 4, cborBytes<<5 | 16, cborBytes << 5
	// Nearly all are like this, and are read at once.
	if d := r.data; len(d) >= leastHead && d[0] == array4 && d[1] == bytes16 && d[18] < 24 && d[19] == bytes0 {
		e.ID, e.Kind = uuid.UUID(d[2:18]), Kind(d[18])
		r.data = d[20:]
		e.Length = r.count(cborUnsigned)
		return
	}
	if r.head(cborArray) != 4 {
		r.giveUp()
	}
	r.id(&e.ID)
	e.Kind = Kind(r.enum())
	if key := r.bytes(); len(key) > 0 {
		e.Key = key
	}
	e.Length = r.count(cborUnsigned)
}
