//go:build cgo

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/kuzudb/go-kuzu"
)

// kuzuDatabase is a graph in Kuzu with an edge for each statement, from its
// source to its target. The speaker is a property of it, as Kuzu has no edges
// with three ends.
type kuzuDatabase struct {
	dir       string
	db        *kuzu.Database
	conn      *kuzu.Connection
	last      int64
	questions [kindsEnd]*kuzu.PreparedStatement
}

func newKuzu(dir string) (database, error) {
	db, err := kuzu.OpenDatabase(filepath.Join(dir, "peer.kuzu"), kuzu.DefaultSystemConfig())
	if err != nil {
		return nil, err
	}
	conn, err := kuzu.OpenConnection(db)
	if err != nil {
		db.Close()
		return nil, err
	}
	return &kuzuDatabase{dir: dir, db: db, conn: conn}, nil
}

func (db *kuzuDatabase) load(_ context.Context, d *data) (took time.Duration, err error) {
	db.last = int64(d.last())
	removed := make(map[int]int64, len(d.retracted))
	for k, i := range d.retracted {
		removed[int(i)] = int64(d.removed(k))
	}
	entities, statements := filepath.Join(db.dir, "entities.csv"), filepath.Join(db.dir, "statements.csv")
	err = errors.Join(
		writeLines(entities, d.entities, func(i int) string {
			return fmt.Sprintf("%d,%v,%s", i, entityID(uint32(i)), entityName(uint32(i)))
		}),
		writeLines(statements, d.n, func(i int) string {
			f := d.facts[i]
			until, ok := removed[i]
			if !ok {
				until = never
			}
			return fmt.Sprintf("%d,%d,%d,%v,%d,%d,%s,%d,%d,%d", f.source, f.target, i, statementID(uint32(i)), f.source, f.predicate,
				f.date(), i, d.added(i), until)
		}))
	if err != nil {
		return 0, err
	}
	began := time.Now()
	for _, text := range []string{
		`CREATE NODE TABLE entity (id INT64, uuid UUID, name STRING, PRIMARY KEY (id))`,
		`CREATE REL TABLE statement (FROM entity TO entity, id INT64, uuid UUID, speaker INT64, predicate UINT8,
			day STRING, locator STRING, added INT64, removed INT64)`,
		`COPY entity FROM "` + entities + `"`,
		`COPY statement FROM "` + statements + `"`,
		`CHECKPOINT`,
	} {
		if err := db.exec(text); err != nil {
			return 0, err
		}
	}
	took = time.Since(began)
	return took, errors.Join(os.Remove(entities), os.Remove(statements), db.prepare())
}

// writeLines writes a file of n lines.
func writeLines(path string, n int, text func(int) string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	for i := range n {
		fmt.Fprintln(w, text(i))
	}
	return errors.Join(w.Flush(), f.Close())
}

func (db *kuzuDatabase) exec(text string) error {
	result, err := db.conn.Query(text)
	if err != nil {
		return err
	}
	result.Close()
	return nil
}

func (db *kuzuDatabase) prepare() (err error) {
	const hop = `MATCH (a:entity)-[s:statement]->(b:entity)
		WHERE a.id = $a AND s.predicate = $p AND s.removed > $at AND s.added <= $at`
	for k, text := range map[kind]string{
		oneHop:  hop + ` RETURN DISTINCT b.id`,
		asOfHop: hop + ` RETURN DISTINCT b.id`,
		twoHops: hop + ` WITH DISTINCT b MATCH (b)-[t:statement]->(c:entity)
			WHERE t.predicate = $q AND t.removed > $at AND t.added <= $at RETURN DISTINCT c.id`,
		countOf: `MATCH (:entity)-[s:statement]->(:entity) WHERE s.predicate = $p AND s.removed > $at AND s.added <= $at RETURN count(*)`,
	} {
		if db.questions[k], err = db.conn.Prepare(text); err != nil {
			return err
		}
	}
	return nil
}

func (db *kuzuDatabase) ask(_ context.Context, q question, found func(uint32)) (n int, err error) {
	args := map[string]any{"at": db.last, "p": int64(q.p)}
	switch q.kind {
	case accordingTo:
		// It would look through all edges, since none leads from a speaker.
		return 0, errors.ErrUnsupported
	case asOfHop:
		args["at"] = int64(q.at)
	case twoHops:
		args["q"] = int64(q.q)
	}
	if q.kind != countOf {
		args["a"] = int64(q.a)
	}
	result, err := db.conn.Execute(db.questions[q.kind], args)
	if err != nil {
		return 0, err
	}
	defer result.Close()
	for result.HasNext() {
		v, err := firstInt(result)
		if err != nil {
			return 0, err
		}
		if q.kind == countOf {
			return int(v), nil
		}
		if n++; found != nil {
			found(uint32(v))
		}
	}
	return n, nil
}

func firstInt(result *kuzu.QueryResult) (int64, error) {
	row, err := result.Next()
	if err != nil {
		return 0, err
	}
	defer row.Close()
	v, err := row.GetValue(0)
	if err != nil {
		return 0, err
	}
	i, ok := v.(int64)
	if !ok {
		return 0, fmt.Errorf("kuzu answered with a %T, want an int64", v)
	}
	return i, nil
}

// memory is not known: Kuzu tells of its buffers only how large they may become.
func (db *kuzuDatabase) memory() (int64, error) { return -1, nil }

func (db *kuzuDatabase) close() error {
	for _, q := range db.questions {
		if q != nil {
			q.Close()
		}
	}
	db.conn.Close()
	db.db.Close()
	return nil
}
