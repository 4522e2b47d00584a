package query_test

import (
	"fmt"
	"testing"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

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
	const kinds = "want one of unknown speaker, ambiguous voice, unknown participant, withheld, anchor corrected, said after publication, linked before it was replaced"
	const types = "want one of replies_to, confirms, disputes, corrects, withdraws, repeats, explains, contrasts"
	for _, c := range []struct {
		got  []error
		want string
	}{
		{paths(query.PathOptions{Most: -1}), "query: paths: option Most is -1, less than 0"},
		{paths(query.PathOptions{Longest: 9}), "query: paths: option Longest is 9, more than 8"},
		{paths(query.PathOptions{Limit: -5}), "query: paths: option Limit is -5, less than 0"},
		{neighbours(query.NeighbourOptions{Hops: 9}), "query: neighbours: option Hops is 9, more than 8"},
		{neighbours(query.NeighbourOptions{Limit: -1}), "query: neighbours: option Limit is -1, less than 0"},
		{failures(query.Timeline(ctx, v, a, &query.TimelineOptions{Skip: -1})), "query: timeline: option Skip is -1, less than 0"},
		{worklist(77), "query: worklist: option Kinds[0] is TaskKind(77): " + kinds},
		{worklist(query.Withheld, 0), "query: worklist: option Kinds[1] is TaskKind(0): " + kinds},
		{worklist(query.LinkedBeforeReplaced, query.LinkedBeforeReplaced+1), "query: worklist: option Kinds[1] is TaskKind(8): " + kinds},
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
		"every kind":   failures(query.Worklist(ctx, v, graph.Pattern{}, &query.WorklistOptions{Kinds: []query.TaskKind{query.UnknownSpeaker, query.LinkedBeforeReplaced}})),
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
