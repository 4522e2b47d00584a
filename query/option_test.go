package query_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
	"github.com/onrecord/onrecord/query/relations"
)

// A pattern with a form or a polarity that there is not is refused by all that can.
func TestPatternCheck(t *testing.T) {
	d := newDesk(t)
	p := d.people(2)
	d.story().Says("meet", p[0], p[1])
	d.record()
	v := d.g.View(nil)
	ask := func(p graph.Pattern) map[string][]error {
		_, changes := query.Changes(ctx, v.AsOf(0), v, p)
		_, relation := relations.New(ctx, v, p, nil)
		return map[string][]error{
			"Statements":        failures(query.Statements(ctx, v, p)),
			"AccordingTo":       failures(query.AccordingTo(ctx, v, d.Person("nobody").ID, p)),
			"SaidFor":           failures(query.SaidFor(ctx, v, d.Person("nobody").ID, p)),
			"Oppositions":       failures(query.Oppositions(ctx, v, p)),
			"Conflicts":         failures(query.Conflicts(ctx, v, p)),
			"Shifts":            failures(query.Shifts(ctx, v, p)),
			"Links":             failures(query.Links(ctx, v, p)),
			"Disputes":          failures(query.Disputes(ctx, v, p)),
			"Replies":           failures(query.Replies(ctx, v, p)),
			"Predictions":       failures(query.Predictions(ctx, v, p, edtf.Time{})),
			"Deadlines":         failures(query.Deadlines(ctx, v, p, edtf.Time{})),
			"SingleSourced":     failures(query.SingleSourced(ctx, v, p)),
			"SecondHand":        failures(query.SecondHand(ctx, v, p)),
			"Stances":           failures(query.Stances(ctx, v, p)),
			"RatingDifferences": failures(query.RatingDifferences(ctx, v, p)),
			"Worklist":          failures(query.Worklist(ctx, v, p, nil)),
			"Changes":           {changes},
			"relations.New":     {relation},
		}
	}
	const form, polarity = "Form is Form(99): want one of quote, paraphrase, heading, presupposed, inferred",
		"Polarity is Polarity(9): want one of affirmed, denied, undetermined"
	for want, p := range map[string]graph.Pattern{form: {Form: 99}, polarity: {Form: events.Inferred, Polarity: 9}} {
		for name, got := range ask(p) {
			if len(got) != 1 || got[0] == nil || !strings.HasSuffix(got[0].Error(), ": "+want) {
				t.Errorf("%s: %v, want %s", name, got, want)
			}
		}
		for u, err := range query.WatchStatements(ctx, d.g, 0, nil, p) {
			if err == nil || !strings.HasSuffix(err.Error(), want) {
				t.Errorf("WatchStatements: %v, %v, want %s", u, err, want)
			}
			break
		}
		if n := query.Count(v, p); n != 0 {
			t.Errorf("%d statements", n)
		}
	}
	for name, got := range ask(graph.Pattern{Form: events.Inferred, Polarity: events.Undetermined}) {
		for _, err := range got {
			if err != nil {
				t.Errorf("%s, of the last that there are: %v", name, err)
			}
		}
	}
}

// What makes no sense is refused at the edge, with what would be right, whatever there is to
// answer, and not answered with nothing.
func TestOptions(t *testing.T) {
	d := newDesk(t)
	p := d.people(2)
	d.story().Says("meet", p[0], p[1]).ID()
	d.record()
	v := d.g.View(nil)
	a, b := p[0].ID, p[1].ID
	paths := func(o query.PathOptions) []error { return failures(query.Paths(ctx, v, a, b, &o)) }
	neighbours := func(o query.NeighbourOptions) []error { return failures(query.Neighbours(ctx, v, a, &o)) }
	worklist := func(kinds ...query.TaskKind) []error {
		return failures(query.Worklist(ctx, v, graph.Pattern{}, &query.WorklistOptions{Kinds: kinds}))
	}
	links := func(types ...events.LinkType) []error {
		return failures(query.Links(ctx, v, graph.Pattern{}, types...))
	}
	const kinds = "want one of unknown speaker, ambiguous voice, unknown participant, withheld, anchor corrected, said after publication, linked before it was replaced, split before it was replaced"
	const entities = "want one of person, organisation, place, office, group, work, topic, occurrence, placeholder"
	const types = "want one of replies_to, confirms, disputes, corrects, withdraws, repeats, explains, contrasts"
	for _, c := range []struct {
		got  []error
		want string
	}{
		{paths(query.PathOptions{Most: -1}), "query: paths: option Most is -1, less than 0"},
		{paths(query.PathOptions{Longest: 9}), "query: paths: option Longest is 9, more than 8"},
		{paths(query.PathOptions{Limit: -5}), "query: paths: option Limit is -5, less than 0"},
		{neighbours(query.NeighbourOptions{Hops: 9}), "query: neighbours: option Hops is 9, more than 8"},
		{paths(query.PathOptions{Without: []events.EntityKind{events.Place, 10}}), "query: paths: option Without[1] is EntityKind(10): " + entities},
		{neighbours(query.NeighbourOptions{Without: []events.EntityKind{0}}), "query: neighbours: option Without[0] is EntityKind(0): " + entities},
		{neighbours(query.NeighbourOptions{Limit: -1}), "query: neighbours: option Limit is -1, less than 0"},
		{failures(query.Timeline(ctx, v, a, &query.TimelineOptions{Skip: -1})), "query: timeline: option Skip is -1, less than 0"},
		{worklist(77), "query: worklist: option Kinds[0] is TaskKind(77): " + kinds},
		{worklist(query.Withheld, 0), "query: worklist: option Kinds[1] is TaskKind(0): " + kinds},
		{worklist(query.SplitBeforeReplaced, query.SplitBeforeReplaced+1), "query: worklist: option Kinds[1] is TaskKind(9): " + kinds},
		{links(99), "query: links: types[0] is LinkType(99): " + types},
		{links(events.RepliesTo, events.Contrasts, 0), "query: links: types[2] is LinkType(0): " + types},
		{failures(query.Traces(ctx, v, a, "Ada", "...")), `query: traces: words[1] is "...": want a letter or a digit in it`},
		{failures(query.Traces(ctx, v, a, "")), `query: traces: words[0] is "": want a letter or a digit in it`},
	} {
		if len(c.got) != 1 || fmt.Sprint(c.got[0]) != c.want {
			t.Errorf("%v, want %s", c.got, c.want)
		}
	}
	for name, found := range map[string][]error{
		"every kind":   failures(query.Worklist(ctx, v, graph.Pattern{}, &query.WorklistOptions{Kinds: []query.TaskKind{query.UnknownSpeaker, query.SplitBeforeReplaced}})),
		"every type":   failures(query.Links(ctx, v, graph.Pattern{}, events.RepliesTo, events.Contrasts)),
		"a digit":      failures(query.Traces(ctx, v, a, "7")),
		"the farthest": failures(query.Neighbours(ctx, v, a, &query.NeighbourOptions{Hops: 8})),
	} {
		for _, err := range found {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
