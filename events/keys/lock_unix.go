//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package keys

import (
	"os"
	"syscall"
)

// lock keeps others, in this process and in others, from changing the file.
func lock(f file) (unlock func(), err error) {
	for {
		if err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != syscall.EINTR {
			return func() { syscall.Flock(int(f.Fd()), syscall.LOCK_UN) }, err
		}
	}
}

func move(f file, path string) error { return os.Rename(f.Name(), path) }
