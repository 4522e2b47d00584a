package postgres

import (
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
