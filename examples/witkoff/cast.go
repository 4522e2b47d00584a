package main

import "github.com/onrecord/onrecord/events"

// cast is who and what the article is about, by short names.
type cast struct {
	putin, witkoff, trump, peskov, kelly                          events.EntityRef
	kremlin, russianGovernment, usGovernment, desk                events.EntityRef
	russia, usa, ukraine, israel, moscow                          events.EntityRef
	presidentRU, presidentUS, envoy, pressSecretary, unAmbassador events.EntityRef

	meeting, visit, call                                            events.EntityRef
	february, march, april11, april25                               events.EntityRef // meetings
	visits                                                          [4]events.EntityRef
	trip, conflict, dialogue, mediation, deadline, tariffs, request events.EntityRef

	issue, settlement, secondaryTariffs, measures, earlierMeasures events.EntityRef

	// Who or what the article leaves open.
	author, counterpart, expecter, kellyOrAuthor, restrictions events.EntityRef
	partners                                                   events.EntityRef // a group that nobody lists
}

// enter registers the cast. The last word of each line is the entity's natural
// key, from which its id is made.
func enter(b *events.Builder) *cast {
	c := &cast{
		putin:   b.Entity(events.Person, "Vladimir Putin", "putin"),
		witkoff: b.Entity(events.Person, "Steve Witkoff", "witkoff"),
		trump:   b.Entity(events.Person, "Donald Trump", "trump"),
		peskov:  b.Entity(events.Person, "Dmitry Peskov", "peskov"),
		kelly:   b.Entity(events.Person, "John Kelly", "kelly"),

		kremlin:           b.Entity(events.Organisation, "the Kremlin", "kremlin"),
		russianGovernment: b.Entity(events.Organisation, "the Russian government", "russia-government"),
		usGovernment:      b.Entity(events.Organisation, "the US government", "us-government"),
		desk:              b.Entity(events.Organisation, "the desk", "desk"),

		russia:  b.Entity(events.Place, "Russia", "russia"),
		usa:     b.Entity(events.Place, "the United States", "usa"),
		ukraine: b.Entity(events.Place, "Ukraine", "ukraine"),
		israel:  b.Entity(events.Place, "Israel", "israel"),
		moscow:  b.Entity(events.Place, "Moscow", "moscow-city"),

		presidentRU:    b.Entity(events.Office, "President of Russia", "president-ru"),
		presidentUS:    b.Entity(events.Office, "President of the United States", "president-us"),
		envoy:          b.Entity(events.Office, "US special envoy", "us-special-envoy"),
		pressSecretary: b.Entity(events.Office, "press secretary of the President of Russia", "press-secretary-president-ru"),
		unAmbassador:   b.Entity(events.Office, "US ambassador to the UN", "us-ambassador-un"),

		meeting:   b.Entity(events.Occurrence, "a meeting of Putin and Witkoff", "O1"),
		visit:     b.Entity(events.Occurrence, "Witkoff's visit to Russia", "O2-visit"),
		call:      b.Entity(events.Occurrence, "Putin's phone call", "O3-call"),
		february:  b.Entity(events.Occurrence, "the meeting of 11 February", "O4-meeting"),
		march:     b.Entity(events.Occurrence, "the meeting of 13 March", "O5-meeting"),
		april11:   b.Entity(events.Occurrence, "the meeting of 11 April", "O6-meeting"),
		april25:   b.Entity(events.Occurrence, "the meeting of 25 April", "O7-meeting"),
		trip:      b.Entity(events.Occurrence, "Witkoff's trip to Israel", "O12-israel-trip"),
		conflict:  b.Entity(events.Occurrence, "the conflict between Russia and Ukraine", "O13-conflict"),
		dialogue:  b.Entity(events.Occurrence, "the dialogue between Russia and the United States", "O14-dialogue"),
		mediation: b.Entity(events.Occurrence, "the US mediation", "O15-mediation"),
		deadline:  b.Entity(events.Occurrence, "Trump's deadline", "O16-deadline"),
		tariffs:   b.Entity(events.Occurrence, "the imposing of secondary tariffs", "O17-tariffs"),
		request:   b.Entity(events.Occurrence, "the request to meet Witkoff", "O18-request"),

		issue:            b.Entity(events.Topic, "the issue of Ukraine", "ukraine-issue"),
		settlement:       b.Entity(events.Topic, "a settlement for Ukraine", "ukraine-settlement"),
		secondaryTariffs: b.Entity(events.Topic, "secondary tariffs", "secondary tariffs"),
		measures:         b.Entity(events.Topic, "additional punitive measures", "additional punitive measures"),
		earlierMeasures:  b.Entity(events.Topic, "earlier punitive measures", "earlier punitive measures"),
		partners:         b.Entity(events.Group, "Russia's trading partners", "g1-trading-partners"),

		author:        b.Entity(events.Placeholder, "the article's author", "author"),
		counterpart:   b.Entity(events.Placeholder, "somebody abroad who is not named", "u1-foreign-counterpart"),
		expecter:      b.Entity(events.Placeholder, "somebody not named", "u2-expecter"),
		kellyOrAuthor: b.Entity(events.Placeholder, "the speaker at the UN, or the article's author", "kelly?"),
		restrictions:  b.Entity(events.Placeholder, "such restrictions", "such restrictions (S35|S38)"),
	}
	for i, nth := range [4]string{"first", "second", "third", "fourth"} {
		c.visits[i] = b.Entity(events.Occurrence, "Witkoff's "+nth+" visit to Russia in 2025", "visit "+string(rune('1'+i))+" of S28")
	}
	return c
}

// vocabulary are the predicates that are used here, and their roles. A statement
// with a role that is not declared is refused. The links that a text makes, such
// as replies_to, have theirs already.
var vocabulary = []events.Predicate{
	{Name: "meet", Symmetric: true, Roles: []events.Role{role("participant", events.Person), role("part_of", events.Occurrence)}},
	{Name: "phone_call", Symmetric: true, Roles: []events.Role{role("participant", events.Person)}},
	{Name: "visit", Roles: []events.Role{
		role("agent", events.Person),
		{Name: "destination", Values: []events.ValueKind{events.EntityValue}, Entities: []events.EntityKind{events.Place}, Functional: true},
		role("after", events.Occurrence),
	}},
	{Name: "visit_count", Roles: []events.Role{role("agent", events.Person), role("destination", events.Place), value("count", events.NumberValue)}},
	{Name: events.HoldPosition, Roles: []events.Role{
		role(events.RoleHolder, events.Person), role(events.RolePosition, events.Office), role("principal", events.Person),
	}},
	{Name: "identity", Roles: []events.Role{role("of"), role("is")}},
	{Name: "initiate", Roles: []events.Role{role("agent"), role("theme", events.Occurrence)}},
	{Name: "request_meeting", Roles: []events.Role{role("agent"), role("with", events.Person)}},
	{Name: "want_to_see", Roles: []events.Role{role("experiencer"), role("theme")}},
	{Name: "set_deadline", Roles: []events.Role{role("agent"), value("for", events.ClaimValue), value("due", events.TimeValue)}},
	{Name: "set_window", Once: true, Roles: []events.Role{role("agent"), role("for", events.Occurrence), value("length", events.NumberValue)}},
	{Name: "before", Roles: []events.Role{role("left", events.Occurrence), role("right", events.Occurrence), value("distance", events.TextValue)}},
}

// role is one that entities fill: those of some kinds, or any.
func role(name string, kinds ...events.EntityKind) events.Role {
	return events.Role{Name: name, Values: []events.ValueKind{events.EntityValue}, Entities: kinds}
}

func value(name string, kind events.ValueKind) events.Role {
	return events.Role{Name: name, Values: []events.ValueKind{kind}}
}
