package graph

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// request is a batch on its way.
type request struct {
	ctx       context.Context
	batch     *events.Batch
	texts     *events.Texts // nil: none
	encoded   []events.Encoded
	sealed    []events.Encoded // what is recorded instead, if the record is erasable
	redacts   bool
	known     []bool // which events have been found on record with this content; nil: none
	condition *Condition
	sequence  *sequence // nil: none
	place     int       // in it
	taking    *taking   // nil: it is not what another desk has recorded
	left      []error   // why events of that are left out; nil: none is

	turn     atomic.Int32 // waiting, begun or abandoned
	receipt  Receipt
	err      error
	unerased error // why what it redacts is not erased yet, if it is recorded
	done     chan struct{}
}

// Whose turn a request waits for: the writer begins it, or its caller abandons
// it.
const (
	waiting = iota
	begun
	abandoned
)

// Record adds a batch to the record: all of it or nothing. It returns when the
// store has made it durable and new views show it. Calls at the same time share
// one commit. Events whose id and content are recorded already are left out, so
// that repeating a call is safe, after any error; [Receipt].Gone names those of them that
// no view shows any more, and [Receipt].Revised those that others have been put in the place of.
//
// An event without an id gets one of version 7, in the caller's batch.
//
// A batch that breaks a rule is refused with an error that is
// events.ErrInvalid and says what would be right; ErrIDTaken says that an id
// has other content. Contradictions break no rule. One that says as of what it knows the
// record (events.Batch.AsOf), as those of [Graph.NewBatch] do, is refused with ErrOutdated if
// it would undo unseen what others have said since of a source, an entity, a predicate or
// a scheme; that costs a look at how each was registered then and is now, at what was
// redacted in between and, of what does not stand now, at what has registered it in between.
// If the context ends before the batch's turn has come, or while what it needs is read from
// the record, nothing is recorded and the context's error is returned; once it is being
// stored, the outcome is awaited.
func (g *Graph) Record(ctx context.Context, b *events.Batch) (Receipt, error) {
	return g.record(ctx, b, nil)
}

// RecordIf records a batch like Record, unless what the condition names has
// changed: then it is refused with ErrChanged. A batch that has been recorded
// already succeeds whatever the condition, also if what it says has been retracted since: then
// it does not stand, and only [Receipt].Gone tells. Who claims something, such as a task that he
// has given back before, looks there, and brings it back with [events.Builder.Restore] on the
// same condition. The condition is looked at before the batch: one
// that is refused with ErrOutdated has not met another who took what it claims, and may be
// built anew and tried again.
func (g *Graph) RecordIf(ctx context.Context, b *events.Batch, c Condition) (Receipt, error) {
	return g.record(ctx, b, &c)
}

func (g *Graph) record(ctx context.Context, b *events.Batch, c *Condition) (Receipt, error) {
	r, err := g.newRequest(ctx, b, c)
	if err = cmp.Or(err, ctx.Err()); err != nil {
		return Receipt{}, err
	}
	switch few := len(b.Events) <= fewAlone; {
	case few && g.recordAlone(r):
		err = r.err
	case few && g.leave(r):
		err = r.wait()
	default:
		if err = g.send(ctx, r); err == nil {
			err = r.wait()
		}
	}
	if err = cmp.Or(err, r.unerased); err != nil {
		return Receipt{}, err
	}
	return r.receipt, nil
}

// newRequest encodes a batch, gives ids to its events that have none, and reads its texts and
// what is on record of it.
func (g *Graph) newRequest(ctx context.Context, b *events.Batch, c *Condition) (*request, error) {
	if b == nil {
		return nil, fmt.Errorf("graph: record: no batch: %w", events.ErrInvalid)
	}
	for i := range b.Events {
		if b.Events[i].ID == uuid.Nil {
			id, err := uuid.NewV7()
			if err != nil {
				return nil, fmt.Errorf("graph: record: %w", err)
			}
			b.Events[i].ID = id
		}
	}
	encoded, err := events.EncodeBatch(b)
	if err != nil {
		return nil, err
	}
	texts, err := events.ReadTexts(ctx, b)
	if err != nil {
		return nil, err
	}
	r := &request{ctx: ctx, batch: b, texts: texts, encoded: encoded, condition: c, done: make(chan struct{})}
	if err := g.recognize(r); err != nil {
		return nil, err
	}
	if err := g.clock.compare(ctx); err != nil {
		return nil, fmt.Errorf("graph: record: %w", err)
	}
	if g.erasing != nil {
		err = g.sealNew(r)
	}
	return r, err
}

// send hands a request to the goroutine that writes.
func (g *Graph) send(ctx context.Context, r *request) error {
	select {
	case g.requests <- r:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-g.closing:
		return ErrClosed
	}
}

// leave leaves a request of few events for the goroutine that writes, which costs the caller
// less than to wait until that has time for it. It reports false if there is no room.
func (g *Graph) leave(r *request) bool {
	select {
	case g.few <- r:
	default:
		return false
	}
	select {
	case <-g.closing: // and perhaps nobody looks there any more
		g.refuseWaiting()
	default:
	}
	return true
}

// refuseWaiting ends the requests that are left, because the graph is closed.
func (g *Graph) refuseWaiting() {
	for {
		select {
		case r := <-g.few:
			refuse([]*request{r}, ErrClosed)
			settle([]*request{r})
		default:
			return
		}
	}
}

// wait waits for the end of a request, or, if its turn has not come, for the end of its
// context, and returns the error that it ended with.
func (r *request) wait() error {
	if r.ctx.Done() == nil {
		<-r.done
		return r.err
	}
	select {
	case <-r.done:
	case <-r.ctx.Done():
		if r.turn.CompareAndSwap(waiting, abandoned) {
			return r.ctx.Err()
		}
		<-r.done
	}
	return r.err
}

func (r *request) isDone() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// fail ends a request with an error.
func (r *request) fail(err error) {
	r.receipt, r.err = Receipt{}, err
	r.sequence.breakAt(r)
}

// fewAlone is how many events a caller records himself at most: so few take less time
// than the way to another goroutine. With more, it pays that the next can be folded
// while they are stored.
const fewAlone = 16

// recordAlone records what is asked for if nobody else is folding, in the goroutine
// of who asks. If the clock or the store panics there, the caller may go on; nothing is
// left half done.
func (g *Graph) recordAlone(r *request) bool {
	select {
	case <-g.folding:
	default:
		return false
	}
	fold, start, last, ended := g.fold, g.fold.mark(), g.last, false
	defer func() {
		if !ended {
			if g.fold == fold && g.last == last {
				fold.rollback(start)
			}
			g.behind = true
		}
		g.folding <- struct{}{}
	}()
	select {
	case <-g.closing:
		ended = true
		return false
	default:
	}
	if ended = g.behind; ended {
		return false // reading on may take long, and the caller may not want to wait
	}
	g.writeAll(nil, []*request{r})
	ended = true
	return true
}

// write records what is asked for, until the graph is closed.
func (g *Graph) write() {
	defer g.writer.Done()
	for {
		var r *request
		select {
		case r = <-g.few:
		case r = <-g.requests:
		case <-g.closing:
			return
		}
		select {
		case <-g.folding:
			g.writeAhead([]*request{r})
			g.folding <- struct{}{}
		case <-g.closing:
			refuse([]*request{r}, ErrClosed)
			settle([]*request{r})
			return
		}
	}
}

const (
	maxGroup = 1024 // requests settled together
	maxTries = 100  // conflicts in a row without a record to show for them
	maxAhead = 64   // records before somebody else may fold
)

// draft is a record on its way into the store: what has been folded for it, and for
// whom.
type draft struct {
	after    events.Seq // the record before
	start    mark
	record   *events.RecordBuilder
	requests []*request
	callers  int  // of them that have one each, not one for many
	refused  bool // a request is, or an event of one, for what has been recorded before
	redacts  bool // and the record is erasable: nothing may be folded behind it before it is stored
	// unhurried is set if somebody else stores it, so that there is time meanwhile to enter
	// what is folded in lists.
	unhurried bool

	// What sealing adds.
	data []byte
	sum  [sha256.Size]byte
	end  sealed

	began time.Time // when storing began, if it is stored in the background
	err   error     // the outcome
}

// begin begins a record after another, or after the last one that is stored.
func (g *Graph) begin(before *draft) *draft {
	d := &draft{after: g.last, start: g.fold.mark(), unhurried: g.leisurely}
	previous := g.previous
	if before != nil {
		d.after, previous = before.after+1, before.sum
	}
	g.fold.c.records.add(g.fold.c.events.id.n)
	d.record = g.newRecord(d.after+1, previous)
	return d
}

// fill folds requests, from the first, as long as there is room, and returns the
// others.
func (g *Graph) fill(d *draft, requests []*request) []*request {
	for len(requests) > 0 && len(d.requests) < maxGroup && g.add(d, requests[0]) {
		d.requests = append(d.requests, requests[0])
		if requests[0].sequence == nil {
			d.callers++
		}
		d.refused = d.refused || requests[0].left != nil || requests[0].err != nil && requests[0].ctx.Err() == nil
		d.redacts = d.redacts || requests[0].redacts
		requests = requests[1:]
	}
	return requests
}

// seal ends the record of a draft that has something in it.
func (g *Graph) seal(d *draft) {
	d.data = d.record.Bytes()
	d.sum = sha256.Sum256(d.data)
}

// took makes a draft final that is stored.
func (g *Graph) took(d *draft) {
	g.stored(d.after+1, d.sum, d.end)
	g.safe = g.last
}

// makeSafe is called before somebody is told that what has been read is on record, or a
// key is destroyed because of it. What this graph has appended is safe, and so is all
// before it.
func (g *Graph) makeSafe(ctx context.Context) error {
	s, ok := g.store.(events.Syncer)
	if !ok || g.safe >= g.last {
		return nil
	}
	if err := s.Sync(ctx); err != nil {
		return err
	}
	g.safe = g.last
	return nil
}

// settle lets go on who asked for what has ended.
func settle(requests []*request) {
	for _, r := range requests {
		close(r.done)
	}
}

// writeAhead records requests and what is asked for meanwhile. While a record is
// being stored, the next one is folded; nobody is told of that before both are
// stored, and if the first is not, it is folded anew: also what was refused, perhaps for
// what is not stored.
func (g *Graph) writeAhead(requests []*request) {
	if g.behind || g.isDue() || g.isUntold() {
		g.writeAll(nil, requests)
		return
	}
	// One goroutine stores all: its stack has to grow before the disk is reached.
	drafts, outcome := make(chan *draft), make(chan error, 1)
	defer close(drafts)
	go func() {
		for d := range drafts {
			_, err := g.store.Append(context.Background(), d.after, d.data)
			outcome <- err
		}
	}()
	var before *draft // is being stored
	for n := 0; ; n++ {
		d := g.begin(before)
		d.unhurried = true
		requests = g.fill(d, requests)
		expected, gap := 0, time.Duration(0)
		if before != nil {
			requests = g.await(outcome, before, d, requests)
			if before.err != nil {
				g.fold.rollback(d.start)
				g.writeAll(before, slices.Concat(before.requests, d.requests, requests))
				return
			}
			expected = len(d.requests) + before.callers
			gap = min(time.Since(before.began)/16, maxGap) // little beside what storing takes
			g.took(before)
			settle(before.requests)
			before = nil
		}
		requests = g.gather(d, requests, expected, gap)
		if len(d.requests) == 0 {
			g.fold.rollback(d.start)
			g.save()
			return
		}
		if d.refused || d.redacts || d.record.Len() == 0 || n == maxAhead || g.worthSaving(g.kept.tried, 2) {
			g.writeAll(d, append(d.requests, requests...))
			return
		}
		g.seal(d)
		d.began = time.Now()
		drafts <- d
		runtime.Gosched() // storing begins at once, here, and what follows goes on elsewhere
		d.end = g.fold.seal()
		before = d
	}
}

// await waits for the outcome of a record that is being stored, and as long as that
// takes fills the draft behind it. It returns the requests that it has no room for.
func (g *Graph) await(outcome <-chan error, before, d *draft, requests []*request) []*request {
	for {
		few, more := g.few, g.requests
		if len(requests) > 0 {
			few, more = nil, nil
		}
		select {
		case r := <-few:
			requests = g.fill(d, []*request{r})
		case r := <-more:
			requests = g.fill(d, []*request{r})
		case before.err = <-outcome:
			return requests
		}
	}
}

const (
	maxGap    = 50 * time.Microsecond
	maxPasses = 1000 // while time stands still, as it may in a test
)

// gather fills a draft with what is asked for now, until it has as many requests as are
// expected or none has come for the gap, and returns those that it has no room for. Those
// who have just been told ask again; if the next record did not wait for them, callers
// who ask without a pause would be stored in two halves by turns, with twice the syncs.
func (g *Graph) gather(d *draft, requests []*request, expected int, gap time.Duration) []*request {
	last := time.Now()
	for range maxPasses {
		runtime.Gosched()
		for more := g.waiting(); len(more) > 0; more = g.waiting() {
			last = time.Now()
			if requests = g.fill(d, append(requests, more...)); len(requests) > 0 {
				break
			}
		}
		if len(requests) > 0 || len(d.requests) >= expected || time.Since(last) >= gap {
			break
		}
	}
	return requests
}

// waiting returns the requests that wait, of the two ways in which they come by turns, lest
// one is never looked at.
func (g *Graph) waiting() (requests []*request) {
	for before := -1; len(requests) > before && len(requests) < maxGroup; {
		before = len(requests)
		for _, way := range [...]chan *request{g.few, g.requests} {
			select {
			case r := <-way:
				requests = append(requests, r)
			default:
			}
		}
	}
	return requests
}

// writeAll records requests, one record after another. The first ones may have been
// folded for a draft already, which may even have failed.
func (g *Graph) writeAll(d *draft, requests []*request) {
	for len(requests) > 0 {
		n := g.writeOne(d, requests)
		g.eraseFor(requests[:n])
		settle(requests[:n])
		d, requests = nil, requests[n:]
	}
	g.save()
}

// writeOne records as many of the requests, from the first, as fit one record, and
// returns how many it has settled.
func (g *Graph) writeOne(d *draft, requests []*request) int {
	ctx := context.Background() // a group waits for the store, not for one caller
	for tries := 0; ; d = nil {
		if d == nil {
			if g.behind {
				if err := g.ask(g.catchUp); err != nil {
					return refuse(requests, err)
				}
				g.behind = false
			}
			d = g.begin(nil)
			g.fill(d, requests)
		}
		n := len(d.requests)
		if d.data == nil {
			// What is refused may rest on what another process has just recorded.
			if d.refused {
				var newest events.Seq
				if err := g.ask(func(ctx context.Context) (err error) {
					newest, err = g.store.Last(ctx)
					return err
				}); err != nil {
					g.fold.rollback(d.start)
					return refuse(requests, fmt.Errorf("graph: record: %w", err))
				}
				if tries++; newest > g.last && tries < maxTries {
					g.fold.rollback(d.start)
					g.behind = true
					continue
				}
			}
			if d.record.Len() == 0 {
				g.fold.rollback(d.start)
				return n
			}
			g.seal(d)
			d.end = g.fold.seal()
			_, d.err = g.store.Append(ctx, d.after, d.data)
		}
		if d.err == nil {
			g.took(d)
			return n
		}
		g.fold.rollback(d.start)
		g.behind = true
		if errors.Is(d.err, events.ErrConflict) {
			if err := g.ask(g.catchUp); err != nil {
				return refuse(requests, err)
			}
			if tries++; g.last > d.after {
				tries = 0
			} else if err := g.ask(g.isShort); err != nil {
				return refuse(requests, err)
			}
			if tries < maxTries {
				continue
			}
			return refuse(requests, fmt.Errorf("graph: record: the store says that another record than %d is last, but gives none: %w", d.after, d.err))
		}
		// It may be there all the same.
		if g.catchUp(ctx) == nil {
			g.behind = false
			if g.last > d.after {
				if rec, err := readRecord(ctx, g.store, d.after+1); err == nil && bytes.Equal(rec.Data, d.data) && g.makeSafe(ctx) == nil {
					return n
				}
			}
		}
		if errors.Is(d.err, fs.ErrPermission) || errors.Is(d.err, events.ErrRecordSize) {
			return refuse(requests[:n], fmt.Errorf("graph: record: nothing is recorded: %w", d.err))
		}
		return refuse(requests[:n], fmt.Errorf("graph: record: %w: %w", ErrUnknownOutcome, d.err))
	}
}

// ask asks the store for what has to be known before requests can be stored, for as long as the
// graph is open: nothing is lost if they are not.
func (g *Graph) ask(f func(context.Context) error) error {
	ctx, end := g.whileOpen(context.Background())
	defer end()
	err := f(ctx)
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// refuse ends requests with an error, those too that have another: they may have it for
// what has been taken back. Only one whose context has ended knows better.
func refuse(group []*request, err error) int {
	for _, r := range group {
		if r.err == nil || r.ctx.Err() == nil {
			r.fail(err)
		}
	}
	return len(group)
}

// add folds a request's batch and adds it to the record, or gives it an error. It
// reports false if there is no room left in the record.
func (g *Graph) add(d *draft, r *request) bool {
	f := g.fold
	r.receipt, r.err, r.left = Receipt{}, nil, nil
	start := f.mark()
	added, fits, err := g.tryAdd(d, r)
	if err == nil && fits && added == 0 {
		if err = g.makeSafe(r.ctx); err != nil {
			err = fmt.Errorf("graph: record: %w: %w", ErrUnknownOutcome, err)
		}
	}
	if err != nil || !fits {
		f.rollback(start)
		if err != nil {
			r.fail(err)
		}
		return err != nil
	}
	if r.sequence == nil || r.sequence.receipts {
		r.receipt = f.receipt(r.taken(), added)
	}
	return true
}

func (g *Graph) tryAdd(d *draft, r *request) (added int, fits bool, err error) {
	f := g.fold
	if err := cmp.Or(r.sequence.begin(r), r.ctx.Err()); err != nil {
		return 0, false, err // nothing of it is stored yet
	}
	if !r.turn.CompareAndSwap(waiting, begun) && r.turn.Load() == abandoned {
		return 0, false, context.Canceled // nobody waits for it
	}
	f.ctx = r.ctx // so that others need not wait until the store has read what this one needs
	unknown, err := g.unknown(r)
	if err != nil || len(unknown) == 0 {
		return 0, true, err
	}
	if r.condition != nil {
		if at := events.Position(f.c.now().position); r.condition.After > at {
			return 0, false, fmt.Errorf("graph: record: Condition.After %d: the record is at position %d, want one that it has reached: %w", r.condition.After, at, events.ErrInvalid)
		}
		if err := r.condition.Nothing.Check(); err != nil {
			return 0, false, fmt.Errorf("graph: record: Condition.Nothing: %w: %w", err, events.ErrInvalid)
		}
		if by := f.changed(r.condition); by != 0 {
			return 0, false, fmt.Errorf("graph: record: since position %d: %w, see event %v", r.condition.After, ErrChanged, *f.c.events.id.at(by))
		}
	}
	if err := f.outdated(r.batch, unknown, r.sequence); err != nil {
		return 0, false, fmt.Errorf("graph: record: %w", err)
	}
	if err := r.texts.Check(f); err != nil {
		return 0, false, err
	}
	if err := g.fits(); err != nil {
		return 0, false, fmt.Errorf("graph: record: %w", err)
	}
	start, size := f.mark(), 0
	f.begin(f.most)
	f.unhurried = d.unhurried && len(unknown) <= fewAlone
	encoded := make([]events.Encoded, 0, len(unknown))
	for _, i := range unknown {
		if r.taking == nil {
			err = g.addEvent(r, i)
		} else {
			err = r.taking.take(g, r, i, &size)
		}
		switch {
		case err != nil:
			return 0, false, err
		case r.left != nil && r.left[i] != nil:
		case r.sealed == nil:
			encoded = append(encoded, r.encoded[i])
		default:
			encoded = append(encoded, r.sealed[i])
			f.c.names(r.sealed[i].Key)
		}
	}
	if len(encoded) == 0 {
		f.rollback(start)
		return 0, true, nil
	}
	at, err := g.clock.read()
	if err != nil {
		return 0, false, fmt.Errorf("graph: record: %w", err)
	}
	err = d.record.Add(at, r.batch.Recorder, encoded)
	if errors.Is(err, events.ErrRecordSize) {
		if d.record.Len() > 0 {
			return 0, false, nil
		}
		err = fmt.Errorf("the batch is too large for one record, split it (Builder.Batches does): %w", err)
	}
	if err != nil { // also that of a clock that shows no year of ours
		return 0, false, fmt.Errorf("graph: record: %w", err)
	}
	f.end(at.UnixNano(), r.batch.Recorder)
	r.sequence.took(r, f.position)
	return len(encoded), true, nil
}

// addEvent checks and folds an event of a request.
func (g *Graph) addEvent(r *request, i int) error {
	f, e := g.fold, &r.batch.Events[i]
	f.failed = nil
	if err := events.Check(e, f); f.failed != nil {
		return f.failed
	} else if err != nil {
		return g.inBatch(err, i)
	}
	if kept(e) {
		body, err := events.DecodeBody(e.Kind(), r.encoded[i].Payload)
		if err != nil {
			return err
		}
		e = &events.Event{ID: e.ID, Body: body}
	}
	if err := f.event(e, true); err != nil {
		return g.inBatch(err, i)
	}
	return nil
}

// kept reports whether folding keeps the event's body for good: it must not be
// the caller's, who may change it.
func kept(e *events.Event) bool {
	return e.Kind() == events.KindEntitySplit || e.Kind() == events.KindVocabularyDeclared
}

// inBatch tells an error the place of its event in the batch, and which ids an erasable
// record has.
func (g *Graph) inBatch(err error, i int) error {
	var refused *events.Error
	if !errors.As(err, &refused) {
		return err
	}
	if refused.Index < 0 {
		refused.Index = i
	}
	if id, ok := refused.Value.(uuid.UUID); ok && g.erasing != nil && id.Version() == 5 && refused.Class == events.ErrUnknown {
		refused.Want = "an id of Graph.Key or Graph.NewBatch, since the record is erasable"
	}
	return err
}
