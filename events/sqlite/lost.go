package sqlite

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/onrecord/onrecord/events"
)

// lost returns an error if the file is gone or has no bytes, and beside it there is what
// was written to it: SQLite would take it for a new one, and delete that.
func (s *Store) lost() error {
	// First what is beside it: in the making of a file there is never a log before there
	// is something in the file.
	info, err := os.Stat(s.path + "-wal")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return s.unread("-wal", err)
	}
	pages, _, unread := s.journal()
	if unread != nil {
		return unread
	}
	beside := "-wal"
	switch {
	case err == nil && info.Size() > 0:
	case pages > 0:
		beside = "-journal"
	default:
		return nil
	}
	switch info, err := os.Stat(s.path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil || info.Size() > 0:
		return err
	}
	return fmt.Errorf("it is missing or has no bytes, but there is %s%s, which was written for it: %w; "+
		"move both away and keep them, then put a copy in their place, or begin anew", filepath.Base(s.path), beside, events.ErrDamaged)
}

// journal returns how many pages the file had, as the rollback journal beside it tells that
// undoes what a program has left half done. There is one after a crash in the making of a
// file, too: that one had none. It is not ok if there is none; what cannot be read is an
// error, for it may be one.
func (s *Store) journal() (pages uint32, ok bool, err error) {
	const magic = "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"
	f, err := os.Open(s.path + "-journal")
	if errors.Is(err, fs.ErrNotExist) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, s.unread("-journal", err)
	}
	defer f.Close()
	head := make([]byte, 20) // https://sqlite.org/fileformat2.html#the_rollback_journal
	if _, err = io.ReadFull(f, head); err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return 0, false, s.unread("-journal", err)
	}
	if err != nil || string(head[:8]) != magic {
		return 0, false, nil
	}
	return binary.BigEndian.Uint32(head[16:]), true, nil
}

// unread says that a file beside the record cannot be read.
func (s *Store) unread(suffix string, err error) error {
	if pathErr := (*fs.PathError)(nil); errors.As(err, &pathErr) {
		err = pathErr.Err // or it would be taken for an error about the record's own file
	}
	return fmt.Errorf("%s%s cannot be read, which may have what was written to it: %w", filepath.Base(s.path), suffix, err)
}
