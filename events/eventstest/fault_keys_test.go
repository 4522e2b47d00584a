package eventstest

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/onrecord/onrecord/events"
)

type keysFault struct {
	name   string
	found  string // a subtest that must fail; "" if none may
	beside func(*testing.T, events.Keys) events.Keys
}

// faultyKeys are keys in memory with a fault.
type faultyKeys struct {
	*events.MemKeys
	fault string

	mu    sync.Mutex
	root  events.Root // the first
	first []events.EventKey
	gone  []events.EventKey
}

var keysFaults = []keysFault{
	{"no fault of keys", "", func(_ *testing.T, k events.Keys) events.Keys { return k }},
	{"keys that nobody shares", "", nil},
	{"one root for all", "root/its own", nil},
	{"a root that changes", "root/stays", nil},
	{"a root of zeros", "root/stays", nil},
	{"a key too few", "new/keys", nil},
	{"an id of 65 bytes", "new/keys", nil},
	{"a secret twice", "new/keys", nil},
	{"numbers that descend", "new/numbers", nil},
	{"no varint among numbers", "new/numbers", nil},
	{"ids that are no numbers", "", nil},
	{"read in the order of the record", "read/order", nil},
	{"no id is read as zero", "read/no key", nil},
	{"destroys nothing", "destroy/for good", nil},
	{"destroys the neighbour", "destroy/for good", nil},
	{"destroyed twice is an error", "destroy/for good", nil},
	{"gives out again what was destroyed", "destroy/ids are not used again", nil},
	{"the snapshot's secret stays", "destroy/snapshot", nil},
	{"the snapshot's secret changes each time", "destroy/snapshot", nil},
	{"the record's secret changes", "destroy/snapshot", nil},
	{"no id is destroyed", "destroy/no key", nil},
	{"destroys what comes before no id", "destroy/no key", nil},
	{"keys though cancelled", "cancelled before", nil},
	{"a key for two", "together", nil},
	{"another's keys are others", "beside/the same", func(*testing.T, events.Keys) events.Keys { return events.NewMemKeys() }},
}

var theRoot = sync.OnceValue(func() events.Root {
	root, _ := events.NewMemKeys().Root(context.Background())
	return root
})

func (k *faultyKeys) Root(ctx context.Context) (events.Root, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	root, err := k.MemKeys.Root(k.within(ctx))
	if k.root == (events.Root{}) {
		k.root = root
	}
	switch k.fault {
	case "one root for all":
		root.Secret = theRoot().Secret
	case "a root that changes":
		k.root.Secret[0]++
		root.Secret = k.root.Secret
	case "a root of zeros":
		root.Secret = events.Secret{}
	case "the snapshot's secret stays":
		root.Snapshot = k.root.Snapshot
	case "the record's secret changes":
		root.Secret = root.Snapshot
		root.Secret[0]++
	}
	return root, err
}

func (k *faultyKeys) within(ctx context.Context) context.Context {
	if k.fault == "keys though cancelled" {
		return context.WithoutCancel(ctx)
	}
	return ctx
}

// prefix is what stands before each id that is no number.
var prefix = []byte("key \xff")

func (k *faultyKeys) New(ctx context.Context, n int) ([]events.EventKey, error) {
	keys, err := k.MemKeys.New(k.within(ctx), n)
	k.mu.Lock()
	defer k.mu.Unlock()
	if err != nil || n == 0 {
		return keys, err
	}
	again := k.first
	k.first = append(k.first, keys[0])
	switch k.fault {
	case "a key too few":
		keys = keys[1:]
	case "an id of 65 bytes":
		keys[0].ID = bytes.Repeat([]byte("x"), 65)
	case "a secret twice":
		keys[n-1].Secret = k.first[0].Secret
	case "numbers that descend":
		slices.Reverse(keys)
	case "no varint among numbers":
		if n > 1 {
			keys[n-1].ID = append(keys[n-1].ID, 0)
		}
	case "ids that are no numbers":
		for i := range keys {
			keys[i].ID = append(slices.Clone(prefix), keys[i].ID...)
		}
	case "gives out again what was destroyed":
		if len(k.gone) > 0 {
			keys[0] = k.gone[0]
		}
	case "a key for two":
		if len(again) > 1 {
			keys[0] = again[1]
		}
	}
	return keys, nil
}

// cut returns ids without what stands before them.
func (k *faultyKeys) cut(ids [][]byte) [][]byte {
	ids = slices.Clone(ids)
	for i := range ids {
		if rest, ok := bytes.CutPrefix(ids[i], prefix); ok && k.fault == "ids that are no numbers" {
			ids[i] = rest
		} else if k.fault == "ids that are no numbers" {
			ids[i] = nil
		}
	}
	return ids
}

func (k *faultyKeys) Read(ctx context.Context, ids [][]byte) ([]events.EventKey, error) {
	asked, ids := ids, k.cut(ids)
	if k.fault == "read in the order of the record" {
		ids = slices.Clone(ids)
		slices.SortFunc(ids, bytes.Compare)
	}
	keys, err := k.MemKeys.Read(k.within(ctx), ids)
	if err != nil && ctx.Err() == nil && k.fault == "no id is read as zero" {
		return make([]events.EventKey, len(ids)), nil
	}
	for i := range keys {
		if k.fault == "ids that are no numbers" && keys[i].ID != nil {
			keys[i].ID = asked[i]
		}
	}
	return keys, err
}

func (k *faultyKeys) Destroy(ctx context.Context, ids [][]byte) error {
	ids = k.cut(ids)
	was, err := k.MemKeys.Read(k.within(ctx), ids)
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case k.fault == "destroys nothing":
		return err
	case err != nil && k.fault == "destroys what comes before no id":
		for _, id := range ids {
			if k.MemKeys.Destroy(ctx, [][]byte{id}) != nil {
				break
			}
		}
		return err
	case err != nil && ctx.Err() == nil && k.fault == "no id is destroyed":
		return nil
	case err != nil:
		return err
	}
	for _, key := range was {
		if key.ID == nil && k.fault == "destroyed twice is an error" {
			return events.ErrKeys
		}
		if key.ID != nil {
			k.gone = append(k.gone, key)
		}
		if key.ID != nil && k.fault == "destroys the neighbour" {
			next := append(slices.Clone(key.ID[:len(key.ID)-1]), key.ID[len(key.ID)-1]+1)
			_ = k.MemKeys.Destroy(ctx, [][]byte{next})
		}
	}
	if k.fault == "the snapshot's secret changes each time" {
		if spare, err := k.MemKeys.New(k.within(ctx), 1); err == nil {
			ids = append(ids, spare[0].ID)
		}
	}
	return k.MemKeys.Destroy(k.within(ctx), ids)
}
