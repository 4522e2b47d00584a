package quadstore

import (
	"slices"

	"github.com/cayleygraph/quad"
	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// link is Cayley's reference of a quad.
type link struct {
	subject, predicate, object node
	statement                  uuid.UUID // the label
}

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
	return thingNode(l.statement)
}

func (l link) has(n node) bool {
	return l.subject == n || l.predicate == n || l.object == n || thingNode(l.statement) == n
}

// appendLinks appends a statement's quads, each once: the direct edge, if there
// is one, and the star.
func appendLinks(links []link, st graph.Statement) []link {
	id := st.ID()
	self := thingNode(id)
	name := node{kind: predicate, name: st.Predicate()}
	held := st.Stance()

	var ends [2]node
	entities := 0
	for _, e := range st.Entities() {
		if entities < len(ends) {
			ends[entities] = thingNode(e)
		}
		entities++
	}
	if entities == len(ends) && held.Polarity == events.Affirmed {
		links = append(links, link{ends[0], name, ends[1], id})
	}

	star := func(p, object node) { links = append(links, link{self, p, object, id}) }
	star(node{kind: part, name: string(StatementPredicate)}, name)
	star(node{kind: part, name: string(StatementStance)}, node{kind: stance, stance: held})
	if o := st.Occurrence(); o != uuid.Nil {
		star(node{kind: part, name: string(StatementOccurrence)}, thingNode(o))
	}
	first := len(links)
	for in, e := range st.Entities() {
		l := link{self, node{kind: role, name: in}, thingNode(e), id}
		if !slices.Contains(links[first:], l) {
			links = append(links, l)
		}
	}
	return links
}
