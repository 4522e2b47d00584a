package model

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// ClaimStances is how a claim stands.
type ClaimStances struct {
	Of       uuid.UUID
	Holding  string
	Speakers []SpeakerStance
}

// SpeakerStance is what somebody holds of a claim.
type SpeakerStance struct {
	Speaker               uuid.UUID
	Affirms, Denies, Open bool
	Newest, Earlier       []uuid.UUID
	TakenBack             []Asserted
}

// Stances returns what each speaker holds of the claims of what a pattern names.
func (m *Model) Stances(l Lens, p Pattern) (found []ClaimStances) {
	v, then := m.look(l), l
	then.Valid, then.According, then.Least, then.Rated = Bound{}, nil, 0, nil
	told, links := m.look(then), v.asserted(events.Withdraws, events.Corrects)
	links = slices.DeleteFunc(links, func(a Asserted) bool {
		_, stands := v.readable(a.From)
		return stands && indexOf(told.shown, a.From) < 0
	})
	given := make(map[string]bool)
	for _, of := range v.named(p) {
		means, key := make(map[uuid.UUID]string), ""
		var all []Reading
		for _, r := range v.shown {
			if means[r.ID] = v.means(r, of); means[r.ID] != "" {
				all, key = append(all, r), key+fmt.Sprint(r.ID, means[r.ID])
			}
		}
		if given[key] {
			continue
		}
		given[key] = true
		var speakers []uuid.UUID
		ever, held, denied := false, false, false
		for _, r := range all {
			ever = ever || means[r.ID] == "affirms"
			if means[r.ID] != "beside" {
				speakers = once(append(speakers, v.speakers(r)...))
			}
		}
		a := ClaimStances{Of: of.ID, Holding: "unheld"}
		for _, who := range speakers {
			s := v.stanceOf(who, all, means, touching(links, all))
			held, denied = held || s.Affirms, denied || s.Denies
			a.Speakers = append(a.Speakers, s)
		}
		switch {
		case held && denied:
			a.Holding = "disputed"
		case held:
			a.Holding = "held"
		case denied:
			a.Holding = "denied"
		case ever:
			a.Holding = "once held"
		}
		found = append(found, a)
	}
	return found
}

// stanceOf returns what somebody holds, of what bears on a claim.
func (v look) stanceOf(who uuid.UUID, all []Reading, means map[uuid.UUID]string, links []Asserted) SpeakerStance {
	s := SpeakerStance{Speaker: who}
	var own, newest []Reading
	for _, r := range all {
		if !contains(v.speakers(r), who) {
			continue
		}
		stays := true
		for _, l := range links {
			by := l.From
			if l.Statement {
				by = l.By
			}
			maker, stands := v.readable(by)
			if l.To == r.ID && stands && contains(v.speakers(maker), who) {
				if stays = false; means[r.ID] != "beside" {
					s.TakenBack = append(s.TakenBack, l)
				}
			}
		}
		if stays {
			own = append(own, r)
		}
	}
	said := func(r Reading) interval {
		when, _ := v.uttered(r)
		return when
	}
	instead := func(r, by Reading) bool {
		return v.onOne(r, by) && (r.Statement.Voices[0].Stance != by.Statement.Voices[0].Stance ||
			v.holds(by.Statement.Claim, r.Statement.Claim.Args))
	}
	for _, r := range own {
		gone := slices.ContainsFunc(own, func(by Reading) bool { return said(r).to < said(by).from && instead(r, by) })
		takes := slices.ContainsFunc(own, func(o Reading) bool { return means[o.ID] != "beside" && said(o).from <= said(r).to && instead(o, r) })
		switch aside := means[r.ID] == "beside"; {
		case gone && !aside:
			s.Earlier = append(s.Earlier, r.ID)
		case !gone && (!aside || takes):
			newest, s.Newest = append(newest, r), append(s.Newest, r.ID)
			s.Affirms = s.Affirms || means[r.ID] == "affirms"
			s.Denies = s.Denies || means[r.ID] == "denies"
		}
	}
	for _, r := range newest {
		s.Open = s.Open || r.Statement.Voices[0].Stance != newest[0].Statement.Voices[0].Stance
	}
	return s
}

// means returns what a statement means for the claim of another, nothing if it does not
// bear on it.
func (v look) means(r, of Reading) string {
	held := func(r Reading, p events.Polarity) Reading {
		r.Statement.Voices = slices.Clone(r.Statement.Voices)
		r.Statement.Voices[0].Stance.Polarity = p
		return r
	}
	more := v.opposes(held(of, events.Denied), held(r, events.Affirmed))
	less := v.opposes(held(r, events.Denied), held(of, events.Affirmed))
	same := v.agrees(affirmed(r), affirmed(of))
	happening := of.Statement.Claim.Occurrence != uuid.Nil && r.Statement.Claim.Occurrence != uuid.Nil
	switch p := r.polarity(); {
	case p == events.Affirmed && (more || same):
		return "affirms"
	case p == events.Denied && less:
		return "denies"
	case same:
		return "open"
	case more, p == events.Affirmed && happening && less:
		return "beside"
	}
	return ""
}
