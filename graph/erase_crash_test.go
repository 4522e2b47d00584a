package graph_test

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/disk"
	"github.com/onrecord/onrecord/internal/soak"
)

// What a test that erases has done by a moment.
type (
	sayingMark    uuid.UUID // the statement may be there
	redactedMark  uuid.UUID // its redaction has been acknowledged
	destroyedMark struct {  // these keys are gone, and the secret of snapshots is another
		ids      [][]byte
		snapshot events.Secret
	}
)

// agingKeys are keys that mark on a disk when some are destroyed, and can be had again as they
// were then.
type agingKeys struct {
	disk *disk.Disk

	mu   sync.Mutex
	root events.Root
	all  []events.EventKey // by number
	gone map[string]bool
}

func newSecret() (s events.Secret) {
	rand.Read(s[:])
	return s
}

func newAgingKeys(d *disk.Disk) *agingKeys {
	return &agingKeys{disk: d, root: events.Root{Record: uuid.New(), Secret: newSecret(), Snapshot: newSecret()}, gone: map[string]bool{}}
}

// asOf returns the keys as they were when this had been done.
func (k *agingKeys) asOf(d *disk.Disk, first events.Secret, marks []any) *agingKeys {
	was := &agingKeys{disk: d, root: k.root, all: k.all, gone: map[string]bool{}}
	was.root.Snapshot = first
	for _, m := range marks {
		if m, ok := m.(destroyedMark); ok {
			was.root.Snapshot = m.snapshot
			for _, id := range m.ids {
				was.gone[string(id)] = true
			}
		}
	}
	return was
}

func (k *agingKeys) Root(ctx context.Context) (events.Root, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.root, ctx.Err()
}

func (k *agingKeys) New(ctx context.Context, n int) ([]events.EventKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	first := len(k.all)
	for i := range n {
		k.all = append(k.all, events.EventKey{ID: binary.AppendUvarint(nil, uint64(first+i)), Secret: newSecret()})
	}
	return append([]events.EventKey(nil), k.all[first:]...), ctx.Err()
}

func (k *agingKeys) Read(ctx context.Context, ids [][]byte) ([]events.EventKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	found := make([]events.EventKey, len(ids))
	for i, id := range ids {
		n, _ := binary.Uvarint(id)
		if n >= uint64(len(k.all)) {
			return nil, fmt.Errorf("%x is no id of a key", id)
		}
		if !k.gone[string(id)] {
			found[i] = k.all[n]
		}
	}
	return found, ctx.Err()
}

func (k *agingKeys) Destroy(_ context.Context, ids [][]byte) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, id := range ids {
		if !k.gone[string(id)] {
			k.root.Snapshot, k.gone[string(id)] = newSecret(), true
		}
	}
	k.disk.Mark(destroyedMark{ids, k.root.Snapshot})
	return nil
}

// The power is cut at every change that erasing makes to the disk. Whatever is left of what was
// not synced, and of snapshots: no key is gone of what the record does not have as redacted; what
// it has as redacted can be read by nobody as soon as it has been opened; and an acknowledged
// redaction is there.
func TestCrashErasing(t *testing.T) {
	d := disk.New(t)
	path, k := filepath.Join(t.TempDir(), "story.db"), newAgingKeys(d)
	first := k.root.Snapshot
	for life := range 2 {
		var opts graph.Options
		graph.Often(&opts)
		opts.Keys = k
		desk, err := deskWith(d, path, &opts)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 4 {
			b := desk.graph.NewBatch(ctx, "desk")
			said := b.Source("https://example.org/1").By(b.Person("A. Reporter")).
				Says("meet", b.Person("Ann"), b.Person("Ben")).Locator(fmt.Sprint(life, " ", i)).ID()
			batch, err := b.Batch()
			if err != nil {
				t.Fatal(err)
			}
			d.Mark(sayingMark(said))
			if _, err := desk.graph.Record(ctx, batch); err != nil {
				t.Fatal(err)
			}
			if snapshot, err := os.ReadFile(path + "-snapshot"); err == nil {
				d.Mark(snapshotMark(snapshot))
			}
			if _, err := desk.graph.Record(ctx, redaction(said)); err != nil {
				t.Fatal(err)
			}
			d.Mark(redactedMark(said))
		}
		if err := desk.close(); err != nil {
			t.Fatal(err)
		}
	}

	calm, there, erased := disk.New(t), 0, 0
	moments, struck := d.EachCrash(t, soak.Times(3), soak.Step(), func(w *disk.Wreck, rng *mathrand.Rand) {
		dir := filepath.Join(t.TempDir(), "wreck")
		path := filepath.Join(dir, "story.db")
		if err := errors.Join(os.Mkdir(dir, 0o777), w.Lay(dir), laySnapshot(path, w.Marks, rng)); err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		calm.Forget()
		keys := k.asOf(calm, first, w.Marks)
		desk, err := deskWith(calm, path, &graph.Options{Keys: keys})
		if err != nil {
			t.Error(err)
			return
		}
		recorded, acknowledged := map[uuid.UUID]bool{}, map[uuid.UUID]bool{}
		for e, err := range desk.graph.View(nil).Events(ctx, 0) {
			if err != nil {
				t.Fatal(err)
			}
			if b, ok := e.Body.(*events.Redacted); ok {
				recorded[b.Event] = true
			}
		}
		for _, m := range w.Marks {
			if m, ok := m.(redactedMark); ok {
				acknowledged[uuid.UUID(m)] = true
			}
		}
		for _, m := range w.Marks {
			said, ok := m.(sayingMark)
			if !ok {
				continue
			}
			id := uuid.UUID(said)
			switch _, err := desk.graph.View(nil).Event(ctx, id); {
			case errors.Is(err, graph.ErrRedacted) && recorded[id]:
				erased++
				if readable(t, desk.store, keys, id) {
					t.Errorf("%v is redacted, and can be read", id)
				}
			case acknowledged[id]:
				t.Errorf("the redaction of %v was acknowledged: %v", id, err)
			case err == nil:
				there++
			case !errors.Is(err, graph.ErrNotInView):
				t.Errorf("%v: %v", id, err)
			}
		}
		if err := desk.close(); err != nil {
			t.Error(err)
		}
	})
	t.Logf("%d moments, %d crashes; statements met %d, erased ones %d", moments, struck, there, erased)
	if there < struck/10 || erased < struck {
		t.Errorf("too few cases: %d statements and %d erased ones in %d wrecks", there, erased, struck)
	}
}
