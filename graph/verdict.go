package graph

import (
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
)

// Verdict is a recorder's judgement on whether two entities are one.
// [View.Event] has the whole of it.
type Verdict struct {
	ID      uuid.UUID // of the event
	A, B    uuid.UUID // as they were judged
	Verdict events.Verdict
}

// Verdicts returns the standing verdicts on an entity and on those that are the
// same, in the order in which they were recorded. It reads nothing from the
// record.
func (v View) Verdicts(entity uuid.UUID) (found []Verdict) {
	var ns []uint32
	for _, e := range v.members(entity) {
		v.m.verdictsOn(e, func(_ uint32, _ events.Verdict, event uint32) bool {
			ns = append(ns, event)
			return true
		})
	}
	slices.Sort(ns)
	for _, n := range slices.Compact(ns) {
		x := v.m.c.verdicts.at(v.m.c.whatOf(n))
		found = append(found, Verdict{*v.m.c.events.id.at(n), *v.m.c.entities.id.at(x.a), *v.m.c.entities.id.at(x.b), x.verdict})
	}
	return found
}

// Entities returns the entities that are registered as of the view's position,
// each cluster once by its canonical id, in the order in which the first of
// their members was first registered. It looks through all entities and reads
// nothing from the record. The sequence may be ranged over again.
func (v View) Entities() iter.Seq[uuid.UUID] {
	return func(yield func(uuid.UUID) bool) {
		met := make(map[uint32]bool) // members of clusters that have come
		for n := uint32(1); n < v.m.entities; n++ {
			if met[n] || v.m.newest(v.m.c.entities.head.at(n), true) == 0 {
				continue
			}
			cluster := v.m.cluster(nil, n)
			for _, e := range cluster[1:] {
				met[e] = true
			}
			if !yield(v.sortedIDs(cluster)[0]) {
				return
			}
		}
	}
}
