package graph

import (
	"context"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"reflect"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/internal/model"
)

// A folder folds batches, each a record of its own unless batches are folded
// before commit, and keeps the events, as the record does for a graph.
type folder struct {
	*fold
	all          []*events.Event // by number
	m            moment
	allUnhurried bool // batches are folded unhurried
}

func newFolder() *folder {
	f := &folder{fold: newFold(newColumns()), all: []*events.Event{nil}}
	f.load = func(_ context.Context, n uint32) (*events.Event, error) { return f.all[n], nil }
	f.m = f.final()
	return f
}

// registers returns an event that registers an entity.
func registers(entity uuid.UUID) events.Event {
	return events.Event{ID: events.Key("registers", entity.String()), Body: &events.EntityRegistered{Entity: events.Entity{ID: entity}}}
}

// final makes what has been folded final, as the end of a record.
func (f *folder) final() moment {
	end := f.seal()
	f.commit(end)
	return end.moment
}

// batch folds a batch as Record does. With an error, what it did is still there.
func (f *folder) batch(check bool, es ...events.Event) error {
	f.begin(f.most)
	f.unhurried = f.allUnhurried
	for i := range es {
		e := &es[i]
		if f.c.events.find(e.ID, f.c.events.id.n) != 0 {
			continue
		}
		if check {
			if err := events.Check(e, f.fold); err != nil {
				return err
			}
		}
		f.all = append(f.all[:f.c.events.id.n], e)
		if err := f.event(e, check); err != nil {
			return err
		}
	}
	f.end(int64(f.c.batches.n), "desk")
	return nil
}

// met returns how many entries reading a list to its end meets: all that are
// left but those that lie behind the first one beyond the moment.
func (p *postings) met(n uint32, m *moment) int {
	c := p.open(n, 0, m)
	beyond := 0
	p.raw(n, never, func(row uint32) bool {
		if row >= m.rows {
			beyond++
		}
		return true
	})
	return int(c.left+c.more) - max(beyond-1, 0)
}

func (p *postings) living(n uint32, m *moment) (rows []uint32) {
	for c := p.open(n, 0, m); ; {
		r := c.next()
		if r == 0 {
			return rows
		}
		rows = append(rows, r)
	}
}

// entries returns the entries of a list from a row on and before another.
func entries(p *postings, n, from, limit uint32) (rows []uint32) {
	p.since(n, from, limit, func(row uint32) bool { rows = append(rows, row); return true })
	return rows
}

// Reading a list as of any position gives the rows that stood there and meets at
// most 1.5 × those + 32 entries, one that is behind them, and what the record in
// which the position lies removed, however much has been removed before and
// since.
func TestCheckpoints(t *testing.T) {
	for _, c := range []struct {
		name           string
		records, adds  int
		dead, restored int // in thousand: how likely one more is removed, one more restored
	}{
		{"nothing dies", 60, 50, 0, 0},
		{"one in a batch", 80, 40, 500, 0},
		{"half", 80, 40, 950, 0},
		{"ninety-nine in a hundred", 200, 30, 990, 0},
		{"all but one in a thousand", 300, 30, 999, 0},
		{"all but one in a thousand, many come back", 200, 30, 999, 300},
		{"everything", 200, 20, 1000, 50},
		{"one at a time", 2000, 1, 950, 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(1, uint64(c.dead)))
			f := newFolder()
			who := events.Key("entity", "who")
			registered := registers(who)
			id := func(what string, n int) uuid.UUID { return events.Key(what, fmt.Sprint(n)) }
			next := 0
			var standing, removed []uuid.UUID // statements; the retractions that removed some
			was := map[uuid.UUID]uuid.UUID{}  // retraction: statement
			retract := func(target uuid.UUID) events.Event {
				next++
				return events.Event{ID: id("retraction", next), Body: &events.Retracted{Event: target}}
			}
			take := func(from *[]uuid.UUID) uuid.UUID {
				i := rnd.IntN(len(*from))
				x := (*from)[i]
				(*from)[i] = (*from)[len(*from)-1]
				*from = (*from)[:len(*from)-1]
				return x
			}

			want := [][]uuid.UUID{nil} // statements that stand, by position
			gone := []int{0}           // removed by the record, by position
			for range c.records {
				gone1, first := 0, len(want)
				for range 1 + rnd.IntN(2) { // batches
					es := []events.Event{registered}
					for range c.adds {
						next++
						es = append(es, events.Event{ID: id("statement", next), Body: &events.StatementRecorded{Statement: events.Statement{
							Claim: events.Claim{Predicate: "p", Args: []events.Arg{{Role: "who", Value: events.Ref(who)}}},
						}}})
						standing = append(standing, es[len(es)-1].ID)
					}
					if err := f.batch(false, es...); err != nil {
						t.Fatal(err)
					}
					want, gone = append(want, slices.Clone(standing)), append(gone, 0)
					es = nil
					for len(standing) > 0 && rnd.IntN(1000) < c.dead && len(es) < 2*c.adds {
						x := take(&standing)
						es = append(es, retract(x))
						was[es[len(es)-1].ID] = x
						removed = append(removed, es[len(es)-1].ID)
						gone1++
					}
					for len(removed) > 0 && rnd.IntN(1000) < c.restored {
						x := take(&removed)
						es = append(es, retract(x))
						standing = append(standing, was[x])
					}
					if len(es) == 0 {
						es = append(es, events.Event{ID: id("nothing", next), Body: registered.Body})
						next++
					}
					if err := f.batch(false, es...); err != nil {
						t.Fatal(err)
					}
					want, gone = append(want, slices.Clone(standing)), append(gone, 0)
				}
				for p := first; p < len(want); p++ {
					gone[p] = gone1
				}
				f.m = f.final()
			}

			post := &f.c.post
			heads := []*uint32{f.c.symbols.head.at(f.c.symbols.find("p", never)), f.c.entities.head.at(f.c.entities.find(who, never))}
			keys := []uint32{keyStatements, keyRole + f.c.symbols.find("who", never)}
			worst := 0.0
			for p := 0; p < len(want); p += 1 + rnd.IntN(max(2*len(want)/100, 1)) {
				m := f.m
				m.asOf(uint32(p))
				for i, head := range heads {
					n := post.find(*head, keys[i], never)
					rows := post.living(n, &m)
					var got []uuid.UUID
					for _, r := range rows {
						got = append(got, *f.c.events.id.at(f.c.rows.event.at(r)))
					}
					if !slices.IsSorted(rows) || !sameSet(got, want[p]) {
						t.Fatalf("as of %d list %d has %d rows, want %d", p, n, len(rows), len(want[p]))
					}
					limit := len(rows)*3/2 + slack + 1 + gone[p]
					if met := post.met(n, &m); met > limit {
						t.Errorf("as of %d reading %d rows meets %d entries, at most %d", p, len(rows), met, limit)
					} else {
						worst = max(worst, float64(met)/float64(limit))
					}
					jumps(t, post, *post.mark.at(n), uint32(p))
					from := uint32(rnd.IntN(int(f.m.rows) + 2))
					if got, want := entries(post, n, from, m.rows), entries(post, n, 0, m.rows); !slices.Equal(got, want[sort.Search(len(want), func(i int) bool { return want[i] >= from }):]) {
						t.Fatalf("from row %d and before row %d list %d has %d entries, others than of %d", from, m.rows, n, len(got), len(want))
					}
				}
			}
			t.Logf("%d positions, %d checkpoints; the longest walk is %.2f of the limit", len(want), post.checkpoints.n, worst)
		})
	}
}

func sameSet(a, b []uuid.UUID) bool {
	in := map[uuid.UUID]bool{}
	for _, x := range a {
		in[x] = true
	}
	for _, x := range b {
		if !in[x] {
			return false
		}
	}
	return len(in) == len(a) && len(a) == len(b)
}

// jumps fails unless the checkpoint for a position is the newest not after it,
// and is found in a number of steps logarithmic in that of the checkpoints.
func jumps(t *testing.T, p *postings, mark, at uint32) {
	t.Helper()
	if mark == 0 {
		return
	}
	want := mark
	for want != 0 && p.checkpoints.at(want).at > at {
		want = p.checkpoints.at(want).prev
	}
	if got := p.checkpointAt(mark, at); got != want {
		t.Fatalf("as of %d the checkpoint is %d, want %d", at, got, want)
	}
	steps := 0
	for k := mark; k != want; steps++ {
		cp := p.checkpoints.at(k)
		if j := cp.jump; j != 0 && p.checkpoints.at(j).at > at {
			k = j
		} else {
			k = cp.prev
		}
	}
	if limit := 3*bits.Len32(p.checkpoints.at(mark).depth) + 3; steps > limit {
		t.Errorf("as of %d the checkpoint is found in %d steps, at most %d", at, steps, limit)
	}
}

// Of a chain of many checkpoints any is found in a few steps.
func TestManyCheckpoints(t *testing.T) {
	f := newFolder()
	const n = 4096
	var p postings
	p.lists.add(list{})
	p.lists.add(list{})
	p.checkpoints.add(checkpoint{})
	for i := range uint32(n) {
		l := p.lists.at(1)
		for range slack + 1 { // dead before they live
			r := f.c.rows.add(0, about{})
			f.c.rows.row.at(r).removed = 1
			p.push(l, r, 0)
		}
		l.live = 0
		*p.mark.to(1) = p.settle(1, &moment{c: f.c, position: 2*i + 1, rows: f.c.rows.row.n})
	}
	if made := p.checkpoints.n - 1; made != n {
		t.Fatalf("%d checkpoints, want %d", made, n)
	}
	for at := range uint32(2*n + 1) {
		jumps(t, &p, *p.mark.at(1), at)
	}
}

// What has been taken back leaves no trace: a fold that took in and took back
// whatever else is equal to one that never did. Nor does it matter when rows are entered in
// their lists.
func TestRollback(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := newFolder(), newFolder()
		b.c.literals.key = a.c.literals.key
		m, gen := model.New(), model.NewGen()
		for range rapid.IntRange(1, 12).Draw(t, "records") {
			for range rapid.IntRange(1, 3).Draw(t, "batches") {
				var marks []mark
				for range rapid.IntRange(0, 3).Draw(t, "taken back") {
					marks = append(marks, a.mark())
					a.allUnhurried = rapid.Bool().Draw(t, "unhurried")
					noise, _ := gen.Batch(t, m)
					_ = a.batch(true, noise.Events...) // how far it gets does not matter
				}
				if len(marks) > 0 {
					for i := len(marks) - 1; i > 0; i-- {
						if rapid.Bool().Draw(t, "one by one") {
							a.rollback(marks[i])
						}
					}
					a.rollback(marks[0])
				}
				batch, at := gen.Batch(t, m)
				if unknown(a.fold, batch.Events) == 0 {
					continue
				}
				before := a.mark()
				a.allUnhurried = rapid.Bool().Draw(t, "unhurried")
				if err := a.batch(true, batch.Events...); err != nil {
					a.rollback(before)
					continue
				}
				if err := b.batch(true, batch.Events...); err != nil {
					t.Fatalf("only the fold that took nothing back refuses a batch: %v", err)
				}
				m.Record(batch, at)
			}
			a.m, b.m = a.final(), b.final()
			equalFolds(t, a.fold, b.fold)
		}
	})
}

func unknown(f *fold, es []events.Event) (n int) {
	for i := range es {
		if f.c.events.find(es[i].ID, never) == 0 {
			n++
		}
	}
	return n
}

func equalFolds(t *rapid.T, a, b *fold) {
	x, y := a.c, b.c
	equal(t, "symbols", &x.symbols.name, &y.symbols.name)
	equal(t, "symbols' lists", &x.symbols.head, &y.symbols.head)
	equal(t, "entities", &x.entities.id, &y.entities.id)
	equal(t, "entities' lists", &x.entities.head, &y.entities.head)
	equal(t, "sources", &x.sources.id, &y.sources.id)
	equal(t, "sources' lists", &x.sources.head, &y.sources.head)
	equal(t, "ids", &x.events.id, &y.events.id)
	equal(t, "events", &x.events.kinds, &y.events.kinds)
	equalSeries(t, "events' first rows", &x.events.first, &y.events.first)
	equalSparse(t, "events' lists", x.events.id.n, &x.events.head, &y.events.head)
	equalSparse(t, "redacted events", x.events.id.n, x.events.redacted, y.events.redacted)
	equalSeries(t, "rows' events", &x.rows.event, &y.rows.event)
	equal(t, "rows", &x.rows.row, &y.rows.row)
	equal(t, "frames", &x.frames.frame, &y.frames.frame)
	equal(t, "frames' slots", &x.frames.slots, &y.frames.slots)
	equal(t, "frames' voices", &x.frames.voices, &y.frames.voices)
	equal(t, "words", &x.words, &y.words)
	equal(t, "registered", &x.registered, &y.registered)
	equal(t, "verdicts", &x.verdicts, &y.verdicts)
	equal(t, "links", &x.links, &y.links)
	equal(t, "assessments", &x.assessed, &y.assessed)
	equal(t, "times", &x.times.time, &y.times.time)
	equal(t, "stretches", &x.times.stretches, &y.times.stretches)
	equal(t, "times' texts", &x.times.text, &y.times.text)
	equal(t, "literals", &x.literals.hash, &y.literals.hash)
	equal(t, "literals' lists", &x.literals.head, &y.literals.head)
	equal(t, "namings", &x.namings, &y.namings)
	equal(t, "removals", &x.removals, &y.removals)
	equal(t, "batches", &x.batches, &y.batches)
	equal(t, "recorders", &x.recorders, &y.recorders)
	for what, pair := range map[string][2]*index{
		"symbols": {&x.symbols.index, &y.symbols.index}, "entities": {&x.entities.index, &y.entities.index},
		"sources": {&x.sources.index, &y.sources.index}, "events": {&x.events.index, &y.events.index},
		"frames": {&x.frames.index, &y.frames.index}, "times": {&x.times.index, &y.times.index},
		"literals": {&x.literals.index, &y.literals.index},
	} {
		if pair[0].n != pair[1].n {
			t.Fatalf("the index of %s has %d, want %d", what, pair[0].n, pair[1].n)
		}
	}
	for n := uint32(1); n < x.events.id.n; n++ {
		if id := *x.events.id.at(n); x.events.find(id, never) != n {
			t.Fatalf("event %v is number %d, found as %d", id, n, x.events.find(id, never))
		}
	}
	for n := uint32(1); n < x.entities.id.n; n++ {
		if id := *x.entities.id.at(n); x.entities.find(id, never) != n {
			t.Fatalf("entity %v is number %d, found as %d", id, n, x.entities.find(id, never))
		}
	}
	for n := uint32(1); n < x.literals.hash.n; n++ {
		if at := x.literals.at(*x.literals.hash.at(n), never); at != n {
			t.Fatalf("literal %d is found as %d", n, at)
		}
	}
	for n := uint32(1); n < x.frames.frame.n; n++ {
		if at, _ := x.frames.index.find(x.frames.hash(n), never, func(k uint32) bool { return x.frames.same(k, n) }); at != n {
			t.Fatalf("frame %d is found as %d", n, at)
		}
	}
	if x.post.lists.n != y.post.lists.n {
		t.Fatalf("%d lists, want %d", x.post.lists.n, y.post.lists.n)
	}
	for n := uint32(1); n < x.post.lists.n; n++ {
		k, l := x.post.lists.at(n), y.post.lists.at(n)
		if k.key != l.key || k.next != l.next || k.count != l.count || k.live != l.live {
			t.Fatalf("list %d is %+v, want %+v", n, *k, *l)
		}
		var r, s []uint32
		x.post.raw(n, never, func(row uint32) bool { r = append(r, row); return true })
		y.post.raw(n, never, func(row uint32) bool { s = append(s, row); return true })
		if !slices.Equal(r, s) {
			t.Fatalf("list %d has rows %v, want %v", n, r, s)
		}
		for p := range x.batches.n {
			m, o := x.now(), y.now()
			m.asOf(p)
			o.asOf(p)
			if r, s := x.post.living(n, &m), y.post.living(n, &o); !slices.Equal(r, s) {
				t.Fatalf("as of %d list %d has rows %v, want %v", p, n, r, s)
			}
		}
	}
	for what, pair := range map[string][2]any{
		"replaces": {a.replaces, b.replaces}, "redacted": {a.redacted, b.redacted}, "split": {a.split, b.split},
		"declarations": {a.declarations, b.declarations},
	} {
		if !reflect.DeepEqual(pair[0], pair[1]) {
			t.Fatalf("%s: %v, want %v", what, pair[0], pair[1])
		}
	}
	for s, want := range b.splits {
		if !slices.Equal(a.splits[s], want) {
			t.Fatalf("splits of %d: %v, want %v", s, a.splits[s], want)
		}
	}
}

func equal[T comparable](t *rapid.T, what string, a, b *column[T]) {
	if a.n != b.n {
		t.Fatalf("%d %s, want %d", a.n, what, b.n)
	}
	for i := range a.n {
		if *a.at(i) != *b.at(i) {
			t.Fatalf("%s: number %d is %+v, want %+v", what, i, *a.at(i), *b.at(i))
		}
	}
}

func equalSparse(t *rapid.T, what string, n uint32, a, b *sparse) {
	for i := range n {
		if *a.at(i) != *b.at(i) {
			t.Fatalf("%s: number %d is %d, want %d", what, i, *a.at(i), *b.at(i))
		}
	}
}

func equalSeries(t *rapid.T, what string, a, b *series) {
	if a.n != b.n {
		t.Fatalf("%d %s, want %d", a.n, what, b.n)
	}
	for i := range a.n {
		if a.at(i) != b.at(i) {
			t.Fatalf("%s: number %d is %d, want %d", what, i, a.at(i), b.at(i))
		}
	}
}

// The collector has nothing to trace in what grows with the record, but the
// names of predicates, roles and schemes and the values of ratings.
func TestColumnsWithoutPointers(t *testing.T) {
	var found []string
	looked := 0
	var walk func(t reflect.Type, path string)
	walk = func(typ reflect.Type, path string) {
		if strings.HasPrefix(typ.Name(), "column[") {
			looked++
			chunks, _ := typ.FieldByName("chunks")
			load, ok := reflect.PointerTo(chunks.Type).MethodByName("Load")
			if !ok {
				t.Fatalf("%s: a column's chunks are a %v", path, chunks.Type)
			}
			// *[]*[chunk]T
			if elem := load.Type.Out(0).Elem().Elem().Elem().Elem(); pointers(elem) {
				found = append(found, path)
			}
			return
		}
		if typ.Kind() == reflect.Struct && typ.PkgPath() == reflect.TypeFor[list]().PkgPath() {
			for i := range typ.NumField() {
				f := typ.Field(i)
				walk(f.Type, path+"."+f.Name)
			}
		}
	}
	walk(reflect.TypeFor[columns](), "columns")
	if want := []string{"columns.symbols.name"}; !slices.Equal(found, want) {
		t.Errorf("columns with pointers: %v, want %v", found, want)
	}
	if looked < 20 {
		t.Errorf("only %d columns were looked at", looked)
	}
}

func pointers(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Array:
		return pointers(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if pointers(t.Field(i).Type) {
				return true
			}
		}
		return false
	}
	return t.Kind() >= reflect.Chan && t.Kind() != reflect.Struct || t.Kind() == reflect.UnsafePointer
}
