package query_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/model"
	"github.com/onrecord/onrecord/internal/seed"
	"github.com/onrecord/onrecord/query"
)

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
		}, "two three asked / "},
		{"a page's own words beside those whom it reports", func(d *desk, a, b, x events.EntityRef) *events.StatementRef {
			p := d.page("p")
			d.name("own", p.Says("win", x))
			d.name("two", p.Reports(b, "win", x).Said("2025-08-04"))
			d.name("again", p.Reports(b, "win", x).Said("2025-08-05"))
			return p.Reports(a, "win", x)
		}, "own two, again; asked / "},
		{"several pages' own words beside one whom they report", func(d *desk, a, b, x events.EntityRef) *events.StatementRef {
			p, q := d.page("p"), d.page("q")
			d.name("p", p.Says("win", x))
			d.name("q", q.Says("win", x))
			d.name("copy", d.page("r", p).Says("win", x))
			d.name("two", q.Reports(a, "win", x).Said("2025-08-04"))
			d.name("alone", d.page("s").Says("win", x))
			return p.Reports(a, "win", x).Said("2025-08-05")
		}, "p copy asked, q two; alone / "},
		{"a page that reports of something else says it itself", func(d *desk, a, b, x events.EntityRef) *events.StatementRef {
			p := d.page("p")
			p.Reports(b, "lose", x)
			p.Reports(b, "win", x).Stance("CT-")
			d.name("two", d.page("q").Reports(b, "win", x))
			return p.Says("win", x)
		}, "two; asked / "},
		{"pages of nobody", func(d *desk, a, b, x events.EntityRef) *events.StatementRef {
			p := d.Source("p")
			d.name("copy", d.Source("q").DerivedFrom(p.ID()).Says("win", x))
			d.name("reported", d.Source("q").Reports(b, "win", x))
			return p.Says("win", x)
		}, "copy reported; asked / "},
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
		}, "two wire asked / "},
		{"who is reported himself copies nobody who is reported beside him", func(d *desk, a, b, x events.EntityRef) *events.StatementRef {
			herald := d.page("herald")
			d.name("two", herald.Reports(b, "win", x))
			d.name("two's own page", d.Source("two's").By(b).DerivedFrom(herald.ID()).Says("win", x))
			d.name("own page", d.Source("own").By(a).DerivedFrom(herald.ID()).Says("win", x))
			return herald.Reports(a, "win", x)
		}, "two two's own page; own page asked / "},
		{"nor by way of a page that says nothing of it", func(d *desk, a, b, x events.EntityRef) *events.StatementRef {
			herald := d.page("herald")
			silent := d.page("digest", d.page("agency", herald))
			d.name("two", herald.Reports(b, "win", x))
			d.name("two's own page", d.Source("two's").By(b).DerivedFrom(silent.ID()).Says("win", x))
			d.name("own page", d.Source("own").By(a).DerivedFrom(silent.ID()).Says("win", x))
			return herald.Reports(a, "win", x)
		}, "two two's own page; own page asked / "},
		{"though he may copy what that page has from elsewhere", func(d *desk, a, b, x events.EntityRef) *events.StatementRef {
			herald, wire := d.page("herald"), d.page("wire")
			d.name("wire", wire.Says("win", x))
			d.name("own page", d.Source("own").By(a).DerivedFrom(d.page("digest", herald, wire).ID()).Says("win", x))
			return herald.Reports(a, "win", x)
		}, "wire own page asked / "},
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

// What a paper reports is single-sourced, however many drop the attribution; and when it falls
// the copies are no origin.
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
		brenner.ID:  "herald: herald wire blog > ",
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
		for _, id := range slices.Concat(gen.Entities, gen.Sources) {
			x.remains(id)
		}
	})
	t.Log(found)
	for what, least := range map[string]int{
		"SecondHand, copied": 10, "SecondHand, passed on by its own mouth": 1, "Fallout, nothing remains but copies": 10, "Fallout, fewer origins remain": 10,
	} {
		if found[what] < least {
			t.Errorf("%s: %d times", what, found[what])
		}
	}
}

// Nobody becomes an origin because another falls.
func TestFalloutOfWhoIsCopied(t *testing.T) {
	d := newDesk(t)
	ann, bob, mayor, aide, bridge := d.Person("Ann"), d.Person("Bob"), d.Person("mayor"), d.Person("aide"), d.Person("bridge")
	gazette, herald := d.Source("gazette").By(ann), d.Source("herald").By(bob)
	d.name("gazette", gazette.Reports(mayor, "close", bridge))
	d.name("digest", d.page("digest", gazette).Says("close", bridge))
	d.name("herald", herald.Reports(mayor, "close", bridge))

	wire, other, reporter := d.page("wire"), d.page("other wire"), d.Person("reporter of wire")
	d.name("wire", wire.Says("fall", bridge))
	d.name("of both", d.page("both", wire, other).Says("fall", bridge))
	d.name("other", other.Says("fall", bridge))

	d.name("post", d.page("post").Reports(mayor, "rise", bridge).Via(aide))
	blog := d.page("blog", d.page("post"))
	d.name("blog", blog.Reports(mayor, "rise", bridge))
	d.name("of the blog", d.page("copy", blog).Reports(mayor, "rise", bridge))

	d.name("page", d.Source("p").By(ann).Reports(mayor, "burn", bridge))
	d.name("passed on", d.page("q", d.Source("p")).Reports(mayor, "burn", bridge))
	d.name("himself", d.Source("town hall").By(mayor).DerivedFrom(d.Source("p").ID()).Says("burn", bridge))

	d.name("in paper", d.page("paper").Reports(mayor, "rust", bridge))
	d.name("paper's own", d.page("paper").Says("rust", bridge))
	d.name("in journal", d.page("journal").Reports(mayor, "rust", bridge))
	d.name("journal's own", d.page("journal").Says("rust", bridge))
	d.record()
	remains := func(what uuid.UUID, predicate string) string {
		t.Helper()
		f, err := query.Fallout(ctx, d.g.View(nil), what)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range f.Fallen {
			if x.Claim.Predicate == predicate {
				lost := slices.ContainsFunc(f.Lost, func(r *graph.Reading) bool { return r.ID == x.ID })
				return fmt.Sprint(d.origins(x.Support.For), " > ", d.origins(x.Remains.For), " ", lost)
			}
		}
		return "nothing falls"
	}
	equal(t, "the reporter", remains(ann.ID, "close"), "gazette digest herald > digest, herald false")
	equal(t, "her page", remains(gazette.ID(), "close"), "gazette digest herald > herald false")
	equal(t, "the mayor", remains(mayor.ID, "close"), "gazette digest herald >  true")
	equal(t, "the first of two", remains(reporter.ID, "fall"), "wire of both; other > of both other false")
	equal(t, "a go-between", remains(aide.ID, "rise"), "post blog of the blog >  true")
	equal(t, "who wrote down what others pass on, but he says it himself", remains(ann.ID, "burn"), "page passed on himself > passed on himself false")
	equal(t, "whom papers report and believe", remains(mayor.ID, "rust"), "in paper paper's own in journal journal's own >  true")
}

// Those whom one page reports have pages of their own, behind chains of pages that say nothing.
func TestOriginsBehindSilence(t *testing.T) {
	seed.Least(t, 25)
	found := make(map[string]int)
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string, n int) int { return rapid.IntRange(0, n-1).Draw(t, label) }
		gen := new(model.Gen)
		g, m := both(t, func(b *events.Builder) {
			var people []events.EntityRef
			for i := range 4 {
				people = append(people, b.Person(fmt.Sprint("person ", i)))
				gen.Entities = append(gen.Entities, people[i].ID)
			}
			var pages []*events.SourceRef
			page := func(from int) *events.SourceRef {
				p := b.Source(fmt.Sprint("page ", len(pages))).By(people[draw("author", len(people))])
				for range 1 + draw("more parents", 2) {
					if from > 0 {
						p.DerivedFrom(pages[draw("parent", from)].ID())
					}
				}
				pages, gen.Sources = append(pages, p), append(gen.Sources, p.ID())
				return p
			}
			first := 1 + draw("first pages", 2)
			for range first {
				p := page(0)
				for range 1 + draw("reports", 3) {
					p.Reports(people[draw("speaker", len(people))], "win", people[0])
				}
			}
			for range draw("silent pages", 5) {
				page(len(pages)).Says("lose", people[0])
			}
			for range 1 + draw("last pages", 3) {
				page(len(pages)).Says("win", people[0])
			}
		})
		defer g.Close()
		x := newExam(t, g, m, gen, model.Lens{}, model.Pattern{})
		x.found = found
		x.foundations()
	})
	t.Log(found)
	if n := found["Support, several origins"]; n < 10 {
		t.Errorf("a claim had several origins %d times", n)
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

// Who is said to be repeated repeats nobody.
func TestRepeatsOneWay(t *testing.T) {
	d := newDesk(t)
	x := d.Person("X")
	one := d.name("one", d.page("p").Reports(d.Person("A"), "win", x))
	two := d.name("two", d.page("q").Reports(d.Person("B"), "win", x))
	copies := d.name("copies", d.page("r").Reports(d.Person("C"), "win", x))
	d.page("s").Says("repeats").Arg("from", events.Said(copies)).Arg("to", events.Said(one)).Arg("to", events.Said(two)).ID()
	lone := d.name("lone", d.page("t").Says("lose", x))
	d.Link(d.name("again", d.page("u").Says("lose", x)), events.Repeats, lone, "")
	d.record()
	equal(t, "of text", d.support(d.g.View(nil), one), "one copies; two / ")
	equal(t, "of link", d.support(d.g.View(nil), lone), "lone again / ")
}
