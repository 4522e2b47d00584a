package query_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

// page is a source by a reporter of its own.
func (d *desk) page(name string, from ...*events.SourceRef) *events.SourceRef {
	s := d.Source("https://example.org/" + name).By(d.Person("reporter of " + name))
	for _, f := range from {
		s.DerivedFrom(f.ID())
	}
	return s
}

// origins prints origins: the statements of each, utterances apart.
func (d *desk) origins(list []*query.Origin) string {
	var all []string
	for _, o := range list {
		var us []string
		for _, u := range o.Utterances {
			var rs []string
			for _, r := range u.Statements {
				rs = append(rs, d.reading(r))
			}
			us = append(us, strings.Join(rs, " "))
		}
		all = append(all, strings.Join(us, ", "))
	}
	return strings.Join(all, "; ")
}

func (d *desk) support(v graph.View, statement uuid.UUID) string {
	d.t.Helper()
	a, err := query.Support(ctx, v, statement)
	if err != nil {
		d.t.Fatal(err)
	}
	return d.origins(a.For) + " / " + d.origins(a.Against)
}

// Two outlets word one remark differently: one utterance, one origin.
func TestOneUtteranceInTwoOutlets(t *testing.T) {
	d := newDesk(t)
	peskov, putin, witkoff := d.Person("Peskov"), d.Person("Putin"), d.Person("Witkoff")
	one := d.name("one", d.page("tass").Quotes(peskov, "He will receive him", "receive", putin, witkoff).Said("2025-08-04"))
	d.name("two", d.page("afp").Reports(peskov, "receive", putin.As("the president"), witkoff).Said("2025-08-04").Cue("confirmed"))
	d.name("undated", d.page("bbc").Reports(peskov, "receive", putin, witkoff))
	d.name("later", d.page("dpa").Reports(peskov, "receive", putin, witkoff).Said("2025-08-06"))
	d.record()
	equal(t, "support", d.support(d.g.View(nil), one), "one two undated, later / ")
}

// A wire that forty outlets copy is one origin, whichever way the record has it.
func TestFortyCopies(t *testing.T) {
	for name, copies := range map[string]func(d *desk, wire *events.SourceRef, said uuid.UUID, who events.EntityRef, i int){
		"derived": func(d *desk, wire *events.SourceRef, _ uuid.UUID, who events.EntityRef, i int) {
			d.page(fmt.Sprint("outlet ", i), wire).Says("resign", who)
		},
		"derived from one another": func(d *desk, wire *events.SourceRef, _ uuid.UUID, who events.EntityRef, i int) {
			from := wire
			if i > 1 {
				from = d.page(fmt.Sprint("outlet ", i-1))
			}
			d.page(fmt.Sprint("outlet ", i), from).Says("resign", who)
		},
		"attributed": func(d *desk, _ *events.SourceRef, _ uuid.UUID, who events.EntityRef, i int) {
			d.page(fmt.Sprint("outlet ", i)).Reports(d.Person("reporter of wire"), "resign", who)
		},
		"linked": func(d *desk, _ *events.SourceRef, said uuid.UUID, who events.EntityRef, i int) {
			s := d.page(fmt.Sprint("outlet ", i)).Says("resign", who)
			d.Link(s.ID(), events.Repeats, said, "")
		},
		"linked by the text": func(d *desk, _ *events.SourceRef, said uuid.UUID, who events.EntityRef, i int) {
			page := d.page(fmt.Sprint("outlet ", i))
			s := page.Says("resign", who)
			page.Says("repeats").Arg("from", events.Said(s.ID())).Arg("to", events.Said(said))
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			who := d.Person("Minister")
			wire := d.page("wire")
			said := wire.Says("resign", who).ID()
			for i := range 40 {
				copies(d, wire, said, who, i+1)
			}
			d.record()
			a, err := query.Support(ctx, d.g.View(nil), said)
			if err != nil {
				t.Fatal(err)
			}
			if len(a.For) != 1 || len(a.For[0].Utterances) != 1 || len(a.For[0].Utterances[0].Statements) != 41 {
				t.Errorf("%d origins, of the first %+v", len(a.For), a.For[0])
			}
			if want := []uuid.UUID{d.Person("reporter of wire").ID}; !slices.Equal(a.For[0].Speakers, want) {
				t.Errorf("speakers %v, want %v", a.For[0].Speakers, want)
			}
			n := 0
			for s, err := range query.SingleSourced(ctx, d.g.View(nil), graph.Pattern{Predicate: "resign"}) {
				if n++; err != nil || s.Of.ID != said {
					t.Errorf("single-sourced: %v, %v", s, err)
				}
			}
			if n != 1 {
				t.Errorf("the claim is single-sourced %d times", n)
			}
		})
	}
}

func TestSingleSourced(t *testing.T) {
	d := newDesk(t)
	a, b, x := d.Person("A"), d.Person("B"), d.Person("X")
	p, q := d.page("p"), d.page("q")
	d.name("no", q.Reports(b, "win", x).Stance("CT-"))
	d.name("june", p.Reports(a, "win", x).On("2025-06"))
	d.name("some day of june", p.Reports(a, "win", x).On("2025-06-03"))
	d.name("july", p.Reports(a, "win", x).On("2025-07"))
	d.name("lost", p.Reports(a, "lose", x))
	d.name("lost, too", q.Reports(b, "lose", x))
	drew := d.name("drew", p.Reports(a, "draw", x))
	d.record()
	v := d.g.View(nil)
	print := func(s *query.SupportAnswer) string {
		return d.reading(s.Of) + ": " + d.origins(s.For) + " / " + d.origins(s.Against)
	}
	single := func(v graph.View, p graph.Pattern) string { return list(t, query.SingleSourced(ctx, v, p), print) }
	equal(t, "all", single(v, all), "june: june some day of june / no, july: july / no, drew: drew / ")
	equal(t, "of the other page", single(v, graph.Pattern{Source: q.ID()}), "")
	equal(t, "according to A", single(d.g.View(&graph.Lens{According: []uuid.UUID{a.ID}}), graph.Pattern{Predicate: "lose"}), "lost: lost / ")

	var got []string
	for s, err := range query.SingleSourced(ctx, v, all) {
		if err != nil {
			t.Fatal(err)
		}
		if got == nil {
			d.Redact(drew, "private")
			d.record()
		}
		got = append(got, d.reading(s.Of))
	}
	equal(t, "while one is redacted", strings.Join(got, " "), "june july")
}

// A text without a language is the same as one in any, and these are not the same as each
// other: what holds for the first says nothing of the others.
func TestTextsOfSeveralLanguages(t *testing.T) {
	d := newDesk(t)
	a, b, x := d.Person("A"), d.Person("B"), d.Person("X")
	p, q := d.page("p"), d.page("q")
	say := func(name string, s *events.StatementRef, language string) {
		d.name(name, s.Arg("text", events.Text("gift", language)))
	}
	say("in none", p.Reports(a, "say", x).Via(b), "")
	say("in German", q.Says("say", x), "de")
	say("in English", p.Reports(a, "say", x).Via(b).Locator("p. 2"), "en")
	say("again", p.Reports(a, "say", x).Via(b).Locator("p. 3"), "")
	d.record()
	v := d.g.View(nil)
	equal(t, "single-sourced", list(t, query.SingleSourced(ctx, v, all), func(s *query.SupportAnswer) string {
		return d.reading(s.Of) + ": " + d.origins(s.For)
	}), "in English: in none in English again")
	equal(t, "second-hand", list(t, query.SecondHand(ctx, v, all), func(h *query.Hearsay) string {
		return fmt.Sprint(d.reading(h.Of), " of ", len(h.Heard))
	}), "in English of 3")
	f, err := query.Fallout(ctx, v, p.ID())
	if err != nil {
		t.Fatal(err)
	}
	var fallen []string
	for _, x := range f.Fallen {
		fallen = append(fallen, d.reading(x.Reading)+": "+d.origins(x.Support.For))
	}
	equal(t, "what falls", strings.Join(fallen, ", "), "in none: in none in English again; in German, "+
		"in English: in none in English again, again: in none in English again; in German")
}
