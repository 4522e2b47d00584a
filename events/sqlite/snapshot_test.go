package sqlite

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
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

	// Another process writes one, and one was killed when it did.
	young, old := path+"-snapshot-1", path+"-snapshot-2"
	for _, name := range []string{young, old} {
		if err := os.WriteFile(name, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	long := time.Now().Add(-2 * abandoned)
	if err := os.Chtimes(old, long, long); err != nil {
		t.Fatal(err)
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
	if files, err := filepath.Glob(path + "*"); err != nil || len(files) != 4 {
		t.Errorf("files %v, %v", files, err)
	}
}
