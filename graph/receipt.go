package graph

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// Receipt says where a batch was recorded.
type Receipt struct {
	// Position is the batch's, or, if all of its events had been recorded before,
	// that at which the last of them was: the same whenever a program is run again,
	// unless what it mentions is revised or redacted. A view as of it shows them, but for
	// what had been removed by then.
	Position events.Position
	// New is how many of its events had not been recorded before.
	New int
	// Gone are those of its events that had been recorded before and are shown by no
	// view of now, in the batch's order: they have been retracted, replaced or redacted.
	// Recording them again does not bring them back. [View.RemovedBy] tells by what they
	// were retracted or replaced, and retracting that does; a redaction stays.
	Gone []uuid.UUID
}

func (r Receipt) String() string {
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
	return fmt.Sprintf("position %d, %s%s", r.Position, added, gone)
}

// receipt returns that of a batch of which so many events have just been folded.
func (f *fold) receipt(b *events.Batch, added int) Receipt {
	now := f.c.now()
	r := Receipt{Position: events.Position(now.position), New: added}
	if added == len(b.Events) {
		return r // if it has none, all that it is about is redacted
	}
	last := uint32(0)
	for i := range b.Events {
		id := b.Events[i].ID
		n := f.c.events.find(id, now.events-uint32(added))
		if last = max(last, n); n != 0 && (now.rowOf(n) == 0 || f.redacted[n] || f.erased[n]) {
			r.Gone = append(r.Gone, id)
		}
	}
	if added == 0 {
		r.Position = events.Position(now.positionOf(last))
	}
	return r
}
