package proof

import (
	"os"

	faulty "github.com/onrecord/onrecord/internal/disk"
)

// OpenTreeOn is OpenTree in a directory of a disk, which is there.
func OpenTreeOn(d *faulty.Disk, dir string) (*Tree, error) { return openTree(on{d}, dir) }

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
