package sqlite

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"

	sqlite3 "github.com/ncruces/go-sqlite3"
)

// A record that is read only is read in one of two ways. If there is no log beside it,
// its file is all of it: SQLite is told that the file is immutable, takes no lock and
// makes no file, and whether that was true is looked at after each read. If there is a
// log, SQLite reads the two together as it always does, which needs the right to write to
// the log and to the locks.

// setUpReading opens the first connection of a store that is read only.
func (s *Store) setUpReading() (*conn, error) {
	s.still = s.logSize() < 0
	s.makeLocks()
	c, err := s.tryReading()
	if err != nil && !s.still && s.logSize() == 0 && noRight(err) {
		s.still = true
		c, err = s.tryReading()
	}
	if err != nil && !s.still && noRight(err) {
		return nil, fmt.Errorf("%w (%v)", errLog, err) // or which file it was would be all that is told
	}
	return c, err
}

// makeLocks makes the file of the locks if who wrote the log was killed and left none, and
// if that is for us to do: others could not use it if it was of somebody who may not
// write to the log.
func (s *Store) makeLocks() {
	if s.still {
		return
	}
	if f, err := os.OpenFile(s.path+"-wal", os.O_RDWR, 0); err == nil {
		f.Close()
		makeBeside(s.path+"-shm", s.info)
	}
}

func (s *Store) tryReading() (*conn, error) {
	db, err := s.dial()
	if err != nil {
		return nil, cmp.Or(s.stood(), err)
	}
	isNew, err := identify(db)
	if err == nil && isNew {
		err = errNoRecord
	}
	if err == nil && !s.still {
		err = syncLog(db)
	}
	if err = cmp.Or(s.stood(), err); err != nil {
		db.Close()
		return nil, err
	}
	c, err := newConn(db)
	if err != nil {
		return nil, cmp.Or(s.stood(), err)
	}
	return c, nil
}

// logSize returns how many bytes of a log lie beside the file, -1 if there is none.
func (s *Store) logSize() int64 {
	size := int64(-1)
	for _, suffix := range []string{"-wal", "-journal"} {
		if info, err := os.Lstat(s.path + suffix); err == nil {
			size = max(size, info.Size())
		} else if !errors.Is(err, fs.ErrNotExist) {
			size = max(size, 1) // who knows
		}
	}
	return size
}

// stood returns an error if a file that is read without locks may have been written to.
// Who writes has a log, and changes the file only after that.
func (s *Store) stood() error {
	if !s.still {
		return nil
	}
	info, err := os.Stat(s.path)
	if err != nil {
		return err
	}
	if s.logSize() > 0 || !os.SameFile(info, s.info) || info.Size() != s.info.Size() || !info.ModTime().Equal(s.info.ModTime()) {
		return errWritten
	}
	return nil
}

// noRight reports whether an error of SQLite is that of somebody who may not write.
func noRight(err error) bool {
	return errors.Is(err, sqlite3.READONLY) || errors.Is(err, sqlite3.CANTOPEN) || errors.Is(err, fs.ErrPermission)
}

var (
	errNoRecord = fmt.Errorf("the file has no record yet: %w", fs.ErrNotExist)
	errLog      = fmt.Errorf("there is a log beside it, without which records would be missing, and which nobody reads who may not write to it: "+
		"read a copy of both files, or have it closed by who has it open: %w", fs.ErrPermission)
	errWritten  = errors.New("somebody has written to it since it was opened to be read only: open it again")
	errReadOnly = fmt.Errorf("it was opened to be read only: %w", fs.ErrPermission)
)
