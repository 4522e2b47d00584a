package graph

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
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
	d := &draft{after: g.last, start: g.fold.mark(), unhurried: g.unhurried}
	previous := g.previous
	if before != nil {
		d.after, previous = before.after+1, before.sum
	} else {
		g.start, g.half = d.start, true
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
		d.refused = d.refused || requests[0].left != nil || requests[0].err != nil && !requests[0].isGivenUp()
		d.redacts = d.redacts || requests[0].redacts
		requests = requests[1:]
	}
	return requests
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
		return 0, false, r.ctx.Err() // nobody waits for it
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
