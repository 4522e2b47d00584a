//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package lock

import (
	"errors"
	"fmt"
	"runtime"
)

func try(File) (unlock func(), err error) {
	return nil, fmt.Errorf("no locks of files on %s: %w", runtime.GOOS, errors.ErrUnsupported)
}
