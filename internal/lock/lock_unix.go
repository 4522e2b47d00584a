//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package lock

import "syscall"

// Exclusive waits until nobody else, in this process and in others, has locked the file,
// and locks it.
func Exclusive(f File) (unlock func(), err error) {
	for {
		if err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != syscall.EINTR {
			return func() { syscall.Flock(int(f.Fd()), syscall.LOCK_UN) }, err
		}
	}
}
