package model

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// Spelling is a text that an entity is called by.
type Spelling struct {
	Text      string
	Languages []string
	Recorded  bool
	Times     int
	Outlets   []Outlet
}

// Outlet is who spells it so.
type Outlet struct {
	Publisher, Source uuid.UUID // at most one
	Times             int
	Names             []Named     // without the ids of those that are registered
	Statements        []uuid.UUID // in order of recording, each once
}

// spelt is one use of a text.
type spelt struct {
	text, language string
	name           *Named
	statement      uuid.UUID
	publisher      uuid.UUID
	source         uuid.UUID
}

// Spellings returns how an entity is spelt.
func (m *Model) Spellings(l Lens, entity uuid.UUID) (list []Spelling) {
	if !known(entity) {
		return nil
	}
	for _, use := range m.spelt(l, entity) {
		i := slices.IndexFunc(list, func(s Spelling) bool { return s.Text == use.text })
		if i < 0 {
			i = len(list)
			list = append(list, Spelling{Text: use.text})
		}
		s := &list[i]
		s.Times++
		s.Recorded = s.Recorded || use.name != nil
		if use.language != "" && !contains(s.Languages, use.language) {
			s.Languages = append(s.Languages, use.language)
		}
		k := slices.IndexFunc(s.Outlets, func(o Outlet) bool { return o.Publisher == use.publisher && o.Source == use.source })
		if k < 0 {
			k = len(s.Outlets)
			s.Outlets = append(s.Outlets, Outlet{Publisher: use.publisher, Source: use.source})
		}
		o := &s.Outlets[k]
		o.Times++
		if use.name != nil {
			o.Names = append(o.Names, *use.name)
		} else if !contains(o.Statements, use.statement) {
			o.Statements = append(o.Statements, use.statement)
		}
	}
	for _, s := range list {
		slices.Sort(s.Languages)
		slices.SortFunc(s.Outlets, func(a, b Outlet) int {
			if a.Times != b.Times {
				return b.Times - a.Times
			}
			return strings.Compare(a.Publisher.String()+a.Source.String(), b.Publisher.String()+b.Source.String())
		})
	}
	slices.SortFunc(list, func(a, b Spelling) int {
		if a.Times != b.Times {
			return b.Times - a.Times
		}
		return strings.Compare(a.Text, b.Text)
	})
	return list
}

// spelt returns each use of a text for an entity.
func (m *Model) spelt(l Lens, entity uuid.UUID) (uses []spelt) {
	v := m.look(l)
	add := func(use spelt, source uuid.UUID) {
		if src := v.shownSource(source); src != nil && src.Publisher != uuid.Nil {
			use.publisher = v.canonical(src.Publisher)
		} else {
			use.source = source
		}
		uses = append(uses, use)
	}
	e := m.Entity(m.At(l), entity)
	for _, r := range e.Registrations {
		n := Named{Entity: r.ID, Name: r.Name}
		add(spelt{text: r.Name.Text, language: r.Name.Language, name: &n}, uuid.Nil)
	}
	for _, n := range e.Names {
		add(spelt{text: n.Name.Text, language: n.Name.Language, name: &n}, n.Source)
	}
	for _, r := range v.shown {
		word := func(id uuid.UUID, as string) {
			if as != "" && v.one(entity, id) {
				add(spelt{text: as, language: r.Statement.Language, statement: r.ID}, r.Statement.Source)
			}
		}
		eachClaim(r.Statement.Claim, func(c events.Claim) {
			for _, arg := range c.Args {
				word(arg.Value.ID, arg.As)
			}
		})
		for _, voice := range r.Statement.Voices {
			for _, p := range slices.Concat(voice.Speakers, voice.For, voice.To) {
				word(p.Entity, p.As)
			}
		}
	}
	return uses
}
