package graph_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/sqlite"
	"github.com/onrecord/onrecord/graph"
)

// TestProcesses starts its own binary again, as processes that record. What such
// a process does is in these variables of its environment.
const (
	envPath = "GRAPH_TEST_PATH"
	envName = "GRAPH_TEST_WRITER"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(envPath); path != "" {
		if err := recordUntilTold(path, os.Getenv(envName)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// recordUntilTold records one key after the other until standard input ends. It
// writes each to standard output when it has been acknowledged, with its
// position and how many of its statements were new.
func recordUntilTold(path, name string) error {
	stop := make(chan bool)
	go func() {
		io.Copy(io.Discard, os.Stdin)
		close(stop)
	}()
	store, err := sqlite.Open(path, nil)
	if err != nil {
		return err
	}
	defer store.Close()
	g, err := graph.Open(ctx, store, nil)
	if err != nil {
		return err
	}
	defer g.Close()
	c := newCast(1)
	for i := 0; ; i++ {
		key := fmt.Sprint(name, "-", i)
		r, err := g.Record(ctx, batchOf(c.statements(key, c.who[0])...))
		if err != nil {
			return err
		}
		fmt.Println(key, r.Position, r.New)
		select {
		case <-stop:
			return nil
		default:
		}
	}
}

// A process that records, as seen by the test.
type process struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
	err strings.Builder
}

func startProcess(t *testing.T, ctx context.Context, path, name string) *process {
	t.Helper()
	p := &process{cmd: exec.CommandContext(ctx, os.Args[0])}
	p.cmd.Env = append(os.Environ(), envPath+"="+path, envName+"="+name)
	p.cmd.Stderr = &p.err
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.out = bufio.NewScanner(out)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		p.cmd.Wait()
	})
	return p
}

// An ack is what a process says of a batch that was acknowledged.
type ack struct {
	key string
	at  events.Position
	new int
}

// read returns up to n more acknowledgements, all if n is negative. The last
// line of a process that was killed may be cut; it does not count.
func (p *process) read(n int) (acks []ack) {
	for n != 0 && p.out.Scan() {
		var a ack
		if k, err := fmt.Sscan(p.out.Text(), &a.key, &a.at, &a.new); k == 3 && err == nil {
			acks = append(acks, a)
			n--
		}
	}
	return acks
}

// Two operating-system processes record into one SQLite file at once while a
// third reads; one is killed in the middle; no acknowledged batch is lost, none
// is half there, none is there twice.
func TestProcesses(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "record.db")
	store, err := sqlite.Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	g := open(t, store)
	c := newCast(1)
	if _, err := g.Record(ctx, c.registration); err != nil {
		t.Fatal(err)
	}
	following, stop := context.WithCancel(ctx)
	followed := make(chan error, 1)
	go func() { followed <- g.Follow(following) }()
	acked := map[string]ack{}
	take := func(acks []ack) {
		for _, a := range acks {
			// What is acknowledged comes to be seen here, all of it.
			if err := g.Wait(ctx, a.at); err != nil {
				t.Fatal(err)
			}
			if _, err := c.see(g.View(nil), graph.Pattern{Predicate: a.key}); err != nil {
				t.Fatal(err)
			}
			acked[a.key] = a
		}
	}

	steady := startProcess(t, ctx, path, "steady")
	take(steady.read(3))
	steadily := make(chan []ack, 1)
	go func() { steadily <- steady.read(-1) }()
	for life, n := range []int{7, 20} {
		// In its second life it first repeats what it did in its first.
		victim := startProcess(t, ctx, path, "victim")
		acks := victim.read(n)
		if len(acks) < n {
			t.Fatalf("the process has ended: %s", &victim.err)
		}
		if err := victim.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		acks = append(acks, victim.read(-1)...)
		if err := victim.cmd.Wait(); err == nil {
			t.Error("the killed process ended as if nothing had happened")
		}
		for _, a := range acks {
			switch _, before := acked[a.key]; {
			case before && a.new != 0:
				t.Errorf("%s was acknowledged before and recorded again", a.key)
			case life == 0 && a.new != keyed:
				t.Errorf("%d statements of %s were new", a.new, a.key)
			case a.new != 0 && a.new != keyed:
				t.Errorf("%s was half there", a.key)
			}
		}
		take(acks)
	}
	steady.in.Close()
	take(<-steadily)
	if err := steady.cmd.Wait(); err != nil {
		t.Errorf("the other process: %v: %s", err, &steady.err)
	}
	stop()
	if err := <-followed; !errors.Is(err, context.Canceled) {
		t.Errorf("Follow: %v", err)
	}

	for _, g := range []*graph.Graph{g, open(t, store)} {
		if _, err := c.see(g.View(nil), graph.Pattern{}); err != nil { // whole, and nothing twice
			t.Error(err)
		}
		got := map[string]bool{}
		for s := range g.View(nil).Statements(graph.Pattern{}) {
			got[s.Predicate()] = true
		}
		for key := range acked {
			if !got[key] {
				t.Errorf("%s was acknowledged and is not there", key)
			}
		}
		t.Logf("%d batches are there, %d were acknowledged", len(got), len(acked))
	}
	stored := map[string]int{}
	for r, err := range store.Scan(ctx, 0) {
		if err != nil {
			t.Fatal(err)
		}
		h, err := r.Header()
		if err != nil {
			t.Fatal(err)
		}
		for e, err := range h.Events() {
			if err != nil {
				t.Fatal(err)
			}
			if stored[e.ID.String()]++; stored[e.ID.String()] > 1 {
				t.Errorf("event %v is stored twice", e.ID)
			}
		}
	}
}
