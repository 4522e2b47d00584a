package quadstore

import (
	"sync/atomic"

	cayley "github.com/cayleygraph/cayley/graph"

	"github.com/onrecord/onrecord/events"
)

// Key makes a node Cayley's reference of one.
func (n node) Key() any { return n }

// predicate is the reference of a node that a quad has as its predicate. In a step
// that it has not planned, as in a recursion, Cayley asks each quad for it, and then
// for its key: with both made once, that takes no memory.
type predicate struct {
	node
	key any
}

func (p *predicate) Key() any { return p.key }

// nodeIn returns the node that a reference is of, and false if it is no node's.
func nodeIn(r cayley.Ref) (node, bool) {
	switch r := r.(type) {
	case node:
		return r, true
	case *node:
		return *r, true
	case *predicate:
		return r.node, true
	}
	return 0, false
}

// refOf returns a node as a reference, nil if it is none.
func refOf(n node) cayley.Ref {
	if n == 0 {
		return nil
	}
	return n
}

// refs makes references of the nodes that a walk comes to, with memory for some at a
// time.
type refs struct{ room []node }

func (r *refs) of(n node) cayley.Ref {
	if n == 0 {
		return nil
	}
	if len(r.room) == cap(r.room) {
		r.room = make([]node, 0, min(64, 2*cap(r.room)+1))
	}
	r.room = append(r.room, n)
	return &r.room[len(r.room)-1]
}

// predicates are such references, by the kinds and the numbers of their nodes, of which
// there are few. Its methods may be called from several goroutines at once.
type predicates [voiceKind + 1][]atomic.Pointer[predicate]

// newPredicates makes room; symbols is the number after the last symbol.
func newPredicates(symbols uint32) *predicates {
	return &predicates{
		predicateKind: make([]atomic.Pointer[predicate], symbols),
		roleKind:      make([]atomic.Pointer[predicate], symbols),
		unitKind:      make([]atomic.Pointer[predicate], symbols),
		partKind:      make([]atomic.Pointer[predicate], lastPart+1),
		voiceKind:     make([]atomic.Pointer[predicate], voiceNode(events.MaxVoices, 0).number()),
	}
}

// ref returns the reference of a node, nil if it is none.
func (p *predicates) ref(n node) cayley.Ref {
	slots := p[n.kind()]
	if int(n.number()) >= len(slots) {
		return refOf(n) // a later view's
	}
	slot := &slots[n.number()]
	if known := slot.Load(); known != nil {
		return known
	}
	made := &predicate{n, n}
	slot.Store(made)
	return made
}
