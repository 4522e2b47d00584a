package postgres

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/internal/leak"
	"github.com/onrecord/onrecord/internal/pgtest"
)

// mustHold fails unless these are the records of a store.
func mustHold(t *testing.T, s *Store, want ...string) {
	t.Helper()
	var got []string
	for r, err := range s.Scan(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, string(r.Data)); r.Seq != events.Seq(len(got)) {
			t.Errorf("number %d, want %d", r.Seq, len(got))
		}
	}
	if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		t.Errorf("the records are %q, want %q", got, want)
	}
}

// mustAppend appends records after the number.
func mustAppend(t testing.TB, s *Store, after events.Seq, records ...string) {
	t.Helper()
	for i, r := range records {
		if _, err := s.Append(t.Context(), after+events.Seq(i), []byte(r)); err != nil {
			t.Fatal(err)
		}
	}
}

// mustBeUnknown fails unless an error leaves open what was stored.
func mustBeUnknown(t *testing.T, err error) {
	t.Helper()
	if err == nil || errors.Is(err, events.ErrConflict) || errors.Is(err, events.ErrClosed) || errors.Is(err, events.ErrRecordSize) {
		t.Errorf("error %v, want one that leaves the outcome open", err)
	}
}

// execSQL does what no Store would.
func execSQL(t testing.TB, url, sql string, args ...any) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	if _, err := c.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// with returns a connection string with another setting.
func with(connection, name, value string) string {
	u, err := url.Parse(connection)
	if err != nil {
		panic(err)
	}
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20")
	return u.String()
}

// The answer to an append is lost, or the append itself: the outcome is unknown, the
// record is there once or not at all, and appending it again puts it there once.
func TestAnswerLost(t *testing.T) {
	server := pgtest.Shared(t)
	p, url := newProxy(t, server.URL())
	for _, mode := range []string{"cache_statement", "exec"} {
		schema := pgtest.Schema()
		s := mustOpen(t, with(url, "default_query_exec_mode", mode), &Options{Schema: schema})
		beside := mustOpen(t, server.URL(), &Options{Schema: schema})
		mustAppend(t, s, 0, "first")

		p.set(once("second", losesReply))
		seq, err := s.Append(t.Context(), 1, []byte("second"))
		mustBeUnknown(t, err)
		if seq != 0 {
			t.Errorf("with the error came the number %d", seq)
		}
		mustHold(t, beside, "first", "second")
		if _, err := s.Append(t.Context(), 1, []byte("second")); !errors.Is(err, events.ErrConflict) {
			t.Errorf("again: %v", err)
		}

		p.set(once("third", losesAll))
		_, err = s.Append(t.Context(), 2, []byte("third"))
		mustBeUnknown(t, err)
		mustHold(t, beside, "first", "second")
		mustAppend(t, s, 2, "third")
		mustHold(t, s, "first", "second", "third")
		mustHold(t, beside, "first", "second", "third")
		p.set(nil)
	}
}

// Reads do not mind that their connections were cut while they were idle.
func TestIdleConnectionsCut(t *testing.T) {
	server := pgtest.Shared(t)
	p, url := newProxy(t, server.URL())
	s := mustOpen(t, url, &Options{Schema: pgtest.Schema()})
	for i := range events.Seq(20) {
		mustAppend(t, s, i, fmt.Sprint(i))
		p.cut()
		if last, err := s.Last(t.Context()); err != nil || last != i+1 {
			t.Fatalf("last is %d, %v", last, err)
		}
		p.cut()
		if data, err := s.Read(t.Context(), i+1); err != nil || string(data) != fmt.Sprint(i) {
			t.Fatalf("record %d is %q, %v", i+1, data, err)
		}
	}
}

// The context ends while an append or a read waits for an answer that does not come.
func TestStalled(t *testing.T) {
	server := pgtest.Shared(t)
	p, url := newProxy(t, server.URL())
	s := mustOpen(t, url, &Options{Schema: pgtest.Schema()})
	mustAppend(t, s, 0, "first")

	for _, call := range []func(context.Context) error{
		func(ctx context.Context) error { _, err := s.Append(ctx, 1, []byte("second")); return err },
		func(ctx context.Context) error { _, err := s.Last(ctx); return err },
		func(ctx context.Context) error { _, err := s.Read(ctx, 1); return err },
		func(ctx context.Context) error { _, err := s.Now(ctx); return err },
	} {
		ctx, cancel := context.WithCancel(t.Context())
		p.set(func([]byte) fate { cancel(); return stalls })
		if err := call(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	}
	p.set(nil)
	p.cut()
	mustHold(t, s, "first")
	mustAppend(t, s, 1, "second")
}

// Nothing waits for longer than Options.Timeout, whoever gave it a context that does not
// end: for a server that is silent, or for another's transaction.
func TestTimeout(t *testing.T) {
	server := pgtest.Shared(t)
	p, url := newProxy(t, server.URL())
	schema := pgtest.Schema()
	s := mustOpen(t, url, &Options{Schema: schema, Timeout: time.Hour})
	mustAppend(t, s, 0, "first")
	if s.timeout != time.Hour {
		t.Errorf("Options.Timeout is taken as %v", s.timeout)
	}
	s.timeout = 200 * time.Millisecond // for what must not succeed
	refused := func(err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), "Options.Timeout") || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	}
	calls := []func() error{
		func() error { _, err := s.Append(t.Context(), 1, []byte("second")); return err },
		func() error { _, err := s.Last(t.Context()); return err },
		func() error { _, err := s.Read(t.Context(), 1); return err },
		func() error { return s.Sync(t.Context()) },
		func() error {
			for _, err := range s.Scan(t.Context(), 0) {
				return err
			}
			return nil
		},
	}
	for i, call := range calls {
		p.set(func([]byte) fate { return stalls })
		err := call()
		refused(err)
		if reads := i > 0; err != nil && strings.Contains(err.Error(), "another transaction") == reads {
			t.Errorf("call %d waits for another transaction only if it appends: %v", i, err)
		}
		p.set(nil)
		p.cut()
	}

	beside := mustOpen(t, server.URL(), &Options{Schema: schema, Timeout: -1}) // the default
	mustHold(t, beside, "first")
	tx, err := beside.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), fmt.Sprintf("INSERT INTO %s.record (seq, data) VALUES (2, 'other')", schema)); err != nil {
		t.Fatal(err)
	}
	refused(calls[0]())
	s.timeout = time.Hour
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	// The append that was given up may still come before another one of the same.
	if _, err := s.Append(t.Context(), 1, []byte("second")); err != nil && !errors.Is(err, events.ErrConflict) {
		t.Fatal(err)
	}
	mustHold(t, s, "first", "second")
}

// Close ends what waits for an answer that does not come.
func TestCloseStalled(t *testing.T) {
	server := pgtest.Shared(t)
	defer leak.Check(t)()
	p, url := newProxy(t, server.URL())
	defer func() { p.listener.Close(); p.cut(); p.group.Wait() }()
	s := mustOpen(t, url, &Options{Schema: pgtest.Schema()})
	s.closeWait = time.Millisecond
	mustAppend(t, s, 0, "first")

	stalled := make(chan bool, 100)
	p.set(func([]byte) fate { stalled <- true; return stalls })
	ended := make(chan error)
	calls := []func() error{
		func() error { _, err := s.Append(t.Context(), 1, []byte("second")); return err },
		func() error { _, err := s.Last(t.Context()); return err },
		func() error { return s.Wait(t.Context(), 1) },
	}
	for _, call := range calls {
		go func() { ended <- call() }()
		<-stalled
	}
	closed := make(chan error)
	go func() { closed <- s.Close() }()
	for range calls {
		if err := <-ended; !errors.Is(err, events.ErrClosed) {
			t.Errorf("error %v", err)
		}
	}
	p.set(nil)
	p.cut() // the driver says goodbye for as long as 15 seconds
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

// A slow network changes nothing but the time.
func TestSlow(t *testing.T) {
	server := pgtest.Shared(t)
	p, url := newProxy(t, server.URL())
	schema := pgtest.Schema()
	s, beside := mustOpen(t, url, &Options{Schema: schema}), mustOpen(t, server.URL(), &Options{Schema: schema})
	p.slow(3 * time.Millisecond)
	waited := make(chan error)
	go func() { waited <- s.Wait(t.Context(), 2) }()
	mustAppend(t, s, 0, "first", "second")
	mustAppend(t, beside, 2, "third")
	if err := <-waited; err != nil {
		t.Error(err)
	}
	mustHold(t, s, "first", "second", "third")
}

// A session that would not wait for the disk waits for it all the same. And when the
// server gives up waiting for its standby, because it was told to, the record is on one
// machine only, and the append says so.
func TestSynchronousCommit(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	server := pgtest.Start(t, "wal_writer_delay=10s")
	s := mustOpen(t, with(server.URL(), "options", "-c synchronous_commit=off -c client_min_messages=error"), nil)
	for round := range events.Seq(2) {
		mustAppend(t, s, 2*round, "first", "second")
		server.Kill()
		server.Restart(t)
		if last, err := s.Last(t.Context()); err != nil || last != 2*round+2 {
			t.Fatalf("the last is %d, %v, want %d", last, err, 2*round+2)
		}
	}

	execSQL(t, server.URL(), `ALTER SYSTEM SET synchronous_standby_names = 'nobody'`)
	execSQL(t, server.URL(), `SELECT pg_reload_conf()`)
	// The server may not have taken in the setting when the first one commits.
	untilCancelled := func(call func() error) error {
		failed := make(chan error)
		go func() {
			for {
				if err := call(); err != nil {
					failed <- err
					return
				}
			}
		}()
		for {
			execSQL(t, server.URL(), `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'`)
			select {
			case err := <-failed:
				return err
			default:
			}
		}
	}
	seq := events.Seq(4)
	err := untilCancelled(func() error { _, err := s.Append(ctx, seq, []byte("alone")); seq++; return err })
	mustBeUnknown(t, err)
	if !strings.Contains(err.Error(), "perhaps on no other") {
		t.Errorf("append: %v", err)
	}
	if err := untilCancelled(func() error { return s.Sync(ctx) }); !strings.Contains(err.Error(), "perhaps on no other") {
		t.Errorf("sync: %v", err)
	}
	if last, err := s.Last(t.Context()); err != nil || last < 5 {
		t.Errorf("it is not stored: the last is %d, %v", last, err)
	}
}

// The connection is lost in the middle of a scan: it ends with an error, after whole
// pages, and can be begun again from there; or, when there is another connection, it goes
// on.
func TestScanCut(t *testing.T) {
	server := pgtest.Shared(t)
	p, url := newProxy(t, server.URL())
	schema := pgtest.Schema()
	s := mustOpen(t, url, &Options{Schema: schema})
	const n = 3*pageRecords + 1
	execSQL(t, server.URL(), `INSERT INTO `+schema+`.record SELECT n, 'text' FROM generate_series(1, `+fmt.Sprint(n)+`) AS n`)

	var seen events.Seq
	scan := func(at func()) error {
		for r, err := range s.Scan(t.Context(), seen) {
			if err != nil {
				return err
			}
			if seen++; r.Seq != seen || string(r.Data) != "text" {
				t.Fatalf("record %d is %d, %q", seen, r.Seq, r.Data)
			}
			at()
		}
		return nil
	}
	if err := scan(func() {
		if seen == 1 {
			p.set(func([]byte) fate { return losesAll })
			p.cut()
			s.pool.Reset()
		}
	}); err == nil || seen != pageRecords {
		t.Errorf("error %v after %d records", err, seen)
	}
	p.set(nil)
	if err := scan(p.cut); err != nil || seen != n {
		t.Errorf("error %v after %d records", err, seen)
	}
}
