package main

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"strconv"
	"time"

	sqlite3 "github.com/ncruces/go-sqlite3"

	"github.com/onrecord/onrecord/events"
)

// sqliteSchema keeps the data as somebody would who knows SQLite and the
// questions. Arguments and voices are tables by themselves, so that any claim
// fits; what the questions ask of their statement is copied into them, and the
// entity at the other end where there are two. So each question is answered from
// one or two ranges of an index without another look-up. A row is visible as of p
// where added <= p < removed. Numbers are SQLite's own; ids are looked up once.
const sqliteSchema = `
	CREATE TABLE entity (id INTEGER PRIMARY KEY, uuid BLOB NOT NULL UNIQUE, name TEXT NOT NULL) STRICT;
	CREATE TABLE statement (id INTEGER PRIMARY KEY, uuid BLOB NOT NULL, predicate INTEGER NOT NULL, day TEXT NOT NULL,
		form INTEGER NOT NULL, locator TEXT NOT NULL, added INTEGER NOT NULL, removed INTEGER NOT NULL) STRICT;
	CREATE INDEX by_predicate ON statement (predicate, removed, added);
	CREATE TABLE arg (entity INTEGER NOT NULL, role INTEGER NOT NULL, predicate INTEGER NOT NULL, removed INTEGER NOT NULL,
		added INTEGER NOT NULL, other INTEGER, statement INTEGER NOT NULL, PRIMARY KEY (entity, role, predicate, removed, added, statement)) WITHOUT ROWID, STRICT;
	CREATE INDEX arg_of ON arg (statement);
	CREATE TABLE voice (speaker INTEGER NOT NULL, place INTEGER NOT NULL, predicate INTEGER NOT NULL, removed INTEGER NOT NULL,
		added INTEGER NOT NULL, stance INTEGER NOT NULL, statement INTEGER NOT NULL, PRIMARY KEY (speaker, place, predicate, removed, added, statement)) WITHOUT ROWID, STRICT;
	CREATE INDEX voice_of ON voice (statement);
`

// never is the position at which a row is removed that stands.
const never = math.MaxInt64

const (
	sqliteSource = 1
	sqliteTarget = 2
)

// sqliteDatabase is a schema of temporal tables in SQLite, by the same driver as
// the library's store.
type sqliteDatabase struct {
	conn      *sqlite3.Conn
	last      events.Position
	questions [kindsEnd]*sqlite3.Stmt
}

func newSQLite(dir string) (database, error) {
	// The driver lets a connection have 256 MB, less than the cache.
	ctx := sqlite3.WithMaxMemory(context.Background(), 3<<30)
	conn, err := sqlite3.OpenContext(ctx, filepath.Join(dir, "peer.db"))
	if err != nil {
		return nil, err
	}
	err = conn.Exec(`PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -2000000;` + sqliteSchema)
	if err != nil {
		conn.Close()
		return nil, err
	}
	return &sqliteDatabase{conn: conn}, nil
}

func (db *sqliteDatabase) load(ctx context.Context, d *data) (took time.Duration, err error) {
	db.last = d.last()
	began := time.Now()
	if err := db.inserts(d); err != nil {
		return 0, err
	}
	if err := db.removals(d); err != nil {
		return 0, err
	}
	if err := db.conn.Exec(`ANALYZE`); err != nil {
		return 0, err
	}
	if _, _, err := db.conn.WALCheckpoint("main", sqlite3.CHECKPOINT_TRUNCATE); err != nil {
		return 0, err
	}
	took = time.Since(began)
	return took, db.prepare()
}

// inserts adds entities and statements by transactions of a batch each.
func (db *sqliteDatabase) inserts(d *data) error {
	entity, err := db.statement(`INSERT INTO entity VALUES (?1, ?2, ?3)`)
	if err != nil {
		return err
	}
	defer entity.Close()
	err = db.batches(d.entities, func(i int) error {
		id := entityID(uint32(i))
		return errors.Join(entity.BindInt(1, i), entity.BindBlob(2, id[:]), entity.BindText(3, entityName(uint32(i))), entity.Exec())
	})
	if err != nil {
		return err
	}
	statement, err := db.statement(`INSERT INTO statement VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`)
	if err != nil {
		return err
	}
	defer statement.Close()
	arg, err := db.statement(`INSERT INTO arg (entity, role, predicate, removed, added, other, statement) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`)
	if err != nil {
		return err
	}
	defer arg.Close()
	voice, err := db.statement(`INSERT INTO voice (speaker, place, predicate, removed, added, stance, statement) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`)
	if err != nil {
		return err
	}
	defer voice.Close()
	return db.batches(d.n, func(i int) error {
		f, added, id := d.facts[i], int64(d.added(i)), statementID(uint32(i))
		p, from, to := int64(f.predicate), int64(f.source), int64(f.target)
		return errors.Join(
			statement.BindInt(1, i), statement.BindBlob(2, id[:]), statement.BindInt64(3, p), statement.BindText(4, f.date()),
			statement.BindInt(5, int(events.Paraphrase)), statement.BindText(6, strconv.Itoa(i)), statement.BindInt64(7, added), statement.BindInt64(8, never), statement.Exec(),
			execInts(arg, from, sqliteSource, p, never, added, to, int64(i)),
			execInts(arg, to, sqliteTarget, p, never, added, from, int64(i)),
			execInts(voice, from, 0, p, never, added, int64(events.Certain), int64(i)))
	})
}

// removals closes what is retracted.
func (db *sqliteDatabase) removals(d *data) error {
	var stmts []*sqlite3.Stmt
	for _, sql := range []string{
		`UPDATE statement SET removed = ?2 WHERE id = ?1`, `UPDATE arg SET removed = ?2 WHERE statement = ?1`, `UPDATE voice SET removed = ?2 WHERE statement = ?1`,
	} {
		s, err := db.statement(sql)
		if err != nil {
			return err
		}
		defer s.Close()
		stmts = append(stmts, s)
	}
	return db.batches(len(d.retracted), func(k int) error {
		for _, s := range stmts {
			if err := execInts(s, int64(d.retracted[k]), int64(d.removed(k))); err != nil {
				return err
			}
		}
		return nil
	})
}

func (db *sqliteDatabase) statement(sql string) (*sqlite3.Stmt, error) {
	s, _, err := db.conn.Prepare(sql)
	return s, err
}

// batches calls do for each of n, with a transaction around each batch.
func (db *sqliteDatabase) batches(n int, do func(int) error) error {
	for start := 0; start < n; start += perBatch {
		if err := db.conn.Exec(`BEGIN`); err != nil {
			return err
		}
		for i := start; i < min(start+perBatch, n); i++ {
			if err := do(i); err != nil {
				return err
			}
		}
		if err := db.conn.Exec(`COMMIT`); err != nil {
			return err
		}
	}
	return nil
}

func execInts(s *sqlite3.Stmt, values ...int64) error {
	for i, v := range values {
		if err := s.BindInt64(i+1, v); err != nil {
			return err
		}
	}
	return s.Exec()
}

// prepare prepares the questions: ?1 is the position, ?2 the entity, ?3 and ?4 are
// predicates.
func (db *sqliteDatabase) prepare() (err error) {
	const hop = `SELECT DISTINCT other FROM arg WHERE entity = ?2 AND role = 1 AND predicate = ?3 AND removed > ?1 AND added <= ?1`
	for k, sql := range map[kind]string{
		oneHop:  hop,
		asOfHop: hop,
		twoHops: `SELECT DISTINCT b.other FROM (` + hop + `) a CROSS JOIN arg b
			ON b.entity = a.other AND b.role = 1 AND b.predicate = ?4 AND b.removed > ?1 AND b.added <= ?1`,
		accordingTo: `SELECT statement FROM voice WHERE speaker = ?2 AND place = 0 AND predicate = ?3 AND removed > ?1 AND added <= ?1`,
		countOf:     `SELECT count(*) FROM statement WHERE predicate = ?3 AND removed > ?1 AND added <= ?1`,
	} {
		if db.questions[k], err = db.statement(sql); err != nil {
			return err
		}
	}
	return nil
}

func (db *sqliteDatabase) ask(_ context.Context, q question, found func(uint32)) (n int, err error) {
	s := db.questions[q.kind]
	at := db.last
	if q.kind == asOfHop {
		at = q.at
	}
	values := []int64{int64(at), int64(q.a), int64(q.p), int64(q.q)}
	for i, v := range values[:s.BindCount()] {
		if err := s.BindInt64(i+1, v); err != nil {
			return 0, err
		}
	}
	for s.Step() {
		v := s.ColumnInt64(0)
		if n++; found != nil && q.kind != countOf {
			found(uint32(v))
		}
		if q.kind == countOf {
			n = int(v)
		}
	}
	return n, errors.Join(s.Err(), s.Reset())
}

// memory returns what the cache of pages, the schema and the statements take.
func (db *sqliteDatabase) memory() (size int64, err error) {
	for _, what := range []sqlite3.DBStatus{sqlite3.DBSTATUS_CACHE_USED, sqlite3.DBSTATUS_SCHEMA_USED, sqlite3.DBSTATUS_STMT_USED} {
		used, _, err := db.conn.Status(what, false)
		if err != nil {
			return 0, err
		}
		size += used
	}
	return size, nil
}

func (db *sqliteDatabase) close() error {
	for _, s := range db.questions {
		if s != nil {
			s.Close()
		}
	}
	return db.conn.Close()
}
