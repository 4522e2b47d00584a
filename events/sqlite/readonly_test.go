package sqlite

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/internal/disk"
)

// opened opens a record and says what is in it.
func opened(path string, opts *Options) string {
	s, err := Open(path, opts)
	if err != nil {
		return err.Error()
	}
	defer s.Close()
	return contents(s)
}

func contents(s *Store) string {
	var all []string
	for r, err := range s.Scan(context.Background(), 0) {
		if err != nil {
			return err.Error()
		}
		all = append(all, string(r.Data))
	}
	return strings.Join(all, " ")
}

func appendAll(t *testing.T, s *Store, records ...string) {
	t.Helper()
	for _, r := range records {
		last, err := s.Last(t.Context())
		if err == nil {
			_, err = s.Append(t.Context(), last, []byte(r))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func readOnly(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(path, &Options{ReadOnly: true, WaitInterval: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func namesIn(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// Who only reads changes nothing, and is told of what he may not do.
func TestReadOnly(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "story.db")
	s := mustOpen(t, path)
	appendAll(t, s, "one", "two")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}

	r := readOnly(t, path)
	if last, err := r.Last(t.Context()); last != 2 || err != nil {
		t.Errorf("last is %d, %v", last, err)
	}
	if data, err := r.Read(t.Context(), 2); string(data) != "two" || err != nil {
		t.Errorf("record 2 is %q, %v", data, err)
	}
	if n, err := r.Append(t.Context(), 2, []byte("three")); n != 0 || !errors.Is(err, fs.ErrPermission) {
		t.Errorf("Append returns %d, %v", n, err)
	}
	if err := r.WriteSnapshot(t.Context(), func(io.Writer) error { return nil }); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("WriteSnapshot returns %v", err)
	}
	if err := r.Wait(t.Context(), 1); err != nil {
		t.Errorf("Wait: %v", err)
	}
	if names := namesIn(t, dir); !slices.Equal(names, []string{"story.db"}) {
		t.Errorf("there are %v", names)
	}
	was, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	var written bytes.Buffer
	if head, err := r.Backup(t.Context(), &written); err != nil || head.Seq != 2 {
		t.Errorf("Backup: %v, %v", head, err)
	}
	if is, err := os.Stat(dir); err != nil || !is.ModTime().Equal(was.ModTime()) {
		t.Errorf("Backup has made a file beside it, %v", err)
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	if head, err := r.BackupFile(t.Context(), copied, nil); err != nil || head.Seq != 2 {
		t.Errorf("BackupFile: %v, %v", head, err)
	}
	if got := opened(copied, nil); got != "one two" {
		t.Errorf("the copy has %s", got)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("the file has changed, %v", err)
	}
}

// What cannot be a record is refused, and none is made.
func TestReadOnlyRefuses(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"none": "", "empty": "", "text": "It was reported"} {
		path := filepath.Join(dir, name)
		if name != "none" {
			if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := Open(path, &Options{ReadOnly: true}); err == nil || errors.Is(err, fs.ErrNotExist) == (name == "text") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if names := namesIn(t, dir); !slices.Equal(names, []string{"empty", "text"}) {
		t.Errorf("there are %v", names)
	}
}

// With a log beside it, of who has it open or was killed, all of it is read, and what
// comes.
func TestReadOnlyLog(t *testing.T) {
	dir := t.TempDir()
	path, killed := filepath.Join(dir, "story.db"), filepath.Join(dir, "killed.db")
	s := mustOpen(t, path)
	defer s.Close()
	appendAll(t, s, "one", "two")
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(path + suffix)
		if err == nil {
			err = os.WriteFile(killed+suffix, data, 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := opened(killed, &Options{ReadOnly: true}); got != "one two" {
		t.Errorf("of one that was killed there is %s", got)
	}
	r := readOnly(t, path)
	appendAll(t, s, "three")
	if err := r.Wait(t.Context(), 2); err != nil {
		t.Error(err)
	}
	if data, err := r.Read(t.Context(), 3); string(data) != "three" || err != nil {
		t.Errorf("record 3 is %q, %v", data, err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	appendAll(t, s, "four")
}

// Who reads without locks goes on with the log when somebody begins to write, while he does
// and after he has closed it, and when the next one begins, whatever is asked.
func TestReadOnlyWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "story.db")
	s := mustOpen(t, path)
	appendAll(t, s, "one")
	s.Close()

	calls := map[string]func(*Store) (string, error){
		"Last": func(r *Store) (string, error) {
			last, err := r.Last(t.Context())
			return strings.Repeat("one ", int(last)), err
		},
		"Read": func(r *Store) (string, error) {
			var all []byte
			for n := events.Seq(1); ; n++ {
				data, err := r.Read(t.Context(), n)
				if errors.Is(err, events.ErrNoRecord) {
					return string(all), nil
				}
				if err != nil {
					return "", err
				}
				all = append(append(all, data...), ' ')
			}
		},
		"Scan": func(r *Store) (string, error) {
			var all []byte
			for rec, err := range r.Scan(t.Context(), 0) {
				if err != nil {
					return "", err
				}
				all = append(append(all, rec.Data...), ' ')
			}
			return string(all), nil
		},
		"Wait": func(r *Store) (string, error) {
			n := events.Seq(1)
			last, err := r.Last(t.Context())
			for ; n <= last && err == nil; n++ {
				err = r.Wait(t.Context(), n-1)
			}
			return strings.Repeat("one ", int(n-1)), err
		},
		"Backup": func(r *Store) (string, error) {
			copied := filepath.Join(t.TempDir(), "copy.db")
			_, err := r.BackupFile(t.Context(), copied, nil)
			return opened(copied, &Options{ReadOnly: true}) + " ", err
		},
	}
	fresh, used := make(map[string]*Store), make(map[string]*Store)
	for what := range calls {
		fresh[what], used[what] = readOnly(t, path), readOnly(t, path)
	}
	check := func(when, want string, stores map[string]*Store) {
		t.Helper()
		for what, call := range calls {
			if got, err := call(stores[what]); got != want || err != nil {
				t.Errorf("%s: %s has %q, %v, want %q", when, what, got, err, want)
			}
		}
	}
	check("before", "one ", used)
	s = mustOpen(t, path)
	check("while it is open", "one ", used)
	appendAll(t, s, "one")
	check("while somebody writes", "one one ", used)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	check("after it was closed", "one one ", used)
	s = mustOpen(t, path)
	appendAll(t, s, "one")
	check("while the next one writes", "one one one ", used)
	check("that had read nothing before", "one one one ", fresh)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := opened(path, &Options{ReadOnly: true}); got != "one one one" {
		t.Errorf("opened again it has %s", got)
	}
}

// One that waits when somebody begins to write is woken by what he appends.
func TestReadOnlyWaits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "story.db")
	s := mustOpen(t, path)
	appendAll(t, s, "one")
	s.Close()
	r := readOnly(t, path)
	for last := events.Seq(1); last < 4; last++ {
		woken := make(chan error, 1)
		go func() { woken <- r.Wait(t.Context(), last) }()
		s := mustOpen(t, path)
		appendAll(t, s, "more")
		if err := <-woken; err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// A file that is another one now is not the record that was opened.
func TestReadOnlyReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "story.db")
	s := mustOpen(t, path)
	appendAll(t, s, "one")
	s.Close()
	r := readOnly(t, path)
	other := filepath.Join(t.TempDir(), "other.db")
	s = mustOpen(t, other)
	appendAll(t, s, "another")
	s.Close()
	if err := os.Rename(other, path); err != nil {
		t.Fatal(err)
	}
	if data, err := r.Read(t.Context(), 1); data != nil || !errors.Is(err, errReplaced) {
		t.Errorf("Read: %q, %v", data, err)
	}
	if err := r.Wait(t.Context(), 1); !errors.Is(err, errReplaced) {
		t.Errorf("Wait: %v", err)
	}
}

// What cannot be read because somebody is writing is not taken for damage.
func TestReadOnlyIsNotDamaged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "story.db")
	s := mustOpen(t, path)
	appendAll(t, s, "one")
	s.Close()
	r := readOnly(t, path)
	if err := os.WriteFile(path, []byte("half of it"), 0o600); err != nil {
		t.Fatal(err)
	}
	for what, call := range map[string]func() error{
		"Last": func() error { _, err := r.Last(t.Context()); return err },
		"Wait": func() error { return r.Wait(t.Context(), 5) },
	} {
		if err := call(); !errors.Is(err, errWritten) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Who had the record open closes it while it is being opened to be read only: that does
// not fail. If somebody writes each time, it does, and is no damage.
func TestReadOnlyOpensAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "story.db")
	s := mustOpen(t, path)
	appendAll(t, s, "one")
	s.Close()
	d := disk.New(t)
	times, change := 0, func() {}
	d.Break(func(disk.Op) *disk.Fault {
		if times > 0 {
			times--
			change()
		}
		return nil
	})
	times, change = 1, func() {
		s := mustOpen(t, path)
		appendAll(t, s, "two")
		s.Close()
	}
	if got := opened(path, &Options{ReadOnly: true, VFS: d.Name}); got != "one two" {
		t.Errorf("opened while it is closed it has %s", got)
	}
	times, change = 1000, func() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteAt([]byte("junk"), 100); err != nil {
			t.Error(err)
		}
		if err := os.Chtimes(path, time.Time{}, time.Unix(int64(times), 0)); err != nil {
			t.Error(err)
		}
	}
	if _, err := Open(path, &Options{ReadOnly: true, VFS: d.Name}); !errors.Is(err, errWritten) {
		t.Errorf("while somebody writes: %v", err)
	}
}
