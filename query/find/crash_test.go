package find_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/disk"
	"github.com/onrecord/onrecord/internal/soak"
	"github.com/onrecord/onrecord/query/find"
)

// What a test has done by a moment, as marks between the changes of a disk.
type (
	storedMark events.Seq // the record has come so far
	forgotMark int        // the index has taken in the redaction of this article, or dropped it
)

// A markedStore marks what it has stored.
type markedStore struct {
	*events.Mem
	disk *disk.Disk
}

func (s markedStore) Append(ctx context.Context, after events.Seq, record []byte) (events.Seq, error) {
	seq, err := s.Mem.Append(ctx, after, record)
	if err == nil {
		s.disk.Mark(storedMark(seq))
	}
	return seq, err
}

// article returns a batch of events with words that nothing else has.
func article(n int) *events.Batch {
	who, source := events.Key("who", fmt.Sprint(n)), events.Key("source", fmt.Sprint(n))
	bodies := []events.Body{
		&events.EntityRegistered{Entity: events.Entity{ID: who, Kind: events.Person, Name: events.Name{Text: "Ada " + wordOf(n, "name")}}},
		&events.SourceAdded{Source: events.Source{ID: source, Title: "harbour " + wordOf(n, "title"), URL: fmt.Sprint("https://example.org/", n)}},
	}
	for i := range 6 {
		bodies = append(bodies, &events.StatementRecorded{Statement: events.Statement{
			Claim:  events.Claim{Predicate: "mention", Args: []events.Arg{{Role: "whom", Value: events.Ref(who)}}},
			Voices: []events.Voice{{Speakers: []events.Party{{Entity: who}}, Act: events.Assert, Stance: events.CertainAffirmed()}},
			Source: source, Form: events.Paraphrase, Language: "en", Gloss: fmt.Sprintf("the harbour %s and %s", wordOf(n, "gloss"), wordOf(n, fmt.Sprint(i))),
		}})
	}
	b := &events.Batch{Recorder: "desk"}
	for i, body := range bodies {
		b.Events = append(b.Events, events.Event{ID: events.Key("event", fmt.Sprint(n), fmt.Sprint(i)), Body: body})
	}
	return b
}

// wordOf returns a word of an article.
func wordOf(n int, what string) string {
	sum := sha256.Sum256(fmt.Append(nil, n, what))
	w := make([]byte, 16)
	for i := range w {
		w[i] = 'a' + sum[i]%26
	}
	return string(w)
}

// wordsOf returns what a file has of the words of articles: an index may cut off what a
// word begins with.
func wordsOf(articles ...int) map[string]string {
	values := map[string]string{}
	for _, n := range articles {
		for _, what := range []string{"name", "title", "gloss", "0", "5"} {
			values[fmt.Sprint(what, " of ", n)] = wordOf(n, what)[4:]
		}
	}
	return values
}

// redaction returns the batch that redacts an article.
func redaction(n int) *events.Batch {
	b := &events.Batch{Recorder: "desk"}
	for i, e := range article(n).Events {
		b.Events = append(b.Events, events.Event{ID: events.Key("redaction", fmt.Sprint(n), fmt.Sprint(i)),
			Body: &events.Redacted{Event: e.ID, Reason: "by request"}})
	}
	return b
}

// An archive is a record and its index, on a disk.
type archive struct {
	t     *testing.T
	disk  *disk.Disk
	path  string
	graph *graph.Graph
	index *find.Index // nil: closed
}

func (a *archive) open() error {
	x, err := find.OpenOn(ctx, a.disk, a.graph, a.path)
	if err == nil {
		a.index = x
	}
	return err
}

func (a *archive) close() error {
	x := a.index
	a.index = nil
	return x.Close()
}

func (a *archive) record(articles ...int) {
	a.t.Helper()
	for _, n := range articles {
		if _, err := a.graph.Record(ctx, article(n)); err != nil {
			a.t.Fatal(err)
		}
	}
}

// redact records redactions, and returns the articles.
func (a *archive) redact(articles ...int) []int {
	a.t.Helper()
	for _, n := range articles {
		if _, err := a.graph.Record(ctx, redaction(n)); err != nil {
			a.t.Fatal(err)
		}
	}
	return articles
}

// refresh takes in what was recorded, and marks what has been forgotten.
func (a *archive) refresh(forgot ...int) error {
	if err := a.index.Refresh(ctx); err != nil {
		return err
	}
	a.forgot(forgot)
	return nil
}

func (a *archive) forgot(articles []int) {
	for _, n := range articles {
		a.disk.Mark(forgotMark(n))
	}
}

// archives are what the power is cut in.
var archives = map[string]func(a *archive){
	// The index is made, follows, is closed, opened again, and follows.
	"one": func(a *archive) {
		do(a.t, a.open())
		a.record(1, 2)
		do(a.t, a.refresh())
		a.record(3)
		do(a.t, a.refresh(), a.refresh(a.redact(2)...))
		a.record(4)
		do(a.t, a.refresh(), a.close())
		a.record(5)
		gone := a.redact(1, 4) // while it is closed
		do(a.t, a.open())
		a.forgot(gone)
		a.record(6, 7)
		do(a.t, a.refresh(), a.refresh(a.redact(3, 6)...), a.close(), a.open(), a.close())
	},
	// The file has the index of another record, which is dropped, and is damaged later.
	"other": func(a *archive) {
		ours := a.graph
		a.graph = newGraph(a.t, events.NewMem())
		a.record(101, 102)
		do(a.t, a.open())
		a.record(103)
		do(a.t, a.refresh(), a.close())
		a.graph = ours
		a.record(1, 2, 3)
		do(a.t, a.open())
		a.forgot([]int{101, 102, 103})
		do(a.t, a.refresh(a.redact(1)...), a.close())
		data := read(a.t, a.path)
		f, err := a.disk.OpenFile(a.path, os.O_RDWR, 0o600)
		do(a.t, err)
		for at := int64(4096); at < int64(len(data)); at += 4096 {
			_, err = f.WriteAt([]byte("damage"), at+2000)
			do(a.t, err)
		}
		do(a.t, f.Sync(), f.Close(), a.open())
		a.record(4)
		do(a.t, a.refresh(), a.close())
	},
	// Operations fail now and then, and who uses the index goes on.
	"failing": func(a *archive) {
		told, rng := 0, rand.New(rand.NewPCG(31, 32))
		a.disk.Break(func(op disk.Op) *disk.Fault {
			if op.Kind != disk.Read && rng.IntN(20) == 0 {
				return &disk.Fault{Err: errors.New("the disk is broken"), Part: rng.IntN(op.Size + 1)}
			}
			return nil
		})
		defer a.disk.Break(nil)
		var gone []int // redacted
		for n := 1; n < 10; n++ {
			a.record(n)
			if n%3 == 0 {
				gone = append(gone, a.redact(n-1)...)
			}
			if a.index == nil {
				if err := a.open(); err != nil {
					told++
					continue
				}
				a.forgot(gone)
			} else if err := a.refresh(gone...); err != nil {
				told++
			}
			if n%4 == 0 {
				if err := a.close(); err != nil {
					told++
				}
			}
		}
		if a.index != nil {
			a.close()
		}
		if told < 3 {
			a.t.Errorf("only %d times somebody was told", told)
		}
	},
}

func do(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// The power is cut at every change that an index makes to the disk, and again while it
// is opened after that. Whatever is left of what was not synced: no file has a word of
// what the index had forgotten; it opens, forgets what is redacted, and answers as a new
// one does; and it goes on.
func TestCrash(t *testing.T) {
	for name, work := range archives {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, store := disk.New(t), events.NewMem()
			a := &archive{t: t, disk: d, path: file(t), graph: newGraph(t, markedStore{store, d})}
			work(a)
			v := &inquest{store: store, calm: disk.New(t), seen: map[[sha256.Size]byte]bool{}, wanted: map[events.Seq]answers{}}
			moments, struck := d.EachCrash(t, soak.Times(1), 3*soak.Step()-2, func(w *disk.Wreck, rng *rand.Rand) { // with the race detector still fewer
				again := 0
				if rng.IntN(8) == 0 {
					again = 2
				}
				v.hold(t, w, rng, again)
			})
			t.Logf("%d moments, %d crashes, %d different wrecks opened", moments, struck, v.cases)
		})
	}
}

// answers are what an index finds, by question.
type answers map[string][]uuid.UUID

// answersOf asks for all articles at once, and for one.
func answersOf(t *testing.T, x *find.Index, v graph.View) answers {
	t.Helper()
	a := answers{}
	for _, word := range []string{"harbour", wordOf(2, "gloss")} {
		for h, err := range x.Statements(ctx, v, word, nil) {
			do(t, err)
			a[word] = append(a[word], h.ID)
		}
	}
	for h, err := range x.Entities(ctx, v, "Ada", nil) {
		do(t, err)
		a["Ada"] = append(a["Ada"], h.ID)
	}
	for h, err := range x.Sources(ctx, v, "harbour", nil) {
		do(t, err)
		a["title"] = append(a["title"], h.ID)
	}
	return a
}

// An inquest looks at what crashes have left.
type inquest struct {
	store  *events.Mem
	calm   *disk.Disk // that the wrecks are opened on
	seen   map[[sha256.Size]byte]bool
	wanted map[events.Seq]answers // of a new index
	cases  int
}

// until returns a graph of the first records.
func (v *inquest) until(t *testing.T, last events.Seq) *graph.Graph {
	t.Helper()
	store := events.NewMem()
	for seq := range last {
		data, err := v.store.Read(ctx, seq+1)
		do(t, err)
		_, err = store.Append(ctx, seq, data)
		do(t, err)
	}
	g, err := graph.Open(ctx, store, &graph.Options{Now: now})
	do(t, err)
	return g
}

// hold opens a wreck and holds it against what had been said. It strikes again at some
// of the moments of that.
func (v *inquest) hold(t *testing.T, w *disk.Wreck, rng *rand.Rand, again int) {
	t.Helper()
	if sum := w.Sum(); v.seen[sum] {
		return
	} else {
		v.seen[sum] = true
	}
	v.cases++
	dir := filepath.Join(t.TempDir(), fmt.Sprint(v.cases))
	do(t, os.Mkdir(dir, 0o700), w.Lay(dir))
	defer os.RemoveAll(dir)
	var last events.Seq
	var forgot []int
	for _, m := range w.Marks {
		switch m := m.(type) {
		case storedMark:
			last = events.Seq(m)
		case forgotMark:
			forgot = append(forgot, int(m))
		}
	}
	path := filepath.Join(dir, "find.db")
	has := func(when, path string, articles []int) {
		t.Helper()
		if found := scan(t, wordsOf(articles...), path, path+"-wal", path+"-journal"); len(found) > 0 {
			t.Errorf("%s, the files have %v", when, found)
		}
	}
	has("after the crash", path, forgot)
	if t.Failed() {
		return
	}

	a := &archive{t: t, disk: v.calm, path: path, graph: v.until(t, last)}
	defer a.graph.Close()
	v.calm.Forget()
	if err := a.open(); err != nil {
		t.Error(err)
		return
	}
	view := a.graph.View(nil)
	var redacted []int
	for n := range 11 {
		if _, err := view.Event(ctx, article(n).Events[0].ID); errors.Is(err, graph.ErrRedacted) {
			redacted = append(redacted, n)
		}
	}
	a.forgot(redacted)
	has("opened", path, append(redacted, forgot...))
	moments, soon := v.calm.Moments(), filepath.Join(dir, "soon")
	do(t, os.Mkdir(soon, 0o700), v.calm.Crash(moments[len(moments)-1], disk.None, 0).Lay(soon))
	has("opened, and after another crash", filepath.Join(soon, "find.db"), append(redacted, forgot...))
	if v.wanted[last] == nil {
		x, err := find.Open(ctx, a.graph, "")
		do(t, err)
		v.wanted[last] = answersOf(t, x, view)
		do(t, x.Close())
	}
	if got := answersOf(t, a.index, view); !reflect.DeepEqual(got, v.wanted[last]) {
		t.Errorf("it finds %v, a new index %v", got, v.wanted[last])
	}
	a.record(10)
	if err := errors.Join(a.refresh(), a.refresh(a.redact(10)...)); err != nil {
		t.Error(err)
	}
	has("gone on", path, append(redacted, 10))
	if err := a.close(); err != nil {
		t.Error(err)
	}
	has("closed", path, append(redacted, 10))

	moments = v.calm.Moments()
	var more []*disk.Wreck
	for range again {
		next := v.calm.Crash(moments[rng.IntN(len(moments))], disk.Survivals[rng.IntN(len(disk.Survivals))], rng.Uint64())
		next.Marks = append(w.Marks[:len(w.Marks):len(w.Marks)], next.Marks...)
		more = append(more, next)
	}
	for _, next := range more {
		if !t.Failed() {
			v.hold(t, next, rng, 0)
		}
	}
}
