package model

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
)

func TestRedaction(t *testing.T) {
	d := newDesk(t)
	d.entities("ann")
	d.ok("add wire", src("wire", func(s *events.Source) { s.Published = edtf.MustParse("2025-08-04") }))
	d.ok("add wire 2", src("wire", func(s *events.Source) { s.Published = edtf.MustParse("2025-08-06") }))
	d.ok("s1", says("wire", "ann"))
	d.ok("s2", with(says("wire", "ann"), replaces("s1")))
	by4 := Lens{PublishedBy: Bound{Time: edtf.MustParse("2025-08-04")}}
	d.shown(by4, Pattern{})
	d.ok("hide wire 2", &events.Redacted{Event: id("add wire 2")})
	d.shown(by4, Pattern{}, "s2")
	d.refused("again", &events.Redacted{Event: id("add wire 2")})
	d.refused("r", retract("hide wire 2"))

	d.ok("hide s1", &events.Redacted{Event: id("s1")})
	d.shown(Lens{AsOf: 4}, Pattern{})
	d.ok("undo s2", retract("s2"))
	d.shown(Lens{}, Pattern{}) // s1 stands, hidden
	d.stands(map[string]bool{"s1": true})

	d.ok("hide ann", &events.Redacted{Event: id("reg ann")})
	if e := d.Entity(1, id("ann")); len(e.Registrations) != 0 {
		t.Errorf("ann is shown: %+v", e)
	}
	d.ok("s3", says("wire", "ann")) // she is there all the same
	d.refused("r", retract("reg ann"))
	d.refused("hide a verdict", &events.Redacted{Event: id("undo s2")})
}

func TestVocabulary(t *testing.T) {
	d := newDesk(t)
	d.entities("ann")
	d.ok("s1", says("", "ann", "ann"))
	d.ok("v", &events.VocabularyDeclared{Predicates: []events.Predicate{{Name: "meet", Roles: []events.Role{
		{Name: "who", Entities: []events.EntityKind{events.Organisation}}}}},
		Schemes: []events.Scheme{{Name: "admiralty", Values: []string{"A1"}}}})
	d.refused("s2", says("", "ann", "ann"))
	d.refused("s2", with(says("", "ann"), refersTo("s1"))) // no such role
	d.refused("a", &events.Assessed{Statement: id("s1"), Scheme: "admiralty", Value: "B2"})
	d.ok("r", retract("s1"))
	d.ok("undo", retract("r")) // vocabulary is not asked again
	d.ok("v2", &events.VocabularyDeclared{Predicates: []events.Predicate{{Name: "meet"}}})
	d.ok("s2", says("", "ann", "ann"))
	d.ok("not v2", retract("v2"))
	d.refused("s3", says("", "ann", "ann"))
}

func TestDerivation(t *testing.T) {
	d := newDesk(t)
	from := func(names ...string) func(*events.Source) {
		return func(s *events.Source) {
			for _, name := range names {
				s.DerivedFrom = append(s.DerivedFrom, id(name))
			}
		}
	}
	d.ok("a", src("wire", nil))
	d.ok("b", src("daily", from("wire")))
	d.ok("c", src("blog", from("daily")))
	d.refused("a2", src("wire", from("blog")))
	d.refused("r", retract("b"))
	d.ok("b2", src("daily", nil))
	d.ok("a2", src("wire", from("blog")))
	d.refused("b3", src("daily", from("wire")))
	d.refused("b3", src("daily", from("daily")))

	d.refused("not b2", retract("b2")) // and so there would be a circle
	d.ok("not a2", retract("a2"))
	d.ok("not b2", retract("b2"))
	d.refused("undo not a2", retract("not a2"))
	d.ok("undo not b2", retract("not b2"))
	d.ok("undo not a2", retract("not a2"))
	d.refused("undo undo not b2", retract("undo not b2")) // which would be carried out anew
}

func TestFilters(t *testing.T) {
	d := newDesk(t)
	d.entities("ann", "bob")
	d.ok("add wire", src("wire", func(s *events.Source) { s.Published = edtf.MustParse("2025-08") }))
	said := func(when, valid string) func(*events.Statement) {
		return func(st *events.Statement) {
			if when != "" {
				st.Voices[0].Said.Time = edtf.MustParse(when)
			}
			if valid != "" {
				st.Claim.When.Time = edtf.MustParse(valid)
			}
		}
	}
	d.ok("day", with(says("wire", "ann"), said("2025-08-05", "2025-08-05/2025-08-07")))
	d.ok("either", with(says("wire", "ann"), said("[2025-08-05,2025-08-07]", "[2025-08-04,2025-08-06]")))
	d.ok("wire only", says("wire", "ann"))
	d.ok("desk only", says("", "bob")) // recorded on 2025-08-07 at 19:00

	at := func(text string, possibly bool) Bound { return Bound{edtf.MustParse(text), possibly} }
	d.shown(Lens{SaidBy: at("2025-08-06", false)}, Pattern{}, "day")
	d.shown(Lens{SaidBy: at("2025-08-06", true)}, Pattern{}, "day", "either", "wire only", "desk only")
	d.shown(Lens{SaidBy: at("2025-08-07", false)}, Pattern{}, "day", "either", "desk only")
	d.shown(Lens{SaidBy: at("2025-08", false)}, Pattern{}, "day", "either", "wire only", "desk only")
	d.shown(Lens{PublishedBy: at("2025-08-20", false)}, Pattern{}, "desk only")
	d.shown(Lens{PublishedBy: at("2025-07-31", true)}, Pattern{}, "desk only")
	d.shown(Lens{Valid: at("2025-08-06", false)}, Pattern{}, "day", "wire only", "desk only")
	d.shown(Lens{Valid: at("2025-08-06", true)}, Pattern{}, "day", "either", "wire only", "desk only")
	d.shown(Lens{}, Pattern{During: at("2025-08-05", false)}, "day", "wire only", "desk only")
	d.shown(Lens{RecordedBy: noon.Add(5 * time.Hour)}, Pattern{}, "day", "either")
	d.shown(Lens{RecordedBy: noon.Add(5*time.Hour - 1)}, Pattern{}, "day")
	d.shown(Lens{RecordedBy: noon}, Pattern{})
}

func TestCondition(t *testing.T) {
	d := newDesk(t)
	d.entities("ann", "bob", "cid")
	d.ok("s1", says("", "ann", "ann"))
	after := d.Last()
	d.ok("s2", says("", "ann", "bob"))
	n := 0
	check := func(want Class, p Pattern, after events.Position) {
		t.Helper()
		n++
		ev := events.Event{ID: id(fmt.Sprint("probe", n)), Body: judge("ann", events.Unsure, "bob")}
		out := d.RecordIf(events.Batch{Events: []events.Event{ev}}, noon, Condition{p, after})
		if out.Class != want {
			t.Errorf("%+v after %d: %v (%s), want %v", p, after, out.Class, out.Why, want)
		}
	}
	check(Changed, Pattern{}, after)
	check(Changed, Pattern{Entity: id("bob")}, after)
	check(Recorded, Pattern{Entity: id("ann")}, after)
	d.ok("ab", judge("ann", events.Same, "bob"))
	check(Changed, Pattern{Entity: id("ann")}, after)
	check(Recorded, Pattern{Entity: id("cid")}, after)
	check(Recorded, Pattern{Entity: id("ann")}, d.Last())

	after = d.Last()
	d.ok("hide", &events.Redacted{Event: id("s1")})
	check(Changed, Pattern{Entity: id("bob")}, after)
	after = d.Last()
	d.ok("r", retract("s1"))
	check(Recorded, Pattern{}, after) // nobody saw it
	d.ok("r2", retract("s2"))
	check(Changed, Pattern{Predicate: "meet"}, after)
	d.ok("s3", says("", "cid"))
	after = d.Last()
	d.ok("split", &events.EntitySplit{Entity: id("cid"), Parts: []events.SplitPart{{
		Entity: id("bob"), Mentions: []events.Mention{{Statement: id("s3")}}}}})
	check(Changed, Pattern{Origin: id("cid")}, after)
	check(Changed, Pattern{Origin: id("ann")}, after)
	check(Recorded, Pattern{Entity: id("cid")}, after)

	// What is settled asks no condition.
	out := d.RecordIf(events.Batch{Events: []events.Event{{ID: id("s3"), Body: says("", "cid")}}}, noon, Condition{After: after})
	if out.Class != Recorded || out.New != 0 {
		t.Errorf("settled: %+v", out)
	}
}

func TestEntity(t *testing.T) {
	d := newDesk(t)
	d.entities("ann", "bob")
	d.ok("ab", judge("ann", events.Same, "bob"))
	d.ok("n1", &events.EntityNamed{Entity: id("bob"), Name: events.Name{Text: "Боб"}})
	d.ok("n2", &events.EntityNamed{Entity: id("ann"), Name: events.Name{Text: "Anne"}})
	d.ok("revised", &events.EntityRegistered{Entity: events.Entity{ID: id("ann"), Kind: events.Office, Name: events.Name{Text: "A."}}})
	got := d.Entity(d.Last(), id("ann"))
	var names []string
	for _, r := range got.Registrations {
		names = append(names, r.Name.Text)
	}
	for _, n := range got.Names {
		names = append(names, n.Name.Text)
	}
	slices.Sort(names)
	if want := []string{"A.", "Anne", "bob", "Боб"}; !reflect.DeepEqual(names, want) {
		t.Errorf("names %v, want %v", names, want)
	}
	if got := d.Entity(3, id("ann")); len(got.Names) != 0 || len(got.Registrations) != 2 {
		t.Errorf("as of 3: %+v", got)
	}
}
