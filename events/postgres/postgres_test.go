package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/eventstest"
	"github.com/onrecord/onrecord/internal/pgtest"
)

func TestStore(t *testing.T) {
	server := pgtest.Shared(t)
	eventstest.TestStore(t, func(t *testing.T) events.Store {
		return mustOpen(t, server.URL(), &Options{Schema: pgtest.Schema()})
	}, &eventstest.Options{
		Reopen: func(t *testing.T, s events.Store) events.Store {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			return mustOpen(t, server.URL(), &Options{Schema: s.(*Store).schema})
		},
		Beside: func(t *testing.T, s events.Store) events.Store {
			return mustOpen(t, server.URL(), &Options{Schema: s.(*Store).schema})
		},
	})
}

// mustOpen opens a store that is closed when the test ends.
func mustOpen(t testing.TB, url string, opts *Options) *Store {
	t.Helper()
	s, err := Open(t.Context(), url, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// A page ends with the record that makes it a megabyte, whatever there is after it.
func TestPage(t *testing.T) {
	s := mustOpen(t, pgtest.Shared(t).URL(), &Options{Schema: pgtest.Schema()})
	for i, size := range []int{400_000, 400_000, 400_000, 900_000, 900_000, 10, 900_000} {
		if _, err := s.Append(t.Context(), events.Seq(i), make([]byte, size)); err != nil {
			t.Fatal(err)
		}
	}
	var sizes []int
	for after := events.Seq(0); ; {
		page, err := s.page(t.Context(), after, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		sizes = append(sizes, len(page))
		after = page[len(page)-1].Seq
	}
	if fmt.Sprint(sizes) != "[3 2 2]" {
		t.Errorf("the pages have %v records", sizes)
	}
}

// Where Sync has nothing to do, it still says when it was called too late.
func TestSync(t *testing.T) {
	for _, itself := range []bool{true, false} {
		s := mustOpen(t, pgtest.Shared(t).URL(), &Options{Schema: pgtest.Schema()})
		s.sql = newStatements(s.schema, itself, itself)
		mustAppend(t, s, 0, "first")
		if err := s.Sync(t.Context()); err != nil {
			t.Error(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := s.Sync(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("the context has ended: %v", err)
		}
		s.Close()
		if err := s.Sync(t.Context()); !errors.Is(err, events.ErrClosed) {
			t.Errorf("the store is closed: %v", err)
		}
	}
}

// A server that has taken another's place is not asked to keep what it has not.
func TestSyncOther(t *testing.T) {
	server, schema := pgtest.Shared(t), pgtest.Schema()
	s := mustOpen(t, server.URL(), &Options{Schema: schema})
	mustAppend(t, s, 0, "first", "second", "third")
	for _, read := range []func(){
		func() { mustHold(t, s, "first", "second", "third") },
		func() {
			if _, err := s.Read(t.Context(), 3); err != nil {
				t.Error(err)
			}
		},
	} {
		read()
		if err := s.Sync(t.Context()); err != nil {
			t.Error(err)
		}
		for _, sql := range []string{`DELETE FROM onrecord.record WHERE seq = 3`, `INSERT INTO onrecord.record VALUES (3, 'other')`} {
			execSQL(t, server.URL(), strings.ReplaceAll(sql, "onrecord", schema))
			if err := s.Sync(t.Context()); err == nil || !strings.Contains(err.Error(), "record 3, which was read before, is gone or is another now") {
				t.Errorf("after %s: %v", sql, err)
			}
		}
		execSQL(t, server.URL(), `UPDATE `+schema+`.record SET data = 'third' WHERE seq = 3`)
		for _, err := range s.Scan(t.Context(), 0) {
			if err != nil {
				t.Error(err)
			}
		}
		if err := s.Sync(t.Context()); err != nil {
			t.Error(err)
		}
	}
}
