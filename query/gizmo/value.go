package gizmo

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"time"

	"github.com/cayleygraph/quad"
	"github.com/dop251/goja"
)

// errNoValue says that something of JavaScript is no value.
var errNoValue = errors.New("no value")

// plain is what goja makes of an object that is no Go value.
var plain = reflect.TypeFor[map[string]any]()

// native returns a node as the program sees it: a text, a number or a truth as
// such, anything else in the notation of N-Quads, which V and the like read.
func native(v quad.Value) any {
	out := v.Native()
	if same, ok := out.(quad.Value); ok && same == v {
		return quad.StringOf(v)
	}
	return out
}

// exporting is what one value of the program has in it.
type exporting struct {
	*session
	parts int
}

// export returns a value of the program: a path, a filter, a quad.Value, a bool, an
// int64, a float64, a string, a time, nil, or a []any or map[string]any of these.
func (s *session) export(v goja.Value) (any, error) {
	e := exporting{session: s}
	return e.value(v, 0)
}

func (s *exporting) value(v goja.Value, depth int) (any, error) {
	if s.parts++; s.parts%256 == 0 && s.over() {
		return nil, context.Cause(s.ctx)
	}
	if err := s.limits.Check(s.parts - 1); err != nil {
		return nil, err
	}
	if v == nil || goja.IsUndefined(v) || goja.IsNull(v) {
		return nil, nil
	}
	o, ok := v.(*goja.Object)
	if !ok {
		switch primitive := v.Export().(type) {
		case bool, int64, float64, string:
			if _, ok := v.(*goja.Symbol); !ok {
				return primitive, nil
			}
		}
		return nil, fmt.Errorf("%w: %v", errNoValue, v)
	}
	if depth == maxDepth {
		return nil, fmt.Errorf("%w: it is more than %d deep", errNoValue, maxDepth)
	}
	switch o.ClassName() {
	case "Array":
		n := int(o.Get("length").ToInteger())
		if err := s.limits.Check(s.parts + n - 1); err != nil {
			return nil, err
		}
		list := make([]any, n)
		for i := range list {
			var err error
			if list[i], err = s.value(o.Get(fmt.Sprint(i)), depth+1); err != nil {
				return nil, err
			}
		}
		return list, nil
	case "Object":
		if o.ExportType() != plain {
			switch host := o.Export().(type) {
			case *path, filter, quad.Value, time.Time:
				return host, nil
			}
			return nil, fmt.Errorf("%w: an object of JavaScript's own", errNoValue)
		}
		keys := o.Keys()
		m := make(map[string]any, len(keys))
		for _, k := range keys {
			var err error
			if m[k], err = s.value(o.Get(k), depth+1); err != nil {
				return nil, err
			}
		}
		return m, nil
	case "String":
		if node, ok := o.Export().(quad.Value); ok {
			return node, nil
		}
		return o.String(), nil
	case "Number", "Boolean", "Date":
		return o.Export(), nil
	}
	return nil, fmt.Errorf("%w: %s", errNoValue, o.ClassName())
}

// nodeOf returns what the program gives for a node.
func nodeOf(v any) (quad.Value, error) {
	switch v := v.(type) {
	case quad.Value:
		return v, nil
	case string:
		return quad.StringToValue(v), nil
	case bool:
		return quad.Bool(v), nil
	case int64:
		return quad.Int(v), nil
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return quad.Int(v), nil
		}
		return quad.Float(v), nil
	case time.Time:
		return quad.Time(v), nil
	}
	return nil, fmt.Errorf("want a node, such as \"<iri>\", \"text\" or 4, got %s", describe(v))
}

func nodesOf(list []any) ([]quad.Value, error) {
	nodes := make([]quad.Value, len(list))
	for i, v := range list {
		var err error
		if nodes[i], err = nodeOf(v); err != nil {
			return nil, err
		}
	}
	return nodes, nil
}

// tagsOf returns names of tags: strings, or a list of them; none for null.
func tagsOf(list []any) (tags []string, err error) {
	for _, v := range list {
		switch v := v.(type) {
		case nil:
		case string:
			tags = append(tags, v)
		case []any:
			more, err := tagsOf(v)
			if err != nil {
				return nil, err
			}
			tags = append(tags, more...)
		default:
			return nil, fmt.Errorf("want the name of a tag, got %s", describe(v))
		}
	}
	return tags, nil
}

// countOf returns a number of things.
func countOf(v any) (int, error) {
	switch v := v.(type) {
	case int64:
		if v >= math.MinInt32 && v <= math.MaxInt32 {
			return int(v), nil
		}
	case float64:
		if v >= math.MinInt32 && v <= math.MaxInt32 && v == math.Trunc(v) {
			return int(v), nil
		}
	}
	return 0, fmt.Errorf("want a whole number below 2^31, got %s", describe(v))
}

func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "nothing"
	case *path:
		return "a path"
	case filter:
		return "a filter"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	case string:
		return fmt.Sprintf("%q", v)
	}
	return fmt.Sprint(v)
}
