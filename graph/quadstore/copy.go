package quadstore

import (
	"context"
	"fmt"
	"io"

	"github.com/cayleygraph/quad"

	"github.com/onrecord/onrecord/graph"
)

// CopyOptions change how a view is copied. Nil and zero values mean the defaults.
type CopyOptions struct {
	// Batch is how many quads are handed to the writer at once; it is exceeded by
	// what one statement has, since no statement is divided. Default: 10,000.
	Batch int
	// Progress is told how many quads are written and how many there are: once
	// before the first batch and once after each. They are equal in the end, if
	// nothing was redacted meanwhile. Default: nobody is told, and the quads are
	// not counted beforehand, which walks the view and reads no texts.
	Progress func(written, total int64)
}

const defaultBatch = 10_000

// Copy writes all quads of a view, each once, and returns how many were written:
// into a store of Cayley's, for those who run one, or into a file.
//
//	w, err := store.NewQuadWriter() // Cayley's; or nquads.NewWriter(file)
//	n, err := quadstore.Copy(ctx, w, g.View(nil), nil)
//
// Entities come first, then sources, then statements in the order in which they
// came to stand. A batch holds all quads of the statements in it, so that a store
// which takes it in one transaction never shows half of one. No more than one batch
// is kept in memory. The writer is not closed; one that keeps quads back, as the
// writers of files do, has to be.
//
// No quad is left out in silence. An error says how many quads were written before
// it: a text that cannot be read from the record, whatever the writer answers, or
// the context's error when that has ended, which is seen between two quads, not
// inside the writer. What a redaction hides meanwhile is written no more.
//
// To repeat a copy of the same view, after an error too, adds what is missing, where
// the store takes a quad twice without an error: Cayley's do, unless ignore_duplicate
// is switched off. A copy removes nothing: copy a later view, or through another
// lens, into an empty store. And it is no view any more: a redaction that comes
// later does not reach into it.
func Copy(ctx context.Context, w quad.BatchWriter, v graph.View, opts *CopyOptions) (n int64, err error) {
	if opts == nil {
		opts = &CopyOptions{}
	}
	c := copier{store: New(v), w: w, size: opts.Batch, progress: opts.Progress}
	if c.size <= 0 {
		c.size = defaultBatch
	}
	if err := c.run(ctx); err != nil {
		return c.written, fmt.Errorf("quadstore: copy: after %d quads: %w", c.written, err)
	}
	return c.written, nil
}

// copier is a copy under way.
type copier struct {
	store          *Store
	w              quad.BatchWriter
	size           int
	batch          []quad.Quad
	written, total int64
	progress       func(written, total int64) // or nil
}

func (c *copier) run(ctx context.Context) error {
	if err := c.count(ctx); err != nil {
		return err
	}
	var walk cursor
	for walk.start(ctx, c.store, link{}); walk.next(ctx); {
		if err := c.add(ctx, walk.link); err != nil {
			return err
		}
		if len(c.batch) < c.size || len(walk.links) > 0 {
			continue
		}
		if err := c.write(); err != nil {
			return err
		}
	}
	if walk.err != nil || len(c.batch) == 0 {
		return walk.err
	}
	return c.write()
}

// count counts what there is for those who want to know.
func (c *copier) count(ctx context.Context) error {
	if c.progress == nil {
		return nil
	}
	var walk cursor
	for walk.start(ctx, c.store, link{}); walk.next(ctx); {
		c.total++
	}
	if walk.err == nil {
		c.progress(0, c.total)
	}
	return walk.err
}

// add puts a quad into the batch, if it has not been redacted since the walk came
// to it.
func (c *copier) add(ctx context.Context, l link) error {
	q, err := c.store.quad(ctx, l)
	if err != nil {
		return err
	}
	for d := quad.Subject; d <= quad.Label; d++ {
		if l.at(d) != 0 && q.Get(d) == nil {
			return nil
		}
	}
	c.batch = append(c.batch, q)
	return nil
}

// write hands the batch to the writer.
func (c *copier) write() error {
	n, err := c.w.WriteQuads(c.batch)
	c.written += int64(n)
	if err == nil && n != len(c.batch) {
		err = io.ErrShortWrite
	}
	if err != nil {
		return err
	}
	c.batch = c.batch[:0]
	if c.progress != nil {
		c.progress(c.written, c.total)
	}
	return nil
}
