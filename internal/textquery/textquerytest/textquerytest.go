// Package textquerytest checks what the packages promise that run a query which
// is a text: that it ends by its limits and its context, without an answer.
package textquerytest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/graph/quadstore"
	"github.com/onrecord/onrecord/internal/leak"
	"github.com/onrecord/onrecord/internal/textquery"
)

// Ask runs a text and reports whether there is an answer.
type Ask func(ctx context.Context, v graph.View, text string, limits *quadstore.Limits) (answered bool, err error)

// Texts are queries in a language.
type Texts struct {
	Names string // of all entities
	// Values are three fields of "person 0", of whom each has met each: all whom this
	// one met, or who met this one.
	Values string
	// Hostile ask for more than there is time for, of people of whom each has
	// met each, and of 20,000 talks.
	Hostile []string
}

// TestEnd checks that queries end as they should.
func TestEnd(t *testing.T, ask Ask, texts Texts) {
	none := leak.Check(t)
	testMiddle(t, ask, texts.Names)
	testRead(t, ask, texts.Names)
	view, done := crowd(t)
	testBefore(t, ask, view, texts.Names)
	if answered, err := ask(context.Background(), view, texts.Values, &quadstore.Limits{Results: 500}); !answered || err != nil {
		t.Errorf("three fields of twenty values each: answered %v, %v", answered, err)
	}
	for i, text := range texts.Hostile {
		t.Run(fmt.Sprint("hostile ", i), func(t *testing.T) { testHostile(t, ask, view, text) })
	}
	for _, text := range []string{strings.Repeat(" ", textquery.MaxBytes+1) + texts.Names} {
		if answered, err := ask(context.Background(), view, text, nil); answered || !errors.Is(err, quadstore.ErrLimit) {
			t.Errorf("a text that is too long: answered %v, %v", answered, err)
		}
	}
	if answered, err := ask(context.Background(), view, texts.Names+"\xff", nil); answered || err == nil {
		t.Errorf("a text that is not UTF-8: answered %v, %v", answered, err)
	}
	done()
	none()
}

// testMiddle cancels a query while it reads its third name.
func testMiddle(t *testing.T, ask Ask, text string) {
	mine := errors.New("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	records := &records{Mem: events.NewMem()}
	view, done := guests(t, records)
	defer done()
	if answered, err := ask(ctx, view, text, nil); !answered || err != nil || records.reads < 100 {
		t.Errorf("before: answered %v, %v, after %d reads", answered, err, records.reads)
	}
	records.reads = 0
	records.before = func() error {
		if records.reads == 3 {
			cancel(mine)
		}
		return nil
	}
	answered, err := ask(ctx, view, text, nil)
	if answered || !errors.Is(err, mine) {
		t.Errorf("cancelled in the middle: answered %v, %v", answered, err)
	}
	if records.reads != 3 {
		t.Errorf("cancelled at read 3, it read %d times", records.reads)
	}
}

// testRead has reading fail.
func testRead(t *testing.T, ask Ask, text string) {
	disk := errors.New("the disk is gone")
	records := &records{Mem: events.NewMem()}
	view, done := guests(t, records)
	defer done()
	records.reads = 0
	records.before = func() error {
		if records.reads == 3 {
			return disk
		}
		return nil
	}
	if answered, err := ask(context.Background(), view, text, nil); answered || !errors.Is(err, disk) {
		t.Errorf("a name cannot be read: answered %v, %v", answered, err)
	}
}

// testBefore has the end come before the query.
func testBefore(t *testing.T, ask Ask, view graph.View, text string) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if answered, err := ask(ctx, view, text, nil); answered || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before: answered %v, %v", answered, err)
	}
	ctx, cancel = context.WithDeadline(context.Background(), time.Unix(0, 0))
	defer cancel()
	if answered, err := ask(ctx, view, text, nil); answered || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the deadline is over: answered %v, %v", answered, err)
	}
	answered, err := ask(context.Background(), view, text, &quadstore.Limits{Time: time.Nanosecond})
	if answered || !errors.Is(err, quadstore.ErrLimit) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the time is over: answered %v, %v", answered, err)
	}
}

func testHostile(t *testing.T, ask Ask, view graph.View, text string) {
	for _, limits := range []*quadstore.Limits{{Steps: 1}, {Steps: 1000}, {Steps: 20_000, Results: 2000}, {Results: 100}} {
		answered, err := ask(context.Background(), view, text, limits)
		if answered || !errors.Is(err, quadstore.ErrLimit) {
			t.Errorf("with %+v: answered %v, %v", limits, answered, err)
		}
	}
}

// records are a store that calls a function before each read.
type records struct {
	*events.Mem
	reads  int
	before func() error
}

func (r *records) Read(ctx context.Context, seq events.Seq) ([]byte, error) {
	r.reads++
	if r.before != nil {
		if err := r.before(); err != nil {
			return nil, err
		}
	}
	return r.Mem.Read(ctx, seq)
}

// guests are a hundred people, each in a record of its own.
func guests(t *testing.T, records *records) (view graph.View, done func()) {
	g, err := graph.Open(context.Background(), records, &graph.Options{CacheSize: 1})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		b := events.NewBatch("desk")
		b.Person(fmt.Sprint("guest ", i))
		put(t, g, b)
	}
	return g.View(nil), func() { g.Close() }
}

// crowd is 20 people, of whom each has met each, and 20,000 talks of the first.
func crowd(t *testing.T) (view graph.View, done func()) {
	g, err := graph.Open(context.Background(), events.NewMem(), nil)
	if err != nil {
		t.Fatal(err)
	}
	b := events.NewBatch("desk")
	src := b.Source("https://example.org/crowd").By(b.Person("A. Reporter"))
	var people []events.EntityRef
	for i := range 20 {
		people = append(people, b.Person(fmt.Sprint("person ", i)))
	}
	for _, x := range people {
		for _, y := range people {
			src.Says("meet", x, y)
		}
	}
	put(t, g, b)
	for i := range 20 {
		b := events.NewBatch("desk")
		src := b.Source("https://example.org/talks").By(b.Person("A. Reporter"))
		for k := range 1000 {
			src.Says("talk", b.Person("person 0")).Arg("number", events.Number(fmt.Sprint(1000*i+k), ""))
		}
		put(t, g, b)
	}
	return g.View(nil), func() { g.Close() }
}

func put(t *testing.T, g *graph.Graph, b *events.Builder) {
	t.Helper()
	batch, err := b.Batch()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Record(context.Background(), batch); err != nil {
		t.Fatal(err)
	}
}
