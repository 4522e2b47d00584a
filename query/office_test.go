package query_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

// holds begins a statement of a reporter that somebody holds an office.
func (d *desk) holds(holder, office events.EntityRef) *events.StatementRef {
	return d.story().Says(events.HoldPosition).Role(events.RoleHolder, holder).Role(events.RolePosition, office)
}

func (d *desk) all(list []*graph.Reading) string {
	var all []string
	for _, r := range list {
		all = append(all, d.reading(r))
	}
	return strings.Join(all, "+")
}

func (d *desk) ids(list []uuid.UUID) string {
	var all []string
	for _, id := range list {
		all = append(all, d.names[id])
	}
	return strings.Join(all, "+")
}

func (d *desk) tenure(t *query.Tenure) string {
	return fmt.Sprintf("%s %s: %s by %s, not %s by %s", d.names[t.Holder], d.names[t.Office],
		d.all(t.Affirmed), d.ids(t.AffirmedBy), d.all(t.Denied), d.ids(t.DeniedBy))
}

func TestHolders(t *testing.T) {
	d := newDesk(t)
	p := d.people(5)
	a, b, c, mayor, judge := p[0], p[1], p[2], p[3], p[4]
	d.names[d.Person("Reporter").ID] = "R"
	d.record()
	d.name("1", d.holds(b, mayor).On("2019/2021"))
	d.record()
	d.name("2", d.holds(a, mayor).On("2021/.."))
	d.record()
	d.name("3", d.holds(a, mayor))
	d.record()
	d.name("4", d.story().Reports(a, events.HoldPosition).Role(events.RoleHolder, a, b).Role(events.RolePosition, mayor, judge).Stance("PR-").On("2021-05-01"))
	d.record()
	d.name("5", d.story().Reports(c, events.HoldPosition).Arg(events.RoleHolder, events.None()).Role(events.RolePosition, mayor))
	d.record()
	d.name("6", d.holds(c, mayor).Stance("PSu"))
	d.record()
	d.name("7", d.story().Says("hold_office").Role(events.RoleHolder, c).Role(events.RolePosition, mayor))
	d.record()
	v := d.g.View(nil)
	holders := func(of events.EntityRef, on graph.Bound) string {
		return list(t, query.Holders(ctx, v, of.ID, on), func(t *query.Tenure) string { return "[" + d.tenure(t) + "]" })
	}
	equal(t, "at any time", holders(mayor, graph.Bound{}),
		"[B D: 1 by R, not 4 by A], [A D: 2+3 by R, not 4 by A], [? D: 5 by C, not  by ]")
	on := edtf.Date(2021, 1, 15)
	equal(t, "possibly", holders(mayor, graph.Possibly(on)), "[B D: 1 by R, not  by ], [A D: 2+3 by R, not  by ], [? D: 5 by C, not  by ]")
	// In the year in which one term ends and another begins nobody is certain.
	equal(t, "certainly", holders(mayor, graph.Certainly(on)), "[A D: 3 by R, not  by ], [? D: 5 by C, not  by ]")
	equal(t, "the year after", holders(mayor, graph.Certainly(edtf.Date(2022, 1, 1))), "[A D: 2+3 by R, not  by ], [? D: 5 by C, not  by ]")
	equal(t, "only denied", holders(judge, graph.Bound{}), "[A E:  by , not 4 by A], [B E:  by , not 4 by A]")
	equal(t, "nobody's", holders(events.EntityRef{}, graph.Bound{})+holders(events.EntityRef{ID: uuid.New()}, graph.Bound{})+holders(a, graph.Bound{}), "")

	offices := list(t, query.Offices(ctx, v, b.ID, graph.Bound{}), d.tenure)
	equal(t, "offices", offices, "B D: 1 by R, not 4 by A, B E:  by , not 4 by A")
	d.Judge(a, events.Same, b, "")
	d.record()
	v = d.g.View(nil)
	equal(t, "merged", holders(mayor, graph.Bound{}), "[A D: 1+2+3 by R, not 4 by A], [? D: 5 by C, not  by ]")
	for id, name := range d.names {
		if name == "5" {
			d.Redact(id, "private")
		}
	}
	d.record()
	equal(t, "redacted", holders(mayor, graph.Bound{}), "[A D: 1+2+3 by R, not 4 by A]")
}

// Holders of one statement come by their ids, and who denies twice is told once.
func TestHoldersAtOnce(t *testing.T) {
	d := newDesk(t)
	p := d.people(4)
	for _, name := range []string{"1", "2"} {
		d.name(name, d.story().Reports(p[3], events.HoldPosition).Role(events.RoleHolder, p[2], p[0], p[2]).Role(events.RolePosition, p[1]).Stance("CT-").Gloss(name))
	}
	d.record()
	equal(t, "holders", list(t, query.Holders(ctx, d.g.View(nil), p[1].ID, graph.Bound{}), d.tenure),
		"A B:  by , not 1+2 by D, C B:  by , not 1+2 by D")
}

// A holding of two makes what they say together one of each, once; that an organisation itself holds
// something makes nobody speak for it.
func TestSaidForTogether(t *testing.T) {
	d := newDesk(t)
	p := d.people(5)
	a, b, council, seat, chair := p[0], p[1], p[2], p[3], p[4]
	d.name("chairs", d.holds(a, chair).Role(events.RoleHolder, b).Role("of", council))
	d.name("seat", d.holds(council, seat).Role(events.RoleHolder, p[3]))
	d.name("together", d.story().Reports(a, "say").With(b))
	d.name("seated", d.story().Reports(p[3], "say"))
	d.record()
	equal(t, "said for", list(t, query.SaidFor(ctx, d.g.View(nil), council.ID, all), func(m *query.Mandate) string {
		var held []*graph.Reading
		for _, h := range m.Held {
			held = append(held, h.Reading)
		}
		return d.reading(m.Reading) + " by " + d.all(held)
	}), "together by chairs")
}

func TestSaidFor(t *testing.T) {
	d := newDesk(t)
	p := d.people(8)
	a, b, c, ministry, department, head, envoy, spouse := p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7]
	d.story().Says(events.PartOf).Role(events.RolePart, head).Role(events.RoleWhole, department).ID()
	d.story().Says(events.PartOf).Role(events.RolePart, department).Role(events.RoleWhole, ministry).ID()
	d.story().Says(events.PartOf).Role(events.RolePart, spouse).Role(events.RoleWhole, ministry).Stance("CT-").ID()
	d.record()
	d.name("head", d.holds(a, head).On("2020/2024-06"))
	d.record()
	d.name("head, too", d.holds(a, head).On("2021-03-01"))
	d.record()
	d.name("not head", d.holds(a, head).On("2021/2022").Stance("CT-"))
	d.record()
	d.name("envoy", d.holds(b, envoy).Role("of", ministry))
	d.record()
	d.name("denied", d.holds(c, envoy).Role("of", ministry).Stance("CT-"))
	d.record()
	d.name("spouse", d.holds(c, spouse))
	d.record()
	for _, x := range []struct {
		name string
		who  events.EntityRef
		said string
	}{
		{"early", a, "2019-12-31"}, {"first year", a, "2020-05-01"}, {"in term", a, "2023-05-01"},
		{"that day", a, "2021-03-01"}, {"last month", a, "2024-06"}, {"late", a, "2024-07-01"},
		{"some time", a, ""}, {"for the king", b, "2000"}, {"of no office", c, "2023"},
	} {
		d.name(x.name, d.story().Reports(x.who, "say", x.who).Said(x.said).Gloss(x.name))
		d.record()
	}
	d.name("own word", d.story().Reports(c, "say").For(ministry))
	d.record()
	d.name("itself", d.story().Reports(ministry, "say"))
	d.record()
	d.name("through A", d.story().Reports(c, "say").For(a).Said("2023-05-01"))
	d.record()
	d.name("both", d.story().Reports(c, "say").With(a).For(ministry).Said("2023-05-01"))
	d.record()
	v := d.g.View(nil)
	said := func(org events.EntityRef, p graph.Pattern) string {
		return list(t, query.SaidFor(ctx, v, org.ID, p), func(m *query.Mandate) string {
			s := d.reading(m.Reading)
			if m.OwnWord {
				s += "!"
			}
			for _, h := range m.Held {
				s += " " + d.reading(h.Reading)
				if !h.Certainly {
					s += "?"
				}
			}
			if len(m.Denied) > 0 {
				s += " but " + d.all(m.Denied)
			}
			return s
		})
	}
	saying := graph.Pattern{Predicate: "say"}
	equal(t, "for the ministry", said(ministry, saying),
		"first year head?, in term head, that day head head, too? but not head, last month head?, "+
			"some time head? head, too? but not head, for the king envoy, own word! but denied, itself!, both! head but denied")
	equal(t, "for the department", said(department, graph.Pattern{Predicate: "say", Entity: a.ID}),
		"first year head?, in term head, that day head head, too? but not head, last month head?, some time head? head, too? but not head")
	equal(t, "for an office", said(head, saying), "")
	equal(t, "of an origin", said(ministry, graph.Pattern{Predicate: "say", Origin: c.ID}), "own word! but denied, both! head but denied")
	equal(t, "nobody", said(events.EntityRef{}, saying)+said(events.EntityRef{ID: uuid.New()}, saying), "")
	for id, name := range d.names {
		if name == "head" || name == "itself" {
			d.Redact(id, "private")
		}
	}
	d.record()
	equal(t, "redacted", said(ministry, saying),
		"that day head, too? but not head, some time head, too? but not head, for the king envoy, own word! but denied, both! but denied")
	// Parts may go round in a circle.
	d.story().Says(events.PartOf).Role(events.RolePart, ministry).Role(events.RoleWhole, head).ID()
	d.record()
	v = d.g.View(nil)
	equal(t, "in a circle", said(ministry, graph.Pattern{Entity: b.ID, Predicate: "say"}), "for the king envoy")
}

// A holding is read once, and is in no answer any more once it has been redacted.
func TestSaidForRedacts(t *testing.T) {
	d := newDesk(t)
	boss, firm, office := d.Person("boss"), d.Organisation("firm"), d.Entity(events.Office, "director")
	held := d.name("held", d.holds(boss, office).Role("of", firm))
	denied := d.name("denied", d.holds(boss, office).Role("of", firm).Stance("CT-"))
	d.name("still", d.holds(boss, office).Role("of", firm).Locator("2"))
	for i := range 3 {
		d.name(fmt.Sprint(i), d.story().Reports(boss, "rest").Locator(fmt.Sprint(i)))
	}
	d.record()
	var first *query.Mandate
	var got []string
	for m, err := range query.SaidFor(ctx, d.g.View(nil), firm.ID, all) {
		if err != nil {
			t.Fatal(err)
		}
		text := d.reading(m.Reading)
		for _, h := range m.Held {
			text += " " + d.reading(h.Reading)
		}
		got = append(got, text+" not "+d.all(m.Denied))
		switch last := len(m.Held) - 1; len(got) {
		case 1:
			first = m
			d.Redact(held, "private")
			d.record()
		case 2:
			if m.Held[last].Reading != first.Held[len(first.Held)-1].Reading || m.Denied[0] != first.Denied[0] {
				t.Error("a holding is read again")
			}
			d.Redact(denied, "private")
			d.record()
		}
	}
	equal(t, "while it runs", strings.Join(got, ", "), "0 held still not denied, 1 still not denied, 2 still not ")
}
