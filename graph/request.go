package graph

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

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

// settle lets go on who asked for what has ended.
func settle(requests []*request) {
	for _, r := range requests {
		close(r.done)
	}
}

// refuse ends requests with an error, those too that have another: they may have it for
// what has been taken back. Only one that has been given up knows better.
func refuse(group []*request, err error) int {
	for _, r := range group {
		if !r.isGivenUp() {
			r.fail(err)
		}
	}
	return len(group)
}

// isGivenUp reports whether a request has failed because its context has ended. That this has
// ended does not tell: it may have since the request failed otherwise.
func (r *request) isGivenUp() bool {
	ended := r.ctx.Err()
	return ended != nil && errors.Is(r.err, ended)
}
