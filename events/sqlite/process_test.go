package sqlite

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/internal/disk"
	"github.com/onrecord/onrecord/internal/soak"
)

// The tests here start their own binary again, as processes that write. What
// such a process does is in these variables of its environment.
const (
	envPath = "SQLITE_TEST_PATH"
	envName = "SQLITE_TEST_WRITER"
	envDies = "SQLITE_TEST_DIES" // before which of its operations on the disk it dies
	envRead = "SQLITE_TEST_READ" // the path of a record that it is to open, with and without writing
	envKeep = "SQLITE_TEST_KEEP" // the path of one that it is to open to read only, and to read for each line of its input
)

func TestMain(m *testing.M) {
	if path := os.Getenv(envRead); path != "" {
		fmt.Println(opened(path, &Options{ReadOnly: true}))
		fmt.Println(opened(path, nil))
		return
	}
	if path := os.Getenv(envKeep); path != "" {
		s, err := Open(path, &Options{ReadOnly: true})
		for in := bufio.NewScanner(os.Stdin); err == nil && in.Scan(); {
			fmt.Println(contents(s))
		}
		if err != nil {
			fmt.Println(err)
		}
		return
	}
	if path := os.Getenv(envPath); path != "" {
		if err := write(path, os.Getenv(envName)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// write waits for a line on standard input, opens the file at path, and appends
// records until standard input ends. It writes "number name index" to standard
// output for each that was acknowledged.
func write(path, name string) error {
	in := bufio.NewReader(os.Stdin)
	if _, err := in.ReadString('\n'); err != nil {
		return err
	}
	opts := new(Options)
	if dies, err := strconv.Atoi(os.Getenv(envDies)); err == nil {
		d, n := disk.Register(), 0
		opts.VFS = d.Name
		d.Break(func(disk.Op) *disk.Fault {
			if n++; n == dies {
				self, err := os.FindProcess(os.Getpid())
				if err == nil {
					err = self.Kill()
				}
				panic(err) // it is dead
			}
			return nil
		})
	}
	s, err := Open(path, opts)
	if err != nil {
		return err
	}
	stop := make(chan bool)
	go func() {
		io.Copy(io.Discard, in)
		close(stop)
	}()

	ctx := context.Background()
	rng := rand.New(rand.NewPCG(1, uint64(name[0])))
	for i := 0; ; i++ {
		record := sealed(name, i, rng.IntN(1+rng.IntN(30_000)))
		for {
			last, err := s.Last(ctx)
			if err != nil {
				return err
			}
			seq, err := s.Append(ctx, last, record)
			if errors.Is(err, events.ErrConflict) {
				continue
			}
			if err != nil {
				return err
			}
			fmt.Printf("%d %s %d\n", seq, name, i)
			break
		}
		select {
		case <-stop:
			return s.Close()
		default:
		}
	}
}

// sealed returns a record of about n bytes that carries its own checksum.
func sealed(name string, i, n int) []byte {
	b := fmt.Appendf(nil, "%s %d\n", name, i)
	for j := range n {
		b = append(b, byte(i+j*j>>3))
	}
	sum := sha256.Sum256(b)
	return append(b, sum[:]...)
}

// unseal returns who wrote the record, or an error if it is not whole.
func unseal(b []byte) (id string, err error) {
	n := len(b) - sha256.Size
	if n < 0 {
		return "", fmt.Errorf("%d bytes", len(b))
	}
	if sum := sha256.Sum256(b[:n]); !bytes.Equal(sum[:], b[n:]) {
		return "", errors.New("wrong checksum")
	}
	line, _, _ := bytes.Cut(b, []byte("\n"))
	return string(line), nil
}

// A writer is a process that runs write.
type writer struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
	err bytes.Buffer
}

func start(t *testing.T, ctx context.Context, path, name string, env ...string) *writer {
	t.Helper()
	w := &writer{cmd: exec.CommandContext(ctx, os.Args[0])}
	w.cmd.Env = append(append(os.Environ(), envPath+"="+path, envName+"="+name), env...)
	w.cmd.Stderr = &w.err
	var err error
	if w.in, err = w.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	w.out = bufio.NewScanner(out)
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		w.cmd.Process.Kill()
		w.cmd.Wait()
	})
	return w
}

func (w *writer) begin(t *testing.T) {
	t.Helper()
	if _, err := io.WriteString(w.in, "go\n"); err != nil {
		t.Fatal(err)
	}
}

// Acks are the acknowledgements of all writers, by number.
type acks struct {
	mu    sync.Mutex
	by    map[events.Seq]string
	twice []string
}

// read reads the next acknowledgement of w, and is false at the end of its
// output. The last line of a killed writer may be cut; it is then not counted.
func (a *acks) read(w *writer) bool {
	if !w.out.Scan() {
		return false
	}
	var seq events.Seq
	var name string
	var i int
	if n, err := fmt.Sscanf(w.out.Text(), "%d %s %d", &seq, &name, &i); n != 3 || err != nil {
		return true
	}
	id := fmt.Sprintf("%s %d", name, i)
	a.mu.Lock()
	defer a.mu.Unlock()
	if other, ok := a.by[seq]; ok {
		a.twice = append(a.twice, fmt.Sprintf("number %d was acknowledged for %q and %q", seq, other, id))
	}
	a.by[seq] = id
	return true
}

// check compares what is stored with what was acknowledged.
func (a *acks) check(t *testing.T, s *Store) {
	t.Helper()
	for _, what := range a.twice {
		t.Error(what)
	}
	var n events.Seq
	stored := map[string]events.Seq{}
	for r, err := range s.Scan(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; r.Seq != n {
			t.Fatalf("number %d, want %d", r.Seq, n)
		}
		id, err := unseal(r.Data)
		if err != nil {
			t.Fatalf("record %d: %v", n, err)
		}
		if first, ok := stored[id]; ok {
			t.Errorf("%q is stored twice: %d and %d", id, first, n)
		}
		stored[id] = n
		if acked, ok := a.by[n]; ok && acked != id {
			t.Errorf("record %d is %q, acknowledged was %q", n, id, acked)
		}
	}
	for seq, id := range a.by {
		if stored[id] != seq {
			t.Errorf("%q was acknowledged as %d; it is stored as %d (0: not at all)", id, seq, stored[id])
		}
	}
	t.Logf("%d records, %d acknowledged", n, len(a.by))
}

// Two processes append to one file while a third, this one, follows; one is
// killed in the middle, again and again.
func TestProcesses(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "story.db")
	acked := &acks{by: map[events.Seq]string{}}

	s := mustOpen(t, path)
	following, stopFollowing := context.WithCancel(ctx)
	followed := make(chan error, 1)
	go func() { followed <- follow(following, s) }()

	steady := start(t, ctx, path, "steady")
	steady.begin(t)
	for acked.read(steady) && len(acked.by) < 5 {
	}
	steadyDone := make(chan bool)
	go func() {
		for acked.read(steady) {
		}
		close(steadyDone)
	}()

	kills := soak.Times(8)
	for i := range kills {
		victim := start(t, ctx, path, fmt.Sprint("victim", i))
		victim.begin(t)
		for range 1 + 5*(i%8) {
			if !acked.read(victim) {
				t.Fatalf("the writer ended: %s", &victim.err)
			}
		}
		if err := victim.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for acked.read(victim) { // what it said before it died counts
		}
		if err := victim.cmd.Wait(); err == nil {
			t.Error("the killed writer ended as if nothing had happened")
		}
	}

	steady.in.Close()
	<-steadyDone
	if err := steady.cmd.Wait(); err != nil {
		t.Errorf("the other writer: %v: %s", err, &steady.err)
	}
	stopFollowing()
	if err := <-followed; !errors.Is(err, context.Canceled) {
		t.Errorf("the reader: %v", err)
	}
	acked.check(t, s)
	t.Logf("%d processes killed", kills)

	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	mustBeAlone(t, path)
	acked.check(t, mustOpen(t, path))
}

// Of two processes one dies at each of its operations on the disk in turn: when it opens
// the file, in the middle of a commit. The other one, which has the file open all the
// while, goes on at once and sees what had been acknowledged.
func TestDying(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "story.db")
	acked := &acks{by: map[events.Seq]string{}}
	s := mustOpen(t, path)
	const operations = 60
	deaths := 0
	for k := 1; k <= operations*soak.Times(1); k += soak.Step() {
		victim := start(t, ctx, path, fmt.Sprint("victim", k), fmt.Sprint(envDies, "=", k))
		victim.begin(t)
		for acked.read(victim) {
		}
		if err := victim.cmd.Wait(); err == nil || victim.err.Len() > 0 {
			t.Fatalf("the process did not die: %v: %s", err, &victim.err)
		}
		deaths++
		last, err := s.Last(ctx)
		if err != nil {
			t.Fatal(err)
		}
		seq, err := s.Append(ctx, last, sealed("survivor", k, 1000))
		if err != nil {
			t.Fatalf("after a death at operation %d: %v", k, err)
		}
		acked.by[seq] = fmt.Sprint("survivor ", k)
	}
	acked.check(t, s)
	t.Logf("%d deaths", deaths)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	acked.check(t, mustOpen(t, path))
}

// follow reads every record as it comes until ctx ends.
func follow(ctx context.Context, s *Store) error {
	var seen events.Seq
	for {
		if err := s.Wait(ctx, seen); err != nil {
			return err
		}
		before := seen
		for r, err := range s.Scan(ctx, seen) {
			if err != nil {
				return err
			}
			if _, err := unseal(r.Data); err != nil {
				return fmt.Errorf("record %d: %w", r.Seq, err)
			}
			seen = r.Seq
		}
		if seen == before {
			return fmt.Errorf("Wait returned though nothing follows %d", seen)
		}
	}
}

// Several processes make the same new file at once; each succeeds.
func TestProcessesCreate(t *testing.T) {
	ctx := t.Context()
	for range 4 {
		path := filepath.Join(t.TempDir(), "story.db")
		acked := &acks{by: map[events.Seq]string{}}
		var writers []*writer
		for i := range 4 {
			writers = append(writers, start(t, ctx, path, fmt.Sprintf("%c", 'a'+i)))
		}
		for _, w := range writers {
			w.begin(t)
		}
		for _, w := range writers {
			acked.read(w)
			w.in.Close()
		}
		for _, w := range writers {
			for acked.read(w) {
			}
			if err := w.cmd.Wait(); err != nil {
				t.Errorf("%v: %s", err, &w.err)
			}
		}
		s := mustOpen(t, path)
		acked.check(t, s)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		mustBeAlone(t, path)
	}
}

// mustBeAlone fails if SQLite left files beside the one at path.
func mustBeAlone(t *testing.T, path string) {
	t.Helper()
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) != 1 {
		t.Errorf("after Close there are %v, %v", files, err)
	}
}
