// Package events holds the record: what may be said, and the bytes that it is
// kept as. Package graph checks a [Batch] of events against what is already on
// record, puts it into a [Store] and answers questions about it.
//
// # Nouns
//
//   - An [Entity] is anything with an identity: a person, an organisation, a
//     place, an occurrence such as a meeting, or a [Placeholder] for somebody
//     whom nobody has identified yet.
//   - A [Source] is a document.
//   - A [Claim] is what is said, apart from who says it: a predicate, arguments
//     in roles, a time, conditions. An attribute, a relation and an event are all
//     claims.
//   - A [Statement] is a claim as somebody made it, in a place where it can be
//     read. Its chain of voices runs from who said it to who tells us.
//   - A [Voice] is one link of that chain: who speaks, for whom, to whom, and with
//     what [Stance]: how surely, and whether the claim is affirmed or denied.
//     Stance belongs to the voice, never to the claim, so the same claim can be
//     certain to one and denied by another.
//   - A link ([StatementsLinked]) is a recorder's judgement on how one statement
//     bears on another: it disputes, confirms, corrects it.
//   - An identity verdict ([IdentityJudged]) says that two entities are the same,
//     different, or perhaps the same. Nothing is rewritten for it.
//   - An assessment ([Assessed]) rates a source or a statement in a named scheme.
//
// Links, verdicts and assessments are made by recorders; statements are made by
// voices in the world.
//
// # Events
//
// The record is a sequence of events. Each has one of eleven bodies:
//
//	 1  SourceAdded         adds a source, or revises it
//	 2  EntityRegistered    registers an entity, or revises it
//	 3  EntityNamed         adds a name that is in use for an entity
//	 4  IdentityJudged      same, different or unsure, about two entities
//	 5  EntitySplit         some mentions of an entity mean another
//	 6  StatementRecorded   records a statement
//	 7  StatementsLinked    one statement bears on another
//	 8  Assessed            rates a source or a statement
//	 9  Retracted           takes an earlier event back: its recorder erred
//	10  Redacted            hides an earlier event's content for good
//	11  VocabularyDeclared  declares predicates and schemes
//
// Nothing is ever changed or removed; a later event says what is to be read
// differently. Four things that people call "to retract" are kept apart: the
// recorder erred ([Retracted], or a statement that replaces another), the speaker
// took it back (a link, [Withdraws]), the outlet put it right (a link, [Corrects]),
// and the world moved on (just a later claim).
//
// # As text
//
// Enumerations have words: String prints one, MarshalText writes it and UnmarshalText
// reads it, so that in JSON a [Stance] is {"Certainty":"probable","Polarity":"denied"}. The
// number 0, which most do not use, is an empty text. In JSON a struct has the names of its
// fields and leaves out what its bytes leave out; a [Batch] and an [Event] leave out what is
// not said. Bytes have the numbers. To keep a record as text, or send it to others, export it
// with package jsonl.
//
// # What is refused
//
// Events come in batches, and a batch is recorded whole or not at all. It is
// refused, with an error that names the field and the value, if it could not be
// read back or could not mean anything: an impossible or inverted date, a
// reference to what is not there, a statement without a voice, a quote without
// its words or not found where it is said to be, a verdict that would make one
// entity of two that are held to be different, a retraction of what is
// retracted, a use of a predicate against its declaration, or anything beyond
// the limits, such as [MaxText].
//
// Data that disagrees is never refused: contradictions, a speaker who contradicts
// himself, unknown speakers, misspellings, times in the future. Who says what
// against whom is what the record is for.
//
// # Limits
//
// No batch, record or file makes a program take memory without bound. What is beyond a limit
// is refused, and the error names the field, the value and the limit. Besides the limits that are constants
// here, such as [MaxText], these hold:
//
//	what                             limit        in bytes, or items
//	a record                         900,000      MaxRecord
//	a batch, encoded                 a record     it is refused before it is encoded
//	a time's text, a set's members   1,000, 64    edtf.MaxText, edtf.MaxMembers
//	a list in stored bytes           50,000       MaxEvents
//	a line of an export              18,000,000   jsonl.MaxLine
//	a proof, a checkpoint            some 3 MB, 1 MB; see package events/proof
//
// This is what the worst record that passes them takes, in bytes for each of its bytes. All
// memory that is ever allocated counts, and not only what is held at once
// (go test -run=TestWorst -v ./events ./graph):
//
//	to check and encode its batches          up to 50   usually 2 to 5
//	to read its header                       up to 5    usually 1 to 4
//	to decode and check its events           up to 100  usually 7 to 17
//	to keep it in a graph, for good          up to 80   usually 2 to 7; but for what it moves
//	to decode bytes that nobody has checked  up to 300, before they are refused
//
// So a record takes up to 90 MB while it is decoded, and opening a graph holds up to four
// records for each core. The texts of sources that come with a batch have at most
// [MaxSourceText] bytes together. The goroutine that records the batch searches them, while
// others record; see [ReadTexts].
//
// A batch that retracts, restores, splits and judges moves entries in a graph: it adds, closes
// or looks through them. [MaxMoved] bounds how many, however few bytes the batch has. For each
// entry a graph takes up to 350 bytes while it folds the batch, and keeps up to 12, usually
// 2: in all up to 3.5 GB and 120 MB. A batch that is already in a store is folded if it moves
// up to twice as much. That is a bound for each batch, not for each byte: many such batches
// make a large graph of a small record.
//
// # Times
//
// Four times are kept, and never merged:
//
//   - valid: when a claim holds ([Claim].When)
//   - said: when a voice said it ([Voice].Said)
//   - published: when the source appeared ([Source].Published)
//   - recorded: when the event was recorded ([Event].At)
//
// The first three are what sources tell, so they can be vague: package edtf has
// them. The last is the recorder's clock.
//
// # Positions, numbers and ids
//
// Batches are numbered 1, 2, 3 through the whole record. That number is a
// [Position], and "as of position p" means all batches up to p and no other. What
// a store keeps are records, which hold one or more batches that were written
// together; their numbers, 1, 2, 3, are a [Seq] and of interest to stores only.
//
// An event's id is also the id of the statement, link, verdict or assessment
// that it records; entities and sources have ids of their own, because later
// events revise them. Ids are UUIDs. Something new has one of version 7. What has a
// natural key has one of version 5, made by [Key], or, if nobody is to guess that key, of
// version 8, made by [Seal.Key]. Recording the same id with the same body
// again changes nothing and succeeds, so whatever failed halfway can be repeated.
//
// # A first batch
//
// The model is plain structs; a [Builder] saves most of the writing. The builder of a graph
// knows what is on record: what it mentions again stays as it is there, except for what it
// says anew.
//
//	b := g.NewBatch(ctx, "desk") // g is a *graph.Graph
//	witkoff, moscow := b.Person("Steve Witkoff"), b.Place("Moscow")
//
//	page := b.Source("https://tass.com/politics/1").
//		By(b.Organisation("TASS")).Published("2025-08-04")
//	page.Says("visit", witkoff.As("Whitkoff"), moscow).On("2025-08-06")
//
//	batch, err := b.Batch()
//
// # Erasable records
//
// A record that is begun with [Keys] is erasable: each event's body is sealed under a
// key of its own, and the keys are kept elsewhere. A [Redacted] event then does more than
// hide its target. The target's key is destroyed, and the content is gone from the
// record and from every copy of it. Everything else stays as it was: the sealed bytes,
// and so the chain of records and all proofs; what rested on the event, what it
// replaced, numbers and positions.
//
// Bodies are erased: names, titles, quotes, glosses, predicates, roles, dates, stances.
// Two things stay for ever, and must not be personal data. One stands in the clear: the
// event's id and kind, when and by whom it was recorded, its length. The other remains
// sealed under the record's own secret, so that the rest means the same without the body:
// the ids of what the event referred to, and an entity's kind. Without the keys nobody can
// test a guessed name against these, because in an erasable record an id is random or made
// with the secret ([Seal.Key]).
//
// Whoever has the keys can make the id of a name that he guesses and see whether it was
// erased. He can also see that two erased statements mention the same nameless somebody, or
// that an erased one mentions an entity which is not erased. The first must be so: it is how
// recording an erased id again succeeds and writes nothing, as when a row is imported twice.
// The price is that a namesake of somebody erased cannot be registered under the id of
// their common name. Give him an id of his own: [Builder.Entity] with a key that is not the name.
//
// What cannot be redacted cannot be erased: the reasons of verdicts, splits,
// retractions and redactions, and declarations. Keep personal data out of these.
//
// The keys protect against somebody who has only the record. Whoever has both can read all
// that is not erased. A sealed payload commits to its key (FORMAT.md), so that it opens in one
// way only, and a proof of it shows what was recorded.
//
// # Who needs what
//
// To record and ask through package graph you need the nouns above, the [Builder] or a [Batch],
// a [Store], perhaps [Keys], and the errors. To keep records elsewhere, implement Store and
// those of its extras that the store can do ([Reader], [PartReader], [Waiter], [Clock], [Syncer],
// [Snapshots], [Backups]), or Keys; package eventstest tests them. To read a record without a
// graph, and copy, export or prove it, use [Record.Header], [Chain], [DecodeBody] and [Seal].
//
// The rest is exported for package graph, which makes graphs with it: [State], [Check],
// [CheckStanding], [CheckEffect], [ReadTexts], [Recorded], [EncodeBatch], [RecordBuilder]. The
// interfaces State and Recorded have one implementation and may be given more methods.
//
// # The stored format
//
// FORMAT.md, beside this file, specifies it byte by byte, with worked examples. In short: a
// record is a header, the payloads of its events one after the other, and a CRC-32C.
// Header and payloads are CBOR ([RFC 8949]) in its core deterministic encoding, and each
// header has the SHA-256 of the record before. This is version 1, and version 2 of records
// whose events are sealed. Every release reads the records of every release before it; a
// record of a newer version is refused, and said to be newer.
//
// There is one way to write anything, and nothing else is read: what [Record.Header],
// [Header.Events], [DecodeBody] and [Seal.Open] take, they would write as the same bytes.
//
// [RFC 8949]: https://www.rfc-editor.org/rfc/rfc8949
package events
