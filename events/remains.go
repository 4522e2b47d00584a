package events

import (
	"slices"

	"github.com/google/uuid"
)

// remains returns what is left of a body when its key is destroyed: what it refers
// to and what it does to other events, so that the rest of the record means the same
// as before. No text is in it, no predicate, role, time or stance. A statement has
// each entity and statement that it mentions once, as arguments without roles, in
// the order in which the graph numbers them.
func remains(b Body) Body {
	switch b := b.(type) {
	case *SourceAdded:
		s := &b.Source
		return &SourceAdded{Source{ID: s.ID, Authors: s.Authors, Publisher: s.Publisher, DerivedFrom: s.DerivedFrom}}
	case *EntityRegistered:
		return &EntityRegistered{Entity{ID: b.Entity.ID, Kind: b.Entity.Kind}}
	case *EntityNamed:
		return &EntityNamed{Entity: b.Entity, Source: b.Source}
	case *IdentityJudged:
		return &IdentityJudged{A: b.A, B: b.B, Verdict: b.Verdict}
	case *EntitySplit:
		return &EntitySplit{Entity: b.Entity, Parts: b.Parts}
	case *StatementRecorded:
		var m mentioned
		m.statement(&b.Statement)
		return &StatementRecorded{Statement{Claim: Claim{Args: m.args}, Source: b.Statement.Source, Replaces: b.Statement.Replaces}}
	case *StatementsLinked:
		return &StatementsLinked{From: b.From, Link: b.Link, To: b.To}
	case *Assessed:
		return &Assessed{Source: b.Source, Statement: b.Statement}
	case *Retracted:
		return &Retracted{Event: b.Event, Cascade: b.Cascade}
	case *Redacted:
		return &Redacted{Event: b.Event}
	}
	return &VocabularyDeclared{}
}

// mentioned collects what a statement mentions, each once.
type mentioned struct {
	args []Arg
	seen map[reference]bool // once there are more than a few
}

type reference struct {
	kind ValueKind
	id   uuid.UUID
}

func (m *mentioned) add(kind ValueKind, id uuid.UUID) {
	this := reference{kind, id}
	known := m.seen[this]
	if m.seen == nil {
		known = slices.ContainsFunc(m.args, func(a Arg) bool { return a.Value.Kind == kind && a.Value.ID == id })
	}
	if known || id == uuid.Nil {
		return
	}
	m.args = append(m.args, Arg{Value: Value{Kind: kind, ID: id}})
	switch {
	case m.seen != nil:
		m.seen[this] = true
	case len(m.args) > 16:
		m.seen = make(map[reference]bool)
		for i := range m.args {
			m.seen[reference{m.args[i].Value.Kind, m.args[i].Value.ID}] = true
		}
	}
}

func (m *mentioned) statement(s *Statement) {
	m.add(EntityValue, s.Claim.Occurrence)
	m.values(s.Claim.Args)
	m.nested(&s.Claim)
	for i := range s.Voices {
		v := &s.Voices[i]
		for _, ps := range [...][]Party{v.Speakers, v.For, v.To} {
			for _, p := range ps {
				m.add(EntityValue, p.Entity)
			}
		}
	}
}

func (m *mentioned) values(args []Arg) {
	for i := range args {
		if v := &args[i].Value; v.Kind == EntityValue || v.Kind == StatementValue {
			m.add(v.Kind, v.ID)
		}
	}
}

func (m *mentioned) nested(c *Claim) {
	for i := range c.Args {
		if c.Args[i].Value.Kind == ClaimValue {
			m.claim(c.Args[i].Value.Claim)
		}
	}
	for i := range c.If {
		m.claim(&c.If[i].Claim)
	}
}

func (m *mentioned) claim(c *Claim) {
	m.add(EntityValue, c.Occurrence)
	for i := range c.Args {
		if c.Args[i].Value.Kind == ClaimValue {
			m.claim(c.Args[i].Value.Claim)
			continue
		}
		m.values(c.Args[i : i+1])
	}
	for i := range c.If {
		m.claim(&c.If[i].Claim)
	}
}
