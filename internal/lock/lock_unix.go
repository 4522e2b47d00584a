//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package lock

import (
	"errors"
	"syscall"
)

// try locks the file, unless somebody else has: then it returns nil.
func try(f File) (unlock func(), err error) {
	for {
		switch err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); {
		case err == nil:
			return func() { syscall.Flock(int(f.Fd()), syscall.LOCK_UN) }, nil
		case errors.Is(err, syscall.EWOULDBLOCK):
			return nil, nil
		case !errors.Is(err, syscall.EINTR):
			return nil, err
		}
	}
}
