package sqlite

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/eventstest"
)

func TestStore(t *testing.T) {
	eventstest.TestStore(t, func(t *testing.T) events.Store {
		return mustOpen(t, filepath.Join(t.TempDir(), "story.db"))
	}, &eventstest.Options{
		Reopen: func(t *testing.T, s events.Store) events.Store {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			return mustOpen(t, s.(*Store).name)
		},
		Restore: func(t *testing.T, backup []byte) events.Store {
			path := filepath.Join(t.TempDir(), "restored.db")
			if err := os.WriteFile(path, backup, 0o600); err != nil {
				t.Fatal(err)
			}
			return mustOpen(t, path)
		},
		Beside: func(t *testing.T, s events.Store) events.Store { return mustOpen(t, s.(*Store).name) },
	})
}

// mustOpen opens a store that is closed when the test ends.
func mustOpen(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}
