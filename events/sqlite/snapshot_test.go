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

	// Another process writes one, or was killed when it did.
	half := path + "-snapshot-new"
	if err := os.WriteFile(half, []byte("ha"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := write("fourth", nil); !errors.Is(err, fs.ErrExist) || read() != "second" {
		t.Errorf("while another one writes it is %q, %v", read(), err)
	}
	long := time.Now().Add(-2 * abandoned)
	if err := os.Chtimes(half, long, long); err != nil {
		t.Fatal(err)
	}
	if err := write("fifth", nil); err != nil || read() != "fifth" {
		t.Errorf("after it was abandoned it is %q, %v", read(), err)
	}
	if files, err := filepath.Glob(path + "*"); err != nil || len(files) != 4 {
		t.Errorf("files %v, %v", files, err)
	}
}
