package events

import (
	"fmt"
	"math"

	"github.com/google/uuid"
)

// storedHeads are the heads of a batch's events, of which a header mostly consists.
// They are read and written here and not by the library's reflection, which takes five
// times as long to read them.
type storedHeads []EventHead

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

// UnmarshalCBOR reads data that the library has found to be well-formed, so that no
// length in it leads beyond its end, and nothing in it is of indefinite length.
func (s *storedHeads) UnmarshalCBOR(data []byte) error {
	major, n, data := cutHead(data)
	if major != cborArray {
		return fmt.Errorf("the heads of events have the major type %d, want %d", major, cborArray)
	}
	heads := make(storedHeads, n)
	for i := range heads {
		var err error
		if data, err = heads[i].cut(data); err != nil {
			return fmt.Errorf("the head of event %d: %w", i, err)
		}
	}
	*s = heads
	return nil
}

// cut reads one head at the start of data and returns what follows it.
func (e *EventHead) cut(data []byte) (rest []byte, err error) {
	major, n, data := cutHead(data)
	if major != cborArray || n != 4 {
		return nil, fmt.Errorf("major type %d and argument %d, want an array of 4", major, n)
	}
	major, n, data = cutHead(data)
	if major != cborBytes || n != uint64(len(e.ID)) {
		return nil, fmt.Errorf("id: major type %d and argument %d, want 16 bytes", major, n)
	}
	e.ID, data = uuid.UUID(data), data[n:]
	major, n, data = cutHead(data)
	if major != cborUnsigned || n > math.MaxUint8 {
		return nil, fmt.Errorf("kind: major type %d and argument %d, want a number of at most 255", major, n)
	}
	e.Kind = Kind(n)
	major, n, data = cutHead(data)
	if major != cborBytes {
		return nil, fmt.Errorf("key id: major type %d, want bytes", major)
	}
	if n > 0 {
		e.Key, data = append([]byte(nil), data[:n]...), data[n:]
	}
	major, n, data = cutHead(data)
	if major != cborUnsigned || n > MaxRecord {
		return nil, fmt.Errorf("length: major type %d and argument %d, want a number of at most %d", major, n, MaxRecord)
	}
	e.Length = int(n)
	return data, nil
}
