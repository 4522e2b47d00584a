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
// the log and to the locks. Each connection keeps to one way. When somebody has written to
// a file that is read without locks, it is closed, and the next one chooses anew.

// renewals is how often a call chooses anew before it fails.
const renewals = 3

// renew closes a connection and opens another one.
func (s *Store) renew(c *conn) (*conn, error) {
	c.close() // it was only read
	c, err := s.connect()
	if err != nil && !errors.Is(err, errWritten) {
		err = fmt.Errorf("%w, and it cannot be read anew: %w", errWritten, err)
	}
	return c, err
}

// connectReading opens a further connection of a store that is read only.
func (s *Store) connectReading() (c *conn, err error) {
	for again := 0; again <= renewals; again++ {
		if c, err = s.setUpReading(); !errors.Is(err, errWritten) {
			break
		}
	}
	return c, err
}

// setUpReading opens a connection of a store that is read only.
func (s *Store) setUpReading() (*conn, error) {
	if s.logSize() < 0 {
		return s.tryReading(true)
	}
	s.makeLocks()
	c, err := s.tryReading(false)
	if err == nil || !noRight(err) {
		return c, err
	}
	if s.logSize() == 0 {
		return s.tryReading(true)
	}
	return nil, fmt.Errorf("%w (%v)", errLog, err) // or which file it was would be all that is told
}

// makeLocks makes the file of the locks if who wrote the log was killed and left none, and
// if that is for us to do: others could not use it if it was of somebody who may not
// write to the log.
func (s *Store) makeLocks() {
	if f, err := os.OpenFile(s.path+"-wal", os.O_RDWR, 0); err == nil {
		f.Close()
		makeBeside(s.path+"-shm", s.info)
	}
}

// tryReading opens a connection that reads a file without locks, if it is still, or with
// its log.
func (s *Store) tryReading(still bool) (*conn, error) {
	var was fs.FileInfo
	if still {
		var err error
		if was, err = os.Stat(s.path); err != nil {
			return nil, err
		}
		if s.logSize() > 0 { // or it could have been half written then
			return nil, errWritten
		}
	}
	c, err := s.dialReading(still)
	if err != nil && still {
		err = cmp.Or(s.stood(s.info), err) // as it was when it could be opened
	}
	if err == nil {
		c.still = was
		if err = s.stood(was); err != nil {
			c.close()
		}
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

func (s *Store) dialReading(still bool) (*conn, error) {
	db, err := s.dial(still)
	if err != nil {
		return nil, err
	}
	isNew, err := identify(db)
	if err == nil && isNew {
		err = errNoRecord
	}
	if err == nil && !still {
		err = syncLog(db)
	}
	if err != nil {
		db.Close()
		return nil, err
	}
	return newConn(db)
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

// stood returns an error if a file that is read without locks may have been written to
// since it was so. Who writes has a log, and changes the file only after that.
func (s *Store) stood(was fs.FileInfo) error {
	if was == nil {
		return nil
	}
	info, err := os.Stat(s.path)
	if err != nil {
		return err
	}
	if !os.SameFile(info, was) {
		return errReplaced
	}
	if s.logSize() > 0 || info.Size() != was.Size() || !info.ModTime().Equal(was.ModTime()) {
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
	errWritten  = errors.New("somebody has written to it while it was read")
	errReplaced = errors.New("the file was replaced by another while it was open: open it again")
	errReadOnly = fmt.Errorf("it was opened to be read only: %w", fs.ErrPermission)
)
