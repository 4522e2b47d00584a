package query

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// WatchStatements is [Watch] with the question [Statements] and their ids as keys, at the
// cost of what is recorded: it tells, as the record grows, which statements a pattern
// names through a lens that it did not name before, and which no more. Nil is the lens of
// everybody and everything; its AsOf and RecordedBy do not count.
//
// What is known as of the position from is not told; from 0, everything is. A position
// that is not there yet is waited for, as Watch does. Positions come in order, each at most
// once and all of its changes at once: who stops, wherever, and watches again from the last
// position that he was told is told exactly the rest. How batches are taken in, how the
// sequence ends and who may range over it, Watch says. Came and Went are in order of
// recording, the redacted last.
//
// What is redacted before it is told is told never. Beyond Watch, Went has the id of every
// statement that the position redacts, whatever the pattern, since nobody can tell any more
// whether it was named and told: so it goes also for who watches again. A source or a rating that is redacted may
// change what a lens with PublishedBy, SaidBy or Rated shows of other statements; that is
// not told.
//
// It keeps nothing but the position, and begins without asking anything. A position costs in
// proportion to what it recorded, and where it touches the pattern ([graph.View.Touched]),
// to what it changed in it; the statements that came are read. Where it also has a verdict
// on whether two entities are one, or, where the lens asks for dates or ratings, a source that
// was registered before, or a rating, it goes through the pattern's statements before and
// after. BenchmarkFeed measures both beside each other.
func WatchStatements(
	ctx context.Context, g *graph.Graph, from events.Position, lens *graph.Lens, p graph.Pattern,
) iter.Seq2[*Update[*graph.Reading, uuid.UUID], error] {
	return func(yield func(*Update[*graph.Reading, uuid.UUID], error) bool) {
		if err := check(p); err != nil {
			yield(nil, err)
			return
		}
		opts := &WatchOptions{Lens: lens}
		for at := from; ; at++ {
			err := ctx.Err()
			if err == nil {
				err = g.Wait(ctx, max(at, at+1)) // after the last that there can be comes none
			}
			var u *Update[*graph.Reading, uuid.UUID]
			if err == nil {
				u, err = changedStatements(ctx, opts.view(g, at+1), p)
			}
			if err != nil {
				yield(nil, fmt.Errorf("query: watch statements: %w", err))
				return
			}
			if len(u.Came)+len(u.Went) > 0 && !yield(u, nil) {
				return
			}
		}
	}
}

// changedStatements returns what the last position of a view changes in the statements
// of a pattern.
func changedStatements(ctx context.Context, v graph.View, p graph.Pattern) (*Update[*graph.Reading, uuid.UUID], error) {
	u := &Update[*graph.Reading, uuid.UUID]{Position: v.Position()}
	before := v.Position() - 1
	if v.Touched(p, before) {
		d := newDiffer(v.AsOf(before), v, p)
		if err := d.sortEvents(ctx); err != nil {
			return nil, err
		}
		old, now, err := d.candidates(ctx)
		if err != nil {
			return nil, err
		}
		for _, s := range old {
			_, err := v.Statement(s.id) // what is redacted meanwhile goes with its redaction
			if !now.has(s) && !errors.Is(err, graph.ErrRedacted) {
				u.Went = append(u.Went, s.id)
			}
		}
		for _, s := range now {
			if old.has(s) {
				continue
			}
			r, err := read(ctx, s.Statement)
			if errors.Is(err, graph.ErrRedacted) {
				continue
			}
			if err != nil {
				return nil, err
			}
			u.Came = append(u.Came, r)
		}
	}
	for c := range v.OtherChanges(before) {
		if c.Kind != events.KindRedacted {
			continue
		}
		e, err := v.Event(ctx, c.Event)
		if err != nil {
			return nil, err
		}
		id := e.Body.(*events.Redacted).Event
		if _, err := v.Statement(id); errors.Is(err, graph.ErrRedacted) {
			u.Went = append(u.Went, id)
		}
	}
	return u, nil
}
