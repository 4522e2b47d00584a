package sqlite

import (
	"os"
	"path/filepath"
	"strings"
	"time"
)

// abandoned is how long a half-written snapshot or backup must lie untouched before it
// is taken for that of a process which has ended, and removed. If that process goes on
// all the same, it fails to put it in place.
const abandoned = time.Hour

// begin makes a file that is to get the name path when it is whole, open for nobody but
// its owner. Until then it has one that nobody gives to a file of his own. Those that
// processes which were killed have left are removed.
func begin(path string) (*os.File, error) {
	dir, name := filepath.Split(path)
	prefix := "." + name + ".onrecord-unfinished-"
	sweep(dir, prefix)
	return os.CreateTemp(dir, prefix+"*")
}

// sweep removes the abandoned files of a directory whose names begin with prefix.
func sweep(dir, prefix string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), prefix) {
			continue
		}
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > abandoned {
			os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}
