package graph

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// What a caller can act on.
var (
	// ErrNotInView says that a thing is not there as of a view's position.
	ErrNotInView = errors.New("not in the view")
	// ErrRedacted says that a thing has been redacted.
	ErrRedacted = errors.New("redacted")
	// ErrChanged says that the condition of a batch does not hold.
	ErrChanged = errors.New("what the condition names has changed")
	// ErrOutdated says that, since a batch was begun, others have revised what it registers or
	// declares, or registered it for the first time and retracted that again. Build the batch
	// anew, from what is on record now, as [Graph.Update] does; what no longer stands is then
	// refused with events.ErrRemoved. A condition is looked at first, so that of such a batch
	// holds.
	ErrOutdated = errors.New("others have revised what the batch registers or declares since it was begun")
	// ErrIDTaken says that an id stands for other content already.
	ErrIDTaken = errors.New("the id is taken by other content")
	// ErrOwn says that what another desk has recorded would change what this record's own
	// desk has (see [Graph.TakeIn]).
	ErrOwn = errors.New("changes what is this record's own")
	// ErrUnknownOutcome says that the store failed and that the batch may have
	// been recorded or not. Recording it again is safe. A store that may only be read
	// refuses with fs.ErrPermission instead: nothing has been recorded.
	ErrUnknownOutcome = errors.New("unknown whether it was recorded, record it again")
	// ErrLost says that the store has fewer records than the graph has seen: a server was
	// replaced by one that had fewer. The graph shows what is not on record; open the
	// store and the graph anew to see what is. Do so after each such replacement: a graph that
	// finds as many records as it has seen, but others, does not notice, and one that records
	// behind them makes the record unreadable.
	ErrLost = errors.New("records are gone that were there")
	// ErrClock says that this machine's clock is more than MaxAhead ahead of the store's.
	ErrClock = errors.New("the clock of this machine is ahead")
	// ErrClosed says that the graph is closed.
	ErrClosed = errors.New("graph is closed")
)

// Graph is a record, opened: it folds what the store holds and adds to it.
//
// Its methods may be called from several goroutines at once.
type Graph struct {
	store events.Store
	clock *clock
	cache cache

	seen atomic.Pointer[moment] // what views start from

	// folding holds a token while nobody folds; it guards what follows.
	folding   chan struct{}
	fold      *fold
	last      events.Seq
	previous  [sha256.Size]byte // SHA-256 of the last record
	safe      events.Seq        // the last record that is known to be as safe as one that was appended
	broken    error             // the record cannot be read on
	behind    bool              // the store may hold more than has been folded
	half      bool              // a record has been begun, behind the last one, that is not final
	start     mark              // where it begins
	kept      keptSnapshots
	unhurried bool     // each draft is unhurried
	erasing   *erasing // nil: the record is not erasable

	mu    sync.Mutex
	moved chan struct{} // closed when seen changes
	apart error         // keeps Follow from reading on

	requests chan *request // taken when somebody has time for them
	few      chan *request // of calls with few events, which wait in it
	closing  chan struct{}
	closed   sync.Once
	writer   sync.WaitGroup
}

// Options change how a graph is opened. Nil and zero values mean the defaults.
type Options struct {
	// Now is the clock that recorded times are taken from. Default: time.Now.
	Now func() time.Time
	// CacheSize is how many bytes of records are kept in memory, for reading statements in
	// full. At least one record is always kept; negative: only one. Default: 32 MiB.
	CacheSize int
	// Keys make an empty record erasable, for good, and open a record that is: each event
	// is sealed under a key of its own, and a redaction destroys that key. The package
	// comment says what that means. The keys stay the caller's, who closes them after
	// the graph. Default: the record is not erasable.
	Keys events.Keys
	// NoSnapshot says that the store's snapshot is neither read nor written.
	NoSnapshot bool
	// Logger gets warnings about snapshots that cannot be used or written, which makes
	// opening slower. It gets none if the store refuses to write one with fs.ErrPermission,
	// as a read-only store does. Default: no warnings.
	Logger *slog.Logger

	eager bool // make checkpoints as soon as anything is dead, for tests
	often bool // write a snapshot after every record, for tests
	most  int  // entries that a batch may move, for tests; 0: events.MaxMoved

	unhurried bool // fold as if each record were stored by somebody else, for tests
}

// Open folds the store's record and returns its graph. The store stays the
// caller's, who closes it after the graph. Open takes time in proportion to the
// record, or to what has been recorded since its snapshot if the store is an
// events.Snapshots. A snapshot of another record or release, or a damaged one,
// is not used, and is replaced. One that was changed on purpose may be used: see
// Snapshots in the package comment.
//
// If the store is an events.Clock, Open compares the machine's own clock with the store's.
// So does Record, if a minute has passed since. If the machine's is more than MaxAhead ahead,
// that is ErrClock: what others record later would get a time as far ahead.
//
// An error that is events.ErrDamaged says that the record cannot be read, or was not
// recorded by Record: an event of it has the wrong shape, has the id of another one, or
// refers to what is not there or is of another kind. So that opening stays quick, Open does
// not check what stands: a record that somebody else has made may hold verdicts that
// contradict each other, or replace what has been retracted.
func Open(ctx context.Context, store events.Store, opts *Options) (*Graph, error) {
	if opts == nil {
		opts = &Options{}
	}
	g := &Graph{
		store: store, clock: newClock(opts.Now, store), cache: cache{limit: max(opts.CacheSize, 0)},
		fold: newFold(newColumns()), folding: make(chan struct{}, 1), moved: make(chan struct{}),
		requests: make(chan *request), few: make(chan *request, maxGroup), closing: make(chan struct{}),
	}
	if opts.CacheSize == 0 {
		g.cache.limit = 32 << 20
	}
	g.kept.often, g.kept.log, g.unhurried = opts.often, opts.Logger, opts.unhurried
	if g.kept.log == nil {
		g.kept.log = slog.New(slog.DiscardHandler)
	}
	if opts.eager {
		g.fold.c.post.slack = 0
	}
	g.fold.most = cmp.Or(opts.most, g.fold.most)
	g.fold.load = g.load
	if err := g.clock.compare(ctx); err != nil {
		return nil, fmt.Errorf("graph: open: %w", err)
	}
	if opts.Keys != nil {
		if err := g.useKeys(ctx, opts.Keys); err != nil {
			return nil, err
		}
	}
	g.publish(g.fold.here())
	kept, ok := store.(events.Snapshots)
	if ok = ok && !opts.NoSnapshot; ok {
		if err := g.restore(ctx, kept); err != nil && ctx.Err() != nil {
			return nil, ctx.Err()
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
			g.kept.log.Warn("graph: the snapshot is not used; the whole record is folded", "error", err)
		}
	}
	if err := g.hasKeys(ctx); err != nil {
		return nil, err
	}
	if err := g.catchUp(ctx); err != nil {
		return nil, err
	}
	if ok {
		if g.kept.in = kept; g.worthSaving(g.kept.saved, 8) {
			g.saveAside()
		}
	}
	g.folding <- struct{}{}
	g.writer.Add(1)
	go g.write()
	return g, nil
}

// Close waits for batches that are being stored and ends the graph; views of
// it can still be used while the store is open. A batch that Record has not
// begun, or would have to begin again since another process was first, is refused with
// ErrClosed. If much has been recorded since the store's last snapshot, Close writes one. It
// waits for as long as the store takes to append what it has been given, or to tell whether
// it has appended it. Closing a graph again returns ErrClosed.
func (g *Graph) Close() error {
	err := ErrClosed
	g.closed.Do(func() {
		close(g.closing)
		g.writer.Wait()
		g.refuseWaiting()
		<-g.folding // nobody begins to write a snapshot from here on
		g.folding <- struct{}{}
		g.kept.savers.Wait()
		<-g.folding
		if g.worthSaving(g.kept.saved, 8) {
			g.keepSnapshot(g.freeze())
		}
		g.folding <- struct{}{}
		err = nil
	})
	return err
}

// whileOpen returns a context that ends with another one and, with ErrClosed as its cause,
// when the graph is closed. end must be called.
func (g *Graph) whileOpen(ctx context.Context) (_ context.Context, end func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-g.closing:
			cancel(ErrClosed)
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}

// publish lets views see what has been folded. The caller folds.
func (g *Graph) publish(m moment) {
	g.seen.Store(&m)
	g.mu.Lock()
	defer g.mu.Unlock()
	close(g.moved)
	g.moved = make(chan struct{})
}

// catchUp folds the records after the last one folded, and erases what they redact.
// The caller folds.
func (g *Graph) catchUp(ctx context.Context) error {
	if err := g.readOn(ctx); err != nil {
		return err
	}
	return g.erase(ctx)
}

func (g *Graph) readOn(ctx context.Context) error {
	if g.broken != nil {
		return g.broken
	}
	for d, err := range ahead(ctx, g.store, g.last, g.sealOf()) {
		if err != nil {
			return fmt.Errorf("graph: read on after record %d: %w", g.last, err)
		}
		if err := g.take(ctx, d); err != nil {
			if errors.Is(err, events.ErrDamaged) {
				g.broken = err
			}
			return err
		}
	}
	return nil
}

// take folds one record.
func (g *Graph) take(ctx context.Context, d *decoded) error {
	if d.header == nil {
		return fmt.Errorf("graph: %w", d.err)
	}
	seq := d.record.Seq
	var keys uuid.UUID
	if s := g.sealOf(); s != nil {
		keys = s.Record()
	}
	switch first := events.Position(g.fold.c.batches.n); {
	case d.header.Keys != keys && keys == uuid.Nil:
		return fmt.Errorf("graph: record %d is sealed with keys %v: open an erasable record with its keys (Options.Keys): %w", seq, d.header.Keys, events.ErrKeys)
	case d.header.Keys != keys && d.header.Keys == uuid.Nil:
		return fmt.Errorf("graph: record %d is not sealed: only an empty record becomes erasable; open this one without keys, or record its events anew in another: %w", seq, events.ErrKeys)
	case d.header.Keys != keys:
		return fmt.Errorf("graph: record %d is sealed with keys %v, these are keys %v: %w", seq, d.header.Keys, keys, events.ErrKeys)
	case seq != g.last+1:
		return fmt.Errorf("graph: the store gave record %d after record %d: %w", seq, g.last, events.ErrDamaged)
	case d.header.Previous != g.previous:
		return fmt.Errorf("graph: record %d follows a record with SHA-256 %x, but record %d has %x: %w",
			seq, d.header.Previous, g.last, g.previous, events.ErrDamaged)
	case d.header.First != first:
		return fmt.Errorf("graph: record %d begins with batch %d, want %d: %w", seq, d.header.First, first, events.ErrDamaged)
	case d.err != nil:
		return fmt.Errorf("graph: %w", d.err)
	}
	start := g.fold.mark()
	g.start, g.half = start, true
	g.fold.ctx = ctx
	g.fold.c.records.add(g.fold.c.events.id.n)
	erased := d.erased
	for i := range d.batches {
		if err := g.foldBatch(&d.batches[i], erased, &d.header.Batches[i]); err != nil {
			g.fold.rollback(start)
			if errors.Is(err, events.ErrInvalid) {
				return fmt.Errorf("graph: record %d: %w: %v", seq, events.ErrDamaged, err)
			}
			return fmt.Errorf("graph: %w", err)
		}
		if erased != nil {
			erased = erased[len(d.batches[i].Events):]
		}
	}
	g.taken(seq, d.sum)
	return nil
}

// foldBatch folds a batch that is in the record. The error is events.ErrInvalid if it
// could not have been recorded. It may move twice as much as when it was, since a release
// may count otherwise, and in an erasable record, which only who has the keys can write,
// whatever it does: what had been erased then, and is not here yet, counts for much more.
func (g *Graph) foldBatch(b *events.Batch, erased []bool, from *events.BatchHeader) error {
	if err := g.fits(); err != nil {
		return err
	}
	limit := 2 * g.fold.most
	if g.erasing != nil {
		limit = math.MaxInt
	}
	g.fold.begin(limit)
	for i := range b.Events {
		g.fold.c.names(from.Events[i].Key)
		if erased != nil && erased[i] {
			g.fold.erase()
		}
		if err := g.fold.event(&b.Events[i], false); err != nil {
			return g.inBatch(err, i)
		}
	}
	g.fold.end(from.At.UnixNano(), from.Recorder)
	return nil
}

// taken makes final what has been folded: it is the record with this number.
func (g *Graph) taken(seq events.Seq, sum [sha256.Size]byte) {
	g.stored(seq, sum, g.fold.seal())
	g.save()
}

// stored makes final what has been folded up to the end of a record, which has this
// number.
func (g *Graph) stored(seq events.Seq, sum [sha256.Size]byte, end sealed) {
	g.last, g.previous, g.half = seq, sum, false
	if g.erasing != nil {
		g.noteDue(end)
	}
	g.fold.commit(end)
	g.publish(end.moment)
}

// save has a snapshot written if it is time. Nothing must have been folded that is not
// stored.
func (g *Graph) save() {
	if g.worthSaving(g.kept.tried, 2) {
		g.saveAside()
	}
}

var errFull = errors.New("the record is larger than one graph can hold: over 4 billion rows")

// fits refuses a batch that the columns could not number.
func (g *Graph) fits() error {
	const room = events.MaxRecord + 2*events.MaxMoved // more than one batch can add to any column
	c := g.fold.c
	if max(c.rows.row.n, c.words.n, c.removals.n, c.times.text.n, c.batches.n, c.post.arena.n) > math.MaxUint32-room {
		return errFull
	}
	return nil
}
