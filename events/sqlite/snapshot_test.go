package sqlite

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestSnapshot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "story.db")
	s, err := Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx := t.Context()
	read := func() string {
		t.Helper()
		r, err := s.ReadSnapshot(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	write := func(text string, failed error) error {
		return s.WriteSnapshot(ctx, func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return errors.Join(err, failed)
		})
	}
	if _, err := s.ReadSnapshot(ctx); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("read before anything was written: %v", err)
	}
	for _, text := range []string{"first", "second"} {
		if err := write(text, nil); err != nil || read() != text {
			t.Errorf("wrote %s: %v, and read %s", text, err, read())
		}
	}
	full := errors.New("no space left")
	if err := write("third", full); !errors.Is(err, full) || read() != "second" {
		t.Errorf("after an error it is %q, %v", read(), err)
	}

	// Another process writes one, and one was killed when it did. Others are old copies.
	dir := filepath.Dir(path)
	young, old := filepath.Join(dir, ".story.db-snapshot.onrecord-unfinished-1"), filepath.Join(dir, ".story.db-snapshot.onrecord-unfinished-2")
	kept := []string{"story.db-snapshot-tuesday.db", "story.db-snapshot-1", ".story.db-snapshot-2"}
	long := time.Now().Add(-2 * abandoned)
	for _, name := range append([]string{filepath.Base(young), filepath.Base(old)}, kept...) {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		if name == young {
			continue
		}
		if err := os.Chtimes(name, long, long); err != nil {
			t.Fatal(err)
		}
	}
	if err := write("fourth", nil); err != nil || read() != "fourth" {
		t.Errorf("while another one writes it is %q, %v", read(), err)
	}
	if _, err := os.Stat(old); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what was abandoned is there: %v", err)
	}
	if err := os.Remove(young); err != nil {
		t.Errorf("what another process writes is gone: %v", err)
	}
	// Two at once: each is whole.
	err = s.WriteSnapshot(ctx, func(w io.Writer) error {
		if err := write("inner", nil); err != nil || read() != "inner" {
			t.Errorf("in between it is %q, %v", read(), err)
		}
		_, err := io.WriteString(w, "outer")
		return err
	})
	if err != nil || read() != "outer" {
		t.Errorf("after both it is %q, %v", read(), err)
	}
	want := append([]string{"story.db", "story.db-shm", "story.db-snapshot", "story.db-wal"}, kept...)
	slices.Sort(want)
	mustHaveFiles(t, dir, want...)
}
