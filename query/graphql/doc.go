// Package graphql runs queries in Cayley's GraphQL on a view of a graph: as of any
// earlier moment, and according to anyone. Cayley has GraphQL's syntax, not its
// meaning: there is no schema, and the names of fields are predicates of the
// vocabulary of package graph/quadstore.
//
// # A query
//
// Who says what about Witkoff, and how surely?
//
//	{
//	  nodes(<onrecord:entity/name>: "Steve Witkoff") {
//	    said: <onrecord:role/object> @rev {
//	      what: <onrecord:statement/predicate>
//	      stance: <onrecord:statement/stance>
//	      when: <onrecord:statement/when> @opt
//	      speaker: <onrecord:statement/speaker> { name: <onrecord:entity/name> }
//	    }
//	  }
//	}
//
// "nodes" may be any name: each object at the top begins with all nodes. Arguments
// narrow them, to those with the predicate and value; several values mean any of
// them, and id is the node itself. Fields lead on from them, backwards with @rev or a
// ~ before the name. A field without fields of its own is the values at its end, one
// with them is objects. A field must be there, unless it is @opt or has fields. In
// front of the colon stands the name that it has in the answer. With @unnest, an
// object's fields become those of the object around it. first and offset cut a list.
//
// A statement is a node with a field for each of its parts, and it is the label of
// all of its quads. To narrow an edge to one statement:
//
//	met: <onrecord:meet> @label(v: <onrecord:statement/66b2…> ) { id }
//
// # An answer
//
// An answer is a tree as [Run] returns it:
//
//	map[nodes:map[said:map[
//		what:    quad.IRI("onrecord:meet")
//		stance:  quad.IRI("onrecord:stance/CT+")
//		when:    quad.TypedString{Value: "2025-08-06", Type: quadstore.EDTF}
//		speaker: map[name: quad.String("Yuri Ushakov")]]]]
//
// Values are a [quad.Value] or, several of them, a []quad.Value; objects are a
// map[string]any or a []map[string]any; and what is not there is nil, or an optional
// field that is missing. So the same field is now one, now a list. Their order is no
// promise. A name without another one in front of it keeps its brackets:
// "<onrecord:meet>".
//
// Values keep their types. In a query, "four hours" is a text without a language, and
// these are others:
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
//   - A name ends with a space or one of (){}" only. What would be one name by mistake,
//     as in [<a> <b>] and {id,name}, is refused.
//   - Fields and arguments without brackets mean the same: id and <id>.
//   - A field with several values and no fields of its own may give an object once
//     with all of them, or once for each. Fields of its own, { id }, give each once.
//   - A label holds for all fields inside, too. Names have no label, so that within
//     one they are only found by a field that is reset, and has fields itself:
//     name: <onrecord:entity/name> @label { id }.
//   - {*} has all predicates that lead on, one value of each, whatever the label, under
//     their names without brackets.
//   - An object's fields do not narrow: who met nobody has nil there. An argument
//     without a value does: nodes(<onrecord:meet>: []), and gives who met thirty an
//     object for each of them.
//   - first: -1 is no limit, and offset: -1 is 0.
//   - Fragments, variables, mutations and several queries in one text are not known.
//
// Refused, too, as Cayley would answer something else: two fields of one name in an
// object, numbers that it has none for, and comments with other letters than ASCII; a
// field that is neither id, * nor a name that begins with onrecord:, and an argument that
// is neither id, first, offset nor such a name, for which it would find nothing; what
// begins so and is still no predicate of that vocabulary, and a label that is no statement;
// and arguments of a directive other than @label, which it would drop or take backwards.
// They stand before it: <onrecord:role/subject>(first: 1) @rev. An error says where in the
// text it is, by line and column, what stands there, and what would be right.
//
// # Limits
//
// Anyone's text may be run. It may have 64 KiB, 500 names and values, and brackets
// 32 deep; what it does is bound by [quadstore.Limits]. Results is how many values an
// answer may have, and how often Cayley may look for one more object or for one more
// way to it. It ends the query at once, so that with Steps it bounds the memory. When
// the context ends, so does the query, with its next step. Nothing in a text causes a
// panic: one in Cayley or its parser is an error that says so.
//
// An answer is whole, or there is none. Cayley drops the errors of some iterators,
// as with {*}, but none of the view's: the end of the context and what cannot be read
// from the record end the query, which [Run] sees. A value that is redacted is nil.
//
// # Costs
//
// Cayley plans each object anew for each object around it, which takes in the square
// of its fields. The values of a field that has no fields of its own are compared with
// each other, in the square of how many an object has; with fields, { id }, they are
// not. For the rest see package graph/quadstore.
//
// [Run] starts no goroutine that outlives it, and may be called from several at once.
package graphql
