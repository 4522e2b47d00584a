package events_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
)

func idOf(parts ...string) uuid.UUID { return events.Key(append([]string{"test"}, parts...)...) }

func eventOf(name string, b events.Body) events.Event {
	return events.Event{ID: idOf("event", name), Body: b}
}

// plainStatement says that putin agrees, by peskov, in the source "story".
func plainStatement() events.Statement {
	return events.Statement{
		Claim: events.Claim{Predicate: "agree", Args: []events.Arg{{Role: "subject", Value: events.Ref(idOf("putin")), As: "Putin"}}},
		Voices: []events.Voice{{
			Speakers: []events.Party{{Entity: idOf("peskov")}}, Act: events.Assert, Stance: events.CertainAffirmed()}},
		Source: idOf("story"),
		Form:   events.Paraphrase,
	}
}

func TestCheckShape(t *testing.T) {
	type statement = func(*events.Statement)
	on := func(f statement) events.Body {
		st := plainStatement()
		f(&st)
		return &events.StatementRecorded{Statement: st}
	}
	value := func(v events.Value) events.Body {
		return on(func(s *events.Statement) { s.Claim.Args[0].Value = v })
	}
	source := func(f func(*events.Source)) events.Body {
		s := events.Source{ID: idOf("story")}
		f(&s)
		return &events.SourceAdded{Source: s}
	}
	entity := func(name string) events.Body {
		return &events.EntityRegistered{Entity: events.Entity{ID: idOf("putin"), Kind: events.Person, Name: events.Name{Text: name}}}
	}
	link := func(args ...events.Arg) events.Body {
		return on(func(s *events.Statement) { s.Claim = events.Claim{Predicate: "confirms", Args: args} })
	}
	nested := func(depth int) events.Body {
		c := events.Claim{Predicate: "innermost"}
		for range depth - 1 {
			c = events.Claim{Predicate: "outer", Args: []events.Arg{{Role: "what", Value: events.Nested(c)}}}
		}
		return on(func(s *events.Statement) { s.Claim = c })
	}
	conditional := func(depth int) events.Body {
		c := events.Claim{Predicate: "innermost"}
		for range depth - 1 {
			c = events.Claim{Predicate: "outer", If: []events.Condition{{Claim: c}}}
		}
		return on(func(s *events.Statement) { s.Claim = c })
	}
	split := func(ms ...events.Mention) events.Body {
		return &events.EntitySplit{Entity: idOf("putin"), Parts: []events.SplitPart{{Entity: idOf("other"), Mentions: ms}}}
	}
	declare := func(p ...events.Predicate) events.Body { return &events.VocabularyDeclared{Predicates: p} }
	self := idOf("event", "x")
	long := strings.Repeat("a", events.MaxName+1)
	stances := "one of CT+ CT- CTu PR+ PR- PRu PS+ PS- PSu Uu"

	for _, c := range []struct {
		name string
		body events.Body
		want string // of the message, after the event; "": accepted
	}{
		{"good", on(func(*events.Statement) {}), ""},
		{"no body", nil, "Body: is missing"},
		{"nil body", (*events.Assessed)(nil), `Body "*events.Assessed": is nil, or not one of the kinds of event`},
		{"foreign body", struct{ events.Body }{}, `Body "struct { events.Body }": is nil, or not one of the kinds of event`},

		{"entity without id", &events.EntityRegistered{}, "Entity.ID: is missing, want an id"},
		{"entity kind", &events.EntityRegistered{Entity: events.Entity{ID: idOf("x"), Kind: 77}},
			"Entity.Kind EntityKind(77): is not in use, want one of person, organisation, place, office, group, work, topic, occurrence, placeholder"},
		{"empty name", entity(""), `Entity.Name.Text "": is empty`},
		{"spaces", entity(" \u00a0"), "Entity.Name.Text \" \\u00a0\": has only spaces"},
		{"control", entity("Put\x07in"), `Entity.Name.Text "Put\ain": has the control character U+0007 at byte 3, want "Putin"`},
		{"bidi override", entity("abc\u202edef"), `Entity.Name.Text "abc\u202edef": has the bidirectional control U+202E at byte 3, want "abcdef"`},
		{"bidi isolate", entity("\u2066abc"), `Entity.Name.Text "\u2066abc": has the bidirectional control U+2066 at byte 0, want "abc"`},
		{"right-to-left mark is fine", entity("\u200fأحمد"), ""},
		{"long name", entity(long), fmt.Sprintf("Entity.Name.Text %q…: has 1001 bytes, want at most 1000", long[:80])},
		{"name not UTF-8", entity("Put\xffin"), `Entity.Name.Text "Put\xffin": is not valid UTF-8`},
		{"long note", &events.EntityRegistered{Entity: events.Entity{ID: idOf("x"), Kind: events.Person, Name: events.Name{Text: "x"}, Note: strings.Repeat("a", 64_001)}},
			fmt.Sprintf("Entity.Note %q…: has 64001 bytes, want at most 64000", long[:80])},
		{"naming nobody", &events.EntityNamed{Name: events.Name{Text: "x"}}, "Entity: is missing, want an id"},
		{"language", &events.EntityNamed{Entity: idOf("putin"), Name: events.Name{Text: "x", Language: "english language"}},
			`Name.Language "english language": is not a BCP 47 language tag, want one such as "en" or "uk-Cyrl"`},
		{"language with underscore", &events.EntityNamed{Entity: idOf("putin"), Name: events.Name{Text: "x", Language: "en_US"}},
			`Name.Language "en_US": is not a BCP 47 language tag, want "en-US"`},
		{"language with unregistered parts", &events.EntityNamed{Entity: idOf("putin"), Name: events.Name{Text: "x", Language: "xx-Yyyy-x-desk"}}, ""},

		{"source without id", &events.SourceAdded{}, "Source.ID: is missing, want an id"},
		{"hash", source(func(s *events.Source) { s.SHA256 = []byte{1, 2} }), `Source.SHA256 "0102": has 2 bytes, want 32, or none`},
		{"derived from itself", source(func(s *events.Source) { s.DerivedFrom = []uuid.UUID{idOf("a"), s.ID} }),
			fmt.Sprintf("Source.DerivedFrom[1] %s: is the source itself", idOf("story"))},
		{"author nobody", source(func(s *events.Source) { s.Authors = make([]uuid.UUID, 1) }), "Source.Authors[0]: is missing, want an id"},
		{"many authors", source(func(s *events.Source) { s.Authors = make([]uuid.UUID, 201) }), "Source.Authors: has 201 items, want at most 200"},
		{"many sources", source(func(s *events.Source) { s.DerivedFrom = make([]uuid.UUID, 201) }), "Source.DerivedFrom: has 201 items, want at most 200"},
		{"title not UTF-8", source(func(s *events.Source) { s.Title = "\xff" }), `Source.Title "\xff": is not valid UTF-8`},

		{"verdict", &events.IdentityJudged{A: idOf("a"), B: idOf("b"), Verdict: 9}, "Verdict Verdict(9): is not in use, want one of same, different, unsure"},
		{"same as itself", &events.IdentityJudged{A: idOf("a"), B: idOf("a"), Verdict: events.Same},
			fmt.Sprintf("B %s: is judged against itself, want another entity", idOf("a"))},
		{"confidence", &events.IdentityJudged{A: idOf("a"), B: idOf("b"), Verdict: events.Same, Confidence: 1.5},
			"Confidence 1.5: is no confidence, want 0 < c <= 1, or 0 if there is none"},
		{"confidence NaN", &events.IdentityJudged{A: idOf("a"), B: idOf("b"), Verdict: events.Same, Confidence: math.NaN()},
			"Confidence NaN: is no confidence, want 0 < c <= 1, or 0 if there is none"},

		{"split into nothing", &events.EntitySplit{Entity: idOf("a")}, "Parts: is empty, want at least one part"},
		{"split without mentions", split(), "Parts[0].Mentions: is empty, want at least one mention"},
		{"split into itself", &events.EntitySplit{Entity: idOf("a"), Parts: []events.SplitPart{{Entity: idOf("a")}}},
			fmt.Sprintf("Parts[0].Entity %s: is the entity that is split, want another entity", idOf("a"))},
		{"split index", split(events.Mention{Statement: idOf("s"), Place: events.InVoice, Index: -1}), "Parts[0].Mentions[0].Index -1: is negative"},
		{"split index without a list", split(events.Mention{Statement: idOf("s"), Index: 1}),
			`Parts[0].Mentions[0].Index 1: means nothing with the place "anywhere", want 0`},
		{"split place", split(events.Mention{Statement: idOf("s"), Place: 9}),
			"Parts[0].Mentions[0].Place MentionPlace(9): is not in use, want one of anywhere, argument, voice, occurrence"},
		{"split twice", split(events.Mention{Statement: idOf("s"), Place: events.InVoice}, events.Mention{Statement: idOf("s")}),
			"Parts[0].Mentions[1].Place anywhere: is in a mention that the split has already"},
		{"split in two places", split(events.Mention{Statement: idOf("s"), Place: events.InVoice}, events.Mention{Statement: idOf("s"), Place: events.InOccurrence}), ""},
		{"many mentions", split(manyMentions()...), "Parts[0].Mentions: has 10001 items, want at most 10000"},
		{"many mentions in all parts", &events.EntitySplit{Entity: idOf("a"), Parts: []events.SplitPart{
			{Entity: idOf("b"), Mentions: manyMentions()[:6000]}, {Entity: idOf("c"), Mentions: manyMentions()[6000:]}}},
			"Parts[1].Mentions: has 10001 items, want at most 10000"},

		{"no voices", on(func(s *events.Statement) { s.Voices = nil }), "Statement.Voices: is empty, want at least the voice that says it"},
		{"no speakers", on(func(s *events.Statement) { s.Voices[0].Speakers = nil }), "Statement.Voices[0].Speakers: is empty, want at least one"},
		{"speaker nobody", on(func(s *events.Statement) { s.Voices[0].Speakers = make([]events.Party, 1) }),
			"Statement.Voices[0].Speakers[0].Entity: is missing, want an id"},
		{"many voices", on(func(s *events.Statement) { s.Voices = make([]events.Voice, 33) }), "Statement.Voices: has 33 items, want at most 32"},
		{"many parties", on(func(s *events.Statement) { s.Voices[0].To = make([]events.Party, 65) }), "Statement.Voices[0].To: has 65 items, want at most 64"},
		{"stance", on(func(s *events.Statement) { s.Voices[0].Stance = events.Stance{Certainty: 9} }),
			"Statement.Voices[0].Stance Stance(9,0): is not a stance, want " + stances},
		{"uncommitted but denied", on(func(s *events.Statement) {
			s.Voices[0].Stance = events.Stance{Certainty: events.Uncommitted, Polarity: events.Denied}
		}),
			"Statement.Voices[0].Stance Stance(1,2): is not a stance, want " + stances},
		{"act", on(func(s *events.Statement) { s.Voices[0].Act = 0 }),
			"Statement.Voices[0].Act Act(0): is not in use, want one of assert, direct, commit, express, declare, withhold"},
		{"form", on(func(s *events.Statement) { s.Form = 6 }),
			"Statement.Form Form(6): is not in use, want one of quote, paraphrase, heading, presupposed, inferred"},
		{"replaces itself", on(func(s *events.Statement) { s.Replaces = self }),
			fmt.Sprintf("Statement.Replaces %s: is the statement itself, want an earlier statement", self)},
		{"quote without words", on(func(s *events.Statement) { s.Form = events.Quote }),
			`Statement.Selector.Exact "": is empty in a quote, want the words, or the form paraphrase`},
		{"negative start", on(func(s *events.Statement) { s.Selector = events.Selector{Start: -1, End: 4} }),
			"Statement.Selector.Start -1: is negative, want 0 or more"},
		{"end before start", on(func(s *events.Statement) { s.Selector = events.Selector{Start: 5, End: 5} }),
			"Statement.Selector.End 5: is not after Start 5, want 0 <= Start < End, or both 0"},
		{"offsets without source", on(func(s *events.Statement) { s.Source = uuid.Nil; s.Selector = events.Selector{Start: 1, End: 5} }),
			"Statement.Selector.Start 1: counts from the beginning of no source, want a Source, or no offsets"},
		{"offsets in bytes", on(func(s *events.Statement) { s.Selector = events.Selector{Start: 10, End: 14, Exact: "іх"} }),
			"Statement.Selector.End 14: offsets count code points, not bytes: Exact has 2, want an End that is 2 after a Start in code points"},
		{"offsets too far", on(func(s *events.Statement) { s.Selector = events.Selector{Start: 10, End: 14, Exact: "he"} }),
			"Statement.Selector.End 14: Start and End are 4 code points apart, Exact has 2, want 12"},
		{"offsets", on(func(s *events.Statement) { s.Selector = events.Selector{End: 2, Exact: "іх"} }), ""},

		{"no predicate", on(func(s *events.Statement) { s.Claim.Predicate = "" }), `Statement.Claim.Predicate "": is empty`},
		{"no role", on(func(s *events.Statement) { s.Claim.Args[0].Role = "" }), `Statement.Claim.Args[0].Role "": is empty`},
		{"many arguments", on(func(s *events.Statement) { s.Claim.Args = make([]events.Arg, 201) }), "Statement.Claim.Args: has 201 items, want at most 200"},
		{"many conditions", on(func(s *events.Statement) { s.Claim.If = make([]events.Condition, 33) }), "Statement.Claim.If: has 33 items, want at most 32"},
		{"condition", on(func(s *events.Statement) { s.Claim.If = make([]events.Condition, 1) }), `Statement.Claim.If[0].Claim.Predicate "": is empty`},
		{"as deep as may be", nested(4), ""},
		{"as deep as may be, by conditions", conditional(4), ""},
		{"too deep, by conditions", conditional(5), "Statement.Claim.If[0].Claim.If[0].Claim.If[0].Claim.If[0].Claim.Predicate: is a claim 5 deep, want at most 4"},
		{"too deep", nested(5), "Statement.Claim.Args[0].Value.Claim.Args[0].Value.Claim.Args[0].Value.Claim.Args[0].Value.Claim.Predicate (role \"what\"): is a claim 5 deep, want at most 4"},
		{"too many claims", on(func(s *events.Statement) {
			c := events.Claim{Predicate: "leaf"}
			for range 3 { // the same claim many times over
				args := make([]events.Arg, 12)
				for i := range args {
					args[i] = events.Arg{Role: "what", Value: events.Nested(c)}
				}
				c = events.Claim{Predicate: "node", Args: args}
			}
			s.Claim = c
		}), "Statement.Claim.Args[6].Value.Claim.Args[4].Value.Claim.Args[3].Value.Claim.Predicate (role \"what\"): is claim 1001 of the statement, want at most 1000"},

		{"value kind", value(events.Value{}), "Statement.Claim.Args[0].Value.Kind ValueKind(0) (role \"subject\"): is not in use, want one of entity, text, number, time, claim, statement, none, unknown"},
		{"entity nobody", value(events.Ref(uuid.Nil)), "Statement.Claim.Args[0].Value.ID (role \"subject\"): is missing, want an id"},
		{"statement itself", value(events.Said(self)), fmt.Sprintf("Statement.Claim.Args[0].Value.ID %s (role \"subject\"): is the statement itself, want an earlier statement", self)},
		{"entity with text", value(events.Value{Kind: events.EntityValue, ID: idOf("x"), Text: "x"}),
			`Statement.Claim.Args[0].Value.Text (role "subject"): does not belong to a value of kind "entity", want none`},
		{"none with id", value(events.Value{Kind: events.NoneValue, ID: idOf("x")}), `Statement.Claim.Args[0].Value.ID (role "subject"): does not belong to a value of kind "none", want none`},
		{"number with language", value(events.Value{Kind: events.NumberValue, Text: "1", Language: "en"}),
			`Statement.Claim.Args[0].Value.Language (role "subject"): does not belong to a value of kind "number", want none`},
		{"text with unit", value(events.Value{Kind: events.TextValue, Text: "1", Unit: "m"}), `Statement.Claim.Args[0].Value.Unit (role "subject"): does not belong to a value of kind "text", want none`},
		{"text with time", value(events.Value{Kind: events.TextValue, Text: "1", Time: edtf.MustParse("2025")}),
			`Statement.Claim.Args[0].Value.Time (role "subject"): does not belong to a value of kind "text", want none`},
		{"text with claim", value(events.Value{Kind: events.TextValue, Text: "1", Claim: &events.Claim{}}),
			`Statement.Claim.Args[0].Value.Claim (role "subject"): does not belong to a value of kind "text", want none`},
		{"empty text", value(events.Text("", "en")), `Statement.Claim.Args[0].Value.Text "" (role "subject"): is empty, want a text, or a value of kind none or unknown`},
		{"text's language", value(events.Text("x", "-")), `Statement.Claim.Args[0].Value.Language "-" (role "subject"): is not a BCP 47 language tag, want one such as "en" or "uk-Cyrl"`},
		{"number in groups", value(events.Number("1 000", "")), `Statement.Claim.Args[0].Value.Text "1 000" (role "subject"): is not a number in decimal digits, want "1000"`},
		{"number with plus", value(events.Number("+.5", "")), `Statement.Claim.Args[0].Value.Text "+.5" (role "subject"): is not a number in decimal digits, want "0.5"`},
		{"number with comma", value(events.Number("1,5", "")), `Statement.Claim.Args[0].Value.Text "1,5" (role "subject"): is not a number in decimal digits, want one such as "4", "-2.50" or "1e6"`},
		{"unit", value(events.Number("1", "\t")), `Statement.Claim.Args[0].Value.Unit "\t" (role "subject"): has the control character U+0009 at byte 0`},
		{"no time", value(events.At(edtf.Time{})), "Statement.Claim.Args[0].Value.Time (role \"subject\"): is missing, want a time, or a value of kind none or unknown"},
		{"no claim", value(events.Value{Kind: events.ClaimValue}), "Statement.Claim.Args[0].Value.Claim (role \"subject\"): is missing, want a claim"},

		{"link", link(events.Arg{Role: "from", Value: events.Unknown(), As: "an earlier report"}, events.Arg{Role: "to", Value: events.Said(idOf("s"))}), ""},
		{"link without from", link(events.Arg{Role: "to", Value: events.Unknown()}),
			`Statement.Claim.Args: the link "confirms" has no role "from", want a statement, or unknown with its words in As`},
		{"link without to", link(events.Arg{Role: "from", Value: events.Unknown()}),
			`Statement.Claim.Args: the link "confirms" has no role "to", want a statement, or unknown with its words in As`},
		{"link's role", link(events.Arg{Role: "form", Value: events.Unknown()}),
			`Statement.Claim.Args[0].Role "form": is not a role of the link "confirms", want "from" (one of from, to)`},
		{"link of entities", link(events.Arg{Role: "from", Value: events.Ref(idOf("x"))}),
			`Statement.Claim.Args[0].Value.Kind entity (role "from"): cannot be linked by "confirms", want statement, or unknown with its words in As`},
		{"link type", &events.StatementsLinked{From: idOf("a"), To: idOf("b"), Link: 9},
			"Link LinkType(9): is not in use, want one of replies_to, confirms, disputes, corrects, withdraws, repeats, explains, contrasts"},
		{"link from nothing", &events.StatementsLinked{To: idOf("b"), Link: events.Confirms}, "From: is missing, want an id"},
		{"link with itself", &events.StatementsLinked{From: idOf("b"), To: idOf("b"), Link: events.Confirms},
			fmt.Sprintf("To %s: links a statement with itself", idOf("b"))},

		{"assesses nothing", &events.Assessed{Scheme: "admiralty", Value: "B2"}, "Source: is missing, want a source or a statement to assess"},
		{"assesses two", &events.Assessed{Source: idOf("a"), Statement: idOf("b"), Scheme: "admiralty", Value: "B2"},
			fmt.Sprintf("Statement %s: is given beside a source, want exactly one of the two", idOf("b"))},
		{"no scheme", &events.Assessed{Source: idOf("a"), Value: "B2"}, `Scheme "": is empty`},
		{"retracts nothing", &events.Retracted{}, "Event: is missing, want an id"},
		{"retracts itself", &events.Retracted{Event: self}, fmt.Sprintf("Event %s: is the event itself, want an earlier event", self)},
		{"redacts nothing", &events.Redacted{}, "Event: is missing, want an id"},
		{"long reason", &events.Redacted{Event: idOf("x"), Reason: "\xff"}, `Reason "\xff": is not valid UTF-8`},

		{"declares nothing", declare(), "Predicates: is empty, want at least one predicate or scheme"},
		{"declares twice", declare(events.Predicate{Name: "visit"}, events.Predicate{Name: "visit"}), `Predicates[1].Name "visit": is declared twice`},
		{"declares a role twice", declare(events.Predicate{Name: "visit", Roles: []events.Role{{Name: "who"}, {Name: "who"}}}),
			`Predicates[0].Roles[1].Name "who": is declared twice`},
		{"declares a link", declare(events.Predicate{Name: "confirms"}),
			`Predicates[0].Name "confirms": is the name of a link, whose roles are from and to, want another name`},
		{"declares no name", declare(events.Predicate{}), `Predicates[0].Name "": is empty`},
		{"inverse", declare(events.Predicate{Name: "x", Inverse: " "}), `Predicates[0].Inverse " ": has only spaces`},
		{"many roles", declare(events.Predicate{Name: "x", Roles: make([]events.Role, 1001)}), "Predicates[0].Roles: has 1001 items, want at most 1000"},
		{"many values", declare(events.Predicate{Name: "x", Roles: []events.Role{{Name: "y", Values: make([]events.ValueKind, 1001)}}}), "Predicates[0].Roles[0].Values: has 1001 items, want at most 1000"},
		{"many schemes", &events.VocabularyDeclared{Schemes: make([]events.Scheme, 1001)}, "Schemes: has 1001 items, want at most 1000"},
		{"scheme twice", &events.VocabularyDeclared{Schemes: []events.Scheme{{Name: "x", Values: []string{"a"}}, {Name: "x", Values: []string{"a"}}}}, `Schemes[1].Name "x": is declared twice`},
		{"split to nobody", &events.EntitySplit{Entity: idOf("a"), Parts: make([]events.SplitPart, 1)}, "Parts[0].Entity: is missing, want an id"},
		{"long language", &events.EntityNamed{Entity: idOf("putin"), Name: events.Name{Text: "x", Language: long}}, fmt.Sprintf("Name.Language %q…: has 1001 bytes, want at most 1000", long[:80])},
		{"long locator", on(func(s *events.Statement) { s.Selector.Locator = strings.Repeat("a", 64_001) }), fmt.Sprintf("Statement.Selector.Locator %q…: has 64001 bytes, want at most 64000", long[:80])},
		{"role's value kinds", declare(events.Predicate{Name: "visit", Roles: []events.Role{{Name: "who", Values: []events.ValueKind{9}}}}),
			"Predicates[0].Roles[0].Values[0] ValueKind(9): is not in use, want one of entity, text, number, time, claim, statement, none, unknown"},
		{"role's entity kinds", declare(events.Predicate{Name: "visit", Roles: []events.Role{{Name: "who", Entities: []events.EntityKind{0}}}}),
			"Predicates[0].Roles[0].Entities[0] EntityKind(0): is not in use, want one of person, organisation, place, office, group, work, topic, occurrence, placeholder"},
		{"many predicates", declare(make([]events.Predicate, 1001)...), "Predicates: has 1001 items, want at most 1000"},
		{"scheme without values", &events.VocabularyDeclared{Schemes: []events.Scheme{{Name: "x"}}}, "Schemes[0].Values: is empty, want the scheme's values"},
		{"scheme with a value twice", &events.VocabularyDeclared{Schemes: []events.Scheme{{Name: "x", Values: []string{"a", "a"}}}}, `Schemes[0].Values[1] "a": is declared twice`},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := &events.Batch{Recorder: "desk", Events: []events.Event{
				eventOf("before", entity("Putin")),
				{ID: self, Body: c.body},
			}}
			err := events.CheckShape(b)
			if c.want == "" {
				if err != nil {
					t.Fatalf("refused: %v", err)
				}
				return
			}
			var e *events.Error
			if !errors.As(err, &e) || !errors.Is(err, events.ErrInvalid) {
				t.Fatalf("got %v, want an *Error that is ErrInvalid", err)
			}
			if e.Index != 1 || e.ID != self {
				t.Errorf("got event %d %s, want 1 %s", e.Index, e.ID, self)
			}
			_, got, _ := strings.Cut(err.Error(), "): ")
			if got != c.want {
				t.Errorf("message\n got %s\nwant %s", got, c.want)
			}
		})
	}
}

// Every event that is at fault is named, up to a number; where there is one fault it is
// the error itself.
func TestCheckShapeNamesAll(t *testing.T) {
	b := &events.Batch{Recorder: "desk"}
	for i := range 100 {
		e := events.Entity{ID: idOf("entity", fmt.Sprint(i)), Kind: events.Person, Name: events.Name{Text: "Ada"}}
		if i%3 == 0 {
			e.Name.Text = ""
		}
		b.Events = append(b.Events, eventOf(fmt.Sprint(i), &events.EntityRegistered{Entity: e}))
	}
	for _, c := range []struct {
		events int
		want   []int // at fault
		last   string
	}{
		{2, []int{0}, ""},
		{7, []int{0, 3, 6}, ""},
		{64, []int{0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 33, 36, 39, 42, 45, 48, 51, 54, 57}, "events: and 2 more"},
		{58, []int{0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 33, 36, 39, 42, 45, 48, 51, 54, 57}, ""},
	} {
		err := events.CheckShape(&events.Batch{Recorder: "desk", Events: b.Events[:c.events]})
		if !errors.Is(err, events.ErrInvalid) {
			t.Fatalf("%d events: %v is not ErrInvalid", c.events, err)
		}
		if _, single := err.(*events.Error); single != (len(c.want) == 1) {
			t.Errorf("%d events: the error is a %T", c.events, err)
		}
		lines := strings.Split(err.Error(), "\n")
		if c.last != "" {
			if last := lines[len(lines)-1]; last != c.last {
				t.Errorf("%d events: the last line is %s", c.events, last)
			}
			lines = lines[:len(lines)-1]
		}
		var got []int
		for _, line := range lines {
			var i int
			fmt.Sscanf(line, "events: event %d (", &i)
			got = append(got, i)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%d events: at fault are %v, want %v", c.events, got, c.want)
		}
	}
}

// Counting faults ends where as many bytes are at fault as a record takes.
func TestCheckShapeCountsSoMuch(t *testing.T) {
	b := &events.Batch{Recorder: "desk"}
	for i := range 3000 {
		e := events.Entity{ID: idOf("entity", fmt.Sprint(i)), Kind: events.Person, Note: strings.Repeat("x", 1000)}
		b.Events = append(b.Events, eventOf(fmt.Sprint(i), &events.EntityRegistered{Entity: e}))
	}
	var last, more int
	lines := strings.Split(fmt.Sprint(events.CheckShape(b)), "\n")
	if len(lines) != 22 {
		t.Fatalf("%d lines", len(lines))
	}
	fmt.Sscanf(lines[20], "events: batch: Events: the last %d have not been checked", &last)
	fmt.Sscanf(lines[21], "events: and %d more", &more)
	if more < 500 || more > 1000 || 20+more+last != 3000 {
		t.Errorf("%s\n%s", lines[20], lines[21])
	}
	b.Events = b.Events[:3000-last] // no more than has been checked
	lines = strings.Split(fmt.Sprint(events.CheckShape(b)), "\n")
	if len(lines) != 21 || lines[20] != fmt.Sprintf("events: and %d more", more) {
		t.Errorf("%d lines, the last: %s", len(lines), lines[len(lines)-1])
	}
}

func manyMentions() []events.Mention {
	ms := make([]events.Mention, events.MaxMentions+1)
	for i := range ms {
		ms[i] = events.Mention{Statement: idOf("s", fmt.Sprint(i))}
	}
	return ms
}

func TestCheckShapeOfBatch(t *testing.T) {
	good := eventOf("x", &events.EntityRegistered{Entity: events.Entity{ID: idOf("putin"), Kind: events.Person, Name: events.Name{Text: "Putin"}}})
	with := func(u string) events.Event { return events.Event{ID: uuid.MustParse(u), Body: good.Body} }
	many := make([]events.Event, events.MaxEvents+1)
	const want = "want a UUID of version 7 (uuid.NewV7), 5 (events.Key) or 8 (events.Seal.Key)"
	for _, c := range []struct {
		batch events.Batch
		want  string
	}{
		{events.Batch{Recorder: "desk"}, "events: batch: Events: is empty, want at least one event"},
		{events.Batch{Events: []events.Event{good}}, `events: batch: Recorder "": is empty`},
		{events.Batch{Recorder: "a\nb", Events: []events.Event{good}}, `events: batch: Recorder "a\nb": has the control character U+000A at byte 1, want "a b"`},
		{events.Batch{Recorder: " Ada \r\n\t Brandt\x00 \n", Events: []events.Event{good}}, `events: batch: Recorder " Ada \r\n\t Brandt\x00 \n": has the control character U+000D at byte 5, want "Ada Brandt"`},
		{events.Batch{Recorder: "Ada\u202e \x00Brandt", Events: []events.Event{good}}, `events: batch: Recorder "Ada\u202e \x00Brandt": has the bidirectional control U+202E at byte 3, want "Ada Brandt"`},
		{events.Batch{Recorder: "desk", Events: many}, "events: batch: Events: has 50001 items, want at most 50000; split the batch, as Builder.Batches does"},
		{events.Batch{Recorder: "desk", Events: []events.Event{{Body: good.Body}}},
			"events: event 0 (EntityRegistered 00000000-0000-0000-0000-000000000000): ID: is missing, " + want},
		{events.Batch{Recorder: "desk", Events: []events.Event{with("f47ac10b-58cc-4372-a567-0e02b2c3d479")}},
			"events: event 0 (EntityRegistered f47ac10b-58cc-4372-a567-0e02b2c3d479): ID f47ac10b-58cc-4372-a567-0e02b2c3d479: is a UUID of version 4, want version 7 (uuid.NewV7), 5 (events.Key) or 8 (events.Seal.Key)"},
		{events.Batch{Recorder: "desk", Events: []events.Event{with("f47ac10b-58cc-7372-c567-0e02b2c3d479")}},
			"events: event 0 (EntityRegistered f47ac10b-58cc-7372-c567-0e02b2c3d479): ID f47ac10b-58cc-7372-c567-0e02b2c3d479: is not a UUID of the variant that RFC 9562 describes, want version 7 (uuid.NewV7), 5 (events.Key) or 8 (events.Seal.Key)"},
		{events.Batch{Recorder: "desk", Events: []events.Event{good, with("0198f0e4-0000-7000-8000-000000000000"), good}},
			fmt.Sprintf("events: event 2 (EntityRegistered %s): ID %s: events 0 and 2 have the same id", good.ID, good.ID)},
	} {
		err := events.CheckShape(&c.batch)
		if err == nil || err.Error() != c.want {
			t.Errorf("\n got %v\nwant %s", err, c.want)
		}
		if !errors.Is(err, events.ErrInvalid) {
			t.Errorf("%v is not ErrInvalid", err)
		}
	}
}

func TestNumbers(t *testing.T) {
	accepted := func(digits string) bool {
		st := plainStatement()
		st.Claim.Args[0].Value = events.Number(digits, "")
		return events.CheckShape(&events.Batch{Recorder: "desk", Events: []events.Event{eventOf("x", &events.StatementRecorded{Statement: st})}}) == nil
	}
	for _, s := range []string{"0", "4", "-2.50", "1e6", "1E-6", "007", "1.5e+3", "-0"} {
		if !accepted(s) {
			t.Errorf("%q is refused", s)
		}
	}
	for _, s := range []string{"", "-", "+1", ".5", "5.", "1e", "1e+", "1.e5", "0x1F", "NaN", "Inf", "1 ", "1.2.3", "--1", "٣"} {
		if accepted(s) {
			t.Errorf("%q is accepted", s)
		}
	}
}

// What is documented as the most is taken, and one more is not.
func TestAtTheLimit(t *testing.T) {
	named := func(n int) events.Body {
		return &events.EntityNamed{Entity: idOf("putin"), Name: events.Name{Text: strings.Repeat("a", n)}}
	}
	points := func(end int) events.Body {
		st := plainStatement()
		st.Selector = events.Selector{Start: end - 1, End: end}
		return &events.StatementRecorded{Statement: st}
	}
	sure := func(c float64) events.Body {
		return &events.IdentityJudged{A: idOf("a"), B: idOf("b"), Verdict: events.Same, Confidence: c}
	}
	for what, c := range map[string]struct{ most, more events.Body }{
		"MaxName":    {named(events.MaxName), named(events.MaxName + 1)},
		"MaxOffset":  {points(events.MaxOffset), points(events.MaxOffset + 1)},
		"confidence": {sure(1), sure(math.Nextafter(1, 2))},
	} {
		if _, err := events.EncodeBatch(&events.Batch{Recorder: "desk", Events: []events.Event{eventOf("x", c.most)}}); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if _, err := events.EncodeBatch(&events.Batch{Recorder: "desk", Events: []events.Event{eventOf("x", c.more)}}); !errors.Is(err, events.ErrInvalid) {
			t.Errorf("%s and more: %v", what, err)
		}
	}
}

func TestTextsTooLarge(t *testing.T) {
	b := &events.Batch{
		Recorder: "desk",
		Events:   []events.Event{eventOf("x", &events.Retracted{Event: idOf("gone")})},
		Texts:    map[uuid.UUID]string{idOf("a"): strings.Repeat("a", events.MaxSourceText/2), idOf("b"): strings.Repeat("b", events.MaxSourceText/2+1)},
	}
	if err := events.CheckShape(b); !errors.Is(err, events.ErrInvalid) || !strings.Contains(err.Error(), "more than 10000000 bytes of text") {
		t.Errorf("got %v", err)
	}
	b.Texts[idOf("b")] = b.Texts[idOf("a")] // together MaxSourceText
	if err := events.CheckShape(b); err != nil {
		t.Error(err)
	}
}
