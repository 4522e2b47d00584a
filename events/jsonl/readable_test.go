package jsonl

import (
	"bytes"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/internal/seed"
)

// TestEveryField changes each field of each kind of body, one after the other: what
// is shown must change with it.
func TestEveryField(t *testing.T) {
	for _, empty := range []events.Body{
		&events.SourceAdded{}, &events.EntityRegistered{}, &events.EntityNamed{}, &events.IdentityJudged{}, &events.EntitySplit{},
		&events.StatementRecorded{}, &events.StatementsLinked{}, &events.Assessed{}, &events.Retracted{}, &events.Redacted{}, &events.VocabularyDeclared{},
	} {
		k := empty.Kind()
		full := func() (events.Body, []reflect.Value) {
			b := reflect.New(reflect.TypeOf(empty).Elem()).Interface().(events.Body)
			var leaves []reflect.Value
			fill(reflect.ValueOf(b).Elem(), 0, &leaves)
			return b, leaves
		}
		plain, leaves := full()
		want := string(Body(plain))
		for i := range leaves {
			b, leaves := full()
			change(leaves[i])
			if got := string(Body(b)); got == want {
				t.Errorf("%v: field %d, of type %v, is not shown in %s", k, i, leaves[i].Type(), got)
			}
			leaves[i].SetZero()
			if got := string(Body(b)); got == want {
				t.Errorf("%v: that field %d, of type %v, is not there is not shown in %s", k, i, leaves[i].Type(), got)
			}
		}
		if len(leaves) < 2 {
			t.Errorf("%v has %d fields", k, len(leaves))
		}
	}
}

// fill gives each field a value and collects those that hold no others.
func fill(v reflect.Value, depth int, leaves *[]reflect.Value) {
	switch v.Interface().(type) {
	case uuid.UUID, edtf.Time, []byte:
		change(v)
		*leaves = append(*leaves, v)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), depth+1, leaves)
		}
	case reflect.Slice:
		n := 2
		if depth > 5 { // claims hold claims
			n = 1
		}
		if depth > 9 {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fill(v.Index(i), depth+1, leaves)
		}
	case reflect.Pointer:
		if depth > 9 {
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth+1, leaves)
	default:
		change(v)
		*leaves = append(*leaves, v)
	}
}

// change gives a field another value than it has.
func change(v reflect.Value) {
	switch x := v.Addr().Interface().(type) {
	case *uuid.UUID:
		x[15]++
	case *edtf.Time:
		year := 2000
		if !x.IsZero() {
			year++
		}
		*x = edtf.MustParse(fmt.Sprint(year))
	case *[]byte:
		*x = append(*x, 7)
	default:
		switch v.Kind() {
		case reflect.String:
			v.SetString(v.String() + "x")
		case reflect.Bool:
			v.SetBool(!v.Bool())
		case reflect.Int:
			v.SetInt(v.Int() + 1)
		case reflect.Uint8:
			v.SetUint(v.Uint() + 1)
		case reflect.Float64:
			v.SetFloat(v.Float() + 0.5)
		default:
			panic(v.Type())
		}
	}
}

// encoded is a record with one event.
func encoded(t *testing.T, b events.Body) events.Record {
	t.Helper()
	payload, err := events.EncodeBody(b)
	if err != nil {
		t.Fatal(err)
	}
	r := events.NewRecord(1, 1, [32]byte{})
	if err := r.Add(time.Unix(0, 0), "desk", []events.Encoded{{ID: events.Key("x"), Kind: b.Kind(), Payload: payload}}); err != nil {
		t.Fatal(err)
	}
	return events.Record{Seq: 1, Data: r.Bytes()}
}

// No record has a longer line than MaxLine: these are those whose bytes say the most
// in words.
func TestLongestLine(t *testing.T) {
	if seed.Race {
		t.Skip("megabytes of text in one goroutine")
	}
	const most = events.MaxRecord - 200
	kinds := make([]events.EntityKind, most) // "EntityKind(200)" for each byte
	for i := range kinds {
		kinds[i] = 200
	}
	args := make([]events.Arg, 50_000)
	for name, b := range map[string]events.Body{
		"kinds":   &events.VocabularyDeclared{Predicates: []events.Predicate{{Roles: []events.Role{{Entities: kinds}}}}},
		"escaped": &events.Retracted{Reason: strings.Repeat("\x01", most)},
		"args":    &events.StatementRecorded{Statement: events.Statement{Claim: events.Claim{Args: args}}},
	} {
		r := encoded(t, b)
		var c events.Chain
		h, err := c.Verify(r)
		if err != nil {
			t.Fatal(err)
		}
		p := newPrinter()
		if err := p.record(r.Data, h); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d bytes for %d, %.1f each", name, p.Len(), len(r.Data), float64(p.Len())/float64(len(r.Data)))
		if p.Len() > MaxLine {
			t.Errorf("%s: a line of %d bytes, want at most %d", name, p.Len(), MaxLine)
		}
		s := events.NewMem()
		if _, err := s.Append(t.Context(), 0, r.Data); err != nil {
			t.Fatal(err)
		}
		var export bytes.Buffer
		if _, err := Export(t.Context(), s, &export); err != nil {
			t.Fatal(err)
		}
		if _, err := Import(t.Context(), events.NewMem(), &export); err != nil {
			t.Error(err)
		}
	}
}

// endless is a line without an end.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '['
	}
	e.read += len(p)
	return len(p), nil
}

// A file that is all one line, or nested without an end, takes no more memory than
// the longest line does.
func TestHostileLines(t *testing.T) {
	e := new(endless)
	deep := strings.Repeat("[", MaxLine-1) + "\n"
	wide := `{"record":1,"sha256":"` + strings.Repeat("0", 64) + `","bytes":"","x":[` + strings.Repeat("{},", MaxLine/4) + "{}]}\n"
	for name, r := range map[string]io.Reader{"endless": e, "deep": strings.NewReader(deep), "wide": strings.NewReader(wide)} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Import(t.Context(), events.NewMem(), r)
		runtime.ReadMemStats(&after)
		n := after.TotalAlloc - before.TotalAlloc
		t.Logf("%s: %d bytes, %v", name, n, err)
		if err == nil || n > 10*MaxLine { // a slice that grows takes some times its last size
			t.Errorf("%s: %d bytes were allocated: %v", name, n, err)
		}
	}
	if e.read > MaxLine+1<<17 {
		t.Errorf("%d bytes were read", e.read)
	}
}
