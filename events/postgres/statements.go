package postgres

import "fmt"

// Statements are the SQL that a Store uses, for one schema. All of them work in each of
// the driver's modes, prepared or not.
type statements struct {
	append, last, read, part, page string
	sync                           string // "" where Sync has nothing to do
}

// The condition that the record before is the last one is part of the statement that
// inserts. If another transaction has inserted the same number and not yet ended, the
// primary key makes this one wait for it; then there is a row, or none if that one
// was rolled back. Numbers come from no sequence, so none is lost.
const insertSQL = `
INSERT INTO %[1]s.record (seq, data)
SELECT $1::bigint, $2::bytea WHERE (SELECT coalesce(max(seq), 0) FROM %[1]s.record) = $1::bigint - 1
ON CONFLICT (seq) DO NOTHING`

// What PostgreSQL is asked to do in the same transaction if a row was inserted.
const (
	// It waits for the disk when it commits, and warns when it has not waited for a
	// standby, whatever the session says.
	waitSQL = `CASE WHEN current_setting('synchronous_commit') = 'off' THEN set_config('synchronous_commit', 'on', true) END,
	set_config('client_min_messages', 'warning', true)`
	// It tells those who listen.
	tellSQL = `pg_notify('%s', '')`
)

// syncSQL writes to the log of a server that is no standby, so that the commit waits for
// all that was written there before. Any role may do that, also one that only reads. It
// returns a record that the server is to have.
const syncSQL = `SELECT pg_is_in_recovery(), (SELECT data FROM %[1]s.record WHERE seq = $1::bigint),
	CASE WHEN NOT pg_is_in_recovery() THEN pg_logical_emit_message(true, 'onrecord', ''::text)::text END, ` + waitSQL

// pageSQL ends a page with the record that brings it to pageBytes. The sizes of large
// records are known without reading them.
const pageSQL = `
SELECT seq, data FROM (
	SELECT seq, data, sum(octet_length(data)) OVER (ORDER BY seq) - octet_length(data) AS before
	FROM (SELECT seq, data FROM %[1]s.record WHERE seq > $1::bigint ORDER BY seq LIMIT %[2]d) AS next
) AS sized WHERE before < %[3]d ORDER BY seq`

// newStatements returns the statements for a server that is PostgreSQL itself or
// understands its language, and that tells what is appended or does not.
func newStatements(schema string, itself, tells bool) statements {
	q := quoted(schema)
	s := statements{
		append: fmt.Sprintf(insertSQL, q),
		last:   fmt.Sprintf(`SELECT coalesce(max(seq), 0) FROM %s.record`, q),
		read:   fmt.Sprintf(`SELECT data FROM %s.record WHERE seq = $1::bigint`, q),
		part:   fmt.Sprintf(`SELECT substr(data, $2::integer, $3::integer) FROM %s.record WHERE seq = $1::bigint`, q),
		page:   fmt.Sprintf(pageSQL, q, pageRecords, pageBytes),
	}
	if itself {
		s.sync = fmt.Sprintf(syncSQL, q)
		more := waitSQL
		if tells {
			more += ", " + fmt.Sprintf(tellSQL, channel(schema))
		}
		s.append = fmt.Sprintf("WITH added AS (%s\nRETURNING seq) SELECT %s FROM added", s.append, more)
	}
	return s
}

// channel is where the appends to a schema are told.
func channel(schema string) string { return "onrecord:" + schema }

// quoted is a schema's name in SQL, where it could be a word of the language.
func quoted(schema string) string { return `"` + schema + `"` }
