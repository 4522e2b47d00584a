package query_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/model"
	"github.com/onrecord/onrecord/internal/seed"
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

func TestOrigins(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(d *desk, a, b, x events.EntityRef) *events.StatementRef // the statement asked for
		want string
	}{
		{"two people", func(d *desk, a, b, x events.EntityRef) *events.StatementRef {
			d.name("two", d.page("q").Reports(b, "win", x))
			return d.page("p").Reports(a, "win", x)
		}, "two; asked / "},
		{"a joint statement binds its speakers", func(d *desk, a, b, x events.EntityRef) *events.StatementRef {
			d.name("two", d.page("q").Reports(b, "win", x))
			d.name("joint", d.page("r").Reports(a, "win", x).With(b))
			return d.page("p").Reports(a, "win", x)
		}, "two, joint, asked / "},
		{"two who speak for one", func(d *desk, a, b, x events.EntityRef) *events.StatementRef {
			m := d.Organisation("Ministry")
			d.name("two", d.page("q").Reports(b, "win", x).For(m))
			d.name("itself", d.page("r").Reports(m, "win", x))
			return d.page("p").Reports(a, "win", x).For(m)
		}, "two, itself, asked / "},
		{"one page", func(d *desk, a, b, x events.EntityRef) *events.StatementRef {
			p := d.page("p").Publisher(b)
			d.name("two", p.Reports(b, "win", x))
			d.name("three", p.Reports(a, "win", x))
			return p.Says("win", x)
		}, "two, asked; three / "},
		{"pages of nobody", func(d *desk, a, b, x events.EntityRef) *events.StatementRef {
			p := d.Source("p")
			d.name("copy", d.Source("q").DerivedFrom(p.ID()).Says("win", x))
			d.name("reported", d.Source("q").Reports(b, "win", x))
			return p.Says("win", x)
		}, "copy asked; reported / "},
		{"no page", func(d *desk, a, b, x events.EntityRef) *events.StatementRef {
			d.name("two", d.Infers(b, "win", x))
			return d.Infers(a, "win", x)
		}, "two; asked / "},
		{"a digest of two wires joins nothing", func(d *desk, a, b, x events.EntityRef) *events.StatementRef {
			w1, w2 := d.page("w1"), d.page("w2")
			d.name("wire 2", w2.Says("win", x))
			d.name("digest", d.page("digest", w2, w1).Says("win", x))
			d.name("of the digest", d.page("blog", d.page("digest")).Says("win", x))
			return w1.Says("win", x)
		}, "wire 2 digest of the digest; asked / "},
		{"a common third that says nothing of it", func(d *desk, a, b, x events.EntityRef) *events.StatementRef {
			w := d.page("w")
			d.name("two", d.page("q", d.page("r", w)).Says("win", x))
			return d.page("p", w).Says("win", x)
		}, "two asked / "},
		{"a copy joins nothing by what is behind it", func(d *desk, a, b, x events.EntityRef) *events.StatementRef {
			w, t1, t2 := d.page("w"), d.page("t1"), d.page("t2")
			d.name("of t1", d.page("q", t1).Says("win", x))
			d.name("of t2", d.page("r", t2).Says("win", x))
			d.name("digest", d.page("digest", t1, t2, w).Says("win", x))
			return w.Says("win", x)
		}, "of t1; of t2; digest asked / "},
		{"a derived page with a reporter's find", func(d *desk, a, b, x events.EntityRef) *events.StatementRef {
			p := d.page("p")
			d.name("two", d.page("q", p).Reports(a, "win", x))
			return p.Says("win", x)
		}, "two; asked / "},
		{"copies that drop the attribution", func(d *desk, a, b, x events.EntityRef) *events.StatementRef {
			herald := d.page("herald")
			asked := herald.Reports(a, "win", x)
			wire := d.page("wire", herald)
			d.name("wire", wire.Says("win", x))
			d.name("other copy", d.page("blog", herald).Says("win", x))
			d.name("copy of a copy", d.page("digest", wire).Says("win", x))
			return asked
		}, "wire other copy copy of a copy asked / "},
		{"a copy of what lies behind a page that says nothing of it", func(d *desk, a, b, x events.EntityRef) *events.StatementRef {
			herald := d.page("herald")
			d.name("wire", d.page("wire", d.page("silent", herald)).Says("win", x))
			return herald.Reports(a, "win", x)
		}, "wire asked / "},
		{"a page that says it hides what is behind it", func(d *desk, a, b, x events.EntityRef) *events.StatementRef {
			first := d.page("first")
			d.name("first", first.Says("win", x))
			second := d.page("second", first)
			d.name("wire", d.page("wire", second).Says("win", x))
			return second.Reports(a, "win", x)
		}, "first; wire asked / "},
		{"a copy of two reports joins nothing", func(d *desk, a, b, x events.EntityRef) *events.StatementRef {
			herald := d.page("herald")
			d.name("two", herald.Reports(b, "win", x))
			d.name("wire", d.page("wire", herald).Says("win", x))
			return herald.Reports(a, "win", x)
		}, "two wire; asked / "},
		{"a copy of two remarks goes with the first", func(d *desk, a, b, x events.EntityRef) *events.StatementRef {
			herald := d.page("herald")
			d.name("wire", d.page("wire", herald).Says("win", x))
			d.name("Monday", herald.Reports(a, "win", x).Said("2025-08-04"))
			return herald.Reports(a, "win", x).Said("2025-08-05")
		}, "wire Monday, asked / "},
		{"a copy of a page's own words and its report", func(d *desk, a, b, x events.EntityRef) *events.StatementRef {
			herald := d.page("herald")
			d.name("two", herald.Reports(b, "win", x))
			d.name("wire", d.page("wire", herald).Says("win", x))
			return herald.Says("win", x)
		}, "two wire; asked / "},
		{"who is reported himself copies nobody who is reported beside him", func(d *desk, a, b, x events.EntityRef) *events.StatementRef {
			herald := d.page("herald")
			d.name("two", herald.Reports(b, "win", x))
			d.name("two's own page", d.Source("two's").By(b).DerivedFrom(herald.ID()).Says("win", x))
			d.name("own page", d.Source("own").By(a).DerivedFrom(herald.ID()).Says("win", x))
			return herald.Reports(a, "win", x)
		}, "two two's own page; own page asked / "},
		{"what the page before says of something else", func(d *desk, a, b, x events.EntityRef) *events.StatementRef {
			herald := d.page("herald")
			herald.Reports(b, "lose", x)
			herald.Reports(b, "win", x).Stance("CT-")
			d.name("report", d.page("post").Reports(b, "win", x))
			return d.page("wire", herald).Says("win", x)
		}, "report; asked / "},
		{"repeated in a circle", func(d *desk, a, b, x events.EntityRef) *events.StatementRef {
			s, two := d.page("p").Reports(a, "win", x), d.page("q").Reports(b, "win", x)
			d.name("two", two)
			d.Link(s.ID(), events.Repeats, two.ID(), "")
			d.Link(two.ID(), events.Repeats, s.ID(), "")
			return s
		}, "two asked / "},
		{"repeated in a circle of three", func(d *desk, a, b, x events.EntityRef) *events.StatementRef {
			s, two, three := d.page("p").Reports(a, "win", x), d.page("q").Reports(b, "win", x), d.page("r").Says("win", x)
			d.name("two", two)
			d.name("three", three)
			d.Link(s.ID(), events.Repeats, two.ID(), "")
			d.Link(two.ID(), events.Repeats, three.ID(), "")
			d.Link(three.ID(), events.Repeats, s.ID(), "")
			return s
		}, "two three asked / "},
		{"two pages that copy one another, and a copy of them and of what was recorded in between", func(d *desk, a, b, x events.EntityRef) *events.StatementRef {
			p := d.page("p")
			d.name("one", p.Says("win", x))
			other := d.page("q").Reports(a, "win", x)
			d.name("other", other)
			wire := d.page("wire", p)
			two := wire.Says("win", x)
			d.name("two", two)
			again := p.Says("win", x).Gloss("again")
			d.name("again", again)
			d.Link(again.ID(), events.Repeats, two.ID(), "")
			asked := d.page("digest", wire).Says("win", x)
			d.Link(asked.ID(), events.Repeats, other.ID(), "")
			return asked
		}, "one two again asked; other / "},
		{"one without a day, then two with", func(d *desk, a, b, x events.EntityRef) *events.StatementRef {
			d.name("undated", d.page("q").Reports(a, "win", x))
			d.name("Monday", d.page("r").Reports(a, "win", x).Said("2025-08-04"))
			return d.page("p").Reports(a, "win", x).Said("2025-08-05")
		}, "undated Monday, asked / "},
		{"a denial's claim", func(d *desk, a, b, x events.EntityRef) *events.StatementRef {
			d.name("yes", d.page("q").Reports(b, "win", x))
			d.name("also no", d.page("r").Reports(a, "win").Stance("PS-"))
			d.name("perhaps", d.page("r").Reports(b, "win", x).Stance("Uu"))
			return d.page("p").Reports(a, "win", x).Stance("CT-")
		}, "yes / asked"},
		{"a copy of a denial", func(d *desk, a, b, x events.EntityRef) *events.StatementRef {
			herald := d.page("herald")
			d.name("denied", herald.Reports(b, "win", x).Stance("CT-"))
			d.name("copy", d.page("wire", herald).Says("win", x).Stance("CT-"))
			return d.page("p").Reports(a, "win", x)
		}, "asked / denied copy"},
		{"denials oppose what they say less of", func(d *desk, a, b, x events.EntityRef) *events.StatementRef {
			d.name("no", d.page("q").Reports(b, "win", x).Stance("CT-"))
			d.name("not there", d.page("q").Reports(b, "win", x).Role("place", b).Stance("CT-"))
			d.name("more", d.page("q").Reports(b, "win", x).Role("place", b))
			d.name("less", d.page("q").Reports(b, "win", x).On("2025"))
			return d.page("p").Reports(a, "win", x).Role("place", a).On("2025-08")
		}, "asked / no"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			asked := d.name("asked", c.make(d, d.Person("A"), d.Person("B"), d.Person("X")))
			d.record()
			equal(t, "support", d.support(d.g.View(nil), asked), c.want)
		})
	}
}

// What a paper reports is single-sourced, however many drop the attribution; and of a fallen
// report the copies become one origin, as of any third.
func TestCopiesWithoutAttribution(t *testing.T) {
	d := newDesk(t)
	brenner, n := d.Person("Brenner"), d.Organisation("Nordhaven")
	employs := func(name string, s *events.StatementRef) uuid.UUID {
		return d.name(name, s.Arg("count", events.Number("4000", "")))
	}
	herald := d.page("herald")
	employs("herald", herald.Reports(brenner, "employ", n))
	employs("wire", d.page("wire", herald).Says("employ", n))
	employs("blog", d.page("blog", herald).Says("employ", n))
	d.record()
	v := d.g.View(nil)
	equal(t, "single-sourced", list(t, query.SingleSourced(ctx, v, all), func(s *query.SupportAnswer) string {
		return fmt.Sprint(d.origins(s.For), slices.Equal(s.For[0].Speakers, []uuid.UUID{brenner.ID}))
	}), "herald wire blogtrue")
	for what, want := range map[uuid.UUID]string{
		brenner.ID:  "herald: herald wire blog > wire blog",
		herald.ID(): "herald: herald wire blog > , wire: herald wire blog > , blog: herald wire blog > ",
	} {
		f, err := query.Fallout(ctx, v, what)
		if err != nil {
			t.Fatal(err)
		}
		var fallen []string
		for _, x := range f.Fallen {
			fallen = append(fallen, d.reading(x.Reading)+": "+d.origins(x.Support.For)+" > "+d.origins(x.Remains.For))
		}
		equal(t, "what falls", strings.Join(fallen, ", "), want)
	}
}

// Few people, and many pages that derive from one another, say one thing.
func TestOriginsModel(t *testing.T) {
	seed.Least(t, 25)
	found := make(map[string]int)
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string, n int) int { return rapid.IntRange(0, n-1).Draw(t, label) }
		gen := new(model.Gen)
		g, m := both(t, func(b *events.Builder) {
			var people []events.EntityRef
			for i := range 5 {
				people = append(people, b.Person(fmt.Sprint("person ", i)))
				gen.Entities = append(gen.Entities, people[i].ID)
			}
			var pages []*events.SourceRef
			rumour, derived := draw("rumour", 3) == 0, make(map[*events.SourceRef]bool) // nobody was there but who speaks
			for i := range 7 {
				p := b.Source(fmt.Sprint("page ", i))
				if draw("author", 4) > 0 {
					p.By(people[draw("who", len(people))])
				}
				for range draw("parents", 3) {
					if i > 0 {
						p.DerivedFrom(pages[draw("from", i)].ID())
						derived[p] = true
					}
				}
				pages, gen.Sources = append(pages, p), append(gen.Sources, p.ID())
			}
			var ids []uuid.UUID
			for i := range 2 + draw("statements", 9) {
				p := pages[draw("page", len(pages))]
				var s *events.StatementRef
				if (derived[p] || !rumour) && draw("own", 3) > 0 {
					s = p.Says("win", people[0])
				} else {
					speaker := draw("speaker", len(people))
					s = p.Reports(people[speaker], "win", people[0])
					if with := draw("with", len(people)); with > speaker && draw("joint", 4) == 0 {
						s.With(people[with])
					}
					if rumour || draw("hearsay", 4) == 0 {
						s.Via(people[draw("via", len(people))])
					}
				}
				if draw("dated", 3) == 0 {
					s.Said(fmt.Sprint("2025-08-0", 1+draw("day", 3)))
				}
				ids = append(ids, s.Locator(fmt.Sprint(i)).ID())
				if i > 0 && draw("linked", 4) == 0 {
					b.Link(ids[draw("link from", i)], events.Repeats, ids[i], "")
				}
				if i > 0 && draw("linked back", 8) == 0 {
					b.Link(ids[i], events.Repeats, ids[draw("link to", i)], "")
				}
			}
		})
		defer g.Close()
		x := newExam(t, g, m, gen, model.Lens{}, model.Pattern{})
		x.found = found
		x.foundations()
	})
	t.Log(found)
	if n := found["SecondHand, copied"]; n < 10 {
		t.Errorf("hearsay was copied %d times", n)
	}
}

// Links and derivations count as the view has them, also those of statements that
// it does not show.
func TestOriginsThroughALens(t *testing.T) {
	d := newDesk(t)
	a, b, c, x := d.Person("A"), d.Person("B"), d.Person("C"), d.Person("X")
	rumour := d.name("rumour", d.page("p").Reports(a, "win", x).Stance("PS+"))
	one := d.name("one", d.page("q").Reports(b, "win", x))
	two := d.name("two", d.page("r").Reports(c, "win", x))
	first := d.record()
	d.Link(one, events.Repeats, rumour, "")
	link := d.Link(two, events.Repeats, rumour, "")
	d.record()
	certain := func(at events.Position) graph.View { return d.g.View(&graph.Lens{Least: events.Certain, AsOf: at}) }
	equal(t, "before the links", d.support(certain(first), one), "one; two / ")
	equal(t, "with the links", d.support(certain(0), one), "one two / ")
	equal(t, "of what is not shown", d.support(certain(0), rumour), "one two / ")
	d.Retract(link, "")
	d.record()
	equal(t, "after one was retracted", d.support(certain(0), one), "one; two / ")
	d.Judge(b, events.Same, c, "")
	d.record()
	equal(t, "when B is C", d.support(certain(0), one), "one two / ")

	for _, id := range []uuid.UUID{{}, uuid.Max, link} {
		if a, err := query.Support(ctx, d.g.View(nil), id); a != nil || !errors.Is(err, graph.ErrNotInView) {
			t.Errorf("support of %v: %v, %v", id, a, err)
		}
	}
	d.Redact(one, "private")
	d.record()
	if a, err := query.Support(ctx, certain(first), one); a != nil || !errors.Is(err, graph.ErrRedacted) {
		t.Errorf("support of what is redacted: %v, %v", a, err)
	}
	equal(t, "redacted", d.support(certain(first), two), "two / ")
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

func TestFallout(t *testing.T) {
	d := newDesk(t)
	a, b, x := d.Person("A"), d.Person("B"), d.Person("X")
	wire := d.page("wire")
	outlet := d.page("outlet", wire)
	other := d.page("other")
	first := d.name("first", wire.Reports(a, "win", x))
	d.name("copy", outlet.Reports(a, "win", x))
	d.name("alone", outlet.Says("lose", x))
	d.name("also alone", outlet.Says("lose", x).Gloss("again"))
	d.name("confirmed", other.Reports(b, "win", x))
	d.name("joint", other.Reports(a, "draw", x).With(b))
	d.name("no", wire.Reports(b, "draw", x).Stance("CT-"))
	d.name("about it", other.Says("know", x).Arg("what", events.Nested(
		events.Claim{Predicate: "say", Args: []events.Arg{{Role: "what", Value: events.Said(first)}}})))
	d.record()
	d.names[a.ID], d.names[wire.ID()], d.names[outlet.ID()] = "A", "wire", "outlet"

	fallout := func(v graph.View, what uuid.UUID) string {
		t.Helper()
		f, err := query.Fallout(ctx, v, what)
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, x := range f.Fallen {
			s := d.reading(x.Reading) + " on"
			for _, id := range x.On {
				s += " " + d.names[id]
			}
			all = append(all, s+": "+d.origins(x.Support.For)+" / "+d.origins(x.Support.Against)+
				" > "+d.origins(x.Remains.For)+" / "+d.origins(x.Remains.Against))
		}
		for _, r := range f.Lost {
			all = append(all, "lost "+d.reading(r))
		}
		return strings.Join(all, "\n")
	}
	v := d.g.View(nil)
	aboutIt := "about it on first: about it /  >  / "
	equal(t, "the wire", fallout(v, wire.ID()), strings.Join([]string{
		"first on wire: first copy; confirmed /  > confirmed / ",
		"copy on outlet: first copy; confirmed /  > confirmed / ",
		"alone on outlet: alone also alone /  >  / ",
		"also alone on outlet: alone also alone /  >  / ",
		"no on wire: joint / no > joint / ",
		aboutIt, "lost alone", "lost about it"}, "\n"))
	equal(t, "A", fallout(v, a.ID), strings.Join([]string{
		"first on A: first copy; confirmed /  > confirmed / ",
		"copy on A: first copy; confirmed /  > confirmed / ",
		aboutIt, "lost about it"}, "\n"))
	equal(t, "the wire, of what B says", fallout(d.g.View(&graph.Lens{According: []uuid.UUID{b.ID}}), wire.ID()),
		"no on wire: joint / no > joint / ")
	for _, id := range []uuid.UUID{{}, uuid.Max, first, x.ID} {
		equal(t, "nothing", fallout(v, id), "")
	}

	d.Redact(first, "private")
	d.record()
	equal(t, "the outlet, something being redacted", fallout(d.g.View(nil), outlet.ID()), strings.Join([]string{
		"copy on outlet: copy; confirmed /  > confirmed / ",
		"alone on outlet: alone also alone /  >  / ",
		"also alone on outlet: alone also alone /  >  / ",
		"lost alone"}, "\n"))
	if f, err := query.Fallout(ctx, d.g.View(nil), wire.ID()); err != nil || len(f.Fallen) != 5 {
		t.Errorf("the wire: %+v, %v", f, err)
	}
}

// What is said to fall with a source is what a retraction removes.
func TestFalloutIsWhatFalls(t *testing.T) {
	seed.Least(t, 25)
	fallen := 0
	rapid.Check(t, func(t *rapid.T) {
		var clock time.Time
		g, err := graph.Open(ctx, events.NewMem(), &graph.Options{Now: func() time.Time { return clock }})
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		m, gen := model.New(), model.NewGen()
		gen.Calm = true
		for range 25 {
			b, at := gen.Batch(t, m)
			clock = at
			m.Record(b, at)
			g.Record(ctx, &b) // refused where the model refuses it
		}
		source := rapid.SampledFrom(gen.Sources).Draw(t, "source")
		answer, err := query.Fallout(ctx, g.View(nil), source)
		if err != nil {
			t.Fatal(err)
		}
		before := g.View(nil)
		for e, err := range before.Events(ctx, 0) {
			if err != nil {
				t.Fatal(err)
			}
			if added, ok := e.Body.(*events.SourceAdded); !ok || added.Source.ID != source {
				continue
			}
			b := &events.Batch{Recorder: "desk", Events: []events.Event{{
				ID: events.Key("retract", e.ID.String()), Body: &events.Retracted{Event: e.ID, Cascade: true}}}}
			if _, err := g.Record(ctx, b); err != nil && !errors.Is(err, events.ErrInvalid) { // it does not stand
				t.Fatal(err)
			}
		}
		after := g.View(nil)
		if _, err := after.Source(ctx, source); !errors.Is(err, graph.ErrNotInView) {
			return // a redacted registration is left
		}
		var got, want []uuid.UUID
		for _, f := range answer.Fallen {
			got = append(got, f.ID)
		}
		for s := range before.Statements(all) {
			if _, err := after.Statement(s.ID()); errors.Is(err, graph.ErrNotInView) {
				want = append(want, s.ID())
			}
		}
		order := func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) }
		slices.SortFunc(got, order)
		slices.SortFunc(want, order)
		if !slices.Equal(got, want) {
			t.Errorf("%v fall, %v fell", got, want)
		}
		fallen += len(want)
	})
	if fallen < 100 {
		t.Errorf("only %d statements fell", fallen)
	}
}
