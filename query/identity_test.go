package query_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

// verdict prints a judgement with the names that the desk gave to entities.
func (d *desk) verdict(j *query.Judgement) string {
	s := fmt.Sprintf("%s %v %s by %s at %d", d.names[j.A], j.Verdict, d.names[j.B], j.Recorder, j.Position)
	if j.Reason != "" {
		s += fmt.Sprintf(" (%s, %v)", j.Reason, j.Confidence)
	}
	return s
}

func (d *desk) verdicts(list []*query.Judgement) string {
	var all []string
	for _, j := range list {
		all = append(all, d.verdict(j))
	}
	return strings.Join(all, "; ")
}

func (d *desk) why(v graph.View, a, b uuid.UUID) string {
	d.t.Helper()
	answer, err := query.WhySame(ctx, v, a, b)
	if err != nil {
		d.t.Fatal(err)
	}
	s := fmt.Sprint(answer.One)
	for _, step := range answer.Chain {
		s += fmt.Sprintf(" [%s = %s: %s]", step.From.Name.Text, step.To.Name.Text, d.verdict(step.By))
	}
	if others := d.verdicts(answer.Others); others != "" {
		s += " but " + others
	}
	return s
}

// person registers somebody and names him for answers.
func (d *desk) person(name string) events.EntityRef {
	e := d.Person(name)
	d.names[e.ID] = name
	return e
}

func (d *desk) judge(a events.EntityRef, verdict events.Verdict, b events.EntityRef, reason string, confidence float64) uuid.UUID {
	return d.Add(&events.IdentityJudged{A: a.ID, B: b.ID, Verdict: verdict, Reason: reason, Confidence: confidence})
}

func TestWhySame(t *testing.T) {
	d := newDesk(t)
	a, b, c, x := d.person("Kelly"), d.person("Kelley"), d.person("John Kelley"), d.person("J. Kelly")
	d.record()
	d.judge(a, events.Same, b, "one office", 0.9)
	first := d.record()
	d.judge(c, events.Same, b, "one photograph", 0.8)
	d.judge(a, events.Unsure, c, "", 0)
	d.judge(x, events.Unsure, c, "", 0)
	d.judge(a, events.Different, x, "other dates of birth", 1)
	d.record()

	v := d.g.View(nil)
	equal(t, "one", d.why(v, a.ID, c.ID), "true [Kelly = Kelley: Kelly same Kelley by desk at 2 (one office, 0.9)]"+
		" [Kelley = John Kelley: John Kelley same Kelley by desk at 3 (one photograph, 0.8)] but Kelly unsure John Kelley by desk at 3")
	equal(t, "back", d.why(v, c.ID, b.ID), "true [John Kelley = Kelley: John Kelley same Kelley by desk at 3 (one photograph, 0.8)]"+
		" but Kelly unsure John Kelley by desk at 3")
	equal(t, "not one", d.why(v, x.ID, b.ID), "false but J. Kelly unsure John Kelley by desk at 3; Kelly different J. Kelly by desk at 3 (other dates of birth, 1)")
	equal(t, "filtered", d.why(d.g.View(&graph.Lens{According: []uuid.UUID{x.ID}}), x.ID, a.ID), d.why(v, x.ID, a.ID))
	equal(t, "itself", d.why(v, x.ID, x.ID), "true")
	equal(t, "as of before", d.why(d.g.View(&graph.Lens{AsOf: first}), a.ID, c.ID), "false")
	equal(t, "before all", d.why(v.AsOf(0), a.ID, a.ID), "false")
	equal(t, "nobody", d.why(v, uuid.Nil, a.ID)+d.why(v, a.ID, uuid.Nil)+d.why(v, uuid.Nil, uuid.Nil), "falsefalsefalse")
	equal(t, "unknown", d.why(v, a.ID, uuid.NewSHA1(uuid.Nil, nil)), "false")

	if _, err := d.g.Record(ctx, &events.Batch{Recorder: "desk", Events: []events.Event{
		{ID: events.Key("event", "b again"), Body: &events.EntityRegistered{Entity: events.Entity{ID: b.ID, Kind: events.Person, Name: events.Name{Text: "K."}}}},
	}}); err != nil {
		t.Fatal(err)
	}
	equal(t, "revised", d.why(d.g.View(nil), b.ID, a.ID), "true [K. = Kelly: Kelly same Kelley by desk at 2 (one office, 0.9)]"+
		" but Kelly unsure John Kelley by desk at 3")
}

// A registration that is redacted leaves the step, with an id only.
func TestWhySameRedacted(t *testing.T) {
	d := newDesk(t)
	a, b := d.person("A"), d.person("B")
	batch, err := d.Batch()
	if err != nil {
		t.Fatal(err)
	}
	var registered uuid.UUID
	for _, e := range batch.Events {
		if r, ok := e.Body.(*events.EntityRegistered); ok && r.Entity.ID == b.ID {
			registered = e.ID
		}
	}
	d.judge(a, events.Same, b, "", 0)
	d.record()
	d.Redact(registered, "private")
	d.record()
	answer, err := query.WhySame(ctx, d.g.View(nil), a.ID, b.ID)
	if err != nil || len(answer.Chain) != 1 || answer.Chain[0].From.Name.Text != "A" || answer.Chain[0].To != (events.Entity{ID: b.ID}) {
		t.Errorf("%+v, %v", answer, err)
	}
}

// A verdict that two are the same is refused where others stand between them,
// with the way from one to the other, and changes no answer.
func TestSameAcrossDifferent(t *testing.T) {
	d := newDesk(t)
	a, b, c, x := d.person("A"), d.person("B"), d.person("C"), d.person("X")
	d.story().Says("meet", a, c)
	ab := d.judge(a, events.Same, b, "", 0)
	bx := d.judge(b, events.Different, x, "", 0)
	xc := d.judge(x, events.Same, c, "", 0)
	at := d.record()
	before := d.why(d.g.View(nil), a.ID, c.ID)

	d.judge(a, events.Same, c, "", 0)
	batch, err := d.Batch()
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.g.Record(ctx, batch)
	var refused *events.Error
	if !errors.Is(err, events.ErrIdentity) || !errors.As(err, &refused) || !slices.Equal(refused.Events, []uuid.UUID{ab, bx, xc}) {
		t.Errorf("refused with %v, which names %v, want %v", err, refused.Events, []uuid.UUID{ab, bx, xc})
	}
	v := d.g.View(nil)
	if v.Position() != at {
		t.Errorf("something of it is recorded: position %d after %d", v.Position(), at)
	}
	equal(t, "why", d.why(v, a.ID, c.ID), before)
	equal(t, "what there is", before, "false but B different X by desk at 1")
}

func (d *desk) placeholders(v graph.View) string {
	d.t.Helper()
	return list(d.t, query.Placeholders(ctx, v), func(u *query.Unidentified) string {
		s := fmt.Sprintf("%s %d", u.Name.Text, u.Mentions)
		for _, c := range u.Candidates {
			s += fmt.Sprintf(" %s? (%s)", d.names[c.Entity], d.verdicts(c.Verdicts))
		}
		return s
	})
}

func (d *desk) tasks(v graph.View, p graph.Pattern, kinds ...query.TaskKind) string {
	d.t.Helper()
	return list(d.t, query.Worklist(ctx, v, p, &query.WorklistOptions{Kinds: kinds}), func(t *query.Task) string {
		s := fmt.Sprintf("%s: %v", d.reading(t.Reading), t.Kind)
		if t.Entity != uuid.Nil {
			s += " " + d.names[t.Entity]
		}
		if t.Role != "" {
			s += " as " + t.Role
		}
		for _, c := range t.Candidates {
			s += " " + d.names[c.Entity] + "?"
		}
		for _, id := range t.Also {
			s += " also " + d.names[id]
		}
		for _, w := range t.Times {
			s += fmt.Sprintf(" %q", w.As+w.Time.String())
		}
		if !t.Published.IsZero() {
			s += " of " + t.Published.String()
		}
		return s
	})
}

// Who will be called is withheld; later somebody knows it. The view as of before
// keeps it unknown.
func TestResolvedLater(t *testing.T) {
	d := newDesk(t)
	peskov, putin, netanyahu, erdogan := d.person("Peskov"), d.person("Putin"), d.person("Netanyahu"), d.person("Erdogan")
	somebody := d.Placeholder("somebody abroad")
	d.names[somebody.ID] = "somebody"
	src := d.story()
	d.name("call", src.Reports(peskov, "call").Role("caller", putin).Role("called", somebody.As("a foreign leader")))
	d.name("silence", src.Reports(peskov, "call").Role("caller", putin).Arg("called", events.Unknown()).Act(events.Withhold).Stance("CTu"))
	d.judge(somebody, events.Unsure, erdogan, "", 0)
	then := d.record()

	unknown := "call: unknown participant somebody as called Erdogan?, silence: unknown participant as called, silence: withheld"
	v := d.g.View(nil)
	equal(t, "tasks", d.tasks(v, all), unknown)
	equal(t, "placeholders", d.placeholders(v), "somebody abroad 1 Erdogan? (somebody unsure Erdogan by desk at 1)")
	equal(t, "why not", d.why(v, somebody.ID, netanyahu.ID), "false")

	d.judge(somebody, events.Same, netanyahu, "the Kremlin's later report", 0)
	d.record()
	now := d.g.View(nil)
	equal(t, "tasks now", d.tasks(now, all), "silence: unknown participant as called, silence: withheld")
	equal(t, "placeholders now", d.placeholders(now), "")
	equal(t, "of Netanyahu now", list(t, query.Statements(ctx, now, graph.Pattern{Entity: netanyahu.ID}), d.reading), "call")
	for what, earlier := range map[string]graph.View{"kept": v, "made now": d.g.View(&graph.Lens{AsOf: then})} {
		equal(t, "tasks then, "+what, d.tasks(earlier, all), unknown)
		equal(t, "placeholders then, "+what, d.placeholders(earlier), "somebody abroad 1 Erdogan? (somebody unsure Erdogan by desk at 1)")
		equal(t, "of Netanyahu then, "+what, list(t, query.Statements(ctx, earlier, graph.Pattern{Entity: netanyahu.ID}), d.reading), "")
		equal(t, "why not then, "+what, d.why(earlier, somebody.ID, netanyahu.ID), "false")
	}
}

// Two men were recorded as one. Splitting him by mention gives each his own, and
// withdrawing the split restores every answer.
func TestSplitByMention(t *testing.T) {
	d := newDesk(t)
	kelly, un := d.person("John Kelly"), d.person("the UN")
	paper := d.Organisation("Paper")
	d.names[paper.ID] = "Paper"
	src := d.story().Publisher(paper)
	d.name("general", src.Says("serve", kelly.As("General Kelly")))
	speech := d.name("speech", src.Reports(kelly.As("Kelly"), "meet", un, kelly.As("he")))
	d.record()
	diplomat := d.person("John Kelley")
	d.record()
	look := func() string {
		v := d.g.View(nil)
		return d.spellings(v, kelly.ID) + " | " + d.spellings(v, diplomat.ID) + " | " +
			list(t, query.Timeline(ctx, v, kelly.ID, nil), func(i *query.Item) string { return d.reading(i.Reading) }) + " | " +
			list(t, query.AccordingTo(ctx, v, diplomat.ID, all), d.reading)
	}
	before := look()
	equal(t, "as one", before, "General Kelly- 1: Paper 1 general, John Kelly 1: 1, Kelly- 1: Paper 1 speech, he- 1: Paper 1 speech"+
		" | John Kelley 1: 1 | general, speech | ")

	split := d.Add(&events.EntitySplit{Entity: kelly.ID, Parts: []events.SplitPart{{Entity: diplomat.ID, Mentions: []events.Mention{
		{Statement: speech, Place: events.InVoice, Index: 0},
	}}}})
	d.record()
	equal(t, "the voice is another's", look(), "General Kelly- 1: Paper 1 general, John Kelly 1: 1, he- 1: Paper 1 speech"+
		" | John Kelley 1: 1, Kelly- 1: Paper 1 speech | general, speech | speech")
	d.Retract(split, "wrong place")
	d.record()
	equal(t, "withdrawn", look(), before)

	d.Add(&events.EntitySplit{Entity: kelly.ID, Parts: []events.SplitPart{{Entity: diplomat.ID, Mentions: []events.Mention{{Statement: speech}}}}})
	d.record()
	equal(t, "all of the speech is another's", look(), "General Kelly- 1: Paper 1 general, John Kelly 1: 1"+
		" | John Kelley 1: 1, Kelly- 1: Paper 1 speech, he- 1: Paper 1 speech | general | speech")
}

func TestPlaceholders(t *testing.T) {
	d := newDesk(t)
	a, b := d.person("A"), d.person("B")
	one, two, three := d.Placeholder("one"), d.Placeholder("two"), d.Placeholder("three")
	for name, e := range map[string]events.EntityRef{"1": one, "2": two, "3": three} {
		d.names[e.ID] = name
	}
	src := d.story()
	src.Reports(one, "say").To(two).Arg("what", events.Nested(d.Claim("meet", two, one)))
	src.Says("leave", a).If(d.Claim("agree", two), "")
	d.judge(two, events.Same, three, "", 0)
	d.judge(two, events.Unsure, b, "", 0)
	d.judge(three, events.Different, b, "", 0)
	d.judge(three, events.Unsure, one, "", 0)
	d.judge(two, events.Unsure, three, "", 0)
	d.record()

	v := d.g.View(nil)
	candidates := "1? (3 unsure 1 by desk at 1)"
	if got, other := d.placeholders(v), "B? (2 unsure B by desk at 1; 3 different B by desk at 1)"; !strings.Contains(got, candidates) || !strings.Contains(got, other) {
		t.Errorf("%s: want the candidates %s and %s", got, candidates, other)
	}
	count := func(v graph.View) string {
		return list(t, query.Placeholders(ctx, v), func(u *query.Unidentified) string { return fmt.Sprint(len(u.Members), u.Mentions) })
	}
	equal(t, "mentions", count(v), "1 1, 2 2")
	equal(t, "mentions that are shown", count(d.g.View(&graph.Lens{According: []uuid.UUID{one.ID}})), "1 1, 2 1")
	d.judge(one, events.Same, a, "", 0)
	d.record()
	equal(t, "one is identified", count(d.g.View(nil)), "2 2")
	equal(t, "before all", d.placeholders(v.AsOf(0)), "")
}
