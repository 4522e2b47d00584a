package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

const criticise = "Criticize or denounce"

// voices prints who is the origin of most statements, and what each says most.
func (d *desk) voices(voices *tally[uuid.UUID]) {
	d.printf("Who speaks most\n")
	shown := 0
	for _, who := range voices.top(9) {
		if who == coderID || shown == 8 {
			continue
		}
		shown++
		relations := relationsOf(d.view, graph.Pattern{Origin: who})
		most := relations.top(1)[0]
		d.printf("%7s  %s  %s (%d)\n", grouped(voices.of(who)), cut(d.name(who), 34), most, relations.of(most))
	}
	speak := voices.len()
	if voices.of(coderID) > 0 {
		speak--
	}
	d.printf("%7s  deeds, told by the coder alone; %s actors speak in all\n\n", grouped(voices.of(coderID)), grouped(speak))
}

// critics prints who criticised whom most, and how often it was returned.
func (d *desk) critics() {
	pairs := pairsOf(d.view, graph.Pattern{Predicate: criticise})
	d.printf("Who criticised whom most (and how often the other did)\n")
	for _, p := range pairs.top(8) {
		d.printf("%7d  %s → %s (%d)\n", pairs.of(p), cut(d.name(p.source), 34), d.name(p.target), pairs.of(p.back()))
	}
	d.printf("\n")
}

// timeline prints an actor's year by months, and the statements of the days
// before a date, in the coder's words.
func (d *desk) timeline(actor uuid.UUID, date edtf.Time) error {
	var months tally[string]
	partners := make(map[string]*tally[uuid.UUID])
	most := 0
	for s := range d.view.Statements(graph.Pattern{Args: []graph.Fill{{Entity: actor}}}) {
		earliest, _, dated := s.When()
		if !dated {
			continue
		}
		month := time.Unix(earliest, 0).UTC().Format("2006-01")
		if partners[month] == nil {
			partners[month] = new(tally[uuid.UUID])
		}
		months.add(month)
		most = max(most, months.of(month))
		partners[month].add(pairOf(s).other(actor))
	}
	d.printf("%s, month by month, and with whom most\n", d.name(actor))
	for _, month := range lastOf(slices.Sorted(slices.Values(months.order)), 12) {
		n, with := months.of(month), partners[month]
		var list []string
		for _, who := range with.top(2) {
			list = append(list, fmt.Sprintf("%s (%d)", d.name(who), with.of(who)))
		}
		d.printf("%s %6s  %s  %s\n", month, grouped(n), stripe(n, most, 16), strings.Join(list, ", "))
	}

	return d.week(actor, date)
}

// week prints what is recorded about an actor in the seven days up to a date, the
// last of it.
func (d *desk) week(actor uuid.UUID, date edtf.Time) error {
	const days, most = 7, 6
	day := dayOf(date.Latest())
	window, err := edtf.Parse(dayOf(date.Latest()-(days-1)*24*60*60).String() + "/" + day.String())
	if err != nil {
		return err
	}
	view := d.g.View(&graph.Lens{Valid: graph.Certainly(window)}).AsOf(d.view.Position())
	var items []*query.Item
	for item, err := range query.Timeline(d.ctx, view, actor, nil) {
		if err != nil {
			return err
		}
		items = append(items, item)
	}
	d.printf("The last of %d statements in the week to %s:\n", len(items), day)
	for _, item := range lastOf(items, most) {
		acts := "does"
		if len(item.Voices) > 1 {
			acts = "says"
		}
		st, err := view.Statement(item.ID)
		if err != nil {
			return err
		}
		p := pairOf(st)
		d.printf("%s  %s %s: %s → %s (%s)\n", item.Claim.When.Time, d.name(p.source), acts, item.Claim.Predicate, d.name(p.target), item.Selector.Locator)
	}
	d.printf("\n")
	return nil
}

// asOf prints the graph as of a date, beside all of it. The table has no dates of
// recording, so the graph as of a date has what happened by then; a view as of a
// position or of a time of recording would show what had been loaded by then.
func (d *desk) asOf(date edtf.Time) error {
	until, err := upTo(date)
	if err != nil {
		return err
	}
	past := d.g.View(&graph.Lens{Valid: graph.Certainly(until)}).AsOf(d.view.Position())
	then, all := sizeOf(past), sizeOf(d.view)
	d.printf("The graph as of %s: what had happened by then. (When a row was coded is\n", date)
	d.printf("not given; by recorded time, all of it came when it was loaded.)\n")
	d.printf("%s of %s statements, %s of %s actors, %s of %s ties. Closest (and in all):\n",
		grouped(then.statements), grouped(all.statements), grouped(then.actors.len()), grouped(all.actors.len()),
		grouped(then.ties.len()), grouped(all.ties.len()))
	for _, tie := range then.ties.top(6) {
		d.printf("%7d  %s – %s (%d)\n", then.ties.of(tie), cut(d.name(tie.source), 34), d.name(tie.target), all.ties.of(tie))
	}
	return nil
}

// size is how large a graph is.
type size struct {
	statements int
	actors     tally[uuid.UUID]
	ties       tally[pair] // without a direction, and none of one with himself
}

func sizeOf(v graph.View) (z size) {
	for s := range v.Statements(graph.Pattern{}) {
		p := pairOf(s)
		z.statements++
		z.actors.add(p.source)
		z.actors.add(p.target)
		if p.source != p.target {
			z.ties.add(p.tie())
		}
	}
	return z
}

// lastOf returns the last n of a list.
func lastOf[T any](list []T, n int) []T { return list[max(0, len(list)-n):] }
