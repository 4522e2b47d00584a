package quadstore

import (
	"net/url"
	"strings"

	"github.com/cayleygraph/quad"
	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

const (
	things     = "urn:uuid:"
	predicates = "onrecord:"
	roles      = "onrecord:role/"
	stances    = "onrecord:stance/"
)

// The predicates of a statement's star, beside its roles.
const (
	StatementPredicate  quad.IRI = "onrecord:statement/predicate"
	StatementStance     quad.IRI = "onrecord:statement/stance"
	StatementOccurrence quad.IRI = "onrecord:statement/occurrence"
)

// Node returns the node of an entity or a statement.
func Node(id uuid.UUID) quad.IRI { return quad.IRI(things + id.String()) }

// ID returns the id of the entity or statement that a node is, and false if it
// is neither.
func ID(v quad.Value) (uuid.UUID, bool) {
	iri, _ := v.(quad.IRI)
	text, ok := strings.CutPrefix(string(iri), things)
	if !ok || len(text) != len(uuid.UUID{}.String()) {
		return uuid.Nil, false
	}
	id, err := uuid.Parse(text)
	return id, err == nil
}

// Predicate returns the node of a predicate, which is that of its edges.
func Predicate(name string) quad.IRI { return quad.IRI(predicates + url.PathEscape(name)) }

// Role returns the node of a role, a predicate of the star.
func Role(name string) quad.IRI { return quad.IRI(roles + url.PathEscape(name)) }

// Stance returns the node of a stance.
func Stance(s events.Stance) quad.IRI { return quad.IRI(stances + url.PathEscape(s.String())) }

// predicateName returns the name of the predicate that a node is, empty if it
// is none.
func predicateName(n node) string {
	text, ok := strings.CutPrefix(string(n), predicates)
	if !ok || strings.Contains(text, "/") {
		return ""
	}
	name, err := url.PathUnescape(text)
	if err != nil {
		return ""
	}
	return name
}
