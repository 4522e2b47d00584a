// Package onrecord is the root of a module that keeps who said what, when, where
// and how surely as an append-only record, and shows the graph of people,
// organisations, places and happenings which that record describes: now, as of
// any earlier moment, and according to anyone in it. There is no code here; this
// is the map.
//
// # Packages
//
// In the order in which they build on one another; nothing imports what comes
// after it.
//
//	events/edtf        dates as sources give them: vague, open, one of several
//	events             what may be said, checked and encoded; the Store it is kept in
//	events/eventstest  the contract of a Store, and of Keys, as tests for your own
//	events/sqlite      a Store in one SQLite file
//	events/postgres    a Store in a PostgreSQL database, shared by many machines
//	events/jetstream   a Store in a stream of NATS JetStream, shared by many machines
//	events/jsonl       a record as text, one record a line, and back
//	events/keys        the keys of a record from which single events can be erased
//	events/keys/agewrap  those keys, wrapped for a recipient of age
//	events/proof       signed checkpoints of a record, proofs of what was recorded when
//	graph              the record folded into a graph, and views of it
//	graph/quadstore    any view as a Cayley quad store, for paths and query languages
//	query              questions over a view: who says so, since when, who disputes it
//	query/relations    who is related to whom, as a graph for gonum's algorithms
//	query/find         full text in any script, and names in spite of their spelling
//	query/gizmo        queries in Gizmo, Cayley's JavaScript, on a view
//	query/graphql      queries in Cayley's GraphQL on any view, with limits
//	query/mql          queries in Cayley's MQL on any view, with limits
//	examples           programs, one folder each; begin with examples/first
//
// # The way of a statement
//
// A program says what it has read with an [events.Builder], or writes the plain
// structs of an [events.Batch]. [graph.Graph.Record] checks the batch against what
// is recorded already, appends it to the [events.Store], all or nothing, and folds
// it into the graph. [graph.Graph.View] looks at the graph through a
// [graph.Lens]; the functions of package query ask a view, and answer with the
// statements that bear them out. Nothing flows back: a later event may say that an
// earlier one was wrong, but none is ever changed.
//
// # Where to look
//
//   - which words the model has, and what is refused: package events
//   - the bytes of a record, with a worked example: events/FORMAT.md
//   - an export in lines of JSON, with a worked example: package events/jsonl
//   - what a proof shows, and what it does not: package events/proof
//   - what a retraction, a verdict of identity or a split does: package graph
//   - what "as of", "according to" and "certainly" mean exactly: package graph
//   - what contradicts what, and what does not: package query
//   - which words and names are the same, and which are alike: package query/find
//
// [events.Batch]: https://pkg.go.dev/github.com/onrecord/onrecord/events#Batch
// [events.Builder]: https://pkg.go.dev/github.com/onrecord/onrecord/events#Builder
// [events.Store]: https://pkg.go.dev/github.com/onrecord/onrecord/events#Store
// [graph.Graph.Record]: https://pkg.go.dev/github.com/onrecord/onrecord/graph#Graph.Record
// [graph.Graph.View]: https://pkg.go.dev/github.com/onrecord/onrecord/graph#Graph.View
// [graph.Lens]: https://pkg.go.dev/github.com/onrecord/onrecord/graph#Lens
package onrecord
