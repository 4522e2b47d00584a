package main

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
)

const (
	predicates = 50
	perBatch   = 1000 // events in a batch
	roleSource = "source"
	roleTarget = "target"
)

// fact is one synthetic statement in numbers.
type fact struct {
	source, target uint32 // entities
	predicate      uint8
	month, day     uint8
}

// data is a synthetic record in numbers, from which every database is loaded:
// first the entities are registered, then the facts are stated, then some are
// retracted. It never changes, so it may be shared.
type data struct {
	n         int // facts
	entities  int
	facts     []fact
	retracted []uint32 // facts, in the order of their retraction

	numbered func() map[uuid.UUID]uint32
}

// synthetic returns n facts, always the same.
func synthetic(n int) *data {
	random := rand.New(rand.NewPCG(1, 2))
	zipf := newZipf(random, n)
	d := &data{n: n, entities: max(n/20, 2), facts: make([]fact, n)}
	for i := range d.facts {
		d.facts[i] = fact{
			source: uint32(zipf.Uint64()), target: uint32(zipf.Uint64()), predicate: uint8(random.IntN(predicates)),
			month: uint8(1 + random.IntN(12)), day: uint8(1 + random.IntN(28)),
		}
	}
	for _, i := range random.Perm(n)[:n/10] {
		d.retracted = append(d.retracted, uint32(i))
	}
	d.numbered = sync.OnceValue(d.numbers)
	return d
}

func newZipf(random *rand.Rand, n int) *rand.Zipf {
	return rand.NewZipf(random, 1.1, 10, uint64(max(n/20, 2)-1))
}

func entityID(i uint32) uuid.UUID    { return events.Key("entity", strconv.Itoa(int(i))) }
func statementID(i uint32) uuid.UUID { return events.Key("statement", strconv.Itoa(int(i))) }
func entityName(i uint32) string     { return fmt.Sprint("Actor ", i) }
func predicateName(p uint8) string   { return fmt.Sprint("predicate ", p) }

// numbers returns the number of each entity and of each statement by its id.
func (d *data) numbers() map[uuid.UUID]uint32 {
	m := make(map[uuid.UUID]uint32, d.entities+d.n)
	for i := range uint32(d.entities) {
		m[entityID(i)] = i
	}
	for i := range uint32(d.n) {
		m[statementID(i)] = i
	}
	return m
}

// number returns the number of an entity or a statement.
func (d *data) number(id uuid.UUID) uint32 { return d.numbered()[id] }

func (f fact) date() string { return fmt.Sprintf("2014-%02d-%02d", f.month, f.day) }

var source = events.Source{ID: events.Key("source", "bench"), Title: "bench", Published: edtf.MustParse("2025-08-04")}

func (d *data) registration(i int) events.Event {
	if i == 0 {
		return events.Event{ID: events.Key("source added"), Body: &events.SourceAdded{Source: source}}
	}
	n := uint32(i - 1)
	return events.Event{ID: events.Key("registered", strconv.Itoa(i)), Body: &events.EntityRegistered{Entity: events.Entity{
		ID: entityID(n), Kind: events.Person, Name: events.Name{Text: entityName(n)},
	}}}
}

func (d *data) statement(i int) events.Event {
	f := d.facts[i]
	who, whom := entityID(f.source), entityID(f.target)
	return events.Event{ID: statementID(uint32(i)), Body: &events.StatementRecorded{Statement: events.Statement{
		Claim: events.Claim{
			Predicate: predicateName(f.predicate),
			Args:      []events.Arg{{Role: roleSource, Value: events.Ref(who)}, {Role: roleTarget, Value: events.Ref(whom)}},
			When:      events.When{Time: edtf.Date(2014, time.Month(f.month), int(f.day))},
		},
		Voices: []events.Voice{{Speakers: []events.Party{{Entity: who}}, Act: events.Assert, Stance: events.CertainAffirmed()}},
		Source: source.ID, Form: events.Paraphrase, Selector: events.Selector{Locator: strconv.Itoa(i)},
	}}}
}

func (d *data) retraction(i int) events.Event {
	id := statementID(d.retracted[i])
	return events.Event{ID: events.Key("retraction", id.String()), Body: &events.Retracted{Event: id}}
}

// registrations, statements and retractions return the record's batches, in
// this order. Each batch is made when its turn comes.
func (d *data) registrations() iter.Seq[*events.Batch] { return batches(d.entities+1, d.registration) }
func (d *data) statements() iter.Seq[*events.Batch]    { return batches(d.n, d.statement) }
func (d *data) retractions() iter.Seq[*events.Batch]   { return batches(len(d.retracted), d.retraction) }

func batches(n int, event func(i int) events.Event) iter.Seq[*events.Batch] {
	return func(yield func(*events.Batch) bool) {
		for start := 0; start < n; start += perBatch {
			b := &events.Batch{Recorder: "bench"}
			for i := start; i < min(start+perBatch, n); i++ {
				b.Events = append(b.Events, event(i))
			}
			if !yield(b) {
				return
			}
		}
	}
}

func batchesOf(n int) int { return (n + perBatch - 1) / perBatch }

// added returns the position of the batch with a statement.
func (d *data) added(i int) events.Position {
	return events.Position(batchesOf(d.entities+1) + i/perBatch + 1)
}

// removed returns the position of the batch with the kth retraction.
func (d *data) removed(k int) events.Position {
	return events.Position(batchesOf(d.entities+1) + batchesOf(d.n) + k/perBatch + 1)
}

// last returns the position of the last batch.
func (d *data) last() events.Position {
	return events.Position(batchesOf(d.entities+1) + batchesOf(d.n) + batchesOf(len(d.retracted)))
}

// record records batches and returns how long that took, the making of the
// batches aside.
func record(ctx context.Context, g *graph.Graph, list ...iter.Seq[*events.Batch]) (took time.Duration, err error) {
	for _, batches := range list {
		for b := range batches {
			began := time.Now()
			if _, err := g.Record(ctx, b); err != nil {
				return 0, err
			}
			took += time.Since(began)
		}
	}
	return took, nil
}
