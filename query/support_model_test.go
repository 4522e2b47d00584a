package query_test

import (
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/model"
	"github.com/onrecord/onrecord/internal/modeltest"
	"github.com/onrecord/onrecord/query"
)

// foundations asks how well claims are founded.
func (x *exam) foundations() {
	asked := x.v.Statements(modeltest.Pattern(x.p))
	if ids := x.m.IDs(); len(ids) > 0 {
		x.supportOf(rapid.SampledFrom(ids).Draw(x.t, "support of"))
	}
	for s := range asked {
		x.supportOf(s.ID())
	}

	q := modeltest.Pattern(x.p)
	var want []string
	for _, s := range x.m.SingleSourced(x.l, x.p) {
		want = append(want, x.wantedSupport(s))
	}
	x.same("SingleSourced", answers(x, query.SingleSourced(ctx, x.v, q), x.printSupport), want)

	want = nil
	for _, h := range x.m.SecondHand(x.l, x.p) {
		s := x.names[h.Of.ID]
		for _, r := range h.Heard {
			s += fmt.Sprint(" ", x.names[r.ID], x.entities(r.Through))
		}
		want = append(want, s)
	}
	x.same("SecondHand", answers(x, query.SecondHand(ctx, x.v, q), func(h *query.Hearsay) string {
		s := x.reading(h.Of)
		for _, r := range h.Heard {
			s += fmt.Sprint(" ", x.reading(r.Reading), x.entities(r.Through))
			if r.Through == nil {
				x.found["SecondHand, copied"]++
				if slices.ContainsFunc(h.Heard, func(o *query.Heard) bool {
					return o.Through != nil && slices.Equal(o.Voices[0].Speakers, r.Voices[0].Speakers)
				}) {
					x.found["SecondHand, passed on by its own mouth"]++
				}
			}
		}
		return s
	}), want)

	x.fallout("Fallout of a source", rapid.SampledFrom(x.gen.Sources).Draw(x.t, "source falls"))
	x.fallout("Fallout of a voice", x.entity("voice falls"))
}

// remains asks what falls with a source or a voice, and holds that no claim has more origins then.
func (x *exam) remains(id uuid.UUID) *query.FalloutAnswer {
	a, err := query.Fallout(ctx, x.v, id)
	if err != nil {
		x.t.Fatal(err)
	}
	for _, f := range a.Fallen {
		before, after := len(f.Support.For), len(f.Remains.For)
		if after > before || len(f.Remains.Against) > len(f.Support.Against) {
			x.t.Fatalf("of %s %v, of which more remain: %v", x.reading(f.Reading), x.printSupport(f.Support), x.printSupport(f.Remains))
		}
		if after > 0 && after < before {
			x.found["Fallout, fewer origins remain"]++
		}
		if after == 0 && standing(f.Support.For, a) > 0 {
			x.found["Fallout, nothing remains but copies"]++
		}
	}
	return a
}

func (x *exam) fallout(what string, id uuid.UUID) {
	a := x.remains(id)
	fallen, lost, circular := x.m.Fallout(x.l, id)
	var got, want []string
	for _, f := range a.Fallen {
		slices.SortFunc(f.On, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
		got = append(got, fmt.Sprint(x.reading(f.Reading), x.entities(f.On), x.printSupport(f.Support), x.printSupport(f.Remains)))
	}
	for _, f := range fallen {
		want = append(want, fmt.Sprint(x.names[f.ID], x.entities(f.On), x.wantedSupport(f.Support), x.wantedSupport(f.Remains)))
	}
	x.same(what, got, want)
	got, want = nil, nil
	for _, r := range a.Lost {
		got = append(got, x.reading(r))
	}
	for _, r := range lost {
		want = append(want, x.names[r.ID])
	}
	x.same(what+", lost", got, want)
	x.found[what+", circular"] += len(circular)
	slices.SortFunc(a.Circular, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	x.same(what+", circular", []string{fmt.Sprint(a.Circular)}, []string{fmt.Sprint(circular)})
}

// standing counts the statements of some origins that do not fall.
func standing(list []*query.Origin, a *query.FalloutAnswer) (n int) {
	for _, o := range list {
		for _, u := range o.Utterances {
			for _, r := range u.Statements {
				if !slices.ContainsFunc(a.Fallen, func(f *query.Fallen) bool { return f.ID == r.ID }) {
					n++
				}
			}
		}
	}
	return n
}

func (x *exam) supportOf(id uuid.UUID) {
	a, err := query.Support(ctx, x.v, id)
	w, ok := x.m.Support(x.l, id)
	if ok != (err == nil) || err != nil && !errors.Is(err, graph.ErrNotInView) && !errors.Is(err, graph.ErrRedacted) {
		x.t.Fatalf("Support of %s as of %d: %v, the model can read it: %v", x.names[id], x.v.Position(), err, ok)
	}
	if !ok {
		return
	}
	if x.reading(a.Of) != x.names[w.Of.ID] {
		x.t.Fatalf("Support of %s is that of %s", x.names[w.Of.ID], x.names[a.Of.ID])
	}
	x.same("Support", x.origins(a.For), x.wantedOrigins(w.For))
	x.same("Support, against", x.origins(a.Against), x.wantedOrigins(w.Against))
	for _, o := range a.For {
		statements := 0
		for _, u := range o.Utterances {
			statements += len(u.Statements)
		}
		if statements > len(o.Utterances) {
			x.found["Support, several statements of one utterance"]++
		}
		if len(o.Utterances) > 1 {
			x.found["Support, several utterances of one origin"]++
		}
	}
	if len(a.For) > 1 {
		x.found["Support, several origins"]++
	}
}

func (x *exam) printSupport(a *query.SupportAnswer) string {
	return fmt.Sprint(x.reading(a.Of), x.origins(a.For), x.origins(a.Against))
}

func (x *exam) wantedSupport(s model.Support) string {
	return fmt.Sprint(x.names[s.Of.ID], x.wantedOrigins(s.For), x.wantedOrigins(s.Against))
}

func (x *exam) origins(list []*query.Origin) (all []string) {
	for _, o := range list {
		s := fmt.Sprint(x.entities(o.Speakers))
		for _, u := range o.Utterances {
			s += ":"
			for _, r := range u.Statements {
				s += " " + x.reading(r)
			}
			for _, l := range u.TakenBack {
				s += " taken back: " + x.link(l)
				x.found["Support, taken back"]++
			}
		}
		all = append(all, s)
	}
	return all
}

func (x *exam) wantedOrigins(list []model.Origin) (all []string) {
	for _, o := range list {
		s := fmt.Sprint(x.entities(o.Speakers))
		for _, u := range o.Utterances {
			s += ":"
			for _, r := range u.Statements {
				s += " " + x.names[r.ID]
			}
			for _, l := range x.wantedLinks(u.TakenBack) {
				s += " taken back: " + l
			}
		}
		all = append(all, s)
	}
	return all
}

// entities names things, by their ids where they have no name.
func (x *exam) entities(ids []uuid.UUID) (names []string) {
	for _, id := range ids {
		if x.names[id] == "" {
			x.names[id] = id.String()
		}
		names = append(names, x.names[id])
	}
	return names
}
