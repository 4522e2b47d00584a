package keys

import (
	"bytes"
	"context"
	"crypto/cipher"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// File is a file of keys. It is [events.Keys].
//
// Its methods may be called from several goroutines at once, and several processes
// may have the file open. Who changes it locks it meanwhile; the others wait no longer
// than their contexts and Options.LockWait. Calls after Close return [events.ErrClosed].
type File struct {
	path   string
	disk   disk
	f      file
	record uuid.UUID
	secret events.Secret
	seal   cipher.AEAD

	closed   atomic.Bool
	lockWait time.Duration
	changing turn // taken with the file's lock, which goroutines share

	taking turn
	ready  []events.EventKey // made and not used yet
	first  uint64            // the slot of the first of them
	chunk  int               // how many to make at once
}

var _ events.Keys = (*File)(nil)

// Options change how a file is opened. Nil and zero values mean the defaults.
type Options struct {
	// Wrapper wraps the master key when the file is made, and unwraps it. Default:
	// none, and whoever can read the file has the keys.
	Wrapper Wrapper
	// MustExist makes Open refuse a path at which there is no file, with
	// fs.ErrNotExist: say it for a record that is there already, whose keys no new
	// file has. The default is to make one.
	MustExist bool
	// LockWait is how long a call waits while another changes the file, if its context
	// does not end first; Open and Close, which have none, too. The default is 10 seconds.
	LockWait time.Duration
}

// A Wrapper seals a secret of 32 bytes for somebody, and opens it again.
type Wrapper interface {
	Wrap(secret []byte) (wrapped []byte, err error) // at most 4,000 bytes
	Unwrap(wrapped []byte) (secret []byte, err error)
}

// errClosed is events.ErrClosed, which speaks of a store.
var errClosed error = closedError{}

type closedError struct{}

func (closedError) Error() string        { return "the file has been closed" }
func (closedError) Is(target error) bool { return target == events.ErrClosed }

// ErrNotKeys says that the file is not one of this package's.
var ErrNotKeys = errors.New("not a file of keys")

// write writes and waits until it is on disk.
func (f *File) write(data []byte, at int64) error {
	if _, err := f.f.WriteAt(data, at); err != nil {
		return err
	}
	return f.f.Sync()
}

// Root returns the record's id and secrets.
func (f *File) Root(ctx context.Context) (events.Root, error) {
	if err := f.usable(ctx); err != nil {
		return events.Root{}, f.wrap("read", err)
	}
	snapshot, err := f.snapshot(ctx)
	if err != nil {
		return events.Root{}, f.wrap("read", err)
	}
	return events.Root{Record: f.record, Secret: f.secret, Snapshot: snapshot}, nil
}

// New returns keys that are on disk.
func (f *File) New(ctx context.Context, n int) ([]events.EventKey, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := f.taking.take(ctx); err != nil {
		return nil, err
	}
	defer f.taking.give()
	if f.closed.Load() {
		return nil, f.wrap("make keys", errClosed)
	}
	if len(f.ready) < n {
		f.chunk = max(n, f.chunk)
		if err := f.make(ctx, f.chunk); err != nil {
			return nil, f.wrap("make keys", err)
		}
		f.chunk = min(2*f.chunk, lastChunk)
	}
	found := slices.Clone(f.ready[:n])
	clear(f.ready[:n]) // or they would be in memory after they have been destroyed
	f.ready, f.first = f.ready[n:], f.first+uint64(n)
	return found, nil
}

// make makes keys at the end of the file. Those that are ready and too few are left. The
// caller has taken his turn.
func (f *File) make(ctx context.Context, n int) error {
	ready, first := make([]events.EventKey, n), uint64(0)
	if err := f.locked(ctx, func() error {
		info, err := f.f.Stat()
		if err != nil {
			return err
		}
		first = uint64(info.Size()-headSize+slotSize-1) / slotSize
		data := make([]byte, 0, n*slotSize)
		for i := range ready {
			slot := first + uint64(i)
			ready[i] = events.EventKey{ID: keyID(slot), Secret: newSecret()}
			data = append(data, f.sealed(slot, ready[i].Secret)...)
		}
		return f.write(data, offset(first))
	}); err != nil {
		return err
	}
	clear(f.ready)
	f.ready, f.first = ready, first
	return nil
}

// Read returns keys by their ids.
func (f *File) Read(ctx context.Context, ids [][]byte) ([]events.EventKey, error) {
	if err := f.usable(ctx); err != nil {
		return nil, f.wrap("read", err)
	}
	found := make([]events.EventKey, 0, len(ids))
	err := f.runs(ids, func(first uint64, n int) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		some, err := f.slots(ctx, first, n)
		found = append(found, some...)
		return err
	})
	return found, f.wrap("read", err)
}

// Destroy overwrites keys and, before that, the secret of snapshots: a crash in between leaves
// keys, which are then destroyed another time, and never a snapshot that can be read without
// them. If all of them have been destroyed, the secret stays. It also destroys keys that have
// been damaged. It must not be given an id that New has not returned, here or in another
// process: the key may have been made ahead, and an event that is sealed with it later would
// be lost.
func (f *File) Destroy(ctx context.Context, ids [][]byte) error {
	if err := f.usable(ctx); err != nil {
		return f.wrap("destroy", err)
	}
	return f.wrap("destroy", f.locked(ctx, func() error { return f.destroy(ids) }))
}

func (f *File) destroy(ids [][]byte) error {
	info, err := f.f.Stat()
	if err != nil {
		return err
	}
	anyLeft := false // one that has not been destroyed
	if err := f.runs(ids, func(first uint64, n int) error {
		if offset(first+uint64(n)) > info.Size() {
			return fmt.Errorf("there is no key %d", first+uint64(n)-1)
		}
		data := make([]byte, n*slotSize)
		_, err := f.f.ReadAt(data, offset(first))
		anyLeft = anyLeft || !bytes.Equal(data, marks(first, n))
		return err
	}); err != nil {
		return err
	}
	// A mark is written when the secret is on disk: where there is one, that was replaced.
	if anyLeft {
		if err := f.write(f.sealed(snapshotSlot, newSecret()), offset(snapshotSlot)); err != nil {
			return err
		}
	}
	// Marks that are there are written again, for a sync of them may have failed.
	if err := f.runs(ids, func(first uint64, n int) error {
		_, err := f.f.WriteAt(marks(first, n), offset(first))
		return err
	}); err != nil {
		return err
	}
	return f.f.Sync()
}

// Close ends the use of the file. Keys that were made and not used are taken back
// where nothing follows them. It waits for calls that change the file; others that are under
// way may end with [events.ErrClosed], as does a second Close.
func (f *File) Close() error {
	ctx := context.Background()
	_ = f.taking.take(ctx) // who has it has it no longer than he waits for a lock
	defer f.taking.give()
	if f.closed.Load() {
		return f.wrap("close", errClosed)
	}
	if len(f.ready) > 0 {
		_ = f.locked(ctx, func() error { // or they stay, and are not used
			info, err := f.f.Stat()
			if err != nil || info.Size() != offset(f.first+uint64(len(f.ready))) {
				return err
			}
			return f.f.Truncate(offset(f.first))
		})
	}
	clear(f.ready)
	f.ready = nil
	// Whoever is waiting for the file's lock has a number of the file, which may be another's
	// once it is closed.
	_ = f.changing.take(ctx)
	defer f.changing.give()
	f.closed.Store(true)
	return f.wrap("close", f.f.Close())
}

func (f *File) wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, fs.ErrClosed) && f.closed.Load() {
		err = errClosed
	}
	if p, ok := err.(*fs.PathError); ok && p.Op == what && p.Path == f.path {
		err = p.Err // the rest would be said twice
	}
	return fmt.Errorf("keys: %s %s: %w", what, f.path, err)
}
