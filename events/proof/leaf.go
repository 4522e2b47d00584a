package proof

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/onrecord/onrecord/events"
)

// Leaf is what the tree holds of one event: all that the record says of it, and
// the SHA-256 of its payload. The package comment specifies its bytes.
type Leaf struct {
	Record   events.Seq // the record that the event is in
	Position events.Position
	At       time.Time // recorded at, UTC
	ID       uuid.UUID
	Kind     events.Kind
	SHA256   [sha256.Size]byte // of the payload as it is stored, sealed or not
	Recorder string
	Key      []byte // the key that the payload is sealed under; empty: not sealed
}

const (
	leafVersion = 1
	leafFixed   = 1 + 8 + 8 + 8 + 16 + 1 + sha256.Size // before the recorder's length
)

// Bytes returns what is hashed. Leaves that differ have bytes that differ.
func (l *Leaf) Bytes() []byte { return l.appendTo(nil) }

func (l *Leaf) appendTo(b []byte) []byte {
	b = append(b, leafVersion)
	b = binary.BigEndian.AppendUint64(b, uint64(l.Record))
	b = binary.BigEndian.AppendUint64(b, uint64(l.Position))
	b = binary.BigEndian.AppendUint64(b, uint64(l.At.UnixNano()))
	b = append(b, l.ID[:]...)
	b = append(b, byte(l.Kind))
	b = append(b, l.SHA256[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(l.Recorder)))
	b = append(b, l.Recorder...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(l.Key)))
	return append(b, l.Key...)
}

// cutLeaf reads a leaf at the start of b and returns what follows it.
func cutLeaf(b []byte) (l Leaf, rest []byte, err error) {
	if len(b) < leafFixed {
		return Leaf{}, nil, fmt.Errorf("a leaf of %d bytes, want at least %d", len(b), leafFixed+8)
	}
	if b[0] != leafVersion {
		return Leaf{}, nil, fmt.Errorf("a leaf of version %d, want %d", b[0], leafVersion)
	}
	l.Record = events.Seq(binary.BigEndian.Uint64(b[1:]))
	l.Position = events.Position(binary.BigEndian.Uint64(b[9:]))
	l.At = time.Unix(0, int64(binary.BigEndian.Uint64(b[17:]))).UTC()
	l.ID = uuid.UUID(b[25:])
	l.Kind = events.Kind(b[41])
	l.SHA256 = [sha256.Size]byte(b[42:])
	recorder, b, err := cutText(b[leafFixed:])
	if err != nil {
		return Leaf{}, nil, fmt.Errorf("recorder: %w", err)
	}
	if !utf8.Valid(recorder) {
		return Leaf{}, nil, fmt.Errorf("the recorder %.40q is not UTF-8", recorder)
	}
	key, b, err := cutText(b)
	if err != nil {
		return Leaf{}, nil, fmt.Errorf("key id: %w", err)
	}
	l.Recorder, l.Key = string(recorder), append([]byte(nil), key...)
	return l, b, nil
}

// cutText reads a length and as many bytes.
func cutText(b []byte) (text, rest []byte, err error) {
	if len(b) < 4 {
		return nil, nil, errors.New("its length is missing")
	}
	n := binary.BigEndian.Uint32(b)
	if b = b[4:]; uint64(n) > uint64(len(b)) {
		return nil, nil, fmt.Errorf("its length is %d bytes, but %d are left", n, len(b))
	}
	return b[:n], b[n:], nil
}

// leaves returns the leaves of a record in the order of its events, with their
// payloads, which are the record's own. A leaf is good until the next one.
func leaves(h *events.Header) iter.Seq2[*Leaf, []byte] {
	return func(yield func(*Leaf, []byte) bool) {
		for i, b := range h.Batches {
			l := Leaf{Record: h.Seq, Position: h.First + events.Position(i), At: b.At, Recorder: b.Recorder}
			for _, e := range b.Events {
				payload := h.Payload(e)
				l.ID, l.Kind, l.Key, l.SHA256 = e.ID, e.Kind, e.Key, sha256.Sum256(payload)
				if !yield(&l, payload) {
					return
				}
			}
		}
	}
}

// leafHashes appends the hashes of the leaves of a record, as tlog.RecordHash has
// them, which needs memory for each.
func leafHashes(to []tlog.Hash, h *events.Header) []tlog.Hash {
	var b []byte
	for l := range leaves(h) {
		b = l.appendTo(append(b[:0], 0))
		to = append(to, sha256.Sum256(b))
	}
	return to
}
