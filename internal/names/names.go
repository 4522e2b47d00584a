// Package names finds the one name of a file, and makes the names of files survive a
// crash of the machine.
package names

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Resolve returns the absolute path of a file, which may not be there yet, without
// symbolic links: what lies beside a file is found by that name, whichever was given.
func Resolve(path string) (string, error) {
	const most = 255 // links in a row, as other programs follow them
	for next, n := path, 0; n < most; n++ {
		found, err := filepath.EvalSymlinks(next)
		if err == nil {
			return filepath.Abs(found)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		dir, err := filepath.EvalSymlinks(filepath.Dir(next))
		if err != nil {
			return "", err
		}
		next = filepath.Join(dir, filepath.Base(next))
		to, err := os.Readlink(next) // to a file that is not there
		if err != nil {
			return filepath.Abs(next)
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(dir, to)
		}
		next = to
	}
	return "", fmt.Errorf("%s: more than %d symbolic links", path, most)
}

// Sync makes what has been made, moved and removed in a directory survive a crash,
// where the system can and lets us.
func Sync(dir string) error {
	d, err := os.Open(dir)
	if err == nil {
		defer d.Close()
		err = d.Sync()
	}
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EINVAL) { // some file systems say the last
		return nil
	}
	return err
}
