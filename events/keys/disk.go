package keys

import (
	"io"
	"io/fs"
	"os"

	"github.com/onrecord/onrecord/internal/names"
)

// A disk is what a [File] needs of a file system. That of the tests has its power cut.
type disk interface {
	open(path string, flag int) (file, error) // only its owner may read one that is made
	// move moves a file that is open, and locked, to a path where nothing is.
	move(f file, path string) error
	syncDir(path string) error
	remove(path string) error
}

// A file is an [os.File], or one of the tests.
type file interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Name() string
	Fd() uintptr
	Stat() (fs.FileInfo, error)
	Truncate(size int64) error
	Sync() error
}

// osDisk is that of the operating system.
type osDisk struct{}

func (osDisk) open(path string, flag int) (file, error) {
	f, err := os.OpenFile(path, flag, 0o600)
	if err != nil {
		return nil, err // and no file, rather than one that is nil
	}
	return f, nil
}

func (osDisk) move(f file, path string) error { return move(f, path) }

func (osDisk) remove(path string) error { return os.Remove(path) }

func (osDisk) syncDir(path string) error { return names.Sync(path) }
