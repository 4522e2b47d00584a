package query

import (
	"iter"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/graph"
)

// Edge is a relation between two entities, seen from one of them. Its entities
// are in canonical form. The statement says who holds it, and whether it is
// affirmed at all: Statement.Stance.
type Edge struct {
	From      uuid.UUID
	FromRole  string
	Predicate string
	To        uuid.UUID
	ToRole    string
	Statement graph.Statement
}

// Edges returns the relations of an entity: for each statement with the entity
// among its claim's arguments, in the view's order, one edge from each of these
// to each argument that is another entity, in the order of the arguments. Edges
// of one statement that are the same in all but their place come once. Nothing is
// read from the record.
func Edges(v graph.View, entity uuid.UUID) iter.Seq[Edge] {
	return func(yield func(Edge) bool) {
		if entity == uuid.Nil {
			return
		}
		from := v.Canonical(entity)
		seen := make(map[Edge]bool) // of one statement
		for s := range v.Statements(graph.Pattern{Args: []graph.Fill{{Entity: entity}}}) {
			clear(seen)
			for fromRole, e := range s.Entities() {
				if e != from {
					continue
				}
				for toRole, to := range s.Entities() {
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
