package mql_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/cayleygraph/quad"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/graph/quadstore"
	"github.com/onrecord/onrecord/internal/textquery/textquerytest"
	"github.com/onrecord/onrecord/query/mql"
)

var ctx = context.Background()

func TestEnd(t *testing.T) {
	ask := func(ctx context.Context, v graph.View, text string, limits *quadstore.Limits) (bool, error) {
		answer, err := mql.Run(ctx, v, text, limits)
		return answer != nil, err
	}
	textquerytest.TestEnd(t, ask, textquerytest.Texts{
		Names:  `[{"<onrecord:entity/kind>": "<onrecord:kind/person>", "<onrecord:entity/name>": []}]`,
		Values: `[{"<onrecord:entity/name>": "person 0", "@a:<onrecord:meet>": [], "!<onrecord:meet>": [], "@c:<onrecord:meet>": []}]`,
		Hostile: []string{
			`{}`,
			`[{"id": null}]`,
			`[{"id": null, "<onrecord:meet>": [], "!<onrecord:meet>": []}]`,
			`[{"id": null, "<onrecord:statement/predicate>": "<onrecord:talk>", "<onrecord:role/number>": null}]`,
			`[{"<onrecord:entity/name>": "person 0", "!<onrecord:role/subject>": []}]`,
			`[{"<onrecord:entity/name>": "person 0", "!<onrecord:role/subject>": [{"id": null, "<onrecord:role/number>": []}]}]`,
			strings.Repeat(`{"id": null, "<onrecord:meet>": [`, 7) + `{"id": null}` + strings.Repeat(`]}`, 7),
			strings.Repeat(`{"<onrecord:meet>": `, 7) + `{}` + strings.Repeat(`}`, 7),
		},
	})
}

func recorded(t testing.TB) (graph.View, quad.IRI, map[string]quad.Value) {
	g, err := graph.Open(ctx, events.NewMem(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	b := events.NewBatch("desk")
	witkoff, putin, trump := b.Person("Witkoff"), b.Person("Putin"), b.Person("Trump")
	src := b.Source("https://example.org").By(b.Person("A. Reporter"))
	met := src.Reports(trump, "meet", witkoff, putin).On("2025-08-06").
		Arg("hours", events.Number("3", "h")).Arg("share", events.Number("0.1", "")).
		Arg("words", events.Text("four\x1ehours", "en")).Arg("deal", events.Unknown())
	src.Reports(trump, "meet", witkoff, trump)
	batch, err := b.Batch()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Record(ctx, batch); err != nil {
		t.Fatal(err)
	}
	return g.View(nil), quadstore.Statement(met.ID()), map[string]quad.Value{
		"Witkoff": quadstore.Entity(witkoff.ID), "Putin": quadstore.Entity(putin.ID), "Trump": quadstore.Entity(trump.ID),
	}
}

type (
	object = map[string]any
	list   = []any
)

func TestAnswer(t *testing.T) {
	view, met, id := recorded(t)
	const name, meet = "<onrecord:entity/name>", "<onrecord:meet>"
	witkoff, putin, trump := quad.String("Witkoff"), quad.String("Putin"), quad.String("Trump")
	for _, c := range []struct {
		name, text string
		want       list
	}{
		{"nobody", `[{"id": null, "<onrecord:entity/name>": "Nobody"}]`, nil},
		{"one", `{"id": null, "<onrecord:entity/name>": "Witkoff"}`, list{object{"id": id["Witkoff"], name: witkoff}}},
		{"types", `{"id": "` + met.String() + `", "<onrecord:role/hours>": null, "<onrecord:role/share>": null, "<onrecord:role/words>": null,
			"<onrecord:role/deal>": null, "<onrecord:statement/when>": null, "<onrecord:unit/hours>": []}`, list{object{"id": met,
			"<onrecord:role/hours>": quad.Int(3), "<onrecord:role/share>": quad.TypedString{Value: "0.1", Type: quadstore.Decimal},
			"<onrecord:role/words>": quad.LangString{Value: "four\x1ehours", Lang: "en"}, "<onrecord:role/deal>": quadstore.Unknown,
			"<onrecord:statement/when>": quad.TypedString{Value: "2025-08-06", Type: quadstore.EDTF}, "<onrecord:unit/hours>": list{quad.String("h")}}}},
		{"by a number", `{"id": null, "<onrecord:role/hours>": 3}`, list{object{"id": met, "<onrecord:role/hours>": quad.Int(3)}}},
		{"by a decimal", `{"id": null, "<onrecord:role/share>": 0.1}`, nil},
		{"by its text", `{"id": null, "<onrecord:role/share>": "\"0.1\"^^<http://www.w3.org/2001/XMLSchema#decimal>"}`,
			list{object{"id": met, "<onrecord:role/share>": quad.TypedString{Value: "0.1", Type: quadstore.Decimal}}}},
		{"by a time", `{"id": null, "<onrecord:statement/when>": "\"2025-08-06\"^^<http://id.loc.gov/datatypes/edtf/EDTF>"}`,
			list{object{"id": met, "<onrecord:statement/when>": quad.TypedString{Value: "2025-08-06", Type: quadstore.EDTF}}}},
		{"optional", `{"<onrecord:entity/name>": "Putin", "<onrecord:meet>": null}`, list{object{name: putin, meet: nil}}},
		{"an optional list", `{"<onrecord:entity/name>": "Putin", "<onrecord:meet>": []}`, list{object{name: putin, meet: nil}}},
		{"required", `{"<onrecord:entity/name>": "Putin", "<onrecord:meet>": {}}`, nil},
		{"reverse", `{"id": null, "!<onrecord:meet>": {"<onrecord:entity/name>": "Witkoff"}, "<onrecord:entity/name>": "Putin"}`,
			list{object{"id": id["Putin"], "!" + meet: object{name: witkoff}, name: putin}}},
		{"one predicate twice", `{"<onrecord:entity/name>": [], "@a:<onrecord:meet>": "` + id["Putin"].String() + `", "@b:<onrecord:meet>": "` + id["Trump"].String() + `"}`,
			list{object{name: list{witkoff}, "@a:" + meet: id["Putin"], "@b:" + meet: id["Trump"]}}},
		{"a list", `[{"<onrecord:entity/name>": "Witkoff", "<onrecord:meet>": [{"<onrecord:entity/name>": null}]}]`,
			list{object{name: witkoff, meet: list{object{name: putin}, object{name: trump}}}}},
		{"each once in a list", `{"<onrecord:entity/name>": "Trump", "!<onrecord:statement/speaker>": [], "!<onrecord:meet>": [], "!<onrecord:role/object>": []}`,
			list{object{name: trump, "!<onrecord:statement/speaker>": list{met, other(t, view, met)}, "!" + meet: list{id["Witkoff"]},
				"!<onrecord:role/object>": list{other(t, view, met)}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := mql.Run(ctx, view, c.text, nil)
			if err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("%s\n%v, %v\nwant\n%v", c.text, got, err, c.want)
			}
		})
	}
}

// other returns the statement of the predicate meet that is not this one.
func other(t *testing.T, view graph.View, met quad.IRI) quad.Value {
	for s := range view.Statements(graph.Pattern{Predicate: "meet"}) {
		if node := quadstore.Statement(s.ID()); node != met {
			return node
		}
	}
	t.Fatal("there is no other")
	return nil
}

func TestRefused(t *testing.T) {
	view, _, _ := recorded(t)
	for _, c := range []struct{ name, text, want string }{
		{"nothing", ``, "line 1, column 1"},
		{"no end", `{`, "unexpected end"},
		{"place", "{\n\"id\": x}", "line 2, column 7: invalid character 'x'"},
		{"more", `{} x`, "line 1, column 4"},
		{"null", `null`, "must be an object"},
		{"text", `"x"`, "must be an object"},
		{"number", `1`, "must be an object"},
		{"empty list", `[]`, "must be an object"},
		{"two", `[{}, {}]`, "must be an object"},
		{"list in a list", `[[{}]]`, "must be an object"},
		{"two in a list", `{"<onrecord:a>": [1, 2]}`, "multiple fields"},
		{"list in a list below", `{"<onrecord:a>": [[1]]}`, "line 1, column 19: a list in a list"},
		{"no predicate", `{"name": null}`, `line 1, column 2: the key "name"`},
		{"text as a predicate", `{"onrecord:meet": null}`, `"onrecord:meet" is no predicate`},
		{"an id reversed", `{"!id": null}`, `"!id"`},
		{"an id again", `{"@a:id": null}`, `"@a:id"`},
		{"an id with more", `{"id": {"<onrecord:a>": null}}`, `line 1, column 8: the id`},
		{"a cut predicate", `{"@<onrecord:meet>": null}`, `"@<onrecord:meet>"`},
		{"an empty predicate", `{"<>": null}`, `"<>"`},
		{"a predicate of another space", "{\n \"<meet>\": null}", "line 2, column 2: <meet> is no predicate that a view can have: want <onrecord:meet>"},
		{"backwards", `{"@a:!<meet>": null}`, "<meet> is no predicate"},
		{"a part misspelt", `{"id": null, "<onrecord:entity/nmae>": "Putin"}`,
			"line 1, column 14: <onrecord:entity/nmae> is no predicate that a view can have: want one of <onrecord:entity/name>, <onrecord:entity/kind>"},
		{"a separator", `{"<a\u001eb>": null}`, `is no predicate`},
		{"twice", "{\"<onrecord:a>\": \"é\", \"<onrecord:a>\": null}", `line 1, column 23: the key "<onrecord:a>" is there twice`},
		{"twice below", `{"<onrecord:a>": {"<onrecord:b>": 1, "<onrecord:b>": 2}}`, `twice`},
		{"a large number", `{"<onrecord:a>": 9007199254740993}`, "line 1, column 18"},
		{"a very large number", `{"<onrecord:a>": 1e999}`, "1e999"},
		{"deep", strings.Repeat(`{"<onrecord:a>":`, 9) + "1" + strings.Repeat("}", 9), "deep"},
		{"very deep", strings.Repeat(`{"<onrecord:a>":`, 3_000) + "1" + strings.Repeat("}", 3_000), "deep"},
		{"deeper", strings.Repeat(`[`, 60_000), "depth"},
		{"many", `{"id": null` + many(300) + "}", "more than 500"},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer, err := mql.Run(ctx, view, c.text, nil)
			if answer != nil || err == nil || !strings.HasPrefix(err.Error(), "mql: ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("answer %v, error %v", answer, err)
			}
		})
	}
}

func many(n int) string {
	var keys strings.Builder
	for i := range n {
		fmt.Fprintf(&keys, `, "@%d:<onrecord:a>": null`, i)
	}
	return keys.String()
}

func TestResults(t *testing.T) {
	view, _, _ := recorded(t)
	text := `[{"id": null, "<onrecord:entity/kind>": "<onrecord:kind/person>", "<onrecord:entity/name>": null}]`
	for _, c := range []struct {
		most int
		bad  bool
	}{{11, true}, {12, false}, {-1, false}} {
		answer, err := mql.Run(ctx, view, text, &quadstore.Limits{Results: c.most})
		if errors.Is(err, quadstore.ErrLimit) != c.bad || (answer == nil) != c.bad {
			t.Errorf("with %d results: %v, %v", c.most, answer, err)
		}
	}
}

func FuzzRun(f *testing.F) {
	view, met, id := recorded(f)
	for _, text := range []string{
		`[{"id": "` + id["Witkoff"].String() + `", "<onrecord:meet>": [{"id": null, "!<onrecord:role/object>": "` + met.String() + `"}]}]`,
		`{"id": [], "@a:!<onrecord:role/hours>": 3.5, "<onrecord:entity/name>": ["Putin"], "<x>": true}`,
		`{"<onrecord:role/hours>": 3, "<onrecord:role/hours>": [[]]}`, `[{}, {}]`, `{"\u001e": {"a": [null]}} x`, `[[[1e400]]]`,
	} {
		f.Add(text)
	}
	limits := &quadstore.Limits{Steps: 2000, Results: 200}
	f.Fuzz(func(t *testing.T, text string) {
		answer, err := mql.Run(ctx, view, text, limits)
		if err != nil && answer != nil {
			t.Errorf("%v with %v", answer, err)
		}
		if err != nil && strings.Contains(err.Error(), "panic") {
			t.Errorf("%q: %v", text, err)
		}
	})
}
