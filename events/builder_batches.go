package events

import (
	"iter"

	"github.com/google/uuid"
)

// Batches returns what Batch does in as many batches as the limits ask for
// ([MaxEvents], [MaxRecord], [MaxSourceText]), in the same order, so that what is
// referred to comes before: it is for a table of more rows than one batch takes, and for
// graph.Graph.RecordAll. If there is a mistake it yields the error of Batch, and no batch.
// Without anything to record it yields nothing.
//
// Each batch is recorded whole or not at all, but not all of them together: after an
// error the first ones are on record. To go on, range over the sequence again and record
// all of it, or build it anew, with [Builder.Occasion] if there are decisions in it: what is on
// record is left out.
//
// It holds all events in memory, and encodes each once more to learn its size. The text
// of a source comes with each batch that has statements from it. The sequence may be
// ranged over again.
func (b *Builder) Batches() iter.Seq2[*Batch, error] {
	return func(yield func(*Batch, error) bool) {
		whole := b.whole()
		parts, found := b.parts(whole), circles(whole)
		for _, p := range parts {
			found = append(found, faults(p, true)...)
		}
		if errs := b.mistakes(found); len(errs) > 0 {
			yield(nil, allOf(errs))
			return
		}
		for _, p := range parts {
			if !yield(p, nil) {
				return
			}
		}
	}
}

// What a record takes at most beside its events, with one batch in it, and what an event
// takes at most in its header, with a key or without, in bytes.
const (
	mostHeader    = 200 + MaxName
	mostHead      = 30
	mostSealed    = 30 + maxKeyID + 104 // with two nonces and tags, the commitment, and their lengths
	roomForEvents = MaxRecord - mostHeader
)

// parts cuts a batch where its events, or the texts that they need, would be too much
// for one.
func (b *Builder) parts(whole *Batch) (parts []*Batch) {
	var p *Batch
	size, text := 0, 0
	registered := make(map[uuid.UUID]placed) // how each thing is last
	for i := range whole.Events {
		e := &whole.Events[i]
		source, content := textFor(e, whole.Texts)
		count, n := 1, b.mostSize(e)
		if p != nil {
			if _, there := p.Texts[source]; there {
				content = ""
			}
		}
		thing, registers := thingIn(e)
		last, twice := registered[thing]
		if twice = twice && registers; twice {
			count, n = 2, n+b.mostSize(last.event)
		}
		if p == nil || len(p.Events)+count > MaxEvents || size+n > roomForEvents || text+len(content) > MaxSourceText {
			p = &Batch{Recorder: whole.Recorder, AsOf: whole.AsOf}
			parts = append(parts, p)
			size, text = 0, 0
			content = whole.Texts[source]
		}
		if twice && last.part < len(parts) {
			p.Events = append(p.Events, *last.event) // it is the batch's own, and no revision by others
		}
		if registers {
			registered[thing] = placed{e, len(parts)}
		}
		p.Events = append(p.Events, *e)
		size, text = size+n, text+len(content)
		if content != "" {
			if p.Texts == nil {
				p.Texts = make(map[uuid.UUID]string)
			}
			p.Texts[source] = content
		}
	}
	return parts
}

// placed is an event in one of the parts of a batch.
type placed struct {
	event *Event
	part  int
}

// thingIn returns the source or the entity that an event registers, false if it registers
// none.
func thingIn(e *Event) (thing uuid.UUID, ok bool) {
	switch body := e.Body.(type) {
	case *SourceAdded:
		return body.Source.ID, true
	case *EntityRegistered:
		return body.Entity.ID, true
	}
	return uuid.Nil, false
}

// textFor returns the source of whose text an event speaks, and the text if it is there.
func textFor(e *Event, texts map[uuid.UUID]string) (source uuid.UUID, text string) {
	switch body := e.Body.(type) {
	case *SourceAdded:
		source = body.Source.ID
	case *StatementRecorded:
		source = body.Statement.Source
	}
	return source, texts[source]
}

// mostSize is how many bytes an event takes in a record at most. What cannot be encoded
// is of no size; recording it refuses it.
func (b *Builder) mostSize(e *Event) int {
	body, err := encodeBody(e.Body)
	if err != nil {
		return 0
	}
	if !b.sealed {
		return mostHead + len(body)
	}
	rest, err := encodeBody(remains(e.Body))
	if err != nil {
		return 0
	}
	return mostSealed + len(body) + len(rest)
}
