package main

import (
	"encoding/hex"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
)

const (
	// articleSHA256 identifies the text. Its offsets count its code points.
	articleSHA256 = "15039733ef92ca90321e6035981231a3d1fc3bb90573d318790b0f8339633c90"
	// published is one of two days: the article carries no date, and its "later
	// this week" fits the second only.
	published = "[2025-08-03,2025-08-04]"
	// earlier is what was said or done at some time before.
	earlier = "[..2025-08-04]"
)

// articleID is the article's id as a source.
var articleID = events.Key("source", articleSHA256)

// taker takes statements from the article.
type taker struct {
	*cast
	b      *events.Builder
	source *events.SourceRef
	ids    map[string]uuid.UUID // by label
}

// take records a statement: its label, start <= k < end in code points, and what
// it says in the desk's own words.
func (t *taker) take(label string, start, end int, gloss string, st *events.StatementRef) {
	t.ids[label] = st.At(start, end).Locator(label).Gloss(gloss).ID()
}

// said are statements that an argument refers to.
func (t *taker) said(st *events.StatementRef, role string, labels ...string) *events.StatementRef {
	for _, l := range labels {
		st.Arg(role, events.Said(t.ids[l]))
	}
	return st
}

// says is what the author says.
func (t *taker) says(predicate string, entities ...events.EntityRef) *events.StatementRef {
	return t.source.Says(predicate, entities...).Said(published)
}

// holds is what the author takes for granted.
func (t *taker) holds(predicate string, entities ...events.EntityRef) *events.StatementRef {
	return t.says(predicate, entities...).Form(events.Presupposed).On(published)
}

// spokesman is what Peskov says for the Kremlin, in the author's words; as is how
// the author names him.
func (t *taker) spokesman(as, cue, predicate string, entities ...events.EntityRef) *events.StatementRef {
	return t.source.Reports(t.peskov.As(as), predicate, entities...).For(t.kremlin).Cue(cue).Said(published)
}

// welcomes is what Peskov says for the Kremlin, in his own.
func (t *taker) welcomes(cue, words, predicate string) *events.StatementRef {
	return t.spokesman("Peskov", cue, predicate).Act(events.Express).Form(events.Quote).Exact(words)
}

// president is what Trump says, in his own words.
func (t *taker) president(cue, words, predicate string, entities ...events.EntityRef) *events.StatementRef {
	return t.source.Quotes(t.trump.As("Trump"), words, predicate, entities...).Cue(cue).Said(published)
}

// article records the article and its 43 statements.
func article(b *events.Builder, _ *cast) {
	t := &taker{cast: enter(b), b: b, ids: make(map[string]uuid.UUID)}
	sum, _ := hex.DecodeString(articleSHA256)
	when, _ := edtf.Parse(published)
	b.Add(&events.SourceAdded{Source: events.Source{ID: articleID, Authors: []uuid.UUID{t.author.ID}, Published: when, SHA256: sum, Language: "en"}})
	t.source = b.Known(articleID, t.author).Language("en")
	for _, n := range []struct {
		entity events.EntityRef
		name   string
	}{
		{t.witkoff, "Steve Witkoff"}, {t.witkoff, "Mr. Witkoff"}, {t.witkoff, "Whitkoff"}, {t.kelly, "John Kelly"},
		{t.pressSecretary, "presidential press secretary"}, {t.pressSecretary, "Kremlin spokesperson"},
	} {
		t.source.Names(n.entity, n.name, "en")
	}
	t.kremlinSpeaks()
	t.trumpAnnounces()
	t.visitsAndTariffs()
	t.unitedNations()
}

// kremlinSpeaks takes lines 1 to 7.
func (t *taker) kremlinSpeaks() {
	t.take("S1", 0, 232, "Putin and Witkoff meet", t.spokesman("Dmitry Peskov", "has not ruled out … said", "meet").Stance("PS+").
		Occurrence(t.meeting).Role("participant", t.putin, t.witkoff).When("later this week", "[2025-08-04..2025-08-10]", published))
	t.take("S2", 67, 99, "Putin is President of Russia", t.holds(events.HoldPosition, t.putin, t.presidentRU))
	t.take("S3", 104, 165, "Witkoff is Trump's envoy", t.holds(events.HoldPosition, t.witkoff, t.envoy, t.trump))
	t.take("S4", 140, 165, "Trump is US President", t.holds(events.HoldPosition, t.trump, t.presidentUS))
	t.take("S5", 184, 226, "Peskov is Putin's press secretary", t.holds(events.HoldPosition, t.peskov, t.pressSecretary))

	t.take("S6", 256, 340, "Russia and the US stop talking", t.spokesman("Peskov", "emphasized", "cease").Stance("CT-").
		Occurrence(t.dialogue).Role("participant", t.russia, t.usa).Role("topic", t.issue).On(published))
	t.take("S7", 351, 393, "The US government goes on mediating", t.spokesman("Peskov", "emphasized", "mediate").
		Occurrence(t.mediation).Role("agent", t.usGovernment.As("Washington")).On(published))
	t.take("S8", 395, 513, "The US government looks for a settlement", t.spokesman("the Kremlin spokesperson", "According to", "seek").
		Role("agent", t.usGovernment.As("the US administration")).Role("theme", t.settlement).Arg("manner", events.Text("actively", "en")).On(published))
	t.take("S9", 514, 557, "Witkoff has a role in it", t.says("have_role").Form(events.Heading).
		Role("agent", t.witkoff.As("Whitkoff")).Role("in", t.mediation).On(published))

	t.take("S10", 559, 606, "The Kremlin is glad to see Witkoff", t.welcomes("noted", "We are always glad to see Mr. Witkoff in Moscow", "be_glad_to_see").
		Role("experiencer", t.kremlin.As("We")).Role("theme", t.witkoff.As("Mr. Witkoff")).Role("place", t.moscow).When("always", "", ""))
	t.take("S11", 611, 642, "The Kremlin welcomes contact with Witkoff", t.welcomes("noted", "always welcome contact with him", "welcome").
		Role("experiencer", t.kremlin).Arg("theme", events.Text("contact", "en")).Role("with", t.witkoff.As("him")).When("always", "", ""))
	// Who speaks in line 5 is carried over from line 4: there is no cue.
	t.take("S12", 660, 723, "The Kremlin finds Witkoff's visits useful", t.welcomes("", "We consider his visits important, substantive, and very useful.", "evaluate").
		Role("agent", t.kremlin.As("We")).ArgAs("theme", events.Nested(t.b.Claim("visit", t.witkoff.As("his"))), "his visits").
		Arg("value", events.Text("important", "en")).Arg("value", events.Text("substantive", "en")).Arg("value", events.Text("very useful", "en")))

	t.take("S14", 746, 830, "Russia asked for the meeting", t.source.Reports(t.trump.As("President Trump"), "initiate", t.russianGovernment.As("Moscow"), t.meeting.As("the meeting")).
		Cue("claim").SaidAs("earlier", earlier, "").On(earlier))
	replies := t.says(events.RepliesTo.String()).On(published)
	t.said(t.said(replies, events.RoleFrom, "S10", "S11", "S12"), events.RoleTo, "S14")
	t.take("S13", 725, 777, "With these words he answered Trump", replies)

	t.take("S15", 832, 942, "Putin makes a phone call", t.spokesman("Peskov", "according to", "phone_call", t.putin, t.counterpart.As("foreign counterpart")).
		Occurrence(t.call).When("Monday, August 4", "2025-08-04", published))
	t.take("S16", 944, 1042, "With whom, he does not tell", t.spokesman("who", "declined to disclose", "identity", t.counterpart).
		Act(events.Withhold).Stance("CTu").Arg("is", events.Unknown()).On(published))
}

// trumpAnnounces takes lines 8 to 11.
func (t *taker) trumpAnnounces() {
	t.take("S17", 1044, 1090, "The deadline is near", t.says("approach").Form(events.Heading).Role("theme", t.deadline).On(published))
	t.take("S18", 1091, 1189, "Witkoff visits Russia", t.source.Reports(t.trump.As("Trump"), "visit", t.witkoff.As("Whitkoff"), t.russia, t.trip.As("his trip to Israel")).
		Cue("announced").SaidAs("recently", earlier, "").Occurrence(t.visit).When("following his trip to Israel on August 1", "[2025-08-01..]", ""))
	t.take("S19", 1159, 1189, "Witkoff travels to Israel", t.holds("visit", t.witkoff, t.israel).Occurrence(t.trip).When("on August 1", "2025-08-01", published))
	t.take("S20", 1191, 1239, "Witkoff visits Moscow", t.source.Reports(t.expecter, "visit", t.witkoff.As("The envoy"), t.moscow).
		Cue("is expected").Said(published).Stance("PR+").Occurrence(t.visit).When("on August 6 or 7", "[2025-08-06,2025-08-07]", published))
	t.take("S21", 1241, 1276, "The visit comes just before the deadline", t.says("before", t.visit, t.deadline).Arg("distance", events.Text("just", "en")))
	ending := events.Claim{Predicate: "progress on ending", Args: []events.Arg{{Role: "of", Value: events.Ref(t.conflict.ID)}}}
	t.take("S22", 1255, 1355, "Trump has set a deadline for progress on ending the conflict", t.holds("set_deadline", t.trump).Occurrence(t.deadline).
		Arg("for", events.Nested(ending)).ArgAs("due", events.At(on("2025-08-08").Time), "August 8").On(earlier))
	t.take("S23", 1328, 1355, "Russia and Ukraine are in conflict", t.holds("conflict").Occurrence(t.conflict).Role("party", t.russia, t.ukraine))

	const days = "[2025-08-06,2025-08-07]"
	t.take("S24", 1358, 1422, "Witkoff visits Russia", t.president("stated", "I think he may go to Russia next week, on Wednesday or Thursday.", "visit", t.witkoff.As("he"), t.russia).
		Stance("PS+").Occurrence(t.visit).When("next week, on Wednesday or Thursday", days, published))
	t.take("S25", 1423, 1443, "Russia wants to see Witkoff", t.president("stated", "They want to see him", "want_to_see", t.russianGovernment.As("They"), t.witkoff.As("him")).
		On(published))
	t.take("S26", 1445, 1472, "Russia asked to meet Witkoff", t.president("stated", "they asked to meet with him", "request_meeting", t.russianGovernment.As("they"), t.witkoff.As("him")).
		Occurrence(t.request).On(earlier))
	t.take("S27", 1498, 1521, "What comes of the visit is open", t.president("adding", "We’ll see what happens.", "outcome_open").Stance("Uu").Role("of", t.visit))

	// No text says this: it is the desk's judgement.
	for _, words := range []string{"S25", "S26"} {
		t.b.Link(t.ids[words], events.Explains, t.ids["S14"], "his own words, on which the report of them rests")
	}
}

// visitsAndTariffs takes line 12.
func (t *taker) visitsAndTariffs() {
	t.take("S28", 1523, 1584, "Witkoff made four visits", t.says("visit_count", t.witkoff, t.russia).
		ArgAs("count", events.Number("4", ""), "four").When("this year", "2025", published))
	for i, m := range []struct {
		label       string
		start, end  int
		meeting     events.EntityRef
		words, date string
	}{
		{"S29", 1586, 1629, t.february, "February 11", "2025-02-11"},
		{"S30", 1631, 1639, t.march, "March 13", "2025-03-13"},
		{"S31", 1641, 1649, t.april11, "April 11", "2025-04-11"},
		{"S32", 1655, 1663, t.april25, "April 25", "2025-04-25"},
	} {
		t.take(m.label, m.start, m.end, "Witkoff and Putin met", t.says("meet").Occurrence(m.meeting).
			Role("participant", t.witkoff, t.putin).Role("part_of", t.visits[i]).When(m.words, m.date, "2025"))
	}
	t.take("S33", 1665, 1683, "Witkoff visits Russia", t.holds("visit", t.witkoff, t.russia).Occurrence(t.visit).When("upcoming", "[2025-08-04..]", published))
	t.take("S34", 1665, 1702, "The visit is critical", t.says("be_critical").Stance("PS+").Role("theme", t.visit))
	t.take("S35", 1715, 1833, "Trump threatens Russia and its trading partners with secondary tariffs", t.source.Reports(t.trump.As("Trump"), "impose").Act(events.Commit).Cue("threat").Said(earlier).
		Occurrence(t.tariffs).Role("agent", t.trump).Role("theme", t.secondaryTariffs).Role("target", t.russia, t.partners.As("its trading partners")).
		Unless(events.Claim{Predicate: "peace_progress", When: on("../2025-08-08")}, "if no peace progress is made by August 8"))
	t.take("S41", 1703, 1729, "That is because of the threat", t.said(t.said(t.says(events.Explains.String()), events.RoleFrom, "S35"), events.RoleTo, "S34"))
}

// unitedNations takes line 13.
func (t *taker) unitedNations() {
	t.take("S36", 1835, 1925, "Trump has set the deadline", t.source.Reports(t.kelly.As("US Ambassador to the UN John Kelly"), "set_deadline", t.trump.As("President Trump")).
		Cue("reiterated").Said(earlier).Occurrence(t.deadline).On(earlier))
	t.take("S37", 1835, 1869, "Kelly is US ambassador to the UN", t.holds(events.HoldPosition, t.kelly, t.unAmbassador))
	repeats := t.said(t.says(events.Repeats.String()).Form(events.Presupposed), events.RoleFrom, "S36").Arg(events.RoleTo, events.Unknown()).On(earlier)
	t.take("S43", 1870, 1880, "He had said so before", repeats)

	// Nobody tells whether Kelly goes on speaking here or the author.
	unresolved := events.Claim{Predicate: "resolved", Args: []events.Arg{{Role: "theme", Value: events.Ref(t.conflict.ID), As: "the conflict"}}}
	t.take("S38", 1927, 2017, "The US government considers more punitive measures", t.source.Reports(t.kellyOrAuthor, "consider").Act(events.Commit).Said(earlier).
		Role("agent", t.usGovernment.As("Washington")).Role("theme", t.measures).Unless(unresolved, "If the conflict remains unresolved"))
	t.take("S42", 1988, 2016, "There are punitive measures already", t.source.Reports(t.kellyOrAuthor, "exist").Form(events.Presupposed).Said(earlier).
		Role("theme", t.earlierMeasures).Role("agent", t.usGovernment).On(earlier))
	t.take("S39", 2027, 2108, "Such restrictions have a significant impact on Moscow", t.source.Reports(t.trump.As("Trump"), "impact").Stance("PS-").Cue("acknowledged").Said(earlier).
		Role("cause", t.restrictions.As("such restrictions")).Role("theme", t.russianGovernment.As("Moscow")).ArgAs("degree", events.Text("significant", "en"), "significantly"))
	t.take("S40", 2018, 2049, "That is at odds with the threat", t.said(t.said(t.says(events.Contrasts.String()), events.RoleFrom, "S39"), events.RoleTo, "S35", "S38"))
}

// on is a time without words. The dates of the story are right: a test parses
// each.
func on(date string) events.When {
	t, err := edtf.Parse(date)
	if err != nil {
		panic(err)
	}
	return events.When{Time: t}
}
