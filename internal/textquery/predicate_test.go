package textquery_test

import (
	"context"
	"strings"
	"testing"

	"github.com/cayleygraph/quad"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph/quadstore"
	"github.com/onrecord/onrecord/internal/modeltest"
	"github.com/onrecord/onrecord/internal/seed"
	"github.com/onrecord/onrecord/internal/textquery"
)

var _ = seed.Fix()

// Every predicate that a view has passes, whatever is recorded.
func TestPredicates(t *testing.T) {
	seed.Least(t, 25)
	passed := map[string]bool{}
	rapid.Check(t, func(t *rapid.T) {
		g, _, _ := modeltest.Recorded(t)
		defer g.Close()
		store := quadstore.New(g.View(nil))
		scan := store.QuadsAllIterator()
		defer scan.Close()
		for scan.Next(context.Background()) {
			p := string(store.Quad(scan.Result()).Predicate.(quad.IRI))
			if err := textquery.CheckPredicate(p); err != nil {
				t.Fatal(err)
			}
			passed[p] = true
		}
		if err := scan.Err(); err != nil {
			t.Fatal(err)
		}
	})
	for _, p := range []quad.IRI{quadstore.StatementNested, quadstore.SourcePublished, quadstore.EntityName,
		quadstore.Voice(1, quadstore.StatementSpeaker)} {
		if !passed[string(p)] {
			t.Errorf("%v was not asked about", p)
		}
	}
}

func TestLabel(t *testing.T) {
	id := uuid.New()
	if err := textquery.CheckLabel(string(quadstore.Statement(id))); err != nil {
		t.Error(err)
	}
	for _, iri := range []quad.IRI{"", "meet", quadstore.Entity(id), quadstore.StatementSpeaker, quad.IRI(strings.ToUpper(string(quadstore.Statement(id))))} {
		if err := textquery.CheckLabel(string(iri)); err == nil || !strings.Contains(err.Error(), "want a statement, such as <onrecord:statement/00000000-") {
			t.Errorf("%s: %v", iri, err)
		}
	}
}

func TestPredicate(t *testing.T) {
	for iri, want := range map[string]string{
		string(quadstore.Predicate("be glad/sad")):                             "",
		string(quadstore.Role("né")):                                           "",
		string(quadstore.Unit("hours")):                                        "",
		string(quadstore.Voice(events.MaxVoices-1, quadstore.StatementStance)): "",
		"":                                "want one such as <onrecord:meet>",
		"meet":                            "<meet> is no predicate that a view can have: want <onrecord:meet>",
		"be glad":                         "want <onrecord:be%20glad>",
		"rdf:type":                        "want one such as <onrecord:meet>",
		"onrecord:":                       "want one such as <onrecord:meet>",
		"onrecord:be glad":                "want <onrecord:be%20glad>",
		"onrecord:%6Deet":                 "want <onrecord:meet>",
		"onrecord:100%":                   "want <onrecord:100%25>",
		"onrecord:a/b":                    "want <onrecord:a%2Fb>",
		"onrecord:role/":                  "want a name after the last slash, as in <onrecord:role/subject>",
		"onrecord:role/a/b":               "want <onrecord:role/a%2Fb>",
		"onrecord:source/titel":           "want one of <onrecord:source/title>, <onrecord:source/url>, <onrecord:source/published>",
		"onrecord:voice/2/speeker":        "<onrecord:voice/2/speaker>",
		"onrecord:voice/0/speaker":        "<onrecord:voice/1/speaker>",
		"onrecord:voice/99999999/speaker": "/speaker>",
		"onrecord:voice/01/speaker":       "<onrecord:voice/1/speaker>",
		"onrecord:voice/1/form":           "<onrecord:voice/1/act>, <onrecord:voice/1/for>, ",
	} {
		switch err := textquery.CheckPredicate(iri); {
		case (err == nil) != (want == ""):
			t.Errorf("%s: %v, want %q", iri, err, want)
		case err != nil && !strings.Contains(err.Error(), want):
			t.Errorf("%s: %v, want %q", iri, err, want)
		}
	}
}
