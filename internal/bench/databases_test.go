package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
)

// answer answers a question from the data themselves, in the plainest way.
func (d *data) answer(q question) (n int, found []uint32) {
	at := d.last()
	if q.kind == asOfHop {
		at = q.at
	}
	removed := map[int]bool{}
	for k, i := range d.retracted {
		removed[int(i)] = d.removed(k) <= at
	}
	shown := func(i int) bool { return d.added(i) <= at && !removed[i] }
	hop := func(from uint32, p uint8, reached map[uint32]bool) {
		for i, f := range d.facts {
			if f.source == from && f.predicate == p && shown(i) {
				reached[f.target] = true
			}
		}
	}
	reached := map[uint32]bool{}
	switch q.kind {
	case oneHop, asOfHop:
		hop(q.a, q.p, reached)
	case twoHops:
		near := map[uint32]bool{}
		hop(q.a, q.p, near)
		for a := range near {
			hop(a, q.q, reached)
		}
	case accordingTo, countOf:
		for i, f := range d.facts {
			if f.predicate == q.p && shown(i) && (q.kind == countOf || f.source == q.a) {
				reached[uint32(i)] = true
			}
		}
	}
	return len(reached), slices.Sorted(maps.Keys(reached))
}

// TestDatabases is what makes the ratios honest: every database gives the answers
// that the data have.
func TestDatabases(t *testing.T) {
	d := synthetic(20_000)
	// What a database has no way to be asked.
	none := map[string]kind{"Cayley memstore": asOfHop, "Kuzu": accordingTo}
	for _, c := range contestants() {
		t.Run(c.name, func(t *testing.T) {
			db, err := c.make(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := db.close(); err != nil {
					t.Error(err)
				}
			}()
			if took, err := db.load(t.Context(), d); err != nil || took <= 0 {
				t.Fatal(took, err)
			}
			if _, err := db.memory(); err != nil {
				t.Error(err)
			}
			for k, name := range kinds {
				answers := 0
				for _, q := range d.questions(kind(k), 40) {
					answers += ask(t, db, d, q)
				}
				if unasked, ok := none[c.name]; (answers == 0) != (ok && unasked == kind(k)) {
					t.Errorf("%s: %d answers", name, answers)
				}
			}
		})
	}
}

// ask compares the answers to a question with those of the data and returns how
// many there are.
func ask(t *testing.T, db database, d *data, q question) int {
	t.Helper()
	want, numbers := d.answer(q)
	var found []uint32
	n, err := db.ask(t.Context(), q, func(i uint32) { found = append(found, i) })
	if errors.Is(err, errors.ErrUnsupported) {
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(found)
	if n != want || q.kind != countOf && !slices.Equal(found, numbers) {
		t.Errorf("%s %+v: %d answers %v, want %d %v", kinds[q.kind], q, n, found, want, numbers)
	}
	if quiet, err := db.ask(t.Context(), q, nil); quiet != want || err != nil {
		t.Errorf("%s %+v: %d answers, want %d, when they are only counted (%v)", kinds[q.kind], q, quiet, want, err)
	}
	return n
}

// TestQuestions holds that the questions are worth asking: each kind has
// answers, and what is asked as of a position has others than now.
func TestQuestions(t *testing.T) {
	d := synthetic(20_000)
	for k, name := range kinds {
		answers, differ := 0, 0
		for _, q := range d.questions(kind(k), 40) {
			n, found := d.answer(q)
			answers += n
			q.kind = oneHop
			if _, now := d.answer(q); !slices.Equal(found, now) {
				differ++
			}
		}
		if answers < 40 {
			t.Errorf("%s: %d answers to 40 questions", name, answers)
		}
		if kind(k) == asOfHop && differ == 0 {
			t.Errorf("%s: never another answer than now", name)
		}
	}
}

// TestPositions holds that the data are recorded at the positions that they say.
func TestPositions(t *testing.T) {
	const n = 20_000 // as many entities as fill a batch, and the source
	d := synthetic(n)
	db, err := openRecord(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer db.close()
	if _, err := db.load(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	view := db.g.View(nil)
	if view.Position() != d.last() {
		t.Errorf("the last position is %d, want %d", view.Position(), d.last())
	}
	removed := map[uint32]int{}
	for k, i := range d.retracted {
		removed[i] = k
	}
	for i := range uint32(n) {
		id := statementID(i)
		_, err := view.AsOf(d.added(int(i))).Statement(id)
		_, early := view.AsOf(d.added(int(i)) - 1).Statement(id)
		if err != nil || early == nil {
			t.Fatalf("statement %d: %v as of its position, %v before", i, err, early)
		}
		if k, ok := removed[i]; ok {
			_, err := view.AsOf(d.removed(k) - 1).Statement(id)
			_, late := view.AsOf(d.removed(k)).Statement(id)
			if err != nil || late == nil {
				t.Fatalf("statement %d: %v before its retraction, %v as of it", i, err, late)
			}
		}
	}
}

// TestSynthetic holds that the data are the same in every run, and as skewed as
// said.
func TestSynthetic(t *testing.T) {
	d, again := synthetic(2000), synthetic(2000)
	if !slices.Equal(d.facts, again.facts) || !slices.Equal(d.retracted, again.retracted) {
		t.Error("the data differ from call to call")
	}
	if fmt.Sprint(d.questions(twoHops, 20)) != fmt.Sprint(again.questions(twoHops, 20)) {
		t.Error("the questions differ from call to call")
	}
	of := map[uint32]int{}
	for _, f := range d.facts {
		of[f.source]++
	}
	if of[0] < 3*2000/d.entities {
		t.Errorf("the busiest of %d entities is the source of %d statements of 2000", d.entities, of[0])
	}
}
