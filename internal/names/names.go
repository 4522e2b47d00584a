// Package names makes the names of files survive a crash of the machine.
package names

import (
	"errors"
	"io/fs"
	"os"
)

// Sync makes what has been made, moved and removed in a directory survive a crash,
// where the system can and lets us.
func Sync(dir string) error {
	d, err := os.Open(dir)
	if err == nil {
		defer d.Close()
		err = d.Sync()
	}
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrPermission) {
		return nil
	}
	return err
}
