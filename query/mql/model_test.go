package mql_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/cayleygraph/cayley/graph/memstore"
	"github.com/cayleygraph/cayley/query"
	cayley "github.com/cayleygraph/cayley/query/mql"
	"github.com/cayleygraph/quad"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/graph/quadstore"
	"github.com/onrecord/onrecord/internal/model"
	"github.com/onrecord/onrecord/internal/modeltest"
	"github.com/onrecord/onrecord/internal/seed"
	"github.com/onrecord/onrecord/query/mql"
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
			session := cayley.NewSession(memstore.New(quads...))
			for name, text := range queries(t, quads) {
				it, err := session.Execute(ctx, text, query.Options{Collation: query.JSON})
				if err != nil {
					t.Fatal(err)
				}
				var want []any
				for it.Next(ctx) {
					want = append(want, it.Result())
				}
				if err := it.Err(); err != nil {
					t.Fatal(err)
				}
				got, err := mql.Run(ctx, view, text, nil)
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
			return written(t, one.Get(of))
		}
		return written(t, draw(name).Get(of))
	}
	via := func(name string) string { return strings.Trim(node(quad.Predicate, name), `"`) }
	subject, object, p, q := node(quad.Subject, "subject"), node(quad.Object, "object"), via("p"), via("q")
	return map[string]string{
		"by a value":     fmt.Sprintf(`[{"id": null, "%s": %s}]`, p, object),
		"optional lists": fmt.Sprintf(`[{"id": %s, "@a:%s": [], "@b:%s": []}]`, subject, p, q),
		"reverse":        fmt.Sprintf(`[{"id": null, "!%s": %s, "@a:!%s": []}]`, p, subject, p),
		"objects":        fmt.Sprintf(`[{"id": null, "@a:%s": %s, "@b:%s": [{"id": null, "@a:!%s": []}]}]`, p, object, q, p),
		"required":       fmt.Sprintf(`{"id": null, "@a:%s": [{}], "@b:%s": %s}`, p, q, object),
		"two values":     fmt.Sprintf(`{"id": null, "@a:%s": %s, "@b:%s": %s}`, p, object, q, node(quad.Object, "second")),
		"one value":      fmt.Sprintf(`{"id": null, "@a:%s": %s, "<onrecord:statement/stance>": null, "<onrecord:statement/predicate>": {"id": null}}`, p, object),
	}
}

// written is a value as it stands in a query.
func written(t *rapid.T, v quad.Value) string {
	var x any
	switch v := v.(type) {
	case nil:
		x = "<onrecord:nothing>"
	case quad.Bool, quad.Int:
		x = v.Native()
	default:
		x = quad.ToString(v)
	}
	text := &strings.Builder{}
	to := json.NewEncoder(text)
	to.SetEscapeHTML(false)
	if err := to.Encode(x); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(text.String())
}

// facts are what an answer says, each once.
func facts(answer []any) map[string]bool {
	found := map[string]bool{}
	var add func(at string, x any)
	add = func(at string, x any) {
		switch x := x.(type) {
		case []any:
			for _, v := range x {
				add(at, v)
			}
		case map[string]any:
			if id := x["id"]; id != nil {
				at += " " + native(id)
			}
			for key, v := range x {
				add(at+"."+key, v)
			}
			found[at] = true
		case nil:
		default:
			found[at+" "+native(x)] = true
		}
	}
	add("", answer)
	return found
}

// native is a value as Cayley's MQL gives it.
func native(x any) string {
	if text, ok := x.(string); ok {
		return text
	}
	v := x.(quad.Value)
	out := quad.NativeOf(v)
	if same, ok := out.(quad.Value); ok && v == same {
		return quad.StringOf(v)
	}
	return fmt.Sprint(out)
}
