package model

import (
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// Asserted says that one statement bears on another.
type Asserted struct {
	Type               events.LinkType
	By                 uuid.UUID // the recorder's link, or the statement that makes it
	Statement          bool      // it is a statement
	From, To           uuid.UUID // empty: not known
	FromShown, ToShown bool
	Commits            Commits // of a reply
}

// Commits is what a reply commits to.
type Commits string

// The commitments.
const (
	Nothing     Commits = "nothing"
	DoesConfirm Commits = "confirms"
	DoesDeny    Commits = "denies"
)

// named returns the shown statements that a pattern names, in order of recording.
func (v look) named(p Pattern) []Reading {
	return slices.DeleteFunc(slices.Clone(v.shown), func(r Reading) bool { return !v.matches(p, r.Recorder, r.Statement) })
}

func indexOf(list []Reading, id uuid.UUID) int {
	return slices.IndexFunc(list, func(r Reading) bool { return r.ID == id })
}

// asserted returns all links of some types: those of recorders, then those that
// shown statements affirm.
func (v look) asserted(types ...events.LinkType) (found []Asserted) {
	for _, e := range v.standing() {
		if b, ok := e.Body.(*events.StatementsLinked); ok && slices.Contains(types, b.Link) && !e.redacted {
			found = append(found, Asserted{Type: b.Link, By: e.ID, From: b.From, To: b.To})
		}
	}
	for _, r := range v.shown {
		i := slices.IndexFunc(types, func(t events.LinkType) bool { return t.String() == r.Statement.Claim.Predicate })
		if i < 0 || r.polarity() != events.Affirmed {
			continue
		}
		for _, from := range linked(r.Statement.Claim, events.RoleFrom) {
			for _, to := range linked(r.Statement.Claim, events.RoleTo) {
				found = append(found, Asserted{Type: types[i], By: r.ID, Statement: true, From: from, To: to})
			}
		}
	}
	for i := range found {
		found[i].FromShown = indexOf(v.shown, found[i].From) >= 0
		found[i].ToShown = indexOf(v.shown, found[i].To) >= 0
	}
	return found
}

// linked returns the statements in a role, empty ids for those not known.
func linked(c events.Claim, role string) (ids []uuid.UUID) {
	for _, arg := range c.Args {
		if arg.Role == role {
			ids = append(ids, arg.Value.ID) // empty if it is unknown
		}
	}
	if len(ids) == 0 {
		ids = append(ids, uuid.Nil)
	}
	return ids
}

// concerning keeps the links of which a pattern names a statement, with the
// first statement so named.
func (v look) concerning(links []Asserted, p Pattern) (found []Asserted) {
	return touching(links, v.named(p))
}

func touching(links []Asserted, named []Reading) (found []Asserted) {
	given := make([]bool, len(links))
	for _, r := range named {
		for i, l := range links {
			if !given[i] && (l.From == r.ID || l.To == r.ID || l.By == r.ID) {
				given[i] = true
				found = append(found, l)
			}
		}
	}
	return found
}

// Asserted returns links of some types.
func (m *Model) Asserted(l Lens, p Pattern, types ...events.LinkType) []Asserted {
	v := m.look(l)
	return v.concerning(v.asserted(types...), p)
}

// Replies returns asserted replies with what they commit to.
func (m *Model) Replies(l Lens, p Pattern) []Asserted {
	v := m.look(l)
	replies := v.concerning(v.asserted(events.RepliesTo), p)
	for i := range replies {
		replies[i].Commits = v.commits(replies[i])
	}
	return replies
}

func (v look) commits(reply Asserted) Commits {
	says := func(link events.LinkType) bool {
		return known(reply.From, reply.To) && slices.ContainsFunc(v.asserted(link), func(l Asserted) bool {
			return l.From == reply.From && l.To == reply.To
		})
	}
	from, okFrom := v.readable(reply.From)
	to, okTo := v.readable(reply.To)
	both := okFrom && okTo
	switch {
	case says(events.Disputes), both && (v.opposes(from, to) || v.opposes(to, from)):
		return DoesDeny
	case says(events.Confirms), both && v.agrees(from, to):
		return DoesConfirm
	}
	return Nothing
}

// readable returns a statement that stands and is not redacted, shown or not.
func (v look) readable(id uuid.UUID) (Reading, bool) {
	e := v.find(id)
	if e == nil || e.statement() == nil || !e.standing || e.redacted {
		return Reading{}, false
	}
	return v.readingOf(e), true
}

// Pair is two statements, the first being the one that brought the pair up.
type Pair struct {
	First, Second uuid.UUID
	Kind          string     // of a conflict: time, role or number
	Role          string     // of a conflict: empty if it is one of times
	TakenBack     []Asserted // of the first, then of the second
}

// Oppositions returns denials and affirmations that oppose one another.
func (m *Model) Oppositions(l Lens, p Pattern) []Pair {
	v := m.look(l)
	return v.pairs(p, func(a, b Reading) (found []Pair) {
		if v.opposes(a, b) || v.opposes(b, a) {
			found = append(found, Pair{})
		}
		return found
	})
}

// Conflicts returns affirmations whose times, functional roles or numbers conflict.
func (m *Model) Conflicts(l Lens, p Pattern) []Pair {
	v := m.look(l)
	return v.pairs(p, func(a, b Reading) (found []Pair) {
		if a.polarity() != events.Affirmed || b.polarity() != events.Affirmed ||
			a.Statement.Claim.Predicate != b.Statement.Claim.Predicate {
			return nil
		}
		if v.timesConflict(a, b) {
			found = append(found, Pair{Kind: "time"})
		}
		return append(found, v.rolesConflict(a, b)...)
	})
}

// pairs goes through every pair of shown statements of which a pattern names
// one, each pair once, and gives one answer for each that f returns.
func (v look) pairs(p Pattern, f func(a, b Reading) []Pair) (found []Pair) {
	named, withdrawn := v.named(p), v.asserted(events.Withdraws, events.Corrects)
	for i, a := range named {
		for _, b := range v.shown {
			if j := indexOf(named, b.ID); a.ID == b.ID || j >= 0 && j < i {
				continue // it was the first of this pair
			}
			for _, answer := range f(a, b) {
				answer.First, answer.Second = a.ID, b.ID
				for _, side := range []uuid.UUID{a.ID, b.ID} {
					for _, l := range withdrawn {
						if l.To == side {
							answer.TakenBack = append(answer.TakenBack, l)
						}
					}
				}
				found = append(found, answer)
			}
		}
	}
	return found
}
