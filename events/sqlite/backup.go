package sqlite

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/internal/names"
)

// BackupOptions are what can be chosen about a backup. Nil means all defaults.
type BackupOptions struct {
	// Overwrite replaces a file that is there, at once, when the backup is
	// complete. The default is to refuse.
	Overwrite bool
	// Progress is called after every megabyte with how many bytes have been copied
	// and how many there are. It must return soon: the copy waits for it.
	Progress func(done, total int64)
}

// BackupFile makes a copy of the record at path, while this and other processes
// append to it: all records up to the one that is returned, and none after it. The
// copy is a file of this package, open for nobody but its owner, and all of it is on
// disk when BackupFile returns; after an error there is nothing at path, or what was
// there before, and after a crash that or, if it came in the last moment, an empty file.
//
// It refuses with fs.ErrExist if there is a file, unless told to overwrite it, and
// always if files beside it show that SQLite may have it open. It always refuses the record's
// own file, by whichever name, also with fs.ErrExist, and the names of the files that belong to
// it, and touches none of them. If ctx ends or the Store is closed, it stops
// within a megabyte.
//
// It is SQLite's online backup: pages are copied as they are, one megabyte after
// the other, and cost as much as reading and writing the file. Meanwhile the
// write-ahead log keeps what is appended, so it grows by that. A copy that a process
// was killed at, .name.onrecord-unfinished-*, is removed by a later backup to that name.
func (s *Store) BackupFile(ctx context.Context, path string, opts *BackupOptions) (events.Head, error) {
	if opts == nil {
		opts = new(BackupOptions)
	}
	head, err := s.backupFile(ctx, path, opts)
	if err != nil {
		return events.Head{}, fmt.Errorf("sqlite: back up %s to %s: %w", s.name, path, err)
	}
	return head, nil
}

func (s *Store) backupFile(ctx context.Context, path string, opts *BackupOptions) (events.Head, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return events.Head{}, err
	}
	// What would be refused in the end is refused at once.
	if err := s.mayWrite(path, opts.Overwrite); err != nil {
		return events.Head{}, err
	}
	return s.copied(ctx, path, opts.Progress, func(copied string) error {
		f, err := os.OpenFile(copied, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			return err
		}
		if err := s.mayWrite(path, opts.Overwrite); err != nil {
			return err
		}
		if err := put(copied, path, opts.Overwrite); err != nil {
			return err
		}
		return names.Sync(filepath.Dir(path))
	})
}

// put gives a file its name. Unless it may overwrite another, it makes an empty one
// first, since a rename would not notice who else does.
func put(file, path string, overwrite bool) error {
	if !overwrite {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	err := os.Rename(file, path)
	if err != nil && !overwrite {
		os.Remove(path)
	}
	return err
}

// mayWrite says why a backup must not be put at path.
func (s *Store) mayWrite(path string, overwrite bool) error {
	if info, err := os.Stat(path); err == nil && os.SameFile(info, s.info) {
		return fmt.Errorf("it is the record's own file, which has not been touched, want another name: %w", fs.ErrExist)
	}
	for _, suffix := range []string{"-wal", "-shm", "-journal", "-snapshot"} {
		record, ok := strings.CutSuffix(path, suffix)
		if info, err := os.Stat(record); ok && err == nil && os.SameFile(info, s.info) {
			return errors.New("it is the name of a file of the record's own, which would be taken for what it is not: want another name")
		}
	}
	for _, suffix := range []string{"-wal", "-shm", "-journal"} {
		if _, err := os.Lstat(path + suffix); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("there is %s%s beside it, so another process may have it open: %w", filepath.Base(path), suffix, fs.ErrExist)
		}
	}
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !overwrite:
		return fs.ErrExist
	case !info.Mode().IsRegular():
		return fmt.Errorf("it is not a file (%v)", info.Mode())
	}
	return nil
}

// Backup implements [events.Backups]: it writes what [Store.BackupFile] does, by way
// of a file beside the record, which needs as much room for as long. If the record is read
// only, that file is in the system's directory for temporary files ([os.TempDir]).
func (s *Store) Backup(ctx context.Context, w io.Writer) (events.Head, error) {
	path := s.path
	if s.readOnly {
		path = filepath.Join(os.TempDir(), filepath.Base(s.path))
	}
	head, err := s.copied(ctx, path, nil, func(copied string) error {
		f, err := os.Open(copied)
		if err != nil {
			return err
		}
		defer f.Close()
		buf := make([]byte, stepPages*1024)
		for {
			if err := s.usable(ctx); err != nil {
				return err
			}
			n, err := f.Read(buf)
			if n > 0 {
				if _, err := w.Write(buf[:n]); err != nil {
					return err
				}
			}
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
		}
	})
	if err != nil {
		return events.Head{}, fmt.Errorf("sqlite: back up %s: %w", s.name, err)
	}
	return head, nil
}

// copied copies the record to a file that may become the one at path, gives that to
// use, and removes it if it is there still.
func (s *Store) copied(ctx context.Context, path string, progress func(done, total int64), use func(file string) error) (events.Head, error) {
	f, err := begin(path)
	if err != nil {
		return events.Head{}, err
	}
	defer os.Remove(f.Name())
	if err := f.Close(); err != nil {
		return events.Head{}, err
	}
	var head events.Head
	err = s.reading(ctx, func(c *conn) (err error) {
		if err := os.Truncate(f.Name(), 0); err != nil { // it may be called again
			return err
		}
		head, err = s.copyTo(ctx, c, f.Name(), progress)
		return err
	})
	if err == nil {
		err = use(f.Name())
	}
	return head, err
}

// stepPages is how many pages of 8 KB are copied before the context is looked at.
const stepPages = 128

// copyTo copies the record as one transaction of c sees it.
func (s *Store) copyTo(ctx context.Context, c *conn, file string, progress func(done, total int64)) (head events.Head, err error) {
	// Without a transaction of its own, each step would be one, and the copy would
	// begin again whenever something was appended in between.
	if err := c.db.Exec(`BEGIN`); err != nil {
		return head, err
	}
	defer func() {
		c.db.SetInterrupt(context.Background()) // or it would not roll back
		err = errors.Join(err, c.db.Exec(`ROLLBACK`))
	}()
	if head.Seq, err = c.last(ctx); err != nil {
		return head, err
	}
	if head.Seq > 0 {
		data, err := c.read(ctx, head.Seq)
		if err != nil {
			return head, err
		}
		head.SHA256 = sha256.Sum256(data)
	}
	if _, err := identify(c.db); err != nil { // or Open would refuse the copy
		return head, err
	}
	pageSize, err := queryInt(c.db, `PRAGMA page_size`)
	if err != nil {
		return head, err
	}

	b, err := c.db.BackupInit("main", file)
	if err != nil {
		return head, err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	for done := false; !done; {
		if err := s.usable(ctx); err != nil {
			return head, err
		}
		if done, err = b.Step(stepPages); err != nil {
			return head, err
		}
		if progress != nil {
			total := int64(b.PageCount())
			progress((total-int64(b.Remaining()))*pageSize, total*pageSize)
		}
	}
	return head, nil
}
