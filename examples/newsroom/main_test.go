package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	sqlite3 "github.com/ncruces/go-sqlite3"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/pgtest"
)

var update = flag.Bool("update", false, "write what the commands in README.md print")

// stopped is a clock that stands still. Desks look after an hour how far behind they are:
// on a slow machine they may be, for a moment, and say so.
func stopped() time.Time { return time.Date(2025, 8, 4, 9, 0, 0, 0, time.UTC) }

// wrong is a file of lines that are refused.
const wrong = "Ada Brandt | meet | Tom Vale\nAda Brandt | meet | Tom Vale | 2025-13 | https://gazette.example/12\n"

// inTemp moves the test to a directory with the story in it.
func inTemp(t *testing.T) {
	t.Helper()
	story, err := os.ReadFile("story.txt")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{
		"story.txt": string(story),
		"wrong.txt": wrong,
	} {
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// shell runs a command as a shell would show it. Who follows is interrupted when he has
// printed what is on record.
func shell(t *testing.T, args ...string) string {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	read, write := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := (&desk{out: write, now: stopped, lookEvery: time.Hour}).run(ctx, args)
		write.Close()
		ended <- err
	}()
	var out bytes.Buffer
	lines := 0
	for s := bufio.NewScanner(read); s.Scan(); {
		fmt.Fprintln(&out, s.Text())
		if lines++; lines == 4 && args[0] == "follow" {
			stop()
		}
	}
	if err := <-ended; err != nil {
		fmt.Fprintf(&out, "newsroom: %v\n[exit status 1]\n", err)
	}
	return out.String()
}

// words are those of a command line in which only spaces are escaped.
func words(command string) []string {
	w := strings.Fields(strings.ReplaceAll(command, `\ `, "\x00"))
	for i := range w {
		w[i] = strings.ReplaceAll(w[i], "\x00", " ")
	}
	return w
}

// TestREADME types the commands that the README shows.
func TestREADME(t *testing.T) {
	readme, err := filepath.Abs("README.md")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	inTemp(t)
	commands := 0
	got := regexp.MustCompile("(?ms)^```console\n(.*?)^```$").ReplaceAllStringFunc(string(text), func(block string) string {
		var b strings.Builder
		b.WriteString("```console\n")
		for line := range strings.Lines(block) {
			command, ok := strings.CutPrefix(strings.TrimSpace(line), "$ newsroom ")
			if !ok {
				continue
			}
			commands++
			fmt.Fprintf(&b, "$ newsroom %s\n%s", command, shell(t, words(command)...))
		}
		return b.String() + "```"
	})
	if commands < 7 {
		t.Fatalf("the README has %d commands", commands)
	}
	if *update {
		if err := os.WriteFile(readme, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	} else if got != string(text) {
		t.Errorf("README.md would be (-update writes it):\n%s", got)
	}
	if !strings.Contains(got, usage) {
		t.Error("it does not show the usage")
	}
	if !strings.Contains(got, "```text\n"+wrong+"```") {
		t.Error("it does not show wrong.txt")
	}
}

// Two desks that share a record, wherever it is kept: one follows, one records line by
// line, and what the first prints is what the second has just recorded.
func TestTwoDesks(t *testing.T) {
	for name, where := range map[string]func(t *testing.T) string{
		"file": func(t *testing.T) string {
			if out := shell(t, "record", "-db", "shared.db", os.DevNull); out != "" {
				t.Fatal(out)
			}
			return "shared.db"
		},
		"cluster":  func(*testing.T) string { return "cluster:servers" },
		"postgres": func(t *testing.T) string { return pgtest.Start(t).URL() },
	} {
		t.Run(name, func(t *testing.T) {
			inTemp(t)
			db := where(t)
			ctx, stop := context.WithCancel(t.Context())
			read, write := io.Pipe()
			follows := make(chan error, 1)
			go func() {
				follows <- (&desk{out: write, now: stopped, lookEvery: time.Hour}).run(ctx, []string{"follow", "-db", db})
			}()
			follower := bufio.NewScanner(read)
			next := func() string {
				if !follower.Scan() {
					t.Fatal("nothing more is printed", follower.Err())
				}
				return follower.Text()
			}
			if got := next(); got != "0 batches are on record" {
				t.Fatal(got)
			}

			typed, types := io.Pipe()
			heard, says := io.Pipe()
			records := make(chan error, 1)
			go func() {
				records <- (&desk{in: typed, out: says, now: stopped}).run(ctx, []string{"record", "-db", db, "-desk", "foreign"})
			}()
			answers := bufio.NewScanner(heard)
			for n := 1; n <= 5; n++ {
				fmt.Fprintf(types, "Ada Brandt | meet | Tom Vale | 2025-02-%02d | https://gazette.example/12\n", n)
				if !answers.Scan() || answers.Text() != fmt.Sprintf("line %d is on record as batch %d", n, n) {
					t.Fatal(answers.Text(), answers.Err())
				}
				want := fmt.Sprintf("%d  09:00:00 foreign  Ada Brandt (CT+): meet Tom Vale on 2025-02-%02d <https://gazette.example/12>", n, n)
				if got := next(); got != want {
					t.Fatalf("%s\nwant\n%s", got, want)
				}
			}
			types.Close()
			if err := <-records; err != nil {
				t.Error(err)
			}
			asked := shell(t, "ask", "-db", db, "-after", "5", "Tom Vale")
			if lines := strings.Count(asked, "\n"); lines != 6 || !strings.HasPrefix(asked, "As of batch 5:\n") {
				t.Error(asked)
			}
			copied := shell(t, "copy", "-db", db, "copied.db") + shell(t, "ask", "-db", "copied.db", "Tom Vale")
			if !strings.HasSuffix(copied, asked) {
				t.Errorf("%s\nis copied as\n%s", asked, copied)
			}
			stop()
			if err := <-follows; err != nil {
				t.Error(err)
			}
		})
	}
}

// Who starts the servers of a directory is not the only one to open it, whether servers
// that were killed have left their addresses or not, and the next one starts them again.
func TestCluster(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, left := range []string{"", "nats://127.0.0.1:1"} {
		if err := os.MkdirAll("servers", 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("servers/url", []byte(left), 0o666); err != nil {
			t.Fatal(err)
		}
		closes := make(chan func() error, 3)
		for range cap(closes) {
			go func() {
				_, closeStore, err := openCluster(t.Context(), "servers")
				if err != nil {
					t.Error(err)
					closeStore = func() error { return nil }
				}
				closes <- closeStore
			}()
		}
		all := [...]func() error{<-closes, <-closes, <-closes} // the first one runs the servers
		for i := range all {
			if err := all[len(all)-1-i](); err != nil {
				t.Error(err)
			}
		}
		if _, err := os.Stat("servers/url"); !errors.Is(err, fs.ErrNotExist) {
			t.Error("after the servers have stopped, url says where they are:", err)
		}
	}
}

// Who waits for input can be interrupted.
func TestInterrupt(t *testing.T) {
	t.Chdir(t.TempDir())
	ctx, interrupt := context.WithCancel(t.Context())
	typed, types := io.Pipe()
	heard, says := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- (&desk{in: typed, out: says, now: stopped}).run(ctx, []string{"record"}) }()
	go io.WriteString(types, "too short\n")
	if _, err := bufio.NewReader(heard).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	interrupt()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// A role ends when the record cannot be followed any more, and says why.
func TestDamage(t *testing.T) {
	for _, role := range []string{"follow", "record"} {
		inTemp(t)
		shell(t, "record", "story.txt")
		typed, types := io.Pipe()
		go io.WriteString(types, "too short\n")
		heard, says := io.Pipe()
		ended := make(chan error, 1)
		go func() { ended <- (&desk{in: typed, out: says, now: stopped}).run(t.Context(), []string{role}) }()
		if _, err := bufio.NewReader(heard).ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		go io.Copy(io.Discard, heard)
		db, err := sqlite3.Open("story.db")
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if err := errors.Join(db.BusyTimeout(time.Minute), db.Exec(`INSERT INTO record VALUES (4, x'00')`)); err != nil {
			t.Fatal(err)
		}
		if err := <-ended; !errors.Is(err, events.ErrDamaged) {
			t.Errorf("%s ends with %v", role, err)
		}
	}
}

// What cannot be done is said, and nothing is recorded.
func TestErrors(t *testing.T) {
	inTemp(t)
	for command, want := range map[string]string{
		"":                     "no role",
		"sing":                 `no role "sing"`,
		"record a b":           "one file at most",
		"record none.txt":      "none.txt",
		"follow 1":             "too much",
		"ask":                  "about one name",
		"copy":                 "to one place",
		"ask -db none://x Tom": "none",
		"ask Tom":              "no file story.db",
		"follow":               "no file story.db",
		"copy to.db":           "no file story.db",
		"ask -no-flag Tom":     "no-flag",
	} {
		out := shell(t, words(command)...)
		if !strings.Contains(out, want) {
			t.Errorf("%q says %q, want %q in it", command, out, want)
		}
	}
	if made, _ := filepath.Glob("*.db*"); made != nil {
		t.Errorf("%q are made", made)
	}
	shell(t, "record", "story.txt")
	if out := shell(t, "ask", "Vale Shipping"); !strings.Contains(out, `nobody is registered under the key "Vale Shipping"`) || strings.Contains(out, "As of") {
		t.Errorf("who asks for an organisation as for a person is told %q", out)
	}
	long := strings.Repeat("#", bufio.MaxScanTokenSize)
	if err := os.WriteFile("long.txt", []byte("#\n"+long), 0o666); err != nil {
		t.Fatal(err)
	}
	if out := shell(t, "record", "long.txt"); !strings.Contains(out, "long.txt:2: the line is too long") {
		t.Errorf("a long line: %s", out)
	}
}

// unreadable is a store that fails when a record is read by itself.
type unreadable struct{ *events.Mem }

var errServer = errors.New("the server is gone")

func (unreadable) Read(context.Context, events.Seq) ([]byte, error) { return nil, errServer }

// A store that fails while a line is built is not the line's fault: the desk stops there, and
// counts no line as refused.
func TestStoreFailsAtALine(t *testing.T) {
	record := func(store events.Store) (out string, err error) {
		g, err := graph.Open(t.Context(), store, &graph.Options{Now: stopped})
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		var printed strings.Builder
		d := &desk{out: &printed, now: stopped, name: "desk"}
		const line = "Ada Brandt | meet | Tom Vale | | https://gazette.example/12\n"
		err = d.recordLines(t.Context(), g, strings.NewReader(line+line), "lines")
		return printed.String(), err
	}
	store := events.NewMem()
	if out, err := record(store); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	// What the line says of its source is compared with what the record has.
	out, err := record(unreadable{store})
	if !errors.Is(err, errServer) || !strings.HasPrefix(err.Error(), "lines:1:") || out != "" {
		t.Errorf("it prints %q and ends with: %v; want nothing, and the store's error at lines:1", out, err)
	}
}
