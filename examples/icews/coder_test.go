package main

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// A row is a statement of the subject, reported by the coder, or of the coder.
func TestMapping(t *testing.T) {
	g := openGraph(t, events.NewMem())
	tab := mustTable(t, small)
	if _, err := load(t.Context(), g, tab, 5, quiet); err != nil {
		t.Fatal(err)
	}
	v := g.View(nil)
	mayor := actorID("Mayor of Northport")
	for s := range v.Statements(graph.Pattern{Origin: mayor, Predicate: criticise}) {
		r, err := s.Load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		coder, _ := s.Speakers(1)
		if s.Voices() != 2 || !equal(coder, []uuid.UUID{coderID}) || r.Voices[0].Act != events.Express ||
			r.Voices[0].Said.Time.String() != "2031-03-02" || r.Claim.When.Time.String() != "2031-03-02" ||
			pairOf(s) != (pair{mayor, actorID("Harbour Union")}) || r.Selector.Locator != "line 4" {
			t.Errorf("what the mayor says is %+v", r)
		}
	}
	var lines []string
	for s := range v.Statements(graph.Pattern{Origin: coderID}) {
		r, err := s.Load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, r.Selector.Locator)
	}
	// Lines 5 and 6 are alike, and are two statements.
	if got := strings.Join(lines, ", "); got != "line 5, line 6, line 12, line 13" {
		t.Errorf("the coder tells of %s", got)
	}
	src, err := v.Source(t.Context(), newCoder(tab, nil, nil).source())
	if err != nil || len(src.SHA256) != 32 || !equal(src.Authors, []uuid.UUID{coderID}) {
		t.Errorf("the source is %+v, %v", src, err)
	}
}

func TestSpoken(t *testing.T) {
	for relation, want := range map[string]events.Act{
		"Demand change in leadership":                   events.Direct,
		"Demonstrate or rally":                          0,
		"Demobilize armed forces":                       0,
		"Make a visit":                                  0,
		"Make statement":                                events.Assert,
		"Threaten with military force":                  events.Commit,
		"Decline comment":                               events.Withhold,
		"Refuse to yield":                               events.Commit,
		"Engage in material cooperation":                0,
		"Engage in negotiation":                         events.Assert,
		"Accede to demands for rights":                  0,
		"Accuse of crime, corruption":                   events.Assert,
		"Express intent to release persons or property": events.Commit,
	} {
		if act, ok := spoken(relation); act != want || ok != (want != 0) {
			t.Errorf("%s: %v, %v", relation, act, ok)
		}
	}
}
