// Package onrecord is the root of a module that keeps who said what, when, where
// and how surely as an append-only record, and shows the graph of people,
// organisations, places and happenings which that record describes: now, as of
// any earlier moment, and according to anyone in it. There is no code here; the
// README lists the packages, and examples/first is the place to begin.
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
