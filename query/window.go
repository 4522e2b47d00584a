package query

import (
	"cmp"
	"slices"

	"github.com/onrecord/onrecord/events/edtf"
	"github.com/onrecord/onrecord/graph"
)

// Window is a stretch of time, in seconds since 1970-01-01T00:00:00Z, both ends
// included: [edtf.MinInstant] and [edtf.MaxInstant] where it is open.
type Window struct{ First, Last int64 }

// instants are windows in ascending order that neither overlap nor touch. They
// are never changed, so they may be shared.
type instants []Window

var always = instants{{edtf.MinInstant, edtf.MaxInstant}}

// possibly returns the instants at which a statement's claim possibly holds.
func possibly(s graph.Statement) instants {
	var all []Window
	for _, x := range s.Constraint().Stretches {
		all = append(all, Window{x.StartMin, x.EndMax})
	}
	if all == nil {
		return always
	}
	return joined(all)
}

// joined returns the instants that lie in any of the windows, which it sorts.
func joined(all []Window) (set instants) {
	if len(all) == 1 {
		return all
	}
	slices.SortFunc(all, func(a, b Window) int { return cmp.Compare(a.First, b.First) })
	for _, w := range all {
		if n := len(set); n > 0 && (set[n-1].Last == edtf.MaxInstant || w.First <= set[n-1].Last+1) {
			set[n-1].Last = max(set[n-1].Last, w.Last)
			continue
		}
		set = append(set, w)
	}
	return set
}

func (a instants) always() bool { return len(a) == 1 && a[0] == always[0] }

// gather adds instants to windows, of which joined makes one set in the end. Where either
// are all times it returns these alone. It joins the windows whenever they have doubled, so
// that they take memory as the set does, however often the same is added.
func gather(all []Window, more instants) []Window {
	if instants(all).always() {
		return all
	}
	if more.always() {
		return always
	}
	if len(all)+len(more) > cap(all) {
		all = joined(all)
		all = slices.Grow(all, max(len(all), len(more)))
	}
	return append(all, more...)
}

// or returns the instants in a or b.
func (a instants) or(b instants) instants {
	switch {
	case len(a) == 0 || b.always():
		return b
	case len(b) == 0 || a.always():
		return a
	}
	return joined(slices.Concat(a, b))
}

// and returns the instants in both. What few windows of one have in common with many of
// the other is searched for, not walked to.
func (a instants) and(b instants) (both instants) {
	switch {
	case b.always():
		return a
	case a.always():
		return b
	}
	for len(a) > 0 && len(b) > 0 {
		if a = a.from(b[0].First); len(a) == 0 {
			break
		}
		if b = b.from(a[0].First); len(b) == 0 {
			break
		}
		if first, last := max(a[0].First, b[0].First), min(a[0].Last, b[0].Last); first <= last {
			both = append(both, Window{first, last})
		}
		if a[0].Last < b[0].Last {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return both
}

// from returns the windows that do not end before an instant.
func (a instants) from(first int64) instants {
	if len(a) == 0 || a[0].Last >= first {
		return a
	}
	i, _ := slices.BinarySearchFunc(a, first, func(w Window, first int64) int { return cmp.Compare(w.Last, first) })
	return a[i:]
}

// without returns the instants in a that are not in b.
func (a instants) without(b instants) (rest instants) {
	if len(b) == 0 {
		return a
	}
	for _, w := range a {
		b = b.from(w.First)
		whole := true // up to the end of w
		for _, x := range b {
			if x.First > w.Last {
				break
			}
			if x.First > w.First {
				rest = append(rest, Window{w.First, x.First - 1})
			}
			if whole = x.Last < w.Last; !whole {
				break
			}
			w.First = x.Last + 1
		}
		if whole {
			rest = append(rest, w)
		}
	}
	return rest
}
