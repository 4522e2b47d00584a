package graph

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// Numbers that a growing index took in and then forgot take no older ones with
// them, wherever they lay in the table.
func TestIndexForgetsTheNewOnly(t *testing.T) {
	for round := range 2000 {
		var x ids
		x.id.add(uuid.Nil)
		id := func(i int) uuid.UUID { return events.Key("id", fmt.Sprint(round), fmt.Sprint(i)) }
		const old = 30
		for i := range old {
			x.add(id(i))
		}
		mark := x.id.n
		for i := range 30 {
			x.add(id(old + i))
		}
		x.truncate(mark)
		for i := range old {
			if n := x.find(id(i), x.id.n); n != uint32(i+1) {
				t.Fatalf("round %d: id %d of %d is number %d after the rollback, want %d", round, i, old, n, i+1)
			}
		}
	}
}

// onceStore is a Mem whose Append a test may replace.
type onceStore struct {
	*events.Mem
	append func(context.Context, events.Seq, []byte) (events.Seq, error)
}

func (s *onceStore) Append(ctx context.Context, after events.Seq, record []byte) (events.Seq, error) {
	if f := s.append; f != nil {
		s.append = nil
		return f(ctx, after, record)
	}
	return s.Mem.Append(ctx, after, record)
}

func aMeeting(n int, whom uuid.UUID) events.Event {
	return events.Event{ID: events.Key("meet", fmt.Sprint(n)), Body: &events.StatementRecorded{Statement: events.Statement{
		Claim:  events.Claim{Predicate: "meet", Args: []events.Arg{{Role: "whom", Value: events.Ref(whom)}}},
		Voices: []events.Voice{{Speakers: []events.Party{{Entity: events.Key("person", "Bob")}}, Act: events.Assert, Stance: events.CertainAffirmed()}},
		Form:   events.Inferred,
	}}}
}

func aPerson(name string) (uuid.UUID, events.Event) {
	id := events.Key("person", name)
	return id, events.Event{ID: events.Key("registration", name), Body: &events.EntityRegistered{
		Entity: events.Entity{ID: id, Kind: events.Person, Name: events.Name{Text: name}},
	}}
}

func onceOpen(t *testing.T, s events.Store) (*Graph, func(...events.Event)) {
	g, err := Open(context.Background(), s, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	return g, func(es ...events.Event) {
		t.Helper()
		if _, err := g.Record(context.Background(), &events.Batch{Recorder: "desk", Events: es}); err != nil {
			t.Fatal(err)
		}
	}
}

func aRetraction(n int) events.Event {
	return events.Event{ID: events.Key("retraction", fmt.Sprint(n)), Body: &events.Retracted{Event: events.Key("meet", fmt.Sprint(n))}}
}

// A reader that began while a batch was being recorded, which was then taken
// back, sees what its view shows, whatever its memory is used for since.
func TestReaderAcrossARollback(t *testing.T) {
	s := &onceStore{Mem: events.NewMem()}
	g, record := onceOpen(t, s)
	ann, annEvent := aPerson("Ann")
	_, bobEvent := aPerson("Bob")
	record(annEvent, bobEvent)
	// Some twenty others whom Bob says somebody met, so that only the lists of
	// "meet" and of Bob, the speaker, will be due for a checkpoint.
	for n := 100; n < 300; n++ {
		id, e := aPerson(fmt.Sprint(n / 8))
		record(e, aMeeting(n, id))
		if n == 101 {
			record(aMeeting(1, ann), aMeeting(2, ann)) // Ann's first block is full
		}
	}

	var seen []uint32
	step := make(chan bool)
	done := make(chan bool)
	v := g.View(nil)
	s.append = func(context.Context, events.Seq, []byte) (events.Seq, error) {
		go func() {
			defer close(done)
			for st := range v.Statements(Pattern{Args: []Fill{{Role: "whom", Entity: ann}}}) {
				if seen = append(seen, st.row); len(seen) == 1 {
					step <- true
					<-step
				}
			}
		}()
		<-step
		return 0, errors.New("the disk is gone")
	}
	var more []events.Event
	for n := 3; n < 10; n++ {
		more = append(more, aMeeting(n, ann))
	}
	if _, err := g.Record(context.Background(), &events.Batch{Recorder: "desk", Events: more}); !errors.Is(err, ErrUnknownOutcome) {
		t.Fatal(err)
	}
	// Enough of all that said "meet" is removed for a checkpoint, in whose block
	// of four are the rows of Ann's statements.
	var retractions []events.Event
	for n := 102; n < 280; n++ {
		retractions = append(retractions, aRetraction(n))
	}
	record(retractions...)
	step <- true
	<-done
	if len(seen) != 2 {
		t.Errorf("the view shows rows %v of Ann's, want two", seen)
	}
}

// For the race detector: identity is asked while verdicts are recorded.
func TestIdentityWhileRecording(t *testing.T) {
	g, record := onceOpen(t, events.NewMem())
	ann, annEvent := aPerson("Ann")
	bob, bobEvent := aPerson("Bob")
	record(annEvent, bobEvent)
	var wg sync.WaitGroup
	wg.Go(func() {
		for range 100 {
			g.View(nil).Canonical(ann)
		}
	})
	for n := range 20 {
		record(events.Event{ID: events.Key("verdict", fmt.Sprint(n)), Body: &events.IdentityJudged{A: ann, B: bob, Verdict: events.Unsure}})
	}
	wg.Wait()
}

// For the race detector: lists are read while batches are taken back.
func TestReadWhileRefusing(t *testing.T) {
	g, record := onceOpen(t, events.NewMem())
	ann, annEvent := aPerson("Ann")
	_, bobEvent := aPerson("Bob")
	record(annEvent, bobEvent)
	record(aMeeting(1, ann))
	var wg sync.WaitGroup
	wg.Go(func() {
		for range 1000 {
			for range g.View(nil).Statements(Pattern{Predicate: "meet"}) {
			}
		}
	})
	for n := range 100 {
		b := &events.Batch{Recorder: "desk", Events: []events.Event{aMeeting(2+n, ann), aMeeting(1000+n, uuid.Max)}}
		if _, err := g.Record(context.Background(), b); !errors.Is(err, events.ErrInvalid) {
			t.Fatal(err)
		}
	}
	wg.Wait()
}

// Wait does not wait for the store if what it is to wait for is there.
func TestWaitWhileAppending(t *testing.T) {
	s := &onceStore{Mem: events.NewMem()}
	g, record := onceOpen(t, s)
	ann, annEvent := aPerson("Ann")
	_, bobEvent := aPerson("Bob")
	record(annEvent, bobEvent)
	s.append = func(ctx context.Context, after events.Seq, data []byte) (events.Seq, error) {
		if err := g.Wait(ctx, 1); err != nil {
			t.Error(err)
		}
		return s.Mem.Append(ctx, after, data)
	}
	record(aMeeting(1, ann))
}

// A record that Record cannot have written, a retraction of itself, ends Open or
// is ignored.
func TestSelfRetraction(t *testing.T) {
	s := events.NewMem()
	id := events.Key("self")
	body, err := events.EncodeBody(&events.Retracted{Event: id})
	if err != nil {
		t.Fatal(err)
	}
	r := events.NewRecord(1, 1, [32]byte{})
	if err := r.Add(time.Unix(0, 0), "desk", []events.Encoded{{ID: id, Kind: events.KindRetracted, Payload: body}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Append(context.Background(), 0, r.Bytes()); err != nil {
		t.Fatal(err)
	}
	g, err := Open(context.Background(), s, nil)
	if err != nil {
		return // refusing it is fine
	}
	g.Close()
}
