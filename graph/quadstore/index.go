package quadstore

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
)

// class is quads that are remembered together: all with a predicate, which it is then, or
// with an object of some kind, which it has then with the number 0, or all of the star that
// have an entity or a literal as object, which it is then.
type class node

// kindClass returns the class of the quads whose objects are of a kind.
func kindClass(k kind) class { return class(k) << 32 }

// classOf returns the class with all quads that match a pattern without a subject
// and a label, 0 if there is none.
func classOf(want link) class {
	if o := want.object; o != 0 {
		if k := o.kind(); k == timeKind || k >= stanceKind {
			return kindClass(k)
		}
		return 0
	}
	p := want.predicate
	switch p.kind() {
	case predicateKind, roleKind, unitKind:
		return class(p)
	case partKind, voiceKind:
		switch n := p.number() % 32; n {
		case partWhen, partSaid:
			return kindClass(timeKind)
		case partConditional:
			return kindClass(trueKind)
		case partForm:
			return kindClass(formKind)
		case partAct:
			return kindClass(actKind)
		case partStance:
			return kindClass(stanceKind)
		case partEntityKind:
			return kindClass(entityKindKind)
		case partEntityName, partTitle, partURL, partPublished:
			return 0 // a walk through the entities or the sources is as good
		}
		return class(p)
	}
	return 0
}

// has reports whether a quad is of the class.
func (c class) has(l link) bool {
	switch n := node(c); {
	case n.number() == 0:
		return l.object.kind() == n.kind()
	case n.kind() == entityKind || n.kind() == literalKind:
		return l.object == n && l.predicate.kind() != predicateKind
	default:
		return l.predicate == n
	}
}

// pattern is what all quads of the class match, and the kind of their objects, 0 if
// they have several.
func (c class) pattern() (want link, objects kind) {
	switch n := node(c); {
	case n.number() == 0:
		return want, n.kind()
	case n.kind() == entityKind || n.kind() == literalKind:
		return link{object: n}, n.kind()
	default:
		return link{predicate: n}, 0
	}
}

// index is the quads of a class by predicate and object: 4 bytes for each, 8 if they are
// edges, and 12 for each object of each predicate. It never changes.
type index struct {
	predicates []node
	ends       []uint32 // of each predicate's objects: those of the next begin there
	objects    []node
	last       []uint32 // of each object's quads, likewise
	subjects   []uint32 // numbers
	labels     []uint32 // numbers; nil where they are the subjects, or there are none
}

// objectsOf returns the objects of predicate i.
func (x *index) objectsOf(i int) (s span) {
	if i > 0 {
		s.first = x.ends[i-1]
	}
	s.end = x.ends[i]
	return s
}

// quadsOf returns the quads of objects in a row.
func (x *index) quadsOf(s span) (quads span) {
	if s.first == s.end {
		return span{}
	}
	if s.first > 0 {
		quads.first = x.last[s.first-1]
	}
	quads.end = x.last[s.end-1]
	return quads
}

// find narrows objects to one of them, or to none.
func (x *index) find(s span, object node) span {
	i, ok := slices.BinarySearch(x.objects[s.first:s.end], object)
	if !ok {
		return span{}
	}
	return span{s.first + uint32(i), s.first + uint32(i) + 1}
}

// kept is some of an index, as a cursor walks it.
type kept struct {
	index   *index
	object  node // that is wanted, 0 any
	next    int  // which predicate comes next
	objects span // of the one at hand, those still to come
	quads   span // of the object at hand, likewise
	star    link // what these are, but for the numbers of their subjects and labels
}

// keep begins to walk the quads of an index that match a pattern.
func (x *index) keep(want link) *kept {
	k := &kept{index: x, object: want.object}
	if want.predicate == 0 {
		return k
	}
	k.next = len(x.predicates)
	if i, ok := slices.BinarySearch(x.predicates, want.predicate); ok {
		k.begin(i)
	}
	return k
}

// begin comes to predicate i.
func (k *kept) begin(i int) {
	k.objects = k.index.objectsOf(i)
	if k.object != 0 {
		k.objects = k.index.find(k.objects, k.object)
	}
	k.star = star(k.index.predicates[i])
}

// here reports whether the object at hand has another quad.
func (k *kept) here() bool { return k != nil && k.quads.first < k.quads.end }

// more comes to the next object, and reports false after the last.
func (k *kept) more() bool {
	if k == nil {
		return false
	}
	for k.objects.first == k.objects.end {
		if k.next == len(k.index.predicates) {
			return false
		}
		k.next++
		k.begin(k.next - 1)
	}
	k.star.object = k.index.objects[k.objects.first]
	k.quads = k.index.quadsOf(span{k.objects.first, k.objects.first + 1})
	k.objects.first++
	return true
}

// take returns the next quad of the object at hand.
func (k *kept) take() link {
	l, i := k.star, k.quads.first
	k.quads.first++
	n := k.index.subjects[i]
	l.subject |= node(n)
	switch {
	case k.index.labels != nil:
		l.label |= node(k.index.labels[i])
	case l.label != 0:
		l.label |= node(n)
	}
	return l
}

// len returns how many quads are still to come.
func (k *kept) len() int {
	if k == nil {
		return 0
	}
	count := func(s span) int { return int(s.end - s.first) }
	n := count(k.quads) + count(k.index.quadsOf(k.objects))
	for rest := *k; rest.next < len(k.index.predicates); {
		rest.begin(rest.next)
		rest.next++
		n += count(k.index.quadsOf(rest.objects))
	}
	return n
}

// star returns what the quads with a predicate are, but for their objects and the
// numbers of their subjects and labels.
func star(predicate node) link {
	if predicate.kind() == predicateKind {
		return link{subject: node(entityKind) << 32, predicate: predicate, label: node(statementKind) << 32}
	}
	if predicate.kind() == partKind {
		switch n := predicate.number(); {
		case n >= firstEntityPart && n < firstSourcePart:
			return link{subject: node(entityKind) << 32, predicate: predicate}
		case n >= firstSourcePart && n < firstVoicePart:
			return link{subject: node(sourceKind) << 32, predicate: predicate}
		}
	}
	return link{subject: node(statementKind) << 32, predicate: predicate, label: node(statementKind) << 32}
}

// indexer makes an index.
type indexer struct {
	class  class
	ids    map[objectOf]uint32
	near   objectOf // of the quad before, which comes again most often
	nearID uint32
	id     []uint32 // of each quad, in the order of the walk
	from   []uint32 // the number of its subject
	labels []uint32 // the number of its label, if it is an edge
	counts []uint32 // by id
}

// objectOf is an object of a predicate.
type objectOf struct{ predicate, object node }

func (x *indexer) add(links []link) {
	for _, l := range links {
		if !x.class.has(l) {
			continue
		}
		if o := (objectOf{l.predicate, l.object}); o != x.near {
			id, ok := x.ids[o]
			if !ok {
				id = uint32(len(x.ids))
				x.ids[o] = id
				x.counts = append(x.counts, 0)
			}
			x.near, x.nearID = o, id
		}
		x.counts[x.nearID]++
		x.id = append(x.id, x.nearID)
		x.from = append(x.from, l.subject.number())
		if l.predicate.kind() == predicateKind {
			x.labels = append(x.labels, l.label.number())
		}
	}
}

// done sorts the quads that were added by counting: for one object, they stay in
// their order.
func (x *indexer) done() *index {
	sorted := slices.SortedFunc(maps.Keys(x.ids), func(a, b objectOf) int {
		return cmp.Or(cmp.Compare(a.predicate, b.predicate), cmp.Compare(a.object, b.object))
	})
	made := &index{
		objects: make([]node, 0, len(sorted)), last: make([]uint32, len(sorted)), subjects: make([]uint32, len(x.id)),
	}
	next := make([]uint32, len(sorted)) // where the next subject goes, by id
	at := uint32(0)
	for i, o := range sorted {
		if i == 0 || o.predicate != sorted[i-1].predicate {
			made.predicates, made.ends = append(made.predicates, o.predicate), append(made.ends, 0)
		}
		made.objects = append(made.objects, o.object)
		made.ends[len(made.ends)-1] = uint32(len(made.objects))
		id := x.ids[o]
		next[id] = at
		at += x.counts[id]
		made.last[i] = at
	}
	if x.labels != nil {
		made.labels = make([]uint32, len(x.labels))
	}
	for i, id := range x.id {
		made.subjects[next[id]] = x.from[i]
		if x.labels != nil {
			made.labels[next[id]] = x.labels[i]
		}
		next[id]++
	}
	return made
}

// gather walks the quads of a class and makes an index of them. It reports false if
// the context or the query has ended before.
func (p *projection) gather(ctx context.Context, limit *bound, of class) (*index, bool) {
	x := indexer{class: of, ids: map[objectOf]uint32{}}
	want, objects := of.pattern()
	var buf []link
	var entities, sources span
	rows := p.numbers.AllRows()
	switch {
	case want.predicate.kind() == predicateKind:
		rows = p.numbers.RowsOfPredicate(want.predicate.number())
	case want.object.kind() == entityKind:
		rows = p.numbers.RowsOfEntity(want.object.number())
	case want.object.kind() == literalKind:
		rows = p.numbers.RowsOfLiteral(want.object.number())
	case objects == entityKindKind:
		entities = p.allEntities()
	case objects == timeKind:
		sources = p.allSources()
	}
	looks := int(entities.end-entities.first) + int(sources.end-sources.first)
	if objects != entityKindKind {
		looks += rows.Len()
	}
	if !limit.affords(2 * looks) {
		return nil, false // who may not walk all of it may still find the first of them
	}
	for {
		if ctx.Err() != nil || limit.step() != nil {
			return nil, false
		}
		switch {
		case entities.first < entities.end:
			buf = p.thing(buf[:0], nodeOf(entityKind, entities.first), want)
			entities.first++
		case sources.first < sources.end:
			buf = p.thing(buf[:0], nodeOf(sourceKind, sources.first), want)
			sources.first++
		case objects == entityKindKind:
			return x.done(), true
		default:
			row, shown, ok := rows.Step()
			if !ok {
				return x.done(), true
			}
			if !shown {
				continue
			}
			buf = p.collect(collector{want: want, objects: objects, links: buf[:0]}, row)
		}
		x.add(buf)
	}
}

// indexes are those of classes that are walked again and again. Their methods may be
// called from several goroutines at once.
type indexes struct {
	eager bool // for tests: make all, for the first walk

	mu         sync.RWMutex
	redactions uint32 // when they were made
	classes    map[class]*progress
	guesses    map[link]int64 // how many quads match each pattern
}

// progress is how much has been walked of a class.
type progress struct {
	looked atomic.Int64 // at how many statements, entities and sources, in all walks
	making atomic.Bool
	index  atomic.Pointer[index] // nil: none is made yet
}

// of returns the progress of a class.
func (x *indexes) of(p *projection, c class) *progress {
	now := p.numbers.Redactions()
	x.mu.RLock()
	known, current := x.classes[c], x.redactions == now
	x.mu.RUnlock()
	if known != nil && current {
		return known
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.redactions != now || x.classes == nil {
		x.redactions, x.classes = now, map[class]*progress{}
	}
	if x.classes[c] == nil {
		x.classes[c] = new(progress)
	}
	return x.classes[c]
}

// mostGuesses is how many guesses are remembered.
const mostGuesses = 1 << 12

// guess returns about how many quads of a class match a pattern, as it was guessed for
// the first time: that looks at some statements.
func (x *indexes) guess(want link, anew func() int64) int64 {
	x.mu.RLock()
	n, ok := x.guesses[want]
	x.mu.RUnlock()
	if ok {
		return n
	}
	n = anew()
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.guesses == nil || len(x.guesses) == mostGuesses {
		x.guesses = map[link]int64{}
	}
	x.guesses[want] = n
	return n
}

// openClass has a cursor that is to walk a class by looking at all statements, or
// at whatever else it has, walk the class's index instead, if it is made: as soon as what
// all walks before have looked at is as much as this one would.
func (p *projection) openClass(ctx context.Context, c *cursor, of class) {
	known := p.classes.of(p, of)
	if known.index.Load() == nil && !c.plans {
		c.noted = c.unlooked()
		if (known.looked.Load() >= int64(c.noted) || p.classes.eager) && known.making.CompareAndSwap(false, true) {
			if known.index.Load() == nil { // nor has it been made since
				if made, ok := p.gather(ctx, c.bound, of); ok {
					known.index.Store(made)
				}
			}
			known.making.Store(false)
		}
		c.progress = known
	}
	if made := known.index.Load(); made != nil {
		c.kept, c.progress = made.keep(c.want), nil
		c.entities, c.sources, c.rows = span{}, span{}, nil
	}
}
