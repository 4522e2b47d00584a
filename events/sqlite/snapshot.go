package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// abandoned is how old a half-written snapshot must be before it is taken for that
// of a process which has ended.
const abandoned = 10 * time.Minute

func (s *Store) snapshotFile() string { return s.path + "-snapshot" }

// ReadSnapshot opens what [Store.WriteSnapshot] wrote last, in whichever process:
// a file beside the database, with "-snapshot" behind its name. The error is
// fs.ErrNotExist if there is none.
func (s *Store) ReadSnapshot(context.Context) (io.ReadCloser, error) {
	f, err := os.Open(s.snapshotFile())
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	return f, nil
}

// WriteSnapshot replaces the snapshot by what write writes: all of it or, after
// an error or a crash, nothing. The error is fs.ErrExist if another process is
// writing one.
func (s *Store) WriteSnapshot(_ context.Context, write func(io.Writer) error) error {
	if err := s.writeSnapshot(write); err != nil {
		return fmt.Errorf("sqlite: write snapshot: %w", err)
	}
	return nil
}

func (s *Store) writeSnapshot(write func(io.Writer) error) error {
	half := s.snapshotFile() + "-new"
	if info, err := os.Stat(half); err == nil && time.Since(info.ModTime()) > abandoned {
		os.Remove(half)
	}
	// Only the owner may read it: the database may be kept from others.
	f, err := os.OpenFile(half, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	err = errors.Join(write(f), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(half, s.snapshotFile())
	}
	if err != nil {
		os.Remove(half)
	}
	return err
}
