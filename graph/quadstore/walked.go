package quadstore

import (
	"sync"
	"sync/atomic"

	"github.com/onrecord/onrecord/graph"
)

// walked remembers all nodes, when they have been listed, and before that of those that
// may be everywhere whether a view shows them, so that it is walked through once for
// each. Its methods may be called from several goroutines at once.
type walked struct {
	numbers *graph.Numbers
	listing atomic.Pointer[listing] // nil: none is made yet

	mu         sync.Mutex
	redactions uint32 // when they were looked for
	nodes      map[node]bool
}

// shows reports whether the view shows a node, as walk says.
func (w *walked) shows(n node, walk func() (bool, error)) (bool, error) {
	now := w.numbers.Redactions()
	w.mu.Lock()
	shown, known := w.nodes[n]
	known = known && w.redactions == now
	w.mu.Unlock()
	if known {
		return shown, nil
	}
	shown, err := walk()
	if err != nil {
		return false, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.redactions != now || w.nodes == nil {
		w.redactions, w.nodes = now, map[node]bool{}
	}
	w.nodes[n] = shown
	return shown, nil
}
