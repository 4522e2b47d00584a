// Package keys keeps the keys of an erasable record in a file: one for each event,
// so that each can be destroyed alone.
//
//	k, err := keys.Open("/secure/story.keys", nil) // a path of its own, in no backup of the record
//	g, err := graph.Open(ctx, store, &graph.Options{Keys: k})
//
// The file must lie where the record's backups do not reach: a backup that has both
// has what was erased since. Give the file a backup of its own if losing the record
// would be worse than having to destroy keys in two places, and let that backup
// forget: who puts an old one back brings back keys, and opening the record destroys
// those of what has been redacted, but only then. One that lacks a key
// which the record names is refused.
//
// A file is for one record, and its copies and backups. That a second record is begun
// with it is not noticed: the first may be one that could not be written. What is erased
// in either is erased, but the same thing has the same id in both, an erasure in one
// costs the other its snapshot, and losing the file loses both. Make one for each record.
//
// # What destroying does, and what it cannot
//
// A key is overwritten in place with a mark, and the file is synced before
// [File.Destroy] returns: no copy is made, no journal written. So the file, as any
// program reads it, does not have the key any more, and neither has a disk that
// writes where it is told to. What nobody can promise from above a file system is
// what lies below: a copy-on-write file system (btrfs, ZFS, APFS) and its snapshots,
// a virtual machine's disk image and the spare blocks of an SSD may keep what was
// there before, for a while. Memory that has been swapped out or dumped may, too.
//
// A [Wrapper], such as that of package agewrap, narrows that: the keys in the file
// are then sealed under one that is wrapped for a recipient, so that remains of the
// disk are of no use without the recipient's identity, which need not be on that
// disk. Destroying the identity destroys all keys. [Rewrap] changes for whom they are
// wrapped.
//
// # The file
//
// It is 4,160 bytes and 64 for each event, also for one of a batch that was refused, and
// is read when an event is; nothing but the secret of the record and keys that are not
// used yet is kept in memory. Numbers have their most significant byte first.
//
//	16 bytes    "onrecord keys 1\n"
//	16 bytes    id of the record
//	 1 byte     1 if the master key is wrapped, else 0
//	 2 bytes    length of the master key in bytes
//	            the master key, 32 bytes, or what the wrapper made of them
//	            zeros
//	 4 bytes    at 4,092: CRC-32C of all before
//	64 bytes    at 4,096: the secret of snapshots
//	64 bytes    at 4,160 + 64 k: the key whose id is k + 1 as an unsigned varint
//
// Each of the last is a nonce of 12 bytes, 32 bytes sealed by AES-256-GCM under
// HKDF-SHA-256(master, "onrecord keys"), the tag of 16 and 4 zeros; the record's id and
// the place in the file, in 8 bytes, are bound to it. The secret of the record is
// HKDF-SHA-256(master, "onrecord secret"), both without the extract step (RFC 5869,
// section 2.3). Of a key that has been destroyed there is this mark:
//
//	10 bytes    "destroyed\n"
//	46 bytes    zeros
//	 8 bytes    its place in the file
//
// # Crashes and damage
//
// A key that New has returned survives a crash of the machine, and one that has been
// destroyed does not come back, whatever the disk has kept of what was not synced; it
// is taken for granted that a sector of 512 bytes is written whole or not at all. A file
// is whole before it has its name. A [Rewrap] that a crash has ended is as good as not begun,
// or is finished by the next to open the file.
//
// A key that is neither whole nor marked, such as zeros where a disk has lost a block,
// is [events.ErrDamaged], and a record that needs it does not open: put a backup of the
// file in its place, when no process has it open, or give the event up by
// [File.Destroy]. Only the secret of snapshots is replaced by another if it is damaged, and
// they are made again from the record; but not if no key of the file can be read, as with
// a wrong master key. A process whose file has been replaced makes and destroys no more
// keys.
//
// # Costs
//
// A key is made before it is needed, with others, up to 4,096 at a time, so that few
// batches wait for a sync of this file. Those that are left when the file is closed
// are taken back, unless another process has made some since.
package keys
