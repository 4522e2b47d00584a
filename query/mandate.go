package query

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
)

// Mandate is a statement made for an organisation, and what makes it so.
type Mandate struct {
	*graph.Reading
	// OwnWord says that the statement has it so itself: its origin is the
	// organisation or speaks for it.
	OwnWord bool
	// Held are the statements, in order of recording, by which one of the origin's
	// speakers held an office of the organisation when it was said; Denied are
	// those by which he did not. There may be both.
	Held   []Held
	Denied []*graph.Reading
}

// Held is a statement by which somebody held an office.
type Held struct {
	*graph.Reading
	Certainly bool // it certainly covers the time at which something was said; otherwise it may
}

// SaidFor returns the statements that the pattern names and that were made for an
// organisation, in order of recording: by their own word, or because of an office
// that a speaker held, as the package comment defines it.
//
// It walks the posting lists of what is part of the organisation, of these
// offices' holdings, and of what their holders said, or the shortest that the
// pattern names where that is shorter. It keeps a few words for each of these
// holdings and statements, and reads each when its turn comes.
func SaidFor(ctx context.Context, v graph.View, organisation uuid.UUID, p graph.Pattern) iter.Seq2[*Mandate, error] {
	return func(yield func(*Mandate, error) bool) {
		if err := cmp.Or(ended(ctx), check(p)); err != nil {
			yield(nil, err)
			return
		}
		if organisation == uuid.Nil {
			return
		}
		organisation := v.Canonical(organisation)
		held, err := holdingsIn(ctx, v, organisation)
		if err != nil {
			yield(nil, err)
			return
		}
		said := []iter.Seq[graph.Statement]{originating(v, organisation, p)}
		for holder := range held {
			said = append(said, originating(v, holder, p))
		}
		all, err := inOrder(ctx, said...)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, s := range all {
			if err := ended(ctx); err != nil {
				yield(nil, err)
				return
			}
			m, err := held.mandate(ctx, s.Statement, isOrigin(s.Statement, organisation))
			if errors.Is(err, graph.ErrRedacted) {
				continue
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if m != nil && !yield(m, nil) {
				return
			}
		}
	}
}

// holdings are what is said, for and against, about who holds an office of an
// organisation, by holder.
type holdings map[uuid.UUID]recorded

func holdingsIn(ctx context.Context, v graph.View, organisation uuid.UUID) (holdings, error) {
	held := make(holdings)
	add := func(s graph.Statement) {
		if !affirms(s) && !denies(s) {
			return
		}
		for _, holder := range inRole(s, events.RoleHolder) {
			held[holder] = append(held[holder], rank(s))
		}
	}
	p := graph.Pattern{Predicate: events.HoldPosition, Args: []graph.Fill{{Entity: organisation}}}
	for s, err := range walk(ctx, v.Statements(p)) {
		if err != nil {
			return nil, err
		}
		for role, e := range s.Entities() {
			if e == organisation && role != events.RoleHolder && role != events.RolePosition {
				add(s)
			}
		}
	}
	for _, office := range partsOf(v, organisation) {
		p.Args[0] = graph.Fill{Role: events.RolePosition, Entity: office}
		for s, err := range walk(ctx, v.Statements(p)) {
			if err != nil {
				return nil, err
			}
			add(s)
		}
	}
	for holder, list := range held {
		held[holder] = list.sorted()
	}
	return held, nil
}

// mandate returns what makes a statement one for the organisation, nil if nothing
// does.
func (h holdings) mandate(ctx context.Context, s graph.Statement, ownWord bool) (*Mandate, error) {
	var relied recorded
	speakers, _ := s.Speakers(0)
	for _, e := range speakers {
		relied = append(relied, h[e]...)
	}
	earliest, latest := s.Said()
	relied = slices.DeleteFunc(relied.sorted(), func(x ranked) bool {
		return !x.Constraint().Possibly(edtf.Overlaps, stretch(earliest, latest))
	})
	if !ownWord && !slices.ContainsFunc(relied, func(x ranked) bool { return affirms(x.Statement) }) {
		return nil, nil
	}
	r, err := read(ctx, s)
	if err != nil {
		return nil, err
	}
	m := &Mandate{Reading: r, OwnWord: ownWord}
	for _, x := range relied {
		r, err := read(ctx, x.Statement)
		if errors.Is(err, graph.ErrRedacted) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if denies(x.Statement) {
			m.Denied = append(m.Denied, r)
			continue
		}
		when := x.Constraint()
		m.Held = append(m.Held, Held{r, len(when.Stretches) == 0 ||
			when.Certainly(edtf.Overlaps, stretch(earliest, earliest)) && when.Certainly(edtf.Overlaps, stretch(latest, latest))})
	}
	if !ownWord && len(m.Held) == 0 {
		return nil, nil
	}
	return m, nil
}

// stretch returns a window.
func stretch(first, last int64) edtf.Constraint {
	return edtf.Constraint{Stretches: []edtf.Stretch{{StartMin: first, StartMax: last, EndMin: first, EndMax: last}}}
}
