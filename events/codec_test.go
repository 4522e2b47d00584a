package events

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"os"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/internal/seed"
)

var _ = seed.Fix()

// TestRoundTrip holds EncodeBody and DecodeBody to their contract. That the
// bytes are the right ones is for TestGolden and TestWorkedExample.
func TestRoundTrip(t *testing.T) {
	for k := KindSourceAdded; k <= KindVocabularyDeclared; k++ {
		t.Run(k.String(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				body := drawBody(t, k)
				data, err := EncodeBody(body)
				if err != nil {
					t.Fatal(err)
				}
				got, err := DecodeBody(k, data)
				if err != nil {
					t.Fatalf("%v\n%x", err, data)
				}
				if !reflect.DeepEqual(got, body) {
					t.Fatalf("got  %+v\nwant %+v\nfrom %x", got, body, data)
				}
				again, err := EncodeBody(got)
				if err != nil || !bytes.Equal(again, data) {
					t.Fatalf("encoded again (%v):\n got %x\nwant %x", err, again, data)
				}
			})
		})
	}
}

// TestEveryField fails when a struct gets a field that the format does not
// have: its tag must have a number, and setting it must change the encoding.
// Text in it must be UTF-8.
func TestEveryField(t *testing.T) {
	tag := regexp.MustCompile(`^[1-9][0-9]*,keyasint(,omitempty|,omitzero)?$`)
	for k := KindSourceAdded; k <= KindVocabularyDeclared; k++ {
		fields := 0
		eachField(reflect.TypeOf(newBody(k)).Elem(), 0, func(path []reflect.StructField) {
			fields++
			body := newBody(k)
			v := reflect.ValueOf(body).Elem()
			var name []string
			var without []byte
			for i, f := range path {
				name = append(name, f.Name)
				if !tag.MatchString(f.Tag.Get("cbor")) {
					t.Errorf("%v: %s has the tag %q", k, strings.Join(name, "."), f.Tag)
				}
				v = v.FieldByIndex(f.Index)
				last := i == len(path)-1
				if last {
					var err error
					if without, err = EncodeBody(body); err != nil {
						t.Fatal(err)
					}
					setAny(v)
				} else if v.Kind() == reflect.Slice {
					v.Set(reflect.MakeSlice(v.Type(), 1, 1))
					v = v.Index(0)
				} else if v.Kind() == reflect.Pointer {
					v.Set(reflect.New(v.Type().Elem()))
					v = v.Elem()
				}
			}
			with, err := EncodeBody(body)
			if err != nil || bytes.Equal(with, without) {
				t.Errorf("%v: %s is not encoded (%v)", k, strings.Join(name, "."), err)
			}
			if v.Kind() == reflect.String {
				v.SetString("a\xff")
				if _, err := EncodeBody(body); err == nil {
					t.Errorf("%v: %s may be other than UTF-8", k, strings.Join(name, "."))
				}
			}
		})
		if fields == 0 {
			t.Errorf("%v has no fields", k)
		}
	}
}

// eachField calls do with the path to every field of t that holds a plain value.
func eachField(t reflect.Type, depth int, do func([]reflect.StructField)) {
	for _, f := range reflect.VisibleFields(t) {
		inner := f.Type
		if inner.Kind() == reflect.Slice || inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if inner.Kind() != reflect.Struct || inner == reflect.TypeFor[edtf.Time]() {
			do([]reflect.StructField{f})
		} else if depth < 8 {
			eachField(inner, depth+1, func(path []reflect.StructField) {
				do(append([]reflect.StructField{f}, path...))
			})
		}
	}
}

func setAny(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int:
		v.SetInt(1)
	case reflect.Uint8:
		v.SetUint(1)
	case reflect.Float64:
		v.SetFloat(1)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
	case reflect.Array:
		v.Index(0).SetUint(1)
	case reflect.Struct:
		v.Set(reflect.ValueOf(when("2025")))
	}
}

func when(s string) edtf.Time {
	t, err := edtf.Parse(s)
	if err != nil {
		panic(err)
	}
	return t
}

// drawBody draws a body with any value in any field, whether or not it would
// pass checking. Empty lists are as DecodeBody returns them: nil if the format
// leaves them out.
func drawBody(t *rapid.T, k Kind) Body {
	switch k {
	case KindSourceAdded:
		return &SourceAdded{Source{
			ID: drawID(t), Title: drawText(t), URL: drawText(t), Authors: drawList(t, drawID), Publisher: drawID(t),
			Published: drawTime(t), Retrieved: drawTime(t), SHA256: drawList(t, drawByte), Language: drawText(t),
			DerivedFrom: drawList(t, drawID)}}
	case KindEntityRegistered:
		return &EntityRegistered{Entity{ID: drawID(t), Kind: drawEnum[EntityKind](t), Name: drawName(t), Note: drawText(t)}}
	case KindEntityNamed:
		return &EntityNamed{Entity: drawID(t), Name: drawName(t), Source: drawID(t)}
	case KindIdentityJudged:
		return &IdentityJudged{A: drawID(t), B: drawID(t), Verdict: drawEnum[Verdict](t), Reason: drawText(t), Confidence: drawFloat(t)}
	case KindEntitySplit:
		return &EntitySplit{Entity: drawID(t), Parts: drawAlways(t, drawPart), Reason: drawText(t)}
	case KindStatementRecorded:
		return &StatementRecorded{Statement{
			Claim: drawClaim(t, 1), Voices: drawAlways(t, drawVoice), Source: drawID(t),
			Selector: Selector{Start: drawInt(t), End: drawInt(t), Exact: drawText(t), Locator: drawText(t)},
			Form:     drawEnum[Form](t), Language: drawText(t), Gloss: drawText(t), Replaces: drawID(t)}}
	case KindStatementsLinked:
		return &StatementsLinked{From: drawID(t), Link: drawEnum[LinkType](t), To: drawID(t), Reason: drawText(t)}
	case KindAssessed:
		return &Assessed{Source: drawID(t), Statement: drawID(t), Scheme: drawText(t), Value: drawText(t), Reason: drawText(t)}
	case KindRetracted:
		return &Retracted{Event: drawID(t), Reason: drawText(t), Cascade: drawBool(t)}
	case KindRedacted:
		return &Redacted{Event: drawID(t), Reason: drawText(t)}
	case KindVocabularyDeclared:
		return &VocabularyDeclared{Predicates: drawList(t, drawPredicate), Schemes: drawList(t, drawScheme)}
	}
	panic(k)
}

func drawClaim(t *rapid.T, depth int) Claim {
	c := Claim{Predicate: drawText(t), Occurrence: drawID(t), When: drawWhen(t)}
	c.Args = drawList(t, func(t *rapid.T) Arg {
		v := Value{Kind: drawEnum[ValueKind](t), ID: drawID(t), Text: drawText(t), Language: drawText(t), Unit: drawText(t), Time: drawTime(t)}
		if depth < MaxDepth && drawBool(t) {
			nested := drawClaim(t, depth+1)
			v.Claim = &nested
		}
		return Arg{Role: drawText(t), Value: v, As: drawText(t)}
	})
	if depth < MaxDepth {
		c.If = drawList(t, func(t *rapid.T) Condition {
			return Condition{Claim: drawClaim(t, depth+1), Denied: drawBool(t), As: drawText(t)}
		})
	}
	return c
}

func drawVoice(t *rapid.T) Voice {
	return Voice{Speakers: drawAlways(t, drawParty), For: drawList(t, drawParty), To: drawList(t, drawParty), Act: drawEnum[Act](t),
		Cue: drawText(t), Stance: Stance{drawEnum[Certainty](t), drawEnum[Polarity](t)}, Said: drawWhen(t)}
}

func drawPart(t *rapid.T) SplitPart {
	return SplitPart{Entity: drawID(t), Mentions: drawAlways(t, func(t *rapid.T) Mention {
		return Mention{Statement: drawID(t), Place: drawEnum[MentionPlace](t), Index: drawInt(t)}
	})}
}

func drawPredicate(t *rapid.T) Predicate {
	return Predicate{Name: drawText(t), Inverse: drawText(t), Symmetric: drawBool(t), Once: drawBool(t),
		Roles: drawList(t, func(t *rapid.T) Role {
			return Role{Name: drawText(t), Values: drawList(t, drawEnum[ValueKind]), Entities: drawList(t, drawEnum[EntityKind]), Functional: drawBool(t)}
		})}
}

func drawScheme(t *rapid.T) Scheme { return Scheme{Name: drawText(t), Values: drawAlways(t, drawText)} }
func drawName(t *rapid.T) Name     { return Name{Text: drawText(t), Language: drawText(t)} }
func drawParty(t *rapid.T) Party   { return Party{Entity: drawID(t), As: drawText(t)} }
func drawBool(t *rapid.T) bool     { return rapid.Bool().Draw(t, "bool") }
func drawByte(t *rapid.T) byte     { return rapid.Byte().Draw(t, "byte") }

func drawWhen(t *rapid.T) When {
	return When{Time: drawTime(t), As: drawText(t), Anchor: drawTime(t)}
}

func drawInt(t *rapid.T) int {
	return rapid.OneOf(rapid.Just(0), rapid.IntRange(-300, 70_000), rapid.Int()).Draw(t, "int")
}

func drawEnum[T ~uint8](t *rapid.T) T {
	return T(rapid.OneOf(rapid.Uint8Range(0, 12), rapid.Uint8()).Draw(t, "number"))
}

func drawText(t *rapid.T) string {
	return rapid.OneOf(rapid.Just(""), rapid.SampledFrom([]string{"agent", "Кремль", strings.Repeat("x", 300)}), rapid.String()).Draw(t, "text")
}

func drawTime(t *rapid.T) edtf.Time {
	s := rapid.SampledFrom([]string{"", "2025", "2025-08-06", "[2025-08-06,2025-08-07]", "2025-04/2025-05", "1985/..", "2025-08-06T14:00:00Z"}).Draw(t, "time")
	if s == "" {
		return edtf.Time{}
	}
	return when(s)
}

func drawFloat(t *rapid.T) float64 {
	f := rapid.OneOf(rapid.SampledFrom([]float64{0, 1, 0.5, 0.1, 0.75, float64(float32(0.1)), 65504, 65536,
		5.960464477539063e-08, 6.097555160522461e-05, 2.98e-08, math.MaxFloat64, math.SmallestNonzeroFloat64}), rapid.Float64()).Draw(t, "float")
	if math.IsNaN(f) || math.IsInf(f, 0) || f == 0 {
		return 0
	}
	return f
}

func drawID(t *rapid.T) (id uuid.UUID) {
	if rapid.Uint8Range(0, 2).Draw(t, "has id") > 0 {
		copy(id[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
	}
	return id
}

func drawList[T any](t *rapid.T, draw func(*rapid.T) T) []T {
	n := rapid.SampledFrom([]int{0, 0, 1, 1, 2, 3}).Draw(t, "items")
	if n == 0 {
		return nil
	}
	s := make([]T, n)
	for i := range s {
		s[i] = draw(t)
	}
	return s
}

// drawAlways draws a list that the format never leaves out.
func drawAlways[T any](t *rapid.T, draw func(*rapid.T) T) []T {
	return append([]T{}, drawList(t, draw)...)
}

func TestEncodeRefuses(t *testing.T) {
	cyclic := &Claim{Predicate: "believe"}
	cyclic.Args = []Arg{{Role: "what", Value: Value{Kind: ClaimValue, Claim: cyclic}}}
	within := &Claim{Predicate: "believe"}
	within.If = []Condition{{Claim: Claim{Args: []Arg{{Value: Value{Claim: within}}}}}}
	for name, c := range map[string]struct {
		body Body
		want string
	}{
		"nothing":             {nil, "events: encode Kind(0): no body"},
		"nil":                 {(*Retracted)(nil), "events: encode Kind(0): no body"},
		"a body in another":   {struct{ *Retracted }{&Retracted{}}, "events: encode Kind(0): no body"},
		"nothing in another":  {struct{ Body }{}, "events: encode Kind(0): no body"},
		"not UTF-8":           {&Redacted{Reason: "a\xff"}, "events: encode Redacted: Redacted: cbor: invalid UTF-8 string"},
		"not a number":        {&IdentityJudged{Confidence: math.NaN()}, "events: encode IdentityJudged: cbor: unsupported value: floating-point NaN"},
		"infinite":            {&IdentityJudged{Confidence: math.Inf(1)}, "events: encode IdentityJudged: cbor: unsupported value: floating-point infinity"},
		"cyclic":              {&StatementRecorded{Statement{Claim: *cyclic}}, "events: encode StatementRecorded: claims are nested deeper than 4"},
		"cyclic by condition": {&StatementRecorded{Statement{Claim: *within}}, "events: encode StatementRecorded: claims are nested deeper than 4"},
		"nested too deep":     {nestedTo(MaxDepth + 1), "events: encode StatementRecorded: claims are nested deeper than 4"},
		"too large": {&Redacted{Reason: strings.Repeat("x", MaxRecord)},
			"events: encode Redacted: at least 900021 bytes: record is empty or larger than 900,000 bytes"},
		"too long": {&VocabularyDeclared{Schemes: make([]Scheme, MaxEvents+1)},
			"events: encode VocabularyDeclared: VocabularyDeclared: cbor: exceeded max number of elements 50000 for CBOR array"},
	} {
		t.Run(name, func(t *testing.T) {
			if data, err := EncodeBody(c.body); err == nil || err.Error() != c.want || errors.Is(err, ErrDamaged) {
				t.Errorf("got %.20x, %v\nwant %s", data, err, c.want)
			}
		})
	}
}

// TestDeepest has a claim at the greatest depth, in the two ways there are, with
// something in every field of it.
func TestDeepest(t *testing.T) {
	body := nestedTo(MaxDepth)
	data, err := EncodeBody(body)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := DecodeBody(KindStatementRecorded, data); err != nil || !reflect.DeepEqual(got, Body(body)) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, body)
	}
}

func nestedTo(depth int) *StatementRecorded {
	at := When{Time: when("2025"), As: "this year", Anchor: when("2025-08")}
	c := Claim{Predicate: "end", When: at, Args: []Arg{{Role: "when", Value: At(when("2025")), As: "soon"}}}
	for range depth - 1 {
		below := c
		c = Claim{Predicate: "say", When: at, Args: []Arg{{Role: "what", Value: Nested(below)}}, If: []Condition{{Claim: below}}}
	}
	return &StatementRecorded{Statement{Claim: c, Voices: []Voice{}}}
}

func TestNegativeZero(t *testing.T) {
	data, err := EncodeBody(&IdentityJudged{Confidence: math.Copysign(0, -1)})
	want, _ := EncodeBody(&IdentityJudged{})
	if err != nil || !bytes.Equal(data, want) {
		t.Errorf("got %x, %v, want %x: they are equal", data, err, want)
	}
}

const id1 = "50 00000000000000000000000000000001"

func TestDecodeRefuses(t *testing.T) {
	if _, err := DecodeBody(KindRedacted, unhex(t, "a1 01"+id1)); err != nil {
		t.Fatalf("what is refused below is refused for another reason: %v", err)
	}
	judged := "01" + id1 + "02" + id1
	for name, c := range map[string]struct {
		kind Kind
		data string
		want string
	}{
		"unknown kind":             {12, "a0", "no such kind: Kind(12)"},
		"empty":                    {KindRedacted, "", "EOF"},
		"not a map":                {KindRedacted, "80", "cannot unmarshal array"},
		"key unknown":              {KindRedacted, "a2 01" + id1 + "09 00", "found unknown field"},
		"key unknown, negative":    {KindRedacted, "a2 01" + id1 + "20 00", "found unknown field"},
		"key unknown, a text":      {KindRedacted, "a2 01" + id1 + "61 32 61 78", "found unknown field"},
		"key of another type":      {KindRedacted, "a2 01" + id1 + "41 32 61 78", "map key is of type byte string"},
		"key repeated":             {KindRedacted, "a2 01" + id1 + "01" + id1, "found duplicate map key"},
		"bytes left over":          {KindRedacted, "a1 01" + id1 + "00", "1 bytes of extraneous data"},
		"indefinite map":           {KindRedacted, "bf 01" + id1 + "ff", "indefinite-length map"},
		"indefinite text":          {KindRedacted, "a2 01" + id1 + "02 7f 61 78 ff", "indefinite-length UTF-8 text string"},
		"tag":                      {KindRedacted, "c1 a1 01" + id1, "CBOR tag isn't allowed"},
		"tag below":                {KindRedacted, "a2 01" + id1 + "02 c0 61 78", "CBOR tag isn't allowed"},
		"false":                    {KindRetracted, "a2 01" + id1 + "03 f4", "simple value 20 is not recognized"},
		"null":                     {KindRedacted, "a1 01 f6", "simple value 22 is not recognized"},
		"null for everything":      {KindRedacted, "f6", "simple value 22 is not recognized"},
		"null for a claim":         {KindStatementRecorded, "a1 01 a1 01 a1 03 81 a1 02 a1 07 f6", "simple value 22 is not recognized"},
		"nulls in a list":          {KindStatementRecorded, "a1 01 a1 02 83 f6 f6 f6", "simple value 22 is not recognized"},
		"undefined":                {KindRedacted, "a1 01 f7", "simple value 23 is not recognized"},
		"simple value":             {KindRedacted, "a1 01 f8 ff", "simple value 255 is not recognized"},
		"text not UTF-8":           {KindRedacted, "a2 01" + id1 + "02 61 ff", "invalid UTF-8 string"},
		"time not UTF-8":           {KindSourceAdded, "a1 01 a2 01" + id1 + "06 61 ff", "invalid UTF-8 string"},
		"text in bytes":            {KindRedacted, "a2 01" + id1 + "02 41 78", "cannot unmarshal byte string"},
		"short id":                 {KindRedacted, "a1 01 41 00", "invalid UUID"},
		"text that ends early":     {KindRedacted, "a2 01" + id1 + "02 62 78", "unexpected EOF"},
		"length beyond everything": {KindRedacted, "a2 01" + id1 + "02 7b ffffffffffffffff", "too large"},
		"length beyond the bytes":  {KindRedacted, "a2 01" + id1 + "02 7a 7fffffff", "unexpected EOF"},
		"float not finite":         {KindIdentityJudged, "a4" + judged + "03 01 05 f9 7e00", "NaN"},
		"float infinite":           {KindIdentityJudged, "a4" + judged + "03 01 05 fa 7f800000", "infinity"},
		"number too large":         {KindIdentityJudged, "a3" + judged + "03 19 0100", "256 overflows events.Verdict"},
		"number negative":          {KindIdentityJudged, "a3" + judged + "03 20", "cannot unmarshal negative integer"},
		"no time":                  {KindSourceAdded, "a1 01 a2 01" + id1 + "06 61 78", "edtf: "},
		"id in words":              {KindRedacted, "a1 01 78 24" + hex.EncodeToString([]byte(exampleID.String())), "cannot unmarshal UTF-8 text string"},
		"enumeration in words":     {KindIdentityJudged, "a3" + judged + "03 64" + hex.EncodeToString([]byte("same")), "cannot unmarshal UTF-8 text string"},
		"nested too deep":          {KindStatementRecorded, "a1 01 a3 01" + strings.Repeat("a2 01 60 05 81 a1 01", 4) + "a1 01 60 02 80 05 01", "claims are nested deeper than 4"},
		"nested much too deep":     {KindStatementRecorded, strings.Repeat("81", 100_000), "exceeded max nested level 18"},
		"too many items":           {KindStatementRecorded, "a1 01 a1 02 99 c351" + strings.Repeat("a0", MaxEvents+1), "exceeded max number of elements"},
		"too many pairs":           {KindStatementRecorded, "b1" + strings.Repeat("01 01", 17), "exceeded max number of key-value pairs"},
		"too large":                {KindRedacted, "a2 01" + id1 + "02 7a 000dbba0" + strings.Repeat("78", MaxRecord), "Redacted: 900025 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			body, err := DecodeBody(c.kind, unhex(t, c.data))
			if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "events: decode: ") {
				t.Errorf("got %+v, %v\nwant %s", body, err, c.want)
			}
		})
	}
}

// TestOtherWays has what is well-formed and fits the kind, but is not written in the one
// way that it can be.
func TestOtherWays(t *testing.T) {
	judged := "01" + id1 + "02" + id1
	for name, c := range map[string]struct {
		kind Kind
		data string
	}{
		"key missing":             {KindRedacted, "a0"},
		"keys out of order":       {KindRedacted, "a2 02 61 78 01" + id1},
		"key not shortest":        {KindRedacted, "a1 1801" + id1},
		"map not shortest":        {KindRedacted, "b801 01" + id1},
		"length not shortest":     {KindRedacted, "a2 01" + id1 + "02 7801 78"},
		"length not shortest (2)": {KindRedacted, "a2 01" + id1 + "02 790018" + strings.Repeat("78", 24)},
		"zero value":              {KindRedacted, "a2 01" + id1 + "02 60"},
		"empty list":              {KindVocabularyDeclared, "a1 01 80"},
		"no time":                 {KindSourceAdded, "a1 01 a2 01" + id1 + "06 60"},
		"bytes in a list":         {KindSourceAdded, "a1 01 a2 01" + id1 + "08 82 01 02"},
		"float not shortest":      {KindIdentityJudged, "a4" + judged + "03 01 05 fa 3f800000"},
		"float as a number":       {KindIdentityJudged, "a4" + judged + "03 01 05 01"},
		"negative zero":           {KindIdentityJudged, "a4" + judged + "03 01 05 f9 8000"},
		// These are read by hand if they are written in the one way.
		"entity: key not shortest":       {KindEntityRegistered, "a1 1801 a3 01" + id1 + "02 01 03 a1 01 60"},
		"entity: number not shortest":    {KindEntityRegistered, "a1 01 a3 01" + id1 + "02 1801 03 a1 01 60"},
		"entity: empty text":             {KindEntityRegistered, "a1 01 a4 01" + id1 + "02 01 03 a1 01 60 04 60"},
		"entity: key missing":            {KindEntityRegistered, "a1 01 a2 01" + id1 + "03 a1 01 60"},
		"statement: no id":               {KindStatementRecorded, "a1 01 a4 01 a1 01 60 02 80 03 50" + strings.Repeat("00", 16) + "05 00"},
		"statement: empty selector":      {KindStatementRecorded, "a1 01 a4 01 a1 01 60 02 80 04 a0 05 00"},
		"statement: zero":                {KindStatementRecorded, "a1 01 a4 01 a1 01 60 02 80 04 a1 01 00 05 00"},
		"statement: empty time":          {KindStatementRecorded, "a1 01 a3 01 a2 01 60 04 a1 01 60 02 80 05 00"},
		"statement: no time":             {KindStatementRecorded, "a1 01 a3 01 a2 01 60 04 a0 02 80 05 00"},
		"statement: empty list":          {KindStatementRecorded, "a1 01 a3 01 a2 01 60 03 80 02 80 05 00"},
		"statement: number of 5 bytes":   {KindStatementRecorded, "a1 01 a4 01 a1 01 60 02 80 04 a1 01 1a 0000ffff 05 00"},
		"statement: number of 9 bytes":   {KindStatementRecorded, "a1 01 a4 01 a1 01 60 02 80 04 a1 01 1b 000000007fffffff 05 00"},
		"statement: negative of 3 bytes": {KindStatementRecorded, "a1 01 a4 01 a1 01 60 02 80 04 a1 01 39 00ff 05 00"},
	} {
		t.Run(name, func(t *testing.T) {
			data := unhex(t, c.data)
			if err := decoding.Unmarshal(data, newBody(c.kind)); err != nil {
				t.Fatalf("it is refused for another reason: %v", err)
			}
			if _, err := DecodeBody(c.kind, data); !errors.Is(err, ErrDamaged) || !errors.Is(err, errOtherWay) {
				t.Errorf("got %v, want %v", err, errOtherWay)
			}
		})
	}
}

// TestAllocation decodes what asks for much memory in few bytes.
func TestAllocation(t *testing.T) {
	party := "a1 01" + id1
	conditions := "a1 01 a3 01 a2 01 60 05 99 c350" + strings.Repeat("a1 01 a1 01 60", MaxEvents) + "02 80 05 01"
	voices := "99 c350" + strings.Repeat("a0", MaxEvents)
	for name, c := range map[string]struct {
		data []byte
		most int
	}{
		// 49,152 voices are promised, and as many speakers of the first; 40 are there.
		"promised": {unhex(t, "a1 01 a3 01 a1 01 60 02 99 c000 a3 01 99 c000"+strings.Repeat(party, 40)), 4 << 10},
		// At each depth, as many conditions are promised as the bytes have room for once.
		"promised at each depth": {unhex(t, "a1 01 a3 01"+strings.Repeat("a2 01 60 05 99 c350 a1 01", MaxDepth)+strings.Repeat("00", 5*MaxEvents+100)), 300_000 * 60},
		// As many small items as there is room for, of which none is a speaker.
		"of another type": {unhex(t, "a1 01 a1 02 92"+strings.Repeat("a1 01"+voices[:7]+strings.Repeat("00", MaxEvents), 17)+"a0"), 300 * MaxRecord},
		"conditions":      {unhex(t, conditions), len(conditions) / 2 * 100},
		// What takes the most memory for the fewest bytes.
		"empty voices": {unhex(t, "a1 01 a1 02"+voices), 300 * (MaxEvents + 7)},
		"written":      {mustEncode(t, goldenEvents()[5].Body), 6 << 10},
	} {
		t.Run(name, func(t *testing.T) {
			n, err := math.MaxInt, error(nil)
			for range 5 { // the runtime allocates now and then, too
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				_, err = DecodeBody(KindStatementRecorded, c.data)
				runtime.ReadMemStats(&after)
				n = min(n, int(after.TotalAlloc-before.TotalAlloc))
			}
			t.Logf("%d bytes for %d: %v", n, len(c.data), err)
			if n > c.most {
				t.Errorf("%d bytes were allocated for %d, want at most %d", n, len(c.data), c.most)
			}
		})
	}
}

// What a writer has written does not stay in memory with it: it may be sealed, and erased.
func TestWriterForgets(t *testing.T) {
	for range 100 { // a pool may lose what it is given
		mustEncode(t, exampleBody())
		if data := writers.Get().(*writer).data; cap(data) > 0 {
			if left := bytes.Trim(data[:cap(data)], "\x00"); len(left) > 0 {
				t.Errorf("there is left %q", left)
			}
			return
		}
	}
	t.Error("no writer is used again")
}

func mustEncode(t testing.TB, b Body) []byte {
	t.Helper()
	data, err := EncodeBody(b)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	data, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func FuzzDecodeBody(f *testing.F) {
	for _, e := range goldenEvents() {
		f.Add(byte(e.Kind()), mustEncode(f, e.Body))
	}
	f.Fuzz(func(t *testing.T, kind byte, data []byte) {
		body, err := DecodeBody(Kind(kind), data)
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Fatalf("%v: not ErrDamaged", err)
			}
			return
		}
		if again, err := EncodeBody(body); err != nil || !bytes.Equal(again, data) {
			t.Fatalf("%x is read; encoded again it is\n%x, %v", data, again, err)
		}
	})
}

// TestWorkedExample keeps the example in the specification equal to what the
// code does.
func TestWorkedExample(t *testing.T) {
	doc, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(doc), "## A worked example\n")
	if !ok {
		t.Fatal("FORMAT.md has no worked example")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var lines, diagnosis strings.Builder
	for _, m := range regexp.MustCompile(`(?m)^\t([0-9a-f]{2}(?: ?[0-9a-f]{2})*)(?:$|  )`).FindAllStringSubmatch(section, -1) {
		lines.WriteString(m[1])
	}
	for _, m := range regexp.MustCompile(`(?m)^\t([^/\n]*)(?:/.*/)?$`).FindAllStringSubmatch(section, -1) {
		if !regexp.MustCompile(`^([0-9a-f]{2} ?)+(  |$)`).MatchString(m[1]) {
			diagnosis.WriteString(m[1])
		}
	}

	record := NewRecord(1, 1, [32]byte{})
	data, err := EncodeBody(exampleBody())
	if err != nil {
		t.Fatal(err)
	}
	if err := record.Add(exampleTime, "desk", []Encoded{{ID: exampleID, Kind: KindStatementRecorded, Payload: data}}); err != nil {
		t.Fatal(err)
	}
	if got, want := unhex(t, lines.String()), record.Bytes(); !bytes.Equal(got, want) {
		t.Errorf("FORMAT.md has\n%x\nwant\n%x", got, want)
	}
	want, err := cbor.Diagnose(data)
	if err != nil {
		t.Fatal(err)
	}
	squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
	if got := squeeze(diagnosis.String()); got != squeeze(want) {
		t.Errorf("FORMAT.md has\n%s\nwant\n%s", got, squeeze(want))
	}
}

// What is recorded goes through EncodeBatch: it must refuse what EncodeBody
// refuses and say the same.
func TestEncodeBatch(t *testing.T) {
	id := func(s string) uuid.UUID { return Key("test", s) }
	good := Batch{Recorder: "desk", Events: []Event{
		{ID: id("1"), Body: &EntityRegistered{Entity{ID: id("a"), Kind: Person, Name: Name{Text: "Ада"}}}},
		{ID: id("2"), Body: &Retracted{Event: id("1"), Reason: "спроба"}},
	}}
	for i := range 1000 { // enough for all cores
		good.Events = append(good.Events, Event{ID: id(fmt.Sprint("more ", i)), Body: &EntityNamed{Entity: id("a"), Name: Name{Text: fmt.Sprint("Ada ", i)}}})
	}
	encoded, err := EncodeBatch(&good)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range encoded {
		want, err := EncodeBody(good.Events[i].Body)
		if err != nil || !bytes.Equal(e.Payload, want) || e.ID != good.Events[i].ID || e.Kind != good.Events[i].Kind() {
			t.Errorf("event %d is %+v, want %x (%v)", i, e, want, err)
		}
	}
	for name, body := range map[string]Body{
		"not UTF-8": &Retracted{Event: id("1"), Reason: "a\xff"},
		"nothing":   nil,
		"no number": &IdentityJudged{A: id("a"), B: id("b"), Verdict: Same, Confidence: math.NaN()},
	} {
		if _, err := EncodeBatch(&Batch{Recorder: "desk", Events: []Event{{ID: id("3"), Body: body}}}); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
