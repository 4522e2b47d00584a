package gizmo

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	cayley "github.com/cayleygraph/cayley/graph"
	"github.com/cayleygraph/cayley/graph/iterator"
	paths "github.com/cayleygraph/cayley/graph/path"
	"github.com/cayleygraph/cayley/graph/shape"
	"github.com/cayleygraph/quad"
	"github.com/dop251/goja"

	"github.com/onrecord/onrecord/graph/quadstore"
	"github.com/onrecord/onrecord/internal/textquery"
)

// path is a path as the program holds it: no member of it is the program's. It
// never changes.
type path struct {
	path *paths.Path
	// cost is how many steps Cayley plans: of those that go two ways, what is before
	// them is planned twice. times is how often what the path follows is.
	cost, times int
	saves       int        // how many tags there are, of all kinds
	tags        []tagged   // of the steps that back goes back to
	labels      withLabels // nil: it has never had a label context
}

// withLabels sets a label context in a path.
type withLabels func(*paths.Path) *paths.Path

// tagged is where a path has been tagged.
type tagged struct {
	names  []string
	labels withLabels
}

// saving returns the path as what a step goes on from that has some tags more.
func (p *path) saving(tags ...string) *path {
	q := *p
	q.saves += len(tags)
	return &q
}

// then returns the path with a step more, that the operands are part of.
func (p *path) then(step *paths.Path, operands ...any) (*path, error) {
	return p.as(step, p.cost+1, p.times, operands)
}

// thenTwice returns the path with a step more, for which Cayley plans the path twice.
func (p *path) thenTwice(step *paths.Path, operands ...any) (*path, error) {
	return p.as(step, 2*p.cost+1, 2*p.times, append(operands, operands...))
}

// thenAlong returns the path with another one behind it.
func (p *path) thenAlong(step *paths.Path, other *path) (*path, error) {
	q := *p
	q.saves += other.saves
	return q.as(step, p.cost*other.times+other.cost, p.times*other.times, nil)
}

func (p *path) as(step *paths.Path, cost, times int, operands []any) (*path, error) {
	saves := p.saves
	for _, o := range operands {
		if o, ok := o.(*path); ok {
			cost += o.cost
			saves += o.saves
		}
	}
	if saves > maxTags {
		return nil, fmt.Errorf("%w: a path has more than %d tags", quadstore.ErrLimit, maxTags)
	}
	if cost > maxPath {
		return nil, fmt.Errorf("%w: a path takes more than %d steps, where both, labels and back count what is before them twice", quadstore.ErrLimit, maxPath)
	}
	if p.labels != nil {
		step = p.labels(step)
	}
	return &path{step, cost, times, saves, p.tags, p.labels}, nil
}

// method is a method of paths.
type method func(s *session, p *path, args []any) (any, error)

// methods are the methods of paths, by their names.
var methods = map[string]method{
	"is": func(_ *session, p *path, args []any) (any, error) {
		nodes, err := nodesOf(args)
		if err != nil {
			return nil, err
		}
		return p.then(p.path.Clone().Is(nodes...))
	},
	"in":           along(predicate, (*paths.Path).InWithTags, (*path).then),
	"out":          along(predicate, (*paths.Path).OutWithTags, (*path).then),
	"both":         along(predicate, (*paths.Path).BothWithTags, (*path).thenTwice),
	"labelContext": labelContext,

	"follow":  with((*paths.Path).Follow, (*path).thenAlong),
	"followR": with((*paths.Path).FollowReverse, (*path).thenAlong),
	"and":     and, "intersect": and,
	"or": with((*paths.Path).Or, beside), "union": with((*paths.Path).Or, beside),
	"except": except, "difference": except,
	"followRecursive": followRecursive,

	"has":      func(s *session, p *path, args []any) (any, error) { return has(p, args, false) },
	"hasR":     func(s *session, p *path, args []any) (any, error) { return has(p, args, true) },
	"save":     save((*paths.Path).Save),
	"saveR":    save((*paths.Path).SaveReverse),
	"saveOpt":  save(optional((*paths.Path).SaveOptional)),
	"saveOptR": save(optional((*paths.Path).SaveOptionalReverse)),
	"saveInPredicates": named(func(p *paths.Path, tags ...string) *paths.Path {
		return p.SavePredicates(true, tags[0])
	}),
	"saveOutPredicates": named(func(p *paths.Path, tags ...string) *paths.Path {
		return p.SavePredicates(false, tags[0])
	}),
	"tag": tag, "as": tag,
	"back": back,

	"unique":        plainly((*paths.Path).Unique, (*path).then),
	"labels":        plainly((*paths.Path).Labels, (*path).thenTwice),
	"inPredicates":  plainly((*paths.Path).InPredicates, (*path).then),
	"outPredicates": plainly((*paths.Path).OutPredicates, (*path).then),
	"order":         plainly((*paths.Path).Order, (*path).then),
	"limit":         number(limit),
	"skip":          number((*paths.Path).Skip),
	"filter": func(_ *session, p *path, args []any) (any, error) {
		filters, rest := filtersOf(args)
		if len(filters) == 0 || len(rest) > 0 {
			return nil, errors.New("want filters, such as gt(4)")
		}
		return p.then(p.path.Clone().Filters(filters...))
	},

	"all": all, "getLimit": all,
	"count":    count,
	"toArray":  func(s *session, p *path, args []any) (any, error) { return s.array(p, args, false) },
	"tagArray": func(s *session, p *path, args []any) (any, error) { return s.array(p, args, true) },
	"toValue":  func(s *session, p *path, _ []any) (any, error) { return s.first(p, false) },
	"tagValue": func(s *session, p *path, _ []any) (any, error) { return s.first(p, true) },
}

// prototype returns the object that has the methods of paths.
func (s *session) prototype() *goja.Object {
	proto := s.vm.NewObject()
	for _, name := range slices.Sorted(maps.Keys(methods)) {
		do := methods[name]
		s.set(proto, name, func(call goja.FunctionCall) (any, error) {
			p, args, err := s.called(call)
			if err != nil {
				return nil, err
			}
			return do(s, p, args)
		})
	}
	for _, name := range []string{"forEach", "map"} {
		s.set(proto, name, s.forEach)
	}
	return proto
}

// set sets a function under its name, with a small and with a capital letter.
// Its errors are exceptions.
func (s *session) set(o *goja.Object, name string, do func(goja.FunctionCall) (any, error)) {
	f := s.vm.ToValue(func(call goja.FunctionCall) goja.Value {
		out, err := do(call)
		if s.over() {
			return goja.Undefined()
		}
		if err != nil {
			if errors.Is(err, quadstore.ErrLimit) {
				s.stop(err)
				return goja.Undefined()
			}
			panic(s.vm.NewGoError(fmt.Errorf("%s: %w", name, err)))
		}
		return s.value(out)
	})
	o.Set(name, f)
	o.Set(strings.ToUpper(name[:1])+name[1:], f)
}

// value returns what a function gives to the program.
func (s *session) value(v any) goja.Value {
	if v == nil {
		return goja.Null()
	}
	out := s.vm.ToValue(v)
	if _, ok := v.(*path); ok {
		if s.paths == nil {
			s.paths = s.prototype()
		}
		out.(*goja.Object).SetPrototype(s.paths)
	}
	return out
}

// called returns the path that a method is called of, and its arguments.
func (s *session) called(call goja.FunctionCall) (p *path, args []any, err error) {
	if this, ok := call.This.(*goja.Object); ok {
		p, _ = this.Export().(*path)
	}
	if p == nil {
		return nil, nil, errors.New("it is a method of paths, such as g.V()")
	}
	args, err = s.args(call.Arguments)
	return p, args, err
}

func (s *session) args(values []goja.Value) ([]any, error) {
	args := make([]any, len(values))
	for i, v := range values {
		var err error
		if args[i], err = s.export(v); err != nil {
			return nil, fmt.Errorf("argument %d: %w", i+1, err)
		}
	}
	return args, nil
}

// via returns predicates or labels: null, or none, for any, a node that is good, a path to
// them, or a list of these.
func via(v any, good func(node quad.Value) error) (list []any, operands []any, err error) {
	switch v := v.(type) {
	case nil:
		return nil, nil, nil
	case *path:
		return []any{v.path}, []any{v}, nil
	case []any:
		for _, x := range v {
			more, ops, err := via(x, good)
			if err != nil {
				return nil, nil, err
			}
			list, operands = append(list, more...), append(operands, ops...)
		}
		return list, operands, nil
	}
	node, err := nodeOf(v)
	if err == nil {
		err = good(node)
	}
	return []any{node}, nil, err
}

// predicate refuses a node that is a predicate of no view.
func predicate(node quad.Value) error {
	iri, ok := node.(quad.IRI)
	if !ok {
		return fmt.Errorf("want a predicate, such as \"<onrecord:meet>\", got %s", describe(native(node)))
	}
	return textquery.CheckPredicate(string(iri))
}

// label refuses a node that is a label in no view.
func label(node quad.Value) error {
	iri, ok := node.(quad.IRI)
	if !ok {
		return fmt.Errorf("want a label, such as \"<onrecord:statement/…>\", got %s", describe(native(node)))
	}
	return textquery.CheckLabel(string(iri))
}

// labelContext sets the label context of the steps that follow. Cayley's reverse of a path
// takes each step in the context that is set behind it, so it is set there again: here,
// for the step before, and by as.
func labelContext(_ *session, p *path, args []any) (any, error) {
	var list, operands []any
	var tags []string
	var err error
	if len(args) > 0 {
		if list, operands, err = via(args[0], label); err != nil {
			return nil, err
		}
		if tags, err = tagsOf(args[1:]); err != nil {
			return nil, err
		}
	}
	q := *p.saving(tags...)
	step := p.path.Clone()
	if q.labels == nil {
		step = step.LabelContext()
	}
	q.labels = func(p *paths.Path) *paths.Path { return p.LabelContextWithTags(tags, list...) }
	return q.then(step, operands...)
}

// oneVia returns one predicate or a path to go along.
func oneVia(args []any) (one any, operands []any, err error) {
	if len(args) == 0 {
		return nil, nil, errors.New("want a predicate")
	}
	list, operands, err := via(args[0], predicate)
	if err == nil && len(list) != 1 {
		err = fmt.Errorf("want one predicate or path, got %d", len(list))
	}
	if err != nil {
		return nil, nil, err
	}
	return list[0], operands, nil
}

// counted returns a path with a step more.
type counted func(p *path, step *paths.Path, operands ...any) (*path, error)

// along is a step along predicates, or to labels, that are good and may be tagged.
func along(good func(node quad.Value) error, step func(p *paths.Path, tags []string, via ...any) *paths.Path, then counted) method {
	return func(_ *session, p *path, args []any) (any, error) {
		var list, operands []any
		var tags []string
		var err error
		if len(args) > 0 {
			if list, operands, err = via(args[0], good); err != nil {
				return nil, err
			}
			if tags, err = tagsOf(args[1:]); err != nil {
				return nil, err
			}
		}
		return then(p.saving(tags...), step(p.path.Clone(), tags, list...), operands...)
	}
}

// with is a step with another path; without one it is none.
func with(step func(p, other *paths.Path) *paths.Path, then func(p *path, step *paths.Path, other *path) (*path, error)) method {
	return func(_ *session, p *path, args []any) (any, error) {
		other, err := other(args)
		if other == nil || err != nil {
			return p, err
		}
		return then(p, step(p.path.Clone(), other.path), other)
	}
}

// beside is a step with another path beside the first.
func beside(p *path, step *paths.Path, other *path) (*path, error) { return p.then(step, other) }

func other(args []any) (*path, error) {
	if len(args) == 0 || args[0] == nil {
		return nil, nil
	}
	if p, ok := args[0].(*path); ok {
		return p, nil
	}
	return nil, fmt.Errorf("want a path, got %s", describe(args[0]))
}

// and takes the nodes of another path, too. Cayley makes none of all nodes and all nodes.
func and(s *session, p *path, args []any) (any, error) {
	if other, _ := other(args); other != nil {
		if _, all := other.path.Shape().(shape.AllNodes); all {
			return p.then(p.path.Clone(), other)
		}
	}
	return with((*paths.Path).And, beside)(s, p, args)
}

// except excludes the nodes of another path. Cayley fails on one that it knows
// to be empty, or forgets where it came from.
func except(s *session, p *path, args []any) (any, error) {
	other, err := other(args)
	if other == nil || err != nil {
		return p, err
	}
	if sh, _ := shape.Optimize(other.path.Shape(), s.qs); shape.IsNull(sh) {
		return p, nil
	}
	return p.then(p.path.Clone().Except(other.path), other)
}

func followRecursive(_ *session, p *path, args []any) (any, error) {
	step, operands, err := oneVia(args)
	if err != nil {
		return nil, err
	}
	depth, rest := 0, args[1:]
	if len(rest) > 0 {
		if n, err := countOf(rest[0]); err == nil {
			depth, rest = n, rest[1:]
		}
	}
	tags, err := tagsOf(rest)
	if err != nil {
		return nil, err
	}
	along, ok := step.(*paths.Path)
	if !ok {
		along = paths.StartMorphism().Out(step)
	}
	return p.saving(tags...).then(quadstore.FollowRecursive(p.path.Clone(), along, depth, tags...), operands...)
}

func has(p *path, args []any, rev bool) (any, error) {
	step, operands, err := oneVia(args)
	if err != nil {
		return nil, err
	}
	if filters, rest := filtersOf(args[1:]); len(filters) > 0 && len(rest) == 0 {
		return p.then(p.path.Clone().HasFilter(step, rev, filters...), operands...)
	}
	nodes, err := nodesOf(args[1:])
	if err != nil {
		return nil, err
	}
	if rev {
		return p.then(p.path.Clone().HasReverse(step, nodes...), operands...)
	}
	return p.then(p.path.Clone().Has(step, nodes...), operands...)
}

// filtersOf parts filters from what is none.
func filtersOf(args []any) (filters []shape.ValueFilter, rest []any) {
	for _, a := range args {
		if f, ok := a.(filter); ok {
			filters = append(filters, f.ValueFilter)
			continue
		}
		rest = append(rest, a)
	}
	return filters, rest
}

// save is a step that tags what a predicate leads to, by its own name if none is
// given.
func save(step func(p *paths.Path, via any, tag string) *paths.Path) method {
	return func(_ *session, p *path, args []any) (any, error) {
		via, operands, err := oneVia(args)
		if err != nil {
			return nil, err
		}
		tags, err := tagsOf(args[1:])
		if err != nil {
			return nil, err
		}
		switch node, ok := via.(quad.Value); {
		case len(tags) > 1:
			return nil, errors.New("want one tag")
		case len(tags) == 0 && !ok:
			return nil, errors.New("want a tag for what a path leads to")
		case len(tags) == 0:
			tags = []string{quad.StringOf(node)}
		}
		return p.saving(tags...).then(step(p.path.Clone(), via, tags[0]), operands...)
	}
}

// optional is a step that saves what there may be. Cayley forgets it where it finds another
// one inside what is before it, so what comes behind it must not look inside.
func optional(step func(p *paths.Path, via any, tag string) *paths.Path) func(p *paths.Path, via any, tag string) *paths.Path {
	return func(p *paths.Path, via any, tag string) *paths.Path { return step(p, via, tag).Filters(everything{}) }
}

// everything is a filter that all passes.
type everything struct{}

func (everything) BuildIterator(_ cayley.QuadStore, it cayley.Iterator) cayley.Iterator { return it }

// named is a step with the name of a tag.
func named(step func(p *paths.Path, tags ...string) *paths.Path) method {
	return func(_ *session, p *path, args []any) (any, error) {
		tags, err := tagsOf(args)
		if err == nil && len(tags) == 0 {
			err = errors.New("want the name of a tag")
		}
		if err != nil {
			return nil, err
		}
		return p.saving(tags...).then(step(p.path.Clone(), tags...))
	}
}

// tag tags the nodes, so that back goes back to them.
func tag(s *session, p *path, args []any) (any, error) {
	step, err := named((*paths.Path).Tag)(s, p, args)
	if err != nil {
		return nil, err
	}
	q := step.(*path)
	names, _ := tagsOf(args)
	q.tags = append(slices.Clip(q.tags), tagged{names, q.labels})
	return q, nil
}

// back goes back to where a tag was set, over a reverse of what has been gone since.
func back(_ *session, p *path, args []any) (any, error) {
	tags, err := tagsOf(args)
	if err == nil && len(tags) != 1 {
		err = errors.New("want the name of a tag")
	}
	if err != nil {
		return nil, err
	}
	for i, t := range slices.Backward(p.tags) {
		if slices.Contains(t.names, tags[0]) {
			q := *p
			q.tags, q.labels = p.tags[:i+1], t.labels
			return q.thenTwice(p.path.Clone().Back(tags[0]))
		}
	}
	return nil, fmt.Errorf("want a tag that this path has set with tag, got %q", tags[0])
}

func plainly(step func(p *paths.Path) *paths.Path, then counted) method {
	return func(_ *session, p *path, _ []any) (any, error) { return then(p, step(p.path.Clone())) }
}

// limit takes some of what a path leads to. To Cayley, 0 is no limit.
func limit(p *paths.Path, n int64) *paths.Path {
	if n == 0 {
		return p.Filters(nothing{})
	}
	return p.Limit(n)
}

// nothing is a filter that nothing passes.
type nothing struct{}

func (nothing) BuildIterator(cayley.QuadStore, cayley.Iterator) cayley.Iterator {
	return iterator.NewNull()
}

func number(step func(p *paths.Path, n int64) *paths.Path) method {
	return func(_ *session, p *path, args []any) (any, error) {
		if len(args) != 1 {
			return nil, errors.New("want one number")
		}
		n, err := countOf(args[0])
		if err == nil && n < 0 {
			err = fmt.Errorf("want a number from 0 on, got %d", n)
		}
		if err != nil {
			return nil, err
		}
		return p.then(step(p.path.Clone(), int64(n)))
	}
}
