package main

import (
	"strings"

	"github.com/onrecord/onrecord/events"
)

// speech lists the relations by which a subject says something, by how their
// names begin, and what the subject does by saying it. The names are those of
// CAMEO (Conflict and Mediation Event Observations), whose classes 01 to 05 and
// 10 to 13 are mostly verbal. What is done rather than said is left out even
// there, as visits, signatures and lawsuits are.
var speech = []struct {
	prefix string
	act    events.Act
}{
	{"Accuse", events.Assert},
	{"Acknowledge or claim responsibility", events.Assert},
	{"Apologize", events.Express},
	{"Appeal ", events.Direct},
	{"Complain officially", events.Express},
	{"Consider policy option", events.Assert},
	{"Consult", events.Assert},
	{"Criticize or denounce", events.Express},
	{"Declare truce", events.Declare},
	{"Decline comment", events.Withhold},
	{"Defend verbally", events.Assert},
	{"Demand", events.Direct},
	{"Deny responsibility", events.Assert},
	{"Discuss by telephone", events.Assert},
	{"Engage in negotiation", events.Assert},
	{"Express accord", events.Express},
	{"Express intent", events.Commit},
	{"Forgive", events.Express},
	{"Give ultimatum", events.Direct},
	{"Make an appeal or request", events.Direct},
	{"Make empathetic comment", events.Express},
	{"Make optimistic comment", events.Assert},
	{"Make pessimistic comment", events.Assert},
	{"Make statement", events.Assert},
	{"Mediate", events.Direct},
	{"Praise or endorse", events.Express},
	{"Rally opposition against", events.Direct},
	{"Rally support on behalf of", events.Direct},
	{"Refuse to ", events.Commit},
	{"Reject", events.Commit},
	{"Threaten", events.Commit},
	{"Veto", events.Declare},
}

// spoken returns what a subject does by speaking, and false if the relation is a
// deed, which only the coder tells of.
func spoken(relation string) (events.Act, bool) {
	for _, s := range speech {
		if strings.HasPrefix(relation, s.prefix) {
			return s.act, true
		}
	}
	return 0, false
}
