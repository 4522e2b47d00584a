//go:build unix

package sqlite

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/ncruces/go-sqlite3/vfs"
)

// asNobody opens a record as somebody without any right to write to it, and says what is
// in it: first to read only, then to write. Root has every right, so a process of
// another user does it for him.
func asNobody(t *testing.T, path string) (reading, writing string) {
	t.Helper()
	if os.Geteuid() != 0 {
		return opened(path, &Options{ReadOnly: true}), opened(path, nil)
	}
	out, err := nobodys(t, envRead+"="+path).Output()
	if err != nil {
		t.Skip("no process can be run as another user: ", err)
	}
	reading, writing, _ = strings.Cut(strings.TrimSpace(string(out)), "\n")
	return reading, writing
}

// nobodys is a process of somebody without any right, if root starts it.
func nobodys(t *testing.T, env string) *exec.Cmd {
	t.Helper()
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
	cmd.Env = append(os.Environ(), env)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	return cmd
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

// Who has no right to write to the log is refused while somebody writes, rather than shown
// what was there before, and reads on when that one has closed it. He makes nothing beside
// the file.
func TestReadOnlyWithoutRightsOnTheLog(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root starts a process of another user")
	}
	dir := public(t)
	path := filepath.Join(dir, "story.db")
	s := mustOpen(t, path)
	appendAll(t, s, "one")
	if err := errors.Join(s.Close(), os.Chmod(path, 0o644)); err != nil {
		t.Fatal(err)
	}
	cmd := nobodys(t, envKeep+"="+path)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Skip("no process can be run as another user: ", err)
	}
	defer func() { in.Close(); cmd.Wait() }()
	lines := bufio.NewScanner(out)
	check := func(want string) {
		t.Helper()
		io.WriteString(in, "\n")
		if !lines.Scan() || !strings.Contains(lines.Text(), want) {
			t.Fatalf("it has %q, want %q", lines.Text(), want)
		}
	}
	check("one")
	for range 2 {
		s := mustOpen(t, path)
		check("one")
		appendAll(t, s, "more")
		check("somebody has written to it while it was read, and it cannot be read anew: there is a log beside it")
		check("there is a log beside it")
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		check("one more")
		if names := namesIn(t, dir); len(names) != 1 {
			t.Errorf("there are %v", names)
		}
	}
	check("one more more")
}

// Files that are made are their owner's alone, and those beside a file have its rights,
// whatever a process gives to its files otherwise.
func TestRights(t *testing.T) {
	for _, umask := range []int{0, 0o022, 0o077} {
		was := syscall.Umask(umask)
		testRights(t)
		syscall.Umask(was)
	}
}

func testRights(t *testing.T) {
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

	killed := filepath.Join(t.TempDir(), "killed.db")
	leave(t, path, killed, 0o660)
	r := readOnly(t, killed)
	defer r.Close()
	check(killed, 0o660, "", "-wal", "-shm")
}

// leave copies a record that is open, and its log, as who was killed leaves them.
func leave(t *testing.T, from, to string, mode os.FileMode) {
	t.Helper()
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(from + suffix)
		if err == nil {
			err = os.WriteFile(to+suffix, data, mode)
		}
		if err == nil {
			err = os.Chmod(to+suffix, mode)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// What root makes beside somebody's record is his, whether root writes or only reads.
func TestOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root gives files away")
	}
	const uid, gid = 65534, 65533
	s := mustOpen(t, filepath.Join(t.TempDir(), "story.db"))
	appendAll(t, s, "one")
	for _, opts := range []*Options{nil, {ReadOnly: true}} {
		path := filepath.Join(t.TempDir(), "his.db")
		leave(t, s.path, path, 0o600)
		for _, suffix := range []string{"", "-wal"} {
			if err := os.Chown(path+suffix, uid, gid); err != nil {
				t.Skip(err)
			}
		}
		his, err := Open(path, opts)
		if err != nil {
			t.Fatal(err)
		}
		defer his.Close()
		if opts == nil {
			appendAll(t, his, "two")
		}
		for _, suffix := range []string{"", "-wal", "-shm"} {
			info, err := os.Stat(path + suffix)
			if err != nil {
				t.Fatal(err)
			}
			if stat := info.Sys().(*syscall.Stat_t); stat.Uid != uid || stat.Gid != gid || info.Mode() != 0o600 {
				t.Errorf("%+v: %s is %d:%d with mode %v", opts, filepath.Base(info.Name()), stat.Uid, stat.Gid, info.Mode())
			}
		}
	}
}

// Who may write to a directory but not to a log in it makes no locks for those who may.
func TestNoLocksOfStrangers(t *testing.T) {
	s := mustOpen(t, filepath.Join(t.TempDir(), "story.db"))
	appendAll(t, s, "one")
	dir := public(t)
	path := filepath.Join(dir, "killed.db")
	leave(t, s.path, path, 0o444)
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if reading, _ := asNobody(t, path); !strings.Contains(reading, "there is a log beside it") {
		t.Errorf("it has %s", reading)
	}
	if names := namesIn(t, dir); len(names) != 2 {
		t.Errorf("there are %v", names)
	}
}

// A log has the rights of the record before anything can open it.
func TestLogIsNeverOpen(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	seen := ""
	vfs.Register("peeking", peeking{vfs.Find("").(vfs.VFSFilename), func(path string) {
		info, err := os.Stat(path)
		if err != nil {
			t.Error("the driver makes the log: ", err)
		} else {
			seen += info.Mode().String()
		}
	}})
	defer vfs.Unregister("peeking")
	s, err := Open(filepath.Join(t.TempDir(), "story.db"), &Options{VFS: "peeking"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if seen != "-rw-------" {
		t.Errorf("the modes of the log are %q when it is opened", seen)
	}
}

// peeking is a file system that is told of each log before it is opened.
type peeking struct {
	vfs.VFSFilename
	log func(path string)
}

func (p peeking) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	if flags&vfs.OPEN_WAL != 0 {
		p.log(name.String())
	}
	return p.VFSFilename.OpenFilename(name, flags)
}
