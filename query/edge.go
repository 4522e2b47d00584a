package query

import (
	"iter"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// Edge is a relation between two entities, seen from one of them. Its entities
// are in canonical form. A role is empty where the entity is the claim's
// occurrence. The statement says who holds it, and whether it is affirmed at all:
// Statement.Stance. Edges that two walks give are not equal, since their statements are
// not.
type Edge struct {
	From      uuid.UUID
	FromRole  string
	Predicate string
	To        uuid.UUID
	ToRole    string
	Statement graph.Statement
}

// Edges returns the relations of an entity: for each statement about the entity,
// in the view's order, one edge from each of the claim's ends that is the entity
// to each that is another. A claim's ends are its occurrence, which has no role,
// and then its arguments that are entities, in their order. Edges of one
// statement that are the same in all but their place come once. Nothing is read
// from the record. For an edge that leads to an occurrence, v.Kind(e.To) is
// events.Occurrence.
func Edges(v graph.View, entity uuid.UUID) iter.Seq[Edge] {
	return func(yield func(Edge) bool) {
		if entity == uuid.Nil {
			return
		}
		names := newNamer(v)
		from := names.canonical(entity)
		seen := make(map[Edge]bool) // of one statement
		for s := range v.Statements(graph.Pattern{Entity: entity}) {
			clear(seen)
			for fromRole, e := range names.ends(s) {
				if e != from {
					continue
				}
				for toRole, to := range names.ends(s) {
					edge := Edge{From: from, FromRole: fromRole, Predicate: s.Predicate(), To: to, ToRole: toRole, Statement: s}
					if to == from || seen[edge] {
						continue
					}
					seen[edge] = true
					if !yield(edge) {
						return
					}
				}
			}
		}
	}
}

// namer gives entities in canonical form, and knows of what kind they are. A view looks
// through a cluster for each; a namer asks it once for all of a cluster. It must not be used
// from several goroutines at once.
type namer struct {
	v     graph.View
	known map[uuid.UUID]uuid.UUID
	kinds map[uuid.UUID]events.EntityKind // of those in canonical form
}

func newNamer(v graph.View) namer {
	return namer{v, make(map[uuid.UUID]uuid.UUID), make(map[uuid.UUID]events.EntityKind)}
}

func (n namer) canonical(id uuid.UUID) uuid.UUID {
	c, known := n.known[id]
	if !known {
		c = n.v.Canonical(id)
		n.known[id] = c
		if c != id {
			for _, member := range n.v.Cluster(id) {
				n.known[member] = c
			}
		}
	}
	return c
}

// kind returns the kind of an entity, 0 if it is not registered.
func (n namer) kind(id uuid.UUID) events.EntityKind {
	e := n.canonical(id)
	kind, known := n.kinds[e]
	if !known {
		kind = n.v.Kind(e)
		n.kinds[e] = kind
	}
	return kind
}

// unidentified reports whether an entity is a placeholder and one with nobody
// identified.
func (n namer) unidentified(id uuid.UUID) bool { return n.kind(id) == events.Placeholder }

// ends returns the ends of a statement's claim with their roles.
func (n namer) ends(s graph.Statement) iter.Seq2[string, uuid.UUID] {
	return func(yield func(string, uuid.UUID) bool) {
		for role, e := range s.Ends() {
			if !yield(role, n.canonical(e)) {
				return
			}
		}
	}
}
