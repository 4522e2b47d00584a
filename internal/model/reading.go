package model

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// place is where in a statement an entity stands. What is in a claim nested in
// an argument stands in that argument; what is in a condition has no place but
// Anywhere.
type place struct {
	in    events.MentionPlace
	index int
}

// rewrite returns a copy of a statement with every entity in it replaced by
// what f returns for it. The statement itself stays as it is.
func rewrite(st events.Statement, f func(place, uuid.UUID) uuid.UUID) events.Statement {
	st.Claim = rewriteClaim(st.Claim, nil, f)
	st.Voices = slices.Clone(st.Voices)
	for i := range st.Voices {
		v := &st.Voices[i]
		for _, parties := range []*[]events.Party{&v.Speakers, &v.For, &v.To} {
			*parties = slices.Clone(*parties)
			for j := range *parties {
				p := &(*parties)[j]
				p.Entity = f(place{events.InVoice, i}, p.Entity)
			}
		}
	}
	return st
}

// rewriteClaim is rewrite for a claim: the statement's own, or one nested in a
// place of it.
func rewriteClaim(c events.Claim, nested *place, f func(place, uuid.UUID) uuid.UUID) events.Claim {
	at := func(in events.MentionPlace, index int) place {
		if nested != nil {
			return *nested
		}
		return place{in, index}
	}
	if c.Occurrence != uuid.Nil {
		c.Occurrence = f(at(events.InOccurrence, 0), c.Occurrence)
	}
	c.Args = slices.Clone(c.Args)
	for i := range c.Args {
		v, here := &c.Args[i].Value, at(events.InArgument, i)
		switch v.Kind {
		case events.EntityValue:
			v.ID = f(here, v.ID)
		case events.ClaimValue:
			inner := rewriteClaim(*v.Claim, &here, f)
			v.Claim = &inner
		}
	}
	c.If = slices.Clone(c.If)
	for i := range c.If {
		here := at(events.Anywhere, 0)
		c.If[i].Claim = rewriteClaim(c.If[i].Claim, &here, f)
	}
	return c
}

// eachClaim calls f with a claim and with every claim inside it.
func eachClaim(c events.Claim, f func(events.Claim)) {
	f(c)
	for _, arg := range c.Args {
		if arg.Value.Kind == events.ClaimValue {
			eachClaim(*arg.Value.Claim, f)
		}
	}
	for _, cond := range c.If {
		eachClaim(cond.Claim, f)
	}
}

// named reports whether a mention means this place.
func (p place) named(m events.Mention) bool {
	switch m.Place {
	case events.Anywhere:
		return true
	case events.InOccurrence:
		return p.in == events.InOccurrence
	}
	return p.in == m.Place && p.index == m.Index
}

// reading returns a statement as it is read: as it was recorded, with the
// standing splits applied in the order of the record.
func (s *state) reading(e *entry) events.Statement {
	st := rewrite(*e.statement(), func(_ place, id uuid.UUID) uuid.UUID { return id })
	for _, by := range s.standing() {
		split, ok := by.Body.(*events.EntitySplit)
		if !ok {
			continue
		}
		for _, part := range split.Parts {
			for _, m := range part.Mentions {
				if m.Statement != e.ID {
					continue
				}
				st = rewrite(st, func(p place, id uuid.UUID) uuid.UUID {
					if id == split.Entity && p.named(m) {
						return part.Entity
					}
					return id
				})
			}
		}
	}
	return st
}

// mentions reports whether a statement, as it is read, has the entity in a place.
func (s *state) mentions(m events.Mention, entity uuid.UUID) (found bool) {
	rewrite(s.reading(s.find(m.Statement)), func(p place, id uuid.UUID) uuid.UUID {
		if id == entity && p.named(m) {
			found = true
		}
		return id
	})
	return found
}

func (s *state) checkSplit(b *events.EntitySplit) error {
	for _, part := range b.Parts {
		for _, m := range part.Mentions {
			if !s.mentions(m, b.Entity) {
				return fmt.Errorf("statement %v does not mention %v there", m.Statement, b.Entity)
			}
		}
	}
	return nil
}
