package query_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

// rate records a rating by somebody.
func (d *desk) rate(recorder string, a events.Assessed) uuid.UUID {
	d.t.Helper()
	d.Builder = events.NewBatch(recorder)
	id := d.Add(&a)
	d.record()
	return id
}

func TestRatingDifferences(t *testing.T) {
	d := newDesk(t)
	src := d.story()
	first := d.name("first", src.Says("walk", d.Person("Ann")))
	d.name("second", src.Says("rest", d.Person("Ann")))
	d.record()
	ask := func(v graph.View, want string) {
		t.Helper()
		got := list(t, query.RatingDifferences(ctx, v, graph.Pattern{}), func(r *query.RatingDifference) string {
			s := d.names[r.Statement]
			if r.Source != uuid.Nil {
				s = "source"
			}
			s += " " + r.Scheme
			for _, a := range r.Ratings {
				s += fmt.Sprint(" ", a.Recorder, ":", a.Value)
			}
			return s
		})
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	ask(d.g.View(nil), "")
	d.rate("ada", events.Assessed{Source: src.ID(), Scheme: "admiralty", Value: "B"})
	d.rate("ada", events.Assessed{Source: src.ID(), Scheme: "admiralty", Value: "C"})
	ask(d.g.View(nil), "") // she has changed her mind
	d.rate("bea", events.Assessed{Source: src.ID(), Scheme: "admiralty", Value: "C"})
	d.rate("bea", events.Assessed{Source: src.ID(), Scheme: "icd203", Value: "likely"})
	ask(d.g.View(nil), "")
	before := d.g.View(nil)
	d.rate("bea", events.Assessed{Statement: first, Scheme: "icd203", Value: "likely"})
	d.rate("ada", events.Assessed{Statement: first, Scheme: "icd203", Value: "unlikely"})
	d.rate("ada", events.Assessed{Source: src.ID(), Scheme: "icd203", Value: "unlikely"})
	bad := d.rate("cid", events.Assessed{Source: src.ID(), Scheme: "admiralty", Value: "E"})
	ask(d.g.View(nil), "source admiralty ada:C bea:C cid:E, source icd203 bea:likely ada:unlikely, first icd203 bea:likely ada:unlikely")
	ask(before, "")
	d.Redact(bad, "court order")
	d.record()
	ask(d.g.View(nil), "source icd203 bea:likely ada:unlikely, first icd203 bea:likely ada:unlikely")
}
