package graph

import "github.com/onrecord/onrecord/events"

// cluster is the entities that are the same as one, and what is held to be different
// from them. The fold keeps those that it has been asked for, for its checks, as verdicts
// are added; when one falls, the cluster is forgotten, and all are when one is taken back.
type cluster struct {
	members   []uint32
	different []difference
	within    *difference // one between two members, which only a record that was not checked has
}

// difference is a standing verdict that holds a member to be different from another entity.
type difference struct{ member, other, event uint32 }

// keptClusters is how many entities may be in clusters that are kept from one batch to
// the next.
const keptClusters = 1 << 16

// cluster returns the cluster of an entity. One that is not kept costs a walk over the
// verdicts on its members, which counts as moved: a batch could have it forgotten again
// and again.
func (f *fold) cluster(entity uint32) *cluster {
	if c := f.clusters[entity]; c != nil {
		return c
	}
	here := f.here()
	c := &cluster{members: here.cluster(nil, entity)}
	for _, e := range c.members {
		f.clusters[e] = c
	}
	for _, e := range c.members {
		here.verdictsOn(e, func(other uint32, v events.Verdict, event uint32) bool {
			f.moved += 2
			if v == events.Different {
				f.differs(c, difference{e, other, event})
			}
			return true
		})
	}
	return c
}

func (f *fold) differs(c *cluster, d difference) {
	c.different = append(c.different, d)
	if f.clusters[d.other] == c {
		c.within = &d
	}
}

// differ returns a verdict that holds a member of a's cluster to be different from one,
// the other, of b's.
func (f *fold) differ(a, b uint32) (d difference, ok bool) {
	x, y := f.cluster(a), f.cluster(b)
	if x == y {
		if x.within == nil {
			return difference{}, false
		}
		return *x.within, true
	}
	turned := len(y.different) < len(x.different)
	if turned {
		x, y = y, x
	}
	for _, d := range x.different {
		if f.clusters[d.other] == y {
			if turned {
				d.member, d.other = d.other, d.member
			}
			return d, true
		}
	}
	return difference{}, false
}

// judged takes a verdict into the clusters that are kept, which now stands.
func (f *fold) judged(event uint32, v verdict) {
	f.judgements++
	x, y := f.clusters[v.a], f.clusters[v.b]
	switch {
	case v.verdict == events.Different:
		if x != nil {
			f.differs(x, difference{v.a, v.b, event})
		}
		if y != nil {
			f.differs(y, difference{v.b, v.a, event})
		}
	case v.verdict != events.Same || x == y:
	case x == nil || y == nil:
		f.forget(x)
		f.forget(y)
	default:
		f.join(x, y)
	}
}

// join makes one cluster of two.
func (f *fold) join(x, y *cluster) {
	if len(x.members)+len(x.different) < len(y.members)+len(y.different) {
		x, y = y, x
	}
	if x.within == nil {
		x.within = y.within
	}
	for i, d := range y.different {
		if f.clusters[d.other] == x {
			x.within = &y.different[i]
		}
	}
	for _, e := range y.members {
		f.clusters[e] = x
	}
	x.members, x.different = append(x.members, y.members...), append(x.different, y.different...)
}

// fell forgets the clusters of a verdict that stands no more.
func (f *fold) fell(v verdict) {
	f.judgements++
	f.forget(f.clusters[v.a])
	f.forget(f.clusters[v.b])
}

func (f *fold) forget(c *cluster) {
	if c != nil {
		for _, e := range c.members {
			delete(f.clusters, e)
		}
	}
}
