package query_test

import (
	"fmt"
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

func (d *desk) predictions(v graph.View, p graph.Pattern, on string) string {
	d.t.Helper()
	return list(d.t, query.Predictions(ctx, v, p, date(on)), func(p *query.Prediction) string {
		text := d.reading(p.Reading) + " " + p.Outcome.String()
		for _, r := range p.For {
			text += " +" + d.reading(r)
		}
		for _, r := range p.Against {
			text += " -" + d.reading(r)
		}
		return text
	})
}

// date reads a date, none if the text is empty.
func date(text string) edtf.Time {
	if text == "" {
		return edtf.Time{}
	}
	return edtf.MustParse(text)
}

func TestPredictions(t *testing.T) {
	type say = func(*events.StatementRef) *events.StatementRef
	d := func(date string) say { return func(s *events.StatementRef) *events.StatementRef { return s.On(date) } }
	plain := func(s *events.StatementRef) *events.StatementRef { return s }
	stance := func(name string, on string) say {
		return func(s *events.StatementRef) *events.StatementRef { return s.Stance(name).On(on) }
	}
	promise := func(s *events.StatementRef) *events.StatementRef { return s.Act(events.Commit) }
	conditional := func(s *events.StatementRef) *events.StatementRef {
		return s.If(events.Claim{Predicate: "rain"}, "")
	}
	said := func(f say, on string) say {
		return func(s *events.StatementRef) *events.StatementRef { return f(s).Said(on) }
	}
	// The first is published on the 4th, the second on the 9th.
	for _, c := range []struct {
		name          string
		first, second say
		on, want      string
	}{
		{"it came true", d("2025-08-06"), d("2025-08-06"), "2025-08-09", "first came true +second"},
		{"reported after the date", d("2025-08-06"), d("2025-08-06"), "2025-08-08", "first lapsed"},
		{"reported on some day of the month", d("2025-08-06"), d("2025-08-06"), "2025-08", "first came true +second"},
		{"no date", d("2025-08-06"), d("2025-08-06"), "", "first came true +second"},
		{"it is denied", d("2025-08-06"), stance("CT-", ""), "2025-08-09", "first failed -second"},
		{"it is perhaps so", d("2025-08-06"), stance("PR+", "2025-08-06"), "2025-08-09", "first lapsed"},
		{"it is perhaps not so", d("2025-08-06"), stance("PS-", "2025-08-06"), "2025-08-09", "first lapsed"},
		{"somebody knows", d("2025-08-06"), stance("CTu", "2025-08-06"), "2025-08-09", "first lapsed"},
		{"on another day", d("2025-08-06"), d("2025-08-07"), "2025-08-09", "first lapsed"},
		{"not over", d("2025-08-06"), plain, "2025-08-06", "first open"},
		{"not over in part", d("[2025-08-06,2025-08-10]"), plain, "2025-08-08", "first open"},
		{"told of a time not over", d("2025-08-06"), d("2025-08"), "2025-08-09", "first lapsed"},
		{"told of what goes on", d("2025-08-06/.."), d("2025-08-06/.."), "2025-08-09", "first came true +second"},
		{"told of what may go on", d("2025-08-06/.."), d("2025-08/2025-09"), "2025-08-09", "first open"},
		{"told of what began at some time", d("2025-08-06"), d("/2025-08-10"), "2025-08-09", "first lapsed"},
		{"told of what always was", d("2025-08-06"), d("../2025-08-10"), "2025-08-09", "first came true +second"},
		{"told on that day", d("2025-08-09"), d("2025-08-09"), "2025-08-09", "first came true +second"},
		{"told at that hour", d("2025-08-09"), said(d("2025-08-09"), "2025-08-09T12:00:00Z"), "2025-08-09", "first came true +second"},
		{"foretold for the hour", d("2025-08-09"), said(d("2025-08-09T13:00:00Z"), "2025-08-09T12:00:00Z"), "2025-08-09", "second open, first open"},
		{"said of that second", said(d("2025-08-09T12:00:00Z"), "2025-08-09T12:00:00Z"), plain, "2025-08-09", ""},
		{"over with this second", d("2025-08-06T12:00:00Z"), plain, "2025-08-06T12:00:00Z", "first open"},
		{"over since this second", d("2025-08-06T12:00:00Z"), plain, "2025-08-06T12:00:01Z", "first lapsed"},
		{"told of what began that day at the latest", d("2025-08-06/.."), d("2025-08-0X/.."), "2025-08-09", "first came true +second"},
		{"told of what may begin yet", d("2025-08-06/.."), said(d("2025-08-0X/.."), "2025-08-08"), "2025-08-09", "first open"},
		{"predicted again", d("2025-08-20"), d("2025-08-20"), "2025-08-10", "first open, second open"},
		{"denied beforehand", d("2025-08-20"), stance("CT-", "2025-08-20"), "2025-08-30", "first lapsed"},
		{"the day of publication and after", d("[2025-08-04..2025-08-10]"), d("2025-08-06"), "2025-08-09", "first came true +second"},
		{"begun before", d("[2025-08-03..2025-08-10]"), plain, "2025-08-09", ""},
		{"begun before, said then", said(d("[2025-08-03..2025-08-10]"), "2025-08-03"), plain, "2025-08-09", "first came true +second"},
		{"begun before, said by then", said(d("[2025-08-03..2025-08-10]"), "[..2025-08-04]"), plain, "2025-08-09", "first came true +second"},
		{"an office held", d("2024/.."), plain, "2025-08-09", ""},
		{"the day of publication", d("2025-08-04"), plain, "2025-08-09", ""},
		{"undated", plain, plain, "2025-08-09", ""},
		{"a promise", promise, plain, "2025-08-09", "first came true +second"},
		{"a promise, due twice", func(s *events.StatementRef) *events.StatementRef {
			return promise(s).Arg("due", events.At(date("2025-08-06"))).Arg("due", events.At(date("2025-08-20")))
		}, stance("PR+", ""), "2025-08-09", "first lapsed"},
		{"a promise not kept yet", promise, promise, "2025-08-09", "first open, second open"},
		{"a promise, denied of one day", promise, stance("CT-", "2025-08-06"), "2025-08-09", "first failed -second"},
		{"a promise not to", func(s *events.StatementRef) *events.StatementRef { return s.Act(events.Commit).Stance("CT-") }, plain, "2025-08-09", ""},
		{"a condition", conditional, plain, "2025-08-09", "first came true +second"},
		{"a condition, denied", conditional, stance("CT-", ""), "2025-08-09", "first failed -second"},
		{"said too early", said(promise, "2025-08-04"), said(plain, "2025-08-03"), "2025-08-09", "first open"},
		{"said before it began", said(d("2025-08-06"), "2025-08-01"), said(plain, "2025-08-05"), "2025-08-09", "first lapsed"},
		{"said in the second in which it begins", d("2025-08-06"), said(plain, "2025-08-06T00:00:00Z"), "2025-08-09", "first came true +second"},
		{"said a second before it begins", d("2025-08-06"), said(plain, "2025-08-05T23:59:59Z"), "2025-08-09", "first lapsed"},
		{"said in the first second of that day", said(promise, "2025-08-04"), said(plain, "2025-08-04T00:00:00Z"), "2025-08-09", "first came true +second"},
		{"said perhaps in time", d("2025-08-06"), said(d("2025-08-06"), "[2025-08-07..2025-08-10]"), "2025-08-09", "first lapsed"},
	} {
		desk := newDesk(t)
		a, b := desk.Person("A"), desk.Person("B")
		desk.name("first", c.first(desk.Source("1").By(a).Published("2025-08-04").Reports(a, "visit", b)))
		desk.record()
		desk.name("second", c.second(desk.Source("2").By(a).Published("2025-08-09").Says("visit", b)))
		desk.record()
		equal(t, c.name, desk.predictions(desk.g.View(nil), all, c.on), c.want)
	}
}

func TestFulfilment(t *testing.T) {
	type say = func(s *events.StatementRef, x map[string]events.EntityRef) *events.StatementRef
	visit := func(occurrence, to string) say {
		return func(s *events.StatementRef, x map[string]events.EntityRef) *events.StatementRef {
			if occurrence != "" {
				s.Occurrence(x[occurrence])
			}
			if to != "" {
				s.Role("to", x[to])
			}
			return s
		}
	}
	bySummit := func(f say) say {
		return func(s *events.StatementRef, x map[string]events.EntityRef) *events.StatementRef {
			return f(s, x).Role(events.RoleDue, x["O2"])
		}
	}
	for _, c := range []struct {
		name          string
		first, second say
		want          string
	}{
		{"one visit", visit("O", "Russia"), visit("O", "Moscow"), "came true"},
		{"one visit, wider", visit("O", "Moscow"), visit("O", "Russia"), "came true"},
		{"one visit, elsewhere", visit("O", "Russia"), visit("O", "Israel"), "lapsed"},
		{"one visit, nowhere", visit("O", "Russia"), visit("O", ""), "came true"},
		{"another visit", visit("O", "Russia"), visit("O2", "Russia"), "lapsed"},
		{"some visit there", visit("O", "Russia"), visit("", "Russia"), "came true"},
		{"some visit, here", visit("", "Russia"), visit("O", "Russia"), "came true"},
		{"some visit, in part", visit("", "Russia"), visit("O", "Moscow"), "lapsed"},
		{"some visit, nowhere", visit("O", "Russia"), visit("", ""), "lapsed"},
		{"a visit of nobody", visit("O", ""), visit("", "Russia"), "lapsed"},
		{"one visit, by a summit", bySummit(visit("O", "Russia")), visit("O", "Russia"), "came true"},
		{"some visit, by a summit", bySummit(visit("", "Russia")), visit("", "Russia"), "came true"},
		{"nothing but a summit", bySummit(visit("", "")), visit("", ""), "came true"},
		{"nothing but a summit, told of it", bySummit(visit("", "")), bySummit(visit("", "")), "came true"},
		{"nothing of either", visit("", ""), visit("", ""), "came true"},
		{"nothing of one", visit("", ""), visit("", "Russia"), "lapsed"},
	} {
		d := newDesk(t)
		a := d.Person("A")
		x := map[string]events.EntityRef{"O": d.Occurrence("O"), "O2": d.Occurrence("O2"),
			"Russia": d.Place("Russia"), "Moscow": d.Place("Moscow"), "Israel": d.Place("Israel")}
		d.Declare(events.Predicate{Name: "visit", Roles: []events.Role{{Name: "to", Functional: true}, {Name: events.RoleDue}}})
		d.Infers(a, events.PartOf).Role(events.RolePart, x["Moscow"]).Role(events.RoleWhole, x["Russia"])
		d.name("first", c.first(d.Source("1").By(a).Published("2025-08-04").Says("visit").On("2025-08-06"), x))
		d.name("second", c.second(d.Source("2").By(a).Published("2025-08-07").Says("visit").On("2025-08-06"), x))
		d.record()
		got := d.predictions(d.g.View(nil), graph.Pattern{Predicate: "visit"}, "2025-08-08")
		equal(t, c.name, strings.TrimSuffix(got, " +second"), "first "+c.want)
	}
}

// A number that is not the predicted one is no fulfilment, whatever the condition was and by
// when it was due.
func TestFulfilmentInNumbers(t *testing.T) {
	type say = func(*events.StatementRef) *events.StatementRef
	ships := func(n string) say {
		return func(s *events.StatementRef) *events.StatementRef { return s.Arg("ships", events.Number(n, "")) }
	}
	due := func(f say) say {
		return func(s *events.StatementRef) *events.StatementRef {
			return f(s).Arg(events.RoleDue, events.At(date("2025-08-06")))
		}
	}
	tons := func(n string, f say) say {
		return func(s *events.StatementRef) *events.StatementRef { return f(s).Arg("load", events.Number(n, "t")) }
	}
	from := func(place string, f say) say {
		return func(s *events.StatementRef) *events.StatementRef { return f(s).Arg("from", events.Text(place, "")) }
	}
	rain := func(f say) say {
		return func(s *events.StatementRef) *events.StatementRef { return f(s).If(events.Claim{Predicate: "rain"}, "") }
	}
	for _, c := range []struct {
		name          string
		first, second say
		want          string
	}{
		{"as many", ships("5"), ships("5"), "came true"},
		{"fewer", ships("5"), ships("4"), "lapsed"},
		{"as many, on a condition", rain(ships("5")), ships("5"), "came true"},
		{"fewer, on a condition", rain(ships("5")), ships("4"), "lapsed"},
		{"as many, both due", due(ships("5")), due(ships("5")), "came true"},
		{"fewer, due", due(ships("5")), ships("4"), "lapsed"},
		{"fewer, both due", due(ships("5")), due(ships("4")), "lapsed"},
		{"as many, and from where", ships("5"), from("Turku", ships("5")), "came true"},
		{"fewer, and from where", ships("5"), from("Turku", ships("4")), "lapsed"},
		{"fewer, not said from where", from("Turku", ships("5")), ships("4"), "lapsed"},
		{"fewer, with less", tons("90", ships("5")), tons("80", ships("4")), "lapsed"},
		{"as many, with less", tons("90", ships("5")), tons("80", ships("5")), "lapsed"},
		{"another number or as many", ships("5"), func(s *events.StatementRef) *events.StatementRef { return ships("5")(ships("4")(s)) }, "came true"},
		{"numbers of two things", ships("5"), tons("80", from("Turku", func(s *events.StatementRef) *events.StatementRef { return s })), "came true"},
	} {
		d := newDesk(t)
		a, o := d.Person("A"), d.Occurrence("O")
		d.name("first", c.first(d.Source("1").By(a).Published("2025-08-04").Says("leave").Occurrence(o).On("2025-08-06")))
		d.name("second", c.second(d.Source("2").By(a).Published("2025-08-07").Says("leave").Occurrence(o).On("2025-08-06")))
		d.record()
		got := d.predictions(d.g.View(nil), all, "2025-08-08")
		equal(t, c.name, strings.TrimSuffix(got, " +second"), "first "+c.want)
	}
}

// Promises and reports say how many, of what and from where, or do not, of one happening or none.
func TestPredictionsModel(t *testing.T) {
	seed.Least(t, 25)
	found := make(map[string]int)
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string, n int) int { return rapid.IntRange(0, n-1).Draw(t, label) }
		gen := new(model.Gen)
		g, m := both(t, func(b *events.Builder) {
			a, o, page := b.Person("A"), b.Occurrence("O"), b.Source("page")
			gen.Entities = []uuid.UUID{a.ID, o.ID}
			gen.Sources = append(gen.Sources, page.ID())
			for i := range 2 + draw("statements", 5) {
				s := page.Reports(a, "leave").Locator(fmt.Sprint(i)).Said("2025-08-04")
				if draw("promise", 2) == 0 {
					s.Act(events.Commit)
				}
				if draw("occurrence", 5) > 0 {
					s.Occurrence(o)
				}
				for range draw("numbers", 4) {
					s.Arg([]string{"ships", "load"}[draw("role", 2)],
						events.Number([]string{"4", "40e-1", "5"}[draw("number", 3)], []string{"h", "km"}[draw("unit", 2)]))
				}
				if draw("from", 3) == 0 {
					s.Arg("from", events.Text([]string{"Turku", "Vaasa"}[draw("place", 2)], ""))
				}
			}
		})
		defer g.Close()
		x := newExam(t, g, m, gen, model.Lens{}, model.Pattern{})
		x.found = found
		x.evolution()
	})
	t.Log(found)
	if n := found["Predictions, came true"]; n < 5 {
		t.Errorf("%d predictions came true", n)
	}
}

func TestPredictionsInOrder(t *testing.T) {
	d := newDesk(t)
	a, b := d.Person("A"), d.Person("B")
	src := d.story()
	d.name("undated", src.Says("visit", a).Act(events.Commit))
	d.name("open", src.Says("visit", a).On("2025-08-05/..").Stance("PR+"))
	d.name("late", src.Says("visit", a).On("2025-08-20"))
	d.name("month", src.Says("visit", a).On("2025-08").Said("2025-08-01"))
	d.name("early", src.Says("visit", a).On("[2025-08-05,2025-08-06]"))
	d.name("early, too", src.Says("visit", a, b).On("2025-08-06"))
	d.record()
	src = d.Source("2").By(b).Published("2025-08-09")
	d.name("yes", src.Says("visit", a).On("2025-08-06"))
	no := d.name("no", src.Reports(b, "visit", a).Stance("CT-").On("2025-08-06"))
	d.name("nor B", src.Reports(b, "visit", b).Stance("CT-"))
	d.record()
	v := d.g.View(nil)
	equal(t, "all", d.predictions(v, all, "2025-08-10"), "early disputed +yes -no, early, too failed -no, late open, "+
		"month came true +yes, undated disputed +yes -no, open disputed +yes -no")
	equal(t, "on the day", d.predictions(v, all, "2025-08-08"), "early lapsed, early, too lapsed, late open, month open, undated open, open open")
	equal(t, "as of before", d.predictions(d.g.View(&graph.Lens{AsOf: 1}), graph.Pattern{Entity: b.ID}, "2025-08-30"), "early, too lapsed")
	d.Redact(no, "private")
	d.record()
	equal(t, "redacted", d.predictions(v, graph.Pattern{Entity: b.ID}, "2025-08-10"), "early, too lapsed")
}

// A denial that speaks of less than the prediction's time is nothing against it,
// and a report need not say by when a thing was due.
func TestPromiseByADay(t *testing.T) {
	d := newDesk(t)
	a, report := d.Person("A"), d.Work("the report")
	src := d.Source("1").By(a).Published("2025-03-01")
	d.name("on", src.Says("publish", a, report).Act(events.Commit).On("[..2025-04-01]"))
	d.name("due", src.Says("publish", a, report).Act(events.Commit).Arg(events.RoleDue, events.At(day("2025-04-01"))))
	d.record()
	d.name("not yet", d.Source("2").By(a).Published("2025-03-20").Says("publish", a, report).Stance("CT-").On("[..2025-03-19]"))
	d.record()
	promises := graph.Pattern{Source: src.ID()}
	equal(t, "not yet", d.predictions(d.g.View(nil), promises, "2025-03-25"), "on open, due open")
	equal(t, "over", d.predictions(d.g.View(nil), promises, "2025-04-02"), "on lapsed, due lapsed")
	before := d.g.View(nil).Position()
	d.name("done", d.Source("3").By(a).Published("2025-03-30").Says("publish", a, report).On("2025-03-29"))
	d.record()
	equal(t, "done", d.predictions(d.g.View(nil), promises, "2025-04-02"), "on came true +done, due came true +done")
	d.name("never", d.Source("4").By(a).Published("2025-04-05").Says("publish", a, report).Stance("CT-"))
	d.record()
	equal(t, "both", d.predictions(d.g.View(nil), promises, "2025-04-06"), "on disputed +done -never, due disputed +done -never")
	equal(t, "as of before", d.predictions(d.g.View(&graph.Lens{AsOf: before}), promises, "2025-04-02"), "on lapsed, due lapsed")
}

func TestOutcomeString(t *testing.T) {
	equal(t, "outcomes", fmt.Sprint(query.StillOpen, query.CameTrue, query.Failed, query.Disputed, query.Lapsed, query.Outcome(9)),
		"open came true failed disputed lapsed Outcome(9)")
}
