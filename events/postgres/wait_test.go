package postgres

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/internal/leak"
	"github.com/onrecord/onrecord/internal/pgtest"
)

// never is longer than a test runs.
const never = time.Hour

// follower opens a store that looks for records only when it is told of them.
func follower(t *testing.T, url, schema string) *Store {
	t.Helper()
	s := mustOpen(t, url, &Options{Schema: schema})
	s.lookInterval = never
	return s
}

// listening waits until a store listens.
func listening(t *testing.T, url string, s *Store) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	s.pool.Reset() // while there was no connection to listen, it looked through the pool
	for n := 0; n == 0; {
		// Having listened, it has looked.
		err := c.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%' || $1::text || '%' AND state = 'idle'
			AND query LIKE 'SELECT coalesce(max(seq), 0)%' AND application_name = 'listens'`, s.schema).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
	}
}

// The server tells who waits what others append, through one connection for all.
func TestTold(t *testing.T) {
	server, schema := pgtest.Shared(t), pgtest.Schema()
	defer leak.Check(t)()
	writer := mustOpen(t, server.URL(), &Options{Schema: schema})
	defer writer.Close()
	s := follower(t, server.URL(), schema)
	defer s.Close()
	const n, waiters = 100, 5
	var group sync.WaitGroup
	for range waiters {
		group.Go(func() {
			for seq := range events.Seq(n) {
				if err := s.Wait(t.Context(), seq); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for i := range events.Seq(n) {
		mustAppend(t, writer, i, "text")
	}
	group.Wait()
	var listeners int
	c, err := pgx.Connect(t.Context(), server.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	if err := c.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' OR query LIKE 'SELECT coalesce(max(seq), 0) FROM "' || $1 || '".record'`, schema).Scan(&listeners); err != nil || listeners != 1 {
		t.Errorf("%d connections listen, %v", listeners, err)
	}
}

// Where the server does not tell, whoever waits looks.
func TestLooks(t *testing.T) {
	server := pgtest.Shared(t)
	insert := func(schema string) {
		execSQL(t, server.URL(), `INSERT INTO `+schema+`.record VALUES (1, 'untold')`)
	}
	for name, set := range map[string]func(s *Store){
		"for safety": func(s *Store) { s.lookInterval = time.Millisecond },
		"as it says": func(s *Store) {
			s.listens, s.waitInterval, s.lookInterval = false, time.Millisecond, never // as with NoListen
		},
	} {
		t.Run(name, func(t *testing.T) {
			schema := pgtest.Schema()
			s := mustOpen(t, server.URL(), &Options{Schema: schema})
			set(s)
			waited := make(chan error)
			go func() { waited <- s.Wait(t.Context(), 0) }()
			insert(schema)
			if err := <-waited; err != nil {
				t.Error(err)
			}
		})
	}
	s := mustOpen(t, server.URL(), &Options{Schema: pgtest.Schema(), NoListen: true})
	if s.listens {
		t.Error("with NoListen it listens")
	}
}

// Who waits while the connection is lost, or the server is not there, misses nothing.
func TestWaitsOn(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	p, url := newProxy(t, server.URL())
	writer := mustOpen(t, server.URL(), nil)
	s := follower(t, with(url, "application_name", "listens"), "")
	var seq events.Seq
	for round := range 2 {
		for name, loss := range map[string]func(){
			"cut": p.cut,
			"terminated": func() {
				execSQL(t, server.URL(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'listens'`)
			},
			"stopped": func() { server.Stop(); server.Restart(t) },
			"killed":  func() { server.Kill(); server.Restart(t) },
			"silent": func() { // the server cannot be reached, and something is appended
				p.set(func([]byte) fate { return losesAll })
				p.cut()
				mustAppend(t, writer, seq, "text")
				p.set(nil)
				seq++
			},
		} {
			waited := make(chan error)
			before := seq
			go func() { waited <- s.Wait(t.Context(), before) }()
			listening(t, server.URL(), s)
			loss()
			if last, err := writer.Last(t.Context()); err != nil || last != seq {
				t.Fatalf("%s: the last is %d, %v", name, last, err)
			}
			if seq == before {
				mustAppend(t, writer, seq, "text")
				seq++
			}
			if err := <-waited; err != nil {
				t.Errorf("round %d, %s: %v", round, name, err)
			}
		}
	}
}

// A server that has taken another's place may have fewer records: what was known of the
// other does not count.
func TestFewerRecords(t *testing.T) {
	server, schema := pgtest.Shared(t), pgtest.Schema()
	s := mustOpen(t, server.URL(), &Options{Schema: schema})
	s.lookInterval = time.Millisecond
	mustAppend(t, s, 0, "first", "second")
	if err := s.Wait(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	execSQL(t, server.URL(), `DELETE FROM `+schema+`.record WHERE seq = 2`)
	for known := events.Seq(2); known != 1; {
		s.mu.Lock()
		known = s.last
		s.mu.Unlock()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := s.Wait(ctx, 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
}

// What no waiting mends ends it, and the next Wait tries again.
func TestWaitRefused(t *testing.T) {
	server, schema := pgtest.Shared(t), pgtest.Schema()
	s := mustOpen(t, server.URL(), &Options{Schema: schema})
	s.lookInterval = time.Millisecond
	waited := make(chan error)
	for range 3 {
		go func() { waited <- s.Wait(t.Context(), 0) }()
	}
	execSQL(t, server.URL(), `DROP SCHEMA `+schema+` CASCADE`)
	for range 3 {
		if err := <-waited; err == nil || !strings.Contains(err.Error(), `the tables of schema "`+schema+`" are gone`) {
			t.Errorf("error %v", err)
		}
	}
	mustAppend(t, mustOpen(t, server.URL(), &Options{Schema: schema}), 0, "first")
	if err := s.Wait(t.Context(), 0); err != nil {
		t.Errorf("when the tables are there again: %v", err)
	}
}

// Where the server gives no connection for listening, Wait looks through the pool.
func TestNoMoreConnections(t *testing.T) {
	server, schema := pgtest.Shared(t), pgtest.Schema()
	writer := mustOpen(t, server.URL(), &Options{Schema: schema})
	execSQL(t, server.URL(), `CREATE ROLE `+schema+`_few LOGIN CONNECTION LIMIT 4 PASSWORD '`+server.Password()+`'`)
	execSQL(t, server.URL(), strings.ReplaceAll(grants(schema), "TO role", "TO "+schema+"_few"))
	url := with(server.URLFor(schema+"_few", server.Address()), "pool_max_conns", "4")
	s := mustOpen(t, url, &Options{Schema: schema, WaitInterval: time.Millisecond})
	s.lookInterval = never
	ctx := t.Context()
	var all []*pgxpool.Conn
	for range 4 {
		c, err := s.pool.Acquire(ctx)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	if _, err := pgx.Connect(ctx, url); code(err) != "53300" { // too_many_connections
		t.Fatalf("error %v", err)
	}
	waited := make(chan error)
	go func() { waited <- s.Wait(ctx, 0) }()
	mustAppend(t, writer, 0, "first")
	for _, c := range all {
		c.Release()
	}
	if err := <-waited; err != nil {
		t.Error(err)
	}
	for seq := range events.Seq(5) {
		go func() { waited <- s.Wait(ctx, seq+1) }()
		mustAppend(t, writer, seq+1, "next")
		if err := <-waited; err != nil {
			t.Error(err)
		}
	}
	execSQL(t, server.URL(), `DROP SCHEMA `+schema+` CASCADE`)
	if err := s.Wait(ctx, 6); err == nil || !strings.Contains(err.Error(), "are gone") {
		t.Errorf("error %v", err)
	}
}

// So it does while a pooler lets the other connection wait.
func TestListenerWaits(t *testing.T) {
	server, schema := pgtest.Shared(t), pgtest.Schema()
	writer := mustOpen(t, server.URL(), &Options{Schema: schema})
	p, url := newProxy(t, server.URL())
	s := mustOpen(t, url, &Options{Schema: schema, WaitInterval: time.Millisecond})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stalled, n := make(chan bool), 0
	p.set(func(sent []byte) fate {
		if !bytes.Contains(sent, []byte("LISTEN")) {
			return pass
		}
		if n++; n > 1 {
			cancel() // it has given up before it looked
		} else {
			close(stalled)
		}
		return stalls
	})
	waited := make(chan error)
	go func() { waited <- s.Wait(ctx, 0) }()
	<-stalled
	mustAppend(t, writer, 0, "first")
	if err := <-waited; err != nil {
		t.Error(err)
	}
}
