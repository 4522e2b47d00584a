//go:build !windows

package keys

import "os"

func move(f file, path string) error { return os.Rename(f.Name(), path) }
