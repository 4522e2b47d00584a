package events

import (
	"cmp"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/google/uuid"
)

// StatementRef is a statement in a [Builder]'s batch. Its id is made of its
// content, so nothing can be added once [StatementRef.ID] has been called.
type StatementRef struct {
	b        *Builder
	source   *SourceRef
	st       Statement
	number   int // in the builder, from 0
	taken    bool
	mistaken bool
	nameless string // as in an EntityRef, of one of those that it mentions
	id       uuid.UUID
}

func (b *Builder) statement(source *SourceRef, predicate string, entities []EntityRef) *StatementRef {
	st := &StatementRef{b: b, source: source, number: len(b.statements), nameless: nameless(entities...)}
	st.st = Statement{Claim: b.Claim(predicate, entities...), Form: Paraphrase}
	if source != nil {
		st.st.Source = source.source.ID
	}
	b.statements = append(b.statements, st)
	return st
}

// ID completes the statement and returns its id, for a link or for a statement
// about it ([Said]).
func (s *StatementRef) ID() uuid.UUID {
	if s.taken {
		return s.id
	}
	if s.source != nil {
		s.source.taken = true
		s.fromSource()
	}
	s.taken = true
	var err error
	if s.id, err = s.b.add(Event{Body: &StatementRecorded{s.st}, built: s.number + 1}, s.b.contentID); err != nil {
		s.fail("StatementRecorded", asError(err))
		return s.id
	}
	if s.nameless != "" && s.b.isNew(s.id) {
		s.fail("Entity", noName(s.nameless))
	}
	return s.id
}

// fromSource fills in what the source tells: the last voice, the language, the
// offsets of words.
func (s *StatementRef) fromSource() {
	own, name := s.source.own()
	last := &s.st.Voices[len(s.st.Voices)-1]
	switch {
	case own == nil && s.source.redacted:
		s.fail("Source", refuse(nil, "its registration is redacted; name an author"))
	case own == nil && s.b.record != nil && s.source.newest == nil:
		s.fail("Known", refuse(nil, fmt.Sprintf("the record shows no source %s (its id is Graph.Key(\"source\", url)), and no author was named whose voice it could be", s.st.Source)))
	case own == nil:
		s.fail("Known", refuse(nil, "no author was named whose voice it could be"))
	case last.Speakers == nil:
		s.mention(name)
		last.Speakers = own
	case !sameParties(last.Speakers, own):
		s.mention(name)
		s.st.Voices = append(s.st.Voices, Voice{Speakers: own, Act: Assert, Stance: CertainAffirmed()})
	}
	if s.st.Selector.Exact != "" && s.st.Language == "" {
		s.st.Language = s.source.source.Language
	}
	s.fromText()
}

// fromText fills in the offsets of words that stand once in the source's text, and looks
// whether words stand there.
func (s *StatementRef) fromText() {
	text, sel := s.source.indexed(), &s.st.Selector
	switch {
	case text == nil, sel.Start < 0, sel.End < 0, sel.End <= sel.Start && sel.Start+sel.End != 0, !utf8.ValidString(sel.Exact):
		return // it is refused for these
	case sel.Start == 0 && sel.End == 0:
		if sel.Exact == "" {
			return
		}
		if at, twice := text.find(sel.Exact); at >= 0 {
			if !twice {
				sel.Start = text.pointAt(at)
				sel.End = sel.Start + utf8.RuneCountInString(sel.Exact)
			}
			return
		}
	case text.stands(sel):
		return
	}
	e := refuse(sel.Exact, "does not stand there").in("Exact")
	if len(s.b.errs) < maxFaults {
		e = text.misplaced(sel) // which takes time
	}
	s.fail("Statement.Selector", e)
}

func sameParties(a, b []Party) bool {
	return slices.EqualFunc(a, b, func(x, y Party) bool { return x.Entity == y.Entity })
}

// mention notes an entity that is mentioned by a name that has been redacted, if it is not "".
func (s *StatementRef) mention(nameless string) { s.nameless = cmp.Or(s.nameless, nameless) }

// open reports whether the statement may still be changed.
func (s *StatementRef) open(call string) bool {
	if s.taken {
		s.fail(call, refuse(nil, "comes after the statement's id was taken"))
	}
	return !s.taken
}

func (s *StatementRef) fail(call string, e *Error) {
	s.mistaken = true
	e.Kind, e.Statement = KindStatementRecorded, s.number
	s.b.fail(calledStatement(s.number, &s.st), e.in(call))
}

// Role adds entities to the claim, all in one role.
func (s *StatementRef) Role(role string, entities ...EntityRef) *StatementRef {
	if s.open("Role") {
		for _, e := range entities {
			s.st.Claim.Args = append(s.st.Claim.Args, Arg{Role: role, Value: Ref(e.ID), As: e.words})
		}
		s.mention(nameless(entities...))
	}
	return s
}

// Arg adds a value to the claim. For an entity, [StatementRef.Role] does so, too.
func (s *StatementRef) Arg(role string, value Value) *StatementRef { return s.ArgAs(role, value, "") }

// ArgAs adds a value to the claim with the words that the source has for it.
func (s *StatementRef) ArgAs(role string, value Value, words string) *StatementRef {
	if s.open("Arg") {
		if value.Claim != nil {
			c := s.own(*value.Claim)
			value.Claim = &c
		}
		s.st.Claim.Args = append(s.st.Claim.Args, Arg{Role: role, Value: value, As: words})
		s.mention(s.b.nameless[value.ID])
	}
	return s
}

// Occurrence says which happening the claim describes.
func (s *StatementRef) Occurrence(o EntityRef) *StatementRef {
	if s.open("Occurrence") {
		s.st.Claim.Occurrence = o.ID
		s.mention(o.nameless)
	}
	return s
}

// On says when the claim holds, in EDTF; empty: not known. Package edtf has a table of how
// sources say it ("about 1750", "before 1762") and what to write for it.
func (s *StatementRef) On(date string) *StatementRef {
	if s.open("On") {
		s.st.Claim.When.Time = dateOf(date, "On", s.fail)
	}
	return s
}

// When says when the claim holds: the source's words for it, the date that they come to,
// and the anchor that they were resolved against. Date and anchor are in EDTF or empty.
func (s *StatementRef) When(words, date, anchor string) *StatementRef {
	if s.open("When") {
		s.st.Claim.When = When{Time: dateOf(date, "When", s.fail), As: words, Anchor: dateOf(anchor, "When", s.fail)}
	}
	return s
}

// If says on which claim this one depends; words may be empty.
func (s *StatementRef) If(c Claim, words string) *StatementRef {
	return s.condition("If", c, false, words)
}

// Unless says which claim must not hold for this one to hold.
func (s *StatementRef) Unless(c Claim, words string) *StatementRef {
	return s.condition("Unless", c, true, words)
}

func (s *StatementRef) condition(call string, c Claim, denied bool, words string) *StatementRef {
	if s.open(call) {
		s.st.Claim.If = append(s.st.Claim.If, Condition{Claim: s.own(c), Denied: denied, As: words})
	}
	return s
}

// own returns a claim that shares nothing with one of the caller's, and notes who is
// mentioned in it. What is nested too deep is refused later, and left as it is.
func (s *StatementRef) own(c Claim) Claim {
	if deeper(&c, MaxDepth) {
		return c
	}
	if len(s.b.claims) > 0 {
		for i := range c.Args {
			s.mention(s.b.claims[&c.Args[i]])
		}
	}
	c.Args, c.If = slices.Clone(c.Args), slices.Clone(c.If)
	for i := range c.Args {
		if nested := c.Args[i].Value.Claim; nested != nil {
			n := s.own(*nested)
			c.Args[i].Value.Claim = &n
		}
	}
	for i := range c.If {
		c.If[i].Claim = s.own(c.If[i].Claim)
	}
	return c
}

// Via adds the next voice of the chain, which reports the one before. It is for what a source
// Reports or Quotes, not for what it Says in its own voice. Stance, Act, Cue, With, For, To
// and Said describe the last voice added: the origin, until Via is called. The source's own
// voice comes after all others, unless it is the last already.
func (s *StatementRef) Via(speaker EntityRef) *StatementRef {
	if s.open("Via") {
		if last := &s.st.Voices[len(s.st.Voices)-1]; last.Speakers == nil {
			s.fail("Via", refuse(nil, "the source speaks itself; use Reports"))
			return s
		}
		s.voice(speaker)
	}
	return s
}

func (s *StatementRef) voice(speaker EntityRef) {
	s.mention(speaker.nameless)
	s.st.Voices = append(s.st.Voices, Voice{Speakers: partiesOf([]EntityRef{speaker}), Act: Assert, Stance: CertainAffirmed()})
}

// last returns the voice to describe; a copy that is thrown away if it is too
// late.
func (s *StatementRef) last(call string) *Voice {
	if !s.open(call) {
		return new(Voice)
	}
	return &s.st.Voices[len(s.st.Voices)-1]
}

// With adds speakers who say it jointly.
func (s *StatementRef) With(others ...EntityRef) *StatementRef {
	v := s.last("With")
	if v.Speakers == nil && !s.taken {
		s.fail("With", refuse(nil, "the source speaks itself; use Reports, or name its authors with By"))
		return s
	}
	v.Speakers = append(v.Speakers, partiesOf(others)...)
	s.mention(nameless(others...))
	return s
}

// For adds on whose behalf the voice speaks.
func (s *StatementRef) For(entities ...EntityRef) *StatementRef {
	v := s.last("For")
	v.For = append(v.For, partiesOf(entities)...)
	s.mention(nameless(entities...))
	return s
}

// To adds to whom the voice speaks.
func (s *StatementRef) To(entities ...EntityRef) *StatementRef {
	v := s.last("To")
	v.To = append(v.To, partiesOf(entities)...)
	s.mention(nameless(entities...))
	return s
}

// Stance sets how surely the voice holds it, by FactBank's name: "PS+".
func (s *StatementRef) Stance(name string) *StatementRef {
	stance, err := ParseStance(name)
	if err != nil {
		s.fail("Stance", refuse(name, "is no stance").want(stances))
	}
	s.last("Stance").Stance = stance
	return s
}

// Act sets what the voice does by speaking.
func (s *StatementRef) Act(act Act) *StatementRef {
	s.last("Act").Act = act
	return s
}

// Cue sets the words that show the act: "claimed".
func (s *StatementRef) Cue(words string) *StatementRef {
	s.last("Cue").Cue = words
	return s
}

// Said sets when the voice spoke, in EDTF; empty: not known.
func (s *StatementRef) Said(date string) *StatementRef {
	s.last("Said").Said.Time = dateOf(date, "Said", s.fail)
	return s
}

// SaidAs sets when the voice spoke: the source's words for it, such as "recently",
// the date that they come to, in EDTF, and the anchor that it was counted from, which
// may be empty.
func (s *StatementRef) SaidAs(words, date, anchor string) *StatementRef {
	s.last("SaidAs").Said = When{Time: dateOf(date, "SaidAs", s.fail), As: words, Anchor: dateOf(anchor, "SaidAs", s.fail)}
	return s
}

// Exact sets the source's words.
func (s *StatementRef) Exact(words string) *StatementRef {
	if s.open("Exact") {
		s.st.Selector.Exact = words
	}
	return s
}

// At sets where the words are in the source's text, in code points from its
// beginning, 0 <= start < end.
func (s *StatementRef) At(start, end int) *StatementRef {
	if s.open("At") {
		s.st.Selector.Start, s.st.Selector.End = start, end
	}
	return s
}

// Locator sets a page, line or timestamp.
func (s *StatementRef) Locator(place string) *StatementRef {
	if s.open("Locator") {
		s.st.Selector.Locator = place
	}
	return s
}

// Form sets how the source words it.
func (s *StatementRef) Form(form Form) *StatementRef {
	if s.open("Form") {
		s.st.Form = form
	}
	return s
}

// Language sets the language of the words, where it is not the source's.
func (s *StatementRef) Language(tag string) *StatementRef {
	if s.open("Language") {
		s.st.Language = tag
	}
	return s
}

// Gloss sets the recorder's own sentence for it.
func (s *StatementRef) Gloss(sentence string) *StatementRef {
	if s.open("Gloss") {
		s.st.Gloss = sentence
	}
	return s
}

// Replaces says which earlier statement was recorded wrongly. That one gives way until this
// one is retracted by itself ([Builder.RetractVersions] takes back both). A [Builder.Split]
// that names that one says nothing of this one: give the other entity here, or split this
// one, too. query.Worklist tells where neither was done.
func (s *StatementRef) Replaces(statement uuid.UUID) *StatementRef {
	if s.open("Replaces") {
		s.st.Replaces = statement
	}
	return s
}

// Assess rates the statement in a scheme. It takes the statement's id. Without
// [Builder.Occasion], a program that is run again records it again.
func (s *StatementRef) Assess(scheme, value, reason string) uuid.UUID {
	return s.b.Add(&Assessed{Statement: s.ID(), Scheme: scheme, Value: value, Reason: reason})
}
