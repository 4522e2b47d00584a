package model

import (
	"math/big"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
)

// equal reports whether two values are equal.
func (v look) equal(a, b events.Value) bool {
	if a.Kind != b.Kind {
		return false
	}
	switch a.Kind {
	case events.EntityValue:
		return v.one(a.ID, b.ID)
	case events.StatementValue:
		return a.ID == b.ID
	case events.TimeValue:
		return a.Time.String() == b.Time.String()
	case events.TextValue:
		return a.Text == b.Text && (a.Language == b.Language || a.Language == "" || b.Language == "")
	case events.NumberValue:
		x, okX := new(big.Rat).SetString(a.Text)
		y, okY := new(big.Rat).SetString(b.Text)
		if !okX || !okY {
			return a.Text == b.Text && a.Unit == b.Unit
		}
		return x.Cmp(y) == 0 && a.Unit == b.Unit
	case events.ClaimValue:
		return v.equalClaims(*a.Claim, *b.Claim)
	}
	return true // none, or unknown
}

// holds reports whether a claim holds each of another's arguments.
func (v look) holds(c events.Claim, args []events.Arg) bool {
	declared := v.predicate(c.Predicate)
	symmetric := declared != nil && declared.Symmetric
	for _, arg := range args {
		if !slices.ContainsFunc(c.Args, func(own events.Arg) bool {
			return (own.Role == arg.Role || symmetric && arg.Value.Kind == events.EntityValue) && v.equal(own.Value, arg.Value)
		}) {
			return false
		}
	}
	return true
}

// alike reports whether two claims are the same but for conditions and times.
func (v look) alike(a, b events.Claim) bool {
	return a.Predicate == b.Predicate && v.sameOccurrence(a, b) && v.holds(a, b.Args) && v.holds(b, a.Args)
}

func (v look) equalClaims(a, b events.Claim) bool {
	return v.alike(a, b) && v.sameConditions(a, b) && a.When.Time.String() == b.When.Time.String()
}

// sameOccurrence reports whether two claims have one occurrence, or none.
func (v look) sameOccurrence(a, b events.Claim) bool {
	if a.Occurrence == uuid.Nil || b.Occurrence == uuid.Nil {
		return a.Occurrence == b.Occurrence
	}
	return v.one(a.Occurrence, b.Occurrence)
}

func (v look) sameConditions(a, b events.Claim) bool {
	among := func(x events.Condition, list []events.Condition) bool {
		return slices.ContainsFunc(list, func(y events.Condition) bool {
			return x.Denied == y.Denied && v.equalClaims(x.Claim, y.Claim)
		})
	}
	for _, x := range a.If {
		if !among(x, b.If) {
			return false
		}
	}
	for _, y := range b.If {
		if !among(y, a.If) {
			return false
		}
	}
	return true
}

// mayMeet reports whether two times may meet.
func mayMeet(a, b edtf.Time) bool {
	return overlaps(a, Bound{b, true}) || overlaps(b, Bound{a, true})
}

// opposes reports whether a denial opposes an affirmation.
func (v look) opposes(denial, affirmation Reading) bool {
	d, a := denial.Statement.Claim, affirmation.Statement.Claim
	if denial.polarity() != events.Denied || affirmation.polarity() != events.Affirmed || d.Predicate != a.Predicate {
		return false
	}
	if d.Occurrence != uuid.Nil && !v.sameOccurrence(d, a) {
		return false
	}
	if d.Occurrence == uuid.Nil && len(d.Args) == 0 && (a.Occurrence != uuid.Nil || len(a.Args) > 0) {
		return false
	}
	return v.holds(a, d.Args) && v.sameConditions(d, a) && mayMeet(d.When.Time, a.When.Time)
}

// agrees reports whether two readings say the same, both for or both against.
func (v look) agrees(x, y Reading) bool {
	a, b := x.Statement.Claim, y.Statement.Claim
	return x.polarity() == y.polarity() && x.polarity() != events.Undetermined &&
		v.alike(a, b) && v.sameConditions(a, b) && mayMeet(a.When.Time, b.When.Time)
}

// timesConflict reports whether two affirmations cannot both be true of one time.
func (v look) timesConflict(x, y Reading) bool {
	a, b := x.Statement.Claim, y.Statement.Claim
	if a.When.Time.IsZero() || b.When.Time.IsZero() || mayMeet(a.When.Time, b.When.Time) {
		return false
	}
	if a.Occurrence != uuid.Nil || b.Occurrence != uuid.Nil {
		return v.sameOccurrence(a, b)
	}
	declared := v.predicate(a.Predicate)
	return declared != nil && declared.Once && v.alike(a, b) && v.sameConditions(a, b)
}

// rolesConflict returns the roles that two affirmations fill so that they cannot
// both be right, by name.
func (v look) rolesConflict(x, y Reading) (found []Pair) {
	a, b := x.Statement.Claim, y.Statement.Claim
	var roles []string
	for _, arg := range a.Args {
		roles = append(roles, arg.Role)
	}
	slices.Sort(roles)
	for _, role := range slices.Compact(roles) {
		switch {
		case v.functional(a.Predicate, role) && v.sameOccurrence(a, b) && v.differ(a, b, role) &&
			(a.Occurrence != uuid.Nil || v.predicate(a.Predicate).Once && v.oneBut(a, b, role)):
			kind := "number"
			for _, value := range append(v.fillers(a, role), v.fillers(b, role)...) {
				if value.Kind != events.NumberValue {
					kind = "role"
				}
			}
			found = append(found, Pair{Kind: kind, Role: role})
		case v.numbersConflict(a, b, role):
			found = append(found, Pair{Kind: "number", Role: role})
		}
	}
	return found
}

// differ reports whether both claims fill a role, and no filler of one agrees with one
// of the other.
func (v look) differ(a, b events.Claim, role string) bool {
	as, bs := v.fillers(a, role), v.fillers(b, role)
	differ := len(as) > 0 && len(bs) > 0
	for _, p := range as {
		for _, q := range bs {
			differ = differ && !v.agree(p, q)
		}
	}
	return differ
}

// oneBut reports whether two claims are of one thing, which is told by all that they have
// but a role: something, and nothing unknown.
func (v look) oneBut(a, b events.Claim, role string) bool {
	var rests [2]events.Claim
	for i, c := range []events.Claim{a, b} {
		rests[i] = c
		rests[i].Args = nil
		for _, arg := range c.Args {
			if arg.Role != role {
				rests[i].Args = append(rests[i].Args, arg)
				if arg.Value.Kind == events.UnknownValue {
					return false
				}
			}
		}
	}
	return len(rests[0].Args) > 0 && v.alike(rests[0], rests[1]) && v.sameConditions(a, b)
}

func (v look) functional(predicate, role string) bool {
	declared := v.predicate(predicate)
	return declared != nil && slices.ContainsFunc(declared.Roles, func(r events.Role) bool {
		return r.Name == role && r.Functional
	})
}

// numbersConflict reports whether two claims are alike but for the numbers of some
// unit in a role, and are about one thing.
func (v look) numbersConflict(a, b events.Claim, role string) bool {
	switch s, t := a.When.Time, b.When.Time; {
	case !v.sameOccurrence(a, b):
		return false
	case a.Occurrence != uuid.Nil:
	case !s.IsZero() && s.String() == t.String():
	case mayMeet(s, t) && v.functional(a.Predicate, role):
	default:
		return false
	}
	for _, unit := range []string{"", "h", "km"} {
		without := func(c events.Claim) (rest events.Claim, numbers []events.Value) {
			rest = c
			rest.Args = nil
			for _, arg := range c.Args {
				if arg.Value.Kind == events.NumberValue && arg.Role == role && arg.Value.Unit == unit {
					numbers = append(numbers, arg.Value)
					continue
				}
				rest.Args = append(rest.Args, arg)
			}
			return rest, numbers
		}
		restA, numbersA := without(a)
		restB, numbersB := without(b)
		equal := slices.ContainsFunc(numbersA, func(p events.Value) bool {
			return slices.ContainsFunc(numbersB, func(q events.Value) bool { return v.equal(p, q) })
		})
		if len(numbersA) > 0 && len(numbersB) > 0 && !equal && v.alike(restA, restB) && v.sameConditions(a, b) {
			return true
		}
	}
	return false
}

// fillers returns what fills a role: nothing unknown, and nobody unidentified.
func (v look) fillers(c events.Claim, role string) (values []events.Value) {
	for _, arg := range c.Args {
		if arg.Role != role || arg.Value.Kind == events.UnknownValue {
			continue
		}
		if arg.Value.Kind == events.EntityValue && v.unidentified(arg.Value.ID) {
			continue
		}
		values = append(values, arg.Value)
	}
	return values
}

func (v look) agree(p, q events.Value) bool {
	switch {
	case v.equal(p, q):
		return true
	case p.Kind != q.Kind:
		return false
	case p.Kind == events.TimeValue:
		return mayMeet(p.Time, q.Time)
	case p.Kind == events.NumberValue:
		return p.Unit != q.Unit // nobody compares these
	case p.Kind == events.EntityValue:
		return v.within(p.ID, q.ID) || v.within(q.ID, p.ID)
	}
	return false
}
