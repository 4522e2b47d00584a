package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"strings"
	"syscall"
	"time"

	sqlite3 "github.com/ncruces/go-sqlite3"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/internal/names"
)

const (
	applicationID = 0x4F526563 // "ORec"
	userVersion   = 1
	readers       = 4
)

// Open opens the record in the file at path, or makes an empty one if there is
// no file or it has no bytes, unless Options.MustExist says otherwise. The directory
// must exist, and be writable. A file that is something else (events.ErrDamaged), or was
// written by a newer release (events.ErrNewer), is refused and not changed, and neither is its log; only
// a transaction of another program that a crash has left half done in the file is undone,
// as SQLite does for everybody who reads it. If there is no file, or an empty one, and beside
// it the log or the rollback journal of one that had something, that is events.ErrDamaged,
// and both are left as they are. Refused is also a path that begins with
// "file:", which other programs take for a URI; here it would be a file's name, and
// "./file:x" is. Several processes may make the same file at once.
func Open(path string, opts *Options) (*Store, error) {
	if opts == nil {
		opts = new(Options)
	}
	s := &Store{
		name:         path,
		vfs:          tellFull(opts.VFS),
		waitInterval: opts.WaitInterval,
		lockWait:     opts.LockWait,
		mustExist:    opts.MustExist || opts.ReadOnly,
		readOnly:     opts.ReadOnly,
		writer:       make(chan *conn, 1),
		readers:      make(chan *conn, readers),
		watcher:      make(chan *conn, 1),
		closed:       make(chan struct{}),
		grown:        make(chan struct{}),
	}
	if s.waitInterval <= 0 {
		s.waitInterval = 20 * time.Millisecond
	}
	if s.lockWait <= 0 {
		s.lockWait = 10 * time.Second
	}

	c, err := s.setUp()
	if err != nil {
		// The path is in front already.
		var pathErr *fs.PathError
		if errors.As(err, &pathErr) {
			err = pathErr.Err
			if !s.readOnly && (errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)) {
				err = fmt.Errorf("%w to write to it; Options.ReadOnly reads it where nothing may be written", err)
			}
		} else {
			err = s.explain(context.Background(), err)
		}
		return nil, fmt.Errorf("sqlite: open %s: %w", path, err)
	}

	s.writer <- c
	s.watcher <- nil
	for range readers {
		s.readers <- nil
	}
	return s, nil
}

// openFile makes the file if there is none and looks whether it can be a store,
// so that what is wrong can be said better than SQLite would.
func (s *Store) openFile() error {
	if s.name == "" || strings.ContainsRune(s.name, 0) {
		return fmt.Errorf("%q is not the name of a file", s.name)
	}
	if strings.HasPrefix(s.name, "file:") {
		return errors.New(`it is a URI, want the name of a file, without "file:" and parameters; what can be chosen is in Options`)
	}
	var err error
	if s.path, err = names.Resolve(s.name); err != nil {
		return err
	}
	if err := s.lost(); err != nil {
		return err
	}
	if info, err := os.Stat(s.path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("it is not a file (%v)", info.Mode())
	}
	flag := os.O_RDWR | os.O_CREATE
	if s.mustExist {
		flag = os.O_RDWR
	}
	if s.readOnly {
		flag = os.O_RDONLY
	}
	f, err := os.OpenFile(s.path, flag, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if s.info, err = f.Stat(); err != nil {
		return err
	}
	if n := links(s.info); n > 1 {
		return fmt.Errorf("it has %d names (hard links), and SQLite finds its log by the name", n)
	}

	const magic = "SQLite format 3\x00"
	head := make([]byte, 20)
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return err
	}
	_, undone, err := s.journal()
	if err != nil {
		return err
	}
	if n > 0 && !undone { // or it becomes what it was before
		if begins := head[:min(n, len(magic))]; string(begins) != magic {
			return foreign("it is not an SQLite file: it begins with %q", begins)
		}
		if !s.readOnly && n == len(head) && head[18] > 2 {
			return foreign("it is of a version of SQLite's format, %d, that is only read", head[18])
		}
	}
	if !s.readOnly && (n == 0 && !s.mustExist || n == len(head) && head[19] == 2) { // it has a log, or will
		makeBeside(s.path+"-shm", s.info)
	}
	return nil
}

// setUp opens the first connection. It makes the table if the file is empty, and
// otherwise looks whether it is one of this package's. It tries again while
// other processes do the same.
func (s *Store) setUp() (*conn, error) {
	if err := s.openFile(); err != nil {
		return nil, err
	}
	began, again := time.Now(), false
	for {
		c, err := s.setUpOnce()
		if err == nil {
			return c, nil
		}
		if (errors.Is(err, errWritten) || errors.Is(err, errReplaced)) && !again { // such as by who had it open and has closed it
			again = true
			if err := s.openFile(); err != nil {
				return nil, err
			}
			continue
		}
		if !errors.Is(err, sqlite3.BUSY) || time.Since(began) > s.lockWait {
			return nil, err
		}
		// SQLite does not call the busy handler where two that wait for each
		// other would wait for ever, as when both change the journal mode.
		time.Sleep(time.Millisecond + rand.N(4*time.Millisecond))
	}
}

func (s *Store) setUpOnce() (*conn, error) {
	if s.readOnly {
		return s.setUpReading()
	}
	db, err := s.dial(false)
	if err != nil {
		return nil, err
	}
	if err := s.setUpTable(db); err != nil {
		db.Close()
		return nil, err
	}
	c, err := newConn(db)
	if err != nil {
		return nil, err
	}
	if _, err := db.Config(sqlite3.DBCONFIG_NO_CKPT_ON_CLOSE, false); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func (s *Store) setUpTable(db *sqlite3.Conn) error {
	if ro, _ := db.ReadOnly("main"); ro {
		return fmt.Errorf("%w to write to it", fs.ErrPermission)
	}

	// Nothing is written before it is known whose file it is: not even the
	// journal mode, which is part of the file.
	isNew, err := identify(db)
	if err != nil {
		return err
	}
	if isNew && s.mustExist {
		return errNoRecord
	}
	mode, err := queryText(db, `PRAGMA journal_mode = WAL`)
	if err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("no write-ahead log can be kept beside it: its journal mode stays %q", mode)
	}
	if !isNew {
		return syncLog(db)
	}

	if err := db.Exec(`BEGIN IMMEDIATE`); err != nil {
		return err
	}
	isNew, err = identify(db) // another process may have been first
	if err == nil && isNew {
		err = db.Exec(fmt.Sprintf(`%s; PRAGMA application_id = %d; PRAGMA user_version = %d`, createSQL, applicationID, userVersion))
	}
	if err != nil {
		db.Exec(`ROLLBACK`)
		return err
	}
	err = db.Exec(`COMMIT`)
	if err == nil && !isNew {
		err = syncLog(db)
	}
	return err
}

// identify tells whether the file is new, that is empty, and returns an error
// if it is neither that nor one of this package's. Of that it has the table, and nothing
// that SQLite does not make for itself: a trigger could take back what is recorded.
func identify(db *sqlite3.Conn) (isNew bool, err error) {
	own := db.GetAutocommit()
	if own { // or the answers could be about different states
		if err := db.Exec(`BEGIN`); err != nil {
			return false, err
		}
		defer db.Exec(`ROLLBACK`)
	}
	id, err := queryInt(db, `PRAGMA application_id`)
	if err != nil {
		return false, err
	}
	version, err := queryInt(db, `PRAGMA user_version`)
	if err != nil {
		return false, err
	}
	hasTable := false
	var all, others []string
	err = query(db, `SELECT type, name, sql FROM sqlite_schema ORDER BY name`, func(stmt *sqlite3.Stmt) {
		kind, name := stmt.ColumnText(0), stmt.ColumnText(1)
		all = append(all, kind+" "+name)
		switch {
		case kind == "table" && strings.HasPrefix(name, "sqlite_"): // such as the statistics of ANALYZE
		case kind == "table" && name == "record" && stmt.ColumnText(2) == createSQL:
			hasTable = true
		default:
			others = append(others, kind+" "+name)
		}
	})
	if err != nil {
		return false, err
	}
	first := func(names []string) string { return strings.Join(names[:min(len(names), 5)], ", ") }

	switch {
	case id == applicationID && version == userVersion && !hasTable:
		return false, damaged("it has no table record of this package's making")
	case id == applicationID && version == userVersion && len(others) > 0:
		return false, notOurs(first(others))
	case id == applicationID && version == userVersion:
		return false, nil
	case id == applicationID && version > userVersion:
		return false, fmt.Errorf("%w: its layout is version %d, known is %d", events.ErrNewer, version, userVersion)
	case id == 0 && version == 0 && len(all) == 0:
		return true, nil
	default:
		return false, foreign("it is an SQLite database of another program: application id %#x, user version %d, with: %s", uint32(id), version, first(all))
	}
}

func queryInt(db *sqlite3.Conn, sql string) (n int64, err error) {
	err = query(db, sql, func(stmt *sqlite3.Stmt) { n = stmt.ColumnInt64(0) })
	return n, err
}

func queryText(db *sqlite3.Conn, sql string) (text string, err error) {
	err = query(db, sql, func(stmt *sqlite3.Stmt) { text = stmt.ColumnText(0) })
	return text, err
}

// query calls f for every row, and goes on to the end: what a statement changes is
// committed only there, after its last row.
func query(db *sqlite3.Conn, sql string, f func(*sqlite3.Stmt)) error {
	stmt, _, err := db.Prepare(sql)
	if err != nil {
		return err
	}
	defer stmt.Close()
	for stmt.Step() {
		f(stmt)
	}
	return stmt.Err()
}

var (
	_ events.Store      = (*Store)(nil)
	_ events.Reader     = (*Store)(nil)
	_ events.PartReader = (*Store)(nil)
	_ events.Waiter     = (*Store)(nil)
	_ events.Snapshots  = (*Store)(nil)
	_ events.Backups    = (*Store)(nil)
)
