package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

// follow prints what is recorded, as it comes, until the context ends.
func (d *desk) follow(ctx context.Context, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("follow: %q is too much: %w", args, errUsage)
	}
	return d.withGraph(ctx, false, func(role context.Context, g *graph.Graph) error {
		role, stop := context.WithCancel(role)
		var lag sync.WaitGroup
		lag.Go(func() { d.tellLag(role, g) })
		err := d.printNew(role, g)
		stop()
		lag.Wait()
		if ctx.Err() != nil {
			return nil // interrupted
		}
		return err
	})
}

// printNew prints what is recorded, and returns why it cannot.
func (d *desk) printNew(ctx context.Context, g *graph.Graph) error {
	view := g.View(nil)
	fmt.Fprintf(d.out, "%d batches are on record\n", view.Position())
	for at := events.Position(d.from); ; at = view.Position() {
		if err := g.Wait(ctx, at+1); err != nil {
			return err
		}
		view = g.View(nil)
		for e, err := range view.Events(ctx, at) {
			if err != nil {
				return err
			}
			s, ok := e.Body.(*events.StatementRecorded)
			if !ok {
				continue
			}
			text, err := query.Line(ctx, view, &s.Statement)
			if err != nil {
				return err
			}
			fmt.Fprintf(d.out, "%d  %s %s  %s\n", e.Position, e.At.UTC().Format(time.TimeOnly), e.Recorder, text)
		}
	}
}

// tellLag says when the record cannot be reached, and when it can again.
func (d *desk) tellLag(ctx context.Context, g *graph.Graph) {
	apart := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(cmp.Or(d.lookEvery, time.Second)):
		}
		within, cancel := context.WithTimeout(ctx, 2*time.Second)
		lag, err := g.Lag(within)
		cancel()
		err = cmp.Or(err, lag.Err)
		if ctx.Err() != nil {
			return
		}
		switch {
		case err != nil && !apart:
			fmt.Fprintf(d.out, "the record cannot be reached: %v\n", err)
		case err == nil && lag.Records > 0:
			fmt.Fprintf(d.out, "%d records behind, since %s\n", lag.Records, lag.Since.UTC().Format(time.TimeOnly))
		case err == nil && apart:
			fmt.Fprintln(d.out, "the record can be reached again")
		}
		apart = err != nil
	}
}

// ask prints what is said about somebody.
func (d *desk) ask(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("ask: about one name, not %d: %w", len(args), errUsage)
	}
	return d.withGraph(ctx, false, func(ctx context.Context, g *graph.Graph) error {
		return d.printAbout(ctx, g, args[0])
	})
}

func (d *desk) printAbout(ctx context.Context, g *graph.Graph, name string) error {
	if err := g.Wait(ctx, events.Position(d.after)); err != nil {
		return err
	}
	view := g.View(nil)
	about := graph.Pattern{Entity: entity(g.NewBatch(ctx, d.name), name).ID}
	if _, err := view.Entity(ctx, about.Entity); errors.Is(err, graph.ErrNotInView) {
		return fmt.Errorf("ask: nobody is registered under the key %q; programs may give other keys, and an organisation is org:%[1]s here, a place place:%[1]s", name)
	} else if err != nil {
		return err
	}
	fmt.Fprintf(d.out, "As of batch %d:\n", view.Position())
	n := 0
	for r, err := range query.Statements(ctx, view, about) {
		if err != nil {
			return err
		}
		text, err := query.Line(ctx, view, &r.Statement)
		if err != nil {
			return err
		}
		n++
		fmt.Fprintf(d.out, "  %s (batch %d, %s)\n", text, r.Position, r.Recorder)
	}
	if n == 0 {
		fmt.Fprintf(d.out, "  nothing is said about %s\n", name)
	}
	for o, err := range query.Oppositions(ctx, view, about) {
		if err != nil {
			return err
		}
		fmt.Fprintf(d.out, "  Batch %d denies what batch %d affirms.\n", o.Denial.Position, o.Affirmation.Position)
	}
	return nil
}
