package model

import (
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// Support is how well the claim of a statement is founded.
type Support struct {
	Of           Reading
	For, Against []Origin
}

// Origin is an independent origin of a claim.
type Origin struct {
	Speakers   []uuid.UUID // canonical
	Utterances []Utterance
}

// Utterance is what was said once, and who withdraws or corrects that.
type Utterance struct {
	Statements []Reading
	TakenBack  []Asserted
}

// Support weighs the claim of a statement; false if it cannot be read.
func (m *Model) Support(l Lens, statement uuid.UUID) (Support, bool) {
	v := m.look(l)
	r, ok := v.readable(statement)
	if !ok {
		return Support{}, false
	}
	return v.support(r, nil), true
}

// support weighs a claim without some statements and what comes from these alone.
func (v look) support(of Reading, without []uuid.UUID) Support {
	claim := affirmed(of)
	s := Support{Of: of}
	var agreeing, opposing []Reading
	for _, r := range v.shown {
		switch {
		case v.agrees(r, claim):
			agreeing = append(agreeing, r)
		case v.opposes(r, claim):
			opposing = append(opposing, r)
		}
	}
	s.For, s.Against = v.origins(agreeing, without), v.origins(opposing, without)
	return s
}

// affirmed returns a reading as if its origin affirmed the claim.
func affirmed(r Reading) Reading {
	r.Statement.Voices = slices.Clone(r.Statement.Voices)
	r.Statement.Voices[0].Stance = events.CertainAffirmed()
	return r
}

// SingleSourced returns the claims that rest on one origin, each once.
func (m *Model) SingleSourced(l Lens, p Pattern) (found []Support) {
	v := m.look(l)
	for _, r := range v.named(p) {
		if r.polarity() != events.Affirmed || slices.ContainsFunc(found, func(s Support) bool { return v.agrees(s.Of, r) }) {
			continue
		}
		if s := v.support(r, nil); len(s.For) == 1 {
			found = append(found, s)
		}
	}
	return found
}

// Hearsay is a claim that is known only second-hand.
type Hearsay struct {
	Of    Reading
	Heard []Heard
}

// Heard is a statement and those who passed it on.
type Heard struct {
	Reading
	Through []uuid.UUID // canonical
}

// SecondHand returns the claims that are known only second-hand, each once.
func (m *Model) SecondHand(l Lens, p Pattern) (found []Hearsay) {
	v := m.look(l)
	for _, r := range v.named(p) {
		if r.polarity() != events.Affirmed || slices.ContainsFunc(found, func(h Hearsay) bool { return v.agrees(h.Of, r) }) {
			continue
		}
		h := Hearsay{Of: r}
		first := false
		var agreeing []Reading
		for _, other := range v.shown {
			if v.agrees(other, r) {
				agreeing = append(agreeing, other)
			}
		}
		_, original, _ := v.descent(agreeing)
		passed := v.passed(agreeing)
		for n, other := range agreeing {
			heard := Heard{Reading: other}
			heard.Through = v.through(other)
			first = first || heard.Through == nil && original[n] && !passed[n]
			h.Heard = append(h.Heard, heard)
		}
		if !first {
			found = append(found, h)
		}
	}
	return found
}

// through returns who has passed a statement on beside its source.
func (v look) through(r Reading) (ids []uuid.UUID) {
	for i, voice := range r.Statement.Voices {
		if i > 0 && !v.ownVoice(r, i) {
			ids = append(ids, v.each(voice.Speakers)...)
		}
	}
	return once(ids)
}

// passed tells which statements only pass on what another of the same mouth has before them.
func (v look) passed(rs []Reading) []bool {
	mouth := v.closure(rs, v.oneMouth)
	has := v.closure(rs, func(a, b Reading) bool {
		sources := follow(a.Statement.Source, func(id uuid.UUID) []uuid.UUID {
			if src := v.shownSource(id); src != nil {
				return src.DerivedFrom
			}
			return nil
		})
		return contains(v.repeated(a.ID), b.ID) || contains(sources, b.Statement.Source)
	})
	passed := make([]bool, len(rs))
	for i, r := range rs {
		src := v.shownSource(r.Statement.Source)
		himself := v.ownWords(r) && src != nil && (len(src.Authors) > 0 || src.Publisher != uuid.Nil)
		for j := range rs {
			if !himself && v.through(r) == nil && mouth[i][j] && has[i][j] && !has[j][i] {
				passed[i] = true
			}
		}
	}
	return passed
}

// Fallen is a statement that falls with a source or a voice.
type Fallen struct {
	Reading
	On               []uuid.UUID // ascending
	Support, Remains Support
}

// Fallout returns what falls with a source or a voice, and the first of each
// claim that has no support then, and the sources that [Model.Falls] has as circular.
func (m *Model) Fallout(l Lens, what uuid.UUID) (found []Fallen, lost []Reading, circular []uuid.UUID) {
	v := m.look(l)
	with := []uuid.UUID{what}
	voiced := func(r Reading) bool {
		return v.source(what) == nil && known(what) && slices.ContainsFunc(r.Statement.Voices, func(voice events.Voice) bool {
			return !slices.ContainsFunc(voice.Speakers, func(p events.Party) bool { return !v.one(p.Entity, what) })
		})
	}
	for _, e := range v.standing() {
		if e.statement() != nil && !e.redacted && voiced(v.readingOf(e)) {
			with = append(with, e.ID)
		}
	}
	falls, circular := m.Falls(m.At(l), with...)
	var fallen []uuid.UUID
	for _, f := range falls {
		fallen = append(fallen, f.ID)
	}
	for _, f := range falls {
		i := indexOf(v.shown, f.ID)
		if i < 0 {
			continue
		}
		x := Fallen{Reading: v.shown[i], On: f.On, Support: v.support(v.shown[i], nil), Remains: v.support(v.shown[i], fallen)}
		if voiced(x.Reading) {
			x.On = sorted(append(x.On, v.canonical(what)))
		}
		found = append(found, x)
		if x.polarity() == events.Affirmed && len(x.Remains.For) == 0 &&
			!slices.ContainsFunc(lost, func(r Reading) bool { return v.agrees(r, x.Reading) }) {
			lost = append(lost, x.Reading)
		}
	}
	return found, lost, circular
}

// descent tells of statements, which are in order of recording, which lead to which, which
// are no copies, and which sources each is taken from.
func (v look) descent(rs []Reading) (leads [][]bool, original []bool, behind func(Reading) []uuid.UUID) {
	mouth := v.closure(rs, v.oneMouth)
	index := func(r Reading) int { return indexOf(rs, r.ID) }
	// behind returns the sources from which a statement is taken, and those passed on the way.
	behind = func(a Reading) []uuid.UUID {
		var own []uuid.UUID // in which its mouth speaks, and those that say nothing and come from such only
		for j, r := range rs {
			if mouth[index(a)][j] {
				own = once(append(own, r.Statement.Source))
			}
		}
		foreign := func(id uuid.UUID) bool { return !contains(own, id) }
		for more := true; more; {
			more = false
			for _, p := range v.upTo(rs, v.parents(a), nil) {
				if from := v.before(rs, p); foreign(p) && len(from) > 0 && !slices.ContainsFunc(from, foreign) {
					own, more = append(own, p), true
				}
			}
		}
		return v.upTo(rs, v.parents(a), own)
	}
	leads = v.closure(rs, func(a, b Reading) bool { return v.oneMouth(a, b) || v.comesFrom(a, b, behind) })
	original = make([]bool, len(rs))
	for i := range rs {
		original[i] = true
		for j := range rs {
			if leads[i][j] && !leads[j][i] {
				original[i] = false
			}
		}
	}
	return leads, original, behind
}

// origins groups statements, which are in order of recording, without some and without the
// origins that nothing carries then but what has it from these.
func (v look) origins(rs []Reading, without []uuid.UUID) (found []Origin) {
	index := func(r Reading) int { return indexOf(rs, r.ID) }
	leads, original, behind := v.descent(rs)
	one := v.closure(rs, func(a, b Reading) bool {
		i, j := index(a), index(b)
		return original[i] && original[j] && (leads[i][j] || v.commonThird(a, b, behind))
	})
	carries := func(i int) bool { return original[i] && !contains(without, rs[i].ID) }
	if len(without) > 0 {
		passed, remains := v.passed(rs), carries
		carries = func(i int) bool { return remains(i) && !passed[i] }
	}
	carried := func(j int) bool {
		for i := range rs {
			if one[j][i] && carries(i) {
				return true
			}
		}
		return false
	}
	// The first original statement of the origin of each.
	home := make([]int, len(rs))
	for i := range rs {
		home[i] = len(rs)
		for j := range rs {
			for first := range rs {
				if original[j] && leads[i][j] && one[j][first] && carried(j) {
					home[i] = min(home[i], first)
				}
			}
		}
	}
	var homes []int
	for i, r := range rs {
		if home[i] < len(rs) && !contains(without, r.ID) && !contains(homes, home[i]) {
			homes = append(homes, home[i])
		}
	}
	for _, h := range homes {
		var o Origin
		var members []Reading
		for i, r := range rs {
			if home[i] == h && !contains(without, r.ID) {
				members = append(members, r)
				if original[i] {
					o.Speakers = append(o.Speakers, v.each(r.Statement.Voices[0].Speakers)...)
				}
			}
		}
		o.Speakers, o.Utterances = once(o.Speakers), v.utterances(rs, members)
		found = append(found, o)
	}
	return found
}

// utterances groups the statements of one origin, of all about the claim.
func (v look) utterances(all, rs []Reading) (found []Utterance) {
	alike := func(a, b Reading) bool {
		return slices.Equal(sorted(v.each(a.Statement.Voices[0].Speakers)), sorted(v.each(b.Statement.Voices[0].Speakers)))
	}
	opens := func(b Reading) bool { // is the first in its source's own words or, without such, the first in it
		i := slices.IndexFunc(rs, func(r Reading) bool { return r.Statement.Source == b.Statement.Source && v.ownWords(r) })
		if i < 0 {
			i = slices.IndexFunc(rs, func(r Reading) bool { return r.Statement.Source == b.Statement.Source })
		}
		return rs[i].ID == b.ID
	}
	firstReport := func(b Reading) bool {
		i := slices.IndexFunc(rs, func(r Reading) bool { return r.Statement.Source == b.Statement.Source && !v.ownWords(r) })
		return i >= 0 && rs[i].ID == b.ID
	}
	behind := func(a Reading) []uuid.UUID { return v.upTo(all, v.parents(a), nil) }
	joined := func(a, b Reading) bool {
		if contains(v.repeated(a.ID), b.ID) || v.comesFrom(a, b, behind) && (opens(b) || v.beside(a, b) && firstReport(b)) ||
			v.commonThird(a, b, behind) {
			return true
		}
		s, t := a.Statement.Voices[0].Said.Time, b.Statement.Voices[0].Said.Time
		if !s.IsZero() {
			return alike(a, b) && !t.IsZero() && mayMeet(s, t)
		}
		i := slices.IndexFunc(rs, func(r Reading) bool { return r.ID != a.ID && alike(a, r) })
		return i >= 0 && rs[i].ID == b.ID
	}
	one := v.closure(rs, func(a, b Reading) bool { return joined(a, b) || joined(b, a) })
	var given []uuid.UUID
	for i := range rs {
		if contains(given, rs[i].ID) {
			continue
		}
		var u Utterance
		for j := range rs {
			if one[i][j] {
				u.Statements, given = append(u.Statements, rs[j]), append(given, rs[j].ID)
			}
		}
		for _, l := range touching(v.asserted(events.Withdraws, events.Corrects), u.Statements) {
			if indexOf(u.Statements, l.To) >= 0 {
				u.TakenBack = append(u.TakenBack, l)
			}
		}
		found = append(found, u)
	}
	return found
}

// closure tells which statements lead to which, each to itself, in any number of
// steps.
func (v look) closure(rs []Reading, step func(a, b Reading) bool) [][]bool {
	leads := make([][]bool, len(rs))
	for i, a := range rs {
		leads[i] = make([]bool, len(rs))
		for j, b := range rs {
			leads[i][j] = i == j || step(a, b)
		}
	}
	for k := range rs {
		for i := range rs {
			for j := range rs {
				leads[i][j] = leads[i][j] || leads[i][k] && leads[k][j]
			}
		}
	}
	return leads
}

// oneMouth reports whether two statements are by the same, or are two of one
// source's own.
func (v look) oneMouth(a, b Reading) bool {
	x, y := a.Statement.Voices[0], b.Statement.Voices[0]
	for _, p := range slices.Concat(x.Speakers, x.For) {
		if v.anyOf(p.Entity, y.Speakers, y.For) {
			return true
		}
	}
	return v.ownWords(a) && v.ownWords(b) && a.Statement.Source == b.Statement.Source
}

// beside reports whether a statement is in the own words of a source that reports another.
func (v look) beside(a, b Reading) bool {
	return a.Statement.Source == b.Statement.Source && v.ownWords(a) && !v.ownWords(b)
}

// comesFrom reports whether one statement repeats another, is taken from its source, or
// stands beside it.
func (v look) comesFrom(a, b Reading, behind func(Reading) []uuid.UUID) bool {
	return contains(v.repeated(a.ID), b.ID) || contains(behind(a), b.Statement.Source) || v.beside(a, b)
}

// commonThird reports whether two statements come from a third, be it shown or
// not.
func (v look) commonThird(a, b Reading, behind func(Reading) []uuid.UUID) bool {
	meet := func(xs, ys []uuid.UUID) bool {
		return slices.ContainsFunc(xs, func(x uuid.UUID) bool { return contains(ys, x) })
	}
	return meet(v.repeated(a.ID), v.repeated(b.ID)) || meet(behind(a), behind(b))
}

// parents returns what the source of a statement in its own words is derived from.
func (v look) parents(r Reading) []uuid.UUID {
	if src := v.shownSource(r.Statement.Source); src != nil && v.ownWords(r) {
		return src.DerivedFrom
	}
	return nil
}

// upTo returns sources, and those that they come from, but some and what is behind these only.
func (v look) upTo(rs []Reading, sources, but []uuid.UUID) (found []uuid.UUID) {
	next := func(from []uuid.UUID) {
		for _, id := range from {
			if !contains(but, id) {
				found = once(append(found, id))
			}
		}
	}
	next(sources)
	for i := 0; i < len(found); i++ {
		next(v.before(rs, found[i]))
	}
	return found
}

// before returns what a source is derived from, nothing if it has a statement about the claim.
func (v look) before(rs []Reading, source uuid.UUID) []uuid.UUID {
	says := func(r Reading) bool { return r.Statement.Source == source }
	if src := v.shownSource(source); src != nil && !slices.ContainsFunc(rs, says) {
		return src.DerivedFrom
	}
	return nil
}

// ownWords reports whether the origin is the source's own voice.
func (v look) ownWords(r Reading) bool { return r.Statement.Source != uuid.Nil && v.ownVoice(r, 0) }

func (v look) ownVoice(r Reading, i int) bool {
	var own []uuid.UUID
	if src := v.shownSource(r.Statement.Source); src != nil {
		own = append(own, src.Authors...)
		if src.Publisher != uuid.Nil {
			own = append(own, src.Publisher)
		}
	}
	if len(own) == 0 {
		return i == len(r.Statement.Voices)-1
	}
	return slices.ContainsFunc(own, func(id uuid.UUID) bool { return v.anyOf(id, r.Statement.Voices[i].Speakers) })
}

// repeated returns what a statement is said to repeat, itself aside.
func (v look) repeated(id uuid.UUID) []uuid.UUID {
	links := v.asserted(events.Repeats)
	return follow(id, func(from uuid.UUID) (to []uuid.UUID) {
		for _, l := range links {
			if l.From == from && known(l.To) {
				to = append(to, l.To)
			}
		}
		return to
	})
}

func follow(id uuid.UUID, next func(uuid.UUID) []uuid.UUID) []uuid.UUID {
	found := []uuid.UUID{id}
	for i := 0; i < len(found); i++ {
		found = once(append(found, next(found[i])...))
	}
	return found[1:]
}

// each returns the canonical ids of parties, each once.
func (v look) each(parties []events.Party) (ids []uuid.UUID) {
	for _, p := range parties {
		ids = append(ids, v.canonical(p.Entity))
	}
	return once(ids)
}

// once leaves out repetitions.
func once(ids []uuid.UUID) (kept []uuid.UUID) {
	for _, id := range ids {
		if !contains(kept, id) {
			kept = append(kept, id)
		}
	}
	return kept
}
