package graph_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// shelf is a Mem that keeps a snapshot.
type shelf struct {
	*events.Mem

	mu       sync.Mutex
	snapshot []byte
	written  [][]byte
	from     []events.Seq
	before   func() // called once, before a snapshot is written
}

func (s *shelf) ReadSnapshot(context.Context) (io.ReadCloser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.snapshot == nil {
		return nil, fs.ErrNotExist
	}
	return io.NopCloser(bytes.NewReader(s.snapshot)), nil
}

// put puts a snapshot there, while a graph may be writing one.
func (s *shelf) put(snapshot []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.snapshot = snapshot
}

func (s *shelf) WriteSnapshot(_ context.Context, write func(io.Writer) error) error {
	s.mu.Lock()
	before := s.before
	s.before = nil
	s.mu.Unlock()
	if before != nil {
		before()
	}
	var buf bytes.Buffer
	err := write(&buf)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.snapshot = buf.Bytes()
		s.written = append(s.written, s.snapshot)
	}
	return err
}

// Scan notes from where on the record is read.
func (s *shelf) Scan(ctx context.Context, after events.Seq) iter.Seq2[events.Record, error] {
	s.mu.Lock()
	s.from = append(s.from, after)
	s.mu.Unlock()
	return s.Mem.Scan(ctx, after)
}

// recordStory records a little of everything that columns hold.
func recordStory(t testing.TB, g *graph.Graph, from, to int) {
	for i := from; i < to; i++ {
		b := events.NewBatch("desk")
		if i%7 == 0 {
			b.Declare(events.Predicate{Name: fmt.Sprint("predicate ", i), Symmetric: true})
		}
		ann, ben := b.Person(fmt.Sprint("Ann ", i%5)), b.Person(fmt.Sprint("Ben ", i))
		src := b.Source(fmt.Sprint("https://example.org/", i%3)).By(b.Person("A. Reporter")).Published("2025-08-04").Title("Talks")
		st := src.Reports(ann, fmt.Sprint("predicate ", i%4), ben, b.Place("Moscow")).On("[2025-08-06,2025-08-07]").
			Arg("hours", events.Number(fmt.Sprint(i), "h")).Arg("words", events.Text(fmt.Sprint("word ", i%9), "en")).ID()
		other := src.Says("know", ann, ben).Stance("PS-").ID()
		b.Link(st, events.Disputes, other, "so it says")
		if i%3 == 1 {
			b.Judge(ann, events.Same, ben, "one person")
		}
		batch, err := b.Batch()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := g.Record(ctx, batch); err != nil {
			t.Fatal(err)
		}
		b = events.NewBatch("desk")
		switch i % 4 {
		case 0:
			b.Add(&events.Retracted{Event: st, Cascade: true, Reason: "we erred"})
		case 1:
			b.Redact(other, "by request")
		default:
			continue
		}
		if batch, err = b.Batch(); err != nil {
			t.Fatal(err)
		}
		if _, err := g.Record(ctx, batch); err != nil {
			t.Fatal(err)
		}
	}
}

// tell tells what a graph shows as of some positions.
func tell(t testing.TB, g *graph.Graph) string {
	var out strings.Builder
	last := g.View(nil).Position()
	for p := last%7 + 1; p <= last; p += max(1, last/5) {
		v := g.View(&graph.Lens{AsOf: p})
		fmt.Fprintln(&out, p)
		for s := range v.Statements(graph.Pattern{}) {
			r, err := s.Load(ctx)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintln(&out, r.ID, r.At.UnixNano(), s.Predicate(), s.Source(), s.Stance(), s.Form(), maps.Collect(s.Entities()))
		}
		for a := range v.Entities() {
			fmt.Fprintln(&out, a)
		}
	}
	return out.String()
}

// first returns a store of the first n records.
func (s *shelf) first(t testing.TB, n events.Seq) *shelf {
	t.Helper()
	short := &shelf{Mem: events.NewMem()}
	for r, err := range s.Mem.Scan(ctx, 0) {
		if err == nil && r.Seq <= n {
			_, err = short.Append(ctx, r.Seq-1, r.Data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return short
}

// saved returns a store with a record and a snapshot of the first part of it, and
// what it tells.
func saved(t testing.TB) (*shelf, string) {
	store := &shelf{Mem: events.NewMem()}
	var opts graph.Options
	graph.Often(&opts)
	g, err := graph.Open(ctx, store, &opts)
	if err != nil {
		t.Fatal(err)
	}
	recordStory(t, g, 0, 20)
	g.Close()
	g, err = graph.Open(ctx, store, &graph.Options{NoSnapshot: true})
	if err != nil {
		t.Fatal(err)
	}
	recordStory(t, g, 20, 30)
	defer g.Close()
	store.from = nil
	return store, tell(t, g)
}

// reopened opens a store and tells what it shows, and whether its snapshot was
// used.
func reopened(t testing.TB, store *shelf) (told string, used bool) {
	store.from = nil
	g, err := graph.Open(ctx, store, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	used = !slices.Contains(store.from, 0)
	return tell(t, g), used
}

func TestSnapshot(t *testing.T) {
	store, want := saved(t)
	told, used := reopened(t, store)
	if !used || told != want {
		t.Errorf("snapshot used: %v; it tells the same: %v", used, told == want)
	}
	if len(store.written) == 0 || len(store.snapshot) == 0 {
		t.Errorf("%d snapshots written", len(store.written))
	}
}

// A snapshot that is not this record's, or not whole, is as good as none.
func TestSnapshotUnusable(t *testing.T) {
	store, want := saved(t)
	whole := store.snapshot
	try := func(what string, snapshot []byte) {
		store.snapshot = snapshot
		if told, used := reopened(t, store); used || told != want {
			t.Errorf("%s: used: %v; it tells the same: %v", what, used, told == want)
		}
	}
	step := len(whole)/25 + 1
	for n := 0; n < len(whole); n += step {
		try(fmt.Sprint("cut at byte ", n), whole[:n])
	}
	try("without its last byte", whole[:len(whole)-1])
	places := []int{0, 14, 15, 46, 47, 54, 55, 86, 87, 90, 91} // of the head, and then some
	for n := 95; n < len(whole); n += step {
		places = append(places, n)
	}
	for _, n := range places {
		changed := bytes.Clone(whole)
		changed[n] ^= 1 << (n % 8)
		try(fmt.Sprint("changed at byte ", n), changed)
	}
	try("text", []byte(strings.Repeat("onrecord graph\n", 1000)))

	other := &shelf{Mem: events.NewMem()}
	var opts graph.Options
	graph.Often(&opts)
	g, err := graph.Open(ctx, other, &opts)
	if err != nil {
		t.Fatal(err)
	}
	recordStory(t, g, 3, 12)
	g.Close()
	try("another record's", other.snapshot)

	short := store.first(t, 10)
	short.snapshot = whole
	if _, used := reopened(t, short); used {
		t.Error("a snapshot of more than the record has is used")
	}
}

// A snapshot is written while others record and read.
func TestSnapshotWhileRecording(t *testing.T) {
	store := &shelf{Mem: events.NewMem()}
	var opts graph.Options
	graph.Often(&opts)
	for round := range 3 {
		g, err := graph.Open(ctx, store, &opts)
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for k := range 3 {
			wg.Go(func() { recordStory(t, g, 100*round+30*k, 100*round+30*k+10) })
		}
		wg.Wait()
		g.Close()
		fresh, err := graph.Open(ctx, store.Mem, nil)
		if err != nil {
			t.Fatal(err)
		}
		told, used := reopened(t, store)
		if want := tell(t, fresh); !used || told != want {
			t.Fatalf("round %d: used: %v; it tells the same: %v", round, used, told == want)
		}
		fresh.Close()
	}
}

// What is recorded after a snapshot was begun, and before it is written, is not in
// it.
func TestSnapshotOfThen(t *testing.T) {
	store := &shelf{Mem: events.NewMem()}
	g, err := graph.Open(ctx, store, nil)
	if err != nil {
		t.Fatal(err)
	}
	recordStory(t, g, 0, 12)
	g.Close()
	var opts graph.Options
	graph.Often(&opts)
	done := make(chan bool)
	opened := make(chan *graph.Graph, 1)
	store.before = func() {
		defer close(done)
		g := <-opened
		b := events.NewBatch("desk")
		src := b.Source("https://example.org/0").By(b.Person("A. Reporter"))
		src.Says("hours", b.Person("Ann 1"), b.Person("Ben 3")) // has been a role
		batch, err := b.Batch()
		if err != nil {
			t.Error(err)
		}
		if _, err := g.Record(ctx, batch); err != nil {
			t.Error(err)
		}
		recordStory(t, g, 12, 17)
	}
	if g, err = graph.Open(ctx, store, &opts); err != nil {
		t.Fatal(err)
	}
	opened <- g
	<-done
	want := tell(t, g)
	g.Close()
	store.snapshot = store.written[0]
	told, used := reopened(t, store)
	if !used || told != want {
		t.Errorf("used: %v; it tells the same: %v", used, told == want)
	}
	if len(store.from) != 1 || store.from[0] != 18 {
		t.Errorf("it reads on after records %v", store.from)
	}
	// As it was then: what came later is lost.
	short := store.first(t, 18)
	want, _ = reopened(t, short)
	short.snapshot = store.snapshot
	if told, used := reopened(t, short); !used || told != want {
		t.Errorf("without what came later: used: %v; it tells the same: %v", used, told == want)
	}
}

// Whoever cannot write a snapshot records all the same. The logger is told, as it is of
// one that is not used.
func TestSnapshotRefused(t *testing.T) {
	store := &refusing{shelf: shelf{Mem: events.NewMem()}, err: errors.New("no space left")}
	store.put([]byte("onrecord graph, torn"))
	var logged bytes.Buffer
	opts := graph.Options{Logger: slog.New(slog.NewTextHandler(&logged, nil))}
	graph.Often(&opts)
	g, err := graph.Open(ctx, store, &opts)
	if err != nil {
		t.Fatal(err)
	}
	recordStory(t, g, 0, 5)
	if err := g.Close(); err != nil {
		t.Error(err)
	}
	for _, want := range []string{
		`level=WARN msg="graph: the snapshot is not used; the whole record is folded" error="unexpected EOF"`,
		`level=WARN msg="graph: the snapshot is not written" error="no space left"`,
	} {
		if !strings.Contains(logged.String(), want) {
			t.Errorf("logged:\n%swant %s", &logged, want)
		}
	}
}

// A store that may not keep a snapshot is asked once, and nobody is told.
func TestSnapshotForbidden(t *testing.T) {
	store := &refusing{shelf: shelf{Mem: events.NewMem()}, err: fmt.Errorf("to be read only: %w", fs.ErrPermission)}
	var logged bytes.Buffer
	opts := graph.Options{Logger: slog.New(slog.NewTextHandler(&logged, nil))}
	graph.Often(&opts)
	g, err := graph.Open(ctx, store, &opts)
	if err != nil {
		t.Fatal(err)
	}
	recordStory(t, g, 0, 5)
	if err := g.Close(); err != nil {
		t.Error(err)
	}
	if asked := store.asked.Load(); asked != 1 || logged.Len() > 0 {
		t.Errorf("it is asked %d times, logged:\n%s", asked, &logged)
	}
}

// refusing is a shelf that takes nothing.
type refusing struct {
	shelf
	err   error
	asked atomic.Int32
}

func (r *refusing) WriteSnapshot(context.Context, func(io.Writer) error) error {
	r.asked.Add(1)
	return r.err
}
