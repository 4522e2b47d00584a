package query

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// Candidate is somebody who an entity may be.
type Candidate struct {
	Entity uuid.UUID // in canonical form
	// Verdicts are those that stand between the two, in order of recording: at
	// least one is "unsure", others may be "different".
	Verdicts []*Judgement
}

// Unidentified is somebody or something that nobody has identified.
type Unidentified struct {
	*graph.Entity
	Candidates []Candidate // ascending by id
	Mentions   int         // shown statements that mention it, nested claims included
}

// Placeholders returns the entities that are registered as placeholders and are
// one with nobody identified, in the order in which they were first registered.
// It looks through all entities in memory, and through the lists of each
// placeholder, and reads these and the verdicts on them.
func Placeholders(ctx context.Context, v graph.View) iter.Seq2[*Unidentified, error] {
	return func(yield func(*Unidentified, error) bool) {
		if err := ended(ctx); err != nil {
			yield(nil, err)
			return
		}
		for id := range v.Entities() {
			if err := ended(ctx); err != nil {
				yield(nil, err)
				return
			}
			if !unidentified(v, id) {
				continue
			}
			u, err := placeholder(ctx, v, id)
			if err != nil {
				yield(nil, err)
				return
			}
			if u.Kind == events.Placeholder && !yield(u, nil) { // otherwise redacted meanwhile
				return
			}
		}
	}
}

func placeholder(ctx context.Context, v graph.View, id uuid.UUID) (*Unidentified, error) {
	e, err := v.Entity(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("query: read entity %v: %w", id, err)
	}
	u := &Unidentified{Entity: e}
	for range v.Mentions(id) {
		u.Mentions++
	}
	u.Candidates, err = candidates(ctx, v, id)
	return u, err
}

// unidentified reports whether an entity is a placeholder and one with nobody
// identified.
func unidentified(v graph.View, entity uuid.UUID) bool { return v.Kind(entity) == events.Placeholder }

// candidates reads who an entity may be.
func candidates(ctx context.Context, v graph.View, entity uuid.UUID) (list []Candidate, err error) {
	for _, id := range unsureOf(v, entity) {
		c := Candidate{Entity: id}
		if c.Verdicts, err = between(ctx, v, entity, id); err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

// unsureOf returns the entities that a standing verdict holds to be perhaps the same as one
// that is not identified, in canonical form, ascending, each once: an identified one whichever
// way it was judged, another placeholder only as the verdict's B.
func unsureOf(v graph.View, entity uuid.UUID) (ids []uuid.UUID) {
	own := v.Canonical(entity)
	for _, x := range v.Verdicts(entity) {
		if x.Verdict != events.Unsure {
			continue
		}
		a, b := v.Canonical(x.A), v.Canonical(x.B)
		if b != own {
			ids = append(ids, b)
		}
		if a != own && !unidentified(v, a) {
			ids = append(ids, a)
		}
	}
	slices.SortFunc(ids, compareIDs)
	return slices.Compact(ids)
}
