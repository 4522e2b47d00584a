package disk

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	sqlite3 "github.com/ncruces/go-sqlite3"
)

// What a crash leaves lies between what was synced and what was written, and each way
// to survive leaves what it says.
func TestCrash(t *testing.T) {
	f := &file{path: "/dir/story.db"}
	old, fresh := bytes.Repeat([]byte{1}, 4*sector), bytes.Repeat([]byte{2}, 8*sector)
	d := &Disk{changes: []change{
		{what: made, file: f, name: f.path}, {what: wrote, file: f, data: old}, {what: synced, file: f}, {what: syncedNames},
		{what: marked, mark: "safe"},
		{what: wrote, file: f, data: fresh},
	}}
	kept := map[Survival]map[string]bool{}
	for seed := range uint64(200) {
		for _, how := range Survivals {
			w := d.Crash(len(d.changes), how, seed)
			data, ok := w.Files["story.db"]
			if !ok || len(w.Marks) != 1 || len(data) < len(old) || len(data) > len(fresh) {
				t.Fatalf("%v: %v, %d bytes, marks %v", how, ok, len(data), w.Marks)
			}
			for i := range len(old) / sector {
				if s := data[i*sector : (i+1)*sector]; !bytes.Equal(s, old[:sector]) && !bytes.Equal(s, fresh[:sector]) {
					t.Fatalf("%v: sector %d is neither old nor new", how, i)
				}
			}
			if kept[how] == nil {
				kept[how] = map[string]bool{}
			}
			kept[how][string(data)] = true
		}
	}
	if len(kept[None]) != 1 || !kept[None][string(old)] || len(kept[All]) != 1 || !kept[All][string(fresh)] {
		t.Errorf("nothing leaves %d wrecks, everything %d", len(kept[None]), len(kept[All]))
	}
	if len(kept[Prefix]) != 9 || len(kept[Sectors]) < 100 || len(kept[Sizes]) < 100 {
		t.Errorf("a prefix leaves %d wrecks, any sectors %d, with the size %d", len(kept[Prefix]), len(kept[Sectors]), len(kept[Sizes]))
	}
	// Before its directory was synced, the file may be gone.
	if w := d.Crash(3, None, 1); len(w.Files) != 0 {
		t.Errorf("without a sync of the directory there is %v", w.Files)
	}
	// What a sync has failed to save is not saved by the next one.
	d.changes = append(d.changes, change{what: failedToSync, file: f}, change{what: synced, file: f})
	if w := d.Crash(len(d.changes), All, 1); bytes.Equal(w.Files["story.db"], fresh) {
		t.Error("a failed sync has saved everything")
	}
}

// A file that is moved has its old name or its new one until the directory is synced,
// and what was synced whatever its name.
func TestRename(t *testing.T) {
	d, dir := New(t), t.TempDir()
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
	f, err := d.OpenFile(from, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt([]byte("whole"), 0); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Sync(), d.SyncDir(dir), d.Rename(from, to)); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for seed := range uint64(100) {
		w := d.Crash(len(d.changes), Prefix, seed)
		names[strings.Join(slices.Sorted(maps.Keys(w.Files)), " ")] = true
		for name, data := range w.Files {
			if string(data) != "whole" {
				t.Errorf("%s has %q", name, data)
			}
		}
	}
	if !names["from"] || !names["to"] {
		t.Errorf("before the directory is synced there are %v", names)
	}
	if err := d.SyncDir(dir); err != nil {
		t.Fatal(err)
	}
	if w := d.Crash(len(d.changes), None, 1); len(w.Files) != 1 || string(w.Files["to"]) != "whole" {
		t.Errorf("after that there is %v", w.Files)
	}
	if data, err := os.ReadFile(to); err != nil || string(data) != "whole" {
		t.Errorf("%q, %v", data, err)
	}
}

// A full disk fails as the operating system's does, and goes on when there is room.
func TestRoom(t *testing.T) {
	d := New(t)
	db, err := sqlite3.Open("file:" + filepath.ToSlash(filepath.Join(t.TempDir(), "story.db")) + "?vfs=" + d.Name)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Exec(`CREATE TABLE t (b); INSERT INTO t VALUES (zeroblob(10000))`); err != nil {
		t.Fatal(err)
	}
	d.Room(5000)
	if err := db.Exec(`INSERT INTO t VALUES (zeroblob(10000))`); !errors.Is(err, sqlite3.IOERR_WRITE) {
		t.Errorf("on a full disk: %v", err)
	}
	d.Room(-1)
	if err := db.Exec(`INSERT INTO t VALUES (zeroblob(10000))`); err != nil {
		t.Error(err)
	}
}
