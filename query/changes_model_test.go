package query_test

import (
	"fmt"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/internal/model"
	"github.com/onrecord/onrecord/internal/modeltest"
	"github.com/onrecord/onrecord/query"
)

// changes compares the view with another: through the same lens at another
// position, or through another lens.
func (x *exam) changes() {
	for range 3 {
		x.change()
	}
}

func (x *exam) change() {
	l := x.gen.Lens(x.t, x.m)
	if rapid.IntRange(0, 2).Draw(x.t, "the same lens") > 0 {
		p := l.AsOf
		l = x.l
		l.AsOf = p
	}
	y := newExam(x.t, x.v.Graph(), x.m, x.gen, l, x.p)
	got, err := query.Changes(ctx, x.v, y.v, modeltest.Pattern(x.p))
	if err != nil {
		x.t.Fatal(err)
	}
	want := x.m.Changes(x.l, l, x.p)

	missing := func(m query.Missing) string {
		s := m.Why.String()
		if m.By != nil {
			s += " by " + x.names[m.By.ID]
			if r, ok := m.By.Body.(*events.Retracted); ok && r.Reason != m.Reason {
				x.t.Fatalf("the reason is %q, want %q", m.Reason, r.Reason)
			}
		}
		return s
	}
	absence := func(s model.OneSided) string {
		if s.By != uuid.Nil {
			s.Why += " by " + x.names[s.By]
		}
		return s.Why
	}
	shift := func(s model.OneSided) string { return fmt.Sprint(s.Came, x.names[s.ID], " ", absence(s)) }
	event := func(e *query.EventChange) string {
		return fmt.Sprint(e.Came, x.names[e.ID], " ", missing(e.Missing))
	}

	statements := func(all []*query.StatementChange, z *exam) (lines []string) {
		for _, s := range all {
			lines = append(lines, "false"+z.reading(s.Reading)+" "+missing(s.Missing))
		}
		return lines
	}
	x.same("Changes, came", statements(got.Came, y), each(want.Came, shift))
	x.same("Changes, went", statements(got.Went, x), each(want.Went, shift))
	x.same("Changes, read anew", each(got.ReadAnew, func(r *query.Rereading) string {
		return fmt.Sprint(x.reading(r.Before), y.reading(r.After), each(r.Splits, event))
	}), each(want.ReadAnew, func(r model.Anew) string {
		return fmt.Sprint(x.names[r.ID], x.names[r.ID], each(r.Splits, shift))
	}))

	identity := func(i *query.IdentityChange) string {
		return fmt.Sprint(x.names[i.Entity], each(i.Parts, x.name), each(i.Verdicts, event))
	}
	joint := func(j model.Joint) string {
		return fmt.Sprint(x.names[j.Entity], each(j.Parts, x.name), each(j.Verdicts, shift))
	}
	x.same("Changes, joined", each(got.Joined, identity), each(want.Joined, joint))
	x.same("Changes, parted", each(got.Parted, identity), each(want.Parted, joint))

	x.same("Changes, names", each(got.Names, func(n *query.NameChange) string {
		return fmt.Sprint(n.Came, n.Name, x.names[n.Member], n.Source, x.names[n.Event], " ", missing(n.Missing))
	}), each(want.Names, func(n model.NameShift) string {
		return fmt.Sprint(n.Came, n.Named.Name, x.names[n.Entity], n.Source, x.names[n.Named.ID], " ",
			absence(n.OneSided))
	}))

	source := func(s *events.Source) string {
		if s == nil {
			return "none"
		}
		return fmt.Sprint(s.Title, s.Authors, s.Publisher, s.Published, s.DerivedFrom)
	}
	x.same("Changes, sources", each(got.Sources, func(s *query.SourceChange) string {
		return fmt.Sprint(s.ID, source(s.Before), source(s.After), each(s.Registrations, event))
	}), each(want.Sources, func(s model.SourceShift) string {
		return fmt.Sprint(s.ID, source(s.Before), source(s.After), each(s.Registrations, shift))
	}))
	x.same("Changes, links", each(got.Links, event), each(want.Links, shift))
	x.same("Changes, assessments", each(got.Assessments, event), each(want.Assessments, shift))
	x.same("Changes, redacted", each(got.Redacted, x.name), each(want.Redacted, x.name))
}

func (x *exam) name(id uuid.UUID) string { return x.names[id] }

// each prints a list.
func each[T any](list []T, print func(T) string) (all []string) {
	for _, a := range list {
		all = append(all, print(a))
	}
	return all
}
