// Package disk is a disk that fails when it is told to, and that tells what would be
// left on it if the power had been cut at any moment. It lies beneath SQLite, or a
// program that uses a [File] of it.
//
// A [Disk] is a file system of the driver's over that of the operating system: the
// files are where their names say, and it notes every change to them, in order. It
// is struck in two ways. [Disk.Break] and [Disk.Room] make its operations fail as a
// broken or a full disk does. [Disk.Crash] returns what a crash after any number of
// its changes might have left: the changes are noted once, and then the crash is
// struck at each of them.
//
// # What a crash leaves
//
// What was synced is there. Of the rest [Survival] chooses, within what disks and
// file systems are known to do:
//
//   - Data is written in sectors of 512 bytes. A sector is as it was or as it was
//     written, whatever became of those beside it and of those before it: writes may
//     be torn and reordered. No sector is changed that was not written (which SQLite
//     calls powersafe overwrite, and relies on).
//   - A file may have got its new size, and its data not: it then has zeros or junk.
//   - A name that was made or removed is there or not until its directory is synced.
//     Of several changes to one name the last ones are lost.
//   - A sync that failed has saved any part of what it was to save, and the rest is
//     lost although reads go on showing it: no later sync brings it back (Rebello et
//     al., Can Applications Recover from fsync Failures?, USENIX ATC 2020, section 3).
//
// The directory is synced when the driver does so on Unix: with the first sync of a
// journal or log that it made, and with a removal that is to be durable. Other programs
// say when ([Disk.SyncDir]).
//
// What SQLite keeps beside a log for the processes that have it open (-shm) is no part
// of it: it is made anew after a crash.
package disk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/ncruces/go-sqlite3/vfs"
)

// Kind is what an operation does.
type Kind int

// The operations that can fail. Those after Read change something.
const (
	Read Kind = iota
	Write
	Resize
	Sync
	Remove
)

// Op is an operation that is about to be done.
type Op struct {
	Kind Kind
	Name string // of the file, without its directory
	Log  bool   // it is a write-ahead log
	Size int    // in bytes, of what is read or written
}

// Fault is how an operation fails.
type Fault struct {
	Err error
	// Part is how many bytes are written before the error. A failing sync, or another
	// operation, ignores it.
	Part int
}

// A Disk is a vfs.VFS that is registered under its Name until the test ends. It
// syncs nothing really: what it says that a crash leaves does not depend on it.
//
// Its methods may be called from several goroutines at once.
type Disk struct {
	Name  string
	under vfs.VFSFilename

	mu      sync.Mutex
	files   map[string]*file // by path
	found   []*file          // those that were there before
	changes []change
	fault   func(Op) *Fault
	room    int64 // bytes that files may still grow by; negative: no end
	ops     int
}

// A file is what a name stands for; one that is removed and made anew is another.
type file struct {
	path string
	size int64
	was  []byte // what it had if it was there before
}

// A change is one that has been made, or a mark between them.
type change struct {
	what   changed
	file   *file
	name   string // of one that is made or removed
	offset int64  // of a write; the new size of a resize
	data   []byte
	mark   any
}

type changed int

const (
	marked changed = iota
	wrote
	resized
	synced
	failedToSync
	made
	removed
	syncedNames
)

var disks atomic.Int64

// New returns a disk without faults.
func New(t testing.TB) *Disk {
	d := Register()
	t.Cleanup(func() { vfs.Unregister(d.Name) })
	return d
}

// Register returns a disk without faults for a process that is no test.
func Register() *Disk {
	d := &Disk{
		Name:  fmt.Sprintf("disk%d", disks.Add(1)),
		under: vfs.Find("").(vfs.VFSFilename), files: map[string]*file{}, room: -1,
	}
	vfs.Register(d.Name, d)
	return d
}

// Break has f asked before every operation; it fails unless f returns nil. f is not
// called by several goroutines at once. A nil f mends the disk.
func (d *Disk) Break(f func(Op) *Fault) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fault = f
}

// Room sets how many bytes files may still grow by, all together, before writes fail
// with "no space left on device"; what fits is written. A negative number takes the
// limit away.
func (d *Disk) Room(bytes int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.room = bytes
}

// Mark notes something between the changes: what had been said by then.
func (d *Disk) Mark(what any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.changes = append(d.changes, change{what: marked, mark: what})
}

// Forget forgets what has been noted: what is there is taken for safe.
func (d *Disk) Forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.files)
	d.found, d.changes, d.ops = nil, nil, 0
}

// Moments returns when to strike: before each change, marks aside, and at the end.
func (d *Disk) Moments() (after []int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, c := range d.changes {
		if c.what != marked {
			after = append(after, i)
		}
	}
	return append(after, len(d.changes))
}

// Ops returns how many operations have been asked for.
func (d *Disk) Ops() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ops
}

// ask decides whether an operation fails. The caller holds mu.
func (d *Disk) ask(k Kind, path string, log bool, size int) *Fault {
	d.ops++
	if d.fault == nil {
		return nil
	}
	return d.fault(Op{Kind: k, Name: filepath.Base(path), Log: log, Size: size})
}

// fits returns how many bytes of a file may be written, and takes the room for it.
func (d *Disk) fits(f *file, offset int64, n int) int {
	grown := offset + int64(n) - f.size
	if d.room < 0 || grown <= 0 {
		return n
	}
	if grown > d.room {
		n = max(0, n-int(grown-d.room))
		grown = d.room
	}
	d.room -= grown
	return n
}

func noSpace(path string) error {
	return &fs.PathError{Op: "write", Path: path, Err: syscall.ENOSPC}
}

// Open implements vfs.VFS; OpenFilename is called instead.
func (d *Disk) Open(string, vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	return nil, 0, fs.ErrInvalid
}

// OpenFilename implements vfs.VFSFilename.
func (d *Disk) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	under, out, err := d.under.OpenFilename(name, flags)
	if err != nil || name == nil {
		return under, out, err
	}
	path := name.String()
	if flags&vfs.OPEN_MAIN_DB != 0 && d.files[path] == nil {
		for _, suffix := range []string{"", "-journal", "-wal"} {
			if err := d.find(path + suffix); err != nil {
				under.Close()
				return nil, 0, err
			}
		}
	}
	f := d.files[path]
	if f == nil {
		f = &file{path: path}
		d.files[path] = f
		d.changes = append(d.changes, change{what: made, file: f, name: path})
	}
	const journal = vfs.OPEN_MAIN_JOURNAL | vfs.OPEN_SUPER_JOURNAL | vfs.OPEN_WAL
	return &handle{
		File: under, disk: d, file: f, log: flags&vfs.OPEN_WAL != 0,
		syncNames: flags&vfs.OPEN_CREATE != 0 && flags&journal != 0,
	}, out, nil
}

// find notes a file that was there before. An empty one has just been made.
func (d *Disk) find(path string) error {
	was, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && len(was) > 0 {
		f := &file{path: path, size: int64(len(was)), was: was}
		d.files[path] = f
		d.found = append(d.found, f)
	}
	return err
}

// Delete implements vfs.VFS.
func (d *Disk) Delete(path string, syncDir bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if fault := d.ask(Remove, path, strings.HasSuffix(path, "-wal"), 0); fault != nil {
		return fault.Err
	}
	if err := d.under.Delete(path, false); err != nil {
		return err
	}
	if f := d.files[path]; f != nil {
		delete(d.files, path)
		d.changes = append(d.changes, change{what: removed, file: f, name: path})
		if d.room >= 0 {
			d.room += f.size
		}
	}
	if syncDir {
		d.changes = append(d.changes, change{what: syncedNames})
	}
	return nil
}

// Access implements vfs.VFS.
func (d *Disk) Access(path string, flags vfs.AccessFlag) (bool, error) {
	return d.under.Access(path, flags)
}

// FullPathname implements vfs.VFS.
func (d *Disk) FullPathname(path string) (string, error) { return d.under.FullPathname(path) }

// A handle is an open file.
type handle struct {
	vfs.File
	disk      *Disk
	file      *file
	log       bool
	syncNames bool // its first sync is one of its directory, too
}

var (
	_ vfs.FileSharedMemory = (*handle)(nil)
	_ vfs.FileSizeHint     = (*handle)(nil)
)

// SharedMemory implements vfs.FileSharedMemory.
func (h *handle) SharedMemory() vfs.SharedMemory {
	return h.File.(vfs.FileSharedMemory).SharedMemory()
}

func (h *handle) ReadAt(b []byte, offset int64) (int, error) {
	return h.disk.read(h.file, h.log, b, offset, h.File)
}

func (h *handle) WriteAt(b []byte, offset int64) (int, error) {
	return h.disk.write(h.file, h.log, b, offset, h.File)
}

func (h *handle) Truncate(size int64) error {
	return h.disk.resize(h.file, h.log, size, h.File.Truncate)
}

// SizeHint implements vfs.FileSizeHint: it makes the file grow, and never shrink.
func (h *handle) SizeHint(size int64) error {
	hint := h.File.(vfs.FileSizeHint).SizeHint
	if now, err := h.Size(); err != nil || now >= size {
		return err
	}
	return h.disk.resize(h.file, h.log, size, hint)
}

func (h *handle) Sync(vfs.SyncFlag) error {
	if err := h.disk.sync(h.file, h.log); err != nil {
		return err
	}
	d := h.disk
	d.mu.Lock()
	defer d.mu.Unlock()
	if h.syncNames {
		h.syncNames = false
		d.changes = append(d.changes, change{what: syncedNames})
	}
	return nil
}

func (d *Disk) read(f *file, log bool, b []byte, offset int64, under io.ReaderAt) (int, error) {
	d.mu.Lock()
	fault := d.ask(Read, f.path, log, len(b))
	d.mu.Unlock()
	if fault != nil {
		return 0, fault.Err
	}
	return under.ReadAt(b, offset)
}

func (d *Disk) write(f *file, log bool, b []byte, offset int64, under io.WriterAt) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, failed := len(b), error(nil)
	if fault := d.ask(Write, f.path, log, len(b)); fault != nil {
		n, failed = min(fault.Part, len(b)), fault.Err
	} else if fits := d.fits(f, offset, len(b)); fits < len(b) {
		n, failed = fits, noSpace(f.path)
	}
	if n > 0 {
		if n, err := under.WriteAt(b[:n], offset); err != nil {
			return n, err
		}
		f.size = max(f.size, offset+int64(n))
		d.changes = append(d.changes, change{what: wrote, file: f, offset: offset, data: append([]byte(nil), b[:n]...)})
	}
	return n, failed
}

func (d *Disk) resize(f *file, log bool, size int64, under func(int64) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if fault := d.ask(Resize, f.path, log, 0); fault != nil {
		return fault.Err
	}
	grown := size - f.size
	if d.room >= 0 && grown > d.room {
		return noSpace(f.path)
	}
	if err := under(size); err != nil {
		return err
	}
	if d.room >= 0 {
		d.room -= grown
	}
	f.size = size
	d.changes = append(d.changes, change{what: resized, file: f, offset: size})
	return nil
}

func (d *Disk) sync(f *file, log bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if fault := d.ask(Sync, f.path, log, 0); fault != nil {
		d.changes = append(d.changes, change{what: failedToSync, file: f})
		return fault.Err
	}
	d.changes = append(d.changes, change{what: synced, file: f})
	return nil
}
