package find_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/events/keys"
	"github.com/onrecord/onrecord/events/sqlite"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
	"github.com/onrecord/onrecord/query/find"
)

// secrets are events with a value of its own in every text that can be redacted.
type secrets struct {
	rnd     *rand.Rand
	values  map[string]string // by what they are
	indexed []string          // those of which an index has the words
	events  []events.Event
}

// word returns a value that is nowhere else. An index cuts off what a word begins
// with if another one begins so, so only the end of it is looked for.
func (s *secrets) word(what string, indexed bool) string {
	letters := make([]byte, 16)
	for i := range letters {
		letters[i] = byte('a' + s.rnd.IntN(26))
	}
	w := string(letters)
	s.values[what] = w[4:]
	if indexed {
		s.indexed = append(s.indexed, what)
	}
	return w
}

func (s *secrets) add(b events.Body) uuid.UUID {
	id := uuid.Must(uuid.NewV7())
	s.events = append(s.events, events.Event{ID: id, Body: b})
	return id
}

func newSecrets(seed uint64) *secrets {
	s := &secrets{rnd: rand.New(rand.NewPCG(seed, 1)), values: map[string]string{}}
	date := func(what string) edtf.Time {
		d := fmt.Sprintf("%04d-%02d-%02d", 1000+s.rnd.IntN(800), 1+s.rnd.IntN(12), 1+s.rnd.IntN(28))
		s.values[what] = d
		return edtf.MustParse(d)
	}
	number := fmt.Sprint(1e11 + s.rnd.Float64()*8e11)
	number = strings.NewReplacer(".", "", "e+", "").Replace(number)[:12]
	s.values["number"] = number
	id := func() uuid.UUID { return uuid.Must(uuid.NewV7()) }
	who, source := id(), id()
	s.add(&events.EntityRegistered{Entity: events.Entity{ID: who, Kind: events.Person,
		Name: events.Name{Text: s.word("name", true)}, Note: s.word("note", false)}})
	s.add(&events.SourceAdded{Source: events.Source{ID: source, Title: s.word("title", true), URL: "https://example.org/" + s.word("url", false),
		Published: date("published"), Authors: []uuid.UUID{who}}})
	s.add(&events.EntityNamed{Entity: who, Name: events.Name{Text: s.word("other name", true)}, Source: source})
	statement := func(n string) uuid.UUID {
		return s.add(&events.StatementRecorded{Statement: events.Statement{
			Claim: events.Claim{Predicate: s.word(n+"predicate", false), When: events.When{Time: date(n + "when"), As: s.word(n+"when as", true)},
				Args: []events.Arg{
					{Role: s.word(n+"role", false), Value: events.Ref(who), As: s.word(n+"as", true)},
					{Role: "text", Value: events.Text(s.word(n+"text", true), "en")},
					{Role: "number", Value: events.Number(number, s.word(n+"unit", false))},
				},
				If: []events.Condition{{Claim: events.Claim{Predicate: s.word(n+"nested", false), Args: []events.Arg{
					{Role: "x", Value: events.Ref(who), As: s.word(n+"nested as", true)}}}, As: s.word(n+"condition", true)}},
			},
			Voices: []events.Voice{{Speakers: []events.Party{{Entity: who, As: s.word(n+"party", true)}}, Act: events.Assert,
				Cue: s.word(n+"cue", true), Stance: events.CertainAffirmed(), Said: events.When{Time: date(n + "said")}}},
			Source: source, Form: events.Quote, Language: "en", Gloss: s.word(n+"gloss", true),
			Selector: events.Selector{Exact: s.word(n+"exact", true), Locator: s.word(n+"locator", false)},
		}})
	}
	from, to := statement("1 "), statement("2 ")
	s.add(&events.StatementsLinked{From: from, Link: events.Disputes, To: to, Reason: s.word("link", false)})
	s.add(&events.Assessed{Source: source, Scheme: s.word("scheme", false), Value: s.word("rating", false), Reason: s.word("why so rated", false)})
	return s
}

// forms are the bytes that a value may stand as in a file, in lower case.
func forms(value string) [][]byte {
	wide := utf16.Encode([]rune(value))
	var little, big []byte
	for _, w := range wide {
		little, big = append(little, byte(w), byte(w>>8)), append(big, byte(w>>8), byte(w))
	}
	all := [][]byte{[]byte(value), little, big, []byte(hex.EncodeToString([]byte(value)))}
	for pad := range 3 { // wherever it stands in what is encoded
		text := base64.StdEncoding.EncodeToString(append(make([]byte, pad), value...))
		all = append(all, []byte(strings.ToLower(text[4:len(text)-4])))
	}
	return all
}

// form is how a value may stand in a file.
type form struct {
	bytes []byte
	what  string
}

// scan returns which values are found in files. They are read whole, as they are on
// disk: nothing in them is compressed.
func scan(t *testing.T, values map[string]string, paths ...string) map[string]bool {
	t.Helper()
	wanted := map[[8]byte][]form{} // by what they begin with
	for what, v := range values {
		for _, f := range forms(v) {
			wanted[[8]byte(f)] = append(wanted[[8]byte(f)], form{f, what})
		}
	}
	found := map[string]bool{}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		look(data, wanted, found)
	}
	return found
}

// look looks at every byte, which the race detector would make slow.
//
//go:norace
func look(data []byte, wanted map[[8]byte][]form, found map[string]bool) {
	var begins [1 << 16]bool
	for f := range wanted {
		begins[int(f[0])<<8|int(f[1])] = true
	}
	for i, c := range data {
		if 'A' <= c && c <= 'Z' {
			data[i] = c + 'a' - 'A'
		}
	}
	for i := 0; i+8 <= len(data); i++ {
		if !begins[int(data[i])<<8|int(data[i+1])] {
			continue
		}
		for _, f := range wanted[[8]byte(data[i:])] {
			if bytes.HasPrefix(data[i:], f.bytes) {
				found[f.what] = true
			}
		}
	}
}

// TestErased looks for every value that has been erased in every file that there is:
// the database, its log, the snapshot, the index, and a backup of the first three
// from before, while all are open and after they have been closed. The same record
// without keys shows that the values would be found.
func TestErased(t *testing.T) {
	for _, erasable := range []bool{true, false} {
		t.Run(fmt.Sprint("erasable ", erasable), func(t *testing.T) { testErased(t, erasable) })
	}
}

func testErased(t *testing.T, erasable bool) {
	dir := t.TempDir()
	at := func(names ...string) (paths []string) {
		for _, n := range names {
			paths = append(paths, filepath.Join(dir, n))
		}
		return paths
	}
	record := at("story.db", "story.db-wal", "story.db-shm", "story.db-snapshot")
	index := at("story.find", "story.find-wal", "story.find-shm")
	opts := &graph.Options{}
	if erasable {
		k, err := keys.Open(at("keys")[0], nil)
		if err != nil {
			t.Fatal(err)
		}
		defer k.Close()
		opts.Keys = k
	}
	open := func(name string) (*graph.Graph, *sqlite.Store) {
		store, err := sqlite.Open(at(name)[0], nil)
		if err != nil {
			t.Fatal(err)
		}
		g, err := graph.Open(ctx, store, opts)
		if err != nil {
			t.Fatal(err)
		}
		return g, store
	}
	g, store := open("story.db")
	add := func(es []events.Event) {
		t.Helper()
		if _, err := g.Record(ctx, &events.Batch{Recorder: "desk", Events: es}); err != nil {
			t.Fatal(err)
		}
	}
	erased, kept := newSecrets(1), newSecrets(2)
	add(erased.events)
	add(kept.events)
	// As much else as a snapshot is written for.
	for range 21 {
		var es []events.Event
		for range 1000 {
			es = append(es, events.Event{ID: uuid.Must(uuid.NewV7()), Body: &events.IdentityJudged{A: entityOf(kept), B: entityOf(erased), Verdict: events.Unsure}})
		}
		add(es)
	}
	g.Close()
	store.Close()
	g, store = open("story.db")
	x, err := find.Open(ctx, g, index[0])
	if err != nil {
		t.Fatal(err)
	}
	backup := at("backup.db", "backup.db-wal", "backup.db-shm", "backup.db-snapshot")
	for i, path := range record {
		if data, err := os.ReadFile(path); err == nil {
			if err := os.WriteFile(backup[i], data, 0o600); err != nil {
				t.Fatal(err)
			}
		} else if i == 0 || i == 3 {
			t.Fatal(err)
		}
	}
	// What is there before.
	inRecord := map[string]string{}
	if !erasable {
		inRecord = erased.values
	}
	expect := func(when string, values, want map[string]string, paths []string) {
		t.Helper()
		found := scan(t, values, paths...)
		for what := range values {
			if _, is := want[what]; found[what] != is {
				t.Errorf("%s: %q, the %s, is found in %s: %v", when, values[what], what, filepath.Base(paths[0]), found[what])
			}
		}
	}
	indexed := func(s *secrets) map[string]string {
		values := map[string]string{}
		for _, what := range s.indexed {
			values[what] = s.values[what]
		}
		return values
	}
	expect("before", erased.values, inRecord, record)
	expect("before", erased.values, inRecord, backup)
	expect("before", indexed(erased), indexed(erased), index)
	// A snapshot has dates and names of predicates and roles in the clear, or nothing.
	if found := scan(t, erased.values, record[3]); found["1 when"] == erasable || found["1 role"] == erasable {
		t.Errorf("in the snapshot are %v", found)
	}

	// All of it names or mentions one entity.
	var redactions []events.Event
	for trace, err := range query.Traces(ctx, g.View(nil), entityOf(erased)) {
		if err != nil {
			t.Fatal(err)
		}
		if trace.Stays {
			continue // the verdicts, which have no words
		}
		if e := erased.events[len(redactions)]; trace.ID != e.ID {
			t.Fatalf("%v %v is a trace, want %v %v", trace.Kind(), trace.ID, e.Kind(), e.ID)
		}
		redactions = append(redactions, events.Event{ID: uuid.Must(uuid.NewV7()), Body: &events.Redacted{Event: trace.ID, Reason: "by request"}})
	}
	if len(redactions) != len(erased.events) {
		t.Fatalf("%d traces, want %d", len(redactions), len(erased.events))
	}
	before := g.View(nil)
	add(redactions)
	check := func(when string) {
		t.Helper()
		expect(when, erased.values, inRecord, record)
		expect(when, erased.values, inRecord, backup)
		expect(when, kept.values, values(kept.values, !erasable), record)
		expect(when, erased.values, nil, at("keys"))
		if erasable {
			expect(when, indexed(erased), nil, index)
		}
		expect(when, indexed(kept), indexed(kept), index)
	}
	check("while open")
	for _, v := range []graph.View{before, g.View(nil), g.View(&graph.Lens{AsOf: 1})} {
		for _, e := range erased.events {
			if _, err := v.Event(ctx, e.ID); !errors.Is(err, graph.ErrRedacted) {
				t.Errorf("as of %d %v is shown: %v", v.Position(), e.ID, err)
			}
		}
	}
	if r, err := g.Record(ctx, &events.Batch{Recorder: "desk", Events: erased.events}); err != nil || r.New != 0 {
		t.Errorf("recorded again: %+v, %v", r, err)
	}
	x.Close()
	g.Close()
	store.Close()
	check("when closed")

	// The next process, and one that opens the backup.
	for _, name := range []string{"story.db", "backup.db"} {
		g, store := open(name)
		v := g.View(nil)
		for _, e := range erased.events {
			_, err := v.Event(ctx, e.ID)
			if shown := !erasable && name == "backup.db"; shown != (err == nil) || err != nil && !errors.Is(err, graph.ErrRedacted) {
				t.Errorf("%s: %v is shown: %v", name, e.ID, err)
			}
		}
		for _, e := range kept.events {
			if again, err := v.Event(ctx, e.ID); err != nil || !reflect.DeepEqual(again.Body, e.Body) {
				t.Errorf("%s: %v is %+v, want %+v: %v", name, e.ID, again, e.Body, err)
			}
		}
		g.Close()
		store.Close()
	}
	check("when opened again")
}

func entityOf(s *secrets) uuid.UUID { return s.events[0].Body.(*events.EntityRegistered).Entity.ID }

func values(all map[string]string, some bool) map[string]string {
	if some {
		return all
	}
	return nil
}
