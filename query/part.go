package query

import (
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// maxParts is how many steps a part may be away from its whole.
const maxParts = 32

// parts knows what is part of what: what shown affirmations of events.PartOf
// say. It must not be used from several goroutines at once.
type parts struct {
	namer
	wholes map[uuid.UUID][]uuid.UUID // of what an entity is part in one step
}

// within reports whether a part lies in a whole, through at most maxParts steps.
func (p *parts) within(part, whole uuid.UUID) bool {
	part, whole = p.canonical(part), p.canonical(whole)
	reached := map[uuid.UUID]bool{part: true}
	level := []uuid.UUID{part}
	for range maxParts {
		var next []uuid.UUID
		for _, e := range level {
			for _, w := range p.of(e) {
				if w == whole {
					return true
				}
				if !reached[w] {
					reached[w] = true
					next = append(next, w)
				}
			}
		}
		level = next
	}
	return false
}

func (p *parts) of(entity uuid.UUID) []uuid.UUID {
	found, known := p.wholes[entity]
	if known {
		return found
	}
	for s := range ties(p.v, entity, events.RolePart) {
		for role, e := range p.ends(s) {
			if role == events.RoleWhole {
				found = append(found, e)
			}
		}
	}
	slices.SortFunc(found, compareIDs)
	found = slices.Compact(found)
	p.wholes[entity] = found
	return found
}

// partsOf returns what lies in a whole, through at most maxParts steps, the whole
// itself only if it lies in one of its parts.
func partsOf(v graph.View, whole uuid.UUID) (found []uuid.UUID) {
	known := make(map[uuid.UUID]bool)
	level := []uuid.UUID{whole}
	for range maxParts {
		var next []uuid.UUID
		for _, e := range level {
			for s := range ties(v, e, events.RoleWhole) {
				for _, part := range inRole(s, events.RolePart) {
					if !known[part] {
						known[part] = true
						next = append(next, part)
					}
				}
			}
		}
		found = append(found, next...)
		level = next
	}
	return found
}

// ties returns the shown affirmations that have an entity as part or as whole.
func ties(v graph.View, entity uuid.UUID, role string) iter.Seq[graph.Statement] {
	return func(yield func(graph.Statement) bool) {
		p := graph.Pattern{Predicate: events.PartOf, Args: []graph.Fill{{Role: role, Entity: entity}}}
		for s := range v.Statements(p) {
			if affirms(s) && !yield(s) {
				return
			}
		}
	}
}

// inRole returns the entities that fill a role, in canonical form.
func inRole(s graph.Statement, role string) (found []uuid.UUID) {
	for r, e := range s.Entities() {
		if r == role {
			found = append(found, e)
		}
	}
	return found
}
