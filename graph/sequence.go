package graph

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/onrecord/onrecord/events"
)

// RecordAll records batches in their order, each as Record does, but does not wait for
// one to be durable before the next is read, encoded and checked: it is the way to
// load many. What others record meanwhile may come between them.
//
// It returns when all are recorded, or with what has kept it from that: the sequence's
// error, the context's, or that of the first batch that Record would have refused. n is
// how many are recorded; they are the first n, and no other is. An error is
// noticed at the latest when the sequence has given a batch more.
//
// To go on after an error, the same batches may be recorded again from the first, as
// with Record, if their events have ids of their own.
//
// A batch must not be changed before the call returns. At most two records of them wait
// for the store at a time.
func (g *Graph) RecordAll(ctx context.Context, batches iter.Seq2[*events.Batch, error]) (n int, err error) {
	s, place := &sequence{}, 0
	var sent []*request // whose end has not been looked at
	var refused error   // of the first that was
	settle := func() {
		r := sent[0]
		sent = sent[1:]
		switch err := r.wait(); {
		case refused != nil: // and so is this one
		case err != nil:
			refused = fmt.Errorf("batch %d of the sequence, counted from 0: %w", r.place, err)
		default:
			n++
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
			return fmt.Errorf("batch %d of the sequence, counted from 0: %w", place, err)
		}
		r.sequence, r.place = s, place
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
		if err != nil || refused != nil {
			break
		}
	}
	settleAll()
	return n, cmp.Or(refused, err) // what was sent comes before what was not
}

// sequence is what keeps a batch from being recorded when one before it was not. Who
// folds guards it.
type sequence struct {
	broken *request // the first that is refused
}

// errSequence is the error of the batches behind one that is refused.
var errSequence = errors.New("graph: record: a batch before it in its sequence is not recorded")

// begin begins a request, anew perhaps, and refuses it if one before it is refused.
func (s *sequence) begin(r *request) error {
	if s == nil {
		return nil
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
