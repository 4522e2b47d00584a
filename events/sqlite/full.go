package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	sqlite3 "github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
)

// A fullTeller is a file system of the driver's that tells SQLite when the disk is
// full. The driver's own says that the disk has failed, and why is forgotten before
// the statement ends.
type fullTeller struct{ under string }

// tellFull returns the name of a file system that is the named one and tells.
func tellFull(under string) string {
	name := "onrecord"
	if under != "" {
		name += "-" + under
	}
	if vfs.Find(name) == nil {
		vfs.Register(name, fullTeller{under})
	}
	return name
}

// told makes an error that says that the disk is full SQLite's own.
func told(err error) error {
	if err != nil && slices.ContainsFunc(fullErrors[:], func(full error) bool { return errors.Is(err, full) }) {
		return vfs.SystemError(err, sqlite3.FULL)
	}
	return err
}

func (v fullTeller) find() (vfs.VFS, error) {
	if found := vfs.Find(v.under); found != nil {
		return found, nil
	}
	return nil, fmt.Errorf("no file system %q is registered with the driver: %w", v.under, fs.ErrNotExist)
}

func (v fullTeller) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	under, err := v.find()
	if err != nil {
		return nil, flags, err
	}
	f, out, err := vfsutil.WrapOpen(under, name, flags)
	return telling(f, err), out, err
}

func (v fullTeller) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	under, err := v.find()
	if err != nil {
		return nil, flags, err
	}
	if record := name.URIParameter("modeof"); record != "" && flags&vfs.OPEN_WAL != 0 {
		if info, err := os.Stat(record); err == nil {
			makeBeside(name.String(), info) // or others could open it before it has the rights
		}
	}
	f, out, err := vfsutil.WrapOpenFilename(under, name, flags)
	if err == nil && flags&vfs.OPEN_WAL != 0 {
		return &logFile{tellingFile: tellingFile{f}}, out, nil
	}
	return telling(f, err), out, err
}

func (v fullTeller) Delete(name string, syncDir bool) error {
	under, err := v.find()
	if err != nil {
		return err
	}
	return under.Delete(name, syncDir)
}

func (v fullTeller) Access(name string, flags vfs.AccessFlag) (bool, error) {
	under, err := v.find()
	if err != nil {
		return false, err
	}
	return under.Access(name, flags)
}

func (v fullTeller) FullPathname(name string) (string, error) {
	under, err := v.find()
	if err != nil {
		return "", err
	}
	return under.FullPathname(name)
}

// A tellingFile is a file that tells. What else files can do, it does as they do.
type tellingFile struct{ vfs.File }

func telling(f vfs.File, err error) vfs.File {
	if err != nil {
		return nil
	}
	return tellingFile{f}
}

func (f tellingFile) Unwrap() vfs.File { return f.File }

func (f tellingFile) WriteAt(b []byte, offset int64) (int, error) {
	n, err := f.File.WriteAt(b, offset)
	return n, told(err)
}

func (f tellingFile) Truncate(size int64) error { return told(f.File.Truncate(size)) }

func (f tellingFile) Sync(flags vfs.SyncFlag) error { return told(f.File.Sync(flags)) }

func (f tellingFile) SizeHint(size int64) error { return told(vfsutil.WrapSizeHint(f.File, size)) }

func (f tellingFile) SharedMemory() vfs.SharedMemory { return vfsutil.WrapSharedMemory(f.File) }

func (f tellingFile) LockState() vfs.LockLevel { return vfsutil.WrapLockState(f.File) }

func (f tellingFile) HasMoved() (bool, error) { return vfsutil.WrapHasMoved(f.File) }

func (f tellingFile) PersistWAL() bool { return vfsutil.WrapPersistWAL(f.File) }

func (f tellingFile) SetPersistWAL(keep bool) { vfsutil.WrapSetPersistWAL(f.File, keep) }

func (f tellingFile) PowersafeOverwrite() bool { return vfsutil.WrapPowersafeOverwrite(f.File) }

func (f tellingFile) SetPowersafeOverwrite(safe bool) {
	vfsutil.WrapSetPowersafeOverwrite(f.File, safe)
}
