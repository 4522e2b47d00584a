package names

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// One file has one name, whether it is there already or not.
func TestResolve(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	for _, err := range []error{
		os.Mkdir("real", 0o700),
		os.WriteFile("real/there", nil, 0o600),
		os.Symlink("real", "dir"),
		os.Symlink("real/there", "link"),
		os.Symlink(filepath.Join(dir, "link"), "link to a link"),
		os.Symlink("dir/new", "link to nothing"),
		os.Symlink("circle", "circle"),
	} {
		if err != nil {
			t.Skip("no symbolic links here: ", err)
		}
	}
	for path, want := range map[string]string{
		"real/there": "there", "link": "there", "link to a link": "there", "dir/there": "there",
		"real/new": "new", "dir/new": "new", "link to nothing": "new",
		"circle": "", "none/new": "", "real/there/new": "",
	} {
		if want != "" {
			want = filepath.Join(dir, "real", want)
		}
		if got, err := Resolve(path); got != want || (err == nil) == (want == "") {
			t.Errorf("%s is %q, %v, want %q", path, got, err, want)
		}
	}
}

// A directory of a file system that has nothing to sync is none that fails.
func TestSync(t *testing.T) {
	if err := Sync(t.TempDir()); err != nil {
		t.Error(err)
	}
	if runtime.GOOS == "linux" {
		if err := Sync("/proc"); err != nil {
			t.Error(err)
		}
	}
	if err := Sync(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("there is no such directory")
	}
}
