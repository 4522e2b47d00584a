package events

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"
)

// Seq numbers the records of a store: 1, 2, 3 and so on, without a gap. Zero
// means "before the first".
type Seq uint64

// MaxRecord is the size in bytes of the largest record a store must take, and
// the largest a graph writes. It is below the message limit of every engine
// that a store is known to stand on, so that any store's records fit any other.
const MaxRecord = 900_000

// Record is one stored record.
type Record struct {
	Seq  Seq
	Data []byte
}

// A Store keeps numbered records of bytes, in order, for ever, and knows
// nothing else: not what they mean, not that they are checked. What makes a
// store correct is written as tests in package eventstest, which anyone can run
// against a store of their own.
//
// If ctx has ended before a call, the call stores nothing and returns the
// context's error. Any Seq may be passed, also one that no record has.
//
// Its methods may be called from several goroutines at once.
type Store interface {
	// Append stores record after the record numbered after, which must be the
	// last one (0 for an empty store), and returns its number, after+1. If it
	// returns nil the record survives a crash of the process and of the machine.
	//
	// If another record is last, it stores nothing and returns ErrConflict. A
	// record that is empty or larger than MaxRecord is refused with
	// ErrRecordSize. Where nothing may be written, nothing is stored and the error is
	// fs.ErrPermission. After any other error the outcome is unknown: the record may
	// have been stored whole or not at all, never in part; read on to find out.
	// With an error it returns 0.
	//
	// Append does not keep record and does not change it.
	Append(ctx context.Context, after Seq, record []byte) (Seq, error)

	// Scan returns the records after the given number in order of their
	// numbers, up to the last one it finds when it gets there; a record appended
	// while the loop runs may or may not be seen. Data belongs to the caller. An
	// error ends the sequence, as does the end of ctx, which is looked at before
	// each record. After the last record there are none, without an error. Scanning holds nothing between records: a slow
	// reader hinders nobody, and the loop's body may append. The sequence can be
	// ranged over more than once.
	Scan(ctx context.Context, after Seq) iter.Seq2[Record, error]

	// Last returns the number of the last record, 0 if there is none.
	Last(ctx context.Context) (Seq, error)

	// Close releases what the store holds. It may be called at any time and waits
	// for no reader: calls after it, loops and waits under way end with ErrClosed,
	// as does a second Close.
	Close() error
}

// A Reader is a Store that reads one record without scanning.
type Reader interface {
	// Read returns the bytes of the record, which belong to the caller, or
	// ErrNoRecord.
	Read(ctx context.Context, seq Seq) ([]byte, error)
}

// A PartReader is a Store that reads a part of a record at less cost than all of it.
type PartReader interface {
	// ReadPart returns the bytes of the record from one offset up to another, which
	// belong to the caller, or ErrNoRecord. It is an error, and nothing is returned,
	// unless 0 <= from < to <= the length of the record.
	ReadPart(ctx context.Context, seq Seq, from, to int) ([]byte, error)
}

// A Waiter is a Store that can wait for what another process appends.
type Waiter interface {
	// Wait returns nil as soon as the last record's number is greater than
	// after, and the context's error when that ends first. A store that is reached
	// over a network waits on while it cannot be reached.
	Wait(ctx context.Context, after Seq) error
}

// A Clock is a Store that several machines share and that knows the time where its
// records are kept, so that a machine whose own clock is wrong is found out.
type Clock interface {
	// Now returns the time of the server that keeps the records. It was that time
	// there at some moment of the call.
	Now(ctx context.Context) (time.Time, error)
}

// A Syncer is a Store whose records can be read before they are as safe as one whose Append
// has returned nil, because an append failed whose outcome is unknown.
type Syncer interface {
	// Sync returns nil when every record that could be read before the call is that safe.
	Sync(ctx context.Context) error
}

// Snapshots is a Store that keeps a snapshot beside its record: bytes that can be
// made again from the record, and that nobody misses if they are lost.
type Snapshots interface {
	// ReadSnapshot opens the snapshot that was written last, by any process. The error
	// is fs.ErrNotExist if there is none. What it has opened stays what it was.
	ReadSnapshot(ctx context.Context) (io.ReadCloser, error)
	// WriteSnapshot replaces the snapshot by what write writes: all of it or, after
	// an error, nothing. Of several that are written at once one stays.
	WriteSnapshot(ctx context.Context, write func(io.Writer) error) error
}

// Backups is a Store that can be copied whole while it is in use, by this process
// or others, in a form that its own package restores. Any store can be exported
// record by record; this is for one that knows a faster way.
type Backups interface {
	// Backup writes a copy of the store to w: all records up to one, as they were
	// at some moment of the call. It returns that record's number and hash, by
	// which a restored copy is known to be whole. Appends and reads go on
	// meanwhile, also from within w. After an error, which is the context's if that
	// ends first, what w was given is of no use. It does not verify the records:
	// what is damaged is copied as it is.
	Backup(ctx context.Context, w io.Writer) (Head, error)
}

// Head says which record is a store's last. The zero Head is that of an empty
// store.
type Head struct {
	Seq    Seq
	SHA256 [sha256.Size]byte // of the whole record
}

func (h Head) String() string {
	if h == (Head{}) {
		return "no record"
	}
	return fmt.Sprintf("record %d, sha256 %x", h.Seq, h.SHA256)
}

// What the methods of a store return, possibly wrapped.
var (
	ErrConflict   = errors.New("another record is last")
	ErrRecordSize = errors.New("record is empty or larger than 900,000 bytes")
	ErrNoRecord   = errors.New("no such record")
	ErrClosed     = errors.New("store is closed")
)

// ErrOther says that the store already has a different record with this number. No store
// ever replaces one.
var ErrOther = errors.New("the store has another record of this number")
