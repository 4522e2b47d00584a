package proof

import (
	"os"
	"path/filepath"

	faulty "github.com/onrecord/onrecord/internal/disk"
)

// The limits of what is read.
const (
	MaxNote   = maxNote
	MaxProof  = maxProof
	MaxHashes = maxHashes
)

// OpenTreeOn is OpenTree in a directory of a disk, which is there.
func OpenTreeOn(d *faulty.Disk, dir string) (*Tree, error) { return openTree(on{d}, dir, lockWait) }

// on is a disk that notes what is done, and fails when it is told to.
type on struct{ *faulty.Disk }

func (d on) makeDir(string) error { return nil }

func (d on) open(path string) (file, error) {
	f, err := d.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (d on) syncDir(path string) error { return d.SyncDir(path) }

// OpenTreeWatched is OpenTree, and calls before each write to the head and each lock
// of it.
func OpenTreeWatched(dir string, writing, locking func()) (*Tree, error) {
	return openTree(watched{osDisk{}, writing, locking}, dir, lockWait)
}

// OpenTreeSoon is OpenTree that waits a nanosecond for who writes.
func OpenTreeSoon(dir string) (*Tree, error) { return openTree(osDisk{}, dir, 1) }

// watched is a disk whose head is watched.
type watched struct {
	osDisk
	writing, locking func()
}

func (d watched) open(path string) (file, error) {
	f, err := d.osDisk.open(path)
	if err != nil || filepath.Base(path) != "head" {
		return f, err
	}
	return watchedFile{f, d}, nil
}

type watchedFile struct {
	file
	disk watched
}

func (f watchedFile) WriteAt(b []byte, at int64) (int, error) {
	f.disk.writing()
	return f.file.WriteAt(b, at)
}

func (f watchedFile) Fd() uintptr {
	f.disk.locking()
	return f.file.Fd()
}

// MakeDir is makeDir.
func MakeDir(path string, sync func(dir string) error) error { return makeDir(path, sync) }

// Above is above.
func Above(path string) string { return above(path) }
