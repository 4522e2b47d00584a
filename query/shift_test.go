package query_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
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
