package gizmo

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/cayleygraph/cayley/graph/iterator"
	paths "github.com/cayleygraph/cayley/graph/path"
	"github.com/cayleygraph/cayley/graph/shape"
	"github.com/cayleygraph/quad"
	"github.com/cayleygraph/quad/voc"
	"github.com/dop251/goja"
)

// filter is a condition on a node's value.
type filter struct{ shape.ValueFilter }

// globals sets the functions that the program calls by their names alone, and
// returns g.
func (s *session) globals() *goja.Object {
	for name, f := range map[string]func(args []any) (any, error){
		"iri":   iriOf(func(t string) string { return t }),
		"bnode": oneText(func(t string) quad.Value { return quad.BNode(t) }),
		"str":   oneText(func(t string) quad.Value { return quad.String(t) }),
		"lang":  twoTexts(func(t, lang string) quad.Value { return quad.LangString{Value: quad.String(t), Lang: lang} }),
		"typed": twoTexts(func(t, typ string) quad.Value {
			return quad.TypedString{Value: quad.String(t), Type: quad.IRI(typ)}
		}),
		"lt": compare(iterator.CompareLT), "lte": compare(iterator.CompareLTE),
		"gt": compare(iterator.CompareGT), "gte": compare(iterator.CompareGTE),
		"regex": matching, "like": like,
	} {
		s.setOf(s.vm.GlobalObject(), name, f)
	}
	g := s.vm.NewObject()
	vertex := func(args []any) (any, error) {
		nodes, err := nodesOf(args)
		return &path{path: paths.StartMorphism(nodes...), cost: 1, times: 1}, err
	}
	morphism := func([]any) (any, error) { return &path{path: paths.StartMorphism(), cost: 1, times: 1}, nil }
	iri := iriOf(s.ns.FullIRI)
	for name, f := range map[string]func(args []any) (any, error){
		"V": vertex, "Vertex": vertex, "M": morphism, "Morphism": morphism, "IRI": iri, "iri": iri, "uri": iri,
	} {
		s.setOf(g, name, f)
	}
	s.set(g, "emit", func(call goja.FunctionCall) (any, error) {
		v, err := s.export(call.Argument(0))
		switch v.(type) {
		case *path, filter:
			err = fmt.Errorf("want a value, got %s", describe(v))
		}
		if err == nil && v != nil {
			s.send(Result{Value: v})
		}
		return nil, err
	})
	s.setOf(g, "addNamespace", func(args []any) (any, error) {
		prefix, full, err := texts(args)
		if err == nil {
			s.ns.Register(voc.Namespace{Prefix: prefix + ":", Full: full})
		}
		return nil, err
	})
	s.setOf(g, "addDefaultNamespaces", func([]any) (any, error) {
		voc.CloneTo(&s.ns)
		return nil, nil
	})
	s.vm.Set("graph", g)
	return g
}

// setOf sets a function of its arguments alone.
func (s *session) setOf(o *goja.Object, name string, f func(args []any) (any, error)) {
	s.set(o, name, func(call goja.FunctionCall) (any, error) {
		args, err := s.args(call.Arguments)
		if err != nil {
			return nil, err
		}
		return f(args)
	})
}

// iriOf returns IRIs of texts without brackets.
func iriOf(full func(string) string) func([]any) (any, error) {
	make := oneText(func(t string) quad.Value { return quad.IRI(full(t)) })
	return func(args []any) (any, error) {
		v, err := make(args)
		if iri, ok := v.(quad.IRI); ok && strings.ContainsAny(string(iri), "<>") {
			return nil, fmt.Errorf("want an IRI without brackets, got %q", string(iri))
		}
		return v, err
	}
}

func oneText(make func(string) quad.Value) func([]any) (any, error) {
	return func(args []any) (any, error) {
		if len(args) == 1 {
			if t, ok := args[0].(string); ok {
				return make(t), nil
			}
		}
		return nil, errors.New("want one text")
	}
}

func twoTexts(make func(a, b string) quad.Value) func([]any) (any, error) {
	return func(args []any) (any, error) {
		a, b, err := texts(args)
		if err != nil {
			return nil, err
		}
		return make(a, b), nil
	}
}

func texts(args []any) (a, b string, err error) {
	if len(args) == 2 {
		a, isText := args[0].(string)
		b, ok := args[1].(string)
		if isText && ok {
			return a, b, nil
		}
	}
	return "", "", errors.New("want two texts")
}

func compare(op iterator.Operator) func([]any) (any, error) {
	return func(args []any) (any, error) {
		if len(args) != 1 {
			return nil, errors.New("want one value to compare with")
		}
		v, err := nodeOf(args[0])
		if err != nil {
			return nil, err
		}
		if d, ok := numberOf(v); ok {
			return filter{comparison{op, d}}, nil
		}
		return filter{shape.Comparison{Op: op, Val: v}}, nil
	}
}

func like(args []any) (any, error) {
	if len(args) == 1 {
		if pattern, ok := args[0].(string); ok {
			return filter{shape.Wildcard{Pattern: pattern}}, nil
		}
	}
	return nil, errors.New(`want one pattern, such as "al%"`)
}

// matching is for texts, or with true as second argument for IRIs, too.
func matching(args []any) (any, error) {
	if len(args) == 0 || len(args) > 2 {
		return nil, errors.New("want a regular expression")
	}
	text, ok := args[0].(string)
	if !ok {
		return nil, fmt.Errorf("want a regular expression as a text, got %s", describe(args[0]))
	}
	if len(text) > maxText {
		return nil, fmt.Errorf("want a regular expression of %d bytes at most, got %d", maxText, len(text))
	}
	refs := false
	if len(args) == 2 {
		if refs, ok = args[1].(bool); !ok {
			return nil, fmt.Errorf("want true or false, got %s", describe(args[1]))
		}
	}
	re, err := regexp.Compile(text)
	return filter{shape.Regexp{Re: re, Refs: refs}}, err
}
