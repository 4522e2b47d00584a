//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package keys

import (
	"errors"
	"fmt"
	"os"
	"runtime"
)

// lock keeps others from adding to the file, which this system cannot do.
func lock(*os.File) (unlock func(), err error) {
	return nil, fmt.Errorf("no locks of files on %s: %w", runtime.GOOS, errors.ErrUnsupported)
}
