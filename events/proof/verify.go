package proof

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/onrecord/onrecord/events"
)

// A Fault is one thing that is wrong with a record.
type Fault struct {
	Record events.Seq
	Event  uuid.UUID // empty: not one event, but the record as a whole
	Err    error
}

func (f Fault) String() string {
	if f.Event == uuid.Nil {
		return fmt.Sprintf("record %d: %v", f.Record, f.Err)
	}
	return fmt.Sprintf("record %d: event %v: %v", f.Record, f.Event, f.Err)
}

// Report is what [Verify] has found.
type Report struct {
	Head   Head       // of what could be read before the first record that could not
	Last   events.Seq // the last record looked at
	Faults []Fault    // in the order of their records
}

// VerifyOptions say what a record is held against, beside itself. The zero value
// means nothing.
type VerifyOptions struct {
	// Checkpoints are what [Open] has returned.
	Checkpoints []*Checkpoint
	// Tree is one that was built over the record earlier. It tells which event has
	// been changed, where the record alone and checkpoints tell that one has been.
	Tree *Tree
	// Progress is called now and then with the number of the last record looked at.
	Progress func(events.Seq)
}

// Verify reads a whole record and reports all that is wrong with it: records that
// are missing, out of order, damaged or not written in the one way that they can be
// ([events.Record.Verify]), that are not the ones which the records after them
// follow, whose first position does not follow, and that are not sealed as the first
// one is; events that are not those of the tree, and the same events in records whose headers
// are not; checkpoints which were signed for another record or for more than there
// is. A record that was changed together with all after it is another record: only
// a tree or a checkpoint tells.
//
// It does not ask whether the events could have been recorded. graph.Open asks whether they
// have the right shape and whether what they refer to is there. A clock that was put back
// is no fault.
//
// The error is the store's or the context's, and the report then ends there. Verify
// decodes each event, on all cores, and keeps in memory what is wrong.
func Verify(ctx context.Context, store events.Store, opts *VerifyOptions) (*Report, error) {
	if opts == nil {
		opts = new(VerifyOptions)
	}
	v := &verifier{opts: opts, head: noHead, inOrder: true, chained: true}
	v.checkpoints = slices.Clone(opts.Checkpoints)
	slices.SortFunc(v.checkpoints, func(a, b *Checkpoint) int { return cmp.Compare(a.Size, b.Size) })
	if opts.Tree != nil {
		v.known = opts.Tree.Head()
	}
	err := v.read(ctx, store)
	if err == nil {
		v.finish()
	}
	v.report.Head = v.head
	slices.SortStableFunc(v.report.Faults, func(a, b Fault) int { return cmp.Compare(a.Record, b.Record) })
	if err != nil {
		return &v.report, fmt.Errorf("proof: verify: after record %d: %w", v.report.Last, err)
	}
	return &v.report, nil
}

type verifier struct {
	opts        *VerifyOptions
	known       Head          // of opts.Tree
	differs     bool          // from it, by events
	checkpoints []*Checkpoint // those not reached yet

	report  Report
	head    Head
	peaks   peaks
	stored  []byte     // scratch
	lost    events.Seq // the first record that the tree could not be built over
	chained bool       // whether sum is that of the record before
	sum     [sha256.Size]byte
	first   *events.Header  // of the first record that can be read
	next    events.Position // the position that follows
	inOrder bool            // whether next is known
}

// inspected is a record and what can be said of it alone.
type inspected struct {
	record events.Record
	header *events.Header // nil if it cannot be read
	sum    [sha256.Size]byte
	leaves []tlog.Hash
	ids    []uuid.UUID
	faults []Fault
}

// Records are inspected on all cores, so many or so many bytes at a time.
const (
	together      = 64
	togetherBytes = 8 << 20
)

func (v *verifier) read(ctx context.Context, store events.Store) error {
	v.next = 1
	var some []*inspected
	size := 0
	for r, err := range store.Scan(ctx, 0) {
		if err != nil {
			v.takeAll(some)
			return err
		}
		some = append(some, &inspected{record: r})
		if size += len(r.Data); len(some) < together && size < togetherBytes {
			continue
		}
		v.takeAll(some)
		some, size = some[:0], 0
	}
	v.takeAll(some)
	return nil
}

func (v *verifier) takeAll(some []*inspected) {
	var running sync.WaitGroup
	workers := min(runtime.GOMAXPROCS(0), len(some))
	for w := range workers {
		running.Go(func() {
			for i := w; i < len(some); i += workers {
				some[i].inspect()
			}
		})
	}
	running.Wait()
	for _, r := range some {
		v.take(r)
	}
	if v.opts.Progress != nil && len(some) > 0 {
		v.opts.Progress(v.report.Last)
	}
}

func (d *inspected) inspect() {
	d.sum = sha256.Sum256(d.record.Data)
	h, err := d.record.Header()
	if err != nil {
		d.faults = append(d.faults, Fault{Record: d.record.Seq, Err: err})
		return
	}
	d.header = h
	d.leaves = leafHashes(nil, h)
	for _, b := range h.Batches {
		for _, e := range b.Events {
			d.ids = append(d.ids, e.ID)
		}
	}
	if err := d.record.Verify(); err != nil {
		d.faults = eventFaults(h)
		if len(d.faults) == 0 {
			d.faults = append(d.faults, Fault{Record: d.record.Seq, Err: err})
		}
	}
}

// eventFaults says which events of a record that is not sealed cannot be read or are not
// written in the one way that they can be.
func eventFaults(h *events.Header) (faults []Fault) {
	for _, b := range h.Batches {
		for _, e := range b.Events {
			if _, err := events.DecodeBody(e.Kind, h.Payload(e)); err != nil {
				faults = append(faults, Fault{h.Seq, e.ID, err})
			}
		}
	}
	return faults
}

// take holds a record against those before it.
func (v *verifier) take(d *inspected) {
	seq := d.record.Seq
	if want := v.report.Last + 1; seq != want {
		v.fault(want, "the store gave record %d instead: %w", seq, events.ErrDamaged)
		v.lose(want)
		v.chained, v.inOrder = false, false
	}
	v.report.Last = seq
	if d.header == nil {
		v.report.Faults = append(v.report.Faults, d.faults...)
		v.lose(seq)
		v.chained, v.inOrder = false, false // it has been told already
		return
	}
	v.follows(d)
	v.report.Faults = append(v.report.Faults, d.faults...)
	v.compare(d)
	v.grow(d)
}

func (v *verifier) fault(seq events.Seq, format string, args ...any) {
	v.report.Faults = append(v.report.Faults, Fault{Record: seq, Err: fmt.Errorf(format, args...)})
}

// lose notes that the tree cannot be built over a record.
func (v *verifier) lose(seq events.Seq) {
	if v.lost == 0 {
		v.lost = seq
	}
}

// follows verifies the chain of SHA-256 and that of positions.
func (v *verifier) follows(d *inspected) {
	h := d.header
	if v.chained && h.Previous != v.sum {
		if h.Seq == 1 {
			v.fault(1, "it follows a record with the SHA-256 %x, but is the first: %w", h.Previous, events.ErrDamaged)
		} else {
			v.fault(h.Seq-1, "it has the SHA-256 %x, but record %d follows one with %x: %w", v.sum, h.Seq, h.Previous, events.ErrDamaged)
		}
	}
	if v.inOrder && h.First != v.next {
		v.fault(h.Seq, "it begins with batch %d, want %d: %w", h.First, v.next, events.ErrDamaged)
	}
	if v.first == nil {
		v.first = h
	}
	if h.Keys != v.first.Keys {
		v.report.Faults = append(v.report.Faults, Fault{Record: h.Seq, Err: errMixed(h, v.first)})
	}
	v.chained, v.sum = true, d.sum
	v.inOrder, v.next = true, h.First+events.Position(len(h.Batches))
}

// compare holds the events of a record against those of the tree that is known, and its last
// record bit for bit.
func (v *verifier) compare(d *inspected) {
	seq := d.record.Seq
	if seq > v.known.Record {
		return
	}
	first, want, err := v.opts.Tree.leavesOf(seq)
	switch {
	case err != nil:
		v.fault(seq, "the tree cannot be read: %w", err)
		return
	case len(want) != len(d.leaves):
		v.differs = true
		v.fault(seq, "it has %d events, the tree has %d: %w", len(d.leaves), len(want), ErrForked)
		return
	}
	for i := range want {
		if want[i] != d.leaves[i] {
			err := fmt.Errorf("event %d is not the one that the tree has: %w", first+int64(i), ErrForked)
			v.report.Faults = append(v.report.Faults, Fault{seq, d.ids[i], err})
			v.differs = true
		}
	}
	// What is in no leaf, such as the id of the keys, is in the chain.
	if seq == v.known.Record && d.sum != v.known.SHA256 && !v.differs {
		v.fault(seq, "it has the SHA-256 %x, the tree has %x, of the same events: the header of this record or of one before is another: %w", d.sum, v.known.SHA256, ErrForked)
	}
}

// grow takes the record into the tree and looks at the checkpoints on the way.
func (v *verifier) grow(d *inspected) {
	if v.lost != 0 {
		return
	}
	for _, l := range d.leaves {
		v.stored = v.peaks.add(l, v.stored[:0])
	}
	v.head = Head{v.peaks.size, v.peaks.root(), d.header.Seq, v.next - 1, d.sum}
	for len(v.checkpoints) > 0 && v.checkpoints[0].Size <= v.head.Size {
		if c := v.checkpoints[0]; c.Size > 0 {
			v.hold(c)
		}
		v.checkpoints = v.checkpoints[1:]
	}
}

// hold holds a checkpoint against the head that it should be of.
func (v *verifier) hold(c *Checkpoint) {
	switch {
	case c.Size != v.head.Size:
		v.fault(c.Record, "the checkpoint has %d events, but record %d ends with event %d: %w", c.Size, v.head.Record, v.head.Size, ErrForked)
	case c.Root != v.head.Root:
		v.fault(c.Record, "%d events have the root %v, the checkpoint has %v: %w", c.Size, v.head.Root, c.Root, ErrForked)
	case c.Head != v.head:
		v.fault(c.Record, "record %d ends with batch %d and has the SHA-256 %x, the checkpoint has record %d, batch %d and %x: %w",
			v.head.Record, v.head.Position, v.head.SHA256, c.Record, c.Position, c.SHA256, ErrForked)
	}
}

// finish reports what was never reached.
func (v *verifier) finish() {
	if v.report.Last < v.known.Record {
		v.fault(v.report.Last+1, "it is missing: the tree has records up to %d: %w", v.known.Record, ErrForked)
	}
	for _, c := range v.checkpoints {
		switch {
		case c.Size == 0:
		case v.lost != 0:
			v.fault(c.Record, "the checkpoint of %d events cannot be compared, because of record %d: %w", c.Size, v.lost, errLost)
		default:
			v.fault(c.Record, "it is missing: the record has %d events, the checkpoint %d: %w", v.head.Size, c.Size, ErrForked)
		}
	}
}

var errLost = errors.New("its events are not known")
