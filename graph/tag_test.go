package graph

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// seeking returns the rows that a walk for a predicate comes to.
func (p *postings) seeking(n, predicate uint32, m *moment) (rows []uint32) {
	for c := p.open(n, predicate, m); ; {
		r := c.next()
		if r == 0 {
			return rows
		}
		rows = append(rows, r)
	}
}

// A walk for a predicate comes to all rows of it that stand, as of any position, in
// order, and passes over those whose tags are others but for twelve, however much
// has been removed, restored, read anew and taken back. There are more names than
// tags.
func TestTags(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	f := newFolder()
	who, alt := events.Key("entity", "who"), events.Key("entity", "alt")
	next := 0
	id := func(what string) uuid.UUID {
		next++
		return events.Key(what, fmt.Sprint(next))
	}
	// Some are common, most are rare, and two have one tag.
	names := func() string { return fmt.Sprint("p", min(rnd.IntN(400), rnd.IntN(400), rnd.IntN(400))) }
	var standing, removed, splits []uuid.UUID
	pick := func(from []uuid.UUID) uuid.UUID { return from[rnd.IntN(len(from))] }
	batch := func() (es []events.Event) {
		es = append(es, registers(who), registers(alt))
		for range rnd.IntN(120) {
			e := events.Event{ID: id("statement"), Body: &events.StatementRecorded{Statement: events.Statement{
				Claim: events.Claim{Predicate: names(), Args: []events.Arg{{Role: "who", Value: events.Ref(who)}}},
			}}}
			standing = append(standing, e.ID)
			es = append(es, e)
		}
		for range rnd.IntN(240) {
			if len(standing) > 0 {
				e := events.Event{ID: id("retraction"), Body: &events.Retracted{Event: pick(standing)}}
				removed = append(removed, e.ID)
				es = append(es, e)
			}
		}
		if len(removed) > 0 && rnd.IntN(3) == 0 {
			es = append(es, events.Event{ID: id("undo"), Body: &events.Retracted{Event: pick(removed)}})
		}
		if len(standing) > 0 && rnd.IntN(3) == 0 {
			part := events.SplitPart{Entity: alt}
			for range 10 {
				part.Mentions = append(part.Mentions, events.Mention{Statement: pick(standing), Place: events.Anywhere})
			}
			splits = append(splits, id("split"))
			es = append(es, events.Event{ID: splits[len(splits)-1], Body: &events.EntitySplit{Entity: who, Parts: []events.SplitPart{part}}})
		}
		if len(splits) > 0 && rnd.IntN(6) == 0 {
			es = append(es, events.Event{ID: id("undo"), Body: &events.Retracted{Event: pick(splits)}})
		}
		return es
	}
	for range 60 {
		for range 1 + rnd.IntN(3) {
			kept := [...][]uuid.UUID{standing, removed, splits}
			before := f.mark()
			if err := f.batch(false, batch()...); err != nil {
				t.Fatal(err)
			}
			if rnd.IntN(3) == 0 {
				f.rollback(before)
				standing, removed, splits = kept[0], kept[1], kept[2]
			}
		}
		f.m = f.final()
	}

	c, post := f.c, &f.c.post
	found, passed := 0, 0
	for _, e := range []uuid.UUID{who, alt} {
		n := post.find(*c.entities.head.at(c.entities.find(e, never)), keyRole+c.symbols.find("who", never), never)
		for at := uint32(1); at <= f.m.position; at += 7 {
			m := f.m
			m.asOf(at)
			living := post.living(n, &m)
			for p := uint32(1); p < c.symbols.name.n; p++ {
				var want, got []uint32
				others := 0
				for _, r := range living {
					if c.readingOf(r).predicate == p {
						want = append(want, r)
					}
				}
				for _, r := range post.seeking(n, p, &m) {
					switch q := c.readingOf(r).predicate; {
					case q == p:
						got = append(got, r)
					case tagOf(q) != tagOf(p):
						others++
					}
				}
				if !slices.Equal(got, want) {
					t.Fatalf("as of %d a walk through list %d for symbol %d finds %v, want %v", at, n, p, got, want)
				}
				if others > 2*(tagsFrom-firstBlock) {
					t.Errorf("as of %d a walk through list %d for symbol %d meets %d rows with other tags", at, n, p, others)
				}
				found += len(got)
				passed += len(living) - len(got) - others
			}
		}
	}
	if c.symbols.name.n < 260 || found < 5_000 || passed < 100*found || post.checkpoints.n < 4 {
		t.Errorf("%d symbols, %d rows are found and %d passed over, %d checkpoints", c.symbols.name.n, found, passed, post.checkpoints.n)
	}
}

// A reader who walks for a predicate, and began while entries were in the list that
// have been taken back since, does not go on from a block that is another list's by
// now; and blocks with tags and without do not take each other's place.
func TestBlocksGivenBack(t *testing.T) {
	f := newFolder()
	var p postings
	p.lists.add(list{})
	add := func(key uint32) (n uint32, l *list) {
		n = p.lists.add(list{key: key})
		return n, p.lists.at(n)
	}
	var taken []undo
	push := func(l *list, from, to uint32) {
		for r := from; r < to; r++ {
			last := l.last
			p.push(l, r, 1)
			taken = append(taken, undo{list: l, old: last})
		}
	}
	takeBack := func(l *list) { // all of it
		for i := len(taken) - 1; i >= 0; i-- {
			if taken[i].list == l {
				p.pop(l, taken[i].old)
				taken = slices.Delete(taken, i, i+1)
			}
		}
	}
	_, first := add(keyRole + 1) // its blocks are where a walk that has lost its way begins
	push(first, 1, 40)
	n, l := add(keyRole + 2)
	push(l, 40, 50)
	taken = nil // so far it is final
	// The tag is 0, as most bytes are of what is no tag.
	c := p.open(n, 256, &moment{c: f.c, rows: 50})
	push(l, 50, 300)
	late := p.open(n, 256, &moment{c: f.c, rows: 50})
	takeBack(l)
	_, other := add(keyRole + 3)
	push(other, 50, 80)
	for _, c := range []cursor{c, late} {
		var rows []uint32
		for r := c.next(); r != 0; r = c.next() {
			rows = append(rows, r)
		}
		if want := []uint32{40, 41, 42, 43, 44, 45}; !slices.Equal(rows, want) {
			t.Errorf("a walk comes to %v, want %v", rows, want)
		}
	}

	_, bare := add(keyStatements)
	m, next := add(keyStatements)
	for r := uint32(80); r < 120; r += 2 { // their blocks lie side by side
		push(next, r, r+1)
		push(bare, r+1, r+2)
	}
	_, tagged := add(keyRole + 4)
	takeBack(bare)
	push(tagged, 120, 160)
	want := uint32(80)
	p.raw(m, never, func(row uint32) bool {
		if row != want {
			t.Errorf("row %d has become %d", want, row)
		}
		want += 2
		return true
	})
}
