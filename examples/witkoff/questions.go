package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

// asked are the statements on who asked for the meeting.
func (d *dossier) asked() graph.Pattern {
	return graph.Pattern{Predicate: "initiate", Args: []graph.Fill{{Role: "theme", Entity: d.meeting.ID}}}
}

// initiative prints who asked for the meeting, according to Trump.
func (d *dossier) initiative(ctx context.Context) error {
	d.title("Who asked for the meeting, according to %s?", d.name(ctx, d.then, d.trump.ID))
	for r, err := range query.AccordingTo(ctx, d.then, d.trump.ID, d.asked()) {
		if err != nil {
			return err
		}
		agent := r.Claim.Args[0]
		d.item(fmt.Sprintf("%s, %s, “%s” as the article has it (%s)", d.name(ctx, d.then, agent.Value.ID),
			certainty(r.Voices[0].Stance), agent.As, d.label(ctx, d.then, r)))
		for _, l := range d.then.Links(r.ID) {
			if l.Type != events.Explains || l.To != r.ID {
				continue
			}
			q, err := query.Words(ctx, d.then, l.From, "")
			if err != nil {
				return err
			}
			d.item(fmt.Sprintf("  in his own words: %s (%s)", quoted(q.Words), d.label(ctx, d.then, q.Reading)))
		}
	}
	return nil
}

// replies prints what was answered, and what that commits to.
func (d *dossier) replies(ctx context.Context) error {
	d.line("And what was answered?")
	commitments := make(map[query.Commitment]int)
	says := ""
	for r, err := range query.Replies(ctx, d.then, d.asked()) {
		if err != nil {
			return err
		}
		if r.From.Reading == nil {
			continue
		}
		d.item(fmt.Sprintf("%s %s", quoted(r.From.Reading.Selector.Exact), d.cited(ctx, d.then, r.From.Reading)))
		commitments[r.Commits]++
		if r.Statement != nil {
			says = " " + d.cited(ctx, d.then, r.Statement)
		}
	}
	disputes, err := count(query.Disputes(ctx, d.then, d.asked()))
	if err != nil {
		return err
	}
	oppositions, err := count(query.Oppositions(ctx, d.then, d.asked()))
	if err != nil {
		return err
	}
	verdict := "They commit to nothing, so they contradict nobody"
	if confirm, deny := commitments[query.Confirms], commitments[query.Denies]; confirm+deny > 0 {
		verdict = fmt.Sprintf("%d confirm it, %d deny it", confirm, deny)
	}
	d.item(fmt.Sprintf("These are replies%s. %s. Disputes on record: %d. Opposite claims: %d.", says, verdict, disputes, oppositions))
	return nil
}

// moments are the views that questions about what changed are put to.
func (d *dossier) moments() []struct {
	label string
	view  graph.View
} {
	return []struct {
		label string
		view  graph.View
	}{{"As of 4 August", d.then}, {"Now", d.now}}
}

// phoneCall prints with whom Putin speaks, then and now.
func (d *dossier) phoneCall(ctx context.Context) error {
	d.title("Whom will %s call?", d.name(ctx, d.now, d.putin.ID))
	for _, at := range d.moments() {
		said, err := readings(query.Statements(ctx, at.view, graph.Pattern{Occurrence: d.call.ID}))
		if err != nil {
			return err
		}
		var with []string
		for _, r := range said {
			for _, a := range r.Claim.Args {
				if a.Value.ID != d.putin.ID {
					with = appendOnce(with, d.name(ctx, at.view, a.Value.ID))
				}
			}
		}
		d.item(fmt.Sprintf("%s: %s (%s)", at.label, strings.Join(with, " or "), d.labels(ctx, at.view, said)))
	}
	for _, other := range d.now.Cluster(d.counterpart.ID) {
		for _, link := range d.now.WhySame(d.counterpart.ID, other) {
			if link.Verdict == uuid.Nil {
				continue
			}
			e, err := d.now.Event(ctx, link.Verdict)
			if err != nil {
				return err
			}
			d.item(fmt.Sprintf("Held to be one by the %s since %s: %s", e.Recorder, e.At.Format("2 January"), e.Body.(*events.IdentityJudged).Reason))
		}
	}
	for r, err := range query.Statements(ctx, d.now, graph.Pattern{Predicate: "identity", Entity: d.counterpart.ID}) {
		if err != nil {
			return err
		}
		if r.Voices[0].Act == events.Withhold {
			d.item(fmt.Sprintf("%s “%s” it (%s): %s", d.who(ctx, d.now, r), r.Voices[0].Cue, d.label(ctx, d.now, r), certainty(r.Voices[0].Stance)))
		}
	}
	return nil
}

// speaker prints who the ambassador is whom the article quotes, before and after
// the correction.
func (d *dossier) speaker(ctx context.Context) error {
	d.title("Who is the ambassador in the article?")
	for _, at := range d.moments() {
		said, err := readings(query.AccordingTo(ctx, at.view, d.kelly.ID, graph.Pattern{}))
		if err != nil {
			return err
		}
		d.item(fmt.Sprintf("%s: %s (%s, %s)", at.label, d.name(ctx, at.view, d.kelly.ID), quoted(said[0].Voices[0].Speakers[0].As), d.labels(ctx, at.view, said)))
		holds := graph.Pattern{Predicate: events.HoldPosition, Args: []graph.Fill{{Role: events.RoleHolder, Entity: d.kelly.ID}}}
		for r, err := range query.Statements(ctx, at.view, holds) {
			if err != nil {
				return err
			}
			not := ""
			if r.Voices[0].Stance.Polarity == events.Denied {
				not = "not "
			}
			d.item(fmt.Sprintf("  %s%s %s", not, d.name(ctx, at.view, r.Claim.Args[1].Value.ID), d.cited(ctx, at.view, r)))
		}
	}
	for o, err := range query.Oppositions(ctx, d.now, graph.Pattern{Entity: d.kelly.ID}) {
		if err != nil {
			return err
		}
		d.item(fmt.Sprintf("Opposites: %s is denied by %s", d.label(ctx, d.now, o.Affirmation), d.who(ctx, d.now, o.Denial)))
	}

	e, err := d.now.Entity(ctx, d.kellyOrAuthor.ID)
	if err != nil {
		return err
	}
	var candidates []string
	for _, id := range e.Unsure {
		candidates = append(candidates, d.name(ctx, d.now, id))
	}
	slices.Sort(candidates)
	said, err := readings(query.AccordingTo(ctx, d.now, d.kellyOrAuthor.ID, graph.Pattern{}))
	if err != nil {
		return err
	}
	d.item(fmt.Sprintf("Whose voice it is in %s stays open: %s", d.labels(ctx, d.now, said), strings.Join(candidates, " or ")))
	return nil
}

// terms prints what is due or threatened, on which conditions, and what stands
// against it.
func (d *dossier) terms(ctx context.Context) error {
	d.title("What is due, and what is threatened?")
	for due, err := range query.Deadlines(ctx, d.now, graph.Pattern{}, on("2025-08-04").Time) {
		if err != nil {
			return err
		}
		term := "due " + date(due.Due)
		if due.Condition != nil {
			term = quoted(due.Condition.As)
		}
		d.item(fmt.Sprintf("%s: %s %s", due.Gloss, term, d.cited(ctx, d.now, due.Reading)))
	}
	for l, err := range query.Statements(ctx, d.now, graph.Pattern{Predicate: events.Contrasts.String()}) {
		if err != nil {
			return err
		}
		for _, a := range l.Claim.Args {
			if a.Role != events.RoleFrom {
				continue
			}
			s, err := d.now.Statement(a.Value.ID)
			if err != nil {
				return err
			}
			r, err := s.Load(ctx)
			if err != nil {
				return err
			}
			d.item(fmt.Sprintf("But: %s: %s %s", r.Gloss, certainty(r.Voices[0].Stance), d.cited(ctx, d.now, r)))
		}
	}
	return nil
}

// conflicts prints who cannot both be right.
func (d *dossier) conflicts(ctx context.Context) error {
	d.title("Who cannot both be right?")
	for c, err := range query.Conflicts(ctx, d.now, graph.Pattern{}) {
		if err != nil {
			return err
		}
		first, second := c.First, c.Second
		if second.Claim.When.Time.Earliest() < first.Claim.When.Time.Earliest() {
			first, second = second, first
		}
		role := ""
		if c.Kind != query.TimeConflict {
			role = ", " + c.Role
		}
		d.item(fmt.Sprintf("%s%s: %s %s, %s %s", first.Gloss, role, date(first.Claim.When.Time), d.cited(ctx, d.now, first),
			date(second.Claim.When.Time), d.cited(ctx, d.now, second)))
	}

	n, err := count(query.Conflicts(ctx, d.now, graph.Pattern{Occurrence: d.visit.ID}))
	if err != nil {
		return err
	}
	var why []string
	for s := range d.now.Statements(graph.Pattern{Occurrence: d.visit.ID}) {
		for role, place := range s.Entities() {
			if role != "destination" {
				continue
			}
			lies := graph.Pattern{Predicate: events.PartOf, Args: []graph.Fill{{Role: events.RolePart, Entity: place}}}
			for r, err := range query.Statements(ctx, d.now, lies) {
				if err != nil {
					return err
				}
				why = appendOnce(why, r.Gloss+" "+d.cited(ctx, d.now, r))
			}
		}
	}
	d.item(fmt.Sprintf("Conflicts about the visit: %d. %s", n, strings.Join(why, ", ")))
	return nil
}

func count[T any](answers func(func(T, error) bool)) (n int, err error) {
	for _, err := range answers {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func appendOnce(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
