//go:build unix

package find_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/onrecord/onrecord/events"
)

// An index is its owner's alone, whatever a process gives to its files otherwise; one
// that has been there keeps its rights, and so does its log.
func TestRights(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	path := filepath.Join(t.TempDir(), "a b+c?d#e%20.find")
	g := newGraph(t, events.NewMem())
	harbour(t, g, 10)
	for _, mode := range []os.FileMode{0o600, 0o640} {
		x := open(t, g, path)
		for _, suffix := range []string{"", "-wal", "-lock"} {
			info, err := os.Stat(path + suffix)
			if err != nil {
				t.Fatal(err)
			}
			if info.Mode() != mode && (suffix != "-lock" || info.Mode() != 0o600) {
				t.Errorf("%s has mode %v, want %v", suffix, info.Mode(), mode)
			}
		}
		x.Close()
		if err := os.Chmod(path, 0o640); err != nil {
			t.Fatal(err)
		}
	}
}
