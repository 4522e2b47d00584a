package eventstest

import (
	"bytes"
	"context"
	"encoding/binary"
	"slices"
	"sync"
	"testing"

	"github.com/onrecord/onrecord/events"
)

// TestKeys tests the keys that open returns, which must be new and independent of each other.
// beside opens the same keys once more while they are in use, as another process would; if it
// is nil, nothing is said about who else has them. Whoever opens closes: with t.Cleanup.
func TestKeys(t *testing.T, open func(t *testing.T) events.Keys, beside func(t *testing.T, k events.Keys) events.Keys) {
	runClauses(t, keysClauses, open, always)
	runClauses(t, []clauseOf[events.Keys]{{
		name: "root/its own",
		says: "Root returns what belongs to one record: no other keys have any of it.",
		test: func(t *testing.T, k events.Keys) {
			a, b := mustRoot(t, k), mustRoot(t, open(t))
			if a.Record == b.Record || a.Secret == b.Secret || a.Snapshot == b.Snapshot {
				t.Error("two keys have the same root, or a part of it")
			}
		},
	}}, open, always)
	runClauses(t, besideClauses(beside), open, func(*testing.T, events.Keys) string {
		if beside == nil {
			return "nobody else can have the keys"
		}
		return ""
	})
}

var keysClauses = []clauseOf[events.Keys]{{
	name: "root/stays",
	says: "Root returns a random id and secrets, which stay as long as no key is destroyed.",
	test: func(t *testing.T, k events.Keys) {
		root := mustRoot(t, k)
		if root.Record == (events.Root{}).Record || root.Secret == (events.Secret{}) || root.Snapshot == (events.Secret{}) || root.Secret == root.Snapshot {
			t.Error("the id or a secret is zeros, or both secrets are the same")
		}
		mustReadKeys(t, k, mustNew(t, k, 5))
		if mustRoot(t, k) != root {
			t.Error("the root is another after New and Read")
		}
	},
}, {
	name: "new/keys",
	says: "New returns n new keys: each has an id of 1 to 64 bytes and a secret, which no other has.",
	test: func(t *testing.T, k events.Keys) {
		seen, secrets := map[string]bool{}, map[events.Secret]bool{{}: true}
		for _, n := range []int{1, 0, 3, 300, 1, 1, 5000, 2} {
			for _, key := range mustNew(t, k, n) {
				if len(key.ID) < 1 || len(key.ID) > 64 {
					t.Fatalf("an id has %d bytes", len(key.ID))
				}
				if seen[string(key.ID)] || secrets[key.Secret] {
					t.Fatalf("the id %x or its secret is there twice, or the secret is zeros", key.ID)
				}
				seen[string(key.ID)], secrets[key.Secret] = true, true
			}
		}
	},
}, {
	name: "new/numbers",
	says: "Ids that are numbers ascend and are unsigned varints.",
	test: func(t *testing.T, k events.Keys) {
		var ids [][]byte
		for _, n := range []int{1, 200, 20_000, 1} {
			ids = append(ids, idsOf(mustNew(t, k, n))...)
		}
		last, first := uint64(0), true
		for i, id := range ids {
			n, ok := number(id)
			if !ok {
				if i == 0 {
					t.Skip("the ids are no numbers")
				}
				t.Fatalf("the id %x is no unsigned varint, others are", id)
			}
			if !first && n <= last {
				t.Fatalf("id %d comes after %d", n, last)
			}
			last, first = n, false
		}
	},
}, {
	name: "read/order",
	says: "Read returns the keys with these ids, in their order.",
	test: func(t *testing.T, k events.Keys) {
		keys := mustNew(t, k, 20)
		mustReadKeys(t, k, nil)
		mustReadKeys(t, k, keys)
		slices.Reverse(keys)
		mustReadKeys(t, k, keys)
		mustReadKeys(t, k, []events.EventKey{keys[3], keys[3], keys[7], keys[3]})
		mustReadKeys(t, k, append(mustNew(t, k, 1), keys...))
	},
}, {
	name: "read/no key",
	says: "An id of no key is an error.",
	test: func(t *testing.T, k events.Keys) {
		keys := mustNew(t, k, 3)
		for _, id := range noIDs(keys[1].ID) {
			for _, ids := range [][][]byte{{id}, {keys[0].ID, id}, {id, keys[2].ID}} {
				if _, err := k.Read(within(t), ids); err == nil {
					t.Errorf("Read of %x: no error", ids)
				}
			}
		}
		mustReadKeys(t, k, keys)
	},
}, {
	name: "destroy/for good",
	says: "Read returns a key that has been destroyed as zero; the others are as they were.",
	test: func(t *testing.T, k events.Keys) {
		keys := mustNew(t, k, 30)
		want := slices.Clone(keys)
		for _, gone := range [][]int{{4}, {10, 11, 12}, {29, 0, 17}, {4, 5}, {5, 5}} { // some once more
			var ids [][]byte
			for _, i := range gone {
				ids, want[i] = append(ids, keys[i].ID), events.EventKey{}
			}
			mustDestroy(t, k, ids...)
			mustReadAs(t, k, idsOf(keys), want)
		}
	},
}, {
	name: "destroy/ids are not used again",
	says: "A key is made for one event: no new one has the id or the secret of one that was destroyed.",
	test: func(t *testing.T, k events.Keys) {
		keys := mustNew(t, k, 10)
		mustDestroy(t, k, idsOf(keys)...)
		for _, key := range mustNew(t, k, 50) {
			if slices.ContainsFunc(keys, func(old events.EventKey) bool {
				return bytes.Equal(old.ID, key.ID) || old.Secret == key.Secret
			}) {
				t.Errorf("the key %x has been destroyed", key.ID)
			}
		}
	},
}, {
	name: "destroy/snapshot",
	says: "Destroy replaces Root.Snapshot if it destroys a key, and nothing else of the root.",
	test: func(t *testing.T, k events.Keys) {
		root := mustRoot(t, k)
		seen := map[events.Secret]bool{root.Snapshot: true}
		keys := mustNew(t, k, 3)
		for _, key := range keys {
			mustDestroy(t, k, key.ID)
			now := mustRoot(t, k)
			if now.Record != root.Record || now.Secret != root.Secret {
				t.Error("the record's id or secret is another")
			}
			if seen[now.Snapshot] || now.Snapshot == (events.Secret{}) {
				t.Error("the secret of snapshots is one that there was, or zeros")
			}
			seen[now.Snapshot] = true
		}
		now := mustRoot(t, k)
		mustDestroy(t, k)
		mustDestroy(t, k, idsOf(keys)...)
		if mustRoot(t, k) != now {
			t.Error("no key was left to destroy, and the root is another")
		}
		mustDestroy(t, k, append(idsOf(keys), mustNew(t, k, 1)[0].ID)...)
		if seen[mustRoot(t, k).Snapshot] {
			t.Error("one of several keys was left to destroy, and the secret of snapshots stays")
		}
	},
}, {
	name: "destroy/no key",
	says: "If one of the ids is of no key, that is an error, and none is destroyed.",
	test: func(t *testing.T, k events.Keys) {
		keys := mustNew(t, k, 4)
		for _, id := range noIDs(keys[1].ID) {
			for _, ids := range [][][]byte{{id}, {keys[0].ID, keys[2].ID, id}, {id, keys[3].ID}} {
				if err := k.Destroy(within(t), ids); err == nil {
					t.Errorf("Destroy of %x: no error", ids)
				}
			}
		}
		mustReadKeys(t, k, keys)
	},
}, {
	name: "cancelled before",
	says: "If ctx has ended before a call, the call does nothing and returns the context's error.",
	test: func(t *testing.T, k events.Keys) {
		keys, root, ended := mustNew(t, k, 2), mustRoot(t, k), cancelled(t)
		_, err := k.Root(ended)
		mustFail(t, "Root", err, context.Canceled)
		_, err = k.New(ended, 1)
		mustFail(t, "New", err, context.Canceled)
		_, err = k.Read(ended, idsOf(keys))
		mustFail(t, "Read", err, context.Canceled)
		mustFail(t, "Destroy", k.Destroy(ended, idsOf(keys)), context.Canceled)
		mustReadKeys(t, k, keys)
		if mustRoot(t, k) != root {
			t.Error("the root is another")
		}
	},
}, {
	name: "together",
	says: "The methods may be called from several goroutines at once: no key is given out twice, and none is lost.",
	test: func(t *testing.T, k events.Keys) { mustWorkTogether(t, k, k) },
}}

func besideClauses(beside func(*testing.T, events.Keys) events.Keys) []clauseOf[events.Keys] {
	return []clauseOf[events.Keys]{{
		name: "beside/the same",
		says: "Several processes have the same keys: what New has returned and what has been destroyed, and the same root.",
		test: func(t *testing.T, k events.Keys) {
			first := beside(t, k) // before there is a key
			keys := mustNew(t, k, 20)
			want := slices.Clone(keys)
			for i, other := range []events.Keys{first, beside(t, k)} {
				mustReadKeys(t, other, mustNew(t, other, 1))
				mustReadAs(t, other, idsOf(keys), want)
				// One destroys, the other sees it.
				mustDestroy(t, other, keys[2*i].ID)
				mustDestroy(t, k, keys[2*i+1].ID)
				want[2*i], want[2*i+1] = events.EventKey{}, events.EventKey{}
				// Both do it again, as whoever follows a record does, and nothing changes.
				root := mustRoot(t, k)
				mustDestroy(t, other, keys[2*i+1].ID, keys[2*i].ID)
				mustDestroy(t, k, keys[2*i].ID)
				if mustRoot(t, k) != root {
					t.Error("no key was left to destroy, and the root is another")
				}
				for _, x := range []events.Keys{k, other, beside(t, k)} {
					mustReadAs(t, x, idsOf(keys), want)
					if mustRoot(t, x) != mustRoot(t, k) {
						t.Error("the root is another")
					}
				}
			}
		},
	}, {
		name: "beside/together",
		says: "Several processes may use the keys at once: no key is given out twice, and none is lost.",
		test: func(t *testing.T, k events.Keys) { mustWorkTogether(t, k, beside(t, k), beside(t, k)) },
	}}
}

// mustWorkTogether has goroutines make, read and destroy keys.
func mustWorkTogether(t *testing.T, of ...events.Keys) {
	t.Helper()
	ctx := within(t)
	var mu sync.Mutex
	var kept []events.EventKey
	seen, gone := map[string]bool{}, [][]byte{}
	var all sync.WaitGroup
	for _, k := range of {
		for range 3 {
			all.Go(func() {
				for n := range 12 {
					keys, err := k.New(ctx, n+1)
					if err != nil || len(keys) != n+1 {
						t.Errorf("New: %d keys, want %d: %v", len(keys), n+1, err)
						return
					}
					if err := k.Destroy(ctx, [][]byte{keys[0].ID}); err != nil {
						t.Errorf("Destroy: %v", err)
					}
					if read, err := k.Read(ctx, idsOf(keys[1:])); err != nil || !slices.EqualFunc(read, keys[1:], sameKey) {
						t.Errorf("Read: not what New returned: %v", err)
					}
					if _, err := k.Root(ctx); err != nil {
						t.Errorf("Root: %v", err)
					}
					mu.Lock()
					for _, key := range keys {
						if seen[string(key.ID)] {
							t.Errorf("the key %x is given out twice", key.ID)
						}
						seen[string(key.ID)] = true
					}
					kept, gone = append(kept, keys[1:]...), append(gone, keys[0].ID)
					mu.Unlock()
				}
			})
		}
	}
	all.Wait()
	for _, k := range of {
		mustReadKeys(t, k, kept)
		mustReadAs(t, k, gone, make([]events.EventKey, len(gone)))
	}
}

// noIDs are ids of no key, some of which look like one that is.
func noIDs(id []byte) [][]byte {
	return [][]byte{nil, append(slices.Clone(id), 0), bytes.Repeat([]byte{0xff}, 64), bytes.Repeat([]byte{0xff}, 65), []byte("no key has this")}
}

// number is an id as an unsigned varint, false if it is none.
func number(id []byte) (uint64, bool) {
	n, _ := binary.Uvarint(id)
	return n, bytes.Equal(binary.AppendUvarint(nil, n), id)
}

func idsOf(keys []events.EventKey) (ids [][]byte) {
	for _, k := range keys {
		ids = append(ids, k.ID)
	}
	return ids
}

func sameKey(a, b events.EventKey) bool { return bytes.Equal(a.ID, b.ID) && a.Secret == b.Secret }

func mustRoot(t *testing.T, k events.Keys) events.Root {
	t.Helper()
	root, err := k.Root(within(t))
	if err != nil {
		t.Fatalf("Root: %v", err)
	}
	return root
}

func mustNew(t *testing.T, k events.Keys, n int) []events.EventKey {
	t.Helper()
	keys, err := k.New(within(t), n)
	if err != nil || len(keys) != n {
		t.Fatalf("New of %d: %d keys, %v", n, len(keys), err)
	}
	return keys
}

func mustDestroy(t *testing.T, k events.Keys, ids ...[]byte) {
	t.Helper()
	if err := k.Destroy(within(t), ids); err != nil {
		t.Fatalf("Destroy of %d keys: %v", len(ids), err)
	}
}

// mustReadKeys fails unless Read returns these keys, by their ids.
func mustReadKeys(t *testing.T, k events.Keys, want []events.EventKey) {
	t.Helper()
	mustReadAs(t, k, idsOf(want), want)
}

func mustReadAs(t *testing.T, k events.Keys, ids [][]byte, want []events.EventKey) {
	t.Helper()
	got, err := k.Read(within(t), ids)
	if err != nil || len(got) != len(want) {
		t.Fatalf("Read of %d keys: %d, %v", len(ids), len(got), err)
	}
	for i, key := range got {
		if !sameKey(key, want[i]) {
			t.Fatalf("the key %x is read as that of %x, destroyed: %v; want that of %x", ids[i], key.ID, key.Secret == events.Secret{}, want[i].ID)
		}
	}
}
