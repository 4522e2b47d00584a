//go:build !unix

package sqlite

import (
	"io/fs"
	"os"
)

// own does nothing: who owns a file is not known here.
func own(*os.File, fs.FileInfo) {}

// links returns 1: the number of names is not known here.
func links(fs.FileInfo) uint64 { return 1 }
