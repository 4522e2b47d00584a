package find

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	sqlite3 "github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/ext/fts5"
	"github.com/ncruces/go-sqlite3/vfs"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/names"
)

const (
	applicationID = "0x4F526669" // "ORfi"
	userVersion   = 3            // also raised when a text has other words
	pageSize      = 4096

	// mark stands on the first page, in the text of the schema.
	mark = "onrecord_find_state"

	createSQL = `
		CREATE TABLE onrecord_find_state (position INTEGER NOT NULL, digest BLOB NOT NULL, leaves INTEGER NOT NULL) STRICT;
		INSERT INTO onrecord_find_state VALUES (0, zeroblob(32), 0);
		CREATE TABLE entry (row INTEGER PRIMARY KEY, id BLOB NOT NULL, subject BLOB NOT NULL) STRICT;
		CREATE TABLE alike (key TEXT NOT NULL, row INTEGER NOT NULL, PRIMARY KEY (key, row)) STRICT, WITHOUT ROWID;
		CREATE VIRTUAL TABLE said USING fts5(exact, gloss, value, written, content = '', contentless_delete = 1, tokenize = 'ascii');
		CREATE VIRTUAL TABLE called USING fts5(name, content = '', contentless_delete = 1, tokenize = 'ascii');
		CREATE VIRTUAL TABLE titled USING fts5(title, content = '', contentless_delete = 1, tokenize = 'ascii');
		PRAGMA user_version = 3`

	fields = 4 // columns of said, in the order of Field
)

// errDamaged says that the database holds what this package did not write.
var errDamaged = errors.New("the index is damaged")

// database is the index itself. It must not be used from several goroutines at
// once.
type database struct {
	path string        // absolute; empty: in memory
	disk string        // a file system that is registered with the driver; empty: its own
	lock *sqlite3.Conn // holds a lock on another file
	db   *sqlite3.Conn

	position events.Position // up to which the record has been taken in
	leaves   int64           // entries deleted since the file was last written anew
}

// openDatabase opens the file, or makes it, and locks it; whose record it holds
// is not known yet.
func openDatabase(ctx context.Context, path, disk string) (*database, error) {
	d := &database{disk: disk}
	if path != "" {
		var err error
		if d.path, err = names.Resolve(path); err != nil { // so that one file has one lock
			return nil, err
		}
		if err := mayDrop(d.path); err != nil {
			return nil, err
		}
		if d.lock, err = lockFile(d.path + "-lock"); err != nil {
			return nil, err
		}
	}
	err := d.connect(ctx)
	if isDamage(err) {
		err = d.drop(ctx)
	}
	if err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

// lockFile locks a file of its own: the index may have to be removed and made
// anew while nobody else may open it. The file stays empty, and stays.
func lockFile(path string) (*sqlite3.Conn, error) {
	name, err := owned(path, "")
	if err != nil {
		return nil, err
	}
	db, err := sqlite3.OpenFlags(name, sqlite3.OPEN_READWRITE|sqlite3.OPEN_CREATE|sqlite3.OPEN_URI)
	if err == nil {
		if err = db.Exec(`BEGIN EXCLUSIVE`); err != nil {
			db.Close()
		}
	}
	if err != nil && !errors.Is(err, sqlite3.BUSY) {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return db, explain(context.Background(), err)
}

// mayDrop returns an error unless the file may be dropped: it is not there, is
// empty, was an index of this package, which two of three signs tell, or was being
// made when the machine crashed.
func mayDrop(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%w: it is no file (%v)", ErrNotIndex, info.Mode())
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	const magic = "SQLite format 3\x00"
	head := make([]byte, pageSize)
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return err
	}
	head = head[:n]
	if n < 100 && bytes.HasPrefix(head, []byte(magic)[:min(n, len(magic))]) { // cut before anything of anybody's
		return nil
	}
	signs := 0 // a text may have one of them, and damage may have cost us one
	for _, is := range []bool{
		bytes.HasPrefix(head, []byte(magic)),
		n >= 72 && string(head[68:72]) == "ORfi",
		bytes.Contains(head, []byte(mark)),
	} {
		if is {
			signs++
		}
	}
	if signs >= 2 || !bytes.HasPrefix(head, []byte(magic)) && interrupted(path) {
		return nil
	}
	return fmt.Errorf("%w: it begins with %q", ErrNotIndex, head[:min(n, 20)])
}

// interrupted reports whether there is a rollback journal beside a file that says that
// the file was empty: SQLite then makes it empty again, whatever it has. The journal is
// on disk before the file gets its size, and the file before the journal goes.
func interrupted(path string) bool {
	const magic = "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"
	f, err := os.Open(path + "-journal")
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 20) // 16 to 19 is how many pages there were
	_, err = io.ReadFull(f, head)
	return err == nil && string(head[:8]) == magic && [4]byte(head[16:]) == [4]byte{}
}

// connect opens the connection, and makes the tables in a new file.
func (d *database) connect(ctx context.Context) (err error) {
	defer func() {
		if err != nil && d.db != nil {
			d.db.Close()
			d.db = nil
		}
	}()
	name := "file::memory:"
	if d.path != "" {
		if name, err = owned(d.path, d.disk); err != nil {
			return err
		}
	}
	if d.db, err = sqlite3.OpenFlags(name, sqlite3.OPEN_READWRITE|sqlite3.OPEN_CREATE|sqlite3.OPEN_URI); err != nil {
		return err
	}
	d.db.SetInterrupt(ctx)
	if err := fts5.Register(d.db); err != nil {
		return err
	}
	if err := d.wholePages(); err != nil {
		return err
	}
	if err := d.db.Exec(`PRAGMA page_size = 4096; PRAGMA locking_mode = EXCLUSIVE; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF;
		PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16000`); err != nil {
		return err
	}
	tables, err := d.number(`SELECT count(*) FROM sqlite_schema`)
	if err != nil {
		return err
	}
	isNew := tables == 0
	if isNew && d.path != "" {
		// Whose file it is comes first. Each page has a checksum after that.
		if err := d.db.Exec(`PRAGMA application_id = ` + applicationID); err != nil {
			return err
		}
		if err := d.db.EnableChecksums("main"); err != nil {
			return err
		}
	}
	if d.path != "" {
		if err := d.db.Exec(`PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0`); err != nil {
			return err
		}
		if on, err := d.number(`PRAGMA checksum_verification`); err != nil || on != 1 {
			return errors.Join(errDamaged, err)
		}
		// Behind what counts of a log that a crash has left may be words that are
		// redacted since.
		if err := d.save(); err != nil {
			return err
		}
	}
	if isNew {
		if err := d.db.Exec(`BEGIN IMMEDIATE; ` + createSQL + `; COMMIT`); err != nil {
			return err
		}
	}
	version, err := d.number(`PRAGMA user_version`)
	if err == nil && version != userVersion {
		err = fmt.Errorf("%w: it has version %d", errDamaged, version)
	}
	return err
}

// wholePages returns an error if the file ends within a page. SQLite would take
// the rest of it for zeros, and not look at its checksum.
func (d *database) wholePages() error {
	if d.path == "" {
		return nil
	}
	info, err := os.Stat(d.path)
	if err == nil && info.Size()%pageSize != 0 {
		err = fmt.Errorf("%w: it has %d bytes", errDamaged, info.Size())
	}
	return err
}

// drop removes whatever there is, for good, and begins with an empty index. The log goes
// last: the file may need it.
func (d *database) drop(ctx context.Context) error {
	if d.db != nil {
		d.db.Close()
		d.db = nil
	}
	d.position, d.leaves = 0, 0
	if d.path != "" {
		for _, suffix := range []string{"", "-wal", "-journal", "-shm"} {
			if _, err := os.Lstat(d.path + suffix); errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err := vfs.Find(d.disk).Delete(d.path+suffix, true); err != nil {
				return err
			}
		}
	}
	return d.connect(ctx)
}

func (d *database) close() error {
	var err error
	if d.db != nil {
		err = d.db.Close()
	}
	if d.lock != nil {
		d.lock.Close()
	}
	return err
}

// using calls f, and once more with an empty index if it fails because the index
// is damaged.
func (d *database) using(ctx context.Context, f func() error) error {
	if d.db == nil { // it could not be made anew the last time
		if err := d.drop(ctx); err != nil {
			return explain(ctx, err)
		}
	}
	d.db.SetInterrupt(ctx)
	err := f()
	if isDamage(err) {
		if err = d.drop(ctx); err == nil {
			err = f()
		}
	}
	if d.db != nil {
		d.db.SetInterrupt(context.Background()) // it keeps no context beyond the call
	}
	return explain(ctx, err)
}

// recordError is an error of the graph's: its store may be SQLite's, too.
type recordError struct{ error }

func (e recordError) Unwrap() error { return e.error }

// isDamage reports whether an error means that the index is not what was
// written. Whatever SQLite says and is not known to have another cause does.
func isDamage(err error) bool {
	if errors.Is(err, errDamaged) {
		return true
	}
	var code sqlite3.ErrorCode
	if errors.As(err, new(recordError)) || !errors.As(err, &code) {
		return false
	}
	switch code {
	case sqlite3.BUSY, sqlite3.LOCKED, sqlite3.INTERRUPT, sqlite3.FULL, sqlite3.NOMEM, sqlite3.READONLY, sqlite3.CANTOPEN, sqlite3.PERM:
		return false
	}
	return true
}

// explain says what an error of SQLite means for the caller.
func explain(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, sqlite3.INTERRUPT) && ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, sqlite3.BUSY) && !errors.As(err, new(recordError)):
		return ErrInUse
	}
	return err
}

// identify reads how far the index has come, and begins anew if that is not in
// the graph's record.
func (d *database) identify(ctx context.Context, g *graph.Graph) error {
	var position, leaves int64
	var digest []byte
	err := d.rows(`SELECT position, digest, leaves FROM onrecord_find_state`, func(s *sqlite3.Stmt) error {
		position, digest, leaves = s.ColumnInt64(0), s.ColumnBlob(1, nil), s.ColumnInt64(2)
		return nil
	})
	if err != nil {
		return err
	}
	p := events.Position(position)
	if p > g.View(nil).Position() { // another process may have recorded
		if err := g.Refresh(ctx); err != nil {
			return recordError{err}
		}
	}
	if p > g.View(nil).Position() {
		return d.drop(ctx)
	}
	if p > 0 {
		own, err := g.View(&graph.Lens{AsOf: p}).Digest(ctx)
		if err != nil {
			return recordError{err}
		}
		if !bytes.Equal(own[:], digest) {
			return d.drop(ctx)
		}
	}
	d.position, d.leaves = p, leaves
	return nil
}

// wipe writes the file anew, so that nothing is left on its pages, nor in its
// log, of what has been deleted. It does nothing if that is so.
func (d *database) wipe() error {
	if d.leaves == 0 {
		return nil
	}
	if err := d.db.Exec(`VACUUM`); err != nil {
		return err
	}
	if err := d.save(); err != nil {
		return err
	}
	// This begins the log anew, which SQLite syncs first: the old one cannot come back.
	if err := d.db.Exec(`UPDATE onrecord_find_state SET leaves = 0`); err != nil {
		return err
	}
	d.leaves = 0
	return nil
}

// save moves the log into the file and empties it. Nothing else does: a log that
// lies beside a file which has all of it already would, if it were damaged, take
// some of the pages back and not the others.
func (d *database) save() error {
	if d.path == "" {
		return nil
	}
	_, _, err := d.db.WALCheckpoint("main", sqlite3.CHECKPOINT_TRUNCATE)
	return err
}

// maxLog is how many bytes the log has before it is moved into the file.
const maxLog = 8 << 20

// saveLong is save for a log that has become long.
func (d *database) saveLong() error {
	if d.path == "" {
		return nil
	}
	info, err := os.Stat(d.path + "-wal")
	if err != nil || info.Size() < maxLog {
		return nil
	}
	return d.save()
}

// rows calls f with each row that a query gives.
func (d *database) rows(sql string, f func(*sqlite3.Stmt) error, args ...any) error {
	s, _, err := d.db.Prepare(sql)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := bind(s, args); err != nil {
		return err
	}
	for s.Step() {
		if err := f(s); err != nil {
			return err
		}
	}
	return s.Err()
}

// exec runs a statement that gives no rows, and makes it ready to run again.
func exec(s *sqlite3.Stmt, args ...any) error {
	if err := bind(s, args); err != nil {
		return err
	}
	return s.Exec()
}

func bind(s *sqlite3.Stmt, args []any) (err error) {
	for i, a := range args {
		switch a := a.(type) {
		case int64:
			err = s.BindInt64(i+1, a)
		case string:
			err = s.BindText(i+1, a)
		case []byte:
			err = s.BindBlob(i+1, a)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *database) number(sql string) (n int64, err error) {
	err = d.rows(sql, func(s *sqlite3.Stmt) error {
		n = s.ColumnInt64(0)
		return nil
	})
	return n, err
}
