package query_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
)

// Nobody and nothing known changes nothing.
func TestNothingChanges(t *testing.T) {
	d := newDesk(t)
	stranger := events.Key("stranger")
	v := d.g.View(nil)
	for range 2 {
		for _, p := range []graph.Pattern{{Entity: stranger}, {Predicate: "x"}, {Refers: stranger}, {Source: uuid.New()}} {
			got := d.shifts(v, p) + d.predictions(v, p, "2025") + d.deadlines(v, p, "../..") + d.conflicts(v, p)
			equal(t, "answers", got, "")
		}
		a := d.Person("A")
		d.name("said", d.story().Says("meet", a, a).Stance("CT-"))
		d.record()
		v = d.g.View(nil)
	}
}

// Times at the ends of what can be said break nothing.
func TestChangeAtTheEnds(t *testing.T) {
	d := newDesk(t)
	a := d.Person("A")
	dates := []string{"", "../2025-08-08", "2025-08-08/..", "/2025-08-08", "Y-999999999999999", "Y999999999999999", "[..2025-08-08]", "[2025-08-08..]"}
	for i, published := range dates {
		for _, said := range dates {
			src := d.Source("https://example.org/" + published + said).By(a).Published(published)
			when := dates[(i+len(said))%len(dates)]
			s := src.Reports(a, "meet", a).Said(said).On(when).Stance([]string{"CT+", "CT-", "PS+"}[i%3])
			if when != "" {
				s.Arg(events.RoleDue, events.At(edtf.MustParse(when)))
			}
			d.name(published+said, s)
		}
	}
	d.record()
	for _, on := range dates {
		v := d.g.View(nil)
		if d.shifts(v, all) == "" || d.predictions(v, all, on) == "" || d.deadlines(v, all, on) == "" {
			t.Errorf("on %q nothing is found", on)
		}
	}
}
