package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/internal/leak"
	"github.com/onrecord/onrecord/internal/pgtest"
)

// mustRefuse fails unless Open refuses with all of these words.
func mustRefuse(t *testing.T, url string, opts *Options, want ...string) {
	t.Helper()
	s, err := Open(t.Context(), url, opts)
	if err == nil {
		s.Close()
		t.Errorf("no error, want %q", want)
		return
	}
	for _, w := range append(want, "postgres: open") {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error is %q, want %q in it", err, w)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	server := pgtest.Shared(t)
	url := server.URL()
	for _, name := range []string{"Story", "1story", "story-1", "story.record", `story"`, "pg_story", "история", "st ory", strings.Repeat("s", 51)} {
		mustRefuse(t, url, &Options{Schema: name}, "schema", fmt.Sprintf("%q", name), "want small letters")
	}

	newer := pgtest.Schema()
	mustOpen(t, url, &Options{Schema: newer}).Close()
	execSQL(t, url, `INSERT INTO `+newer+`.layout VALUES (2)`)
	mustRefuse(t, url, &Options{Schema: newer}, "newer version of this package: its layout is version 2, known is 1", newer)

	emptied := pgtest.Schema()
	mustOpen(t, url, &Options{Schema: emptied}).Close()
	execSQL(t, url, `DELETE FROM `+emptied+`.layout`)
	mustRefuse(t, url, &Options{Schema: emptied}, "version 0, which never was")

	for _, table := range []string{"record", "layout"} {
		foreign := pgtest.Schema()
		execSQL(t, url, `CREATE SCHEMA `+foreign)
		execSQL(t, url, `CREATE TABLE `+foreign+`.`+table+` (artist text)`)
		mustRefuse(t, url, &Options{Schema: foreign}, foreign, "another program's")
	}

	// Nothing would decide between two appends.
	for _, table := range []string{
		`CREATE TABLE %s.record (seq bigint, data bytea)`,
		`CREATE TABLE %s.record (seq bigint, data bytea, PRIMARY KEY (seq, data))`,
		`CREATE TABLE %s.record (seq bigint, data bytea PRIMARY KEY)`,
		`CREATE TABLE %s.record (seq bigint PRIMARY KEY DEFERRABLE, data bytea)`,
		`CREATE VIEW %s.record AS SELECT 1::bigint AS seq, ''::bytea AS data`,
	} {
		keyless := pgtest.Schema()
		mustOpen(t, url, &Options{Schema: keyless}).Close()
		execSQL(t, url, `DROP TABLE `+keyless+`.record`)
		execSQL(t, url, fmt.Sprintf(table, keyless))
		mustRefuse(t, url, &Options{Schema: keyless}, keyless+".record is not a table whose primary key is seq", "ADD PRIMARY KEY (seq)")
	}

	unlogged := pgtest.Schema()
	mustOpen(t, url, &Options{Schema: unlogged}).Close()
	execSQL(t, url, `ALTER TABLE `+unlogged+`.record SET UNLOGGED`)
	mustRefuse(t, url, &Options{Schema: unlogged}, "not logged", "SET LOGGED")
	mustOpen(t, url, &Options{Schema: unlogged, AcceptLoss: true})

	// A schema that is there and empty is taken.
	ready := pgtest.Schema()
	execSQL(t, url, `CREATE SCHEMA `+ready)
	mustAppend(t, mustOpen(t, url, &Options{Schema: ready}), 0, "first")
	for _, name := range []string{strings.Repeat("s", 50), "select", "_1"} {
		mustAppend(t, mustOpen(t, url, &Options{Schema: name}), 0, "first")
	}
}

// A server that could lose what it has acknowledged is refused, before anything is made.
func TestOpenRefusesLoss(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t, "fsync=off", "full_page_writes=off")
	mustRefuse(t, server.URL(), nil, "could lose acknowledged records", "fsync, full_page_writes")
	execSQL(t, server.URL(), `CREATE SCHEMA onrecord`) // it has made nothing
	mustAppend(t, mustOpen(t, server.URL(), &Options{AcceptLoss: true}), 0, "first")
	mustRefuse(t, server.URL(), nil, "could lose acknowledged records", "fsync, full_page_writes")
}

func TestOpenUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	url := "postgres://desk:sesame@" + address + "/news?sslmode=disable"
	mustRefuse(t, url, nil, "onrecord in "+address+"/news")
	mustRefuse(t, with(url, "sslmode", "perhaps"), nil, "sslmode")
	for _, bad := range []string{url, with(url, "sslmode", "perhaps"), "postgres://desk:sesame@:x/"} {
		if _, err := Open(t.Context(), bad, nil); err == nil || strings.Contains(err.Error(), "sesame") {
			t.Errorf("error is %v", err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, url, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
}

// A server takes the connection and says nothing.
func TestOpenSilent(t *testing.T) {
	defer leak.Check(t)()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithCancel(t.Context())
	taken := make(chan net.Conn, 10)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				close(taken)
				return
			}
			taken <- c
			cancel()
		}
	}()
	if _, err := Open(ctx, "postgres://desk:sesame@"+l.Addr().String()+"/news?sslmode=disable", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	l.Close()
	for c := range taken {
		c.Close()
	}
}

// Several make the same record at once; each succeeds.
func TestOpenTogether(t *testing.T) {
	server := pgtest.Shared(t)
	for range 5 {
		schema := pgtest.Schema()
		var group sync.WaitGroup
		for w := range 12 {
			group.Go(func() {
				s, err := Open(t.Context(), with(server.URL(), "pool_max_conns", "2"), &Options{Schema: schema})
				if err != nil {
					t.Error(err)
					return
				}
				defer s.Close()
				if err := appendAfterLast(t.Context(), s, fmt.Sprint(w)); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		s := mustOpen(t, server.URL(), &Options{Schema: schema})
		if last, err := s.Last(t.Context()); err != nil || last != 12 {
			t.Errorf("the last is %d, %v", last, err)
		}
	}
}

// appendAfterLast appends a record after whatever is last.
func appendAfterLast(ctx context.Context, s *Store, text string) error {
	for {
		last, err := s.Last(ctx)
		if err != nil {
			return err
		}
		if _, err = s.Append(ctx, last, []byte(text)); !errors.Is(err, events.ErrConflict) {
			return err
		}
	}
}

// The roles of the package comment can do what it says, and nothing else.
func TestRoles(t *testing.T) {
	server, schema := pgtest.Shared(t), pgtest.Schema()
	owner := mustOpen(t, server.URL(), &Options{Schema: schema})
	mustAppend(t, owner, 0, "first")
	role := func(suffix string, grants ...string) string {
		name := schema + suffix
		execSQL(t, server.URL(), fmt.Sprintf(`CREATE ROLE %s LOGIN PASSWORD '%s'`, name, server.Password()))
		for _, g := range grants {
			execSQL(t, server.URL(), strings.ReplaceAll(g, "onrecord", schema)+" TO "+name)
		}
		return server.URLFor(name, server.Address())
	}
	opts := &Options{Schema: schema}

	url := role("_writer", `GRANT USAGE ON SCHEMA onrecord`, `GRANT SELECT ON onrecord.layout`, `GRANT SELECT, INSERT ON onrecord.record`)
	writer := mustOpen(t, url, opts)
	mustAppend(t, writer, 1, "second")
	for _, sql := range []string{
		`UPDATE onrecord.record SET data = 'x'`, `DELETE FROM onrecord.record`, `TRUNCATE onrecord.record`, `DROP TABLE onrecord.record`,
		`INSERT INTO onrecord.layout VALUES (2)`, `CREATE TABLE onrecord.other (id int)`, `ALTER TABLE onrecord.record SET UNLOGGED`,
		`INSERT INTO onrecord.record VALUES (2, 'x') ON CONFLICT (seq) DO UPDATE SET data = 'x'`,
	} {
		if _, err := writer.pool.Exec(t.Context(), strings.ReplaceAll(sql, "onrecord", schema)); code(err) != "42501" {
			t.Errorf("%s: %v", sql, err)
		}
	}

	for _, seq := range []string{"4", "9223372036854775807"} {
		if _, err := writer.pool.Exec(t.Context(), `INSERT INTO `+schema+`.record VALUES (`+seq+`, 'x')`); code(err) != "23503" { // foreign_key_violation
			t.Errorf("insert %s after 2: %v", seq, err)
		}
	}

	url = role("_reader", `GRANT USAGE ON SCHEMA onrecord`, `GRANT SELECT ON onrecord.layout`, `GRANT SELECT ON onrecord.record`)
	reader := mustOpen(t, url, opts)
	reader.lookInterval = never
	mustHold(t, reader, "first", "second")
	waited := make(chan error)
	go func() { waited <- reader.Wait(t.Context(), 2) }()
	if _, err := reader.Append(t.Context(), 2, []byte("third")); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "GRANT SELECT, INSERT ON "+schema+".record") {
		t.Errorf("append by a reader: %v", err)
	}
	mustAppend(t, writer, 2, "third")
	if err := <-waited; err != nil {
		t.Error(err)
	}
	if err := reader.Sync(t.Context()); err != nil {
		t.Errorf("sync by a reader: %v", err)
	}
	mustHold(t, owner, "first", "second", "third")

	readOnly := mustOpen(t, with(server.URL(), "options", "-c default_transaction_read_only=on"), opts)
	if _, err := readOnly.Append(t.Context(), 3, []byte("fourth")); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("append in a session that only reads: %v", err)
	}
	if err := readOnly.Sync(t.Context()); err != nil {
		t.Errorf("sync in a session that only reads: %v", err)
	}

	mustRefuse(t, role("_nobody"), opts, "permission denied for schema "+schema, "GRANT USAGE ON SCHEMA "+schema)
	mustRefuse(t, role("_blind", `GRANT USAGE ON SCHEMA onrecord`, `GRANT SELECT ON onrecord.layout`), opts, "permission denied for table record")
	mustRefuse(t, role("_new"), &Options{Schema: pgtest.Schema()}, "permission denied for database")
	// Who may create in a schema makes the record there.
	made := pgtest.Schema()
	execSQL(t, server.URL(), `CREATE SCHEMA `+made)
	url = role("_maker")
	execSQL(t, server.URL(), fmt.Sprintf(`GRANT ALL ON SCHEMA %s TO %s_maker`, made, schema))
	mustAppend(t, mustOpen(t, url, &Options{Schema: made}), 0, "first")
}

// Each way to send statements, and each isolation level, does the same.
func TestModes(t *testing.T) {
	server := pgtest.Shared(t)
	largest := strings.Repeat("\x00\xff'\\", events.MaxRecord/4)
	for _, mode := range []string{"cache_statement", "cache_describe", "describe_exec", "exec", "simple_protocol"} {
		for _, level := range []string{"read committed", "repeatable read", "serializable"} {
			t.Run(mode+" "+level, func(t *testing.T) {
				t.Parallel()
				url := with(server.URL(), "default_query_exec_mode", mode)
				url = with(url, "options", "-c default_transaction_isolation="+strings.ReplaceAll(level, " ", `\ `))
				s := mustOpen(t, with(url, "pool_max_conns", "5"), &Options{Schema: pgtest.Schema()})
				mustAppend(t, s, 0, largest)
				const writers, each = 6, 5
				var group sync.WaitGroup
				for w := range writers {
					group.Go(func() {
						for i := range each {
							if err := appendAfterLast(t.Context(), s, fmt.Sprint(w, i)); err != nil {
								t.Error(err)
							}
						}
					})
				}
				group.Wait()
				for _, seq := range []events.Seq{3, math.MaxInt32 - 1, math.MaxInt32, 1 << 40, math.MaxInt64 - 1} {
					if _, err := s.Append(t.Context(), seq, []byte("late")); !errors.Is(err, events.ErrConflict) {
						t.Errorf("append after %d: %v", seq, err)
					}
					if _, err := s.Read(t.Context(), seq+1); !errors.Is(err, events.ErrNoRecord) && seq != 3 {
						t.Errorf("read %d: %v", seq+1, err)
					}
					for r, err := range s.Scan(t.Context(), seq) {
						if err != nil || seq != 3 {
							t.Errorf("scan after %d: %d, %v", seq, r.Seq, err)
						}
					}
				}
				if data, err := s.Read(t.Context(), 1); err != nil || string(data) != largest {
					t.Errorf("the largest record has %d bytes, %v", len(data), err)
				}
				seen := map[string]bool{}
				for r, err := range s.Scan(t.Context(), 0) {
					if err != nil {
						t.Fatal(err)
					}
					seen[string(r.Data)] = true
				}
				if len(seen) != 1+writers*each {
					t.Errorf("%d records", len(seen))
				}
				if _, err := s.Now(t.Context()); err != nil {
					t.Error(err)
				}
				if err := s.Sync(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// What nobody may do shows when it is read.
func TestDamaged(t *testing.T) {
	server, schema := pgtest.Shared(t), pgtest.Schema()
	s := mustOpen(t, server.URL(), &Options{Schema: schema})
	mustAppend(t, s, 0, "first", "second", "third")
	for _, sql := range []string{`VALUES (0, 'x')`, `VALUES (4, '')`, `VALUES (4, decode(repeat('00', 900001), 'hex'))`, `VALUES (4, NULL)`} {
		if _, err := s.pool.Exec(t.Context(), `INSERT INTO `+schema+`.record `+sql); err == nil {
			t.Errorf("the table takes %s", sql)
		}
	}
	remove := `DELETE FROM ` + schema + `.record WHERE seq = 2`
	if _, err := s.pool.Exec(t.Context(), remove); code(err) != "23503" { // foreign_key_violation
		t.Errorf("%s: %v", remove, err)
	}
	execSQL(t, server.URL(), `ALTER TABLE `+schema+`.record DROP COLUMN before`)
	execSQL(t, server.URL(), remove)
	var seen []events.Seq
	for r, err := range s.Scan(t.Context(), 0) {
		if err != nil {
			if !errors.Is(err, events.ErrDamaged) || !strings.Contains(err.Error(), "record 2 is missing, the next one has number 3") {
				t.Errorf("error %v", err)
			}
			break
		}
		seen = append(seen, r.Seq)
	}
	if fmt.Sprint(seen) != "[1]" {
		t.Errorf("the records are %v", seen)
	}
}

// Large values are compressed by LZ4 where the server can, and a table that was made
// otherwise, or whose rows are some so and some so, is read and appended to.
func TestCompression(t *testing.T) {
	server := pgtest.Shared(t)
	schema := pgtest.Schema()
	s := mustOpen(t, server.URL(), &Options{Schema: schema})
	compression := func() (letter string) {
		err := s.pool.QueryRow(t.Context(), `SELECT attcompression::text FROM pg_catalog.pg_attribute WHERE attrelid = $1::regclass AND attname = 'data'`, schema+".record").Scan(&letter)
		if err != nil {
			t.Fatal(err)
		}
		return letter
	}
	f, err := s.find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !f.lz4 {
		t.Skip("the server was built without LZ4")
	}
	if got := compression(); got != "l" {
		t.Errorf("the column's compression is %q, want LZ4", got)
	}
	execSQL(t, server.URL(), `DROP TABLE `+schema+`.record, `+schema+`.layout`)
	f.lz4 = false
	if err := s.create(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	if got := compression(); got == "l" {
		t.Error("the column's compression is LZ4, which the server does not know")
	}
	record := strings.Repeat("what was said ", 50_000)
	for _, sql := range []string{"SET COMPRESSION pglz", "SET COMPRESSION lz4", "SET STORAGE EXTERNAL", "SET STORAGE EXTENDED"} {
		execSQL(t, server.URL(), `ALTER TABLE `+schema+`.record ALTER COLUMN data `+sql)
		s = mustOpen(t, server.URL(), &Options{Schema: schema})
		last, err := s.Last(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		mustAppend(t, s, last, record)
		for seq := range last + 1 {
			if got, err := s.ReadPart(t.Context(), seq+1, 14, 28); string(got) != record[14:28] {
				t.Errorf("after %s: a part of record %d: %q, %v", sql, seq+1, got, err)
			}
			if got, err := s.Read(t.Context(), seq+1); string(got) != record {
				t.Errorf("after %s: record %d has %d bytes, %v", sql, seq+1, len(got), err)
			}
		}
	}
}
