package lock

import (
	"errors"

	"golang.org/x/sys/windows"
)

// try locks the file, unless somebody else has: then it returns nil. It locks a byte far
// behind the end, which hinders nobody from reading.
func try(f File) (unlock func(), err error) {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	place := func() *windows.Overlapped { return &windows.Overlapped{OffsetHigh: 1 << 30} }
	err = windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, place())
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return func() { windows.UnlockFileEx(windows.Handle(f.Fd()), 0, 1, 0, place()) }, nil
}
