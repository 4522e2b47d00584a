package model

import (
	"slices"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/internal/seed"
)

var _ = seed.Fix()

// draw fills a model with drawn batches.
func draw(t *rapid.T, batches int, each func(*Gen, *Model, Outcome)) (*Gen, *Model) {
	g, m := NewGen(), New()
	for range batches {
		b, at := g.Batch(t, m)
		if chance(t, 30, "as of") {
			asOf := m.Last() - events.Position(number(t, 0, min(4, int(m.Last())), "positions back"))
			b.AsOf = &asOf
		}
		var conds []Condition
		if m.Last() > 0 && chance(t, 20, "conditional") {
			conds = append(conds, g.Condition(t, m))
		}
		each(g, m, m.RecordIf(b, at, conds...))
	}
	return g, m
}

// What is recorded always hangs together.
func TestInvariants(t *testing.T) {
	classes := map[Class]int{}
	kinds := map[events.Kind]int{}
	rapid.Check(t, func(t *rapid.T) {
		g, m := draw(t, 30, func(_ *Gen, _ *Model, out Outcome) { classes[out.Class]++ })
		s := m.state()
		if e := s.dangling(); e != nil {
			t.Errorf("%v stands and misses %s", e.ID, s.missing(e.Body))
		}
		if e := s.bereft(); e != nil {
			t.Errorf("%v is replaced by what has fallen", e.ID)
		}
		for _, d := range s.verdicts(events.Different) {
			if s.one(d.A, d.B) {
				t.Errorf("%v and %v are same and different", d.A, d.B)
			}
		}
		for _, e := range s.entries {
			kinds[e.Kind()]++
		}
		m.Statements(g.Lens(t, m), g.Pattern(t, m))
	})
	t.Log(classes, kinds)
	for c := Recorded; c <= Refused; c++ {
		if classes[c] == 0 {
			t.Errorf("nothing was %v", c)
		}
	}
	for k := events.KindSourceAdded; k <= events.KindVocabularyDeclared; k++ {
		if kinds[k] == 0 {
			t.Errorf("no %v was recorded", k)
		}
	}
}

// An undo restores exactly what was there. Two things may keep it from that: a
// circle of derivations, in which no source can be restored; and that a
// retraction which is restored is carried out anew, so that it may remove less
// than it did.
func TestUndoRestores(t *testing.T) {
	undone, circles, anew := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		_, m := draw(t, 20, func(*Gen, *Model, Outcome) {})
		one := func(name string, b events.Body) Outcome {
			return m.Record(events.Batch{Events: []events.Event{{ID: events.Key(name), Body: b}}}, m.state().at)
		}
		before := m.state()
		target := pick(t, before.standing(), "target")
		if one("retract", &events.Retracted{Event: target.ID, Cascade: chance(t, 70, "cascade")}).Class != Recorded {
			return
		}
		if out := one("undo", &events.Retracted{Event: events.Key("retract")}); out.Class != Recorded {
			if !before.circular() {
				t.Errorf("the undo is %v: %s", out.Class, out.Why)
			}
			circles++
			return
		}
		undone++
		after := m.state()
		for _, e := range before.entries {
			got := after.find(e.ID)
			if got.standing == e.standing && got.replaced == e.replaced && got.remover == e.remover {
				continue
			}
			if target.Kind() == events.KindRetracted {
				anew++
				break
			}
			t.Errorf("%v %v: standing %v replaced %v by %v, was %v %v %v", e.Kind(), e.ID,
				got.standing, got.replaced, got.remover, e.standing, e.replaced, e.remover)
		}
	})
	t.Logf("undone %d, of these %d anew; refused %d", undone, anew, circles)
}

// circular reports whether a source that stands could not be recorded again.
func (s *state) circular() bool {
	return slices.ContainsFunc(s.standing(), func(e *entry) bool {
		b, ok := e.Body.(*events.SourceAdded)
		return ok && s.checkDerivation(b.Source) != nil
	})
}

// The model reads dates as package edtf does.
func TestDates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := NewGen()
		a, w := g.Time(t), g.Time(t)
		if a.IsZero() || w.IsZero() {
			return
		}
		if got, want := overlaps(a, Bound{w, true}), a.Possibly(edtf.Overlaps, w); got != want {
			t.Errorf("%v possibly overlaps %v: %v, edtf says %v", a, w, got, want)
		}
		if got, want := overlaps(a, Bound{w, false}), a.Certainly(edtf.Overlaps, w); got != want {
			t.Errorf("%v certainly overlaps %v: %v, edtf says %v", a, w, got, want)
		}
		aFirst, aLast := parse(a.String()).bounds()
		wFirst, wLast := parse(w.String()).bounds()
		if (aLast <= wLast) != (a.Latest() <= w.Latest()) || (aFirst <= wLast) != (a.Earliest() <= w.Latest()) ||
			(aFirst <= wFirst) != (a.Earliest() <= w.Earliest()) {
			t.Errorf("bounds of %v and %v", a, w)
		}
	})
}

// A view as of an earlier position shows what was shown then, redactions aside.
func TestAsOf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		then := map[events.Position][]uuid.UUID{}
		_, m := draw(t, 15, func(_ *Gen, m *Model, _ Outcome) { then[m.Last()] = shownIDs(m, Lens{}) })
		for p, ids := range then {
			now := shownIDs(m, Lens{AsOf: p})
			hidden := m.state()
			want := slices.DeleteFunc(slices.Clone(ids), func(x uuid.UUID) bool { return hidden.find(x).redacted })
			if p > 0 && !slices.Equal(now, want) {
				t.Errorf("as of %d: %v, then %v", p, now, want)
			}
		}
	})
}

func shownIDs(m *Model, l Lens) (ids []uuid.UUID) {
	for _, r := range m.Statements(l, Pattern{}) {
		ids = append(ids, r.ID)
	}
	return ids
}
