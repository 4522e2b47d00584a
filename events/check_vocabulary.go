package events

import (
	"fmt"
	"slices"

	"github.com/google/uuid"
)

// A vocabulary is what checking against what is declared needs to know: a part of [State].
type vocabulary interface {
	Predicate(name string) (Predicate, bool)
	Scheme(name string) (Scheme, bool)
	Entity(id uuid.UUID) (EntityKind, bool)
}

// declared checks an event against the declared predicates and schemes. What
// has not been declared may be used freely.
func declared(e *Event, s vocabulary) *Error {
	switch b := e.Body.(type) {
	case *StatementRecorded:
		return declaredClaim(&b.Statement.Claim, s).in("Statement.Claim")
	case *Assessed:
		scheme, ok := s.Scheme(b.Scheme)
		if ok && !slices.Contains(scheme.Values, b.Value) {
			return refuse(b.Value, fmt.Sprintf("is not a value of the scheme %q", b.Scheme)).among(b.Value, scheme.Values).in("Value")
		}
	}
	return nil
}

func declaredClaim(c *Claim, s vocabulary) *Error {
	p, ok := s.Predicate(c.Predicate)
	ok = ok && len(p.Roles) > 0
	for i := range c.Args {
		a := &c.Args[i]
		var e *Error
		if ok {
			e = declaredArg(a, &p, s)
		}
		if e == nil && a.Value.Kind == ClaimValue {
			e = declaredClaim(a.Value.Claim, s).in("Value.Claim")
		}
		if e != nil {
			return e.arg(a, i)
		}
	}
	for i := range c.If {
		if e := declaredClaim(&c.If[i].Claim, s); e != nil {
			return e.in("Claim").at("If", i)
		}
	}
	return nil
}

// declaredArg checks one argument. None and unknown may fill any role, and a
// placeholder any role that takes entities. That an entity is not known is for others to say.
func declaredArg(a *Arg, p *Predicate, s vocabulary) *Error {
	i := slices.IndexFunc(p.Roles, func(r Role) bool { return r.Name == a.Role })
	if i < 0 {
		var names []string
		for _, r := range p.Roles {
			names = append(names, r.Name)
		}
		return refuse(a.Role, fmt.Sprintf("is not a role of %q", p.Name)).among(a.Role, names).in("Role")
	}
	r := &p.Roles[i]
	k := a.Value.Kind
	if k == NoneValue || k == UnknownValue {
		return nil
	}
	if len(r.Values) > 0 && !slices.Contains(r.Values, k) {
		return refuse(k, fmt.Sprintf("does not fill the role %q of %q", r.Name, p.Name)).in("Value.Kind").want("%s", orList(r.Values))
	}
	if k != EntityValue || len(r.Entities) == 0 {
		return nil
	}
	kind, known := s.Entity(a.Value.ID)
	if known && kind != Placeholder && !slices.Contains(r.Entities, kind) {
		return refuse(a.Value.ID, fmt.Sprintf("is of kind %s, which does not fill the role %q of %q", kind, r.Name, p.Name)).
			in("Value.ID").want("%s", orList(r.Entities))
	}
	return nil
}
