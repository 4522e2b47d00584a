package query_test

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/query"
)

func TestWorklist(t *testing.T) {
	d := newDesk(t)
	kelly, author, meeting := d.person("Kelly"), d.person("Author"), d.Placeholder("some meeting")
	official, speaker := d.Placeholder("an official"), d.Placeholder("Kelly or the author")
	d.names[official.ID], d.names[speaker.ID], d.names[meeting.ID] = "official", "speaker", "meeting"
	src := d.Source("https://example.org/1").By(author).Published("2025-08-04")
	d.name("joint", src.Reports(speaker, "warn", kelly).With(official, speaker))
	d.name("reporter", src.Reports(kelly, "warn", kelly).Via(official).For(official).To(official))
	d.name("places", src.Says("meet", official, kelly, official).Role("host", official).Occurrence(meeting).
		Arg("where", events.Unknown()).Arg("where", events.Unknown()).Arg("why", events.Unknown()).Arg("with", events.None()))
	d.name("nested", src.Says("hope").Arg("what", events.Nested(d.Claim("meet", official))).If(d.Claim("agree", official), ""))
	d.name("withheld", src.Reports(kelly, "call").Act(events.Withhold))
	d.name("knows", src.Reports(kelly, "call").Stance("CTu"))
	d.name("undetermined", src.Reports(kelly, "call").Stance("PRu"))
	d.name("live", src.Reports(kelly, "call").Said("2025-08-05"))
	d.name("perhaps live", src.Reports(kelly, "call").Said("2025-08"))
	d.name("same day", src.Reports(kelly, "call").Said("2025-08-04"))
	d.name("reported later", src.Reports(kelly, "call").Via(author).Said("2025-08-05"))
	d.name("same second", d.Source("https://example.org/3").By(author).Published("2025-08-04T12:00:00Z").Reports(kelly, "call").Said("2025-08-04T12:00:00Z"))
	d.name("no date", d.Source("https://example.org/2").By(author).Reports(kelly, "call").Said("2050"))
	d.name("no source", d.Infers(kelly, "call").Said("2050"))
	d.judge(speaker, events.Unsure, kelly, "", 0)
	d.judge(author, events.Unsure, speaker, "", 0)
	d.record()

	v := d.g.View(nil)
	equal(t, "speakers", d.tasks(v, all, query.AmbiguousVoice, query.UnknownSpeaker), "joint: unknown speaker official, joint: ambiguous voice speaker "+
		d.inOrder("%s? %s?", kelly.ID, author.ID))
	equal(t, "participants", d.tasks(v, all, query.UnknownParticipant), "places: unknown participant meeting, places: unknown participant official as subject,"+
		" places: unknown participant official as object, places: unknown participant official as host,"+
		" places: unknown participant as where, places: unknown participant as why")
	equal(t, "withheld", d.tasks(v, all, query.Withheld), "withheld: withheld, knows: withheld")
	equal(t, "live", d.tasks(v, all, query.SaidAfterPublication), `live: said after publication "2025-08-05" of 2025-08-04`)
	equal(t, "of a pattern", d.tasks(v, graph.Pattern{Entity: meeting.ID, Predicate: "meet"}, query.UnknownParticipant, query.Withheld),
		d.tasks(v, all, query.UnknownParticipant))
	equal(t, "of nothing", d.tasks(v, graph.Pattern{Predicate: "dance"}), "")
	equal(t, "filtered", d.tasks(d.g.View(&graph.Lens{According: []uuid.UUID{official.ID}}), all, query.UnknownParticipant), "")
	if n := len(strings.Split(d.tasks(v, all), ", ")); n != 11 {
		t.Errorf("%d tasks in all, want 11", n)
	}
	if n := len(answersOf(t, query.Worklist(ctx, v, all, nil))); n != 11 {
		t.Errorf("%d tasks with nil options, want 11", n)
	}
}

// That an unknown voice may be a page's nameless author makes only that voice ambiguous; that
// the author may be a reporter makes him so, whichever of the two was named first.
func TestUnsureOfAPlaceholder(t *testing.T) {
	d := newDesk(t)
	page, voice, topic := d.Source("https://example.org/1"), d.Placeholder("voice"), d.Topic("topic")
	author := d.Placeholder("author of https://example.org/1")
	d.names[voice.ID], d.names[author.ID] = "voice", "author"
	d.name("one", page.Says("rise", topic))
	d.name("two", page.Says("fall", topic))
	d.name("threat", page.Reports(voice, "threaten", topic))
	d.judge(voice, events.Unsure, author, "", 0)
	d.record()
	speakers := func() string {
		return d.tasks(d.g.View(nil), all, query.AmbiguousVoice, query.UnknownSpeaker)
	}
	unknown := "one: unknown speaker author also two, "
	equal(t, "of a placeholder", speakers(), unknown+"threat: ambiguous voice voice author?")
	if got, want := d.placeholders(d.g.View(nil)), "voice 1 author? (voice unsure author by desk at 1)"; !strings.Contains(got, want) || strings.Contains(got, "voice?") {
		t.Errorf("placeholders %s, want of candidates only %s", got, want)
	}

	reporter := d.person("reporter")
	d.judge(reporter, events.Unsure, author, "", 0)
	d.record()
	ambiguous := "one: ambiguous voice author reporter? also two, "
	equal(t, "of a reporter", speakers(), ambiguous+"threat: ambiguous voice voice author?")

	editor := d.person("editor")
	d.judge(author, events.Same, editor, "", 0)
	d.record()
	equal(t, "when he is identified", speakers(), "threat: ambiguous voice voice "+d.names[d.g.View(nil).Canonical(editor.ID)]+"?")
}

// What links a statement that has been replaced is on the list of the one in its place,
// until it is retracted.
func TestLinkedBeforeReplaced(t *testing.T) {
	d := newDesk(t)
	kelly := d.person("Kelly")
	d.Source("https://example.org/1").By(kelly)
	src := func() *events.SourceRef { return d.Known(events.Key("source", "https://example.org/1"), kelly) }
	ids := map[string]uuid.UUID{}
	say := func(name string, s *events.StatementRef) {
		d.name(name, s)
		ids[name] = s.ID()
	}
	say("first", src().Reports(kelly, "resign", kelly).On("2025-03-03"))
	say("denial", src().Reports(kelly, "deny", kelly))
	first, denial := ids["first"], ids["denial"]
	link := d.Link(denial, events.Withdraws, first, "")
	say("claim", d.Infers(kelly, "dispute").Arg("what", events.Said(first)))
	d.record()
	equal(t, "before", d.tasks(d.g.View(nil), all, query.LinkedBeforeReplaced), "")
	before := d.g.View(nil)

	say("second", src().Reports(kelly, "resign", kelly).On("2025-03-04").Replaces(first))
	d.record()
	say("third", src().Reports(kelly, "resign", kelly).On("2025-03-05").Replaces(ids["second"]))
	d.record()
	linkedBy := func() []uuid.UUID {
		tasks := answersOf(t, query.Worklist(ctx, d.g.View(nil), all, nil))
		if len(tasks) == 0 {
			return nil
		}
		if x := tasks[0]; len(tasks) > 1 || x.Kind != query.LinkedBeforeReplaced || x.ID != ids["third"] {
			t.Fatalf("%d tasks, the first of %s: %v", len(tasks), d.names[x.ID], x.Kind)
		}
		return tasks[0].LinkedBy
	}
	if by := linkedBy(); !slices.Equal(by, []uuid.UUID{link, ids["claim"]}) {
		t.Errorf("linked by %v", by)
	}
	say("of the second", d.Infers(kelly, "dispute").Arg("what", events.Said(ids["second"])))
	d.record()
	if by := linkedBy(); !slices.Equal(by, []uuid.UUID{link, ids["of the second"], ids["claim"]}) {
		t.Errorf("linked by %v, links of recorders are to come first", by)
	}
	d.Retract(ids["of the second"], "said of the third")
	d.Retract(link, "said of the third")
	d.record()
	if by := linkedBy(); !slices.Equal(by, []uuid.UUID{ids["claim"]}) {
		t.Errorf("linked by %v", by)
	}
	d.Retract(ids["claim"], "said of the third")
	d.record()
	if by := linkedBy(); by != nil {
		t.Errorf("linked by %v", by)
	}
	equal(t, "as of before", d.tasks(before, all, query.LinkedBeforeReplaced), "")
}

// A split of a statement that has been replaced is on the list of the one in its place, where
// that lies with the old entity, until it is split, too.
func TestSplitBeforeReplaced(t *testing.T) {
	d := newDesk(t)
	elder, younger, vicar := d.person("elder"), d.person("younger"), d.person("vicar")
	alias := d.person("the old one")
	src := func() *events.SourceRef { return d.Known(events.Key("source", "https://example.org/1"), vicar) }
	d.Source("https://example.org/1").By(vicar)
	split := func(name string, entity, other events.EntityRef, ms ...events.Mention) uuid.UUID {
		id := d.Add(&events.EntitySplit{Entity: entity.ID, Parts: []events.SplitPart{{Entity: other.ID, Mentions: ms}}})
		d.names[id] = name
		return id
	}
	tasks := func(v graph.View) string {
		return list(t, query.Worklist(ctx, v, all, &query.WorklistOptions{Kinds: []query.TaskKind{query.SplitBeforeReplaced}}), func(t *query.Task) string {
			s := fmt.Sprintf("%s: %v", d.reading(t.Reading), t.Kind)
			for _, id := range t.SplitBy {
				s += " by " + d.names[id]
			}
			return s
		})
	}
	const task = ": split before it was replaced by "

	dies := d.name("dies", src().Says("die", elder).On("1821"))
	begets := d.name("begets", src().Says("beget", elder, elder))
	asks := d.name("asks", d.Source("https://example.org/2").By(younger).Says("ask", elder))
	hails := d.name("hails", src().Says("hail", elder, elder))
	other := d.name("other", src().Says("marry", elder))
	same := d.name("same", src().Says("move", elder))
	d.record()
	anywhere := split("anywhere", elder, younger, events.Mention{Statement: dies}, events.Mention{Statement: asks}, events.Mention{Statement: other}, events.Mention{Statement: hails})
	split("son", elder, younger, events.Mention{Statement: begets, Place: events.InArgument, Index: 1})
	split("same", elder, alias, events.Mention{Statement: same})
	d.judge(elder, events.Same, alias, "", 0)
	d.record()
	before := d.g.View(nil)
	equal(t, "before", tasks(before), "")

	dies2 := d.name("dies 2", src().Says("die", elder).On("1827").Replaces(dies))
	d.name("begets 2", src().Says("beget", elder, younger).On("1790").Replaces(begets))
	d.name("asks 2", d.Known(events.Key("source", "https://example.org/2"), younger).Says("ask", elder).On("1800").Replaces(asks))
	hails2 := d.name("hails 2", src().Says("hail", elder, elder).On("1800").Replaces(hails))
	d.name("other 2", src().Says("marry", vicar).Replaces(other))
	d.name("same 2", src().Says("move", elder).On("1800").Replaces(same))
	d.record()
	equal(t, "replaced", tasks(d.g.View(nil)), "dies 2"+task+"anywhere, asks 2"+task+"anywhere, hails 2"+task+"anywhere")
	split("one of two", elder, younger, events.Mention{Statement: hails2, Place: events.InArgument, Index: 1})
	d.record()
	equal(t, "one of two is split, too", tasks(d.g.View(nil)), "dies 2"+task+"anywhere, asks 2"+task+"anywhere")
	equal(t, "of a pattern", list(t, query.Worklist(ctx, d.g.View(nil), graph.Pattern{Predicate: "die"}, nil), func(t *query.Task) string {
		return t.Kind.String() + " by " + d.names[t.SplitBy[0]]
	}), "split before it was replaced by anywhere")

	dies3 := d.name("dies 3", src().Says("die", alias).On("1828").Replaces(dies2))
	d.record()
	equal(t, "twice, and of one that is the same", tasks(d.g.View(nil)), "asks 2"+task+"anywhere, dies 3"+task+"anywhere")
	too := split("too", alias, younger, events.Mention{Statement: dies3})
	d.record()
	equal(t, "split, too", tasks(d.g.View(nil)), "asks 2"+task+"anywhere")
	d.Retract(too, "")
	d.record()
	equal(t, "not any more", tasks(d.g.View(nil)), "asks 2"+task+"anywhere, dies 3"+task+"anywhere")
	d.Retract(anywhere, "")
	d.record()
	equal(t, "retracted", tasks(d.g.View(nil)), "")
	equal(t, "as of before", tasks(before), "")
}

// What the view does not show links nothing, and what refers to two that were replaced does so once.
func TestLinkedBeforeReplacedThroughALens(t *testing.T) {
	d := newDesk(t)
	a := d.person("A")
	first := d.name("first", d.story().Says("resign", a).On("2025-03-03"))
	d.record()
	second := d.name("second", d.story().Says("resign", a).On("2025-03-04").Replaces(first))
	claim := d.name("claim", d.story().Says("doubt", a).Arg("what", events.Said(first)).Arg("also", events.Said(second)).Stance("PS+"))
	d.record()
	d.name("third", d.story().Says("resign", a).On("2025-03-05").Replaces(second))
	d.record()
	tasks := answersOf(t, query.Worklist(ctx, d.g.View(nil), all, nil))
	if len(tasks) != 1 || !slices.Equal(tasks[0].LinkedBy, []uuid.UUID{claim}) {
		t.Errorf("%d tasks: %+v", len(tasks), tasks)
	}
	equal(t, "of what is certain", d.tasks(d.g.View(&graph.Lens{Least: events.Certain}), all), "")
}

// What very much links is asked only whether anything does, until its turn comes, and not
// that if it is not asked for. The question can be stopped on the way.
func TestLinkedByMany(t *testing.T) {
	d := newDesk(t)
	a := d.person("A")
	src := d.story()
	first := d.name("first", src.Says("resign", a).Act(events.Withhold))
	for i := range 2000 {
		src.Says("dispute", a).Arg("what", events.Said(first)).Arg("why", events.Text(strconv.Itoa(i), "")).ID()
	}
	d.record()
	d.name("second", d.story().Says("resign", a).On("2025").Act(events.Withhold).Replaces(first))
	d.record()
	v, resign := d.g.View(nil), graph.Pattern{Predicate: "resign"}
	for _, c := range []struct {
		kind        query.TaskKind
		looks       int
		tasks, errs int
	}{
		{query.Withheld, 3, 1, 0},
		{query.LinkedBeforeReplaced, 7, 0, 1},
		{query.LinkedBeforeReplaced, 20, 1, 0},
	} {
		o := &query.WorklistOptions{Kinds: []query.TaskKind{c.kind}}
		if n, errs := outcome(query.Worklist(&lasting{ctx, c.looks}, v, resign, o)); n != c.tasks || len(errs) != c.errs {
			t.Errorf("%v, %d looks at the context: %d tasks, %v", c.kind, c.looks, n, errs)
		}
	}
}

func answersOf[T any](t testing.TB, seq iter.Seq2[T, error]) (all []T) {
	for a, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, a)
	}
	return all
}

// inOrder prints the names of two entities, the one with the smaller id first.
func (d *desk) inOrder(format string, a, b uuid.UUID) string {
	if a.String() > b.String() {
		a, b = b, a
	}
	return strings.Replace(strings.Replace(format, "%s", d.names[a], 1), "%s", d.names[b], 1)
}

// The date of publication is corrected. What was dated from it stays as it was
// recorded, and comes on the list.
func TestAnchorCorrected(t *testing.T) {
	d := newDesk(t)
	a := d.person("A")
	id := events.Key("source", "article")
	d.record()
	revisions := 0
	publish := func(when string) uuid.UUID {
		s := events.Source{ID: id, Authors: []uuid.UUID{a.ID}}
		if when != "" {
			s.Published = edtf.MustParse(when)
		}
		revisions++ // each an event of its own, also if it goes back to an earlier date
		added := events.Event{ID: events.Key("event", "revision", strconv.Itoa(revisions)), Body: &events.SourceAdded{Source: s}}
		if _, err := d.g.Record(ctx, &events.Batch{Recorder: "desk", Events: []events.Event{added}}); err != nil {
			t.Fatal(err)
		}
		return added.ID
	}
	src := func() *events.SourceRef { return d.Known(id, a) }
	corrected := func(v graph.View) string { return d.tasks(v, all, query.AnchorCorrected) }

	publish("[2025-08-03,2025-08-04]")
	d.name("week", src().Says("visit", a).When("later this week", "[2025-08-04..2025-08-10]", "[2025-08-03,2025-08-04]"))
	d.name("day", src().Says("visit", a).When("on Wednesday", "2025-08-06", "2025-08-04"))
	d.name("date", src().Says("visit", a).On("2025-08-06"))
	claim := d.Claim("agree", a)
	claim.When = events.When{Time: edtf.MustParse("2025-08-08"), As: "by Friday", Anchor: edtf.MustParse("[2025-08-03,2025-08-04]")}
	inner := d.Claim("hope", a)
	inner.Args = append(inner.Args, events.Arg{Role: "what", Value: events.Nested(claim)})
	d.name("inside", src().Says("wait", a).Arg("for", events.Nested(inner)).If(claim, "").SaidAs("yesterday", "2025-08-03", "[2025-08-03,2025-08-04]"))
	first := d.record()
	equal(t, "at first", corrected(d.g.View(nil)), "")

	publish("2025-08-04")
	want := `week: anchor corrected "later this week[2025-08-04..2025-08-10]" of 2025-08-04,` +
		` inside: anchor corrected "by Friday2025-08-08" "by Friday2025-08-08" "yesterday2025-08-03" of 2025-08-04`
	equal(t, "corrected", corrected(d.g.View(nil)), want)
	equal(t, "as of before", corrected(d.g.View(&graph.Lens{AsOf: first})), "")
	d.name("anew", src().Says("visit", a).When("later this week", "[2025-08-04..2025-08-10]", "2025-08-04").Gloss("anew"))
	d.record()
	equal(t, "recorded since", corrected(d.g.View(nil)), want)

	d.name("month", src().Says("visit", a).When("next week", "2025-08-12", "2025-08"))
	d.record()
	publish("2025-08-04T12:00:00Z")
	equal(t, "the hour of the day", corrected(d.g.View(nil)), strings.ReplaceAll(want, "of 2025-08-04", "of 2025-08-04T12:00:00Z"))
	d.name("hour", src().Says("leave", a).When("tomorrow", "2025-08-05", "2025-08-04").SaidAs("an hour ago", "2025-08-04T11:00:00Z", "2025-08-04T12:00:00Z"))
	d.record()
	last := publish("2025-08-05T12:00:00Z")
	got := corrected(d.g.View(nil))
	if !strings.HasSuffix(got, `hour: anchor corrected "tomorrow2025-08-05" "an hour ago2025-08-04T11:00:00Z" of 2025-08-05T12:00:00Z`) || !strings.Contains(got, "anew: ") {
		t.Errorf("another day: %s", got)
	}
	d.Retract(last, "the day was right")
	d.record()
	equal(t, "a correction withdrawn", corrected(d.g.View(nil)), strings.ReplaceAll(want, "of 2025-08-04", "of 2025-08-04T12:00:00Z"))
	publish("")
	if got := corrected(d.g.View(nil)); !strings.Contains(got, `inside: anchor corrected "by Friday2025-08-08" "by Friday2025-08-08" "yesterday2025-08-03",`) || strings.Contains(got, "month: ") {
		t.Errorf("the date is not known any more: %s", got)
	}
	publish("[2025-08-03,2025-08-04]")
	if got := corrected(d.g.View(nil)); strings.Contains(got, "week: ") || !strings.Contains(got, "anew: ") {
		t.Errorf("as at first: %s", got)
	}
}

// What is redacted while a loop runs is left out of it.
func TestRedactedMeanwhile(t *testing.T) {
	d := newDesk(t)
	a, one, two := d.person("A"), d.Placeholder("one"), d.Placeholder("two")
	src := d.story()
	d.name("1", src.Says("meet", a, one))
	second := d.name("2", src.Says("see", a, one))
	d.name("3", src.Says("hear", a, two))
	d.record()
	v := d.g.View(nil)
	var got []string
	for task, err := range query.Worklist(ctx, v, all, nil) {
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, d.reading(task.Reading)); len(got) == 1 {
			d.Redact(second, "private")
			d.record()
		}
	}
	equal(t, "the list", strings.Join(got, ", "), "1, 3")

	got = nil
	for u, err := range query.Placeholders(ctx, v) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, u.Name.Text)
		for e, err := range v.Events(ctx, 0) {
			if err != nil {
				t.Fatal(err)
			}
			if r, ok := e.Body.(*events.EntityRegistered); ok && r.Entity.Kind == events.Placeholder && r.Entity.ID != u.ID {
				d.Redact(e.ID, "private")
				d.record()
			}
		}
	}
	if len(got) != 1 {
		t.Errorf("placeholders %v, want one", got)
	}
}
