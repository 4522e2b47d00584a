package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	sqlite3 "github.com/ncruces/go-sqlite3"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/internal/disk"
	"github.com/onrecord/onrecord/internal/soak"
)

// errDisk is what the operating system says of a disk that fails.
var errDisk = &fs.PathError{Op: "fdatasync", Path: "story.db-wal", Err: syscall.EIO}

// Every operation on the disk fails in turn: once, from then on until somebody sees to
// it, or having done a part. Whoever appends is told so, reads on, and appends again what
// is not there; then all that was acknowledged is there, also if the power is cut.
func TestBroken(t *testing.T) {
	const once, onwards, short, hows = 0, 1, 2, 3
	run := func(t *testing.T, d *disk.Disk, path string, at, how int) (failed int) {
		n, mended := 0, false
		d.Break(func(op disk.Op) *disk.Fault {
			n++
			if mended || n < at || n > at && how != onwards {
				return nil
			}
			return &disk.Fault{Err: errDisk, Part: op.Size * (how / short) / 2}
		})
		told := func(what string, err error) {
			failed++
			mended = true
			for _, want := range []string{"sqlite: " + what, "the disk has", "see to it"} {
				if err != nil && !strings.Contains(err.Error(), want) {
					t.Errorf("it says %q, want %q in it", err, want)
				}
			}
			if errors.Is(err, events.ErrConflict) || errors.Is(err, events.ErrClosed) {
				t.Errorf("it is an answer: %v", err)
			}
		}
		open := func() *Store {
			s, err := Open(path, &Options{VFS: d.Name})
			if err != nil {
				told("open", err)
				s, err = Open(path, &Options{VFS: d.Name})
			}
			if err != nil {
				t.Fatalf("open again: %v", err)
			}
			return s
		}
		last := func(s *Store) events.Seq {
			seq, err := s.Last(t.Context())
			if err != nil {
				told("last", err)
				seq, err = s.Last(t.Context())
			}
			if err != nil {
				t.Fatalf("last again: %v", err)
			}
			return seq
		}
		for life := range events.Seq(2) {
			s := open()
			c := <-s.writer
			if mode, err := queryText(c.db, `PRAGMA journal_mode`); err != nil || mode != "wal" {
				t.Errorf("its journal mode is %q, %v", mode, err)
			}
			if err := c.db.Exec(`PRAGMA wal_autocheckpoint = 4`); err != nil {
				t.Fatal(err)
			}
			s.writer <- c
			for i := life * 4; i < life*4+4; i++ {
				if seq := last(s); seq != i {
					t.Fatalf("the last one is %d of %d", seq, i)
				}
				record, id := sealed("x", int(i), sizes[i]), fmt.Sprintf("x %d", i)
				d.Mark(triedMark(id))
				if _, err := s.Append(t.Context(), i, record); err != nil {
					told("append", err)
					if last(s) == i {
						if _, err := s.Append(t.Context(), i, record); err != nil {
							t.Fatalf("append again: %v", err)
						}
					}
				}
				d.Mark(ackedMark{i + 1, id})
			}
			if err := s.Close(); err != nil {
				told("close", err)
			}
		}
		mended = true
		return failed
	}

	whole := disk.New(t)
	run(t, whole, filepath.Join(t.TempDir(), "story.db"), math.MaxInt, once)
	ops, told := whole.Ops(), 0
	d, v := disk.New(t), &survey{calm: disk.New(t), seen: map[[32]byte]bool{}}
	dir := t.TempDir()
	for k := 0; k < ops*soak.Times(1); k += soak.Step() {
		path := filepath.Join(dir, fmt.Sprint(k), "story.db")
		if err := os.Mkdir(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		d.Forget()
		told += run(t, d, path, 1+k%ops, (k+k/ops)%hows)
		d.Mark("the end")
		moments := d.Moments()
		v.check(t, d.Crash(moments[len(moments)-1], disk.None, uint64(k)), rand.New(rand.NewPCG(uint64(k), 1)), 0)
		if t.Failed() {
			t.Fatalf("operation %d of %d, way %d", 1+k%ops, ops, (k+k/ops)%hows)
		}
		os.RemoveAll(filepath.Dir(path))
	}
	t.Logf("%d operations, %d cases; in %d somebody was told; %d different wrecks opened", ops, (ops*soak.Times(1)+soak.Step()-1)/soak.Step(), told, v.cases)
}

// On a disk that is full, or gets so at any byte, what there is can be read; the error
// says so; and when there is room the record goes on.
func TestFull(t *testing.T) {
	d := disk.New(t)
	cases := 0
	for room := int64(0); room < 60_000; room += int64(1871 * soak.Step() / soak.Times(1)) {
		d.Forget()
		path := filepath.Join(t.TempDir(), "story.db")
		s := openOn(t, d, path)
		var last events.Seq
		grow := func() error {
			seq, err := s.Append(t.Context(), last, sealed("x", int(last), sizes[int(last)%len(sizes)]))
			if err == nil {
				last = seq
			}
			return err
		}
		for range 2 {
			if err := grow(); err != nil {
				t.Fatal(err)
			}
		}
		d.Room(room)
		var err error
		for range 100 { // a log that was moved is written again from its start
			if err = grow(); err != nil {
				break
			}
		}
		if !errors.Is(err, sqlite3.FULL) || !strings.Contains(err.Error(), "the disk is full, make room and call again") {
			t.Fatalf("with room for %d bytes, after %d records: %v", room, last, err)
		}
		if n := len(scanned(t, s)); n != int(last) {
			t.Fatalf("on a full disk %d records are read of %d", n, last)
		}
		if room%2 == 0 { // it is closed while it is full
			_ = s.Close()
			d.Room(-1)
			s = openOn(t, d, path)
		}
		d.Room(-1)
		for range 2 {
			if err := grow(); err != nil {
				t.Fatalf("with room again: %v", err)
			}
		}
		for i, r := range scanned(t, s) {
			if id, err := unseal(r.Data); err != nil || id != fmt.Sprintf("x %d", i) {
				t.Errorf("record %d is %q, %v", r.Seq, id, err)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		cases++
	}
	t.Logf("%d sizes of the room", cases)
}

// A context that ends at any operation on the disk ends a call with its error, or the call
// succeeds. What was appended is there whole or not at all, and can be told by reading on.
func TestCancelled(t *testing.T) {
	d := disk.New(t)
	run := func(at int) (ended int) {
		d.Forget()
		s := openOn(t, d, filepath.Join(t.TempDir(), "story.db"))
		defer s.Close()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		n := 0
		d.Break(func(disk.Op) *disk.Fault {
			if n++; n == at {
				cancel()
			}
			return nil
		})
		defer d.Break(nil)
		told := func(what string, err error) {
			if ended++; !errors.Is(err, context.Canceled) || ctx.Err() == nil {
				t.Errorf("%s: %v", what, err)
			}
		}
		for i := range events.Seq(6) {
			record := sealed("x", int(i), sizes[i])
			if _, err := s.Append(ctx, i, record); err != nil {
				told("append", err)
				last, err := s.Last(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if last == i {
					if _, err := s.Append(t.Context(), i, record); err != nil {
						t.Fatal(err)
					}
				}
			}
			if _, err := s.Last(ctx); err != nil {
				told("last", err)
			}
			if data, err := s.Read(ctx, i+1); err != nil {
				told("read", err)
			} else if id, err := unseal(data); err != nil || id != fmt.Sprintf("x %d", i) {
				t.Errorf("record %d is %q, %v", i+1, id, err)
			}
			for _, err := range s.Scan(ctx, 0) {
				if err != nil {
					told("scan", err)
				}
			}
			if err := s.Wait(ctx, i); err != nil {
				told("wait", err)
			}
		}
		for i, r := range scanned(t, s) {
			if id, err := unseal(r.Data); err != nil || id != fmt.Sprintf("x %d", i) || i > 5 {
				t.Errorf("record %d is %q, %v", r.Seq, id, err)
			}
		}
		return ended
	}
	run(0)
	ops, cases, ended := d.Ops(), 0, 0
	for at := 1; at <= ops; at += soak.Step() {
		ended += run(at)
		cases++
		if t.Failed() {
			t.Fatalf("the context ended at operation %d of %d", at, ops)
		}
	}
	t.Logf("%d operations, %d cases; %d calls returned the context's error", ops, cases, ended)
}

func scanned(t *testing.T, s *Store) (all []events.Record) {
	t.Helper()
	for r, err := range s.Scan(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

// While another process writes, a call waits; its context and Close end that.
func TestLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "story.db")
	other, s := mustOpen(t, path), mustOpen(t, path)
	if _, err := other.Append(t.Context(), 0, []byte("one")); err != nil {
		t.Fatal(err)
	}
	c := <-other.writer
	if err := c.db.Exec(`BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	defer func() { other.writer <- c }()

	ctx, cancel := context.WithCancel(t.Context())
	appended := make(chan error)
	go func() {
		_, err := s.Append(ctx, 1, []byte("two"))
		appended <- err
	}()
	if last, err := s.Last(t.Context()); err != nil || last != 1 {
		t.Errorf("while another process writes Last is %d, %v", last, err)
	}
	cancel()
	if err := <-appended; !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}

	impatient, err := Open(path, &Options{LockWait: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := impatient.Append(t.Context(), 1, []byte("two")); err == nil || errors.Is(err, events.ErrConflict) {
		t.Errorf("after LockWait: %v", err)
	}
	if err := impatient.Close(); err != nil {
		t.Error(err)
	}

	go func() {
		_, err := s.Append(t.Context(), 1, []byte("two"))
		appended <- err
	}()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := <-appended; !errors.Is(err, events.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	if err := c.db.Exec(`ROLLBACK`); err != nil {
		t.Error(err)
	}
}
