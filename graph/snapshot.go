package graph

import (
	"bufio"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"log/slog"
	"sync"

	"github.com/onrecord/onrecord/events"
)

// A snapshot is the columns as they were at the end of a record, so that opening
// a graph folds only what came after. It is a copy of memory: whatever writes it
// and reads it must have the same columns, or it is made anew. It is not part of
// the record, and nothing is lost with it.
//
//	"onrecord graph\n"
//	layout      32 bytes    SHA-256 of what the columns are; another one is another release's
//	record      8 bytes     the number of the record
//	            32 bytes    and its SHA-256
//	counts      4 bytes     for each part: how many entries it has
//	checksum    4 bytes     CRC-32C of all before
//	parts       the entries of each part, and the CRC-32C of them
//
// Numbers are in the machine's own order of bytes, which the layout names.
const snapshotMagic = "onrecord graph\n"

// snapshotVersion is part of the layout. It must be raised when folding the same
// record comes to give other columns, also if they look the same.
const snapshotVersion = 8

// keptSnapshots is what a graph knows of its snapshots. Who folds guards all but the
// savers and the log.
type keptSnapshots struct {
	in     events.Snapshots // nil if none are kept
	saved  uint32           // events in the last one
	tried  uint32           // events in the last one that was begun
	saving bool             // one is being written
	often  bool             // each record is worth one
	savers sync.WaitGroup   // who write them
	log    *slog.Logger
}

// frozen is a snapshot that has not been written yet.
type frozen struct {
	seq    events.Seq
	sum    [sha256.Size]byte
	layout [sha256.Size]byte
	secret *events.Secret // nil: it is not sealed
	counts []uint32
	parts  []func(*snapshotWriter)
}

// freeze returns a snapshot of all that has been folded. The caller folds, and
// waits while the posting lists are copied. All else that a snapshot holds either
// never changes, or tells by what it refers to that it is newer.
func (g *Graph) freeze() *frozen {
	parts := g.fold.c.parts()
	s := &frozen{seq: g.last, sum: g.previous, layout: layoutOf(parts)}
	if g.erasing != nil {
		secret := g.erasing.snapshot
		s.secret = &secret
	}
	for _, p := range parts {
		n := p.count()
		s.counts = append(s.counts, n)
		s.parts = append(s.parts, p.freeze(n))
	}
	return s
}

// save writes a snapshot, while others read and fold.
func (s *frozen) save(to io.Writer) error {
	if s.secret == nil {
		return s.write(to)
	}
	sealed, err := sealWriter(to, *s.secret)
	if err != nil {
		return err
	}
	if err := s.write(sealed); err != nil {
		return err
	}
	return sealed.close()
}

func (s *frozen) write(to io.Writer) error {
	w := &snapshotWriter{to: bufio.NewWriterSize(to, 1<<16)}
	w.write([]byte(snapshotMagic))
	w.write(s.layout[:])
	w.write(binary.NativeEndian.AppendUint64(nil, uint64(s.seq)))
	w.write(s.sum[:])
	for _, n := range s.counts {
		w.number(n)
	}
	w.checksum()
	for _, write := range s.parts {
		write(w)
		if w.checksum(); w.err != nil {
			return w.err
		}
	}
	return w.to.Flush()
}

// errSnapshot says that a snapshot cannot be used.
var errSnapshot = errors.New("graph: not a snapshot of this record by this release")

// load reads a snapshot into columns that have nothing yet, and returns which
// record it is of.
func (c *columns) load(ctx context.Context, from io.Reader) (seq events.Seq, sum [sha256.Size]byte, err error) {
	parts := c.parts()
	layout := layoutOf(parts)
	r := &snapshotReader{from: bufio.NewReaderSize(from, 1<<16)}
	head := make([]byte, len(snapshotMagic)+len(layout)+8+len(sum))
	r.read(head)
	counts := make([]uint32, len(parts))
	for i := range counts {
		counts[i] = r.number()
	}
	r.checksum()
	if want := append([]byte(snapshotMagic), layout[:]...); r.err == nil && string(head[:len(want)]) != string(want) {
		r.err = errSnapshot
	}
	for i, p := range parts {
		if r.err == nil {
			r.err = ctx.Err()
		}
		if r.err != nil {
			return 0, sum, r.err
		}
		p.load(r, counts[i])
		r.checksum()
	}
	head = head[len(snapshotMagic)+len(layout):]
	copy(sum[:], head[8:])
	return events.Seq(binary.NativeEndian.Uint64(head)), sum, r.err
}

// restore opens the graph at the store's snapshot. After an error the graph is as
// it was: empty.
func (g *Graph) restore(ctx context.Context, kept events.Snapshots) error {
	from, err := kept.ReadSnapshot(ctx)
	if err != nil {
		return err
	}
	defer from.Close()
	c := newColumns()
	var content io.Reader = from
	if g.erasing != nil {
		if content, err = sealReader(from, g.erasing.snapshot); err != nil {
			return err
		}
	}
	seq, sum, err := c.load(ctx, content)
	if err != nil {
		return err
	}
	r, err := readRecord(ctx, g.store, seq)
	if err != nil {
		return err
	}
	if sha256.Sum256(r.Data) != sum || c.batches.n == 0 {
		return errSnapshot
	}
	empty := g.fold
	c.settleDown()
	g.fold = makeFold(c)
	g.fold.load, c.post.slack = empty.load, empty.c.post.slack
	g.last, g.previous = seq, sum
	g.fold.position = c.batches.n - 1
	g.publish(g.fold.here())
	if err := g.fold.recall(ctx); err != nil {
		g.fold, g.last, g.previous = empty, 0, [sha256.Size]byte{}
		g.publish(g.fold.here())
		return err
	}
	if g.erasing != nil { // there is no snapshot where something is due or lost
		for n := range g.fold.redacted {
			g.fold.erased[n] = true
		}
	}
	g.kept.saved, g.kept.tried = c.events.id.n, c.events.id.n
	return nil
}

// recall fills in what is kept for folding only.
func (f *fold) recall(ctx context.Context) error {
	c := f.c
	c.events.redacted.each(c.events.id.n, func(_ uint32, redacted *uint32) { *redacted = 0 }) // some are newer
	for n := uint32(1); n < c.events.id.n; n++ {
		switch c.events.kind(n) {
		case events.KindRedacted:
			f.redacted[c.whatOf(n)] = true
			*c.events.redacted.to(c.whatOf(n)) = 1
			c.redactions.Add(1)
		case events.KindEntitySplit, events.KindVocabularyDeclared:
			e, err := f.load(ctx, n)
			if err = cmp.Or(err, ctx.Err()); err != nil {
				return err
			}
			switch b := e.Body.(type) {
			case *events.EntitySplit:
				f.split[n] = b
				f.addSplit(n, b)
			case *events.VocabularyDeclared:
				f.declarations[n] = b
			default:
				return errSnapshot
			}
		}
	}
	f.journal.forget(f.journal.end())
	here := f.here()
	c.events.head.each(c.events.id.n, func(replaced uint32, head *uint32) {
		c.post.raw(c.post.find(*head, keyReplacers, never), here.rows, func(r uint32) bool {
			f.replaces[c.rows.event.at(r)] = replaced
			return true
		})
	})
	return nil
}

// worthSaving reports whether so much has been folded since a number of events that a
// snapshot is worth it: one part in share of all that there is. The caller folds.
func (g *Graph) worthSaving(since, share uint32) bool {
	all := g.fold.c.events.id.n
	if g.kept.in == nil || g.kept.saving || all == since || g.isDue() || len(g.fold.lost) > 0 {
		return false
	}
	return g.kept.often || all-since >= max(fewEvents, all/share)
}

// fewEvents are folded before anyone notices.
const fewEvents = 20_000

// saveAside has a snapshot written in the background. The caller folds.
func (g *Graph) saveAside() {
	select {
	case <-g.closing:
		return
	default:
	}
	s, all := g.freeze(), g.fold.c.events.id.n
	g.kept.saving, g.kept.tried = true, all
	g.kept.savers.Go(func() {
		err := g.keepSnapshot(s)
		<-g.folding
		g.kept.saving = false
		if errors.Is(err, fs.ErrPermission) {
			g.kept.in = nil // nor will it the next time
		}
		if err == nil && (s.secret == nil || *s.secret == g.erasing.snapshot) {
			g.kept.saved = all
		}
		g.folding <- struct{}{}
	})
}

// keepSnapshot has the store keep a snapshot. Without it, opening takes longer. That a
// store keeps none because it may not, as one that is read only, is no news to anybody.
func (g *Graph) keepSnapshot(s *frozen) error {
	ctx := context.Background()
	if s.secret != nil {
		// One that nobody could open must not take the place of one that can be.
		if secret, err := g.snapshotSecret(ctx); err == nil && secret != *s.secret {
			return errSnapshot
		}
	}
	err := g.kept.in.WriteSnapshot(ctx, s.save)
	if err != nil && !errors.Is(err, fs.ErrPermission) {
		g.kept.log.Warn("graph: the snapshot is not written", "error", err)
	}
	return err
}

// snapshotWriter writes and sums what it writes.
type snapshotWriter struct {
	to  *bufio.Writer
	sum uint32
	err error
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (w *snapshotWriter) write(data []byte) {
	if w.err == nil {
		_, w.err = w.to.Write(data)
		w.sum = crc32.Update(w.sum, castagnoli, data)
	}
}

func (w *snapshotWriter) number(n uint32) {
	var buf [4]byte
	binary.NativeEndian.PutUint32(buf[:], n)
	w.write(buf[:])
}

// checksum writes the sum of what has been written since the last one.
func (w *snapshotWriter) checksum() {
	w.number(w.sum)
	w.sum = 0
}

// snapshotReader reads what a snapshotWriter has written.
type snapshotReader struct {
	from *bufio.Reader
	sum  uint32
	err  error
}

func (r *snapshotReader) read(data []byte) {
	if r.err == nil {
		_, r.err = io.ReadFull(r.from, data)
		r.sum = crc32.Update(r.sum, castagnoli, data)
	}
}

func (r *snapshotReader) number() uint32 {
	var buf [4]byte
	r.read(buf[:])
	return binary.NativeEndian.Uint32(buf[:])
}

func (r *snapshotReader) checksum() {
	sum := r.sum
	if said := r.number(); r.err == nil && said != sum {
		r.err = fmt.Errorf("%w: checksum %08x, want %08x", errSnapshot, said, sum)
	}
	r.sum = 0
}
