package keys

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

const (
	magic      = "onrecord keys 1\n"
	headSize   = 4096
	maxWrapped = 4000
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// head is the head of a file.
type head struct {
	record  uuid.UUID
	wrapped bool
	key     []byte // the master key as it is stored
}

// bytes returns the head with a master key, wrapped if there is a wrapper.
func (h *head) bytes(master []byte, w Wrapper) ([]byte, error) {
	h.key, h.wrapped = master, w != nil
	if w != nil {
		var err error
		if h.key, err = w.Wrap(slices.Clone(master)); err != nil {
			return nil, fmt.Errorf("wrap the master key: %w", err)
		}
		if len(h.key) > maxWrapped {
			return nil, fmt.Errorf("the wrapped master key has %d bytes, want at most %d", len(h.key), maxWrapped)
		}
	}
	b := append([]byte(magic), h.record[:]...)
	if h.wrapped {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	b = binary.BigEndian.AppendUint16(b, uint16(len(h.key)))
	b = append(b, h.key...)
	b = append(b, make([]byte, headSize-4-len(b))...)
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli)), nil
}

func parseHead(b []byte) (*head, error) {
	body := b[:headSize-4]
	if string(b[:len(magic)]) != magic {
		return nil, fmt.Errorf("%w: it begins with %q", ErrNotKeys, b[:len(magic)])
	}
	if sum, want := crc32.Checksum(body, castagnoli), binary.BigEndian.Uint32(b[len(body):]); sum != want {
		return nil, fmt.Errorf("its head has the checksum %08x, want %08x: %w", sum, want, events.ErrDamaged)
	}
	rest := body[len(magic):]
	h := &head{record: uuid.UUID(rest[:16]), wrapped: rest[16] != 0}
	n := int(binary.BigEndian.Uint16(rest[17:]))
	if n > maxWrapped {
		return nil, fmt.Errorf("%w: a master key of %d bytes", ErrNotKeys, n)
	}
	h.key = rest[19 : 19+n]
	return h, nil
}

// master returns the master key.
func (h *head) master(w Wrapper) ([]byte, error) {
	key := h.key
	switch {
	case h.wrapped && w == nil:
		return nil, errors.New("the master key is wrapped: open the file with the Wrapper that it was made with")
	case !h.wrapped && w != nil:
		return nil, errors.New("the master key is not wrapped, and would not be protected: open the file without a Wrapper")
	case h.wrapped:
		var err error
		if key, err = w.Unwrap(slices.Clone(key)); err != nil {
			return nil, fmt.Errorf("unwrap the master key: %w", err)
		}
	}
	if len(key) != len(events.Secret{}) {
		return nil, fmt.Errorf("the master key has %d bytes, want %d", len(key), len(events.Secret{}))
	}
	return key, nil
}
