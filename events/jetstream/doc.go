// Package jetstream keeps a record in a stream of NATS JetStream, where several machines
// share it and three servers keep it. [Open] makes the stream or opens it; the [Store]
// that it returns is an [events.Store], an [events.Reader], an [events.Waiter] and an
// [events.Clock].
//
// # The stream
//
// Message n of the stream is record n: its data are the record's bytes, its subject is
// the stream's name with ".record" behind. A header, Onrecord-Append, tells the call that
// stored it from all others. The leader tells of each record that is stored on the
// stream's name with ".appended" behind, without its bytes; that wakes who waits. Any
// NATS tool reads it:
//
//	nats stream get onrecord 1
//
// Open makes the stream as follows, and refuses one that differs in anything but its
// description, metadata, placement, compression, duplicate window, and what concerns
// consumers; its error names the field, the value, and what would be right.
//
//	nats stream add onrecord --subjects onrecord.record --storage file --replicas 3 \
//	  --discard new --deny-delete --deny-purge --allow-direct \
//	  --republish-source onrecord.record --republish-destination onrecord.appended \
//	  --republish-headers --defaults
//
// A server that is newer than this release may set a field by itself that this release does
// not know, and Open then refuses the stream. Edit the stream so that the field is off
// (nats stream edit), if the server lets it be, or use a release that knows the field.
//
// # Guarantees
//
// Append publishes with the expected last sequence (Nats-Expected-Last-Sequence), so that
// of several who append after one record one succeeds, whichever server they reach. It
// returns when the leader has acknowledged: a majority of the servers that keep the stream
// has the record, and has it on disk if those servers sync at once, of which more below. If no
// acknowledgement comes, because a server or a connection was lost, or if only a stream of
// another name or domain answers, it asks again, which stores nothing twice, and knows its own
// record by its header.
//
// Only when that has not helped within Options.Timeout, or the context ends, or it has asked
// again and the record that it should follow does not exist, the outcome is unknown. The record
// may then be stored later, after reads have not found it, for what was sent may still be under
// way; once another record follows the one that it should follow, it never is. So who appends
// the same again after the same record stores it once, and after a conflict reads on before it
// appends it elsewhere. A graph does.
//
// Last, Read, Scan and Wait tell of every record whose Append has returned, whoever called
// it. What is the last record only the leader says, and it is believed only if it has heard
// from a majority within 2 seconds, for the others find a new leader after 4 seconds without
// it at the earliest. So a server that is cut off from the others answers nothing, rather
// than what was. That holds if it loses the others at once and what servers say arrives
// within two seconds. A leader that loses only one of them, to which the rest then gives
// its votes, may be believed for a second too long: what is read meanwhile is true and may not
// be all there is. What is appended through it is never acknowledged.
//
// Scan takes pages from any of the servers, and what a server lacks or has damaged from the
// leader. It holds nothing between pages, on either side. A gap in the numbers, a stream that
// was shortened or made anew, and a message that is no record are errors that are
// [events.ErrDamaged]. What may only be late is damage if it stays away for Options.Timeout, and
// for ten seconds.
//
// Wait is woken by the leader within milliseconds, and asks once a second whether it
// missed that, or may not hear it.
//
// # What may be lost
//
// Servers acknowledge before what they wrote is on disk unless their configuration says
// sync_interval: always; the default is to sync every two minutes. An ordinary user cannot
// ask a server for that, so Open refuses a stream whose servers it knows nothing of. Give it
// one of these:
//
//   - Options.System, the credentials of a user of the system account, with which it asks
//     every server that keeps the stream. A majority must answer, and who answers must sync; one
//     that is down is not known to, and if it does not, a record that it and another have
//     acknowledged is on one disk only;
//   - Options.SyncAlways, if whoever runs the servers has said so;
//   - Options.AcceptLoss, for a record that may be lost: a test, a demonstration.
//
// It asks once. A server that is started later with another configuration is not found out.
// Fewer than three replicas need Options.AcceptLoss too: one is lost with its machine, and with
// two neither writes without the other.
//
// JetStream's checksums do not help the reader: of 20 bits flipped in its files it reported
// none. Records of this module carry a checksum of their own, which is checked where they are
// decoded. A server that drops the end of a damaged file shortens the stream; the others that
// keep it make that good. If all do, it shows only to those that knew of more: an open Store,
// and package proof.
//
// # Production
//
// On each of three servers, on three machines, nats-server 2.11 or newer:
//
//	jetstream {
//	  store_dir: "/var/lib/nats"
//	  sync_interval: always
//	}
//
// max_payload must be 901,000 bytes or more; the default is 1 MiB. Restart one server at a
// time, and the next only when all replicas are current again (nats stream report): a server
// that is catching up counts as lost.
//
// A user needs these permissions, with the stream's name in place of onrecord. The first two
// are for appending and for making the stream; once it is made by somebody else, the second is
// not needed.
//
//	publish:   onrecord.record
//	           $JS.API.STREAM.CREATE.onrecord
//	           $JS.API.STREAM.INFO.onrecord
//	           $JS.API.STREAM.MSG.GET.onrecord
//	           $JS.API.DIRECT.GET.onrecord
//	subscribe: onrecord.appended
//	           _INBOX.>
//
// Nobody else should have $JS.API.STREAM.DELETE and $JS.API.STREAM.UPDATE for it, which undo
// what the stream denies. A Store that is open finds out that its stream was edited so that
// Open would refuse it, or deleted and made anew, the next time it asks what the last record
// is; Append alone does not. Nobody at all needs to publish on onrecord.appended: whoever may
// makes those that wait ask for the last record, each up to 200 times a second. TLS and
// credentials are options of the connection, Options.Connect: nats.UserCredentials,
// nats.RootCAs, nats.ClientCert. A server asks for a user's rights again when it connects
// again; Options.Connect can give new credentials then.
//
// nats stream backup copies a stream while it is in use, nats stream restore brings it back.
// Any store can also be exported record by record.
//
// # Costs
//
// An append is one message to the leader, from there to the others, a sync on each, and back.
// BenchmarkAppend shows it beside a plain publish to such a stream and beside a file,
// BenchmarkWake how long after the acknowledgement who waits is woken and has read the record,
// BenchmarkScan a scan beside an ordered consumer.
//
// Last is one question to the leader; Read too, and one more if there is no such record. A Scan
// is a question for each page of 256 records or 1 MB, and one for the last record. A message is
// read whole, for no server gives a part of one: so a Store is no [events.PartReader], and what a
// graph's cache has dropped costs the whole record again, which a larger
// graph.Options.CacheSize spares. A Store is one
// connection and one subscription; one that waits asks once a second.
//
// # What is not promised
//
// Consumers, mirrors and sources of the stream are none of this package's business; what a mirror
// answers in the stream's place (mirror_direct) is not believed, and costs time. Stores do not
// work through a JetStream domain other than that of the server they connect to. Open connects
// itself rather than taking a connection, because one that keeps what it could not send, and sends
// it when nobody waits for it any more, would break what Append promises.
package jetstream
