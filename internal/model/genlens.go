package model

import (
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events"
)

// Lens draws a way to look at the record: any position, and mostly few filters.
func (g *Gen) Lens(t *rapid.T, m *Model) Lens {
	l := Lens{
		AsOf:        events.Position(number(t, 0, int(m.Last())+1, "as of")),
		SaidBy:      g.bound(t, "said by"),
		PublishedBy: g.bound(t, "published by"),
		Valid:       g.bound(t, "valid"),
	}
	if chance(t, 10, "recorded by") {
		l.RecordedBy = g.clock.Add(time.Duration(number(t, -20, 1, "hours ago")) * time.Hour)
		if n := len(m.batches); n > 0 && chance(t, 50, "to the nanosecond") {
			l.RecordedBy = pick(t, m.batches, "batch").at.
				Add(time.Duration(number(t, -1, 1, "nanoseconds")))
		}
	}
	if chance(t, 25, "according to") {
		for range number(t, 1, 2, "voices") {
			l.According = append(l.According, pick(t, g.Entities, "according"))
		}
	}
	if chance(t, 15, "least") {
		l.Least = events.Certainty(number(t, 1, 4, "certainty"))
	}
	if chance(t, 25, "rated") {
		for range number(t, 1, 2, "policies") {
			p := Policy{Scheme: pick(t, schemes, "of scheme"), Required: chance(t, 30, "required")}
			for _, r := range ratings {
				if chance(t, 50, "good enough") {
					p.Values = append(p.Values, r)
				}
			}
			if chance(t, 50, "rated by") {
				for range number(t, 1, 2, "who rate") {
					p.By = append(p.By, pick(t, append([]string{"nobody"}, recorders...), "rater"))
				}
			}
			l.Rated = append(l.Rated, p)
		}
	}
	return l
}

func (g *Gen) bound(t *rapid.T, label string) Bound {
	if !chance(t, 20, label) {
		return Bound{}
	}
	return Bound{Time: g.Time(t), Possibly: chance(t, 50, "possibly")}
}

// Pattern draws what to ask for: one thing mostly, sometimes several or none.
func (g *Gen) Pattern(t *rapid.T, m *Model) Pattern {
	var p Pattern
	entity := func() uuid.UUID { return pick(t, g.Entities, "entity") }
	for range pick(t, []int{1, 0, 1, 1, 2, 3}, "parts of the pattern") {
		switch number(t, 0, 13, "part") {
		case 0:
			p.Predicate = pick(t, predicates, "predicate")
		case 1:
			p.Entity = entity()
		case 2:
			p.Args = append(p.Args, Fill{Role: pick(t, append([]string{""}, roles...), "role"), Entity: entity()})
		case 3:
			p.Occurrence = entity()
		case 4:
			p.Origin = entity()
		case 5:
			p.Voice = entity()
		case 6:
			p.Source = pick(t, g.Sources, "source")
		case 7:
			if ids := m.IDs(); len(ids) > 0 {
				p.Refers = pick(t, ids, "refers to")
			}
		case 8:
			p.Form = events.Form(number(t, 1, 5, "form"))
		case 9:
			p.During = Bound{Time: g.Time(t), Possibly: chance(t, 50, "possibly")}
		case 10:
			p.Polarity = events.Polarity(number(t, 1, 3, "polarity"))
		case 11:
			p.AboutNobody = true
		case 12:
			p.Recorder = pick(t, append([]string{"nobody"}, recorders...), "recorded by")
		case 13:
			p.Addressee = entity()
		}
	}
	return p
}

// Condition draws a condition, mostly on the last few positions.
func (g *Gen) Condition(t *rapid.T, m *Model) Condition {
	back := number(t, 0, min(4, int(m.Last())), "positions back")
	return Condition{Nothing: g.Pattern(t, m), After: m.Last() - events.Position(back)}
}
