package graph

import (
	"cmp"
	"context"

	"github.com/onrecord/onrecord/events"
)

// Record adds a batch to the record: all of it or nothing. It returns when the
// store has made it durable and new views show it. Calls at the same time share
// one commit. Events whose id and content are recorded already are left out, so
// that repeating a call is safe after any error. Of these, [Receipt].Gone names the ones that
// no view shows any more, and [Receipt].Revised those that others have taken the place of.
//
// An event without an id gets one of version 7, in the caller's batch.
//
// A batch that breaks a rule is refused with an error that is
// events.ErrInvalid and says what would be right; ErrIDTaken says that an id
// has other content. Contradictions break no rule.
//
// A batch may give the position as of which it knows the record (events.Batch.AsOf), as those
// of [Graph.NewBatch] do. It is refused with ErrOutdated if it would undo unseen what others
// have said since of a source, an entity, a predicate or a scheme. That costs a look at how
// each was registered then and is now, at what was redacted in between and, of what does not
// stand now, at what has registered it in between.
//
// If the context ends before the batch's turn has come, or while what it needs is read from
// the record, nothing is recorded and the context's error is returned. Once the batch is being
// stored, Record waits for the outcome.
func (g *Graph) Record(ctx context.Context, b *events.Batch) (Receipt, error) {
	return g.record(ctx, b, nil)
}

// RecordIf records a batch like Record, unless what the condition names has
// changed: then it is refused with ErrChanged. A batch that has been recorded
// already succeeds whatever the condition, even if what it says has been retracted since: then
// it does not stand, and only [Receipt].Gone tells. To claim something again, such as a task
// that you have given back, look there, and bring it back with [events.Builder.Restore] on the
// same condition. The condition is looked at before the batch. So if a batch is refused with
// ErrOutdated, nobody else took what it claims: build it anew and try again.
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
