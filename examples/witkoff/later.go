package main

import "github.com/onrecord/onrecord/events"

// reading is what the desk itself concludes from the article: nobody in it says
// so.
func reading(b *events.Builder, c *cast) {
	b.Infers(c.desk, events.PartOf).Role(events.RolePart, c.meeting).Role(events.RoleWhole, c.visit).
		Gloss("the meeting is part of the visit")
	b.Infers(c.desk, events.PartOf).Role(events.RolePart, c.moscow).Role(events.RoleWhole, c.russia).
		Gloss("Moscow is in Russia")

	const open = "the text leaves it open"
	b.Judge(c.kellyOrAuthor, events.Unsure, c.kelly, open)
	b.Judge(c.kellyOrAuthor, events.Unsure, c.author, open)
	b.Judge(c.restrictions, events.Unsure, c.tariffs, open)
	b.Judge(c.restrictions, events.Unsure, c.measures, open)
}

// theCall is what TASS tells: whom Putin called.
func theCall(b *events.Builder, c *cast) {
	tass := b.Organisation("TASS")
	netanyahu := b.Person("Benjamin Netanyahu")
	source(b, tass, "2025-08-04").Says("phone_call", c.putin, netanyahu).Occurrence(c.call).On("2025-08-04").
		Gloss("Putin and Netanyahu speak on the phone")
	b.Judge(c.counterpart, events.Same, netanyahu, "TASS names him")
}

// theVisit is what happened: the visit and the meeting took place.
func theVisit(b *events.Builder, c *cast) {
	s := source(b, b.Placeholder("reports of the visit"), "")
	s.Says("visit", c.witkoff, c.russia).Occurrence(c.visit).On("2025-08-06").Gloss("Witkoff visits Russia")
	s.Says("meet").Occurrence(c.meeting).Role("participant", c.witkoff, c.putin).On("2025-08-06").Gloss("Witkoff and Putin meet")
}

// theSpeaker corrects who spoke at the UN. The article's words stay as they are.
func theSpeaker(b *events.Builder, c *cast) {
	s := source(b, b.Placeholder("other outlets"), "")
	diplomat := b.Office("senior diplomat of the US mission to the UN")
	s.Says(events.HoldPosition, c.kelly, diplomat).Gloss("Kelley is a senior diplomat of the US mission to the UN")
	s.Says(events.HoldPosition, c.kelly, c.unAmbassador).Stance("CT-").Gloss("Kelley is US ambassador to the UN")
	s.Names(c.kelly, "John Kelley", "en")
	b.Entity(events.Person, "John Kelley", "kelly") // the key is that of John Kelly: from here on he is called so
}

// theWindow is what two agencies tell of the time that the deadline ends: they
// cannot both be right.
func theWindow(b *events.Builder, c *cast) {
	window := b.Occurrence("the giving of fifty days")
	for _, by := range []struct{ agency, given string }{{"Anadolu", "2025-06"}, {"Ukrainska Pravda", "2025-07-14"}} {
		source(b, b.Organisation(by.agency), "").Says("set_window", c.trump, c.deadline).Occurrence(window).
			Arg("length", events.Number("50", "day")).On(by.given).Gloss("Trump gives fifty days")
	}
}

// source adds a source that is known by its publisher and, perhaps, its date.
func source(b *events.Builder, publisher events.EntityRef, published string) *events.SourceRef {
	s := events.Source{ID: events.Key("source", publisher.ID.String(), published), Publisher: publisher.ID}
	if published != "" {
		s.Published = on(published).Time
	}
	b.Add(&events.SourceAdded{Source: s})
	return b.Known(s.ID, publisher)
}
