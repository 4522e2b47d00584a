package keys

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onrecord/onrecord/events"
	faulty "github.com/onrecord/onrecord/internal/disk"
	"github.com/onrecord/onrecord/internal/lock"
	"github.com/onrecord/onrecord/internal/soak"
)

var ctx = context.Background()

// on is a disk that notes what is done, and fails when it is told to.
type on struct{ *faulty.Disk }

func (d on) open(path string, flag int) (file, error) {
	f, err := d.OpenFile(path, flag, 0o600)
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (d on) move(f file, path string) error { return d.Rename(f.Name(), path) }
func (d on) syncDir(path string) error      { return d.SyncDir(path) }
func (d on) remove(path string) error       { return d.Delete(path, false) }

// What a test has done by a moment, as marks between the changes of a disk.
type (
	openedMark    events.Root
	usedMark      []events.EventKey // returned by New
	destroyMark   destruction       // it may have been done
	destroyedMark destruction       // Destroy has returned
)

type destruction struct {
	keys     []events.EventKey
	slots    [][]byte      // what the file had of them
	snapshot events.Secret // that held before
}

// A desk uses a file on a disk, and marks what it does.
type desk struct {
	t    *testing.T
	d    on
	path string
	f    *File
	used []events.EventKey
}

func openDesk(t *testing.T, d on, path string) (*desk, error) {
	f, err := openOn(d, path, nil)
	if err != nil {
		return nil, err
	}
	root, err := f.Root(ctx)
	if err != nil {
		f.Close()
		return nil, err
	}
	d.Mark(openedMark(root))
	return &desk{t: t, d: d, path: path, f: f}, nil
}

func (k *desk) use(n int) error {
	ks, err := k.f.New(ctx, n)
	if err == nil {
		k.d.Mark(usedMark(ks))
		k.used = append(k.used, ks...)
	}
	return err
}

// destroy destroys some of the keys that it has used.
func (k *desk) destroy(which ...int) error {
	root, err := k.f.Root(ctx)
	if err != nil {
		return err
	}
	what := destruction{snapshot: root.Snapshot}
	var ids [][]byte
	data, err := os.ReadFile(k.path)
	if err != nil {
		k.t.Fatal(err)
	}
	for _, i := range which {
		key := k.used[i]
		what.keys, ids = append(what.keys, key), append(ids, key.ID)
		if err := k.f.runs([][]byte{key.ID}, func(slot uint64, _ int) error {
			if was := data[offset(slot):offset(slot+1)]; !bytes.Equal(was, destroyed(slot)) {
				what.slots = append(what.slots, was)
			}
			return nil
		}); err != nil {
			k.t.Fatal(err)
		}
	}
	k.d.Mark(destroyMark(what))
	if err := k.f.Destroy(ctx, ids); err != nil {
		return err
	}
	k.d.Mark(destroyedMark(what))
	return nil
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// workloads are what the power is cut in.
var workloads = map[string]func(t *testing.T, d on, path string){
	// A file is made, used, closed, opened again and used.
	"one": func(t *testing.T, d on, path string) {
		for range 2 {
			k, err := openDesk(t, d, path)
			must(t, err)
			must(t, k.use(1), k.use(14), k.destroy(3), k.use(3), k.use(30), k.destroy(0, 1, 7, 9, 30), k.use(2))
			must(t, k.f.Close())
		}
	},
	// Two have it open.
	"two": func(t *testing.T, d on, path string) {
		a, err := openDesk(t, d, path)
		must(t, err)
		b, err := openDesk(t, d, path)
		must(t, err)
		must(t, a.use(5), b.use(5), a.destroy(1, 2), b.destroy(1, 2), a.use(20), b.use(1))
		must(t, b.f.Close(), a.destroy(0, 11), a.use(40), a.f.Close())
	},
	// Operations fail now and then, and who uses the file goes on.
	"failing": func(t *testing.T, d on, path string) {
		rng := rand.New(rand.NewPCG(5, 6))
		d.Break(func(op faulty.Op) *faulty.Fault {
			if op.Kind != faulty.Read && rng.IntN(4) == 0 {
				// A slot lies in one sector, which is written whole or not at all.
				return &faulty.Fault{Err: errDisk, Part: rng.IntN(op.Size/slotSize+1) * slotSize}
			}
			return nil
		})
		defer d.Break(nil)
		told := 0
		for range 15 {
			k, err := openDesk(t, d, path)
			if err != nil {
				told++
				continue
			}
			for range 4 {
				if err := k.use(1 + rng.IntN(20)); err != nil {
					told++
				}
				if n := len(k.used); n > 0 {
					if err := k.destroy(rng.IntN(n)); err != nil {
						told++
					}
				}
			}
			k.f.Close()
		}
		if told < 20 {
			t.Errorf("only %d operations have failed", told)
		}
	},
}

var errDisk = errors.New("the disk is broken")

// The power is cut at every change of the disk. Whatever is left of what was not synced:
// each key that New has returned is there, each that Destroy has destroyed is gone, from
// every byte of the file, and the file can be used.
func TestCrash(t *testing.T) {
	for name, work := range workloads {
		t.Run(name, func(t *testing.T) {
			d := on{faulty.New(t)}
			work(t, d, filepath.Join(t.TempDir(), "keys"))
			dir, seen, crashes := t.TempDir(), map[[sha256.Size]byte]bool{}, 0
			moments := d.Moments()
			for i := 0; i < len(moments); i += soak.Step() {
				at := moments[i]
				for _, how := range faulty.Survivals {
					for seed := range uint64(soak.Times(2)) {
						w := d.Crash(at, how, seed)
						if sum := w.Sum(); seen[sum] {
							continue
						} else {
							seen[sum] = true
						}
						crashes++
						if err := survives(w, filepath.Join(dir, fmt.Sprint(crashes))); err != nil {
							t.Fatalf("power cut after %d changes, %v survives, seed %d: %v", at, how, seed, err)
						}
					}
				}
			}
			t.Logf("%d moments, %d crashes", len(moments), crashes)
		})
	}
}

// survives opens what a crash has left and holds it against what had been said.
func survives(w *faulty.Wreck, dir string) error {
	if err := errors.Join(os.Mkdir(dir, 0o700), w.Lay(dir)); err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	f, err := Open(filepath.Join(dir, "keys"), nil)
	if err != nil {
		return err
	}
	defer f.Close()
	root, err := f.Root(ctx)
	if err != nil {
		return err
	}
	var used []events.EventKey
	var again [][]byte
	tried, done := map[string]bool{}, map[string]bool{}
	snapshots := map[string]events.Secret{} // that held before a key was first tried
	for _, m := range w.Marks {
		switch m := m.(type) {
		case openedMark:
			if root.Record != m.Record || root.Secret != m.Secret {
				return fmt.Errorf("these are the keys %v, want %v", root.Record, m.Record)
			}
		case usedMark:
			used = append(used, m...)
		case destroyMark:
			for _, k := range m.keys {
				if id := string(k.ID); !tried[id] {
					tried[id], snapshots[id] = true, m.snapshot
				}
				again = append(again, k.ID)
			}
		case destroyedMark:
			for _, k := range m.keys {
				done[string(k.ID)] = true
			}
			for _, slot := range m.slots {
				for name, data := range w.Files {
					if bytes.Contains(data, slot[12:sealedSize]) {
						return fmt.Errorf("%s has a key that was destroyed, %x", name, slot)
					}
				}
			}
			if len(m.slots) > 0 && root.Snapshot == m.snapshot {
				return errors.New("a snapshot of before can be read")
			}
		}
	}
	ids := map[string]bool{}
	for _, k := range used {
		ids[string(k.ID)] = true
		read, err := f.Read(ctx, [][]byte{k.ID})
		if err != nil {
			return err
		}
		switch gone := len(read[0].ID) == 0; {
		case gone && !tried[string(k.ID)]:
			return fmt.Errorf("the key %x is destroyed", k.ID)
		case gone && root.Snapshot == snapshots[string(k.ID)]:
			return fmt.Errorf("the key %x is destroyed, and a snapshot of before can be read", k.ID)
		case gone:
		case done[string(k.ID)]:
			return fmt.Errorf("the key %x is back", k.ID)
		case read[0].Secret != k.Secret:
			return fmt.Errorf("the key %x is another", k.ID)
		}
	}
	ks, err := f.New(ctx, 20)
	if err != nil {
		return err
	}
	for _, k := range ks {
		if ids[string(k.ID)] {
			return fmt.Errorf("the key %x is given out again", k.ID)
		}
	}
	if err := f.Destroy(ctx, again); err != nil {
		return err
	}
	read, err := f.Read(ctx, again)
	for _, k := range read {
		if len(k.ID) > 0 {
			return fmt.Errorf("the key %x is not destroyed", k.ID)
		}
	}
	return err
}

// A key that is read while it is being destroyed is one that was destroyed, and not
// damaged: who finds half of a mark waits until it is whole.
func TestReadWhileDestroying(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	slow := &halves{half: make(chan bool), rest: make(chan bool)}
	f, err := openOn(slow, path, nil)
	must(t, err)
	defer f.Close()
	ks, err := f.New(ctx, 2)
	must(t, err)
	reads := &readings{done: slow.rest}
	reader, err := openOn(reads, path, nil)
	must(t, err)
	defer reader.Close()

	slow.on, reads.on = true, true
	destroyed := make(chan error)
	go func() { destroyed <- f.Destroy(ctx, [][]byte{ks[0].ID}) }()
	<-slow.half
	read, err := reader.Read(ctx, [][]byte{ks[0].ID, ks[1].ID})
	if err != nil || len(read[0].ID) != 0 || read[1].Secret != ks[1].Secret {
		t.Errorf("%v, %v", read, err)
	}
	must(t, <-destroyed)
}

// halves is a disk that writes marks of destroyed keys in two parts.
type halves struct {
	osDisk
	on         bool
	half, rest chan bool
}

type halfFile struct {
	file
	disk *halves
}

func (d *halves) open(path string, flag int) (file, error) {
	f, err := d.osDisk.open(path, flag)
	if err != nil {
		return nil, err
	}
	return &halfFile{f, d}, nil
}

func (f *halfFile) WriteAt(b []byte, at int64) (int, error) {
	if !f.disk.on || at == offset(snapshotSlot) {
		return f.file.WriteAt(b, at)
	}
	if _, err := f.file.WriteAt(b[:20], at); err != nil {
		return 0, err
	}
	f.disk.half <- true
	<-f.disk.rest
	return f.file.WriteAt(b[20:], at+20)
}

// readings is a disk that tells when a read has been done.
type readings struct {
	osDisk
	on   bool
	done chan bool
}

type readingFile struct {
	file
	disk *readings
}

func (d *readings) open(path string, flag int) (file, error) {
	f, err := d.osDisk.open(path, flag)
	if err != nil {
		return nil, err
	}
	return &readingFile{f, d}, nil
}

func (f *readingFile) ReadAt(b []byte, at int64) (int, error) {
	n, err := f.file.ReadAt(b, at)
	if f.disk.on {
		f.disk.on = false
		close(f.disk.done)
	}
	return n, err
}

// Who waits while another has locked the file waits no longer than his context, also
// behind one who waits longer, and no longer than Options.LockWait.
func TestLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	looks := &lookDisk{looked: make(chan bool)}
	f, err := openOn(looks, path, nil)
	must(t, err)
	ks, err := f.New(ctx, 1)
	must(t, err)
	ids, ready := [][]byte{ks[0].ID}, len(f.ready)
	opened, err := os.Open(path)
	must(t, err)
	defer opened.Close()
	unlock, err := lock.Exclusive(ctx, opened)
	must(t, err)

	first, endFirst := context.WithCancel(ctx)
	second, endSecond := context.WithCancel(ctx)
	fromFirst, fromSecond := make(chan error, 1), make(chan error, 2)
	go func() { _, err := f.New(first, ready+1); fromFirst <- err }()
	<-looks.looked // and has to look again
	<-looks.looked
	go func() { _, err := f.New(second, ready+1); fromSecond <- err }()
	go func() { fromSecond <- f.Destroy(second, ids) }()
	endSecond()
	for range cap(fromSecond) {
		if err := <-fromSecond; !errors.Is(err, context.Canceled) {
			t.Errorf("behind one who waits: %v", err)
		}
	}
	select {
	case err := <-fromFirst:
		t.Errorf("who waits longer: %v", err)
	default:
	}
	endFirst()
	if err := <-fromFirst; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}

	impatient, err := Open(path, &Options{LockWait: 1})
	must(t, err)
	_, err = impatient.New(ctx, 1)
	for _, err := range []error{err, impatient.Destroy(ctx, ids)} {
		if err == nil || !strings.Contains(err.Error(), "another has held its lock for more than 1ns") {
			t.Errorf("after LockWait: %v", err)
		}
	}
	unlock()
	if _, err = impatient.New(ctx, 1); err != nil {
		t.Errorf("when it is unlocked again: %v", err)
	}
	unlock, err = lock.Exclusive(ctx, opened)
	must(t, err, impatient.Close())
	unlock()
	must(t, f.Close())

	// One who makes a file may be stopped, too.
	path = filepath.Join(t.TempDir(), "keys")
	making, err := os.OpenFile(path+".new", os.O_CREATE|os.O_RDWR, 0o600)
	must(t, err)
	defer making.Close()
	unlock, err = lock.Exclusive(ctx, making)
	must(t, err)
	if _, err := Open(path, &Options{LockWait: 1}); err == nil || !strings.Contains(err.Error(), "for more than 1ns") {
		t.Errorf("while another makes the file: %v", err)
	}
	unlock()
	f, err = Open(path, &Options{LockWait: 1})
	must(t, err)
	must(t, f.Close())
}

// lookDisk is a disk that tells of looks at a lock.
type lookDisk struct {
	osDisk
	looked chan bool
}

type lookFile struct {
	file
	disk *lookDisk
}

func (d *lookDisk) open(path string, flag int) (file, error) {
	f, err := d.osDisk.open(path, flag)
	if err != nil {
		return nil, err
	}
	return &lookFile{f, d}, nil
}

func (f *lookFile) Fd() uintptr {
	select {
	case f.disk.looked <- true:
	default:
	}
	return f.file.Fd()
}

// Keys that are not used yet are all that is kept in memory, and not after Close.
func TestForgotten(t *testing.T) {
	f, err := Open(filepath.Join(t.TempDir(), "keys"), nil)
	must(t, err)
	_, err = f.New(ctx, 1)
	must(t, err)
	kept := f.ready
	if len(kept) < 10 {
		t.Fatalf("%d keys are ready", len(kept))
	}
	ks, err := f.New(ctx, 3)
	must(t, err)
	for i, k := range kept {
		if i < 3 != (k.Secret == events.Secret{}) || i < 3 && ks[i].Secret == (events.Secret{}) {
			t.Errorf("after New the key %d is %v", i, k)
		}
	}
	rest := len(kept)
	_, err = f.New(ctx, rest) // more than are left
	must(t, err)
	all := [][]events.EventKey{kept, f.ready}
	_, err = f.New(ctx, 1)
	must(t, err)
	must(t, f.Close())
	for _, keys := range all {
		for i, k := range keys {
			if k.ID != nil || k.Secret != (events.Secret{}) {
				t.Errorf("after Close the key %d is %v", i, k)
			}
		}
	}
}
