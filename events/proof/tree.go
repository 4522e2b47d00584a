package proof

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sort"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/onrecord/onrecord/events"
)

// What a caller can act on, wrapped by the errors of a [Tree].
var (
	// ErrForked says that the record in a store, or the one that a checkpoint was
	// signed for, is not the one that the tree was built over: one of the two has
	// been cut off or rewritten, or the tree's files are damaged. Before anybody is
	// blamed, [Verify] says what differs from the tree and from the checkpoint.
	ErrForked = errors.New("not the record that the tree was built over")
	// ErrNoEvent says that no such event was recorded with this position.
	ErrNoEvent = errors.New("no such event")
	// ErrBehind says that a checkpoint is ahead of the tree: [Tree.Grow] first.
	ErrBehind = errors.New("the tree is behind the checkpoint")
)

// A Tree is the Merkle tree over the events of one record. It grows with the
// record and makes proofs. It signs nothing and checks no signature.
//
// Its methods may be called from several goroutines at once; making proofs does
// not wait for Grow.
type Tree struct {
	growing chan struct{} // holds a token while somebody grows it
	peaks   peaks         // of head
	room    []byte        // for hashes that are not written yet, kept for the next time

	mu   sync.RWMutex
	head Head

	kept storage
}

// storage keeps the hashes of a tree, in the order of tlog.StoredHashIndex, and
// where each record ends. It may be read, up to the last head, while it is added to.
type storage interface {
	tlog.HashReader
	end(events.Seq) (end, error)
	// commit takes the tree from one head to the next, with the hashes and the ends of
	// records that are between them: all or nothing. While another process writes, it
	// waits no longer than the context. It fails with ErrForked if
	// another process has come further, over another record.
	commit(ctx context.Context, from, to Head, hashes []byte, ends []end) error
	close() error
}

// end is how far the tree is at the end of a record.
type end struct {
	size     int64
	position events.Position
}

// NewTree returns an empty tree that keeps its hashes in memory: 64 bytes for each
// event and 16 for each record.
func NewTree() *Tree { return newTree(noHead, new(memory)) }

func newTree(head Head, kept storage) *Tree {
	return &Tree{growing: make(chan struct{}, 1), head: head, kept: kept}
}

// OpenTree opens the tree whose hashes are kept in a directory of its own, which
// it makes if it is not there: 64 bytes for each event and 16 for each record. What
// was there when Grow returned survives a crash; what it had begun to write is written
// again. OpenTree syncs the directory and the head, which is kept twice: three writes to
// disk. Files of a newer release are refused with [events.ErrNewer].
//
// The files are made from the record and can be made again: if OpenTree returns
// [events.ErrDamaged], remove the directory. But they are also a memory of what the
// record was, against which Grow and [Verify] hold it; so keep the directory apart
// from the record, where whoever can change one cannot change the other. Damage of one of
// the heads takes nothing of it away.
//
// Several processes may have a directory open, for one record: they write the same. One
// whose record is not the one that another has grown the tree over is told so
// ([ErrForked]) and changes nothing. The head that is kept is that of the one which has
// come furthest. They lock it while they write, which opening does, too: OpenTree waits ten
// seconds at most while another writes, and Grow as long as its context. On a system
// without locks of files, one that opens or grows while another grows may put back a head
// that is behind, or overwrite hashes of another record's.
func OpenTree(dir string) (*Tree, error) { return openTree(osDisk{}, dir, lockWait) }

// lockWait is how long OpenTree waits while another writes, which is done within a second
// unless he is stopped or his disk is.
const lockWait = 10 * time.Second

func openTree(d disk, dir string, wait time.Duration) (*Tree, error) {
	f, head, err := openFiles(d, dir, wait)
	if err != nil {
		return nil, fmt.Errorf("proof: open the tree in %s: %w", dir, err)
	}
	t := newTree(head, f)
	if err := t.load(); err != nil {
		f.close()
		return nil, fmt.Errorf("proof: open the tree in %s: %w", dir, err)
	}
	return t, nil
}

// load reads the peaks. All later hashes come from them and never from what is
// kept, so that damage there cannot get into a head that is signed.
func (t *Tree) load() error {
	t.peaks.size = t.head.Size
	for level := range t.peaks.at {
		if n := t.head.Size >> level; n&1 == 1 {
			h, err := t.kept.ReadHashes([]int64{tlog.StoredHashIndex(level, n-1)})
			if err != nil {
				return err
			}
			t.peaks.at[level] = h[0]
		}
	}
	if got := t.peaks.root(); got != t.head.Root {
		return fmt.Errorf("the hashes have the root %v, want %v: %w", got, t.head.Root, events.ErrDamaged)
	}
	return nil
}

// leavesOf returns the hashes of the leaves of a record, and the number of the
// first one.
func (t *Tree) leavesOf(seq events.Seq) (first int64, hashes []tlog.Hash, err error) {
	var before end
	if seq > 1 {
		if before, err = t.kept.end(seq - 1); err != nil {
			return 0, nil, err
		}
	}
	after, err := t.kept.end(seq)
	if err != nil {
		return 0, nil, err
	}
	if n := after.size - before.size; n < 1 || n > events.MaxRecord || before.size < 0 || after.size > t.Head().Size {
		return 0, nil, fmt.Errorf("record %d has the events %d to %d: %w", seq, before.size, after.size, events.ErrDamaged)
	}
	indexes := make([]int64, 0, after.size-before.size)
	for n := before.size; n < after.size; n++ {
		indexes = append(indexes, tlog.StoredHashIndex(0, n))
	}
	hashes, err = t.kept.ReadHashes(indexes)
	return before.size, hashes, err
}

// Close gives back what the tree holds. No other method may be called after it.
func (t *Tree) Close() error {
	t.growing <- struct{}{}
	defer func() { <-t.growing }()
	return t.kept.close()
}

// Head returns how far the tree has grown.
func (t *Tree) Head() Head {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.head
}

// chunk is how many events are taken in before they are kept: 4 MB of hashes. They are
// not written earlier: whoever syncs a file of the same file system meanwhile, as a
// store does with each record, would wait for them.
const chunk = 1 << 16

// Grow takes in what has been recorded since it was called last and returns the
// head. It verifies each record's checksum, number, first position, the SHA-256 of the
// record before and that it is sealed with the same keys, or not, as that, and that the
// record which was the last is so still, or the error is [ErrForked]. After an error the
// tree has what came before, or less if the context has ended: Grow ends with it, also
// while it waits for another call or for another process that writes.
//
// It reads each record once and hashes its bytes twice: once for the record and
// once for the events.
func (t *Tree) Grow(ctx context.Context, store events.Store) (Head, error) {
	select {
	case t.growing <- struct{}{}:
	case <-ctx.Done():
		return t.Head(), fmt.Errorf("proof: grow: %w", ctx.Err())
	}
	defer func() { <-t.growing }()
	if err := t.grow(ctx, store); err != nil {
		return t.Head(), fmt.Errorf("proof: grow: %w", err)
	}
	return t.Head(), nil
}

func (t *Tree) grow(ctx context.Context, store events.Store) error {
	g := growth{t: t, peaks: t.peaks, head: t.Head(), hashes: t.room}
	defer func() { t.room = g.hashes[:0] }()
	known := g.head.Record // which is read again
	for r, err := range store.Scan(ctx, max(known, 1)-1) {
		if err != nil {
			return errors.Join(err, g.keep(ctx))
		}
		sum := sha256.Sum256(r.Data)
		if r.Seq == known && sum == g.head.SHA256 {
			known, g.last = 0, r
			continue
		}
		if known != 0 {
			return fmt.Errorf("record %d has the SHA-256 %x, but had %x: %w", r.Seq, sum, g.head.SHA256, ErrForked)
		}
		if err := g.take(r, sum); err != nil {
			return errors.Join(err, g.keep(ctx))
		}
		if g.head.Size-t.head.Size >= chunk {
			if err := g.keep(ctx); err != nil {
				return err
			}
		}
	}
	if known != 0 {
		return fmt.Errorf("the record ends before record %d, which it had: %w", known, ErrForked)
	}
	return g.keep(ctx)
}

// growth is what a tree has grown by since its head was kept.
type growth struct {
	t      *Tree
	peaks  peaks
	head   Head
	last   events.Record  // of head; empty: it has not been read
	before *events.Header // of last; nil: likewise
	hashes []byte         // up to head, and not written yet
	ends   []end          // as hashes
	leaves []tlog.Hash    // scratch
}

func (g *growth) take(r events.Record, sum [sha256.Size]byte) error {
	if r.Seq != g.head.Record+1 {
		return fmt.Errorf("the store gave record %d after record %d: %w", r.Seq, g.head.Record, events.ErrDamaged)
	}
	h, err := r.Header()
	if err != nil {
		return err
	}
	if h.Previous != g.head.SHA256 {
		return fmt.Errorf("record %d follows a record with the SHA-256 %x, but record %d has %x: %w",
			r.Seq, h.Previous, g.head.Record, g.head.SHA256, ErrForked)
	}
	if h.First != g.head.Position+1 {
		return fmt.Errorf("record %d begins with batch %d, want %d: %w", r.Seq, h.First, g.head.Position+1, events.ErrDamaged)
	}
	if g.before == nil && g.head.Record > 0 {
		if g.before, err = g.last.Header(); err != nil {
			return err
		}
	}
	if g.before != nil && h.Keys != g.before.Keys {
		return errMixed(h, g.before)
	}
	g.before = h
	g.leaves = leafHashes(g.leaves[:0], h)
	for _, l := range g.leaves {
		g.hashes = g.peaks.add(l, g.hashes)
	}
	g.head.Size, g.head.Record, g.head.SHA256 = g.peaks.size, r.Seq, sum
	g.head.Position = h.First + events.Position(len(h.Batches)-1)
	g.ends = append(g.ends, end{g.head.Size, g.head.Position})
	return nil
}

// errMixed says that a record is not sealed as an earlier one.
func errMixed(h, earlier *events.Header) error {
	said := func(h *events.Header) string {
		if h.Keys == uuid.Nil {
			return "not sealed"
		}
		return fmt.Sprintf("sealed with keys %v", h.Keys)
	}
	return fmt.Errorf("record %d is %s, but record %d is %s: all records of a store are sealed with the same keys, or none is: %w",
		h.Seq, said(h), earlier.Seq, said(earlier), events.ErrDamaged)
}

// keep makes what has been taken the tree's.
func (g *growth) keep(ctx context.Context) error {
	if g.head.Record == g.t.head.Record {
		return nil
	}
	g.head.Root = g.peaks.root()
	if err := g.t.kept.commit(ctx, g.t.head, g.head, g.hashes, g.ends); err != nil {
		return err
	}
	g.hashes, g.ends = g.hashes[:0], g.ends[:0]
	g.t.peaks = g.peaks

	g.t.mu.Lock()
	defer g.t.mu.Unlock()
	g.t.head = g.head
	return nil
}

// Inclusion returns a proof that the event with the id, recorded with the
// position, is in the record that the checkpoint was signed for. The checkpoint
// may be an old one. The position is that of the event (graph.View.Event has it), not
// that of a later batch that held it again. The error is [ErrNoEvent] if that record
// has no such event there, [ErrForked] if the checkpoint is that of another record, and
// [ErrBehind]. Of a checkpoint of the tree's head everything is compared; of an older
// one all but the SHA-256 of its last record, which the tree does not keep: [Verify] does.
//
// It reads one record from the store, and a hash or two for each doubling of the
// tree. A store that is no [events.Reader] is scanned from there. The proof keeps
// the checkpoint's bytes; it has been checked, but for the signature.
func (t *Tree) Inclusion(ctx context.Context, store events.Store, checkpoint []byte, p events.Position, id uuid.UUID) (*Inclusion, error) {
	proof, err := t.inclusion(ctx, store, checkpoint, p, id)
	if err != nil {
		return nil, fmt.Errorf("proof: inclusion of event %v at %d: %w", id, p, err)
	}
	return proof, nil
}

func (t *Tree) inclusion(ctx context.Context, store events.Store, checkpoint []byte, p events.Position, id uuid.UUID) (*Inclusion, error) {
	c, err := t.known(checkpoint)
	if err != nil {
		return nil, err
	}
	if p < 1 || p > c.Position {
		return nil, fmt.Errorf("the checkpoint has the positions 1 to %d: %w", c.Position, ErrNoEvent)
	}
	seq, first, err := t.recordOf(p, c.Record)
	if err != nil {
		return nil, err
	}
	h, err := read(ctx, store, seq)
	if err != nil {
		return nil, err
	}
	i, elsewhere := first, events.Position(0)
	for l, payload := range leaves(h) {
		if l.ID == id {
			if l.Position == p {
				return t.prove(&Inclusion{Checkpoint: checkpoint, Index: i, Leaf: *l, Payload: append([]byte(nil), payload...)}, c)
			}
			elsewhere = l.Position
		}
		i++
	}
	if elsewhere != 0 {
		return nil, fmt.Errorf("%w there: it was recorded at %d", ErrNoEvent, elsewhere)
	}
	return nil, fmt.Errorf("%w there: it may have been recorded at another position, which graph.View.Event tells", ErrNoEvent)
}

// known reads a checkpoint and verifies that it is of the tree: all that the tree has of
// where it was, which is the SHA-256 of the last record only.
func (t *Tree) known(checkpoint []byte) (*Checkpoint, error) {
	c, err := parse(checkpoint)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	head := t.Head()
	if c.Size > head.Size {
		return nil, fmt.Errorf("%w: it has %d events, the tree %d", ErrBehind, c.Size, head.Size)
	}
	root, err := tlog.TreeHash(c.Size, t.kept)
	if err != nil {
		return nil, err
	}
	if root != c.Root {
		return nil, fmt.Errorf("%d events have the root %v, the checkpoint has %v: %w", c.Size, root, c.Root, ErrForked)
	}
	if c.Record > head.Record {
		return nil, fmt.Errorf("the tree has %d records, the checkpoint is of record %d: %w", head.Record, c.Record, ErrForked)
	}
	var at end
	if c.Record > 0 {
		if at, err = t.kept.end(c.Record); err != nil {
			return nil, err
		}
	}
	if want := (end{c.Size, c.Position}); at != want {
		return nil, fmt.Errorf("record %d ends with event %d and batch %d, the checkpoint has %d and %d: %w",
			c.Record, at.size, at.position, want.size, want.position, ErrForked)
	}
	if c.Size == head.Size && c.SHA256 != head.SHA256 {
		return nil, fmt.Errorf("record %d has the SHA-256 %x, the checkpoint has %x: %w", c.Record, head.SHA256, c.SHA256, ErrForked)
	}
	return c, nil
}

// recordOf returns which of the first records has the position, and how many
// events are before it.
func (t *Tree) recordOf(p events.Position, last events.Seq) (seq events.Seq, first int64, err error) {
	i := sort.Search(int(last), func(i int) bool {
		e, failed := t.kept.end(events.Seq(i + 1))
		if failed != nil {
			err = failed
		}
		return e.position >= p
	})
	if err != nil || i == 0 {
		return 1, 0, err
	}
	e, err := t.kept.end(events.Seq(i))
	return events.Seq(i + 1), e.size, err
}

// prove completes a proof and checks it.
func (t *Tree) prove(p *Inclusion, c *Checkpoint) (*Inclusion, error) {
	var err error
	if p.Hashes, err = tlog.ProveRecord(c.Size, p.Index, t.kept); err != nil {
		return nil, err
	}
	if err := tlog.CheckRecord(p.Hashes, c.Size, c.Root, p.Index, tlog.RecordHash(p.Leaf.Bytes())); err != nil {
		return nil, fmt.Errorf("record %d: %w: %w", p.Leaf.Record, err, ErrForked)
	}
	return p, nil
}

// read reads one record of a store.
func read(ctx context.Context, store events.Store, seq events.Seq) (*events.Header, error) {
	if r, ok := store.(events.Reader); ok {
		data, err := r.Read(ctx, seq)
		if err != nil {
			return nil, err
		}
		return events.Record{Seq: seq, Data: data}.Header()
	}
	for r, err := range store.Scan(ctx, seq-1) {
		if err != nil {
			return nil, err
		}
		return r.Header()
	}
	return nil, fmt.Errorf("%w: %d", events.ErrNoRecord, seq)
}

// Consistency returns a proof that one signed checkpoint extends another. The
// error is [ErrForked] if one of them is that of another record, as [Tree.Inclusion]
// tells it, and [ErrBehind].
// It reads a hash or two for each doubling of the tree, and no record.
func (t *Tree) Consistency(older, newer []byte) (*Consistency, error) {
	p, err := t.consistency(older, newer)
	if err != nil {
		return nil, fmt.Errorf("proof: consistency: %w", err)
	}
	return p, nil
}

func (t *Tree) consistency(older, newer []byte) (*Consistency, error) {
	a, err := t.known(older)
	if err != nil {
		return nil, fmt.Errorf("older: %w", err)
	}
	b, err := t.known(newer)
	if err != nil {
		return nil, fmt.Errorf("newer: %w", err)
	}
	if a.Size > b.Size {
		return nil, fmt.Errorf("the older checkpoint has %d events, the newer %d", a.Size, b.Size)
	}
	p := &Consistency{Older: older, Newer: newer}
	if a.Size > 0 {
		if p.Hashes, err = tlog.ProveTree(b.Size, a.Size, t.kept); err != nil {
			return nil, err
		}
	}
	if err := extends(&a.Head, &b.Head, p.Hashes); err != nil {
		return nil, fmt.Errorf("%w: %w", err, ErrForked)
	}
	return p, nil
}
