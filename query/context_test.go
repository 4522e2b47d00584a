package query_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

// ask puts a question and returns how many answers there are, and the errors.
type ask func(ctx context.Context, v graph.View) (answers int, errs []error)

// questions are all that take a context: about somebody, about what a pattern names, about
// a statement.
func questions(g *graph.Graph, who uuid.UUID, p graph.Pattern, statement uuid.UUID) map[string]ask {
	return map[string]ask{
		"AccordingTo": func(ctx context.Context, v graph.View) (int, []error) {
			return outcome(query.AccordingTo(ctx, v, who, p))
		},
		"Changes": func(ctx context.Context, v graph.View) (int, []error) {
			return single(query.Changes(ctx, g.View(&graph.Lens{According: []uuid.UUID{uuid.Max}}), v, p))
		},
		"Conflicts": func(ctx context.Context, v graph.View) (int, []error) { return outcome(query.Conflicts(ctx, v, p)) },
		"Deadlines": func(ctx context.Context, v graph.View) (int, []error) {
			return outcome(query.Deadlines(ctx, v, p, edtf.Time{}))
		},
		"Disputes": func(ctx context.Context, v graph.View) (int, []error) { return outcome(query.Disputes(ctx, v, p)) },
		"Fallout":  func(ctx context.Context, v graph.View) (int, []error) { return single(query.Fallout(ctx, v, who)) },
		"Holders": func(ctx context.Context, v graph.View) (int, []error) {
			return outcome(query.Holders(ctx, v, who, graph.Bound{}))
		},
		"Ladder": func(ctx context.Context, v graph.View) (int, []error) { return single(query.Ladder(ctx, v, who)) },
		"Line": func(ctx context.Context, v graph.View) (int, []error) {
			return single(query.Line(ctx, v, &events.Statement{}))
		},
		"Links": func(ctx context.Context, v graph.View) (int, []error) { return outcome(query.Links(ctx, v, p)) },
		"Neighbours": func(ctx context.Context, v graph.View) (int, []error) {
			return outcome(query.Neighbours(ctx, v, who, nil))
		},
		"Offices": func(ctx context.Context, v graph.View) (int, []error) {
			return outcome(query.Offices(ctx, v, who, graph.Bound{}))
		},
		"Oppositions": func(ctx context.Context, v graph.View) (int, []error) { return outcome(query.Oppositions(ctx, v, p)) },
		"Paths": func(ctx context.Context, v graph.View) (int, []error) {
			return outcome(query.Paths(ctx, v, who, uuid.Max, nil))
		},
		"Placeholders": func(ctx context.Context, v graph.View) (int, []error) { return outcome(query.Placeholders(ctx, v)) },
		"Predictions": func(ctx context.Context, v graph.View) (int, []error) {
			return outcome(query.Predictions(ctx, v, p, edtf.Time{}))
		},
		"RatingDifferences": func(ctx context.Context, v graph.View) (int, []error) {
			return outcome(query.RatingDifferences(ctx, v, p))
		},
		"Replies": func(ctx context.Context, v graph.View) (int, []error) { return outcome(query.Replies(ctx, v, p)) },
		"Said": func(ctx context.Context, v graph.View) (int, []error) {
			return outcome(query.Said(ctx, v, who, who, nil))
		},
		"SaidFor":       func(ctx context.Context, v graph.View) (int, []error) { return outcome(query.SaidFor(ctx, v, who, p)) },
		"SecondHand":    func(ctx context.Context, v graph.View) (int, []error) { return outcome(query.SecondHand(ctx, v, p)) },
		"Stances":       func(ctx context.Context, v graph.View) (int, []error) { return outcome(query.Stances(ctx, v, p)) },
		"Shifts":        func(ctx context.Context, v graph.View) (int, []error) { return outcome(query.Shifts(ctx, v, p)) },
		"SingleSourced": func(ctx context.Context, v graph.View) (int, []error) { return outcome(query.SingleSourced(ctx, v, p)) },
		"Spellings":     func(ctx context.Context, v graph.View) (int, []error) { return outcome(query.Spellings(ctx, v, who)) },
		"Statements":    func(ctx context.Context, v graph.View) (int, []error) { return outcome(query.Statements(ctx, v, p)) },
		"Support": func(ctx context.Context, v graph.View) (int, []error) {
			return single(query.Support(ctx, v, statement))
		},
		"Timeline": func(ctx context.Context, v graph.View) (int, []error) {
			return outcome(query.Timeline(ctx, v, who, nil))
		},
		"Traces": func(ctx context.Context, v graph.View) (int, []error) { return outcome(query.Traces(ctx, v, who)) },
		"Watch": func(ctx context.Context, v graph.View) (int, []error) {
			all := func(ctx context.Context, v graph.View) iter.Seq2[*graph.Reading, error] {
				return query.Statements(ctx, v, p)
			}
			return outcome(query.Watch(ctx, g, 0, all, func(r *graph.Reading) uuid.UUID { return r.ID }, nil))
		},
		"WatchStatements": func(ctx context.Context, v graph.View) (int, []error) {
			return outcome(query.WatchStatements(ctx, g, 0, nil, p))
		},
		"WhySame": func(ctx context.Context, v graph.View) (int, []error) {
			return single(query.WhySame(ctx, v, who, uuid.Max))
		},
		"Words": func(ctx context.Context, v graph.View) (int, []error) {
			return single(query.Words(ctx, v, statement, ""))
		},
		"Worklist": func(ctx context.Context, v graph.View) (int, []error) { return outcome(query.Worklist(ctx, v, p, nil)) },
		"Deadline_Others": func(ctx context.Context, v graph.View) (int, []error) {
			return outcome((&query.Deadline{Reading: &graph.Reading{}}).Others(ctx))
		},
	}
}

// A context that has ended is the answer to every question, whether there is something to
// answer or not.
func TestContextEnds(t *testing.T) {
	d := newDesk(t)
	a, b := d.Person("A"), d.Person("B")
	said := d.story().Says("meet", a, b).ID()
	d.record()
	ended, cancel := context.WithCancel(ctx)
	cancel()
	v := d.g.View(nil)
	for what, asked := range map[string]map[string]ask{
		"of somebody": questions(d.g, a.ID, all, said),
		"of nobody":   questions(d.g, uuid.Nil, graph.Pattern{Predicate: "x"}, uuid.Nil),
	} {
		for name, q := range asked {
			if n, errs := q(ended, v); n != 0 || len(errs) != 1 || !errors.Is(errs[0], context.Canceled) {
				t.Errorf("%s %s: %d answers and %v, want one error, that of the context", name, what, n, errs)
			}
		}
		for _, q := range questionsIn(t, ".") {
			if asked[q] == nil && q != "Count" && q != "Edges" {
				t.Errorf("%s is not asked", q)
			}
		}
	}
}

// lasting is a context that ends when it has been looked at some times.
type lasting struct {
	context.Context
	looks int
}

func (c *lasting) Err() error {
	if c.looks--; c.looks < 0 {
		return context.DeadlineExceeded
	}
	return nil
}

// A question about many statements can be stopped wherever it is, also before it reads the
// first.
func TestContextEndsOnTheWay(t *testing.T) {
	d := newDesk(t)
	a, b := d.Person("A"), d.Person("B")
	src := d.story()
	var said uuid.UUID
	for i := range 300 {
		said = src.Reports(a, "meet", b).Occurrence(a).Arg("what", events.Text(fmt.Sprint(i), "")).ID()
	}
	d.record()
	v := d.g.View(nil)
	few := []string{"Line", "Placeholders", "Traces", "Watch", "WatchStatements", "WhySame", "Words", "Changes", "Paths", "Deadline_Others"}
	for name, q := range questions(d.g, a.ID, all, said) {
		if slices.Contains(few, name) { // these look at no list, or at all events
			continue
		}
		stopped := 0
		for looks := 1; looks < 4096; looks *= 2 {
			n, errs := q(&lasting{ctx, looks}, v)
			if len(errs) == 0 {
				break
			}
			if stopped++; len(errs) != 1 || !errors.Is(errs[0], context.DeadlineExceeded) || n > looks {
				t.Errorf("%s at look %d: %d answers and %v", name, looks, n, errs)
			}
		}
		if stopped == 0 {
			t.Errorf("%s looks at its context at the beginning only", name)
		}
	}
}

func outcome[T any](seq func(func(T, error) bool)) (n int, errs []error) {
	for _, err := range seq {
		if err != nil {
			errs = append(errs, err)
		} else {
			n++
		}
	}
	return n, errs
}

func single[T any](_ T, err error) (n int, errs []error) {
	if err != nil {
		return 0, []error{err}
	}
	return 1, nil
}
