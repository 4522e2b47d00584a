package quadstore

import (
	"slices"

	"github.com/cayleygraph/quad"
	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// node is Cayley's reference of a node: its IRI.
type node quad.IRI

func (n node) Key() any { return n }

// link is Cayley's reference of a quad: its nodes.
type link struct{ subject, predicate, object, label node }

func (l link) Key() any { return l }

// at returns the node in a direction, which must not be quad.Any.
func (l link) at(d quad.Direction) node {
	switch d {
	case quad.Subject:
		return l.subject
	case quad.Predicate:
		return l.predicate
	case quad.Object:
		return l.object
	}
	return l.label
}

// appendLinks appends a statement's quads, each once: the direct edge, if there
// is one, and the star.
func appendLinks(links []link, st graph.Statement) []link {
	id := node(Node(st.ID()))
	predicate := node(Predicate(st.Predicate()))
	stance := st.Stance()

	var ends [2]node
	entities := 0
	for _, e := range st.Entities() {
		if entities < len(ends) {
			ends[entities] = node(Node(e))
		}
		entities++
	}
	if entities == len(ends) && stance.Polarity == events.Affirmed {
		links = append(links, link{ends[0], predicate, ends[1], id})
	}

	links = append(links,
		link{id, node(StatementPredicate), predicate, id},
		link{id, node(StatementStance), node(Stance(stance)), id})
	if o := st.Occurrence(); o != uuid.Nil {
		links = append(links, link{id, node(StatementOccurrence), node(Node(o)), id})
	}
	first := len(links)
	for role, e := range st.Entities() {
		l := link{id, node(Role(role)), node(Node(e)), id}
		if !slices.Contains(links[first:], l) {
			links = append(links, l)
		}
	}
	return links
}
