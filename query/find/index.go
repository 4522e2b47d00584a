package find

import (
	"context"
	"errors"
	"fmt"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// What a caller can act on.
var (
	// ErrInUse says that another Index, of this process or another, has the file
	// open. One in memory can be opened meanwhile.
	ErrInUse = errors.New("another index has the file open")
	// ErrNotIndex says that the file is not one of this package's, or that too
	// little is left of it to tell. It has not been touched.
	ErrNotIndex = errors.New("not the file of an index")
	// ErrClosed says that the index is closed.
	ErrClosed = errors.New("index is closed")
)

// Index finds words and names in the record of one graph. The package comment
// says what it holds.
//
// Its methods may be called from several goroutines at once; they follow one
// another where they use the index, and run side by side where they read the
// record.
type Index struct {
	g    *graph.Graph
	path string

	// turn holds the database while nobody uses it, nil when the index is closed.
	turn   chan *database
	forget func() // ends being told of erasures
}

// Open opens the index in the file at path, or makes it, and takes in what the
// graph has seen. The path "" or ":memory:" keeps it in memory. The directory
// must exist. What the file holds of another record, of another version of this
// package, or of a file that is damaged is dropped and made anew, which takes as
// long as making it did. The error is ErrInUse if another Index has the file
// open, and ErrNotIndex if the file is something else.
//
// The graph stays the caller's, who closes it, and its store, after the index.
func Open(ctx context.Context, g *graph.Graph, path string) (*Index, error) {
	return openIndex(ctx, g, path, "")
}

// openIndex is Open on a disk, which has a name with the driver.
func openIndex(ctx context.Context, g *graph.Graph, path, disk string) (*Index, error) {
	if path == ":memory:" {
		path = ""
	}
	x := &Index{g: g, path: path, turn: make(chan *database, 1)}
	d, err := openDatabase(ctx, path, disk)
	if err != nil {
		return nil, x.wrap("open", explain(ctx, err))
	}
	err = d.using(ctx, func() error {
		if err := d.identify(ctx, g); err != nil {
			return err
		}
		return d.takeIn(ctx, g)
	})
	if err != nil {
		d.close()
		return nil, x.wrap("open", err)
	}
	x.turn <- d
	x.forget = g.OnErase(func(ctx context.Context) error {
		if err := x.Refresh(ctx); err != nil && !errors.Is(err, ErrClosed) {
			return err
		}
		return nil
	})
	if err := x.Refresh(ctx); err != nil { // nobody has told of what has been erased since
		x.Close()
		return nil, err
	}
	return x, nil
}

// Close writes what is left to write and ends the index. Calls under way end
// first; those after it end with ErrClosed.
func (x *Index) Close() error {
	x.forget()
	d := <-x.turn
	x.turn <- nil
	if d == nil {
		return x.wrap("close", ErrClosed)
	}
	if err := d.close(); err != nil {
		return x.wrap("close", err)
	}
	return nil
}

// Refresh takes in what the graph has seen. A question does so by itself where
// its view has seen more than the index; redactions that the graph has seen since
// leave the file only with the next one.
func (x *Index) Refresh(ctx context.Context) error {
	return x.wrap("refresh", x.use(ctx, func(d *database) error { return d.takeIn(ctx, x.g) }))
}

// ask calls f when the index has taken in what a view has seen, which must be of
// its graph: another one's may have the same positions.
func (x *Index) ask(ctx context.Context, v graph.View, f func(*database) error) error {
	if v.Graph() != x.g {
		return errors.New("the view is not of the index's graph")
	}
	return x.use(ctx, func(d *database) error {
		if d.position < v.Position() {
			if err := d.takeIn(ctx, x.g); err != nil {
				return err
			}
		}
		return f(d)
	})
}

// use calls f with the database, alone. If the database turns out to be damaged
// it is made anew and f is called again.
func (x *Index) use(ctx context.Context, f func(*database) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var d *database
	select {
	case d = <-x.turn:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { x.turn <- d }()
	if d == nil {
		return ErrClosed
	}
	return d.using(ctx, func() error { return f(d) })
}

func (x *Index) wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	if x.path != "" {
		what += " " + x.path
	}
	return fmt.Errorf("find: %s: %w", what, err)
}

// rowOf numbers what the index has of an event, in order of recording. A batch has
// fewer than 1<<16 events.
func rowOf(p events.Position, index int) int64 { return int64(p)<<16 | int64(index) }
