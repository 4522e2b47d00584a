package mql_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/cayleygraph/quad"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/internal/model"
	"github.com/onrecord/onrecord/internal/modeltest"
	"github.com/onrecord/onrecord/query/mql"
)

// askedField is a field of a query: with neither a value nor an object, all that there is.
type askedField struct {
	name  string
	via   quad.Value
	rev   bool
	value quad.Value   // must be
	obj   *askedObject // must be; nil and no value: all
}

// askedObject is an object of a query.
type askedObject struct {
	id     quad.Value
	fields []askedField
}

func (o *askedObject) text(t *rapid.T) string {
	id := "null"
	if o.id != nil {
		id = written(t, o.id)
	}
	l := []string{`"id": ` + id}
	for _, f := range o.fields {
		k := "@" + f.name + ":"
		if f.rev {
			k += "!"
		}
		k += f.via.String()
		v := "[]"
		if f.value != nil {
			v = written(t, f.value)
		}
		if f.obj != nil {
			v = "[" + f.obj.text(t) + "]"
		}
		l = append(l, fmt.Sprintf("%q: %s", k, v))
	}
	return "{" + strings.Join(l, ", ") + "}"
}

// plain answers by a search through all quads.
type plain struct{ quads []quad.Quad }

// step returns what a predicate leads to.
func (n *plain) step(v, via quad.Value, rev bool) (out []quad.Value) {
	for _, q := range n.quads {
		from, to := q.Subject, q.Object
		if rev {
			from, to = to, from
		}
		if from == v && q.Predicate == via {
			out = append(out, to)
		}
	}
	return out
}

// is reports whether an object stands for a node.
func (n *plain) is(o *askedObject, v quad.Value) bool {
	if o.id != nil && o.id != v {
		return false
	}
	for _, f := range o.fields {
		ok := f.value == nil && f.obj == nil
		for _, w := range n.step(v, f.via, f.rev) {
			ok = ok || f.value != nil && f.value == w || f.obj != nil && n.is(f.obj, w)
		}
		if !ok {
			return false
		}
	}
	return true
}

// eval notes what there is to say of those nodes that an object stands for.
func (n *plain) eval(o *askedObject, from []quad.Value, at string, facts map[string]bool) {
	for _, v := range from {
		if !n.is(o, v) {
			continue
		}
		here := at + " " + v.String()
		facts[here] = true
		for _, f := range o.fields {
			next := n.step(v, f.via, f.rev)
			switch {
			case f.obj != nil:
				n.eval(f.obj, next, here+"."+f.name, facts)
			case f.value != nil:
				facts[here+"."+f.name+" "+f.value.String()] = true
			default:
				for _, w := range next {
					facts[here+"."+f.name+" "+w.String()] = true
				}
			}
		}
	}
}

// factsOf notes what an answer says.
func factsOf(o *askedObject, x any, at string, facts map[string]bool) {
	switch x := x.(type) {
	case []any:
		for _, m := range x {
			factsOf(o, m, at, facts)
		}
	case map[string]any:
		here := at + " " + x["id"].(quad.Value).String()
		facts[here] = true
		for _, f := range o.fields {
			for k, v := range x {
				if !strings.HasPrefix(k, "@"+f.name+":") {
					continue
				}
				if f.obj != nil {
					factsOf(f.obj, v, here+"."+f.name, facts)
					continue
				}
				switch v := v.(type) {
				case quad.Value:
					facts[here+"."+f.name+" "+v.String()] = true
				case []any:
					for _, w := range v {
						facts[here+"."+f.name+" "+w.(quad.Value).String()] = true
					}
				}
			}
		}
	}
}

// TestNaive compares answers to random queries with a search through all quads: the faults
// of Cayley's own are none of this package.
func TestNaive(t *testing.T) {
	facts := 0
	rapid.Check(t, func(t *rapid.T) {
		g, m, gen := modeltest.Recorded(t)
		defer g.Close()
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		for _, l := range []model.Lens{{}, gen.Lens(t, m)} {
			view := g.View(modeltest.Lens(l))
			quads := quadsOf(t, view)
			if len(quads) == 0 {
				continue
			}
			n := &plain{quads: quads}
			var nodes []quad.Value
			seen := map[quad.Value]bool{nil: true}
			for _, q := range quads {
				for d := quad.Subject; d <= quad.Label; d++ {
					if v := q.Get(d); !seen[v] {
						seen[v] = true
						nodes = append(nodes, v)
					}
				}
			}
			near := func(from []quad.Value) quad.Quad {
				if len(from) > 0 && r.IntN(8) > 0 {
					v := from[r.IntN(len(from))]
					var l []quad.Quad
					for _, q := range quads {
						if q.Subject == v || q.Object == v {
							l = append(l, q)
						}
					}
					if len(l) > 0 {
						return l[r.IntN(len(l))]
					}
				}
				return quads[r.IntN(len(quads))]
			}
			var object func(from []quad.Value, depth int) *askedObject
			object = func(from []quad.Value, depth int) *askedObject {
				o := &askedObject{}
				for i := range r.IntN(5) {
					q := near(from)
					f := askedField{name: fmt.Sprint("f", i), via: q.Predicate, rev: slices.Contains(from, q.Object)}
					next := n.step(from[0], f.via, f.rev)
					switch k := r.IntN(6); {
					case k == 0 && len(next) > 0:
						f.value = next[r.IntN(len(next))]
					case k < 3 && depth > 0 && len(next) > 0:
						f.obj = object(next, depth-1)
					}
					o.fields = append(o.fields, f)
				}
				return o
			}
			for range 20 {
				q := near(nil)
				start := []quad.Value{q.Subject, q.Object}[r.IntN(2)]
				o := object([]quad.Value{start}, 2)
				if r.IntN(3) > 0 {
					o.id = start
				}
				text := "[" + o.text(t) + "]"
				got, want := map[string]bool{}, map[string]bool{}
				answer, err := mql.Run(ctx, view, text, nil)
				if err != nil {
					if !strings.Contains(err.Error(), "too much") {
						t.Fatal(text, err)
					}
					continue
				}
				factsOf(o, answer, "", got)
				n.eval(o, nodes, "", want)
				facts += len(want)
				if !maps.Equal(got, want) {
					a, b := slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want))
					more := slices.DeleteFunc(slices.Clone(a), func(s string) bool { return want[s] })
					less := slices.DeleteFunc(slices.Clone(b), func(s string) bool { return got[s] })
					t.Fatalf("%s\nmore %q\nless %q", text, more[:min(6, len(more))], less[:min(6, len(less))])
				}
			}
		}
	})
	if facts < 1000 {
		t.Errorf("only %d facts were asked for", facts)
	}
}
