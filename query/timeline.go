package query

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/option"
)

// Item is one statement of a timeline.
type Item struct {
	*graph.Reading
	Dated     bool // the claim has a time
	Uncertain bool // the time leaves more than one day open; see the package comment
}

// TimelineOptions say which part of a timeline is wanted.
type TimelineOptions struct {
	Skip int // how many entries are passed over, without being read; 0: none
}

// Timeline returns what is said about an entity, or about an occurrence, in order
// of the claims' times, what is undated last. It keeps a few words for each
// statement about the entity. It reads them ahead, 16 at first and later up to 4,096,
// so that those which were recorded together are read together.
//
// The list is made, and sorted, anew each time that the sequence is ranged over. Whoever shows
// it page by page keeps what [iter.Pull2] returns. Who cannot keep anything between two pages
// asks for the next one with Skip, and of the same view: through the same lens, whose AsOf is
// the position of the first page ([graph.View.Position]). There the same number stands for the
// same entries, unless one of them is redacted meanwhile, which moves up those after it. On a
// later view what has been recorded since may stand anywhere.
func Timeline(ctx context.Context, v graph.View, entity uuid.UUID, o *TimelineOptions) iter.Seq2[*Item, error] {
	return func(yield func(*Item, error) bool) {
		skip := 0
		if o != nil {
			skip = o.Skip
		}
		if err := option.Count("Skip", &skip, 0, math.MaxInt); err != nil {
			yield(nil, fmt.Errorf("query: timeline: %w", err))
			return
		}
		list, err := chronicle(ctx, v, entity)
		if err != nil {
			yield(nil, err)
			return
		}
		list = list[min(skip, len(list)):]
		at := func(i int) ranked { return list[i].ranked }
		for i, r := range readAhead(ctx, v, len(list), at) {
			if r.err != nil {
				yield(nil, r.err)
				return
			}
			if !yield(&Item{Reading: r.Reading, Dated: list[i].ok, Uncertain: uncertain(r.Claim.When.Time)}, nil) {
				return
			}
		}
	}
}

// readAhead reads n statements ahead, 16 at first and later up to 4,096, so that those
// which were recorded together are read together, and yields them in their order, each
// with its error and its place. What has been redacted, perhaps since it was read, is
// left out. After an error it stops.
func readAhead(ctx context.Context, v graph.View, n int, at func(i int) ranked) iter.Seq2[int, result] {
	return func(yield func(int, result) bool) {
		back := false
		for from, ahead := 0, 16; from < n; ahead = min(4*ahead, 4096) {
			next := make([]ranked, min(ahead, n-from))
			for i := range next {
				next[i] = at(from + i)
			}
			for i, r := range readTogether(ctx, next, back) {
				if errors.Is(r.err, graph.ErrRedacted) || !next[i].Shows(v) {
					continue
				}
				r.err = cmp.Or(ended(ctx), r.err)
				if !yield(from+i, r) || r.err != nil {
					return
				}
			}
			from, back = from+len(next), !back
		}
	}
}

// result is what came of reading a statement.
type result struct {
	*graph.Reading
	err error
}

// readTogether reads statements in the order in which they were recorded, or back from
// the last, which the graph's cache has if they were read before, and returns them in
// their own, each with its error: one that cannot be read is no reason to keep back those
// that come before it. Those that come after it have its error if they are not read any
// more.
func readTogether(ctx context.Context, list []ranked, back bool) []result {
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return list[i].compare(list[j]) })
	if back {
		slices.Reverse(order)
	}
	results := make([]result, len(list))
	failed := len(list) // the first that cannot be read
	for _, i := range order {
		r := &results[i]
		if i > failed {
			r.err = results[failed].err
			continue
		}
		r.Reading, r.err = read(ctx, list[i].Statement)
		if r.err != nil && !errors.Is(r.err, graph.ErrRedacted) {
			failed = i
		}
	}
	return results
}

// dated is a statement with the bounds of its claim's time.
type dated struct {
	ranked
	earliest, latest int64
	ok               bool
}

// chronicle returns the statements about an entity in order of time.
func chronicle(ctx context.Context, v graph.View, entity uuid.UUID) (list []dated, err error) {
	if entity == uuid.Nil {
		return nil, ended(ctx)
	}
	for s, err := range walk(ctx, v.Statements(graph.Pattern{Entity: entity})) {
		if err != nil {
			return nil, err
		}
		d := dated{ranked: rank(s)}
		d.earliest, d.latest, d.ok = s.When()
		list = append(list, d)
	}
	slices.SortFunc(list, func(a, b dated) int {
		if a.ok != b.ok {
			if a.ok {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.earliest, b.earliest), cmp.Compare(a.latest, b.latest), a.compare(b.ranked))
	})
	return list, nil
}

// uncertain reports whether a time leaves more than one day open.
func uncertain(t edtf.Time) bool {
	if t.IsZero() {
		return false
	}
	if t.Uncertain() || t.Approximate() {
		return true
	}
	c := t.Constraint()
	switch c.Combine {
	case edtf.Throughout:
		s := c.Stretches[0]
		return day(s.StartMin) != day(s.StartMax) || day(s.EndMin) != day(s.EndMax)
	case edtf.AllOf:
		return slices.ContainsFunc(c.Stretches, func(s edtf.Stretch) bool { return day(s.StartMin) != day(s.EndMax) })
	default:
		return day(t.Earliest()) != day(t.Latest())
	}
}

const secondsPerDay = 24 * 60 * 60

// day numbers the days of UTC by an instant in seconds.
func day(sec int64) int64 {
	d := sec / secondsPerDay
	if sec%secondsPerDay < 0 {
		d--
	}
	return d
}
