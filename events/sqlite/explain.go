package sqlite

import (
	"context"
	"errors"
	"fmt"

	sqlite3 "github.com/ncruces/go-sqlite3"

	"github.com/onrecord/onrecord/events"
)

// explain says what an error of SQLite means for the caller, and what to do.
func (s *Store) explain(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sqlite3.INTERRUPT), errors.Is(err, sqlite3.BUSY):
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if s.closing.Load() {
			return events.ErrClosed
		}
		return fmt.Errorf("another process has held the lock for more than %v, call again when it has ended: %w", s.lockWait, err)
	case errors.Is(err, sqlite3.FULL):
		return fmt.Errorf("the disk is full, make room and call again: %w", err)
	case errors.Is(err, sqlite3.IOERR_FSYNC), errors.Is(err, sqlite3.IOERR_DIR_FSYNC):
		return fmt.Errorf("the disk has not saved what was written, see to it, then read on to find out what is stored: %w", err)
	case errors.Is(err, sqlite3.CORRUPT), errors.Is(err, sqlite3.NOTADB), errors.Is(err, sqlite3.TOOBIG),
		errors.Is(err, sqlite3.IOERR_DATA), // a checksum that the file says it has
		errors.Is(err, sqlite3.ERROR):      // there is no table, or one of a format that SQLite does not know
		return damaged("%w", err)
	case errors.Is(err, sqlite3.IOERR):
		return fmt.Errorf("the disk has failed, see to it, then read on to find out what is stored: %w", err)
	case errors.Is(err, sqlite3.READONLY), errors.Is(err, sqlite3.CANTOPEN):
		return fmt.Errorf("the file or its directory cannot be written, see to who may do so, or read it with Options.ReadOnly: %w", err)
	default:
		return err
	}
}

// damaged says how a file is damaged.
func damaged(format string, args ...any) error {
	return fmt.Errorf("%w, restore the file from a copy: %w", events.ErrDamaged, fmt.Errorf(format, args...))
}

// notOurs says what another program has put into a file beside the record. It is
// events.ErrDamaged, though no record is.
type notOurs string

func (n notOurs) Error() string {
	return "another program has put into the record's file: " + string(n) + "; drop it there, which changes no record"
}

func (notOurs) Unwrap() error { return events.ErrDamaged }

// foreign says that a file is none of this package's. Whether it was one cannot be told, so
// it is events.ErrDamaged as well.
func foreign(format string, args ...any) error {
	return fmt.Errorf("%w; if it was a record, %w", fmt.Errorf(format, args...), events.ErrDamaged)
}
