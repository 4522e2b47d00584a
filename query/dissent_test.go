package query_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

// all names everything a view shows.
var all = graph.Pattern{}

// Trump says that Moscow asked; Peskov replies, and neither confirms nor denies.
func TestArticle(t *testing.T) {
	d := newDesk(t)
	trump, peskov, kremlin := d.Person("Trump"), d.Person("Peskov"), d.Organisation("Kremlin")
	witkoff, russia, meeting := d.Person("Witkoff"), d.Organisation("Russian government"), d.Occurrence("meeting")
	author := d.Person("Author")
	src := d.Source("https://example.org/article").By(author).Published("[2025-08-03,2025-08-04]")
	says := func(who events.EntityRef, predicate string) *events.StatementRef {
		return src.Reports(who, predicate)
	}
	s10 := d.name("S10", says(peskov, "be_glad_to_see").For(kremlin).Act(events.Express).Role("experiencer", kremlin).Role("theme", witkoff))
	s11 := d.name("S11", says(peskov, "welcome").For(kremlin).Act(events.Express).Role("experiencer", kremlin).Arg("theme", events.Text("contact", "en")).Role("with", witkoff))
	s12 := d.name("S12", says(peskov, "evaluate").For(kremlin).Act(events.Express).Role("agent", kremlin).Arg("value", events.Text("important", "en")))
	s14 := d.name("S14", says(trump, "initiate").Role("agent", russia.As("Moscow")).Role("theme", meeting).On("[..2025-08-04]"))
	d.name("S25", says(trump, "want_to_see").Role("experiencer", russia.As("They")).Role("theme", witkoff).On("[2025-08-03,2025-08-04]"))
	d.name("S26", says(trump, "request_meeting").Role("agent", russia.As("they")).Role("with", witkoff).On("[..2025-08-04]"))
	d.name("S13", src.Says("replies_to").Arg("from", events.Said(s10)).Arg("from", events.Said(s11)).Arg("from", events.Said(s12)).Arg("to", events.Said(s14)))
	d.record()

	v := d.g.View(nil)
	equal(t, "oppositions", d.oppositions(v, all), "")
	equal(t, "conflicts", d.conflicts(v, all), "")
	equal(t, "disputes", d.disputes(v, all), "")
	want := "S10>S14 by S13: nothing, S11>S14 by S13: nothing, S12>S14 by S13: nothing"
	for _, p := range []graph.Pattern{{Predicate: "initiate"}, {Predicate: "replies_to"}} {
		equal(t, "replies", d.replies(v, p), want)
	}
	equal(t, "replies of S11", d.replies(v, graph.Pattern{Predicate: "welcome"}), "S11>S14 by S13: nothing")
	equal(t, "a view without the author", d.replies(d.g.View(&graph.Lens{According: []uuid.UUID{trump.ID}}), all), "")
	equal(t, "a view without Trump",
		d.replies(d.g.View(&graph.Lens{According: []uuid.UUID{author.ID, kremlin.ID}}), graph.Pattern{Predicate: "welcome"}),
		"S11>S14(hidden) by S13: nothing")
}

func TestDisputes(t *testing.T) {
	d := newDesk(t)
	a, b := d.Person("A"), d.Person("B")
	src := d.story()
	one := d.name("one", src.Reports(a, "win", a))
	d.record()
	src = d.story()
	two := d.name("two", src.Reports(b, "lose", a))
	three := d.name("three", src.Reports(b, "draw", a))
	d.name("text", src.Says("disputes").Arg("from", events.Said(two)).Arg("to", events.Said(one)).Arg("to", events.Unknown()))
	d.record()
	src = d.story()
	d.name("nobody", src.Says("disputes").Arg("from", events.Unknown()).Arg("to", events.Unknown()))
	d.name("not", src.Says("disputes").Arg("from", events.Said(one)).Arg("to", events.Said(three)).Stance("CT-"))
	d.name("perhaps", src.Says("disputes").Arg("from", events.Said(one)).Arg("to", events.Said(three)).Stance("Uu"))
	d.Link(two, events.Disputes, one, "")
	d.Link(three, events.Confirms, one, "")
	d.Link(three, events.Disputes, one, "")
	first := d.record()

	v := d.g.View(nil)
	equal(t, "from one side", d.disputes(v, graph.Pattern{Predicate: "win"}), "two>one by recorder, three>one by recorder, two>one by text")
	equal(t, "from the other", d.disputes(v, graph.Pattern{Predicate: "lose"}), "two>one by recorder, two>one by text, two>? by text")
	equal(t, "the sayings", d.disputes(v, graph.Pattern{Predicate: "disputes"}), "two>one by text, two>? by text, ?>? by nobody")
	equal(t, "filtered", d.disputes(d.g.View(&graph.Lens{According: []uuid.UUID{a.ID}}), all), "two(hidden)>one by recorder, three(hidden)>one by recorder")

	d.Redact(three, "private")
	replaced := d.story().Reports(b, "lose", a).Gloss("again").Replaces(two)
	d.name("new", replaced)
	d.record()
	equal(t, "gone", d.disputes(d.g.View(nil), graph.Pattern{Predicate: "win"}), "two(id)>one by recorder, three(id)>one by recorder, two(id)>one by text")
	equal(t, "as of before", d.disputes(d.g.View(&graph.Lens{AsOf: first}), graph.Pattern{Predicate: "win"}), "two>one by recorder, three(id)>one by recorder, two>one by text")
}

func TestOppositions(t *testing.T) {
	type make func(d *desk, s *events.SourceRef, a, b, c, o events.EntityRef) (yes, no *events.StatementRef)
	for _, c := range []struct {
		name string
		make make
		want bool
	}{
		{"the same", func(d *desk, s *events.SourceRef, a, b, c, o events.EntityRef) (yes, no *events.StatementRef) {
			return s.Says("meet", a, b), s.Says("meet", a, b)
		}, true},
		{"fewer arguments", func(d *desk, s *events.SourceRef, a, b, c, o events.EntityRef) (yes, no *events.StatementRef) {
			return s.Says("meet", a, b).Role("place", c), s.Says("meet", a, b)
		}, true},
		{"more arguments", func(d *desk, s *events.SourceRef, a, b, c, o events.EntityRef) (yes, no *events.StatementRef) {
			return s.Says("meet", a, b), s.Says("meet", a, b).Role("place", c)
		}, false},
		{"another predicate", func(d *desk, s *events.SourceRef, a, b, c, o events.EntityRef) (yes, no *events.StatementRef) {
			return s.Says("meet", a, b), s.Says("see", a, b)
		}, false},
		{"roles swapped", func(d *desk, s *events.SourceRef, a, b, c, o events.EntityRef) (yes, no *events.StatementRef) {
			return s.Says("meet", a, b), s.Says("meet", b, a)
		}, false},
		{"roles swapped, symmetric", func(d *desk, s *events.SourceRef, a, b, c, o events.EntityRef) (yes, no *events.StatementRef) {
			d.Declare(events.Predicate{Name: "meet", Symmetric: true})
			return s.Says("meet", a, b), s.Says("meet", b, a)
		}, true},
		{"symmetric, no entity", func(d *desk, s *events.SourceRef, a, b, c, o events.EntityRef) (yes, no *events.StatementRef) {
			d.Declare(events.Predicate{Name: "meet", Symmetric: true})
			return s.Says("meet", a).Arg("x", events.Text("t", "")), s.Says("meet", a).Arg("y", events.Text("t", ""))
		}, false},
		{"one occurrence", func(d *desk, s *events.SourceRef, a, b, c, o events.EntityRef) (yes, no *events.StatementRef) {
			return s.Says("meet", a).Occurrence(o), s.Says("meet").Occurrence(o)
		}, true},
		{"the denial without an occurrence", func(d *desk, s *events.SourceRef, a, b, c, o events.EntityRef) (yes, no *events.StatementRef) {
			return s.Says("meet", a).Occurrence(o), s.Says("meet", a)
		}, true},
		{"the affirmation without an occurrence", func(d *desk, s *events.SourceRef, a, b, c, o events.EntityRef) (yes, no *events.StatementRef) {
			return s.Says("meet", a), s.Says("meet", a).Occurrence(o)
		}, false},
		{"bare", func(d *desk, s *events.SourceRef, a, b, c, o events.EntityRef) (yes, no *events.StatementRef) {
			return s.Says("rain"), s.Says("rain")
		}, true},
		{"a bare denial", func(d *desk, s *events.SourceRef, a, b, c, o events.EntityRef) (yes, no *events.StatementRef) {
			return s.Says("rain", a), s.Says("rain")
		}, false},
		{"a bare denial, an occurrence", func(d *desk, s *events.SourceRef, a, b, c, o events.EntityRef) (yes, no *events.StatementRef) {
			return s.Says("rain").Occurrence(o), s.Says("rain")
		}, false},
		{"a denial with a text only", func(d *desk, s *events.SourceRef, a, b, c, o events.EntityRef) (yes, no *events.StatementRef) {
			return s.Says("die", a).Arg("who", events.Text("three soldiers", "en")), s.Says("die").Arg("who", events.Text("three soldiers", ""))
		}, true},
		{"another language", func(d *desk, s *events.SourceRef, a, b, c, o events.EntityRef) (yes, no *events.StatementRef) {
			return s.Says("get").Arg("what", events.Text("Gift", "en")), s.Says("get").Arg("what", events.Text("Gift", "de"))
		}, false},
		{"equal numbers", func(d *desk, s *events.SourceRef, a, b, c, o events.EntityRef) (yes, no *events.StatementRef) {
			return s.Says("pay", a).Arg("sum", events.Number("2.50", "EUR")), s.Says("pay", a).Arg("sum", events.Number("25e-1", "EUR"))
		}, true},
		{"another unit", func(d *desk, s *events.SourceRef, a, b, c, o events.EntityRef) (yes, no *events.StatementRef) {
			return s.Says("pay", a).Arg("sum", events.Number("2.50", "EUR")), s.Says("pay", a).Arg("sum", events.Number("2.50", "USD"))
		}, false},
		{"nested claims", func(d *desk, s *events.SourceRef, a, b, c, o events.EntityRef) (yes, no *events.StatementRef) {
			d.Declare(events.Predicate{Name: "meet", Symmetric: true})
			return s.Says("want", a).Arg("what", events.Nested(d.Claim("meet", b, c))), s.Says("want", a).Arg("what", events.Nested(d.Claim("meet", c, b)))
		}, true},
		{"other nested claims", func(d *desk, s *events.SourceRef, a, b, c, o events.EntityRef) (yes, no *events.StatementRef) {
			return s.Says("want", a).Arg("what", events.Nested(d.Claim("meet", b, c))), s.Says("want", a).Arg("what", events.Nested(d.Claim("meet", b)))
		}, false},
		{"unknown", func(d *desk, s *events.SourceRef, a, b, c, o events.EntityRef) (yes, no *events.StatementRef) {
			return s.Says("call", a).Arg("whom", events.Unknown()), s.Says("call", a).Arg("whom", events.Unknown())
		}, true},
		{"unknown and none", func(d *desk, s *events.SourceRef, a, b, c, o events.EntityRef) (yes, no *events.StatementRef) {
			return s.Says("call", a).Arg("whom", events.Unknown()), s.Says("call", a).Arg("whom", events.None())
		}, false},
		{"one statement", func(d *desk, s *events.SourceRef, a, b, c, o events.EntityRef) (yes, no *events.StatementRef) {
			st := s.Says("see", a).ID()
			return s.Says("know", a).Arg("what", events.Said(st)), s.Says("know").Arg("what", events.Said(st))
		}, true},
		{"one condition, worded differently", func(d *desk, s *events.SourceRef, a, b, c, o events.EntityRef) (yes, no *events.StatementRef) {
			return s.Says("go", a).If(d.Claim("agree", b), "if B agrees"), s.Says("go", a).If(d.Claim("agree", b), "B willing")
		}, true},
		{"another condition", func(d *desk, s *events.SourceRef, a, b, c, o events.EntityRef) (yes, no *events.StatementRef) {
			return s.Says("go", a).If(d.Claim("agree", b), ""), s.Says("go", a).Unless(d.Claim("agree", b), "")
		}, false},
		{"a condition more", func(d *desk, s *events.SourceRef, a, b, c, o events.EntityRef) (yes, no *events.StatementRef) {
			return s.Says("go", a), s.Says("go", a).If(d.Claim("agree", b), "")
		}, false},
		{"times that may meet", func(d *desk, s *events.SourceRef, a, b, c, o events.EntityRef) (yes, no *events.StatementRef) {
			return s.Says("go", a).On("[2025-08-04..2025-08-10]"), s.Says("go", a).On("2025-08-06")
		}, true},
		{"times that cannot meet", func(d *desk, s *events.SourceRef, a, b, c, o events.EntityRef) (yes, no *events.StatementRef) {
			return s.Says("go", a).On("[2025-08-04,2025-08-10]"), s.Says("go", a).On("2025-08-06")
		}, false},
		{"one without a time", func(d *desk, s *events.SourceRef, a, b, c, o events.EntityRef) (yes, no *events.StatementRef) {
			return s.Says("go", a).On("2025-08-06"), s.Says("go", a)
		}, true},
		{"identity", func(d *desk, s *events.SourceRef, a, b, c, o events.EntityRef) (yes, no *events.StatementRef) {
			d.Judge(a, events.Same, b, "")
			d.Judge(o, events.Same, c, "")
			return s.Says("go", a).Occurrence(o), s.Says("go", b).Occurrence(c)
		}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			src := d.story()
			yes, no := c.make(d, src, d.Person("A"), d.Person("B"), d.Place("C"), d.Occurrence("O"))
			d.name("yes", yes)
			d.name("no", no.Stance("PS-").Form(events.Heading))
			d.name("open", src.Says("open").Stance("CTu"))
			d.record()
			want := ""
			if c.want {
				want = "no/yes!"
			}
			v := d.g.View(nil)
			equal(t, "all", d.oppositions(v, all), want)
			equal(t, "from the denial", d.oppositions(v, graph.Pattern{Form: events.Heading}), want)
			equal(t, "from the affirmation", d.oppositions(v, graph.Pattern{Form: events.Paraphrase}), want)
		})
	}
}

func TestOppositionsComeOnce(t *testing.T) {
	d := newDesk(t)
	a, b, x := d.Person("A"), d.Person("B"), d.Person("X")
	src := d.story()
	d.name("1", src.Reports(a, "meet", a, b))
	d.record()
	src = d.story()
	d.name("2", src.Reports(x, "meet", a, b).Stance("CT-"))
	d.record()
	src = d.story()
	d.name("3", src.Reports(a, "meet", a).Stance("PR-"))
	d.record()
	src = d.story()
	d.name("4", src.Reports(b, "meet", a, b).With(x).Stance("PS+"))
	d.record()

	v := d.g.View(nil)
	equal(t, "all", d.oppositions(v, all), "2/1, 3/1!, 2/4!, 3/4")
	equal(t, "what X said", d.oppositions(v, graph.Pattern{Origin: x.ID}), "2/1, 2/4!, 3/4")
	equal(t, "what B said", d.oppositions(v, graph.Pattern{Origin: b.ID}), "2/4!, 3/4")
	equal(t, "at least probable", d.oppositions(d.g.View(&graph.Lens{Least: events.Probable}), all), "2/1, 3/1!")
	equal(t, "as of 2", d.oppositions(d.g.View(&graph.Lens{AsOf: 2}), all), "2/1")
}

func TestTimeConflicts(t *testing.T) {
	d := newDesk(t)
	a, b, o, o2 := d.Person("A"), d.Person("B"), d.Occurrence("O"), d.Occurrence("O2")
	d.Declare(events.Predicate{Name: "die", Once: true}, events.Predicate{Name: "marry", Once: true, Symmetric: true})
	d.record()
	next := func(name string, f func(src *events.SourceRef) *events.StatementRef) {
		d.name(name, f(d.story()))
		d.record()
	}
	next("1", func(s *events.SourceRef) *events.StatementRef {
		return s.Says("visit", a).Occurrence(o).On("2025-08-06")
	})
	next("2", func(s *events.SourceRef) *events.StatementRef {
		return s.Says("visit", b).Occurrence(o).On("2025-08-07")
	})
	next("3", func(s *events.SourceRef) *events.StatementRef {
		return s.Says("visit", a).Occurrence(o).On("[2025-08-06,2025-08-08]")
	})
	next("4", func(s *events.SourceRef) *events.StatementRef { return s.Says("visit", a).Occurrence(o) })
	next("5", func(s *events.SourceRef) *events.StatementRef {
		return s.Says("visit", a).Occurrence(o).On("2025-08-09").Stance("CT-")
	})
	next("6", func(s *events.SourceRef) *events.StatementRef {
		return s.Says("visit", a).Occurrence(o2).On("2025-08-09")
	})
	next("7", func(s *events.SourceRef) *events.StatementRef { return s.Says("visit", a).On("2025-08-10") })
	next("8", func(s *events.SourceRef) *events.StatementRef { return s.Says("die", a).On("1950") })
	next("9", func(s *events.SourceRef) *events.StatementRef { return s.Says("die", a).On("1951-02") })
	next("10", func(s *events.SourceRef) *events.StatementRef { return s.Says("die", b).On("1952") })
	next("11", func(s *events.SourceRef) *events.StatementRef { return s.Says("die", a).Role("in", o).On("1953") })
	next("12", func(s *events.SourceRef) *events.StatementRef {
		return s.Says("die", a).On("1954").If(d.Claim("x"), "")
	})
	next("13", func(s *events.SourceRef) *events.StatementRef { return s.Says("marry", a, b).On("1940") })
	next("14", func(s *events.SourceRef) *events.StatementRef { return s.Says("marry", b, a).On("1941") })

	v := d.g.View(nil)
	equal(t, "all", d.conflicts(v, all), "1/2, 2/3, 8/9, 13/14")
	equal(t, "about B", d.conflicts(v, graph.Pattern{Predicate: "visit", Entity: b.ID}), "2/1, 2/3")
	d.Judge(o, events.Same, o2, "")
	d.record()
	equal(t, "merged", d.conflicts(d.g.View(nil), graph.Pattern{Occurrence: o2.ID}), "1/2, 1/6, 2/3, 2/6, 3/6")
}

func TestRoleConflicts(t *testing.T) {
	d := newDesk(t)
	a, o := d.Person("A"), d.Occurrence("O")
	moscow, region, russia, minsk := d.Place("Moscow"), d.Place("Moscow region"), d.Place("Russia"), d.Place("Minsk")
	somebody := d.Placeholder("a place")
	d.Declare(events.Predicate{Name: "visit", Roles: []events.Role{
		{Name: "who"}, {Name: "to", Functional: true}, {Name: "day", Functional: true}}})
	src := d.story()
	d.name("p1", src.Says(events.PartOf).Role("part", moscow).Role("whole", region))
	d.name("p2", src.Says(events.PartOf).Role("part", region).Role("whole", russia))
	d.name("p3", src.Says(events.PartOf).Role("part", minsk).Role("whole", russia).Stance("CT-"))
	d.record()
	visit := func(name string, f func(*events.StatementRef) *events.StatementRef) {
		d.name(name, f(d.story().Says("visit").Role("who", a).Occurrence(o)))
		d.record()
	}
	visit("1", func(s *events.StatementRef) *events.StatementRef { return s.Role("to", moscow) })
	visit("2", func(s *events.StatementRef) *events.StatementRef { return s.Role("to", russia) })
	visit("3", func(s *events.StatementRef) *events.StatementRef { return s.Role("to", minsk) })
	visit("4", func(s *events.StatementRef) *events.StatementRef { return s.Role("to", minsk, moscow) })
	visit("5", func(s *events.StatementRef) *events.StatementRef { return s.Arg("to", events.Unknown()) })
	visit("6", func(s *events.StatementRef) *events.StatementRef { return s.Role("to", somebody) })
	visit("7", func(s *events.StatementRef) *events.StatementRef { return s.Arg("to", events.None()) })
	visit("8", func(s *events.StatementRef) *events.StatementRef {
		return s.Arg("day", events.At(edtf.MustParse("2025-08")))
	})
	visit("9", func(s *events.StatementRef) *events.StatementRef {
		return s.Arg("day", events.At(edtf.MustParse("2025-08-06")))
	})
	visit("10", func(s *events.StatementRef) *events.StatementRef {
		return s.Arg("day", events.At(edtf.MustParse("2025-08-07")))
	})
	visit("11", func(s *events.StatementRef) *events.StatementRef { return s.Role("to", minsk).Stance("CTu") })

	v := d.g.View(nil)
	equal(t, "all", d.conflicts(v, all), "1/3 to, 1/7 to, 2/3 to, 2/7 to, 3/7 to, 4/7 to, 9/10 day")
	equal(t, "to Minsk", d.conflicts(v, graph.Pattern{Args: []graph.Fill{{Role: "to", Entity: minsk.ID}}}), "3/1 to, 3/2 to, 3/7 to, 4/7 to")
	d.Judge(somebody, events.Same, minsk, "")
	d.record()
	equal(t, "identified", d.conflicts(d.g.View(nil), graph.Pattern{Entity: somebody.ID}),
		"3/1 to, 3/2 to, 3/7 to, 4/7 to, 6/1 to, 6/2 to, 6/7 to")
}

func TestReplies(t *testing.T) {
	d := newDesk(t)
	a, b, c, o := d.Person("A"), d.Person("B"), d.Person("C"), d.Occurrence("O")
	src := d.story()
	claim := d.name("claim", src.Reports(a, "meet", a, b).On("2025-08"))
	reply := func(name string, s *events.StatementRef) uuid.UUID {
		id := d.name(name, s)
		d.Link(id, events.RepliesTo, claim, "")
		return id
	}
	reply("denial", src.Reports(b, "meet", a, b).Stance("PS-"))
	reply("wider denial", src.Reports(c, "meet", a).Stance("CT-"))
	reply("yes", src.Reports(b, "meet", a, b).On("2025-08-06"))
	reply("another day", src.Reports(b, "meet", a, b).On("2025-09-06"))
	reply("an occurrence", src.Reports(b, "meet", a, b).Occurrence(o))
	reply("no word", src.Reports(b, "meet", a, b).Stance("CTu"))
	reply("glad", src.Reports(b, "be_glad", b))
	confirms := reply("so it is", src.Reports(b, "agree", b))
	d.Link(confirms, events.Confirms, claim, "")
	disputes := reply("nonsense", src.Reports(b, "laugh", b))
	d.name("text", src.Says("disputes").Arg("from", events.Said(disputes)).Arg("to", events.Said(claim)))
	both := reply("both", src.Reports(b, "waver", b))
	d.Link(both, events.Confirms, claim, "")
	d.Link(both, events.Disputes, claim, "")
	reverse := reply("reverse", src.Reports(b, "wink", b))
	d.Link(claim, events.Disputes, reverse, "")
	// That somebody disputes the claim, or the reply, makes the reply no denial.
	other := src.Reports(b, "shrug", b).ID()
	beside := reply("beside", src.Reports(b, "nod", b))
	d.name("of both", src.Says("disputes").Arg("from", events.Said(other)).Arg("to", events.Said(claim)).Arg("to", events.Said(beside)))
	itself := d.name("itself", src.Reports(a, "yawn", a))
	d.name("a loop", src.Says("replies_to").Arg("from", events.Said(itself)).Arg("to", events.Said(itself)))
	d.Link(other, events.Disputes, itself, "")
	// Nor does it that the reply disputes something else.
	d.Link(reply("aside", src.Reports(b, "cough", b)), events.Disputes, other, "")
	d.name("of another", src.Says("disputes").Arg("from", events.Said(reply("in passing", src.Reports(b, "hum", b)))).Arg("to", events.Said(other)))
	// Nor are two that are not known one.
	for _, predicate := range []string{"replies_to", "disputes"} {
		d.name("somebody: "+predicate, src.Says(predicate).Arg("from", events.Unknown()).Arg("to", events.Said(claim)))
	}
	open := src.Reports(a, "win", a).Stance("CTu").ID()
	d.Link(d.name("nor do I say", src.Reports(b, "win", a).Stance("CTu")), events.RepliesTo, open, "")
	d.record()
	got := make(map[string]string)
	for r, err := range query.Replies(ctx, d.g.View(nil), graph.Pattern{Entity: a.ID, Origin: a.ID}) {
		if err != nil {
			t.Fatal(err)
		}
		got[d.names[r.From.ID]] = r.Commits.String()
	}
	for _, c := range []struct{ name, want string }{
		{"denial", "denies"}, {"wider denial", "denies"}, {"yes", "confirms"}, {"another day", "nothing"},
		{"an occurrence", "nothing"}, {"no word", "nothing"}, {"glad", "nothing"}, {"so it is", "confirms"},
		{"nonsense", "denies"}, {"both", "denies"}, {"reverse", "nothing"}, {"nor do I say", "nothing"},
		{"beside", "nothing"}, {"itself", "confirms"}, {"?", "nothing"}, {"aside", "nothing"}, {"in passing", "nothing"},
	} {
		equal(t, c.name, got[c.name], c.want)
		delete(got, c.name)
	}
	if len(got) > 0 {
		t.Errorf("more replies: %v", got)
	}
}

// Without a type, links of every type are wanted.
func TestLinksOfAllTypes(t *testing.T) {
	for link := events.RepliesTo; link <= events.Contrasts; link++ {
		d := newDesk(t)
		src := d.story()
		from, to := d.name("from", src.Says("meet", d.Person("A"))), d.name("to", src.Says("meet", d.Person("B")))
		d.Link(from, link, to, "")
		d.record()
		got := list(t, query.Links(ctx, d.g.View(nil), all), func(l *query.Link) string { return fmt.Sprintf("%v: %s", l.Type, d.link(l)) })
		equal(t, link.String(), got, link.String()+": from>to by recorder")
	}
}

// A statement that names a side twice, or two that are not known, makes one link.
func TestLinksOnce(t *testing.T) {
	d := newDesk(t)
	src := d.story()
	s := d.name("said", src.Says("meet", d.Person("A")))
	d.name("text", src.Says("explains").Arg("from", events.Said(s)).Arg("from", events.Said(s)).
		Arg("to", events.Unknown()).Arg("to", events.Unknown()))
	d.record()
	links := func(types ...events.LinkType) string {
		return list(t, query.Links(ctx, d.g.View(nil), graph.Pattern{Predicate: "explains"}, types...), d.link)
	}
	equal(t, "links", links(), "said>? by text")
	equal(t, "of its type", links(events.Repeats, events.Explains), "said>? by text")
	equal(t, "of another type", links(events.Repeats), "")
}

// What lies in a place through 32 affirmations agrees with it; what lies deeper does not.
func TestFarParts(t *testing.T) {
	d := newDesk(t)
	o := d.Occurrence("O")
	d.Declare(events.Predicate{Name: "visit", Roles: []events.Role{{Name: "to", Functional: true}}})
	place := func(n int) events.EntityRef { return d.Place(fmt.Sprint("place ", n)) }
	for n := range 33 {
		d.story().Says(events.PartOf).Role(events.RolePart, place(n)).Role(events.RoleWhole, place(n+1)).ID()
	}
	for _, n := range []int{0, 32, 33} {
		d.name(fmt.Sprint(n), d.story().Says("visit").Role("to", place(n)).Occurrence(o))
	}
	d.record()
	equal(t, "conflicts", d.conflicts(d.g.View(nil), graph.Pattern{Predicate: "visit"}), "0/33 to")
}
