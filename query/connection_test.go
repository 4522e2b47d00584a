package query_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

// people returns persons whose ids ascend with their names, A first.
func (d *desk) people(n int) (all []events.EntityRef) {
	for i := range n {
		id := uuid.UUID{15: byte(i + 1), 14: byte((i + 1) >> 8)}
		name := string(rune('A' + i))
		if i >= 26 {
			name = fmt.Sprint("P", i)
		}
		d.Add(&events.EntityRegistered{Entity: events.Entity{ID: id, Kind: events.Person, Name: events.Name{Text: name}}})
		d.names[id] = name
		all = append(all, events.EntityRef{ID: id})
	}
	return all
}

func (d *desk) handles(list []graph.Statement) string {
	var all []string
	for _, s := range list {
		all = append(all, d.names[s.ID()])
	}
	return strings.Join(all, "+")
}

// path prints a path as A>B>C.
func (d *desk) path(p *query.Path) string {
	var all []string
	for _, e := range p.Entities {
		all = append(all, d.names[e])
	}
	if len(p.Hops) != len(all)-1 {
		d.t.Errorf("%v has %d hops", all, len(p.Hops))
	}
	return strings.Join(all, ">")
}

// hops prints a path with its statements.
func (d *desk) hops(p *query.Path) string {
	s := d.names[p.Entities[0]]
	for i, h := range p.Hops {
		var by []string
		for _, e := range h.Speakers {
			by = append(by, d.names[e])
		}
		s += fmt.Sprintf(" %s-%s by %s %s", d.handles(h.Affirmed), d.handles(h.Denied), strings.Join(by, "+"), d.names[p.Entities[i+1]])
	}
	return s
}

func (d *desk) paths(v graph.View, from, to events.EntityRef, o *query.PathOptions) string {
	d.t.Helper()
	return list(d.t, query.Paths(ctx, v, from.ID, to.ID, o), d.path)
}

func TestPathOrder(t *testing.T) {
	d := newDesk(t)
	p := d.people(6)
	a, b, c, e, f, o := p[0], p[1], p[2], p[3], p[4], p[5]
	src := d.story()
	d.names[d.Person("Reporter").ID] = "Reporter"
	d.name("ac", src.Says("meet", a, c))
	d.name("cf", src.Reports(b, "meet", f, c).With(c))
	d.name("ab", src.Says("meet", a, b))
	d.name("bf", src.Says("meet", b, f))
	d.name("ab2", src.Reports(e, "know", b, a).For(f))
	d.name("not ab", src.Reports(b, "meet", a, b).Stance("PS-"))
	d.name("open", src.Reports(b, "meet", a, b).Stance("CTu"))
	d.name("bc", src.Says("meet", b, c))
	d.name("not af", src.Says("meet", a, f).Stance("CT-"))
	d.name("oe", src.Says("talk", e).Occurrence(o))
	d.name("of", src.Says("talk", f).Occurrence(o))
	d.name("aa", src.Says("like", a, a))
	d.record()
	v := d.g.View(nil)
	equal(t, "paths", d.paths(v, a, f, nil), "A>B>E, A>C>E, A>B>C>E, A>C>B>E")
	equal(t, "at most 3", d.paths(v, a, f, &query.PathOptions{Most: 3}), "A>B>E, A>C>E, A>B>C>E")
	equal(t, "at most 2 hops", d.paths(v, a, f, &query.PathOptions{Longest: 2}), "A>B>E, A>C>E")
	equal(t, "at most 1 hop", d.paths(v, a, f, &query.PathOptions{Longest: 1}), "")
	equal(t, "the other way", d.paths(v, f, a, nil), "E>B>A, E>C>A, E>B>C>A, E>C>B>A")
	equal(t, "through an occurrence", d.paths(v, e, a, &query.PathOptions{Most: 1, Longest: 8}), "D>F>E>B>A")
	equal(t, "hops", list(t, query.Paths(ctx, v, a.ID, f.ID, &query.PathOptions{Most: 2}), d.hops),
		"A ab+ab2-not ab by Reporter+D B bf- by Reporter E, A ac- by Reporter C cf- by B+C E")
	equal(t, "to itself", d.paths(v, a, a, nil), "")
	equal(t, "to nobody", d.paths(v, a, events.EntityRef{}, nil)+d.paths(v, events.EntityRef{}, a, nil), "")
	equal(t, "to somebody unknown", d.paths(v, a, events.EntityRef{ID: uuid.New()}, nil), "")
	equal(t, "as of before", d.paths(d.g.View(&graph.Lens{RecordedBy: time.Unix(1, 0)}), a, f, nil), "")
	equal(t, "according to B", d.paths(d.g.View(&graph.Lens{According: []uuid.UUID{b.ID}}), c, f, nil), "C>E")

	d.Judge(f, events.Same, c, "")
	d.record()
	v = d.g.View(nil)
	equal(t, "merged", d.paths(v, a, f, nil), "A>C, A>B>C")
	equal(t, "merged, one", d.paths(v, c, f, nil), "")
}

func TestPathsAtOneTime(t *testing.T) {
	d := newDesk(t)
	p := d.people(4)
	a, b, c, e := p[0], p[1], p[2], p[3]
	src := d.story()
	d.name("ab", src.Says("meet", a, b).On("[2025-08-01,2025-08-03]"))
	d.name("ab later", src.Says("meet", a, b).On("2025-09-01"))
	d.name("not ab", src.Says("meet", a, b).On("2025-08-03").Stance("CT-"))
	d.name("not ab then", src.Says("meet", a, b).On("2025-09-01").Stance("CT-"))
	d.name("be", src.Says("meet", b, e).On("2025-08-02"))
	d.name("bc", src.Says("meet", b, c))
	d.name("ce", src.Says("meet", c, e).On("2025-07-01/2025-08-02"))
	d.name("ce again", src.Says("meet", c, e).On("2025-08-03/.."))
	d.record()
	together := &query.PathOptions{AtOneTime: true}
	v := d.g.View(nil)
	equal(t, "paths", d.paths(v, a, e, nil), "A>B>D, A>B>C>D")
	// No day of the set in brackets is the one between them.
	equal(t, "at one time", list(t, query.Paths(ctx, v, a.ID, e.ID, together), func(p *query.Path) string {
		var windows []string
		for _, w := range p.Windows {
			windows = append(windows, edtf.At(w.First).String()+" "+edtf.At(w.Last).String())
		}
		return fmt.Sprint(d.path(p), windows, d.handles(p.Hops[0].Affirmed), "-", d.handles(p.Hops[0].Denied), d.handles(p.Hops[2].Affirmed))
	}), "A>B>C>D[2025-08-01T00:00:00Z 2025-08-01T23:59:59Z 2025-08-03T00:00:00Z 2025-08-03T23:59:59Z "+
		"2025-09-01T00:00:00Z 2025-09-01T23:59:59Z]ab+ab later-not ab+not ab thence+ce again")
	for p, err := range query.Paths(ctx, v, b.ID, c.ID, &query.PathOptions{AtOneTime: true, Most: 1}) {
		if err != nil || !slices.Equal(p.Windows, []query.Window{{First: edtf.MinInstant, Last: edtf.MaxInstant}}) {
			t.Errorf("without a time: %v, %v", p, err)
		}
	}
	in := d.g.View(&graph.Lens{Valid: graph.Possibly(edtf.Date(2025, 8, 1))})
	equal(t, "in a view", list(t, query.Paths(ctx, in, a.ID, e.ID, together), d.path), "A>B>C>D")
}

// Where paths are searched from both ends, what leads on to the end at some time
// does not lead there from the beginning.
func TestPathsMeetAtOneTime(t *testing.T) {
	d := newDesk(t)
	p := d.people(5)
	src := d.story()
	for i := range 10 {
		src.Says("meet", p[0], p[1]).On("2025-08-01").Locator(fmt.Sprint(i)).ID()
	}
	src.Says("meet", p[1], p[2]).On("2025-08-02").ID()
	src.Says("meet", p[2], p[4]).On("2025-08-02").ID()
	src.Says("meet", p[1], p[3]).On("2025-08-01").ID()
	src.Says("meet", p[3], p[4]).On("2025-08-01").ID()
	d.record()
	v := d.g.View(nil)
	equal(t, "paths", d.paths(v, p[0], p[4], nil), "A>B>C>E, A>B>D>E")
	equal(t, "at one time", d.paths(v, p[0], p[4], &query.PathOptions{AtOneTime: true}), "A>B>D>E")
	equal(t, "back", d.paths(v, p[4], p[0], &query.PathOptions{AtOneTime: true}), "E>D>B>A")
}

// From an entity that nobody knows but through one, paths lead into a crowd in
// which everybody knows everybody, and out of it only through that one again.
func TestPathsIntoACrowd(t *testing.T) {
	d := newDesk(t)
	p := d.people(40)
	a, door, z := p[0], p[1], p[2]
	src := d.story()
	src.Says("know", a, door).ID()
	src.Says("know", door, z).ID()
	for i, x := range p[3:] {
		src.Says("know", door, x).ID()
		for _, y := range p[4+i:] {
			src.Says("know", x, y).ID()
		}
	}
	d.record()
	o := &query.PathOptions{Longest: 8}
	v := d.g.View(nil)
	equal(t, "paths", d.paths(v, a, z, o), "A>B>C")
	o.AtOneTime = true
	equal(t, "at one time", d.paths(v, z, a, o), "C>B>A")
}

// A hub is not looked around if the other side leads to the answer.
func TestLimit(t *testing.T) {
	d := newDesk(t)
	p := d.people(4)
	a, b, hub, c := p[0], p[1], p[2], p[3]
	src := d.story()
	src.Says("meet", a, b).ID()
	src.Says("meet", b, hub).ID()
	for i := range 1000 {
		d.name("hub", src.Says("meet", hub, c).Locator(fmt.Sprint(i)))
	}
	d.record()
	v := d.g.View(nil)
	first := &query.PathOptions{Most: 1, Limit: 3}
	equal(t, "to the hub", d.paths(v, a, hub, first), "A>B>C")
	equal(t, "from the hub", d.paths(v, hub, a, first), "C>B>A")
	var got []string
	for p, err := range query.Paths(ctx, v, a.ID, c.ID, &query.PathOptions{Limit: 1000}) {
		if err != nil {
			got = append(got, fmt.Sprint(errors.Is(err, query.ErrLimit), " ", strings.HasPrefix(err.Error(), "query: paths: more than 1000 statements")))
			continue
		}
		got = append(got, d.path(p))
	}
	equal(t, "through the hub", strings.Join(got, ", "), "true true")
	equal(t, "with 1004 statements", d.paths(v, a, c, &query.PathOptions{Limit: 1004}), "A>B>C>D")
	for _, hops := range []int{1, 2, 3} {
		got := failures(query.Neighbours(ctx, v, a.ID, &query.NeighbourOptions{Hops: hops, Limit: 3}))
		if len(got) != hops || (hops == 3) != errors.Is(got[hops-1], query.ErrLimit) {
			t.Errorf("neighbours within %d: %v", hops, got)
		}
	}
	for p, err := range query.Paths(ctx, v, hub.ID, c.ID, nil) {
		if err != nil || len(p.Hops[0].Affirmed) != 1000 || len(p.Hops[0].Speakers) != 1 {
			t.Errorf("parallel edges: %v, %v", p, err)
		}
	}
}

func TestNeighbours(t *testing.T) {
	d := newDesk(t)
	p := d.people(6)
	a, b, c, e, f := p[0], p[1], p[2], p[3], p[4]
	src := d.story()
	d.name("ab", src.Says("meet", a, b))
	d.name("ac", src.Says("meet", a, c))
	d.name("ac2", src.Says("ask", a, c))
	d.name("not ac", src.Says("ask", a, c).Stance("CT-"))
	d.name("not ae", src.Says("ask", a, e).Stance("CT-"))
	d.name("bce", src.Says("meet", b, c, e).Role("place", e))
	d.name("ef", src.Says("meet", e, f))
	d.record()
	v := d.g.View(nil)
	neighbours := func(e events.EntityRef, hops int) string {
		return list(t, query.Neighbours(ctx, v, e.ID, &query.NeighbourOptions{Hops: hops}), func(n *query.Neighbour) string {
			s := fmt.Sprint(n.Distance, d.names[n.Entity], n.Statements)
			for _, r := range n.Relations {
				s += fmt.Sprintf(" %s %s %s-%s", d.names[r.To], r.Predicate, d.handles(r.Affirmed), d.handles(r.Denied))
			}
			return s
		})
	}
	one := "1C3 A ask ac2-not ac A meet ac-, 1B1 A meet ab-"
	equal(t, "next to A", neighbours(a, 0), one)
	equal(t, "two hops", neighbours(a, 2), one+", 2D1 B meet bce- C meet bce-")
	equal(t, "to the end", neighbours(a, 8), one+", 2D1 B meet bce- C meet bce-, 3E1 D meet ef-")
	equal(t, "alone", neighbours(p[5], 8), "")
	equal(t, "nobody", neighbours(events.EntityRef{}, 1)+neighbours(events.EntityRef{ID: uuid.New()}, 1), "")
}

// An occurrence leads from one to another, unless it is left out; one that is an end of a path,
// or whose neighbours are asked for, is not.
func TestWithout(t *testing.T) {
	d := newDesk(t)
	p := d.people(3)
	a, b, c := p[0], p[1], p[2]
	dinner, late := d.Occurrence("the dinner"), d.Placeholder("something late")
	d.names[dinner.ID], d.names[late.ID] = "dinner", "late"
	src := d.story()
	src.Says("meet", a, b).Occurrence(dinner)
	src.Says("come", b).Occurrence(late)
	src.Says("go", c).Occurrence(late)
	d.Judge(late, events.Same, d.Occurrence("the party"), "") // so it is an occurrence
	d.record()
	v := d.g.View(nil)
	without := []events.EntityKind{events.Occurrence}
	neighbours := func(of events.EntityRef, without ...events.EntityKind) string {
		o := &query.NeighbourOptions{Hops: 3, Without: without}
		return list(t, query.Neighbours(ctx, v, of.ID, o), func(n *query.Neighbour) string {
			return fmt.Sprint(n.Distance, v.Kind(n.Entity))
		})
	}
	equal(t, "around A", neighbours(a), "1 person, 1 occurrence, 2 occurrence, 3 person")
	equal(t, "people around A", neighbours(a, without...), "1 person")
	equal(t, "around the dinner", neighbours(dinner, without...), "1 person, 1 person")
	equal(t, "all", d.paths(v, a, b, nil), "A>B, A>dinner>B")
	equal(t, "people", d.paths(v, a, b, &query.PathOptions{Without: without}), "A>B")
	equal(t, "to what is left out", d.paths(v, a, dinner, &query.PathOptions{Without: without}), "A>dinner, A>B>dinner")
	equal(t, "by what happened alone", d.paths(v, a, c, &query.PathOptions{Without: without}), "")
}

// What is redacted while a sequence runs holds no path any more.
func TestPathsRedacted(t *testing.T) {
	for _, together := range []bool{false, true} {
		d := newDesk(t)
		p := d.people(5)
		src := d.story()
		d.name("ab", src.Says("meet", p[0], p[1]))
		d.name("be", src.Says("meet", p[1], p[4]).On("2025-08-01"))
		ac := d.name("ac", src.Says("meet", p[0], p[2]))
		d.name("ce", src.Says("meet", p[2], p[4]))
		d.name("ad", src.Says("meet", p[0], p[3]).On("2025-08-02"))
		ad := d.name("ad too", src.Says("know", p[0], p[3]))
		d.name("de", src.Says("meet", p[3], p[4]))
		d.record()
		var got []string
		for p, err := range query.Paths(ctx, d.g.View(nil), p[0].ID, p[4].ID, &query.PathOptions{AtOneTime: together}) {
			if err != nil {
				t.Fatal(err)
			}
			if got == nil {
				d.Redact(ac, "private")
				d.Redact(ad, "private")
				d.record()
			}
			got = append(got, fmt.Sprint(d.path(p), len(p.Hops[0].Affirmed), len(p.Windows)))
		}
		windows := 0
		if together {
			windows = 1
		}
		equal(t, "paths", strings.Join(got, ", "), fmt.Sprintf("A>B>E1 %d, A>D>E1 %d", windows, windows))
	}
}

// What a caller does to an answer changes no other.
func TestWindowsBelongToTheCaller(t *testing.T) {
	d := newDesk(t)
	a, b := d.Person("A"), d.Person("B")
	d.Infers(a, "meet", a, b)
	d.record()
	for range 2 {
		for p, err := range query.Paths(ctx, d.g.View(nil), a.ID, b.ID, &query.PathOptions{AtOneTime: true}) {
			if err != nil {
				t.Fatal(err)
			}
			if len(p.Windows) != 1 || p.Windows[0].First > p.Windows[0].Last {
				t.Fatalf("windows %v, want all times", p.Windows)
			}
			p.Windows[0] = query.Window{First: 0, Last: -5}
		}
	}
}
