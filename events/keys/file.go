package keys

import (
	"bytes"
	"cmp"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/internal/lock"
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

// A turn is a mutex for which nobody need wait longer than his context.
type turn chan struct{}

func newTurn() turn { return make(turn, 1) }

// take waits for the turn. If nobody has it, the context does not matter.
func (t turn) take(ctx context.Context) error {
	select {
	case t <- struct{}{}:
		return nil
	default:
	}
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t turn) give() { <-t }

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

const (
	slotSize   = 64
	sealedSize = slotSize - 4
	secretSize = 32
	// snapshotSlot is the place of the secret of snapshots; the keys follow it, so
	// that the slot numbered n has the key whose id is n.
	snapshotSlot = 0
	lastSlot     = (math.MaxInt64-headSize)/slotSize - 1 // whose end is a place in a file

	firstChunk = 16
	lastChunk  = 4096
)

// Open opens the file at path, or makes it, for a new record, unless Options.MustExist
// says otherwise. The directory must exist. Only its owner may read a file that is made.
// A crash leaves it whole or not there; what it may leave beside it, with the name path +
// ".new", is used next time, unless it is a link, another's or open to others: then it is
// refused, and must be removed.
func Open(path string, opts *Options) (*File, error) { return openOn(osDisk{}, path, opts) }

func openOn(d disk, path string, opts *Options) (*File, error) {
	if opts == nil {
		opts = &Options{}
	}
	absolute, err := filepath.Abs(path) // the working directory may change
	if err != nil {
		return nil, fmt.Errorf("keys: open %s: %w", path, err)
	}
	f := &File{path: absolute, disk: d, lockWait: opts.LockWait, changing: newTurn(), taking: newTurn(), chunk: firstChunk}
	if f.lockWait <= 0 {
		f.lockWait = 10 * time.Second
	}
	if err := f.open(opts); err != nil {
		if f.f != nil {
			f.f.Close()
		}
		return nil, f.wrap("open", err)
	}
	return f, nil
}

func (f *File) open(opts *Options) (err error) {
	var master []byte
	f.f, err = f.disk.open(f.path, os.O_RDWR)
	if errors.Is(err, fs.ErrNotExist) && !opts.MustExist {
		if master, err = f.create(opts.Wrapper); err == nil {
			f.f, err = f.disk.open(f.path, os.O_RDWR)
		}
	}
	if err != nil {
		return err
	}
	// Whoever has made the file may have died before he could.
	if err := f.disk.syncDir(filepath.Dir(f.path)); err != nil {
		return err
	}
	h, _, err := readHead(f.f)
	if errors.Is(err, events.ErrDamaged) {
		h, err = f.mend()
	}
	if err != nil {
		return err
	}
	if master == nil {
		if master, err = h.master(opts.Wrapper); err != nil {
			return err
		}
	}
	if err := f.derive(h.record, master); err != nil {
		return err
	}
	_, err = f.snapshot(context.Background())
	return err
}

// create makes the file under another name and moves it: the lock is held until it
// has its name. It returns the master key, or none if somebody else has made the file.
func (f *File) create(w Wrapper) (master []byte, err error) {
	temp := f.path + ".new"
	made, err := f.disk.open(temp, os.O_RDWR|os.O_CREATE|os.O_EXCL)
	isLeft := errors.Is(err, fs.ErrExist) // or somebody is making it
	if isLeft {
		made, err = f.disk.open(temp, os.O_RDWR)
	}
	if errors.Is(err, fs.ErrNotExist) && isThere(f.path) {
		return nil, nil // it has its name by now
	}
	if err != nil {
		return nil, err
	}
	defer made.Close()
	ctx, end := context.WithTimeout(context.Background(), f.lockWait)
	defer end()
	unlock, err := lock.Exclusive(ctx, made)
	if err != nil {
		return nil, f.waited(context.Background(), err)
	}
	defer unlock()
	if isThere(f.path) {
		os.Remove(temp)
		return nil, nil
	}
	if isLeft {
		if err := isPrivate(made); err != nil {
			return nil, err
		}
	}
	master, data, err := newFile(w)
	if err != nil {
		return nil, err
	}
	if err := made.Truncate(0); err != nil {
		return nil, err
	}
	if _, err := made.WriteAt(data, 0); err != nil {
		return nil, err
	}
	if err := made.Sync(); err != nil {
		return nil, err
	}
	return master, f.disk.move(made, f.path)
}

// newFile returns a head and the secret of snapshots.
func newFile(w Wrapper) (master, data []byte, err error) {
	master = make([]byte, secretSize)
	rand.Read(master)
	h := head{record: uuid.New()}
	if data, err = h.bytes(master, w); err != nil {
		return nil, nil, err
	}
	var f File
	if err := f.derive(h.record, master); err != nil {
		return nil, nil, err
	}
	return master, append(data, f.sealed(snapshotSlot, newSecret())...), nil
}

// locked calls do while nobody else changes the file.
func (f *File) locked(ctx context.Context, do func() error) error {
	within, end := context.WithTimeout(ctx, f.lockWait)
	defer end()
	if err := f.changing.take(within); err != nil {
		return f.waited(ctx, err)
	}
	defer f.changing.give()
	if f.closed.Load() {
		return errClosed
	}
	unlock, err := lock.Exclusive(within, f.f)
	if err != nil {
		return f.waited(ctx, err)
	}
	defer unlock()
	if err := f.isInPlace(); err != nil {
		return err
	}
	return do()
}

// usable returns the context's error if it has ended, or errClosed.
func (f *File) usable(ctx context.Context) error {
	if err := ctx.Err(); err != nil || !f.closed.Load() {
		return err
	}
	return errClosed
}

// waited tells why a lock was not waited for any longer, if the caller's context does not.
func (f *File) waited(ctx context.Context, err error) error {
	if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("another has held its lock for more than %v: call again when he has let it go", f.lockWait)
	}
	return err
}

// isThere reports whether there is something at a path, a link to nothing included.
func isThere(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// isPrivate returns an error if a file is not what its path has, or if others than who
// runs this may have opened it: they would read the master key.
func isPrivate(f file) error {
	here, err := f.Stat()
	if err != nil {
		return err
	}
	there, err := os.Lstat(f.Name())
	if err != nil {
		return err
	}
	if !os.SameFile(here, there) || !isMine(there) {
		return fmt.Errorf("%s would have the master key, but is a link, another's or open to others: remove it", f.Name())
	}
	return nil
}

// isInPlace tells that another file has taken the place of this one, or none: what is
// changed in it would be lost.
func (f *File) isInPlace() error {
	there, err := os.Stat(f.path)
	if err != nil {
		return err
	}
	here, err := f.f.Stat()
	if err != nil {
		return err
	}
	if !os.SameFile(here, there) {
		return errors.New("another file has been put in its place: open it anew")
	}
	return nil
}

// write writes and waits until it is on disk.
func (f *File) write(data []byte, at int64) error {
	if _, err := f.f.WriteAt(data, at); err != nil {
		return err
	}
	return f.f.Sync()
}

func isZero(data []byte) bool {
	return !slices.ContainsFunc(data, func(b byte) bool { return b != 0 })
}

func (f *File) derive(record uuid.UUID, master []byte) error {
	f.record = record
	secret, err := hkdf.Expand(sha256.New, master, "onrecord secret", secretSize)
	if err != nil {
		return err
	}
	f.secret = events.Secret(secret)
	under, err := hkdf.Expand(sha256.New, master, "onrecord keys", secretSize)
	if err != nil {
		return err
	}
	block, err := aes.NewCipher(under)
	if err != nil {
		return err
	}
	f.seal, err = cipher.NewGCMWithRandomNonce(block)
	return err
}

func newSecret() (s events.Secret) {
	rand.Read(s[:])
	return s
}

// keyID is the id of the key in a slot: there is one way to write it.
func keyID(slot uint64) []byte { return binary.AppendUvarint(nil, slot) }

// offset is the place of a slot, which is at most one behind lastSlot.
func offset(slot uint64) int64 { return headSize + int64(slot)*slotSize }

// bound is what a slot is bound to.
func (f *File) bound(slot uint64) []byte {
	return binary.BigEndian.AppendUint64(slices.Clone(f.record[:]), uint64(offset(slot)))
}

// sealed returns a slot with a secret in it.
func (f *File) sealed(slot uint64, s events.Secret) []byte {
	data := f.seal.Seal(make([]byte, 0, slotSize), nil, s[:], f.bound(slot))
	return data[:slotSize]
}

// destroyed returns a slot whose key has been destroyed.
func destroyed(slot uint64) []byte {
	data := make([]byte, slotSize)
	copy(data, "destroyed\n")
	binary.BigEndian.PutUint64(data[slotSize-8:], uint64(offset(slot)))
	return data
}

// marks returns n slots whose keys have been destroyed.
func marks(first uint64, n int) []byte {
	data := make([]byte, 0, n*slotSize)
	for i := range n {
		data = append(data, destroyed(first+uint64(i))...)
	}
	return data
}

// slots reads n slots; one that has been destroyed has no key.
func (f *File) slots(ctx context.Context, first uint64, n int) ([]events.EventKey, error) {
	found, err := f.read(first, n)
	if errors.Is(err, events.ErrDamaged) {
		// Or it was read while somebody was destroying it.
		err = f.locked(ctx, func() (err error) {
			found, err = f.read(first, n)
			return err
		})
	}
	return found, err
}

func (f *File) read(first uint64, n int) ([]events.EventKey, error) {
	data := make([]byte, n*slotSize)
	_, err := f.f.ReadAt(data, offset(first))
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("keys up to %d are not in the file, as when it is older than the record: %w", first+uint64(n)-1, events.ErrKeys)
	}
	if err != nil {
		return nil, fmt.Errorf("keys %d to %d: %w", first, first+uint64(n)-1, err)
	}
	found := make([]events.EventKey, n)
	for i := range found {
		slot, number := data[i*slotSize:(i+1)*slotSize], first+uint64(i)
		if number != snapshotSlot && bytes.Equal(slot, destroyed(number)) {
			continue
		}
		if isZero(slot) {
			return nil, fmt.Errorf("key %d is zeros, but was not destroyed: %w", number, events.ErrDamaged)
		}
		secret, ok := f.unsealed(slot, number)
		if !ok {
			return nil, fmt.Errorf("key %d: %w", number, events.ErrDamaged)
		}
		found[i] = events.EventKey{ID: keyID(number), Secret: secret}
	}
	return found, nil
}

// unsealed returns the secret in a slot, and false if it is not whole.
func (f *File) unsealed(slot []byte, number uint64) (events.Secret, bool) {
	secret, err := f.seal.Open(nil, nil, slot[:sealedSize], f.bound(number))
	if err != nil || !isZero(slot[sealedSize:]) {
		return events.Secret{}, false
	}
	return events.Secret(secret), true
}

// snapshot reads the secret of snapshots. One that is damaged is replaced, for what it seals
// is made again from the record.
func (f *File) snapshot(ctx context.Context) (events.Secret, error) {
	found, err := f.read(snapshotSlot, 1)
	if errors.Is(err, events.ErrDamaged) {
		err = f.locked(ctx, func() error {
			if found, err = f.read(snapshotSlot, 1); !errors.Is(err, events.ErrDamaged) {
				return err // it was read while somebody was replacing it
			}
			if opens, err := f.opensAny(); err != nil || !opens {
				return cmp.Or(err, fmt.Errorf("the secret of snapshots, and no other key that would show that this is the master key: %w", events.ErrDamaged))
			}
			found = []events.EventKey{{Secret: newSecret()}}
			return f.write(f.sealed(snapshotSlot, found[0].Secret), offset(snapshotSlot))
		})
	}
	if err != nil {
		return events.Secret{}, err
	}
	return found[0].Secret, nil
}

// opensAny reports whether the master key opens a key of the file: a [Wrapper] may have
// returned another.
func (f *File) opensAny() (bool, error) {
	data := make([]byte, lastChunk*slotSize)
	for slot := uint64(snapshotSlot + 1); ; {
		n, err := f.f.ReadAt(data, offset(slot))
		for some := range slices.Chunk(data[:n/slotSize*slotSize], slotSize) {
			if _, ok := f.unsealed(some, slot); ok {
				return true, nil
			}
			slot++
		}
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
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

// runs calls yield with runs of numbers that follow one another.
func (f *File) runs(ids [][]byte, yield func(first uint64, n int) error) error {
	first, n := uint64(0), 0
	for _, id := range ids {
		slot, _ := binary.Uvarint(id)
		if slot == snapshotSlot || slot > lastSlot || !bytes.Equal(id, keyID(slot)) {
			return fmt.Errorf("%x is no id of a key", id)
		}
		if n > 0 && slot == first+uint64(n) {
			n++
			continue
		}
		if n > 0 {
			if err := yield(first, n); err != nil {
				return err
			}
		}
		first, n = slot, 1
	}
	if n == 0 {
		return nil
	}
	return yield(first, n)
}

// Destroy overwrites keys and, before that, the secret of snapshots: a crash in
// between leaves keys, which are then destroyed another time, and never a snapshot
// that can be read without them. If all of them have been destroyed, the secret stays.
// It also destroys keys that have been damaged. It must not be given an id that New has not returned, here or in another process: the key may
// have been made ahead, and an event that is sealed with it later would be lost.
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
