package graph_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	sqlite3 "github.com/ncruces/go-sqlite3"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/sqlite"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/disk"
	"github.com/onrecord/onrecord/internal/soak"
)

// A small file is one with pages of 512 bytes, of which every byte can be changed in
// turn: as it is when it is closed, and before that, with its log.
type smallFile struct {
	closed, open, log []byte
	tells             []string // what a graph of its first n records tells
}

func makeSmall(t *testing.T, d *disk.Disk) *smallFile {
	path := filepath.Join(t.TempDir(), "story.db")
	read := func(suffix string) []byte {
		data, err := os.ReadFile(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	store, err := sqlite.Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	store.Close()
	db, err := sqlite3.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Exec(`PRAGMA journal_mode = DELETE; PRAGMA page_size = 512; VACUUM`); err != nil {
		t.Fatal(err)
	}
	db.Close()
	if store, err = sqlite.Open(path, nil); err != nil {
		t.Fatal(err)
	}
	g := open(t, store)
	f := &smallFile{tells: []string{tellAll(t, g)}}
	c := newCast(1)
	for _, b := range []*events.Batch{c.registration, batchOf(c.statements("one", c.who[0])[:1]...), batchOf(c.statements("two", c.alt[0])[:1]...)} {
		if _, err := g.Record(ctx, b); err != nil {
			t.Fatal(err)
		}
		f.tells = append(f.tells, tellAll(t, g))
	}
	f.open, f.log = read(""), read("-wal")
	// Of the zeros that a log is filled with as it grows, some will do.
	f.log = append(bytes.TrimRight(f.log, "\x00"), make([]byte, 256)...)
	g.Close()
	store.Close()
	f.closed = read("")
	return f
}

// tellAll tells all that a graph shows, in full.
func tellAll(t *testing.T, g *graph.Graph) string {
	t.Helper()
	var out bytes.Buffer
	v := g.View(nil)
	fmt.Fprintln(&out, v.Position())
	for s := range v.Statements(graph.Pattern{}) {
		r, err := s.Load(ctx)
		if err != nil {
			t.Error(err)
			return "nothing"
		}
		fmt.Fprintf(&out, "%v %v %+v\n", r.ID, r.At.UnixNano(), r.Statement)
	}
	for id := range v.Entities() {
		e, err := v.Entity(ctx, id)
		fmt.Fprintf(&out, "%+v %v\n", e, err)
	}
	return out.String()
}

// A bit flipped in any byte of a file or of its log, and a file or a log cut at any byte, is
// an error, which is ErrDamaged where the file could be opened, or changes nothing that
// anybody reads; of a log it may lose the last records, whole.
func TestEveryByte(t *testing.T) {
	d := disk.New(t)
	f := makeSmall(t, d)
	all := len(f.tells) - 1
	for _, c := range []struct {
		name   string
		data   []byte
		of     func(changed []byte) (file, log []byte)
		loses  bool // of a log
		detect bool // every cut is found
	}{
		{"file", f.closed, func(b []byte) ([]byte, []byte) { return b, nil }, false, true},
		{"log", f.log, func(b []byte) ([]byte, []byte) { return f.open, b }, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			outcomes := map[string]int{}
			try := func(what string, changed []byte) (outcome string) {
				defer func() { outcomes[outcome]++ }()
				d.Forget()
				dir, err := os.MkdirTemp(t.TempDir(), "")
				if err != nil {
					t.Fatal(err)
				}
				defer os.RemoveAll(dir)
				path := filepath.Join(dir, "story.db")
				file, log := c.of(changed)
				if err := os.WriteFile(path, file, 0o600); err != nil {
					t.Fatal(err)
				}
				if log != nil {
					if err := os.WriteFile(path+"-wal", log, 0o600); err != nil {
						t.Fatal(err)
					}
				}
				store, err := sqlite.Open(path, &sqlite.Options{VFS: d.Name})
				if err != nil {
					return "refused"
				}
				defer store.Close()
				g, err := graph.Open(ctx, store, nil)
				if err != nil {
					if !errors.Is(err, events.ErrDamaged) {
						t.Errorf("%s: %v", what, err)
					}
					return "found to be damaged"
				}
				defer g.Close()
				switch n := slices.Index(f.tells, tellAll(t, g)); {
				case n == all:
					return "read as it was"
				case n >= 0 && c.loses:
					return "read without the last records"
				case n >= 0:
					t.Errorf("%s: %d records of %d are read, without an error", what, n, all)
				default:
					t.Errorf("%s: something else is read", what)
				}
				return "wrong"
			}
			if try("unchanged", c.data) != "read as it was" {
				t.Fatal("it is not read as it was")
			}
			flips, cuts := 0, 0
			// One byte of three; where there are only zeros, one of 48. Longer runs have all.
			stride := soak.Step() * max(1, 3/soak.Times(1))
			for i := 0; i < len(c.data); i += stride {
				if c.data[i] == 0 && i%16 != 0 && stride > 1 {
					continue
				}
				changed := bytes.Clone(c.data)
				changed[i] ^= 1 << (i % 8)
				try(fmt.Sprintf("bit %d of byte %d", i%8, i), changed)
				flips++
			}
			// A file that has nothing is a new one.
			for i := 1; i < len(c.data); i += max(1, 29*soak.Step()/soak.Times(1)) {
				outcome := try(fmt.Sprintf("cut at %d of %d", i, len(c.data)), c.data[:i])
				if c.detect && outcome == "read as it was" {
					t.Errorf("cut at %d of %d bytes: nobody notices", i, len(c.data))
				}
				cuts++
			}
			t.Logf("%d bytes, %d flipped, %d cuts: %v", len(c.data), flips, cuts, outcomes)
		})
	}
}
