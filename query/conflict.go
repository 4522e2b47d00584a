package query

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// Conflict is between two affirmations that cannot both be right about when
// something was, about who or what had a part in it, or about how many or how
// much it was.
type Conflict struct {
	First  *graph.Reading // the pattern names it
	Second *graph.Reading
	Kind   ConflictKind
	Role   string // whose fillers differ; empty: the times cannot meet
}

// ConflictKind is what two affirmations cannot both be right about.
type ConflictKind uint8

// The kinds of conflict.
const (
	TimeConflict   ConflictKind = iota + 1 // when
	RoleConflict                           // who or what
	NumberConflict                         // how many or how much
)

func (k ConflictKind) String() string {
	switch k {
	case TimeConflict:
		return "time"
	case RoleConflict:
		return "role"
	case NumberConflict:
		return "number"
	default:
		return fmt.Sprintf("ConflictKind(%d)", uint8(k))
	}
}

// Conflicts returns the affirmations whose times, roles or numbers are in conflict
// and of which the pattern names one. For each statement that it names, it
// compares those with the same occurrence. Where there is none, it walks the
// shortest posting list of an argument and the predicate if the predicate is
// declared once-only, or if an argument is a number that can be in conflict; it
// compares those that have a time or such a number, too. It keeps 48 bytes for
// each statement that the pattern names.
func Conflicts(ctx context.Context, v graph.View, p graph.Pattern) iter.Seq2[*Conflict, error] {
	return func(yield func(*Conflict, error) bool) {
		pairs(ctx, v, p, newConflicter(newComparer(v)))(yield)
	}
}

type conflicter struct {
	*comparer
	parts
}

func newConflicter(c *comparer) *conflicter {
	return &conflicter{c, parts{c.namer, make(map[uuid.UUID][]uuid.UUID)}}
}

func (x *conflicter) others(ctx context.Context, s graph.Statement, _ func() (*graph.Reading, error)) (found recorded, err error) {
	if !affirms(s) {
		return nil, nil
	}
	v := x.comparer.v
	if o := s.Occurrence(); o != uuid.Nil {
		for o, err := range walk(ctx, v.Statements(graph.Pattern{Predicate: s.Predicate(), Occurrence: o})) {
			if err != nil {
				return nil, err
			}
			if affirms(o) {
				found = append(found, rank(o))
			}
		}
		return found, nil
	}
	d, err := x.declaration(ctx, s.Predicate())
	if err != nil {
		return nil, err
	}
	once := d.Once && isDated(s)
	counted := slices.Collect(counts(s, d))
	if !once && counted == nil {
		return nil, nil
	}
	when := boundsOf(s)
	for o, err := range walk(ctx, v.Statements(holding(s, d.Symmetric))) {
		if err != nil {
			return nil, err
		}
		if !affirms(o) || o.Occurrence() != uuid.Nil {
			continue
		}
		if once && isDated(o) || when.meet(boundsOf(o)) && sharesOne(counted, counts(o, d)) {
			found = append(found, rank(o))
		}
	}
	return found, nil
}

func isDated(s graph.Statement) bool {
	_, _, dated := s.When()
	return dated
}

// counts returns the roles that a statement without an occurrence fills with
// numbers that can be in conflict with others.
func counts(s graph.Statement, d events.Predicate) iter.Seq[string] {
	return func(yield func(string) bool) {
		dated := isDated(s)
		for role, kind := range s.Roles() {
			if kind == events.NumberValue && (dated || functional(d, role)) && !yield(role) {
				return
			}
		}
	}
}

func sharesOne(list []string, seq iter.Seq[string]) bool {
	for x := range seq {
		if slices.Contains(list, x) {
			return true
		}
	}
	return false
}

// functional reports whether a declaration lets only one value of a role be true.
func functional(d events.Predicate, role string) bool {
	return slices.ContainsFunc(d.Roles, func(r events.Role) bool { return r.Name == role && r.Functional })
}

func (x *conflicter) judge(_ context.Context, first, second *graph.Reading) (found []*Conflict, err error) {
	a, b := &first.Claim, &second.Claim
	once := x.declared[a.Predicate].Once
	if !mayMeet(a.When.Time, b.When.Time) && (a.Occurrence != uuid.Nil || once && x.alike(a, b)) {
		found = append(found, &Conflict{First: first, Second: second, Kind: TimeConflict})
	}
	inRoles := x.inRoles(a, b)
	for _, c := range inRoles {
		c.First, c.Second = first, second
	}
	return append(found, inRoles...), nil
}

// inRoles returns the conflicts of two claims with one occurrence, or both
// without, that are about roles, without the statements.
func (x *conflicter) inRoles(a, b *events.Claim) (found []*Conflict) {
	var roles []string
	for i := range a.Args {
		roles = append(roles, a.Args[i].Role)
	}
	slices.Sort(roles)
	for _, role := range slices.Compact(roles) {
		if kind := x.inRole(role, a, b); kind != 0 {
			found = append(found, &Conflict{Kind: kind, Role: role})
		}
	}
	return found
}

// inRole returns the kind of their conflict about one role, 0 if there is none.
func (x *conflicter) inRole(role string, a, b *events.Claim) ConflictKind {
	only := functional(x.declared[a.Predicate], role)
	if only && a.Occurrence != uuid.Nil {
		if kind := x.differ(role, a, b); kind != 0 {
			return kind
		}
	}
	s, t := a.When.Time, b.When.Time
	if (a.Occurrence != uuid.Nil || !s.IsZero() && s.Equal(t) || only && mayMeet(s, t)) && x.numbersDiffer(role, a, b) {
		return NumberConflict
	}
	return 0
}

// numbersDiffer reports whether two claims are alike but for different numbers of
// one unit in a role.
func (x *conflicter) numbersDiffer(role string, a, b *events.Claim) bool {
	for _, arg := range a.Args {
		if arg.Role != role || arg.Value.Kind != events.NumberValue {
			continue
		}
		restA, numbersA := setApart(a, role, arg.Value.Unit)
		restB, numbersB := setApart(b, role, arg.Value.Unit)
		if len(numbersB) > 0 && !x.agreeOnOne(numbersA, numbersB) && x.alike(restA, restB) {
			return true
		}
	}
	return false
}

// setApart returns a claim without the numbers of a unit in a role, and these.
func setApart(cl *events.Claim, role, unit string) (rest *events.Claim, numbers []events.Value) {
	c := *cl
	c.Args = nil
	for _, a := range cl.Args {
		if a.Role == role && a.Value.Kind == events.NumberValue && a.Value.Unit == unit {
			numbers = append(numbers, a.Value)
		} else {
			c.Args = append(c.Args, a)
		}
	}
	return &c, numbers
}

// differ returns the kind of the conflict between two claims of which both fill a
// role and no filler of one agrees with one of the other; otherwise 0.
func (x *conflicter) differ(role string, a, b *events.Claim) ConflictKind {
	as, bs := x.fillers(role, a), x.fillers(role, b)
	switch {
	case len(as) == 0 || len(bs) == 0 || x.agreeOnOne(as, bs):
		return 0
	case onlyNumbers(as) && onlyNumbers(bs):
		return NumberConflict
	default:
		return RoleConflict
	}
}

func onlyNumbers(values []events.Value) bool {
	return !slices.ContainsFunc(values, func(v events.Value) bool { return v.Kind != events.NumberValue })
}

// agreeOnOne reports whether a value of one list agrees with one of the other.
func (x *conflicter) agreeOnOne(as, bs []events.Value) bool {
	for i := range as {
		for j := range bs {
			if x.agreeing(&as[i], &bs[j]) {
				return true
			}
		}
	}
	return false
}

func (x *conflicter) agreeing(a, b *events.Value) bool {
	switch {
	case x.sameValue(a, b):
		return true
	case a.Kind == events.TimeValue && b.Kind == events.TimeValue:
		return mayMeet(a.Time, b.Time)
	case a.Kind == events.NumberValue && b.Kind == events.NumberValue:
		return a.Unit != b.Unit // not compared
	case a.Kind == events.EntityValue && b.Kind == events.EntityValue:
		return x.within(a.ID, b.ID) || x.within(b.ID, a.ID)
	default:
		return false
	}
}

// fillers returns the values in a role, without those that leave open who or
// what it is.
func (x *conflicter) fillers(role string, cl *events.Claim) (values []events.Value) {
	for _, a := range cl.Args {
		if a.Role != role || a.Value.Kind == events.UnknownValue {
			continue
		}
		if a.Value.Kind == events.EntityValue && x.comparer.unidentified(a.Value.ID) {
			continue
		}
		values = append(values, a.Value)
	}
	return values
}
