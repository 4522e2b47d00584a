package query_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

func (d *desk) deadlines(v graph.View, p graph.Pattern, on string) string {
	d.t.Helper()
	return list(d.t, query.Deadlines(ctx, v, p, date(on)), func(l *query.Deadline) string {
		text := d.reading(l.Reading) + " " + l.Due.String()
		if l.Condition != nil {
			text += " if " + l.Condition.As
		}
		if l.Passed {
			text += " passed"
		}
		for r, err := range l.Others(ctx) {
			if err != nil {
				d.t.Fatal(err)
			}
			text += " +" + d.reading(r)
		}
		return strings.ReplaceAll(text, "  ", " ")
	})
}

// One deadline is worded in three ways; they come together.
func TestThreeWordings(t *testing.T) {
	d := newDesk(t)
	trump, usa, conflict := d.Person("Trump"), d.Organisation("the US government"), d.Occurrence("the conflict")
	deadline, tariffs := d.Occurrence("the deadline"), d.Occurrence("the tariffs")
	src := d.story()
	d.name("S38", src.Says("consider", usa).Act(events.Commit).Unless(d.Claim("resolved", conflict), "unresolved"))
	d.name("S35", src.Reports(trump, "impose", usa).Act(events.Commit).Occurrence(tariffs).
		Unless(events.Claim{Predicate: "progress", When: events.When{Time: edtf.MustParse("../2025-08-08")}}, "no progress"))
	d.name("S36", src.Reports(d.Person("Kelly"), "set_deadline", trump).Occurrence(deadline))
	d.name("S22", src.Says("set_deadline", trump).Occurrence(deadline).Arg(events.RoleDue, events.At(edtf.MustParse("2025-08-08"))))
	d.record()
	v := d.g.View(nil)
	equal(t, "before", d.deadlines(v, all, "2025-08-08"), "S35 ../2025-08-08 if no progress, S22 2025-08-08 +S36, S38 if unresolved")
	equal(t, "after", d.deadlines(v, all, "2025-08-09"), "S35 ../2025-08-08 if no progress passed, S22 2025-08-08 passed +S36, S38 if unresolved")
	equal(t, "of the deadline", d.deadlines(v, graph.Pattern{Occurrence: deadline.ID}, "2025-08"), "S22 2025-08-08 +S36")
	equal(t, "without Kelly", d.deadlines(d.g.View(&graph.Lens{According: []uuid.UUID{trump.ID, d.Person("Reporter").ID}}),
		graph.Pattern{Occurrence: deadline.ID}, "2025-08"), "S22 2025-08-08")
}

// Of one statement those of one time come as the claim has them, however many.
func TestDeadlinesOfOneTime(t *testing.T) {
	d := newDesk(t)
	s := d.story().Says("pay", d.Person("A"))
	var first, then []string
	for i := range 60 {
		day := []string{"2025-08-30", "2025-08-31", "[2025-08-29,2025-08-30]", "2025-08-29/2025-08-30"}[i*i%7%4]
		s.Arg("due", events.At(edtf.MustParse(day)))
		if day == "2025-08-31" {
			then = append(then, "1 "+day)
		} else {
			first = append(first, "1 "+day)
		}
	}
	d.name("1", s)
	d.record()
	equal(t, "deadlines", d.deadlines(d.g.View(nil), all, ""), strings.Join(append(first, then...), ", "))
}

func TestDeadlines(t *testing.T) {
	d := newDesk(t)
	a, o := d.Person("A"), d.Occurrence("O")
	at := func(date string) events.Value { return events.At(edtf.MustParse(date)) }
	on := func(date string) events.Claim {
		return events.Claim{Predicate: "x", When: events.When{Time: edtf.MustParse(date)}}
	}
	src := d.story()
	d.name("open", src.Says("pay", a).Arg("due", at("2025-08-01/..")))
	d.name("late", src.Says("pay", a).Arg("due", at("2025-09")).Arg("due", at("2025-08-30")).If(on("2025-08-30"), "paid"))
	d.name("none", src.Says("pay", a).If(d.Claim("x"), "one").If(d.Claim("y"), "two"))
	secret := d.name("secret", src.Says("pay", a).Occurrence(o).Arg("due", at("[2025-08-01,2025-08-30]")))
	d.name("not", src.Says("pay", a).Arg("due", at("2025-08-30")).Stance("CT-"))
	other := d.name("other", src.Says("owe", a).Occurrence(o))
	d.name("no time", src.Says("pay", a).Arg("due", events.Text("soon", "en")).Arg("due", events.Unknown()))
	d.name("no deadline", src.Says("pay", a).Arg("day", at("2025-08-30")).Arg("that", events.Nested(events.Claim{
		Predicate: "x", Args: []events.Arg{{Role: "due", Value: at("2025-08-30")}}, If: []events.Condition{{Claim: on("2025-08-30")}}})))
	d.record()
	v := d.g.View(nil)
	const before, after = "late 2025-08-30, late 2025-08-30 if paid", "not 2025-08-30, late 2025-09, open 2025-08-01/.., none if one, none if two"
	equal(t, "all", d.deadlines(v, all, "2025-08-30"), before+", secret [2025-08-01,2025-08-30] +other, "+after)
	equal(t, "no date", d.deadlines(v, all, ""), before+", secret [2025-08-01,2025-08-30] +other, "+after)
	d.Redact(other, "private")
	d.record()
	equal(t, "the other redacted", d.deadlines(v, all, "2025-08-30"), before+", secret [2025-08-01,2025-08-30], "+after)

	// What is redacted while the sequence runs is left out.
	var names []string
	for l, err := range query.Deadlines(ctx, v, all, edtf.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		if names = append(names, d.reading(l.Reading)); len(names) == 1 {
			d.Redact(secret, "private")
			d.record()
		}
	}
	equal(t, "while it runs", strings.Join(names, " "), "late late not late open none none")
}

// A time is over once its last second is.
func TestPassed(t *testing.T) {
	d := newDesk(t)
	a := d.Person("A")
	d.name("noon", d.story().Says("pay", a).Arg("due", events.At(edtf.MustParse("2025-08-30T12:00:00Z"))))
	d.record()
	for _, c := range []struct{ on, want string }{
		{"2025-08-30", ""},
		{"2025-08-30T12:00:00Z", ""},
		{"2025-08-30T12:00:01Z", " passed"},
		{"2025-08-31", " passed"},
	} {
		equal(t, c.on, d.deadlines(d.g.View(nil), all, c.on), "noon 2025-08-30T12:00:00Z"+c.want)
	}
}

// What has no end comes before what has no time, whatever was recorded first.
func TestDeadlinesWithoutEnd(t *testing.T) {
	d := newDesk(t)
	a := d.Person("A")
	d.name("none", d.story().Says("pay", a).If(d.Claim("x"), "one"))
	d.record()
	d.name("open", d.story().Says("pay", a).Arg("due", events.At(edtf.MustParse("2025-08-01/.."))))
	d.record()
	equal(t, "all", d.deadlines(d.g.View(nil), all, ""), "open 2025-08-01/.., none if one")
}
