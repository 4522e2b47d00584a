package proof

import (
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

func (m *memory) write(index int64, hashes []byte, seq events.Seq, ends []end) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.hashes = append(m.hashes[:index*tlog.HashSize], hashes...)
	m.ends = append(m.ends[:seq-1], ends...)
	return nil
}

func (m *memory) commit(_, _ Head) error { return nil }

func (m *memory) close() error { return nil }

// files is a storage in three files of a directory:
//
//	hashes  the hashes, 32 bytes each
//	ends    for each record the size and the position at its end, 8 bytes each
//	head    the head, at offset 0 and 512 in turn, with a CRC-32C
//
// Numbers have their most significant byte first. A head is written when all that
// it stands for is on disk, over the older one of the two, so there is always one
// that is whole. What the other files have beyond it counts for nothing and is
// overwritten: it is never cut off, for another process may have written it, and
// would have written the same. The head is locked by who writes it, from reading what is
// there to when it is on disk.
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

// makeDir makes a directory and those above it whose names survive a crash.
func (d osDisk) makeDir(path string) error {
	err := os.Mkdir(path, 0o700)
	if errors.Is(err, fs.ErrNotExist) && above(path) != path {
		if err := d.makeDir(above(path)); err != nil {
			return err
		}
		err = os.Mkdir(path, 0o700)
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return names.Sync(above(path))
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

func openFiles(d disk, dir string) (*files, Head, error) {
	if err := d.makeDir(dir); err != nil {
		return nil, Head{}, err
	}
	f := new(files)
	head, err := f.openAll(d, dir)
	if err != nil {
		f.close()
		return nil, Head{}, err
	}
	return f, head, nil
}

func (f *files) openAll(d disk, dir string) (head Head, err error) {
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
	unlock, err := f.locked()
	if err != nil {
		return Head{}, err
	}
	defer unlock()
	head, at, err := f.last()
	if err != nil || head.Size == 0 {
		return head, err
	}
	if err := errors.Join(holds(f.hashes, tlog.StoredHashCount(head.Size)*tlog.HashSize), holds(f.ends, int64(head.Record)*endSize)); err != nil {
		return Head{}, err
	}
	// Whoever wrote it may have ended before it was on disk, or been told that it is not.
	return head, f.put(head, at)
}

// locked locks the head until unlock is called, where the system can.
func (f *files) locked() (unlock func(), err error) {
	unlock, err = lock.Exclusive(context.Background(), f.head)
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

// last returns the newer of the two heads, and its offset: of no event, until the first
// has been written whole.
func (f *files) last() (h Head, at int64, err error) {
	b := make([]byte, slot+headSize)
	n, err := f.head.ReadAt(b, 0)
	if err != nil && err != io.EOF {
		return Head{}, 0, err
	}
	first, ok1 := decodeHead(b)
	second, ok2 := decodeHead(b[slot:])
	switch {
	case ok1 && ok2 && second.Size > first.Size, ok2 && !ok1:
		return second, slot, nil
	case ok1, n <= slot:
		return first, 0, nil
	}
	return Head{}, 0, fmt.Errorf("neither head is whole: %w", events.ErrDamaged)
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

func decodeHead(b []byte) (Head, bool) {
	sum := headSize - 4
	if b[0] != filesVersion || crc32.Checksum(b[:sum], castagnoli) != binary.BigEndian.Uint32(b[sum:]) {
		return noHead, false
	}
	h := Head{
		Size:     int64(binary.BigEndian.Uint64(b[1:])),
		Root:     tlog.Hash(b[9:]),
		Record:   events.Seq(binary.BigEndian.Uint64(b[41:])),
		Position: events.Position(binary.BigEndian.Uint64(b[49:])),
		SHA256:   [32]byte(b[57:]),
	}
	if h.check() != nil {
		return noHead, false
	}
	return h, true
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

func (f *files) write(index int64, hashes []byte, seq events.Seq, ends []end) error {
	if _, err := f.hashes.WriteAt(hashes, index*tlog.HashSize); err != nil {
		return err
	}
	b := make([]byte, 0, len(ends)*endSize)
	for _, e := range ends {
		b = binary.BigEndian.AppendUint64(b, uint64(e.size))
		b = binary.BigEndian.AppendUint64(b, uint64(e.position))
	}
	_, err := f.ends.WriteAt(b, int64(seq-1)*endSize)
	return err
}

// commit syncs what has been written, and then writes the head over the older one of the
// two, unless another process has come further.
func (f *files) commit(from, to Head) error {
	if err := errors.Join(f.hashes.Sync(), f.ends.Sync()); err != nil {
		return err
	}
	unlock, err := f.locked()
	if err != nil {
		return err
	}
	defer unlock()
	last, at, err := f.last()
	if err != nil {
		return err
	}
	if last.Size > 0 && last != from {
		// It may not be on disk, and must be before the other one is overwritten.
		if err := f.put(last, at); err != nil {
			return err
		}
	}
	if last.Size >= to.Size {
		return nil
	}
	if last.Size > 0 {
		at = slot - at
	}
	return f.put(to, at)
}

// put makes what is at an offset a head that survives a crash.
func (f *files) put(h Head, at int64) error {
	if _, err := f.head.WriteAt(encodeHead(h), at); err != nil {
		return err
	}
	return f.head.Sync()
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
