package model

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
)

// Tenure is what is said on whether somebody holds an office.
type Tenure struct {
	Other                uuid.UUID // canonical: the holder or the office that was not asked for; empty: none
	Affirmed, Denied     []Reading
	AffirmedBy, DeniedBy []uuid.UUID
}

// Holders returns who is said to hold an office.
func (m *Model) Holders(l Lens, office uuid.UUID, on Bound) []Tenure {
	return m.tenures(l, office, events.RolePosition, events.RoleHolder, on)
}

// Offices returns which offices somebody is said to hold.
func (m *Model) Offices(l Lens, holder uuid.UUID, on Bound) []Tenure {
	return m.tenures(l, holder, events.RoleHolder, events.RolePosition, on)
}

func (m *Model) tenures(l Lens, id uuid.UUID, role, otherRole string, on Bound) (all []Tenure) {
	if !known(id) {
		return nil
	}
	v := m.look(l)
	for _, r := range v.shown {
		c := r.Statement.Claim
		if c.Predicate != events.HoldPosition || r.polarity() == events.Undetermined ||
			!v.filled(Fill{role, id}, c) || !overlaps(c.When.Time, on) {
			continue
		}
		for _, other := range v.inRole(c, otherRole) {
			i := slices.IndexFunc(all, func(t Tenure) bool { return t.Other == other })
			if i < 0 {
				i = len(all)
				all = append(all, Tenure{Other: other})
			}
			if r.polarity() == events.Affirmed {
				all[i].Affirmed = append(all[i].Affirmed, r)
			} else {
				all[i].Denied = append(all[i].Denied, r)
			}
		}
	}
	for i := range all {
		all[i].AffirmedBy, all[i].DeniedBy = v.originsOf(all[i].Affirmed), v.originsOf(all[i].Denied)
	}
	return all
}

// inRole returns the entities in a role, canonical and ascending, the empty id if
// there is none.
func (v look) inRole(c events.Claim, role string) (found []uuid.UUID) {
	for _, arg := range c.Args {
		if arg.Role == role && arg.Value.Kind == events.EntityValue {
			found = append(found, v.canonical(arg.Value.ID))
		}
	}
	if len(found) == 0 {
		return []uuid.UUID{uuid.Nil}
	}
	return sorted(found)
}

// Mandate is a statement made for an organisation.
type Mandate struct {
	Reading
	OwnWord bool
	Held    []Reading
	Certain []bool // of Held
	Denied  []Reading
}

// SaidFor returns what a pattern names and was said for an organisation.
func (m *Model) SaidFor(l Lens, organisation uuid.UUID, p Pattern) (all []Mandate) {
	if !known(organisation) {
		return nil
	}
	v := m.look(l)
	for _, r := range v.named(p) {
		origin := r.Statement.Voices[0]
		x := Mandate{Reading: r, OwnWord: v.anyOf(organisation, origin.Speakers, origin.For)}
		earliest, latest := v.said(r)
		for _, h := range v.shown {
			holds := slices.ContainsFunc(origin.Speakers, func(s events.Party) bool {
				return v.filled(Fill{events.RoleHolder, s.Entity}, h.Statement.Claim)
			})
			if !holds || !v.officeOf(organisation, h.Statement.Claim) || !mayCover(h.Statement.Claim.When.Time, earliest, latest) {
				continue
			}
			switch h.polarity() {
			case events.Affirmed:
				x.Held = append(x.Held, h)
				x.Certain = append(x.Certain, covers(h.Statement.Claim.When.Time, earliest, latest))
			case events.Denied:
				x.Denied = append(x.Denied, h)
			}
		}
		if x.OwnWord || len(x.Held) > 0 {
			all = append(all, x)
		}
	}
	return all
}

// officeOf reports whether a claim is that an office of an organisation is held:
// the office is part of it, or the claim names it beside holder and office.
func (v look) officeOf(organisation uuid.UUID, c events.Claim) bool {
	return c.Predicate == events.HoldPosition && slices.ContainsFunc(c.Args, func(arg events.Arg) bool {
		if arg.Value.Kind != events.EntityValue || arg.Role == events.RoleHolder {
			return false
		}
		if arg.Role == events.RolePosition {
			return v.within(arg.Value.ID, organisation)
		}
		return v.one(organisation, arg.Value.ID)
	})
}

// mayCover reports whether it may be that something holds on one of the days.
func mayCover(t edtf.Time, earliest, latest day) bool {
	return slices.Contains(mayBe(t)[earliest-firstDay:latest-firstDay+1], true)
}

// covers reports whether something holds at every second of the days, whatever
// its time means. Only what is always so does, or what began on a day before and
// ends on a day after: of a day it is not said when in it.
func covers(t edtf.Time, earliest, latest day) bool {
	if t.IsZero() {
		return true
	}
	text := t.String()
	if !strings.Contains(text, "/") {
		return false
	}
	d := parse(text)
	return (strings.HasPrefix(text, "..") || d.members[0].to < earliest) &&
		(strings.HasSuffix(text, "..") || latest < d.members[1].from)
}
