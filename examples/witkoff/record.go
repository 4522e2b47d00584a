package main

import (
	"context"
	"fmt"
	"time"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// clock is the recorder's clock. It is set by hand, so that everybody's record
// has the same times.
type clock struct{ now time.Time }

func (c *clock) time() time.Time { return c.now }

// chapter is what the desk recorded at once.
type chapter struct {
	recorded time.Time
	write    func(b *events.Builder, c *cast)
}

// chapters returns the story in the order in which the desk learned it.
func chapters() []chapter {
	at := func(day, hour int) time.Time { return time.Date(2025, 8, day, hour, 0, 0, 0, time.UTC) }
	return []chapter{
		{at(4, 12), article},
		{at(4, 15), reading},
		{at(5, 9), theCall},
		{at(7, 9), theVisit},
		{at(8, 9), theSpeaker},
		{at(11, 9), theWindow},
	}
}

// tally is what a run has recorded.
type tally struct{ events, batches, new int }

// record records the chapters, each as one batch. What the record has already
// stays as it is.
func record(ctx context.Context, g *graph.Graph, now *clock) (done tally, err error) {
	c := enter(events.NewBatch("desk"))
	recorded := make(map[string]bool) // by id: later chapters declare the vocabulary again
	for i, ch := range chapters() {
		// It tells the record's history from the beginning, however often it is run, so
		// that what is on record already is not asked.
		b := events.NewBatch("desk").Occasion("the envoy's trip")
		b.Declare(vocabulary...)
		ch.write(b, c)
		batch, err := b.Batch()
		if err != nil {
			return done, fmt.Errorf("chapter %d: %w", i+1, err)
		}
		now.now = ch.recorded
		receipt, err := g.Record(ctx, batch)
		if err != nil {
			return done, fmt.Errorf("chapter %d: %w", i+1, err)
		}
		for _, e := range batch.Events {
			recorded[e.ID.String()] = true
		}
		done.new += receipt.New
		done.batches++
	}
	done.events = len(recorded)
	return done, nil
}
