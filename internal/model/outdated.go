package model

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// outdated says by what others have revised what an event of a batch registers or declares
// since the position as of which it is known, "" if they have not. Of a source or an entity
// that nothing registers now, what they have registered since and retracted counts, too.
func (m *Model) outdated(b events.Batch, ev events.Event) string {
	asOf := ev.AsOf
	if b.AsOf != nil {
		asOf = max(asOf, *b.AsOf)
	}
	then, now := m.asOf(asOf), m.state()
	own := func(id uuid.UUID) bool {
		return slices.ContainsFunc(b.Events, func(e events.Event) bool { return e.ID == id })
	}
	compare := func(what string, says func(events.Body) events.Body) string {
		was, is := then.newest(says), now.newest(says)
		var by uuid.UUID
		switch {
		case was == nil && is == nil || was != nil && is != nil && was.ID == is.ID:
			return ""
		case ev.Kind() == events.KindVocabularyDeclared && is != nil && SameContent(says(is.Body), says(ev.Body)):
			return ""
		case is == nil || was != nil && now.place(is.ID) < now.place(was.ID):
			by = now.find(was.ID).remover
		default:
			by = is.ID
		}
		if own(by) {
			return ""
		}
		return fmt.Sprintf("%s is revised by %v", what, by)
	}
	thing := thingOf(ev.Body)
	switch body := ev.Body.(type) {
	case *events.SourceAdded, *events.EntityRegistered:
		for _, e := range now.entries[len(then.entries):] {
			r, ok := e.Body.(*events.Redacted)
			if ok && !own(e.ID) && thingOf(now.find(r.Event).Body) == thing {
				return fmt.Sprintf("%v is redacted by %v", thing, e.ID)
			}
		}
		says := func(b events.Body) events.Body {
			if thingOf(b) == thing {
				return b
			}
			return nil
		}
		if now.newest(says) == nil {
			for _, e := range now.entries {
				if thingOf(e.Body) == thing && !e.standing && e.since > asOf && !own(e.remover) {
					return fmt.Sprintf("%v has come to stand since and is retracted by %v", thing, e.remover)
				}
			}
		}
		return compare(fmt.Sprint(thing), says)
	case *events.VocabularyDeclared:
		for _, p := range body.Predicates {
			why := compare(p.Name, func(b events.Body) events.Body {
				if d, ok := b.(*events.VocabularyDeclared); ok {
					for _, other := range d.Predicates {
						if other.Name == p.Name {
							return &events.VocabularyDeclared{Predicates: []events.Predicate{other}}
						}
					}
				}
				return nil
			})
			if why != "" {
				return why
			}
		}
		for _, s := range body.Schemes {
			why := compare(s.Name, func(b events.Body) events.Body {
				if d, ok := b.(*events.VocabularyDeclared); ok {
					for _, other := range d.Schemes {
						if other.Name == s.Name {
							return &events.VocabularyDeclared{Schemes: []events.Scheme{other}}
						}
					}
				}
				return nil
			})
			if why != "" {
				return why
			}
		}
	}
	return ""
}

// newest returns the last event that stands, is not redacted and says something, nil if
// there is none.
func (s *state) newest(says func(events.Body) events.Body) (found *entry) {
	for _, e := range s.standing() {
		if !e.redacted && says(e.Body) != nil {
			found = e
		}
	}
	return found
}

// place is where an event is in the record.
func (s *state) place(id uuid.UUID) int {
	return slices.IndexFunc(s.entries, func(e *entry) bool { return e.ID == id })
}

// registered is a thing and what it is.
type registered struct {
	kind events.Kind
	id   uuid.UUID
}

// thingOf returns what a body registers, nothing if it registers nothing.
func thingOf(b events.Body) registered {
	switch b := b.(type) {
	case *events.SourceAdded:
		return registered{b.Kind(), b.Source.ID}
	case *events.EntityRegistered:
		return registered{b.Kind(), b.Entity.ID}
	}
	return registered{}
}
