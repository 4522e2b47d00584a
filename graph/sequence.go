package graph

import (
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
// It returns how many batches are recorded, when they are, and what ended it, nil at
// the end of the sequence: the sequence's error, or that of the first batch that
// Record would have refused; batches are counted from 0. No batch behind that one is
// recorded. To go on after an error, the same sequence may be repeated from its
// beginning, as a call of Record may.
//
// A batch must not be changed before the call returns. At most two records of them wait
// for the store at a time.
func (g *Graph) RecordAll(ctx context.Context, batches iter.Seq2[*events.Batch, error]) (n int, err error) {
	s := &sequence{}
	var sent []*request // whose end has not been looked at
	// settle looks at the first that was sent.
	settle := func() error {
		r := sent[0]
		sent = sent[1:]
		if <-r.done; r.err != nil {
			return fmt.Errorf("batch %d of the sequence: %w", n, r.err)
		}
		n++
		return nil
	}
	settleAll := func() (first error) {
		for len(sent) > 0 {
			if err := settle(); first == nil {
				first = err
			}
		}
		return first
	}
	for b, failed := range batches {
		var r *request
		if err = failed; err == nil {
			if r, err = g.newRequest(ctx, b, nil); err != nil {
				err = fmt.Errorf("batch %d of the sequence: %w", n+len(sent), err)
			}
		}
		if err == nil {
			r.in = s
			err = g.send(ctx, r)
		}
		if err != nil {
			break // what was sent comes first
		}
		sent = append(sent, r)
		for len(sent) > 0 && (sent[0].isDone() || len(sent) == maxGroup) {
			if refused := settle(); refused != nil {
				settleAll()
				return n, refused
			}
		}
	}
	if refused := settleAll(); refused != nil {
		err = refused
	}
	return n, err
}

// sequence is what keeps a batch from being recorded when one before it was not. Who
// folds guards it.
type sequence struct{ broken *request }

// errSequence is the error of the batches behind one that is refused.
var errSequence = errors.New("graph: record: a batch before it in its sequence is not recorded")

// begin begins a request, anew perhaps, and refuses it if one before it is refused.
func (s *sequence) begin(r *request) error {
	if s == nil {
		return nil
	}
	if s.broken == r {
		s.broken = nil
	}
	if s.broken != nil {
		return errSequence
	}
	return nil
}

func (s *sequence) breakAt(r *request) {
	if s != nil && s.broken == nil {
		s.broken = r
	}
}
