//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package keys

import (
	"errors"
	"fmt"
	"os"
	"runtime"
)

// lock keeps others from changing the file, which this system cannot do.
func lock(file) (unlock func(), err error) {
	return nil, fmt.Errorf("no locks of files on %s: %w", runtime.GOOS, errors.ErrUnsupported)
}

func move(f file, path string) error { return os.Rename(f.Name(), path) }
