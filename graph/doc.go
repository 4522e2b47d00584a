// Package graph folds a record of events into a graph of entities and
// relations, and shows it: now, as of any earlier moment, and according to
// anyone in it.
//
//	g, err := graph.Open(ctx, store, nil)
//	b := g.NewBatch(ctx, "desk") // says what has been found; package events tells how
//	batch, err := b.Batch()
//	receipt, err := g.Record(ctx, batch)
//	for s := range g.View(nil).Statements(graph.Pattern{Predicate: "meet", Entity: putin}) { … }
//
// # Nouns
//
// A [Graph] is a record, opened. [Graph.Record] adds a batch of events to it, all or
// nothing; [Graph.RecordAll] and [Graph.RecordEach] add many batches, in order.
// [Graph.Refresh] and [Graph.Follow] take in what other processes record, and
// [Graph.TakeIn] what another desk has in a record of its own. A [View] is the graph as
// somebody looks at it: the position in the record, and the filters of a [Lens]. A
// [Pattern] names statements, and a [Statement] is one that a view shows.
//
// # What stands
//
// An event stands from the batch that recorded it until something removes it.
// Three things do:
//
//   - A Retracted event removes its target. With Cascade it also removes every
//     standing event that rests on the target, directly or through others.
//     Without Cascade, it is refused if there is such an event. Either is refused if it
//     would leave a source with an older registration by which sources derive from each
//     other in a circle: register that source anew first.
//   - A statement with Replaces removes the statement it replaces. It does not take over
//     that one's links and ratings; query.Worklist tells where there are links.
//   - Retracting a Retracted event, or the statement that replaced another,
//     restores what that one had removed, exactly: all of it stands again; then,
//     in the order in which it was first recorded, each takes effect anew (what
//     it replaces, or retracts, must stand then); then whatever still stands
//     must be consistent: what it rests on is there, verdicts agree, and no
//     sources derive from each other in a circle. If not, the whole undo is
//     refused. The vocabulary is not asked again. A restored retraction is carried
//     out again, on whatever rests on its target at that time; retractions of
//     retractions go at most events.MaxUndo deep. If A replaced B and was itself
//     replaced, B stays removed.
//
// What an event rests on: a statement on its source, on every entity and every
// statement that it mentions as it was recorded (nested claims and voices
// included); a link on its two statements; a name, a verdict, an assessment, a
// split on what they are about; a source on its authors, its publisher and the
// sources it is derived from. A source or an entity is there while at least one
// event that registers it stands; a statement is there while it stands or is
// replaced. So an event rests on a registration only if it is the last standing
// one of a thing that it needs. [View.Falls] tells beforehand what a cascade
// would take, and whether it would be refused for a circle.
//
// When a cascade removes a statement that had replaced another, the other comes
// back, unless it cannot stand either: then the cascade takes it, too, with
// what rests on it.
//
// A split changes how statements are read from then on; what is read is the
// recorded statement with the standing splits applied in the order in which
// they were first recorded. A split whose entity is no longer mentioned changes
// nothing. Retracting the split restores the earlier reading. A split says nothing of a
// statement that replaces one that it names; query.Worklist tells where that leaves the old
// entity in its place.
//
// A batch of a few bytes may remove and restore much. So all that it moves is
// counted: each entry of a posting list that it adds, and each list in which a row is
// closed. A statement of two entities and one voice counts five when it is recorded,
// seven when it is removed and six when it comes back. Sixteen entries that a cascade, or
// a check of what rests on something, only looks through count one. So do sixteen sources
// that a retraction looks through for a circle. A verdict counts two
// for each verdict on a member of the two clusters, unless the graph has them from an
// earlier check; it forgets them when one falls. A batch that comes to more than
// events.MaxMoved is refused; if it comes to more than twice that, and is in the store all
// the same, the record is damaged. The limit is not checked when an erasable record is
// opened, since only somebody with the keys can have written that.
//
// A Redacted event hides its target in every view, of any position, also in
// views made before it; nothing else changes. A redacted registration does not
// count: the newest one that stands and is not redacted does. So a view may show sources
// that derive from each other in a circle: what is checked is what stands, redacted or not,
// and a redaction is never refused because of a circle. A redaction cannot be retracted. In an
// erasable record it does more: see Erasure.
//
// # Identity
//
// Standing verdicts "same" join entities into clusters, as of the view's
// position; "different" keeps clusters apart (recording either against the other
// is refused) and "unsure" joins nothing. Statements keep the ids they were
// recorded with. A question that names an entity means its whole cluster, and
// answers name a cluster by its canonical member, the one with the smallest id.
// Kind, name and note of a cluster are those of one member: of those whose registration
// stands, the one that was registered first in the record; a placeholder only if there is
// no other. To rename the cluster, register that member anew.
// Withdrawing a verdict restores every answer.
//
// # Views
//
// A view shows a statement if, as of its position, the statement stands and is
// not redacted, and every filter of its lens holds for it:
//
//   - SaidBy: the origin (Voices[0]) said it by the end of that time. Certainly:
//     the latest instant of its Said is not after the latest instant of the
//     filter. Possibly: its earliest is not. Without Said, it was said at some
//     time up to the latest instant of its publication.
//   - PublishedBy: its source was published by the end of that time, as the
//     newest registration in the view gives it. Without a source or a time of
//     publication, it was published at some time up to when it was recorded.
//   - Valid: its claim's time overlaps the filter's, possibly or certainly, as
//     package edtf defines that. A claim without a time always passes.
//   - According: one of the speakers of Voices[0], or of those it speaks for, is
//     in the cluster of one of these entities.
//   - Least: the origin's certainty is at least this.
//   - Rated: in each of these schemes, the rating of the statement is among the
//     values that are given, and so is that of its source. A missing rating passes,
//     unless both are missing and Required is set. A rating counts if it stands as of the
//     view's position, is not redacted and, with By, was recorded by one of those. Of
//     several, only the one that was recorded last counts. A statement that replaces
//     another has none of that one's ratings.
//
// Who says it, who recorded it and who rates it are three questions. According asks who says
// it, the voice that the source has. [Pattern].Recorder asks which desk put it on record, for
// whatever voice. By of a [Rating] asks which desk's ratings of it count.
//
// Recorded times are taken as the running maximum over the record, so that a
// clock set back never reorders it. A clock that is ahead would give a later time to what
// others record after it. So a store that machines share knows the time, and a machine whose
// clock is more than [MaxAhead] ahead of it is refused.
//
// # Guarantees
//
// A view never changes, whatever is recorded meanwhile. It waits for nobody who records and
// never shows half a batch; only a redaction reaches into it. A batch that Record has
// acknowledged is as durable as the store promises, and every view made afterwards sees it.
// Two who revise one source, entity or predicate at once do not undo each other unseen, if
// their batches begin with [Graph.NewBatch]: the second gets ErrOutdated. A refused batch
// changes nothing. Recording the same event again, by id, succeeds and changes nothing; the
// same id with other content is refused. The graph is a pure function of the record, and of
// the keys that are left: replaying the first p batches gives what a view as of p shows,
// redactions aside.
//
// # Erasure
//
// A record that is empty when it is opened with Options.Keys is erasable from then on,
// and can only be opened with these keys. Package events says what is sealed there,
// and what stays. Batches begin with [Graph.NewBatch], so that without the keys
// nobody can test a guessed name against an id; those of events.Key are refused.
//
// When a call of Record that has recorded a Redacted event returns, the key of its target
// is destroyed: nobody can read the target again, in this record or in a backup from
// before. This graph has forgotten it: it has folded the record anew without it, its
// snapshots cannot be opened any more, wherever they have been copied to, and whoever asked
// for it with [Graph.OnErase] has been told. Other processes do the same when they fold the
// redaction; until then they show what their columns have, but no text, which needs
// the key. A key is destroyed only once the redaction is durable (events.Syncer). If
// any of this fails, Record says so, and the next call of Record or Refresh, or Open, tries
// it again.
//
// All views show that there is an event, and of what it is: ErrRedacted. What rested on
// it, replaced it or was replaced by it stays as it is. Recording its id again, with
// whatever content, succeeds and writes nothing. A split can no longer name it, and a
// [Condition] that an erased statement may have broken counts as broken.
//
// A backup from before a redaction can be opened: what was erased is redacted there,
// too. Whoever opens it with a copy of the keys from before has undone the erasure.
//
// Erasure does not reach
//
//   - the names of recorders. They stand in the clear in the header of each batch
//     (events/FORMAT.md), even if all of the batch is erased, and the columns keep each
//     once;
//   - the memory of views made before. They keep the columns that they were made of,
//     without texts, until the views are let go, but do not show what is erased;
//   - what callers keep: a [Statement] still tells its predicate, roles and times;
//   - memory that this process has let go. What was erased, and its key, may lie there
//     until that memory is used again or the process ends, though nothing leads there;
//   - memory that the system has written to disk;
//   - what package keys says of disks.
//
// Sealing costs, for each event, some 100 bytes and the ids of what it refers to; see
// BenchmarkErasable. A redaction folds the whole record. That takes as long as opening it
// without a snapshot and, for that time, the memory of both graphs: redact what is asked for
// in one batch. Numbers of entities, sources and statements ([Numbers]) stay what they are;
// those of symbols, literals and times do not.
//
// # Costs
//
// Everything but text is kept in memory, in columns without pointers, so that
// the garbage collector has nothing to trace. Text stays in the record and is
// read when asked for, through a cache. The cache keeps the records that were read last. Of
// more records it keeps where each payload lies and its checksum, 8 bytes an event: if the
// store is an events.PartReader and the record is not erasable, a payload that is asked for
// again is read by itself, without the rest of its record (BenchmarkCacheMiss). Texts and
// numbers that are values or names are known by a hash. Only times, the names of predicates,
// roles, schemes and recorders and the values of ratings are kept as text, each once. Who
// recorded a batch takes 4 bytes a batch, and none a statement. Statements that differ only in
// what they refer to share the rest, and what only few events have takes no room for the
// others. A statement of two entities with one voice takes some 95 bytes, its share
// of all lists and of the entities included (go test -run='^$' -bench=Open ./graph).
//
// For each entity and role, predicate, source, statement, text and number there is
// a posting list of rows in order of position. A row is one stretch of an event's
// standing: visible as of p when added <= p < removed. Reading a list as of p costs
// at most 1.5 × (rows then visible) + 33 entries, plus the rows that the same record
// removed, however much has been removed since or before: a list stores a
// checkpoint of its living rows at the end of a record whenever the dead outweigh
// them. A byte of each entry finds those of an entity's statements that have one predicate.
// Making a view copies nothing and costs only the look-up of what its lens names, once. If a
// lens asks for ratings, showing a statement walks the list of its ratings and that of its
// source's, and with By looks up who recorded the batch of each rating in the scheme. The view
// remembers the newest rating of a long list, until something is redacted.
//
// # Snapshots
//
// If the store is an events.Snapshots, such as that of events/sqlite, the graph writes the
// columns beside the record: when the record has doubled since the last snapshot, when the
// graph is closed or opened and the record has grown by an eighth, and never for less
// than 20,000 events. It writes in the background; only Close waits for it. Whoever records
// waits while the posting lists' heads, 24 bytes each, and their marks are copied. The file is
// as large as the columns. A snapshot that could not be written is tried again as the record
// grows.
//
// A snapshot of an erasable record is sealed under a secret of the keys, which is
// replaced with each erasure.
//
// Open reads the snapshot and folds the rest. It uses a snapshot only if its
// checksums are right, if the same release wrote it on a machine of the same kind,
// and if the store's record of its number has its SHA-256. The records before that
// one are not read, and so not verified, until somebody asks for what they hold.
// The checksums find accidents. Whoever can write the snapshot can make one with which
// a graph panics or answers otherwise than the record, unless the record is erasable and he
// does not have its keys: trust the snapshot as you trust the record. Options.NoSnapshot
// folds, and so verifies, everything.
package graph
