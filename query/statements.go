package query

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// Statements returns the statements that the pattern names, in full, in the
// view's order. Each is read when its turn comes.
func Statements(ctx context.Context, v graph.View, p graph.Pattern) iter.Seq2[*graph.Reading, error] {
	return readAll(ctx, v.Statements(p), p)
}

// Count returns how many statements the pattern names: none if [graph.Pattern.Check] refuses
// it. It reads nothing from the record.
func Count(v graph.View, p graph.Pattern) int {
	n := 0
	for range v.Statements(p) {
		n++
	}
	return n
}

// AccordingTo returns the statements that the pattern names and whose origin is
// somebody or speaks for him, in the view's order. What others say and he passes on
// is not his: that a paper reports it, graph.Pattern's Voice asks for.
func AccordingTo(ctx context.Context, v graph.View, who uuid.UUID, p graph.Pattern) iter.Seq2[*graph.Reading, error] {
	return readAll(ctx, originating(v, who, p), p)
}

// originating returns the statements that the pattern names and whose origin is
// somebody or speaks for him.
func originating(v graph.View, who uuid.UUID, p graph.Pattern) iter.Seq[graph.Statement] {
	return func(yield func(graph.Statement) bool) {
		if who == uuid.Nil {
			return
		}
		own := p
		own.Origin = who
		also := v.Canonical(p.Origin) // the pattern's own origin must hold as well
		for s := range v.Statements(own) {
			if (also == uuid.Nil || isOrigin(s, also)) && !yield(s) {
				return
			}
		}
	}
}

// SaidOptions narrow what [Said] returns.
type SaidOptions struct {
	QuotesOnly bool // only what is in the speaker's own words
}

// Said returns the statements about somebody or something whose origin is
// somebody or speaks for him, in the view's order, whoever reports them: for those of
// one paper ask for Statements with graph.Pattern{Origin: who, Entity: about, Voice:
// paper}. Nil options mean all forms.
func Said(ctx context.Context, v graph.View, who, about uuid.UUID, opts *SaidOptions) iter.Seq2[*graph.Reading, error] {
	p := graph.Pattern{Entity: about}
	if opts != nil && opts.QuotesOnly {
		p.Form = events.Quote
	}
	if about == uuid.Nil {
		who = uuid.Nil
	}
	return AccordingTo(ctx, v, who, p)
}

// isOrigin reports whether the origin is an entity, in canonical form, or speaks
// for it.
func isOrigin(s graph.Statement, who uuid.UUID) bool {
	speakers, fors := s.Speakers(0)
	return slices.Contains(speakers, who) || slices.Contains(fors, who)
}

// readAll reads statements, unless one of the patterns by which they were asked for makes no
// sense.
func readAll(ctx context.Context, list iter.Seq[graph.Statement], asked ...graph.Pattern) iter.Seq2[*graph.Reading, error] {
	return func(yield func(*graph.Reading, error) bool) {
		for _, p := range asked {
			if err := check(p); err != nil {
				yield(nil, err)
				return
			}
		}
		for s, err := range walk(ctx, list) {
			var r *graph.Reading
			if err == nil {
				r, err = read(ctx, s)
			}
			if errors.Is(err, graph.ErrRedacted) {
				continue
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

// walk yields statements, and the context's error in place of those that are left when it
// has ended: it looks at the beginning and at every 256th.
func walk(ctx context.Context, list iter.Seq[graph.Statement]) iter.Seq2[graph.Statement, error] {
	return func(yield func(graph.Statement, error) bool) {
		if err := ended(ctx); err != nil {
			yield(graph.Statement{}, err)
			return
		}
		n := 0
		for s := range list {
			var err error
			if n++; n%256 == 0 {
				err = ended(ctx)
			}
			if !yield(s, err) || err != nil {
				return
			}
		}
	}
}

// named yields the statements that a caller's pattern names, as walk does, or why it makes no
// sense.
func named(ctx context.Context, v graph.View, p graph.Pattern) iter.Seq2[graph.Statement, error] {
	return func(yield func(graph.Statement, error) bool) {
		if err := check(p); err != nil {
			yield(graph.Statement{}, err)
			return
		}
		walk(ctx, v.Statements(p))(yield)
	}
}

// check refuses a caller's pattern that makes no sense.
func check(p graph.Pattern) error {
	if err := p.Check(); err != nil {
		return fmt.Errorf("query: pattern: %w", err)
	}
	return nil
}

// ended returns the context's error.
func ended(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("query: %w", err)
	}
	return nil
}

func read(ctx context.Context, s graph.Statement) (*graph.Reading, error) {
	if err := ended(ctx); err != nil {
		return nil, err
	}
	r, err := s.Load(ctx)
	if err != nil {
		return nil, fmt.Errorf("query: read statement %v: %w", s.ID(), err)
	}
	return r, nil
}

// ranked is a statement with its place in order of recording.
type ranked struct {
	graph.Statement
	id       uuid.UUID
	position events.Position
	index    int
}

func rank(s graph.Statement) ranked { return ranked{s, s.ID(), s.Position(), s.Index()} }

func (a ranked) compare(b ranked) int {
	return cmp.Or(cmp.Compare(a.position, b.position), cmp.Compare(a.index, b.index))
}

// recorded are statements in order of recording, each once.
type recorded []ranked

// namedInOrder returns the statements that a caller's pattern names.
func namedInOrder(ctx context.Context, v graph.View, p graph.Pattern) (recorded, error) {
	if err := check(p); err != nil {
		return nil, err
	}
	return inOrder(ctx, v.Statements(p))
}

func inOrder(ctx context.Context, lists ...iter.Seq[graph.Statement]) (recorded, error) {
	var all recorded
	for _, list := range lists {
		for s, err := range walk(ctx, list) {
			if err != nil {
				return nil, err
			}
			all = append(all, rank(s))
		}
	}
	return all.sorted(), nil
}

// ranks puts statements in order.
func ranks(list []graph.Statement) (all recorded) {
	for _, s := range list {
		all = append(all, rank(s))
	}
	return all.sorted()
}

func (l recorded) sorted() recorded {
	slices.SortFunc(l, ranked.compare)
	return slices.CompactFunc(l, func(a, b ranked) bool { return a.compare(b) == 0 })
}

func (l recorded) has(s ranked) bool {
	_, found := slices.BinarySearchFunc(l, s, ranked.compare)
	return found
}
