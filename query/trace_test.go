package query_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/query"
)

// TestTraceWords has names in texts, however they are written there.
func TestTraceWords(t *testing.T) {
	for _, c := range []struct {
		name, text string
		found      bool
	}{
		{"Ada Brandt", "ADA BRANDT resigns", true},
		{"Ada Brandt", "https://example.org/ada-brandt.html", true},
		{"Ada Brandt", "Ada\u00a0Brandt’s house", true},
		{"Recep Erdoğan", "https://tr.wikipedia.org/wiki/Recep_Erdo%C4%9Fan", true},
		{"Ada Brandt", "Ada Brandt is 100% sure", true},
		{"Ada Brandt", "up 50% since, see https://example.org/Ada%20Brandt", true},
		{"Ada Brandt", "https://example.org/?q=Ada%20Brandt&share=100%", true},
		{"Ada Brandt", "https://example.org/?q=Ada+Brandt&share=%C4%", true},
		{"Ada Brandt", "https://example.org/?to=https%3A%2F%2Fexample.org%2FAda%2520Brandt", true},
		{"Ada Brandt", "Ada%252520Brandt", true},
		{"Ada Brandt", "Ada%25252520Brandt", false},
		{"Ada Brandt", "Canada%20Brandt", false},
		{"Erdoğan", "%zz%Erdo%c4%9fan%2", true},
		{"Ада Брандт", "https://example.org/?q=%D0%90%D0%B4%D0%B0%20%D0%91%D1%80%D0%B0%D0%BD%D0%B4%D1%82", true},
		{"Ada Brandt", "Ada Brandts Haus", true},
		{"Ada Brandt", "Brandt, Ada", false},
		{"Ada Brandt", "Canada Brandt", false},
		{"Séan O'Neill", "Sean O’Neill", true},
		{"Sean", "Se\u0301an", true},
		{"Straße", "STRASSE", true},
		{"Ann", "Ann said", true},
		{"Ann", "Annual", false},
		{"Анна", "Анною", false},
		{"Виткофф", "у Виткоффа", true},
		{"维特科夫", "美国特使维特科夫抵达", true},
		{"维特", "维 · 特", true},
		{"สมชาย", "นายสมชาย", true},
		{"ສົມຊາຍ", "ທ່ານສົມຊາຍ", true},
		{"သန်းရွှေ", "ဦးသန်းရွှေ", true},
		{"ហ៊ុន", "លោកហ៊ុន", true},
		{"—", "a — b", false},
		{"Eve", "E\u200bve", true},
		{"e\u200cve", "Eve", true},
		{"Ada Brandt", "Ada\u200bBrandt", true},
		{"Ada Brandt", "A\u00adda\u200bBrandt", true},
		{"Ada Brandt", "https://example.org/Ada%E2%80%8BBrandt", true},
		{"علی\u200cرضا", "علی رضا", true},
		{"علی\u200cرضا", "علیرضا", true},
		{"محمد بن سلمان", "محـمد بن سلمان", true},
		{"محـمد بن سلمان", "محمد بن سلمان", true},
		{"علی کریمی", "علي كريمي", true},
		{"İbrahim Işık", "ibrahim ışık", true},
		{"İbrahim Işık", "İBRAHİM IŞIK", true},
		{"Işıl Kaya", "IŞIL KAYA", true},
		{"Işıl Kaya", "Isil Kaya", true},
		{"Ada Brandt", "𝐀𝐝𝐚 𝐁𝐫𝐚𝐧𝐝𝐭", true},
		{"𝐀𝐝𝐚 𝐁𝐫𝐚𝐧𝐝𝐭", "ADA BRANDT", true},
		{"Ada Brandt", "ⒶⒹⒶ ⒷⓇⒶⓃⒹⓉ", true},
		{"Łucja Nowak", "Lucja Nowak", true},
		{"Lucja Nowak", "ŁUCJA NOWAK", true},
		{"Søren Đokić", "Soren Dokic", true},
		{"Guðmundur Þór", "Gudmundur Thor", true},
		{"Ægir Sœur", "AEGIR SOEUR", true},
		{"Weiß", "WEISS", true},
		{"Séan O'Neill", "Sean O\u02bcNeill", true},
		{"Мар’яна", "Мар\u02bcяна", true},
		{"Søren", "Soeren", false},
	} {
		d := newDesk(t)
		who := d.Person(c.name)
		d.Source("u").Title(c.text)
		d.record()
		found := false
		for trace, err := range query.Traces(ctx, d.g.View(nil), who.ID) {
			if err != nil {
				t.Fatal(err)
			}
			found = found || trace.Kind() == events.KindSourceAdded && trace.Why == query.TraceWords && trace.Text == c.text
		}
		if found != c.found {
			t.Errorf("%q in %q: %v", c.name, c.text, found)
		}
	}
}

// Of many names, some of which begin with others, those are found that each finds by itself.
func TestTracesOfManyNames(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	parts := []string{"Ann", "Anna", "Annab", "Annabel", "Lee", "Leeds", "Li", "Zoe", "李"}
	text := func(most int) string {
		words := make([]string, 1+random.IntN(most))
		for i := range words {
			words[i] = parts[random.IntN(len(parts))]
		}
		return strings.Join(words, " ")
	}
	d := newDesk(t)
	who := d.Person("Nobody else")
	for i := range 200 {
		d.Source(fmt.Sprint(i)).Title(text(4))
	}
	d.record()
	v := d.g.View(nil)
	found := func(words ...string) map[uuid.UUID]bool {
		ids := make(map[uuid.UUID]bool)
		for trace, err := range query.Traces(ctx, v, who.ID, words...) {
			if err != nil {
				t.Fatal(err)
			}
			ids[trace.ID] = true
		}
		return ids
	}
	for range 50 {
		want := make(map[uuid.UUID]bool)
		words := make([]string, 1+random.IntN(6))
		for i := range words {
			words[i] = text(3)
			maps.Copy(want, found(words[i]))
		}
		if got := found(words...); !maps.Equal(got, want) {
			t.Errorf("%q: %d traces, want %d", words, len(got), len(want))
		}
	}
}

// What was said of a source bears on who is known to have written it only later.
func TestTraceOfLaterAuthor(t *testing.T) {
	d := newDesk(t)
	ada := d.Person("Ada Brandt")
	src := d.Source("u")
	rated := src.Assess("free", "low", "copies a rival")
	src.Says("rest")
	d.record()
	d.Source("u").By(ada)
	d.record()
	why := make(map[uuid.UUID]query.TraceReason)
	for trace, err := range query.Traces(ctx, d.g.View(nil), ada.ID) {
		if err != nil {
			t.Fatal(err)
		}
		why[trace.ID] = trace.Why
	}
	if why[rated] != query.TraceBearing {
		t.Errorf("the assessment before the authorship: %v of %v", why[rated], why)
	}
}

// Every text of every kind of event is looked at, and only by who asks for its words.
func TestTraceTexts(t *testing.T) {
	d := newDesk(t)
	who, other := d.Person("Somebody"), d.Person("Other")
	asked := map[string]string{} // what was asked for, and where it is
	word := func(where string) string {
		w := "wort" + string(rune('a'+len(asked)/20)) + string(rune('a'+len(asked)%20))
		asked[w] = where
		return w
	}
	d.Declare(events.Predicate{Name: word("predicate"), Inverse: word("inverse"), Roles: []events.Role{{Name: word("role")}}})
	d.DeclareScheme(events.Scheme{Name: word("scheme"), Values: []string{"A1", word("value of a scheme")}})
	d.Add(&events.EntityRegistered{Entity: events.Entity{ID: uuid.New(), Kind: events.Person, Name: events.Name{Text: word("name")}, Note: word("note")}})
	d.Name(other, word("other name"), "")
	src := d.Source(word("url")).Title(word("title")).By(other)
	nested := events.Claim{Predicate: word("nested predicate"), Args: []events.Arg{{Role: word("nested role"), Value: events.Text(word("nested text"), "")}}}
	st := events.Statement{
		Claim: events.Claim{Predicate: word("own predicate"),
			Args: []events.Arg{{Role: word("own role"), Value: events.Number("4", word("unit")), As: word("as")}, {Role: "x", Value: events.Nested(nested)}},
			When: events.When{As: word("when")}, If: []events.Condition{{Claim: events.Claim{Predicate: word("if")}, As: word("condition")}}},
		Voices: []events.Voice{{Speakers: []events.Party{{Entity: other.ID, As: word("speaker")}}, For: []events.Party{{Entity: other.ID, As: word("for")}},
			To: []events.Party{{Entity: other.ID, As: word("to")}}, Act: events.Assert, Stance: events.CertainAffirmed(), Cue: word("cue"), Said: events.When{As: word("said")}}},
		Source: src.ID(), Form: events.Quote, Selector: events.Selector{Exact: word("exact"), Locator: word("locator")}, Gloss: word("gloss"),
	}
	one := d.Add(&events.StatementRecorded{Statement: st})
	two := src.Says("rest", other).ID()
	d.Link(one, events.Repeats, two, word("link"))
	d.Add(&events.Assessed{Statement: two, Scheme: "free", Value: word("value"), Reason: word("assessment")})
	d.Judge(other, events.Unsure, who, word("verdict"))
	d.record()
	d.Retract(d.Add(&events.EntityNamed{Entity: other.ID, Name: events.Name{Text: "x"}}), word("retraction"))
	d.record()
	for w, where := range asked {
		found := 0
		for trace, err := range query.Traces(ctx, d.g.View(nil), who.ID, w) {
			if err != nil {
				t.Fatal(err)
			}
			if trace.Why == query.TraceWords && trace.Text == w {
				found++
			}
		}
		if found == 0 && where != "verdict" { // that is one on the entity
			t.Errorf("the %s is not found", where)
		}
	}
}

func TestTracesOfNobody(t *testing.T) {
	d := newDesk(t)
	d.story().Says("rest", d.Person("A"))
	d.record()
	for trace, err := range query.Traces(ctx, d.g.View(nil), uuid.New(), "rest") {
		t.Errorf("%v, %v", trace, err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	for _, who := range []string{"A", "B"} {
		n := 0
		for _, err := range query.Traces(ended, d.g.View(nil), events.Key(events.EntityKey(events.Person, who)...)) {
			if n++; !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", who, err)
			}
		}
		if n != 1 {
			t.Errorf("%s: %d", who, n)
		}
	}
}
