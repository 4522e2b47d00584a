package postgres

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/eventstest"
	"github.com/onrecord/onrecord/internal/pgtest"
)

// A pooler that gives each transaction another session is between the stores and the
// server.
func TestPooler(t *testing.T) {
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		t.Skip("PgBouncer is not installed: PATH has no program pgbouncer")
	}
	server := pgtest.Shared(t)
	host, port, err := net.SplitHostPort(server.Address())
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().(*net.TCPAddr)
	l.Close()
	dir, err := os.MkdirTemp("", "pooler") // the server's user may read it, unlike t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	users := file("users", fmt.Sprintf("%q %q\n", "onrecord", server.Password()))
	server.Beside(t, program, file("config", fmt.Sprintf(`[databases]
postgres = host=%s port=%s
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = plain
auth_file = %s
pool_mode = transaction
default_pool_size = 3
`, host, port, address.Port, users)))
	for began := time.Now(); ; {
		c, err := net.Dial("tcp", address.String())
		if err == nil {
			c.Close()
			break
		}
		if time.Since(began) > time.Minute {
			t.Fatal(err)
		}
	}
	url := with(server.URLFor("onrecord", address.String()), "default_query_exec_mode", "exec")
	again := func(t *testing.T, s events.Store) events.Store {
		return mustOpen(t, url, &Options{Schema: s.(*Store).schema, NoListen: true})
	}
	eventstest.TestStore(t, func(t *testing.T) events.Store {
		return mustOpen(t, url, &Options{Schema: pgtest.Schema(), NoListen: true})
	}, &eventstest.Options{Reopen: again, Beside: again})
	s := mustOpen(t, url, &Options{Schema: pgtest.Schema(), NoListen: true})
	mustAppend(t, s, 0, "first")
	mustHold(t, s, "first")
	if err := s.Sync(t.Context()); err != nil {
		t.Error(err)
	}
}
