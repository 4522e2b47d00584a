package find

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/google/uuid"
	sqlite3 "github.com/ncruces/go-sqlite3"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// perTransaction is how many entries are written at once, at least. If the
// context ends, those of one transaction are lost.
const perTransaction = 20_000

// taking is one taking in of events.
type taking struct {
	*database
	g        *graph.Graph
	redacted map[uuid.UUID]bool
	n        int // entries in the transaction

	entry, said, called, titled, alike, state *sqlite3.Stmt
}

// takeIn takes in what a graph has seen, once nothing is left of what has been
// deleted before.
func (d *database) takeIn(ctx context.Context, g *graph.Graph) (err error) {
	if err := d.wipe(); err != nil {
		return err
	}
	v := g.View(nil)
	if v.Position() <= d.position {
		return nil
	}
	t := &taking{database: d, g: g, redacted: make(map[uuid.UUID]bool)}
	for _, p := range []struct {
		stmt **sqlite3.Stmt
		sql  string
	}{
		{&t.entry, `INSERT INTO entry VALUES (?1, ?2, ?3)`},
		{&t.said, `INSERT INTO said (rowid, exact, gloss, value, written) VALUES (?1, ?2, ?3, ?4, ?5)`},
		{&t.called, `INSERT INTO called (rowid, name) VALUES (?1, ?2)`},
		{&t.titled, `INSERT INTO titled (rowid, title) VALUES (?1, ?2)`},
		{&t.alike, `INSERT OR IGNORE INTO alike VALUES (?1, ?2)`},
		{&t.state, `UPDATE onrecord_find_state SET position = ?1, digest = ?2, leaves = leaves + ?3`},
	} {
		if *p.stmt, _, err = d.db.Prepare(p.sql); err != nil {
			return err
		}
		defer (*p.stmt).Close()
	}
	if err := d.db.Exec(`BEGIN IMMEDIATE`); err != nil {
		return err
	}
	defer func() {
		if err != nil && !d.db.GetAutocommit() {
			d.db.SetInterrupt(context.Background()) // or an end of the context ends this, too
			d.db.Exec(`ROLLBACK`)
			d.db.SetInterrupt(ctx)
		}
	}()
	at, index := d.position, 0
	for e, err := range v.Events(ctx, d.position) {
		if err != nil {
			return recordError{err}
		}
		if e.Position != at {
			if t.n >= perTransaction {
				if err := t.commit(ctx, at); err != nil {
					return err
				}
				if err := d.db.Exec(`BEGIN IMMEDIATE`); err != nil {
					return err
				}
			}
			at, index = e.Position, 0
		}
		if err := t.event(rowOf(at, index), e); err != nil {
			return err
		}
		index++
	}
	return t.commit(ctx, v.Position())
}

// event takes an event in. One that is redacted has no body.
func (t *taking) event(row int64, e *events.Event) error {
	switch b := e.Body.(type) {
	case *events.StatementRecorded:
		texts := make([][]string, fields)
		for _, p := range parts(&b.Statement) {
			c := &texts[p.field-1] // one after the other: what is found is looked at again
			*c = appendWords(*c, split(p.text))
		}
		return t.add(t.said, row, e.ID, uuid.Nil, texts...)
	case *events.EntityRegistered:
		return t.name(row, e.ID, b.Entity.ID, b.Entity.Name.Text)
	case *events.EntityNamed:
		return t.name(row, e.ID, b.Entity, b.Name.Text)
	case *events.SourceAdded:
		return t.add(t.titled, row, e.ID, b.Source.ID, appendWords(nil, split(b.Source.Title)))
	case *events.Redacted:
		t.redacted[b.Event] = true
	}
	return nil
}

func (t *taking) name(row int64, event, entity uuid.UUID, name string) error {
	words := split(name)
	if err := t.add(t.called, row, event, entity, appendWords(nil, words)); err != nil {
		return err
	}
	spellings, whole := spell(name, words)
	for _, s := range append(spellings, whole) {
		for _, key := range s.keys() {
			if err := exec(t.alike, key, row); err != nil {
				return err
			}
		}
	}
	return nil
}

func appendWords(list []string, words []word) []string {
	for _, w := range words {
		list = append(list, w.text)
	}
	return list
}

// add writes an entry. What has no words needs none.
func (t *taking) add(to *sqlite3.Stmt, row int64, event, subject uuid.UUID, texts ...[]string) error {
	args := []any{row}
	n := 0
	for _, text := range texts {
		args = append(args, strings.Join(text, " "))
		n += len(text)
	}
	if n == 0 {
		return nil
	}
	t.n++
	if err := exec(to, args...); err != nil {
		return err
	}
	return exec(t.entry, row, event[:], subject[:])
}

// commit makes what has been taken in final, up to a position.
func (t *taking) commit(ctx context.Context, p events.Position) error {
	forgot, err := t.forget()
	if err != nil {
		return err
	}
	digest, err := t.g.View(&graph.Lens{AsOf: p}).Digest(ctx)
	if err != nil {
		return recordError{err}
	}
	if err := exec(t.state, int64(p), digest[:], forgot); err != nil {
		return err
	}
	if err := t.db.Exec(`COMMIT`); err != nil {
		return err
	}
	t.position, t.n = p, 0
	t.leaves += forgot
	if err := t.wipe(); err != nil {
		return err
	}
	return t.saveLong()
}

// forget deletes what has been redacted, and returns how many entries that were.
func (t *taking) forget() (forgot int64, err error) {
	if len(t.redacted) == 0 {
		return 0, nil
	}
	var gone []int64
	err = t.rows(`SELECT row, id FROM entry`, func(s *sqlite3.Stmt) error {
		if id, err := uuid.FromBytes(s.ColumnRawBlob(1)); err != nil {
			return errDamaged
		} else if t.redacted[id] {
			gone = append(gone, s.ColumnInt64(0))
		}
		return nil
	})
	clear(t.redacted)
	if err != nil || gone == nil {
		return 0, err
	}
	list, err := json.Marshal(gone)
	if err != nil {
		return 0, err
	}
	for _, sql := range []string{
		`DELETE FROM said WHERE rowid IN (SELECT value FROM json_each(?1))`,
		`DELETE FROM called WHERE rowid IN (SELECT value FROM json_each(?1))`,
		`DELETE FROM titled WHERE rowid IN (SELECT value FROM json_each(?1))`,
		`DELETE FROM alike WHERE row IN (SELECT value FROM json_each(?1))`,
		`DELETE FROM entry WHERE row IN (SELECT value FROM json_each(?1))`,
	} {
		if err := t.rows(sql, nil, string(list)); err != nil {
			return 0, err
		}
	}
	// FTS5 has only noted that they are gone, until it merges.
	return int64(len(gone)), t.db.Exec(`
		INSERT INTO said (said) VALUES ('optimize'); INSERT INTO called (called) VALUES ('optimize'); INSERT INTO titled (titled) VALUES ('optimize')`)
}
