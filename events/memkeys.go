package events

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"sync"

	"github.com/google/uuid"
)

// MemKeys are keys in memory: for tests and examples, since the record is lost with
// them. Package keys has a file of them.
//
// Its methods may be called from several goroutines at once.
type MemKeys struct {
	mu   sync.Mutex
	root Root
	keys []EventKey // by id, which is the place as a varint; without one: destroyed
}

var _ Keys = (*MemKeys)(nil)

// NewMemKeys returns keys for a new record.
func NewMemKeys() *MemKeys {
	return &MemKeys{root: Root{Record: uuid.New(), Secret: newSecret(), Snapshot: newSecret()}}
}

func newSecret() (s Secret) {
	rand.Read(s[:])
	return s
}

// Root implements [Keys].
func (k *MemKeys) Root(ctx context.Context) (Root, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.root, ctx.Err()
}

// New implements [Keys].
func (k *MemKeys) New(ctx context.Context, n int) ([]EventKey, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	first := len(k.keys)
	for i := range n {
		k.keys = append(k.keys, EventKey{binary.AppendUvarint(nil, uint64(first+i)), newSecret()})
	}
	return append([]EventKey(nil), k.keys[first:]...), nil
}

// Read implements [Keys].
func (k *MemKeys) Read(ctx context.Context, ids [][]byte) ([]EventKey, error) {
	found := make([]EventKey, len(ids))
	return found, k.each(ctx, ids, func(i int, key *EventKey) { found[i] = *key })
}

// Destroy implements [Keys].
func (k *MemKeys) Destroy(ctx context.Context, ids [][]byte) error {
	return k.each(ctx, ids, func(i int, key *EventKey) {
		if len(key.ID) > 0 {
			k.root.Snapshot, *key = newSecret(), EventKey{}
		}
	})
}

// each yields the keys with these ids, or none if one of them is no id.
func (k *MemKeys) each(ctx context.Context, ids [][]byte, yield func(i int, key *EventKey)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	named := make([]*EventKey, len(ids))
	for i, id := range ids {
		n, _ := binary.Uvarint(id)
		if n >= uint64(len(k.keys)) || !bytes.Equal(binary.AppendUvarint(nil, n), id) {
			return fmt.Errorf("%x is no id of a key", id)
		}
		named[i] = &k.keys[n]
	}
	for i, key := range named {
		yield(i, key)
	}
	return nil
}
