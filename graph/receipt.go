package graph

import (
	"fmt"

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
}

func (r Receipt) String() string {
	switch r.New {
	case 0:
		return fmt.Sprintf("position %d, nothing new", r.Position)
	case 1:
		return fmt.Sprintf("position %d, 1 new event", r.Position)
	}
	return fmt.Sprintf("position %d, %d new events", r.Position, r.New)
}

// receipt returns that of a batch of which so many events have just been folded.
func (f *fold) receipt(b *events.Batch, added int) Receipt {
	now := f.c.now()
	if added > 0 {
		return Receipt{events.Position(now.position), added}
	}
	if len(b.Events) == 0 {
		return Receipt{Position: events.Position(now.position)} // all that it is about is redacted
	}
	last := uint32(0)
	for i := range b.Events {
		last = max(last, f.c.events.find(b.Events[i].ID, now.events))
	}
	return Receipt{Position: events.Position(now.positionOf(last))}
}
