package graphql_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/cayleygraph/quad"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/graph/quadstore"
	"github.com/onrecord/onrecord/internal/textquery/textquerytest"
	"github.com/onrecord/onrecord/query/graphql"
)

var ctx = context.Background()

func TestEnd(t *testing.T) {
	ask := func(ctx context.Context, v graph.View, text string, limits *quadstore.Limits) (bool, error) {
		answer, err := graphql.Run(ctx, v, text, limits)
		return answer != nil, err
	}
	textquerytest.TestEnd(t, ask, textquerytest.Texts{
		Names:  `{nodes(<onrecord:entity/kind>: <onrecord:kind/person>) {name: <onrecord:entity/name>}}`,
		Values: `{nodes(<onrecord:entity/name>: "person 0") {a: <onrecord:meet> b: ~<onrecord:meet> c: <onrecord:meet>}}`,
		Hostile: []string{
			`{nodes {id}}`,
			`{nodes {*}}`,
			`{nodes(<onrecord:statement/predicate>: <onrecord:talk>) {id n: <onrecord:role/number> who: ~<onrecord:meet> @opt}}`,
			`{nodes(<onrecord:entity/name>: "person 0") {talks: ~<onrecord:role/subject> @opt}}`,
			"{nodes" + strings.Repeat(" {id m: <onrecord:meet>", 15) + " {id}" + strings.Repeat("}", 15) + "}",
			"{nodes(<onrecord:meet>: <onrecord:nobody>) {id} everything: nodes {id a: <onrecord:meet> @opt b: ~<onrecord:meet> @opt}}",
		},
	})
}

// recorded returns a view of one statement, as three quads and more, and its label.
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
		Arg("words", events.Text("four hours", "en")).Arg("deal", events.Unknown())
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

type object = map[string]any

func TestAnswer(t *testing.T) {
	view, met, id := recorded(t)
	label := met.String()
	name := "name: <onrecord:entity/name>"
	for _, c := range []struct {
		name, text string
		want       object
	}{
		{"nobody", `{nodes(<onrecord:entity/name>: "Nobody") {id}}`, object{"nodes": nil}},
		{"one", `{x: nodes(<onrecord:entity/name>: "Witkoff") {id}}`, object{"x": object{"id": id["Witkoff"]}}},
		{"a key without another name", `{nodes(<onrecord:entity/name>: "Putin") {<onrecord:entity/name>}}`,
			object{"nodes": object{"<onrecord:entity/name>": quad.String("Putin")}}},
		{"types", `{nodes(id: ` + label + ` ) {hours: <onrecord:role/hours> unit: <onrecord:unit/hours> share: <onrecord:role/share>
			words: <onrecord:role/words> deal: <onrecord:role/deal> when: <onrecord:statement/when>}}`, object{"nodes": object{
			"hours": quad.Int(3), "unit": quad.String("h"), "share": quad.TypedString{Value: "0.1", Type: quadstore.Decimal},
			"words": quad.LangString{Value: "four hours", Lang: "en"}, "deal": quadstore.Unknown,
			"when": quad.TypedString{Value: "2025-08-06", Type: quadstore.EDTF}}}},
		{"by a time", `{nodes(<onrecord:statement/when>: "\"2025-08-06\"^^<http://id.loc.gov/datatypes/edtf/EDTF>") {id}}`, object{"nodes": object{"id": met}}},
		{"by a text with its language", `{nodes(<onrecord:role/words>: "\"four hours\"@en") {id}}`, object{"nodes": object{"id": met}}},
		{"by a text without", `{nodes(<onrecord:role/words>: "four hours") {id}}`, object{"nodes": nil}},
		{"by a number", `{nodes(<onrecord:role/hours>: 3) {id}}`, object{"nodes": object{"id": met}}},
		{"by a decimal", `{nodes(<onrecord:role/share>: 0.1) {id}}`, object{"nodes": nil}},
		{"by its text", `{nodes(<onrecord:role/share>: "\"0.1\"^^<http://www.w3.org/2001/XMLSchema#decimal>") {id}}`, object{"nodes": object{"id": met}}},
		{"backwards", `{nodes(~<onrecord:meet>: ` + id["Witkoff"].String() + ` first: 5) {met: ~onrecord:meet(offset: 0) {id}}}`,
			object{"nodes": []map[string]any{{"met": object{"id": id["Witkoff"]}}, {"met": object{"id": id["Witkoff"]}}}}},
		{"several, none", `{nodes(id: ["Witkoff" "Putin" "Trump"] <onrecord:meet>: "Nobody") {id}}`, object{"nodes": nil}},
		{"several, one", `{nodes(<onrecord:entity/name>: ["Witkoff" "Putin" "Trump"] <onrecord:meet>: ` + id["Putin"].String() + ` ) {id}}`,
			object{"nodes": object{"id": id["Witkoff"]}}},
		{"any value", `{nodes(<onrecord:role/hours>: [] ) {id}}`, object{"nodes": object{"id": met}}},
		{"no lower bound", `{nodes(<onrecord:entity/name>: "Putin" first: -1 offset: -1) {<id>}}`, object{"nodes": object{"<id>": id["Putin"]}}},
		{"reverse", `{nodes(<onrecord:entity/name>: "Putin") {a: ~<onrecord:meet> {` + name + `} b: <onrecord:meet> @rev {` + name + `}}}`,
			object{"nodes": object{"a": object{"name": quad.String("Witkoff")}, "b": object{"name": quad.String("Witkoff")}}}},
		{"required", `{nodes(<onrecord:entity/name>: "Putin") {id met: <onrecord:meet>}}`, object{"nodes": nil}},
		{"optional", `{nodes(<onrecord:entity/name>: "Putin") {id met: <onrecord:meet> @opt}}`, object{"nodes": object{"id": id["Putin"]}}},
		{"optional around one that is not", `{nodes(id: ` + label + ` ) {hours: <onrecord:role/hours> @opt # a comment
			what: <onrecord:statement/predicate> when: <onrecord:statement/when> @optional
			é: <onrecord:role/subject> {a: <onrecord:entity/name> @opt <onrecord:entity/kind> # and another
				b: <onrecord:entity/name> @opt}}}`, object{"nodes": object{
			"hours": quad.Int(3), "what": quadstore.Predicate("meet"), "when": quad.TypedString{Value: "2025-08-06", Type: quadstore.EDTF},
			"é": object{"a": quad.String("Witkoff"), "b": quad.String("Witkoff"), "<onrecord:entity/kind>": quadstore.Kind(events.Person)}}}},
		{"an object is optional", `{nodes(<onrecord:entity/name>: "Putin") {id met: <onrecord:meet> {id}}}`,
			object{"nodes": object{"id": id["Putin"], "met": nil}}},
		{"a list", `{nodes(<onrecord:entity/name>: "Witkoff") {met: <onrecord:meet> {` + name + `}}}`,
			object{"nodes": object{"met": []map[string]any{{"name": quad.String("Putin")}, {"name": quad.String("Trump")}}}}},
		{"a label", `{nodes(<onrecord:entity/name>: "Witkoff") {met: <onrecord:meet> @label(v: ` + label + ` ) {id}}}`,
			object{"nodes": object{"met": object{"id": id["Putin"]}}}},
		{"a label that holds for names", `{nodes(<onrecord:entity/name>: "Witkoff") {met: <onrecord:meet> @label(v: ` + label + ` ) {id ` + name + `}}}`,
			object{"nodes": object{"met": nil}}},
		{"a label that does not", `{nodes(<onrecord:entity/name>: "Witkoff") {met: <onrecord:meet> @label(v: ` + label + ` ) {` + name + ` @label {id}}}}`,
			object{"nodes": object{"met": object{"name": object{"id": quad.String("Putin")}}}}},
		{"unnest", `{nodes(<onrecord:entity/name>: "Putin") {id ~<onrecord:meet> @unnest {` + name + `}}}`,
			object{"nodes": object{"id": id["Putin"], "name": quad.String("Witkoff")}}},
		{"all", `{nodes(<onrecord:entity/name>: "Putin") {*}}`, object{"nodes": object{"id": id["Putin"],
			"onrecord:entity/name": quad.String("Putin"), "onrecord:entity/kind": quadstore.Kind(events.Person)}}},
		{"first", `{nodes(<onrecord:entity/name>: "Witkoff") {met: <onrecord:meet>(first: 1) {` + name + `}}}`,
			object{"nodes": object{"met": object{"name": quad.String("Putin")}}}},
		{"offset", `{nodes(<onrecord:entity/name>: "Witkoff") {met: <onrecord:meet>(offset: 1) {` + name + `}}}`,
			object{"nodes": object{"met": object{"name": quad.String("Trump")}}}},
		{"none of them", `{nodes(first: 0) {id}}`, object{"nodes": nil}},
		{"no Latin letters", `{nodes(<onrecord:entity/name>: "Кремль") {id} é: nodes(id: <onrecord:né> ) {id}}`, object{"nodes": nil, "é": nil}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := graphql.Run(ctx, view, c.text, nil)
			if err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("%s\n%v, %v\nwant\n%v", c.text, got, err, c.want)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	view, _, _ := recorded(t)
	for _, c := range []struct{ name, text, want string }{
		{"nothing", ``, "line 1, column 1: there is no query: want one, as in {nodes {id}}"},
		{"no end", `{`, "graphql: line 1, column 2: Expected Name, found EOF"},
		{"empty", `{}`, "line 1, column 1: "},
		{"place", "{nodes {id}\n a: }", "line 2, column 5: Expected Name, found }"},
		{"two queries", `{a {id}} {b {id}}`, "line 1, column 10: a second query: want one"},
		{"mutation", `mutation {a {id}}`, "line 1, column 1: a mutation: want a query"},
		{"fragment", `{...x}`, "line 1, column 2: a fragment: want its fields themselves"},
		{"definition", `type x {a: Int}`, "line 1, column 1: a definition of another kind (ObjectDefinition): want a query only"},
		{"variable", `{nodes(id: $x) {id}}`, "line 1, column 12: id is $x, a variable: want a value, such as"},
		{"object", `{nodes(id: {b: 1}) {id}}`, "line 1, column 12: id is {b: 1}, an object: want a value, such as"},
		{"nested lists", `{nodes(id: [[1 2]]) {id}}`, "line 1, column 13: id has the list [1 2] in a list: want values in it"},
		{"directive", `{nodes @foo {id}}`, "line 1, column 8: @foo is no directive: want @rev, @opt, @unnest or @label"},
		{"a label that is a text", `{nodes {x: <onrecord:meet> @label(v: "x") {id}}}`, `line 1, column 38: v is "x": want one statement`},
		{"labels that are no statements", `{nodes {x: <onrecord:meet> @label(v: [<onrecord:meet> ]) {id}}}`, "line 1, column 39: <onrecord:meet> is no label that a view can have"},
		{"a label by another name", `{nodes {x: <onrecord:meet> @label(w: 1) {id}}}`, "line 1, column 28: @label has other arguments than v: want one statement"},
		{"a label that is a variable", `{nodes {x: <onrecord:meet> @label(v: $x) {id}}}`, "v is $x, a variable"},
		{"another fragment", `{nodes {... on x {id}}}`, "line 1, column 9: a fragment"},
		{"a fragment beside the query", `{nodes {id}} fragment x on y {z}`, "line 1, column 14: a fragment: want a query only"},
		{"a long value", `{nodes(id: {b: "` + strings.Repeat("é", 100) + `"}) {id}}`, "id is {b: \"" + strings.Repeat("é", 55) + "…, an object"},
		{"behind other letters", `{nodes(<onrecord:entity/name>: "Кремль" id: $x) {id}}`, "line 1, column 45: id is $x"},
		{"first", `{nodes(first: "x") {id}}`, `line 1, column 15: first is "x": want a whole number`},
		{"first of none", `{nodes(first: []) {id}}`, "line 1, column 15: first is []: want a whole number"},
		{"offset", `{nodes {x: <onrecord:meet>(<offset>: 1.5) {id}}}`, "<offset> is 1.5: want a whole number"},
		{"all and more", `{nodes {* id}}`, "line 1, column 9: * beside other fields: want it alone, as it stands for all"},
		{"all with arguments", `{nodes {*(first: 1)}}`, "line 1, column 9: * has arguments or fields: want none"},
		{"all at the top", `{*}`, "line 1, column 2: * at the top: want the name of an object, as in {nodes {*}}"},
		{"a blank block", `{nodes(id: """ """) {id}}`, `line 1, column 12: a block string has nothing in it: want "", or words`},
		{"two to unnest", `{nodes(<onrecord:entity/name>: "Witkoff") {<onrecord:meet> @unnest {id}}}`, "unnest"},
		{"a comma in a name", `{nodes {id,name}}`, `line 1, column 9: "id,name"`},
		{"a bracket in a name", `{nodes(id: [a b]) {id}}`, `"b]"`},
		{"a directive in a name", `{nodes {<a>@rev {id}}}`, `"<a>@rev"`},
		{"a name that does not end", `{nodes {<a b> {id}}}`, `"<a"`},
		{"a name that ends twice", `{nodes {<a>> {id}}}`, `"<a>>"`},
		{"no name", `{nodes {a <> {id}}}`, `"<>"`},
		{"another name without a space", `{nodes {a:<b> {id}}}`, `"a:<b>"`},
		{"a large integer", `{nodes(a: 9223372036854775808) {id}}`, "out of range"},
		{"a large number", `{nodes(a: 1e999) {id}}`, "out of range"},
		{"a comment in French", "{nodes {id #é\n}}", "line 1, column 13: a comment"},
		{"twice", `{nodes {a: <onrecord:x> a: <onrecord:y>}}`, `line 1, column 25: there are two "a"`},
		{"twice at the top", `{nodes {id} nodes {id}}`, `two "nodes"`},
		{"twice by unnesting", `{nodes {id <onrecord:x> @unnest {id}}}`, `two "id"`},
		{"an argument without its space", `{nodes(name: "Putin") {id}}`, "line 1, column 8: name is no argument: want id, first, offset or a predicate's IRI, as in <onrecord:entity/name>"},
		{"an argument misspelled", `{nodes(frist: 2) {id}}`, "line 1, column 8: frist is no argument"},
		{"an argument of another space", `{nodes(<rdf:type>: 2) {id}}`, "<rdf:type> is no argument"},
		{"a field without its space", `{nodes {id name}}`, "line 1, column 12: name is no field: want id, * or a predicate's IRI"},
		{"a field that is an argument", `{nodes {x: <onrecord:meet> {first}}}`, "first is no field"},
		{"a part misspelt", `{nodes {id who: <onrecord:statement/speeker>}}`,
			"line 1, column 17: <onrecord:statement/speeker> is no predicate that a view can have: want one of <onrecord:statement/predicate>"},
		{"an argument that is not encoded", `{nodes(~<onrecord:né>: 1) {id}}`, "line 1, column 8: <onrecord:né> is no predicate that a view can have: want <onrecord:n%C3%A9>"},
		{"arguments behind @rev", `{nodes {s: <onrecord:meet> @rev (first: 1) {id}}}`,
			"line 1, column 28: @rev has arguments: want them before it, as in <onrecord:meet>(first: 1) @rev"},
		{"arguments behind @opt", `{nodes {<onrecord:meet> @opt(first: 1)}}`, "@opt has arguments"},
		{"deep", strings.Repeat("{a", 40) + strings.Repeat("}", 40), "deep"},
		{"very deep", strings.Repeat("{a", 30_000), "deep"},
		{"deep lists", "{nodes(a: " + strings.Repeat("[", 60_000), "deep"},
		{"many", "{nodes {" + strings.Repeat("a ", 1000) + "}}", "more than 500"},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer, err := graphql.Run(ctx, view, c.text, nil)
			if answer != nil || err == nil || !strings.HasPrefix(err.Error(), "graphql: ") || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("answer %v, error %v", answer, err)
			}
			if place := regexp.MustCompile(`^graphql: line \d+, column \d+: `); err != nil && !place.MatchString(err.Error()) && c.name != "two to unnest" {
				t.Errorf("%v does not say where", err)
			}
			if regexp.MustCompile(`ast\.|quad\.|interface|map\[|Cayley`).MatchString(fmt.Sprint(err)) {
				t.Errorf("%v is not in the words of GraphQL", err)
			}
		})
	}
}

func TestResults(t *testing.T) {
	view, _, _ := recorded(t)
	text := `{nodes(<onrecord:entity/kind>: <onrecord:kind/person>) {id name: <onrecord:entity/name>}}`
	for _, c := range []struct {
		most int
		bad  bool
	}{{7, true}, {8, false}, {-1, false}} {
		answer, err := graphql.Run(ctx, view, text, &quadstore.Limits{Results: c.most})
		if errors.Is(err, quadstore.ErrLimit) != c.bad || (answer == nil) != c.bad {
			t.Errorf("with %d results: %v, %v", c.most, answer, err)
		}
	}
}

// Objects without a value count, too, and ways to one.
func TestWays(t *testing.T) {
	view, _, _ := recorded(t)
	for _, text := range []string{
		`{nodes {met: <onrecord:meet> {nobody: <onrecord:nobody> {id}}}}`,
		`{nodes}`,
	} {
		if answer, err := graphql.Run(ctx, view, text, &quadstore.Limits{Results: 10}); answer != nil || !errors.Is(err, quadstore.ErrLimit) {
			t.Errorf("%s: %v, %v", text, answer, err)
		}
	}
}

func FuzzRun(f *testing.F) {
	view, met, id := recorded(f)
	for _, text := range []string{
		`{nodes(<onrecord:entity/name>: "Witkoff") {id met: <onrecord:meet> @label(v: ` + met.String() + ` ) {*}}}`,
		`query q($x: Int = 1) {nodes(id: ` + id["Witkoff"].String() + ` first: 1 offset: 1) {id a: ~<onrecord:meet> @opt}}`,
		`{a: nodes {id <x> @unnest @rev(a: [1 2.5 "\u0041" """b"""]) {b}}} # c`,
		`{nodes(first: -1) {id}} fragment x on y {z}`, `{nodes(a: """ """) {...x}}`, `"d" type x {a(b: c = 1): [D!]!}`,
	} {
		f.Add(text)
	}
	limits := &quadstore.Limits{Steps: 2000, Results: 200}
	f.Fuzz(func(t *testing.T, text string) {
		if answer, err := graphql.Run(ctx, view, text, limits); err != nil && answer != nil {
			t.Errorf("%v with %v", answer, err)
		}
	})
}
