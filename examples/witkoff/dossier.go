package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

// dossier asks the questions and prints the answers.
type dossier struct {
	*cast
	page
	now  graph.View
	then graph.View // as of the evening of 4 August
	year graph.View // now, and what certainly was in 2025
	err  error      // the first with which a name could not be read
}

// printDossier prints what the graph knows of the envoy's trip. Every line is the
// answer to a question.
func printDossier(ctx context.Context, out io.Writer, g *graph.Graph) error {
	evening := time.Date(2025, 8, 4, 23, 59, 59, 0, time.UTC)
	d := &dossier{
		cast: enter(events.NewBatch("")),
		now:  g.View(nil),
		then: g.View(&graph.Lens{RecordedBy: evening}),
		year: g.View(&graph.Lens{Valid: graph.Certainly(on("2025").Time)}),
	}
	d.head()
	for _, section := range []func(context.Context) error{
		d.timeline, d.ladder, d.initiative, d.replies, d.phoneCall, d.speaker, d.terms, d.conflicts,
	} {
		if err := cmp.Or(section(ctx), d.err); err != nil {
			return err
		}
	}
	_, err := io.WriteString(out, d.String())
	return err
}

func (d *dossier) head() {
	sources := make(map[uuid.UUID]bool)
	for s := range d.now.Statements(graph.Pattern{}) {
		sources[s.Source()] = true
	}
	delete(sources, articleID)
	delete(sources, uuid.Nil)
	all, article := query.Count(d.now, graph.Pattern{}), query.Count(d.now, graph.Pattern{Source: articleID})
	own := query.Count(d.now, graph.Pattern{Form: events.Inferred})
	d.line("THE ENVOY'S TRIP TO MOSCOW")
	d.line("%d statements: %d of one article, %d of %d other sources, %d the desk's own.", all, article, all-article-own, len(sources), own)
}

// timeline prints Witkoff's year.
func (d *dossier) timeline(ctx context.Context) error {
	e, err := d.now.Entity(ctx, d.witkoff.ID)
	if err != nil {
		return err
	}
	var also []string
	for _, n := range e.Names {
		if n.Text != e.Name.Text {
			also = append(also, quoted(n.Text))
		}
	}
	d.title("2025 of %s, also written %s (?: day open)", e.Name.Text, strings.Join(also, ", "))
	for item, err := range query.Timeline(ctx, d.year, d.witkoff.ID, nil) {
		if err != nil {
			return err
		}
		if !item.Dated {
			continue
		}
		mark := ""
		if item.Uncertain {
			mark = "?"
		}
		d.line("  %-1s %-14s %-27s %-8s %s", mark, date(item.Claim.When.Time), item.Gloss, certainty(item.Voices[0].Stance),
			d.evidence(ctx, d.year, item.Reading))
	}

	var rest []*graph.Reading
	for item, err := range query.Timeline(ctx, d.now, d.witkoff.ID, nil) {
		if err != nil {
			return err
		}
		if !item.Dated || !item.Claim.When.Time.Certainly(edtf.Overlaps, on("2025").Time) {
			rest = append(rest, item.Reading)
		}
	}
	d.item("Undated, or perhaps in another year: " + d.labels(ctx, d.now, rest) + ".")
	return d.visitCount(ctx)
}

// visitCount compares how many visits the author counts with the dated meetings
// that he lists.
func (d *dossier) visitCount(ctx context.Context) error {
	before := graph.Certainly(on("2025-01-01/2025-08-03").Time)
	met, err := readings(query.Statements(ctx, d.then, graph.Pattern{Predicate: "meet", Entity: d.witkoff.ID, During: before}))
	if err != nil {
		return err
	}
	for r, err := range query.Statements(ctx, d.then, graph.Pattern{Predicate: "visit_count", Entity: d.witkoff.ID}) {
		if err != nil {
			return err
		}
		verdict := "They differ"
		if n := r.Claim.Args[2].Value; n.Text == fmt.Sprint(len(met)) {
			verdict = "They agree"
		}
		d.item(fmt.Sprintf("Visits counted: %s (%s). Meetings listed: %d (%s). %s.",
			r.Claim.Args[2].Value.Text, d.label(ctx, d.then, r), len(met), d.labels(ctx, d.then, met), verdict))
	}
	return nil
}

// ladder prints how sure each speaker was of the visit.
func (d *dossier) ladder(ctx context.Context) error {
	d.title("How sure was each speaker, as of 4 August, of %s?", d.name(ctx, d.then, d.visit.ID))
	then, err := query.Ladder(ctx, d.then, d.visit.ID)
	if err != nil {
		return err
	}
	now, err := query.Ladder(ctx, d.now, d.visit.ID)
	if err != nil {
		return err
	}
	for _, r := range then.Rungs {
		d.rung(ctx, r)
	}
	for _, related := range then.Related {
		d.line("  Related, if %s (%s):", related.Ties[0].Gloss, d.label(ctx, d.then, related.Ties[0]))
		for _, r := range related.Rungs {
			d.rung(ctx, r)
		}
	}
	d.line("  And after 4 August:")
	for _, r := range now.Rungs {
		if r.Position > d.then.Position() {
			d.rung(ctx, r)
		}
	}
	return nil
}

func (d *dossier) rung(ctx context.Context, r query.Rung) {
	words := cmp.Or(r.Selector.Exact, r.Voices[0].Cue, r.Claim.When.As)
	if words != "" {
		words = quoted(short(words, 36))
	}
	d.line("    %-8s  %-25s  %s", certainty(r.Stance), d.evidence(ctx, d.now, r.Reading), words)
}

// name returns what to call an entity in a view.
func (d *dossier) name(ctx context.Context, v graph.View, id uuid.UUID) string {
	e, err := v.Entity(ctx, id)
	if err != nil {
		d.err = cmp.Or(d.err, err)
		return ""
	}
	return e.Name.Text
}

// who returns who says a statement.
func (d *dossier) who(ctx context.Context, v graph.View, r *graph.Reading) string {
	var names []string
	for _, p := range r.Voices[0].Speakers {
		names = append(names, d.name(ctx, v, p.Entity))
	}
	return strings.Join(names, " and ")
}

// label returns what to find a statement by: its label in the article, or else
// who says it.
func (d *dossier) label(ctx context.Context, v graph.View, r *graph.Reading) string {
	return cmp.Or(r.Selector.Locator, d.who(ctx, v, r))
}

// labels returns the labels of statements, S2 before S10.
func (d *dossier) labels(ctx context.Context, v graph.View, list []*graph.Reading) string {
	var all []string
	for _, r := range list {
		all = append(all, d.label(ctx, v, r))
	}
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
	return strings.Join(all, ", ")
}

// evidence returns a statement's label, if it has one, and who says it.
func (d *dossier) evidence(ctx context.Context, v graph.View, r *graph.Reading) string {
	return fmt.Sprintf("%-3s %s", r.Selector.Locator, d.who(ctx, v, r))
}

// cited returns who says a statement, and its label, in parentheses.
func (d *dossier) cited(ctx context.Context, v graph.View, r *graph.Reading) string {
	if r.Selector.Locator == "" {
		return "(" + d.who(ctx, v, r) + ")"
	}
	return "(" + d.who(ctx, v, r) + ", " + r.Selector.Locator + ")"
}

// readings collects statements.
func readings(list func(func(*graph.Reading, error) bool)) (all []*graph.Reading, err error) {
	for r, err := range list {
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}
