package postgres

import (
	"fmt"
	"strings"
)

// Statements are the SQL that a Store uses, for one schema. All of them work in each of
// the driver's modes, prepared or not.
type statements struct {
	append, last, read, page string
}

// The condition that the record before is the last one is part of the statement that
// inserts. If another transaction has inserted the same number and not yet ended, the
// primary key makes this one wait for it; then there is a row, or none if that one
// was rolled back. Numbers come from no sequence, so none is lost.
const insertSQL = `
INSERT INTO %[1]s.record (seq, data)
SELECT $1::bigint, $2::bytea WHERE (SELECT coalesce(max(seq), 0) FROM %[1]s.record) = $1 - 1
ON CONFLICT (seq) DO NOTHING`

// tellingSQL also tells who listens, in the same transaction, and sees to it that the
// commit waits for the disk, whatever the session says.
const tellingSQL = `
WITH added AS (%[1]s RETURNING seq)
SELECT pg_notify('%[2]s', ''),
	CASE WHEN current_setting('synchronous_commit') = 'off' THEN set_config('synchronous_commit', 'on', true) END
FROM added`

// pageSQL ends a page with the record that brings it to pageBytes. The sizes of large
// records are known without reading them.
const pageSQL = `
SELECT seq, data FROM (
	SELECT seq, data, sum(octet_length(data)) OVER (ORDER BY seq) - octet_length(data) AS before
	FROM (SELECT seq, data FROM %[1]s.record WHERE seq > $1::bigint ORDER BY seq LIMIT %[2]d) AS next
) AS sized WHERE before < %[3]d ORDER BY seq`

func newStatements(schema string, tells bool) statements {
	s := statements{
		append: fmt.Sprintf(insertSQL, schema),
		last:   fmt.Sprintf(`SELECT coalesce(max(seq), 0) FROM %s.record`, schema),
		read:   fmt.Sprintf(`SELECT data FROM %s.record WHERE seq = $1::bigint`, schema),
		page:   fmt.Sprintf(pageSQL, schema, pageRecords, pageBytes),
	}
	if tells {
		s.append = fmt.Sprintf(tellingSQL, s.append, channel(schema))
	}
	s.append = strings.TrimSpace(s.append)
	return s
}

// channel is where the appends to a schema are told.
func channel(schema string) string { return "onrecord:" + schema }
