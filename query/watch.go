package query

import (
	"context"
	"fmt"
	"iter"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// Update is what one position changed in the answers to a question. At least one
// of the lists is not empty.
type Update[T any, K comparable] struct {
	Position events.Position // a watch from here tells the rest
	Came     []T             // new answers, in the question's order
	Went     []K             // the keys of answers no more given, in the order in which they were
}

// WatchOptions change how a question is watched. Nil and zero values mean the
// defaults.
type WatchOptions struct {
	// Lens is what the question is asked through; its AsOf and RecordedBy do not
	// count. Nil: everybody, everything.
	Lens *graph.Lens

	// Touching has patterns for all statements that an answer may rest on. Then
	// the question is asked only as of positions that touch one of them
	// ([graph.View.Touched]), or that revise a source or an entity, bring or undo a
	// verdict, a link, an assessment, a vocabulary, or redact something. Another
	// name of an entity does not have it asked. Nil: every position does.
	Touching []graph.Pattern

	// Newest asks as of the newest position only, wherever several wait. What
	// came and went in between is not told, and what stayed is told as of that
	// position. Default: each position in its turn.
	Newest bool
}

// Watch asks a question again as the record grows, and tells what changes in its
// answers: those that came, and the keys of those that went. A key says which
// answers are the same; of several with one key the first counts. The question
// is any function of a view:
//
//	about := graph.Pattern{Predicate: "meet"}
//	ask := func(ctx context.Context, v graph.View) iter.Seq2[*query.Opposition, error] {
//		return query.Oppositions(ctx, v, about)
//	}
//	key := func(o *query.Opposition) [2]uuid.UUID { return [2]uuid.UUID{o.Denial.ID, o.Affirmation.ID} }
//	for u, err := range query.Watch(ctx, g, seen, ask, key, nil) { … }
//
// If the answers are the statements of a pattern, [WatchStatements] tells the same without
// asking for all of them at each position. Watch is for questions whose answers rest on
// several statements, on sources, links or ratings.
//
// What is known as of the position from is not told; from 0, everything is. A
// position that is not there yet is waited for. So it is where an older copy of the record
// has been put back, and what is recorded up to there is not told: to notice that, keep
// [graph.View.Digest] with the position, and compare it. Positions come in order, each at
// most once and all of its changes at once: who stops, wherever, and watches again
// from the last position that he was told is told exactly the rest. Batches are
// taken in as the graph does: those that it records, and those of other processes
// if [graph.Graph.Follow] runs or [graph.Graph.Refresh] is called. The store need
// not be able to wait.
//
// The sequence ends with an error only: the context's, the question's, or
// graph.ErrClosed when the graph is closed and all that it has taken in is told.
// It may be ranged over again, begins at from again, and may be ranged over by
// several goroutines at once if the question may be asked so. It starts none.
//
// A redaction reaches into every view. What is redacted before it is told is told
// never; what was told goes as of the next position that is asked. Who watches
// again from a position has been told perhaps what is redacted since, which does
// not go once more: [Changes] has it, as Redacted, and so has [graph.View.Events].
//
// It costs the question at each position that is asked, and keeps the keys of all
// answers. A position that touches nothing costs in proportion to what it
// recorded.
func Watch[T any, K comparable](
	ctx context.Context, g *graph.Graph, from events.Position,
	ask func(context.Context, graph.View) iter.Seq2[T, error], key func(T) K, opts *WatchOptions,
) iter.Seq2[*Update[T, K], error] {
	if opts == nil {
		opts = &WatchOptions{}
	}
	return func(yield func(*Update[T, K], error) bool) {
		w := &watcher[T, K]{ask: ask, key: key}
		fail := func(err error) { yield(nil, fmt.Errorf("query: watch: %w", err)) }
		if from > 0 {
			err := g.Wait(ctx, from)
			if err == nil {
				_, err = w.update(ctx, opts.view(g, from))
			}
			if err != nil {
				fail(err)
				return
			}
		}
		for at := from; ; {
			err := ctx.Err()
			if err == nil {
				err = g.Wait(ctx, at+1)
			}
			if err != nil {
				fail(err)
				return
			}
			next := at + 1
			if opts.Newest {
				next = g.View(nil).Position()
			}
			v, after := opts.view(g, next), at
			at = next
			if !opts.touched(v, after) {
				continue
			}
			u, err := w.update(ctx, v)
			if err != nil {
				fail(err)
				return
			}
			if len(u.Came)+len(u.Went) > 0 && !yield(u, nil) {
				return
			}
		}
	}
}

func (o *WatchOptions) view(g *graph.Graph, p events.Position) graph.View {
	l := graph.Lens{AsOf: p}
	if o.Lens != nil {
		l = *o.Lens
		l.AsOf, l.RecordedBy = p, graph.Lens{}.RecordedBy
	}
	return g.View(&l)
}

// touched reports whether the question is to be asked of a view, when it was
// answered as of another position.
func (o *WatchOptions) touched(v graph.View, after events.Position) bool {
	if o.Touching == nil {
		return true
	}
	for c := range v.Changes(after) {
		if c.Revises {
			return true
		}
		switch c.Kind {
		case events.KindIdentityJudged, events.KindStatementsLinked, events.KindAssessed,
			events.KindVocabularyDeclared, events.KindRedacted:
			return true
		}
	}
	for _, p := range o.Touching {
		if v.Touched(p, after) {
			return true
		}
	}
	return false
}

// watcher knows the answers as of the position that was asked last.
type watcher[T any, K comparable] struct {
	ask   func(context.Context, graph.View) iter.Seq2[T, error]
	key   func(T) K
	keys  []K
	known map[K]bool
}

// update asks and returns what has changed.
func (w *watcher[T, K]) update(ctx context.Context, v graph.View) (*Update[T, K], error) {
	u := &Update[T, K]{Position: v.Position()}
	keys := make([]K, 0, len(w.keys))
	known := make(map[K]bool, len(w.keys))
	for answer, err := range w.ask(ctx, v) {
		if err != nil {
			return nil, fmt.Errorf("as of position %d: %w", v.Position(), err)
		}
		k := w.key(answer)
		if known[k] {
			continue
		}
		keys, known[k] = append(keys, k), true
		if !w.known[k] {
			u.Came = append(u.Came, answer)
		}
	}
	for _, k := range w.keys {
		if !known[k] {
			u.Went = append(u.Went, k)
		}
	}
	w.keys, w.known = keys, known
	return u, nil
}
