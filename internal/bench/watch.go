package main

import (
	"context"
	"errors"
	"iter"
	"path/filepath"
	"time"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/sqlite"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

const watchText = "How long after `Graph.Record` has returned another goroutine sees the statement: one that ranges over `query.Watch` " +
	"of the same graph, asking for their number, beside a value handed over an unbuffered channel; and one " +
	"that follows the same file as another process would, with `Graph.Follow` and `Graph.Wait`, whose store looks every 20 ms by default. " +
	"What is seen before Record returns counts as 0."

// watch measures how soon a watcher sees what was recorded.
func (r *run) watch(ctx context.Context) error {
	s := r.section("Watching", watchText)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	n := min(max(r.commits/10, 20), 200)
	if err := r.watchGraph(ctx, s, n); err != nil {
		return err
	}
	for _, every := range []time.Duration{20 * time.Millisecond, time.Millisecond} {
		if err := r.watchFile(ctx, s, n, every); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) watchGraph(ctx context.Context, s *Section, n int) error {
	d := synthetic(max(n, 100))
	g, err := graph.Open(ctx, events.NewMem(), nil)
	if err != nil {
		return err
	}
	if _, err := record(ctx, g, d.registrations()); err != nil {
		return err
	}
	seen, failed := make(chan time.Time, 1), make(chan error, 1)
	from := g.View(nil).Position()
	ask := func(_ context.Context, v graph.View) iter.Seq2[int, error] {
		return func(yield func(int, error) bool) { yield(query.Count(v, graph.Pattern{Source: source.ID}), nil) }
	}
	go func() {
		for _, err := range query.Watch(ctx, g, from, ask, func(n int) int { return n }, nil) {
			if err != nil {
				failed <- err
				return
			}
			seen <- time.Now()
		}
	}()
	handed, got := make(chan int), make(chan time.Time)
	go func() {
		for range handed {
			got <- time.Now()
		}
	}()
	var late, handing, share samples
	for i := range n {
		called := time.Now()
		if _, err := g.Record(ctx, &events.Batch{Recorder: "bench", Events: []events.Event{d.statement(i)}}); err != nil {
			return err
		}
		returned := time.Now()
		select {
		case at := <-seen:
			late = append(late, float64(max(at.Sub(returned), 0)))
			share = append(share, float64(at.Sub(called))/float64(returned.Sub(called)))
		case err := <-failed:
			return err
		}
		began := time.Now()
		handed <- i
		handing = append(handing, float64((<-got).Sub(began)))
	}
	close(handed)
	if err := g.Close(); err != nil {
		return err
	}
	if err := <-failed; !errors.Is(err, graph.ErrClosed) {
		return err
	}
	row(s, "query.Watch, same graph", late)
	row(s, "a channel", handing)
	r.ratioOf("query.Watch, time to see / time to record", 0, share.median(), share.spread())
	return nil
}

// watchFile measures a follower of the same file, whose store looks for new
// records in this interval.
func (r *run) watchFile(ctx context.Context, s *Section, n int, every time.Duration) error {
	dir, remove, err := r.folder()
	if err != nil {
		return err
	}
	defer remove()
	c, err := r.recorder(ctx, dir, n)
	if err != nil {
		return err
	}
	store, err := sqlite.Open(filepath.Join(dir, "story.db"), &sqlite.Options{WaitInterval: every})
	if err != nil {
		return err
	}
	follower, err := graph.Open(ctx, store, nil)
	if err != nil {
		return err
	}
	late, err := lateness(ctx, c, follower, n)
	if err != nil {
		return err
	}
	row(s, "Graph.Follow, looking every "+every.String(), late)
	r.ratioOf("Graph.Follow, looking every "+every.String()+", p50 / the interval", 0, late.at(0.50)/float64(every), late.spread())
	if err := store.Close(); err != nil {
		return err
	}
	return c.close()
}

// lateness returns how long after Record has returned a follower's graph shows each of n
// batches. It closes the follower.
func lateness(ctx context.Context, c *recorder, follower *graph.Graph, n int) (late samples, err error) {
	ended := make(chan error, 1)
	go func() { ended <- follower.Follow(ctx) }()
	for range n {
		at := make(chan time.Time, 1)
		next := follower.View(nil).Position() + 1
		go func() {
			if follower.Wait(ctx, next) == nil {
				at <- time.Now()
			}
		}()
		if _, err := c.g.Record(ctx, c.take(1)); err != nil {
			return nil, err
		}
		returned := time.Now()
		select {
		case t := <-at:
			late = append(late, float64(max(t.Sub(returned), 0)))
		case err := <-ended:
			return nil, err
		}
	}
	if err := follower.Close(); err != nil {
		return nil, err
	}
	<-ended // it ends with the graph
	return late, nil
}

// row adds what half and 95 of 100 of the samples take at most.
func row(s *Section, name string, taken samples) {
	s.add(name, "p50", 0, taken.at(0.50), "ns")
	s.add(name, "p95", 0, taken.at(0.95), "ns")
}
