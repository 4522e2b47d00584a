package postgres

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io/fs"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/onrecord/onrecord/events"
)

// Options are what can be chosen about a Store. Nil means all defaults.
type Options struct {
	// Schema is the name of the schema that holds the record: small letters, digits
	// and underscores, at most 50, not beginning with a digit or "pg_". Records in
	// several schemas of one database have nothing to do with each other. The default
	// is "onrecord".
	Schema string

	// AcceptLoss opens a record on a server that could lose acknowledged records, or
	// all, when its machine does: fsync or full_page_writes is off, or the table is not
	// logged. The default is to refuse.
	AcceptLoss bool

	// NoListen makes Wait look for what was appended every WaitInterval instead of
	// being told by the server. It is for poolers that give each transaction another
	// session, where what was to be told never comes.
	NoListen bool

	// NoNotify makes Append tell nobody, so that a Wait of another Store may take up to
	// five seconds longer. It is for servers that keep many busy records: see Costs.
	NoNotify bool

	// WaitInterval is how often Wait looks where the server does not tell. The default
	// is 100 milliseconds.
	WaitInterval time.Duration

	// Timeout is how long a call waits for the server, if its context does not end first:
	// a graph's appends have none that ends. A Wait may be longer. The default is 30
	// seconds.
	Timeout time.Duration
}

const (
	// maxSeq is the greatest number that a row can have.
	maxSeq = events.Seq(math.MaxInt64)
	// maxTries is how often a call does again what is known to have done nothing.
	maxTries = 10
)

// A Store is a record in a PostgreSQL database.
//
// Its methods may be called from several goroutines at once. As many run at once as
// the pool has connections; the others wait for one.
type Store struct {
	name           string // for errors
	schema         string
	sql            statements
	pool           *pgxpool.Pool
	listens        bool // Wait is told by the server what is appended
	timeout        time.Duration
	waitInterval   time.Duration
	lookInterval   time.Duration // how often Wait looks though the server tells
	listenInterval time.Duration // how often Wait asks again to be told, when it was refused
	closeWait      time.Duration // how long Close waits for appends before it cuts them off

	seed maphash.Seed

	closing   atomic.Bool
	closed    context.Context // ends when Close is called
	close     context.CancelFunc
	cutOff    context.Context // ends when Close waits for appends no longer
	cutAppend context.CancelFunc

	watchers sync.WaitGroup

	mu    sync.Mutex
	last  events.Seq    // the greatest number known to be stored
	grown chan struct{} // closed when last grows
	watch *watch        // who looks for all, nil if nobody does

	read    events.Seq // the greatest number that was read
	readSum uint64     // of that record, with seed
}

// Append implements [events.Store] in one round trip to the server. When ctx or
// [Options].Timeout ends while it waits for the answer, the record may be stored, also
// later, after a read has not found it: the statement may wait in the server for another
// transaction. It then still follows the record that it was to follow, or is not stored.
// Close waits five seconds for appends that have begun.
func (s *Store) Append(ctx context.Context, after events.Seq, record []byte) (events.Seq, error) {
	if err := s.append(ctx, after, record); err != nil {
		return 0, fmt.Errorf("postgres: append to %s after %d: %w", s.name, after, s.explain(ctx, err))
	}
	s.appended(after + 1)
	return after + 1, nil
}

func (s *Store) append(ctx context.Context, after events.Seq, record []byte) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	if len(record) == 0 || len(record) > events.MaxRecord {
		return fmt.Errorf("%w: %d bytes", events.ErrRecordSize, len(record))
	}
	if after >= maxSeq {
		return events.ErrConflict
	}
	ctx, stop := s.within(ctx, s.cutOff)
	defer stop()
	for try := 1; ; try++ {
		again, err := s.tryAppend(ctx, after, record)
		if err == nil || !again || try == maxTries || ctx.Err() != nil {
			return s.late(ctx, err, ", or another transaction has inserted the next record and not ended")
		}
	}
}

// tryAppend sends the statement once. With an error it reports whether it is certain
// that nothing was stored, and it may be otherwise another time. What may have been
// stored is never sent again: the second time it would be in its own way.
func (s *Store) tryAppend(ctx context.Context, after events.Seq, record []byte) (again bool, err error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return false, err
	}
	defer conn.Release()
	delete(conn.Conn().PgConn().CustomData(), alone)
	tag, err := conn.Exec(ctx, s.sql.append, int64(after)+1, record)
	switch {
	case err != nil:
		return pgconn.SafeToRetry(err) || serialization(err), err
	case tag.RowsAffected() == 0:
		return false, events.ErrConflict
	}
	return false, replicated(conn.Conn())
}

// replicated returns an error if the server warned that it has not waited for its
// standbys.
func replicated(c *pgx.Conn) error {
	if why, ok := c.PgConn().CustomData()[alone]; ok {
		return fmt.Errorf("it is stored on the server and perhaps on no other: %v", why)
	}
	return nil
}

// Sync implements [events.Syncer]. It writes an empty message to the server's log, in
// one round trip, and waits as an append does: for the disk, and for the standbys for which
// the server waits. If that server has taken another's place and lacks the record that was
// read last, it returns an error. Who may read may call it. A standby does not know what
// others have: the error is fs.ErrPermission. CockroachDB shows only what is safe, so there
// it does nothing.
func (s *Store) Sync(ctx context.Context) error {
	s.mu.Lock()
	seq, sum := s.read, s.readSum
	s.mu.Unlock()
	err := s.reading(ctx, func(ctx context.Context, c *pgx.Conn) error {
		if s.sql.sync == "" {
			return nil
		}
		delete(c.PgConn().CustomData(), alone)
		var standby bool
		var data []byte
		if err := c.QueryRow(ctx, s.sql.sync, int64(seq)).Scan(&standby, &data, nil, nil, nil); err != nil {
			return err
		}
		switch {
		case standby:
			return fmt.Errorf("%w: the server is a standby, which does not know what other servers have: ask the one that takes appends", fs.ErrPermission)
		case seq > 0 && maphash.Bytes(s.seed, data) != sum:
			return fmt.Errorf("record %d, which was read before, is gone or is another now: the server has taken the place of one that had it; read the record again from its beginning, with a Store opened anew", seq)
		}
		return replicated(c)
	})
	if err != nil {
		return fmt.Errorf("postgres: sync %s: %w", s.name, err)
	}
	return nil
}

// noteRead notes which record has been read that has the greatest number.
func (s *Store) noteRead(seq events.Seq, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if seq >= s.read {
		s.read, s.readSum = seq, maphash.Bytes(s.seed, data)
	}
}

// Last implements [events.Store].
func (s *Store) Last(ctx context.Context) (events.Seq, error) {
	var last events.Seq
	err := s.reading(ctx, func(ctx context.Context, c *pgx.Conn) (err error) {
		last, err = s.lastOn(ctx, c)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("postgres: last of %s: %w", s.name, err)
	}
	return last, nil
}

func (s *Store) lastOn(ctx context.Context, c *pgx.Conn) (events.Seq, error) {
	var last int64
	if err := c.QueryRow(ctx, s.sql.last).Scan(&last); err != nil {
		return 0, err
	}
	if last < 0 {
		return 0, damaged("the last record has number %d", last)
	}
	return events.Seq(last), nil
}

// Read implements [events.Reader].
func (s *Store) Read(ctx context.Context, seq events.Seq) ([]byte, error) {
	var data []byte
	err := s.reading(ctx, func(ctx context.Context, c *pgx.Conn) error {
		if seq == 0 || seq > maxSeq {
			return events.ErrNoRecord
		}
		err := c.QueryRow(ctx, s.sql.read, int64(seq)).Scan(&data)
		if errors.Is(err, pgx.ErrNoRows) {
			return events.ErrNoRecord
		}
		if err != nil {
			return err
		}
		return check(data)
	})
	if err != nil {
		return nil, fmt.Errorf("postgres: read %d of %s: %w", seq, s.name, err)
	}
	s.noteRead(seq, data)
	return data, nil
}

// ReadPart implements [events.PartReader] in one round trip, and sends no more than the
// part (BenchmarkLarge). Sync does not look for what was read so.
func (s *Store) ReadPart(ctx context.Context, seq events.Seq, from, to int) ([]byte, error) {
	var data []byte
	err := s.reading(ctx, func(ctx context.Context, c *pgx.Conn) error {
		switch {
		case seq == 0 || seq > maxSeq:
			return events.ErrNoRecord
		case from < 0 || from >= to || to > events.MaxRecord:
			return fmt.Errorf("want 0 <= from < to <= %d", events.MaxRecord)
		}
		err := c.QueryRow(ctx, s.sql.part, int64(seq), from+1, to-from).Scan(&data)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return events.ErrNoRecord
		case err != nil:
			return err
		case len(data) != to-from:
			return errors.New("the record is shorter")
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("postgres: read bytes %d to %d of record %d of %s: %w", from, to, seq, s.name, err)
	}
	return data, nil
}

// Now implements [events.Clock].
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	var now time.Time
	err := s.reading(ctx, func(ctx context.Context, c *pgx.Conn) error {
		return c.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&now)
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("postgres: time of %s: %w", s.name, err)
	}
	return now.UTC(), nil
}

// Close implements [events.Store]. It waits up to five seconds for appends that have
// begun; what those have stored that it cuts off is unknown. Everything else ends at
// once. If the server does not answer, Close gives the driver up to 15 seconds to part
// from it.
func (s *Store) Close() error {
	s.mu.Lock()
	again := s.closing.Swap(true)
	s.mu.Unlock()
	if again {
		return fmt.Errorf("postgres: close %s: %w", s.name, events.ErrClosed)
	}
	s.close()
	late := time.AfterFunc(s.closeWait, s.cutAppend)
	s.pool.Close() // waits for connections that are used
	late.Stop()
	s.cutAppend()
	s.watchers.Wait()
	return nil
}

// usable says why a call must not begin.
func (s *Store) usable(ctx context.Context) error {
	if s.closing.Load() {
		return events.ErrClosed
	}
	return ctx.Err()
}

// errLate is the cause of a call's end when it has waited for Options.Timeout.
var errLate = errors.New("timeout")

// within returns a context for one call: it ends with either of two, and after
// Options.Timeout.
func (s *Store) within(ctx, end context.Context) (context.Context, func()) {
	ctx, cancel := context.WithTimeoutCause(ctx, s.timeout, errLate)
	stop := context.AfterFunc(end, cancel)
	return ctx, func() { stop(); cancel() }
}

// late returns the error of a call, or, if that has waited too long, why it may have: also
// says what reads do not wait for.
func (s *Store) late(ctx context.Context, err error, also string) error {
	if err == nil || context.Cause(ctx) != errLate {
		return err
	}
	return fmt.Errorf("no answer in %v (Options.Timeout): the server or the network is down or slow%s: %v", s.timeout, also, err)
}

// reading calls f with a connection for reading. If that is found to be broken, as all
// are that were idle while the server was started again, it calls f once more with a
// new one.
func (s *Store) reading(ctx context.Context, f func(context.Context, *pgx.Conn) error) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	within, stop := s.within(ctx, s.closed)
	defer stop()
	for second := false; ; second = true {
		broken, err := s.tryReading(within, f)
		if err == nil || !broken || second || within.Err() != nil {
			return s.explain(ctx, s.late(within, err, ""))
		}
		s.pool.Reset()
	}
}

func (s *Store) tryReading(ctx context.Context, f func(context.Context, *pgx.Conn) error) (broken bool, err error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return false, err
	}
	defer conn.Release()
	err = f(ctx, conn.Conn())
	return conn.Conn().IsClosed(), err
}

// check says whether bytes can be a record.
func check(data []byte) error {
	if len(data) == 0 || len(data) > events.MaxRecord {
		return damaged("a record has %d bytes", len(data))
	}
	return nil
}

var (
	_ events.Store      = (*Store)(nil)
	_ events.Reader     = (*Store)(nil)
	_ events.PartReader = (*Store)(nil)
	_ events.Waiter     = (*Store)(nil)
	_ events.Clock      = (*Store)(nil)
	_ events.Syncer     = (*Store)(nil)
)
