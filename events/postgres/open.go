package postgres

import (
	"context"
	"fmt"
	"hash/maphash"
	"net"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// layoutVersion is the version of the tables that this package makes and reads.
const layoutVersion = 1

// createSQL makes the tables. How a large value is compressed is no part of the layout: a
// table that was made otherwise serves as well.
const createSQL = `
CREATE TABLE %[1]s.record (
	seq    bigint PRIMARY KEY CHECK (seq > 0),
	data   bytea %[3]s NOT NULL CHECK (octet_length(data) BETWEEN 1 AND 900000),
	before bigint GENERATED ALWAYS AS (nullif(seq - 1, 0)) STORED REFERENCES %[1]s.record (seq)
);
CREATE TABLE %[1]s.layout (version integer PRIMARY KEY);
INSERT INTO %[1]s.layout VALUES (%[2]d)`

// alone is the key of a connection's data under which the server's warning is kept that
// it has not waited for its standbys.
const alone = "onrecord: not replicated"

var schemaName = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,49}$`)

// Open opens the record in a database, or makes an empty one if the schema has none.
// The url is a connection string as package pgxpool takes it, with the settings of TLS
// and of the pool. Several processes may make the same record at once. A schema with
// other tables of the names that this package uses, or of a newer version of it, is
// refused and not changed.
//
// Making the record needs the right to create, in the database or in a schema that is
// there; opening it later does not, as the package comment says. Who may only read opens
// it to read and to wait.
//
// If ctx ends first, it returns the context's error. It does not try again to reach a
// server that refuses. A server that takes the connection and is silent is given up when
// ctx ends, or while connecting after the url's connect_timeout for each host, two minutes
// if it says none.
func Open(ctx context.Context, url string, opts *Options) (*Store, error) {
	if opts == nil {
		opts = new(Options)
	}
	s := &Store{
		schema:         opts.Schema,
		timeout:        opts.Timeout,
		waitInterval:   opts.WaitInterval,
		lookInterval:   5 * time.Second,
		listenInterval: time.Minute,
		closeWait:      5 * time.Second,
		seed:           maphash.MakeSeed(),
		grown:          make(chan struct{}),
	}
	if s.schema == "" {
		s.schema = "onrecord"
	}
	if !schemaName.MatchString(s.schema) || strings.HasPrefix(s.schema, "pg_") {
		return nil, fmt.Errorf(`postgres: open: schema %q: want small letters, digits and underscores, at most 50, not beginning with a digit or "pg_"`, s.schema)
	}
	if s.waitInterval <= 0 {
		s.waitInterval = 100 * time.Millisecond
	}
	if s.timeout <= 0 {
		s.timeout = 30 * time.Second
	}
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("postgres: open: %w", err)
	}
	c := config.ConnConfig
	s.name = fmt.Sprintf("%s in %s/%s", s.schema, net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port))), c.Database)
	c.OnNotice = func(c *pgconn.PgConn, n *pgconn.Notice) {
		if n.Routine == "SyncRepWaitForLSN" {
			c.CustomData()[alone] = n.Message
		}
	}
	s.closed, s.close = context.WithCancel(context.Background())
	s.cutOff, s.cutAppend = context.WithCancel(context.Background())
	if s.pool, err = pgxpool.NewWithConfig(ctx, config); err == nil {
		if err = s.setUp(ctx, opts); err == nil {
			return s, nil
		}
		s.pool.Close()
	}
	s.close()
	s.cutAppend()
	return nil, fmt.Errorf("postgres: open %s: %w", s.name, s.explain(ctx, err))
}

// setUp makes the tables if they are not there, and looks whether the record can be kept
// there.
func (s *Store) setUp(ctx context.Context, opts *Options) error {
	for try := 1; ; try++ {
		f, err := s.find(ctx)
		if err == nil {
			err = f.safe(opts)
		}
		if err != nil {
			return err
		}
		switch {
		case f.record && f.layout:
			s.listens = f.itself && !opts.NoListen
			s.sql = newStatements(s.schema, f.itself, !opts.NoNotify)
			return s.identify(ctx, opts)
		case f.record || try == maxTries:
			return fmt.Errorf("schema %[1]q is another program's: it has not both of the tables %[1]s.record and %[1]s.layout", s.schema)
		}
		if err := s.create(ctx, f); err != nil && !raced(err) {
			return err
		}
	}
}

// What is found on a server.
type found struct {
	record, layout, schema bool   // whether they are there
	itself                 bool   // it is PostgreSQL, for it has NOTIFY
	lz4                    bool   // it compresses large values so, if it is asked to
	fsync, fullPages       string // settings, "" if it does not know them
}

func (s *Store) find(ctx context.Context) (f found, err error) {
	// The tables are made at once. So if record is looked for first and is there, layout
	// is there too.
	err = s.pool.QueryRow(ctx, `SELECT to_regclass($1::text) IS NOT NULL, to_regclass($2::text) IS NOT NULL, to_regnamespace($3::text) IS NOT NULL,
		to_regproc('pg_notify') IS NOT NULL,
		coalesce((SELECT 'lz4' = ANY (enumvals) FROM pg_catalog.pg_settings WHERE name = 'default_toast_compression'), false),
		coalesce(current_setting('fsync', true), ''), coalesce(current_setting('full_page_writes', true), '')`,
		quoted(s.schema)+".record", quoted(s.schema)+".layout", quoted(s.schema)).Scan(&f.record, &f.layout, &f.schema, &f.itself, &f.lz4, &f.fsync, &f.fullPages)
	return f, err
}

// safe says why the server could lose what it has acknowledged.
func (f found) safe(opts *Options) error {
	var off []string
	if f.fsync == "off" {
		off = append(off, "fsync")
	}
	if f.fullPages == "off" {
		off = append(off, "full_page_writes")
	}
	if len(off) == 0 || opts.AcceptLoss {
		return nil
	}
	return fmt.Errorf("the server could lose acknowledged records when its machine fails: off, want on: %s; Options.AcceptLoss opens it all the same", strings.Join(off, ", "))
}

// create makes the tables, all or nothing.
func (s *Store) create(ctx context.Context, f found) error {
	compression := ""
	if f.lz4 {
		compression = "COMPRESSION lz4"
	}
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if !f.schema {
			if _, err := tx.Exec(ctx, "CREATE SCHEMA "+quoted(s.schema)); err != nil {
				return err
			}
		}
		for _, sql := range strings.Split(fmt.Sprintf(createSQL, quoted(s.schema), layoutVersion, compression), ";") {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return err
			}
		}
		return nil
	})
}

// raced reports whether an error of create may be due to another one who makes the same.
func raced(err error) bool {
	switch code(err) {
	case "23505", "42P06", "42P07", "42710": // unique_violation, duplicate_schema, duplicate_table, duplicate_object
		return true
	}
	return serialization(err)
}

// identify looks whether the tables are of a version that is known, whether they have
// their key and are logged, and whether the role may read them.
func (s *Store) identify(ctx context.Context, opts *Options) error {
	var version int
	if err := s.pool.QueryRow(ctx, fmt.Sprintf(`SELECT coalesce(max(version), 0) FROM %s.layout`, quoted(s.schema))).Scan(&version); err != nil {
		return err
	}
	switch {
	case version > layoutVersion:
		return fmt.Errorf("schema %q was written by a newer version of this package: its layout is version %d, known is %d; open it with a newer release", s.schema, version, layoutVersion)
	case version < layoutVersion:
		return damaged("the layout of schema %q has version %d, which never was", s.schema, version)
	}
	var kept string
	var keyed bool
	err := s.pool.QueryRow(ctx, `SELECT relpersistence::text, EXISTS (
			SELECT 1 FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attname = 'seq'
			WHERE k.conrelid = c.oid AND k.contype = 'p' AND NOT k.condeferrable AND k.conkey = ARRAY[a.attnum])
		FROM pg_catalog.pg_class c WHERE oid = to_regclass($1::text)`, quoted(s.schema)+".record").Scan(&kept, &keyed)
	if err != nil {
		return err
	}
	if !keyed {
		return fmt.Errorf("%[1]s.record is not a table whose primary key is seq, so two appends could take one number; if it was restored without its keys, ALTER TABLE %[1]s.record ADD PRIMARY KEY (seq)", s.schema)
	}
	if kept != "p" && !opts.AcceptLoss {
		return fmt.Errorf("the server would lose all records when it crashes: %[1]s.record is not logged; ALTER TABLE %[1]s.record SET LOGGED, or Options.AcceptLoss opens it all the same", s.schema)
	}
	_, err = s.pool.Exec(ctx, fmt.Sprintf(`SELECT seq, data FROM %s.record LIMIT 0`, quoted(s.schema)))
	return err
}
