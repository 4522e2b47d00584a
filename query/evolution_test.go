package query_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

// What is asked about change ends with the context's error, at the beginning and
// on the way.
func TestChangeContextEnds(t *testing.T) {
	d := newDesk(t)
	a, b := d.Person("A"), d.Person("B")
	src := d.story()
	for _, said := range []string{"2025-08-01", "2025-08-02"} {
		d.name("yes", src.Reports(a, "meet", b).Said(said).If(d.Claim("x"), ""))
		d.name("no", src.Reports(a, "meet", b).Said(said).Stance("CT-").If(d.Claim("x"), ""))
	}
	d.record()
	v := d.g.View(nil)
	for what, ask := range map[string]func(context.Context) (answers int, errs []error){
		"Shifts": func(ctx context.Context) (int, []error) {
			return outcome(query.Shifts(ctx, v, graph.Pattern{}))
		},
		"Predictions": func(ctx context.Context) (int, []error) {
			return outcome(query.Predictions(ctx, v, graph.Pattern{}, edtf.Time{}))
		},
		"Deadlines": func(ctx context.Context) (int, []error) {
			return outcome(query.Deadlines(ctx, v, graph.Pattern{}, edtf.Time{}))
		},
	} {
		ended, cancel := context.WithCancel(ctx)
		cancel()
		n, errs := ask(ended)
		if n != 0 || len(errs) != 1 || !strings.Contains(errs[0].Error(), "query: "+context.Canceled.Error()) {
			t.Errorf("%s: %d answers and %v, want one error, that of the context", what, n, errs)
		}
		if n, errs := ask(ctx); n == 0 || len(errs) > 0 {
			t.Errorf("%s: %d answers, %v", what, n, errs)
		}
	}
}

func outcome[T any](seq func(func(T, error) bool)) (n int, errs []error) {
	for _, err := range seq {
		if err != nil {
			errs = append(errs, err)
		} else {
			n++
		}
	}
	return n, errs
}

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
