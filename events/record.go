package events

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"iter"
	"math"
	"time"
	"unicode/utf8"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
)

// The versions of the stored format that this release writes.
const (
	plainVersion  = 1
	sealedVersion = 2
)

const checksumSize = 4

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Encoded is an event as a record keeps it.
type Encoded struct {
	ID      uuid.UUID
	Kind    Kind
	Payload []byte // the encoding of the body; see EncodeBody
	// Key names the key that the payload is sealed under; see [Seal]. It has 1 to 64
	// bytes in a sealed record, and none in another.
	Key []byte
}

// A RecordBuilder packs batches into one record of at most [MaxRecord] bytes, without a look
// at what is recorded already. Package graph writes with it what it has checked; others need it
// to make records for tests.
//
// It must not be used from several goroutines at once.
type RecordBuilder struct {
	seq      Seq
	start    []byte // of the header, up to its batches
	batches  []byte // the header's batches, without their number
	n        int    // of batches
	keys     []byte // the end of the header; none if the events are not sealed
	payloads [][]byte
	size     int // bytes of all payloads
}

// The header as it is stored, for reading. A head of an event is an array, not a map:
// there are many, and they never change.
type (
	storedHeader struct {
		Version  uint64        `cbor:"1,keyasint"`
		Seq      Seq           `cbor:"2,keyasint"`
		First    Position      `cbor:"3,keyasint"`
		Previous []byte        `cbor:"4,keyasint"`
		Batches  []storedBatch `cbor:"5,keyasint"`
		Keys     []byte        `cbor:"6,keyasint,omitempty"`
	}
	storedBatch struct {
		At       int64       `cbor:"1,keyasint"`
		Recorder string      `cbor:"2,keyasint"`
		Events   []EventHead `cbor:"3,keyasint"`
	}
)

// NewRecord returns a builder for the record numbered seq whose first batch has
// the position first. The SHA-256 of the whole record before, previous, is zero
// for record 1.
func NewRecord(seq Seq, first Position, previous [32]byte) *RecordBuilder {
	return &RecordBuilder{seq: seq, start: headerStart(5, plainVersion, seq, first, previous)}
}

// NewSealedRecord returns a builder, as NewRecord does, for a record of events that
// are sealed with these keys; see [Seal.Record].
func NewSealedRecord(seq Seq, first Position, previous [32]byte, keys uuid.UUID) *RecordBuilder {
	return &RecordBuilder{
		seq: seq, start: headerStart(6, sealedVersion, seq, first, previous),
		keys: appendBytes([]byte{6}, keys[:]),
	}
}

// headerStart returns a header of so many keys up to its batches.
func headerStart(keys, version uint64, seq Seq, first Position, previous [32]byte) []byte {
	data := appendHead(make([]byte, 0, 72), cborMap, keys)
	data = appendHead(append(data, 1), cborUnsigned, version)
	data = appendHead(append(data, 2), cborUnsigned, uint64(seq))
	data = appendHead(append(data, 3), cborUnsigned, uint64(first))
	data = appendBytes(append(data, 4), previous[:])
	return append(data, 5)
}

// Add adds a batch after those that are there, recorded at the given time,
// which is kept in nanoseconds: it must be in the years 1678 to 2261. If the
// batch does not fit, Add returns ErrRecordSize: it may fit the next record,
// unless this one is empty. After any error the builder is as it was before.
//
// Add keeps the payloads and keys until Bytes has been called last.
func (b *RecordBuilder) Add(at time.Time, recorder string, batch []Encoded) error {
	if err := b.add(at, recorder, batch); err != nil {
		return fmt.Errorf("events: add a batch to record %d: %w", b.seq, err)
	}
	return nil
}

func (b *RecordBuilder) add(at time.Time, recorder string, batch []Encoded) error {
	nanos := at.UnixNano()
	switch {
	case len(batch) == 0:
		return errors.New("a batch without an event")
	case !time.Unix(0, nanos).Equal(at):
		return fmt.Errorf("recorded at %v, want a year from 1678 to 2261", at)
	case !utf8.ValidString(recorder):
		return fmt.Errorf("the text %.40q is not UTF-8", recorder)
	}
	size := 0
	for _, e := range batch {
		if err := checkKey(e.ID, e.Key, len(b.keys) > 0); err != nil {
			return err
		}
		size += len(e.Payload)
	}
	before := len(b.batches)
	b.batches = appendHead(b.batches, cborMap, 3)
	b.batches = appendInt(append(b.batches, 1), nanos)
	b.batches = appendText(append(b.batches, 2), recorder)
	b.batches = appendHeads(append(b.batches, 3), batch)
	b.n++
	b.size += size
	if b.Size() > MaxRecord {
		b.batches = b.batches[:before]
		b.n--
		b.size -= size
		return ErrRecordSize
	}
	for _, e := range batch {
		b.payloads = append(b.payloads, e.Payload)
	}
	return nil
}

// Len returns how many batches have been added.
func (b *RecordBuilder) Len() int { return b.n }

// Size returns the exact length of what Bytes returns.
func (b *RecordBuilder) Size() int {
	return len(b.start) + headSize(uint64(b.n)) + len(b.batches) + len(b.keys) + b.size + checksumSize
}

// Bytes returns the record, in new memory. A record without a batch is not one
// that can be read.
func (b *RecordBuilder) Bytes() []byte {
	data := make([]byte, 0, b.Size())
	data = append(data, b.start...)
	data = appendHead(data, cborArray, uint64(b.n))
	data = append(data, b.batches...)
	data = append(data, b.keys...)
	for _, p := range b.payloads {
		data = append(data, p...)
	}
	return binary.BigEndian.AppendUint32(data, crc32.Checksum(data, castagnoli))
}

// Header is what a record says about its events. It keeps the bytes of the
// record that it was read from, which must not be changed while it is in use.
//
// It never changes, so it may be shared.
type Header struct {
	Seq      Seq
	First    Position // of the first batch; each next batch has the next position
	Previous [32]byte // the SHA-256 of the whole record before; zero in record 1
	Batches  []BatchHeader
	// Keys is the id of the keys that the events are sealed with; zero: they are not
	// sealed.
	Keys uuid.UUID

	data []byte
}

// BatchHeader is what a record says about one batch.
type BatchHeader struct {
	At       time.Time // recorded at, UTC
	Recorder string
	Events   []EventHead
}

// EventHead is what a record says of an event, whether or not its payload can
// be read.
type EventHead struct {
	_ struct{} `cbor:",toarray"`

	ID     uuid.UUID
	Kind   Kind
	Key    []byte // see Encoded
	Length int    // of the payload, in bytes
	Offset int    `cbor:"-"` // where in the record the payload starts, in bytes
}

// Header reads the record's header and verifies its number, its checksum, the
// lengths in it and that it is written in the one way that it can be, but no payload:
// for all there is [Record.Verify]. What is wrong is told with ErrDamaged, unless a
// newer release wrote it. It costs one pass over the bytes.
func (r Record) Header() (*Header, error) {
	h, err := r.header()
	if err != nil {
		return nil, fmt.Errorf("events: record %d: %w", r.Seq, err)
	}
	return h, nil
}

func (r Record) header() (*Header, error) {
	body := len(r.Data) - checksumSize
	if body < 1 || len(r.Data) > MaxRecord {
		return nil, fmt.Errorf("it has %d bytes: %w", len(r.Data), ErrDamaged)
	}
	want := binary.BigEndian.Uint32(r.Data[body:])
	if sum := crc32.Checksum(r.Data[:body], castagnoli); sum != want {
		return nil, fmt.Errorf("checksum %08x, want %08x: %w", sum, want, ErrDamaged)
	}

	stored, rest, err := readHeader(r.Data[:body])
	if err != nil || stored.Version != plainVersion && stored.Version != sealedVersion {
		return nil, otherVersion(r.Data[:body], err)
	}
	switch {
	case stored.Version == plainVersion && stored.Keys != nil, stored.Version == sealedVersion && len(stored.Keys) != len(uuid.UUID{}):
		return nil, fmt.Errorf("an id of keys of %d bytes in version %d of the format: %w", len(stored.Keys), stored.Version, ErrDamaged)
	case stored.Version == sealedVersion && uuid.UUID(stored.Keys) == uuid.Nil:
		return nil, fmt.Errorf("an id of keys of zeros: %w", ErrDamaged)
	case stored.Seq != r.Seq:
		return nil, fmt.Errorf("it says that it is record %d: %w", stored.Seq, ErrDamaged)
	case stored.First == 0, uint64(stored.First) > math.MaxUint64-uint64(len(stored.Batches)):
		return nil, fmt.Errorf("it says that its first batch is number %d: %w", stored.First, ErrDamaged)
	case len(stored.Previous) != sha256.Size:
		return nil, fmt.Errorf("a hash of %d bytes, want %d: %w", len(stored.Previous), sha256.Size, ErrDamaged)
	case len(stored.Batches) == 0:
		return nil, fmt.Errorf("it holds no batch: %w", ErrDamaged)
	}

	h := &Header{Seq: stored.Seq, First: stored.First, Previous: [32]byte(stored.Previous), data: r.Data}
	copy(h.Keys[:], stored.Keys)
	h.Batches = make([]BatchHeader, len(stored.Batches))
	for i, b := range stored.Batches {
		if len(b.Events) == 0 {
			return nil, fmt.Errorf("a batch without an event: %w", ErrDamaged)
		}
		h.Batches[i] = BatchHeader{At: time.Unix(0, b.At).UTC(), Recorder: b.Recorder, Events: b.Events}
	}
	if err := h.place(body-len(rest), body); err != nil {
		return nil, err
	}
	return h, nil
}

// otherVersion tells what is wrong with a header that could not be read, as err
// says, or is not of this release's version. A newer release may have written
// anything, but its version where this release has it.
func otherVersion(data []byte, err error) error {
	var stored struct {
		Version uint64 `cbor:"1,keyasint"`
	}
	if _, err := cbor.UnmarshalFirst(data, &stored); err == nil && stored.Version > sealedVersion {
		return fmt.Errorf("%w, in version %d of the format; this release reads up to version %d", ErrNewer, stored.Version, sealedVersion)
	}
	if err == nil {
		err = fmt.Errorf("version %d of the format", stored.Version)
	}
	return fmt.Errorf("header: %w: %w", err, ErrDamaged)
}

// place sets the offsets of the payloads, which fill data from start to end.
func (h *Header) place(start, end int) error {
	at := start
	for _, b := range h.Batches {
		for i := range b.Events {
			e := &b.Events[i]
			if err := checkKey(e.ID, e.Key, h.Keys != uuid.Nil); err != nil {
				return fmt.Errorf("%w: %w", err, ErrDamaged)
			}
			if e.Length < 0 || e.Length > end-at {
				return fmt.Errorf("event %v has a payload of %d bytes, but %d are left: %w", e.ID, e.Length, end-at, ErrDamaged)
			}
			e.Offset = at
			at += e.Length
		}
	}
	if at != end {
		return fmt.Errorf("%d bytes belong to no event: %w", end-at, ErrDamaged)
	}
	return nil
}

// checkKey refuses a key id that an event cannot have in a record that is sealed, or not.
func checkKey(event uuid.UUID, key []byte, sealed bool) error {
	switch {
	case !sealed && len(key) > 0:
		return fmt.Errorf("event %v has a key id of %d bytes, want none: the record is not sealed", event, len(key))
	case sealed && (len(key) == 0 || len(key) > maxKeyID):
		return fmt.Errorf("event %v has a key id of %d bytes, want 1 to %d", event, len(key), maxKeyID)
	}
	return nil
}

// Payload returns the bytes of the event's body, as they stand in the record.
// They must not be changed.
func (h *Header) Payload(e EventHead) []byte {
	return h.data[e.Offset : e.Offset+e.Length : e.Offset+e.Length]
}

// errSealed is what there is to say about a payload under a key.
var errSealed = errors.New("it is sealed, and opens with the keys of the record only")

// Events decodes the events in their order. An error, which names the event,
// ends the sequence; it is ErrDamaged as [DecodeBody] has it. A sealed event is an
// error, too: for those there is [Seal.Open]. The sequence can
// be ranged over more than once, and from several goroutines at once. The
// events share no memory with the record.
func (h *Header) Events() iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for n, b := range h.Batches {
			at := h.First + Position(n)
			for _, head := range b.Events {
				body, err := h.body(head)
				if err != nil {
					yield(Event{}, err)
					return
				}
				if !yield(Event{ID: head.ID, Body: body, Position: at, At: b.At, Recorder: b.Recorder}, nil) {
					return
				}
			}
		}
	}
}

func (h *Header) body(head EventHead) (Body, error) {
	if len(head.Key) > 0 {
		return nil, fmt.Errorf("events: record %d: event %v: %w", h.Seq, head.ID, errSealed)
	}
	body, err := decodeBody(head.Kind, h.Payload(head))
	if err != nil {
		return nil, fmt.Errorf("events: record %d: event %v: %w: %w", h.Seq, head.ID, err, ErrDamaged)
	}
	return body, nil
}

// Verify reads the whole record, all events included. If it returns nil, no other
// bytes say the same. A sealed payload counts as it is. It does not know the record
// before, so Header.Previous is not looked at.
func (r Record) Verify() error {
	h, err := r.Header()
	if err != nil || h.Keys != uuid.Nil {
		return err
	}
	for _, err := range h.Events() {
		if err != nil {
			return err
		}
	}
	return nil
}
