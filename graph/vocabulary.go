package graph

import (
	"context"
	"maps"
	"slices"

	"github.com/onrecord/onrecord/events"
)

// Predicate returns the newest standing declaration of a predicate, read from
// the record; false if it is not declared.
func (v View) Predicate(ctx context.Context, name string) (found events.Predicate, ok bool, err error) {
	err = v.declared(ctx, name, func(d *events.VocabularyDeclared) bool {
		if p := predicateIn(d, name); p != nil {
			found, ok = *p, true
		}
		return !ok
	})
	return found, ok, err
}

// Scheme returns the newest standing declaration of an assessment scheme, read from
// the record; false if it is not declared.
func (v View) Scheme(ctx context.Context, name string) (found events.Scheme, ok bool, err error) {
	err = v.declared(ctx, name, func(d *events.VocabularyDeclared) bool {
		if s := schemeIn(d, name); s != nil {
			found, ok = *s, true
		}
		return !ok
	})
	return found, ok, err
}

// Vocabulary returns all that is declared as of the view's position, as one declaration: of each
// predicate and of each scheme what [View.Predicate] and [View.Scheme] return, in the order of
// their names; an empty one if nothing is declared. The view's filters do not apply. What
// statements use without its being declared is not among it. It reads each standing declaration
// once, and costs a look at each name of a predicate, a role, a scheme, a rating or a recorder
// on record. The declaration is the caller's.
func (v View) Vocabulary(ctx context.Context) (*events.VocabularyDeclared, error) {
	var ns []uint32
	for s := uint32(1); s < v.m.symbols; s++ {
		ns = append(ns, v.m.eventsIn(v.m.c.symbols.head.at(s), keyDeclared)...)
	}
	slices.Sort(ns)
	predicates, schemes := map[string]events.Predicate{}, map[string]events.Scheme{}
	for _, n := range slices.Compact(ns) {
		e, err := v.g.read(ctx, n)
		if err != nil {
			return nil, err
		}
		d := e.Body.(*events.VocabularyDeclared)
		for _, p := range d.Predicates {
			predicates[p.Name] = p
		}
		for _, s := range d.Schemes {
			schemes[s.Name] = s
		}
	}
	all := &events.VocabularyDeclared{}
	for _, name := range slices.Sorted(maps.Keys(predicates)) {
		all.Predicates = append(all.Predicates, predicates[name])
	}
	for _, name := range slices.Sorted(maps.Keys(schemes)) {
		all.Schemes = append(all.Schemes, schemes[name])
	}
	return all, nil
}

// declared reads the standing declarations of a name, the newest first, until yield returns
// false.
func (v View) declared(ctx context.Context, name string, yield func(*events.VocabularyDeclared) bool) error {
	s := v.m.c.symbols.find(name, v.m.symbols)
	if s == 0 {
		return nil
	}
	for _, n := range slices.Backward(v.m.eventsIn(v.m.c.symbols.head.at(s), keyDeclared)) {
		e, err := v.g.read(ctx, n)
		if err != nil || !yield(e.Body.(*events.VocabularyDeclared)) {
			return err
		}
	}
	return nil
}
