package jsonl_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/jsonl"
	"github.com/onrecord/onrecord/internal/model"
	"github.com/onrecord/onrecord/internal/seed"
)

var _ = seed.Fix()

var update = flag.Bool("update", false, "write the files in testdata anew")

// pen writes records.
type pen struct {
	store *events.Mem
	seq   events.Seq
	next  events.Position
	sum   [32]byte
	keys  uuid.UUID // that its records are sealed with, if any
}

func newPen() *pen { return &pen{store: events.NewMem()} }

type batch struct {
	at       time.Time
	recorder string
	events   []events.Encoded
}

func (p *pen) record(t testing.TB, batches ...batch) {
	t.Helper()
	b := events.NewRecord(p.seq+1, p.next+1, p.sum)
	if p.keys != uuid.Nil {
		b = events.NewSealedRecord(p.seq+1, p.next+1, p.sum, p.keys)
	}
	for _, x := range batches {
		if err := b.Add(x.at, x.recorder, x.events); err != nil {
			t.Fatal(err)
		}
	}
	p.next += events.Position(len(batches))
	p.append(t, b.Bytes())
}

func (p *pen) append(t testing.TB, data []byte) {
	t.Helper()
	var err error
	if p.seq, err = p.store.Append(context.Background(), p.seq, data); err != nil {
		t.Fatal(err)
	}
	p.sum = sha256.Sum256(data)
}

// golden returns a store with the worked example of package events, the record that
// it keeps with a value in every field, and text that JSON escapes.
func golden(t testing.TB) events.Store {
	p := newPen()
	p.append(t, example(t))
	p.next = 1
	data := unhex(t, read(t, "../testdata/record-v1.txt"), `(?m)^([0-9a-f]+)$`)
	h, err := events.Record{Seq: 17, Data: data}.Header()
	if err != nil {
		t.Fatal(err)
	}
	var batches []batch
	for _, b := range h.Batches {
		var all []events.Encoded
		for _, e := range b.Events {
			all = append(all, events.Encoded{ID: e.ID, Kind: e.Kind, Payload: h.Payload(e)})
		}
		batches = append(batches, batch{b.At, b.Recorder, all})
	}
	p.record(t, batches...)
	p.record(t, batch{time.Unix(0, -1), "<&>\u2028\b", named(t)})
	return p.store
}

// goldenSealed returns a store with sealed events.
func goldenSealed(t testing.TB) events.Store {
	p := newPen()
	p.keys = events.Key("keys")
	p.record(t, batch{time.Unix(0, -1), "desk", sealed})
	p.record(t, batch{time.Unix(0, -1), "desk", sealed})
	return p.store
}

// named is a plain event.
func named(t testing.TB) []events.Encoded {
	t.Helper()
	payload, err := events.EncodeBody(&events.EntityNamed{Entity: events.Key("entity"), Name: events.Name{Text: "Ann"}})
	if err != nil {
		t.Fatal(err)
	}
	return []events.Encoded{{ID: events.Key("named"), Kind: events.KindEntityNamed, Payload: payload}}
}

var sealed = []events.Encoded{{ID: events.Key("sealed"), Kind: events.KindEntityNamed, Key: []byte("key 1"), Payload: []byte{1, 2, 3}}}

// example returns the record that the specification of package events shows.
func example(t testing.TB) []byte {
	t.Helper()
	_, text, _ := strings.Cut(read(t, "../FORMAT.md"), "# A worked example")
	text, _, _ = strings.Cut(text, "\n## ")
	return unhex(t, text, `(?m)^\t([0-9a-f]{2}(?: ?[0-9a-f]{2})*)(?:$|  )`)
}

func read(t testing.TB, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// unhex returns the bytes in the lines that match a pattern.
func unhex(t testing.TB, text, pattern string) []byte {
	t.Helper()
	var digits strings.Builder
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		digits.WriteString(strings.ReplaceAll(m[1], " ", ""))
	}
	data, err := hex.DecodeString(digits.String())
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func export(t testing.TB, s events.Store) []byte {
	t.Helper()
	var b bytes.Buffer
	head, err := jsonl.Export(context.Background(), s, &b)
	if err != nil {
		t.Fatal(err)
	}
	if want := headOf(t, s); head != want {
		t.Fatalf("the head is %d, want %d", head.Seq, want.Seq)
	}
	return b.Bytes()
}

func headOf(t testing.TB, s events.Store) (head events.Head) {
	t.Helper()
	for r, err := range s.Scan(context.Background(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		head = events.Head{Seq: r.Seq, SHA256: sha256.Sum256(r.Data)}
	}
	return head
}

// mustBeStart fails unless the records of got are the first n of want.
func mustBeStart(t testing.TB, got, want events.Store, n events.Seq) {
	t.Helper()
	records := map[events.Seq][]byte{}
	for r, err := range want.Scan(context.Background(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		records[r.Seq] = r.Data
	}
	var last events.Seq
	for r, err := range got.Scan(context.Background(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(r.Data, records[r.Seq]) {
			t.Fatalf("record %d is another", r.Seq)
		}
		last = r.Seq
	}
	if last != n {
		t.Fatalf("%d records, want %d", last, n)
	}
}

// What a release has exported is imported by every later one, and written the same.
func TestGolden(t *testing.T) {
	for current, want := range map[string]events.Store{"export-v1.jsonl": golden(t), "export-v2.jsonl": goldenSealed(t)} {
		current = filepath.Join("testdata", current)
		if *update {
			if err := os.WriteFile(current, export(t, want), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		data := read(t, current)
		if got := export(t, want); string(got) != data {
			t.Errorf("the export differs from %s:\n%s", current, got)
		}
		got := events.NewMem()
		head, err := jsonl.Import(t.Context(), got, strings.NewReader(data))
		if err != nil || head != headOf(t, want) {
			t.Fatalf("%s: record %d, %v", current, head.Seq, err)
		}
		mustBeStart(t, got, want, head.Seq)
	}
}

// TestWorkedExample holds the example in the package comment against the code.
func TestWorkedExample(t *testing.T) {
	p := newPen()
	p.append(t, example(t))
	got := regexp.MustCompile(`("bytes":"[^"]{16})[^"]*"`).ReplaceAllString(string(export(t, p.store)), `$1..."`)

	_, text, _ := strings.Cut(read(t, "doc.go"), "# A worked example")
	var shown strings.Builder
	for _, m := range regexp.MustCompile(`(?m)^//\t(.*)$`).FindAllStringSubmatch(text, -1) {
		shown.WriteString(m[1])
	}
	var want bytes.Buffer
	for d := json.NewDecoder(strings.NewReader(shown.String())); d.More(); {
		var line json.RawMessage
		if err := d.Decode(&line); err != nil {
			t.Fatal(err)
		}
		if err := json.Compact(&want, line); err != nil {
			t.Fatal(err)
		}
		want.WriteByte('\n')
	}
	if got != want.String() {
		t.Errorf("the export is\n%s, the package comment has\n%s", got, &want)
	}
}

// TestRoundTrip imports what random records are exported to.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p, m, gen := newPen(), model.New(), model.NewGen()
		if rapid.Bool().Draw(rt, "sealed") {
			p.keys = events.Key("keys")
		}
		for range rapid.IntRange(0, 6).Draw(rt, "records") {
			var batches []batch
			for range rapid.IntRange(1, 3).Draw(rt, "batches") {
				b, at := gen.Batch(rt, m)
				m.Record(b, at)
				encoded, err := events.EncodeBatch(&b)
				if err != nil {
					rt.Fatal(err)
				}
				for i := range encoded {
					if p.keys != uuid.Nil {
						encoded[i].Key = rapid.SliceOfN(rapid.Byte(), 1, 20).Draw(rt, "key")
					}
				}
				batches = append(batches, batch{at, b.Recorder, encoded})
			}
			p.record(t, batches...)
		}
		data, other := export(t, p.store), events.NewMem()
		head, err := jsonl.Import(context.Background(), other, bytes.NewReader(data))
		if err != nil || head != headOf(t, p.store) {
			rt.Fatalf("record %d of %d, %v\n%s", head.Seq, p.seq, err, data)
		}
		mustBeStart(t, other, p.store, p.seq)
		if again := export(t, other); !bytes.Equal(again, data) {
			rt.Fatalf("exported again it is\n%s\nwant\n%s", again, data)
		}
	})
}

// TestCut cuts an export at each byte: what is whole of it is imported, the rest is
// missed, and another call puts it behind.
func TestCut(t *testing.T) {
	p := newPen() // a small one, since there are many cuts
	p.append(t, example(t))
	p.next = 1
	for range 2 {
		p.record(t, batch{time.Unix(1, 0), "desk", named(t)})
	}
	want, data := p.store, export(t, p.store)
	for n := range data {
		s := events.NewMem()
		whole := events.Seq(bytes.Count(data[:n], []byte("\n")))
		head, err := jsonl.Import(t.Context(), s, bytes.NewReader(data[:n]))
		if !errors.Is(err, io.ErrUnexpectedEOF) || head.Seq != whole || !strings.Contains(err.Error(), fmt.Sprintf("line %d: ", whole+1)) {
			t.Fatalf("cut to %d bytes: record %d, %v", n, head.Seq, err)
		}
		mustBeStart(t, s, want, whole)
		if n%97 != 0 {
			continue
		}
		if head, err := jsonl.Import(t.Context(), s, bytes.NewReader(data)); err != nil || head.Seq != 3 {
			t.Fatalf("again: record %d, %v", head.Seq, err)
		}
		mustBeStart(t, s, want, 3)
	}
}

// What a line says in words and its bytes do not, is an error that names both; and
// so is whatever else is wrong.
func TestRefused(t *testing.T) {
	plain, sealed := golden(t), goldenSealed(t)
	data := string(export(t, plain))
	for _, c := range []struct {
		old, new string // the first of the old is replaced
		line     events.Seq
		says     string
	}{
		{`"predicate":"visit"`, `"predicate":"leave"`, 1, `batches[0].events[0].body.statement.claim.predicate is "leave", the bytes say "visit"`},
		{`"as":"Whitkoff"`, `"as":"Witkoff"`, 1, `claim.args[0].as is "Witkoff", the bytes say "Whitkoff"`},
		{`"polarity":"affirmed"`, `"polarity":"denied"`, 1, `voices[0].stance.polarity is "denied"`},
		{`"at":"2025-08-04T12:30:00Z"`, `"at":"2025-08-03T12:30:00Z"`, 1, `batches[0].at is "2025-08-03T12:30:00Z"`},
		{`"form":"paraphrase"`, `"form":"paraphrase","gloss":"He leaves"`, 1, `statement."gloss" is not known, or there twice`},
		{`"form":"paraphrase"`, `"form":"paraphrase","form":"quote"`, 1, `statement."form" is not known, or there twice`},
		{`"role":"visitor",`, ``, 1, `args[0].role is missing, or not in its place: there is "value"`},
		{`"stance":{"certainty":"possible","polarity":"affirmed"}`, `"stance":{"polarity":"affirmed","certainty":"possible"}`, 1, `stance.certainty is missing, or not in its place`},
		{`"role":"visitor"`, `"role":7`, 1, `args[0].role is 7`},
		{`"role":"visitor"`, `"role":null`, 1, `args[0].role is null`},
		{`"role":"visitor"`, `"role":{"a":{}}`, 1, `args[0].role is {`},
		{`"authors":["00000000-0000-0000-0000-000000000003",`, `"authors":[`, 2, `authors[0] is "00000000-0000-0000-0000-000000000005"`},
		{`"confidence":0.7`, `"confidence":0.8`, 2, `confidence is 0.8, the bytes say 0.7`},
		{`"recorder":"desk"`, `"recorder":"d` + "\xff" + `k"`, 1, "it is not UTF-8"},
		{`"sealed":"6b65792031"`, `"sealed":"6b65792032"`, 1, `sealed is "6b65792032"`},
		{`"sealed":"6b65792031"`, `"body":{}`, 1, `sealed is missing`},
		{`{"record":1,`, `{"record":2,`, 1, "it is record 2, want 1"},
		{`{"record":1,`, `{"record":-1,`, 1, "record is -1, want a number"},
		{`{"record":1,`, `{"record":18446744073709551616,`, 1, "want a number"},
		{`{"record":1,`, `{"seq":1,`, 1, `it begins with the field "seq"`},
		{`{"record":1,`, `{"Record":1,`, 1, `it begins with the field "Record"`},
		{`{"record":1,`, `[{"record":1,`, 1, "want an object"},
		{`{"record":1,`, `{}`, 1, `want record or end`},
		{`{"record":1,`, "\ufeff" + `{"record":1,`, 1, "it is not JSON"},
		{`"previous":"0000`, `"previous":"1000`, 1, `previous is "1000`},
		{`"sha256":"1a33c9`, `"sha256":"1a33c8`, 1, "sha256 is 1a33c8"},
		{`"sha256":"1a33c9`, `"sha256":"1A33C9`, 1, `sha256 is "1A33C9`},
		{`"sha256":"1a33c9`, `"sha256":"33c9`, 1, "want 64 hexadecimal digits"},
		{`"bytes":"pQEB`, `"bytes":"pQEA`, 1, "sha256 is 1a33c9"},
		{`"bytes":"pQEB`, `"bytes":"p@EB`, 1, "bytes is not base64"},
		{`"bytes":"pQEB`, `"bytes":"` + strings.Repeat("AAAA", events.MaxRecord/3+1) + `pQEB`, 1, "want at most 900000"},
		{"]}\n{", "]} {}\n{", 1, "{ follows behind the object"},
		{"]}\n{", "]}\n\n{", 2, "it is cut off"},
		{"]}\n{", "\n{", 1, "it is cut off"},
		{`{"end":3,`, `{"end":2,`, 4, "end is 2, the bytes say 3"},
		{`{"end":3,`, `{"end":3}` + "\n" + `{"end":3,`, 4, "sha256 is missing"},
		{`{"end":3,`, `{"record":4}` + "\n" + `{"end":3,`, 4, "} stands where sha256 must"},
	} {
		want, data := plain, data
		if !strings.Contains(data, c.old) {
			want, data = sealed, string(export(t, sealed))
		}
		text := strings.Replace(data, c.old, c.new, 1)
		if text == data {
			t.Fatalf("%s does not stand in an export", c.old)
		}
		s := events.NewMem()
		head, err := jsonl.Import(t.Context(), s, strings.NewReader(text))
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("line %d: ", c.line)) || !strings.Contains(err.Error(), c.says) || head.Seq != c.line-1 {
			t.Errorf("%.60s for %.60s:\n got record %d, %v\nwant %d, line %d: %s", c.new, c.old, head.Seq, err, c.line-1, c.line, c.says)
		}
		if err != nil && !errors.Is(err, events.ErrDamaged) {
			t.Errorf("%.60s for %.60s: not events.ErrDamaged: %v", c.new, c.old, err)
		}
		mustBeStart(t, s, want, c.line-1)
	}
	for what, text := range map[string]string{
		"more": data + "{}\n", "a record twice": strings.Replace(data, "\n", "\n"+data[:strings.Index(data, "\n")+1], 1), "a line feed": data + "\n",
	} {
		if _, err := jsonl.Import(t.Context(), events.NewMem(), strings.NewReader(text)); !errors.Is(err, events.ErrDamaged) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Spaces and escapes are free.
func TestSpelling(t *testing.T) {
	data := string(export(t, golden(t)))
	for _, r := range [][2]string{{`":`, `" : `}, {"\n", "\r\n"}, {"visit", `v\u0069sit`}, {"в", `\u0432`}, {"[{", "[ {"}, {"}", "\t}"}} {
		text := strings.ReplaceAll(data, r[0], r[1])
		if text == data {
			t.Fatalf("no %q", r[0])
		}
		if head, err := jsonl.Import(t.Context(), events.NewMem(), strings.NewReader(text)); err != nil || head.Seq != 3 {
			t.Errorf("%q for %q: record %d, %v", r[1], r[0], head.Seq, err)
		}
	}
}

// A line is as long as MaxLine, with its end, and not longer.
func TestMaxLine(t *testing.T) {
	data := string(export(t, golden(t)))
	spaces := strings.Repeat(" ", jsonl.MaxLine-strings.Index(data, "\n")-1)
	for _, more := range []string{"", " "} {
		text := strings.Replace(data, `{"record":`, `{"record":`+spaces+more, 1)
		head, err := jsonl.Import(t.Context(), events.NewMem(), strings.NewReader(text))
		if more == "" && (err != nil || head.Seq != 3) {
			t.Errorf("a line of MaxLine bytes: record %d, %v", head.Seq, err)
		}
		if more != "" && (!errors.Is(err, events.ErrDamaged) || head.Seq != 0) {
			t.Errorf("a line of one byte more: record %d, %v", head.Seq, err)
		}
	}
}

// A record that is damaged is not exported as if it were whole, and ends the export.
func TestExportDamaged(t *testing.T) {
	var records [][]byte
	for r, err := range golden(t).Scan(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, r.Data)
	}
	for what, damage := range map[string]func([][]byte) [][]byte{
		"a flipped bit":   func(r [][]byte) [][]byte { r[1] = bytes.Clone(r[1]); r[1][400] ^= 4; return r },
		"a record gone":   func(r [][]byte) [][]byte { return [][]byte{r[0], r[2]} },
		"not CBOR at all": func(r [][]byte) [][]byte { r[1] = []byte("text"); return r },
		"another before":  func(r [][]byte) [][]byte { return [][]byte{r[0], second(t, 2, [32]byte{1})} },
		"a batch gone":    func(r [][]byte) [][]byte { return [][]byte{r[0], second(t, 3, sha256.Sum256(r[0]))} },
		"a sealed one":    func(r [][]byte) [][]byte { return [][]byte{r[0], sealedSecond(t, sha256.Sum256(r[0]))} },
	} {
		p := newPen()
		for _, data := range damage(append([][]byte(nil), records...)) {
			p.append(t, data)
		}
		var b bytes.Buffer
		head, err := jsonl.Export(t.Context(), p.store, &b)
		if !errors.Is(err, events.ErrDamaged) || !strings.Contains(err.Error(), "record 2") || head.Seq != 1 {
			t.Errorf("%s: record %d, %v", what, head.Seq, err)
		}
		if bytes.Count(b.Bytes(), []byte("\n")) != 1 || bytes.Contains(b.Bytes(), []byte(`{"end"`)) {
			t.Errorf("%s: it wrote\n%s", what, &b)
		}
	}
}

// second is a record 2 that follows something else.
func second(t *testing.T, first events.Position, previous [32]byte) []byte {
	b := events.NewRecord(2, first, previous)
	if err := b.Add(time.Unix(0, 0), "desk", named(t)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sealedSecond is a record 2 that is sealed.
func sealedSecond(t *testing.T, previous [32]byte) []byte {
	b := events.NewSealedRecord(2, 2, previous, events.Key("keys"))
	if err := b.Add(time.Unix(0, 0), "desk", sealed); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What the store has is compared and never replaced.
func TestImportInto(t *testing.T) {
	want := golden(t)
	data := export(t, want)
	import3 := func(s events.Store, wantErr error, wantSeq events.Seq) {
		t.Helper()
		head, err := jsonl.Import(t.Context(), s, bytes.NewReader(data))
		if !errors.Is(err, wantErr) || head.Seq != wantSeq {
			t.Errorf("record %d, %v, want %d, %v", head.Seq, err, wantSeq, wantErr)
		}
	}
	t.Run("more", func(t *testing.T) {
		s := golden(t)
		if _, err := s.Append(t.Context(), 3, []byte("more")); err != nil {
			t.Fatal(err)
		}
		import3(s, nil, 3)
	})
	t.Run("another", func(t *testing.T) {
		p := newPen()
		p.append(t, []byte("mine"))
		import3(p.store, events.ErrOther, 0)
		if last, err := p.store.Last(t.Context()); last != 1 || err != nil {
			t.Errorf("the store has %d records, %v", last, err)
		}
	})
	// Another import, or another writer, is a step ahead.
	t.Run("raced", func(t *testing.T) {
		s := &raced{Mem: events.NewMem(), with: func(seq events.Seq, data []byte) []byte { return data }}
		import3(s, nil, 3)
		mustBeStart(t, s, want, 3)
		s = &raced{Mem: events.NewMem(), with: func(seq events.Seq, data []byte) []byte {
			if seq == 2 {
				return []byte("mine")
			}
			return data
		}}
		import3(s, events.ErrOther, 1)
	})
	t.Run("twice at once", func(t *testing.T) {
		s := events.NewMem()
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() { import3(s, nil, 3) })
		}
		both.Wait()
		mustBeStart(t, s, want, 3)
	})
	t.Run("a store that lies", func(t *testing.T) {
		head, err := jsonl.Import(t.Context(), lying{events.NewMem()}, bytes.NewReader(data))
		if !errors.Is(err, events.ErrConflict) || head.Seq != 0 {
			t.Errorf("record %d, %v", head.Seq, err)
		}
	})
}

// raced is a store in which somebody else appends before each append.
type raced struct {
	*events.Mem
	with func(events.Seq, []byte) []byte
}

func (s *raced) Append(ctx context.Context, after events.Seq, record []byte) (events.Seq, error) {
	if _, err := s.Mem.Append(ctx, after, s.with(after+1, record)); err != nil {
		return 0, err
	}
	return s.Mem.Append(ctx, after, record)
}

type lying struct{ *events.Mem }

func (lying) Append(context.Context, events.Seq, []byte) (events.Seq, error) {
	return 0, events.ErrConflict
}

func TestErrors(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	s := golden(t)
	data := export(t, s)
	if _, err := jsonl.Export(cancelled, s, io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("export: %v", err)
	}
	if _, err := jsonl.Import(cancelled, s, bytes.NewReader(data)); !errors.Is(err, context.Canceled) {
		t.Errorf("import: %v", err)
	}
	broken := errors.New("the disk is broken")
	for n := range 4 {
		head, err := jsonl.Export(t.Context(), s, &breaks{after: n, err: broken})
		if !errors.Is(err, broken) || head.Seq != events.Seq(n) {
			t.Errorf("written to a broken disk after %d lines: record %d, %v", n, head.Seq, err)
		}
	}
	if _, err := jsonl.Import(t.Context(), events.NewMem(), io.MultiReader(bytes.NewReader(data[:2000]), &breaks{err: broken})); !errors.Is(err, broken) {
		t.Errorf("read from a broken disk: %v", err)
	}
	s.Close()
	if _, err := jsonl.Export(t.Context(), s, io.Discard); !errors.Is(err, events.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	if _, err := jsonl.Import(t.Context(), s, bytes.NewReader(data)); !errors.Is(err, events.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

type breaks struct {
	after int
	err   error
}

func (b *breaks) Write(p []byte) (int, error) {
	if b.after--; b.after < 0 {
		return 0, b.err
	}
	return len(p), nil
}

func (b *breaks) Read([]byte) (int, error) { return 0, b.err }

// FuzzImport wants whatever is imported to be exported as it was read, spaces and
// escapes aside, and a store that took a part to be whole.
func FuzzImport(f *testing.F) {
	data := export(f, golden(f))
	f.Add(data)
	f.Add(bytes.ReplaceAll(data, []byte(":"), []byte(" :\t")))
	first := bytes.IndexByte(data, '\n') + 1
	f.Add(data[:first])
	f.Add([]byte("{\"end\":0,\"sha256\":\"0000000000000000000000000000000000000000000000000000000000000000\"}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s := events.NewMem()
		head, err := jsonl.Import(context.Background(), s, bytes.NewReader(data))
		if got := headOf(t, s); got != head {
			t.Fatalf("the head is %d, the store ends with %d: %v", head.Seq, got.Seq, err)
		}
		again := export(t, s)
		if err != nil {
			return
		}
		got, want := bytes.Split(again, []byte("\n")), bytes.Split(data, []byte("\n"))
		if len(got) != len(want) {
			t.Fatalf("%d lines were read, %d are written", len(want), len(got))
		}
		for i := range want[:len(want)-1] {
			var a, b any
			if json.Unmarshal(want[i], &a) != nil || json.Unmarshal(got[i], &b) != nil || fmt.Sprint(a) != fmt.Sprint(b) {
				t.Fatalf("line %d was read as\n%s\nand is written as\n%s", i+1, want[i], got[i])
			}
		}
	})
}
