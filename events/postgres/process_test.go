package postgres

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/internal/pgtest"
	"github.com/onrecord/onrecord/internal/soak"
)

// The tests here start their own binary again, as processes that write. What such a
// process does is in these variables of its environment.
const (
	envURL    = "POSTGRES_TEST_URL"
	envSchema = "POSTGRES_TEST_SCHEMA"
	envName   = "POSTGRES_TEST_WRITER"
)

func TestMain(m *testing.M) {
	if url := os.Getenv(envURL); url != "" {
		if err := write(url, os.Getenv(envSchema), os.Getenv(envName)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(pgtest.Main(m))
}

// write appends records until standard input ends, and writes "number name index." to
// standard output for each.
func write(url, schema, name string) error {
	ctx := context.Background()
	s, err := Open(ctx, url, &Options{Schema: schema})
	if err != nil {
		return err
	}
	stop := make(chan bool)
	go func() {
		io.Copy(io.Discard, os.Stdin)
		close(stop)
	}()
	d := &desk{name: name, store: s, rng: rand.New(rand.NewPCG(1, uint64(len(name)))), own: map[string]events.Seq{}}
	for i := 0; ; i++ {
		seq, err := d.say(ctx, fmt.Sprintf("%s %d", name, i))
		if err != nil {
			return err
		}
		fmt.Printf("%d %s %d.\n", seq, name, i)
		select {
		case <-stop:
			return s.Close()
		default:
		}
	}
}

// Two processes append to one record; one is killed in the middle, again and again.
func TestProcesses(t *testing.T) {
	ctx := t.Context()
	server, schema := pgtest.Shared(t), pgtest.Schema()
	s := mustOpen(t, server.URL(), &Options{Schema: schema})
	acked := map[events.Seq]string{}

	begin := func(name string) (cmd *exec.Cmd, in io.Closer, out *bufio.Scanner, errs *bytes.Buffer) {
		cmd, errs = exec.CommandContext(ctx, os.Args[0]), new(bytes.Buffer)
		cmd.Env = append(os.Environ(), envURL+"="+server.URL(), envSchema+"="+schema, envName+"="+name)
		cmd.Stderr = errs
		stdin, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			cmd.Process.Kill()
			cmd.Wait()
		})
		return cmd, stdin, bufio.NewScanner(stdout), errs
	}
	// The last line of a killed process may be cut; it is then not counted.
	read := func(out *bufio.Scanner) bool {
		if !out.Scan() {
			return false
		}
		var seq events.Seq
		number, text, _ := strings.Cut(out.Text(), " ")
		if n, err := fmt.Sscan(number, &seq); n == 1 && err == nil && strings.HasSuffix(text, ".") {
			acked[seq] = strings.TrimSuffix(text, ".")
		}
		return true
	}

	steady, steadyIn, steadyOut, steadyErr := begin("steady")
	if !read(steadyOut) {
		t.Fatalf("the writer ended: %s", steadyErr)
	}
	kills := soak.Times(6)
	for i := range kills {
		victim, _, out, errs := begin(fmt.Sprint("victim", i))
		for range 1 + 5*(i%8) {
			if !read(out) {
				t.Fatalf("the writer ended: %s", errs)
			}
		}
		if err := victim.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for read(out) { // what it said before it died counts
		}
		if err := victim.Wait(); err == nil {
			t.Error("the killed writer ended as if nothing had happened")
		}
	}
	steadyIn.Close()
	for read(steadyOut) {
	}
	if err := steady.Wait(); err != nil {
		t.Errorf("the other writer: %v: %s", err, steadyErr)
	}

	stored := map[string]events.Seq{}
	for r, err := range s.Scan(ctx, 0) {
		if err != nil {
			t.Fatal(err)
		}
		text := string(r.Data)
		if first, twice := stored[text]; twice {
			t.Errorf("%q is stored twice: %d and %d", text, first, r.Seq)
		}
		stored[text] = r.Seq
	}
	for seq, text := range acked {
		if stored[text] != seq {
			t.Errorf("%q was acknowledged as %d; it is stored as %d (0: not at all)", text, seq, stored[text])
		}
	}
	t.Logf("%d records, %d acknowledged, %d processes killed", len(stored), len(acked), kills)
}
