package quadstore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/cayley/graph/memstore"
	_ "github.com/cayleygraph/cayley/writer"
	"github.com/cayleygraph/quad"
	"github.com/cayleygraph/quad/nquads"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/graph/quadstore"
	"github.com/onrecord/onrecord/internal/model"
	"github.com/onrecord/onrecord/internal/modeltest"
)

// batches is a writer that keeps what it is given; then, if it is not nil, decides
// what it answers.
type batches struct {
	list [][]quad.Quad
	then func(given int) (int, error)
}

func (w *batches) WriteQuads(quads []quad.Quad) (int, error) {
	w.list = append(w.list, slices.Clone(quads))
	if w.then != nil {
		return w.then(len(quads))
	}
	return len(quads), nil
}

func (w *batches) quads() []quad.Quad { return slices.Concat(w.list...) }

// lines returns quads as text, sorted.
func lines(quads []quad.Quad) (list []string) {
	for _, q := range quads {
		list = append(list, fmt.Sprint(q.Subject, " ", q.Predicate, " ", q.Object, " ", q.Label))
	}
	slices.Sort(list)
	return list
}

// TestCopyModel copies random views, and compares what each writer has then with
// the quads that the slow model's statements should have.
func TestCopyModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, m, gen := recorded(t)
		for _, l := range []model.Lens{{}, {AsOf: max(1, m.Last()/2)}, {According: gen.Entities[:2]}, gen.Lens(t, m)} {
			view := g.View(modeltest.Lens(l))
			want := slices.Compact(lines(quadsOf(m, l, gen)))
			same := func(what string, got []string) {
				if !slices.Equal(got, want) {
					t.Fatalf("%s:\n%q\nwant:\n%q", what, got, want)
				}
			}
			opts := &quadstore.CopyOptions{Batch: rapid.SampledFrom([]int{0, 1, 3, 50}).Draw(t, "batch")}

			kept := &batches{}
			copied(t, kept, view, opts, len(want))
			same("given", lines(kept.quads()))
			wholeStatements(t, kept.list, opts.Batch)

			mem := memstore.New()
			w, err := mem.NewQuadWriter()
			if err != nil {
				t.Fatal(err)
			}
			copied(t, w, view, opts, len(want))
			var text bytes.Buffer
			file := nquads.NewWriter(&text)
			copied(t, file, view, opts, len(want))
			if err := errors.Join(w.Close(), file.Close()); err != nil {
				t.Fatal(err)
			}
			same("memstore", lines(read(t, cayley.NewQuadStoreReader(mem))))
			same("nquads", lines(read(t, nquads.NewReader(&text, false))))

			// Once more changes nothing.
			copied(t, w, view, opts, len(want))
			same("memstore, twice", lines(read(t, cayley.NewQuadStoreReader(mem))))
		}
	})
}

// copied copies a view and checks what is said of it.
func copied(t *rapid.T, w quad.BatchWriter, v graph.View, opts *quadstore.CopyOptions, want int) {
	told := *opts
	last := int64(-1)
	told.Progress = func(written, total int64) {
		if written <= last || (written == 0) != (last < 0) || total != int64(want) {
			t.Fatalf("%d of %d are written, after %d of %d", written, total, last, want)
		}
		last = written
	}
	if n, err := quadstore.Copy(ctx, w, v, &told); n != int64(want) || last != n || err != nil {
		t.Fatalf("%d quads (%v), told of %d, want %d", n, err, last, want)
	}
	if n, err := quadstore.Copy(ctx, &batches{}, v, nil); n != int64(want) || err != nil {
		t.Fatalf("%d quads (%v) without options, want %d", n, err, want)
	}
}

// wholeStatements checks that batches are full, no fuller than they must be, and
// divide no statement.
func wholeStatements(t *rapid.T, list [][]quad.Quad, size int) {
	if size == 0 {
		size = 10_000
	}
	whose := func(q quad.Quad) quad.Value {
		if q.Label != nil {
			return q.Label
		}
		return q.Subject
	}
	for i, batch := range list {
		if len(batch) == 0 || len(batch) < size && i+1 < len(list) {
			t.Fatalf("batch %d of %d has %d quads of %d", i, len(list), len(batch), size)
		}
		if i > 0 && whose(batch[0]) == whose(list[i-1][len(list[i-1])-1]) {
			t.Fatalf("%v is divided", whose(batch[0]))
		}
		if len(batch) > size && whose(batch[size-1]) != whose(batch[len(batch)-1]) {
			t.Fatalf("batch %d goes on after %v, with %d quads of %d", i, whose(batch[size-1]), len(batch), size)
		}
	}
}

func read(t *rapid.T, r quad.ReadCloser) []quad.Quad {
	defer r.Close()
	quads, err := quad.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return quads
}

// What the vocabulary has and the random records do not comes back from a file as
// it was, too.
func TestCopyValues(t *testing.T) {
	g := open(t)
	b := events.NewBatch("desk")
	b.Source("https://example.org/a?b=<c>&d=\"e\"").Title("Zeile 1\tЗаголовок 😀").
		Says("cost 50% > all/none", b.Person(`"X" \ Y`)).
		Arg("share", events.Number("0.1", "%")).Arg("grade", events.Number("25e-1", "")).Arg("big", events.Number("1e400", "")).
		Arg("far", events.Number("9223372036854775808", "")).Arg("words", events.Text("one\ntwo \\ \"three\" <four>", "zh-Hant")).
		Arg("plain", events.Text("  spaces  ", ""))
	record(t, g, b)
	kept := &batches{}
	n, err := quadstore.Copy(ctx, kept, g.View(nil), nil)
	if err != nil || n != int64(len(kept.quads())) {
		t.Fatal(n, err)
	}
	var text bytes.Buffer
	file := nquads.NewWriter(&text)
	if _, err := quadstore.Copy(ctx, file, g.View(nil), nil); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := quad.ReadAll(nquads.NewReader(&text, false))
	if err != nil || !slices.Equal(again, kept.quads()) {
		t.Errorf("%q (%v), want %q", again, err, kept.quads())
	}
}

// A context that ends in the middle stops a copy before the next batch, and what is
// counted is what the writer has.
func TestCopyCancel(t *testing.T) {
	g := open(t)
	many(t, g)
	for _, after := range []int{0, 1, 3} {
		ended, cancel := context.WithCancel(ctx)
		kept := &batches{}
		kept.then = func(given int) (int, error) {
			if len(kept.list) == after {
				cancel()
			}
			return given, nil
		}
		if after == 0 {
			cancel()
		}
		n, err := quadstore.Copy(ended, kept, g.View(nil), &quadstore.CopyOptions{Batch: 100})
		if !errors.Is(err, context.Canceled) || len(kept.list) != after || int(n) != len(kept.quads()) ||
			!strings.Contains(fmt.Sprint(err), fmt.Sprintf("after %d quads", n)) {
			t.Errorf("after %d batches: %d quads in %d, %v", after, n, len(kept.list), err)
		}
		cancel()
	}

	// Nor is anything counted, and between two quads it is seen as well.
	ended, cancel := context.WithCancel(ctx)
	told := false
	cancel()
	opts := &quadstore.CopyOptions{Progress: func(int64, int64) { told = true }}
	if n, err := quadstore.Copy(ended, &batches{}, g.View(nil), opts); n != 0 || told || !errors.Is(err, context.Canceled) {
		t.Errorf("%d quads, told %v, %v", n, told, err)
	}
	ended, cancel = context.WithCancel(ctx)
	opts.Progress = func(int64, int64) { cancel() }
	kept := &batches{}
	if n, err := quadstore.Copy(ended, kept, g.View(nil), opts); n != 0 || kept.list != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%d quads in %d batches, %v", n, len(kept.list), err)
	}
}

// Whatever a writer answers, nothing is lost in silence.
func TestCopyRefused(t *testing.T) {
	g := open(t)
	many(t, g)
	full := errors.New("the disk is full")
	for name, test := range map[string]struct {
		then func(given int) (int, error)
		want error
		took int64 // of the third batch
	}{
		"all":  {func(int) (int, error) { return 0, full }, full, 0},
		"some": {func(int) (int, error) { return 7, full }, full, 7},
		"less": {func(given int) (int, error) { return given - 1, nil }, io.ErrShortWrite, -1},
	} {
		kept := &batches{}
		kept.then = func(given int) (int, error) {
			if len(kept.list) == 3 {
				return test.then(given)
			}
			return given, nil
		}
		var told int64
		opts := &quadstore.CopyOptions{Batch: 100, Progress: func(written, _ int64) { told = written }}
		n, err := quadstore.Copy(ctx, kept, g.View(nil), opts)
		before := int64(len(kept.quads()) - len(kept.list[2]))
		want := before + test.took
		if test.took < 0 {
			want = int64(len(kept.quads())) + test.took
		}
		if !errors.Is(err, test.want) || n != want || told != before || !strings.Contains(fmt.Sprint(err), fmt.Sprintf("after %d quads", n)) {
			t.Errorf("%s refused: %d quads, told %d, %v; want %d, %d, %v", name, n, told, err, want, before, test.want)
		}
		if len(kept.list) != 3 {
			t.Errorf("%s refused, and %d batches followed", name, len(kept.list)-3)
		}
	}

	// A store of Cayley's that takes no quad twice refuses the second copy.
	mem := memstore.New()
	once, err := cayley.NewQuadWriter("single", mem, cayley.Options{"ignore_duplicate": false})
	if err != nil {
		t.Fatal(err)
	}
	w := cayley.NewWriter(once)
	if _, err := quadstore.Copy(ctx, w, g.View(nil), nil); err != nil {
		t.Fatal(err)
	}
	var exists *cayley.DeltaError
	if n, err := quadstore.Copy(ctx, w, g.View(nil), nil); n != 0 || !errors.As(err, &exists) || !cayley.IsQuadExist(exists) {
		t.Errorf("the second time: %d quads, %v", n, err)
	}
}

// hooked is a store that calls a function before a record is read.
type hooked struct {
	*events.Mem
	read func(events.Seq) error // or nil
}

func (h *hooked) Read(ctx context.Context, seq events.Seq) ([]byte, error) {
	if h.read != nil {
		if err := h.read(seq); err != nil {
			return nil, err
		}
	}
	return h.Mem.Read(ctx, seq)
}

func openHooked(t *testing.T) (*hooked, *graph.Graph) {
	store := &hooked{Mem: events.NewMem()}
	g, err := graph.Open(ctx, store, &graph.Options{CacheSize: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	return store, g
}

// A text that cannot be read is an error, not a quad less.
func TestCopyUnreadable(t *testing.T) {
	store, g := openHooked(t)
	many(t, g)
	disk := errors.New("the disk is gone")
	store.read = func(events.Seq) error { return disk }
	for _, opts := range []*quadstore.CopyOptions{nil, {Batch: 1}, {Progress: func(int64, int64) {}}} {
		kept := &batches{}
		if n, err := quadstore.Copy(ctx, kept, g.View(nil), opts); n != 0 || kept.list != nil || !errors.Is(err, disk) {
			t.Errorf("%d quads in %d batches, %v", n, len(kept.list), err)
		}
	}
}

// What is redacted while a copy is under way is written no more, and that is no
// error: neither the statements after the one at hand, nor what that one still has
// to say.
func TestCopyRedacted(t *testing.T) {
	store, g := openHooked(t)
	b := events.NewBatch("desk")
	x := b.Person("X")
	src := b.Source("https://example.org")
	src.Says("nod", x)
	record(t, g, b)
	var ids []uuid.UUID
	for i := range 10 {
		b := events.NewBatch("desk")
		st := b.Source("https://example.org").Says("say", b.Person("X"))
		ids = append(ids, st.Arg("first", events.Text(fmt.Sprint("one ", i), "")).Arg("then", events.Text(fmt.Sprint("two ", i), "")).ID())
		record(t, g, b)
	}
	whole := &batches{}
	if _, err := quadstore.Copy(ctx, whole, g.View(nil), nil); err != nil {
		t.Fatal(err)
	}

	store.read = func(seq events.Seq) error {
		if seq == 1 {
			return nil
		}
		store.read = nil // while the first text of statement 0 is read
		b := events.NewBatch("desk")
		b.Redact(ids[0], "test")
		b.Redact(ids[7], "test")
		record(t, g, b)
		return nil
	}
	kept := &batches{}
	n, err := quadstore.Copy(ctx, kept, g.View(nil), &quadstore.CopyOptions{Batch: 1})
	want := slices.DeleteFunc(whole.quads(), func(q quad.Quad) bool {
		return q.Label == quadstore.Statement(ids[7]) || q.Object == quad.String("two 0")
	})
	if err != nil || int(n) != len(want) || !slices.Equal(kept.quads(), want) || len(want)+2 > len(whole.quads()) {
		t.Errorf("%d quads (%v), want %d of %d", n, err, len(want), len(whole.quads()))
	}
}
