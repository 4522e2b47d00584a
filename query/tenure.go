package query

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// Tenure is what is said on whether somebody holds an office, in order of
// recording.
type Tenure struct {
	Holder uuid.UUID // in canonical form; empty: nobody, or nobody known, see the claims
	Office uuid.UUID // in canonical form; empty: likewise

	Affirmed []*graph.Reading
	Denied   []*graph.Reading
	// AffirmedBy and DeniedBy are who says so: the speakers of the origins, in
	// canonical form, each once, in the order of the statements.
	AffirmedBy []uuid.UUID
	DeniedBy   []uuid.UUID
}

// Holders returns who holds or held an office or position on a date, for all that
// is said. A bound says whether the claims' times must overlap the date certainly
// or possibly, as [graph.Pattern] has it; a claim without a time always does, and
// the zero Bound asks for any time. The holders are in order of recording of the
// first statement about each, those of one statement by their ids. It walks the
// posting list of the office, keeps a few words for each of its holdings, and reads
// each when its turn comes.
func Holders(ctx context.Context, v graph.View, office uuid.UUID, on graph.Bound) iter.Seq2[*Tenure, error] {
	return tenures(ctx, v, graph.Fill{Role: events.RolePosition, Entity: office}, on, events.RoleHolder,
		func(holder uuid.UUID) *Tenure { return &Tenure{Holder: holder, Office: v.Canonical(office)} })
}

// Offices returns which offices and positions somebody holds or held on a date, as
// [Holders] does for an office.
func Offices(ctx context.Context, v graph.View, holder uuid.UUID, on graph.Bound) iter.Seq2[*Tenure, error] {
	return tenures(ctx, v, graph.Fill{Role: events.RoleHolder, Entity: holder}, on, events.RolePosition,
		func(office uuid.UUID) *Tenure { return &Tenure{Holder: v.Canonical(holder), Office: office} })
}

// tenures yields what is said of one end of holdings, by who is at the other.
func tenures(ctx context.Context, v graph.View, one graph.Fill, on graph.Bound, other string,
	with func(uuid.UUID) *Tenure) iter.Seq2[*Tenure, error] {
	return func(yield func(*Tenure, error) bool) {
		if err := ended(ctx); err != nil {
			yield(nil, err)
			return
		}
		if one.Entity == uuid.Nil {
			return
		}
		var order []uuid.UUID
		said := make(map[uuid.UUID]recorded)
		p := graph.Pattern{Predicate: events.HoldPosition, Args: []graph.Fill{one}, During: on}
		all, err := inOrder(ctx, v.Statements(p))
		if err != nil {
			yield(nil, err)
			return
		}
		for _, s := range all {
			if !affirms(s.Statement) && !denies(s.Statement) {
				continue
			}
			others := inRole(s.Statement, other)
			if len(others) == 0 {
				others = []uuid.UUID{uuid.Nil}
			}
			slices.SortFunc(others, compareIDs)
			for _, e := range slices.Compact(others) {
				if said[e] == nil {
					order = append(order, e)
				}
				said[e] = append(said[e], s)
			}
		}
		for _, e := range order {
			t := with(e)
			if err := t.read(ctx, said[e]); err != nil {
				yield(nil, err)
				return
			}
			if len(t.Affirmed)+len(t.Denied) > 0 && !yield(t, nil) {
				return
			}
		}
	}
}

func (t *Tenure) read(ctx context.Context, said recorded) error {
	for _, s := range said {
		r, err := read(ctx, s.Statement)
		if errors.Is(err, graph.ErrRedacted) {
			continue
		}
		if err != nil {
			return err
		}
		speakers, _ := s.Speakers(0)
		if affirms(s.Statement) {
			t.Affirmed, t.AffirmedBy = append(t.Affirmed, r), append(t.AffirmedBy, speakers...)
		} else {
			t.Denied, t.DeniedBy = append(t.Denied, r), append(t.DeniedBy, speakers...)
		}
	}
	t.AffirmedBy, t.DeniedBy = eachOnce(t.AffirmedBy), eachOnce(t.DeniedBy)
	return nil
}
