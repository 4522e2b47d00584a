package query_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/model"
	"github.com/onrecord/onrecord/internal/modeltest"
	"github.com/onrecord/onrecord/query"
)

// connections asks how entities are connected, and by which office.
func (x *exam) connections() {
	most, longest, o := x.pathOptions()
	hops := rapid.IntRange(1, 4).Draw(x.t, "hops")
	var on model.Bound
	if rapid.Bool().Draw(x.t, "on a date") {
		on = model.Bound{Time: x.gen.Time(x.t), Possibly: rapid.Bool().Draw(x.t, "possibly")}
	}
	some := rapid.Permutation(x.gen.Entities).Draw(x.t, "of whom")
	for i, e := range some[:6] {
		x.paths(e, some[i+1], most, longest, o)
		x.paths(e, some[i+1], 5, 4, &query.PathOptions{AtOneTime: true})
		x.neighbours(e, hops, x.without())
		x.same("Holders", answers(x, query.Holders(ctx, x.v, e, graph.Bound(on)), func(t *query.Tenure) string {
			return fmt.Sprint(x.names[t.Office], x.tenure(t.Holder, t))
		}), x.wantedTenures(e, x.m.Holders(x.l, e, on)))
		x.same("Offices", answers(x, query.Offices(ctx, x.v, e, graph.Bound(on)), func(t *query.Tenure) string {
			return fmt.Sprint(x.names[t.Holder], x.tenure(t.Office, t))
		}), x.wantedTenures(e, x.m.Offices(x.l, e, on)))
	}

	organisation := x.entity("organisation")
	var want []string
	for _, m := range x.m.SaidFor(x.l, organisation, x.p) {
		line := fmt.Sprint(x.names[m.ID], m.OwnWord)
		for i, h := range m.Held {
			line += fmt.Sprint(" ", x.names[h.ID], m.Certain[i])
			x.found[fmt.Sprint("SaidFor by office, certainly ", m.Certain[i])]++
		}
		want = append(want, line+" not "+x.wantedList(m.Denied))
	}
	x.same("SaidFor", answers(x, query.SaidFor(ctx, x.v, organisation, modeltest.Pattern(x.p)), func(m *query.Mandate) string {
		line := fmt.Sprint(x.reading(m.Reading), m.OwnWord)
		for _, h := range m.Held {
			line += fmt.Sprint(" ", x.reading(h.Reading), h.Certainly)
		}
		return line + " not " + x.readings(m.Denied)
	}), want)
}

// pathOptions draws which paths to ask for; none at all means 5 of up to 4 hops.
func (x *exam) pathOptions() (most, longest int, o *query.PathOptions) {
	if rapid.Bool().Draw(x.t, "usual paths") {
		return 5, 4, nil
	}
	o = &query.PathOptions{
		Most:      rapid.IntRange(1, 40).Draw(x.t, "most"),
		Longest:   rapid.IntRange(1, 8).Draw(x.t, "longest"),
		AtOneTime: rapid.Bool().Draw(x.t, "at one time"),
		Without:   x.without(),
	}
	return o.Most, o.Longest, o
}

// without draws which kinds of entity are left out, mostly none.
func (x *exam) without() []events.EntityKind {
	return rapid.SampledFrom([][]events.EntityKind{nil, nil, {events.Occurrence}, {events.Placeholder, events.Organisation}}).Draw(x.t, "without")
}

func (x *exam) paths(from, to uuid.UUID, most, longest int, o *query.PathOptions) {
	what := "Paths"
	var without []events.EntityKind
	if o != nil {
		without = o.Without
	}
	if o != nil && o.AtOneTime {
		what = "Paths at one time"
	}
	if len(without) > 0 {
		what += " without some kinds"
	}
	var want []string
	for _, p := range x.m.Paths(x.l, from, to, most, longest, o != nil && o.AtOneTime, without) {
		line := fmt.Sprint(p.Windows, x.names[p.Entities[0]])
		for i, h := range p.Hops {
			line += fmt.Sprintf(" +%s -%s by %v %s", x.wantedList(h.Affirmed), x.wantedList(h.Denied), h.Speakers, x.names[p.Entities[i+1]])
		}
		want = append(want, line)
	}
	x.same(what, answers(x, query.Paths(ctx, x.v, from, to, o), func(p *query.Path) string {
		var windows [][2]int64
		for _, w := range p.Windows {
			windows = append(windows, [2]int64{w.First, w.Last})
		}
		line := fmt.Sprint(windows, x.names[p.Entities[0]])
		for i, h := range p.Hops {
			line += fmt.Sprintf(" +%s -%s by %v %s", x.handles(h.Affirmed), x.handles(h.Denied), h.Speakers, x.names[p.Entities[i+1]])
		}
		return line
	}), want)
}

func (x *exam) neighbours(of uuid.UUID, hops int, without []events.EntityKind) {
	var o *query.NeighbourOptions
	if hops > 1 || len(without) > 0 {
		o = &query.NeighbourOptions{Hops: hops, Without: without}
	}
	var want []string
	for _, n := range x.m.Neighbours(x.l, of, hops, without) {
		line := fmt.Sprint(n.Distance, x.names[n.Entity], n.Statements)
		for _, r := range n.Relations {
			line += fmt.Sprintf(" %s %s +%s -%s", r.Predicate, x.names[r.To], x.wantedList(r.Affirmed), x.wantedList(r.Denied))
		}
		want = append(want, line)
	}
	x.same("Neighbours", answers(x, query.Neighbours(ctx, x.v, of, o), func(n *query.Neighbour) string {
		line := fmt.Sprint(n.Distance, x.names[n.Entity], n.Statements)
		for _, r := range n.Relations {
			line += fmt.Sprintf(" %s %s +%s -%s", r.Predicate, x.names[r.To], x.handles(r.Affirmed), x.handles(r.Denied))
		}
		return line
	}), want)
}

func (x *exam) tenure(other uuid.UUID, t *query.Tenure) string {
	return fmt.Sprint(" ", x.names[other], " +", x.readings(t.Affirmed), t.AffirmedBy, " -", x.readings(t.Denied), t.DeniedBy)
}

func (x *exam) wantedTenures(one uuid.UUID, all []model.Tenure) (lines []string) {
	for _, t := range all {
		lines = append(lines, fmt.Sprint(x.names[x.canonical(one)], " ", x.names[t.Other], " +", x.wantedList(t.Affirmed), t.AffirmedBy,
			" -", x.wantedList(t.Denied), t.DeniedBy))
	}
	return lines
}

func (x *exam) readings(list []*graph.Reading) string {
	var names []string
	for _, r := range list {
		names = append(names, x.reading(r))
	}
	return strings.Join(names, ",")
}

func (x *exam) handles(list []graph.Statement) string {
	var names []string
	for _, s := range list {
		names = append(names, x.names[s.ID()])
	}
	return strings.Join(names, ",")
}

func (x *exam) wantedList(list []model.Reading) string {
	var names []string
	for _, r := range list {
		names = append(names, x.names[r.ID])
	}
	return strings.Join(names, ",")
}

// TestPaths compares paths in records with more ways between fewer entities than
// those of TestModel have.
func TestPaths(t *testing.T) {
	found := make(map[string]int)
	rapid.Check(t, func(t *rapid.T) {
		g, err := graph.Open(ctx, events.NewMem(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		gen := model.NewGen()
		b := events.NewBatch("desk")
		var all []events.EntityRef
		for i := range len(gen.Entities) {
			kind := rapid.SampledFrom([]events.EntityKind{events.Person, events.Person, events.Occurrence, events.Organisation}).Draw(t, "kind")
			all = append(all, b.Entity(kind, fmt.Sprint("e", i)))
			gen.Entities[i] = all[i].ID
		}
		entity := rapid.SampledFrom(all)
		source := b.Source("https://example.org/paths").By(all[0])
		for i := range rapid.IntRange(3, 25).Draw(t, "statements") {
			s := source.Says("meet", entity.Draw(t, "a"), entity.Draw(t, "b")).Locator(fmt.Sprint(i))
			if rapid.IntRange(0, 5).Draw(t, "happens") == 5 {
				s.Occurrence(entity.Draw(t, "occurrence"))
			}
			if rapid.IntRange(0, 4).Draw(t, "denied") == 4 {
				s.Stance("PR-")
			}
			switch rapid.IntRange(0, 3).Draw(t, "dated") {
			case 0:
				s.On(gen.Time(t).String())
			case 1, 2:
				s.On(rapid.SampledFrom([]string{"2025-08-04", "2025-08-05"}).Draw(t, "day"))
			}
		}
		if x, y := entity.Draw(t, "x"), entity.Draw(t, "y"); x != y {
			b.Judge(x, events.Same, y, "")
		}
		batch, err := b.Batch()
		if err != nil {
			t.Fatal(err)
		}
		m := model.New()
		if out := m.Record(*batch, time.Date(2025, 8, 5, 0, 0, 0, 0, time.UTC)); out.Class != model.Recorded {
			t.Fatal(out.Why)
		}
		if _, err := g.Record(ctx, batch); err != nil {
			t.Fatal(err)
		}
		x := newExam(t, g, m, gen, model.Lens{}, model.Pattern{})
		x.found = found
		for range 3 {
			most, longest, o := x.pathOptions()
			x.paths(entity.Draw(t, "from").ID, entity.Draw(t, "to").ID, most, longest, o)
		}
		x.neighbours(entity.Draw(t, "neighbours of").ID, 3, x.without())
	})
	t.Log(found)
}
