// Package gizmo runs a query in Gizmo, the query language of [Cayley] that is
// JavaScript, on a view of a graph: so it is answered as of any moment, and
// according to anyone.
//
//	for r, err := range gizmo.Run(ctx, g.View(&graph.Lens{AsOf: 7}), `
//		g.V("Steve Witkoff").in("<onrecord:entity/name>").
//			out("<onrecord:meet>").out("<onrecord:entity/name>").all()`, nil) { … }
//
// The nodes and predicates are those that package graph/quadstore specifies:
// "<onrecord:meet>" is an edge, and the label of each edge the statement that bears
// it out. A string in angle brackets is an IRI, another one a text. So whom one met,
// with the statement and who said so:
//
//	g.V("Steve Witkoff").in("<onrecord:entity/name>").tag("who").
//		in("<onrecord:role/subject>").tag("statement").
//		has("<onrecord:statement/predicate>", "<onrecord:meet>").
//		save("<onrecord:statement/speaker>", "speaker").all()
//
// # The language
//
// It is ECMAScript with the objects of [Gizmo]: g (or graph), V, M, emit, IRI,
// addNamespace and addDefaultNamespaces; the methods of paths; and iri, bnode, str,
// lang, typed, lt, lte, gt, gte, regex and like. Their names may begin with a
// capital. Left out are loadNamespaces, as a view holds none, and raw, which Cayley
// has deprecated.
//
// A path is asked by all, getLimit, toArray, tagArray, toValue, tagValue, count
// and forEach (or map). Like Cayley, it gives a node once for each way that leads
// there; unique gives it once. What differs from Cayley's own implementation:
//
//   - a count is right: where nothing is left of three nodes, it is 0;
//   - except an empty path takes nothing away, rather than fail or give all nodes;
//   - getLimit limits its own results only, not those of later calls;
//   - values keep their types in results;
//   - no text fails in a way that ends the program, with the exceptions below.
//
// # Limits
//
// A query ends with its context, and at its [quadstore.Limits]: its results, and
// likewise the elements of each array and the tags of each result, may not be more
// than Results; what it asks of the view may not take more than Steps; and all of
// it, with what the caller does between the results, no more than Time. The error
// then wraps [quadstore.ErrLimit] or is that of the context. Nothing is cut off in
// silence. A text may have 64 KiB, a path 500 steps, and calls and values may be
// 1,000 and 100 deep.
//
// JavaScript that does not ask the view is limited in time alone. It can build
// large strings and deep objects, and a regular expression of its own with back
// references can run beyond its time. So the texts of strangers belong in
// a process that may fail.
//
// # Costs
//
// Run starts an interpreter, some dozens of microseconds, and then costs what the
// paths cost on the view. It starts no goroutine that outlives it.
//
// [Cayley]: https://github.com/cayleygraph/cayley
// [Gizmo]: https://cayley.gitbook.io/cayley/query-languages/gizmoapi
package gizmo
