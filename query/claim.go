package query

import (
	"context"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/decimal"
)

// comparer compares claims under a view's identities and vocabulary, as the
// package comment has it. It must have learnt a claim before it compares it. It
// must not be used from several goroutines at once.
type comparer struct {
	namer
	declared map[string]events.Predicate
	seed     maphash.Seed
	literal  bool // texts are the same only if both are in one language, or both in none that is given
}

func newComparer(v graph.View) *comparer {
	return &comparer{namer: newNamer(v), declared: make(map[string]events.Predicate), seed: maphash.MakeSeed()}
}

// learn looks up how the predicates of a claim, and of those inside it, are
// declared.
func (c *comparer) learn(ctx context.Context, cl *events.Claim) error {
	if _, err := c.declaration(ctx, cl.Predicate); err != nil {
		return err
	}
	for i := range cl.Args {
		if nested := cl.Args[i].Value.Claim; nested != nil {
			if err := c.learn(ctx, nested); err != nil {
				return err
			}
		}
	}
	for i := range cl.If {
		if err := c.learn(ctx, &cl.If[i].Claim); err != nil {
			return err
		}
	}
	return nil
}

// load reads a statement and learns its claim.
func (c *comparer) load(ctx context.Context, s graph.Statement) (*graph.Reading, error) {
	r, err := read(ctx, s)
	if err != nil {
		return nil, err
	}
	return r, c.learn(ctx, &r.Claim)
}

// declaration returns the zero Predicate for one that is not declared.
func (c *comparer) declaration(ctx context.Context, predicate string) (events.Predicate, error) {
	if p, ok := c.declared[predicate]; ok {
		return p, nil
	}
	p, _, err := c.v.Predicate(ctx, predicate)
	if err != nil {
		return p, fmt.Errorf("query: predicate %q: %w", predicate, err)
	}
	c.declared[predicate] = p
	return p, nil
}

// opposed reports whether one of two statements denies what the other affirms.
func (c *comparer) opposed(a, b *graph.Reading) bool {
	switch x, y := stance(a).Polarity, stance(b).Polarity; {
	case x == events.Denied && y == events.Affirmed:
		return c.opposes(&a.Claim, &b.Claim)
	case x == events.Affirmed && y == events.Denied:
		return c.opposes(&b.Claim, &a.Claim)
	}
	return false
}

// opposes reports whether a denied claim opposes an affirmed one.
func (c *comparer) opposes(denied, affirmed *events.Claim) bool {
	return c.excludes(denied, affirmed) && c.sameConditions(denied.If, affirmed.If)
}

// excludes reports whether a denied claim opposes an affirmed one, whatever their
// conditions are.
func (c *comparer) excludes(denied, affirmed *events.Claim) bool {
	if denied.Predicate != affirmed.Predicate || !c.holdsAll(affirmed, denied) {
		return false
	}
	if denied.Occurrence == uuid.Nil {
		if len(denied.Args) == 0 && (affirmed.Occurrence != uuid.Nil || len(affirmed.Args) > 0) {
			return false
		}
	} else if !c.one(denied.Occurrence, affirmed.Occurrence) {
		return false
	}
	return mayMeet(denied.When.Time, affirmed.When.Time)
}

// agree reports whether two claims say the same of times that may meet.
func (c *comparer) agree(a, b *events.Claim) bool {
	return c.alike(a, b) && c.one(a.Occurrence, b.Occurrence) && mayMeet(a.When.Time, b.When.Time)
}

// equal reports whether two claims are equal.
func (c *comparer) equal(a, b *events.Claim) bool {
	return c.alike(a, b) && c.one(a.Occurrence, b.Occurrence) && a.When.Time.Equal(b.When.Time)
}

// alike reports whether predicate, arguments and conditions are the same.
func (c *comparer) alike(a, b *events.Claim) bool {
	return a.Predicate == b.Predicate && c.holdsAll(a, b) && c.holdsAll(b, a) && c.sameConditions(a.If, b.If)
}

// content returns a text that claims have in common if they are alike, and few others.
func (c *comparer) content(cl *events.Claim) string {
	var parts []string
	for i := range cl.Args {
		parts = append(parts, c.part(&cl.Args[i]))
	}
	for i := range cl.If {
		parts = append(parts, fmt.Sprint("if ", cl.If[i].Denied, c.whole(&cl.If[i].Claim)))
	}
	slices.Sort(parts)
	return cl.Predicate + strings.Join(slices.Compact(parts), "\n")
}

// part returns a text that arguments have in common if one holds for the other.
func (c *comparer) part(a *events.Arg) string {
	role, v, what := a.Role, &a.Value, ""
	switch v.Kind {
	case events.EntityValue:
		role, what = "", c.canonical(v.ID).String() // the predicate may be symmetric
	case events.TextValue:
		what = v.Text
	case events.NumberValue:
		what = v.Text
		if n, ok := decimal.Parse(v.Text); ok {
			what = n.String()
		}
		what += " " + v.Unit
	case events.TimeValue:
		what = v.Time.String()
	case events.ClaimValue:
		what = c.whole(v.Claim)
	case events.StatementValue:
		what = v.ID.String()
	}
	return fmt.Sprint(v.Kind, role, " ", what)
}

// whole returns a text that equal claims have in common.
func (c *comparer) whole(cl *events.Claim) string {
	return fmt.Sprint(c.canonical(cl.Occurrence), cl.When.Time, c.content(cl))
}

// holdsAll reports whether a claim holds all arguments of another with the same
// predicate.
func (c *comparer) holdsAll(cl, other *events.Claim) bool {
	symmetric := c.declared[cl.Predicate].Symmetric
	for i := range other.Args {
		x := &other.Args[i]
		swapped := symmetric && x.Value.Kind == events.EntityValue
		held := false
		for k := range cl.Args {
			y := &cl.Args[(i+k)%len(cl.Args)] // what says the same mostly has them in the same order
			if held = (x.Role == y.Role || swapped) && c.sameValue(&x.Value, &y.Value); held {
				break
			}
		}
		if !held {
			return false
		}
	}
	return true
}

func (c *comparer) sameConditions(a, b []events.Condition) bool {
	holds := func(list, other []events.Condition) bool {
		for i := range other {
			x := &other[i]
			if !slices.ContainsFunc(list, func(y events.Condition) bool {
				return x.Denied == y.Denied && c.equal(&x.Claim, &y.Claim)
			}) {
				return false
			}
		}
		return true
	}
	return holds(a, b) && holds(b, a)
}

func (c *comparer) sameValue(a, b *events.Value) bool {
	if a.Kind != b.Kind {
		return false
	}
	switch a.Kind {
	case events.EntityValue:
		return c.one(a.ID, b.ID)
	case events.TextValue:
		return a.Text == b.Text && (a.Language == b.Language || !c.literal && (a.Language == "" || b.Language == ""))
	case events.NumberValue:
		return a.Unit == b.Unit && decimal.Same(a.Text, b.Text)
	case events.TimeValue:
		return a.Time.Equal(b.Time)
	case events.ClaimValue:
		return c.equal(a.Claim, b.Claim)
	case events.StatementValue:
		return a.ID == b.ID
	case events.NoneValue, events.UnknownValue:
		return true
	default:
		return false
	}
}

// one reports whether two entities are one, or both ids empty.
func (c *comparer) one(a, b uuid.UUID) bool {
	return a == b || a != uuid.Nil && b != uuid.Nil && c.canonical(a) == c.canonical(b)
}

// mayMeet reports whether two claims may hold at one time.
func mayMeet(a, b edtf.Time) bool {
	return a.Possibly(edtf.Overlaps, b) || b.Possibly(edtf.Overlaps, a)
}
