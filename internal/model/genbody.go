package model

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
)

// chance is true that many times in a hundred. It shrinks to false.
func chance(t *rapid.T, percent int, label string) bool {
	return number(t, 0, 99, label) >= 100-percent
}

func pick[T any](t *rapid.T, list []T, label string) T {
	return list[number(t, 0, len(list)-1, label)]
}

// number draws from first to last, all as likely. Package rapid's own ranges
// prefer what is small, so that what comes late in a list would hardly be drawn.
func number(t *rapid.T, first, last int, label string) int {
	return uniform(last-first+1).Draw(t, label) + first
}

func uniform(n int) *rapid.Generator[int] {
	return rapid.Custom(func(t *rapid.T) int {
		x := 0
		for bit := 1; bit < n*8; bit <<= 1 {
			if rapid.Bool().Draw(t, "bit") {
				x |= bit
			}
		}
		return x % n
	})
}

func name(t *rapid.T) events.Name {
	return events.Name{
		Text:     pick(t, []string{"Witkoff", "Whitkoff", "Kremlin", "Кремль"}, "name"),
		Language: pick(t, []string{"", "en", "ru"}, "language"),
	}
}

func reason(t *rapid.T) string { return pick(t, []string{"", "checked", "a slip"}, "reason") }

// words draws how a source calls somebody.
func words(t *rapid.T) string {
	return pick(t, []string{"", "", "", "Whitkoff", "he", "the office"}, "as written")
}

// when draws a time, sometimes resolved against when the source was published.
func (g *Gen) when(t *rapid.T) events.When {
	w := events.When{Time: g.Time(t)}
	if !w.Time.IsZero() && !g.anchor.IsZero() && chance(t, 50, "resolved") {
		w.As, w.Anchor = "later this week", g.anchor
	}
	return w
}

// Time draws a time: mostly a day, sometimes another form, sometimes none.
func (g *Gen) Time(t *rapid.T) edtf.Time {
	day := func(label string) int { return rapid.IntRange(3, 10).Draw(t, label) }
	a, b := day("day"), day("other day")
	a, b = min(a, b), max(a, b)
	forms := []string{
		"", "2025-08-A", "2025-08-B", "2025-08", "2025-07",
		"[2025-08-A,2025-08-B]", "{2025-08-A,2025-08-B}",
		"[2025-08-A..2025-08-B]", "[..2025-08-A]", "{2025-07,2025-08-B}",
		"2025-08-A/2025-08-B", "../2025-08-A", "2025-08-A/..",
		"2025-07/2025-08-B", "2025-07/2025-08", "[2025-07,2025-08-A..2025-08-B]",
	}
	n := number(t, 0, len(forms)+4, "form of time")
	if n >= len(forms) {
		n = 1
	}
	if a == b && (n == 5 || n == 6 || n == 7 || n == 15) {
		n = 1 // no set lists a day twice
	}
	if forms[n] == "" {
		return edtf.Time{}
	}
	return edtf.MustParse(strings.NewReplacer("A", fmt.Sprintf("%02d", a), "B", fmt.Sprintf("%02d", b)).Replace(forms[n]))
}

// entity draws an entity, mostly one that is there.
func (g *Gen) entity(t *rapid.T, s *state) uuid.UUID {
	if there := s.kept(events.KindEntityRegistered); len(there) > 0 && !chance(t, 2, "any entity") {
		return pick(t, there, "entity").Body.(*events.EntityRegistered).Entity.ID
	}
	return pick(t, g.Entities, "any")
}

func (g *Gen) entityBut(t *rapid.T, s *state, not uuid.UUID) uuid.UUID {
	id := g.entity(t, s)
	for try := 0; id == not && try < 4; try++ {
		id = g.entity(t, s)
	}
	for i := 0; id == not; i++ {
		id = g.Entities[i]
	}
	return id
}

func (g *Gen) twoEntities(t *rapid.T, s *state) (a, b uuid.UUID) {
	a = g.entity(t, s)
	return a, g.entityBut(t, s, a)
}

func (g *Gen) sourceID(t *rapid.T, s *state) uuid.UUID {
	if there := s.kept(events.KindSourceAdded); len(there) > 0 && !chance(t, 2, "any source") {
		return pick(t, there, "source").Body.(*events.SourceAdded).Source.ID
	}
	return pick(t, g.Sources, "any")
}

func (g *Gen) statementID(t *rapid.T, s *state) uuid.UUID {
	if there := s.kept(events.KindStatementRecorded); len(there) > 0 && !chance(t, 3, "any event") {
		return pick(t, there, "statement").ID
	}
	return pick(t, s.entries, "any").ID
}

func (g *Gen) twoStatements(t *rapid.T, s *state) (a, b uuid.UUID) {
	a, b = g.statementID(t, s), g.statementID(t, s)
	for i := 0; a == b; i++ {
		b = s.entries[i].ID
	}
	return a, b
}

// like draws another statement with the same predicate as one, or else returns
// the one it was given.
func (g *Gen) like(t *rapid.T, s *state, one, other uuid.UUID) uuid.UUID {
	e := s.find(one)
	if e.statement() == nil {
		return other
	}
	found := slices.DeleteFunc(s.kept(events.KindStatementRecorded), func(x *entry) bool {
		return x.ID == one || x.statement().Claim.Predicate != e.statement().Claim.Predicate
	})
	if len(found) == 0 {
		return other
	}
	return pick(t, found, "like statement").ID
}

// registration draws an entity. Each has a kind that it is mostly given.
func (g *Gen) registration(t *rapid.T) events.Entity {
	kinds := []events.EntityKind{events.Person, events.Person, events.Organisation, events.Place,
		events.Placeholder, events.Occurrence, events.Occurrence, events.Placeholder}
	n := number(t, 0, len(g.Entities)-1, "register")
	return events.Entity{ID: g.Entities[n], Kind: kinds[n], Name: name(t), Note: pick(t, []string{"", "revised"}, "note")}
}

func (g *Gen) source(t *rapid.T, s *state) events.Source {
	src := events.Source{
		ID:        pick(t, g.Sources, "add source"),
		Title:     pick(t, []string{"Wire", "Daily"}, "title"),
		Published: g.Time(t),
	}
	if chance(t, 60, "has an author") {
		src.Authors = []uuid.UUID{g.entity(t, s)}
	}
	if chance(t, 30, "has a publisher") {
		src.Publisher = g.entity(t, s)
	}
	if chance(t, 30, "is derived") {
		src.DerivedFrom = []uuid.UUID{g.sourceID(t, s)}
		if src.DerivedFrom[0] == src.ID {
			src.DerivedFrom = nil
		}
	}
	return src
}

func (g *Gen) statement(t *rapid.T, s *state) events.Statement {
	st := events.Statement{Form: events.Inferred}
	old := s.kept(events.KindStatementRecorded)
	g.anchor = edtf.Time{}
	if chance(t, 85, "has a source") {
		st.Source = g.sourceID(t, s)
		st.Form = pick(t, []events.Form{events.Paraphrase, events.Quote, events.Heading}, "form")
		if st.Form == events.Quote {
			st.Selector = events.Selector{Exact: "we met", Locator: "p. 2"}
			st.Language = pick(t, []string{"en", "", "ru"}, "language")
		}
		if src := s.source(st.Source); src != nil {
			g.anchor = src.Published
		}
	}
	st.Claim = g.claim(t, s, 1)
	again := g.Calm && len(old) > 0 && chance(t, 35, "speaks of it again")
	if again {
		before := pick(t, old, "of what").statement()
		st.Claim = g.otherwise(t, s, before.Claim)
		origin := g.voice(t, s)
		origin.Speakers = before.Voices[0].Speakers
		origin.For = nil
		st.Voices = append(st.Voices, origin)
	}
	for range number(t, 1, 3, "voices") {
		st.Voices = append(st.Voices, g.voice(t, s))
	}
	if src := s.source(st.Source); g.Calm && !again && src != nil && len(src.Authors) > 0 && chance(t, 40, "in its own voice") {
		st.Voices[0].Speakers = []events.Party{{Entity: src.Authors[0]}}
	}
	replaces := 25
	if g.Calm {
		replaces = 8
	}
	if len(old) > 0 && chance(t, replaces, "replaces") {
		st.Replaces = pick(t, old, "replaced").ID
	}
	return st
}

// otherwise draws a claim that is mostly the same as another, or nearly.
func (g *Gen) otherwise(t *rapid.T, s *state, c events.Claim) events.Claim {
	if chance(t, 40, "at another time") {
		c.When.Time = g.Time(t)
	}
	if chance(t, 20, "unconditionally") {
		c.If = nil
	}
	c.Args = slices.Clone(c.Args)
	if chance(t, 80, "of no date") {
		c.Args = slices.DeleteFunc(c.Args, func(a events.Arg) bool { return a.Role == events.RoleDue })
	}
	for i := range c.Args {
		switch v := &c.Args[i].Value; v.Kind {
		case events.NumberValue:
			if chance(t, 60, "another number") {
				*v = g.number(t)
			}
		case events.TextValue:
			if chance(t, 60, "another language") {
				*v = g.text(t)
			}
		case events.EntityValue:
			if chance(t, 10, "another filler") {
				*v = events.Ref(g.entity(t, s))
			}
		}
	}
	return c
}

func (g *Gen) voice(t *rapid.T, s *state) events.Voice {
	v := events.Voice{
		Speakers: []events.Party{{Entity: g.entity(t, s), As: words(t)}},
		Act:      pick(t, []events.Act{events.Assert, events.Assert, events.Assert, events.Commit, events.Withhold, events.Direct}, "act"),
		Stance: pick(t, []events.Stance{events.CertainAffirmed(), events.CertainAffirmed(), {Certainty: events.Certain, Polarity: events.Denied},
			{Certainty: events.Probable, Polarity: events.Affirmed},
			{Certainty: events.Possible, Polarity: events.Denied},
			{Certainty: events.Certain, Polarity: events.Undetermined},
			{Certainty: events.Uncommitted, Polarity: events.Undetermined}}, "stance"),
	}
	if chance(t, 20, "joint") {
		v.Speakers = append(v.Speakers, events.Party{Entity: g.entityBut(t, s, v.Speakers[0].Entity)})
	}
	if chance(t, 25, "speaks for") {
		v.For = []events.Party{{Entity: g.entityBut(t, s, v.Speakers[0].Entity), As: "the office"}}
	}
	if chance(t, 15, "speaks to") {
		v.To = []events.Party{{Entity: g.entity(t, s), As: words(t)}}
	}
	if chance(t, 50, "said when") {
		v.Said = g.when(t)
	}
	return v
}

func (g *Gen) claim(t *rapid.T, s *state, depth int) events.Claim {
	if len(s.kept(events.KindStatementRecorded)) > 0 && chance(t, 10, "the text links") {
		from, to := g.said(t, s), g.said(t, s)
		if g.Calm && known(from.ID, to.ID) && chance(t, 60, "between like statements") {
			to = events.Said(g.like(t, s, from.ID, to.ID))
		}
		if from.ID == to.ID {
			to = events.Unknown()
		}
		return events.Claim{Predicate: pick(t, []string{"disputes", "replies_to", "repeats", "repeats", "withdraws"}, "text link"), Args: []events.Arg{
			{Role: events.RoleFrom, Value: from}, {Role: events.RoleTo, Value: to},
		}}
	}
	if chance(t, 8, "is part of") {
		part, whole := g.twoEntities(t, s)
		return events.Claim{Predicate: events.PartOf, Args: []events.Arg{
			{Role: events.RolePart, Value: events.Ref(part)}, {Role: events.RoleWhole, Value: events.Ref(whole)},
		}}
	}
	if chance(t, 8, "holds an office") {
		holder, office := g.twoEntities(t, s)
		c := events.Claim{Predicate: events.HoldPosition, When: events.When{Time: g.Time(t)}, Args: []events.Arg{
			{Role: events.RoleHolder, Value: events.Ref(holder)}, {Role: events.RolePosition, Value: events.Ref(office)},
		}}
		if chance(t, 25, "two of them") {
			role := pick(t, []string{events.RoleHolder, events.RolePosition}, "of which")
			c.Args = append(c.Args, events.Arg{Role: role, Value: events.Ref(g.entity(t, s))})
		}
		if chance(t, 60, "for long") {
			c.When.Time = pick(t, []edtf.Time{{}, edtf.MustParse("2025-07/.."), edtf.MustParse("../2025-08-06"),
				edtf.MustParse("2025-07/2025-08-08")}, "term")
		}
		if chance(t, 40, "of an organisation") {
			c.Args = append(c.Args, events.Arg{Role: "of", Value: events.Ref(g.entity(t, s))})
		}
		return c
	}
	again := 20
	if g.Calm {
		again = 50
	}
	if old := s.kept(events.KindStatementRecorded); depth == 1 && len(old) > 0 && chance(t, again, "the same claim") {
		return g.otherwise(t, s, pick(t, old, "claim of").statement().Claim)
	}
	c := events.Claim{Predicate: pick(t, predicates, "predicate"), When: g.when(t)}
	if chance(t, 50, "has an occurrence") {
		c.Occurrence = g.entity(t, s)
		if usual := g.Entities[5+number(t, 0, 1, "usual")]; s.entity(usual) != nil && chance(t, 75, "the usual one") {
			c.Occurrence = usual
		}
	}
	for range number(t, 1, 3, "arguments") {
		c.Args = append(c.Args, events.Arg{Role: pick(t, roles, "role"), Value: g.value(t, s, depth), As: words(t)})
	}
	if depth == 1 && chance(t, 20, "is due") {
		due := events.Unknown()
		if chance(t, 50, "by a happening") {
			due = events.Ref(g.entity(t, s))
		} else if time := g.Time(t); !time.IsZero() {
			due = events.At(time)
		}
		c.Args = append(c.Args, events.Arg{Role: events.RoleDue, Value: due})
	}
	if depth == 1 && chance(t, 15, "is conditional") {
		c.If = []events.Condition{{Claim: g.claim(t, s, depth+1), Denied: chance(t, 30, "unless")}}
	}
	return c
}

func (g *Gen) said(t *rapid.T, s *state) events.Value {
	if chance(t, 20, "unknown statement") {
		return events.Unknown()
	}
	return events.Said(g.statementID(t, s))
}

func (g *Gen) value(t *rapid.T, s *state, depth int) events.Value {
	switch n := number(t, 0, 19, "value"); {
	case n == 8 || n == 12:
		return g.text(t)
	case n >= 9 && n <= 11 || n == 13:
		return g.number(t)
	case n == 14:
		return events.At(edtf.MustParse(pick(t, []string{"2025-08-06", "2025-08", "2025-07"}, "time value")))
	case n == 15:
		return events.None()
	case n == 16:
		return events.Unknown()
	case n == 17 && depth < 3:
		return events.Nested(g.claim(t, s, depth+1))
	case n >= 18 && len(s.kept(events.KindStatementRecorded)) > 0:
		return events.Said(g.statementID(t, s))
	}
	return events.Ref(g.entity(t, s))
}

func (g *Gen) text(t *rapid.T) events.Value {
	return events.Text("four hours", pick(t, []string{"en", "", "de"}, "language"))
}

func (g *Gen) number(t *rapid.T) events.Value {
	return events.Number(pick(t, []string{"4", "40e-1", "5", "6"}, "number"), pick(t, []string{"h", "h", "h", "km"}, "unit"))
}

// vocabulary draws a declaration that leaves most statements possible.
func (g *Gen) vocabulary(t *rapid.T) *events.VocabularyDeclared {
	b := &events.VocabularyDeclared{Predicates: []events.Predicate{{Name: pick(t, predicates, "declare")}}}
	p := &b.Predicates[0]
	if chance(t, 70, "with roles") {
		for _, r := range roles {
			p.Roles = append(p.Roles, events.Role{Name: r, Functional: chance(t, 60, "functional")})
		}
		p.Roles[0].Entities = []events.EntityKind{events.Person, events.Organisation, events.Occurrence}
		p.Roles[1].Values = []events.ValueKind{events.EntityValue, events.StatementValue, events.ClaimValue}
		if chance(t, 20, "without a role") {
			p.Roles = p.Roles[:2]
		}
		p.Roles = append(p.Roles, events.Role{Name: events.RoleDue})
	}
	p.Once, p.Symmetric = chance(t, 50, "once"), chance(t, 30, "symmetric")
	if chance(t, 50, "with a scheme") {
		b.Schemes = []events.Scheme{{Name: pick(t, schemes, "scheme"), Values: ratings[:2]}}
	}
	return b
}
