package graph

import (
	"bytes"
	"slices"

	"github.com/onrecord/onrecord/events"
)

// verdictsOn calls yield with the standing verdicts on an entity: the other
// entity and the event.
func (m *moment) verdictsOn(entity uint32, yield func(other uint32, v events.Verdict, event uint32) bool) {
	if m.verdictsIn(entity, keySame, yield) {
		m.verdictsIn(entity, keyVerdict, yield)
	}
}

// verdictsIn does so with those in one list. It reports whether yield always did.
func (m *moment) verdictsIn(entity, key uint32, yield func(other uint32, v events.Verdict, event uint32) bool) bool {
	if entity == 0 || entity >= m.entities || m.verdicts <= 1 {
		return true
	}
	cur := m.open(m.c.entities.head.at(entity), key)
	for r := cur.next(); r != 0; r = cur.next() {
		e := m.c.rows.event.at(r)
		v := m.c.verdicts.at(m.c.rows.what(r))
		other := v.a
		if other == entity {
			other = v.b
		}
		if !yield(other, v.verdict, e) {
			return false
		}
	}
	return true
}

// cluster appends the entities that are the same as this one, itself first, then by
// distance.
func (m *moment) cluster(to []uint32, entity uint32) []uint32 {
	first := len(to)
	to = append(to, entity)
	if m.verdicts <= 1 {
		return to
	}
	var known map[uint32]bool // once there are more than a few
	for i := first; i < len(to); i++ {
		m.verdictsIn(to[i], keySame, func(other uint32, _ events.Verdict, _ uint32) bool {
			if known[other] || known == nil && slices.Contains(to[first:], other) {
				return true
			}
			to = append(to, other)
			switch {
			case known != nil:
				known[other] = true
			case len(to)-first > 16:
				known = make(map[uint32]bool)
				for _, e := range to[first:] {
					known[e] = true
				}
			}
			return true
		})
	}
	return to
}

// canonical returns the member of the entity's cluster with the smallest id.
func (m *moment) canonical(entity uint32) uint32 {
	best := entity
	if m.verdicts <= 1 {
		return best
	}
	var room [8]uint32
	for _, e := range m.cluster(room[:0], entity)[1:] {
		if a, b := m.c.entities.id.at(e), m.c.entities.id.at(best); bytes.Compare(a[:], b[:]) < 0 {
			best = e
		}
	}
	return best
}

// step is one link of a chain of verdicts: the entity and the verdict that led
// to it from the one before.
type step struct{ entity, event uint32 }

// chain returns a shortest chain of "same" from a to b, a first, nil if there
// is none.
func (m *moment) chain(a, b uint32) []step {
	from := map[uint32]step{a: {}}
	for queue := []uint32{a}; len(queue) > 0; queue = queue[1:] {
		if queue[0] == b {
			steps := []step{}
			for at := b; ; {
				s := from[at]
				steps = append(steps, step{at, s.event})
				if at == a {
					break
				}
				at = s.entity
			}
			slices.Reverse(steps)
			return steps
		}
		m.verdictsIn(queue[0], keySame, func(other uint32, _ events.Verdict, event uint32) bool {
			if _, known := from[other]; !known {
				from[other] = step{queue[0], event}
				queue = append(queue, other)
			}
			return true
		})
	}
	return nil
}
