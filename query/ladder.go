package query

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// LadderAnswer is how surely what is said about an occurrence is held, and what
// is said about the occurrences that it is part of or that are part of it.
type LadderAnswer struct {
	Rungs   []Rung
	Related []Related
}

// Rung is one statement about an occurrence. When it is to be and when it was
// said are in the reading: Claim.When and Voices[0].Said.
type Rung struct {
	*graph.Reading
	Stance   events.Stance // the origin's
	Speakers []uuid.UUID   // the origin, in canonical form, each once
	For      []uuid.UUID   // those it speaks for, likewise
}

// Related is an entity tied to the occurrence and what is said about it.
type Related struct {
	Occurrence uuid.UUID        // in canonical form
	Ties       []*graph.Reading // the statements that tie it, in order of recording
	Rungs      []Rung           // may be none
}

// Ladder returns who holds how surely what is said about an occurrence, the
// least sure first. An occurrence that nobody speaks about gets an answer without
// rungs.
func Ladder(ctx context.Context, v graph.View, occurrence uuid.UUID) (*LadderAnswer, error) {
	if err := ended(ctx); err != nil {
		return nil, err
	}
	answer := new(LadderAnswer)
	if occurrence == uuid.Nil {
		return answer, nil
	}
	var err error
	if answer.Rungs, err = rungs(ctx, v, occurrence); err != nil {
		return nil, err
	}
	at := make(map[uuid.UUID]int)
	all, err := inOrder(ctx, ties(v, occurrence, events.RolePart), ties(v, occurrence, events.RoleWhole))
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		tie, err := read(ctx, s.Statement)
		if errors.Is(err, graph.ErrRedacted) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, o := range tied(s.Statement, v.Canonical(occurrence)) {
			i, known := at[o]
			if !known {
				i = len(answer.Related)
				at[o] = i
				r := Related{Occurrence: o}
				if r.Rungs, err = rungs(ctx, v, o); err != nil {
					return nil, err
				}
				answer.Related = append(answer.Related, r)
			}
			answer.Related[i].Ties = append(answer.Related[i].Ties, tie)
		}
	}
	return answer, nil
}

// tied returns the entities that a statement ties to one, ascending, each once.
func tied(s graph.Statement, to uuid.UUID) (found []uuid.UUID) {
	part, whole := inRole(s, events.RolePart), inRole(s, events.RoleWhole)
	if slices.Contains(part, to) {
		found = append(found, whole...)
	}
	if slices.Contains(whole, to) {
		found = append(found, part...)
	}
	slices.SortFunc(found, compareIDs)
	return slices.DeleteFunc(slices.Compact(found), func(id uuid.UUID) bool { return id == to })
}

func rungs(ctx context.Context, v graph.View, occurrence uuid.UUID) (list []Rung, err error) {
	said, err := inOrder(ctx, v.Statements(graph.Pattern{Occurrence: occurrence}))
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(said, func(a, b ranked) int {
		return cmp.Compare(a.Stance().Certainty, b.Stance().Certainty)
	})
	for _, s := range said {
		r, err := read(ctx, s.Statement)
		if errors.Is(err, graph.ErrRedacted) {
			continue
		}
		if err != nil {
			return nil, err
		}
		speakers, fors := s.Speakers(0)
		list = append(list, Rung{r, s.Stance(), eachOnce(speakers), eachOnce(fors)})
	}
	return list, nil
}

// eachOnce leaves out repetitions and keeps the order.
func eachOnce(ids []uuid.UUID) (once []uuid.UUID) {
	var seen map[uuid.UUID]bool // of a long list
	if len(ids) > 16 {
		seen = make(map[uuid.UUID]bool)
	}
	for _, id := range ids {
		if seen[id] || seen == nil && slices.Contains(once, id) {
			continue
		}
		if seen != nil {
			seen[id] = true
		}
		once = append(once, id)
	}
	return once
}

func compareIDs(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }
