package graph

import (
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// splitStatement returns the event's statement as it is read with splits, in
// their order. The event is not changed.
func splitStatement(e *events.Event, splits []*events.EntitySplit) *events.Statement {
	s := copyStatement(&e.Body.(*events.StatementRecorded).Statement)
	for _, split := range splits {
		for _, part := range split.Parts {
			for _, m := range part.Mentions {
				if m.Statement == e.ID {
					eachMention(s, m, func(id *uuid.UUID) {
						if *id == split.Entity {
							*id = part.Entity
						}
					})
				}
			}
		}
	}
	return s
}

// eachMention calls yield with each entity in the place that a mention names.
func eachMention(s *events.Statement, m events.Mention, yield func(*uuid.UUID)) {
	voice := func(v *events.Voice) {
		for _, ps := range [...][]events.Party{v.Speakers, v.For, v.To} {
			for i := range ps {
				yield(&ps[i].Entity)
			}
		}
	}
	switch m.Place {
	case events.InOccurrence:
		yield(&s.Claim.Occurrence)
	case events.InArgument:
		if m.Index >= 0 && m.Index < len(s.Claim.Args) {
			eachInValue(&s.Claim.Args[m.Index].Value, yield)
		}
	case events.InVoice:
		if m.Index >= 0 && m.Index < len(s.Voices) {
			voice(&s.Voices[m.Index])
		}
	case events.Anywhere:
		eachInClaim(&s.Claim, yield)
		for i := range s.Voices {
			voice(&s.Voices[i])
		}
	}
}

func eachInClaim(c *events.Claim, yield func(*uuid.UUID)) {
	yield(&c.Occurrence)
	for i := range c.Args {
		eachInValue(&c.Args[i].Value, yield)
	}
	for i := range c.If {
		eachInClaim(&c.If[i].Claim, yield)
	}
}

func eachInValue(v *events.Value, yield func(*uuid.UUID)) {
	switch v.Kind {
	case events.EntityValue:
		yield(&v.ID)
	case events.ClaimValue:
		eachInClaim(v.Claim, yield)
	}
}

// copyStatement copies what eachMention may change.
func copyStatement(s *events.Statement) *events.Statement {
	c := *s
	c.Claim = copyClaim(s.Claim)
	c.Voices = slices.Clone(s.Voices)
	for i := range c.Voices {
		v := &c.Voices[i]
		v.Speakers, v.For, v.To = slices.Clone(v.Speakers), slices.Clone(v.For), slices.Clone(v.To)
	}
	return &c
}

func copyClaim(c events.Claim) events.Claim {
	c.Args = slices.Clone(c.Args)
	for i := range c.Args {
		if n := c.Args[i].Value.Claim; n != nil {
			nested := copyClaim(*n)
			c.Args[i].Value.Claim = &nested
		}
	}
	c.If = slices.Clone(c.If)
	for i := range c.If {
		c.If[i].Claim = copyClaim(c.If[i].Claim)
	}
	return c
}
