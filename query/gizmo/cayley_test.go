package gizmo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/cayley/graph/memstore"
	languages "github.com/cayleygraph/cayley/query"
	cayleygizmo "github.com/cayleygraph/cayley/query/gizmo"
	"github.com/cayleygraph/quad"
	"github.com/cayleygraph/quad/nquads"
)

// crew is a small graph: who follows whom, and how they are.
const crew = `
<alice> <onrecord:follows> <bob> .
<bob> <onrecord:follows> <fred> .
<charlie> <onrecord:follows> <bob> .
<charlie> <onrecord:follows> <dani> .
<dani> <onrecord:follows> <bob> .
<dani> <onrecord:follows> <greg> .
<emily> <onrecord:follows> <fred> .
<fred> <onrecord:follows> <greg> .
<bob> <onrecord:status> "cool" <onrecord:statement/00000000-0000-8000-8000-000000000001> .
<dani> <onrecord:status> "cool" <onrecord:statement/00000000-0000-8000-8000-000000000001> .
<greg> <onrecord:status> "cool" <onrecord:statement/00000000-0000-8000-8000-000000000001> .
<emily> <onrecord:status> "smart" <onrecord:statement/00000000-0000-8000-8000-000000000001> .
<greg> <onrecord:status> "smart" <onrecord:statement/00000000-0000-8000-8000-000000000001> .
<alice> <onrecord:age> "31"^^<http://www.w3.org/2001/XMLSchema#integer> .
<bob> <onrecord:age> "42"^^<http://www.w3.org/2001/XMLSchema#integer> .
<alice> <onrecord:name> "Alice"@en .
<bob> <onrecord:since> "2025-08"^^<http://id.loc.gov/datatypes/edtf/EDTF> .
`

func load(t testing.TB, quads ...quad.Quad) *memstore.QuadStore {
	t.Helper()
	store := memstore.New()
	for _, q := range quads {
		store.AddQuad(q)
	}
	return store
}

// theirs are the results of Cayley's own Gizmo.
func theirs(qs cayley.QuadStore, text string) (lines []string, err error) {
	it, err := cayleygizmo.NewSession(qs).Execute(context.Background(), text, languages.Options{Collation: languages.Raw, Limit: -1})
	if err != nil {
		return nil, err
	}
	defer it.Close()
	for it.Next(context.Background()) {
		r := it.Result().(*cayleygizmo.Result)
		if r.Tags == nil {
			if v := fmt.Sprintf("%T", r.Val); !strings.Contains(v, "gizmo.") {
				lines = append(lines, lineOf(Result{Value: r.Val}))
			}
			continue
		}
		nodes := map[string]quad.Value{}
		for tag, ref := range r.Tags {
			if v := qs.NameOf(ref); v != nil { // memstore gives the label of quads that have none
				nodes[tag] = v
			}
		}
		if len(nodes) > 0 {
			lines = append(lines, lineOf(Result{Tags: nodes}))
		}
	}
	slices.Sort(lines)
	return lines, it.Err()
}

func lineOf(r Result) string {
	if r.Tags == nil {
		return fmt.Sprint("= ", r.Value)
	}
	var tags []string
	for tag, v := range r.Tags {
		tags = append(tags, fmt.Sprint(tag, ": ", quad.StringOf(v)))
	}
	slices.Sort(tags)
	return strings.Join(tags, ", ")
}

// ours are the results of this package's.
func ours(qs cayley.QuadStore, text string) (lines []string, err error) {
	s := session{yield: func(r Result, _ error) bool {
		lines = append(lines, lineOf(r))
		return true
	}}
	ctx, end := context.WithCancelCause(context.Background())
	defer end(nil)
	err = s.run(ctx, qs, end, text)
	slices.Sort(lines)
	return lines, err
}

// Each query gives what Cayley's own Gizmo gives, on Cayley's own store.
func TestLikeCayley(t *testing.T) {
	var quads []quad.Quad
	for line := range strings.SplitSeq(strings.TrimSpace(crew), "\n") {
		q, err := nquads.Parse(line)
		if err != nil {
			t.Fatal(err)
		}
		quads = append(quads, q)
	}
	store := load(t, quads...)
	answers := 0
	for _, text := range []string{
		`g.V("<alice>").all()`,
		`graph.Vertex("<alice>").All()`,
		`g.V("<alice>", "<bob>", "<nobody>").all()`,
		`g.V().all()`,
		`g.V().getLimit(5)`, // its order is the store's
		`g.V(iri("alice")).out(iri("onrecord:follows")).all()`,
		`g.V("<bob>").out().all()`,
		`g.V("<bob>").in().all()`,
		`g.V("<bob>").in("<onrecord:follows>").in(["<onrecord:follows>", "<onrecord:status>"]).all()`,
		`g.V("<bob>").out([], "p").all()`,
		`g.V("<bob>").out(null, "p").all()`,
		`g.V("<bob>").out(null, ["p", "q"]).all()`,
		`g.V("<bob>").out(g.V("<onrecord:follows>"), "p").all()`,
		`g.V("<fred>").both("<onrecord:follows>").all()`,
		`g.V("<fred>").both(null, "p").all()`,
		`g.V("<bob>").in("<onrecord:follows>").filter(gt(iri("c")), lt(iri("d"))).all()`,
		`g.V("<bob>").in("<onrecord:follows>").filter(gte(iri("charlie")), lte(iri("charlie"))).all()`,
		`g.V("<bob>").in("<onrecord:follows>").filter(regex("ar?li.*e")).all()`,
		`g.V("<bob>").in("<onrecord:follows>").filter(regex("ar?li.*e", true)).all()`,
		`g.V("<bob>").in("<onrecord:follows>").filter(like("al%")).all()`,
		`g.V("<bob>").in("<onrecord:follows>").filter(like("a?i%e")).all()`,
		`g.V().has("<onrecord:age>", gt(35)).all()`,
		`g.V().has("<onrecord:age>", gt(30), lt(35)).all()`,
		`g.V().has("<onrecord:age>", 42).all()`,
		`g.V().has("<onrecord:name>", lang("Alice", "en")).all()`,
		`g.V().has("<onrecord:since>", typed("2025-08", "http://id.loc.gov/datatypes/edtf/EDTF")).all()`,
		`g.V(str("cool")).in().all()`,
		`g.V("cool", "smart").in("<onrecord:status>").all()`,
		`g.V("<bob>").in("<onrecord:follows>").tag("foo").out("<onrecord:status>").is("cool").back("foo").all()`,
		`x = g.V("<charlie>").out("<onrecord:follows>").tag("foo").out("<onrecord:status>").is("cool").back("foo")
		 x.in("<onrecord:follows>").is("<dani>").back("foo").all()`,
		`g.V("<charlie>").tag("a", "b").out("<onrecord:follows>").as("c").all()`,
		`g.V("<alice>", "<bob>").except(g.V("<alice>")).all()`,
		`g.V("<alice>", "<bob>").difference(g.V("<alice>")).except(g.V("<bob>")).all()`,
		`g.V("<alice>", "<bob>", "<charlie>").out("<onrecord:follows>").unique().all()`,
		`var two = g.M().out("<onrecord:follows>").out("<onrecord:follows>"); g.V("<charlie>").follow(two).all()`,
		`var two = g.Morphism().out("<onrecord:follows>").out("<onrecord:follows>"); g.V("<fred>").followR(two).all()`,
		`function f(x) { return g.V(x).out("<onrecord:follows>") } f("<dani>").and(f("<charlie>")).all()`,
		`g.V("<bob>").out("<onrecord:follows>").or(g.V().has("<onrecord:status>", "cool")).all()`,
		`g.V("<bob>").union(g.V("<alice>")).intersect(g.V("<bob>")).all()`,
		`g.V("<alice>").and().or(null).follow().all()`,
		`g.V().has("<onrecord:status>").all()`,
		`g.V().has("<onrecord:status>", "cool").has("<onrecord:follows>", "<fred>").all()`,
		`g.V().hasR("<onrecord:status>", "<bob>").all()`,
		`g.V().has("<onrecord:follows>", gt("<f>")).all()`,
		`g.V().has("<onrecord:status>", "cool").order().limit(2).all()`,
		`g.V().has("<onrecord:status>", "cool").order().skip(1).limit(1).all()`,
		`g.V().has("<onrecord:status>").count()`,
		`g.emit(g.V().has("<onrecord:status>").count() + 1)`,
		`g.V().save("<onrecord:status>", "s").all()`,
		`g.V().save(g.IRI("onrecord:status")).all()`,
		`g.V("<bob>", "<charlie>").out("<onrecord:follows>").saveOpt("<onrecord:status>", "s").all()`,
		`g.V("cool").saveR("<onrecord:status>", "who").saveOptR("<onrecord:name>", "n").all()`,
		`g.V("<bob>").inPredicates().all()`,
		`g.V("<bob>").outPredicates().all()`,
		`g.V("<bob>").saveInPredicates("p").all()`,
		`g.V("<bob>").saveOutPredicates("p").all()`,
		`g.V("<greg>").labels().all()`,
		`g.V("<greg>").labelContext("<onrecord:statement/00000000-0000-8000-8000-000000000001>").out("<onrecord:status>").labelContext(null).in("<onrecord:status>").all()`,
		`g.V("<greg>").labelContext("<onrecord:statement/00000000-0000-8000-8000-000000000002>").out("<onrecord:status>").all()`,
		`g.V("<charlie>").followRecursive("<onrecord:follows>").all()`,
		`g.V("<charlie>").followRecursive("<onrecord:follows>", "depth").all()`,
		`g.V("<charlie>").followRecursive("<onrecord:follows>", 1, "depth").all()`,
		`g.V("<charlie>").followRecursive(g.V().out("<onrecord:follows>")).all()`,
		`var v = g.V("<bob>").toValue(); var s = g.V(v).out("<onrecord:status>").toValue(); g.V(s).all()`,
		`var v = g.V("<bob>").tagValue(); g.V(v.id).out("<onrecord:since>").all()`,
		`var v = g.V("<bob>").out("<onrecord:since>").toValue(); g.emit(v); g.V(v).in().all()`,
		`g.emit(g.V("<nobody>").toValue())`,
		`var a = g.V("<bob>").in("<onrecord:follows>").toArray(); for (i in a) g.emit(a[i])`,
		`g.emit(g.V("<bob>").in("<onrecord:follows>").toArray(2).length)`,
		`g.emit(g.V("<bob>").tag("x").out("<onrecord:age>").tagArray()[0].x)`,
		`g.V("<bob>").in("<onrecord:follows>").forEach(function(o) { g.emit(o.id) })`,
		`g.V("<bob>").out("<onrecord:age>").map(function(o) { g.emit(o.id + 1) })`,
		`g.V("<bob>").in("<onrecord:follows>").order().forEach(2, function(o) { g.emit(o.id) })`,
		`var a = g.V("<alice>"); g.emit(a.toValue()); var b = a.out("<onrecord:follows>"); g.emit(b.toValue()); g.emit(a.toValue())`,
		`g.addNamespace("ex", "http://example.net/"); g.emit(g.IRI("ex:alice"))`,
		`g.addDefaultNamespaces(); g.emit(g.IRI("rdf:type"))`,
		`g.emit({a: 1, b: ["x", 2.5, true]})`,
		`g.emit(null); g.emit(undefined); 7`,
		`"text"`,
	} {
		want, err := theirs(store, text)
		if err != nil {
			t.Errorf("%s: Cayley's: %v", text, err)
			continue
		}
		found, err := ours(store, text)
		if err != nil || !slices.Equal(found, want) {
			t.Errorf("%s\nfound %q, %v\n want %q", text, found, err, want)
		}
		answers += len(found)
	}
	if answers < 150 {
		t.Errorf("%d answers in all", answers)
	}
}

// Where Cayley forgets something on its own store, this package does not.
func TestUnlikeCayley(t *testing.T) {
	const first, second = "<onrecord:statement/00000000-0000-8000-8000-000000000001>", "<onrecord:statement/00000000-0000-8000-8000-000000000002>"
	var quads []quad.Quad
	for _, line := range []string{
		"<a> <onrecord:p> <b> " + first + " .", "<b> <onrecord:q> <e> " + second + " .",
		"<c> <onrecord:p> <d> " + second + " .", "<d> <onrecord:q> <e> " + first + " .",
		`<a> <onrecord:n> "A" .`, `<a> <onrecord:m> "M" .`,
	} {
		q, err := nquads.Parse(line)
		if err != nil {
			t.Fatal(err)
		}
		quads = append(quads, q)
	}
	store := load(t, quads...)
	in := func(statement string) string { return fmt.Sprintf(`labelContext("%s")`, statement) }
	p, q := `out("<onrecord:p>")`, `out("<onrecord:q>")`
	both := `g.V("<a>", "<c>")`
	for _, c := range []struct {
		text string
		want []string
	}{
		{both + "." + in(first) + `.tag("x").` + p + `.back("x").all()`, []string{"id: <a>, x: <a>"}},
		{both + `.tag("x").` + p + "." + in(second) + "." + q + `.back("x").` + p + ".all()", []string{"id: <b>, x: <a>"}},
		{both + `.tag("x").` + in(first) + "." + p + "." + in(second) + "." + q + `.back("x").all()`, []string{"id: <a>, x: <a>"}},
		{`g.V("<e>").followR(g.M().` + p + "." + in(second) + "." + q + ").all()", []string{"id: <a>"}},
		{`g.V("<e>").followR(g.M().` + in(second) + "." + p + ".labelContext(null)." + q + ").all()", []string{"id: <c>"}},
		{`g.V("<a>").saveOpt("<onrecord:n>", "n").has("<onrecord:p>").saveOpt("<onrecord:m>", "m").all()`, []string{`id: <a>, m: "M", n: "A"`}},
		{`g.V().and(g.V("<b>").saveOptR("<onrecord:p>", "p")).saveOpt("<onrecord:q>", "q").all()`, []string{"id: <b>, p: <a>, q: <e>"}},
		{`g.emit(g.V().and(g.V()).count())`, []string{"= 19"}},
	} {
		found, err := ours(store, c.text)
		if err != nil || !slices.Equal(found, c.want) {
			t.Errorf("%s\nfound %q, %v\n want %q", c.text, found, err, c.want)
		}
		if found, err := theirs(store, c.text); err == nil && slices.Equal(found, c.want) {
			t.Errorf("%s\nis right in Cayley", c.text)
		}
	}
}
