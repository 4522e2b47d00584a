package events

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

// leastSize must not say more than a body takes, and should not say much less.
func TestLeastSize(t *testing.T) {
	check := func(t interface{ Errorf(string, ...any) }, b Body) {
		data, err := encodeBody(b)
		if err != nil {
			return
		}
		least := leastSize(b)
		if least > len(data) {
			t.Errorf("%v: at least %d bytes, but it takes %d: %+v", b.Kind(), least, len(data), b)
		}
		if 3*least < len(data) {
			t.Errorf("%v: at least %d bytes, it takes %d: %+v", b.Kind(), least, len(data), b)
		}
	}
	for _, e := range goldenEvents() {
		check(t, e.Body)
		check(t, newBody(e.Kind()))
	}
	rapid.Check(t, func(rt *rapid.T) {
		check(rt, drawBody(rt, Kind(rapid.Uint8Range(1, 11).Draw(rt, "kind"))))
	})
}

// A batch that shares its texts is small in memory and huge in bytes. It is refused
// before any of it is encoded.
func TestSharedTexts(t *testing.T) {
	text := strings.Repeat("x", MaxText)
	arg := Arg{Role: "what", Value: Text(text, ""), As: text}
	args := make([]Arg, MaxArgs)
	for i := range args {
		args[i] = arg
	}
	claims := make([]Arg, MaxArgs)
	for i := range claims {
		claims[i] = Arg{Role: "what", Value: Value{Kind: ClaimValue, Claim: &Claim{Predicate: "say", Args: args}}}
	}
	large := &StatementRecorded{Statement{ // five thousand million bytes
		Claim:  Claim{Predicate: "say", Args: claims},
		Voices: []Voice{{Speakers: []Party{{Entity: numbered(1)}}, Act: Assert, Stance: CertainAffirmed()}}, Form: Paraphrase,
	}}
	one := &Batch{Recorder: "desk", Events: []Event{{ID: Key("0"), Body: large}}}
	noted := &EntityRegistered{Entity{ID: numbered(1), Kind: Person, Name: Name{Text: "Ada"}, Note: text}}
	many := &Batch{Recorder: "desk"}
	for i := range 40_000 {
		id := Key("many")
		id[0], id[1], id[2] = byte(i), byte(i>>8), byte(i>>16)
		many.Events = append(many.Events, Event{ID: id, Body: noted})
	}
	for name, b := range map[string]*Batch{"one": one, "many": many} {
		var err error
		n := allocated(func() { _, err = EncodeBatch(b) })
		t.Logf("%s: %d bytes: %v", name, n, err)
		var refused *Error
		if !errors.Is(err, ErrRecordSize) || !errors.Is(err, ErrInvalid) || !errors.As(err, &refused) || refused.Field != "Events" || refused.Index != -1 {
			t.Errorf("%s: %v", name, err)
		}
		if n > 8<<20 { // the ids, each once
			t.Errorf("%s: %d bytes were allocated", name, n)
		}
	}

	wide := Claim{Predicate: "say"} // a thousand million claims, without a text
	for range MaxDepth - 1 {
		shared := wide
		wide.Args = slices.Repeat([]Arg{{Role: "what", Value: Value{Kind: ClaimValue, Claim: &shared}}}, 1000)
	}
	for name, body := range map[string]Body{"texts": large, "claims": &StatementRecorded{Statement{Claim: wide}}} {
		for _, encode := range []func() error{
			func() error { _, err := EncodeBody(body); return err },
			func() error {
				b := NewBatch("desk")
				b.Add(body)
				_, err := b.Batch()
				return err
			},
		} {
			var err error
			n := allocated(func() { err = encode() })
			if !errors.Is(err, ErrRecordSize) || n > 1<<20 {
				t.Errorf("%s: %d bytes were allocated: %v", name, n, err)
			}
		}
	}

	// What fits is not refused: up to the last byte.
	fits := &Batch{Recorder: "desk"}
	r := NewRecord(1, 1, [32]byte{})
	for size := MaxRecord - 600; size > 0; size -= MaxText {
		e := Event{ID: uuid.UUID(Key(strings.Repeat("x", size%97))), Body: &Redacted{Event: numbered(1), Reason: text[:min(size, MaxText)]}}
		e.ID[0] = byte(size / MaxText)
		fits.Events = append(fits.Events, e)
	}
	for {
		last := fits.Events[len(fits.Events)-1].Body.(*Redacted)
		encoded, err := EncodeBatch(fits)
		if err == nil {
			err = r.Add(exampleTime, "desk", encoded)
		}
		if err == nil {
			break
		}
		if !errors.Is(err, ErrRecordSize) {
			t.Fatal(err)
		}
		if last.Reason = last.Reason[:max(0, len(last.Reason)-1)]; last.Reason == "" {
			fits.Events = fits.Events[:len(fits.Events)-1]
		}
	}
	if r.Size() != MaxRecord {
		t.Errorf("the largest batch that is taken makes a record of %d bytes, want %d", r.Size(), MaxRecord)
	}
}
