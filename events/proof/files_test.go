package proof_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/proof"
	"github.com/onrecord/onrecord/internal/lock"
)

var fileNames = []string{"hashes", "ends", "head"}

// contents are the files of a tree.
type contents map[string][]byte

func contentsOf(t *testing.T, dir string) contents {
	c := make(contents)
	for _, name := range fileNames {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		c[name] = data
	}
	return c
}

func (c contents) with(name string, data []byte) contents {
	changed := make(contents)
	for n, b := range c {
		changed[n] = b
	}
	changed[name] = data
	return changed
}

func (c contents) write(t *testing.T, dir string) {
	for name, data := range c {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// steps are the files of one tree after each of the first records.
func steps(t *testing.T, d *desk, n int) (steps []contents) {
	dir := t.TempDir()
	for i := range n + 1 {
		tree, err := proof.OpenTree(dir)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tree.Grow(ctx, storeOf(t, d.data[:i]...)); err != nil {
			t.Fatal(err)
		}
		if err := tree.Close(); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, contentsOf(t, dir))
	}
	return steps
}

// TestCrashAtEveryByte stops the growth of the files at each byte, and goes on.
// What is written before the head, in any order and in part, is either cut or
// zeros; and of the head, written last, a beginning is there, in the first of its two
// places or in the second.
func TestCrashAtEveryByte(t *testing.T) {
	d, heads := shaped(t)
	states := steps(t, d, 4)
	dir := t.TempDir()
	for i, b := range states[0]["head"] { // while the directory is made
		if b != 0 {
			goesOn(t, dir, states[0].with("head", states[0]["head"][:i]), heads[0], d, heads[4])
		}
	}
	for _, n := range []int{0, 2} {
		before, after := states[n], states[n+1]
		for _, name := range []string{"hashes", "ends"} {
			for at := len(before[name]); at <= len(after[name]); at++ {
				cut := after[name][:at]
				goesOn(t, dir, before.with(name, cut), heads[n], d, heads[4])
				zeros := append(cut[:at:at], make([]byte, len(after[name])-at)...)
				goesOn(t, dir, before.with(name, zeros), heads[n], d, heads[4])
			}
		}
		synced := before.with("hashes", after["hashes"]).with("ends", after["ends"])
		older, newer := before["head"], after["head"]
		for i := range newer {
			if older[i] == newer[i] {
				continue
			}
			place, other := i/512*512, 512-i/512*512 // byte i of this place is not there yet
			for _, first := range []bool{true, false} {
				half, want := bytes.Clone(older), heads[n]
				if !first {
					copy(half[other:], newer[other:min(other+512, len(newer))])
					want = heads[n+1]
				}
				copy(half[place:i], newer[place:i])
				goesOn(t, dir, synced.with("head", half), want, d, heads[4])
			}
		}
		goesOn(t, dir, after, heads[n+1], d, heads[4])
	}
}

// goesOn opens a tree with these files, wants the head, grows it to another and
// verifies all that is kept.
func goesOn(t *testing.T, dir string, c contents, want proof.Head, d *desk, end proof.Head) {
	t.Helper()
	c.write(t, dir)
	tree, err := proof.OpenTree(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	if h := tree.Head(); h != want {
		t.Fatalf("opened with %+v, want %+v", h, want)
	}
	store := storeOf(t, d.data[:end.Record]...)
	if h, err := tree.Grow(ctx, store); err != nil || h != end {
		t.Fatalf("grown to %+v, %v, want %+v", h, err, end)
	}
	last := d.ids[end.Size-1]
	p, err := tree.Inclusion(ctx, store, signed(t, end), last.position, last.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Check(key); err != nil {
		t.Fatal(err)
	}
	if r, err := proof.Verify(ctx, store, &proof.VerifyOptions{Tree: tree}); err != nil || len(r.Faults) > 0 {
		t.Fatalf("%v, %v", r, err)
	}
}

// TestDamagedFiles changes each byte of the files. Either OpenTree refuses them, or
// the head is the last one, and every proof that is made holds.
func TestDamagedFiles(t *testing.T) {
	d, heads := shaped(t)
	states := steps(t, d, 4)
	good, store := states[4], storeOf(t, d.data[:4]...)
	dir := t.TempDir()
	refused, failed := 0, 0
	for _, name := range fileNames {
		for i := range good[name] {
			data := append([]byte(nil), good[name]...)
			data[i] ^= 0x10
			good.with(name, data).write(t, dir)
			tree, err := proof.OpenTree(dir)
			if err != nil {
				if !errors.Is(err, events.ErrDamaged) {
					t.Fatalf("%s, byte %d: %v", name, i, err)
				}
				refused++
				continue
			}
			h := tree.Head()
			if h != heads[4] {
				t.Fatalf("%s, byte %d: head %+v", name, i, h)
			}
			for _, e := range d.ids[:h.Size] {
				p, err := tree.Inclusion(ctx, store, signed(t, h), e.position, e.ID)
				if err != nil {
					failed++
				} else if _, err := p.Check(key); err != nil {
					t.Fatalf("%s, byte %d: %v", name, i, err)
				}
			}
			tree.Close()
		}
	}
	if refused == 0 || failed == 0 {
		t.Errorf("%d refused, %d proofs failed", refused, failed)
	}

	for _, name := range []string{"hashes", "ends"} {
		good.with(name, good[name][:len(good[name])-1]).write(t, dir)
		if _, err := proof.OpenTree(dir); !errors.Is(err, events.ErrDamaged) {
			t.Errorf("%s cut: %v", name, err)
		}
	}
	for n, state := range states[1:] {
		both := bytes.Clone(state["head"])
		both[3] ^= 1
		both[512+3] ^= 1
		for name, head := range map[string][]byte{"damaged": both, "cut": both[:512], "gone": nil} {
			state.with("head", head).write(t, dir)
			if _, err := proof.OpenTree(dir); !errors.Is(err, events.ErrDamaged) {
				t.Errorf("both heads %s after %d records: %v", name, n+1, err)
			}
		}
	}
}

// Where a record ends is not taken for granted: a place far beyond the tree is a fault of
// the two records that it is between, and no reason to ask for so much memory.
func TestDamagedEnds(t *testing.T) {
	d, heads := shaped(t)
	good := steps(t, d, 4)[4]
	for _, size := range []uint64{1 << 60, 1 << 63, uint64(heads[4].Size) + 1, 0} {
		ends := bytes.Clone(good["ends"])
		binary.BigEndian.PutUint64(ends[16:], size) // of the second record
		dir := t.TempDir()
		good.with("ends", ends).write(t, dir)
		tree := must(proof.OpenTree(dir))
		r, err := proof.Verify(ctx, storeOf(t, d.data[:4]...), &proof.VerifyOptions{Tree: tree})
		if err != nil {
			t.Fatal(err)
		}
		var found []events.Seq
		for _, f := range r.Faults {
			if found = append(found, f.Record); !errors.Is(f.Err, events.ErrDamaged) && !errors.Is(f.Err, proof.ErrForked) {
				t.Errorf("%d events after two records: %v", size, f.Err)
			}
		}
		if !slices.Equal(found, []events.Seq{2, 3}) {
			t.Errorf("%d events after two records: faults of the records %v, want 2 and 3", size, found)
		}
		mustDo(t, tree.Close())
	}
}

// TestFilesBefore opens directories as they were once written: with the heads in the two
// places by turns, and none until the first record.
func TestFilesBefore(t *testing.T) {
	d, heads := shaped(t)
	states := steps(t, d, 4)
	var head []byte
	for n, state := range states {
		if n > 0 {
			at := (n - 1) % 2 * 512
			head = append(bytes.Clone(head), make([]byte, max(0, at-len(head)))...)
			head = append(head[:at], append(bytes.Clone(state["head"][512:]), head[min(len(head), at+len(state["head"])-512):]...)...)
		}
		goesOn(t, t.TempDir(), state.with("head", head), heads[n], d, heads[4])
	}
}

// A head of a later version is refused, and stays.
func TestNewerFiles(t *testing.T) {
	d, _ := shaped(t)
	good := steps(t, d, 1)[1]
	size := len(good["head"]) - 512
	dir := t.TempDir()
	for _, at := range []int{0, 512} { // as a later release writes it in place of this one's
		head := bytes.Clone(good["head"])
		head[at] = 2
		sum := crc32.Checksum(head[at:at+size-4], crc32.MakeTable(crc32.Castagnoli))
		binary.BigEndian.PutUint32(head[at+size-4:], sum)
		good.with("head", head).write(t, dir)
		if _, err := proof.OpenTree(dir); !errors.Is(err, events.ErrNewer) || errors.Is(err, events.ErrDamaged) {
			t.Errorf("at %d: %v", at, err)
		}
		if !bytes.Equal(contentsOf(t, dir)["head"], head) {
			t.Errorf("at %d: it has been overwritten", at)
		}
	}
}

// TestTwoProcesses opens one directory twice, as two processes do.
func TestTwoProcesses(t *testing.T) {
	d, heads := shaped(t)
	dir := t.TempDir()
	var two [2]*proof.Tree
	for i := range two {
		tree, err := proof.OpenTree(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer tree.Close()
		two[i] = tree
	}
	for i := range 4 {
		store := storeOf(t, d.data[:2*i+1+i%2]...)
		for _, tree := range []*proof.Tree{two[i%2], two[1-i%2]} {
			h, err := tree.Grow(ctx, store)
			if err != nil {
				t.Fatal(err)
			}
			third, err := proof.OpenTree(dir)
			if err != nil {
				t.Fatal(err)
			}
			if third.Head() != h || h != heads[h.Record] {
				t.Fatalf("%+v, opened again %+v, want %+v", h, third.Head(), heads[h.Record])
			}
			third.Close()
		}
	}
}

// A process that has another record, or an older copy that goes on in another way, does
// not overwrite what one has kept that has come further: to no further than that, to as
// far, or beyond.
func TestForkedProcesses(t *testing.T) {
	d, heads := shaped(t)
	fork := forked(t, 1)
	for _, n := range []int{3, 5, 7} {
		for _, begun := range []int{0, 1} {
			dir := t.TempDir()
			tree, other := must(proof.OpenTree(dir)), must(proof.OpenTree(dir))
			must(other.Grow(ctx, storeOf(t, d.data[:begun]...)))
			must(tree.Grow(ctx, storeOf(t, d.data[:5]...)))
			if h, err := other.Grow(ctx, storeOf(t, fork.data[:n]...)); !errors.Is(err, proof.ErrForked) || h != heads[begun] {
				t.Errorf("from %d to %d: %+v, %v", begun, n, h, err)
			}
			mustDo(t, tree.Close(), other.Close())
			goesOn(t, dir, contentsOf(t, dir), heads[5], d, heads[6])
		}
	}
}

// Grow waits for its turn, and for another process that writes, no longer than its context.
func TestGrowEndsWithItsContext(t *testing.T) {
	d, heads := shaped(t)
	dir := t.TempDir()
	locking := make(chan bool, 100)
	tree := must(proof.OpenTreeWatched(dir, func() {}, func() { locking <- true }))
	defer tree.Close()
	head := must(os.Open(filepath.Join(dir, "head")))
	defer head.Close()
	unlock, err := lock.Exclusive(ctx, head)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	for len(locking) > 0 {
		<-locking
	}
	end := make([]context.CancelFunc, 2)
	ended := make(chan error)
	for i := range end {
		within, cancel := context.WithCancel(ctx)
		end[i] = cancel
		go func() {
			_, err := tree.Grow(within, d.store)
			ended <- err
		}()
		if i == 0 {
			<-locking // it has its turn
		}
	}
	for i := range end {
		end[len(end)-1-i]()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Grow, while the head is locked: %v", err)
		}
	}
	unlock()
	if h, err := tree.Grow(ctx, d.store); err != nil || h != heads[len(heads)-1] {
		t.Errorf("Grow, when it is not any more: %+v, %v", h, err)
	}
}

// OpenTree does not wait for ever for another process that writes, says why it does not, and
// leaves the tree as it was; when the other has ended it opens it.
func TestOpenTreeWhileLocked(t *testing.T) {
	d, heads := shaped(t)
	dir := t.TempDir()
	tree := must(proof.OpenTree(dir))
	must(tree.Grow(ctx, d.store))
	mustDo(t, tree.Close())
	before := contentsOf(t, dir)
	head := must(os.Open(filepath.Join(dir, "head")))
	defer head.Close()
	unlock, err := lock.Exclusive(ctx, head)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	_, err = proof.OpenTreeSoon(dir)
	if want := "proof: open the tree in " + dir + ": another has held the lock of its head for more than 1ns: open it again when he has let it go"; fmt.Sprint(err) != want {
		t.Errorf("while it is locked: %v, want %s", err, want)
	}
	if !reflect.DeepEqual(contentsOf(t, dir), before) {
		t.Error("it has been changed, though it was locked")
	}
	unlock()
	tree = must(proof.OpenTreeSoon(dir))
	defer tree.Close()
	if h := tree.Head(); h != heads[len(heads)-1] {
		t.Errorf("when it is not locked any more: %+v", h)
	}
}

// A head that one process has written is not taken back by another, which has read an
// older one and grows the tree less far, or only opens it.
func TestHeadStays(t *testing.T) {
	d, heads := shaped(t)
	kept := func(dir string) proof.Head {
		t.Helper()
		tree := must(proof.OpenTree(dir))
		defer tree.Close()
		return tree.Head()
	}
	dir := t.TempDir()
	tree := must(proof.OpenTree(dir))
	must(tree.Grow(ctx, storeOf(t, d.data[:2]...)))
	behind := must(proof.OpenTree(dir))
	defer behind.Close()
	for n := 3; n <= 4; n++ {
		must(tree.Grow(ctx, storeOf(t, d.data[:n]...)))
	}
	if h := must(behind.Grow(ctx, storeOf(t, d.data[:3]...))); h != heads[3] {
		t.Errorf("grown to %+v, want %+v", h, heads[3])
	}
	if h := kept(dir); h != heads[4] {
		t.Errorf("who grew it less far leaves %+v, want %+v", h, heads[4])
	}
	mustDo(t, tree.Close())

	// The other grows when the one that opens has read the head and is about to write it.
	dir = t.TempDir()
	grown, waits := make(chan error, 1), make(chan bool, 10)
	var begun bool
	tree = must(proof.OpenTreeWatched(dir, func() {}, func() {
		if begun {
			select {
			case waits <- true:
			default: // it looks again and again
			}
		}
	}))
	defer tree.Close()
	must(tree.Grow(ctx, storeOf(t, d.data[:2]...)))
	begun = true
	three, four := storeOf(t, d.data[:3]...), storeOf(t, d.data[:4]...)
	var once sync.Once
	opened := must(proof.OpenTreeWatched(dir, func() {
		once.Do(func() {
			go func() {
				_, err := tree.Grow(ctx, three)
				if err == nil {
					_, err = tree.Grow(ctx, four)
				}
				grown <- err
			}()
			select {
			case err := <-grown:
				grown <- err
			case <-waits:
			}
		})
	}, func() {}))
	defer opened.Close()
	if h := opened.Head(); h != heads[2] {
		t.Errorf("opened with %+v, want %+v", h, heads[2])
	}
	mustDo(t, <-grown)
	if h := kept(dir); h != heads[4] {
		t.Errorf("who opened it leaves %+v, want %+v", h, heads[4])
	}
}

// The directory that has the name of one is the same with a slash behind.
func TestAbove(t *testing.T) {
	for path, want := range map[string]string{"a/b": "a", "a/b/": "a", "a/b//": "a", "a": ".", "a/": ".", ".": ".", "/": "/", "/a/": "/"} {
		if got := proof.Above(filepath.FromSlash(path)); got != filepath.FromSlash(want) {
			t.Errorf("above %s is %s, want %s", path, got, want)
		}
	}
}

func TestOpenTreeErrors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := proof.OpenTree(file); err == nil {
		t.Error("a file is no directory")
	}
}
