package graph_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	sqlite3 "github.com/ncruces/go-sqlite3"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/sqlite"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/disk"
	"github.com/onrecord/onrecord/internal/soak"
)

// What a test has done by a moment, as marks between the changes of a disk.
type (
	triedMark string // the statements of this key may be there
	ackedMark struct {
		key string
		at  events.Position
	}
	snapshotMark []byte // what the snapshot beside the file has been
)

// A deskOn is a graph in a file on a disk.
type deskOn struct {
	disk  *disk.Disk
	path  string
	store *sqlite.Store
	graph *graph.Graph
	cast  *cast
}

// deskOf opens a graph that writes snapshots often, and so stores one record before it
// folds the next.
func deskOf(d *disk.Disk, path string) (*deskOn, error) {
	var opts graph.Options
	graph.Often(&opts)
	return deskWith(d, path, &opts)
}

func deskWith(d *disk.Disk, path string, opts *graph.Options) (*deskOn, error) {
	store, err := sqlite.Open(path, &sqlite.Options{VFS: d.Name})
	if err != nil {
		return nil, err
	}
	g, err := graph.Open(ctx, store, opts)
	if err != nil {
		store.Close()
		return nil, err
	}
	return &deskOn{d, path, store, g, newCast(1)}, nil
}

func (d *deskOn) close() error { return errors.Join(d.graph.Close(), d.store.Close()) }

// batch returns the batch of a key; the first one anybody records has the cast, too.
func (d *deskOn) batch(key string) *events.Batch {
	return batchOf(append(d.cast.registration.Events[:len(d.cast.registration.Events):len(d.cast.registration.Events)],
		d.cast.statements(key, d.cast.who[0])...)...)
}

// record records the batch of a key and marks what became of it.
func (d *deskOn) record(key string) error {
	d.disk.Mark(triedMark(key))
	r, err := d.graph.Record(ctx, d.batch(key))
	if err == nil {
		d.disk.Mark(ackedMark{key, r.Position})
	}
	if snapshot, err := os.ReadFile(d.path + "-snapshot"); err == nil {
		d.disk.Mark(snapshotMark(snapshot))
	}
	return err
}

// recordAll records the batches of keys as one sequence and marks what became of them.
func (d *deskOn) recordAll(keys ...string) error {
	n, err := d.graph.RecordAll(ctx, func(yield func(*events.Batch, error) bool) {
		for _, key := range keys {
			d.disk.Mark(triedMark(key))
			if !yield(d.batch(key), nil) {
				return
			}
		}
	})
	for _, key := range keys[:n] {
		d.disk.Mark(ackedMark{key: key})
	}
	return err
}

// shows fails unless all statements of each acknowledged key are shown, as of its
// position and not before, and of no other key a part, or any that nobody tried.
func (d *deskOn) shows(t *testing.T, marks []any) (missing []string) {
	t.Helper()
	if _, err := d.cast.see(d.graph.View(nil), graph.Pattern{}); err != nil {
		t.Error(err)
	}
	got := map[string]bool{}
	for s := range d.graph.View(nil).Statements(graph.Pattern{}) {
		if _, err := s.Load(ctx); err != nil {
			t.Error(err)
		}
		got[s.Predicate()] = true
	}
	tried := map[string]bool{}
	for _, m := range marks {
		switch m := m.(type) {
		case triedMark:
			tried[string(m)] = true
			if !got[string(m)] {
				missing = append(missing, string(m))
			}
		case ackedMark:
			at := map[events.Position]int{m.at: keyed, m.at - 1: 0}
			if m.at == 0 { // nobody was told where
				at = map[events.Position]int{d.graph.View(nil).Position(): keyed}
			}
			for p, want := range at {
				n := 0
				if p > 0 {
					for range d.graph.View(&graph.Lens{AsOf: p}).Statements(graph.Pattern{Predicate: m.key}) {
						n++
					}
				}
				if n != want {
					t.Errorf("%q was acknowledged at %d; as of %d %d statements are shown, want %d", m.key, m.at, p, n, want)
				}
			}
		}
	}
	for key := range got {
		if !tried[key] {
			t.Errorf("%q is shown, and nobody recorded it", key)
		}
	}
	return missing
}

// The power is cut at every change that recording makes to the disk. Whatever is left of
// what was not synced, and of snapshots: every acknowledged batch is seen, at its
// position; no other is seen in part; and whatever has failed can be repeated.
func TestCrash(t *testing.T) {
	d := disk.New(t)
	path := filepath.Join(t.TempDir(), "story.db")
	for life := range 3 {
		open := deskOf
		if life == 2 {
			open = func(d *disk.Disk, path string) (*deskOn, error) { return deskWith(d, path, nil) }
		}
		desk, err := open(d, path)
		if err != nil {
			t.Fatal(err)
		}
		var writing sync.WaitGroup
		if life == 2 { // while one of them is stored, the next is folded
			writing.Go(func() {
				if err := desk.recordAll("all 0", "all 1", "all 2", "all 3", "all 4", "all 5"); err != nil {
					t.Error(err)
				}
			})
		}
		for w := range 3 {
			writing.Go(func() {
				for i := range 3 {
					if err := desk.record(fmt.Sprint(life, " ", w, " ", i)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		writing.Wait()
		if err := desk.close(); err != nil {
			t.Fatal(err)
		}
	}

	calm, seen := disk.New(t), map[[32]byte]bool{}
	moments, struck := d.EachCrash(t, soak.Times(3), soak.Step(), func(w *disk.Wreck, rng *rand.Rand) {
		if sum := w.Sum(); seen[sum] {
			return
		} else {
			seen[sum] = true
		}
		dir := filepath.Join(t.TempDir(), fmt.Sprint(len(seen)))
		path := filepath.Join(dir, "story.db")
		if err := errors.Join(os.Mkdir(dir, 0o777), w.Lay(dir), laySnapshot(path, w.Marks, rng)); err != nil {
			t.Fatal(err)
		}
		calm.Forget()
		desk, err := deskOf(calm, path)
		if err != nil {
			t.Error(err)
			return
		}
		for _, key := range desk.shows(t, w.Marks) {
			if r, err := desk.graph.Record(ctx, desk.batch(key)); err != nil || r.New < keyed {
				t.Errorf("%q again: %+v, %v", key, r, err)
			}
		}
		for _, m := range w.Marks {
			if key, ok := m.(triedMark); ok {
				if r, err := desk.graph.Record(ctx, desk.batch(string(key))); err != nil || r.New != 0 {
					t.Errorf("%q, which is there, again: %+v, %v", key, r, err)
				}
			}
		}
		if missing := desk.shows(t, w.Marks); len(missing) > 0 {
			t.Errorf("repeated, and not there: %q", missing)
		}
		if err := desk.close(); err != nil {
			t.Error(err)
		}
		os.RemoveAll(dir)
	})
	t.Logf("%d moments, %d crashes, %d different wrecks opened", moments, struck, len(seen))
}

// laySnapshot lays any of the snapshots that there have been beside the file, whole,
// cut or not at all.
func laySnapshot(path string, marks []any, rng *rand.Rand) error {
	var all [][]byte
	for _, m := range marks {
		if s, ok := m.(snapshotMark); ok {
			all = append(all, s)
		}
	}
	if len(all) == 0 || rng.IntN(4) == 0 {
		return nil
	}
	s := all[rng.IntN(len(all))]
	if rng.IntN(4) == 0 {
		s = s[:rng.IntN(len(s))]
	}
	return os.WriteFile(path+"-snapshot", s, 0o600)
}

// Every operation on the disk fails in turn, once or from then on until somebody sees
// to it. Whoever records is told so and records again; then all is there, once.
func TestBrokenDisk(t *testing.T) {
	broken := &os.PathError{Op: "write", Path: "story.db-wal", Err: syscall.EIO}
	run := func(t *testing.T, d *disk.Disk, path string, at int, onwards bool) (told int) {
		n, mended := 0, false
		d.Break(func(op disk.Op) *disk.Fault {
			n++
			if mended || n < at || n > at && !onwards {
				return nil
			}
			return &disk.Fault{Err: broken, Part: op.Size / 2}
		})
		desk, err := deskOf(d, path)
		if err != nil {
			told++
			mended = true
			desk, err = deskOf(d, path)
		}
		if err != nil {
			t.Fatalf("open again: %v", err)
		}
		for i := range 5 {
			err := desk.record(fmt.Sprint(i))
			if err == nil {
				continue
			}
			told++
			if !strings.Contains(err.Error(), "the disk has") || !strings.Contains(err.Error(), "see to it") {
				t.Errorf("it says %v", err)
			}
			mended = true
			if err := desk.record(fmt.Sprint(i)); err != nil {
				t.Errorf("again: %v", err)
			}
		}
		mended = true
		_ = desk.close()
		return told
	}
	whole := disk.New(t)
	run(t, whole, filepath.Join(t.TempDir(), "story.db"), math.MaxInt, false)
	ops, told, cases := whole.Ops(), 0, 0
	d := disk.New(t)
	for k := 0; k < ops*soak.Times(1); k += soak.Step() {
		path := filepath.Join(t.TempDir(), "story.db")
		d.Forget()
		told += run(t, d, path, 1+k%ops, (k+k/ops)%2 == 0)
		d.Mark("the end")
		moments := d.Moments()
		w := d.Crash(moments[len(moments)-1], disk.None, uint64(k))
		d.Forget()
		dir := t.TempDir()
		if err := w.Lay(dir); err != nil {
			t.Fatal(err)
		}
		desk, err := deskOf(d, filepath.Join(dir, "story.db"))
		if err != nil {
			t.Fatal(err)
		}
		if missing := desk.shows(t, w.Marks); len(missing) > 0 {
			t.Errorf("not there: %q", missing)
		}
		if err := desk.close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Fatalf("operation %d of %d", 1+k%ops, ops)
		}
		cases++
	}
	t.Logf("%d operations, %d cases; in %d somebody was told", ops, cases, told)
}

// A batch for which the disk has no room is told to be of unknown outcome, and why; what
// there is can be read; and with room again it is recorded once.
func TestFullDisk(t *testing.T) {
	cases := 0
	for room := int64(0); room < 30_000; room += int64(2999 * soak.Step() / soak.Times(1)) {
		d := disk.New(t)
		desk, err := deskOf(d, filepath.Join(t.TempDir(), "story.db"))
		if err != nil {
			t.Fatal(err)
		}
		var marks []any
		if err := desk.record("first"); err != nil {
			t.Fatal(err)
		}
		d.Room(room)
		n := 0
		for ; n < 1000; n++ {
			if err = desk.record(fmt.Sprint(n)); err != nil {
				break
			}
			marks = append(marks, triedMark(fmt.Sprint(n)))
		}
		if !errors.Is(err, graph.ErrUnknownOutcome) || !errors.Is(err, sqlite3.FULL) || !strings.Contains(err.Error(), "record it again") || !strings.Contains(err.Error(), "make room") {
			t.Fatalf("with room for %d bytes, after %d batches: %v", room, n, err)
		}
		if missing := desk.shows(t, append(marks, triedMark("first"))); len(missing) > 0 {
			t.Errorf("on a full disk %q are not shown", missing)
		}
		d.Room(-1)
		marks = append(marks, triedMark("first"), triedMark(fmt.Sprint(n)))
		if r, err := desk.graph.Record(context.Background(), desk.batch(fmt.Sprint(n))); err != nil || r.New != keyed {
			t.Errorf("with room again: %+v, %v", r, err)
		}
		if missing := desk.shows(t, marks); len(missing) > 0 {
			t.Errorf("with room again %q are not shown", missing)
		}
		if err := desk.close(); err != nil {
			t.Error(err)
		}
		cases++
	}
	t.Logf("%d sizes of the room", cases)
}
