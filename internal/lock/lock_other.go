//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package lock

import (
	"errors"
	"fmt"
	"runtime"
)

// Exclusive keeps others from locking the file, which this system cannot do: it returns
// errors.ErrUnsupported.
func Exclusive(File) (unlock func(), err error) {
	return nil, fmt.Errorf("no locks of files on %s: %w", runtime.GOOS, errors.ErrUnsupported)
}
