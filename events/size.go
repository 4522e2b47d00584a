package events

import (
	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events/edtf"
)

// What an event takes at least in the header of its record: an array of four, an
// id, and one byte each for the kind, the key id and the length.
const leastHead = 1 + idSize + 3

const idSize = 17

// leastSize is a size in bytes that the encoding of a body has at least. It counts
// what the format has at any rate, so that a batch which cannot fit a record is
// refused before anything is encoded: what shares its texts and lists in memory may
// be a thousand times as large in bytes. It never counts too much, or it would refuse
// what fits.
func leastSize(b Body) int {
	const body = 2 // a map and the key of its first field; each field has a key
	switch b := b.(type) {
	case *SourceAdded:
		s := &b.Source
		n := body + 2 + idSize + optional(s.Title) + optional(s.URL) + optionalID(s.Publisher) + timeSize(s.Published) + timeSize(s.Retrieved) +
			len(s.SHA256) + optional(s.Language)
		return n + idSize*(len(s.Authors)+len(s.DerivedFrom))
	case *EntityRegistered:
		return body + 2 + idSize + 2 + 1 + nameSize(&b.Entity.Name) + optional(b.Entity.Note)
	case *EntityNamed:
		return body + idSize + 1 + nameSize(&b.Name) + optionalID(b.Source)
	case *IdentityJudged:
		return body + idSize + 1 + idSize + 2 + optional(b.Reason)
	case *EntitySplit:
		n := body + idSize + 2 + optional(b.Reason)
		for i := range b.Parts {
			n += 2 + idSize + 2 + (2+idSize)*len(b.Parts[i].Mentions)
		}
		return n
	case *StatementRecorded:
		s := &b.Statement
		n := body + 2 + claimSize(&s.Claim, MaxDepth) + 2 + optionalID(s.Source) + optional(s.Selector.Exact) + optional(s.Selector.Locator) +
			2 + optional(s.Language) + optional(s.Gloss) + optionalID(s.Replaces)
		for i := 0; i < len(s.Voices) && n <= MaxRecord; i++ {
			n += voiceSize(&s.Voices[i])
		}
		return n
	case *StatementsLinked:
		return body + idSize + 2 + 1 + idSize + optional(b.Reason)
	case *Assessed:
		return body + optionalID(b.Source) + optionalID(b.Statement) + textSize(b.Scheme) + textSize(b.Value) + optional(b.Reason)
	case *Retracted:
		return body + idSize + optional(b.Reason)
	case *Redacted:
		return body + idSize + optional(b.Reason)
	case *VocabularyDeclared:
		n := 1
		for i := 0; i < len(b.Predicates) && n <= MaxRecord; i++ {
			p := &b.Predicates[i]
			n += 2 + textSize(p.Name) + optional(p.Inverse)
			for j := range p.Roles {
				r := &p.Roles[j]
				n += 2 + textSize(r.Name) + len(r.Values) + len(r.Entities)
			}
		}
		for i := 0; i < len(b.Schemes) && n <= MaxRecord; i++ {
			s := &b.Schemes[i]
			n += 2 + textSize(s.Name)
			for _, v := range s.Values {
				n += textSize(v)
			}
		}
		return n
	}
	return 0
}

func textSize(s string) int { return 1 + len(s) }

// optional is the size of a field that is left out if it is empty.
func optional(s string) int {
	if s == "" {
		return 0
	}
	return 1 + textSize(s)
}

func optionalID(id uuid.UUID) int {
	if id == uuid.Nil {
		return 0
	}
	return 1 + idSize
}

func timeSize(t edtf.Time) int { return optional(t.String()) }

func nameSize(n *Name) int { return 2 + textSize(n.Text) + optional(n.Language) }

func whenSize(w *When) int {
	return timeSize(w.Time) + optional(w.As) + timeSize(w.Anchor)
}

// claimSize goes no deeper than depth, c itself being 1: what is there is refused for it.
func claimSize(c *Claim, depth int) int {
	if depth == 0 {
		return 0
	}
	n := 2 + textSize(c.Predicate) + optionalID(c.Occurrence) + whenSize(&c.When)
	for i := 0; i < len(c.Args) && n <= MaxRecord; i++ {
		a := &c.Args[i]
		v := &a.Value
		n += 2 + textSize(a.Role) + 4 + optionalID(v.ID) + optional(v.Text) + optional(v.Language) + optional(v.Unit) + timeSize(v.Time) + optional(a.As)
		if v.Claim != nil {
			n += 1 + claimSize(v.Claim, depth-1)
		}
	}
	for i := 0; i < len(c.If) && n <= MaxRecord; i++ {
		n += 2 + claimSize(&c.If[i].Claim, depth-1) + optional(c.If[i].As)
	}
	return n
}

func voiceSize(v *Voice) int {
	// A map, the speakers, the act, and the stance, a map of two.
	n := 1 + 2 + 2 + 6 + optional(v.Cue) + whenSize(&v.Said)
	for _, ps := range [...][]Party{v.Speakers, v.For, v.To} {
		for i := range ps {
			n += 2 + idSize + optional(ps[i].As)
		}
	}
	return n
}
