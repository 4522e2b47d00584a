package quadstore_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/cayleygraph/cayley/graph/path"
	"github.com/cayleygraph/quad"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph/quadstore"
)

// Everything that the package comment says of a statement, an entity and a source.
func TestVocabulary(t *testing.T) {
	g := open(t)
	b := events.NewBatch("desk")
	x, y, z, talks := b.Person("Witkoff"), b.Person("Putin"), b.Person("Peskov"), b.Occurrence("talks")
	author, kremlin := b.Person("Reporter"), b.Organisation("Kremlin")
	src := b.Source("https://example.org/a").Title("Envoy in Moscow").By(author).Published("2025-08-06")
	first := src.Says("meet", x, y)
	b.Name(x, "Whitkoff", "en")
	st := src.Reports(z, "discuss", x).Occurrence(talks).On("2025-08~").
		Arg("hours", events.Number("3.0", "h")).Arg("share", events.Number("0.1", "")).Arg("grade", events.Number("25e-1", "")).
		Arg("words", events.Text("four hours", "en")).Arg("title", events.Text("talks", "")).
		Arg("begin", events.At(edtf.MustParse("2025-08-06"))).Arg("end", events.Unknown()).Arg("break", events.None()).
		Arg("about", events.Said(first.ID())).
		Arg("plan", events.Nested(events.Claim{Predicate: "sign", Args: []events.Arg{{Role: "who", Value: events.Ref(y.ID)}}}))
	batch, err := b.Batch()
	if err != nil {
		t.Fatal(err)
	}
	var id = st.ID()
	for i := range batch.Events {
		if s, ok := batch.Events[i].Body.(*events.StatementRecorded); ok && batch.Events[i].ID == id {
			origin := &s.Statement.Voices[0]
			origin.For = []events.Party{{Entity: kremlin.ID}}
			origin.To = []events.Party{{Entity: author.ID}}
			origin.Said = events.When{Time: edtf.MustParse("2025-08-05")}
			origin.Stance = events.Stance{Certainty: events.Probable, Polarity: events.Denied}
			s.Statement.Claim.If = []events.Condition{{Claim: events.Claim{Predicate: "agree", Args: []events.Arg{{Role: "who", Value: events.Ref(z.ID)}}}}}
		}
	}
	if _, err := g.Record(ctx, batch); err != nil {
		t.Fatal(err)
	}
	qs := quadstore.New(g.View(nil))

	quads := quadsIn(t, qs, qs.QuadIterator(quad.Label, qs.ValueOf(quadstore.Statement(id)))) +
		"\n" + quadsIn(t, qs, qs.QuadIterator(quad.Subject, qs.ValueOf(quadstore.Source(src.ID())))) +
		"\n" + quadsIn(t, qs, qs.QuadIterator(quad.Subject, qs.ValueOf(quadstore.Entity(y.ID)))) +
		"\n" + quadsIn(t, qs, qs.QuadIterator(quad.Subject, qs.ValueOf(quadstore.Entity(talks.ID))))
	for name, node := range map[string]quad.IRI{"s": quadstore.Statement(id), "first": quadstore.Statement(first.ID()),
		"x": quadstore.Entity(x.ID), "y": quadstore.Entity(y.ID), "z": quadstore.Entity(z.ID), "talks": quadstore.Entity(talks.ID),
		"author": quadstore.Entity(author.ID), "kremlin": quadstore.Entity(kremlin.ID), "src": quadstore.Source(src.ID())} {
		quads = strings.ReplaceAll(quads, node.String(), name)
	}
	quads = strings.NewReplacer("onrecord:", "", "http://id.loc.gov/datatypes/edtf/", "", "http://www.w3.org/2001/XMLSchema#", "xsd:").Replace(quads)
	got := strings.Split(quads, "\n")
	want := strings.Split(strings.TrimSpace(`
s <statement/predicate> <discuss> s
s <role/subject> x s
s <role/hours> "3"^^<xsd:integer> s
s <unit/hours> "h" s
s <role/share> "0.1"^^<xsd:decimal> s
s <role/grade> "2.5E+00"^^<xsd:double> s
s <role/words> "four hours"@en s
s <role/title> "talks" s
s <role/begin> "2025-08-06"^^<EDTF> s
s <role/end> <value/unknown> s
s <role/break> <value/none> s
s <role/about> first s
s <role/plan> <value/claim> s
s <statement/occurrence> talks s
s <statement/when> "2025-08~"^^<EDTF> s
s <statement/conditional> "True"^^<xsd:boolean> s
s <statement/nested> y s
s <statement/nested> z s
s <statement/source> src s
s <statement/form> <form/paraphrase> s
s <statement/speaker> z s
s <statement/for> kremlin s
s <statement/to> author s
s <statement/act> <act/assert> s
s <statement/stance> <stance/PR-> s
s <statement/said> "2025-08-05"^^<EDTF> s
s <voice/1/speaker> author s
s <voice/1/act> <act/assert> s
s <voice/1/stance> <stance/CT+> s
src <source/title> "Envoy in Moscow" <nil>
src <source/url> "https://example.org/a" <nil>
src <source/published> "2025-08-06"^^<EDTF> <nil>
y <entity/name> "Putin" <nil>
y <entity/kind> <kind/person> <nil>
talks <entity/name> "talks" <nil>
talks <entity/kind> <kind/occurrence> <nil>`), "\n")
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}

	// What is known by its value is found by it.
	for _, test := range []struct {
		p    *path.Path
		want quad.Value
	}{
		{path.StartPath(qs, quad.String("Whitkoff")).In(quadstore.EntityName).Out(quadstore.Predicate("meet")), quadstore.Entity(y.ID)},
		{path.StartPath(qs).Has(quadstore.EntityName, quad.String("Kremlin")).In(quadstore.StatementFor), quadstore.Statement(id)},
		{path.StartPath(qs, quad.Int(3)).In(quadstore.Role("hours")), quadstore.Statement(id)},
		{path.StartPath(qs, quad.Float(2.5)).In(quadstore.Role("grade")), quadstore.Statement(id)},
		{path.StartPath(qs, quad.TypedString{Value: "0.1", Type: quadstore.Decimal}).In(), quadstore.Statement(id)},
		{path.StartPath(qs, quad.TypedString{Value: "2025-08~", Type: quadstore.EDTF}).In(), quadstore.Statement(id)},
		{path.StartPath(qs, quad.String("h")).In(quadstore.Unit("hours")), quadstore.Statement(id)},
		{path.StartPath(qs, quadstore.Unknown).In(quadstore.Role("end")), quadstore.Statement(id)},
		{path.StartPath(qs, quadstore.Entity(author.ID)).In(quadstore.Voice(1, quadstore.StatementSpeaker)), quadstore.Statement(id)},
		{path.StartPath(qs, quadstore.Statement(first.ID())).In(quadstore.Role("about")), quadstore.Statement(id)},
		{path.StartPath(qs, quadstore.Entity(y.ID)).In(quadstore.StatementNested), quadstore.Statement(id)},
		{path.StartPath(qs, quadstore.Kind(events.Organisation)).In(quadstore.EntityKind), quadstore.Entity(kremlin.ID)},
	} {
		v, err := test.p.Unique().Iterate(ctx).AllValues(qs)
		if err != nil || !slices.Equal(v, []quad.Value{test.want}) {
			t.Errorf("%v, %v, want %v", v, err, test.want)
		}
	}
}

// Numbers that are no node, and names that no voice has.
func TestNoNode(t *testing.T) {
	g := open(t)
	b := events.NewBatch("desk")
	src := b.Source("https://example.org")
	src.Says("cost", b.Person("X")).Arg("a", events.Number("4", "")).Arg("b", events.Number("1e400", "")).Arg("c", events.Number("0.1", "")).
		Arg("d", events.Number("1e99999999999999999999", "")).Arg("e", events.Number("9223372036854775808", ""))
	src.Reports(b.Person("X"), "wait")
	record(t, g, b)
	qs := quadstore.New(g.View(nil))
	for _, v := range []quad.Value{quad.Float(4), quad.Float(0.1), quad.Float(math.NaN()), quad.Float(math.Inf(1)), quad.Int(1),
		quad.TypedString{Value: "4", Type: quadstore.Decimal}, quad.TypedString{Value: "0.10", Type: quadstore.Decimal},
		quad.TypedString{Value: "x", Type: quadstore.Decimal}, quad.TypedString{Value: "4", Type: "x"}, quad.LangString{Value: "x"},
		quad.IRI("onrecord:voice/0/speaker"), quad.IRI("onrecord:voice/01/speaker"), quad.IRI("onrecord:voice/+1/speaker"), quad.IRI("onrecord:voice/99/speaker"), quad.IRI("onrecord:voice/1/form"),
		quad.BNode("x"), quad.IRI("onrecord:kind/"), quad.IRI("onrecord:stance/CT"), quad.IRI("onrecord:value/some")} {
		if ref := qs.ValueOf(v); ref != nil {
			t.Errorf("ValueOf(%v) is %v", v, qs.NameOf(ref))
		}
	}
	for _, v := range []quad.Value{quad.Int(4), quad.TypedString{Value: "0.1e401", Type: quadstore.Decimal},
		quad.TypedString{Value: "0.1", Type: quadstore.Decimal}, quad.Float(9223372036854775808)} {
		if ref := qs.ValueOf(v); ref == nil || qs.NameOf(ref) != v {
			t.Errorf("ValueOf(%v) is %v", v, ref)
		}
	}
	for i, part := range []quad.IRI{quadstore.StatementForm, quadstore.EntityName, "", "onrecord:statement/spoke"} {
		if v := quadstore.Voice(i, part); v != "" {
			t.Errorf("Voice(%d, %v) is %v", i, part, v)
		}
	}
	if quadstore.Voice(-1, quadstore.StatementSaid) != "" || quadstore.Voice(events.MaxVoices, quadstore.StatementSaid) != "" ||
		quadstore.Voice(0, quadstore.StatementSaid) != quadstore.StatementSaid {
		t.Error("Voice of no voice")
	}
}
