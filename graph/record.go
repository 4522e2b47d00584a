package graph

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// Receipt says where a batch was recorded.
type Receipt struct {
	// Position is the batch's, or, if all of its events had been recorded before,
	// that of the graph: a view as of it shows them.
	Position events.Position
	// New is how many of its events had not been recorded before.
	New int
}

// request is a batch on its way.
type request struct {
	ctx       context.Context
	batch     *events.Batch
	encoded   []events.Encoded
	condition *Condition

	turn    atomic.Int32 // waiting, begun or abandoned
	receipt Receipt
	err     error
	done    chan struct{}
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
// that repeating a call is safe, after any error.
//
// An event without an id gets one of version 7, in the caller's batch.
//
// A batch that breaks a rule is refused with an error that is
// events.ErrInvalid and says what would be right; ErrIDTaken says that an id
// has other content. Contradictions break no rule. If the context ends before
// the batch's turn has come, nothing is recorded and the context's error is
// returned; from then on the outcome is awaited.
func (g *Graph) Record(ctx context.Context, b *events.Batch) (Receipt, error) {
	return g.record(ctx, b, nil)
}

// RecordIf records a batch like Record, unless what the condition names has
// changed: then it is refused with ErrChanged. A batch that has been recorded
// already succeeds whatever the condition.
func (g *Graph) RecordIf(ctx context.Context, b *events.Batch, c Condition) (Receipt, error) {
	return g.record(ctx, b, &c)
}

func (g *Graph) record(ctx context.Context, b *events.Batch, c *Condition) (Receipt, error) {
	if b == nil {
		return Receipt{}, fmt.Errorf("graph: record: no batch: %w", events.ErrInvalid)
	}
	for i := range b.Events {
		if b.Events[i].ID == uuid.Nil {
			id, err := uuid.NewV7()
			if err != nil {
				return Receipt{}, fmt.Errorf("graph: record: %w", err)
			}
			b.Events[i].ID = id
		}
	}
	encoded, err := events.EncodeBatch(b)
	if err != nil {
		return Receipt{}, err
	}
	r := &request{ctx: ctx, batch: b, encoded: encoded, condition: c, done: make(chan struct{})}
	select {
	case g.requests <- r:
	case <-ctx.Done():
		return Receipt{}, ctx.Err()
	case <-g.closing:
		return Receipt{}, ErrClosed
	}
	select {
	case <-r.done:
	case <-ctx.Done():
		if r.turn.CompareAndSwap(waiting, abandoned) {
			return Receipt{}, ctx.Err()
		}
		<-r.done
	}
	return r.receipt, r.err
}

// write records what is asked for, until the graph is closed.
func (g *Graph) write() {
	defer g.writer.Done()
	for {
		select {
		case r := <-g.requests:
			group := []*request{r}
			for more := true; more && len(group) < maxGroup; {
				select {
				case r := <-g.requests:
					group = append(group, r)
				default:
					more = false
				}
			}
			for len(group) > 0 {
				n := g.writeGroup(group)
				for _, r := range group[:n] {
					close(r.done)
				}
				group = group[n:]
			}
		case <-g.closing:
			return
		}
	}
}

const (
	maxGroup = 1024 // requests settled together
	maxTries = 100  // conflicts in a row without a record to show for them
)

// writeGroup records as many of the requests, from the first, as fit one
// record, and returns how many it has settled.
func (g *Graph) writeGroup(group []*request) int {
	<-g.folding
	defer func() { g.folding <- struct{}{} }()
	ctx := context.Background() // a group waits for the store, not for one caller
	for tries := 0; ; {
		if g.behind {
			if err := g.catchUp(ctx); err != nil {
				return refuse(group, err)
			}
			g.behind = false
		}
		start := g.fold.mark()
		g.fold.c.records.add(g.fold.c.events.id.n)
		record := events.NewRecord(g.last+1, events.Position(g.fold.c.batches.n), g.previous)
		n := 0
		for n < len(group) && g.add(record, group[n]) {
			n++
		}
		// What is refused may rest on what another process has just recorded.
		if slices.ContainsFunc(group[:n], func(r *request) bool { return r.err != nil }) {
			newest, err := g.store.Last(ctx)
			if err != nil {
				g.fold.rollback(start)
				return refuse(group, fmt.Errorf("graph: record: %w", err))
			}
			if tries++; newest > g.last && tries < maxTries {
				g.fold.rollback(start)
				g.behind = true
				continue
			}
		}
		if record.Len() == 0 {
			g.fold.rollback(start)
			return n
		}
		data, last := record.Bytes(), g.last
		seq, err := g.store.Append(ctx, last, data)
		if err == nil {
			g.taken(seq, sha256.Sum256(data))
			return n
		}
		g.fold.rollback(start)
		g.behind = true
		if errors.Is(err, events.ErrConflict) {
			if err := g.catchUp(ctx); err != nil {
				return refuse(group, err)
			}
			if tries++; g.last > last {
				tries = 0
			}
			if tries < maxTries {
				continue
			}
			return refuse(group, fmt.Errorf("graph: record: the store says that another record than %d is last, but gives none: %w", last, err))
		}
		// It may be there all the same.
		if g.catchUp(ctx) == nil {
			g.behind = false
			if g.last > last {
				if rec, err := readRecord(ctx, g.store, last+1); err == nil && bytes.Equal(rec.Data, data) {
					return n
				}
			}
		}
		return refuse(group[:n], fmt.Errorf("graph: record: %w: %w", ErrUnknownOutcome, err))
	}
}

// refuse gives every request that has no error this one.
func refuse(group []*request, err error) int {
	for _, r := range group {
		if r.err == nil {
			r.receipt, r.err = Receipt{}, err
		}
	}
	return len(group)
}

// add folds a request's batch and adds it to the record, or settles it with an
// error. It reports false if there is no room left in the record.
func (g *Graph) add(record *events.RecordBuilder, r *request) bool {
	f := g.fold
	r.receipt, r.err = Receipt{}, nil
	start := f.mark()
	added, fits, err := g.tryAdd(record, r)
	if err != nil || !fits {
		f.rollback(start)
		r.err = err
		return err != nil
	}
	r.receipt = Receipt{Position: events.Position(f.c.batches.n - 1), New: added}
	return true
}

func (g *Graph) tryAdd(record *events.RecordBuilder, r *request) (added int, fits bool, err error) {
	f := g.fold
	if err := r.ctx.Err(); err != nil {
		return 0, false, err // nothing of it is stored yet
	}
	if !r.turn.CompareAndSwap(waiting, begun) && r.turn.Load() == abandoned {
		return 0, false, context.Canceled // nobody waits for it
	}
	unknown, err := g.unknown(r)
	if err != nil || len(unknown) == 0 {
		return 0, true, err
	}
	if r.condition != nil && f.changed(r.condition) {
		return 0, false, fmt.Errorf("graph: record: since position %d: %w", r.condition.After, ErrChanged)
	}
	if err := events.CheckText(r.batch, f); err != nil {
		return 0, false, err
	}
	if err := g.fits(1); err != nil {
		return 0, false, err
	}
	f.begin()
	encoded := make([]events.Encoded, 0, len(unknown))
	for _, i := range unknown {
		e := &r.batch.Events[i]
		f.failed = nil
		if err := events.Check(e, f); f.failed != nil {
			return 0, false, f.failed
		} else if err != nil {
			return 0, false, inBatch(err, i)
		}
		if kept(e) {
			body, err := events.DecodeBody(e.Kind(), r.encoded[i].Payload)
			if err != nil {
				return 0, false, err
			}
			e = &events.Event{ID: e.ID, Body: body}
		}
		if err := f.event(e, true); err != nil {
			return 0, false, inBatch(err, i)
		}
		encoded = append(encoded, r.encoded[i])
	}
	at := g.now()
	err = record.Add(at, r.batch.Recorder, encoded)
	if errors.Is(err, events.ErrRecordSize) && record.Len() > 0 {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("graph: record: the batch is too large for one record, split it: %w", err)
	}
	f.end(at.UnixNano())
	return len(unknown), true, nil
}

// kept reports whether folding keeps the event's body for good: it must not be
// the caller's, who may change it.
func kept(e *events.Event) bool {
	return e.Kind() == events.KindEntitySplit || e.Kind() == events.KindVocabularyDeclared
}

// inBatch tells an error the place of its event in the batch.
func inBatch(err error, i int) error {
	var refused *events.Error
	if errors.As(err, &refused) && refused.Index < 0 {
		refused.Index = i
	}
	return err
}

// unknown returns the places of the events that have not been recorded yet.
func (g *Graph) unknown(r *request) (places []int, err error) {
	f := g.fold
	for i := range r.batch.Events {
		e := &r.batch.Events[i]
		n := f.c.events.find(e.ID, f.c.events.id.n)
		if n == 0 {
			places = append(places, i)
			continue
		}
		known, err := f.body(n)
		if err != nil {
			return nil, err
		}
		payload, err := events.EncodeBody(known.Body)
		if err != nil {
			return nil, err
		}
		if known.Kind() != e.Kind() || !bytes.Equal(payload, r.encoded[i].Payload) {
			return nil, fmt.Errorf("graph: record: event %d (%v %v): %w, recorded as a %v: give it an id of its own, or leave it out",
				i, e.Kind(), e.ID, ErrIDTaken, known.Kind())
		}
	}
	return places, nil
}
