package graph

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"time"

	"github.com/onrecord/onrecord/events"
)

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
	ended := false
	defer g.endFolding(&ended)
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

// endFolding lets somebody else fold. If who folded has not ended, because the clock, the store
// or the keys have panicked, what is folded and not stored is taken back first.
func (g *Graph) endFolding(ended *bool) {
	defer func() { g.folding <- struct{}{} }()
	if !*ended {
		if g.half {
			g.fold.rollback(g.start)
		}
		g.behind = true
	}
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
