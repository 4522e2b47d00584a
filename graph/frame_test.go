package graph

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
)

// However long a statement is, it is read as it was recorded.
func TestLongReadings(t *testing.T) {
	id := func(n int) uuid.UUID { return events.Key("entity", fmt.Sprint(n)) }
	day := edtf.MustParse("2025-01-01")
	f := newFolder()
	for args := range events.MaxArgs {
		for voices := range 4 {
			s := events.Statement{Claim: events.Claim{Predicate: "meet"}}
			for n := range args {
				s.Claim.Args = append(s.Claim.Args, events.Arg{Role: "who", Value: events.Number(fmt.Sprint(n), "h")})
			}
			for n := range voices {
				v := events.Voice{Speakers: []events.Party{{Entity: id(n)}}, To: []events.Party{{Entity: id(n + 1)}}}
				if n%2 == 0 {
					v.Said.Time = day
				}
				s.Voices = append(s.Voices, v)
			}
			r := f.c.reading(f.read(&s))
			if int(r.nargs) != 2*args || int(r.nvoices) != voices {
				t.Fatalf("%d arguments and %d voices, want %d and %d", r.nargs, r.nvoices, 2*args, voices)
			}
			for n := range uint32(args) {
				number, unit := r.slot(2*n), r.slot(2*n+1)
				if number.kind != events.NumberValue || unit.kind != unitOf || r.ref(2*n) == r.ref(2*n+1) ||
					r.ref(2*n) != f.c.literals.find(events.NumberValue, fmt.Sprint(n), "", never) {
					t.Fatalf("of %d arguments number %d is literal %d", args, n, r.ref(2*n))
				}
			}
			for n := range uint32(voices) {
				v := r.voice(n)
				said := f.c.times.find("2025-01-01", never) * (1 - n%2)
				if r.said(v) != said || r.party(v, 0) != f.entity(id(int(n))) || r.party(v, 1) != f.entity(id(int(n)+1)) {
					t.Fatalf("after %d arguments voice %d was said at %d by %d to %d", args, n, r.said(v), r.party(v, 0), r.party(v, 1))
				}
			}
		}
	}
}

// Statements that differ only in what they refer to share a frame, and whatever
// else tells two of them apart makes two.
func TestFrames(t *testing.T) {
	id := func(kind string, n int) uuid.UUID { return events.Key(kind, fmt.Sprint(n)) }
	day := func(n int) edtf.Time { return edtf.Date(2025, 1, 1+n) }
	party := func(n int) events.Party { return events.Party{Entity: id("entity", n)} }
	makes := []func(s *events.Statement, n int){
		func(s *events.Statement, n int) {},
		func(s *events.Statement, n int) { s.Claim.Predicate = "part" },
		func(s *events.Statement, n int) { s.Claim.Args[1].Role = "whom" },
		func(s *events.Statement, n int) { s.Claim.Args[1].Value = events.At(day(n)) },
		func(s *events.Statement, n int) { s.Claim.Args[1].Value = events.Text(fmt.Sprint(n), "") },
		func(s *events.Statement, n int) { s.Claim.Args[1].Value = events.Number(fmt.Sprint(n), "h") },
		func(s *events.Statement, n int) { s.Claim.Args[0], s.Claim.Args[1] = s.Claim.Args[1], s.Claim.Args[0] },
		func(s *events.Statement, n int) { s.Claim.Args = s.Claim.Args[:1] },
		func(s *events.Statement, n int) { s.Claim.Occurrence = id("entity", n) },
		func(s *events.Statement, n int) { s.Claim.When.Time = day(n) },
		func(s *events.Statement, n int) {
			s.Claim.If = []events.Condition{{Claim: events.Claim{Occurrence: id("entity", n)}}}
		},
		func(s *events.Statement, n int) { s.Source = id("source", n) },
		func(s *events.Statement, n int) { s.Form = events.Quote },
		func(s *events.Statement, n int) { s.Voices[0].Act = events.Direct },
		func(s *events.Statement, n int) { s.Voices[0].Stance.Polarity = events.Denied },
		func(s *events.Statement, n int) { s.Voices[0].Said.Time = day(n) },
		func(s *events.Statement, n int) { s.Voices[0].Speakers = []events.Party{party(n), party(n + 1)} },
		func(s *events.Statement, n int) { s.Voices[0].For = []events.Party{party(n)} },
		func(s *events.Statement, n int) { s.Voices[0].To = []events.Party{party(n)} },
		func(s *events.Statement, n int) { s.Voices = append(s.Voices, s.Voices[0]) },
		func(s *events.Statement, n int) {
			s.Voices = append(s.Voices, s.Voices[0])
			s.Voices[1].Stance.Certainty = events.Possible
		},
		func(s *events.Statement, n int) { s.Voices = nil },
	}
	f := newFolder()
	var known []events.Event
	for n := range 4 {
		known = append(known, registers(id("entity", n)),
			events.Event{ID: id("adds", n), Body: &events.SourceAdded{Source: events.Source{ID: id("source", n)}}})
	}
	for n := range 3 {
		for i, change := range makes {
			s := events.Statement{
				Claim: events.Claim{Predicate: "meet", Args: []events.Arg{
					{Role: "who", Value: events.Ref(id("entity", n))}, {Role: "where", Value: events.Ref(id("entity", n+1))},
				}},
				Voices: []events.Voice{{Speakers: []events.Party{party(n)}, Act: events.Assert, Stance: events.CertainAffirmed()}},
				Form:   events.Paraphrase,
			}
			change(&s, n)
			e := events.Event{ID: id(fmt.Sprint("statement ", i), n), Body: &events.StatementRecorded{Statement: s}}
			if err := f.batch(false, append(known, e)...); err != nil {
				t.Fatal(err)
			}
			if got, want := f.c.frames.frame.n-1, uint32(max(i+1, min(n, 1)*len(makes))); got != want {
				t.Fatalf("after statement %d of make %d there are %d frames, want %d", n, i, got, want)
			}
		}
	}
}
