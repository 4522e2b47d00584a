package events

import (
	"bytes"
	text "encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/internal/enum"
)

// FuzzNames wants what a name stands for to print as that name, and nothing else to be
// one.
func FuzzNames(f *testing.F) {
	for _, name := range []string{"CT+", "PS-", "Uu", "U+", "assert", "withhold", "quote", "paraphrase", "", "CT+ "} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if s, err := ParseStance(name); err == nil && (s.String() != name || !s.Valid()) {
			t.Errorf("the stance %q prints as %q", name, s)
		}
		if a, ok := ActNamed(name); ok && a.String() != name {
			t.Errorf("the act %q prints as %q", name, a)
		}
		if form, ok := FormNamed(name); ok && form.String() != name {
			t.Errorf("the form %q prints as %q", name, form)
		}
	})
}

// named is a type that is an enumeration.
type named interface {
	~uint8
	fmt.Stringer
	text.TextMarshaler
}

// Every value of every enumeration is written as the word that it prints, and read from it; all
// else is refused, with what would be right.
func TestWords(t *testing.T) {
	words[EntityKind](t, entityKindNames, "persn", `events: EntityKind "persn": is not in use, want "person" (one of person, organisation, place, office, group, work, topic, occurrence, placeholder)`)
	words[Certainty](t, certaintyNames, "PS", `events: Certainty "PS": is not in use, want "certain" (one of uncommitted, possible, probable, certain)`)
	words[Polarity](t, polarityNames, "deny", `events: Polarity "deny": is not in use, want "denied" (one of affirmed, denied, undetermined)`)
	words[Form](t, formNames, "Quote", `events: Form "Quote": is not in use, want "quote" (one of quote, paraphrase, heading, presupposed, inferred)`)
	words[ValueKind](t, valueKindNames, "1", `events: ValueKind "1": is not in use, want "text" (one of entity, text, number, time, claim, statement, none, unknown)`)
	words[Act](t, actNames, "asserts", `events: Act "asserts": is not in use, want "assert" (one of assert, direct, commit, express, declare, withhold)`)
	words[Kind](t, kindNames, "Redact", `events: Kind "Redact": is not in use, want "Redacted" (one of SourceAdded, EntityRegistered, EntityNamed, IdentityJudged, EntitySplit, StatementRecorded, StatementsLinked, Assessed, Retracted, Redacted, VocabularyDeclared)`)
	words[Verdict](t, verdictNames, "same ", `events: Verdict "same ": is not in use, want "same" (one of same, different, unsure)`)
	words[MentionPlace](t, mentionPlaceNames, "voices", `events: MentionPlace "voices": is not in use, want "voice" (one of anywhere, argument, voice, occurrence)`)
	words[LinkType](t, linkNames, "replies to", `events: LinkType "replies to": is not in use, want "replies_to" (one of replies_to, confirms, disputes, corrects, withdraws, repeats, explains, contrasts)`)
}

func words[E named, P interface {
	*E
	text.TextUnmarshaler
}](t *testing.T, n enum.Words, wrong, refusal string) {
	t.Helper()
	for i := range 256 {
		e, back := E(i), E(i+1)
		word, err := e.MarshalText()
		switch {
		case n.Has(uint8(i)) && (err != nil || string(word) != e.String()), i == 0 && err != nil:
			t.Errorf("%v is written as %q, %v", e, word, err)
		case i > 0 && !n.Has(uint8(i)):
			if want := "events: " + e.String() + ": is not in use, want one of " + strings.Join(n.InUse(), ", "); err == nil || err.Error() != want {
				t.Errorf("%v is written as %q, %v; want %s", e, word, err, want)
			}
			continue
		}
		if err := P(&back).UnmarshalText(word); err != nil || back != e {
			t.Errorf("%v is written as %q, which is read as %v, %v", e, word, back, err)
		}
	}
	none, was := E(1), E(1)
	if err := P(&none).UnmarshalText(nil); err != nil || none != 0 {
		t.Errorf("an empty text is read as %v, %v", none, err)
	}
	if err := P(&was).UnmarshalText([]byte(wrong)); err == nil || err.Error() != refusal || was != 1 {
		t.Errorf("%q is read as %v\n got %v\nwant %s", wrong, was, err, refusal)
	}
}

// What an event says is the same when it has been JSON, and JSON leaves out what its bytes do.
func TestBodyAsJSON(t *testing.T) {
	for k := KindSourceAdded; k <= KindVocabularyDeclared; k++ {
		rapid.Check(t, func(t *rapid.T) {
			b := drawBody(t, k)
			inUse(reflect.ValueOf(b).Elem())
			want, err := encodeBody(b)
			if err != nil {
				t.Fatal(err)
			}
			data, err := json.Marshal(b)
			if err != nil {
				t.Fatal(err)
			}
			back := newBody(k)
			if err := json.Unmarshal(data, back); err != nil {
				t.Fatalf("%s: %v", data, err)
			}
			if got, err := encodeBody(back); err != nil || !bytes.Equal(got, want) {
				t.Fatalf("%s comes back as\n%x, %v, want\n%x", data, got, err, want)
			}
		})
		omits(t, reflect.TypeOf(newBody(k)).Elem())
	}
}

// inUse makes all numbers of enumerations such as are in use, or 0.
func inUse(v reflect.Value) {
	switch v.Kind() {
	case reflect.Uint8:
		if v.Type().Implements(reflect.TypeFor[text.TextMarshaler]()) {
			v.SetUint(v.Uint() % 4)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			inUse(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			inUse(v.Index(i))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[edtf.Time]() {
			return
		}
		for i := range v.NumField() {
			inUse(v.Field(i))
		}
	}
}

// A batch and its events leave out of JSON what is not said, as what they say does: all but the
// batch's recorder and events, and an event's id.
func TestBatchAsJSON(t *testing.T) {
	p := Position(0)
	retracted := Event{ID: uuid.UUID{15: 1}, Body: &Retracted{Event: uuid.UUID{15: 2}}}
	for _, c := range []struct {
		what any
		want string
	}{
		{Batch{}, `{"Recorder":"","Events":null}`},
		{Event{}, `{"ID":"00000000-0000-0000-0000-000000000000"}`},
		{&Batch{Recorder: "desk", Events: []Event{retracted}, Texts: map[uuid.UUID]string{{15: 3}: "words"}, AsOf: &p},
			`{"Recorder":"desk","Events":[{"ID":"00000000-0000-0000-0000-000000000001","Body":{"Event":"00000000-0000-0000-0000-000000000002"}}],` +
				`"Texts":{"00000000-0000-0000-0000-000000000003":"words"},"AsOf":0}`},
		{&Event{ID: uuid.UUID{15: 1}, Redacted: KindRetracted, Position: 4, At: time.Unix(0, 0).UTC(), Recorder: "desk", AsOf: 3},
			`{"ID":"00000000-0000-0000-0000-000000000001","Redacted":"Retracted","Position":4,"At":"1970-01-01T00:00:00Z","Recorder":"desk","AsOf":3}`},
	} {
		if got, err := json.Marshal(c.what); err != nil || string(got) != c.want {
			t.Errorf("got  %s, %v\nwant %s", got, err, c.want)
		}
	}
}

// omits fails unless the fields of a stored struct are left out of JSON where they are left out
// of the bytes.
func omits(t *testing.T, typ reflect.Type) {
	t.Helper()
	for i := range typ.NumField() {
		f := typ.Field(i)
		stored, as := f.Tag.Get("cbor"), f.Tag.Get("json")
		if stored == "" || f.Type == reflect.TypeFor[*Claim]() {
			continue
		}
		_, want, _ := strings.Cut(stored, ",keyasint")
		if as != want {
			t.Errorf("%v.%s: JSON has %q, the bytes %q", typ, f.Name, as, want)
		}
		of := f.Type
		if of.Kind() == reflect.Slice {
			of = of.Elem()
		}
		if of.Kind() == reflect.Struct && of != typ && of != reflect.TypeFor[Condition]() {
			omits(t, of)
		}
	}
}
