package sqlite

import (
	"fmt"

	sqlite3 "github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"
)

// A logFile is a write-ahead log that grows by logStep bytes at a time. A sync of a
// file that has grown saves the file system's own notes too, and takes longer.
// The step is filled with zeros, which no frame of a log is: SQLite reads up to there.
type logFile struct {
	tellingFile
	size int64 // what it had when it was last looked at
}

const logStep = 256 << 10

var zeros [logStep]byte

func (f *logFile) WriteAt(b []byte, offset int64) (int, error) {
	n, err := f.tellingFile.WriteAt(b, offset)
	if end := offset + int64(n); err == nil && end > f.size {
		f.size = f.grow(end)
	}
	return n, err
}

// grow fills the step that end is in if the file ends there, and returns the size. Who
// writes to a log has locked it, so nobody else is behind end. If there is no room, the
// file goes on growing by what is written.
func (f *logFile) grow(end int64) int64 {
	size, err := f.Size()
	if err != nil || size > end {
		return size
	}
	n, _ := f.File.WriteAt(zeros[end%logStep:], end)
	return end + int64(n)
}

func (f *logFile) Truncate(size int64) error {
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
