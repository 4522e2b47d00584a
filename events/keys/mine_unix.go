//go:build unix

package keys

import (
	"io/fs"
	"os"
	"syscall"
)

// isMine reports whether nobody but who runs this, and root, may open a file.
func isMine(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(s.Uid) == os.Geteuid() && info.Mode().Perm()&0o077 == 0
}
