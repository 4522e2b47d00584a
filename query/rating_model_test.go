package query_test

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/internal/model"
	"github.com/onrecord/onrecord/internal/modeltest"
	"github.com/onrecord/onrecord/query"
)

// ratings asks where recorders rate differently what a pattern names, and what
// the view shows.
func (x *exam) ratings() {
	x.ratingsOf(x.p)
	x.ratingsOf(model.Pattern{})
}

func (x *exam) ratingsOf(p model.Pattern) {
	print := func(source, statement uuid.UUID, scheme string, ratings []uuid.UUID) string {
		s := fmt.Sprint(source, " ", x.names[statement], " ", scheme)
		for _, id := range ratings {
			s += " " + x.names[id]
		}
		return s
	}
	var want []string
	asked := map[uuid.UUID]bool{}
	add := func(source, statement uuid.UUID) {
		target := source
		if source == uuid.Nil {
			target = statement
		}
		if asked[target] {
			return
		}
		asked[target] = true
		for _, d := range x.m.RatingDifferences(x.v.Position(), target) {
			want = append(want, print(source, statement, d.Scheme, d.Ratings))
		}
	}
	named := x.m.Statements(x.l, p)
	x.inOrder(named) // sorts them
	for _, r := range named {
		if r.Statement.Source != uuid.Nil {
			add(r.Statement.Source, uuid.Nil)
		}
		add(uuid.Nil, r.ID)
	}
	x.same("RatingDifferences", answers(x, query.RatingDifferences(ctx, x.v, modeltest.Pattern(p)), func(d *query.RatingDifference) string {
		var ids []uuid.UUID
		for _, a := range d.Ratings {
			ids = append(ids, a.ID)
		}
		return print(d.Source, d.Statement, d.Scheme, ids)
	}), want)
}
