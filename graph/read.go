package graph

import (
	"context"
	"fmt"
	"sort"

	"github.com/onrecord/onrecord/events"
)

// find returns an event's head, and the header of its record, which is sealed.
func (g *Graph) find(ctx context.Context, n uint32) (*events.Header, events.EventHead, error) {
	m, seq := g.seen.Load(), g.seqOf(n)
	h, err := g.cache.header(ctx, g.store, m, events.Seq(seq))
	if err != nil {
		return nil, events.EventHead{}, fmt.Errorf("graph: %w", err)
	}
	i, b := int(n-*m.c.records.at(seq)), 0
	for ; i >= len(h.Batches[b].Events); b++ { // it has the events that were folded
		i -= len(h.Batches[b].Events)
	}
	return h, h.Batches[b].Events[i], nil
}

// event returns an event from the record, and whether it has been erased. Then its
// body is what remains.
func (g *Graph) event(ctx context.Context, n uint32) (e *events.Event, erased bool, err error) {
	s := g.sealOf()
	if s == nil {
		e, err = g.plain(ctx, n)
		return e, false, err
	}
	h, head, err := g.find(ctx, n)
	if err != nil {
		return nil, false, err
	}
	opened, err := s.Open(ctx, h, head)
	if err != nil {
		return nil, false, fmt.Errorf("graph: %w", err)
	}
	return &opened[0].Event, opened[0].Erased, nil
}

// plain is event for a record that is not sealed.
func (g *Graph) plain(ctx context.Context, n uint32) (*events.Event, error) {
	m, seq := g.seen.Load(), g.seqOf(n)
	o, payload, err := g.cache.payload(ctx, g.store, m, events.Seq(seq), int(n-*m.c.records.at(seq)))
	if err != nil {
		return nil, fmt.Errorf("graph: %w", err)
	}
	id, position := *m.c.events.id.at(n), events.Position(m.positionOf(n))
	body, err := events.DecodeBody(m.c.events.kind(n), payload)
	if err != nil {
		return nil, fmt.Errorf("graph: record %d: event %v: %w", seq, id, err)
	}
	b := &o.batches[position-o.first]
	return &events.Event{ID: id, Body: body, Position: position, At: b.At, Recorder: b.Recorder}, nil
}

// read returns an event from the record, as a view shows it.
func (g *Graph) read(ctx context.Context, n uint32) (*events.Event, error) {
	e, erased, err := g.event(ctx, n)
	if erased {
		return nil, fmt.Errorf("graph: event %v: %w", e.ID, ErrRedacted)
	}
	return e, err
}

// load returns an event from the record, or what remains of it, for folding.
func (g *Graph) load(ctx context.Context, n uint32) (*events.Event, error) {
	e, _, err := g.event(ctx, n)
	return e, err
}

// seqOf returns the number of the record that holds an event.
func (g *Graph) seqOf(n uint32) uint32 {
	m := g.seen.Load()
	return uint32(sort.Search(int(m.records), func(k int) bool { return *m.c.records.at(uint32(k)) > n })) - 1
}
