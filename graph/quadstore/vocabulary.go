package quadstore

import (
	"net/url"
	"strings"

	"github.com/cayleygraph/quad"
	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// How the IRIs begin.
const (
	thingSpace     = "urn:uuid:"
	predicateSpace = "onrecord:"
	partSpace      = "onrecord:statement/"
	roleSpace      = "onrecord:role/"
	stanceSpace    = "onrecord:stance/"
)

// The predicates of a statement's star, beside its roles.
const (
	StatementPredicate  quad.IRI = partSpace + "predicate"
	StatementStance     quad.IRI = partSpace + "stance"
	StatementOccurrence quad.IRI = partSpace + "occurrence"
)

// Node returns the node of an entity or a statement.
func Node(id uuid.UUID) quad.IRI { return quad.IRI(thingSpace + id.String()) }

// ID returns the id of the entity or statement that a node is, and false if it
// is neither.
func ID(v quad.Value) (uuid.UUID, bool) {
	iri, _ := v.(quad.IRI)
	text, ok := strings.CutPrefix(string(iri), thingSpace)
	if !ok || len(text) != len(uuid.Nil.String()) {
		return uuid.Nil, false
	}
	id, err := uuid.Parse(text)
	return id, err == nil
}

// Predicate returns the node of a predicate, which is that of its edges.
func Predicate(name string) quad.IRI { return quad.IRI(predicateSpace + url.PathEscape(name)) }

// Role returns the node of a role, a predicate of the star.
func Role(name string) quad.IRI { return quad.IRI(roleSpace + url.PathEscape(name)) }

// Stance returns the node of a stance.
func Stance(s events.Stance) quad.IRI { return quad.IRI(stanceSpace + url.PathEscape(s.String())) }

// kind is what a node is.
type kind uint8

const (
	thing     kind = iota + 1 // an entity or a statement
	predicate                 // of a claim
	part                      // StatementPredicate and the like
	role
	stance
)

// node is Cayley's reference of a node. It is as small as its parts, and no IRI,
// because most nodes that a walk meets are not asked for.
type node struct {
	kind   kind
	stance events.Stance
	id     uuid.UUID // of a thing
	name   string    // of a predicate or role; the IRI of a part
}

func (n node) Key() any { return n }

func (n node) iri() quad.IRI {
	switch n.kind {
	case thing:
		return Node(n.id)
	case predicate:
		return Predicate(n.name)
	case role:
		return Role(n.name)
	case stance:
		return Stance(n.stance)
	}
	return quad.IRI(n.name)
}

func thingNode(id uuid.UUID) node { return node{kind: thing, id: id} }

// parse returns the node with an IRI, and false if there cannot be one.
func parse(iri quad.IRI) (n node, ok bool) {
	if id, ok := ID(iri); ok {
		return thingNode(id), id != uuid.Nil
	}
	switch iri {
	case StatementPredicate, StatementStance, StatementOccurrence:
		return node{kind: part, name: string(iri)}, true
	}
	text := string(iri)
	var rest string
	if rest, ok = strings.CutPrefix(text, roleSpace); ok {
		n.kind = role
	} else if rest, ok = strings.CutPrefix(text, stanceSpace); ok {
		n.kind = stance
	} else if rest, ok = strings.CutPrefix(text, predicateSpace); ok {
		n.kind = predicate
	} else {
		return node{}, false
	}
	name, err := url.PathUnescape(rest)
	if err != nil || name == "" {
		return node{}, false
	}
	if n.kind != stance {
		n.name = name
	} else if n.stance, err = events.ParseStance(name); err != nil {
		return node{}, false
	}
	return n, n.iri() == iri
}
