package graph_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/sqlite"
	"github.com/onrecord/onrecord/graph"
)

// A graph on a store that was opened to read only follows who writes: one who had the
// record open before it, one who begins after it, and the ones after him.
func TestFollowReadOnly(t *testing.T) {
	for _, name := range []string{"the reader is first", "the writer is first"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "story.db")
			open := func(opts *sqlite.Options) (g *graph.Graph, end func()) {
				s, err := sqlite.Open(path, opts)
				if err == nil {
					g, err = graph.Open(t.Context(), s, nil)
				}
				if err != nil {
					t.Fatal(err)
				}
				return g, func() {
					if err := errors.Join(g.Close(), s.Close()); err != nil {
						t.Fatal(err)
					}
				}
			}
			c := newCast(1)
			record := func(w *graph.Graph, b *events.Batch) events.Position {
				r, err := w.Record(t.Context(), b)
				if err != nil {
					t.Fatal(err)
				}
				return r.Position
			}
			w, end := open(nil)
			p := record(w, c.registration)
			if name == "the reader is first" {
				end()
			}
			g, endReading := open(&sqlite.Options{ReadOnly: true})
			defer endReading()
			following, stop := context.WithCancel(t.Context())
			defer stop()
			followed := make(chan error, 1)
			go func() { followed <- g.Follow(following) }()
			if err := g.Wait(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			if name == "the writer is first" {
				end()
			}
			for _, key := range []string{"first", "second", "third"} {
				w, end := open(nil)
				p := record(w, batchOf(c.statements(key, c.who[0])...))
				if err := g.Wait(t.Context(), p); err != nil {
					t.Fatal(err)
				}
				if lag, err := g.Lag(t.Context()); lag.Records != 0 || err != nil {
					t.Errorf("%s: %+v, %v", key, lag, err)
				}
				end()
			}
			stop()
			if err := <-followed; !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
}
