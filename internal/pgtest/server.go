package pgtest

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// user is the superuser of the server, whom the tests connect as.
const user = "onrecord"

// ErrNone says that the programs of PostgreSQL are not there.
var ErrNone = errors.New("PostgreSQL is not installed: neither PATH nor a usual directory has the programs initdb and postgres")

// patience is how long the server may take to do what it is told.
const patience = time.Minute

// A Server is a PostgreSQL server. It must not be used from several goroutines at once,
// but for URL and Address.
type Server struct {
	programs string // the directory
	dir      string // with everything of the server
	port     int
	password string
	settings []string

	server *exec.Cmd     // nil if it was stopped
	exited chan struct{} // closed when the server has ended
}

// programs returns the directory of the server's programs: that in PATH, or the newest
// of those where systems put them.
func programs() (string, error) {
	var dirs []string
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(path))
		}
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin",
		"/Applications/Postgres.app/Contents/Versions/*/bin", `C:\Program Files\PostgreSQL\*\bin`,
	} {
		found, _ := filepath.Glob(pattern)
		slices.SortFunc(found, func(a, b string) int { return number(b) - number(a) })
		dirs = append(dirs, found...)
	}
	for _, dir := range dirs {
		_, noInit := exec.LookPath(filepath.Join(dir, "initdb"))
		_, noServer := exec.LookPath(filepath.Join(dir, "postgres"))
		if noInit == nil && noServer == nil {
			return dir, nil
		}
	}
	return "", ErrNone
}

// number returns the digits of a text as a number.
func number(text string) int {
	n, _ := strconv.Atoi(strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text))
	return n
}

// start makes a server's files and starts it.
func start(dir string, settings []string) (*Server, error) {
	s := &Server{settings: settings, password: rand.Text()}
	var err error
	if s.programs, err = programs(); err != nil {
		return nil, err
	}
	if s.dir, err = os.MkdirTemp(dir, "pgtest"); err != nil {
		return nil, err
	}
	if err := s.initialise(); err != nil {
		s.Close()
		return nil, fmt.Errorf("pgtest: %w", err)
	}
	return s, nil
}

func (s *Server) initialise() error {
	word := filepath.Join(s.dir, "password")
	if err := os.WriteFile(word, []byte(s.password), 0o600); err != nil {
		return err
	}
	if err := giveAway(s.dir, word); err != nil {
		return err
	}
	initdb := s.command("initdb", "-D", s.data(), "-U", user, "-A", "scram-sha-256", "--pwfile", word, "-E", "UTF8", "--no-locale", "--no-sync", "--no-instructions")
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return s.runSomewhere()
}

// runSomewhere starts the server on a free port.
func (s *Server) runSomewhere() (err error) {
	// Between the moment when a port is found to be free and the server's start, another
	// process may take it.
	for try := 1; ; try++ {
		if s.port, err = freePort(); err != nil {
			return err
		}
		err = s.run()
		if err == nil || try == 5 || !taken(err) {
			return err
		}
	}
}

// taken reports whether another process has the port.
func taken(err error) bool {
	return strings.Contains(err.Error(), "could not create any TCP/IP sockets")
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// command returns a program of the server's, to be run as its user and in a plain
// environment.
func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.programs, name), args...)
	cmd.Dir = s.dir
	cmd.Env = []string{"LC_ALL=C", "TZ=UTC", "PATH=" + os.Getenv("PATH"), "HOME=" + s.dir, "SYSTEMROOT=" + os.Getenv("SYSTEMROOT")}
	cmd.SysProcAttr = attributes()
	return cmd
}

// run starts the server and waits until it takes connections.
func (s *Server) run() error {
	args := []string{"-D", s.data(), "-p", strconv.Itoa(s.port), "-h", "127.0.0.1", "-k", ""}
	for _, setting := range append([]string{"shared_buffers=16MB", "max_connections=200", "log_min_messages=fatal"}, s.settings...) {
		args = append(args, "-c", setting)
	}
	cmd := s.command("postgres", args...)
	log, exited, err := s.start(cmd, "log")
	if err != nil {
		return err
	}
	s.server, s.exited = cmd, exited

	look := time.NewTicker(2 * time.Millisecond)
	defer look.Stop()
	late := time.NewTimer(patience)
	defer late.Stop()
	for !s.ready() {
		select {
		case <-look.C:
		case <-s.exited:
			s.server = nil
			text, _ := os.ReadFile(log)
			return fmt.Errorf("the server ended at once:\n%s", text)
		case <-late.C:
			s.end(syscall.SIGKILL)
			text, _ := os.ReadFile(log)
			return fmt.Errorf("the server was not ready within %v:\n%s", patience, text)
		}
	}
	return nil
}

// start starts a program. It returns the name of the file with what it writes, and a
// channel that is closed when it has ended.
func (s *Server) start(cmd *exec.Cmd, name string) (log string, exited chan struct{}, err error) {
	f, err := os.Create(filepath.Join(s.dir, name))
	if err != nil {
		return "", nil, err
	}
	defer f.Close()
	cmd.Stdout, cmd.Stderr = f, f

	// The signal that ends a child with its parent is sent when the thread ends that
	// has started it.
	started, exited := make(chan error), make(chan struct{})
	go func() {
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
		}
		close(exited)
	}()
	return f.Name(), exited, <-started
}

// ready reports whether the server says so in its lock file: its process in the first
// line, its state in the eighth.
func (s *Server) ready() bool {
	text, err := os.ReadFile(filepath.Join(s.data(), "postmaster.pid"))
	lines := strings.Split(string(text), "\n")
	return err == nil && len(lines) > 7 && lines[0] == strconv.Itoa(s.server.Process.Pid) &&
		(strings.TrimSpace(lines[7]) == "ready" || strings.TrimSpace(lines[7]) == "standby")
}

// end sends the server a signal and waits for its end.
func (s *Server) end(signal os.Signal) {
	if s.server == nil {
		return
	}
	if err := s.server.Process.Signal(signal); err != nil {
		_ = s.server.Process.Kill()
	}
	late := time.AfterFunc(patience, func() { _ = s.server.Process.Kill() })
	<-s.exited
	late.Stop()
	s.server = nil
}

// Close ends the server and removes its files.
func (s *Server) Close() {
	s.end(syscall.SIGQUIT)
	_ = os.RemoveAll(s.dir)
}

// Standby starts a server that replicates this one, whose settings it takes, and stops it
// when the test ends.
func (s *Server) Standby(t testing.TB) *Server {
	t.Helper()
	standby := &Server{programs: s.programs, password: s.password, settings: s.settings}
	var err error
	if standby.dir, err = os.MkdirTemp("", "pgtest"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(standby.Close)
	if err := giveAway(standby.dir); err != nil {
		t.Fatal(err)
	}
	copied := standby.command("pg_basebackup", "--pgdata", standby.data(), "--dbname", s.URL(), "--write-recovery-conf", "--checkpoint=fast", "--no-sync")
	if out, err := copied.CombinedOutput(); err != nil {
		t.Fatalf("pg_basebackup: %v\n%s", err, out)
	}
	if err := standby.runSomewhere(); err != nil {
		t.Fatal(err)
	}
	return standby
}

// Beside runs another program, as the user whose the server is and in its directory, and
// kills it when the test ends.
func (s *Server) Beside(t testing.TB, path string, args ...string) {
	t.Helper()
	cmd := s.command("", args...)
	cmd.Path, cmd.Args[0], cmd.Err = path, path, nil
	_, exited, err := s.start(cmd, "beside")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-exited
	})
}

// Kill ends the server as a crash of its machine would but for the disk, which keeps
// what was written and not synced.
func (s *Server) Kill() { s.end(syscall.SIGKILL) }

// Stop ends the server in order: it ends its connections and writes everything down.
func (s *Server) Stop() { s.end(syscall.SIGINT) }

// Restart starts a server that was stopped or killed, at the same address.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	// It refuses to start while a process of the one before is there.
	began := time.Now()
	for {
		err := s.run()
		if err == nil {
			return
		}
		if time.Since(began) > patience {
			t.Fatal(err)
		}
	}
}

// Address returns the host and port on which the server listens.
func (s *Server) Address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// URL returns the connection string of the server's superuser.
func (s *Server) URL() string { return s.URLFor(user, s.Address()) }

// URLFor returns the connection string of another role, whose password must be
// [Server.Password], at another address that leads to the server.
func (s *Server) URLFor(role, address string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(role, s.password), Host: address, Path: "/postgres", RawQuery: "sslmode=disable"}
	return u.String()
}

// Password returns the password of the superuser.
func (s *Server) Password() string { return s.password }
