package sqlite

import (
	"fmt"

	sqlite3 "github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"
)

// A logFile is a write-ahead log that is written in few pieces, and grows by logStep
// bytes at a time.
//
// SQLite writes the head of each frame and its page by themselves: what is written one
// behind the other is held back and written at once when it is synced. Nobody misses it:
// with synchronous FULL each transaction ends with a sync of the log, before the
// index of the log, where others look, tells of it; and since no page is spilled (PRAGMA
// cache_spill), only a transaction that commits writes to the log, so nothing is held back
// that is taken back.
//
// A sync of a file that has grown saves the file system's own notes too, and takes longer.
// The step is filled with zeros, which no frame of a log is: SQLite reads up to there.
type logFile struct {
	tellingFile
	size int64  // what it had when it was last looked at
	held []byte // written, but not passed on yet
	at   int64  // where it begins
}

const logStep = 256 << 10

var zeros [logStep]byte

func (f *logFile) WriteAt(b []byte, offset int64) (int, error) {
	if offset != f.at+int64(len(f.held)) || len(f.held)+len(b) > logStep {
		if err := f.pass(); err != nil {
			return 0, err
		}
	}
	if len(f.held) == 0 {
		f.at = offset
	}
	f.held = append(f.held, b...)
	return len(b), nil
}

// pass writes what is held back. If that fails it is forgotten: it is of no transaction
// that commits, and another process may write in its place. What else looks at the log passes
// it on first, though SQLite does nothing of the kind between a write and its sync.
func (f *logFile) pass() error {
	if len(f.held) == 0 {
		return nil
	}
	n, err := f.tellingFile.WriteAt(f.held, f.at)
	f.held = f.held[:0]
	if err != nil {
		return err
	}
	if end := f.at + int64(n); end > f.size {
		f.size = f.grow(end)
	}
	return nil
}

func (f *logFile) ReadAt(b []byte, offset int64) (int, error) {
	if err := f.pass(); err != nil {
		return 0, err
	}
	return f.tellingFile.ReadAt(b, offset)
}

func (f *logFile) Sync(flags vfs.SyncFlag) error {
	if err := f.pass(); err != nil {
		return err
	}
	return f.tellingFile.Sync(flags)
}

func (f *logFile) Size() (int64, error) {
	if err := f.pass(); err != nil {
		return 0, err
	}
	return f.tellingFile.Size()
}

// grow fills the step that end is in if the file ends there, and returns the size. Who
// writes to a log has locked it, so nobody else is behind end. If there is no room, the
// file goes on growing by what is written.
func (f *logFile) grow(end int64) int64 {
	size, err := f.tellingFile.Size()
	if err != nil || size > end {
		return size
	}
	n, _ := f.File.WriteAt(zeros[end%logStep:], end)
	return end + int64(n)
}

func (f *logFile) Truncate(size int64) error {
	if err := f.pass(); err != nil {
		return err
	}
	f.size = size
	return f.tellingFile.Truncate(size)
}

// syncLog makes all that a connection has found in the log survive a crash of the machine,
// and the names of the files. SQLite shows the first who opens a file what a process has
// written to the log that was killed before it could sync it, and syncs nothing until
// somebody writes. Those who open it beside him see it too, so each Store syncs, once: while
// it has the file open, SQLite shows nothing more of the log than what was synced.
//
// The connection must have read, or it has no log.
func syncLog(db *sqlite3.Conn) error {
	file, err := db.FileControl("", sqlite3.FCNTL_JOURNAL_POINTER)
	if err != nil {
		return err
	}
	log, ok := file.(vfs.File)
	if !ok {
		return nil // another program has taken the log away from this file
	}
	size, err := log.Size()
	if err == nil && size > 0 {
		// The first sync of a log by who may have made it is one of the directory, too.
		err = log.Sync(vfs.SYNC_FULL)
	}
	if err != nil {
		return fmt.Errorf("%w: %v", sqlite3.IOERR_FSYNC, err) // as SQLite would say it
	}
	return nil
}
