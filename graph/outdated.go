package graph

import (
	"bytes"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// outdated refuses a batch if one of its new events, of which it is given the places,
// registers or declares what others have revised since the position as of which the batch
// was begun. What its sequence has recorded is its own.
func (f *fold) outdated(b *events.Batch, fresh []int, s *sequence) error {
	now := f.c.now()
	begun, last := events.Position(0), events.Position(now.position)
	if b.AsOf != nil {
		if begun = *b.AsOf; begun > last {
			return beyond("Batch.AsOf", begun, last)
		} else if begun == last {
			return nil
		}
	}
	r := revisions{f: f, now: now, begun: now, own: ownEvents{f: f, batch: b, sequence: s}}
	r.begun.asOf(uint32(begun))
	for _, i := range fresh {
		e := &b.Events[i]
		asOf := max(begun, e.AsOf)
		switch {
		case asOf > last:
			return beyond(fmt.Sprintf("event %d (%v %v): AsOf", i, e.Kind(), e.ID), asOf, last)
		case asOf == last, b.AsOf == nil && e.AsOf == 0:
			continue
		}
		r.then = now
		r.then.asOf(uint32(asOf))
		if what, by := r.of(e); by != 0 {
			return fmt.Errorf("event %d (%v %v): %s: %w, as of position %d, see event %v%s: build the batch anew",
				i, e.Kind(), e.ID, what, ErrOutdated, asOf, *f.c.events.id.at(by), f.howRetracted(by))
		}
	}
	return nil
}

// howRetracted says who has retracted something by an event, when and why; nothing of an event
// that is no retraction, or cannot be read.
func (f *fold) howRetracted(by uint32) string {
	recorder, reason := f.Retraction(*f.c.events.id.at(by))
	if recorder == "" {
		return ""
	}
	now := f.c.now()
	position := now.positionOf(by)
	at := time.Unix(0, f.c.batches.at(position).at).UTC().Format(time.RFC3339)
	text := fmt.Sprintf(", by which %.80q retracted it at position %d (%s)", recorder, position, at)
	if reason != "" {
		text += fmt.Sprintf(", because %.80q", reason)
	}
	return text
}

// beyond is the error of knowing the record as of where it has not come to.
func beyond(what string, asOf, last events.Position) error {
	return fmt.Errorf("%s %d: the record is at position %d, want one that it has reached: %w", what, asOf, last, events.ErrInvalid)
}

// revisions are those of others since a batch was begun.
type revisions struct {
	f         *fold
	then, now moment // then is that as of which the event in hand is known
	begun     moment // of the batch
	own       ownEvents
	redacted  map[*uint32]uint32 // the last redaction since that, by what its target registers; nil: not looked up
}

// of returns what an event registers or declares and others have revised, and an event by
// which they have, 0 if there is none.
func (r *revisions) of(e *events.Event) (what string, by uint32) {
	c := r.f.c
	switch body := e.Body.(type) {
	case *events.SourceAdded:
		if n := c.sources.find(body.Source.ID, c.sources.id.n); n != 0 {
			by = r.registered(c.sources.head.at(n))
		}
		if by != 0 {
			what = fmt.Sprintf("source %q (%v)", body.Source.URL, body.Source.ID)
		}
	case *events.EntityRegistered:
		if n := r.f.entity(body.Entity.ID); n != 0 {
			by = r.registered(c.entities.head.at(n))
		}
		if by != 0 {
			what = fmt.Sprintf("entity %q (%v)", body.Entity.Name.Text, body.Entity.ID)
		}
	case *events.VocabularyDeclared:
		for i := range body.Predicates {
			name := body.Predicates[i].Name
			if by = r.declared(body, name, predicateSaid); by != 0 {
				return fmt.Sprintf("predicate %q", name), by
			}
		}
		for i := range body.Schemes {
			name := body.Schemes[i].Name
			if by = r.declared(body, name, schemeSaid); by != 0 {
				return fmt.Sprintf("scheme %q", name), by
			}
		}
	}
	return what, by
}

// registered returns the event by which others have changed how a thing is registered.
func (r *revisions) registered(head *uint32) (by uint32) {
	c := r.f.c
	was, is := c.rows.event.at(r.then.newest(head, false)), c.rows.event.at(r.now.newest(head, false))
	if was != is {
		by = r.others(was, is)
	}
	if by == 0 {
		by = r.redaction(head)
	}
	if by == 0 && is == 0 {
		by = r.retracted(head)
	}
	return by
}

// redaction returns the last event by which others have redacted what registers a thing since
// then, 0 if there is none.
func (r *revisions) redaction(head *uint32) uint32 {
	if r.redacted == nil {
		r.lookUpRedacted()
	}
	if by := r.redacted[head]; by != 0 && r.now.positionOf(by) > r.then.position {
		return by
	}
	return 0
}

// retracted returns the event by which others have retracted what registers a thing and has
// come to stand since then, 0 if there is none: nobody who looked then knows of it.
func (r *revisions) retracted(head *uint32) (by uint32) {
	c := r.f.c
	list := c.post.find(atomic.LoadUint32(head), keyRegistered, r.now.lists)
	c.post.since(list, r.then.rows, r.now.rows, func(row uint32) bool {
		if n := r.f.closer(c.rows.event.at(row)); n != 0 && !r.own.has(n) {
			by = n
		}
		return true
	})
	return by
}

// lookUpRedacted finds what is registered by the events that have been redacted since
// the batch was begun.
func (r *revisions) lookUpRedacted() {
	c := r.f.c
	r.redacted = map[*uint32]uint32{}
	begin := c.batches.at(r.begun.position).rows
	list := c.post.find(atomic.LoadUint32(c.events.head.at(0)), keyRedactions, r.now.lists)
	c.post.since(list, begin, r.now.rows, func(row uint32) bool {
		target, by := c.rows.what(row), c.rows.event.at(row)
		switch {
		case target == 0 || r.own.has(by):
		case c.events.kind(target) == events.KindSourceAdded:
			r.redacted[c.sources.head.at(c.registered.at(c.whatOf(target)).source)] = by
		case c.events.kind(target) == events.KindEntityRegistered:
			r.redacted[c.entities.head.at(c.namings.at(c.whatOf(target)).entity)] = by
		}
		return true
	})
}

// declared returns the event by which others have changed how a name is declared, unless
// what holds now is what the body says, too.
func (r *revisions) declared(body *events.VocabularyDeclared, name string, said saidOf) (by uint32) {
	was, is := r.f.declaration(&r.then, name, said), r.f.declaration(&r.now, name, said)
	if was == is || is != 0 && bytes.Equal(said(r.f.declarations[is], name), said(body, name)) {
		return 0
	}
	return r.others(was, is)
}

// others returns the event to blame for one being the newest now that was not, 0 if it is
// the batch's own.
func (r *revisions) others(was, is uint32) (by uint32) {
	if by = is; is < was {
		by = r.f.closer(was)
	}
	if r.own.has(by) {
		return 0
	}
	return by
}

// ownEvents are those of a batch, and of its sequence.
type ownEvents struct {
	f        *fold
	batch    *events.Batch
	sequence *sequence          // nil: none
	ids      map[uuid.UUID]bool // nil: nobody has asked
}

func (o *ownEvents) has(event uint32) bool {
	if o.ids == nil {
		o.ids = make(map[uuid.UUID]bool, len(o.batch.Events))
		for i := range o.batch.Events {
			o.ids[o.batch.Events[i].ID] = true
		}
	}
	if o.ids[*o.f.c.events.id.at(event)] {
		return true
	}
	if o.sequence == nil {
		return false
	}
	now := o.f.c.now()
	return o.sequence.has(now.positionOf(event))
}

// saidOf returns what a declaration says of a name, encoded; nil if it says nothing.
type saidOf func(d *events.VocabularyDeclared, name string) []byte

func predicateSaid(d *events.VocabularyDeclared, name string) []byte {
	if p := predicateIn(d, name); p != nil {
		return encoded(&events.VocabularyDeclared{Predicates: []events.Predicate{*p}})
	}
	return nil
}

func schemeSaid(d *events.VocabularyDeclared, name string) []byte {
	if s := schemeIn(d, name); s != nil {
		return encoded(&events.VocabularyDeclared{Schemes: []events.Scheme{*s}})
	}
	return nil
}

// encoded encodes a part of what has been encoded before.
func encoded(d *events.VocabularyDeclared) []byte {
	data, err := events.EncodeBody(d)
	if err != nil {
		return []byte(err.Error())
	}
	return data
}

// declaration returns the newest event that says something of a name and stands as of a
// moment, 0 if there is none.
func (f *fold) declaration(m *moment, name string, said saidOf) (newest uint32) {
	s := f.c.symbols.find(name, m.symbols)
	if s == 0 {
		return 0
	}
	for _, n := range slices.Backward(m.eventsIn(f.c.symbols.head.at(s), keyDeclared)) {
		if said(f.declarations[n], name) != nil {
			return n
		}
	}
	return 0
}
