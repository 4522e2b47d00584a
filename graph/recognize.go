package graph

import (
	"bytes"
	"fmt"

	"github.com/onrecord/onrecord/events"
)

// recognize notes which events of a request are on record now with the same content, so that
// at its turn they need not be read while others wait. What it does not note is looked at then:
// what has been recorded meanwhile, what is redacted, and an id that has other content,
// behind which it does not look, since the batch is going to be refused.
func (g *Graph) recognize(r *request) error {
	m := g.seen.Load()
	for i := range r.batch.Events {
		n := m.c.events.find(r.batch.Events[i].ID, m.events)
		if n == 0 || g.erasing != nil && m.c.events.hidden(n) {
			continue
		}
		e, erased, err := g.event(r.ctx, n)
		if err != nil {
			select {
			case <-g.closing: // and perhaps the store is, too
				return ErrClosed
			default:
				return err
			}
		}
		if erased {
			continue
		}
		if same, err := r.says(i, e); err != nil || !same {
			return err
		}
		if r.known == nil {
			r.known = make([]bool, len(r.batch.Events))
		}
		r.known[i] = true
	}
	return nil
}

// says reports whether an event of a request has the content of one that is on record.
func (r *request) says(i int, e *events.Event) (bool, error) {
	if e.Kind() != r.batch.Events[i].Kind() {
		return false, nil
	}
	payload, err := events.EncodeBody(e.Body)
	return bytes.Equal(payload, r.encoded[i].Payload), err
}

// unknown returns the places of the events that have not been recorded yet.
func (g *Graph) unknown(r *request) (places []int, err error) {
	f := g.fold
	for i := range r.batch.Events {
		if r.known != nil && r.known[i] {
			continue
		}
		e := &r.batch.Events[i]
		n := f.earlier(e.ID)
		if n == 0 {
			places = append(places, i)
			continue
		}
		if g.erasing != nil && (f.redacted[n] || f.erased[n]) {
			continue // nobody can say what it was
		}
		known, erased := f.fresh.at(n), false
		if known == nil {
			if known, erased, err = g.event(f.ctx, n); err != nil {
				return nil, err
			}
		}
		if erased {
			continue // by a redaction that has not been read, or that this copy of the record does not have
		}
		if same, err := r.says(i, known); err != nil {
			return nil, err
		} else if !same && r.taking != nil {
			r.leave(i, fmt.Errorf("graph: take in: %v %v: %w, recorded as a %v", e.Kind(), e.ID, ErrIDTaken, known.Kind()))
		} else if !same {
			return nil, fmt.Errorf("graph: record: event %d (%v %v): %w, recorded as a %v: give it an id of its own, or leave it out",
				i, e.Kind(), e.ID, ErrIDTaken, known.Kind())
		}
	}
	return places, nil
}
