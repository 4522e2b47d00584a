package sqlite

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	sqlite3 "github.com/ncruces/go-sqlite3"

	"github.com/onrecord/onrecord/events"
)

// build returns the bytes of a file with n records.
func build(t *testing.T, n int) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "story.db")
	s := mustOpen(t, path)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		if _, err := s.Append(t.Context(), events.Seq(i), sealed("x", i, rng.IntN(1+rng.IntN(20_000)))); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// inspect opens a file and reads it in every way. It returns an error if
// anything was found to be wrong, by the store or by the records' checksums.
func inspect(path string, n events.Seq, opts *Options) error {
	s, err := Open(path, opts)
	if err != nil {
		return err
	}
	defer s.Close()
	ctx := context.Background()

	var failed error
	note := func(err error) {
		if failed == nil {
			failed = err
		}
	}
	var seen events.Seq
	for r, err := range s.Scan(ctx, 0) {
		note(err)
		if err == nil {
			_, err = unseal(r.Data)
			note(err)
			seen++
		}
	}
	last, err := s.Last(ctx)
	note(err)
	for seq := range n {
		_, err := s.Read(ctx, seq+1)
		note(err)
	}
	if last != n || seen != n {
		note(errors.New("not all records"))
	}
	if !s.readOnly {
		_, err = s.Append(ctx, last, []byte("more"))
		note(err)
	}
	return failed
}

// A file with a flipped bit or cut short gives an error, or a record whose
// checksum is wrong, or what was stored; it never panics, and never hands out
// something else unnoticed.
func TestDamage(t *testing.T) {
	const n = 60
	file := build(t, n)
	path := filepath.Join(t.TempDir(), "story.db")
	damaged := func(change func(b []byte) []byte) error {
		t.Helper()
		for _, suffix := range []string{"-wal", "-shm"} {
			os.Remove(path + suffix)
		}
		if err := os.WriteFile(path, change(append([]byte(nil), file...)), 0o666); err != nil {
			t.Fatal(err)
		}
		return inspect(path, n, nil)
	}

	if err := damaged(func(b []byte) []byte { return b }); err != nil {
		t.Fatalf("undamaged: %v", err)
	}

	rng := rand.New(rand.NewPCG(3, 4))
	found, flips := 0, 100
	for i := range flips {
		at := rng.IntN(len(file))
		if i%2 == 0 { // page headers and cell pointers, where it hurts most
			at = at/8192*8192 + rng.IntN(120)
		}
		if err := damaged(func(b []byte) []byte { b[at] ^= 1 << rng.IntN(8); return b }); err != nil {
			found++
		}
	}
	t.Logf("%d of %d flipped bits were found; the others changed nothing that is read", found, flips)
	if found == 0 {
		t.Error("no flipped bit was found")
	}

	for range 25 {
		size := 1 + rng.IntN(len(file)-1)
		if err := damaged(func(b []byte) []byte { return b[:size] }); err == nil {
			t.Errorf("cut from %d to %d bytes: no error", len(file), size)
		}
	}
}

// A flipped bit in the header of the file is damage, though it makes a database of another
// program of it, or none; only one in the version may be told as that of a newer release.
func TestDamagedHeader(t *testing.T) {
	const n = 3
	file := build(t, n)
	found := 0
	for at := range 100 {
		for _, bit := range []int{0, 3} {
			for _, opts := range []*Options{nil, {ReadOnly: true}} {
				path := filepath.Join(t.TempDir(), "story.db")
				changed := append([]byte(nil), file...)
				changed[at] ^= 1 << bit
				if err := os.WriteFile(path, changed, 0o600); err != nil {
					t.Fatal(err)
				}
				err := inspect(path, n, opts)
				if err != nil {
					found++
				}
				if newer := at >= 60 && at < 64 && errors.Is(err, events.ErrNewer); err != nil && !newer && !errors.Is(err, events.ErrDamaged) {
					t.Errorf("bit %d of byte %d, %+v: %v", bit, at, opts, err)
				}
			}
		}
	}
	t.Logf("%d of 400 were found; the others changed nothing that is read", found)
	if found < 100 { // those in the magic, the application id and the version alone are 96
		t.Errorf("%d of 400 were found", found)
	}
}

// A flipped bit in the log, or a log cut short, loses the records from there on
// and no others: SQLite takes it for the end of what was written. What is read
// is whole, and the record goes on from there.
func TestDamagedLog(t *testing.T) {
	const n = 30
	dir := t.TempDir()
	s := mustOpen(t, filepath.Join(dir, "story.db"))
	for i := range events.Seq(n) {
		if _, err := s.Append(t.Context(), i, sealed("x", int(i), 1000)); err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.ReadFile(s.path)
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(s.path + "-wal")
	if err != nil {
		t.Fatal(err)
	}

	rng := rand.New(rand.NewPCG(5, 6))
	for i := range 40 {
		path := filepath.Join(t.TempDir(), "copy.db")
		damaged := append([]byte(nil), log...)
		if at := rng.IntN(len(log)); i%2 == 0 {
			damaged[at] ^= 1 << rng.IntN(8)
		} else {
			damaged = damaged[:at]
		}
		if err := errors.Join(os.WriteFile(path, file, 0o666), os.WriteFile(path+"-wal", damaged, 0o666)); err != nil {
			t.Fatal(err)
		}
		s := mustOpen(t, path)
		var seen events.Seq
		for r, err := range s.Scan(t.Context(), 0) {
			if err == nil {
				_, err = unseal(r.Data)
			}
			if err != nil {
				t.Errorf("after record %d: %v", seen, err)
				break
			}
			seen = r.Seq
		}
		if seen > n {
			t.Errorf("%d records of %d", seen, n)
		}
		if _, err := s.Append(t.Context(), seen, []byte("more")); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// The numbers are verified: whoever changed the table is found out.
func TestDamagedNumbers(t *testing.T) {
	for _, tt := range []struct{ sql, want string }{
		{`DELETE FROM record WHERE seq = 3`, "record 3 is missing, the next one has number 4"},
		{`DELETE FROM record WHERE seq = 1`, "record 1 is missing, the next one has number 2"},
		{`INSERT INTO record VALUES (0, x'01')`, "record 1 is missing, the next one has number 0"},
		{`INSERT INTO record VALUES (-5, x'01')`, "record 1 is missing, the next one has number -5"},
		{`INSERT INTO record VALUES (8, x'01')`, "record 6 is missing, the next one has number 8"},
		{`UPDATE record SET data = x'' WHERE seq = 2`, "a record has 0 bytes"},
		{`UPDATE record SET data = zeroblob(900001) WHERE seq = 2`, "a record has 900001 bytes"},
		{`UPDATE record SET data = zeroblob(2000000) WHERE seq = 2`, "too big"},
	} {
		path := filepath.Join(t.TempDir(), "story.db")
		s := mustOpen(t, path)
		for i := range events.Seq(5) {
			if _, err := s.Append(t.Context(), i, []byte("record")); err != nil {
				t.Fatal(err)
			}
		}
		execSQL(t, path, tt.sql)
		var got error
		for _, err := range s.Scan(t.Context(), 0) {
			got = err
		}
		if !errors.Is(got, events.ErrDamaged) || !strings.Contains(got.Error(), tt.want) || !strings.Contains(got.Error(), "restore the file from a copy") {
			t.Errorf("%s: Scan ends with %v, want %q", tt.sql, got, tt.want)
		}
	}

	s := mustOpen(t, filepath.Join(t.TempDir(), "story.db"))
	execSQL(t, s.path, `INSERT INTO record VALUES (-1, x'01')`)
	if _, err := s.Last(t.Context()); err == nil {
		t.Error("Last takes -1 for a number")
	}
	execSQL(t, s.path, `INSERT INTO record VALUES (9223372036854775807, x'01')`)
	if _, err := s.Append(t.Context(), math.MaxInt64, []byte("x")); !errors.Is(err, events.ErrConflict) {
		t.Errorf("Append after the greatest number: %v", err)
	}
}

// A file that has lost all its bytes, or is gone, while its log or a rollback journal is
// there, is refused, and nothing is touched: SQLite would take it for a new one and
// delete the log, which has the records.
func TestLostFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "story.db")
	s := mustOpen(t, path)
	appendAll(t, s, "one", "two")
	kept := map[string][]byte{}
	keep := func(suffix string) {
		var err error
		if kept[suffix], err = os.ReadFile(path + suffix); err != nil {
			t.Fatal(err)
		}
	}
	keep("")
	keep("-wal")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	journaled := filepath.Join(t.TempDir(), "story.db")
	mustOpen(t, journaled).Close()
	db, err := sqlite3.Open(journaled)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	// The second page is written to the file before the end, and so is the journal.
	if err := db.Exec(`PRAGMA journal_mode = DELETE; PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN;
		INSERT INTO record VALUES (1, zeroblob(100000)); INSERT INTO record VALUES (2, zeroblob(100000))`); err != nil {
		t.Fatal(err)
	}
	if kept["-journal"], err = os.ReadFile(journaled + "-journal"); err != nil {
		t.Fatal(err)
	}

	for _, suffix := range []string{"-wal", "-journal"} {
		for _, empty := range []bool{true, false} {
			for _, opts := range []*Options{nil, {MustExist: true}, {ReadOnly: true}} {
				path := filepath.Join(t.TempDir(), "story.db")
				err := os.WriteFile(path+suffix, kept[suffix], 0o600)
				if err == nil && empty {
					err = os.WriteFile(path, nil, 0o600)
				}
				if err != nil {
					t.Fatal(err)
				}
				before := namesIn(t, filepath.Dir(path))
				s, err := Open(path, opts)
				if err == nil {
					s.Close()
				}
				if !errors.Is(err, events.ErrDamaged) || !strings.Contains(err.Error(), "story.db"+suffix) {
					t.Errorf("%s, empty %v, %+v: %v", suffix, empty, opts, err)
				}
				if after := namesIn(t, filepath.Dir(path)); !slices.Equal(after, before) {
					t.Errorf("%s, empty %v, %+v: it leaves %v", suffix, empty, opts, after)
				}
				if log, err := os.ReadFile(path + suffix); err != nil || string(log) != string(kept[suffix]) {
					t.Errorf("%s, empty %v, %+v: the log has changed, %v", suffix, empty, opts, err)
				}
			}
		}
	}

	// What cannot be read may be one.
	for _, suffix := range []string{"-wal", "-journal"} {
		path := filepath.Join(t.TempDir(), "story.db")
		if err := os.Symlink(filepath.Base(path)+suffix, path+suffix); err != nil {
			t.Skip(err)
		}
		s, err := Open(path, nil)
		if err == nil {
			s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "story.db"+suffix+" cannot be read") {
			t.Errorf("%s that leads to itself: %v", suffix, err)
		}
		if after := namesIn(t, filepath.Dir(path)); len(after) != 1 {
			t.Errorf("%s that leads to itself: it leaves %v", suffix, after)
		}
	}

	// A store that has it open opens no further connection to what is left.
	s = mustOpen(t, path)
	appendAll(t, s, "three")
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	keep("-wal")
	if c, err := s.connect(); !errors.Is(err, events.ErrDamaged) {
		c.close()
		t.Errorf("another connection: %v", err)
	}
	if log, err := os.ReadFile(path + "-wal"); err != nil || string(log) != string(kept["-wal"]) {
		t.Errorf("the log has changed, %v", err)
	}
}
