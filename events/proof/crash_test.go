package proof_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/onrecord/onrecord/events/proof"
	"github.com/onrecord/onrecord/events/sqlite"
	"github.com/onrecord/onrecord/internal/disk"
	"github.com/onrecord/onrecord/internal/soak"
)

// signedMark is a checkpoint that was given away, as a mark between the changes of a
// disk.
type signedMark struct {
	head proof.Head
	msg  []byte
}

// A notary grows a tree over a record that is in the same directory of a disk, and
// signs it.
type notary struct {
	disk  *disk.Disk
	store *sqlite.Store
	tree  *proof.Tree
}

func openNotary(d *disk.Disk, dir string) (*notary, error) {
	store, err := sqlite.Open(filepath.Join(dir, "story.db"), &sqlite.Options{VFS: d.Name})
	if err != nil {
		return nil, err
	}
	tree, err := proof.OpenTreeOn(d, dir)
	if err != nil {
		store.Close()
		return nil, err
	}
	return &notary{d, store, tree}, nil
}

func (n *notary) close() error { return errors.Join(n.tree.Close(), n.store.Close()) }

// record appends the next records of a desk.
func (n *notary) record(d *desk, records int) error {
	for range records {
		last, err := n.store.Last(ctx)
		if err != nil {
			return err
		}
		if _, err := n.store.Append(ctx, last, d.data[last]); err != nil {
			return err
		}
	}
	return nil
}

// sign grows the tree and gives a checkpoint away.
func (n *notary) sign() error {
	h, err := n.tree.Grow(ctx, n.store)
	if err != nil {
		return err
	}
	msg, err := proof.Sign(h, signer)
	if err != nil {
		return err
	}
	n.disk.Mark(signedMark{h, msg})
	return nil
}

var errDisk = errors.New("the disk is broken")

// lives are what the power is cut in.
var lives = map[string]func(t *testing.T, d *disk.Disk, dir string, from *desk){
	// A record and its tree are made, grow, are closed, opened again and grow.
	"one": func(t *testing.T, d *disk.Disk, dir string, from *desk) {
		for range 3 {
			n := must(openNotary(d, dir))
			for _, records := range []int{0, 1, 3, 0, 2} {
				mustDo(t, n.record(from, records), n.sign())
			}
			mustDo(t, n.close())
		}
	},
	// Two have the tree open.
	"two": func(t *testing.T, d *disk.Disk, dir string, from *desk) {
		a, b := must(openNotary(d, dir)), must(openNotary(d, dir))
		for range 2 {
			mustDo(t, a.record(from, 1), a.sign(), b.sign(), b.record(from, 2), b.sign(), b.record(from, 1), b.sign(), a.sign())
		}
		mustDo(t, b.close(), a.record(from, 2), a.sign(), a.close())
	},
	// One of the two dies when it has written a head that is not on disk, and the other
	// signs that.
	"dying": func(t *testing.T, d *disk.Disk, dir string, from *desk) {
		a, b := must(openNotary(d, dir)), must(openNotary(d, dir))
		mustDo(t, a.record(from, 2), a.sign(), b.sign(), a.record(from, 1))
		dead := make(chan struct{})
		d.Break(func(op disk.Op) *disk.Fault {
			if op.Name == "head" && op.Kind == disk.Sync {
				runtime.Goexit()
			}
			return nil
		})
		go func() {
			defer close(dead)
			t.Error(a.sign())
		}()
		<-dead
		d.Break(nil)
		mustDo(t, b.sign(), b.record(from, 1), b.sign(), b.close(), a.close())
	},
	// What the tree writes and syncs fails now and then, and whoever grows it goes on.
	"failing": func(t *testing.T, d *disk.Disk, dir string, from *desk) {
		told, rng := 0, rand.New(rand.NewPCG(21, 22))
		d.Break(func(op disk.Op) *disk.Fault {
			// The head is written once the others are synced, and twice.
			p := map[string]int{"hashes": 16, "ends": 16, "head": 6, filepath.Base(dir): 6}[op.Name]
			if p > 0 && op.Kind != disk.Read && rng.IntN(p) == 0 {
				return &disk.Fault{Err: errDisk, Part: rng.IntN(op.Size + 1)}
			}
			return nil
		})
		defer d.Break(nil)
		for range 6 {
			n, err := openNotary(d, dir)
			if err != nil {
				told++
				continue
			}
			for range 5 {
				mustDo(t, n.record(from, 1))
				if err := n.sign(); err != nil {
					told++
				}
			}
			mustDo(t, n.close())
		}
		if told < 8 {
			t.Errorf("only %d times somebody was told", told)
		}
	},
}

func mustDo(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// long returns a desk with so many records, and the head after each.
func long(t *testing.T, records int) (*desk, []proof.Head) {
	d, tree := newDesk(), proof.NewTree()
	heads := []proof.Head{tree.Head()}
	for i := range records {
		d.record(t, shapes[i%len(shapes)]...)
		heads = append(heads, must(tree.Grow(ctx, d.store)))
	}
	return d, heads
}

// The power is cut at every change of the disk, and again while the tree is opened after
// that. Whatever is left of what was not synced: the tree opens; it is the one over some
// of the first records, and over no fewer than the last checkpoint was signed for; it
// grows to that over all of them; every checkpoint that was given away is consistent
// with those after, and its events are proved.
func TestCrash(t *testing.T) {
	from, heads := long(t, 40)
	for name, live := range lives {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, dir := disk.New(t), t.TempDir()
			live(t, d, dir, from)
			v := &inquest{from: from, heads: heads, calm: disk.New(t), seen: map[[sha256.Size]byte]bool{}}
			moments, struck := d.EachCrash(t, soak.Times(3), soak.Step(), func(w *disk.Wreck, rng *rand.Rand) {
				again := 0
				if rng.IntN(8) == 0 {
					again = 2
				}
				v.hold(t, w, rng, again)
			})
			t.Logf("%d moments, %d crashes, %d different wrecks opened", moments, struck, v.cases)
		})
	}
}

// An inquest looks at what crashes have left.
type inquest struct {
	from  *desk
	heads []proof.Head
	calm  *disk.Disk // that the wrecks are opened on
	seen  map[[sha256.Size]byte]bool
	cases int
}

// hold opens a wreck and holds it against what had been said. It strikes again at some
// of the moments of that.
func (v *inquest) hold(t *testing.T, w *disk.Wreck, rng *rand.Rand, again int) {
	t.Helper()
	if sum := w.Sum(); v.seen[sum] {
		return
	} else {
		v.seen[sum] = true
	}
	v.cases++
	dir := filepath.Join(t.TempDir(), fmt.Sprint(v.cases))
	mustDo(t, os.Mkdir(dir, 0o700), w.Lay(dir))
	defer os.RemoveAll(dir)
	v.calm.Forget()
	n, err := openNotary(v.calm, dir)
	if err != nil {
		t.Error(err)
		return
	}
	var given []signedMark
	for _, m := range w.Marks {
		given = append(given, m.(signedMark))
	}
	v.tells(t, n, given)
	if err := n.close(); err != nil {
		t.Error(err)
	}
	moments := v.calm.Moments()
	var more []*disk.Wreck
	for range again {
		next := v.calm.Crash(moments[rng.IntN(len(moments))], disk.Survivals[rng.IntN(len(disk.Survivals))], rng.Uint64())
		next.Marks = append(w.Marks[:len(w.Marks):len(w.Marks)], next.Marks...)
		more = append(more, next)
	}
	for _, next := range more {
		if !t.Failed() {
			v.hold(t, next, rng, 0)
		}
	}
}

// tells fails unless a tree tells the truth, and all of it once it has grown.
func (v *inquest) tells(t *testing.T, n *notary, given []signedMark) {
	t.Helper()
	head := n.tree.Head()
	if head != v.heads[head.Record] {
		t.Errorf("opened with %+v, want %+v", head, v.heads[head.Record])
		return
	}
	for _, g := range given {
		if g.head.Size > head.Size {
			t.Errorf("opened with %d events, %d were signed for", head.Size, g.head.Size)
		}
	}
	for _, more := range []int{0, 1} {
		if err := errors.Join(n.record(v.from, more), n.sign()); err != nil {
			t.Error(err)
			return
		}
		head = n.tree.Head()
		if last, err := n.store.Last(ctx); err != nil || last != head.Record || head != v.heads[last] {
			t.Errorf("grown to %+v, the record ends with %d: %v", head, last, err)
			return
		}
	}
	now := signed(t, head)
	for i, g := range given {
		p, err := n.tree.Consistency(g.msg, now)
		if err == nil {
			_, _, err = p.Check(key)
		}
		if err != nil {
			t.Errorf("the checkpoint of %d events: %v", g.head.Size, err)
		}
		if i < len(given)-1 || g.head.Size == 0 {
			continue
		}
		for _, e := range []place{v.from.ids[0], v.from.ids[g.head.Size/2], v.from.ids[g.head.Size-1]} {
			p, err := n.tree.Inclusion(ctx, n.store, g.msg, e.position, e.ID)
			if err == nil {
				_, err = p.Check(key)
			}
			if err != nil {
				t.Errorf("event %v of %d: %v", e.ID, g.head.Size, err)
			}
		}
	}
	if r, err := proof.Verify(ctx, n.store, &proof.VerifyOptions{Tree: n.tree}); err != nil || len(r.Faults) > 0 {
		t.Errorf("%v, %v", r, err)
	}
}

// A directory is made with those above it, and the name of each is synced; so is that of
// one that is there, for whoever has made it may have died before he could.
func TestMakeDirectories(t *testing.T) {
	dir := t.TempDir()
	a := filepath.Join(dir, "a")
	b := filepath.Join(a, "b")
	c := filepath.Join(b, "c")
	for _, want := range [][]string{{dir, a, b}, {b}} {
		var synced []string
		mustDo(t, proof.MakeDir(c, func(dir string) error {
			synced = append(synced, dir)
			return nil
		}))
		if !slices.Equal(synced, want) {
			t.Errorf("synced are %q, want %q", synced, want)
		}
	}
	if err := proof.MakeDir(c, func(string) error { return errDisk }); !errors.Is(err, errDisk) {
		t.Errorf("a name that is not synced: %v", err)
	}
	tree := must(proof.OpenTree(filepath.Join(dir, "d", "e")))
	mustDo(t, tree.Close())
}
