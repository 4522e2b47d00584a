package model

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
)

func denied(st *events.Statement) { st.Voices[0].Stance.Polarity = events.Denied }

func happened(occurrence, when string) func(*events.Statement) {
	return func(st *events.Statement) {
		st.Claim.Occurrence = id(occurrence)
		if when != "" {
			st.Claim.When.Time = edtf.MustParse(when)
		}
	}
}

func (d *desk) pairs(what string, got []Pair, want ...Pair) {
	d.t.Helper()
	if !reflect.DeepEqual(got, want) {
		d.t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestDissent(t *testing.T) {
	d := newDesk(t)
	d.entities("ann", "bob", "summit")
	d.ok("yes", with(says("", "ann", "ann", "bob"), happened("summit", "2025-08-06")))
	d.ok("no", with(says("", "bob", "bob"), denied))
	d.ok("too much", with(says("", "bob", "bob", "summit"), denied))
	d.pairs("oppositions", d.Oppositions(Lens{}, Pattern{}), Pair{id("yes"), id("no"), "", "", nil})
	d.pairs("oppositions", d.Oppositions(Lens{}, Pattern{Origin: id("bob")}), Pair{id("no"), id("yes"), "", "", nil})

	d.ok("later", with(says("", "bob", "ann"), happened("summit", "2025-08-08")))
	d.ok("or later", with(says("", "bob", "ann"), happened("summit", "[2025-08-06,2025-08-08]")))
	d.pairs("conflicts", d.Conflicts(Lens{}, Pattern{}), Pair{id("yes"), id("later"), "time", "", nil})
	d.ok("v", &events.VocabularyDeclared{Predicates: []events.Predicate{{Name: "meet",
		Roles: []events.Role{{Name: "who", Functional: true}}}}})
	d.ok("third", with(says("", "bob", "summit"), happened("summit", "")))
	d.pairs("conflicts", d.Conflicts(Lens{}, Pattern{Origin: id("ann")}),
		Pair{id("yes"), id("later"), "time", "", nil}, Pair{id("yes"), id("third"), "role", "who", nil})

	d.ok("disputed", &events.StatementsLinked{From: id("no"), Link: events.Disputes, To: id("yes")})
	d.ok("reply", &events.StatementsLinked{From: id("no"), Link: events.RepliesTo, To: id("yes")})
	d.ok("reply 2", &events.StatementsLinked{From: id("or later"), Link: events.RepliesTo, To: id("yes")})
	if got := d.Asserted(Lens{Least: events.Certain}, Pattern{Origin: id("ann")}, events.Disputes); len(got) != 1 || got[0].By != id("disputed") || !got[0].FromShown {
		t.Errorf("disputes: %+v", got)
	}
	got := d.Replies(Lens{}, Pattern{})
	if len(got) != 2 || got[0].Commits != DoesDeny || got[1].Commits != Nothing {
		t.Errorf("replies: %+v", got)
	}
}

func TestTimeline(t *testing.T) {
	d := newDesk(t)
	d.entities("ann", "summit", "visit")
	d.ok("none", with(says("", "ann", "ann"), happened("summit", "")))
	d.ok("late", with(says("", "ann", "ann"), happened("summit", "2025-08-06/2025-08-09")))
	d.ok("some day", with(says("", "ann", "ann"), happened("visit", "[2025-08-04,2025-08-06]")))
	d.ok("part", with(says("", "ann"), func(st *events.Statement) {
		st.Claim.Predicate = events.PartOf
		st.Claim.Args = []events.Arg{{Role: events.RolePart, Value: events.Ref(id("summit"))},
			{Role: events.RoleWhole, Value: events.Ref(id("visit"))}}
	}))
	items := d.Timeline(Lens{}, id("ann"))
	if len(items) != 3 || items[0].ID != id("some day") || !items[0].Uncertain ||
		items[1].ID != id("late") || items[1].Uncertain || items[2].Dated {
		t.Errorf("timeline: %+v", items)
	}
	rungs, related := d.Ladder(Lens{}, id("summit"))
	if len(rungs) != 2 || len(related) != 1 || related[0].Entity != id("visit") || len(related[0].Rungs) != 1 {
		t.Errorf("ladder: %+v %+v", rungs, related)
	}
}

// Every question has answers in what is drawn, and none of them fails.
func TestQuestions(t *testing.T) {
	found := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		g, m := NewGen(), New()
		g.Calm = true
		for range 30 {
			m.Record(g.Batch(t, m))
		}
		l, p := Lens{}, Pattern{}
		if chance(t, 40, "of a pattern") {
			p = g.Pattern(t, m)
		}
		if chance(t, 30, "through a lens") {
			l = g.Lens(t, m)
		}
		a, b := pick(t, g.Entities, "who"), pick(t, g.Entities, "about")
		rungs, related := m.Ladder(l, a)
		found["rungs"] += len(rungs)
		found["related"] += len(related)
		found["said"] += len(m.Said(l, a, b, false))
		found["timeline"] += len(m.Timeline(l, a))
		found["disputes"] += len(m.Asserted(l, p, events.Disputes))
		found["oppositions"] += len(m.Oppositions(l, p))
		for _, c := range m.Conflicts(l, p) {
			found["conflicts "+c.Kind]++
		}
		for _, r := range m.Replies(l, p) {
			found["replies "+string(r.Commits)]++
		}
	})
	t.Log(found)
	for _, what := range []string{"rungs", "said", "timeline", "disputes", "oppositions", "conflicts time", "conflicts number", "replies nothing"} {
		if found[what] == 0 {
			t.Errorf("no %s", what)
		}
	}
}

// What is drawn passes every check that needs no record.
func TestShape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, m := NewGen(), New()
		for range 25 {
			b, at := g.Batch(t, m)
			if err := events.CheckShape(&b); err != nil {
				t.Fatal(err)
			}
			m.Record(b, at)
		}
	})
}
