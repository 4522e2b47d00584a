package query_test

import (
	"context"
	"fmt"
	"log"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

// How many came to a march depends on whom one asks, and when.
func ExampleConflicts_numbers() {
	g := empty()
	defer g.Close()
	b := g.NewBatch(ctx, "desk")
	police, organisers, march := b.Organisation("the police"), b.Organisation("the organisers"), b.Occurrence("the march")
	paper := b.Source("https://gazette.example/march").By(b.Person("A. Reporter")).Published("2025-05-02")
	count := func(who events.EntityRef, n string) uuid.UUID {
		return paper.Reports(who, "attend").Occurrence(march).Arg("count", events.Number(n, "person")).ID()
	}
	count(police, "12000")
	first := count(organisers, "50000")
	b.Link(count(organisers, "20000"), events.Withdraws, first, "they counted the bridge twice")
	must(g, b)
	for c, err := range query.Conflicts(context.Background(), g.View(nil), graph.Pattern{Occurrence: march.ID}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(c.Kind, c.Role, c.First.Claim.Args[0].Value.Text, "or", c.Second.Claim.Args[0].Value.Text)
		for _, l := range c.TakenBack {
			fmt.Println("  taken back:", said(g, l.To.Reading))
		}
	}
	// Output:
	// number count 12000 or 50000
	//   taken back: the organisers (CT+): attend count 50000 person (the march) <https://gazette.example/march>
	// number count 12000 or 20000
	// number count 50000 or 20000
	//   taken back: the organisers (CT+): attend count 50000 person (the march) <https://gazette.example/march>
}

// A cyclist denies for years what he then admits.
func ExampleShifts() {
	g := empty()
	defer g.Close()
	b := g.NewBatch(ctx, "desk")
	armstrong := b.Person("Lance Armstrong")
	for _, said := range []struct{ interview, date, stance string }{
		{"cnn", "2005-08-25", "CT-"}, {"nike", "2010-07-01", "CT-"}, {"oprah", "2013-01-17", "CT+"},
	} {
		b.Source("https://tv.example/"+said.interview).By(b.Organisation(said.interview)).
			Reports(armstrong, "dope", armstrong).Stance(said.stance).Said(said.date)
	}
	must(g, b)
	for s, err := range query.Shifts(context.Background(), g.View(nil), graph.Pattern{Predicate: "dope"}) {
		if err != nil {
			log.Fatal(err)
		}
		before, after := s.Earlier.Voices[0], s.Later.Voices[0]
		fmt.Println(named(g, s.Speaker), before.Stance, "in", before.Said.Time, "and", after.Stance, "in", after.Said.Time)
	}
	// Output:
	// Lance Armstrong CT- in 2010-07-01 and CT+ in 2013-01-17
}

// brexit returns the graph of promises and deadlines, and of what came of them.
func brexit() *graph.Graph {
	g := empty()
	b := g.NewBatch(ctx, "desk")
	johnson, tusk := b.Person("Boris Johnson"), b.Person("Donald Tusk")
	uk, eu := b.Place("United Kingdom"), b.Organisation("European Union")
	paper := b.Source("https://paper.example").By(b.Person("B. Reporter")).Published("2020-02-01")
	paper.Reports(johnson, "leave", uk, eu).Act(events.Commit).Said("2019-06-25").On("2019-10-31")
	paper.Reports(johnson, "leave", uk, eu).Act(events.Commit).Said("2019-12-13").On("[2020-01-01..2020-01-31]")
	paper.Says("leave", uk, eu).On("2020-01-31")

	approved := events.Claim{Predicate: "approve_agreement", Args: []events.Arg{{Role: "by", Value: events.Ref(uk.ID)}},
		When: events.When{Time: edtf.MustParse("../2019-03-29")}}
	paper.Reports(tusk, "leave", uk, eu).Said("2019-03-21").
		Arg(events.RoleDue, events.At(edtf.MustParse("2019-05-22"))).If(approved, "if it is approved by 29 March")
	paper.Reports(tusk, "leave", uk, eu).Said("2019-03-21").
		Arg(events.RoleDue, events.At(edtf.MustParse("2019-04-12"))).Unless(approved, "if it is not")
	must(g, b)
	return g
}

func ExamplePredictions() {
	g := brexit()
	defer g.Close()
	johnson := graph.Pattern{Origin: g.Key(events.EntityKey(events.Person, "Boris Johnson")...)}
	for _, on := range []string{"2019-11-01", "2020-02-01"} {
		for p, err := range query.Predictions(context.Background(), g.View(nil), johnson, edtf.MustParse(on)) {
			if err != nil {
				log.Fatal(err)
			}
			fmt.Println("On", on, "the promise for", p.Claim.When.Time.String()+":", p.Outcome)
		}
	}
	// Output:
	// On 2019-11-01 the promise for 2019-10-31: lapsed
	// On 2019-11-01 the promise for [2020-01-01..2020-01-31]: open
	// On 2020-02-01 the promise for 2019-10-31: lapsed
	// On 2020-02-01 the promise for [2020-01-01..2020-01-31]: came true
}

func ExampleDeadlines() {
	g := brexit()
	defer g.Close()
	for d, err := range query.Deadlines(context.Background(), g.View(nil), graph.Pattern{Predicate: "leave"}, edtf.MustParse("2019-04-01")) {
		if err != nil {
			log.Fatal(err)
		}
		words := "to leave, " + d.Claim.If[0].As
		if d.Condition != nil {
			words = "(" + d.Condition.As + ")"
		}
		fmt.Println(d.Due, "passed:", d.Passed, words)
	}
	// Output:
	// ../2019-03-29 passed: true (if it is approved by 29 March)
	// ../2019-03-29 passed: true (if it is not)
	// 2019-04-12 passed: false to leave, if it is not
	// 2019-05-22 passed: false to leave, if it is approved by 29 March
}
