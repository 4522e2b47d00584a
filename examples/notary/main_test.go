package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode"

	"filippo.io/age"
	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/jsonl"
	"github.com/onrecord/onrecord/events/keys"
	"github.com/onrecord/onrecord/events/keys/agewrap"
	"github.com/onrecord/onrecord/events/sqlite"
	"github.com/onrecord/onrecord/graph"
)

var update = flag.Bool("update", false, "write what the commands in README.md print")

// story makes the record of examples/witkoff in the working directory.
func story(t *testing.T, root string) {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "run", "./examples/witkoff", "-db", filepath.Join(dir, "story.db"))
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, out)
	}
}

// inTemp moves the test to a directory of its own and returns the module's root.
func inTemp(t *testing.T) (root string) {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	return root
}

// shell runs a command as a shell would show it. Keys are made from a fixed seed.
func shell(t *testing.T, n *notary, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	n.out = &out
	if err := n.run(t.Context(), args); err != nil {
		fmt.Fprintf(&out, "notary: %v\n[exit status %d]\n", err, exitCode(err))
	}
	return out.String()
}

func seeded() *notary { return &notary{random: rand.NewChaCha8([32]byte{1})} }

// TestREADME runs the session that the README shows.
func TestREADME(t *testing.T) {
	const file = "README.md"
	readme, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	root, n := inTemp(t), seeded()
	commands := 0
	got := regexp.MustCompile("(?ms)^```console\n(.*?)^```$").ReplaceAllStringFunc(string(text), func(block string) string {
		var b strings.Builder
		b.WriteString("```console\n")
		for line := range strings.Lines(block) {
			command, ok := strings.CutPrefix(strings.TrimSpace(line), "$ ")
			if !ok {
				continue
			}
			commands++
			fmt.Fprintf(&b, "$ %s\n", command)
			switch words := strings.Fields(command); words[0] {
			case "notary":
				b.WriteString(shell(t, n, words[1:]...))
			case "go":
				story(t, root)
			default:
				t.Errorf("who is to run %q?", command)
			}
		}
		return b.String() + "```"
	})
	if commands < 10 {
		t.Fatalf("the README has %d commands", commands)
	}
	if *update {
		if err := os.WriteFile(readme, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	} else if got != string(text) {
		t.Errorf("%s would be (-update writes it):\n%s", file, got)
	}
	if !strings.Contains(got, strings.TrimSuffix(usage, "\n")) {
		t.Error("it does not show the usage")
	}
}

// A script can tell what went wrong.
func TestExitCodes(t *testing.T) {
	root, n := inTemp(t), seeded()
	story(t, root)
	for _, args := range [][]string{
		{"key", "desk.example/story", "desk"}, {"key", "other.example/story", "other"},
		{"sign", "story.db", "checkpoint", "-key", "desk.secret"},
		{"prove", "story.db", "8dc4c7fa-7b98-5f4f-b5ba-d29fd3002db9", "proof", "-checkpoint", "checkpoint"},
		{"export", "story.db", "story.jsonl"},
	} {
		if out := shell(t, n, args...); strings.Contains(out, "exit status") {
			t.Fatalf("%q: %s", args, out)
		}
	}
	for _, private := range []string{"story.jsonl", "desk.secret"} {
		if info := must(os.Stat(private)); runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s is its owner's, and open for others: %v", private, info.Mode())
		}
	}
	damaged, err := os.ReadFile("story.db")
	if err != nil {
		t.Fatal(err)
	}
	damaged[bytes.Index(damaged, []byte("Whitkoff"))]++
	lines, err := os.ReadFile("story.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	proof, err := os.ReadFile("proof")
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(
		os.WriteFile("damaged.db", damaged, 0o600),
		os.WriteFile("empty.db", nil, 0o600),
		os.WriteFile("lost.db", nil, 0o600),
		os.WriteFile("lost.db-wal", []byte("what the record says"), 0o600),
		os.WriteFile("text", []byte("text"), 0o600),
		os.WriteFile("half.public", []byte("text"), 0o600),
		os.WriteFile("large", make([]byte, 9<<20), 0o600),
		os.WriteFile("forged.jsonl", bytes.Replace(lines, []byte(`"Whitkoff"`), []byte(`"Witkoff"`), 1), 0o600),
		os.WriteFile("cut.jsonl", lines[:len(lines)-10], 0o600),
		os.WriteFile("forged.proof", bytes.Replace(proof, []byte("index 67"), []byte("index 68"), 1), 0o600),
	)
	if err != nil {
		t.Fatal(err)
	}
	other := must(sqlite.Open("other.db", nil))
	g := must(graph.Open(t.Context(), other, nil))
	b := events.NewBatch("desk")
	b.Person("Ada Brandt")
	must(g.Record(t.Context(), must(b.Batch())))
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	newer := must(sqlite.Open("newer.db", nil))
	if _, err := newer.Append(t.Context(), 0, inVersion3(t, must(other.Read(t.Context(), 1)))); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(newer.Close(), other.Close()); err != nil {
		t.Fatal(err)
	}

	sealed := must(sqlite.Open("sealed.db", nil))
	g = must(graph.Open(t.Context(), sealed, &graph.Options{Keys: events.NewMemKeys()}))
	secret := g.NewBatch(t.Context(), "desk")
	secret.Person("Ann")
	must(g.Record(t.Context(), must(secret.Batch())))
	first := must(sealed.Read(t.Context(), 1))
	if err := errors.Join(g.Close(), sealed.Close()); err != nil {
		t.Fatal(err)
	}
	if out := shell(t, n, "sign", "sealed.db", "sealed.checkpoint", "-key", "desk.secret"); out != "" {
		t.Fatal(out)
	}

	mixed := must(sqlite.Open("mixed.db", nil))
	raw := events.NewRecord(2, 2, sha256.Sum256(first))
	if err := raw.Add(time.Unix(0, 0), "desk", must(events.EncodeBatch(must(b.Batch())))); err != nil {
		t.Fatal(err)
	}
	must(mixed.Append(t.Context(), 0, first))
	must(mixed.Append(t.Context(), 1, raw.Bytes()))
	if err := mixed.Close(); err != nil {
		t.Fatal(err)
	}

	junk := must(sqlite.Open("junk.db", nil))
	raw = events.NewRecord(1, 1, [32]byte{})
	id := uuid.Must(uuid.NewV7())
	if err := raw.Add(time.Unix(0, 0), "desk", []events.Encoded{{ID: id, Kind: events.KindStatementsLinked, Payload: []byte("junk")}}); err != nil {
		t.Fatal(err)
	}
	must(junk.Append(t.Context(), 0, raw.Bytes()))
	if err := junk.Close(); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{"sign junk.db junk.checkpoint -key desk.secret", "prove junk.db " + id.String() + " junk.proof -checkpoint junk.checkpoint"} {
		if out := shell(t, n, strings.Fields(args)...); out != "" {
			t.Fatal(out)
		}
	}

	for _, c := range []struct {
		code int
		args string
		says string
	}{
		{0, "help", "usage: notary"},
		{0, "verify -h", "usage: notary"},
		{2, "", "no command"},
		{2, "verfy story.db", `no command "verfy"`},
		{2, "verify", "verify takes 1 argument, and here are 0"},
		{2, "export a b c", "1 or 2 arguments, and here are 3"},
		{2, "verify story.db -x", "flag provided but not defined"},
		{2, "verify story.db -key desk.public", "-checkpoint and -key go together"},
		{2, "sign story.db", "-key is missing, a file with a secret key"},
		{2, "sign story.db -key=", "sign: -key is empty"},
		{2, "verify story.db -checkpoint= -key=", "is empty: give it a value or leave it out"},
		{2, "prove story.db 00000000-0000-0000-0000-000000000001 -checkpoint checkpoint -reveal=", "prove: -reveal is empty"},
		{2, "prove story.db 00000000-0000-0000-0000-000000000001 -checkpoint checkpoint -identity=", "prove: -identity is empty"},
		{2, "list story.db -n=", "list: -n is empty"},
		{2, "prove story.db S1 -checkpoint checkpoint", `"S1" is not an id`},
		{2, "check proof", "-key is missing"},

		{2, "list story.db -n all", `-n is "all", want how many events`},
		{2, "list story.db -n -1", `-n is "-1", want how many events`},
		{0, "list story.db -n 1", "6\tStatementRecorded\t99852f1a-884f-5348-a811-3437cbfdc79e\tset_window: Trump gives fifty days\n"},
		{0, "list sealed.db", "\t(sealed)\n"},
		{1, "list damaged.db", "record 1: checksum"},
		{1, "list junk.db", "record 1"},

		{1, "verify damaged.db", "record 1: checksum"},
		{4, "verify sealed.db", "sealed.db is whole: 1 events in 1 records; what they say is sealed, and has not been checked"},
		{4, "verify sealed.db -checkpoint sealed.checkpoint -key desk.public", "holds, for the first 1 of 1 events"},
		{1, "verify sealed.db -checkpoint checkpoint -key desk.public", "the record has 1 events, the checkpoint 141"},
		{1, "head damaged.db", "checksum"},
		{1, "verify text", "not an SQLite file"},
		{1, "verify lost.db", "lost.db-wal"},
		{1, "verify newer.db", "a newer release wrote it"},
		{1, "head newer.db", "a newer release wrote it"},
		{1, "sign newer.db -key desk.secret", "a newer release wrote it"},
		{1, "export newer.db", "a newer release wrote it"},
		{1, "export damaged.db damaged.jsonl", "record 1"},
		{1, "export mixed.db mixed.jsonl", "record 2 is sealed with keys 00000000"},
		{1, "verify mixed.db", "not sealed"},
		{1, "head mixed.db", "not sealed"},
		{1, "sign mixed.db -key desk.secret", "not sealed"},
		{1, "verify other.db -checkpoint checkpoint -key desk.public", "the record has 1 events, the checkpoint 141"},
		{1, "verify story.db -checkpoint checkpoint -key other.public", "its origin is"},
		{1, "verify story.db -checkpoint proof -key desk.public", "proof: "},
		{1, "verify story.db -checkpoint checkpoint -key desk.secret", "has no public key"},
		{1, "sign story.db -key desk.public", "has no secret key"},
		{1, "key a+b x", "cannot be the name of a record"},
		{1, "key desk.example/story desk", "desk.secret: file exists"},
		{1, "key desk.example/story half", "half.public: file exists"},
		{1, "sign story.db -key large", "large has more than 8388608 bytes"},
		{1, "prove story.db 00000000-0000-0000-0000-000000000001 -checkpoint checkpoint", "no statement or other event"},
		{1, "prove other.db " + must(b.Batch()).Events[0].ID.String() + " -checkpoint checkpoint", "the tree is behind the checkpoint"},
		{1, "check proof -key other.public", "is not proved"},
		{1, "check forged.proof -key desk.public", "is not proved"},
		{1, "check text -key desk.public", "it begins with"},
		{1, "backup story.db other.db", "file already exists"},
		{1, "export story.db story.jsonl", "file exists"},
		{1, "check junk.proof -key desk.public", "is in the record that was signed for, but what it says cannot be read"},
		{1, "check . -key desk.public", ". is not a file (d"},
		{1, "check proof -key .", ". is not a file (d"},
		{1, "import . new.db", ". is not a file (d"},
		{1, "import empty.db new.db", "line 1: after 0 bytes"},
		{1, "import text new.db", "line 1"},
		{1, "import forged.jsonl new.db", `is "Witkoff", the bytes say "Whitkoff"`},
		{1, "import cut.jsonl new.db", "line 7"},
		{1, "import story.jsonl other.db", "the store has another record"},

		{3, "verify none.db", "none.db: no such file"},
		{3, "verify empty.db", "empty.db: the file has no record yet"},
		{3, "backup story.db none/to.db", "no such file"},
		{3, "export story.db none/to", "no such file"},
		{3, "import none new.db", "no such file"},
		{3, "check none -key desk.public", "no such file"},
		{3, "check proof -key none", "no such file"},
	} {
		before := files(t)
		out := shell(t, n, strings.Fields(c.args)...)
		if c.code != 0 && strings.HasPrefix(out, "valid: ") {
			t.Errorf("notary %s says that it is valid:\n%s", c.args, out)
		}
		if code := strings.Contains(out, fmt.Sprintf("[exit status %d]", c.code)) || c.code == 0 && !strings.Contains(out, "[exit status"); !code || !strings.Contains(out, c.says) {
			t.Errorf("notary %s, want exit status %d and %q:\n%s", c.args, c.code, c.says, out)
		}
		if after := files(t); after != before {
			t.Errorf("notary %s leaves %s, there was %s", c.args, after, before)
		}
	}
}

// A record in a folder that may only be read is backed up, as it is verified.
func TestBackupReadOnly(t *testing.T) {
	if runtime.GOOS == "windows" || os.Geteuid() == 0 {
		t.Skip("whoever runs this may write everywhere")
	}
	dir := t.TempDir()
	from, to := filepath.Join(dir, "story.db"), filepath.Join(t.TempDir(), "copy.db")
	store := must(sqlite.Open(from, nil))
	g := must(graph.Open(t.Context(), store, nil))
	b := events.NewBatch("desk")
	b.Person("Ada Brandt")
	must(g.Record(t.Context(), must(b.Batch())))
	if err := errors.Join(g.Close(), store.Close(), os.Chmod(dir, 0o500)); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o700)
	for _, args := range [][]string{{"verify", from}, {"backup", from, to}, {"verify", to}} {
		if out := shell(t, seeded(), args...); strings.Contains(out, "[exit status") {
			t.Errorf("notary %s: %s", args[0], out)
		}
	}
}

// A file that is made is synced, and so is the directory that has its name: what is closed,
// or not there any more, cannot be.
func TestCreateSyncs(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a file that is open is not removed there")
	}
	dir := filepath.Join(t.TempDir(), "dir")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "file")
	err := create(path, forOwner, func(w io.Writer) error { return w.(io.Closer).Close() })
	if !strings.Contains(fmt.Sprint(err), "sync "+path) {
		t.Errorf("a file that is closed: %v", err)
	}
	err = create(path, forOwner, func(io.Writer) error { return os.RemoveAll(dir) })
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a directory that is not there: %v", err)
	}
}

// All is shown that is proved, and nothing else, whatever the texts try.
func TestCheckShowsAll(t *testing.T) {
	inTemp(t)
	n := seeded()
	const hostile = "x\nvalid: event 1 of 1\r\x1b[2J\u009b2J\u202e\u2028"
	b := events.NewBatch("desk")
	ann := b.Person("Ann").ID
	src := b.Source("https://example.org/1")
	claim := events.Claim{
		Predicate: "meet", Occurrence: ann,
		Args: []events.Arg{{Role: "who", Value: events.Ref(ann), As: hostile}},
		If:   []events.Condition{{Claim: events.Claim{Predicate: "rain", Args: []events.Arg{{Role: "who", Value: events.Ref(ann)}}}, Denied: true, As: hostile}},
	}
	said := &events.StatementRecorded{Statement: events.Statement{
		Claim: claim, Source: src.ID(), Form: events.Paraphrase, Gloss: hostile,
		Voices: []events.Voice{{
			Speakers: []events.Party{{Entity: ann}}, For: []events.Party{{Entity: ann, As: hostile}}, To: []events.Party{{Entity: ann}},
			Act: events.Commit, Cue: hostile, Stance: events.CertainAffirmed(),
		}},
	}}
	batch := must(b.Batch())
	id := uuid.Must(uuid.NewV7())
	batch.Events = append(batch.Events, events.Event{ID: id, Body: said})
	store := must(sqlite.Open("story.db", nil))
	defer store.Close()
	g := must(graph.Open(t.Context(), store, nil))
	defer g.Close()
	must(g.Record(t.Context(), batch))
	for _, args := range [][]string{
		{"key", "desk.example/story", "desk"}, {"sign", "story.db", "checkpoint", "-key", "desk.secret"},
		{"prove", "story.db", id.String(), "proof", "-checkpoint", "checkpoint"},
	} {
		if out := shell(t, n, args...); strings.Contains(out, "exit status") {
			t.Fatalf("%q: %s", args, out)
		}
	}
	out := shell(t, n, "check", "proof", "-key", "desk.public")
	if i := strings.IndexFunc(out, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }); i >= 0 || strings.Contains(out, "\nvalid: event 1 of") {
		t.Errorf("a text has its way:\n%q", out)
	}
	lines := strings.SplitN(out, "\n", 5)
	var was, is any
	if err := errors.Join(json.Unmarshal(jsonl.Body(said), &was), json.Unmarshal([]byte(lines[4]), &is)); err != nil || !reflect.DeepEqual(was, is) {
		t.Errorf("%v: it shows %s, want %s", err, lines[4], jsonl.Body(said))
	}
}

// What is redacted is listed and proved without its words, which are in the record. What an
// entity is registered by is found by the entity's id, if there is one such event.
func TestList(t *testing.T) {
	inTemp(t)
	n := seeded()
	store := must(sqlite.Open("story.db", nil))
	defer store.Close()
	g := must(graph.Open(t.Context(), store, nil))
	defer g.Close()
	b := events.NewBatch("desk")
	ann, ben := b.Person("Ann").ID, b.Person("Ben of"+strings.Repeat(" the river", 20)).ID
	src := b.Source("https://example.org/1")
	secret := src.Says("owe", events.EntityRef{ID: ann}).Gloss("Ann owes a secret").ID()
	kept := src.Says("owe", events.EntityRef{ID: ben}).Gloss("Ben owes\t\n\x7f").ID()
	must(g.Record(t.Context(), must(b.Batch())))
	b = events.NewBatch("desk")
	b.Redact(secret, "asked for")
	anew := uuid.Must(uuid.NewV7())
	batch := must(b.Batch())
	batch.Events = append(batch.Events, events.Event{ID: anew, Body: &events.EntityRegistered{Entity: events.Entity{ID: ann, Kind: events.Person, Name: events.Name{Text: "Anna"}}}})
	must(g.Record(t.Context(), batch))
	out := shell(t, n, "list", "story.db")
	for _, want := range []string{
		"1\tStatementRecorded\t" + secret.String() + "\t(redacted)\n",
		"1\tStatementRecorded\t" + kept.String() + "\t" + `owe: Ben owes\u0009\n\u007f` + "\n",
		ann.String() + " person Ann\n", ann.String() + " person Anna\n",
		ben.String() + " person Ben of the river", "…\n",
		"\tRedacted\t", "\t" + secret.String() + "\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not show %q:\n%s", want, out)
		}
	}
	if strings.Contains(out, "a secret") {
		t.Errorf("it shows what is redacted:\n%s", out)
	}
	for line := range strings.Lines(out) {
		if strings.Count(line, "\t") != 3 {
			t.Errorf("a line has not four fields: %q", line)
		}
	}
	all := strings.SplitAfter(out, "\n")
	for n0, from := range map[string]int{"0": len(all) - 1, "2": len(all) - 3, "1000": 0} {
		if got := shell(t, n, "list", "-n", n0, "story.db"); got != strings.Join(all[from:], "") {
			t.Errorf("the last %s are:\n%s", n0, got)
		}
	}
	shell(t, n, "key", "desk.example/story", "desk")
	shell(t, n, "sign", "story.db", "checkpoint", "-key", "desk.secret")
	for _, c := range []struct{ id, says string }{
		{secret.String(), "what it says is not in the proof"},
		{kept.String(), `"Ben owes`},
		{ben.String(), "kind      EntityRegistered"},
		{src.ID().String(), "kind      SourceAdded"},
		{anew.String(), `"Anna"`},
	} {
		os.Remove("proof")
		out := shell(t, n, "prove", "story.db", c.id, "proof", "-checkpoint", "checkpoint") + shell(t, n, "check", "proof", "-key", "desk.public")
		if !strings.HasPrefix(out, "valid: ") || !strings.Contains(out, c.says) || strings.Contains(out, "a secret") {
			t.Errorf("%s is not proved to be %s:\n%s", c.id, c.says, out)
		}
	}
	os.Remove("proof")
	if out := shell(t, n, "prove", "story.db", ann.String(), "proof", "-checkpoint", "checkpoint"); !strings.Contains(out, "several events register, want the id of one") || !strings.Contains(out, anew.String()) || !strings.Contains(out, "[exit status 1]") {
		t.Errorf("one of two registrations is taken:\n%s", out)
	}
}

// With the keys, one event of an erasable record is revealed, and no other; not any more when
// it has been redacted, whatever keys are put back.
func TestReveal(t *testing.T) {
	root := inTemp(t)
	n := seeded()
	record := func(do func(*graph.Graph)) {
		k := must(keys.Open("story.keys", nil))
		defer k.Close()
		store := must(sqlite.Open("sealed.db", nil))
		defer store.Close()
		g := must(graph.Open(t.Context(), store, &graph.Options{Keys: k}))
		defer g.Close()
		do(g)
	}
	var ann, first, second uuid.UUID
	record(func(g *graph.Graph) {
		b := g.NewBatch(t.Context(), "desk")
		a := b.Person("Ann")
		src := b.Source("https://example.org/1")
		ann, first, second = a.ID, src.Says("owe", a).Gloss("Ann owes one").ID(), src.Says("owe", a).Gloss("Ann owes another").ID()
		must(g.Record(t.Context(), must(b.Batch())))
	})
	old := must(os.ReadFile("story.keys"))
	if err := must(keys.Open("other.keys", nil)).Close(); err != nil {
		t.Fatal(err)
	}
	story(t, root)
	for _, args := range []string{"key desk.example/story desk", "sign sealed.db checkpoint -key desk.secret", "sign story.db plain -key desk.secret"} {
		if out := shell(t, n, strings.Fields(args)...); strings.Contains(out, "exit status") {
			t.Fatal(out)
		}
	}
	prove := func(file string, id uuid.UUID, more ...string) (proved, says string) {
		os.Remove("proof")
		args := append([]string{"prove", file, id.String(), "proof", "-checkpoint", "checkpoint"}, more...)
		if proved = shell(t, n, args...); proved != "" {
			return proved, ""
		}
		return "", shell(t, n, "check", "proof", "-key", "desk.public")
	}
	if out, says := prove("sealed.db", first); out != "" || !strings.HasPrefix(says, "valid: ") || !strings.Contains(says, "not in the proof, or sealed") {
		t.Errorf("without keys: %s%s", out, says)
	}
	if out, says := prove("sealed.db", ann); !strings.Contains(out, "found only with -reveal KEYS") || strings.Contains(out, "none registers it") || !strings.Contains(out, "[exit status 1]") {
		t.Errorf("an entity, without keys: %s%s", out, says)
	}
	for _, c := range []struct {
		id   uuid.UUID
		says string
	}{{first, `"Ann owes one"`}, {second, `"Ann owes another"`}, {ann, "kind      EntityRegistered"}} {
		out, says := prove("sealed.db", c.id, "-reveal", "story.keys")
		if out != "" || !strings.HasPrefix(says, "valid: ") || !strings.Contains(says, c.says) {
			t.Errorf("%v revealed: %s%s", c.id, out, says)
		}
		if info := must(os.Stat("proof")); runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("what is revealed is open for others: %v", info.Mode())
		}
	}
	if out, says := prove("sealed.db", first, "-reveal", "story.keys"); out != "" || strings.Contains(says, "another") {
		t.Errorf("another event is revealed too: %s%s", out, says)
	}
	given := must(os.ReadFile("proof"))
	plain := uuid.MustParse("8dc4c7fa-7b98-5f4f-b5ba-d29fd3002db9")
	refused := func(code int, want, file string, id uuid.UUID, more ...string) {
		t.Helper()
		if out, says := prove(file, id, more...); !strings.Contains(out, want) || !strings.Contains(out, fmt.Sprintf("[exit status %d]", code)) {
			t.Errorf("%s %v %q, want exit status %d and %q: %s%s", file, id, more, code, want, out, says)
		}
		if _, err := os.Stat("proof"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("there is a proof: %v", err)
		}
	}
	refused(1, "not the keys of this record", "sealed.db", first, "-reveal", "other.keys")
	refused(1, "not a file of keys", "sealed.db", first, "-reveal", "checkpoint")
	refused(3, "no such file", "sealed.db", first, "-reveal", "none.keys")
	refused(1, "is not sealed", "story.db", plain, "-reveal", "story.keys", "-checkpoint", "plain")

	record(func(g *graph.Graph) {
		b := g.NewBatch(t.Context(), "desk")
		b.Redact(first, "asked for")
		must(g.Record(t.Context(), must(b.Batch())))
	})
	refused(1, "has been redacted", "sealed.db", first, "-reveal", "story.keys")
	now := must(os.ReadFile("story.keys"))
	if err := errors.Join(os.WriteFile("older.keys", old, 0o600), os.WriteFile("back.keys", append(old, now[len(old):]...), 0o600)); err != nil {
		t.Fatal(err)
	}
	refused(1, "older than the record", "sealed.db", first, "-reveal", "older.keys")
	refused(1, "has been redacted", "sealed.db", first, "-reveal", "back.keys")
	if out, says := prove("sealed.db", second, "-reveal", "story.keys"); out != "" || !strings.Contains(says, `"Ann owes another"`) {
		t.Errorf("another event, after the redaction: %s%s", out, says)
	}
	if err := os.WriteFile("given", given, 0o600); err != nil {
		t.Fatal(err)
	}
	if says := shell(t, n, "check", "given", "-key", "desk.public"); !strings.Contains(says, `"Ann owes one"`) {
		t.Errorf("what was given out before: %s", says)
	}
}

// Keys that are wrapped for somebody are opened with his identity, and not without.
func TestRevealWrapped(t *testing.T) {
	inTemp(t)
	n := seeded()
	his, hers := must(age.GenerateX25519Identity()), must(age.GenerateX25519Identity())
	var said uuid.UUID
	func() {
		k := must(keys.Open("story.keys", &keys.Options{Wrapper: &agewrap.Wrapper{Recipients: []age.Recipient{his.Recipient()}}}))
		defer k.Close()
		store := must(sqlite.Open("sealed.db", nil))
		defer store.Close()
		g := must(graph.Open(t.Context(), store, &graph.Options{Keys: k}))
		defer g.Close()
		b := g.NewBatch(t.Context(), "desk")
		said = b.Source("https://example.org/1").Says("owe", b.Person("Ann")).Gloss("Ann owes one").ID()
		must(g.Record(t.Context(), must(b.Batch())))
	}()
	for name, text := range map[string]string{"his": "# created: today\n" + his.String() + "\n", "hers": hers.String(), "none": "no identity"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ args, want string }{
		{"key desk.example/story desk", "desk.public"},
		{"sign sealed.db checkpoint -key desk.secret", ""},
		{"prove sealed.db " + said.String() + " -checkpoint checkpoint -identity his", "-reveal is missing"},
		{"-reveal story.keys", "the master key is wrapped"},
		{"-reveal story.keys -identity hers", "unwrap the master key"},
		{"-reveal story.keys -identity none", "none: "},
		{"-reveal story.keys -identity nowhere", "no such file"},
		{"-reveal story.keys -identity his", ""},
		{"check proof -key desk.public", "Ann owes one"},
	} {
		args := strings.Fields(c.args)
		if args[0] == "-reveal" {
			args = append([]string{"prove", "sealed.db", said.String(), "proof", "-checkpoint", "checkpoint"}, args...)
		}
		if out := shell(t, n, args...); !strings.Contains(out, c.want) || c.want == "" && out != "" {
			t.Errorf("%s: %s, want %q", c.args, out, c.want)
		}
	}
}

// inVersion3 returns a record as a newer release may write it.
func inVersion3(t *testing.T, record []byte) []byte {
	t.Helper()
	if record[1] != 1 || record[2] != 1 {
		t.Fatalf("it begins with % x, want the key 1 and the version 1", record[:3])
	}
	record[2] = 3
	body := record[:len(record)-4]
	return binary.BigEndian.AppendUint32(body, crc32.Checksum(body, crc32.MakeTable(crc32.Castagnoli)))
}

func files(t *testing.T) string {
	t.Helper()
	names, err := filepath.Glob("*")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(names, " ")
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Another program has the record open, and records.
func TestWhileOpen(t *testing.T) {
	root, n := inTemp(t), seeded()
	story(t, root)
	store := must(sqlite.Open("story.db", nil))
	defer store.Close()
	g := must(graph.Open(t.Context(), store, nil))
	defer g.Close()
	shell(t, n, "key", "desk.example/story", "desk")
	for i := range 3 {
		b := events.NewBatch("desk")
		b.Person(fmt.Sprint("Reader ", i))
		must(g.Record(t.Context(), must(b.Batch())))
		checkpoint, copied := fmt.Sprintf("checkpoint%d", i), fmt.Sprintf("copy%d.db", i)
		for _, args := range [][]string{
			{"sign", "story.db", checkpoint, "-key", "desk.secret"},
			{"backup", "story.db", copied},
			{"verify", copied, "-checkpoint", checkpoint, "-key", "desk.public"},
			{"verify", "story.db", "-checkpoint", "checkpoint0", "-key", "desk.public"},
		} {
			out := shell(t, n, args...)
			if strings.Contains(out, "exit status") || args[0] == "backup" && !strings.Contains(out, fmt.Sprintf("record %d,", 7+i)) {
				t.Errorf("%q: %s", args, out)
			}
		}
	}
}
