// Package quadstore shows a view of a graph as a quad store of [Cayley], so that
// Cayley's paths and query languages answer as of any earlier moment and according
// to anyone.
//
//	qs := quadstore.New(g.View(&graph.Lens{AsOf: 7}))
//	met := path.StartPath(qs, quadstore.Entity(witkoff)).Out(quadstore.Predicate("meet"))
//	people, err := met.Iterate(ctx).AllValues(qs)
//
// # Statements
//
// Each statement that the view shows has quads of its own, with the statement
// as their label: the evidence of an edge is its label. The quads are a set.
//
// The direct edge is there if the origin affirms the claim and exactly two of
// the claim's arguments are entities. It goes from the first to the second:
//
//	<onrecord:entity/(first)> <onrecord:meet> <onrecord:entity/(second)> <onrecord:statement/(id)>
//
// The edge of a symmetric predicate also goes this one way: ask in both directions, with Both
// in a path. A claim about three entities has no direct edge, only its star.
//
// The star is always there, also of what is denied. Its quads have the statement
// <onrecord:statement/(id)> as subject and label, and as predicate and object:
//
//	<onrecord:statement/predicate>   <onrecord:meet>
//	<onrecord:role/target>           what fills the role: one quad for each argument, see below;
//	                                 the Builder's roles are subject, object and those that it is told
//	<onrecord:unit/hours>            "h"                     the unit of a number that fills the role "hours"
//	<onrecord:statement/occurrence>  <onrecord:entity/…>     the happening that the claim describes
//	<onrecord:statement/when>        "2025-08"^^<EDTF>       when the claim holds
//	<onrecord:statement/conditional> true                    if the claim has conditions
//	<onrecord:statement/nested>      <onrecord:entity/…>     mentioned by a condition or a claim in a role,
//	                                 or a statement          at any depth
//	<onrecord:statement/source>      <onrecord:source/…>
//	<onrecord:statement/form>        <onrecord:form/quote>
//	<onrecord:statement/speaker>     <onrecord:entity/…>     the origin: who said it,
//	<onrecord:statement/for>         <onrecord:entity/…>     for whom,
//	<onrecord:statement/to>          <onrecord:entity/…>     to whom,
//	<onrecord:statement/act>         <onrecord:act/assert>   by what speech act,
//	<onrecord:statement/stance>      <onrecord:stance/CT+>   held how,
//	<onrecord:statement/said>        "2025-08-06"^^<EDTF>    said when
//	<onrecord:voice/1/speaker>       <onrecord:entity/…>     who reports what the origin said; likewise for,
//	                                                         to, act, stance and said of each later voice
//
// What fills a role is one of:
//
//	an entity     <onrecord:entity/…>
//	a statement   <onrecord:statement/…>, whether or not the view shows it
//	a text        "four hours"@en, or "four hours" if its language is not given
//	a number      quad.Int or quad.Float where that is exactly it, or else "0.1"^^<xsd:decimal>
//	a time        "2025-08-06"^^<EDTF>
//	a claim       <onrecord:value/claim>, which says that there is one; what it mentions is nested
//	none          <onrecord:value/none>: it is said that there is none
//	unknown       <onrecord:value/unknown>: it is said that there is one, not which
//
// So an edge never stands for a denial, or for what its origin leaves open. But
// it says no more than that its origin affirms it: however surely, for whatever
// time, on whatever conditions, and even as an order or a promise. The label
// leads to the statement, which tells. A lens narrows certainty and time.
//
// # Entities and sources
//
// Entities and sources that are registered as of the view's position have quads
// without a label, whatever else the lens asks for:
//
//	<onrecord:entity/…> <onrecord:entity/name>      "Witkoff"
//	<onrecord:entity/…> <onrecord:entity/kind>      <onrecord:kind/person>
//	<onrecord:source/…> <onrecord:source/title>     "Trump sends envoy"
//	<onrecord:source/…> <onrecord:source/url>       "https://example.org/august"
//	<onrecord:source/…> <onrecord:source/published> "2025-08-04"^^<EDTF>
//
// All names of all members of an entity's cluster are shown, as plain strings
// without their language, so that any of the names finds the entity. The kind
// is that of [graph.View.Kind].
//
// An entity is shown by the canonical id of its cluster and found by the id of
// any member.
//
// # Nodes
//
// The functions named for them, [Entity], [Statement], [Source], [Predicate],
// [Role], [Unit], [Voice], [Stance], [Act], [Form] and [Kind], give the nodes. For an unknown
// stance, act, form or kind they give a node that no view has.
// Names of predicates and roles are percent-encoded as a URL's path segment, "/"
// too, so that no predicate is taken for anything else. A node is there if one of
// the quads has it.
//
// [EDTF] is the type of times: the text is as the source's date was recorded, and
// sorts as it reads. Two texts are two nodes, even if they mean the same days.
// Numbers that are equal are one node ("4" and "4.0"), whatever their units. No
// floating-point number is 0.1, so look for it as "0.1"^^<xsd:decimal>. Cayley compares
// values of one type only: only whole numbers are less than 2, and only times are less than
// a time.
//
// Not shown are links, verdicts, assessments, retractions, the structure of nested
// claims, words, glosses, notes, authors and what a source is derived from: the
// view itself has them, and a label's statement leads there.
//
// # Costs
//
// Nothing is copied: references are the graph's own numbers, and quads are made
// from the view's rows as they are walked. A walk meets, of what a quad must have,
// the shortest list that there is: the statements with a label or a subject that is
// a statement; those that mention an entity, in the role or the part that the
// predicate names; those of a predicate, of a source, of a text or a number, or that
// refer to a statement. Among an entity's statements those of one predicate are found
// without looking at most of the others. For whatever else there is (a time, a stance,
// an act, a form, a kind, all with a role or another predicate of the star) there is no
// list, and a walk looks at all statements of the view.
//
// The [Store] remembers what is walked again and again, for all who use it, until a
// redaction:
//
//   - The edges of an entity, 8 bytes for each end, and whatever else leads to an entity,
//     a text or a number, 4 bytes for each quad and 12 for each predicate: when the same
//     of them is walked for the second time, or all of them for the first if there are
//     1,024 statements or fewer. With 8 statements or fewer they are walked each time.
//   - All quads with one predicate, and all with any time as object, or any stance, act,
//     form or kind, sorted: 4 bytes for each, 8 for an edge, and 12 for each object of each
//     predicate. The Store sorts them when all walks for them have looked at as many
//     statements as one walk through all does, so mostly for the second walk. That takes as
//     long as two to four of these walks, and meanwhile several times the memory, more with
//     more objects. It ends with the context of the caller, who walks instead if he has too
//     few steps for it. Nobody else waits for it.
//   - All nodes, a bit for each: when they have been listed to the end, or counted by
//     [Store.Stats]. There is a bit for each number of a kind that the graph has given,
//     whatever the view shows.
//
// So a quad of the star is remembered twice at most, and an edge three times. Besides, each
// entity of which something is remembered has its place in maps, which with few edges takes
// more than the edges do. So have the notes of which walks have been made, a million at most.
// After all that the benchmark below asks, a store had come to 56 bytes for each
// statement. Sizes are guessed until there is something to count in, and none claims to be
// exact. The order of answers changes with what is remembered: sort them if you take some
// of them after others.
//
// Before there is anything to look it up in, [Store.ValueOf] finds a role, a time and the
// like by a walk to the first one, and remembers whether there is one.
//
// Compared with Cayley's memstore with the same quads, by turns and each the best of
// three times, the median of each class of queries of
//
//	go test -run='^$' -bench=Paths -benchtime=1x ./graph/quadstore -args -statements=100000
//
// is faster, with these exceptions. All quads, or their predicates, out of one statement,
// source or entity by any predicate take 1.1 to 1.4 times as long if there are a dozen: a
// microsecond more at most. About half of their time is Cayley's planning. Neither
// less memory for a walk nor memory used again made up for that. All that leads into an
// entity by any predicate, Both by any, and what is followed recursively take 0.8 to 1.2
// times as long. Counting all nodes takes 1.1 times as long, once they are remembered:
// memstore keeps a number for it, which counts its quads, too.
//
// Texts and numbers are found and compared without reading the record. What they
// say is read from it when Cayley asks for the value, to answer or to filter by it.
//
// # Copies
//
// [Copy] writes all quads of a view into a store of Cayley's own or into a file,
// for those who run a Cayley server. What it writes is the view as of its position
// and through its lens, for good.
//
// # Cayley
//
// This is for Cayley v0.7.7. Hand the [Store] itself to it: a cayley.Handle
// around it hides what makes paths fast and counts right. Cayley then counts
// three where three nodes are filtered and none is left, as it does on its own
// stores. What several parts of a path lead to, as Has, Save, Or and And do, is given with
// each combination of their ways, so that all that is saved together is seen together.
// How often a path gives the same answer still depends on Cayley's plan, and so on
// what the store remembers; Unique gives each once. Order sorts numbers as numbers, after
// them texts and times as they read, and then all else. Order, Limit and Skip take each way
// to a node by itself.
//
// These are Cayley's faults, on every store:
//
//   - Path.FollowRecursive loses nodes where its step goes on from one in two ways, as
//     Both and Labels do; and where a node is looked up in it, it gives the tags of
//     another one, or panics. [FollowRecursive] does not.
//   - SaveOptional and SaveOptionalReverse save nothing behind another of them with Has,
//     Save, Is or And in between: put them all behind these.
//   - Back and FollowReverse take each step in the last label context if that stands
//     before all steps that they go back over, and otherwise in a wrong one or in none.
//   - And with all nodes, of a path that is all nodes, has none.
//   - Except panics if what it takes away is nothing for sure, as from a node or by a
//     predicate that is not in the view: ask [Store.ValueOf] first.
//
// Cayley takes the end of a context for the end of the answer, so look at the context's
// error after each answer. It also forgets the context here and there, and some queries
// have no end: use [Store.Bound] for queries that others ask.
//
// The packages query/gizmo, query/graphql and query/mql run a query of Cayley's
// languages on a view.
//
// [Cayley]: https://github.com/cayleygraph/cayley
package quadstore
