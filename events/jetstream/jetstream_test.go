package jetstream

import (
	"flag"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/eventstest"
	"github.com/onrecord/onrecord/internal/natstest"
	"github.com/onrecord/onrecord/internal/natstest/fast"
)

// The servers that most tests share, each with streams of its own.
var (
	one    = servers(1)
	three  = servers(3)
	faulty = servers(3)
	dir    string
)

func servers(n int) func(testing.TB) *natstest.Cluster {
	start := sync.OnceValues(func() (*natstest.Cluster, error) {
		dir, err := os.MkdirTemp(dir, "")
		if err != nil {
			return nil, err
		}
		c, err := natstest.Start(dir, n, nil)
		if err == nil {
			mu.Lock()
			defer mu.Unlock()
			started = append(started, c)
		}
		return c, err
	})
	return func(t testing.TB) *natstest.Cluster {
		t.Helper()
		c, err := start()
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
}

var (
	mu      sync.Mutex
	started []*natstest.Cluster
)

func TestMain(m *testing.M) {
	flag.Parse()
	flag.Set("test.parallel", "8") // tests wait for servers more than they work
	fast.Elections()
	lease /= fast.Factor
	var err error
	if dir, err = os.MkdirTemp("", "jetstream"); err != nil {
		panic(err)
	}
	code := m.Run()
	for _, c := range started {
		if err := c.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.RemoveAll(dir)
	os.Exit(code)
}

func TestStore(t *testing.T) {
	t.Parallel()
	for replicas, servers := range map[int]func(testing.TB) *natstest.Cluster{1: one, 3: three} {
		t.Run(fmt.Sprintf("R%d", replicas), func(t *testing.T) {
			t.Parallel()
			c := servers(t)
			open := func(t *testing.T, stream string) events.Store {
				return mustOpen(t, c.URL(), &Options{Stream: stream, Replicas: replicas, System: system, AcceptLoss: replicas < 3})
			}
			eventstest.TestStore(t, func(t *testing.T) events.Store { return open(t, newStream()) }, &eventstest.Options{
				Reopen: func(t *testing.T, s events.Store) events.Store {
					if err := s.Close(); err != nil {
						t.Fatal(err)
					}
					return open(t, s.(*Store).name)
				},
				Beside: func(t *testing.T, s events.Store) events.Store { return open(t, s.(*Store).name) },
			})
		})
	}
}

// system are the options of a user of the system account.
var system = []nats.Option{nats.UserInfo("system", "system")}

var streams atomic.Int64

// newStream returns a name that no stream has.
func newStream() string { return fmt.Sprintf("test%d", streams.Add(1)) }

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
