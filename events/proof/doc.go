// Package proof proves what was recorded when: a Merkle tree over the events of a
// record, checkpoints of it that are signed, and proofs that stand alone.
//
//	tree, err := proof.OpenTree("story.tree")
//	head, err := tree.Grow(ctx, store)             // again whenever more is recorded
//	checkpoint, err := proof.Sign(head, signer)    // and give it away
//
//	p, err := tree.Inclusion(ctx, store, checkpoint, position, id)
//	os.WriteFile("statement.tlog-proof", p.Bytes(), 0o666)
//
// Somebody who has that file and the desk's public key needs nothing else:
//
//	p, err := proof.ParseInclusion(data)
//	checkpoint, err := p.Check(key)
//	event, err := p.Event()
//
// # Nouns
//
//   - A [Leaf] is what is hashed of one event.
//   - A [Tree] holds the hashes over all events of a record and grows with it.
//   - A [Head] says how far a record has come: how many events, and their root.
//   - A [Checkpoint] is a head that the holder of a key has signed.
//   - An [Inclusion] proves that an event is in the record of a checkpoint.
//   - A [Consistency] proves that one checkpoint extends another.
//   - [Verify] reads a whole record and says what is wrong where.
//
// The tree is that of RFC 6962, section 2.1, with SHA-256. Checkpoints and
// inclusions have the forms of the C2SP, which other programs read and witnesses
// sign. Keys are those of [golang.org/x/mod/sumdb/note]: note.GenerateKey makes
// one, note.NewSigner and note.NewVerifier read it. Its name is the origin of the
// record, such as "desk.example/record". Parsing and checking touch no store.
//
// # What is proved, and what is not
//
//   - A checkpoint binds its signer, once somebody else has it: of what was recorded
//     up to there no event can be changed, added, left out or moved without leaving
//     a checkpoint that no consistency joins to it. Until then, and for what came
//     after, the owner of a record can rewrite everything. So give checkpoints away,
//     often: to a partner, a reader, a newspaper's page, a witness.
//   - A checkpoint says nothing of the clock. Somebody who had the checkpoint on a given
//     day can show that an event was recorded by then. The time in the
//     event is what the recorder's own clock said.
//   - A proof shows that this was recorded, by a recorder of that name, as that
//     record has it. It does not show that it is true, that the recorder's name is
//     his, or that nothing else was recorded: a later event may retract it.
//   - Two checkpoints of one size with different roots, signed by one key, prove that
//     its holder keeps two records. People who compare their checkpoints find that;
//     nobody who has only one can.
//   - A proof discloses its event, how many events there are, and hashes. It does not
//     disclose another event. But whoever can guess all of the neighbour's leaf can confirm
//     the guess: its payload to the last bit, the id and the nanosecond. An id of version 7
//     is random enough to prevent that; an id that is made from a natural key is not.
//   - A payload that was taken out of a proof can be confirmed by guessing, too.
//   - [Inclusion.Reveal] gives out the key of one event of an erasable record with its
//     proof. That opens the body of this event, with the ids that it refers to. What is
//     sealed beside it for the time after an erasure stays sealed, as does every other event,
//     for each has a random key of its own. The payload commits to its key, so no other key
//     can make it say something else. What was given out opens for good.
//
// # The leaf
//
// A leaf has all that a record says of an event, in this order. Numbers have their most
// significant byte first.
//
//	 1 byte    version, 1
//	 8 bytes   number of the record
//	 8 bytes   position of the batch
//	 8 bytes   recorded at: nanoseconds since 1970-01-01T00:00:00Z, two's complement
//	16 bytes   id
//	 1 byte    kind
//	32 bytes   SHA-256 of the payload as the record has it
//	 4 bytes   length of the recorder in bytes, and the recorder
//	 4 bytes   length of the key id in bytes, and the key id; 0: not sealed
//
// It has the SHA-256 of the payload and not the payload, for two reasons. A proof
// can leave out what was said and still show that something was recorded. And a
// payload that is sealed is proved as it is sealed: when its key is destroyed, or
// even the sealed bytes are, the tree and all proofs hold as before. Whoever has
// the key shows what it says. The payload commits to its key, so this is what was meant
// when it was sealed.
//
// The place of an event in its batch is that of its leaf, and where records and
// batches end follows from their numbers. So the leaves and the payloads together say all
// that the record does of its events. What the record says beside them, such as the id of its
// keys, is in no leaf, so no root binds it. The SHA-256 of the last record binds it, and through
// the chain all records before. That is in the head of a tree and in a checkpoint.
//
// The event of the worked example in package events has this leaf, of 86 bytes:
//
//	01                                 version 1
//	0000000000000001                   record 1
//	0000000000000001                   position 1
//	185890322ab3d000                   at 2025-08-04T12:30:00Z
//	0198783a2c0070008000000000000001   its id
//	06                                 StatementRecorded
//	59345e267f67deba4d2b40a17f72b898   of the payload of 152 bytes
//	d24834a0e8ac6cdaec55a7eebd7e6cb8
//	00000004 6465736b                  by "desk"
//	00000000                           not sealed
//
// A tree of nothing else has the root SHA-256(00 || leaf),
// CLIBM4pWY0DJMPt+9SpuBgYoGnU0Q7yoj381Z6JLKqk= in base64.
//
// # The checkpoint
//
// It is a note after [C2SP tlog-checkpoint]: the origin, how many events there are,
// the root, and one extension line. That line has "record", the number of the last record,
// the position of its last batch, and the SHA-256 of that whole record, as the next one
// has it.
//
//	desk.example/record
//	1
//	CLIBM4pWY0DJMPt+9SpuBgYoGnU0Q7yoj381Z6JLKqk=
//	record 1 1 GjPJkMcGD8xAq3a7q/mOAe+dyEfPtg5HoMy2kZQAqwo=
//
//	— desk.example/record a6N+...
//
// The extension line leads from the checkpoint to the file: a copy that ends with
// that record, and whose chain holds, is the one that was signed for. A cosignature
// that leaves extension lines out (ML-DSA-44) vouches for the tree only.
//
// # The proofs
//
// An inclusion is text after [C2SP tlog-proof]. Its extra data, in base64, are the leaf,
// then the payload, if it is there, then the 32 bytes of its key, if the payload is sealed
// and has been revealed.
//
//	c2sp.org/tlog-proof@v1
//	extra AQAAAAAAAAABAAAA...
//	index 0
//	the hashes, one a line, from the leaf's sibling up
//
//	the checkpoint
//
// A consistency has the hashes of RFC 6962, section 2.1.2; none if the older
// checkpoint has no event.
//
//	onrecord/consistency@v1
//	the hashes, one a line
//
//	the older checkpoint
//
//	the newer checkpoint
//
// There is one way to write each, and nothing else is read: base64 has no stray
// bits, numbers have no leading zeros, no signature is there twice.
//
// # Costs
//
// A tree keeps 64 bytes for each event and 16 for each record, in memory or in
// files ([OpenTree]). Growing costs each event three hashes over its leaf, its
// payload and its share of the nodes, and each record one over its bytes. A proof
// reads one record, and a hash or two for each doubling of the tree; it has one
// hash for each: 24 for ten million events.
//
// Growing takes 1.8 times as long as reading the headers and verifying the chain if each
// record has one event, and 3.8 times if each has a thousand: then 0.8 microseconds an
// event. Of these, 0.29 go to the eight blocks of SHA-256 of a payload of 235 bytes, its leaf
// and a node, which no tree of this form can do without. Checking a proof takes 0.1
// milliseconds, most of which is the signature. (go test -run='^$'
// -bench='Grow|Proof' -benchtime=40x ./events/proof)
//
// Suppose a tree in files grows and is signed each second. A single caller who records single
// statements through a graph sees no cost above the noise. 64 such callers, who keep two
// processors busy with 128,000 to 135,000 statements a second, take 7 to 8 % longer. They take
// 4 to 5 % longer beside a loop that only reads the clock for as long. One caller who records
// batches of 1,000 takes 1 % longer, and with Graph.RecordEach 2 %. The callers lack the
// processor, not the disk. Grow does not give way while it has records to take in, since that
// would have it take longer and cost them more. With a single processor they wait while it
// grows. (cd internal/bench && go run . -only checkpoints -rounds 3)
//
// [C2SP tlog-checkpoint]: https://c2sp.org/tlog-checkpoint
// [C2SP tlog-proof]: https://c2sp.org/tlog-proof
package proof
