package sqlite

import (
	"bytes"
	"maps"
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

// An append writes to the log once and syncs it once, or once for each step that it is
// longer than; and a transaction that is taken back has written nothing, however large it
// was.
func TestLogWritesAtOnce(t *testing.T) {
	d := disk.New(t)
	s, err := Open(filepath.Join(t.TempDir(), "story.db"), &Options{VFS: d.Name})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	c := <-s.writer
	if err := c.db.Exec(`PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = 1`); err != nil {
		t.Fatal(err)
	}
	if err := c.db.Exec(`CREATE TABLE room (b BLOB); INSERT INTO room VALUES (zeroblob(1000000)); DROP TABLE room`); err != nil {
		t.Fatal(err) // a log that need not grow, and pages that nobody uses
	}
	ops := map[disk.Kind]int{}
	d.Break(func(op disk.Op) *disk.Fault {
		if op.Log {
			ops[op.Kind]++
		}
		return nil
	})
	// The log begins anew, with a head that is synced for itself.
	if err := c.db.Exec(`PRAGMA wal_checkpoint(RESTART)`); err != nil {
		t.Fatal(err)
	}
	s.writer <- c
	var last events.Seq
	for _, x := range []struct {
		size int
		want map[disk.Kind]int
	}{
		{1, map[disk.Kind]int{disk.Write: 2, disk.Sync: 2}},
		{400, map[disk.Kind]int{disk.Write: 1, disk.Sync: 1}},
		{30_000, map[disk.Kind]int{disk.Write: 1, disk.Sync: 1}},
		{3 * logStep, map[disk.Kind]int{disk.Write: 4, disk.Sync: 1}},
	} {
		clear(ops)
		if last, err = s.Append(t.Context(), last, make([]byte, x.size)); err != nil {
			t.Fatal(err)
		}
		delete(ops, disk.Read) // SQLite may look at any page
		if !maps.Equal(ops, x.want) {
			t.Errorf("a record of %d bytes: %v, want %v", x.size, ops, x.want)
		}
	}
	clear(ops)
	c = <-s.writer
	if err := c.db.Exec(`BEGIN; INSERT INTO record VALUES (100, zeroblob(900000)), (101, zeroblob(900000)); ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	s.writer <- c
	if n := ops[disk.Write] + ops[disk.Sync]; n > 0 {
		t.Errorf("a transaction that was taken back has written or synced %d times", n)
	}
	if last, err = s.Append(t.Context(), last, []byte("x")); err != nil || len(scanned(t, s)) != int(last) {
		t.Errorf("then: %d, %v", last, err)
	}
}

// What an append that failed has held back is forgotten: another store writes in its place.
func TestLogForgets(t *testing.T) {
	d := disk.New(t)
	path := filepath.Join(t.TempDir(), "story.db")
	var stores [2]*Store
	for i := range stores {
		var err error
		if stores[i], err = Open(path, &Options{VFS: d.Name}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { stores[i].Close() })
	}
	for _, x := range []struct {
		store int
		after events.Seq
		fails bool
		data  []byte
	}{
		{0, 0, false, []byte("one")},
		{0, 1, true, bytes.Repeat([]byte("f"), 30_000)},
		{1, 1, false, bytes.Repeat([]byte("t"), 30_000)},
		{0, 2, false, []byte("three")},
	} {
		d.Break(func(op disk.Op) *disk.Fault {
			if x.fails && op.Log && op.Kind == disk.Write {
				return &disk.Fault{Err: errDisk}
			}
			return nil
		})
		if _, err := stores[x.store].Append(t.Context(), x.after, x.data); (err != nil) != x.fails {
			t.Fatalf("append after %d: %v", x.after, err)
		}
	}
	d.Break(nil)
	s, err := Open(path, &Options{VFS: d.Name})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	got := scanned(t, s)
	if len(got) != 3 || !bytes.Equal(got[1].Data, bytes.Repeat([]byte("t"), 30_000)) || string(got[2].Data) != "three" {
		t.Errorf("there are %d records, the second of which is not the one that was acknowledged", len(got))
	}
}
