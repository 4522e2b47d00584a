package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/internal/disk"
	"github.com/onrecord/onrecord/internal/soak"
)

// What a test has done by a moment, as marks between the changes of a disk.
type (
	triedMark string // a record of this id may be there
	ackedMark struct {
		seq events.Seq
		id  string
	}
)

// openOn opens a store on a disk, with a log that is moved when it has a few pages.
func openOn(t *testing.T, d *disk.Disk, path string) *Store {
	t.Helper()
	s, err := Open(path, &Options{VFS: d.Name})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	c := <-s.writer
	defer func() { s.writer <- c }()
	if err := c.db.Exec(`PRAGMA wal_autocheckpoint = 9`); err != nil {
		t.Fatal(err)
	}
	return s
}

// sizes are those of records: in one page with others, in several, in many.
var sizes = []int{1, 700, 9_000, 60, 30_000, 3_000, 8_150, 8_192, 17_000, 300}

// appendMarked appends a record after the last one, and marks that it does and that
// it was acknowledged.
func appendMarked(d *disk.Disk, s *Store, name string, i int) error {
	record, id := sealed(name, i, sizes[i%len(sizes)]), fmt.Sprintf("%s %d", name, i)
	d.Mark(triedMark(id))
	for {
		last, err := s.Last(context.Background())
		if err != nil {
			return err
		}
		seq, err := s.Append(context.Background(), last, record)
		if errors.Is(err, events.ErrConflict) {
			continue
		}
		if err == nil {
			d.Mark(ackedMark{seq, id})
		}
		return err
	}
}

// workloads are what the power is cut in. Each closes what it has opened.
var workloads = map[string]func(t *testing.T, d *disk.Disk, path string){
	// A file is made, written to, closed, opened again and written to.
	"one": func(t *testing.T, d *disk.Disk, path string) {
		for life := range 2 {
			s := openOn(t, d, path)
			for i := range 9 {
				if err := appendMarked(d, s, fmt.Sprint("life", life), i); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
	},
	// Several write to one file at once.
	"several": func(t *testing.T, d *disk.Disk, path string) {
		var writing sync.WaitGroup
		for w := range 3 {
			s := openOn(t, d, path)
			writing.Go(func() {
				for i := range 5 {
					if err := appendMarked(d, s, fmt.Sprint("writer", w), i+w); err != nil {
						t.Error(err)
						return
					}
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		writing.Wait()
	},
	// Syncs and writes fail now and then, and who appends goes on.
	"failing": func(t *testing.T, d *disk.Disk, path string) {
		s := openOn(t, d, path)
		rng := rand.New(rand.NewPCG(11, 12))
		d.Break(func(op disk.Op) *disk.Fault {
			if p := map[disk.Kind]int{disk.Sync: 3, disk.Write: 40}[op.Kind]; p > 0 && rng.IntN(p) == 0 {
				return &disk.Fault{Err: errDisk, Part: rng.IntN(op.Size + 1)}
			}
			return nil
		})
		for i := range 24 {
			_ = appendMarked(d, s, "x", i) // what failed may be there
		}
		d.Break(nil)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	},
}

// A survey checks what is left after crashes.
type survey struct {
	calm  *disk.Disk // that the wrecks are opened on
	seen  map[[32]byte]bool
	cases int
}

// check opens a wreck and fails unless every record that was acknowledged is there,
// none is there in part, twice or from nowhere, and the record goes on. It strikes again
// at what opening it does, at some of the moments.
func (v *survey) check(t *testing.T, w *disk.Wreck, rng *rand.Rand, again int) {
	t.Helper()
	if sum := w.Sum(); v.seen[sum] {
		return
	} else {
		v.seen[sum] = true
	}
	v.cases++
	dir, err := os.MkdirTemp(t.TempDir(), "wreck")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := w.Lay(dir); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "story.db")
	if rng.IntN(2) == 0 { // of no use to anybody, and must not be taken for one that is
		junk := make([]byte, 32<<10)
		for i := range junk {
			junk[i] = byte(rng.Uint32())
		}
		if err := os.WriteFile(path+"-shm", junk, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	v.calm.Forget()
	s, err := Open(path, &Options{VFS: v.calm.Name})
	if err != nil {
		t.Error(err)
		return
	}
	defer s.Close()
	last := v.wantMarked(t, s, w.Marks)
	if t.Failed() {
		return
	}
	if err := appendMarked(v.calm, s, "more", again); err != nil {
		t.Errorf("append after %d: %v", last, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	mustBeAlone(t, path)
	if again == 0 {
		return
	}
	var more []*disk.Wreck
	moments := v.calm.Moments()
	for range again {
		next := v.calm.Crash(moments[rng.IntN(len(moments))], disk.Survivals[rng.IntN(len(disk.Survivals))], rng.Uint64())
		next.Marks = append(append([]any(nil), w.Marks...), next.Marks...)
		more = append(more, next)
	}
	for _, next := range more {
		v.check(t, next, rng, 0)
	}
}

// wantMarked compares what is stored with the marks, and returns the last number.
func (v *survey) wantMarked(t *testing.T, s *Store, marks []any) (last events.Seq) {
	t.Helper()
	tried, acked := map[string]bool{}, map[events.Seq]string{}
	for _, m := range marks {
		switch m := m.(type) {
		case triedMark:
			tried[string(m)] = true
		case ackedMark:
			acked[m.seq] = m.id
		}
	}
	for r, err := range s.Scan(t.Context(), 0) {
		if err != nil {
			t.Errorf("after record %d: %v", last, err)
			return last
		}
		last = r.Seq
		id, err := unseal(r.Data)
		switch want, ok := acked[last]; {
		case err != nil:
			t.Errorf("record %d: %v", last, err)
		case !tried[id]:
			t.Errorf("record %d is %q, which nobody appended, or is there twice", last, id)
		case ok && want != id:
			t.Errorf("record %d is %q, acknowledged was %q", last, id, want)
		}
		delete(tried, id)
		delete(acked, last)
	}
	for seq, id := range acked {
		t.Errorf("record %d, %q, was acknowledged and is not there: the last one is %d", seq, id, last)
	}
	return last
}

// The power is cut at every change that is made to the disk; whatever is left of what
// was not synced, every acknowledged record is there, and no other in part. It is cut
// again while the store is opened after that.
func TestCrash(t *testing.T) {
	for name, work := range workloads {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := disk.New(t)
			work(t, d, filepath.Join(t.TempDir(), "story.db"))
			v := &survey{calm: disk.New(t), seen: map[[32]byte]bool{}}
			moments, struck := d.EachCrash(t, soak.Times(4), soak.Step(), func(w *disk.Wreck, rng *rand.Rand) {
				again := 0
				if rng.IntN(16) == 0 {
					again = 2
				}
				v.check(t, w, rng, again)
			})
			t.Logf("%d moments, %d crashes, %d different wrecks opened", moments, struck, v.cases)
		})
	}
}

// All who have the file open are killed at any change that they make to the disk, others
// open it, to write or to read only, and then the power is cut. What those have shown is
// there, though who wrote it had not synced it.
func TestKilled(t *testing.T) {
	for _, name := range []string{"one", "several"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := disk.New(t)
			workloads[name](t, d, filepath.Join(t.TempDir(), "story.db"))
			v := &survey{calm: disk.New(t), seen: map[[32]byte]bool{}}
			moments, shown := d.Moments(), 0
			for k := 0; k < len(moments); k += soak.Step() {
				dir, rng := t.TempDir(), rand.New(rand.NewPCG(uint64(k), 0))
				next := d.Killed(t, moments[k], dir)
				opts := &Options{VFS: next.Name, ReadOnly: rng.IntN(2) == 0}
				s, err := Open(filepath.Join(dir, "story.db"), opts)
				if opts.ReadOnly && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission)) {
					continue // it is in the making
				}
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range scanned(t, s) {
					id, err := unseal(r.Data)
					if err != nil {
						t.Fatal(err)
					}
					next.Mark(ackedMark{r.Seq, id})
					shown++
				}
				after := next.Moments()
				if err := s.Close(); err != nil {
					t.Error(err)
				}
				v.check(t, next.Crash(after[len(after)-1], disk.Survivals[k%2*2], uint64(k)), rng, 0)
				if t.Failed() {
					t.Fatalf("killed after %d of %d changes", moments[k], moments[len(moments)-1])
				}
			}
			t.Logf("%d moments; %d records shown; %d different wrecks opened", len(moments), shown, v.cases)
		})
	}
}
