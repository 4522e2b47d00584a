package sqlite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/ncruces/go-sqlite3/vfs"

	"github.com/onrecord/onrecord/events"
)

// A brokenDisk is the operating system's files, except that syncing or writing
// a log fails when it is told to.
type brokenDisk struct {
	vfs.VFSFilename
	sync, write atomic.Bool
}

func (d *brokenDisk) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f, out, err := d.VFSFilename.OpenFilename(name, flags)
	if err == nil && flags&vfs.OPEN_WAL != 0 {
		f = &brokenFile{File: f, disk: d}
	}
	return f, out, err
}

type brokenFile struct {
	vfs.File
	disk *brokenDisk
}

var errDisk = errors.New("the disk is broken")

func (f *brokenFile) Sync(flags vfs.SyncFlag) error {
	if f.disk.sync.Load() {
		return errDisk
	}
	return f.File.Sync(flags)
}

func (f *brokenFile) WriteAt(b []byte, off int64) (int, error) {
	if f.disk.write.Load() {
		n, _ := f.File.WriteAt(b[:len(b)/2], off)
		return n, errDisk
	}
	return f.File.WriteAt(b, off)
}

// An append whose write or sync failed returns an error that is none of those a
// caller takes for an answer. It leaves no part of a record, and the store goes
// on where it was.
func TestBrokenDisk(t *testing.T) {
	disk := &brokenDisk{VFSFilename: vfs.Find("").(vfs.VFSFilename)}
	vfs.Register(t.Name(), disk)
	defer vfs.Unregister(t.Name())

	path := filepath.Join(t.TempDir(), "story.db")
	s, err := Open(path, &Options{VFS: t.Name()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	acked := &acks{by: map[events.Seq]string{}}
	var last events.Seq
	for i := range 40 {
		record := sealed("x", i, i*700)
		fault := []*atomic.Bool{&disk.sync, &disk.write}[i%2]

		fault.Store(true)
		seq, err := s.Append(t.Context(), last, record)
		if err == nil || seq != 0 || errors.Is(err, events.ErrConflict) || errors.Is(err, events.ErrClosed) {
			t.Fatalf("append to a broken disk: %d, %v", seq, err)
		}
		fault.Store(false)

		if n, err := s.Last(t.Context()); err != nil || n != last {
			t.Fatalf("after it Last is %d, %v; want %d", n, err, last)
		}
		if last, err = s.Append(t.Context(), last, record); err != nil {
			t.Fatal(err)
		}
		acked.by[last] = fmt.Sprintf("x %d", i)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	acked.check(t, mustOpen(t, path))
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
