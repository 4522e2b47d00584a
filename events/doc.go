// Package events holds the record: what may be said, and the bytes that it is
// kept as. Package graph checks a [Batch] of events against what is recorded
// already, puts it into a [Store] and answers questions about it.
//
// # Nouns
//
//   - An [Entity] is anything with an identity: a person, an organisation, a
//     place, an occurrence such as a meeting, or a [Placeholder] for somebody
//     whom nobody has identified yet.
//   - A [Source] is a document.
//   - A [Claim] is what is said, free of who says it: a predicate, arguments in
//     roles, a time, conditions. An attribute, a relation and an event are all
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
// differently. Four things that people call "to retract" stay apart: the
// recorder erred ([Retracted], or a statement that replaces another), the speaker
// took it back (a link, [Withdraws]), the outlet put it right (a link, [Corrects]),
// and the world moved on (just a later claim).
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
// What is never refused is data that disagrees: contradictions, a speaker who
// contradicts himself, unknown speakers, misspellings, times in the future. Who
// says what against whom is what the record is for.
//
// # Limits
//
// No batch, record or file makes a program take memory without bound. What
// is refused names the field, the value and the limit. Besides the limits that are
// constants here, such as [MaxText], these hold:
//
//	what                             limit        in bytes, or items
//	a record                         900,000      MaxRecord
//	a batch, encoded                 a record     it is refused before it is encoded
//	a time's text, a set's members   1,000, 64    edtf.MaxText, edtf.MaxMembers
//	a list in stored bytes           50,000       MaxEvents
//	a line of an export              18,000,000   jsonl.MaxLine
//	a proof, a checkpoint            some 3 MB, 1 MB; see package events/proof
//
// What a record of the worst kind that passes them takes, for each of its bytes, all
// memory counted that is ever allocated, and not only what is held at once
// (go test -run=TestWorst -v ./events ./graph):
//
//	to check and encode its batches          up to 50   usually 2 to 5
//	to read its header                       up to 5    usually 1 to 4
//	to decode and check its events           up to 100  usually 7 to 17
//	to keep it in a graph, for good          up to 80   usually 2 to 7
//	to decode bytes that nobody has checked  up to 300, before they are refused
//
// So a record takes up to 90 MB while it is decoded, and a graph that is opened holds
// up to four for each core. What a batch that retracts, restores and splits moves in
// a graph is bounded by [MaxMoved].
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
// events revise them. Ids are UUIDs: of version 7 for something new, of
// version 5, made by [Key], for what has a natural key, or of version 8, made by
// [Seal.Key], if nobody shall guess that. Recording the same id with the same body
// again changes nothing and succeeds, so whatever failed halfway can be repeated.
//
// # A first batch
//
// The model is plain structs; a [Builder] saves most of the writing. That of a graph
// knows what is on record: what it mentions again stays as it is there, but for what it
// says anew.
//
//	b := g.NewBatch("desk") // g is a *graph.Graph
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
// key of its own, and the keys lie elsewhere. A [Redacted] event then does not only
// hide its target. The target's key is destroyed, and the content is gone from the
// record and from every copy of it, while everything else stays as it was: the
// sealed bytes, and so the chain of records and all proofs; what rested on the event,
// what it replaced, numbers and positions.
//
// What is erased are bodies: names, titles, quotes, glosses, predicates, roles, dates,
// stances. What stays for ever, and must not be personal data, is what stands in the
// clear (the event's id and kind, when and by whom it was recorded, its length) and
// what remains sealed under the record's own secret, so that the rest means the same
// without it: the ids of what the event referred to, and an entity's kind. These
// confirm no guess, because in an erasable record an id is random or made with the
// secret ([Seal.Key]). But whoever has the keys can see that two erased statements
// mention the same nameless somebody, or that an erased one mentions an entity which
// is not.
//
// What cannot be redacted cannot be erased: the reasons of verdicts, splits,
// retractions and redactions, and declarations. Keep personal data out of these.
//
// The keys protect from who has the record only: whoever has both reads all that is
// not erased. They do not hold the recorder to one reading of a sealed payload, since
// AES-GCM does not commit to its key: a proof of it shows that these bytes were
// recorded then, not that they open in one way only.
//
// # The stored format
//
// This is version 1, and version 2 of records whose events are sealed. Every release
// reads the records of every release before it; a record of a newer version is
// refused, and said to be newer. All records of a store have the same version.
//
// All but the checksum is CBOR ([RFC 8949]) in its core deterministic encoding
// (section 4.2.1): lengths are definite, numbers and lengths are in their
// shortest form, keys are in ascending order and occur once. Further, there are
// no tags, no null, no undefined and no false; text is UTF-8; floating-point
// numbers are finite; and a key marked with ? below is left out if its value is
// zero or empty. So there is one way to write anything. A new key, kind or
// number of an enumeration is a new version.
//
// There are two ways to read. [DecodeBody], [Record.Header] and [Header.Events]
// refuse what is not well-formed or does not fit: keys that are not listed or
// occur twice, indefinite lengths, tags, null, text that is not UTF-8. They do
// not look for the one way of writing, since the checksum says that the bytes
// are those that were written: they take a missing key for a zero value, keys in
// any order, and numbers and lengths that are not in their shortest form.
// [Record.Verify] writes what it has read again, compares, and refuses these,
// too.
//
// A record is at most [MaxRecord] bytes:
//
//	record = header, payload of event 1, ... payload of event n, checksum
//
// The checksum is the CRC-32C (Castagnoli) of everything before it, 4 bytes, most
// significant first. It guards against damage, not against forgery: for that,
// each record holds the SHA-256 of the record before it. It and the header's key
// 1 stay what they are in every version.
//
// The payloads follow one another without a gap, in the order of the heads in
// the header, which tell their lengths. So an event can be read alone, and its
// payload can be sealed under a key and lost with it while everything else stays
// readable.
//
//	header      1 version    unsigned   1; 2 if the events are sealed
//	            2 seq        unsigned   the record's number in its store
//	            3 first      unsigned   position of the first batch, at least 1
//	            4 previous   32 bytes   SHA-256 of the record before; zeros in record 1
//	            5 batches    [batch]    at least one
//	            6 keys       16 bytes   id of the keys; in version 2 only
//	batch       1 at         integer    recorded at, nanoseconds since 1970-01-01T00:00:00Z
//	            2 recorder   text
//	            3 events     [head]     at least one
//	head        an array of id, kind (unsigned), key id (bytes: 1 to 64 in version 2,
//	            none in version 1) and the payload's length in bytes (unsigned)
//
// # The stored bodies
//
// A payload of version 1 is the map of its body. An id is a UUID as 16 bytes. A time is text
// as package edtf prints it. An enumeration is the unsigned number that its
// constants have, at most 255; a set of them is a byte string with a byte for
// each. A list in brackets is an array; a name in capitals is another map.
//
//	SourceAdded         1 source Source
//	EntityRegistered    1 entity Entity
//	EntityNamed         1 entity id       2 name Name        3 source id ?
//	IdentityJudged      1 a id            2 b id             3 verdict enum
//	                    4 reason text ?   5 confidence float ?
//	EntitySplit         1 entity id       2 parts [SplitPart]
//	                    3 reason text ?
//	StatementRecorded   1 statement Statement
//	StatementsLinked    1 from id         2 link enum        3 to id
//	                    4 reason text ?
//	Assessed            1 source id ?     2 statement id ?   3 scheme text
//	                    4 value text      5 reason text ?
//	Retracted           1 event id        2 reason text ?    3 cascade true ?
//	Redacted            1 event id        2 reason text ?
//	VocabularyDeclared  1 predicates [Predicate] ?           2 schemes [Scheme] ?
//
//	Source              1 id              2 title text ?     3 url text ?
//	                    4 authors [id] ?  5 publisher id ?   6 published time ?
//	                    7 retrieved time ?                   8 sha256 bytes ?
//	                    9 language text ?                    10 derived from [id] ?
//	Entity              1 id              2 kind enum        3 name Name
//	                    4 note text ?
//	Name                1 text            2 language text ?
//	SplitPart           1 entity id       2 mentions [Mention]
//	Mention             1 statement id    2 place enum ?     3 index integer ?
//	Statement           1 claim Claim     2 voices [Voice]   3 source id ?
//	                    4 selector Selector ?                5 form enum
//	                    6 language text ?                    7 gloss text ?
//	                    8 replaces id ?
//	Selector            1 start integer ? 2 end integer ?    3 exact text ?
//	                    4 locator text ?
//	Claim               1 predicate text  2 occurrence id ?  3 args [Arg] ?
//	                    4 when When ?     5 if [Condition] ?
//	Arg                 1 role text       2 value Value      3 as text ?
//	When                1 time ?          2 as text ?        3 anchor time ?
//	Condition           1 claim Claim     2 denied true ?    3 as text ?
//	Value               1 kind enum       2 id ?             3 text ?
//	                    4 language text ? 5 unit text ?      6 time ?
//	                    7 claim Claim ?
//	Voice               1 speakers [Party]                   2 for [Party] ?
//	                    3 to [Party] ?    4 act enum         5 cue text ?
//	                    6 stance Stance   7 said When ?
//	Party               1 entity id       2 as text ?
//	Stance              1 certainty enum  2 polarity enum
//	Predicate           1 name text       2 roles [Role] ?   3 inverse text ?
//	                    4 symmetric true ?                   5 once true ?
//	Role                1 name text       2 values set ?     3 entities set ?
//	                    4 functional true ?
//	Scheme              1 name text       2 values [text]
//
// Claims are nested no deeper than [MaxDepth], and no list has more than
// [MaxEvents] items.
//
// # A worked example
//
// At half past twelve on 4 August 2025, UTC, "desk" records that somebody, as
// source ...04 paraphrases it, says that "Whitkoff" (entity ...01) may visit
// ...02 on the 6th. In the diagnostic notation of RFC 8949, section 8, the
// payload is:
//
//	{1: {                                              / StatementRecorded: statement /
//	  1: {                                             / claim /
//	    1: "visit",                                    / predicate /
//	    3: [                                           / arguments /
//	      {1: "visitor",                               / role /
//	       2: {1: 1,                                   / value: an entity /
//	           2: h'00000000000000000000000000000001'},
//	       3: "Whitkoff"},                             / as written /
//	      {1: "place",
//	       2: {1: 1,
//	           2: h'00000000000000000000000000000002'}}],
//	    4: {1: "2025-08-06"}},                         / when /
//	  2: [                                             / voices /
//	    {1: [{1: h'00000000000000000000000000000003'}], / speakers /
//	     4: 1,                                         / act: assert /
//	     6: {1: 2, 2: 1}}],                            / stance: possible, affirmed /
//	  3: h'00000000000000000000000000000004',          / source /
//	  5: 2}}                                           / form: paraphrase /
//
// It is 152 bytes. The whole record, the first of its store, is 257:
//
//	a5                                     header
//	01 01                                  version 1
//	02 01                                  record 1
//	03 01                                  its first batch has position 1
//	04 5820                                there is no record before
//	00000000000000000000000000000000
//	00000000000000000000000000000000
//	05 81                                  one batch
//	a3
//	01 1b 185890322ab3d000                 at 2025-08-04T12:30:00Z
//	02 64 6465736b                         by "desk"
//	03 81                                  one event
//	84
//	50 0198783a2c0070008000000000000001    its id
//	06                                     StatementRecorded
//	40                                     not sealed
//	18 98                                  a payload of 152 bytes
//
//	a1 01 a4                               statement
//	01 a3                                  claim
//	01 65 7669736974                       "visit"
//	03 82                                  two arguments
//	a3 01 67 76697369746f72                "visitor"
//	02 a2 01 01
//	02 50 00000000000000000000000000000001
//	03 68 576869746b6f6666                 "Whitkoff"
//	a2 01 65 706c616365                    "place"
//	02 a2 01 01
//	02 50 00000000000000000000000000000002
//	04 a1 01 6a 323032352d30382d3036       "2025-08-06"
//	02 81                                  one voice
//	a3 01 81 a1                            one speaker
//	01 50 00000000000000000000000000000003
//	04 01                                  assert
//	06 a2 01 02 02 01                      possible, affirmed
//	03 50 00000000000000000000000000000004
//	05 02                                  paraphrase
//
//	2784df93                               CRC-32C
//
// # The sealed format
//
// A payload of version 2 is an array of two byte strings, the rest and the body. Each
// is a random nonce of 12 bytes, what it seals by AES-256-GCM (NIST SP 800-38D), and
// the tag of 16 bytes. Bound to both, as additional data, are the event's id, its kind
// in one byte, and its key id. The body seals the map of version 1 under the key that
// the head names. The rest seals a map of the same kind under
// HKDF-Expand(SHA-256, secret, "onrecord rest", 32) (RFC 5869, section 2.3), where
// secret is that of [Root]: what remains of the event. It is read when the key has
// been destroyed, and only then. Texts in it that may not be missing are empty, and
// enumerations are 0. It has
//
//	SourceAdded         the source's id, authors, publisher and derived from
//	EntityRegistered    the entity's id and kind
//	EntityNamed         the entity and the source
//	IdentityJudged      a, b and the verdict
//	EntitySplit         the entity and the parts
//	StatementRecorded   the source, what it replaces, and a claim whose arguments are
//	                    each entity and statement that it mentions, once: the
//	                    occurrence, the arguments, those of nested claims depth first,
//	                    the parties of the voices
//	StatementsLinked    from, link and to
//	Assessed            the source or the statement
//	Retracted           the event and cascade
//	Redacted            the event
//	VocabularyDeclared  nothing
//
// An id that has a natural key is the first 16 bytes of HMAC-SHA-256 under
// HKDF-Expand(SHA-256, secret, "onrecord ids", 32) over the parts of the key, each of
// which has its length in bytes, in decimal digits, and a colon before it; six of its
// bits are then set to version 8 and the variant of RFC 9562.
//
// The event of the worked example, sealed under the key 000102 .. 1f, whose id is 07,
// with the secret 202122 .. 3f, has this payload if the nonces are as they are here:
//
//	82                          two byte strings
//	58 86                       the rest, of 134 bytes
//	010101010101010101010101    its nonce
//	96a87cd7455f0bc713c630085ee8a7bf28e611304833d6bd2794eca9c11111a7
//	8ee99536c26e9ed358d91fd4fbb393ba9749cc64ebbf752de5212ef4d0f9500d
//	e641c0a3c1334e55c6437d9200f3efde856ca607ceabbfeb370a14832ee5f9d2
//	2d361e955656737bd436200ab47748378356dfc2d9f7afc6ce79
//	58 b4                       the body, of 180 bytes
//	020202020202020202020202    its nonce
//	3a29bdba1ad8542da2f6cb8c30fb79127b9fc61ffd20178340fcd002753b49c2
//	d0f8d8621f36f3d8d96a82b1eaf94df025b165e92dc6be02aed32fc271780d31
//	de61526c3d7a5f91eabd0dc74c3e0ae6fdb68fb7a2c7ba4636d7939f91bc0599
//	79b23ce72ab9d600230a50dffc7953e20d7ac182122a5fec99b8e02203ff0403
//	62047eddedea11b85d64e2e8404cb0a1031759213f7cc87aa76cc8b8678950d0
//	0a07fc480b2a795e
//
// The rest, of 106 bytes, is
//
//	{1: {
//	  1: {1: "",
//	    3: [{1: "", 2: {1: 1, 2: h'00000000000000000000000000000001'}},
//	        {1: "", 2: {1: 1, 2: h'00000000000000000000000000000002'}},
//	        {1: "", 2: {1: 1, 2: h'00000000000000000000000000000003'}}]},
//	  2: [],
//	  3: h'00000000000000000000000000000004',
//	  5: 0}}
//
// [RFC 8949]: https://www.rfc-editor.org/rfc/rfc8949
package events
