package events

import (
	"iter"
	"slices"

	"github.com/google/uuid"
)

// Batches returns what Batch does in as many batches as the limits ask for
// ([MaxEvents], [MaxRecord], [MaxSourceText]), in the same order, so that what is
// referred to comes before. Use it for a table of more rows than one batch takes, with
// graph.Graph.RecordAll. If there is a mistake it yields the error of Batch, and no batch.
// If there is nothing to record it yields nothing.
//
// Each batch is recorded whole or not at all, but not all of them together: after an
// error the first ones are on record. To go on, range over the sequence again and record
// all of it, or build it anew, with [Builder.Occasion] if there are decisions in it. What is
// on record already is left out.
//
// It holds all events in memory, and encodes each once more to learn its size. The text
// of a source comes with each batch that has statements from it. What [Builder.RetractVersions]
// takes back together stays in one batch. The sequence may be ranged over again.
func (b *Builder) Batches() iter.Seq2[*Batch, error] {
	return func(yield func(*Batch, error) bool) {
		whole := b.whole()
		parts, t := b.parts(whole), b.mistakes()
		t.circles(whole)
		t.leaveTold()
		for _, p := range parts {
			if t.check(p, true); t.whole {
				break
			}
		}
		if err := b.errOf(t); err != nil {
			yield(nil, err)
			return
		}
		for _, p := range parts {
			if !yield(p, nil) {
				return
			}
		}
	}
}

// leaveTold has each event's fault told once from here on: an event may be in several parts.
func (t *tally) leaveTold() {
	leaves, told := t.leaves, make(map[uuid.UUID]bool)
	t.leaves = func(e *Error) bool {
		if told[e.ID] || leaves != nil && leaves(e) {
			return true
		}
		told[e.ID] = e.ID != uuid.Nil // which the fault of a whole part has
		return false
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
	last := make(map[revisable]*placed) // what registers or declares it
	for i := range whole.Events {
		e := &whole.Events[i]
		source, content := textFor(e, whole.Texts)
		if p != nil {
			if _, there := p.Texts[source]; there {
				content = ""
			}
		}
		things := registeredIn(e)
		again := func() (before []*placed, n int) { // what it revises, where that is in an earlier part
			n = b.mostSize(e)
			for _, what := range things {
				if was := last[what]; was != nil && was.part < len(parts) && !slices.Contains(before, was) {
					before, n = append(before, was), n+b.mostSize(was.event)
				}
			}
			return before, n
		}
		before, n := again()
		behind, rest := whole.Events[i+1:min(i+1+b.together[e.ID], len(whole.Events))], 0
		for k := range behind {
			rest += b.mostSize(&behind[k])
		}
		if p == nil || len(p.Events)+len(before)+1+len(behind) > MaxEvents || size+n+rest > roomForEvents || text+len(content) > MaxSourceText {
			p = &Batch{Recorder: whole.Recorder, AsOf: whole.AsOf}
			parts = append(parts, p)
			size, text = 0, 0
			content = whole.Texts[source]
			before, n = again()
		}
		for _, was := range before {
			p.Events = append(p.Events, *was.event) // it is the batch's own, and no revision by others
			was.part = len(parts)
		}
		if len(things) > 0 {
			here := &placed{e, len(parts)}
			for _, what := range things {
				last[what] = here
			}
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

// placed is an event in one of the parts of a batch, the last that it is in.
type placed struct {
	event *Event
	part  int
}

// revisable is what a later event may revise: a source or an entity, or the name of a predicate
// or of a scheme.
type revisable struct {
	thing             uuid.UUID
	predicate, scheme string
}

// registeredIn returns what an event registers or declares.
func registeredIn(e *Event) (things []revisable) {
	switch body := e.Body.(type) {
	case *SourceAdded:
		things = append(things, revisable{thing: body.Source.ID})
	case *EntityRegistered:
		things = append(things, revisable{thing: body.Entity.ID})
	case *VocabularyDeclared:
		for i := range body.Predicates {
			things = append(things, revisable{predicate: body.Predicates[i].Name})
		}
		for i := range body.Schemes {
			things = append(things, revisable{scheme: body.Schemes[i].Name})
		}
	}
	return things
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
