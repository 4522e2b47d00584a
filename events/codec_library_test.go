package events

import (
	"bytes"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/onrecord/onrecord/internal/seed"
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
	for _, n := range []int{-1, -24, -25, -256, -257, 1 << 16, math.MaxInt32, math.MaxInt, math.MaxInt / 2, math.MinInt} {
		sameBytes(t, &StatementRecorded{Statement{Selector: Selector{Start: n, End: -n}}})
	}
}

func sameBytes(t interface{ Fatalf(string, ...any) }, b Body) {
	want, err := encoding.Marshal(b)
	if got := written(b); err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%+v is written as\n%x\nthe library writes\n%x, %v", b, got, want, err)
	}
}

// sameBody wants what is read by hand to be what the library reads and writes, and
// nothing else, and reports whether it is read by hand.
func sameBody(t interface{ Fatalf(string, ...any) }, k Kind, data []byte) bool {
	got := read(k, data)
	want := newBody(k)
	err := decoding.Unmarshal(data, want)
	if err == nil {
		err = checkDepth(want)
	}
	var again []byte
	if err == nil {
		again, err = encoding.Marshal(want)
	}
	if one := err == nil && bytes.Equal(again, data); got != nil && (!one || !reflect.DeepEqual(got, want)) || got == nil && one && slices.Contains(byHand, k) {
		t.Fatalf("%x is read as\n%+v\nthe library reads\n%+v, %v, and writes\n%x", data, got, want, err, again)
	}
	return got != nil
}

func TestReadAsLibrary(t *testing.T) {
	for _, k := range byHand {
		damaged := 0
		rapid.Check(t, func(t *rapid.T) {
			data := written(drawBody(t, k))
			if !sameBody(t, k, data) {
				t.Fatalf("%x is left to the library", data)
			}
			for range rapid.IntRange(0, 3).Draw(t, "damages") {
				at := rapid.IntRange(0, len(data)-1).Draw(t, "at")
				data[at] = rapid.Byte().Draw(t, "instead")
			}
			if sameBody(t, k, data) {
				damaged++
			}
		})
		if damaged == 0 {
			t.Errorf("nothing damaged is read by hand")
		}
	}
}

// TestReadDamaged changes each byte of what is stored, leaves it out, puts another in
// before it, and cuts there.
func TestReadDamaged(t *testing.T) {
	others := unhex(t, "00 01 04 17 18 1b 20 3b 40 50 5f 60 7f 80 9f a0 a1 bf c0 f4 f5 f6 f7 ff")
	if seed.Race {
		others = others[:4] // one goroutine finds the same
	}
	for _, e := range append(goldenEvents(), Event{Body: nestedTo(MaxDepth)}, Event{Body: exampleBody()}) {
		if !slices.Contains(byHand, e.Kind()) {
			continue
		}
		data := written(e.Body)
		if !sameBody(t, e.Kind(), data) {
			t.Errorf("%v is left to the library", e.Kind())
		}
		taken := 0
		try := func(damaged []byte) {
			if sameBody(t, e.Kind(), damaged) {
				taken++
			}
		}
		for at := range data {
			if sameBody(t, e.Kind(), data[:at]) {
				t.Errorf("%v: it is read, cut at %d", e.Kind(), at)
			}
			try(slices.Delete(slices.Clone(data), at, at+1))
			for _, other := range others {
				try(slices.Replace(slices.Clone(data), at, at+1, other))
				try(slices.Insert(slices.Clone(data), at, other))
			}
			for bit := range 8 {
				try(slices.Replace(slices.Clone(data), at, at+1, data[at]^1<<bit))
			}
		}
		t.Logf("%v, of %d bytes: %d are read by hand of those that are damaged", e.Kind(), len(data), taken)
	}
}

// TestReadLimits has what is just read by hand, and what just is not.
func TestReadLimits(t *testing.T) {
	voice := "a3 01 80 04 00 06 a2 01 00 02 00"
	for name, c := range map[string]struct {
		data string
		want bool
	}{
		"a voice":                  {"a1 01 a3 01 a1 01 60 02 81" + voice + "05 00", true},
		"least items":              {"a1 01 a3 01 a3 01 60 03 82 a2 01 60 02 a1 01 00 a2 01 60 02 a1 01 00 05 82 a1 01 a1 01 60 a1 01 a1 01 60 02 82" + voice + voice + "05 00", true},
		"more voices":              {"a1 01 a3 01 a1 01 60 02 82" + voice + "05 00", false},
		"a key missing":            {"a1 01 a2 01 a1 01 60 02 81" + voice, false},
		"a list that is empty":     {"a1 01 a3 01 a2 01 60 03 80 02 81" + voice + "05 00", false},
		"numbers written longer":   {"a1 01 a3 01 a1 01 60 02 81" + voice + "05 18 00", false},
		"a number of nine bytes":   {"a1 01 a3 01 a1 01 60 02 81" + voice + "05 1b 00 00 00 00 00 00 00 00", false},
		"a head that ends early":   {"a1 01 a3 01 a1 01 60 02 81" + voice + "05 1b 00 00 00 00 00 00 00", false},
		"an enumeration too large": {"a1 01 a3 01 a1 01 60 02 81" + voice + "05 19 01 00", false},
		"a number too large":       {"a1 01 a4 01 a1 01 60 02 81" + voice + "04 a1 01 1b ff ff ff ff ff ff ff ff 05 00", false},
		"a reserved head":          {"a1 01 a3 01 a1 01 7c" + strings.Repeat("78", 28) + "02 81" + voice + "05 00", false},
		"as many as may be":        {"a1 01 a3 01 a2 01 60 05 99 c350" + strings.Repeat("a1 01 a1 01 60", MaxEvents) + "02 80 05 00", true},
		"more than may be":         {"a1 01 a3 01 a2 01 60 05 99 c351" + strings.Repeat("a1 01 a1 01 60", MaxEvents+1) + "02 80 05 00", false},
		"a length that no int is":  {"a1 01 a3 01 a1 01 7b ff ff ff ff ff ff ff ff", false},
	} {
		if got := sameBody(t, KindStatementRecorded, unhex(t, c.data)); got != c.want {
			t.Errorf("%s: read by hand: %v, want %v", name, got, c.want)
		}
	}
}

func FuzzReadAsLibrary(f *testing.F) {
	for _, e := range append(goldenEvents(), Event{Body: nestedTo(MaxDepth)}, Event{Body: exampleBody()}) {
		f.Add(byte(e.Kind()), mustEncode(f, e.Body))
	}
	f.Fuzz(func(t *testing.T, kind byte, data []byte) {
		if newBody(Kind(kind)) != nil {
			sameBody(t, Kind(kind), data)
		}
	})
}
