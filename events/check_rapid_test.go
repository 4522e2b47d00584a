package events_test

import (
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
)

// Whatever a statement holds, checking does not panic, and what it lets through
// can be encoded.
func TestCheckedStatementsEncode(t *testing.T) {
	world := world()
	ids := rapid.SampledFrom([]uuid.UUID{uuid.Nil, idOf("putin"), idOf("story"), idOf("s1"), idOf("old"), idOf("nobody")})
	words := rapid.OneOf(rapid.SampledFrom([]string{"", " ", "visit", "confirms", "from", "to", "visitor", "1", "-2.5e3", "en", "\xff", "\u202e"}), rapid.StringN(0, 6, -1))
	fine := rapid.SampledFrom([]string{"visit", "visitor", "1", "say"})
	names := rapid.OneOf(fine, fine, fine, fine, fine, words)
	times := rapid.SampledFrom([]edtf.Time{{}, edtf.MustParse("2025-08-04")})
	small := rapid.Uint8Range(0, 10)
	when := func(t *rapid.T) events.When {
		return events.When{Time: times.Draw(t, "time"), As: names.Draw(t, "as"), Anchor: times.Draw(t, "anchor")}
	}
	parties := func(t *rapid.T) (ps []events.Party) {
		for range rapid.IntRange(0, 2).Draw(t, "parties") {
			ps = append(ps, events.Party{Entity: ids.Draw(t, "party"), As: names.Draw(t, "as")})
		}
		return ps
	}
	var claim func(t *rapid.T, depth int) events.Claim
	value := func(t *rapid.T, depth int) events.Value {
		v := events.Value{Kind: events.ValueKind(small.Draw(t, "kind"))}
		wild := rapid.IntRange(0, 9).Draw(t, "wild") == 0 // with fields of another kind
		if wild || v.Kind == events.EntityValue || v.Kind == events.StatementValue {
			v.ID = ids.Draw(t, "id")
		}
		if wild || v.Kind == events.TextValue || v.Kind == events.NumberValue {
			v.Text = names.Draw(t, "text")
		}
		if wild || v.Kind == events.TimeValue {
			v.Time = times.Draw(t, "time")
		}
		if (wild || v.Kind == events.ClaimValue) && depth < 6 {
			c := claim(t, depth+1)
			v.Claim = &c
		}
		return v
	}
	claim = func(t *rapid.T, depth int) events.Claim {
		c := events.Claim{Predicate: names.Draw(t, "predicate"), Occurrence: ids.Draw(t, "occurrence"), When: when(t)}
		for range rapid.IntRange(0, 2).Draw(t, "args") {
			c.Args = append(c.Args, events.Arg{Role: names.Draw(t, "role"), Value: value(t, depth)})
		}
		if depth < 6 && rapid.IntRange(0, 4).Draw(t, "if") == 0 {
			c.If = append(c.If, events.Condition{Claim: claim(t, depth+1)})
		}
		return c
	}
	passed := 0
	rapid.Check(t, func(t *rapid.T) {
		st := events.Statement{
			Claim: claim(t, 1), Source: ids.Draw(t, "source"), Replaces: ids.Draw(t, "replaces"),
			Form: events.Form(small.Draw(t, "form")), Language: words.Draw(t, "language"), Gloss: names.Draw(t, "gloss"),
			Selector: events.Selector{Start: rapid.IntRange(-1, 5).Draw(t, "start"), End: rapid.IntRange(-1, 5).Draw(t, "end"), Exact: words.Draw(t, "exact")},
		}
		if rapid.IntRange(0, 3).Draw(t, "plain") > 0 { // or few would pass
			plain := plainStatement()
			st.Voices, st.Form, st.Language, st.Selector = plain.Voices, plain.Form, "", plain.Selector
		}
		for range rapid.SampledFrom([]int{0, 0, 0, 1}).Draw(t, "voices") {
			st.Voices = append(st.Voices, events.Voice{
				Speakers: parties(t), For: parties(t), To: parties(t), Act: events.Act(small.Draw(t, "act")), Said: when(t),
				Stance: events.Stance{Certainty: events.Certainty(small.Draw(t, "certainty")), Polarity: events.Polarity(small.Draw(t, "polarity"))},
			})
		}
		b := &events.Batch{
			Recorder: "desk",
			Events:   []events.Event{eventOf("x", &events.StatementRecorded{Statement: st})},
			Texts:    map[uuid.UUID]string{idOf("story"): "visit from"},
		}
		if err := events.CheckShape(b); err != nil {
			_ = err.Error()
			return
		}
		passed++
		if _, err := events.EncodeBody(b.Events[0].Body); err != nil {
			t.Fatalf("passed CheckShape, but: %v", err)
		}
		for _, err := range []error{events.Check(&b.Events[0], world), checkText(b, world)} {
			if err != nil {
				_ = err.Error()
			}
		}
	})
	t.Logf("%d passed", passed)
	if passed == 0 && !testing.Short() { // with -short rapid draws a fifth of the cases
		t.Error("no statement passed CheckShape")
	}
}
