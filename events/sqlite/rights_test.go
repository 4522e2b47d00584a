//go:build unix

package sqlite

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// asNobody opens a record as somebody without any right to write to it, and says what is
// in it: first to read only, then to write. Root has every right, so a process of
// another user does it for him.
func asNobody(t *testing.T, path string) (reading, writing string) {
	t.Helper()
	if os.Geteuid() != 0 {
		return opened(path, &Options{ReadOnly: true}), opened(path, nil)
	}
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Skip("root is refused nothing, and its own program cannot be run as another user: ", err)
	}
	program := filepath.Join(public(t), "test")
	if err := os.WriteFile(program, self, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), envRead+"="+path)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.Output()
	if err != nil {
		t.Skip("no process can be run as another user: ", err)
	}
	reading, writing, _ = strings.Cut(strings.TrimSpace(string(out)), "\n")
	return reading, writing
}

// public returns a new directory that everybody may look into.
func public(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A copy that may not be written to, where nothing may be written, can be read if it is
// all there is of the record, and is refused if there is a log.
func TestReadOnlyWithoutRights(t *testing.T) {
	s := mustOpen(t, filepath.Join(t.TempDir(), "story.db"))
	defer s.Close()
	dir := public(t)
	path := filepath.Join(dir, "story.db")
	appendAll(t, s, "one", "two")
	if _, err := s.BackupFile(t.Context(), path, nil); err != nil {
		t.Fatal(err)
	}
	set := func(mode os.FileMode, paths ...string) {
		t.Helper()
		for _, p := range paths {
			if err := os.Chmod(p, mode); err != nil {
				t.Fatal(err)
			}
		}
	}
	set(0o444, path)
	set(0o555, dir)
	defer set(0o755, dir)
	reading, writing := asNobody(t, path)
	if reading != "one two" {
		t.Errorf("it has %s", reading)
	}
	if !strings.Contains(writing, "permission denied") || !strings.Contains(writing, "Options.ReadOnly") {
		t.Errorf("to write: %s", writing)
	}

	for _, c := range []struct{ log, want string }{
		{"", "one two"},
		{"as if there were records", "there is a log beside it"},
	} {
		set(0o755, dir)
		if err := os.WriteFile(path+"-wal", []byte(c.log), 0o444); err != nil {
			t.Fatal(err)
		}
		set(0o555, dir)
		if reading, _ := asNobody(t, path); !strings.Contains(reading, c.want) {
			t.Errorf("with %q as its log: %s", c.log, reading)
		}
		set(0o755, dir)
		if err := os.Remove(path + "-wal"); err != nil {
			t.Fatal(err)
		}
	}
	if names := namesIn(t, dir); len(names) != 1 {
		t.Errorf("there are %v", names)
	}
}

// Files that are made are their owner's alone, and those beside a file have its rights,
// whatever a process gives to its files otherwise.
func TestRights(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	check := func(path string, want os.FileMode, suffixes ...string) {
		t.Helper()
		for _, suffix := range suffixes {
			info, err := os.Stat(path + suffix)
			if err != nil {
				t.Error(err)
			} else if info.Mode() != want {
				t.Errorf("%s has mode %v, want %v", filepath.Base(path+suffix), info.Mode(), want)
			}
		}
	}
	path := filepath.Join(t.TempDir(), "story.db")
	s := mustOpen(t, path)
	appendAll(t, s, "one")
	if err := s.WriteSnapshot(t.Context(), func(w io.Writer) error { return nil }); err != nil {
		t.Fatal(err)
	}
	check(path, 0o600, "", "-wal", "-shm", "-snapshot")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o660); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, path)
	defer s.Close()
	appendAll(t, s, "two")
	check(path, 0o660, "", "-wal", "-shm")
	check(path, 0o600, "-snapshot")
}
