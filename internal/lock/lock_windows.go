package lock

import "golang.org/x/sys/windows"

// Exclusive waits until nobody else, in this process and in others, has locked the file,
// and locks it: a byte far behind its end, which hinders nobody from reading.
func Exclusive(f File) (unlock func(), err error) {
	place := func() *windows.Overlapped { return &windows.Overlapped{OffsetHigh: 1 << 30} }
	err = windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK, 0, 1, 0, place())
	return func() { windows.UnlockFileEx(windows.Handle(f.Fd()), 0, 1, 0, place()) }, err
}
