// Package quadstore shows a view of a graph as a quad store of [Cayley], so that
// Cayley's paths answer as of any earlier moment and according to anyone.
//
//	qs := quadstore.New(g.View(&graph.Lens{AsOf: 7}))
//	met := path.StartPath(qs, quadstore.Node(witkoff)).Out(quadstore.Predicate("meet"))
//	people, err := met.Iterate(ctx).AllValues(qs)
//
// # Quads
//
// Each statement that the view shows has quads of its own, with the statement
// as their label. They are a set, and all their nodes are IRIs.
//
// The direct edge is there if the origin affirms the claim and exactly two of
// the claim's arguments are entities. It goes from the first to the second:
//
//	<urn:uuid:(first)> <onrecord:meet> <urn:uuid:(second)> <urn:uuid:(statement)>
//
// The star is always there, also of what is denied:
//
//	<urn:uuid:(statement)> <onrecord:statement/predicate>  <onrecord:meet>
//	<urn:uuid:(statement)> <onrecord:statement/stance>     <onrecord:stance/PS->
//	<urn:uuid:(statement)> <onrecord:statement/occurrence> <urn:uuid:(occurrence)>
//	<urn:uuid:(statement)> <onrecord:role/subject>         <urn:uuid:(entity)>
//
// with an occurrence if the claim has one, and a role for each argument that is
// an entity. The stance is the origin's.
//
// So an edge never stands for a denial, or for what its origin leaves open. But
// it says no more than that: its origin affirms it, however surely, for whatever
// time, on whatever conditions, and be it as an order or a promise. The label
// leads to the statement, which tells. A lens narrows certainty and time.
//
// What a claim says by other values than entities is not shown as quads, nor
// are its conditions and time, the voices and the source; neither are links,
// names, verdicts and assessments.
//
// # Nodes
//
// [Node] names an entity or a statement, [Predicate], [Role] and [Stance] the
// rest. Names are percent-encoded as a URL's path segment, "/" too, so no
// predicate is taken for a role. A node is there if one of the quads has it: an
// entity that no shown claim names is not. An entity is shown by the canonical
// id of its cluster and found by the id of any member. Should one UUID be that
// of an entity and of a statement, they are one node.
//
// # Costs
//
// Nothing is copied: quads are made from the view's statements as they are
// walked. From an entity, a statement or a predicate a walk meets the statements
// that mention it; from a role, a stance or a part of the star it meets all of
// the view. Listing all nodes keeps them in memory.
//
// # Cayley
//
// This is for Cayley v0.7.7. Hand the [Store] itself to it: a cayley.Handle
// around it hides what keeps counts right, and Cayley then counts three where
// three nodes are filtered and none is left, as it does on its own stores. How
// often a path gives the same answer depends on Cayley's plan; Unique gives each
// once. Except panics if its node is not in the view: ask [Store.ValueOf] first.
// Cayley takes the end of a context for the end of the answer, so look at the
// context's error after each answer.
//
// [Cayley]: https://github.com/cayleygraph/cayley
package quadstore
