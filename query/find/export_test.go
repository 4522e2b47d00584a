package find

import (
	"context"

	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/disk"
)

// OpenOn is Open on a disk.
func OpenOn(ctx context.Context, d *disk.Disk, g *graph.Graph, path string) (*Index, error) {
	return openIndex(ctx, g, path, d.Name)
}

// What spelling is, for the slow model that says who is alike.
var (
	Latin = latin
	Sound = sound
)

// Score compares two names.
func Score(asked, name string) float64 {
	w, err := want(asked)
	if err != nil {
		panic(err)
	}
	return w.score(name)
}

// Leaves returns how many entries have been deleted whose bytes may still be in the
// file.
func (x *Index) Leaves() (int64, error) {
	d := <-x.turn
	defer func() { x.turn <- d }()
	return d.number(`SELECT leaves FROM onrecord_find_state`)
}
