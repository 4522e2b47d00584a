package query

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/google/uuid"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/option"
)

// Path is a way from one entity to another that passes none twice.
type Path struct {
	Entities []uuid.UUID // in canonical form, both ends included
	Hops     []Hop       // Hops[i] leads from Entities[i] to Entities[i+1]
	// Windows are when all hops can hold at one time, in ascending order. They
	// are given if that was asked for.
	Windows []Window
}

// Hop is what is said to connect two entities, in order of recording. Each
// statement can be read with Load.
type Hop struct {
	Affirmed []graph.Statement // at least one
	Denied   []graph.Statement
	// Speakers are those through whom the hop is known: who speaks in the origins
	// of Affirmed, in canonical form, each once, in that order.
	Speakers []uuid.UUID
}

// PathOptions say which paths [Paths] returns.
type PathOptions struct {
	Most    int // how many paths at most; 0: 5
	Longest int // how many hops a path has at most, up to 8; 0: 4
	// AtOneTime keeps the paths whose hops can all hold at one instant, with the
	// statements that possibly hold at such an instant.
	AtOneTime bool
	// Without are kinds of entity that no path leads through, such as events.Occurrence or
	// events.Place; the two ends may be of any. Nil: none, see [NeighbourOptions].
	Without []events.EntityKind
	// Limit is how many statements are looked at, at most; 0: 1,000,000.
	Limit int
}

// Paths returns the shortest paths between two entities, as the package comment
// defines them: the shortest first, those of one length by the ids of their
// entities. Nil options mean the defaults. There is none from an entity to itself.
// Predicates and directions do not count; for a path along one relation, such as who paid
// whom through how many others, package relations makes a directed graph of it.
//
// It looks around the entities between the two, from both of them by turns, each
// time where fewer statements wait, and around each entity once; what it has
// looked at, it keeps. Where that is more than the limit allows the error is
// [ErrLimit], after the paths that were found until then. Nothing is read from
// the record.
func Paths(ctx context.Context, v graph.View, from, to uuid.UUID, opts *PathOptions) iter.Seq2[*Path, error] {
	return func(yield func(*Path, error) bool) {
		fail := func(err error) { yield(nil, fmt.Errorf("query: paths: %w", err)) }
		o, err := opts.complete()
		if err := cmp.Or(err, ctx.Err()); err != nil {
			fail(err)
			return
		}
		from, to := v.Canonical(from), v.Canonical(to)
		if from == uuid.Nil || to == uuid.Nil || from == to {
			return
		}
		f := &finder{newNet(v, o.Limit), to, o.Longest}
		f.timed, f.without, f.but = o.AtOneTime, o.Without, []uuid.UUID{from, to}
		var open []bundle // each with its best path
		add := func(b bundle) error {
			best, err := f.search(ctx, b)
			if best != nil {
				b.best = best
				open = append(open, b)
			}
			return err
		}
		if err := add(bundle{begin: []uuid.UUID{from}, times: always}); err != nil {
			fail(err)
			return
		}
		for found := 0; len(open) > 0; {
			next := 0
			for i := range open {
				if comparePaths(open[i].best, open[next].best) < 0 {
					next = i
				}
			}
			b := open[next]
			open = slices.Delete(open, next, next+1)
			p, err := f.path(ctx, b.best)
			if err != nil {
				fail(err)
				return
			}
			if p != nil {
				if found++; !yield(p, nil) || found == o.Most {
					return
				}
			}
			for _, rest := range f.split(b) {
				if err := add(rest); err != nil {
					fail(err)
					return
				}
			}
		}
	}
}

// complete returns the options with their defaults filled in.
func (o *PathOptions) complete() (all PathOptions, err error) {
	if o != nil {
		all = *o
	}
	err = cmp.Or(option.Count("Most", &all.Most, 5, math.MaxInt), option.Count("Longest", &all.Longest, 4, maxHops),
		kinds(all.Without), option.Count("Limit", &all.Limit, defaultLimit, math.MaxInt))
	return all, err
}

// comparePaths orders paths by length, then by the ids along them.
func comparePaths(a, b []uuid.UUID) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), slices.CompareFunc(a, b, compareIDs))
}

// finder finds the shortest paths to one entity.
//
// It goes about it as Yen does (Finding the K shortest loopless paths in a
// network, 1971), with Lawler's refinement (A procedure for computing the K best
// solutions, 1972): once the best of a bundle of paths is known, the others fall
// into bundles that have none in common, and the best of each is searched for.
// So what is tried does not grow with the number of ways that lead nowhere.
type finder struct {
	*net
	to      uuid.UUID
	longest int
}

// bundle is all paths that begin with the same entities and then go on to none
// of some.
type bundle struct {
	begin  []uuid.UUID
	barred []uuid.UUID
	times  instants // at which the hops of begin hold
	best   []uuid.UUID
}

// split returns bundles of all paths of one but its best.
func (f *finder) split(b bundle) (rest []bundle) {
	times := b.times
	for i := len(b.begin); i < len(b.best); i++ {
		r := bundle{begin: b.best[:i:i], barred: []uuid.UUID{b.best[i]}, times: times}
		if i == len(b.begin) {
			r.barred = append(r.barred, b.barred...)
		}
		rest = append(rest, r)
		times = times.and(f.between(b.best[i-1], b.best[i]).times)
	}
	return rest
}

// opens reports whether a path of the bundle may go from one entity to another
// once it has come to the last of its beginning.
func (b *bundle) opens(here, there uuid.UUID) bool {
	passed, last := b.begin[:len(b.begin)-1], b.begin[len(b.begin)-1]
	return !slices.Contains(passed, here) && !slices.Contains(passed, there) &&
		(here != last || !slices.Contains(b.barred, there))
}

// ring is the entities that are so many hops away from one, with when they are.
type ring map[uuid.UUID]*reach

type reach struct {
	times instants    // at which it takes so many hops and no fewer
	from  []uuid.UUID // by way of which entities of the ring before
}

// flood is rings around an entity, the entity itself first.
type flood struct {
	rings []ring
	times map[uuid.UUID]instants // at which what is in any of them is reached
}

func newFlood(entity uuid.UUID, times instants) *flood {
	return &flood{[]ring{{entity: {times: times}}}, map[uuid.UUID]instants{entity: times}}
}

func (l *flood) last() ring { return l.rings[len(l.rings)-1] }

// grow adds a ring.
func (f *finder) grow(ctx context.Context, l *flood, opens func(here, there uuid.UUID) bool) error {
	next := make(ring)
	for here, r := range l.last() {
		near, err := f.around(ctx, here)
		if err != nil {
			return err
		}
		for there, t := range near {
			if err := ctx.Err(); err != nil {
				return err
			}
			if len(t.times) == 0 || !opens(here, there) {
				continue
			}
			times := r.times.and(t.times).without(l.times[there])
			if len(times) == 0 {
				continue
			}
			x := next[there]
			if x == nil {
				x = new(reach)
				next[there] = x
			}
			x.times = gather(x.times, times)
			x.from = append(x.from, here)
		}
	}
	for e, r := range next {
		r.times = joined(r.times)
		l.times[e] = l.times[e].or(r.times)
	}
	l.rings = append(l.rings, next)
	return nil
}

// search returns the best path of a bundle, nil if it has none.
func (f *finder) search(ctx context.Context, b bundle) ([]uuid.UUID, error) {
	fore, back := newFlood(b.begin[len(b.begin)-1], b.times), newFlood(f.to, always)
	// However the rings are shared out, two that meet for the first time are as
	// many hops apart as the ends: each instant is on its shortest way.
	for range f.longest - len(b.begin) + 1 {
		if len(fore.last()) == 0 || len(back.last()) == 0 {
			return nil, nil
		}
		var err error
		if f.fewer(fore.last(), back.last()) {
			err = f.grow(ctx, fore, b.opens)
		} else {
			err = f.grow(ctx, back, func(here, there uuid.UUID) bool { return b.opens(there, here) })
		}
		if err != nil {
			return nil, err
		}
		if way, err := f.way(ctx, fore, back); err != nil {
			return nil, err
		} else if way != nil {
			return f.least(b, way), nil
		}
	}
	return nil, nil
}

// way is the entities that the shortest paths may have at each place, with the
// instants at which they lead on from there to the end.
type way []map[uuid.UUID]instants

// way returns the shortest paths between the middles of two floods whose last
// rings meet, nil if they do not.
func (f *finder) way(ctx context.Context, fore, back *flood) (way, error) {
	meet := make(map[uuid.UUID]instants)
	for e, r := range fore.last() {
		if other := back.last()[e]; other != nil {
			if times := r.times.and(other.times); len(times) > 0 {
				meet[e] = times
			}
		}
	}
	if len(meet) == 0 {
		return nil, nil
	}
	w := way{meet}
	for _, r := range slices.Backward(fore.rings[1:]) {
		before := make(map[uuid.UUID]instants)
		for e, times := range w[0] {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			for _, p := range r[e].from {
				if led := times.and(f.between(p, e).times); len(led) > 0 {
					before[p] = gather(before[p], led)
				}
			}
		}
		for p, times := range before {
			before[p] = joined(times)
		}
		w = slices.Insert(w, 0, before)
	}
	for _, r := range slices.Backward(back.rings[:len(back.rings)-1]) {
		after := make(map[uuid.UUID]instants)
		for e, x := range r {
			after[e] = x.times
		}
		w = append(w, after)
	}
	return w, nil
}

// least returns the path on a way that has the smallest id at each place.
func (f *finder) least(b bundle, w way) []uuid.UUID {
	path := slices.Clone(b.begin)
	times := b.times
	for _, place := range w[1:] {
		here := path[len(path)-1]
		var next uuid.UUID
		var then instants
		for e, led := range place {
			t := f.between(here, e)
			if t == nil || !b.opens(here, e) || next != uuid.Nil && compareIDs(next, e) < 0 {
				continue
			}
			if both := times.and(t.times).and(led); len(both) > 0 {
				next, then = e, both
			}
		}
		path, times = append(path, next), then
	}
	return path
}

// path returns a path with what is said of its hops, nil if what has been
// redacted meanwhile leaves none.
func (f *finder) path(ctx context.Context, entities []uuid.UUID) (*Path, error) {
	p := &Path{Entities: entities, Hops: make([]Hop, len(entities)-1)}
	said := make([][]graph.Statement, len(p.Hops))
	common := always
	for i := range said {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for _, s := range f.between(entities[i], entities[i+1]).said {
			if s.Shows(f.v) {
				said[i] = append(said[i], s)
			}
		}
		if f.timed {
			common = common.and(affirmedTimes(said[i]))
		}
	}
	if f.timed {
		p.Windows = slices.Clone(common)
	}
	for i := range p.Hops {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if f.timed {
			said[i] = slices.DeleteFunc(said[i], func(s graph.Statement) bool { return len(possibly(s).and(common)) == 0 })
		}
		p.Hops[i] = hop(said[i])
		if len(p.Hops[i].Affirmed) == 0 {
			return nil, nil
		}
	}
	return p, nil
}

// hop tells affirmations from denials.
func hop(said []graph.Statement) (h Hop) {
	for _, s := range ranks(said) {
		if denies(s.Statement) {
			h.Denied = append(h.Denied, s.Statement)
			continue
		}
		h.Affirmed = append(h.Affirmed, s.Statement)
		speakers, _ := s.Speakers(0)
		h.Speakers = append(h.Speakers, speakers...)
	}
	h.Speakers = eachOnce(h.Speakers)
	return h
}
