package graph

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// Receipt says where a batch was recorded.
type Receipt struct {
	// Position is the batch's or, if all of its events had been recorded before,
	// that of the last of them. A view as of it shows them, except for
	// what had been removed by then. It is the same whenever a program is run again,
	// unless what the program mentions is revised or redacted. The first of a source's
	// [View.Registrations] tells where the source was recorded first.
	Position events.Position
	// New is how many of its events had not been recorded before.
	New int
	// Gone are those of its events that had been recorded before and that no view of
	// now shows, in the batch's order: they have been retracted, replaced or redacted.
	// Recording them again does not bring them back. Retracting what retracted or replaced
	// them does ([events.Builder.Restore]), and [View.RemovedBy] tells what that is; a
	// redaction stays.
	Gone []uuid.UUID
	// Revised are those of its events that had been recorded before and stand, but do not
	// hold now, in the batch's order. Another event, not of this batch, has since registered
	// what they register (it may say the same, if it set that back), or declared otherwise a
	// name that they declare. Recording them again does not set it back. An event with an id of
	// its own does, such as a builder of [Graph.NewBatch] makes for what it says of a source
	// or an entity, or is told to Add; so does retracting what has revised it.
	Revised []uuid.UUID
	// Restored are events of earlier batches that did not stand before this batch and stand
	// because of it, in the order in which they were recorded. The batch retracts a retraction
	// that had removed them, or a statement that had replaced them
	// ([events.Builder.RetractVersions] takes back both).
	Restored []uuid.UUID
}

// String returns the receipt in one line. The zero receipt, that of a batch which was not
// recorded, says so.
func (r Receipt) String() string {
	if r.Position == 0 {
		return "nothing recorded"
	}
	added, gone := "nothing new", ""
	switch r.New {
	case 0:
	case 1:
		added = "1 new event"
	default:
		added = fmt.Sprintf("%d new events", r.New)
	}
	if len(r.Gone) > 0 {
		gone = fmt.Sprintf("; on record already, but retracted or replaced (View.RemovedBy tells by what), or redacted for good: %d", len(r.Gone))
	}
	if len(r.Revised) > 0 {
		gone += fmt.Sprintf("; on record already, but revised since: %d", len(r.Revised))
	}
	if len(r.Restored) > 0 {
		gone += fmt.Sprintf("; standing again because of it: %d", len(r.Restored))
	}
	return fmt.Sprintf("position %d, %s%s", r.Position, added, gone)
}

// receipt returns that of a batch of which so many events have just been folded.
func (f *fold) receipt(b *events.Batch, added int) Receipt {
	now := f.c.now()
	r := Receipt{Position: events.Position(now.position), New: added}
	if added > 0 && slices.ContainsFunc(b.Events, func(e events.Event) bool { return e.Kind() == events.KindRetracted }) {
		r.Restored = f.restored(&now)
	}
	if added == len(b.Events) {
		return r // if it has none, all that it is about is redacted
	}
	last, own := uint32(0), ownEvents{f: f, batch: b}
	for i := range b.Events {
		id := b.Events[i].ID
		n := f.c.events.find(id, now.events-uint32(added))
		switch last = max(last, n); {
		case n == 0:
		case now.rowOf(n) == 0 || f.redacted[n] || f.erased[n]:
			r.Gone = append(r.Gone, id)
		case f.isRevised(n, &now, &own):
			r.Revised = append(r.Revised, id)
		}
	}
	if added == 0 {
		r.Position = events.Position(now.positionOf(last))
	}
	return r
}

// restored returns the events of earlier batches that the last one has made stand again.
func (f *fold) restored(now *moment) (ids []uuid.UUID) {
	before := *now
	before.asOf(now.position - 1)
	var ns []uint32
	for row := before.rows; row < now.rows; row++ {
		n := f.c.rows.event.at(row)
		if n < f.c.batches.at(before.position).last && before.rowOf(n) == 0 && now.rowOf(n) == row && !f.redacted[n] {
			ns = append(ns, n)
		}
	}
	slices.Sort(ns)
	for _, n := range ns {
		ids = append(ids, *f.c.events.id.at(n))
	}
	return ids
}

// isRevised reports whether another holds now in the place of an event that stands, and is
// not one of the batch's own. What declares the same does not count. What registers the
// same does: most of a registration is in the store only, and whoever records waits while
// this is found out.
func (f *fold) isRevised(n uint32, now *moment, own *ownEvents) bool {
	others := func(is uint32) bool { return is != n && is != 0 && !f.redacted[is] && !own.has(is) }
	registered := func(head *uint32) bool { return others(f.c.rows.event.at(now.newest(head, false))) }
	switch c := f.c; c.events.kind(n) {
	case events.KindSourceAdded:
		return registered(c.sources.head.at(c.registered.at(c.whatOf(n)).source))
	case events.KindEntityRegistered:
		return registered(c.entities.head.at(c.namings.at(c.whatOf(n)).entity))
	case events.KindVocabularyDeclared:
		d := f.declarations[n]
		declared := func(name string, said saidOf) bool {
			is := f.declaration(now, name, said)
			return others(is) && !bytes.Equal(said(f.declarations[is], name), said(d, name))
		}
		return slices.ContainsFunc(d.Predicates, func(p events.Predicate) bool { return declared(p.Name, predicateSaid) }) ||
			slices.ContainsFunc(d.Schemes, func(s events.Scheme) bool { return declared(s.Name, schemeSaid) })
	}
	return false
}
