package events

import (
	"bytes"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// What is written and read by hand, the library writes and reads, too, by the struct
// tags. It says what is right.

var byHand = []Kind{KindStatementRecorded, KindEntityRegistered}

func TestWrittenAsLibrary(t *testing.T) {
	for _, k := range byHand {
		rapid.Check(t, func(t *rapid.T) {
			b := drawBody(t, k)
			sameBytes(t, b)
			if s, ok := b.(*StatementRecorded); ok && rapid.Bool().Draw(t, "without lists") {
				for i := range s.Statement.Voices {
					s.Statement.Voices[i].Speakers = nil
				}
				sameBytes(t, b)
				s.Statement.Voices, s.Statement.Claim.Args, s.Statement.Claim.If = nil, []Arg{}, []Condition{}
				sameBytes(t, b)
			}
		})
		sameBytes(t, newBody(k))
	}
	text := "\xff" // the library writes any text
	for _, n := range []int{1, 23, 24, 255, 256, 65535, 65536} {
		sameBytes(t, &EntityRegistered{Entity{Note: string(bytes.Repeat([]byte(text), n))}})
		sameBytes(t, &StatementRecorded{Statement{Voices: make([]Voice, n)}})
	}
	for _, n := range []int{-1, -24, -25, -256, -257, 1 << 16, 1<<32 - 1, 1 << 32, math.MaxInt, math.MinInt} {
		sameBytes(t, &StatementRecorded{Statement{Selector: Selector{Start: n, End: -n}}})
	}
}

func sameBytes(t interface{ Fatalf(string, ...any) }, b Body) {
	want, err := encoding.Marshal(b)
	if got := written(b); err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%+v is written as\n%x\nthe library writes\n%x, %v", b, got, want, err)
	}
}
