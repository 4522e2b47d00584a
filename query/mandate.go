package query

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"math"
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
// pattern names where that is shorter. Of the holdings it looks only at those that
// cover the time of a statement: beside the walks it costs in proportion to the
// statements and holdings, with the logarithm of the holdings, and to all that Held
// and Denied name in the answers. It reads each statement when its turn comes, and
// each holding when the first answer names it; answers share its reading. It keeps
// 48 bytes for each statement, about 200 for each holding, and the readings of
// the holdings that answers have named.
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
		for holder := range held.by {
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
// organisation.
type holdings struct {
	v   graph.View
	all []officeholding // in order of recording
	by  map[uuid.UUID]*holder
}

type officeholding struct {
	ranked
	when    edtf.Constraint
	reading *graph.Reading // nil until it is read
}

// holder has the times at which somebody is said to hold an office, and those at which he
// is said not to.
type holder struct{ held, denied terms }

func holdingsIn(ctx context.Context, v graph.View, organisation uuid.UUID) (*holdings, error) {
	var found recorded
	p := graph.Pattern{Predicate: events.HoldPosition, Args: []graph.Fill{{Entity: organisation}}}
	for s, err := range walk(ctx, v.Statements(p)) {
		if err != nil {
			return nil, err
		}
		for role, e := range s.Entities() {
			if e == organisation && role != events.RoleHolder && role != events.RolePosition {
				found = append(found, rank(s))
			}
		}
	}
	for _, office := range partsOf(v, organisation) {
		p.Args[0] = graph.Fill{Role: events.RolePosition, Entity: office}
		for s, err := range walk(ctx, v.Statements(p)) {
			if err != nil {
				return nil, err
			}
			found = append(found, rank(s))
		}
	}
	h := &holdings{v: v, by: make(map[uuid.UUID]*holder)}
	for _, s := range found.sorted() {
		if !affirms(s.Statement) && !denies(s.Statement) {
			continue
		}
		x := officeholding{ranked: s, when: s.Constraint()}
		for _, who := range inRole(s.Statement, events.RoleHolder) {
			if h.by[who] == nil {
				h.by[who] = new(holder)
			}
			list := &h.by[who].held
			if denies(s.Statement) {
				list = &h.by[who].denied
			}
			for _, w := range possibly(s.Statement) {
				*list = append(*list, term{Window: w, holding: len(h.all)})
			}
		}
		h.all = append(h.all, x)
	}
	for _, who := range h.by {
		who.held.index()
		who.denied.index()
	}
	return h, nil
}

// mandate returns what makes a statement one for the organisation, nil if nothing
// does.
func (h *holdings) mandate(ctx context.Context, s graph.Statement, ownWord bool) (*Mandate, error) {
	earliest, latest := s.Said()
	speakers, _ := s.Speakers(0)
	held := h.covering(speakers, earliest, latest, func(who *holder) terms { return who.held })
	if !ownWord && len(held) == 0 {
		return nil, nil
	}
	r, err := read(ctx, s)
	if err != nil {
		return nil, err
	}
	m := &Mandate{Reading: r, OwnWord: ownWord}
	first, last := stretch(earliest, earliest), stretch(latest, latest)
	for _, i := range held {
		r, err := h.read(ctx, i)
		if errors.Is(err, graph.ErrRedacted) {
			continue
		}
		if err != nil {
			return nil, err
		}
		when := h.all[i].when
		m.Held = append(m.Held, Held{r, len(when.Stretches) == 0 ||
			when.Certainly(edtf.Overlaps, first) && when.Certainly(edtf.Overlaps, last)})
	}
	if !ownWord && len(m.Held) == 0 {
		return nil, nil
	}
	for _, i := range h.covering(speakers, earliest, latest, func(who *holder) terms { return who.denied }) {
		r, err := h.read(ctx, i)
		if errors.Is(err, graph.ErrRedacted) {
			continue
		}
		if err != nil {
			return nil, err
		}
		m.Denied = append(m.Denied, r)
	}
	return m, nil
}

// covering returns the places of the holdings by some holders that may cover an instant
// from the earliest to the latest, in order.
func (h *holdings) covering(holders []uuid.UUID, earliest, latest int64, some func(*holder) terms) (found []int) {
	for _, e := range holders {
		if who := h.by[e]; who != nil {
			found = some(who).meeting(earliest, latest, found)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// read returns the reading of a holding, which is the one of before unless it has been
// redacted meanwhile.
func (h *holdings) read(ctx context.Context, i int) (*graph.Reading, error) {
	x := &h.all[i]
	if x.reading != nil && x.Shows(h.v) {
		return x.reading, nil
	}
	r, err := read(ctx, x.Statement)
	x.reading = r
	return r, err
}

// terms are windows in which holdings may be so, by their beginnings: a tree whose root
// is in the middle, and so on in each half.
type terms []term

type term struct {
	Window
	until   int64 // the latest end in its part of the tree
	holding int   // its place among all
}

func (l terms) index() {
	slices.SortFunc(l, func(a, b term) int { return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.holding, b.holding)) })
	l.extend()
}

func (l terms) extend() (until int64) {
	if len(l) == 0 {
		return math.MinInt64
	}
	mid := len(l) / 2
	l[mid].until = max(l[mid].Last, l[:mid].extend(), l[mid+1:].extend())
	return l[mid].until
}

// meeting appends the holdings whose windows have an instant from first to last.
func (l terms) meeting(first, last int64, found []int) []int {
	mid := len(l) / 2
	if len(l) == 0 || l[mid].until < first {
		return found
	}
	found = l[:mid].meeting(first, last, found)
	if l[mid].First > last {
		return found
	}
	if l[mid].Last >= first {
		found = append(found, l[mid].holding)
	}
	return l[mid+1:].meeting(first, last, found)
}

// stretch returns a window.
func stretch(first, last int64) edtf.Constraint {
	return edtf.Constraint{Stretches: []edtf.Stretch{{StartMin: first, StartMax: last, EndMin: first, EndMax: last}}}
}
