package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/onrecord/onrecord/events"
)

// explain says what an error means for the caller, and what to do.
func (s *Store) explain(ctx context.Context, err error) error {
	if err == nil || errors.Is(err, events.ErrConflict) || errors.Is(err, events.ErrNoRecord) || errors.Is(err, events.ErrRecordSize) {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if s.closing.Load() {
		return events.ErrClosed
	}
	switch code(err) {
	case "42501": // insufficient_privilege
		return fmt.Errorf("%w: the role may not do this; to let it append, and with SELECT alone read: %s: %w", fs.ErrPermission, grants(s.schema), err)
	case "25006": // read_only_sql_transaction
		return fmt.Errorf("%w: the server is a standby, or the role or the session only reads: %w", fs.ErrPermission, err)
	case "42P01", "3F000": // undefined_table, invalid_schema_name
		return fmt.Errorf("the tables of schema %q are gone since the record was opened: %w", s.schema, err)
	case "53100": // disk_full
		return fmt.Errorf("the disk of the server is full, make room and call again: %w", err)
	}
	return err
}

// code returns the SQLSTATE of what a server has said, "" if none has said anything.
func code(err error) string {
	var said *pgconn.PgError
	if errors.As(err, &said) {
		return said.Code
	}
	return ""
}

// serialization reports whether a transaction was rolled back because of others, and may
// succeed another time.
func serialization(err error) bool {
	c := code(err)
	return c == "40001" || c == "40P01" // serialization_failure, deadlock_detected
}

// grants are what a role needs to append.
func grants(schema string) string {
	return fmt.Sprintf("GRANT USAGE ON SCHEMA %[1]s TO role; GRANT SELECT ON %[1]s.layout TO role; GRANT SELECT, INSERT ON %[1]s.record TO role", schema)
}

// damaged says how a record is damaged.
func damaged(format string, args ...any) error {
	return fmt.Errorf("%w, restore the database from a copy: %w", events.ErrDamaged, fmt.Errorf(format, args...))
}
