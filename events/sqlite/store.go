// Package sqlite keeps a record in one SQLite file. [Open] makes the file or
// opens it; the [Store] that it returns is an [events.Store], an
// [events.Reader], an [events.PartReader], an [events.Waiter], an [events.Snapshots]
// and an [events.Backups].
//
// # The file
//
// The file has one table,
//
//	CREATE TABLE record (seq INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT
//
// with record n in the row whose seq is n, the application id 0x4F526563
// ("ORec") and the user version 1, which is the version of this layout. Any
// SQLite tool can read it:
//
//	sqlite3 story.db 'SELECT seq, length(data) FROM record'
//
// but must put nothing into it: a file with a trigger, a view, an index or another table is
// refused, since that could take back what is recorded. Only tables that SQLite makes for
// itself may be there, such as the statistics of ANALYZE. Triggers and views that are made
// while it is open are switched off.
//
// While it is open there are two more files beside it, story.db-wal and
// story.db-shm. They belong to it: a copy of story.db alone lacks what was
// appended last. The last Store to close moves everything into the one file; if
// it was killed, or two closed at the same moment, the next one to close does.
//
// Only its owner may open a file that Open makes. A file that is there keeps its rights. The
// two beside it have the same rights, and the same owner and group as far as the process may
// give them. Only that, and who may open the directory, keeps others from reading or writing.
//
// A snapshot is a file of its own, story.db-snapshot, which only its writer may read. It holds
// nothing that is not in the record, so it need not be copied with it and may be deleted at
// any time. It tells what the record tells: let nobody read it who may not read the record.
// Nor let him write it: its checksums find accidents, and a graph that opens what somebody
// has made on purpose answers as he wants.
//
// # Backup and restore
//
// [Store.BackupFile] and [Store.Backup] copy the record while any process appends
// to it. What they write is a file of this package. To restore it, put it where
// there is no file of its name, and none with "-wal", "-shm" or "-journal" added,
// which SQLite would take for its own; then [Open] it. Its head is the one that was
// returned when it was made, and package proof verifies all before that.
//
//	head, err := store.BackupFile(ctx, "story-tuesday.db", nil)
//
// # Reading only
//
// With Options.ReadOnly the Store only reads a record that is there: it refuses Append and
// WriteSnapshot, with fs.ErrPermission. So a copy can be read, verified and exported by
// somebody who may not write to it, or where nobody may.
//
// If there is no log beside the file, the file is all of the record: it is read without
// locks, and nothing is made or changed beside it. If there is a log, because somebody has
// the record open or was killed, the two are read together, and what is appended is seen.
// That needs the right to write to story.db-wal and to story.db-shm, which is made if it is
// not there. Without that right the record is refused, with fs.ErrPermission, rather than
// shown without what is in the log.
//
// If somebody begins to write to a file that is read without locks, the call that notices
// opens it again, with the log, and answers from that; so does Wait. Without the right to
// write to the log such calls fail, until the writer has closed the record and the file is
// all of it again. What was returned before is right. A reader with a log keeps the log: if
// he is the last to close, it stays beside the file, and belongs to it.
//
// # Guarantees
//
// An Append is one transaction and one fdatasync (F_FULLFSYNC on macOS) of the
// write-ahead log (journal mode WAL, synchronous FULL). The condition that
// nothing was appended in between is part of the inserting statement, so it
// holds between processes too.
//
// What a Store shows is on disk. A process that is killed after it has written to the log
// and before it has synced it leaves records that the next one finds. So Open syncs a log
// that it finds, even to read only.
//
// If the disk is full or fails, Append stores the record whole or not at all, and the
// Store goes on when there is room or the disk is well again. The error says which it
// was: one of a full disk is the driver's sqlite3.FULL.
//
// Scan reads in pages, each in a transaction of its own, and holds none while
// the loop's body runs. A gap in the numbers is an error.
//
// SQLite does not check what it reads: most flipped bits in the file come back
// as data without an error. The records of this module carry a checksum, which
// is checked where they are decoded. A file damaged in its structure is an
// error here that is events.ErrDamaged, never a panic. So is a file that is no record, since
// damage of its first 100 bytes can make a record look like a file that is none. The version
// of its layout stands there, too, so damage of that can be events.ErrNewer. The log has checksums, and
// SQLite takes a wrong one for the end of what was written: a damaged log loses the
// records from there on, without an error.
//
// # Several stores on one file
//
// Any number of processes of one machine may open a file at once, and one
// process may open it several times: the Stores are independent and see each
// other's records. (On Linux and macOS the driver locks open file descriptions,
// on Windows handles. The classic SQLite locks belong to the process and are
// lost when it closes any other descriptor of the file; these are not.) A network
// file system cannot be used, as for every SQLite database in this mode. The names of
// the log and of the locks come from the name of the file, with symbolic links
// resolved, so a file with several hard links is refused.
//
// A process that waits for another one's append tries again within a
// millisecond, in no order.
//
// # Costs
//
// An append costs little more than writing the same bytes to a preallocated
// file and syncing it: BenchmarkAppend shows both and their ratio. The log is
// moved into the table when it has grown to 2 MB, by the append that reaches
// that, so a large record is written twice. What an append adds to the log is
// written at once, not frame by frame. Pages have 8 KB: with 4 KB an append of a few
// hundred bytes gains next to nothing, and reading a long record or a part of it takes
// longer, as BenchmarkScan and BenchmarkReadPart show with the other page size; with
// 16 KB every small append writes more than it has to. A log of 2
// MB is overwritten in place soon after it was opened, which spares the file
// system its own journal, and keeps the pause for moving it short; larger ones
// were not faster. Until then it grows by 256 KB at a time, of zeros, for the same
// reason: an append that makes it longer takes longer (go test -run='^$' -bench=Append
// -benchtime=400x ./events/sqlite appends to new files).
//
// A Store holds up to six connections, each with at most 2 MB of pages and the
// largest record it has met.
//
// # The driver
//
// The driver is github.com/ncruces/go-sqlite3, SQLite translated to Go by way
// of WebAssembly. Beside modernc.org/sqlite, in one run, appends took the same
// time and scans a little longer; it brings a fifth of the lines to go.sum and
// a third of the size to a program, locks as said above, lets a context end the
// wait for a lock, and what a damaged file could make SQLite do stays inside
// its own memory.
package sqlite

import (
	"context"
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"
	"time"

	"github.com/onrecord/onrecord/events"
)

// Options are what can be chosen about a Store. Nil means all defaults.
type Options struct {
	// WaitInterval is how often Wait looks for what other Stores and other
	// processes have appended. The default is 20 milliseconds.
	WaitInterval time.Duration

	// LockWait is how long a call waits while another process writes, if its
	// context does not end first. The default is 10 seconds.
	LockWait time.Duration

	// MustExist makes Open refuse a path at which there is no record yet, with
	// fs.ErrNotExist. The default is to make one.
	MustExist bool

	// ReadOnly opens a record that is there to read it and nothing else, also where
	// nothing can be written. See the package comment.
	ReadOnly bool

	// VFS is the name of a file system that was registered with the driver (package
	// github.com/ncruces/go-sqlite3/vfs), such as one that fails, for tests. It must
	// show the operating system's files under their own names. The default is the
	// operating system's.
	VFS string
}

// A Store is a record in an SQLite file.
//
// Its methods may be called from several goroutines at once. Appends follow one
// another; up to four reads run beside them.
type Store struct {
	name         string // as given to Open, for errors
	path         string // absolute, without symbolic links
	vfs          string
	info         fs.FileInfo
	waitInterval time.Duration
	lockWait     time.Duration
	mustExist    bool
	readOnly     bool

	// The connections. Who receives one uses it alone and sends it back. A nil
	// one is opened by who receives it. After closed is closed, Close alone
	// receives them.
	writer  chan *conn
	readers chan *conn
	watcher chan *conn
	closing atomic.Bool
	closed  chan struct{}

	mu    sync.Mutex
	last  events.Seq    // the greatest number known to be stored
	grown chan struct{} // closed when last changes
}

// Append implements [events.Store]. It waits for appends of other goroutines
// and other processes; when ctx ends meanwhile it returns at once and has stored
// nothing. Once the write has begun it runs to its end.
func (s *Store) Append(ctx context.Context, after events.Seq, record []byte) (events.Seq, error) {
	seq, err := s.append(ctx, after, record)
	if err != nil {
		return 0, fmt.Errorf("sqlite: append to %s after %d: %w", s.name, after, err)
	}
	return seq, nil
}

func (s *Store) append(ctx context.Context, after events.Seq, record []byte) (events.Seq, error) {
	if err := s.usable(ctx); err != nil {
		return 0, err
	}
	if s.readOnly {
		return 0, errReadOnly
	}
	if len(record) == 0 || len(record) > events.MaxRecord {
		return 0, fmt.Errorf("%w: %d bytes", events.ErrRecordSize, len(record))
	}
	if after >= maxSeq {
		return 0, events.ErrConflict
	}

	c, err := s.take(ctx, s.writer)
	if err != nil {
		return 0, err
	}
	defer s.give(s.writer, c)

	if err := c.append(ctx, after, record); err != nil {
		return 0, s.explain(ctx, err)
	}
	s.publish(after + 1)
	return after + 1, nil
}

// Last implements [events.Store].
func (s *Store) Last(ctx context.Context) (events.Seq, error) {
	var last events.Seq
	err := s.reading(ctx, func(c *conn) (err error) {
		last, err = c.last(ctx)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("sqlite: last of %s: %w", s.name, err)
	}
	return last, nil
}

// Read implements [events.Reader].
func (s *Store) Read(ctx context.Context, seq events.Seq) ([]byte, error) {
	var data []byte
	err := s.reading(ctx, func(c *conn) (err error) {
		data, err = c.read(ctx, seq)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("sqlite: read %d of %s: %w", seq, s.name, err)
	}
	return data, nil
}

// ReadPart implements [events.PartReader]. In a record of 170,000 bytes it costs at most a
// third of Read (BenchmarkReadPart).
func (s *Store) ReadPart(ctx context.Context, seq events.Seq, from, to int) ([]byte, error) {
	var data []byte
	err := s.reading(ctx, func(c *conn) (err error) {
		data, err = c.readPart(ctx, seq, from, to)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("sqlite: read bytes %d to %d of record %d of %s: %w", from, to, seq, s.name, err)
	}
	return data, nil
}

// Close implements [events.Store]. Calls under way end first; those that wait,
// for a lock or for a record, end with ErrClosed. The last Store to close a file
// moves its log into it.
func (s *Store) Close() error {
	if s.closing.Swap(true) {
		return fmt.Errorf("sqlite: close %s: %w", s.name, events.ErrClosed)
	}
	close(s.closed)

	// The writer comes last: it is the one that moves the log.
	var failed error
	for _, conns := range []chan *conn{s.readers, s.watcher, s.writer} {
		for range cap(conns) {
			if err := (<-conns).close(); err != nil && failed == nil {
				failed = fmt.Errorf("sqlite: close %s: %w", s.name, err)
			}
		}
	}
	return failed
}

// usable says why a call must not begin.
func (s *Store) usable(ctx context.Context) error {
	if s.closing.Load() {
		return events.ErrClosed
	}
	return ctx.Err()
}

// reading calls f with a connection for reading, and again if somebody has written to a
// file that was read without locks: what was read then may be no state of it.
func (s *Store) reading(ctx context.Context, f func(*conn) error) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	c, err := s.take(ctx, s.readers)
	if err != nil {
		return err
	}
	defer func() { s.give(s.readers, c) }()
	for again := 0; ; again++ {
		err = f(c)
		if stood := s.stood(c.still); stood == nil {
			return s.explain(ctx, err)
		} else if again == renewals {
			return stood
		}
		if c, err = s.renew(c); err != nil {
			return s.explain(ctx, err)
		}
	}
}

// take waits for a connection, and opens it if need be.
func (s *Store) take(ctx context.Context, conns chan *conn) (*conn, error) {
	var c *conn
	select {
	case c = <-conns:
	case <-s.closed:
		return nil, events.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if s.closing.Load() {
		conns <- c
		return nil, events.ErrClosed
	}
	if c == nil {
		var err error
		if c, err = s.connect(); err != nil {
			conns <- nil
			return nil, s.explain(ctx, err)
		}
	}
	return c, nil
}

func (s *Store) give(conns chan *conn, c *conn) {
	if c != nil {
		c.db.SetInterrupt(context.Background()) // it keeps no context beyond the call
	}
	conns <- c
}
