package query

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// Conflict is between two affirmations that cannot both be right about when
// something was, or about who or what had a part in it.
type Conflict struct {
	First  *graph.Reading // the pattern names it
	Second *graph.Reading
	Role   string // whose fillers differ; empty: the times cannot meet
}

// Conflicts returns the affirmations whose times or roles are in conflict and of
// which the pattern names one. For each statement that it names, it compares
// those with the same occurrence or, for a predicate declared once-only, those on
// the shortest posting list of an argument and the predicate. It keeps 40 bytes
// for each statement that the pattern names.
func Conflicts(ctx context.Context, v graph.View, p graph.Pattern) iter.Seq2[*Conflict, error] {
	return func(yield func(*Conflict, error) bool) {
		x := &conflicter{newComparer(v), parts{v, make(map[uuid.UUID][]uuid.UUID)}, make(map[uuid.UUID]bool)}
		pairs(ctx, v, p, x)(yield)
	}
}

type conflicter struct {
	*comparer
	parts
	open map[uuid.UUID]bool // whether an entity is one that nobody has identified
}

func (x *conflicter) others(ctx context.Context, s graph.Statement) (found recorded, err error) {
	if !affirms(s) {
		return nil, nil
	}
	p := graph.Pattern{Predicate: s.Predicate(), Occurrence: s.Occurrence()}
	if p.Occurrence == uuid.Nil {
		d, err := x.declaration(ctx, s.Predicate())
		if _, _, dated := s.When(); err != nil || !d.Once || !dated {
			return nil, err
		}
		p = holding(s, d.Symmetric)
	}
	for o := range x.comparer.v.Statements(p) {
		if affirms(o) && o.Occurrence() == s.Occurrence() {
			found = append(found, rank(o))
		}
	}
	return found, nil
}

func (x *conflicter) judge(ctx context.Context, first, second *graph.Reading) (found []*Conflict, err error) {
	a, b := &first.Claim, &second.Claim
	if !mayMeet(a.When.Time, b.When.Time) && (a.Occurrence != uuid.Nil || x.alike(a, b)) {
		found = append(found, &Conflict{First: first, Second: second})
	}
	if a.Occurrence == uuid.Nil {
		return found, nil
	}
	roles := slices.Clone(x.declared[a.Predicate].Roles)
	slices.SortFunc(roles, func(a, b events.Role) int { return strings.Compare(a.Name, b.Name) })
	for _, r := range roles {
		if !r.Functional {
			continue
		}
		differ, err := x.differ(ctx, r.Name, a, b)
		if err != nil {
			return nil, err
		}
		if differ {
			found = append(found, &Conflict{First: first, Second: second, Role: r.Name})
		}
	}
	return found, nil
}

// differ reports whether two claims both fill a role and no filler of one agrees
// with one of the other.
func (x *conflicter) differ(ctx context.Context, role string, a, b *events.Claim) (bool, error) {
	as, err := x.fillers(ctx, role, a)
	if err != nil {
		return false, err
	}
	bs, err := x.fillers(ctx, role, b)
	if err != nil {
		return false, err
	}
	for i := range as {
		for j := range bs {
			if x.agreeing(&as[i], &bs[j]) {
				return false, nil
			}
		}
	}
	return len(as) > 0 && len(bs) > 0, nil
}

func (x *conflicter) agreeing(a, b *events.Value) bool {
	switch {
	case x.sameValue(a, b):
		return true
	case a.Kind == events.TimeValue && b.Kind == events.TimeValue:
		return mayMeet(a.Time, b.Time)
	case a.Kind == events.EntityValue && b.Kind == events.EntityValue:
		return x.within(a.ID, b.ID) || x.within(b.ID, a.ID)
	default:
		return false
	}
}

// fillers returns the values in a role, without those that leave open who or
// what it is.
func (x *conflicter) fillers(ctx context.Context, role string, cl *events.Claim) (values []events.Value, err error) {
	for _, a := range cl.Args {
		if a.Role != role || a.Value.Kind == events.UnknownValue {
			continue
		}
		if a.Value.Kind == events.EntityValue {
			open, err := x.unidentified(ctx, a.Value.ID)
			if err != nil {
				return nil, err
			}
			if open {
				continue
			}
		}
		values = append(values, a.Value)
	}
	return values, nil
}

// unidentified reports whether an entity is a placeholder and one with no other.
func (x *conflicter) unidentified(ctx context.Context, entity uuid.UUID) (bool, error) {
	if open, known := x.open[entity]; known {
		return open, nil
	}
	e, err := x.comparer.v.Entity(ctx, entity)
	if err != nil && !errors.Is(err, graph.ErrNotInView) {
		return false, fmt.Errorf("query: %w", err)
	}
	open := err == nil && e.Kind == events.Placeholder && len(e.Members) == 1
	x.open[entity] = open
	return open, nil
}
