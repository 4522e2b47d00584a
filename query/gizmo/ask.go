package gizmo

import (
	"errors"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/cayley/graph/iterator"
	"github.com/cayleygraph/quad"
	"github.com/dop251/goja"
)

// each walks what a path leads to, in all ways, until yield reports false. The
// most are how many, if that is not negative.
func (s *session) each(p *path, most int, yield func(map[string]cayley.Ref) bool) error {
	it := cayley.AsShape(iterator.Tag(p.path.BuildIteratorOn(s.qs), "id"))
	it, _ = it.Optimize(s.ctx)
	scan := it.Iterate()
	defer scan.Close()
	for n := 0; n != most && s.ctx.Err() == nil && scan.Next(s.ctx); {
		for more := true; more && n != most && s.ctx.Err() == nil; more = scan.NextPath(s.ctx) {
			tags := map[string]cayley.Ref{}
			scan.TagResults(tags)
			if n++; !yield(tags) {
				return nil
			}
		}
	}
	return scan.Err()
}

// nodes returns the values of tagged nodes.
func (s *session) nodes(tags map[string]cayley.Ref) map[string]quad.Value {
	nodes := make(map[string]quad.Value, len(tags))
	for tag, ref := range tags {
		if v := s.qs.NameOf(ref); v != nil {
			nodes[tag] = v
		}
	}
	return nodes
}

// natives returns the values of tagged nodes as the program sees them.
func (s *session) natives(tags map[string]cayley.Ref) map[string]any {
	out := make(map[string]any, len(tags))
	for tag, v := range s.nodes(tags) {
		out[tag] = native(v)
	}
	return out
}

// all sends what a path leads to, at most as many as the argument says.
func all(s *session, p *path, args []any) (any, error) {
	most, err := most(args)
	if err != nil {
		return nil, err
	}
	return nil, s.each(p, most, func(tags map[string]cayley.Ref) bool {
		if nodes := s.nodes(tags); len(nodes) > 0 && !s.over() {
			s.send(Result{Tags: nodes})
		}
		return !s.over()
	})
}

// most returns how many are wanted at most, -1 if it is not said.
func most(args []any) (int, error) {
	if len(args) == 0 || args[0] == nil {
		return -1, nil
	}
	n, err := countOf(args[0])
	if n < 0 {
		n = -1
	}
	return n, err
}

func count(s *session, p *path, _ []any) (any, error) {
	n, err := cayley.Iterate(s.ctx, p.path.BuildIteratorOn(s.qs)).Count()
	return n, err
}

// array returns what a path leads to as an array, of nodes or of their tags.
func (s *session) array(p *path, args []any, tagged bool) (any, error) {
	most, err := most(args)
	if err != nil {
		return nil, err
	}
	list := []any{}
	var tooMany error
	err = s.each(p, most, func(tags map[string]cayley.Ref) bool {
		m := s.natives(tags)
		switch {
		case tagged && len(m) > 0:
			list = append(list, m)
		case m["id"] != nil:
			list = append(list, m["id"])
		}
		tooMany = s.limits.Check(len(list))
		return tooMany == nil
	})
	return s.vm.NewArray(list...), errors.Join(tooMany, err)
}

// first returns the first node that a path leads to, or its tags; null if there is
// none.
func (s *session) first(p *path, tagged bool) (first any, err error) {
	err = s.each(p, 1, func(tags map[string]cayley.Ref) bool {
		m := s.natives(tags)
		if first = m["id"]; tagged {
			first = m
		}
		return false
	})
	return first, err
}

// forEach calls a function with the tags of each node that a path leads to.
func (s *session) forEach(call goja.FunctionCall) (any, error) {
	last := len(call.Arguments) - 1
	if last < 0 {
		return nil, errors.New("want a function")
	}
	f, ok := goja.AssertFunction(call.Arguments[last])
	if !ok {
		return nil, errors.New("want a function")
	}
	call.Arguments = call.Arguments[:last]
	p, args, err := s.called(call)
	if err != nil {
		return nil, err
	}
	most, err := most(args)
	if err != nil {
		return nil, err
	}
	var thrown error
	err = s.each(p, most, func(tags map[string]cayley.Ref) bool {
		_, thrown = f(call.This, s.vm.ToValue(s.natives(tags)))
		return thrown == nil && !s.over()
	})
	if thrown != nil {
		return nil, thrown
	}
	return nil, err
}
