package graph_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/jetstream"
	"github.com/onrecord/onrecord/events/postgres"
	"github.com/onrecord/onrecord/events/sqlite"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/natstest"
	"github.com/onrecord/onrecord/internal/pgtest"
)

// servers are those that keep a record for several machines, and what may befall them.
type servers struct {
	open   func() (events.Store, error) // as another machine would
	befall []func()                     // one after the other
}

func postgresServers(t *testing.T) *servers {
	s := pgtest.Start(t)
	return &servers{
		open:   func() (events.Store, error) { return postgres.Open(t.Context(), s.URL(), nil) },
		befall: []func(){s.Kill, func() { s.Restart(t) }, s.Stop, func() { s.Restart(t) }},
	}
}

func jetstreamServers(t *testing.T) *servers {
	c, err := natstest.Start(t.TempDir(), 3, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	})
	again := func(n *natstest.Node) func() {
		return func() {
			if err := n.Start(); err != nil {
				t.Error(err)
			}
		}
	}
	n := c.Nodes()
	return &servers{
		open: func() (events.Store, error) {
			return jetstream.Open(t.Context(), c.URL(), &jetstream.Options{SyncAlways: true})
		},
		befall: []func(){
			n[0].Kill, again(n[0]),
			func() { c.Isolate(n[1]) }, func() { c.Join(n[1]) },
			func() { n[1].Clients.Drop(); n[2].Clients.Drop() },
			n[2].Kill, again(n[2]),
		},
	}
}

// Graphs on several machines share a record whose servers fail: two record, and record
// again what they were not told of, and others follow. All end with the same graph, in
// which everything is there once.
func TestMachines(t *testing.T) {
	for name, start := range map[string]func(*testing.T) *servers{"postgres": postgresServers, "jetstream": jetstreamServers} {
		t.Run(name, func(t *testing.T) {
			const recorders, batches = 2, 30
			s := start(t)
			machine := func() *graph.Graph {
				t.Helper()
				store, err := s.open()
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { store.Close() })
				return open(t, store)
			}
			following, stop := context.WithCancel(t.Context())
			defer stop()
			var followed sync.WaitGroup
			defer followed.Wait()
			defer stop()
			var graphs []*graph.Graph
			for range recorders + 2 {
				g := machine()
				graphs = append(graphs, g)
				followed.Go(func() {
					if err := g.Follow(following); !errors.Is(err, context.Canceled) {
						t.Error(err)
					}
				})
			}
			c := newCast(recorders)
			first, err := graphs[0].Record(t.Context(), c.registration)
			if err != nil {
				t.Fatal(err)
			}

			done := make(chan struct{}, recorders*batches)
			var recorded sync.WaitGroup
			last := make([]events.Position, recorders)
			for w, g := range graphs[:recorders] {
				recorded.Go(func() {
					if err := g.Wait(t.Context(), first.Position); err != nil {
						t.Error(err)
						return
					}
					for i := range batches {
						b := batchOf(c.statements(fmt.Sprint(w, "-", i), c.who[w])...)
						for {
							r, err := g.Record(t.Context(), b)
							if err == nil {
								last[w] = r.Position
								break
							}
							if errors.Is(err, events.ErrInvalid) || t.Context().Err() != nil {
								t.Error(err)
								return
							}
						}
						done <- struct{}{}
					}
				})
			}
			go func() {
				recorded.Wait()
				close(done)
			}()
			for i, befalls := range s.befall {
				for range (i + 1) % 2 * recorders * batches / len(s.befall) { // while so much more is recorded
					<-done
				}
				befalls()
			}
			recorded.Wait()

			var want []string
			for w := range recorders {
				for i := range batches {
					want = append(want, fmt.Sprint(w, "-", i))
				}
			}
			var digests [][32]byte
			for _, g := range append(graphs, machine()) {
				if err := g.Wait(t.Context(), max(last[0], last[1])); err != nil {
					t.Fatal(err)
				}
				wantKeys(t, g, want...)
				if lag, err := g.Lag(t.Context()); err != nil || lag.Records != 0 {
					t.Errorf("%+v, %v", lag, err)
				}
				d, err := g.View(nil).Digest(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if digests = append(digests, d); d != digests[0] {
					t.Error("two graphs of the same record differ")
				}
			}
		})
	}
}

// A record that begins in a file is moved to PostgreSQL, to JetStream and back into a file:
// the graph is the same each time, and can be added to.
func TestMoves(t *testing.T) {
	file := func() (events.Store, error) { return sqlite.Open(filepath.Join(t.TempDir(), "story.db"), nil) }
	from, err := file()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { from.Close() })
	c := newCast(1)
	g := open(t, from)
	if _, err := g.Record(ctx, c.registration); err != nil {
		t.Fatal(err)
	}
	for i, to := range []func() (events.Store, error){postgresServers(t).open, jetstreamServers(t).open, file} {
		if _, err := g.Record(ctx, batchOf(c.statements(fmt.Sprint(i), c.who[0])...)); err != nil {
			t.Fatal(err)
		}
		store, err := to()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		head, err := events.Copy(ctx, store, from, nil)
		if err != nil || head.Seq != events.Seq(i+2) {
			t.Fatal(head.Seq, err)
		}
		moved := open(t, store)
		want, err := g.View(nil).Digest(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := moved.View(nil).Digest(ctx); err != nil || got != want {
			t.Errorf("after move %d the graph is another, %v", i+1, err)
		}
		from, g = store, moved
	}
	wantKeys(t, g, "0", "1", "2")
}
