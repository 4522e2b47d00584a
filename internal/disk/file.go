package disk

import (
	"errors"
	"io/fs"
	"os"
)

// A File is a file of a [Disk] that is used without SQLite.
type File struct {
	*os.File
	disk *Disk
	file *file
}

// OpenFile opens a file as os.OpenFile does; the flag must not be one to truncate or
// append. The directory of one that is made is not synced.
func (d *Disk) OpenFile(path string, flag int, perm fs.FileMode) (*File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.files[path] == nil {
		if err := d.find(path); err != nil {
			return nil, err
		}
	}
	under, err := os.OpenFile(path, flag, perm)
	if err != nil {
		return nil, err
	}
	f := d.files[path]
	if f == nil {
		f = &file{path: path}
		d.files[path] = f
		d.changes = append(d.changes, change{what: made, file: f, name: path})
	}
	return &File{under, d, f}, nil
}

// Rename moves a file as os.Rename does. After a crash it may have either name, both
// or, at worst, none until SyncDir has been called.
func (d *Disk) Rename(from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if fault := d.ask(Remove, from, false, 0); fault != nil {
		return fault.Err
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	f := d.files[from]
	delete(d.files, from)
	d.files[to] = f
	d.changes = append(d.changes, change{what: made, file: f, name: to}, change{what: removed, file: f, name: from})
	return nil
}

// SyncDir syncs the names of all files.
func (d *Disk) SyncDir(dir string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if fault := d.ask(Sync, dir, false, 0); fault != nil {
		return fault.Err
	}
	d.changes = append(d.changes, change{what: syncedNames})
	return nil
}

// ReadAt reads as os.File does.
func (f *File) ReadAt(b []byte, offset int64) (int, error) {
	return f.disk.read(f.file, false, b, offset, f.File)
}

// WriteAt writes as os.File does.
func (f *File) WriteAt(b []byte, offset int64) (int, error) {
	return f.disk.write(f.file, false, b, offset, f.File)
}

// Truncate changes the size as os.File does.
func (f *File) Truncate(size int64) error {
	return f.disk.resize(f.file, false, size, f.File.Truncate)
}

// Sync makes what has been written, and the size, survive a crash.
func (f *File) Sync() error { return f.disk.sync(f.file, false) }

// Write fails: only writes with an offset are noted.
func (f *File) Write([]byte) (int, error) { return 0, errors.ErrUnsupported }
