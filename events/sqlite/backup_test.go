package sqlite

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/internal/leak"
)

// large returns a store of four megabytes, which is copied in several steps.
func large(t *testing.T) *Store {
	t.Helper()
	s := mustOpen(t, filepath.Join(t.TempDir(), "story.db"))
	for i := range 5 {
		if _, err := s.Append(t.Context(), events.Seq(i), sealed("x", i, 850_000)); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// mustBeCopy fails unless the file at path holds n whole records, the last of them
// head.
func mustBeCopy(t *testing.T, path string, head events.Head) {
	t.Helper()
	s, err := Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var last events.Head
	for r, err := range s.Scan(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if _, err := unseal(r.Data); err != nil {
			t.Errorf("record %d: %v", r.Seq, err)
		}
		last = events.Head{Seq: r.Seq, SHA256: sha256.Sum256(r.Data)}
	}
	if last != head {
		t.Errorf("the copy ends with record %d (%x), want %d (%x)", last.Seq, last.SHA256, head.Seq, head.SHA256)
	}
}

// mustHaveFiles fails unless these are the files in a directory.
func mustHaveFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("the files are %v, want %v", got, want)
	}
}

func TestBackupFile(t *testing.T) {
	s, dir := large(t), t.TempDir()
	path := filepath.Join(dir, "copy.db")
	var steps []int64
	progress := func(done, total int64) {
		if done > total || len(steps) > 0 && done <= steps[len(steps)-1] {
			t.Errorf("%d of %d bytes are copied after %v", done, total, steps)
		}
		if steps = append(steps, done); done == total {
			steps = append(steps, total)
		}
	}
	head, err := s.BackupFile(t.Context(), path, &BackupOptions{Progress: progress})
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(steps) < 4 || steps[len(steps)-1] != info.Size() {
		t.Errorf("of %d bytes, these had been copied: %v", info.Size(), steps)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("its mode is %v", info.Mode())
	}
	mustBeCopy(t, path, head)
	mustHaveFiles(t, dir, "copy.db")

	if _, err := s.BackupFile(t.Context(), path, nil); !errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), path) {
		t.Errorf("where a file is: %v", err)
	}
	if _, err := s.Append(t.Context(), 5, sealed("x", 5, 10)); err != nil {
		t.Fatal(err)
	}
	mustBeCopy(t, path, head)
	next, err := s.BackupFile(t.Context(), path, &BackupOptions{Overwrite: true})
	if err != nil || next.Seq != 6 {
		t.Fatalf("overwriting: record %d, %v", next.Seq, err)
	}
	mustBeCopy(t, path, next)
	mustHaveFiles(t, dir, "copy.db")
}

// A backup is put nowhere where it would destroy something, or be mixed with what
// SQLite finds beside it.
func TestBackupFileRefuses(t *testing.T) {
	s, dir := large(t), t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	if err := errors.Join(os.Mkdir(in("folder"), 0o700), os.WriteFile(in("notes"), []byte("mine"), 0o600), os.Symlink(in("notes"), in("link")), os.Symlink(filepath.Dir(s.path), in("record")),
		os.WriteFile(in("open.db-wal"), nil, 0o600), os.WriteFile(in("crashed.db-journal"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path string
		opts BackupOptions
		want string
	}{
		{s.path + "-snapshot", BackupOptions{}, "it is the name of a file of the record's own, which would be taken for what it is not"},
		{in("record/story.db-wal"), BackupOptions{Overwrite: true}, "of the record's own"},
		{s.path + "-shm", BackupOptions{Overwrite: true}, "of the record's own"},
		{s.path + "-journal", BackupOptions{}, "of the record's own"},
		{in("notes"), BackupOptions{}, "file already exists"},
		{in("link"), BackupOptions{}, "file already exists"},
		{in("link"), BackupOptions{Overwrite: true}, "it is not a file"},
		{in("folder"), BackupOptions{Overwrite: true}, "it is not a file"},
		{in("open.db"), BackupOptions{Overwrite: true}, "open.db-wal beside it"},
		{in("crashed.db"), BackupOptions{}, "crashed.db-journal beside it"},
		{in("none/copy.db"), BackupOptions{}, "no such file"},
	} {
		if _, err := s.BackupFile(t.Context(), c.path, &c.opts); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("to %s with %+v: %v, want %q", c.path, c.opts, err, c.want)
		}
	}
	if got, err := os.ReadFile(in("notes")); err != nil || string(got) != "mine" {
		t.Errorf("the file has %q, %v", got, err)
	}
	mustHaveFiles(t, dir, "crashed.db-journal", "folder", "link", "notes", "open.db-wal", "record")

	// Somebody makes the file while the backup is made.
	_, err := s.BackupFile(t.Context(), in("copy.db"), &BackupOptions{Progress: func(int64, int64) {
		os.WriteFile(in("copy.db"), []byte("theirs"), 0o600)
	}})
	if got, _ := os.ReadFile(in("copy.db")); !errors.Is(err, fs.ErrExist) || string(got) != "theirs" {
		t.Errorf("error %v, and the file has %.20q", err, got)
	}
}

// A backup is not put onto the record, by whichever name, and leaves the record and what lies
// beside it as they were, when it is looked for at first and when it has come there meanwhile.
func TestBackupFileOntoItself(t *testing.T) {
	s := large(t)
	dir := filepath.Dir(s.path)
	if err := s.WriteSnapshot(t.Context(), func(w io.Writer) error { _, err := w.Write([]byte("snapshot")); return err }); err != nil {
		t.Fatal(err)
	}
	contents := func() map[string]string {
		found := map[string]string{}
		entries, err := os.ReadDir(dir)
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), "-shm") {
				continue // readers write it
			}
			data, readErr := os.ReadFile(filepath.Join(dir, e.Name()))
			found[e.Name()], err = string(data), errors.Join(err, readErr)
		}
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	other := t.TempDir()
	link, hard := filepath.Join(other, "link.db"), filepath.Join(other, "hard.db")
	if err := errors.Join(os.Symlink(s.path, link), os.Link(s.path, hard)); err != nil {
		t.Skip("no links here: ", err)
	}
	t.Chdir(dir)
	before := contents()
	mustRefuse := func(path string, err error) {
		t.Helper()
		if !errors.Is(err, fs.ErrExist) || !strings.Contains(fmt.Sprint(err), "it is the record's own file, which has not been touched") {
			t.Errorf("to %s: %v", path, err)
		}
		if !maps.Equal(contents(), before) {
			t.Errorf("to %s: the files beside the record have changed", path)
		}
	}
	for _, path := range []string{s.path, filepath.Base(s.path), link, hard} {
		for _, overwrite := range []bool{false, true} {
			_, err := s.BackupFile(t.Context(), path, &BackupOptions{Overwrite: overwrite})
			mustRefuse(path, err)
		}
	}
	late := filepath.Join(other, "late.db")
	_, err := s.BackupFile(t.Context(), late, &BackupOptions{Overwrite: true, Progress: func(done, total int64) {
		if done == total {
			if err := os.Link(s.path, late); err != nil {
				t.Error(err)
			}
		}
	}})
	mustRefuse(late, err)
	mustHaveFiles(t, other, "hard.db", "late.db", "link.db")
	last, err := s.Last(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Append(t.Context(), last, []byte("next")); err != nil {
		t.Errorf("append after it: %v", err)
	}
	if data, err := s.Read(t.Context(), last); err != nil || len(data) == 0 {
		t.Errorf("read after it: %v", err)
	}
}

// A backup is synced before it has its name; a device in its place cannot be.
func TestBackupFileSyncs(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a file that is open is not removed there")
	}
	s, dir := large(t), t.TempDir()
	_, err := s.BackupFile(t.Context(), filepath.Join(dir, "copy.db"), &BackupOptions{Progress: func(done, total int64) {
		if done < total {
			return
		}
		copied, err := filepath.Glob(filepath.Join(dir, ".copy.db.onrecord-unfinished-*"))
		if err != nil || len(copied) != 1 {
			t.Fatal(copied, err)
		}
		if err := errors.Join(os.Remove(copied[0]), os.Symlink(os.DevNull, copied[0])); err != nil {
			t.Error(err)
		}
	}})
	if !strings.Contains(fmt.Sprint(err), "sync "+dir) {
		t.Errorf("what is not on disk: %v", err)
	}
	mustHaveFiles(t, dir)
}

// What ends a backup leaves nothing behind, and the store as it was.
func TestBackupEnds(t *testing.T) {
	defer leak.Check(t)()
	for _, c := range []struct {
		name string
		end  func(s *Store, cancel func())
		want error
	}{
		{"context", func(s *Store, cancel func()) { cancel() }, context.Canceled},
		{"close", func(s *Store, cancel func()) { go s.Close(); <-s.closed }, events.ErrClosed},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, dir := large(t), t.TempDir()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var steps int
			_, err := s.BackupFile(ctx, filepath.Join(dir, "copy.db"), &BackupOptions{Progress: func(int64, int64) {
				if steps++; steps == 2 {
					c.end(s, cancel)
				}
			}})
			if !errors.Is(err, c.want) || steps != 2 {
				t.Errorf("error %v after %d steps, want %v after 2", err, steps, c.want)
			}
			mustHaveFiles(t, dir)
			if c.want != events.ErrClosed {
				mustBackUpAgain(t, s, filepath.Join(dir, "copy.db"))
			}
		})
	}

	// The same while the copy is handed over.
	s := large(t)
	ctx, cancel := context.WithCancel(t.Context())
	var writes int
	_, err := s.Backup(ctx, writerFunc(func(b []byte) (int, error) { writes++; cancel(); return len(b), nil }))
	if !errors.Is(err, context.Canceled) || writes != 1 {
		t.Errorf("error %v after %d writes", err, writes)
	}
	mustHaveFiles(t, filepath.Dir(s.path), "story.db", "story.db-shm", "story.db-wal")
}

type writerFunc func([]byte) (int, error)

func (w writerFunc) Write(b []byte) (int, error) { return w(b) }

func mustBackUpAgain(t *testing.T, s *Store, path string) {
	t.Helper()
	head, err := s.BackupFile(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	mustBeCopy(t, path, head)
}

// What a process that was killed has left is removed in time; what has a name that
// a backup may have is not.
func TestBackupSweeps(t *testing.T) {
	s, dir := mustOpen(t, filepath.Join(t.TempDir(), "story.db")), t.TempDir()
	long := time.Now().Add(-2 * abandoned)
	for _, name := range []string{".copy.db.onrecord-unfinished-1", ".copy.db.onrecord-unfinished-1-journal", "copy.db-unfinished-1", ".copy.db.onrecord-unfinished-2"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		if name != ".copy.db.onrecord-unfinished-2" {
			if err := os.Chtimes(path, long, long); err != nil {
				t.Fatal(err)
			}
		}
	}
	mustBackUpAgain(t, s, filepath.Join(dir, "copy.db"))
	mustHaveFiles(t, dir, ".copy.db.onrecord-unfinished-2", "copy.db", "copy.db-unfinished-1")
}

// Another process appends all the while; each backup is the record as of one of
// its records.
func TestBackupWhileProcessesWrite(t *testing.T) {
	ctx := t.Context()
	s, dir := large(t), t.TempDir()
	acked := &acks{by: map[events.Seq]string{}}
	w := start(t, ctx, s.path, "steady")
	w.begin(t)
	for i := range 5 {
		for range 5 {
			if !acked.read(w) {
				t.Fatalf("the writer ended: %s", &w.err)
			}
		}
		last := slices.Max(slices.Collect(maps.Keys(acked.by)))
		path := filepath.Join(dir, string(rune('a'+i))+".db")
		head, err := s.BackupFile(ctx, path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if head.Seq < last {
			t.Errorf("it ends with record %d, but %d had been acknowledged before", head.Seq, last)
		}
		mustBeCopy(t, path, head)
		mustBeAlone(t, path)
	}
	w.in.Close()
	for acked.read(w) {
	}
	if err := w.cmd.Wait(); err != nil {
		t.Errorf("the writer: %v: %s", err, &w.err)
	}
}
