package sqlite

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/internal/disk"
)

// A log grows by whole steps, of zeros, whichever store appends; one that is full of
// zeros from some frame on ends there; and without room for a step an append needs none.
func TestLogGrows(t *testing.T) {
	d := disk.New(t)
	open := func(path string) *Store {
		s, err := Open(path, &Options{VFS: d.Name})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	path := filepath.Join(t.TempDir(), "story.db")
	stores := []*Store{open(path), open(path)}
	record := bytes.Repeat([]byte("x"), 20_000)
	sizes := map[int64]bool{}
	var last events.Seq
	for last < 40 {
		var err error
		if last, err = stores[last%2].Append(t.Context(), last, record); err != nil {
			t.Fatal(err)
		}
		log, err := os.ReadFile(path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		if sizes[int64(len(log))] = true; len(log)%logStep != 0 {
			t.Fatalf("after record %d the log has %d bytes, want a multiple of %d", last, len(log), logStep)
		}
		moments := d.Moments()
		dir := t.TempDir()
		if err := d.Crash(moments[len(moments)-1], disk.None, 1).Lay(dir); err != nil {
			t.Fatal(err)
		}
		if got := len(scanned(t, mustOpen(t, filepath.Join(dir, "story.db")))); got != int(last) {
			t.Fatalf("after a crash there are %d records of %d", got, last)
		}
	}
	if len(sizes) < 4 {
		t.Errorf("the log has had the sizes %v, want more than these", sizes)
	}

	s := open(filepath.Join(t.TempDir(), "full.db"))
	for last = range events.Seq(200) {
		d.Room(logStep / 2)
		if _, err := s.Append(t.Context(), last, record[:300]); err != nil {
			t.Fatalf("with room for half a step, after %d records: %v", last, err)
		}
	}
	d.Room(-1)
}
