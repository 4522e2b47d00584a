package graphql_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cayleygraph/cayley/graph/memstore"
	cayley "github.com/cayleygraph/cayley/query/graphql"
	"github.com/cayleygraph/quad"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/graph/quadstore"
	"github.com/onrecord/onrecord/internal/model"
	"github.com/onrecord/onrecord/internal/modeltest"
	"github.com/onrecord/onrecord/internal/seed"
	"github.com/onrecord/onrecord/query/graphql"
)

var _ = seed.Fix()

// TestModel compares answers on views of random records with those of Cayley's
// memstore, loaded with the view's quads.
func TestModel(t *testing.T) {
	seed.Least(t, 25)
	answered := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		g, m, gen := modeltest.Recorded(t)
		defer g.Close()
		for _, l := range []model.Lens{{}, {AsOf: max(1, m.Last()/2)}, gen.Lens(t, m)} {
			view := g.View(modeltest.Lens(l))
			quads := quadsOf(t, view)
			store := memstore.New(quads...)
			for name, text := range queries(t, quads) {
				q, err := cayley.Parse(strings.NewReader(text))
				if err != nil {
					t.Fatal(err)
				}
				want, err := q.Execute(ctx, store)
				if err != nil {
					t.Fatal(err)
				}
				got, err := graphql.Run(ctx, view, text, nil)
				if err != nil {
					t.Fatalf("%s: %v", text, err)
				}
				a, b := facts(got), facts(want)
				if !maps.Equal(a, b) {
					t.Fatalf("%s: %s\n%q\nwant\n%q", name, text, slices.Sorted(maps.Keys(a)), slices.Sorted(maps.Keys(b)))
				}
				answered[name] += len(a)
			}
		}
	})
	for name, n := range answered {
		if n == 0 {
			t.Errorf("%s: no answer", name)
		}
	}
}

func quadsOf(t *rapid.T, view graph.View) (quads []quad.Quad) {
	store := quadstore.New(view)
	scan := store.QuadsAllIterator()
	defer scan.Close()
	for scan.Next(ctx) {
		quads = append(quads, store.Quad(scan.Result()))
	}
	if err := scan.Err(); err != nil {
		t.Fatal(err)
	}
	return quads
}

// queries are one of each shape, about nodes of the quads.
func queries(t *rapid.T, quads []quad.Quad) map[string]string {
	draw := func(name string) (q quad.Quad) {
		if len(quads) > 0 {
			q = rapid.SampledFrom(quads).Draw(t, name)
		}
		return q
	}
	one := draw("one")
	node := func(of quad.Direction, name string) string {
		if rapid.Bool().Draw(t, name+" of one") {
			return written(one.Get(of))
		}
		return written(draw(name).Get(of))
	}
	label := func() string {
		if l := node(quad.Label, "label"); l != written(nil) {
			return l
		}
		return quadstore.Statement(uuid.Nil).String()
	}
	via := func(name string) string { return node(quad.Predicate, name) }
	subject, object, p, q := node(quad.Subject, "subject"), node(quad.Object, "object"), via("p"), via("q")
	return map[string]string{
		"by a value":   fmt.Sprintf("{nodes(%s: %s ) {id v: %s}}", p, object, p),
		"optional":     fmt.Sprintf("{nodes(id: [%s %s ]) {id v: %s @opt w: %s @opt}}", subject, node(quad.Subject, "other"), p, q),
		"reverse":      fmt.Sprintf("{nodes(id: %s ) {id v: ~%s {id} w: %s @rev {id x: %s @opt}}}", object, p, q, p),
		"several":      fmt.Sprintf("{nodes(id: [%s %s %s ] %s: %s ) {id}}", subject, object, node(quad.Subject, "third"), p, object),
		"two values":   fmt.Sprintf("{nodes(%s: %s %s: %s ) {id}}", p, object, q, node(quad.Object, "second")),
		"reverse of":   fmt.Sprintf("{nodes(~%s: %s ) {id v: ~%s}}", p, subject, p),
		"with a label": fmt.Sprintf("{nodes(id: %s ) {id v: %s @label(v: %s ) {id}}}", subject, p, label()),
		"in a label":   fmt.Sprintf("{nodes(%s: %s ) @label(v: %s ) {id v: %s}}", p, object, label(), p),
		"nested":       fmt.Sprintf("{nodes(%s: %s ) {id v: %s {id w: %s {id x: ~%s {id}}}}}", p, object, q, p, q),
	}
}

// written is a value as it stands in a query.
func written(v quad.Value) string {
	switch v := v.(type) {
	case nil:
		return "<onrecord:nothing>"
	case quad.IRI:
		return v.String()
	case quad.Bool, quad.Int:
		return fmt.Sprint(v.Native())
	}
	return strconv.Quote(quad.ToString(v))
}

// facts are what an answer says, each once: which of several values is with which
// way, and whether a list has one value or is one, depends on Cayley's plan.
func facts(answer map[string]any) map[string]bool {
	found := map[string]bool{}
	var add func(at string, x any)
	add = func(at string, x any) {
		switch x := x.(type) {
		case []map[string]any:
			for _, o := range x {
				add(at, o)
			}
		case []quad.Value:
			for _, v := range x {
				add(at, v)
			}
		case map[string]any:
			if id, ok := x["id"].(quad.Value); ok {
				at += " " + id.String()
			}
			for key, v := range x {
				add(at+"."+key, v)
			}
		case quad.Value:
			found[at+" "+x.String()] = true
		case nil:
		default:
			found[fmt.Sprintf("%s %T", at, x)] = true
		}
	}
	for key, x := range answer {
		add(key, x)
	}
	return found
}
