package find_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	sqlite3 "github.com/ncruces/go-sqlite3"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/sqlite"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/seed"
	"github.com/onrecord/onrecord/query/find"
)

// words are what the statements of a harbour record are written with.
var words = strings.Fields("harbour ship crane minister letter envoy bridge winter market river " +
	"гавань корабль министр письмо мост 港口 大臣 手紙 橋 สะพาน จดหมาย ميناء رسالة")

// harbour records statements, names and titles out of words, in several batches.
func harbour(t testing.TB, g *graph.Graph, statements int) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, uint64(statements)))
	sentence := func(n int) string {
		s := make([]string, n)
		for i := range s {
			s[i] = words[r.IntN(len(words))]
		}
		return strings.Join(s, " ")
	}
	for from := 0; from < statements; from += 500 {
		b := events.NewBatch("desk")
		who := b.Person(fmt.Sprintf("%s Person %d", words[r.IntN(len(words))], r.IntN(50)))
		src := b.Source(fmt.Sprint("https://example.org/", from)).By(who)
		src.Title(sentence(4))
		for range min(500, statements-from) {
			src.Says("mention", who).Gloss(sentence(12))
		}
		record(t, g, b)
	}
}

// everything asks an index for much of what it holds.
func everything(t testing.TB, x *find.Index, v graph.View) (all []uuid.UUID) {
	t.Helper()
	for i, w := range words {
		if i%3 > 0 {
			continue
		}
		var some []uuid.UUID
		for h, err := range x.Statements(ctx, v, w, nil) {
			if err != nil {
				t.Fatal(err)
			}
			some = append(some, h.ID)
		}
		for h, err := range x.Sources(ctx, v, w, nil) {
			if err != nil {
				t.Fatal(err)
			}
			some = append(some, h.ID)
		}
		for h, err := range x.Entities(ctx, v, w, nil) {
			if err != nil {
				t.Fatal(err)
			}
			some = append(some, h.ID)
		}
		all = append(all, some...)
	}
	return all
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func write(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// An index that was closed goes on where it ended, and answers as a new one does.
func TestReopen(t *testing.T) {
	g := newGraph(t, events.NewMem())
	harbour(t, g, 200)
	path := file(t)
	x := open(t, g, path)
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + "-wal"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the log is left: %v", err)
	}
	before := read(t, path)
	x = open(t, g, path)
	x.Close()
	if !bytes.Equal(before, read(t, path)) {
		t.Error("the file changed although nothing was recorded")
	}
	harbour(t, g, 100)
	x = open(t, g, path)
	want := everything(t, open(t, g, ""), g.View(nil))
	if got := everything(t, x, g.View(nil)); !slices.Equal(got, want) || len(got) == 0 {
		t.Errorf("it finds %d things, a new index %d", len(got), len(want))
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if err := x.Close(); !errors.Is(err, find.ErrClosed) {
		t.Errorf("closed twice: %v", err)
	}
	if err := x.Refresh(ctx); !errors.Is(err, find.ErrClosed) {
		t.Errorf("refreshed after it was closed: %v", err)
	}
	for _, err := range x.Statements(ctx, g.View(nil), "ship", nil) {
		if !errors.Is(err, find.ErrClosed) {
			t.Errorf("asked after it was closed: %v", err)
		}
	}
}

// A process that was killed leaves a log behind. What it had taken in is there.
func TestKilled(t *testing.T) {
	store := events.NewMem()
	g := newGraph(t, store)
	harbour(t, g, 200)
	path, copied := file(t), file(t)
	x := open(t, g, path)
	want := everything(t, x, g.View(nil))
	for _, suffix := range []string{"", "-wal"} {
		write(t, copied+suffix, read(t, path+suffix))
	}
	y := open(t, g, copied)
	if got := everything(t, y, g.View(nil)); !slices.Equal(got, want) {
		t.Errorf("it finds %d things, want %d", len(got), len(want))
	}
}

// What the file holds of another record, or of an older one, does not count.
func TestOtherRecord(t *testing.T) {
	path := file(t)
	names := func(text ...string) *graph.Graph {
		g := newGraph(t, events.NewMem())
		for i, s := range text {
			// The ids are the same in each record.
			batch := &events.Batch{Recorder: "desk", Events: []events.Event{{ID: events.Key("event", fmt.Sprint(i)),
				Body: &events.EntityRegistered{Entity: events.Entity{ID: events.Key("entity", fmt.Sprint(i)), Kind: events.Person, Name: events.Name{Text: s}}}}}}
			if _, err := g.Record(ctx, batch); err != nil {
				t.Fatal(err)
			}
		}
		return g
	}
	finds := func(g *graph.Graph, name string, want int) {
		t.Helper()
		x := open(t, g, path)
		n := 0
		for _, err := range x.Entities(ctx, g.View(nil), name, nil) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		if n != want {
			t.Errorf("%q: %d found, want %d", name, n, want)
		}
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
	}
	one := names("Ada Brandt", "Tom Vale")
	finds(one, "Ada Brandt", 1)
	two := names("Rolf Sand", "Tom Vale")
	finds(two, "Rolf Sand", 1)
	if bytes.Contains(read(t, path), []byte("brandt")) {
		t.Error("the other record's words are in the file")
	}
	finds(two, "Ada Brandt", 0)
	finds(names("Rolf Sand"), "Rolf Sand", 1)                // shorter than the index
	finds(names("Rolf Sand", "Ada Brandt"), "Ada Brandt", 1) // the same up to there, and on
	finds(names("Rolf Sand"), "Ada Brandt", 0)
	finds(names(), "Rolf Sand", 0)

	// Of another version of this package.
	for _, version := range []string{"1", "99"} {
		finds(one, "Tom Vale", 1)
		db, err := sqlite3.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Exec(`PRAGMA user_version = ` + version); err != nil {
			t.Fatal(err)
		}
		db.Close()
		finds(one, "Tom Vale", 1)
		if now := read(t, path)[60:64]; !bytes.Equal(now, []byte{0, 0, 0, 3}) {
			t.Errorf("made by version %s, it has now the version %d", version, now)
		}
	}
}

// A graph that has not yet seen what the index has is refreshed, not the index
// dropped.
func TestBehind(t *testing.T) {
	store := events.NewMem()
	g, behind := newGraph(t, store), newGraph(t, store)
	harbour(t, g, 100)
	path := file(t)
	if err := open(t, g, path).Close(); err != nil {
		t.Fatal(err)
	}
	before := read(t, path)
	if err := open(t, behind, path).Close(); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, read(t, path)) || behind.View(nil).Position() != g.View(nil).Position() {
		t.Error("the index was made anew")
	}
}

// Damage of any kind costs time and nothing else.
func TestDamage(t *testing.T) {
	g := newGraph(t, events.NewMem())
	harbour(t, g, 60)
	whole := file(t)
	x := open(t, g, whole)
	want := everything(t, x, g.View(nil))
	x.Close()
	data := read(t, whole)
	r := rand.New(rand.NewPCG(7, 7))
	path := file(t)
	try := func(what string, data []byte) {
		t.Helper()
		write(t, path, data)
		x, err := find.Open(ctx, g, path)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if got := everything(t, x, g.View(nil)); !slices.Equal(got, want) {
			t.Fatalf("%s: it finds %d things, want %d", what, len(got), len(want))
		}
		if err := x.Close(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	flips, step := 15, 1
	if seed.Race { // one goroutine: what it finds it finds in a few
		flips, step = 3, 9
	}
	try("nothing cut", data)
	for _, n := range []int{0, 1, 50, 99, 4096, 4097, 8192, len(data) - 4096, len(data) - 1} {
		try(fmt.Sprint("cut to ", n), data[:n])
	}
	for range 6 {
		n := 4096 + r.IntN(len(data)-4096)
		try(fmt.Sprint("cut to ", n), data[:n])
	}
	for range flips {
		at, bit := r.IntN(len(data)), r.IntN(8)
		d := slices.Clone(data)
		d[at] ^= 1 << bit
		try(fmt.Sprintf("bit %d of byte %d flipped", bit, at), d)
	}
	for at := 0; at < 100; at += step + at%7 { // the header
		d := slices.Clone(data)
		d[at] ^= byte(1 + r.IntN(255))
		try(fmt.Sprintf("byte %d changed", at), d)
	}
}

// A log that is damaged ends there: what was taken in before is right, and the
// rest is taken in again.
func TestDamagedLog(t *testing.T) {
	g := newGraph(t, events.NewMem())
	harbour(t, g, 60)
	path := file(t)
	if err := open(t, g, path).Close(); err != nil {
		t.Fatal(err)
	}
	x := open(t, g, path)
	for range 4 {
		harbour(t, g, 20)
		if err := x.Refresh(ctx); err != nil {
			t.Fatal(err)
		}
	}
	want := everything(t, x, g.View(nil))
	main, log := read(t, path), read(t, path+"-wal")
	if len(log) == 0 {
		t.Fatal("there is no log")
	}
	r := rand.New(rand.NewPCG(3, 9))
	for i := range 10 {
		copied := file(t)
		write(t, copied, main)
		d := slices.Clone(log)
		at := r.IntN(len(d))
		if i%2 == 0 {
			d = d[:at]
		} else {
			d[at] ^= 1
		}
		write(t, copied+"-wal", d)
		y := open(t, g, copied)
		if got := everything(t, y, g.View(nil)); !slices.Equal(got, want) {
			t.Fatalf("a log of %d bytes, damaged at %d: it finds %d things, want %d", len(log), at, len(got), len(want))
		}
		y.Close()
	}
}

// Damage that comes while the index is open.
func TestDamageWhileOpen(t *testing.T) {
	g := newGraph(t, events.NewMem())
	harbour(t, g, 400)
	path := file(t)
	x := open(t, g, path)
	want := everything(t, x, g.View(nil))
	x.Close()
	x = open(t, g, path) // nothing of it is in memory yet
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	for at := int64(3 * 4096); at < info.Size(); at += 3 * 4096 {
		if _, err := f.WriteAt([]byte("damage"), at+1000); err != nil {
			t.Fatal(err)
		}
	}
	f.Close()
	if got := everything(t, x, g.View(nil)); !slices.Equal(got, want) {
		t.Errorf("it finds %d things, want %d", len(got), len(want))
	}
}

// A file that is something else is refused, and stays as it is.
func TestNotAnIndex(t *testing.T) {
	g := newGraph(t, events.NewMem())
	harbour(t, g, 10)
	dir := t.TempDir()
	record := filepath.Join(dir, "story.db")
	store, err := sqlite.Open(record, nil)
	if err != nil {
		t.Fatal(err)
	}
	own := newGraph(t, store)
	harbour(t, own, 10)
	own.Close()
	store.Close()
	text := filepath.Join(dir, "notes.txt")
	write(t, text, []byte("what I heard"))
	zeros := filepath.Join(dir, "zeros")
	write(t, zeros, make([]byte, 9000))
	about := filepath.Join(dir, "about.txt")
	write(t, about, []byte("An index of package find has a table onrecord_find_state."))
	id := filepath.Join(dir, "id")
	write(t, id, []byte(strings.Repeat("-", 68)+"ORfi, but neither SQLite's nor with the table"))
	for _, path := range []string{record, text, zeros, about, id} {
		before := read(t, path)
		if _, err := find.Open(ctx, g, path); !errors.Is(err, find.ErrNotIndex) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
		if !bytes.Equal(before, read(t, path)) {
			t.Errorf("%s was changed", path)
		}
		if _, err := os.Stat(path + "-lock"); err == nil {
			t.Errorf("%s has a lock beside it", path)
		}
	}
	if _, err := find.Open(ctx, g, dir); !errors.Is(err, find.ErrNotIndex) {
		t.Errorf("a directory: %v", err)
	}
	if _, err := find.Open(ctx, g, filepath.Join(dir, "no", "find.db")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no directory: %v", err)
	}
}

const helperPath = "FIND_TEST_PATH"

// TestHelper is the other process of TestInUse.
func TestHelper(t *testing.T) {
	path := os.Getenv(helperPath)
	if path == "" {
		t.Skip("for TestInUse")
	}
	_, err := find.Open(ctx, newGraph(t, events.NewMem()), path)
	if !errors.Is(err, find.ErrInUse) {
		t.Errorf("in another process: %v", err)
	}
}

// One Index at a time has a file, by whatever name.
func TestInUse(t *testing.T) {
	g := newGraph(t, events.NewMem())
	harbour(t, g, 50)
	path := file(t)
	x := open(t, g, path)
	want := everything(t, x, g.View(nil))
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(path, link); err != nil {
		t.Log("no symbolic links here:", err)
		link = path
	}
	for _, p := range []string{path, link} {
		if _, err := find.Open(ctx, g, p); !errors.Is(err, find.ErrInUse) {
			t.Errorf("opened twice: %v", err)
		}
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestHelper$", "-test.v")
	cmd.Env = append(os.Environ(), helperPath+"="+path)
	if out, err := cmd.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS: TestHelper")) {
		t.Errorf("%v\n%s", err, out)
	}
	if got := everything(t, x, g.View(nil)); !slices.Equal(got, want) {
		t.Error("it finds something else")
	}
	x.Close()
	open(t, g, link).Close()
}

// What is redacted is not found in any view, and no byte of it is left.
func TestRedacted(t *testing.T) {
	for _, reopen := range []bool{false, true} {
		g := newGraph(t, events.NewMem())
		harbour(t, g, 150)
		b := events.NewBatch("desk")
		who := b.Person("Zebedee Quagmire")
		src := b.Source("https://example.org/secret").By(who)
		src.Title("Xylophone affair")
		src.Quotes(who, "I hid the kumquats", "hide", who.As("Jabberwock")).Gloss("bandersnatch 葡萄")
		batch, err := b.Batch()
		if err != nil {
			t.Fatal(err)
		}
		receipt, err := g.Record(ctx, batch)
		if err != nil {
			t.Fatal(err)
		}
		harbour(t, g, 200)
		path := file(t)
		x := open(t, g, path)
		old := g.View(&graph.Lens{AsOf: receipt.Position})
		finds := func(v graph.View, want int) {
			t.Helper()
			n := 0
			for _, asked := range []string{"kumquats", "jabberwock", "bander*", "葡萄"} {
				for _, err := range x.Statements(ctx, v, asked, nil) {
					if err != nil {
						t.Fatal(err)
					}
					n++
				}
			}
			for _, err := range x.Entities(ctx, v, "Quagmire", nil) {
				if err != nil {
					t.Fatal(err)
				}
				n++
			}
			for _, err := range x.Sources(ctx, v, "Xylophone", nil) {
				if err != nil {
					t.Fatal(err)
				}
				n++
			}
			if n != want {
				t.Errorf("%d found, want %d", n, want)
			}
		}
		finds(old, 6)
		secrets := []string{"quagmire", "xylophone", "kumquats", "jabberwock", "bandersnatch", "葡", "spt", "kkmr"}
		left := func() (left []string) {
			for _, suffix := range []string{"", "-wal", "-journal"} {
				data, err := os.ReadFile(path + suffix)
				if err != nil && !errors.Is(err, os.ErrNotExist) {
					t.Fatal(err)
				}
				for _, s := range secrets {
					if bytes.Contains(data, []byte(s)) {
						left = append(left, s+suffix)
					}
				}
			}
			return left
		}
		if n := len(left()); n < 5 { // FTS5 leaves out how a word begins like the one before
			t.Fatalf("only %q can be seen in the file, so that their absence says nothing", left())
		}
		secrets = left()
		for i := range secrets {
			secrets[i] = strings.TrimSuffix(secrets[i], "-wal")
		}
		hidden := events.Batch{Recorder: "court"}
		for i, e := range batch.Events {
			switch e.Kind() {
			case events.KindEntityRegistered, events.KindSourceAdded, events.KindStatementRecorded:
				hidden.Events = append(hidden.Events, events.Event{ID: events.Key("redaction", fmt.Sprint(i)), Body: &events.Redacted{Event: e.ID}})
			}
		}
		if _, err := g.Record(ctx, &hidden); err != nil {
			t.Fatal(err)
		}
		finds(old, 0) // before the index knows
		if reopen {
			x.Close()
			x = open(t, g, path)
		}
		finds(g.View(nil), 0)
		if l := left(); len(l) > 0 {
			t.Errorf("%q are left in the file (reopened: %v)", l, reopen)
		}
		want := everything(t, open(t, g, ""), g.View(nil))
		if got := everything(t, x, g.View(nil)); !slices.Equal(got, want) {
			t.Error("what was not redacted is found differently")
		}
	}
}

// A context that ends before the file has been written anew leaves bytes of what was
// redacted in it. The next taking in removes them, whether there is something to take
// in or not, and so does Open.
func TestRedactedUnfinished(t *testing.T) {
	g := newGraph(t, events.NewMem())
	harbour(t, g, 100)
	path := file(t)
	x := open(t, g, path)
	refresh := func() {
		t.Helper()
		if err := x.Refresh(ctx); err != nil {
			t.Error(err)
		}
	}
	// redact has a statement with the word taken in, and its redaction while the
	// context ends after so many looks. It returns how many were left.
	redact := func(word string, looks int) int {
		b := events.NewBatch("desk")
		id := b.Source("https://example.org/secret").By(b.Person("Ada Brandt")).Says("resign", b.Person("Tom Vale")).Gloss(word).ID()
		record(t, g, b)
		refresh()
		hidden := events.Batch{Recorder: "court", Events: []events.Event{{ID: events.Key("redaction", word), Body: &events.Redacted{Event: id}}}}
		if _, err := g.Record(ctx, &hidden); err != nil {
			t.Fatal(err)
		}
		short := &countdown{left: looks}
		short.Context, short.cancel = context.WithCancel(ctx)
		defer short.cancel()
		if err := x.Refresh(short); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		return short.left
	}
	for i, c := range []struct {
		next string
		do   func()
	}{
		{"refresh", refresh},
		{"record and refresh", func() { harbour(t, g, 10); refresh() }},
		{"reopen", func() { x.Close(); x = open(t, g, path) }},
		{"record and reopen", func() { x.Close(); harbour(t, g, 10); x = open(t, g, path) }},
	} {
		unfinished := 0
		for back := 1; back < 6; back++ {
			word := fmt.Sprintf("%dkumquat%d", i, back)
			const many = 1 << 20
			looks := many - redact("another "+word, many)
			redact(word, looks-back)
			if n, err := x.Leaves(); err != nil || n == 0 {
				if err != nil {
					t.Fatal(err)
				}
				refresh()
				continue
			}
			unfinished++
			c.do()
			for _, suffix := range []string{"", "-wal"} {
				data, err := os.ReadFile(path + suffix)
				if err != nil && !errors.Is(err, os.ErrNotExist) {
					t.Fatal(err)
				}
				if bytes.Contains(data, []byte(word)) {
					t.Errorf("%s, %d looks before the end: %s is in the file%s", c.next, back, word, suffix)
				}
			}
			if n, err := x.Leaves(); err != nil || n != 0 {
				t.Errorf("%s, %d looks before the end: %d entries leave bytes (%v)", c.next, back, n, err)
			}
		}
		if unfinished == 0 {
			t.Errorf("%s: no redaction was taken in and then left unfinished", c.next)
		}
	}
}

// A context that ends while a record is taken in leaves the index usable.
func TestCancelled(t *testing.T) {
	g := newGraph(t, events.NewMem())
	harbour(t, g, 300)
	x := open(t, g, "")
	harbour(t, g, 300)
	for looks := range 14 {
		short, cancel := endAfter(looks * looks)
		err := x.Refresh(short)
		if err != nil && !errors.Is(err, short.Err()) {
			t.Errorf("%v", err)
		}
		for _, err := range x.Statements(short, g.View(nil), "ship", nil) {
			if err != nil && !errors.Is(err, short.Err()) {
				t.Errorf("%v", err)
			}
		}
		cancel()
	}
	want := everything(t, open(t, g, ""), g.View(nil))
	if got := everything(t, x, g.View(nil)); !slices.Equal(got, want) {
		t.Error("after that it finds something else")
	}
}

// countdown is a context that ends when it has been looked at so often.
type countdown struct {
	context.Context
	cancel context.CancelFunc
	left   int
}

func endAfter(looks int) (context.Context, context.CancelFunc) {
	c, cancel := context.WithCancel(ctx)
	return &countdown{c, cancel, looks}, cancel
}

func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		c.cancel()
	}
	return c.Context.Err()
}
