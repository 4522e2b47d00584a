package events

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/internal/seed"
)

// allocated returns how many bytes a function allocates, whether or not they are
// freed meanwhile.
func allocated(f func()) int {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return int(after.TotalAlloc - before.TotalAlloc)
}

// hostile are bodies that pass all limits and take as much memory for their bytes as
// any do. A body is the i-th of its batch.
func hostile() map[string]func(i int) Body {
	says := func(c Claim, voices ...Voice) Body {
		if voices == nil {
			voices = []Voice{{Speakers: []Party{{Entity: numbered(1)}}, Act: Assert, Stance: CertainAffirmed()}}
		}
		return &StatementRecorded{Statement{Claim: c, Voices: voices, Form: Paraphrase}}
	}
	args := func(value func(i int) Value) []Arg {
		args := make([]Arg, MaxArgs)
		for i := range args {
			args[i] = Arg{Role: "x", Value: value(i)}
		}
		return args
	}
	short := func(i int) string { return fmt.Sprintf("%c%c", 'a'+i%26, '0'+i/26) } // many names of few bytes
	voices := func(parties int) []Voice {
		voices := make([]Voice, MaxVoices)
		for i := range voices {
			voices[i] = Voice{Speakers: make([]Party, parties), Act: Assert, Stance: CertainAffirmed()}
			for j := range voices[i].Speakers {
				voices[i].Speakers[j].Entity = numbered(1)
			}
		}
		return voices
	}
	return map[string]func(int) Body{
		"redactions": func(int) Body { return &Redacted{Event: numbered(1)} },
		"names":      func(int) Body { return &EntityNamed{Entity: numbered(1), Name: Name{Text: "x"}} },
		"entities":   func(int) Body { return &EntityRegistered{Entity{ID: numbered(1), Kind: Person, Name: Name{Text: "x"}}} },
		"texts": func(int) Body {
			return &EntityRegistered{Entity{ID: numbered(1), Kind: Person, Name: Name{Text: "x"}, Note: strings.Repeat("x", MaxText)}}
		},
		"statements": func(int) Body { return says(Claim{Predicate: "x"}) },
		"arguments":  func(int) Body { return says(Claim{Predicate: "x", Args: args(func(int) Value { return None() })}) },
		"claims": func(int) Body {
			return says(Claim{Predicate: "x", Args: args(func(int) Value { return Nested(Claim{Predicate: "x"}) })})
		},
		"conditions": func(int) Body {
			deep := Claim{Predicate: "x"}
			for range 2 {
				next := Claim{Predicate: "x"}
				for range 30 {
					next.If = append(next.If, Condition{Claim: deep})
				}
				deep = next
			}
			return says(deep)
		},
		"times": func(n int) Body {
			return says(Claim{Predicate: "x", Args: args(func(i int) Value { return At(when(fmt.Sprintf("%04d-XX-X5", (n*MaxArgs+i)%10_000))) })})
		},
		"voices":  func(int) Body { return says(Claim{Predicate: "x"}, voices(1)...) },
		"parties": func(int) Body { return says(Claim{Predicate: "x"}, voices(MaxParties)...) },
		"mentions": func(n int) Body {
			b := &EntitySplit{Entity: numbered(1), Parts: []SplitPart{{Entity: numbered(2)}}}
			for i := range MaxMentions {
				var id uuid.UUID
				binary.BigEndian.PutUint32(id[:], uint32(i+1))
				b.Parts[0].Mentions = append(b.Parts[0].Mentions, Mention{Statement: id})
			}
			return b
		},
		"parts": func(n int) Body {
			b := &EntitySplit{Entity: numbered(1)}
			for i := range MaxMentions {
				var id uuid.UUID
				binary.BigEndian.PutUint32(id[:], uint32(i+1))
				b.Parts = append(b.Parts, SplitPart{numbered(2), []Mention{{Statement: id}}})
			}
			return b
		},
		"sources": func(int) Body {
			s := Source{ID: numbered(1), Authors: make([]uuid.UUID, MaxSources), DerivedFrom: make([]uuid.UUID, MaxSources)}
			for i := range MaxSources {
				s.Authors[i], s.DerivedFrom[i] = numbered(2), numbered(3)
			}
			return &SourceAdded{s}
		},
		"predicates": func(int) Body {
			b := new(VocabularyDeclared)
			for i := range 260 {
				b.Predicates = append(b.Predicates, Predicate{Name: short(i)})
			}
			return b
		},
		"roles": func(int) Body {
			p := Predicate{Name: "x"}
			for i := range 260 {
				p.Roles = append(p.Roles, Role{Name: short(i)})
			}
			return &VocabularyDeclared{Predicates: []Predicate{p}}
		},
		"kinds": func(int) Body {
			p := Predicate{Name: "x", Roles: []Role{{Name: "x"}}}
			for range MaxDeclared {
				p.Roles[0].Entities = append(p.Roles[0].Entities, Person)
			}
			return &VocabularyDeclared{Predicates: []Predicate{p}}
		},
		"ratings": func(int) Body {
			s := Scheme{Name: "x"}
			for i := range 260 {
				s.Values = append(s.Values, short(i))
			}
			return &VocabularyDeclared{Schemes: []Scheme{s}}
		},
	}
}

// full returns batches that fill a record, with so many events each.
func full(t *testing.T, each int, body func(int) Body) (batches []*Batch, record []byte) {
	t.Helper()
	r := NewRecord(1, 1, [32]byte{})
	for n := 0; ; {
		b := &Batch{Recorder: "x"}
		var encoded []Encoded
		for size := r.Size(); size < MaxRecord && len(b.Events) < each; n++ {
			id := Key("x")
			binary.BigEndian.PutUint32(id[:], uint32(n))
			e := Event{ID: id, Body: body(n)}
			p, err := encodeBody(e.Body)
			if err != nil {
				t.Fatal(err)
			}
			if size += len(p) + 30; size < MaxRecord {
				b.Events = append(b.Events, e)
				encoded = append(encoded, Encoded{ID: id, Kind: e.Kind(), Payload: p})
			}
		}
		err := ErrRecordSize
		if len(encoded) > 0 {
			err = r.Add(exampleTime, b.Recorder, encoded)
		}
		if errors.Is(err, ErrRecordSize) {
			return batches, r.Bytes()
		}
		if err != nil {
			t.Fatal(err)
		}
		batches = append(batches, b)
	}
}

// TestWorstMemory measures what the largest record takes that passes all limits:
// for each of its bytes, to check and encode its batches, and to read it again as a
// graph does. What is allocated is an upper bound of what is held at once.
func TestWorstMemory(t *testing.T) {
	if seed.Race {
		t.Skip("megabytes of events in one goroutine")
	}
	for name, body := range hostile() {
		t.Run(name, func(t *testing.T) { worstMemory(t, MaxEvents, body) })
	}
	t.Run("batches", func(t *testing.T) { worstMemory(t, 1, hostile()["redactions"]) })
}

func worstMemory(t *testing.T, each int, body func(int) Body) {
	batches, data := full(t, each, body)
	if len(data) < MaxRecord*8/10 {
		t.Fatalf("only %d bytes", len(data))
	}
	writing := allocated(func() {
		for _, b := range batches {
			if _, err := EncodeBatch(b); err != nil {
				t.Fatal(err)
			}
		}
	})
	var again []Event
	var decoding int
	reading := allocated(func() {
		h, err := Record{1, data}.Header()
		if err != nil {
			t.Fatal(err)
		}
		decoding = allocated(func() {
			for e, err := range h.Events() {
				if err != nil {
					t.Fatal(err)
				}
				again = append(again, e)
			}
			if err := CheckShape(&Batch{Recorder: "x", Events: again}); err != nil {
				t.Fatal(err)
			}
		})
	})
	t.Logf("%d events in %d bytes", len(again), len(data))
	for _, m := range []struct {
		what    string
		n, most int
	}{
		{"check and encode", writing, 50},
		{"read the header", reading - decoding, 5},
		{"decode and check", decoding, 100},
	} {
		per := float64(m.n) / float64(len(data))
		t.Logf("to %s: %.1f bytes for each", m.what, per)
		if per > float64(m.most) {
			t.Errorf("to %s, %.1f bytes are allocated for each, want at most %d", m.what, per, m.most)
		}
	}
}
