package keys

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/internal/lock"
)

// Open opens the file at path, or makes it, for a new record, unless Options.MustExist
// says otherwise. The directory must exist. Only its owner may read a file that is made.
// A crash leaves it whole or not there; what it may leave beside it, with the name path +
// ".new", is used next time, unless it is a link, another's or open to others: then it is
// refused, and must be removed.
func Open(path string, opts *Options) (*File, error) { return openOn(osDisk{}, path, opts) }

func openOn(d disk, path string, opts *Options) (*File, error) {
	if opts == nil {
		opts = &Options{}
	}
	absolute, err := filepath.Abs(path) // the working directory may change
	if err != nil {
		return nil, fmt.Errorf("keys: open %s: %w", path, err)
	}
	f := &File{path: absolute, disk: d, lockWait: opts.LockWait, changing: newTurn(), taking: newTurn(), chunk: firstChunk}
	if f.lockWait <= 0 {
		f.lockWait = 10 * time.Second
	}
	if err := f.open(opts); err != nil {
		if f.f != nil {
			f.f.Close()
		}
		return nil, f.wrap("open", err)
	}
	return f, nil
}

func (f *File) open(opts *Options) (err error) {
	var master []byte
	f.f, err = f.disk.open(f.path, os.O_RDWR)
	if errors.Is(err, fs.ErrNotExist) && !opts.MustExist {
		if master, err = f.create(opts.Wrapper); err == nil {
			f.f, err = f.disk.open(f.path, os.O_RDWR)
		}
	}
	if err != nil {
		return err
	}
	// Whoever has made the file may have died before he could.
	if err := f.disk.syncDir(filepath.Dir(f.path)); err != nil {
		return err
	}
	h, _, err := readHead(f.f)
	if errors.Is(err, events.ErrDamaged) {
		h, err = f.mend()
	}
	if err != nil {
		return err
	}
	if master == nil {
		if master, err = h.master(opts.Wrapper); err != nil {
			return err
		}
	}
	if err := f.derive(h.record, master); err != nil {
		return err
	}
	_, err = f.snapshot(context.Background())
	return err
}

// create makes the file under another name and moves it: the lock is held until it
// has its name. It returns the master key, or none if somebody else has made the file.
func (f *File) create(w Wrapper) (master []byte, err error) {
	temp := f.path + ".new"
	made, err := f.disk.open(temp, os.O_RDWR|os.O_CREATE|os.O_EXCL)
	isLeft := errors.Is(err, fs.ErrExist) // or somebody is making it
	if isLeft {
		made, err = f.disk.open(temp, os.O_RDWR)
	}
	if errors.Is(err, fs.ErrNotExist) && isThere(f.path) {
		return nil, nil // it has its name by now
	}
	if err != nil {
		return nil, err
	}
	defer made.Close()
	ctx, end := context.WithTimeout(context.Background(), f.lockWait)
	defer end()
	unlock, err := lock.Exclusive(ctx, made)
	if err != nil {
		return nil, f.waited(context.Background(), err)
	}
	defer unlock()
	if isThere(f.path) {
		os.Remove(temp)
		return nil, nil
	}
	if isLeft {
		if err := isPrivate(made); err != nil {
			return nil, err
		}
	}
	master, data, err := newFile(w)
	if err != nil {
		return nil, err
	}
	if err := made.Truncate(0); err != nil {
		return nil, err
	}
	if _, err := made.WriteAt(data, 0); err != nil {
		return nil, err
	}
	if err := made.Sync(); err != nil {
		return nil, err
	}
	return master, f.disk.move(made, f.path)
}

// newFile returns a head and the secret of snapshots.
func newFile(w Wrapper) (master, data []byte, err error) {
	master = make([]byte, secretSize)
	rand.Read(master)
	h := head{record: uuid.New()}
	if data, err = h.bytes(master, w); err != nil {
		return nil, nil, err
	}
	var f File
	if err := f.derive(h.record, master); err != nil {
		return nil, nil, err
	}
	return master, append(data, f.sealed(snapshotSlot, newSecret())...), nil
}

func (f *File) derive(record uuid.UUID, master []byte) error {
	f.record = record
	secret, err := hkdf.Expand(sha256.New, master, "onrecord secret", secretSize)
	if err != nil {
		return err
	}
	f.secret = events.Secret(secret)
	under, err := hkdf.Expand(sha256.New, master, "onrecord keys", secretSize)
	if err != nil {
		return err
	}
	block, err := aes.NewCipher(under)
	if err != nil {
		return err
	}
	f.seal, err = cipher.NewGCMWithRandomNonce(block)
	return err
}

// isThere reports whether there is something at a path, a link to nothing included.
func isThere(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// isPrivate returns an error if a file is not what its path has, or if others than who
// runs this may have opened it: they would read the master key.
func isPrivate(f file) error {
	here, err := f.Stat()
	if err != nil {
		return err
	}
	there, err := os.Lstat(f.Name())
	if err != nil {
		return err
	}
	if !os.SameFile(here, there) || !isMine(there) {
		return fmt.Errorf("%s would have the master key, but is a link, another's or open to others: remove it", f.Name())
	}
	return nil
}
