package graph

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/onrecord/onrecord/events"
)

// RecordAll records batches in their order, each as Record does, but does not wait for
// one to be durable before it reads, encodes and checks the next. Use it to load many.
// What others record meanwhile may come between them.
//
// It returns when all are recorded, or with what has kept it from that: the sequence's
// error, the context's, or that of the first batch that Record would have refused. n is
// how many are recorded; they are the first n, and no other is. So n is also the number,
// from 0, of the batch that the error is about, and an *events.Error has the event's place
// in it. RecordAll looks for errors each time the sequence has yielded a batch, and at its end.
//
// Two errors tell less. With ErrUnknownOutcome nobody can say whether the batch at n, and
// some behind it, are on record too. If a key could not be destroyed, the redaction is
// recorded, and perhaps some batches behind it: n counts all of them, and the error says
// which was "recorded, but not erased yet".
//
// To go on after an error, the same batches may be recorded again from the first, as
// with Record, if their events have ids of their own.
//
// A batch must not be changed before the call returns. At most two records of them wait
// for the store at a time.
//
// A batch may revise what one before it in the sequence has said: that is no revision by
// others, and not ErrOutdated. But a builder sees only what is on record when it looks, and the
// batches before it may not be on record yet. A second batch that says one more thing of a
// source would then leave out what the first has said. So make batches that build on one
// another with one builder ([events.Builder.Batches]), or begin each when the one before it is
// on record. [Graph.RecordEach] tells where each was recorded, and what of it was on record
// already.
func (g *Graph) RecordAll(ctx context.Context, batches iter.Seq2[*events.Batch, error]) (n int, err error) {
	return g.recordAll(ctx, batches, nil, nil)
}

// RecordEach records batches as RecordAll does and yields the receipt of each, in their
// order, when it is durable; by then some behind it have been read and checked. An error
// ends the sequence: as many batches are recorded as there were receipts, except with
// ErrUnknownOutcome.
//
// Nothing is recorded unless the sequence is ranged over, and all again each time. If the
// loop ends early, no more batches are read. Those that have been read are recorded all the
// same, unless one is refused, and RecordEach waits for that. The loop may record in this
// graph, too. Make batches that build on one another with one builder, as for RecordAll:
// when a receipt is yielded, the batches behind it may have been begun.
func (g *Graph) RecordEach(ctx context.Context, batches iter.Seq2[*events.Batch, error]) iter.Seq2[Receipt, error] {
	return func(yield func(Receipt, error) bool) {
		ended := false
		_, err := g.recordAll(ctx, batches, nil, func(r *request) bool {
			if !ended {
				ended = true // unless the loop returns
				ended = !yield(r.receipt, nil)
			}
			return !ended
		})
		if err != nil && !ended {
			yield(Receipt{}, err)
		}
	}
}

// recordAll is RecordAll that calls each, unless it is nil, with what is recorded and reads no
// more batches when that returns false. What is taken in is recorded as taking says, unless it
// is nil.
func (g *Graph) recordAll(ctx context.Context, batches iter.Seq2[*events.Batch, error], t *taking, each func(*request) bool) (n int, err error) {
	s, place, ended := &sequence{receipts: each != nil}, 0, false
	var sent []*request // whose end has not been looked at
	var refused error   // of the first that was
	var unerased error  // of the first that is recorded, and what it redacts is not erased
	placed := func(place int, err error) error {
		return fmt.Errorf("batch %d of the sequence, counted from 0: %w", place, err)
	}
	settle := func() {
		r := sent[0]
		sent = sent[1:]
		switch err := r.wait(); {
		case refused != nil: // and so is this one
		case err != nil:
			refused = placed(r.place, err)
		default:
			n++
			if r.unerased != nil && unerased == nil {
				unerased = placed(r.place, r.unerased)
			}
			ended = each != nil && !each(r) || ended
		}
	}
	settleAll := func() {
		for len(sent) > 0 {
			settle()
		}
	}
	defer settleAll() // whatever the loop does
	send := func(b *events.Batch) error {
		r, err := g.newRequest(ctx, b, nil)
		if err != nil {
			return placed(place, err)
		}
		r.sequence, r.place, r.taking = s, place, t
		place++
		if err := g.send(ctx, r); err != nil {
			return err
		}
		sent = append(sent, r)
		return nil
	}
	for b, failed := range batches {
		if err = failed; err == nil {
			err = send(b)
		}
		for len(sent) > 0 && sent[0].isDone() {
			settle()
		}
		if err != nil || refused != nil || unerased != nil || ended {
			break
		}
	}
	settleAll()
	err = cmp.Or(refused, err) // what was sent comes before what was not
	if unerased != nil {
		err = errors.Join(unerased, err)
	}
	return n, err
}

// sequence is what keeps a batch from being recorded when one before it was not. Who
// folds guards it.
type sequence struct {
	receipts bool     // are wanted
	broken   *request // the first that is refused
	spans    []span   // what has been folded of it, in order
}

// span is batches of a sequence that have been folded one behind the other.
type span struct {
	place    int    // of the first
	position uint32 // of the first
	n        int
}

// took notes where a request has been folded.
func (s *sequence) took(r *request, position uint32) {
	if s == nil {
		return
	}
	if k := len(s.spans) - 1; k >= 0 {
		if last := &s.spans[k]; last.place+last.n == r.place && last.position+uint32(last.n) == position {
			last.n++
			return
		}
	}
	s.spans = append(s.spans, span{r.place, position, 1})
}

// has reports whether what is at a position has been folded for the sequence.
func (s *sequence) has(position uint32) bool {
	if s == nil {
		return false
	}
	i, found := slices.BinarySearchFunc(s.spans, position, func(x span, p uint32) int { return cmp.Compare(x.position, p) })
	return found || i > 0 && position-s.spans[i-1].position < uint32(s.spans[i-1].n)
}

// errSequence is the error of the batches behind one that is refused.
var errSequence = errors.New("graph: record: a batch before it in its sequence is not recorded")

// begin begins a request, anew perhaps, and refuses it if one before it is refused.
func (s *sequence) begin(r *request) error {
	if s == nil {
		return nil
	}
	for k := len(s.spans) - 1; k >= 0 && s.spans[k].place+s.spans[k].n > r.place; k-- { // so were these
		if s.spans[k].n = r.place - s.spans[k].place; s.spans[k].n <= 0 {
			s.spans = s.spans[:k]
		}
	}
	if s.broken != nil && s.broken.place >= r.place { // that was in another try
		s.broken = nil
	}
	if s.broken != nil {
		return errSequence
	}
	return nil
}

func (s *sequence) breakAt(r *request) {
	if s != nil && (s.broken == nil || s.broken.place > r.place) {
		s.broken = r
	}
}
