package model

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// verdicts returns the standing verdicts of one kind.
func (s *state) verdicts(v events.Verdict) (found []*events.IdentityJudged) {
	for _, e := range s.entries {
		if b, ok := e.Body.(*events.IdentityJudged); ok && e.standing && b.Verdict == v {
			found = append(found, b)
		}
	}
	return found
}

// cluster returns the entities held to be the same as one, itself included, in
// ascending order. An entity that nobody registered is alone.
func (s *state) cluster(id uuid.UUID) []uuid.UUID {
	same := s.verdicts(events.Same)
	found := []uuid.UUID{id}
	for i := 0; i < len(found); i++ {
		for _, v := range same {
			if v.A == found[i] && !slices.Contains(found, v.B) {
				found = append(found, v.B)
			}
			if v.B == found[i] && !slices.Contains(found, v.A) {
				found = append(found, v.A)
			}
		}
	}
	return sorted(found)
}

func (s *state) canonical(id uuid.UUID) uuid.UUID { return s.cluster(id)[0] }

// one reports whether two ids are held to be one entity.
func (s *state) one(a, b uuid.UUID) bool { return slices.Contains(s.cluster(a), b) }

func (s *state) checkVerdict(b *events.IdentityJudged) error {
	switch b.Verdict {
	case events.Same:
		for _, d := range s.verdicts(events.Different) {
			if s.one(b.A, d.A) && s.one(b.B, d.B) || s.one(b.A, d.B) && s.one(b.B, d.A) {
				return fmt.Errorf("%v and %v are held to be different", d.A, d.B)
			}
		}
	case events.Different:
		if s.one(b.A, b.B) {
			return fmt.Errorf("%v and %v are held to be the same", b.A, b.B)
		}
	}
	return nil
}
