package jsonl

import (
	"encoding/hex"
	"fmt"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
)

// The stored bodies, as a line shows them. What is left out of the bytes if it is
// zero or empty is left out here.
type (
	sourceAdded struct {
		Source source `json:"source"`
	}
	entityRegistered struct {
		Entity entity `json:"entity"`
	}
	entityNamed struct {
		Entity uuid.UUID `json:"entity"`
		Name   name      `json:"name"`
		Source uuid.UUID `json:"source,omitzero"`
	}
	identityJudged struct {
		A          uuid.UUID `json:"a"`
		B          uuid.UUID `json:"b"`
		Verdict    string    `json:"verdict"`
		Reason     string    `json:"reason,omitempty"`
		Confidence float64   `json:"confidence,omitzero"`
	}
	entitySplit struct {
		Entity uuid.UUID   `json:"entity"`
		Parts  []splitPart `json:"parts"`
		Reason string      `json:"reason,omitempty"`
	}
	splitPart struct {
		Entity   uuid.UUID `json:"entity"`
		Mentions []mention `json:"mentions"`
	}
	mention struct {
		Statement uuid.UUID `json:"statement"`
		Place     string    `json:"place,omitempty"`
		Index     int       `json:"index,omitzero"`
	}
	statementRecorded struct {
		Statement statement `json:"statement"`
	}
	statementsLinked struct {
		From   uuid.UUID `json:"from"`
		Link   string    `json:"link"`
		To     uuid.UUID `json:"to"`
		Reason string    `json:"reason,omitempty"`
	}
	assessed struct {
		Source    uuid.UUID `json:"source,omitzero"`
		Statement uuid.UUID `json:"statement,omitzero"`
		Scheme    string    `json:"scheme"`
		Value     string    `json:"value"`
		Reason    string    `json:"reason,omitempty"`
	}
	retracted struct {
		Event   uuid.UUID `json:"event"`
		Reason  string    `json:"reason,omitempty"`
		Cascade bool      `json:"cascade,omitempty"`
	}
	redacted struct {
		Event  uuid.UUID `json:"event"`
		Reason string    `json:"reason,omitempty"`
	}
	vocabularyDeclared struct {
		Predicates []predicate `json:"predicates,omitempty"`
		Schemes    []scheme    `json:"schemes,omitempty"`
	}
)

// What stands in them.
type (
	source struct {
		ID          uuid.UUID   `json:"id"`
		Title       string      `json:"title,omitempty"`
		URL         string      `json:"url,omitempty"`
		Authors     []uuid.UUID `json:"authors,omitempty"`
		Publisher   uuid.UUID   `json:"publisher,omitzero"`
		Published   edtf.Time   `json:"published,omitzero"`
		Retrieved   edtf.Time   `json:"retrieved,omitzero"`
		SHA256      string      `json:"sha256,omitempty"`
		Language    string      `json:"language,omitempty"`
		DerivedFrom []uuid.UUID `json:"derived_from,omitempty"`
	}
	entity struct {
		ID   uuid.UUID `json:"id"`
		Kind string    `json:"kind"`
		Name name      `json:"name"`
		Note string    `json:"note,omitempty"`
	}
	name struct {
		Text     string `json:"text"`
		Language string `json:"language,omitempty"`
	}
	statement struct {
		Claim    claim     `json:"claim"`
		Voices   []voice   `json:"voices"`
		Source   uuid.UUID `json:"source,omitzero"`
		Selector selector  `json:"selector,omitzero"`
		Form     string    `json:"form"`
		Language string    `json:"language,omitempty"`
		Gloss    string    `json:"gloss,omitempty"`
		Replaces uuid.UUID `json:"replaces,omitzero"`
	}
	selector struct {
		Start   int    `json:"start,omitzero"`
		End     int    `json:"end,omitzero"`
		Exact   string `json:"exact,omitempty"`
		Locator string `json:"locator,omitempty"`
	}
	claim struct {
		Predicate  string      `json:"predicate"`
		Occurrence uuid.UUID   `json:"occurrence,omitzero"`
		Args       []arg       `json:"args,omitempty"`
		When       when        `json:"when,omitzero"`
		If         []condition `json:"if,omitempty"`
	}
	arg struct {
		Role  string `json:"role"`
		Value value  `json:"value"`
		As    string `json:"as,omitempty"`
	}
	when struct {
		Time   edtf.Time `json:"time,omitzero"`
		As     string    `json:"as,omitempty"`
		Anchor edtf.Time `json:"anchor,omitzero"`
	}
	condition struct {
		Claim  claim  `json:"claim"`
		Denied bool   `json:"denied,omitempty"`
		As     string `json:"as,omitempty"`
	}
	value struct {
		Kind     string    `json:"kind"`
		ID       uuid.UUID `json:"id,omitzero"`
		Text     string    `json:"text,omitempty"`
		Language string    `json:"language,omitempty"`
		Unit     string    `json:"unit,omitempty"`
		Time     edtf.Time `json:"time,omitzero"`
		Claim    *claim    `json:"claim,omitempty"`
	}
	voice struct {
		Speakers []party `json:"speakers"`
		For      []party `json:"for,omitempty"`
		To       []party `json:"to,omitempty"`
		Act      string  `json:"act"`
		Cue      string  `json:"cue,omitempty"`
		Stance   stance  `json:"stance"`
		Said     when    `json:"said,omitzero"`
	}
	party struct {
		Entity uuid.UUID `json:"entity"`
		As     string    `json:"as,omitempty"`
	}
	stance struct {
		Certainty string `json:"certainty"`
		Polarity  string `json:"polarity"`
	}
	predicate struct {
		Name      string `json:"name"`
		Roles     []role `json:"roles,omitempty"`
		Inverse   string `json:"inverse,omitempty"`
		Symmetric bool   `json:"symmetric,omitempty"`
		Once      bool   `json:"once,omitempty"`
	}
	role struct {
		Name       string   `json:"name"`
		Values     []string `json:"values,omitempty"`
		Entities   []string `json:"entities,omitempty"`
		Functional bool     `json:"functional,omitempty"`
	}
	scheme struct {
		Name   string   `json:"name"`
		Values []string `json:"values"`
	}
)

// readable returns what a line shows of a body.
func readable(b events.Body) any {
	switch b := b.(type) {
	case *events.SourceAdded:
		s := &b.Source
		return sourceAdded{source{s.ID, s.Title, s.URL, s.Authors, s.Publisher, s.Published, s.Retrieved,
			hex.EncodeToString(s.SHA256), s.Language, s.DerivedFrom}}
	case *events.EntityRegistered:
		e := &b.Entity
		return entityRegistered{entity{e.ID, e.Kind.String(), name(e.Name), e.Note}}
	case *events.EntityNamed:
		return entityNamed{b.Entity, name(b.Name), b.Source}
	case *events.IdentityJudged:
		return identityJudged{b.A, b.B, b.Verdict.String(), b.Reason, b.Confidence}
	case *events.EntitySplit:
		return entitySplit{b.Entity, each(b.Parts, func(p *events.SplitPart) splitPart {
			return splitPart{p.Entity, each(p.Mentions, mentionOf)}
		}), b.Reason}
	case *events.StatementRecorded:
		s := &b.Statement
		return statementRecorded{statement{claimOf(&s.Claim), each(s.Voices, voiceOf), s.Source, selector(s.Selector),
			s.Form.String(), s.Language, s.Gloss, s.Replaces}}
	case *events.StatementsLinked:
		return statementsLinked{b.From, b.Link.String(), b.To, b.Reason}
	case *events.Assessed:
		return assessed(*b)
	case *events.Retracted:
		return retracted(*b)
	case *events.Redacted:
		return redacted(*b)
	case *events.VocabularyDeclared:
		return vocabularyDeclared{each(b.Predicates, predicateOf), each(b.Schemes, schemeOf)}
	}
	panic(fmt.Sprintf("jsonl: no readable form of %T", b)) // the kinds are closed
}

// each returns a list that is empty rather than nil: one that must be there is
// then shown as such.
func each[T, U any](list []T, of func(*T) U) []U {
	all := make([]U, len(list))
	for i := range list {
		all[i] = of(&list[i])
	}
	return all
}

func mentionOf(m *events.Mention) mention {
	place := ""
	if m.Place != events.Anywhere {
		place = m.Place.String()
	}
	return mention{m.Statement, place, m.Index}
}

func claimOf(c *events.Claim) claim {
	return claim{c.Predicate, c.Occurrence, each(c.Args, argOf), when(c.When), each(c.If, func(i *events.Condition) condition {
		return condition{claimOf(&i.Claim), i.Denied, i.As}
	})}
}

func argOf(a *events.Arg) arg {
	v := value{a.Value.Kind.String(), a.Value.ID, a.Value.Text, a.Value.Language, a.Value.Unit, a.Value.Time, nil}
	if a.Value.Claim != nil {
		c := claimOf(a.Value.Claim)
		v.Claim = &c
	}
	return arg{a.Role, v, a.As}
}

func voiceOf(v *events.Voice) voice {
	of := func(p *events.Party) party { return party(*p) }
	return voice{each(v.Speakers, of), each(v.For, of), each(v.To, of), v.Act.String(), v.Cue,
		stance{v.Stance.Certainty.String(), v.Stance.Polarity.String()}, when(v.Said)}
}

func predicateOf(p *events.Predicate) predicate {
	return predicate{p.Name, each(p.Roles, func(r *events.Role) role {
		return role{r.Name, words(r.Values), words(r.Entities), r.Functional}
	}), p.Inverse, p.Symmetric, p.Once}
}

func schemeOf(s *events.Scheme) scheme {
	return scheme{s.Name, each(s.Values, func(v *string) string { return *v })}
}

func words[T fmt.Stringer](list []T) []string {
	return each(list, func(v *T) string { return (*v).String() })
}
