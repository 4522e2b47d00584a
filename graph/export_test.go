package graph

import (
	"context"
	"time"

	"github.com/onrecord/onrecord/events"
)

// Eager makes a graph that is opened with the options store checkpoints as soon
// as anything is dead, so that small records have many.
func Eager(o *Options) { o.eager = true }

// Moves limits what a batch may move in a graph that is opened with the options.
func Moves(o *Options, most int) { o.most = most }

// Unhurried has what is folded entered in lists at the end of its record, as far as may be.
func Unhurried(o *Options) { o.unhurried = true }

// Often has a graph that is opened with the options write a snapshot after every
// record.
func Often(o *Options) { o.often = true }

// Folding folds a record, each of its records decoded before, and returns the graph,
// which can be asked for all but text, and how long the folding alone took.
func Folding(ctx context.Context, s events.Store) (g *Graph, took time.Duration, err error) {
	if g, err = Open(ctx, events.NewMem(), &Options{NoSnapshot: true}); err != nil {
		return nil, 0, err
	}
	for r, err := range s.Scan(ctx, 0) {
		if err != nil {
			return nil, 0, err
		}
		d := &decoded{record: r, done: make(chan struct{})}
		d.decode(ctx, nil)
		start := time.Now()
		if err := g.take(ctx, d); err != nil {
			return nil, 0, err
		}
		took += time.Since(start)
	}
	return g, took, nil
}
