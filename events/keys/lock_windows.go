package keys

import (
	"golang.org/x/sys/windows"
)

// lock keeps others, in this process and in others, from changing the file. It
// locks a byte far behind its end, which hinders nobody from reading.
func lock(f file) (unlock func(), err error) {
	place := func() *windows.Overlapped { return &windows.Overlapped{OffsetHigh: 1 << 30} }
	err = windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK, 0, 1, 0, place())
	return func() { windows.UnlockFileEx(windows.Handle(f.Fd()), 0, 1, 0, place()) }, err
}

// move closes the file, for one that is open cannot be moved. So somebody else may
// have opened it before it is moved; then it is not, but nothing is ever replaced.
func move(f file, path string) error {
	if err := f.Close(); err != nil {
		return err
	}
	from, err := windows.UTF16PtrFromString(f.Name())
	if err != nil {
		return err
	}
	to, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return err
	}
	return windows.MoveFileEx(from, to, windows.MOVEFILE_WRITE_THROUGH)
}
