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
// it out. It goes from the first of two entities to the second, also of a symmetric
// predicate: both("<onrecord:meet>") finds either. A claim about three has no edge, and is
// found by the roles of its statement. A string in angle brackets is an IRI, another one a
// text. So whom one met, with the statement and who said so:
//
//	g.V("Steve Witkoff").in("<onrecord:entity/name>").tag("who").
//		in("<onrecord:role/subject>").tag("statement").
//		has("<onrecord:statement/predicate>", "<onrecord:meet>").
//		save("<onrecord:statement/speaker>", "speaker").all()
//
// # The language
//
// It is ECMAScript with the objects of [Gizmo]: g (or graph) with V, M, emit, IRI,
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
//   - what is saved by several steps is given in each combination, where Cayley leaves
//     some out, and except saves nothing of the path that it takes away;
//   - back and followR go back over each step in its own label context, where Cayley takes
//     the one behind it or none;
//   - saveOpt saves behind another saveOpt with has, save, is or and in between, too;
//   - and with all nodes takes nothing away, not even from all nodes;
//   - except an empty path takes nothing away, rather than fail or give all nodes;
//   - followRecursive loses no nodes where its path goes on from one in two ways, as
//     both does;
//   - getLimit limits its own results only, not those of later calls; limit(0) and
//     getLimit(0) give none;
//   - back to a tag that the path has not set with tag is an error, rather than the
//     whole path's reverse;
//   - order sorts numbers as numbers, after them texts and times as they read, and then
//     all else; limit and skip take each way to a node by itself;
//   - values keep their types in results, and numbers are compared as numbers;
//   - a predicate or a label that no view can have, such as 3, "meet", "<meet>" or
//     "<onrecord:statement/speeker>", is an error, as is a wrong argument; Cayley's
//     implementation answers with nothing, or ends the whole program at some of these.
//
// A number is a floating-point number to JavaScript. One that is not exactly that is
// written as typed("0.1", "http://www.w3.org/2001/XMLSchema#decimal"), and a time as
// typed("2025-08", "http://id.loc.gov/datatypes/edtf/EDTF").
//
// # Limits
//
// A query is a program: run it from those only whom you would let run one in your
// process. What it asks of the view is bounded, however it asks: it ends with its
// context, and at its [quadstore.Limits], with an error that wraps
// [quadstore.ErrLimit] or is the context's. Its results, and likewise what is in a
// value that it emits, in an array that it gathers and in an argument, may not be more
// than Results, and what it looks at no more than Steps. Nothing is cut off in silence.
// A text may have 8 KiB, a path 500 steps and 100 tags, calls may be 1,000 deep and
// values 100. What is gathered in memory, as by order, is a node or a tag for each of the
// Steps at most; followRecursive keeps each node with all tags of its path.
//
// Time bounds all of it, with what the caller does between the results, but for
// what JavaScript's built-in functions do on their own: a search through an array of
// 2^53 elements, a regular expression with back references, or parsing and joining
// what is very long or deep takes time and memory of its own, and can end the process.
//
// # Costs
//
// Run starts an interpreter of its own, and then costs what the paths cost on the
// view. It starts no goroutine that outlives it.
//
// [Cayley]: https://github.com/cayleygraph/cayley
// [Gizmo]: https://cayley.gitbook.io/cayley/query-languages/gizmoapi
package gizmo
