package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	sqlite3 "github.com/ncruces/go-sqlite3"

	"github.com/onrecord/onrecord/events"
)

// execSQL changes a file behind the package's back.
func execSQL(t *testing.T, path, sql string) {
	t.Helper()
	db, err := sqlite3.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Exec(sql); err != nil {
		t.Fatal(err)
	}
}

// makeKilled changes a file as a program does that is killed, and leaves a log.
func makeKilled(t *testing.T, path, sql string) {
	t.Helper()
	db, err := sqlite3.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, err = db.Config(sqlite3.DBCONFIG_NO_CKPT_ON_CLOSE, true)
	if err = errors.Join(err, db.Exec(sql)); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path + "-wal"); err != nil || info.Size() == 0 {
		t.Fatalf("there is no log: %v, %v", info, err)
	}
}

// What Open refuses it leaves as it was, and says why.
func TestOpenRefuses(t *testing.T) {
	for _, tt := range []struct {
		name string
		make func(t *testing.T, path string)
		want string
		is   error
	}{
		{"directory", func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o777); err != nil {
				t.Fatal(err)
			}
		}, "not a file (d", nil},
		{"text", func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte("It was reported that the two would meet"), 0o666); err != nil {
				t.Fatal(err)
			}
		}, `not an SQLite file: it begins with "It was reported "`, events.ErrDamaged},
		{"one byte", func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte("S"), 0o666); err != nil {
				t.Fatal(err)
			}
		}, `not an SQLite file: it begins with "S"`, events.ErrDamaged},
		{"only the magic", func(t *testing.T, path string) {
			if err := os.WriteFile(path, append([]byte("SQLite format 3\x00"), make([]byte, 5000)...), 0o666); err != nil {
				t.Fatal(err)
			}
		}, "not a database", events.ErrDamaged},
		{"foreign", func(t *testing.T, path string) {
			execSQL(t, path, `PRAGMA journal_mode = WAL; CREATE TABLE moz_places (id); CREATE TABLE moz_bookmarks (id)`)
		}, "another program: application id 0x0, user version 0, with: table moz_bookmarks, table moz_places", events.ErrDamaged},
		{"foreign application", func(t *testing.T, path string) {
			execSQL(t, path, `PRAGMA application_id = 0x47504B47`)
		}, "another program: application id 0x47504b47", events.ErrDamaged},
		{"newer", func(t *testing.T, path string) {
			mustOpen(t, path).Close()
			execSQL(t, path, `PRAGMA user_version = 2`)
		}, "a newer release wrote it: its layout is version 2, known is 1", events.ErrNewer},
		{"without its table", func(t *testing.T, path string) {
			mustOpen(t, path).Close()
			execSQL(t, path, `DROP TABLE record`)
		}, "no table record", events.ErrDamaged},
		{"with a trigger", func(t *testing.T, path string) {
			mustOpen(t, path).Close()
			execSQL(t, path, `CREATE TRIGGER lose AFTER INSERT ON record WHEN new.seq > 6 BEGIN DELETE FROM record WHERE seq = new.seq; END`)
		}, "another program has put into the record's file: trigger lose; drop it there", events.ErrDamaged},
		{"with more", func(t *testing.T, path string) {
			mustOpen(t, path).Close()
			execSQL(t, path, `CREATE VIEW last AS SELECT max(seq) FROM record; CREATE TABLE other (id); CREATE INDEX size ON record (length(data))`)
		}, "file: view last, table other, index size; drop it there", events.ErrDamaged},
		{"with another table record", func(t *testing.T, path string) {
			mustOpen(t, path).Close()
			execSQL(t, path, `ALTER TABLE record ADD COLUMN more INT`)
		}, "no table record of this package's making", events.ErrDamaged},
		{"with a view record", func(t *testing.T, path string) {
			mustOpen(t, path).Close()
			execSQL(t, path, `DROP TABLE record; CREATE VIEW record AS SELECT 1 AS seq, x'00' AS data`)
		}, "no table record of this package's making", events.ErrDamaged},
		{"foreign with a log", func(t *testing.T, path string) {
			makeKilled(t, path, `PRAGMA journal_mode = WAL; CREATE TABLE moz_places (id)`)
		}, "another program: application id 0x0, user version 0, with: table moz_places", events.ErrDamaged},
		{"without its table, with a log", func(t *testing.T, path string) {
			mustOpen(t, path).Close()
			makeKilled(t, path, `DROP TABLE record`)
		}, "no table record", events.ErrDamaged},
		{"two names", func(t *testing.T, path string) {
			mustOpen(t, path).Close()
			if err := os.Link(path, path+".other"); err != nil {
				t.Skip(err)
			}
		}, "2 names", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "story.db")
			tt.make(t, path)
			before, _ := os.ReadFile(path)
			log, _ := os.ReadFile(path + "-wal")

			for _, opts := range []*Options{{ReadOnly: true}, nil} {
				s, err := Open(path, opts)
				if err == nil {
					s.Close()
					t.Fatal("no error")
				}
				if !strings.HasPrefix(err.Error(), "sqlite: open "+path+": ") || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("error is %q, want %q in it", err, tt.want)
				}
				if strings.Contains(err.Error(), "drop it") && strings.Contains(err.Error(), "restore") {
					t.Errorf("error is %q, want no advice to restore what is whole", err)
				}
				if tt.is != nil && !errors.Is(err, tt.is) {
					t.Errorf("error is %v, want it to be %q", err, tt.is)
				}
				if after, _ := os.ReadFile(path); string(after) != string(before) {
					t.Error("the file was changed")
				}
				if after, _ := os.ReadFile(path + "-wal"); string(after) != string(log) {
					t.Error("the log was changed")
				}
				if tt.name == "foreign" {
					mustBeAlone(t, path)
				}
			}
		})
	}
}

// What SQLite adds for itself is no other program's, and what another program adds while
// the record is open changes nothing.
func TestOpenAdded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "story.db")
	s := mustOpen(t, path)
	appendAll(t, s, "one")
	execSQL(t, path, `ANALYZE`)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, path)
	execSQL(t, path, `CREATE TRIGGER lose AFTER INSERT ON record BEGIN DELETE FROM record; END`)
	appendAll(t, s, "two")
	if data, err := s.Read(t.Context(), 2); string(data) != "two" || err != nil {
		t.Errorf("record 2 is %q, %v", data, err)
	}
	if head, err := s.BackupFile(t.Context(), filepath.Join(t.TempDir(), "copy.db"), nil); !errors.Is(err, events.ErrDamaged) {
		t.Errorf("a copy has the trigger: %v, %v", head, err)
	}
	execSQL(t, path, `ALTER TABLE record RENAME TO was; CREATE VIEW record AS SELECT 3 AS seq, x'00' AS data`)
	for range readers { // also by a connection that has read the table
		if data, err := s.Read(t.Context(), 3); !errors.Is(err, events.ErrDamaged) {
			t.Errorf("a view is read as a record: %q, %v", data, err)
		}
	}
}

func TestOpenNoPermission(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write everywhere")
	}
	path := filepath.Join(t.TempDir(), "story.db")
	mustOpen(t, path).Close()
	if err := os.Chmod(path, 0o444); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, nil); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("error is %v", err)
	}
}

func TestOpenNoDirectory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none", "story.db")
	if _, err := Open(path, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error is %v", err)
	}
	for _, path := range []string{"", "a\x00b"} {
		if _, err := Open(path, nil); err == nil {
			t.Errorf("Open(%q) succeeds", path)
		}
	}
}

// What must exist is not made, and what looks like a URI is not taken for a name.
func TestOpenMakesNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("empty.db", nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path string
		opts *Options
		want string
		is   error
	}{
		{"stroy.db", &Options{MustExist: true}, "sqlite: open stroy.db: ", fs.ErrNotExist},
		{"empty.db", &Options{MustExist: true}, "sqlite: open empty.db: the file has no record yet", fs.ErrNotExist},
		{"file:story.db?mode=ro", nil, "sqlite: open file:story.db?mode=ro: it is a URI, want the name of a file", nil},
	} {
		if _, err := Open(c.path, c.opts); err == nil || !strings.HasPrefix(err.Error(), c.want) || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: %v", c.path, err)
		}
	}
	entries, err := os.ReadDir(".")
	if err != nil || len(entries) != 1 {
		t.Errorf("there are %v, %v", entries, err)
	}
	if info, err := os.Stat("empty.db"); err != nil || info.Size() != 0 {
		t.Errorf("the empty file has %d bytes, %v", info.Size(), err)
	}
	mustOpen(t, "story.db").Close()
	s, err := Open("story.db", &Options{MustExist: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Append(t.Context(), 0, []byte("one")); err != nil {
		t.Error(err)
	}
	s.Close()
}

// Names that SQLite could take for something else are names of files here.
func TestOpenNames(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{":memory:", "./file:story.db?mode=memory", "a b%20c?x=1#y.db", "Встреча.db", "empty"} {
		if name == "empty" {
			if err := os.WriteFile(name, nil, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		s, err := Open(name, nil)
		if err != nil {
			t.Error(err)
			continue
		}
		if _, err := s.Append(t.Context(), 0, []byte("one")); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if info, err := os.Stat(name); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
}

// One process opens a file several times, also by another name, and closes some
// of them while others go on.
func TestOpenSeveralTimes(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "story.db"), filepath.Join(dir, "link.db")
	first := mustOpen(t, path)
	if err := os.Symlink(path, link); err != nil {
		t.Skip(err)
	}

	var group sync.WaitGroup
	for w := range 4 {
		group.Go(func() {
			for i := range 25 {
				s, err := Open([]string{path, link}[i%2], nil)
				if err != nil {
					t.Error(err)
					return
				}
				for {
					last, err := s.Last(t.Context())
					if err == nil {
						_, err = s.Append(t.Context(), last, fmt.Appendf(nil, "%d %d", w, i))
					}
					if err == nil {
						break
					}
					if !errors.Is(err, events.ErrConflict) {
						t.Error(err)
						return
					}
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	if err := first.Wait(t.Context(), 99); err != nil {
		t.Error(err)
	}
	group.Wait()

	seen := map[string]bool{}
	for r, err := range first.Scan(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		seen[string(r.Data)] = true
	}
	if len(seen) != 100 {
		t.Errorf("%d records of 100", len(seen))
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	mustBeAlone(t, path)
}
