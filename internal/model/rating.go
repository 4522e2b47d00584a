package model

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// RatingDifference is one scheme in which recorders rate a thing differently.
type RatingDifference struct {
	Scheme  string
	Ratings []uuid.UUID // the newest of each recorder, in order of recording
}

// RatingDifferences returns where recorders rate a source or statement
// differently, by the scheme's name.
func (m *Model) RatingDifferences(p events.Position, target uuid.UUID) (found []RatingDifference) {
	var counts []*entry
	for _, e := range m.asOf(p).standing() {
		b, ok := e.Body.(*events.Assessed)
		if ok && !e.redacted && (b.Source == target || b.Statement == target) {
			counts = append(counts, e)
		}
	}
	rating := func(e *entry) *events.Assessed { return e.Body.(*events.Assessed) }
	superseded := func(e *entry) bool {
		later := counts[slices.Index(counts, e)+1:]
		return slices.ContainsFunc(later, func(o *entry) bool {
			return o.Recorder == e.Recorder && rating(o).Scheme == rating(e).Scheme
		})
	}
	for _, e := range counts {
		scheme := rating(e).Scheme
		if slices.ContainsFunc(found, func(d RatingDifference) bool { return d.Scheme == scheme }) {
			continue
		}
		d, differ := RatingDifference{Scheme: scheme}, false
		for _, a := range counts {
			if rating(a).Scheme != scheme || superseded(a) {
				continue
			}
			d.Ratings = append(d.Ratings, a.ID)
			for _, b := range counts {
				differ = differ || rating(b).Scheme == scheme && !superseded(b) && rating(a).Value != rating(b).Value
			}
		}
		if differ {
			found = append(found, d)
		}
	}
	slices.SortFunc(found, func(a, b RatingDifference) int { return cmp.Compare(a.Scheme, b.Scheme) })
	return found
}
