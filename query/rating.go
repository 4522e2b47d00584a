package query

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/graph"
)

// RatingDifference is a source or a statement that recorders rate differently in
// one scheme.
type RatingDifference struct {
	Source    uuid.UUID // what is rated: exactly one of the two
	Statement uuid.UUID
	Scheme    string
	// Ratings are the newest of each recorder, in order of recording; at least two
	// of their values differ.
	Ratings []graph.Assessment
}

// RatingDifferences returns where recorders rate a statement that the pattern
// names, or its source, differently in one scheme: for each statement, in the
// view's order, first what there is about its source, unless an earlier statement
// has it, and then about itself, each by the scheme's name. It reads every rating
// of these from the record and nothing else, and keeps the ids of the sources.
func RatingDifferences(ctx context.Context, v graph.View, p graph.Pattern) iter.Seq2[*RatingDifference, error] {
	return func(yield func(*RatingDifference, error) bool) {
		sources := map[uuid.UUID]bool{uuid.Nil: true}
		for s, err := range named(ctx, v, p) {
			if err != nil {
				yield(nil, err)
				return
			}
			things := []uuid.UUID{s.ID()}
			if source := s.Source(); !sources[source] {
				sources[source] = true
				things = []uuid.UUID{source, s.ID()}
			}
			for _, thing := range things {
				found, err := ratingDifferences(ctx, v, thing)
				if err != nil {
					yield(nil, err)
					return
				}
				for _, d := range found {
					if !yield(d, nil) {
						return
					}
				}
			}
		}
	}
}

func ratingDifferences(ctx context.Context, v graph.View, of uuid.UUID) (found []*RatingDifference, err error) {
	if err := ended(ctx); err != nil {
		return nil, err
	}
	ratings, err := v.Assessments(ctx, of)
	if err != nil {
		return nil, fmt.Errorf("query: ratings of %v: %w", of, err)
	}
	newest := make(map[[2]string]bool) // by scheme and recorder
	schemes := make(map[string]*RatingDifference)
	for _, a := range slices.Backward(ratings) {
		by := [2]string{a.Scheme, a.Recorder}
		if newest[by] {
			continue
		}
		newest[by] = true
		d := schemes[a.Scheme]
		if d == nil {
			d = &RatingDifference{Source: a.Source, Statement: a.Statement, Scheme: a.Scheme}
			schemes[a.Scheme] = d
		}
		d.Ratings = append(d.Ratings, a)
	}
	for _, scheme := range slices.Sorted(maps.Keys(schemes)) {
		d := schemes[scheme]
		slices.Reverse(d.Ratings)
		if slices.ContainsFunc(d.Ratings, func(a graph.Assessment) bool { return a.Value != d.Ratings[0].Value }) {
			found = append(found, d)
		}
	}
	return found, nil
}
