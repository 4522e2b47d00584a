package main

import (
	"math/rand/v2"

	"github.com/google/uuid"
)

// yardstick is work that does not change with the library: a thousand look-ups
// of random ids in a map of 65,536. What has nothing to be compared with is
// measured in it, so that its ratio survives, roughly, a change of machine.
type yardstick struct {
	ids   []uuid.UUID
	known map[uuid.UUID]int
	sum   int
}

func newYardstick() *yardstick {
	random := rand.New(rand.NewPCG(5, 6))
	y := &yardstick{known: make(map[uuid.UUID]int)}
	for i := range 1 << 16 {
		var id uuid.UUID
		for k := range id {
			id[k] = byte(random.Uint32())
		}
		y.known[id] = i
		if i%65 == 0 && len(y.ids) < 1000 {
			y.ids = append(y.ids, id)
		}
	}
	random.Shuffle(len(y.ids), func(i, j int) { y.ids[i], y.ids[j] = y.ids[j], y.ids[i] })
	return y
}

// measure does the work once. It is a way.
func (y *yardstick) measure() error {
	for _, id := range y.ids {
		y.sum += y.known[id]
	}
	return nil
}
