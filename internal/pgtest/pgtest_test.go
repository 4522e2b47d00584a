package pgtest

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func TestMain(m *testing.M) {
	if os.Getenv("PGTEST_ABANDON") != "" {
		abandon()
	}
	os.Exit(Main(m))
}

// abandon starts a server, tells its process and directory, and waits to be killed.
func abandon() {
	s, err := start("", nil)
	if err != nil {
		panic(err)
	}
	os.Stdout.WriteString(strconv.Itoa(s.server.Process.Pid) + " " + s.dir + "\n")
	select {}
}

// answers returns what a query answers.
func answers(t *testing.T, s *Server, sql string) (text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if err := conn.QueryRow(ctx, sql).Scan(&text); err != nil {
		t.Fatal(err)
	}
	return text
}

func TestServer(t *testing.T) {
	s := Start(t, "work_mem=5MB")
	if got := answers(t, s, `SELECT current_setting('work_mem') || current_setting('fsync') || current_user`); got != "5MBon"+user {
		t.Errorf("the server answers %q", got)
	}
	s.Kill()
	s.Restart(t)
	s.Stop()
	s.Restart(t)
	if got := answers(t, s, `SELECT current_setting('work_mem')`); got != "5MB" {
		t.Errorf("after it was restarted it answers %q", got)
	}
	if a, b := Schema(), Schema(); Shared(t).Address() == s.Address() || a == b {
		t.Error("what must differ is the same")
	}
	if strings.Contains(s.URL(), "@:") || s.Password() == Shared(t).Password() {
		t.Errorf("the URL is %s", s.URL())
	}
}

// The directory may have any name, also one in which a socket could not be.
func TestDirectory(t *testing.T) {
	dir, err := os.MkdirTemp("", "pgtest, "+strings.Repeat("long ", 20))
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o711); err != nil { // the server may run as another user
		t.Fatal(err)
	}
	s, err := Run(dir)
	need(t, err)
	defer s.Close()
	if got := answers(t, s, `SELECT current_user`); got != user {
		t.Errorf("the server answers %q", got)
	}
}

// A process of tests is killed; its server ends too.
func TestEndsWithItsProcess(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux ends a server whose tests were killed")
	}
	if _, err := programs(); err != nil {
		t.Skip(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "PGTEST_ABANDON=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 4096)
	n, err := out.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	pid, dir, _ := strings.Cut(strings.TrimSpace(string(line[:n])), " ")
	defer os.RemoveAll(dir)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	late := time.After(patience)
	for {
		if _, err := os.Stat("/proc/" + pid); os.IsNotExist(err) {
			return
		}
		select {
		case <-late:
			t.Fatalf("the server, process %s, is still there", pid)
		case <-time.After(time.Millisecond):
		}
	}
}

// A port that another process has taken meanwhile is told from other failures.
func TestPortTaken(t *testing.T) {
	s := Start(t)
	free := s.port
	s.Stop()
	s.port = number(Shared(t).Address()[len("127.0.0.1:"):])
	if err := s.run(); err == nil || !taken(err) {
		t.Errorf("error %v", err)
	}
	s.port = free
	s.Restart(t)
}
