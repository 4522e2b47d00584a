package sqlite

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// By a symbolic link, of the file, of its directory or of one that is not there yet, a
// record is the same as by its name: all that lies beside it lies beside the file.
func TestLinks(t *testing.T) {
	dir, links := t.TempDir(), t.TempDir()
	path := filepath.Join(dir, "story.db")
	link, by := filepath.Join(links, "link.db"), filepath.Join(links, "dir")
	for to, name := range map[string]string{path: link, dir: by} {
		if err := os.Symlink(to, name); err != nil {
			t.Skip("no symbolic links here: ", err)
		}
	}
	by = filepath.Join(by, "story.db")

	made := mustOpen(t, link)
	appendAll(t, made, "one", "two")
	if names := namesIn(t, dir); !slices.Equal(names, []string{"story.db", "story.db-shm", "story.db-wal"}) {
		t.Errorf("beside the file there are %v", names)
	}
	for _, p := range []string{path, link, by} {
		for _, opts := range []*Options{{ReadOnly: true}, nil} {
			if got := opened(p, opts); got != "one two" {
				t.Errorf("%s, %+v: while it is open it has %s", p, opts, got)
			}
		}
	}
	if err := made.Close(); err != nil {
		t.Fatal(err)
	}
	r := readOnly(t, link)
	if last, err := r.Last(t.Context()); last != 2 || err != nil {
		t.Errorf("last is %d, %v", last, err)
	}
	s := mustOpen(t, by)
	appendAll(t, s, "three")
	if last, err := r.Last(t.Context()); last != 3 || err != nil {
		t.Errorf("while somebody writes, who reads by a link has %d, %v", last, err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if got := opened(link, &Options{ReadOnly: true}); got != "one two three" {
		t.Errorf("by the link it has %s", got)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if names := namesIn(t, links); !slices.Equal(names, []string{"dir", "link.db"}) {
		t.Errorf("beside the link there are %v", names)
	}
	if names := namesIn(t, dir); !slices.Equal(names, []string{"story.db"}) {
		t.Errorf("at the end there are %v beside the file", names)
	}
}
