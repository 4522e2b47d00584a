package query_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/model"
	"github.com/onrecord/onrecord/internal/modeltest"
	"github.com/onrecord/onrecord/internal/seed"
	"github.com/onrecord/onrecord/query"
)

// stances asks what each holds of claims.
func (x *exam) stances() {
	var want []string
	for _, c := range x.m.Stances(x.l, x.p) {
		text := x.names[c.Of] + " " + c.Holding
		x.found["Stances, "+c.Holding]++
		for _, s := range c.Speakers {
			text += fmt.Sprint("; ", x.entities([]uuid.UUID{s.Speaker}), s.Affirms, s.Denies, s.Open,
				x.named(s.Newest), x.named(s.Earlier), x.wantedLinks(s.TakenBack))
			for what, n := range map[string]int{"several newest": len(s.Newest) - 1, "earlier": len(s.Earlier), "taken back": len(s.TakenBack)} {
				x.found["Stances, "+what] += max(n, 0)
			}
			if s.Open {
				x.found["Stances, open"]++
			}
		}
		want = append(want, text)
	}
	x.same("Stances", answers(x, query.Stances(ctx, x.v, modeltest.Pattern(x.p)), func(c *query.ClaimStances) string {
		text := x.reading(c.Of) + " " + c.Holding.String()
		for _, s := range c.Speakers {
			text += fmt.Sprint("; ", x.entities([]uuid.UUID{s.Speaker}), s.Affirms, s.Denies, s.Open, x.list(s.Newest), x.list(s.Earlier), x.links(s.TakenBack))
		}
		return text
	}), want)
}

func (d *desk) stances(v graph.View, p graph.Pattern) string {
	d.t.Helper()
	return list(d.t, query.Stances(ctx, v, p), func(c *query.ClaimStances) string {
		text := d.reading(c.Of) + " " + c.Holding.String()
		for _, s := range c.Speakers {
			text += ", " + d.names[s.Speaker] + " now"
			for _, r := range s.Newest {
				text += " " + d.reading(r)
			}
			for _, r := range s.Earlier {
				text += " once " + d.reading(r)
			}
			for _, l := range s.TakenBack {
				text += " not " + d.reading(l.To.Reading)
			}
			if s.Open {
				text += " open"
			}
		}
		return text
	})
}

func TestStances(t *testing.T) {
	d := newDesk(t)
	a, b, x := d.Person("A"), d.Person("B"), d.Person("X")
	d.names[a.ID], d.names[b.ID] = "A", "B"
	say := func(name string, who events.EntityRef, what, stance, said string) uuid.UUID {
		return d.name(name, d.story().Reports(who, what, x).Stance(stance).Said(said))
	}
	no := say("no", a, "own", "CT-", "2025-03-10")
	yes := say("yes", a, "own", "CT+", "2025-03-11")
	say("other", b, "own", "CT+", "2025-03-09")
	say("first", a, "resign", "PS+", "2025-03-01")
	say("second", a, "resign", "PS+", "2025-03-02")
	say("third", a, "resign", "CT+", "2025-03-03")
	say("perhaps", a, "lie", "CT+", "2025-03")
	say("or not", a, "lie", "CT-", "2025-03-05")
	d.Link(yes, events.Withdraws, no, "")
	d.record()
	v := d.g.View(nil)
	equal(t, "a denial is withdrawn", d.stances(v, graph.Pattern{Predicate: "own"}), "no held, A now yes not no, B now other")
	equal(t, "before it was", d.stances(d.g.View(&graph.Lens{SaidBy: graph.Certainly(day("2025-03-10"))}), graph.Pattern{Predicate: "own"}),
		"no disputed, A now no, B now other")
	equal(t, "said three times", d.stances(v, graph.Pattern{Predicate: "resign"}), "first held, A now third once first once second")
	equal(t, "in either order", d.stances(v, graph.Pattern{Predicate: "lie", Polarity: events.Denied}), "or not disputed, A now perhaps or not open")
	sorry := say("sorry", b, "regret", "CT+", "2025-03-12")
	d.Link(sorry, events.Withdraws, yes, "")
	d.record()
	equal(t, "another would have the admission withdrawn", d.stances(d.g.View(nil), graph.Pattern{Predicate: "own", Voice: a.ID}), "no held, A now yes not no, B now other")
	d.Link(say("sorry, too", a, "regret", "CT+", "2025-03-12"), events.Withdraws, yes, "")
	d.record()
	equal(t, "the admission, too", d.stances(d.g.View(nil), graph.Pattern{Predicate: "own", Voice: a.ID}), "no held, A now not no not yes, B now other")
}

// Nobody takes back what another has said, nor another's part of what they said together.
func TestStancesOfOpponents(t *testing.T) {
	d := newDesk(t)
	a, b, x := d.Person("A"), d.Person("B"), d.Person("X")
	d.names[a.ID], d.names[b.ID] = "A", "B"
	yes := d.story().Reports(a, "steal", x)
	no := d.story().Reports(b, "steal", x).Stance("CT-")
	d.name("yes", yes)
	d.name("no", no)
	d.name("correction", d.story().Reports(a, "corrects").Arg("from", events.Said(yes.ID())).Arg("to", events.Said(no.ID())).Stance("PS+"))
	both := d.story().Reports(a, "lie", x).With(b).Stance("CT-").Said("2025-01-01")
	admits := d.story().Reports(a, "lie", x).Said("2025-01-02")
	d.name("both", both)
	d.name("admits", admits)
	d.Link(admits.ID(), events.Withdraws, both.ID(), "")
	d.record()
	equal(t, "an opponent corrects", d.stances(d.g.View(nil), graph.Pattern{Predicate: "steal"}), "yes disputed, A now yes, B now no")
	equal(t, "one of two takes back", d.stances(d.g.View(nil), graph.Pattern{Predicate: "lie"}), "both disputed, A now admits not both, B now both")
}

// Who was sure of a visit after a trip, and now holds a visit possible, is not sure of one
// after the trip.
func TestStanceOnMore(t *testing.T) {
	d := newDesk(t)
	a, x, o := d.Person("A"), d.Person("X"), d.Occurrence("visit")
	d.names[a.ID] = "A"
	say := func(stance, said string) *events.StatementRef {
		return d.story().Reports(a, "visit", x).Occurrence(o).Stance(stance).Said(said)
	}
	d.name("sure of more", say("CT+", "2025-03-01").Role("after", d.Occurrence("trip")))
	d.name("perhaps", say("PS+", "2025-03-02"))
	d.record()
	equal(t, "stances", d.stances(d.g.View(nil), all),
		"sure of more once held, A now perhaps once sure of more, perhaps held, A now perhaps once sure of more")
}

// Three people, of whom two may be one, affirm and deny more and less of a happening, or of
// none, on days that may overlap; some of it is withdrawn, corrected or retracted.
func TestStancesModel(t *testing.T) {
	seed.Least(t, 200)
	found := make(map[string]int)
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string, n int) int { return rapid.IntRange(0, n-1).Draw(t, label) }
		gen := new(model.Gen)
		g, m := both(t, func(b *events.Builder) {
			people := []events.EntityRef{b.Person("A"), b.Person("B"), b.Person("C")}
			happenings := []events.EntityRef{b.Occurrence("one"), b.Occurrence("two"), {}}
			page := b.Source("page")
			for _, p := range people {
				gen.Entities = append(gen.Entities, p.ID)
			}
			gen.Sources = append(gen.Sources, page.ID())
			if draw("declared", 3) == 0 {
				b.Declare(events.Predicate{Name: "meet", Symmetric: true})
			}
			if draw("one person", 3) == 0 {
				b.Judge(people[0], events.Same, people[1], "")
			}
			var ids []uuid.UUID
			for i := range 2 + draw("statements", 8) {
				s := page.Reports(people[draw("who", 3)], "meet").Locator(fmt.Sprint(i))
				s.Stance(rapid.SampledFrom([]string{"CT+", "PS+", "Uu", "CT-"}).Draw(t, "stance"))
				if draw("joint", 6) == 0 {
					s.With(people[draw("with whom", 3)])
				}
				if o := happenings[max(draw("occurrence", 5)-2, 0)]; o.ID != uuid.Nil {
					s.Occurrence(o)
				}
				for _, role := range []string{"who", "with"} {
					if draw(role, 3) == 0 {
						s.Role(role, people[draw("filler", 2)])
					}
				}
				if draw("when", 4) == 0 {
					s.On(rapid.SampledFrom([]string{"2025-08-01", "2025-08-02", "[2025-08-01,2025-08-02]"}).Draw(t, "on"))
				}
				if draw("said", 5) > 0 {
					s.Said(rapid.SampledFrom([]string{"2025-08-01", "2025-08-02", "2025-08-03", "[2025-08-01,2025-08-02]", "2025-08-01/2025-08-03"}).Draw(t, "day"))
				}
				ids = append(ids, s.ID())
			}
			for range draw("links", 3) {
				from, to := ids[draw("from", len(ids))], ids[draw("to", len(ids))]
				if from != to {
					b.Link(from, []events.LinkType{events.Withdraws, events.Corrects}[draw("type", 2)], to, "")
				}
			}
			if draw("retracted", 4) == 0 {
				b.Cascade(ids[draw("which", len(ids))], "")
			}
		})
		defer g.Close()
		var l model.Lens
		if draw("by a day", 3) == 0 {
			l.SaidBy = model.Bound{Time: day("2025-08-02"), Possibly: rapid.Bool().Draw(t, "possibly")}
		}
		x := newExam(t, g, m, gen, l, model.Pattern{})
		x.found = found
		x.stances()
		x.oppositions()
	})
	t.Log(found)
	for _, what := range []string{"held", "denied", "disputed", "once held", "unheld", "open", "several newest", "earlier", "taken back"} {
		if found["Stances, "+what] == 0 {
			t.Errorf("nothing was %s", what)
		}
	}
	if found["Oppositions, taken back"] == 0 {
		t.Error("no side of an opposition was taken back")
	}
}
