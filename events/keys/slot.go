package keys

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/onrecord/onrecord/events"
)

const (
	slotSize   = 64
	sealedSize = slotSize - 4
	secretSize = 32
	// snapshotSlot is the place of the secret of snapshots; the keys follow it, so
	// that the slot numbered n has the key whose id is n.
	snapshotSlot = 0
	lastSlot     = (math.MaxInt64-headSize)/slotSize - 1 // whose end is a place in a file

	firstChunk = 16
	lastChunk  = 4096
)

func isZero(data []byte) bool {
	return !slices.ContainsFunc(data, func(b byte) bool { return b != 0 })
}

func newSecret() (s events.Secret) {
	rand.Read(s[:])
	return s
}

// keyID is the id of the key in a slot: there is one way to write it.
func keyID(slot uint64) []byte { return binary.AppendUvarint(nil, slot) }

// offset is the place of a slot, which is at most one behind lastSlot.
func offset(slot uint64) int64 { return headSize + int64(slot)*slotSize }

// bound is what a slot is bound to.
func (f *File) bound(slot uint64) []byte {
	return binary.BigEndian.AppendUint64(slices.Clone(f.record[:]), uint64(offset(slot)))
}

// sealed returns a slot with a secret in it.
func (f *File) sealed(slot uint64, s events.Secret) []byte {
	data := f.seal.Seal(make([]byte, 0, slotSize), nil, s[:], f.bound(slot))
	return data[:slotSize]
}

// destroyed returns a slot whose key has been destroyed.
func destroyed(slot uint64) []byte {
	data := make([]byte, slotSize)
	copy(data, "destroyed\n")
	binary.BigEndian.PutUint64(data[slotSize-8:], uint64(offset(slot)))
	return data
}

// marks returns n slots whose keys have been destroyed.
func marks(first uint64, n int) []byte {
	data := make([]byte, 0, n*slotSize)
	for i := range n {
		data = append(data, destroyed(first+uint64(i))...)
	}
	return data
}

// slots reads n slots; one that has been destroyed has no key.
func (f *File) slots(ctx context.Context, first uint64, n int) ([]events.EventKey, error) {
	found, err := f.read(first, n)
	if errors.Is(err, events.ErrDamaged) {
		// Or it was read while somebody was destroying it.
		err = f.locked(ctx, func() (err error) {
			found, err = f.read(first, n)
			return err
		})
	}
	return found, err
}

func (f *File) read(first uint64, n int) ([]events.EventKey, error) {
	data := make([]byte, n*slotSize)
	_, err := f.f.ReadAt(data, offset(first))
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("keys up to %d are not in the file, as when it is older than the record: %w", first+uint64(n)-1, events.ErrKeys)
	}
	if err != nil {
		return nil, fmt.Errorf("keys %d to %d: %w", first, first+uint64(n)-1, err)
	}
	found := make([]events.EventKey, n)
	for i := range found {
		slot, number := data[i*slotSize:(i+1)*slotSize], first+uint64(i)
		if number != snapshotSlot && bytes.Equal(slot, destroyed(number)) {
			continue
		}
		if isZero(slot) {
			return nil, fmt.Errorf("key %d is zeros, but was not destroyed: %w", number, events.ErrDamaged)
		}
		secret, ok := f.unsealed(slot, number)
		if !ok {
			return nil, fmt.Errorf("key %d: %w", number, events.ErrDamaged)
		}
		found[i] = events.EventKey{ID: keyID(number), Secret: secret}
	}
	return found, nil
}

// unsealed returns the secret in a slot, and false if it is not whole.
func (f *File) unsealed(slot []byte, number uint64) (events.Secret, bool) {
	secret, err := f.seal.Open(nil, nil, slot[:sealedSize], f.bound(number))
	if err != nil || !isZero(slot[sealedSize:]) {
		return events.Secret{}, false
	}
	return events.Secret(secret), true
}

// runs calls yield with runs of numbers that follow one another.
func (f *File) runs(ids [][]byte, yield func(first uint64, n int) error) error {
	first, n := uint64(0), 0
	for _, id := range ids {
		slot, _ := binary.Uvarint(id)
		if slot == snapshotSlot || slot > lastSlot || !bytes.Equal(id, keyID(slot)) {
			return fmt.Errorf("%x is no id of a key", id)
		}
		if n > 0 && slot == first+uint64(n) {
			n++
			continue
		}
		if n > 0 {
			if err := yield(first, n); err != nil {
				return err
			}
		}
		first, n = slot, 1
	}
	if n == 0 {
		return nil
	}
	return yield(first, n)
}

// snapshot reads the secret of snapshots. One that is damaged is replaced, for what it seals
// is made again from the record.
func (f *File) snapshot(ctx context.Context) (events.Secret, error) {
	found, err := f.read(snapshotSlot, 1)
	if errors.Is(err, events.ErrDamaged) {
		err = f.locked(ctx, func() error {
			if found, err = f.read(snapshotSlot, 1); !errors.Is(err, events.ErrDamaged) {
				return err // it was read while somebody was replacing it
			}
			if opens, err := f.opensAny(); err != nil || !opens {
				return cmp.Or(err, fmt.Errorf("the secret of snapshots, and no other key that would show that this is the master key: %w", events.ErrDamaged))
			}
			found = []events.EventKey{{Secret: newSecret()}}
			return f.write(f.sealed(snapshotSlot, found[0].Secret), offset(snapshotSlot))
		})
	}
	if err != nil {
		return events.Secret{}, err
	}
	return found[0].Secret, nil
}

// opensAny reports whether the master key opens a key of the file: a [Wrapper] may have
// returned another.
func (f *File) opensAny() (bool, error) {
	data := make([]byte, lastChunk*slotSize)
	for slot := uint64(snapshotSlot + 1); ; {
		n, err := f.f.ReadAt(data, offset(slot))
		for some := range slices.Chunk(data[:n/slotSize*slotSize], slotSize) {
			if _, ok := f.unsealed(some, slot); ok {
				return true, nil
			}
			slot++
		}
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
}
