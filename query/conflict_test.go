package query_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/model"
	"github.com/onrecord/onrecord/internal/seed"
	"github.com/onrecord/onrecord/query"
)

func TestNumberConflicts(t *testing.T) {
	type one struct{ occurrence, other, when, number, unit, more string }
	o := one{occurrence: "O", number: "4"}
	dated := one{when: "2025", number: "4"}
	bare := one{number: "4"}
	with := func(o one, f func(*one)) one { f(&o); return o }
	five := func(o one) one { return with(o, func(o *one) { o.number = "5" }) }
	for _, c := range []struct {
		name string
		role string // functional
		a, b one
		want string
	}{
		{"one occurrence", "", o, five(o), "a/b number count"},
		{"one occurrence, functional", "count", o, five(o), "a/b number count"},
		{"an equal number", "count", o, with(o, func(o *one) { o.number = "40e-1" }), ""},
		{"another unit", "", with(o, func(o *one) { o.unit = "h" }), five(o), ""},
		{"another unit, functional", "count", with(o, func(o *one) { o.unit = "h" }), five(o), ""},
		{"another occurrence", "count", o, with(five(o), func(o *one) { o.occurrence = "O2" }), ""},
		{"an occurrence on one side", "count", o, five(bare), ""},
		{"something else", "", o, with(five(o), func(o *one) { o.other = "A" }), ""},
		{"something else, functional", "count", o, with(five(o), func(o *one) { o.other = "A" }), "a/b number count"},
		{"one number of several", "", with(o, func(o *one) { o.more = "5" }), five(o), ""},
		{"none of several", "", with(o, func(o *one) { o.more = "6" }), five(o), "a/b number count"},
		{"one occurrence at two times", "", with(o, func(o *one) { o.when = "2024" }), with(five(o), func(o *one) { o.when = "2025" }), "a/b time, a/b number count"},
		{"the same time", "", dated, five(dated), "a/b number count"},
		{"the time in other words", "", dated, with(five(dated), func(o *one) { o.when = "2025~" }), ""},
		{"one without a time", "", dated, five(bare), ""},
		{"neither with a time", "", bare, five(bare), ""},
		{"neither with a time, functional", "count", bare, five(bare), "a/b number count"},
		{"times that may meet, functional", "count", dated, with(five(dated), func(o *one) { o.when = "2025-08" }), "a/b number count"},
		{"other times, functional", "count", dated, with(five(dated), func(o *one) { o.when = "2024" }), ""},
		{"another role functional", "other", bare, five(bare), ""},
	} {
		d := newDesk(t)
		ids := map[string]events.EntityRef{"O": d.Occurrence("O"), "O2": d.Occurrence("O2"), "A": d.Person("A")}
		if c.role != "" {
			d.Declare(events.Predicate{Name: "visit_count", Roles: []events.Role{
				{Name: "who"}, {Name: "count", Functional: c.role == "count"}, {Name: "other", Functional: c.role == "other"}}})
		}
		for i, o := range []one{c.a, c.b} {
			name := string(rune('a' + i))
			s := d.Source("https://example.org/"+name).By(d.Person("Reporter")).Says("visit_count").Role("who", d.Person("W")).
				Arg("count", events.Number(o.number, o.unit)).On(o.when)
			if o.more != "" {
				s.Arg("count", events.Number(o.more, o.unit))
			}
			if o.other != "" {
				s.Role("other", ids[o.other])
			}
			if o.occurrence != "" {
				s.Occurrence(ids[o.occurrence])
			}
			d.name(name, s)
		}
		d.record()
		equal(t, c.name, d.kindsOfConflict(), c.want)
	}
}

// kindsOfConflict returns all conflicts with their kinds.
func (d *desk) kindsOfConflict() string {
	d.t.Helper()
	return list(d.t, query.Conflicts(ctx, d.g.View(nil), graph.Pattern{}), func(c *query.Conflict) string {
		return strings.TrimSuffix(fmt.Sprintf("%s/%s %s %s", d.reading(c.First), d.reading(c.Second), c.Kind, c.Role), " ")
	})
}

// A role filled by numbers and by something else, too, is in conflict as a role.
func TestNumbersBesideOthers(t *testing.T) {
	d := newDesk(t)
	o := d.Occurrence("O")
	d.Declare(events.Predicate{Name: "last", Roles: []events.Role{{Name: "how", Functional: true}}})
	for i, values := range [][]events.Value{
		{events.Number("4", "h")},
		{events.Number("5", "h"), events.Text("long", "en")},
		{events.Number("6", "h"), events.Unknown()},
		{events.Number("7", "h"), events.Text("long", "")},
	} {
		s := d.story().Says("last").Occurrence(o)
		for _, v := range values {
			s.Arg("how", v)
		}
		d.name(fmt.Sprint(i+1), s)
		d.record()
	}
	equal(t, "all", d.kindsOfConflict(), "1/2 role how, 1/3 number how, 1/4 role how, 2/3 role how, 2/4 number how, 3/4 role how")
}

// Of what happens once, a functional role has one filler, with an occurrence or without.
func TestRolesOfWhatIsOnce(t *testing.T) {
	for _, c := range []struct {
		name string
		not  bool // once
		a, b saying
		want string
	}{
		{"two places", false, bornIn("Turku"), bornIn("Tampere"), "a/b role where"},
		{"not once", true, bornIn("Turku"), bornIn("Tampere"), ""},
		{"one place", false, bornIn("Turku"), bornIn("Turku"), ""},
		{"one of two places", false, bornIn("Turku", "Tampere"), bornIn("Tampere"), ""},
		{"a place in the other", false, bornIn("Turku"), bornIn("Finland"), ""},
		{"a place of which nothing is known", false, bornIn("Turku"), bornIn("?"), ""},
		{"an unknown place", false, bornIn("Turku"), and(bornIn(), "where", events.Unknown()), ""},
		{"nowhere", false, bornIn("Turku"), and(bornIn(), "where", events.None()), "a/b role where"},
		{"no place", false, bornIn("Turku"), bornIn(), ""},
		{"two days that may be one", false, and(bornIn(), "day", events.At(edtf.MustParse("1971-05"))),
			and(bornIn(), "day", events.At(edtf.MustParse("1971-05-02"))), ""},
		{"two days", false, and(bornIn(), "day", events.At(edtf.MustParse("1971-05-01"))),
			and(bornIn(), "day", events.At(edtf.MustParse("1971-05-02"))), "a/b role day"},
		{"two weights", false, and(bornIn(), "weight", events.Number("3", "kg")), and(bornIn(), "weight", events.Number("4", "kg")), "a/b number weight"},
		{"two units", false, and(bornIn(), "weight", events.Number("3", "kg")), and(bornIn(), "weight", events.Number("7", "lb")), ""},
		{"two places and two days", false, and(bornIn("Turku"), "day", events.At(edtf.MustParse("1971"))),
			and(bornIn("Tampere"), "day", events.At(edtf.MustParse("1972"))), ""},
		{"two places at two times", false, on("1971", bornIn("Turku")), on("1973", bornIn("Tampere")), "a/b role where"},
		{"two days at two times", false, on("1971", and(bornIn(), "day", events.At(edtf.MustParse("1971-05-01")))),
			on("1973", and(bornIn(), "day", events.At(edtf.MustParse("1971-05-02")))), "a/b role day"},
		{"two times", false, on("1971", bornIn("Turku")), on("1973", bornIn("Turku")), "a/b time"},
		{"something else beside it", false, bornIn("Turku"), and(bornIn("Tampere"), "note", events.Text("a twin", "en")), ""},
		{"on a condition", false, bornIn("Turku"), func(d *desk, s *events.StatementRef) *events.StatementRef {
			return bornIn("Tampere")(d, s).If(d.Claim("x"), "")
		}, ""},
		{"an occurrence on one side", false, bornIn("Turku"), func(d *desk, s *events.StatementRef) *events.StatementRef {
			return bornIn("Tampere")(d, s).Occurrence(d.Occurrence("O"))
		}, ""},
		{"denied", false, bornIn("Turku"), func(d *desk, s *events.StatementRef) *events.StatementRef {
			return bornIn("Tampere")(d, s).Stance("CT-")
		}, ""},
	} {
		for who, fill := range map[string]saying{
			"somebody": func(d *desk, s *events.StatementRef) *events.StatementRef { return s.Role("who", d.Person("Mara")) },
			"a name": func(d *desk, s *events.StatementRef) *events.StatementRef {
				return s.Arg("who", events.Text("Mara", ""))
			},
			"nobody known": func(d *desk, s *events.StatementRef) *events.StatementRef { return s.Arg("who", events.Unknown()) },
			"nothing":      func(_ *desk, s *events.StatementRef) *events.StatementRef { return s },
		} {
			want := c.want
			if (who == "nobody known" || who == "nothing") && c.name != "two times" && c.name != "two weights" {
				want = ""
			}
			d := newDesk(t)
			d.Declare(events.Predicate{Name: "born_in", Once: !c.not, Roles: []events.Role{{Name: "who"}, {Name: "where", Functional: true},
				{Name: "day", Functional: true}, {Name: "weight", Functional: true}, {Name: "note"}}})
			d.page("map").Says(events.PartOf).Role("part", d.Place("Turku")).Role("whole", d.Place("Finland")).ID()
			d.name("a", c.a(d, fill(d, d.page("1").Says("born_in"))))
			d.name("b", c.b(d, fill(d, d.page("2").Says("born_in"))))
			d.page("3").Says("born_in", d.Person("Otto"), d.Place("Oulu")).ID()
			d.record()
			equal(t, c.name+" of "+who, d.kindsOfConflict(), want)
		}
	}
}

// Few people are born in few places, at few times, in many combinations.
func TestConflictsModel(t *testing.T) {
	seed.Least(t, 100)
	found := make(map[string]int)
	rapid.Check(t, func(t *rapid.T) {
		rnd := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)) // rapid itself draws small numbers most
		gen := new(model.Gen)
		g, m := both(t, func(b *events.Builder) {
			mostly := func() bool { return rnd.IntN(4) > 0 }
			b.Declare(events.Predicate{Name: "born_in", Once: mostly(), Symmetric: !mostly(), Roles: []events.Role{{Name: "who"},
				{Name: "where", Functional: mostly()}, {Name: "day", Functional: mostly()}, {Name: "weight", Functional: mostly()}}})
			people := []events.EntityRef{b.Person("Mara"), b.Person("Otto"), b.Placeholder("a child")}
			places := []events.EntityRef{b.Place("Turku"), b.Place("Tampere"), b.Place("Finland"), b.Placeholder("a place")}
			for _, e := range append(people, places...) {
				gen.Entities = append(gen.Entities, e.ID)
			}
			var ids []uuid.UUID
			page := b.Source("page").By(b.Person("Reporter"))
			page.Says(events.PartOf).Role("part", places[0]).Role("whole", places[2])
			for i := range 12 + rnd.IntN(8) {
				s := page.Says("born_in").Locator(fmt.Sprint(i))
				switch who := rnd.IntN(10); who {
				case 0, 1, 2:
					s.Role("who", people[who])
				case 3:
					s.Arg("who", events.Unknown())
				case 4:
					s.Arg("who", events.Text("Ines", ""))
				case 5: // nobody
				default:
					s.Role("who", people[0])
				}
				for range []int{1, 0, 2}[rnd.IntN(3)] {
					s.Role("where", places[rnd.IntN(4)])
				}
				if rnd.IntN(12) == 0 {
					s.Arg([]string{"where", "day", "weight"}[rnd.IntN(3)], events.Unknown())
				}
				if rnd.IntN(12) == 0 {
					s.Arg("day", events.At(edtf.MustParse([]string{"1971-05", "1971-05-02", "1971-05-03"}[rnd.IntN(3)])))
				}
				if rnd.IntN(12) == 0 {
					s.Arg("weight", events.Number([]string{"3", "4", "3.0"}[rnd.IntN(3)], []string{"", "h"}[rnd.IntN(2)]))
				}
				if rnd.IntN(12) == 0 {
					s.Occurrence(b.Occurrence("O"))
				}
				if rnd.IntN(12) == 0 {
					s.Stance("CT-")
				}
				if rnd.IntN(12) == 0 {
					s.If(b.Claim("x"), "")
				}
				s.On([]string{"", "", "1971-05-02", "1971-05", "1973-06"}[rnd.IntN(5)])
				ids = append(ids, s.ID())
			}
			for range rnd.IntN(4) {
				from, to := ids[rnd.IntN(len(ids))], ids[rnd.IntN(len(ids))]
				switch rnd.IntN(3) {
				case 0:
					page.Says(events.Corrects.String()).Arg(events.RoleFrom, events.Said(from)).Arg(events.RoleTo, events.Said(to)).ID()
				default:
					if from != to {
						b.Link(from, events.Withdraws, to, "")
					}
				}
			}
		})
		defer g.Close()
		p := model.Pattern{}
		if rnd.IntN(2) == 0 {
			p.Entity = rapid.SampledFrom(gen.Entities).Draw(t, "of")
		}
		x := newExam(t, g, m, gen, model.Lens{}, p)
		x.found = found
		x.conflicts()
	})
	if found["Conflicts, role"] == 0 {
		t.Error("no roles are in conflict")
	}
	if found["Conflicts, taken back"] == 0 {
		t.Error("no side of a conflict was taken back")
	}
	t.Log(found)
}

type saying = func(d *desk, s *events.StatementRef) *events.StatementRef

func bornIn(places ...string) saying {
	return func(d *desk, s *events.StatementRef) *events.StatementRef {
		for _, p := range places {
			if p == "?" {
				s.Role("where", d.Placeholder("a place"))
			} else {
				s.Role("where", d.Place(p))
			}
		}
		return s
	}
}

func and(say saying, role string, v events.Value) saying {
	return func(d *desk, s *events.StatementRef) *events.StatementRef { return say(d, s).Arg(role, v) }
}

func on(time string, say saying) saying {
	return func(d *desk, s *events.StatementRef) *events.StatementRef { return say(d, s).On(time) }
}

// What is not in conflict itself does not come with what is.
func TestNumbersBesideNumbers(t *testing.T) {
	d := newDesk(t)
	o := d.Occurrence("O")
	d.Declare(events.Predicate{Name: "stay", Roles: []events.Role{{Name: "visits"}, {Name: "nights", Functional: true}}})
	src := d.story()
	d.name("1", src.Says("stay").Arg("visits", events.Number("4", "")).Arg("nights", events.Number("2", "")))
	d.name("2", src.Says("stay").Arg("visits", events.Number("5", "")).Arg("nights", events.Number("2", "")))
	d.name("3", src.Says("walk").Occurrence(o).Arg("far", events.Number("3", "km")).Arg("far", events.Number("1", "h")))
	d.name("4", src.Says("walk").Occurrence(o).Arg("far", events.Number("3.0", "km")).Arg("far", events.Number("2", "h")))
	d.name("5", src.Says("walk").Occurrence(o).Arg("far", events.Number("4", "km")).Arg("far", events.Number("3", "h")))
	d.record()
	equal(t, "all", d.kindsOfConflict(), "3/4 number far")
}

// Two agencies tell of the fifty days that a deadline ends.
func TestDeadlineWindow(t *testing.T) {
	d := newDesk(t)
	trump, deadline, window := d.Person("Trump"), d.Occurrence("the deadline"), d.Occurrence("the giving of fifty days")
	for _, by := range [][2]string{{"Anadolu", "2025-06"}, {"Ukrainska Pravda", "2025-07-14"}} {
		d.name(by[0], d.Source("https://example.org/"+by[0]).By(d.Organisation(by[0])).Says("set_window", trump, deadline).
			Occurrence(window).Arg("length", events.Number("50", "day")).On(by[1]))
	}
	d.record()
	equal(t, "conflicts", d.kindsOfConflict(), "Anadolu/Ukrainska Pravda time")
	equal(t, "oppositions", d.oppositions(d.g.View(nil), all), "")
}

func TestConflictKindString(t *testing.T) {
	equal(t, "kinds", fmt.Sprint(query.TimeConflict, query.RoleConflict, query.NumberConflict, query.ConflictKind(0)), "time role number ConflictKind(0)")
}
