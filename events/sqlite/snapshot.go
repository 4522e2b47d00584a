package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

func (s *Store) snapshotFile() string { return s.path + "-snapshot" }

// ReadSnapshot opens what [Store.WriteSnapshot] wrote last, in whichever process:
// a file beside the database, with "-snapshot" behind its name. The error is
// fs.ErrNotExist if there is none.
func (s *Store) ReadSnapshot(ctx context.Context) (io.ReadCloser, error) {
	if err := s.usable(ctx); err != nil {
		return nil, fmt.Errorf("sqlite: read snapshot: %w", err)
	}
	f, err := os.Open(s.snapshotFile())
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	return f, nil
}

// WriteSnapshot replaces the snapshot by what write writes: all of it or, after
// an error or a crash, nothing. Of several that are written at once, in whichever
// processes, the one that is finished last stays.
func (s *Store) WriteSnapshot(ctx context.Context, write func(io.Writer) error) error {
	err := s.usable(ctx)
	if err == nil && s.readOnly {
		err = errReadOnly
	}
	if err == nil {
		err = s.writeSnapshot(write)
	}
	if err != nil {
		return fmt.Errorf("sqlite: write snapshot: %w", err)
	}
	return nil
}

func (s *Store) writeSnapshot(write func(io.Writer) error) error {
	f, err := begin(s.snapshotFile())
	if err != nil {
		return err
	}
	err = errors.Join(write(f), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), s.snapshotFile())
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}
