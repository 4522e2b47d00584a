package query_test

import (
	"bytes"
	"fmt"
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

func (d *desk) shifts(v graph.View, p graph.Pattern) string {
	d.t.Helper()
	return list(d.t, query.Shifts(ctx, v, p), d.shift)
}

func (d *desk) shift(s *query.Shift) string {
	text := fmt.Sprintf("%s: %s>%s", d.names[s.Speaker], d.reading(s.Earlier), d.reading(s.Later))
	if s.OrderCertain {
		text += "!"
	}
	if s.Withdrawal != nil {
		text += " by " + d.names[s.Withdrawal.By]
	}
	return text
}

func TestShifts(t *testing.T) {
	d := newDesk(t)
	a, b, x, y, o := d.Person("A"), d.Person("B"), d.Person("X"), d.Person("Y"), d.Occurrence("O")
	d.names[a.ID], d.names[b.ID] = "A", "B"
	src := d.story()
	say := func(name string, who events.EntityRef, stance, said string, with ...events.EntityRef) *events.StatementRef {
		return src.Reports(who, "meet", with...).Stance(stance).Said(said).Gloss(name)
	}
	d.name("sure", say("sure", a, "CT+", "2025-08-03", x, y))
	d.name("perhaps", say("perhaps", a, "PS+", "2025-08-01", x, y))
	d.name("sure still", say("sure still", a, "CT+", "2025-08-03", x, y))
	d.name("no", say("no", a, "CT-", "[2025-08-03,2025-08-06]", x))
	d.name("once", say("once", a, "PR+", "", x, y)) // by the 4th, when it was published
	d.name("other", say("other", b, "CT-", "2025-08-04", x, y))
	d.name("happening", say("happening", a, "CT-", "2025-08-04", x, y).Occurrence(o))
	d.name("for", say("for", b, "CT+", "2025-08-04", x, y).For(a))
	d.record()
	v := d.g.View(nil)
	own := "A: perhaps>sure!, A: sure still>once, A: once>no"
	equal(t, "of A, who speaks himself", d.shifts(v, graph.Pattern{Voice: a.ID}), own)
	equal(t, "of A, spoken for, too", d.shifts(v, graph.Pattern{Origin: a.ID}), own+", B: other>for")
	equal(t, "surely", d.shifts(d.g.View(&graph.Lens{Least: events.Certain}), graph.Pattern{Voice: a.ID}), "A: sure still>no")

	d.name("both", d.story().Reports(a, "meet", x, y).With(b).Stance("Uu").Said("2025-08-09"))
	d.record()
	v = d.g.View(nil)
	equal(t, "jointly", d.shifts(v, graph.Pattern{Voice: a.ID, Args: []graph.Fill{{Entity: y.ID}}}), own+", A: once>both!, B: for>both!")
	d.Judge(a, events.Same, b, "")
	d.record()
	equal(t, "one person", d.shifts(d.g.View(nil), graph.Pattern{Predicate: "meet", Voice: b.ID}),
		"A: perhaps>sure!, A: sure still>once, A: for>no, A: once>other, A: other>for, A: for>both!")
}

// The order is certain from one second to the next.
func TestOrderOfSaying(t *testing.T) {
	d := newDesk(t)
	a := d.Person("A")
	d.names[a.ID] = "A"
	for i, second := range []string{"1", "1", "2"} {
		stance := []string{"CT+", "CT-", "PS+"}[i]
		d.name(stance, d.story().Reports(a, "resign", a).Stance(stance).Said("2025-08-01T12:00:0"+second+"Z"))
		d.record()
	}
	equal(t, "shifts", d.shifts(d.g.View(nil), all), "A: CT+>CT-, A: CT->PS+!")

	claim := d.name("claim", d.story().Reports(a, "lie", a).Said("2025-08-02T10:00:00Z"))
	sorry := d.name("sorry", d.story().Reports(a, "regret", a).Said("2025-08-02T10:00:00Z"))
	d.names[d.Link(sorry, events.Withdraws, claim, "")] = "recorder"
	d.record()
	equal(t, "taken back within a second", d.shifts(d.g.View(nil), graph.Pattern{Predicate: "lie"}), "A: claim>sorry by recorder")
}

// A denial may be about fewer, or about nobody at all.
func TestShiftOfADenial(t *testing.T) {
	d := newDesk(t)
	a, x := d.Person("A"), d.Person("X")
	d.names[a.ID] = "A"
	src := d.story()
	d.name("died", src.Reports(a, "die", x).Arg("how", events.Text("shot", "en")).Said("2025-08-01"))
	d.name("nobody was shot", src.Reports(a, "die").Arg("how", events.Text("shot", "en")).Stance("CT-").Said("2025-08-02"))
	d.name("nobody died", src.Reports(a, "die").Stance("CT-").Said("2025-08-03"))
	d.record()
	v := d.g.View(nil)
	for _, p := range []graph.Pattern{all, {Entity: x.ID}, {Predicate: "die"}} {
		equal(t, "shifts", d.shifts(v, p), "A: died>nobody was shot!")
	}
}

// Of one occurrence somebody may say more, and be surer of all that.
func TestShiftOfMore(t *testing.T) {
	for _, c := range []struct {
		first, second string // stance, and what is said beside that X visits
		want          string
	}{
		{"PS+", "CT+ after", "A: first>second!"},
		{"CT+ after", "PS+", "A: first>second!"},
		{"CT+ after of", "PS+ of", "A: first>second!"},
		{"CT+", "PS+ after", ""}, // sure as before that there is a visit
		{"PS+ after", "CT+", ""},
		{"PS+ after", "CT+ of", ""},
		{"PR+ other", "CT+ after", ""},
		{"CT- after", "PS-", ""},
		{"CT+ after", "Uu", ""},
		{"CT+ after", "CT-", "A: first>second!"}, // opposed, as ever
	} {
		for _, happening := range []bool{true, false} {
			d := newDesk(t)
			a, x, o := d.Person("A"), d.Person("X"), d.Occurrence("visit")
			d.names[a.ID] = "A"
			for i, what := range []string{c.first, c.second} {
				words := strings.Fields(what)
				s := d.story().Reports(a, "visit", x).Stance(words[0]).Said(fmt.Sprint("2025-08-0", i+1))
				if happening {
					s.Occurrence(o)
				}
				for _, role := range words[1:] {
					if role == "other" {
						s.Role("after", d.Occurrence("another trip"))
						continue
					}
					s.Role(role, d.Occurrence("trip"))
				}
				d.name([]string{"first", "second"}[i], s)
			}
			d.record()
			want := c.want
			if !happening && c.second != "CT-" {
				want = ""
			}
			equal(t, fmt.Sprint(c.first, ", then ", c.second, ", one occurrence: ", happening), d.shifts(d.g.View(nil), all), want)
		}
	}

	// What says the same as each of two lies between them, whatever else it says.
	d := newDesk(t)
	a, x, o := d.Person("A"), d.Person("X"), d.Occurrence("visit")
	d.names[a.ID] = "A"
	say := func(stance, said string) *events.StatementRef {
		return d.story().Reports(a, "visit", x).Occurrence(o).Stance(stance).Said(said)
	}
	d.name("perhaps", say("PS+", "2025-08-01"))
	d.name("sure of more", say("CT+", "2025-08-02").Role("after", d.Occurrence("trip")))
	d.name("sure", say("CT+", "2025-08-03"))
	d.record()
	equal(t, "with more in between", d.shifts(d.g.View(nil), all), "A: perhaps>sure of more!")
}

// Two people say more and less of two happenings, and are more and less sure.
func TestShiftsModel(t *testing.T) {
	seed.Least(t, 25)
	found := make(map[string]int)
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string, n int) int { return rapid.IntRange(0, n-1).Draw(t, label) }
		gen := new(model.Gen)
		g, m := both(t, func(b *events.Builder) {
			a, other, page := b.Person("A"), b.Person("B"), b.Source("page")
			happenings := []events.EntityRef{b.Occurrence("one"), b.Occurrence("two"), {}}
			gen.Entities = []uuid.UUID{a.ID, other.ID, happenings[0].ID}
			gen.Sources = append(gen.Sources, page.ID())
			if draw("declared", 3) == 0 {
				b.Declare(events.Predicate{Name: "meet", Symmetric: true})
			}
			for i := range 2 + draw("statements", 7) {
				s := page.Reports(a, "meet").Locator(fmt.Sprint(i))
				s.Stance(rapid.SampledFrom([]string{"CT+", "PR+", "PS+", "Uu", "CT-"}).Draw(t, "stance"))
				if o := happenings[max(draw("occurrence", 5)-2, 0)]; o.ID != uuid.Nil {
					s.Occurrence(o)
				}
				for _, role := range []string{"who", "with"} {
					if draw(role, 2) == 0 {
						s.Role(role, []events.EntityRef{a, other}[draw("filler", 2)])
					}
				}
				if draw("how", 3) == 0 {
					s.Arg("how", events.Text("alone", ""))
				}
				if draw("said", 4) > 0 {
					s.Said(fmt.Sprint("2025-08-0", 1+draw("day", 5)))
				}
			}
		})
		defer g.Close()
		x := newExam(t, g, m, gen, model.Lens{}, model.Pattern{})
		x.found = found
		x.evolution()
	})
	t.Log(found)
	if n := found["Shifts"]; n < 5 {
		t.Errorf("somebody shifted %d times", n)
	}
}

func TestTakenBack(t *testing.T) {
	d := newDesk(t)
	a, b, x := d.Person("A"), d.Person("B"), d.Person("X")
	d.names[a.ID], d.names[b.ID] = "A", "B"
	src := d.story()
	claim := d.name("claim", src.Reports(a, "lie", x).With(b).Said("2025-08-01"))
	sorry := d.name("sorry", src.Reports(a, "regret", a).Said("2025-08-02"))
	link := d.Link(sorry, events.Withdraws, claim, "")
	d.names[link] = "recorder"
	d.Link(sorry, events.Corrects, claim, "")
	text := d.name("text", src.Says("withdraws").Arg("from", events.Unknown()).Arg("to", events.Said(claim)))
	d.name("what", src.Says("withdraws").Arg("from", events.Said(sorry)).Arg("to", events.Unknown()))
	d.name("nothing", src.Says("withdraws").Arg("from", events.Unknown()).Arg("to", events.Unknown()))
	d.name("not", src.Says("withdraws").Arg("from", events.Said(sorry)).Arg("to", events.Said(claim)).Stance("CT-"))
	d.record()
	v := d.g.View(nil)
	recorder := fromTo(a, b, "%s: claim>sorry! by recorder")
	equal(t, "all", d.shifts(v, all), recorder+", "+fromTo(a, b, "%s: claim>nil by text")+", A: nil>sorry by what")
	equal(t, "of the claim", d.shifts(v, graph.Pattern{Predicate: "lie"}), recorder+", "+fromTo(a, b, "%s: claim>nil by text"))
	equal(t, "through B", d.shifts(d.g.View(&graph.Lens{According: []uuid.UUID{b.ID}}), all), recorder)

	d.Redact(claim, "private")
	d.record()
	equal(t, "redacted", d.shifts(v, all), "A: nil>sorry by recorder, A: nil>sorry by what")
	equal(t, "by its maker", d.shifts(v, graph.Pattern{Predicate: "regret"}), "A: nil>sorry by recorder, A: nil>sorry by what")
	d.Retract(text, "")
	d.record()
	equal(t, "as of before", d.shifts(v, all), "A: nil>sorry by recorder, A: nil>sorry by what")
}

// fromTo prints something of two people, in order of their ids.
func fromTo(a, b events.EntityRef, format string) string {
	names := []string{"A", "B"}
	if bytes.Compare(a.ID[:], b.ID[:]) > 0 {
		names = []string{"B", "A"}
	}
	return fmt.Sprintf(format, names[0]) + ", " + fmt.Sprintf(format, names[1])
}

// What is redacted while the sequence runs is in no shift any more, even if it was read.
func TestShiftsWhileRedacted(t *testing.T) {
	d := newDesk(t)
	a, b := d.Person("A"), d.Person("B")
	var last uuid.UUID
	for i, name := range []string{"one", "two", "three"} {
		s := d.page(name).Reports(a, "like", b).Said(fmt.Sprint(2021 + i)).Stance([]string{"CT+", "CT-"}[i%2])
		last = d.name(name, s)
	}
	d.record()
	var got []string
	for s, err := range query.Shifts(ctx, d.g.View(nil), all) {
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, d.reading(s.Earlier)+" to "+d.reading(s.Later)); len(got) == 1 {
			d.Redact(last, "private")
			d.record()
		}
	}
	equal(t, "shifts", strings.Join(got, ", "), "one to two")
}
