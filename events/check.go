package events

import (
	"fmt"
	"slices"

	"github.com/google/uuid"
)

// Check checks one event against the record so far, of which the earlier events
// of its batch are a part. It takes for granted that [CheckShape] has passed. It
// returns nil or an [*Error] whose Index is -1.
//
// What the sources say is never refused: contradictions, future times,
// misspellings, speakers who contradict themselves.
func Check(e *Event, s State) error {
	if err := standing(e, s); err != nil {
		return err.of(e, -1)
	}
	if err := effective(e, s); err != nil {
		return err.of(e, -1)
	}
	return novel(e, s).of(e, -1)
}

// CheckStanding is the part of [Check] that must hold as long as the event
// stands, and so again when it is restored: what it refers to must be there,
// verdicts must agree, and derivations must not run in a circle.
func CheckStanding(e *Event, s State) error { return standing(e, s).of(e, -1) }

// CheckEffect is the part of [Check] that must hold when the event takes effect,
// and so again when it is restored: what it replaces or retracts must stand, and
// nothing may rest on what it retracts without Cascade.
func CheckEffect(e *Event, s State) error { return effective(e, s).of(e, -1) }

func effective(e *Event, s State) *Error {
	switch b := e.Body.(type) {
	case *StatementRecorded:
		return effectiveReplacement(b.Statement.Replaces, s).in("Statement.Replaces")
	case *Retracted:
		return effectiveRetraction(b, s).in("Event")
	}
	return nil
}

// novel is the part of Check that holds for what is recorded now only.
func novel(e *Event, s State) *Error {
	switch b := e.Body.(type) {
	case *EntitySplit:
		return novelSplit(b, s)
	case *Redacted:
		return novelRedaction(b, s).in("Event")
	}
	return declared(e, s)
}

func standing(e *Event, s State) *Error {
	switch b := e.Body.(type) {
	case *SourceAdded:
		return standingSource(&b.Source, s).in("Source")
	case *EntityRegistered:
		if s.Source(b.Entity.ID) {
			return refuse(b.Entity.ID, "is the id of a source").in("Entity.ID").want("an id of its own")
		}
	case *EntityNamed:
		e := needEntity(b.Entity, s).in("Entity")
		if e == nil && b.Source != uuid.Nil {
			e = needSource(b.Source, s).in("Source")
		}
		return e
	case *IdentityJudged:
		return standingVerdict(b, s)
	case *EntitySplit:
		return standingSplit(b, s)
	case *StatementRecorded:
		return standingStatement(&b.Statement, s).in("Statement")
	case *StatementsLinked:
		return firstOf(needStatement(b.From, s).in("From"), needStatement(b.To, s).in("To"))
	case *Assessed:
		if b.Source != uuid.Nil {
			return needSource(b.Source, s).in("Source")
		}
		return needStatement(b.Statement, s).in("Statement")
	}
	return nil
}

func standingSource(src *Source, s State) *Error {
	if _, ok := s.Entity(src.ID); ok {
		return refuse(src.ID, "is the id of an entity").in("ID").want("an id of its own")
	}
	for i, a := range src.Authors {
		if e := needEntity(a, s); e != nil {
			return e.at("Authors", i)
		}
	}
	if src.Publisher != uuid.Nil {
		if e := needEntity(src.Publisher, s); e != nil {
			return e.in("Publisher")
		}
	}
	for i, d := range src.DerivedFrom {
		if e := needSource(d, s); e != nil {
			return e.at("DerivedFrom", i)
		}
		if s.SourceDerives(d, src.ID) {
			return derivesBack(d, src.ID).at("DerivedFrom", i)
		}
	}
	return nil
}

func derivesBack(from, source uuid.UUID) *Error {
	return refuse(from, fmt.Sprintf("is itself derived from the source %s", source)).
		want("others, or none (Builder.Add registers a source with just what it is given)")
}

// standingVerdict keeps every cluster of same entities free of two that are
// different, and within its limit.
func standingVerdict(b *IdentityJudged, s State) *Error {
	if e := firstOf(needEntity(b.A, s).in("A"), needEntity(b.B, s).in("B")); e != nil {
		return e
	}
	switch b.Verdict {
	case Same:
		if x, y, verdict, ok := s.Different(b.A, b.B); ok {
			var c chain
			c.same(s.SameChain(b.A, x))
			c.steps = append(c.steps, IdentityJudged{A: x, B: y, Verdict: Different})
			c.events = append(c.events, verdict)
			c.same(s.SameChain(y, b.B))
			return conflict(b, c, s)
		}
		if n := s.ClusterSize(b.A, b.B); n > MaxCluster {
			return refuse(b.Verdict, fmt.Sprintf("makes a cluster of %d entities", n)).in("Verdict").want("at most %d", MaxCluster)
		}
	case Different:
		if path, verdicts := s.SameChain(b.A, b.B); path != nil {
			var c chain
			c.same(path, verdicts)
			return conflict(b, c, s)
		}
	}
	return nil
}

// chain is verdicts that lead from one entity to another, with their events.
type chain struct {
	steps  []IdentityJudged
	events []uuid.UUID
}

func (c *chain) same(path, verdicts []uuid.UUID) {
	for i := 1; i < len(path); i++ {
		c.steps = append(c.steps, IdentityJudged{A: path[i-1], B: path[i], Verdict: Same})
	}
	c.events = append(c.events, verdicts...)
}

// An entityReader is a State that can read how an entity is registered; of one that it cannot
// read, or that is redacted, it reports false.
type entityReader interface {
	Registered(entity uuid.UUID) (Entity, bool)
}

// conflict says which verdicts stand against b; a long chain is cut in the
// message, not in the data. Each entity has its name where it comes first.
func conflict(b *IdentityJudged, c chain, s State) *Error {
	const shown = 8
	met := make(map[uuid.UUID]bool)
	name := func(id uuid.UUID) string {
		r, ok := s.(entityReader)
		if !ok || met[id] {
			return id.String()
		}
		met[id] = true
		entity, ok := r.Registered(id)
		if !ok {
			return id.String()
		}
		return called(&entity) + " " + id.String()
	}
	both := name(b.A) + " and " + name(b.B)
	by := ""
	for i, step := range c.steps {
		if i == shown && len(c.steps) > shown+1 {
			by += fmt.Sprintf(" and %d more", len(c.steps)-shown)
			break
		}
		if i > 0 {
			by += ","
		}
		by += fmt.Sprintf(" %s %s %s", name(step.A), step.Verdict, name(step.B))
	}
	e := refuse(b.Verdict, fmt.Sprintf("%s cannot be %s while these verdicts stand:%s", both, b.Verdict, by))
	e.Class, e.Chain, e.Events = ErrIdentity, c.steps, c.events
	return e.in("Verdict").want("unsure, or one of them retracted first")
}

func standingSplit(b *EntitySplit, s State) *Error {
	if e := needEntity(b.Entity, s); e != nil {
		return e.in("Entity")
	}
	for i := range b.Parts {
		p := &b.Parts[i]
		if e := needEntity(p.Entity, s); e != nil {
			return e.in("Entity").at("Parts", i)
		}
		for j, m := range p.Mentions {
			if e := needStatement(m.Statement, s); e != nil {
				return e.in("Statement").at("Mentions", j).at("Parts", i)
			}
		}
	}
	return nil
}

func novelSplit(b *EntitySplit, s State) *Error {
	for i := range b.Parts {
		for j, m := range b.Parts[i].Mentions {
			if s.Mentions(m, b.Entity) {
				continue
			}
			where := ""
			switch m.Place {
			case InArgument, InVoice:
				where = fmt.Sprintf(" in %s %d", m.Place, m.Index)
			case InOccurrence:
				where = " as its occurrence"
			}
			e := refuse(m.Statement, fmt.Sprintf("does not mention the entity %s%s", b.Entity, where))
			return e.in("Statement").at("Mentions", j).at("Parts", i)
		}
	}
	return nil
}

func standingStatement(st *Statement, s State) *Error {
	if st.Source != uuid.Nil {
		if e := needSource(st.Source, s); e != nil {
			return e.in("Source")
		}
	}
	for i := range st.Voices {
		v := &st.Voices[i]
		e := firstOf(needParties(v.Speakers, s).in("Speakers"), needParties(v.For, s).in("For"), needParties(v.To, s).in("To"))
		if e != nil {
			return e.at("Voices", i)
		}
	}
	return standingClaim(&st.Claim, s).in("Claim")
}

func effectiveReplacement(replaced uuid.UUID, s State) *Error {
	if replaced == uuid.Nil {
		return nil
	}
	known, ok := s.Event(replaced)
	if !ok || known.Kind != KindStatementRecorded {
		return needStatement(replaced, s)
	}
	if !known.Standing {
		return removed(replaced, known, s)
	}
	return nil
}

func needParties(ps []Party, s State) *Error {
	for i := range ps {
		if e := needEntity(ps[i].Entity, s); e != nil {
			return e.in("Entity").at("", i)
		}
	}
	return nil
}

func standingClaim(c *Claim, s State) *Error {
	if c.Occurrence != uuid.Nil {
		if e := needEntity(c.Occurrence, s); e != nil {
			return e.in("Occurrence")
		}
	}
	for i := range c.Args {
		var e *Error
		switch v := &c.Args[i].Value; v.Kind {
		case EntityValue:
			e = needEntity(v.ID, s).in("ID")
		case StatementValue:
			e = needStatement(v.ID, s).in("ID")
		case ClaimValue:
			e = standingClaim(v.Claim, s).in("Claim")
		}
		if e != nil {
			return e.in("Value").arg(&c.Args[i], i)
		}
	}
	for i := range c.If {
		if e := standingClaim(&c.If[i].Claim, s); e != nil {
			return e.in("Claim").at("If", i)
		}
	}
	return nil
}

func effectiveRetraction(b *Retracted, s State) *Error {
	target, ok := s.Event(b.Event)
	switch {
	case !ok:
		return unknownEvent(b.Event, s)
	case target.Kind == KindRedacted:
		return refuse(b.Event, "is a redaction, which cannot be retracted")
	case !target.Standing:
		e := removed(b.Event, target, s)
		if e.Want == "" || !target.Replaced {
			e.want("an event that stands (Builder.Occasion lets a program that is run again retract once)")
		}
		return e
	case target.Undoes >= MaxUndo:
		return refuse(b.Event, fmt.Sprintf("is the last of %d retractions, each of the one before", target.Undoes)).
			want("at most %d; record anew what is meant to stand", MaxUndo)
	case b.Cascade:
		return nil
	}
	const shown = 3
	deps := s.Dependants(b.Event, shown+1)
	if len(deps) == 0 {
		return nil
	}
	by, more := "", ""
	if len(deps) > shown {
		deps, more = deps[:shown], " and more"
	}
	for i, d := range deps {
		if i > 0 {
			by += ","
		}
		by += " " + describe(d, s)
	}
	e := refuse(b.Event, "what stands rests upon it:"+by+more)
	e.Class, e.Events = ErrInUse, slices.Clone(deps)
	return e.want("these retracted first, or Cascade")
}

// redactable are the kinds with content to hide; the others are structure.
var redactable = []Kind{KindSourceAdded, KindEntityRegistered, KindEntityNamed, KindStatementRecorded, KindStatementsLinked, KindAssessed}

func novelRedaction(b *Redacted, s State) *Error {
	target, ok := s.Event(b.Event)
	switch {
	case !ok:
		return unknownEvent(b.Event, s)
	case target.Redacted:
		e := refuse(b.Event, "is redacted already")
		e.Class = ErrRemoved
		return e
	case !slices.Contains(redactable, target.Kind):
		return refuse(b.Event, fmt.Sprintf("is of kind %s, which cannot be redacted", target.Kind)).
			want("a retraction of it, or an event of kind %s", orList(redactable))
	}
	return nil
}
