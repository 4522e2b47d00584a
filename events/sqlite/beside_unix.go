//go:build unix

package sqlite

import (
	"io/fs"
	"os"
	"syscall"
)

// own gives a file the owner and the group of another, or the group alone if that is all
// that the process may give.
func own(f *os.File, other fs.FileInfo) {
	if stat, ok := other.Sys().(*syscall.Stat_t); ok {
		if f.Chown(int(stat.Uid), int(stat.Gid)) != nil {
			f.Chown(-1, int(stat.Gid))
		}
	}
}

// links returns the number of names that a file has.
func links(info fs.FileInfo) uint64 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(stat.Nlink)
	}
	return 1
}
