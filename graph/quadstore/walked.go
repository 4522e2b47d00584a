package quadstore

import (
	"sync"

	"github.com/onrecord/onrecord/graph"
)

// walked remembers of nodes that may be everywhere whether a view shows them, so
// that it is walked through once for each. Its methods may be called from several
// goroutines at once.
type walked struct {
	numbers *graph.Numbers

	mu         sync.Mutex
	redactions uint32 // when they were looked for
	nodes      map[node]node
}

// find returns the node, or 0 if the view does not show it, as walk says.
func (w *walked) find(n node, walk func() (node, error)) (node, error) {
	now := w.numbers.Redactions()
	w.mu.Lock()
	found, known := w.nodes[n]
	known = known && w.redactions == now
	w.mu.Unlock()
	if known {
		return found, nil
	}
	found, err := walk()
	if err != nil {
		return found, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.redactions != now || w.nodes == nil {
		w.redactions, w.nodes = now, map[node]node{}
	}
	w.nodes[n] = found
	return found, nil
}
