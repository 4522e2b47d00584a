package graphql_test

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
	"github.com/onrecord/onrecord/query/graphql"
)

// askedField is a field of a query: without an object, the values at its end.
type askedField struct {
	name     string
	via      quad.Value
	rev, opt bool
	labels   []quad.Value
	hasLabel bool
	isID     bool
	obj      *askedObject
}

// askedArg is an argument of an object.
type askedArg struct {
	via    quad.Value // nil: id
	rev    bool
	values []quad.Value
}

// askedObject is an object of a query.
type askedObject struct {
	args   []askedArg
	fields []askedField
}

func (o *askedObject) argText() string {
	if len(o.args) == 0 {
		return ""
	}
	var l []string
	for _, a := range o.args {
		n := "id"
		if a.via != nil {
			n = a.via.String()
			if a.rev {
				n = "~" + n
			}
		}
		var vs []string
		for _, v := range a.values {
			vs = append(vs, written(v))
		}
		if len(vs) == 1 && vs[0] != "" {
			l = append(l, n+": "+vs[0]+" ")
		} else {
			l = append(l, n+": ["+strings.Join(vs, " ")+" ]")
		}
	}
	return "(" + strings.Join(l, " ") + ")"
}

func (o *askedObject) text() string {
	var l []string
	for _, f := range o.fields {
		s := f.name + ": "
		if f.isID {
			l = append(l, s+"id")
			continue
		}
		if f.rev {
			s += "~"
		}
		s += f.via.String()
		if f.obj != nil {
			s += f.obj.argText()
		}
		if f.opt {
			s += " @opt"
		}
		if f.hasLabel {
			var vs []string
			for _, v := range f.labels {
				vs = append(vs, written(v))
			}
			s += " @label(v: [" + strings.Join(vs, " ") + " ])"
		}
		if f.obj != nil {
			s += " " + f.obj.text()
		}
		l = append(l, s)
	}
	return "{" + strings.Join(l, " ") + "}"
}

// plain answers by a search through all quads.
type plain struct {
	quads []quad.Quad
	nodes []quad.Value
}

// step returns what a predicate leads to.
func (n *plain) step(v, via quad.Value, rev bool, labels []quad.Value) (out []quad.Value) {
	for _, q := range n.quads {
		from, to := q.Subject, q.Object
		if rev {
			from, to = to, from
		}
		if from == v && q.Predicate == via && (len(labels) == 0 || slices.Contains(labels, q.Label)) {
			out = append(out, to)
		}
	}
	return out
}

// eval notes what there is to say of those nodes that an object stands for.
func (n *plain) eval(o *askedObject, from []quad.Value, labels []quad.Value, at string, facts map[string]bool) {
nodes:
	for _, v := range from {
		for _, a := range o.args {
			if a.via == nil {
				if !slices.Contains(a.values, v) {
					continue nodes
				}
				continue
			}
			ok := false
			for _, w := range n.step(v, a.via, a.rev, labels) {
				ok = ok || len(a.values) == 0 || slices.Contains(a.values, w)
			}
			if !ok {
				continue nodes
			}
		}
		var mine []string
		here := at + " " + v.String()
		for _, f := range o.fields {
			if f.isID || f.obj != nil {
				continue
			}
			l := labels
			if f.hasLabel {
				l = f.labels
			}
			got := n.step(v, f.via, f.rev, l)
			if len(got) == 0 && !f.opt {
				continue nodes
			}
			for _, w := range got {
				mine = append(mine, here+"."+f.name+" "+w.String())
			}
		}
		facts[here] = true
		for _, s := range mine {
			facts[s] = true
		}
		for _, f := range o.fields {
			if f.obj != nil {
				l := labels
				if f.hasLabel {
					l = f.labels
				}
				n.eval(f.obj, n.step(v, f.via, f.rev, l), l, here+"."+f.name, facts)
			}
		}
	}
}

// factsOf notes what an answer says.
func factsOf(o *askedObject, x any, at string, facts map[string]bool) {
	switch x := x.(type) {
	case nil:
	case []map[string]any:
		for _, m := range x {
			factsOf(o, m, at, facts)
		}
	case map[string]any:
		here := at + " " + x["me"].(quad.Value).String()
		facts[here] = true
		for _, f := range o.fields {
			if f.isID {
				continue
			}
			if f.obj != nil {
				factsOf(f.obj, x[f.name], here+"."+f.name, facts)
				continue
			}
			switch v := x[f.name].(type) {
			case nil:
			case quad.Value:
				facts[here+"."+f.name+" "+v.String()] = true
			case []quad.Value:
				for _, w := range v {
					facts[here+"."+f.name+" "+w.String()] = true
				}
			default:
				panic(fmt.Sprintf("%T", v))
			}
		}
	default:
		panic(fmt.Sprintf("%T", x))
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
			seen := map[quad.Value]bool{nil: true}
			for _, q := range quads {
				for d := quad.Subject; d <= quad.Label; d++ {
					if v := q.Get(d); !seen[v] {
						seen[v] = true
						n.nodes = append(n.nodes, v)
					}
				}
			}
			near := func(from []quad.Value) quad.Quad {
				if len(from) > 0 && r.IntN(5) > 0 {
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
				for range r.IntN(3) * r.IntN(2) {
					q := near(from)
					a := askedArg{via: q.Predicate, rev: r.IntN(2) == 0}
					end := q.Object
					if a.rev {
						end = q.Subject
					}
					for range r.IntN(3) {
						a.values = append(a.values, end)
						end = n.nodes[r.IntN(len(n.nodes))]
					}
					if r.IntN(4) == 0 {
						a = askedArg{values: []quad.Value{q.Subject, q.Object}}
					}
					o.args = append(o.args, a)
				}
				o.fields = []askedField{{name: "me", isID: true}}
				for i := range r.IntN(5) {
					q := near(from)
					f := askedField{name: fmt.Sprint("f", i), via: q.Predicate, rev: len(from) > 0 && slices.Contains(from, q.Object), opt: r.IntN(3) > 0}
					if r.IntN(8) == 0 && q.Label != nil {
						f.hasLabel, f.labels = true, []quad.Value{q.Label, near(nil).Label}
						f.labels = slices.DeleteFunc(f.labels, func(v quad.Value) bool { return v == nil })
					}
					if depth > 0 && r.IntN(3) == 0 {
						var next []quad.Value
						for _, v := range from {
							next = append(next, n.step(v, f.via, f.rev, nil)...)
						}
						f.obj = object(next, depth-1)
						f.opt = false
					}
					o.fields = append(o.fields, f)
				}
				r.Shuffle(len(o.fields), func(i, j int) { o.fields[i], o.fields[j] = o.fields[j], o.fields[i] })
				return o
			}
			for range 20 {
				start := near(nil)
				from := []quad.Value{start.Subject}
				if r.IntN(3) == 0 {
					from = []quad.Value{start.Object}
				}
				o := object(from, 2)
				if r.IntN(3) > 0 {
					o.args = append(o.args, askedArg{values: []quad.Value{from[0], near(nil).Subject}})
				}
				text := "{nodes" + o.argText() + " " + o.text() + "}"
				answer, err := graphql.Run(ctx, view, text, nil)
				if err != nil {
					if strings.Contains(err.Error(), "too much") {
						continue
					}
					t.Fatal(text, err)
				}
				got, want := map[string]bool{}, map[string]bool{}
				factsOf(o, answer["nodes"], "", got)
				n.eval(o, n.nodes, nil, "", want)
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
