package keys

import (
	"golang.org/x/sys/windows"
)

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
