package proof

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/internal/lock"
	"github.com/onrecord/onrecord/internal/names"
)

// memory is a storage without files.
type memory struct {
	mu     sync.RWMutex
	hashes []byte
	ends   []end
}

func (m *memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	hashes := make([]tlog.Hash, len(indexes))
	for i, n := range indexes {
		copy(hashes[i][:], m.hashes[n*tlog.HashSize:])
	}
	return hashes, nil
}

func (m *memory) end(seq events.Seq) (end, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.ends[seq-1], nil
}

func (m *memory) commit(_ context.Context, _, _ Head, hashes []byte, ends []end) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.hashes = append(m.hashes, hashes...)
	m.ends = append(m.ends, ends...)
	return nil
}

func (m *memory) close() error { return nil }

// files is a storage in three files of a directory:
//
//	hashes  the hashes, 32 bytes each
//	ends    for each record the size and the position at its end, 8 bytes each
//	head    the head with a CRC-32C, at offset 0 and again at 512
//
// Numbers have their most significant byte first. A head is written when all that
// it stands for is on disk, to one place and, once it is on disk there, to the other. So
// one of the two is always whole; a crash may leave the other torn or older, and
// otherwise they are the same: a head that is damaged loses nothing, and is written
// again. Both are written before the first hash is: where neither is whole, making the
// directory was interrupted if there is no hash, and both are damaged if there is one.
// (Once they were written by turns, and one may be older until a directory is opened
// again.) The first byte of a head and the place of its CRC-32C stay in every version.
//
// What the other files have beyond the head counts for nothing and is overwritten: it is
// never cut off. All three are written while the head is locked.
type files struct {
	hashes, ends, head file
}

// A disk is what files need of a file system. That of the tests has its power cut.
type disk interface {
	makeDir(path string) error // and whatever is above it
	open(path string) (file, error)
	syncDir(path string) error
}

// A file is an [os.File], or one of the tests.
type file interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Fd() uintptr
	Stat() (fs.FileInfo, error)
	Sync() error
}

// osDisk is that of the operating system.
type osDisk struct{}

func (osDisk) open(path string) (file, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err // and no file, rather than one that is nil
	}
	return f, nil
}

func (osDisk) syncDir(path string) error { return names.Sync(path) }

func (d osDisk) makeDir(path string) error { return makeDir(path, d.syncDir) }

// makeDir makes a directory and those above it, and syncs the one that has the name of
// each, so that it survives a crash.
func makeDir(path string, sync func(dir string) error) error {
	err := os.Mkdir(path, 0o700)
	if errors.Is(err, fs.ErrNotExist) && above(path) != path {
		if err := makeDir(above(path), sync); err != nil {
			return err
		}
		err = os.Mkdir(path, 0o700)
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return sync(above(path))
}

// above returns the directory that has the name of one.
func above(path string) string { return filepath.Dir(filepath.Clean(path)) }

const (
	slot     = 512 // no smaller than what a disk writes at once
	endSize  = 16
	headSize = 1 + 8 + tlog.HashSize + 8 + 8 + 32 + 4
)

// filesVersion is the first byte of a head. If what is hashed changes, it does.
const filesVersion = leafVersion

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func openFiles(d disk, dir string, wait time.Duration) (*files, Head, error) {
	if err := d.makeDir(dir); err != nil {
		return nil, Head{}, err
	}
	f := new(files)
	head, err := f.openAll(d, dir, wait)
	if err != nil {
		f.close()
		return nil, Head{}, err
	}
	return f, head, nil
}

func (f *files) openAll(d disk, dir string, wait time.Duration) (head Head, err error) {
	for _, named := range []struct {
		name string
		to   *file
	}{{"hashes", &f.hashes}, {"ends", &f.ends}, {"head", &f.head}} {
		if *named.to, err = d.open(filepath.Join(dir, named.name)); err != nil {
			return Head{}, err
		}
	}
	if err := d.syncDir(dir); err != nil {
		return Head{}, err
	}
	ctx, end := context.WithTimeout(context.Background(), wait)
	defer end()
	unlock, err := f.locked(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return Head{}, fmt.Errorf("another has held the lock of its head for more than %v: open it again when he has let it go", wait)
	}
	if err != nil {
		return Head{}, err
	}
	defer unlock()
	head, at, err := f.last()
	if err != nil {
		return Head{}, err
	}
	if err := errors.Join(holds(f.hashes, hashesSize(head)), holds(f.ends, endsSize(head))); err != nil {
		return Head{}, err
	}
	// Whoever wrote it may have ended before it was on disk, or been told that it is not.
	return head, f.put(head, at)
}

// locked locks the head until unlock is called, where the system can.
func (f *files) locked(ctx context.Context) (unlock func(), err error) {
	unlock, err = lock.Exclusive(ctx, f.head)
	if errors.Is(err, errors.ErrUnsupported) {
		return func() {}, nil
	}
	return unlock, err
}

// holds returns an error if a file is shorter than what was synced.
func holds(f file, size int64) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() < size {
		return fmt.Errorf("%s has %d bytes, want %d: %w", info.Name(), info.Size(), size, events.ErrDamaged)
	}
	return nil
}

// last returns the newer of the two heads, and its offset; in a directory that is being
// made, that of no event.
func (f *files) last() (h Head, at int64, err error) {
	b := make([]byte, slot+headSize)
	if _, err := f.head.ReadAt(b, 0); err != nil && err != io.EOF {
		return Head{}, 0, err
	}
	first, err1 := decodeHead(b)
	second, err2 := decodeHead(b[slot:])
	switch {
	case errors.Is(err1, events.ErrNewer), errors.Is(err2, events.ErrNewer):
		return Head{}, 0, errors.Join(err1, err2)
	case err1 == nil && (err2 != nil || first.Size >= second.Size):
		return first, 0, nil
	case err2 == nil:
		return second, slot, nil
	}
	for _, other := range []file{f.hashes, f.ends} {
		info, err := other.Stat()
		if err != nil {
			return Head{}, 0, err
		}
		if info.Size() > 0 {
			return Head{}, 0, fmt.Errorf("neither head is whole: %w", err1)
		}
	}
	return noHead, 0, nil
}

func encodeHead(h Head) []byte {
	b := []byte{filesVersion}
	b = binary.BigEndian.AppendUint64(b, uint64(h.Size))
	b = append(b, h.Root[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(h.Record))
	b = binary.BigEndian.AppendUint64(b, uint64(h.Position))
	b = append(b, h.SHA256[:]...)
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

func decodeHead(b []byte) (Head, error) {
	sum := headSize - 4
	if got, want := crc32.Checksum(b[:sum], castagnoli), binary.BigEndian.Uint32(b[sum:]); got != want {
		return Head{}, fmt.Errorf("head: checksum %08x, want %08x: %w", got, want, events.ErrDamaged)
	}
	if b[0] > filesVersion {
		return Head{}, fmt.Errorf("head: %w, in version %d; this release reads version %d", events.ErrNewer, b[0], filesVersion)
	}
	h := Head{
		Size:     int64(binary.BigEndian.Uint64(b[1:])),
		Root:     tlog.Hash(b[9:]),
		Record:   events.Seq(binary.BigEndian.Uint64(b[41:])),
		Position: events.Position(binary.BigEndian.Uint64(b[49:])),
		SHA256:   [32]byte(b[57:]),
	}
	if err := h.check(); b[0] != filesVersion || err != nil {
		return Head{}, fmt.Errorf("head: version %d: %w: %w", b[0], err, events.ErrDamaged)
	}
	return h, nil
}

func (f *files) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, n := range indexes {
		if _, err := f.hashes.ReadAt(hashes[i][:], n*tlog.HashSize); err != nil {
			return nil, err
		}
	}
	return hashes, nil
}

func (f *files) end(seq events.Seq) (end, error) {
	var b [endSize]byte
	if _, err := f.ends.ReadAt(b[:], int64(seq-1)*endSize); err != nil {
		return end{}, err
	}
	return end{int64(binary.BigEndian.Uint64(b[:])), events.Position(binary.BigEndian.Uint64(b[8:]))}, nil
}

func (f *files) commit(ctx context.Context, from, to Head, hashes []byte, ends []end) error {
	unlock, err := f.locked(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	last, at, err := f.last()
	if err != nil {
		return err
	}
	if last != from {
		// It may not be on disk, and must be before it is overwritten in one place.
		if err := f.put(last, at); err != nil {
			return err
		}
	}
	b := make([]byte, 0, len(ends)*endSize)
	for _, e := range ends {
		b = binary.BigEndian.AppendUint64(b, uint64(e.size))
		b = binary.BigEndian.AppendUint64(b, uint64(e.position))
	}
	if err := add(f.hashes, hashes, hashesSize(from), hashesSize(last)); err != nil {
		return err
	}
	if err := add(f.ends, b, endsSize(from), endsSize(last)); err != nil {
		return err
	}
	if last.Size >= to.Size {
		return nil
	}
	if err := errors.Join(f.hashes.Sync(), f.ends.Sync()); err != nil {
		return err
	}
	return f.put(to, slot-at)
}

// add makes data what is at an offset. What is there before known has been written by
// another process, and has to be the same.
func add(f file, data []byte, at, known int64) error {
	if n := min(known-at, int64(len(data))); n > 0 {
		there := make([]byte, n)
		if _, err := f.ReadAt(there, at); err != nil {
			return err
		}
		if !bytes.Equal(there, data[:n]) {
			return fmt.Errorf("another process has grown the tree, and not over this record: %w", ErrForked)
		}
		data, at = data[n:], at+n
	}
	_, err := f.WriteAt(data, at)
	return err
}

func hashesSize(h Head) int64 { return tlog.StoredHashCount(h.Size) * tlog.HashSize }

func endsSize(h Head) int64 { return int64(h.Record) * endSize }

// put makes a head survive a crash, first at an offset and then at the other: there must
// be no other one at the first, or the same at the second.
func (f *files) put(h Head, at int64) error {
	for _, at := range []int64{at, slot - at} {
		if _, err := f.head.WriteAt(encodeHead(h), at); err != nil {
			return err
		}
		if err := f.head.Sync(); err != nil {
			return err
		}
	}
	return nil
}

func (f *files) close() error {
	var errs []error
	for _, file := range []file{f.hashes, f.ends, f.head} {
		if file != nil {
			errs = append(errs, file.Close())
		}
	}
	return errors.Join(errs...)
}
