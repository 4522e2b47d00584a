package query_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

func TestSecondHand(t *testing.T) {
	d := newDesk(t)
	a, b, c, x := d.Person("A"), d.Person("B"), d.Person("C"), d.Person("X")
	press := d.Organisation("Press")
	p := d.page("p").Publisher(press)
	d.name("own words", p.Says("one", x))
	d.name("quoted", p.Quotes(a, "so", "two", x))
	d.name("by the publisher's reporter", p.Reports(a, "three", x).Via(press))
	d.name("hearsay", p.Reports(a, "four", x).Via(b).With(c).Via(c))
	d.name("hearsay again", d.page("q").Reports(a, "four", x).Via(b))
	d.name("denied", d.page("q").Reports(a, "four", x).Stance("CT-"))
	d.name("rumour", p.Reports(a, "five", x).Via(b))
	d.name("heard it", d.page("q").Reports(c, "five", x).Said("2025"))
	d.name("not by who wrote it", d.Known(d.page("q").ID()).Says("six", x))
	d.name("page of nobody", d.Source("r").Reports(a, "seven", x))
	d.name("told the desk", d.Infers(a, "eight", x).Via(b))
	d.name("told the desk by another", d.Infers(a, "nine", x).Via(b).Via(c))
	d.record()
	for id, name := range map[uuid.UUID]string{b.ID: "B", c.ID: "C"} {
		d.names[id] = name
	}
	print := func(h *query.Hearsay) string {
		s := d.reading(h.Of) + ":"
		for _, r := range h.Heard {
			s += " " + d.reading(r.Reading) + " through"
			for _, id := range r.Through {
				s += " " + d.names[id]
			}
		}
		return s
	}
	second := func(v graph.View, p graph.Pattern) string { return list(t, query.SecondHand(ctx, v, p), print) }
	four := "hearsay: hearsay through B C hearsay again through B"
	equal(t, "all", second(d.g.View(nil), all), four+", told the desk by another: told the desk by another through B")
	equal(t, "of the other page", second(d.g.View(nil), graph.Pattern{Source: d.page("q").ID()}),
		"hearsay again: hearsay through B C hearsay again through B")
	equal(t, "according to A", second(d.g.View(&graph.Lens{According: []uuid.UUID{a.ID}}), graph.Pattern{Predicate: "five"}),
		"rumour: rumour through B")
}

// Who copies hearsay and leaves out whom it is from has it from him, as with origins.
func TestSecondHandCopied(t *testing.T) {
	d := newDesk(t)
	mayor, aide, x := d.Person("mayor"), d.Person("aide"), d.Person("X")
	gazette := d.page("gazette")
	herald, wire := d.page("herald", gazette), d.page("wire")
	reports := func(name, what string) { d.name(name, gazette.Reports(mayor, what, x).Via(aide)) }
	reports("heard", "one")
	d.name("copied", herald.Says("one", x))
	reports("heard too", "two")
	d.name("copied too", herald.Says("two", x))
	d.name("known", wire.Says("two", x))
	d.name("copied before", herald.Says("three", x))
	reports("heard late", "three")
	d.name("only copied", herald.Says("four", x))
	reports("heard as well", "five")
	repeats := d.name("repeated", wire.Says("five", x))
	d.record()
	print := func(h *query.Hearsay) string {
		s := d.reading(h.Of) + " of"
		for _, r := range h.Heard {
			s += fmt.Sprint(" ", d.reading(r.Reading), " through ", len(r.Through))
		}
		return s
	}
	second := func(p graph.Pattern) string { return list(t, query.SecondHand(ctx, d.g.View(nil), p), print) }
	const one, three = "heard of heard through 1 copied through 0", "copied before of copied before through 0 heard late through 1"
	equal(t, "all", second(all), one+", "+three)
	equal(t, "of the copy", second(graph.Pattern{Source: herald.ID(), Predicate: "one"}), "copied of heard through 1 copied through 0")
	for s := range d.g.View(nil).Statements(graph.Pattern{Predicate: "five", Source: gazette.ID()}) {
		d.Link(repeats, events.Repeats, s.ID(), "word for word")
	}
	d.record()
	equal(t, "when somebody says that it is repeated", second(graph.Pattern{Predicate: "five"}), "heard as well of heard as well through 1 repeated through 0")
	equal(t, "single-sourced", list(t, query.SingleSourced(ctx, d.g.View(nil), graph.Pattern{Predicate: "one"}), func(s *query.SupportAnswer) string {
		return d.origins(s.For)
	}), "heard copied")
}

// Who leaves out the go-between, and names him who is said to have said it, knows it no better.
func TestSecondHandPassedOn(t *testing.T) {
	d := newDesk(t)
	mayor, aide, clerk, x := d.Person("mayor"), d.Person("aide"), d.Person("clerk"), d.Person("X")
	paper := d.page("paper")
	silent := d.page("silent", paper)
	said := map[string]uuid.UUID{}
	for _, what := range []string{"digest", "through silence", "of a digest", "by nobody", "his own", "not derived", "another", "linked", "in a circle", "unlike", "same page"} {
		said[what] = d.name(what, paper.Reports(mayor, what, x).Via(aide))
	}
	digest := d.page("digest", paper)
	digest.Reports(mayor, "digest", x)
	d.page("q", silent).Reports(mayor, "through silence", x)
	digest.Says("of a digest", x)
	d.page("r", digest).Reports(mayor, "of a digest", x)
	d.Source("nobody's").DerivedFrom(paper.ID()).Reports(mayor, "by nobody", x)
	d.Source("town hall").By(mayor).DerivedFrom(paper.ID()).Says("his own", x)
	d.page("elsewhere").Reports(mayor, "not derived", x)
	digest.Reports(clerk, "another", x)
	d.Link(d.page("elsewhere").Reports(mayor, "linked", x).ID(), events.Repeats, said["linked"], "")
	circle := d.page("elsewhere").Reports(mayor, "in a circle", x).ID()
	d.Link(circle, events.Repeats, said["in a circle"], "")
	d.Link(said["in a circle"], events.Repeats, circle, "")
	digest.Reports(mayor, "unlike", x)
	d.page("elsewhere").Reports(mayor, "unlike", x)
	paper.Reports(mayor, "same page", x)
	d.record()
	equal(t, "second-hand", list(t, query.SecondHand(ctx, d.g.View(nil), all), func(h *query.Hearsay) string {
		return fmt.Sprint(h.Of.Claim.Predicate, " ", len(h.Heard))
	}), "digest 2, through silence 2, of a digest 3, by nobody 2, linked 2")
}
