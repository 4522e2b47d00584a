package events

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
)

// statement checks the shape of a statement whose id is self.
func (c *shape) statement(s *Statement, self uuid.UUID) *Error {
	c.claims = 0
	e := firstOf(
		c.claim(&s.Claim, self, 1).in("Claim"),
		oneOf(formNames, s.Form, uint8(s.Form)).in("Form"),
		c.tag(s.Language).in("Language"),
		prose(s.Gloss).in("Gloss"),
		c.selector(s).in("Selector"))
	if e != nil {
		return e
	}
	if s.Replaces == self {
		return refuse(s.Replaces, "is the statement itself").in("Replaces").want("an earlier statement")
	}
	if len(s.Voices) == 0 {
		return refuse(nil, "is empty").in("Voices").want("at least the voice that says it")
	}
	if e := atMost(len(s.Voices), MaxVoices); e != nil {
		return e.in("Voices")
	}
	for i := range s.Voices {
		if e := voice(&s.Voices[i]); e != nil {
			return e.at("Voices", i)
		}
	}
	return nil
}

func (c *shape) selector(s *Statement) *Error {
	sel := &s.Selector
	if e := firstOf(prose(sel.Exact).in("Exact"), prose(sel.Locator).in("Locator")); e != nil {
		return e
	}
	if s.Form == Quote && sel.Exact == "" {
		return refuse(sel.Exact, "is empty in a quote").in("Exact").want("the words, or the form paraphrase")
	}
	if sel.Start == 0 && sel.End == 0 {
		return nil
	}
	n := sel.End - sel.Start
	switch {
	case sel.Start < 0:
		return refuse(sel.Start, "is negative").in("Start").want("0 or more")
	case n <= 0, c.now && sel.End <= sel.Start: // an End so low that n overflows may be on record
		return refuse(sel.End, fmt.Sprintf("is not after Start %d", sel.Start)).in("End").want("0 <= Start < End, or both 0")
	case c.now && sel.End > MaxOffset:
		return refuse(sel.End, "is too large").in("End").want("at most %d", MaxOffset)
	case s.Source == uuid.Nil:
		return refuse(sel.Start, "counts from the beginning of no source").in("Start").want("a Source, or no offsets")
	case sel.Exact == "":
		return nil
	}
	points := utf8.RuneCountInString(sel.Exact)
	switch {
	case points == n:
		return nil
	case len(sel.Exact) == n:
		return refuse(sel.End, fmt.Sprintf("offsets count code points, not bytes: Exact has %d", points)).in("End").
			want("an End that is %d after a Start in code points", points)
	}
	return refuse(sel.End, fmt.Sprintf("Start and End are %d code points apart, Exact has %d", n, points)).in("End").
		want("%d", sel.Start+points)
}

func voice(v *Voice) *Error {
	if len(v.Speakers) == 0 {
		return refuse(nil, "is empty").in("Speakers").want("at least one")
	}
	if !v.Stance.Valid() {
		return refuse(v.Stance, "is not a stance").in("Stance").want("one of CT+ CT- CTu PR+ PR- PRu PS+ PS- PSu Uu")
	}
	return firstOf(
		parties(v.Speakers).in("Speakers"),
		parties(v.For).in("For"),
		parties(v.To).in("To"),
		oneOf(actNames, v.Act, uint8(v.Act)).in("Act"),
		prose(v.Cue).in("Cue"),
		prose(v.Said.As).in("Said.As"))
}

func parties(ps []Party) *Error {
	if e := atMost(len(ps), MaxParties); e != nil {
		return e
	}
	for i := range ps {
		if e := firstOf(required(ps[i].Entity).in("Entity"), prose(ps[i].As).in("As")); e != nil {
			return e.at("", i)
		}
	}
	return nil
}

func (c *shape) claim(cl *Claim, self uuid.UUID, depth int) *Error {
	if depth > MaxDepth {
		return refuse(nil, fmt.Sprintf("is a claim %d deep", depth)).in("Predicate").want("at most %d", MaxDepth)
	}
	if c.claims++; c.claims > MaxClaims {
		return refuse(nil, fmt.Sprintf("is claim %d of the statement", c.claims)).in("Predicate").want("at most %d", MaxClaims)
	}
	e := firstOf(
		c.name(cl.Predicate).in("Predicate"),
		prose(cl.When.As).in("When.As"),
		atMost(len(cl.Args), MaxArgs).in("Args"),
		atMost(len(cl.If), MaxConditions).in("If"))
	if e != nil {
		return e
	}
	for i := range cl.Args {
		a := &cl.Args[i]
		e := firstOf(c.name(a.Role).in("Role"), prose(a.As).in("As"), c.value(&a.Value, self, depth).in("Value"))
		if e != nil {
			return e.arg(a, i)
		}
	}
	for i := range cl.If {
		e := firstOf(prose(cl.If[i].As).in("As"), c.claim(&cl.If[i].Claim, self, depth+1).in("Claim"))
		if e != nil {
			return e.at("If", i)
		}
	}
	if _, ok := LinkNamed(cl.Predicate); ok {
		return linkClaim(cl)
	}
	return nil
}

// linkClaim checks a claim that one statement bears on another.
func linkClaim(cl *Claim) *Error {
	var from, to bool
	for i := range cl.Args {
		a := &cl.Args[i]
		switch a.Role {
		case RoleFrom:
			from = true
		case RoleTo:
			to = true
		default:
			return refuse(a.Role, fmt.Sprintf("is not a role of the link %q", cl.Predicate)).
				among(a.Role, []string{RoleFrom, RoleTo}).in("Role").arg(a, i)
		}
		if k := a.Value.Kind; k != StatementValue && k != UnknownValue {
			return refuse(k, fmt.Sprintf("cannot be linked by %q", cl.Predicate)).
				want("statement, or unknown with its words in As").in("Value.Kind").arg(a, i)
		}
	}
	missing := ""
	switch {
	case !from:
		missing = RoleFrom
	case !to:
		missing = RoleTo
	default:
		return nil
	}
	return refuse(nil, fmt.Sprintf("the link %q has no role %q", cl.Predicate, missing)).in("Args").
		want("a statement, or unknown with its words in As")
}

// value checks that a value has what its kind needs and nothing else.
func (c *shape) value(v *Value, self uuid.UUID, depth int) *Error {
	if e := oneOf(valueKindNames, v.Kind, uint8(v.Kind)); e != nil {
		return e.in("Kind")
	}
	k := v.Kind
	for _, f := range [...]struct {
		name    string
		set     bool
		allowed bool
	}{
		{"ID", v.ID != uuid.Nil, k == EntityValue || k == StatementValue},
		{"Text", v.Text != "", k == TextValue || k == NumberValue},
		{"Language", v.Language != "", k == TextValue},
		{"Unit", v.Unit != "", k == NumberValue},
		{"Time", !v.Time.IsZero(), k == TimeValue},
		{"Claim", v.Claim != nil, k == ClaimValue},
	} {
		if f.set && !f.allowed {
			return refuse(nil, fmt.Sprintf("does not belong to a value of kind %q", k)).in(f.name).want("none")
		}
	}
	switch k {
	case EntityValue:
		return required(v.ID).in("ID")
	case StatementValue:
		if v.ID == self {
			return refuse(v.ID, "is the statement itself").in("ID").want("an earlier statement")
		}
		return required(v.ID).in("ID")
	case TextValue:
		if v.Text == "" {
			return refuse(v.Text, "is empty").in("Text").want("a text, or a value of kind none or unknown")
		}
		return firstOf(prose(v.Text).in("Text"), c.tag(v.Language).in("Language"))
	case NumberValue:
		if e := prose(v.Text); e != nil {
			return e.in("Text")
		}
		if !isNumber(v.Text) {
			return refuse(v.Text, "is not a number in decimal digits").in("Text").want("%s", numberLike(v.Text))
		}
		if v.Unit != "" {
			return c.name(v.Unit).in("Unit")
		}
	case TimeValue:
		if v.Time.IsZero() {
			return refuse(nil, "is missing").in("Time").want("a time, or a value of kind none or unknown")
		}
	case ClaimValue:
		if v.Claim == nil {
			return refuse(nil, "is missing").in("Claim").want("a claim")
		}
		return c.claim(v.Claim, self, depth+1).in("Claim")
	}
	return nil
}

// isNumber reports whether s is -?digits[.digits][(e|E)[+-]digits].
func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	s, ok := digits(s)
	if !ok {
		return false
	}
	if rest, found := strings.CutPrefix(s, "."); found {
		if s, ok = digits(rest); !ok {
			return false
		}
	}
	if s != "" && (s[0] == 'e' || s[0] == 'E') {
		s = s[1:]
		if s != "" && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		if s, ok = digits(s); !ok {
			return false
		}
	}
	return s == ""
}

// digits cuts the digits off the front of s and reports whether there are any.
func digits(s string) (rest string, ok bool) {
	rest = strings.TrimLeft(s, "0123456789")
	return rest, len(rest) < len(s)
}

// numberLike guesses the number that was meant.
func numberLike(s string) string {
	guess := strings.TrimPrefix(strings.Map(func(r rune) rune {
		if r == '_' || r == ' ' || r == '\'' || r == '\u00a0' || r == '\u202f' {
			return -1
		}
		return r
	}, s), "+")
	if strings.HasPrefix(guess, ".") {
		guess = "0" + guess
	}
	if len(guess) <= 64 && isNumber(guess) {
		return fmt.Sprintf("%q", guess)
	}
	return `one such as "4", "-2.50" or "1e6"`
}
