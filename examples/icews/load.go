package main

import (
	"context"
	"fmt"
	"io"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

// loaded is what a load has come to.
type loaded struct {
	rows    int // in the record now, from the table's first on
	batches int // recorded by this load
	new     int // rows recorded by this load
}

// load records a table, size rows at a time, or in as many batches as these take, and
// calls progress with how many rows are in the record after each batch. What is
// recorded already is left out.
//
// A bad row ends it with a *rowError; nothing of its batch is recorded, and the
// batches before it stay. When the context ends, the batch under way is finished
// and the context's error returned.
func load(ctx context.Context, g *graph.Graph, t *table, size int, progress func(rows int)) (done loaded, err error) {
	before := g.View(nil)
	c := newCoder(t, func() *events.Builder { return g.NewBatch(context.WithoutCancel(ctx), recorder) }, func(entity uuid.UUID) bool { return len(before.Cluster(entity)) > 0 })
	opening, err := c.opening()
	if err != nil {
		return done, err
	}
	if _, err := g.Record(ctx, opening); err != nil {
		return done, err
	}
	for done.rows < t.rows() {
		rows, err := t.read(done.rows, min(done.rows+size, t.rows()))
		if err != nil {
			return done, err
		}
		for batch, err := range c.batches(rows) {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				return done, err
			}
			if !recorded(before, batch) {
				receipt, err := g.Record(context.WithoutCancel(ctx), batch)
				if err != nil {
					return done, fmt.Errorf("%s: lines %d to %d: %w", t.path, rows[0].line, rows[len(rows)-1].line, err)
				}
				if receipt.New > 0 {
					done.batches++
				}
			}
			done.rows += statements(batch)
			progress(done.rows)
		}
	}
	of := graph.Pattern{Source: c.source()}
	done.new = query.Count(g.View(nil), of) - query.Count(before, of)
	return done, nil
}

// recorded reports whether a view has all of a batch. That is quicker than
// recording it again, which would compare the contents.
func recorded(v graph.View, b *events.Batch) bool {
	for i := range b.Events {
		if _, err := v.Statement(b.Events[i].ID); err != nil {
			return false
		}
	}
	return true
}

// statements returns how many statements a batch has, each of which is a row.
func statements(b *events.Batch) (n int) {
	for i := range b.Events {
		if b.Events[i].Kind() == events.KindStatementRecorded {
			n++
		}
	}
	return n
}

// print says what the load has done, and what else the record holds.
func (l loaded) print(out io.Writer, t *table, db string, v graph.View) error {
	if l.new == 0 {
		fmt.Fprintf(out, "%s: all %s rows are in %s.\n", t.name, grouped(l.rows), db)
	} else {
		fmt.Fprintf(out, "%s: %s rows in %s, %s of them new, in %d batches.\n", t.name, grouped(l.rows), db, grouped(l.new), l.batches)
	}
	if more := query.Count(v, graph.Pattern{Source: events.Key("source", t.name)}) - l.rows; more > 0 {
		fmt.Fprintf(out, "The record has %s more statements from %s than the file has rows:\nit was loaded in another state before.\n", grouped(more), t.name)
	}
	_, err := fmt.Fprintln(out)
	return err
}
