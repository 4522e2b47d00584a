// Package mql runs queries in Cayley's MQL, the language of Freebase, on a view of a
// graph: as of any earlier moment, and according to anyone. A query is an answer in
// JSON with gaps to be filled.
//
// # A query
//
// Who says what about Witkoff, and how surely?
//
//	[{
//	  "<onrecord:entity/name>": "Steve Witkoff",
//	  "!<onrecord:role/object>": [{
//	    "id": null,
//	    "<onrecord:statement/predicate>": null,
//	    "<onrecord:statement/stance>": null,
//	    "<onrecord:statement/speaker>": {"<onrecord:entity/name>": []}
//	  }]
//	}]
//
// An object stands for nodes, and "id" for the node itself. A key is a predicate of the
// vocabulary of package graph/quadstore, always in angle brackets; with a ! in front it
// leads backwards; and with a name, as in "@a:<onrecord:meet>" and "@b:<onrecord:meet>",
// it can be there twice. The value is one of:
//
//	"Steve Witkoff"   this text, which must be there; likewise true and 4
//	"<onrecord:…>"    this node, which must be there
//	null, []          one value, or all; it may be missing, and then is nil
//	{…}, [{…}]        one object, or all; it must be there, also if it is {}
//
// Statements are nodes, as above. Edges cannot be narrowed to one of them: the
// language knows no labels.
//
// # An answer
//
// [Run] returns an object for each node that the outermost one stands for: a
// map[string]any with the query's keys, whose values are nil, a [quad.Value], a []any
// of these, a map[string]any or a []any of such. In a list each is there once. Their
// order is no promise.
//
//	map[<onrecord:entity/name>: quad.String("Steve Witkoff")
//	    !<onrecord:role/object>: [map[
//		id:                              quad.IRI("onrecord:statement/66b2…")
//		<onrecord:statement/predicate>:  quad.IRI("onrecord:meet")
//		<onrecord:statement/stance>:     quad.IRI("onrecord:stance/CT+")
//		<onrecord:statement/speaker>:    map[<onrecord:entity/name>: [quad.String("Yuri Ushakov")]]]]]
//
// Cayley itself makes strings of all values, of which it takes equal ones for one
// node, and repeats what is in lists. Here values keep their types: a time is a
// [quad.TypedString], and "4" is not 4. In a query these are strings:
//
//	"\"four hours\"@en"
//	"\"2025-08-06\"^^<http://id.loc.gov/datatypes/edtf/EDTF>"
//	"\"0.1\"^^<http://www.w3.org/2001/XMLSchema#decimal>"
//
// The last is what a decimal number must look like, unless it is exactly a binary
// one, such as 0.5.
//
// # What surprises
//
// These are Cayley's rules:
//
//   - null and [] do not narrow, whatever Cayley's guide says: {"id": null,
//     "<onrecord:meet>": null} is all nodes. {} narrows.
//   - null and {…} keep one of several values; which one is no promise.
//   - A query without a list around it has all nodes, too.
//
// Refused, as Cayley would answer something else or nothing, are: a key twice in one
// object, a key that is no predicate of that vocabulary, such as "<meet>", an object as
// "id", a list in a list, and numbers from 2^53 on, which JSON does not keep. A predicate
// that may be there and is not in this view, such as "<onrecord:meeet>", has no value: that
// nobody says it is an answer.
//
// # Limits
//
// Anyone's text may be run. It may have 64 KiB, 500 keys and values, and objects 8
// deep, as each level doubles the time in which Cayley plans the query; what it does
// is bound by [quadstore.Limits]. Results is how many values an answer may have, and
// how many ways there may be through the view from which Cayley puts it together.
// It ends the query at once, so that with Steps it bounds the memory. When the context
// ends, so does the query, with its next step: Cayley does not look at it in between.
// Nothing in a text causes a panic: one in Cayley is an error that says so.
//
// An answer is whole, or there is none: the end of the context and what cannot be
// read from the record end the query, which [Run] sees, though Cayley does not. A value
// that is redacted is nil.
//
// # Costs
//
// Cayley puts the answer together in memory before the first object is returned: for
// each way through the view it looks at all keys, so that lists side by side add up and
// lists in lists multiply. For the rest see package graph/quadstore.
//
// [Run] starts no goroutine that outlives it, and may be called from several at once.
package mql
