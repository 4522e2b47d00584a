//go:build cgo

package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"path/filepath"
	"strconv"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/onrecord/onrecord/events"
)

// duckDatabase is one table in DuckDB: what an analyst makes of the data. All of
// it is loaded at once, the indexes are made afterwards.
type duckDatabase struct {
	db        *sql.DB
	conn      *sql.Conn
	last      int64
	questions [kindsEnd]*sql.Stmt
}

const (
	duckTable = `
	CREATE TABLE entity (id INTEGER, uuid BLOB, name VARCHAR);
	CREATE TABLE statement (id INTEGER, uuid BLOB, source INTEGER, target INTEGER, speaker INTEGER, predicate UTINYINT,
		day VARCHAR, form UTINYINT, locator VARCHAR, stance UTINYINT, added BIGINT, removed BIGINT);`
	duckIndexes = `
	CREATE INDEX by_source ON statement (source);
	CREATE INDEX by_speaker ON statement (speaker);
	CHECKPOINT;`
)

func newDuckDB(dir string) (database, error) {
	db, err := sql.Open("duckdb", filepath.Join(dir, "peer.duckdb"))
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(context.Background())
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &duckDatabase{db: db, conn: conn}, nil
}

func (db *duckDatabase) load(ctx context.Context, d *data) (took time.Duration, err error) {
	db.last = int64(d.last())
	removed := make(map[int]int64, len(d.retracted))
	for k, i := range d.retracted {
		removed[int(i)] = int64(d.removed(k))
	}
	began := time.Now()
	if _, err := db.conn.ExecContext(ctx, duckTable); err != nil {
		return 0, err
	}
	err = db.append("entity", d.entities, func(i int) []driver.Value {
		id := entityID(uint32(i))
		return []driver.Value{int32(i), id[:], entityName(uint32(i))}
	})
	if err != nil {
		return 0, err
	}
	err = db.append("statement", d.n, func(i int) []driver.Value {
		f, id := d.facts[i], statementID(uint32(i))
		until, ok := removed[i]
		if !ok {
			until = never
		}
		return []driver.Value{int32(i), id[:], int32(f.source), int32(f.target), int32(f.source), f.predicate,
			f.date(), uint8(events.Paraphrase), strconv.Itoa(i), uint8(events.Certain), int64(d.added(i)), until}
	})
	if err != nil {
		return 0, err
	}
	if _, err := db.conn.ExecContext(ctx, duckIndexes); err != nil {
		return 0, err
	}
	took = time.Since(began)
	return took, db.prepare(ctx)
}

func (db *duckDatabase) append(table string, n int, row func(int) []driver.Value) error {
	return db.conn.Raw(func(c any) error {
		a, err := duckdb.NewAppenderFromConn(c.(driver.Conn), "", table)
		if err != nil {
			return err
		}
		for i := range n {
			if err := a.AppendRow(row(i)...); err != nil {
				return errors.Join(err, a.Close())
			}
		}
		return a.Close()
	})
}

// prepare prepares the questions: $1 is the position, $2 the entity, $3 and $4
// are predicates. A count has no entity, and its predicate is $2.
func (db *duckDatabase) prepare(ctx context.Context) (err error) {
	const (
		visible = `removed > $1 AND added <= $1`
		hop     = `SELECT DISTINCT target FROM statement WHERE source = $2 AND predicate = $3 AND ` + visible
	)
	for k, text := range map[kind]string{
		oneHop:      hop,
		asOfHop:     hop,
		twoHops:     `SELECT DISTINCT target FROM statement WHERE source IN (` + hop + `) AND predicate = $4 AND ` + visible,
		accordingTo: `SELECT id FROM statement WHERE speaker = $2 AND predicate = $3 AND ` + visible,
		countOf:     `SELECT count(*) FROM statement WHERE predicate = $2 AND ` + visible,
	} {
		if db.questions[k], err = db.conn.PrepareContext(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

func (db *duckDatabase) ask(ctx context.Context, q question, found func(uint32)) (n int, err error) {
	args := []any{db.last, int64(q.a), int64(q.p)}
	switch q.kind {
	case asOfHop:
		args[0] = int64(q.at)
	case twoHops:
		args = append(args, int64(q.q))
	case countOf:
		err = db.questions[countOf].QueryRowContext(ctx, db.last, int64(q.p)).Scan(&n)
		return n, err
	}
	rows, err := db.questions[q.kind].QueryContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var v int64
		if err := rows.Scan(&v); err != nil {
			return 0, err
		}
		if n++; found != nil {
			found(uint32(v))
		}
	}
	return n, rows.Err()
}

func (db *duckDatabase) memory() (size int64, err error) {
	err = db.conn.QueryRowContext(context.Background(), `SELECT CAST(sum(memory_usage_bytes) AS BIGINT) FROM duckdb_memory()`).Scan(&size)
	return size, err
}

func (db *duckDatabase) close() error {
	for _, s := range db.questions {
		if s != nil {
			s.Close()
		}
	}
	return errors.Join(db.conn.Close(), db.db.Close())
}
