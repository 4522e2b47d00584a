package sqlite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"math"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	sqlite3 "github.com/ncruces/go-sqlite3"

	"github.com/onrecord/onrecord/events"
)

// maxSeq is the greatest number that a row can have.
const maxSeq = events.Seq(math.MaxInt64)

// A conn is a connection and its statements. It must not be used from several
// goroutines at once.
type conn struct {
	db    *sqlite3.Conn
	still fs.FileInfo // how the file was when it was opened, if it is read without locks; else nil

	insertStmt, lastStmt, readStmt, partStmt, scanStmt *sqlite3.Stmt
}

const (
	createSQL = `CREATE TABLE record (seq INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT`

	// If record ?2 (NULL for 0) is not the last, data is NULL, which the table
	// refuses. So the condition is checked under the lock that the insert needs
	// anyway, without a transaction of several statements, and without the copy
	// that INSERT ... SELECT makes of what it reads from its own table.
	insertSQL = `INSERT INTO record (seq, data) VALUES (?1, CASE WHEN (SELECT max(seq) FROM record) IS ?2 THEN ?3 END)`

	lastSQL = `SELECT max(seq) FROM record`
	readSQL = `SELECT data FROM record WHERE seq = ?1`
	partSQL = `SELECT substr(data, ?2, ?3) FROM record WHERE seq = ?1`
	scanSQL = `SELECT seq, data FROM record WHERE seq > ?1 ORDER BY seq LIMIT ?2`
)

// connect opens a connection to the file that Open opened.
func (s *Store) connect() (*conn, error) {
	if s.readOnly {
		return s.connectReading()
	}
	db, err := s.dial(false)
	if err != nil {
		return nil, err
	}
	return newConn(db)
}

// dial opens the file and sets what every connection needs. What is still has no locks.
func (s *Store) dial(still bool) (*sqlite3.Conn, error) {
	choices, flag := url.Values{"vfs": {s.vfs}}, sqlite3.OPEN_READWRITE
	if s.readOnly {
		flag = sqlite3.OPEN_READONLY
	} else {
		choices.Set("modeof", s.path) // the log has the rights of the file
	}
	if still {
		choices.Set("immutable", "1")
	}
	uri := url.URL{
		Scheme: "file", OmitHost: true,
		Path:     "/" + strings.TrimPrefix(filepath.ToSlash(s.path), "/"),
		RawQuery: strings.ReplaceAll(choices.Encode(), "+", "%20"), // a plus is a plus to SQLite
	}
	db, err := sqlite3.OpenFlags(uri.String(), flag|sqlite3.OPEN_URI)
	if err != nil {
		return nil, err
	}
	// Only now: what SQLite has open cannot become another file any more.
	info, err := os.Stat(s.path)
	if err == nil && !os.SameFile(info, s.info) {
		err = errReplaced
	}
	if err == nil {
		err = s.lost()
	}
	if err == nil {
		err = db.BusyHandler(s.busyHandler())
	}
	for _, off := range []sqlite3.DBConfig{sqlite3.DBCONFIG_ENABLE_TRIGGER, sqlite3.DBCONFIG_ENABLE_VIEW} {
		if err == nil { // that another program makes while it is open
			_, err = db.Config(off, false)
		}
	}
	if err == nil {
		// Whose log it is that lies there is not known yet. The writer, which is closed
		// last, moves it.
		_, err = db.Config(sqlite3.DBCONFIG_NO_CKPT_ON_CLOSE, s.logSize() > 0)
	}
	if err == nil {
		err = db.Exec(`
			PRAGMA page_size = 8192;
			PRAGMA synchronous = FULL;
			PRAGMA fullfsync = ON;
			PRAGMA checkpoint_fullfsync = ON;
			PRAGMA wal_autocheckpoint = 256;
			PRAGMA cache_spill = OFF;
			PRAGMA cell_size_check = ON;
			PRAGMA trusted_schema = OFF`)
	}
	if err != nil {
		db.Close()
		return nil, err
	}
	db.Limit(sqlite3.LIMIT_LENGTH, 1<<20) // no damaged length makes it allocate more
	return db, nil
}

// busyHandler is asked, again and again, whether to wait for another process.
func (s *Store) busyHandler() func(context.Context, int) bool {
	var began time.Time
	return func(ctx context.Context, count int) bool {
		if count == 0 {
			began = time.Now()
		} else if time.Since(began) > s.lockWait {
			return false
		}
		// An append takes from tens of microseconds to some milliseconds. The
		// waits differ so that two processes do not keep meeting.
		longest := min(50*time.Microsecond<<min(count, 5), time.Millisecond)
		timer := time.NewTimer(longest/2 + rand.N(longest/2))
		defer timer.Stop()
		select {
		case <-timer.C:
			return true
		case <-ctx.Done():
			return false
		case <-s.closed:
			return false
		}
	}
}

// newConn prepares the statements. With an error it closes db.
func newConn(db *sqlite3.Conn) (*conn, error) {
	c := &conn{db: db}
	for _, p := range []struct {
		stmt **sqlite3.Stmt
		sql  string
	}{
		{&c.insertStmt, insertSQL}, {&c.lastStmt, lastSQL}, {&c.readStmt, readSQL}, {&c.partStmt, partSQL}, {&c.scanStmt, scanSQL},
	} {
		stmt, _, err := db.PrepareFlags(p.sql, sqlite3.PREPARE_PERSISTENT)
		if err != nil {
			c.close()
			return nil, err
		}
		*p.stmt = stmt
	}
	return c, nil
}

func (c *conn) close() error {
	if c == nil {
		return nil
	}
	for _, stmt := range []*sqlite3.Stmt{c.insertStmt, c.lastStmt, c.readStmt, c.partStmt, c.scanStmt} {
		stmt.Close()
	}
	return c.db.Close()
}

func (c *conn) append(ctx context.Context, after events.Seq, record []byte) error {
	c.db.SetInterrupt(ctx)
	stmt := c.insertStmt
	err := stmt.BindInt64(1, int64(after)+1)
	if err == nil && after == 0 {
		err = stmt.BindNull(2)
	} else if err == nil {
		err = stmt.BindInt64(2, int64(after))
	}
	if err == nil {
		err = stmt.BindBlob(3, record)
	}
	if err == nil {
		err = stmt.Exec()
	}
	if errors.Is(err, sqlite3.CONSTRAINT) {
		return events.ErrConflict
	}
	return err
}

func (c *conn) last(ctx context.Context) (events.Seq, error) {
	c.db.SetInterrupt(ctx)
	defer c.lastStmt.Reset()
	if !c.lastStmt.Step() {
		return 0, c.lastStmt.Err()
	}
	if c.lastStmt.ColumnType(0) == sqlite3.NULL {
		return 0, nil
	}
	last := c.lastStmt.ColumnInt64(0)
	if last < 1 {
		return 0, damaged("the last record has number %d", last)
	}
	return events.Seq(last), nil
}

func (c *conn) read(ctx context.Context, seq events.Seq) ([]byte, error) {
	if seq == 0 || seq > maxSeq {
		return nil, events.ErrNoRecord
	}
	c.db.SetInterrupt(ctx)
	defer c.readStmt.Reset()
	if err := c.readStmt.BindInt64(1, int64(seq)); err != nil {
		return nil, err
	}
	if !c.readStmt.Step() {
		if err := c.readStmt.Err(); err != nil {
			return nil, err
		}
		return nil, events.ErrNoRecord
	}
	return columnBytes(c.readStmt, 0)
}

func (c *conn) readPart(ctx context.Context, seq events.Seq, from, to int) ([]byte, error) {
	if seq == 0 || seq > maxSeq {
		return nil, events.ErrNoRecord
	}
	if from < 0 || from >= to || to > events.MaxRecord {
		return nil, fmt.Errorf("want 0 <= from < to <= %d", events.MaxRecord)
	}
	c.db.SetInterrupt(ctx)
	stmt := c.partStmt
	defer stmt.Reset()
	if err := errors.Join(stmt.BindInt64(1, int64(seq)), stmt.BindInt(2, from+1), stmt.BindInt(3, to-from)); err != nil {
		return nil, err
	}
	if !stmt.Step() {
		if err := stmt.Err(); err != nil {
			return nil, err
		}
		return nil, events.ErrNoRecord
	}
	data := bytes.Clone(stmt.ColumnRawBlob(0))
	if len(data) != to-from {
		return nil, errors.New("the record is shorter")
	}
	return data, nil
}

// scan yields up to pageRecords records that follow after. It is one
// transaction, from the first record to the end of the loop.
func (c *conn) scan(ctx context.Context, after events.Seq) iter.Seq2[events.Record, error] {
	return func(yield func(events.Record, error) bool) {
		if after >= maxSeq {
			return
		}
		from := int64(after)
		if after == 0 {
			from = math.MinInt64 // so that a row numbered 0 or less is found, and reported
		}
		c.db.SetInterrupt(ctx)
		stmt := c.scanStmt
		defer stmt.Reset()
		err := stmt.BindInt64(1, from)
		if err == nil {
			err = stmt.BindInt64(2, pageRecords)
		}
		for want := int64(after) + 1; err == nil && stmt.Step(); want++ {
			if got := stmt.ColumnInt64(0); got != want {
				err = damaged("record %d is missing, the next one has number %d", want, got)
				break
			}
			var data []byte
			if data, err = columnBytes(stmt, 1); err == nil {
				if !yield(events.Record{Seq: events.Seq(want), Data: data}, nil) {
					return
				}
			}
		}
		if err == nil {
			err = stmt.Err()
		}
		if err != nil {
			yield(events.Record{}, err)
		}
	}
}

// columnBytes returns a copy of the record in a column.
func columnBytes(stmt *sqlite3.Stmt, col int) ([]byte, error) {
	data := bytes.Clone(stmt.ColumnRawBlob(col))
	if len(data) == 0 || len(data) > events.MaxRecord {
		return nil, damaged("a record has %d bytes", len(data))
	}
	return data, nil
}
