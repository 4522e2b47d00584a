package disk

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// Survival is what is left of what was not synced.
type Survival int

// The ways in which a disk is left.
const (
	None    Survival = iota // nothing
	All                     // everything: the process ended and the machine went on
	Prefix                  // what was done first, the last of it torn
	Sectors                 // any sectors, in any order
	Sizes                   // the sizes, and any sectors; the others have zeros or junk
	survivals
)

// Survivals are all of them.
var Survivals = []Survival{None, All, Prefix, Sectors, Sizes}

func (s Survival) String() string {
	return [survivals]string{"nothing", "everything", "a prefix", "any sectors", "sizes and any sectors"}[s]
}

// sector is the size of what is written whole or not at all, in bytes.
const sector = 512

// A Wreck is what a crash has left.
type Wreck struct {
	Files map[string][]byte // by name, without the directory
	Marks []any             // those that had been made
}

// Sum is the same for two wrecks that leave the same after the same marks.
func (w *Wreck) Sum() (sum [sha256.Size]byte) {
	h := sha256.New()
	fmt.Fprintln(h, len(w.Marks))
	for _, name := range slices.Sorted(maps.Keys(w.Files)) {
		fmt.Fprintln(h, name, len(w.Files[name]))
		h.Write(w.Files[name])
	}
	h.Sum(sum[:0])
	return sum
}

// Lay writes the files into a directory.
func (w *Wreck) Lay(dir string) error {
	for name, data := range w.Files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// Crash returns what is left if the power is cut at a moment, one of Moments. The same
// arguments give the same wreck.
func (d *Disk) Crash(after int, how Survival, seed uint64) *Wreck {
	d.mu.Lock()
	found, changes := d.found, d.changes[:after:after]
	d.mu.Unlock()
	rng := rand.New(rand.NewPCG(seed, uint64(after)))

	w := &Wreck{Files: map[string][]byte{}}
	states := map[*file]*state{}
	var order []*file // of first sight, so that nothing depends on a map's
	names := map[string]*file{}
	pending := map[string][]*file{} // what a name has come to stand for since; nil: nothing
	var seen []string               // the names, in the order of first sight
	of := func(f *file) *state {
		if states[f] == nil {
			states[f] = &state{safe: slices.Clone(f.was)}
			order = append(order, f)
		}
		return states[f]
	}
	for _, f := range found {
		of(f)
		names[filepath.Base(f.path)] = f
	}
	for _, c := range changes {
		name := filepath.Base(c.name)
		switch c.what {
		case marked:
			w.Marks = append(w.Marks, c.mark)
		case wrote, resized:
			of(c.file).pending = append(of(c.file).pending, c)
		case synced:
			of(c.file).settle(All, rng)
		case failedToSync:
			of(c.file).settle(Sectors, rng)
		case made:
			of(c.file)
			seen = append(seen, name)
			pending[name] = append(pending[name], c.file)
		case removed:
			seen = append(seen, name)
			pending[name] = append(pending[name], nil)
		case syncedNames:
			for name, since := range pending {
				names[name] = since[len(since)-1]
			}
			clear(pending)
		}
	}
	for _, name := range seen {
		since, ok := pending[name]
		if !ok {
			continue
		}
		delete(pending, name)
		n := rng.IntN(len(since) + 1)
		switch how {
		case None:
			n = 0
		case All:
			n = len(since)
		}
		if n > 0 {
			names[name] = since[n-1]
		}
	}
	for _, f := range order {
		of(f).settle(how, rng)
	}
	for name, f := range names {
		if f != nil {
			w.Files[name] = of(f).safe
		}
	}
	return w
}

// Killed returns the disk as it is for who comes after the processes that use this one
// have been killed at a moment, one of Moments, with its files in dir: all that had been
// written can be read, and is no safer than it was. It has no faults.
func (d *Disk) Killed(t testing.TB, after int, dir string) *Disk {
	t.Helper()
	if err := d.Crash(after, All, 0).Lay(dir); err != nil {
		t.Fatal(err)
	}
	next := New(t)
	d.mu.Lock()
	defer d.mu.Unlock()
	next.found, next.changes = d.found, d.changes[:after:after]
	at := func(path string) string { return filepath.Join(dir, filepath.Base(path)) }
	for _, f := range next.found {
		next.files[at(f.path)] = f
	}
	for _, c := range next.changes {
		switch c.what {
		case made:
			next.files[at(c.name)] = c.file
		case removed:
			delete(next.files, at(c.name))
		}
	}
	return next
}

// A state is what is known of a file: what is safe, and what was done since.
type state struct {
	safe    []byte
	pending []change
}

// settle makes what survives safe, and forgets the rest.
func (s *state) settle(how Survival, rng *rand.Rand) {
	pending := s.pending
	s.pending = nil
	size := len(s.safe)
	for _, c := range pending {
		if size = max(size, int(c.offset)+len(c.data)); c.what == resized {
			size = int(c.offset)
		}
	}
	switch how {
	case None:
		return
	case Prefix:
		if len(pending) > 0 {
			n := rng.IntN(len(pending))
			if last := pending[n]; last.what == wrote { // torn
				last.data = last.data[:rng.IntN(len(last.data)/sector+1)*sector]
				pending = append(slices.Clone(pending[:n]), last)
			} else {
				pending = pending[:n]
			}
		}
	case Sizes:
		was := len(s.safe)
		s.resize(size)
		if was < size && rng.IntN(2) == 0 {
			for i := was; i < size; i++ {
				s.safe[i] = byte(rng.Uint32())
			}
		}
	}
	for _, c := range pending {
		switch {
		case c.what == resized && how == Sizes:
		case c.what == resized:
			if how != Sectors || rng.IntN(2) == 0 {
				s.resize(int(c.offset))
			}
		case how == All || how == Prefix:
			s.write(int(c.offset), c.data)
		default:
			// The pieces of what was written that lie in one sector each.
			for from := 0; from < len(c.data); {
				to := min(len(c.data), from+sector-(int(c.offset)+from)%sector)
				if at := int(c.offset) + from; rng.IntN(2) == 0 && (how != Sizes || at < size) {
					s.write(at, c.data[from:min(to, from+max(0, size-at))])
				}
				from = to
			}
		}
	}
}

func (s *state) resize(size int) {
	s.safe = slices.Grow(s.safe[:min(size, len(s.safe))], max(0, size-len(s.safe)))
	for len(s.safe) < size {
		s.safe = append(s.safe, 0)
	}
}

func (s *state) write(at int, data []byte) {
	if end := at + len(data); end > len(s.safe) {
		s.resize(end)
	}
	copy(s.safe[at:], data)
}

// EachCrash strikes so many crashes at each of the disk's moments, of all of these every
// step-th, with what is kept in all ways by turns. It hands over what each leaves, with
// randomness that is its own, and ends the test at the first after which it has failed.
// It returns how many moments there are, and how many crashes it has struck.
func (d *Disk) EachCrash(t testing.TB, times, step int, look func(w *Wreck, rng *rand.Rand)) (moments, struck int) {
	t.Helper()
	at := d.Moments()
	for k := 0; k < len(at)*times; k += step {
		after, how := at[k/times], Survivals[k%len(Survivals)]
		look(d.Crash(after, how, uint64(k)), rand.New(rand.NewPCG(uint64(k), 0)))
		struck++
		if t.Failed() {
			t.Fatalf("case %d: after %d of %d changes, with %v kept", k, after, at[len(at)-1], how)
		}
	}
	return len(at), struck
}
